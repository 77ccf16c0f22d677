/* The kernels' bodies, their grids run on the CPU, against plain C: grey levels, logarithms, distances. */
#include "support/cuda_cases.h"
#include "support/cuda_grid.h"

/* All 2^24 colours, in both layouts, a plane of G and B at a time. */
static void every_colour_has_the_grey_of_plain_c(void **state)
{
    enum { PX = NF_PIECE_PX_MAX, PIECES = (1 << 24) / PX };
    uint32_t *words = calloc(2 * 3 * (size_t)PX / 4, sizeof *words);
    uint8_t *planar = (uint8_t *)words, *rgb = planar + 3 * (size_t)PX;
    (void)state;
    for (uint32_t piece = 0; piece < PIECES; piece++) {
        uint32_t expected[NF_GREY_LEVELS] = {0}, got[2][NF_GREY_LEVELS] = {{0}};
        const nf_kernel_piece pieces[] = {{0, PX, NF_KERNEL_PLANAR, 0}, {3 * PX / 4, PX, NF_KERNEL_RGB, 1}};
        for (uint32_t i = 0; i < PX; i++) {
            const uint32_t colour = piece * PX + i;
            const uint8_t px[3] = {(uint8_t)(colour >> 16), (uint8_t)(colour >> 8), (uint8_t)colour};
            for (size_t c = 0; c < 3; c++)
                planar[c * PX + i] = rgb[3 * i + c] = px[c];
        }
        nf_backend_plain.count_rgb(rgb, PX, expected);
        run_count_grid(2, words, pieces, &got[0][0]);
        assert_memory_equal(expected, got[0], sizeof expected);
        assert_memory_equal(expected, got[1], sizeof expected);
    }
    free(words);
}

static uint32_t format_of(size_t i)
{
    static const uint32_t formats[] = {NF_KERNEL_GREY, NF_KERNEL_PLANAR, NF_KERNEL_RGB};
    return formats[i % 3];
}

/* Every length, and behind the last pixel bytes that must not be counted. */
static void every_length_counts_like_plain_c(void **state)
{
    enum { LENGTH_MAX = 1100, WORDS = 3 * (LENGTH_MAX / 4 + 1) };
    uint32_t words[WORDS];
    uint64_t seed = 5;
    (void)state;
    for (size_t i = 0; i < 3; i++)
        for (uint32_t n_px = 0; n_px <= LENGTH_MAX; n_px++) {
            uint32_t expected[NF_GREY_LEVELS] = {0}, got[NF_GREY_LEVELS] = {0};
            for (size_t j = 0; j < WORDS; j++)
                words[j] = (uint32_t)next_random(&seed);
            const uint8_t *bytes = (const uint8_t *)words;
            const size_t plane = 4 * (size_t)nf_piece_words(n_px);
            if (format_of(i) == NF_KERNEL_GREY)
                nf_backend_plain.count_grey(bytes, n_px, expected);
            else if (format_of(i) == NF_KERNEL_RGB)
                nf_backend_plain.count_rgb(bytes, n_px, expected);
            else
                nf_backend_plain.count_planar(bytes, bytes + plane, bytes + 2 * plane, n_px, expected);
            run_count_grid(1, words, &(nf_kernel_piece){0, n_px, format_of(i), 0}, got);
            assert_memory_equal(expected, got, sizeof got);
        }
}

/* Pieces of one image add up; counts that were there stay. */
static void pieces_add_to_the_counts_of_their_image(void **state)
{
    enum { PIECES = 9, PX = 777 };
    uint32_t words[PIECES * 200], counts[3][NF_GREY_LEVELS] = {{0}}, expected[3][NF_GREY_LEVELS] = {{0}};
    nf_kernel_piece pieces[PIECES];
    uint64_t seed = 11;
    (void)state;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        words[i] = (uint32_t)next_random(&seed);
    counts[1][17] = expected[1][17] = 5;
    for (uint32_t i = 0; i < PIECES; i++) {
        pieces[i] = (nf_kernel_piece){200 * i, PX - i, NF_KERNEL_GREY, i % 3};
        nf_backend_plain.count_grey((const uint8_t *)(words + 200 * (size_t)i), PX - i, expected[i % 3]);
    }
    run_count_grid(PIECES, words, pieces, &counts[0][0]);
    assert_memory_equal(counts, expected, sizeof counts);
}

/* Of ln x, in units in its last place. */
static double ulps_off(double x)
{
    const long double exact = logl((long double)x);
    const double got = nf_kernel_ln(x);
    if (exact == 0.0L)
        return got == 0.0 ? 0.0 : 1e9;
    const long double ulp = ldexpl(1.0L, ilogbl(exact) - 52);
    return (double)(fabsl((long double)got - exact) / ulp);
}

/* kernels.h says 4 ulp, near 1 too, where ln x is small. */
static void logarithms_are_within_their_bound_of_long_double(void **state)
{
    double worst = 0.0;
    uint64_t seed = 3;
    (void)state;
    for (int e = -1074; e <= 1023; e++)
        for (int i = 0; i < 200; i++) {
            const double off = ulps_off(ldexp(1.0 + (i == 0 ? 0.0 : (double)(next_random(&seed) >> 12) * 0x1p-52), e));
            worst = off > worst ? off : worst;
        }
    for (int e = -52; e <= -1; e++)
        for (int i = 0; i < 5000; i++) {
            const double apart = ldexp((double)(next_random(&seed) >> 11) * 0x1p-53 + 0x1p-52, e);
            const double above = ulps_off(1.0 + apart), below = ulps_off(1.0 - apart);
            worst = above > worst ? above : worst;
            worst = below > worst ? below : worst;
        }
    printf("logarithm: %.2f ulp at most\n", worst);
    assert_true(worst <= 4.0);
    assert_true(nf_kernel_ln(1.0) == 0.0);
}

