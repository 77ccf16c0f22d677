/* Single zip members, deflated (by zlib) or stored, with every size and check sum checked. What can be inflated before a fault
 * is given first. */
#define ZLIB_CONST
#include <inttypes.h>
#include <stdlib.h>
#include <zlib.h>

#include "loaders/source/stream_sources.h"

enum { RAW_WINDOW_BITS = -15 };

typedef struct inflater {
    nf_stream *input;
    nf_member_check check;
    uint64_t given;
    uint32_t crc;
    nf_status input_ended; /* zlib may still hold bytes then */
    nf_status pending; /* how it ended, once all that came before has been given */
    nf_error fault;
    z_stream z;
    uint8_t *out;
} inflater;

static void inflater_close(void *source)
{
    inflater *self = source;
    inflateEnd(&self->z);
    nf_stream_close(self->input);
    free(self->out);
    free(self);
}

static void end_with(inflater *self, const char *sentence)
{
    self->pending = nf_fail(&self->fault, NF_BAD_RECORD, "%s", sentence);
}

/* Gets the next stored bytes, if there are any and none are waiting. */
static void more_input(inflater *self)
{
    const uint8_t *data;
    size_t len;
    if (self->z.avail_in > 0 || self->input_ended != NF_OK)
        return;
    self->input_ended = nf_stream_next(self->input, NF_STREAM_BLOCK_BYTES, &data, &len, &self->fault);
    if (self->input_ended == NF_OK) {
        self->z.next_in = data;
        self->z.avail_in = (uInt)len;
    }
}

/* Neither is there input nor does zlib hold anything back. */
static void end_of_input(inflater *self)
{
    if (self->input_ended != NF_EOF)
        self->pending = self->input_ended;
    else
        end_with(self, "the compressed data are cut short");
}

static void inflate_some(inflater *self)
{
    int result = inflate(&self->z, Z_NO_FLUSH);
    if (result == Z_BUF_ERROR && self->input_ended != NF_OK)
        end_of_input(self);
    else if (result == Z_STREAM_END)
        self->pending = NF_EOF;
    else if (result == Z_MEM_ERROR)
        self->pending = nf_fail_nomem(&self->fault, "zlib");
    else if (result == Z_NEED_DICT)
        end_with(self, "the compressed data need a dictionary");
    else if (result != Z_OK && result != Z_BUF_ERROR)
        self->pending = nf_fail(&self->fault, NF_BAD_RECORD, "the compressed data are damaged: %s",
                                self->z.msg != NULL ? self->z.msg : "zlib gives no reason");
}

static void count_given(inflater *self, const uint8_t *data, size_t n)
{
    self->given += n;
    if (self->check.crc_known && n > 0)
        self->crc = (uint32_t)crc32_z(self->crc, data, n);
}

/* Holds a zip member that came to its end against what was declared. */
static void check_member(inflater *self)
{
    bool crc_right = self->check.crc_known && (self->crc == self->check.crc || self->crc == self->check.other_crc);
    /* With the right check sum only the lower half has to be right: some writers spoil the upper one. */
    uint64_t mask = crc_right ? UINT32_MAX : UINT64_MAX;
    if (self->check.size_known && ((self->given ^ self->check.size_bytes) & mask) != 0)
        self->pending = nf_fail(&self->fault, NF_BAD_RECORD, "%" PRIu64 " bytes instead of the declared %" PRIu64,
                                self->given, self->check.size_bytes);
    else if (self->check.crc_known && !crc_right)
        end_with(self, "the check sum of the data is wrong");
}

/* Room for one byte more than declared, to see whether there is more. */
static size_t room(const inflater *self)
{
    if (!self->check.size_known || self->check.size_bytes - self->given >= NF_STREAM_BLOCK_BYTES)
        return NF_STREAM_BLOCK_BYTES;
    return (size_t)(self->check.size_bytes - self->given) + 1;
}

/* Gives up to `made` bytes, not more than were declared, and sees to the end of a zip member. */
static size_t account(inflater *self, const uint8_t *data, size_t made)
{
    if (self->check.size_known && made > self->check.size_bytes - self->given) {
        made = (size_t)(self->check.size_bytes - self->given);
        self->pending = nf_fail(&self->fault, NF_BAD_RECORD, "more data than the declared %" PRIu64 " bytes",
                                self->check.size_bytes);
    }
    count_given(self, data, made);
    if (self->pending == NF_EOF)
        check_member(self);
    return made;
}

static nf_status report(const inflater *self, nf_error *error)
{
    if (self->pending != NF_EOF && error != NULL)
        *error = self->fault;
    return self->pending;
}

static nf_status inflater_fill(void *source, const uint8_t **data, size_t *len, nf_error *error)
{
    inflater *self = source;
    if (self->pending != NF_OK)
        return report(self, error);
    size_t most = room(self);
    self->z.next_out = self->out;
    self->z.avail_out = (uInt)most;
    while (self->pending == NF_OK && self->z.avail_out > 0) {
        more_input(self);
        inflate_some(self);
    }
    *data = self->out;
    *len = account(self, self->out, most - self->z.avail_out);
    return *len > 0 ? NF_OK : report(self, error);
}

static nf_status stored_fill(void *source, const uint8_t **data, size_t *len, nf_error *error)
{
    inflater *self = source;
    if (self->pending != NF_OK)
        return report(self, error);
    nf_status status = nf_stream_next(self->input, NF_STREAM_BLOCK_BYTES, data, len, &self->fault);
    if (status != NF_OK) {
        *len = 0;
        self->pending = status;
    }
    *len = account(self, *data, *len);
    return *len > 0 ? NF_OK : report(self, error);
}

static nf_status inflater_new(nf_stream **stream, const nf_stream_ops *ops, const inflater *plan, int window_bits,
                              nf_error *error)
{
    *stream = NULL;
    inflater *self = malloc(sizeof *self);
    if (self == NULL)
        return nf_fail_nomem(error, "a stream");
    *self = *plan;
    nf_status status = NF_OK;
    if (window_bits != 0 && (self->out = malloc(room(self))) == NULL)
        status = nf_fail_nomem(error, "inflated data");
    else if (window_bits != 0 && inflateInit2(&self->z, window_bits) != Z_OK)
        status = nf_fail_nomem(error, "zlib");
    else
        status = nf_stream_new(stream, ops, self, error);
    if (status != NF_OK) {
        self->input = NULL;
        inflater_close(self);
    }
    return status;
}

nf_status nf_stream_inflate_member(nf_stream **stream, nf_stream *input, const nf_member_check *check, nf_error *error)
{
    static const nf_stream_ops ops = {inflater_fill, inflater_close};
    const inflater plan = {.input = input, .check = *check};
    return inflater_new(stream, &ops, &plan, RAW_WINDOW_BITS, error);
}

nf_status nf_stream_stored_member(nf_stream **stream, nf_stream *input, const nf_member_check *check, nf_error *error)
{
    static const nf_stream_ops ops = {stored_fill, inflater_close};
    const inflater plan = {.input = input, .check = *check};
    return inflater_new(stream, &ops, &plan, 0, error);
}
