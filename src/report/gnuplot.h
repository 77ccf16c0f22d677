/* nofade: gnuplot as a child process. Nothing goes through a shell; no settings of the user's are read; the locale is fixed. */
#ifndef NF_REPORT_GNUPLOT_H
#define NF_REPORT_GNUPLOT_H

#include <stddef.h>

#include "base/buf.h"
#include "base/error.h"

enum { NF_GNUPLOT_SECONDS = 60, NF_GNUPLOT_OUTPUT_BYTES_MAX = 64 << 20 };

typedef struct nf_gnuplot {
    const char *program; /* looked for in PATH */
    unsigned timeout_ms;
} nf_gnuplot;

/* Runs script (n,) and appends what comes out to *output. NF_ERR_OUTPUT, with gnuplot's own words where it says some: it is not
 * there, does not like the script, writes too much, or does not end. The child is gone in every case, also when the calling thread or
 * the process is ended from outside. */
nf_status nf_gnuplot_run(const nf_gnuplot *gnuplot, const void *script, size_t n, nf_buf *output, nf_error *error);

#endif
