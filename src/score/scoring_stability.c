/* nofade: rank intervals over what really is uncertain.
 *
 * convention: once or twice the FLOPs where the source does not say what it counts; rounding: half a unit of the last printed
 * digit of accuracy, FLOPs, and of what energy and CO2 come from; sampling: 1.96 sqrt(p (1 - p) / n) where the metric is a proportion of
 * n test images; definition: across datasets, the other readings of the complexity (complexities.h). The first three move
 * each row on its own; a reading moves all rows together, and the interval is the union over the readings.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "metrics/stability.h"
#include "score/scoring_internal.h"

const char *const nf_doubt_names[NF_N_DOUBTS] = {"convention", "rounding", "sampling", "definition"};

enum { ALL = (1 << NF_N_DOUBTS) - 1, NO_READING = NF_READINGS };

static bool is_proportion(const char *metric)
{
    static const char *const names[] = {"top1", "top5", "accuracy", "acc"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(metric, names[i]) == 0)
            return true;
    return false;
}

static double clamp(double x, double low, double high)
{
    return x < low ? low : x > high ? high : x;
}

/* How far the accuracy may be off. */
static double accuracy_doubt(const nf_model *m, unsigned doubts)
{
    double off = doubts & 1u << NF_DOUBT_ROUNDING ? m->accuracy_half : 0.0;
    if (doubts & 1u << NF_DOUBT_SAMPLING && !isnan(m->test_images) && is_proportion(m->metric))
        off += nf_proportion_half_width(m->accuracy, m->test_images);
    return off;
}

static double or_value(double x, double value)
{
    return isnan(x) ? value : x;
}

static double own_complexity(const nf_scoring *s, const nf_scored *row)
{
    return row->complexity == NULL || s->per_complexity ? 1.0 : row->complexity->value;
}

/* complexity: another than the row's own, or NaN.
 * Accuracy up, FLOPs and energy down is better in every figure. Where less energy or fewer FLOPs leave a figure undefined, its
 * logarithm goes to 0 and it has no upper bound. */
static void bounds(const nf_scoring *s, const nf_scored *row, unsigned doubts, double complexity, double *low, double *high)
{
    const nf_model *m = row->model;
    bool rounding = doubts & 1u << NF_DOUBT_ROUNDING;
    double off = accuracy_doubt(m, doubts), flops_off = rounding ? m->flops_half : 0.0;
    double energy_off = rounding ? row->energy_half : 0.0, co2_off = rounding ? m->co2_half : 0.0;
    double times = doubts & 1u << NF_DOUBT_CONVENTION && m->flops_unstated ? 2.0 : 1.0;
    double value = isnan(complexity) ? row->value : nf_row_value(s, row, m->accuracy, m->flops, row->energy_kwh, complexity);
    complexity = isnan(complexity) ? own_complexity(s, row) : complexity;
    *low = or_value(nf_row_value(s, row, clamp(m->accuracy - off, 0, 1), (m->flops + flops_off) * times,
                                 row->energy_kwh + energy_off, complexity), value);
    *high = or_value(nf_row_value(s, row, clamp(m->accuracy + off, 0, 1), m->flops - flops_off, row->energy_kwh - energy_off,
                                  complexity), INFINITY);
    if (s->options.by == NF_BY_CO2 && row->co2_given) {
        *low = -(row->co2_kg + co2_off);
        *high = -(row->co2_kg - co2_off);
    }
    *low = *low < value ? *low : value;
    *high = *high > value ? *high : value;
}

typedef struct workspace {
    double *low, *high;     /* (n_ranked,) */
    size_t *min, *max;
} workspace;

static void widen(nf_rank_interval *interval, size_t min, size_t max)
{
    if (interval->min == 0 || min < interval->min)
        interval->min = (uint32_t)min;
    if (max > interval->max)
        interval->max = (uint32_t)max;
}

/* Is the reading defined for every dataset that is ranked? */
static bool has_reading(const nf_scoring *s, size_t reading)
{
    for (size_t i = 0; i < s->n_ranked; i++)
        if (s->rows[i].complexity != NULL && !(s->rows[i].complexity->readings[reading] > 0.0))
            return false;
    return true;
}

/* Widens every row's interval by its ranks under the doubts, with one reading of the complexities. */
static nf_status widen_all(const nf_scoring *s, workspace *w, unsigned doubts, size_t reading, nf_rank_interval *intervals,
                           size_t stride, nf_error *error)
{
    for (size_t i = 0; i < s->n_ranked; i++) {
        const nf_complexity *c = s->rows[i].complexity;
        double complexity = c == NULL || reading == NO_READING ? NAN : c->readings[reading];
        bounds(s, &s->rows[i], doubts, complexity, &w->low[i], &w->high[i]);
    }
    nf_status status = nf_rank_intervals(w->low, w->high, s->n_ranked, w->min, w->max, error);
    for (size_t i = 0; i < s->n_ranked && status == NF_OK; i++)
        widen((nf_rank_interval *)(void *)((char *)intervals + i * stride), w->min[i], w->max[i]);
    return status;
}

/* The doubts of a set, the readings among them. */
static nf_status widen_by(const nf_scoring *s, workspace *w, unsigned doubts, nf_rank_interval *intervals, size_t stride,
                          nf_error *error)
{
    bool readings = doubts & 1u << NF_DOUBT_DEFINITION && s->n_groups > 1 && s->options.by == NF_BY_NOFADE;
    nf_status status = widen_all(s, w, doubts, NO_READING, intervals, stride, error);
    for (size_t r = 0; r < NF_READINGS && readings && status == NF_OK; r++)
        if (has_reading(s, r))
            status = widen_all(s, w, doubts, r, intervals, stride, error);
    return status;
}

nf_status nf_scoring_intervals(nf_scoring *s, nf_error *error)
{
    size_t n = s->n_ranked > 0 ? s->n_ranked : 1;
    workspace w = {calloc(n, sizeof(double)), calloc(n, sizeof(double)), calloc(n, sizeof(size_t)), calloc(n, sizeof(size_t))};
    nf_status status = w.low == NULL || w.high == NULL || w.min == NULL || w.max == NULL ? nf_fail_nomem(error, "intervals")
                                                                                         : NF_OK;
    if (status == NF_OK)
        status = widen_by(s, &w, ALL, &s->rows[0].interval, sizeof *s->rows, error);
    if (status == NF_OK && s->options.stability && (s->moved = calloc(s->n * NF_N_DOUBTS, sizeof *s->moved)) == NULL)
        status = nf_fail_nomem(error, "rank intervals");
    for (unsigned d = 0; d < NF_N_DOUBTS && s->options.stability && status == NF_OK; d++)
        status = widen_by(s, &w, 1u << d, s->moved + d, NF_N_DOUBTS * sizeof *s->moved, error);
    free(w.low);
    free(w.high);
    free(w.min);
    free(w.max);
    return status;
}
