#include "scan/duplicates.h"

#include <stdlib.h>
#include <string.h>

#define NO_GROUP UINT32_MAX

enum { PROBES_MAX = 1024, CHOSEN_MAX = 2 * NF_FINDINGS_LISTED_MAX };

__extension__ typedef unsigned __int128 uint128;

/* All images of one hash. */
typedef struct entry {
    uint64_t hash[2];
    uint32_t images;                   /* 0: the slot is free */
    uint32_t split_group, class_group; /* the first group with a known split (class), or NO_GROUP */
    bool across_splits, across_classes;
} entry;

/* A set that will be listed, as far as it is known: by its first image. */
typedef struct chosen_set {
    entry found;
    uint64_t index; /* of the image: nf_spooled_row.index */
    nf_named_image first;
} chosen_set;

typedef struct finder {
    nf_quality_search *search;
    nf_duplicates *found;
    uint64_t n_parts, part;
    entry *slots; /* (n_slots,) open addressing */
    size_t n_slots, n_taken, taken_max;
    chosen_set *chosen; /* (CHOSEN_MAX,) */
    size_t n_chosen;
    bool bounded; /* the first NF_FINDINGS_LISTED_MAX of chosen are sorted: nothing behind them will be listed */
} finder;

/* ---- the table ---- */

static bool is_of_part(const finder *f, const nf_image_marks *marks)
{
    return marks->hash[1] % f->n_parts == f->part;
}

/* The slot of the hash, or the free one where it belongs; NULL when it is not there and there is no room near. */
static entry *find_slot(const finder *f, const uint64_t hash[2])
{
    size_t slot = (size_t)(((uint128)hash[0] * f->n_slots) >> 64);
    for (int probe = 0; probe < PROBES_MAX; probe++, slot = slot + 1 < f->n_slots ? slot + 1 : 0) {
        entry *e = &f->slots[slot];
        if (e->images == 0 || (e->hash[0] == hash[0] && e->hash[1] == hash[1]))
            return e;
    }
    return NULL;
}

/* Notes the group's split (class); true when it differs from the one noted before. */
static bool note_split(const finder *f, uint32_t *noted, uint32_t group)
{
    const char *split = nf_groups_get(f->search->groups, group)->split;
    if (split[0] == '\0')
        return false;
    if (*noted == NO_GROUP)
        *noted = group;
    return *noted != group && strcmp(split, nf_groups_get(f->search->groups, *noted)->split) != 0;
}

/* Of labelled groups: the same class, or the same several ones (their parts are sorted). */
static bool have_same_classes(const nf_groups *groups, const nf_group *a, const nf_group *b)
{
    if (a->parts == NULL || b->parts == NULL)
        return a->parts == NULL && b->parts == NULL && strcmp(a->class_id, b->class_id) == 0;
    bool same = a->parts->n == b->parts->n;
    for (uint32_t i = 1; same && i < a->parts->n; i++)
        same = strcmp(nf_groups_get(groups, a->parts->groups[i])->class_id,
                      nf_groups_get(groups, b->parts->groups[i])->class_id) == 0;
    return same;
}

static bool note_class(const finder *f, uint32_t *noted, uint32_t group)
{
    const nf_groups *groups = f->search->groups;
    const nf_group *this = nf_groups_get(groups, group);
    if (this->class_id == NULL && this->parts == NULL)
        return false;
    if (*noted == NO_GROUP)
        *noted = group;
    return *noted != group && !have_same_classes(groups, this, nf_groups_get(groups, *noted));
}

static void count_row(finder *f, const nf_spooled_row *row)
{
    entry *e = find_slot(f, row->marks.hash);
    if (e == NULL || (e->images == 0 && f->n_taken >= f->taken_max)) {
        f->found->not_searched++;
        return;
    }
    if (e->images == 0) {
        *e = (entry){.hash = {row->marks.hash[0], row->marks.hash[1]}, .split_group = NO_GROUP, .class_group = NO_GROUP};
        f->n_taken++;
    }
    e->images++; /* fits: a scan looks at 2^24 images at most */
    e->across_splits |= note_split(f, &e->split_group, row->group);
    e->across_classes |= note_class(f, &e->class_group, row->group);
}

