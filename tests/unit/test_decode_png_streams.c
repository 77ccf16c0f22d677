/* PNGs whose compressed stream or bytes are odd or damaged end as in libpng. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/png_ways.h"

static const png_spec small = {.w = 5, .h = 4, .depth = 8, .colour = 2, .filter = -1, .level = 6};

static void make_with_stream(nf_buf *png, const png_spec *spec, const uint8_t *packed, size_t n)
{
    put_start(png, spec);
    put_chunk(png, "IDAT", packed, n);
    put_chunk(png, "IEND", "", 0);
}

/* A picture of 5 x 4 with these bytes for its stream. */
static bool taken_with_stream(const uint8_t *packed, size_t n, const char *what)
{
    nf_buf png = {0};
    make_with_stream(&png, &small, packed, n);
    bool taken = same_both_ways(png.data, png.len, what);
    nf_buf_free(&png);
    return taken;
}

static bool taken_with_rows(uint32_t h, int filter, const char *what)
{
    nf_buf raw = {0}, packed = {0};
    png_spec spec = small;
    spec.h = h;
    spec.filter = filter;
    make_raw(&raw, &spec);
    deflate_to(&packed, &spec, &raw);
    bool taken = taken_with_stream(packed.data, packed.len, what);
    nf_buf_free(&raw);
    nf_buf_free(&packed);
    return taken;
}

static void streams_that_do_not_end_with_the_last_row_are_left_to_libpng(void **state)
{
    nf_buf raw = {0}, packed = {0};
    (void)state;
    assert_true(taken_with_rows(small.h, -1, "whole"));
    assert_false(taken_with_rows(small.h - 1, -1, "a row too few"));
    assert_false(taken_with_rows(small.h + 1, -1, "a row too many"));
    assert_false(taken_with_rows(small.h, 5, "an unknown filter"));
    make_raw(&raw, &small);
    put(&raw, "", 1);
    deflate_to(&packed, &small, &raw);
    assert_false(taken_with_stream(packed.data, packed.len, "a byte too many"));
    nf_buf_free(&raw);
    nf_buf_free(&packed);
}

/* The chunks' check sums are right: only the stream tells. */
static void every_changed_byte_of_a_stream_ends_as_in_libpng(void **state)
{
    nf_buf raw = {0}, packed = {0};
    const uint8_t changes[] = {0x01, 0x02, 0x04, 0x08, 0x10, 0x20, 0x40, 0x80, 0xff, 0x55};
    char what[96];
    (void)state;
    for (int strategy = Z_DEFAULT_STRATEGY; strategy <= Z_FIXED; strategy += 2) {
        png_spec spec = small;
        spec.strategy = strategy;
        spec.mask = 0x0f;
        make_raw(&raw, &spec);
        deflate_to(&packed, &spec, &raw);
        for (size_t i = 0; i < packed.len; i++)
            for (size_t c = 0; c < sizeof changes; c++) {
                packed.data[i] ^= changes[c];
                snprintf(what, sizeof what, "byte %zu of %zu changed by %d", i, packed.len, changes[c]);
                taken_with_stream(packed.data, packed.len, what);
                packed.data[i] ^= changes[c];
            }
        for (size_t n = 1; n <= packed.len; n++)
            assert_int_equal(taken_with_stream(packed.data, n, "cut"), n == packed.len);
        put(&packed, "abcd", 4);
        for (size_t n = packed.len - 3; n <= packed.len; n++)
            assert_false(taken_with_stream(packed.data, n, "bytes to spare"));
        raw.len = packed.len = 0;
    }
    nf_buf_free(&raw);
    nf_buf_free(&packed);
}

