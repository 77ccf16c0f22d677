/* nofade: what stands above and between the sections of single sets: alerts, summary, figures, meanings. */
#include "report/page.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

/* ---- small parts ---- */

void nf_page_cut(nf_html *html, uint64_t shown, uint64_t all, const char *where)
{
    if (shown >= all)
        return;
    nf_html_raw(html, "<p class=\"cut\">The first ");
    nf_html_count(html, shown);
    nf_html_raw(html, " of ");
    nf_html_count(html, all);
    nf_html_format(html, " stand here; %s.</p>\n", where);
}

void nf_page_fact(nf_html *html, const char *term)
{
    nf_html_format(html, "<div><dt>%s</dt><dd>", term);
}

void nf_page_fact_end(nf_html *html)
{
    nf_html_raw(html, "</dd></div>\n");
}

/* ---- alerts ---- */

static void alert_begin(nf_html *html, const nf_report_set *set, size_t number)
{
    nf_html_format(html, "<li><strong><a href=\"#set-%zu\">", number + 1);
    nf_html_text(html, set->name);
    nf_html_raw(html, "</a> ");
}

static void alert_set(nf_html *html, const nf_report_set *set, size_t number)
{
    const nf_profile *profile = set->profile;
    if (!profile->complete) {
        alert_begin(html, set, number);
        nf_html_raw(html, profile->damaged ? "is damaged: it was not read whole.</strong> "
                          : nf_estimate_is_partial(&profile->estimate) ? "is an estimate.</strong> Of " : "is incomplete.</strong> ");
        nf_html_text(html, profile->why_incomplete != NULL ? profile->why_incomplete : "Its figures are of a part of the set");
        nf_html_raw(html, ".</li>\n");
    }
    if (profile->images_failed > 0) {
        alert_begin(html, set, number);
        nf_html_count(html, profile->images_failed);
        nf_html_format(html, " image%s could not be read</strong> and %s not counted; ", profile->images_failed == 1 ? "" : "s",
                       profile->images_failed == 1 ? "is" : "are");
        nf_html_format(html, "<a href=\"#failures-%zu\">which</a>.</li>\n", number + 1);
    }
    if (profile->images_read == 0) {
        alert_begin(html, set, number);
        nf_html_raw(html, "has no image that could be read.</strong></li>\n");
    }
}

static bool is_whole(const nf_profile *profile)
{
    return profile->complete && profile->images_failed == 0 && profile->images_read > 0;
}

void nf_page_alerts(nf_html *html, const nf_report *report)
{
    bool whole = true;
    for (size_t i = 0; i < report->data->n_sets; i++)
        whole = whole && is_whole(report->data->sets[i].profile);
    if (whole)
        return;
    nf_html_raw(html, "<section class=\"alert\" aria-labelledby=\"alerts\">\n<h2 id=\"alerts\">Not everything was counted</h2>\n<ul>\n");
    for (size_t i = 0; i < report->data->n_sets; i++)
        alert_set(html, &report->data->sets[i], i);
    nf_html_raw(html, "</ul>\n</section>\n");
}

/* ---- summary ---- */

static void put_state(nf_html *html, const nf_profile *profile)
{
    nf_html_raw(html, "<td class=\"w\">");
    if (profile->complete)
        nf_html_raw(html, "complete");
    else
        nf_html_format(html, "<strong class=\"bad\">%s</strong>", profile->damaged ? "damaged"
                       : nf_estimate_is_partial(&profile->estimate) ? "estimate" : "incomplete");
    if (profile->images_failed > 0) {
        nf_html_raw(html, ", <strong class=\"bad\">");
        nf_html_count(html, profile->images_failed);
        nf_html_raw(html, " failed</strong>");
    }
    if (profile->n_warnings > 0)
        nf_html_format(html, ", %zu warning%s", profile->n_warnings, profile->n_warnings == 1 ? "" : "s");
}

/* With the interval that it lies in where it is estimated. */
static void put_mean(nf_html *html, const nf_report_set *set)
{
    const nf_estimate *estimate = &set->profile->estimate;
    nf_html_raw(html, "<td>");
    nf_html_number(html, "%.4f", set->analysis->has_entropy ? set->analysis->entropy.mean : NAN);
    if (nf_estimate_is_partial(estimate) && estimate->images > 0)
        nf_html_format(html, " <small>%.4f to %.4f (95&nbsp;%%)</small>", estimate->low, estimate->high);
}

