/* Profiles: classes, merging, the digest, the list of failures, and a profile from a file. */
#include "support/folder.h"

#include "profile/analysis.h"
#include "metrics/entropy.h"
#include "profile/profile.h"

static void add_image(nf_profile *profile, const char *id, const char *name, unsigned seed)
{
    nf_profile_class *class_ = NULL;
    uint32_t counts[NF_GREY_LEVELS] = {0};
    for (unsigned i = 0; i < 100; i++)
        counts[(seed * 31 + i * i) % (seed % 50 + 2)]++;
    uint64_t q = nf_entropy_quantised(counts);
    nf_distribution_add(&profile->entropy, q);
    profile->images_read++;
    profile->pixels += 100;
    if (id == NULL)
        return;
    assert_int_equal(nf_profile_class_of(profile, id, name, &class_, NULL), NF_OK);
    nf_class_counts_add(class_->counts, counts, 100, q);
}

/* Images number first .. end-1 over three classes, every seventh without a label. */
static nf_profile *make_profile(unsigned first, unsigned end)
{
    static const char *const ids[] = {"b", "a", "10", "9"};
    nf_profile *profile;
    assert_int_equal(nf_profile_new(&profile, NULL), NF_OK);
    profile->dataset_id = strdup("set");
    profile->split = strdup("train");
    for (unsigned i = first; i < end; i++)
        add_image(profile, i % 7 == 6 ? NULL : ids[i % 4], NULL, i);
    nf_profile_sort_classes(profile);
    return profile;
}

static void assert_same_counts(const nf_profile *a, const nf_profile *b)
{
    char x[NF_DIGEST_SIZE], y[NF_DIGEST_SIZE];
    assert_int_equal(nf_profile_counts_digest(a, x, NULL), NF_OK);
    assert_int_equal(nf_profile_counts_digest(b, y, NULL), NF_OK);
    assert_string_equal(x, y);
    assert_int_equal(strlen(x), NF_DIGEST_SIZE - 1);
}

static void assert_other_counts(const nf_profile *a, const nf_profile *b)
{
    char x[NF_DIGEST_SIZE], y[NF_DIGEST_SIZE];
    assert_int_equal(nf_profile_counts_digest(a, x, NULL), NF_OK);
    assert_int_equal(nf_profile_counts_digest(b, y, NULL), NF_OK);
    assert_string_not_equal(x, y);
}

static void merged_parts_are_the_whole(void **state)
{
    (void)state;
    nf_profile *whole = make_profile(0, 90);
    static const unsigned order[2][3] = {{0, 1, 2}, {2, 0, 1}};
    for (int k = 0; k < 2; k++) {
        nf_profile *into = make_profile(order[k][0] * 30, order[k][0] * 30 + 30);
        for (int i = 1; i < 3; i++) {
            nf_profile *part = make_profile(order[k][i] * 30, order[k][i] * 30 + 30);
            assert_int_equal(nf_profile_merge(into, part, NULL), NF_OK);
            nf_profile_free(part);
        }
        assert_same_counts(into, whole);
        assert_int_equal(into->images_read, 90);
        assert_int_equal(into->n_classes, 4);
        nf_profile_free(into);
    }
    nf_profile_free(whole);
}

static void classes_are_sorted_numbers_first(void **state)
{
    (void)state;
    static const char *const ids[] = {"b", "10", "a", "9", "007", "7", "", "1e3", "99999999999999999999999"};
    static const char *const sorted[] = {"007", "7", "9", "10", "99999999999999999999999", "", "1e3", "a", "b"};
    nf_profile *profile;
    assert_int_equal(nf_profile_new(&profile, NULL), NF_OK);
    for (size_t i = 0; i < 9; i++)
        add_image(profile, ids[i], NULL, 1);
    nf_profile_sort_classes(profile);
    assert_int_equal(profile->n_classes, 9);
    for (size_t i = 0; i < 9; i++)
        assert_string_equal(profile->classes[i].id, sorted[i]);
    nf_profile_free(profile);
}

static void classes_are_found_by_name_where_both_have_one(void **state)
{
    (void)state;
    nf_profile *profile;
    assert_int_equal(nf_profile_new(&profile, NULL), NF_OK);
    add_image(profile, "0", "cat", 1);
    add_image(profile, "1", "cat", 2); /* the same name under another number */
    assert_int_equal(profile->n_classes, 1);
    add_image(profile, "0", "dog", 3); /* the same number under another name */
    assert_int_equal(profile->n_classes, 2);
    add_image(profile, "0", NULL, 4);
    assert_int_equal(profile->n_classes, 2);
    add_image(profile, "5", NULL, 5);
    add_image(profile, "5", "owl", 6); /* gets its name later */
    assert_int_equal(profile->n_classes, 3);
    assert_string_equal(profile->classes[2].name, "owl");
    nf_profile_free(profile);
}

