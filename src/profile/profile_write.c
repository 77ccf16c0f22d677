/* nofade: a profile as JSON. Keys: interface.md; none changes its meaning. */
#include <string.h>

#include "profile/analysis.h"
#include "base/json_out.h"
#include "nofade.h"

static void number_or_null(nf_json *json, const char *key, bool has, double value)
{
    nf_json_key(json, key);
    if (has)
        nf_json_double(json, value);
    else
        nf_json_null(json);
}

static void u64_array(nf_json *json, const char *key, const uint64_t *values, size_t n)
{
    nf_json_open_inline_item(json, key, '[');
    for (size_t i = 0; i < n; i++)
        nf_json_u64(json, values[i]);
    nf_json_close(json, ']');
}

static void sums(nf_json *json, const nf_distribution *distribution)
{
    char text[NF_WIDE_DECIMAL_SIZE];
    nf_json_open_inline_item(json, "sums", '[');
    for (int i = 0; i < 4; i++) {
        nf_wide_to_decimal(distribution->sums[i], text);
        nf_json_text(json, text);
    }
    nf_json_close(json, ']');
}

static void write_parameters(nf_json *json, const nf_profile *profile, const nf_analysis *analysis)
{
    static const char *const distributions[] = {"entropy", "intensity", "pooled"};
    static const char *const bases[] = {"e", "2", "10"};
    const nf_definition *definition = &analysis->definition;
    nf_json_open_item(json, "parameters", '{');
    nf_json_text_item(json, "grey", profile->grey == NF_GREY_LUMA ? "luma" : "bt601");
    nf_json_text_item(json, "class_distribution", distributions[definition->class_distribution]);
    nf_json_u64_item(json, "bins", definition->bins);
    nf_json_text_item(json, "jsd_base", bases[definition->jsd_base]);
    nf_json_text_item(json, "sum_log", bases[definition->sum_log]);
    if (profile->labels_level != NULL)
        nf_json_text_item(json, "labels_level", profile->labels_level);
    nf_json_text_item(json, "device", analysis->device);
    nf_json_close(json, '}');
}

static void write_sources(nf_json *json, const nf_profile *profile)
{
    nf_json_open_item(json, "sources", '[');
    for (size_t i = 0; i < profile->n_sources; i++) {
        const nf_profile_source *source = &profile->sources[i];
        nf_json_open_inline(json, '{');
        nf_json_text_item(json, "path", source->path);
        nf_json_text_item(json, "format", source->format);
        nf_json_known_u64_item(json, "bytes", nf_source_bytes_are_known(source), source->bytes);
        nf_json_text_item(json, "digest", source->digest[0] != '\0' ? source->digest : NULL);
        nf_json_close(json, '}');
    }
    nf_json_close(json, ']');
}

static void write_dataset(nf_json *json, const nf_profile *profile)
{
    nf_json_open_item(json, "dataset", '{');
    nf_json_text_item(json, "name", profile->dataset_id);
    nf_json_text_item(json, "title", profile->dataset_title);
    nf_json_text_item(json, "task", profile->task);
    nf_json_text_item(json, "split", profile->split);
    nf_json_text_item(json, "labels", nf_profile_labels_name(profile->labels));
    write_sources(json, profile);
    nf_json_open_inline_item(json, "other_splits", '{');
    for (size_t i = 0; i < profile->n_other_splits; i++)
        nf_json_u64_item(json, profile->other_splits[i].name, profile->other_splits[i].images);
    nf_json_close(json, '}');
    nf_json_close(json, '}');
}

static void write_images(nf_json *json, const nf_profile *profile)
{
    nf_json_open_item(json, "images", '{');
    nf_json_u64_item(json, "read", profile->images_read);
    nf_json_u64_item(json, "warned", profile->images_warned);
    nf_json_u64_item(json, "failed", profile->images_failed);
    nf_json_open_inline_item(json, "passed_over", '{');
    for (size_t i = 0; i < profile->passed_over.n; i++)
        nf_json_u64_item(json, profile->passed_over.kinds[i].kind, profile->passed_over.kinds[i].count);
    nf_json_close(json, '}');
    nf_json_u64_item(json, "pixels", profile->pixels);
    nf_json_u64_item(json, "bytes", profile->encoded_bytes);
    nf_json_close(json, '}');
}

