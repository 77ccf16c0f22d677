/* Archives made by hand at run time, and a walk over a source with what it gave. For the tests of loaders/. */
#ifndef NF_TESTS_SUPPORT_ARCHIVES_H
#define NF_TESTS_SUPPORT_ARCHIVES_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <zlib.h>

#include "base/buf.h"
#include "loaders/source/entries.h"

static inline void put(nf_buf *to, const void *bytes, size_t n)
{
    assert_int_equal(nf_buf_append(to, bytes, n, NULL), NF_OK);
}

static inline void put_zeros(nf_buf *to, size_t n)
{
    static const uint8_t zeros[512];
    for (; n > 0; n -= n < sizeof zeros ? n : sizeof zeros)
        put(to, zeros, n < sizeof zeros ? n : sizeof zeros);
}

static inline void put_le(nf_buf *to, uint64_t value, int n_bytes)
{
    for (; n_bytes > 0; n_bytes--, value >>= 8)
        put(to, &(uint8_t){(uint8_t)value}, 1);
}

/* Bytes that do not compress, the same for the same seed. */
static inline void put_noise(nf_buf *to, size_t n, uint32_t seed)
{
    for (seed = seed * 2654435761u + 1; n > 0; n--) {
        seed = seed * 1664525u + 1013904223u;
        put(to, &(uint8_t){(uint8_t)(seed >> 24)}, 1);
    }
}

/* --- tar (ustar) --- */

static inline void put_tar(nf_buf *to, const char *name, char type, const void *data, size_t n)
{
    char header[512] = {0};
    unsigned sum = 0;
    assert_true(strlen(name) <= 100); /* ustar's field */
    memcpy(header, name, strnlen(name, 100));
    snprintf(header + 100, 8, "0000644");
    snprintf(header + 108, 8, "0000000");
    snprintf(header + 116, 8, "0000000");
    snprintf(header + 124, 12, "%011zo", n);
    snprintf(header + 136, 12, "00000000000");
    memset(header + 148, ' ', 8);
    header[156] = type;
    if (type == '1' || type == '2')
        snprintf(header + 157, 100, "target");
    memcpy(header + 257, "ustar\0" "00", 8);
    for (size_t i = 0; i < sizeof header; i++)
        sum += (unsigned char)header[i];
    snprintf(header + 148, 8, "%06o", sum);
    put(to, header, sizeof header);
    put(to, data, n);
    put_zeros(to, (512 - n % 512) % 512);
}

static inline void put_tar_end(nf_buf *to)
{
    put_zeros(to, 1024);
}

/* n members "m0" ... of 700 noisy bytes each: 3 blocks with the header. */
static inline void put_tar_of(nf_buf *to, int n)
{
    for (int i = 0; i < n; i++) {
        nf_buf data = {0};
        char name[16];
        snprintf(name, sizeof name, "m%d", i);
        put_noise(&data, 700, (uint32_t)i);
        put_tar(to, name, '0', data.data, data.len);
        nf_buf_free(&data);
    }
    put_tar_end(to);
}

/* --- deflate, gzip --- */

static inline void put_deflated(nf_buf *to, const void *data, size_t n, int window_bits)
{
    z_stream z = {0};
    assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY), Z_OK);
    size_t most = deflateBound(&z, (uLong)n) + 32;
    assert_int_equal(nf_buf_reserve(to, most, NULL), NF_OK);
    z.next_in = (Bytef *)(uintptr_t)data;
    z.avail_in = (uInt)n;
    z.next_out = to->data + to->len;
    z.avail_out = (uInt)most;
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    to->len += most - z.avail_out;
    deflateEnd(&z);
}

static inline void put_gzip(nf_buf *to, const void *data, size_t n)
{
    put_deflated(to, data, n, 15 + 16);
}

/* --- zip --- */

typedef struct zip_maker {
    nf_buf all, central;
    unsigned n;
    bool zip64; /* sizes, offset and end record by ZIP64 */
} zip_maker;

typedef struct zip_options {
    bool deflate;
    unsigned flags; /* 8: sizes in a data descriptor */
    uint32_t unix_mode;
} zip_options;

static inline void put_zip64_extra(nf_buf *to, size_t size, size_t stored, size_t offset, bool with_offset)
{
    put_le(to, 1, 2);
    put_le(to, with_offset ? 24 : 16, 2);
    put_le(to, size, 8);
    put_le(to, stored, 8);
    if (with_offset)
        put_le(to, offset, 8);
}

static inline void put_zip_fields(nf_buf *to, const zip_maker *zip, const zip_options *o, uint32_t crc, size_t stored, size_t n,
                                  const char *name, size_t extra)
{
    put_le(to, zip->zip64 ? 45 : 20, 2);
    put_le(to, o->flags, 2);
    put_le(to, o->deflate ? 8 : 0, 2);
    put_le(to, 0, 4);
    put_le(to, crc, 4);
    put_le(to, zip->zip64 ? UINT32_MAX : stored, 4);
    put_le(to, zip->zip64 ? UINT32_MAX : n, 4);
    put_le(to, strlen(name), 2);
    put_le(to, extra, 2);
}

