/* The sum of the Jensen-Shannon distances between classes with drawn distributions, one way or the other, for a clock from outside:
 *
 *     bench_distances nofade|plain CLASSES BINS
 *
 * nofade: nf_distance_summarise, on as many threads as OMP_NUM_THREADS says. plain: the definition with libm's log, one thread.
 * Prints the sum. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "metrics/distance.h"
#include "sample/random.h"

static double plain_divergence(const double *p, const double *q, size_t n_bins)
{
    double sum = 0.0;
    for (size_t i = 0; i < n_bins; i++) {
        const double m = 0.5 * (p[i] + q[i]);
        if (p[i] > 0.0)
            sum += 0.5 * p[i] * log(p[i] / m);
        if (q[i] > 0.0)
            sum += 0.5 * q[i] * log(q[i] / m);
    }
    return sum > 0.0 ? sum : 0.0;
}

static double plain_sum(const double *distributions, size_t n_classes, size_t n_bins)
{
    double sum = 0.0;
    for (size_t a = 0; a < n_classes; a++)
        for (size_t b = a + 1; b < n_classes; b++)
            sum += sqrt(plain_divergence(distributions + a * n_bins, distributions + b * n_bins, n_bins));
    return sum;
}

/* As of images: a hump somewhere, ragged, with some empty bins. */
static void draw_distribution(nf_random *random, double *p, size_t n_bins)
{
    const double centre = (double)n_bins * nf_random_between(random, 20, 90) / 100.0;
    const double width = (double)n_bins * nf_random_between(random, 5, 25) / 100.0;
    double sum = 0.0;
    for (size_t i = 0; i < n_bins; i++) {
        const double x = ((double)i + 0.5 - centre) / width;
        const int height = nf_random_between(random, 0, 100);
        p[i] = height < 10 ? 0.0 : height * exp(-0.5 * x * x);
        sum += p[i];
    }
    for (size_t i = 0; i < n_bins; i++)
        p[i] /= sum;
}

int main(int argc, char **argv)
{
    uint64_t n_classes, n_bins;
    if (argc != 4 || (strcmp(argv[1], "nofade") != 0 && strcmp(argv[1], "plain") != 0) ||
        !nf_parse_u64(argv[2], 2, 50000, &n_classes) || !nf_parse_u64(argv[3], 8, 512, &n_bins)) {
        fprintf(stderr, "usage: bench_distances nofade|plain CLASSES BINS\n");
        return 2;
    }
    double *distributions = calloc(n_classes * n_bins, sizeof *distributions);
    nf_random random = nf_random_seeded(1);
    nf_error error;
    nf_distance_summary summary = {0};
    if (distributions == NULL)
        return 4;
    for (size_t a = 0; a < n_classes; a++)
        draw_distribution(&random, distributions + a * n_bins, n_bins);
    if (strcmp(argv[1], "plain") == 0)
        summary.sum = plain_sum(distributions, n_classes, n_bins);
    else if (nf_distance_summarise(distributions, n_classes, n_bins, NF_LOG_E, &summary, &error) != NF_OK) {
        fprintf(stderr, "bench_distances: %s\n", error.message);
        free(distributions);
        return 4;
    }
    printf("%.12g\n", summary.sum);
    free(distributions);
    return 0;
}
