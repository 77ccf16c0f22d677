#include "scan/scan_fold.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Without a place for a temporary file an image is counted all the same; only what was asked for must be kept. */
static nf_status give_up_spool(nf_fold *fold, nf_status status, nf_error *error)
{
    if (status != NF_ERR_OUTPUT || fold->options->on_image != NULL || fold->options->quality_needed)
        return status;
    fold->spool_fault = *error;
    *error = (nf_error){0};
    nf_row_spool_free(fold->spool);
    fold->spool = NULL;
    return NF_OK;
}

nf_status nf_fold_init(nf_fold *fold, nf_error *error)
{
    nf_status status = nf_late_labels_new(&fold->late, fold->options->label_memory_bytes, error);
    if (status != NF_OK || fold->depth != NF_SCAN_PROFILES)
        return status;
    const char *beside = fold->options->on_image != NULL ? fold->options->spool_beside : NULL;
    return give_up_spool(fold, nf_row_spool_new(&fold->spool, beside, error), error);
}

void nf_fold_clear(nf_fold *fold)
{
    for (size_t i = 0; i < fold->n_totals; i++)
        free(fold->totals[i].counts);
    free(fold->totals);
    for (size_t i = 0; i < NF_SPLIT_KEYS; i++)
        nf_failure_list_free(&fold->failures[i]);
    for (size_t i = 0; i < NF_SPLIT_KEYS; i++)
        nf_failure_list_free(&fold->warned[i]);
    nf_late_labels_free(fold->late);
    nf_row_spool_free(fold->spool);
}

static nf_status totals_of(nf_fold *fold, uint32_t group, nf_group_totals **totals, nf_error *error)
{
    if (group >= fold->n_totals) {
        nf_status status = nf_array_reserve((void **)&fold->totals, &fold->totals_capacity, (size_t)group + 1,
                                            sizeof *fold->totals, "the groups", error);
        if (status != NF_OK)
            return status;
        memset(fold->totals + fold->n_totals, 0, ((size_t)group + 1 - fold->n_totals) * sizeof *fold->totals);
        fold->n_totals = (size_t)group + 1;
    }
    *totals = &fold->totals[group];
    return NF_OK;
}

/* "path" or "path#row" */
static nf_status list_image(const nf_fold *fold, nf_failure_list *list, uint32_t group, const char *member, int64_t row,
                            const char *code, const char *reason, nf_error *error)
{
    char *name = NULL;
    if (asprintf(&name, row >= 0 ? "%s#%lld" : "%s", member, (long long)row) < 0)
        return nf_fail_nomem(error, "the failures");
    nf_profile_failure failure = {(char *)fold->paths[fold->source], name, (char *)code, (char *)reason, group};
    nf_status status = nf_failure_list_add(list, &failure, error);
    free(name);
    return status;
}

static nf_status spool_row(nf_fold *fold, const nf_spooled_row *row, const char *member, nf_error *error)
{
    if (fold->spool == NULL)
        return NF_OK;
    if (fold->n_spooled >= NF_QUALITY_IMAGES_MAX && fold->options->on_image == NULL) {
        fold->n_not_spooled++;
        return NF_OK;
    }
    fold->n_spooled++;
    return give_up_spool(fold, nf_row_spool_add(fold->spool, row, member, error), error);
}

static nf_status add_counts(nf_fold *fold, uint32_t group, const uint32_t counts[NF_GREY_LEVELS], uint64_t n_px, uint64_t q,
                            nf_error *error)
{
    nf_group_totals *totals;
    nf_status status = totals_of(fold, group, &totals, error);
    if (status != NF_OK || fold->depth != NF_SCAN_PROFILES)
        return status;
    if (totals->counts == NULL && (totals->counts = calloc(1, sizeof *totals->counts)) == NULL)
        return nf_fail_nomem(error, "a class");
    nf_class_counts_add(totals->counts, counts, n_px, q);
    return NF_OK;
}

