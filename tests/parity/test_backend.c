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

/* --- grey of Y, Cb, Cr --- */

/* libjpeg's tables and range limit, as published, then Pillow's grey: written apart from metrics/ycc.h. */
static uint8_t grey_by_tables(int y, int cb, int cr)
{
    const double factors[4] = {1.40200, 1.77200, 0.71414, 0.34414};
    int fixed[4], rgb[3];
    for (int i = 0; i < 4; i++)
        fixed[i] = (int)(factors[i] * 65536 + 0.5);
    rgb[0] = y + ((fixed[0] * (cr - 128) + 32768) >> 16);
    rgb[1] = y + ((-fixed[3] * (cb - 128) + 32768 - fixed[2] * (cr - 128)) >> 16);
    rgb[2] = y + ((fixed[1] * (cb - 128) + 32768) >> 16);
    for (int i = 0; i < 3; i++)
        rgb[i] = rgb[i] < 0 ? 0 : rgb[i] > 255 ? 255 : rgb[i];
    return (uint8_t)((19595 * rgb[0] + 38470 * rgb[1] + 7471 * rgb[2] + 32768) >> 16);
}

static void grey_of(const nf_backend *backend, nf_chroma chroma, const uint8_t *const planes[5], size_t n_px, uint8_t *reach[2],
                    uint8_t *grey)
{
    nf_ycc_row row = {chroma, planes[0], {planes[1], planes[2]}, {planes[3], planes[4]}, {reach[0], reach[1]}};
    for (int i = 0; i < 2; i++)
        backend->reach_of_chroma(row.cb[i], row.cr[i], chroma, n_px, reach[i]);
    backend->grey_of_ycc(&row, n_px, grey);
}

/* All 2^24 triples, each in a step of its own, so that none hides behind what its neighbours need. */
static void every_ycc_has_the_grey_of_the_published_rule(void **state)
{
    enum { ROW = 256 * NF_YCC_STEP_PX };
    uint8_t *block = malloc(7 * (size_t)ROW);
    (void)state;
    assert_non_null(block);
    uint8_t *y = block, *cb = y + ROW, *cr = cb + ROW, *reach[2] = {cr + ROW, cr + 2 * ROW}, *grey = cr + 3 * ROW;
    uint8_t *expected = cr + 4 * ROW, levels[256];
    const uint8_t *planes[5] = {y, cb, cb, cr, cr};
    for (int i = 0; i < ROW; i++)
        y[i] = levels[i / NF_YCC_STEP_PX] = (uint8_t)(i / NF_YCC_STEP_PX);
    for (int pair = 0; pair < 65536; pair++) {
        memset(cb, pair >> 8, ROW);
        memset(cr, pair & 255, ROW);
        for (int level = 0; level < 256; level++)
            memset(expected + level * NF_YCC_STEP_PX, grey_by_tables(level, pair >> 8, pair & 255), NF_YCC_STEP_PX);
        for (size_t b = 1; nf_backend_cpu_nth(b) != NULL; b++) {
            grey_of(nf_backend_cpu_nth(b), NF_CHROMA_FULL, planes, ROW, reach, grey);
            assert_memory_equal(grey, expected, ROW);
        }
        /* Plain takes each pixel by itself: all levels in one row of 256. */
        planes[0] = levels;
        grey_of(&nf_backend_plain, NF_CHROMA_FULL, planes, 256, reach, grey);
        for (int level = 0; level < 256; level++)
            assert_int_equal(grey[level], expected[level * NF_YCC_STEP_PX]);
        planes[0] = y;
    }
    free(block);
}

static uint8_t *exactly(size_t n, size_t before, uint8_t **block)
{
    *block = malloc(n);
    assert_non_null(*block);
    return *block + before;
}

