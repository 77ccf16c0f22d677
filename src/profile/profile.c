#include "profile/profile.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "base/buf.h"

nf_status nf_profile_new(nf_profile **profile, nf_error *error)
{
    *profile = calloc(1, sizeof **profile);
    if (*profile == NULL)
        return nf_fail_nomem(error, "a profile");
    (*profile)->complete = true;
    return NF_OK;
}

static void free_failure(nf_profile_failure *failure)
{
    free(failure->source);
    free(failure->member);
    free(failure->code);
    free(failure->reason);
}

const char *nf_profile_labels_name(nf_profile_labels labels)
{
    static const char *const names[] = {"one", "several", "pixels"};
    return names[labels];
}

void nf_profile_free(nf_profile *profile)
{
    if (profile == NULL)
        return;
    for (size_t i = 0; i < profile->n_sources; i++) {
        free(profile->sources[i].path);
        free(profile->sources[i].format);
    }
    nf_failure_list_free(&profile->failures);
    nf_failure_list_free(&profile->warned);
    for (size_t i = 0; i < profile->n_classes; i++) {
        free(profile->classes[i].id);
        free(profile->classes[i].name);
        free(profile->classes[i].counts);
    }
    for (size_t i = 0; i < profile->n_warnings; i++)
        free(profile->warnings[i]);
    nf_quality_free(&profile->quality);
    free(profile->sources);
    free(profile->other_splits);
    nf_keys_free(&profile->other_split_names);
    free(profile->classes);
    nf_keys_free(&profile->class_keys);
    free(profile->class_numbers);
    free(profile->warnings);
    free(profile->why_incomplete);
    free(profile->dataset_id);
    free(profile->dataset_title);
    free(profile->task);
    free(profile->split);
    free(profile->labels_level);
    free(profile->saved_under);
    free(profile->jpeg_version);
    free(profile->png_version);
    free(profile->webp_version);
    free(profile);
}

static bool same_text(const char *a, const char *b)
{
    return a != NULL && b != NULL && strcmp(a, b) == 0;
}

/* The number of a class by "i<id>" or "n<name>", or NF_KEY_NONE. */
static nf_status find_class(nf_profile *profile, char kind, const char *text, uint32_t *number, nf_error *error)
{
    nf_buf key = {0};
    nf_status status = nf_buf_printf(&key, error, "%c%s", kind, text);
    uint32_t found = status == NF_OK ? nf_keys_find(&profile->class_keys, key.data, key.len) : NF_KEY_NONE;
    *number = found != NF_KEY_NONE ? profile->class_numbers[found] : NF_KEY_NONE;
    nf_buf_free(&key);
    return status;
}

/* Lets a class be found by this text; the first class that claims a text keeps it. */
static nf_status index_class(nf_profile *profile, char kind, const char *text, uint32_t number, nf_error *error)
{
    nf_buf key = {0};
    nf_status status = nf_buf_printf(&key, error, "%c%s", kind, text);
    if (status == NF_OK && nf_keys_find(&profile->class_keys, key.data, key.len) == NF_KEY_NONE) {
        status = nf_array_reserve((void **)&profile->class_numbers, &profile->class_numbers_capacity,
                                  profile->class_keys.n + 1, sizeof *profile->class_numbers, "the classes", error);
        if (status == NF_OK)
            status = nf_keys_add(&profile->class_keys, key.data, key.len, error);
        if (status == NF_OK)
            profile->class_numbers[profile->class_keys.n - 1] = number;
    }
    nf_buf_free(&key);
    return status;
}

static nf_status index_classes(nf_profile *profile, nf_error *error)
{
    nf_status status = NF_OK;
    for (size_t i = 0; i < profile->n_classes && status == NF_OK; i++) {
        const nf_profile_class *class_ = &profile->classes[i];
        status = index_class(profile, 'i', class_->id, (uint32_t)i, error);
        if (status == NF_OK && class_->name != NULL)
            status = index_class(profile, 'n', class_->name, (uint32_t)i, error);
    }
    return status;
}

