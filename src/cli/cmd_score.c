static const char usage[] =
    "nofade score [options] [TABLE.csv...]\n"
    "\n"
    "Joins models with the complexity of their datasets and ranks them. Without a\n"
    "table it ranks the models that nofade knows; then --dataset chooses.\n"
    "\n"
    "Columns of a table: model, variant, dataset, task, metric, accuracy_pct or\n"
    "accuracy (a fraction), flops, gflops, macs or gmacs (per forward pass; a\n"
    "multiply-add is 1 MAC, 2 FLOPs), flops_convention, input_px, params_m, gpu,\n"
    "gpu_count, hours or gpu_hours, hours_scope, energy_j, energy_wh, energy_kwh or\n"
    "energy_mj (megajoule), co2_kg, inference_ms, inference_gpu, test_images,\n"
    "training_flops, flops_px, category, source. Only model is needed. Others are\n"
    "passed on. CodeCarbon's emissions.csv and timm's results and benchmark CSV are\n"
    "read as they are.\n";

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "cli/score_options.h"

enum { TABLE_ROWS = 30 };

typedef struct command_options {
    nf_score_options score;
    int format;
    const char *output, *category;
    uint64_t top;
    bool stability, frontier, stats, quiet;
} command_options;

enum { FORMAT_TABLE, FORMAT_CSV, FORMAT_JSON };
static const char *const formats[] = {"table", "csv", "json", NULL};

#define FIELD(name) offsetof(command_options, name)
static const nf_option option_table[] = {
    NF_SCORE_OPTIONS(command_options),
    {NF_OPTION_HEADING, "Ranking", NULL, NULL, 0, NULL, 0, 0},
    {NF_OPTION_CHOICE, "by", "FIGURE", "nofade, sam, score, co2 or accuracy (nofade)", NF_SCORE_FIELD(command_options, by),
     nf_score_bys, 0, 0},
    {NF_OPTION_FLAG, "mix", NULL, "rank unlike tasks, metrics and complexities",
     NF_SCORE_FIELD(command_options, mix), NULL, 0, 0},
    {NF_OPTION_FLAG, "stability", NULL, "say what moves each model's rank, and how far", FIELD(stability), NULL, 0, 0},
    {NF_OPTION_FLAG, "frontier", NULL, "the Pareto frontier, and points per doubling", FIELD(frontier), NULL, 0, 0},
    {NF_OPTION_FLAG, "stats", NULL, "rank correlations, instead of the ranking", FIELD(stats), NULL, 0, 0},
    {NF_OPTION_TEXT, "category", "COLUMN", "--stats: Kruskal-Wallis by this column (category)", FIELD(category), NULL, 0, 0},
    {NF_OPTION_HEADING, "Output", NULL, NULL, 0, NULL, 0, 0},
    {NF_OPTION_NUMBER, "top", "N", "only the first N (30 in a table, all in files)", FIELD(top), NULL, 1, UINT32_MAX},
    {NF_OPTION_CHOICE, "format", "FORMAT", "table, csv or json (table)", FIELD(format), formats, 0, 0},
    {NF_OPTION_TEXT, "o", "FILE", "write there; - is standard output", FIELD(output), NULL, 0, 0},
    {NF_OPTION_FLAG, "quiet", NULL, "say nothing beside the output", FIELD(quiet), NULL, 0, 0},
    {NF_OPTION_END, NULL, NULL, NULL, 0, NULL, 0, 0},
};

static void print_all(const command_options *o, FILE *out, const nf_score_inputs *inputs, const nf_scoring *scoring,
                      const nf_group_stats *stats)
{
    nf_term term;
    nf_term_init_for(&term, out, o->output);
    if (stats != NULL) {
        nf_score_print_stats(&term, scoring, stats, o->category != NULL ? o->category : "category");
        return;
    }
    const size_t top = o->top > 0 ? (size_t)o->top : TABLE_ROWS;
    nf_score_print(&term, scoring, &inputs->complexities, top);
    if (o->stability)
        nf_score_print_moved(&term, scoring, top);
    if (o->frontier)
        nf_score_print_frontiers(&term, scoring);
}

