/* Jensen-Shannon distances: closed forms, a long double reference, and the sum over pairs. */
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

#include "metrics/distance.h"

enum { BINS = 64 };
static const double ln_2 = 0.69314718055994530942;

static uint64_t next_random(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (*state ^ (*state >> 29)) * UINT64_C(0xbf58476d1ce4e5b9);
}

static void normalise(double *p, size_t n)
{
    double sum = 0.0;
    for (size_t i = 0; i < n; i++)
        sum += p[i];
    for (size_t i = 0; i < n; i++)
        p[i] /= sum;
}

/* About `kind` bins in 16 are 0; kind % 4 picks how small the others get, down to 2^-1000. */
static void random_distribution(uint64_t *seed, double *p, size_t n, unsigned kind)
{
    static const int ranges[] = {1, 4, 40, 1000};
    for (size_t i = 0; i < n; i++) {
        const double mantissa = 1.0 + (double)(next_random(seed) >> 12) * 0x1p-52;
        const int exponent = (int)((next_random(seed) >> 8) % (uint64_t)ranges[kind % 4]);
        p[i] = next_random(seed) % 16 < kind ? 0.0 : ldexp(mantissa, -exponent);
    }
    p[next_random(seed) % n] = 1.0;
    normalise(p, n);
}

static long double term(long double p, long double m)
{
    return p > 0.0L ? p * logl(p / m) : 0.0L;
}

/* The definition as it stands, with 11 more bits. */
static long double reference(const double *p, const double *q, size_t n)
{
    long double sum = 0.0L;
    for (size_t i = 0; i < n; i++) {
        const long double m = ((long double)p[i] + (long double)q[i]) / 2.0L;
        sum += (term(p[i], m) + term(q[i], m)) / 2.0L;
    }
    return sum;
}

static void identical_distributions_are_exactly_0_apart(void **state)
{
    (void)state;
    uint64_t seed = 1;
    for (unsigned i = 0; i < 400; i++) {
        double p[BINS];
        random_distribution(&seed, p, BINS, i % 16);
        assert_true(nf_js_divergence(p, p, BINS) == 0.0);
        assert_true(nf_js_distance(p, p, BINS, NF_LOG_2) == 0.0);
    }
}

static void disjoint_distributions_are_sqrt_ln_2_apart(void **state)
{
    (void)state;
    const double p[] = {0.5, 0.5, 0.0, 0.0}, q[] = {0.0, 0.0, 0.25, 0.75};
    assert_true(nf_js_divergence(p, q, 4) == ln_2);
    assert_true(fabs(nf_js_distance(p, q, 4, NF_LOG_E) - 0.832554611157697756) <= 1.2e-16);
    assert_true(nf_js_distance(p, q, 4, NF_LOG_2) == 1.0);
    uint64_t seed = 2;
    for (unsigned i = 0; i < 400; i++) { /* whose sums are not exactly 1 */
        double a[2 * BINS] = {0}, b[2 * BINS] = {0};
        random_distribution(&seed, a, BINS, i % 16);
        random_distribution(&seed, b + BINS, BINS, i % 16);
        const double divergence = nf_js_divergence(a, b, 2 * BINS);
        assert_true(divergence <= ln_2 && divergence >= ln_2 - 2e-15);
    }
}

static void any_pair_is_within_1e_15_of_the_definition_in_long_double(void **state)
{
    (void)state;
    uint64_t seed = 3;
    for (unsigned i = 0; i < 8000; i++) {
        double p[BINS], q[BINS];
        random_distribution(&seed, p, BINS, i % 16);
        random_distribution(&seed, q, BINS, i / 16 % 16);
        const long double expected = reference(p, q, BINS);
        assert_true(fabsl((long double)nf_js_divergence(p, q, BINS) - expected) <= 1e-15L);
    }
}

