#include "profile/quality_read.h"

#include <string.h>

#define IMAGES_MAX (INT64_C(1) << 40) /* as many as a profile may hold: sums of them do not overflow */

static nf_status bad(nf_error *error, const char *key)
{
    return nf_fail(error, NF_ERR_INPUT, "not a valid profile: \"quality.%s\" is missing or makes no sense", key);
}

static bool get_count(const json_t *object, const char *key, int64_t max, uint64_t *value)
{
    const json_t *item = json_object_get(object, key);
    if (!json_is_integer(item) || json_integer_value(item) < 0 || json_integer_value(item) > max)
        return false;
    *value = (uint64_t)json_integer_value(item);
    return true;
}

static bool get_side(const json_t *object, const char *key, uint32_t *side)
{
    uint64_t value;
    if (!get_count(object, key, UINT32_MAX, &value))
        return false;
    *side = (uint32_t)value;
    return true;
}

static bool get_flag(const json_t *object, const char *key, bool *flag)
{
    const json_t *item = json_object_get(object, key);
    *flag = json_is_true(item);
    return json_is_boolean(item);
}

/* *image borrows its texts from the object. */
static bool get_image(const json_t *object, nf_named_image *image)
{
    image->source = (char *)json_string_value(json_object_get(object, "source"));
    image->member = (char *)json_string_value(json_object_get(object, "member"));
    image->split = (char *)json_string_value(json_object_get(object, "split"));
    image->class_name = (char *)json_string_value(json_object_get(object, "class"));
    return image->source != NULL && image->member != NULL && image->split != NULL && image->class_name != NULL;
}

static nf_status read_finding(const json_t *object, nf_finding_kind kind, nf_quality *quality, nf_error *error)
{
    nf_finding finding = {0};
    const json_t *value = json_object_get(object, "value");
    bool wants_text = kind == NF_FINDING_WRONG_EXTENSION || kind == NF_FINDING_UNUSUAL_MODE || kind == NF_FINDING_SIZE_OUTLIER;
    if (!get_image(object, &finding.image) || (wants_text ? !json_is_string(value) : !json_is_number(value)))
        return bad(error, nf_finding_name(kind));
    finding.text = (char *)json_string_value(value); /* NULL of a number */
    finding.number = json_number_value(value);
    return nf_finding_add(quality, kind, &finding, error);
}

static nf_status read_findings(const json_t *object, nf_finding_kind kind, nf_quality *quality, nf_error *error)
{
    size_t i;
    json_t *item;
    bool extreme = nf_finding_is_extreme(kind);
    const json_t *listed = extreme ? object : json_object_get(object, "listed");
    uint64_t images = json_array_size(listed);
    if ((!extreme && !get_count(object, "images", IMAGES_MAX, &images)) || !json_is_array(listed) ||
        json_array_size(listed) > images || json_array_size(listed) > NF_FINDINGS_LISTED_MAX)
        return bad(error, nf_finding_name(kind));
    nf_status status = NF_OK;
    json_array_foreach(listed, i, item)
    {
        if (status == NF_OK)
            status = read_finding(item, kind, quality, error);
    }
    quality->findings[kind].images = images;
    return status;
}

static nf_status read_set(const json_t *object, nf_duplicates *duplicates, nf_error *error)
{
    size_t i;
    json_t *item;
    nf_duplicate_set *set = NULL;
    nf_named_image image;
    const json_t *listed = json_object_get(object, "listed");
    nf_status status = nf_duplicates_add(duplicates, &set, error);
    if (status != NF_OK)
        return status;
    if (!get_count(object, "images", IMAGES_MAX, &set->images) || !get_flag(object, "across_splits", &set->across_splits) ||
        !get_flag(object, "across_classes", &set->across_classes) || json_array_size(listed) < 2 ||
        json_array_size(listed) > NF_COPIES_LISTED_MAX + 2 || json_array_size(listed) > set->images)
        status = bad(error, "duplicates.listed");
    json_array_foreach(listed, i, item)
    {
        if (status == NF_OK)
            status = get_image(item, &image) ? nf_duplicate_set_add(set, &image, error) : bad(error, "duplicates.listed");
    }
    nf_duplicate_set_trim(set);
    return status;
}

