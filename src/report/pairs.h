/* nofade: which classes of a set are close, and which are far apart. */
#ifndef NF_REPORT_PAIRS_H
#define NF_REPORT_PAIRS_H

#include <stddef.h>

#include "base/error.h"
#include "profile/analysis.h"

typedef struct nf_class_pair {
    size_t a, b; /* a < b */
    double distance;
} nf_class_pair;

/* Beside others. */
typedef struct nf_class_place {
    size_t nearest;   /* of equally near ones the first */
    double nearest_distance, mean_distance;
} nf_class_place;

typedef struct nf_class_pairs {
    nf_class_pair *closest, *distant; /* (n,) in order; equal ones by a, then b */
    size_t n;
    nf_class_place *places;           /* (n_classes,) */
} nf_class_pairs;

/* The n_wanted closest and the most distant pairs. The analysis has distances. Time grows with the square of the classes, memory
 * with their number. *pairs holds memory until nf_class_pairs_free, also after a failure. */
nf_status nf_class_pairs_find(nf_class_pairs *pairs, const nf_analysis *analysis, size_t n_wanted, nf_error *error);
void nf_class_pairs_free(nf_class_pairs *pairs);

#endif
