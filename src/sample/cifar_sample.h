/* nofade: the sample set: drawn pictures in CIFAR-10's own binary or python layout. */
#ifndef NF_SAMPLE_CIFAR_SAMPLE_H
#define NF_SAMPLE_CIFAR_SAMPLE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

enum {
    NF_SAMPLE_SIDE_PX = 32,
    NF_SAMPLE_TRAIN_IMAGES = 1200,        /* of all classes together, unless asked otherwise */
    NF_SAMPLE_TRAIN_IMAGES_MAX = 10000000 /* a member stays under tar's 8 GiB */
};

typedef struct nf_sample_options {
    bool plain;            /* a plain tar instead of a gzip-compressed one */
    bool python;           /* pickled batches instead of binary ones */
    bool grain;            /* noise over every picture, so that the set compresses as little as photographs do */
    uint64_t train_images; /* over five training batches, classes in turn; the test batch holds a fifth as many */
} nf_sample_options;

/* Writes the archive to path ("-": standard output). A regular file appears under its name only when it is whole. The
 * same options give the same tar, byte for byte. NF_ERR_USAGE: too many images; NF_ERR_OUTPUT; NF_ERR_NOMEM. */
nf_status nf_sample_write(const char *path, const nf_sample_options *options, nf_error *error);

#endif
