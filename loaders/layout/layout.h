/* nofade: what an entry is in a layout of a manifest. Shared by the layout loader's parts (detection, gathering, reading). */
#ifndef NF_LOADERS_LAYOUT_H
#define NF_LOADERS_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/error.h"
#include "loaders/loader.h"
#include "loaders/layout/path_template.h"
#include "manifest/manifest.h"

enum { NF_LAYOUT_KEY_SIZE = 1024 }; /* bytes of an image's key, with its NUL */

typedef enum nf_layout_role {
    NF_ROLE_OTHER,
    NF_ROLE_IMAGE,
    NF_ROLE_LABELS,
    NF_ROLE_LABEL_MAP,
    NF_ROLE_PASSED_OVER
} nf_layout_role;

/* *rule: which of the layout's images, labels ...; captures: what its template took, pieces of path. subset: the chosen one. */
nf_layout_role nf_layout_role_of(const nf_layout *layout, const char *subset, const char *path, size_t *rule,
                                 nf_captures *captures);
/* "NAME!path" of an archive's entry, "NAME/path" of a directory's: what templates are held against. NUL-terminated in buf. */
nf_status nf_layout_path(nf_buf *buf, const char *source_name, bool is_directory, const char *path, nf_error *error);
/* The key of an image or a label map. False: the template lacks a name that the key has, or the key is too long. */
bool nf_layout_key(const nf_captures *captures, const char *pattern, char key[NF_LAYOUT_KEY_SIZE]);

/* Adds an entry of the probe to counts, (nf_manifests_count(probe->manifests),): what it is in the layout of each manifest. */
nf_status nf_layout_count(const nf_probe *probe, const nf_probe_entry *entry, nf_layout_counts *counts, nf_error *error);
/* The layouts that a source resembles which is none of them, the likest first: "voc (JPEGImages/{key}.jpg), ...", or "". */
void nf_layout_nearest(const nf_probe *probe, char *text, size_t size);

/* The loader's slots, in files of their own. */
int nf_layout_detect(const nf_probe *probe, const char **id);
nf_status nf_layout_gather(const nf_loader_context *context, const nf_stop *stop, nf_error *error);
/* Reads the label file that stands at the entries' current data, unless that was done; a damaged one is noted as damage. */
nf_status nf_layout_read_labels(const nf_loader_context *context, size_t rule, const nf_captures *captures, const char *path,
                                nf_stream *data, nf_error *error);

#endif
