/* Average linkage: SciPy's answers, and a clustering that does it the slow way; the order of the leaves. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "metrics/cluster.h"
#include "metrics/generator.h"

enum { N_MAX = 60 };

static double *at(double *distances, size_t n, size_t i, size_t j)
{
    return &distances[i < j ? nf_pair_index(n, i, j) : nf_pair_index(n, j, i)];
}

static void pairs_stand_row_by_row(void **state)
{
    (void)state;
    size_t expected = 0;
    for (size_t i = 0; i < 9; i++)
        for (size_t j = i + 1; j < 9; j++)
            assert_int_equal(nf_pair_index(9, i, j), expected++);
    assert_int_equal(expected, 36);
}

/* scipy.cluster.hierarchy.linkage([2, 6, 10, 9, 5, 9, 8, 4, 5, 3], "average") */
static void five_things_cluster_as_scipy_says(void **state)
{
    (void)state;
    double distances[10] = {2, 6, 10, 9, 5, 9, 8, 4, 5, 3};
    const nf_cluster_merge expected[4] = {{0, 1, 2.0}, {3, 4, 3.0}, {2, 6, 4.5}, {5, 7, 47.0 / 6.0}};
    nf_cluster_merge merges[4];
    assert_int_equal(nf_cluster_average(distances, 5, merges, NULL), NF_OK);
    for (size_t k = 0; k < 4; k++) {
        assert_int_equal(merges[k].a, expected[k].a);
        assert_int_equal(merges[k].b, expected[k].b);
        assert_true(fabs(merges[k].height - expected[k].height) < 1e-12);
    }
}

static void random_distances(double *distances, size_t n, uint64_t seed)
{
    nf_generator generator = nf_generator_of(seed);
    for (size_t i = 0; i < n * (n - 1) / 2; i++)
        distances[i] = 0.1 + (double)nf_random_below(&generator, 1000003) / 1000003.0;
}

/* The heights of the slow way: of all clusters, the two with the smallest mean distance of their things, again and again. */
static void slow_heights(double *distances, size_t n, double *heights)
{
    bool in[N_MAX][N_MAX] = {{false}}; /* [cluster][thing] */
    bool alive[N_MAX];
    for (size_t i = 0; i < n; i++)
        in[i][i] = alive[i] = true;
    for (size_t k = 0; k + 1 < n; k++) {
        size_t best_a = 0, best_b = 0;
        double least = INFINITY;
        for (size_t a = 0; a < n; a++)
            for (size_t b = a + 1; b < n; b++) {
                double sum = 0.0, pairs = 0.0;
                for (size_t i = 0; i < n; i++)
                    for (size_t j = 0; j < n; j++)
                        if (alive[a] && alive[b] && in[a][i] && in[b][j]) {
                            sum += *at(distances, n, i, j);
                            pairs += 1.0;
                        }
                if (pairs > 0.0 && sum / pairs < least) {
                    least = sum / pairs;
                    best_a = a;
                    best_b = b;
                }
            }
        heights[k] = least;
        alive[best_b] = false;
        for (size_t i = 0; i < n; i++)
            in[best_a][i] = in[best_a][i] || in[best_b][i];
    }
}

static void the_chain_joins_what_the_slow_way_joins(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 12; seed++) {
        size_t n = 2 + (size_t)seed * 2;
        double distances[N_MAX * N_MAX], copy[N_MAX * N_MAX], heights[N_MAX];
        nf_cluster_merge merges[N_MAX];
        random_distances(distances, n, seed);
        memcpy(copy, distances, sizeof copy);
        slow_heights(distances, n, heights);
        assert_int_equal(nf_cluster_average(copy, n, merges, NULL), NF_OK);
        for (size_t k = 0; k + 1 < n; k++) {
            assert_true(fabs(merges[k].height - heights[k]) < 1e-12);
            assert_true(merges[k].a < merges[k].b && merges[k].b < n + k);
        }
    }
}

static void an_order_has_each_thing_once(void **state)
{
    (void)state;
    for (size_t n = 0; n <= 40; n += n < 4 ? 1 : 9) {
        double distances[N_MAX * N_MAX], copy[N_MAX * N_MAX];
        nf_cluster_merge merges[N_MAX];
        uint32_t order[N_MAX], seen[N_MAX] = {0};
        random_distances(distances, n > 0 ? n : 1, n + 1);
        memcpy(copy, distances, sizeof copy);
        assert_int_equal(nf_cluster_average(copy, n, merges, NULL), NF_OK);
        assert_int_equal(nf_cluster_order(merges, distances, n, order, NULL), NF_OK);
        for (size_t i = 0; i < n; i++)
            seen[order[i]]++;
        for (size_t i = 0; i < n; i++)
            assert_int_equal(seen[i], 1);
    }
}

/* Things on a line, shuffled: the order is the line, from one end or the other. */
static void things_on_a_line_are_put_in_line(void **state)
{
    (void)state;
    enum { N = 32 };
    double places[N], distances[N * N], copy[N * N];
    nf_cluster_merge merges[N];
    uint32_t order[N];
    for (size_t i = 0; i < N; i++)
        places[i] = (double)((i * 13) % N);
    for (size_t i = 0; i < N; i++)
        for (size_t j = i + 1; j < N; j++)
            *at(distances, N, i, j) = fabs(places[i] - places[j]);
    memcpy(copy, distances, sizeof copy);
    assert_int_equal(nf_cluster_average(copy, N, merges, NULL), NF_OK);
    assert_int_equal(nf_cluster_order(merges, distances, N, order, NULL), NF_OK);
    double step = places[order[1]] - places[order[0]];
    assert_true(fabs(step) == 1.0);
    for (size_t i = 1; i < N; i++)
        assert_true(places[order[i]] - places[order[i - 1]] == step);
}

static void equal_distances_are_no_trouble(void **state)
{
    (void)state;
    double distances[N_MAX * N_MAX], copy[N_MAX * N_MAX];
    nf_cluster_merge merges[N_MAX];
    uint32_t order[N_MAX];
    for (size_t i = 0; i < N_MAX * N_MAX; i++)
        distances[i] = copy[i] = 0.25;
    assert_int_equal(nf_cluster_average(copy, N_MAX, merges, NULL), NF_OK);
    for (size_t k = 0; k + 1 < N_MAX; k++)
        assert_true(merges[k].height == 0.25);
    assert_int_equal(nf_cluster_order(merges, distances, N_MAX, order, NULL), NF_OK);
}

static void too_many_are_refused(void **state)
{
    (void)state;
    nf_error error = {0};
    assert_int_equal(nf_cluster_average(NULL, NF_CLUSTER_MAX + 1, NULL, &error), NF_ERR_USAGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pairs_stand_row_by_row),
        cmocka_unit_test(five_things_cluster_as_scipy_says),
        cmocka_unit_test(the_chain_joins_what_the_slow_way_joins),
        cmocka_unit_test(an_order_has_each_thing_once),
        cmocka_unit_test(things_on_a_line_are_put_in_line),
        cmocka_unit_test(equal_distances_are_no_trouble),
        cmocka_unit_test(too_many_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