/* Several blocks, and rows over several pieces. */
static void changed_bytes_of_a_long_stream_end_as_in_libpng(void **state)
{
    png_spec spec = {.w = 400, .h = 150, .depth = 8, .colour = 2, .filter = -1, .mask = 0x1b, .level = 6, .idat_bytes = 8192};
    nf_buf raw = {0}, packed = {0};
    (void)state;
    make_raw(&raw, &spec);
    deflate_to(&packed, &spec, &raw);
    for (int i = 0; i < 300; i++) {
        nf_buf png = {0};
        size_t place = ((size_t)noise() << 16 | (size_t)noise() << 8 | noise()) % packed.len;
        const uint8_t change = (uint8_t)(1 << (noise() & 7));
        packed.data[place] ^= change;
        put_start(&png, &spec);
        put_idats(&png, &packed, spec.idat_bytes);
        put_chunk(&png, "IEND", "", 0);
        same_both_ways(png.data, png.len, "a long stream");
        packed.data[place] ^= change;
        nf_buf_free(&png);
    }
    nf_buf_free(&raw);
    nf_buf_free(&packed);
}

/* All pairs of header bytes: method, window, dictionary, level, check. */
static void every_stream_header_ends_as_in_libpng(void **state)
{
    nf_buf raw = {0}, packed = {0};
    size_t n_taken = 0;
    (void)state;
    make_raw(&raw, &small);
    deflate_to(&packed, &small, &raw);
    for (unsigned header = 0; header < 65536; header += 31) {
        packed.data[0] = (uint8_t)(header >> 8);
        packed.data[1] = (uint8_t)(header & 255);
        n_taken += taken_with_stream(packed.data, packed.len, "header");
    }
    assert_int_equal(n_taken, 8 * 4); /* windows of 256 bytes to 32 KiB, levels */
    nf_buf_free(&raw);
    nf_buf_free(&packed);
}

/* The lowest bit first, as in a stream; a code is written from its highest bit. */
static void put_bits(uint8_t *to, size_t *at, unsigned bits, int n)
{
    for (int i = 0; i < n; i++, ++*at)
        to[*at / 8] = (uint8_t)(to[*at / 8] | (bits >> i & 1) << *at % 8);
}

static void put_code(uint8_t *to, size_t *at, unsigned code, int n)
{
    for (int i = n - 1; i >= 0; i--)
        put_bits(to, at, code >> i & 1, 1);
}

/* One pixel of 7, grey: the bytes 0 7 and the end, each with a code of 2 bits, of which the fourth belongs to nothing. */
static size_t make_unused_code(uint8_t stream[64])
{
    enum { ONE, TWO, SOME_ZEROS, MANY_ZEROS };                                /* codes of the code lengths 1, 2, 17, 18 */
    static const uint8_t of_lengths[18] = {0, 2, 2, [15] = 2, [17] = 2}; /* in their order: 16, 17, 18, 0, 8 ... 2, 14, 1 */
    size_t at = 16;
    stream[0] = 0x78;
    stream[1] = 0x01;
    put_bits(stream, &at, 1 | 2 << 1, 3); /* the last block, with codes of its own */
    put_bits(stream, &at, 0, 5 + 5);      /* 257 for bytes and lengths, 1 for distances */
    put_bits(stream, &at, sizeof of_lengths - 4, 4);
    for (size_t i = 0; i < sizeof of_lengths; i++)
        put_bits(stream, &at, of_lengths[i], 3);
    put_code(stream, &at, TWO, 2); /* 0 */
    put_code(stream, &at, SOME_ZEROS, 2);
    put_bits(stream, &at, 6 - 3, 3); /* 1 .. 6 */
    put_code(stream, &at, TWO, 2);   /* 7 */
    put_code(stream, &at, MANY_ZEROS, 2);
    put_bits(stream, &at, 138 - 11, 7);
    put_code(stream, &at, MANY_ZEROS, 2);
    put_bits(stream, &at, 110 - 11, 7); /* up to 255 */
    put_code(stream, &at, TWO, 2);      /* the end */
    put_code(stream, &at, ONE, 2);      /* a distance */
    for (unsigned code = 0; code < 3; code++)
        put_code(stream, &at, code, 2);
    const uint8_t sum[4] = {0, 1 + 8, 0, 1 + 7}; /* Adler-32 */
    memcpy(stream + (at + 7) / 8, sum, sizeof sum);
    return (at + 7) / 8 + sizeof sum;
}

