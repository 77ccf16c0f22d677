/* nofade: the end of a scan: groups settle into splits and classes, totals become a profile. */
#ifndef NF_SCAN_PROFILE_H
#define NF_SCAN_PROFILE_H

#include "base/error.h"
#include "profile/profile.h"
#include "scan/scan_fold.h"
#include "scan/scan_reader.h"

/* *profile is the caller's, also after a failure (NULL or half-built). Gives the rows to options->on_image. */
nf_status nf_scan_profile(nf_reader *reader, nf_fold *fold, nf_profile **profile, nf_error *error);

#endif
