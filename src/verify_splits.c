/* nofade: what a scan found against the splits and classes of a manifest. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/keys.h"
#include "verify_parts.h"

/* A split as it was found. */
typedef struct seen_split {
    uint64_t images;   /* whose bytes are there, whether they decode or not */
    uint64_t unusable; /* that are known of, but whose bytes cannot be had */
    uint64_t labelled;
    nf_keys classes;
    uint64_t *of_class; /* (classes.n,) images */
    size_t of_class_capacity;
} seen_split;

typedef struct structure {
    nf_reader *reader;
    const nf_fold *fold;
    const nf_manifest *manifest;
    const char *subset; /* "": none was chosen */
    nf_keys names;      /* of the splits, with their NUL */
    seen_split *splits; /* (names.n,) */
    size_t splits_capacity;
    nf_checks *parts;
    nf_error *error;
} structure;

static nf_status add_check(structure *s, const char *subject, const char *kind, nf_check_status verdict, nf_check **check)
{
    return nf_checks_add(s->parts, subject, kind, verdict, check, s->error);
}

/* ---- what is there, by split and class ---- */

static nf_status number_of(nf_keys *keys, const char *text, uint32_t *number, nf_error *error)
{
    *number = nf_keys_find(keys, text, strlen(text) + 1);
    if (*number != NF_KEY_NONE)
        return NF_OK;
    *number = (uint32_t)keys->n;
    return nf_keys_add(keys, text, strlen(text) + 1, error);
}

static nf_status split_of(structure *s, const char *name, seen_split **split)
{
    uint32_t number;
    size_t n = s->names.n;
    nf_status status = nf_array_reserve((void **)&s->splits, &s->splits_capacity, n + 1, sizeof *s->splits, "the splits", s->error);
    if (status == NF_OK)
        status = number_of(&s->names, name, &number, s->error);
    if (status != NF_OK)
        return status;
    if (s->names.n > n)
        s->splits[number] = (seen_split){0};
    *split = &s->splits[number];
    return NF_OK;
}

static nf_status add_class(structure *s, seen_split *split, const char *class_id, uint64_t images)
{
    uint32_t number;
    size_t n = split->classes.n;
    nf_status status = nf_array_reserve((void **)&split->of_class, &split->of_class_capacity, n + 1, sizeof *split->of_class,
                                        "the classes", s->error);
    if (status == NF_OK)
        status = number_of(&split->classes, class_id, &number, s->error);
    if (status != NF_OK)
        return status;
    if (split->classes.n > n)
        split->of_class[number] = 0;
    split->of_class[number] += images;
    return NF_OK;
}

static nf_status add_group(structure *s, const nf_group *group, const nf_group_totals *totals)
{
    seen_split *split;
    if (group->role != NF_GROUP_IMAGES || totals->read + totals->failed == 0)
        return NF_OK;
    nf_status status = split_of(s, group->split, &split);
    if (status != NF_OK)
        return status;
    uint64_t images = totals->read + totals->undecodable;
    split->images += images;
    split->unusable += totals->failed - totals->undecodable;
    split->labelled += group->class_id != NULL ? images : totals->labelled;
    return group->class_id != NULL && images > 0 ? add_class(s, split, group->class_id, images) : NF_OK;
}

static nf_status look(structure *s)
{
    nf_status status = nf_groups_resolve(s->reader->groups, s->error);
    for (size_t i = 0; i < s->fold->n_totals && status == NF_OK; i++)
        status = add_group(s, nf_groups_get(s->reader->groups, (uint32_t)i), &s->fold->totals[i]);
    return status;
}

static void clear(structure *s)
{
    for (size_t i = 0; i < s->names.n && s->splits != NULL; i++) {
        nf_keys_free(&s->splits[i].classes);
        free(s->splits[i].of_class);
    }
    free(s->splits);
    nf_keys_free(&s->names);
}

static const seen_split *find_split(const structure *s, const char *name)
{
    uint32_t number = nf_keys_find(&s->names, name, strlen(name) + 1);
    return number != NF_KEY_NONE ? &s->splits[number] : NULL;
}

static bool is_of_subset(const structure *s, const nf_manifest_split *split)
{
    return split->subset[0] == '\0' || strcmp(split->subset, s->subset) == 0;
}

/* ---- label files ---- */

static nf_status check_notes(structure *s)
{
    const nf_notes *notes = &s->reader->notes;
    nf_check *check;
    if (notes->n_damaged == 0)
        return NF_OK;
    nf_status status = add_check(s, "", "labels", NF_CHECK_DIFFERS, &check);
    for (size_t i = 0; i < notes->n && status == NF_OK; i++)
        status = nf_check_name(check, s->error, "%s", notes->texts[i]);
    return status;
}

