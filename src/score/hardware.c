#include "score/hardware.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/near.h"
#include "base/number.h"
#include "base/pool.h"
#include "base/text.h"
#include "score/embedded_table.h"

enum { NAME_SIZE = 128, NEAR_SIZE = 400, DEVICE_FIELDS = 7, DEVICE_ALIAS_FIELDS = 3, PLACE_FIELDS = 6, PLACE_ALIAS_FIELDS = 4 };

typedef struct alias {
    const char *name; /* as written */
    char folded[NAME_SIZE]; /* of a device */
    size_t number;    /* of the device or place */
} alias;

typedef struct aliases {
    alias *items;
    size_t n, capacity;
} aliases;

struct nf_hardware {
    nf_pool strings;
    nf_device *devices;
    size_t n_devices, devices_capacity;
    nf_region *places;
    size_t n_places, places_capacity;
    aliases device_names, place_names; /* names too */
};

/* ---- names ---- */

/* Without the maker's name in front: "NVIDIA GeForce RTX 4090" is "rtx4090". */
static void fold_device(const char *name, char folded[NAME_SIZE])
{
    static const char *const makers[] = {"nvidia", "geforce", "tesla", "amd", "intel"};
    for (size_t i = 0; i < sizeof makers / sizeof makers[0]; i++) {
        size_t word = strcspn(name, " -_");
        char first[NAME_SIZE];
        snprintf(first, sizeof first, "%.*s", (int)(word < NAME_SIZE ? word : NAME_SIZE - 1), name);
        nf_text_fold(first, folded, NAME_SIZE);
        if (name[word] != '\0' && strcmp(folded, makers[i]) == 0) {
            name += word + 1;
            i = (size_t)-1; /* again from the first */
        }
    }
    nf_text_fold(name, folded, NAME_SIZE);
}

static nf_status add_alias(aliases *list, const char *name, const char *folded, size_t number, nf_error *error)
{
    nf_status status = nf_array_reserve((void **)&list->items, &list->capacity, list->n + 1, sizeof *list->items,
                                        "a table of names", error);
    if (status != NF_OK)
        return status;
    alias *added = &list->items[list->n++];
    *added = (alias){.name = name, .number = number};
    snprintf(added->folded, sizeof added->folded, "%s", folded);
    return NF_OK;
}

static const alias *find_alias(const aliases *list, const char *folded)
{
    for (size_t i = 0; i < list->n; i++)
        if (strcmp(list->items[i].folded, folded) == 0)
            return &list->items[i];
    return NULL;
}

/* ---- reading ---- */

/* NaN for an empty cell. */
static double number_in(const char *cell)
{
    double value = NAN;
    (void)nf_parse_double(cell, &value);
    return value;
}

static nf_status keep_strings(nf_hardware *h, const char *const *cells, const char **const *kept, size_t n, nf_error *error)
{
    nf_status status = NF_OK;
    for (size_t i = 0; i < n && status == NF_OK; i++)
        status = nf_pool_keep(&h->strings, cells[i], kept[i], error);
    return status;
}

static nf_status add_device(nf_hardware *h, const char *const *row, nf_error *error)
{
    char folded[NAME_SIZE];
    nf_status status = nf_array_reserve((void **)&h->devices, &h->devices_capacity, h->n_devices + 1, sizeof *h->devices,
                                        "a table of devices", error);
    if (status != NF_OK)
        return status;
    nf_device *d = &h->devices[h->n_devices];
    *d = (nf_device){.tdp_w = number_in(row[2]), .fp32_tflops = number_in(row[3]), .fp16_tflops = number_in(row[4]),
                     .memory_gb = number_in(row[5])};
    const char *cells[] = {row[0], row[1], row[6]};
    status = keep_strings(h, cells, (const char **[]){&d->name, &d->kind, &d->source}, 3, error);
    if (status != NF_OK)
        return status;
    fold_device(d->name, folded);
    return add_alias(&h->device_names, d->name, folded, h->n_devices++, error);
}

