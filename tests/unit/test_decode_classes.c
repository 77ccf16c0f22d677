/* Grey counts by the class of the pixel. What is expected is counted here, pixel by pixel, from whole pictures as libpng,
 * libjpeg and libwebp give them. */
#include "support/make_png.h"

#include <dirent.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <jpeglib.h>
#include <webp/decode.h>

#include "decode/decode.h"
#include "metrics/entropy.h"

static const nf_decode_options plain = {NF_GREY_BT601, 100000000, 0};

typedef struct result {
    nf_decoded out;
    nf_class_list classes;
} result;

static uint8_t *exact_copy(const void *data, size_t n)
{
    uint8_t *copy = malloc(n + 1); /* so that an over-read shows under a sanitizer */
    assert_non_null(copy);
    if (n > 0)
        memcpy(copy + 1, data, n);
    return copy;
}

static result decode_with(const nf_buf *image, const void *map, size_t n_map, const nf_decode_options *options)
{
    result r;
    uint8_t *image_copy = exact_copy(image->data, image->len), *map_copy = exact_copy(map, n_map);
    nf_decode_classes(image_copy + 1, image->len, map_copy + 1, n_map, options, &r.out, &r.classes);
    free(image_copy);
    free(map_copy);
    return r;
}

static result decode(const nf_buf *image, const nf_buf *map)
{
    return decode_with(image, map->data, map->len, &plain);
}

/* What holds of every result, and what nf_decode says of the image alone. */
static void assert_consistent(const result *r, const nf_buf *image, const nf_decode_options *options)
{
    static uint32_t sums[NF_GREY_LEVELS];
    nf_decoded alone;
    nf_decode(image->data, image->len, options, &alone);
    assert_memory_equal(r->out.counts, alone.counts, sizeof alone.counts);
    assert_int_equal(r->out.w_px, alone.w_px);
    assert_int_equal(r->out.h_px, alone.h_px);
    assert_int_equal(r->out.failure, alone.failure);
    memset(sums, 0, sizeof sums);
    for (size_t i = 0; i < r->classes.n; i++) {
        const nf_class_pixels *item = &r->classes.items[i];
        uint32_t n_px = 0;
        assert_true(i == 0 || item->value > item[-1].value);
        for (int level = 0; level < NF_GREY_LEVELS; level++) {
            n_px += item->counts[level];
            sums[level] += item->counts[level];
        }
        assert_true(n_px > 0);
        assert_int_equal(item->n_px, n_px);
        assert_int_equal(item->q, nf_entropy_quantised(item->counts));
    }
    if (r->classes.n > 0)
        assert_memory_equal(sums, alone.counts, sizeof sums);
}

static void assert_spoiled(const result *r, const nf_buf *image, const char *sentence)
{
    assert_int_equal(r->out.verdict, NF_IMAGE_WARNED);
    if (strstr(r->out.reason, "its label map") != r->out.reason || strstr(r->out.reason, sentence) == NULL)
        fail_msg("\"%s\" lacks \"%s\"", r->out.reason, sentence);
    assert_int_equal(r->classes.n, 0);
    assert_null(r->classes.items);
    assert_consistent(r, image, &plain);
}

/* --- pictures --- */

static unsigned noisy(uint32_t x, uint32_t y, unsigned c)
{
    return (x * 2654435761u ^ (y * 40503u + c * 977u) * 2246822519u) >> 13 & 0xffff;
}

static unsigned slope(uint32_t x, uint32_t y, unsigned c)
{
    return x * 3 + y * 5 + c;
}

static unsigned patches(uint32_t x, uint32_t y, unsigned c)
{
    (void)c;
    return x / 5 + 3 * (y / 4);
}

static unsigned zero(uint32_t x, uint32_t y, unsigned c)
{
    (void)x, (void)y, (void)c;
    return 0;
}

static const png_kind grey8 = {8, PNG_COLOR_TYPE_GRAY, 0}, rgb8 = {8, PNG_COLOR_TYPE_RGB, 0};

