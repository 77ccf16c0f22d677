/* nofade: PNG to grey counts (and rows, where a sink wants them) by libpng, one row at a time.
 *
 * decode_png_fast.c comes first and takes what is beyond doubt; what it leaves is decoded here.
 *
 * libpng transforms nothing: rows come as stored and are counted by decode_png_rows.c. An interlaced image is never put
 * together: each pass's own rows are read and counted, a histogram does not mind the order. Everything that must outlive a
 * jump out of libpng is a field of one struct, so no local is clobbered by longjmp.
 */
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include <isa-l.h>
#include <png.h>

#include "decode/decode_png_internal.h"

enum {
    HEADER_BYTES = 29, /* signature, length, type and content of IHDR */
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
    uint8_t *row;              /* heap; rows.values lie behind it */
    bool pixels_done;          /* every row is counted and every IDAT checked */
    bool alone;                /* the process-wide turn must be given back */
    int depth, colour, interlace;
    size_t bits_per_px;
    nf_png_rows rows;
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
    return nf_decoded_set_size(out, nf_png_u32(bytes + 16), nf_png_u32(bytes + 20), options);
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

static nf_png_grid grid_of(const png_job *job, uint32_t pass)
{
    static const nf_png_grid adam7[PASSES_MAX] = {{0, 8, 0, 8}, {4, 8, 0, 8}, {0, 4, 4, 8}, {2, 4, 0, 4},
                                                  {0, 2, 2, 4}, {1, 2, 0, 2}, {0, 1, 1, 2}};
    return pass_count(job) == 1 ? (nf_png_grid){0, 1, 0, 1} : adam7[pass];
}

static uint32_t pass_width(const png_job *job, uint32_t pass)
{
    nf_png_grid grid = grid_of(job, pass);
    return every_nth(job->out->w_px, grid.x, grid.x_step);
}

static uint32_t pass_height(const png_job *job, uint32_t pass)
{
    nf_png_grid grid = grid_of(job, pass);
    return every_nth(job->out->h_px, grid.y, grid.y_step);
}

/* A header may declare rows that the data cannot hold: found out before a row is allocated, so memory stays in
 * proportion to the encoded bytes. */
static void check_enough_data(png_job *job)
{
    uint64_t raw = 0;
    for (uint32_t pass = 0; pass < pass_count(job); pass++)
        if (pass_width(job, pass) > 0)
            raw += (nf_png_row_bytes(pass_width(job, pass), job->bits_per_px) + 1) * pass_height(job, pass);
    if (raw / NF_PNG_DEFLATE_RATIO > (uint64_t)(job->end - job->next))
        give_up(job, NF_FAILURE_CUT_SHORT, "the PNG data are too few for the pixels of the header");
}

static void check_stored(png_job *job)
{
    if (!nf_png_can_give(job->sink, job->depth, job->colour))
        give_up(job, NF_FAILURE_UNSUPPORTED_KIND, nf_png_channels(job->colour) == 1
                                                      ? "its values have 16 bits, not 8"
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

static void read_header(png_job *job)
{
    png_read_info(job->png, job->info);
    job->depth = png_get_bit_depth(job->png, job->info);
    job->colour = png_get_color_type(job->png, job->info);
    job->interlace = png_get_interlace_type(job->png, job->info);
    job->bits_per_px = (size_t)job->depth * nf_png_channels(job->colour);
}

static void make_row(png_job *job)
{
    uint64_t n = nf_png_row_bytes(job->out->w_px, job->bits_per_px), n_values = job->sink != NULL ? job->out->w_px : 0;
    job->alone = nf_decode_alone_begin(4 * n + n_values, job->options); /* ours and three inside libpng */
    job->row = n < SIZE_MAX - n_values ? calloc(1, (size_t)(n + n_values)) : NULL;
    if (job->row == NULL)
        give_up(job, NF_FAILURE_NO_MEMORY, "no memory for a row of the PNG");
}

/* A png_color is three bytes. */
static void start_rows(png_job *job)
{
    png_colorp palette = NULL;
    int n_palette = 0;
    nf_png_rows_begin(&job->rows, job->out, job->sink, job->depth, job->colour);
    job->rows.values = job->row + nf_png_row_bytes(job->out->w_px, job->bits_per_px);
    if (job->colour == PNG_COLOR_TYPE_PALETTE) {
        png_get_PLTE(job->png, job->info, &palette, &n_palette);
        nf_png_rows_palette(&job->rows, (const uint8_t *)palette, n_palette);
    }
}

static void read_rows(png_job *job)
{
    for (uint32_t pass = 0; pass < pass_count(job); pass++) {
        uint32_t w_px = pass_width(job, pass), h_px = pass_height(job, pass);
        nf_png_grid grid = grid_of(job, pass);
        for (uint32_t y = 0; w_px > 0 && y < h_px; y++) {
            png_read_row(job->png, job->row, NULL);
            nf_png_rows_take(&job->rows, job->row, 1, w_px, grid, y);
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
    start_rows(job);
    read_rows(job);
    nf_png_rows_end(&job->rows);
    job->pixels_done = true;
    png_read_end(job->png, NULL);
}

void nf_decode_png_libpng(const uint8_t *bytes, size_t n, const nf_decode_options *options, nf_row_sink *sink, nf_decoded *out)
{
    png_job job;
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

void nf_decode_png(const uint8_t *bytes, size_t n, const nf_decode_options *options, nf_row_sink *sink, nf_decoded *out)
{
    if (nf_decode_png_start(bytes, n, options, out) && !nf_decode_png_fast(bytes, n, options, sink, out))
        nf_decode_png_libpng(bytes, n, options, sink, out);
}

#define TEXT_OF(number) #number
#define VERSION_TEXT(major, minor, patch) TEXT_OF(major) "." TEXT_OF(minor) "." TEXT_OF(patch)

const char *nf_decode_png_version(void)
{
    return "libpng " PNG_LIBPNG_VER_STRING ", ISA-L " VERSION_TEXT(ISAL_MAJOR_VERSION, ISAL_MINOR_VERSION, ISAL_PATCH_VERSION);
}
