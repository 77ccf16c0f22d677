/* nofade: what `nofade score` and `nofade explain` share: the options that say how models are scored, and what is read. */
#ifndef NF_CLI_SCORE_OPTIONS_H
#define NF_CLI_SCORE_OPTIONS_H

#include "cli/cli.h"

typedef struct nf_score_options {
    const char *dataset, *task, *metric, *region;
    nf_option_list profiles, complexities;
    double carbon, pue, cpu_watts, utilisation, alpha, beta; /* NaN: not given */
    int power, week, log_base, by;
    bool mix;
} nf_score_options;

extern const char *const nf_score_powers[], *const nf_score_weeks[], *const nf_score_log_bases[], *const nf_score_bys[];

/* Rows of an option table; target holds an nf_score_options as `score`. */
#define NF_SCORE_FIELD(target, name) (offsetof(target, score) + offsetof(nf_score_options, name))
#define NF_SCORE_OPTIONS(target) \
    {NF_OPTION_HEADING, "Which models", NULL, NULL, 0, NULL, 0, 0}, \
    {NF_OPTION_TEXT, "dataset", "NAME", "only of this dataset (ImageNet-1K is imagenet)", \
     NF_SCORE_FIELD(target, dataset), NULL, 0, 0}, \
    {NF_OPTION_TEXT, "task", "TASK", "only of this task", NF_SCORE_FIELD(target, task), NULL, 0, 0}, \
    {NF_OPTION_TEXT, "metric", "NAME", "only of this metric: top1, miou, map ...", \
     NF_SCORE_FIELD(target, metric), NULL, 0, 0}, \
    {NF_OPTION_HEADING, "Complexity of their datasets", NULL, NULL, 0, NULL, 0, 0}, \
    {NF_OPTION_LIST, "profile", "[NAME=]FILE", "a saved profile; may come several times", \
     NF_SCORE_FIELD(target, profiles), NULL, 0, 0}, \
    {NF_OPTION_LIST, "complexity", "NAME=VALUE", "a number; may come several times", \
     NF_SCORE_FIELD(target, complexities), NULL, 0, 0}, \
    {NF_OPTION_HEADING, "Energy and CO2", NULL, NULL, 0, NULL, 0, 0}, \
    {NF_OPTION_CHOICE, "power", "MODEL", "auto (the row's energy, else tdp), tdp or flops", \
     NF_SCORE_FIELD(target, power), nf_score_powers, 0, 0}, \
    {NF_OPTION_TEXT, "region", "PLACE", "where it ran: a country, a cloud's region, a grid", \
     NF_SCORE_FIELD(target, region), NULL, 0, 0}, \
    {NF_OPTION_REAL, "carbon", "KG", "kg of CO2 per kWh (0.707, EPA)", NF_SCORE_FIELD(target, carbon), NULL, 0, 10}, \
    {NF_OPTION_REAL, "pue", "RATIO", "power usage effectiveness of the data centre (1)", \
     NF_SCORE_FIELD(target, pue), NULL, 1, 10}, \
    {NF_OPTION_REAL, "cpu-watts", "W", "of the CPU's share, for each GPU (0)", \
     NF_SCORE_FIELD(target, cpu_watts), NULL, 0, 10000}, \
    {NF_OPTION_REAL, "utilisation", "SHARE", "of the GPU's peak, for --power flops (0.33)", \
     NF_SCORE_FIELD(target, utilisation), NULL, 0, 1}, \
    {NF_OPTION_CHOICE, "week", "FORMULA", "of CO2 a week: formula or badar (formula)", \
     NF_SCORE_FIELD(target, week), nf_score_weeks, 0, 0}, \
    {NF_OPTION_HEADING, "Figures", NULL, NULL, 0, NULL, 0, 0}, \
    {NF_OPTION_REAL, "alpha", "X", "exponent of SAM (5)", NF_SCORE_FIELD(target, alpha), NULL, 0, 1000}, \
    {NF_OPTION_REAL, "beta", "X", "factor of SAM (5)", NF_SCORE_FIELD(target, beta), NULL, 0, 1000000}, \
    {NF_OPTION_CHOICE, "log-base", "BASE", "of the logarithm in NoFADE: e, 2 or 10 (e)", \
     NF_SCORE_FIELD(target, log_base), nf_score_log_bases, 0, 0}

/* Everything that is read, and how it is to be scored. */
typedef struct nf_score_inputs {
    nf_manifests *manifests;
    nf_hardware *hardware;
    nf_models *models;
    nf_complexities complexities;
    nf_scoring_options options;
} nf_score_inputs;

/* argc: of the command line, for the lists. False: out of memory. */
bool nf_score_options_init(nf_score_options *options, int argc);
void nf_score_options_clear(nf_score_options *options);
/* 0, or EXIT_USAGE after a sentence. */
int nf_score_options_check(const char *command, const nf_score_options *options);
/* Sets that were measured in this run or read beforehand: their complexities are used where none is given. */
typedef struct nf_score_sets {
    const nf_report_set *items; /* (n,) */
    size_t n;
} nf_score_sets;
/* Opens everything; tables (n,): none means the shipped ones. Also after a failure nf_score_inputs_close. stability: the
 * profiles' other readings are needed. sets: or NULL; then, where neither a table nor --dataset says which models, those of the
 * first set's dataset that nofade knows models of are chosen, and of its task (options.dataset stays NULL: there are none). */
nf_status nf_score_inputs_open(nf_score_inputs *inputs, const nf_score_options *options, const char *const *tables, size_t n,
                               const nf_score_sets *sets, bool stability, nf_error *error);
void nf_score_inputs_close(nf_score_inputs *inputs);

/* The ranking as a table; top rows. */
void nf_score_print(const nf_term *term, const nf_scoring *scoring, const nf_complexities *complexities, size_t top);
/* The frontiers of every group. */
void nf_score_print_frontiers(const nf_term *term, const nf_scoring *scoring);
void nf_score_print_stats(const nf_term *term, const nf_scoring *scoring, const nf_group_stats *stats, const char *category);
/* What was chosen or assumed for all rows, a sentence a line, each behind `begin`. */
void nf_score_print_assumptions(const nf_term *term, const nf_scoring *scoring, const nf_complexities *complexities,
                                const char *begin);
/* What moves each of the top ranks; of a scoring with stability. */
void nf_score_print_moved(const nf_term *term, const nf_scoring *scoring, size_t top);

#endif
