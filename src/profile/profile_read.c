/* nofade: a profile from JSON, which may come from anyone: every value is checked before it is believed. */
#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <zlib.h>

#include "base/buf.h"
#include "base/json_fault.h"
#include "metrics/entropy.h"
#include "profile/profile.h"
#include "profile/estimate_read.h"
#include "profile/quality_read.h"

#define PROFILE_BYTES_MAX (UINT64_C(256) << 20) /* inflated: some 25,000 classes */
#define PROFILE_IMAGES_MAX (UINT64_C(1) << 40)

/* In memory {} takes some 250 bytes, "" some 90: a file that inflates to nothing but these would fill it. A profile's class is 5 lists
 * and 20 texts. */
enum { PROFILE_LISTS_MAX = 1 << 20, PROFILE_QUOTES_MAX = 1 << 23 };

enum {
    Q_BIN_BITS = 26,            /* q >> 26 is the histogram's bin */
    SUM_DIGITS_MAX = 60,        /* of n q^4 < 2^40 2^141 */
    INTENSITY_SLACK = 256 * 64  /* what rounding may leave in an image's 256 fixed-point terms */
};

typedef struct json_source {
    gzFile file;
    uint64_t bytes, lists, quotes; /* seen so far; objects are lists */
    int fault;                     /* errno of the read that failed; 0: none */
} json_source;

static bool is_regular(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && S_ISREG(info.st_mode);
}

/* Does COCO's kind of annotations begin so? text is (n,), what stands behind the first brace. */
static bool begins_annotations(const char *text, size_t n)
{
    static const char *const keys[] = {"\"info\"",       "\"licenses\"",   "\"annotations\"",
                                       "\"categories\"", "\"images\": [{", "\"images\":[{"}; /* a profile's are counts */
    size_t at = 0;
    while (at < n && strchr(" \t\r\n", text[at]) != NULL)
        at++;
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        if (n - at >= strlen(keys[i]) && memcmp(text + at, keys[i], strlen(keys[i])) == 0)
            return true;
    return false;
}

bool nf_profile_is_at(const char *path)
{
    char head[512];
    gzFile file = is_regular(path) ? gzopen(path, "rbe") : NULL; /* plain files pass through */
    if (file == NULL)
        return false;
    int n = gzread(file, head, sizeof head);
    gzclose(file);
    int at = 0;
    while (at < n && strchr(" \t\r\n", head[at]) != NULL)
        at++;
    /* A tar may begin with a brace as well, but its header has zero bytes. */
    return at < n && head[at] == '{' && memchr(head, '\0', (size_t)n) == NULL &&
           !begins_annotations(head + at + 1, (size_t)(n - at - 1));
}

static bool is_too_large(const json_source *source)
{
    return source->bytes > PROFILE_BYTES_MAX || source->lists > PROFILE_LISTS_MAX ||
           source->quotes > PROFILE_QUOTES_MAX;
}

static size_t pull(void *buffer, size_t n, void *context)
{
    json_source *source = context;
    int fault, got = gzread(source->file, buffer, n > 1 << 16 ? 1 << 16 : (unsigned)n);
    if (got < 0 && gzerror(source->file, &fault) != NULL && fault == Z_ERRNO)
        source->fault = errno;
    if (got < 0)
        return (size_t)-1;
    const char *text = buffer;
    for (int i = 0; i < got; i++) {
        source->lists += text[i] == '[' || text[i] == '{'; /* in texts too: there are few */
        source->quotes += text[i] == '"';
    }
    source->bytes += (uint64_t)got;
    return is_too_large(source) ? (size_t)-1 : (size_t)got;
}

