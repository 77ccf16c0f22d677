#include "report/figure_chart.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LABELS_MAX = 8, NAME_CHARS = 34, SAY_VALUES_MAX = 600, COVERED_MAX = 1, TICS_MIN = 2 };
#define RANGE_LEAST 1e-3 /* of an axis, over its numbers, which have six digits */
#define LETTER_PX 6.7 /* of the small font, on average */
#define LINE_PX 13.0

const char *const nf_chart_cost_names[NF_N_COSTS] = {"CO2 of training (kg)", "FLOPs of a forward pass"};
const char *const nf_chart_cost_words[NF_N_COSTS] = {"CO2", "FLOPs"};

static const char *const cost_units[NF_N_COSTS] = {"kg", "FLOPs"};

double nf_chart_cost(const nf_scored *row, nf_cost cost)
{
    double value = cost == NF_COST_CO2 ? row->co2_kg : row->model->flops;
    return value > 0.0 && isfinite(value) ? value : NAN;
}

nf_status nf_chart_name(const nf_scored *row, char **name, nf_error *error)
{
    const nf_model *m = row->model;
    if (asprintf(name, "%s%s%s%s%s", m->model, m->variant[0] != '\0' ? " " : "", m->variant, m->input_px[0] != '\0' ? " @" : "",
                 m->input_px) >= 0)
        return NF_OK;
    *name = NULL;
    return nf_fail_nomem(error, "a name");
}

void nf_chart_range(nf_chart *c, double above)
{
    c->cost_min = c->value_min = INFINITY;
    c->cost_max = c->value_max = -INFINITY;
    for (size_t i = 0; i < c->n; i++) {
        c->cost_min = fmin(c->cost_min, c->points[i].cost);
        c->cost_max = fmax(c->cost_max, c->points[i].cost);
        c->value_min = fmin(c->value_min, c->points[i].value);
        c->value_max = fmax(c->value_max, c->points[i].value);
    }
    double range = c->value_max - c->value_min, margin = pow(c->cost_max / c->cost_min, 0.03) * 1.05;
    const double size = fmax(fabs(c->value_min), fabs(c->value_max));
    range = range > 0.0 ? fmax(range, RANGE_LEAST * size) : fmax(size * 0.1, 1e-6);
    c->cost_min /= margin;
    c->cost_max *= margin;
    c->value_min -= 0.04 * range;
    c->value_max += above * range;
}

/* One tic with its label: of FLOPs with a prefix. */
static void put_tic(nf_draw *d, const nf_chart *c, double tic, bool with_label, const char **separator)
{
    static const char *const prefixes[] = {"", "k", "M", "G", "T", "P", "E"};
    const int n_prefixes = (int)(sizeof prefixes / sizeof prefixes[0]);
    int prefix = c->cost == NF_COST_FLOPS && tic >= 1.0 ? (int)floor(log10(tic * 1.0000001) / 3.0) : 0;
    prefix = prefix < n_prefixes ? prefix : n_prefixes - 1;
    nf_draw_put(d, "%s", *separator);
    if (with_label)
        nf_draw_put(d, "'%.6g%s' %.9g", tic / pow(1000.0, prefix), prefixes[prefix], tic);
    else
        nf_draw_put(d, "'' %.9g", tic);
    *separator = ", ";
}

/* 1, 2 and 5 of each decade when there are few of them, else each decade, or each second or third one. False, and nothing written, when
 * fewer than TICS_MIN lie on the axis. */
static bool put_decades(nf_draw *d, const nf_chart *c, double decades, bool with_labels)
{
    enum { N_MAX = 64 };
    static const double steps[] = {1.0, 2.0, 5.0};
    int n_steps = decades < 2.2 ? 3 : 1, every = decades < 7.0 ? 1 : decades < 14.0 ? 2 : 3;
    double tics[N_MAX];
    size_t n = 0;
    for (int power = (int)floor(log10(c->cost_min)); power <= (int)ceil(log10(c->cost_max)); power++)
        for (int i = 0; i < n_steps; i++) {
            double tic = steps[i] * pow(10.0, power);
            if (tic >= c->cost_min && tic <= c->cost_max && power % every == 0 && n < N_MAX)
                tics[n++] = tic;
        }
    const char *separator = "";
    for (size_t i = 0; i < n && n >= TICS_MIN; i++)
        put_tic(d, c, tics[i], with_labels, &separator);
    return n >= TICS_MIN;
}