static void classes_of_one_name_whose_ids_are_texts_stay_apart(void **state)
{
    (void)state;
    nf_profile *profile;
    assert_int_equal(nf_profile_new(&profile, NULL), NF_OK);
    add_image(profile, "n02012849", "crane", 1);
    add_image(profile, "n03126707", "crane", 2);
    add_image(profile, "n02012849", "crane", 3);
    add_image(profile, "n03126707", "crane", 4);
    assert_int_equal(profile->n_classes, 2);
    assert_int_equal(profile->classes[0].counts->entropy.n, 2);
    assert_int_equal(profile->classes[1].counts->entropy.n, 2);
    nf_profile_free(profile);
}

static void the_digest_sees_every_count_and_no_source(void **state)
{
    (void)state;
    nf_profile *a = make_profile(0, 40), *b = make_profile(0, 40);
    assert_int_equal(nf_profile_add_source(b, "x.tar", "tar", 7, "", NULL), NF_OK);
    b->images_failed = 3;
    assert_same_counts(a, b);
    b->classes[1].counts->pooled[3]++;
    assert_other_counts(a, b);
    b->classes[1].counts->pooled[3]--;
    b->entropy.sums[2].limb[0] ^= 1;
    assert_other_counts(a, b);
    b->entropy.sums[2].limb[0] ^= 1;
    b->grey = NF_GREY_LUMA;
    assert_other_counts(a, b);
    b->grey = NF_GREY_BT601;
    assert_same_counts(a, b);
    nf_profile_free(a);
    nf_profile_free(b);
}

static void assert_refused(nf_profile *into, nf_profile *from, const char *expected)
{
    nf_error error = {0};
    assert_int_equal(nf_profile_merge(into, from, &error), NF_ERR_USAGE);
    assert_non_null(strstr(error.message, expected));
    nf_profile_free(into);
    nf_profile_free(from);
}

static void what_does_not_belong_together_does_not_merge(void **state)
{
    (void)state;
    nf_profile *other = make_profile(0, 5);
    other->grey = NF_GREY_LUMA;
    assert_refused(make_profile(0, 5), other, "--grey");
    other = make_profile(0, 5);
    free(other->dataset_id);
    other->dataset_id = strdup("another");
    assert_refused(make_profile(0, 5), other, "different datasets");
    other = make_profile(0, 5);
    free(other->split);
    other->split = NULL;
    assert_refused(make_profile(0, 5), other, "different splits");
    other = make_profile(0, 5);
    other->labels_level = strdup("coarse");
    assert_refused(make_profile(0, 5), other, "label levels");
    nf_profile *a = make_profile(0, 5), *b = make_profile(5, 9);
    assert_int_equal(nf_profile_add_source(a, "x", "tar", 1, "0123456789abcdef0123456789abcdef", NULL), NF_OK);
    assert_int_equal(nf_profile_add_source(b, "y", "tar", 1, "0123456789abcdef0123456789abcdef", NULL), NF_OK);
    assert_refused(a, b, "same content");
}

static void add_failure(nf_failure_list *list, const char *source, unsigned number)
{
    char member[32];
    snprintf(member, sizeof member, "%08u", number);
    nf_profile_failure failure = {(char *)source, member, "damaged", "reason", 0};
    assert_int_equal(nf_failure_list_add(list, &failure, NULL), NF_OK);
}

static void the_smallest_failures_are_kept_whatever_the_order(void **state)
{
    (void)state;
    enum { N = 10007 };
    for (unsigned step = 1; step < 3000; step += 1499) {
        nf_failure_list list = {0};
        for (unsigned i = 0; i < N; i++)
            add_failure(&list, "b", i * step % N);
        assert_true(list.n <= 2 * NF_FAILURES_LISTED_MAX);
        add_failure(&list, "a", 99999999);
        nf_failure_list_trim(&list);
        assert_int_equal(list.n, NF_FAILURES_LISTED_MAX);
        assert_string_equal(list.items[0].source, "a");
        for (unsigned i = 1; i < NF_FAILURES_LISTED_MAX; i++)
            assert_int_equal(atoi(list.items[i].member), i - 1);
        nf_failure_list_free(&list);
        nf_failure_list_free(&list);
    }
}

static void write_profile(folder *f, const nf_profile *profile)
{
    nf_analysis analysis;
    nf_definition definition;
    nf_out *out;
    nf_definition_init(&definition);
    assert_int_equal(nf_analyse(profile, &definition, &analysis, NULL), NF_OK);
    assert_int_equal(nf_out_open(&out, folder_file(f, "p.json"), NULL), NF_OK);
    assert_int_equal(nf_profile_write(profile, &analysis, out, NULL), NF_OK);
    assert_int_equal(nf_out_commit(out, NULL), NF_OK);
    nf_analysis_clear(&analysis);
}

