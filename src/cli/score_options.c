#include "cli/score_options.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *const nf_score_powers[] = {"auto", "tdp", "flops", NULL};
const char *const nf_score_weeks[] = {"formula", "badar", NULL};
const char *const nf_score_bys[] = {"nofade", "sam", "score", "co2", "accuracy", NULL};
const char *const nf_score_log_bases[] = {"e", "2", "10", NULL};

bool nf_score_options_init(nf_score_options *o, int argc)
{
    *o = (nf_score_options){.carbon = NAN, .pue = NAN, .cpu_watts = NAN, .utilisation = NAN, .alpha = NAN, .beta = NAN};
    o->profiles.items = calloc((size_t)argc + 1, sizeof(char *));
    o->complexities.items = calloc((size_t)argc + 1, sizeof(char *));
    return o->profiles.items != NULL && o->complexities.items != NULL;
}

void nf_score_options_clear(nf_score_options *o)
{
    free(o->profiles.items);
    free(o->complexities.items);
}

int nf_score_options_check(const char *command, const nf_score_options *o)
{
    if (o->region != NULL && !isnan(o->carbon))
        return nf_cli_usage(command, "--region and --carbon say the same thing; give one");
    if (o->utilisation <= 0.0)
        return nf_cli_usage(command, "--utilisation must be above 0");
    return 0;
}

static double or_default(double given, double otherwise)
{
    return isnan(given) ? otherwise : given;
}

static nf_status take_options(nf_score_inputs *inputs, const nf_score_options *o, nf_error *error)
{
    static const nf_log_base bases[] = {NF_LOG_E, NF_LOG_2, NF_LOG_10};
    nf_scoring_options *to = &inputs->options;
    nf_scoring_options_init(to);
    to->dataset = o->dataset != NULL ? nf_dataset_id(inputs->manifests, o->dataset) : NULL;
    to->task = o->task;
    to->metric = o->metric;
    to->by = (nf_by)o->by;
    to->power = (nf_power)o->power;
    to->week = (nf_week)o->week;
    to->log_base = bases[o->log_base];
    to->mix = o->mix;
    to->pue_given = !isnan(o->pue);
    to->pue = or_default(o->pue, to->pue);
    to->cpu_w = or_default(o->cpu_watts, to->cpu_w);
    to->utilisation = or_default(o->utilisation, to->utilisation);
    to->alpha = or_default(o->alpha, to->alpha);
    to->beta = or_default(o->beta, to->beta);
    to->carbon_given = o->region != NULL || !isnan(o->carbon);
    to->kg_per_kwh = or_default(o->carbon, to->kg_per_kwh);
    if (o->region == NULL)
        return NF_OK;
    nf_status status = nf_hardware_place(inputs->hardware, o->region, "--region", &to->place, error);
    if (status == NF_OK)
        to->kg_per_kwh = to->place->kg_per_kwh;
    return status;
}

/* Ranking across datasets needs other readings of their complexities; within one they change nothing. */
static bool has_several_datasets(const nf_score_inputs *inputs)
{
    const nf_models *models = inputs->models;
    for (size_t i = 1; i < models->n && inputs->options.dataset == NULL; i++)
        if (strcmp(models->items[i].dataset, models->items[0].dataset) != 0)
            return true;
    return false;
}

static nf_status take_complexities(nf_score_inputs *inputs, const nf_score_options *o, const nf_score_sets *sets,
                                   nf_error *error)
{
    nf_complexities *list = &inputs->complexities;
    const bool readings = inputs->options.stability && has_several_datasets(inputs);
    nf_status status = NF_OK;
    for (size_t i = 0; i < o->complexities.n && status == NF_OK; i++)
        status = nf_complexities_add_value(list, inputs->manifests, o->complexities.items[i], error);
    for (size_t i = 0; i < o->profiles.n && status == NF_OK; i++)
        status = nf_complexities_add_profile(list, inputs->manifests, o->profiles.items[i], readings, error);
    for (size_t i = 0; sets != NULL && i < sets->n && status == NF_OK; i++)
        status = nf_complexities_add_analysis(list, inputs->manifests, sets->items[i].profile, sets->items[i].analysis, readings,
                                              error);
    return status == NF_OK ? nf_complexities_add_references(list, error) : status;
}

static bool has_models(const nf_models *models, const char *dataset, const char *task)
{
    for (size_t i = 0; i < models->n; i++)
        if (strcmp(models->items[i].dataset, dataset) == 0 && (task == NULL || strcmp(models->items[i].task, task) == 0))
            return true;
    return false;
}

/* Of a set of one's own in a published layout the models of that one say nothing. */
static void choose_dataset(nf_score_inputs *inputs, const nf_score_sets *sets)
{
    nf_scoring_options *to = &inputs->options;
    for (size_t i = 0; i < sets->n && to->dataset == NULL; i++) {
        const nf_profile *profile = sets->items[i].profile;
        const char *id = profile->dataset_id != NULL ? nf_dataset_id(inputs->manifests, profile->dataset_id) : "";
        if (!has_models(inputs->models, id, to->task) || nf_has_other_classes(inputs->manifests, profile))
            continue;
        to->dataset = id;
        if (to->task == NULL && profile->task != NULL && has_models(inputs->models, id, profile->task))
            to->task = profile->task;
    }
}

nf_status nf_score_inputs_open(nf_score_inputs *inputs, const nf_score_options *o, const char *const *tables, size_t n,
                               const nf_score_sets *sets, bool stability, nf_error *error)
{
    *inputs = (nf_score_inputs){0};
    nf_model_defaults defaults = {o->dataset, o->task};
    nf_status status = nf_manifests_open(&inputs->manifests, NULL, error);
    if (status == NF_OK)
        status = nf_hardware_open(&inputs->hardware, error);
    if (status == NF_OK)
        status = take_options(inputs, o, error);
    inputs->options.corpus = n == 0;
    inputs->options.stability = stability;
    if (status == NF_OK)
        status = nf_models_new(&inputs->models, inputs->manifests, inputs->hardware, error);
    if (status == NF_OK && n == 0)
        status = nf_models_read_corpus(inputs->models, error);
    for (size_t i = 0; i < n && status == NF_OK; i++)
        status = nf_models_read(inputs->models, tables[i], &defaults, error);
    if (status != NF_OK)
        return status;
    nf_models_join_benchmarks(inputs->models);
    if (sets != NULL && n == 0 && o->dataset == NULL)
        choose_dataset(inputs, sets);
    return take_complexities(inputs, o, sets, error);
}

void nf_score_inputs_close(nf_score_inputs *inputs)
{
    nf_models_free(inputs->models);
    nf_complexities_free(&inputs->complexities);
    nf_hardware_close(inputs->hardware);
    nf_manifests_close(inputs->manifests);
}
