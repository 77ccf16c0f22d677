static const char usage[] =
    "nofade report [options] -o FILE.html PROFILE.json...\n"
    "\n"
    "One page that shows what profiles (nofade dataset --json) and models hold:\n"
    "figures, classes, pairs of classes, findings, sources, and the models ranked.\n"
    "It opens offline, from an e-mail, without scripts, and prints. Each profile is\n"
    "a set of its own: they are compared, not added up.\n"
    "\n"
    "Models are those of --models, else those that nofade knows of --dataset, else\n"
    "of the first set that it knows models of.\n";

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "cli/report_run.h"

#define NULL_BY_DEFAULT UINT64_MAX /* --null was not given */

typedef struct command_options {
    nf_score_options score;
    nf_report_options report_options;
    nf_option_list models;
    const char *output;
    uint64_t null;
    bool quiet;
} command_options;

#define FIELD(name) offsetof(command_options, name)
static const nf_option option_table[] = {
    {NF_OPTION_HEADING, "Output", NULL, NULL, 0, NULL, 0, 0},
    {NF_OPTION_TEXT, "o", "FILE", "the page; - is standard output", FIELD(output), NULL, 0, 0},
    NF_REPORT_OPTIONS(command_options),
    {NF_OPTION_NUMBER, "null", "N", "how often labels are shuffled (20; none above 2000 classes)", FIELD(null), NULL, 0, 100000},
    {NF_OPTION_FLAG, "quiet", NULL, "say nothing beside the output", FIELD(quiet), NULL, 0, 0},
    {NF_OPTION_HEADING, "Models", NULL, NULL, 0, NULL, 0, 0},
    {NF_OPTION_LIST, "models", "TABLE.csv", "a table of models; may come several times", FIELD(models), NULL, 0, 0},
    {NF_OPTION_CHOICE, "by", "FIGURE", "nofade, sam, score, co2 or accuracy (nofade)", NF_SCORE_FIELD(command_options, by),
     nf_score_bys, 0, 0},
    {NF_OPTION_FLAG, "mix", NULL, "rank unlike tasks, metrics and complexities",
     NF_SCORE_FIELD(command_options, mix), NULL, 0, 0},
    NF_SCORE_OPTIONS(command_options),
    {NF_OPTION_END, NULL, NULL, NULL, 0, NULL, 0, 0},
};

/* What is shown, set by set. */
typedef struct sets {
    size_t n;
    nf_profile **profiles;  /* (n,) and so are the others */
    nf_analysis *analyses;
    char **names;
    nf_report_set *items;
} sets;

static void sets_clear(sets *s)
{
    for (size_t i = 0; s->profiles != NULL && i < s->n; i++)
        nf_profile_free(s->profiles[i]);
    for (size_t i = 0; s->analyses != NULL && i < s->n; i++)
        nf_analysis_clear(&s->analyses[i]);
    for (size_t i = 0; s->names != NULL && i < s->n; i++)
        free(s->names[i]);
    free(s->profiles);
    free(s->analyses);
    free(s->names);
    free(s->items);
}

static nf_status read_set(sets *s, size_t i, const char *path, const command_options *o, nf_error *error)
{
    nf_definition definition;
    nf_status status = nf_profile_read(path, &s->profiles[i], error);
    if (status != NF_OK)
        return status;
    nf_definition_init(&definition);
    if (o->null != NULL_BY_DEFAULT)
        definition.null_permutations = (int64_t)o->null;
    return nf_analyse(s->profiles[i], &definition, &s->analyses[i], error);
}

static nf_status read_sets(sets *s, const char *const *paths, size_t n, const command_options *o, nf_error *error)
{
    if (n > NF_REPORT_SETS_MAX)
        return nf_fail(error, NF_ERR_USAGE, "a report shows %d sets at most, not %zu", NF_REPORT_SETS_MAX, n);
    *s = (sets){.n = n, .profiles = calloc(n + 1, sizeof *s->profiles), .analyses = calloc(n + 1, sizeof *s->analyses),
                .names = calloc(n + 1, sizeof *s->names), .items = calloc(n + 1, sizeof *s->items)};
    if (s->profiles == NULL || s->analyses == NULL || s->names == NULL || s->items == NULL)
        return nf_fail_nomem(error, "the sets of a report");
    nf_status status = NF_OK;
    for (size_t i = 0; i < n && status == NF_OK; i++)
        status = read_set(s, i, paths[i], o, error);
    if (status == NF_OK)
        status = nf_report_names(s->names, (const nf_profile *const *)s->profiles, n, error);
    for (size_t i = 0; i < n && status == NF_OK; i++)
        s->items[i] = (nf_report_set){s->profiles[i], &s->analyses[i], s->names[i]};
    return status;
}

