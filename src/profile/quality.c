#include "profile/quality.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

const char *nf_finding_name(nf_finding_kind kind)
{
    static const char *const names[NF_FINDING_KINDS] = {
        [NF_FINDING_CONSTANT] = "constant",
        [NF_FINDING_NEAR_CONSTANT] = "near_constant",
        [NF_FINDING_LEAST_COMPLEX] = "least_complex",
        [NF_FINDING_MOST_COMPLEX] = "most_complex",
        [NF_FINDING_WRONG_EXTENSION] = "wrong_extension",
        [NF_FINDING_UNUSUAL_MODE] = "unusual_mode",
        [NF_FINDING_SIZE_OUTLIER] = "size_outlier",
    };
    return names[kind];
}

bool nf_finding_is_extreme(nf_finding_kind kind)
{
    return kind == NF_FINDING_LEAST_COMPLEX || kind == NF_FINDING_MOST_COMPLEX;
}

/* ---- named images ---- */

int nf_named_image_compare(const nf_named_image *a, const nf_named_image *b)
{
    int order = strcmp(a->member, b->member);
    return order != 0 ? order : strcmp(a->source, b->source);
}

nf_status nf_named_image_copy(nf_named_image *copy, const nf_named_image *image, nf_error *error)
{
    *copy = (nf_named_image){strdup(image->source), strdup(image->member), strdup(image->split), strdup(image->class_name)};
    if (copy->source != NULL && copy->member != NULL && copy->split != NULL && copy->class_name != NULL)
        return NF_OK;
    nf_named_image_free(copy);
    return nf_fail_nomem(error, "the findings");
}

void nf_named_image_free(nf_named_image *image)
{
    free(image->source);
    free(image->member);
    free(image->split);
    free(image->class_name);
    *image = (nf_named_image){0};
}

/* ---- lists of findings ---- */

static int compare_by_name(const void *a, const void *b)
{
    const nf_finding *x = a, *y = b;
    return nf_named_image_compare(&x->image, &y->image);
}

static int compare_least(const void *a, const void *b)
{
    const nf_finding *x = a, *y = b;
    return x->number != y->number ? (x->number < y->number ? -1 : 1) : compare_by_name(a, b);
}

static int compare_most(const void *a, const void *b)
{
    const nf_finding *x = a, *y = b;
    return x->number != y->number ? (x->number > y->number ? -1 : 1) : compare_by_name(a, b);
}

typedef struct list_rule {
    size_t bound;
    int (*compare)(const void *a, const void *b);
} list_rule;

static list_rule rule_of(nf_finding_kind kind)
{
    switch (kind) {
    case NF_FINDING_LEAST_COMPLEX:
        return (list_rule){NF_EXTREMES_LISTED, compare_least};
    case NF_FINDING_MOST_COMPLEX:
        return (list_rule){NF_EXTREMES_LISTED, compare_most};
    default:
        return (list_rule){NF_FINDINGS_LISTED_MAX, compare_by_name};
    }
}

static void free_finding(nf_finding *finding)
{
    nf_named_image_free(&finding->image);
    free(finding->text);
}

static void trim(nf_finding_list *list, list_rule rule)
{
    if (list->n > 1)
        qsort(list->items, list->n, sizeof *list->items, rule.compare);
    while (list->n > rule.bound)
        free_finding(&list->items[--list->n]);
    list->trimmed = list->n == rule.bound;
}

nf_status nf_finding_add(nf_quality *quality, nf_finding_kind kind, const nf_finding *finding, nf_error *error)
{
    nf_finding_list *list = &quality->findings[kind];
    list_rule rule = rule_of(kind);
    list->images++;
    if (list->trimmed && rule.compare(finding, &list->items[rule.bound - 1]) >= 0)
        return NF_OK;
    if (list->n >= 2 * rule.bound)
        trim(list, rule);
    nf_status status = nf_array_reserve((void **)&list->items, &list->capacity, list->n + 1, sizeof *list->items,
                                        "the findings", error);
    nf_finding copy = {.number = finding->number};
    if (status == NF_OK && finding->text != NULL)
        status = nf_strdup(&copy.text, finding->text, error);
    if (status == NF_OK)
        status = nf_named_image_copy(&copy.image, &finding->image, error);
    if (status != NF_OK) {
        free(copy.text);
        return status;
    }
    list->items[list->n++] = copy;
    return NF_OK;
}

