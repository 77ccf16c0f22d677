/* nofade: the figures of images as they are drawn at random (--sample, --until-ci): when to stop, and what can be said then.
 *
 * Drawing stops at one image of the drawn order, whatever has been read ahead, so that threads and batches change nothing.
 * 24 bytes an image are held, and 16 a member during a look. One thread uses it: the folding one.
 */
#ifndef NF_SAMPLING_H
#define NF_SAMPLING_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "loaders/source/draw.h"
#include "profile/estimate.h"
#include "scan/batch_queue.h"
#include "scan/scan.h"

typedef struct nf_sampled_image {
    uint64_t unit, q;
    uint32_t group;
    uint8_t split_key; /* nf_slot's: the split it will most likely be found to be in */
} nf_sampled_image;

typedef struct nf_sampling {
    const nf_scan_options *options;
    const nf_drawn *drawn; /* the reader's, set before it gives its first batch */
    nf_sampled_image *images;
    size_t n, capacity;
    size_t next_look;      /* at the interval: when there are so many */
    bool is_reached;       /* no further image is looked at */
} nf_sampling;

/* An image that has been read. NF_ERR_INPUT: its set cannot be drawn from image by image. */
nf_status nf_sampling_add(nf_sampling *sampling, const nf_slot *slot, nf_error *error);
void nf_sampling_free(nf_sampling *sampling);

/* What is known in the end. drawn_out: all that was to be drawn has been, and looked at; is_counted: is the group's split the one that
 * counts? */
typedef struct nf_sampling_end {
    bool drawn_out;
    bool (*is_counted)(void *context, uint32_t group);
    void *context;
} nf_sampling_end;
nf_status nf_sampling_estimate(const nf_sampling *sampling, const nf_sampling_end *end, nf_estimate *estimate, nf_error *error);

#endif
