/* What is made of an SVG that gnuplot would not write. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "report/figure_build.h"

static void definitions_in_what_is_left_out_are_left_out_too(void **state)
{
    static const char drawn[] = "<svg><other><defs><path id=\"a\"/></defs></other><path d=\"M0,0 L7,9\" stroke=\"black\"/></svg>";
    (void)state;
    char title[] = "title", alt[] = "alt";
    nf_figure figure = {.title = title, .alt = alt};
    nf_buf svg = {0};
    nf_error error = {0};
    assert_int_equal(nf_buf_append(&svg, drawn, strlen(drawn), NULL), NF_OK);
    assert_int_equal(nf_figure_svg(&figure, 0, &svg, &error), NF_OK);
    assert_int_equal(nf_buf_append(&figure.svg, "", 1, NULL), NF_OK);
    assert_non_null(strstr((const char *)figure.svg.data, "M0 0L7 9"));
    nf_buf_free(&figure.svg);
    nf_buf_free(&svg);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(definitions_in_what_is_left_out_are_left_out_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
