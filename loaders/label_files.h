/* nofade: the files that labels come in: lists, ImageNet's devkit, VOC's XML, COCO's JSON. Streaming, bounded, untrusted.
 *
 * Some readers need two files (ImageNet's truth and its meta.mat) or end on what binds the rest (COCO's images, annotations and
 * categories in any order), so nothing is final before nf_label_files_settle.
 */
#ifndef NF_LOADERS_LABEL_FILES_H
#define NF_LOADERS_LABEL_FILES_H

#include "base/error.h"
#include "loaders/groups.h"
#include "loaders/label_table.h"
#include "loaders/notes.h"
#include "loaders/stream.h"
#include "manifest.h"

typedef struct nf_label_files nf_label_files;

/* All outlive it. */
nf_status nf_label_files_new(nf_label_files **files, nf_label_table *table, nf_groups *groups, nf_notes *notes,
                             nf_error *error);
void nf_label_files_free(nf_label_files *files);
/* Reads one file as rule->reader says. path is the entry's, key what the rule's template captured as {key} ("" if nothing): the
 * image that a file of its own belongs to (VOC's XML). NF_BAD_RECORD: the file is damaged, cut or no such file, with a sentence;
 * what it said so far does not count. NF_ERR_DAMAGED from the stream passes. */
nf_status nf_label_files_read(nf_label_files *files, const nf_layout_labels *rule, const char *path, const char *key,
                              nf_stream *data, nf_error *error);
/* Binds what needed several files; notes what does not fit (a category id that does not exist ...). May be called again after
 * further files. */
nf_status nf_label_files_settle(nf_label_files *files, nf_error *error);

#endif
