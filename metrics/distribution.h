/* nofade: a distribution of entropies, kept exactly, and a class's three distributions.
 *
 * Everything is an integer, so any order, thread count, batch size or split into parts gives the same state, and everything
 * printed derives from it. Definitions: "Dataset level" (exactness), "Class level".
 */
#ifndef NF_METRICS_DISTRIBUTION_H
#define NF_METRICS_DISTRIBUTION_H

#include <stdbool.h>
#include <stdint.h>

#include "metrics/backend.h"
#include "metrics/wide.h"

enum {
    NF_ENTROPY_BINS = 512,   /* over 0 .. 8 bits: 1/64 bit each, bin = q >> 26, 8.0 in the last */
    NF_QUANTILES = 7,        /* 1, 5, 25, 50, 75, 95, 99 % */
    NF_INTENSITY_SCALE_BITS = 40
};
#define NF_CLASS_IMAGES_MAX (UINT64_C(1) << 23) /* intensity sums stay under 2^63 */

typedef struct nf_distribution {
    uint64_t n;                            /* images */
    uint64_t q_min, q_max;                 /* quantised entropies; meaningless while n == 0 */
    nf_wide sums[4];                       /* of q, q^2, q^3, q^4 */
    uint64_t histogram[NF_ENTROPY_BINS];
} nf_distribution;

void nf_distribution_add(nf_distribution *distribution, uint64_t q);
void nf_distribution_merge(nf_distribution *into, const nf_distribution *from);

typedef struct nf_distribution_stats {
    bool has_sd, has_shape;       /* sd needs n >= 2, shape (skewness, kurtosis) a positive sd */
    double mean, sd, min, max;    /* bits; population sd. min and max are exact multiples of 2^-32 */
    double skewness, excess_kurtosis;
    double quantiles[NF_QUANTILES]; /* bits: inverted CDF of the 512-bin histogram, linear inside the bin, clamped to
                                     * [min, max] */
} nf_distribution_stats;
extern const double nf_quantile_levels[NF_QUANTILES];
/* n == 0: all zero, no flag. */
void nf_distribution_stats_of(const nf_distribution *distribution, nf_distribution_stats *stats);

/* What a class keeps: 8,300 bytes or so. */
typedef struct nf_class_counts {
    nf_distribution entropy;
    uint64_t intensity[NF_GREY_LEVELS]; /* sum over images of c_i / N in fixed point, 2^40 = 1 */
    uint64_t pooled[NF_GREY_LEVELS];    /* sum over images of c_i */
} nf_class_counts;

/* Adds one image: its grey counts (256,) of n_px pixels and its quantised entropy. Integer arithmetic only; the error of
 * one fixed-point term is stated at its definition. */
void nf_class_counts_add(nf_class_counts *into, const uint32_t counts[NF_GREY_LEVELS], uint64_t n_px, uint64_t q);
void nf_class_counts_merge(nf_class_counts *into, const nf_class_counts *from);

#endif
