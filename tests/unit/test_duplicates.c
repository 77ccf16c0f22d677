/* Images with the same bytes, found in spooled rows: against looking at every pair. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "scan/duplicates.h"

enum { ROWS_MAX = 3000 };

/* A row as the test knows it. */
typedef struct drawn {
    uint64_t hash; /* lower half; 0: the image failed */
    unsigned place; /* index in places */
    unsigned name;
} drawn;

static const struct {
    const char *split, *class_id;
} places[] = {{"train", "cat"}, {"train", "dog"}, {"test", "cat"}, {"", "cat"}, {"train", NULL}, {"", NULL}};
enum { N_PLACES = sizeof places / sizeof *places };

typedef struct bench {
    nf_groups *groups;
    nf_row_spool *spool;
    nf_reader reader; /* as much of a scan's end as the search looks at */
    nf_settling settling;
    nf_quality_search search;
    drawn rows[ROWS_MAX];
    size_t n;
} bench;

static const char *const paths[] = {"one.tar"};

/* The lower 48 bits choose the slot in the table, the upper half the part. */
static void fill(bench *b, bool reversed, uint64_t (*upper)(uint64_t hash))
{
    uint32_t groups[N_PLACES];
    assert_int_equal(nf_groups_new(&b->groups, NULL), NF_OK);
    for (size_t i = 0; i < N_PLACES; i++)
        assert_int_equal(nf_groups_intern(b->groups, places[i].split, places[i].class_id, &groups[i], NULL), NF_OK);
    assert_int_equal(nf_row_spool_new(&b->spool, NULL, NULL), NF_OK);
    for (size_t k = 0; k < b->n; k++) {
        const drawn *d = &b->rows[reversed ? b->n - 1 - k : k];
        char member[32];
        nf_spooled_row row = {.index = k, .row = -1, .group = groups[d->place], .w_px = 1, .h_px = 1,
                              .verdict = d->hash == 0 ? NF_IMAGE_FAILED : NF_IMAGE_OK};
        row.marks.hash[0] = d->hash * UINT64_C(0x9e3779b97f4a7c15);
        row.marks.hash[1] = upper(d->hash);
        snprintf(member, sizeof member, "%04u", d->name);
        assert_int_equal(nf_row_spool_add(b->spool, &row, member, NULL), NF_OK);
    }
    b->reader = (nf_reader){.groups = b->groups};
    b->settling = (nf_settling){.reader = &b->reader};
    b->search = (nf_quality_search){
        .spool = b->spool, .groups = b->groups, .paths = paths, .settling = &b->settling, .rows_max = UINT64_MAX};
}

static void empty(bench *b)
{
    nf_row_spool_free(b->spool);
    nf_groups_free(b->groups);
    nf_buf_free(&b->search.member);
    nf_buf_free(&b->settling.names);
}

static uint64_t spread(uint64_t hash)
{
    return hash * UINT64_C(0xc2b2ae3d27d4eb4f);
}

static uint64_t all_in_one_part(uint64_t hash)
{
    (void)hash;
    return 0;
}

static void draw(bench *b, size_t n, unsigned n_hashes)
{
    uint64_t random = 12345;
    b->n = n;
    for (size_t i = 0; i < n; i++) {
        random = random * UINT64_C(6364136223846793005) + 1442695040888963407u;
        b->rows[i] = (drawn){.hash = (random >> 33) % n_hashes, .place = (unsigned)(random >> 20) % N_PLACES,
                             .name = (unsigned)(i * 1237 % n)};
    }
}

static bool texts_differ(const char *a, const char *b)
{
    return a != NULL && b != NULL && a[0] != '\0' && b[0] != '\0' && strcmp(a, b) != 0;
}

