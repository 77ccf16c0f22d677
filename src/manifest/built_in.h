/* nofade: the manifests of data-manifests/datasets, as scripts/manifests.cmake writes them at build time: nothing is read when the
 * program starts. Used by manifest.c alone. */
#ifndef NF_BUILT_IN_H
#define NF_BUILT_IN_H

#include "manifest/manifest.h"

/* In the order of their files; ended by a row whose id is NULL. Their text (json) is left out: it is nf_embedded_files'. */
extern const nf_manifest nf_built_in_manifests[];

#endif
