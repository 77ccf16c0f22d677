/* nofade: one manifest from its JSON, and what a manifest must be. Used by manifest.c, and by the test that holds the built-in
 * ones against their files. */
#ifndef NF_MANIFEST_READ_H
#define NF_MANIFEST_READ_H

#include "manifest/json_fields.h"
#include "manifest/manifest.h"

/* The keys of a manifest (target: nf_manifest) and of its layout (nf_layout). */
extern const nf_field nf_manifest_fields[], nf_layout_fields[];

/* Fills *manifest; refuses what is no manifest as data-manifests/README.md describes it. */
nf_status nf_manifest_read(nf_field_reader *reader, const json_t *root, nf_manifest *manifest);
/* What single values cannot say: names that come twice, names of nothing, checksums that are none. */
nf_status nf_manifest_check(nf_field_reader *reader, const nf_manifest *manifest);

#endif
