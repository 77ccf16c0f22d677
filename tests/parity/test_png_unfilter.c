/* The vectors that undo PNG filters give what plain C gives, byte for byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "decode/decode_png_internal.h"

enum { ROW_MAX = 240, GUARD = 0x5a };

static uint32_t state_of_noise = 1;

static uint8_t noise(void)
{
    state_of_noise = state_of_noise * 1664525u + 1013904223u;
    return (uint8_t)(state_of_noise >> 24);
}

/* One row by both, each into a room of its own; bytes behind the spare ones must stay. */
static void assert_same(const nf_png_unfilter *fast, int filter, size_t n, size_t bpp)
{
    uint8_t filtered[ROW_MAX + NF_PNG_SPARE], up[ROW_MAX + NF_PNG_SPARE], plain[ROW_MAX + NF_PNG_SPARE];
    uint8_t row[ROW_MAX + NF_PNG_SPARE + 1];
    for (size_t i = 0; i < sizeof filtered; i++) {
        filtered[i] = noise();
        up[i] = noise();
    }
    memset(row, GUARD, sizeof row);
    nf_png_unfilter_nth(0)->filters[filter](filtered, up, plain, n, bpp);
    fast->filters[filter](filtered, up, row, n, bpp);
    assert_memory_equal(row, plain, n);
    assert_int_equal(row[n + NF_PNG_SPARE], GUARD);
}

static void every_filter_gives_the_same_bytes_at_every_distance_and_length(void **state)
{
    const size_t distances[] = {1, 2, 3, 4, 6, 8};
    (void)state;
    for (size_t i = 1; nf_png_unfilter_nth(i) != NULL; i++)
        for (int filter = 0; filter < NF_PNG_FILTERS; filter++)
            for (size_t d = 0; d < sizeof distances / sizeof *distances; d++)
                for (size_t n = distances[d]; n <= ROW_MAX; n += distances[d])
                    assert_same(nf_png_unfilter_nth(i), filter, n, distances[d]);
}

/* Two pixels of 8 bytes: the first makes a of what is above it, the second is then Paeth's prediction from a, b, c. */
static void assert_predictions(const nf_png_unfilter *fast, int b, int c)
{
    uint8_t filtered[16 + NF_PNG_SPARE] = {0}, up[16 + NF_PNG_SPARE] = {0}, row[16 + NF_PNG_SPARE], plain[16];
    memset(up, c, 8);
    memset(up + 8, b, 8);
    for (int a = 0; a < 256; a += 8) {
        for (int i = 0; i < 8; i++)
            filtered[i] = (uint8_t)(a + i - c);
        nf_png_unfilter_nth(0)->filters[4](filtered, up, plain, 16, 8);
        fast->filters[4](filtered, up, row, 16, 8);
        if (memcmp(row, plain, 16) != 0)
            fail_msg("left %d and on, above %d, above left %d", a, b, c);
    }
}

static void paeth_predicts_the_same_from_every_three_bytes(void **state)
{
    (void)state;
    for (size_t i = 1; nf_png_unfilter_nth(i) != NULL; i++)
        for (int b = 0; b < 256; b++)
            for (int c = 0; c < 256; c++)
                assert_predictions(nf_png_unfilter_nth(i), b, c);
}

/* Hand-made: 3 above left, 10 left, 8 above: the prediction is 10 + 8 - 3 = 15, nearest to 10. */
static void plain_c_is_what_the_standard_says(void **state)
{
    const uint8_t filtered[] = {7, 1}, up[] = {3, 8};
    const uint8_t expected[NF_PNG_FILTERS][2] = {{7, 1}, {7, 8}, {10, 9}, {8, 9}, {10, 11}};
    uint8_t row[2];
    (void)state;
    for (int filter = 0; filter < NF_PNG_FILTERS; filter++) {
        nf_png_unfilter_nth(0)->filters[filter](filtered, up, row, 2, 1);
        assert_memory_equal(row, expected[filter], 2);
    }
}

static void an_unknown_filter_type_is_told(void **state)
{
    uint8_t filtered[4 + NF_PNG_SPARE] = {0, 1, 5, 1}, rows[3 + NF_PNG_SPARE] = {0};
    (void)state;
    assert_true(nf_png_unfilter_rows(filtered, rows + 1, 1, 1, 1));
    assert_false(nf_png_unfilter_rows(filtered, rows + 1, 2, 1, 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_c_is_what_the_standard_says),
        cmocka_unit_test(every_filter_gives_the_same_bytes_at_every_distance_and_length),
        cmocka_unit_test(paeth_predicts_the_same_from_every_three_bytes),
        cmocka_unit_test(an_unknown_filter_type_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
