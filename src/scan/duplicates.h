/* nofade: images with the same bytes, from the hashes in a spool.
 *
 * The hashes are taken a part at a time (those whose upper half leaves a certain remainder), in a table for as many images as
 * one cares to hold: 45 MB for NF_DUPLICATES_AT_ONCE, whatever the number of images. A part costs one more reading of the
 * spool, one more where it has duplicates. A table that is full all the same - hashes that somebody has chosen to fall into one
 * part - takes no more images, and those are counted as not searched.
 */
#ifndef NF_DUPLICATES_H
#define NF_DUPLICATES_H

#include "scan/quality_find.h"

enum { NF_DUPLICATES_AT_ONCE = 1 << 20 };

/* Fills *found, of which only .images is set: how many rows nf_quality_next gives. */
nf_status nf_duplicates_find(nf_quality_search *search, size_t at_once, nf_duplicates *found, nf_error *error);

#endif
