/* How much goes into a batch: what its images come to, not what an archive stores of them; and what is done of the batches under
 * way when it is time to stop. */
#include <time.h>

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

typedef struct interruption {
    volatile sig_atomic_t flag;
    uint64_t n_folded; /* when it came */
    uint64_t n_rows;
} interruption;

/* After the first batch, when the others are full as well. */
static void interrupt(void *listener, const nf_scan_progress *progress)
{
    interruption *i = listener;
    if (i->flag == 0)
        i->n_folded = progress->images;
    nanosleep(&(struct timespec){.tv_nsec = 200 * 1000 * 1000}, NULL);
    i->flag = 1;
}

static nf_status row_in_order(void *listener, const nf_image_row *row, nf_error *error)
{
    (void)error;
    interruption *i = listener;
    assert_int_equal(row->index, i->n_rows++);
    return NF_OK;
}

static void interrupted_images_that_are_not_begun_are_left_out(void **state)
{
    (void)state;
    nf_buf tar = {0};
    char path[64], name[32];
    uint8_t pixels[16] = "P5 2 2 255\nabcd"; /* whatever it is, it is counted as failed */
    for (int i = 0; i < MEMBERS; i++) {
        snprintf(name, sizeof name, "%c/%02d.jpg", 'a' + i % 2, i);
        put_tar(&tar, name, '0', pixels, sizeof pixels);
        snprintf(name, sizeof name, "%02d.txt", i);
        put_tar(&tar, name, '0', "words", 5);
    }
    put_tar_end(&tar);
    make_path(path);
    write_bytes(path, tar.data, tar.len);
    interruption i = {0};
    nf_scan_options options;
    nf_profile *profile;
    nf_error error;
    nf_scan_options_init(&options);
    options.threads = 1;
    options.batch_bytes = 4096;
    options.on_progress = interrupt;
    options.on_image = row_in_order;
    options.listener = &i;
    options.interrupted = &i.flag;
    const char *paths[] = {path};
    assert_int_equal(nf_scan(paths, 1, &options, &profile, &error), NF_OK);
    assert_in_range(i.n_folded, 1, MEMBERS / 2);
    assert_int_equal(i.n_rows, i.n_folded);
    assert_int_equal(profile->images_read + profile->images_failed, i.n_folded);
    assert_int_equal(profile->passed_over.n, 0); /* how far the reader was ahead is chance */
    assert_false(profile->complete);
    nf_profile_free(profile);
    unlink(path);
    nf_buf_free(&tar);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(interrupted_images_that_are_not_begun_are_left_out),
        cmocka_unit_test(what_is_stored_deflated_fills_a_batch_by_its_size),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
