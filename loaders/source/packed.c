/* Unpacking in one go, by ISA-L. What it does not take, or what does not come out as declared, goes through the streams, so that
 * there is one judge of damage. One thing passes that the streams refuse: Huffman codes that leave bit patterns unused, in data
 * of the declared size and check sum. */
#include "loaders/source/packed.h"

#include <stdlib.h>
#include <string.h>

#include <isa-l/crc.h>
#include <isa-l/igzip_lib.h>

#include "base/buf.h"
#include "loaders/source/stream_sources.h"

struct nf_unpacker {
    struct inflate_state isal;
    nf_buf bytes;
};

nf_status nf_unpacker_new(nf_unpacker **unpacker, nf_error *error)
{
    *unpacker = malloc(sizeof **unpacker);
    if (*unpacker == NULL)
        return nf_fail_nomem(error, "inflated data");
    (*unpacker)->bytes = (nf_buf){0};
    return NF_OK;
}

void nf_unpacker_free(nf_unpacker *unpacker)
{
    if (unpacker != NULL)
        nf_buf_free(&unpacker->bytes);
    free(unpacker);
}

/* Inflates what fits: ISA-L's verdict. n and most are NF_PACKED_BYTES_MAX at most, so that they fit its 32 bits. */
static int inflate_at_once(nf_unpacker *self, const uint8_t *deflated, size_t n, uint8_t *out, size_t most)
{
    isal_inflate_init(&self->isal);
    self->isal.next_in = (uint8_t *)(uintptr_t)deflated; /* read only: the field has no const */
    self->isal.avail_in = (uint32_t)n;
    self->isal.next_out = out;
    self->isal.avail_out = (uint32_t)most;
    return isal_inflate_stateless(&self->isal);
}

static bool is_as_declared(const nf_member_check *check, const uint8_t *bytes, size_t n)
{
    if (n != check->size_bytes)
        return false;
    uint32_t crc = crc32_gzip_refl(0, bytes, n);
    return crc == check->crc || crc == check->other_crc;
}

/* By the streams: their sentence, or what they take and ISA-L does not. */
static nf_status unpack_slowly(nf_unpacker *self, const uint8_t *stored, size_t n, const nf_packed *packed, nf_error *error)
{
    nf_stream *input, *data;
    nf_status status = nf_stream_from_memory(&input, stored, n, error);
    if (status != NF_OK)
        return status;
    status = packed->is_deflated ? nf_stream_inflate_member(&data, input, &packed->check, error)
                                 : nf_stream_stored_member(&data, input, &packed->check, error);
    if (status != NF_OK) {
        nf_stream_close(input);
        return status;
    }
    self->bytes.len = 0;
    status = nf_stream_read_all(data, NF_PACKED_BYTES_MAX, &self->bytes, error);
    nf_stream_close(data);
    return status;
}

nf_status nf_unpack(nf_unpacker *self, const uint8_t *stored, size_t n, const nf_packed *packed, const uint8_t **data,
                    size_t *len, nf_error *error)
{
    size_t size = (size_t)packed->check.size_bytes;
    *data = stored;
    *len = n;
    if (!packed->is_deflated && is_as_declared(&packed->check, stored, n))
        return NF_OK;
    nf_status status = NF_OK;
    self->bytes.len = 0;
    if (packed->is_deflated) {
        status = nf_buf_reserve(&self->bytes, size, error);
        if (status != NF_OK)
            return status;
        bool ended = inflate_at_once(self, stored, n, self->bytes.data, size) == ISAL_DECOMP_OK;
        self->bytes.len = self->isal.total_out;
        if (!ended || self->bytes.len > size || !is_as_declared(&packed->check, self->bytes.data, self->bytes.len))
            status = unpack_slowly(self, stored, n, packed, error);
    } else {
        status = unpack_slowly(self, stored, n, packed, error);
    }
    *data = self->bytes.data;
    *len = self->bytes.len;
    return status;
}
