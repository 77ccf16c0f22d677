/* Zips in regular files: every member stands alone. */
#include "support/archives.h"

#include <sys/stat.h>

static const zip_options stored = {0}, deflated = {.deflate = true}, descriptor = {.deflate = true, .flags = 8};

/* n members "d/<i>.jpg" with 500 noisy bytes and 2000 zeros. offsets (may be NULL) gets their places. */
static void put_zip_of(zip_maker *zip, int n, zip_options options, size_t *offsets)
{
    for (int i = 0; i < n; i++) {
        nf_buf data = {0};
        char name[32];
        snprintf(name, sizeof name, "d/%d.jpg", i);
        put_noise(&data, 500, (uint32_t)i);
        put_zeros(&data, 2000);
        if (offsets != NULL)
            offsets[i] = zip->all.len;
        put_zip(zip, name, data.data, data.len, options);
        nf_buf_free(&data);
    }
}

static walked walk_zip_of(zip_maker *zip)
{
    walked w = walk_bytes(zip->all.data, zip->all.len);
    nf_buf_free(&zip->all);
    return w;
}

static void every_kind_of_member_comes_in_order(void **state)
{
    (void)state;
    const zip_options options[] = {stored, deflated, descriptor, deflated};
    for (size_t i = 0; i < 4; i++) {
        zip_maker zip = {.zip64 = i == 3};
        put_zip(&zip, "a/", "", 0, stored);
        put_zip(&zip, "a/x", "hello", 5, options[i]);
        put_zip(&zip, "a/y", "", 0, options[i]);
        put_zip(&zip, "ln", "a/x", 3, (zip_options){.unix_mode = S_IFLNK | 0777});
        put_zip_end(&zip);
        uint64_t bytes = zip.all.len;
        walked w = walk_zip_of(&zip);
        assert_int_equal(w.ended, NF_EOF);
        assert_int_equal(w.finished, NF_OK);
        assert_int_equal(w.n_bad + w.n_faults, 0);
        assert_string_equal(list_of(&w), "a/x=5/3610a686 a/y=0/00000000 ln=link ");
        assert_string_equal(w.format, "zip");
        assert_int_equal(w.bytes, bytes);
        nf_buf_free(&w.list);
    }
}

static void one_damaged_member_costs_only_itself(void **state)
{
    (void)state;
    for (int kind = 0; kind < 2; kind++) {
        zip_maker zip = {0};
        size_t offsets[20];
        put_zip_of(&zip, 20, kind == 0 ? deflated : stored, offsets);
        put_zip_end(&zip);
        zip.all.data[offsets[7] + 100] ^= 0xff;
        walked w = walk_zip_of(&zip);
        assert_int_equal(w.ended, NF_EOF);
        assert_int_equal(w.n_entries, 20);
        assert_int_equal(w.n_faults, 1);
        assert_null(strstr(list_of(&w), "d/7.jpg="));
        assert_non_null(strstr(list_of(&w), "d/19.jpg=2500/"));
        nf_buf_free(&w.list);
    }
}

/* The members' list of a whole zip, to compare with. */
static walked reference(int n, zip_options options)
{
    zip_maker zip = {0};
    put_zip_of(&zip, n, options, NULL);
    put_zip_end(&zip);
    return walk_zip_of(&zip);
}

static void a_damaged_central_directory_is_rebuilt(void **state)
{
    (void)state;
    for (int kind = 0; kind < 3; kind++) {
        zip_options options = kind == 2 ? descriptor : kind == 1 ? deflated : stored;
        walked whole = reference(20, options);
        for (int harm = 0; harm < 4; harm++) {
            zip_maker zip = {0};
            put_zip_of(&zip, 20, options, NULL);
            size_t start = put_zip_end(&zip);
            if (harm == 0)
                memset(zip.all.data + start + 200, 0xa5, 60); /* inside */
            else if (harm == 1)
                zip.all.data[start] ^= 1; /* its first signature */
            else if (harm == 2)
                memset(zip.all.data + zip.all.len - 22, 0, 22); /* no end record */
            else
                zip.all.len = start; /* gone */
            walked w = walk_zip_of(&zip);
            assert_string_equal(list_of(&w), list_of(&whole));
            assert_int_equal(w.n_bad + w.n_faults, 0);
            assert_int_equal(w.ended, NF_ERR_DAMAGED); /* members may be missing */
            nf_buf_free(&w.list);
        }
        nf_buf_free(&whole.list);
    }
}

static void bytes_before_the_archive_are_passed_over(void **state)
{
    (void)state;
    zip_maker zip = {0};
    walked whole = reference(5, deflated);
    nf_buf all = {0};
    put_zip_of(&zip, 5, deflated, NULL);
    put_zip_end(&zip);
    put(&all, "#!/bin/sh -- unpacks itself\n", 28);
    put(&all, zip.all.data, zip.all.len);
    nf_buf_free(&zip.all);
    walked w = walk_bytes(all.data, all.len);
    assert_string_equal(list_of(&w), list_of(&whole));
    assert_int_equal(w.ended, NF_EOF);
    nf_buf_free(&all);
    nf_buf_free(&w.list);
    nf_buf_free(&whole.list);
}

