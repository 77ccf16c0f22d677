/* The page's parts that have a rule of their own: escaping, pairs of classes, names of sets. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "report/html.h"
#include "report/pairs.h"
#include "report/report.h"

/* ---- escaping ---- */

enum { WRITTEN_MAX = 4096 };

typedef void writer(nf_html *html, const char *text);

/* What the writer makes of text, through a real file. */
static void assert_written(writer *write, const char *text, const char *expected)
{
    char path[] = "/tmp/nofade-html-XXXXXX", written[WRITTEN_MAX];
    int fd = mkstemp(path);
    nf_out *out;
    nf_html html;
    assert_true(fd >= 0);
    close(fd);
    assert_int_equal(nf_out_open(&out, path, NULL), NF_OK);
    nf_html_begin(&html, out);
    write(&html, text);
    assert_int_equal(nf_html_end(&html, NULL), NF_OK);
    assert_int_equal(nf_out_commit(out, NULL), NF_OK);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    size_t n = fread(written, 1, sizeof written - 1, file);
    written[n] = '\0';
    fclose(file);
    unlink(path);
    assert_string_equal(written, expected);
}

static void text_is_escaped_for_elements_and_attributes(void **state)
{
    (void)state;
    assert_written(nf_html_text, "plain", "plain");
    assert_written(nf_html_text, NULL, "");
    assert_written(nf_html_text, "<a href=\"x\" id='y'>&</a>", "&lt;a href=&quot;x&quot; id=&#39;y&#39;&gt;&amp;&lt;/a&gt;");
    assert_written(nf_html_text, "K\xc3\xa4tzchen \xf0\x9f\x98\x80", "K\xc3\xa4tzchen \xf0\x9f\x98\x80");
}

static void what_cannot_be_shown_is_spelt_out(void **state)
{
    (void)state;
    assert_written(nf_html_text, "a\nb\tc\x1b[0m\x7f", "a\\x0ab\\x09c\\x1b[0m\\x7f");
    assert_written(nf_html_text, "\xff\xc3", "\\xff\\xc3");
    assert_written(nf_html_text, "\xe2\x80\xae<", "\\xe2\\x80\\xae&lt;"); /* U+202E */
    assert_written(nf_html_text, "\xc2\x85", "\\xc2\\x85");               /* U+0085 */
}

static void paths_may_break_and_are_escaped(void **state)
{
    (void)state;
    assert_written(nf_html_path, "a/b_c", "a/<wbr>b_<wbr>c");
    assert_written(nf_html_path, "<b>/", "&lt;b&gt;/");
    assert_written(nf_html_path, "0123456789012345678901234567", "012345678901234567890123<wbr>4567");
}

static void faults_stick(void **state)
{
    (void)state;
    nf_out *out;
    nf_html html;
    nf_error error = {0};
    assert_int_equal(nf_out_open(&out, "/dev/full", NULL), NF_OK);
    nf_html_begin(&html, out);
    for (size_t i = 0; i < 100000; i++)
        nf_html_text(&html, "some text");
    assert_int_equal(nf_html_end(&html, &error), NF_ERR_OUTPUT);
    assert_non_null(strstr(error.message, "/dev/full"));
    nf_out_discard(out);
}

/* ---- pairs ---- */

enum { CLASSES = 5, BINS = 8 };

/* Classes 0 .. 3 move from bin to bin; 4 is the same as 1. */
static const double distributions[CLASSES * BINS] = {
    1, 0, 0, 0, 0, 0, 0, 0,
    .5, .5, 0, 0, 0, 0, 0, 0,
    0, .5, .5, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, .5, .5,
    .5, .5, 0, 0, 0, 0, 0, 0,
};

static nf_analysis analysis_of(void)
{
    nf_analysis analysis = {.n_bins = BINS, .distributions = (double *)distributions, .has_distances = true,
                            .distances = {.n_classes = CLASSES, .n_pairs = 10}};
    nf_definition_init(&analysis.definition);
    return analysis;
}