static void codes_with_unused_patterns_are_read_where_libpng_refuses(void **state)
{
    const png_spec pixel = {.w = 1, .h = 1, .depth = 8};
    uint8_t stream[64] = {0};
    nf_buf png = {0};
    nf_decoded out;
    (void)state;
    make_with_stream(&png, &pixel, stream, make_unused_code(stream));
    decode_slowly(png.data, png.len, NULL, &out);
    assert_int_equal(out.verdict, NF_IMAGE_FAILED);
    assert_true(is_about_unused_codes(&out));
    assert_true(decode_fast(png.data, png.len, &out));
    assert_int_equal(out.verdict, NF_IMAGE_OK);
    assert_int_equal(out.counts[7], 1);
    nf_buf_free(&png);
}

/* --- damage --- */

static void every_damaged_byte_and_every_cut_ends_as_in_libpng(void **state)
{
    char what[96];
    (void)state;
    for (size_t k = 0; k < N_KINDS; k++) {
        nf_buf png = {0};
        png_spec spec = kinds[k];
        spec.w = spec.h = 6;
        spec.filter = -1;
        spec.level = 6;
        spec.idat_bytes = 40;
        make_png(&png, &spec);
        for (size_t i = 8; i < png.len; i++) {
            uint8_t change = (uint8_t)(noise() | 1);
            snprintf(what, sizeof what, "kind %zu, byte %zu of %zu changed by %d", k, i, png.len, change);
            png.data[i] ^= change;
            assert_false(same_both_ways(png.data, png.len, what));
            png.data[i] ^= change;
        }
        for (size_t n = 8; n < png.len; n++)
            assert_false(same_both_ways(png.data, n, "cut"));
        nf_buf_free(&png);
    }
}

/* A fault behind 100 kB of pixels that the sink has seen already. */
static void a_sink_begins_again_when_libpng_takes_over(void **state)
{
    nf_buf raw = {0}, packed = {0}, png = {0};
    png_spec spec = {.w = 300, .h = 400, .depth = 8, .filter = -1, .level = 1};
    (void)state;
    make_raw(&raw, &spec);
    deflate_to(&packed, &spec, &raw);
    put(&packed, "extra", 5); /* which libpng warns of only */
    put_start(&png, &spec);
    put_idats(&png, &packed, 10000);
    put_chunk(&png, "IEND", "", 0);
    assert_false(same_both_ways(png.data, png.len, "extra compressed data"));
    nf_buf_free(&raw);
    nf_buf_free(&packed);
    nf_buf_free(&png);
}

static void an_image_that_must_decode_alone_gives_its_turn_back(void **state)
{
    const nf_decode_options narrow = {NF_GREY_BT601, 1000000, 1};
    png_spec spec = small;
    nf_buf png = {0};
    (void)state;
    make_png(&png, &spec);
    for (int i = 0; i < 3; i++) {
        nf_decoded out = {0};
        nf_decode_png(png.data, png.len, &narrow, NULL, &out);
        assert_int_equal(out.verdict, i == 0 ? NF_IMAGE_OK : NF_IMAGE_FAILED);
        if (i == 0)
            png.data[png.len - 13] ^= 1; /* an IDAT chunk's check sum: both ways look at it */
    }
    nf_buf_free(&png);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(streams_that_do_not_end_with_the_last_row_are_left_to_libpng),
        cmocka_unit_test(every_changed_byte_of_a_stream_ends_as_in_libpng),
        cmocka_unit_test(changed_bytes_of_a_long_stream_end_as_in_libpng),
        cmocka_unit_test(codes_with_unused_patterns_are_read_where_libpng_refuses),
        cmocka_unit_test(every_stream_header_ends_as_in_libpng),
        cmocka_unit_test(every_damaged_byte_and_every_cut_ends_as_in_libpng),
        cmocka_unit_test(a_sink_begins_again_when_libpng_takes_over),
        cmocka_unit_test(an_image_that_must_decode_alone_gives_its_turn_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
