/* The numbers that gnuplot is given: the normal fit, the returns along the frontier. */
#include "support/report_world.h"

#include <math.h>
#include <stdlib.h>

static nf_figures *made(const report_world *w)
{
    nf_figures *figures;
    nf_error error = {0};
    if (nf_figures_make(&figures, &w->data, &error) != NF_OK)
        fail_msg("%s", error.message);
    return figures;
}

static const nf_figure *figure_of(const nf_figures *figures, const char *id)
{
    for (size_t i = 0; i < figures->n; i++)
        if (strcmp(figures->items[i].id, id) == 0)
            return &figures->items[i];
    fail_msg("no figure %s", id);
    return NULL;
}

/* The points of a block of data, "$name << EOD", into (n_max, 2). How many there are. */
static size_t block_of(const nf_figure *f, const char *name, double points[][2], size_t n_max)
{
    char head[32];
    size_t n = 0;
    snprintf(head, sizeof head, "$%s << EOD\n", name);
    const char *at = memmem(f->script.data, f->script.len, head, strlen(head));
    assert_non_null(at);
    for (at += strlen(head); strncmp(at, "EOD", 3) != 0 && n < n_max; n++) {
        char *end;
        points[n][0] = strtod(at, &end);
        points[n][1] = strtod(end, &end);
        at = strchr(end, '\n') + 1;
    }
    return n;
}

static void a_fit_is_a_distribution(void **state)
{
    (void)state;
    double points[200][2], area = 0.0, mean = 0.0;
    report_world w = {0};
    world_add_set(&w, "one", (const char *const[]){"a"}, 1);
    world_add_class(w.profiles[0], "a", 3.5, 60); /* four deviations from both ends of the axis */
    world_analyse(&w, 0);
    nf_figures *figures = made(&w);
    size_t n = block_of(figure_of(figures, "entropy"), "f0", points, 200);
    for (size_t i = 0; i + 1 < n; i++) {
        const double step = points[i + 1][0] - points[i][0], height = 0.5 * (points[i][1] + points[i + 1][1]);
        area += step * height;
        mean += step * height * 0.5 * (points[i][0] + points[i + 1][0]);
    }
    assert_true(fabs(area - 1.0) < 0.01);
    assert_true(fabs(mean - w.analyses[0].entropy.mean) < 0.05);
    nf_figures_free(figures);
    world_close(&w);
}

/* Each doubling buys less than the one before, however the models lie. */
static void returns_fall_along_the_envelope(void **state)
{
    (void)state;
    static const char dents[] = "model,dataset,task,metric,accuracy_pct,gflops\na,x,t,m,50,1\nb,x,t,m,51,2\nc,x,t,m,60,4\nd,x,t,m,61,8\n"
                                "e,x,t,m,66,16\nf,x,t,m,66.5,32\n";
    double points[20][2];
    report_world w = {0};
    world_add_models(&w, dents, NULL, NULL);
    nf_figures *figures = made(&w);
    size_t n = block_of(figure_of(figures, "accuracy-flops"), "e", points, 20);
    const double expected[][2] = {{1e9, 5}, {4e9, 5}, {4e9, 3}, {16e9, 3}, {16e9, 0.5}, {32e9, 0.5}};
    assert_int_equal(n, 6);
    for (size_t i = 0; i < n; i++)
        assert_true(fabs(points[i][0] / expected[i][0] - 1) < 1e-5 && fabs(points[i][1] / expected[i][1] - 1) < 1e-5);
    nf_figures_free(figures);
    world_close(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_fit_is_a_distribution),
        cmocka_unit_test(returns_fall_along_the_envelope),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
