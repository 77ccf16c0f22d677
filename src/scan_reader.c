#include "scan_reader.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "loaders/entries.h"
#include "loaders/labels_from_dirs.h"
#include "loaders/member_set.h"

enum { PROBE_STORED_BYTES_MAX = 3 << 20, PROBE_ALL = 16 };

/* One source being read. */
typedef struct source_reader {
    nf_reader *reader;
    nf_read_source *result;
    uint32_t number;
    nf_entries *entries;
    const nf_loader *loader;
    void *state;
    nf_dataset_facts facts;
    nf_loader_options options;
    nf_loader_context context;
    nf_batch *batch;
    nf_member_set members;
    nf_stop stop;
    bool is_directory;
    uint32_t keyed_group; /* the group that split_key belongs to */
    uint8_t split_key;
} source_reader;

nf_status nf_reader_init(nf_reader *reader, nf_error *error)
{
    reader->sources = calloc(reader->n_paths + 1, sizeof *reader->sources);
    if (reader->sources == NULL)
        return nf_fail_nomem(error, "the sources");
    nf_status status = nf_groups_new(&reader->groups, error);
    if (status == NF_OK)
        status = nf_groups_intern(reader->groups, "", NULL, &reader->no_group, error);
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
    free(reader->sources);
    nf_groups_free(reader->groups);
}

/* ---- detection ---- */

static void probe_free(nf_probe_entry *entries, size_t n)
{
    for (size_t i = 0; i < n; i++)
        free(entries[i].path);
    free(entries);
}

static nf_status probe_entry(source_reader *source, const nf_entry *entry, nf_probe_entry *into, nf_error *error)
{
    *into = (nf_probe_entry){.kind = entry->kind, .size_bytes = entry->size_bytes};
    if (entry->kind == NF_ENTRY_FILE && !entry->encrypted) {
        const uint8_t *head;
        size_t n = 0;
        if (nf_stream_peek(nf_entries_data(source->entries), NF_PROBE_HEAD_BYTES, &head, &n, NULL) == NF_OK && n > 0)
            memcpy(into->head, head, n);
        into->head_bytes = n;
    }
    return nf_strdup(&into->path, entry->path, error);
}

static const nf_loader *best_loader(const nf_probe *probe, int *confidence)
{
    const nf_loader *best = NULL;
    *confidence = 0;
    for (const nf_loader *const *loader = nf_loaders; *loader != NULL; loader++) {
        int sure = (*loader)->detect(probe);
        if (sure > *confidence) {
            *confidence = sure;
            best = *loader;
        }
    }
    return best;
}

/* Is another look worth its price? Not when the answer is clear, nor where what was read must be read again. */
static bool keep_probing(const source_reader *source, const nf_probe_entry *last, int confidence)
{
    uint64_t done_bytes, total_bytes;
    nf_entries_progress(source->entries, &done_bytes, &total_bytes);
    if (confidence >= NF_DETECT_SURE)
        return false;
    if (nf_entries_info(source->entries)->rewindable)
        return true;
    return done_bytes < PROBE_STORED_BYTES_MAX && last->size_bytes < PROBE_STORED_BYTES_MAX / 2;
}

static nf_status detect_loader(source_reader *source, nf_error *error)
{
    nf_probe_entry *entries = calloc(NF_PROBE_ENTRIES_MAX, sizeof *entries);
    if (entries == NULL)
        return nf_fail_nomem(error, "detection");
    nf_probe probe = {0, entries};
    int confidence = 0;
    nf_status status = NF_OK;
    nf_error fault = {0}; /* of the look ahead: what matters of it shows again in the walk itself */
    while (probe.n < NF_PROBE_ENTRIES_MAX) {
        nf_entry entry = {0};
        status = nf_entries_next(source->entries, &entry, &fault);
        if (status == NF_BAD_RECORD)
            continue;
        if (status != NF_OK)
            break;
        if ((status = probe_entry(source, &entry, &entries[probe.n], &fault)) != NF_OK)
            break;
        probe.n++;
        bool ask = probe.n <= PROBE_ALL || (probe.n & (probe.n - 1)) == 0; /* they look at all entries each time */
        if (ask)
            source->loader = best_loader(&probe, &confidence);
        if (!keep_probing(source, &entries[probe.n - 1], confidence))
            break;
    }
    source->loader = best_loader(&probe, &confidence);
    probe_free(entries, probe.n);
    if (status == NF_OK || status == NF_EOF || status == NF_ERR_DAMAGED)
        return nf_entries_rewind(source->entries, error);
    *error = fault;
    return status;
}