/* ---- images of a split ---- */

static nf_status say_images(structure *s, nf_check *check, const nf_manifest_split *published, const seen_split *seen)
{
    char there[32], all[32], rest[32], unusable[32];
    uint64_t n = seen->images, m = published->images < 0 ? 0 : (uint64_t)published->images;
    nf_counted(there, n);
    nf_counted(unusable, seen->unusable);
    if (published->images < 0 || n == m)
        return nf_check_say(check, s->error, "%s", there);
    nf_counted(all, m);
    nf_counted(rest, n < m ? m - n : n - m);
    if (seen->unusable > 0)
        return nf_check_say(check, s->error, "%s of %s; %s cannot be read", there, all, unusable);
    return nf_check_say(check, s->error, "%s of %s: %s %s", there, all, rest, n < m ? "missing" : "too many");
}

static nf_status check_images(structure *s, const nf_manifest_split *published, const seen_split *seen)
{
    nf_check *check;
    nf_check_status verdict = seen == NULL || seen->images + seen->unusable == 0      ? NF_CHECK_NOT_GIVEN
                              : published->images < 0                        ? NF_CHECK_NOT_PUBLISHED
                              : seen->images == (uint64_t)published->images ? NF_CHECK_OK
                                                                             : NF_CHECK_DIFFERS;
    nf_status status = add_check(s, published->name, "images", verdict, &check);
    if (status != NF_OK)
        return status;
    check->published = published->images;
    if (verdict == NF_CHECK_NOT_GIVEN)
        return NF_OK;
    check->found = (int64_t)seen->images;
    return say_images(s, check, published, seen);
}

static nf_status say_listed(structure *s, nf_check *check, uint64_t n_named, uint64_t n_missing)
{
    char there[32], all[32];
    nf_counted(all, n_named);
    check->n_all_names = n_missing;
    check->published = (int64_t)n_named;
    check->found = (int64_t)(n_named - n_missing);
    if (n_missing == 0)
        return nf_check_say(check, s->error, "all %s that the labels name", all);
    return nf_check_say(check, s->error, "%s of %s that the labels name", nf_counted(there, n_named - n_missing), all);
}

/* Images that label files name, of a split or ("") of none. */
static nf_status check_listed(structure *s, const char *split)
{
    nf_check *check;
    uint64_t n_named;
    const char **keys = calloc(NF_CHECK_NAMES_MAX, sizeof *keys);
    if (keys == NULL)
        return nf_fail_nomem(s->error, "the checks");
    uint64_t n = nf_label_table_unasked(s->reader->apart.table, split, keys, NF_CHECK_NAMES_MAX, &n_named);
    nf_status status = NF_OK;
    if (n_named > n) { /* else these labels are of images that were not given */
        status = add_check(s, split, "listed", n > 0 ? NF_CHECK_DIFFERS : NF_CHECK_OK, &check);
        for (size_t i = 0; i < n && i < NF_CHECK_NAMES_MAX && status == NF_OK; i++)
            status = nf_check_name(check, s->error, "%s: missing", keys[i]);
        if (status == NF_OK)
            status = say_listed(s, check, n_named, n);
    }
    free(keys);
    return status;
}

/* ---- labels and classes of a split ---- */

static nf_status check_labelled(structure *s, const char *split, const seen_split *seen)
{
    char n[32];
    nf_check *check;
    const nf_layout *layout = s->manifest->layout;
    if (seen->labelled == seen->images)
        return NF_OK;
    nf_status status = add_check(s, split, "labels", seen->labelled > 0 ? NF_CHECK_DIFFERS : NF_CHECK_NOT_GIVEN, &check);
    if (status != NF_OK)
        return status;
    for (size_t i = 0; layout != NULL && i < layout->n_needs; i++)
        if (strcmp(layout->needs[i].split, split) == 0)
            return nf_check_say(check, s->error, "%s images without one: labels lie in %s",
                                nf_counted(n, seen->images - seen->labelled), layout->needs[i].archive);
    return nf_check_say(check, s->error, "%s images without one", nf_counted(n, seen->images - seen->labelled));
}

static uint64_t images_of_class(const seen_split *seen, const char *id)
{
    uint32_t number = nf_keys_find(&seen->classes, id, strlen(id) + 1);
    return number != NF_KEY_NONE ? seen->of_class[number] : 0;
}

