#include "score/scoring.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "score/scoring_internal.h"

void nf_scoring_options_init(nf_scoring_options *options)
{
    /* 0.33: what "AI and Compute", the paper's [2], assumes of GPUs. */
    *options = (nf_scoring_options){.kg_per_kwh = NF_EPA_KG_PER_KWH, .pue = 1.0, .utilisation = 0.33, .alpha = 5.0,
                                    .beta = 5.0};
}

const char *nf_energy_path_name(nf_energy_path path)
{
    static const char *const names[] = {"", "row", "tdp", "flops"};
    return names[path];
}

/* ---- one model ---- */

/* The path that --power asks for, where the row has what it needs. */
static void score_energy(const nf_model *m, const nf_scoring_options *o, nf_scored *s)
{
    const nf_device *d = m->device;
    s->energy_kwh = NAN;
    if (o->power == NF_POWER_AUTO && !isnan(m->energy_kwh)) {
        s->energy_kwh = m->energy_kwh;
        s->energy_half = m->energy_half;
        s->energy_path = NF_ENERGY_ROW;
    } else if (o->power != NF_POWER_FLOPS && d != NULL) {
        s->energy_kwh = nf_energy_tdp_kwh(d->tdp_w, o->cpu_w, m->gpu_hours);
        s->energy_half = nf_energy_tdp_kwh(d->tdp_w, o->cpu_w, m->gpu_hours_half);
        s->energy_path = NF_ENERGY_TDP;
    } else if (o->power == NF_POWER_FLOPS && d != NULL) {
        const double peak = d->fp32_tflops * 1e12;
        s->energy_kwh = nf_energy_flops_kwh(m->training_flops, peak, o->utilisation, d->tdp_w, o->cpu_w);
        s->energy_half = nf_energy_flops_kwh(m->training_flops_half, peak, o->utilisation, d->tdp_w, o->cpu_w);
        s->energy_path = NF_ENERGY_FLOPS;
    }
    if (isnan(s->energy_kwh))
        s->energy_path = NF_ENERGY_NONE;
}

static void score_co2(const nf_model *m, const nf_scoring_options *o, nf_scored *s)
{
    s->co2_given = !isnan(m->co2_kg) && o->power == NF_POWER_AUTO && !o->carbon_given && !o->pue_given;
    s->co2_kg = s->co2_given ? m->co2_kg : nf_co2_kg(s->energy_kwh, o->pue, o->kg_per_kwh);
}

static void score_week(const nf_model *m, const nf_scoring_options *o, nf_scored *s)
{
    const nf_device *d = m->inference_device != NULL ? m->inference_device : m->device;
    s->week_w = d != NULL && o->week == NF_WEEK_FORMULA ? d->tdp_w + o->cpu_w : NAN;
    s->co2_kg_week = o->week == NF_WEEK_BADAR ? nf_co2_kg_week_badar(m->inference_ms)
                                              : nf_co2_kg_week(m->inference_ms, s->week_w, o->pue, o->kg_per_kwh);
}

/* What the row is ranked by, with its figures as given here; more is better. */
static double value_of(const nf_scored *s, const nf_scoring_options *o, double accuracy, double flops, double energy_kwh,
                       double complexity)
{
    switch (o->by) {
    case NF_BY_SAM:
        return nf_sam(accuracy, energy_kwh, o->alpha, o->beta);
    case NF_BY_SCORE:
        return nf_score(accuracy, energy_kwh);
    case NF_BY_CO2:
        return s->co2_given ? -s->co2_kg : -nf_co2_kg(energy_kwh, o->pue, o->kg_per_kwh);
    case NF_BY_ACCURACY:
        return accuracy;
    default:
        return nf_nofade(accuracy, complexity, flops, o->log_base);
    }
}

