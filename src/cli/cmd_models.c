static const char usage[] =
    "nofade models [options]\n"
    "\n"
    "Lists the models that nofade knows, as their sources print them: the tables\n"
    "that `nofade score` ranks when it is given none.\n";

#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/near.h"
#include "cli/score_options.h"

typedef struct command_options {
    const char *dataset, *task, *output;
    int format;
} command_options;

enum { FORMAT_TABLE, FORMAT_CSV };
static const char *const formats[] = {"table", "csv", NULL};

#define FIELD(name) offsetof(command_options, name)
static const nf_option option_table[] = {
    {NF_OPTION_TEXT, "dataset", "NAME", "only of this dataset", FIELD(dataset), NULL, 0, 0},
    {NF_OPTION_TEXT, "task", "TASK", "only of this task", FIELD(task), NULL, 0, 0},
    {NF_OPTION_CHOICE, "format", "FORMAT", "table or csv (table)", FIELD(format), formats, 0, 0},
    {NF_OPTION_TEXT, "o", "FILE", "write there; - is standard output", FIELD(output), NULL, 0, 0},
    {NF_OPTION_END, NULL, NULL, NULL, 0, NULL, 0, 0},
};

static bool is_chosen(const command_options *o, const nf_model *m)
{
    return (o->dataset == NULL || strcmp(o->dataset, m->dataset) == 0) && (o->task == NULL || strcmp(o->task, m->task) == 0);
}

static const char *full_name(char name[400], const nf_model *m)
{
    snprintf(name, 400, "%.180s%s%.180s%s", m->model, m->variant[0] != '\0' ? " (" : "", m->variant,
             m->variant[0] != '\0' ? ")" : "");
    return name;
}

/* Columns of names, datasets, metrics: as much as they take, names what there is. */
typedef struct widths {
    size_t name, dataset, metric;
} widths;

static void widen(size_t *width, size_t wanted)
{
    *width = wanted > *width ? wanted : *width;
}

static widths widths_of(const nf_term *term, const command_options *o, const nf_models *models)
{
    enum { FIGURES = 3 + 7 + 1 + 8, DATASET_MAX = 16, METRIC_MAX = 10 };
    widths w = {24, 7, 6};
    char name[400];
    for (size_t i = 0; i < models->n; i++) {
        const nf_model *m = &models->items[i];
        if (!is_chosen(o, m))
            continue;
        widen(&w.name, nf_term_name_width(term, full_name(name, m), 0));
        widen(&w.dataset, nf_term_name_width(term, m->dataset, DATASET_MAX));
        widen(&w.metric, nf_term_name_width(term, m->metric, METRIC_MAX));
    }
    size_t room = term->columns - FIGURES - w.dataset - w.metric;
    w.name = w.name < room ? w.name : room;
    return w;
}

static void print_row(const nf_term *term, const widths *w, const nf_model *m)
{
    char name[400];
    nf_term_cell(term, full_name(name, m), w->name);
    fputc(' ', term->out);
    nf_term_cell(term, m->dataset, w->dataset);
    fputc(' ', term->out);
    nf_term_cell(term, m->metric, w->metric);
    fprintf(term->out, " %7.2f", 100.0 * m->accuracy);
    if (isnan(m->flops))
        fprintf(term->out, " %8s\n", "-");
    else
        fprintf(term->out, " %8.4g\n", m->flops / 1e9);
}

static void print_heads(const nf_term *term, const widths *w)
{
    nf_term_begin(term, NF_STYLE_STRONG);
    fprintf(term->out, "%-*s %-*s %-*s %7s %8s", (int)w->name, "model", (int)w->dataset, "dataset", (int)w->metric, "metric", "%",
            "GFLOPs");
    nf_term_end(term);
    fputc('\n', term->out);
}

static void put_text(nf_out *out, const char *text, nf_error *error)
{
    nf_out_csv_field(out, text, error);
    nf_out_text(out, ",", error);
}

static void put_number(nf_out *out, double value, nf_error *error)
{
    if (!isnan(value))
        nf_out_double(out, value, error);
    nf_out_text(out, ",", error);
}

/* Units as `nofade score` reads them: what this writes can be given to it. */
static nf_status put_row(nf_out *out, const nf_model *m, nf_error *error)
{
    const double numbers[] = {m->params_m, m->gpu_count, m->hours, m->gpu_hours, m->energy_kwh, m->inference_ms,
                              m->test_images};
    put_text(out, m->model, error);
    put_text(out, m->variant, error);
    put_text(out, m->dataset, error);
    put_text(out, m->task, error);
    put_text(out, m->metric, error);
    put_number(out, m->accuracy, error);
    put_number(out, m->flops, error);
    put_text(out, isnan(m->flops) ? "" : m->flops_unstated ? "unstated" : "flops", error);
    put_text(out, m->flops_px, error);
    put_text(out, m->input_px, error);
    put_text(out, m->gpu, error);
    put_text(out, m->inference_gpu, error);
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        put_number(out, numbers[i], error);
    nf_out_csv_field(out, m->source, error);
    return nf_out_text(out, "\n", error);
}