static nf_status read_duplicates(const json_t *object, nf_duplicates *duplicates, nf_error *error)
{
    size_t i;
    json_t *item;
    const json_t *listed = json_object_get(object, "listed");
    if (!get_count(object, "images", IMAGES_MAX, &duplicates->images) ||
        !get_count(object, "not_searched", IMAGES_MAX, &duplicates->not_searched) ||
        !get_count(object, "sets", IMAGES_MAX, &duplicates->sets) ||
        !get_count(object, "extra_copies", IMAGES_MAX, &duplicates->extra_copies) ||
        !get_count(object, "sets_across_splits", (int64_t)duplicates->sets, &duplicates->sets_across_splits) ||
        !get_count(object, "sets_across_classes", (int64_t)duplicates->sets, &duplicates->sets_across_classes) ||
        duplicates->sets > duplicates->extra_copies || duplicates->extra_copies > duplicates->images ||
        !json_is_array(listed) || json_array_size(listed) > duplicates->sets ||
        json_array_size(listed) > NF_FINDINGS_LISTED_MAX)
        return bad(error, "duplicates");
    duplicates->apart = json_object_get(object, "across_profiles") != NULL;
    nf_status status = NF_OK;
    json_array_foreach(listed, i, item)
    {
        if (status == NF_OK)
            status = read_set(item, duplicates, error);
    }
    if (status == NF_OK)
        nf_duplicates_trim(duplicates);
    return status;
}

/* A mode of a later nofade counts as "other". */
static nf_status read_modes(const json_t *object, nf_quality *quality, nf_error *error)
{
    if (!json_is_object(object) || json_object_size(object) > 64)
        return bad(error, "modes");
    const char *name;
    json_t *item;
    json_object_foreach((json_t *)object, name, item)
    {
        uint64_t images;
        size_t mode = NF_COLOUR_MODES - 1;
        if (!get_count(object, name, IMAGES_MAX, &images))
            return bad(error, "modes");
        while (mode > NF_MODE_OTHER && strcmp(name, nf_colour_mode_name((nf_colour_mode)mode)) != 0)
            mode--;
        quality->modes[mode] += images;
    }
    return NF_OK;
}

static bool get_side_stats(const json_t *object, nf_side_stats *stats)
{
    stats->has_quantiles = !json_is_null(json_object_get(object, "0.5"));
    if (!get_side(object, "min", &stats->min) || !get_side(object, "max", &stats->max) || stats->min > stats->max)
        return false;
    return !stats->has_quantiles || (get_side(object, "0.05", &stats->q05) && get_side(object, "0.5", &stats->median) &&
                                     get_side(object, "0.95", &stats->q95));
}

static nf_status read_parts(const json_t *object, nf_quality *quality, nf_error *error)
{
    if (!get_count(object, "not_looked_at", IMAGES_MAX, &quality->not_looked_at))
        return bad(error, "not_looked_at");
    nf_status status = read_duplicates(json_object_get(object, "duplicates"), &quality->duplicates, error);
    for (size_t i = 0; i < NF_FINDING_KINDS && status == NF_OK; i++) {
        nf_finding_kind kind = (nf_finding_kind)i;
        status = read_findings(json_object_get(object, nf_finding_name(kind)), kind, quality, error);
    }
    nf_findings_trim(quality);
    if (status == NF_OK)
        status = read_modes(json_object_get(object, "modes"), quality, error);
    const json_t *sizes = json_object_get(object, "sizes");
    if (status == NF_OK && nf_quality_images(quality) > 0 &&
        (!get_side_stats(json_object_get(sizes, "longer_px"), &quality->longer) ||
         !get_side_stats(json_object_get(sizes, "shorter_px"), &quality->shorter)))
        return bad(error, "sizes");
    return status;
}

nf_status nf_quality_read(const json_t *object, nf_quality *quality, nf_error *error)
{
    if (object == NULL)
        return nf_quality_set_absent(quality, "a saved profile has none", error);
    const char *absent = json_string_value(json_object_get(object, "not_looked_for"));
    return absent != NULL ? nf_quality_set_absent(quality, absent, error) : read_parts(object, quality, error);
}
