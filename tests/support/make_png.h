/* PNGs of every kind, written by libpng at run time. */
#ifndef NF_TESTS_SUPPORT_MAKE_PNG_H
#define NF_TESTS_SUPPORT_MAKE_PNG_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>
#include <png.h>

#include "base/buf.h"

typedef struct png_kind {
    int depth, colour, interlace;
} png_kind;

/* One sample at column x, row y, of channel c. */
typedef unsigned sample_function(uint32_t x, uint32_t y, unsigned c);

static inline void png_to_buf(png_structp png, png_bytep bytes, size_t n)
{
    assert_int_equal(nf_buf_append(png_get_io_ptr(png), bytes, n, NULL), NF_OK);
}

static inline void png_flush_nothing(png_structp png)
{
    (void)png;
}

static inline unsigned channels_of(int colour)
{
    bool has_colours = (colour & PNG_COLOR_MASK_COLOR) && !(colour & PNG_COLOR_MASK_PALETTE);
    return (has_colours ? 3u : 1u) + (colour & PNG_COLOR_MASK_ALPHA ? 1u : 0u);
}

static inline void fill_png_row(uint8_t *row, png_kind kind, uint32_t w, uint32_t y, sample_function *sample)
{
    unsigned channels = channels_of(kind.colour), depth = (unsigned)kind.depth;
    for (uint32_t x = 0; x < w; x++)
        for (unsigned c = 0; c < channels; c++) {
            size_t i = (size_t)x * channels + c;
            unsigned value = sample(x, y, c);
            if (depth == 16) {
                row[2 * i] = (uint8_t)(value >> 8);
                row[2 * i + 1] = (uint8_t)value;
            } else {
                size_t bit = i * depth;
                row[bit / 8] = (uint8_t)(row[bit / 8] | (value & ((1u << depth) - 1)) << (8 - depth - bit % 8));
            }
        }
}

/* Appends a PNG to *to. A palette of n_palette colours (i, 255 - i, i / 2), for colour type 3. */
static inline void make_png(nf_buf *to, png_kind kind, uint32_t w, uint32_t h, int n_palette, sample_function *sample)
{
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
    png_infop info = png_create_info_struct(png);
    png_color palette[256];
    size_t row_bytes = ((size_t)w * channels_of(kind.colour) * (size_t)kind.depth + 7) / 8;
    png_bytep *rows = calloc(h, sizeof *rows);
    assert_non_null(rows);
    for (uint32_t y = 0; y < h; y++) {
        assert_non_null(rows[y] = calloc(1, row_bytes));
        fill_png_row(rows[y], kind, w, y, sample);
    }
    for (int i = 0; i < 256; i++)
        palette[i] = (png_color){(png_byte)i, (png_byte)(255 - i), (png_byte)(i / 2)};
    png_set_write_fn(png, to, png_to_buf, png_flush_nothing);
    png_set_IHDR(png, info, w, h, kind.depth, kind.colour, kind.interlace, PNG_COMPRESSION_TYPE_DEFAULT,
                 PNG_FILTER_TYPE_DEFAULT);
    png_set_compression_level(png, 1);
    png_set_check_for_invalid_index(png, -1);
    if (kind.colour == PNG_COLOR_TYPE_PALETTE)
        png_set_PLTE(png, info, palette, n_palette);
    png_write_info(png, info);
    png_write_image(png, rows);
    png_write_end(png, info);
    png_destroy_write_struct(&png, &info);
    for (uint32_t y = 0; y < h; y++)
        free(rows[y]);
    free(rows);
}

#endif
