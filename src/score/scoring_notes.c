/* nofade: what is to be said of a scored row: what was missing, what was assumed. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "score/scoring_internal.h"

#define FEW_FLOPS 1e5 /* less than any network of the corpus by far: most likely a unit */

const char *nf_ranked_by(const nf_scoring *s)
{
    static const char *const names[] = {"nofade", "sam", "score", "co2_kg", "accuracy"};
    static const char *const logs[] = {"accuracy / ln(FLOPs)", "accuracy / log2(FLOPs)", "accuracy / log10(FLOPs)"};
    return s->per_complexity ? logs[s->options.log_base] : names[s->options.by];
}

void nf_carbon_text(const nf_scoring_options *o, char text[160])
{
    char place[120];
    if (o->place != NULL) {
        snprintf(place, sizeof place, "%s:%s%s%s", o->place->provider, o->place->region, o->place->year[0] != '\0' ? ", " : "",
                 o->place->year);
        snprintf(text, 160, "%.6g kg/kWh (%s)", o->kg_per_kwh, place);
    } else {
        snprintf(text, 160, o->carbon_given ? "%.6g kg/kWh (given)" : "%.6g kg/kWh (EPA, the paper's)", o->kg_per_kwh);
    }
}

typedef struct notes {
    nf_buf *buf;
    size_t start;
    nf_status status;
    nf_error *error;
} notes;

static void say(notes *n, const char *sentence)
{
    if (n->status == NF_OK && n->buf->len > n->start)
        n->status = nf_buf_append(n->buf, "; ", 2, n->error);
    if (n->status == NF_OK)
        n->status = nf_buf_append(n->buf, sentence, strlen(sentence), n->error);
}

static void note_flops(const nf_scored *row, notes *n)
{
    const nf_model *m = row->model;
    char text[160];
    if (isnan(m->flops))
        say(n, "no FLOPs");
    else if (m->flops < FEW_FLOPS)
        say(n, "very few FLOPs: is the unit right?");
    if (m->flops_unstated)
        say(n, "the source does not say whether FLOPs or MACs: taken as FLOPs, maybe twice as many");
    if (m->flops_px[0] != '\0') {
        snprintf(text, sizeof text, "FLOPs at %.40s px, the accuracy is not", m->flops_px);
        say(n, text);
    }
}

static void note_complexity(const nf_scoring *s, const nf_scored *row, notes *n)
{
    char text[512];
    const nf_complexity *c = row->complexity;
    if (c == NULL) {
        if (s->per_complexity)
            say(n, "no complexity");
    } else if (c->definition[0] != '\0') {
        snprintf(text, sizeof text, "complexity %s from %.200s", c->definition, c->source);
        say(n, text);
        if (c->saved_under[0] != '\0') {
            snprintf(text, sizeof text, "the profile has another, saved under %.200s", c->saved_under);
            say(n, text);
        }
        if (c->other_classes)
            say(n, "the profile's classes are none of the dataset's");
        if (nf_complexity_caveat(c) != NULL)
            say(n, nf_complexity_caveat(c));
    } else {
        say(n, "complexity given");
    }
}

