/* nofade: the summary of a profile for people, in the columns of the terminal. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"

enum { WIDE = 80, /* columns from which on plots have all their bars */
       PLOT_COLUMNS = 64, PLOT_ROWS = 5, SPARK_COLUMNS = 32, CLASSES_SHOWN = 20, CLASSES_AT_AN_END = 5, NAME_COLUMNS = 18, LISTED = 10,
       LABEL_COLUMNS = 16, CODE_COLUMNS = 16, REASON_COLUMN = 2 + CODE_COLUMNS + 1 };

typedef struct summary {
    const nf_term *term;
    const nf_profile *profile;
    const nf_analysis *analysis;
    double unit; /* of entropies: 1 (bits) or ln 2 (nats) */
    const char *unit_name;
} summary;

/* The 512-bin histogram in n columns; returns the largest. */
static uint64_t columns_of(const nf_distribution *distribution, size_t n, uint64_t *columns)
{
    uint64_t largest = 0;
    memset(columns, 0, n * sizeof *columns);
    for (size_t i = 0; i < NF_ENTROPY_BINS; i++)
        columns[i * n / NF_ENTROPY_BINS] += distribution->histogram[i];
    for (size_t i = 0; i < n; i++)
        largest = columns[i] > largest ? columns[i] : largest;
    return largest;
}

/* Height of a bar in eighths of a row; something that is there is never shown as nothing. */
static unsigned eighths_of(uint64_t value, uint64_t largest, unsigned rows)
{
    if (value == 0 || largest == 0)
        return 0;
    double height = (double)value / (double)largest * rows * 8.0;
    return height < 1.0 ? 1 : (unsigned)(height + 0.5);
}

/* A row of bars, from the height `below` (in eighths) on; what is empty at its end is not written. */
static void put_bars(const nf_term *term, const unsigned *heights, size_t n, unsigned below)
{
    static const char *const blocks[] = {" ", "\xe2\x96\x81", "\xe2\x96\x82", "\xe2\x96\x83", "\xe2\x96\x84",
                                         "\xe2\x96\x85", "\xe2\x96\x86", "\xe2\x96\x87", "\xe2\x96\x88"};
    while (n > 0 && heights[n - 1] <= below)
        n--;
    for (size_t i = 0; i < n; i++) {
        unsigned eighths = heights[i] <= below ? 0 : heights[i] - below < 8 ? heights[i] - below : 8;
        if (term->utf8)
            fputs(blocks[eighths], term->out);
        else
            fputc(eighths == 0 ? ' ' : eighths < 5 ? '.' : '#', term->out);
    }
    fputc('\n', term->out);
}

/* Powers of two, so that every bar has as many of the 512 bins. */
static size_t plot_columns(const nf_term *term)
{
    return term->columns < WIDE ? PLOT_COLUMNS / 2 : PLOT_COLUMNS;
}

static size_t spark_columns(const nf_term *term)
{
    return term->columns < WIDE ? SPARK_COLUMNS / 2 : SPARK_COLUMNS;
}

static void print_plot(const summary *s)
{
    uint64_t columns[PLOT_COLUMNS];
    unsigned heights[PLOT_COLUMNS];
    size_t n = plot_columns(s->term);
    uint64_t largest = columns_of(&s->profile->entropy, n, columns);
    for (size_t i = 0; i < n; i++)
        heights[i] = eighths_of(columns[i], largest, PLOT_ROWS);
    for (unsigned row = PLOT_ROWS; row-- > 0;) {
        fputs("    ", s->term->out);
        put_bars(s->term, heights, n, row * 8);
    }
    fputs("    ", s->term->out);
    for (int bits = 0; bits < 8; bits++)
        fprintf(s->term->out, "%-*.*g", (int)(n / 8), n < PLOT_COLUMNS ? 2 : 3, bits * s->unit);
    fprintf(s->term->out, "%.3g %s\n", 8 * s->unit, s->unit_name);
}

/* All of a few, the first of many shards. */
static void print_sources(const summary *s)
{
    enum { SHOWN_MAX = 8 };
    char bytes[32];
    size_t n = s->profile->n_sources, n_shown = n <= SHOWN_MAX + 1 ? n : SHOWN_MAX;
    for (size_t i = 0; i < n_shown; i++) {
        const nf_profile_source *source = &s->profile->sources[i];
        fputs(i == 0 ? "  read          " : "                ", s->term->out);
        size_t column = nf_term_words(s->term, LABEL_COLUMNS, LABEL_COLUMNS, source->path);
        if (nf_source_bytes_are_known(source))
            nf_term_line(s->term, column, LABEL_COLUMNS, " (%s, %s)", source->format, nf_term_bytes(bytes, source->bytes));
        else
            nf_term_line(s->term, column, LABEL_COLUMNS, " (%s)", source->format);
    }
    if (n > n_shown)
        fprintf(s->term->out, "                and %s more\n", nf_term_count(bytes, n - n_shown));
}

