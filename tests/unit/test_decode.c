/* From encoded images to grey counts. The images are written here, by libjpeg or by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <jpeglib.h>
#include <zlib.h>

#include "decode/decode.h"

static const nf_decode_options plain_options = {NF_GREY_BT601, 1000000, 0};

/* --- a PNG by hand --- */

typedef struct bytes {
    uint8_t at[65536];
    size_t n;
} bytes;

static void put(bytes *to, const void *from, size_t n)
{
    assert_true(to->n + n <= sizeof to->at);
    memcpy(to->at + to->n, from, n);
    to->n += n;
}

static void put_32(bytes *to, uint32_t value)
{
    const uint8_t four[4] = {(uint8_t)(value >> 24), (uint8_t)(value >> 16), (uint8_t)(value >> 8), (uint8_t)value};
    put(to, four, 4);
}

static void put_chunk(bytes *to, const char *type, const void *data, size_t n)
{
    size_t start = to->n + 4;
    put_32(to, (uint32_t)n);
    put(to, type, 4);
    put(to, data, n);
    put_32(to, (uint32_t)crc32(0, to->at + start, (uInt)(to->n - start)));
}

typedef struct png_spec {
    uint32_t w, h;
    uint8_t depth, colour, interlace;
    const uint8_t *palette;
    size_t n_palette;   /* bytes */
    const uint8_t *raw; /* rows with their filter bytes */
    size_t n_raw;
} png_spec;

static void png_begin(bytes *png, const png_spec *spec)
{
    bytes head = {.n = 0};
    const uint8_t rest[5] = {spec->depth, spec->colour, 0, 0, spec->interlace};
    png->n = 0;
    put(png, "\x89PNG\r\n\x1a\n", 8);
    put_32(&head, spec->w);
    put_32(&head, spec->h);
    put(&head, rest, 5);
    put_chunk(png, "IHDR", head.at, head.n);
    if (spec->n_palette > 0)
        put_chunk(png, "PLTE", spec->palette, spec->n_palette);
}

static void png_make(bytes *png, const png_spec *spec)
{
    uint8_t packed[4096];
    uLongf n = sizeof packed;
    png_begin(png, spec);
    assert_int_equal(compress(packed, &n, spec->raw, spec->n_raw), Z_OK);
    put_chunk(png, "IDAT", packed, n);
    put_chunk(png, "IEND", "", 0);
}

/* Two rows of two bytes of 8-bit grey: 1 2 / 3 255. */
static const uint8_t grey_raw[] = {0, 1, 2, 0, 3, 255};
static const png_spec grey_spec = {.w = 2, .h = 2, .depth = 8, .raw = grey_raw, .n_raw = sizeof grey_raw};

/* --- a JPEG by libjpeg --- */

typedef struct jpeg_file {
    unsigned char *at; /* heap */
    unsigned long n;
} jpeg_file;

typedef struct jpeg_spec {
    J_COLOR_SPACE from, stored;
    int components;
    bool progressive;
} jpeg_spec;

/* 40 x 24 pixels of smooth slopes; the second component in hard stripes, so that colours clip. */
static jpeg_file jpeg_make(const jpeg_spec *spec)
{
    struct jpeg_compress_struct c;
    struct jpeg_error_mgr errors;
    jpeg_file file = {NULL, 0};
    JSAMPLE row[40 * 4];
    JSAMPROW rows[1] = {row};
    c.err = jpeg_std_error(&errors);
    jpeg_create_compress(&c);
    jpeg_mem_dest(&c, &file.at, &file.n);
    c.image_width = 40;
    c.image_height = 24;
    c.input_components = spec->components;
    c.in_color_space = spec->from;
    jpeg_set_defaults(&c);
    jpeg_set_colorspace(&c, spec->stored);
    if (spec->progressive)
        jpeg_simple_progression(&c);
    jpeg_start_compress(&c, TRUE);
    while (c.next_scanline < c.image_height) {
        for (int i = 0; i < 40 * spec->components; i++) {
            int x = i / spec->components, slope = x * 6 / (1 + (int)c.next_scanline / 12);
            row[i] = (JSAMPLE)(i % spec->components == 1 ? x / 3 % 2 * 255 : slope);
        }
        jpeg_write_scanlines(&c, rows, 1);
    }
    jpeg_finish_compress(&c);
    jpeg_destroy_compress(&c);
    return file;
}

