/* A folder for the files of one test, and their content. For tests that write. */
#ifndef NF_TESTS_SUPPORT_FOLDER_H
#define NF_TESTS_SUPPORT_FOLDER_H

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { FOLDER_PATH_SIZE = 512 };

typedef struct folder {
    char path[FOLDER_PATH_SIZE - 64];
    char file[FOLDER_PATH_SIZE]; /* the last one named */
} folder;

static inline void folder_open(folder *f)
{
    const char *top = getenv("TMPDIR");
    snprintf(f->path, sizeof f->path, "%s/nofade-unit-XXXXXX", top != NULL && strlen(top) < 300 ? top : "/tmp");
    assert_non_null(mkdtemp(f->path));
}

/* The path of a file in the folder, valid until the next call. */
static inline const char *folder_file(folder *f, const char *name)
{
    snprintf(f->file, sizeof f->file, "%s/%.60s", f->path, name);
    return f->file;
}

static inline const char *folder_write(folder *f, const char *name, const void *bytes, size_t n)
{
    FILE *file = fopen(folder_file(f, name), "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, n, file), n);
    assert_int_equal(fclose(file), 0);
    return f->file;
}

/* The file's content, NUL-terminated, the caller's to free; *n its length. */
static inline char *folder_read(folder *f, const char *name, size_t *n)
{
    FILE *file = fopen(folder_file(f, name), "rb");
    size_t capacity = 1 << 22;
    char *bytes = malloc(capacity);
    assert_non_null(file);
    assert_non_null(bytes);
    *n = fread(bytes, 1, capacity - 1, file);
    bytes[*n] = '\0';
    fclose(file);
    return bytes;
}

/* How many files lie in it. */
static inline int folder_count(const folder *f)
{
    DIR *directory = opendir(f->path);
    int n = 0;
    assert_non_null(directory);
    for (const struct dirent *item; (item = readdir(directory)) != NULL;)
        n += strcmp(item->d_name, ".") != 0 && strcmp(item->d_name, "..") != 0;
    closedir(directory);
    return n;
}

static inline void folder_close(folder *f)
{
    DIR *directory = opendir(f->path);
    assert_non_null(directory);
    for (const struct dirent *item; (item = readdir(directory)) != NULL;)
        unlink(folder_file(f, item->d_name));
    closedir(directory);
    assert_int_equal(rmdir(f->path), 0);
}

#endif
