/* nofade: NoFADE over its cost, datasets told apart by colour and shape; where no complexity is known, accuracy / log(FLOPs). */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/figure_chart.h"

enum { NAMES_MAX = 5, CANDIDATES = 24, SERIES_MAX = NF_COLOUR_SERIES, ROW_PX = 20 };

typedef struct series {
    const char *names[SERIES_MAX];
    size_t n, n_left_out;
} series;

/* The series of a dataset; SIZE_MAX: there are too many. */
static size_t series_of(series *s, const char *dataset)
{
    for (size_t i = 0; i < s->n; i++)
        if (strcmp(s->names[i], dataset) == 0)
            return i;
    if (s->n == SERIES_MAX)
        return SIZE_MAX;
    s->names[s->n] = dataset;
    return s->n++;
}

static int compare_values(const void *a, const void *b)
{
    const nf_chart_point *x = a, *y = b;
    if (x->value != y->value)
        return x->value > y->value ? -1 : 1;
    return x->cost < y->cost ? -1 : x->cost > y->cost;
}

/* The best first. */
static nf_status take_points(nf_chart *c, series *s, const nf_scored *const *rows, size_t n, bool has_complexity, nf_error *error)
{
    c->points = calloc(n, sizeof *c->points);
    if (c->points == NULL)
        return nf_fail_nomem(error, "points");
    for (size_t i = 0; i < n; i++) {
        double cost = nf_chart_cost(rows[i], c->cost), value = has_complexity ? rows[i]->nofade : rows[i]->nofade_per_complexity;
        if (isnan(cost) || !isfinite(value))
            continue;
        size_t number = series_of(s, rows[i]->model->dataset);
        if (number == SIZE_MAX)
            s->n_left_out++;
        else
            c->points[c->n++] = (nf_chart_point){rows[i], cost, value, number, false};
    }
    qsort(c->points, c->n, sizeof *c->points, compare_values);
    return NF_OK;
}

static void describe(nf_draw *d, const nf_chart *c, const series *s, const char *what)
{
    const nf_scored *best = c->points[0].row;
    char *name = NULL;
    if (d->status == NF_OK)
        d->status = nf_chart_name(best, &name, d->error);
    if (d->status != NF_OK)
        return;
    nf_draw_title(d, "%c%s and %s%s%s (%s, %s)", what[0] == 'a' ? 'A' : what[0], what + 1, nf_chart_cost_words[c->cost], s->n == 1 ? " on " : "", s->n == 1 ? s->names[0] : "",
                  best->model->task, best->model->metric);
    nf_draw_caption(d, "Each marker is a model; some of the highest %s have their names%s.", what,
                    s->n_left_out > 0 ? ". Only the first eight datasets are drawn" : "");
    nf_draw_alt(d, "%c%s of %zu models over %s; the highest is %.4g, of %s.", what[0] == 'a' ? 'A' : what[0], what + 1, c->n, nf_chart_cost_names[c->cost],
                c->points[0].value, name);
    free(name);
}

static void put_legend(nf_draw *d, const series *s)
{
    char how[80];
    for (size_t i = 0; i < s->n && s->n > 1; i++) {
        double x_px = 70 + 160 * (double)(i % 3), y_px = 14 + ROW_PX * (double)(i / 3);
        snprintf(how, sizeof how, "point pt %d ps 0.8 lc rgb '%s'", nf_series_shapes[i], nf_series_colours[i]);
        nf_draw_label(d, "", 1, x_px, y_px, how);
        nf_draw_label(d, s->names[i], 18, x_px + 10, y_px, "left " NF_DRAW_INK NF_DRAW_SMALL);
    }
}

static void put_plots(nf_draw *d, const nf_chart *c, const series *s)
{
    double size = c->n > 300 ? 0.35 : 0.6;
    for (size_t i = 0; i < s->n; i++)
        nf_draw_put(d, "%s $s%zu using 1:2:(sprintf('%%d', $3)) with labels hypertext point pt %d ps %g lc rgb '%s'",
                    i == 0 ? "plot" : ",", i, s->n == 1 ? 6 : nf_series_shapes[i], size, nf_series_colours[i]);
    nf_draw_put(d, "\n");
}

/* The best, and then those that are best beyond three times the costs, or below a third of the costs, of all before: they stand at
 * the rim of the points, where there is room for a name. */
static size_t find_candidates(const nf_chart *c, size_t candidates[CANDIDATES])
{
    double low = INFINITY, high = 0.0;
    size_t n = 0;
    for (size_t i = 0; i < c->n && n < CANDIDATES; i++) {
        double cost = c->points[i].cost;
        if (c->n > NAMES_MAX && cost > low / 3.0 && cost < high * 3.0)
            continue;
        candidates[n++] = i;
        low = fmin(low, cost);
        high = fmax(high, cost);
    }
    return n;
}

static nf_status draw_chart(nf_figures *figures, nf_chart *c, const series *s, const char *what, const char *suffix, nf_error *error)
{
    static const char *const kinds[NF_N_COSTS] = {"nofade-co2", "nofade-flops"};
    double top = s->n > 1 ? 14 + ROW_PX * (double)((s->n + 2) / 3) : 12;
    nf_draw d = nf_draw_begin(figures, kinds[c->cost], suffix, (unsigned)top + 346, error);
    size_t candidates[CANDIDATES], n_candidates = find_candidates(c, candidates);
    nf_chart_range(c, 0.12);
    describe(&d, c, s, what);
    nf_chart_put_csv(&d, c);
    nf_draw_margins(&d, (nf_plot_box){86, top, 540, top + 290});
    for (size_t i = 0; i < s->n; i++) {
        char name[32];
        snprintf(name, sizeof name, "s%zu", i);
        nf_chart_put_points(&d, c, name, false, i);
    }
    nf_chart_put_names(&d, c, candidates, n_candidates, NAMES_MAX, false);
    put_legend(&d, s);
    nf_draw_axes(&d, nf_chart_cost_names[c->cost], what);
    nf_chart_put_axes(&d, c, true);
    put_plots(&d, c, s);
    return d.status;
}

nf_status nf_chart_nofade(nf_figures *figures, const nf_scored *const *rows, size_t n, nf_cost cost, const char *suffix,
                          nf_log_base log_base, nf_error *error)
{
    static const char *const logs[] = {"accuracy / ln(FLOPs)", "accuracy / log2(FLOPs)", "accuracy / log10(FLOPs)"};
    nf_chart c = {.cost = cost};
    series s = {.n = 0};
    bool has_complexity = n > 0 && rows[0]->complexity != NULL;
    nf_status status = take_points(&c, &s, rows, n, has_complexity, error);
    if (status == NF_OK && c.n > 0)
        status = draw_chart(figures, &c, &s, has_complexity ? "NoFADE" : logs[log_base], suffix, error);
    free(c.points);
    return status;
}