static double pair_distance(const double *p, const double *q, size_t n_bins, nf_log_base base)
{
    nf_pair_sums sums = {0.0, 0.0};
    for (size_t i = 0; i < n_bins; i++)
        nf_pair_add(&sums, p[i], q[i]);
    return nf_pair_distance(&sums, nf_nats_per_unit(base));
}

/* Of a divergence near 0 the distance is the square root: the relative error counts there. */
static void pairs_are_as_far_apart_as_plain_c_says(void **state)
{
    enum { CLASSES = 60, BINS = 64 };
    (void)state;
    for (unsigned zeros = 0; zeros < 16; zeros++) {
        double *all = make_distributions(CLASSES, BINS, zeros, zeros + 1);
        for (size_t a = 0; a < CLASSES; a++)
            for (size_t b = 0; b < CLASSES; b++)
                for (int base = NF_LOG_E; base <= NF_LOG_10; base++) {
                    const double *p = all + a * BINS, *q = all + b * BINS;
                    const double expected = nf_js_distance(p, q, BINS, (nf_log_base)base);
                    assert_true(fabs(pair_distance(p, q, BINS, (nf_log_base)base) - expected) <= 1e-12 * expected);
                }
        free(all);
    }
}

static void alike_apart_and_tiny_are_exact(void **state)
{
    const double p[] = {0.5, 0.5, 0.0, 0.0}, q[] = {0.0, 0.0, 0.25, 0.75}, tiny[] = {1.0, 4.9e-324, 0.0, 0.0};
    const double none[] = {1.0, 0.0, 0.0, 0.0};
    (void)state;
    assert_true(pair_distance(p, p, 4, NF_LOG_E) == 0.0);
    assert_true(pair_distance(p, q, 4, NF_LOG_2) == 1.0);
    assert_true(pair_distance(tiny, none, 4, NF_LOG_E) < 1e-161);
    assert_true(pair_distance(tiny, tiny, 4, NF_LOG_E) == 0.0);
}

/* Whatever strips the matrix is cut into, each row comes to the same bits. */
static void strips_do_not_change_a_bit(void **state)
{
    enum { CLASSES = 150, BINS = 40 };
    double *all = make_distributions(CLASSES, BINS, 4, 9), *strip = calloc((size_t)CLASSES * CLASSES, sizeof *strip);
    nf_kernel_row whole[CLASSES], parts[CLASSES];
    (void)state;
    memset(whole, 0, sizeof whole);
    for (size_t i = 0; i < 4; i++) {
        static const uint32_t lengths[] = {160, 112, 64, 16};
        const uint32_t at_a_time = lengths[i];
        nf_kernel_row *rows = i == 0 ? whole : parts;
        memset(parts, 0, sizeof parts);
        for (uint32_t first = 0; first < CLASSES - 1; first += at_a_time) {
            const uint32_t n_rows = CLASSES - 1 - first < at_a_time ? CLASSES - 1 - first : at_a_time;
            const nf_strip cut = {CLASSES, BINS, first, n_rows, 1.0};
            memset(strip, 0xff, sizeof *strip * CLASSES * CLASSES);
            run_tile_grid((CLASSES + NF_TILE - 1) / NF_TILE, (n_rows + NF_TILE - 1) / NF_TILE, all, cut, strip);
            run_row_grid(n_rows, cut, strip, rows + first);
        }
        if (rows == parts)
            assert_memory_equal(whole, parts, sizeof whole - sizeof *whole);
    }
    free(all);
    free(strip);
}

/* Of equal distances the first one counts, in whichever thread it lands. */
static void of_equal_distances_the_first_counts(void **state)
{
    enum { CLASSES = 1000 };
    double *row = calloc(CLASSES, sizeof *row);
    nf_kernel_row got;
    const nf_strip strip = {CLASSES, 2, 0, 1, 1.0};
    (void)state;
    for (size_t i = 0; i < CLASSES; i++)
        row[i] = 0.5;
    row[300] = row[301] = row[700] = row[900] = 0.25;
    row[299] = row[555] = row[811] = 0.75;
    run_row_grid(1, strip, row, &got);
    assert_true(got.min_value == 0.25 && got.max_value == 0.75);
    assert_int_equal(got.min_b, 300);
    assert_int_equal(got.max_b, 299);
    assert_true(got.sum == 0.5 * (CLASSES - 1) - 4 * 0.25 + 3 * 0.25);
    free(row);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_colour_has_the_grey_of_plain_c),
        cmocka_unit_test(every_length_counts_like_plain_c),
        cmocka_unit_test(pieces_add_to_the_counts_of_their_image),
        cmocka_unit_test(logarithms_are_within_their_bound_of_long_double),
        cmocka_unit_test(pairs_are_as_far_apart_as_plain_c_says),
        cmocka_unit_test(alike_apart_and_tiny_are_exact),
        cmocka_unit_test(strips_do_not_change_a_bit),
        cmocka_unit_test(of_equal_distances_the_first_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
