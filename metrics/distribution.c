/* nofade: a distribution of entropies kept exactly, its figures, and a class's three distributions. */
#include "metrics/distribution.h"

#include <assert.h>
#include <math.h>
#include <stddef.h>

#include "metrics/entropy.h"

__extension__ typedef unsigned __int128 u128;

static const unsigned quantile_percents[NF_QUANTILES] = {1, 5, 25, 50, 75, 95, 99};
const double nf_quantile_levels[NF_QUANTILES] = {0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99};

enum { BIN_SHIFT = 26, BINS_PER_BIT = 64 }; /* bin = q >> 26: 2^26 / 2^32 = 1/64 bit */

static nf_wide from_u128(u128 value)
{
    return (nf_wide){{(uint64_t)value, (uint64_t)(value >> 64)}};
}

/* q <= 2^35, so q^3 <= 2^105 and q^4 <= 2^140. */
void nf_distribution_add(nf_distribution *distribution, uint64_t q)
{
    assert(q <= NF_Q_MAX);
    const uint64_t bin = q >> BIN_SHIFT;
    const u128 square = (u128)q * q;
    const nf_wide wide_square = from_u128(square);
    const nf_wide powers[4] = {nf_wide_from_u64(q), wide_square, from_u128(square * q), nf_wide_mul(wide_square, wide_square)};
    for (size_t i = 0; i < 4; i++)
        distribution->sums[i] = nf_wide_add(distribution->sums[i], powers[i]);
    distribution->histogram[bin < NF_ENTROPY_BINS ? bin : NF_ENTROPY_BINS - 1]++;
    if (distribution->n == 0 || q < distribution->q_min)
        distribution->q_min = q;
    if (distribution->n == 0 || q > distribution->q_max)
        distribution->q_max = q;
    distribution->n++;
}

void nf_distribution_merge(nf_distribution *into, const nf_distribution *from)
{
    if (from->n == 0)
        return;
    if (into->n == 0 || from->q_min < into->q_min)
        into->q_min = from->q_min;
    if (into->n == 0 || from->q_max > into->q_max)
        into->q_max = from->q_max;
    into->n += from->n;
    for (size_t i = 0; i < 4; i++)
        into->sums[i] = nf_wide_add(into->sums[i], from->sums[i]);
    for (size_t i = 0; i < NF_ENTROPY_BINS; i++)
        into->histogram[i] += from->histogram[i];
}

/* The central moments, each times a power of n that makes it an integer (S_k is the sum of q^k, m_k the k-th moment):
 *
 *     second = n^2 m_2 = n S_2 - S_1^2
 *     third  = n^3 m_3 = n^2 S_3 - 3 n S_1 S_2 + 2 S_1^3
 *     fourth = n^4 m_4 = n^3 S_4 - 4 n^2 S_1 S_3 + 6 n S_1^2 S_2 - 3 S_1^4
 *
 * With n < 2^60 and q <= 2^35 no term but its small factor passes n^4 q^4 <= 2^380, and 6 x 2^380 < 2^383. (Even a
 * partial sum that wrapped would do no harm: the results themselves fit, and the arithmetic is modulo 2^384.) */
typedef struct scaled_moments {
    nf_wide second, third, fourth;
} scaled_moments;

static nf_wide times(uint64_t factor, nf_wide a)
{
    return nf_wide_mul(nf_wide_from_u64(factor), a);
}

static scaled_moments moments_of(uint64_t n, const nf_wide sums[4])
{
    const nf_wide s1 = sums[0], ns2 = times(n, sums[1]), nns3 = times(n, times(n, sums[2]));
    const nf_wide nnns4 = times(n, times(n, times(n, sums[3])));
    const nf_wide s1_2 = nf_wide_mul(s1, s1), s1_3 = nf_wide_mul(s1_2, s1), s1_4 = nf_wide_mul(s1_2, s1_2);
    const nf_wide ns1s2 = nf_wide_mul(s1, ns2);
    scaled_moments m;
    m.second = nf_wide_sub(ns2, s1_2);
    m.third = nf_wide_add(nf_wide_sub(nns3, times(3, ns1s2)), times(2, s1_3));
    m.fourth = nf_wide_sub(nnns4, times(4, nf_wide_mul(s1, nns3)));
    m.fourth = nf_wide_add(m.fourth, times(6, nf_wide_mul(s1, ns1s2)));
    m.fourth = nf_wide_sub(m.fourth, times(3, s1_4));
    return m;
}

/* skewness = m_3 / m_2^(3/2) and excess kurtosis = m_4 / m_2^2 - 3: the powers of n cancel, and the 3 is taken off
 * before the one division. False when all entropies are equal. */
