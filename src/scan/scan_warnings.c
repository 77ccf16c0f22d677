/* What a reader of the figures should know. */
#include "scan/scan_settle.h"

#include <stdio.h>
#include <string.h>

#include "loaders/sniff.h"

static bool has_class(const nf_profile *profile, const char *id)
{
    for (size_t i = 0; i < profile->n_classes; i++)
        if (strcmp(profile->classes[i].id, id) == 0)
            return true;
    return false;
}

enum { CLASSES_NAMED = 5 }; /* the summary shows ten sentences */

/* The k-th class that the set should have: of the manifest, else as far as a meta file has named numbers. NULL: no more. */
static const char *known_class(const nf_settling *s, size_t k, char id[16])
{
    if (s->manifest != NULL && s->manifest->layout != NULL && s->manifest->n_classes > 0)
        return k < s->manifest->n_classes ? s->manifest->classes[k].id : NULL;
    snprintf(id, 16, "%zu", k);
    return nf_groups_class_name(s->reader->groups, id) != NULL ? id : NULL;
}

static nf_status warn_empty_classes(nf_settling *s, nf_error *error)
{
    nf_status status = NF_OK;
    size_t n_empty = 0;
    char number[16];
    const char *id;
    if (s->profile->n_classes == 0 || s->profile->labels != NF_PROFILE_ONE_CLASS || s->profile->labels_level != NULL)
        return NF_OK;
    for (size_t k = 0; (id = known_class(s, k, number)) != NULL && status == NF_OK; k++) {
        const char *name = nf_groups_class_name(s->reader->groups, id);
        if (!has_class(s->profile, id) && n_empty++ < CLASSES_NAMED)
            status = name != NULL && strcmp(name, id) != 0
                         ? nf_profile_warn(s->profile, error, "class %s (%s) has no images", id, name)
                         : nf_profile_warn(s->profile, error, "class %s has no images", id);
    }
    if (status == NF_OK && n_empty > CLASSES_NAMED)
        status = nf_profile_warn(s->profile, error, "and %zu more classes have no images", n_empty - CLASSES_NAMED);
    return status;
}

static bool is_listed(const nf_manifest *manifest, const char *id)
{
    for (size_t i = 0; i < manifest->n_classes; i++)
        if (strcmp(manifest->classes[i].id, id) == 0)
            return true;
    return false;
}

/* Classes that the set should not have: of a label map gone wrong, or of another set. */
static nf_status warn_strange_classes(nf_settling *s, nf_error *error)
{
    nf_status status = NF_OK;
    size_t n_strange = 0;
    if (s->manifest == NULL || s->manifest->layout == NULL || s->manifest->n_classes == 0)
        return NF_OK;
    for (size_t i = 0; i < s->profile->n_classes && status == NF_OK; i++) {
        const nf_profile_class *class_ = &s->profile->classes[i];
        if (!is_listed(s->manifest, class_->id) && n_strange++ < CLASSES_NAMED)
            status = nf_profile_warn(s->profile, error, "class %s is none of the %zu classes that the set has as published", class_->id,
                                     s->manifest->n_classes);
    }
    if (status == NF_OK && n_strange > CLASSES_NAMED)
        status = nf_profile_warn(s->profile, error, "and %zu more classes are none of them", n_strange - CLASSES_NAMED);
    return status;
}

static bool is_needed(const nf_layout *layout, const char *archive, const char *split)
{
    for (size_t i = 0; i < layout->n_needs; i++)
        if (strcmp(layout->needs[i].archive, archive) == 0 && strcmp(layout->needs[i].split, split) == 0)
            return true;
    return false;
}

/* Images of the chosen splits that lack what the archive's labels would tell: their class, or (only_split) their split alone. 0
 * when others of these splits have it: then the archive is there. */
static uint64_t count_needing(const nf_settling *s, const char *archive, bool *only_split)
{
    uint64_t n = 0;
    *only_split = true;
    for (size_t k = 0; k < s->fold->n_totals; k++) {
        const nf_group *group = nf_settling_group(s, k);
        const nf_group_totals *totals = &s->fold->totals[k];
        if (group->role != NF_GROUP_IMAGES || !nf_split_is_chosen(s, group->split) || totals->read == 0)
            continue;
        bool is_of_it = group->split[0] == '\0' || is_needed(s->manifest->layout, archive, group->split);
        if (is_of_it && group->split[0] != '\0' && (group->class_id != NULL || totals->labelled > 0))
            return 0;
        n += is_of_it ? totals->read : 0;
        *only_split = *only_split && (!is_of_it || group->class_id != NULL);
    }
    return n;
}