static nf_status load(const char *path, json_t **root, nf_error *error)
{
    json_source source = {.file = gzopen(path, "rbe")};
    json_error_t fault;
    if (source.file == NULL)
        return nf_fail(error, NF_ERR_INPUT, "cannot open %s: %s", path, strerror(errno));
    *root = json_load_callback(pull, &source, JSON_REJECT_DUPLICATES, &fault);
    gzclose(source.file);
    if (*root == NULL && is_too_large(&source))
        return nf_fail(error, NF_ERR_INPUT, "%s: not a profile: it holds more than any profile does", path);
    if (*root == NULL && source.fault != 0)
        return nf_fail(error, NF_ERR_INPUT, "cannot read %s: %s", path, strerror(source.fault));
    if (*root == NULL && nf_json_lacked_memory(&fault))
        return nf_fail_nomem(error, path);
    if (*root == NULL)
        return nf_fail(error, NF_ERR_INPUT, "%s:%d:%d: not a profile: %s", path, fault.line, fault.column, fault.text);
    return NF_OK;
}

static nf_status bad(nf_error *error, const char *key)
{
    return nf_fail(error, NF_ERR_INPUT, "not a valid profile: \"%s\" is missing or makes no sense", key);
}

static nf_status get_text(const json_t *object, const char *key, char **text, nf_error *error)
{
    const char *value = json_string_value(json_object_get(object, key));
    return value == NULL ? NF_OK : nf_strdup(text, value, error);
}

static bool get_u64(const json_t *object, const char *key, uint64_t *value)
{
    const json_t *item = json_object_get(object, key);
    if (!json_is_integer(item) || json_integer_value(item) < 0)
        return false;
    *value = (uint64_t)json_integer_value(item);
    return true;
}

static bool get_u64s(const json_t *object, const char *key, uint64_t *values, size_t n, uint64_t *total)
{
    const json_t *array = json_object_get(object, key);
    *total = 0;
    if (!json_is_array(array) || json_array_size(array) != n)
        return false;
    for (size_t i = 0; i < n; i++) {
        const json_t *item = json_array_get(array, i);
        if (!json_is_integer(item) || json_integer_value(item) < 0)
            return false;
        values[i] = (uint64_t)json_integer_value(item);
        if (__builtin_add_overflow(*total, values[i], total))
            return false;
    }
    return true;
}

/* "min" and "max" are exact multiples of 2^-32 bit. */
static bool get_q(const json_t *object, const char *key, uint64_t *q)
{
    const json_t *item = json_object_get(object, key);
    double bits = json_number_value(item);
    if (!json_is_number(item) || !(bits >= 0.0 && bits <= 8.0))
        return false;
    *q = (uint64_t)llrint(bits * NF_Q_PER_BIT);
    return true;
}

static bool is_at_most(nf_wide a, nf_wide b)
{
    return !nf_wide_is_negative(nf_wide_sub(b, a));
}

/* Can there be images with these sums, this histogram and these ends? Every inequality holds for real ones. */
static bool is_possible(const nf_distribution *d)
{
    nf_wide low = nf_wide_from_u64(0), high = low, moments[5] = {nf_wide_from_u64(d->n)};
    memcpy(moments + 1, d->sums, sizeof d->sums);
    if (d->n == 0)
        return true;
    size_t first = NF_ENTROPY_BINS, last = 0;
    for (size_t i = 0; i < NF_ENTROPY_BINS; i++) {
        nf_wide count = nf_wide_from_u64(d->histogram[i]);
        low = nf_wide_add(low, nf_wide_mul(count, nf_wide_from_u64((uint64_t)i << Q_BIN_BITS)));
        high = nf_wide_add(high, nf_wide_mul(count, nf_wide_from_u64((uint64_t)(i + 1) << Q_BIN_BITS)));
        if (d->histogram[i] > 0) {
            first = first == NF_ENTROPY_BINS ? i : first;
            last = i;
        }
    }
    uint64_t top = d->q_max >> Q_BIN_BITS;
    bool ends = d->q_min >> Q_BIN_BITS == (uint64_t)first + (d->q_min == NF_Q_MAX) &&
                (top < NF_ENTROPY_BINS ? top : NF_ENTROPY_BINS - 1) == last;
    bool sums = is_at_most(low, moments[1]) && is_at_most(moments[1], high);
    for (size_t k = 1; k <= 4; k++) { /* n q_min^k <= S_k <= n q_max^k, one step at a time */
        sums = sums && is_at_most(nf_wide_mul(moments[k - 1], nf_wide_from_u64(d->q_min)), moments[k]);
        sums = sums && is_at_most(moments[k], nf_wide_mul(moments[k - 1], nf_wide_from_u64(d->q_max)));
    }
    for (size_t k = 1; k <= 3; k++) /* Cauchy and Schwarz */
        sums = sums && is_at_most(nf_wide_mul(moments[k], moments[k]), nf_wide_mul(moments[k - 1], moments[k + 1]));
    return ends && sums;
}

