/* Grey rows of a JPEG, made of its planes, are those of libjpeg's own RGB pixels, bit for bit: for every way to store chroma,
 * also those that are left to libjpeg, and for the JPEGs among the sample files. */
#include <ftw.h>
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

#include "decode/decode_internal.h"

static const nf_decode_options bt601 = {NF_GREY_BT601, 100000000, 0};

typedef struct plane {
    uint8_t *grey; /* (h, w), heap */
    uint32_t w, h;
} plane;

/* --- as nofade decodes --- */

typedef struct plane_sink {
    nf_row_sink sink; /* first */
    plane plane;
    uint32_t n_rows;
} plane_sink;

static bool begin(nf_row_sink *sink, uint32_t w_px, uint32_t h_px)
{
    plane *to = &((plane_sink *)sink)->plane;
    *to = (plane){malloc((size_t)w_px * h_px), w_px, h_px}; /* fits: 16-bit dimensions */
    assert_non_null(to->grey);
    return true;
}

static void take(nf_row_sink *sink, const uint8_t *values, size_t n_px, uint32_t x, uint32_t step, uint32_t y)
{
    plane_sink *to = (plane_sink *)sink;
    assert_true(x == 0 && step == 1 && n_px == to->plane.w && y == to->n_rows++);
    memcpy(to->plane.grey + (size_t)y * to->plane.w, values, n_px);
}

/* --- as libjpeg decodes --- */

typedef struct thrower {
    struct jpeg_error_mgr manager;
    jmp_buf back;
} thrower;

static void throw_error(j_common_ptr cinfo)
{
    longjmp(((thrower *)cinfo->err)->back, 1);
}

static void throw_warning(j_common_ptr cinfo, int level)
{
    if (level < 0)
        throw_error(cinfo);
}

/* grey stays NULL where there is no RGB to be had, or anything is wrong. */
static plane by_libjpeg(const uint8_t *bytes, size_t n)
{
    thrower errors;
    struct jpeg_decompress_struct cinfo = {.err = jpeg_std_error(&errors.manager)};
    plane volatile out = {0};
    uint8_t *volatile row = NULL;
    errors.manager.error_exit = throw_error;
    errors.manager.emit_message = throw_warning;
    jpeg_create_decompress(&cinfo);
    if (setjmp(errors.back) == 0) {
        jpeg_mem_src(&cinfo, bytes, n);
        jpeg_read_header(&cinfo, TRUE);
        cinfo.out_color_space = JCS_RGB;
        jpeg_start_decompress(&cinfo);
        row = malloc((size_t)cinfo.output_width * 3);
        out.grey = malloc((size_t)cinfo.output_width * cinfo.output_height); /* fits: 16-bit dimensions */
        out.w = cinfo.output_width;
        out.h = cinfo.output_height;
        while (cinfo.output_scanline < cinfo.output_height) {
            JSAMPROW rows[1] = {row};
            uint8_t *to = out.grey + (size_t)cinfo.output_scanline * out.w;
            jpeg_read_scanlines(&cinfo, rows, 1);
            for (uint32_t x = 0; x < out.w; x++)
                to[x] = nf_luma_bt601(row[3 * x], row[3 * x + 1], row[3 * x + 2]);
        }
        jpeg_finish_decompress(&cinfo);
    } else {
        free(out.grey);
        out.grey = NULL;
    }
    jpeg_destroy_decompress(&cinfo);
    free(row);
    return (plane){out.grey, out.w, out.h};
}

static void count(const plane *of, uint32_t counts[NF_GREY_LEVELS])
{
    memset(counts, 0, NF_GREY_LEVELS * sizeof *counts);
    for (size_t i = 0; i < (size_t)of->w * of->h; i++)
        counts[of->grey[i]]++;
}

/* False: libjpeg itself does not read it without a warning. */
static bool assert_same_rows(const uint8_t *bytes, size_t n)
{
    plane expected = by_libjpeg(bytes, n);
    plane_sink got = {.sink = {begin, take, false}};
    uint32_t counts[NF_GREY_LEVELS];
    nf_decoded out;
    if (expected.grey == NULL)
        return false;
    nf_decode_rows(bytes, n, &bt601, &got.sink, &out);
    assert_int_equal(out.verdict, NF_IMAGE_OK);
    assert_true(got.plane.w == expected.w && got.plane.h == expected.h && got.n_rows == expected.h);
    assert_memory_equal(got.plane.grey, expected.grey, (size_t)expected.w * expected.h);
    count(&expected, counts);
    assert_memory_equal(out.counts, counts, sizeof counts);
    nf_decode(bytes, n, &bt601, &out);
    assert_memory_equal(out.counts, counts, sizeof counts);
    free(expected.grey);
    free(got.plane.grey);
    return true;
}

/* --- JPEGs made here --- */

typedef struct making {
    uint32_t w, h;
    int factors[3][2]; /* across, down */
    int noise;         /* 0: slopes; else how much each sample is off by at most */
    bool progressive;
} making;

static uint32_t next_random(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return *state >> 16;
}

