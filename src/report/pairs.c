#include "report/pairs.h"

#include <stdlib.h>

/* Puts a pair into a list of at most n_max that begins with the least key; what came first stays before its equals. */
static void take(nf_class_pair *list, size_t *n, size_t n_max, const nf_class_pair *pair, double sign)
{
    size_t at = *n;
    while (at > 0 && sign * pair->distance < sign * list[at - 1].distance)
        at--;
    if (at == n_max)
        return;
    if (*n < n_max)
        ++*n;
    for (size_t i = *n - 1; i > at; i--)
        list[i] = list[i - 1];
    list[at] = *pair;
}

static void take_row(nf_class_pairs *pairs, size_t *n_distant, size_t n_wanted, const double *row, size_t a, size_t n_classes)
{
    nf_class_place *place = &pairs->places[a];
    double sum = 0.0;
    place->nearest = a == 0 ? 1 : 0;
    for (size_t b = 0; b < n_classes; b++) {
        const nf_class_pair pair = {a, b, row[b]};
        sum += row[b];
        if (b != a && row[b] < row[place->nearest])
            place->nearest = b;
        if (b <= a)
            continue;
        take(pairs->closest, &pairs->n, n_wanted, &pair, 1.0);
        take(pairs->distant, n_distant, n_wanted, &pair, -1.0);
    }
    place->nearest_distance = row[place->nearest];
    place->mean_distance = sum / (double)(n_classes - 1);
}

nf_status nf_class_pairs_find(nf_class_pairs *pairs, const nf_analysis *analysis, size_t n_wanted, nf_error *error)
{
    const size_t n = analysis->distances.n_classes;
    double *row = calloc(n + 1, sizeof *row);
    *pairs = (nf_class_pairs){.closest = calloc(n_wanted + 1, sizeof *pairs->closest),
                              .distant = calloc(n_wanted + 1, sizeof *pairs->distant),
                              .places = calloc(n + 1, sizeof *pairs->places)};
    if (row == NULL || pairs->closest == NULL || pairs->distant == NULL || pairs->places == NULL) {
        free(row);
        return nf_fail_nomem(error, "pairs of classes");
    }
    size_t n_distant = 0;
    for (size_t a = 0; a < n && n > 1; a++) {
        nf_distance_row(analysis->distributions, n, analysis->n_bins, analysis->definition.jsd_base, a, row);
        take_row(pairs, &n_distant, n_wanted, row, a, n);
    }
    free(row);
    return NF_OK;
}

void nf_class_pairs_free(nf_class_pairs *pairs)
{
    free(pairs->closest);
    free(pairs->distant);
    free(pairs->places);
    *pairs = (nf_class_pairs){0};
}
