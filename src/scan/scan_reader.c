#include "scan/scan_reader.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "scan/scan_source.h"

nf_status nf_reader_init(nf_reader *reader, nf_error *error)
{
    reader->sources = calloc(reader->n_paths + 1, sizeof *reader->sources);
    reader->detected = calloc(reader->n_paths + 1, sizeof *reader->detected);
    reader->kept = calloc(reader->n_paths + 1, sizeof(nf_entries *));
    reader->gathered = calloc(reader->n_paths + 1, sizeof *reader->gathered);
    if (reader->gathered == NULL || reader->sources == NULL || reader->detected == NULL || reader->kept == NULL)
        return nf_fail_nomem(error, "the sources");
    nf_status status = nf_groups_new(&reader->groups, error);
    if (status == NF_OK)
        status = nf_groups_intern(reader->groups, "", NULL, &reader->no_group, error);
    if (status == NF_OK)
        status = nf_manifests_open(&reader->manifests, reader->options->manifest, error);
    reader->apart.notes = &reader->notes;
    reader->apart.read = &reader->labels_read;
    if (status == NF_OK)
        status = nf_label_table_new(&reader->apart.table, error);
    if (status == NF_OK)
        status = nf_places_new(&reader->apart.maps, error);
    if (status == NF_OK)
        status = nf_label_files_new(&reader->apart.files, reader->apart.table, reader->groups, &reader->notes, error);
    return status;
}

void nf_reader_clear(nf_reader *reader)
{
    for (size_t i = 0; reader->sources != NULL && i < reader->n_paths; i++) {
        free(reader->sources[i].path);
        free(reader->sources[i].format);
        free(reader->sources[i].dataset_id);
        free(reader->sources[i].title);
        free(reader->sources[i].damage);
    }
    for (size_t i = 0; reader->kept != NULL && i < reader->n_paths; i++)
        nf_entries_close(reader->kept[i]);
    free(reader->sources);
    free(reader->detected);
    free(reader->kept);
    free(reader->gathered);
    nf_label_files_free(reader->apart.files);
    nf_label_table_free(reader->apart.table);
    nf_places_free(reader->apart.maps);
    nf_notes_free(&reader->notes);
    nf_member_set_free(&reader->labels_read);
    nf_groups_free(reader->groups);
    nf_manifests_close(reader->manifests);
}

/* ---- batches ---- */

static bool begin_batch(nf_reader *reader)
{
    if (reader->batch == NULL)
        reader->batch = nf_batch_queue_take_free(reader->queue);
    return reader->batch != NULL;
}

/* entries: of the source being read; NULL: after the last. */
static void hand_over_batch(nf_reader *reader, const nf_entries *entries)
{
    uint64_t done_bytes = 0, total_bytes = 0;
    if (reader->batch == NULL)
        return;
    if (entries != NULL)
        nf_entries_progress(entries, &done_bytes, &total_bytes);
    if (nf_scan_is_sampled(reader->options)) { /* of which the source's stored bytes tell nothing */
        reader->done_bytes += reader->batch->bytes.len;
        done_bytes = total_bytes = 0;
    }
    reader->batch->done_bytes = reader->done_bytes + done_bytes;
    bool is_total_known = (entries == NULL || total_bytes > 0) && !nf_scan_is_sampled(reader->options);
    reader->batch->total_bytes = is_total_known ? reader->done_bytes + total_bytes : 0;
    nf_counting_begin(reader->counting, reader->batch);
    nf_batch_queue_put_full(reader->queue, reader->batch);
    reader->batch = NULL;
}

static nf_status note_damage(nf_source_reader *source, const nf_error *fault, nf_error *error)
{
    source->result->damaged = true;
    source->result->lost_parts++;
    if (source->result->damage != NULL)
        return NF_OK;
    return nf_strdup(&source->result->damage, fault->message, error);
}

static bool is_limit_reached(nf_reader *reader)
{
    if (reader->options->limit != 0 && reader->n_images >= reader->options->limit)
        reader->limit_reached = true;
    return reader->limit_reached;
}

/* Nobody counts any more. An interruption comes this way too: the signal's flag is looked at by the counting side alone. */
static bool is_stopped(void *context)
{
    const nf_reader *reader = context;
    return nf_batch_queue_is_cancelled(reader->queue);
}

/* When a batch is full. Raw pixels are counted about as fast as memory gives them: their batches stay in the caches, but for a
 * device's, which would have too little to do at a time. */
