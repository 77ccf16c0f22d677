/* Counting a small image with counters of a byte, held against plain C: all lengths, and images whose counters fill up. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "sample/random.h"

#if defined(__x86_64__)

#include "metrics/tally_bytes.h"

static void assert_equal_to_plain(const uint8_t *grey, size_t n_px)
{
    uint32_t expected[NF_GREY_LEVELS], got[NF_GREY_LEVELS];
    for (uint32_t i = 0; i < NF_GREY_LEVELS; i++)
        expected[i] = got[i] = i * 1000; /* it adds */
    nf_backend_plain.count_grey(grey, n_px, expected);
    nf_tally_bytes(grey, n_px, got);
    assert_memory_equal(expected, got, sizeof got);
}

static void every_length_counts_like_plain(void **state)
{
    uint8_t grey[NF_TALLY_BYTES_PX_MAX];
    nf_random random = nf_random_seeded(1);
    (void)state;
    for (size_t i = 0; i < sizeof grey; i++)
        grey[i] = (uint8_t)nf_random_next(&random);
    for (size_t n_px = 0; n_px <= sizeof grey; n_px++)
        assert_equal_to_plain(grey + (sizeof grey - n_px), n_px);
}

static void flat_images_fill_their_counters_and_no_others(void **state)
{
    static const uint8_t levels[] = {0, 1, 2, 3, 127, 128, 254, 255};
    uint8_t grey[NF_TALLY_BYTES_PX_MAX];
    (void)state;
    for (size_t l = 0; l < sizeof levels; l++) {
        memset(grey, levels[l], sizeof grey);
        for (size_t n_px = sizeof grey - 20; n_px <= sizeof grey; n_px++)
            assert_equal_to_plain(grey, n_px);
        grey[3] = (uint8_t)(levels[l] + 1);
        assert_equal_to_plain(grey, sizeof grey);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_length_counts_like_plain),
        cmocka_unit_test(flat_images_fill_their_counters_and_no_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#else

int main(void)
{
    puts("SKIP tally: not an x86-64");
    return 77;
}

#endif
