/* nofade: PNG to grey counts (and rows, where a sink wants them) by libpng, one row at a time.
 *
 * libpng transforms nothing: rows come as stored and are counted here. An interlaced image is never put together: each
 * pass's own rows are read and counted, a histogram does not mind the order. Everything that must outlive a jump out of
 * libpng is a field of one struct, so no local is clobbered by longjmp.
 */
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include <png.h>

#include "decode/decode_internal.h"
#include "metrics/class_pixels.h"

enum {
    SIGNATURE_BYTES = 8,
    HEADER_BYTES = 29,    /* signature, length, type and content of IHDR */
    DEFLATE_RATIO = 1032, /* the most bytes that deflate makes of one */
    PASSES_MAX = 7
};

typedef struct png_job {
    png_structp png;
    png_infop info;
    jmp_buf escape;
    const nf_decode_options *options;
    nf_decoded *out;
    nf_row_sink *sink;         /* NULL: nobody wants the rows */
    const uint8_t *next, *end; /* what is left of the encoded bytes */
    uint8_t *row;              /* heap */
    uint8_t *values;           /* behind row: a row as the sink wants it */
    bool pixels_done;          /* every row is counted and every IDAT checked */
    bool alone;                /* the process-wide turn must be given back */
    int depth, colour, interlace;
    size_t bits_per_px;
    uint32_t packed[NF_GREY_LEVELS]; /* depths below 8: how often each byte of whole samples came */
    uint32_t stored[NF_GREY_LEVELS]; /* palette indices and samples below 8 bits, as stored */
    uint8_t level_of[NF_GREY_LEVELS]; /* the grey level of each */
    int n_palette;
} png_job;

_Noreturn static void give_up(png_job *job, nf_failure failure, const char *reason)
{
    nf_decoded_fail(job->out, failure, "%s", reason);
    longjmp(job->escape, 1);
}

/* --- libpng's callbacks --- */

static bool is_about_memory(const char *sentence)
{
    return strstr(sentence, "ut of memory") != NULL || strstr(sentence, "nsufficient memory") != NULL;
}

/* Also behind the last pixel: a file whose end is missing or damaged is not the file that was written. */
_Noreturn static void on_error(png_structp png, png_const_charp sentence)
{
    png_job *job = png_get_error_ptr(png);
    give_up(job, is_about_memory(sentence) ? NF_FAILURE_NO_MEMORY : NF_FAILURE_DAMAGED, sentence);
}

/* libpng only warns when the compressed stream is wrong behind the last row (its check sum above all): the pixels are not
 * what was written. Bytes to spare do no harm. */
static bool spoils_pixels(const char *sentence)
{
    return strncmp(sentence, "IDAT: ", 6) == 0 && strstr(sentence, "Extra compressed data") == NULL &&
           strstr(sentence, "Too m") == NULL;
}

static void on_warning(png_structp png, png_const_charp sentence)
{
    png_job *job = png_get_error_ptr(png);
    if (!job->pixels_done && spoils_pixels(sentence))
        give_up(job, NF_FAILURE_DAMAGED, sentence);
    nf_decoded_warn(job->out, "%s", sentence);
}

static void on_read(png_structp png, png_bytep bytes, size_t n)
{
    png_job *job = png_get_io_ptr(png);
    if (n > (size_t)(job->end - job->next))
        give_up(job, NF_FAILURE_CUT_SHORT, job->pixels_done ? "the end of the PNG is missing"
                                                            : "the PNG data end before the image does");
    memcpy(bytes, job->next, n);
    job->next += n;
}

/* --- before libpng --- */

static uint32_t big_endian_32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* A look at the header by our own eyes: limits come before anything else. False when *out failed. */
bool nf_decode_png_start(const uint8_t *bytes, size_t n, const nf_decode_options *options, nf_decoded *out)
{
    static const uint8_t header[16] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n', 0, 0, 0, 13, 'I', 'H', 'D', 'R'};
    size_t seen = n < sizeof header ? n : sizeof header;
    if (memcmp(bytes, header, seen) != 0) {
        nf_decoded_fail(out, NF_FAILURE_DAMAGED, "the PNG signature or header is damaged");
        return false;
    }
    if (n < HEADER_BYTES) {
        nf_decoded_fail(out, NF_FAILURE_CUT_SHORT, "the PNG data end inside the header");
        return false;
    }
    return nf_decoded_set_size(out, big_endian_32(bytes + 16), big_endian_32(bytes + 20), options);
}

