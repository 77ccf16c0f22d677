/* nofade: gzip files (RFC 1952, many members in a row) inflated by ISA-L, with every check sum and length checked. What can be
 * inflated before a fault is given first, but for a match and three bytes at most: ISA-L decodes so many literals in one step, or
 * none of them, and counts a match that it finds impossible as if it had written it.
 *
 * ISA-L is given raw deflate data alone. The header and the trailer are read here: what it makes of those differs between its
 * versions, and a header may come in any pieces.
 */
#include <isa-l/crc.h>
#include <isa-l/igzip_lib.h>
#include <stdlib.h>
#include <string.h>

#include "loaders/source/stream_sources.h"

enum {
    INPUT_BYTES = 1 << 16,
    /* ISA-L holds back so many bytes of input, which at the end of a member are stepped back over. */
    HELD_BACK_MAX = 8,
    MATCH_BYTES_MAX = 258,
    DEFLATE_METHOD = 8,
    HAS_HEADER_CRC = 2, HAS_EXTRA = 4, HAS_NAME = 8, HAS_COMMENT = 16, RESERVED_FLAGS = 0xE0
};

typedef struct gunzip {
    nf_stream *input;
    nf_status damage;      /* the status of a fault found here */
    bool in_member;        /* behind a header */
    bool is_first;         /* no member yet */
    uint32_t crc, n_bytes; /* of the member so far; the length modulo 2^32 */
    uint32_t header_crc;
    nf_status input_ended;
    nf_status pending; /* how it ended, once all that came before has been given */
    nf_error fault;
    struct inflate_state state;           /* its next_in and avail_in are the bytes not yet taken of `in` */
    uint8_t in[HELD_BACK_MAX + INPUT_BYTES]; /* the last bytes before, then what was read */
    uint8_t out[NF_STREAM_BLOCK_BYTES];
} gunzip;

static void gunzip_close(void *source)
{
    gunzip *self = source;
    nf_stream_close(self->input);
    free(self);
}

/* False, for whoever reads. */
static bool end_with(gunzip *self, const char *sentence)
{
    self->pending = nf_fail(&self->fault, self->damage, "%s", sentence);
    return false;
}

/* Gets the next stored bytes unless some are waiting. False at their end. */
static bool more_input(gunzip *self)
{
    const uint8_t *data;
    size_t len;
    if (self->state.avail_in > 0)
        return true;
    if (self->input_ended == NF_OK)
        self->input_ended = nf_stream_next(self->input, INPUT_BYTES, &data, &len, &self->fault);
    if (self->input_ended != NF_OK)
        return false;
    memmove(self->in, self->state.next_in - HELD_BACK_MAX, HELD_BACK_MAX);
    self->state.next_in = self->in + HELD_BACK_MAX;
    self->state.avail_in = (uint32_t)len;
    memcpy(self->state.next_in, data, len);
    return true;
}

/* The input has ended inside a member. */
static bool end_of_input(gunzip *self)
{
    if (self->input_ended == NF_EOF)
        return end_with(self, "the compressed data are cut short");
    self->pending = self->input_ended;
    return false;
}

static bool take_byte(gunzip *self, uint8_t *byte)
{
    if (!more_input(self))
        return end_of_input(self);
    *byte = *self->state.next_in++;
    self->state.avail_in--;
    return true;
}

static bool take_header(gunzip *self, uint8_t *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!take_byte(self, &bytes[i]))
            return false;
    self->header_crc = crc32_gzip_refl(self->header_crc, bytes, n);
    return true;
}

/* Up to its NUL. */
static bool pass_text(gunzip *self)
{
    uint8_t byte;
    do
        if (!take_header(self, &byte, 1))
            return false;
    while (byte != 0);
    return true;
}

static bool pass_extra(gunzip *self)
{
    uint8_t byte, size[2];
    if (!take_header(self, size, sizeof size))
        return false;
    for (unsigned left = size[0] | (unsigned)size[1] << 8; left > 0; left--)
        if (!take_header(self, &byte, 1))
            return false;
    return true;
}

static bool check_header_crc(gunzip *self)
{
    uint8_t stored[2];
    uint32_t crc = self->header_crc;
    if (!take_header(self, stored, sizeof stored))
        return false;
    if (stored[0] != (crc & 255) || stored[1] != (crc >> 8 & 255))
        return end_with(self, "the compressed data are damaged: the check sum of a gzip header is wrong");
    return true;
}

/* ID1 ID2 CM FLG MTIME(4) XFL OS, then what the flags say. */
static bool read_header(gunzip *self)
{
    uint8_t head[10];
    self->header_crc = 0;
    if (!take_header(self, head, sizeof head))
        return false;
    uint8_t flags = head[3];
    if (head[0] != 0x1f || head[1] != 0x8b)
        return end_with(self, "the compressed data are damaged: no gzip header");
    if (head[2] != DEFLATE_METHOD || (flags & RESERVED_FLAGS) != 0)
        return end_with(self, "the compressed data are damaged: a gzip header of an unknown kind");
    return (!(flags & HAS_EXTRA) || pass_extra(self)) && (!(flags & HAS_NAME) || pass_text(self)) &&
           (!(flags & HAS_COMMENT) || pass_text(self)) && (!(flags & HAS_HEADER_CRC) || check_header_crc(self));
}

