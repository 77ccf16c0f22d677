/* The sums behind Jensen-Shannon divergences: every instruction set against plain C, bit for bit, and the logarithm against long
 * double. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "metrics/divergence.h"

enum { BINS_MAX = 600 };

static uint64_t next_random(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (*state ^ (*state >> 29)) * UINT64_C(0xbf58476d1ce4e5b9);
}

/* 2^-1022 .. 2^200, uniform in its bits. */
static double random_positive(uint64_t *seed)
{
    const uint64_t exponent = 1 + next_random(seed) % 1222;
    const uint64_t bits = exponent << 52 | next_random(seed) >> 12;
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

static double error_in_ulp(double x)
{
    const double ours = nf_ln(x);
    const long double exact = logl((long double)x);
    const double ulp = nextafter(fabs(ours), INFINITY) - fabs(ours);
    return (double)(fabsl((long double)ours - exact) / (long double)ulp);
}

static void the_logarithm_is_within_its_stated_error(void **state)
{
    (void)state;
    uint64_t seed = 1;
    for (int i = 0; i < 1000000; i++)
        assert_true(error_in_ulp(random_positive(&seed)) < 0.9);
    for (int i = 0; i < 1000000; i++) { /* around 1 and around the seams at sqrt(1/2) and sqrt(2), where it is hardest */
        static const double centres[] = {1.0, 0.70710678118654752, 1.41421356237309505};
        const double offset = ((double)(next_random(&seed) >> 11) * 0x1p-53 - 0.5) * ldexp(1.0, -(i % 48));
        const double x = centres[i % 3] * (1.0 + offset);
        assert_true(x == 1.0 ? nf_ln(x) == 0.0 : error_in_ulp(x) < 0.9);
    }
}

static void fill(uint64_t *seed, double *p, unsigned kind)
{
    for (size_t i = 0; i < BINS_MAX; i++) {
        const double x = ldexp(1.0 + (double)(next_random(seed) >> 12) * 0x1p-52, -(int)(next_random(seed) % (1 + kind * kind)) - 1);
        p[i] = next_random(seed) % 8 < kind % 4 ? 0.0 : x;
    }
}

static void every_instruction_set_gives_the_same_bits(void **state)
{
    (void)state;
    uint64_t seed = 2;
    static double p[BINS_MAX], q[BINS_MAX];
    const nf_divergence_kernel *plain = nf_divergence_cpu_nth(0);
    assert_string_equal(plain->name, "plain");
    for (unsigned round = 0; round < 4000; round++) {
        fill(&seed, p, round % 30);
        fill(&seed, q, round / 30 % 30);
        const size_t n = round < 200 ? round : next_random(&seed) % BINS_MAX;
        bool expected_overlap;
        const nf_double_sum expected = plain->sum_mean(p, q, n, &expected_overlap);
        for (size_t i = 1; nf_divergence_cpu_nth(i) != NULL; i++) {
            bool overlap;
            const nf_double_sum sum = nf_divergence_cpu_nth(i)->sum_mean(p, q, n, &overlap);
            assert_memory_equal(&sum, &expected, sizeof sum);
            assert_int_equal(overlap, expected_overlap);
        }
    }
    for (size_t i = 0; nf_divergence_cpu_nth(i) != NULL; i++)
        print_message("held: %s\n", nf_divergence_cpu_nth(i)->name);
}

static void the_sum_is_that_of_the_terms(void **state)
{
    (void)state;
    uint64_t seed = 3;
    static double p[BINS_MAX], q[BINS_MAX];
    for (unsigned round = 0; round < 2000; round++) {
        fill(&seed, p, round % 30);
        fill(&seed, q, round / 30 % 30);
        long double exact = 0.0L, size = 0.0L;
        bool overlap, expected_overlap = false;
        for (size_t i = 0; i < BINS_MAX; i++) {
            const long double m = ((long double)p[i] + (long double)q[i]) / 2.0L;
            const long double term = m > 0.0L ? m * logl(m) : 0.0L;
            exact += term;
            size += fabsl(term);
            expected_overlap = expected_overlap || (p[i] > 0.0 && q[i] > 0.0);
        }
        const nf_double_sum sum = nf_divergence_cpu()->sum_mean(p, q, BINS_MAX, &overlap);
        assert_true(fabsl((long double)sum.high + (long double)sum.low - exact) <= 0x1p-52L * size);
        assert_int_equal(overlap, expected_overlap);
    }
}

static void a_common_bin_is_seen_wherever_it_is(void **state)
{
    (void)state;
    for (size_t n = 1; n < 200; n++)
        for (size_t at = 0; at < n; at++) {
            static double p[200], q[200];
            memset(p, 0, sizeof p);
            memset(q, 0, sizeof q);
            p[at] = 1.0;
            q[(at + 1) % n] = 1.0;
            for (size_t i = 0; nf_divergence_cpu_nth(i) != NULL; i++) {
                bool overlap;
                nf_divergence_cpu_nth(i)->sum_mean(p, q, n, &overlap);
                assert_int_equal(overlap, n == 1);
                nf_divergence_cpu_nth(i)->sum_mean(p, p, n, &overlap);
                assert_true(overlap);
            }
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_logarithm_is_within_its_stated_error),
        cmocka_unit_test(every_instruction_set_gives_the_same_bits),
        cmocka_unit_test(the_sum_is_that_of_the_terms),
        cmocka_unit_test(a_common_bin_is_seen_wherever_it_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
