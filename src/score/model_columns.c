#include "score/model_columns.h"

#include <string.h>

#include "base/text.h"

#define FIELD(name) offsetof(nf_model, name)
#define TEXT(name) {#name, true, FIELD(name), 0, 0, 1, 1, 0, 0, false, NULL, NULL, NF_TABLE_OWN}
#define NUMBER(name, min, max, below, beyond) \
    {#name, false, FIELD(name), 0, 0, 1, 1, min, max, true, below, beyond, NF_TABLE_OWN}

#define IS_PLAIN "a plain count goes in a column named "
#define NOT_NEGATIVE "must be more than 0; leave the cell empty when it is not known"
#define ONE_OR_MORE "must be at least 1; leave the cell empty when it is not known"

static const nf_column columns[] = {
    TEXT(model), TEXT(variant), TEXT(dataset), TEXT(task), TEXT(metric), TEXT(input_px), TEXT(flops_px), TEXT(gpu),
    TEXT(inference_gpu), TEXT(hours_scope), TEXT(category), TEXT(source),
    {"accuracy", false, FIELD(accuracy), FIELD(accuracy_half), 0, 1, 1, 0, 1, false, "must be from 0 to 1",
     "must be a fraction from 0 to 1; per cent go in a column named accuracy_pct", NF_TABLE_OWN},
    {"accuracy_pct", false, FIELD(accuracy), FIELD(accuracy_half), -2, 1, 1, 0, 100, false, "must be per cent from 0 to 100",
     "must be per cent from 0 to 100", NF_TABLE_OWN},
    {"flops", false, FIELD(flops), FIELD(flops_half), 0, 1, 1, 1, 1e18, true,
     "must be more than 1: a plain count per forward pass",
     "must be at most 1e18 per forward pass", NF_TABLE_OWN},
    {"gflops", false, FIELD(flops), FIELD(flops_half), 9, 1, 1, 1e-9, 1e6, true, "must be more than 1 FLOP: billions are meant",
     "is in billions, at most 1e6; " IS_PLAIN "flops", NF_TABLE_OWN},
    {"macs", false, FIELD(flops), FIELD(flops_half), 0, 2, 1, 0.5, 5e17, true,
     "must be more than 1 FLOP: a plain count of multiply-adds",
     "must be at most 5e17 per forward pass", NF_TABLE_OWN},
    {"gmacs", false, FIELD(flops), FIELD(flops_half), 9, 2, 1, 5e-10, 1e6, true, "must be more than 1 FLOP: billions are meant",
     "is in billions, at most 1e6; " IS_PLAIN "macs", NF_TABLE_OWN},
    NUMBER(params_m, 0, 1e7, NOT_NEGATIVE, "is in millions, at most 1e7"),
    {"gpu_count", false, FIELD(gpu_count), 0, 0, 1, 1, 1, 1e7, false, ONE_OR_MORE, "must be at most 1e7", NF_TABLE_OWN},
    {"hours", false, FIELD(hours), FIELD(hours_half), 0, 1, 1, 0, 1e7, true, NOT_NEGATIVE, "must be at most 1e7", NF_TABLE_OWN},
    {"gpu_hours", false, FIELD(gpu_hours), FIELD(gpu_hours_half), 0, 1, 1, 0, 1e11, true, NOT_NEGATIVE, "must be at most 1e11",
     NF_TABLE_OWN},
    {"energy_j", false, FIELD(energy_kwh), FIELD(energy_half), -5, 1, 36, 0, 1e18, true, NOT_NEGATIVE, "must be at most 1e18",
     NF_TABLE_OWN},
    {"energy_wh", false, FIELD(energy_kwh), FIELD(energy_half), -3, 1, 1, 0, 1e15, true, NOT_NEGATIVE, "must be at most 1e15",
     NF_TABLE_OWN},
    {"energy_kwh", false, FIELD(energy_kwh), FIELD(energy_half), 0, 1, 1, 0, 1e12, true, NOT_NEGATIVE, "must be at most 1e12",
     NF_TABLE_OWN},
    {"energy_mj", false, FIELD(energy_kwh), FIELD(energy_half), 1, 1, 36, 0, 1e12, true, NOT_NEGATIVE, "must be at most 1e12",
     NF_TABLE_OWN},
    {"co2_kg", false, FIELD(co2_kg), FIELD(co2_half), 0, 1, 1, 0, 1e13, false, "must not be negative", "must be at most 1e13",
     NF_TABLE_OWN},
    NUMBER(inference_ms, 0, 1e9, NOT_NEGATIVE, "must be at most 1e9"),
    {"test_images", false, FIELD(test_images), 0, 0, 1, 1, 1, 1e12, false, ONE_OR_MORE, "must be at most 1e12", NF_TABLE_OWN},
    {"training_flops", false, FIELD(training_flops), FIELD(training_flops_half), 0, 1, 1, 1, 1e33, true,
     "must be more than 1: a plain count of the training",
     "must be at most 1e33", NF_TABLE_OWN},
    /* CodeCarbon: kg, kWh, seconds. */
    {"project_name", true, FIELD(model), 0, 0, 1, 1, 0, 0, false, NULL, NULL, NF_TABLE_CODECARBON},
    {"run_id", true, FIELD(variant), 0, 0, 1, 1, 0, 0, false, NULL, NULL, NF_TABLE_CODECARBON},
    {"emissions", false, FIELD(co2_kg), FIELD(co2_half), 0, 1, 1, 0, 1e13, false, "must not be negative", NULL,
     NF_TABLE_CODECARBON},
    {"energy_consumed", false, FIELD(energy_kwh), FIELD(energy_half), 0, 1, 1, 0, 1e12, true, NOT_NEGATIVE, NULL,
     NF_TABLE_CODECARBON},
    {"duration", false, FIELD(hours), FIELD(hours_half), 0, 1, 3600, 0, 1e11, true, NOT_NEGATIVE, NULL, NF_TABLE_CODECARBON},
    /* timm: per cent, millions (with thousands separators), pixels a side; images a second. */
    {"top1", false, FIELD(accuracy), FIELD(accuracy_half), -2, 1, 1, 0, 100, false, NULL, "must be per cent from 0 to 100",
     NF_TABLE_TIMM},
    {"img_size", true, FIELD(input_px), 0, 0, 1, 1, 0, 0, false, NULL, NULL, NF_TABLE_TIMM},
    {"param_count", false, FIELD(params_m), 0, 0, 1, 1, 0, 1e7, true, NOT_NEGATIVE, NULL, NF_TABLE_TIMM},
    {"param_count", false, FIELD(params_m), 0, 0, 1, 1, 0, 1e7, true, NOT_NEGATIVE, NULL, NF_TABLE_TIMM_BENCHMARK},
    {"infer_img_size", true, FIELD(input_px), 0, 0, 1, 1, 0, 0, false, NULL, NULL, NF_TABLE_TIMM_BENCHMARK},
    {"infer_gmacs", false, FIELD(flops), FIELD(flops_half), 9, 2, 1, 5e-10, 1e6, true,
     "must be more than 1 FLOP: billions are meant", "is in billions, at most 1e6", NF_TABLE_TIMM_BENCHMARK},
    {"infer_samples_per_sec", false, FIELD(inference_ms), 0, 0, 1000, 0, 0, 1e12, true, NOT_NEGATIVE, NULL,
     NF_TABLE_TIMM_BENCHMARK},
};

static bool has(const char *const *header, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(header[i], name) == 0)
            return true;
    return false;
}