/* q = p + e p: D = sum of s/4 (t^2 + t^4/6 + ...), where the definition itself cancels and the series is the better reference. */
static void near_equal_pairs_keep_a_relative_accuracy(void **state)
{
    (void)state;
    uint64_t seed = 4;
    for (int i = 0; i < 4000; i++) {
        double p[BINS], q[BINS];
        random_distribution(&seed, p, BINS, 0);
        long double expected = 0.0L;
        const int shrink = 10 + i % 40;
        for (size_t bin = 0; bin < BINS; bin++) {
            q[bin] = p[bin] * (1.0 + ldexp((double)(next_random(&seed) >> 11) * 0x1p-53 - 0.5, -shrink));
            const long double s = (long double)p[bin] + (long double)q[bin];
            const long double t = ((long double)p[bin] - (long double)q[bin]) / s;
            expected += s / 4.0L * (t * t + t * t * t * t / 6.0L + t * t * t * t * t * t / 15.0L);
        }
        assert_true(fabsl((long double)nf_js_divergence(p, q, BINS) - expected) <= 1e-15L * expected);
    }
}

/* t just under and just over 1/4, where the series hands over to the logarithms. */
static void the_two_forms_meet(void **state)
{
    (void)state;
    double before = 0.0;
    for (int i = -50; i <= 50; i++) {
        const double t = 0.25 + i * 0x1p-40;
        const double p[] = {0.5 * (1.0 + t), 0.5 * (1.0 - t)}, q[] = {0.5 * (1.0 - t), 0.5 * (1.0 + t)};
        const double divergence = nf_js_divergence(p, q, 2);
        assert_true(fabsl((long double)divergence - reference(p, q, 2)) <= 1e-16L);
        assert_true(divergence > before);
        before = divergence;
    }
}

/* Python's decimal with 60 digits, of the doubles as they are:
 *     D({1,2,3,4,0,0,6,0}/16, {0,5,1,4,2,0,3,1}/16)   = 0.139677410006666812965888..., sqrt 0.373734411055052318908...
 *     D of 1/4 each and 1/4 + {1,-1,2,-2} 2^-30       = 4.336808689942017795713577709e-18
 *     D({1-2^-40, 2^-40, 0}, {1-2^-50, 0, 2^-50})     = 3.155146633178846108474016577894e-13
 * SciPy's jensenshannon of the first: 0.3737344110550523, in base 2 0.4489007760528296. */
static void known_values_are_reproduced(void **state)
{
    (void)state;
    const double p[] = {1.0 / 16, 2.0 / 16, 3.0 / 16, 4.0 / 16, 0, 0, 6.0 / 16, 0};
    const double q[] = {0, 5.0 / 16, 1.0 / 16, 4.0 / 16, 2.0 / 16, 0, 3.0 / 16, 1.0 / 16};
    assert_true(fabs(nf_js_divergence(p, q, 8) - 0.139677410006666812965888) <= 6e-17);
    assert_true(fabs(nf_js_distance(p, q, 8, NF_LOG_E) - 0.373734411055052318908) <= 1.2e-16);
    assert_true(fabs(nf_js_distance(p, q, 8, NF_LOG_2) - 0.4489007760528296) <= 1.2e-16);
    const double a[] = {0.25, 0.25, 0.25, 0.25};
    const double b[] = {0.25 + 0x1p-30, 0.25 - 0x1p-30, 0.25 + 0x1p-29, 0.25 - 0x1p-29};
    assert_true(fabs(nf_js_divergence(a, b, 4) / 4.336808689942017795713577709e-18 - 1.0) <= 3e-16);
    const double c[] = {1.0 - 0x1p-40, 0x1p-40, 0.0}, d[] = {1.0 - 0x1p-50, 0.0, 0x1p-50};
    assert_true(fabs(nf_js_divergence(c, d, 3) / 3.155146633178846108474016577894e-13 - 1.0) <= 3e-16);
}

static void denormal_probabilities_do_no_harm(void **state)
{
    (void)state;
    static const double tiny[] = {0.0, 4.9406564584124654e-324, 1e-310, 2.2250738585072014e-308, 1e-300};
    for (size_t i = 0; i < 5; i++)
        for (size_t j = 0; j < 5; j++) {
            const double p[] = {1.0, tiny[i]}, q[] = {1.0, tiny[j]};
            const double divergence = nf_js_divergence(p, q, 2);
            assert_true(divergence >= 0.0 && divergence <= 1e-300);
            const double r[] = {tiny[i], 1.0};
            assert_true(fabs(nf_js_divergence(r, q, 2) - ln_2) <= 2e-16);
        }
}