/* Labels that lie in an archive that was not given: said once for each archive. */
static nf_status warn_needs(nf_settling *s, nf_error *error)
{
    const nf_layout *layout = s->manifest != NULL ? s->manifest->layout : NULL;
    nf_status status = NF_OK;
    if (layout == NULL || s->reader->notes.n_damaged > 0 || s->reader->notes.out_of_reach || s->reader->labels != NULL)
        return NF_OK; /* that has been told, or other labels count */
    const char *said = "";
    for (size_t i = 0; i < layout->n_needs && status == NF_OK; i++) {
        if (strcmp(said, layout->needs[i].archive) == 0)
            continue;
        said = layout->needs[i].archive;
        bool only_split;
        uint64_t n = count_needing(s, said, &only_split);
        if (n > 0)
            status = nf_profile_warn(s->profile, error, "%llu image%s %s %s, which %s in %s (%s); give it beside the images",
                                     (unsigned long long)n, n == 1 ? " lacks" : "s lack", n == 1 ? "its" : "their",
                                     only_split ? "split" : "labels", only_split ? "stands" : "lie", said, s->manifest->homepage);
    }
    return status;
}

/* Images that a set with labels has none for; a set of plain pictures is not asked. */
static nf_status warn_unlabelled(nf_settling *s, nf_error *error)
{
    const nf_manifest *manifest = s->manifest;
    bool has_labels = s->profile->n_classes > 0 ||
                      (manifest != NULL && manifest->layout != NULL && manifest->labels != NF_LABELS_NONE);
    if (!has_labels || s->labelled >= s->profile->entropy.n)
        return NF_OK;
    uint64_t n = s->profile->entropy.n - s->labelled;
    return nf_profile_warn(s->profile, error, "%llu image%s no label and count%s for the set only", (unsigned long long)n,
                           n == 1 ? " has" : "s have", n == 1 ? "s" : "");
}

static nf_status warn_unused_labels(nf_settling *s, nf_error *error)
{
    const char *example;
    const nf_scan_options *options = s->reader->options;
    if (!s->profile->complete || options->include != NULL || options->exclude != NULL) /* images that were left out have labels */
        return NF_OK;
    uint64_t n = nf_label_table_unused(s->reader->apart.table, &example);
    if (n == 0)
        return NF_OK;
    return nf_profile_warn(s->profile, error, n == 1 ? "%llu label names an image that is not there: %s"
                                                     : "%llu labels name images that are not there, for example %s",
                           (unsigned long long)n, example);
}

/* What came up while reading; part of it is damage. */
static nf_status take_notes(nf_settling *s, nf_error *error)
{
    const nf_notes *notes = &s->reader->notes;
    nf_status status = NF_OK;
    for (size_t i = 0; i < notes->n && status == NF_OK; i++)
        status = nf_profile_warn(s->profile, error, "%s", notes->texts[i]);
    if (status == NF_OK && notes->left_out > 0)
        status = nf_profile_warn(s->profile, error, "and %llu more sentences of this kind", (unsigned long long)notes->left_out);
    if (notes->n_damaged == 0 || status != NF_OK)
        return status;
    s->profile->damaged = true;
    s->profile->complete = false;
    return s->profile->why_incomplete != NULL ? NF_OK
                                              : nf_strdup(&s->profile->why_incomplete, "labels cannot be read", error);
}

/* Pictures that lie beside the record files of another dataset were not looked at: one stray file may have decided that. */
static nf_status warn_pictures(nf_settling *s, nf_error *error)
{
    uint64_t pictures = 0;
    const nf_tally *tally = &s->profile->passed_over;
    for (size_t i = 0; i < tally->n; i++) {
        char name[NF_TALLY_NAME_MAX + 2];
        snprintf(name, sizeof name, "x.%s", tally->kinds[i].kind);
        pictures += nf_has_image_suffix(name) ? tally->kinds[i].count : 0;
    }
    if (pictures == 0)
        return NF_OK;
    return nf_profile_warn(s->profile, error, "%llu picture file%s passed over, as this was read as %s; --as ID reads another set that "
                           "lies there, --as imagefolder all pictures", (unsigned long long)pictures, pictures == 1 ? " was" : "s were",
                           s->profile->dataset_id != NULL ? s->profile->dataset_id : "another dataset");
}

