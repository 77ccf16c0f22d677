/* Every counting backend of this processor gives the counts of plain C, bit for bit. With the argument "bench" it also
 * prints how fast each one is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "metrics/backend.h"

enum { LENGTH_MAX = 300, ALIGNMENTS = 33, BIG_PX = 70001 };

typedef enum layout { GREY, RGB, RGBX, PLANAR, LAYOUTS } layout;

static const char *const layout_names[LAYOUTS] = {"grey", "rgb", "rgbx", "planar"};

static void count(const nf_backend *backend, layout how, const uint8_t *data, size_t n_px, uint32_t *counts)
{
    switch (how) {
    case GREY:
        backend->count_grey(data, n_px, counts);
        break;
    case RGB:
        backend->count_rgb(data, n_px, counts);
        break;
    case RGBX:
        backend->count_rgbx(data, n_px, counts);
        break;
    default:
        backend->count_planar(data, data + n_px, data + 2 * n_px, n_px, counts);
        break;
    }
}

static size_t bytes_per_px(layout how)
{
    return how == GREY ? 1 : how == RGBX ? 4 : 3;
}

static uint64_t next_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

static void fill_random(uint8_t *data, size_t n, uint64_t seed)
{
    uint64_t state = seed * 2654435761u + 88172645463325252u;
    for (size_t i = 0; i < n; i++)
        data[i] = (uint8_t)(next_random(&state) >> 32);
}

/* An allocation of exactly the bytes that may be read, so that an over-read shows under a sanitizer. */
static void assert_equal_to_plain(const nf_backend *backend, layout how, size_t n_px, size_t alignment)
{
    uint32_t expected[NF_GREY_LEVELS], got[NF_GREY_LEVELS];
    size_t n = n_px * bytes_per_px(how);
    uint8_t *block = malloc(n + alignment + 1);
    assert_non_null(block);
    uint8_t *data = block + 1 + alignment;
    fill_random(data, n, n_px + alignment);
    for (size_t i = 0; i < NF_GREY_LEVELS; i++)
        expected[i] = got[i] = (uint32_t)(i * 16777619u);
    count(&nf_backend_plain, how, data, n_px, expected);
    count(backend, how, data, n_px, got);
    assert_memory_equal(expected, got, sizeof got);
    free(block);
}

static void every_length_and_alignment_counts_like_plain(void **state)
{
    (void)state;
    for (size_t b = 0; nf_backend_cpu_nth(b) != NULL; b++)
        for (layout how = GREY; how < LAYOUTS; how++)
            for (size_t n_px = 0; n_px <= LENGTH_MAX; n_px++)
                for (size_t alignment = 0; alignment < ALIGNMENTS; alignment += n_px % 7 == 0 ? 1 : 11)
                    assert_equal_to_plain(nf_backend_cpu_nth(b), how, n_px, alignment);
}

static void lengths_around_block_sizes_count_like_plain(void **state)
{
    static const size_t lengths[] = {255,  256,  257,  511,  512,  513,  1023, 1024,  1025,
                                     2047, 2048, 2049, 2080, 4095, 4096, 4097, BIG_PX};
    (void)state;
    for (size_t b = 0; nf_backend_cpu_nth(b) != NULL; b++)
        for (layout how = GREY; how < LAYOUTS; how++)
            for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++)
                assert_equal_to_plain(nf_backend_cpu_nth(b), how, lengths[i], i);
}

/* All 2^24 colours once: 256 planes of R, each all G and B. */
static void every_colour_has_the_grey_of_plain(void **state)
{
    (void)state;
    enum { PLANE = 65536 };
    uint8_t *rgbx = malloc(4 * (size_t)PLANE);
    assert_non_null(rgbx);
    for (size_t b = 1; nf_backend_cpu_nth(b) != NULL; b++)
        for (unsigned r = 0; r < 256; r++) {
            uint32_t expected[NF_GREY_LEVELS] = {0}, got[NF_GREY_LEVELS] = {0};
            for (uint32_t i = 0; i < PLANE; i++) {
                const uint8_t px[4] = {(uint8_t)r, (uint8_t)(i >> 8), (uint8_t)i, 255};
                memcpy(rgbx + 4 * i, px, 4);
            }
            nf_backend_plain.count_rgbx(rgbx, PLANE, expected);
            nf_backend_cpu_nth(b)->count_rgbx(rgbx, PLANE, got);
            assert_memory_equal(expected, got, sizeof got);
        }
    free(rgbx);
}

static void the_default_backend_is_one_of_the_list_and_stays(void **state)
{
    bool listed = false;
    (void)state;
    for (size_t b = 0; nf_backend_cpu_nth(b) != NULL; b++)
        listed = listed || nf_backend_cpu_nth(b) == nf_backend_cpu();
    assert_true(listed);
    assert_ptr_equal(nf_backend_cpu(), nf_backend_cpu());
    assert_ptr_equal(nf_backend_cpu_nth(0), &nf_backend_plain);
}

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static void bench(const nf_backend *backend, layout how, size_t n_px, const uint8_t *data, const char *what)
{
    size_t rounds = 20000000 / n_px;
    uint32_t sum = 0;
    double start = seconds();
    for (size_t i = 0; i < rounds; i++) {
        uint32_t counts[NF_GREY_LEVELS] = {0};
        count(backend, how, data, n_px, counts);
        sum += counts[128];
    }
    double ns = 1e9 * (seconds() - start) / (double)rounds;
    printf("%-6s %-7s %-6s %7zu px: %10.0f ns an image, %.3f ns a pixel (%u)\n", backend->name, layout_names[how], what, n_px, ns,
           ns / (double)n_px, sum % 2);
}

static void bench_all(void)
{
    static const size_t lengths[] = {256, 512, 784, 1024, 65536};
    uint8_t *data = malloc(4 * 65536);
    if (data == NULL)
        return;
    for (int flat = 0; flat < 2; flat++) {
        fill_random(data, 4 * 65536, 1);
        if (flat)
            memset(data, 77, 4 * 65536);
        for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++)
            for (layout how = GREY; how < LAYOUTS; how++)
                for (size_t b = 0; nf_backend_cpu_nth(b) != NULL; b++)
                    bench(nf_backend_cpu_nth(b), how, lengths[i], data, flat ? "flat" : "random");
    }
    free(data);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_length_and_alignment_counts_like_plain),
        cmocka_unit_test(lengths_around_block_sizes_count_like_plain),
        cmocka_unit_test(every_colour_has_the_grey_of_plain),
        cmocka_unit_test(the_default_backend_is_one_of_the_list_and_stays),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    if (argc > 1 && strcmp(argv[1], "bench") == 0)
        bench_all();
    return failed != 0;
}