/* Are there sources that could be read again, or saved profiles only? */
static bool has_images(const nf_profile *profile)
{
    return !profile->from_file;
}

/* "name 1,234" in a list that is wrapped under its heading; column 0: the first. Returns the column after it. */
static size_t print_count(const summary *s, const char *heading, const char *name, uint64_t n, size_t column)
{
    char count[32];
    size_t width = nf_term_name_width(s->term, name, s->term->columns / 2) + 1 + strlen(nf_term_count(count, n));
    if (column == 0) {
        fputs(heading, s->term->out);
        column = strlen(heading);
    } else if (column + 2 + width > s->term->columns - 4) {
        fprintf(s->term->out, ",\n%*s", (int)strlen(heading), "");
        column = strlen(heading);
    } else {
        fputs(", ", s->term->out);
        column += 2;
    }
    nf_term_name(s->term, name, s->term->columns / 2);
    fprintf(s->term->out, " %s", count);
    return column + width;
}

static void print_tallies(const summary *s)
{
    char count[32], other[32];
    const nf_profile *profile = s->profile;
    const nf_tally *tally = &profile->passed_over;
    fprintf(s->term->out, "  images        %s read, ", nf_term_count(count, profile->images_read));
    if (profile->images_failed > 0)
        nf_term_begin(s->term, NF_STYLE_FAULT);
    fprintf(s->term->out, "%s failed", nf_term_count(other, profile->images_failed));
    if (profile->images_failed > 0)
        nf_term_end(s->term);
    if (profile->images_warned > 0)
        fprintf(s->term->out, "; warned of %s", nf_term_count(count, profile->images_warned));
    fputc('\n', s->term->out);
    size_t column = 0;
    for (size_t i = 0; i < tally->n; i++)
        column = print_count(s, "  passed over   ", tally->kinds[i].kind, tally->kinds[i].count, column);
    if (tally->n > 0)
        fputc('\n', s->term->out);
    column = 0;
    for (size_t i = 0; i < profile->n_other_splits; i++)
        column = print_count(s, "  not counted   ", profile->other_splits[i].name, profile->other_splits[i].images, column);
    if (profile->n_other_splits > 0)
        nf_term_line(s->term, column, LABEL_COLUMNS, "%s", has_images(profile) ? "  (--split chooses)" : "");
}

static void print_head(const summary *s)
{
    char id[NF_DEFINITION_ID_SIZE];
    const nf_profile *profile = s->profile;
    const char *name = profile->dataset_id != NULL ? profile->dataset_id : "images";
    bool titled = profile->dataset_title != NULL, split = profile->split != NULL && profile->split[0] != '\0';
    nf_term_begin(s->term, NF_STYLE_STRONG);
    size_t column = nf_term_words(s->term, 0, 2, name);
    nf_term_end(s->term);
    nf_term_line(s->term, column, 2, "%s%s%s%s%s%s%s", titled ? ": " : "", titled ? profile->dataset_title : "",
                 !split ? "" : strcmp(profile->split, "all") == 0 ? ", splits: " : ", split: ", split ? profile->split : "",
                 profile->labels_level != NULL ? ", " : "",
                 profile->labels_level == NULL ? "" : strcmp(profile->labels_level, "coarse") == 0 ? "coarse" : "fine",
                 profile->labels_level != NULL ? " labels" : "");
    print_sources(s);
    print_tallies(s);
    nf_definition_id(&s->analysis->definition, profile->grey, id);
    nf_term_line(s->term, 0, LABEL_COLUMNS, "  definition    %s", id);
    if (nf_saved_under(profile, s->analysis) != NULL)
        nf_term_line(s->term, 0, LABEL_COLUMNS, "                saved under %.200s: its file has distances and complexity by that",
                     nf_saved_under(profile, s->analysis));
    if (profile->grey == NF_GREY_LUMA)
        nf_term_line(s->term, 0, LABEL_COLUMNS, "                luma: a JPEG's own Y plane; a single image may differ from "
                     "bt601 by up to half a bit, a mean by about 0.002");
    if (strcmp(s->analysis->device, "cpu") != 0)
        nf_term_line(s->term, 0, LABEL_COLUMNS, "  device        %s", s->analysis->device);
    if (!profile->complete) {
        fputs("  ", s->term->out);
        nf_term_styled(s->term, NF_STYLE_FAULT, "INCOMPLETE");
        nf_term_line(s->term, 12, LABEL_COLUMNS, "    %s", profile->why_incomplete != NULL ? profile->why_incomplete : "");
    }
}

