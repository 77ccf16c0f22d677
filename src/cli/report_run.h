/* nofade: what `nofade report` and `nofade dataset --report` share: the page and the pictures. */
#ifndef NF_CLI_REPORT_RUN_H
#define NF_CLI_REPORT_RUN_H

#include "cli/score_options.h"

typedef struct nf_report_options {
    const char *plots, *plot_format; /* NULL: none; all formats */
    bool no_figures;
    uint64_t picture_bytes;
} nf_report_options;
#define NF_PICTURE_BYTES (UINT64_C(1) << 30) /* picture_bytes by default */

/* Rows of an option table; target holds an nf_report_options as `report_options`. */
#define NF_REPORT_FIELD(target, name) (offsetof(target, report_options) + offsetof(nf_report_options, name))
#define NF_REPORT_OPTIONS(target) \
    {NF_OPTION_TEXT, "plots", "DIR", "each figure as a file, with its data as CSV", NF_REPORT_FIELD(target, plots), NULL, 0, 0}, \
    {NF_OPTION_TEXT, "plot-format", "LIST", "of these files: svg, png, pdf (svg,png,pdf)", \
     NF_REPORT_FIELD(target, plot_format), NULL, 0, 0}, \
    {NF_OPTION_FLAG, "no-figures", NULL, "the page without figures; needs no gnuplot", \
     NF_REPORT_FIELD(target, no_figures), NULL, 0, 0}, \
    {NF_OPTION_BYTES, "thumbnails", "BYTES", "small pictures, if the sources have at most so many bytes (1G)", \
     NF_REPORT_FIELD(target, picture_bytes), NULL, 0, UINT64_MAX / 4}

/* 0, or EXIT_USAGE after a sentence: formats are no list of formats, options contradict each other, or a file of inputs (n,) could be
 * written over by one of --plots. */
int nf_report_options_check(const char *command, const nf_report_options *options, const char *const *inputs, size_t n);

typedef struct nf_report_job {
    const nf_report_options *options;
    const nf_report_set *sets;      /* (n_sets,) */
    size_t n_sets;
    const nf_score_options *score;
    const char *const *tables;      /* (n_tables,) */
    size_t n_tables;
    nf_out *out;                    /* the page; NULL: only pictures */
    const char *const *outputs;     /* (n_outputs,) what else this run writes, the page too; each may be NULL */
    size_t n_outputs;
    const char *command;
    bool quiet;
} nf_report_job;

/* Scores the models, draws the figures, writes the page into out (not committed) and the pictures into their folder. NF_ERR_USAGE: a picture
 * would have the name of another output. */
nf_status nf_report_run(const nf_report_job *job, nf_error *error);
/* The command line as it could be typed again. *text is owned by the caller (free). */
nf_status nf_report_command(char **text, const char *command, int argc, char **argv, nf_error *error);

#endif