/* --- expectation --- */

static void png_says_nothing(png_structp png, png_const_charp sentence)
{
    (void)png, (void)sentence;
}

static void png_gives_up(png_structp png, png_const_charp sentence)
{
    (void)sentence;
    png_longjmp(png, 1);
}

/* A PNG's grey levels, (h, w), by libpng's own conversions; NULL where it does not read the file. */
static uint8_t *png_plane(const nf_buf *image)
{
    FILE *stream = fmemopen(image->data, image->len, "rb");
    png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, NULL, png_gives_up, png_says_nothing);
    png_infop info = png_create_info_struct(png);
    uint8_t *volatile plane = NULL;
    assert_non_null(stream);
    if (setjmp(png_jmpbuf(png)) == 0) {
        png_init_io(png, stream);
        png_read_png(png, info, PNG_TRANSFORM_STRIP_16 | PNG_TRANSFORM_STRIP_ALPHA | PNG_TRANSFORM_EXPAND |
                                    PNG_TRANSFORM_GRAY_TO_RGB, NULL);
        uint32_t w = png_get_image_width(png, info), h = png_get_image_height(png, info), step = png_get_channels(png, info);
        png_bytep *rows = png_get_rows(png, info);
        assert_non_null(plane = malloc((size_t)w * h));
        for (uint32_t y = 0; y < h; y++)
            for (uint32_t x = 0; x < w; x++)
                plane[(size_t)y * w + x] = nf_luma_bt601(rows[y][x * step], rows[y][x * step + 1], rows[y][x * step + 2]);
    }
    png_destroy_read_struct(&png, &info, NULL);
    fclose(stream);
    return plane;
}

typedef struct jpeg_escape {
    struct jpeg_error_mgr errors;
    jmp_buf escape;
} jpeg_escape;

static void jpeg_gives_up(j_common_ptr cinfo)
{
    longjmp(((jpeg_escape *)cinfo->err)->escape, 1);
}

static void jpeg_says_nothing(j_common_ptr cinfo, int level)
{
    (void)cinfo, (void)level;
}

/* A JPEG's grey levels of its RGB pixels, or of the plane it has; NULL where libjpeg does not read it, or has four inks. */
static uint8_t *jpeg_plane(const nf_buf *image, bool luma)
{
    struct jpeg_decompress_struct cinfo;
    jpeg_escape escape;
    uint8_t *volatile plane = NULL, *volatile row = NULL;
    cinfo.err = jpeg_std_error(&escape.errors);
    escape.errors.error_exit = jpeg_gives_up;
    escape.errors.emit_message = jpeg_says_nothing;
    jpeg_create_decompress(&cinfo);
    if (setjmp(escape.escape) == 0) {
        jpeg_mem_src(&cinfo, image->data, image->len);
        jpeg_read_header(&cinfo, TRUE);
        if (cinfo.num_components == 4)
            longjmp(escape.escape, 1);
        bool as_grey = cinfo.num_components == 1 || (luma && cinfo.jpeg_color_space == JCS_YCbCr);
        cinfo.out_color_space = as_grey ? JCS_GRAYSCALE : JCS_RGB;
        jpeg_start_decompress(&cinfo);
        assert_non_null(plane = malloc((size_t)cinfo.output_width * cinfo.output_height));
        assert_non_null(row = malloc((size_t)cinfo.output_width * 3));
        for (uint32_t y = 0; y < cinfo.output_height; y++) {
            JSAMPROW rows[1] = {row};
            jpeg_read_scanlines(&cinfo, rows, 1);
            for (uint32_t x = 0; x < cinfo.output_width; x++)
                plane[(size_t)y * cinfo.output_width + x] =
                    as_grey ? row[x] : nf_luma_bt601(row[3 * x], row[3 * x + 1], row[3 * x + 2]);
        }
    }
    jpeg_destroy_decompress(&cinfo);
    free(row);
    return plane;
}

