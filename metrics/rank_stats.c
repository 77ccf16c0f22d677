#include "metrics/rank_stats.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "metrics/generator.h"

/* ---- ranks ---- */

typedef struct ranked {
    double value;
    size_t number;
} ranked;

static int compare_ranked(const void *a, const void *b)
{
    const ranked *x = a, *y = b;
    if (x->value != y->value)
        return x->value < y->value ? -1 : 1;
    return x->number < y->number ? -1 : x->number > y->number;
}

nf_status nf_double_ranks(const double *values, size_t n, int64_t *ranks, nf_error *error)
{
    ranked *sorted = calloc(n > 0 ? n : 1, sizeof *sorted);
    if (sorted == NULL)
        return nf_fail_nomem(error, "ranks");
    for (size_t i = 0; i < n; i++)
        sorted[i] = (ranked){values[i], i};
    qsort(sorted, n, sizeof *sorted, compare_ranked);
    for (size_t from = 0, to; from < n; from = to) {
        for (to = from + 1; to < n && sorted[to].value == sorted[from].value; to++)
            ;
        for (size_t i = from; i < to; i++)
            ranks[sorted[i].number] = (int64_t)(from + to + 1); /* 2 x the mean of from + 1 .. to */
    }
    free(sorted);
    return NF_OK;
}

/* Sum over groups of equal ranks of f = t^power - t, which is 0 for groups of one. Doubled ranks lie in 2 .. 2 n. */
static double tie_term(const int64_t *ranks, size_t n, int power, nf_status *status, nf_error *error)
{
    double sum = 0.0;
    uint32_t *counts = calloc(2 * n + 1, sizeof *counts);
    if (counts == NULL) {
        *status = nf_fail_nomem(error, "ranks");
        return 0.0;
    }
    for (size_t i = 0; i < n; i++)
        counts[ranks[i]]++;
    for (size_t r = 0; r <= 2 * n; r++)
        sum += pow((double)counts[r], power) - (double)counts[r];
    free(counts);
    return sum;
}

static void shuffle(int64_t *items, size_t n, nf_generator *g)
{
    for (size_t i = n; i > 1; i--) {
        const size_t j = (size_t)nf_random_below(g, i);
        const int64_t item = items[i - 1];
        items[i - 1] = items[j];
        items[j] = item;
    }
}

/* ---- correlation ---- */

typedef struct workspace {
    int64_t *x, *y;     /* (n,) doubled ranks; y is shuffled */
    size_t *order;      /* (n,) by x */
    uint32_t *tree;     /* (2 n + 2,) Fenwick's: how many of each y came before */
    size_t n;
} workspace;

/* sum x y - n (n + 1)^2: n times the covariance of the doubled ranks, whose mean is n + 1. */
static int64_t covariance(const workspace *w)
{
    int64_t sum = 0, mean = (int64_t)w->n + 1;
    for (size_t i = 0; i < w->n; i++)
        sum += (w->x[i] - mean) * (w->y[i] - mean);
    return sum;
}

static int64_t count_up_to(const uint32_t *tree, int64_t rank)
{
    int64_t count = 0;
    for (; rank > 0; rank -= rank & -rank)
        count += tree[rank];
    return count;
}

/* Concordant less discordant pairs. */
static int64_t concordance(workspace *w)
{
    int64_t sum = 0, top = 2 * (int64_t)w->n;
    memset(w->tree, 0, ((size_t)top + 2) * sizeof *w->tree);
    for (size_t from = 0, to; from < w->n; from = to) {
        int64_t x = w->x[w->order[from]];
        for (to = from; to < w->n && w->x[w->order[to]] == x; to++) {
            int64_t y = w->y[w->order[to]];
            sum += count_up_to(w->tree, y - 1) - ((int64_t)from - count_up_to(w->tree, y));
        }
        for (size_t i = from; i < to; i++)
            for (int64_t rank = w->y[w->order[i]]; rank <= top; rank += rank & -rank)
                w->tree[rank]++;
    }
    return sum;
}

static void order_by_x(workspace *w)
{
    memset(w->tree, 0, (2 * w->n + 2) * sizeof *w->tree);
    for (size_t i = 0; i < w->n; i++)
        w->tree[w->x[i]]++;
    for (size_t r = 1; r <= 2 * w->n; r++)
        w->tree[r] += w->tree[r - 1];
    for (size_t i = w->n; i-- > 0;)
        w->order[--w->tree[w->x[i]]] = i;
}

static void permute(workspace *w, unsigned permutations, uint64_t seed, int64_t rho, int64_t tau, nf_correlation *result)
{
    nf_generator g = nf_generator_of(seed);
    unsigned rho_as_far = 0, tau_as_far = 0;
    for (unsigned i = 0; i < permutations; i++) {
        shuffle(w->y, w->n, &g);
        rho_as_far += llabs(covariance(w)) >= llabs(rho);
        tau_as_far += llabs(concordance(w)) >= llabs(tau);
    }
    result->spearman_p = (1.0 + rho_as_far) / (1.0 + permutations);
    result->kendall_p = (1.0 + tau_as_far) / (1.0 + permutations);
}

