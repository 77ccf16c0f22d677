/* The groups of a run, names of classes, and what was passed over. */
#include "support/archives.h"

#include "loaders/groups.h"
#include "loaders/tally.h"

static void equal_splits_and_classes_have_one_number(void **state)
{
    (void)state;
    nf_groups *groups;
    uint32_t a, b, c, d, e;
    assert_int_equal(nf_groups_new(&groups, NULL), NF_OK);
    assert_int_equal(nf_groups_intern(groups, "train", "3", &a, NULL), NF_OK);
    assert_int_equal(nf_groups_intern(groups, "test", "3", &b, NULL), NF_OK);
    assert_int_equal(nf_groups_intern(groups, "train", NULL, &c, NULL), NF_OK);
    assert_int_equal(nf_groups_intern(groups, "train", "", &d, NULL), NF_OK);
    assert_int_equal(nf_groups_intern(groups, "train", "3", &e, NULL), NF_OK);
    assert_true(a == e && a != b && a != c && c != d);
    assert_int_equal(nf_groups_count(groups), 4);
    assert_string_equal(nf_groups_get(groups, b)->split, "test");
    assert_string_equal(nf_groups_get(groups, b)->class_id, "3");
    assert_null(nf_groups_get(groups, c)->class_id);
    assert_null(nf_groups_get(groups, c)->directory);
    nf_groups_free(groups);
}

static void thousands_of_directories_keep_their_numbers(void **state)
{
    (void)state;
    nf_groups *groups;
    uint32_t number;
    char name[32];
    assert_int_equal(nf_groups_new(&groups, NULL), NF_OK);
    for (int round = 0; round < 2; round++)
        for (uint32_t i = 0; i < 5000; i++) {
            snprintf(name, sizeof name, "train/n%05u", (unsigned)i);
            assert_int_equal(nf_groups_intern_directory(groups, name, &number, NULL), NF_OK);
            assert_int_equal(number, i);
        }
    assert_int_equal(nf_groups_count(groups), 5000);
    nf_groups_free(groups);
}

static void an_image_of_several_classes_is_counted_under_the_set_and_each_class(void **state)
{
    (void)state;
    nf_groups *groups;
    uint32_t both, again, one, none, plain;
    assert_int_equal(nf_groups_new(&groups, NULL), NF_OK);
    assert_int_equal(nf_groups_intern_several(groups, "train", (const char *[]){"dog", "cat"}, 2, &both, NULL), NF_OK);
    assert_int_equal(nf_groups_intern_several(groups, "train", (const char *[]){"cat", "dog"}, 2, &again, NULL), NF_OK);
    assert_int_equal(nf_groups_intern_several(groups, "train", (const char *[]){"dog"}, 1, &one, NULL), NF_OK);
    assert_int_equal(nf_groups_intern_several(groups, "train", NULL, 0, &none, NULL), NF_OK);
    assert_int_equal(nf_groups_intern(groups, "train", NULL, &plain, NULL), NF_OK);
    assert_true(both == again && both != one && none != plain);
    const nf_group_parts *parts = nf_groups_get(groups, both)->parts, *single = nf_groups_get(groups, one)->parts;
    assert_int_equal(parts->n, 3);
    assert_int_equal(parts->groups[0], plain);
    assert_string_equal(nf_groups_get(groups, parts->groups[1])->class_id, "cat");
    assert_string_equal(nf_groups_get(groups, parts->groups[2])->class_id, "dog");
    assert_int_equal(nf_groups_get(groups, parts->groups[2])->role, NF_GROUP_HOLDERS);
    assert_true(single->n == 2 && single->groups[0] == plain && single->groups[1] == parts->groups[2]);
    assert_int_equal(nf_groups_get(groups, none)->parts->n, 1);
    assert_string_equal(nf_groups_get(groups, both)->split, "train");
    assert_null(nf_groups_get(groups, plain)->parts);
    nf_groups_free(groups);
}

static void pixel_values_have_a_group_each_in_every_split(void **state)
{
    (void)state;
    nf_groups *groups;
    const char *ids[256] = {[1] = "1", [255] = "255"};
    const uint32_t *train, *val, *again;
    assert_int_equal(nf_groups_new(&groups, NULL), NF_OK);
    assert_int_equal(nf_groups_pixel_classes(groups, "train", ids, &train, NULL), NF_OK);
    assert_int_equal(nf_groups_pixel_classes(groups, "val", ids, &val, NULL), NF_OK);
    assert_int_equal(nf_groups_pixel_classes(groups, "train", ids, &again, NULL), NF_OK);
    assert_ptr_equal(train, again);
    assert_true(train[0] == NF_GROUP_LATE && train[1] != val[1] && train[1] != train[255]);
    assert_int_equal(nf_groups_get(groups, val[255])->role, NF_GROUP_PIXELS);
    assert_string_equal(nf_groups_get(groups, val[255])->class_id, "255");
    assert_string_equal(nf_groups_get(groups, val[255])->split, "val");
    nf_groups_free(groups);
}