static const jpeg_spec rgb_spec = {JCS_RGB, JCS_YCbCr, 3, false};

/* --- checks --- */

static nf_decoded decode(const void *data, size_t n)
{
    nf_decoded out;
    uint8_t *exact = malloc(n + 1); /* so that an over-read shows under a sanitizer */
    assert_non_null(exact);
    memcpy(exact + 1, data, n);
    nf_decode(exact + 1, n, &plain_options, &out);
    free(exact);
    return out;
}

static void assert_failed(nf_decoded out, nf_failure failure)
{
    assert_int_equal(out.verdict, NF_IMAGE_FAILED);
    assert_string_equal(nf_failure_name(out.failure), nf_failure_name(failure));
    assert_true(out.reason[0] != '\0');
    for (int i = 0; i < NF_GREY_LEVELS; i++)
        assert_int_equal(out.counts[i], 0);
}

static void assert_counts(nf_decoded out, nf_verdict verdict, const uint8_t *levels, size_t n)
{
    uint32_t expected[NF_GREY_LEVELS] = {0};
    for (size_t i = 0; i < n; i++)
        expected[levels[i]]++;
    assert_int_equal(out.verdict, verdict);
    assert_memory_equal(out.counts, expected, sizeof expected);
}

static void assert_png_levels(const png_spec *spec, nf_verdict verdict, const uint8_t *levels, size_t n)
{
    bytes png;
    png_make(&png, spec);
    assert_counts(decode(png.at, png.n), verdict, levels, n);
}

static uint64_t pixels(const nf_decoded *out)
{
    uint64_t sum = 0;
    for (int i = 0; i < NF_GREY_LEVELS; i++)
        sum += out->counts[i];
    return sum;
}

/* --- PNG --- */

static void png_grey_of_every_depth_spans_all_levels(void **state)
{
    (void)state;
    assert_png_levels(&grey_spec, NF_IMAGE_OK, (const uint8_t[]){1, 2, 3, 255}, 4);
    png_spec one = {.w = 9, .h = 1, .depth = 1, .raw = (const uint8_t[]){0, 0xa0, 0xff}, .n_raw = 3};
    assert_png_levels(&one, NF_IMAGE_OK, (const uint8_t[]){255, 0, 255, 0, 0, 0, 0, 0, 255}, 9);
    png_spec two = {.w = 5, .h = 1, .depth = 2, .raw = (const uint8_t[]){0, 0x1b, 0x80}, .n_raw = 3};
    assert_png_levels(&two, NF_IMAGE_OK, (const uint8_t[]){0, 85, 170, 255, 170}, 5);
    png_spec four = {.w = 3, .h = 1, .depth = 4, .raw = (const uint8_t[]){0, 0x0f, 0x5c}, .n_raw = 3};
    assert_png_levels(&four, NF_IMAGE_OK, (const uint8_t[]){0, 255, 85}, 3);
    png_spec sixteen = {.w = 2, .h = 1, .depth = 16, .raw = (const uint8_t[]){0, 7, 255, 200, 1}, .n_raw = 5};
    assert_png_levels(&sixteen, NF_IMAGE_OK, (const uint8_t[]){7, 200}, 2);
}

static void png_colour_becomes_luma_and_alpha_is_ignored(void **state)
{
    const uint8_t red = nf_luma_bt601(255, 0, 0), blue = nf_luma_bt601(0, 0, 255), levels[] = {red, blue};
    (void)state;
    png_spec rgb = {.w = 2, .h = 1, .depth = 8, .colour = 2, .raw = (const uint8_t[]){0, 255, 0, 0, 0, 0, 255}, .n_raw = 7};
    assert_png_levels(&rgb, NF_IMAGE_OK, levels, 2);
    png_spec rgba = {
        .w = 2, .h = 1, .depth = 8, .colour = 6, .raw = (const uint8_t[]){0, 255, 0, 0, 0, 0, 0, 255, 9}, .n_raw = 9};
    assert_png_levels(&rgba, NF_IMAGE_OK, levels, 2);
    png_spec grey_alpha = {.w = 2, .h = 1, .depth = 8, .colour = 4, .raw = (const uint8_t[]){0, 5, 0, 6, 255}, .n_raw = 5};
    assert_png_levels(&grey_alpha, NF_IMAGE_OK, (const uint8_t[]){5, 6}, 2);
    png_spec deep = {.w = 1, .h = 1, .depth = 16, .colour = 6, .raw = (const uint8_t[]){0, 255, 9, 0, 9, 0, 9, 0, 0}, .n_raw = 9};
    assert_png_levels(&deep, NF_IMAGE_OK, levels, 1);
}