static nf_status append_class(nf_profile *profile, const char *id, const char *name, nf_profile_class **added,
                              nf_error *error)
{
    nf_status status = nf_array_reserve((void **)&profile->classes, &profile->classes_capacity, profile->n_classes + 1,
                                        sizeof *profile->classes, "the classes", error);
    if (status != NF_OK)
        return status;
    nf_profile_class *class_ = &profile->classes[profile->n_classes];
    memset(class_, 0, sizeof *class_);
    status = nf_strdup(&class_->id, id, error);
    if (status == NF_OK && name != NULL)
        status = nf_strdup(&class_->name, name, error);
    if (status == NF_OK && (class_->counts = calloc(1, sizeof *class_->counts)) == NULL)
        status = nf_fail_nomem(error, "the classes");
    if (status != NF_OK) {
        free(class_->id);
        free(class_->name);
        return status;
    }
    *added = class_;
    uint32_t number = (uint32_t)profile->n_classes++;
    status = index_class(profile, 'i', id, number, error);
    return status == NF_OK && name != NULL ? index_class(profile, 'n', name, number, error) : status;
}

static bool is_number(const char *text)
{
    return text[0] != '\0' && text[strspn(text, "0123456789")] == '\0';
}

/* The class at `by_name` has the wanted name. A number may be given anew from archive to archive, but ids that are texts say
 * which class it is: ImageNet has two that are named crane. */
static bool is_another(const nf_profile *profile, uint32_t by_name, const char *id)
{
    const char *other = profile->classes[by_name].id;
    return !is_number(id) && !is_number(other) && strcmp(id, other) != 0;
}

nf_status nf_profile_class_of(nf_profile *profile, const char *id, const char *name, nf_profile_class **found,
                              nf_error *error)
{
    uint32_t number = NF_KEY_NONE;
    nf_status status = profile->class_keys.n == 0 ? index_classes(profile, error) : NF_OK;
    if (status == NF_OK && name != NULL)
        status = find_class(profile, 'n', name, &number, error);
    if (number != NF_KEY_NONE && is_another(profile, number, id))
        number = NF_KEY_NONE;
    if (status == NF_OK && number == NF_KEY_NONE)
        status = find_class(profile, 'i', id, &number, error);
    if (status != NF_OK)
        return status;
    nf_profile_class *class_ = number != NF_KEY_NONE ? &profile->classes[number] : NULL;
    bool other_name = class_ != NULL && name != NULL && class_->name != NULL && strcmp(name, class_->name) != 0;
    if (class_ == NULL || other_name)
        return append_class(profile, id, name, found, error);
    *found = class_;
    if (class_->name != NULL || name == NULL)
        return NF_OK;
    status = nf_strdup(&class_->name, name, error);
    return status == NF_OK ? index_class(profile, 'n', name, number, error) : status;
}

/* Numbers by value, then texts by bytes. */
static int compare_ids(const char *a, const char *b)
{
    bool a_number = is_number(a), b_number = is_number(b);
    if (a_number != b_number)
        return a_number ? -1 : 1;
    if (a_number) {
        const char *x = a + strspn(a, "0"), *y = b + strspn(b, "0");
        size_t m = strlen(x), n = strlen(y);
        if (m != n)
            return m < n ? -1 : 1;
        int order = strcmp(x, y);
        if (order != 0)
            return order;
    }
    return strcmp(a, b);
}

static int compare_classes(const void *a, const void *b)
{
    const nf_profile_class *x = a, *y = b;
    int order = compare_ids(x->id, y->id);
    return order != 0 ? order : strcmp(x->name != NULL ? x->name : "", y->name != NULL ? y->name : "");
}

void nf_profile_sort_classes(nf_profile *profile)
{
    if (profile->n_classes > 1)
        qsort(profile->classes, profile->n_classes, sizeof *profile->classes, compare_classes);
    nf_keys_free(&profile->class_keys);
}

static int compare_failures(const void *a, const void *b)
{
    const nf_profile_failure *x = a, *y = b;
    int order = strcmp(x->source, y->source);
    if (order == 0)
        order = strcmp(x->member, y->member);
    if (order == 0)
        order = strcmp(x->code, y->code);
    return order != 0 ? order : strcmp(x->reason, y->reason);
}

