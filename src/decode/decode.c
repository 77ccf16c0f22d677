/* nofade: from an encoded image to its grey counts: tells the kind and hands over to its decoder. */
#include "decode/decode.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "decode/decode_internal.h"
#include "loaders/sniff.h"

const char *nf_failure_name(nf_failure failure)
{
    static const char *const names[] = {
        [NF_FAILURE_NONE] = "none",
        [NF_FAILURE_EMPTY] = "empty",
        [NF_FAILURE_NOT_AN_IMAGE] = "not-an-image",
        [NF_FAILURE_UNSUPPORTED_KIND] = "unsupported-kind",
        [NF_FAILURE_CUT_SHORT] = "cut-short",
        [NF_FAILURE_DAMAGED] = "damaged",
        [NF_FAILURE_TOO_MANY_PIXELS] = "too-many-pixels",
        [NF_FAILURE_TOO_LARGE] = "too-large",
        [NF_FAILURE_REPEATED_MEMBER] = "repeated-member",
        [NF_FAILURE_UNSAFE_PATH] = "unsafe-path",
        [NF_FAILURE_UNREADABLE] = "unreadable",
        [NF_FAILURE_BAD_LABEL] = "bad-label",
        [NF_FAILURE_NO_MEMORY] = "no-memory",
    };
    size_t i = (size_t)failure;
    return i < sizeof names / sizeof *names ? names[i] : "unknown";
}

const char *nf_colour_mode_name(nf_colour_mode mode)
{
    static const char *const names[NF_COLOUR_MODES] = {
        [NF_MODE_OTHER] = "other",
        [NF_MODE_GREY_1] = "grey 1 bit",
        [NF_MODE_GREY_2] = "grey 2 bit",
        [NF_MODE_GREY_4] = "grey 4 bit",
        [NF_MODE_GREY] = "grey",
        [NF_MODE_GREY_16] = "grey 16 bit",
        [NF_MODE_GREY_ALPHA] = "grey+alpha",
        [NF_MODE_GREY_ALPHA_16] = "grey+alpha 16 bit",
        [NF_MODE_RGB] = "RGB",
        [NF_MODE_RGB_16] = "RGB 16 bit",
        [NF_MODE_RGBA] = "RGBA",
        [NF_MODE_RGBA_16] = "RGBA 16 bit",
        [NF_MODE_PALETTE] = "palette",
        [NF_MODE_CMYK] = "CMYK",
        [NF_MODE_YCCK] = "YCCK",
    };
    size_t i = (size_t)mode;
    return i < NF_COLOUR_MODES ? names[i] : names[NF_MODE_OTHER];
}

void nf_decoded_fail(nf_decoded *out, nf_failure failure, const char *format, ...)
{
    va_list arguments;
    if (out->verdict == NF_IMAGE_FAILED)
        return;
    out->verdict = NF_IMAGE_FAILED;
    out->failure = failure;
    memset(out->counts, 0, sizeof out->counts);
    va_start(arguments, format);
    vsnprintf(out->reason, sizeof out->reason, format, arguments);
    va_end(arguments);
}

void nf_decoded_warn(nf_decoded *out, const char *format, ...)
{
    va_list arguments;
    if (out->verdict != NF_IMAGE_OK)
        return;
    out->verdict = NF_IMAGE_WARNED;
    va_start(arguments, format);
    vsnprintf(out->reason, sizeof out->reason, format, arguments);
    va_end(arguments);
}

bool nf_decoded_set_size(nf_decoded *out, uint32_t w_px, uint32_t h_px, const nf_decode_options *options)
{
    uint64_t n_px = (uint64_t)w_px * h_px;
    out->w_px = w_px;
    out->h_px = h_px;
    if (n_px == 0) {
        nf_decoded_fail(out, NF_FAILURE_DAMAGED, "the header declares %u x %u pixels", w_px, h_px);
        return false;
    }
    /* One level may hold every pixel, and a count has 32 bits. */
    if (n_px > options->max_pixels || n_px > UINT32_MAX) {
        nf_decoded_fail(out, NF_FAILURE_TOO_MANY_PIXELS, "%u x %u pixels are over the limit of %llu", w_px, h_px,
                        (unsigned long long)options->max_pixels);
        return false;
    }
    return true;
}

static pthread_mutex_t *alone_mutex(void)
{
    static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
    return &mutex;
}

bool nf_decode_alone_begin(uint64_t need_bytes, const nf_decode_options *options)
{
    return options->serial_bytes > 0 && need_bytes > options->serial_bytes && pthread_mutex_lock(alone_mutex()) == 0;
}

void nf_decode_alone_end(void)
{
    pthread_mutex_unlock(alone_mutex());
}

void nf_decode_rows(const uint8_t *bytes, size_t n, const nf_decode_options *options, nf_row_sink *sink, nf_decoded *out)
{
    const char *kind = "";
    memset(out, 0, sizeof *out);
    out->kind = "";
    if (n == 0) {
        nf_decoded_fail(out, NF_FAILURE_EMPTY, "no bytes");
        return;
    }
    nf_content content = nf_sniff(bytes, n, &kind);
    out->kind = kind;
    switch (content) {
    case NF_CONTENT_JPEG:
        nf_decode_jpeg(bytes, n, options, sink, out);
        break;
    case NF_CONTENT_PNG:
        nf_decode_png(bytes, n, options, sink, out);
        break;
    case NF_CONTENT_WEBP:
        nf_decode_webp(bytes, n, options, sink, out);
        break;
    case NF_CONTENT_OTHER_IMAGE:
        nf_decoded_fail(out, NF_FAILURE_UNSUPPORTED_KIND, "%s images are not read", kind);
        break;
    default:
        nf_decoded_fail(out, NF_FAILURE_NOT_AN_IMAGE, "the first bytes are %s%s", kind[0] != '\0' ? kind : "not an image's",
                        kind[0] != '\0' ? " data" : "");
        break;
    }
}

void nf_decode(const uint8_t *bytes, size_t n, const nf_decode_options *options, nf_decoded *out)
{
    nf_decode_rows(bytes, n, options, NULL, out);
}
