/* nofade: the labels and classes of a split against those of a manifest. */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "verify/verify_structure.h"

static nf_status check_labelled(nf_structure *s, const char *split, const nf_seen_split *seen)
{
    char n[32];
    nf_check *check;
    const nf_layout *layout = s->manifest->layout;
    if (seen->labelled == seen->images)
        return NF_OK;
    nf_status status = nf_structure_check(s, split, "labels", seen->labelled > 0 ? NF_CHECK_DIFFERS : NF_CHECK_NOT_GIVEN, &check);
    if (status != NF_OK)
        return status;
    for (size_t i = 0; layout != NULL && i < layout->n_needs; i++)
        if (strcmp(layout->needs[i].split, split) == 0)
            return nf_check_say(check, s->error, "%s images without one: labels lie in %s",
                                nf_text_count(n, seen->images - seen->labelled), layout->needs[i].archive);
    return nf_check_say(check, s->error, "%s images without one", nf_text_count(n, seen->images - seen->labelled));
}

static uint64_t images_of_class(const nf_seen_split *seen, const char *id)
{
    uint32_t number = nf_keys_find(&seen->classes, id, strlen(id) + 1);
    return number != NF_KEY_NONE ? seen->of_class[number] : 0;
}

static const char *class_name(const nf_structure *s, const char *id)
{
    const char *name = nf_groups_class_name(s->reader->groups, id);
    for (size_t i = 0; i < s->manifest->n_classes && name == NULL; i++)
        if (strcmp(s->manifest->classes[i].id, id) == 0 && s->manifest->classes[i].name[0] != '\0')
            name = s->manifest->classes[i].name;
    return name;
}

/* "n01440764 (tench): 3 of 5" */
static nf_status name_class(const nf_structure *s, nf_check *check, const char *id, const char *what)
{
    const char *name = class_name(s, id);
    if (name == NULL || strcmp(name, id) == 0)
        return nf_check_name(check, s->error, "%s: %s", id, what);
    return nf_check_name(check, s->error, "%s (%s): %s", id, name, what);
}

/* Are all classes known by name? Those of a subset are not told apart. */
static bool has_list(const nf_structure *s)
{
    return s->manifest->n_classes > 0 && s->manifest->n_subsets == 0;
}

static nf_status name_missing(const nf_structure *s, nf_check *check, const nf_seen_split *seen, nf_keys *known)
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

static nf_status name_unknown(const nf_structure *s, nf_check *check, const nf_seen_split *seen, const nf_keys *known)
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
static int64_t class_count(const nf_structure *s)
{
    for (size_t i = 0; i < s->manifest->n_subsets; i++)
        if (strcmp(s->manifest->subsets[i].name, s->subset) == 0)
            return s->manifest->subsets[i].n_classes;
    if (s->manifest->n_subsets > 0)
        return -1;
    return s->manifest->n_classes > 0 ? (int64_t)s->manifest->n_classes : s->manifest->n_classes_known;
}

static nf_status check_classes(nf_structure *s, const char *split, const nf_seen_split *seen)
{
    char there[32], all[32];
    nf_check *check;
    nf_keys known = {0};
    int64_t n = class_count(s);
    nf_check_status verdict = n < 0 ? NF_CHECK_NOT_PUBLISHED : (int64_t)seen->classes.n == n ? NF_CHECK_OK : NF_CHECK_DIFFERS;
    nf_status status = nf_structure_check(s, split, "classes", verdict, &check);
    if (status != NF_OK)
        return status;
    check->published = n;
    check->found = (int64_t)seen->classes.n;
    if (has_list(s)) {
        status = name_missing(s, check, seen, &known);
        if (status == NF_OK)
            status = name_unknown(s, check, seen, &known);
        check->status = check->n_all_names > 0 ? NF_CHECK_DIFFERS : check->status;
    }
    nf_keys_free(&known);
    if (status != NF_OK)
        return status;
    nf_text_count(there, seen->classes.n);
    if (check->status != NF_CHECK_DIFFERS)
        return nf_check_say(check, s->error, "%s", there);
    return nf_check_say(check, s->error, "%s of %s", there, nf_text_count(all, (uint64_t)n));
}

static nf_status name_count(const nf_structure *s, nf_check *check, const nf_seen_split *seen, const char *id, uint64_t wanted)
{
    char there[32], all[32], text[80];
    uint64_t n = images_of_class(seen, id);
    if (n == wanted || n == 0) /* none: the class is missing */
        return NF_OK;
    snprintf(text, sizeof text, "%s of %s", nf_text_count(there, n), nf_text_count(all, wanted));
    return name_class(s, check, id, text);
}

/* In the set's own order; where that is not known, as they were found. */
static nf_status name_counts(const nf_structure *s, nf_check *check, const nf_seen_split *seen, uint64_t wanted)
{
    nf_status status = NF_OK;
    if (has_list(s)) {
        for (size_t i = 0; i < s->manifest->n_classes && status == NF_OK; i++)
            status = name_count(s, check, seen, s->manifest->classes[i].id, wanted);
        return status;
    }
    for (uint32_t i = 0; i < seen->classes.n && status == NF_OK; i++)
        status = name_count(s, check, seen, nf_keys_get(&seen->classes, i, NULL), wanted);
    return status;
}

static nf_status check_per_class(nf_structure *s, const nf_manifest_split *published, const nf_seen_split *seen)
{
    char n[32], all[32];
    nf_check *check;
    uint64_t wanted = (uint64_t)published->images_per_class;
    if (published->images_per_class < 0)
        return NF_OK;
    nf_status status = nf_structure_check(s, published->name, "per class", NF_CHECK_OK, &check);
    if (status == NF_OK)
        status = name_counts(s, check, seen, wanted);
    if (status != NF_OK)
        return status;
    check->published = published->images_per_class;
    nf_text_count(all, wanted);
    if (check->n_all_names == 0)
        return nf_check_say(check, s->error, "%s each", all);
    check->status = NF_CHECK_DIFFERS;
    return nf_check_say(check, s->error, "not %s in %s class%s", all, nf_text_count(n, check->n_all_names),
                        check->n_all_names == 1 ? "" : "es");
}

nf_status nf_verify_classes(nf_structure *s, const nf_manifest_split *published, const nf_seen_split *seen)
{
    if (s->manifest->labels != NF_LABELS_ONE)
        return NF_OK;
    nf_status status = check_labelled(s, published->name, seen);
    if (status != NF_OK || seen->labelled == 0)
        return status;
    status = check_classes(s, published->name, seen);
    return status == NF_OK ? check_per_class(s, published, seen) : status;
}
