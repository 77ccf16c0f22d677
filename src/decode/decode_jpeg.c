/* nofade: JPEG to grey counts by libjpeg-turbo, a few rows at a time: out of its planes (jpeg_planes.h) or its pixels.
 *
 * Everything that must outlive a jump out of libjpeg is a field of one struct, so no local is clobbered by longjmp.
 */
#include <limits.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>

#include <jerror.h>

#include "decode/decode_internal.h"
#include "decode/jpeg_planes.h"
#include "metrics/class_pixels.h"

#ifndef JCS_EXTENSIONS
#error "libjpeg-turbo is needed: the plain libjpeg has no JCS_EXT_RGBX"
#endif

enum {
    ROWS_BYTES = 32768, /* decoded rows are counted in portions of about this size: stays in the cache */
    ROWS_MAX = 128,
    SCANS_MAX = 500, /* real encoders write some 10; each scan costs a pass over all coefficients, whatever its bytes */
    SCANS_ANY_SIZE = 64, /* beyond these, no more of them than what follows allows */
    BLOCK_BYTES = DCTSIZE2 * (int)sizeof(JCOEF)
};

#define SCANNED_PX_MAX (UINT64_C(1) << 33) /* pixels times scans: some seconds */

typedef struct jpeg_job {
    struct jpeg_decompress_struct cinfo;
    struct jpeg_error_mgr errors;
    struct jpeg_source_mgr source;
    struct jpeg_progress_mgr progress;
    jmp_buf escape;
    const nf_decode_options *options;
    nf_decoded *out;
    nf_row_sink *sink; /* NULL: nobody wants the rows */
    uint8_t *block; /* heap */
    uint8_t *rows;  /* inside block: rows_held rows of row_bytes */
    uint8_t *grey;  /* inside block: one row, where there is a sink */
    size_t row_bytes, rows_held;
    nf_jpeg_planes planes; /* where raw_data_out is set; rows holds grey then */
    bool created; /* cinfo must be destroyed */
    bool alone;   /* the process-wide turn must be given back */
    bool may_end; /* a single scan is under way: running out of bytes is not yet fatal */
    bool ran_out; /* libjpeg was fed an end marker of our own */
} jpeg_job;

static const JOCTET end_marker[2] = {0xff, JPEG_EOI};
#define NO_END_MARKER "the JPEG's end marker is missing"

_Noreturn static void give_up(jpeg_job *job, nf_failure failure, const char *reason)
{
    nf_decoded_fail(job->out, failure, "%s", reason);
    longjmp(job->escape, 1);
}

_Noreturn static void give_up_cut_short(jpeg_job *job)
{
    const struct jpeg_decompress_struct *cinfo = &job->cinfo;
    char reason[96];
    if (job->out->h_px == 0)
        give_up(job, NF_FAILURE_CUT_SHORT, "the JPEG data end inside the header");
    if (job->may_end)
        snprintf(reason, sizeof reason, "the JPEG data end after %u of %u rows", cinfo->output_scanline, job->out->h_px);
    else
        snprintf(reason, sizeof reason, "the JPEG data end in scan %d, before the end marker", cinfo->input_scan_number);
    give_up(job, NF_FAILURE_CUT_SHORT, reason);
}

/* --- libjpeg's callbacks --- */

static nf_failure failure_of_code(int code)
{
    switch (code) {
    case JERR_OUT_OF_MEMORY:
    case JERR_NO_BACKING_STORE:
        return NF_FAILURE_NO_MEMORY;
    case JERR_ARITH_NOTIMPL:
    case JERR_BAD_J_COLORSPACE:
    case JERR_BAD_PRECISION:
    case JERR_CCIR601_NOTIMPL:
    case JERR_CONVERSION_NOTIMPL:
    case JERR_FRACT_SAMPLE_NOTIMPL:
    case JERR_IMAGE_TOO_BIG:
    case JERR_NOT_COMPILED:
    case JERR_SOF_UNSUPPORTED:
        return NF_FAILURE_UNSUPPORTED_KIND;
    default:
        return NF_FAILURE_DAMAGED;
    }
}

_Noreturn static void on_error(j_common_ptr common)
{
    char sentence[JMSG_LENGTH_MAX];
    common->err->format_message(common, sentence);
    give_up(common->client_data, failure_of_code(common->err->msg_code), sentence);
}

