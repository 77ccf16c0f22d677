/* How much of a source is read that somebody made to be read over and over. */
#include "support/archives.h"
#include "support/bytes_read.h"

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
        put_le(&zip, zip.len - 12 - 4 - (i % 2), 4);
        put_le(&zip, 0, 6);
    }
    assert_in_range(cost_of_opening(&zip), 1, 16 * zip.len);
    nf_buf_free(&zip);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(headers_of_a_zip_that_point_far_ahead),
        cmocka_unit_test(ends_of_a_zip_that_point_far_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
