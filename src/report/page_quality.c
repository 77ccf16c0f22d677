/* nofade: what was found in a set on the way: duplicates, extremes, odd images; and what could not be read. */
#include <string.h>

#include "report/page.h"

/* ---- images by their names ---- */

/* A set and the small pictures of its images. */
typedef struct shown_set {
    const nf_report_set *set;
    const nf_thumbnails *thumbnails; /* NULL: none */
    size_t number;                   /* of the set, from 0 */
} shown_set;

/* The picture, where there is one; the name stands beside it, so it has nothing to say. */
static void put_picture(nf_html *html, const shown_set *shown, const nf_named_image *image)
{
    const nf_thumbnail *found = shown->thumbnails != NULL ? nf_thumbnail_of(shown->thumbnails, shown->number, image) : NULL;
    if (found == NULL)
        return;
    nf_html_format(html, "<img class=\"%s\" width=\"%u\" height=\"%u\" alt=\"\" src=\"", found->w_px <= 48 ? "thumb pixels" : "thumb",
                   found->w_px, found->h_px);
    nf_html_raw(html, found->data_uri);
    nf_html_raw(html, "\">");
}

/* An image of the set as the page shows it. */
static void put_image(nf_html *html, const nf_named_image *image)
{
    nf_html_raw(html, "<span class=\"image\">");
    nf_html_path(html, image->member);
    if (image->split[0] != '\0' || image->class_name[0] != '\0') {
        nf_html_raw(html, " <small>");
        nf_html_text(html, image->split);
        nf_html_raw(html, image->split[0] != '\0' && image->class_name[0] != '\0' ? ", " : "");
        nf_html_text(html, image->class_name);
        nf_html_raw(html, "</small>");
    }
    nf_html_raw(html, "</span>");
}

/* ---- duplicates ---- */

static void put_count(nf_html *html, uint64_t n, const char *one, const char *many)
{
    nf_html_count(html, n);
    nf_html_format(html, " %s", n == 1 ? one : many);
}

static void duplicate_row(nf_html *html, const shown_set *shown, const nf_duplicate_set *set)
{
    nf_html_raw(html, "<tr><th scope=\"row\">");
    if (set->n_listed > 0) /* the others look alike */
        put_picture(html, shown, &set->listed[0]);
    nf_html_raw(html, "<ul class=\"images\">");
    for (size_t i = 0; i < set->n_listed; i++) {
        nf_html_raw(html, "<li>");
        put_image(html, &set->listed[i]);
        nf_html_raw(html, "</li>");
    }
    nf_html_raw(html, "</ul></th>");
    nf_html_count_cell(html, set->images);
    nf_html_words_cell(html, set->across_splits && set->across_classes ? "splits, classes"
                             : set->across_splits ? "splits" : set->across_classes ? "classes" : "");
    nf_html_row_end(html);
}

static void put_duplicates(nf_html *html, const shown_set *shown)
{
    static const nf_html_column columns[] = {
        {"Images with the same bytes", NULL, NULL, NF_HTML_WORDS},
        {"Images", NULL, NULL, NF_HTML_NUMBERS},
        {"Across", NULL, "Across splits they are leaks, across classes labels that are wrong at least once", NF_HTML_WORDS},
    };
    const nf_duplicates *duplicates = &shown->set->profile->quality.duplicates;
    const size_t n = duplicates->n_listed < NF_REPORT_LISTED_MAX ? duplicates->n_listed : NF_REPORT_LISTED_MAX;
    if (duplicates->sets == 0)
        return;
    nf_html_raw(html, "<p>");
    put_count(html, duplicates->sets, "set of duplicates, ", "sets of duplicates, ");
    put_count(html, duplicates->extra_copies, "extra copy", "extra copies");
    nf_html_raw(html, "; ");
    put_count(html, duplicates->sets_across_splits, "set lies across splits", "sets lie across splits");
    nf_html_raw(html, ", ");
    put_count(html, duplicates->sets_across_classes, "across classes.", "across classes.");
    nf_html_raw(html, "</p>\n");
    nf_html_table_begin(html, nf_html_kind_of(n), "Duplicates", shown->set->name, columns, sizeof columns / sizeof columns[0]);
    for (size_t i = 0; i < n; i++)
        duplicate_row(html, shown, &duplicates->listed[i]);
    nf_html_table_end(html);
    nf_page_cut(html, n, duplicates->sets, "the profile (<code>--json</code>) lists up to 1,000");
}

