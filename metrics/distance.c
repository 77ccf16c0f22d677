/* nofade: Jensen-Shannon distances between class distributions, and the sum over the pairs of classes. */
#include "metrics/distance.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "metrics/divergence.h"

#define SMALL_DIVERGENCE 1e-4         /* below it the careful form is taken */

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
        sum += s * (a * nf_ln(a) + b * nf_ln(b + DBL_MIN)); /* keeps the argument normal */
    }
    return sum;
}

/* With s = p + q = 2m and t = |p - q| / s, a bin adds
 *
 *     1/2 (p ln(p/m) + q ln(q/m)) = s/4 ((1+t) ln(1+t) + (1-t) ln(1-t)) = s/4 g(t)
 *
 * to D, without any cancellation. A bin where only one class has images has t = 1, g = 2 ln 2 and needs no logarithm: its s is
 * gathered apart. t <= 1/4 takes the series, the rest logarithms. */
static double small_divergence(const double *p, const double *q, size_t n_bins)
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
    return 0.25 * shared + 0.5 * ln_2 * apart;
}

/* D = 1/2 sum p ln p + 1/2 sum q ln q - sum m ln m takes one logarithm a bin, and only the last sum depends on the pair. What it
 * loses by cancellation is about 1e-16 in D: where D is small that would be too much, and the careful form takes over. Classes
 * without a common bin are exactly ln 2 apart. The two may change places without changing a bit. */
static double divergence(const nf_divergence_kernel *kernel, const double *p, const double *q, size_t n_bins,
                         nf_double_sum self_p, nf_double_sum self_q)
{
    bool overlap;
    const nf_double_sum mean = kernel->sum_mean(p, q, n_bins, &overlap);
    if (!overlap)
        return ln_2;
    const double high = (self_p.high - mean.high) + (self_q.high - mean.high);
    const double low = (self_p.low - mean.low) + (self_q.low - mean.low);
    const double d = 0.5 * (high + low);
    if (d < SMALL_DIVERGENCE)
        return small_divergence(p, q, n_bins);
    return d < ln_2 ? d : ln_2;
}

/* Sum of p ln p. */
static nf_double_sum self_sum(const nf_divergence_kernel *kernel, const double *p, size_t n_bins)
{
    bool overlap;
    return kernel->sum_mean(p, p, n_bins, &overlap);
}

double nf_js_divergence(const double *p, const double *q, size_t n_bins)
{
    const nf_divergence_kernel *kernel = nf_divergence_cpu();
    return divergence(kernel, p, q, n_bins, self_sum(kernel, p, n_bins), self_sum(kernel, q, n_bins));
}

double nf_nats_per_unit(nf_log_base base)
{
    return base == NF_LOG_2 ? ln_2 : base == NF_LOG_10 ? 2.30258509299404568402 : 1.0;
}

double nf_js_distance(const double *p, const double *q, size_t n_bins, nf_log_base base)
{
    return sqrt(nf_js_divergence(p, q, n_bins) / nf_nats_per_unit(base));
}

/* The classes, and what of each is used again and again. */
typedef struct class_table {
    const double *distributions; /* (n_classes, n_bins) */
    size_t n_classes, n_bins;
    nf_log_base base;
    const nf_divergence_kernel *kernel;
    nf_double_sum *selves; /* (n_classes,) */
} class_table;

static double pair_distance(const class_table *table, size_t a, size_t b)
{
    const double *p = table->distributions + a * table->n_bins, *q = table->distributions + b * table->n_bins;
    const double d = divergence(table->kernel, p, q, table->n_bins, table->selves[a], table->selves[b]);
    return sqrt(d / nf_nats_per_unit(table->base));
}

void nf_distance_row(const double *distributions, size_t n_classes, size_t n_bins, nf_log_base base, size_t a, double *row)
{
    const nf_divergence_kernel *kernel = nf_divergence_cpu();
    const double *p = distributions + a * n_bins;
    const nf_double_sum self = self_sum(kernel, p, n_bins);
    for (size_t b = 0; b < n_classes; b++) {
        const double *q = distributions + b * n_bins;
        row[b] = b == a ? 0.0 : sqrt(divergence(kernel, p, q, n_bins, self, self_sum(kernel, q, n_bins)) / nf_nats_per_unit(base));
    }
}

static nf_distance_row_summary summarise_row(const class_table *table, size_t a)
{
    nf_distance_row_summary row = {.sum = 0.0, .min_value = INFINITY, .max_value = -INFINITY};
    for (size_t b = a + 1; b < table->n_classes; b++) {
        const double distance = pair_distance(table, a, b);
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
    class_table table = {distributions, n_classes, n_bins, base, nf_divergence_cpu(), calloc(n_classes, sizeof *table.selves)};
    nf_distance_row_summary *rows = calloc(n_rows, sizeof *rows);
    if (rows == NULL || table.selves == NULL) {
        free(rows);
        free(table.selves);
        return nf_fail_nomem(error, "the rows of the class distances");
    }
#pragma omp parallel if (n_rows >= ROWS_WORTH_THREADS)
    {
#pragma omp for schedule(static)
        for (size_t a = 0; a < n_classes; a++)
            table.selves[a] = self_sum(table.kernel, distributions + a * n_bins, n_bins);
        /* Early rows are the long ones, so handing them out one by one ends with short ones. */
#pragma omp for schedule(dynamic)
        for (size_t a = 0; a < n_rows; a++)
            rows[a] = summarise_row(&table, a);
    }
    for (size_t a = 0; a < n_rows; a++)
        nf_distance_fold_row(summary, a, &rows[a]);
    free(rows);
    free(table.selves);
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
