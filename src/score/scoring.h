/* nofade: models joined with complexities, scored, ranked (metrics/score.h has the equations).
 *
 * Rows are ranked within one task, one metric and one kind of complexity, unless mix is set. Within one dataset complexity is
 * a common factor: where none is known, accuracy / log(FLOPs) ranks. Rows that lack what they are ranked by come last,
 * without a rank. Equal values share a rank; ties stand by name.
 */
#ifndef NF_SCORING_H
#define NF_SCORING_H

#include "base/buf.h"
#include "score/complexities.h"
#include "metrics/score.h"
#include "score/model_table.h"

typedef enum nf_by { NF_BY_NOFADE, NF_BY_SAM, NF_BY_SCORE, NF_BY_CO2, NF_BY_ACCURACY } nf_by;
typedef enum nf_power { NF_POWER_AUTO, NF_POWER_TDP, NF_POWER_FLOPS } nf_power;
typedef enum nf_week { NF_WEEK_FORMULA, NF_WEEK_BADAR } nf_week;

typedef struct nf_scoring_options {
    const char *dataset, *task, *metric; /* only these; NULL: all. The dataset is an id (nf_dataset_id) */
    bool corpus;            /* the rows are the shipped ones: of several metrics the dataset's own is taken */
    nf_by by;
    nf_power power;
    nf_week week;
    const nf_region *place;  /* --region, or NULL */
    double kg_per_kwh;      /* used throughout: the place's, a given one, or NF_EPA_KG_PER_KWH */
    bool carbon_given;      /* place, or a number */
    double pue;
    bool pue_given;
    double cpu_w;
    double utilisation;     /* of the peak, in NF_POWER_FLOPS */
    double alpha, beta;     /* of SAM */
    nf_log_base log_base;
    bool mix;
    bool stability;         /* keep what moved each interval, too */
} nf_scoring_options;

typedef enum nf_energy_path { NF_ENERGY_NONE, NF_ENERGY_ROW, NF_ENERGY_TDP, NF_ENERGY_FLOPS } nf_energy_path;

/* What makes a figure uncertain; numbers of bits and of nf_moved. */
typedef enum nf_doubt { NF_DOUBT_CONVENTION, NF_DOUBT_ROUNDING, NF_DOUBT_SAMPLING, NF_DOUBT_DEFINITION, NF_N_DOUBTS } nf_doubt;

typedef struct nf_rank_interval {
    uint32_t min, max; /* 0: none */
} nf_rank_interval;

typedef struct nf_scored {
    const nf_model *model;
    const nf_complexity *complexity; /* NULL: none */
    uint32_t rank;                   /* 0: not ranked */
    uint32_t group;
    double value;                    /* what it is ranked by, more is better (co2: negative) */
    double nofade, nofade_per_complexity;
    double energy_kwh;               /* of training, without the PUE */
    double energy_half;              /* how far it may be off by the rounding of what it comes from */
    nf_energy_path energy_path;
    double co2_kg;
    bool co2_given;                  /* the table's */
    double co2_kg_week;
    double week_w;                   /* the power it was computed with; NaN: Badar's constant, or none */
    double sam, score;
    bool pareto_flops, pareto_co2;
    double return_flops, return_co2; /* percentage points per doubling since the point before on the frontier; NaN */
    nf_rank_interval interval;
} nf_scored;

/* Rows of one dataset, task and metric. */
typedef struct nf_score_group {
    const char *dataset, *task, *metric;
    size_t first, n; /* in nf_scoring.grouped */
} nf_score_group;

typedef struct nf_scoring {
    nf_scoring_options options;
    const nf_models *models;
    nf_scored *rows;       /* (n,) by rank */
    size_t n, n_ranked;
    uint32_t *grouped;     /* (n,) numbers of rows, group after group, within one as ranked */
    nf_score_group *groups;
    size_t n_groups;
    bool per_complexity;   /* ranked by accuracy / log(FLOPs), for want of a complexity */
    const char *metric_chosen; /* of several, the dataset's own; NULL */
    size_t n_left_out;     /* rows of other metrics */
    nf_rank_interval *moved; /* (n, NF_N_DOUBTS) the interval under each doubt alone; NULL without stability */
} nf_scoring;

void nf_scoring_options_init(nf_scoring_options *options);
/* models and complexities must outlive it. NF_ERR_USAGE: what is chosen cannot be ranked together. */
nf_status nf_scoring_new(nf_scoring **scoring, const nf_models *models, const nf_complexities *complexities,
                         const nf_scoring_options *options, nf_error *error);
void nf_scoring_free(nf_scoring *scoring);
/* One model on its own: everything but ranks. */
void nf_score_model(const nf_model *model, const nf_complexities *complexities, const nf_scoring_options *options,
                    nf_scored *scored);
/* "row", "tdp", "flops" or "". */
const char *nf_energy_path_name(nf_energy_path path);
/* The carbon intensity in use, for people: "0.707 kg/kWh (EPA, the paper's)". */
void nf_carbon_text(const nf_scoring_options *options, char text[160]);
/* What is to be said of a row, "; " between: appended to buf, not NUL-terminated. */
nf_status nf_score_notes(const nf_scoring *scoring, size_t row, nf_buf *notes, nf_error *error);
/* Those of them that many rows share: what was missing or assumed, without frontier and rank intervals. */
nf_status nf_score_reservations(const nf_scoring *scoring, size_t row, nf_buf *notes, nf_error *error);
/* "accuracy / ln(FLOPs)", "nofade" ...: what the rows are ranked by, for people. */
const char *nf_ranked_by(const nf_scoring *scoring);
extern const char *const nf_doubt_names[NF_N_DOUBTS];

/* The rows as CSV: columns of interface.md's order, then those that the tables had beside; at most top rows (0: all). */
nf_status nf_scoring_write_csv(const nf_scoring *scoring, size_t top, nf_out *out, nf_error *error);
/* Everything as JSON. */
nf_status nf_scoring_write_json(const nf_scoring *scoring, const nf_complexities *complexities, size_t top, nf_out *out,
                                nf_error *error);

#endif