static void the_distance_is_symmetric_bit_for_bit(void **state)
{
    (void)state;
    uint64_t seed = 5;
    for (unsigned i = 0; i < 4000; i++) {
        double p[100], q[100]; /* more than a block, and not a multiple of it */
        random_distribution(&seed, p, 100, i % 16);
        random_distribution(&seed, q, 100, i / 16 % 16);
        const double there = nf_js_divergence(p, q, 100), back = nf_js_divergence(q, p, 100);
        assert_memory_equal(&there, &back, sizeof there);
    }
}

static void the_distance_obeys_the_triangle_inequality(void **state)
{
    (void)state;
    uint64_t seed = 6;
    for (unsigned i = 0; i < 4000; i++) {
        double p[BINS], q[BINS], r[BINS];
        random_distribution(&seed, p, BINS, i % 16);
        random_distribution(&seed, q, BINS, i / 16 % 16);
        for (size_t bin = 0; bin < BINS; bin++) /* between the two, or beyond them */
            r[bin] = i % 2 == 0 ? (p[bin] + q[bin]) / 2 : p[BINS - 1 - bin];
        const double pq = nf_js_distance(p, q, BINS, NF_LOG_E);
        const double pr = nf_js_distance(p, r, BINS, NF_LOG_E), rq = nf_js_distance(r, q, BINS, NF_LOG_E);
        assert_true(pq <= pr + rq + 1e-15);
        assert_true(pr <= pq + rq + 1e-15);
    }
}

static void bins_that_both_lack_change_nothing(void **state)
{
    (void)state;
    uint64_t seed = 7;
    for (unsigned i = 0; i < 200; i++) {
        double p[BINS], q[BINS], p_wide[256] = {0}, q_wide[256] = {0};
        random_distribution(&seed, p, BINS, i % 16);
        random_distribution(&seed, q, BINS, i / 16 % 16);
        memcpy(p_wide + BINS, p, sizeof p);
        memcpy(q_wide + BINS, q, sizeof q);
        assert_true(nf_js_divergence(p, q, BINS) == nf_js_divergence(p_wide, q_wide, 256));
    }
}

static void the_summary_is_that_of_the_pairs(void **state)
{
    (void)state;
    enum { CLASSES = 37 };
    static double distributions[CLASSES * BINS], row[CLASSES];
    uint64_t seed = 8;
    for (size_t c = 0; c < CLASSES; c++)
        random_distribution(&seed, distributions + c * BINS, BINS, 3);
    memcpy(distributions + 5 * BINS, distributions + 20 * BINS, BINS * sizeof(double)); /* two equal ones */
    nf_distance_summary summary;
    assert_int_equal(nf_distance_summarise(distributions, CLASSES, BINS, NF_LOG_2, &summary, NULL), NF_OK);
    long double sum = 0.0L;
    for (size_t a = 0; a < CLASSES; a++) {
        nf_distance_row(distributions, CLASSES, BINS, NF_LOG_2, a, row);
        assert_true(row[a] == 0.0);
        for (size_t b = a + 1; b < CLASSES; b++) {
            sum += (long double)row[b];
            assert_true(row[b] >= summary.min_value && row[b] <= summary.max_value);
        }
    }
    assert_int_equal(summary.n_classes, CLASSES);
    assert_int_equal(summary.n_pairs, CLASSES * (CLASSES - 1) / 2);
    assert_true(fabsl((long double)summary.sum - sum) <= 1e-14L * sum);
    assert_true(summary.mean == summary.sum / (double)summary.n_pairs);
    assert_true(summary.min_value == 0.0 && summary.min_a == 5 && summary.min_b == 20);
    nf_distance_row(distributions, CLASSES, BINS, NF_LOG_2, summary.max_a, row);
    assert_true(row[summary.max_b] == summary.max_value);
}