static inline void put_zip(zip_maker *zip, const char *name, const void *data, size_t n, zip_options o)
{
    nf_buf stored = {0};
    size_t offset = zip->all.len;
    bool later = (o.flags & 8) != 0;
    uint32_t crc = (uint32_t)crc32_z(0, data, n);
    if (o.deflate)
        put_deflated(&stored, data, n, -15);
    else
        put(&stored, data, n);
    put(&zip->all, "PK\3\4", 4);
    put_zip_fields(&zip->all, zip, &o, later ? 0 : crc, later ? 0 : stored.len, later ? 0 : n, name, zip->zip64 ? 20 : 0);
    put(&zip->all, name, strlen(name));
    if (zip->zip64)
        put_zip64_extra(&zip->all, n, stored.len, 0, false);
    put(&zip->all, stored.data, stored.len);
    if (later) {
        put(&zip->all, "PK\7\10", 4);
        put_le(&zip->all, crc, 4);
        put_le(&zip->all, stored.len, 4);
        put_le(&zip->all, n, 4);
    }
    put(&zip->central, "PK\1\2", 4);
    put_le(&zip->central, 0x031e, 2);
    put_zip_fields(&zip->central, zip, &o, crc, stored.len, n, name, zip->zip64 ? 28 : 0);
    put_le(&zip->central, 0, 2 + 2 + 2);
    put_le(&zip->central, o.unix_mode << 16, 4);
    put_le(&zip->central, zip->zip64 ? UINT32_MAX : offset, 4);
    put(&zip->central, name, strlen(name));
    if (zip->zip64)
        put_zip64_extra(&zip->central, n, stored.len, offset, true);
    zip->n++;
    nf_buf_free(&stored);
}

/* Puts the central directory and the end record. Returns the directory's offset. */
static inline size_t put_zip_end(zip_maker *zip)
{
    size_t start = zip->all.len, bytes = zip->central.len;
    put(&zip->all, zip->central.data, bytes);
    nf_buf_free(&zip->central);
    if (zip->zip64) {
        size_t end64 = zip->all.len;
        put(&zip->all, "PK\6\6", 4);
        put_le(&zip->all, 44, 8);
        put_le(&zip->all, 45 | 45 << 16, 4);
        put_le(&zip->all, 0, 8);
        put_le(&zip->all, zip->n, 8);
        put_le(&zip->all, zip->n, 8);
        put_le(&zip->all, bytes, 8);
        put_le(&zip->all, start, 8);
        put(&zip->all, "PK\6\7", 4);
        put_le(&zip->all, 0, 4);
        put_le(&zip->all, end64, 8);
        put_le(&zip->all, 1, 4);
    }
    put(&zip->all, "PK\5\6", 4);
    put_le(&zip->all, 0, 4);
    put_le(&zip->all, zip->zip64 ? 0xffff : zip->n, 2);
    put_le(&zip->all, zip->zip64 ? 0xffff : zip->n, 2);
    put_le(&zip->all, zip->zip64 ? UINT32_MAX : bytes, 4);
    put_le(&zip->all, zip->zip64 ? UINT32_MAX : start, 4);
    put_le(&zip->all, 0, 2);
    return start;
}

/* --- files --- */

static inline void make_path(char path[64])
{
    snprintf(path, 64, "/tmp/nofade-test-XXXXXX");
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    close(fd);
}

static inline void write_bytes(const char *path, const void *bytes, size_t n)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, n, file), n);
    assert_int_equal(fclose(file), 0);
}

/* --- a walk --- */

typedef struct walked {
    nf_status opened, ended, finished;
    unsigned n_entries, n_bad, n_faults; /* n_faults: entries whose data did not come whole */
    nf_buf list; /* "path=bytes/crc " of every whole file, "path=link ", NUL-terminated */
    char format[32], digest[33];
    uint64_t bytes;
    nf_error error; /* the last one */
} walked;

static inline void walk_data(nf_entries *entries, const nf_entry *entry, walked *w)
{
    const uint8_t *data;
    size_t len;
    uint64_t n = 0;
    uint32_t crc = 0;
    nf_status status;
    while ((status = nf_stream_next(nf_entries_data(entries), SIZE_MAX, &data, &len, &w->error)) == NF_OK) {
        assert_true(len > 0);
        crc = (uint32_t)crc32_z(crc, data, len);
        n += len;
    }
    if (status == NF_EOF)
        assert_int_equal(nf_buf_printf(&w->list, NULL, "%s=%llu/%08x ", entry->path, (unsigned long long)n, (unsigned)crc),
                         NF_OK);
    else
        w->n_faults++;
}

static inline void walk_entries(nf_entries *entries, walked *w)
{
    nf_entry entry;
    while ((w->ended = nf_entries_next(entries, &entry, &w->error)) >= 0 && w->ended != NF_EOF) {
        assert_non_null(entry.path);
        if (w->ended == NF_BAD_RECORD) {
            w->n_bad++;
            continue;
        }
        w->n_entries++;
        if (entry.kind == NF_ENTRY_FILE)
            walk_data(entries, &entry, w);
        else
            assert_int_equal(nf_buf_printf(&w->list, NULL, "%s=%s ", entry.path,
                                           entry.kind == NF_ENTRY_LINK ? "link" : "special"), NF_OK);
    }
    assert_int_equal(nf_entries_next(entries, &entry, &w->error), w->ended);
    w->finished = nf_entries_finish(entries, &w->error);
    const nf_source_info *info = nf_entries_info(entries);
    snprintf(w->format, sizeof w->format, "%s", info->format);
    snprintf(w->digest, sizeof w->digest, "%s", info->digest);
    w->bytes = info->bytes;
    put(&w->list, "", 1);
}

static inline walked walk(const char *path)
{
    walked w = {0};
    nf_entries *entries;
    w.opened = nf_entries_open(&entries, path, &w.error);
    if (w.opened != NF_OK) {
        assert_null(entries);
        put(&w.list, "", 1);
        return w;
    }
    walk_entries(entries, &w);
    nf_entries_close(entries);
    return w;
}

static inline walked walk_bytes(const void *bytes, size_t n)
{
    char path[64];
    make_path(path);
    write_bytes(path, bytes, n);
    walked w = walk(path);
    unlink(path);
    return w;
}

static inline const char *list_of(const walked *w)
{
    return (const char *)w->list.data;
}

#endif
