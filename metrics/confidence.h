/* nofade: an interval for the mean of a set of which a random part is known.
 *
 * Members are drawn one by one, without replacement, each of those left equally likely. Some turn out to have a value, 0 .. 8;
 * the others are not of the set, and how many of them there are is known only at the end. The interval is for the mean of all
 * values there are, drawn or not. It holds at every moment at once with at least NF_CONFIDENCE_LEVEL (a confidence sequence), so
 * that one may look at it as often as one likes and stop because of what one sees.
 *
 * Hedged capital for sampling without replacement: Waudby-Smith and Ramdas, "Estimating means of bounded random variables by
 * betting" (JRSS B 86, 2024), sections 4 (capital, bets) and 5 (without replacement), applied to w = value - m of members with a
 * value and w = 0 of the others, whose sum over all members is 0 at the true mean m:
 *
 *     K_t(m) = prod over i <= t of (1 + b_i (w_i - c_i)),  c_i = -(w_1 + ... + w_(i-1)) / (N - i + 1),
 *
 * where c_i is the mean of w among the N - i + 1 members left and b_i >= 0 is chosen before member i is seen. At the true mean K
 * is a martingale and never negative, so that it ever reaches 2 / (1 - level) with a chance of (1 - level) / 2 at most (Ville).
 * Means for which it does are too low; the same for 8 - value finds those that are too high. K falls in m, so both ends are
 * found by bisection. Nothing is assumed of how values are spread, nor of the order in which members are stored.
 */
#ifndef NF_METRICS_CONFIDENCE_H
#define NF_METRICS_CONFIDENCE_H

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

#define NF_CONFIDENCE_LEVEL 0.95
#define NF_CONFIDENCE_METHOD "hedged capital, without replacement"
#define NF_CONFIDENCE_TOP 8.0    /* values are 0 .. 8 */
#define NF_CONFIDENCE_NO_VALUE NAN /* the member is not of the set */

/* What has been drawn: 16 bytes a member. The first three are set, the rest is zeroed; n_planned and half_width say where the
 * interval shall be narrow, and it holds whatever they are. */
typedef struct nf_confidence {
    uint64_t n_members;   /* of which are drawn; >= n */
    uint64_t n_planned;   /* > 0: will be drawn at the most */
    double half_width;    /* at which drawing will end before that; 0: it will not */
    double *values, *bets; /* (n,), owned: value / 8 or NAN; b_i before it is cut to what the mean allows, for value / 8 */
    size_t n, values_capacity, bets_capacity;
    uint64_t n_values;
    double sum, squares;  /* of value / 8, and of its squared distances from the running means */
} nf_confidence;

typedef struct nf_interval {
    double low, high; /* 0 <= low <= mean of the values drawn <= high <= 8; one point when every member has been drawn */
} nf_interval;

/* The next member drawn; value 0 .. 8 or NF_CONFIDENCE_NO_VALUE. NF_ERR_NOMEM. */
nf_status nf_confidence_add(nf_confidence *confidence, double value, nf_error *error);
/* O(n), some 80 times over. */
nf_interval nf_confidence_interval(const nf_confidence *confidence);
/* Is (high - low) / 2 <= half_width? Mostly O(n) once or twice. */
bool nf_confidence_is_reached(const nf_confidence *confidence);
void nf_confidence_free(nf_confidence *confidence);

#endif