/* ---- records into batches ---- */

static bool begin_batch(source_reader *source)
{
    if (source->batch == NULL)
        source->batch = nf_batch_queue_take_free(source->reader->queue);
    if (source->batch != NULL)
        source->batch->source = source->number;
    return source->batch != NULL;
}

static void hand_over_batch(source_reader *source)
{
    if (source->batch == NULL)
        return;
    nf_entries_progress(source->entries, &source->batch->done_bytes, &source->batch->total_bytes);
    nf_batch_queue_put_full(source->reader->queue, source->batch);
    source->batch = NULL;
}

/* The member's path in the batch, stored once for a run of rows. */
static nf_status store_member(nf_batch *batch, const char *member, size_t *offset, nf_error *error)
{
    if (batch->n_slots > 0) {
        size_t last = batch->slots[batch->n_slots - 1].member;
        if (strcmp((const char *)batch->texts.data + last, member) == 0) {
            *offset = last;
            return NF_OK;
        }
    }
    *offset = batch->texts.len;
    return nf_buf_append(&batch->texts, member, strlen(member) + 1, error);
}

/* A path repeated inside one archive: the first counts. Files of a directory cannot repeat; the loaders of record files
 * look at theirs themselves. */
static nf_status check_repeated(source_reader *source, const nf_record *record, bool *repeated, nf_error *error)
{
    *repeated = false;
    if (record->format != NF_PIXELS_ENCODED || (record->archive_index == 0 && source->is_directory))
        return NF_OK;
    return nf_member_set_insert(&source->members, record->archive_index, record->member, repeated, error);
}

/* The split that a group will most likely turn out to be in, or NULL: directories are settled only at the end. */
static const char *likely_split(const nf_group *group)
{
    if (group->directory == NULL)
        return group->split;
    const char *found = NULL;
    for (const char *part = group->directory; found == NULL && part != NULL; part = strchr(part, '/')) {
        part += *part == '/';
        found = nf_split_of_name(part, strcspn(part, "/"));
    }
    return found;
}

static uint8_t split_key_of(const nf_group *group)
{
    static const char *const splits[] = {"train", "val", "test"};
    const char *found = likely_split(group);
    for (uint8_t i = 0; found != NULL && i < sizeof splits / sizeof splits[0]; i++)
        if (strcmp(found, splits[i]) == 0)
            return (uint8_t)(i + 1);
    return 0;
}

static nf_status apply_own_label(source_reader *source, nf_record *record, nf_error *error)
{
    if (source->reader->labels == NULL)
        return NF_OK;
    char with_row[64];
    const char *member = record->member;
    char *joined = NULL;
    if (record->row >= 0) {
        snprintf(with_row, sizeof with_row, "#%lld", (long long)record->row);
        if (asprintf(&joined, "%s%s", record->member, with_row) < 0)
            return nf_fail_nomem(error, "a member's name");
        member = joined;
    }
    const nf_label *label = nf_label_file_find(source->reader->labels, member);
    free(joined);
    const char *split = label != NULL && label->split[0] != '\0' ? label->split : NULL;
    if (split == NULL && record->group != NF_GROUP_LATE) /* a row without one leaves the layout's split */
        split = likely_split(nf_groups_get(source->reader->groups, record->group));
    return nf_groups_intern(source->reader->groups, split != NULL ? split : "", label != NULL ? label->class_id : NULL,
                            &record->group, error);
}

static uint8_t split_key(source_reader *source, uint32_t group)
{
    if (group == NF_GROUP_LATE)
        return 0;
    if (group != source->keyed_group) {
        source->keyed_group = group;
        source->split_key = split_key_of(nf_groups_get(source->reader->groups, group));
    }
    return source->split_key;
}

