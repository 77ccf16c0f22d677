/* nofade: two names of one file, and files that must not be written over. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/cli.h"

static bool same_place(const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

/* The directory that a path's last component lies in, and that component. */
static const char *split_path(const char *path, char directory[PATH_MAX])
{
    const char *slash = strrchr(path, '/');
    size_t length = slash == NULL ? 0 : (size_t)(slash - path) + 1;
    if (length >= PATH_MAX)
        return NULL;
    memcpy(directory, path, length);
    strcpy(directory + length, ".");
    return path + length;
}

/* Of files that do not exist: the same name in the same directory. */
static bool same_new_file(const char *a, const char *b)
{
    char a_directory[PATH_MAX + 1], b_directory[PATH_MAX + 1];
    struct stat x, y;
    const char *a_name = split_path(a, a_directory), *b_name = split_path(b, b_directory);
    if (a_name == NULL || b_name == NULL || strcmp(a_name, b_name) != 0)
        return false;
    return stat(a_directory, &x) == 0 && stat(b_directory, &y) == 0 && same_place(&x, &y);
}

bool nf_cli_same_file(const char *a, const char *b)
{
    struct stat x, y;
    bool a_is_stream = strcmp(a, "-") == 0, b_is_stream = strcmp(b, "-") == 0;
    if (a_is_stream || b_is_stream)
        return a_is_stream && b_is_stream;
    bool a_exists = stat(a, &x) == 0, b_exists = stat(b, &y) == 0;
    if (a_exists != b_exists)
        return false;
    return a_exists ? S_ISREG(x.st_mode) && same_place(&x, &y) : same_new_file(a, b);
}

/* By its name: what a run writes may be written anew. */
static bool is_result(const char *name)
{
    static const char *const suffixes[] = {".json", ".json.gz", ".csv", ".csv.gz", ".npy"};
    size_t length = strlen(name);
    for (size_t i = 0; i < sizeof suffixes / sizeof suffixes[0]; i++) {
        size_t n = strlen(suffixes[i]);
        if (length > n && strcmp(name + length - n, suffixes[i]) == 0)
            return true;
    }
    return false;
}

/* Both exist, and `file` is a regular file somewhere below `directory`. */
static bool lies_below(const char *file, const char *directory)
{
    char inner[PATH_MAX], outer[PATH_MAX];
    struct stat x, y;
    if (stat(file, &x) != 0 || !S_ISREG(x.st_mode) || stat(directory, &y) != 0 || !S_ISDIR(y.st_mode))
        return false;
    if (realpath(file, inner) == NULL || realpath(directory, outer) == NULL)
        return false;
    size_t n = strlen(outer);
    return strncmp(inner, outer, n) == 0 && (inner[n] == '/' || n == 1);
}

nf_status nf_cli_check_input(const char *output, const char *input, nf_error *error)
{
    if (input == NULL || strcmp(output, "-") == 0)
        return NF_OK;
    if (nf_cli_same_file(output, input))
        return nf_fail(error, NF_ERR_USAGE, "the input %s would be written over", input);
    if (lies_below(output, input) && !is_result(output))
        return nf_fail(error, NF_ERR_USAGE, "%s, which the input %s holds, would be written over", output, input);
    return NF_OK;
}
