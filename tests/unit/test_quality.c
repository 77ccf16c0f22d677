/* Lists of findings: bounded, sorted, merged. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "scan/image_marks.h"
#include "metrics/entropy.h"
#include "profile/quality.h"

enum { MANY = 5000 };

static nf_named_image name_of(char *member, char *split, char *class_name)
{
    return (nf_named_image){"a.tar", member, split, class_name};
}

/* Numbers 0 .. MANY-1, each once, in no order. */
static unsigned shuffled(unsigned i)
{
    return i * 1237u % MANY;
}

static void add_number(nf_quality *quality, nf_finding_kind kind, unsigned number, double value, char *text)
{
    char member[32];
    snprintf(member, sizeof member, "%05u.png", number);
    nf_finding finding = {name_of(member, "train", "cat"), text, value};
    assert_int_equal(nf_finding_add(quality, kind, &finding, NULL), NF_OK);
}

static void a_list_keeps_the_first_names_and_counts_all(void **state)
{
    (void)state;
    nf_quality quality = {0};
    for (unsigned i = 0; i < MANY; i++)
        add_number(&quality, NF_FINDING_CONSTANT, shuffled(i), 0.0, NULL);
    nf_findings_trim(&quality);
    const nf_finding_list *list = &quality.findings[NF_FINDING_CONSTANT];
    assert_int_equal(list->images, MANY);
    assert_int_equal(list->n, NF_FINDINGS_LISTED_MAX);
    for (size_t i = 0; i < list->n; i++)
        assert_int_equal(atoi(list->items[i].image.member), (int)i);
    nf_quality_free(&quality);
}

static void extremes_are_the_ten_at_each_end_and_equal_ones_go_by_name(void **state)
{
    (void)state;
    nf_quality quality = {0};
    for (unsigned i = 0; i < MANY; i++) { /* 25 images of each entropy */
        unsigned number = shuffled(i);
        add_number(&quality, NF_FINDING_LEAST_COMPLEX, number, number % 200, NULL);
        add_number(&quality, NF_FINDING_MOST_COMPLEX, number, number % 200, NULL);
    }
    nf_findings_trim(&quality);
    const nf_finding_list *least = &quality.findings[NF_FINDING_LEAST_COMPLEX];
    const nf_finding_list *most = &quality.findings[NF_FINDING_MOST_COMPLEX];
    assert_int_equal(least->n, NF_EXTREMES_LISTED);
    assert_int_equal(most->n, NF_EXTREMES_LISTED);
    assert_int_equal(least->images, NF_EXTREMES_LISTED);
    for (int i = 0; i < NF_EXTREMES_LISTED; i++) {
        assert_int_equal(atoi(least->items[i].image.member), 200 * i);
        assert_int_equal(atoi(most->items[i].image.member), 199 + 200 * i);
    }
    nf_quality_free(&quality);
}

static void names_are_ordered_by_member_then_source(void **state)
{
    (void)state;
    nf_named_image a = {"2.tar", "a", "", ""}, b = {"1.tar", "b", "", ""}, c = {"1.tar", "a", "", ""};
    assert_true(nf_named_image_compare(&a, &b) < 0);
    assert_true(nf_named_image_compare(&c, &a) < 0);
    assert_int_equal(nf_named_image_compare(&a, &a), 0);
}

static void a_set_lists_the_first_names_and_the_first_elsewhere(void **state)
{
    (void)state;
    nf_duplicate_set set = {0};
    nf_named_image first = name_of("00000", "test", "cat");
    assert_int_equal(nf_duplicate_set_add(&set, &first, NULL), NF_OK);
    for (unsigned i = 0; i < MANY; i++) {
        char member[16];
        unsigned number = shuffled(i) + 1;
        snprintf(member, sizeof member, "%05u", number);
        nf_named_image image = name_of(member, number % 100 == 77 ? "train" : "test", number % 1000 == 500 ? "dog" : "cat");
        assert_int_equal(nf_duplicate_set_add(&set, &image, NULL), NF_OK);
    }
    nf_duplicate_set_trim(&set);
    assert_int_equal(set.n_listed, NF_COPIES_LISTED_MAX + 2);
    for (int i = 0; i < NF_COPIES_LISTED_MAX; i++)
        assert_int_equal(atoi(set.listed[i].member), i);
    assert_string_equal(set.listed[NF_COPIES_LISTED_MAX].member, "00077");
    assert_string_equal(set.listed[NF_COPIES_LISTED_MAX + 1].member, "00500");
    nf_duplicates all = {.listed = &set, .n_listed = 1};
    nf_quality owner = {.duplicates = all};
    owner.duplicates.listed = malloc(sizeof set);
    assert_non_null(owner.duplicates.listed);
    owner.duplicates.listed[0] = set;
    nf_quality_free(&owner);
}