void nf_failure_list_trim(nf_failure_list *list)
{
    if (list->n > 1)
        qsort(list->items, list->n, sizeof *list->items, compare_failures);
    while (list->n > NF_FAILURES_LISTED_MAX)
        free_failure(&list->items[--list->n]);
}

nf_status nf_failure_list_add(nf_failure_list *list, const nf_profile_failure *failure, nf_error *error)
{
    if (list->n >= 2 * (size_t)NF_FAILURES_LISTED_MAX)
        nf_failure_list_trim(list);
    nf_status status = nf_array_reserve((void **)&list->items, &list->capacity, list->n + 1, sizeof *list->items,
                                        "the failures", error);
    if (status != NF_OK)
        return status;
    nf_profile_failure copy = {strdup(failure->source), strdup(failure->member), strdup(failure->code),
                               strdup(failure->reason), failure->group};
    if (copy.source == NULL || copy.member == NULL || copy.code == NULL || copy.reason == NULL) {
        free_failure(&copy);
        return nf_fail_nomem(error, "the failures");
    }
    list->items[list->n++] = copy;
    return NF_OK;
}

void nf_failure_list_free(nf_failure_list *list)
{
    for (size_t i = 0; i < list->n; i++)
        free_failure(&list->items[i]);
    free(list->items);
    *list = (nf_failure_list){0};
}

nf_status nf_profile_warn(nf_profile *profile, nf_error *error, const char *format, ...)
{
    char text[NF_ERROR_MESSAGE_SIZE];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    nf_status status = nf_array_reserve((void **)&profile->warnings, &profile->warnings_capacity, profile->n_warnings + 1,
                                        sizeof *profile->warnings, "the warnings", error);
    if (status == NF_OK)
        status = nf_strdup(&profile->warnings[profile->n_warnings], text, error);
    if (status == NF_OK)
        profile->n_warnings++;
    return status;
}

nf_status nf_profile_add_split(nf_profile *profile, const char *name, uint64_t images, nf_error *error)
{
    uint32_t number = nf_keys_find(&profile->other_split_names, name, strlen(name) + 1);
    if (number != NF_KEY_NONE) {
        profile->other_splits[number].images += images;
        return NF_OK;
    }
    nf_status status = nf_array_reserve((void **)&profile->other_splits, &profile->other_splits_capacity,
                                        profile->n_other_splits + 1, sizeof *profile->other_splits, "the splits", error);
    if (status == NF_OK)
        status = nf_keys_add(&profile->other_split_names, name, strlen(name) + 1, error);
    if (status != NF_OK)
        return status;
    size_t added = profile->n_other_splits++;
    profile->other_splits[added] =
        (nf_profile_split){nf_keys_get(&profile->other_split_names, (uint32_t)added, NULL), images};
    return NF_OK;
}

nf_status nf_profile_add_source(nf_profile *profile, const char *path, const char *format, uint64_t bytes,
                                const char *digest, nf_error *error)
{
    nf_status status = nf_array_reserve((void **)&profile->sources, &profile->sources_capacity, profile->n_sources + 1,
                                        sizeof *profile->sources, "the sources", error);
    if (status != NF_OK)
        return status;
    nf_profile_source *source = &profile->sources[profile->n_sources];
    *source = (nf_profile_source){strdup(path), strdup(format), bytes, ""};
    if (source->path == NULL || source->format == NULL) {
        free(source->path);
        free(source->format);
        return nf_fail_nomem(error, "the sources");
    }
    strncpy(source->digest, digest, sizeof source->digest - 1);
    profile->n_sources++;
    return NF_OK;
}

/* By content, then in the order given. */
static int compare_sources(const void *a, const void *b)
{
    const nf_profile_source *x = *(const nf_profile_source *const *)a, *y = *(const nf_profile_source *const *)b;
    int order = strcmp(x->digest, y->digest);
    return order != 0 ? order : (x > y) - (x < y);
}

