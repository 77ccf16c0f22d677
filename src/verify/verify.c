/* nofade: a verification from its paths: files first, as they may tell what set it is; then what they hold. */
#include "verify/verify.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "profile/profile.h"
#include "scan/scan_run.h"
#include "verify/verify_parts.h"

typedef struct verifying {
    const nf_verify_options *options;
    const char *first_path;
    nf_verified_files files;
    nf_manifests *manifests;
    const nf_manifest *manifest; /* the set's, once it is known */
    nf_verification *result;
} verifying;

static nf_status refuse_profiles(const char *const *paths, size_t n_paths, nf_error *error)
{
    for (size_t i = 0; i < n_paths; i++)
        if (strcmp(paths[i], "-") != 0 && nf_profile_is_at(paths[i]))
            return nf_fail(error, NF_ERR_USAGE, "%s is JSON, as a saved profile is: only archives and images can be verified",
                           paths[i]);
    return NF_OK;
}

static bool is_interrupted(const verifying *v)
{
    const volatile sig_atomic_t *interrupted = v->options->scan->interrupted;
    return interrupted != NULL && *interrupted;
}

static bool is_extended(const verifying *v, const nf_manifest *manifest)
{
    for (size_t i = 0; i < nf_manifests_count(v->manifests); i++)
        if (strcmp(nf_manifests_get(v->manifests, i)->extends, manifest->id) == 0)
            return true;
    return false;
}

/* By which dataset the sources are read: --as, or what the files are known to be, so that damaged content does not hide it. NULL:
 * as they look. */
static const char *read_as(const verifying *v)
{
    const nf_manifest *likely = v->files.is_sure ? v->files.likely : NULL;
    if (v->options->scan->as != NULL)
        return v->options->scan->as;
    return likely != NULL && !is_extended(v, likely) ? likely->id : NULL;
}

/* Which manifest describes what was read. */
static const nf_manifest *manifest_of(const verifying *v, const nf_reader *reader)
{
    const nf_manifest *manifest = NULL;
    for (size_t i = 0; i < reader->n_paths && manifest == NULL; i++) {
        const nf_detected *detected = &reader->detected[i];
        const char *id = reader->sources[i].dataset_id;
        if (id != NULL && (manifest = nf_manifests_find(v->manifests, id)) == NULL && detected->manifest != NULL)
            manifest = nf_manifests_find(v->manifests, detected->manifest->id);
    }
    return manifest;
}

static nf_status check_one_dataset(const nf_reader *reader, nf_error *error)
{
    const nf_read_source *first = NULL;
    for (size_t i = 0; i < reader->n_paths; i++) {
        const nf_read_source *source = &reader->sources[i];
        if (source->dataset_id == NULL)
            continue;
        if (first != NULL && strcmp(first->dataset_id, source->dataset_id) != 0)
            return nf_fail(error, NF_ERR_USAGE, "the sources are of different datasets: %s is %s, %s is %s", first->path,
                           first->dataset_id, source->path, source->dataset_id);
        first = first != NULL ? first : source;
    }
    return NF_OK;
}

static nf_status refuse_unknown(const verifying *v, const nf_reader *reader, nf_error *error)
{
    const char *id = reader->sources[0].dataset_id;
    return nf_fail(error, NF_ERR_INPUT, "%s: is read as %s, and no manifest says what that should hold; --as ID says which dataset "
                   "it is, --manifest FILE describes one", v->first_path, id != NULL ? id : "a set without a name");
}

static nf_status verify_structure(void *context, nf_reader *reader, nf_fold *fold, nf_error *error)
{
    verifying *v = context;
    if (is_interrupted(v))
        return NF_OK;
    nf_status status = nf_scan_check_any_image(reader, fold, error);
    if (status == NF_OK)
        status = check_one_dataset(reader, error);
    if (status == NF_OK && (v->manifest = manifest_of(v, reader)) == NULL)
        v->manifest = v->files.likely;
    if (status == NF_OK && v->manifest == NULL)
        return refuse_unknown(v, reader, error);
    if (status == NF_OK)
        status = nf_verified_files_check(&v->files, v->manifest, &v->result->files, error);
    if (status == NF_OK)
        status = nf_verify_sources(reader, &v->result->files, error);
    return status == NF_OK ? nf_verify_structure(reader, fold, v->manifest, &v->result->parts, error) : status;
}

/* Nothing could be read of what the files should be: labels alone, which is no fault, or what is left of an archive. */
static nf_status tell_unread(verifying *v, const nf_error *fault, nf_error *error)
{
    nf_check *check;
    v->manifest = v->files.likely;
    nf_status status = nf_verified_files_check(&v->files, v->manifest, &v->result->files, error);
    bool differs = nf_verification_count(v->result, NF_CHECK_DIFFERS) > 0;
    nf_check_status verdict = differs || fault->code == NF_ERR_DAMAGED ? NF_CHECK_DIFFERS : NF_CHECK_NOT_GIVEN;
    if (status == NF_OK)
        status = nf_checks_add(&v->result->parts, "", "images", verdict, &check, error);
    return status == NF_OK ? nf_check_say(check, error, "%s", fault->message) : status;
}