static void the_first_of_equal_pairs_is_named(void **state)
{
    (void)state;
    const double distributions[] = {1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1};
    nf_distance_summary summary;
    assert_int_equal(nf_distance_summarise(distributions, 4, 4, NF_LOG_2, &summary, NULL), NF_OK);
    assert_true(summary.sum == 6.0 && summary.mean == 1.0);
    assert_true(summary.min_a == 0 && summary.min_b == 1 && summary.max_a == 0 && summary.max_b == 1);
}

static void fewer_than_two_classes_have_no_pairs(void **state)
{
    (void)state;
    const double one[] = {0.5, 0.5};
    for (size_t n = 0; n < 2; n++) {
        nf_distance_summary summary;
        const nf_distance_summary nothing = {.n_classes = n};
        assert_int_equal(nf_distance_summarise(one, n, 2, NF_LOG_E, &summary, NULL), NF_OK);
        assert_memory_equal(&summary, &nothing, sizeof summary);
    }
}

static void the_number_of_threads_changes_no_bit(void **state)
{
    (void)state;
#ifdef _OPENMP
    enum { CLASSES = 60 };
    static double distributions[CLASSES * BINS];
    uint64_t seed = 9;
    for (size_t c = 0; c < CLASSES; c++)
        random_distribution(&seed, distributions + c * BINS, BINS, 3);
    nf_distance_summary expected, summary;
    const int n_threads = omp_get_max_threads();
    omp_set_num_threads(1);
    assert_int_equal(nf_distance_summarise(distributions, CLASSES, BINS, NF_LOG_E, &expected, NULL), NF_OK);
    for (int threads = 2; threads <= 7; threads += 5) {
        omp_set_num_threads(threads);
        assert_int_equal(nf_distance_summarise(distributions, CLASSES, BINS, NF_LOG_E, &summary, NULL), NF_OK);
        assert_memory_equal(&summary, &expected, sizeof summary);
    }
    omp_set_num_threads(n_threads);
#else
    print_message("SKIP the number of threads: built without OpenMP\n");
#endif
}

static void a_complexity_is_the_logarithm_of_a_positive_sum(void **state)
{
    (void)state;
    double value = 7.0;
    assert_false(nf_complexity_of_sum(0.0, NF_LOG_E, &value));
    assert_false(nf_complexity_of_sum(-1.0, NF_LOG_E, &value));
    assert_false(nf_complexity_of_sum((double)NAN, NF_LOG_E, &value));
    assert_true(value == 7.0);
    assert_true(nf_complexity_of_sum(1.0, NF_LOG_E, &value) && value == 0.0);
    assert_true(nf_complexity_of_sum(1024.0, NF_LOG_2, &value) && value == 10.0);
    assert_true(nf_complexity_of_sum(1000.0, NF_LOG_10, &value) && fabs(value - 3.0) <= 1e-15);
    assert_true(nf_complexity_of_sum(0.5, NF_LOG_E, &value) && fabs(value + ln_2) <= 1e-15);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(identical_distributions_are_exactly_0_apart),
        cmocka_unit_test(disjoint_distributions_are_sqrt_ln_2_apart),
        cmocka_unit_test(any_pair_is_within_1e_15_of_the_definition_in_long_double),
        cmocka_unit_test(near_equal_pairs_keep_a_relative_accuracy),
        cmocka_unit_test(the_two_forms_meet),
        cmocka_unit_test(known_values_are_reproduced),
        cmocka_unit_test(denormal_probabilities_do_no_harm),
        cmocka_unit_test(the_distance_is_symmetric_bit_for_bit),
        cmocka_unit_test(the_distance_obeys_the_triangle_inequality),
        cmocka_unit_test(bins_that_both_lack_change_nothing),
        cmocka_unit_test(the_summary_is_that_of_the_pairs),
        cmocka_unit_test(the_first_of_equal_pairs_is_named),
        cmocka_unit_test(fewer_than_two_classes_have_no_pairs),
        cmocka_unit_test(the_number_of_threads_changes_no_bit),
        cmocka_unit_test(a_complexity_is_the_logarithm_of_a_positive_sum),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