static void print_quantiles(const summary *s)
{
    size_t column = (size_t)fprintf(s->term->out, "  quantiles");
    for (size_t i = 0; i < NF_QUANTILES; i++) {
        char text[32];
        snprintf(text, sizeof text, "  %g%% %.2f", nf_quantile_levels[i] * 100.0, s->analysis->entropy.quantiles[i] * s->unit);
        if (column + strlen(text) > s->term->columns)
            column = (size_t)fprintf(s->term->out, "\n%11s", "") - 1;
        column += (size_t)fprintf(s->term->out, "%s", text);
    }
    fputc('\n', s->term->out);
}

/* What the sample says of all. */
static void print_estimate(const summary *s)
{
    const nf_estimate *e = &s->profile->estimate;
    char images[32], drawn[32], members[32];
    if (!nf_estimate_is_partial(e)) {
        nf_term_line(s->term, 0, 12, "  no estimate: all %s of %s members were drawn, seed %llu", nf_term_count(drawn, e->drawn),
                     nf_term_count(members, e->members), (unsigned long long)e->seed);
        return;
    }
    nf_term_line(s->term, 0, 12, "  estimate: mean %.4f (%.4f .. %.4f, 95 %%) of all images that can be read, from %s image%s: %s of %s "
                 "members drawn, seed %llu", e->value * s->unit, e->low * s->unit, e->high * s->unit,
                 nf_term_count(images, e->images), e->images == 1 ? "" : "s", nf_term_count(drawn, e->drawn),
                 nf_term_count(members, e->members), (unsigned long long)e->seed);
}

static void print_entropy(const summary *s)
{
    const nf_distribution_stats *stats = &s->analysis->entropy;
    char heading[64];
    bool is_partial = nf_estimate_is_partial(&s->profile->estimate);
    snprintf(heading, sizeof heading, "Entropy of %s images (%s)", is_partial ? "a sample of the" : "the", s->unit_name);
    nf_term_heading(s->term, heading);
    if (!s->analysis->has_entropy) {
        fputs("  no image was read\n", s->term->out);
        return;
    }
    print_plot(s);
    fprintf(s->term->out, "  mean %.4f", stats->mean * s->unit);
    if (stats->has_sd)
        fprintf(s->term->out, "   sd %.4f", stats->sd * s->unit);
    fprintf(s->term->out, "   min %.4f   max %.4f\n", stats->min * s->unit, stats->max * s->unit);
    print_quantiles(s);
    if (s->profile->estimate.is_present)
        print_estimate(s);
    if (stats->has_shape)
        fprintf(s->term->out, "  skewness %.3f   excess kurtosis %.3f\n", stats->skewness, stats->excess_kurtosis);
}

static void print_class(const summary *s, const nf_profile_class *class_, size_t name_columns)
{
    char count[32];
    uint64_t columns[SPARK_COLUMNS];
    unsigned heights[SPARK_COLUMNS];
    size_t n = spark_columns(s->term);
    nf_distribution_stats stats;
    nf_distribution_stats_of(&class_->counts->entropy, &stats);
    uint64_t largest = columns_of(&class_->counts->entropy, n, columns);
    for (size_t i = 0; i < n; i++)
        heights[i] = eighths_of(columns[i], largest, 1);
    fputs("  ", s->term->out);
    nf_term_cell(s->term, nf_class_label(class_), name_columns);
    fprintf(s->term->out, "%9s  %7.4f ", nf_term_count(count, class_->counts->entropy.n), stats.mean * s->unit);
    if (stats.has_sd)
        fprintf(s->term->out, "%7.4f  ", stats.sd * s->unit);
    else
        fputs("      -  ", s->term->out);
    put_bars(s->term, heights, n, 0);
}

/* Where there is room, as many as the longest of the names takes. */
static size_t name_columns_of(const summary *s, const nf_profile_class *const *sorted, size_t n)
{
    size_t others = 2 + 9 + 2 + 7 + 1 + 7 + 2 + spark_columns(s->term), columns = NAME_COLUMNS, longest = 0;
    size_t room = s->term->columns > others ? s->term->columns - others : 1;
    for (size_t i = 0; i < n; i++) {
        bool is_shown = n <= CLASSES_SHOWN || i < CLASSES_AT_AN_END || i >= n - CLASSES_AT_AN_END;
        size_t width = is_shown ? nf_term_name_width(s->term, nf_class_label(sorted[i]), 0) : 0;
        longest = width > longest ? width : longest;
    }
    columns = longest > columns ? longest : columns;
    return columns > room ? room : columns;
}