static nf_status add_device_alias(nf_hardware *h, const char *const *row, nf_error *error)
{
    char folded[NAME_SIZE];
    const char *kept;
    fold_device(row[1], folded);
    const alias *meant = find_alias(&h->device_names, folded);
    if (meant == NULL)
        return nf_fail(error, NF_ERR_INTERNAL, "the device alias %s names no device", row[0]);
    nf_status status = nf_pool_keep(&h->strings, row[0], &kept, error);
    fold_device(row[0], folded);
    return status == NF_OK ? add_alias(&h->device_names, kept, folded, meant->number, error) : status;
}

static nf_status add_place(nf_hardware *h, const char *const *row, nf_error *error)
{
    nf_status status = nf_array_reserve((void **)&h->places, &h->places_capacity, h->n_places + 1, sizeof *h->places,
                                        "a table of places", error);
    if (status != NF_OK)
        return status;
    nf_region *p = &h->places[h->n_places++];
    *p = (nf_region){.kg_per_kwh = number_in(row[3]) / 1000.0};
    const char *cells[] = {row[0], row[1], row[2], row[4], row[5]};
    return keep_strings(h, cells, (const char **[]){&p->provider, &p->region, &p->country, &p->year, &p->source}, 5, error);
}

static nf_status add_place_alias(nf_hardware *h, const char *const *row, nf_error *error)
{
    const char *kept;
    size_t i = 0;
    while (i < h->n_places && (strcmp(h->places[i].provider, row[1]) != 0 || strcmp(h->places[i].region, row[2]) != 0))
        i++;
    if (i == h->n_places)
        return nf_fail(error, NF_ERR_INTERNAL, "the place alias %s names no place", row[0]);
    nf_status status = nf_pool_keep(&h->strings, row[0], &kept, error);
    return status == NF_OK ? add_alias(&h->place_names, kept, "", i, error) : status;
}

static nf_status read_table(nf_hardware *h, const char *name, const char *header, size_t n_fields,
                            nf_status (*add)(nf_hardware *, const char *const *, nf_error *), nf_error *error)
{
    nf_csv *csv;
    const char *const *row;
    nf_status status = nf_embedded_table_open(&csv, name, header, error);
    while (status == NF_OK && (status = nf_embedded_table_next(csv, n_fields, &row, error)) == NF_OK)
        status = add(h, row, error);
    nf_csv_close(csv);
    return status == NF_EOF ? NF_OK : status;
}

nf_status nf_hardware_open(nf_hardware **opened, nf_error *error)
{
    *opened = NULL;
    nf_hardware *h = calloc(1, sizeof *h);
    if (h == NULL)
        return nf_fail_nomem(error, "a table of devices");
    nf_status status = read_table(h, "data-manifests/hardware/gpus.csv",
                                  "name,kind,tdp_w,fp32_tflops,fp16_tflops,memory_gb,source", DEVICE_FIELDS, add_device, error);
    if (status == NF_OK)
        status = read_table(h, "data-manifests/hardware/gpu-aliases.csv", "alias,name,reason", DEVICE_ALIAS_FIELDS,
                            add_device_alias, error);
    if (status == NF_OK)
        status = read_table(h, "data-manifests/hardware/carbon-intensity.csv",
                            "provider,region,country,g_co2_per_kwh,year,source", PLACE_FIELDS, add_place, error);
    if (status == NF_OK)
        status = read_table(h, "data-manifests/hardware/place-aliases.csv", "alias,provider,region,reason",
                            PLACE_ALIAS_FIELDS, add_place_alias, error);
    if (status != NF_OK) {
        nf_hardware_close(h);
        return status;
    }
    *opened = h;
    return NF_OK;
}

