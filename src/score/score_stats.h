/* nofade: how the figures of scored models hang together, group by group (dataset, task, metric): metrics/rank_stats.h. */
#ifndef NF_SCORE_STATS_H
#define NF_SCORE_STATS_H

#include "metrics/rank_stats.h"
#include "score/scoring.h"

/* accuracy, flops, params, energy, co2, nofade (per complexity: a common factor changes no rank) */
enum { NF_STATS_FIGURES = 6, NF_STATS_PAIRS = NF_STATS_FIGURES * (NF_STATS_FIGURES - 1) / 2 };
extern const char *const nf_stats_figures[NF_STATS_FIGURES];

typedef struct nf_group_stats {
    const nf_score_group *group;
    nf_correlation pairs[NF_STATS_PAIRS];      /* of figures (0, 1), (0, 2) ... (4, 5), over the rows that have both */
    nf_kruskal by_category[NF_STATS_FIGURES];  /* of each figure, over the rows that have it and a category */
} nf_group_stats;

/* stats: (n_groups of the scoring,), owned by the caller (free). category: a column's name: "category", or any other of the
 * tables. A group of more than NF_STATS_VALUES_MAX rows has NaN throughout. */
nf_status nf_score_stats(const nf_scoring *scoring, const char *category, nf_group_stats **stats, nf_error *error);
/* NF_ERR_USAGE, with near names: no table has such a column, nor is it one of ours that holds text. */
nf_status nf_score_category_check(const nf_scoring *scoring, const char *category, nf_error *error);
/* dataset,task,metric,statistic,x,y,n,groups,value,p,epsilon_squared,eta_squared */
nf_status nf_score_stats_write_csv(const nf_scoring *scoring, const nf_group_stats *stats, const char *category, nf_out *out,
                                   nf_error *error);
nf_status nf_score_stats_write_json(const nf_scoring *scoring, const nf_group_stats *stats, const char *category, nf_out *out,
                                    nf_error *error);

#endif