/* Tells the fold, which must not look into the groups while they grow, of those that have several parts. */
static nf_status announce_parts(source_reader *source, nf_error *error)
{
    nf_reader *reader = source->reader;
    nf_batch *batch = source->batch;
    for (; reader->n_announced < nf_groups_count(reader->groups); reader->n_announced++) {
        const nf_group_parts *parts = nf_groups_get(reader->groups, reader->n_announced)->parts;
        if (parts == NULL)
            continue;
        nf_status status = nf_array_reserve((void **)&batch->new_parts, &batch->new_parts_capacity, batch->n_new_parts + 1,
                                            sizeof *batch->new_parts, "a batch", error);
        if (status != NF_OK)
            return status;
        batch->new_parts[batch->n_new_parts++] = (nf_new_parts){reader->n_announced, parts};
    }
    return NF_OK;
}

static nf_status add_image(source_reader *source, nf_record *record, nf_error *error)
{
    nf_batch *batch = source->batch;
    bool repeated;
    nf_status status = check_repeated(source, record, &repeated, error);
    if (status == NF_OK)
        status = apply_own_label(source, record, error);
    if (status == NF_OK)
        status = announce_parts(source, error);
    if (status == NF_OK)
        status = nf_array_reserve((void **)&batch->slots, &batch->slots_capacity, batch->n_slots + 1, sizeof *batch->slots,
                                  "a batch", error);
    if (status != NF_OK)
        return status;
    nf_slot *slot = &batch->slots[batch->n_slots];
    if ((status = store_member(batch, record->member, &slot->member, error)) != NF_OK)
        return status;
    slot->offset = batch->bytes.len - record->n_bytes - record->n_map_bytes;
    slot->n_bytes = record->n_bytes;
    slot->n_map_bytes = record->n_map_bytes;
    slot->pixel_classes = record->pixel_classes;
    slot->classes = (nf_class_list){0};
    slot->row = record->row;
    slot->index = source->reader->n_images++;
    slot->group = record->group;
    slot->split_key = split_key(source, record->group);
    slot->late_set = record->late_set;
    slot->format = record->format;
    slot->decoded.failure = record->failure;
    slot->decoded.w_px = record->w_px;
    slot->decoded.h_px = record->h_px;
    slot->decoded.reason[0] = '\0';
    if (record->failure != NF_FAILURE_NONE)
        memcpy(slot->decoded.reason, record->reason, sizeof slot->decoded.reason);
    if (repeated && record->failure == NF_FAILURE_NONE) {
        slot->decoded.failure = NF_FAILURE_REPEATED_MEMBER;
        snprintf(slot->decoded.reason, sizeof slot->decoded.reason, "the archive has this path more than once");
    }
    batch->n_slots++;
    batch->n_maps += record->n_map_bytes > 0;
    source->result->images++;
    source->result->loose_images += source->is_directory && record->archive_index == 0;
    return NF_OK;
}

static nf_status add_labels(source_reader *source, const nf_record *record, nf_error *error)
{
    nf_batch *batch = source->batch;
    nf_status status = nf_array_reserve((void **)&batch->events, &batch->events_capacity, batch->n_events + 1,
                                        sizeof *batch->events, "a batch", error);
    if (status == NF_OK)
        status = nf_array_reserve((void **)&batch->groups, &batch->groups_capacity, batch->n_groups + record->n_groups,
                                  sizeof *batch->groups, "labels", error);
    if (status == NF_OK)
        status = announce_parts(source, error);
    if (status != NF_OK)
        return status;
    batch->events[batch->n_events++] = (nf_label_event){
        .at = batch->n_slots,
        .late_set = record->late_set,
        .discard = record->groups == NULL,
        .discard_group = record->group < nf_groups_count(source->reader->groups) ? record->group : source->reader->no_group,
        .groups = batch->n_groups,
        .n_groups = record->groups == NULL ? 0 : record->n_groups,
    };
    if (record->groups != NULL && record->n_groups > 0)
        memcpy(batch->groups + batch->n_groups, record->groups, record->n_groups * sizeof *record->groups);
    batch->n_groups += record->groups == NULL ? 0 : record->n_groups;
    return NF_OK;
}

static nf_status note_damage(source_reader *source, const nf_error *fault, nf_error *error)
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

