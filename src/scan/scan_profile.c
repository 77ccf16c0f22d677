#include "scan/scan_profile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "metrics/entropy.h"
#include "scan/quality_find.h"
#include "scan/scan_run.h"
#include "scan/scan_settle.h"

/* The first group of a class hands its counts over for the class's empty ones: thousands of classes are not held twice. */
static void hand_over(nf_group_totals *totals, nf_profile_class *class_)
{
    nf_class_counts *from = totals->counts;
    if (class_->counts->entropy.n > 0) {
        nf_class_counts_merge(class_->counts, from);
        return;
    }
    totals->counts = class_->counts;
    class_->counts = from;
}

static nf_status add_class(nf_settling *s, const nf_group *group, nf_group_totals *totals, nf_error *error)
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
    hand_over(totals, class_);
    if (class_->counts->entropy.n > NF_CLASS_IMAGES_MAX)
        return nf_fail(error, NF_ERR_INPUT, "class %s has more than %llu images", class_->id,
                       (unsigned long long)NF_CLASS_IMAGES_MAX);
    return NF_OK;
}

/* Of a class that shares its images with others. */
static nf_status add_shared_class(nf_settling *s, const nf_group *group, nf_group_totals *totals, nf_error *error)
{
    if (totals->counts == NULL)
        return NF_OK;
    s->profile->labels = group->role == NF_GROUP_PIXELS ? NF_PROFILE_PIXEL_CLASSES : NF_PROFILE_SEVERAL_CLASSES;
    nf_status status = nf_split_is_chosen(s, group->split) ? add_class(s, group, totals, error) : NF_OK;
    free(totals->counts);
    totals->counts = NULL;
    return status;
}

static nf_status add_group(nf_settling *s, size_t i, nf_error *error)
{
    const nf_group *group = nf_settling_group(s, i);
    nf_group_totals *totals = &s->fold->totals[i];
    nf_profile *profile = s->profile;
    bool unknown_split = group->split[0] == '\0';
    if (group->role != NF_GROUP_IMAGES)
        return add_shared_class(s, group, totals, error);
    if (nf_split_is_chosen(s, group->split) || unknown_split)
        profile->images_failed += totals->failed;
    if (!nf_split_is_chosen(s, group->split)) {
        uint64_t images = unknown_split ? totals->read : nf_images_of(totals);
        return images == 0 ? NF_OK : nf_profile_add_split(profile, unknown_split ? "(none)" : group->split, images, error);
    }
    profile->images_read += totals->read;
    s->labelled += group->class_id != NULL ? totals->read : totals->labelled;
    profile->images_warned += totals->warned;
    profile->pixels += totals->pixels;
    profile->encoded_bytes += totals->encoded_bytes;
    if (totals->read == 0)
        return NF_OK;
    nf_distribution_merge(&profile->entropy, &totals->counts->entropy);
    nf_status status = group->class_id != NULL ? add_class(s, group, totals, error) : NF_OK;
    free(totals->counts);
    totals->counts = NULL;
    return status;
}