static void put_limits(nf_html *html, const nf_quality *quality)
{
    if (quality->duplicates.apart)
        nf_html_raw(html, "<p class=\"note\">Duplicates from one profile to another were not looked for.</p>\n");
    if (quality->duplicates.not_searched > 0) {
        nf_html_raw(html, "<p class=\"note\">");
        put_count(html, quality->duplicates.not_searched, "image was", "images were");
        nf_html_raw(html, " not searched for duplicates.</p>\n");
    }
    if (quality->not_looked_at > 0) {
        nf_html_raw(html, "<p class=\"note\">");
        put_count(html, quality->not_looked_at, "image", "images");
        nf_html_raw(html, " came too late to be looked at.</p>\n");
    }
}

/* ---- the other findings ---- */

static const struct {
    const char *caption, *value;
} kinds[NF_FINDING_KINDS] = {
    [NF_FINDING_CONSTANT] = {"Constant images", "Grey level"},
    [NF_FINDING_NEAR_CONSTANT] = {"Nearly constant images", "Share of one level"},
    [NF_FINDING_LEAST_COMPLEX] = {"Least complex images", "Entropy <small>bits</small>"},
    [NF_FINDING_MOST_COMPLEX] = {"Most complex images", "Entropy <small>bits</small>"},
    [NF_FINDING_WRONG_EXTENSION] = {"Wrong suffixes", "Kind"},
    [NF_FINDING_UNUSUAL_MODE] = {"Unusual colour modes", "Mode"},
    [NF_FINDING_SIZE_OUTLIER] = {"Unusual sizes", "Size <small>px</small>"},
};

static void put_findings(nf_html *html, const shown_set *shown, nf_finding_kind kind)
{
    const nf_finding_list *list = &shown->set->profile->quality.findings[kind];
    const size_t n = list->n < NF_REPORT_LISTED_MAX ? list->n : NF_REPORT_LISTED_MAX;
    const bool by_number = list->n > 0 && list->items[0].text == NULL;
    const nf_html_column columns[] = {
        {"Image", NULL, NULL, NF_HTML_WORDS},
        {kinds[kind].value, NULL, NULL, by_number ? NF_HTML_NUMBERS : NF_HTML_WORDS},
    };
    if (list->images == 0)
        return;
    nf_html_raw(html, "<div>\n");
    nf_html_table_begin(html, nf_html_kind_of(n), kinds[kind].caption, shown->set->name, columns, 2);
    for (size_t i = 0; i < n; i++) {
        nf_html_raw(html, "<tr><th scope=\"row\">");
        if (nf_finding_is_extreme(kind)) /* some of the others have one by chance: because they are extreme, too */
            put_picture(html, shown, &list->items[i].image);
        put_image(html, &list->items[i].image);
        nf_html_raw(html, "</th>");
        if (list->items[i].text != NULL)
            nf_html_words_cell(html, list->items[i].text);
        else
            nf_html_number_cell(html, kind == NF_FINDING_CONSTANT ? "%.0f" : "%.4f", list->items[i].number);
        nf_html_row_end(html);
    }
    nf_html_table_end(html);
    nf_page_cut(html, n, list->images, "the profile (<code>--json</code>) lists up to 1,000");
    nf_html_raw(html, "</div>\n");
}

static bool is_clean(const nf_quality *quality)
{
    bool clean = quality->duplicates.sets == 0;
    for (size_t kind = 0; kind < NF_FINDING_KINDS; kind++)
        clean = clean && (nf_finding_is_extreme((nf_finding_kind)kind) || quality->findings[kind].images == 0);
    return clean;
}