/* --- geometry --- */

static uint32_t pass_count(const png_job *job)
{
    return job->interlace == PNG_INTERLACE_ADAM7 ? PASSES_MAX : 1;
}

/* Adam7: how many of n pixels across (or down) fall on every step-th from first. */
static uint32_t every_nth(uint32_t n, uint32_t first, uint32_t step)
{
    return n > first ? (n - first - 1) / step + 1 : 0;
}

/* Where the pixels of a pass lie. */
typedef struct pass_grid {
    uint8_t x, x_step, y, y_step;
} pass_grid;

static pass_grid grid_of(const png_job *job, uint32_t pass)
{
    static const pass_grid adam7[PASSES_MAX] = {{0, 8, 0, 8}, {4, 8, 0, 8}, {0, 4, 4, 8}, {2, 4, 0, 4},
                                                {0, 2, 2, 4}, {1, 2, 0, 2}, {0, 1, 1, 2}};
    return pass_count(job) == 1 ? (pass_grid){0, 1, 0, 1} : adam7[pass];
}

static uint32_t pass_width(const png_job *job, uint32_t pass)
{
    pass_grid grid = grid_of(job, pass);
    return every_nth(job->out->w_px, grid.x, grid.x_step);
}

static uint32_t pass_height(const png_job *job, uint32_t pass)
{
    pass_grid grid = grid_of(job, pass);
    return every_nth(job->out->h_px, grid.y, grid.y_step);
}

/* No overflow: below 2^32 pixels of 64 bits. */
static uint64_t row_bytes(const png_job *job, uint32_t w_px)
{
    return ((uint64_t)w_px * job->bits_per_px + 7) / 8;
}

/* A header may declare rows that the data cannot hold: found out before a row is allocated, so memory stays in
 * proportion to the encoded bytes. */
static void check_enough_data(png_job *job)
{
    uint64_t raw = 0;
    for (uint32_t pass = 0; pass < pass_count(job); pass++)
        if (pass_width(job, pass) > 0)
            raw += (row_bytes(job, pass_width(job, pass)) + 1) * pass_height(job, pass);
    if (raw / DEFLATE_RATIO > (uint64_t)(job->end - job->next))
        give_up(job, NF_FAILURE_CUT_SHORT, "the PNG data are too few for the pixels of the header");
}

/* --- counting rows as stored --- */

/* Keeps the first byte of every sample of 16 bits, or of every pair of grey and alpha. */
static void keep_every(uint8_t *row, size_t n, size_t stride)
{
    for (size_t i = 0; i < n; i++)
        row[i] = row[i * stride];
}

static void count_packed_row(png_job *job, uint32_t w_px)
{
    unsigned depth = (unsigned)job->depth, per_byte = 8 / depth, mask = (1u << depth) - 1;
    size_t whole = w_px / per_byte;
    nf_backend_cpu()->count_grey(job->row, whole, job->packed);
    for (unsigned i = 0; i < w_px % per_byte; i++)
        job->stored[(unsigned)job->row[whole] >> (8 - depth * (i + 1)) & mask]++;
}

static void unpack_counts(png_job *job)
{
    unsigned depth = (unsigned)job->depth, mask = (1u << depth) - 1;
    if (depth >= 8)
        return;
    for (unsigned byte = 0; byte < NF_GREY_LEVELS; byte++)
        for (unsigned shift = 0; shift < 8; shift += depth)
            job->stored[byte >> shift & mask] += job->packed[byte];
}

static void count_row(png_job *job, uint32_t w_px)
{
    const nf_backend *backend = nf_backend_cpu();
    uint32_t *counts = job->colour == PNG_COLOR_TYPE_PALETTE ? job->stored : job->out->counts;
    size_t channels = png_get_channels(job->png, job->info);
    if (job->depth < 8) {
        count_packed_row(job, w_px);
        return;
    }
    if (job->depth == 16)
        keep_every(job->row, w_px * channels, 2);
    if (channels == 2)
        keep_every(job->row, w_px, 2);
    if (channels <= 2)
        backend->count_grey(job->row, w_px, counts);
    else if (channels == 3)
        backend->count_rgb(job->row, w_px, counts);
    else
        backend->count_rgbx(job->row, w_px, counts);
}

