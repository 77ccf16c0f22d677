/* nofade: IDX files: MNIST, Fashion-MNIST, EMNIST, KMNIST and sets of one's own.
 *
 * Images and labels lie in two files that are paired by name, in either order. Where the source can be walked twice the labels
 * are read first; on a pipe images whose labels have not come are given without, and the labels follow. MNIST and Fashion-MNIST
 * differ in nothing but their pixels, so the set is known by a digest of them.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <xxhash.h>

#include "loaders/idx/idx.h"

/* --- names -------------------------------------------------------------------------------------------------------- */

static const char *split_of(const char *base)
{
    if (nf_text_contains(base, "train"))
        return "train";
    return nf_text_contains(base, "t10k") || nf_text_contains(base, "test") ? "test" : "";
}

static const char *id_by_name(const nf_idx *idx, const char *path)
{
    const char *given = idx->files.context->options->source_path;
    const char *source = nf_member_base(given != NULL ? given : "");
    if (nf_text_contains(path, "kmnist") || nf_text_contains(source, "kmnist"))
        return "kmnist";
    return nf_text_contains(path, "emnist") || nf_text_contains(source, "emnist") ? "emnist" : "idx";
}

static int idx_detect(const nf_probe *probe, const char **id)
{
    (void)id;
    int best = NF_DETECT_NO;
    for (size_t i = 0; i < probe->n; i++) {
        const nf_probe_entry *entry = &probe->entries[i];
        nf_idx_kind kind = nf_idx_kind_of(entry->path, entry->head, entry->head_bytes);
        bool is_ubyte = nf_idx_is_head(entry->head, entry->head_bytes) && entry->head[2] == 0x08;
        const char *base = nf_member_base(entry->path);
        bool is_called = nf_text_contains(base, "idx") || nf_text_contains(base, "images") || nf_text_contains(base, "labels");
        if (kind == NF_IDX_NONE || entry->kind != NF_ENTRY_FILE)
            continue;
        int sure = is_called ? NF_DETECT_SURE : is_ubyte && entry->head[3] == 3 ? NF_DETECT_LIKELY + 10 : NF_DETECT_FALLBACK + 1;
        best = sure > best ? sure : best;
    }
    return best;
}

static nf_status idx_open(void **state, const nf_loader_context *context, const char *forced_id, nf_error *error)
{
    nf_idx *idx = calloc(1, sizeof *idx);
    *state = idx;
    if (idx == NULL || (idx->digest = XXH3_createState()) == NULL)
        return nf_fail_nomem(error, "the IDX loader");
    idx->files = (nf_record_files){.context = context, .format = NF_PIXELS_GREY8, .n_classes = 256};
    idx->forced_id = forced_id;
    context->facts->id = forced_id != NULL ? forced_id : "idx";
    return NF_OK;
}

static void idx_close(void *state)
{
    nf_idx *idx = state;
    if (idx == NULL)
        return;
    nf_idx_pairs_free(&idx->pairs);
    nf_record_files_free(&idx->files);
    XXH3_freeState(idx->digest);
    free(idx);
}

/* --- labels that come after their images -------------------------------------------------------------------------- */

static void compare_counts(nf_idx *idx, const nf_idx_pair *pair)
{
    if (pair->labels_reason[0] != '\0')
        nf_record_files_complain(&idx->files, -1, pair->labels_failure, "%s", pair->labels_reason);
    else if (pair->images_are_whole && pair->labels.len != pair->n_images)
        nf_record_files_complain(&idx->files, -1, NF_FAILURE_DAMAGED, "%zu labels for %llu images", pair->labels.len,
                                 (unsigned long long)pair->n_images);
}

static nf_status enter_labels(nf_idx *idx, nf_idx_pair *pair, nf_record *record, bool *is_record, nf_error *error)
{
    idx->has_labels = true;
    if (pair->has_labels)
        return NF_OK; /* read in the first walk; a twin with ".gz" says the same */
    nf_error fault = {0};
    nf_status status = nf_idx_read_labels(pair, nf_entries_data(idx->files.context->entries), &fault);
    if (status == NF_ERR_DAMAGED) {
        idx->files.pending = status;
        idx->files.pending_error = fault;
    } else if (status != NF_OK) {
        if (error != NULL)
            *error = fault;
        return status;
    }
    *is_record = pair->is_late;
    if (!pair->is_late)
        return NF_OK;
    compare_counts(idx, pair);
    return nf_record_files_tell_labels(&idx->files, pair->late_set, &pair->labels, (size_t)pair->n_images, record, error);
}

/* --- images ------------------------------------------------------------------------------------------------------- */