static size_t full_bytes(const nf_reader *reader, const nf_record *record)
{
    bool is_raw = record->kind == NF_RECORD_IMAGE && record->format != NF_PIXELS_ENCODED;
    bool is_small = is_raw && !nf_devices_wants_pixels(reader->options->devices, 0);
    return is_small && reader->raw_batch_bytes < reader->batch_bytes ? reader->raw_batch_bytes : reader->batch_bytes;
}

/* Every record of the source. NF_EOF: to the end; NF_OK: stopped before (limit, interruption, cancellation). */
static nf_status read_records(nf_source_reader *source, nf_error *error)
{
    nf_record record = {.row = -1};
    while (begin_batch(source->reader)) {
        nf_error fault = {0};
        record.data = &source->reader->batch->bytes;
        nf_record_reset(&record);
        nf_status status = source->detected->loader->next(source->state, &record, &fault);
        if (status != NF_EOF && is_stopped(source->reader))
            return NF_OK; /* whatever is wrong with this record may be the stop's doing */
        if (status == NF_OK)
            status = record.kind == NF_RECORD_IMAGE ? nf_add_image_record(source, &record, &fault)
                                                    : nf_add_labels_record(source, &record, &fault);
        else if (status == NF_BAD_RECORD || status == NF_ERR_DAMAGED) {
            nf_status noted = note_damage(source, &fault, error);
            if (noted != NF_OK)
                return noted;
            if (status == NF_ERR_DAMAGED)
                return NF_EOF;
            continue;
        }
        if (status != NF_OK) {
            if (status != NF_EOF)
                *error = fault;
            return status;
        }
        if (nf_batch_weight(source->reader->batch) >= full_bytes(source->reader, &record))
            hand_over_batch(source->reader, source->entries);
        if (is_limit_reached(source->reader))
            return NF_OK;
    }
    return NF_OK;
}

/* ---- a source ---- */

/* Of a layout that has several sets in one archive: VOC's Main and Segmentation. */
static nf_status check_subset(const nf_manifest *manifest, const char *subset, nf_error *error)
{
    const nf_layout *layout = manifest->layout;
    char names[128] = "";
    for (size_t i = 0; i < layout->n_labels; i++) {
        const char *name = layout->labels[i].subset;
        if (strcasecmp(name, subset) == 0 && name[0] != '\0')
            return NF_OK;
        if (name[0] != '\0' && strstr(names, name) == NULL)
            snprintf(names + strlen(names), sizeof names - strlen(names), " %s", name);
    }
    return nf_fail(error, NF_ERR_USAGE, "--subset %s: %s has only%s", subset, manifest->id, names);
}

static nf_status check_options(const nf_source_reader *source, nf_error *error)
{
    const nf_loader *loader = source->detected->loader;
    const nf_manifest *manifest = source->detected->manifest;
    bool has_subsets = strcmp(loader->name, "idx") == 0 ||
                       (manifest != NULL && manifest->layout != NULL && manifest->layout->subset[0] != '\0');
    if (source->options.labels_level == NF_LABELS_COARSE && strcmp(loader->name, "cifar") != 0)
        return nf_fail(error, NF_ERR_USAGE, "%s: only CIFAR-100 has coarse labels", source->result->path);
    if (source->options.subset != NULL && !has_subsets)
        return nf_fail(error, NF_ERR_USAGE, "%s: has no subsets to choose from", source->result->path);
    bool by_layout = manifest != NULL && manifest->layout != NULL && source->options.subset != NULL;
    return by_layout ? check_subset(manifest, source->options.subset, error) : NF_OK;
}

static void prepare_context(nf_source_reader *source, const char *path)
{
    nf_reader *reader = source->reader;
    source->options = (nf_loader_options){
        .labels_level = reader->options->labels_level,
        .subset = reader->options->subset,
        .include = reader->options->include,
        .exclude = reader->options->exclude,
        .takes_packed = true,
        .source_path = path,
        .max_pixels = reader->options->max_pixels,
    };
    bool is_gathered = reader->gathered[source->number] || nf_scan_is_sampled(reader->options); /* labels are drawn first */
    source->context = (nf_loader_context){source->entries,       reader->groups, source->detected->manifest, &reader->apart,
                                          is_gathered, &reader->passed_over, &source->facts, &source->options};
}

