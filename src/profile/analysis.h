/* nofade: every figure, derived from a profile. */
#ifndef NF_ANALYSIS_H
#define NF_ANALYSIS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/out.h"
#include "device/devices.h"
#include "metrics/distance.h"
#include "metrics/distribution.h"
#include "metrics/shuffled_null.h"
#include "profile/profile.h"

typedef enum nf_class_distribution { NF_CLASS_ENTROPY, NF_CLASS_INTENSITY, NF_CLASS_POOLED } nf_class_distribution;

/* The choices that a reader may want otherwise (definitions.md). */
typedef struct nf_definition {
    nf_class_distribution class_distribution;
    unsigned bins; /* of class=entropy: a divisor of 512 */
    nf_log_base jsd_base; /* e or 2 */
    nf_log_base sum_log;  /* e, 2 or 10 */
    int64_t null_permutations; /* -1: 20, or none above NF_NULL_CLASSES_MAX classes */
} nf_definition;
enum { NF_NULL_PERMUTATIONS = 20, NF_NULL_CLASSES_MAX = 2000, NF_DISTANCE_CLASSES_MAX = 50000, NF_NULL_SEED = 1, NF_DEFINITION_ID_SIZE = 96 };
void nf_definition_init(nf_definition *definition);
/* "nofade-1:grey=bt601;class=entropy;bins=64;jsd=e;sum=e" */
void nf_definition_id(const nf_definition *definition, nf_grey grey, char id[NF_DEFINITION_ID_SIZE]);

enum { NF_UNDEFINED_MAX = 16 };
typedef struct nf_undefined {
    const char *key;  /* as in the profile: "entropy.sd" */
    char reason[160];
} nf_undefined;

typedef struct nf_analysis {
    nf_definition definition;
    nf_distribution_stats entropy;
    bool has_entropy;       /* there is at least one image */
    size_t n_bins;          /* of the class distributions */
    double *distributions;  /* (classes, n_bins), owned; NULL without distances */
    bool has_distances;
    nf_distance_summary distances;
    bool has_null;
    nf_null_summary null;
    const char *null_absent; /* why there is none, or NULL */
    const char *complexity_kind; /* "jsd", "entropy" */
    bool has_complexity;
    double complexity;
    char device[NF_DEVICES_TEXT_SIZE]; /* nf_devices_describe */
    nf_undefined undefined[NF_UNDEFINED_MAX]; /* what is null, and why */
    size_t n_undefined;
} nf_analysis;

/* *analysis is filled in place and holds memory until nf_analysis_clear (also after a failure). */
nf_status nf_analyse(const nf_profile *profile, const nf_definition *definition, nf_analysis *analysis, nf_error *error);
/* The same, with the devices of the scan, which may measure the distances (their summary; rows of the matrix and the null are
 * always the CPU's). NULL: nf_analyse. */
nf_status nf_analyse_on(nf_devices *devices, const nf_profile *profile, const nf_definition *definition, nf_analysis *analysis,
                        nf_error *error);
void nf_analysis_clear(nf_analysis *analysis);
/* The definition id under which the profile was saved, where its file has another complexity than these, and other distances unless
 * only the logarithm of their sum is another; else NULL, as of a set without distances. */
const char *nf_saved_under(const nf_profile *profile, const nf_analysis *analysis);

/* The profile as JSON (interface.md lists the keys), streamed. */
nf_status nf_profile_write(const nf_profile *profile, const nf_analysis *analysis, nf_out *out, nf_error *error);
/* Class distances: CSV with the classes' names in the first row and column, or NPY (format 1.0, float64, C order). */
nf_status nf_write_matrix_csv(const nf_profile *profile, const nf_analysis *analysis, nf_out *out, nf_error *error);
nf_status nf_write_matrix_npy(const nf_profile *profile, const nf_analysis *analysis, nf_out *out, nf_error *error);
/* bin,from_bits,to_bits,images[,class columns ...] (of a sample: sampled_images): the 512-bin entropy histogram of the set and
 * of each class. */
nf_status nf_write_histogram_csv(const nf_profile *profile, const nf_analysis *analysis, nf_out *out, nf_error *error);
/* What a class is called: its name, else its id. */
const char *nf_class_label(const nf_profile_class *class_);

#endif
