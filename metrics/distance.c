/* nofade: Jensen-Shannon distances between class distributions, and the sum over the pairs of classes. */
#include "metrics/distance.h"

#include <math.h>
#include <stdlib.h>

static const double ln_2 = 0.69314718055994530942;

/* Bins that take the same arithmetic, gathered so that no branch has to be guessed bin by bin. */
enum {
    BLOCK = 64,
    ROWS_WORTH_THREADS = 64 /* so few take less time than starting the threads */
};

typedef struct bin_list {
    double high[BLOCK], low[BLOCK]; /* the larger and the smaller of p, q: both > 0 */
    size_t n;
} bin_list;

/* g(t) = (1+t) ln(1+t) + (1-t) ln(1-t) = sum over k >= 1 of t^2k / (k (2k-1)), for 0 <= t <= 1/4 from t2 = t^2. The series has
 * no cancellation, so that tiny distances keep all their digits; the first term left out is at most 1.1e-17 of the sum. Taken in
 * threes of four terms (Estrin), which wait less for each other than one long chain. */
static double g_near(double t2)
{
    const double t4 = t2 * t2, t8 = t4 * t4;
    const double e = (1.0 + t2 * (1.0 / 6)) + t4 * (1.0 / 15 + t2 * (1.0 / 28));
    const double f = (1.0 / 45 + t2 * (1.0 / 66)) + t4 * (1.0 / 91 + t2 * (1.0 / 120));
    const double h = (1.0 / 153 + t2 * (1.0 / 190)) + t4 * (1.0 / 231 + t2 * (1.0 / 276));
    const double sum = e + t8 * (f + t8 * h);
    return t2 * sum;
}

/* The terms apart from their sum: the first loop has independent turns, the second one order. */
static double sum_near(const bin_list *near)
{
    double terms[BLOCK], sum = 0.0;
#pragma omp simd
    for (size_t i = 0; i < near->n; i++) {
        const double s = near->high[i] + near->low[i];
        const double t = (near->high[i] - near->low[i]) / s;
        terms[i] = s * g_near(t * t);
    }
    for (size_t i = 0; i < near->n; i++)
        sum += terms[i];
    return sum;
}

/* 1 + t = 2 high / s and 1 - t = 2 low / s: without the cancellation of 1 - t. */
static double sum_far(const bin_list *far)
{
    double sum = 0.0;
    for (size_t i = 0; i < far->n; i++) {
        const double s = far->high[i] + far->low[i];
        const double a = 2.0 * far->high[i] / s, b = 2.0 * far->low[i] / s;
        sum += s * (a * log(a) + b * log(b));
    }
    return sum;
}

/* With s = p + q = 2m and t = |p - q| / s, a bin adds
 *
 *     1/2 (p ln(p/m) + q ln(q/m)) = s/4 ((1+t) ln(1+t) + (1-t) ln(1-t)) = s/4 g(t)
 *
 * to D. A bin where only one class has images has t = 1, g = 2 ln 2 and needs no logarithm: its s is gathered apart, which also
 * makes disjoint distributions exactly ln 2 apart when each sums to exactly 1. t <= 1/4 takes the series, the rest logarithms.
 * Only the larger and the smaller of p and q are ever looked at: they may change places without changing a bit. */
double nf_js_divergence(const double *p, const double *q, size_t n_bins)
{
    double shared = 0.0, apart = 0.0;
    for (size_t start = 0; start < n_bins; start += BLOCK) {
        const size_t end = n_bins - start < BLOCK ? n_bins : start + BLOCK;
        bin_list near, far; /* only the first n of each are ever set or read */
        near.n = far.n = 0;
        for (size_t i = start; i < end; i++) {
            const double high = p[i] > q[i] ? p[i] : q[i];
            const double low = p[i] > q[i] ? q[i] : p[i];
            const bool both = low > 0.0, is_near = high - low <= 0.25 * (high + low);
            near.high[near.n] = far.high[far.n] = high;
            near.low[near.n] = far.low[far.n] = low;
            near.n += both & is_near;
            far.n += both & !is_near;
            apart += both ? 0.0 : high;
        }
        shared += sum_near(&near) + sum_far(&far);
    }
    const double divergence = 0.25 * shared + 0.5 * ln_2 * apart;
    return divergence < ln_2 ? divergence : ln_2;
}