static bool is_labels(const verifying *v, const char *path)
{
    for (size_t i = 0; i < v->files.n; i++)
        if (v->files.items[i].path == path)
            return v->files.items[i].is_labels;
    return false;
}

/* The paths that have images, or all where none has. *kept is the caller's to free. */
static nf_status leave_labels_out(const verifying *v, const char *const *paths, size_t n_paths, const char ***kept, size_t *n_kept,
                                  nf_error *error)
{
    *n_kept = 0;
    if ((*kept = calloc(n_paths + 1, sizeof **kept)) == NULL)
        return nf_fail_nomem(error, "the sources");
    for (size_t i = 0; i < n_paths; i++)
        if (!is_labels(v, paths[i]))
            (*kept)[(*n_kept)++] = paths[i];
    if (*n_kept > 0)
        return NF_OK;
    for (size_t i = 0; i < n_paths; i++)
        (*kept)[(*n_kept)++] = paths[i];
    return NF_OK;
}

static nf_status verify_content(verifying *v, const char *const *paths, size_t n_paths, nf_error *error)
{
    const char **kept;
    size_t n_kept;
    nf_error fault = {0};
    nf_scan_options scan = *v->options->scan;
    nf_scan_end end = {v, verify_structure};
    scan.as = read_as(v);
    nf_status status = leave_labels_out(v, paths, n_paths, &kept, &n_kept, &fault);
    if (status == NF_OK)
        status = nf_scan_run(kept, n_kept, &scan, v->options->deep ? NF_SCAN_DECODES : NF_SCAN_COUNTS, &end, &fault);
    free(kept);
    if (is_interrupted(v) && status == NF_OK) {
        v->result->complete = false;
        return NF_OK;
    }
    if (status == NF_OK)
        return NF_OK;
    if ((status == NF_ERR_INPUT || status == NF_ERR_DAMAGED) && v->files.likely != NULL && v->manifest == NULL)
        return tell_unread(v, &fault, error);
    *error = fault;
    return status;
}

static nf_status describe(verifying *v, nf_error *error)
{
    nf_verification *result = v->result;
    const nf_manifest *manifest = v->manifest;
    if (manifest == NULL)
        return NF_OK; /* interrupted before it was known */
    nf_status status = nf_strdup(&result->dataset_id, manifest->id, error);
    if (status == NF_OK)
        status = nf_strdup(&result->title, manifest->title, error);
    if (status == NF_OK)
        status = nf_strdup(&result->homepage, manifest->homepage, error);
    return status;
}

static nf_status find_only(verifying *v, nf_error *error)
{
    nf_detected forced;
    const char *as = v->options->scan->as;
    v->files.manifests = v->manifests;
    if (as == NULL)
        return NF_OK;
    v->files.only = nf_manifests_find(v->manifests, as);
    if (v->files.only != NULL)
        return NF_OK;
    nf_status status = nf_detect_forced(v->manifests, as, &forced, error); /* a loader's own name, or none at all */
    return status != NF_OK ? status : nf_fail(error, NF_ERR_USAGE, "--as %s: no manifest says what that should hold", as);
}

static nf_status verify(verifying *v, const char *const *paths, size_t n_paths, nf_error *error)
{
    nf_status status = refuse_profiles(paths, n_paths, error);
    if (status == NF_OK)
        status = nf_scan_check_paths(paths, n_paths, error);
    if (status == NF_OK)
        status = nf_manifests_open(&v->manifests, v->options->scan->manifest, error);
    if (status == NF_OK)
        status = find_only(v, error);
    if (status == NF_OK)
        status = nf_verified_files_read(&v->files, paths, n_paths, v->options, error);
    if (status == NF_EOF) {
        v->result->complete = false;
        return NF_OK;
    }
    if (status == NF_OK)
        status = verify_content(v, paths, n_paths, error);
    if (status == NF_OK && v->result->complete)
        status = nf_verified_files_name_others(&v->files, v->manifest, &v->result->parts, error);
    return status == NF_OK ? describe(v, error) : status;
}

nf_status nf_verify(const char *const *paths, size_t n_paths, const nf_verify_options *options, nf_verification **verification,
                    nf_error *error)
{
    verifying v = {.options = options, .first_path = n_paths > 0 ? paths[0] : ""};
    *verification = NULL;
    if ((v.result = calloc(1, sizeof *v.result)) == NULL)
        return nf_fail_nomem(error, "the checks");
    v.result->complete = true;
    v.result->deep = options->deep;
    nf_status status = verify(&v, paths, n_paths, error);
    nf_verified_files_clear(&v.files);
    nf_manifests_close(v.manifests);
    if (status == NF_OK)
        *verification = v.result;
    else
        nf_verification_free(v.result);
    return status;
}
