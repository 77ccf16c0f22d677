/* nofade: a set's flaws back from a saved profile. Private to src/profile/profile_read.c. */
#ifndef NF_QUALITY_READ_H
#define NF_QUALITY_READ_H

#include <jansson.h>

#include "base/error.h"
#include "profile/quality.h"

/* Fills *quality (zeroed) from the value of the key "quality", or NULL: a profile without one. NF_ERR_INPUT names the key
 * that makes no sense. */
nf_status nf_quality_read(const json_t *object, nf_quality *quality, nf_error *error);

#endif
