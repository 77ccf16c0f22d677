/* nofade: files against the archives of a manifest, and the archives that were not given. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/text.h"
#include "loaders/source/entries.h"
#include "verify/verify_parts.h"

/* ---- which archive a file is ---- */

/* The set that this one extends, or NULL. */
static const nf_manifest *base_of(const nf_verified_files *files, const nf_manifest *manifest)
{
    return manifest->extends[0] != '\0' ? nf_manifests_find(files->manifests, manifest->extends) : NULL;
}

static bool attach_by(const nf_verified_files *files, nf_verified_file *file, const nf_manifest *manifest,
                      nf_file_match match)
{
    for (; manifest != NULL && file->archive == NULL; manifest = base_of(files, manifest)) {
        file->archive = nf_verified_file_find(file, manifest, match);
        file->manifest = file->archive != NULL ? manifest : NULL;
    }
    return file->archive != NULL;
}

static bool is_taken(const nf_verified_files *files, const nf_manifest_archive *archive)
{
    for (size_t i = 0; i < files->n; i++)
        if (files->items[i].archive == archive)
            return true;
    return false;
}

/* By size alone only what no other file is: small tars are often of one size. */
static void attach_by_size(const nf_verified_files *files, nf_verified_file *file, const nf_manifest *manifest)
{
    for (; manifest != NULL && file->archive == NULL; manifest = base_of(files, manifest)) {
        const nf_manifest_archive *archive = nf_verified_file_find(file, manifest, NF_BY_SIZE);
        if (archive == NULL || is_taken(files, archive))
            continue;
        file->archive = archive;
        file->manifest = manifest;
    }
}

static void attach_all(nf_verified_files *files, const nf_manifest *manifest)
{
    for (size_t i = 0; i < files->n; i++) {
        nf_verified_file *file = &files->items[i];
        file->by_checksum = attach_by(files, file, manifest, NF_BY_CHECKSUM);
        if (!file->by_checksum)
            attach_by(files, file, manifest, NF_BY_NAME);
        file->by_name = file->archive != NULL && strcmp(nf_source_name(file->path), file->archive->name) == 0;
    }
    for (size_t i = 0; i < files->n; i++)
        attach_by_size(files, &files->items[i], manifest);
}

/* The set among all of which the file is an archive, by its checksum; NULL: none. */
static const nf_manifest *owner_of(const nf_verified_files *files, const nf_verified_file *file)
{
    for (size_t i = 0; i < nf_manifests_count(files->manifests); i++)
        if (nf_verified_file_find(file, nf_manifests_get(files->manifests, i), NF_BY_CHECKSUM) != NULL)
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
                              : (uint64_t)file->archive->bytes == file->bytes ? NF_CHECK_OK
                                                              : NF_CHECK_DIFFERS;
    nf_status status = nf_checks_add(checks, file->path, "size", verdict, &check, error);
    if (status != NF_OK)
        return status;
    check->published = file->archive->bytes;
    check->found = (int64_t)file->bytes;
    if (verdict == NF_CHECK_DIFFERS)
        return nf_check_say(check, error, "%s bytes, published %s", nf_text_count(there, file->bytes),
                            nf_text_count(published, (uint64_t)file->archive->bytes));
    return nf_check_say(check, error, "%s bytes", nf_text_count(there, file->bytes));
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

static nf_status check_file(const nf_verified_files *files, const nf_verified_file *file, const nf_manifest *manifest,
                            nf_checks *checks, nf_error *error)
{
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
    attach_all(files, manifest);
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
    return is_taken(files, archive) || is_in_directory(files, archive->name);
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
