/* A distribution of entropies: exact state, figures from it, and what a class keeps. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "metrics/distribution.h"
#include "metrics/entropy.h"

enum { BIT_SHIFT = 32 };

static uint64_t next_random(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (*state ^ (*state >> 29)) * UINT64_C(0xbf58476d1ce4e5b9);
}

static nf_distribution distribution_of(const uint64_t *q, size_t n)
{
    nf_distribution distribution = {0};
    for (size_t i = 0; i < n; i++)
        nf_distribution_add(&distribution, q[i]);
    return distribution;
}

static nf_distribution_stats stats_of(const uint64_t *q, size_t n)
{
    const nf_distribution distribution = distribution_of(q, n);
    nf_distribution_stats stats;
    nf_distribution_stats_of(&distribution, &stats);
    return stats;
}

static void assert_near(double value, long double expected, long double relative)
{
    if (!(fabsl((long double)value - expected) <= relative * fabsl(expected)))
        fail_msg("%.17g is not %.17Lg", value, expected);
}

static void nothing_has_no_figures(void **state)
{
    (void)state;
    const nf_distribution_stats stats = stats_of(NULL, 0), zero = {0};
    assert_memory_equal(&stats, &zero, sizeof stats);
}

static void one_image_is_its_own_mean_and_quantiles(void **state)
{
    (void)state;
    const uint64_t q = (UINT64_C(5) << BIT_SHIFT) + 12345;
    const nf_distribution_stats stats = stats_of(&q, 1);
    const double bits = (double)q / NF_Q_PER_BIT;
    assert_false(stats.has_sd || stats.has_shape);
    assert_true(stats.mean == bits && stats.min == bits && stats.max == bits);
    for (size_t i = 0; i < NF_QUANTILES; i++)
        assert_true(stats.quantiles[i] == bits);
}

static void equal_images_have_an_sd_of_0_and_no_shape(void **state)
{
    (void)state;
    static const uint64_t values[] = {0, 1, 31415926535, NF_Q_MAX};
    for (size_t v = 0; v < 4; v++) {
        uint64_t q[1000];
        for (size_t i = 0; i < 1000; i++)
            q[i] = values[v];
        const nf_distribution_stats stats = stats_of(q, 1000);
        assert_true(stats.has_sd && stats.sd == 0.0 && !stats.has_shape);
        assert_true(stats.mean == (double)values[v] / NF_Q_PER_BIT);
        for (size_t i = 0; i < NF_QUANTILES; i++)
            assert_true(stats.quantiles[i] == stats.mean);
    }
}

static void eight_bits_are_in_the_last_bin(void **state)
{
    (void)state;
    const uint64_t q[] = {NF_Q_MAX, NF_Q_MAX - 1, NF_Q_MAX - (UINT64_C(1) << 26), NF_Q_MAX - (UINT64_C(1) << 26) - 1, 0};
    const nf_distribution distribution = distribution_of(q, 5);
    assert_int_equal(distribution.histogram[511], 3);
    assert_int_equal(distribution.histogram[510], 1);
    assert_int_equal(distribution.histogram[0], 1);
    assert_true(distribution.q_min == 0 && distribution.q_max == NF_Q_MAX);
}

/* 100 images, one in each of the bins 100 .. 199: the quantile p is the upper edge of the bin of image 100 p. */
static void quantiles_invert_a_cdf_that_rises_linearly_in_a_bin(void **state)
{
    (void)state;
    uint64_t q[100];
    for (uint64_t i = 0; i < 100; i++)
        q[i] = ((100 + i) << 26) + (UINT64_C(1) << 25);
    nf_distribution_stats stats = stats_of(q, 100);
    assert_true(stats.quantiles[0] == 101.0 / 64 && stats.quantiles[1] == 105.0 / 64);
    assert_true(stats.quantiles[2] == 125.0 / 64 && stats.quantiles[3] == 150.0 / 64);
    assert_true(stats.quantiles[4] == 175.0 / 64 && stats.quantiles[5] == 195.0 / 64);
    assert_true(stats.quantiles[6] == 199.0 / 64);
    stats = stats_of(q, 2); /* bins 100, 101: 1 % of 2 images is 0.02 into the first, under the least value */
    assert_true(stats.quantiles[0] == stats.min && stats.quantiles[3] == 101.0 / 64);
    assert_true(stats.quantiles[2] == 100.5 / 64 && stats.quantiles[6] == stats.max);
}

