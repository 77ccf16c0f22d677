/* The table of labels that lie apart from their images. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/keys.h"
#include "loaders/labels/label_table.h"

static nf_label_table *new_table(void)
{
    nf_label_table *table;
    assert_int_equal(nf_label_table_new(&table, NULL), NF_OK);
    return table;
}

static uint32_t image_of(nf_label_table *table, const char *key)
{
    uint32_t image;
    assert_int_equal(nf_label_table_image(table, key, &image, NULL), NF_OK);
    return image;
}

static void add(nf_label_table *table, const char *key, const char *class_id)
{
    assert_int_equal(nf_label_table_add_class(table, image_of(table, key), class_id, NULL), NF_OK);
}

static void put_in_split(nf_label_table *table, const char *key, const char *split)
{
    assert_int_equal(nf_label_table_set_split(table, image_of(table, key), split, NULL), NF_OK);
}

/* classes: ids with a blank after each. */
static void expect(nf_label_table *table, const char *key, const char *split, bool labelled, const char *classes)
{
    nf_labels_of_image found;
    char joined[256] = "";
    assert_true(nf_label_table_find(table, key, &found));
    for (size_t i = 0; i < found.n_classes; i++) {
        strcat(joined, found.classes[i]);
        strcat(joined, " ");
    }
    assert_string_equal(found.key, key);
    assert_string_equal(found.split, split);
    assert_int_equal(found.labelled, labelled);
    assert_string_equal(joined, classes);
}

static void classes_stand_in_the_order_they_came_and_once(void **state)
{
    (void)state;
    nf_label_table *table = new_table();
    static const char *const said[][2] = {{"a", "cat"}, {"b", "dog"}, {"a", "dog"}, {"a", "cat"}, {"a", "ant"}, {"b", "dog"}};
    for (size_t i = 0; i < sizeof said / sizeof said[0]; i++)
        add(table, said[i][0], said[i][1]);
    expect(table, "a", "", true, "cat dog ant ");
    expect(table, "b", "", true, "dog ");
    assert_int_equal(nf_label_table_count(table), 2);
    nf_label_table_free(table);
}

static void an_image_may_be_named_without_a_label_or_labelled_without_a_class(void **state)
{
    (void)state;
    nf_label_table *table = new_table();
    nf_labels_of_image found;
    put_in_split(table, "a", "val");
    nf_label_table_mark_labelled(table, image_of(table, "b"));
    expect(table, "a", "val", false, "");
    expect(table, "b", "", true, "");
    assert_false(nf_label_table_find(table, "c", &found));
    assert_false(nf_label_table_find(table, "", &found));
    nf_label_table_free(table);
}

static void the_first_split_stands_and_others_are_counted(void **state)
{
    (void)state;
    nf_label_table *table = new_table();
    const char *example;
    put_in_split(table, "a", "train");
    put_in_split(table, "a", "train");
    assert_true(nf_label_table_split_conflicts(table, &example) == 0);
    assert_null(example);
    put_in_split(table, "b", "val");
    put_in_split(table, "b", "train");
    put_in_split(table, "a", "val");
    assert_true(nf_label_table_split_conflicts(table, &example) == 2);
    assert_string_equal(example, "b");
    expect(table, "a", "train", false, "");
    expect(table, "b", "val", false, "");
    nf_label_table_free(table);
}

static void keys_that_were_never_asked_for_are_counted(void **state)
{
    (void)state;
    nf_label_table *table = new_table();
    const char *example;
    nf_labels_of_image found;
    assert_true(nf_label_table_unused(table, &example) == 0);
    assert_null(example);
    add(table, "a", "cat");
    add(table, "b", "cat");
    add(table, "c", "cat");
    assert_true(nf_label_table_find(table, "a", &found));
    nf_label_table_get(table, image_of(table, "c"), &found); /* is not asking */
    assert_true(nf_label_table_unused(table, &example) == 2);
    assert_string_equal(example, "b");
    assert_true(nf_label_table_find(table, "b", &found) && nf_label_table_find(table, "c", &found));
    assert_true(nf_label_table_unused(table, &example) == 0);
    nf_label_table_free(table);
}

static void keys_of_a_split_that_nobody_asked_for_are_listed(void **state)
{
    (void)state;
    nf_label_table *table = new_table();
    const char *keys[2] = {NULL, NULL};
    nf_labels_of_image found;
    uint64_t n_named;
    assert_true(nf_label_table_unasked(table, "", keys, 2, &n_named) == 0 && n_named == 0);
    assert_true(nf_label_table_unasked(table, "val", keys, 2, &n_named) == 0 && n_named == 0);
    put_in_split(table, "a", "val");
    put_in_split(table, "b", "val");
    put_in_split(table, "c", "val");
    put_in_split(table, "d", "val");
    put_in_split(table, "e", "train");
    add(table, "f", "cat");
    assert_true(nf_label_table_find(table, "b", &found));
    assert_true(nf_label_table_unasked(table, "val", keys, 2, &n_named) == 3 && n_named == 4);
    assert_string_equal(keys[0], "a");
    assert_string_equal(keys[1], "c");
    assert_true(nf_label_table_unasked(table, "", keys, 2, NULL) == 1);
    assert_string_equal(keys[0], "f");
    assert_true(nf_label_table_unasked(table, "test", keys, 0, &n_named) == 0 && n_named == 0);
    nf_label_table_free(table);
}

