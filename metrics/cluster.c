#include "metrics/cluster.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

static double *pair(double *distances, size_t n, size_t i, size_t j)
{
    return &distances[i < j ? nf_pair_index(n, i, j) : nf_pair_index(n, j, i)];
}

/* ---- the nearest-neighbour chain (Murtagh 1983) ---- */

typedef struct clustering {
    double *distances;
    size_t n;
    uint32_t *sizes; /* (n,) of the cluster that stands for this thing; 0: joined into another */
    uint32_t *chain; /* (n,) each one's nearest is the next */
    size_t n_chain;
} clustering;

/* The nearest of x, `last` when it is as near as any. */
static uint32_t nearest(const clustering *c, uint32_t x, uint32_t last)
{
    uint32_t best = last;
    double least = last == UINT32_MAX ? INFINITY : *pair(c->distances, c->n, x, last);
    for (uint32_t i = 0; i < c->n; i++) {
        if (i == x || c->sizes[i] == 0)
            continue;
        double distance = *pair(c->distances, c->n, x, i);
        if (distance < least || best == UINT32_MAX) {
            least = distance;
            best = i;
        }
    }
    return best;
}

/* d(a + b, i) = (|a| d(a, i) + |b| d(b, i)) / (|a| + |b|); b stands for both from now on. */
static void join(clustering *c, uint32_t a, uint32_t b)
{
    double size_a = c->sizes[a], size_b = c->sizes[b];
    for (uint32_t i = 0; i < c->n; i++)
        if (i != a && i != b && c->sizes[i] > 0) {
            double *to_b = pair(c->distances, c->n, b, i);
            *to_b = (size_a * *pair(c->distances, c->n, a, i) + size_b * *to_b) / (size_a + size_b);
        }
    c->sizes[b] += c->sizes[a];
    c->sizes[a] = 0;
}

/* Follows the chain to two that are each other's nearest, and joins these. */
static nf_cluster_merge join_next(clustering *c)
{
    if (c->n_chain == 0)
        for (uint32_t i = 0; c->n_chain == 0; i++)
            if (c->sizes[i] > 0)
                c->chain[c->n_chain++] = i;
    for (;;) {
        uint32_t x = c->chain[c->n_chain - 1], last = c->n_chain > 1 ? c->chain[c->n_chain - 2] : UINT32_MAX;
        uint32_t y = nearest(c, x, last);
        if (y != last) {
            c->chain[c->n_chain++] = y;
            continue;
        }
        nf_cluster_merge merge = {x < y ? x : y, x < y ? y : x, *pair(c->distances, c->n, x, y)};
        c->n_chain -= 2;
        join(c, merge.a, merge.b);
        return merge;
    }
}

static int compare_heights(const void *a, const void *b)
{
    const nf_cluster_merge *x = a, *y = b;
    if (x->height != y->height)
        return x->height < y->height ? -1 : 1;
    return x->b != y->b ? (x->b < y->b ? -1 : 1) : x->a < y->a ? -1 : x->a > y->a;
}

static uint32_t root_of(uint32_t *parents, uint32_t i)
{
    while (parents[i] != i) {
        parents[i] = parents[parents[i]];
        i = parents[i];
    }
    return i;
}

/* The chain names a cluster by one of its things; now that merges are sorted, by what made it. roots (2n,) is room. */
static void name_clusters(nf_cluster_merge *merges, size_t n, uint32_t *roots)
{
    for (uint32_t i = 0; i < 2 * n; i++)
        roots[i] = i;
    for (uint32_t k = 0; k + 1 < n; k++) {
        uint32_t a = root_of(roots, merges[k].a), b = root_of(roots, merges[k].b);
        merges[k].a = a < b ? a : b;
        merges[k].b = a < b ? b : a;
        roots[a] = roots[b] = (uint32_t)n + k;
    }
}

