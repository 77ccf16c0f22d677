/* nofade: scored models as CSV and JSON. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json_out.h"
#include "nofade.h"
#include "score/scoring_internal.h"

enum { N_COLUMNS = 20, EXTRA_MAX = 4096, PREFETCH = 8 };
static const char *const column_names[N_COLUMNS] = {
    "rank", "model", "variant", "dataset", "task", "metric", "accuracy", "flops", "complexity", "nofade",
    "nofade_per_complexity", "energy_kwh", "energy_path", "co2_kg", "co2_kg_week", "sam", "score", "pareto",
    "rank_min", "rank_max"};

static const char *pareto_name(const nf_scored *row)
{
    return row->pareto_flops && row->pareto_co2 ? "flops co2" : row->pareto_flops ? "flops" : row->pareto_co2 ? "co2" : "";
}

static double complexity_of(const nf_scored *row)
{
    return row->complexity != NULL ? row->complexity->value : NAN;
}

/* ---- the tables' own columns ---- */

/* Names of the columns to pass through, in the order in which they came, and for each table which of them its are. */
typedef struct extras {
    const char **names; /* (n,) */
    size_t n, capacity;
    bool has_px;        /* names[0] is input_px, the part of the key that has no column of its own */
    size_t n_tables;
    uint32_t **numbers; /* (n_tables,) (n_extra of the table,): number in names, or UINT32_MAX */
} extras;

static bool is_own_column(const char *name)
{
    for (size_t i = 0; i < N_COLUMNS; i++)
        if (strcmp(column_names[i], name) == 0)
            return true;
    return strcmp(name, "notes") == 0;
}

static nf_status number_of(extras *e, const char *name, uint32_t *number, nf_error *error)
{
    *number = UINT32_MAX;
    if (is_own_column(name))
        return NF_OK;
    for (*number = 0; *number < e->n; ++*number)
        if (strcmp(e->names[*number], name) == 0)
            return NF_OK;
    if (e->n >= EXTRA_MAX)
        return nf_fail(error, NF_ERR_USAGE, "the tables have more than %d different columns", EXTRA_MAX);
    nf_status status = nf_array_reserve((void **)&e->names, &e->capacity, e->n + 1, sizeof *e->names, "columns", error);
    if (status == NF_OK)
        e->names[e->n++] = name;
    return status;
}

/* Those of the shipped tables are for explain alone. */
static nf_status find_extras(const nf_scoring *s, extras *e, nf_error *error)
{
    nf_status status = NF_OK;
    uint32_t first;
    e->n_tables = s->options.corpus ? 0 : s->models->n_tables;
    e->numbers = calloc(e->n_tables + 1, sizeof *e->numbers);
    if (e->numbers == NULL)
        return nf_fail_nomem(error, "columns");
    for (size_t i = 0; i < s->n && !e->has_px; i++)
        e->has_px = s->rows[i].model->input_px[0] != '\0';
    if (e->has_px)
        status = number_of(e, "input_px", &first, error);
    for (size_t t = 0; t < e->n_tables && status == NF_OK; t++) {
        const nf_model_table *table = &s->models->tables[t];
        e->numbers[t] = calloc(table->n_extra + 1, sizeof **e->numbers);
        if (e->numbers[t] == NULL)
            status = nf_fail_nomem(error, "columns");
        for (size_t i = 0; i < table->n_extra && status == NF_OK; i++)
            status = number_of(e, table->extra_names[i], &e->numbers[t][i], error);
    }
    return status;
}

static void free_extras(extras *e)
{
    for (size_t t = 0; e->numbers != NULL && t < e->n_tables; t++)
        free(e->numbers[t]);
    free(e->numbers);
    free(e->names);
}

/* values: (n,) what the row says in each of them. */
static void extras_of(const nf_scoring *s, const extras *e, const nf_scored *row, const char **values)
{
    for (size_t i = 0; i < e->n; i++)
        values[i] = "";
    if (e->has_px)
        values[0] = row->model->input_px;
    const nf_model_table *table = &s->models->tables[row->model->table];
    for (size_t i = 0; row->model->table < e->n_tables && i < table->n_extra; i++)
        if (e->numbers[row->model->table][i] != UINT32_MAX)
            values[e->numbers[row->model->table][i]] = row->model->extra[i];
}

/* ---- CSV ---- */

static void put_text(nf_out *out, const char *text, nf_error *error)
{
    if (text[0] != '\0')
        nf_out_csv_field(out, text, error);
    nf_out_write(out, ",", 1, error);
}

static void put_number(nf_out *out, double value, nf_error *error)
{
    if (isfinite(value))
        nf_out_double(out, value, error);
    nf_out_write(out, ",", 1, error);
}

static void put_count(nf_out *out, uint32_t count, nf_error *error)
{
    if (count > 0)
        nf_out_u64(out, count, error);
    nf_out_write(out, ",", 1, error);
}