static void summary_row(nf_html *html, const nf_report_set *set, size_t number)
{
    const nf_profile *profile = set->profile;
    const nf_analysis *analysis = set->analysis;
    const bool distances = analysis->has_distances;
    nf_html_format(html, "<tr><th scope=\"row\"><a href=\"#set-%zu\">", number + 1);
    nf_html_text(html, set->name);
    nf_html_raw(html, "</a></th>");
    nf_html_raw(html, "<td><strong>");
    nf_html_number(html, "%.4f", analysis->has_complexity ? analysis->complexity : NAN);
    nf_html_format(html, "</strong>%s", !analysis->has_complexity ? "undefined"
                   : strcmp(analysis->complexity_kind, "jsd") == 0 ? " <small>of distances</small>" : " <small>mean entropy</small>");
    nf_html_count_cell(html, profile->images_read);
    nf_html_count_cell(html, profile->n_classes);
    put_mean(html, set);
    nf_html_number_cell(html, "%.4f", analysis->entropy.has_sd ? analysis->entropy.sd : NAN);
    nf_html_number_cell(html, analysis->distances.sum < 1000.0 ? "%.4f" : "%.1f", distances ? analysis->distances.sum : NAN);
    nf_html_number_cell(html, "%.4f", distances ? analysis->distances.mean : NAN);
    nf_html_number_cell(html, "%+.1f", analysis->has_null && analysis->null.has_z ? analysis->null.z : NAN);
    put_state(html, profile);
    nf_html_row_end(html);
}

static void put_definition(nf_html *html, const nf_report_set *set)
{
    char id[NF_DEFINITION_ID_SIZE];
    nf_definition_id(&set->analysis->definition, set->profile->grey, id);
    nf_html_raw(html, "<code>");
    nf_html_path(html, id);
    nf_html_raw(html, "</code>");
}

static bool same_definition(const nf_report_set *a, const nf_report_set *b)
{
    char x[NF_DEFINITION_ID_SIZE], y[NF_DEFINITION_ID_SIZE];
    nf_definition_id(&a->analysis->definition, a->profile->grey, x);
    nf_definition_id(&b->analysis->definition, b->profile->grey, y);
    return strcmp(x, y) == 0;
}

/* Sets whose files say something else than the page. */
static void put_saved_under(nf_html *html, const nf_report_data *data)
{
    for (size_t i = 0; i < data->n_sets; i++) {
        const nf_report_set *set = &data->sets[i];
        const char *saved_under = nf_saved_under(set->profile, set->analysis);
        if (saved_under == NULL)
            continue;
        nf_html_raw(html, "<p class=\"note\">");
        nf_html_text(html, set->name);
        nf_html_raw(html, " was saved under <code>");
        nf_html_path(html, saved_under);
        nf_html_raw(html, "</code>: its file has distances and complexity by that definition, this page by its own.</p>\n");
    }
}

/* One for all, or one each and a warning: figures of different definitions are not to be compared. */
static void put_definitions(nf_html *html, const nf_report_data *data)
{
    bool same = true;
    for (size_t i = 1; i < data->n_sets; i++)
        same = same && same_definition(&data->sets[0], &data->sets[i]);
    if (same) {
        nf_html_raw(html, "<p class=\"note\">Definition: ");
        put_definition(html, &data->sets[0]);
        nf_html_raw(html, "</p>\n");
        return;
    }
    nf_html_raw(html, "<p class=\"note\"><strong class=\"bad\">The sets were measured by different definitions; their figures are not "
                      "to be compared.</strong></p>\n<ul class=\"note\">\n");
    for (size_t i = 0; i < data->n_sets; i++) {
        nf_html_raw(html, "<li>");
        nf_html_text(html, data->sets[i].name);
        nf_html_raw(html, ": ");
        put_definition(html, &data->sets[i]);
        nf_html_raw(html, "</li>\n");
    }
    nf_html_raw(html, "</ul>\n");
}

void nf_page_summary(nf_html *html, const nf_report *report)
{
    static const nf_html_column columns[] = {
        {"Dataset", NULL, NULL, NF_HTML_WORDS},
        {"Complexity", NULL, "Logarithm of the sum of distances, or the mean entropy", NF_HTML_NUMBERS},
        {"Images", "read", NULL, NF_HTML_NUMBERS},
        {"Classes", NULL, NULL, NF_HTML_NUMBERS},
        {"Entropy", "mean, bits", "Mean of the Shannon entropies of the grey images", NF_HTML_NUMBERS},
        {"Spread", "sd, bits", "Standard deviation of the entropies", NF_HTML_NUMBERS},
        {"Distances", "sum", "Sum of the Jensen-Shannon distances of all pairs of classes", NF_HTML_NUMBERS},
        {"Distance", "mean", "Mean Jensen-Shannon distance of two classes", NF_HTML_NUMBERS},
        {"Over chance", "sd", "How far the sum lies above that of shuffled labels, in its standard deviations", NF_HTML_NUMBERS},
        {"State", NULL, NULL, NF_HTML_WORDS},
    };
    const nf_report_data *data = report->data;
    nf_html_raw(html, "<section aria-labelledby=\"summary\">\n<h2 id=\"summary\">Summary</h2>\n");
    nf_html_table_begin(html, data->n_sets > 1 ? NF_HTML_SORTED : NF_HTML_SHORT, "All sets", NULL, columns,
                        sizeof columns / sizeof columns[0]);
    for (size_t i = 0; i < data->n_sets; i++)
        summary_row(html, &data->sets[i], i);
    nf_html_table_end(html);
    put_definitions(html, data);
    put_saved_under(html, data);
    nf_page_figures(html, report, SIZE_MAX, false);
    nf_html_raw(html, "</section>\n");
}

