/* nofade: the scan, the one file to read.
 *
 *   reader thread (scan_reader.c)          this thread
 *   source -> loader -> records ──batch──> count in parallel -> fold in order -> totals by group
 *                                                                                  │ all read: groups settle into
 *                                                                                  v splits and classes
 *                                                                                profile
 */
#include "scan.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#ifdef _OPENMP
#include <omp.h>
#endif

#include "batch_queue.h"
#include "metrics/backend.h"
#include "metrics/entropy.h"
#include "scan_fold.h"
#include "scan_profile.h"
#include "scan_reader.h"

enum {
    BATCH_BYTES_A_THREAD = 4 << 20,
    BATCH_BYTES_MIN = 8 << 20,
    BATCH_BYTES_MAX = 256 << 20,
    SERIAL_DECODE_BYTES = 64 << 20
};

void nf_scan_options_init(nf_scan_options *options)
{
    *options = (nf_scan_options){.max_pixels = 178956970, .label_memory_bytes = (size_t)128 << 20};
}

static unsigned thread_count(const nf_scan_options *options)
{
#ifdef _OPENMP
    return options->threads != 0 ? options->threads : (unsigned)omp_get_num_procs();
#else
    (void)options;
    return 1;
#endif
}

static size_t batch_bytes_for(const nf_scan_options *options, unsigned threads)
{
    if (options->batch_bytes != 0)
        return options->batch_bytes;
    size_t bytes = (size_t)threads * BATCH_BYTES_A_THREAD;
    return bytes < BATCH_BYTES_MIN ? BATCH_BYTES_MIN : bytes > BATCH_BYTES_MAX ? BATCH_BYTES_MAX : bytes;
}

static void count_raw(const nf_batch *batch, nf_slot *slot, const nf_backend *backend)
{
    const uint8_t *pixels = batch->bytes.data + slot->offset;
    size_t n_px = (size_t)slot->decoded.w_px * slot->decoded.h_px;
    memset(slot->decoded.counts, 0, sizeof slot->decoded.counts);
    slot->decoded.verdict = NF_IMAGE_OK;
    if (slot->format == NF_PIXELS_GREY8)
        backend->count_grey(pixels, n_px, slot->decoded.counts);
    else
        backend->count_planar(pixels, pixels + n_px, pixels + 2 * n_px, n_px, slot->decoded.counts);
}

/* A worker's share: writes only its own slot. */
static void count_slot(const nf_batch *batch, nf_slot *slot, const nf_decode_options *options, const nf_backend *backend)
{
    if (slot->decoded.failure != NF_FAILURE_NONE) {
        slot->decoded.verdict = NF_IMAGE_FAILED;
        return;
    }
    if (slot->format == NF_PIXELS_ENCODED)
        nf_decode(batch->bytes.data + slot->offset, slot->n_bytes, options, &slot->decoded);
    else
        count_raw(batch, slot, backend);
    if (slot->decoded.verdict != NF_IMAGE_FAILED)
        slot->q = nf_entropy_quantised(slot->decoded.counts);
}

