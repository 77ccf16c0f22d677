/* nofade: tables of models: accuracy, FLOPs, energy, times, read from CSV with the unit in each column's name.
 *
 * Columns, in any order, behind a header: model, variant, dataset, task, metric, accuracy_pct | accuracy, flops | gflops |
 * macs | gmacs, flops_convention, flops_px, input_px, params_m, gpu, gpu_count, hours | gpu_hours, hours_scope, energy_j |
 * energy_wh | energy_kwh | energy_mj (megajoule), co2_kg, inference_ms, inference_gpu, test_images, training_flops, category,
 * source. Only model is needed; an empty cell is not known; other columns are kept as text. A column that means one of these
 * without its unit is refused, as is a value out of range: with file, line and column. CodeCarbon's emissions.csv and timm's
 * results and benchmark CSV are understood as they are.
 */
#ifndef NF_MODEL_TABLE_H
#define NF_MODEL_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/pool.h"
#include "score/hardware.h"
#include "manifest/manifest.h"

enum { NF_MODELS_MAX = 1 << 23 };

/* Texts are "" and numbers NaN where the table says nothing. */
typedef struct nf_model {
    const char *model, *variant, *dataset, *task, *metric, *input_px; /* the key; dataset: a manifest's id where it is one */
    const char *flops_px, *gpu, *inference_gpu, *hours_scope, *category, *source;
    const nf_device *device, *inference_device; /* of gpu and inference_gpu; NULL: none */
    double accuracy;          /* a fraction */
    double flops;             /* plain, a multiply-add is 2 */
    double params_m;          /* millions */
    double gpu_count;
    double hours, gpu_hours;  /* of training: wall clock, and times the devices */
    double energy_kwh, co2_kg; /* of training */
    double inference_ms;      /* an image */
    double test_images;
    double training_flops;    /* of the whole training */
    /* half a unit of the last printed digit, in the same units; 0: exact */
    double accuracy_half, flops_half, energy_half, co2_half, hours_half, gpu_hours_half, training_flops_half;
    const char *flops_unit;   /* the column it came from: "gmacs" */
    bool flops_unstated;      /* FLOPs or MACs, the source does not say: once or twice flops */
    bool is_benchmark;        /* a row of a timm benchmark: speed and FLOPs, to be joined with a result */
    const char *const *extra; /* (n_extra of the table,) the other columns */
    uint32_t table;
    uint64_t line;
} nf_model;

typedef struct nf_model_table {
    const char *name;              /* path, or name of the compiled-in file */
    const char *const *extra_names; /* (n_extra,) */
    size_t n_extra;
} nf_model_table;

typedef struct nf_models {
    const nf_manifests *manifests; /* borrowed */
    const nf_hardware *hardware;   /* borrowed */
    nf_model *items;               /* (n,) in the order in which they were read */
    size_t n, capacity;
    nf_model_table *tables;
    size_t n_tables, tables_capacity;
    nf_pool strings;
    uint64_t *slots;               /* (n_slots,) a hash table of the keys: half a hash and number + 1; 0 is free */
    size_t n_slots;
} nf_models;

/* What rows say that do not say it themselves; NULL or "": nothing. */
typedef struct nf_model_defaults {
    const char *dataset, *task;
} nf_model_defaults;

/* Manifests and hardware must outlive it. */
nf_status nf_models_new(nf_models **models, const nf_manifests *manifests, const nf_hardware *hardware, nf_error *error);
void nf_models_free(nf_models *models);
/* Adds the rows of a CSV file. NF_ERR_USAGE with file:line:column; NF_ERR_INPUT when it cannot be read. */
nf_status nf_models_read(nf_models *models, const char *path, const nf_model_defaults *defaults, nf_error *error);
/* Adds the compiled-in tables (data-manifests/models). */
nf_status nf_models_read_corpus(nf_models *models, nf_error *error);
/* Rows of a timm benchmark (FLOPs and speed, no accuracy) are put into the rows of the same model and size that lack them, and
 * leave the list. Once, after the last table. */
void nf_models_join_benchmarks(nf_models *models);
/* The id of the manifest that knows this name, else the name itself. */
const char *nf_dataset_id(const nf_manifests *manifests, const char *name);

#endif
