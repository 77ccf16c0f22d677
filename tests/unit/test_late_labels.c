/* Images whose labels come after them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "scan/late_labels.h"

enum { WITHOUT = 99 };

/* A batch whose only text is "member". */
static nf_batch make_batch(void)
{
    nf_batch batch = {0};
    assert_int_equal(nf_buf_append(&batch.texts, "member", 7, NULL), NF_OK);
    return batch;
}

static nf_slot make_slot(uint32_t set, int64_t row)
{
    nf_slot slot = {.row = row, .late_row = row, .index = (uint64_t)row + 1000, .late_set = set, .late_group = WITHOUT, .q = (uint64_t)row * 7, .n_bytes = 3};
    slot.decoded.w_px = 4;
    slot.decoded.h_px = 5;
    slot.decoded.counts[0] = 1;
    slot.decoded.counts[255] = (uint32_t)row + 127; /* a varint of one byte and of more */
    slot.decoded.counts[7] = row % 2 == 0 ? UINT32_MAX : 0;
    return slot;
}

/* What a visitor saw. */
typedef struct seen {
    uint32_t groups[64];
    int64_t rows[64];
    size_t n;
    nf_status answer;
} seen;

static nf_status visit(void *context, uint32_t group, const nf_late_image *image, nf_error *error)
{
    seen *s = context;
    nf_slot right = make_slot(0, image->row);
    (void)error;
    assert_true(s->n < 64);
    assert_string_equal(image->member, "member");
    assert_true(image->index == right.index && image->q == right.q && image->n_bytes == 3);
    assert_true(image->w_px == 4 && image->h_px == 5);
    assert_memory_equal(image->counts, right.decoded.counts, sizeof right.decoded.counts);
    s->groups[s->n] = group;
    s->rows[s->n++] = image->row;
    return s->answer;
}

static void add_rows(nf_late_labels *late, uint32_t set, int64_t n)
{
    nf_batch batch = make_batch();
    for (int64_t row = 0; row < n; row++) {
        nf_slot slot = make_slot(set, row);
        assert_int_equal(nf_late_labels_add(late, &batch, &slot, NULL), NF_OK);
    }
    nf_buf_free(&batch.texts);
}

static void images_get_the_group_of_their_row(void **state)
{
    (void)state;
    nf_late_labels *late;
    seen s = {0};
    static const uint32_t groups[] = {5, 6, 7};
    assert_int_equal(nf_late_labels_new(&late, 1 << 20, NULL), NF_OK);
    add_rows(late, 1, 3);
    assert_int_equal(nf_late_labels_bind(late, 1, groups, 3, WITHOUT, visit, &s, NULL), NF_OK);
    assert_int_equal(s.n, 3);
    for (size_t i = 0; i < 3; i++)
        assert_true(s.rows[i] == (int64_t)i && s.groups[i] == groups[i]);
    assert_int_equal(nf_late_labels_bind(late, 1, groups, 3, WITHOUT, visit, &s, NULL), NF_OK); /* nothing is left */
    assert_int_equal(s.n, 3);
    nf_late_labels_free(late);
}

static void rows_beyond_the_labels_have_none(void **state)
{
    (void)state;
    nf_late_labels *late;
    seen s = {0};
    static const uint32_t groups[] = {5, 6};
    assert_int_equal(nf_late_labels_new(&late, 1 << 20, NULL), NF_OK);
    add_rows(late, 1, 4);
    assert_int_equal(nf_late_labels_bind(late, 1, groups, 2, WITHOUT, visit, &s, NULL), NF_OK);
    assert_true(s.groups[0] == 5 && s.groups[1] == 6 && s.groups[2] == WITHOUT && s.groups[3] == WITHOUT);
    nf_late_labels_free(late);
}

static void sets_do_not_mix(void **state)
{
    (void)state;
    nf_late_labels *late;
    seen s = {0};
    static const uint32_t groups[] = {5, 6, 7, 8};
    assert_int_equal(nf_late_labels_new(&late, 1 << 20, NULL), NF_OK);
    add_rows(late, 1, 2);
    add_rows(late, 2, 3);
    add_rows(late, 3, 4);
    assert_int_equal(nf_late_labels_bind(late, 2, groups, 4, WITHOUT, visit, &s, NULL), NF_OK);
    assert_int_equal(s.n, 3);
    assert_int_equal(nf_late_labels_bind_rest(late, visit, &s, NULL), NF_OK);
    assert_int_equal(s.n, 9);
    for (size_t i = 3; i < 9; i++)
        assert_int_equal(s.groups[i], WITHOUT);
    nf_late_labels_free(late);
}

