/* nofade: images whose labels have not come yet.
 *
 * An image's counts are kept packed (its occupied grey levels only: some 290 bytes for an MNIST digit, 490 for a CIFAR image)
 * until its set's labels arrive, within --label-memory.
 */
#ifndef NF_LATE_LABELS_H
#define NF_LATE_LABELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "scan/batch_queue.h"

typedef struct nf_late_labels nf_late_labels;

/* An image taken out again. */
typedef struct nf_late_image {
    const char *member; /* owned by the store, valid during the call */
    int64_t row;
    uint64_t index, q, n_bytes;
    uint32_t w_px, h_px;
    nf_verdict verdict;
    bool has_classes; /* its pixels have been counted for theirs */
    const uint32_t *counts; /* (256,), valid during the call */
    nf_image_marks marks;
} nf_late_image;
typedef nf_status (*nf_late_visitor)(void *context, uint32_t group, const nf_late_image *image, nf_error *error);

nf_status nf_late_labels_new(nf_late_labels **late, size_t memory_bytes, nf_error *error);
void nf_late_labels_free(nf_late_labels *late);
/* Keeps a decoded image. NF_ERR_INPUT when --label-memory is used up (the sentence says what helps). */
nf_status nf_late_labels_add(nf_late_labels *late, const nf_batch *batch, const nf_slot *slot, nf_error *error);
/* Gives every image of the set to visit, with groups[late_row], or without_label from late_row n_groups on (NF_GROUP_LATE: each
 * image's own late_group), and forgets the set. */
nf_status nf_late_labels_bind(nf_late_labels *late, uint32_t late_set, const uint32_t *groups, size_t n_groups,
                              uint32_t without_label, nf_late_visitor visit, void *context, nf_error *error);
/* The source has ended: whatever is left has no label. */
nf_status nf_late_labels_bind_rest(nf_late_labels *late, nf_late_visitor visit, void *context, nf_error *error);

#endif
