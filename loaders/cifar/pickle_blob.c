/* nofade: reading a pickle's stream, and its large objects: given in pieces, or held where they must be. */
#include <stdlib.h>

#include "base/buf.h"
#include "loaders/cifar/pickle_parts.h"

/* Tells a fault of the stream (or its end) apart from the pickle's own. */
static nf_status stream_fault(nf_pickle *pickle, nf_status status, nf_error *error)
{
    if (status == NF_EOF)
        return nf_pickle_refuse(pickle, NF_FAILURE_CUT_SHORT, error, "it is cut short");
    pickle->failure = status == NF_ERR_DAMAGED ? NF_FAILURE_CUT_SHORT : NF_FAILURE_DAMAGED;
    return status;
}

nf_status nf_pickle_read(nf_pickle *pickle, void *dst, size_t n, nf_error *error)
{
    size_t got = 0;
    nf_status status = nf_stream_read(pickle->stream, dst, n, &got, error);
    return status == NF_OK ? NF_OK : stream_fault(pickle, status, error);
}

static nf_status decode_chunk(nf_pickle *pickle, const uint8_t *data, size_t len, size_t *n, nf_error *error)
{
    *n = 0;
    for (size_t i = 0; i < len; i++) {
        uint8_t byte = data[i];
        if (pickle->lead != 0) {
            if ((byte & 0xC0) != 0x80)
                return nf_pickle_refuse(pickle, NF_FAILURE_DAMAGED, error, "a text is not UTF-8");
            pickle->decoded[(*n)++] = (uint8_t)(pickle->lead << 6 | (byte & 0x3F));
            pickle->lead = 0;
        } else if (byte < 0x80) {
            pickle->decoded[(*n)++] = byte;
        } else if (byte == 0xC2 || byte == 0xC3) {
            pickle->lead = byte;
        } else {
            return nf_pickle_refuse(pickle, NF_FAILURE_DAMAGED, error, "a long text holds a character over 255");
        }
    }
    return NF_OK;
}

nf_status nf_pickle_blob_next(nf_pickle *pickle, size_t most, const uint8_t **data, size_t *len, nf_error *error)
{
    *len = 0;
    if (most > NF_PICKLE_HELD_MAX)
        most = NF_PICKLE_HELD_MAX;
    while (*len == 0) {
        if (pickle->blob_left == 0)
            return pickle->lead == 0 ? NF_EOF : nf_pickle_refuse(pickle, NF_FAILURE_DAMAGED, error, "a text is not UTF-8");
        size_t wanted = pickle->blob_left < most ? (size_t)pickle->blob_left : most;
        nf_status status = nf_stream_next(pickle->stream, wanted, data, len, error);
        if (status != NF_OK)
            return stream_fault(pickle, status, error);
        pickle->blob_left -= *len;
        if (pickle->blob_is_text) {
            if ((status = decode_chunk(pickle, *data, *len, len, error)) != NF_OK)
                return status;
            *data = pickle->decoded;
        }
    }
    pickle->blob_bytes += *len;
    return NF_OK;
}

static nf_pickle_kind kind_at(const nf_pickle *pickle, size_t depth)
{
    return depth < pickle->n_stack ? pickle->stack[pickle->n_stack - 1 - depth].kind : NF_PICKLE_MARK;
}

static bool is_global_at(const nf_pickle *pickle, size_t depth, nf_pickle_global global)
{
    return depth < pickle->n_stack && kind_at(pickle, depth) == NF_PICKLE_GLOBAL &&
           pickle->stack[pickle->n_stack - 1 - depth].as.integer == global;
}

/* How deep the "by column" of an array's state lies under the object that is being read: 0, or under the name of
 * _codecs.encode and, for some writers, a mark. */
static size_t state_depth(const nf_pickle *pickle)
{
    if (is_global_at(pickle, 0, NF_GLOBAL_ENCODE))
        return 1;
    return kind_at(pickle, 0) == NF_PICKLE_MARK && is_global_at(pickle, 1, NF_GLOBAL_ENCODE) ? 2 : 0;
}

