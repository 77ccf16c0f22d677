#include "profile/estimate_read.h"

#include <math.h>
#include <string.h>

#include "metrics/confidence.h"

#define GENERATOR "xoshiro256**, seeded by splitmix64; Fisher-Yates"

static const char *const ends[] = {"sample", "until-ci", "end", "early"};

void nf_estimate_write(const nf_estimate *estimate, nf_json *json)
{
    nf_json_open(json, '{');
    nf_json_text_item(json, "quantity", "entropy.mean");
    nf_json_double_item(json, "value", estimate->value);
    nf_json_double_item(json, "low", estimate->low);
    nf_json_double_item(json, "high", estimate->high);
    nf_json_double_item(json, "level", NF_CONFIDENCE_LEVEL);
    nf_json_u64_item(json, "images", estimate->images);
    nf_json_known_u64_item(json, "population", estimate->stopped_by == NF_SAMPLE_ALL, estimate->images);
    nf_json_u64_item(json, "members", estimate->members);
    nf_json_u64_item(json, "drawn", estimate->drawn);
    nf_json_text_item(json, "method", NF_CONFIDENCE_METHOD);
    nf_json_text_item(json, "generator", GENERATOR);
    nf_json_u64_item(json, "seed", estimate->seed);
    nf_json_text_item(json, "stopped_by", ends[estimate->stopped_by]);
    nf_json_close(json, '}');
}

static bool read_u64(const json_t *object, const char *key, uint64_t *value)
{
    const json_t *item = json_object_get(object, key);
    if (!json_is_integer(item) || json_integer_value(item) < 0)
        return false;
    *value = (uint64_t)json_integer_value(item);
    return true;
}

static bool read_bits(const json_t *object, const char *key, double *value)
{
    const json_t *item = json_object_get(object, key);
    *value = json_is_null(item) ? NAN : json_number_value(item);
    return json_is_null(item) || (json_is_number(item) && *value >= 0.0 && *value <= NF_CONFIDENCE_TOP);
}

static bool read_end(const json_t *object, nf_sample_end *end)
{
    const char *text = json_string_value(json_object_get(object, "stopped_by"));
    for (size_t i = 0; text != NULL && i < sizeof ends / sizeof ends[0]; i++)
        if (strcmp(text, ends[i]) == 0) {
            *end = (nf_sample_end)i;
            return true;
        }
    return false;
}

nf_status nf_estimate_read(const json_t *object, nf_estimate *estimate, nf_error *error)
{
    nf_estimate e = {.is_present = true};
    if (object == NULL)
        return NF_OK;
    bool whole = read_u64(object, "images", &e.images) && read_u64(object, "members", &e.members) &&
                 read_u64(object, "drawn", &e.drawn) && read_u64(object, "seed", &e.seed) &&
                 read_bits(object, "value", &e.value) && read_bits(object, "low", &e.low) && read_bits(object, "high", &e.high) && read_end(object, &e.stopped_by);
    bool in_order = e.images == 0 ? isnan(e.value) : e.low <= e.value && e.value <= e.high;
    if (!whole || !in_order || e.images > e.drawn || e.drawn > e.members)
        return nf_fail(error, NF_ERR_INPUT, "not a valid profile: \"estimate\" makes no sense");
    *estimate = e;
    return NF_OK;
}
