/* The drawn pictures and the sample set: the same bytes everywhere, entropies that rise from class to class. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <xxhash.h>

#include "metrics/backend.h"
#include "metrics/entropy.h"
#include "sample/cifar_sample.h"
#include "sample/draw.h"

enum { SIDE = 32, RGB_BYTES = 3 * SIDE * SIDE, RECORD_BYTES = RGB_BYTES + 1, IMAGES = 200 };

static double drawn_entropy(nf_sample_class drawn_class, uint64_t index)
{
    uint8_t rgb[RGB_BYTES];
    uint32_t counts[NF_GREY_LEVELS] = {0};
    nf_sample_draw(drawn_class, index, SIDE, SIDE, rgb);
    nf_backend_plain.count_rgb(rgb, SIDE * SIDE, counts);
    return nf_entropy_bits(counts);
}

static void entropies_rise_from_class_to_class_and_vary_within_one(void **state)
{
    (void)state;
    double mean_before = -1;
    for (int drawn_class = 0; drawn_class < NF_SAMPLE_CLASSES; drawn_class++) {
        double sum = 0, min = 9, max = -1;
        for (uint64_t i = 0; i < IMAGES; i++) {
            double bits = drawn_entropy((nf_sample_class)drawn_class, i);
            sum += bits;
            min = bits < min ? bits : min;
            max = bits > max ? bits : max;
        }
        print_message("%s: %.3f bits (%.3f to %.3f)\n", nf_sample_class_name((nf_sample_class)drawn_class), sum / IMAGES, min,
                      max);
        assert_true(sum / IMAGES > mean_before + 0.5);
        assert_true(max - min > 0.15);
        mean_before = sum / IMAGES;
    }
    assert_true(drawn_entropy(NF_SAMPLE_FLAT, 0) < 1);
    assert_true(mean_before > 7);
}

static void pictures_are_the_same_bytes_on_every_machine(void **state)
{
    (void)state;
    static const uint32_t sizes[][2] = {{32, 32}, {1, 1}, {7, 40}, {101, 67}};
    XXH3_state_t *hash = XXH3_createState();
    assert_non_null(hash);
    XXH3_64bits_reset(hash);
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        size_t n = (size_t)3 * sizes[s][0] * sizes[s][1];
        uint8_t *rgb = test_malloc(n);
        for (int drawn_class = 0; drawn_class < NF_SAMPLE_CLASSES; drawn_class++)
            for (uint64_t i = 0; i < 20; i++) {
                nf_sample_draw((nf_sample_class)drawn_class, i, sizes[s][0], sizes[s][1], rgb);
                XXH3_64bits_update(hash, rgb, n);
            }
        test_free(rgb);
    }
    uint64_t digest = XXH3_64bits_digest(hash);
    XXH3_freeState(hash);
    assert_int_equal(digest, UINT64_C(0x744d7d25ef86e0a7));
}

/* Reads a whole file; *bytes is the caller's. */
static size_t read_file(const char *path, uint8_t **bytes)
{
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    assert_int_equal(fseek(file, 0, SEEK_END), 0);
    size_t n = (size_t)ftell(file);
    rewind(file);
    *bytes = test_malloc(n + 1);
    assert_int_equal(fread(*bytes, 1, n, file), n);
    fclose(file);
    return n;
}

static size_t write_and_read(const nf_sample_options *options, uint8_t **bytes)
{
    char folder[] = "/tmp/nofade-test-XXXXXX";
    char path[64];
    nf_error error = {0};
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/sample", folder);
    assert_int_equal(nf_sample_write(path, options, &error), NF_OK);
    size_t n = read_file(path, bytes);
    unlink(path);
    assert_int_equal(rmdir(folder), 0);
    return n;
}

static void two_archives_of_the_same_options_are_equal(void **state)
{
    (void)state;
    const nf_sample_options options = {.train_images = 60};
    uint8_t *first, *second;
    size_t n_first = write_and_read(&options, &first);
    size_t n_second = write_and_read(&options, &second);
    assert_int_equal(n_first, n_second);
    assert_memory_equal(first, second, n_first);
    assert_int_equal(first[0], 0x1f);
    test_free(first);
    test_free(second);
}

static void plain_tar_holds_cifars_members_and_whole_records(void **state)
{
    (void)state;
    static const char *const names[] = {"",
                                        "batches.meta.txt",
                                        "data_batch_1.bin",
                                        "data_batch_2.bin",
                                        "data_batch_3.bin",
                                        "data_batch_4.bin",
                                        "data_batch_5.bin",
                                        "test_batch.bin",
                                        "readme.html"};
    static const size_t records[] = {0, 0, 3, 3, 2, 2, 2, 2, 0};
    const nf_sample_options options = {.plain = true, .train_images = 12};
    uint8_t *tar;
    size_t n = write_and_read(&options, &tar), at = 0, picture = 0;
    for (size_t member = 0; member < sizeof names / sizeof *names; member++) {
        char expected[100];
        assert_true(at + 512 <= n);
        snprintf(expected, sizeof expected, "cifar-10-batches-bin/%s", names[member]);
        assert_string_equal((const char *)tar + at, expected);
        size_t size = strtoul((const char *)tar + at + 124, NULL, 8);
        if (records[member] > 0)
            assert_int_equal(size, records[member] * RECORD_BYTES);
        for (size_t i = 0; i < records[member]; i++, picture++)
            assert_int_equal(tar[at + 512 + i * RECORD_BYTES], picture % NF_SAMPLE_CLASSES);
        at += 512 + (size + 511) / 512 * 512;
    }
    assert_int_equal(picture, 14);
    test_free(tar);
}

static void an_output_that_cannot_be_written_is_an_error_with_a_sentence(void **state)
{
    (void)state;
    nf_error error = {0};
    const nf_sample_options options = {.train_images = 12};
    assert_int_equal(nf_sample_write("/nonexistent/folder/sample", &options, &error), NF_ERR_OUTPUT);
    assert_true(strlen(error.message) > 0);
    if (access("/dev/full", W_OK) == 0)
        assert_int_equal(nf_sample_write("/dev/full", &options, &error), NF_ERR_OUTPUT);
}

static void too_many_images_are_refused(void **state)
{
    (void)state;
    nf_error error = {0};
    const nf_sample_options options = {.train_images = NF_SAMPLE_TRAIN_IMAGES_MAX + 1};
    assert_int_equal(nf_sample_write("never-written", &options, &error), NF_ERR_USAGE);
    assert_int_equal(access("never-written", F_OK), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(entropies_rise_from_class_to_class_and_vary_within_one),
        cmocka_unit_test(pictures_are_the_same_bytes_on_every_machine),
        cmocka_unit_test(two_archives_of_the_same_options_are_equal),
        cmocka_unit_test(plain_tar_holds_cifars_members_and_whole_records),
        cmocka_unit_test(an_output_that_cannot_be_written_is_an_error_with_a_sentence),
        cmocka_unit_test(too_many_images_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