/* A still WebP's; NULL for an animation. */
static uint8_t *webp_plane(const nf_buf *image)
{
    int w, h;
    uint8_t *rgb = WebPDecodeRGB(image->data, image->len, &w, &h);
    if (rgb == NULL)
        return NULL;
    uint8_t *plane = malloc((size_t)w * (size_t)h);
    assert_non_null(plane);
    for (size_t i = 0; i < (size_t)w * (size_t)h; i++)
        plane[i] = nf_luma_bt601(rgb[3 * i], rgb[3 * i + 1], rgb[3 * i + 2]);
    WebPFree(rgb);
    return plane;
}

/* The counts of each class, from a plane and the map's own function (its low `depth` bits). */
static void assert_counted(const result *r, const uint8_t *plane, sample_function *map, int depth)
{
    static uint32_t expected[256][NF_GREY_LEVELS];
    size_t n = 0;
    memset(expected, 0, sizeof expected);
    for (uint32_t y = 0; y < r->out.h_px; y++)
        for (uint32_t x = 0; x < r->out.w_px; x++)
            expected[map(x, y, 0) & ((1u << depth) - 1)][plane[(size_t)y * r->out.w_px + x]]++;
    for (unsigned value = 0; value < 256; value++) {
        bool present = false;
        for (int level = 0; level < NF_GREY_LEVELS; level++)
            present = present || expected[value][level] > 0;
        if (!present)
            continue;
        assert_true(n < r->classes.n);
        assert_int_equal(r->classes.items[n].value, value);
        assert_memory_equal(r->classes.items[n].counts, expected[value], sizeof expected[value]);
        n++;
    }
    assert_int_equal(r->classes.n, n);
}

/* --- the tests --- */

static void a_map_of_every_kind_gives_its_stored_values(void **state)
{
    static const png_kind maps[] = {{1, 0, 0}, {2, 0, 0}, {4, 0, 0}, {8, 0, 0}, {1, 3, 0}, {2, 3, 0}, {4, 3, 0}, {8, 3, 0},
                                    {1, 0, 1}, {2, 3, 1}, {4, 0, 1}, {8, 0, 1}, {8, 3, 1}};
    static const uint32_t sizes[][2] = {{1, 1}, {7, 5}, {37, 29}, {64, 3}, {2, 40}};
    (void)state;
    for (size_t size = 0; size < sizeof sizes / sizeof *sizes; size++) {
        uint32_t w = sizes[size][0], h = sizes[size][1];
        nf_buf image = {0};
        make_png(&image, rgb8, w, h, 0, noisy);
        uint8_t *plane = png_plane(&image);
        assert_non_null(plane);
        for (size_t i = 0; i < sizeof maps / sizeof *maps; i++) {
            nf_buf map = {0};
            /* a palette too short for the values does not matter: they are no colours here */
            make_png(&map, maps[i], w, h, maps[i].depth == 8 ? 20 : 1 << maps[i].depth, patches);
            result r = decode(&image, &map);
            assert_int_equal(r.out.verdict, NF_IMAGE_OK);
            assert_counted(&r, plane, patches, maps[i].depth);
            assert_consistent(&r, &image, &plain);
            nf_class_list_free(&r.classes);
            nf_buf_free(&map);
        }
        free(plane);
        nf_buf_free(&image);
    }
}

static void an_image_of_every_kind_gives_its_grey_levels(void **state)
{
    static const png_kind kinds[] = {{1, 0, 0}, {2, 0, 0}, {4, 0, 0},  {8, 0, 0},  {16, 0, 0}, {1, 3, 0},  {2, 3, 0}, {4, 3, 0},
                                     {8, 3, 0}, {8, 2, 0}, {16, 2, 0}, {8, 4, 0},  {16, 4, 0}, {8, 6, 0},  {16, 6, 0},
                                     {1, 0, 1}, {2, 3, 1}, {4, 0, 1},  {8, 0, 1},  {16, 0, 1}, {8, 3, 1},  {8, 2, 1},
                                     {8, 4, 1}, {8, 6, 1}, {16, 2, 1}, {16, 4, 1}, {16, 6, 1}};
    (void)state;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        nf_buf image = {0}, map = {0};
        make_png(&image, kinds[i], 37, 29, 1 << (kinds[i].depth < 8 ? kinds[i].depth : 8), noisy);
        make_png(&map, grey8, 37, 29, 0, patches);
        uint8_t *plane = png_plane(&image);
        assert_non_null(plane);
        result r = decode(&image, &map);
        assert_int_equal(r.out.verdict, NF_IMAGE_OK);
        assert_counted(&r, plane, patches, 8);
        assert_consistent(&r, &image, &plain);
        nf_class_list_free(&r.classes);
        free(plane);
        nf_buf_free(&image);
        nf_buf_free(&map);
    }
}