/* From here on the source gives its members in random order. */
static nf_status draw_source(nf_source_reader *source, nf_error *error)
{
    nf_reader *reader = source->reader;
    const nf_loader *loader = source->detected->loader;
    const nf_scan_options *options = reader->options;
    const double fraction = options->sample > 0.0 ? options->sample : 1.0;
    const nf_draw draw = {options->sample_seed, fraction, loader->unit_bytes, source->state, &source->stop};
    if (loader->unit_bytes == NULL)
        return nf_fail(error, NF_ERR_USAGE, "is read as %s, whose images are records of a file: only members can be drawn at "
                       "random", loader->name);
    const nf_manifest *manifest = source->detected->manifest;
    const char *split = options->split == NULL && manifest != NULL ? manifest->default_split : "";
    if (options->until_ci_bits > 0.0 && split[0] != '\0' && strcmp(split, "train") != 0)
        return nf_fail(error, NF_ERR_USAGE, "--until-ci goes with --split train, val, test or all, not with %s, which "
                       "counts here when none is named", split);
    nf_status status = nf_entries_draw(source->entries, &draw, &reader->drawn, error);
    if (status != NF_OK || reader->drawn.n_repeated == 0)
        return status;
    return nf_notes_add(&reader->notes, error, "%llu members have the path of one before them and were not drawn from",
                        (unsigned long long)reader->drawn.n_repeated);
}

static nf_status open_source(nf_source_reader *source, const char *path, nf_error *error)
{
    nf_reader *reader = source->reader;
    nf_status status = nf_strdup(&source->result->path, path, error);
    source->entries = reader->kept[source->number]; /* as detection left it, or opened again */
    reader->kept[source->number] = NULL;
    if (status == NF_OK && source->entries == NULL)
        status = nf_entries_open_until(&source->entries, path, &source->stop, error);
    if (status != NF_OK)
        return status;
    source->is_directory = strcmp(nf_entries_info(source->entries)->format, "directory") == 0;
    prepare_context(source, path);
    if ((status = check_options(source, error)) != NF_OK)
        return status;
    status = source->detected->loader->open(&source->state, &source->context, reader->options->as, error);
    if (status == NF_OK && nf_scan_is_sampled(reader->options))
        status = draw_source(source, error);
    return status == NF_OK ? NF_OK : nf_error_prepend(error, "%s", path);
}

static nf_status keep_facts(nf_source_reader *source, nf_error *error)
{
    nf_read_source *result = source->result;
    nf_status status = nf_strdup(&result->format, nf_entries_info(source->entries)->format, error);
    if (status == NF_OK && source->facts.id != NULL)
        status = nf_strdup(&result->dataset_id, source->facts.id, error);
    if (status == NF_OK && source->facts.title != NULL)
        status = nf_strdup(&result->title, source->facts.title, error);
    return status;
}

/* After the last record: the rest of the stored bytes, so that check sums and the digest are whole. */
static nf_status finish_source(nf_source_reader *source, nf_error *error)
{
    nf_error fault = {0};
    nf_status status = nf_entries_finish(source->entries, &fault);
    if (status == NF_ERR_DAMAGED || status == NF_BAD_RECORD || status == NF_ERR_INPUT)
        return note_damage(source, &fault, error);
    if (status != NF_OK) {
        *error = fault;
        return status;
    }
    return NF_OK;
}

static nf_status read_source(nf_reader *reader, size_t number, nf_error *error)
{
    nf_source_reader source = {.reader = reader, .result = &reader->sources[number], .number = (uint32_t)number,
                            .keyed_group = NF_GROUP_LATE, .stop = {is_stopped, reader},
                            .detected = &reader->detected[number]};
    nf_groups_begin_source(reader->groups, (uint32_t)number);
    nf_status status = open_source(&source, reader->paths[number], error);
    if (status == NF_OK) {
        status = read_records(&source, error);
        bool whole = status == NF_EOF;
        reader->drawn_out = whole;
        if (status == NF_EOF)
            status = finish_source(&source, error);
        if (status == NF_ERR_INTERNAL && is_stopped(reader)) {
            whole = false;
            status = NF_OK;
        }
        if (status == NF_OK)
            status = keep_facts(&source, error);
        else
            nf_error_prepend(error, "%s", reader->paths[number]);
        const nf_source_info *info = nf_entries_info(source.entries);
        source.result->bytes = info->bytes;
        reader->done_bytes += info->bytes;
        source.result->tars_without_end = info->tars_without_end;
        if (whole && !nf_scan_is_sampled(reader->options))
            memcpy(source.result->digest, info->digest, sizeof source.result->digest);
    }
    source.detected->loader->close(source.state);
    nf_entries_close(source.entries);
    nf_member_set_free(&source.members);
    return status;
}

