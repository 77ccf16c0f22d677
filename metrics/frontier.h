/* nofade: the Pareto frontier of gain against cost, and what a doubling of the cost buys along it. */
#ifndef NF_METRICS_FRONTIER_H
#define NF_METRICS_FRONTIER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/* gains (n,), costs (n,): a point is on the frontier when no other has at least its gain at no more cost, and more of the
 * one or less of the other. Points with a NaN are not. on_frontier (n,) and order (n,) are filled: order holds the
 * *n_frontier points of it by cost, then by number. */
nf_status nf_frontier(const double *gains, const double *costs, size_t n, bool *on_frontier, size_t *order,
                      size_t *n_frontier, nf_error *error);
/* (gain - gain_before) / log2(cost / cost_before): points gained per doubling. NaN where a cost is not positive or both are
 * equal. */
double nf_marginal_return(double gain_before, double cost_before, double gain, double cost);

#endif