void nf_score_model(const nf_model *m, const nf_complexities *complexities, const nf_scoring_options *o, nf_scored *s)
{
    *s = (nf_scored){.model = m, .complexity = nf_complexities_find(complexities, m->dataset), .return_flops = NAN,
                     .return_co2 = NAN};
    s->nofade_per_complexity = nf_nofade(m->accuracy, 1.0, m->flops, o->log_base);
    s->nofade = s->complexity != NULL ? nf_nofade(m->accuracy, s->complexity->value, m->flops, o->log_base) : NAN;
    score_energy(m, o, s);
    score_co2(m, o, s);
    score_week(m, o, s);
    s->sam = nf_sam(m->accuracy, s->energy_kwh, o->alpha, o->beta);
    s->score = nf_score(m->accuracy, s->energy_kwh);
    s->value = value_of(s, o, m->accuracy, m->flops, s->energy_kwh, s->complexity != NULL ? s->complexity->value : 1.0);
}

/* ---- choosing rows ---- */

enum { CHOICES = 3 };

/* Does the model pass the first n of --dataset, --task and --metric? */
static bool passes(const nf_scoring_options *o, const nf_model *m, size_t n)
{
    const char *const wanted[CHOICES] = {o->dataset, o->task, o->metric}, *const texts[] = {m->dataset, m->task, m->metric};
    for (size_t i = 0; i < n; i++)
        if (wanted[i] != NULL && strcmp(wanted[i], texts[i]) != 0)
            return false;
    return true;
}

static bool is_chosen(const nf_scoring_options *o, const nf_model *m)
{
    return passes(o, m, CHOICES);
}

/* The dataset's own metric, when the shipped rows that are chosen have several and it is among them. */
static void choose_metric(nf_scoring *s)
{
    const nf_manifest *manifest = s->options.dataset != NULL ? nf_manifests_find(s->models->manifests,
                                                                                 s->options.dataset) : NULL;
    const char *first = NULL;
    bool several = false, there = false;
    if (!s->options.corpus || s->options.metric != NULL || manifest == NULL || s->options.mix)
        return;
    for (size_t i = 0; i < s->models->n; i++) {
        const nf_model *m = &s->models->items[i];
        if (!is_chosen(&s->options, m))
            continue;
        several = several || (first != NULL && strcmp(first, m->metric) != 0);
        first = m->metric;
        there = there || strcmp(m->metric, manifest->metric) == 0;
    }
    if (several && there)
        s->metric_chosen = manifest->metric;
}

/* Near names of the choice that no model passes, among the models that pass those before it. */
static void near_choices(const nf_scoring *s, char *text, size_t size)
{
    const nf_scoring_options *o = &s->options;
    const char *const wanted[CHOICES] = {o->dataset, o->task, o->metric};
    const char **names = calloc(s->models->n + 1, sizeof *names);
    for (size_t choice = 0; names != NULL && choice < CHOICES; choice++) {
        size_t n = 0, n_passed = 0;
        for (size_t i = 0; i < s->models->n; i++) {
            const nf_model *m = &s->models->items[i];
            const char *const texts[CHOICES] = {m->dataset, m->task, m->metric};
            if (passes(o, m, choice))
                names[n++] = texts[choice];
            n_passed += passes(o, m, choice + 1);
        }
        if (n_passed == 0) {
            nf_near_text(wanted[choice], names, n, text, size);
            break;
        }
    }
    free(names);
}

static nf_status nothing_chosen(const nf_scoring *s, nf_error *error)
{
    const nf_scoring_options *o = &s->options;
    char near_names[400] = "";
    if (s->models->n == 0)
        return nf_fail(error, NF_ERR_USAGE, "%s: the table has no rows",
                       s->models->n_tables > 0 ? s->models->tables[0].name : "");
    near_choices(s, near_names, sizeof near_names);
    return nf_fail(error, NF_ERR_USAGE, "no model is of dataset %s, task %s, metric %s%s",
                   o->dataset != NULL ? o->dataset : "any",
                   o->task != NULL ? o->task : "any", o->metric != NULL ? o->metric : "any", near_names);
}

