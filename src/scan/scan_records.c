/* Records into batches: names stored once, repeated members found, labels of one's own applied. */
#include "scan/scan_source.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "loaders/labels_from_dirs.h"

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
static nf_status check_repeated(nf_source_reader *source, const nf_record *record, bool *repeated, nf_error *error)
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

static uint8_t split_key_of(const nf_manifest *manifest, const nf_group *group)
{
    static const char *const splits[] = {"train", "val", "test"};
    const char *found = likely_split(group);
    for (uint8_t i = 0; found != NULL && i < sizeof splits / sizeof splits[0]; i++)
        if (nf_names_split(manifest, splits[i], found))
            return (uint8_t)(i + 1);
    return 0;
}

static nf_status apply_own_label(nf_source_reader *source, nf_record *record, nf_error *error)
{
    if (source->reader->labels == NULL)
        return NF_OK;
    record->data->len -= record->n_map_bytes; /* labels of one's own take the place of every other */
    record->n_map_bytes = 0;
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
    uint32_t known = record->group != NF_GROUP_LATE ? record->group : record->late_group;
    if (split == NULL && known != NF_GROUP_LATE) /* a row without one leaves the layout's split */
        split = likely_split(nf_groups_get(source->reader->groups, known));
    return nf_groups_intern(source->reader->groups, split != NULL ? split : "", label != NULL ? label->class_id : NULL,
                            &record->group, error);
}

static uint8_t split_key(nf_source_reader *source, uint32_t group)
{
    if (group == NF_GROUP_LATE)
        return 0;
    if (group != source->keyed_group) {
        source->keyed_group = group;
        source->split_key = split_key_of(source->detected->manifest, nf_groups_get(source->reader->groups, group));
    }
    return source->split_key;
}

/* Tells the fold, which must not look into the groups while they grow, of those that have several parts. */
static nf_status announce_parts(nf_source_reader *source, nf_error *error)
{
    nf_reader *reader = source->reader;
    nf_batch *batch = reader->batch;
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

nf_status nf_add_image_record(nf_source_reader *source, nf_record *record, nf_error *error)
{
    nf_batch *batch = source->reader->batch;
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
    slot->source = source->number;
    slot->offset = batch->bytes.len - record->n_bytes - record->n_map_bytes;
    slot->n_bytes = slot->n_stored = record->n_bytes;
    slot->packed = record->packed;
    slot->n_map_bytes = record->n_map_bytes;
    slot->pixel_classes = record->pixel_classes;
    slot->classes = (nf_class_list){0};
    slot->row = record->row;
    slot->late_row = record->late_row >= 0 ? record->late_row : record->row;
    slot->index = source->reader->n_images++;
    slot->unit = record->unit;
    slot->group = record->group;
    slot->split_key = split_key(source, record->group);
    slot->late_set = record->late_set;
    slot->late_group = record->late_group != NF_GROUP_LATE ? record->late_group : source->reader->no_group;
    slot->format = record->format;
    slot->by_columns = record->by_columns;
    slot->is_left_out = false;
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
    if (record->packed.is_packed && record->packed.check.size_bytes > record->n_bytes)
        batch->unpacked_more_bytes += (size_t)record->packed.check.size_bytes - record->n_bytes;
    batch->n_slots++;
    batch->n_maps += record->n_map_bytes > 0;
    source->result->images++;
    source->result->loose_images += source->is_directory && record->archive_index == 0;
    return NF_OK;
}

nf_status nf_add_labels_record(nf_source_reader *source, const nf_record *record, nf_error *error)
{
    nf_batch *batch = source->reader->batch;
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
        .source = source->number,
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