static const char *class_name(const structure *s, const char *id)
{
    const char *name = nf_groups_class_name(s->reader->groups, id);
    for (size_t i = 0; i < s->manifest->n_classes && name == NULL; i++)
        if (strcmp(s->manifest->classes[i].id, id) == 0 && s->manifest->classes[i].name[0] != '\0')
            name = s->manifest->classes[i].name;
    return name;
}

/* "n01440764 (tench): 3 of 5" */
static nf_status name_class(const structure *s, nf_check *check, const char *id, const char *what)
{
    const char *name = class_name(s, id);
    if (name == NULL || strcmp(name, id) == 0)
        return nf_check_name(check, s->error, "%s: %s", id, what);
    return nf_check_name(check, s->error, "%s (%s): %s", id, name, what);
}

static nf_status name_missing(const structure *s, nf_check *check, const seen_split *seen, nf_keys *known)
{
    nf_status status = NF_OK;
    for (size_t i = 0; i < s->manifest->n_classes && status == NF_OK; i++) {
        const char *id = s->manifest->classes[i].id;
        if (images_of_class(seen, id) == 0)
            status = name_class(s, check, id, "missing");
        if (status == NF_OK && nf_keys_find(known, id, strlen(id) + 1) == NF_KEY_NONE)
            status = nf_keys_add(known, id, strlen(id) + 1, s->error);
    }
    return status;
}

static nf_status name_unknown(const structure *s, nf_check *check, const seen_split *seen, const nf_keys *known)
{
    nf_status status = NF_OK;
    for (uint32_t i = 0; i < seen->classes.n && status == NF_OK; i++) {
        size_t length;
        const char *id = nf_keys_get(&seen->classes, i, &length);
        if (nf_keys_find(known, id, length) == NF_KEY_NONE)
            status = name_class(s, check, id, "no class of the set");
    }
    return status;
}

/* How many classes there should be; -1: not known. */
static int64_t class_count(const structure *s)
{
    for (size_t i = 0; i < s->manifest->n_subsets; i++)
        if (strcmp(s->manifest->subsets[i].name, s->subset) == 0)
            return s->manifest->subsets[i].n_classes;
    if (s->manifest->n_subsets > 0)
        return -1;
    return s->manifest->n_classes > 0 ? (int64_t)s->manifest->n_classes : s->manifest->n_classes_known;
}

static nf_status check_classes(structure *s, const char *split, const seen_split *seen)
{
    char there[32], all[32];
    nf_check *check;
    nf_keys known = {0};
    int64_t n = class_count(s);
    nf_check_status verdict = n < 0 ? NF_CHECK_NOT_PUBLISHED : (int64_t)seen->classes.n == n ? NF_CHECK_OK : NF_CHECK_DIFFERS;
    nf_status status = add_check(s, split, "classes", verdict, &check);
    if (status != NF_OK)
        return status;
    check->published = n;
    check->found = (int64_t)seen->classes.n;
    if (s->manifest->n_classes > 0 && s->manifest->n_subsets == 0) {
        status = name_missing(s, check, seen, &known);
        if (status == NF_OK)
            status = name_unknown(s, check, seen, &known);
        check->status = check->n_all_names > 0 ? NF_CHECK_DIFFERS : check->status;
    }
    nf_keys_free(&known);
    if (status != NF_OK)
        return status;
    nf_counted(there, seen->classes.n);
    if (check->status != NF_CHECK_DIFFERS)
        return nf_check_say(check, s->error, "%s", there);
    return nf_check_say(check, s->error, "%s of %s", there, nf_counted(all, (uint64_t)n));
}

static nf_status check_per_class(structure *s, const nf_manifest_split *published, const seen_split *seen)
{
    char there[32], all[32], text[80];
    nf_check *check;
    uint64_t wanted = (uint64_t)published->images_per_class;
    if (published->images_per_class < 0)
        return NF_OK;
    nf_status status = add_check(s, published->name, "per class", NF_CHECK_OK, &check);
    for (uint32_t i = 0; i < seen->classes.n && status == NF_OK; i++) {
        if (seen->of_class[i] == wanted)
            continue;
        snprintf(text, sizeof text, "%s of %s", nf_counted(there, seen->of_class[i]), nf_counted(all, wanted));
        status = name_class(s, check, nf_keys_get(&seen->classes, i, NULL), text);
    }
    if (status != NF_OK)
        return status;
    check->published = published->images_per_class;
    check->status = check->n_all_names > 0 ? NF_CHECK_DIFFERS : NF_CHECK_OK;
    if (check->n_all_names == 0)
        return nf_check_say(check, s->error, "%s each", nf_counted(all, wanted));
    return nf_check_say(check, s->error, "not %s in %s classes", nf_counted(all, wanted), nf_counted(there, check->n_all_names));
}

