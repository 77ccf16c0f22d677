/* nofade: the pipeline of a scan without its end, for whoever makes something of the totals: a profile (scan.c) or a
 * verification (verify.c). Private to src/. */
#ifndef NF_SCAN_RUN_H
#define NF_SCAN_RUN_H

#include <stddef.h>

#include "base/error.h"
#include "scan/look.h"
#include "scan/scan.h"
#include "scan/scan_fold.h"
#include "scan/scan_reader.h"

/* What is made when all is read, or an interruption has ended the reading. */
typedef struct nf_scan_end {
    void *context;
    nf_status (*make)(void *context, nf_reader *reader, nf_fold *fold, nf_error *error);
} nf_scan_end;

/* Reads the sources, none of which is a saved profile. The errors of nf_scan. */
nf_status nf_scan_run(const char *const *paths, size_t n_paths, const nf_scan_options *options, nf_scan_depth depth,
                      const nf_scan_end *end, nf_error *error);
/* NF_ERR_USAGE: one file is given twice. */
nf_status nf_scan_check_paths(const char *const *paths, size_t n, nf_error *error);
/* NF_ERR_INPUT: there was no image at all (and no interruption); the sentence says what there was instead. */
nf_status nf_scan_check_any_image(const nf_reader *reader, const nf_fold *fold, nf_error *error);

#endif
