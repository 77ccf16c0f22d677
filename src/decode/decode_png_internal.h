/* nofade: what the two ways of decoding a PNG share. Private to src/decode/decode_png*.c and their tests.
 *
 * The fast way (decode_png_fast.c) takes what is beyond doubt: not interlaced, every chunk known, every check sum right, every
 * byte where it belongs. All else, from the first byte again, goes to libpng, whose verdict and reason stand. Both
 * ways give the same *out for every PNG that the fast one takes, save one kind that libpng refuses: decode_png_fast.c.
 */
#ifndef NF_DECODE_PNG_INTERNAL_H
#define NF_DECODE_PNG_INTERNAL_H

#include "decode/decode_internal.h"

/* By libpng alone. *out has its size already (nf_decode_png_start). */
void nf_decode_png_libpng(const uint8_t *bytes, size_t n, const nf_decode_options *options, nf_row_sink *sink, nf_decoded *out);
/* False: this PNG is libpng's, *out is as it was, and *sink must begin again. */
bool nf_decode_png_fast(const uint8_t *bytes, size_t n, const nf_decode_options *options, nf_row_sink *sink, nf_decoded *out);

/* --- decode_png_chunks.c --- */

enum {
    NF_PNG_COLOURS_MAX = 256,
    NF_PNG_DEFLATE_RATIO = 1032 /* the most bytes that deflate makes of one */
};

static inline uint32_t nf_png_u32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* Colour types as stored. */
enum { NF_PNG_GREY = 0, NF_PNG_RGB = 2, NF_PNG_PALETTE = 3, NF_PNG_GREY_ALPHA = 4, NF_PNG_RGBA = 6 };

/* Pointers into the encoded bytes. */
typedef struct nf_png_chunks {
    uint32_t w_px, h_px;
    int depth, colour;
    const uint8_t *palette; /* (n_palette, 3); NULL when colour is not a palette */
    int n_palette;          /* 0 .. 256 */
    const uint8_t *idat;    /* the first IDAT chunk, from its length on; the others follow it without a gap */
} nf_png_chunks;

/* Walks over all chunks and checks their order and check sums. bytes begin with a PNG's signature and IHDR. False: something
 * that libpng might refuse or warn of, or an interlaced image. */
bool nf_png_read_chunks(const uint8_t *bytes, size_t n, nf_png_chunks *chunks);
/* The content of an IDAT chunk at *chunk, *n bytes; *chunk moves behind it. NULL: *chunk is no IDAT chunk. */
const uint8_t *nf_png_next_idat(const uint8_t **chunk, uint32_t *n);

/* --- decode_png_rows.c --- */

/* Where the pixels of a pass lie. */
typedef struct nf_png_grid {
    uint32_t x, x_step, y, y_step;
} nf_png_grid;

/* Counts rows as stored, and shows them to a sink. */
typedef struct nf_png_rows {
    nf_decoded *out;
    nf_row_sink *sink; /* NULL: nobody wants the rows */
    int depth, colour;
    size_t channels;
    uint8_t *values;                  /* (w_px,) with a sink: a row as it wants it. The caller's */
    uint32_t packed[NF_GREY_LEVELS];  /* depths below 8: how often each byte of whole samples came */
    uint32_t stored[NF_GREY_LEVELS];  /* palette indices and samples below 8 bits, as stored */
    uint8_t level_of[NF_GREY_LEVELS]; /* the grey level of each */
    int n_palette;
} nf_png_rows;

/* 1, 2, 3 or 4. */
size_t nf_png_channels(int colour);
/* No overflow: below 2^32 pixels of 64 bits. */
uint64_t nf_png_row_bytes(uint64_t w_px, size_t bits_a_px);
/* Whether a sink that wants values as stored can have them: one number of 8 bits or less a pixel. */
bool nf_png_can_give(const nf_row_sink *sink, int depth, int colour);

/* Sets out->mode. palette (n_palette, 3) is read here only. rows->values is set by the caller. */
void nf_png_rows_begin(nf_png_rows *rows, nf_decoded *out, nf_row_sink *sink, int depth, int colour);
void nf_png_rows_palette(nf_png_rows *rows, const uint8_t *palette, int n_palette);
/* n_rows rows of w_px pixels, one behind the other; the first is row y of the grid. */
void nf_png_rows_take(nf_png_rows *rows, uint8_t *first, size_t n_rows, uint32_t w_px, nf_png_grid grid, uint32_t y);
/* Whether nf_png_rows_take changes their bytes. */
bool nf_png_spoils(int depth, int colour);
/* The counts into rows->out, and a warning when an index was beyond the palette. */
void nf_png_rows_end(nf_png_rows *rows);

/* --- decode_png_unfilter.c --- */

enum {
    NF_PNG_SPARE = 16, /* bytes that must be readable behind the filtered rows and writable behind the rows */
    NF_PNG_FILTERS = 5 /* none, sub, up, average, Paeth */
};

/* One row of n bytes; up is the row above; bpp is the distance to the pixel on the left, n a multiple of it. */
typedef void nf_png_filter(const uint8_t *filtered, const uint8_t *up, uint8_t *row, size_t n, size_t bpp);

typedef struct nf_png_unfilter {
    const char *name; /* "plain", "vector" */
    nf_png_filter *filters[NF_PNG_FILTERS];
} nf_png_unfilter;

/* Plain C first, which is the definition; NULL beyond the last. */
const nf_png_unfilter *nf_png_unfilter_nth(size_t i);
/* n_rows rows of 1 + n bytes from *filtered on, each after its filter type, to n_rows rows of n bytes in rows; the row above
 * them lies before rows. False: an unknown filter type. */
bool nf_png_unfilter_rows(const uint8_t *filtered, uint8_t *rows, size_t n_rows, size_t n, size_t bpp);

#endif
