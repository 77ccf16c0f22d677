/* nofade: hierarchical clustering by average linkage, and an order of its leaves in which alike things stand side by side. */
#ifndef NF_METRICS_CLUSTER_H
#define NF_METRICS_CLUSTER_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum { NF_CLUSTER_MAX = 1 << 15 };

/* One joining of two clusters: numbers below n are single things, n + k is what the merge of number k made. */
typedef struct nf_cluster_merge {
    uint32_t a, b; /* a < b */
    double height; /* the mean distance between the things of the one and of the other */
} nf_cluster_merge;

/* Where the distance of i and j (i < j < n) stands in an array of all n (n - 1) / 2: row after row above the diagonal. */
static inline size_t nf_pair_index(size_t n, size_t i, size_t j)
{
    return i * (2 * n - i - 1) / 2 + (j - i - 1);
}

/* distances (n (n - 1) / 2,), no NaN, are overwritten. merges (n - 1,) come by height. O(n^2) in time. */
nf_status nf_cluster_average(double *distances, size_t n, nf_cluster_merge *merges, nf_error *error);
/* order (n,): the things from left to right; each merge is turned such that the nearest ends of its two sides meet.
 * distances (n (n - 1) / 2,) as they were before the clustering. */
nf_status nf_cluster_order(const nf_cluster_merge *merges, const double *distances, size_t n, uint32_t *order, nf_error *error);

#endif
