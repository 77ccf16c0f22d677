static const char usage[] =
    "nofade dataset [options] PATH...\n"
    "\n"
    "Reads image datasets as they are published, without unpacking them, and tells\n"
    "how complex they are: the Shannon entropy of every greyscale image, and for\n"
    "classes the Jensen-Shannon distances between them.\n"
    "\n"
    "PATH is an archive (tar, also .gz .bz2 .xz .zst; zip; archives in archives), a\n"
    "directory, a single batch or IDX file, \"-\" (a tar on standard input), or a\n"
    "profile saved with --json. Several are counted together, also by one name:\n"
    "'train-{000..146}.tar'. What they are is found from their content.\n";

#ifdef _OPENMP
#include <omp.h>
#endif
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "cli/report_run.h"

/* What the command line said. */
typedef struct dataset_options {
    const char *as, *name, *manifest, *split, *labels, *subset, *include, *exclude;
    const char *json, *images, *matrix, *histogram, *quality, *report;
    nf_report_options report_options;
    int task, labels_level, grey, /* -1: not given */ class_distribution, jsd_base, sum_log, entropy_unit, on_error, device;
    uint64_t label_memory, limit, bins, null, max_bad, max_pixels, threads, batch_bytes;
    double sample, until_ci; /* 0: not given */
    uint64_t seed;
    bool quiet;
} dataset_options;

#define NO_SEED UINT64_MAX /* --seed was not given */
#define NULL_BY_DEFAULT UINT64_MAX /* --null was not given */

static const char *const tasks[] = {"classification", "segmentation", "detection", NULL};
static const char *const levels[] = {"fine", "coarse", NULL};
static const char *const greys[] = {"bt601", "luma", NULL};
static const char *const distributions[] = {"entropy", "intensity", "pooled", NULL};
static const char *const log_bases[] = {"e", "2", "10", NULL};
static const char *const jsd_bases[] = {"e", "2", NULL};
static const char *const units[] = {"bit", "nat", NULL};
static const char *const on_errors[] = {"skip", "stop", NULL};
static const char *const devices[] = {"cpu", "cuda", "auto", NULL}; /* nf_device_choice */