static bool shape_of(const scaled_moments *m, double *skewness, double *excess_kurtosis)
{
    const double second = nf_wide_to_double(m->second);
    if (second == 0.0)
        return false;
    const nf_wide second_2 = nf_wide_mul(m->second, m->second);
    *skewness = nf_wide_to_double(m->third) / (second * sqrt(second));
    *excess_kurtosis = nf_wide_ratio(nf_wide_sub(m->fourth, times(3, second_2)), second_2);
    return true;
}

/* The smallest x with F(x) >= percent/100, F rising linearly inside a bin: with `before` images below the first bin
 * whose cumulative count reaches n percent/100, x = (bin + (n percent/100 - before) / count) / 64. Compared in
 * hundredths of an image, as integers, so that no rounding picks the neighbouring bin. */
static double quantile_of(const nf_distribution *distribution, unsigned percent)
{
    const u128 target = (u128)distribution->n * percent;
    u128 before = 0;
    for (size_t bin = 0; bin < NF_ENTROPY_BINS; bin++) {
        const u128 count = (u128)distribution->histogram[bin] * 100;
        if (count != 0 && before + count >= target)
            return ((double)bin + (double)(target - before) / (double)count) / BINS_PER_BIT;
        before += count;
    }
    return 8.0; /* a histogram of fewer than n images: the caller clamps */
}

static double clamp(double value, double min, double max)
{
    return value < min ? min : value > max ? max : value;
}

void nf_distribution_stats_of(const nf_distribution *distribution, nf_distribution_stats *stats)
{
    const uint64_t n = distribution->n;
    *stats = (nf_distribution_stats){0};
    if (n == 0)
        return;
    stats->mean = nf_wide_ratio(distribution->sums[0], nf_wide_from_u64(n)) / NF_Q_PER_BIT;
    stats->min = (double)distribution->q_min / NF_Q_PER_BIT;
    stats->max = (double)distribution->q_max / NF_Q_PER_BIT;
    for (size_t i = 0; i < NF_QUANTILES; i++)
        stats->quantiles[i] = clamp(quantile_of(distribution, quantile_percents[i]), stats->min, stats->max);
    stats->has_sd = n >= 2;
    if (!stats->has_sd)
        return;
    const scaled_moments moments = moments_of(n, distribution->sums);
    stats->sd = sqrt(nf_wide_ratio(moments.second, times(n, nf_wide_from_u64(n)))) / NF_Q_PER_BIT;
    stats->has_shape = shape_of(&moments, &stats->skewness, &stats->excess_kurtosis);
}

/* Where N is a power of two the term below is c / N without any rounding. */
static void add_shifted(nf_class_counts *into, const uint32_t counts[NF_GREY_LEVELS], int shift)
{
    for (size_t i = 0; i < NF_GREY_LEVELS; i++) {
        into->intensity[i] += (uint64_t)counts[i] << shift;
        into->pooled[i] += counts[i];
    }
}

/* An intensity term is c/N at scale 2^40, rounded: v = (c U + 2^22) >> 23 with U = floor(2^63 / N). As c <= N, c U <=
 * 2^63 and v <= 2^40. U is less than 1 short, so v is off by at most 1/2 + c 2^-23 units of 2^-40: for an image of up
 * to 2^23 pixels under 1.5 units (1.4e-12), and exact where N is a power of two up to 2^40. The constant has the scale
 * in it: 63 - 23 = 40. */
void nf_class_counts_add(nf_class_counts *into, const uint32_t counts[NF_GREY_LEVELS], uint64_t n_px, uint64_t q)
{
    nf_distribution_add(&into->entropy, q);
    if (n_px == 0)
        return;
    if ((n_px & (n_px - 1)) == 0 && n_px <= UINT64_C(1) << 40) {
        add_shifted(into, counts, 40 - __builtin_ctzll(n_px));
        return;
    }
    const uint64_t unit = (UINT64_C(1) << 63) / n_px;
    for (size_t i = 0; i < NF_GREY_LEVELS; i++) {
        into->intensity[i] += (counts[i] * unit + (UINT64_C(1) << 22)) >> 23;
        into->pooled[i] += counts[i];
    }
}

void nf_class_counts_merge(nf_class_counts *into, const nf_class_counts *from)
{
    nf_distribution_merge(&into->entropy, &from->entropy);
    for (size_t i = 0; i < NF_GREY_LEVELS; i++) {
        into->intensity[i] += from->intensity[i];
        into->pooled[i] += from->pooled[i];
    }
}