double nf_nats_per_unit(nf_log_base base)
{
    return base == NF_LOG_2 ? ln_2 : base == NF_LOG_10 ? 2.30258509299404568402 : 1.0;
}

double nf_js_distance(const double *p, const double *q, size_t n_bins, nf_log_base base)
{
    return sqrt(nf_js_divergence(p, q, n_bins) / nf_nats_per_unit(base));
}

void nf_distance_row(const double *distributions, size_t n_classes, size_t n_bins, nf_log_base base, size_t a, double *row)
{
    for (size_t b = 0; b < n_classes; b++)
        row[b] = b == a ? 0.0 : nf_js_distance(distributions + a * n_bins, distributions + b * n_bins, n_bins, base);
}

static nf_distance_row_summary summarise_row(const double *distributions, size_t n_classes, size_t n_bins, nf_log_base base,
                                             size_t a)
{
    nf_distance_row_summary row = {.sum = 0.0, .min_value = INFINITY, .max_value = -INFINITY};
    for (size_t b = a + 1; b < n_classes; b++) {
        const double distance = nf_js_distance(distributions + a * n_bins, distributions + b * n_bins, n_bins, base);
        row.sum += distance;
        if (distance < row.min_value) {
            row.min_value = distance;
            row.min_b = b;
        }
        if (distance > row.max_value) {
            row.max_value = distance;
            row.max_b = b;
        }
    }
    return row;
}

void nf_distance_fold_row(nf_distance_summary *summary, size_t a, const nf_distance_row_summary *row)
{
    summary->sum += row->sum;
    if (a == 0 || row->min_value < summary->min_value) {
        summary->min_value = row->min_value;
        summary->min_a = a;
        summary->min_b = row->min_b;
    }
    if (a == 0 || row->max_value > summary->max_value) {
        summary->max_value = row->max_value;
        summary->max_a = a;
        summary->max_b = row->max_b;
    }
}

void nf_distance_finish(nf_distance_summary *summary)
{
    summary->n_pairs = (uint64_t)summary->n_classes * (summary->n_classes - 1) / 2; /* a row each in memory: under 2^32 */
    summary->mean = summary->sum / (double)summary->n_pairs;
}

nf_status nf_distance_summarise(const double *distributions, size_t n_classes, size_t n_bins, nf_log_base base,
                                nf_distance_summary *summary, nf_error *error)
{
    *summary = (nf_distance_summary){.n_classes = n_classes};
    if (n_classes < 2)
        return NF_OK;
    const size_t n_rows = n_classes - 1;
    nf_distance_row_summary *rows = calloc(n_rows, sizeof *rows);
    if (rows == NULL)
        return nf_fail_nomem(error, "the rows of the class distances");
        /* Early rows are the long ones, so handing them out one by one ends with short ones. */
#pragma omp parallel for schedule(dynamic) if (n_rows >= ROWS_WORTH_THREADS)
    for (size_t a = 0; a < n_rows; a++)
        rows[a] = summarise_row(distributions, n_classes, n_bins, base, a);
    for (size_t a = 0; a < n_rows; a++)
        nf_distance_fold_row(summary, a, &rows[a]);
    free(rows);
    nf_distance_finish(summary);
    return NF_OK;
}

bool nf_complexity_of_sum(double sum, nf_log_base base, double *value)
{
    if (!(sum > 0.0))
        return false;
    *value = base == NF_LOG_2 ? log2(sum) : base == NF_LOG_10 ? log10(sum) : log(sum);
    return true;
}
