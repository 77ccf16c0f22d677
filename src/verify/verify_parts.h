/* nofade: what the parts of a verification share. Private to src/verify*.c. */
#ifndef NF_VERIFY_PARTS_H
#define NF_VERIFY_PARTS_H

#include "verify/file_digests.h"
#include "manifest/manifest.h"
#include "scan/scan_fold.h"
#include "scan/scan_reader.h"
#include "verify/verify.h"

/* ---- lists of checks (verify_checks.c) ---- */

/* A new one at the end; valid until the next is added. */
nf_status nf_checks_add(nf_checks *checks, const char *subject, const char *kind, nf_check_status status, nf_check **check,
                        nf_error *error);
void nf_checks_free(nf_checks *checks);
/* Both take a printf-like text; the first replaces, the second adds one. */
nf_status nf_check_say(nf_check *check, nf_error *error, const char *format, ...) __attribute__((format(printf, 3, 4)));
nf_status nf_check_name(nf_check *check, nf_error *error, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* ---- files (verify_files.c, verify_archives.c) ---- */

/* A path that is a regular file. */
typedef struct nf_verified_file {
    const char *path;
    uint64_t bytes;
    bool has_digests;
    nf_file_digests digests;
    const nf_manifest *manifest;        /* whose archive it is, or NULL */
    const nf_manifest_archive *archive; /* with manifest */
    bool by_checksum, by_name;          /* how that was found; neither: by its size */
    bool is_labels;                     /* IDX labels, which their loader reads with the images that they lie beside */
} nf_verified_file;

typedef struct nf_verified_files {
    const nf_manifests *manifests;
    const nf_manifest *only;   /* --as, or NULL: any set may be it */
    nf_verified_file *items;   /* (n,) in the order of the paths */
    size_t n;
    const char **directories;  /* (n_directories,) of the paths */
    size_t n_directories;
    const nf_manifest *likely; /* what the files seem to be of, or NULL: nothing, or several sets alike */
    bool is_sure;              /* all of them, and not by names alone */
} nf_verified_files;

typedef enum nf_file_match { NF_BY_CHECKSUM, NF_BY_NAME, NF_BY_SIZE } nf_file_match;
/* The first archive of the set that the file is, by one of these; NULL: none. */
const nf_manifest_archive *nf_verified_file_find(const nf_verified_file *file, const nf_manifest *manifest, nf_file_match match);

/* Sizes, checksums, and what the files seem to be. NF_EOF: interrupted. */
nf_status nf_verified_files_read(nf_verified_files *files, const char *const *paths, size_t n_paths,
                                 const nf_verify_options *options, nf_error *error);
void nf_verified_files_clear(nf_verified_files *files);
/* Holds them against the archives of the set, and of the one it extends. */
nf_status nf_verified_files_check(nf_verified_files *files, const nf_manifest *manifest, nf_checks *checks, nf_error *error);
/* The archives of the set that were not given, by name, if a check of parts asks for more. */
nf_status nf_verified_files_name_others(const nf_verified_files *files, const nf_manifest *manifest, nf_checks *parts,
                                        nf_error *error);

/* ---- structure (verify_sources.c, verify_splits.c, verify_classes.c) ---- */

/* How the reading of each source went. NF_ERR_USAGE: two hold the same bytes. */
nf_status nf_verify_sources(const nf_reader *reader, nf_checks *files, nf_error *error);
/* Splits, classes, images. */
nf_status nf_verify_structure(nf_reader *reader, const nf_fold *fold, const nf_manifest *manifest, nf_checks *parts,
                              nf_error *error);

#endif
