/* nofade: the null of the distance sum: what it would be if labels were shuffled among the images.
 *
 * Drawn from the table class x entropy bin with both margins fixed, which is the same as shuffling the labels. Definitions:
 * "Class level", null. Generator: xoshiro256** seeded by splitmix64(seed + permutation), bounded draws by Lemire's method.
 */
#ifndef NF_METRICS_SHUFFLED_NULL_H
#define NF_METRICS_SHUFFLED_NULL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "metrics/distance.h"

#define NF_NULL_GENERATOR "xoshiro256**"
#define NF_NULL_IMAGES_MAX (UINT64_C(1) << 27) /* 2 bytes of memory an image */

typedef struct nf_null_summary {
    uint32_t n_permutations;
    double mean, sd; /* of the distance sum over the permutations; population sd */
    bool has_z;      /* sd > 0 */
    double z;        /* (observed_sum - mean) / sd */
} nf_null_summary;

/* table is (n_classes, n_bins), counts of images. */
nf_status nf_null_draw(const uint64_t *table, size_t n_classes, size_t n_bins, nf_log_base base, uint32_t n_permutations,
                       uint64_t seed, double observed_sum, nf_null_summary *summary, nf_error *error);

#endif