static nf_status read_distribution(const json_t *object, const char *histogram, uint64_t n, nf_distribution *into,
                                   nf_error *error)
{
    uint64_t total;
    into->n = n;
    if (n > PROFILE_IMAGES_MAX)
        return bad(error, "images");
    if (!get_u64s(object, histogram, into->histogram, NF_ENTROPY_BINS, &total) || total != n)
        return bad(error, histogram);
    if (n > 0 && (!get_q(object, "min", &into->q_min) || !get_q(object, "max", &into->q_max) || into->q_min > into->q_max))
        return bad(error, "min");
    const json_t *list = json_object_get(object, "sums");
    for (size_t i = 0; i < 4; i++) {
        const char *text = json_string_value(json_array_get(list, i));
        if (text == NULL || strlen(text) > SUM_DIGITS_MAX || !nf_wide_from_decimal(text, &into->sums[i]))
            return bad(error, "sums");
    }
    return is_possible(into) ? NF_OK : bad(error, "sums");
}

static nf_status read_class(const json_t *object, nf_profile *profile, nf_error *error)
{
    uint64_t n, scale, total;
    const char *id = json_string_value(json_object_get(object, "id"));
    const char *name = json_string_value(json_object_get(object, "name"));
    size_t before = profile->n_classes;
    if (id != NULL && name != NULL && strcmp(id, name) == 0)
        name = NULL; /* it has none beside its id */
    if (id == NULL || !get_u64(object, "images", &n) || n == 0 || n > NF_CLASS_IMAGES_MAX)
        return bad(error, "classes");
    nf_profile_class *class_;
    nf_status status = nf_profile_class_of(profile, id, name, &class_, error);
    if (status != NF_OK)
        return status;
    if (profile->n_classes == before)
        return nf_fail(error, NF_ERR_INPUT, "not a valid profile: the class \"%s\" is there twice", id);
    if (!get_u64(object, "intensity_scale", &scale) || scale != UINT64_C(1) << NF_INTENSITY_SCALE_BITS ||
        !get_u64s(object, "intensity", class_->counts->intensity, NF_GREY_LEVELS, &total) ||
        total > n * scale + n * INTENSITY_SLACK || total + n * INTENSITY_SLACK < n * scale)
        return bad(error, "intensity");
    if (!get_u64s(object, "pooled", class_->counts->pooled, NF_GREY_LEVELS, &total) || total < n)
        return bad(error, "pooled");
    return read_distribution(object, "entropy_histogram", n, &class_->counts->entropy, error);
}

static nf_status read_sources(const json_t *list, nf_profile *profile, nf_error *error)
{
    size_t i;
    json_t *item;
    json_array_foreach(list, i, item)
    {
        uint64_t bytes = 0;
        const char *path = json_string_value(json_object_get(item, "path"));
        const char *format = json_string_value(json_object_get(item, "format"));
        const char *digest = json_string_value(json_object_get(item, "digest"));
        bool has_bytes = json_is_null(json_object_get(item, "bytes")) || get_u64(item, "bytes", &bytes);
        if (path == NULL || format == NULL || !has_bytes || (digest != NULL && strlen(digest) != 32))
            return bad(error, "sources");
        nf_status status = nf_profile_add_source(profile, path, format, bytes, digest != NULL ? digest : "", error);
        if (status != NF_OK)
            return status;
    }
    return NF_OK;
}

