/* nofade: what the sources of a run are: which loader reads them, and which dataset of the manifests that is. */
#ifndef NF_SCAN_DETECT_H
#define NF_SCAN_DETECT_H

#include "base/error.h"
#include "loaders/source/entries.h"
#include "loaders/loader.h"
#include "manifest/manifest.h"

typedef struct nf_detected {
    const nf_loader *loader;
    const nf_manifest *manifest; /* or NULL: the loader knows its sets itself */
    int confidence;              /* NF_DETECT_...; 100 when asked for (--as) */
    char seen[200];              /* for people: some of the first entries ... */
    char nearest[280];           /* ... and the known layouts that they are most like, where they are none of them */
} nf_detected;

/* The loader of --as. NF_ERR_USAGE: no such dataset; the sentence lists those there are. */
nf_status nf_detect_forced(const nf_manifests *manifests, const char *as, nf_detected *detected, nf_error *error);
/* Looks at the first entries and rewinds. path: of the source, as given. */
nf_status nf_detect(nf_entries *entries, const char *path, const nf_manifests *manifests, nf_detected *detected,
                    nf_error *error);
/* One loader and one dataset for all sources (n,), whose paths are given: a source that could be anything goes with the others,
 * a set goes with the one that extends it. NF_ERR_USAGE: sources of different datasets. */
nf_status nf_detect_agree(nf_detected *sources, const char *const *paths, size_t n, nf_error *error);

#endif
