/* nofade: looks for the flaws of a set (quality.h) in the rows that a scan has spooled, when splits and classes are settled.
 *
 * Only the rows are read, some times over, never the images again. Memory: the lists, 512 KiB, and 45 MB at most while
 * duplicates are looked for (duplicates.h).
 */
#ifndef NF_QUALITY_FIND_H
#define NF_QUALITY_FIND_H

#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"
#include "loaders/groups.h"
#include "profile/quality.h"
#include "scan/row_spool.h"
#include "scan/scan_settle.h"

typedef struct nf_quality_search {
    nf_row_spool *spool;
    const nf_groups *groups;  /* settled */
    const char *const *paths; /* of the sources, by number */
    nf_settling *settling;    /* which splits count, what classes are called */
    uint64_t rows_max;        /* NF_QUALITY_IMAGES_MAX: rows beyond it are left aside */
    uint64_t rows_seen;       /* since the last rewind: nf_quality_next's */
    nf_buf member;            /* the name that nf_quality_name made last; freed by nf_quality_find */
} nf_quality_search;

/* Fills *quality (zeroed). NF_ERR_OUTPUT: the spool cannot be read back. */
nf_status nf_quality_find(nf_quality_search *search, nf_quality *quality, nf_error *error);

/* Back to the first row, then the rows one by one without those of failed images; NF_EOF after the last. */
nf_status nf_quality_rewind(nf_quality_search *search, nf_error *error);
nf_status nf_quality_next(nf_quality_search *search, nf_spooled_row *row, const char **path, nf_error *error);
/* *image borrows everything: valid until the next call, and the groups'. */
nf_status nf_quality_name(nf_quality_search *search, const nf_spooled_row *row, const char *path, nf_named_image *image,
                          nf_error *error);

#endif
