/* nofade: gnuplot as a child process. */
#ifndef NF_REPORT_GNUPLOT_H
#define NF_REPORT_GNUPLOT_H

#include "report/program.h"

enum { NF_GNUPLOT_SECONDS = 60 };

typedef struct nf_gnuplot {
    const char *program; /* looked for in PATH */
    unsigned timeout_ms;
} nf_gnuplot;

/* Runs script (n,) and appends what comes out to *output. NF_ERR_OUTPUT as of nf_program_run, and for a script that it does not like. */
nf_status nf_gnuplot_run(const nf_gnuplot *gnuplot, const void *script, size_t n, nf_buf *output, nf_error *error);

#endif
