/* nofade: the report: one HTML page that opens offline, with everything that it shows inside.
 *
 * No script is needed to read it; the one it has sorts and searches tables. It asks for nothing over a network, and says so to
 * the browser (Content-Security-Policy). Names and paths are escaped: nothing that a dataset or a table holds becomes markup. */
#ifndef NF_REPORT_H
#define NF_REPORT_H

#include <stdint.h>

#include "base/error.h"
#include "base/out.h"
#include "report/figures.h"
#include "report/report_data.h"
#include "report/thumbnails.h"

enum {
    NF_REPORT_SETS_MAX = 100,
    NF_REPORT_ROWS_MAX = 5000,         /* of a table of classes or models */
    NF_REPORT_LISTED_MAX = 50,         /* findings of a kind, failures, sources */
    NF_REPORT_PAIRS = 20,              /* closest, and most distant ones */
    NF_REPORT_PAIRS_CLASSES_MAX = 2000 /* with more, pairs are not looked for */
};

typedef struct nf_report {
    const nf_report_data *data;
    const nf_figures *figures; /* with their SVG; NULL: none */
    const nf_thumbnails *thumbnails; /* NULL: none */
    const char *command;       /* the command line, for people; untrusted */
    int64_t made_unix_s;
} nf_report;

/* Writes the page; out is the caller's still. */
nf_status nf_report_write(const nf_report *report, nf_out *out, nf_error *error);
/* names: (n,) made unique among them: "cifar10 train", "cifar10 (2)", "photos.zip" of a set without a name of its own; each is owned by the caller (free), also after a failure. */
nf_status nf_report_names(char **names, const nf_profile *const *profiles, size_t n, nf_error *error);

#endif