static bool check_header(nf_idx *idx)
{
    const nf_idx_header *header = &idx->header;
    if (header->type != 0x08 || header->n_dims != 3) {
        nf_record_files_complain(&idx->files, -1, NF_FAILURE_UNSUPPORTED_KIND,
                                 "IDX images of type %02X with %u dimensions are not read", header->type, header->n_dims);
        return false;
    }
    uint64_t h_px = header->dims[1], w_px = header->dims[2];
    bool fits = h_px >= 1 && w_px >= 1 && h_px <= NF_IDX_SIDE_MAX && w_px <= NF_IDX_SIDE_MAX;
    if (fits && w_px * h_px <= idx->files.context->options->max_pixels) {
        idx->image_bytes = (size_t)(w_px * h_px);
        return true;
    }
    nf_record_files_complain(&idx->files, -1, fits ? NF_FAILURE_TOO_MANY_PIXELS : NF_FAILURE_UNSUPPORTED_KIND,
                             "images of %llu x %llu pixels", (unsigned long long)w_px, (unsigned long long)h_px);
    return false;
}

static nf_status enter_images(nf_idx *idx, nf_idx_pair *pair, nf_error *error)
{
    idx->has_images = true;
    if (pair->has_images) {
        nf_tally_add(idx->files.context->passed_over, "repeated", 1);
        return NF_OK;
    }
    pair->has_images = true;
    nf_failure failure;
    nf_error fault = {0};
    nf_stream *data = nf_entries_data(idx->files.context->entries);
    nf_status status = nf_idx_read_header(data, &idx->header, &failure, &fault);
    if (status != NF_OK)
        return nf_record_files_fault(&idx->files, -1, status, failure, &fault, error);
    if (!check_header(idx))
        return NF_OK;
    pair->is_late = !pair->has_labels && !idx->is_collected;
    pair->late_set = pair->is_late ? idx->files.n_late_sets++ : 0;
    idx->data = data;
    idx->pair = pair;
    idx->row = 0;
    XXH3_128bits_reset(idx->digest);
    return NF_OK;
}

/* What a whole file of images is, by its pixels or its name; files that disagree are just IDX. */
static void vote(nf_idx *idx)
{
    XXH128_hash_t digest = XXH3_128bits_digest(idx->digest);
    const char *id = nf_idx_id_of_digest(digest.high64, digest.low64);
    if (id == NULL)
        id = id_by_name(idx, idx->files.entry.path);
    idx->id = idx->id == NULL || strcmp(idx->id, id) == 0 ? id : "idx";
}

/* Behind the last image: nothing should follow. */
static nf_status check_end(nf_idx *idx, nf_error *error)
{
    const uint8_t *data;
    size_t len;
    nf_error fault = {0};
    uint64_t start = nf_stream_position(idx->data);
    nf_status status;
    while ((status = nf_stream_next(idx->data, NF_STREAM_PEEK_MAX, &data, &len, &fault)) == NF_OK)
        ;
    uint64_t n = nf_stream_position(idx->data) - start;
    if (n > 0)
        nf_record_files_complain(&idx->files, -1, NF_FAILURE_DAMAGED, "%llu bytes follow the last image",
                                 (unsigned long long)n);
    return status == NF_EOF ? NF_OK : nf_record_files_fault(&idx->files, -1, status, NF_FAILURE_DAMAGED, &fault, error);
}

/* The file of images has ended: well (status NF_OK), early (NF_EOF) or by a fault. */
static nf_status leave_images(nf_idx *idx, nf_status status, const nf_error *fault, nf_error *error)
{
    idx->pair->images_are_whole = status == NF_OK;
    idx->pair->n_images = idx->row;
    if (status == NF_OK) {
        vote(idx);
        status = check_end(idx, error);
    } else if (status == NF_EOF) {
        nf_record_files_complain(&idx->files, -1, NF_FAILURE_CUT_SHORT, "the header says %llu images, %llu are there",
                                 (unsigned long long)idx->header.dims[0], (unsigned long long)idx->row);
        status = NF_OK;
    } else {
        status = nf_record_files_fault(&idx->files, -1, status,
                                       status == NF_ERR_DAMAGED ? NF_FAILURE_CUT_SHORT : NF_FAILURE_DAMAGED, fault, error);
    }
    idx->data = NULL;
    if (idx->pair->has_labels)
        compare_counts(idx, idx->pair);
    return status;
}

/* The next image of the file; NF_EOF: it has ended. */
static nf_status next_image(nf_idx *idx, nf_record *record, nf_error *error)
{
    nf_error fault;
    fault.message[0] = '\0'; /* not all of it: this is done for every image */
    nf_status status;
    if (idx->row == idx->header.dims[0]) {
        status = leave_images(idx, NF_OK, NULL, error);
        return status == NF_OK ? NF_EOF : status;
    }
    if ((status = nf_buf_reserve(record->data, idx->image_bytes, error)) != NF_OK)
        return status;
    uint8_t *pixels = record->data->data + record->data->len;
    size_t got = 0;
    status = nf_stream_read(idx->data, pixels, idx->image_bytes, &got, &fault);
    if (status != NF_OK) {
        status = leave_images(idx, status, &fault, error);
        return status == NF_OK ? NF_EOF : status;
    }
    XXH3_128bits_update(idx->digest, pixels, idx->image_bytes);
    record->data->len += idx->image_bytes;
    nf_record_files_describe(&idx->files, record, (int64_t)idx->row);
    record->n_bytes = idx->image_bytes;
    record->h_px = (uint32_t)idx->header.dims[1];
    record->w_px = (uint32_t)idx->header.dims[2];
    uint64_t row = idx->row++;
    if (idx->pair->is_late)
        return nf_record_files_wait(&idx->files, idx->pair->late_set, record, error);
    return nf_record_files_group(&idx->files, &idx->pair->labels, row, &record->group, error);
}