static void png_palette_gives_the_luma_of_its_colours(void **state)
{
    const uint8_t palette[] = {255, 0, 0, 0, 255, 0}, red = nf_luma_bt601(255, 0, 0), green = nf_luma_bt601(0, 255, 0);
    (void)state;
    png_spec spec = {.w = 3,
                     .h = 1,
                     .depth = 8,
                     .colour = 3,
                     .palette = palette,
                     .n_palette = 6,
                     .raw = (const uint8_t[]){0, 1, 0, 1},
                     .n_raw = 4};
    assert_png_levels(&spec, NF_IMAGE_OK, (const uint8_t[]){green, red, green}, 3);
}

static void png_palette_index_beyond_the_palette_is_its_own_grey_and_warned(void **state)
{
    const uint8_t palette[] = {255, 255, 255};
    (void)state;
    png_spec spec = {.w = 2,
                     .h = 1,
                     .depth = 4,
                     .colour = 3,
                     .palette = palette,
                     .n_palette = 3,
                     .raw = (const uint8_t[]){0, 0x0b},
                     .n_raw = 2};
    assert_png_levels(&spec, NF_IMAGE_WARNED, (const uint8_t[]){255, 11}, 2);
}

/* 3 x 3, Adam7: pass 1 holds (0,0), pass 4 (2,0), pass 5 row 2 (0, 2), pass 6 (1,0) and (1,2), pass 7 row 1. */
static void png_interlaced_counts_every_pixel_once(void **state)
{
    static const uint8_t raw[] = {0, 10, 0, 20, 0, 30, 31, 0, 40, 0, 41, 0, 50, 51, 52};
    (void)state;
    png_spec spec = {.w = 3, .h = 3, .depth = 8, .interlace = 1, .raw = raw, .n_raw = sizeof raw};
    assert_png_levels(&spec, NF_IMAGE_OK, (const uint8_t[]){10, 20, 30, 31, 40, 41, 50, 51, 52}, 9);
}

static void png_cut_anywhere_is_cut_short(void **state)
{
    bytes png;
    (void)state;
    png_make(&png, &grey_spec);
    for (size_t n = 4; n < png.n - 12; n++)
        assert_failed(decode(png.at, n), NF_FAILURE_CUT_SHORT);
    assert_int_equal(decode(png.at, png.n - 12).failure, NF_FAILURE_CUT_SHORT);
    assert_int_equal(decode(png.at, png.n - 1).failure, NF_FAILURE_CUT_SHORT);
}

/* Bytes 8 .. 33 are IHDR; the IDAT chunk begins at 33 and ends before the 12 bytes of IEND. */
static void png_with_any_damaged_byte_of_a_critical_chunk_is_refused(void **state)
{
    bytes png;
    (void)state;
    png_make(&png, &grey_spec);
    for (size_t i = 4; i < png.n - 12; i++) {
        png.at[i] ^= 1;
        assert_int_equal(decode(png.at, png.n).verdict, NF_IMAGE_FAILED);
        png.at[i] ^= 1;
    }
}

static void png_with_a_wrong_check_sum_of_its_pixels_is_refused(void **state)
{
    bytes png;
    uint8_t packed[128];
    uLongf n = sizeof packed;
    (void)state;
    png_begin(&png, &grey_spec);
    assert_int_equal(compress(packed, &n, grey_raw, sizeof grey_raw), Z_OK);
    packed[n - 1] ^= 1;
    put_chunk(&png, "IDAT", packed, n);
    put_chunk(&png, "IEND", "", 0);
    assert_failed(decode(png.at, png.n), NF_FAILURE_DAMAGED);
}

static void png_with_missing_rows_is_refused(void **state)
{
    bytes png;
    png_spec spec = grey_spec;
    (void)state;
    spec.n_raw = 3;
    png_make(&png, &spec);
    assert_failed(decode(png.at, png.n), NF_FAILURE_DAMAGED);
}