/* Every record of the source. NF_EOF: to the end; NF_OK: stopped before (limit, interruption, cancellation). */
static nf_status read_records(source_reader *source, nf_error *error)
{
    nf_record record = {.row = -1};
    while (begin_batch(source)) {
        nf_error fault = {0};
        record.data = &source->batch->bytes;
        nf_record_reset(&record);
        nf_status status = source->loader->next(source->state, &record, &fault);
        if (status != NF_EOF && is_stopped(source->reader))
            return NF_OK; /* whatever is wrong with this record may be the stop's doing */
        if (status == NF_OK)
            status = record.kind == NF_RECORD_IMAGE ? add_image(source, &record, &fault)
                                                    : add_labels(source, &record, &fault);
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
        if (nf_batch_weight(source->batch) >= source->reader->batch_bytes)
            hand_over_batch(source);
        if (is_limit_reached(source->reader))
            return NF_OK;
    }
    return NF_OK;
}

/* ---- a source ---- */

static nf_status open_source(source_reader *source, const char *path, nf_error *error)
{
    nf_reader *reader = source->reader;
    nf_status status = nf_strdup(&source->result->path, path, error);
    if (status == NF_OK)
        status = nf_entries_open_until(&source->entries, path, &source->stop, error);
    if (status != NF_OK)
        return status;
    source->is_directory = strcmp(nf_entries_info(source->entries)->format, "directory") == 0;
    source->loader = reader->options->as != NULL ? nf_loader_by_id(reader->options->as) : NULL;
    if (source->loader == NULL && (status = detect_loader(source, error)) != NF_OK)
        return nf_error_prepend(error, "%s", path);
    source->options = (nf_loader_options){
        .labels_level = reader->options->labels_level,
        .subset = reader->options->subset,
        .include = reader->options->include,
        .exclude = reader->options->exclude,
        .source_path = path,
        .max_pixels = reader->options->max_pixels,
    };
    source->context = (nf_loader_context){source->entries, reader->groups, &reader->passed_over, &source->facts,
                                          &source->options};
    if (source->options.labels_level == NF_LABELS_COARSE && strcmp(source->loader->name, "cifar") != 0)
        return nf_fail(error, NF_ERR_USAGE, "%s: only CIFAR-100 has coarse labels", path);
    if (source->options.subset != NULL && strcmp(source->loader->name, "idx") != 0)
        return nf_fail(error, NF_ERR_USAGE, "%s: has no subsets to choose from", path);
    status = source->loader->open(&source->state, &source->context, reader->options->as, error);
    return status == NF_OK ? NF_OK : nf_error_prepend(error, "%s", path);
}

static nf_status keep_facts(source_reader *source, nf_error *error)
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
static nf_status finish_source(source_reader *source, nf_error *error)
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
    source_reader source = {.reader = reader, .result = &reader->sources[number], .number = (uint32_t)number,
                            .keyed_group = NF_GROUP_LATE, .stop = {is_stopped, reader}};
    nf_groups_begin_source(reader->groups, (uint32_t)number);
    nf_status status = open_source(&source, reader->paths[number], error);
    if (status == NF_OK) {
        status = read_records(&source, error);
        hand_over_batch(&source);
        bool whole = status == NF_EOF;
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
        source.result->tars_without_end = info->tars_without_end;
        if (whole)
            memcpy(source.result->digest, info->digest, sizeof source.result->digest);
    }
    if (source.loader != NULL)
        source.loader->close(source.state);
    nf_entries_close(source.entries);
    nf_member_set_free(&source.members);
    return status;
}

void *nf_reader_run(void *argument)
{
    nf_reader *reader = argument;
    for (size_t i = 0; i < reader->n_paths; i++) {
        if (is_limit_reached(reader) || is_stopped(reader))
            break;
        reader->n_read = i + 1;
        if (read_source(reader, i, &reader->error) != NF_OK) {
            if (reader->error.code == NF_ERR_INTERNAL && is_stopped(reader))
                reader->error = (nf_error){0};
            else if (reader->error.code == NF_OK)
                nf_fail(&reader->error, NF_ERR_INTERNAL, "a source failed without a reason");
            break;
        }
    }
    nf_batch_queue_finish(reader->queue);
    return NULL;
}
