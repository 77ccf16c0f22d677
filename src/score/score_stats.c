#include "score/score_stats.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_out.h"
#include "base/near.h"
#include "score/model_columns.h"
#include "nofade.h"

const char *const nf_stats_figures[NF_STATS_FIGURES] = {"accuracy", "flops", "params", "energy", "co2", "nofade"};

static double figure_of(const nf_scored *row, size_t figure)
{
    const nf_model *m = row->model;
    const double all[NF_STATS_FIGURES] = {m->accuracy, m->flops, m->params_m, row->energy_kwh, row->co2_kg,
                                          row->nofade_per_complexity};
    return all[figure];
}

/* The text of a column, ours or the table's own; "" when there is none. */
static const char *text_of(const nf_scoring *s, const nf_model *m, const char *name)
{
    const nf_column *column = nf_column_named(name, NF_TABLE_OWN);
    const nf_model_table *table = &s->models->tables[m->table];
    if (column != NULL && column->is_text)
        return *(const char *const *)(const void *)((const char *)m + column->offset);
    for (size_t i = 0; i < table->n_extra; i++)
        if (strcmp(table->extra_names[i], name) == 0)
            return m->extra[i];
    return "";
}

nf_status nf_score_category_check(const nf_scoring *s, const char *category, nf_error *error)
{
    const nf_column *column = nf_column_named(category, NF_TABLE_OWN);
    char near_names[400] = "";
    size_t n = 0, n_names = 0;
    if (column != NULL && column->is_text)
        return NF_OK;
    for (size_t t = 0; t < s->models->n_tables; t++)
        n_names += s->models->tables[t].n_extra;
    const char **names = calloc(n_names + 1, sizeof *names);
    bool found = false;
    if (names == NULL)
        return nf_fail_nomem(error, "names of columns");
    for (size_t t = 0; t < s->models->n_tables; t++)
        for (size_t i = 0; i < s->models->tables[t].n_extra; i++) {
            names[n++] = s->models->tables[t].extra_names[i];
            found = found || strcmp(names[n - 1], category) == 0;
        }
    nf_near_text(category, names, n, near_names, sizeof near_names);
    free(names);
    return found ? NF_OK : nf_fail(error, NF_ERR_USAGE, "--category: no table has a column \"%s\" of text%s", category,
                                   near_names);
}

typedef struct workspace {
    double *x, *y;       /* (n of the group,) */
    uint32_t *numbers;   /* (n,) categories */
    const char **texts;  /* (n,) their names */
} workspace;

static nf_status pair_stats(const nf_scoring *s, const nf_score_group *group, workspace *w, size_t a, size_t b,
                            nf_correlation *result, nf_error *error)
{
    size_t n = 0;
    for (size_t i = 0; i < group->n; i++) {
        const nf_scored *row = &s->rows[s->grouped[group->first + i]];
        w->x[n] = figure_of(row, a);
        w->y[n] = figure_of(row, b);
        n += !isnan(w->x[n]) && !isnan(w->y[n]);
    }
    return nf_correlate(w->x, w->y, n, NF_STATS_PERMUTATIONS, NF_STATS_SEED, result, error);
}

