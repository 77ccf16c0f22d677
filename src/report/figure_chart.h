/* nofade: charts of models: points over a cost, on a logarithmic axis. Private to src/report/figure_*.c. */
#ifndef NF_REPORT_FIGURE_CHART_H
#define NF_REPORT_FIGURE_CHART_H

#include "report/figure_build.h"

typedef enum nf_cost { NF_COST_CO2, NF_COST_FLOPS, NF_N_COSTS } nf_cost;

typedef struct nf_chart_point {
    const nf_scored *row;
    double cost, value; /* cost > 0; both finite */
    size_t series;
    bool is_marked;     /* drawn over the others, and in another way */
} nf_chart_point;

/* Points and what their axes hold. */
typedef struct nf_chart {
    nf_cost cost;
    nf_chart_point *points; /* (n,), owned */
    size_t n;
    double cost_min, cost_max, value_min, value_max; /* of the axes */
} nf_chart;

/* A row's cost, or NaN. */
double nf_chart_cost(const nf_scored *row, nf_cost cost);
/* "CO2 of training (kg)" */
extern const char *const nf_chart_cost_names[NF_N_COSTS];
/* "CO2" */
extern const char *const nf_chart_cost_words[NF_N_COSTS];
/* What a row is called in a figure, the caller's: model, variant, input size. */
nf_status nf_chart_name(const nf_scored *row, char **name, nf_error *error);
/* Ranges around all points; of values, the room above is `above` times their range. */
void nf_chart_range(nf_chart *chart, double above);
/* The ranges and the tics of the cost for gnuplot; with_labels: numbers stand at them. */
void nf_chart_put_axes(nf_draw *draw, const nf_chart *chart, bool with_labels);
/* Where a point stands, in pixels. */
double nf_chart_x_px(const nf_draw *draw, const nf_chart *chart, double cost);
double nf_chart_y_px(const nf_draw *draw, const nf_chart *chart, double value);
/* Puts the names of points (n,) beside them as far as there is room, in their order and at most n_max; the others stay without.
 * above_left: there is room above and left of each (a frontier). */
void nf_chart_put_names(nf_draw *draw, const nf_chart *chart, const size_t *points, size_t n, size_t n_max, bool above_left);
/* $NAME << EOD ...: cost, value and number of mark of all points that are (not) marked and of a series (SIZE_MAX: any), and
 * their marks. How many there are. */
size_t nf_chart_put_points(nf_draw *draw, const nf_chart *chart, const char *name, bool is_marked, size_t series);
void nf_chart_put_csv(nf_draw *draw, const nf_chart *chart);

/* The charts of one group of rows (n,): what accuracy costs, and NoFADE. suffix: of the ids, or NULL. */
nf_status nf_chart_accuracy(nf_figures *figures, const nf_scored *const *rows, size_t n, nf_cost cost, const char *suffix,
                            nf_error *error);
nf_status nf_chart_nofade(nf_figures *figures, const nf_scored *const *rows, size_t n, nf_cost cost, const char *suffix,
                          nf_log_base log_base, nf_error *error);

#endif