/* ---- figures ---- */

static bool is_of_models(const nf_figure *figure)
{
    return figure->set == SIZE_MAX && strncmp(figure->id, "entropy", strlen("entropy")) != 0;
}

static void put_figure(nf_html *html, const nf_figure *figure)
{
    nf_html_raw(html, "<figure id=\"figure-");
    nf_html_text(html, figure->id);
    nf_html_format(html, "\" data-marks=\"%zu\">\n<div class=\"draw\">", figure->n_marks);
    nf_html_bytes(html, figure->svg.data, figure->svg.len);
    nf_html_raw(html, "</div>\n<figcaption><strong>");
    nf_html_text(html, figure->title);
    nf_html_raw(html, ".</strong> ");
    nf_html_text(html, figure->caption);
    nf_html_raw(html, "</figcaption>\n</figure>\n");
}

void nf_page_figures(nf_html *html, const nf_report *report, size_t set, bool of_models)
{
    bool any = false;
    for (size_t i = 0; report->figures != NULL && i < report->figures->n; i++) {
        const nf_figure *figure = &report->figures->items[i];
        if (figure->set != set || is_of_models(figure) != of_models || figure->svg.len == 0)
            continue;
        nf_html_raw(html, any ? "" : "<div class=\"figures\">\n");
        put_figure(html, figure);
        any = true;
    }
    nf_html_raw(html, any ? "</div>\n" : "");
}

/* ---- what it means ---- */

static void put_meaning(nf_html *html, const char *term, const char *meaning)
{
    nf_html_format(html, "<dt>%s</dt><dd>", term);
    nf_html_raw(html, meaning);
    nf_html_raw(html, "</dd>\n");
}

void nf_page_glossary(nf_html *html, const nf_report *report)
{
    nf_html_raw(html, "<section aria-labelledby=\"meaning\">\n<h2 id=\"meaning\">What it means</h2>\n<dl class=\"meaning\">\n");
    put_meaning(html, "Entropy", "How many bits a pixel\xe2\x80\x99s grey level carries: 0 for a blank page, 8 for noise that uses all 256 "
                "levels alike; photographs lie around 7.");
    put_meaning(html, "Distance", "How differently the image entropies of two classes are spread (Jensen\xe2\x80\x93Shannon, natural "
                "logarithm unless the definition says otherwise): 0 for classes that look alike to this measure, 0.8326 for classes "
                "without overlap.");
    put_meaning(html, "Over chance", "The sum of distances that is left when labels are shuffled is what small classes differ by "
                "accident. How far the real sum lies above it is a property of the classes.");
    put_meaning(html, "Complexity", "The logarithm of the summed distances, or, where an image has several classes or none, the mean "
                "entropy. ln(sum) = ln(pairs) + ln(mean): two sets should be compared by both parts.");
    if (report->data->scoring != NULL) {
        put_meaning(html, "NoFADE", "Accuracy \xc3\x97 complexity / ln(FLOPs): what a model earns for its cost, on a dataset of this "
                    "complexity (Fu et al., NoFADE: Analyzing Diminishing Returns on CO2 Investment).");
        put_meaning(html, "Could be", "The best and the worst rank of a model within what is uncertain: whether its source counts FLOPs "
                    "or multiply-adds (convention), the digits that are printed (rounding), how many images its accuracy was tested on "
                    "(sampling), and, across datasets, how their complexity is read (definition). \xe2\x80\x9cMoved by\xe2\x80\x9d "
                    "tells which of these alone moves the rank, and between which ranks.");
        put_meaning(html, "Frontier", "The models than which no other is at least as accurate for less. Their return is how many "
                    "percentage points of accuracy a doubling of the cost buys.");
    }
    nf_html_raw(html, "</dl>\n<p class=\"note\">None of it sees shapes, colours or where a pixel lies.");
    for (size_t i = 0; report->figures != NULL && i < report->figures->n_notes; i++) {
        nf_html_raw(html, "<br>");
        nf_html_text(html, report->figures->notes[i]);
        nf_html_raw(html, ".");
    }
    nf_html_raw(html, "</p>\n</section>\n");
}
