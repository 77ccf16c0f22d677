#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/near.h"

static void letters_to_change_are_counted(void **state)
{
    (void)state;
    assert_int_equal(nf_edit_distance("", ""), 0);
    assert_int_equal(nf_edit_distance("", "abc"), 3);
    assert_int_equal(nf_edit_distance("kitten", "sitting"), 3);
    assert_int_equal(nf_edit_distance("abc", "acb"), 2);
    char longer[NF_NEAR_BYTES_MAX + 2];
    memset(longer, 'a', sizeof longer);
    longer[NF_NEAR_BYTES_MAX] = '\0';
    assert_int_equal(nf_edit_distance(longer, "a"), NF_NEAR_BYTES_MAX - 1);
    longer[NF_NEAR_BYTES_MAX] = 'a';
    longer[NF_NEAR_BYTES_MAX + 1] = '\0';
    assert_true(nf_edit_distance(longer, "a") == SIZE_MAX);
    assert_true(nf_edit_distance("a", longer) == SIZE_MAX);
}

static void case_and_hyphens_make_no_other_name(void **state)
{
    (void)state;
    assert_true(nf_same_name("ImageNet-1K", "imagenet1k"));
    assert_true(nf_same_name("tiny_imagenet", "Tiny ImageNet-"));
    assert_true(nf_same_name("--", ""));
    assert_false(nf_same_name("coco", "coco2017"));
    assert_false(nf_same_name("voc07+12", "voc0712"));
}

static void the_likest_names_come_first(void **state)
{
    (void)state;
    static const char *const names[] = {"cifar100", "cifar10", "mnist", "kmnist", "emnist", "V100 SXM2 16GB", "A100 PCIe"};
    const char *nearest[2];
    assert_int_equal(nf_nearest("CIFAR-1O", names, 7, nearest, 2), 2);
    assert_string_equal(nearest[0], "cifar10");
    assert_string_equal(nearest[1], "cifar100");
    assert_int_equal(nf_nearest("mnits", names, 7, nearest, 2), 1);
    assert_string_equal(nearest[0], "mnist");
    assert_int_equal(nf_nearest("mints", names, 7, nearest, 2), 0);
    assert_int_equal(nf_nearest("mnis", names, 7, nearest, 2), 2);
    assert_string_equal(nearest[0], "mnist");
    assert_string_equal(nearest[1], "kmnist"); /* as near as emnist, and before it */
    assert_int_equal(nf_nearest("v100", names, 7, nearest, 2), 1); /* begins a longer one */
    assert_string_equal(nearest[0], "V100 SXM2 16GB");
    assert_int_equal(nf_nearest("mnist", names, 7, nearest, 0), 0);
    assert_int_equal(nf_nearest("-", names, 7, nearest, 2), 0);
    assert_int_equal(nf_nearest("", names, 7, nearest, 2), 0);
    assert_int_equal(nf_nearest("mnist", names, 0, nearest, 2), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(letters_to_change_are_counted),
        cmocka_unit_test(case_and_hyphens_make_no_other_name),
        cmocka_unit_test(the_likest_names_come_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
