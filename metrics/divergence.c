/* nofade: sums of x ln x over bins, once in C, compiled for several instruction sets. */
#include "metrics/divergence.h"

#include <float.h>
#include <stdint.h>
#include <string.h>

enum {
    LANES = 8,  /* sums side by side, whatever the width of the machine's vectors: bin i goes to lane i % LANES */
    BLOCK = 64  /* bins at a time; a multiple of LANES */
};

/* --- the logarithm --- */

/* x = 2^k z with sqrt(1/2) <= z < sqrt(2), f = z - 1, s = f / (2 + f):
 *
 *     ln x = k ln 2 + ln(1 + f),   ln(1 + f) = f - f^2/2 + s (f^2/2 + R(s^2)),   R(w) = 2w/3 + 2w^2/5 + ...
 *
 * ln 2 is in two parts, of which the first has 21 trailing zeros, so that k times it is exact. R(w) = 2w/3 + 2w^2/5 + ... is cut
 * to seven terms, their coefficients fitted (Remez) to 0 <= w <= (3 - 2 sqrt(2))^2 with an error below 2^-58. */
static inline __attribute__((always_inline)) double ln_of(double x)
{
    const uint64_t sqrt_half = UINT64_C(0x3fe6a09e667f3bcd), exponent_bits = UINT64_C(0xfff) << 52;
    const uint64_t shift = UINT64_C(1023) << 52; /* keeps the difference positive */
    uint64_t bits, k_bits, z_bits;
    double k, z;
    memcpy(&bits, &x, sizeof bits);
    const uint64_t distance = bits - sqrt_half + shift;
    k_bits = (distance >> 52) | UINT64_C(0x4330000000000000); /* 2^52 + 1023 + k */
    z_bits = bits - (distance & exponent_bits) + shift;
    memcpy(&k, &k_bits, sizeof k);
    memcpy(&z, &z_bits, sizeof z);
    k -= 4503599627370496.0 + 1023.0;

    const double f = z - 1.0, s = f / (2.0 + f), w = s * s, w2 = w * w, half = 0.5 * f * f;
    const double even = w2 * (0x1.999999997fdb7p-2 + w2 * (0x1.c71c52095d16fp-3 + w2 * 0x1.39a1bab73fc7cp-3));
    const double odd = w * (0x1.5555555555592p-1 + w2 * (0x1.24924941f124fp-2
                     + w2 * (0x1.74663ee86e843p-3 + w2 * 0x1.2f0563862e7fcp-3)));
    const double tail = s * (half + (even + odd)) + k * 1.90821492927058770002e-10;
    return k * 6.93147180369123816490e-01 - ((half - tail) - f);
}

double nf_ln(double x)
{
    return ln_of(x);
}

/* --- sums --- */

typedef struct lane_sums {
    double high[LANES], low[LANES];
} lane_sums;

/* Knuth's TwoSum: what rounding takes from high goes to low. */
static inline __attribute__((always_inline)) void add_terms(lane_sums *sums, const double *terms, size_t n)
{
#pragma omp simd
    for (size_t j = 0; j < n; j++) {
        const double sum = sums->high[j] + terms[j];
        const double back = sum - sums->high[j];
        sums->low[j] += (sums->high[j] - (sum - back)) + (terms[j] - back);
        sums->high[j] = sum;
    }
}

/* The right half of the lanes to the left one, again and again. */
static inline __attribute__((always_inline)) nf_double_sum sum_lanes(lane_sums *sums)
{
    for (size_t half = LANES / 2; half > 0; half /= 2) {
        add_terms(sums, sums->high + half, half);
        for (size_t j = 0; j < half; j++)
            sums->low[j] += sums->low[half + j];
    }
    return (nf_double_sum){sums->high[0], sums->low[0]};
}