nf_status nf_profile_check_sources(const nf_profile *profile, nf_error *error)
{
    size_t n = profile->n_sources;
    const nf_profile_source **sorted = calloc(n + 1, sizeof *sorted);
    nf_status status = NF_OK;
    if (sorted == NULL)
        return nf_fail_nomem(error, "the sources");
    for (size_t i = 0; i < n; i++)
        sorted[i] = &profile->sources[i];
    qsort(sorted, n, sizeof *sorted, compare_sources);
    for (size_t i = 1; i < n && status == NF_OK; i++)
        if (sorted[i]->digest[0] != '\0' && strcmp(sorted[i - 1]->digest, sorted[i]->digest) == 0)
            status = nf_fail(error, NF_ERR_USAGE, "%s and %s have the same content and would be counted twice",
                             sorted[i - 1]->path, sorted[i]->path);
    free(sorted);
    return status;
}

nf_status nf_profile_check_task(const nf_profile *profile, nf_error *error)
{
    if (profile->labels == NF_PROFILE_ONE_CLASS || profile->task == NULL || strcmp(profile->task, "classification") != 0)
        return NF_OK;
    return nf_fail(error, NF_ERR_USAGE, "--task classification needs one class an image: here %s",
                   profile->labels == NF_PROFILE_PIXEL_CLASSES ? "classes are of pixels" : "images hold several classes");
}

static bool texts_differ(const char *a, const char *b)
{
    return (a != NULL || b != NULL) && !same_text(a, b);
}

static nf_status check_mergeable(const nf_profile *into, const nf_profile *from, nf_error *error)
{
    if (into->estimate.is_present || from->estimate.is_present)
        return nf_fail(error, NF_ERR_USAGE, "a profile of a random sample does not merge with another");
    if (into->grey != from->grey)
        return nf_fail(error, NF_ERR_USAGE, "profiles of different definitions (--grey) do not merge");
    if (texts_differ(into->dataset_id, from->dataset_id))
        return nf_fail(error, NF_ERR_USAGE, "profiles of different datasets (%s, %s) do not merge",
                       into->dataset_id != NULL ? into->dataset_id : "unnamed",
                       from->dataset_id != NULL ? from->dataset_id : "unnamed");
    if (into->task != NULL && from->task != NULL && strcmp(into->task, from->task) != 0)
        return nf_fail(error, NF_ERR_USAGE, "profiles of different tasks (%s, %s) do not merge", into->task, from->task);
    if (texts_differ(into->split, from->split))
        return nf_fail(error, NF_ERR_USAGE, "profiles of different splits (\"%s\", \"%s\") do not merge",
                       into->split != NULL ? into->split : "", from->split != NULL ? from->split : "");
    if (texts_differ(into->labels_level, from->labels_level))
        return nf_fail(error, NF_ERR_USAGE, "profiles of different label levels do not merge");
    if (into->n_classes > 0 && from->n_classes > 0 && into->labels != from->labels)
        return nf_fail(error, NF_ERR_USAGE, "profiles with one class an image, several, or classes of pixels do not merge");
    return NF_OK;
}

static nf_status merge_lists(nf_profile *into, const nf_profile *from, nf_error *error)
{
    nf_status status = NF_OK;
    for (size_t i = 0; status == NF_OK && i < from->n_sources; i++)
        status = nf_profile_add_source(into, from->sources[i].path, from->sources[i].format, from->sources[i].bytes,
                                       from->sources[i].digest, error);
    for (size_t i = 0; status == NF_OK && i < from->n_other_splits; i++)
        status = nf_profile_add_split(into, from->other_splits[i].name, from->other_splits[i].images, error);
    for (size_t i = 0; status == NF_OK && i < from->failures.n; i++)
        status = nf_failure_list_add(&into->failures, &from->failures.items[i], error);
    for (size_t i = 0; status == NF_OK && i < from->warned.n; i++)
        status = nf_failure_list_add(&into->warned, &from->warned.items[i], error);
    for (size_t i = 0; status == NF_OK && i < from->n_warnings; i++)
        status = nf_profile_warn(into, error, "%s", from->warnings[i]);
    for (size_t i = 0; status == NF_OK && i < from->n_classes; i++) {
        nf_profile_class *class_ = NULL;
        status = nf_profile_class_of(into, from->classes[i].id, from->classes[i].name, &class_, error);
        if (status == NF_OK)
            nf_class_counts_merge(class_->counts, from->classes[i].counts);
        if (status == NF_OK && class_->counts->entropy.n > NF_CLASS_IMAGES_MAX)
            status = nf_fail(error, NF_ERR_INPUT, "class %s has more than %llu images", class_->id,
                             (unsigned long long)NF_CLASS_IMAGES_MAX);
    }
    return status;
}

