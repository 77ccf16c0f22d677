/* nofade: the section of one set. */
#include <math.h>
#include <string.h>

#include "report/page.h"
#include "report/pairs.h"

/* ---- facts ---- */

static const char *const labels_texts[] = {"one class an image", "several classes an image", "a class for every pixel"};

static void put_images(nf_html *html, const nf_profile *profile)
{
    nf_page_fact(html, "Images");
    nf_html_count(html, profile->images_read);
    nf_html_raw(html, " read");
    if (profile->images_failed > 0) {
        nf_html_raw(html, ", <strong class=\"bad\">");
        nf_html_count(html, profile->images_failed);
        nf_html_raw(html, " failed</strong>");
    }
    if (profile->images_warned > 0) {
        nf_html_raw(html, ", warned of ");
        nf_html_count(html, profile->images_warned);
    }
    if (profile->split != NULL && profile->split[0] != '\0') {
        nf_html_raw(html, "; split ");
        nf_html_text(html, profile->split);
    }
    for (size_t i = 0; i < profile->n_other_splits; i++) {
        nf_html_raw(html, i == 0 ? "; not counted: " : ", ");
        nf_html_text(html, profile->other_splits[i].name);
        nf_html_raw(html, " ");
        nf_html_count(html, profile->other_splits[i].images);
    }
    nf_page_fact_end(html);
}

static void put_entropy(nf_html *html, const nf_distribution_stats *stats)
{
    nf_page_fact(html, "Entropy");
    nf_html_format(html, "mean %.4f bits", stats->mean);
    if (stats->has_sd)
        nf_html_format(html, ", sd %.4f", stats->sd);
    nf_html_format(html, ", from %.4f to %.4f", stats->min, stats->max);
    if (stats->has_shape)
        nf_html_format(html, ", skewness %.3f, excess kurtosis %.3f", stats->skewness, stats->excess_kurtosis);
    nf_page_fact_end(html);
    nf_page_fact(html, "Quantiles");
    for (size_t i = 0; i < NF_QUANTILES; i++)
        nf_html_format(html, "%s%g%% %.2f", i > 0 ? ", " : "", nf_quantile_levels[i] * 100.0, stats->quantiles[i]);
    nf_page_fact_end(html);
}

/* What the sample says of all: the other figures have no bound. */
static void put_estimate(nf_html *html, const nf_estimate *estimate)
{
    nf_page_fact(html, "Estimate");
    nf_html_raw(html, "<strong class=\"bad\">A random sample:</strong> ");
    nf_html_count(html, estimate->drawn);
    nf_html_raw(html, " of ");
    nf_html_count(html, estimate->members);
    nf_html_format(html, " members, seed %llu. ", (unsigned long long)estimate->seed);
    if (estimate->images > 0)
        nf_html_format(html, "The mean entropy of all images that can be read lies from <strong>%.4f</strong> to <strong>%.4f"
                       "</strong> bits with 95 %%; all other figures are of the sample alone, without a bound", estimate->low, estimate->high);
    nf_page_fact_end(html);
}

static void put_distances(nf_html *html, const nf_analysis *analysis)
{
    const nf_distance_summary *distances = &analysis->distances;
    nf_page_fact(html, "Class distances");
    nf_html_format(html, "sum %.6f over ", distances->sum);
    nf_html_count(html, distances->n_pairs);
    nf_html_format(html, " pair%s, mean %.6f", distances->n_pairs == 1 ? "" : "s", distances->mean);
    nf_page_fact_end(html);
    nf_page_fact(html, "By chance");
    if (analysis->has_null)
        nf_html_format(html, "sum %.6f, sd %.6f, over %u shuffles of the labels", analysis->null.mean, analysis->null.sd,
                       analysis->null.n_permutations);
    if (analysis->has_null && analysis->null.has_z)
        nf_html_format(html, "; the real sum lies %.1f sd %s", fabs(analysis->null.z), analysis->null.z < 0 ? "below" : "above");
    if (!analysis->has_null) {
        nf_html_raw(html, "not drawn: ");
        nf_html_text(html, analysis->null_absent);
    }
    nf_page_fact_end(html);
}

static void put_complexity(nf_html *html, const nf_profile *profile, const nf_analysis *analysis)
{
    static const char *const logs[] = {"ln", "log2", "log10"};
    const nf_log_base base = analysis->definition.sum_log;
    double pairs, mean;
    nf_page_fact(html, "Complexity");
    if (analysis->has_complexity)
        nf_html_format(html, "<strong>%.6f</strong>", analysis->complexity);
    if (analysis->has_complexity && strcmp(analysis->complexity_kind, "jsd") != 0)
        nf_html_format(html, " bits, the mean entropy%s", nf_estimate_is_partial(&profile->estimate) ? ", estimated as above" : "");
    else if (analysis->has_complexity)
        nf_html_format(html, " = %s(sum of the distances)", logs[base]);
    if (analysis->has_complexity && analysis->has_distances && nf_complexity_of_sum(analysis->distances.mean, base, &mean) &&
        nf_complexity_of_sum((double)analysis->distances.n_pairs, base, &pairs))
        nf_html_format(html, " = %.4f from the number of pairs %s %.4f from their mean distance", pairs,
                       mean < 0.0 ? "\xe2\x88\x92" : "+", fabs(mean));
    for (size_t i = 0; !analysis->has_complexity && i < analysis->n_undefined; i++)
        if (strcmp(analysis->undefined[i].key, "complexity.value") == 0) {
            nf_html_raw(html, "undefined: ");
            nf_html_text(html, analysis->undefined[i].reason);
        }
    nf_page_fact_end(html);
}