static int compare_texts(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Sorts texts (n,) and keeps each once; how many there are. */
static size_t unique_texts(const char **texts, size_t n)
{
    size_t kept = 0;
    qsort(texts, n, sizeof *texts, compare_texts);
    for (size_t i = 0; i < n; i++)
        if (kept == 0 || strcmp(texts[kept - 1], texts[i]) != 0)
            texts[kept++] = texts[i];
    return kept;
}

static nf_status category_stats(const nf_scoring *s, const nf_score_group *group, workspace *w, size_t figure,
                                const char *category, nf_kruskal *result, nf_error *error)
{
    size_t n = 0;
    for (size_t pass = 0, n_texts = 0; pass < 2; pass++) { /* names first, then the numbers of names */
        n = 0;
        for (size_t i = 0; i < group->n; i++) {
            const nf_scored *row = &s->rows[s->grouped[group->first + i]];
            const char *text = text_of(s, row->model, category);
            w->x[n] = figure_of(row, figure);
            if (isnan(w->x[n]) || text[0] == '\0')
                continue;
            if (pass == 0) {
                w->texts[n++] = text;
            } else {
                const char **found = bsearch(&text, w->texts, n_texts, sizeof *w->texts, compare_texts);
                w->numbers[n++] = (uint32_t)(found - w->texts);
            }
        }
        if (pass == 0)
            n_texts = unique_texts(w->texts, n);
        else
            return nf_kruskal_wallis(w->x, w->numbers, n, n_texts, NF_STATS_PERMUTATIONS, NF_STATS_SEED, result, error);
    }
    return NF_OK;
}

static nf_status group_stats(const nf_scoring *s, const nf_score_group *group, workspace *w, const char *category,
                             nf_group_stats *stats, nf_error *error)
{
    nf_status status = NF_OK;
    size_t pair = 0;
    stats->group = group;
    for (size_t a = 0; a < NF_STATS_FIGURES && status == NF_OK; a++)
        for (size_t b = a + 1; b < NF_STATS_FIGURES && status == NF_OK; b++)
            status = pair_stats(s, group, w, a, b, &stats->pairs[pair++], error);
    for (size_t a = 0; a < NF_STATS_FIGURES && status == NF_OK; a++)
        status = category_stats(s, group, w, a, category, &stats->by_category[a], error);
    return status;
}

nf_status nf_score_stats(const nf_scoring *s, const char *category, nf_group_stats **made, nf_error *error)
{
    nf_group_stats *stats = calloc(s->n_groups, sizeof *stats);
    workspace w = {calloc(s->n, sizeof(double)), calloc(s->n, sizeof(double)), calloc(s->n, sizeof(uint32_t)),
                   calloc(s->n, sizeof(char *))};
    nf_status status = stats == NULL || w.x == NULL || w.y == NULL || w.numbers == NULL || w.texts == NULL
                           ? nf_fail_nomem(error, "statistics") : NF_OK;
    for (size_t g = 0; g < s->n_groups && status == NF_OK; g++)
        status = group_stats(s, &s->groups[g], &w, category, &stats[g], error);
    free(w.x);
    free(w.y);
    free(w.numbers);
    free(w.texts);
    if (status != NF_OK) {
        free(stats);
        stats = NULL;
    }
    *made = stats;
    return status;
}

/* ---- CSV ---- */

static void put_cell(nf_out *out, double value, nf_error *error)
{
    nf_out_text(out, ",", error);
    if (!isnan(value))
        nf_out_double(out, value, error);
}

static void put_texts(nf_out *out, const nf_score_group *group, const char *statistic, const char *x, const char *y,
                      nf_error *error)
{
    const char *const texts[] = {group->dataset, group->task, group->metric, statistic, x, y};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        nf_out_text(out, i > 0 ? "," : "", error);
        nf_out_csv_field(out, texts[i], error);
    }
}

static nf_status put_correlation(nf_out *out, const nf_score_group *group, const char *name, size_t a, size_t b, size_t n,
                                 double value, double p, nf_error *error)
{
    put_texts(out, group, name, nf_stats_figures[a], nf_stats_figures[b], error);
    put_cell(out, (double)n, error);
    nf_out_text(out, ",", error);
    put_cell(out, value, error);
    put_cell(out, p, error);
    return nf_out_text(out, ",,\n", error);
}

static nf_status put_group(nf_out *out, const nf_group_stats *stats, const char *category, nf_error *error)
{
    nf_status status = NF_OK;
    const nf_correlation *pair = stats->pairs;
    for (size_t a = 0; a < NF_STATS_FIGURES; a++)
        for (size_t b = a + 1; b < NF_STATS_FIGURES; b++, pair++) {
            put_correlation(out, stats->group, "spearman", a, b, pair->n, pair->spearman, pair->spearman_p, error);
            status = put_correlation(out, stats->group, "kendall", a, b, pair->n, pair->kendall, pair->kendall_p, error);
        }
    for (size_t a = 0; a < NF_STATS_FIGURES; a++) {
        const nf_kruskal *k = &stats->by_category[a];
        if (k->n == 0)
            continue;
        put_texts(out, stats->group, "kruskal-wallis", nf_stats_figures[a], category, error);
        put_cell(out, (double)k->n, error);
        put_cell(out, (double)k->groups, error);
        put_cell(out, k->h, error);
        put_cell(out, k->p, error);
        put_cell(out, k->epsilon_squared, error);
        put_cell(out, k->eta_squared, error);
        status = nf_out_text(out, "\n", error);
    }
    return status;
}