static nf_status choose_rows(nf_scoring *s, const nf_complexities *complexities, nf_error *error)
{
    s->rows = calloc(s->models->n + 1, sizeof *s->rows);
    s->grouped = calloc(s->models->n + 1, sizeof *s->grouped);
    if (s->rows == NULL || s->grouped == NULL)
        return nf_fail_nomem(error, "scores");
    choose_metric(s);
    for (size_t i = 0; i < s->models->n; i++) {
        const nf_model *m = &s->models->items[i];
        if (!is_chosen(&s->options, m))
            continue;
        if (s->metric_chosen != NULL && strcmp(m->metric, s->metric_chosen) != 0)
            s->n_left_out++;
        else
            nf_score_model(m, complexities, &s->options, &s->rows[s->n++]);
    }
    return s->n > 0 ? NF_OK : nothing_chosen(s, error);
}

/* ---- what may be ranked together ---- */

/* "FILE:LINE:1" of a row. */
static void place_of(const nf_scoring *s, const nf_scored *row, char *place, size_t size)
{
    snprintf(place, size, "%s:%llu:1", s->models->tables[row->model->table].name, (unsigned long long)row->model->line);
}

static nf_status differ(const nf_scoring *s, const nf_scored *row, const char *what, const char *a, const char *b,
                        const char *option, nf_error *error)
{
    char place[400];
    const char *first = s->options.dataset == NULL && strcmp(option, "--dataset") != 0 ? "--dataset or " : "";
    place_of(s, row, place, sizeof place);
    return nf_fail(error, NF_ERR_USAGE, "%s: %s \"%s\" cannot be ranked together with \"%s\"; choose with %s%s, or say --mix",
                   place, what, b, a, first, option);
}

static const char *kind_of(const nf_scored *row)
{
    return row->complexity != NULL ? row->complexity->kind : "";
}

/* Complexities by different definitions are not to be compared, which NoFADE does. */
static nf_status check_definitions(const nf_scoring *s, nf_error *error)
{
    const nf_scored *before = NULL;
    for (size_t i = 0; i < s->n && !s->options.mix && s->options.by == NF_BY_NOFADE; i++) {
        const nf_scored *row = &s->rows[i];
        if (row->complexity == NULL || row->complexity->definition[0] == '\0')
            continue;
        if (before != NULL && strcmp(row->complexity->definition, before->complexity->definition) != 0)
            return differ(s, row, "complexity by definition", before->complexity->definition, row->complexity->definition,
                          "--dataset", error);
        before = row;
    }
    return NF_OK;
}

static nf_status check_tasks(const nf_scoring *s, nf_error *error)
{
    const nf_model *first = s->rows[0].model;
    const char *kind = "";
    for (size_t i = 0; i < s->n && !s->options.mix; i++) {
        const nf_scored *row = &s->rows[i];
        if (strcmp(row->model->task, first->task) != 0)
            return differ(s, row, "task", first->task, row->model->task, "--task", error);
        if (strcmp(row->model->metric, first->metric) != 0)
            return differ(s, row, "metric", first->metric, row->model->metric, "--metric", error);
        if (kind_of(row)[0] != '\0' && kind[0] != '\0' && strcmp(kind, kind_of(row)) != 0)
            return differ(s, row, "complexity of kind", kind, kind_of(row), "--dataset", error);
        kind = kind_of(row)[0] != '\0' ? kind_of(row) : kind;
    }
    return NF_OK;
}

static nf_status no_complexity(const nf_scoring *s, const nf_scored *row, nf_error *error)
{
    char place[400];
    const char *name = row->model->dataset;
    place_of(s, row, place, sizeof place);
    if (name[0] == '\0')
        return nf_fail(error, NF_ERR_USAGE, "%s: the row names no dataset, others do: they cannot be ranked together", place);
    return nf_fail(error, NF_ERR_USAGE,
                   "%s: ranking across datasets needs a complexity of each, and there is none for %s; give "
                   "--complexity %s=VALUE or a --profile, or choose one with --dataset%s", place, name, name,
                   s->options.by == NF_BY_NOFADE ? "" : ", or say --mix");
}

/* Several datasets: by nofade each needs a complexity; other figures but CO2 compare nothing without. */
static nf_status check_datasets(nf_scoring *s, nf_error *error)
{
    const nf_scored *without = NULL;
    bool several = false, needed = s->options.by != NF_BY_CO2 && (s->options.by == NF_BY_NOFADE || !s->options.mix);
    for (size_t i = 0; i < s->n; i++) {
        several = several || strcmp(s->rows[i].model->dataset, s->rows[0].model->dataset) != 0;
        without = without == NULL && s->rows[i].complexity == NULL ? &s->rows[i] : without;
    }
    if (several && needed && without != NULL)
        return no_complexity(s, without, error);
    s->per_complexity = s->options.by == NF_BY_NOFADE && without != NULL;
    return NF_OK;
}