static void a_flat_class_has_exactly_no_entropy(void **state)
{
    nf_buf image = {0}, map = {0};
    (void)state;
    make_png(&image, grey8, 16, 16, 0, patches);
    make_png(&map, grey8, 16, 16, 0, patches);
    result r = decode(&image, &map);
    assert_true(r.classes.n > 4);
    for (size_t i = 0; i < r.classes.n; i++) {
        assert_int_equal(r.classes.items[i].q, 0);
        assert_int_equal(r.classes.items[i].counts[r.classes.items[i].value], r.classes.items[i].n_px);
    }
    nf_class_list_free(&r.classes);
    nf_buf_free(&image);
    nf_buf_free(&map);
}

static void a_map_that_cannot_be_used_costs_its_classes_alone(void **state)
{
    static const struct {
        png_kind kind;
        uint32_t w, h;
        const char *sentence;
    } bad[] = {{{16, 0, 0}, 20, 10, "have 16 bits"},
               {{8, 2, 0}, 20, 10, "has colours"},
               {{8, 4, 0}, 20, 10, "transparency"},
               {{8, 6, 1}, 20, 10, "transparency"},
               {{8, 0, 0}, 21, 10, "has 21 x 10 pixels, the image has 20 x 10"},
               {{8, 0, 0}, 10, 20, "10 x 20 pixels, the"}};
    nf_buf image = {0}, good = {0};
    (void)state;
    make_png(&image, rgb8, 20, 10, 0, slope);
    make_png(&good, grey8, 20, 10, 0, patches);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        nf_buf map = {0};
        make_png(&map, bad[i].kind, bad[i].w, bad[i].h, 0, patches);
        result r = decode(&image, &map);
        assert_spoiled(&r, &image, bad[i].sentence);
        nf_buf_free(&map);
    }
    for (size_t n = 0; n < good.len; n++) {
        result r = decode_with(&image, good.data, n, &plain);
        assert_spoiled(&r, &image, "its label map cannot be used: ");
    }
    result none = decode_with(&image, NULL, 0, &plain), other = decode_with(&image, "\xff\xd8\xff\xe0 JFIF", 9, &plain);
    assert_spoiled(&none, &image, "no bytes");
    assert_spoiled(&other, &image, "not a PNG");
    nf_buf_free(&image);
    nf_buf_free(&good);
}

static void a_map_over_the_limit_is_refused_by_its_header(void **state)
{
    const nf_decode_options small = {NF_GREY_BT601, 250, 0};
    nf_buf image = {0}, map = {0};
    (void)state;
    make_png(&image, rgb8, 20, 10, 0, slope);
    make_png(&map, grey8, 20, 20, 0, zero);
    result r = decode_with(&image, map.data, map.len, &small);
    assert_spoiled(&r, &image, "are over the limit of 250");
    nf_buf_free(&image);
    nf_buf_free(&map);
}

