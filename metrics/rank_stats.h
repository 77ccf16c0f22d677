/* nofade: rank correlations and Kruskal-Wallis, with p-values from permutations (a fixed generator: metrics/generator.h).
 *
 * A p-value is (1 + b) / (1 + m) of m permutations of which b were at least as far from independence. What the
 * permutations are compared by are integers where ranks allow it, so p-values are the same on every machine. */
#ifndef NF_METRICS_RANK_STATS_H
#define NF_METRICS_RANK_STATS_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum { NF_STATS_PERMUTATIONS = 999, NF_STATS_SEED = 1, NF_STATS_VALUES_MAX = 20000 };

typedef struct nf_correlation {
    size_t n;
    double spearman, kendall;     /* NaN where one side has no two different values */
    double spearman_p, kendall_p; /* two-sided */
} nf_correlation;

typedef struct nf_kruskal {
    size_t n, groups;
    double h;               /* corrected for ties */
    double p;
    double epsilon_squared; /* h / (n - 1) */
    double eta_squared;     /* (h - groups + 1) / (n - groups) */
} nf_kruskal;

/* Twice the rank of each value, from 2, ties in their middle: (n,) whole numbers. */
nf_status nf_double_ranks(const double *values, size_t n, int64_t *ranks, nf_error *error);
/* Spearman's rho (Pearson's of the ranks) and Kendall's tau-b of x (n,) and y (n,), which hold no NaN, n at most
 * NF_STATS_VALUES_MAX. permutations 0: p-values are NaN. */
nf_status nf_correlate(const double *x, const double *y, size_t n, unsigned permutations, uint64_t seed,
                       nf_correlation *result, nf_error *error);
/* H = (12 / (n (n + 1)) sum R_j^2 / n_j - 3 (n + 1)) / (1 - sum (t^3 - t) / (n^3 - n)) of values (n,) in groups (n,), numbered
 * from 0 to n_groups - 1, none of them empty. Fewer than two groups, or all values equal: NaN. */
nf_status nf_kruskal_wallis(const double *values, const uint32_t *groups, size_t n, size_t n_groups, unsigned permutations,
                            uint64_t seed, nf_kruskal *result, nf_error *error);

#endif
