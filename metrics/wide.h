/* nofade: exact integers of 384 bits, for sums that must not depend on an order.
 *
 * Two's complement, little-endian limbs. Enough for n^3 * sum(q^4) with n < 2^60 images: see distribution.c. Operations
 * wrap silently beyond 384 bits; every caller states why it cannot get there.
 */
#ifndef NF_METRICS_WIDE_H
#define NF_METRICS_WIDE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { NF_WIDE_LIMBS = 6, NF_WIDE_DECIMAL_SIZE = 120 };

typedef struct nf_wide {
    uint64_t limb[NF_WIDE_LIMBS];
} nf_wide;

nf_wide nf_wide_from_u64(uint64_t value);
nf_wide nf_wide_add(nf_wide a, nf_wide b);
nf_wide nf_wide_sub(nf_wide a, nf_wide b);
nf_wide nf_wide_mul(nf_wide a, nf_wide b);
bool nf_wide_is_negative(nf_wide a);
/* Nearest double, ties to even. */
double nf_wide_to_double(nf_wide a);
/* Correctly rounded a / b (b != 0); exact arithmetic until the one rounding. */
double nf_wide_ratio(nf_wide a, nf_wide b);
/* Decimal text; text has NF_WIDE_DECIMAL_SIZE bytes. */
void nf_wide_to_decimal(nf_wide a, char *text);
/* Parses digits only (no sign); false, and *value untouched, when malformed or not under 2^320. */
bool nf_wide_from_decimal(const char *text, nf_wide *value);

#endif
