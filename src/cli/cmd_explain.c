static const char usage[] =
    "nofade explain [options] MODEL [TABLE.csv...]\n"
    "\n"
    "Prints the arithmetic of a model's figures: each input with its unit and its\n"
    "source, each step, down to the result. Without a table it looks among the\n"
    "models that nofade knows. A model may stand there several times: for other\n"
    "datasets, weights or sizes. --dataset, --task, --metric and --variant choose.\n";

#include <math.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/near.h"
#include "cli/score_options.h"

enum { EXPLAINED_MAX = 20, TEXT_COLUMN = 17 };

typedef struct command_options {
    nf_score_options score;
    const char *variant;
} command_options;

static const nf_option option_table[] = {
    NF_SCORE_OPTIONS(command_options),
    {NF_OPTION_TEXT, "variant", "NAME", "only of this variant", offsetof(command_options, variant), NULL, 0, 0},
    {NF_OPTION_END, NULL, NULL, NULL, 0, NULL, 0, 0},
};

typedef struct explanation {
    const nf_term *term;
    const nf_score_inputs *inputs;
    const nf_scored *row;
} explanation;

/* "  label   text", in as many lines as it takes. */
static void say(const explanation *e, const char *label, const char *text)
{
    fprintf(e->term->out, "  %-14s ", label);
    nf_term_words(e->term, TEXT_COLUMN, TEXT_COLUMN, text);
    fputc('\n', e->term->out);
}

static void say_format(const explanation *e, const char *label, const char *format, ...) __attribute__((format(printf, 3, 4)));
static void say_format(const explanation *e, const char *label, const char *format, ...)
{
    char text[600];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    say(e, label, text);
}

static void say_key(const explanation *e)
{
    const nf_model *m = e->row->model;
    const struct {
        const char *label, *text;
    } texts[] = {{"variant", m->variant}, {"dataset", m->dataset}, {"task", m->task}, {"metric", m->metric},
                 {"input px", m->input_px}, {"source", m->source}};
    fputc('\n', e->term->out);
    nf_term_begin(e->term, NF_STYLE_STRONG);
    nf_term_words(e->term, 0, 2, m->model);
    nf_term_end(e->term);
    fputc('\n', e->term->out);
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        if (texts[i].text[0] != '\0')
            say(e, texts[i].label, texts[i].text);
    say_format(e, "row", "%s:%llu", e->inputs->models->tables[m->table].name, (unsigned long long)m->line);
    const nf_model_table *table = &e->inputs->models->tables[m->table];
    for (size_t i = 0; i < table->n_extra; i++)
        if (m->extra[i][0] != '\0')
            say_format(e, "", "%s: %s", table->extra_names[i], m->extra[i]);
}

static void say_flops(const explanation *e)
{
    const nf_model *m = e->row->model;
    if (isnan(m->flops)) {
        say(e, "FLOPs", "not known");
        return;
    }
    if (strcmp(m->flops_unit, "gmacs") == 0 || strcmp(m->flops_unit, "infer_gmacs") == 0)
        say_format(e, "FLOPs", "%.9g GMACs x 2e9 = %.9g per forward pass", m->flops / 2e9, m->flops);
    else if (strcmp(m->flops_unit, "macs") == 0)
        say_format(e, "FLOPs", "%.9g MACs x 2 = %.9g per forward pass", m->flops / 2.0, m->flops);
    else if (strcmp(m->flops_unit, "gflops") == 0)
        say_format(e, "FLOPs", "%.9g GFLOPs x 1e9 = %.9g per forward pass", m->flops / 1e9, m->flops);
    else
        say_format(e, "FLOPs", "%.9g per forward pass", m->flops);
    if (m->flops_unstated)
        say(e, "", "the source does not say whether FLOPs or MACs: maybe twice as many");
    if (m->flops_px[0] != '\0')
        say_format(e, "", "counted at %s px, where the accuracy was not measured", m->flops_px);
}

static void say_nofade(const explanation *e)
{
    static const char *const logs[] = {"ln", "log2", "log10"};
    const nf_scored *row = e->row;
    const nf_log_base base = e->inputs->options.log_base;
    const nf_model *m = row->model;
    if (isnan(m->accuracy)) {
        say(e, "accuracy", "not known");
        return;
    }
    say_format(e, "accuracy", "%.6g %% = %.9g", 100.0 * m->accuracy, m->accuracy);
    say_flops(e);
    if (isnan(m->flops))
        return;
    say_format(e, "per complexity", "accuracy / %s(FLOPs) = %.9g / %.9g = %.9g", logs[base], m->accuracy,
               nf_log_to(base, m->flops), row->nofade_per_complexity);
    if (row->complexity == NULL) {
        say_format(e, "NoFADE", "not defined: no complexity of %s is known (--complexity, --profile)",
                   m->dataset[0] != '\0' ? m->dataset : "its dataset");
        return;
    }
    const nf_complexity *c = row->complexity;
    say_format(e, "complexity", "%.9g (%s) from %s", c->value, c->kind[0] != '\0' ? c->kind : "given", c->source);
    if (c->definition[0] != '\0')
        say_format(e, "", "%s, counts %s", c->definition, c->digest);
    if (c->saved_under[0] != '\0')
        say_format(e, "", "the profile was saved under %.200s, where it is another figure", c->saved_under);
    if (c->other_classes)
        say_format(e, "", "the profile's classes are none of %s's: another set in its layout", c->dataset);
    if (nf_complexity_caveat(c) != NULL)
        say(e, "", nf_complexity_caveat(c));
    say_format(e, "NoFADE", "accuracy x complexity / %s(FLOPs) = %.9g x %.9g / %.9g = %.9g", logs[base], m->accuracy, c->value,
               nf_log_to(base, m->flops), row->nofade);
}