#define FIELD(name) offsetof(dataset_options, name)
static const nf_option option_table[] = {
    {NF_OPTION_HEADING, "What is read", NULL, NULL, 0, NULL, 0, 0},
    {NF_OPTION_TEXT, "as", "ID", "read it as this dataset, whatever it looks like", FIELD(as), NULL, 0, 0},
    {NF_OPTION_TEXT, "name", "NAME", "name an own set", FIELD(name), NULL, 0, 0},
    {NF_OPTION_TEXT, "manifest", "FILE", "a dataset of one's own, described as JSON", FIELD(manifest), NULL, 0, 0},
    {NF_OPTION_CHOICE, "task", "TASK", "classification, segmentation or detection", FIELD(task), tasks, 0, 0},
    {NF_OPTION_TEXT, "split", "NAME", "train, val, test ..., or all (train, else all)", FIELD(split), NULL, 0, 0},
    {NF_OPTION_TEXT, "labels", "FILE.csv", "labels of one's own: member,class[,split]", FIELD(labels), NULL, 0, 0},
    {NF_OPTION_CHOICE, "labels-level", "LEVEL", "fine or coarse, of CIFAR-100 (fine)", FIELD(labels_level), levels, 0, 0},
    {NF_OPTION_BYTES, "label-memory", "BYTES", "for images whose labels come later (128M)", FIELD(label_memory), NULL,
     1 << 20, SIZE_MAX},
    {NF_OPTION_TEXT, "subset", "NAME", "which of several sets in one archive (EMNIST, VOC)", FIELD(subset), NULL, 0, 0},
    {NF_OPTION_TEXT, "include", "GLOB", "only members whose path matches", FIELD(include), NULL, 0, 0},
    {NF_OPTION_TEXT, "exclude", "GLOB", "no members whose path matches", FIELD(exclude), NULL, 0, 0},
    {NF_OPTION_NUMBER, "limit", "N", "stop after N images", FIELD(limit), NULL, 1, UINT64_MAX},
    {NF_OPTION_REAL, "sample", "FRACTION", "draw so many of the members at random (0.1: 10 %)", FIELD(sample), NULL, 0, 1},
    {NF_OPTION_REAL, "until-ci", "BITS", "draw until the 95 % interval of the mean is at most 2 x BITS wide", FIELD(until_ci), NULL, 0, 8},
    {NF_OPTION_NUMBER, "seed", "N", "of what is drawn (1)", FIELD(seed), NULL, 0, UINT32_MAX},
    {NF_OPTION_HEADING, "What is computed (the definition id says all of it)", NULL, NULL, 0, NULL, 0, 0},
    {NF_OPTION_CHOICE, "grey", "GREY", "bt601: Pillow's L; luma: a JPEG's own Y (bt601)", FIELD(grey), greys, 0, 0},
    {NF_OPTION_CHOICE, "class-distribution", "KIND", "entropy, intensity or pooled (entropy)", FIELD(class_distribution),
     distributions, 0, 0},
    {NF_OPTION_NUMBER, "bins", "N", "of the entropy distribution, a divisor of 512 (64)", FIELD(bins), NULL, 2, 512},
    {NF_OPTION_CHOICE, "jsd-base", "BASE", "logarithm of the distances: e or 2 (e)", FIELD(jsd_base), jsd_bases, 0, 0},
    {NF_OPTION_CHOICE, "sum-log", "BASE", "logarithm of their sum: e, 2 or 10 (e)", FIELD(sum_log), log_bases, 0, 0},
    {NF_OPTION_NUMBER, "null", "N", "how often labels are shuffled (20)", FIELD(null), NULL, 0, 100000},
    {NF_OPTION_CHOICE, "entropy-unit", "UNIT", "bit or nat in the summary; files hold bits (bit)", FIELD(entropy_unit), units,
     0, 0},
    {NF_OPTION_HEADING, "What is written (- is standard output)", NULL, NULL, 0, NULL, 0, 0},
    {NF_OPTION_TEXT, "json", "FILE", "the profile; gzip when the name ends in .gz", FIELD(json), NULL, 0, 0},
    {NF_OPTION_TEXT, "images", "FILE.csv", "a row for every image", FIELD(images), NULL, 0, 0},
    {NF_OPTION_TEXT, "matrix", "FILE", "class distances, .csv or .npy", FIELD(matrix), NULL, 0, 0},
    {NF_OPTION_TEXT, "histogram", "FILE.csv", "entropy histograms of the set and of each class", FIELD(histogram), NULL, 0, 0},
    {NF_OPTION_TEXT, "quality", "FILE.csv", "duplicates, constant images and other findings", FIELD(quality), NULL, 0, 0},
    {NF_OPTION_TEXT, "report", "FILE.html", "all of it as one page with figures", FIELD(report), NULL, 0, 0},
    NF_REPORT_OPTIONS(dataset_options),
    {NF_OPTION_FLAG, "quiet", NULL, "no summary, no progress", FIELD(quiet), NULL, 0, 0},
    {NF_OPTION_HEADING, "Failures and limits", NULL, NULL, 0, NULL, 0, 0},
    {NF_OPTION_CHOICE, "on-error", "WHAT", "skip a failed image, or stop (skip)", FIELD(on_error), on_errors, 0, 0},
    {NF_OPTION_NUMBER, "max-bad", "N", "exit 1 when more images failed (0)", FIELD(max_bad), NULL, 0, UINT64_MAX},
    {NF_OPTION_NUMBER, "max-pixels", "N", "refuse larger images (178956970)", FIELD(max_pixels), NULL, 1, UINT32_MAX},
    {NF_OPTION_NUMBER, "threads", "N", "counting threads (all processors)", FIELD(threads), NULL, 1, 1024},
    {NF_OPTION_BYTES, "batch-bytes", "BYTES", "of a batch of images (3M a thread, 6M to 192M)", FIELD(batch_bytes), NULL,
     1 << 10, UINT64_C(4) << 30},
    {NF_OPTION_CHOICE, "device", "DEVICE", "cpu, cuda or auto (auto)", FIELD(device), devices, 0, 0},
    {NF_OPTION_END, NULL, NULL, NULL, 0, NULL, 0, 0},
};