static void a_file_gives_the_profile_back(void **state)
{
    (void)state;
    folder f;
    nf_profile *profile = make_profile(0, 60), *again;
    add_failure(&profile->failures, "x.tar", 3);
    assert_int_equal(nf_profile_add_source(profile, "x\n\"\xff.tar", "tar", 7, "", NULL), NF_OK);
    assert_int_equal(nf_profile_add_split(profile, "test", 5, NULL), NF_OK);
    assert_int_equal(nf_profile_warn(profile, NULL, "warning %d", 1), NF_OK);
    nf_tally_add(&profile->passed_over, "txt", 4);
    profile->complete = false;
    folder_open(&f);
    write_profile(&f, profile);
    assert_true(nf_profile_is_at(folder_file(&f, "p.json")));
    assert_int_equal(nf_profile_read(folder_file(&f, "p.json"), &again, NULL), NF_OK);
    assert_same_counts(again, profile);
    assert_true(again->failures.n == 1 && again->n_sources == 1 && again->n_other_splits == 1 && again->n_warnings == 1);
    assert_true(again->passed_over.n == 1 && again->passed_over.kinds[0].count == 4 && !again->complete);
    assert_string_equal(again->sources[0].path, "x\n\"\\xff.tar");
    nf_profile_free(again);
    nf_profile_free(profile);
    folder_close(&f);
}

static void an_empty_profile_can_be_written_and_read(void **state)
{
    (void)state;
    folder f;
    nf_profile *empty, *again;
    assert_int_equal(nf_profile_new(&empty, NULL), NF_OK);
    folder_open(&f);
    write_profile(&f, empty);
    assert_int_equal(nf_profile_read(folder_file(&f, "p.json"), &again, NULL), NF_OK);
    assert_same_counts(again, empty);
    nf_profile_free(again);
    nf_profile_free(empty);
    folder_close(&f);
}

/* A digest is no signature: whoever forges the counts can forge it too. */
static void forged_counts_are_refused_or_harmless(void **state)
{
    (void)state;
    for (int kind = 0; kind < 8; kind++) {
        folder f;
        nf_profile *profile = make_profile(0, 30), *again = NULL;
        nf_class_counts *counts = profile->classes[0].counts;
        switch (kind) {
        case 0: profile->entropy.sums[0] = nf_wide_from_u64(0); break;
        case 1: profile->entropy.sums[1] = nf_wide_from_u64(UINT64_MAX); break;
        case 2: memset(&counts->entropy.sums[3], 0xff, sizeof counts->entropy.sums[3]); break;
        case 3: memset(counts->intensity, 0, sizeof counts->intensity); break;
        case 4: counts->intensity[0] = INT64_MAX; break;
        case 5: counts->pooled[9] = (uint64_t)INT64_MAX; break;
        case 6: profile->pixels = (uint64_t)INT64_MAX; break;
        default: counts->entropy.q_min = counts->entropy.q_max; break;
        }
        folder_open(&f);
        write_profile(&f, profile);
        nf_status status = nf_profile_read(folder_file(&f, "p.json"), &again, NULL);
        assert_true(status == NF_OK || status == NF_ERR_INPUT);
        for (int class_distribution = 0; again != NULL && class_distribution < 3; class_distribution++) {
            nf_analysis analysis;
            nf_definition definition;
            nf_definition_init(&definition);
            definition.class_distribution = (nf_class_distribution)class_distribution;
            (void)nf_analyse(again, &definition, &analysis, NULL);
            nf_analysis_clear(&analysis);
        }
        if (again != NULL)
            (void)nf_profile_merge(again, profile, NULL);
        nf_profile_free(again);
        nf_profile_free(profile);
        folder_close(&f);
    }
}

static void other_files_are_no_profiles(void **state)
{
    (void)state;
    folder f;
    folder_open(&f);
    assert_false(nf_profile_is_at(folder_write(&f, "a", "", 0)));
    assert_false(nf_profile_is_at(folder_write(&f, "a", "PK\3\4", 4)));
    assert_false(nf_profile_is_at(folder_write(&f, "a", "{a}/1.png\0\0\0", 12)));
    assert_true(nf_profile_is_at(folder_write(&f, "a", " \n{", 3)));
    assert_false(nf_profile_is_at("no/such/file"));
    assert_false(nf_profile_is_at(f.path));
    folder_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(merged_parts_are_the_whole),
        cmocka_unit_test(classes_are_sorted_numbers_first),
        cmocka_unit_test(classes_are_found_by_name_where_both_have_one),
        cmocka_unit_test(classes_of_one_name_whose_ids_are_texts_stay_apart),
        cmocka_unit_test(the_digest_sees_every_count_and_no_source),
        cmocka_unit_test(what_does_not_belong_together_does_not_merge),
        cmocka_unit_test(the_smallest_failures_are_kept_whatever_the_order),
        cmocka_unit_test(a_file_gives_the_profile_back),
        cmocka_unit_test(an_empty_profile_can_be_written_and_read),
        cmocka_unit_test(forged_counts_are_refused_or_harmless),
        cmocka_unit_test(other_files_are_no_profiles),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