/* The parts of a group that has several; NULL for a group that stands for itself. */
static const nf_group_parts *parts_of(const nf_fold *fold, uint32_t group)
{
    return group < fold->n_totals ? fold->totals[group].parts : NULL;
}

/* A usable image whose group is known. */
static nf_status fold_image(nf_fold *fold, uint32_t group, const nf_late_image *image, nf_verdict verdict, nf_error *error)
{
    uint64_t n_px = (uint64_t)image->w_px * image->h_px;
    const nf_group_parts *parts = parts_of(fold, group);
    nf_status status = NF_OK;
    for (uint32_t i = 1; parts != NULL && i < parts->n && status == NF_OK; i++)
        status = add_counts(fold, parts->groups[i], image->counts, n_px, image->q, error);
    uint32_t base = parts != NULL ? parts->groups[0] : group;
    if (status == NF_OK)
        status = add_counts(fold, base, image->counts, n_px, image->q, error);
    if (status != NF_OK)
        return status;
    nf_group_totals *totals = &fold->totals[base];
    totals->read++;
    totals->labelled += parts != NULL || image->has_classes;
    totals->warned += verdict == NF_IMAGE_WARNED;
    totals->pixels += n_px;
    totals->encoded_bytes += image->n_bytes;
    nf_spooled_row row = {image->index, image->q, image->row, fold->source, group, image->w_px, image->h_px, verdict,
                          NF_FAILURE_NONE, image->marks};
    return spool_row(fold, &row, image->member, error);
}

static nf_status visit_late(void *context, uint32_t group, const nf_late_image *image, nf_error *error)
{
    return fold_image(context, group, image, image->verdict, error);
}

/* An image that cannot be counted. Of image: member, row, index, size and bytes. */
static nf_status fold_failed(nf_fold *fold, uint32_t group, const nf_late_image *image, nf_failure failure,
                             const char *reason, uint8_t split_key, nf_error *error)
{
    nf_group_totals *totals;
    const nf_group_parts *parts = parts_of(fold, group);
    nf_status status = totals_of(fold, parts != NULL ? parts->groups[0] : group, &totals, error);
    if (status != NF_OK)
        return status;
    totals->failed++;
    totals->undecodable += image->n_bytes > 0 && failure != NF_FAILURE_REPEATED_MEMBER;
    fold->n_failed++;
    status = list_image(fold, &fold->failures[split_key], group, image->member, image->row, nf_failure_name(failure), reason,
                        error);
    if (status != NF_OK)
        return status;
    nf_spooled_row row = {image->index, 0, image->row, fold->source, group, image->w_px, image->h_px, NF_IMAGE_FAILED,
                          failure, {{0}, 0, 0, 0, ""}};
    return spool_row(fold, &row, image->member, error);
}

/* An image of a set whose labels turned out to be unusable: it cannot be counted, and that is not kept quiet. */
static nf_status visit_discarded(void *context, uint32_t group, const nf_late_image *image, nf_error *error)
{
    nf_fold *fold = context;
    fold->n_read--;
    return fold_failed(fold, group, image, NF_FAILURE_DAMAGED, "its file turned out to be unusable", 0, error);
}

/* The pixels of each class, as one image of it. Values without a class have no group. */
static nf_status fold_classes(nf_fold *fold, const nf_slot *slot, nf_error *error)
{
    nf_status status = NF_OK;
    for (size_t i = 0; i < slot->classes.n && status == NF_OK; i++) {
        const nf_class_pixels *pixels = &slot->classes.items[i];
        uint32_t group = slot->pixel_classes[pixels->value];
        if (group != NF_GROUP_LATE)
            status = add_counts(fold, group, pixels->counts, pixels->n_px, pixels->q, error);
    }
    return status;
}

