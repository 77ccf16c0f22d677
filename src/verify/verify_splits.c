/* nofade: what a scan found against the splits and classes of a manifest. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "verify/verify_structure.h"

/* ---- what is there, by split and class ---- */

static nf_status number_of(nf_keys *keys, const char *text, uint32_t *number, nf_error *error)
{
    *number = nf_keys_find(keys, text, strlen(text) + 1);
    if (*number != NF_KEY_NONE)
        return NF_OK;
    *number = (uint32_t)keys->n;
    return nf_keys_add(keys, text, strlen(text) + 1, error);
}

static nf_status split_of(nf_structure *s, const char *name, nf_seen_split **split)
{
    uint32_t number;
    size_t n = s->names.n;
    nf_status status = nf_array_reserve((void **)&s->splits, &s->splits_capacity, n + 1, sizeof *s->splits, "the splits", s->error);
    if (status == NF_OK)
        status = number_of(&s->names, name, &number, s->error);
    if (status != NF_OK)
        return status;
    if (s->names.n > n)
        s->splits[number] = (nf_seen_split){0};
    *split = &s->splits[number];
    return NF_OK;
}

static nf_status add_class(nf_structure *s, nf_seen_split *split, const char *class_id, uint64_t images)
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

static nf_status add_group(nf_structure *s, const nf_group *group, const nf_group_totals *totals)
{
    nf_seen_split *split;
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

static nf_status look(nf_structure *s)
{
    nf_status status = nf_groups_resolve(s->reader->groups, s->error);
    for (size_t i = 0; i < s->fold->n_totals && status == NF_OK; i++)
        status = add_group(s, nf_groups_get(s->reader->groups, (uint32_t)i), &s->fold->totals[i]);
    return status;
}

static void clear(nf_structure *s)
{
    for (size_t i = 0; i < s->names.n && s->splits != NULL; i++) {
        nf_keys_free(&s->splits[i].classes);
        free(s->splits[i].of_class);
    }
    free(s->splits);
    nf_keys_free(&s->names);
}

static const nf_seen_split *find_split(const nf_structure *s, const char *name)
{
    uint32_t number = nf_keys_find(&s->names, name, strlen(name) + 1);
    return number != NF_KEY_NONE ? &s->splits[number] : NULL;
}

static bool is_of_subset(const nf_structure *s, const nf_manifest_split *split)
{
    return split->subset[0] == '\0' || strcmp(split->subset, s->subset) == 0;
}

/* ---- label files ---- */

static nf_status check_notes(nf_structure *s)
{
    const nf_notes *notes = &s->reader->notes;
    nf_check *check;
    if (notes->n_damaged == 0)
        return NF_OK;
    nf_status status = nf_structure_check(s, "", "labels", NF_CHECK_DIFFERS, &check);
    for (size_t i = 0; i < notes->n && status == NF_OK; i++)
        status = nf_check_name(check, s->error, "%s", notes->texts[i]);
    return status;
}

/* ---- images of a split ---- */

static nf_status say_images(nf_structure *s, nf_check *check, const nf_manifest_split *published, const nf_seen_split *seen)
{
    char there[32], all[32], rest[32], unusable[32];
    uint64_t n = seen->images, m = published->images < 0 ? 0 : (uint64_t)published->images;
    nf_text_count(there, n);
    nf_text_count(unusable, seen->unusable);
    if (published->images < 0 || n == m)
        return nf_check_say(check, s->error, "%s", there);
    nf_text_count(all, m);
    nf_text_count(rest, n < m ? m - n : n - m);
    if (seen->unusable > 0)
        return nf_check_say(check, s->error, "%s of %s; %s cannot be read", there, all, unusable);
    return nf_check_say(check, s->error, "%s of %s: %s %s", there, all, rest, n < m ? "missing" : "too many");
}

static nf_status check_images(nf_structure *s, const nf_manifest_split *published, const nf_seen_split *seen)
{
    nf_check *check;
    nf_check_status verdict = seen == NULL || seen->images + seen->unusable == 0      ? NF_CHECK_NOT_GIVEN
                              : published->images < 0                        ? NF_CHECK_NOT_PUBLISHED
                              : seen->images == (uint64_t)published->images ? NF_CHECK_OK
                                                                             : NF_CHECK_DIFFERS;
    nf_status status = nf_structure_check(s, published->name, "images", verdict, &check);
    if (status != NF_OK)
        return status;
    check->published = published->images;
    if (verdict == NF_CHECK_NOT_GIVEN)
        return NF_OK;
    check->found = (int64_t)seen->images;
    return say_images(s, check, published, seen);
}

static nf_status say_listed(nf_structure *s, nf_check *check, uint64_t n_named, uint64_t n_missing)
{
    char there[32], all[32];
    nf_text_count(all, n_named);
    check->n_all_names = n_missing;
    check->published = (int64_t)n_named;
    check->found = (int64_t)(n_named - n_missing);
    if (n_missing == 0)
        return nf_check_say(check, s->error, "all %s that the labels name", all);
    return nf_check_say(check, s->error, "%s of %s that the labels name", nf_text_count(there, n_named - n_missing), all);
}

/* Images that label files name, of a split or ("") of none. */
static nf_status check_listed(nf_structure *s, const char *split)
{
    nf_check *check;
    uint64_t n_named;
    const char **keys = calloc(NF_CHECK_NAMES_MAX, sizeof *keys);
    if (keys == NULL)
        return nf_fail_nomem(s->error, "the checks");
    uint64_t n = nf_label_table_unasked(s->reader->apart.table, split, keys, NF_CHECK_NAMES_MAX, &n_named);
    nf_status status = NF_OK;
    if (n_named > n) { /* else these labels are of images that were not given */
        status = nf_structure_check(s, split, "listed", n > 0 ? NF_CHECK_DIFFERS : NF_CHECK_OK, &check);
        for (size_t i = 0; i < n && i < NF_CHECK_NAMES_MAX && status == NF_OK; i++)
            status = nf_check_name(check, s->error, "%s: missing", keys[i]);
        if (status == NF_OK)
            status = say_listed(s, check, n_named, n);
    }
    free(keys);
    return status;
}

static nf_status check_split(nf_structure *s, const nf_manifest_split *published)
{
    const nf_seen_split *seen = find_split(s, published->name);
    nf_status status = check_images(s, published, seen);
    if (status == NF_OK && published->name[0] != '\0' && seen != NULL)
        status = check_listed(s, published->name);
    return status == NF_OK && seen != NULL ? nf_verify_classes(s, published, seen) : status;
}

/* ---- all splits ---- */

static bool is_published(const nf_structure *s, const char *name)
{
    for (size_t i = 0; i < s->manifest->n_splits; i++)
        if (is_of_subset(s, &s->manifest->splits[i]) && strcmp(s->manifest->splits[i].name, name) == 0)
            return true;
    return false;
}

static nf_status check_other_splits(nf_structure *s)
{
    nf_status status = NF_OK;
    for (uint32_t i = 0; i < s->names.n && status == NF_OK; i++) {
        char n[32];
        nf_check *check;
        const char *name = nf_keys_get(&s->names, i, NULL);
        if (is_published(s, name) || s->splits[i].images == 0)
            continue;
        status = nf_structure_check(s, name, "images", NF_CHECK_NOT_PUBLISHED, &check);
        if (status != NF_OK)
            break;
        check->found = (int64_t)s->splits[i].images;
        status = nf_check_say(check, s->error, name[0] != '\0' ? "%s in a split that is not described" : "%s in no split",
                              nf_text_count(n, s->splits[i].images));
    }
    return status;
}

static nf_status check_splits(nf_structure *s)
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

static nf_status name_failures(nf_structure *s, nf_check *check)
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

static nf_status check_failures(nf_structure *s)
{
    char there[32], failed[32];
    nf_check *check;
    const nf_fold *fold = s->fold;
    const char *kind = fold->depth == NF_SCAN_DECODES ? "decoded" : "readable";
    nf_status status = nf_structure_check(s, "", kind, fold->n_failed > 0 ? NF_CHECK_DIFFERS : NF_CHECK_OK, &check);
    if (status != NF_OK)
        return status;
    check->found = (int64_t)fold->n_read;
    nf_text_count(there, fold->n_read);
    nf_text_count(failed, fold->n_failed);
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
    nf_structure s = {.reader = reader, .fold = fold, .manifest = manifest, .parts = parts, .error = error};
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
