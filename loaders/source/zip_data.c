/* The data of one zip member: as a stream, or as they are stored. */
#define ZLIB_CONST
#include <stdlib.h>
#include <zlib.h>

#include "loaders/sniff.h"
#include "loaders/source/walker.h"
#include "loaders/source/zip_index.h"

enum { HEAD_STORED_BYTES = 2048 }; /* deflated bytes that hold NF_SNIFF_BYTES of what does not compress, and their tables */

static nf_member_check check_of(const nf_zip_range *range)
{
    return (nf_member_check){range->size_known, range->crc_known, range->size_bytes, range->crc, range->other_crc};
}

nf_status nf_zip_range_data(nf_stream **data, nf_file *file, const nf_zip_range *range, nf_error *error)
{
    const nf_member_check check = check_of(range);
    nf_stream *stored;
    *data = NULL;
    if (range->method == NF_ZIP_STORED && !range->crc_known)
        return nf_fail(error, NF_BAD_RECORD, "a stored member whose size is lost");
    nf_status status = nf_stream_from_file_range(&stored, file, range->at, range->stored_bytes, error);
    if (status != NF_OK)
        return status;
    if (!nf_zip_is_plain(range->method))
        status = nf_stream_zip_member(data, stored, error);
    else
        status = range->method == NF_ZIP_STORED ? nf_stream_stored_member(data, stored, &check, error)
                                                : nf_stream_inflate_member(data, stored, &check, error);
    if (status != NF_OK)
        nf_stream_close(stored);
    return status;
}

/* ---- a stream whose first bytes cost little ---- */

/* Most members are looked at and then either passed over or taken as they are stored: the first bytes come by themselves, and
 * only who goes on behind them makes the whole be inflated, from its start. */
struct nf_zip_heads {
    z_stream z; /* as the whole is inflated, so that its faults come at the same byte */
};

nf_status nf_zip_heads_new(nf_zip_heads **heads, nf_error *error)
{
    *heads = calloc(1, sizeof **heads);
    if (*heads != NULL && inflateInit2(&(*heads)->z, -MAX_WBITS) == Z_OK)
        return NF_OK;
    free(*heads);
    *heads = NULL;
    return nf_fail_nomem(error, "zlib");
}

void nf_zip_heads_free(nf_zip_heads *heads)
{
    if (heads != NULL)
        inflateEnd(&heads->z);
    free(heads);
}

/* How many of the first `most` bytes the n deflated ones give; that they do not end well is no news. */
static size_t inflate_head(nf_zip_heads *heads, const uint8_t *deflated, size_t n, uint8_t *head, size_t most)
{
    z_stream *z = &heads->z;
    if (inflateReset(z) != Z_OK)
        return 0;
    z->next_in = deflated;
    z->avail_in = (uInt)n;
    z->next_out = head;
    z->avail_out = (uInt)most;
    (void)inflate(z, Z_SYNC_FLUSH);
    return most - z->avail_out;
}

typedef struct headed {
    nf_file *file;
    nf_zip_range range;
    bool head_given;
    size_t head_len;
    nf_stream *whole;
    uint8_t head[NF_SNIFF_BYTES];
} headed;

static void headed_close(void *source)
{
    headed *self = source;
    nf_stream_close(self->whole);
    free(self);
}

static nf_status headed_fill(void *source, const uint8_t **data, size_t *len, nf_error *error)
{
    headed *self = source;
    if (!self->head_given && self->head_len > 0) {
        self->head_given = true;
        *data = self->head;
        *len = self->head_len;
        return NF_OK;
    }
    if (self->whole == NULL) {
        nf_status status = nf_zip_range_data(&self->whole, self->file, &self->range, error);
        if (status == NF_OK)
            status = nf_stream_skip(self->whole, self->head_len, error);
        if (status != NF_OK)
            return status;
    }
    return nf_stream_next(self->whole, NF_STREAM_BLOCK_BYTES, data, len, error);
}

static nf_status read_head(headed *self, nf_zip_heads *heads, nf_error *error)
{
    uint8_t stored[HEAD_STORED_BYTES];
    bool deflated = self->range.method == NF_ZIP_DEFLATED;
    size_t most = self->range.size_bytes < sizeof self->head ? (size_t)self->range.size_bytes : sizeof self->head;
    size_t wanted = deflated ? sizeof stored : most, got;
    if (self->range.stored_bytes < wanted)
        wanted = (size_t)self->range.stored_bytes;
    nf_status status = nf_file_read_at(self->file, self->range.at, deflated ? stored : self->head, wanted, &got, error);
    if (status == NF_OK)
        self->head_len = deflated ? inflate_head(heads, stored, got, self->head, most) : got;
    return status == NF_BAD_RECORD ? NF_OK : status; /* the whole will say so */
}

nf_status nf_zip_headed_data(nf_stream **data, nf_file *file, const nf_zip_range *range, nf_zip_heads *heads, nf_error *error)
{
    static const nf_stream_ops ops = {headed_fill, headed_close};
    *data = NULL;
    if (!nf_zip_is_plain(range->method) || !range->size_known)
        return nf_zip_range_data(data, file, range, error);
    headed *self = calloc(1, sizeof *self);
    if (self == NULL)
        return nf_fail_nomem(error, "a stream");
    self->file = file;
    self->range = *range;
    nf_status status = read_head(self, heads, error);
    if (status == NF_OK)
        status = nf_stream_new(data, &ops, self, error);
    if (status != NF_OK)
        free(self);
    return status;
}

/* ---- as stored ---- */

nf_status nf_zip_range_packed(nf_file *file, const nf_zip_range *range, nf_buf *buf, nf_packed *packed, nf_error *error)
{
    *packed = (nf_packed){0};
    if (!nf_zip_is_plain(range->method) || !range->size_known || !range->crc_known || range->size_bytes > NF_PACKED_BYTES_MAX ||
        range->stored_bytes > NF_PACKED_BYTES_MAX)
        return NF_OK;
    nf_status status = nf_file_append(file, range->at, (size_t)range->stored_bytes, buf, error);
    if (status == NF_OK)
        *packed = (nf_packed){true, range->method == NF_ZIP_DEFLATED, check_of(range)};
    return status;
}