static void draw_row(const making *how, uint32_t y, uint32_t *state, uint8_t *row)
{
    for (uint32_t x = 0; x < how->w; x++)
        for (uint32_t c = 0; c < 3; c++) {
            uint32_t slope = (x * (3 - c) + y * (c + 1)) % 300;
            int value = (int)(slope > 255 ? 255 : slope);
            if (how->noise > 0)
                value += (int)(next_random(state) % (uint32_t)(2 * how->noise + 1)) - how->noise;
            row[3 * x + c] = (uint8_t)(value < 0 ? 0 : value > 255 ? 255 : value);
        }
}

static void assert_made_is_same(const making *how)
{
    struct jpeg_compress_struct c;
    struct jpeg_error_mgr errors;
    unsigned char *bytes = NULL;
    unsigned long n = 0;
    uint8_t row[3 * 200];
    uint32_t state = how->w * 31 + how->h;
    c.err = jpeg_std_error(&errors);
    jpeg_create_compress(&c);
    jpeg_mem_dest(&c, &bytes, &n);
    c.image_width = how->w;
    c.image_height = how->h;
    c.input_components = 3;
    c.in_color_space = JCS_RGB;
    jpeg_set_defaults(&c);
    jpeg_set_quality(&c, 92, TRUE);
    for (int i = 0; i < 3; i++) {
        c.comp_info[i].h_samp_factor = how->factors[i][0];
        c.comp_info[i].v_samp_factor = how->factors[i][1];
    }
    if (how->progressive)
        jpeg_simple_progression(&c);
    jpeg_start_compress(&c, TRUE);
    while (c.next_scanline < c.image_height) {
        JSAMPROW rows[1] = {row};
        draw_row(how, c.next_scanline, &state, row);
        jpeg_write_scanlines(&c, rows, 1);
    }
    jpeg_finish_compress(&c);
    jpeg_destroy_compress(&c);
    assert_true(assert_same_rows(bytes, n));
    free(bytes);
}

static const int factors[][3][2] = {
    {{1, 1}, {1, 1}, {1, 1}}, {{2, 1}, {1, 1}, {1, 1}}, {{2, 2}, {1, 1}, {1, 1}}, /* planes */
    {{1, 2}, {1, 2}, {1, 2}}, {{4, 1}, {2, 1}, {2, 1}}, {{2, 2}, {1, 2}, {1, 2}},
    {{1, 2}, {1, 1}, {1, 1}}, {{4, 1}, {1, 1}, {1, 1}}, {{2, 2}, {2, 1}, {1, 1}}, /* left to libjpeg */
    {{1, 1}, {2, 2}, {1, 1}}, {{1, 1}, {2, 2}, {2, 2}}, {{3, 1}, {1, 1}, {1, 1}},
    {{1, 3}, {1, 3}, {1, 3}}, {{1, 4}, {1, 2}, {1, 2}}, {{4, 2}, {1, 1}, {1, 1}},
};

enum { N_FACTORS = sizeof factors / sizeof *factors };

static void every_sampling_and_size_has_the_rows_of_libjpeg(void **state)
{
    (void)state;
    for (int f = 0; f < N_FACTORS; f++)
        for (uint32_t size = 1; size <= 70; size++) {
            making how = {size, 71 - size, {{0}}, size % 3 == 0 ? 0 : size % 3 == 1 ? 20 : 400, size % 5 == 0};
            memcpy(how.factors, factors[f], sizeof how.factors);
            assert_made_is_same(&how);
        }
}

static void groups_of_every_kind_follow_each_other(void **state)
{
    (void)state;
    for (int f = 0; f < N_FACTORS; f++)
        for (uint32_t noise = 0; noise < 3; noise++) {
            making how = {130 + noise * 31, 197 + noise, {{0}}, (int)noise * (int)noise * 50, false};
            memcpy(how.factors, factors[f], sizeof how.factors);
            assert_made_is_same(&how);
        }
}

/* --- the sample files --- */

static unsigned *n_compared(void)
{
    static unsigned n;
    return &n;
}

static int compare_file(const char *path, const struct stat *status, int type, struct FTW *where)
{
    size_t length = strlen(path);
    (void)where;
    if (type != FTW_F || length < 4 || (strcmp(path + length - 4, ".jpg") != 0 && strcmp(path + length - 5, ".jpeg") != 0))
        return 0;
    if (status->st_size < 4 || status->st_size > 4000000)
        return 0;
    FILE *file = fopen(path, "rb");
    uint8_t *bytes = malloc((size_t)status->st_size);
    assert_true(file != NULL && bytes != NULL);
    if (fread(bytes, 1, (size_t)status->st_size, file) == (size_t)status->st_size && bytes[0] == 0xff && bytes[1] == 0xd8)
        *n_compared() += assert_same_rows(bytes, (size_t)status->st_size);
    free(bytes);
    fclose(file);
    return 0;
}

static void sample_files_have_the_rows_of_libjpeg(void **state)
{
    const char *samples = getenv("NOFADE_SAMPLES");
    (void)state;
    if (samples == NULL || nftw(samples, compare_file, 16, FTW_PHYS) != 0 || *n_compared() == 0) {
        puts("SKIP sample JPEGs: no sample files (NOFADE_SAMPLES)");
        skip();
    }
    printf("%u sample files compared\n", *n_compared());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_sampling_and_size_has_the_rows_of_libjpeg),
        cmocka_unit_test(groups_of_every_kind_follow_each_other),
        cmocka_unit_test(sample_files_have_the_rows_of_libjpeg),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
