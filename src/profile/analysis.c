#include "profile/analysis.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

void nf_definition_init(nf_definition *definition)
{
    *definition = (nf_definition){NF_CLASS_ENTROPY, 64, NF_LOG_E, NF_LOG_E, -1};
}

static const char *base_name(nf_log_base base)
{
    return base == NF_LOG_2 ? "2" : base == NF_LOG_10 ? "10" : "e";
}

void nf_definition_id(const nf_definition *definition, nf_grey grey, char id[NF_DEFINITION_ID_SIZE])
{
    static const char *const names[] = {"entropy", "intensity", "pooled"};
    char bins[16] = "";
    if (definition->class_distribution == NF_CLASS_ENTROPY)
        snprintf(bins, sizeof bins, ";bins=%u", definition->bins);
    snprintf(id, NF_DEFINITION_ID_SIZE, "nofade-1:grey=%s;class=%s%s;jsd=%s;sum=%s", grey == NF_GREY_LUMA ? "luma" : "bt601",
             names[definition->class_distribution], bins, base_name(definition->jsd_base), base_name(definition->sum_log));
}

const char *nf_class_label(const nf_profile_class *class_)
{
    return class_->name != NULL ? class_->name : class_->id;
}

const char *nf_saved_under(const nf_profile *profile, const nf_analysis *analysis)
{
    char id[NF_DEFINITION_ID_SIZE];
    nf_definition_id(&analysis->definition, profile->grey, id);
    bool is_by_distances = strcmp(analysis->complexity_kind, "jsd") == 0 && analysis->has_distances; /* a mean entropy is the same */
    return is_by_distances && profile->saved_under != NULL && strcmp(profile->saved_under, id) != 0 ? profile->saved_under : NULL;
}

static void mark_undefined(nf_analysis *analysis, const char *key, const char *reason)
{
    if (analysis->n_undefined >= NF_UNDEFINED_MAX)
        return;
    nf_undefined *entry = &analysis->undefined[analysis->n_undefined++];
    entry->key = key;
    snprintf(entry->reason, sizeof entry->reason, "%s", reason);
}

static void describe_classes(const nf_profile *profile, nf_analysis *analysis)
{
    for (size_t i = 0; i < profile->n_classes; i++)
        if (profile->classes[i].counts->entropy.n == 1) {
            mark_undefined(analysis, "classes.sd", "a class of one image has no spread");
            return;
        }
}

static void describe_entropy(const nf_profile *profile, nf_analysis *analysis)
{
    nf_distribution_stats_of(&profile->entropy, &analysis->entropy);
    analysis->has_entropy = profile->entropy.n > 0;
    if (!analysis->has_entropy)
        mark_undefined(analysis, "entropy", "no image was read");
    else if (!analysis->entropy.has_sd)
        mark_undefined(analysis, "entropy.sd", "one image has no spread");
    if (analysis->has_entropy && !analysis->entropy.has_shape) {
        const char *reason = "all images have the same entropy";
        mark_undefined(analysis, "entropy.skewness", reason);
        mark_undefined(analysis, "entropy.excess_kurtosis", reason);
    }
}

/* One class's distribution, (n_bins,), summing to 1. */
static void class_row(const nf_class_counts *counts, const nf_definition *definition, size_t n_bins, double *row)
{
    const uint64_t *from = definition->class_distribution == NF_CLASS_INTENSITY ? counts->intensity : counts->pooled;
    double total = 0.0;
    memset(row, 0, n_bins * sizeof *row);
    if (definition->class_distribution == NF_CLASS_ENTROPY) {
        for (size_t i = 0; i < NF_ENTROPY_BINS; i++)
            row[i * n_bins / NF_ENTROPY_BINS] += (double)counts->entropy.histogram[i];
        total = (double)counts->entropy.n;
    } else {
        uint64_t sum = 0;
        for (size_t i = 0; i < NF_GREY_LEVELS; i++) {
            row[i] = (double)from[i];
            sum += from[i];
        }
        total = (double)sum;
    }
    for (size_t i = 0; i < n_bins; i++)
        row[i] /= total;
}

static nf_status make_distributions(const nf_profile *profile, nf_analysis *analysis, nf_error *error)
{
    const nf_definition *definition = &analysis->definition;
    size_t cells, bytes;
    analysis->n_bins = definition->class_distribution == NF_CLASS_ENTROPY ? definition->bins : NF_GREY_LEVELS;
    if (nf_mul_overflows(profile->n_classes, analysis->n_bins, &cells) || nf_mul_overflows(cells, sizeof(double), &bytes) ||
        (analysis->distributions = malloc(bytes)) == NULL)
        return nf_fail_nomem(error, "the class distributions");
    for (size_t k = 0; k < profile->n_classes; k++)
        class_row(profile->classes[k].counts, definition, analysis->n_bins, analysis->distributions + k * analysis->n_bins);
    return NF_OK;
}

/* The table class x bin that the null is drawn from. */
static uint64_t *make_table(const nf_profile *profile, size_t n_bins)
{
    uint64_t *table = calloc(profile->n_classes * n_bins, sizeof *table);
    for (size_t k = 0; table != NULL && k < profile->n_classes; k++)
        for (size_t i = 0; i < NF_ENTROPY_BINS; i++)
            table[k * n_bins + i * n_bins / NF_ENTROPY_BINS] += profile->classes[k].counts->entropy.histogram[i];
    return table;
}