static void add_set(nf_quality *quality, char *member, bool across_splits)
{
    nf_duplicate_set *set;
    nf_named_image image = name_of(member, "train", "cat");
    assert_int_equal(nf_duplicates_add(&quality->duplicates, &set, NULL), NF_OK);
    set->images = 2;
    set->across_splits = across_splits;
    assert_int_equal(nf_duplicate_set_add(set, &image, NULL), NF_OK);
    quality->duplicates.sets++;
    quality->duplicates.extra_copies++;
    quality->duplicates.sets_across_splits += across_splits;
}

static void sets_across_splits_stand_before_all_others(void **state)
{
    (void)state;
    nf_quality quality = {0};
    for (unsigned i = 0; i < 1500; i++) {
        char member[16];
        snprintf(member, sizeof member, "%04u", i * 7 % 1500);
        add_set(&quality, member, false);
    }
    add_set(&quality, "zz", true);
    add_set(&quality, "za", true);
    nf_duplicates_trim(&quality.duplicates);
    assert_int_equal(quality.duplicates.n_listed, NF_FINDINGS_LISTED_MAX);
    assert_string_equal(quality.duplicates.listed[0].listed[0].member, "za");
    assert_string_equal(quality.duplicates.listed[1].listed[0].member, "zz");
    assert_string_equal(quality.duplicates.listed[2].listed[0].member, "0000");
    assert_string_equal(quality.duplicates.listed[NF_FINDINGS_LISTED_MAX - 1].listed[0].member, "0997");
    nf_quality_free(&quality);
}

/* n images of a mode, those of the others listed as unusual. */
static nf_quality with_modes(uint64_t grey, uint64_t rgb, char *prefix)
{
    nf_quality quality = {0};
    quality.modes[NF_MODE_GREY] = grey;
    quality.modes[NF_MODE_RGB] = rgb;
    for (uint64_t i = 0; i < (grey < rgb ? grey : rgb); i++) {
        char member[32];
        snprintf(member, sizeof member, "%s%u", prefix, (unsigned)i);
        nf_finding finding = {name_of(member, "", ""), grey < rgb ? "grey" : "RGB", 0.0};
        assert_int_equal(nf_finding_add(&quality, NF_FINDING_UNUSUAL_MODE, &finding, NULL), NF_OK);
    }
    quality.longer = quality.shorter = (nf_side_stats){10, 20, true, 11, 12, 13};
    quality.duplicates.images = grey + rgb;
    nf_findings_trim(&quality);
    return quality;
}

static void merging_adds_counts_and_settles_what_is_unusual_anew(void **state)
{
    (void)state;
    nf_quality a = with_modes(3, 10, "a"), b = with_modes(20, 2, "b");
    add_set(&a, "x", false);
    add_set(&b, "y", true);
    b.longer = (nf_side_stats){5, 19, true, 11, 12, 13}; /* other ends, the same quantiles */
    b.shorter = (nf_side_stats){10, 30, true, 11, 14, 16};
    assert_int_equal(nf_quality_merge(&a, &b, NULL), NF_OK);
    assert_int_equal(nf_quality_images(&a), 35);
    assert_int_equal(nf_quality_usual_mode(&a), NF_MODE_GREY);
    assert_int_equal(a.findings[NF_FINDING_UNUSUAL_MODE].images, 12);
    assert_int_equal(a.findings[NF_FINDING_UNUSUAL_MODE].n, 2); /* the first set's RGB images were not listed */
    assert_string_equal(a.findings[NF_FINDING_UNUSUAL_MODE].items[0].image.member, "b0");
    assert_true(a.longer.min == 5 && a.longer.max == 20 && a.longer.has_quantiles && a.longer.median == 12);
    assert_true(a.shorter.min == 10 && a.shorter.max == 30 && !a.shorter.has_quantiles);
    assert_true(a.duplicates.apart && a.duplicates.sets == 2 && a.duplicates.sets_across_splits == 1);
    assert_int_equal(a.duplicates.images, 35);
    assert_string_equal(a.duplicates.listed[0].listed[0].member, "y");
    nf_quality_free(&a);
    nf_quality_free(&b);
}