static void note_energy(const nf_scoring_options *o, const nf_scored *row, notes *n)
{
    const nf_model *m = row->model;
    char text[240], carbon[160];
    if (row->energy_path == NF_ENERGY_NONE && m->device != NULL && !isnan(m->hours) && isnan(m->gpu_hours) &&
        o->power != NF_POWER_FLOPS)
        say(n, "hours without gpu_count or gpu_hours give no energy");
    if (row->energy_path == NF_ENERGY_NONE && o->power == NF_POWER_FLOPS)
        say(n, "no energy: --power flops needs training_flops and a gpu whose peak is known");
    if (row->energy_path == NF_ENERGY_FLOPS) {
        snprintf(text, sizeof text, "energy at %.6g of the peak FP32 rate of %s", o->utilisation, m->device->name);
        say(n, text);
    } else if (row->energy_path == NF_ENERGY_TDP) {
        snprintf(text, sizeof text, "energy at the TDP of %s", m->device->name);
        say(n, text);
    }
    if (row->energy_path == NF_ENERGY_TDP && m->hours_scope[0] != '\0' && strcmp(m->hours_scope, "train") != 0) {
        snprintf(text, sizeof text, "hours of %.60s alone", m->hours_scope);
        say(n, text);
    }
    if (row->co2_given) {
        say(n, "co2_kg as given");
    } else if (!isnan(row->co2_kg) || !isnan(row->week_w)) {
        nf_carbon_text(o, carbon);
        snprintf(text, sizeof text, "%s", carbon);
        say(n, text);
    }
    if (row->energy_kwh <= 1.0)
        say(n, "SAM is not defined at 1 kWh or less");
}

static void note_week(const nf_scoring_options *o, const nf_scored *row, notes *n)
{
    char text[200];
    if (isnan(row->model->inference_ms))
        return;
    if (o->week == NF_WEEK_BADAR) {
        snprintf(text, sizeof text,
                 "co2_kg_week by Badar's constant, %.4f kg/ms: %.3g times the formula at 250 W and 0.432 kg/kWh",
                 NF_BADAR_KG_PER_MS, NF_BADAR_KG_PER_MS / nf_co2_kg_week(1.0, NF_BADAR_WATTS, 1.0, NF_BADAR_KG_PER_KWH));
        say(n, text);
    } else if (isnan(row->co2_kg_week)) {
        say(n, "no co2_kg_week: inference_gpu is not known");
    } else {
        const nf_model *m = row->model;
        snprintf(text, sizeof text, "co2_kg_week at %.6g W with %s%s", row->week_w,
                 m->inference_device != NULL ? m->inference_device->name : m->device->name,
                 m->inference_device != NULL ? "" : ", which it was trained on");
        say(n, text);
    }
}

static void note_frontier(const nf_scored *row, notes *n)
{
    char text[120];
    if (!isnan(row->return_flops)) {
        snprintf(text, sizeof text, "%+.3g points per doubling of FLOPs", row->return_flops);
        say(n, text);
    }
    if (!isnan(row->return_co2)) {
        snprintf(text, sizeof text, "%+.3g points per doubling of CO2", row->return_co2);
        say(n, text);
    }
}

/* "rank 3-9 by convention", for each doubt that moves the row. */
static void note_moved(const nf_scoring *s, size_t i, notes *n)
{
    for (size_t d = 0; s->moved != NULL && i < s->n_ranked && d < NF_N_DOUBTS; d++) {
        const nf_rank_interval *moved = &s->moved[i * NF_N_DOUBTS + d];
        char text[80];
        if (moved->min == moved->max)
            continue;
        snprintf(text, sizeof text, "rank %u-%u by %s", moved->min, moved->max, nf_doubt_names[d]);
        say(n, text);
    }
}

static void note_all(const nf_scoring *s, const nf_scored *row, notes *n)
{
    if (isnan(row->model->accuracy))
        say(n, "no accuracy");
    note_flops(row, n);
    note_complexity(s, row, n);
    note_energy(&s->options, row, n);
    note_week(&s->options, row, n);
}

nf_status nf_score_reservations(const nf_scoring *s, size_t i, nf_buf *buf, nf_error *error)
{
    notes n = {buf, buf->len, NF_OK, error};
    note_all(s, &s->rows[i], &n);
    return n.status;
}

nf_status nf_score_notes(const nf_scoring *s, size_t i, nf_buf *buf, nf_error *error)
{
    notes n = {buf, buf->len, NF_OK, error};
    note_all(s, &s->rows[i], &n);
    note_frontier(&s->rows[i], &n);
    note_moved(s, i, &n);
    return n.status;
}