static nf_status check_split(structure *s, const nf_manifest_split *published)
{
    const seen_split *seen = find_split(s, published->name);
    nf_status status = check_images(s, published, seen);
    if (status == NF_OK && published->name[0] != '\0' && seen != NULL)
        status = check_listed(s, published->name);
    if (status != NF_OK || seen == NULL || s->manifest->labels != NF_LABELS_ONE)
        return status;
    status = check_labelled(s, published->name, seen);
    if (status != NF_OK || seen->labelled == 0)
        return status;
    status = check_classes(s, published->name, seen);
    return status == NF_OK ? check_per_class(s, published, seen) : status;
}

/* ---- all splits ---- */

static bool is_published(const structure *s, const char *name)
{
    for (size_t i = 0; i < s->manifest->n_splits; i++)
        if (is_of_subset(s, &s->manifest->splits[i]) && strcmp(s->manifest->splits[i].name, name) == 0)
            return true;
    return false;
}

static nf_status check_other_splits(structure *s)
{
    nf_status status = NF_OK;
    for (uint32_t i = 0; i < s->names.n && status == NF_OK; i++) {
        char n[32];
        nf_check *check;
        const char *name = nf_keys_get(&s->names, i, NULL);
        if (is_published(s, name) || s->splits[i].images == 0)
            continue;
        status = add_check(s, name, "images", NF_CHECK_NOT_PUBLISHED, &check);
        if (status != NF_OK)
            break;
        check->found = (int64_t)s->splits[i].images;
        status = nf_check_say(check, s->error, name[0] != '\0' ? "%s in a split that is not described" : "%s in no split",
                              nf_counted(n, s->splits[i].images));
    }
    return status;
}

static nf_status check_splits(structure *s)
{
    nf_status status = NF_OK;
    for (size_t i = 0; i < s->manifest->n_splits && status == NF_OK; i++)
        if (is_of_subset(s, &s->manifest->splits[i]))
            status = check_split(s, &s->manifest->splits[i]);
    if (status == NF_OK)
        status = check_listed(s, "");
    return status == NF_OK ? check_other_splits(s) : status;
}

/* ---- images ---- */

static nf_status name_failures(structure *s, nf_check *check)
{
    nf_failure_list all = {0};
    nf_status status = NF_OK;
    for (size_t k = 0; k < NF_SPLIT_KEYS; k++)
        for (size_t i = 0; i < s->fold->failures[k].n && status == NF_OK; i++)
            status = nf_failure_list_add(&all, &s->fold->failures[k].items[i], s->error);
    nf_failure_list_trim(&all);
    for (size_t i = 0; i < all.n && status == NF_OK; i++)
        status = nf_check_name(check, s->error, "%s: %s: %s", all.items[i].member, all.items[i].code, all.items[i].reason);
    nf_failure_list_free(&all);
    return status;
}

static nf_status check_failures(structure *s)
{
    char there[32], failed[32];
    nf_check *check;
    const nf_fold *fold = s->fold;
    const char *kind = fold->depth == NF_SCAN_DECODES ? "decoded" : "readable";
    nf_status status = add_check(s, "", kind, fold->n_failed > 0 ? NF_CHECK_DIFFERS : NF_CHECK_OK, &check);
    if (status != NF_OK)
        return status;
    check->found = (int64_t)fold->n_read;
    nf_counted(there, fold->n_read);
    nf_counted(failed, fold->n_failed);
    status = fold->n_failed > 0 ? nf_check_say(check, s->error, "%s images; %s failed", there, failed)
                                : nf_check_say(check, s->error, "%s images", there);
    if (status == NF_OK && fold->n_failed > 0) {
        status = name_failures(s, check);
        check->n_all_names = fold->n_failed;
    }
    return status;
}

nf_status nf_verify_structure(nf_reader *reader, const nf_fold *fold, const nf_manifest *manifest, nf_checks *parts,
                              nf_error *error)
{
    const char *subset = reader->options->subset;
    structure s = {.reader = reader, .fold = fold, .manifest = manifest, .parts = parts, .error = error};
    s.subset = subset != NULL ? subset : manifest->layout != NULL ? manifest->layout->subset : "";
    nf_status status = look(&s);
    if (status == NF_OK)
        status = check_splits(&s);
    if (status == NF_OK)
        status = check_notes(&s);
    if (status == NF_OK)
        status = check_failures(&s);
    clear(&s);
    return status;
}