static nf_status add_failures(const nf_settling *s, const nf_failure_list *from, nf_failure_list *into, nf_error *error)
{
    nf_status status = NF_OK;
    for (size_t k = 0; k < NF_SPLIT_KEYS && status == NF_OK; k++)
        for (size_t i = 0; i < from[k].n && status == NF_OK; i++) {
            const nf_profile_failure *failure = &from[k].items[i];
            const char *split = failure->group == NF_GROUP_LATE ? "" : nf_settling_group(s, failure->group)->split;
            if (nf_split_is_chosen(s, split) || split[0] == '\0' || s->profile->stopped)
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

static nf_status add_source(nf_settling *s, const nf_read_source *source, nf_error *error)
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
    if (status == NF_OK && s->fold->sampling == NULL && source->loose_images > 0 && source->loose_images < source->images)
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

/* Was it left as it came, so that labels without their images are the likely reason? */
static bool is_unchosen(const nf_scan_options *options)
{
    return options->as == NULL && options->include == NULL && options->exclude == NULL;
}

/* Says what there is instead, and what it may have been meant as. */
static nf_status refuse_imageless(const nf_reader *reader, nf_error *error)
{
    const nf_detected *first = &reader->detected[0];
    char kinds[256] = "", saw[220] = "", what[400];
    list_passed_over(&reader->passed_over, kinds, sizeof kinds);
    if (first->seen[0] != '\0')
        snprintf(saw, sizeof saw, "; saw %s", first->seen);
    if (first->manifest != NULL && is_unchosen(reader->options))
        snprintf(what, sizeof what, "it is read as %s, whose images must be given as well (nofade datasets %s lists the archives); "
                 "--as imagefolder takes any picture", first->manifest->id, first->manifest->id);
    else if (first->manifest != NULL)
        snprintf(what, sizeof what, "it is read as %s, --as imagefolder takes any picture", first->manifest->id);
    else if (first->nearest[0] != '\0')
        snprintf(what, sizeof what, "the nearest known layouts are %s", first->nearest);
    else
        snprintf(what, sizeof what, "no known layout resembles it");
    return nf_fail(error, NF_ERR_INPUT, "%s: holds no image that nofade reads%s (passed over: %s); %s", reader->paths[0], saw,
                   kinds[0] != '\0' ? kinds : "nothing", what);
}

/* Nothing was read: is that an answer or a refusal? */
nf_status nf_scan_check_any_image(const nf_reader *reader, const nf_fold *fold, nf_error *error)
{
    if (reader->options->interrupted != NULL && *reader->options->interrupted)
        return NF_OK;
    for (size_t i = 0; i < reader->n_paths; i++)
        if (reader->sources[i].damaged && fold->n_images == 0)
            return nf_fail(error, NF_ERR_INPUT, "%s: damaged before its first image: %s", reader->sources[i].path,
                           reader->sources[i].damage);
    if (fold->n_images > 0 || reader->n_images > 0)
        return NF_OK;
    if (nf_scan_is_sampled(reader->options) && reader->drawn.n_planned < reader->drawn.n_units)
        return nf_fail(error, NF_ERR_INPUT, "%s: there is no image among the %llu of %llu members that were drawn",
                       reader->paths[0], (unsigned long long)reader->drawn.n_planned, (unsigned long long)reader->drawn.n_units);
    return refuse_imageless(reader, error);
}

static bool is_counted(void *context, uint32_t group)
{
    const nf_settling *s = context;
    return nf_split_is_chosen(s, nf_settling_group(s, group)->split);
}

/* What the sample says of all images. Its mean is the profile's, digit by digit. */
static nf_status estimate(nf_settling *s, nf_error *error)
{
    nf_estimate *e = &s->profile->estimate;
    nf_distribution_stats stats;
    nf_buf why = {0};
    if (s->fold->sampling == NULL)
        return NF_OK;
    bool stopped = nf_fold_is_enough(s->fold); /* by then the reader may have been at the end of all */
    const nf_sampling_end end = {s->reader->drawn_out && !stopped, is_counted, s};
    nf_status status = nf_sampling_estimate(s->fold->sampling, &end, e, error);
    nf_distribution_stats_of(&s->profile->entropy, &stats);
    if (status == NF_OK && e->images != s->profile->entropy.n)
        status = nf_fail(error, NF_ERR_INTERNAL, "the sample and its figures are not of the same images");
    if (status == NF_OK && e->images > 0) {
        bool is_whole = !nf_estimate_is_partial(e);
        e->value = stats.mean;
        e->low = is_whole || stats.mean < e->low ? stats.mean : e->low;
        e->high = is_whole || stats.mean > e->high ? stats.mean : e->high;
    }
    if (status != NF_OK || !nf_estimate_is_partial(e))
        return status;
    status = nf_buf_printf(&why, error, "a random sample of %llu of %llu members (seed %llu)%s: every figure is of the sample%c",
                           (unsigned long long)e->drawn, (unsigned long long)e->members, (unsigned long long)e->seed,
                           e->stopped_by == NF_SAMPLE_EARLY ? ", ended early" : "", '\0');
    if (status == NF_OK)
        status = mark_incomplete(s->profile, (const char *)why.data, error);
    nf_buf_free(&why);
    return status;
}

static nf_status describe(nf_settling *s, nf_error *error)
{
    const nf_scan_options *options = s->reader->options;
    nf_profile *profile = s->profile;
    nf_status status = NF_OK;
    for (size_t i = 0; i < s->reader->n_paths && status == NF_OK; i++)
        if (s->reader->sources[i].path != NULL)
            status = add_source(s, &s->reader->sources[i], error);
    if (status == NF_OK && profile->dataset_id != NULL && strcmp(profile->dataset_id, "cifar100") == 0)
        status = set_text(&profile->labels_level, options->labels_level == NF_LABELS_COARSE ? "coarse" : "fine", error);
    if (status == NF_OK && options->name != NULL) {
        free(profile->dataset_id);
        profile->dataset_id = NULL;
        status = set_text(&profile->dataset_id, options->name, error);
    }
    bool by_layout = profile->n_classes > 1 && profile->labels == NF_PROFILE_ONE_CLASS;
    if (status == NF_OK)
        status = set_text(&profile->task, options->task, error);
    if (status == NF_OK && s->manifest != NULL)
        status = set_text(&profile->task, s->manifest->task, error);
    if (status == NF_OK && s->manifest != NULL)
        status = set_text(&profile->dataset_title, s->manifest->title, error);
    if (status == NF_OK)
        status = set_text(&profile->task, by_layout ? "classification" : NULL, error);
    if (status == NF_OK)
        status = nf_profile_check_task(profile, error);
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

static nf_status give_row(nf_settling *s, const nf_spooled_row *row, const char *path, nf_error *error)
{
    const nf_group *group = nf_settling_group(s, row->group);
    const nf_scan_options *options = s->reader->options;
    bool failed = row->verdict == NF_IMAGE_FAILED;
    if (!nf_split_is_chosen(s, group->split) && !(failed && group->split[0] == '\0'))
        return NF_OK;
    char status_text[48], *member = NULL;
    snprintf(status_text, sizeof status_text, failed ? "failed:%s" : "%s",
             failed ? nf_failure_name(row->failure) : row->verdict == NF_IMAGE_WARNED ? "warned" : "ok");
    if (asprintf(&member, row->row >= 0 ? "%s#%lld" : "%s", path, (long long)row->row) < 0)
        return nf_fail_nomem(error, "an image's row");
    const char *names = "";
    nf_status status = nf_settling_classes(s, row->group, &names, error);
    nf_image_row given = {
        .index = row->index,
        .source = s->fold->paths[row->source],
        .member = member,
        .split = group->split,
        .class_name = names,
        .w_px = row->w_px,
        .h_px = row->h_px,
        .has_entropy = !failed,
        .entropy_bits = (double)row->q / NF_Q_PER_BIT,
        .status = status_text,
        .is_sampled = nf_scan_is_sampled(options),
    };
    if (status == NF_OK)
        status = options->on_image(options->listener, &given, error);
    free(member);
    return status;
}

static nf_status give_rows(nf_settling *s, nf_error *error)
{
    if (s->reader->options->on_image == NULL)
        return NF_OK;
    nf_spooled_row row;
    const char *member;
    nf_status status = nf_row_spool_rewind(s->fold->spool, error);
    while (status == NF_OK && (status = nf_row_spool_next(s->fold->spool, &row, &member, error)) == NF_OK)
        status = give_row(s, &row, member, error);
    return status == NF_EOF ? NF_OK : status;
}

static nf_status look_for_flaws(nf_settling *s, nf_error *error)
{
    nf_fold *fold = s->fold;
    nf_quality *quality = &s->profile->quality;
    if (fold->sampling != NULL)
        return nf_quality_set_absent(quality, nf_estimate_is_partial(&s->profile->estimate)
                                     ? "only a sample of the images was read" : "images were drawn in random order", error);
    if (fold->spool == NULL)
        return nf_quality_set_absent(quality, fold->spool_fault.message, error);
    nf_quality_search search = {.spool = fold->spool, .groups = s->reader->groups, .paths = fold->paths,
                                .settling = s, .rows_max = NF_QUALITY_IMAGES_MAX};
    uint64_t left = fold->n_spooled > search.rows_max ? fold->n_spooled - search.rows_max : 0;
    quality->not_looked_at = fold->n_not_spooled + left;
    nf_status status = nf_quality_find(&search, quality, error);
    if (status != NF_ERR_OUTPUT || s->reader->options->on_image != NULL || s->reader->options->quality_needed)
        return status;
    nf_error fault = *error;
    *error = (nf_error){0};
    return nf_quality_set_absent(quality, fault.message, error);
}

/* What was counted, from totals into the profile. */
static nf_status settle_counts(nf_settling *s, nf_error *error)
{
    nf_reader *reader = s->reader;
    nf_fold *fold = s->fold;
    s->profile->grey = reader->options->grey;
    if (!nf_fold_is_enough(fold)) /* what was read ahead by then is chance */
        s->profile->passed_over = reader->passed_over;
    for (size_t i = 0; i < reader->n_paths && s->manifest == NULL; i++)
        if (reader->sources[i].dataset_id != NULL)
            s->manifest = nf_manifests_find(reader->manifests, reader->sources[i].dataset_id);
    nf_status status = nf_groups_resolve(reader->groups, error);
    if (status == NF_OK)
        status = nf_choose_split(s, error);
    for (size_t i = 0; i < fold->n_totals && status == NF_OK; i++)
        status = add_group(s, i, error);
    if (status != NF_OK)
        return status;
    nf_profile_sort_classes(s->profile);
    s->profile->stopped = reader->options->stop_on_error && fold->n_failed > 0;
    status = add_failures(s, fold->failures, &s->profile->failures, error);
    return status == NF_OK ? add_failures(s, fold->warned, &s->profile->warned, error) : status;
}

nf_status nf_scan_profile(nf_reader *reader, nf_fold *fold, nf_profile **profile, nf_error *error)
{
    nf_settling s = {.reader = reader, .fold = fold};
    nf_status status = nf_scan_check_any_image(reader, fold, error);
    if (status == NF_OK)
        status = nf_profile_new(profile, error);
    if (status != NF_OK)
        return status;
    s.profile = *profile;
    status = settle_counts(&s, error);
    if (status == NF_OK)
        status = estimate(&s, error);
    if (status == NF_OK)
        status = describe(&s, error);
    if (status == NF_OK)
        status = nf_add_warnings(&s, error);
    if (status == NF_OK)
        status = nf_profile_check_sources(s.profile, error);
    if (status == NF_OK)
        status = look_for_flaws(&s, error);
    if (status == NF_OK)
        status = give_rows(&s, error);
    nf_buf_free(&s.names);
    return status;
}