void nf_findings_trim(nf_quality *quality)
{
    for (size_t kind = 0; kind < NF_FINDING_KINDS; kind++) {
        nf_finding_list *list = &quality->findings[kind];
        trim(list, rule_of((nf_finding_kind)kind));
        list->images = nf_finding_is_extreme((nf_finding_kind)kind) ? list->n : list->images;
    }
}

/* ---- sets of duplicates ---- */

static int compare_images(const void *a, const void *b)
{
    return nf_named_image_compare(a, b);
}

static bool differ(const char *a, const char *b)
{
    return a[0] != '\0' && b[0] != '\0' && strcmp(a, b) != 0;
}

/* The first image in another split and the first in another class than the very first are kept beside the smallest names:
 * they show why the set is listed. Cutting a part of the images early leaves the same ones. */
void nf_duplicate_set_trim(nf_duplicate_set *set)
{
    size_t n = set->n_listed, kept = 0;
    bool other_split = false, other_class = false;
    if (n > 1)
        qsort(set->listed, n, sizeof *set->listed, compare_images);
    for (size_t i = 0; i < n; i++) {
        nf_named_image *image = &set->listed[i];
        bool tells_split = !other_split && differ(image->split, set->listed[0].split);
        bool tells_class = !other_class && differ(image->class_name, set->listed[0].class_name);
        other_split = other_split || tells_split;
        other_class = other_class || tells_class;
        if (i < NF_COPIES_LISTED_MAX || tells_split || tells_class)
            set->listed[kept++] = *image;
        else
            nf_named_image_free(image);
    }
    set->n_listed = kept;
}

nf_status nf_duplicate_set_add(nf_duplicate_set *set, const nf_named_image *image, nf_error *error)
{
    if (set->n_listed >= 4 * (size_t)NF_COPIES_LISTED_MAX)
        nf_duplicate_set_trim(set);
    nf_status status = nf_array_reserve((void **)&set->listed, &set->capacity, set->n_listed + 1, sizeof *set->listed,
                                        "the duplicates", error);
    if (status == NF_OK)
        status = nf_named_image_copy(&set->listed[set->n_listed], image, error);
    if (status == NF_OK)
        set->n_listed++;
    return status;
}

static void free_set(nf_duplicate_set *set)
{
    for (size_t i = 0; i < set->n_listed; i++)
        nf_named_image_free(&set->listed[i]);
    free(set->listed);
}

nf_status nf_duplicates_add(nf_duplicates *duplicates, nf_duplicate_set **added, nf_error *error)
{
    nf_status status = nf_array_reserve((void **)&duplicates->listed, &duplicates->capacity, duplicates->n_listed + 1,
                                        sizeof *duplicates->listed, "the duplicates", error);
    if (status != NF_OK)
        return status;
    *added = &duplicates->listed[duplicates->n_listed++];
    **added = (nf_duplicate_set){0};
    return NF_OK;
}

static int compare_sets(const void *a, const void *b)
{
    const nf_duplicate_set *x = a, *y = b;
    bool x_across = x->across_splits || x->across_classes, y_across = y->across_splits || y->across_classes;
    if (x_across != y_across)
        return x_across ? -1 : 1;
    return nf_named_image_compare(&x->listed[0], &y->listed[0]);
}

void nf_duplicates_trim(nf_duplicates *duplicates)
{
    if (duplicates->n_listed > 1)
        qsort(duplicates->listed, duplicates->n_listed, sizeof *duplicates->listed, compare_sets);
    while (duplicates->n_listed > NF_FINDINGS_LISTED_MAX)
        free_set(&duplicates->listed[--duplicates->n_listed]);
}

/* ---- the whole ---- */

void nf_quality_free(nf_quality *quality)
{
    for (size_t kind = 0; kind < NF_FINDING_KINDS; kind++) {
        nf_finding_list *list = &quality->findings[kind];
        for (size_t i = 0; i < list->n; i++)
            free_finding(&list->items[i]);
        free(list->items);
    }
    for (size_t i = 0; i < quality->duplicates.n_listed; i++)
        free_set(&quality->duplicates.listed[i]);
    free(quality->duplicates.listed);
    free(quality->absent);
    *quality = (nf_quality){0};
}

uint64_t nf_quality_images(const nf_quality *quality)
{
    uint64_t images = 0;
    for (size_t mode = 0; mode < NF_COLOUR_MODES; mode++)
        images += quality->modes[mode];
    return images;
}