nf_status nf_score_stats_write_csv(const nf_scoring *s, const nf_group_stats *stats, const char *category, nf_out *out,
                                   nf_error *error)
{
    nf_status status = nf_out_text(out, "dataset,task,metric,statistic,x,y,n,groups,value,p,epsilon_squared,eta_squared\n",
                                   error);
    for (size_t g = 0; g < s->n_groups && status == NF_OK; g++)
        status = put_group(out, &stats[g], category, error);
    return status;
}

/* ---- JSON ---- */

static void json_pairs(nf_json *json, const nf_group_stats *stats)
{
    const nf_correlation *pair = stats->pairs;
    nf_json_open_item(json, "correlations", '[');
    for (size_t a = 0; a < NF_STATS_FIGURES; a++)
        for (size_t b = a + 1; b < NF_STATS_FIGURES; b++, pair++) {
            nf_json_open_inline(json, '{');
            nf_json_text_item(json, "x", nf_stats_figures[a]);
            nf_json_text_item(json, "y", nf_stats_figures[b]);
            nf_json_double_item(json, "n", (double)pair->n);
            nf_json_double_item(json, "spearman", pair->spearman);
            nf_json_double_item(json, "spearman_p", pair->spearman_p);
            nf_json_double_item(json, "kendall", pair->kendall);
            nf_json_double_item(json, "kendall_p", pair->kendall_p);
            nf_json_close(json, '}');
        }
    nf_json_close(json, ']');
}

static void json_categories(nf_json *json, const nf_group_stats *stats, const char *category)
{
    nf_json_open_item(json, "kruskal_wallis", '[');
    for (size_t a = 0; a < NF_STATS_FIGURES; a++) {
        const nf_kruskal *k = &stats->by_category[a];
        if (k->n == 0)
            continue;
        nf_json_open_inline(json, '{');
        nf_json_text_item(json, "x", nf_stats_figures[a]);
        nf_json_text_item(json, "by", category);
        nf_json_double_item(json, "n", (double)k->n);
        nf_json_double_item(json, "groups", (double)k->groups);
        nf_json_double_item(json, "h", k->h);
        nf_json_double_item(json, "p", k->p);
        nf_json_double_item(json, "epsilon_squared", k->epsilon_squared);
        nf_json_double_item(json, "eta_squared", k->eta_squared);
        nf_json_close(json, '}');
    }
    nf_json_close(json, ']');
}

nf_status nf_score_stats_write_json(const nf_scoring *s, const nf_group_stats *stats, const char *category, nf_out *out,
                                    nf_error *error)
{
    nf_json json;
    nf_json_begin(&json, out);
    nf_json_open(&json, '{');
    nf_json_text_item(&json, "nofade", nf_version());
    nf_json_double_item(&json, "permutations", NF_STATS_PERMUTATIONS);
    nf_json_double_item(&json, "seed", NF_STATS_SEED);
    nf_json_open_item(&json, "groups", '[');
    for (size_t g = 0; g < s->n_groups; g++) {
        nf_json_open(&json, '{');
        nf_json_text_item(&json, "dataset", stats[g].group->dataset);
        nf_json_text_item(&json, "task", stats[g].group->task);
        nf_json_text_item(&json, "metric", stats[g].group->metric);
        json_pairs(&json, &stats[g]);
        json_categories(&json, &stats[g], category);
        nf_json_close(&json, '}');
    }
    nf_json_close(&json, ']');
    nf_json_close(&json, '}');
    return nf_json_end(&json, error);
}
