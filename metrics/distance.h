/* nofade: Jensen-Shannon distances between class distributions (NoFADE paper, eq. 2) and what is made of them.
 *
 * Definitions: "Class level". Every sum has one fixed order; the work of a matrix is split by rows over OpenMP threads and
 * folded by row, so that no figure depends on the number of threads.
 */
#ifndef NF_METRICS_DISTANCE_H
#define NF_METRICS_DISTANCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

typedef enum nf_log_base { NF_LOG_E, NF_LOG_2, NF_LOG_10 } nf_log_base;

/* Jensen-Shannon divergence D of two distributions p, q (n_bins,), each summing to 1, in nats: 1/2 KL(p||m) + 1/2 KL(q||m),
 * m = (p+q)/2. 0 <= D <= ln 2; identical inputs give exactly 0. Symmetric bit for bit. */
double nf_js_divergence(const double *p, const double *q, size_t n_bins);
/* sqrt(D), with base NF_LOG_2: sqrt(D / ln 2). */
double nf_js_distance(const double *p, const double *q, size_t n_bins, nf_log_base base);

typedef struct nf_distance_summary {
    size_t n_classes;
    uint64_t n_pairs;
    double sum, mean;           /* mean: sum / n_pairs, 0 without pairs */
    double min_value, max_value; /* the first such pair in (a, b) order */
    size_t min_a, min_b, max_a, max_b;
} nf_distance_summary;

/* What the pairs (a, b), b > a, of one row of the matrix come to: for whoever computes rows elsewhere. */
typedef struct nf_distance_row_summary {
    double sum, min_value, max_value;
    size_t min_b, max_b;
} nf_distance_row_summary;
/* Adds row a, which comes after row a - 1, to *summary, whose n_classes is set and the rest 0 before row 0. */
void nf_distance_fold_row(nf_distance_summary *summary, size_t a, const nf_distance_row_summary *row);
/* After the last row, n_classes - 2: pairs and mean. */
void nf_distance_finish(nf_distance_summary *summary);
/* A divergence in nats divided by this is one of the base: 1, ln 2, ln 10. */
double nf_nats_per_unit(nf_log_base base);

/* distributions is (n_classes, n_bins), row-major, rows summing to 1. NF_ERR_NOMEM. */
nf_status nf_distance_summarise(const double *distributions, size_t n_classes, size_t n_bins, nf_log_base base,
                                nf_distance_summary *summary, nf_error *error);
/* Row a of the symmetric matrix into row (n_classes,): row[a] = 0. */
void nf_distance_row(const double *distributions, size_t n_classes, size_t n_bins, nf_log_base base, size_t a, double *row);

/* ln, log2 or log10 of the sum: the complexity. False when sum <= 0. */
bool nf_complexity_of_sum(double sum, nf_log_base base, double *value);

#endif