static void put_facts(nf_html *html, const nf_report_set *set)
{
    const nf_profile *profile = set->profile;
    nf_html_raw(html, "<dl class=\"facts\">\n");
    put_images(html, profile);
    nf_page_fact(html, "Classes");
    nf_html_count(html, profile->n_classes);
    if (profile->n_classes > 0)
        nf_html_format(html, ", %s", labels_texts[profile->labels]);
    if (profile->labels_level != NULL) {
        nf_html_raw(html, ", labels ");
        nf_html_text(html, profile->labels_level);
    }
    nf_page_fact_end(html);
    if (nf_estimate_is_partial(&profile->estimate))
        put_estimate(html, &profile->estimate);
    if (set->analysis->has_entropy)
        put_entropy(html, &set->analysis->entropy);
    if (set->analysis->has_distances)
        put_distances(html, set->analysis);
    put_complexity(html, profile, set->analysis);
    nf_html_raw(html, "</dl>\n");
}

/* ---- classes ---- */

static void put_class_name(nf_html *html, const nf_profile_class *class_)
{
    nf_html_text(html, nf_class_label(class_));
    if (class_->name != NULL && strcmp(class_->name, class_->id) != 0) {
        nf_html_raw(html, " <small>");
        nf_html_text(html, class_->id);
        nf_html_raw(html, "</small>");
    }
}

static uint64_t pixels_of(const nf_profile_class *class_)
{
    uint64_t pixels = 0;
    for (size_t i = 0; i < NF_GREY_LEVELS; i++)
        pixels += class_->counts->pooled[i];
    return pixels;
}

static void class_row(nf_html *html, const nf_profile *profile, size_t k, const nf_class_place *places)
{
    const nf_profile_class *class_ = &profile->classes[k];
    nf_distribution_stats stats;
    nf_distribution_stats_of(&class_->counts->entropy, &stats);
    nf_html_raw(html, "<tr><th scope=\"row\">");
    put_class_name(html, class_);
    nf_html_raw(html, "</th>");
    nf_html_count_cell(html, class_->counts->entropy.n);
    if (profile->labels == NF_PROFILE_PIXEL_CLASSES)
        nf_html_count_cell(html, pixels_of(class_));
    nf_html_number_cell(html, "%.4f", stats.mean);
    nf_html_number_cell(html, "%.4f", stats.has_sd ? stats.sd : NAN);
    nf_html_number_cell(html, "%.2f", stats.quantiles[1]);
    nf_html_number_cell(html, "%.2f", stats.quantiles[5]);
    if (places != NULL) {
        nf_html_words_cell(html, nf_class_label(&profile->classes[places[k].nearest]));
        nf_html_number_cell(html, "%.4f", places[k].nearest_distance);
        nf_html_number_cell(html, "%.4f", places[k].mean_distance);
    }
    nf_html_row_end(html);
}

static void put_classes(nf_html *html, const nf_report_set *set, const nf_class_place *places)
{
    enum { COLUMNS_MAX = 10 };
    nf_html_column columns[COLUMNS_MAX] = {{"Class", NULL, NULL, NF_HTML_WORDS},
                                           {"Images", NULL, NULL, NF_HTML_NUMBERS}};
    static const nf_html_column pixels = {"Pixels", NULL, NULL, NF_HTML_NUMBERS};
    static const nf_html_column entropy[] = {
        {"Entropy", "mean, bits", NULL, NF_HTML_NUMBERS},
        {"Spread", "sd, bits", NULL, NF_HTML_NUMBERS},
        {"5 %", "bits", "5 % of the entropies lie below", NF_HTML_NUMBERS},
        {"95 %", "bits", "95 % of the entropies lie below", NF_HTML_NUMBERS},
    };
    static const nf_html_column distances[] = {
        {"Nearest class", NULL, NULL, NF_HTML_WORDS},
        {"at a distance", NULL, NULL, NF_HTML_NUMBERS},
        {"Mean distance", "to all others", NULL, NF_HTML_NUMBERS},
    };
    const nf_profile *profile = set->profile;
    const size_t n_shown = profile->n_classes < NF_REPORT_ROWS_MAX ? profile->n_classes : NF_REPORT_ROWS_MAX;
    size_t n = 2;
    if (profile->labels == NF_PROFILE_PIXEL_CLASSES)
        columns[n++] = pixels;
    for (size_t i = 0; i < sizeof entropy / sizeof entropy[0]; i++)
        columns[n++] = entropy[i];
    for (size_t i = 0; places != NULL && i < sizeof distances / sizeof distances[0]; i++)
        columns[n++] = distances[i];
    nf_html_table_begin(html, nf_html_kind_of(n_shown), "Classes", set->name, columns, n);
    for (size_t k = 0; k < n_shown; k++)
        class_row(html, profile, k, places);
    nf_html_table_end(html);
    nf_page_cut(html, n_shown, profile->n_classes, "the profile (<code>--json</code>) has all");
}

