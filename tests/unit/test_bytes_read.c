/* How much of a source is read that somebody made to be read over and over, or of which little is wanted. */
#include "support/archives.h"
#include "support/bytes_read.h"

#include "nofade.h"

static void skip_without_count(void)
{
    if (bytes_read_so_far() == UINT64_MAX) {
        printf("SKIP: the system does not count what is read\n");
        skip();
    }
}

/* What opening a zip reads. */
static uint64_t cost_of_opening(const nf_buf *zip)
{
    char path[64];
    nf_entries *entries;
    make_path(path);
    write_bytes(path, zip->data, zip->len);
    uint64_t before = bytes_read_so_far();
    nf_status status = nf_entries_open(&entries, path, NULL);
    uint64_t after = bytes_read_so_far();
    unlink(path);
    if (status == NF_OK)
        nf_entries_close(entries);
    return after - before;
}

/* Every local header says that another record stands 400,000 bytes behind it. */
static void headers_of_a_zip_that_point_far_ahead(void **state)
{
    enum { HEADERS = 4000, AHEAD = 400000 };
    (void)state;
    skip_without_count();
    nf_buf zip = {0};
    for (int i = 0; i < HEADERS; i++) {
        put(&zip, "PK\3\4\24\0\0\0\0\0\0\0\0\0\0\0\0\0", 18);
        put_le(&zip, AHEAD, 4);
        put_le(&zip, AHEAD, 4);
        put_le(&zip, 1, 4);
        put(&zip, "a", 1);
    }
    put_noise(&zip, AHEAD + 1000, 7);
    assert_in_range(cost_of_opening(&zip), 1, 16 * zip.len);
    nf_buf_free(&zip);
}

/* Every four bytes at the end of the file begin a record of the zip's end, which points to the same place before. */
static void ends_of_a_zip_that_point_far_back(void **state)
{
    enum { ENDS = 2000, BACK = 400000 };
    (void)state;
    skip_without_count();
    nf_buf zip = {0};
    put(&zip, "PK\3\4", 4);
    put(&zip, "PK\1\2", 4);
    put_noise(&zip, BACK, 7);
    for (int i = 0; i < ENDS; i++) {
        put(&zip, "PK\5\6\0\0\0\0\1\0\1\0", 12);
        put_le(&zip, zip.len - 12 - 4, 4);
        put_le(&zip, 0, 6);
    }
    assert_in_range(cost_of_opening(&zip), 1, 16 * zip.len);
    nf_buf_free(&zip);
}

/* A tar of small members with one between them whose bytes are a hole of the file. */
static void make_tar_with_hole(char path[64], uint64_t hole)
{
    nf_buf head = {0}, tail = {0};
    uint64_t padded = (hole + 511) / 512 * 512;
    unsigned sum = 0;
    for (int i = 0; i < 4; i++)
        put_tar(&head, (const char *[]){"a/1.png", "a/2.png", "b/1.png", "b/2.png"}[i], '0', "no png", 6);
    size_t at = head.len;
    put_tar(&head, "big.bin", '0', "", 0);
    char *header = (char *)head.data + at;
    snprintf(header + 124, 12, "%011llo", (unsigned long long)hole);
    memset(header + 148, ' ', 8);
    for (size_t i = 0; i < 512; i++)
        sum += (unsigned char)header[i];
    snprintf(header + 148, 8, "%06o", sum);
    put_tar(&tail, "c/1.png", '0', "no png", 6);
    put_tar_end(&tail);
    make_path(path);
    write_bytes(path, head.data, head.len);
    FILE *file = fopen(path, "r+b");
    assert_non_null(file);
    assert_int_equal(fseeko(file, (off_t)(head.len + padded), SEEK_SET), 0);
    assert_int_equal(fwrite(tail.data, 1, tail.len, file), tail.len);
    assert_int_equal(fclose(file), 0);
    nf_buf_free(&head);
    nf_buf_free(&tail);
}

static void a_large_member_that_nobody_reads_is_passed_over(void **state)
{
    (void)state;
    skip_without_count();
    char path[64];
    uint64_t holes[] = {300000, 1 << 28}; /* of 512 bytes and not; each more than is read at a time */
    for (size_t i = 0; i < 2; i++) {
        nf_buf names = {0};
        nf_entries *entries;
        nf_entry entry;
        make_tar_with_hole(path, holes[i]);
        uint64_t before = bytes_read_so_far();
        assert_int_equal(nf_entries_open(&entries, path, NULL), NF_OK);
        nf_entries_forgo_digest(entries);
        for (int walks = 0; walks < 2; walks++) {
            nf_status status;
            while ((status = nf_entries_next(entries, &entry, NULL)) == NF_OK)
                put(&names, entry.path, strlen(entry.path));
            assert_int_equal(status, NF_EOF);
            assert_int_equal(nf_entries_info(entries)->tars_without_end, 0);
            assert_int_equal(nf_entries_rewind(entries, NULL), NF_OK);
        }
        put(&names, "", 1);
        assert_string_equal((const char *)names.data, "a/1.pnga/2.pngb/1.pngb/2.pngbig.binc/1.png"
                                                      "a/1.pnga/2.pngb/1.pngb/2.pngbig.binc/1.png");
        assert_in_range(bytes_read_so_far() - before, 1, 4 << 20);
        nf_entries_close(entries);
        unlink(path);
        nf_buf_free(&names);
    }
}

static void a_large_member_that_is_not_drawn_is_passed_over(void **state)
{
    (void)state;
    skip_without_count();
    char path[64];
    nf_scan_options options;
    nf_profile *profile = NULL;
    nf_error error = {0};
    make_tar_with_hole(path, 1 << 30);
    nf_scan_options_init(&options);
    options.threads = 1;
    options.sample = 1.0;
    const char *paths[] = {path};
    uint64_t before = bytes_read_so_far();
    assert_int_equal(nf_scan(paths, 1, &options, &profile, &error), NF_OK);
    uint64_t after = bytes_read_so_far();
    assert_int_equal(profile->images_failed, 5);
    assert_in_range(after - before, 1, 16 << 20);
    nf_profile_free(profile);
    unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(headers_of_a_zip_that_point_far_ahead),
        cmocka_unit_test(ends_of_a_zip_that_point_far_back),
        cmocka_unit_test(a_large_member_that_nobody_reads_is_passed_over),
        cmocka_unit_test(a_large_member_that_is_not_drawn_is_passed_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
