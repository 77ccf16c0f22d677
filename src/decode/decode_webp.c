/* nofade: WebP to grey counts (and rows, where a sink wants them) by libwebp: lossy, lossless, with alpha (ignored), the first frame of an animation.
 *
 * libwebp decodes into one block of the whole frame: it has no interface by rows. So the limits come before, and a big image
 * decodes alone. Where the first frame is smaller than the canvas, the rest is black, as in Pillow.
 */
#include <stdlib.h>
#include <string.h>

#include <webp/decode.h>
#include <webp/demux.h>

#include "decode/decode_internal.h"
#include "metrics/class_pixels.h"

enum {
    RIFF_HEADER_BYTES = 8, /* "RIFF" and the size of what follows */
    LOSSLESS = 2,          /* WebPBitstreamFeatures.format */
    BYTES_PER_PX = 4,
    WORK_BYTES = 1 << 20,  /* tables */
    WORK_ROWS_BYTES = 256  /* per pixel across: rows of blocks and their filters */
};

static nf_failure failure_of(VP8StatusCode status)
{
    switch (status) {
    case VP8_STATUS_NOT_ENOUGH_DATA:
    case VP8_STATUS_SUSPENDED:
        return NF_FAILURE_CUT_SHORT;
    case VP8_STATUS_OUT_OF_MEMORY:
        return NF_FAILURE_NO_MEMORY;
    case VP8_STATUS_UNSUPPORTED_FEATURE:
        return NF_FAILURE_UNSUPPORTED_KIND;
    default:
        return NF_FAILURE_DAMAGED;
    }
}

static void fail(nf_decoded *out, const char *part, VP8StatusCode status)
{
    static const char *const sentences[] = {
        [NF_FAILURE_CUT_SHORT] = "the WebP data end inside",
        [NF_FAILURE_NO_MEMORY] = "no memory for",
        [NF_FAILURE_UNSUPPORTED_KIND] = "libwebp does not know this kind of",
        [NF_FAILURE_DAMAGED] = "libwebp cannot decode",
    };
    nf_failure failure = failure_of(status);
    nf_decoded_fail(out, failure, "%s the WebP %s", sentences[failure], part);
}

/* A file that is shorter than its RIFF header says, or only seems to be whole. */
static void fail_container(const uint8_t *bytes, size_t n, nf_decoded *out)
{
    uint64_t declared = (uint64_t)bytes[4] | (uint64_t)bytes[5] << 8 | (uint64_t)bytes[6] << 16 | (uint64_t)bytes[7] << 24;
    if (declared + RIFF_HEADER_BYTES > n)
        nf_decoded_fail(out, NF_FAILURE_CUT_SHORT, "the WebP data end before the file does");
    else
        nf_decoded_fail(out, NF_FAILURE_DAMAGED, "the chunks of the WebP file are damaged");
}

/* Ours, and what libwebp holds at once: a lossless frame whole, an alpha plane. */
static uint64_t bytes_needed(const WebPBitstreamFeatures *frame)
{
    uint64_t n_px = (uint64_t)frame->width * (uint64_t)frame->height;
    uint64_t per_px = frame->format == LOSSLESS ? 2 * BYTES_PER_PX : BYTES_PER_PX + 1;
    return n_px * per_px + (uint64_t)frame->width * WORK_ROWS_BYTES + WORK_BYTES;
}

/* Where the frame lies is inside the canvas. */
static bool fits_canvas(const WebPIterator *place, const WebPBitstreamFeatures *frame, const nf_decoded *canvas)
{
    return place->x_offset >= 0 && place->y_offset >= 0 && frame->width > 0 && frame->height > 0 &&
           (uint64_t)place->x_offset + (uint64_t)frame->width <= canvas->w_px &&
           (uint64_t)place->y_offset + (uint64_t)frame->height <= canvas->h_px;
}

/* The canvas row by row: the frame's pixels (h, w, 4) where it lies, black elsewhere. */
static void give_rows(const uint8_t *rgba, const WebPIterator *place, const WebPBitstreamFeatures *frame, nf_row_sink *sink,
                      nf_decoded *out)
{
    size_t w_px = (size_t)frame->width, x = (size_t)place->x_offset;
    uint8_t *row = calloc(out->w_px, 1);
    if (row == NULL) {
        nf_decoded_fail(out, NF_FAILURE_NO_MEMORY, "no memory for a row of the WebP frame");
        return;
    }
    for (uint32_t y = 0; y < out->h_px; y++) {
        int64_t frame_y = (int64_t)y - place->y_offset;
        bool is_inside = frame_y >= 0 && frame_y < frame->height;
        if (is_inside)
            nf_grey_of_pixels(rgba + (size_t)frame_y * w_px * BYTES_PER_PX, BYTES_PER_PX, w_px, row + x);
        else
            memset(row, 0, out->w_px);
        sink->take(sink, row, out->w_px, 0, 1, y);
    }
    free(row);
}