/* spread: how far chroma goes from the middle, so that with some no pixel, with some each may be clamped. */
static void assert_row_equal_to_plain(const nf_backend *backend, nf_chroma chroma, size_t n_px, int spread)
{
    size_t whole = (n_px + NF_YCC_STEP_PX - 1) / NF_YCC_STEP_PX * NF_YCC_STEP_PX;
    size_t samples = chroma == NF_CHROMA_FULL ? whole : whole / 2 + 2, before = chroma == NF_CHROMA_FULL ? 0 : 1;
    uint8_t *blocks[9], *planes[5], *reach[2], *greys[2];
    planes[0] = exactly(whole, 0, &blocks[0]);
    fill_random(planes[0], whole, n_px);
    for (int i = 1; i < 5; i++) {
        planes[i] = exactly(samples, before, &blocks[i]);
        fill_random(blocks[i], samples, n_px * 7 + (size_t)i);
        for (size_t k = 0; k < samples; k++)
            blocks[i][k] = (uint8_t)(128 + (blocks[i][k] - 128) * spread / 128);
    }
    for (int i = 0; i < 2; i++) {
        reach[i] = exactly(whole, 0, &blocks[5 + i]);
        greys[i] = exactly(whole, 0, &blocks[7 + i]);
    }
    const uint8_t *const rows[5] = {planes[0], planes[1], planes[2], planes[3], planes[4]};
    grey_of(&nf_backend_plain, chroma, rows, n_px, reach, greys[0]);
    grey_of(backend, chroma, rows, n_px, reach, greys[1]);
    assert_memory_equal(greys[0], greys[1], n_px);
    for (int i = 0; i < 9; i++)
        free(blocks[i]);
}

static void rows_of_every_chroma_are_made_grey_like_plain(void **state)
{
    static const int spreads[] = {0, 3, 10, 30, 60, 128};
    (void)state;
    for (size_t b = 1; nf_backend_cpu_nth(b) != NULL; b++)
        for (nf_chroma chroma = NF_CHROMA_FULL; chroma <= NF_CHROMA_HALF_BOTH; chroma++)
            for (size_t n_px = 1; n_px <= LENGTH_MAX; n_px++)
                for (size_t i = 0; i < sizeof spreads / sizeof *spreads; i++)
                    assert_row_equal_to_plain(nf_backend_cpu_nth(b), chroma, n_px, spreads[i]);
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

/* Not a failure: another machine runs them. */
static void say_what_was_not_run(void)
{
    static const char *const names[] = {"sse2", "avx2", "avx512", "neon"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        bool run = false;
        for (size_t b = 0; nf_backend_cpu_nth(b) != NULL; b++)
            run = run || strcmp(nf_backend_cpu_nth(b)->name, names[i]) == 0;
        if (!run)
            printf("SKIP backend %s: this processor does not have it\n", names[i]);
    }
}

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
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

/* spread as in assert_row_equal_to_plain. */
static void bench_ycc(const nf_backend *backend, nf_chroma chroma, int spread)
{
    enum { ROW = 512, ROUNDS = 2000 };
    static const char *const names[] = {"4:4:4", "4:2:2", "4:2:0"};
    uint8_t planes[5][ROW + 2], reaches[2][ROW], grey[ROW], *reach[2] = {reaches[0], reaches[1]};
    const uint8_t *const rows[5] = {planes[0] + 1, planes[1] + 1, planes[2] + 1, planes[3] + 1, planes[4] + 1};
    fill_random(planes[0], sizeof planes, 3);
    for (int i = 1; i < 5; i++)
        for (int k = 0; k < ROW + 2; k++)
            planes[i][k] = (uint8_t)(128 + (planes[i][k] - 128) * spread / 128);
    double best = 1e9;
    for (int again = 0; again < 9; again++) {
        double start = seconds();
        for (int i = 0; i < ROUNDS; i++)
            grey_of(backend, chroma, rows, ROW, reach, grey);
        double taken = seconds() - start;
        best = taken < best ? taken : best;
    }
    printf("%-6s %s spread %3d: %.3f ns a pixel (%d)\n", backend->name, names[chroma], spread, 1e9 * best / ROUNDS / ROW, grey[9] % 2);
}

static void bench_all(void)
{
    for (nf_chroma chroma = NF_CHROMA_FULL; chroma <= NF_CHROMA_HALF_BOTH; chroma++)
        for (int spread = 0; spread <= 60; spread += 60)
            for (size_t b = 0; nf_backend_cpu_nth(b) != NULL; b++)
                bench_ycc(nf_backend_cpu_nth(b), chroma, spread);

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
        cmocka_unit_test(every_ycc_has_the_grey_of_the_published_rule),
        cmocka_unit_test(rows_of_every_chroma_are_made_grey_like_plain),
        cmocka_unit_test(the_default_backend_is_one_of_the_list_and_stays),
    };
    say_what_was_not_run();
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    if (argc > 1 && strcmp(argv[1], "bench") == 0)
        bench_all();
    return failed != 0;
}
