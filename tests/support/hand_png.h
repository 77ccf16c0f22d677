/* PNGs written byte by byte, so that anything in them can be odd. One file of a program includes this. */
#ifndef NF_TESTS_SUPPORT_HAND_PNG_H
#define NF_TESTS_SUPPORT_HAND_PNG_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>
#include <zlib.h>

#include "base/buf.h"

static uint32_t noise_state = 1;

static inline uint8_t noise(void)
{
    noise_state = noise_state * 1664525u + 1013904223u;
    return (uint8_t)(noise_state >> 24);
}

static inline void put(nf_buf *to, const void *from, size_t n)
{
    assert_int_equal(nf_buf_append(to, from, n, NULL), NF_OK);
}

static inline void put_32(nf_buf *to, uint32_t value)
{
    const uint8_t four[4] = {(uint8_t)(value >> 24), (uint8_t)(value >> 16), (uint8_t)(value >> 8), (uint8_t)value};
    put(to, four, 4);
}

static inline void put_chunk(nf_buf *to, const char *type, const void *data, size_t n)
{
    put_32(to, (uint32_t)n);
    put(to, type, 4);
    put(to, data, n);
    put_32(to, (uint32_t)crc32(crc32(0, (const Bytef *)type, 4), data, (uInt)n));
}

typedef struct png_spec {
    uint32_t w, h;
    uint8_t depth, colour, interlace;
    size_t n_palette;   /* colours */
    int filter;         /* -1: row y has filter y % 5 */
    uint8_t mask;       /* of the noise: fewer bits compress better; 0: all of them */
    int level, strategy, window; /* of zlib; window 0: 15 */
    size_t idat_bytes;  /* of each IDAT chunk; 0: all in one */
} png_spec;

static inline unsigned channels_of(uint8_t colour)
{
    return colour == 2 ? 3 : colour == 4 ? 2 : colour == 6 ? 4 : 1;
}

static inline void put_pass(nf_buf *raw, const png_spec *spec, uint32_t w, uint32_t h)
{
    size_t n = ((size_t)w * spec->depth * channels_of(spec->colour) + 7) / 8;
    for (uint32_t y = 0; w > 0 && y < h; y++) {
        const uint8_t filter = (uint8_t)(spec->filter < 0 ? y % 5 : (uint32_t)spec->filter);
        put(raw, &filter, 1);
        for (size_t i = 0; i < n; i++) {
            const uint8_t byte = (uint8_t)(noise() & (spec->mask != 0 ? spec->mask : 0xff));
            put(raw, &byte, 1);
        }
    }
}

/* Filtered rows of noise: every byte string is some picture's. */
static inline void make_raw(nf_buf *raw, const png_spec *spec)
{
    static const uint8_t adam7[7][4] = {{0, 8, 0, 8}, {4, 8, 0, 8}, {0, 4, 4, 8}, {2, 4, 0, 4},
                                        {0, 2, 2, 4}, {1, 2, 0, 2}, {0, 1, 1, 2}};
    for (size_t i = 0; i < 7 && spec->interlace != 0; i++)
        put_pass(raw, spec, (spec->w + adam7[i][1] - 1 - adam7[i][0]) / adam7[i][1],
                 (spec->h + adam7[i][3] - 1 - adam7[i][2]) / adam7[i][3]);
    if (spec->interlace == 0)
        put_pass(raw, spec, spec->w, spec->h);
}

static inline void deflate_to(nf_buf *packed, const png_spec *spec, const nf_buf *raw)
{
    z_stream z = {.next_in = raw->data, .avail_in = (uInt)raw->len};
    int window = spec->window != 0 ? spec->window : 15;
    assert_int_equal(deflateInit2(&z, spec->level, Z_DEFLATED, window, 8, spec->strategy), Z_OK);
    size_t bound = deflateBound(&z, (uLong)raw->len);
    uint8_t *room = malloc(bound);
    assert_non_null(room);
    z.next_out = room;
    z.avail_out = (uInt)bound;
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    put(packed, room, bound - z.avail_out);
    free(room);
    deflateEnd(&z);
}

static inline void put_start(nf_buf *png, const png_spec *spec)
{
    const uint8_t head[13] = {(uint8_t)(spec->w >> 24), (uint8_t)(spec->w >> 16), (uint8_t)(spec->w >> 8), (uint8_t)spec->w,
                              (uint8_t)(spec->h >> 24), (uint8_t)(spec->h >> 16), (uint8_t)(spec->h >> 8), (uint8_t)spec->h,
                              spec->depth, spec->colour, 0, 0, spec->interlace};
    uint8_t palette[3 * 256];
    put(png, "\x89PNG\r\n\x1a\n", 8);
    put_chunk(png, "IHDR", head, sizeof head);
    for (size_t i = 0; i < sizeof palette; i++)
        palette[i] = (uint8_t)(i * 7);
    if (spec->n_palette > 0)
        put_chunk(png, "PLTE", palette, 3 * spec->n_palette);
}

static inline void put_idats(nf_buf *png, const nf_buf *packed, size_t each)
{
    for (size_t i = 0; i < packed->len; i += each)
        put_chunk(png, "IDAT", packed->data + i, packed->len - i < each ? packed->len - i : each);
}

static inline void make_png(nf_buf *png, const png_spec *spec)
{
    nf_buf raw = {0}, packed = {0};
    make_raw(&raw, spec);
    deflate_to(&packed, spec, &raw);
    put_start(png, spec);
    put_idats(png, &packed, spec->idat_bytes > 0 ? spec->idat_bytes : packed.len);
    put_chunk(png, "IEND", "", 0);
    nf_buf_free(&raw);
    nf_buf_free(&packed);
}

#endif
