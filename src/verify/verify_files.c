/* nofade: the files of a verification, their checksums, and the set that they seem to be of. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "loaders/idx/idx.h"
#include "verify/verify_parts.h"

/* ---- what is given ---- */

typedef struct digest_progress {
    const nf_scan_options *scan;
    nf_scan_progress state;
} digest_progress;

static void on_bytes(void *listener, uint64_t n_bytes)
{
    digest_progress *progress = listener;
    progress->state.done_bytes += n_bytes;
    if (progress->scan->on_progress != NULL)
        progress->scan->on_progress(progress->scan->listener, &progress->state);
}

/* Sorts a path into files and directories; standard input and pipes are neither. */
static nf_status take_path(nf_verified_files *files, const char *path, nf_error *error)
{
    struct stat info;
    if (strcmp(path, "-") == 0)
        return NF_OK;
    if (stat(path, &info) != 0)
        return nf_fail(error, NF_ERR_INPUT, "%s: cannot open: %s", path, strerror(errno));
    if (S_ISDIR(info.st_mode))
        files->directories[files->n_directories++] = path;
    else if (S_ISREG(info.st_mode))
        files->items[files->n++] = (nf_verified_file){.path = path, .bytes = (uint64_t)info.st_size};
    return NF_OK;
}

/* IDX labels and nothing else. What cannot be opened is told by the scan. */
static bool holds_labels(const char *path)
{
    nf_entries *entries;
    nf_entry entry;
    const uint8_t *head;
    size_t n = 0;
    if (nf_entries_open(&entries, path, NULL) != NF_OK)
        return false;
    bool found = nf_entries_next(entries, &entry, NULL) == NF_OK && entry.kind == NF_ENTRY_FILE && !entry.encrypted &&
                 nf_stream_peek(nf_entries_data(entries), NF_PROBE_HEAD_BYTES, &head, &n, NULL) == NF_OK && n > 0 &&
                 nf_idx_kind_of(entry.path, head, n) == NF_IDX_LABELS && nf_entries_next(entries, &entry, NULL) == NF_EOF;
    nf_entries_close(entries);
    return found;
}

static nf_status read_digests(nf_verified_files *files, const nf_verify_options *options, nf_error *error)
{
    digest_progress progress = {.scan = options->scan};
    nf_digest_watch watch = {&progress, on_bytes, options->scan->interrupted};
    nf_status status = NF_OK;
    for (size_t i = 0; i < files->n; i++)
        progress.state.total_bytes += files->items[i].bytes;
    for (size_t i = 0; i < files->n && status == NF_OK; i++) {
        nf_verified_file *file = &files->items[i];
        status = nf_file_digests_of(file->path, &watch, &file->digests, error);
        file->has_digests = status == NF_OK;
        file->bytes = file->has_digests ? file->digests.bytes : file->bytes;
    }
    return status;
}

/* ---- what it seems to be ---- */

static bool is_it(const nf_verified_file *file, const nf_manifest_archive *archive, nf_file_match match)
{
    const nf_file_digests *digests = &file->digests;
    switch (match) {
    case NF_BY_CHECKSUM:
        return file->has_digests && (strcmp(archive->sha256, digests->sha256) == 0 || strcmp(archive->md5, digests->md5) == 0);
    case NF_BY_NAME:
        return strcmp(nf_source_name(file->path), archive->name) == 0;
    default:
        return archive->bytes > 0 && (uint64_t)archive->bytes == file->bytes;
    }
}

const nf_manifest_archive *nf_verified_file_find(const nf_verified_file *file, const nf_manifest *manifest, nf_file_match match)
{
    for (size_t i = 0; i < manifest->n_archives; i++)
        if (is_it(file, &manifest->archives[i], match))
            return &manifest->archives[i];
    return NULL;
}

/* How much the files speak for a set: first checksums, then names with their sizes, then names. */
typedef struct likeness {
    size_t checksums, sizes, names;
} likeness;

static likeness likeness_of(const nf_verified_files *files, const nf_manifest *manifest)
{
    likeness like = {0};
    for (size_t i = 0; i < files->n; i++) {
        const nf_manifest_archive *named = nf_verified_file_find(&files->items[i], manifest, NF_BY_NAME);
        like.checksums += nf_verified_file_find(&files->items[i], manifest, NF_BY_CHECKSUM) != NULL;
        like.sizes += named != NULL && is_it(&files->items[i], named, NF_BY_SIZE);
        like.names += named != NULL;
    }
    return like;
}

static int compare(const likeness *a, const likeness *b)
{
    if (a->checksums != b->checksums)
        return a->checksums < b->checksums ? -1 : 1;
    if (a->sizes != b->sizes)
        return a->sizes < b->sizes ? -1 : 1;
    return a->names < b->names ? -1 : a->names > b->names;
}

/* Is every path a file that the set has an archive for? Then nothing else need be asked what it is. */
static bool is_all_of(const nf_verified_files *files, const nf_manifest *manifest, size_t n_paths)
{
    for (size_t i = 0; i < files->n; i++)
        if (nf_verified_file_find(&files->items[i], manifest, NF_BY_CHECKSUM) == NULL &&
            nf_verified_file_find(&files->items[i], manifest, NF_BY_NAME) == NULL)
            return false;
    return files->n == n_paths;
}

static void guess(nf_verified_files *files, size_t n_paths)
{
    likeness best = {0};
    for (size_t i = 0; i < nf_manifests_count(files->manifests); i++) {
        const nf_manifest *manifest = nf_manifests_get(files->manifests, i);
        if (files->only != NULL && manifest != files->only)
            continue;
        likeness like = likeness_of(files, manifest);
        int order = compare(&like, &best);
        if (order > 0) {
            best = like;
            files->likely = manifest;
        } else if (order == 0) {
            files->likely = NULL; /* as likely as another */
        }
    }
    files->is_sure = files->likely != NULL && best.checksums + best.sizes > 0 && is_all_of(files, files->likely, n_paths);
}

nf_status nf_verified_files_read(nf_verified_files *files, const char *const *paths, size_t n_paths,
                                 const nf_verify_options *options, nf_error *error)
{
    files->items = calloc(n_paths + 1, sizeof *files->items);
    files->directories = calloc(n_paths + 1, sizeof(char *));
    if (files->items == NULL || files->directories == NULL)
        return nf_fail_nomem(error, "the files");
    nf_status status = NF_OK;
    for (size_t i = 0; i < n_paths && status == NF_OK; i++)
        status = take_path(files, paths[i], error);
    for (size_t i = 0; i < files->n && status == NF_OK; i++)
        files->items[i].is_labels = holds_labels(files->items[i].path);
    if (status == NF_OK && !options->no_checksums)
        status = read_digests(files, options, error);
    if (status == NF_OK)
        guess(files, n_paths);
    return status;
}

void nf_verified_files_clear(nf_verified_files *files)
{
    free(files->items);
    free(files->directories);
}