/* Levels: below 0 a warning, else a trace message that nobody reads. */
static void on_message(j_common_ptr common, int level)
{
    jpeg_job *job = common->client_data;
    char sentence[JMSG_LENGTH_MAX];
    if (level >= 0)
        return;
    common->err->num_warnings++;
    /* The entropy decoder wanted more than the bytes there are: a lost end marker alone does not bring this up. */
    if (job->ran_out && common->err->msg_code == JWRN_HIT_MARKER)
        give_up_cut_short(job);
    if (job->out->verdict == NF_IMAGE_OK) {
        common->err->format_message(common, sentence);
        nf_decoded_warn(job->out, "%s", sentence);
    }
}

static void on_source_begin(j_decompress_ptr cinfo)
{
    (void)cinfo;
}

/* Called when all bytes are used up. After the last row only the end marker can be missing. The entropy decoder looks
 * ahead, so in a single scan this may also happen shortly before the last row though nothing is missing: fed with an end
 * marker, it complains when it really needs more. An arithmetic decoder would take zeros without a word. */
static boolean on_source_empty(j_decompress_ptr cinfo)
{
    jpeg_job *job = cinfo->client_data;
    if (job->may_end && job->rows != NULL && cinfo->output_scanline >= cinfo->output_height) {
        nf_decoded_warn(job->out, NO_END_MARKER);
        longjmp(job->escape, 1);
    }
    if (!job->may_end || cinfo->arith_code)
        give_up_cut_short(job);
    job->ran_out = true;
    cinfo->src->next_input_byte = end_marker;
    cinfo->src->bytes_in_buffer = sizeof end_marker;
    return TRUE;
}

static void on_source_skip(j_decompress_ptr cinfo, long n)
{
    struct jpeg_source_mgr *source = cinfo->src;
    if (n <= 0)
        return;
    if ((unsigned long)n > source->bytes_in_buffer) {
        source->bytes_in_buffer = 0;
        return;
    }
    source->next_input_byte += n;
    source->bytes_in_buffer -= (size_t)n;
}

static void on_source_end(j_decompress_ptr cinfo)
{
    (void)cinfo;
}

static void on_progress(j_common_ptr common)
{
    jpeg_job *job = common->client_data;
    uint64_t n_scans = (uint64_t)job->cinfo.input_scan_number;
    bool is_costly = n_scans > SCANS_ANY_SIZE && n_scans * job->out->w_px * job->out->h_px > SCANNED_PX_MAX;
    if (n_scans > SCANS_MAX || is_costly)
        give_up(job, NF_FAILURE_DAMAGED, "the JPEG has more scans than any encoder writes");
}

static void job_open(jpeg_job *job, const uint8_t *bytes, size_t n)
{
    job->cinfo.err = jpeg_std_error(&job->errors);
    job->errors.error_exit = on_error;
    job->errors.emit_message = on_message;
    job->cinfo.client_data = job;
    job->created = true;
    jpeg_create_decompress(&job->cinfo);
    job->source = (struct jpeg_source_mgr){
        .next_input_byte = bytes,
        .bytes_in_buffer = n,
        .init_source = on_source_begin,
        .fill_input_buffer = on_source_empty,
        .skip_input_data = on_source_skip,
        .resync_to_restart = jpeg_resync_to_restart,
        .term_source = on_source_end,
    };
    job->cinfo.src = &job->source;
    job->progress.progress_monitor = on_progress;
    job->cinfo.progress = &job->progress;
}

/* --- colour --- */

static nf_colour_mode mode_of(const struct jpeg_decompress_struct *cinfo)
{
    switch (cinfo->jpeg_color_space) {
    case JCS_GRAYSCALE:
        return NF_MODE_GREY;
    case JCS_YCbCr:
    case JCS_RGB:
        return NF_MODE_RGB;
    case JCS_CMYK:
        return NF_MODE_CMYK;
    case JCS_YCCK:
        return NF_MODE_YCCK;
    default:
        return NF_MODE_OTHER;
    }
}