static inline __attribute__((always_inline)) void add_block(lane_sums *sums, const double *p, const double *q, size_t n,
                                                            uint64_t *overlap)
{
    double terms[BLOCK];
    uint64_t both = 0; /* the top bit of minus x's bits is set unless x is 0 */
#pragma omp simd reduction(| : both)
    for (size_t i = 0; i < n; i++) {
        const double m = 0.5 * (p[i] + q[i]);
        uint64_t p_bits, q_bits;
        memcpy(&p_bits, &p[i], sizeof p_bits);
        memcpy(&q_bits, &q[i], sizeof q_bits);
        /* Below the smallest normal number the exponent cannot be read off. Above 2^-968 adding it changes nothing. */
        terms[i] = m * ln_of(m + DBL_MIN);
        both |= -p_bits & -q_bits;
    }
    for (size_t i = 0; i < n; i += LANES)
        add_terms(sums, terms + i, LANES);
    *overlap |= both;
}

/* The last bins, with empty ones up to a multiple of LANES, which add nothing. */
static inline __attribute__((always_inline)) void add_rest(lane_sums *sums, const double *p, const double *q, size_t n,
                                                           uint64_t *overlap)
{
    double p_rest[LANES] = {0}, q_rest[LANES] = {0};
    memcpy(p_rest, p, n * sizeof *p);
    memcpy(q_rest, q, n * sizeof *q);
    add_block(sums, p_rest, q_rest, LANES, overlap);
}

static inline __attribute__((always_inline)) nf_double_sum sum_mean(const double *p, const double *q, size_t n_bins, bool *overlap)
{
    lane_sums sums = {{0}, {0}};
    uint64_t both = 0;
    size_t start = 0;
    for (; start + BLOCK <= n_bins; start += BLOCK)
        add_block(&sums, p + start, q + start, BLOCK, &both);
    for (; start + LANES <= n_bins; start += LANES)
        add_block(&sums, p + start, q + start, LANES, &both);
    if (start < n_bins)
        add_rest(&sums, p + start, q + start, n_bins - start, &both);
    *overlap = both >> 63 != 0;
    return sum_lanes(&sums);
}

static nf_double_sum sum_mean_plain(const double *p, const double *q, size_t n_bins, bool *overlap)
{
    return sum_mean(p, q, n_bins, overlap);
}

static const nf_divergence_kernel kernel_plain = {"plain", sum_mean_plain};

#if defined(__x86_64__)

__attribute__((target("avx2"))) static nf_double_sum sum_mean_avx2(const double *p, const double *q, size_t n_bins, bool *overlap)
{
    return sum_mean(p, q, n_bins, overlap);
}

/* gcc would take half the width otherwise; clang takes all of it, and ignores a target with a word that it does not know. */
#if defined(__clang__)
#define WHOLE_WIDTH ""
#else
#define WHOLE_WIDTH ",prefer-vector-width=512"
#endif

__attribute__((target("avx512f,avx512dq,avx512vl" WHOLE_WIDTH))) static nf_double_sum
sum_mean_avx512(const double *p, const double *q, size_t n_bins, bool *overlap)
{
    return sum_mean(p, q, n_bins, overlap);
}

static const nf_divergence_kernel kernel_avx2 = {"avx2", sum_mean_avx2};
static const nf_divergence_kernel kernel_avx512 = {"avx512", sum_mean_avx512};

const nf_divergence_kernel *nf_divergence_cpu_nth(size_t i)
{
    const nf_divergence_kernel *found[3] = {&kernel_plain};
    size_t n = 1;
    if (__builtin_cpu_supports("avx2"))
        found[n++] = &kernel_avx2;
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl"))
        found[n++] = &kernel_avx512;
    return i < n ? found[i] : NULL;
}

#else

const nf_divergence_kernel *nf_divergence_cpu_nth(size_t i)
{
    return i == 0 ? &kernel_plain : NULL;
}

#endif

const nf_divergence_kernel *nf_divergence_cpu(void)
{
    const nf_divergence_kernel *best = &kernel_plain;
    for (size_t i = 0; nf_divergence_cpu_nth(i) != NULL; i++)
        best = nf_divergence_cpu_nth(i);
    return best;
}