/* Errors stick in the out: the commit, or the last call, tells of them. */
static void put_row(const nf_scored *row, nf_out *out, nf_error *error)
{
    const nf_model *m = row->model;
    const char *const texts[] = {m->model, m->variant, m->dataset, m->task, m->metric};
    const double numbers[] = {m->accuracy, m->flops, complexity_of(row), row->nofade, row->nofade_per_complexity,
                              row->energy_kwh};
    const double more[] = {row->co2_kg, row->co2_kg_week, row->sam, row->score};
    put_count(out, row->rank, error);
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        put_text(out, texts[i], error);
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        put_number(out, numbers[i], error);
    put_text(out, nf_energy_path_name(row->energy_path), error);
    for (size_t i = 0; i < sizeof more / sizeof more[0]; i++)
        put_number(out, more[i], error);
    put_text(out, pareto_name(row), error);
    put_count(out, row->interval.min, error);
    put_count(out, row->interval.max, error);
}

static nf_status put_notes(const nf_scoring *s, size_t i, nf_buf *buf, nf_out *out, nf_error *error)
{
    buf->len = 0;
    nf_status status = nf_score_notes(s, i, buf, error);
    if (status == NF_OK)
        status = nf_buf_append(buf, "", 1, error);
    return status == NF_OK ? nf_out_csv_field(out, (const char *)buf->data, error) : status;
}

static nf_status write_csv_rows(const nf_scoring *s, const extras *e, const char **values, size_t top, nf_out *out,
                                nf_error *error)
{
    nf_buf buf = {0};
    nf_status status = NF_OK;
    for (size_t i = 0; i < s->n && (top == 0 || i < top) && status == NF_OK; i++) {
        if (i + PREFETCH < s->n) /* ranked, rows point all over the table */
            __builtin_prefetch(s->rows[i + PREFETCH].model);
        put_row(&s->rows[i], out, error);
        status = put_notes(s, i, &buf, out, error);
        extras_of(s, e, &s->rows[i], values);
        for (size_t k = 0; k < e->n && status == NF_OK; k++) {
            nf_out_write(out, ",", 1, error);
            nf_out_csv_field(out, values[k], error);
        }
        if (status == NF_OK)
            status = nf_out_text(out, "\n", error);
    }
    nf_buf_free(&buf);
    return status;
}

nf_status nf_scoring_write_csv(const nf_scoring *s, size_t top, nf_out *out, nf_error *error)
{
    extras e = {0};
    nf_status status = find_extras(s, &e, error);
    const char **values = calloc(e.n + 1, sizeof *values);
    if (status == NF_OK && values == NULL)
        status = nf_fail_nomem(error, "columns");
    for (size_t i = 0; i < N_COLUMNS && status == NF_OK; i++)
        put_text(out, column_names[i], error);
    if (status == NF_OK)
        status = nf_out_text(out, "notes", error);
    for (size_t k = 0; k < e.n && status == NF_OK; k++) {
        nf_out_text(out, ",", error);
        status = nf_out_csv_field(out, e.names[k], error);
    }
    if (status == NF_OK)
        status = nf_out_text(out, "\n", error);
    if (status == NF_OK)
        status = write_csv_rows(s, &e, values, top, out, error);
    free(values);
    free_extras(&e);
    return status;
}

/* ---- JSON ---- */

static void json_parameters(nf_json *json, const nf_scoring_options *o)
{
    static const char *const powers[] = {"auto", "tdp", "flops"};
    static const char *const bases[] = {"e", "2", "10"};
    char carbon[160];
    nf_carbon_text(o, carbon);
    nf_json_open_item(json, "parameters", '{');
    nf_json_text_item(json, "power", powers[o->power]);
    nf_json_double_item(json, "carbon_kg_per_kwh", o->kg_per_kwh);
    nf_json_text_item(json, "carbon", carbon);
    nf_json_double_item(json, "pue", o->pue);
    nf_json_double_item(json, "cpu_watts", o->cpu_w);
    nf_json_double_item(json, "utilisation", o->utilisation);
    nf_json_double_item(json, "alpha", o->alpha);
    nf_json_double_item(json, "beta", o->beta);
    nf_json_text_item(json, "log_base", bases[o->log_base]);
    nf_json_text_item(json, "week", o->week == NF_WEEK_BADAR ? "badar" : "formula");
    nf_json_close(json, '}');
}

static void json_complexities(nf_json *json, const nf_complexities *list)
{
    nf_json_open_item(json, "complexities", '[');
    for (size_t i = 0; i < list->n; i++) {
        const nf_complexity *c = &list->items[i];
        nf_json_open_inline(json, '{');
        nf_json_text_item(json, "dataset", c->dataset);
        nf_json_text_item(json, "kind", c->kind);
        nf_json_double_item(json, "value", c->value);
        nf_json_text_item(json, "definition", c->definition);
        nf_json_text_item(json, "saved_under", c->saved_under[0] != '\0' ? c->saved_under : NULL);
        nf_json_text_item(json, "counts_digest", c->digest);
        nf_json_text_item(json, "source", c->source);
        nf_json_bool_item(json, "complete", !c->incomplete);
        nf_json_bool_item(json, "estimate", c->sampled);
        nf_json_close(json, '}');
    }
    nf_json_close(json, ']');
}

