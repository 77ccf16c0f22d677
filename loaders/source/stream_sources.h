/* nofade: where the bytes of a source come from, below the entries. Private to loaders/.
 *
 * Faults of damage carry a status that the maker of a stream chooses (`damage`): NF_ERR_DAMAGED where nothing can follow
 * (the source itself), NF_BAD_RECORD inside a source whose walk goes on. Faults from below pass unchanged.
 */
#ifndef NF_LOADERS_STREAM_SOURCES_H
#define NF_LOADERS_STREAM_SOURCES_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <xxhash.h>

#include "base/error.h"
#include "loaders/source/entries.h"
#include "loaders/source/packed.h"
#include "loaders/source/stream.h"

enum {
    NF_STREAM_BLOCK_BYTES = 1 << 18,   /* what is read or inflated at a time */
    NF_STREAM_PEEK_FAR_MAX = 1 << 20   /* what nf_stream_peek really allows: a tar is looked for this far */
};

/* The digest of all stored bytes of a source, file after file, each in order. Reading a place again (after a rewind) does
 * not hash it again. One per source; the counters may be read by any thread. */
typedef struct nf_digest {
    XXH3_state_t *state;
    uint64_t files_done;    /* files hashed to their end */
    uint64_t file_bytes;    /* hashed of the file with the number files_done */
    _Atomic uint64_t bytes; /* hashed in all */
} nf_digest;

nf_status nf_digest_init(nf_digest *digest, nf_error *error);
void nf_digest_free(nf_digest *digest);
/* Nothing will be hashed, so nothing is read for the digest's sake. */
void nf_digest_turn_off(nf_digest *digest);
void nf_digest_hex(const nf_digest *digest, char hex[33]);

/* A stored file: regular (read at any place) or a pipe (read once; its first NF_ENTRIES_LOOKBACK_BYTES are kept so that it
 * can be rewound while no more was read). Whatever is read is hashed in order: a place ahead of the digest makes the bytes
 * between be read first. */
typedef struct nf_file nf_file;

/* digest NULL: nothing is hashed; else number says how many files of the source come before this one. "-" is standard input.
 * in_directory: one of many, so that a read error is only NF_BAD_RECORD; and anything but a regular file (which might block)
 * is refused. */
nf_status nf_file_open(nf_file **file, const char *path, nf_digest *digest, uint64_t number, bool in_directory,
                       nf_error *error);
void nf_file_close(nf_file *file);
/* From now on reads fail with NF_ERR_INTERNAL when stop (may be NULL; outlives the file) says so. */
void nf_file_stop_when(nf_file *file, const nf_stop *stop);
bool nf_file_is_regular(const nf_file *file);
/* At opening; 0 for a pipe. */
uint64_t nf_file_size(const nf_file *file);
/* What was known of a regular file at opening (which one it is, its size and time), as one number. */
uint64_t nf_file_stamp(const nf_file *file);
/* Forgets what was read. NF_ERR_INPUT: a pipe of which too much was read. */
nf_status nf_file_rewind(nf_file *file, nf_error *error);
/* Reads and hashes what is left. path_in_digest (may be NULL) is hashed after the content, with the content's size. */
nf_status nf_file_drain(nf_file *file, const char *path_in_digest, nf_error *error);
/* Reads at a place without hashing; *got < n only at the end. Regular files only. */
nf_status nf_file_read_at(const nf_file *file, uint64_t offset, void *dst, size_t n, size_t *got, nf_error *error);

/* Appends the n bytes at an offset, or less at the end of the file, hashed as a stream's. Regular files only. */
nf_status nf_file_append(nf_file *file, uint64_t offset, size_t n, nf_buf *buf, nf_error *error);

/* Streams over a file, which must outlive them. All streams of one file share its block: the bytes of one are gone when
 * another is pulled. The second is for regular files and gives n bytes, or less at the end of the file. */
nf_status nf_stream_from_file(nf_stream **stream, nf_file *file, nf_error *error);
nf_status nf_stream_from_file_range(nf_stream **stream, nf_file *file, uint64_t offset, uint64_t n, nf_error *error);

/* Inflated streams. They take ownership of input on success; on failure it stays the caller's. */
nf_status nf_stream_gunzip(nf_stream **stream, nf_stream *input, nf_status damage, nf_error *error);
nf_status nf_stream_inflate_member(nf_stream **stream, nf_stream *input, const nf_member_check *check, nf_error *error);
/* The bytes as they are, checked in the same way. */
nf_status nf_stream_stored_member(nf_stream **stream, nf_stream *input, const nf_member_check *check, nf_error *error);

#endif
