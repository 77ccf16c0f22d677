/* nofade: the part of the summary that tells what was found on the way (quality.h), in the columns of the
 * terminal. */
#include <string.h>

#include "cli/cli.h"

enum { LABEL_COLUMNS = 16, SETS_SHOWN = 3 };

/* Columns of a line behind its label; some are left free at its end. */
static size_t room_of(const nf_term *term)
{
    return term->columns - 2 - LABEL_COLUMNS;
}

static void put_label(const nf_term *term, const char *label)
{
    fprintf(term->out, "  %-*s", LABEL_COLUMNS - 2, label);
}

static const char *plural(uint64_t n)
{
    return n == 1 ? "" : "s";
}

/* ---- duplicates ---- */

/* "NAME (split, class)" in at most width columns; returns how many. */
static size_t put_member(const nf_term *term, const nf_named_image *image, size_t width)
{
    enum { SPLIT_WIDTH = 8, CLASS_WIDTH = 16 };
    size_t split = nf_term_name_width(term, image->split, SPLIT_WIDTH), class_ = nf_term_name_width(term, image->class_name, CLASS_WIDTH);
    bool both = split > 0 && class_ > 0;
    size_t place = split + class_ == 0 ? 0 : 3 + split + class_ + (both ? 2 : 0);
    size_t name = nf_term_name_width(term, image->member, width - place);
    nf_term_tail(term, image->member, name);
    if (place == 0)
        return name;
    fputs(" (", term->out);
    nf_term_name(term, image->split, SPLIT_WIDTH);
    fputs(both ? ", " : "", term->out);
    nf_term_name(term, image->class_name, CLASS_WIDTH);
    fputc(')', term->out);
    return name + place;
}

static void put_set(const nf_term *term, const nf_duplicate_set *set)
{
    enum { COUNT_COLUMNS = 16, ROOMY = 58 }; /* where it is narrow, the count goes to a line of its own */
    char count[32], text[64] = "";
    size_t room = room_of(term), other = 1; /* the one that shows why the set stands here */
    for (size_t i = set->n_listed; i-- > 1;)
        if (strcmp(set->listed[i].split, set->listed[0].split) != 0 ||
            strcmp(set->listed[i].class_name, set->listed[0].class_name) != 0)
            other = i;
    put_label(term, "");
    put_member(term, &set->listed[0], room);
    fputc('\n', term->out);
    put_label(term, "");
    fputs("= ", term->out);
    if (set->images > 2)
        snprintf(text, sizeof text, ", %s in all", nf_term_count(count, set->images));
    size_t used = put_member(term, &set->listed[other], room - 2 - (set->images > 2 && room >= ROOMY ? COUNT_COLUMNS : 0));
    nf_term_line(term, LABEL_COLUMNS + 2 + used, LABEL_COLUMNS + 2, "%s", text);
}

static void put_duplicates(const nf_term *term, const nf_duplicates *duplicates)
{
    char count[32];
    if (duplicates->sets == 0)
        return;
    char text[256], copies[32], splits[64] = "", classes[64] = "";
    if (duplicates->sets_across_splits > 0)
        snprintf(splits, sizeof splits, "; %s across splits", nf_term_count(count, duplicates->sets_across_splits));
    if (duplicates->sets_across_classes > 0)
        snprintf(classes, sizeof classes, "; %s across classes", nf_term_count(count, duplicates->sets_across_classes));
    snprintf(text, sizeof text, "%s set%s, %s extra cop%s%s%s", nf_term_count(count, duplicates->sets), plural(duplicates->sets),
             nf_term_count(copies, duplicates->extra_copies), duplicates->extra_copies == 1 ? "y" : "ies", splits, classes);
    put_label(term, "duplicates");
    nf_term_line(term, LABEL_COLUMNS, LABEL_COLUMNS, "%s", text);
    for (size_t i = 0; i < duplicates->n_listed && i < SETS_SHOWN; i++)
        put_set(term, &duplicates->listed[i]);
}

static void put_limits(const nf_term *term, const nf_quality *quality)
{
    char count[32];
    if (quality->duplicates.apart)
        nf_term_line(term, 0, LABEL_COLUMNS, "%*sduplicates from one profile to another are not looked for", LABEL_COLUMNS, "");
    if (quality->duplicates.not_searched > 0)
        nf_term_line(term, 0, LABEL_COLUMNS, "%*s%s images were not searched for duplicates", LABEL_COLUMNS, "",
                     nf_term_count(count, quality->duplicates.not_searched));
    if (quality->not_looked_at > 0)
        nf_term_line(term, 0, LABEL_COLUMNS, "%*s%s images came too late to be looked at", LABEL_COLUMNS, "",
                     nf_term_count(count, quality->not_looked_at));
}