static void what_one_profile_lacks_the_sum_lacks(void **state)
{
    (void)state;
    for (int k = 0; k < 2; k++) {
        nf_quality whole = with_modes(3, 10, "a"), none = {0};
        assert_int_equal(nf_quality_set_absent(&none, "no room", NULL), NF_OK);
        nf_quality *into = k == 0 ? &whole : &none;
        assert_int_equal(nf_quality_merge(into, k == 0 ? &none : &whole, NULL), NF_OK);
        assert_string_equal(into->absent, "no room");
        assert_int_equal(nf_quality_images(into), 0);
        nf_quality_free(&whole);
        nf_quality_free(&none);
    }
}

static nf_image_marks marks_of(const uint32_t counts[NF_GREY_LEVELS])
{
    nf_decoded decoded = {.kind = "PNG", .mode = NF_MODE_GREY};
    nf_image_marks marks;
    memcpy(decoded.counts, counts, sizeof decoded.counts);
    nf_mark_image((const uint8_t *)"abc", 3, &decoded, nf_entropy_quantised(counts), &marks);
    assert_string_equal(marks.kind, "PNG");
    assert_int_equal(marks.mode, NF_MODE_GREY);
    return marks;
}

/* The most entropy that an image of a given top share can have: the rest spread over all other levels. */
static void a_top_level_of_99_percent_is_never_overlooked(void **state)
{
    (void)state;
    uint32_t counts[NF_GREY_LEVELS];
    for (uint32_t each = 0; each <= 1000; each += 100) {
        for (size_t level = 0; level < NF_GREY_LEVELS; level++)
            counts[level] = each;
        counts[200] = 255 * 1000 * 99; /* at least 99 % */
        nf_image_marks marks = marks_of(counts);
        assert_int_equal(marks.top_px, 255 * 1000 * 99);
        assert_int_equal(marks.top_level, 200);
    }
    memset(counts, 0, sizeof counts);
    counts[0] = counts[1] = 50;
    assert_int_equal(marks_of(counts).top_px, 0);
}

static void the_hash_is_that_of_the_bytes(void **state)
{
    (void)state;
    nf_decoded decoded = {.kind = ""};
    nf_image_marks a, b, c;
    nf_mark_image((const uint8_t *)"abc", 3, &decoded, 1, &a);
    nf_mark_image((const uint8_t *)"abcd", 3, &decoded, 1, &b);
    nf_mark_image((const uint8_t *)"abd", 3, &decoded, 1, &c);
    assert_memory_equal(a.hash, b.hash, sizeof a.hash);
    assert_memory_not_equal(a.hash, c.hash, sizeof a.hash);
    /* XXH3-128 of "abc", as xxhsum -H2 prints it */
    assert_true(a.hash[1] == UINT64_C(0x06b05ab6733a6185) && a.hash[0] == UINT64_C(0x78af5f94892f3950));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_list_keeps_the_first_names_and_counts_all),
        cmocka_unit_test(extremes_are_the_ten_at_each_end_and_equal_ones_go_by_name),
        cmocka_unit_test(names_are_ordered_by_member_then_source),
        cmocka_unit_test(a_set_lists_the_first_names_and_the_first_elsewhere),
        cmocka_unit_test(sets_across_splits_stand_before_all_others),
        cmocka_unit_test(merging_adds_counts_and_settles_what_is_unusual_anew),
        cmocka_unit_test(what_one_profile_lacks_the_sum_lacks),
        cmocka_unit_test(a_top_level_of_99_percent_is_never_overlooked),
        cmocka_unit_test(the_hash_is_that_of_the_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
