/* nofade: sums of x ln x over bins, what Jensen-Shannon divergences are made of, on whatever vector unit the processor has.
 *
 * Every instruction set runs the same C with the same order of additions: not one bit depends on the machine. The logarithm is our
 * own for that reason too, and because libm's takes one number at a time. Private to metrics/distance.c.
 */
#ifndef NF_METRICS_DIVERGENCE_H
#define NF_METRICS_DIVERGENCE_H

#include <stdbool.h>
#include <stddef.h>

/* The unevaluated sum high + low: about 106 bits. */
typedef struct nf_double_sum {
    double high, low;
} nf_double_sum;

typedef struct nf_divergence_kernel {
    const char *name; /* "plain", "avx2", "avx512" */
    /* Sum over the bins of m ln m, where m = (p + q) / 2 and 0 ln 0 = 0. The error is that of the terms, at most 2^-52 of each (see
     * nf_ln), not that of adding them. *overlap: there is a bin where neither p nor q is 0. 0 <= p, q <= 2. */
    nf_double_sum (*sum_mean)(const double *p, const double *q, size_t n_bins, bool *overlap);
} nf_divergence_kernel;

/* The best one for this processor; and the i-th that it can run, plain first, NULL beyond the last (for the parity test). */
const nf_divergence_kernel *nf_divergence_cpu(void);
const nf_divergence_kernel *nf_divergence_cpu_nth(size_t i);

/* ln x for 2^-1022 <= x < 2^1000, with an error below 0.9 units in the last place (tests/parity/test_divergence.c). */
double nf_ln(double x);

#endif