static void an_image_that_fails_has_no_classes(void **state)
{
    nf_buf image = {0}, map = {0};
    (void)state;
    make_png(&image, rgb8, 20, 10, 0, noisy);
    make_png(&map, grey8, 20, 10, 0, patches);
    for (size_t n = 0; n < image.len; n += 1 + n / 16) {
        nf_buf cut = {image.data, n, n};
        for (int with_map = 0; with_map < 2; with_map++) {
            result r = decode_with(&cut, map.data, with_map ? map.len : 30, &plain);
            nf_decoded alone;
            nf_decode(image.data, n, &plain, &alone);
            assert_int_equal(r.out.verdict, NF_IMAGE_FAILED);
            assert_string_equal(r.out.reason, alone.reason);
            assert_int_equal(r.classes.n, 0);
        }
    }
    nf_buf_free(&image);
    nf_buf_free(&map);
}

static void a_map_that_was_warned_of_is_used_and_the_image_warned(void **state)
{
    static const uint8_t text[] = {0, 0, 0, 3, 't', 'E', 'X', 't', 'a', 0, 'b', 1, 2, 3, 4}; /* no such check sum */
    nf_buf image = {0}, map = {0}, warned = {0};
    (void)state;
    make_png(&image, rgb8, 20, 10, 0, noisy);
    make_png(&map, grey8, 20, 10, 0, patches);
    assert_int_equal(nf_buf_append(&warned, map.data, 33, NULL), NF_OK);
    assert_int_equal(nf_buf_append(&warned, text, sizeof text, NULL), NF_OK);
    assert_int_equal(nf_buf_append(&warned, map.data + 33, map.len - 33, NULL), NF_OK);
    result good = decode(&image, &map), r = decode(&image, &warned);
    assert_int_equal(r.out.verdict, NF_IMAGE_WARNED);
    assert_non_null(strstr(r.out.reason, "its label map: "));
    assert_int_equal(r.classes.n, good.classes.n);
    assert_memory_equal(r.classes.items, good.classes.items, good.classes.n * sizeof *good.classes.items);
    nf_class_list_free(&good.classes);
    nf_class_list_free(&r.classes);
    nf_buf_free(&image);
    nf_buf_free(&map);
    nf_buf_free(&warned);
}

/* Threads whose every decode must wait for its turn: none waits for itself, or for ever. */
static void *decode_often(void *pair)
{
    static const nf_decode_options alone = {NF_GREY_BT601, 1000000, 1}, map_is_small = {NF_GREY_BT601, 1000000, 300000};
    const nf_buf *image = pair, *map = image + 1;
    for (int i = 0; i < 40; i++) {
        result r = decode_with(image, map->data, i % 4 == 3 ? 40 : map->len, i % 2 ? &alone : &map_is_small);
        if (r.out.verdict == NF_IMAGE_FAILED || (r.classes.n == 0) != (i % 4 == 3))
            return pair;
        nf_class_list_free(&r.classes);
    }
    return NULL;
}

static void decodes_that_must_be_alone_take_turns(void **state)
{
    nf_buf pair[2] = {{0}, {0}};
    pthread_t threads[4];
    (void)state;
    make_png(&pair[0], rgb8, 100, 60, 0, noisy);
    make_png(&pair[1], grey8, 100, 60, 0, patches);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, decode_often, pair), 0);
    for (size_t i = 0; i < 4; i++) {
        void *failed;
        assert_int_equal(pthread_join(threads[i], &failed), 0);
        assert_null(failed);
    }
    nf_buf_free(&pair[0]);
    nf_buf_free(&pair[1]);
}

/* --- real pictures --- */

static bool read_file(const char *path, nf_buf *to)
{
    FILE *file = fopen(path, "rb");
    size_t n;
    if (file == NULL)
        return false;
    do {
        assert_int_equal(nf_buf_reserve(to, 1 << 16, NULL), NF_OK);
        n = fread(to->data + to->len, 1, 1 << 16, file);
        to->len += n;
    } while (n > 0);
    fclose(file);
    return true;
}

typedef struct seen {
    unsigned n_decoded, n_compared;
} seen;

