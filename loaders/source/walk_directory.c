/* A directory's files, as a recursive listing with sorted names (by bytes) gives them. Links are followed; a directory that
 * is its own ancestor is not entered again. Only regular files are opened, so that nothing blocks. */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "loaders/source/walker.h"

enum { LEVELS_MAX = 256 };

typedef struct dir_level {
    nf_buf names; /* NUL-terminated, one after the other */
    size_t *at;   /* of each name, sorted */
    size_t n, capacity, next;
    size_t path_len; /* of the directory's path with its "/" */
    dev_t device;
    ino_t inode;
} dir_level;

typedef struct directory_walker {
    nf_buf path; /* NUL-terminated: the root, a "/", and what is below */
    size_t root_len;
    dir_level *levels;
    size_t depth, capacity;
    nf_digest *digest;
    uint64_t n_files;
    nf_file *file; /* the current one */
} directory_walker;

static int compare_names(const void *a, const void *b, void *names)
{
    return strcmp((const char *)names + *(const size_t *)a, (const char *)names + *(const size_t *)b);
}

static void level_free(dir_level *level)
{
    nf_buf_free(&level->names);
    free(level->at);
}

static nf_status add_name(dir_level *level, const char *name, nf_error *error)
{
    if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
        return NF_OK;
    nf_status status =
        nf_array_reserve((void **)&level->at, &level->capacity, level->n + 1, sizeof *level->at, "a directory", error);
    if (status != NF_OK)
        return status;
    level->at[level->n] = level->names.len;
    status = nf_buf_append(&level->names, name, strlen(name) + 1, error);
    if (status == NF_OK)
        level->n++;
    return status;
}

static nf_status read_names(dir_level *level, const char *path, nf_error *error)
{
    DIR *directory = opendir(path);
    if (directory == NULL)
        return nf_fail(error, NF_BAD_RECORD, "cannot open the directory: %s", strerror(errno));
    nf_status status = NF_OK;
    const struct dirent *item;
    errno = 0;
    while (status == NF_OK && (item = readdir(directory)) != NULL) {
        status = add_name(level, item->d_name, error);
        errno = 0;
    }
    if (status == NF_OK && errno != 0)
        status = nf_fail(error, NF_BAD_RECORD, "cannot read the directory: %s", strerror(errno));
    closedir(directory);
    if (status == NF_OK && level->n > 1)
        qsort_r(level->at, level->n, sizeof *level->at, compare_names, level->names.data);
    return status;
}

static const char *current_path(const directory_walker *self)
{
    return (const char *)self->path.data;
}

static nf_status enter_directory(directory_walker *self, const struct stat *about, nf_error *error)
{
    if (self->depth >= LEVELS_MAX)
        return nf_fail(error, NF_BAD_RECORD, "directories more than %d deep", LEVELS_MAX);
    nf_status status = nf_array_reserve((void **)&self->levels, &self->capacity, self->depth + 1, sizeof *self->levels,
                                        "directories", error);
    if (status != NF_OK)
        return status;
    dir_level entered = {.device = about->st_dev, .inode = about->st_ino};
    status = read_names(&entered, current_path(self), error);
    if (status == NF_OK) {
        self->path.len--; /* the NUL */
        status = nf_buf_append(&self->path, "/", 2, error);
    }
    if (status != NF_OK) {
        level_free(&entered);
        return status;
    }
    entered.path_len = self->path.len - 1;
    self->levels[self->depth++] = entered;
    return NF_OK;
}

static bool is_ancestor(const directory_walker *self, const struct stat *about)
{
    for (size_t i = 0; i < self->depth; i++)
        if (self->levels[i].device == about->st_dev && self->levels[i].inode == about->st_ino)
            return true;
    return false;
}