/* Samples of 1, 2, 4 bits span 0 .. 255 in steps of 255, 85, 17. An index beyond the palette stands for the grey of the same
 * number, as in Pillow. */
static void find_levels(png_job *job)
{
    png_colorp palette = NULL;
    int n_low = 1 << job->depth;
    if (job->colour == PNG_COLOR_TYPE_PALETTE) {
        png_get_PLTE(job->png, job->info, &palette, &job->n_palette);
        for (int i = 0; i < NF_GREY_LEVELS; i++)
            job->level_of[i] = (uint8_t)i;
        for (int i = 0; i < job->n_palette && i < NF_GREY_LEVELS; i++)
            job->level_of[i] = nf_luma_bt601(palette[i].red, palette[i].green, palette[i].blue);
    } else if (job->depth < 8) {
        for (int i = 0; i < n_low; i++)
            job->level_of[i] = (uint8_t)(i * 255 / (n_low - 1));
    }
}

static void map_stored(png_job *job)
{
    bool has_palette = job->colour == PNG_COLOR_TYPE_PALETTE, are_colours = job->sink == NULL || !job->sink->wants_stored;
    if (job->depth >= 8 && !has_palette)
        return;
    unpack_counts(job);
    for (int i = 0; i < NF_GREY_LEVELS; i++) {
        job->out->counts[job->level_of[i]] += job->stored[i];
        if (has_palette && are_colours && i >= job->n_palette && job->stored[i] > 0)
            nf_decoded_warn(job->out, "a pixel has the palette index %d, the palette has %d colours", i, job->n_palette);
    }
}

/* --- rows for the sink --- */

/* The row just counted, so its samples have 8 bits or less and grey has no alpha any more. */
static const uint8_t *row_values(png_job *job, uint32_t w_px)
{
    size_t channels = png_get_channels(job->png, job->info);
    bool is_stored = job->sink->wants_stored;
    if (channels > 2) {
        nf_grey_of_pixels(job->row, channels, w_px, job->values);
        return job->values;
    }
    if (job->depth >= 8 && (is_stored || job->colour != PNG_COLOR_TYPE_PALETTE))
        return job->row;
    unsigned depth = (unsigned)job->depth, per_byte = 8 / depth, mask = (1u << depth) - 1; /* depth 16 has no palette */
    for (size_t i = 0; i < w_px; i++) {
        unsigned shift = 8 - depth * (unsigned)(i % per_byte + 1), stored = (unsigned)job->row[i / per_byte] >> shift & mask;
        job->values[i] = is_stored ? (uint8_t)stored : job->level_of[stored];
    }
    return job->values;
}

/* One number of 8 bits or less a pixel is what can be given as stored. */
static void check_stored(png_job *job)
{
    bool one_number = job->colour == PNG_COLOR_TYPE_GRAY || job->colour == PNG_COLOR_TYPE_PALETTE;
    if (job->sink != NULL && job->sink->wants_stored && (!one_number || job->depth == 16))
        give_up(job, NF_FAILURE_UNSUPPORTED_KIND, one_number ? "its values have 16 bits, not 8"
                                                             : "it has colours or transparency, not one value a pixel");
}

/* --- the decode --- */

/* Ancillary chunks are skipped unread, except for their check sums: nothing they declare is ever allocated. So libpng's
 * limit on a chunk's length would only refuse honest long texts. */
static void job_open(png_job *job)
{
    static const png_byte transparency[5] = "tRNS";
    job->png = png_create_read_struct(PNG_LIBPNG_VER_STRING, job, on_error, on_warning);
    if (job->png != NULL)
        job->info = png_create_info_struct(job->png);
    if (job->info == NULL)
        give_up(job, NF_FAILURE_NO_MEMORY, "no memory for the PNG decoder");
    png_set_read_fn(job->png, job, on_read);
    png_set_user_limits(job->png, PNG_UINT_31_MAX, PNG_UINT_31_MAX); /* the size is checked already */
    png_set_chunk_malloc_max(job->png, 0);
    png_set_keep_unknown_chunks(job->png, PNG_HANDLE_CHUNK_NEVER, NULL, -1);
    png_set_keep_unknown_chunks(job->png, PNG_HANDLE_CHUNK_NEVER, transparency, 1);
    png_set_check_for_invalid_index(job->png, -1);                       /* our counts see it anyway */
    png_set_option(job->png, PNG_MAXIMUM_INFLATE_WINDOW, PNG_OPTION_ON); /* some encoders declare too small a window */
}

