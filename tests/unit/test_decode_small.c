/* Small pictures: boxes of pixels become their mean, sides keep their ratio. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "decode/decode_small.h"

static void a_picture_that_is_small_stays_as_it_is(void **state)
{
    (void)state;
    const uint8_t grey[] = {1, 2, 3, 40, 50, 60};
    nf_small small;
    assert_true(nf_small_of_pixels(grey, NULL, NULL, 3, 2, 96, &small));
    assert_int_equal(small.w_px, 3);
    assert_int_equal(small.h_px, 2);
    assert_memory_equal(small.grey, grey, sizeof grey);
    nf_small_free(&small);
    assert_null(small.grey);
}

static void colours_become_their_luma(void **state)
{
    (void)state;
    const uint8_t r[] = {255, 0, 0, 255}, g[] = {0, 255, 0, 255}, b[] = {0, 0, 255, 255};
    const uint8_t expected[] = {76, 150, 29, 255};
    nf_small small;
    assert_true(nf_small_of_pixels(r, g, b, 2, 2, 96, &small));
    assert_memory_equal(small.grey, expected, sizeof expected);
    nf_small_free(&small);
}

static void boxes_become_their_mean(void **state)
{
    (void)state;
    enum { W = 8, H = 4 };
    uint8_t grey[W * H];
    for (size_t i = 0; i < W * H; i++)
        grey[i] = (uint8_t)(i % W < W / 2 ? 10 + i % 2 : 200); /* 10, 11, 10, 11 -> 10.5 -> 11 */
    nf_small small;
    assert_true(nf_small_of_pixels(grey, NULL, NULL, W, H, 4, &small));
    assert_int_equal(small.w_px, 4);
    assert_int_equal(small.h_px, 2);
    const uint8_t expected[] = {11, 11, 200, 200, 11, 11, 200, 200};
    assert_memory_equal(small.grey, expected, sizeof expected);
    nf_small_free(&small);
}

static void a_strip_keeps_a_row(void **state)
{
    (void)state;
    enum { W = 5000 };
    uint8_t *grey = calloc(W, 1);
    nf_small small;
    assert_non_null(grey);
    assert_true(nf_small_of_pixels(grey, NULL, NULL, W, 1, 96, &small));
    assert_int_equal(small.w_px, 96);
    assert_int_equal(small.h_px, 1);
    nf_small_free(&small);
    assert_true(nf_small_of_pixels(grey, NULL, NULL, 1, W, 96, &small));
    assert_int_equal(small.w_px, 1);
    assert_int_equal(small.h_px, 96);
    nf_small_free(&small);
    free(grey);
}

static void what_cannot_be_decoded_has_no_picture(void **state)
{
    (void)state;
    const nf_decode_options options = {.max_pixels = 1000};
    nf_decoded decoded;
    nf_small small;
    nf_decode_small((const uint8_t *)"\xff\xd8\xff\xe0 no more", 12, &options, 96, &decoded, &small);
    assert_int_equal(decoded.verdict, NF_IMAGE_FAILED);
    assert_null(small.grey);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_picture_that_is_small_stays_as_it_is),
        cmocka_unit_test(colours_become_their_luma),
        cmocka_unit_test(boxes_become_their_mean),
        cmocka_unit_test(a_strip_keeps_a_row),
        cmocka_unit_test(what_cannot_be_decoded_has_no_picture),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
