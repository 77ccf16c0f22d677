/* nofade: the part of the summary that tells what was found on the way (quality.h), in 80 columns. */
#include <string.h>

#include "cli/cli.h"

enum { LINE_COLUMNS = 78, LABEL_COLUMNS = 16, SETS_SHOWN = 3 };

/* The end of a name tells more than its beginning. */
static void put_name(const nf_term *term, const char *name, size_t width)
{
    bool cut = nf_term_name_width(term, name, 0) > width;
    while (cut && (nf_term_name_width(term, name, 0) > width - 3 || ((unsigned char)*name & 0xc0) == 0x80))
        name++;
    fputs(cut ? "..." : "", term->out);
    nf_term_name(term, name, width);
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

/* "(split, class)" after a name in what room is left. */
static void put_member(const nf_term *term, const nf_named_image *image, size_t width)
{
    enum { SPLIT_WIDTH = 8, CLASS_WIDTH = 16 };
    bool split = image->split[0] != '\0', class_ = image->class_name[0] != '\0';
    size_t place = nf_term_name_width(term, image->split, SPLIT_WIDTH) + nf_term_name_width(term, image->class_name, CLASS_WIDTH) + 5;
    put_name(term, image->member, width - place);
    if (!split && !class_)
        return;
    fputs(" (", term->out);
    nf_term_name(term, image->split, SPLIT_WIDTH);
    fputs(split && class_ ? ", " : "", term->out);
    nf_term_name(term, image->class_name, CLASS_WIDTH);
    fputc(')', term->out);
}

static void put_set(const nf_term *term, const nf_duplicate_set *set)
{
    static const char equals[] = "= ";
    char count[32];
    size_t room = LINE_COLUMNS - LABEL_COLUMNS;
    size_t other = 1; /* the one that shows why the set stands here */
    for (size_t i = set->n_listed; i-- > 1;)
        if (strcmp(set->listed[i].split, set->listed[0].split) != 0 ||
            strcmp(set->listed[i].class_name, set->listed[0].class_name) != 0)
            other = i;
    put_label(term, "");
    put_member(term, &set->listed[0], room);
    fputc('\n', term->out);
    put_label(term, "");
    fputs(equals, term->out);
    put_member(term, &set->listed[other], room - strlen(equals) - (set->images > 2 ? 16 : 0));
    if (set->images > 2)
        fprintf(term->out, ", %s in all", nf_term_count(count, set->images));
    fputc('\n', term->out);
}

static void put_duplicates(const nf_term *term, const nf_duplicates *duplicates)
{
    char count[32];
    if (duplicates->sets == 0)
        return;
    put_label(term, "duplicates");
    fprintf(term->out, "%s set%s", nf_term_count(count, duplicates->sets), plural(duplicates->sets));
    fprintf(term->out, ", %s extra cop%s", nf_term_count(count, duplicates->extra_copies),
            duplicates->extra_copies == 1 ? "y" : "ies");
    if (duplicates->sets_across_splits > 0)
        fprintf(term->out, "; %s across splits", nf_term_count(count, duplicates->sets_across_splits));
    if (duplicates->sets_across_classes > 0)
        fprintf(term->out, "; %s across classes", nf_term_count(count, duplicates->sets_across_classes));
    fputc('\n', term->out);
    for (size_t i = 0; i < duplicates->n_listed && i < SETS_SHOWN; i++)
        put_set(term, &duplicates->listed[i]);
}

static void put_limits(const nf_term *term, const nf_quality *quality)
{
    char count[32];
    if (quality->duplicates.apart)
        fprintf(term->out, "%*sduplicates from one profile to another are not looked for\n", LABEL_COLUMNS, "");
    if (quality->duplicates.not_searched > 0)
        fprintf(term->out, "%*s%s images were not searched for duplicates\n", LABEL_COLUMNS, "",
                nf_term_count(count, quality->duplicates.not_searched));
    if (quality->not_looked_at > 0)
        fprintf(term->out, "%*s%s images came too late to be looked at\n", LABEL_COLUMNS, "",
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
        size_t used = LABEL_COLUMNS + strlen(count) + 13 + (value != NULL ? strlen(value) + 3 : 0);
        fputs(list->images > 1 ? ", first " : ": ", term->out);
        put_name(term, list->items[0].image.member, LINE_COLUMNS > used + 8 ? LINE_COLUMNS - used : 8);
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
        bool wrap = !first && column + 2 + width > LINE_COLUMNS - 2;
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
        fprintf(term->out, "%*smost have sides of %u to %u by %u to %u px\n", LABEL_COLUMNS, "", longer->q05, longer->q95,
                shorter->q05, shorter->q95);
}

static void put_extreme(const nf_term *term, const char *label, const nf_finding_list *list, double unit)
{
    if (list->n == 0)
        return;
    put_label(term, label);
    put_name(term, list->items[0].image.member, LINE_COLUMNS - LABEL_COLUMNS - 9);
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
        fputs("  not looked for: ", term->out);
        nf_term_name(term, quality->absent, 0);
        fputc('\n', term->out);
        return;
    }
    if (is_clean(quality))
        fputs("  no duplicates, no constant images, no odd extensions, colour modes or sizes\n", term->out);
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
