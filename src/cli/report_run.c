#include "cli/report_run.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"

/* ---- options ---- */

static const char *const format_names[NF_N_FIGURE_FORMATS] = {"svg", "png", "pdf"};

/* The formats of "svg,pdf", or 0: it is no such list. */
static unsigned formats_of(const char *list)
{
    unsigned formats = 0;
    if (list == NULL)
        return NF_FIGURE_ALL_FORMATS;
    for (const char *name = list;; name++) {
        const size_t length = strcspn(name, ",");
        unsigned found = 0;
        for (unsigned i = 0; i < NF_N_FIGURE_FORMATS; i++)
            if (strlen(format_names[i]) == length && strncmp(format_names[i], name, length) == 0)
                found = 1u << i;
        if (found == 0)
            return 0;
        formats |= found;
        name += length;
        if (*name == '\0')
            return formats;
    }
}

/* Does the file lie right in the folder, under a name as pictures and their data have it? Both exist. */
static bool is_plot_of(const char *file, const char *folder)
{
    static const char *const suffixes[] = {".svg", ".png", ".pdf", ".csv"};
    char inner[PATH_MAX], outer[PATH_MAX];
    if (realpath(file, inner) == NULL || realpath(folder, outer) == NULL)
        return false;
    char *slash = strrchr(inner, '/');
    const char *dot = strrchr(inner, '.');
    bool named = false;
    for (size_t i = 0; dot != NULL && i < sizeof suffixes / sizeof suffixes[0]; i++)
        named = named || strcmp(dot, suffixes[i]) == 0;
    *slash = '\0';
    return named && strcmp(slash == inner ? "/" : inner, outer) == 0;
}

/* Is the folder an input itself, or below one? */
static bool is_inside(const char *folder, const char *input)
{
    char inner[PATH_MAX], outer[PATH_MAX];
    if (realpath(folder, inner) == NULL || realpath(input, outer) == NULL)
        return false;
    const size_t n = strlen(outer);
    return strncmp(inner, outer, n) == 0 && (inner[n] == '\0' || inner[n] == '/' || n == 1);
}

int nf_report_options_check(const char *command, const nf_report_options *o, const char *const *inputs, size_t n)
{
    if (formats_of(o->plot_format) == 0)
        return nf_cli_usage(command, "--plot-format \"%s\" must be a list of svg, png, pdf with commas between", o->plot_format);
    if (o->plot_format != NULL && o->plots == NULL)
        return nf_cli_usage(command, "--plot-format needs --plots");
    if (o->no_figures && o->plots != NULL)
        return nf_cli_usage(command, "--no-figures and --plots contradict each other");
    for (size_t i = 0; i < n && o->plots != NULL; i++)
        if (is_plot_of(inputs[i], o->plots) || is_inside(o->plots, inputs[i]))
            return nf_cli_usage(command, "--plots %s: the input %s could be written over", o->plots, inputs[i]);
    return 0;
}

static bool is_plain(const char *text)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_./:=,@%+-";
    return text[0] != '\0' && text[strspn(text, plain)] == '\0';
}

static nf_status append_argument(nf_buf *buf, const char *text, nf_error *error)
{
    if (is_plain(text))
        return nf_buf_printf(buf, error, " %s", text);
    nf_status status = nf_buf_append(buf, " '", 2, error);
    for (; *text != '\0' && status == NF_OK; text++)
        status = *text == '\'' ? nf_buf_append(buf, "'\\''", 4, error) : nf_buf_append(buf, text, 1, error);
    return status == NF_OK ? nf_buf_append(buf, "'", 1, error) : status;
}

nf_status nf_report_command(char **text, const char *command, int argc, char **argv, nf_error *error)
{
    nf_buf buf = {0};
    nf_status status = nf_buf_printf(&buf, error, "nofade %s", command);
    for (int i = 1; i < argc && status == NF_OK; i++)
        status = append_argument(&buf, argv[i], error);
    if (status == NF_OK)
        status = nf_buf_append(&buf, "", 1, error);
    *text = (char *)buf.data;
    return status;
}

/* ---- the work ---- */

/* NULL and NF_OK: there are no models, or those that nofade knows cannot be ranked together and nobody asked for them. */
static nf_status score(const nf_report_job *job, nf_score_inputs *inputs, nf_scoring **scoring, nf_error *error)
{
    const nf_score_sets sets = {job->sets, job->n_sets};
    const bool asked = job->n_tables > 0 || job->score->dataset != NULL;
    nf_status status = nf_score_inputs_open(inputs, job->score, job->tables, job->n_tables, &sets, true, error);
    if (status != NF_OK || (!asked && inputs->options.dataset == NULL))
        return status;
    status = nf_scoring_new(scoring, inputs->models, &inputs->complexities, &inputs->options, error);
    if (status != NF_ERR_USAGE || asked)
        return status;
    if (!job->quiet) {
        nf_term term;
        nf_term_init(&term, stderr);
        fputs("nofade: no models in the report: ", stderr);
        nf_term_name(&term, error->message, 0);
        fputc('\n', stderr);
    }
    return NF_OK;
}