static void merging_adds_all_that_the_other_says(void **state)
{
    (void)state;
    nf_label_table *table = new_table(), *other = new_table();
    const char *example;
    add(table, "a", "cat");
    put_in_split(table, "a", "train");
    add(other, "b", "dog");
    add(other, "b", "ant");
    add(other, "a", "dog");
    add(other, "a", "cat");
    put_in_split(other, "a", "val");
    put_in_split(other, "b", "val");
    put_in_split(other, "b", "test");
    nf_label_table_mark_labelled(other, image_of(other, "empty"));
    assert_int_equal(nf_label_table_merge(table, other, NULL), NF_OK);
    nf_label_table_free(other);
    expect(table, "a", "train", true, "cat dog ");
    expect(table, "b", "val", true, "dog ant ");
    expect(table, "empty", "", true, "");
    assert_true(nf_label_table_split_conflicts(table, &example) == 2);
    assert_string_equal(example, "a");
    nf_label_table_free(table);
}

static void expect_refusal(nf_status status, const nf_error *error, const char *sentence)
{
    assert_int_equal(status, NF_BAD_RECORD);
    if (strstr(error->message, sentence) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", error->message, sentence);
}

static void an_image_holds_a_bounded_number_of_classes(void **state)
{
    (void)state;
    nf_label_table *table = new_table(), *other = new_table();
    nf_error error = {0};
    nf_labels_of_image found;
    char id[16];
    for (int i = 0; i < NF_LABEL_CLASSES_AN_IMAGE_MAX; i++) {
        snprintf(id, sizeof id, "%d", i);
        add(table, "a", id);
    }
    add(table, "a", "7");
    expect_refusal(nf_label_table_add_class(table, 0, "one more", &error), &error, "more than 1024 classes in the image a");
    add(other, "new", "cat");
    add(other, "a", "one more");
    expect_refusal(nf_label_table_merge(table, other, &error), &error, "more than 1024 classes in the image a");
    assert_false(nf_label_table_find(table, "new", &found)); /* a refused merge changes nothing */
    assert_true(nf_label_table_find(table, "a", &found));
    assert_int_equal(found.n_classes, NF_LABEL_CLASSES_AN_IMAGE_MAX);
    assert_string_equal(found.classes[1023], "1023");
    nf_label_table_free(table);
    nf_label_table_free(other);
}

static void names_are_neither_empty_nor_endless(void **state)
{
    (void)state;
    static char text[NF_LABEL_TEXT_MAX + 2];
    nf_label_table *table = new_table();
    nf_error error = {0};
    uint32_t image;
    memset(text, 'x', NF_LABEL_TEXT_MAX + 1);
    expect_refusal(nf_label_table_image(table, text, &image, &error), &error, "a name of an image of 4097 bytes");
    expect_refusal(nf_label_table_image(table, "", &image, &error), &error, "a name of an image of 0 bytes");
    text[NF_LABEL_TEXT_MAX] = '\0';
    assert_int_equal(nf_label_table_image(table, text, &image, NULL), NF_OK);
    expect_refusal(nf_label_table_add_class(table, image, "", &error), &error, "a name of a class");
    expect_refusal(nf_label_table_set_split(table, image, "", &error), &error, "a name of a split");
    nf_label_table_free(table);
}

static void the_number_of_images_is_bounded(void **state)
{
    (void)state;
    nf_label_table *table = new_table(), *other = new_table();
    nf_error error = {0};
    uint32_t image;
    char key[24];
    for (uint32_t i = 0; i < NF_KEYS_MAX; i++) {
        snprintf(key, sizeof key, "n%08u", (unsigned)i);
        if (nf_label_table_image(table, key, &image, &error) != NF_OK || image != i)
            fail_msg("image %u: %s", (unsigned)i, error.message);
    }
    expect_refusal(nf_label_table_image(table, "one more", &image, &error), &error, "more names of an image than 1048576");
    assert_int_equal(image_of(table, "n00000007"), 7);
    image_of(other, "n00000007");
    assert_int_equal(nf_label_table_merge(table, other, NULL), NF_OK);
    image_of(other, "one more");
    expect_refusal(nf_label_table_merge(table, other, &error), &error, "the labels were of more than 1048576 images");
    nf_label_table_free(table);
    nf_label_table_free(other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(classes_stand_in_the_order_they_came_and_once),
        cmocka_unit_test(an_image_may_be_named_without_a_label_or_labelled_without_a_class),
        cmocka_unit_test(the_first_split_stands_and_others_are_counted),
        cmocka_unit_test(keys_that_were_never_asked_for_are_counted),
        cmocka_unit_test(keys_of_a_split_that_nobody_asked_for_are_listed),
        cmocka_unit_test(merging_adds_all_that_the_other_says),
        cmocka_unit_test(an_image_holds_a_bounded_number_of_classes),
        cmocka_unit_test(names_are_neither_empty_nor_endless),
        cmocka_unit_test(the_number_of_images_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