/* Which samples to ask for, so that libjpeg does no more than is needed. */
static void choose_samples(jpeg_job *job)
{
    struct jpeg_decompress_struct *cinfo = &job->cinfo;
    switch (cinfo->num_components) {
    case 1:
        cinfo->out_color_space = JCS_GRAYSCALE;
        break;
    case 3:
        if (job->options->grey == NF_GREY_LUMA && cinfo->jpeg_color_space == JCS_YCbCr)
            cinfo->out_color_space = JCS_GRAYSCALE;
        else if (nf_jpeg_planes_fit(cinfo, &job->planes))
            cinfo->raw_data_out = TRUE;
        else
            cinfo->out_color_space = JCS_EXT_RGBX;
        break;
    case 4:
        cinfo->out_color_space = JCS_CMYK;
        break;
    default:
        give_up(job, NF_FAILURE_UNSUPPORTED_KIND, "the JPEG has neither 1, 3 nor 4 components");
    }
}

static uint32_t muldiv255(uint32_t a, uint32_t b)
{
    uint32_t t = a * b + 128;
    return ((t >> 8) + t) >> 8;
}

/* One ink over black, both as stored by Adobe (inverted), to red, green or blue as Pillow does: with C = 255 - ink and
 * nk = 255 - K = key, v = clip(nk - C nk / 255). */
static uint8_t ink_to_light(uint32_t ink, uint32_t key)
{
    uint32_t taken = muldiv255(255 - ink, key);
    return (uint8_t)(taken < key ? key - taken : 0);
}

static void cmyk_to_rgbx(uint8_t *px, size_t n_px)
{
    for (size_t i = 0; i < n_px; i++, px += 4)
        for (size_t c = 0; c < 3; c++)
            px[c] = ink_to_light(px[c], px[3]);
}

static void count_rows(jpeg_job *job, const nf_backend *backend, size_t n_rows)
{
    size_t n_px = n_rows * job->cinfo.output_width;
    if (job->cinfo.out_color_space == JCS_GRAYSCALE) {
        backend->count_grey(job->rows, n_px, job->out->counts);
        return;
    }
    if (job->cinfo.out_color_space == JCS_CMYK)
        cmyk_to_rgbx(job->rows, n_px);
    backend->count_rgbx(job->rows, n_px, job->out->counts);
}

/* The rows just counted: the last n_rows that were read. */
static void give_rows(jpeg_job *job, size_t n_rows)
{
    const struct jpeg_decompress_struct *cinfo = &job->cinfo;
    bool is_grey = cinfo->out_color_space == JCS_GRAYSCALE;
    for (size_t i = 0; i < n_rows; i++) {
        const uint8_t *row = job->rows + i * job->row_bytes;
        uint32_t y = cinfo->output_scanline - (uint32_t)(n_rows - i);
        if (!is_grey)
            nf_grey_of_pixels(row, 4, cinfo->output_width, job->grey);
        job->sink->take(job->sink, is_grey ? row : job->grey, cinfo->output_width, 0, 1, y);
    }
}

/* --- memory --- */

/* Several scans are collected as coefficients, two bytes a sample over all components. */
static uint64_t coefficient_bytes(const struct jpeg_decompress_struct *cinfo)
{
    uint64_t blocks = 0;
    for (int c = 0; c < cinfo->num_components; c++) {
        const jpeg_component_info *component = &cinfo->comp_info[c];
        uint64_t across = (uint64_t)component->width_in_blocks + (unsigned)component->h_samp_factor;
        uint64_t down = (uint64_t)component->height_in_blocks + (unsigned)component->v_samp_factor;
        blocks += across * down;
    }
    return blocks * BLOCK_BYTES;
}

/* A single scan needs some rows of blocks only. */
static uint64_t rows_in_work_bytes(const struct jpeg_decompress_struct *cinfo)
{
    return (1u << 20) + (uint64_t)cinfo->image_width * (unsigned)cinfo->num_components * 256;
}

static void limit_memory(jpeg_job *job)
{
    uint64_t need = rows_in_work_bytes(&job->cinfo);
    if (!job->may_end)
        need += coefficient_bytes(&job->cinfo);
    job->cinfo.mem->max_memory_to_use = need < LONG_MAX ? (long)need : LONG_MAX;
    job->alone = nf_decode_alone_begin(need, job->options);
}

static size_t between(size_t low, size_t n, size_t high)
{
    return n < low ? low : n > high ? high : n;
}

/* libjpeg-turbo writes past the caches where a row begins at a multiple of 16 or 32, which is slow for who reads it at
 * once. Rows of 4-byte pixels that begin at an odd address never do. */
