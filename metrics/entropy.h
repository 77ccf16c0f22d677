/* nofade: Shannon entropy of a grey histogram (NoFADE paper, section 3: H = -sum p_i log2 p_i).
 *
 * Definitions: "Image level". Result in bits, 0 .. 8.
 */
#ifndef NF_METRICS_ENTROPY_H
#define NF_METRICS_ENTROPY_H

#include <stdint.h>

#include "metrics/backend.h"

#define NF_Q_PER_BIT 4294967296.0 /* 2^32: a quantised entropy q = round(H * 2^32) */
#define NF_Q_MAX (UINT64_C(8) << 32)

/* H in bits from counts (256,). Exactly 0 for one occupied level; NaN-free: no pixels gives 0. */
double nf_entropy_bits(const uint32_t counts[NF_GREY_LEVELS]);
/* round(H * 2^32), ties to even, in 0 .. NF_Q_MAX. */
uint64_t nf_entropy_quantised(const uint32_t counts[NF_GREY_LEVELS]);

#endif