static nf_status count_part(finder *f, nf_error *error)
{
    nf_spooled_row row;
    const char *path;
    memset(f->slots, 0, f->n_slots * sizeof *f->slots); /* fits: as allocated */
    f->n_taken = 0;
    nf_status status = nf_quality_rewind(f->search, error);
    while (status == NF_OK && (status = nf_quality_next(f->search, &row, &path, error)) == NF_OK)
        if (is_of_part(f, &row.marks))
            count_row(f, &row);
    return status == NF_EOF ? NF_OK : status;
}

/* True when there are any. */
static bool sum_part(finder *f)
{
    nf_duplicates *found = f->found;
    uint64_t before = found->sets;
    for (size_t i = 0; i < f->n_slots; i++) {
        const entry *e = &f->slots[i];
        if (e->images < 2)
            continue;
        found->sets++;
        found->extra_copies += e->images - 1;
        found->sets_across_splits += e->across_splits;
        found->sets_across_classes += e->across_classes;
    }
    return found->sets > before;
}

/* ---- which sets are listed: the first by name, those across splits or classes before all others ---- */

static bool is_across(const chosen_set *set)
{
    return set->found.across_splits || set->found.across_classes;
}

static int compare_chosen(const void *a, const void *b)
{
    const chosen_set *x = a, *y = b;
    if (is_across(x) != is_across(y))
        return is_across(x) ? -1 : 1;
    return nf_named_image_compare(&x->first, &y->first);
}

static int compare_hashes(const void *a, const void *b)
{
    return memcmp(((const chosen_set *)a)->found.hash, ((const chosen_set *)b)->found.hash, sizeof(uint64_t[2]));
}

static int compare_hashes_then_names(const void *a, const void *b)
{
    int order = compare_hashes(a, b);
    return order != 0 ? order : compare_chosen(a, b);
}

/* Of each set its first image stays, then of the sets the first ones. Images that are cut away were behind as many others,
 * of different sets, as are listed, and a set's first image only ever moves forward: nothing is lost that would be listed. */
static void trim_chosen(finder *f)
{
    size_t kept = 0;
    if (f->n_chosen > 1)
        qsort(f->chosen, f->n_chosen, sizeof *f->chosen, compare_hashes_then_names);
    for (size_t i = 0; i < f->n_chosen; i++)
        if (kept > 0 && compare_hashes(&f->chosen[kept - 1], &f->chosen[i]) == 0)
            nf_named_image_free(&f->chosen[i].first);
        else
            f->chosen[kept++] = f->chosen[i];
    if (kept > 1)
        qsort(f->chosen, kept, sizeof *f->chosen, compare_chosen);
    while (kept > NF_FINDINGS_LISTED_MAX)
        nf_named_image_free(&f->chosen[--kept].first);
    f->n_chosen = kept;
    f->bounded = kept == NF_FINDINGS_LISTED_MAX;
}

static nf_status choose_row(finder *f, const nf_spooled_row *row, const char *path, nf_error *error)
{
    const entry *e = find_slot(f, row->marks.hash);
    if (e == NULL || e->images < 2)
        return NF_OK;
    chosen_set set = {.found = *e, .index = row->index};
    nf_named_image name;
    nf_status status = nf_quality_name(f->search, row, path, &name, error);
    set.first = name;
    if (status != NF_OK || (f->bounded && compare_chosen(&set, &f->chosen[NF_FINDINGS_LISTED_MAX - 1]) >= 0))
        return status;
    if (f->n_chosen == CHOSEN_MAX)
        trim_chosen(f);
    status = nf_named_image_copy(&set.first, &name, error);
    if (status == NF_OK)
        f->chosen[f->n_chosen++] = set;
    return status;
}