/* By looking at every pair. */
static nf_duplicates expected(const bench *b)
{
    nf_duplicates sum = {0};
    for (size_t i = 0; i < b->n; i++) {
        bool first = b->rows[i].hash != 0, set = false, splits = false, classes = false;
        sum.images += b->rows[i].hash != 0;
        for (size_t k = 0; k < b->n && first; k++)
            first = k >= i || b->rows[k].hash != b->rows[i].hash;
        for (size_t k = i + 1; k < b->n && first; k++) {
            if (b->rows[k].hash != b->rows[i].hash)
                continue;
            set = true;
            sum.extra_copies++;
        }
        for (size_t k = 0; k < b->n && first; k++)
            for (size_t m = 0; m < k && b->rows[k].hash == b->rows[i].hash; m++)
                if (b->rows[m].hash == b->rows[i].hash) {
                    splits |= texts_differ(places[b->rows[k].place].split, places[b->rows[m].place].split);
                    classes |= texts_differ(places[b->rows[k].place].class_id, places[b->rows[m].place].class_id);
                }
        sum.sets += set;
        sum.sets_across_splits += splits;
        sum.sets_across_classes += classes;
    }
    return sum;
}

static nf_quality find(bench *b, size_t at_once)
{
    nf_quality quality = {0};
    for (size_t i = 0; i < b->n && i < b->search.rows_max; i++)
        quality.duplicates.images += b->rows[i].hash != 0;
    assert_int_equal(nf_duplicates_find(&b->search, at_once, &quality.duplicates, NULL), NF_OK);
    return quality;
}

static void assert_sums(const nf_duplicates *found, const nf_duplicates *right)
{
    assert_int_equal(found->images, right->images);
    assert_int_equal(found->sets, right->sets);
    assert_int_equal(found->extra_copies, right->extra_copies);
    assert_int_equal(found->sets_across_splits, right->sets_across_splits);
    assert_int_equal(found->sets_across_classes, right->sets_across_classes);
}

static void assert_same_lists(const nf_duplicates *a, const nf_duplicates *b)
{
    assert_int_equal(a->n_listed, b->n_listed);
    for (size_t i = 0; i < a->n_listed; i++) {
        assert_int_equal(a->listed[i].images, b->listed[i].images);
        assert_int_equal(a->listed[i].n_listed, b->listed[i].n_listed);
        for (size_t k = 0; k < a->listed[i].n_listed; k++) {
            assert_string_equal(a->listed[i].listed[k].member, b->listed[i].listed[k].member);
            assert_string_equal(a->listed[i].listed[k].split, b->listed[i].listed[k].split);
            assert_string_equal(a->listed[i].listed[k].class_name, b->listed[i].listed[k].class_name);
        }
    }
}

static void every_pair_is_found_whatever_the_parts_and_the_order(void **state)
{
    (void)state;
    static const struct {
        size_t n;
        unsigned n_hashes;
    } draws[] = {{0, 1}, {1, 2}, {2, 2}, {300, 3}, {600, 100}, {600, 100000}, {3000, 20000}};
    static const size_t at_once[] = {1 << 20, 1000, 64, 7};
    static bench b;
    for (size_t i = 0; i < sizeof draws / sizeof *draws; i++) {
        draw(&b, draws[i].n, draws[i].n_hashes);
        nf_duplicates right = expected(&b);
        nf_quality reference = {0};
        for (size_t k = 0; k < 2 * sizeof at_once / sizeof *at_once; k++) {
            fill(&b, k % 2 == 1, spread);
            nf_quality found = find(&b, at_once[k / 2]);
            assert_sums(&found.duplicates, &right);
            assert_int_equal(found.duplicates.not_searched, 0);
            if (k == 0)
                reference = found;
            else {
                assert_same_lists(&found.duplicates, &reference.duplicates);
                nf_quality_free(&found);
            }
            empty(&b);
        }
        nf_quality_free(&reference);
    }
}

