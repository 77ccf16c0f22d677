/* nofade: what a profile of a random part says of the whole: the mean entropy with its interval, and how it came about. */
#ifndef NF_ESTIMATE_H
#define NF_ESTIMATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/json_out.h"

typedef enum nf_sample_end {
    NF_SAMPLE_FRACTION, /* --sample was drawn */
    NF_SAMPLE_INTERVAL, /* the interval is as narrow as --until-ci asks for */
    NF_SAMPLE_ALL,      /* there is no more: the interval is one point */
    NF_SAMPLE_EARLY     /* --limit, an interruption, a failed image */
} nf_sample_end;

typedef struct nf_estimate {
    bool is_present;          /* the profile is of a sample; else all zero */
    double value, low, high;  /* bits: of the mean entropy of the images that can be read; NaN: none was */
    uint64_t images;          /* that value is the mean of */
    uint64_t members, drawn;  /* what an image is drawn as: in the source, and so far */
    uint64_t seed;
    nf_sample_end stopped_by;
} nf_estimate;

/* Is it of a part: are other figures than the mean without a bound? */
static inline bool nf_estimate_is_partial(const nf_estimate *estimate)
{
    return estimate->is_present && estimate->stopped_by != NF_SAMPLE_ALL;
}

/* The value of the key "estimate". */
void nf_estimate_write(const nf_estimate *estimate, nf_json *json);

#endif
