#include "score/model_table.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "base/buf.h"
#include "score/embedded_table.h"
#include "score/model_rows.h"

enum { SLOTS_FIRST = 256, KEY_TEXTS = 6 };

const char *nf_dataset_id(const nf_manifests *manifests, const char *name)
{
    const nf_manifest *manifest = name[0] != '\0' ? nf_manifests_find(manifests, name) : NULL;
    return manifest != NULL ? manifest->id : name;
}

nf_status nf_models_new(nf_models **models, const nf_manifests *manifests, const nf_hardware *hardware, nf_error *error)
{
    *models = calloc(1, sizeof **models);
    if (*models == NULL)
        return nf_fail_nomem(error, "a table of models");
    (*models)->manifests = manifests;
    (*models)->hardware = hardware;
    return NF_OK;
}

void nf_models_free(nf_models *models)
{
    if (models == NULL)
        return;
    free(models->items);
    free(models->tables);
    free(models->slots);
    nf_pool_free(&models->strings);
    free(models);
}

/* ---- the key ---- */

static void key_of(const nf_model *model, const char *key[KEY_TEXTS])
{
    key[0] = model->model;
    key[1] = model->variant;
    key[2] = model->dataset;
    key[3] = model->task;
    key[4] = model->metric;
    key[5] = model->input_px;
}

/* Most texts are kept once, and have one address when they are equal. A result and a benchmark never have one key. */
static bool same_key(const nf_model *a, const nf_model *b)
{
    const char *x[KEY_TEXTS], *y[KEY_TEXTS];
    if (a->is_benchmark != b->is_benchmark)
        return false;
    key_of(a, x);
    key_of(b, y);
    for (size_t i = 0; i < KEY_TEXTS; i++)
        if (x[i] != y[i] && strcmp(x[i], y[i]) != 0)
            return false;
    return true;
}

/* The upper half says most of the time that a key is another one, without a look at it. */
#define HASH_HALF UINT64_C(0xffffffff00000000)

static uint64_t hash_of(const nf_model *model)
{
    const char *key[KEY_TEXTS];
    uint64_t hash = model->is_benchmark;
    key_of(model, key);
    for (size_t i = 0; i < KEY_TEXTS; i++)
        hash = XXH3_64bits_withSeed(key[i], strlen(key[i]), hash + i);
    return hash;
}

static nf_model *in_slot(const nf_models *models, size_t slot)
{
    return &models->items[(uint32_t)models->slots[slot] - 1];
}

/* Slots are chosen by the half of the hash that they hold, so that a larger table needs nothing else. */
static size_t first_slot(const nf_models *models, uint64_t hash)
{
    return (size_t)(hash >> 32) & (models->n_slots - 1);
}

static size_t find_slot(const nf_models *models, const nf_model *model, uint64_t hash)
{
    size_t slot = first_slot(models, hash);
    while (models->slots[slot] != 0 &&
           ((models->slots[slot] & HASH_HALF) != (hash & HASH_HALF) || !same_key(in_slot(models, slot), model)))
        slot = (slot + 1) & (models->n_slots - 1);
    return slot;
}

static nf_status grow_slots(nf_models *models, nf_error *error)
{
    if (models->n < models->n_slots / 2)
        return NF_OK;
    nf_models wider = {.n_slots = models->n_slots == 0 ? SLOTS_FIRST : models->n_slots * 2};
    wider.slots = calloc(wider.n_slots, sizeof *wider.slots);
    if (wider.slots == NULL)
        return nf_fail_nomem(error, "a table of models");
    for (size_t i = 0; i < models->n_slots; i++) {
        if (models->slots[i] == 0)
            continue;
        size_t slot = first_slot(&wider, models->slots[i]);
        while (wider.slots[slot] != 0)
            slot = (slot + 1) & (wider.n_slots - 1);
        wider.slots[slot] = models->slots[i];
    }
    free(models->slots);
    models->slots = wider.slots;
    models->n_slots = wider.n_slots;
    return NF_OK;
}

static nf_status repeated(const nf_models *models, const nf_model *model, const nf_model *before, nf_error *error)
{
    return nf_fail(error, NF_ERR_USAGE,
                   "%s:%llu:1: the model \"%s\" is there already (%s:%llu), with the same variant, dataset, task, metric "
                   "and input_px", models->tables[model->table].name, (unsigned long long)model->line, model->model,
                   models->tables[before->table].name, (unsigned long long)before->line);
}