/* --- the walk ----------------------------------------------------------------------------------------------------- */

static nf_status enter(nf_idx *idx, nf_record *record, bool *is_record, nf_error *error)
{
    const nf_entry *entry = &idx->files.entry;
    nf_tally *tally = idx->files.context->passed_over;
    const char *passed_over = nf_member_passed_over(entry, idx->files.context->options);
    nf_idx_kind kind = NF_IDX_NONE;
    if (passed_over == NULL)
        kind = entry->encrypted ? nf_idx_kind_of(entry->path, NULL, 0) : nf_idx_kind_of_entry(idx, entry);
    if (passed_over == NULL && kind != NF_IDX_NONE && nf_idx_is_other_subset(idx, entry->path))
        passed_over = "other-subset";
    if (passed_over != NULL)
        nf_tally_add(tally, passed_over, 1);
    else if (kind == NF_IDX_NONE)
        nf_tally_add_path(tally, entry->path);
    if (passed_over != NULL || kind == NF_IDX_NONE)
        return NF_OK;
    bool refused = false;
    nf_idx_pair *pair = NULL;
    idx->files.split = split_of(nf_member_base(entry->path));
    nf_status status = nf_record_files_refuse(&idx->files, &refused, error);
    nf_idx_note_subset(idx, entry->path);
    if (status == NF_OK && idx->files.context->options->subset == NULL)
        status = nf_idx_check_subsets(idx, error);
    if (status == NF_OK)
        status = nf_idx_pairs_find(&idx->pairs, entry, &pair, error);
    if (status != NF_OK || refused)
        return status;
    return kind == NF_IDX_LABELS ? enter_labels(idx, pair, record, is_record, error) : enter_images(idx, pair, error);
}

/* The walk has ended: what the set is. */
static nf_status finish(nf_idx *idx, nf_status status, nf_error *error)
{
    if (idx->forced_id == NULL && idx->id != NULL)
        idx->files.context->facts->id = idx->id;
    nf_status named = nf_idx_name_classes(idx->files.context->groups, idx->files.context->facts->id, error);
    if (named != NF_OK)
        return named;
    if (status == NF_EOF && !idx->has_images && idx->has_labels)
        return nf_fail(error, NF_ERR_INPUT, "holds labels but no images: give the folder, or the file of images (its labels are found beside it)");
    for (size_t i = 0; status == NF_EOF && !idx->is_finished && i < idx->pairs.n; i++)
        if (idx->pairs.items[i].has_labels && !idx->pairs.items[i].has_images)
            nf_tally_add(idx->files.context->passed_over, "labels-alone", 1);
    idx->is_finished = true;
    if (status == NF_EOF && idx->files.context->options->subset != NULL)
        status = nf_idx_check_subsets(idx, error) == NF_OK ? NF_EOF : NF_ERR_USAGE;
    return status;
}

static nf_status idx_next(void *state, nf_record *record, nf_error *error)
{
    nf_idx *idx = state;
    nf_status status = idx->is_walked ? NF_OK : nf_idx_first_walk(idx, error);
    while (status == NF_OK) {
        nf_record_reset(record);
        bool is_record = false;
        if (idx->files.n_complaints > 0)
            return nf_record_files_tell(&idx->files, record, error);
        if (idx->data != NULL) {
            if ((status = next_image(idx, record, error)) != NF_EOF)
                return status;
            status = NF_OK;
            continue;
        }
        if (idx->files.pending != NF_OK) {
            status = finish(idx, idx->files.pending, error);
            return status == idx->files.pending ? nf_record_files_end(&idx->files, error) : status;
        }
        status = nf_entries_next(idx->files.context->entries, &idx->files.entry, error);
        if (status == NF_EOF || status == NF_ERR_DAMAGED)
            return finish(idx, status, error);
        if (status == NF_OK && ((status = enter(idx, record, &is_record, error)) != NF_OK || is_record))
            return status;
    }
    return status;
}

static const char *const idx_ids[] = {"mnist", "fashion-mnist", "emnist", "kmnist", "idx", NULL};

const nf_loader nf_loader_idx = {
    .name = "idx",
    .summary = "IDX files: MNIST, Fashion-MNIST, EMNIST, KMNIST",
    .ids = idx_ids,
    .detect = idx_detect,
    .open = idx_open,
    .next = idx_next,
    .close = idx_close,
};