/* Between two members: passes over zero padding. False when no member follows. */
static bool pass_padding(gunzip *self)
{
    for (;; self->state.next_in++, self->state.avail_in--) {
        if (!more_input(self)) {
            self->pending = self->input_ended;
            return false;
        }
        if (*self->state.next_in != 0)
            return *self->state.next_in == 0x1f || end_with(self, "bytes that are not gzip follow the gzip data");
    }
}

static void enter_member(gunzip *self)
{
    if (!self->is_first && !pass_padding(self))
        return;
    self->is_first = false;
    self->in_member = read_header(self);
    self->crc = self->n_bytes = 0;
    isal_inflate_reset(&self->state);
}

static bool take_number(gunzip *self, uint32_t *number)
{
    *number = 0;
    for (unsigned i = 0; i < 4; i++) {
        uint8_t byte;
        if (!take_byte(self, &byte))
            return false;
        *number |= (uint32_t)byte << 8 * i;
    }
    return true;
}

/* Steps back over what was taken beyond the deflate data, and holds the member against its trailer. */
static void leave_member(gunzip *self)
{
    uint32_t held_back = (uint32_t)self->state.read_in_length / 8, crc, n_bytes;
    self->state.next_in -= held_back;
    self->state.avail_in += held_back;
    self->in_member = false;
    if (!take_number(self, &crc) || !take_number(self, &n_bytes))
        return;
    if (crc != self->crc)
        end_with(self, "the compressed data are damaged: their check sum is wrong");
    else if (n_bytes != self->n_bytes)
        end_with(self, "the compressed data are damaged: their length is wrong");
}

static const char *reason_of(int result)
{
    switch (result) {
    case ISAL_INVALID_BLOCK:
        return "the compressed data are damaged: a block with an impossible header";
    case ISAL_INVALID_SYMBOL:
        return "the compressed data are damaged: a code that stands for nothing";
    case ISAL_INVALID_LOOKBACK:
        return "the compressed data are damaged: they refer to before their beginning";
    default:
        return "the compressed data are damaged";
    }
}

/* How many bytes came out. The whole of `out` is offered each time, so that nothing stays in ISA-L's own buffer before a
 * fault. */
static size_t inflate_some(gunzip *self)
{
    bool has_input = more_input(self);
    uint32_t before = self->state.avail_in;
    self->state.next_out = self->out;
    self->state.avail_out = sizeof self->out;
    int result = isal_inflate(&self->state);
    size_t made = sizeof self->out - self->state.avail_out;
    if (result < 0) /* what of it was written is not told: never give bytes that nobody wrote */
        made -= made < MATCH_BYTES_MAX ? made : MATCH_BYTES_MAX;
    self->crc = crc32_gzip_refl(self->crc, self->out, made);
    self->n_bytes += (uint32_t)made;
    if (self->state.block_state == ISAL_BLOCK_FINISH)
        leave_member(self);
    else if (result < 0)
        end_with(self, reason_of(result));
    else if (made == 0 && !has_input)
        end_of_input(self);
    else if (made == 0 && self->state.avail_in == before)
        end_with(self, reason_of(0)); /* it neither takes nor gives */
    return made;
}

static nf_status gunzip_fill(void *source, const uint8_t **data, size_t *len, nf_error *error)
{
    gunzip *self = source;
    *data = self->out;
    *len = 0;
    while (self->pending == NF_OK && *len == 0)
        if (self->in_member)
            *len = inflate_some(self);
        else
            enter_member(self);
    if (*len > 0)
        return NF_OK;
    if (self->pending != NF_EOF && error != NULL)
        *error = self->fault;
    return self->pending;
}

nf_status nf_stream_gunzip(nf_stream **stream, nf_stream *input, nf_status damage, nf_error *error)
{
    static const nf_stream_ops ops = {gunzip_fill, gunzip_close};
    *stream = NULL;
    gunzip *self = malloc(sizeof *self);
    if (self == NULL)
        return nf_fail_nomem(error, "inflated data");
    self->input = input;
    self->damage = damage;
    self->in_member = false;
    self->is_first = true;
    self->input_ended = self->pending = NF_OK;
    memset(self->in, 0, HELD_BACK_MAX);
    isal_inflate_init(&self->state);
    self->state.next_in = self->in + HELD_BACK_MAX;
    nf_status status = nf_stream_new(stream, &ops, self, error);
    if (status != NF_OK)
        free(self);
    return status;
}