static void listed_sets_are_the_first_by_name_with_leaks_in_front(void **state)
{
    (void)state;
    static bench b;
    b.n = ROWS_MAX; /* pairs: 1500 sets, five of them leaks */
    for (unsigned i = 0; i < b.n; i++)
        b.rows[i] = (drawn){.hash = i / 2 + 1, .place = i / 2 >= 1495 && i % 2 == 1 ? 2 : 0, .name = i};
    fill(&b, false, spread);
    nf_quality found = find(&b, 100);
    const nf_duplicates *duplicates = &found.duplicates;
    assert_int_equal(duplicates->sets, 1500);
    assert_int_equal(duplicates->sets_across_splits, 5);
    assert_int_equal(duplicates->n_listed, NF_FINDINGS_LISTED_MAX);
    for (size_t i = 0; i < duplicates->n_listed; i++) {
        const nf_duplicate_set *set = &duplicates->listed[i];
        assert_int_equal(set->n_listed, 2);
        assert_int_equal(set->across_splits, i < 5);
        assert_int_equal(atoi(set->listed[0].member), i < 5 ? (int)(2 * (1495 + i)) : (int)(2 * (i - 5)));
        assert_int_equal(atoi(set->listed[1].member), atoi(set->listed[0].member) + 1);
    }
    nf_quality_free(&found);
    empty(&b);
}

static void hashes_that_crowd_into_one_part_are_counted_as_not_searched(void **state)
{
    (void)state;
    static bench b;
    b.n = ROWS_MAX;
    for (unsigned i = 0; i < b.n; i++)
        b.rows[i] = (drawn){.hash = i % 1500 + 1, .place = 0, .name = i};
    fill(&b, false, all_in_one_part);
    nf_quality found = find(&b, 100);
    const nf_duplicates *duplicates = &found.duplicates;
    assert_true(duplicates->not_searched > 0);
    assert_int_equal(duplicates->images + duplicates->not_searched, ROWS_MAX);
    assert_int_equal(duplicates->images, 2 * duplicates->sets); /* what was searched was found */
    assert_true(duplicates->sets >= 100);
    nf_quality_free(&found);
    empty(&b);
}

static void rows_beyond_the_limit_are_left_aside(void **state)
{
    (void)state;
    static bench b;
    b.n = 100;
    for (unsigned i = 0; i < b.n; i++)
        b.rows[i] = (drawn){.hash = i % 50 + 1, .place = 0, .name = i};
    fill(&b, false, spread);
    b.search.rows_max = 60;
    nf_quality found = find(&b, 1 << 20);
    assert_int_equal(found.duplicates.sets, 10);
    nf_quality_free(&found);
    empty(&b);
}

static void a_spool_gives_back_every_name(void **state)
{
    (void)state;
    static const char *const names[] = {"a/b/c.png", "a/b/c.png", "a/b/c.pngx", "a/b/c", "", "", "z", "a/b/c.png", "a/b/d.png"};
    enum { N = sizeof names / sizeof *names };
    nf_row_spool *spool;
    const char *member;
    nf_spooled_row row = {0};
    assert_int_equal(nf_row_spool_new(&spool, NULL, NULL), NF_OK);
    for (uint64_t i = 0; i < N; i++) {
        row.index = i;
        row.marks.hash[0] = i * 3;
        assert_int_equal(nf_row_spool_add(spool, &row, names[i], NULL), NF_OK);
    }
    for (int round = 0; round < 3; round++) {
        assert_int_equal(nf_row_spool_rewind(spool, NULL), NF_OK);
        for (uint64_t i = 0; i < N; i++) {
            if (round == 1 && i == 4)
                break; /* from the middle back to the beginning */
            assert_int_equal(nf_row_spool_next(spool, &row, &member, NULL), NF_OK);
            assert_string_equal(member, names[i]);
            assert_true(row.index == i && row.marks.hash[0] == i * 3);
        }
    }
    assert_int_equal(nf_row_spool_next(spool, &row, &member, NULL), NF_EOF);
    nf_row_spool_free(spool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_pair_is_found_whatever_the_parts_and_the_order),
        cmocka_unit_test(listed_sets_are_the_first_by_name_with_leaks_in_front),
        cmocka_unit_test(hashes_that_crowd_into_one_part_are_counted_as_not_searched),
        cmocka_unit_test(rows_beyond_the_limit_are_left_aside),
        cmocka_unit_test(a_spool_gives_back_every_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