/* ---- the other findings ---- */

/* "12 images, NAME (VALUE)": the first by name. */
static void put_finding(const nf_term *term, const char *label, const nf_finding_list *list)
{
    char count[32];
    if (list->images == 0)
        return;
    put_label(term, label);
    fprintf(term->out, "%s image%s", nf_term_count(count, list->images), plural(list->images));
    if (list->n > 0) {
        const char *value = list->items[0].text;
        size_t used = strlen(count) + 15 + (value != NULL ? nf_term_name_width(term, value, 24) + 3 : 0), room = room_of(term);
        fputs(list->images > 1 ? ", first " : ": ", term->out);
        nf_term_tail(term, list->items[0].image.member, room > used + 8 ? room - used : 8);
        if (value != NULL) {
            fputs(" (", term->out);
            nf_term_name(term, value, 24);
            fputc(')', term->out);
        }
    }
    fputc('\n', term->out);
}

static void put_modes(const nf_term *term, const nf_quality *quality)
{
    char count[32];
    size_t column = LABEL_COLUMNS;
    bool first = true;
    if (quality->findings[NF_FINDING_UNUSUAL_MODE].images == 0)
        return;
    put_label(term, "colour modes");
    for (size_t mode = 0; mode < NF_COLOUR_MODES; mode++) {
        const char *name = nf_colour_mode_name((nf_colour_mode)mode);
        size_t width = strlen(name) + 1 + strlen(nf_term_count(count, quality->modes[mode]));
        if (quality->modes[mode] == 0)
            continue;
        bool wrap = !first && column + 2 + width > term->columns - 4;
        if (wrap)
            fprintf(term->out, ",\n%*s", LABEL_COLUMNS, "");
        else
            fputs(first ? "" : ", ", term->out);
        fprintf(term->out, "%s %s", name, count);
        column = (wrap ? LABEL_COLUMNS : column + (first ? 0 : 2)) + width;
        first = false;
    }
    fputc('\n', term->out);
}

static void put_sizes(const nf_term *term, const nf_quality *quality)
{
    const nf_side_stats *longer = &quality->longer, *shorter = &quality->shorter;
    const nf_finding_list *outliers = &quality->findings[NF_FINDING_SIZE_OUTLIER];
    put_finding(term, "odd sizes", outliers);
    if (outliers->images > 0 && longer->has_quantiles && shorter->has_quantiles)
        nf_term_line(term, 0, LABEL_COLUMNS, "%*smost have sides of %u to %u by %u to %u px", LABEL_COLUMNS, "", longer->q05,
                     longer->q95, shorter->q05, shorter->q95);
}

static void put_extreme(const nf_term *term, const char *label, const nf_finding_list *list, double unit)
{
    if (list->n == 0)
        return;
    put_label(term, label);
    nf_term_tail(term, list->items[0].image.member, room_of(term) - 9);
    fprintf(term->out, "  %.4f\n", list->items[0].number * unit);
}

static bool is_clean(const nf_quality *quality)
{
    bool clean = quality->duplicates.sets == 0;
    for (size_t kind = 0; kind < NF_FINDING_KINDS; kind++)
        clean = clean && (nf_finding_is_extreme((nf_finding_kind)kind) || quality->findings[kind].images == 0);
    return clean;
}

void nf_summary_quality(const nf_term *term, const nf_quality *quality, double unit)
{
    if (quality->absent == NULL && quality->duplicates.images == 0)
        return;
    nf_term_heading(term, "Quality");
    if (quality->absent != NULL) {
        nf_term_line(term, 0, 4, "  not looked for: %s", quality->absent);
        return;
    }
    if (is_clean(quality))
        nf_term_line(term, 0, 2, "  no duplicates, no constant images, no odd extensions, colour modes or sizes");
    put_duplicates(term, &quality->duplicates);
    put_limits(term, quality);
    put_finding(term, "constant", &quality->findings[NF_FINDING_CONSTANT]);
    put_finding(term, "near-constant", &quality->findings[NF_FINDING_NEAR_CONSTANT]);
    put_finding(term, "wrong suffix", &quality->findings[NF_FINDING_WRONG_EXTENSION]);
    put_modes(term, quality);
    put_sizes(term, quality);
    put_extreme(term, "least complex", &quality->findings[NF_FINDING_LEAST_COMPLEX], unit);
    put_extreme(term, "most complex", &quality->findings[NF_FINDING_MOST_COMPLEX], unit);
}
