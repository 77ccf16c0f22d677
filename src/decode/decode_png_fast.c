/* nofade: the fast way to decode a PNG: ISA-L inflates, vectors undo the filters, rows are counted while they are warm.
 *
 * The stream is inflated a piece at a time; its whole rows become a band of pixels, which is counted at once. Memory is a
 * piece, a band and the inflater, however high the image. Whatever is odd ends it without a verdict.
 *
 * One thing alone passes here that libpng refuses: Huffman codes that leave bit patterns unused, in a stream which yields
 * exactly the rows and has the right check sum.
 */
#include <stdlib.h>
#include <string.h>

#include <isa-l/igzip_lib.h>

#include "decode/decode_png_internal.h"

enum {
    PIECE_BYTES = 128 << 10, /* with the band it stays in the second-level cache */
    BAND_BYTES = 32 << 10,
    GATHER_BYTES = 64 << 10,
    ROW_BYTES_MAX = 1 << 30, /* ISA-L counts in 32 bits */
    LARGEST_WINDOW = 7
};

/* What is decoded, and the room it takes. */
typedef struct layout {
    uint32_t w_px, h_px;
    size_t bytes_a_px;  /* at least 1 */
    size_t row_bytes;   /* without the filter type */
    size_t piece_bytes; /* filtered */
    size_t band_rows;   /* besides the row above them */
    size_t gather_bytes;
    bool spoils;        /* counting spoils the band, so it is copied before */
    bool has_sink;
} layout;

typedef struct fast_job {
    struct inflate_state inflate;
    nf_png_rows rows;
    layout at;
    const uint8_t *next_idat; /* the chunk after those given to inflate */
    size_t n_piece;           /* filtered bytes that wait in the piece */
    uint8_t *piece, *gathered, *band, *spoilt;
    uint8_t room[]; /* for all four, and rows.values */
} fast_job;

/* --- room --- */

/* False: libpng's. A header may declare rows that the data cannot hold: then nothing is allocated, so that memory stays in
 * proportion to the encoded bytes. No overflow: below 2^32 pixels of at most 8 bytes. */
static bool plan(const nf_png_chunks *chunks, size_t n, layout *at)
{
    size_t bits_a_px = (size_t)chunks->depth * nf_png_channels(chunks->colour);
    uint64_t row = nf_png_row_bytes(chunks->w_px, bits_a_px), all = (row + 1) * chunks->h_px;
    uint64_t rows = row < BAND_BYTES ? BAND_BYTES / row : 1, piece = row < PIECE_BYTES ? PIECE_BYTES : row + 1;
    if (row > ROW_BYTES_MAX || all / NF_PNG_DEFLATE_RATIO > n)
        return false;
    *at = (layout){.w_px = chunks->w_px, .h_px = chunks->h_px, .row_bytes = (size_t)row};
    at->bytes_a_px = (bits_a_px + 7) / 8;
    at->piece_bytes = (size_t)(piece < all ? piece : all);
    at->band_rows = (size_t)(rows < chunks->h_px ? rows : chunks->h_px);
    at->gather_bytes = n < GATHER_BYTES ? n : GATHER_BYTES;
    return true;
}

static uint64_t band_bytes(const layout *at)
{
    return ((uint64_t)at->band_rows + 1) * at->row_bytes + NF_PNG_SPARE;
}

static uint64_t room_bytes(const layout *at)
{
    return at->piece_bytes + NF_PNG_SPARE + at->gather_bytes + band_bytes(at) * (at->spoils ? 2 : 1) +
           (at->has_sink ? at->w_px : 0);
}

/* NULL: no memory. */
static fast_job *job_new(const layout *at)
{
    uint64_t n = sizeof(fast_job) + room_bytes(at);
    fast_job *job = n <= SIZE_MAX ? malloc((size_t)n) : NULL;
    if (job == NULL)
        return NULL;
    job->at = *at;
    job->n_piece = 0;
    job->piece = job->room;
    job->gathered = job->piece + at->piece_bytes + NF_PNG_SPARE;
    job->band = job->gathered + at->gather_bytes;
    job->spoilt = job->band + (at->spoils ? band_bytes(at) : 0);
    memset(job->band, 0, at->row_bytes); /* what lies above the first row */
    return job;
}

/* --- inflating --- */

/* The next IDAT chunks to inflate: a large one where it lies, small ones side by side, since every call of ISA-L copies its
 * window of 32 KiB whatever its input. False: there are no more. */
static bool next_input(fast_job *job)
{
    struct inflate_state *inflate = &job->inflate;
    const uint8_t *at = job->next_idat, *content;
    uint32_t n;
    inflate->next_in = job->gathered;
    inflate->avail_in = 0;
    while ((content = nf_png_next_idat(&at, &n)) != NULL && n <= job->at.gather_bytes - inflate->avail_in) {
        memcpy(job->gathered + inflate->avail_in, content, n);
        inflate->avail_in += n;
        job->next_idat = at;
    }
    if (content != NULL && inflate->avail_in == 0) {
        inflate->next_in = (uint8_t *)content; /* is only read */
        inflate->avail_in = n;
        job->next_idat = at;
    }
    return inflate->avail_in > 0;
}

