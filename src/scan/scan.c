/* nofade: the scan, the one file to read.
 *
 *   reader thread (scan_reader.c)          all threads (counting.c)       this thread
 *   source -> loader -> records ──batch──> unpack, decode, count ──batch──> fold in order -> totals by group
 *                                                                                              │ all read: groups settle
 *                                                                                              v into splits and classes
 *                                                                                            profile
 *
 * Several batches are on their way at a time: the threads go on with the next one while the last images of one are decoded and
 * while it is folded.
 */
#include "scan/scan.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "scan/batch_queue.h"
#include "scan/counting.h"
#include "scan/scan_fold.h"
#include "scan/scan_profile.h"
#include "scan/scan_reader.h"
#include "scan/scan_run.h"
#include "scan/workers.h"

enum {
    BATCH_BYTES_A_THREAD = 3 << 20,
    RAW_BATCH_BYTES_A_THREAD = 1 << 20, /* fits a second-level cache */
    BATCH_BYTES_MIN = 6 << 20,
    BATCH_BYTES_MAX = 192 << 20,
    SERIAL_DECODE_BYTES = 64 << 20
};

void nf_scan_options_init(nf_scan_options *options)
{
    *options = (nf_scan_options){.max_pixels = 178956970, .label_memory_bytes = (size_t)128 << 20};
}

static unsigned thread_count(const nf_scan_options *options)
{
    return options->threads != 0 ? options->threads : nf_processors();
}

static size_t batch_bytes_for(const nf_scan_options *options, unsigned threads)
{
    if (options->batch_bytes != 0)
        return options->batch_bytes;
    size_t bytes = (size_t)threads * BATCH_BYTES_A_THREAD;
    return bytes < BATCH_BYTES_MIN ? BATCH_BYTES_MIN : bytes > BATCH_BYTES_MAX ? BATCH_BYTES_MAX : bytes;
}

static void report_progress(const nf_scan_options *options, const nf_fold *fold, const nf_batch *batch)
{
    if (options->on_progress == NULL)
        return;
    nf_scan_progress progress = {fold->n_images, batch->done_bytes, batch->total_bytes};
    options->on_progress(options->listener, &progress);
}

static bool is_interrupted(const nf_scan_options *options)
{
    return options->interrupted != NULL && *options->interrupted;
}

/* Counts and folds until the reader has finished, or it is time to stop: *interrupted (may be NULL), a failed image. */
static nf_status consume(nf_batch_queue *queue, nf_counting *counting, nf_fold *fold, const nf_scan_options *options,
                         const volatile sig_atomic_t *interrupted, nf_error *error)
{
    nf_status status = NF_OK;
    nf_batch *batch;
    while (status == NF_OK && (batch = nf_batch_queue_take_full(queue, interrupted)) != NULL) {
        status = nf_counting_finish(counting, batch, error);
        if (status == NF_OK)
            status = nf_fold_batch(fold, batch, error);
        report_progress(options, fold, batch);
        nf_batch_queue_give_back(queue, batch);
        if (nf_fold_is_enough(fold))
            break;
    }
    return status;
}

static nf_status run_scan(nf_reader *reader, nf_counting *counting, nf_fold *fold, nf_error *error)
{
    pthread_t thread;
    sigset_t all, before; /* signals are for the thread that looks at their flag */
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int failed = pthread_create(&thread, NULL, nf_reader_run, reader);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (failed != 0)
        return nf_fail(error, NF_ERR_INTERNAL, "cannot start the reader thread: %s", strerror(failed));
    nf_status status = consume(reader->queue, counting, fold, reader->options, reader->options->interrupted, error);
    nf_batch_queue_cancel(reader->queue);
    pthread_join(thread, NULL);
    bool stopped = nf_fold_is_enough(fold); /* what came after does not matter */
    if (status == NF_OK && !stopped && is_interrupted(reader->options)) /* what had been counted by then */
        status = consume(reader->queue, counting, fold, reader->options, NULL, error);
    if (status == NF_OK)
        status = nf_fold_finish(fold, error);
    if (status == NF_OK && reader->error.code != NF_OK && !stopped && !is_interrupted(reader->options)) {
        *error = reader->error;
        status = reader->error.code;
    }
    return status;
}