static void make_rows(jpeg_job *job)
{
    struct jpeg_decompress_struct *cinfo = &job->cinfo;
    size_t width = cinfo->output_width;
    job->row_bytes = width * (size_t)(cinfo->raw_data_out ? 1 : cinfo->output_components);
    job->rows_held = between(1, ROWS_BYTES / job->row_bytes, cinfo->raw_data_out ? cinfo->output_height : ROWS_MAX);
    size_t grey_bytes = job->sink != NULL ? width : 0;
    /* fits: all come from 16-bit JPEG dimensions */
    job->block = malloc(1 + job->rows_held * job->row_bytes + grey_bytes + NF_YCC_STEP_PX);
    if (job->block == NULL || (cinfo->raw_data_out && !nf_jpeg_planes_make(&job->planes, cinfo)))
        give_up(job, NF_FAILURE_NO_MEMORY, "no memory for the decoded rows");
    job->rows = job->block + 1;
    job->grey = job->rows + job->rows_held * job->row_bytes;
}

/* --- the decode --- */

/* False when the header's size is refused. */
static bool read_header(jpeg_job *job)
{
    struct jpeg_decompress_struct *cinfo = &job->cinfo;
    jpeg_read_header(cinfo, TRUE);
    if (!nf_decoded_set_size(job->out, cinfo->image_width, cinfo->image_height, job->options))
        return false;
    choose_samples(job);
    job->out->mode = mode_of(cinfo);
    job->may_end = !jpeg_has_multiple_scans(cinfo);
    if (job->sink != NULL && !job->sink->begin(job->sink, cinfo->image_width, cinfo->image_height))
        job->sink = NULL;
    return true;
}

static void read_rows(jpeg_job *job)
{
    struct jpeg_decompress_struct *cinfo = &job->cinfo;
    const nf_backend *backend = nf_backend_cpu();
    JSAMPROW lines[ROWS_MAX];
    for (size_t i = 0; i < job->rows_held; i++)
        lines[i] = job->rows + i * job->row_bytes;
    while (cinfo->output_scanline < cinfo->output_height) {
        size_t n = 0;
        while (n < job->rows_held && cinfo->output_scanline < cinfo->output_height)
            n += jpeg_read_scanlines(cinfo, lines + n, (JDIMENSION)(job->rows_held - n));
        count_rows(job, backend, n);
        if (job->sink != NULL)
            give_rows(job, n);
    }
}

static void read_planes(jpeg_job *job)
{
    struct jpeg_decompress_struct *cinfo = &job->cinfo;
    const nf_backend *backend = nf_backend_cpu();
    size_t held = 0;
    for (uint32_t y = 0; y < cinfo->output_height;) {
        uint32_t end = nf_jpeg_planes_read(&job->planes, cinfo, backend);
        for (; y < end; y++) {
            uint8_t *row = job->rows + held * job->row_bytes;
            nf_jpeg_planes_grey(&job->planes, cinfo, backend, y, row);
            if (job->sink != NULL)
                job->sink->take(job->sink, row, cinfo->output_width, 0, 1, y);
            if (++held < job->rows_held && y + 1 < cinfo->output_height)
                continue;
            backend->count_grey(job->rows, held * job->row_bytes, job->out->counts);
            held = 0;
        }
    }
}

static void decode(jpeg_job *job, const uint8_t *bytes, size_t n)
{
    job_open(job, bytes, n);
    if (!read_header(job))
        return;
    limit_memory(job);
    jpeg_start_decompress(&job->cinfo);
    make_rows(job);
    if (job->cinfo.raw_data_out)
        read_planes(job);
    else
        read_rows(job);
    jpeg_finish_decompress(&job->cinfo);
    if (job->ran_out)
        nf_decoded_warn(job->out, NO_END_MARKER);
}

void nf_decode_jpeg(const uint8_t *bytes, size_t n, const nf_decode_options *options, nf_row_sink *sink, nf_decoded *out)
{
    jpeg_job job;
    memset(&job, 0, sizeof job);
    job.options = options;
    job.sink = sink;
    job.out = out;
    if (setjmp(job.escape) == 0)
        decode(&job, bytes, n);
    free(job.block);
    free(job.planes.block);
    if (job.created)
        jpeg_destroy_decompress(&job.cinfo);
    if (job.alone)
        nf_decode_alone_end();
}

#define TEXT_OF(x) #x
#define TEXT(x) TEXT_OF(x)

const char *nf_decode_jpeg_version(void)
{
    return "libjpeg-turbo " TEXT(LIBJPEG_TURBO_VERSION);
}
