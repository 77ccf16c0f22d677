/* nofade: the distance sum under shuffled labels, drawn from the class x bin table of the entropies. */
#include "metrics/shuffled_null.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "metrics/generator.h"

enum { BINS_MAX = UINT16_MAX + 1 };

/* ---- one permutation ---- */

/* Everything a permutation needs: 2 bytes an image, and the distributions once. */
typedef struct workspace {
    const uint64_t *table; /* (n_classes, n_bins), the caller's */
    size_t n_classes, n_bins;
    uint64_t *class_sizes; /* (n_classes,) */
    uint64_t *bin_sizes;   /* (n_bins,) */
    size_t n_images;
    uint16_t *bins;        /* (n_images,) the bin of each image; class 0 has the first class_sizes[0] images, and so on */
    double *distributions; /* (n_classes, n_bins) */
} workspace;

/* Starts from the same order each time, so that a permutation depends on its own seed alone. */
static void write_bins(workspace *w)
{
    size_t image = 0;
    for (size_t bin = 0; bin < w->n_bins; bin++)
        for (uint64_t i = 0; i < w->bin_sizes[bin]; i++)
            w->bins[image++] = (uint16_t)bin;
}

/* Fisher and Yates. */
static void shuffle(uint16_t *bins, size_t n, nf_generator *g)
{
    for (size_t i = n; i > 1; i--) {
        const size_t j = (size_t)nf_random_below(g, i);
        const uint16_t bin = bins[i - 1];
        bins[i - 1] = bins[j];
        bins[j] = bin;
    }
}

static void tabulate(workspace *w)
{
    const uint16_t *bins = w->bins;
    memset(w->distributions, 0, w->n_classes * w->n_bins * sizeof *w->distributions);
    for (size_t c = 0; c < w->n_classes; c++) {
        double *distribution = w->distributions + c * w->n_bins;
        for (uint64_t i = 0; i < w->class_sizes[c]; i++)
            distribution[*bins++] += 1.0;
        for (size_t bin = 0; bin < w->n_bins; bin++)
            distribution[bin] /= (double)w->class_sizes[c];
    }
}

/* ---- the workspace ---- */

/* The sizes of all classes and bins, and their sum, which is held under the limit. */
static nf_status sum_margins(workspace *w, nf_error *error)
{
    uint64_t n_images = 0;
    for (size_t c = 0; c < w->n_classes; c++) {
        for (size_t bin = 0; bin < w->n_bins; bin++) {
            const uint64_t count = w->table[c * w->n_bins + bin];
            if (count > NF_NULL_IMAGES_MAX - n_images)
                return nf_fail(error, NF_ERR_USAGE, "shuffled labels are for at most %llu images, and there are more",
                               (unsigned long long)NF_NULL_IMAGES_MAX);
            n_images += count;
            w->class_sizes[c] += count;
            w->bin_sizes[bin] += count;
        }
        if (w->class_sizes[c] == 0)
            return nf_fail(error, NF_ERR_INTERNAL, "class %zu has no images to shuffle labels among", c);
    }
    w->n_images = (size_t)n_images;
    return NF_OK;
}

static void workspace_close(workspace *w)
{
    free(w->class_sizes);
    free(w->bin_sizes);
    free(w->bins);
    free(w->distributions);
}

/* On failure too, the caller closes. The caller's table has more bytes than any array here but bins, which is limited.
 */
static nf_status workspace_open(workspace *w, nf_error *error)
{
    static const char what[] = "the table for shuffled labels";
    w->class_sizes = calloc(w->n_classes + 1, sizeof *w->class_sizes);
    w->bin_sizes = calloc(w->n_bins + 1, sizeof *w->bin_sizes);
    if (w->class_sizes == NULL || w->bin_sizes == NULL)
        return nf_fail_nomem(error, what);
    const nf_status status = sum_margins(w, error);
    if (status != NF_OK)
        return status;
    w->bins = calloc(w->n_images + 1, sizeof *w->bins);
    w->distributions = calloc(w->n_classes * w->n_bins + 1, sizeof *w->distributions);
    return w->bins == NULL || w->distributions == NULL ? nf_fail_nomem(error, what) : NF_OK;
}

/* ---- the draws ---- */

/* Mean and sum of squared deviations over the permutations so far (Welford), in their order. */
static nf_status draw_sums(workspace *w, nf_log_base base, uint32_t n_permutations, uint64_t seed, nf_null_summary *summary,
                           nf_error *error)
{
    double mean = 0.0, squares = 0.0;
    for (uint32_t i = 0; i < n_permutations; i++) {
        nf_generator g = nf_generator_of(seed + i);
        write_bins(w);
        shuffle(w->bins, w->n_images, &g);
        tabulate(w);
        nf_distance_summary distances;
        const nf_status status = nf_distance_summarise(w->distributions, w->n_classes, w->n_bins, base, &distances, error);
        if (status != NF_OK)
            return status;
        const double deviation = distances.sum - mean;
        mean += deviation / ((double)i + 1.0);
        squares += deviation * (distances.sum - mean);
    }
    summary->n_permutations = n_permutations;
    summary->mean = mean;
    summary->sd = n_permutations == 0 ? 0.0 : sqrt(squares / (double)n_permutations);
    return NF_OK;
}

nf_status nf_null_draw(const uint64_t *table, size_t n_classes, size_t n_bins, nf_log_base base, uint32_t n_permutations,
                       uint64_t seed, double observed_sum, nf_null_summary *summary, nf_error *error)
{
    *summary = (nf_null_summary){0};
    if (n_bins > BINS_MAX)
        return nf_fail(error, NF_ERR_INTERNAL, "shuffled labels are for at most %d bins, not %zu", BINS_MAX, n_bins);
    workspace w = {.table = table, .n_classes = n_classes, .n_bins = n_bins};
    nf_status status = workspace_open(&w, error);
    if (status == NF_OK)
        status = draw_sums(&w, base, n_permutations, seed, summary, error);
    workspace_close(&w);
    if (status != NF_OK)
        return status;
    summary->has_z = summary->sd > 0.0;
    if (summary->has_z)
        summary->z = (observed_sum - summary->mean) / summary->sd;
    return NF_OK;
}
