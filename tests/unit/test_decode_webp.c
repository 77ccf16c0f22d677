/* WebP to grey counts. The pictures are encoded here by libwebp's encoder; containers are put together by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <webp/decode.h>
#include <webp/encode.h>

#include "base/buf.h"
#include "decode/decode.h"
#include "support/make_png.h"

enum { W_PX = 40, H_PX = 24, N_PX = W_PX * H_PX };

static const nf_decode_options plain_options = {NF_GREY_BT601, 1000000, 0};

/* Slopes, and an alpha that is clear in every third pixel. */
static void draw(uint8_t rgba[4 * N_PX])
{
    for (int i = 0; i < N_PX; i++) {
        int x = i % W_PX, y = i / W_PX;
        const uint8_t px[4] = {(uint8_t)(x * 6), (uint8_t)(y * 10), (uint8_t)(x * y), x % 3 == 0 ? 0 : 255};
        memcpy(rgba + 4 * i, px, 4);
    }
}

static void put(nf_buf *to, const void *bytes, size_t n)
{
    assert_int_equal(nf_buf_append(to, bytes, n, NULL), NF_OK);
}

static void put_le(nf_buf *to, uint32_t value, size_t n_bytes)
{
    for (size_t i = 0; i < n_bytes; i++)
        put(to, (uint8_t[]){(uint8_t)(value >> (8 * i))}, 1);
}

typedef struct webp_spec {
    bool lossless, alpha;
} webp_spec;

/* exact: the encoder leaves colours below a clear alpha alone. */
static nf_buf encode(const uint8_t *rgba, webp_spec spec)
{
    WebPConfig config;
    WebPPicture picture;
    WebPMemoryWriter writer;
    nf_buf file = {0};
    WebPMemoryWriterInit(&writer);
    assert_true(WebPConfigInit(&config) && WebPPictureInit(&picture));
    config.lossless = spec.lossless;
    config.exact = 1;
    picture.use_argb = spec.lossless;
    picture.width = W_PX;
    picture.height = H_PX;
    picture.writer = WebPMemoryWrite;
    picture.custom_ptr = &writer;
    if (spec.alpha)
        assert_true(WebPPictureImportRGBA(&picture, rgba, 4 * W_PX));
    else
        assert_true(WebPPictureImportRGBX(&picture, rgba, 4 * W_PX));
    assert_true(WebPEncode(&config, &picture));
    WebPPictureFree(&picture);
    put(&file, writer.mem, writer.size);
    WebPMemoryWriterClear(&writer);
    return file;
}

static nf_decoded decode_with(const nf_buf *file, size_t n, const nf_decode_options *options)
{
    nf_decoded out;
    uint8_t *exact = malloc(n + 1); /* so that an over-read shows under a sanitizer */
    assert_non_null(exact);
    memcpy(exact + 1, file->data, n);
    nf_decode(exact + 1, n, options, &out);
    free(exact);
    return out;
}

static nf_decoded decode(const nf_buf *file)
{
    return decode_with(file, file->len, &plain_options);
}

static void assert_failed(nf_decoded out, nf_failure failure)
{
    assert_int_equal(out.verdict, NF_IMAGE_FAILED);
    assert_string_equal(nf_failure_name(out.failure), nf_failure_name(failure));
    assert_true(out.reason[0] != '\0');
    for (int i = 0; i < NF_GREY_LEVELS; i++)
        assert_int_equal(out.counts[i], 0);
}

/* The counts of n_px pixels of 4 bytes, and as many black ones as are asked for. */
static void assert_counts(nf_decoded out, const uint8_t *rgba, size_t n_px, uint32_t black)
{
    uint32_t expected[NF_GREY_LEVELS] = {black};
    for (size_t i = 0; i < n_px; i++)
        expected[nf_luma_bt601(rgba[4 * i], rgba[4 * i + 1], rgba[4 * i + 2])]++;
    assert_string_equal(out.reason, "");
    assert_int_equal(out.verdict, NF_IMAGE_OK);
    assert_memory_equal(out.counts, expected, sizeof expected);
}

/* --- containers by hand --- */

static void put_chunk(nf_buf *to, const char *name, const nf_buf *content)
{
    put(to, name, 4);
    put_le(to, (uint32_t)content->len, 4);
    put(to, content->data, content->len);
    if (content->len % 2 == 1)
        put(to, "", 1);
}

/* A frame at an even place: the picture's own chunks, without its RIFF header. */
static void put_frame(nf_buf *to, const nf_buf *picture, uint32_t x, uint32_t y)
{
    nf_buf frame = {0};
    put_le(&frame, x / 2, 3);
    put_le(&frame, y / 2, 3);
    put_le(&frame, W_PX - 1, 3);
    put_le(&frame, H_PX - 1, 3);
    put_le(&frame, 100, 3);
    put_le(&frame, 0, 1);
    put(&frame, picture->data + 12, picture->len - 12);
    put_chunk(to, "ANMF", &frame);
    nf_buf_free(&frame);
}