static void assert_pair(const nf_class_pair *pair, size_t a, size_t b)
{
    assert_int_equal(pair->a, a);
    assert_int_equal(pair->b, b);
    assert_true(fabs(pair->distance - nf_js_distance(distributions + a * BINS, distributions + b * BINS, BINS, NF_LOG_E)) <= 0.0);
}

static void closest_and_most_distant_pairs_stand_in_order(void **state)
{
    (void)state;
    const nf_analysis analysis = analysis_of();
    nf_class_pairs pairs;
    assert_int_equal(nf_class_pairs_find(&pairs, &analysis, 4, NULL), NF_OK);
    assert_int_equal(pairs.n, 4);
    assert_pair(&pairs.closest[0], 1, 4); /* the same: 0 */
    assert_pair(&pairs.closest[1], 0, 1); /* equal to (0, 4), and before it */
    assert_pair(&pairs.closest[2], 0, 4);
    assert_pair(&pairs.closest[3], 1, 2);
    assert_pair(&pairs.distant[0], 0, 2); /* four pairs that do not overlap */
    assert_pair(&pairs.distant[1], 0, 3);
    assert_pair(&pairs.distant[2], 1, 3);
    assert_pair(&pairs.distant[3], 2, 3);
    nf_class_pairs_free(&pairs);
}

static void each_class_has_its_nearest_and_its_mean(void **state)
{
    (void)state;
    static const size_t nearest[CLASSES] = {1, 4, 1, 0, 1};
    const nf_analysis analysis = analysis_of();
    nf_class_pairs pairs;
    assert_int_equal(nf_class_pairs_find(&pairs, &analysis, 100, NULL), NF_OK);
    assert_int_equal(pairs.n, 10); /* all there are */
    for (size_t a = 0; a < CLASSES; a++) {
        double row[CLASSES], sum = 0.0;
        nf_distance_row(distributions, CLASSES, BINS, NF_LOG_E, a, row);
        for (size_t b = 0; b < CLASSES; b++)
            sum += row[b];
        assert_int_equal(pairs.places[a].nearest, nearest[a]);
        assert_true(fabs(pairs.places[a].nearest_distance - row[nearest[a]]) <= 0.0);
        assert_true(fabs(pairs.places[a].mean_distance - sum / (CLASSES - 1)) <= 1e-15);
    }
    nf_class_pairs_free(&pairs);
}

/* ---- names ---- */

static void sets_get_names_of_their_own(void **state)
{
    (void)state;
    enum { N = 7 };
    static const struct {
        const char *id, *split, *name;
    } given[N] = {
        {"cifar10", "train", "cifar10 train"}, {"cifar10", "test", "cifar10 test"}, {"cifar10", "test", "cifar10 test (2)"},
        {"own", "all", "own"}, {"own", "all", "own (2)"}, {"own (2)", NULL, "own (2) (2)"}, {NULL, NULL, "images"},
    };
    nf_profile profiles[N] = {0};
    const nf_profile *pointers[N];
    char *names[N];
    for (size_t i = 0; i < N; i++) {
        profiles[i].dataset_id = (char *)given[i].id;
        profiles[i].split = (char *)given[i].split;
        pointers[i] = &profiles[i];
    }
    assert_int_equal(nf_report_names(names, pointers, N, NULL), NF_OK);
    for (size_t i = 0; i < N; i++) {
        assert_string_equal(names[i], given[i].name);
        free(names[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_is_escaped_for_elements_and_attributes),
        cmocka_unit_test(what_cannot_be_shown_is_spelt_out),
        cmocka_unit_test(paths_may_break_and_are_escaped),
        cmocka_unit_test(faults_stick),
        cmocka_unit_test(closest_and_most_distant_pairs_stand_in_order),
        cmocka_unit_test(each_class_has_its_nearest_and_its_mean),
        cmocka_unit_test(sets_get_names_of_their_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