nf_status nf_cluster_average(double *distances, size_t n, nf_cluster_merge *merges, nf_error *error)
{
    if (n < 2 || n > NF_CLUSTER_MAX)
        return n < 2 ? NF_OK : nf_fail(error, NF_ERR_USAGE, "%zu things are too many to cluster", n);
    clustering c = {distances, n, calloc(n, sizeof(uint32_t)), calloc(n, sizeof(uint32_t)), 0};
    uint32_t *roots = calloc(2 * n, sizeof *roots);
    nf_status status = c.sizes == NULL || c.chain == NULL || roots == NULL ? nf_fail_nomem(error, "clusters") : NF_OK;
    for (size_t i = 0; i < n && status == NF_OK; i++)
        c.sizes[i] = 1;
    for (size_t k = 0; k + 1 < n && status == NF_OK; k++)
        merges[k] = join_next(&c);
    if (status == NF_OK) {
        qsort(merges, n - 1, sizeof *merges, compare_heights);
        name_clusters(merges, n, roots);
    }
    free(c.sizes);
    free(c.chain);
    free(roots);
    return status;
}

/* ---- leaves ---- */

/* A cluster's things from left to right, as a run of order. */
typedef struct run {
    uint32_t first, n;
} run;

static void reverse(uint32_t *items, size_t n)
{
    for (size_t i = 0; i < n / 2; i++) {
        uint32_t item = items[i];
        items[i] = items[n - 1 - i];
        items[n - 1 - i] = item;
    }
}

static double end_distance(const double *distances, size_t n, uint32_t x, uint32_t y)
{
    return distances[x < y ? nf_pair_index(n, x, y) : nf_pair_index(n, y, x)];
}

/* Turns the two runs left (n_left,) and right (n_right,) such that the nearest of their ends meet. */
static void turn(const double *distances, size_t n, uint32_t *left, size_t n_left, uint32_t *right, size_t n_right)
{
    const uint32_t ends_left[2] = {left[n_left - 1], left[0]}, ends_right[2] = {right[0], right[n_right - 1]};
    unsigned best = 0;
    double least = INFINITY;
    for (unsigned way = 0; way < 4; way++) {
        double distance = end_distance(distances, n, ends_left[way & 1], ends_right[way >> 1]);
        if (distance < least) {
            least = distance;
            best = way;
        }
    }
    if (best & 1)
        reverse(left, n_left);
    if (best & 2)
        reverse(right, n_right);
}

/* Lays the tree's leaves out, from the root down: each cluster gets its run. */
static void lay_out(const nf_cluster_merge *merges, size_t n, const uint32_t *sizes, run *runs, uint32_t *order)
{
    runs[2 * n - 2] = (run){0, (uint32_t)n};
    for (size_t k = n - 1; k-- > 0;) {
        const nf_cluster_merge *m = &merges[k];
        uint32_t first = runs[n + k].first;
        runs[m->a] = (run){first, sizes[m->a]};
        runs[m->b] = (run){first + sizes[m->a], sizes[m->b]};
    }
    for (uint32_t i = 0; i < n; i++)
        order[runs[i].first] = i;
}

nf_status nf_cluster_order(const nf_cluster_merge *merges, const double *distances, size_t n, uint32_t *order, nf_error *error)
{
    if (n < 2) {
        for (uint32_t i = 0; i < n; i++)
            order[i] = i;
        return NF_OK;
    }
    uint32_t *sizes = calloc(2 * n, sizeof *sizes);
    run *runs = calloc(2 * n, sizeof *runs);
    nf_status status = sizes == NULL || runs == NULL ? nf_fail_nomem(error, "an order") : NF_OK;
    for (size_t i = 0; i < 2 * n - 1 && status == NF_OK; i++)
        sizes[i] = i < n ? 1 : sizes[merges[i - n].a] + sizes[merges[i - n].b];
    if (status == NF_OK)
        lay_out(merges, n, sizes, runs, order);
    for (size_t k = 0; k + 1 < n && status == NF_OK; k++) {
        run a = runs[merges[k].a], b = runs[merges[k].b];
        turn(distances, n, order + a.first, a.n, order + b.first, b.n);
    }
    free(sizes);
    free(runs);
    return status;
}
