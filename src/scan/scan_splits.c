/* Which split counts. */
#include "scan/scan_settle.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "scan/scan_source.h"

bool nf_names_split(const nf_manifest *manifest, const char *name, const char *split)
{
    if (strcmp(name, split) == 0 || (strcmp(name, "(none)") == 0 && split[0] == '\0'))
        return true;
    for (size_t i = 0; manifest != NULL && i < manifest->n_unions; i++)
        for (size_t j = 0; strcmp(manifest->unions[i].name, name) == 0 && j < manifest->unions[i].n_splits; j++)
            if (strcmp(manifest->unions[i].splits[j], split) == 0)
                return true;
    return false;
}

static bool has_split(const nf_settling *s, const char *split)
{
    for (size_t i = 0; i < s->fold->n_totals; i++)
        if (nf_images_of(&s->fold->totals[i]) > 0 && nf_names_split(s->manifest, split, nf_settling_group(s, i)->split))
            return true;
    return false;
}

bool nf_split_is_chosen(const nf_settling *s, const char *split)
{
    return s->chosen == NULL || nf_names_split(s->manifest, s->chosen, split);
}

static nf_status refuse_split(const nf_settling *s, const char *wanted, nf_error *error)
{
    char list[256] = "";
    const nf_drawn *drawn = &s->reader->drawn;
    if (s->fold->sampling != NULL && (drawn->n_planned < drawn->n_units || nf_fold_is_enough(s->fold)))
        return nf_fail(error, NF_ERR_INPUT, "no image of the split \"%s\" is among the %llu of %llu members that were drawn", wanted,
                       (unsigned long long)drawn->n_planned, (unsigned long long)drawn->n_units);
    nf_profile *names = s->profile; /* its list of splits, for want of a better set */
    for (size_t i = 0; i < s->fold->n_totals; i++)
        if (nf_images_of(&s->fold->totals[i]) > 0 && nf_settling_group(s, i)->split[0] != '\0') {
            nf_status status = nf_profile_add_split(names, nf_settling_group(s, i)->split, 0, error);
            if (status != NF_OK)
                return status;
        }
    for (size_t i = 0; i < names->n_other_splits; i++) {
        size_t used = strlen(list);
        snprintf(list + used, sizeof list - used, "%s%s", i > 0 ? ", " : "", names->other_splits[i].name);
    }
    return nf_fail(error, NF_ERR_USAGE, "there is no split \"%s\"; this set has %s", wanted,
                   list[0] != '\0' ? list : "no splits");
}

/* The split's name for the profile when everything counts: the only one there is, "all" of several, "" without splits. */
static const char *name_of_all(const nf_settling *s)
{
    const char *only = NULL;
    for (size_t i = 0; i < s->fold->n_totals; i++) {
        const char *split = nf_settling_group(s, i)->split;
        if (s->fold->totals[i].read == 0)
            continue;
        if (only != NULL && strcmp(only, split) != 0)
            return "all";
        only = split;
    }
    return only != NULL ? only : "";
}

/* A split that was not come to is no split that is not there. */
static bool ended_early(const nf_settling *s)
{
    const nf_scan_options *options = s->reader->options;
    return s->reader->limit_reached || (options->interrupted != NULL && *options->interrupted);
}

/* The manifest's, else train, where there are such images; else all count. */
static const char *default_split(const nf_settling *s)
{
    if (s->manifest != NULL && s->manifest->default_split[0] != '\0' && has_split(s, s->manifest->default_split))
        return s->manifest->default_split;
    return has_split(s, "train") ? "train" : NULL;
}

nf_status nf_choose_split(nf_settling *s, nf_error *error)
{
    const char *wanted = s->reader->options->split;
    if (wanted != NULL && strcmp(wanted, "all") == 0)
        s->chosen = NULL;
    else if (wanted != NULL && !has_split(s, wanted) && !ended_early(s))
        return refuse_split(s, wanted, error);
    else
        s->chosen = wanted != NULL ? wanted : default_split(s);
    return nf_utf8_copy(&s->profile->split, s->chosen != NULL ? s->chosen : name_of_all(s), error);
}
