/* nofade: what a report is made of. Everything is borrowed and must outlive the report's making. */
#ifndef NF_REPORT_DATA_H
#define NF_REPORT_DATA_H

#include <stddef.h>

#include "profile/analysis.h"
#include "profile/profile.h"
#include "score/complexities.h"
#include "score/scoring.h"

/* One dataset of the report. */
typedef struct nf_report_set {
    const nf_profile *profile;
    const nf_analysis *analysis;
    const char *name; /* unique in the report, for people, untrusted: "cifar10", "cifar10 (2)" */
} nf_report_set;

typedef struct nf_report_data {
    const nf_report_set *sets; /* (n_sets,) in the order given */
    size_t n_sets;
    const nf_scoring *scoring;           /* NULL: no models */
    const nf_complexities *complexities; /* of the scoring; NULL with it */
} nf_report_data;

#endif
