/* No memory where a library has to say so, or where little is wanted: never taken for damage, never another figure. */
#include <jansson.h>

#include "support/archives.h"
#include "support/folder.h"
#include "support/shortage.h"

#include "loaders/groups.h"
#include "manifest/manifest.h"
#include "profile/profile.h"

static void names_of_classes_are_found_without_memory(void **state)
{
    (void)state;
    nf_groups *groups;
    assert_int_equal(nf_groups_new(&groups, NULL), NF_OK);
    assert_int_equal(nf_groups_name_class(groups, "3", "cat", NULL), NF_OK);
    shortage_begin(0);
    const char *name = nf_groups_class_name(groups, "3"), *none = nf_groups_class_name(groups, "4");
    shortage_end();
    assert_string_equal(name, "cat");
    assert_null(none);
    nf_groups_free(groups);
}

static void counts_have_a_digest_or_an_error(void **state)
{
    (void)state;
    char digest[NF_DIGEST_SIZE];
    nf_error error = {0};
    nf_profile *profile;
    assert_int_equal(nf_profile_new(&profile, NULL), NF_OK);
    shortage_begin(0);
    nf_status status = nf_profile_counts_digest(profile, digest, &error);
    shortage_end();
    assert_int_equal(status, NF_ERR_NOMEM);
    assert_non_null(strstr(error.message, "out of memory"));
    assert_int_equal(nf_profile_counts_digest(profile, digest, &error), NF_OK);
    assert_int_equal(strlen(digest), NF_DIGEST_SIZE - 1);
    nf_profile_free(profile);
}

static nf_status read_every_entry(const char *path, unsigned *n_whole, nf_error *error)
{
    nf_entries *entries;
    nf_entry entry;
    nf_status status = nf_entries_open(&entries, path, error);
    if (status != NF_OK)
        return status;
    while ((status = nf_entries_next(entries, &entry, error)) == NF_OK) {
        nf_buf data = {0};
        status = nf_stream_read_all(nf_entries_data(entries), SIZE_MAX, &data, error);
        nf_buf_free(&data);
        if (status != NF_OK)
            break;
        ++*n_whole;
    }
    nf_entries_close(entries);
    return status;
}

/* Whichever call fails: an error of its own, or all there is, with the status that it has. */
static void assert_no_shortage_is_damage(void (*begin)(long), const char *path, nf_status whole, unsigned n)
{
    bool done = false;
    for (long i = 0; !done; i++) {
        nf_error error = {0};
        unsigned n_whole = 0;
        assert_true(i < 100000);
        begin(i);
        nf_status status = read_every_entry(path, &n_whole, &error);
        done = shortage_end();
        if (status != whole && (status != NF_ERR_NOMEM || strstr(error.message, "out of memory") == NULL))
            fail_msg("call %ld: status %d: %s", i, status, error.message);
        assert_true(status != whole || n_whole == n);
    }
}

static void libarchive_without_memory_is_no_damage(void **state)
{
    (void)state;
    char path[64];
    nf_buf tar = {0};
    put_tar_of(&tar, 3);
    make_path(path);
    write_bytes(path, tar.data, tar.len);
    assert_no_shortage_is_damage(shortage_begin, path, NF_EOF, 3);
    assert_no_shortage_is_damage(shortage_begin_one, path, NF_EOF, 3);
    unlink(path);
    nf_buf_free(&tar);
}

/* The second header names another size than its record in the directory: which is right is told by the first one's place. */
static void zip_headers_are_settled_without_memory(void **state)
{
    (void)state;
    char path[64];
    zip_maker zip = {0};
    put_zip(&zip, "a", "hello", 5, (zip_options){0});
    size_t second = zip.all.len;
    put_zip(&zip, "b", "hello", 5, (zip_options){0});
    put_zip_end(&zip);
    uint8_t *record = memmem(zip.all.data + second, zip.all.len - second, "PK\1\2", 4);
    assert_non_null(record);
    record[24]++; /* the first one's size in the directory */
    make_path(path);
    write_bytes(path, zip.all.data, zip.all.len);
    assert_no_shortage_is_damage(shortage_begin_one, path, NF_ERR_DAMAGED, 2);
    unlink(path);
    nf_buf_free(&zip.all);
    nf_buf_free(&zip.central);
}

static void *no_memory(size_t n)
{
    (void)n;
    return NULL;
}

static void json_without_memory_is_no_bad_json(void **state)
{
    (void)state;
    folder f;
    nf_error error = {0};
    nf_manifests *manifests;
    nf_profile *profile = NULL;
    json_malloc_t real_malloc;
    json_free_t real_free;
    folder_open(&f);
    folder_write(&f, "p.json", "{}", 2);
    json_get_alloc_funcs(&real_malloc, &real_free);
    json_set_alloc_funcs(no_memory, real_free);
    nf_status of_manifests = nf_manifests_open(&manifests, f.file, &error);
    json_set_alloc_funcs(real_malloc, real_free);
    assert_int_equal(of_manifests, NF_ERR_NOMEM);
    assert_non_null(strstr(error.message, "out of memory"));
    json_set_alloc_funcs(no_memory, real_free);
    nf_status of_profile = nf_profile_read(f.file, &profile, &error);
    json_set_alloc_funcs(real_malloc, real_free);
    assert_int_equal(of_profile, NF_ERR_NOMEM);
    nf_profile_free(profile);
    folder_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_of_classes_are_found_without_memory),
        cmocka_unit_test(counts_have_a_digest_or_an_error),
        cmocka_unit_test(libarchive_without_memory_is_no_damage),
        cmocka_unit_test(zip_headers_are_settled_without_memory),
        cmocka_unit_test(json_without_memory_is_no_bad_json),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