static void directories_are_settled_together_and_others_left_alone(void **state)
{
    (void)state;
    nf_groups *groups;
    uint32_t cat, dog, given;
    assert_int_equal(nf_groups_new(&groups, NULL), NF_OK);
    assert_int_equal(nf_groups_resolve(groups, NULL), NF_OK);
    assert_int_equal(nf_groups_intern_directory(groups, "set/train/cat", &cat, NULL), NF_OK);
    assert_int_equal(nf_groups_intern(groups, "test", "7", &given, NULL), NF_OK);
    assert_int_equal(nf_groups_intern_directory(groups, "set/test/dog", &dog, NULL), NF_OK);
    for (int round = 0; round < 2; round++) {
        assert_int_equal(nf_groups_resolve(groups, NULL), NF_OK);
        assert_string_equal(nf_groups_get(groups, cat)->split, "train");
        assert_string_equal(nf_groups_get(groups, cat)->class_id, "cat");
        assert_string_equal(nf_groups_get(groups, dog)->split, "test");
        assert_string_equal(nf_groups_get(groups, dog)->class_id, "dog");
        assert_string_equal(nf_groups_get(groups, given)->class_id, "7");
    }
    nf_groups_free(groups);
}

static void a_later_name_replaces_an_earlier_one(void **state)
{
    (void)state;
    nf_groups *groups;
    assert_int_equal(nf_groups_new(&groups, NULL), NF_OK);
    assert_null(nf_groups_class_name(groups, "3"));
    assert_int_equal(nf_groups_name_class(groups, "3", "cat", NULL), NF_OK);
    assert_int_equal(nf_groups_name_class(groups, "30", "tiger", NULL), NF_OK);
    assert_int_equal(nf_groups_name_class(groups, "3", "lion", NULL), NF_OK);
    assert_string_equal(nf_groups_class_name(groups, "3"), "lion");
    assert_string_equal(nf_groups_class_name(groups, "30"), "tiger");
    assert_null(nf_groups_class_name(groups, ""));
    nf_groups_free(groups);
}

static uint64_t tally_of(const nf_tally *tally, const char *kind)
{
    for (size_t i = 0; i < tally->n; i++)
        if (strcmp(tally->kinds[i].kind, kind) == 0)
            return tally->kinds[i].count;
    return 0;
}

static void paths_are_tallied_by_suffix_in_lower_case(void **state)
{
    (void)state;
    nf_tally tally = {0};
    nf_tally_add_path(&tally, "a/b.TXT");
    nf_tally_add_path(&tally, "a.tar!c.txt");
    nf_tally_add_path(&tally, "dir.d/README");
    nf_tally_add_path(&tally, ".hidden");
    nf_tally_add_path(&tally, "ends.");
    nf_tally_add_path(&tally, "odd.\x1b[2J");
    nf_tally_add_path(&tally, "long.abcdefghijklmnopqrstuvwxyzabcdefghij");
    nf_tally_add_path(&tally, "file.txt~");
    assert_int_equal(tally_of(&tally, "txt"), 2);
    assert_int_equal(tally_of(&tally, "txt~"), 1);
    assert_int_equal(tally_of(&tally, "no-suffix"), 5);
    assert_int_equal(tally.n, 3);
}

static void kinds_beyond_the_table_are_counted_as_other(void **state)
{
    (void)state;
    nf_tally tally = {0};
    char kind[64];
    for (int i = 0; i < 200; i++) {
        snprintf(kind, sizeof kind, "kind%03d-%s", i, i == 5 ? "with-a-name-that-is-much-too-long" : "");
        nf_tally_add(&tally, kind, 2);
    }
    nf_tally_add(&tally, "kind000-", 1);
    assert_int_equal(tally.n, NF_TALLY_KINDS_MAX);
    assert_int_equal(tally_of(&tally, "kind000-"), 3);
    assert_int_equal(tally_of(&tally, "other"), 2 * (200 - (NF_TALLY_KINDS_MAX - 1)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_splits_and_classes_have_one_number),
        cmocka_unit_test(thousands_of_directories_keep_their_numbers),
        cmocka_unit_test(an_image_of_several_classes_is_counted_under_the_set_and_each_class),
        cmocka_unit_test(pixel_values_have_a_group_each_in_every_split),
        cmocka_unit_test(directories_are_settled_together_and_others_left_alone),
        cmocka_unit_test(a_later_name_replaces_an_earlier_one),
        cmocka_unit_test(paths_are_tallied_by_suffix_in_lower_case),
        cmocka_unit_test(kinds_beyond_the_table_are_counted_as_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
