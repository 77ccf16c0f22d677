/* Frontier and rank intervals, held against their definitions taken literally. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "metrics/frontier.h"
#include "metrics/generator.h"
#include "metrics/stability.h"

enum { N = 60 };

/* Few different values, so that ties abound. */
static double draw(nf_generator *g)
{
    return (double)nf_random_below(g, 9);
}

static bool dominated(const double *gains, const double *costs, size_t i)
{
    for (size_t j = 0; j < N; j++)
        if (gains[j] >= gains[i] && costs[j] <= costs[i] && (gains[j] > gains[i] || costs[j] < costs[i]))
            return true;
    return false;
}

static void the_frontier_is_what_nothing_dominates(void **state)
{
    (void)state;
    nf_generator g = nf_generator_of(7);
    for (int round = 0; round < 50; round++) {
        double gains[N], costs[N];
        bool on[N];
        size_t order[N], n;
        for (size_t i = 0; i < N; i++) {
            gains[i] = nf_random_below(&g, 12) == 0 ? NAN : draw(&g);
            costs[i] = nf_random_below(&g, 12) == 0 ? NAN : draw(&g);
        }
        assert_int_equal(nf_frontier(gains, costs, N, on, order, &n, NULL), NF_OK);
        size_t counted = 0;
        for (size_t i = 0; i < N; i++) {
            bool known = !isnan(gains[i]) && !isnan(costs[i]);
            assert_int_equal(on[i], known && !dominated(gains, costs, i));
            counted += on[i];
        }
        assert_int_equal(counted, n);
        for (size_t k = 1; k < n; k++)
            assert_true(costs[order[k - 1]] <= costs[order[k]] && gains[order[k - 1]] <= gains[order[k]]);
    }
}

static void an_empty_frontier_is_fine(void **state)
{
    (void)state;
    size_t n = 9;
    assert_int_equal(nf_frontier(NULL, NULL, 0, NULL, NULL, &n, NULL), NF_OK);
    assert_int_equal(n, 0);
}

static void marginal_return_is_per_doubling(void **state)
{
    (void)state;
    assert_true(nf_marginal_return(70.0, 1.0, 73.0, 8.0) == 1.0);
    assert_true(nf_marginal_return(70.0, 4.0, 72.0, 8.0) == 2.0);
    assert_true(isnan(nf_marginal_return(70.0, 4.0, 72.0, 4.0)));
    assert_true(isnan(nf_marginal_return(70.0, 0.0, 72.0, 4.0)));
}

static void intervals_are_counted_pair_by_pair(void **state)
{
    (void)state;
    nf_generator g = nf_generator_of(3);
    for (int round = 0; round < 50; round++) {
        double low[N], high[N];
        size_t min[N], max[N];
        for (size_t i = 0; i < N; i++) {
            low[i] = draw(&g);
            high[i] = low[i] + (double)nf_random_below(&g, 3);
        }
        assert_int_equal(nf_rank_intervals(low, high, N, min, max, NULL), NF_OK);
        for (size_t i = 0; i < N; i++) {
            size_t surely = 0, maybe = 0;
            for (size_t j = 0; j < N; j++) {
                surely += low[j] > high[i];
                maybe += j != i && high[j] > low[i];
            }
            assert_int_equal(min[i], 1 + surely);
            assert_int_equal(max[i], 1 + maybe);
        }
    }
}

static void without_doubt_the_interval_is_the_rank(void **state)
{
    (void)state;
    const double values[] = {3.0, 1.0, 2.0, 3.0};
    size_t min[4], max[4];
    assert_int_equal(nf_rank_intervals(values, values, 4, min, max, NULL), NF_OK);
    const size_t ranks[] = {1, 4, 3, 1};
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(min[i], ranks[i]);
        assert_int_equal(max[i], ranks[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_frontier_is_what_nothing_dominates),
        cmocka_unit_test(an_empty_frontier_is_fine),
        cmocka_unit_test(marginal_return_is_per_doubling),
        cmocka_unit_test(intervals_are_counted_pair_by_pair),
        cmocka_unit_test(without_doubt_the_interval_is_the_rank),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
