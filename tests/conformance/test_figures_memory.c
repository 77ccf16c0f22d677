/* Figures while memory runs out: whichever allocation fails, a clean error, no leak and no child left. */
#include "support/gnuplot_there.h"
#include "support/report_world.h"
#include "support/shortage.h"

static const char *const names[] = {"ant", "bee", "cat"};
static const char table[] = "model,dataset,task,metric,accuracy_pct,gflops,co2_kg\n"
                            "small,x,t,top1,60.1,1.5,10\nmiddle,x,t,top1,70.5,6,40\nlarge,x,t,top1,80.25,24,300\n";

static void making_may_fail_anywhere(void **state)
{
    (void)state;
    report_world w = {0};
    nf_figures *figures = NULL;
    nf_error error = {0};
    long n = 0;
    world_add_set(&w, "one", names, 3);
    world_add_models(&w, table, NULL, NULL);
    nf_status status = NF_ERR_NOMEM;
    for (; status != NF_OK && n < 10000; n++) {
        shortage_begin(n);
        status = nf_figures_make(&figures, &w.data, &error);
        shortage_end();
        assert_true(status == NF_OK || status == NF_ERR_NOMEM);
        assert_true((status == NF_OK) == (figures != NULL));
        assert_true(status == NF_OK || error.message[0] != '\0');
    }
    assert_int_equal(status, NF_OK);
    assert_true(n > 100);
    nf_figures_free(figures);
    world_close(&w);
}

static void drawing_may_fail_anywhere(void **state)
{
    (void)state;
    report_world w = {0};
    nf_figures *figures = NULL;
    nf_error error = {0};
    long n = 0;
    need_gnuplot("drawing_may_fail_anywhere");
    world_add_set(&w, "one", names, 1);
    assert_int_equal(nf_figures_make(&figures, &w.data, NULL), NF_OK);
    assert_int_equal(figures->n, 1);
    nf_status status = NF_ERR_NOMEM;
    for (; status != NF_OK && n < 1000; n++) {
        shortage_begin(n);
        status = nf_figures_draw_svg(figures, &error);
        shortage_end();
        assert_true(status == NF_OK || status == NF_ERR_NOMEM);
        assert_true((status == NF_OK) == (figures->items[0].svg.len > 0));
    }
    assert_int_equal(status, NF_OK);
    assert_true(n > 4);
    nf_figures_free(figures);
    world_close(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(making_may_fail_anywhere),
        cmocka_unit_test(drawing_may_fail_anywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
