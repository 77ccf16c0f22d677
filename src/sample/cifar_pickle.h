/* nofade: the batches of CIFAR-10's python form, as pickles of protocol 2: what stands before the pixels and behind them. */
#ifndef NF_SAMPLE_CIFAR_PICKLE_H
#define NF_SAMPLE_CIFAR_PICKLE_H

#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"

enum { NF_SAMPLE_PICKLE_IMAGES_MAX = INT32_MAX / 3072 }; /* the pixels are one object, whose length has 31 bits */

/* Appends all up to the pixels of n_images pictures, numbered from first_picture on, whose classes come in turn. */
nf_status nf_sample_pickle_head(nf_buf *buf, const char *title, uint64_t first_picture, uint64_t n_images, nf_error *error);
/* And all behind them. */
nf_status nf_sample_pickle_tail(nf_buf *buf, uint64_t first_picture, uint64_t n_images, nf_error *error);
/* Appends the whole pickle of the names of the classes. */
nf_status nf_sample_pickle_names(nf_buf *buf, uint64_t images_per_batch, nf_error *error);

#endif