static void write_list(nf_json *json, const char *key, const nf_failure_list *list)
{
    nf_json_open_item(json, key, '[');
    for (size_t i = 0; i < list->n; i++) {
        const nf_profile_failure *failure = &list->items[i];
        nf_json_open_inline(json, '{');
        nf_json_text_item(json, "source", failure->source);
        nf_json_text_item(json, "member", failure->member);
        nf_json_text_item(json, "code", failure->code);
        nf_json_text_item(json, "reason", failure->reason);
        nf_json_close(json, '}');
    }
    nf_json_close(json, ']');
}

static void write_failures(nf_json *json, const nf_profile *profile)
{
    write_list(json, "failures", &profile->failures);
    write_list(json, "warned", &profile->warned);
    nf_json_open_item(json, "warnings", '[');
    for (size_t i = 0; i < profile->n_warnings; i++)
        nf_json_text(json, profile->warnings[i]);
    nf_json_close(json, ']');
}

static void write_entropy(nf_json *json, const nf_profile *profile, const nf_analysis *analysis)
{
    static const char *const levels[NF_QUANTILES] = {"0.01", "0.05", "0.25", "0.5", "0.75", "0.95", "0.99"};
    const nf_distribution_stats *stats = &analysis->entropy;
    bool has = analysis->has_entropy;
    nf_json_open_item(json, "entropy", '{');
    number_or_null(json, "mean", has, stats->mean);
    number_or_null(json, "sd", has && stats->has_sd, stats->sd);
    number_or_null(json, "min", has, stats->min);
    number_or_null(json, "max", has, stats->max);
    number_or_null(json, "skewness", has && stats->has_shape, stats->skewness);
    number_or_null(json, "excess_kurtosis", has && stats->has_shape, stats->excess_kurtosis);
    nf_json_open_inline_item(json, "quantiles", '{');
    for (size_t i = 0; has && i < NF_QUANTILES; i++)
        number_or_null(json, levels[i], true, stats->quantiles[i]);
    nf_json_close(json, '}');
    u64_array(json, "histogram", profile->entropy.histogram, NF_ENTROPY_BINS);
    sums(json, &profile->entropy);
    nf_json_close(json, '}');
}

static void write_class(nf_json *json, const nf_profile_class *class_, nf_profile_labels labels)
{
    nf_distribution_stats stats;
    const nf_distribution *entropy = &class_->counts->entropy;
    nf_distribution_stats_of(entropy, &stats);
    nf_json_open(json, '{');
    nf_json_text_item(json, "id", class_->id);
    nf_json_text_item(json, "name", nf_class_label(class_));
    nf_json_text_item(json, "unit", labels == NF_PROFILE_PIXEL_CLASSES ? "pixel" : "image");
    nf_json_u64_item(json, "images", entropy->n);
    number_or_null(json, "mean", entropy->n > 0, stats.mean);
    number_or_null(json, "sd", stats.has_sd, stats.sd);
    number_or_null(json, "min", entropy->n > 0, stats.min);
    number_or_null(json, "max", entropy->n > 0, stats.max);
    sums(json, entropy);
    u64_array(json, "entropy_histogram", entropy->histogram, NF_ENTROPY_BINS);
    u64_array(json, "intensity", class_->counts->intensity, NF_GREY_LEVELS);
    nf_json_u64_item(json, "intensity_scale", UINT64_C(1) << NF_INTENSITY_SCALE_BITS);
    u64_array(json, "pooled", class_->counts->pooled, NF_GREY_LEVELS);
    nf_json_close(json, '}');
}

static void write_pair(nf_json *json, const char *key, const nf_profile *profile, size_t a, size_t b, double value)
{
    nf_json_open_inline_item(json, key, '{');
    nf_json_text_item(json, "a", nf_class_label(&profile->classes[a]));
    nf_json_text_item(json, "b", nf_class_label(&profile->classes[b]));
    number_or_null(json, "value", true, value);
    nf_json_close(json, '}');
}

static void write_null(nf_json *json, const nf_analysis *analysis)
{
    nf_json_key(json, "null");
    if (!analysis->has_null) {
        nf_json_null(json);
        return;
    }
    nf_json_open_inline(json, '{');
    nf_json_u64_item(json, "permutations", analysis->null.n_permutations);
    number_or_null(json, "mean", true, analysis->null.mean);
    number_or_null(json, "sd", analysis->null.n_permutations > 1, analysis->null.sd);
    number_or_null(json, "z", analysis->null.has_z, analysis->null.z);
    nf_json_text_item(json, "generator", NF_NULL_GENERATOR);
    nf_json_u64_item(json, "seed", NF_NULL_SEED);
    nf_json_close(json, '}');
}

