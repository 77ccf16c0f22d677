/* nofade: an estimate back from a saved profile. Private to src/profile/profile_read.c. */
#ifndef NF_ESTIMATE_READ_H
#define NF_ESTIMATE_READ_H

#include <jansson.h>

#include "base/error.h"
#include "profile/estimate.h"

/* Fills *estimate (zeroed) from the value of the key "estimate", or NULL: a profile of everything. NF_ERR_INPUT names the key
 * that makes no sense. */
nf_status nf_estimate_read(const json_t *object, nf_estimate *estimate, nf_error *error);

#endif
