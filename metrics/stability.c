#include "metrics/stability.h"

#include <stdlib.h>
#include <string.h>

static int compare_doubles(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

/* How many of sorted (n,) are greater than x. */
static size_t greater_than(const double *sorted, size_t n, double x)
{
    size_t from = 0, to = n;
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        if (sorted[middle] <= x)
            from = middle + 1;
        else
            to = middle;
    }
    return n - from;
}

nf_status nf_rank_intervals(const double *low, const double *high, size_t n, size_t *rank_min, size_t *rank_max,
                            nf_error *error)
{
    double *lows = calloc(n > 0 ? n : 1, sizeof *lows), *highs = calloc(n > 0 ? n : 1, sizeof *highs);
    if (lows == NULL || highs == NULL) {
        free(lows);
        free(highs);
        return nf_fail_nomem(error, "rank intervals");
    }
    if (n > 0) {
        memcpy(lows, low, n * sizeof *lows);
        memcpy(highs, high, n * sizeof *highs);
    }
    qsort(lows, n, sizeof *lows, compare_doubles);
    qsort(highs, n, sizeof *highs, compare_doubles);
    for (size_t i = 0; i < n; i++) {
        rank_min[i] = 1 + greater_than(lows, n, high[i]);
        /* i's own high is counted when it is above its low. */
        rank_max[i] = 1 + greater_than(highs, n, low[i]) - (high[i] > low[i]);
    }
    free(lows);
    free(highs);
    return NF_OK;
}