static nf_colour_mode mode_of(const png_job *job)
{
    bool deep = job->depth == 16;
    switch (job->colour) {
    case PNG_COLOR_TYPE_GRAY:
        return deep ? NF_MODE_GREY_16
               : job->depth == 8 ? NF_MODE_GREY
               : job->depth == 4 ? NF_MODE_GREY_4
               : job->depth == 2 ? NF_MODE_GREY_2
                                 : NF_MODE_GREY_1;
    case PNG_COLOR_TYPE_GRAY_ALPHA:
        return deep ? NF_MODE_GREY_ALPHA_16 : NF_MODE_GREY_ALPHA;
    case PNG_COLOR_TYPE_RGB:
        return deep ? NF_MODE_RGB_16 : NF_MODE_RGB;
    case PNG_COLOR_TYPE_RGB_ALPHA:
        return deep ? NF_MODE_RGBA_16 : NF_MODE_RGBA;
    default:
        return NF_MODE_PALETTE;
    }
}

static void read_header(png_job *job)
{
    png_read_info(job->png, job->info);
    job->depth = png_get_bit_depth(job->png, job->info);
    job->colour = png_get_color_type(job->png, job->info);
    job->interlace = png_get_interlace_type(job->png, job->info);
    job->bits_per_px = (size_t)job->depth * png_get_channels(job->png, job->info);
    job->out->mode = mode_of(job);
}

static void make_row(png_job *job)
{
    uint64_t n = row_bytes(job, job->out->w_px), n_values = job->sink != NULL ? job->out->w_px : 0;
    job->alone = nf_decode_alone_begin(4 * n + n_values, job->options); /* ours and three inside libpng */
    job->row = n < SIZE_MAX - n_values ? calloc(1, (size_t)(n + n_values)) : NULL;
    if (job->row == NULL)
        give_up(job, NF_FAILURE_NO_MEMORY, "no memory for a row of the PNG");
    job->values = job->row + n;
}

static void read_rows(png_job *job)
{
    for (uint32_t pass = 0; pass < pass_count(job); pass++) {
        uint32_t w_px = pass_width(job, pass), h_px = pass_height(job, pass);
        pass_grid grid = grid_of(job, pass);
        for (uint32_t y = 0; w_px > 0 && y < h_px; y++) {
            png_read_row(job->png, job->row, NULL);
            count_row(job, w_px);
            if (job->sink != NULL)
                job->sink->take(job->sink, row_values(job, w_px), w_px, grid.x, grid.x_step, grid.y + y * grid.y_step);
        }
    }
}

static void decode(png_job *job)
{
    job_open(job);
    read_header(job);
    check_stored(job);
    check_enough_data(job);
    if (job->sink != NULL && !job->sink->begin(job->sink, job->out->w_px, job->out->h_px))
        job->sink = NULL;
    make_row(job);
    find_levels(job);
    read_rows(job);
    map_stored(job);
    job->pixels_done = true;
    png_read_end(job->png, NULL);
}

void nf_decode_png(const uint8_t *bytes, size_t n, const nf_decode_options *options, nf_row_sink *sink, nf_decoded *out)
{
    png_job job;
    if (!nf_decode_png_start(bytes, n, options, out))
        return;
    memset(&job, 0, sizeof job);
    job.options = options;
    job.sink = sink;
    job.out = out;
    job.next = bytes;
    job.end = bytes + n;
    if (setjmp(job.escape) == 0)
        decode(&job);
    free(job.row);
    png_destroy_read_struct(&job.png, &job.info, NULL);
    if (job.alone)
        nf_decode_alone_end();
}

const char *nf_decode_png_version(void)
{
    return "libpng " PNG_LIBPNG_VER_STRING;
}