static bool start_inflating(fast_job *job)
{
    isal_inflate_init(&job->inflate);
    job->inflate.crc_flag = ISAL_ZLIB;
    return next_input(job) && job->inflate.next_in[0] >> 4 <= LARGEST_WINDOW;
}

static bool is_at_end(const fast_job *job)
{
    return job->inflate.block_state == ISAL_BLOCK_FINISH;
}

/* Fills the piece, or all that is left. Every call of ISA-L either takes all its input or fills the room. */
static bool fill_piece(fast_job *job)
{
    struct inflate_state *inflate = &job->inflate;
    inflate->next_out = job->piece + job->n_piece;
    inflate->avail_out = (uint32_t)(job->at.piece_bytes - job->n_piece);
    while (inflate->avail_out > 0 && !is_at_end(job)) {
        uint32_t room = inflate->avail_out;
        bool has_input = inflate->avail_in > 0 || next_input(job);
        if (isal_inflate(inflate) != ISAL_DECOMP_OK || (!has_input && inflate->avail_out == room && !is_at_end(job)))
            return false;
    }
    job->n_piece = job->at.piece_bytes - inflate->avail_out;
    return true;
}

/* The stream ends with the last row, and the last IDAT chunk with the stream. */
static bool ends_here(fast_job *job)
{
    const uint8_t *after = job->next_idat;
    uint32_t n;
    return job->n_piece == 0 && (is_at_end(job) || fill_piece(job)) && is_at_end(job) && job->n_piece == 0 &&
           job->inflate.avail_in == 0 && job->inflate.read_in_length < 8 && nf_png_next_idat(&after, &n) == NULL;
}

/* --- rows --- */

static void take_band(fast_job *job, size_t n_rows, uint32_t y)
{
    static const nf_png_grid every = {0, 1, 0, 1};
    const layout *at = &job->at;
    uint8_t *first = job->band + at->row_bytes, *counted = first;
    if (at->spoils)
        counted = memcpy(job->spoilt, first, n_rows * at->row_bytes);
    nf_png_rows_take(&job->rows, counted, n_rows, at->w_px, every, y);
    memcpy(job->band, first + (n_rows - 1) * at->row_bytes, at->row_bytes);
}

/* The whole rows that wait, *y of which come before. */
static bool take_piece(fast_job *job, uint32_t *y)
{
    const layout *at = &job->at;
    size_t stride = at->row_bytes + 1, n_rows = job->n_piece / stride, done = 0;
    if (n_rows > at->h_px - *y)
        n_rows = at->h_px - *y;
    while (done < n_rows) {
        size_t n = n_rows - done < at->band_rows ? n_rows - done : at->band_rows;
        if (!nf_png_unfilter_rows(job->piece + done * stride, job->band + at->row_bytes, n, at->row_bytes, at->bytes_a_px))
            return false;
        take_band(job, n, *y);
        done += n;
        *y += (uint32_t)n;
    }
    job->n_piece -= n_rows * stride;
    memmove(job->piece, job->piece + n_rows * stride, job->n_piece);
    return n_rows > 0;
}

static bool decode(fast_job *job)
{
    uint32_t y = 0;
    if (!start_inflating(job))
        return false;
    while (y < job->at.h_px)
        if (!fill_piece(job) || !take_piece(job, &y))
            return false;
    if (!ends_here(job))
        return false;
    nf_png_rows_end(&job->rows);
    return true;
}

static void start_rows(fast_job *job, const nf_png_chunks *chunks, nf_row_sink *sink, nf_decoded *out)
{
    nf_png_rows_begin(&job->rows, out, sink, chunks->depth, chunks->colour);
    job->rows.values = job->spoilt + band_bytes(&job->at);
    if (chunks->palette != NULL)
        nf_png_rows_palette(&job->rows, chunks->palette, chunks->n_palette);
}

bool nf_decode_png_fast(const uint8_t *bytes, size_t n, const nf_decode_options *options, nf_row_sink *sink, nf_decoded *out)
{
    nf_png_chunks chunks;
    layout at;
    if (!nf_png_read_chunks(bytes, n, &chunks) || !nf_png_can_give(sink, chunks.depth, chunks.colour) || !plan(&chunks, n, &at))
        return false;
    if (sink != NULL && !sink->begin(sink, chunks.w_px, chunks.h_px))
        sink = NULL;
    at.spoils = nf_png_spoils(chunks.depth, chunks.colour);
    at.has_sink = sink != NULL;
    bool alone = nf_decode_alone_begin(room_bytes(&at), options);
    fast_job *job = job_new(&at);
    bool done = false;
    if (job != NULL) {
        start_rows(job, &chunks, sink, out);
        job->next_idat = chunks.idat;
        done = decode(job);
    }
    if (!done) {
        memset(out->counts, 0, sizeof out->counts);
        out->mode = NF_MODE_OTHER;
    }
    free(job);
    if (alone)
        nf_decode_alone_end();
    return done;
}