/* What lies at the current path. NF_EOF: a directory, which was entered. */
static nf_status look_at(directory_walker *self, nf_entry *entry, nf_error *error)
{
    struct stat about;
    struct stat link;
    if (stat(current_path(self), &about) != 0) {
        int why = errno;
        if (lstat(current_path(self), &link) != 0 || !S_ISLNK(link.st_mode) || (why != ENOENT && why != ELOOP))
            return nf_fail(error, NF_BAD_RECORD, "cannot be looked at: %s", strerror(why));
        entry->kind = NF_ENTRY_LINK;
        return NF_OK;
    }
    if (S_ISDIR(about.st_mode) && is_ancestor(self, &about)) {
        entry->kind = NF_ENTRY_LINK;
        return NF_OK;
    }
    if (S_ISDIR(about.st_mode)) {
        nf_status status = enter_directory(self, &about, error);
        return status == NF_OK ? NF_EOF : status;
    }
    entry->kind = S_ISREG(about.st_mode) ? NF_ENTRY_FILE : NF_ENTRY_SPECIAL;
    if (S_ISREG(about.st_mode))
        entry->size_bytes = (int64_t)about.st_size;
    return NF_OK;
}

/* The digest covers every regular file whole, also where nobody wanted its bytes. What cannot be read of it was said, or
 * will be, to the one who reads it. */
static void finish_file(directory_walker *self)
{
    if (self->file == NULL)
        return;
    (void)nf_file_drain(self->file, current_path(self) + self->root_len, NULL);
    nf_file_close(self->file);
    self->file = NULL;
}

static nf_status open_file(directory_walker *self, nf_error *error)
{
    nf_status status = nf_file_open(&self->file, current_path(self), self->digest, self->n_files, true, error);
    if (status == NF_OK)
        self->n_files++;
    else if (status == NF_ERR_INPUT)
        status = error->code = NF_BAD_RECORD;
    return status;
}

static nf_status directory_next(void *walker, nf_entry *entry, nf_error *error)
{
    directory_walker *self = walker;
    finish_file(self);
    while (self->depth > 0) {
        dir_level *top = &self->levels[self->depth - 1];
        if (top->next == top->n) {
            level_free(top);
            self->depth--;
            continue;
        }
        const char *name = (const char *)top->names.data + top->at[top->next++];
        self->path.len = top->path_len;
        nf_status status = nf_buf_append(&self->path, name, strlen(name) + 1, error);
        if (status != NF_OK)
            return status;
        *entry = (nf_entry){.path = "", .size_bytes = -1};
        status = look_at(self, entry, error);
        if (status == NF_EOF)
            continue;
        entry->path = current_path(self) + self->root_len;
        return status;
    }
    return NF_EOF;
}

static nf_status directory_data(void *walker, nf_stream **data, nf_file **file, nf_error *error)
{
    directory_walker *self = walker;
    nf_status status = open_file(self, error);
    *file = self->file;
    return status == NF_OK ? nf_stream_from_file(data, self->file, error) : status;
}

static void directory_place(const void *walker, nf_place *place)
{
    place->stamp = nf_file_stamp(((const directory_walker *)walker)->file);
}

static void directory_close(void *walker)
{
    directory_walker *self = walker;
    nf_file_close(self->file);
    while (self->depth > 0)
        level_free(&self->levels[--self->depth]);
    free(self->levels);
    nf_buf_free(&self->path);
    free(self);
}

nf_status nf_walk_directory(nf_walker *walker, const char *path, nf_digest *digest, nf_error *error)
{
    static const nf_walker_ops ops = {directory_next, directory_data, directory_close, directory_place, NULL};
    struct stat about;
    directory_walker *self = calloc(1, sizeof *self);
    if (self == NULL)
        return nf_fail_nomem(error, "a directory");
    self->digest = digest;
    nf_status status = nf_buf_append(&self->path, path, strlen(path) + 1, error);
    if (status == NF_OK && stat(path, &about) != 0)
        status = nf_fail(error, NF_ERR_INPUT, "cannot open: %s", strerror(errno));
    if (status == NF_OK)
        status = enter_directory(self, &about, error);
    if (status == NF_BAD_RECORD)
        status = error->code = NF_ERR_INPUT;
    if (status != NF_OK) {
        directory_close(self);
        return status;
    }
    self->root_len = self->path.len - 1;
    *walker = (nf_walker){.ops = &ops, .self = self};
    return NF_OK;
}
