/* nofade: rows of a PNG as stored, to counts and to a sink. */
#include <string.h>

#include "decode/decode_png_internal.h"
#include "metrics/class_pixels.h"

size_t nf_png_channels(int colour)
{
    return colour == NF_PNG_RGB ? 3 : colour == NF_PNG_RGBA ? 4 : colour == NF_PNG_GREY_ALPHA ? 2 : 1;
}

uint64_t nf_png_row_bytes(uint64_t w_px, size_t bits_a_px)
{
    return (w_px * bits_a_px + 7) / 8;
}

bool nf_png_can_give(const nf_row_sink *sink, int depth, int colour)
{
    return sink == NULL || !sink->wants_stored || (nf_png_channels(colour) == 1 && depth <= 8);
}

/* --- before the first row --- */

static nf_colour_mode mode_of(int depth, int colour)
{
    bool deep = depth == 16;
    switch (colour) {
    case NF_PNG_GREY:
        return deep ? NF_MODE_GREY_16
               : depth == 8 ? NF_MODE_GREY
               : depth == 4 ? NF_MODE_GREY_4
               : depth == 2 ? NF_MODE_GREY_2
                            : NF_MODE_GREY_1;
    case NF_PNG_GREY_ALPHA:
        return deep ? NF_MODE_GREY_ALPHA_16 : NF_MODE_GREY_ALPHA;
    case NF_PNG_RGB:
        return deep ? NF_MODE_RGB_16 : NF_MODE_RGB;
    case NF_PNG_RGBA:
        return deep ? NF_MODE_RGBA_16 : NF_MODE_RGBA;
    default:
        return NF_MODE_PALETTE;
    }
}

/* Samples of 1, 2, 4 bits span 0 .. 255 in steps of 255, 85, 17. */
void nf_png_rows_begin(nf_png_rows *rows, nf_decoded *out, nf_row_sink *sink, int depth, int colour)
{
    *rows = (nf_png_rows){.out = out, .sink = sink, .depth = depth, .colour = colour, .channels = nf_png_channels(colour)};
    out->mode = mode_of(depth, colour);
    for (int i = 0; depth < 8 && i < 1 << depth; i++)
        rows->level_of[i] = (uint8_t)(i * 255 / ((1 << depth) - 1));
}

/* An index beyond the palette stands for the grey of the same number, as in Pillow. */
void nf_png_rows_palette(nf_png_rows *rows, const uint8_t *palette, int n_palette)
{
    rows->n_palette = n_palette;
    for (int i = 0; i < NF_GREY_LEVELS; i++)
        rows->level_of[i] = i < n_palette ? nf_luma_bt601(palette[3 * i], palette[3 * i + 1], palette[3 * i + 2]) : (uint8_t)i;
}

/* --- counting --- */

/* Keeps the first byte of every sample of 16 bits, or of every pair of grey and alpha. */
static void keep_every(uint8_t *row, size_t n, size_t stride)
{
    for (size_t i = 0; i < n; i++)
        row[i] = row[i * stride];
}

static void count_packed_row(nf_png_rows *rows, const uint8_t *row, uint32_t w_px)
{
    unsigned depth = (unsigned)rows->depth, per_byte = 8 / depth, mask = (1u << depth) - 1;
    size_t whole = w_px / per_byte;
    nf_backend_cpu()->count_grey(row, whole, rows->packed);
    for (unsigned i = 0; i < w_px % per_byte; i++)
        rows->stored[(unsigned)row[whole] >> (8 - depth * (i + 1)) & mask]++;
}

static void count_whole_bytes(nf_png_rows *rows, uint8_t *first, size_t n_px)
{
    const nf_backend *backend = nf_backend_cpu();
    uint32_t *counts = rows->colour == NF_PNG_PALETTE ? rows->stored : rows->out->counts;
    if (rows->depth == 16)
        keep_every(first, n_px * rows->channels, 2);
    if (rows->channels == 2)
        keep_every(first, n_px, 2);
    if (rows->channels <= 2)
        backend->count_grey(first, n_px, counts);
    else if (rows->channels == 3)
        backend->count_rgb(first, n_px, counts);
    else
        backend->count_rgbx(first, n_px, counts);
}

/* --- rows for the sink --- */

/* A row just counted, so its samples have 8 bits or less and grey has no alpha any more. */
static const uint8_t *row_values(nf_png_rows *rows, const uint8_t *row, uint32_t w_px)
{
    bool is_stored = rows->sink->wants_stored;
    if (rows->channels > 2) {
        nf_grey_of_pixels(row, rows->channels, w_px, rows->values);
        return rows->values;
    }
    if (rows->depth >= 8 && (is_stored || rows->colour != NF_PNG_PALETTE))
        return row;
    unsigned depth = (unsigned)rows->depth, per_byte = 8 / depth, mask = (1u << depth) - 1; /* depth 16 has no palette */
    for (size_t i = 0; i < w_px; i++) {
        unsigned shift = 8 - depth * (unsigned)(i % per_byte + 1), stored = (unsigned)row[i / per_byte] >> shift & mask;
        rows->values[i] = is_stored ? (uint8_t)stored : rows->level_of[stored];
    }
    return rows->values;
}

static size_t bits_kept(const nf_png_rows *rows)
{
    size_t channels = rows->channels == 2 ? 1 : rows->channels;
    return (rows->depth < 8 ? (size_t)rows->depth : 8) * channels;
}

bool nf_png_spoils(int depth, int colour)
{
    return depth == 16 || colour == NF_PNG_GREY_ALPHA;
}

void nf_png_rows_take(nf_png_rows *rows, uint8_t *first, size_t n_rows, uint32_t w_px, nf_png_grid grid, uint32_t y)
{
    if (rows->depth >= 8)
        count_whole_bytes(rows, first, n_rows * w_px);
    size_t n = (size_t)nf_png_row_bytes(w_px, bits_kept(rows));
    for (size_t i = 0; i < n_rows && (rows->depth < 8 || rows->sink != NULL); i++, first += n) {
        if (rows->depth < 8)
            count_packed_row(rows, first, w_px);
        if (rows->sink != NULL)
            rows->sink->take(rows->sink, row_values(rows, first, w_px), w_px, grid.x, grid.x_step,
                             grid.y + (y + (uint32_t)i) * grid.y_step);
    }
}

/* --- after the last row --- */

static void unpack_counts(nf_png_rows *rows)
{
    unsigned depth = (unsigned)rows->depth, mask = (1u << depth) - 1;
    if (depth >= 8)
        return;
    for (unsigned byte = 0; byte < NF_GREY_LEVELS; byte++)
        for (unsigned shift = 0; shift < 8; shift += depth)
            rows->stored[byte >> shift & mask] += rows->packed[byte];
}

void nf_png_rows_end(nf_png_rows *rows)
{
    bool has_palette = rows->colour == NF_PNG_PALETTE, are_colours = rows->sink == NULL || !rows->sink->wants_stored;
    if (rows->depth >= 8 && !has_palette)
        return;
    unpack_counts(rows);
    for (int i = 0; i < NF_GREY_LEVELS; i++) {
        rows->out->counts[rows->level_of[i]] += rows->stored[i];
        if (has_palette && are_colours && i >= rows->n_palette && rows->stored[i] > 0)
            nf_decoded_warn(rows->out, "a pixel has the palette index %d, the palette has %d colours", i, rows->n_palette);
    }
}