static void quantile_levels_are_the_named_percents(void **state)
{
    (void)state;
    static const double percents[NF_QUANTILES] = {1, 5, 25, 50, 75, 95, 99};
    for (size_t i = 0; i < NF_QUANTILES; i++)
        assert_true(nf_quantile_levels[i] == percents[i] / 100);
}

/* By Python's fractions and decimal; SciPy's skew and kurtosis give 0.6007102150976509 and -0.9204735385125677. */
static void moments_agree_with_exact_rational_arithmetic(void **state)
{
    (void)state;
    const uint64_t q[] = {0, 4294967296, 6442450944, 7516192768, 21474836480, 34359738368, 20377573908};
    const nf_distribution_stats stats = stats_of(q, 7);
    assert_true(stats.has_sd && stats.has_shape);
    assert_near(stats.mean, 3.14207480701484850474766322544642857L, 1.2e-16L);
    assert_near(stats.sd, 2.63803406256479399395999525357747141L, 2.5e-16L);
    assert_near(stats.skewness, 0.600710215097650907940163464992829928L, 5e-16L);
    assert_near(stats.excess_kurtosis, -0.920473538512567500367984680031832468L, 1.2e-16L);
    assert_true(stats.min == 0.0 && stats.max == 8.0);
}

/* Entropies that differ by a few steps in 2^34: sums of doubles would see nothing but noise. */
static void a_narrow_distribution_keeps_its_digits(void **state)
{
    (void)state;
    enum { N = 5000 };
    static uint64_t q[N];
    uint64_t seed = 1;
    long double mean = 0.0L, m2 = 0.0L, m3 = 0.0L, m4 = 0.0L;
    const uint64_t base = UINT64_C(7) << BIT_SHIFT;
    for (size_t i = 0; i < N; i++) {
        const uint64_t offset = next_random(&seed) % 5 * (next_random(&seed) % 3);
        q[i] = base + offset;
        mean += (long double)offset / N;
    }
    for (size_t i = 0; i < N; i++) {
        const long double d = (long double)(q[i] - base) - mean;
        m2 += d * d / N;
        m3 += d * d * d / N;
        m4 += d * d * d * d / N;
    }
    const nf_distribution_stats stats = stats_of(q, N);
    assert_near(stats.mean, 7.0L + mean / 4294967296.0L, 2e-16L);
    assert_near(stats.sd, sqrtl(m2) / 4294967296.0L, 1e-15L);
    assert_near(stats.skewness, m3 / (m2 * sqrtl(m2)), 1e-14L);
    assert_near(stats.excess_kurtosis, m4 / (m2 * m2) - 3.0L, 1e-13L);
}

/* Half the images at 0 and half at 8 bits, as many as the header allows: sd 4, kurtosis 1, skewness 0, exactly. */
static void the_largest_sums_do_not_wrap(void **state)
{
    (void)state;
    const uint64_t ends[] = {0, NF_Q_MAX};
    nf_distribution distribution = distribution_of(ends, 2);
    for (int i = 1; i < 59; i++) {
        const nf_distribution same = distribution;
        nf_distribution_merge(&distribution, &same);
    }
    assert_true(distribution.n == UINT64_C(1) << 59);
    nf_distribution_stats stats;
    nf_distribution_stats_of(&distribution, &stats);
    assert_true(stats.mean == 4.0 && stats.sd == 4.0 && stats.skewness == 0.0 && stats.excess_kurtosis == -2.0);
    assert_true(stats.quantiles[0] == 0.02 / 64 && stats.quantiles[6] == 511.98 / 64);
}

static void random_counts(uint64_t *seed, uint32_t counts[NF_GREY_LEVELS], uint64_t *n_px)
{
    *n_px = 0;
    for (size_t i = 0; i < NF_GREY_LEVELS; i++) {
        counts[i] = (uint32_t)(next_random(seed) >> 40) >> (next_random(seed) % 24);
        *n_px += counts[i];
    }
}

