/* nofade: another program as a child process. Nothing goes through a shell; no settings of the user's are read; the locale is fixed. */
#ifndef NF_REPORT_PROGRAM_H
#define NF_REPORT_PROGRAM_H

#include <stddef.h>

#include "base/buf.h"
#include "base/error.h"

enum { NF_PROGRAM_OUTPUT_BYTES_MAX = 64 << 20 };

typedef struct nf_program {
    const char *path;          /* looked for in PATH */
    const char *name, *package; /* what it and its package are called in errors */
    char *const *arguments;    /* its own name first, NULL last */
    unsigned timeout_ms;
} nf_program;

/* Runs it with input (n,) and appends what comes out to *output. NF_ERR_OUTPUT, with its own words where it says some: it is not
 * there, fails, writes too much, or does not end. The child is gone in every case, also when the calling thread or the process is ended
 * from outside. */
nf_status nf_program_run(const nf_program *program, const void *input, size_t n, nf_buf *output, nf_error *error);

#endif
