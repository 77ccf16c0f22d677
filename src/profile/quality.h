/* nofade: flaws of a set that are found on the way, in the profile under "quality".
 *
 * Which images: duplicates are looked for among all images of a run, whatever their split; everything else among those that
 * are counted (--split). Images that failed, repeated members among them, take no part. All figures are exact and depend
 * neither on threads nor on the size of batches; "by name" is by member ("path", "path#row"), byte by byte, then by source, so
 * that a set in three archives gives the lists of the same set in one.
 *
 *   duplicates        sets of two or more images with the same bytes: equal XXH3-128 of the encoded file, or of the raw pixels
 *                     of a record. A set is across splits (classes) when two of its images have different ones; an unknown
 *                     split (class) differs from none. Extra copies: images beyond the first of each set.
 *   constant          every pixel has one grey level; the value is the level
 *   near_constant     not constant, and 99 % of the pixels or more have one grey level; the value is their share
 *   least_complex, most_complex   the ten of smallest and of largest entropy, equal ones by name; the value is the entropy
 *   wrong_extension   the member's suffix claims a kind of image (.png) and its bytes are of another; the value is theirs
 *   unusual_mode      stored in another colour mode than most images are (of equally frequent ones the first in the order of
 *                     nf_colour_mode is the usual one); the value is the mode
 *   size_outlier      the longer side is more than twice the largest longer side of the other images, or less than half of the
 *                     smallest, when 5 % of the images (rounded down; of 5 to 19 images one) are left aside at each end; or the
 *                     shorter side likewise; the value is "WIDTHxHEIGHT". Sides over 65535 count as 65535 for that range.
 *
 * Lists are bounded, counts are not: 1000 images or sets, the first by name; sets across splits or classes stand before
 * all others.
 */
#ifndef NF_QUALITY_H
#define NF_QUALITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/json_out.h"
#include "base/out.h"
#include "decode/decode.h"

enum {
    NF_FINDINGS_LISTED_MAX = 1000,
    NF_EXTREMES_LISTED = 10,   /* least and most complex */
    NF_COPIES_LISTED_MAX = 10, /* of a set: the first by name, and the first in another split and class than the very first */
    NF_NEAR_CONSTANT_PERCENT = 99,
    NF_QUALITY_IMAGES_MAX = 1 << 24 /* of one scan; the others are not looked at, and counted as such */
};

/* Strings are owned; split and class "" when there is none. */
typedef struct nf_named_image {
    char *source, *member; /* member: "path" or "path#row" */
    char *split, *class_name;
} nf_named_image;

typedef enum nf_finding_kind {
    NF_FINDING_CONSTANT,
    NF_FINDING_NEAR_CONSTANT,
    NF_FINDING_LEAST_COMPLEX,
    NF_FINDING_MOST_COMPLEX,
    NF_FINDING_WRONG_EXTENSION,
    NF_FINDING_UNUSUAL_MODE,
    NF_FINDING_SIZE_OUTLIER,
    NF_FINDING_KINDS
} nf_finding_kind;
/* "constant", "near_constant" ...: the words used in files. */
const char *nf_finding_name(nf_finding_kind kind);
/* Least and most complex: there always are some, so they are no flaws, and not counted. */
bool nf_finding_is_extreme(nf_finding_kind kind);

typedef struct nf_finding {
    nf_named_image image;
    char *text;    /* the value; NULL: it is number */
    double number;
} nf_finding;

typedef struct nf_finding_list {
    uint64_t images; /* found, listed or not; of extremes: listed */
    nf_finding *items;
    size_t n, capacity;
    bool trimmed; /* the first ones are sorted: a bound for what may still come in */
} nf_finding_list;

typedef struct nf_duplicate_set {
    uint64_t images; /* two or more */
    bool across_splits, across_classes;
    nf_named_image *listed; /* by name */
    size_t n_listed, capacity;
} nf_duplicate_set;

typedef struct nf_duplicates {
    uint64_t images;       /* among which was looked */
    uint64_t not_searched; /* beside these: the table was full */
    uint64_t sets, extra_copies, sets_across_splits, sets_across_classes;
    bool apart; /* of several profiles: not looked for from one to the other */
    nf_duplicate_set *listed;
    size_t n_listed, capacity;
} nf_duplicates;

/* Of the longer or the shorter side, in pixels. */
typedef struct nf_side_stats {
    uint32_t min, max;
    bool has_quantiles; /* false: of several profiles that differ */
    uint32_t q05, median, q95; /* the ends of the range without 5 % of the images at each end, and the middle */
} nf_side_stats;

typedef struct nf_quality {
    char *absent; /* why nothing was looked for: a sentence; NULL: all below holds */
    uint64_t not_looked_at; /* images beyond NF_QUALITY_IMAGES_MAX */
    nf_duplicates duplicates;
    nf_finding_list findings[NF_FINDING_KINDS];
    uint64_t modes[NF_COLOUR_MODES];  /* images by nf_colour_mode */
    nf_side_stats longer, shorter;    /* meaningless without images */
} nf_quality;

void nf_quality_free(nf_quality *quality);
/* Images that were looked at in the counted splits. */
uint64_t nf_quality_images(const nf_quality *quality);
nf_colour_mode nf_quality_usual_mode(const nf_quality *quality);
/* Says that nothing was looked for, and forgets what was found. */
nf_status nf_quality_set_absent(nf_quality *quality, const char *why, nf_error *error);
/* Adds `from` to `into`. Counts add up; which images are listed is as good as both lists allow. */
nf_status nf_quality_merge(nf_quality *into, const nf_quality *from, nf_error *error);

/* Takes an image into a list and counts it. Copies the strings. */
nf_status nf_finding_add(nf_quality *quality, nf_finding_kind kind, const nf_finding *finding, nf_error *error);
/* Sorts every list and cuts it to its bound. */
void nf_findings_trim(nf_quality *quality);
/* By member, then source. */
int nf_named_image_compare(const nf_named_image *a, const nf_named_image *b);
nf_status nf_named_image_copy(nf_named_image *copy, const nf_named_image *image, nf_error *error);
void nf_named_image_free(nf_named_image *image);
/* Takes one more image into the set's list; does not count it. The last call is nf_duplicate_set_trim: sorts the list and
 * cuts it to NF_COPIES_LISTED_MAX. */
nf_status nf_duplicate_set_add(nf_duplicate_set *set, const nf_named_image *image, nf_error *error);
void nf_duplicate_set_trim(nf_duplicate_set *set);
/* Appends an empty set, valid until the next call. */
nf_status nf_duplicates_add(nf_duplicates *duplicates, nf_duplicate_set **added, nf_error *error);
/* Those across splits or classes first, then by their first name; cut to NF_FINDINGS_LISTED_MAX. */
void nf_duplicates_trim(nf_duplicates *duplicates);

/* The value of the key "quality". Faults stick in json. */
void nf_quality_write(const nf_quality *quality, nf_json *json);
/* finding,source,member,split,class,value,other_source,other_member,other_split,other_class: a row an image, and for each
 * set of duplicates a row for every listed copy beside its first image, with the number of images in the set as value. */
nf_status nf_quality_write_csv(const nf_quality *quality, nf_out *out, nf_error *error);

#endif
