#include "metrics/confidence.h"

#include <stdlib.h>

#include "base/buf.h"

enum { BISECTIONS = 40 };
#define CAPITAL_ENOUGH (2.0 / (1.0 - NF_CONFIDENCE_LEVEL))
#define BET_SHARE_MAX 0.5 /* of the capital that one member may cost at worst */

void nf_confidence_free(nf_confidence *confidence)
{
    free(confidence->values);
    free(confidence->bets);
    *confidence = (nf_confidence){0};
}

/* b_i from what came before. With spread s and a share p of members with values, sqrt(2 ln(2/alpha) / (p s^2 T)) is best for an
 * interval after T members; one of half width h is had after T = 2 ln(2/alpha) s^2 / (p h^2), for which that is h / s^2. The
 * larger is for the earlier of both ends. */
static double next_bet(const nf_confidence *c)
{
    double spread = (0.25 + c->squares) / (double)(c->n_values + 1);
    double share = (double)(c->n_values + 1) / (double)(c->n + 1);
    double for_planned = sqrt(2.0 * log(CAPITAL_ENOUGH) / (share * spread * (double)c->n_planned));
    return fmax(for_planned, c->half_width / NF_CONFIDENCE_TOP / spread);
}

nf_status nf_confidence_add(nf_confidence *c, double value, nf_error *error)
{
    nf_status status = nf_array_reserve((void **)&c->values, &c->values_capacity, c->n + 1, sizeof *c->values, "a sample", error);
    if (status == NF_OK)
        status = nf_array_reserve((void **)&c->bets, &c->bets_capacity, c->n + 1, sizeof *c->bets, "a sample", error);
    if (status != NF_OK)
        return status;
    c->bets[c->n] = next_bet(c);
    c->values[c->n++] = value / NF_CONFIDENCE_TOP;
    if (isnan(value))
        return NF_OK;
    c->sum += value / NF_CONFIDENCE_TOP;
    c->n_values++;
    double mean = (0.5 + c->sum) / (double)(c->n_values + 1), distance = value / NF_CONFIDENCE_TOP - mean;
    c->squares += distance * distance;
    return NF_OK;
}

/* Has the capital that is bet on values above `mean` (0 .. 1) ever sufficed? upside_down: of 1 - value. */
static bool is_too_low(const nf_confidence *c, double mean, bool upside_down)
{
    double capital = 1.0, sum = 0.0, n_values = 0.0, left = (double)c->n_members;
    for (size_t i = 0; i < c->n; i++, left -= 1.0) {
        double value = upside_down ? 1.0 - c->values[i] : c->values[i];
        double expected = (n_values * mean - sum) / left;
        double room = mean + expected; /* w is -mean at the least */
        double bet = c->bets[i] * room > BET_SHARE_MAX ? BET_SHARE_MAX / room : c->bets[i];
        capital *= 1.0 + bet * ((isnan(value) ? 0.0 : value - mean) - expected);
        if (capital >= CAPITAL_ENOUGH)
            return true;
        if (!isnan(value)) {
            sum += value;
            n_values += 1.0;
        }
    }
    return false;
}

/* The lower end, 0 .. 1. Were all that is left values of 0, the mean would be the first guess: nothing below is possible. */
static double lower_end(const nf_confidence *c, bool upside_down)
{
    double sum = upside_down ? (double)c->n_values - c->sum : c->sum;
    double low = sum / (double)(c->n_values + (c->n_members - c->n)), high = sum / (double)c->n_values;
    if (!is_too_low(c, low, upside_down))
        return low;
    for (int i = 0; i < BISECTIONS; i++) {
        double middle = 0.5 * (low + high);
        if (is_too_low(c, middle, upside_down))
            low = middle;
        else
            high = middle;
    }
    return low;
}

nf_interval nf_confidence_interval(const nf_confidence *c)
{
    if (c->n_values == 0)
        return (nf_interval){0.0, NF_CONFIDENCE_TOP};
    double mean = c->sum / (double)c->n_values;
    if (c->n == c->n_members)
        return (nf_interval){mean * NF_CONFIDENCE_TOP, mean * NF_CONFIDENCE_TOP};
    double low = lower_end(c, false), high = 1.0 - lower_end(c, true);
    return (nf_interval){(low < mean ? low : mean) * NF_CONFIDENCE_TOP, (high > mean ? high : mean) * NF_CONFIDENCE_TOP};
}

bool nf_confidence_is_reached(const nf_confidence *c)
{
    if (c->n_values == 0)
        return false;
    /* The upper end is not below the mean, so the lower one must not be further away than the whole width. */
    double mean = c->sum / (double)c->n_values, lowest = mean - 2.0 * c->half_width / NF_CONFIDENCE_TOP;
    double lowest_possible = c->sum / (double)(c->n_values + (c->n_members - c->n));
    if (lowest > lowest_possible && !is_too_low(c, lowest, false))
        return false;
    nf_interval interval = nf_confidence_interval(c);
    return (interval.high - interval.low) / 2.0 <= c->half_width;
}