/* Absent in what older versions saved: one. */
static nf_status read_labels(const json_t *dataset, nf_profile *profile, nf_error *error)
{
    const json_t *labels = json_object_get(dataset, "labels");
    if (labels == NULL)
        return NF_OK;
    for (int i = NF_PROFILE_ONE_CLASS; i <= NF_PROFILE_PIXEL_CLASSES; i++)
        if (json_is_string(labels) && strcmp(json_string_value(labels), nf_profile_labels_name((nf_profile_labels)i)) == 0) {
            profile->labels = (nf_profile_labels)i;
            return NF_OK;
        }
    return bad(error, "dataset.labels");
}

static nf_status read_dataset(const json_t *dataset, nf_profile *profile, nf_error *error)
{
    if (!json_is_object(dataset))
        return bad(error, "dataset");
    nf_status status = get_text(dataset, "name", &profile->dataset_id, error);
    if (status == NF_OK)
        status = get_text(dataset, "title", &profile->dataset_title, error);
    if (status == NF_OK)
        status = get_text(dataset, "task", &profile->task, error);
    if (status == NF_OK)
        status = get_text(dataset, "split", &profile->split, error);
    if (status == NF_OK)
        status = read_labels(dataset, profile, error);
    if (status == NF_OK)
        status = read_sources(json_object_get(dataset, "sources"), profile, error);
    const char *name;
    json_t *item;
    json_object_foreach(json_object_get(dataset, "other_splits"), name, item)
    {
        if (!json_is_integer(item) || json_integer_value(item) < 0)
            return bad(error, "other_splits");
        if (status == NF_OK)
            status = nf_profile_add_split(profile, name, (uint64_t)json_integer_value(item), error);
    }
    return status;
}

static nf_status read_images(const json_t *images, nf_profile *profile, nf_error *error)
{
    const char *kind;
    json_t *item;
    if (!get_u64(images, "read", &profile->images_read) || !get_u64(images, "warned", &profile->images_warned) ||
        !get_u64(images, "failed", &profile->images_failed) || !get_u64(images, "pixels", &profile->pixels) ||
        !get_u64(images, "bytes", &profile->encoded_bytes))
        return bad(error, "images");
    json_object_foreach(json_object_get(images, "passed_over"), kind, item)
    {
        if (!json_is_integer(item) || json_integer_value(item) < 0 || strlen(kind) >= NF_TALLY_NAME_MAX)
            return bad(error, "passed_over");
        nf_tally_add(&profile->passed_over, kind, (uint64_t)json_integer_value(item));
    }
    return NF_OK;
}

static nf_status read_list(const json_t *root, const char *key, nf_failure_list *list, nf_error *error)
{
    size_t i;
    json_t *item;
    nf_status status = NF_OK;
    json_array_foreach(json_object_get(root, key), i, item)
    {
        nf_profile_failure failure = {(char *)json_string_value(json_object_get(item, "source")),
                                      (char *)json_string_value(json_object_get(item, "member")),
                                      (char *)json_string_value(json_object_get(item, "code")),
                                      (char *)json_string_value(json_object_get(item, "reason")), 0};
        if (failure.source == NULL || failure.member == NULL || failure.code == NULL || failure.reason == NULL)
            return bad(error, key);
        if (status == NF_OK)
            status = nf_failure_list_add(list, &failure, error);
    }
    return status;
}

static nf_status read_failures(const json_t *root, nf_profile *profile, nf_error *error)
{
    size_t i;
    json_t *item;
    nf_status status = read_list(root, "failures", &profile->failures, error);
    if (status == NF_OK)
        status = read_list(root, "warned", &profile->warned, error);
    json_array_foreach(json_object_get(root, "warnings"), i, item)
    {
        if (status == NF_OK && json_is_string(item))
            status = nf_profile_warn(profile, error, "%s", json_string_value(item));
    }
    return status;
}

