/* nofade: the parts of scoring.c that have files of their own. */
#ifndef NF_SCORING_INTERNAL_H
#define NF_SCORING_INTERNAL_H

#include <string.h>

#include "base/near.h"
#include "score/scoring.h"

/* strcmp of texts that nf_models keeps, most of them once: the same pointer is the quick answer. */
static inline int nf_compare_kept(const char *a, const char *b)
{
    return a == b ? 0 : strcmp(a, b);
}

/* What the row is ranked by if its figures were these; more is better. */
double nf_row_value(const nf_scoring *scoring, const nf_scored *row, double accuracy, double flops, double energy_kwh,
                    double complexity);
/* Fills groups and grouped. */
nf_status nf_scoring_group(nf_scoring *scoring, nf_error *error);
/* Pareto marks and marginal returns, within each group. */
nf_status nf_scoring_frontiers(nf_scoring *scoring, nf_error *error);
/* Rank intervals of all rows, and with stability those of each doubt alone. */
nf_status nf_scoring_intervals(nf_scoring *scoring, nf_error *error);

#endif
