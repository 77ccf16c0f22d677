/* nofade: accuracy over its cost: the frontier, and below it what a doubling of the cost buys along it. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "report/figure_chart.h"

enum { NAMES_MAX = 6, H_PX = 478, RETURNS_MAX = 1000 };

static const nf_plot_box main_box = {76, 12, 540, 290}, return_box = {76, 328, 540, 424};

static bool is_on_frontier(const nf_scored *row, nf_cost cost)
{
    return cost == NF_COST_CO2 ? row->pareto_co2 : row->pareto_flops;
}

static double return_of(const nf_scored *row, nf_cost cost)
{
    return cost == NF_COST_CO2 ? row->return_co2 : row->return_flops;
}

static int compare_costs(const void *a, const void *b)
{
    const nf_chart_point *x = a, *y = b;
    if (x->cost != y->cost)
        return x->cost < y->cost ? -1 : 1;
    return x->value < y->value ? -1 : x->value > y->value;
}

static nf_status take_points(nf_chart *c, const nf_scored *const *rows, size_t n, nf_error *error)
{
    c->points = calloc(n, sizeof *c->points);
    if (c->points == NULL)
        return nf_fail_nomem(error, "points");
    for (size_t i = 0; i < n; i++) {
        double cost = nf_chart_cost(rows[i], c->cost), value = 100.0 * rows[i]->model->accuracy;
        if (!isnan(cost) && isfinite(value))
            c->points[c->n++] = (nf_chart_point){rows[i], cost, value, 0, is_on_frontier(rows[i], c->cost)};
    }
    qsort(c->points, c->n, sizeof *c->points, compare_costs);
    return NF_OK;
}

/* Names from the most accurate on down, one of each few, so that they are spread along the frontier. */
static nf_status put_names(nf_draw *d, const nf_chart *c)
{
    size_t *frontier = calloc(c->n, sizeof *frontier), n = 0;
    if (frontier == NULL)
        return nf_fail_nomem(d->error, "points");
    for (size_t i = c->n; i-- > 0;)
        if (c->points[i].is_marked)
            frontier[n++] = i;
    nf_chart_put_names(d, c, frontier, n, NAMES_MAX, true);
    free(frontier);
    return d->status;
}

/* What a doubling buys from one point to another. */
static double slope(const nf_chart_point *a, const nf_chart_point *b)
{
    return (b->value - a->value) / log2(b->cost / a->cost);
}

/* The points of the frontier that its concave envelope over log(cost) touches, by cost, into hull (n of the chart,). */
static size_t find_hull(const nf_chart *c, const nf_chart_point **hull)
{
    size_t n = 0;
    for (size_t i = 0; i < c->n; i++) {
        const nf_chart_point *p = &c->points[i];
        if (!p->is_marked || (n > 0 && p->cost <= hull[n - 1]->cost))
            continue;
        while (n > 1 && slope(hull[n - 2], hull[n - 1]) <= slope(hull[n - 1], p))
            n--;
        hull[n++] = p;
    }
    return n;
}

static void put_step(nf_draw *d, double from, double to, double height)
{
    nf_draw_put(d, "%.6g %.6g\n%.6g %.6g\n", from, height, to, height);
}

/* The axis of the returns, and how many steps of models there are, of which some lie beyond it. */
typedef struct returns {
    double low, high;
    size_t n, n_beyond;
} returns;

/* $e: steps along the envelope. The axis is theirs: of models that cost nearly the same, a return may be anything. False: there is
 * none that could be shown. */
static bool put_envelope(nf_draw *d, const nf_chart *c, returns *r)
{
    const nf_chart_point **hull = calloc(c->n, sizeof *hull);
    if (hull == NULL) {
        d->status = d->status == NF_OK ? nf_fail_nomem(d->error, "a frontier") : d->status;
        return false;
    }
    const size_t n = find_hull(c, hull);
    nf_draw_put(d, "$e << EOD\n");
    for (size_t i = 0; i + 1 < n; i++)
        put_step(d, hull[i]->cost, hull[i + 1]->cost, slope(hull[i], hull[i + 1]));
    nf_draw_put(d, "EOD\n");
    const double most = n > 1 ? slope(hull[0], hull[1]) : 0.0, least = n > 1 ? slope(hull[n - 2], hull[n - 1]) : 0.0;
    free(hull);
    r->low = pow(10.0, floor(log10(least * 0.8)));
    r->high = fmin(pow(10.0, ceil(log10(most * 1.2))), r->low * RETURNS_MAX);
    return least > 0.0 && isfinite(least);
}

/* $r: steps from each model of the frontier to the next. */
static void put_steps(nf_draw *d, const nf_chart *c, returns *r)
{
    double before = NAN;
    nf_draw_put(d, "$r << EOD\n");
    for (size_t i = 0; i < c->n; i++) {
        const nf_chart_point *p = &c->points[i];
        const double height = return_of(p->row, c->cost);
        if (p->is_marked && height > 0.0 && before < p->cost) {
            put_step(d, before, p->cost, height);
            r->n++;
            r->n_beyond += height < r->low || height > r->high;
        }
        before = p->is_marked ? p->cost : before;
    }
    nf_draw_put(d, "EOD\n");
}