/* The keys are the columns of the CSV. */
static void json_row(nf_json *json, const nf_scored *row)
{
    const nf_model *m = row->model;
    const char *const *names = column_names;
    const char *const texts[] = {m->model, m->variant, m->dataset, m->task, m->metric};
    const double numbers[] = {m->accuracy, m->flops, complexity_of(row), row->nofade, row->nofade_per_complexity,
                              row->energy_kwh};
    const double more[] = {row->co2_kg, row->co2_kg_week, row->sam, row->score};
    nf_json_known_u64_item(json, *names++, row->rank > 0, row->rank);
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        nf_json_text_item(json, *names++, texts[i]);
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        nf_json_double_item(json, *names++, numbers[i]);
    nf_json_text_item(json, *names++, nf_energy_path_name(row->energy_path));
    for (size_t i = 0; i < sizeof more / sizeof more[0]; i++)
        nf_json_double_item(json, *names++, more[i]);
    nf_json_text_item(json, *names++, pareto_name(row));
    nf_json_known_u64_item(json, *names++, row->interval.min > 0, row->interval.min);
    nf_json_known_u64_item(json, *names, row->interval.max > 0, row->interval.max);
}

static void json_moved(nf_json *json, const nf_scoring *s, size_t i)
{
    nf_json_open_inline_item(json, "rank_by", '{');
    for (size_t d = 0; i < s->n_ranked && d < NF_N_DOUBTS; d++) {
        nf_json_open_inline_item(json, nf_doubt_names[d], '[');
        nf_json_u64(json, s->moved[i * NF_N_DOUBTS + d].min);
        nf_json_u64(json, s->moved[i * NF_N_DOUBTS + d].max);
        nf_json_close(json, ']');
    }
    nf_json_close(json, '}');
}

/* Keys that the CSV does not have: a table's column of that name gives way. */
static bool is_json_key(const char *name)
{
    static const char *const keys[] = {"points_per_doubling_of_flops", "points_per_doubling_of_co2", "rank_by"};
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        if (strcmp(keys[i], name) == 0)
            return true;
    return false;
}

static nf_status json_rows(nf_json *json, const nf_scoring *s, const extras *e, const char **values, size_t top,
                           nf_error *error)
{
    nf_buf buf = {0};
    nf_status status = NF_OK;
    nf_json_open_item(json, "rows", '[');
    for (size_t i = 0; i < s->n && (top == 0 || i < top) && status == NF_OK; i++) {
        nf_json_open_inline(json, '{');
        json_row(json, &s->rows[i]);
        nf_json_double_item(json, "points_per_doubling_of_flops", s->rows[i].return_flops);
        nf_json_double_item(json, "points_per_doubling_of_co2", s->rows[i].return_co2);
        if (s->moved != NULL)
            json_moved(json, s, i);
        extras_of(s, e, &s->rows[i], values);
        for (size_t k = 0; k < e->n; k++)
            if (!is_json_key(e->names[k]))
                nf_json_text_item(json, e->names[k], values[k]);
        buf.len = 0;
        status = nf_score_notes(s, i, &buf, error);
        if (status == NF_OK)
            status = nf_buf_append(&buf, "", 1, error);
        if (status == NF_OK)
            nf_json_text_item(json, "notes", (const char *)buf.data);
        nf_json_close(json, '}');
    }
    nf_json_close(json, ']');
    nf_buf_free(&buf);
    return status;
}

nf_status nf_scoring_write_json(const nf_scoring *s, const nf_complexities *complexities, size_t top, nf_out *out,
                                nf_error *error)
{
    extras e = {0};
    nf_json json;
    nf_status status = find_extras(s, &e, error);
    const char **values = calloc(e.n + 1, sizeof *values);
    if (status == NF_OK && values == NULL)
        status = nf_fail_nomem(error, "columns");
    if (status == NF_OK) {
        nf_json_begin(&json, out);
        nf_json_open(&json, '{');
        nf_json_text_item(&json, "nofade", nf_version());
        nf_json_text_item(&json, "ranked_by", nf_ranked_by(s));
        nf_json_text_item(&json, "metric_chosen", s->metric_chosen);
        nf_json_u64_item(&json, "left_out", s->n_left_out);
        json_parameters(&json, &s->options);
        json_complexities(&json, complexities);
        status = json_rows(&json, s, &e, values, top, error);
        nf_json_close(&json, '}');
        if (status == NF_OK)
            status = nf_json_end(&json, error);
    }
    free(values);
    free_extras(&e);
    return status;
}