nf_table_format nf_table_format_of(const char *const *header, size_t n)
{
    if (has(header, n, "emissions") && has(header, n, "energy_consumed") && has(header, n, "project_name"))
        return NF_TABLE_CODECARBON;
    if (has(header, n, "top1") && has(header, n, "top1_err") && has(header, n, "param_count"))
        return NF_TABLE_TIMM;
    if (has(header, n, "infer_samples_per_sec") && has(header, n, "param_count"))
        return NF_TABLE_TIMM_BENCHMARK;
    return NF_TABLE_OWN;
}

const nf_column *nf_column_named(const char *name, nf_table_format format)
{
    for (size_t i = 0; i < sizeof columns / sizeof columns[0]; i++)
        if (strcmp(columns[i].name, name) == 0 && (columns[i].format == NF_TABLE_OWN || columns[i].format == format))
            return &columns[i];
    return NULL;
}

const nf_column *nf_column_like(const char *name, nf_table_format format)
{
    char folded[64], other[64];
    nf_text_fold(name, folded, sizeof folded);
    for (size_t i = 0; i < sizeof columns / sizeof columns[0]; i++) {
        nf_text_fold(columns[i].name, other, sizeof other);
        if (strcmp(folded, other) == 0 && (columns[i].format == NF_TABLE_OWN || columns[i].format == format))
            return &columns[i];
    }
    return NULL;
}

