/* Rank statistics against SciPy 1.10 (spearmanr, kendalltau, kruskal) and against their definitions. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "metrics/generator.h"
#include "metrics/rank_stats.h"

static void assert_near(double a, double b)
{
    assert_true(fabs(a - b) <= 1e-12);
}

static nf_correlation correlate(const double *x, const double *y, size_t n)
{
    nf_correlation result;
    assert_int_equal(nf_correlate(x, y, n, NF_STATS_PERMUTATIONS, NF_STATS_SEED, &result, NULL), NF_OK);
    return result;
}

static void correlations_are_scipys(void **state)
{
    (void)state;
    const double x[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, y[] = {2, 1, 4, 3, 7, 8, 5, 6, 10, 9};
    nf_correlation result = correlate(x, y, 10);
    assert_near(result.spearman, 0.8666666666666665);
    assert_near(result.kendall, 0.6888888888888888);
}

static void ties_are_scipys_too(void **state)
{
    (void)state;
    const double x[] = {1.5, 1.5, 2, 3, 3, 3, 7, 8}, y[] = {2, 2, 2, 5, 4, 4, 9, 1};
    nf_correlation result = correlate(x, y, 8);
    assert_near(result.spearman, 0.2531645569620254);
    assert_near(result.kendall, 0.3333333333333334);
}

static double literal_tau(const double *x, const double *y, size_t n)
{
    double sum = 0, x_pairs = 0, y_pairs = 0;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < i; j++) {
            double a = (x[i] > x[j]) - (x[i] < x[j]), b = (y[i] > y[j]) - (y[i] < y[j]);
            sum += a * b;
            x_pairs += a * a;
            y_pairs += b * b;
        }
    return sum / sqrt(x_pairs * y_pairs);
}

static void kendall_is_its_definition(void **state)
{
    (void)state;
    nf_generator g = nf_generator_of(5);
    for (int round = 0; round < 20; round++) {
        double x[40], y[40];
        nf_correlation result;
        for (size_t i = 0; i < 40; i++) {
            x[i] = (double)nf_random_below(&g, 12);
            y[i] = x[i] + (double)nf_random_below(&g, 15);
        }
        assert_int_equal(nf_correlate(x, y, 40, 0, 1, &result, NULL), NF_OK);
        assert_near(result.kendall, literal_tau(x, y, 40));
        assert_true(isnan(result.spearman_p) && isnan(result.kendall_p));
    }
}

static void p_values_tell_order_from_chance(void **state)
{
    (void)state;
    double x[50], y[50], noise[50];
    nf_generator g = nf_generator_of(11);
    for (size_t i = 0; i < 50; i++) {
        x[i] = (double)i;
        y[i] = -(double)(i * i);
        noise[i] = (double)nf_random_below(&g, 1000000);
    }
    nf_correlation ordered = correlate(x, y, 50), random = correlate(x, noise, 50);
    assert_near(ordered.spearman, -1.0);
    assert_near(ordered.kendall, -1.0);
    assert_true(ordered.spearman_p == 0.001 && ordered.kendall_p == 0.001); /* 1 / (1 + 999) */
    assert_true(random.spearman_p > 0.02 && random.kendall_p > 0.02);
    nf_correlation again = correlate(x, noise, 50);
    assert_true(again.spearman_p == random.spearman_p && again.kendall_p == random.kendall_p);
}

static void what_has_no_order_has_no_correlation(void **state)
{
    (void)state;
    const double x[] = {1, 2, 3}, flat[] = {4, 4, 4};
    nf_correlation result = correlate(x, flat, 3);
    assert_true(isnan(result.spearman) && isnan(result.kendall) && isnan(result.spearman_p));
    result = correlate(x, x, 1);
    assert_true(isnan(result.spearman));
}

static void kruskal_wallis_is_scipys(void **state)
{
    (void)state;
    const double values[] = {6.4, 6.8, 7.2, 8.3, 8.4, 9.1, 9.4, 9.7, 2.5, 3.7, 4.9, 5.4, 5.9, 8.1, 8.2, 1.3, 4.1, 4.9, 5.2,
                             5.5, 8.2};
    const uint32_t groups[] = {0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2};
    nf_kruskal result;
    assert_int_equal(nf_kruskal_wallis(values, groups, 21, 3, 999, 1, &result, NULL), NF_OK);
    assert_near(result.h, 9.849061861415572);
    assert_near(result.epsilon_squared, 9.849061861415572 / 20.0);
    assert_near(result.eta_squared, (9.849061861415572 - 2.0) / 18.0);
    assert_true(result.p > 0.0 && result.p < 0.02); /* chi-squared says 0.0073 */
}

static void kruskal_wallis_needs_groups_and_differences(void **state)
{
    (void)state;
    const double flat[] = {1, 1, 1, 1}, values[] = {1, 2, 3, 4};
    const uint32_t two[] = {0, 0, 1, 1}, one[] = {0, 0, 0, 0};
    nf_kruskal result;
    assert_int_equal(nf_kruskal_wallis(flat, two, 4, 2, 99, 1, &result, NULL), NF_OK);
    assert_true(isnan(result.h) && isnan(result.p));
    assert_int_equal(nf_kruskal_wallis(values, one, 4, 1, 99, 1, &result, NULL), NF_OK);
    assert_true(isnan(result.h));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(correlations_are_scipys),
        cmocka_unit_test(ties_are_scipys_too),
        cmocka_unit_test(kendall_is_its_definition),
        cmocka_unit_test(p_values_tell_order_from_chance),
        cmocka_unit_test(what_has_no_order_has_no_correlation),
        cmocka_unit_test(kruskal_wallis_is_scipys),
        cmocka_unit_test(kruskal_wallis_needs_groups_and_differences),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