void nf_hardware_close(nf_hardware *h)
{
    if (h == NULL)
        return;
    nf_pool_free(&h->strings);
    free(h->devices);
    free(h->places);
    free(h->device_names.items);
    free(h->place_names.items);
    free(h);
}

/* ---- looking up ---- */

nf_status nf_hardware_device(const nf_hardware *h, const char *name, const char *what, const nf_device **device,
                             nf_error *error)
{
    char folded[NAME_SIZE], near_names[NEAR_SIZE];
    fold_device(name, folded);
    const alias *found = find_alias(&h->device_names, folded);
    if (found != NULL) {
        *device = &h->devices[found->number];
        return NF_OK;
    }
    const char **names = calloc(h->device_names.n + 1, sizeof *names);
    for (size_t i = 0; names != NULL && i < h->device_names.n; i++)
        names[i] = h->device_names.items[i].name;
    nf_status status = nf_fail(error, NF_ERR_USAGE, "%s \"%s\" is no device that nofade knows%s", what, name,
                               nf_near_text(name, names, h->device_names.n, near_names, NEAR_SIZE));
    free(names);
    return status;
}

/* Case alone does not count: us-west-2 is Amazon's, us-west2 Google's. */
static bool means_place(const nf_region *p, const char *name, int step)
{
    size_t provider = strlen(p->provider);
    if (step == 0)
        return strncasecmp(name, p->provider, provider) == 0 && name[provider] == ':' &&
               strcasecmp(name + provider + 1, p->region) == 0;
    return strcasecmp(step == 1 ? p->region : p->country, name) == 0 && (step == 1 || strcmp(p->provider, "country") == 0);
}

static nf_status ambiguous(const nf_hardware *h, const char *name, int step, const char *what, nf_error *error)
{
    char list[400] = "";
    size_t used = 0;
    for (size_t i = 0; i < h->n_places && used + 1 < sizeof list; i++)
        if (means_place(&h->places[i], name, step))
            used += (size_t)snprintf(list + used, sizeof list - used, "%s%s:%s", used > 0 ? ", " : "", h->places[i].provider,
                                     h->places[i].region);
    return nf_fail(error, NF_ERR_USAGE, "%s \"%s\" may be one of %s", what, name, list);
}

static nf_status unknown_place(const nf_hardware *h, const char *name, const char *what, nf_error *error)
{
    char near_names[NEAR_SIZE];
    const char *colon = strchr(name, ':');
    size_t n = 0, n_aliases = h->place_names.n;
    const char **names = calloc(n_aliases + 2 * h->n_places + 1, sizeof *names);
    for (size_t i = 0; names != NULL && i < n_aliases; i++)
        names[n++] = h->place_names.items[i].name;
    for (size_t i = 0; names != NULL && i < h->n_places; i++) {
        names[n++] = h->places[i].region;
        names[n++] = h->places[i].country;
    }
    nf_status status = nf_fail(error, NF_ERR_USAGE,
                               "%s \"%s\" is no place whose carbon intensity nofade knows (a country, or provider:region)%s",
                               what, name,
                               nf_near_text(colon != NULL ? colon + 1 : name, names, n, near_names, NEAR_SIZE));
    free(names);
    return status;
}

nf_status nf_hardware_place(const nf_hardware *h, const char *name, const char *what, const nf_region **place,
                            nf_error *error)
{
    for (size_t i = 0; i < h->place_names.n; i++)
        if (strcasecmp(h->place_names.items[i].name, name) == 0) {
            *place = &h->places[h->place_names.items[i].number];
            return NF_OK;
        }
    for (int step = 0; step < 3 && name[0] != '\0'; step++) { /* provider:region, region, country */
        size_t n = 0;
        for (size_t i = 0; i < h->n_places; i++)
            if (means_place(&h->places[i], name, step)) {
                *place = &h->places[i];
                n++;
            }
        if (n > 0)
            return n == 1 ? NF_OK : ambiguous(h, name, step, what, error);
    }
    return unknown_place(h, name, what, error);
}