static void say_device(const explanation *e, const char *label, const char *name, const nf_device *d)
{
    if (d == NULL)
        return;
    if (isnan(d->tdp_w))
        say_format(e, label, "%s, here %s (%s)", name, d->name, d->source);
    else
        say_format(e, label, "%s, here %s: %.6g W (%s)", name, d->name, d->tdp_w, d->source);
}

static void say_energy(const explanation *e)
{
    const nf_scored *row = e->row;
    const nf_model *m = row->model;
    const nf_scoring_options *o = &e->inputs->options;
    say_device(e, "gpu", m->gpu, m->device);
    switch (row->energy_path) {
    case NF_ENERGY_ROW:
        say_format(e, "energy", "%.9g kWh of training, as the row says", row->energy_kwh);
        break;
    case NF_ENERGY_TDP:
        if (!isnan(m->hours) && !isnan(m->gpu_count))
            say_format(e, "GPU hours", "%.6g h x %.6g GPUs = %.9g%s", m->hours, m->gpu_count, m->hours * m->gpu_count,
                       m->gpu_hours == m->hours * m->gpu_count ? "" : "; the row's own gpu_hours are used");
        say_format(e, "energy", "(%.6g W + %.6g W) x %.9g h / 1000 = %.9g kWh", m->device->tdp_w, o->cpu_w, m->gpu_hours,
                   row->energy_kwh);
        say(e, "", "f (w_g + w_c) x GPU hours with w = Watt / f: f cancels");
        if (m->hours_scope[0] != '\0')
            say_format(e, "", "hours of: %s", m->hours_scope);
        break;
    case NF_ENERGY_FLOPS:
        say_format(e, "energy", "%.6g FLOPs / (%.6g FLOP/s x %.6g) / 3600 x (%.6g W + %.6g W) / 1000 = %.9g kWh",
                   m->training_flops, m->device->fp32_tflops * 1e12, o->utilisation, m->device->tdp_w, o->cpu_w,
                   row->energy_kwh);
        break;
    default:
        say(e, "energy", !isnan(m->hours) && isnan(m->gpu_hours) ? "not known: hours, but not of how many GPUs" : "not known");
    }
}

static void say_co2(const explanation *e)
{
    const nf_scored *row = e->row;
    const nf_scoring_options *o = &e->inputs->options;
    char carbon[160];
    nf_carbon_text(o, carbon);
    if (row->co2_given)
        say_format(e, "CO2", "%.9g kg, as the row says", row->co2_kg);
    else if (!isnan(row->co2_kg))
        say_format(e, "CO2", "%.9g kWh x PUE %.6g x %s = %.9g kg", row->energy_kwh, o->pue, carbon, row->co2_kg);
    if (!row->co2_given && !isnan(row->co2_kg) && o->place != NULL)
        say(e, "", o->place->source);
    if (!isnan(row->sam))
        say_format(e, "SAM", "%.6g x %.9g^%.6g / log10(%.9g) = %.9g", o->beta, row->model->accuracy, o->alpha, row->energy_kwh,
                   row->sam);
    else if (row->energy_kwh <= 1.0)
        say(e, "SAM", "not defined: log10 of 1 kWh or less is not positive");
    if (!isnan(row->score))
        say_format(e, "Score", "accuracy / energy = %.9g / %.9g = %.9g per kWh", row->model->accuracy, row->energy_kwh,
                   row->score);
}

static void say_week(const explanation *e)
{
    const nf_scored *row = e->row;
    const nf_model *m = row->model;
    const nf_scoring_options *o = &e->inputs->options;
    if (isnan(m->inference_ms))
        return;
    say_device(e, "inference gpu", m->inference_gpu, m->inference_device);
    if (o->week == NF_WEEK_FORMULA && m->inference_device == NULL && m->device != NULL)
        say(e, "inference gpu", "not said: that of training is taken");
    if (o->week == NF_WEEK_BADAR)
        say_format(e, "CO2 per week", "%.9g ms x %.5g kg/ms = %.9g kg, Badar's constant", m->inference_ms, NF_BADAR_KG_PER_MS,
                   row->co2_kg_week);
    else if (isnan(row->co2_kg_week))
        say_format(e, "CO2 per week", "not known: %.9g ms an image, but on what device?", m->inference_ms);
    else
        say_format(e, "CO2 per week", "%.9g ms x 5.04 h/ms x %.6g W / 1000 x PUE %.6g x %.6g kg/kWh = %.9g kg", m->inference_ms,
                   row->week_w, o->pue, o->kg_per_kwh, row->co2_kg_week);
    if (o->week == NF_WEEK_FORMULA && !isnan(row->co2_kg_week))
        say_format(e, "", "168 h of 30 images a second; Badar's constant (--week badar) would give %.9g kg",
                   nf_co2_kg_week_badar(m->inference_ms));
}