/* ---- all sources ---- */

/* Standard input, a FIFO, what a shell makes of `<(command)`: whose bytes come once. */
static bool is_pipe(const char *path)
{
    struct stat info;
    return strcmp(path, "-") == 0 || (stat(path, &info) == 0 && !S_ISREG(info.st_mode) && !S_ISDIR(info.st_mode));
}

/* Is the source needed open until it is read: a pipe, which cannot be opened again, or the only one? */
static bool is_kept(const nf_reader *reader, size_t number)
{
    return reader->n_paths == 1 || is_pipe(reader->paths[number]);
}

static nf_status detect_source(nf_reader *reader, size_t number, const nf_detected *forced, nf_error *error)
{
    const char *path = reader->paths[number];
    nf_entries *entries = NULL;
    if (forced->loader != NULL) {
        reader->detected[number] = *forced;
        return NF_OK;
    }
    nf_status status = nf_entries_open_until(&entries, path, &reader->stop, error);
    if (status != NF_OK)
        return status;
    if (nf_scan_is_sampled(reader->options) && nf_entries_info(entries)->rewindable)
        nf_entries_forgo_digest(entries); /* a look at the first members would read all that stands between them */
    status = nf_detect(entries, path, reader->manifests, &reader->detected[number], error);
    if (status == NF_OK && is_kept(reader, number))
        reader->kept[number] = entries;
    else
        nf_entries_close(entries);
    return status == NF_OK ? NF_OK : nf_error_prepend(error, "%s", path);
}

static nf_status gather_labels(nf_reader *reader, size_t number, nf_error *error)
{
    const nf_detected *detected = &reader->detected[number];
    nf_source_reader source = {.reader = reader, .detected = detected, .number = (uint32_t)number};
    prepare_context(&source, reader->paths[number]);
    if (detected->loader->gather == NULL || is_pipe(reader->paths[number]))
        return NF_OK;
    nf_status status = detected->loader->gather(&source.context, &reader->stop, error);
    reader->gathered[number] = status == NF_OK;
    return status == NF_EOF ? NF_OK : status;
}

/* What all sources are, and what labels they hold, before the first image is read. */
static nf_status look_ahead(nf_reader *reader, nf_error *error)
{
    nf_detected forced = {0};
    nf_status status = NF_OK;
    reader->stop = (nf_stop){is_stopped, reader};
    if (reader->options->as != NULL)
        status = nf_detect_forced(reader->manifests, reader->options->as, &forced, error);
    for (size_t i = 0; i < reader->n_paths && status == NF_OK && !is_stopped(reader); i++)
        status = detect_source(reader, i, &forced, error);
    if (status == NF_OK && !is_stopped(reader))
        status = nf_detect_agree(reader->detected, reader->paths, reader->n_paths, error);
    for (size_t i = 0; i < reader->n_paths && status == NF_OK && !is_stopped(reader); i++)
        status = gather_labels(reader, i, error);
    return status == NF_OK ? nf_label_files_settle(reader->apart.files, error) : status;
}

/* Those whose labels come only with them are read first: labels on a pipe may be of the images of a file. */
static nf_status read_sources(nf_reader *reader, nf_error *error)
{
    nf_status status = look_ahead(reader, error);
    for (int is_second_round = 0; is_second_round < 2; is_second_round++)
        for (size_t i = 0; i < reader->n_paths && status == NF_OK; i++)
            if (reader->gathered[i] == is_second_round && !is_limit_reached(reader) && !is_stopped(reader)) {
                reader->n_read++;
                status = read_source(reader, i, error);
            }
    return status;
}

void *nf_reader_run(void *argument)
{
    nf_reader *reader = argument;
    if (read_sources(reader, &reader->error) != NF_OK) {
        if (reader->error.code == NF_ERR_INTERNAL && is_stopped(reader))
            reader->error = (nf_error){0};
        else if (reader->error.code == NF_OK)
            nf_fail(&reader->error, NF_ERR_INTERNAL, "a source failed without a reason");
    }
    hand_over_batch(reader, NULL);
    nf_batch_queue_finish(reader->queue);
    return NULL;
}
