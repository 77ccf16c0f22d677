/* nofade: between which ranks a model can stand when the figures are known only within bounds. */
#ifndef NF_METRICS_STABILITY_H
#define NF_METRICS_STABILITY_H

#include <stddef.h>

#include "base/error.h"

/* low (n,) <= high (n,): bounds of each value; more is better; each may lie anywhere in its bounds whatever the others do.
 * rank_min[i] = 1 + how many are better than i in any case (low_j > high_i), rank_max[i] = 1 + how many may be
 * (high_j > low_i, j != i). Equal values share a rank. No NaN. O(n log n). */
nf_status nf_rank_intervals(const double *low, const double *high, size_t n, size_t *rank_min, size_t *rank_max,
                            nf_error *error);

#endif