static void set_defaults(dataset_options *o)
{
    nf_scan_options scan;
    nf_scan_options_init(&scan);
    *o = (dataset_options){.task = -1, .labels_level = -1, .grey = -1, .bins = 64, .null = NULL_BY_DEFAULT,
                           .seed = NO_SEED, .sample = -1.0, .until_ci = -1.0, .label_memory = scan.label_memory_bytes,
                           .report_options.picture_bytes = NF_PICTURE_BYTES,
                           .max_pixels = scan.max_pixels, .device = NF_DEVICE_AUTO};
}

static void scan_options_of(const dataset_options *o, nf_scan_options *scan)
{
    nf_scan_options_init(scan);
    scan->as = o->as;
    scan->name = o->name;
    scan->manifest = o->manifest;
    scan->task = o->task >= 0 ? tasks[o->task] : NULL;
    scan->split = o->split;
    scan->labels_csv = o->labels;
    scan->labels_level = o->labels_level == 1 ? NF_LABELS_COARSE : NF_LABELS_FINE;
    scan->labels_level_given = o->labels_level >= 0;
    scan->grey_given = o->grey >= 0;
    scan->subset = o->subset;
    scan->include = o->include;
    scan->exclude = o->exclude;
    scan->grey = o->grey == 1 ? NF_GREY_LUMA : NF_GREY_BT601;
    scan->max_pixels = o->max_pixels;
    scan->limit = o->limit;
    scan->sample = o->sample > 0.0 ? o->sample : 0.0;
    scan->until_ci_bits = o->until_ci > 0.0 ? o->until_ci : 0.0;
    scan->sample_seed = o->seed != NO_SEED ? o->seed : 1;
    scan->stop_on_error = o->on_error == 1;
    scan->threads = (unsigned)o->threads;
    scan->batch_bytes = (size_t)o->batch_bytes;
    scan->label_memory_bytes = (size_t)o->label_memory;
}

static void definition_of(const dataset_options *o, nf_definition *definition)
{
    static const nf_log_base bases[] = {NF_LOG_E, NF_LOG_2, NF_LOG_10};
    nf_definition_init(definition);
    definition->class_distribution = (nf_class_distribution)o->class_distribution;
    definition->bins = (unsigned)o->bins;
    definition->jsd_base = bases[o->jsd_base];
    definition->sum_log = bases[o->sum_log];
    if (o->null != NULL_BY_DEFAULT)
        definition->null_permutations = (int64_t)o->null;
}

static bool ends_with(const char *text, const char *end)
{
    size_t n = strlen(text), m = strlen(end);
    return n >= m && strcmp(text + n - m, end) == 0;
}

/* What goes with a sample, and what does not. */
static int check_sample(const dataset_options *o)
{
    bool is_sampled = o->sample > 0.0 || o->until_ci > 0.0;
    const char *name = o->sample > 0.0 ? "sample" : "until-ci";
    if (o->sample == 0.0 || o->until_ci == 0.0)
        return nf_cli_usage("dataset", "--%s must be above 0", o->sample == 0.0 ? "sample" : "until-ci");
    if (o->seed != NO_SEED && !is_sampled)
        return nf_cli_usage("dataset", "--seed goes with --sample or --until-ci");
    if (is_sampled && (o->matrix != NULL || o->quality != NULL))
        return nf_cli_usage("dataset", "--%s needs every image, and --%s reads a part", o->matrix != NULL ? "matrix" : "quality",
                            name);
    return 0;
}

/* What a single option's range cannot say. */
static int check_options(const dataset_options *o)
{
    if (NF_ENTROPY_BINS % o->bins != 0)
        return nf_cli_usage("dataset", "--bins %llu: must be a divisor of 512", (unsigned long long)o->bins);
    if (o->matrix != NULL && strchr(o->matrix, '.') != NULL && !ends_with(o->matrix, ".csv") && !ends_with(o->matrix, ".npy"))
        return nf_cli_usage("dataset", "--matrix %s: must end in .csv or .npy", o->matrix);
    if (o->report == NULL && (o->report_options.no_figures || o->report_options.picture_bytes != NF_PICTURE_BYTES))
        return nf_cli_usage("dataset", "--%s needs --report", o->report_options.no_figures ? "no-figures" : "thumbnails");
    return check_sample(o);
}

