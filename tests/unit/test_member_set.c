/* Which members of an archive were seen. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "loaders/members.h"

static bool insert(nf_member_set *set, uint64_t archive, const char *path)
{
    bool seen;
    assert_int_equal(nf_member_set_insert(set, archive, path, &seen, NULL), NF_OK);
    return seen;
}

static void a_path_is_seen_the_second_time(void **state)
{
    (void)state;
    nf_member_set set = {0};
    assert_false(insert(&set, 0, "a/1.png"));
    assert_false(insert(&set, 0, "a/2.png"));
    assert_false(insert(&set, 0, ""));
    assert_true(insert(&set, 0, "a/1.png"));
    assert_true(insert(&set, 0, ""));
    assert_int_equal(set.n, 3);
    nf_member_set_free(&set);
    assert_false(insert(&set, 0, "a/1.png"));
    nf_member_set_free(&set);
}

static void the_same_path_in_another_archive_is_another_member(void **state)
{
    (void)state;
    nf_member_set set = {0};
    for (uint64_t archive = 0; archive < 100; archive++)
        assert_false(insert(&set, archive, "1.png"));
    assert_true(insert(&set, 57, "1.png"));
    nf_member_set_free(&set);
}

static void hundred_thousand_members_are_told_apart(void **state)
{
    (void)state;
    nf_member_set set = {0};
    char path[64];
    for (int round = 0; round < 2; round++)
        for (int i = 0; i < 100000; i++) {
            snprintf(path, sizeof path, "train/n%05d/%d.jpg", i / 100, i);
            assert_int_equal(insert(&set, 0, path), round == 1);
        }
    assert_int_equal(set.n, 100000);
    nf_member_set_free(&set);
    nf_member_set_free(&set);
}

static void files_of_images_are_at_most_65536(void **state)
{
    (void)state;
    nf_member_set set = {0};
    char path[32];
    bool repeated;
    for (int i = 0; i <= NF_MEMBERS_MAX; i++) {
        snprintf(path, sizeof path, "%d.bin", i);
        nf_status status = nf_members_add(&set, &(nf_entry){.path = path}, &repeated, NULL);
        assert_int_equal(status, i < NF_MEMBERS_MAX ? NF_OK : NF_ERR_INPUT);
        assert_false(repeated);
    }
    nf_member_set_free(&set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_path_is_seen_the_second_time),
        cmocka_unit_test(the_same_path_in_another_archive_is_another_member),
        cmocka_unit_test(hundred_thousand_members_are_told_apart),
        cmocka_unit_test(files_of_images_are_at_most_65536),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