static void png_with_a_damaged_ancillary_chunk_is_warned(void **state)
{
    bytes png;
    uint8_t packed[128];
    uLongf n = sizeof packed;
    (void)state;
    png_begin(&png, &grey_spec);
    put_chunk(&png, "tEXt", "a\0b", 3);
    png.at[png.n - 1] ^= 1;
    assert_int_equal(compress(packed, &n, grey_raw, sizeof grey_raw), Z_OK);
    put_chunk(&png, "IDAT", packed, n);
    put_chunk(&png, "IEND", "", 0);
    assert_counts(decode(png.at, png.n), NF_IMAGE_WARNED, (const uint8_t[]){1, 2, 3, 255}, 4);
}

static void png_header_over_the_limit_is_refused_before_anything_else(void **state)
{
    bytes png;
    png_spec spec = grey_spec;
    (void)state;
    spec.w = spec.h = 60000;
    png_begin(&png, &spec);
    nf_decoded out = decode(png.at, png.n);
    assert_failed(out, NF_FAILURE_TOO_MANY_PIXELS);
    assert_int_equal(out.w_px, 60000);
    spec.w = 0;
    png_begin(&png, &spec);
    assert_failed(decode(png.at, png.n), NF_FAILURE_DAMAGED);
    spec.w = spec.h = 1000; /* within the limit, but a megabyte cannot come out of a few bytes */
    png_make(&png, &spec);
    assert_failed(decode(png.at, png.n), NF_FAILURE_CUT_SHORT);
}

/* --- JPEG --- */

static void jpeg_of_every_colour_space_counts_every_pixel(void **state)
{
    static const jpeg_spec specs[] = {
        {JCS_GRAYSCALE, JCS_GRAYSCALE, 1, false}, {JCS_RGB, JCS_YCbCr, 3, false}, {JCS_RGB, JCS_RGB, 3, false},
        {JCS_CMYK, JCS_CMYK, 4, false},           {JCS_CMYK, JCS_YCCK, 4, false}, {JCS_RGB, JCS_YCbCr, 3, true}};
    (void)state;
    for (size_t i = 0; i < sizeof specs / sizeof *specs; i++) {
        jpeg_file file = jpeg_make(&specs[i]);
        nf_decoded out = decode(file.at, file.n);
        assert_int_equal(out.verdict, NF_IMAGE_OK);
        assert_int_equal(out.w_px, 40);
        assert_int_equal(out.h_px, 24);
        assert_int_equal(pixels(&out), 40 * 24);
        free(file.at);
    }
}

static void jpeg_luma_plane_differs_from_bt601_only_where_there_is_one(void **state)
{
    const nf_decode_options luma_options = {NF_GREY_LUMA, 1000000, 0};
    jpeg_file ycc = jpeg_make(&rgb_spec), rgb = jpeg_make(&(jpeg_spec){JCS_RGB, JCS_RGB, 3, false});
    nf_decoded luma, bt601 = decode(ycc.at, ycc.n);
    (void)state;
    nf_decode(ycc.at, ycc.n, &luma_options, &luma);
    assert_int_equal(pixels(&luma), 40 * 24);
    assert_true(memcmp(luma.counts, bt601.counts, sizeof luma.counts) != 0);
    bt601 = decode(rgb.at, rgb.n);
    nf_decode(rgb.at, rgb.n, &luma_options, &luma);
    assert_memory_equal(luma.counts, bt601.counts, sizeof luma.counts);
    free(ycc.at);
    free(rgb.at);
}

static void jpeg_without_its_end_marker_is_warned_and_counts_the_same(void **state)
{
    jpeg_file file = jpeg_make(&rgb_spec);
    nf_decoded whole = decode(file.at, file.n), cut = decode(file.at, file.n - 2);
    (void)state;
    assert_int_equal(cut.verdict, NF_IMAGE_WARNED);
    assert_memory_equal(whole.counts, cut.counts, sizeof whole.counts);
    free(file.at);
}

