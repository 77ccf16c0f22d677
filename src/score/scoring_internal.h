/* nofade: the parts of scoring.c that have files of their own. */
#ifndef NF_SCORING_INTERNAL_H
#define NF_SCORING_INTERNAL_H

#include "base/near.h"
#include "score/scoring.h"

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