static void draw_main(nf_draw *d, const nf_chart *c, bool alone)
{
    nf_draw_margins(d, main_box);
    if (d->status == NF_OK)
        d->status = put_names(d, c);
    nf_draw_axes(d, alone ? nf_chart_cost_names[c->cost] : NULL, "accuracy (%)");
    nf_chart_put_axes(d, c, alone);
    nf_draw_put(d, "plot $o using 1:2:(sprintf('%%d', $3)) with labels hypertext point pt 6 ps %g lc rgb '" NF_COLOUR_MUTED "', "
                   "$f using 1:2 with lines lc rgb '#d55e00' lw 1.4, "
                   "$f using 1:2:(sprintf('%%d', $3)) with labels hypertext point pt 7 ps 0.55 lc rgb '#d55e00'\n",
                c->n > 300 ? 0.3 : 0.5);
}

static void draw_returns(nf_draw *d, const nf_chart *c, const returns *r)
{
    nf_draw_put(d, "unset label\n");
    nf_draw_margins(d, return_box);
    nf_draw_axes(d, nf_chart_cost_names[c->cost], NULL);
    nf_draw_small(d, return_box.left, return_box.top - 10, "left " NF_DRAW_MUTED NF_DRAW_SMALL,
                  "percentage points per doubling of %s", nf_chart_cost_words[c->cost]);
    nf_chart_put_axes(d, c, true);
    nf_draw_put(d, "set logscale y 10\nset format y '%%g'\nset yrange [%.3g:%.3g]\nset ytics 10\nset mytics 1\n", r->low, r->high);
    nf_draw_put(d, "plot $r using 1:2 with lines lc rgb '#56b4e9' lw 0.7, $e using 1:2 with lines lc rgb '#d55e00' lw 1.6\n");
}

static void describe(nf_draw *d, const nf_chart *c, const returns *r)
{
    const char *cost = nf_chart_cost_words[c->cost];
    const nf_model *m = c->points[0].row->model;
    size_t n_frontier = 0;
    double best = -INFINITY;
    for (size_t i = 0; i < c->n; i++) {
        n_frontier += c->points[i].is_marked;
        best = fmax(best, c->points[i].value);
    }
    nf_draw_title(d, "Accuracy and %s on %s (%s, %s)", cost, m->dataset, m->task, m->metric);
    char beyond[80] = "";
    if (r != NULL && r->n_beyond > 0)
        snprintf(beyond, sizeof beyond, "; %zu of these %zu steps lie%s beyond the axis", r->n_beyond, r->n, r->n_beyond == 1 ? "s" : "");
    if (r != NULL)
        nf_draw_caption(d, "Each circle is a model; the line joins those that no other beats at the same or less %s. Below: what a "
                           "doubling of %s buys, along the concave envelope of that line (thick) and from each of its models to the "
                           "next (thin%s).", cost, cost, beyond);
    else
        nf_draw_caption(d, "Each circle is a model; the line joins those that no other beats at the same or less %s.", cost);
    nf_draw_alt(d, "Accuracy of %zu models over %s; %zu %s on the frontier, and the best reaches %.2f %%.", c->n,
                nf_chart_cost_names[c->cost], n_frontier, n_frontier == 1 ? "is" : "are", best);
}

static nf_status draw_chart(nf_figures *figures, nf_chart *c, const char *suffix, nf_error *error)
{
    static const char *const kinds[NF_N_COSTS] = {"accuracy-co2", "accuracy-flops"};
    nf_draw d = nf_draw_begin(figures, kinds[c->cost], suffix, H_PX, error);
    returns r = {0};
    nf_chart_range(c, 0.1);
    nf_chart_put_csv(&d, c);
    nf_chart_put_points(&d, c, "o", false, SIZE_MAX);
    nf_chart_put_points(&d, c, "f", true, SIZE_MAX);
    const bool has_returns = put_envelope(&d, c, &r);
    put_steps(&d, c, &r);
    describe(&d, c, has_returns ? &r : NULL);
    if (has_returns)
        nf_draw_put(&d, "set multiplot\n");
    else if (d.status == NF_OK)
        d.figure->h_px = (unsigned)main_box.bottom + 56;
    draw_main(&d, c, !has_returns);
    if (has_returns) {
        draw_returns(&d, c, &r);
        nf_draw_put(&d, "unset multiplot\n");
    }
    return d.status;
}

nf_status nf_chart_accuracy(nf_figures *figures, const nf_scored *const *rows, size_t n, nf_cost cost, const char *suffix,
                            nf_error *error)
{
    nf_chart c = {.cost = cost};
    nf_status status = take_points(&c, rows, n, error);
    if (status == NF_OK && c.n > 0)
        status = draw_chart(figures, &c, suffix, error);
    free(c.points);
    return status;
}