/* Of the letters that stand as U+FFFD in PNG and PDF. */
static void tell_missing(const nf_letters *letters)
{
    enum { TOLD_MAX = 4 };
    const size_t n = letters->n_missing < TOLD_MAX ? letters->n_missing : TOLD_MAX;
    fputs(letters->known ? "nofade: no font of this machine has" : "nofade: fc-match (package fontconfig) cannot tell whether a font has",
          stderr);
    for (size_t i = 0; i < n; i++)
        fprintf(stderr, "%s U+%04X", i == 0 ? "" : n == letters->n_missing && i + 1 == n ? " and" : ",", (unsigned)letters->missing[i]);
    if (letters->n_missing > n)
        fprintf(stderr, " and %zu more", letters->n_missing - n);
    fputs(" of the names: another sign stands for each in PNG and PDF; SVG and CSV have them\n", stderr);
}

/* Is an output of the run the file "FOLDER/ID.suffix"? */
static nf_status check_name(const nf_report_job *job, const char *id, const char *suffix, nf_error *error)
{
    nf_buf path = {0};
    nf_status status = nf_buf_printf(&path, error, "%s/%s.%s", job->options->plots, id, suffix);
    if (status == NF_OK)
        status = nf_buf_append(&path, "", 1, error);
    for (size_t i = 0; i < job->n_outputs && status == NF_OK; i++)
        if (job->outputs[i] != NULL && nf_cli_same_file(job->outputs[i], (const char *)path.data))
            status = nf_fail(error, NF_ERR_USAGE, "two outputs would be written to %s", job->outputs[i]);
    nf_buf_free(&path);
    return status;
}

static nf_status check_names(const nf_report_job *job, const nf_figures *figures, nf_error *error)
{
    const unsigned formats = formats_of(job->options->plot_format);
    nf_status status = NF_OK;
    for (size_t i = 0; i < figures->n && status == NF_OK; i++) {
        status = check_name(job, figures->items[i].id, "csv", error);
        for (unsigned k = 0; k < NF_N_FIGURE_FORMATS && status == NF_OK; k++)
            if (formats & 1u << k)
                status = check_name(job, figures->items[i].id, format_names[k], error);
    }
    return status;
}

static nf_status draw(const nf_report_job *job, const nf_report_data *data, nf_figures **figures, nf_error *error)
{
    const bool on_page = job->out != NULL && !job->options->no_figures;
    if (!on_page && job->options->plots == NULL)
        return NF_OK;
    nf_status status = nf_figures_make(figures, data, error);
    if (status == NF_OK && job->options->plots != NULL)
        status = check_names(job, *figures, error);
    if (status == NF_OK && on_page)
        status = nf_figures_draw_svg(*figures, error);
    if (status == NF_OK && job->options->plots != NULL)
        status = nf_figures_write_dir(*figures, job->options->plots, formats_of(job->options->plot_format), error);
    if (status == NF_OK && *figures != NULL && (*figures)->letters.n_missing > 0 && !job->quiet)
        tell_missing(&(*figures)->letters);
    return status;
}

nf_status nf_report_run(const nf_report_job *job, nf_error *error)
{
    nf_score_inputs inputs = {0};
    nf_scoring *scoring = NULL;
    nf_figures *figures = NULL;
    nf_thumbnails *thumbnails = NULL;
    nf_status status = score(job, &inputs, &scoring, error);
    const nf_report_data data = {job->sets, job->n_sets, scoring, scoring != NULL ? &inputs.complexities : NULL};
    if (status == NF_OK)
        status = draw(job, &data, &figures, error);
    if (status == NF_OK && job->out != NULL && job->options->picture_bytes > 0)
        status = nf_thumbnails_make(&thumbnails, &data, job->options->picture_bytes, error);
    if (status == NF_OK && job->out != NULL)
        status = nf_report_write(&(nf_report){&data, figures, thumbnails, job->command, (int64_t)time(NULL)}, job->out, error);
    nf_thumbnails_free(thumbnails);
    nf_figures_free(figures);
    nf_scoring_free(scoring);
    nf_score_inputs_close(&inputs);
    return status;
}
