/* nofade: a forward byte stream with look-ahead.
 *
 * Everything a loader reads is an nf_stream: a file, a pipe, the inflated content of either, the data of an archive's
 * member. A stream is pulled by one thread (the reader), in order, once. Sizes come from untrusted input: nothing here
 * allocates by a declared size, only by what is asked for.
 */
#ifndef NF_LOADERS_STREAM_H
#define NF_LOADERS_STREAM_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"

typedef struct nf_stream nf_stream;

enum { NF_STREAM_PEEK_MAX = 1 << 16 }; /* bytes: the most that can be looked at ahead */

/* What a kind of stream provides. */
typedef struct nf_stream_ops {
    /* Gives the next bytes: *data points to *len > 0 bytes that stay valid until the next fill or close. NF_EOF at the
     * end, again at every later call. NF_ERR_DAMAGED (cut short, bad check sum ...) or NF_ERR_INPUT (read error). Bytes
     * decoded before a fault are given first: the fault comes at the following call. */
    nf_status (*fill)(void *source, const uint8_t **data, size_t *len, nf_error *error);
    void (*close)(void *source);
} nf_stream_ops;

/* Takes ownership of source on success (nf_stream_close calls ops->close). On failure source stays the caller's. */
nf_status nf_stream_new(nf_stream **stream, const nf_stream_ops *ops, void *source, nf_error *error);
/* NULL is allowed. Does not drain. */
void nf_stream_close(nf_stream *stream);

/* Looks at up to n <= NF_STREAM_PEEK_MAX bytes without taking them: *data, *got (less than n only at the end or at a
 * fault, which then shows at the read that reaches it). Valid until the next call. NF_OK, also with *got == 0. */
nf_status nf_stream_peek(nf_stream *stream, size_t n, const uint8_t **data, size_t *got, nf_error *error);
/* Takes whatever contiguous bytes are at hand, at most `most`: *len > 0 with NF_OK. NF_EOF at the end. Valid until the
 * next call. No copy where it can be helped. */
nf_status nf_stream_next(nf_stream *stream, size_t most, const uint8_t **data, size_t *len, nf_error *error);
/* Takes exactly n bytes into dst; *got < n with NF_EOF at the end (got may be 0), or with the fault's status. */
nf_status nf_stream_read(nf_stream *stream, void *dst, size_t n, size_t *got, nf_error *error);
/* Appends everything up to the end to buf; NF_ERR_USAGE-free: more than `most` bytes is NF_BAD_RECORD with a sentence,
 * the stream then stands after `most` bytes. NF_OK at the end of the stream. */
nf_status nf_stream_read_all(nf_stream *stream, size_t most, nf_buf *buf, nf_error *error);
/* Takes and forgets up to n bytes. NF_EOF when the end comes first. */
nf_status nf_stream_skip(nf_stream *stream, uint64_t n, nf_error *error);
/* A source that can go n bytes on without reading them says so after nf_stream_new: as many as it could are returned. */
typedef uint64_t nf_stream_passer(void *source, uint64_t n);
void nf_stream_set_passer(nf_stream *stream, nf_stream_passer *pass);
/* Takes up to n bytes without reading what is not at hand: how many, 0 where the source has no passer. */
uint64_t nf_stream_pass(nf_stream *stream, uint64_t n);
/* Bytes taken so far. */
uint64_t nf_stream_position(const nf_stream *stream);

/* A stream over bytes that stay the caller's and must outlive it (tests, small members). */
nf_status nf_stream_from_memory(nf_stream **stream, const void *bytes, size_t n, nf_error *error);

#endif