static int report(const command_options *o, const nf_cli_paths *paths, const char *command)
{
    nf_error error = {0};
    sets s = {0};
    nf_out *out = NULL;
    nf_status status = nf_out_open(&out, o->output, &error);
    if (status == NF_OK)
        status = read_sets(&s, (const char *const *)paths->items, paths->n, o, &error);
    if (status == NF_OK)
        status = nf_report_run(&(nf_report_job){&o->report_options, s.items, s.n, &o->score, o->models.items, o->models.n, out,
                                                &o->output, 1, command, o->quiet}, &error);
    if (status == NF_OK) {
        nf_out *whole = out;
        out = NULL;
        status = nf_out_commit(whole, &error);
    }
    nf_out_discard(out);
    sets_clear(&s);
    return status == NF_OK ? EXIT_DONE : nf_cli_fail(&error);
}

/* What a single option cannot say. */
static int check(const command_options *o, const nf_cli_paths *paths)
{
    const char *const *inputs[] = {(const char *const *)paths->items, o->models.items};
    const size_t counts[] = {paths->n, o->models.n};
    nf_error error = {0};
    int code = 0;
    if (o->output == NULL)
        return nf_cli_usage("report", "needs -o FILE.html");
    if (paths->n == 0 && o->models.n == 0 && o->score.dataset == NULL)
        return nf_cli_usage("report", "needs a PROFILE.json, --models or --dataset");
    for (size_t list = 0; list < 2 && code == 0; list++) {
        for (size_t i = 0; i < counts[list]; i++)
            if (nf_cli_check_input(o->output, inputs[list][i], &error) != NF_OK)
                return nf_cli_fail(&error);
        code = nf_report_options_check("report", &o->report_options, inputs[list], counts[list]);
    }
    for (size_t i = 0; i < o->score.profiles.n && code == 0; i++)
        if (nf_cli_check_input(o->output, nf_complexities_profile_path(o->score.profiles.items[i]), &error) != NF_OK)
            return nf_cli_fail(&error);
    return code == 0 ? nf_score_options_check("report", &o->score) : code;
}

static int expand_and_report(const command_options *o, const char *const *given, size_t n, const char *command)
{
    nf_error error = {0};
    nf_cli_paths paths = {0};
    int code = nf_cli_expand_paths(&paths, given, n, &error) == NF_OK ? check(o, &paths) : nf_cli_fail(&error);
    if (code == 0)
        code = report(o, &paths, command);
    nf_cli_paths_free(&paths);
    return code;
}

int nf_cmd_report(int argc, char **argv)
{
    command_options o = {.null = NULL_BY_DEFAULT, .report_options.picture_bytes = NF_PICTURE_BYTES};
    size_t n = 0;
    char *command = NULL;
    const char **paths = calloc((size_t)argc + 1, sizeof *paths);
    int code;
    o.models.items = calloc((size_t)argc + 1, sizeof *o.models.items);
    if (paths == NULL || o.models.items == NULL || !nf_score_options_init(&o.score, argc) ||
        nf_report_command(&command, "report", argc, argv, NULL) != NF_OK) {
        code = nf_cli_no_memory();
    } else {
        code = nf_cli_parse("report", option_table, &o, argc, argv, paths, &n);
        if (code == -1) {
            fputs(usage, stdout);
            nf_cli_print_options(stdout, option_table);
            code = EXIT_DONE;
        } else if (code == 0) {
            code = expand_and_report(&o, paths, n, command);
        }
    }
    nf_score_options_clear(&o.score);
    free(command);
    free(o.models.items);
    free(paths);
    return code;
}
