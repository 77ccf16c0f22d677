/* The page while memory runs out: whichever allocation fails, a clean error and no leak. */
#include "support/folder.h"
#include "support/report_world.h"
#include "support/shortage.h"

static const char *const names[] = {"ant", "bee", "cat"};
static const char table[] = "model,dataset,task,metric,accuracy_pct,gflops,co2_kg\n"
                            "small,x,t,top1,60.1,1.5,10\nmiddle,x,t,top1,70.5,6,40\nlarge,x,t,top1,80.25,24,300\n";

/* The names of its sets, and the page. */
static nf_status make_page(const nf_report *report, const char *path, nf_error *error)
{
    const nf_profile *profiles[] = {report->data->sets[0].profile, report->data->sets[1].profile};
    char *given[2] = {NULL, NULL};
    nf_out *out = NULL;
    nf_status status = nf_report_names(given, profiles, 2, error);
    if (status == NF_OK)
        status = nf_out_open(&out, path, error);
    if (status == NF_OK)
        status = nf_report_write(report, out, error);
    if (status == NF_OK)
        status = nf_out_commit(out, error);
    else
        nf_out_discard(out);
    free(given[0]);
    free(given[1]);
    return status;
}

static void any_allocation_may_fail(void **state)
{
    (void)state;
    folder f;
    report_world w = {0};
    nf_error error = {0};
    long n = 0;
    folder_open(&f);
    world_add_set(&w, "one", names, 3);
    world_add_set(&w, "two", names, 2);
    world_add_models(&w, table, NULL, NULL);
    const nf_report report = {.data = &w.data, .command = "nofade report", .made_unix_s = 1};
    nf_status status = NF_ERR_NOMEM;
    for (; status != NF_OK && n < 1000; n++) {
        shortage_begin(n);
        status = make_page(&report, folder_file(&f, "page.html"), &error);
        shortage_end();
        assert_true(status == NF_OK || status == NF_ERR_NOMEM || status == NF_ERR_OUTPUT);
        assert_true(status == NF_OK || error.message[0] != '\0');
        assert_true((status == NF_OK) == (access(folder_file(&f, "page.html"), F_OK) == 0));
    }
    assert_int_equal(status, NF_OK);
    assert_true(n > 10);
    world_close(&w);
    folder_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(any_allocation_may_fail)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
