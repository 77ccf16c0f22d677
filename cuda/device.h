/* nofade: a CUDA device: counts the grey levels of images, and measures the distances between classes.
 *
 * Counts are integers and equal the CPU's bit for bit. Distances are computed in double precision in a fixed order of their own:
 * the same on every device, within 1e-12 of metrics/distance.c. Nothing of CUDA is linked: the driver is found at run time, the
 * kernels are compiled in (cuda/module.cmake).
 *
 * A device is used by one thread at a time, any thread; whatever context that thread has current stays so.
 */
#ifndef NF_CUDA_DEVICE_H
#define NF_CUDA_DEVICE_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

typedef struct nf_gpu nf_gpu;

/* The first device that the driver lists (the driver's CUDA_VISIBLE_DEVICES chooses). NF_ERR_USAGE: none can be used, and why: a
 * build without kernels, no driver, no device, a device too old; NF_ERR_NOMEM: too little memory on it. Takes 17 MiB of
 * pinned memory and as much of the device's. */
nf_status nf_gpu_open(nf_gpu **gpu, nf_error *error);
/* NULL-safe. */
void nf_gpu_close(nf_gpu *gpu);
/* As the driver calls it: "NVIDIA H200". Lives as long as the gpu. */
const char *nf_gpu_name(const nf_gpu *gpu);

typedef enum nf_gpu_format {
    NF_GPU_GREY,   /* n_px bytes */
    NF_GPU_PLANAR, /* 3 * n_px: all R, all G, all B */
    NF_GPU_RGB     /* 3 * n_px: R G B, R G B ... */
} nf_gpu_format;

typedef struct nf_gpu_image {
    const uint8_t *pixels;
    size_t n_px; /* < 2^32 */
    nf_gpu_format format;
    uint32_t *counts; /* (256,): set, to sum to n_px */
} nf_gpu_image;

/* NF_ERR_NOMEM, NF_ERR_INTERNAL: the counts are not to be used; after NF_ERR_INTERNAL neither is the device. */
nf_status nf_gpu_count(nf_gpu *gpu, const nf_gpu_image *images, size_t n_images, nf_error *error);

/* The pairs (a, b), b > a, of row a: of equal values the first. */
typedef struct nf_gpu_row {
    double sum, min_value, max_value;
    uint32_t min_b, max_b;
} nf_gpu_row;

/* Square roots of Jensen-Shannon divergences / nats_per_unit (1, or ln 2 for base 2). distributions (n_classes, n_bins) as
 * nf_distance_summarise has them, n_classes 2 .. 2^31; rows (n_classes - 1,). Device memory: the distributions and a strip of the
 * matrix, at most 64 MiB or 16 rows. Errors as above. */
nf_status nf_gpu_distances(nf_gpu *gpu, const double *distributions, uint32_t n_classes, uint32_t n_bins, double nats_per_unit,
                           nf_gpu_row *rows, nf_error *error);

#endif