/* Three to six tics at equal distances, for an axis that goes from 3 to 4. */
static void put_even_tics(nf_draw *d, const nf_chart *c, bool with_labels)
{
    const double range = c->cost_max - c->cost_min, decade = pow(10.0, floor(log10(range / 3.0)));
    const double step = decade * (range / decade >= 15.0 ? 5.0 : range / decade >= 6.0 ? 2.0 : 1.0);
    const char *separator = "";
    for (double k = ceil(c->cost_min / step); k * step <= c->cost_max; k++)
        put_tic(d, c, k * step, with_labels, &separator);
}

void nf_chart_put_axes(nf_draw *d, const nf_chart *c, bool with_labels)
{
    const double decades = log10(c->cost_max / c->cost_min);
    nf_draw_put(d, "set logscale x 10\nset xrange [%.9g:%.9g]\nset yrange [%.9g:%.9g]\nset xtics (", c->cost_min, c->cost_max,
                c->value_min, c->value_max);
    if (decades < 1.0 || !put_decades(d, c, decades, with_labels))
        put_even_tics(d, c, with_labels);
    nf_draw_put(d, ")\n");
}

double nf_chart_x_px(const nf_draw *d, const nf_chart *c, double cost)
{
    return d->box.left + (d->box.right - d->box.left) * log(cost / c->cost_min) / log(c->cost_max / c->cost_min);
}

double nf_chart_y_px(const nf_draw *d, const nf_chart *c, double value)
{
    return d->box.bottom - (d->box.bottom - d->box.top) * (value - c->value_min) / (c->value_max - c->value_min);
}

/* ---- names beside points ---- */

static bool overlap(const nf_plot_box *a, const nf_plot_box *b)
{
    return a->left < b->right && b->left < a->right && a->top < b->bottom && b->top < a->bottom;
}

/* The box of a name of this width at one of four sides of (x, y): above left, above right, below right, below left. */
static nf_plot_box name_box(double x, double y, double w_px, unsigned side)
{
    bool is_right = side == 1 || side == 2, is_below = side >= 2;
    double left = is_right ? x + 6 : x - 6 - w_px, middle = is_below ? y + 9 : y - 9;
    return (nf_plot_box){left, middle - LINE_PX / 2, left + w_px, middle + LINE_PX / 2};
}

/* How bad a place is: points covered; INFINITY: not to be had. */
static double badness(const nf_draw *d, const nf_chart *c, const nf_plot_box *box, const nf_plot_box *taken, size_t n_taken)
{
    double n = 0.0;
    if (box->left < d->box.left + 2 || box->right > d->figure->w_px - 2 || box->top < d->box.top - 8 || box->bottom > d->box.bottom)
        return INFINITY;
    for (size_t i = 0; i < n_taken; i++)
        if (overlap(box, &taken[i]))
            return INFINITY;
    for (size_t i = 0; i < c->n; i++) {
        double x = nf_chart_x_px(d, c, c->points[i].cost), y = nf_chart_y_px(d, c, c->points[i].value);
        n += x > box->left && x < box->right && y > box->top && y < box->bottom ? 1.0 : 0.0;
    }
    return n;
}