static nf_buf animation(uint32_t canvas_w_px, uint32_t canvas_h_px, const nf_buf *first, const nf_buf *second)
{
    nf_buf file = {0}, chunks = {0}, head = {0}, anim = {0};
    put_le(&head, 0x12, 4); /* has frames, has alpha */
    put_le(&head, canvas_w_px - 1, 3);
    put_le(&head, canvas_h_px - 1, 3);
    put_le(&anim, 0xffffffff, 4); /* a white background, which nobody shows */
    put_le(&anim, 0, 2);
    put(&chunks, "WEBP", 4);
    put_chunk(&chunks, "VP8X", &head);
    put_chunk(&chunks, "ANIM", &anim);
    put_frame(&chunks, first, 6, 4);
    put_frame(&chunks, second, 0, 0);
    put_chunk(&file, "RIFF", &chunks);
    nf_buf_free(&chunks);
    nf_buf_free(&head);
    nf_buf_free(&anim);
    return file;
}

/* --- tests --- */

static void lossless_counts_the_colours_and_ignores_alpha(void **state)
{
    uint8_t rgba[4 * N_PX];
    (void)state;
    draw(rgba);
    for (int alpha = 0; alpha < 2; alpha++) {
        nf_buf file = encode(rgba, (webp_spec){true, alpha == 1});
        nf_decoded out = decode(&file);
        assert_int_equal(out.w_px, W_PX);
        assert_int_equal(out.h_px, H_PX);
        assert_counts(out, rgba, N_PX, 0);
        nf_buf_free(&file);
    }
}

static void lossy_counts_what_libwebp_gives_for_rgb(void **state)
{
    uint8_t rgba[4 * N_PX];
    (void)state;
    draw(rgba);
    for (int alpha = 0; alpha < 2; alpha++) {
        int w = 0, h = 0;
        nf_buf file = encode(rgba, (webp_spec){false, alpha == 1});
        uint8_t *shown = WebPDecodeRGBA(file.data, file.len, &w, &h);
        assert_non_null(shown);
        assert_int_equal(w * h, N_PX);
        assert_memory_not_equal(shown, rgba, sizeof rgba); /* it is lossy */
        assert_counts(decode(&file), shown, N_PX, 0);
        WebPFree(shown);
        nf_buf_free(&file);
    }
}

static void an_animation_counts_its_first_frame_on_a_black_canvas(void **state)
{
    uint8_t rgba[4 * N_PX], white[4 * N_PX];
    (void)state;
    draw(rgba);
    memset(white, 255, sizeof white);
    nf_buf first = encode(rgba, (webp_spec){true, true}), second = encode(white, (webp_spec){true, false});
    nf_buf file = animation(50, 30, &first, &second);
    nf_decoded out = decode(&file);
    assert_int_equal(out.w_px, 50);
    assert_int_equal(out.h_px, 30);
    assert_counts(out, rgba, N_PX, 50 * 30 - N_PX);
    assert_failed(decode_with(&file, file.len - 10, &plain_options), NF_FAILURE_CUT_SHORT); /* in the second frame */
    nf_buf outside = animation(W_PX, H_PX, &first, &second);
    assert_failed(decode(&outside), NF_FAILURE_DAMAGED);
    nf_buf_free(&outside);
    nf_buf_free(&file);
    nf_buf_free(&first);
    nf_buf_free(&second);
}

static void cut_anywhere_is_cut_short(void **state)
{
    uint8_t rgba[4 * N_PX];
    (void)state;
    draw(rgba);
    for (int kind = 0; kind < 4; kind++) {
        nf_buf file = encode(rgba, (webp_spec){kind % 2 == 1, kind / 2 == 1});
        for (size_t n = 12; n < file.len; n++)
            assert_failed(decode_with(&file, n, &plain_options), NF_FAILURE_CUT_SHORT);
        nf_buf_free(&file);
    }
}

/* What comes of it is libwebp's to say, there are no check sums: but nothing over-reads, and a verdict fits its counts. */
static void any_damaged_byte_leaves_a_verdict_that_fits_its_counts(void **state)
{
    uint8_t rgba[4 * N_PX];
    size_t failed = 0;
    (void)state;
    draw(rgba);
    for (int kind = 0; kind < 4; kind++) {
        nf_buf file = encode(rgba, (webp_spec){kind % 2 == 1, kind / 2 == 1});
        for (size_t i = 12; i < file.len; i++) {
            file.data[i] ^= 0x55;
            nf_decoded out = decode(&file);
            uint64_t counted = 0;
            for (int level = 0; level < NF_GREY_LEVELS; level++)
                counted += out.counts[level];
            assert_int_equal(counted, out.verdict == NF_IMAGE_FAILED ? 0 : (uint64_t)out.w_px * out.h_px);
            failed += out.verdict == NF_IMAGE_FAILED;
            file.data[i] ^= 0x55;
        }
        nf_buf_free(&file);
    }
    assert_true(failed > 40); /* every byte of the headers alone */
}