static void put_why_no_pictures(nf_html *html, const shown_set *shown)
{
    const char *why = shown->thumbnails != NULL ? nf_thumbnails_absent(shown->thumbnails, shown->number) : NULL;
    if (why == NULL)
        return;
    nf_html_raw(html, "<p class=\"note\">Pictures are missing: ");
    nf_html_text(html, why);
    nf_html_raw(html, ".</p>\n");
}

void nf_page_quality(nf_html *html, const nf_report *report, size_t number)
{
    const nf_report_set *set = &report->data->sets[number];
    const shown_set shown = {set, report->thumbnails, number};
    const nf_quality *quality = &set->profile->quality;
    if (quality->absent == NULL && nf_quality_images(quality) == 0 && quality->duplicates.images == 0)
        return;
    nf_html_format(html, "<h3 id=\"quality-%zu\">Quality</h3>\n", number + 1);
    if (quality->absent != NULL) {
        nf_html_raw(html, "<p>Nothing was looked for: ");
        nf_html_text(html, quality->absent);
        nf_html_raw(html, ".</p>\n");
        return;
    }
    if (is_clean(quality))
        nf_html_raw(html, "<p>No duplicates, no constant images, no odd suffixes, colour modes or sizes.</p>\n");
    put_why_no_pictures(html, &shown);
    put_duplicates(html, &shown);
    put_limits(html, quality);
    nf_html_raw(html, "<div class=\"beside\">\n");
    put_findings(html, &shown, NF_FINDING_LEAST_COMPLEX);
    put_findings(html, &shown, NF_FINDING_MOST_COMPLEX);
    nf_html_raw(html, "</div>\n<div class=\"beside\">\n");
    for (int kind = 0; kind < NF_FINDING_KINDS; kind++)
        if (!nf_finding_is_extreme((nf_finding_kind)kind))
            put_findings(html, &shown, (nf_finding_kind)kind);
    nf_html_raw(html, "</div>\n");
}

/* ---- failures ---- */

static void put_failed(nf_html *html, const nf_report_set *set, const char *caption, const nf_failure_list *list, uint64_t all)
{
    static const nf_html_column columns[] = {
        {"Image", NULL, NULL, NF_HTML_WORDS},
        {"Source", NULL, NULL, NF_HTML_WORDS},
        {"Kind", NULL, NULL, NF_HTML_WORDS},
        {"Reason", NULL, NULL, NF_HTML_WORDS},
    };
    const size_t n = list->n < NF_REPORT_LISTED_MAX ? list->n : NF_REPORT_LISTED_MAX;
    if (all == 0)
        return;
    nf_html_table_begin(html, nf_html_kind_of(n), caption, set->name, columns, sizeof columns / sizeof columns[0]);
    for (size_t i = 0; i < n; i++) {
        const nf_profile_failure *failure = &list->items[i];
        nf_html_raw(html, "<tr><th scope=\"row\">");
        nf_html_path(html, failure->member);
        nf_html_raw(html, "</th><td class=\"w\">");
        nf_html_path(html, failure->source);
        nf_html_words_cell(html, failure->code);
        nf_html_words_cell(html, failure->reason);
        nf_html_row_end(html);
    }
    nf_html_table_end(html);
    nf_page_cut(html, n, all, "<code>nofade dataset --images FILE.csv</code> lists them all");
}

void nf_page_failures(nf_html *html, const nf_report_set *set, size_t number)
{
    const nf_profile *profile = set->profile;
    if (profile->images_failed + profile->images_warned == 0)
        return;
    nf_html_format(html, "<h3 id=\"failures-%zu\">Failures</h3>\n", number);
    put_failed(html, set, "Failed images", &profile->failures, profile->images_failed);
    put_failed(html, set, "Images read with a warning", &profile->warned, profile->images_warned);
}