static void check_picture(const char *path, nf_grey grey, seen *s)
{
    const nf_decode_options options = {grey, 3000000, 0};
    nf_buf image = {0}, map = {0};
    nf_decoded alone;
    if (!read_file(path, &image) || image.len == 0) {
        nf_buf_free(&image);
        return;
    }
    nf_decode(image.data, image.len, &options, &alone);
    uint64_t n_px = (uint64_t)alone.w_px * alone.h_px;
    bool size_known = n_px > 0 && n_px <= 3000000 && alone.w_px <= PNG_USER_WIDTH_MAX;
    make_png(&map, grey8, size_known ? alone.w_px : 5, size_known ? alone.h_px : 5, 0, patches);
    result r = decode_with(&image, map.data, map.len, &options);
    assert_consistent(&r, &image, &options);
    assert_int_equal(r.out.verdict, alone.verdict);
    assert_string_equal(r.out.reason, alone.reason);
    assert_true((r.classes.n > 0) == (alone.verdict != NF_IMAGE_FAILED));
    s->n_decoded += r.classes.n > 0;
    if (alone.verdict == NF_IMAGE_OK) {
        uint8_t *plane = image.data[0] == 0xff   ? jpeg_plane(&image, grey == NF_GREY_LUMA)
                         : image.data[0] == 'R' ? webp_plane(&image)
                                                : png_plane(&image);
        if (plane != NULL) {
            assert_counted(&r, plane, patches, 8);
            s->n_compared++;
        }
        free(plane);
    }
    nf_class_list_free(&r.classes);
    nf_buf_free(&image);
    nf_buf_free(&map);
}

static bool is_suffix(const char *dot)
{
    static const char *const suffixes[] = {".png", ".jpg", ".jpeg", ".webp"};
    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++)
        if (strcasecmp(dot, suffixes[i]) == 0)
            return true;
    return false;
}

static void check_folder(const char *path, seen *s)
{
    DIR *directory = opendir(path);
    char inner[2048];
    if (directory == NULL)
        return;
    for (const struct dirent *item; (item = readdir(directory)) != NULL;) {
        const char *dot = strrchr(item->d_name, '.');
        snprintf(inner, sizeof inner, "%s/%s", path, item->d_name);
        if (item->d_type == DT_DIR && item->d_name[0] != '.')
            check_folder(inner, s);
        else if (dot != NULL && is_suffix(dot))
            for (int grey = 0; grey < (dot[1] == 'j' || dot[1] == 'J' ? 2 : 1); grey++)
                check_picture(inner, grey == 0 ? NF_GREY_BT601 : NF_GREY_LUMA, s);
    }
    closedir(directory);
}

static void real_pictures_count_the_same_with_and_without_a_map(void **state)
{
    static const char *const folders[] = {"pngsuite",           "libpng-testpngs", "image-png-tests", "image-rs-images",
                                          "jpeg-decoder-tests", "pillow-images",   "coco-cc",         "afl-jpeg"};
    const char *samples = getenv("NOFADE_SAMPLES");
    seen s = {0, 0};
    char path[1024];
    (void)state;
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        snprintf(path, sizeof path, "%s/%s", samples != NULL ? samples : "", folders[i]);
        check_folder(path, &s);
    }
    if (s.n_decoded == 0) {
        print_message("SKIP real pictures: NOFADE_SAMPLES holds none\n");
        skip();
    }
    print_message("%u decodes of real pictures, %u held against libjpeg, libpng and libwebp\n", s.n_decoded, s.n_compared);
    assert_true(s.n_compared * 10 > s.n_decoded * 8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_map_of_every_kind_gives_its_stored_values),
        cmocka_unit_test(an_image_of_every_kind_gives_its_grey_levels),
        cmocka_unit_test(a_flat_class_has_exactly_no_entropy),
        cmocka_unit_test(a_map_that_cannot_be_used_costs_its_classes_alone),
        cmocka_unit_test(a_map_over_the_limit_is_refused_by_its_header),
        cmocka_unit_test(an_image_that_fails_has_no_classes),
        cmocka_unit_test(a_map_that_was_warned_of_is_used_and_the_image_warned),
        cmocka_unit_test(decodes_that_must_be_alone_take_turns),
        cmocka_unit_test(real_pictures_count_the_same_with_and_without_a_map),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
