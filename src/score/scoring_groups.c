/* nofade: rows by dataset, task and metric, and the frontier of each such group. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "metrics/frontier.h"
#include "score/scoring_internal.h"

typedef struct member {
    const char *dataset, *task, *metric;
    uint32_t row;
} member;

static int compare_groups(const member *x, const member *y)
{
    int order = nf_compare_kept(x->dataset, y->dataset);
    if (order == 0)
        order = nf_compare_kept(x->task, y->task);
    return order != 0 ? order : nf_compare_kept(x->metric, y->metric);
}

static int compare_members(const void *a, const void *b)
{
    const member *x = a, *y = b;
    int order = compare_groups(x, y);
    return order != 0 ? order : x->row < y->row ? -1 : x->row > y->row;
}

static nf_status take_groups(nf_scoring *s, const member *members, nf_error *error)
{
    size_t capacity = 0;
    for (size_t i = 0; i < s->n; i++) {
        if (i == 0 || compare_groups(&members[i - 1], &members[i]) != 0) {
            nf_status status = nf_array_reserve((void **)&s->groups, &capacity, s->n_groups + 1, sizeof *s->groups,
                                                "groups of models", error);
            if (status != NF_OK)
                return status;
            s->groups[s->n_groups++] = (nf_score_group){members[i].dataset, members[i].task, members[i].metric, i, 0};
        }
        s->groups[s->n_groups - 1].n++;
        s->grouped[i] = members[i].row;
        s->rows[members[i].row].group = (uint32_t)s->n_groups - 1;
    }
    return NF_OK;
}

nf_status nf_scoring_group(nf_scoring *s, nf_error *error)
{
    member *members = calloc(s->n, sizeof *members);
    if (members == NULL)
        return nf_fail_nomem(error, "groups of models");
    for (size_t i = 0; i < s->n; i++) {
        const nf_model *m = s->rows[i].model;
        members[i] = (member){m->dataset, m->task, m->metric, (uint32_t)i};
    }
    qsort(members, s->n, sizeof *members, compare_members);
    nf_status status = take_groups(s, members, error);
    free(members);
    return status;
}

/* ---- frontiers ---- */

typedef struct workspace {
    double *gains, *costs; /* (n of the largest group,) */
    bool *on_frontier;
    size_t *order;
} workspace;

/* gains in percentage points. */
static nf_status group_frontier(nf_scoring *s, const nf_score_group *group, workspace *w, bool by_co2, nf_error *error)
{
    size_t n_frontier;
    const uint32_t *numbers = s->grouped + group->first;
    for (size_t i = 0; i < group->n; i++) {
        const nf_scored *row = &s->rows[numbers[i]];
        w->gains[i] = 100.0 * row->model->accuracy;
        w->costs[i] = by_co2 ? row->co2_kg : row->model->flops;
    }
    nf_status status = nf_frontier(w->gains, w->costs, group->n, w->on_frontier, w->order, &n_frontier, error);
    for (size_t k = 0; status == NF_OK && k < n_frontier; k++) {
        size_t i = w->order[k], before = k > 0 ? w->order[k - 1] : i;
        nf_scored *row = &s->rows[numbers[i]];
        double marginal = nf_marginal_return(w->gains[before], w->costs[before], w->gains[i], w->costs[i]);
        *(by_co2 ? &row->pareto_co2 : &row->pareto_flops) = true;
        *(by_co2 ? &row->return_co2 : &row->return_flops) = marginal;
    }
    return status;
}

nf_status nf_scoring_frontiers(nf_scoring *s, nf_error *error)
{
    workspace w = {calloc(s->n, sizeof(double)), calloc(s->n, sizeof(double)), calloc(s->n, sizeof(bool)),
                   calloc(s->n, sizeof(size_t))};
    nf_status status = w.gains == NULL || w.costs == NULL || w.on_frontier == NULL || w.order == NULL
                           ? nf_fail_nomem(error, "a frontier") : NF_OK;
    for (size_t g = 0; g < s->n_groups && status == NF_OK; g++) {
        status = group_frontier(s, &s->groups[g], &w, false, error);
        if (status == NF_OK)
            status = group_frontier(s, &s->groups[g], &w, true, error);
    }
    free(w.gains);
    free(w.costs);
    free(w.on_frontier);
    free(w.order);
    return status;
}