nf_colour_mode nf_quality_usual_mode(const nf_quality *quality)
{
    size_t usual = 0;
    for (size_t mode = 1; mode < NF_COLOUR_MODES; mode++)
        if (quality->modes[mode] > quality->modes[usual])
            usual = mode;
    return (nf_colour_mode)usual;
}

nf_status nf_quality_set_absent(nf_quality *quality, const char *why, nf_error *error)
{
    char *copy = NULL;
    nf_status status = nf_strdup(&copy, why, error);
    nf_quality_free(quality);
    quality->absent = copy;
    return status;
}

/* ---- merging ---- */

static nf_status merge_findings(nf_quality *into, const nf_quality *from, nf_error *error)
{
    nf_status status = NF_OK;
    for (size_t kind = 0; kind < NF_FINDING_KINDS; kind++) {
        const nf_finding_list *list = &from->findings[kind];
        uint64_t images = into->findings[kind].images + list->images;
        for (size_t i = 0; i < list->n && status == NF_OK; i++)
            status = nf_finding_add(into, (nf_finding_kind)kind, &list->items[i], error);
        into->findings[kind].images = images;
    }
    return status;
}

static nf_status merge_duplicates(nf_duplicates *into, const nf_duplicates *from, nf_error *error)
{
    nf_status status = NF_OK;
    into->images += from->images;
    into->not_searched += from->not_searched;
    into->sets += from->sets;
    into->extra_copies += from->extra_copies;
    into->sets_across_splits += from->sets_across_splits;
    into->sets_across_classes += from->sets_across_classes;
    into->apart = true;
    for (size_t i = 0; i < from->n_listed && status == NF_OK; i++) {
        nf_duplicate_set *set = NULL;
        status = nf_duplicates_add(into, &set, error);
        if (status != NF_OK)
            break;
        set->images = from->listed[i].images;
        set->across_splits = from->listed[i].across_splits;
        set->across_classes = from->listed[i].across_classes;
        for (size_t k = 0; k < from->listed[i].n_listed && status == NF_OK; k++)
            status = nf_duplicate_set_add(set, &from->listed[i].listed[k], error);
    }
    if (status == NF_OK)
        nf_duplicates_trim(into);
    return status;
}

static void merge_sides(nf_side_stats *into, const nf_side_stats *from)
{
    bool same = into->q05 == from->q05 && into->median == from->median && into->q95 == from->q95;
    into->has_quantiles = into->has_quantiles && from->has_quantiles && same;
    into->min = from->min < into->min ? from->min : into->min;
    into->max = from->max > into->max ? from->max : into->max;
}

/* What most images are may have changed: the count follows from the modes, the list keeps what is still unusual. */
static void settle_unusual(nf_quality *quality)
{
    nf_finding_list *list = &quality->findings[NF_FINDING_UNUSUAL_MODE];
    nf_colour_mode usual = nf_quality_usual_mode(quality);
    size_t kept = 0;
    for (size_t i = 0; i < list->n; i++)
        if (strcmp(list->items[i].text, nf_colour_mode_name(usual)) != 0)
            list->items[kept++] = list->items[i];
        else
            free_finding(&list->items[i]);
    list->n = kept;
    list->images = nf_quality_images(quality) - quality->modes[usual];
}

nf_status nf_quality_merge(nf_quality *into, const nf_quality *from, nf_error *error)
{
    if (into->absent != NULL)
        return NF_OK;
    if (from->absent != NULL)
        return nf_quality_set_absent(into, from->absent, error);
    bool into_empty = nf_quality_images(into) == 0, from_empty = nf_quality_images(from) == 0;
    nf_status status = merge_findings(into, from, error);
    if (status == NF_OK)
        status = merge_duplicates(&into->duplicates, &from->duplicates, error);
    if (status != NF_OK)
        return status;
    if (into_empty) {
        into->longer = from->longer;
        into->shorter = from->shorter;
    } else if (!from_empty) {
        merge_sides(&into->longer, &from->longer);
        merge_sides(&into->shorter, &from->shorter);
    }
    for (size_t mode = 0; mode < NF_COLOUR_MODES; mode++)
        into->modes[mode] += from->modes[mode];
    into->not_looked_at += from->not_looked_at;
    settle_unusual(into);
    nf_findings_trim(into);
    return NF_OK;
}
