/* How much goes into a batch: what its images come to, not what an archive stores of them. An interruption waits for the batches
 * that are under way. */
#include "support/archives.h"

#include "nofade.h"

enum { MEMBERS = 40, MEMBER_BYTES = 1 << 20 };

static void count_batch(void *listener, const nf_scan_progress *progress)
{
    (void)progress;
    ++*(int *)listener;
}

static int batches_of(zip_options how)
{
    zip_maker zip = {0};
    nf_buf data = {0};
    char path[64], name[32];
    int n_batches = 0;
    nf_scan_options options;
    nf_profile *profile;
    nf_error error;
    put(&data, "\xff\xd8\xff", 3); /* whatever it is, it must be unpacked to be looked at */
    put_zeros(&data, MEMBER_BYTES - 3);
    for (int i = 0; i < MEMBERS; i++) {
        snprintf(name, sizeof name, "%c/%d.jpg", 'a' + i % 2, i);
        put_zip(&zip, name, data.data, data.len, how);
    }
    put_zip_end(&zip);
    make_path(path);
    write_bytes(path, zip.all.data, zip.all.len);
    nf_scan_options_init(&options);
    options.threads = 2;
    options.batch_bytes = 4 * MEMBER_BYTES;
    options.on_progress = count_batch;
    options.listener = &n_batches;
    const char *paths[] = {path};
    assert_int_equal(nf_scan(paths, 1, &options, &profile, &error), NF_OK);
    nf_profile_free(profile);
    unlink(path);
    nf_buf_free(&zip.all);
    nf_buf_free(&data);
    return n_batches;
}

static void what_is_stored_deflated_fills_a_batch_by_its_size(void **state)
{
    (void)state;
    const int n_stored = batches_of((zip_options){0});
    assert_true(n_stored >= MEMBERS / 4);
    assert_int_equal(batches_of((zip_options){.deflate = true}), n_stored);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_stored_deflated_fills_a_batch_by_its_size),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
