#include "score/complexities.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/number.h"
#include "score/embedded_table.h"
#include "score/model_table.h"

void nf_reading(size_t i, nf_definition *definition)
{
    static const struct {
        nf_class_distribution distribution;
        unsigned bins;
    } readings[NF_READINGS / 2] = {
        {NF_CLASS_ENTROPY, 64}, {NF_CLASS_ENTROPY, 32}, {NF_CLASS_ENTROPY, 128}, {NF_CLASS_INTENSITY, 64},
        {NF_CLASS_POOLED, 64},
    };
    nf_definition_init(definition);
    definition->class_distribution = readings[i / 2].distribution;
    definition->bins = readings[i / 2].bins;
    definition->jsd_base = i % 2 == 0 ? NF_LOG_E : NF_LOG_2;
    definition->null_permutations = 0;
}

const nf_complexity *nf_complexities_find(const nf_complexities *list, const char *dataset)
{
    for (size_t i = 0; i < list->n; i++)
        if (strcmp(list->items[i].dataset, dataset) == 0)
            return &list->items[i];
    return NULL;
}

const char *nf_complexity_caveat(const nf_complexity *c)
{
    return c->sampled ? "an estimate: the profile is of a random sample"
           : c->incomplete ? "the profile is not complete: a part of the set was counted" : NULL;
}

void nf_complexities_free(nf_complexities *list)
{
    free(list->items);
    nf_pool_free(&list->strings);
    *list = (nf_complexities){0};
}

/* Appends a complexity whose texts are copied; every reading is its value until another is known. */
static nf_status add(nf_complexities *list, const nf_complexity *from, nf_complexity **added, nf_error *error)
{
    const nf_complexity *before = nf_complexities_find(list, from->dataset);
    if (before != NULL)
        return nf_fail(error, NF_ERR_USAGE, "the complexity of %s is given twice, by %s and by %s", from->dataset,
                       before->source, from->source);
    nf_status status = nf_array_reserve((void **)&list->items, &list->capacity, list->n + 1, sizeof *list->items,
                                        "complexities", error);
    if (status != NF_OK)
        return status;
    nf_complexity *c = &list->items[list->n];
    *c = *from;
    const char **texts[] = {&c->dataset, &c->kind, &c->definition, &c->saved_under, &c->digest, &c->source};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0] && status == NF_OK; i++)
        status = nf_pool_keep(&list->strings, *texts[i], texts[i], error);
    for (size_t i = 0; i < NF_READINGS; i++)
        c->readings[i] = c->value;
    list->n += status == NF_OK;
    *added = c;
    return status;
}

/* The part before the '=', as a dataset's id. name: (256,) */
static bool split_name(const nf_manifests *manifests, const char *text, const char *equals, char *name)
{
    size_t length = (size_t)(equals - text);
    if (length == 0 || length >= 256)
        return false;
    memcpy(name, text, length);
    name[length] = '\0';
    const char *id = nf_dataset_id(manifests, name);
    if (id != name)
        strcpy(name, strlen(id) < 256 ? id : name);
    return true;
}

nf_status nf_complexities_add_value(nf_complexities *list, const nf_manifests *manifests, const char *text, nf_error *error)
{
    char name[256];
    nf_complexity *added;
    const char *equals = strrchr(text, '=');
    double value;
    if (equals == NULL || !split_name(manifests, text, equals, name) || !nf_parse_double(equals + 1, &value))
        return nf_fail(error, NF_ERR_USAGE, "--complexity \"%s\" must be NAME=VALUE, as in imagenet=11.9", text);
    if (!(value > 0.0))
        return nf_fail(error, NF_ERR_USAGE, "--complexity \"%s\": a complexity must be above 0", text);
    return add(list, &(nf_complexity){.dataset = name, .kind = "", .value = value, .definition = "", .saved_under = "",
                                      .digest = "", .source = "--complexity"}, &added, error);
}

static nf_status add_readings(const nf_profile *profile, nf_complexity *c, nf_error *error)
{
    nf_status status = NF_OK;
    for (size_t i = 0; i < NF_READINGS && status == NF_OK; i++) {
        nf_definition definition;
        nf_analysis analysis;
        nf_reading(i, &definition);
        status = nf_analyse(profile, &definition, &analysis, error);
        if (status == NF_OK)
            c->readings[i] = analysis.has_complexity && analysis.complexity > 0.0 ? analysis.complexity : NAN;
        nf_analysis_clear(&analysis);
    }
    return status;
}

static bool is_among(const nf_manifest_class *classes, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (strcasecmp(classes[i].id, name) == 0 || strcasecmp(classes[i].name, name) == 0)
            return true;
    return false;
}

bool nf_has_other_classes(const nf_manifests *manifests, const nf_profile *profile)
{
    const nf_manifest *manifest = profile->dataset_id != NULL ? nf_manifests_find(manifests, profile->dataset_id) : NULL;
    size_t n_named = 0;
    for (size_t i = 0; manifest != NULL && manifest->n_classes > 0 && i < profile->n_classes; i++) {
        const char *name = profile->classes[i].name;
        if (name == NULL)
            continue;
        n_named++;
        if (is_among(manifest->classes, manifest->n_classes, name) ||
            is_among(manifest->coarse_classes, manifest->n_coarse_classes, name))
            return false;
    }
    return n_named > 0;
}

