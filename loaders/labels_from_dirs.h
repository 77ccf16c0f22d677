/* nofade: what the directories of an image folder mean: root, split, class.
 *
 * A stream shows its directories one by one, so the meaning is settled when all have been seen, from all of them together:
 *   1. a first component that all of a source share is its root and is dropped, as long as something lies below it
 *      ("photos/cat", "photos/dog"); one that names a split ("train/cat" alone) gives the split of everything;
 *   2. where the first components are names of splits (all of them, or train and another), they are the splits;
 *   3. "images" and the like between split and class are dropped where nothing stands beside them;
 *   4. the next component is the class, whatever lies deeper; an image without one has no label.
 */
#ifndef NF_LOADERS_LABELS_FROM_DIRS_H
#define NF_LOADERS_LABELS_FROM_DIRS_H

#include <stddef.h>

#include "base/error.h"

typedef struct nf_directory_label {
    char *split;    /* heap, the caller's: "train", "val", "test", another first component, or "" */
    char *class_id; /* heap, the caller's; NULL: no label */
} nf_directory_label;

/* labels is (n,), filled for directories (n,) of '/'-separated components, their roots dropped. On failure nothing is left to
 * free. */
nf_status nf_labels_from_directories(const char *const *directories, size_t n, nf_directory_label *labels, nf_error *error);

/* Moves the texts (n,), the directories of one source, past the roots that all of them share. */
void nf_labels_drop_root(const char **directories, size_t n);

/* "train" for train, training; "val" for val, valid, validation; "test" for test, testing; in any case.
 * NULL when the text names no split. */
const char *nf_split_of_name(const char *name, size_t length);

#endif