/* A table goes through memory, so that it may be written to a file that appears whole. */
static nf_status write_table(const command_options *o, nf_out *out, const nf_score_inputs *inputs, const nf_scoring *scoring,
                             const nf_group_stats *stats, nf_error *error)
{
    char *text = NULL;
    size_t n = 0;
    FILE *memory = open_memstream(&text, &n);
    if (memory == NULL)
        return nf_fail_nomem(error, "a table");
    print_all(o, memory, inputs, scoring, stats);
    nf_status status = fclose(memory) == 0 ? nf_out_write(out, text, n, error) : nf_fail_nomem(error, "a table");
    free(text);
    return status;
}

static nf_status write_result(const command_options *o, nf_out *out, const nf_score_inputs *inputs, const nf_scoring *scoring,
                              nf_error *error)
{
    nf_group_stats *stats = NULL;
    const char *category = o->category != NULL ? o->category : "category";
    nf_status status = o->category != NULL ? nf_score_category_check(scoring, category, error) : NF_OK;
    if (status == NF_OK && o->stats)
        status = nf_score_stats(scoring, category, &stats, error);
    if (status == NF_OK && o->format == FORMAT_TABLE)
        status = write_table(o, out, inputs, scoring, stats, error);
    else if (status == NF_OK && o->format == FORMAT_CSV)
        status = stats != NULL ? nf_score_stats_write_csv(scoring, stats, category, out, error)
                               : nf_scoring_write_csv(scoring, (size_t)o->top, out, error);
    else if (status == NF_OK)
        status = stats != NULL ? nf_score_stats_write_json(scoring, stats, category, out, error)
                               : nf_scoring_write_json(scoring, &inputs->complexities, (size_t)o->top, out, error);
    free(stats);
    return status;
}

static int score(const command_options *o, const char *const *tables, size_t n)
{
    nf_error error = {0};
    nf_score_inputs inputs = {0};
    nf_scoring *scoring = NULL;
    nf_out *out = NULL;
    nf_status status = nf_out_open(&out, o->output != NULL ? o->output : "-", &error);
    if (status == NF_OK)
        status = nf_score_inputs_open(&inputs, &o->score, tables, n, NULL, o->stability, &error);
    if (status == NF_OK)
        status = nf_scoring_new(&scoring, inputs.models, &inputs.complexities, &inputs.options, &error);
    if (status == NF_OK)
        status = write_result(o, out, &inputs, scoring, &error);
    if (status == NF_OK) {
        nf_out *whole = out;
        out = NULL;
        status = nf_out_commit(whole, &error);
    }
    if (status == NF_OK && !o->quiet && o->format != FORMAT_TABLE) {
        nf_term term;
        nf_term_init(&term, stderr);
        nf_score_print_assumptions(&term, scoring, &inputs.complexities, "nofade: ");
    }
    nf_out_discard(out);
    nf_scoring_free(scoring);
    nf_score_inputs_close(&inputs);
    return status == NF_OK ? EXIT_DONE : nf_cli_fail(&error);
}

/* What a single option cannot say. */
static int check(const command_options *o, const char *const *tables, size_t n)
{
    const bool to_file = o->output != NULL && strcmp(o->output, "-") != 0;
    const nf_option_list *profiles = &o->score.profiles;
    for (size_t i = 0; to_file && i < n + profiles->n; i++) {
        const char *input = i < n ? tables[i] : nf_complexities_profile_path(profiles->items[i - n]);
        if (nf_cli_same_file(o->output, input))
            return nf_cli_usage("score", "the input %s would be written over", input);
    }
    if (o->category != NULL && !o->stats)
        return nf_cli_usage("score", "--category needs --stats");
    return nf_score_options_check("score", &o->score);
}

int nf_cmd_score(int argc, char **argv)
{
    command_options o = {0};
    size_t n = 0;
    const char **tables = calloc((size_t)argc + 1, sizeof *tables);
    int code;
    if (!nf_score_options_init(&o.score, argc) || tables == NULL) {
        code = nf_cli_no_memory();
    } else {
        code = nf_cli_parse("score", option_table, &o, argc, argv, tables, &n);
        if (code == -1) {
            fputs(usage, stdout);
            nf_cli_print_options(stdout, option_table);
            code = EXIT_DONE;
        } else if (code == 0 && (code = check(&o, tables, n)) == 0) {
            code = score(&o, tables, n);
        }
    }
    nf_score_options_clear(&o.score);
    free(tables);
    return code;
}