nf_status nf_scan_run(const char *const *paths, size_t n_paths, const nf_scan_options *options, nf_scan_depth depth,
                      const nf_scan_end *end, nf_error *error)
{
    size_t batch_bytes = batch_bytes_for(options, thread_count(options));
    nf_counting counting = {.decode = {options->grey, options->max_pixels, SERIAL_DECODE_BYTES},
                            .look = depth == NF_SCAN_LOOKS ? options->look : NULL,
                            .devices = options->devices, .interrupted = options->interrupted,
                            .is_presence_enough = depth == NF_SCAN_COUNTS};
    nf_reader reader = {.options = options, .paths = (const char **)paths, .n_paths = n_paths, .batch_bytes = batch_bytes,
                        .raw_batch_bytes = (size_t)thread_count(options) * RAW_BATCH_BYTES_A_THREAD, .counting = &counting};
    nf_sampling sampling = {.options = options, .drawn = &reader.drawn};
    nf_fold fold = {.options = options, .depth = depth, .paths = paths};
    fold.sampling = nf_scan_is_sampled(options) ? &sampling : NULL;
    nf_status status = nf_reader_init(&reader, error);
    if (status == NF_OK && options->labels_csv != NULL)
        status = nf_label_file_read(&reader.labels, options->labels_csv, error);
    if (status == NF_OK)
        status = nf_batch_queue_new(&reader.queue, batch_bytes, error);
    if (status == NF_OK)
        status = nf_fold_init(&fold, error);
    if (status == NF_OK)
        status = nf_counting_start(&counting, thread_count(options), error);
    if (status == NF_OK)
        status = run_scan(&reader, &counting, &fold, error);
    if (status == NF_OK)
        status = end->make(end->context, &reader, &fold, error);
    nf_counting_end(&counting);
    nf_sampling_free(&sampling);
    nf_fold_clear(&fold);
    nf_batch_queue_free(reader.queue);
    nf_label_file_free(reader.labels);
    nf_reader_clear(&reader);
    return status;
}

typedef struct place {
    dev_t device;
    ino_t number;
    const char *path;
} place;

static int compare_places(const void *a, const void *b)
{
    const place *x = a, *y = b;
    if (x->device != y->device)
        return x->device < y->device ? -1 : 1;
    return x->number < y->number ? -1 : x->number > y->number;
}

/* The same file under one or two names: found before hours are spent on it. */
nf_status nf_scan_check_paths(const char *const *paths, size_t n, nf_error *error)
{
    place *places = calloc(n + 1, sizeof *places);
    size_t n_places = 0, n_stdin = 0;
    if (places == NULL)
        return nf_fail_nomem(error, "the sources");
    for (size_t i = 0; i < n; i++) {
        struct stat info;
        if (strcmp(paths[i], "-") == 0)
            n_stdin++;
        else if (stat(paths[i], &info) == 0) /* opening it will say why not */
            places[n_places++] = (place){info.st_dev, info.st_ino, paths[i]};
    }
    qsort(places, n_places, sizeof *places, compare_places);
    nf_status status = n_stdin > 1 ? nf_fail(error, NF_ERR_USAGE, "standard input is given more than once") : NF_OK;
    for (size_t i = 1; i < n_places && status == NF_OK; i++)
        if (compare_places(&places[i - 1], &places[i]) == 0)
            status = nf_fail(error, NF_ERR_USAGE, "%s and %s are the same file and would be counted twice",
                             places[i - 1].path, places[i].path);
    free(places);
    return status;
}

