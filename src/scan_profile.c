#include "scan_profile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "loaders/sniff.h"
#include "metrics/entropy.h"

/* The counting has ended and the reader thread has too: everything is read by one thread now. */
typedef struct settling {
    nf_reader *reader;
    nf_fold *fold;
    nf_profile *profile;
    const char *chosen; /* a split's name, or NULL: all */
} settling;

static const nf_group *group_of(const settling *s, size_t group)
{
    return nf_groups_get(s->reader->groups, (uint32_t)group);
}

static uint64_t images_of(const nf_group_totals *totals)
{
    return totals->read + totals->failed;
}

static bool has_split(const settling *s, const char *split)
{
    for (size_t i = 0; i < s->fold->n_totals; i++)
        if (images_of(&s->fold->totals[i]) > 0 && strcmp(group_of(s, i)->split, split) == 0)
            return true;
    return false;
}

/* Its images count; failures of no known split always do. */
static bool is_chosen(const settling *s, const char *split)
{
    return s->chosen == NULL || strcmp(s->chosen, split) == 0;
}

static nf_status refuse_split(const settling *s, const char *wanted, nf_error *error)
{
    char list[256] = "";
    nf_profile *names = s->profile; /* its list of splits, for want of a better set */
    for (size_t i = 0; i < s->fold->n_totals; i++)
        if (images_of(&s->fold->totals[i]) > 0 && group_of(s, i)->split[0] != '\0') {
            nf_status status = nf_profile_add_split(names, group_of(s, i)->split, 0, error);
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
static const char *name_of_all(const settling *s)
{
    const char *only = NULL;
    for (size_t i = 0; i < s->fold->n_totals; i++) {
        const char *split = group_of(s, i)->split;
        if (s->fold->totals[i].read == 0)
            continue;
        if (only != NULL && strcmp(only, split) != 0)
            return "all";
        only = split;
    }
    return only != NULL ? only : "";
}

/* A split that was not come to is no split that is not there. */
static bool ended_early(const settling *s)
{
    const nf_scan_options *options = s->reader->options;
    return s->reader->limit_reached || (options->interrupted != NULL && *options->interrupted);
}

static nf_status choose_split(settling *s, nf_error *error)
{
    const char *wanted = s->reader->options->split;
    if (wanted != NULL && strcmp(wanted, "all") == 0)
        s->chosen = NULL;
    else if (wanted != NULL && !has_split(s, wanted) && !ended_early(s))
        return refuse_split(s, wanted, error);
    else
        s->chosen = wanted != NULL ? wanted : has_split(s, "train") ? "train" : NULL;
    return nf_utf8_copy(&s->profile->split, s->chosen != NULL ? s->chosen : name_of_all(s), error);
}

static nf_status add_class(settling *s, const nf_group *group, const nf_group_totals *totals, nf_error *error)
{
    nf_profile_class *class_ = NULL;
    const char *name = nf_groups_class_name(s->reader->groups, group->class_id);
    char *id_text = NULL, *name_text = NULL; /* as UTF-8: what a profile is saved and merged by */
    nf_status status = nf_utf8_copy(&id_text, group->class_id, error);
    if (status == NF_OK && name != NULL)
        status = nf_utf8_copy(&name_text, name, error);
    if (status == NF_OK)
        status = nf_profile_class_of(s->profile, id_text, name_text, &class_, error);
    free(id_text);
    free(name_text);
    if (status != NF_OK)
        return status;
    nf_class_counts_merge(&class_->counts, totals->counts);
    if (class_->counts.entropy.n > NF_CLASS_IMAGES_MAX)
        return nf_fail(error, NF_ERR_INPUT, "class %s has more than %llu images", class_->id,
                       (unsigned long long)NF_CLASS_IMAGES_MAX);
    return NF_OK;
}

static nf_status add_group(settling *s, size_t i, nf_error *error)
{
    const nf_group *group = group_of(s, i);
    nf_group_totals *totals = &s->fold->totals[i];
    nf_profile *profile = s->profile;
    bool unknown_split = group->split[0] == '\0';
    if (is_chosen(s, group->split) || unknown_split)
        profile->images_failed += totals->failed;
    if (!is_chosen(s, group->split)) {
        uint64_t images = unknown_split ? totals->read : images_of(totals);
        return images == 0 ? NF_OK : nf_profile_add_split(profile, unknown_split ? "(none)" : group->split, images, error);
    }
    profile->images_read += totals->read;
    profile->images_warned += totals->warned;
    profile->pixels += totals->pixels;
    profile->encoded_bytes += totals->encoded_bytes;
    if (totals->read == 0)
        return NF_OK;
    nf_distribution_merge(&profile->entropy, &totals->counts->entropy);
    nf_status status = group->class_id != NULL ? add_class(s, group, totals, error) : NF_OK;
    free(totals->counts); /* thousands of classes are not held twice */
    totals->counts = NULL;
    return status;
}

static nf_status add_failures(const settling *s, const nf_failure_list *from, nf_failure_list *into, nf_error *error)
{
    nf_status status = NF_OK;
    for (size_t k = 0; k < NF_SPLIT_KEYS && status == NF_OK; k++)
        for (size_t i = 0; i < from[k].n && status == NF_OK; i++) {
            const nf_profile_failure *failure = &from[k].items[i];
            const char *split = failure->group == NF_GROUP_LATE ? "" : group_of(s, failure->group)->split;
            if (is_chosen(s, split) || split[0] == '\0' || s->profile->stopped)
                status = nf_failure_list_add(into, failure, error);
        }
    nf_failure_list_trim(into);
    return status;
}

static nf_status set_text(char **text, const char *value, nf_error *error)
{
    if (value == NULL || *text != NULL)
        return NF_OK;
    return nf_strdup(text, value, error);
}

static nf_status mark_incomplete(nf_profile *profile, const char *why, nf_error *error)
{
    profile->complete = false;
    return set_text(&profile->why_incomplete, why, error);
}

static nf_status add_source(settling *s, const nf_read_source *source, nf_error *error)
{
    nf_profile *profile = s->profile;
    const char *format = source->format != NULL ? source->format : "";
    nf_status status = nf_profile_add_source(profile, source->path, format, source->bytes, source->digest, error);
    if (status == NF_OK && source->damaged) {
        profile->damaged = true;
        profile->complete = false;
        nf_buf why = {0};
        status = nf_buf_printf(&why, error, "%s: %s", source->path, source->damage);
        if (status == NF_OK)
            status = mark_incomplete(profile, (const char *)why.data, error);
        nf_buf_free(&why);
        if (status == NF_OK && source->lost_parts > 1)
            status = nf_profile_warn(profile, error, "%s could not be read whole, in %llu places; first: %s", source->path,
                                     (unsigned long long)source->lost_parts, source->damage);
        else if (status == NF_OK)
            status = nf_profile_warn(profile, error, "%s could not be read whole: %s", source->path, source->damage);
    }
    if (status == NF_OK && source->loose_images > 0 && source->loose_images < source->images)
        status = nf_profile_warn(profile, error, "%s holds images both as files (%llu) and inside archives (%llu): is it one "
                                 "set packed and unpacked, counted twice?", source->path,
                                 (unsigned long long)source->loose_images,
                                 (unsigned long long)(source->images - source->loose_images));
    if (status == NF_OK && source->tars_without_end > 0)
        status = nf_profile_warn(profile, error, "%s: %llu tar%s without an end marker: whole, or cut at the end of a member",
                                 source->path, (unsigned long long)source->tars_without_end,
                                 source->tars_without_end == 1 ? "" : "s");
    const char *id = source->images > 0 ? source->dataset_id : NULL; /* a shard without images may look like anything */
    if (status == NF_OK && id != NULL && profile->dataset_id != NULL && strcmp(id, profile->dataset_id) != 0)
        return nf_fail(error, NF_ERR_USAGE, "the sources are of different datasets: %s is %s, the first is %s", source->path,
                       id, profile->dataset_id);
    if (status == NF_OK)
        status = set_text(&profile->dataset_id, id, error);
    if (status == NF_OK)
        status = set_text(&profile->dataset_title, source->title, error);
    return status;
}

static void list_passed_over(const nf_tally *tally, char *text, size_t size)
{
    for (size_t i = 0; i < tally->n && i < 8; i++) {
        size_t used = strlen(text);
        snprintf(text + used, size - used, "%s%s %llu", i > 0 ? ", " : "", tally->kinds[i].kind,
                 (unsigned long long)tally->kinds[i].count);
    }
}

/* Nothing was read: is that an answer or a refusal? */
static nf_status check_any_image(const settling *s, nf_error *error)
{
    const nf_reader *reader = s->reader;
    if (reader->options->interrupted != NULL && *reader->options->interrupted)
        return NF_OK;
    for (size_t i = 0; i < reader->n_read; i++)
        if (reader->sources[i].damaged && s->fold->n_images == 0)
            return nf_fail(error, NF_ERR_INPUT, "%s: damaged before its first image: %s", reader->sources[i].path,
                           reader->sources[i].damage);
    if (s->fold->n_images > 0 || reader->n_images > 0)
        return NF_OK;
    char seen[256] = "";
    list_passed_over(&reader->passed_over, seen, sizeof seen);
    return nf_fail(error, NF_ERR_INPUT, "%s: holds no image that nofade reads (passed over: %s)",
                   reader->n_read > 0 ? reader->sources[0].path : "the source", seen[0] != '\0' ? seen : "nothing");
}

static nf_status warn_empty_classes(settling *s, nf_error *error)
{
    nf_status status = NF_OK;
    for (unsigned k = 0; k < 100000 && status == NF_OK; k++) {
        char id[16];
        snprintf(id, sizeof id, "%u", k);
        const char *name = nf_groups_class_name(s->reader->groups, id);
        if (name == NULL)
            return NF_OK;
        bool found = false;
        for (size_t i = 0; i < s->profile->n_classes && !found; i++)
            found = strcmp(s->profile->classes[i].id, id) == 0;
        if (!found)
            status = nf_profile_warn(s->profile, error, "class %s (%s) has no images", id, name);
    }
    return status;
}

/* Pictures that lie beside the record files of another dataset were not looked at: one stray file may have decided that. */
static nf_status warn_pictures(settling *s, nf_error *error)
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
    return nf_profile_warn(s->profile, error, "%llu picture files were passed over, as this was read as %s; --as imagefolder "
                           "reads them instead", (unsigned long long)pictures,
                           s->profile->dataset_id != NULL ? s->profile->dataset_id : "another dataset");
}

/* Several sources, none of which has a class: mostly class folders given one by one. */
static nf_status warn_classless(settling *s, nf_error *error)
{
    bool folders = s->profile->dataset_id != NULL && strcmp(s->profile->dataset_id, "imagefolder") == 0;
    if (!folders || s->profile->n_classes > 0 || s->reader->n_read < 2)
        return NF_OK;
    return nf_profile_warn(s->profile, error, "no image has a class; if each path is a class, give the folder above them");
}

static nf_status add_warnings(settling *s, nf_error *error)
{
    nf_status status = s->reader->labels == NULL ? warn_empty_classes(s, error) : NF_OK;
    if (status == NF_OK)
        status = warn_pictures(s, error);
    if (status == NF_OK)
        status = warn_classless(s, error);
    uint64_t unused = s->reader->labels != NULL ? nf_label_file_unused(s->reader->labels) : 0;
    if (status == NF_OK && unused > 0)
        status = nf_profile_warn(s->profile, error, "%llu rows of %s name no image that was read (members are named as "
                                 "--images names them)", (unsigned long long)unused, s->reader->options->labels_csv);
    uint64_t labelled = 0;
    for (size_t i = 0; i < s->profile->n_classes; i++)
        labelled += s->profile->classes[i].counts.entropy.n;
    if (status == NF_OK && s->profile->n_classes > 0 && labelled < s->profile->entropy.n)
        status = nf_profile_warn(s->profile, error, "%llu images have no label and count for the set only",
                                 (unsigned long long)(s->profile->entropy.n - labelled));
    return status;
}

static nf_status describe(settling *s, nf_error *error)
{
    const nf_scan_options *options = s->reader->options;
    nf_profile *profile = s->profile;
    nf_status status = NF_OK;
    for (size_t i = 0; i < s->reader->n_read && status == NF_OK; i++)
        status = add_source(s, &s->reader->sources[i], error);
    if (status == NF_OK && profile->dataset_id != NULL && strcmp(profile->dataset_id, "cifar100") == 0)
        status = set_text(&profile->labels_level, options->labels_level == NF_LABELS_COARSE ? "coarse" : "fine", error);
    if (status == NF_OK && options->name != NULL) {
        free(profile->dataset_id);
        profile->dataset_id = NULL;
        status = set_text(&profile->dataset_id, options->name, error);
    }
    bool by_layout = options->task == NULL && profile->n_classes > 1;
    if (status == NF_OK)
        status = set_text(&profile->task, by_layout ? "classification" : options->task, error);
    if (status == NF_OK)
        status = set_text(&profile->jpeg_version, nf_decode_jpeg_version(), error);
    if (status == NF_OK)
        status = set_text(&profile->png_version, nf_decode_png_version(), error);
    if (status == NF_OK)
        status = set_text(&profile->webp_version, nf_decode_webp_version(), error);
    if (status == NF_OK && options->interrupted != NULL && *options->interrupted)
        status = mark_incomplete(profile, "interrupted", error);
    if (status == NF_OK && s->reader->limit_reached)
        status = mark_incomplete(profile, "stopped at --limit", error);
    if (status == NF_OK && profile->stopped)
        status = mark_incomplete(profile, "stopped at the first failed image (--on-error stop)", error);
    return status;
}

static nf_status give_row(settling *s, const nf_spooled_row *row, const char *path, nf_error *error)
{
    const nf_group *group = group_of(s, row->group);
    const nf_scan_options *options = s->reader->options;
    bool failed = row->verdict == NF_IMAGE_FAILED;
    if (!is_chosen(s, group->split) && !(failed && group->split[0] == '\0'))
        return NF_OK;
    char status_text[48], *member = NULL;
    snprintf(status_text, sizeof status_text, failed ? "failed:%s" : "%s",
             failed ? nf_failure_name(row->failure) : row->verdict == NF_IMAGE_WARNED ? "warned" : "ok");
    if (asprintf(&member, row->row >= 0 ? "%s#%lld" : "%s", path, (long long)row->row) < 0)
        return nf_fail_nomem(error, "an image's row");
    const char *name = group->class_id == NULL ? NULL : nf_groups_class_name(s->reader->groups, group->class_id);
    nf_image_row given = {
        .index = row->index,
        .source = s->fold->paths[row->source],
        .member = member,
        .split = group->split,
        .class_name = name != NULL ? name : group->class_id != NULL ? group->class_id : "",
        .w_px = row->w_px,
        .h_px = row->h_px,
        .has_entropy = !failed,
        .entropy_bits = (double)row->q / NF_Q_PER_BIT,
        .status = status_text,
    };
    nf_status status = options->on_image(options->listener, &given, error);
    free(member);
    return status;
}

static nf_status give_rows(settling *s, nf_error *error)
{
    if (s->fold->spool == NULL)
        return NF_OK;
    nf_spooled_row row;
    const char *member;
    nf_status status = nf_row_spool_rewind(s->fold->spool, error);
    while (status == NF_OK && (status = nf_row_spool_next(s->fold->spool, &row, &member, error)) == NF_OK)
        status = give_row(s, &row, member, error);
    return status == NF_EOF ? NF_OK : status;
}

nf_status nf_scan_profile(nf_reader *reader, nf_fold *fold, nf_profile **profile, nf_error *error)
{
    settling s = {.reader = reader, .fold = fold};
    nf_status status = check_any_image(&s, error);
    if (status == NF_OK)
        status = nf_profile_new(profile, error);
    if (status != NF_OK)
        return status;
    s.profile = *profile;
    s.profile->grey = reader->options->grey;
    s.profile->passed_over = reader->passed_over;
    status = nf_groups_resolve(reader->groups, error);
    if (status == NF_OK)
        status = choose_split(&s, error);
    for (size_t i = 0; i < fold->n_totals && status == NF_OK; i++)
        status = add_group(&s, i, error);
    if (status != NF_OK)
        return status;
    nf_profile_sort_classes(s.profile);
    s.profile->stopped = reader->options->stop_on_error && fold->n_failed > 0;
    status = add_failures(&s, fold->failures, &s.profile->failures, error);
    if (status == NF_OK)
        status = add_failures(&s, fold->warned, &s.profile->warned, error);
    if (status == NF_OK)
        status = describe(&s, error);
    if (status == NF_OK)
        status = add_warnings(&s, error);
    if (status == NF_OK)
        status = nf_profile_check_sources(s.profile, error);
    return status == NF_OK ? give_rows(&s, error) : status;
}
