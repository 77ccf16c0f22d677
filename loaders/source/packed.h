/* nofade: the bytes of one file as a zip stores them, taken out of it as they are: several threads can unpack as many side by
 * side, while the reader only reads.
 */
#ifndef NF_LOADERS_PACKED_H
#define NF_LOADERS_PACKED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* The most bytes, stored or unpacked, that are handed on packed: what each thread may hold beside its batch. */
enum { NF_PACKED_BYTES_MAX = 16 << 20 };

/* What is known of deflated or stored data before they are read. Untrusted. */
typedef struct nf_member_check {
    bool size_known, crc_known;
    uint64_t size_bytes; /* inflated */
    uint32_t crc, other_crc; /* either is good: two records may tell of one member */
} nf_member_check;

typedef struct nf_packed {
    bool is_packed;       /* else the bytes are the file's own, and checked */
    bool is_deflated;
    nf_member_check check; /* size_bytes <= NF_PACKED_BYTES_MAX; both known */
} nf_packed;

/* Some 90 KB of tables, and the bytes unpacked last. One thread uses it at a time. */
typedef struct nf_unpacker nf_unpacker;
nf_status nf_unpacker_new(nf_unpacker **unpacker, nf_error *error);
void nf_unpacker_free(nf_unpacker *unpacker);

/* The n stored bytes unpacked and held against size and check sum: *data valid until the next call or the free, or as long as
 * `stored`. NF_BAD_RECORD: damaged, with the sentence of nf_stream_inflate_member and nf_stream_stored_member. */
nf_status nf_unpack(nf_unpacker *unpacker, const uint8_t *stored, size_t n, const nf_packed *packed, const uint8_t **data,
                    size_t *len, nf_error *error);

#endif