nf_status nf_profile_merge(nf_profile *into, const nf_profile *from, nf_error *error)
{
    nf_status status = check_mergeable(into, from, error);
    if (status == NF_OK)
        status = merge_lists(into, from, error);
    if (status == NF_OK)
        status = nf_quality_merge(&into->quality, &from->quality, error);
    if (status == NF_OK && into->why_incomplete == NULL && from->why_incomplete != NULL)
        status = nf_strdup(&into->why_incomplete, from->why_incomplete, error);
    if (status != NF_OK)
        return status;
    if (from->labels != NF_PROFILE_ONE_CLASS)
        into->labels = from->labels;
    free(into->saved_under);
    into->saved_under = NULL;
    into->complete = into->complete && from->complete;
    into->damaged = into->damaged || from->damaged;
    into->from_file = into->from_file || from->from_file;
    into->images_read += from->images_read;
    into->images_warned += from->images_warned;
    into->images_failed += from->images_failed;
    into->pixels += from->pixels;
    into->encoded_bytes += from->encoded_bytes;
    for (size_t i = 0; i < from->passed_over.n; i++)
        nf_tally_add(&into->passed_over, from->passed_over.kinds[i].kind, from->passed_over.kinds[i].count);
    nf_distribution_merge(&into->entropy, &from->entropy);
    nf_profile_sort_classes(into);
    nf_failure_list_trim(&into->failures);
    nf_failure_list_trim(&into->warned);
    return nf_profile_check_sources(into, error);
}

static void digest_u64s(XXH3_state_t *state, const uint64_t *values, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        uint8_t bytes[8];
        for (int k = 0; k < 8; k++)
            bytes[k] = (uint8_t)(values[i] >> (8 * k));
        XXH3_128bits_update(state, bytes, sizeof bytes);
    }
}

static void digest_distribution(XXH3_state_t *state, const nf_distribution *distribution)
{
    digest_u64s(state, &distribution->n, 1);
    if (distribution->n == 0)
        return;
    digest_u64s(state, &distribution->q_min, 1);
    digest_u64s(state, &distribution->q_max, 1);
    for (int i = 0; i < 4; i++)
        digest_u64s(state, distribution->sums[i].limb, NF_WIDE_LIMBS);
    digest_u64s(state, distribution->histogram, NF_ENTROPY_BINS);
}

static void digest_profile(XXH3_state_t *state, const nf_profile *profile)
{
    const uint64_t head[] = {NF_PROFILE_SCHEMA, (uint64_t)profile->grey, profile->pixels, profile->n_classes};
    digest_u64s(state, head, sizeof head / sizeof head[0]);
    digest_distribution(state, &profile->entropy);
    for (size_t i = 0; i < profile->n_classes; i++) {
        const nf_profile_class *class_ = &profile->classes[i];
        const char *label = class_->name != NULL ? class_->name : class_->id;
        XXH3_128bits_update(state, label, strlen(label) + 1);
        digest_distribution(state, &class_->counts->entropy);
        digest_u64s(state, class_->counts->intensity, NF_GREY_LEVELS);
        digest_u64s(state, class_->counts->pooled, NF_GREY_LEVELS);
    }
}

nf_status nf_profile_counts_digest(const nf_profile *profile, char digest[NF_DIGEST_SIZE], nf_error *error)
{
    static const char hex[] = "0123456789abcdef";
    XXH128_canonical_t canonical;
    XXH3_state_t *state = XXH3_createState();
    memset(digest, 0, NF_DIGEST_SIZE);
    if (state == NULL)
        return nf_fail_nomem(error, "a digest");
    XXH3_128bits_reset(state);
    digest_profile(state, profile);
    XXH128_canonicalFromHash(&canonical, XXH3_128bits_digest(state));
    XXH3_freeState(state);
    for (size_t i = 0; i < sizeof canonical.digest; i++) {
        digest[2 * i] = hex[canonical.digest[i] >> 4];
        digest[2 * i + 1] = hex[canonical.digest[i] & 15];
    }
    return NF_OK;
}