/* ---- outputs ---- */

typedef enum output { OUT_JSON, OUT_IMAGES, OUT_MATRIX, OUT_HISTOGRAM, OUT_QUALITY, OUT_REPORT, N_OUTPUTS } output;

typedef struct run {
    dataset_options options;
    nf_out *outs[N_OUTPUTS]; /* NULL: not asked for */
    nf_progress progress;
    const char *command;
    bool stdout_taken; /* an output goes there: no summary */
    nf_devices *devices;
} run;

static nf_status check_output(const run *r, const char *const *names, int i, const char *const *paths, size_t n_paths,
                              nf_error *error)
{
    for (int j = 0; j < i; j++)
        if (names[j] != NULL && nf_cli_same_file(names[i], names[j]))
            return nf_fail(error, NF_ERR_USAGE, "two outputs would be written to %s", names[i]);
    nf_status status = nf_cli_check_input(names[i], r->options.labels, error);
    if (status == NF_OK)
        status = nf_cli_check_input(names[i], r->options.manifest, error);
    for (size_t j = 0; j < n_paths && status == NF_OK; j++)
        status = nf_cli_check_input(names[i], paths[j], error);
    return status;
}

static nf_status open_outputs(run *r, const char *const *paths, size_t n_paths, nf_error *error)
{
    const char *names[N_OUTPUTS] = {r->options.json, r->options.images, r->options.matrix, r->options.histogram,
                                    r->options.quality, r->options.report};
    bool is_sampled = r->options.sample > 0.0 || r->options.until_ci > 0.0;
    nf_status status = NF_OK;
    for (int i = 0; i < N_OUTPUTS; i++)
        if (names[i] != NULL && strcmp(names[i], "/dev/stdout") == 0)
            names[i] = "-";
    for (int i = 0; i < N_OUTPUTS && status == NF_OK; i++)
        if (names[i] != NULL)
            status = check_output(r, names, i, paths, n_paths, error);
    for (int i = 0; i < N_OUTPUTS && status == NF_OK; i++)
        if (names[i] != NULL) {
            status = nf_out_open(&r->outs[i], names[i], error);
            r->stdout_taken = r->stdout_taken || strcmp(names[i], "-") == 0;
        }
    if (status == NF_OK && r->outs[OUT_IMAGES] != NULL)
        status = nf_out_text(r->outs[OUT_IMAGES], "index,source,member,split,class,width_px,height_px,entropy_bits,status",
                             error);
    if (status == NF_OK && r->outs[OUT_IMAGES] != NULL)
        status = nf_out_text(r->outs[OUT_IMAGES], is_sampled ? ",sampled\n" : "\n", error);
    return status;
}

static void discard_outputs(run *r)
{
    for (int i = 0; i < N_OUTPUTS; i++)
        nf_out_discard(r->outs[i]);
}

static nf_status commit_output(run *r, output which, nf_error *error)
{
    nf_out *out = r->outs[which];
    r->outs[which] = NULL;
    return out == NULL ? NF_OK : nf_out_commit(out, error);
}

static nf_status write_image_row(void *listener, const nf_image_row *row, nf_error *error)
{
    nf_out *out = ((run *)listener)->outs[OUT_IMAGES];
    const char *const texts[] = {row->source, row->member, row->split, row->class_name};
    nf_out_u64(out, row->index, error);
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        nf_out_text(out, ",", error);
        nf_out_csv_field(out, texts[i], error);
    }
    nf_out_text(out, ",", error);
    nf_out_u64(out, row->w_px, error);
    nf_out_text(out, ",", error);
    nf_out_u64(out, row->h_px, error);
    nf_out_text(out, ",", error);
    if (row->has_entropy)
        nf_out_double(out, row->entropy_bits, error);
    nf_out_text(out, ",", error);
    nf_out_text(out, row->status, error);
    if (row->is_sampled)
        nf_out_text(out, ",yes", error);
    return nf_out_text(out, "\n", error); /* errors stick: the last call tells of all */
}