/* Why no null can or shall be drawn; NULL when it is to be. */
static const char *why_no_null(const nf_profile *profile, const nf_analysis *analysis)
{
    const nf_definition *definition = &analysis->definition;
    uint64_t labelled = 0;
    for (size_t k = 0; k < profile->n_classes; k++)
        labelled += profile->classes[k].counts->entropy.n;
    if (definition->class_distribution != NF_CLASS_ENTROPY)
        return "shuffled labels can be drawn from a profile for --class-distribution entropy only";
    if (definition->null_permutations == 0)
        return "turned off (--null 0)";
    if (definition->null_permutations < 0 && profile->n_classes > NF_NULL_CLASSES_MAX)
        return "off by default above 2000 classes (--null N turns it on)";
    if (labelled > NF_NULL_IMAGES_MAX)
        return "the set has more images than the null can shuffle";
    return NULL;
}

static nf_status draw_null(const nf_profile *profile, nf_analysis *analysis, nf_error *error)
{
    analysis->null_absent = why_no_null(profile, analysis);
    if (analysis->null_absent != NULL) {
        mark_undefined(analysis, "distances.null", analysis->null_absent);
        return NF_OK;
    }
    int64_t wanted = analysis->definition.null_permutations;
    uint64_t *table = make_table(profile, analysis->n_bins);
    if (table == NULL)
        return nf_fail_nomem(error, "the null");
    nf_status status = nf_null_draw(table, profile->n_classes, analysis->n_bins, analysis->definition.jsd_base,
                                    wanted < 0 ? NF_NULL_PERMUTATIONS : (uint32_t)wanted, NF_NULL_SEED,
                                    analysis->distances.sum, &analysis->null, error);
    free(table);
    analysis->has_null = status == NF_OK;
    if (status == NF_OK && analysis->null.n_permutations < 2)
        mark_undefined(analysis, "distances.null.sd", "one shuffling has no spread");
    if (status == NF_OK && !analysis->null.has_z)
        mark_undefined(analysis, "distances.null.z", "the shuffled sums do not vary");
    return status;
}

/* Fewer images a class make its histogram rougher and further from every other. */
static const char sampled[] = "not from a sample: fewer images a class make distances larger";
static const char one_class_drawn[] = "one class was drawn, and whether there are more is not known: --task says it";

static nf_status measure_distances(nf_devices *devices, const nf_profile *profile, nf_analysis *analysis, nf_error *error)
{
    bool applies = profile->task == NULL || strcmp(profile->task, "classification") == 0;
    if (profile->n_classes < 2 || !applies || profile->labels != NF_PROFILE_ONE_CLASS)
        return NF_OK;
    if (nf_estimate_is_partial(&profile->estimate)) {
        mark_undefined(analysis, "distances", sampled);
        return NF_OK;
    }
    if (profile->n_classes > NF_DISTANCE_CLASSES_MAX) {
        mark_undefined(analysis, "distances", "more classes than pairs can be formed of (50000)");
        return NF_OK;
    }
    nf_status status = make_distributions(profile, analysis, error);
    if (status == NF_OK)
        status = nf_devices_distances(devices, analysis->distributions, profile->n_classes, analysis->n_bins,
                                      analysis->definition.jsd_base, &analysis->distances, error);
    if (status != NF_OK)
        return status;
    analysis->has_distances = true;
    return draw_null(profile, analysis, error);
}

/* Segmentation and detection, and whatever has not one class an image: the mean entropy. Classification: ln of the sum of distances. A set whose task is not known:
 * by its classes. */
static void measure_complexity(const nf_profile *profile, nf_analysis *analysis)
{
    bool is_partial = nf_estimate_is_partial(&profile->estimate);
    bool classification = profile->task != NULL ? strcmp(profile->task, "classification") == 0
                                                : profile->n_classes > (is_partial ? 0 : 1);
    classification = classification && profile->labels == NF_PROFILE_ONE_CLASS;
    analysis->complexity_kind = classification ? "jsd" : "entropy";
    if (!classification) {
        analysis->has_complexity = analysis->has_entropy;
        analysis->complexity = analysis->entropy.mean;
        if (!analysis->has_complexity)
            mark_undefined(analysis, "complexity.value", "no image was read");
    } else if (is_partial) {
        mark_undefined(analysis, "complexity.value", profile->task == NULL && profile->n_classes < 2 ? one_class_drawn : sampled);
    } else if (!analysis->has_distances) {
        mark_undefined(analysis, "complexity.value", profile->n_classes < 2 ? "fewer than two classes have images, so there is no pair"
                                                                      : "there are no distances");
    } else {
        analysis->has_complexity =
            nf_complexity_of_sum(analysis->distances.sum, analysis->definition.sum_log, &analysis->complexity);
        if (!analysis->has_complexity)
            mark_undefined(analysis, "complexity.value", "the sum of the distances is 0: all classes are alike");
    }
}

nf_status nf_analyse_on(nf_devices *devices, const nf_profile *profile, const nf_definition *definition, nf_analysis *analysis,
                        nf_error *error)
{
    memset(analysis, 0, sizeof *analysis);
    analysis->definition = *definition;
    describe_entropy(profile, analysis);
    describe_classes(profile, analysis);
    nf_status status = measure_distances(devices, profile, analysis, error);
    if (status == NF_OK)
        measure_complexity(profile, analysis);
    nf_devices_describe(devices, analysis->device);
    return status;
}

nf_status nf_analyse(const nf_profile *profile, const nf_definition *definition, nf_analysis *analysis, nf_error *error)
{
    return nf_analyse_on(NULL, profile, definition, analysis, error);
}

void nf_analysis_clear(nf_analysis *analysis)
{
    free(analysis->distributions);
    memset(analysis, 0, sizeof *analysis);
}