static void write_distances(nf_json *json, const nf_profile *profile, const nf_analysis *analysis)
{
    const nf_distance_summary *distances = &analysis->distances;
    nf_json_open_item(json, "distances", '{');
    nf_json_u64_item(json, "classes", distances->n_classes);
    nf_json_u64_item(json, "pairs", distances->n_pairs);
    number_or_null(json, "sum", true, distances->sum);
    number_or_null(json, "mean", true, distances->mean);
    write_pair(json, "min", profile, distances->min_a, distances->min_b, distances->min_value);
    write_pair(json, "max", profile, distances->max_a, distances->max_b, distances->max_value);
    write_null(json, analysis);
    nf_json_close(json, '}');
}

static void write_undefined(nf_json *json, const nf_analysis *analysis)
{
    nf_json_open_item(json, "undefined", '[');
    for (size_t i = 0; i < analysis->n_undefined; i++) {
        nf_json_open_inline(json, '{');
        nf_json_text_item(json, "key", analysis->undefined[i].key);
        nf_json_text_item(json, "reason", analysis->undefined[i].reason);
        nf_json_close(json, '}');
    }
    nf_json_close(json, ']');
}

static void write_head(nf_json *json, const nf_profile *profile, const nf_analysis *analysis, const char *digest)
{
    char definition[NF_DEFINITION_ID_SIZE];
    nf_definition_id(&analysis->definition, profile->grey, definition);
    nf_json_text_item(json, "nofade", nf_version());
    nf_json_u64_item(json, "schema", NF_PROFILE_SCHEMA);
    nf_json_text_item(json, "definition", definition);
    write_parameters(json, profile, analysis);
    nf_json_bool_item(json, "complete", profile->complete);
    if (profile->why_incomplete != NULL)
        nf_json_text_item(json, "why_incomplete", profile->why_incomplete);
    nf_json_bool_item(json, "damaged", profile->damaged);
    nf_json_text_item(json, "counts_digest", digest);
    nf_json_open_inline_item(json, "decoders", '{');
    nf_json_text_item(json, "jpeg", profile->jpeg_version);
    nf_json_text_item(json, "png", profile->png_version);
    nf_json_text_item(json, "webp", profile->webp_version);
    nf_json_close(json, '}');
    write_undefined(json, analysis);
}

nf_status nf_profile_write(const nf_profile *profile, const nf_analysis *analysis, nf_out *out, nf_error *error)
{
    nf_json json;
    char digest[NF_DIGEST_SIZE];
    nf_status status = nf_profile_counts_digest(profile, digest, error);
    if (status != NF_OK)
        return status;
    nf_json_begin(&json, out);
    nf_json_open(&json, '{');
    write_head(&json, profile, analysis, digest);
    write_dataset(&json, profile);
    write_images(&json, profile);
    write_failures(&json, profile);
    if (profile->estimate.is_present) {
        nf_json_key(&json, "estimate");
        nf_estimate_write(&profile->estimate, &json);
    }
    write_entropy(&json, profile, analysis);
    if (profile->n_classes > 0) {
        nf_json_open_item(&json, "classes", '[');
        for (size_t i = 0; i < profile->n_classes; i++)
            write_class(&json, &profile->classes[i], profile->labels);
        nf_json_close(&json, ']');
    }
    if (analysis->has_distances)
        write_distances(&json, profile, analysis);
    nf_json_open_inline_item(&json, "complexity", '{');
    nf_json_text_item(&json, "kind", analysis->complexity_kind);
    number_or_null(&json, "value", analysis->has_complexity, analysis->complexity);
    bool is_mean = analysis->has_complexity && strcmp(analysis->complexity_kind, "entropy") == 0;
    if (nf_estimate_is_partial(&profile->estimate) && is_mean) {
        nf_json_double_item(&json, "low", profile->estimate.low);
        nf_json_double_item(&json, "high", profile->estimate.high);
    }
    nf_json_close(&json, '}');
    nf_json_key(&json, "quality");
    nf_quality_write(&profile->quality, &json);
    nf_json_close(&json, '}');
    return nf_json_end(&json, error);
}