static nf_status write_csv(const command_options *o, const nf_models *models, nf_out *out, nf_error *error)
{
    nf_status status = nf_out_text(out,
                                   "model,variant,dataset,task,metric,accuracy,flops,flops_convention,flops_px,input_px,gpu,"
                                        "inference_gpu,params_m,gpu_count,hours,gpu_hours,energy_kwh,inference_ms,test_images,"
                                        "source\n", error);
    for (size_t i = 0; i < models->n && status == NF_OK; i++)
        if (is_chosen(o, &models->items[i]))
            status = put_row(out, &models->items[i], error);
    return status;
}

static nf_status write_table(const command_options *o, const nf_models *models, nf_out *out, nf_error *error)
{
    char *text = NULL;
    size_t size = 0, n = 0;
    FILE *memory = open_memstream(&text, &size);
    nf_term term;
    if (memory == NULL)
        return nf_fail_nomem(error, "a table");
    nf_term_init_for(&term, memory, o->output);
    const widths w = widths_of(&term, o, models);
    print_heads(&term, &w);
    for (size_t i = 0; i < models->n; i++)
        if (is_chosen(o, &models->items[i])) {
            print_row(&term, &w, &models->items[i]);
            n++;
        }
    fputc('\n', memory);
    nf_term_line(&term, 0, 2, "%zu model%s (--format csv: all figures, with the source of each)", n, n == 1 ? "" : "s");
    nf_status status = fclose(memory) == 0 ? nf_out_write(out, text, size, error) : nf_fail_nomem(error, "a table");
    free(text);
    return status;
}

/* An unknown dataset or task is told with what there is. */
static nf_status check_chosen(const command_options *o, const nf_models *models, nf_error *error)
{
    char near_names[400] = "";
    for (size_t i = 0; i < models->n; i++)
        if (is_chosen(o, &models->items[i]))
            return NF_OK;
    const char **names = calloc(models->n + 1, sizeof *names);
    for (size_t i = 0; names != NULL && i < models->n; i++)
        names[i] = o->dataset != NULL ? models->items[i].dataset : models->items[i].task;
    nf_near_text(o->dataset != NULL ? o->dataset : o->task, names, models->n, near_names, sizeof near_names);
    free(names);
    return nf_fail(error, NF_ERR_USAGE, "no model is of dataset %s, task %s%s", o->dataset != NULL ? o->dataset : "any",
                   o->task != NULL ? o->task : "any", near_names);
}

static int list(command_options *o)
{
    nf_error error = {0};
    nf_score_inputs inputs;
    nf_out *out = NULL;
    nf_score_options none;
    bool memory = nf_score_options_init(&none, 0);
    nf_status status = memory ? nf_out_open(&out, o->output != NULL ? o->output : "-", &error)
                              : nf_fail_nomem(&error, "options");
    inputs = (nf_score_inputs){0};
    if (status == NF_OK)
        status = nf_score_inputs_open(&inputs, &none, NULL, 0, NULL, false, &error);
    if (status == NF_OK && o->dataset != NULL)
        o->dataset = nf_dataset_id(inputs.manifests, o->dataset);
    if (status == NF_OK)
        status = check_chosen(o, inputs.models, &error);
    if (status == NF_OK)
        status = (o->format == FORMAT_CSV ? write_csv : write_table)(o, inputs.models, out, &error);
    if (status == NF_OK) {
        nf_out *whole = out;
        out = NULL;
        status = nf_out_commit(whole, &error);
    }
    nf_out_discard(out);
    nf_score_inputs_close(&inputs);
    nf_score_options_clear(&none);
    return status == NF_OK ? EXIT_DONE : nf_cli_fail(&error);
}

int nf_cmd_models(int argc, char **argv)
{
    command_options o = {0};
    size_t n = 0;
    const char **rest = calloc((size_t)argc + 1, sizeof *rest);
    if (rest == NULL)
        return nf_cli_no_memory();
    int code = nf_cli_parse("models", option_table, &o, argc, argv, rest, &n);
    if (code == -1) {
        fputs(usage, stdout);
        nf_cli_print_options(stdout, option_table);
        code = EXIT_DONE;
    } else if (code == 0) {
        code = n > 0 ? nf_cli_usage("models", "takes no argument; --dataset and --task choose") : list(&o);
    }
    free(rest);
    return code;
}