static nf_status add_analysed(nf_complexities *list, const nf_manifests *manifests, const nf_profile *profile,
                              const nf_analysis *analysis, const char *name, const char *source, bool with_readings,
                              nf_error *error)
{
    char id[NF_DEFINITION_ID_SIZE], digest[NF_DIGEST_SIZE];
    nf_complexity *added;
    nf_definition_id(&analysis->definition, profile->grey, id);
    const char *saved_under = nf_saved_under(profile, analysis);
    nf_status status = nf_profile_counts_digest(profile, digest, error);
    if (status != NF_OK)
        return status;
    status = add(list, &(nf_complexity){.dataset = name, .kind = analysis->complexity_kind, .value = analysis->complexity,
                                                  .definition = id, .digest = digest, .source = source,
                                                  .saved_under = saved_under != NULL ? saved_under : "",
                                                  .incomplete = !profile->complete,
                                                  .other_classes = nf_has_other_classes(manifests, profile),
                                                  .sampled = nf_estimate_is_partial(&profile->estimate)}, &added, error);
    return status == NF_OK && with_readings ? add_readings(profile, added, error) : status;
}

static nf_status analyse_and_add(nf_complexities *list, const nf_manifests *manifests, const nf_profile *profile,
                                 const char *name, const char *path, bool with_readings, nf_error *error)
{
    nf_definition definition;
    nf_analysis analysis;
    nf_reading(0, &definition);
    nf_status status = nf_analyse(profile, &definition, &analysis, error);
    if (status == NF_OK && !analysis.has_complexity)
        status = nf_fail(error, NF_ERR_USAGE, "%s: the profile of %s has no complexity%s", path, name,
                         nf_estimate_is_partial(&profile->estimate)
                             ? ": it is of a random sample, and distances of classes need all" : "");
    else if (status == NF_OK && !(analysis.complexity > 0.0))
        status = nf_fail(error, NF_ERR_USAGE, "%s: the complexity of %s is %.6g; nothing can be scored with one that is not "
                         "above 0", path, name, analysis.complexity);
    if (status == NF_OK)
        status = add_analysed(list, manifests, profile, &analysis, name, path, with_readings, error);
    nf_analysis_clear(&analysis);
    return status;
}

nf_status nf_complexities_add_analysis(nf_complexities *list, const nf_manifests *manifests, const nf_profile *profile,
                                       const nf_analysis *analysis, bool with_readings, nf_error *error)
{
    const char *name = profile->dataset_id != NULL ? nf_dataset_id(manifests, profile->dataset_id) : "";
    const bool is_usable = name[0] != '\0' && analysis->has_complexity && analysis->complexity > 0.0;
    if (!is_usable || nf_complexities_find(list, name) != NULL)
        return NF_OK;
    return add_analysed(list, manifests, profile, analysis, name, "its profile", with_readings, error);
}

const char *nf_complexities_profile_path(const char *text)
{
    const char *equals = strchr(text, '='), *slash = strchr(text, '/');
    bool is_named = equals != NULL && (slash == NULL || equals < slash); /* a path may hold a '=' behind its first '/' */
    return is_named ? equals + 1 : text;
}

nf_status nf_complexities_add_profile(nf_complexities *list, const nf_manifests *manifests, const char *text,
                                      bool with_readings, nf_error *error)
{
    char name[256] = "";
    nf_profile *profile = NULL;
    const char *path = nf_complexities_profile_path(text);
    if (path != text && !split_name(manifests, text, path - 1, name))
        return nf_fail(error, NF_ERR_USAGE, "--profile \"%s\" must be FILE or NAME=FILE", text);
    nf_status status = nf_profile_read(path, &profile, error);
    if (status != NF_OK)
        return status;
    const char *own = profile->dataset_id != NULL ? nf_dataset_id(manifests, profile->dataset_id) : "";
    status = analyse_and_add(list, manifests, profile, name[0] != '\0' ? name : own, path, with_readings, error);
    nf_profile_free(profile);
    return status;
}

/* ---- references ---- */

enum { REFERENCE_FIELDS = 9 };

/* Which reading a definition id is; NF_READINGS: none. */
static size_t reading_of(const char *id)
{
    size_t i = 0;
    for (; i < NF_READINGS; i++) {
        char other[NF_DEFINITION_ID_SIZE];
        nf_definition definition;
        nf_reading(i, &definition);
        nf_definition_id(&definition, NF_GREY_BT601, other);
        if (strcmp(other, id) == 0)
            break;
    }
    return i;
}

/* row: dataset,split,images,definition,kind,value,counts_digest,archives,source; the first of a dataset is reading 0. */
static nf_status add_reference(nf_complexities *list, const char *const *row, size_t n_given, const char *table,
                               nf_error *error)
{
    nf_complexity *c = (nf_complexity *)nf_complexities_find(list, row[0]);
    size_t reading = reading_of(row[3]);
    double value;
    if (!nf_parse_double(row[5], &value) || reading == NF_READINGS || (c == NULL && reading != 0))
        return nf_fail(error, NF_ERR_INTERNAL, "%s: a row of %s makes no sense", table, row[0]);
    if (c != NULL && c < list->items + n_given)
        return NF_OK; /* given by the caller */
    if (c == NULL)
        return add(list, &(nf_complexity){.dataset = row[0], .kind = row[4], .value = value, .definition = row[3],
                                          .saved_under = "", .digest = row[6], .source = table}, &c, error);
    c->readings[reading] = value;
    return NF_OK;
}

nf_status nf_complexities_add_references(nf_complexities *list, nf_error *error)
{
    static const char table[] = "data-manifests/references/complexities.csv";
    nf_csv *csv;
    const char *const *row;
    const size_t n_given = list->n_given = list->n;
    static const char header[] = "dataset,split,images,definition,kind,value,counts_digest,archives,source";
    nf_status status = nf_embedded_table_open(&csv, table, header, error);
    while (status == NF_OK && (status = nf_embedded_table_next(csv, REFERENCE_FIELDS, &row, error)) == NF_OK)
        status = add_reference(list, row, n_given, table, error);
    nf_csv_close(csv);
    return status == NF_EOF ? NF_OK : status;
}
