/* PNGs: the fast way gives what libpng gives, and leaves to libpng whatever is odd among the chunks. */
#include <dirent.h>
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

static void what_is_it(char what[96], const png_spec *spec)
{
    snprintf(what, 96, "colour %d, depth %d, interlace %d, %u x %u, filter %d, level %d", spec->colour, spec->depth,
             spec->interlace, spec->w, spec->h, spec->filter, spec->level);
}

static void every_kind_size_and_filter_is_taken_and_the_same(void **state)
{
    char what[96];
    (void)state;
    for (size_t k = 0; k < N_KINDS; k++)
        for (uint32_t w = 1; w <= 21; w += w < 9 ? 1 : 4)
            for (int filter = -1; filter < NF_PNG_FILTERS; filter++) {
                png_spec spec = kinds[k];
                spec.w = w;
                spec.h = 11;
                spec.filter = filter;
                spec.level = 6;
                what_is_it(what, &spec);
                if (!spec_is_taken(&spec, what))
                    fail_msg("left to libpng: %s", what);
            }
}

static void interlaced_ones_are_left_to_libpng(void **state)
{
    (void)state;
    for (size_t k = 0; k < N_KINDS; k++)
        for (uint32_t w = 1; w <= 17; w += 4) {
            png_spec spec = kinds[k];
            spec.w = spec.h = w;
            spec.filter = -1;
            spec.interlace = 1;
            assert_false(spec_is_taken(&spec, "interlaced"));
        }
}

static void every_way_to_deflate_and_to_cut_into_chunks_is_taken(void **state)
{
    const size_t cuts[] = {0, 1, 2, 7, 8192, 70000};
    char what[96];
    (void)state;
    for (int level = 0; level <= 9; level += 3)
        for (int strategy = Z_DEFAULT_STRATEGY; strategy <= Z_FIXED; strategy++)
            for (size_t cut = 0; cut < sizeof cuts / sizeof *cuts; cut++) {
                bool is_large = cut == 0 || cut > 3;
                png_spec spec = {.w = is_large ? 301 : 30, .h = is_large ? 200 : 20, .depth = 8, .colour = 2, .filter = -1,
                                 .mask = 0x13, .level = level, .strategy = strategy, .window = 9 + (int)cut,
                                 .idat_bytes = cuts[cut]};
                what_is_it(what, &spec);
                if (!spec_is_taken(&spec, what))
                    fail_msg("left to libpng: %s, IDAT of %zu bytes, strategy %d", what, cuts[cut], strategy);
            }
}

/* Rows longer than what is inflated at once, one row, one column, and nothing but zeros. */
static void odd_shapes_are_taken(void **state)
{
    const png_spec shapes[] = {{.w = 50000, .h = 3, .depth = 8, .colour = 6, .filter = 4, .mask = 3, .level = 1},
                               {.w = 70000, .h = 3, .depth = 16, .colour = 2, .filter = -1, .mask = 3, .level = 1},
                               {.w = 300000, .h = 1, .depth = 8, .filter = 1, .mask = 1, .level = 1},
                               {.w = 1, .h = 300000, .depth = 8, .colour = 2, .filter = -1, .mask = 1, .level = 1},
                               {.w = 32767, .h = 9, .depth = 8, .filter = 2, .mask = 8, .level = 9},
                               {.w = 131071, .h = 4, .depth = 8, .filter = 3, .mask = 8, .level = 9}};
    (void)state;
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
        assert_true(spec_is_taken(&shapes[i], "an odd shape"));
}

static void an_index_beyond_the_palette_is_warned_of_by_both(void **state)
{
    png_spec spec = {.w = 9, .h = 9, .depth = 8, .colour = 3, .n_palette = 5, .filter = 0};
    nf_buf png = {0};
    nf_decoded out;
    (void)state;
    make_png(&png, &spec);
    assert_true(same_both_ways(png.data, png.len, "short palette"));
    assert_true(decode_fast(png.data, png.len, &out));
    assert_int_equal(out.verdict, NF_IMAGE_WARNED);
    nf_buf_free(&png);
}

/* --- chunks --- */

static const png_spec small = {.w = 5, .h = 4, .depth = 8, .colour = 2, .filter = -1, .level = 6};

typedef enum place { BEFORE_PALETTE, BEFORE_PIXELS, WITHIN_PIXELS, BEHIND_PIXELS, BEHIND_END } place;

/* *spec with a chunk somewhere; flip: what its check sum's last byte is changed by. True: taken. */
static bool taken_with(const png_spec *spec, place where, const char *type, const void *data, size_t n, uint8_t flip)
{
    nf_buf raw = {0}, packed = {0}, png = {0}, extra = {0};
    png_spec head = *spec;
    make_raw(&raw, spec);
    deflate_to(&packed, spec, &raw);
    put_chunk(&extra, type, data, n);
    extra.data[extra.len - 1] ^= flip;
    head.n_palette = where == BEFORE_PALETTE ? 0 : spec->n_palette;
    put_start(&png, &head);
    const place order[] = {BEFORE_PALETTE, BEFORE_PIXELS, WITHIN_PIXELS, BEHIND_PIXELS, BEHIND_END};
    for (size_t i = 0; i < 5; i++) {
        if (where == order[i])
            put(&png, extra.data, extra.len);
        if (order[i] == BEFORE_PALETTE && where == BEFORE_PALETTE && spec->n_palette > 0)
            put_chunk(&png, "PLTE", "\1\2\3\4\5\6\7\10\11", 9);
        if (order[i] == BEFORE_PIXELS)
            put_chunk(&png, "IDAT", packed.data, 9);
        if (order[i] == WITHIN_PIXELS)
            put_chunk(&png, "IDAT", packed.data + 9, packed.len - 9);
        if (order[i] == BEHIND_PIXELS)
            put_chunk(&png, "IEND", "", 0);
    }
    bool taken = same_both_ways(png.data, png.len, type);
    nf_buf_free(&raw);
    nf_buf_free(&packed);
    nf_buf_free(&png);
    nf_buf_free(&extra);
    return taken;
}