static int by_mean(const void *a, const void *b)
{
    nf_distribution_stats x, y;
    nf_distribution_stats_of(&(*(const nf_profile_class *const *)a)->counts->entropy, &x);
    nf_distribution_stats_of(&(*(const nf_profile_class *const *)b)->counts->entropy, &y);
    return x.mean < y.mean ? -1 : x.mean > y.mean;
}

/* All classes when they are few; else the ends of the list by mean entropy. */
static void print_classes(const summary *s)
{
    size_t n = s->profile->n_classes;
    const nf_profile_class **sorted = n == 0 ? NULL : calloc(n, sizeof *sorted);
    if (sorted == NULL)
        return;
    for (size_t i = 0; i < n; i++)
        sorted[i] = &s->profile->classes[i];
    if (n > CLASSES_SHOWN)
        qsort(sorted, n, sizeof *sorted, by_mean);
    nf_term_heading(s->term, n > CLASSES_SHOWN ? "Classes of least and most mean entropy" : "Classes");
    if (nf_estimate_is_partial(&s->profile->estimate))
        fputs("  (of the sample)\n", s->term->out);
    if (s->profile->labels == NF_PROFILE_SEVERAL_CLASSES)
        nf_term_line(s->term, 0, 3, "  (an image counts for each class it holds)");
    if (s->profile->labels == NF_PROFILE_PIXEL_CLASSES)
        nf_term_line(s->term, 0, 3, "  (the entropy of the pixels of each class, in every image that holds it)");
    const size_t columns = name_columns_of(s, sorted, n);
    fprintf(s->term->out, "  %*s%9s  %7s %7s  0%*.3g\n", (int)columns, "", "images", "mean", "sd",
            (int)spark_columns(s->term) - 1, 8.0 * s->unit);
    for (size_t i = 0; i < n; i++) {
        if (n > CLASSES_SHOWN && i == CLASSES_AT_AN_END) {
            fprintf(s->term->out, "  ... %zu more ...\n", n - 2 * (size_t)CLASSES_AT_AN_END);
            i = n - CLASSES_AT_AN_END;
        }
        print_class(s, sorted[i], columns);
    }
    free(sorted);
}

static void print_pair(const summary *s, const char *label, size_t a, size_t b, double value)
{
    size_t room = (s->term->columns - 30) / 2;
    fprintf(s->term->out, "  %-14s%.6f  ", label, value);
    nf_term_name(s->term, nf_class_label(&s->profile->classes[a]), room);
    fputs(s->term->utf8 ? " \xe2\x80\x93 " : " - ", s->term->out);
    nf_term_name(s->term, nf_class_label(&s->profile->classes[b]), room);
    fputc('\n', s->term->out);
}

static void print_distances(const summary *s)
{
    const nf_distance_summary *distances = &s->analysis->distances;
    const nf_null_summary *null = &s->analysis->null;
    char pairs[32], classes[32];
    nf_term_heading(s->term, "Distances between the classes (Jensen-Shannon)");
    nf_term_line(s->term, 0, LABEL_COLUMNS, "  sum           %.6f  over %s pair%s of %s classes", distances->sum,
                 nf_term_count(pairs, distances->n_pairs), distances->n_pairs == 1 ? "" : "s",
                 nf_term_count(classes, distances->n_classes));
    fprintf(s->term->out, "  mean          %.6f\n", distances->mean);
    print_pair(s, "least", distances->min_a, distances->min_b, distances->min_value);
    print_pair(s, "most", distances->max_a, distances->max_b, distances->max_value);
    if (s->analysis->has_null) {
        nf_term_line(s->term, 0, LABEL_COLUMNS, "  by chance     %.6f  sd %.6f: the sum when labels are shuffled", null->mean,
                     null->sd);
        if (null->has_z)
            nf_term_line(s->term, 0, LABEL_COLUMNS, "                (%u times); the real sum is %.1f sd %s", null->n_permutations,
                         fabs(null->z), null->z < 0 ? "below" : "above");
    } else if (s->analysis->null_absent != NULL) {
        nf_term_line(s->term, 0, LABEL_COLUMNS, "  by chance     not drawn: %s", s->analysis->null_absent);
    }
}

static const char *log_name(nf_log_base base)
{
    return base == NF_LOG_2 ? "log2" : base == NF_LOG_10 ? "log10" : "ln";
}