static void overlapping_members_are_refused(void **state)
{
    (void)state;
    zip_maker zip = {0};
    size_t offsets[3];
    put_zip_of(&zip, 3, deflated, offsets);
    size_t start = put_zip_end(&zip);
    /* The second and third record speak of the first member's bytes. */
    size_t record = 46 + strlen("d/0.jpg");
    for (size_t i = 1; i < 3; i++)
        memset(zip.all.data + start + i * record + 42, 0, 4);
    walked w = walk_zip_of(&zip);
    assert_int_equal(w.n_entries, 1);
    assert_int_equal(w.n_bad, 2);
    assert_int_equal(w.ended, NF_EOF);
    nf_buf_free(&w.list);
}

static void more_data_than_declared_are_not_given(void **state)
{
    (void)state;
    zip_maker zip = {0};
    put_zip_of(&zip, 2, deflated, NULL);
    size_t start = put_zip_end(&zip);
    zip.all.data[start + 24] = zip.all.data[22] = 100; /* the size in both records: 100 instead of 2500 */
    zip.all.data[start + 25] = zip.all.data[23] = 0;
    walked w = walk_zip_of(&zip);
    assert_int_equal(w.n_faults, 1);
    assert_string_equal(w.error.message, "more data than the declared 100 bytes");
    assert_null(strstr(list_of(&w), "d/0.jpg="));
    assert_non_null(strstr(list_of(&w), "d/1.jpg=2500/"));
    nf_buf_free(&w.list);
}

/* One record says that a member is another than it is, at each of the fields that both have. */
static void a_member_with_one_good_record_is_given(void **state)
{
    (void)state;
    static const size_t fields[][2] = {{14, 16}, {18, 20}, {22, 24}, {30, 46}}; /* check sum, sizes, name */
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
        for (size_t k = 0; k < 2; k++) {
            zip_maker zip = {0};
            put_zip_of(&zip, 2, deflated, NULL);
            size_t start = put_zip_end(&zip);
            zip.all.data[k == 0 ? fields[i][0] : start + fields[i][1]] ^= 1;
            walked w = walk_zip_of(&zip);
            assert_int_equal(w.n_entries, 2);
            assert_int_equal(w.n_faults, 0);
            assert_int_equal(w.ended, NF_ERR_DAMAGED);
            assert_non_null(strstr(list_of(&w), "/0.jpg=2500/"));
            assert_non_null(strstr(list_of(&w), "d/1.jpg=2500/"));
            nf_buf_free(&w.list);
        }
}

static void an_encrypted_member_is_said_to_be_so(void **state)
{
    (void)state;
    zip_maker zip = {0};
    char path[64];
    nf_entries *entries;
    nf_entry entry;
    const uint8_t *data;
    size_t len;
    put_zip(&zip, "secret", "xxxxx", 5, (zip_options){.flags = 1});
    put_zip_end(&zip);
    make_path(path);
    write_bytes(path, zip.all.data, zip.all.len);
    assert_int_equal(nf_entries_open(&entries, path, NULL), NF_OK);
    assert_int_equal(nf_entries_next(entries, &entry, NULL), NF_OK);
    assert_true(entry.encrypted);
    assert_int_equal(nf_stream_next(nf_entries_data(entries), 1, &data, &len, NULL), NF_BAD_RECORD);
    assert_int_equal(nf_entries_next(entries, &entry, NULL), NF_EOF);
    nf_entries_close(entries);
    unlink(path);
    nf_buf_free(&zip.all);
}

static void random_damage_and_cuts_end_cleanly(void **state)
{
    (void)state;
    uint32_t seed = 99;
    for (int round = 0; round < 300; round++) {
        zip_maker zip = {.zip64 = round % 3 == 0};
        put_zip_of(&zip, 4, round % 2 ? deflated : descriptor, NULL);
        put_zip_end(&zip);
        for (int i = 0; i < 1 + round % 20; i++) {
            seed = seed * 1664525u + 1013904223u;
            zip.all.data[(seed >> 4) % zip.all.len] = (uint8_t)(seed >> 24);
        }
        if (round % 5 == 0)
            zip.all.len = zip.all.len * (size_t)(round + 1) / 301;
        walked w = walk_zip_of(&zip);
        nf_buf_free(&w.list);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_of_member_comes_in_order),
        cmocka_unit_test(one_damaged_member_costs_only_itself),
        cmocka_unit_test(a_damaged_central_directory_is_rebuilt),
        cmocka_unit_test(bytes_before_the_archive_are_passed_over),
        cmocka_unit_test(overlapping_members_are_refused),
        cmocka_unit_test(more_data_than_declared_are_not_given),
        cmocka_unit_test(a_member_with_one_good_record_is_given),
        cmocka_unit_test(an_encrypted_member_is_said_to_be_so),
        cmocka_unit_test(random_damage_and_cuts_end_cleanly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
