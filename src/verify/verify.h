/* nofade: does an archive hold what was published? Its files against the manifest's sizes and checksums, its images against the
 * splits and classes. Nothing is decoded unless asked for.
 */
#ifndef NF_VERIFY_H
#define NF_VERIFY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/out.h"
#include "scan/scan.h"

enum { NF_VERIFY_SCHEMA = 1, NF_CHECK_NAMES_MAX = 1000 };

typedef enum nf_check_status {
    NF_CHECK_OK,
    NF_CHECK_DIFFERS,
    NF_CHECK_NOT_PUBLISHED, /* nothing to hold it against */
    NF_CHECK_NOT_GIVEN,     /* it lies in what was not given */
    NF_CHECK_NOT_MADE       /* not asked for, or not possible here */
} nf_check_status;
/* "ok", "differs", "not published", "not given", "not checked" */
const char *nf_check_status_name(nf_check_status status);

/* One thing held against another. */
typedef struct nf_check {
    char *subject;    /* a path as given, or a split's name; "": the set, or its only part */
    const char *kind; /* static: see nf_verification */
    nf_check_status status;
    char *detail;     /* for people; NULL: nothing to say */
    int64_t published, found;            /* counts and sizes; -1: none */
    char *published_text, *found_text;   /* checksums; NULL: none */
    char **names;     /* (n_names,) what is missing, too many or bad, by name; at most NF_CHECK_NAMES_MAX */
    size_t n_names, names_capacity;
    uint64_t n_all_names; /* also those beyond */
} nf_check;

typedef struct nf_checks {
    nf_check *items;
    size_t n, capacity;
} nf_checks;

typedef struct nf_verification {
    char *dataset_id, *title, *homepage;
    bool deep;
    bool complete;   /* false: interrupted */
    nf_checks files; /* by path: "archive" (which published one it is), "size", "md5", "sha256", "read" (to its end) */
    nf_checks parts; /* by split: "images", "listed" (those that labels name), "labels", "classes", "per class"; of the set:
                      * "labels", "readable" or with deep "decoded", "archives" (others of the set) */
} nf_verification;

typedef struct nf_verify_options {
    const nf_scan_options *scan; /* as, manifest, subset, max_pixels, threads, batch_bytes, label_memory_bytes, on_progress and
                                  * interrupted count; progress begins anew once the checksums are known */
    bool deep;                   /* decode every image */
    bool no_checksums;           /* sizes and structure only: the files are read once, not twice */
} nf_verify_options;

/* On NF_OK *verification is the caller's, whatever it says. NF_ERR_USAGE: a saved profile, a file given twice, sources of
 * different sets. NF_ERR_INPUT: something cannot be opened, or is no set that a manifest describes. */
nf_status nf_verify(const char *const *paths, size_t n_paths, const nf_verify_options *options, nf_verification **verification,
                    nf_error *error);
void nf_verification_free(nf_verification *verification);
uint64_t nf_verification_count(const nf_verification *verification, nf_check_status status);
/* The report as JSON: {nofade, schema, dataset: {name, title, homepage}, deep, complete, holds, counts: {differs, ok, ...},
 * checks: [{subject, check, status, published, found, detail, names, names_in_all}]}; what a check has not is left out. */
nf_status nf_verification_write(const nf_verification *verification, nf_out *out, nf_error *error);

#endif