static void jpeg_cut_anywhere_else_is_cut_short(void **state)
{
    jpeg_file file = jpeg_make(&rgb_spec);
    (void)state;
    for (size_t n = 3; n < file.n - 8; n++)
        assert_failed(decode(file.at, n), NF_FAILURE_CUT_SHORT);
    free(file.at);
}

static void jpeg_progressive_without_its_end_marker_is_cut_short(void **state)
{
    jpeg_file file = jpeg_make(&(jpeg_spec){JCS_RGB, JCS_YCbCr, 3, true});
    (void)state;
    assert_failed(decode(file.at, file.n - 2), NF_FAILURE_CUT_SHORT);
    free(file.at);
}

/* Offsets in a frame header after its marker: 2 length, 1 precision, 2 height, 2 width. */
static unsigned char *frame_of(jpeg_file *file)
{
    for (size_t i = 0; i + 10 < file->n; i++)
        if (file->at[i] == 0xff && file->at[i + 1] == 0xc0)
            return file->at + i + 2;
    fail();
    return NULL;
}

static void jpeg_of_a_kind_or_size_we_do_not_read_says_so(void **state)
{
    jpeg_file file = jpeg_make(&rgb_spec);
    unsigned char *frame = frame_of(&file);
    (void)state;
    frame[2] = 12;
    assert_failed(decode(file.at, file.n), NF_FAILURE_UNSUPPORTED_KIND);
    frame[2] = 8;
    frame[-1] = 0xc3; /* lossless */
    assert_failed(decode(file.at, file.n), NF_FAILURE_UNSUPPORTED_KIND);
    frame[-1] = 0xc0;
    frame[3] = frame[5] = 0x7f;
    assert_failed(decode(file.at, file.n), NF_FAILURE_TOO_MANY_PIXELS);
    frame[3] = frame[4] = 0;
    assert_failed(decode(file.at, file.n), NF_FAILURE_DAMAGED);
    free(file.at);
}

static void jpeg_with_absurdly_many_scans_is_refused(void **state)
{
    jpeg_file file = jpeg_make(&(jpeg_spec){JCS_RGB, JCS_YCbCr, 3, true});
    size_t last = file.n - 2;
    (void)state;
    while (file.at[last] != 0xff || file.at[last + 1] != 0xda)
        last--;
    size_t n_scan = file.n - 2 - last, n = file.n + 600 * n_scan;
    uint8_t *bomb = malloc(n);
    assert_non_null(bomb);
    memcpy(bomb, file.at, file.n - 2);
    for (size_t i = 0; i < 600; i++)
        memcpy(bomb + file.n - 2 + i * n_scan, file.at + last, n_scan);
    memcpy(bomb + n - 2, "\xff\xd9", 2);
    assert_failed(decode(bomb, n), NF_FAILURE_DAMAGED);
    free(bomb);
    free(file.at);
}