/* Several sources, none of which has a class: mostly class folders given one by one. */
static nf_status warn_classless(nf_settling *s, nf_error *error)
{
    bool folders = s->profile->dataset_id != NULL && strcmp(s->profile->dataset_id, "imagefolder") == 0;
    if (!folders || s->profile->n_classes > 0 || s->reader->n_read < 2)
        return NF_OK;
    return nf_profile_warn(s->profile, error, "no image has a class; if each path is a class, give the folder above them");
}

enum { SPLITS_NAMED = 8 };

typedef struct joined_split {
    const char *name;
    uint64_t images;
} joined_split;

/* The splits that count, each once; returns how many, at most SPLITS_NAMED. */
static size_t counted_splits(const nf_settling *s, joined_split splits[SPLITS_NAMED])
{
    size_t n = 0;
    for (size_t k = 0; k < s->fold->n_totals; k++) {
        const nf_group *group = nf_settling_group(s, k);
        uint64_t images = s->fold->totals[k].read;
        if (group->role != NF_GROUP_IMAGES || images == 0 || !nf_split_is_chosen(s, group->split))
            continue;
        size_t i = 0;
        while (i < n && strcmp(splits[i].name, group->split) != 0)
            i++;
        if (i == n && n < SPLITS_NAMED)
            splits[n++] = (joined_split){group->split, 0};
        if (i < n)
            splits[i].images += images;
    }
    return n;
}

/* Nobody asked for a split, and the default is several: both years of VOC or COCO, which hold the same pictures in part. */
static nf_status warn_joined_splits(nf_settling *s, nf_error *error)
{
    joined_split splits[SPLITS_NAMED];
    char list[512] = "";
    size_t n = s->chosen != NULL && s->reader->options->split == NULL ? counted_splits(s, splits) : 0;
    if (n < 2)
        return NF_OK;
    for (size_t i = 0; i < n; i++) {
        size_t used = strlen(list);
        snprintf(list + used, sizeof list - used, "%s%.40s (%llu images)", i > 0 ? " and " : "", splits[i].name,
                 (unsigned long long)splits[i].images);
    }
    return nf_profile_warn(s->profile, error, "the split %s is %s together; --split takes one of them", s->chosen, list);
}

/* Which split counts was found from what there is of each: of a sample that is what was drawn. */
static nf_status warn_drawn_split(nf_settling *s, nf_error *error)
{
    if (!nf_estimate_is_partial(&s->profile->estimate) || s->reader->options->split != NULL || s->chosen != NULL ||
        s->profile->split == NULL || s->profile->split[0] == '\0')
        return NF_OK;
    return nf_profile_warn(s->profile, error, "no image of train is among those drawn, so that the split %s counts; --split names one",
                           s->profile->split);
}

nf_status nf_add_warnings(nf_settling *s, nf_error *error)
{
    nf_status status = take_notes(s, error);
    if (status == NF_OK)
        status = warn_joined_splits(s, error);
    if (status == NF_OK)
        status = warn_drawn_split(s, error);
    bool is_cut = s->fold->sampling != NULL && s->fold->sampling->is_reached; /* what is said at the end is chance then */
    if (status == NF_OK && !is_cut)
        status = warn_needs(s, error);
    if (status == NF_OK)
        status = warn_unused_labels(s, error);
    bool is_partial = nf_estimate_is_partial(&s->profile->estimate);
    if (status == NF_OK && s->reader->labels == NULL && !is_partial)
        status = warn_empty_classes(s, error);
    if (status == NF_OK && s->reader->labels == NULL)
        status = warn_strange_classes(s, error);
    if (status == NF_OK)
        status = warn_pictures(s, error);
    if (status == NF_OK)
        status = warn_classless(s, error);
    uint64_t unused = s->reader->labels != NULL ? nf_label_file_unused(s->reader->labels) : 0;
    if (status == NF_OK && unused > 0 && !is_partial)
        status = nf_profile_warn(s->profile, error, "%llu rows of %s name no image that was read (members are named as "
                                 "--images names them)", (unsigned long long)unused, s->reader->options->labels_csv);
    return status == NF_OK ? warn_unlabelled(s, error) : status;
}