static nf_status add_model(nf_models *models, const nf_model *model, nf_error *error)
{
    if (models->n >= NF_MODELS_MAX)
        return nf_fail(error, NF_ERR_USAGE, "more than %d models", NF_MODELS_MAX);
    nf_status status = grow_slots(models, error);
    if (status == NF_OK)
        status = nf_array_reserve((void **)&models->items, &models->capacity, models->n + 1, sizeof *models->items,
                                  "a table of models", error);
    if (status != NF_OK)
        return status;
    uint64_t hash = hash_of(model);
    size_t slot = find_slot(models, model, hash);
    if (models->slots[slot] != 0)
        return repeated(models, model, in_slot(models, slot), error);
    models->slots[slot] = (hash & HASH_HALF) | (models->n + 1);
    models->items[models->n++] = *model;
    return NF_OK;
}

/* ---- reading ---- */

static nf_status add_table(nf_models *models, const char *name, uint32_t *number, nf_error *error)
{
    nf_status status = nf_array_reserve((void **)&models->tables, &models->tables_capacity, models->n_tables + 1,
                                        sizeof *models->tables, "tables of models", error);
    if (status != NF_OK)
        return status;
    *number = (uint32_t)models->n_tables;
    models->tables[models->n_tables] = (nf_model_table){0};
    return nf_pool_keep(&models->strings, name, &models->tables[models->n_tables++].name, error);
}

static nf_status read_rows(nf_models *models, nf_rows *rows, nf_error *error)
{
    nf_model model;
    rows->models = models;
    nf_status status = add_table(models, rows->name, &rows->table, error);
    if (status == NF_OK)
        status = nf_rows_begin(rows, error);
    while (status == NF_OK && (status = nf_rows_next(rows, &model, error)) == NF_OK)
        status = add_model(models, &model, error);
    return status == NF_EOF ? NF_OK : status;
}

nf_status nf_models_read(nf_models *models, const char *path, const nf_model_defaults *defaults, nf_error *error)
{
    nf_rows rows = {.name = path, .defaults = defaults};
    nf_status status = nf_csv_open(&rows.csv, path, error);
    if (status == NF_OK)
        status = read_rows(models, &rows, error);
    nf_rows_end(&rows);
    return status;
}

nf_status nf_models_read_corpus(nf_models *models, nf_error *error)
{
    static const char folder[] = "data-manifests/models/";
    const nf_model_defaults none = {NULL, NULL};
    nf_status status = NF_OK;
    for (const nf_embedded_file *file = nf_embedded_files; file->name != NULL && status == NF_OK; file++) {
        if (strncmp(file->name, folder, sizeof folder - 1) != 0)
            continue;
        nf_rows rows = {.name = file->name, .defaults = &none};
        status = nf_csv_open_memory(&rows.csv, file->name, file->bytes, file->n_bytes, error);
        if (status == NF_OK)
            status = read_rows(models, &rows, error);
        nf_rows_end(&rows);
    }
    return status;
}

static void join(nf_model *model, const nf_model *benchmark)
{
    if (isnan(model->flops)) {
        model->flops = benchmark->flops;
        model->flops_half = benchmark->flops_half;
        model->flops_unit = benchmark->flops_unit;
    }
    if (isnan(model->params_m))
        model->params_m = benchmark->params_m;
    if (isnan(model->inference_ms))
        model->inference_ms = benchmark->inference_ms;
}

void nf_models_join_benchmarks(nf_models *models)
{
    size_t kept = 0, n_benchmarks = 0;
    for (size_t i = 0; i < models->n; i++) {
        nf_model result = models->items[i];
        if (!result.is_benchmark)
            continue;
        n_benchmarks++;
        result.is_benchmark = false;
        size_t slot = find_slot(models, &result, hash_of(&result));
        if (models->slots[slot] != 0)
            join(in_slot(models, slot), &models->items[i]);
    }
    for (size_t i = 0; n_benchmarks > 0 && i < models->n; i++)
        if (!models->items[i].is_benchmark)
            models->items[kept++] = models->items[i];
    models->n = n_benchmarks > 0 ? kept : models->n;
    free(models->slots); /* no table comes any more, and rows have moved */
    models->slots = NULL;
    models->n_slots = 0;
}
