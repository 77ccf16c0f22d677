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

/* The caption tells of steps that the panel's axis leaves out; no step is left out in silence. */
static void steps_beyond_the_axis_are_counted(void **state)
{
    (void)state;
    static const char twins[] = "model,dataset,task,metric,accuracy_pct,gflops\na,x,t,m,50,1\nb,x,t,m,60,4\nc,x,t,m,60.001,5\n"
                                "d,x,t,m,64,16\ne,x,t,m,65,16.001\nf,x,t,m,66,64\n";
    double points[20][2];
    report_world w = {0};
    world_add_models(&w, twins, NULL, NULL);
    nf_figures *figures = made(&w);
    const nf_figure *f = figure_of(figures, "accuracy-flops");
    size_t n = block_of(f, "r", points, 20), n_beyond = 0;
    const char *range = memmem(f->script.data, f->script.len, "set logscale y", 14), *from = strchr(range, '['), *to = strchr(from, ':');
    for (size_t i = 0; i < n; i += 2)
        n_beyond += points[i][1] < strtod(from + 1, NULL) || points[i][1] > strtod(to + 1, NULL);
    assert_int_equal(n, 10);
    assert_int_equal(n_beyond, 2);
    assert_non_null(strstr(f->caption, "2 of these 5 steps lie beyond the axis"));
    nf_figures_free(figures);
    world_close(&w);
}

/* One image without any entropy, and many of q: their mean lies below 99 % of them. */
static void add_skewed(nf_profile *profile, const char *name, uint64_t q)
{
    enum { MANY = 150 };
    nf_profile_class *class_;
    const uint32_t counts[NF_GREY_LEVELS] = {100};
    assert_int_equal(nf_profile_class_of(profile, name, NULL, &class_, NULL), NF_OK);
    for (int i = 0; i <= MANY; i++) {
        nf_class_counts_add(class_->counts, counts, 100, i == 0 ? 0 : q);
        nf_distribution_add(&profile->entropy, i == 0 ? 0 : q);
        profile->images_read++;
    }
}

/* Where the axis of a figure begins; key: "xrange". */
static double begin_of(const nf_figure *f, const char *key)
{
    const char *at = memmem(f->script.data, f->script.len, key, strlen(key));
    assert_non_null(at);
    return strtod(strchr(at, '[') + 1, NULL);
}

static void means_lie_on_the_axes_that_show_them(void **state)
{
    (void)state;
    for (unsigned n_classes = 2; n_classes <= 45; n_classes += 43) { /* a ridge, and a band */
        double points[64][2];
        char name[16];
        report_world w = {0};
        world_add_set(&w, "one", NULL, 0);
        for (unsigned i = 0; i < n_classes; i++) {
            snprintf(name, sizeof name, "c%02u", i);
            add_skewed(w.profiles[0], name, (uint64_t)(7.0 * NF_Q_PER_BIT));
        }
        nf_profile_sort_classes(w.profiles[0]);
        world_analyse(&w, 0);
        nf_figures *figures = made(&w);
        const nf_figure *entropy = figure_of(figures, "entropy"), *classes = figure_of(figures, "classes-one");
        assert_int_equal(block_of(entropy, "t0", points, 64), 1);
        assert_true(points[0][0] < 7.0 && begin_of(entropy, "xrange") <= points[0][0]);
        assert_true(block_of(classes, n_classes == 2 ? "m0" : "q", points, 64) > 0);
        assert_true(begin_of(classes, n_classes == 2 ? "xrange" : "yrange") <= points[0][n_classes == 2 ? 0 : 1]);
        nf_figures_free(figures);
        world_close(&w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_fit_is_a_distribution),
        cmocka_unit_test(returns_fall_along_the_envelope),
        cmocka_unit_test(steps_beyond_the_axis_are_counted),
        cmocka_unit_test(means_lie_on_the_axes_that_show_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
