/* What a file is, by its first bytes, and what its name claims. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "loaders/sniff.h"

typedef struct sample {
    nf_content content;
    const char *kind;
    size_t n;
    const char *head;
} sample;

static void assert_sniffed(const void *head, size_t n, nf_content content, const char *kind)
{
    const char *name = NULL;
    assert_int_equal(nf_sniff(head, n, &name), content);
    assert_string_equal(name, kind);
    assert_int_equal(nf_sniff(head, n, NULL), content);
}

static void signatures_are_recognised_and_nothing_shorter(void **state)
{
    static const sample samples[] = {
        {NF_CONTENT_JPEG, "JPEG", 3, "\xff\xd8\xff"},
        {NF_CONTENT_PNG, "PNG", 4, "\x89PNG"},
        {NF_CONTENT_OTHER_IMAGE, "GIF", 6, "GIF89a"},
        {NF_CONTENT_OTHER_IMAGE, "TIFF", 4, "II*\0"},
        {NF_CONTENT_OTHER_IMAGE, "TIFF", 4, "MM\0*"},
        {NF_CONTENT_WEBP, "WebP", 12, "RIFF\x10\0\0\0WEBP"},
        {NF_CONTENT_OTHER_IMAGE, "HEIF", 12,
         "\0\0\0\x18"
         "ftypheic"},
        {NF_CONTENT_OTHER_IMAGE, "AVIF", 12,
         "\0\0\0\x18"
         "ftypavif"},
        {NF_CONTENT_OTHER_IMAGE, "JPEG 2000", 12, "\0\0\0\x0cjP  \r\n\x87\n"},
        {NF_CONTENT_ZIP, "zip", 4, "PK\3\4"},
        {NF_CONTENT_ZIP, "zip", 4, "PK\5\6"},
        {NF_CONTENT_GZIP, "gzip", 3, "\x1f\x8b\x08"},
        {NF_CONTENT_BZIP2, "bzip2", 10, "BZh91AY&SY"},
        {NF_CONTENT_XZ, "xz", 6,
         "\xfd"
         "7zXZ\0"},
        {NF_CONTENT_ZSTD, "zstd", 4, "\x28\xb5\x2f\xfd"},
        {NF_CONTENT_ZSTD, "zstd", 8, "\x50\x2a\x4d\x18\4\0\0\0"},
        {NF_CONTENT_LZ4, "lz4", 4, "\x04\x22\x4d\x18"},
        {NF_CONTENT_COMPRESS, "compress", 3, "\x1f\x9d\x90"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof samples / sizeof *samples; i++) {
        const sample *s = &samples[i];
        assert_sniffed(s->head, s->n, s->content, s->kind);
        for (size_t n = 0; n < s->n; n++)
            assert_sniffed(s->head, n, NF_CONTENT_UNKNOWN, "");
    }
}

/* BMP with a 40-byte header, ICO with one entry: fields at their places. */
static void weak_signatures_need_fields_that_make_sense(void **state)
{
    uint8_t bmp[54] = {'B', 'M'}, ico[22] = {0, 0, 1, 0, 1, 0};
    (void)state;
    assert_sniffed(bmp, sizeof bmp, NF_CONTENT_UNKNOWN, "");
    bmp[10] = 54;
    bmp[14] = 40;
    bmp[26] = 1;
    assert_sniffed(bmp, sizeof bmp, NF_CONTENT_OTHER_IMAGE, "BMP");
    assert_sniffed(ico, sizeof ico, NF_CONTENT_UNKNOWN, "");
    ico[14] = 40;
    ico[18] = 22;
    assert_sniffed(ico, sizeof ico, NF_CONTENT_OTHER_IMAGE, "ICO");
    assert_sniffed("P6\n# made by hand\n3 2\n255\n", 26, NF_CONTENT_OTHER_IMAGE, "PNM");
    assert_sniffed("P6 is a road in Poland", 22, NF_CONTENT_UNKNOWN, "");
    assert_sniffed("BM is short for benchmark, is it not?", 37, NF_CONTENT_UNKNOWN, "");
    assert_sniffed("\0\0\x08\x03\0\0\xea\x60\0\0\0\x1c\0\0\0\x1c\0\0\0\0\0\0\0\0", 24, NF_CONTENT_UNKNOWN, "");
}

static void write_tar_sum(uint8_t *header, int with_sign)
{
    long sum = 0;
    char field[8];
    memset(header + 148, ' ', 8);
    for (size_t i = 0; i < 512; i++)
        sum += with_sign && header[i] > 127 ? header[i] - 256 : header[i];
    snprintf(field, sizeof field, "%06lo", sum);
    memcpy(header + 148, field, 7);
}

static void tar_is_known_by_either_kind_of_header_sum(void **state)
{
    uint8_t header[512] = "BM\xe9t\xe9.txt";
    (void)state;
    memcpy(header + 124, "00000000012", 11);
    for (int with_sign = 0; with_sign < 2; with_sign++) {
        write_tar_sum(header, with_sign);
        assert_sniffed(header, 512, NF_CONTENT_TAR, "tar");
        assert_sniffed(header, 511, NF_CONTENT_UNKNOWN, "");
        header[0]++;
        assert_sniffed(header, 512, NF_CONTENT_UNKNOWN, "");
        header[0]--;
    }
}

static void a_block_of_zeros_or_of_any_one_byte_is_nothing(void **state)
{
    uint8_t head[NF_SNIFF_BYTES];
    (void)state;
    for (int byte = 0; byte < 256; byte++) {
        memset(head, byte, sizeof head);
        assert_sniffed(head, sizeof head, NF_CONTENT_UNKNOWN, "");
    }
}

static void image_suffixes_count_in_any_case_and_only_at_the_end(void **state)
{
    static const char *const yes[] = {"a.jpg", "a/b.JPEG", "x.tar!y/z.PnG", "a.b.tiff", ".jpg", "a.jxl", "a.HEIC", "a.jfif"};
    static const char *const no[] = {"", "a", "jpg", "a.jpg/b", "a.jpgx", "a.jp", "a.jpg ", "a.", "a.json", "a.npy"};
    (void)state;
    for (size_t i = 0; i < sizeof yes / sizeof *yes; i++)
        assert_true(nf_has_image_suffix(yes[i]));
    for (size_t i = 0; i < sizeof no / sizeof *no; i++)
        assert_false(nf_has_image_suffix(no[i]));
    assert_string_equal(nf_image_suffix_kind("a.png/b.JPeG"), "JPEG");
    assert_string_equal(nf_image_suffix_kind("b.tif"), "TIFF");
    assert_string_equal(nf_image_suffix_kind(".webp"), "WebP");
    assert_null(nf_image_suffix_kind("a.png/b"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signatures_are_recognised_and_nothing_shorter),
        cmocka_unit_test(weak_signatures_need_fields_that_make_sense),
        cmocka_unit_test(tar_is_known_by_either_kind_of_header_sum),
        cmocka_unit_test(a_block_of_zeros_or_of_any_one_byte_is_nothing),
        cmocka_unit_test(image_suffixes_count_in_any_case_and_only_at_the_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
