/* nofade: what the readers of label files share. Private to label_*.c.
 *
 * A reader fills a table of its own and gives it to the run's (nf_label_table_merge) once the file has been read to its end:
 * so a file that turns out to be damaged has said nothing.
 */
#ifndef NF_LOADERS_LABEL_READERS_H
#define NF_LOADERS_LABEL_READERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "loaders/labels/label_files.h"

/* Names of classes for people, kept until the file has been read. All zero: empty. */
enum { NF_CLASS_NAMES_MAX = 1 << 16, NF_CLASS_NAME_MAX = 1024 /* bytes */ };
typedef struct nf_class_names {
    nf_buf texts; /* n times: id, NUL, name, NUL */
    size_t n;
} nf_class_names;
/* NF_BAD_RECORD: too many, or too long. */
nf_status nf_class_names_add(nf_class_names *names, const char *class_id, const char *name, nf_error *error);
nf_status nf_class_names_give(const nf_class_names *names, nf_groups *groups, nf_error *error);
void nf_class_names_free(nf_class_names *names);

/* ImageNet's devkit: the two halves. */
enum { NF_IMAGENET_CLASSES = 1000 };
typedef struct nf_imagenet_labels {
    uint16_t *truth; /* (n_truth,) 1 .. NF_IMAGENET_CLASSES, of image i + 1 */
    size_t n_truth, truth_capacity;
    nf_class_names classes; /* WNID and words, of meta.mat */
    size_t at[NF_IMAGENET_CLASSES + 1]; /* by ILSVRC2012_ID: 1 + where its WNID begins in classes.texts; 0: not there */
    bool is_bound, is_missing_noted;
} nf_imagenet_labels;

struct nf_label_files {
    nf_label_table *table;
    nf_groups *groups;
    nf_notes *notes;
    nf_imagenet_labels imagenet;
    uint64_t n_conflicts_noted;
    uint64_t n_missed; /* nf_label_files_miss's, until it has been noted */
};

/* One file. */
typedef struct nf_label_source {
    nf_label_files *files;
    const nf_layout_labels *rule;
    const char *path, *key;
    nf_stream *data;
    nf_label_table *said; /* by this file; nf_label_files_read merges it when the reader returns NF_OK */
    nf_class_names names;        /* likewise */
    nf_imagenet_labels imagenet; /* likewise: nf_imagenet_take */
} nf_label_source;

/* The number of an image in source->said, put into the rule's split. */
nf_status nf_label_source_image(nf_label_source *source, const char *key, uint32_t *image, nf_error *error);

nf_status nf_read_label_lines(nf_label_source *source, nf_error *error);
nf_status nf_read_imagenet_truth(nf_label_source *source, nf_error *error);
nf_status nf_read_imagenet_meta(nf_label_source *source, nf_error *error);
nf_status nf_read_voc_xml(nf_label_source *source, nf_error *error);
nf_status nf_read_coco_json(nf_label_source *source, nf_error *error);

/* Moves what the file said to what is kept of all files. */
void nf_imagenet_take(nf_imagenet_labels *kept, nf_imagenet_labels *said);
nf_status nf_imagenet_settle(nf_label_files *files, nf_error *error);
void nf_imagenet_free(nf_imagenet_labels *imagenet);

#endif