/* ---- ranking ---- */

/* Ties stand by name, then by the rest of the key, then as they came. */
static int compare_names(const nf_model *a, const nf_model *b)
{
    const char *x[] = {a->model, a->variant, a->dataset, a->task, a->metric, a->input_px};
    const char *y[] = {b->model, b->variant, b->dataset, b->task, b->metric, b->input_px};
    int order = 0;
    for (size_t i = 0; i < sizeof x / sizeof x[0] && order == 0; i++)
        order = nf_compare_kept(x[i], y[i]);
    return order != 0 ? order : a < b ? -1 : a > b;
}

/* What is sorted, so that the rows move but once. */
typedef struct place {
    double value;
    const nf_scored *row;
} place;

static int compare_places(const void *a, const void *b)
{
    const place *x = a, *y = b;
    if (isnan(x->value) != isnan(y->value))
        return isnan(x->value) ? 1 : -1;
    if (!isnan(x->value) && x->value != y->value)
        return x->value > y->value ? -1 : 1;
    return compare_names(x->row->model, y->row->model);
}

static nf_status sort_rows(nf_scoring *s, nf_error *error)
{
    place *places = calloc(s->n, sizeof *places);
    nf_scored *sorted = calloc(s->n, sizeof *sorted);
    if (places == NULL || sorted == NULL) {
        free(places);
        free(sorted);
        return nf_fail_nomem(error, "scores");
    }
    for (size_t i = 0; i < s->n; i++)
        places[i] = (place){s->rows[i].value, &s->rows[i]};
    qsort(places, s->n, sizeof *places, compare_places);
    for (size_t i = 0; i < s->n; i++)
        sorted[i] = *places[i].row;
    free(places);
    free(s->rows);
    s->rows = sorted;
    return NF_OK;
}

static nf_status rank(nf_scoring *s, nf_error *error)
{
    nf_status status = sort_rows(s, error);
    while (status == NF_OK && s->n_ranked < s->n && !isnan(s->rows[s->n_ranked].value)) {
        size_t i = s->n_ranked++;
        bool tie = i > 0 && s->rows[i - 1].value == s->rows[i].value;
        s->rows[i].rank = tie ? s->rows[i - 1].rank : (uint32_t)i + 1;
    }
    return status;
}

double nf_row_value(const nf_scoring *s, const nf_scored *row, double accuracy, double flops, double energy_kwh,
                    double complexity)
{
    return value_of(row, &s->options, accuracy, flops, energy_kwh, complexity);
}

nf_status nf_scoring_new(nf_scoring **made, const nf_models *models, const nf_complexities *complexities,
                         const nf_scoring_options *options, nf_error *error)
{
    *made = NULL;
    nf_scoring *s = calloc(1, sizeof *s);
    if (s == NULL)
        return nf_fail_nomem(error, "scores");
    s->options = *options;
    s->models = models;
    nf_status status = choose_rows(s, complexities, error);
    if (status == NF_OK)
        status = check_tasks(s, error);
    if (status == NF_OK)
        status = check_datasets(s, error);
    if (status == NF_OK)
        status = check_definitions(s, error);
    if (status == NF_OK)
        status = rank(s, error);
    if (status == NF_OK)
        status = nf_scoring_group(s, error);
    if (status == NF_OK)
        status = nf_scoring_frontiers(s, error);
    if (status == NF_OK)
        status = nf_scoring_intervals(s, error);
    if (status != NF_OK) {
        nf_scoring_free(s);
        return status;
    }
    *made = s;
    return NF_OK;
}

void nf_scoring_free(nf_scoring *s)
{
    if (s == NULL)
        return;
    free(s->rows);
    free(s->grouped);
    free(s->groups);
    free(s->moved);
    free(s);
}
