/* nofade: labels that lie apart from the images they belong to: by the image's key, its split and its classes.
 *
 * One table serves all sources of a run: labels may come from another archive than the images. Filled by label_files.h, asked
 * by the layout loader. Bounded: NF_KEYS_MAX images, NF_LABEL_PAIRS_MAX pairs of image and class, NF_LABEL_TEXT_MAX bytes a
 * key; what goes beyond is NF_BAD_RECORD with a sentence and changes nothing.
 */
#ifndef NF_LOADERS_LABEL_TABLE_H
#define NF_LOADERS_LABEL_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum {
    NF_LABEL_PAIRS_MAX = 64 << 20,
    NF_LABEL_CLASSES_AN_IMAGE_MAX = 1024,
    NF_LABEL_TEXT_MAX = 4096 /* bytes of a key, a split or a class id; none is empty */
};

typedef struct nf_label_table nf_label_table;

nf_status nf_label_table_new(nf_label_table **table, nf_error *error);
void nf_label_table_free(nf_label_table *table);

/* The number of an image, by its key; added when it is new. Numbers count from 0 in the order in which keys come. */
nf_status nf_label_table_image(nf_label_table *table, const char *key, uint32_t *image, nf_error *error);
/* Says which split an image is in; the first word stands, another one is counted as a conflict. */
nf_status nf_label_table_set_split(nf_label_table *table, uint32_t image, const char *split, nf_error *error);
/* Adds a class to an image, which is thereby labelled; one that is there already changes nothing. */
nf_status nf_label_table_add_class(nf_label_table *table, uint32_t image, const char *class_id, nf_error *error);
/* The image is known to be labelled, also when it holds no class. */
void nf_label_table_mark_labelled(nf_label_table *table, uint32_t image);
/* Adds all that `from` says. NF_BAD_RECORD (too much for one table) leaves the table as it was. */
nf_status nf_label_table_merge(nf_label_table *table, const nf_label_table *from, nf_error *error);

typedef struct nf_labels_of_image {
    const char *key;
    const char *split;   /* "" none */
    bool labelled;       /* a label file speaks of its classes */
    size_t n_classes;
    const char *const *classes; /* (n_classes,) in the order they came; valid until the next call */
} nf_labels_of_image;
/* False when no label file names the key. Marks the image as asked for. */
bool nf_label_table_find(nf_label_table *table, const char *key, nf_labels_of_image *found);
/* By number, < count; does not mark it. */
void nf_label_table_get(nf_label_table *table, uint32_t image, nf_labels_of_image *found);

/* How many keys were never asked for, and one of them (NULL when there is none); of a split that nobody asked for at all, none
 * counts: labels of train beside the images of val are no fault. */
uint64_t nf_label_table_unused(const nf_label_table *table, const char **example);
/* The keys of a split ("": of none) that were never asked for: keys (n_max,) gets the first of them; how many there are.
 * *n_named (may be NULL): how many keys of the split there are at all. */
uint64_t nf_label_table_unasked(const nf_label_table *table, const char *split, const char **keys, size_t n_max,
                                uint64_t *n_named);
/* How many words about splits did not stand, and the key of one such image (NULL when there is none). */
uint64_t nf_label_table_split_conflicts(const nf_label_table *table, const char **example);
size_t nf_label_table_count(const nf_label_table *table);

#endif
