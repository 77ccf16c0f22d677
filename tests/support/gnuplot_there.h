/* Is gnuplot there? Figures are drawn by the real one or not at all. */
#ifndef NF_TESTS_SUPPORT_GNUPLOT_THERE_H
#define NF_TESTS_SUPPORT_GNUPLOT_THERE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "report/gnuplot.h"

/* Skips the test that calls it when there is no gnuplot. */
static inline void need_gnuplot(const char *test)
{
    const nf_gnuplot gnuplot = {"gnuplot", 20000};
    nf_buf output = {0};
    nf_status status = nf_gnuplot_run(&gnuplot, "exit", 4, &output, NULL);
    nf_buf_free(&output);
    if (status == NF_OK)
        return;
    printf("SKIP %s: gnuplot cannot be run\n", test);
    skip();
}

#endif
