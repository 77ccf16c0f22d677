/* nofade: what the parts of a scan's end share: the counting has ended and the reader thread has too, so that everything is read
 * by one thread now. Private to src/scan/scan_profile.c, scan_splits.c and scan_warnings.c. */
#ifndef NF_SCAN_SETTLE_H
#define NF_SCAN_SETTLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "manifest/manifest.h"
#include "profile/profile.h"
#include "scan/scan_fold.h"
#include "scan/scan_reader.h"

typedef struct nf_settling {
    nf_reader *reader;
    nf_fold *fold;
    nf_profile *profile;
    const nf_manifest *manifest; /* of the dataset, or NULL: none is known */
    const char *chosen;          /* a split's name or that of several (a union), or NULL: all */
    uint64_t labelled;           /* images of the chosen split */
    nf_buf names;                /* nf_settling_classes' */
} nf_settling;

static inline const nf_group *nf_settling_group(const nf_settling *s, size_t group)
{
    return nf_groups_get(s->reader->groups, (uint32_t)group);
}

static inline uint64_t nf_images_of(const nf_group_totals *totals)
{
    return totals->read + totals->failed;
}

/* Sets s->chosen and the profile's split. NF_ERR_USAGE: there is no such split; the sentence lists those there are. */
nf_status nf_choose_split(nf_settling *s, nf_error *error);
/* Its images count; failures of no known split always do. */
bool nf_split_is_chosen(const nf_settling *s, const char *split);

/* *names: what an image's classes are called, "dog", "cat|dog" of one that holds several, or "". Valid until the next call. */
nf_status nf_settling_classes(nf_settling *s, uint32_t group, const char **names, nf_error *error);

/* Everything that a reader of the figures should know: notes of the reading, classes without images, labels without images ... */
nf_status nf_add_warnings(nf_settling *s, nf_error *error);

#endif
