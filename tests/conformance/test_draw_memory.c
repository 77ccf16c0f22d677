/* Members drawn at random while memory runs out: at any allocation of ours, in the index or in the walk. */
#include "support/archives.h"
#include "support/shortage.h"

#include "loaders/source/draw.h"
#include "metrics/confidence.h"

static size_t unit_bytes(void *context, const nf_entry *entry)
{
    (void)context;
    return strcmp(entry->path, "m0") == 0 ? NF_UNIT_FIRST : strlen(entry->path);
}

/* How many members came whole. */
static nf_status draw_all(nf_entries *entries, unsigned *n_whole, nf_error *error)
{
    const nf_draw draw = {1, 1.0, unit_bytes, NULL, NULL};
    nf_drawn drawn;
    nf_entry entry;
    nf_status status = nf_entries_draw(entries, &draw, &drawn, error);
    while (status == NF_OK && (status = nf_entries_next(entries, &entry, error)) == NF_OK) {
        nf_buf data = {0};
        status = nf_stream_read_all(nf_entries_data(entries), SIZE_MAX, &data, error);
        *n_whole += status == NF_OK;
        nf_buf_free(&data);
    }
    return status;
}

/* Every shortage ends in its own error, and without one all n come. */
static void assert_any_allocation_may_fail(const char *path, unsigned n)
{
    long i = 0;
    for (bool done = false; !done; i++) {
        nf_entries *entries;
        nf_error error = {0};
        unsigned n_whole = 0;
        assert_true(i < 100000);
        assert_int_equal(nf_entries_open(&entries, path, &error), NF_OK);
        shortage_begin(i);
        nf_status status = draw_all(entries, &n_whole, &error);
        done = shortage_end();
        if (status != NF_EOF && (status != NF_ERR_NOMEM || strstr(error.message, "out of memory") == NULL))
            fail_msg("allocation %ld: status %d: %s", i, status, error.message);
        if (status == NF_EOF)
            assert_int_equal(n_whole, n);
        nf_entries_close(entries);
    }
    assert_true(i > 20); /* or nothing was wrapped */
}

static void of_a_tar_of_tars(void **state)
{
    (void)state;
    char path[64];
    nf_buf inner = {0}, outer = {0};
    put_tar_of(&inner, 3);
    put_tar(&outer, "a.tar", '0', inner.data, inner.len);
    put_tar(&outer, "b.tar", '0', inner.data, inner.len);
    put_tar_of(&outer, 2);
    make_path(path);
    write_bytes(path, outer.data, outer.len);
    assert_any_allocation_may_fail(path, 8);
    unlink(path);
    nf_buf_free(&inner);
    nf_buf_free(&outer);
}

static void of_a_zip(void **state)
{
    (void)state;
    char path[64];
    zip_maker zip = {0};
    put_zip(&zip, "a", "hello", 5, (zip_options){0});
    put_zip(&zip, "b", "hello", 5, (zip_options){.deflate = true});
    put_zip_end(&zip);
    make_path(path);
    write_bytes(path, zip.all.data, zip.all.len);
    assert_any_allocation_may_fail(path, 2);
    unlink(path);
    nf_buf_free(&zip.all);
}

static void of_a_directory_of_archives(void **state)
{
    (void)state;
    char path[64] = "/tmp/nofade-draw-XXXXXX", file[96], tar_path[96];
    nf_buf tar = {0};
    put_tar_of(&tar, 3);
    assert_non_null(mkdtemp(path));
    snprintf(tar_path, sizeof tar_path, "%s/in.tar", path);
    write_bytes(tar_path, tar.data, tar.len);
    snprintf(file, sizeof file, "%s/m0", path);
    write_bytes(file, "x", 1);
    assert_any_allocation_may_fail(path, 4);
    unlink(file);
    unlink(tar_path);
    assert_int_equal(rmdir(path), 0);
    nf_buf_free(&tar);
}

static void of_what_has_been_seen(void **state)
{
    (void)state;
    for (long i = 0; i < 4; i++) {
        nf_confidence c = {.n_members = 9, .n_planned = 9};
        nf_error error = {0};
        shortage_begin(i);
        nf_status status = nf_confidence_add(&c, 1.0, &error);
        shortage_end();
        assert_int_equal(status, i < 2 ? NF_ERR_NOMEM : NF_OK);
        assert_int_equal(c.n, i < 2 ? 0 : 1);
        nf_confidence_free(&c);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(of_a_tar_of_tars),
        cmocka_unit_test(of_a_zip),
        cmocka_unit_test(of_a_directory_of_archives),
        cmocka_unit_test(of_what_has_been_seen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
