/* Taking the pictures of a source's entries one by one: what is one, what it may weigh, what its faults mean. */
#include "loaders/pictures.h"

#include <string.h>

#include "loaders/members.h"
#include "loaders/sniff.h"

enum {
    ENCODED_BYTES_MAX = 192 << 20, /* of one image, unless its PNG header asks for more and may have it */
    ENCODED_BYTES_SLACK = 64 << 20 /* metadata beside a PNG's pixels */
};

/* The most encoded bytes this image can sensibly have; 0 when its header has more pixels than allowed. */
static uint64_t encoded_bytes_limit(nf_content content, const uint8_t *head, size_t n, uint64_t max_pixels)
{
    if (content != NF_CONTENT_PNG || n < 24)
        return ENCODED_BYTES_MAX;
    uint64_t w_px = (uint64_t)head[16] << 24 | (uint64_t)head[17] << 16 | (uint64_t)head[18] << 8 | head[19];
    uint64_t h_px = (uint64_t)head[20] << 24 | (uint64_t)head[21] << 16 | (uint64_t)head[22] << 8 | head[23];
    if (w_px != 0 && h_px > max_pixels / w_px)
        return 0;
    uint64_t pixels = w_px * h_px; /* <= max_pixels < 2^32 */
    uint64_t with_slack = pixels * 8 + h_px + ENCODED_BYTES_SLACK;
    return with_slack > ENCODED_BYTES_MAX ? with_slack : ENCODED_BYTES_MAX;
}

static void note_pending(nf_pictures *pictures, nf_status status, const nf_error *fault)
{
    pictures->pending = status;
    pictures->pending_error = *fault;
}

static nf_status give_fault(nf_status status, const nf_error *fault, nf_error *error)
{
    if (error != NULL)
        *error = *fault;
    return status;
}

/* Packed where that can be. */
static nf_status append_bytes(const nf_pictures *pictures, nf_stream *stream, uint64_t limit, nf_record *record, nf_error *fault)
{
    const nf_loader_context *context = pictures->context;
    if (pictures->hands_on && context->options->takes_packed) { /* NF_PACKED_BYTES_MAX is below every limit */
        nf_status status = nf_entries_packed(context->entries, record->data, &record->packed, fault);
        if (status != NF_OK || record->packed.is_packed)
            return status;
    }
    return nf_stream_read_all(stream, (size_t)limit, record->data, fault);
}

/* Reads the image's bytes into record->data. A fault spoils the record; one of the whole source is told at the next call. */
static nf_status read_image(nf_pictures *pictures, nf_stream *stream, uint64_t limit, nf_record *record, nf_error *error)
{
    size_t start = record->data->len;
    nf_error fault = {0};
    nf_status status = append_bytes(pictures, stream, limit, record, &fault);
    record->n_bytes = record->data->len - start;
    if (status == NF_OK)
        return NF_OK;
    bool over_limit = status == NF_BAD_RECORD && record->n_bytes >= limit;
    record->data->len = start;
    if (status == NF_BAD_RECORD) {
        nf_record_fail(record, over_limit ? NF_FAILURE_TOO_LARGE : NF_FAILURE_DAMAGED, "%s", fault.message);
        return NF_OK;
    }
    if (status == NF_ERR_DAMAGED) {
        nf_record_fail(record, NF_FAILURE_CUT_SHORT, "%s", fault.message);
        note_pending(pictures, status, &fault);
        return NF_OK;
    }
    return give_fault(status, &fault, error);
}

/* The name claims an image, the content is none that we know: fails the record. */
static void fail_claimed(nf_pictures *pictures, nf_stream *stream, size_t n, nf_status status, nf_error *fault,
                         nf_record *record)
{
    const uint8_t *rest;
    size_t none;
    if (n > 0) {
        nf_record_fail(record, NF_FAILURE_NOT_AN_IMAGE, "the content is no image that we know");
        return;
    }
    if (status == NF_OK)
        status = nf_stream_next(stream, 1, &rest, &none, fault); /* an empty member, or the fault itself */
    if (status == NF_EOF)
        nf_record_fail(record, NF_FAILURE_EMPTY, "the file is empty");
    else
        nf_record_fail(record, status == NF_ERR_DAMAGED ? NF_FAILURE_CUT_SHORT : NF_FAILURE_UNREADABLE, "%s", fault->message);
    if (status == NF_ERR_DAMAGED)
        note_pending(pictures, status, fault);
}

static void set_member(const nf_entry *entry, nf_record *record)
{
    record->kind = NF_RECORD_IMAGE;
    record->format = NF_PIXELS_ENCODED;
    record->member = entry->path;
    record->archive_index = entry->archive_index;
    record->unit = entry->unit;
}

