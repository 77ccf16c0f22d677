/* nofade: what a scan found, by split and class, on its way into checks. Private to src/verify/verify_splits.c and verify_classes.c. */
#ifndef NF_VERIFY_STRUCTURE_H
#define NF_VERIFY_STRUCTURE_H

#include "base/keys.h"
#include "verify/verify_parts.h"

/* A split as it was found. */
typedef struct nf_seen_split {
    uint64_t images;   /* whose bytes are there, whether they decode or not */
    uint64_t unusable; /* that are known of, but whose bytes cannot be had */
    uint64_t labelled;
    nf_keys classes;
    uint64_t *of_class; /* (classes.n,) images */
    size_t of_class_capacity;
} nf_seen_split;

typedef struct nf_structure {
    nf_reader *reader;
    const nf_fold *fold;
    const nf_manifest *manifest;
    const char *subset; /* "": none was chosen */
    nf_keys names;      /* of the splits, with their NUL */
    nf_seen_split *splits; /* (names.n,) */
    size_t splits_capacity;
    nf_checks *parts;
    nf_error *error;
} nf_structure;

static inline nf_status nf_structure_check(nf_structure *s, const char *subject, const char *kind, nf_check_status verdict,
                                           nf_check **check)
{
    return nf_checks_add(s->parts, subject, kind, verdict, check, s->error);
}

/* Labels and classes of a split, where an image has one. */
nf_status nf_verify_classes(nf_structure *s, const nf_manifest_split *published, const nf_seen_split *seen);

#endif
