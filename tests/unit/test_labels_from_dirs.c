/* What the directories of an image folder mean. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "loaders/labels_from_dirs.h"

enum { DIRECTORIES_MAX = 16 };

/* directories, of one source: separated by blanks, "-" is the top. expected: "split:class", "-" for no class. */
static void assert_labels(const char *directories, const char *expected)
{
    char text[512], found[512] = "", *rest = NULL;
    const char *list[DIRECTORIES_MAX];
    nf_directory_label labels[DIRECTORIES_MAX];
    size_t n = 0, used = 0;
    snprintf(text, sizeof text, "%s", directories);
    for (char *word = strtok_r(text, " ", &rest); word != NULL; word = strtok_r(NULL, " ", &rest))
        list[n++] = strcmp(word, "-") == 0 ? "" : word;
    nf_labels_drop_root(list, n);
    assert_int_equal(nf_labels_from_directories(list, n, labels, NULL), NF_OK);
    for (size_t i = 0; i < n; i++) {
        used += (size_t)snprintf(found + used, sizeof found - used, "%s%s:%s", i > 0 ? " " : "", labels[i].split,
                                 labels[i].class_id != NULL ? labels[i].class_id : "-");
        free(labels[i].split);
        free(labels[i].class_id);
    }
    assert_string_equal(found, expected);
}

static void directories_are_classes(void **state)
{
    (void)state;
    assert_labels("cat dog", ":cat :dog");
    assert_labels("dog cat", ":dog :cat");
    assert_labels("- cat", ":- :cat");
    assert_labels("-", ":-");
    assert_labels("cat/a cat/b dog", ":cat :cat :dog");
}

static void shared_roots_are_dropped(void **state)
{
    (void)state;
    assert_labels("r/cat r/dog", ":cat :dog");
    assert_labels("r/s/cat r/s/dog", ":cat :dog");
    assert_labels("r r/cat r/dog", ":- :cat :dog");
    assert_labels("r", ":r");
    assert_labels("r/cat", ":cat");
}

static void splits_are_found(void **state)
{
    (void)state;
    assert_labels("train/cat test/dog", "train:cat test:dog");
    assert_labels("r/train/cat r/val/dog r/test/cat", "train:cat val:dog test:cat");
    assert_labels("Training/cat TESTING/cat Valid/cat validation/dog", "train:cat test:cat val:cat val:dog");
    assert_labels("train val", "train:- val:-");
    assert_labels("val/cat test/cat", "val:cat test:cat");
}

static void what_stands_beside_train_and_test_is_a_split_too(void **state)
{
    (void)state;
    assert_labels("train/cat test/cat extra/cat", "train:cat test:cat extra:cat");
}

static void a_shared_split_is_that_of_everything(void **state)
{
    (void)state;
    assert_labels("train/cat train/dog", "train:cat train:dog");
    assert_labels("r/test/cat r/test/dog", "test:cat test:dog");
    assert_labels("train", "train:-");
}

static void a_class_may_be_called_test(void **state)
{
    (void)state;
    assert_labels("best rest test", ":best :rest :test");
    assert_labels("train cat dog", ":train :cat :dog");
}

static void a_holder_between_split_and_class_is_dropped(void **state)
{
    (void)state;
    assert_labels("train/images/cat val/images/cat", "train:cat val:cat");
    assert_labels("train/images val/images", "train:- val:-");
    assert_labels("train/images train/masks val/images", "train:images train:masks val:-");
    assert_labels("images/cat images/dog", ":cat :dog");
    assert_labels("train/JPEGImages/cat val/img/dog", "train:cat val:dog");
}

static void names_that_begin_alike_are_not_mixed_up(void **state)
{
    (void)state;
    assert_labels("train/a train-extra/a train/b", ":train :train-extra :train");
    assert_labels("ca cat cat/x c", ":ca :cat :cat :c");
    assert_labels("train/a train.old/b test/a", "train:a train.old:b test:a");
}

static void no_directory_is_fine(void **state)
{
    (void)state;
    assert_int_equal(nf_labels_from_directories(NULL, 0, NULL, NULL), NF_OK);
}

static void splits_have_names_in_any_case(void **state)
{
    (void)state;
    assert_string_equal(nf_split_of_name("TrAiN", 5), "train");
    assert_string_equal(nf_split_of_name("valid", 5), "val");
    assert_string_equal(nf_split_of_name("testing!", 7), "test");
    assert_null(nf_split_of_name("trainer", 7));
    assert_null(nf_split_of_name("tes", 3));
    assert_null(nf_split_of_name("", 0));
}

static void ten_thousand_directories_are_quick(void **state)
{
    (void)state;
    enum { N = 10000 };
    char(*names)[32] = calloc(N, sizeof *names);
    const char **list = calloc(N, sizeof *list);
    nf_directory_label *labels = calloc(N, sizeof *labels);
    assert_true(names != NULL && list != NULL && labels != NULL);
    for (int i = 0; i < N; i++) {
        snprintf(names[i], sizeof names[i], "set/%s/n%05d", i % 2 == 0 ? "train" : "val", i / 2);
        list[i] = names[i];
    }
    nf_labels_drop_root(list, N);
    assert_int_equal(nf_labels_from_directories(list, N, labels, NULL), NF_OK);
    for (int i = 0; i < N; i++) {
        assert_string_equal(labels[i].split, i % 2 == 0 ? "train" : "val");
        assert_string_equal(labels[i].class_id, strrchr(names[i], '/') + 1);
        free(labels[i].split);
        free(labels[i].class_id);
    }
    free(names);
    free(list);
    free(labels);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(directories_are_classes),
        cmocka_unit_test(shared_roots_are_dropped),
        cmocka_unit_test(splits_are_found),
        cmocka_unit_test(what_stands_beside_train_and_test_is_a_split_too),
        cmocka_unit_test(a_shared_split_is_that_of_everything),
        cmocka_unit_test(a_class_may_be_called_test),
        cmocka_unit_test(a_holder_between_split_and_class_is_dropped),
        cmocka_unit_test(names_that_begin_alike_are_not_mixed_up),
        cmocka_unit_test(no_directory_is_fine),
        cmocka_unit_test(splits_have_names_in_any_case),
        cmocka_unit_test(ten_thousand_directories_are_quick),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
