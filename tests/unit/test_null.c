/* The distance sum under shuffled labels. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#ifdef _OPENMP
#include <omp.h>
#endif

#include "metrics/shuffled_null.h"

static const double ln_2 = 0.69314718055994530942;

static uint64_t next_random(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return ((*state ^ (*state >> 29)) * UINT64_C(0xbf58476d1ce4e5b9)) >> 16;
}

static nf_null_summary draw(const uint64_t *table, size_t n_classes, size_t n_bins, uint32_t n_permutations, uint64_t seed,
                            double observed_sum)
{
    nf_null_summary summary;
    nf_error error = {0};
    if (nf_null_draw(table, n_classes, n_bins, NF_LOG_E, n_permutations, seed, observed_sum, &summary, &error) != NF_OK)
        fail_msg("%s", error.message);
    return summary;
}

static double observed(const uint64_t *table, size_t n_classes, size_t n_bins)
{
    double *distributions = calloc(n_classes * n_bins, sizeof *distributions);
    assert_non_null(distributions);
    for (size_t c = 0; c < n_classes; c++) {
        uint64_t size = 0;
        for (size_t bin = 0; bin < n_bins; bin++)
            size += table[c * n_bins + bin];
        for (size_t bin = 0; bin < n_bins; bin++)
            distributions[c * n_bins + bin] = (double)table[c * n_bins + bin] / (double)size;
    }
    nf_distance_summary summary;
    assert_int_equal(nf_distance_summarise(distributions, n_classes, n_bins, NF_LOG_E, &summary, NULL), NF_OK);
    free(distributions);
    return summary.sum;
}

/* Mean and sd by an independent program in Python (its own xoshiro256**, splitmix64, Lemire draws, Fisher-Yates, and SciPy's
 * jensenshannon): 0.7646093896117154 and 0.23148417890277964; the observed sum 1.6564969296086702. */
static void a_fixed_seed_gives_the_mean_of_an_independent_program(void **state)
{
    (void)state;
    const uint64_t table[] = {5, 3, 0, 1, 0, 4, 6, 2, 1, 1, 1, 9};
    const double sum = observed(table, 3, 4);
    const nf_null_summary summary = draw(table, 3, 4, 20, 42, sum);
    assert_true(fabs(sum - 1.6564969296086702) <= 1e-14);
    assert_int_equal(summary.n_permutations, 20);
    assert_true(fabs(summary.mean - 0.7646093896117154) <= 1e-14);
    assert_true(fabs(summary.sd - 0.23148417890277964) <= 1e-14);
    assert_true(summary.has_z && summary.z == (sum - summary.mean) / summary.sd);
}

/* The draws of seed s from permutation 1 on are those of seed s + 1: each has a seed of its own. */
static void permutations_are_independent_of_each_other(void **state)
{
    (void)state;
    const uint64_t table[] = {5, 3, 0, 1, 0, 4, 6, 2, 1, 1, 1, 9};
    const double one = draw(table, 3, 4, 1, 8, 0.0).mean, two = draw(table, 3, 4, 1, 9, 0.0).mean;
    assert_true(fabs(draw(table, 3, 4, 2, 8, 0.0).mean - (one + two) / 2) <= 1e-15);
    assert_true(one != two);
}

/* One image in each class and in each bin: whoever has which, they are disjoint. A margin that moved would show as 0. */
static void both_margins_are_kept(void **state)
{
    (void)state;
    enum { N = 12 };
    uint64_t table[N * N] = {0};
    for (size_t i = 0; i < N; i++)
        table[i * N + i] = 1;
    const nf_null_summary summary = draw(table, N, N, 50, 1, 0.0);
    assert_true(fabs(summary.mean - N * (N - 1) / 2 * sqrt(ln_2)) <= 1e-12);
    assert_true(summary.sd <= 1e-12);
}

/* A class of one image and a class of two, of which one is the odd one out. With probability 1/3 the class of one has it, and the
 * classes are disjoint; else the other has it among its two, and D, by hand, is
 * 1/2 ln(1 / (3/4)) + 1/2 (1/2 ln((1/2) / (3/4)) + 1/2 ln((1/2) / (1/4))). */
static void draws_are_unbiased(void **state)
{
    (void)state;
    enum { DRAWS = 20000 };
    const uint64_t table[] = {1, 0, 1, 1};
    const double apart = sqrt(ln_2);
    const double together = sqrt(0.5 * log(4.0 / 3.0) + 0.25 * log(2.0 / 3.0) + 0.25 * ln_2);
    const nf_null_summary summary = draw(table, 2, 2, DRAWS, 77, 0.0);
    const double share = (summary.mean - together) / (apart - together); /* of draws apart: 1/3, sd sqrt(2/9 / DRAWS) */
    assert_true(fabs(share - 1.0 / 3.0) <= 4.0 * sqrt(2.0 / 9.0 / DRAWS));
    const double sd = (apart - together) * sqrt(share * (1.0 - share));
    assert_true(fabs(summary.sd - sd) <= 1e-12);
}