static void put_pairs(nf_html *html, const nf_report_set *set, const char *caption, const nf_class_pair *pairs, size_t n)
{
    static const nf_html_column columns[] = {
        {"Class", NULL, NULL, NF_HTML_WORDS},
        {"and class", NULL, NULL, NF_HTML_WORDS},
        {"Distance", NULL, NULL, NF_HTML_NUMBERS},
    };
    const nf_profile_class *classes = set->profile->classes;
    nf_html_table_begin(html, NF_HTML_SORTED, caption, set->name, columns, sizeof columns / sizeof columns[0]);
    for (size_t i = 0; i < n; i++) {
        nf_html_raw(html, "<tr><th scope=\"row\">");
        nf_html_text(html, nf_class_label(&classes[pairs[i].a]));
        nf_html_raw(html, "</th>");
        nf_html_words_cell(html, nf_class_label(&classes[pairs[i].b]));
        nf_html_number_cell(html, "%.6f", pairs[i].distance);
        nf_html_row_end(html);
    }
    nf_html_table_end(html);
}

/* So many that no pair is both close and distant. */
static size_t n_pairs_of(const nf_analysis *analysis)
{
    const uint64_t half = (analysis->distances.n_pairs + 1) / 2;
    return half < NF_REPORT_PAIRS ? (size_t)half : NF_REPORT_PAIRS;
}

void nf_page_classes(nf_html *html, const nf_report_set *set, size_t number)
{
    const nf_analysis *analysis = set->analysis;
    const size_t n = set->profile->n_classes;
    const bool compared = analysis->has_distances && n > 1 && n <= NF_REPORT_PAIRS_CLASSES_MAX;
    nf_class_pairs pairs = {0};
    if (n == 0)
        return;
    nf_html_format(html, "<h3 id=\"classes-%zu\">Classes</h3>\n", number);
    if (compared && html->status == NF_OK)
        html->status = nf_class_pairs_find(&pairs, analysis, n_pairs_of(analysis), &html->error);
    put_classes(html, set, compared && html->status == NF_OK ? pairs.places : NULL);
    if (analysis->has_distances && n > NF_REPORT_PAIRS_CLASSES_MAX)
        nf_html_format(html, "<p class=\"note\">Pairs of classes are not listed above %d classes.</p>\n", NF_REPORT_PAIRS_CLASSES_MAX);
    if (compared) {
        nf_html_raw(html, "<div class=\"beside\">\n");
        put_pairs(html, set, "Closest pairs of classes", pairs.closest, pairs.n);
        put_pairs(html, set, "Most distant pairs of classes", pairs.distant, pairs.n);
        nf_html_raw(html, "</div>\n");
    }
    nf_class_pairs_free(&pairs);
}

/* ---- all of it ---- */

static void put_warnings(nf_html *html, const nf_profile *profile)
{
    const size_t n = profile->n_warnings < NF_REPORT_LISTED_MAX ? profile->n_warnings : NF_REPORT_LISTED_MAX;
    if (n == 0)
        return;
    nf_html_raw(html, "<h3>Warnings</h3>\n<ul class=\"warnings\">\n");
    for (size_t i = 0; i < n; i++) {
        nf_html_raw(html, "<li>");
        nf_html_text(html, profile->warnings[i]);
        nf_html_raw(html, "</li>\n");
    }
    nf_html_raw(html, "</ul>\n");
    nf_page_cut(html, n, profile->n_warnings, "the profile (<code>--json</code>) has all");
}

void nf_page_set(nf_html *html, const nf_report *report, size_t i)
{
    const nf_report_set *set = &report->data->sets[i];
    nf_html_format(html, "<section class=\"set\" aria-labelledby=\"set-%zu\">\n<h2 id=\"set-%zu\">", i + 1, i + 1);
    nf_html_text(html, set->name);
    nf_html_raw(html, "</h2>\n");
    if (set->profile->dataset_title != NULL) {
        nf_html_raw(html, "<p class=\"subtitle\">");
        nf_html_text(html, set->profile->dataset_title);
        nf_html_raw(html, "</p>\n");
    }
    put_facts(html, set);
    put_warnings(html, set->profile);
    nf_page_figures(html, report, i, false);
    nf_page_classes(html, set, i + 1);
    nf_page_quality(html, report, i);
    nf_page_failures(html, set, i + 1);
    nf_page_provenance(html, set, i + 1);
    nf_html_raw(html, "</section>\n");
}