static nf_status read_head(const json_t *root, nf_profile *profile, nf_error *error)
{
    uint64_t schema;
    if (!json_is_string(json_object_get(root, "nofade")) || !get_u64(root, "schema", &schema))
        return nf_fail(error, NF_ERR_INPUT, "is JSON, but no profile that nofade saved");
    if (schema != NF_PROFILE_SCHEMA)
        return nf_fail(error, NF_ERR_INPUT, "is a profile of schema %llu; this nofade reads schema %d",
                       (unsigned long long)schema, NF_PROFILE_SCHEMA);
    const json_t *parameters = json_object_get(root, "parameters");
    const char *grey = json_string_value(json_object_get(parameters, "grey"));
    if (grey == NULL || (strcmp(grey, "bt601") != 0 && strcmp(grey, "luma") != 0))
        return bad(error, "parameters.grey");
    if (!json_is_boolean(json_object_get(root, "complete")))
        return bad(error, "complete");
    profile->grey = strcmp(grey, "luma") == 0 ? NF_GREY_LUMA : NF_GREY_BT601;
    profile->complete = json_is_true(json_object_get(root, "complete"));
    profile->damaged = json_is_true(json_object_get(root, "damaged"));
    nf_status status = get_text(parameters, "labels_level", &profile->labels_level, error);
    if (status == NF_OK)
        status = get_text(root, "why_incomplete", &profile->why_incomplete, error);
    if (status == NF_OK)
        status = get_text(root, "definition", &profile->saved_under, error);
    if (status == NF_OK)
        status = get_text(json_object_get(root, "decoders"), "jpeg", &profile->jpeg_version, error);
    if (status == NF_OK)
        status = get_text(json_object_get(root, "decoders"), "png", &profile->png_version, error);
    if (status == NF_OK)
        status = get_text(json_object_get(root, "decoders"), "webp", &profile->webp_version, error);
    return status;
}

static nf_status check_digest(const json_t *root, const nf_profile *profile, nf_error *error)
{
    char digest[NF_DIGEST_SIZE];
    const char *stated = json_string_value(json_object_get(root, "counts_digest"));
    nf_status status = nf_profile_counts_digest(profile, digest, error);
    if (status != NF_OK)
        return status;
    if (stated == NULL || strcmp(stated, digest) != 0)
        return nf_fail(error, NF_ERR_INPUT, "not a valid profile: its counts do not match its counts_digest");
    return NF_OK;
}

static nf_status read_all(const json_t *root, nf_profile *profile, nf_error *error)
{
    size_t i;
    json_t *item;
    nf_status status = read_head(root, profile, error);
    if (status == NF_OK)
        status = read_dataset(json_object_get(root, "dataset"), profile, error);
    if (status == NF_OK)
        status = read_images(json_object_get(root, "images"), profile, error);
    if (status == NF_OK)
        status = read_failures(root, profile, error);
    if (status == NF_OK)
        status = read_distribution(json_object_get(root, "entropy"), "histogram", profile->images_read, &profile->entropy,
                                   error);
    bool one = profile->labels == NF_PROFILE_ONE_CLASS;
    uint64_t labelled = 0;
    json_array_foreach(json_object_get(root, "classes"), i, item)
    {
        if (status == NF_OK)
            status = read_class(item, profile, error);
        if (status == NF_OK)
            labelled = (one ? labelled : 0) + profile->classes[profile->n_classes - 1].counts->entropy.n;
        if (status == NF_OK && labelled > profile->images_read)
            status = bad(error, "classes");
    }
    if (status != NF_OK)
        return status;
    if ((status = nf_estimate_read(json_object_get(root, "estimate"), &profile->estimate, error)) != NF_OK)
        return status;
    if ((status = nf_quality_read(json_object_get(root, "quality"), &profile->quality, error)) != NF_OK)
        return status;
    nf_profile_sort_classes(profile);
    return check_digest(root, profile, error);
}

nf_status nf_profile_read(const char *path, nf_profile **profile, nf_error *error)
{
    json_t *root = NULL;
    *profile = NULL;
    nf_status status = load(path, &root, error);
    if (status == NF_OK)
        status = nf_profile_new(profile, error);
    if (status == NF_OK)
        (*profile)->from_file = true;
    if (status == NF_OK && (status = read_all(root, *profile, error)) != NF_OK)
        nf_error_prepend(error, "%s", path);
    json_decref(root);
    if (status != NF_OK) {
        nf_profile_free(*profile);
        *profile = NULL;
    }
    return status;
}