static void count_batch(nf_batch *batch, const nf_decode_options *options, unsigned threads)
{
    const nf_backend *backend = nf_backend_cpu();
    size_t n = batch->n_slots;
    bool encoded = n > 0 && batch->slots[0].format == NF_PIXELS_ENCODED;
    size_t chunk = encoded ? 1 : n / (8 * (size_t)threads) + 1; /* raw images are quick: hand out many at a time */
    (void)chunk;
#pragma omp parallel for schedule(dynamic, chunk) num_threads(threads)
    for (size_t i = 0; i < n; i++)
        count_slot(batch, &batch->slots[i], options, backend);
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

/* Counts and folds until the reader has finished, or it is time to stop. */
static nf_status consume(nf_batch_queue *queue, nf_fold *fold, const nf_scan_options *options, nf_error *error)
{
    unsigned threads = thread_count(options);
    nf_decode_options decode = {options->grey, options->max_pixels, SERIAL_DECODE_BYTES};
    nf_status status = NF_OK;
    nf_batch *batch;
    while (status == NF_OK && (batch = nf_batch_queue_take_full(queue, options->interrupted)) != NULL) {
        count_batch(batch, &decode, threads);
        status = nf_fold_batch(fold, batch, error);
        report_progress(options, fold, batch);
        nf_batch_queue_give_back(queue, batch);
        if (options->stop_on_error && fold->n_failed > 0)
            break;
    }
    nf_batch_queue_cancel(queue);
    return status == NF_OK ? nf_fold_finish(fold, error) : status;
}

static nf_status run_scan(nf_reader *reader, nf_fold *fold, nf_error *error)
{
    pthread_t thread;
    if (pthread_create(&thread, NULL, nf_reader_run, reader) != 0)
        return nf_fail(error, NF_ERR_INTERNAL, "cannot start the reader thread");
    nf_status status = consume(reader->queue, fold, reader->options, error);
    pthread_join(thread, NULL);
    if (status == NF_OK && reader->error.code != NF_OK && !is_interrupted(reader->options)) {
        *error = reader->error;
        status = reader->error.code;
    }
    return status;
}

static nf_status scan_archives(const char *const *paths, size_t n_paths, const nf_scan_options *options,
                               nf_profile **profile, nf_error *error)
{
    size_t batch_bytes = batch_bytes_for(options, thread_count(options));
    nf_reader reader = {.options = options, .paths = (const char **)paths, .n_paths = n_paths, .batch_bytes = batch_bytes};
    nf_fold fold = {.options = options, .paths = paths};
    nf_status status = nf_reader_init(&reader, error);
    fold.no_group = reader.no_group;
    if (status == NF_OK && options->labels_csv != NULL)
        status = nf_label_file_read(&reader.labels, options->labels_csv, error);
    if (status == NF_OK)
        status = nf_batch_queue_new(&reader.queue, batch_bytes, error);
    if (status == NF_OK)
        status = nf_fold_init(&fold, error);
    if (status == NF_OK)
        status = run_scan(&reader, &fold, error);
    if (status == NF_OK)
        status = nf_scan_profile(&reader, &fold, profile, error);
    nf_fold_clear(&fold);
    nf_batch_queue_free(reader.queue);
    nf_label_file_free(reader.labels);
    nf_reader_clear(&reader);
    return status;
}

/* The same file under one or two names: found before hours are spent on it. */
static nf_status check_paths(const char *const *paths, size_t n, nf_error *error)
{
    for (size_t i = 0; i < n; i++) {
        struct stat a, b;
        if (strcmp(paths[i], "-") != 0 && stat(paths[i], &a) != 0)
            continue; /* opening it will say why */
        for (size_t j = 0; j < i; j++) {
            bool both_stdin = strcmp(paths[i], "-") == 0 && strcmp(paths[j], "-") == 0;
            bool one_stdin = strcmp(paths[i], "-") == 0 || strcmp(paths[j], "-") == 0;
            if (both_stdin || (!one_stdin && stat(paths[j], &b) == 0 && a.st_dev == b.st_dev && a.st_ino == b.st_ino))
                return nf_fail(error, NF_ERR_USAGE, "%s and %s are the same file and would be counted twice", paths[j],
                               paths[i]);
        }
    }
    return NF_OK;
}

static nf_status merge_profiles(const char *const *paths, size_t n, nf_profile **profile, nf_error *error)
{
    char digest[NF_DIGEST_SIZE], other_digest[NF_DIGEST_SIZE];
    for (size_t i = 0; i < n; i++) {
        nf_profile *other = NULL;
        nf_status status = nf_profile_read(paths[i], &other, error);
        if (status != NF_OK)
            return status;
        if (*profile == NULL) {
            *profile = other;
            continue;
        }
        nf_profile_counts_digest(*profile, digest);
        nf_profile_counts_digest(other, other_digest);
        if (strcmp(digest, other_digest) == 0)
            status = nf_fail(error, NF_ERR_USAGE, "the profile %s holds the same counts as another source and would be "
                             "counted twice", paths[i]);
        else
            status = nf_profile_merge(*profile, other, error);
        nf_profile_free(other);
        if (status != NF_OK)
            return status;
    }
    return NF_OK;
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
    nf_status status = check_paths(paths, n_paths, error);
    if (status == NF_OK && n_archives > 0)
        status = scan_archives(archives, n_archives, options, profile, error);
    if (status == NF_OK)
        status = merge_profiles(saved, n_saved, profile, error);
    free(archives);
    if (status != NF_OK) {
        nf_profile_free(*profile);
        *profile = NULL;
    }
    return status;
}