/* Decodes one frame of n_px pixels and counts it. */
static void count_frame(const WebPIterator *place, const WebPBitstreamFeatures *frame, size_t n_px, nf_row_sink *sink,
                        nf_decoded *out)
{
    const WebPData *data = &place->fragment;
    WebPDecoderConfig config;
    uint8_t *rgba = calloc(n_px, BYTES_PER_PX);
    if (rgba == NULL || !WebPInitDecoderConfig(&config)) {
        free(rgba);
        nf_decoded_fail(out, NF_FAILURE_NO_MEMORY, "no memory for the pixels of the WebP frame");
        return;
    }
    config.output.colorspace = MODE_RGBA;
    config.output.is_external_memory = 1;
    config.output.u.RGBA.rgba = rgba;
    config.output.u.RGBA.stride = frame->width * BYTES_PER_PX;
    config.output.u.RGBA.size = n_px * (size_t)BYTES_PER_PX; /* fits: calloc gave as many */
    VP8StatusCode status = WebPDecode(data->bytes, data->size, &config);
    if (status == VP8_STATUS_OK)
        nf_backend_cpu()->count_rgbx(rgba, n_px, out->counts);
    else
        fail(out, "pixels", status);
    if (status == VP8_STATUS_OK && sink != NULL)
        give_rows(rgba, place, frame, sink, out);
    WebPFreeDecBuffer(&config.output);
    free(rgba);
}

static void decode_frame(const WebPIterator *place, const nf_decode_options *options, nf_row_sink *sink, nf_decoded *out)
{
    const WebPData *data = &place->fragment;
    WebPBitstreamFeatures frame;
    VP8StatusCode status = WebPGetFeatures(data->bytes, data->size, &frame);
    if (status != VP8_STATUS_OK) {
        fail(out, "frame's header", status);
        return;
    }
    uint64_t n_px = (uint64_t)frame.width * (uint64_t)frame.height, canvas_px = (uint64_t)out->w_px * out->h_px;
    if (!fits_canvas(place, &frame, out) || n_px > SIZE_MAX) {
        nf_decoded_fail(out, NF_FAILURE_DAMAGED, "a frame of %d x %d pixels does not fit the WebP canvas", frame.width,
                        frame.height);
        return;
    }
    bool alone = nf_decode_alone_begin(bytes_needed(&frame), options);
    count_frame(place, &frame, (size_t)n_px, sink, out);
    if (alone)
        nf_decode_alone_end();
    if (out->verdict != NF_IMAGE_FAILED)
        out->counts[0] += (uint32_t)(canvas_px - n_px);
}

void nf_decode_webp(const uint8_t *bytes, size_t n, const nf_decode_options *options, nf_row_sink *sink, nf_decoded *out)
{
    WebPBitstreamFeatures canvas;
    VP8StatusCode status = WebPGetFeatures(bytes, n, &canvas);
    if (status != VP8_STATUS_OK) {
        fail(out, "header", status);
        return;
    }
    if (!nf_decoded_set_size(out, (uint32_t)canvas.width, (uint32_t)canvas.height, options))
        return;
    out->mode = canvas.has_alpha ? NF_MODE_RGBA : NF_MODE_RGB;
    if (sink != NULL && !sink->begin(sink, out->w_px, out->h_px))
        sink = NULL;
    const WebPData whole = {bytes, n};
    WebPDemuxer *demuxer = WebPDemux(&whole);
    WebPIterator first;
    if (demuxer == NULL) {
        fail_container(bytes, n, out);
        return;
    }
    if (WebPDemuxGetFrame(demuxer, 1, &first)) {
        decode_frame(&first, options, sink, out);
        WebPDemuxReleaseIterator(&first);
    } else {
        nf_decoded_fail(out, NF_FAILURE_DAMAGED, "the WebP file has no frame");
    }
    WebPDemuxDelete(demuxer);
}

const char *nf_decode_webp_version(void)
{
    return "libwebp " NOFADE_LIBWEBP_VERSION;
}