static void separated_classes_stand_out(void **state)
{
    (void)state;
    enum { CLASSES = 10, BINS = 64 };
    uint64_t table[CLASSES * BINS] = {0}, seed = 3;
    for (size_t c = 0; c < CLASSES; c++)
        for (int i = 0; i < 200; i++)
            table[c * BINS + 6 * c + next_random(&seed) % 10]++;
    const nf_null_summary summary = draw(table, CLASSES, BINS, 20, 1, observed(table, CLASSES, BINS));
    assert_true(summary.has_z && summary.z > 30.0);
}

static void shuffled_classes_do_not_stand_out(void **state)
{
    (void)state;
    enum { CLASSES = 10, BINS = 64 };
    uint64_t table[CLASSES * BINS] = {0}, seed = 4;
    for (size_t c = 0; c < CLASSES; c++)
        for (int i = 0; i < 200; i++)
            table[c * BINS + 10 + next_random(&seed) % 20 + next_random(&seed) % 20]++;
    const nf_null_summary summary = draw(table, CLASSES, BINS, 100, 1, observed(table, CLASSES, BINS));
    assert_true(summary.has_z && fabs(summary.z) < 4.0);
    assert_true(summary.mean > 0.0); /* the inflation that the null is there to show */
}

static void the_number_of_threads_changes_no_bit(void **state)
{
    (void)state;
#ifdef _OPENMP
    const uint64_t table[] = {5, 3, 0, 1, 0, 4, 6, 2, 1, 1, 1, 9, 40, 1, 2, 3, 4, 5, 6, 7};
    const int n_threads = omp_get_max_threads();
    omp_set_num_threads(1);
    const nf_null_summary expected = draw(table, 5, 4, 20, 5, 1.0);
    omp_set_num_threads(7);
    const nf_null_summary summary = draw(table, 5, 4, 20, 5, 1.0);
    omp_set_num_threads(n_threads);
    assert_true(summary.mean == expected.mean && summary.sd == expected.sd && summary.z == expected.z);
#else
    print_message("SKIP the number of threads: built without OpenMP\n");
#endif
}

static void nothing_to_shuffle_has_no_z(void **state)
{
    (void)state;
    const uint64_t same_bin[] = {4, 0, 9, 0};
    nf_null_summary summary = draw(same_bin, 2, 2, 20, 1, 0.0);
    assert_true(summary.mean == 0.0 && summary.sd == 0.0 && !summary.has_z);
    summary = draw(same_bin, 1, 2, 20, 1, 0.0);
    assert_true(summary.mean == 0.0 && !summary.has_z);
    summary = draw(same_bin, 0, 2, 20, 1, 0.0);
    assert_true(summary.mean == 0.0 && !summary.has_z);
    const uint64_t table[] = {1, 2, 3, 4};
    summary = draw(table, 2, 2, 0, 1, 0.5);
    assert_true(summary.n_permutations == 0 && summary.mean == 0.0 && summary.sd == 0.0 && !summary.has_z);
}

static void too_many_images_are_refused_before_memory_is_taken(void **state)
{
    (void)state;
    const uint64_t tables[][4] = {{NF_NULL_IMAGES_MAX, 0, 1, 0}, {1, UINT64_MAX, 1, 0}, {0, 1, UINT64_MAX, 5}};
    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++) {
        nf_null_summary summary;
        nf_error error = {0};
        assert_int_equal(nf_null_draw(tables[i], 2, 2, NF_LOG_E, 20, 1, 0.0, &summary, &error), NF_ERR_USAGE);
        assert_string_equal(error.message, "shuffled labels are for at most 134217728 images, and there are more");
    }
}

static void what_callers_must_not_pass_is_refused(void **state)
{
    (void)state;
    const uint64_t empty_class[] = {1, 2, 0, 0};
    nf_null_summary summary;
    nf_error error = {0};
    assert_int_equal(nf_null_draw(empty_class, 2, 2, NF_LOG_E, 20, 1, 0.0, &summary, &error), NF_ERR_INTERNAL);
    assert_string_equal(error.message, "class 1 has no images to shuffle labels among");
    assert_int_equal(nf_null_draw(empty_class, 1, 65537, NF_LOG_E, 20, 1, 0.0, &summary, &error), NF_ERR_INTERNAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_fixed_seed_gives_the_mean_of_an_independent_program),
        cmocka_unit_test(permutations_are_independent_of_each_other),
        cmocka_unit_test(both_margins_are_kept),
        cmocka_unit_test(draws_are_unbiased),
        cmocka_unit_test(separated_classes_stand_out),
        cmocka_unit_test(shuffled_classes_do_not_stand_out),
        cmocka_unit_test(the_number_of_threads_changes_no_bit),
        cmocka_unit_test(nothing_to_shuffle_has_no_z),
        cmocka_unit_test(too_many_images_are_refused_before_memory_is_taken),
        cmocka_unit_test(what_callers_must_not_pass_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
