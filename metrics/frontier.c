#include "metrics/frontier.h"

#include <math.h>
#include <stdlib.h>

typedef struct point {
    double gain, cost;
    size_t number;
} point;

/* By cost; at one cost the best gain first; then by number. */
static int compare_points(const void *a, const void *b)
{
    const point *x = a, *y = b;
    if (x->cost != y->cost)
        return x->cost < y->cost ? -1 : 1;
    if (x->gain != y->gain)
        return x->gain > y->gain ? -1 : 1;
    return x->number < y->number ? -1 : x->number > y->number;
}

nf_status nf_frontier(const double *gains, const double *costs, size_t n, bool *on_frontier, size_t *order,
                      size_t *n_frontier, nf_error *error)
{
    size_t n_points = 0;
    *n_frontier = 0;
    point *points = calloc(n > 0 ? n : 1, sizeof *points);
    if (points == NULL)
        return nf_fail_nomem(error, "a frontier");
    for (size_t i = 0; i < n; i++) {
        on_frontier[i] = false;
        if (!isnan(gains[i]) && !isnan(costs[i]))
            points[n_points++] = (point){gains[i], costs[i], i};
    }
    qsort(points, n_points, sizeof *points, compare_points);
    double best_gain = -INFINITY, best_cost = NAN;
    for (size_t i = 0; i < n_points; i++) {
        bool as_good = points[i].gain == best_gain && points[i].cost == best_cost; /* a twin of the last one */
        if (points[i].gain <= best_gain && !as_good)
            continue;
        best_gain = points[i].gain;
        best_cost = points[i].cost;
        on_frontier[points[i].number] = true;
        order[(*n_frontier)++] = points[i].number;
    }
    free(points);
    return NF_OK;
}

double nf_marginal_return(double gain_before, double cost_before, double gain, double cost)
{
    bool defined = cost_before > 0.0 && cost > 0.0 && cost != cost_before;
    return defined ? (gain - gain_before) / log2(cost / cost_before) : NAN;
}
