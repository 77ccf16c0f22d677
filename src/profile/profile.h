/* nofade: the profile: what a scan leaves behind, and all that anything later needs.
 *
 * Exact integers only (metrics/distribution.h); figures are derived by analysis.h. Profiles of one definition (grey), one
 * dataset and one split add up: the profile of a set split over three archives is the sum of the three profiles.
 */
#ifndef NF_PROFILE_H
#define NF_PROFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/keys.h"
#include "base/out.h"
#include "decode/decode.h"
#include "loaders/tally.h"
#include "metrics/distribution.h"
#include "profile/estimate.h"
#include "profile/quality.h"

enum { NF_PROFILE_SCHEMA = 1, NF_DIGEST_SIZE = 33, NF_FAILURES_LISTED_MAX = 1000 };

/* What the classes of a profile are. */
typedef enum nf_profile_labels {
    NF_PROFILE_ONE_CLASS,       /* one class an image (or none): the classes can be compared by distances */
    NF_PROFILE_SEVERAL_CLASSES, /* an image counts for each class it holds */
    NF_PROFILE_PIXEL_CLASSES    /* the pixels of a class in each image: entropy, images and pixels are theirs */
} nf_profile_labels;

/* "one", "several", "pixels": the profile's dataset.labels. */
const char *nf_profile_labels_name(nf_profile_labels labels);

typedef struct nf_profile_class {
    char *id;   /* as the format says: a number or a directory's name */
    char *name; /* for people; NULL when the format knows none beside the id */
    nf_class_counts *counts; /* the class's own, never NULL: 8 KB, which a scan hands over rather than copy */
} nf_profile_class;

typedef struct nf_profile_source {
    char *path;
    char *format;                /* "tar.gz", "directory", "profile" ... */
    uint64_t bytes;              /* as stored; see nf_source_bytes_are_known */
    char digest[NF_DIGEST_SIZE]; /* XXH3-128 of the stored bytes, hex; "" when not all were read */
} nf_profile_source;

/* Not of a directory or a pipe of which not all was read: of what never was, nobody knows the size. */
static inline bool nf_source_bytes_are_known(const nf_profile_source *source)
{
    return source->bytes > 0 || source->digest[0] != '\0';
}

typedef struct nf_profile_failure {
    char *source, *member; /* member: "path" or "path#row" */
    char *code;            /* nf_failure_name, or "warned" */
    char *reason;
    uint32_t group;        /* the scan's own, while it runs */
} nf_profile_failure;

/* The smallest by (source, member), bounded: cut to NF_FAILURES_LISTED_MAX whenever there are twice as many. */
typedef struct nf_failure_list {
    nf_profile_failure *items;
    size_t n, capacity;
} nf_failure_list;
/* Copies the strings. */
nf_status nf_failure_list_add(nf_failure_list *list, const nf_profile_failure *failure, nf_error *error);
/* Sorts by (source, member) and cuts to NF_FAILURES_LISTED_MAX. */
void nf_failure_list_trim(nf_failure_list *list);
void nf_failure_list_free(nf_failure_list *list);

typedef struct nf_profile_split {
    const char *name; /* in other_split_names */
    uint64_t images; /* read and failed */
} nf_profile_split;

typedef struct nf_profile {
    nf_grey grey;
    bool complete;
    char *why_incomplete; /* a sentence, or NULL */
    bool damaged;         /* incomplete because a source is damaged */
    bool from_file;       /* read from a file, alone or merged with others: no images at hand */
    bool stopped;         /* by the first failed image (--on-error stop); not kept in the file */

    char *dataset_id;    /* "cifar10", "imagefolder" or --name */
    char *dataset_title; /* or NULL */
    char *task;          /* "classification", "segmentation", "detection", or NULL: not known */
    char *split;         /* what was counted: "train", "all", "" (the set has no splits) */
    char *labels_level;  /* "fine", "coarse" */
    char *saved_under;   /* the definition id that the file it was read from gives its figures by; NULL: of no single file */
    nf_profile_labels labels;

    nf_profile_source *sources;
    size_t n_sources, sources_capacity;
    nf_profile_split *other_splits; /* present but not counted */
    size_t n_other_splits, other_splits_capacity;
    nf_keys other_split_names; /* (n_other_splits,) each with its NUL: a saved profile may name very many */

    uint64_t images_read, images_warned, images_failed; /* warned ones are among the read */
    uint64_t pixels, encoded_bytes;                     /* of the images read */
    nf_tally passed_over;
    nf_failure_list failures;
    nf_failure_list warned; /* read, with a decoder's warning: code "warned" */

    nf_distribution entropy;   /* every image of the split, labelled or not */
    nf_profile_class *classes; /* sorted: numbers by value, then texts by bytes; only those with images */
    size_t n_classes, classes_capacity;
    nf_keys class_keys;       /* "i<id>" and "n<name>" -> class_numbers; empty: to be made */
    uint32_t *class_numbers;  /* (class_keys.n,): which class */
    size_t class_numbers_capacity;
    char **warnings; /* sentences for people: classes without images, labels without members ... */
    size_t n_warnings, warnings_capacity;

    nf_estimate estimate; /* of a sample */
    nf_quality quality;

    char *jpeg_version, *png_version, *webp_version; /* the decoders used */
} nf_profile;

nf_status nf_profile_new(nf_profile **profile, nf_error *error);
void nf_profile_free(nf_profile *profile);

/* Finds the class with this id (or, where both have one, this name, unless both ids are texts), or appends an empty one. *found
 * is valid until the next call. */
nf_status nf_profile_class_of(nf_profile *profile, const char *id, const char *name, nf_profile_class **found,
                              nf_error *error);
void nf_profile_sort_classes(nf_profile *profile);
/* NF_ERR_USAGE: the task compares classes by distances, and these images do not have one class each. */
nf_status nf_profile_check_task(const nf_profile *profile, nf_error *error);
/* Takes a printf-like sentence. */
nf_status nf_profile_warn(nf_profile *profile, nf_error *error, const char *format, ...) __attribute__((format(printf, 3, 4)));
nf_status nf_profile_add_split(nf_profile *profile, const char *name, uint64_t images, nf_error *error);
nf_status nf_profile_add_source(nf_profile *profile, const char *path, const char *format, uint64_t bytes,
                                const char *digest, nf_error *error);
/* NF_ERR_USAGE when a source's content (digest) is there already: counting it twice is never meant. */
nf_status nf_profile_check_sources(const nf_profile *profile, nf_error *error);
/* Adds `from` to `into`. NF_ERR_USAGE: they differ in grey, dataset, split or labels level, share a source, or one is of a
 * sample. */
nf_status nf_profile_merge(nf_profile *into, const nf_profile *from, nf_error *error);
/* XXH3-128 over grey, image count and all integers of set and classes, hex: equal digests mean the same result. Sources,
 * times and failures are outside it. */
nf_status nf_profile_counts_digest(const nf_profile *profile, char digest[NF_DIGEST_SIZE], nf_error *error);

/* Reads a profile (gzip allowed). NF_ERR_INPUT with file and reason when it is no valid profile. */
nf_status nf_profile_read(const char *path, nf_profile **profile, nf_error *error);
/* True when the file's first bytes are those of JSON ("{" after white space, and text; inside gzip too). */
bool nf_profile_is_at(const char *path);

#endif