/* What still waits for labels of the source before has none. */
static nf_status enter_source(nf_fold *fold, uint32_t source, nf_error *error)
{
    nf_status status = source != fold->source ? nf_fold_finish(fold, error) : NF_OK;
    fold->source = source;
    return status;
}

static nf_status fold_slot(nf_fold *fold, const nf_batch *batch, const nf_slot *slot, nf_error *error)
{
    const char *member = (const char *)batch->texts.data + slot->member;
    const nf_decoded *decoded = &slot->decoded;
    nf_status status = enter_source(fold, slot->source, error);
    if (status != NF_OK)
        return status;
    nf_late_image image = {.member = member, .row = slot->row, .index = slot->index, .q = slot->q,
                           .n_bytes = slot->n_bytes, .w_px = decoded->w_px, .h_px = decoded->h_px,
                           .has_classes = slot->classes.n > 0, .counts = decoded->counts, .marks = slot->marks};
    fold->n_images++;
    if (decoded->verdict == NF_IMAGE_FAILED)
        return fold_failed(fold, slot->group == NF_GROUP_LATE ? slot->late_group : slot->group, &image, decoded->failure,
                           decoded->reason, slot->split_key, error);
    fold->n_read++;
    status = fold_classes(fold, slot, error);
    if (status == NF_OK && decoded->verdict == NF_IMAGE_WARNED)
        status = list_image(fold, &fold->warned[slot->split_key], slot->group, member, slot->row, "warned",
                            decoded->reason, error);
    if (status != NF_OK)
        return status;
    if (slot->group == NF_GROUP_LATE)
        return nf_late_labels_add(fold->late, batch, slot, error);
    return fold_image(fold, slot->group, &image, decoded->verdict, error);
}

static nf_status apply_labels(nf_fold *fold, const nf_batch *batch, const nf_label_event *event, nf_error *error)
{
    nf_status status = enter_source(fold, event->source, error);
    if (status != NF_OK)
        return status;
    if (event->discard)
        return nf_late_labels_bind(fold->late, event->late_set, NULL, 0, event->discard_group, visit_discarded, fold, error);
    return nf_late_labels_bind(fold->late, event->late_set, batch->groups + event->groups, event->n_groups, NF_GROUP_LATE,
                               visit_late, fold, error);
}

static nf_status learn_parts(nf_fold *fold, const nf_batch *batch, nf_error *error)
{
    nf_status status = NF_OK;
    for (size_t i = 0; i < batch->n_new_parts && status == NF_OK; i++) {
        nf_group_totals *totals;
        status = totals_of(fold, batch->new_parts[i].group, &totals, error);
        if (status == NF_OK)
            totals->parts = batch->new_parts[i].parts;
    }
    return status;
}

bool nf_fold_is_enough(const nf_fold *fold)
{
    return fold->is_cut || (fold->options->stop_on_error && fold->n_failed > 0) || (fold->sampling != NULL && fold->sampling->is_reached);
}

nf_status nf_fold_batch(nf_fold *fold, const nf_batch *batch, nf_error *error)
{
    nf_status status = learn_parts(fold, batch, error);
    size_t event = 0;
    for (size_t i = 0; i <= batch->n_slots && status == NF_OK; i++) {
        for (; event < batch->n_events && batch->events[event].at == i && status == NF_OK; event++)
            status = apply_labels(fold, batch, &batch->events[event], error);
        if (i < batch->n_slots && status == NF_OK) {
            fold->is_cut = batch->slots[i].is_left_out;
            if (fold->is_cut)
                return NF_OK;
            status = fold_slot(fold, batch, &batch->slots[i], error);
            if (status == NF_OK && fold->sampling != NULL)
                status = nf_sampling_add(fold->sampling, &batch->slots[i], error);
            if (nf_fold_is_enough(fold))
                return status;
        }
    }
    return status;
}

nf_status nf_fold_finish(nf_fold *fold, nf_error *error)
{
    return nf_late_labels_bind_rest(fold->late, visit_late, fold, error);
}
