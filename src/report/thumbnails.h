/* nofade: small pictures of the images that a report names: the least and the most complex ones and duplicates.
 *
 * A profile has no pixels, so the sources are read once more, as far as they are still there; what is shown are the grey levels
 * that were measured, as WebP in data: URIs.
 */
#ifndef NF_THUMBNAILS_H
#define NF_THUMBNAILS_H

#include <signal.h>
#include <stdint.h>

#include "base/error.h"
#include "report/report_data.h"

enum {
    NF_THUMBNAIL_SIDE_PX = 96,
    NF_THUMBNAIL_SETS_MAX = 12 /* of duplicates, the first ones; of each, one copy */
};

typedef struct nf_thumbnail {
    uint32_t w_px, h_px;
    char *data_uri; /* NUL-terminated: "data:image/webp;base64,..." */
} nf_thumbnail;

typedef struct nf_thumbnails nf_thumbnails;

/* Looks at the sources of every set that together have at most most_bytes stored bytes. What cannot be had is no error. *thumbnails is
 * to be freed after a failure, too. */
nf_status nf_thumbnails_make(nf_thumbnails **thumbnails, const nf_report_data *data, uint64_t most_bytes, nf_error *error);
void nf_thumbnails_free(nf_thumbnails *thumbnails);
/* NULL: there is none. */
const nf_thumbnail *nf_thumbnail_of(const nf_thumbnails *thumbnails, size_t set, const nf_named_image *image);
/* Why a set has none, or not all: a sentence; NULL: it has all. */
const char *nf_thumbnails_absent(const nf_thumbnails *thumbnails, size_t set);

#endif
