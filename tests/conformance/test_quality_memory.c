/* The search for flaws while memory is short: every allocation fails once, nothing leaks and nothing is made up. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "scan/quality_find.h"
#include "support/shortage.h"

enum { N_ROWS = 200 };

/* Copies, flat images, two modes, wrong suffixes and odd sizes. */
static void fill(nf_row_spool *spool, nf_groups *groups)
{
    uint32_t train, test;
    assert_int_equal(nf_groups_intern(groups, "train", "cat", &train, NULL), NF_OK);
    assert_int_equal(nf_groups_intern(groups, "test", "dog", &test, NULL), NF_OK);
    for (unsigned i = 0; i < N_ROWS; i++) {
        char member[64];
        nf_spooled_row row = {.index = i, .q = i * 1000, .row = i % 5 == 0 ? (int64_t)i : -1, .group = i % 3 == 0 ? test : train,
                              .w_px = i % 50 == 0 ? 1000 : 10, .h_px = 10, .verdict = NF_IMAGE_OK};
        row.marks = (nf_image_marks){.hash = {i / 3 * 77777, i / 3}, .top_px = i % 4 == 0 ? 100 : 99, .mode = i % 7 == 0, .kind = "PNG"};
        snprintf(member, sizeof member, "%u/%u.%s", i % 10, i, i % 11 == 0 ? "jpg" : "png");
        assert_int_equal(nf_row_spool_add(spool, &row, member, NULL), NF_OK);
    }
}

static nf_status find(nf_row_spool *spool, nf_groups *groups, nf_quality *quality, nf_error *error)
{
    static const char *const paths[] = {"set.tar"};
    nf_reader reader = {.groups = groups};
    nf_settling settling = {.reader = &reader};
    nf_quality_search search = {
        .spool = spool, .groups = groups, .paths = paths, .settling = &settling, .rows_max = NF_QUALITY_IMAGES_MAX};
    nf_status status = nf_quality_find(&search, quality, error);
    nf_buf_free(&settling.names);
    return status;
}

static void a_shortage_of_memory_is_told_and_leaves_nothing_behind(void **state)
{
    (void)state;
    nf_row_spool *spool;
    nf_groups *groups;
    assert_int_equal(nf_row_spool_new(&spool, NULL, NULL), NF_OK);
    assert_int_equal(nf_groups_new(&groups, NULL), NF_OK);
    fill(spool, groups);
    nf_status status = NF_ERR_NOMEM;
    long n = 0;
    for (n = 1; status != NF_OK && n < 10000; n++) { /* LeakSanitizer looks on */
        nf_quality quality = {0};
        nf_error error = {0};
        shortage_begin(n);
        status = find(spool, groups, &quality, &error);
        shortage_end();
        if (status == NF_OK) {
            assert_int_equal(quality.duplicates.sets, N_ROWS / 3 + 1);
            assert_int_equal(quality.findings[NF_FINDING_CONSTANT].images + quality.findings[NF_FINDING_NEAR_CONSTANT].images,
                             N_ROWS - 4);
        } else {
            assert_int_equal(status, NF_ERR_NOMEM);
            assert_non_null(strstr(error.message, "out of memory"));
        }
        nf_quality_free(&quality);
    }
    assert_int_equal(status, NF_OK);
    assert_true(n > 10);
    nf_row_spool_free(spool);
    nf_groups_free(groups);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_shortage_of_memory_is_told_and_leaves_nothing_behind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
