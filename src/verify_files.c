/* nofade: files against the archives of the manifests. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "loaders/idx.h"
#include "verify_parts.h"

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

static bool has_checksum(const nf_verified_file *file, const nf_manifest_archive *archive)
{
    const nf_file_digests *digests = &file->digests;
    return file->has_digests && (strcmp(archive->sha256, digests->sha256) == 0 || strcmp(archive->md5, digests->md5) == 0);
}

static bool has_name(const nf_verified_file *file, const nf_manifest_archive *archive)
{
    return strcmp(nf_source_name(file->path), archive->name) == 0;
}

static bool has_size(const nf_verified_file *file, const nf_manifest_archive *archive)
{
    return archive->bytes > 0 && (uint64_t)archive->bytes == file->bytes;
}

/* The archive of the set that the file is: by its checksum, its name, or (that is, damaged and renamed) its size. */
static const nf_manifest_archive *find_archive(const nf_verified_file *file, const nf_manifest *manifest,
                                               bool (*is_it)(const nf_verified_file *, const nf_manifest_archive *))
{
    for (size_t i = 0; i < manifest->n_archives; i++)
        if (is_it(file, &manifest->archives[i]))
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
        const nf_manifest_archive *named = find_archive(&files->items[i], manifest, has_name);
        like.checksums += find_archive(&files->items[i], manifest, has_checksum) != NULL;
        like.sizes += named != NULL && has_size(&files->items[i], named);
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

static void guess(nf_verified_files *files)
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
    files->is_sure = files->likely != NULL && best.checksums + best.sizes > 0;
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
        guess(files);
    return status;
}

void nf_verified_files_clear(nf_verified_files *files)
{
    free(files->items);
    free(files->directories);
}

/* ---- checks ---- */

/* The set that this one extends, or NULL. */
static const nf_manifest *base_of(const nf_verified_files *files, const nf_manifest *manifest)
{
    return manifest->extends[0] != '\0' ? nf_manifests_find(files->manifests, manifest->extends) : NULL;
}

static bool attach_by(const nf_verified_files *files, nf_verified_file *file, const nf_manifest *manifest,
                      bool (*is_it)(const nf_verified_file *, const nf_manifest_archive *))
{
    for (; manifest != NULL && file->archive == NULL; manifest = base_of(files, manifest)) {
        file->archive = find_archive(file, manifest, is_it);
        file->manifest = file->archive != NULL ? manifest : NULL;
    }
    return file->archive != NULL;
}

static void attach(const nf_verified_files *files, nf_verified_file *file, const nf_manifest *manifest)
{
    file->by_checksum = attach_by(files, file, manifest, has_checksum);
    if (!file->by_checksum)
        attach_by(files, file, manifest, has_name);
    if (file->archive == NULL)
        attach_by(files, file, manifest, has_size);
    file->by_name = file->archive != NULL && has_name(file, file->archive);
}

/* The set among all of which the file is an archive, by its checksum; NULL: none. */
static const nf_manifest *owner_of(const nf_verified_files *files, const nf_verified_file *file)
{
    for (size_t i = 0; i < nf_manifests_count(files->manifests); i++)
        if (find_archive(file, nf_manifests_get(files->manifests, i), has_checksum) != NULL)
            return nf_manifests_get(files->manifests, i);
    return NULL;
}

static nf_status check_archive(const nf_verified_files *files, const nf_verified_file *file, const nf_manifest *manifest,
                               nf_checks *checks, nf_error *error)
{
    const nf_manifest_archive *archive = file->archive;
    const nf_manifest *owner = archive != NULL && file->by_checksum ? NULL : owner_of(files, file);
    nf_check *check;
    nf_check_status verdict = owner != NULL ? NF_CHECK_DIFFERS : archive == NULL ? NF_CHECK_NOT_PUBLISHED : NF_CHECK_OK;
    nf_status status = nf_checks_add(checks, file->path, "archive", verdict, &check, error);
    if (status != NF_OK)
        return status;
    if (owner != NULL)
        return nf_check_say(check, error, "it is an archive of %s", owner->id);
    if (archive == NULL)
        return nf_check_say(check, error, "no archive of %s has its name or size", manifest->id);
    if (file->by_name)
        return nf_check_say(check, error, "%s", archive->holds[0] != '\0' ? archive->holds : file->manifest->title);
    return nf_check_say(check, error, "%s %s", file->by_checksum ? "renamed; its checksum is that of" : "its size is that of",
                        archive->name);
}

static nf_status check_size(const nf_verified_file *file, nf_checks *checks, nf_error *error)
{
    char there[32], published[32];
    nf_check *check;
    nf_check_status verdict = file->archive->bytes < 0              ? NF_CHECK_NOT_PUBLISHED
                              : has_size(file, file->archive) ? NF_CHECK_OK
                                                              : NF_CHECK_DIFFERS;
    nf_status status = nf_checks_add(checks, file->path, "size", verdict, &check, error);
    if (status != NF_OK)
        return status;
    check->published = file->archive->bytes;
    check->found = (int64_t)file->bytes;
    if (verdict == NF_CHECK_DIFFERS)
        return nf_check_say(check, error, "%s bytes, published %s", nf_counted(there, file->bytes),
                            nf_counted(published, (uint64_t)file->archive->bytes));
    return nf_check_say(check, error, "%s bytes", nf_counted(there, file->bytes));
}

