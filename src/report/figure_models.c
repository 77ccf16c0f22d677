/* nofade: which charts of models there are: for each group of rows that can be compared, over CO2 and over FLOPs. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/figure_chart.h"

enum { ROWS_MIN = 3, GROUPS_MAX = 4, MANY_MORE = 4 };

/* A row, and what all of its chart have in common: dataset NULL: of any. */
typedef struct entry {
    const nf_scored *row;
    const char *dataset, *task, *metric, *kind;
} entry;

typedef struct group {
    size_t first, n;
    bool has_chart[NF_N_COSTS];
} group;

static int compare_texts(const char *a, const char *b)
{
    return a == b ? 0 : a == NULL ? -1 : b == NULL ? 1 : strcmp(a, b);
}

static int compare_keys(const entry *x, const entry *y)
{
    int order = compare_texts(x->kind, y->kind);
    order = order != 0 ? order : compare_texts(x->dataset, y->dataset);
    order = order != 0 ? order : compare_texts(x->task, y->task);
    return order != 0 ? order : compare_texts(x->metric, y->metric);
}

static int compare_entries(const void *a, const void *b)
{
    const entry *x = a, *y = b;
    int order = compare_keys(x, y);
    return order != 0 ? order : x->row < y->row ? -1 : x->row > y->row;
}

static int compare_groups(const void *a, const void *b)
{
    const group *x = a, *y = b;
    if (x->n != y->n)
        return x->n > y->n ? -1 : 1;
    return x->first < y->first ? -1 : x->first > y->first;
}

/* CO2 where three rows have it; FLOPs where three have them and CO2 is known of few. */
static void choose_charts(group *g, const entry *entries)
{
    size_t n[NF_N_COSTS] = {0, 0};
    for (size_t i = g->first; i < g->first + g->n; i++)
        for (int cost = 0; cost < NF_N_COSTS; cost++)
            n[cost] += isnan(nf_chart_cost(entries[i].row, (nf_cost)cost)) ? 0 : 1;
    g->has_chart[NF_COST_CO2] = n[NF_COST_CO2] >= ROWS_MIN;
    g->has_chart[NF_COST_FLOPS] = n[NF_COST_FLOPS] >= ROWS_MIN &&
                                  (n[NF_COST_CO2] < ROWS_MIN || n[NF_COST_FLOPS] >= MANY_MORE * n[NF_COST_CO2]);
}

/* Groups with a chart at least, those with most rows first, into groups (n of the entries,). */
static size_t find_groups(entry *entries, size_t n, group *groups)
{
    size_t n_groups = 0;
    qsort(entries, n, sizeof *entries, compare_entries);
    for (size_t first = 0, end; first < n; first = end) {
        for (end = first + 1; end < n && compare_keys(&entries[first], &entries[end]) == 0; end++)
            ;
        group *g = &groups[n_groups];
        *g = (group){.first = first, .n = end - first};
        choose_charts(g, entries);
        n_groups += g->has_chart[NF_COST_CO2] || g->has_chart[NF_COST_FLOPS];
    }
    qsort(groups, n_groups, sizeof *groups, compare_groups);
    return n_groups;
}

typedef struct charts {
    const nf_scoring *scoring;
    entry *entries;
    group *groups;
    const nf_scored **rows; /* (n of the scoring,) room */
    bool is_nofade;
} charts;

static nf_status draw_group(nf_figures *figures, const charts *c, const group *g, bool is_only, nf_error *error)
{
    char suffix[96];
    const entry *first = &c->entries[g->first];
    nf_status status = NF_OK;
    snprintf(suffix, sizeof suffix, "%.30s-%.30s-%.30s", first->dataset != NULL ? first->dataset : "", first->task, first->metric);
    for (size_t i = 0; i < g->n; i++)
        c->rows[i] = c->entries[g->first + i].row;
    for (int cost = 0; cost < NF_N_COSTS && status == NF_OK; cost++) {
        const char *name = is_only ? NULL : suffix;
        if (g->has_chart[cost] && c->is_nofade)
            status = nf_chart_nofade(figures, c->rows, g->n, (nf_cost)cost, name, c->scoring->options.log_base, error);
        else if (g->has_chart[cost])
            status = nf_chart_accuracy(figures, c->rows, g->n, (nf_cost)cost, name, error);
    }
    return status;
}

static nf_status draw_groups(nf_figures *figures, charts *c, nf_error *error)
{
    nf_status status = NF_OK;
    size_t n = 0;
    for (size_t i = 0; i < c->scoring->n; i++) {
        const nf_scored *row = &c->scoring->rows[i];
        bool is_compared = c->is_nofade && row->complexity != NULL; /* with other datasets */
        if (isfinite(c->is_nofade ? row->nofade_per_complexity : row->model->accuracy))
            c->entries[n++] = (entry){row, is_compared ? NULL : row->model->dataset, row->model->task, row->model->metric,
                                      is_compared ? row->complexity->kind : NULL};
    }
    size_t n_groups = find_groups(c->entries, n, c->groups);
    for (size_t i = 0; i < n_groups && i < GROUPS_MAX && status == NF_OK; i++)
        status = draw_group(figures, c, &c->groups[i], n_groups == 1, error);
    if (status == NF_OK && n_groups > GROUPS_MAX)
        status = nf_figures_note(figures, error, "%s is drawn for the %d groups of most models; %zu others have no figure",
                                 c->is_nofade ? "NoFADE" : "accuracy", GROUPS_MAX, n_groups - GROUPS_MAX);
    return status;
}

nf_status nf_figures_models(nf_figures *figures, const nf_report_data *data, nf_error *error)
{
    if (data->scoring == NULL || data->scoring->n == 0)
        return NF_OK;
    size_t n = data->scoring->n;
    charts c = {data->scoring, calloc(n, sizeof *c.entries), calloc(n, sizeof *c.groups), calloc(n, sizeof *c.rows), false};
    nf_status status = c.entries == NULL || c.groups == NULL || c.rows == NULL ? nf_fail_nomem(error, "models") : NF_OK;
    if (status == NF_OK)
        status = draw_groups(figures, &c, error);
    c.is_nofade = true;
    if (status == NF_OK)
        status = draw_groups(figures, &c, error);
    free(c.entries);
    free(c.groups);
    free(c.rows);
    return status;
}