/* A saved profile has no pixels: options that would choose among them cannot be honoured. */
static nf_status check_profile_options(const nf_scan_options *options, const char *path, nf_error *error)
{
    const struct {
        const char *name;
        bool given;
    } needs_pixels[] = {
        {"as", options->as != NULL},           {"labels", options->labels_csv != NULL}, {"subset", options->subset != NULL},
        {"include", options->include != NULL}, {"exclude", options->exclude != NULL},   {"limit", options->limit != 0},
        {"images", options->on_image != NULL}, {"sample", options->sample > 0.0},
        {"until-ci", options->until_ci_bits > 0.0},
    };
    for (size_t i = 0; i < sizeof needs_pixels / sizeof needs_pixels[0]; i++)
        if (needs_pixels[i].given)
            return nf_fail(error, NF_ERR_USAGE, "--%s needs the images, and %s is a saved profile", needs_pixels[i].name, path);
    return NF_OK;
}

/* Members of several sources would have to be drawn together; and the split must be known while images are read. */
static nf_status check_sampling(const nf_scan_options *options, size_t n_archives, nf_error *error)
{
    static const char *const splits[] = {"train", "val", "test", "all"};
    const char *name = options->sample > 0.0 ? "sample" : "until-ci";
    bool is_known = options->split == NULL;
    if (!nf_scan_is_sampled(options))
        return NF_OK;
    if (n_archives > 1)
        return nf_fail(error, NF_ERR_USAGE, "--%s draws from one source: give the directory that holds them all", name);
    for (size_t i = 0; i < sizeof splits / sizeof splits[0]; i++)
        is_known = is_known || strcmp(options->split, splits[i]) == 0;
    if (options->until_ci_bits > 0.0 && !is_known)
        return nf_fail(error, NF_ERR_USAGE, "--until-ci goes with --split train, val, test or all, not with %s", options->split);
    return NF_OK;
}

/* What was asked for must be what the profile holds; --name and --task may say otherwise. */
static nf_status fit_profile(nf_profile *profile, const nf_scan_options *options, const char *path, nf_error *error)
{
    const char *level = options->labels_level == NF_LABELS_COARSE ? "coarse" : "fine";
    if (options->split != NULL && strcmp(options->split, profile->split != NULL ? profile->split : "") != 0)
        return nf_fail(error, NF_ERR_USAGE, "%s holds the split \"%s\", not \"%s\"", path,
                       profile->split != NULL ? profile->split : "", options->split);
    if (options->grey_given && options->grey != profile->grey)
        return nf_fail(error, NF_ERR_USAGE, "%s was made with another --grey", path);
    if (options->labels_level_given && (profile->labels_level == NULL || strcmp(level, profile->labels_level) != 0))
        return nf_fail(error, NF_ERR_USAGE, "%s does not hold %s labels", path, level);
    nf_status status = NF_OK;
    if (options->name != NULL) {
        free(profile->dataset_id);
        profile->dataset_id = NULL;
        status = nf_strdup(&profile->dataset_id, options->name, error);
    }
    if (status == NF_OK && options->task != NULL) {
        free(profile->task);
        profile->task = NULL;
        status = nf_strdup(&profile->task, options->task, error);
    }
    if (status == NF_OK)
        status = nf_profile_check_task(profile, error);
    return status;
}

static nf_status read_profiles(const char *const *paths, size_t n, const nf_scan_options *options, nf_profile **profiles,
                               nf_error *error)
{
    nf_status status = NF_OK;
    for (size_t i = 0; i < n && status == NF_OK; i++) {
        status = check_profile_options(options, paths[i], error);
        if (status == NF_OK)
            status = nf_profile_read(paths[i], &profiles[i], error);
        if (status == NF_OK)
            status = fit_profile(profiles[i], options, paths[i], error);
    }
    return status;
}