/* Puts one name; false: there was no room. */
static bool put_name(nf_draw *d, const nf_chart *c, const nf_chart_point *p, const char *name, unsigned n_sides, nf_plot_box *taken,
                     size_t n_taken)
{
    size_t chars = nf_figure_chars(name);
    double x = nf_chart_x_px(d, c, p->cost), y = nf_chart_y_px(d, c, p->value), least = COVERED_MAX + 1;
    unsigned best = UINT32_MAX;
    for (unsigned side = 0; side < n_sides; side++) {
        nf_plot_box box = name_box(x, y, LETTER_PX * (double)(chars < NAME_CHARS ? chars : NAME_CHARS), side);
        double bad = badness(d, c, &box, taken, n_taken);
        if (bad < least) {
            least = bad;
            best = side;
            taken[n_taken] = box;
        }
    }
    if (best == UINT32_MAX)
        return false;
    bool is_right = best == 1 || best == 2;
    nf_draw_label(d, name, NAME_CHARS, is_right ? taken[n_taken].left : taken[n_taken].right,
                  0.5 * (taken[n_taken].top + taken[n_taken].bottom),
                  is_right ? "left " NF_DRAW_INK NF_DRAW_SMALL : "right " NF_DRAW_INK NF_DRAW_SMALL);
    return true;
}

void nf_chart_put_names(nf_draw *d, const nf_chart *c, const size_t *points, size_t n, size_t n_max, bool above_left)
{
    nf_plot_box taken[LABELS_MAX + 1];
    size_t n_taken = 0;
    for (size_t i = 0; i < n && n_taken < n_max && n_taken < LABELS_MAX && d->status == NF_OK; i++) {
        const nf_chart_point *p = &c->points[points[i]];
        char *name, *clean = NULL;
        d->status = nf_chart_name(p->row, &name, d->error);
        if (d->status == NF_OK)
            d->status = nf_figure_text(&clean, name, SIZE_MAX, d->error);
        if (d->status == NF_OK)
            n_taken += put_name(d, c, p, clean, above_left ? 1 : 4, taken, n_taken);
        free(name);
        free(clean);
    }
}

/* ---- points ---- */

/* With many points only the name: a page has to stay small. */
static void mark_point(nf_draw *d, const nf_chart *c, const nf_chart_point *p)
{
    char *name = NULL;
    if (d->status == NF_OK)
        d->status = nf_chart_name(p->row, &name, d->error);
    if (d->status != NF_OK)
        return;
    if (c->n > SAY_VALUES_MAX)
        nf_draw_mark(d, 0, "%s", name);
    else
        nf_draw_mark(d, 0, "%s (%s): %.4g at %.3g %s", name, p->row->model->dataset, p->value, p->cost, cost_units[c->cost]);
    free(name);
}

size_t nf_chart_put_points(nf_draw *d, const nf_chart *c, const char *name, bool is_marked, size_t series)
{
    size_t n = 0;
    nf_draw_put(d, "$%s << EOD\n", name);
    for (size_t i = 0; i < c->n && d->status == NF_OK; i++) {
        const nf_chart_point *p = &c->points[i];
        if (p->is_marked != is_marked || (series != SIZE_MAX && p->series != series))
            continue;
        nf_draw_put(d, "%.9g %.9g %zu\n", p->cost, p->value, d->figure->n_marks);
        mark_point(d, c, p);
        n++;
    }
    nf_draw_put(d, "EOD\n");
    return n;
}

void nf_chart_put_csv(nf_draw *d, const nf_chart *c)
{
    nf_draw_csv_header(d, "model,variant,input_px,dataset,task,metric,accuracy,flops,co2_kg,nofade,nofade_per_complexity,on_frontier,"
                          "percentage_points_per_doubling");
    for (size_t i = 0; i < c->n; i++) {
        const nf_scored *row = c->points[i].row;
        const nf_model *m = row->model;
        const char *const texts[] = {m->model, m->variant, m->input_px, m->dataset, m->task, m->metric};
        const double numbers[] = {m->accuracy, m->flops, row->co2_kg, row->nofade, row->nofade_per_complexity};
        for (size_t k = 0; k < sizeof texts / sizeof texts[0]; k++)
            nf_draw_csv_text(d, texts[k]);
        for (size_t k = 0; k < sizeof numbers / sizeof numbers[0]; k++)
            nf_draw_csv_number(d, numbers[k]);
        nf_draw_csv_number(d, c->cost == NF_COST_CO2 ? row->pareto_co2 : row->pareto_flops);
        nf_draw_csv_number(d, c->cost == NF_COST_CO2 ? row->return_co2 : row->return_flops);
        nf_draw_csv_end(d);
    }
}