/* The page and its pictures, with the models of this dataset that nofade knows. */
static nf_status write_report(run *r, const nf_profile *profile, const nf_analysis *analysis, nf_error *error)
{
    nf_score_options score;
    char *name = NULL;
    nf_status status = nf_score_options_init(&score, 0) ? nf_report_names(&name, &profile, 1, error)
                                                        : nf_fail_nomem(error, "a report");
    const nf_report_set set = {profile, analysis, name};
    const dataset_options *o = &r->options;
    const char *const outputs[] = {o->json, o->images, o->matrix, o->histogram, o->quality, o->report};
    if (status == NF_OK)
        status = nf_report_run(&(nf_report_job){.options = &o->report_options, .sets = &set, .n_sets = 1, .score = &score,
                                                .out = r->outs[OUT_REPORT], .outputs = outputs, .n_outputs = N_OUTPUTS,
                                                .command = r->command, .quiet = o->quiet},
                               error);
    nf_score_options_clear(&score);
    free(name);
    return status == NF_OK ? commit_output(r, OUT_REPORT, error) : status;
}

static nf_status write_outputs(run *r, const nf_profile *profile, const nf_analysis *analysis, nf_error *error)
{
    nf_status status = NF_OK;
    if (r->outs[OUT_JSON] != NULL)
        status = nf_profile_write(profile, analysis, r->outs[OUT_JSON], error);
    if (status == NF_OK)
        status = commit_output(r, OUT_JSON, error); /* first and for itself: it holds all that the others do */
    if (status == NF_OK)
        status = commit_output(r, OUT_IMAGES, error);
    if (status == NF_OK && r->outs[OUT_HISTOGRAM] != NULL)
        status = nf_write_histogram_csv(profile, analysis, r->outs[OUT_HISTOGRAM], error);
    if (status == NF_OK)
        status = commit_output(r, OUT_HISTOGRAM, error);
    if (status == NF_OK && r->outs[OUT_QUALITY] != NULL)
        status = nf_quality_write_csv(&profile->quality, r->outs[OUT_QUALITY], error);
    if (status == NF_OK)
        status = commit_output(r, OUT_QUALITY, error);
    if (status == NF_OK && r->outs[OUT_MATRIX] != NULL)
        status = ends_with(r->options.matrix, ".npy")
                     ? nf_write_matrix_npy(profile, analysis, r->outs[OUT_MATRIX], error)
                     : nf_write_matrix_csv(profile, analysis, r->outs[OUT_MATRIX], error);
    if (status == NF_OK)
        status = commit_output(r, OUT_MATRIX, error);
    if (status == NF_OK && (r->outs[OUT_REPORT] != NULL || r->options.report_options.plots != NULL))
        status = write_report(r, profile, analysis, error);
    return status;
}

/* ---- the run ---- */

static void on_progress(void *listener, const nf_scan_progress *state)
{
    nf_progress_update(&((run *)listener)->progress, state);
}

static int exit_code(const dataset_options *o, const nf_profile *profile)
{
    if (nf_cli_signal != 0)
        return 128 + (int)nf_cli_signal;
    bool all_failed = profile->images_read == 0 && profile->images_failed > 0;
    bool too_many = profile->images_failed > o->max_bad;
    return too_many || all_failed || profile->stopped || profile->damaged ? EXIT_WITH_FAILURES : EXIT_DONE;
}

/* One sentence for whoever reads no summary. */
static void tell_failures(const dataset_options *o, const nf_profile *profile)
{
    char count[32];
    if (nf_cli_signal != 0)
        fprintf(stderr, "nofade: interrupted after %s images\n", nf_term_count(count, profile->images_read));
    else if (profile->damaged) {
        nf_error error = {NF_ERR_DAMAGED, ""};
        snprintf(error.message, sizeof error.message, "not read whole: %s",
                 profile->why_incomplete != NULL ? profile->why_incomplete : "");
        nf_cli_fail(&error);
    }
    if (profile->stopped && profile->failures.n > 0) {
        nf_error error = {NF_ERR_DAMAGED, ""};
        const nf_profile_failure *failure = &profile->failures.items[0];
        snprintf(error.message, sizeof error.message, "stopped: %s: %s: %s", failure->source, failure->member,
                 failure->reason);
        nf_cli_fail(&error);
    } else if (profile->images_failed > o->max_bad)
        fprintf(stderr, "nofade: %s image%s failed (--json or --images list them)\n",
                nf_term_count(count, profile->images_failed), profile->images_failed == 1 ? "" : "s");
}