static void a_set_is_forgotten_with_what_waits(void **state)
{
    (void)state;
    nf_late_labels *late;
    assert_int_equal(nf_late_labels_new(&late, 1 << 20, NULL), NF_OK);
    for (uint32_t set = 0; set < 40; set++)
        add_rows(late, set, 2);
    nf_late_labels_free(late); /* LeakSanitizer looks on */
    nf_late_labels_free(NULL);
}

static void memory_that_is_used_up_says_what_helps(void **state)
{
    (void)state;
    nf_late_labels *late;
    nf_error error = {0};
    nf_status status = NF_OK;
    nf_batch batch = make_batch();
    int64_t kept = 0;
    assert_int_equal(nf_late_labels_new(&late, 1 << 20, NULL), NF_OK);
    for (; kept < 100000 && status == NF_OK; kept++) {
        nf_slot slot = make_slot(1, kept);
        status = nf_late_labels_add(late, &batch, &slot, &error);
    }
    assert_int_equal(status, NF_ERR_INPUT);
    assert_true(kept > 1000);
    assert_non_null(strstr(error.message, "--label-memory (1 MiB)"));
    assert_non_null(strstr(error.message, "member"));
    nf_buf_free(&batch.texts);
    nf_late_labels_free(late);
}

static void room_comes_back_when_labels_come(void **state)
{
    (void)state;
    nf_late_labels *late;
    assert_int_equal(nf_late_labels_new(&late, 8192, NULL), NF_OK);
    for (int round = 0; round < 100; round++) {
        seen s = {0};
        add_rows(late, (uint32_t)round, 30);
        assert_int_equal(nf_late_labels_bind(late, (uint32_t)round, NULL, 0, WITHOUT, visit, &s, NULL), NF_OK);
        assert_int_equal(s.n, 30);
    }
    nf_late_labels_free(late);
}

typedef struct named {
    char names[3][32];
    nf_verdict verdicts[3];
    size_t n;
} named;

static nf_status visit_named(void *context, uint32_t group, const nf_late_image *image, nf_error *error)
{
    named *s = context;
    (void)group, (void)error;
    assert_true(s->n < 3);
    s->verdicts[s->n] = image->verdict;
    snprintf(s->names[s->n++], sizeof s->names[0], "%s", image->member);
    return NF_OK;
}

static void images_of_one_set_keep_their_own_names_and_verdicts(void **state)
{
    (void)state;
    static const char texts[] = "a.jpg\0deeper/b.jpg\0c.jpg";
    static const size_t offsets[] = {0, 6, 19};
    nf_batch batch = {0};
    nf_late_labels *late;
    named s = {.n = 0};
    assert_int_equal(nf_buf_append(&batch.texts, texts, sizeof texts, NULL), NF_OK);
    assert_int_equal(nf_late_labels_new(&late, 1 << 20, NULL), NF_OK);
    for (int64_t row = 0; row < 3; row++) {
        nf_slot slot = make_slot(4, row);
        slot.member = offsets[row];
        slot.decoded.verdict = row == 1 ? NF_IMAGE_WARNED : NF_IMAGE_OK;
        assert_int_equal(nf_late_labels_add(late, &batch, &slot, NULL), NF_OK);
    }
    assert_int_equal(nf_late_labels_bind_rest(late, visit_named, &s, NULL), NF_OK);
    assert_int_equal(s.n, 3);
    assert_string_equal(s.names[0], "a.jpg");
    assert_string_equal(s.names[1], "deeper/b.jpg");
    assert_string_equal(s.names[2], "c.jpg");
    assert_true(s.verdicts[0] == NF_IMAGE_OK && s.verdicts[1] == NF_IMAGE_WARNED);
    nf_buf_free(&batch.texts);
    nf_late_labels_free(late);
}

static void a_visitor_that_fails_ends_it(void **state)
{
    (void)state;
    nf_late_labels *late;
    seen s = {.answer = NF_ERR_OUTPUT};
    assert_int_equal(nf_late_labels_new(&late, 1 << 20, NULL), NF_OK);
    add_rows(late, 1, 5);
    add_rows(late, 2, 5);
    assert_int_equal(nf_late_labels_bind_rest(late, visit, &s, NULL), NF_ERR_OUTPUT);
    assert_int_equal(s.n, 1);
    nf_late_labels_free(late);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(images_get_the_group_of_their_row),
        cmocka_unit_test(rows_beyond_the_labels_have_none),
        cmocka_unit_test(sets_do_not_mix),
        cmocka_unit_test(a_set_is_forgotten_with_what_waits),
        cmocka_unit_test(memory_that_is_used_up_says_what_helps),
        cmocka_unit_test(room_comes_back_when_labels_come),
        cmocka_unit_test(images_of_one_set_keep_their_own_names_and_verdicts),
        cmocka_unit_test(a_visitor_that_fails_ends_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
