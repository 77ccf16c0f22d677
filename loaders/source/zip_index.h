/* nofade: what a zip's records say of its members. Private to loaders/. All of it is untrusted. */
#ifndef NF_LOADERS_ZIP_INDEX_H
#define NF_LOADERS_ZIP_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "loaders/source/stream_sources.h"

enum { NF_ZIP_LOCAL_BYTES = 30, NF_ZIP_STORED = 0, NF_ZIP_DEFLATED = 8, NF_ZIP_AES = 99 };
enum { NF_ZIP_LOCAL_BYTES_MAX = NF_ZIP_LOCAL_BYTES + 2 * 65535 }; /* with the longest name and extra field */

typedef struct nf_zip_member {
    uint64_t local_at; /* offset of its local header */
    uint64_t name_at;  /* offset of its name in the file */
    uint64_t stored_bytes, size_bytes;
    uint32_t crc, other_crc; /* as nf_member_check's */
    uint16_t name_len, method, flags;
    uint16_t unix_mode; /* 0: unknown */
    bool sizes_known;   /* else (no central record): up to the next member */
    bool size_doubtful; /* two records differ in size_bytes */
} nf_zip_member;

typedef struct nf_zip_index {
    nf_zip_member *members; /* sorted by local_at */
    size_t n, capacity;
    bool rebuilt;         /* from local headers: members may be missing */
    uint64_t members_end; /* where the last member's data must have ended */
} nf_zip_index;

/* Where the data of one member lie, and how they are held against its records. */
typedef struct nf_zip_range {
    uint64_t at, stored_bytes; /* in the zip; of a member neither stored nor deflated with its header, up to the next member */
    uint64_t size_bytes;       /* this and the sums as nf_member_check's */
    uint32_t crc, other_crc;
    uint16_t method;
    bool size_known, crc_known;
} nf_zip_range;

/* Reads the end record, the ZIP64 records and the central directory. What is damaged of them is replaced by the local
 * headers, for which the file is searched. NF_EOF: nothing of a zip was found. */
nf_status nf_zip_index_read(nf_zip_index *index, nf_file *file, nf_error *error);
void nf_zip_index_free(nf_zip_index *index);

/* What the local header at an offset says, read into room (NF_ZIP_LOCAL_BYTES_MAX,). False: there is none that makes sense. */
bool nf_zip_local_read(nf_zip_member *member, const nf_file *file, uint64_t at, uint8_t *room);

/* Neither libarchive nor anything but deflate is needed. */
static inline bool nf_zip_is_plain(uint16_t method)
{
    return method == NF_ZIP_STORED || method == NF_ZIP_DEFLATED;
}

static inline uint16_t nf_le16(const uint8_t *p)
{
    return (uint16_t)(p[0] | p[1] << 8);
}

static inline uint32_t nf_le32(const uint8_t *p)
{
    return (uint32_t)nf_le16(p) | (uint32_t)nf_le16(p + 2) << 16;
}

static inline uint64_t nf_le64(const uint8_t *p)
{
    return (uint64_t)nf_le32(p) | (uint64_t)nf_le32(p + 4) << 32;
}

#endif
