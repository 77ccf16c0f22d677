/* nofade: the public API.
 *
 * Archives of images go in, a profile comes out: a small value that holds exact integer counts. Everything printed is
 * arithmetic on a profile (nf_analyse), so profiles can be saved, merged and read again without the pixels.
 *
 *   nf_scan(paths) -> nf_profile -> nf_analyse -> nf_analysis;  nf_profile_write / nf_profile_read keep one as JSON.
 *
 * No global state; a profile is used by one thread at a time. The mathematics: NoFADE, "Analyzing Diminishing Returns on
 * CO2 Investment", section 3 and equation 2, with every choice settled as the definition id says.
 */
#ifndef NOFADE_H
#define NOFADE_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "profile/analysis.h"
#include "base/error.h"
#include "base/out.h"
#include "device/devices.h"
#include "score/hardware.h"
#include "manifest/manifest.h"
#include "score/model_table.h"
#include "profile/profile.h"
#include "report/figures.h"
#include "report/report.h"
#include "scan/scan.h"
#include "score/score_stats.h"
#include "score/scoring.h"
#include "verify/verify.h"

/* "0.1.0" */
const char *nf_version(void);

#endif