static int finish(run *r, const nf_profile *profile, nf_error *error)
{
    nf_analysis analysis;
    nf_definition definition;
    definition_of(&r->options, &definition);
    nf_status status = nf_analyse_on(r->devices, profile, &definition, &analysis, error);
    if (status == NF_OK)
        status = write_outputs(r, profile, &analysis, error);
    if (status == NF_OK && !r->options.quiet && !r->stdout_taken && nf_cli_signal == 0) {
        nf_term term;
        nf_term_init(&term, stdout);
        nf_summary_print(&term, profile, &analysis, r->options.entropy_unit == 1);
    }
    nf_analysis_clear(&analysis);
    if (status != NF_OK)
        return nf_cli_fail(error);
    tell_failures(&r->options, profile);
    return exit_code(&r->options, profile);
}

static int scan_and_finish(run *r, const char *const *paths, size_t n_paths)
{
    nf_error error = {0};
    nf_profile *profile = NULL;
    nf_scan_options scan;
    const char *images = r->options.images;
    scan_options_of(&r->options, &scan);
    scan.listener = r;
    scan.on_progress = on_progress;
    scan.interrupted = &nf_cli_signal;
    scan.quality_needed = r->options.quality != NULL;
    scan.on_image = images != NULL ? write_image_row : NULL;
    scan.spool_beside = images != NULL && strcmp(images, "-") != 0 ? images : NULL;
    nf_cli_catch_signals();
    nf_status status = nf_devices_open(&r->devices, (nf_device_choice)r->options.device, &error);
    scan.devices = r->devices;
    if (status == NF_OK)
        status = open_outputs(r, paths, n_paths, &error);
#ifdef _OPENMP
    if (r->options.threads != 0)
        omp_set_num_threads((int)r->options.threads); /* of the class distances too */
#endif
    if (status == NF_OK) {
        nf_progress_begin(&r->progress, r->options.quiet);
        status = nf_scan(paths, n_paths, &scan, &profile, &error);
        nf_progress_end(&r->progress);
        nf_cli_release_signals();
    }
    int code = status == NF_OK ? finish(r, profile, &error) : nf_cli_fail(&error);
    nf_profile_free(profile);
    nf_devices_close(r->devices);
    discard_outputs(r);
    return code;
}

static int expand_and_scan(run *r, const char *const *given, size_t n_given)
{
    nf_cli_paths paths = {0};
    nf_error error = {0};
    nf_status status = nf_cli_expand_paths(&paths, given, n_given, &error);
    const char *const *items = (const char *const *)paths.items;
    int code = status == NF_OK ? nf_report_options_check("dataset", &r->options.report_options, items, paths.n)
                               : nf_cli_fail(&error);
    if (code == 0)
        code = scan_and_finish(r, items, paths.n);
    nf_cli_paths_free(&paths);
    return code;
}

int nf_cmd_dataset(int argc, char **argv)
{
    run r = {0};
    size_t n_paths = 0;
    char *command = NULL;
    const char **paths = calloc((size_t)argc + 1, sizeof *paths);
    if (paths == NULL || nf_report_command(&command, "dataset", argc, argv, NULL) != NF_OK) {
        free(command);
        free(paths);
        return nf_cli_no_memory();
    }
    r.command = command;
    set_defaults(&r.options);
    int code = nf_cli_parse("dataset", option_table, &r.options, argc, argv, paths, &n_paths);
    if (code == -1) {
        fputs(usage, stdout);
        nf_cli_print_options(stdout, option_table);
        code = EXIT_DONE;
    } else if (code == 0 && (code = check_options(&r.options)) == 0) {
        code = n_paths == 0 ? nf_cli_usage("dataset", "needs a PATH") : expand_and_scan(&r, paths, n_paths);
    }
    free(command);
    free(paths);
    return code;
}
