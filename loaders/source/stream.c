#include "loaders/source/stream.h"

#include <stdlib.h>
#include <string.h>

#include "loaders/source/stream_sources.h"

/* Bytes not yet taken lie first in ahead[ahead_at ..] and then at block. ahead is used only where a look ahead spans two
 * blocks of the source. */
struct nf_stream {
    nf_stream_ops ops;
    nf_stream_passer *pass; /* or NULL */
    void *source;
    const uint8_t *block; /* the source's */
    size_t block_len;
    nf_buf ahead;
    size_t ahead_at;
    uint64_t position;
    nf_status ended; /* NF_OK while the source may give more; else its last status, with the sentence in fault */
    nf_error fault;
};

nf_status nf_stream_new(nf_stream **stream, const nf_stream_ops *ops, void *source, nf_error *error)
{
    nf_stream *made = calloc(1, sizeof *made);
    *stream = made;
    if (made == NULL)
        return nf_fail_nomem(error, "a stream");
    made->ops = *ops;
    made->source = source;
    return NF_OK;
}

void nf_stream_close(nf_stream *stream)
{
    if (stream == NULL)
        return;
    stream->ops.close(stream->source);
    nf_buf_free(&stream->ahead);
    free(stream);
}

static size_t ahead_left(const nf_stream *stream)
{
    return stream->ahead.len - stream->ahead_at;
}

/* After NF_OK there is something at block. */
static nf_status fill_block(nf_stream *stream)
{
    if (stream->block_len > 0)
        return NF_OK;
    if (stream->ended == NF_OK)
        stream->ended = stream->ops.fill(stream->source, &stream->block, &stream->block_len, &stream->fault);
    if (stream->ended != NF_OK)
        stream->block_len = 0;
    return stream->ended;
}

static nf_status report_end(const nf_stream *stream, nf_error *error)
{
    if (stream->ended != NF_EOF && error != NULL)
        *error = stream->fault;
    return stream->ended;
}

static nf_status move_to_ahead(nf_stream *stream, size_t n, nf_error *error)
{
    size_t take = n < stream->block_len ? n : stream->block_len;
    nf_status status = nf_buf_append(&stream->ahead, stream->block, take, error);
    if (status != NF_OK)
        return status;
    stream->block += take;
    stream->block_len -= take;
    return NF_OK;
}

static void compact_ahead(nf_stream *stream)
{
    size_t left = ahead_left(stream);
    if (left > 0 && stream->ahead_at > 0)
        memmove(stream->ahead.data, stream->ahead.data + stream->ahead_at, left);
    stream->ahead.len = left;
    stream->ahead_at = 0;
}

nf_status nf_stream_peek(nf_stream *stream, size_t n, const uint8_t **data, size_t *got, nf_error *error)
{
    if (n > NF_STREAM_PEEK_FAR_MAX)
        n = NF_STREAM_PEEK_FAR_MAX;
    if (ahead_left(stream) == 0 && fill_block(stream) == NF_OK && stream->block_len >= n) {
        *data = stream->block;
        *got = n;
        return NF_OK;
    }
    compact_ahead(stream);
    while (stream->ahead.len < n && fill_block(stream) == NF_OK) {
        nf_status status = move_to_ahead(stream, n - stream->ahead.len, error);
        if (status != NF_OK)
            return status;
    }
    *data = stream->ahead.data;
    *got = stream->ahead.len < n ? stream->ahead.len : n;
    return NF_OK;
}

nf_status nf_stream_next(nf_stream *stream, size_t most, const uint8_t **data, size_t *len, nf_error *error)
{
    size_t ahead = ahead_left(stream);
    if (ahead > 0) {
        *len = ahead < most ? ahead : most;
        *data = stream->ahead.data + stream->ahead_at;
        stream->ahead_at += *len;
    } else {
        if (fill_block(stream) != NF_OK)
            return report_end(stream, error);
        *len = stream->block_len < most ? stream->block_len : most;
        *data = stream->block;
        stream->block += *len;
        stream->block_len -= *len;
    }
    stream->position += *len;
    return NF_OK;
}

nf_status nf_stream_read(nf_stream *stream, void *dst, size_t n, size_t *got, nf_error *error)
{
    *got = 0;
    while (*got < n) {
        const uint8_t *data;
        size_t len;
        nf_status status = nf_stream_next(stream, n - *got, &data, &len, error);
        if (status != NF_OK)
            return status;
        memcpy((uint8_t *)dst + *got, data, len);
        *got += len;
    }
    return NF_OK;
}

nf_status nf_stream_read_all(nf_stream *stream, size_t most, nf_buf *buf, nf_error *error)
{
    size_t left = most;
    const uint8_t *data;
    size_t len;
    while (left > 0) {
        nf_status status = nf_stream_next(stream, left, &data, &len, error);
        if (status == NF_EOF)
            return NF_OK;
        if (status != NF_OK)
            return status;
        if ((status = nf_buf_append(buf, data, len, error)) != NF_OK)
            return status;
        left -= len;
    }
    nf_status status = nf_stream_peek(stream, 1, &data, &len, error);
    if (status != NF_OK)
        return status;
    if (len > 0)
        return nf_fail(error, NF_BAD_RECORD, "the data are longer than %zu bytes", most);
    return stream->ended == NF_EOF ? NF_OK : report_end(stream, error);
}

nf_status nf_stream_skip(nf_stream *stream, uint64_t n, nf_error *error)
{
    while (n > 0) {
        const uint8_t *data;
        size_t len;
        nf_status status = nf_stream_next(stream, n < SIZE_MAX ? (size_t)n : SIZE_MAX, &data, &len, error);
        if (status != NF_OK)
            return status;
        n -= len;
    }
    return NF_OK;
}

void nf_stream_set_passer(nf_stream *stream, nf_stream_passer *pass)
{
    stream->pass = pass;
}

uint64_t nf_stream_pass(nf_stream *stream, uint64_t n)
{
    if (stream->pass == NULL)
        return 0;
    size_t ahead = n < ahead_left(stream) ? (size_t)n : ahead_left(stream);
    size_t block = n - ahead < stream->block_len ? (size_t)(n - ahead) : stream->block_len;
    uint64_t done = (uint64_t)ahead + block;
    stream->ahead_at += ahead;
    if (block > 0)
        stream->block += block;
    stream->block_len -= block;
    if (done < n && stream->ended == NF_OK)
        done += stream->pass(stream->source, n - done);
    stream->position += done;
    return done;
}

uint64_t nf_stream_position(const nf_stream *stream)
{
    return stream->position;
}

typedef struct memory_source {
    const uint8_t *bytes;
    size_t n;
} memory_source;

static nf_status memory_fill(void *source, const uint8_t **data, size_t *len, nf_error *error)
{
    memory_source *memory = source;
    (void)error;
    if (memory->n == 0)
        return NF_EOF;
    *data = memory->bytes;
    *len = memory->n;
    memory->n = 0;
    return NF_OK;
}

nf_status nf_stream_from_memory(nf_stream **stream, const void *bytes, size_t n, nf_error *error)
{
    static const nf_stream_ops ops = {memory_fill, free};
    *stream = NULL;
    memory_source *memory = malloc(sizeof *memory);
    if (memory == NULL)
        return nf_fail_nomem(error, "a stream");
    *memory = (memory_source){bytes, n};
    nf_status status = nf_stream_new(stream, &ops, memory, error);
    if (status != NF_OK)
        free(memory);
    return status;
}