/* rho = n cov / (n sd_x sd_y); tau-b = (C - D) / sqrt((pairs - ties_x) (pairs - ties_y)). */
static nf_status correlate_ranks(workspace *w, unsigned permutations, uint64_t seed, nf_correlation *result, nf_error *error)
{
    nf_status status = NF_OK;
    double n = (double)w->n, pairs2 = n * (n - 1.0), xx = 0.0, yy = 0.0;
    for (size_t i = 0; i < w->n; i++) {
        xx += ((double)w->x[i] - (n + 1.0)) * ((double)w->x[i] - (n + 1.0));
        yy += ((double)w->y[i] - (n + 1.0)) * ((double)w->y[i] - (n + 1.0));
    }
    double x_pairs2 = pairs2 - tie_term(w->x, w->n, 2, &status, error);
    double y_pairs2 = pairs2 - tie_term(w->y, w->n, 2, &status, error);
    if (status != NF_OK || xx == 0.0 || yy == 0.0)
        return status;
    order_by_x(w);
    int64_t rho = covariance(w), tau = concordance(w);
    result->spearman = (double)rho / sqrt(xx * yy);
    result->kendall = 2.0 * (double)tau / sqrt(x_pairs2 * y_pairs2);
    if (permutations > 0)
        permute(w, permutations, seed, rho, tau, result);
    return NF_OK;
}

nf_status nf_correlate(const double *x, const double *y, size_t n, unsigned permutations, uint64_t seed,
                       nf_correlation *result, nf_error *error)
{
    *result = (nf_correlation){n, NAN, NAN, NAN, NAN};
    if (n < 2 || n > NF_STATS_VALUES_MAX)
        return NF_OK;
    workspace w = {calloc(n, sizeof(int64_t)), calloc(n, sizeof(int64_t)), calloc(n, sizeof(size_t)),
                   calloc(2 * n + 2, sizeof(uint32_t)), n};
    nf_status status = w.x == NULL || w.y == NULL || w.order == NULL || w.tree == NULL ? nf_fail_nomem(error, "ranks") : NF_OK;
    if (status == NF_OK)
        status = nf_double_ranks(x, n, w.x, error);
    if (status == NF_OK)
        status = nf_double_ranks(y, n, w.y, error);
    if (status == NF_OK)
        status = correlate_ranks(&w, permutations, seed, result, error);
    free(w.x);
    free(w.y);
    free(w.order);
    free(w.tree);
    return status;
}

/* ---- Kruskal-Wallis ---- */

/* sum R_j^2 / n_j over the groups, of doubled ranks (so it is four times the usual). sums, sizes: (n_groups,) */
static double squared_sums(const int64_t *ranks, const uint32_t *groups, size_t n, double *sums, const double *sizes,
                           size_t n_groups)
{
    double total = 0.0;
    memset(sums, 0, n_groups * sizeof *sums);
    for (size_t i = 0; i < n; i++)
        sums[groups[i]] += (double)ranks[i];
    for (size_t j = 0; j < n_groups; j++)
        total += sums[j] * sums[j] / sizes[j];
    return total;
}

static nf_status kruskal(int64_t *ranks, const uint32_t *groups, size_t n, double *sums, double *sizes, size_t n_groups,
                         unsigned permutations, uint64_t seed, nf_kruskal *result, nf_error *error)
{
    nf_status status = NF_OK;
    double m = (double)n, ties = tie_term(ranks, n, 3, &status, error);
    double correction = 1.0 - ties / (m * m * m - m);
    if (status != NF_OK || correction <= 0.0)
        return status;
    for (size_t i = 0; i < n; i++)
        sizes[groups[i]]++;
    double total = squared_sums(ranks, groups, n, sums, sizes, n_groups);
    result->h = (12.0 / (m * (m + 1.0)) * total / 4.0 - 3.0 * (m + 1.0)) / correction;
    result->epsilon_squared = result->h / (m - 1.0);
    result->eta_squared = n > n_groups ? (result->h - (double)n_groups + 1.0) / (m - (double)n_groups) : NAN;
    nf_generator g = nf_generator_of(seed);
    unsigned as_far = 0;
    for (unsigned i = 0; i < permutations; i++) {
        shuffle(ranks, n, &g);
        as_far += squared_sums(ranks, groups, n, sums, sizes, n_groups) >= total * (1.0 - 1e-12);
    }
    if (permutations > 0)
        result->p = (1.0 + as_far) / (1.0 + permutations);
    return NF_OK;
}

nf_status nf_kruskal_wallis(const double *values, const uint32_t *groups, size_t n, size_t n_groups, unsigned permutations,
                            uint64_t seed, nf_kruskal *result, nf_error *error)
{
    *result = (nf_kruskal){n, n_groups, NAN, NAN, NAN, NAN};
    if (n_groups < 2 || n < 2 || n > NF_STATS_VALUES_MAX)
        return NF_OK;
    int64_t *ranks = calloc(n, sizeof *ranks);
    double *sums = calloc(n_groups, sizeof *sums), *sizes = calloc(n_groups, sizeof *sizes);
    nf_status status = ranks == NULL || sums == NULL || sizes == NULL ? nf_fail_nomem(error, "ranks") : NF_OK;
    if (status == NF_OK)
        status = nf_double_ranks(values, n, ranks, error);
    if (status == NF_OK)
        status = kruskal(ranks, groups, n, sums, sizes, n_groups, permutations, seed, result, error);
    free(ranks);
    free(sums);
    free(sizes);
    return status;
}