nf_status nf_pictures_take(nf_pictures *pictures, const nf_entry *entry, nf_record *record, bool *is_image, nf_error *error)
{
    const nf_loader_context *context = pictures->context;
    const uint8_t *head = NULL;
    size_t n = 0;
    nf_error fault = {0};
    nf_stream *stream = nf_entries_data(context->entries);
    nf_status status = nf_stream_peek(stream, NF_SNIFF_BYTES, &head, &n, &fault);
    if (status != NF_OK && status != NF_BAD_RECORD && status != NF_ERR_DAMAGED)
        return give_fault(status, &fault, error);
    if (status != NF_OK)
        n = 0;
    const char *kind = "";
    nf_content content = nf_sniff(head, n, &kind);
    *is_image = true;
    set_member(entry, record);
    if (nf_is_picture(content)) {
        uint64_t limit = encoded_bytes_limit(content, head, n, context->options->max_pixels);
        uint64_t held = pictures->held_bytes < limit ? pictures->held_bytes : limit;
        if (limit != 0)
            return read_image(pictures, stream, limit - held, record, error);
        nf_record_fail(record, NF_FAILURE_TOO_MANY_PIXELS, "the header has more pixels than --max-pixels allows");
    } else if (content == NF_CONTENT_OTHER_IMAGE) {
        nf_record_fail(record, NF_FAILURE_UNSUPPORTED_KIND, "%s images are not read", kind);
    } else if (nf_has_image_suffix(entry->path)) {
        fail_claimed(pictures, stream, n, status, &fault, record);
    } else {
        *is_image = false;
        nf_tally_add_path(context->passed_over, entry->path);
    }
    return NF_OK;
}

static const char *passed_over(const nf_pictures *pictures, const nf_entry *entry)
{
    const char *kind = nf_member_passed_over(entry, pictures->context->options);
    bool is_needed = kind != NULL && strcmp(kind, "excluded") == 0 && pictures->is_needed != NULL && pictures->is_needed(pictures->owner, entry);
    return is_needed ? NULL : kind;
}

size_t nf_pictures_unit_bytes(const nf_pictures *pictures, const nf_entry *entry)
{
    return passed_over(pictures, entry) != NULL ? NF_UNIT_NEVER : strlen(entry->path);
}

/* Is there something to take? An entry whose data nobody may have fails the record where its name claims an image. */
static bool look_at(nf_pictures *pictures, const nf_entry *entry, nf_record *record, bool *is_image)
{
    nf_tally *tally = pictures->context->passed_over;
    const char *kind = passed_over(pictures, entry);
    if (kind != NULL) {
        nf_tally_add(tally, kind, 1);
        return false;
    }
    if (!entry->unsafe_path && !entry->encrypted)
        return true;
    if (!nf_has_image_suffix(entry->path)) {
        nf_tally_add_path(tally, entry->path);
        return false;
    }
    *is_image = true;
    set_member(entry, record);
    if (entry->unsafe_path)
        nf_record_fail(record, NF_FAILURE_UNSAFE_PATH, "the path has a \"..\" component");
    else
        nf_record_fail(record, NF_FAILURE_UNREADABLE, "the member is encrypted");
    return true;
}

/* An entry that cannot be had fails the record where its name claims an image. */
static nf_status unreadable_entry(const nf_pictures *pictures, const nf_entry *entry, nf_record *record, bool *is_image,
                                  nf_error *error)
{
    if (nf_has_image_suffix(entry->path) && nf_member_passed_over(entry, pictures->context->options) == NULL) {
        *is_image = true;
        set_member(entry, record);
        nf_record_fail(record, NF_FAILURE_UNREADABLE, "%s", error != NULL ? error->message : "");
        return NF_OK;
    }
    if (entry->path[0] != '\0')
        nf_error_prepend(error, "%s", entry->path);
    return NF_BAD_RECORD;
}

nf_status nf_pictures_next(nf_pictures *pictures, nf_entry *entry, nf_record *record, bool *is_image, nf_error *error)
{
    *is_image = false;
    if (pictures->pending != NF_OK)
        return give_fault(pictures->pending, &pictures->pending_error, error);
    for (;;) {
        *entry = (nf_entry){0};
        nf_record_reset(record);
        nf_status status = nf_entries_next(pictures->context->entries, entry, error);
        if (status == NF_BAD_RECORD)
            return unreadable_entry(pictures, entry, record, is_image, error);
        if (status != NF_OK || look_at(pictures, entry, record, is_image))
            return status;
    }
}