static nf_status choose_of_part(finder *f, nf_error *error)
{
    nf_spooled_row row;
    const char *path;
    nf_status status = nf_quality_rewind(f->search, error);
    while (status == NF_OK && (status = nf_quality_next(f->search, &row, &path, error)) == NF_OK)
        if (is_of_part(f, &row.marks))
            status = choose_row(f, &row, path, error);
    return status == NF_EOF ? NF_OK : status;
}

/* ---- the images of the sets that are listed ---- */

/* Every set begins with its first image, so that the others are compared with that. */
static nf_status begin_sets(finder *f, nf_error *error)
{
    nf_status status = NF_OK;
    for (size_t i = 0; i < f->n_chosen && status == NF_OK; i++) {
        const entry *e = &f->chosen[i].found;
        nf_duplicate_set *set = NULL;
        status = nf_duplicates_add(f->found, &set, error);
        if (status != NF_OK)
            break;
        set->images = e->images;
        set->across_splits = e->across_splits;
        set->across_classes = e->across_classes;
        status = nf_duplicate_set_add(set, &f->chosen[i].first, error);
    }
    return status;
}

static nf_status list_row(finder *f, const nf_spooled_row *row, const char *path, nf_error *error)
{
    chosen_set wanted = {.found.hash = {row->marks.hash[0], row->marks.hash[1]}};
    const chosen_set *set = bsearch(&wanted, f->chosen, f->n_chosen, sizeof *f->chosen, compare_hashes);
    if (set == NULL || set->index == row->index)
        return NF_OK;
    nf_named_image name;
    nf_status status = nf_quality_name(f->search, row, path, &name, error);
    return status == NF_OK ? nf_duplicate_set_add(&f->found->listed[set - f->chosen], &name, error) : status;
}

static nf_status list_images(finder *f, nf_error *error)
{
    nf_spooled_row row;
    const char *path;
    qsort(f->chosen, f->n_chosen, sizeof *f->chosen, compare_hashes); /* as bsearch wants them */
    nf_status status = begin_sets(f, error);
    if (status == NF_OK)
        status = nf_quality_rewind(f->search, error);
    while (status == NF_OK && (status = nf_quality_next(f->search, &row, &path, error)) == NF_OK)
        status = list_row(f, &row, path, error);
    if (status != NF_EOF)
        return status;
    for (size_t i = 0; i < f->found->n_listed; i++)
        nf_duplicate_set_trim(&f->found->listed[i]);
    nf_duplicates_trim(f->found);
    return NF_OK;
}

/* ---- the search ---- */

static nf_status make_room(finder *f, size_t at_once, nf_error *error)
{
    uint64_t images = f->found->images;
    f->n_parts = images / at_once + 1;
    uint64_t a_part = images / f->n_parts + 1;
    f->taken_max = (size_t)(a_part + a_part / 16 + 64); /* parts are not quite equal */
    f->n_slots = f->taken_max + f->taken_max / 4;
    f->slots = calloc(f->n_slots, sizeof *f->slots);
    f->chosen = calloc(CHOSEN_MAX, sizeof *f->chosen);
    return f->slots != NULL && f->chosen != NULL ? NF_OK : nf_fail_nomem(error, "the search for duplicates");
}

static nf_status find_sets(finder *f, nf_error *error)
{
    nf_status status = NF_OK;
    for (; f->part < f->n_parts && status == NF_OK; f->part++) {
        status = count_part(f, error);
        if (status == NF_OK && sum_part(f))
            status = choose_of_part(f, error);
    }
    if (status != NF_OK)
        return status;
    trim_chosen(f);
    return f->n_chosen > 0 ? list_images(f, error) : NF_OK;
}

nf_status nf_duplicates_find(nf_quality_search *search, size_t at_once, nf_duplicates *found, nf_error *error)
{
    finder f = {.search = search, .found = found};
    nf_status status = make_room(&f, at_once, error);
    if (status == NF_OK)
        status = find_sets(&f, error);
    found->images -= found->not_searched;
    for (size_t i = 0; i < f.n_chosen; i++)
        nf_named_image_free(&f.chosen[i].first);
    free(f.chosen);
    free(f.slots);
    return status;
}