/* The same counts twice are one profile twice, whatever their names. */
static nf_status check_profiles_differ(nf_profile *const *profiles, const char *const *paths, size_t n, nf_error *error)
{
    char(*digests)[NF_DIGEST_SIZE] = calloc(n + 1, sizeof *digests);
    if (digests == NULL)
        return nf_fail_nomem(error, "the profiles");
    nf_status status = NF_OK;
    for (size_t i = 0; i < n && status == NF_OK; i++) {
        status = nf_profile_counts_digest(profiles[i], digests[i], error);
        for (size_t j = 0; j < i && status == NF_OK; j++)
            if (strcmp(digests[i], digests[j]) == 0)
                status = nf_fail(error, NF_ERR_USAGE, "%s and %s hold the same counts and would be counted twice", paths[j],
                                 paths[i]);
    }
    free(digests);
    return status;
}

static nf_status check_no_sample(nf_profile *const *profiles, const char *const *paths, size_t n, nf_error *error)
{
    for (size_t i = 0; i < n; i++)
        if (profiles[i]->estimate.is_present)
            return nf_fail(error, NF_ERR_USAGE, "%s is of a random sample, which does not merge with anything", paths[i]);
    return NF_OK;
}

static nf_status merge_profiles(nf_profile **profiles, size_t n, nf_profile **into, nf_error *error)
{
    nf_status status = NF_OK;
    for (size_t i = 0; i < n && status == NF_OK; i++) {
        if (*into != NULL) {
            status = nf_profile_merge(*into, profiles[i], error);
            continue;
        }
        *into = profiles[i];
        profiles[i] = NULL;
    }
    return status;
}

static nf_status make_profile(void *profile, nf_reader *reader, nf_fold *fold, nf_error *error)
{
    return nf_scan_profile(reader, fold, profile, error);
}

/* Saved profiles first: what is wrong with one is told before the long work. */
static nf_status scan_and_merge(const char *const *archives, size_t n_archives, const char *const *saved, size_t n_saved,
                                const nf_scan_options *options, nf_profile **profile, nf_error *error)
{
    nf_profile **profiles = calloc(n_saved + 1, sizeof *profiles);
    if (profiles == NULL)
        return nf_fail_nomem(error, "the profiles");
    nf_status status = read_profiles(saved, n_saved, options, profiles, error);
    if (status == NF_OK)
        status = check_profiles_differ(profiles, saved, n_saved, error);
    if (status == NF_OK && n_archives + n_saved > 1)
        status = check_no_sample(profiles, saved, n_saved, error);
    if (status == NF_OK && n_archives > 0)
        status = nf_scan_run(archives, n_archives, options, NF_SCAN_PROFILES, &(nf_scan_end){profile, make_profile}, error);
    if (status == NF_OK)
        status = merge_profiles(profiles, n_saved, profile, error);
    for (size_t i = 0; i < n_saved; i++)
        nf_profile_free(profiles[i]);
    free(profiles);
    return status;
}

nf_status nf_scan(const char *const *paths, size_t n_paths, const nf_scan_options *options, nf_profile **profile,
                  nf_error *error)
{
    *profile = NULL;
    const char **archives = calloc(2 * n_paths + 1, sizeof *archives), **saved = archives + n_paths;
    if (archives == NULL)
        return nf_fail_nomem(error, "the sources");
    size_t n_archives = 0, n_saved = 0;
    for (size_t i = 0; i < n_paths; i++)
        if (strcmp(paths[i], "-") != 0 && nf_profile_is_at(paths[i]))
            saved[n_saved++] = paths[i];
        else
            archives[n_archives++] = paths[i];
    nf_status status = nf_scan_check_paths(paths, n_paths, error);
    if (status == NF_OK)
        status = check_sampling(options, n_archives, error);
    if (status == NF_OK)
        status = scan_and_merge(archives, n_archives, saved, n_saved, options, profile, error);
    free(archives);
    if (status != NF_OK) {
        nf_profile_free(*profile);
        *profile = NULL;
    }
    return status;
}