static bool is_meant(const command_options *o, const nf_scoring_options *options, const char *name, const nf_model *m)
{
    return strcasecmp(name, m->model) == 0 && (options->dataset == NULL || strcmp(options->dataset, m->dataset) == 0) &&
           (options->task == NULL || strcmp(options->task, m->task) == 0) &&
           (options->metric == NULL || strcmp(options->metric, m->metric) == 0) &&
           (o->variant == NULL || strcmp(o->variant, m->variant) == 0);
}

/* Near names of the model; where it is there but for its variant, of that. */
static nf_status unknown_model(const command_options *o, const nf_scoring_options *options, const char *name,
                               const nf_models *models, nf_error *error)
{
    const command_options any_variant = {.variant = NULL};
    char near_names[400] = "", chosen[300] = "";
    size_t n = 0;
    const char **names = calloc(models->n + 1, sizeof *names);
    for (size_t i = 0; names != NULL && o->variant != NULL && i < models->n; i++)
        if (is_meant(&any_variant, options, name, &models->items[i]))
            names[n++] = models->items[i].variant;
    const char *const wanted = n > 0 ? o->variant : name;
    for (size_t i = 0; names != NULL && wanted == name && i < models->n; i++)
        names[n++] = models->items[i].model;
    nf_near_text(wanted, names, n, near_names, sizeof near_names);
    free(names);
    const char *const labels[] = {"dataset", "task", "metric", "variant"};
    const char *const texts[] = {options->dataset, options->task, options->metric, o->variant};
    for (size_t i = 0, used = 0; i < sizeof texts / sizeof texts[0] && used + 1 < sizeof chosen; i++)
        if (texts[i] != NULL)
            used += (size_t)snprintf(chosen + used, sizeof chosen - used, "%s%s \"%s\"", used == 0 ? " of " : ", ", labels[i],
                                     texts[i]);
    return nf_fail(error, NF_ERR_USAGE, "no model \"%s\"%s is known%s", name, chosen, near_names);
}

static nf_status explain(const command_options *o, const nf_score_inputs *inputs, const char *name, nf_error *error)
{
    nf_term term;
    size_t n = 0;
    nf_term_init(&term, stdout);
    for (size_t i = 0; i < inputs->models->n; i++) {
        nf_scored row;
        const explanation e = {&term, inputs, &row};
        if (!is_meant(o, &inputs->options, name, &inputs->models->items[i]) || n++ >= EXPLAINED_MAX)
            continue;
        nf_score_model(&inputs->models->items[i], &inputs->complexities, &inputs->options, &row);
        say_key(&e);
        say_nofade(&e);
        say_energy(&e);
        say_co2(&e);
        say_week(&e);
    }
    if (n > EXPLAINED_MAX)
        printf("\n... and %zu more rows; --dataset, --task, --metric and --variant choose\n", n - EXPLAINED_MAX);
    return n > 0 ? NF_OK : unknown_model(o, &inputs->options, name, inputs->models, error);
}

static int run(const command_options *o, const char *const *arguments, size_t n)
{
    nf_error error = {0};
    nf_score_inputs inputs;
    int code = nf_score_options_check("explain", &o->score);
    if (code != 0)
        return code;
    nf_status status = nf_score_inputs_open(&inputs, &o->score, arguments + 1, n - 1, NULL, false, &error);
    if (status == NF_OK)
        status = explain(o, &inputs, arguments[0], &error);
    nf_score_inputs_close(&inputs);
    return status == NF_OK ? EXIT_DONE : nf_cli_fail(&error);
}

int nf_cmd_explain(int argc, char **argv)
{
    command_options o = {0};
    size_t n = 0;
    const char **arguments = calloc((size_t)argc + 1, sizeof *arguments);
    int code;
    if (!nf_score_options_init(&o.score, argc) || arguments == NULL) {
        code = nf_cli_no_memory();
    } else {
        code = nf_cli_parse("explain", option_table, &o, argc, argv, arguments, &n);
        if (code == -1) {
            fputs(usage, stdout);
            nf_cli_print_options(stdout, option_table);
            code = EXIT_DONE;
        } else if (code == 0) {
            code = n == 0 ? nf_cli_usage("explain", "needs a MODEL") : run(&o, arguments, n);
        }
    }
    nf_score_options_clear(&o.score);
    free(arguments);
    return code;
}