/* Contents are nonsense on purpose: libpng was told to skip them. */
static void chunks_that_libpng_skips_are_skipped_anywhere_but_between_pixels(void **state)
{
    static const char *const types[] = {"bKGD", "cHRM", "eXIf", "gAMA", "hIST", "iCCP", "iTXt", "oFFs", "pCAL", "pHYs", "sBIT",
                                        "sCAL", "sPLT", "sTER", "sRGB", "tEXt", "tIME", "tRNS", "zTXt", "vpAg", "acTL"};
    const png_spec palette = {.w = 5, .h = 4, .depth = 8, .colour = 3, .n_palette = 3, .filter = -1};
    (void)state;
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        for (place where = BEFORE_PALETTE; where <= BEHIND_END; where++) {
            assert_int_equal(taken_with(&small, where, types[i], "nonsense", 8, 0), where != WITHIN_PIXELS);
            assert_int_equal(taken_with(&palette, where, types[i], "", 0, 0), where != WITHIN_PIXELS);
            assert_int_equal(taken_with(&small, where, types[i], "nonsense", 8, 1), where == BEHIND_END);
        }
}

static void other_chunks_are_left_to_libpng(void **state)
{
    static const char *const types[] = {"IHDR", "PLTE", "IEND", "CgBI", "cICP", "a1bc", "ab c", "\0\0\0\0"};
    (void)state;
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        for (place where = BEFORE_PALETTE; where < BEHIND_END; where++)
            assert_false(taken_with(&small, where, types[i], "abc", 3, 0));
    assert_false(taken_with(&small, BEHIND_PIXELS, "IDAT", "abc", 3, 0));
    assert_false(taken_with(&small, BEFORE_PIXELS, "IDAT", "", 0, 0));
    assert_true(taken_with(&small, WITHIN_PIXELS, "IDAT", "", 0, 0));
    assert_true(taken_with(&small, BEHIND_PIXELS, "IDAT", "", 0, 0));
}

static void palettes_that_are_odd_are_left_to_libpng(void **state)
{
    const png_spec palette = {.w = 5, .h = 4, .depth = 2, .colour = 3, .filter = -1};
    (void)state;
    assert_true(taken_with(&palette, BEFORE_PIXELS, "PLTE", "123456789", 9, 0));
    assert_false(taken_with(&palette, BEFORE_PIXELS, "PLTE", "1234567", 7, 0));
    assert_false(taken_with(&palette, BEFORE_PIXELS, "PLTE", "123456789012345", 15, 0));
    assert_false(taken_with(&palette, BEFORE_PIXELS, "PLTE", "", 0, 0));
    assert_false(taken_with(&palette, BEFORE_PIXELS, "PLTE", "123", 3, 1));
    assert_false(taken_with(&palette, BEFORE_PIXELS, "tRNS", "123", 3, 0));
    assert_false(taken_with(&palette, WITHIN_PIXELS, "PLTE", "123", 3, 0));
}

/* --- real files --- */

static size_t n_samples, n_taken;

static void try_sample(const char *path)
{
    FILE *file = fopen(path, "rb");
    nf_buf bytes = {0};
    char piece[65536];
    size_t n;
    assert_non_null(file);
    while ((n = fread(piece, 1, sizeof piece, file)) > 0)
        put(&bytes, piece, n);
    fclose(file);
    if (bytes.len > 8) {
        n_samples++;
        n_taken += same_both_ways(bytes.data, bytes.len, path);
    }
    nf_buf_free(&bytes);
}

static void walk(const char *folder, int depth)
{
    DIR *dir = opendir(folder);
    struct dirent *entry;
    while (dir != NULL && (entry = readdir(dir)) != NULL) {
        char path[4096];
        size_t n = strlen(entry->d_name);
        if (entry->d_name[0] == '.' || snprintf(path, sizeof path, "%s/%s", folder, entry->d_name) >= (int)sizeof path)
            continue;
        if (n > 4 && strcmp(entry->d_name + n - 4, ".png") == 0)
            try_sample(path);
        else if (depth > 0)
            walk(path, depth - 1);
    }
    if (dir != NULL)
        closedir(dir);
}

static void real_files_end_as_in_libpng(void **state)
{
    const char *samples = getenv("NOFADE_SAMPLES");
    (void)state;
    if (samples != NULL)
        walk(samples, 6);
    if (n_samples == 0) {
        print_message("SKIP real files: NOFADE_SAMPLES holds no PNG\n");
        skip();
    }
    print_message("%zu of %zu real files taken\n", n_taken, n_samples);
    assert_true(n_taken > n_samples / 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_size_and_filter_is_taken_and_the_same),
        cmocka_unit_test(interlaced_ones_are_left_to_libpng),
        cmocka_unit_test(every_way_to_deflate_and_to_cut_into_chunks_is_taken),
        cmocka_unit_test(odd_shapes_are_taken),
        cmocka_unit_test(an_index_beyond_the_palette_is_warned_of_by_both),
        cmocka_unit_test(chunks_that_libpng_skips_are_skipped_anywhere_but_between_pixels),
        cmocka_unit_test(other_chunks_are_left_to_libpng),
        cmocka_unit_test(palettes_that_are_odd_are_left_to_libpng),
        cmocka_unit_test(real_files_end_as_in_libpng),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