static void parts_merge_to_the_whole_bit_for_bit(void **state)
{
    (void)state;
    enum { PARTS = 5, IMAGES = 300 };
    uint64_t seed = 4;
    for (int round = 0; round < 10; round++) {
        nf_class_counts whole = {0}, merged = {0}, parts[PARTS];
        memset(parts, 0, sizeof parts);
        for (int i = 0; i < IMAGES; i++) {
            uint32_t counts[NF_GREY_LEVELS];
            uint64_t n_px;
            random_counts(&seed, counts, &n_px);
            const uint64_t q = nf_entropy_quantised(counts);
            nf_class_counts_add(&whole, counts, n_px, q);
            /* the last part stays empty: it has no least entropy to give */
            nf_class_counts_add(&parts[next_random(&seed) % (PARTS - 1)], counts, n_px, q);
        }
        for (size_t i = PARTS; i-- > 0;)
            nf_class_counts_merge(&merged, &parts[i]);
        assert_memory_equal(&whole, &merged, sizeof whole);
    }
}

/* The bound is the one stated at nf_class_counts_add: 1/2 + c 2^-23 units of 2^-40. */
static void an_intensity_term_is_within_its_stated_error(void **state)
{
    (void)state;
    uint64_t seed = 5;
    for (int i = 0; i < 500; i++) {
        uint32_t counts[NF_GREY_LEVELS];
        uint64_t n_px;
        random_counts(&seed, counts, &n_px);
        if (n_px == 0)
            continue;
        nf_class_counts sums = {0};
        nf_class_counts_add(&sums, counts, n_px, 0);
        for (size_t level = 0; level < NF_GREY_LEVELS; level++) {
            const long double exact = (long double)counts[level] / (long double)n_px * 0x1p40L;
            const long double bound = 0.5L + (long double)counts[level] * 0x1p-23L + 1e-6L;
            assert_true(fabsl((long double)sums.intensity[level] - exact) <= bound);
            assert_true(sums.pooled[level] == counts[level]);
        }
    }
}

static void intensities_of_powers_of_2_are_exact(void **state)
{
    (void)state;
    for (uint64_t n_px = 1; n_px <= UINT64_C(1) << 31; n_px *= 2) {
        uint32_t counts[NF_GREY_LEVELS] = {0};
        nf_class_counts sums = {0};
        counts[7] = (uint32_t)n_px;
        nf_class_counts_add(&sums, counts, n_px, 0);
        assert_true(sums.intensity[7] == UINT64_C(1) << NF_INTENSITY_SCALE_BITS);
        counts[7] = counts[8] = (uint32_t)(n_px / 2);
        if (n_px >= 2)
            nf_class_counts_add(&sums, counts, n_px, 0);
        assert_true(sums.intensity[8] == (n_px >= 2 ? UINT64_C(1) << (NF_INTENSITY_SCALE_BITS - 1) : 0));
    }
}

static void an_image_without_pixels_adds_no_intensity(void **state)
{
    (void)state;
    const uint32_t counts[NF_GREY_LEVELS] = {0};
    nf_class_counts sums = {0};
    nf_class_counts_add(&sums, counts, 0, 0);
    assert_true(sums.entropy.n == 1);
    for (size_t i = 0; i < NF_GREY_LEVELS; i++)
        assert_true(sums.intensity[i] == 0 && sums.pooled[i] == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_has_no_figures),
        cmocka_unit_test(one_image_is_its_own_mean_and_quantiles),
        cmocka_unit_test(equal_images_have_an_sd_of_0_and_no_shape),
        cmocka_unit_test(eight_bits_are_in_the_last_bin),
        cmocka_unit_test(quantiles_invert_a_cdf_that_rises_linearly_in_a_bin),
        cmocka_unit_test(quantile_levels_are_the_named_percents),
        cmocka_unit_test(moments_agree_with_exact_rational_arithmetic),
        cmocka_unit_test(a_narrow_distribution_keeps_its_digits),
        cmocka_unit_test(the_largest_sums_do_not_wrap),
        cmocka_unit_test(parts_merge_to_the_whole_bit_for_bit),
        cmocka_unit_test(an_intensity_term_is_within_its_stated_error),
        cmocka_unit_test(intensities_of_powers_of_2_are_exact),
        cmocka_unit_test(an_image_without_pixels_adds_no_intensity),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