static nf_status check_digest(const nf_verified_file *file, const char *kind, const char *published, const char *found,
                              nf_checks *checks, nf_error *error)
{
    nf_check *check;
    nf_check_status verdict = published[0] == '\0'               ? NF_CHECK_NOT_PUBLISHED
                              : !file->has_digests               ? NF_CHECK_NOT_MADE
                              : strcmp(published, found) == 0 ? NF_CHECK_OK
                                                              : NF_CHECK_DIFFERS;
    nf_status status = nf_checks_add(checks, file->path, kind, verdict, &check, error);
    if (status == NF_OK && published[0] != '\0')
        status = nf_strdup(&check->published_text, published, error);
    if (status == NF_OK && file->has_digests)
        status = nf_strdup(&check->found_text, found, error);
    return status;
}

static nf_status check_file(const nf_verified_files *files, nf_verified_file *file, const nf_manifest *manifest,
                            nf_checks *checks, nf_error *error)
{
    attach(files, file, manifest);
    nf_status status = check_archive(files, file, manifest, checks, error);
    if (status != NF_OK || file->archive == NULL)
        return status;
    status = check_size(file, checks, error);
    if (status == NF_OK)
        status = check_digest(file, "md5", file->archive->md5, file->digests.md5, checks, error);
    if (status == NF_OK)
        status = check_digest(file, "sha256", file->archive->sha256, file->digests.sha256, checks, error);
    return status;
}

static nf_status tell_labels(const nf_verified_file *file, nf_checks *checks, nf_error *error)
{
    nf_check *check;
    nf_status status = nf_checks_add(checks, file->path, "read", NF_CHECK_NOT_MADE, &check, error);
    return status == NF_OK ? nf_check_say(check, error, "labels, which are read with the images that they lie beside") : status;
}

nf_status nf_verified_files_check(nf_verified_files *files, const nf_manifest *manifest, nf_checks *checks, nf_error *error)
{
    nf_status status = NF_OK;
    for (size_t i = 0; i < files->n && status == NF_OK; i++)
        status = check_file(files, &files->items[i], manifest, checks, error);
    for (size_t i = 0; i < files->n && status == NF_OK; i++)
        if (files->items[i].is_labels)
            status = tell_labels(&files->items[i], checks, error);
    return status;
}

/* ---- what was not given ---- */

/* Lies it in one of the directories, where nobody looked at its checksum? */
static bool is_in_directory(const nf_verified_files *files, const char *name)
{
    bool found = false;
    for (size_t i = 0; i < files->n_directories && !found; i++) {
        struct stat info;
        char *path = NULL;
        if (asprintf(&path, "%s/%s", files->directories[i], name) < 0)
            return false;
        found = stat(path, &info) == 0;
        free(path);
    }
    return found;
}

static bool is_given(const nf_verified_files *files, const nf_manifest_archive *archive)
{
    for (size_t i = 0; i < files->n; i++)
        if (files->items[i].archive == archive)
            return true;
    return is_in_directory(files, archive->name);
}

static bool asks_for_more(const nf_checks *parts)
{
    for (size_t i = 0; i < parts->n; i++) {
        const nf_check *check = &parts->items[i];
        bool lacks = check->published >= 0 && check->found < check->published;
        if (check->status == NF_CHECK_NOT_GIVEN || (check->status == NF_CHECK_DIFFERS && lacks))
            return true;
    }
    return false;
}

static nf_status add_archives(nf_checks *parts, const nf_manifest *manifest, nf_check **check, nf_error *error)
{
    nf_status status = nf_checks_add(parts, "", "archives", NF_CHECK_NOT_GIVEN, check, error);
    if (status != NF_OK || manifest->homepage[0] == '\0')
        return status;
    return nf_check_say(*check, error, "they come from %s", manifest->homepage);
}

static nf_status name_archive(nf_check *check, const nf_manifest_archive *archive, nf_error *error)
{
    const char *from = archive->url, *holds = archive->holds;
    return nf_check_name(check, error, "%s%s%s%s%s%s", archive->name, holds[0] != '\0' ? " (" : "", holds,
                         holds[0] != '\0' ? ")" : "", from[0] != '\0' ? " " : "", from);
}

nf_status nf_verified_files_name_others(const nf_verified_files *files, const nf_manifest *manifest, nf_checks *parts,
                                        nf_error *error)
{
    nf_check *check = NULL;
    nf_status status = NF_OK;
    if (!asks_for_more(parts))
        return NF_OK;
    for (; manifest != NULL && status == NF_OK; manifest = base_of(files, manifest))
        for (size_t i = 0; i < manifest->n_archives && status == NF_OK; i++) {
            if (is_given(files, &manifest->archives[i]))
                continue;
            if (check == NULL)
                status = add_archives(parts, manifest, &check, error);
            if (status == NF_OK)
                status = name_archive(check, &manifest->archives[i], error);
        }
    return status;
}
