#include "report/gnuplot.h"

nf_status nf_gnuplot_run(const nf_gnuplot *gnuplot, const void *script, size_t n, nf_buf *output, nf_error *error)
{
    char *const arguments[] = {(char[]){"gnuplot"}, (char[]){"--default-settings"}, (char[]){"-"}, NULL};
    const nf_program program = {gnuplot->program, "gnuplot", "gnuplot-nox", arguments, gnuplot->timeout_ms};
    return nf_program_run(&program, script, n, output, error);
}
