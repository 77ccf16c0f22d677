/* nofade: the files that labels come in: lists, ImageNet's devkit, VOC's XML, COCO's JSON. Streaming, bounded, untrusted.
 *
 * ImageNet's truth needs a second file (meta.mat) and is bound by nf_label_files_settle; the others count once they are read.
 */
#ifndef NF_LOADERS_LABEL_FILES_H
#define NF_LOADERS_LABEL_FILES_H

#include "base/error.h"
#include "loaders/groups.h"
#include "loaders/labels/label_table.h"
#include "loaders/notes.h"
#include "loaders/source/stream.h"
#include "manifest/manifest.h"

typedef struct nf_label_files nf_label_files;

/* All outlive it. */
nf_status nf_label_files_new(nf_label_files **files, nf_label_table *table, nf_groups *groups, nf_notes *notes,
                             nf_error *error);
void nf_label_files_free(nf_label_files *files);
/* Reads one file as rule->reader says, and notes what does not fit in it (a category id that does not exist ...). path is the
 * entry's, for notes; key what the rule's template captured as {key} ("" if nothing): the image that a file of its own belongs
 * to (VOC's XML). Every image that the file names is in rule->split, where the rule names one. NF_BAD_RECORD: the file is
 * damaged, cut or no such file, with a sentence that does not name the path; what it said so far does not count.
 * NF_ERR_DAMAGED from the stream passes, likewise. */
nf_status nf_label_files_read(nf_label_files *files, const nf_layout_labels *rule, const char *path, const char *key,
                              nf_stream *data, nf_error *error);
/* Binds what needed several files; notes what lacks its other half, and images that two splits claim. May be called again after
 * further files: nothing is noted twice. */
nf_status nf_label_files_settle(nf_label_files *files, nf_error *error);

/* Images of a source that has ended wait for labels no longer: labels that come after it may be theirs, which is noted once. */
void nf_label_files_miss(nf_label_files *files, uint64_t n_images);

/* The length of an image's file name without a picture suffix (".JPEG", ".png" ...) at its end, if there is one. */
size_t nf_label_key_length(const char *name);

#endif