/* ---- names without a unit ---- */

typedef struct vague {
    const char *const *names; /* folded; NULL-terminated */
    const char *advice;
} vague;

static bool begins_with_word(const char *folded, const char *const *names)
{
    for (; *names != NULL; names++) {
        size_t length = strlen(*names);
        if (strncmp(folded, *names, length) == 0)
            return true;
    }
    return false;
}

static bool is_one_of(const char *folded, const char *const *names)
{
    for (; *names != NULL; names++)
        if (strcmp(folded, *names) == 0)
            return true;
    return false;
}

/* "FLOPs", "GFLOPs (?)", "MACs(G)", "FLOPS_G", "Mult-Adds": any word of them, unless it is one of ours. */
static bool counts_operations(const char *name, const char *folded)
{
    static const char *const begins[] = {"mac", "gmac", "mmac", "tmac", "multadd", "madd", "gmadd", NULL};
    static const char *const others[] = {"macro", "machine", "macact", "macts", NULL}; /* words that only begin so */
    if (strcmp(name, "flops_convention") == 0)
        return false;
    return strstr(folded, "flop") != NULL || (begins_with_word(folded, begins) && !begins_with_word(folded, others));
}

bool nf_column_lacks_unit(const char *name, const char **advice)
{
    static const char *const accuracy[] = {"acc", "accuracy", "accuracypercent", "testaccuracy", "top1", "top1acc",
                                           "top1accuracy",
                                           "accuracytop1", "acc1", "miou", "map", NULL};
    static const char *const energy[] = {"energy", "trainenergy", "trainingenergy", "electricity", "power", "energykj", NULL};
    static const char *const co2[] = {"co2", "co2e", "co2eq", "emissions", "carbon", "co2g", "co2t", NULL};
    static const char *const times[] = {"time", "latency", "latencyms", "inference", "inferencetime", "inferences", "inferenceus", NULL};
    static const char *const training[] = {"trainingtime", "traintime", "trainhours", "gputime", "gpudays", "days", NULL};
    static const char *const params[] = {"params", "parameters", "nparams", "param", "paramcount", NULL};
    static const vague all[] = {
        {accuracy, "accuracy (a fraction) or accuracy_pct, and the metric's name in a column named metric"},
        {energy, "energy_j, energy_wh, energy_kwh or energy_mj (megajoule)"},
        {co2, "co2_kg"},
        {times, "inference_ms (an image)"},
        {training, "hours (with gpu_count) or gpu_hours"},
        {params, "params_m (millions)"},
    };
    char folded[64];
    nf_text_fold(name, folded, sizeof folded);
    if (counts_operations(name, folded)) {
        *advice = "flops or gflops (a multiply-add counts 2), macs or gmacs (it counts 1), of one forward pass";
        return true;
    }
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        if (is_one_of(folded, all[i].names)) {
            *advice = all[i].advice;
            return true;
        }
    return false;
}
