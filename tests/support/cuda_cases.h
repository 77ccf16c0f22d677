/* What must hold on a CUDA device, whichever it is: the counts of plain C, and the distances of metrics/distance.c to 1e-12. */
#ifndef NF_TESTS_CUDA_CASES_H
#define NF_TESTS_CUDA_CASES_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cuda/device.h"
#include "metrics/backend.h"
#include "metrics/distance.h"

static inline uint64_t next_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

static inline size_t bytes_of(nf_gpu_format format, size_t n_px)
{
    return format == NF_GPU_GREY ? n_px : 3 * n_px;
}

static inline void count_plainly(const nf_gpu_image *image, uint32_t counts[NF_GREY_LEVELS])
{
    const uint8_t *pixels = image->pixels;
    memset(counts, 0, NF_GREY_LEVELS * sizeof *counts);
    if (image->format == NF_GPU_GREY)
        nf_backend_plain.count_grey(pixels, image->n_px, counts);
    else if (image->format == NF_GPU_RGB)
        nf_backend_plain.count_rgb(pixels, image->n_px, counts);
    else
        nf_backend_plain.count_planar(pixels, pixels + image->n_px, pixels + 2 * image->n_px, image->n_px, counts);
}

/* Random pixels in images of these sizes; every `flat`-th image (0: none) of one value. */
typedef struct image_set {
    nf_gpu_image *images;
    uint32_t (*counts)[NF_GREY_LEVELS];
    uint8_t *pixels;
    size_t n;
} image_set;

static inline image_set make_images(const size_t *sizes_px, const nf_gpu_format *formats, size_t n, size_t flat)
{
    image_set set = {calloc(n + 1, sizeof *set.images), calloc(n + 1, sizeof *set.counts), NULL, n};
    size_t bytes = 0;
    uint64_t seed = 88172645463325252u + n;
    for (size_t i = 0; i < n; i++)
        bytes += bytes_of(formats[i], sizes_px[i]);
    set.pixels = malloc(bytes + 1);
    uint8_t *at = set.pixels;
    for (size_t i = 0; i < n; i++) {
        const size_t n_bytes = bytes_of(formats[i], sizes_px[i]);
        set.images[i] = (nf_gpu_image){at, sizes_px[i], formats[i], set.counts[i]};
        memset(set.counts[i], 0x5a, sizeof set.counts[i]);
        const uint8_t value = (uint8_t)next_random(&seed);
        for (size_t j = 0; j < n_bytes; j++)
            at[j] = flat != 0 && i % flat == 0 ? value : (uint8_t)(next_random(&seed) >> 32);
        at += n_bytes;
    }
    return set;
}

static inline void free_images(image_set *set)
{
    free(set->images);
    free(set->counts);
    free(set->pixels);
}

static inline void assert_counts_of_plain_c(const image_set *set)
{
    for (size_t i = 0; i < set->n; i++) {
        uint32_t expected[NF_GREY_LEVELS];
        count_plainly(&set->images[i], expected);
        assert_memory_equal(expected, set->counts[i], sizeof expected);
    }
}

static inline void check_images(nf_gpu *gpu, const size_t *sizes_px, const nf_gpu_format *formats, size_t n, size_t flat)
{
    nf_error error = {0};
    image_set set = make_images(sizes_px, formats, n, flat);
    assert_int_equal(nf_gpu_count(gpu, set.images, n, &error), NF_OK);
    assert_counts_of_plain_c(&set);
    free_images(&set);
}

/* n images of one size, or of up to that many pixels where it is negative. */
static inline void check_many(nf_gpu *gpu, size_t n, long n_px, size_t flat)
{
    size_t *sizes = calloc(n + 1, sizeof *sizes);
    nf_gpu_format *formats = calloc(n + 1, sizeof *formats);
    uint64_t seed = 1 + n;
    for (size_t i = 0; i < n; i++) {
        sizes[i] = n_px >= 0 ? (size_t)n_px : (size_t)(next_random(&seed) % (uint64_t)(1 - n_px));
        formats[i] = (nf_gpu_format)(next_random(&seed) % 3);
    }
    check_images(gpu, sizes, formats, n, flat);
    free(sizes);
    free(formats);
}