/* What all of this is for. Returns the column behind it. */
static size_t print_value(const summary *s, double complexity)
{
    char text[40];
    snprintf(text, sizeof text, "%.6f", complexity);
    fputs("  ", s->term->out);
    nf_term_styled(s->term, NF_STYLE_STRONG, text);
    return 2 + strlen(text);
}

static void print_complexity(const summary *s)
{
    const nf_analysis *analysis = s->analysis;
    const nf_distance_summary *distances = &analysis->distances;
    bool jsd = strcmp(analysis->complexity_kind, "jsd") == 0;
    nf_term_heading(s->term, "Complexity");
    if (!analysis->has_complexity) {
        for (size_t i = 0; i < analysis->n_undefined; i++)
            if (strcmp(analysis->undefined[i].key, "complexity.value") == 0)
                nf_term_line(s->term, 0, 13, "  undefined: %s", analysis->undefined[i].reason);
        return;
    }
    if (!jsd) {
        nf_term_line(s->term, print_value(s, analysis->complexity * s->unit), 2, " %s: the mean entropy%s", s->unit_name,
                     s->profile->task == NULL ? " (there are no classes to compare)" : "");
        if (nf_estimate_is_partial(&s->profile->estimate))
            fprintf(s->term->out, "  an estimate: %.6f .. %.6f with 95 %%\n", s->profile->estimate.low * s->unit,
                    s->profile->estimate.high * s->unit);
        return;
    }
    const char *log = log_name(analysis->definition.sum_log);
    double pairs = 0.0, mean = 0.0;
    print_value(s, analysis->complexity);
    fprintf(s->term->out, " = %s(sum of the distances)\n", log);
    if (nf_complexity_of_sum((double)distances->n_pairs, analysis->definition.sum_log, &pairs) &&
        nf_complexity_of_sum(distances->mean, analysis->definition.sum_log, &mean))
        nf_term_line(s->term, 0, 13, "           = %.4f from the number of pairs %+.4f from their mean distance", pairs, mean);
    if (analysis->complexity <= 0.0)
        nf_term_line(s->term, 0, 2, "  not positive: a sum of 1 or less; such a value cannot be used in a score");
}

/* Up to `most` entries; returns how many. */
static size_t print_images(const summary *s, const nf_failure_list *list, size_t most, nf_style style)
{
    size_t shown = list->n < most ? list->n : most;
    for (size_t i = 0; i < shown; i++) {
        const nf_profile_failure *failure = &list->items[i];
        fputs("  ", s->term->out);
        nf_term_begin(s->term, style);
        nf_term_cell(s->term, failure->code, CODE_COLUMNS);
        nf_term_end(s->term);
        fputc(' ', s->term->out);
        size_t column = nf_term_words(s->term, REASON_COLUMN, REASON_COLUMN, failure->member);
        nf_term_line(s->term, column, REASON_COLUMN, ": %s", failure->reason);
    }
    return shown;
}

static void print_warnings(const summary *s)
{
    const nf_profile *profile = s->profile;
    char count[32];
    if (profile->n_warnings + profile->failures.n + profile->warned.n == 0)
        return;
    nf_term_heading(s->term, "Warnings");
    size_t sentences = profile->n_warnings < LISTED ? profile->n_warnings : LISTED;
    for (size_t i = 0; i < sentences; i++) {
        fputs("  ", s->term->out);
        nf_term_line(s->term, 2, 4, "%s", profile->warnings[i]);
    }
    if (sentences < profile->n_warnings)
        fprintf(s->term->out, "  ... and %zu more warnings (--json has all)\n", profile->n_warnings - sentences);
    size_t shown = print_images(s, &profile->failures, LISTED, NF_STYLE_FAULT);
    shown += print_images(s, &profile->warned, LISTED - shown, NF_STYLE_WARNING);
    uint64_t all = profile->images_failed + profile->images_warned;
    if (all > shown)
        fprintf(s->term->out, "  ... and %s more%s\n", nf_term_count(count, all - shown),
                has_images(profile) ? " (--images FILE.csv lists them all)" : "");
}

void nf_summary_print(const nf_term *term, const nf_profile *profile, const nf_analysis *analysis, bool entropy_in_nats)
{
    summary s = {term, profile, analysis, entropy_in_nats ? 0.69314718055994530942 : 1.0, entropy_in_nats ? "nats" : "bits"};
    print_head(&s);
    print_entropy(&s);
    print_classes(&s);
    if (analysis->has_distances)
        print_distances(&s);
    print_complexity(&s);
    nf_summary_quality(term, &profile->quality, s.unit);
    print_warnings(&s);
}
