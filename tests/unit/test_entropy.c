/* The entropy of a grey histogram: closed forms exactly, everything else against long double. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "metrics/entropy.h"

typedef uint32_t histogram[NF_GREY_LEVELS];

static uint64_t next_random(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (*state ^ (*state >> 29)) * UINT64_C(0xbf58476d1ce4e5b9);
}

static long double reference(const histogram counts)
{
    long double n = 0.0L, sum = 0.0L;
    for (size_t i = 0; i < NF_GREY_LEVELS; i++)
        n += (long double)counts[i];
    for (size_t i = 0; i < NF_GREY_LEVELS; i++)
        if (counts[i] != 0)
            sum -= (long double)counts[i] / n * log2l((long double)counts[i] / n);
    return sum;
}

static void no_pixels_and_one_level_give_exactly_0(void **state)
{
    (void)state;
    histogram counts = {0};
    assert_true(nf_entropy_bits(counts) == 0.0);
    for (uint32_t n = 1; n != 0; n = n > UINT32_MAX / 3 ? 0 : n * 3 + 1) {
        counts[n % NF_GREY_LEVELS] = n;
        assert_true(nf_entropy_bits(counts) == 0.0);
        assert_true(nf_entropy_quantised(counts) == 0);
        counts[n % NF_GREY_LEVELS] = 0;
    }
}

static void half_and_half_is_exactly_1_for_every_size(void **state)
{
    (void)state;
    histogram counts = {0};
    for (uint32_t half = 1; half <= 100000; half++) {
        counts[3] = counts[200] = half;
        assert_true(nf_entropy_bits(counts) == 1.0);
    }
    counts[3] = counts[200] = UINT32_MAX;
    assert_true(nf_entropy_bits(counts) == 1.0);
}

static void uniform_over_2_to_the_k_levels_is_exactly_k(void **state)
{
    (void)state;
    static const uint32_t sizes[] = {1, 2, 3, 7, 31, 1021, 4095, 4096, 4097, 65537, 178956970, UINT32_MAX};
    for (size_t k = 0; k <= 8; k++)
        for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++) {
            histogram counts = {0};
            for (size_t i = 0; i < (size_t)1 << k; i++)
                counts[i << (8 - k)] = sizes[s];
            assert_true(nf_entropy_bits(counts) == (double)k);
            assert_true(nf_entropy_quantised(counts) == (uint64_t)k << 32);
        }
}

/* The bound is the one stated in entropy.c. */
static void any_histogram_is_within_6e_15_of_long_double(void **state)
{
    (void)state;
    uint64_t seed = 1;
    for (int i = 0; i < 20000; i++) {
        histogram counts = {0};
        const size_t levels = 1 + next_random(&seed) % NF_GREY_LEVELS;
        for (size_t level = 0; level < levels; level++)
            counts[level] = (uint32_t)((next_random(&seed) >> 32) >> (next_random(&seed) % 32));
        if (reference(counts) > 0.0L) /* not NaN: some count is not 0 */
            assert_true(fabsl((long double)nf_entropy_bits(counts) - reference(counts)) <= 6e-15L);
    }
}

static void one_odd_pixel_out_is_seen(void **state)
{
    (void)state;
    histogram counts = {0};
    counts[0] = 1;
    for (uint32_t n = 1; n < 400000000; n = n * 5 + 2) {
        counts[9] = n;
        assert_true(nf_entropy_bits(counts) > 0.0);
        assert_true(fabsl((long double)nf_entropy_bits(counts) - reference(counts)) <= 6e-15L);
    }
}

/* The result depends on the counts, not on the levels that have them. */
static void the_order_of_levels_changes_no_bit(void **state)
{
    (void)state;
    uint64_t seed = 2;
    histogram counts;
    for (size_t i = 0; i < NF_GREY_LEVELS; i++)
        counts[i] = (uint32_t)(next_random(&seed) % 10000);
    const double before = nf_entropy_bits(counts);
    for (size_t i = NF_GREY_LEVELS; i > 1; i--) {
        const size_t j = next_random(&seed) % i;
        const uint32_t swapped = counts[i - 1];
        counts[i - 1] = counts[j];
        counts[j] = swapped;
    }
    assert_true(nf_entropy_bits(counts) == before);
}

/* Value by scikit-image's shannon_entropy: 7.682436750359093; by Python's decimal with 60 digits: 7.68243675035909398939...,
 * which is 32995814596 when quantised. */
static void a_known_image_agrees_with_scikit_image(void **state)
{
    (void)state;
    histogram counts;
    for (uint32_t i = 0; i < NF_GREY_LEVELS; i++)
        counts[i] = (i * i * 7 + 13 * i) % 97;
    assert_true(fabs(nf_entropy_bits(counts) - 7.68243675035909398939) <= 6e-15);
    assert_true(nf_entropy_quantised(counts) == UINT64_C(32995814596));
}

static void the_quantised_entropy_is_the_nearest_step(void **state)
{
    (void)state;
    uint64_t seed = 3;
    for (int i = 0; i < 2000; i++) {
        histogram counts = {0};
        for (size_t level = 0; level < NF_GREY_LEVELS; level++)
            counts[level] = (uint32_t)(next_random(&seed) % 9);
        const double steps = nf_entropy_bits(counts) * NF_Q_PER_BIT;
        assert_true(fabs((double)nf_entropy_quantised(counts) - steps) <= 0.5);
        assert_true(nf_entropy_quantised(counts) <= NF_Q_MAX);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_pixels_and_one_level_give_exactly_0),
        cmocka_unit_test(half_and_half_is_exactly_1_for_every_size),
        cmocka_unit_test(uniform_over_2_to_the_k_levels_is_exactly_k),
        cmocka_unit_test(any_histogram_is_within_6e_15_of_long_double),
        cmocka_unit_test(one_odd_pixel_out_is_seen),
        cmocka_unit_test(the_order_of_levels_changes_no_bit),
        cmocka_unit_test(a_known_image_agrees_with_scikit_image),
        cmocka_unit_test(the_quantised_entropy_is_the_nearest_step),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