static inline void check_every_shape_of_batch(nf_gpu *gpu)
{
    static const size_t edges[] = {0, 1, 2, 3, 4, 5, 127, 128, 511, 512, 513, 784, 1024, 9216, 32767, 32768, 32769, 65537, 0, 1};
    enum { EDGES = sizeof edges / sizeof *edges };
    for (int format = NF_GPU_GREY; format <= NF_GPU_RGB; format++) {
        nf_gpu_format formats[EDGES];
        for (size_t i = 0; i < EDGES; i++)
            formats[i] = (nf_gpu_format)format;
        check_images(gpu, edges, formats, EDGES, 0);
        check_images(gpu, edges, formats, EDGES, 1);
    }
    check_many(gpu, 0, 1, 0);
    check_many(gpu, 300, -2000, 3);
    check_many(gpu, 9001, -3, 0);      /* more images than stages hold */
    check_many(gpu, 3 * 1365 + 7, 1024, 5); /* more pixels */
    check_many(gpu, 4, 0, 0);
    check_many(gpu, 5, 1500000, 2);    /* each more than a stage holds */
}

/* The largest that raw formats come near to; one level holds all of it. */
static inline void check_large_images(nf_gpu *gpu)
{
    check_many(gpu, 1, 1 << 24, 1);
    check_images(gpu, (size_t[]){3, 1 << 24, 3}, (nf_gpu_format[]){NF_GPU_GREY, NF_GPU_PLANAR, NF_GPU_GREY}, 3, 0);
}

/* ---- distances ---- */

/* About `zeros` bins of 16 are empty; every other class resembles the one before, down to one part in 2^40. */
static inline double *make_distributions(size_t n_classes, size_t n_bins, unsigned zeros, uint64_t seed)
{
    double *all = calloc(n_classes * n_bins, sizeof *all);
    uint64_t state = seed * 2654435761u + 88172645463325252u;
    for (size_t k = 0; k < n_classes; k++) {
        double *row = all + k * n_bins, sum = 0.0;
        for (size_t i = 0; i < n_bins; i++) {
            const double drawn = (double)(next_random(&state) >> 11) * 0x1p-53;
            if (k % 2 == 1)
                row[i] = row[i - n_bins] * (1.0 + ldexp(drawn, -(int)(k % 41)));
            else
                row[i] = next_random(&state) % 16 < zeros ? 0.0 : drawn * drawn * drawn;
        }
        row[(k / 2) % n_bins] += k % 2 == 0 ? 0.25 : 0.0;
        for (size_t i = 0; i < n_bins; i++)
            sum += row[i];
        for (size_t i = 0; i < n_bins; i++)
            row[i] /= sum;
    }
    return all;
}

static inline void check_distances(nf_gpu *gpu, size_t n_classes, size_t n_bins, unsigned zeros, nf_log_base base)
{
    nf_error error = {0};
    double *all = make_distributions(n_classes, n_bins, zeros, n_classes + n_bins), *row = calloc(n_classes, sizeof *row);
    nf_gpu_row *rows = calloc(n_classes, sizeof *rows);
    assert_int_equal(nf_gpu_distances(gpu, all, (uint32_t)n_classes, (uint32_t)n_bins, nf_nats_per_unit(base), rows, &error), NF_OK);
    for (size_t a = 0; a + 1 < n_classes; a++) {
        double sum = 0.0, least = 1e9, most = -1.0;
        nf_distance_row(all, n_classes, n_bins, base, a, row);
        for (size_t b = a + 1; b < n_classes; b++) {
            sum += row[b];
            least = row[b] < least ? row[b] : least;
            most = row[b] > most ? row[b] : most;
        }
        assert_true(fabs(rows[a].sum - sum) <= 1e-12 * (double)(n_classes - a));
        assert_true(fabs(rows[a].min_value - least) <= 1e-12 && fabs(rows[a].max_value - most) <= 1e-12);
        assert_true(rows[a].min_b > a && rows[a].min_b < n_classes && fabs(row[rows[a].min_b] - least) <= 1e-12);
        assert_true(rows[a].max_b > a && rows[a].max_b < n_classes && fabs(row[rows[a].max_b] - most) <= 1e-12);
    }
    free(all);
    free(row);
    free(rows);
}

static inline void check_every_shape_of_matrix(nf_gpu *gpu)
{
    static const size_t classes[] = {2, 3, 15, 16, 17, 33, 100}, bins[] = {2, 31, 32, 33, 64, 256, 512};
    for (size_t i = 0; i < sizeof classes / sizeof *classes; i++)
        for (size_t j = 0; j < sizeof bins / sizeof *bins; j++)
            check_distances(gpu, classes[i], bins[j], (unsigned)(3 * i + j) % 16, (nf_log_base)((i + j) % 3));
    check_distances(gpu, 700, 64, 5, NF_LOG_E);
}

#endif