/* A grey one of side x side pixels whose scans say nothing, in some hundred bytes each. */
static nf_decoded decode_of_scans(uint16_t side, size_t n_scans)
{
    static const nf_decode_options large = {NF_GREY_BT601, 100000000, 0};
    const uint8_t high = (uint8_t)(side >> 8), low = (uint8_t)side;
    size_t n_blocks = (size_t)(side / 8) * (side / 8), n_runs = n_blocks / (1 << 14) + 1;
    bytes head = {.n = 0}, scan = {.n = 0};
    put(&head, "\xff\xd8\xff\xdb\0\x43\0", 7);
    for (int i = 0; i < 64; i++)
        put(&head, "\1", 1);
    put(&head, (uint8_t[]){0xff, 0xc2, 0, 11, 8, high, low, high, low, 1, 1, 0x11, 0}, 13);
    put(&head, "\xff\xc4\0\x14\0\1\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 22);       /* the bit 0: no difference */
    put(&head, "\xff\xc4\0\x14\x10\1\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\xe0", 22); /* and 14 bits: so many blocks of nothing */
    put(&head, "\xff\xda\0\x08\1\1\0\0\0\0", 10);
    put(&scan, "\xff\xda\0\x08\1\1\0\1\x3f\0", 10);
    for (size_t i = 0; i < n_runs * 15 / 8 + 1; i++)
        put(&scan, "\0", 1);
    size_t n_first = n_blocks / 8 + 1, n = head.n + n_first + n_scans * scan.n + 2;
    uint8_t *jpeg = calloc(n, 1);
    assert_non_null(jpeg);
    memcpy(jpeg, head.at, head.n);
    for (size_t i = 0; i < n_scans; i++)
        memcpy(jpeg + head.n + n_first + i * scan.n, scan.at, scan.n);
    memcpy(jpeg + n - 2, "\xff\xd9", 2);
    nf_decoded out;
    nf_decode(jpeg, n, &large, &out);
    free(jpeg);
    return out;
}

static void jpeg_with_many_scans_of_many_pixels_is_refused(void **state)
{
    (void)state;
    assert_int_not_equal(decode_of_scans(64, 200).verdict, NF_IMAGE_FAILED);
    assert_int_not_equal(decode_of_scans(8000, 60).verdict, NF_IMAGE_FAILED);
    assert_failed(decode_of_scans(8000, 200), NF_FAILURE_DAMAGED);
}

static void an_image_that_must_decode_alone_gives_its_turn_back(void **state)
{
    const nf_decode_options alone = {NF_GREY_BT601, 1000000, 1};
    jpeg_file file = jpeg_make(&rgb_spec);
    nf_decoded out;
    (void)state;
    for (int i = 0; i < 3; i++) {
        nf_decode(file.at, file.n / 2, &alone, &out);
        assert_failed(out, NF_FAILURE_CUT_SHORT);
        nf_decode(file.at, file.n, &alone, &out);
        assert_int_equal(out.verdict, NF_IMAGE_OK);
    }
    free(file.at);
}

/* --- neither --- */

static void other_bytes_are_named_for_what_they_are(void **state)
{
    (void)state;
    assert_failed(decode("", 0), NF_FAILURE_EMPTY);
    assert_failed(decode("GIF89a..", 8), NF_FAILURE_UNSUPPORTED_KIND);
    assert_failed(decode("hello", 5), NF_FAILURE_NOT_AN_IMAGE);
    assert_failed(decode("\xff\xd8\xff", 3), NF_FAILURE_CUT_SHORT);
    assert_failed(decode("\x89PNG\n\x1a\n", 7), NF_FAILURE_DAMAGED);
}

static void versions_name_their_library(void **state)
{
    (void)state;
    assert_int_equal(strncmp(nf_decode_jpeg_version(), "libjpeg-turbo ", 14), 0);
    assert_int_equal(strncmp(nf_decode_png_version(), "libpng 1.", 9), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(png_grey_of_every_depth_spans_all_levels),
        cmocka_unit_test(png_colour_becomes_luma_and_alpha_is_ignored),
        cmocka_unit_test(png_palette_gives_the_luma_of_its_colours),
        cmocka_unit_test(png_palette_index_beyond_the_palette_is_its_own_grey_and_warned),
        cmocka_unit_test(png_interlaced_counts_every_pixel_once),
        cmocka_unit_test(png_cut_anywhere_is_cut_short),
        cmocka_unit_test(png_with_any_damaged_byte_of_a_critical_chunk_is_refused),
        cmocka_unit_test(png_with_a_wrong_check_sum_of_its_pixels_is_refused),
        cmocka_unit_test(png_with_missing_rows_is_refused),
        cmocka_unit_test(png_with_a_damaged_ancillary_chunk_is_warned),
        cmocka_unit_test(png_header_over_the_limit_is_refused_before_anything_else),
        cmocka_unit_test(jpeg_of_every_colour_space_counts_every_pixel),
        cmocka_unit_test(jpeg_luma_plane_differs_from_bt601_only_where_there_is_one),
        cmocka_unit_test(jpeg_without_its_end_marker_is_warned_and_counts_the_same),
        cmocka_unit_test(jpeg_cut_anywhere_else_is_cut_short),
        cmocka_unit_test(jpeg_progressive_without_its_end_marker_is_cut_short),
        cmocka_unit_test(jpeg_of_a_kind_or_size_we_do_not_read_says_so),
        cmocka_unit_test(jpeg_with_absurdly_many_scans_is_refused),
        cmocka_unit_test(jpeg_with_many_scans_of_many_pixels_is_refused),
        cmocka_unit_test(an_image_that_must_decode_alone_gives_its_turn_back),
        cmocka_unit_test(other_bytes_are_named_for_what_they_are),
        cmocka_unit_test(versions_name_their_library),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