static void a_canvas_over_the_limit_is_refused_from_the_header(void **state)
{
    const nf_decode_options small = {NF_GREY_BT601, N_PX - 1, 0};
    uint8_t rgba[4 * N_PX];
    (void)state;
    draw(rgba);
    nf_buf file = encode(rgba, (webp_spec){true, false}), huge = animation(1 << 24, 255, &file, &file);
    nf_decoded out = decode_with(&file, file.len, &small);
    assert_failed(out, NF_FAILURE_TOO_MANY_PIXELS);
    assert_int_equal(out.w_px, W_PX);
    assert_failed(decode(&huge), NF_FAILURE_TOO_MANY_PIXELS);
    assert_failed(decode_with(&huge, 100, &plain_options), NF_FAILURE_TOO_MANY_PIXELS);
    nf_buf_free(&huge);
    nf_buf_free(&file);
}

static void one_that_must_decode_alone_gives_its_turn_back(void **state)
{
    const nf_decode_options alone = {NF_GREY_BT601, 1000000, 1};
    uint8_t rgba[4 * N_PX];
    (void)state;
    draw(rgba);
    nf_buf file = encode(rgba, (webp_spec){true, false});
    for (int i = 0; i < 3; i++)
        assert_counts(decode_with(&file, file.len, &alone), rgba, N_PX, 0);
    nf_buf_free(&file);
}

static void the_version_names_the_library(void **state)
{
    (void)state;
    assert_int_equal(strncmp(nf_decode_webp_version(), "libwebp ", 8), 0);
    assert_true(nf_decode_webp_version()[8] >= '1');
}

static unsigned patches(uint32_t x, uint32_t y, unsigned c)
{
    (void)c;
    return x / 9 + 8 * (y / 7);
}

/* The classes of a canvas of w x h on which the frame lies at x, y. */
static void assert_classes(const nf_buf *file, const uint8_t *rgba, uint32_t w, uint32_t h, uint32_t x, uint32_t y)
{
    static uint32_t expected[256][NF_GREY_LEVELS];
    nf_buf map = {0};
    nf_decoded out;
    nf_class_list classes;
    memset(expected, 0, sizeof expected);
    make_png(&map, (png_kind){8, PNG_COLOR_TYPE_GRAY, 0}, w, h, 0, patches);
    for (uint32_t j = 0; j < h; j++)
        for (uint32_t i = 0; i < w; i++) {
            bool inside = i >= x && i < x + W_PX && j >= y && j < y + H_PX;
            const uint8_t *px = inside ? rgba + 4 * ((j - y) * W_PX + i - x) : NULL;
            expected[patches(i, j, 0)][px != NULL ? nf_luma_bt601(px[0], px[1], px[2]) : 0]++;
        }
    nf_decode_classes(file->data, file->len, map.data, map.len, &plain_options, &out, &classes);
    assert_int_equal(out.verdict, NF_IMAGE_OK);
    assert_true(classes.n > 10);
    uint64_t n_px = 0;
    for (size_t i = 0; i < classes.n; i++) {
        assert_memory_equal(classes.items[i].counts, expected[classes.items[i].value], sizeof expected[0]);
        n_px += classes.items[i].n_px;
    }
    assert_int_equal(n_px, (uint64_t)w * h);
    nf_class_list_free(&classes);
    nf_buf_free(&map);
}

static void pixels_are_told_apart_by_a_label_map(void **state)
{
    uint8_t rgba[4 * N_PX];
    (void)state;
    draw(rgba);
    nf_buf picture = encode(rgba, (webp_spec){true, true});
    nf_buf offset = animation(60, 50, &picture, &picture);
    assert_classes(&picture, rgba, W_PX, H_PX, 0, 0);
    assert_classes(&offset, rgba, 60, 50, 6, 4); /* where the first frame lies */
    nf_buf_free(&picture);
    nf_buf_free(&offset);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lossless_counts_the_colours_and_ignores_alpha),
        cmocka_unit_test(lossy_counts_what_libwebp_gives_for_rgb),
        cmocka_unit_test(an_animation_counts_its_first_frame_on_a_black_canvas),
        cmocka_unit_test(cut_anywhere_is_cut_short),
        cmocka_unit_test(any_damaged_byte_leaves_a_verdict_that_fits_its_counts),
        cmocka_unit_test(a_canvas_over_the_limit_is_refused_from_the_header),
        cmocka_unit_test(one_that_must_decode_alone_gives_its_turn_back),
        cmocka_unit_test(pixels_are_told_apart_by_a_label_map),
        cmocka_unit_test(the_version_names_the_library),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