/* Column order is known before the object (the state of an array), or only after it (_frombuffer). */
static bool must_be_held(const nf_pickle *pickle, uint64_t n)
{
    size_t depth = state_depth(pickle);
    if (kind_at(pickle, depth) == NF_PICKLE_BOOL && kind_at(pickle, depth + 1) == NF_PICKLE_DTYPE)
        return pickle->stack[pickle->n_stack - 1 - depth].as.integer != 0;
    bool order_follows = is_global_at(pickle, 0, NF_GLOBAL_FROMBUFFER) ||
                         (kind_at(pickle, 0) == NF_PICKLE_MARK && is_global_at(pickle, 1, NF_GLOBAL_FROMBUFFER));
    return order_follows && n <= NF_PICKLE_PAYLOAD_MAX - pickle->payload_bytes;
}

bool nf_pickle_blob_is_matrix(const nf_pickle *pickle, uint64_t row_bytes)
{
    size_t depth = state_depth(pickle);
    if (!pickle->in_blob || pickle->n_stack < depth + 3 || kind_at(pickle, depth) != NF_PICKLE_BOOL ||
        kind_at(pickle, depth + 1) != NF_PICKLE_DTYPE || kind_at(pickle, depth + 2) != NF_PICKLE_TUPLE)
        return false;
    const nf_pickle_value *top = &pickle->stack[pickle->n_stack - 1 - depth];
    const nf_pickle_items *shape = top[-2].as.items;
    return top->as.integer == 0 && top[-1].as.dtype->kind == 'u' && top[-1].as.dtype->size == 1 && shape->n == 2 &&
           shape->values[1].kind == NF_PICKLE_INTEGER && (uint64_t)shape->values[1].as.integer == row_bytes;
}

static nf_status hold_blob(nf_pickle *pickle, nf_error *error)
{
    nf_status status = nf_pickle_take_payload(pickle, pickle->blob_left, error);
    if (status != NF_OK)
        return status;
    nf_buf held = {0};
    const uint8_t *data;
    size_t len;
    while ((status = nf_pickle_blob_next(pickle, NF_PICKLE_HELD_MAX, &data, &len, error)) == NF_OK)
        if ((status = nf_buf_append(&held, data, len, error)) != NF_OK)
            break;
    if (status != NF_EOF) {
        nf_buf_free(&held);
        return status;
    }
    if ((status = nf_pickle_own(pickle, held.data, error)) != NF_OK)
        return status;
    nf_pickle_value value;
    pickle->in_blob = false;
    status = nf_pickle_new_bytes(pickle, pickle->blob_is_text ? NF_PICKLE_LATIN1 : NF_PICKLE_BYTES, held.data, held.len,
                                 &value, error);
    return status == NF_OK ? nf_pickle_push(pickle, value, error) : status;
}

nf_status nf_pickle_begin_blob(nf_pickle *pickle, uint64_t n, bool is_text, nf_error *error)
{
    bool held = must_be_held(pickle, n);
    if (!held && pickle->n_blobs >= NF_PICKLE_BLOBS_MAX)
        return nf_pickle_refuse(pickle, NF_FAILURE_TOO_LARGE, error, "more than %d large objects", NF_PICKLE_BLOBS_MAX);
    if (is_text && pickle->decoded == NULL && (pickle->decoded = malloc(NF_PICKLE_HELD_MAX)) == NULL)
        return nf_fail_nomem(error, "a pickle's text");
    pickle->in_blob = true;
    pickle->blob_is_text = is_text;
    pickle->blob_left = n;
    pickle->blob_bytes = 0;
    pickle->lead = 0;
    return held ? hold_blob(pickle, error) : NF_OK;
}

nf_status nf_pickle_end_blob(nf_pickle *pickle, nf_error *error)
{
    const uint8_t *data;
    size_t len;
    nf_status status;
    while ((status = nf_pickle_blob_next(pickle, NF_PICKLE_HELD_MAX, &data, &len, error)) == NF_OK)
        ;
    if (status != NF_EOF)
        return status;
    void *memory;
    if ((status = nf_pickle_alloc(pickle, sizeof(nf_pickle_blob), &memory, error)) != NF_OK)
        return status;
    nf_pickle_blob *blob = memory;
    *blob = (nf_pickle_blob){pickle->n_blobs++, pickle->blob_bytes};
    pickle->in_blob = false;
    nf_pickle_kind kind = pickle->blob_is_text ? NF_PICKLE_BLOB_TEXT : NF_PICKLE_BLOB;
    return nf_pickle_push(pickle, (nf_pickle_value){.kind = kind, .as.blob = blob}, error);
}
