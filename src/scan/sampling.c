#include "scan/sampling.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "metrics/confidence.h"
#include "metrics/entropy.h"

enum { ALL_KEYS, TRAIN_KEY }; /* TRAIN_KEY: nf_slot.split_key of "train" */

void nf_sampling_free(nf_sampling *sampling)
{
    free(sampling->images);
    *sampling = (nf_sampling){0};
}

/* Everything up to member n_drawn in drawn order: what counts with its entropy, the rest without. */
static nf_status measure(const nf_sampling *s, uint64_t n_drawn, bool (*is_counted)(void *, const nf_sampled_image *),
                         void *context, nf_confidence *confidence, nf_error *error)
{
    nf_status status = NF_OK;
    *confidence = (nf_confidence){.n_members = s->drawn->n_units, .n_planned = s->drawn->n_planned,
                                  .half_width = s->options->until_ci_bits};
    for (size_t i = 0; i <= s->n && status == NF_OK; i++) {
        uint64_t until = i < s->n ? s->images[i].unit : n_drawn;
        while (confidence->n < until && status == NF_OK)
            status = nf_confidence_add(confidence, NF_CONFIDENCE_NO_VALUE, error);
        bool counts = i < s->n && is_counted(context, &s->images[i]);
        if (i < s->n && status == NF_OK)
            status = nf_confidence_add(confidence, counts ? (double)s->images[i].q / NF_Q_PER_BIT : NF_CONFIDENCE_NO_VALUE,
                                       error);
    }
    return status;
}

/* Images of one split, or all. */
static bool counts_likely(void *context, const nf_sampled_image *image)
{
    int wanted = *(const int *)context;
    return wanted == ALL_KEYS || image->split_key == wanted;
}

static int key_of(const char *split)
{
    return split == NULL ? ALL_KEYS : strcmp(split, "train") == 0 ? TRAIN_KEY : strcmp(split, "val") == 0 ? 2
           : strcmp(split, "test") == 0 ? 3 : ALL_KEYS;
}

/* Is the interval of these images narrow? */
static nf_status look_at(const nf_sampling *s, int wanted, bool *is_reached, nf_error *error)
{
    nf_confidence confidence;
    nf_status status = measure(s, s->images[s->n - 1].unit + 1, counts_likely, &wanted, &confidence, error);
    if (status == NF_OK)
        *is_reached = nf_confidence_is_reached(&confidence);
    nf_confidence_free(&confidence);
    return status;
}

/* A look costs as much as adding all images; they come ever more rarely. The interval holds at all moments, so that stopping by
 * it is allowed. Where no split is asked for, what looks like train will count, or all when it turns out to be a class of that
 * name: both are to be narrow. */
static nf_status look(nf_sampling *s, nf_error *error)
{
    bool is_train = false, is_reached = false;
    if (s->n < s->next_look)
        return NF_OK;
    s->next_look = s->n + 1 + s->n / 64;
    for (size_t i = 0; i < s->n && !is_train && s->options->split == NULL; i++)
        is_train = s->images[i].split_key == TRAIN_KEY;
    nf_status status = look_at(s, key_of(s->options->split), &is_reached, error);
    if (status == NF_OK && is_reached && is_train)
        status = look_at(s, TRAIN_KEY, &is_reached, error);
    s->is_reached = status == NF_OK && is_reached;
    return status;
}

nf_status nf_sampling_add(nf_sampling *s, const nf_slot *slot, nf_error *error)
{
    if (slot->group == NF_GROUP_LATE)
        return nf_fail(error, NF_ERR_INPUT, "labels come after their images here, so that nothing can be drawn at random");
    if (slot->decoded.verdict == NF_IMAGE_FAILED)
        return NF_OK;
    if (s->n > 0 && s->images[s->n - 1].unit >= slot->unit)
        return nf_fail(error, NF_ERR_INPUT, "a sample holds several images, so that images cannot be drawn one by one");
    nf_status status = nf_array_reserve((void **)&s->images, &s->capacity, s->n + 1, sizeof *s->images, "a sample", error);
    if (status != NF_OK)
        return status;
    s->images[s->n++] = (nf_sampled_image){slot->unit, slot->q, slot->group, slot->split_key};
    return s->options->until_ci_bits > 0.0 ? look(s, error) : NF_OK;
}

static bool counts_truly(void *context, const nf_sampled_image *image)
{
    const nf_sampling_end *end = context;
    return end->is_counted(end->context, image->group);
}

static nf_sample_end end_of(const nf_sampling *s, const nf_sampling_end *end, uint64_t n_drawn)
{
    if (n_drawn == s->drawn->n_units && n_drawn > 0)
        return NF_SAMPLE_ALL;
    return s->is_reached ? NF_SAMPLE_INTERVAL : end->drawn_out ? NF_SAMPLE_FRACTION : NF_SAMPLE_EARLY;
}

nf_status nf_sampling_estimate(const nf_sampling *s, const nf_sampling_end *end, nf_estimate *estimate, nf_error *error)
{
    nf_confidence c;
    uint64_t last = s->n > 0 ? s->images[s->n - 1].unit + 1 : 0;
    uint64_t n_drawn = end->drawn_out ? s->drawn->n_planned : last;
    nf_sampling_end copy = *end;
    nf_status status = measure(s, n_drawn, counts_truly, &copy, &c, error);
    if (status == NF_OK) {
        bool has = c.n_values > 0;
        nf_interval interval = nf_confidence_interval(&c);
        double value = has ? c.sum / (double)c.n_values * NF_CONFIDENCE_TOP : NAN;
        *estimate = (nf_estimate){.is_present = true, .value = value, .low = has ? interval.low : NAN,
                                  .high = has ? interval.high : NAN, .images = c.n_values, .members = s->drawn->n_units,
                                  .drawn = n_drawn, .seed = s->options->sample_seed, .stopped_by = end_of(s, end, n_drawn)};
    }
    nf_confidence_free(&c);
    return status;
}
