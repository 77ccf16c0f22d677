/* nofade: scored models for people, in 80 columns. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/near.h"
#include "cli/score_options.h"

enum { NAME_WIDTH = 37 };

/* A number in `width` columns, or a dash. */
static void print_number(const nf_term *term, const char *format, double value, int width)
{
    char text[32] = "-";
    if (!isnan(value))
        snprintf(text, sizeof text, format, value); /* formats are literals of this file */
    fprintf(term->out, " %*s", width, text);
}

void nf_score_print_cell(const nf_term *term, const char *name, size_t width)
{
    nf_term_name(term, name, width);
    for (size_t used = nf_term_name_width(term, name, width); used < width; used++)
        fputc(' ', term->out);
}

/* "model (variant)", and the dataset where there are several. */
static void print_name(const nf_term *term, const nf_scoring *s, const nf_model *m)
{
    char name[600];
    bool variant = m->variant[0] != '\0', several = s->n_groups > 1;
    snprintf(name, sizeof name, "%s%.200s%s%.300s%s%.60s%s", several ? "[" : "", several ? m->dataset : "", several ? "] " : "",
             m->model, variant ? " (" : "", variant ? m->variant : "", variant ? ")" : "");
    nf_score_print_cell(term, name, NAME_WIDTH);
}

/* The third figure is what the rows are ranked by; the second what it costs. */
static void print_row(const nf_term *term, const nf_scoring *s, const nf_scored *row)
{
    char ranks[24] = "-", number[16] = "-";
    bool by_energy = s->options.by == NF_BY_SAM || s->options.by == NF_BY_SCORE || s->options.by == NF_BY_CO2;
    if (row->rank > 0)
        snprintf(number, sizeof number, "%u", row->rank);
    if (row->rank > 0)
        snprintf(ranks, sizeof ranks, "%u-%u", row->interval.min, row->interval.max);
    fprintf(term->out, "%4s ", number);
    print_name(term, s, row->model);
    print_number(term, "%.2f", 100.0 * row->model->accuracy, 6);
    if (by_energy)
        print_number(term, "%.4g", row->energy_kwh, 8);
    else
        print_number(term, "%.4g", row->model->flops / 1e9, 8);
    print_number(term, "%.5g", row->rank > 0 ? (s->options.by == NF_BY_CO2 ? row->co2_kg : row->value) : NAN, 9);
    fprintf(term->out, " %9s%s\n", ranks, row->pareto_flops ? (row->pareto_co2 ? " *+" : " *") : row->pareto_co2 ? " +" : "");
}

static void print_heads(const nf_term *term, const nf_scoring *s)
{
    static const char *const values[] = {"NoFADE", "SAM", "score", "CO2 kg", "accuracy"};
    static const char *const per[] = {"acc/ln", "acc/log2", "acc/log10"};
    bool by_energy = s->options.by == NF_BY_SAM || s->options.by == NF_BY_SCORE || s->options.by == NF_BY_CO2;
    fprintf(term->out, "%4s %-*s %6s %8s %9s %9s\n", "rank", NAME_WIDTH, "model", "acc %", by_energy ? "kWh" : "GFLOPs",
            s->per_complexity ? per[s->options.log_base] : values[s->options.by], "ranks");
}

/* Names the datasets that lack a complexity, where that is what makes the rows be ranked without. */
static void print_ranked_by(const nf_term *term, const nf_scoring *s, const char *begin)
{
    fprintf(term->out, "%sranked by %s", begin, nf_ranked_by(s));
    if (s->per_complexity && s->rows[0].model->dataset[0] != '\0') {
        fputs(": no complexity of ", term->out);
        nf_term_name(term, s->rows[0].model->dataset, 40);
        fputs(" is known\n", term->out);
        fprintf(term->out, "%s(--complexity NAME=VALUE or --profile FILE gives one; ranks stay)\n", begin);
    } else {
        fputc('\n', term->out);
    }
}

/* A complexity that was given for a dataset of which there is no model: misspelt, or not meant for these. */
static void print_unused(const nf_term *term, const nf_scoring *s, const nf_complexity *c, const char *begin)
{
    char near_names[400] = "";
    const char **names = calloc(s->n_groups + 1, sizeof *names);
    for (size_t g = 0; names != NULL && g < s->n_groups; g++)
        names[g] = s->groups[g].dataset;
    nf_near_text(c->dataset, names, s->n_groups, near_names, sizeof near_names);
    free(names);
    fprintf(term->out, "%sno model is of ", begin);
    nf_term_name(term, c->dataset, 30);
    fputs(", whose complexity is given: it is not used", term->out);
    nf_term_name(term, near_names, 0);
    fputc('\n', term->out);
}

static void print_complexities(const nf_term *term, const nf_scoring *s, const nf_complexities *list, const char *begin)
{
    for (size_t i = 0; i < list->n; i++) {
        const nf_complexity *c = &list->items[i];
        bool used = false;
        for (size_t g = 0; g < s->n_groups && !used; g++)
            used = strcmp(s->groups[g].dataset, c->dataset) == 0;
        if (!used && i < list->n_given)
            print_unused(term, s, c, begin);
        if (!used)
            continue;
        fprintf(term->out, "%scomplexity of ", begin);
        nf_term_name(term, c->dataset, 30);
        fprintf(term->out, ": %.6g (%s), from ", c->value, c->kind[0] != '\0' ? c->kind : "given");
        nf_term_name(term, c->source, 0);
        fputc('\n', term->out);
        if (c->definition[0] != '\0')
            fprintf(term->out, "%s  %s\n", begin, c->definition);
        if (c->incomplete)
            fprintf(term->out, "%s  the profile is not complete: a part of the set was counted\n", begin);
    }
}

/* Why rows have no rank: the first figure that each lacks. */
static void print_unranked(const nf_term *term, const nf_scoring *s, const char *begin)
{
    enum { NO_ACCURACY, NO_FLOPS, NO_ENERGY, NO_CO2, LITTLE_ENERGY, N_REASONS };
    static const char *const reasons[N_REASONS] = {"without accuracy", "without FLOPs", "without energy", "without CO2",
                                                   "with 1 kWh or less"};
    const nf_by by = s->options.by;
    size_t counts[N_REASONS] = {0};
    const char *between = ":";
    for (size_t i = s->n_ranked; i < s->n; i++) {
        const nf_scored *row = &s->rows[i];
        if (by == NF_BY_CO2)
            counts[NO_CO2]++;
        else if (isnan(row->model->accuracy))
            counts[NO_ACCURACY]++;
        else if (by == NF_BY_NOFADE)
            counts[NO_FLOPS]++;
        else
            counts[isnan(row->energy_kwh) ? NO_ENERGY : LITTLE_ENERGY]++;
    }
    fprintf(term->out, "%s%zu of %zu models have no rank", begin, s->n - s->n_ranked, s->n);
    for (size_t r = 0; r < N_REASONS; r++)
        if (counts[r] > 0) {
            fprintf(term->out, "%s %zu %s", between, counts[r], reasons[r]);
            between = ",";
        }
    fputs(s->n_ranked == 0 && counts[NO_FLOPS] > 0 ? " (--by accuracy needs none)\n" : "\n", term->out);
}

void nf_score_print_assumptions(const nf_term *term, const nf_scoring *s, const nf_complexities *list, const char *begin)
{
    char carbon[160];
    bool co2 = false;
    print_ranked_by(term, s, begin);
    print_complexities(term, s, list, begin);
    if (s->metric_chosen != NULL)
        fprintf(term->out, "%smetric %s; %zu models with other metrics are left out (--metric)\n", begin, s->metric_chosen,
                s->n_left_out);
    if (s->n_ranked < s->n)
        print_unranked(term, s, begin);
    for (size_t i = 0; i < s->n && !co2; i++)
        co2 = !s->rows[i].co2_given && !isnan(s->rows[i].co2_kg);
    nf_carbon_text(&s->options, carbon);
    if (co2) {
        fprintf(term->out, "%sCO2 at ", begin);
        nf_term_name(term, carbon, 0);
        fprintf(term->out, ", PUE %.6g\n", s->options.pue);
    }
    if (s->options.stability && s->n_groups > 1)
        fprintf(term->out, "%sranks: over conventions, rounding, test images and readings of the definition\n", begin);
}

void nf_score_print(const nf_term *term, const nf_scoring *s, const nf_complexities *list, size_t top)
{
    size_t n = top > 0 && top < s->n ? top : s->n;
    print_heads(term, s);
    for (size_t i = 0; i < n; i++)
        print_row(term, s, &s->rows[i]);
    if (n < s->n)
        fprintf(term->out, "     ... and %zu more (--top N, --format csv)\n", s->n - n);
    fputs("\n* no other is more accurate for as few FLOPs, + for as little CO2\n", term->out);
    nf_score_print_assumptions(term, s, list, "");
}

/* ---- frontier ---- */

typedef struct point {
    double cost;
    size_t row;
} point;

static int compare_points(const void *a, const void *b)
{
    const point *x = a, *y = b;
    if (x->cost != y->cost)
        return x->cost < y->cost ? -1 : 1;
    return x->row < y->row ? -1 : x->row > y->row;
}

/* The best for a budget that doubles, from the cheapest point on: returns without the noise of close neighbours. */
static void print_doublings(const nf_term *term, const nf_scoring *s, const point *points, size_t n, const char *unit)
{
    double before = NAN, budget = n > 0 ? points[0].cost : 0.0;
    size_t k = 0;
    if (n < 2 || !(budget > 0.0))
        return;
    fprintf(term->out, "%-42s %7s %10s %14s\n", "best within a budget that doubles", "acc %", unit, "points");
    for (bool last = false; !last; budget *= 2.0) {
        while (k + 1 < n && points[k + 1].cost <= budget)
            k++;
        const nf_scored *row = &s->rows[points[k].row];
        double gain = 100.0 * row->model->accuracy;
        fputs("     ", term->out);
        print_name(term, s, row->model);
        print_number(term, "%.2f", gain, 7);
        print_number(term, "%.4g", budget, 10);
        print_number(term, "%+.2f", gain - before, 14);
        fputc('\n', term->out);
        before = gain;
        last = k + 1 == n;
    }
}

static void print_frontier(const nf_term *term, const nf_scoring *s, const nf_score_group *group, bool by_co2)
{
    size_t n = 0;
    point *points = calloc(group->n, sizeof *points);
    for (size_t i = 0; points != NULL && i < group->n; i++) {
        size_t number = s->grouped[group->first + i];
        const nf_scored *row = &s->rows[number];
        if (by_co2 ? row->pareto_co2 : row->pareto_flops)
            points[n++] = (point){by_co2 ? row->co2_kg : row->model->flops / 1e9, number};
    }
    if (n > 0) {
        qsort(points, n, sizeof *points, compare_points);
        fprintf(term->out, "%-*s %7s %10s %14s\n", NAME_WIDTH + 5, by_co2 ? "along CO2" : "along FLOPs", "acc %",
                by_co2 ? "CO2 kg" : "GFLOPs", "points/doubling");
    }
    for (size_t i = 0; i < n; i++) {
        const nf_scored *row = &s->rows[points[i].row];
        fputs("     ", term->out);
        print_name(term, s, row->model);
        print_number(term, "%.2f", 100.0 * row->model->accuracy, 7);
        print_number(term, "%.4g", points[i].cost, 10);
        print_number(term, "%+.3g", by_co2 ? row->return_co2 : row->return_flops, 14);
        fputc('\n', term->out);
    }
    print_doublings(term, s, points, n, by_co2 ? "CO2 kg" : "GFLOPs");
    free(points);
}

static void print_group_name(const nf_term *term, const nf_score_group *group, const char *what)
{
    const char *const texts[] = {group->dataset, group->task, group->metric};
    fprintf(term->out, "\n%s", what);
    for (size_t i = 0; i < 3; i++)
        if (texts[i][0] != '\0') {
            fputc(' ', term->out);
            nf_term_name(term, texts[i], 22);
        }
    fputc('\n', term->out);
}

void nf_score_print_frontiers(const nf_term *term, const nf_scoring *s)
{
    for (size_t g = 0; g < s->n_groups; g++) {
        print_group_name(term, &s->groups[g], "Frontier:");
        print_frontier(term, s, &s->groups[g], false);
        print_frontier(term, s, &s->groups[g], true);
    }
}

/* ---- statistics ---- */

static void print_pairs(const nf_term *term, const nf_group_stats *stats)
{
    const nf_correlation *pair = stats->pairs;
    fprintf(term->out, "%-22s %7s %10s %8s %10s %8s\n", "", "n", "Spearman", "p", "Kendall b", "p");
    for (size_t a = 0; a < NF_STATS_FIGURES; a++)
        for (size_t b = a + 1; b < NF_STATS_FIGURES; b++, pair++) {
            char name[32];
            if (pair->n < 3)
                continue;
            snprintf(name, sizeof name, "%s, %s", nf_stats_figures[a], nf_stats_figures[b]);
            fprintf(term->out, "%-22s %7zu", name, pair->n);
            print_number(term, "%+.4f", pair->spearman, 10);
            print_number(term, "%.3f", pair->spearman_p, 8);
            print_number(term, "%+.4f", pair->kendall, 10);
            print_number(term, "%.3f", pair->kendall_p, 8);
            fputc('\n', term->out);
        }
}

static void print_categories(const nf_term *term, const nf_group_stats *stats, const char *category)
{
    for (size_t a = 0; a < NF_STATS_FIGURES; a++) {
        const nf_kruskal *k = &stats->by_category[a];
        if (k->groups < 2)
            continue;
        fprintf(term->out, "%s by ", nf_stats_figures[a]);
        nf_term_name(term, category, 20);
        fprintf(term->out, ": n %zu in %zu, Kruskal-Wallis H", k->n, k->groups);
        print_number(term, "%.5g", k->h, 0);
        print_number(term, "p %.3f", k->p, 0);
        print_number(term, "eps2 %.3f", k->epsilon_squared, 0);
        print_number(term, "eta2 %.3f", k->eta_squared, 0);
        fputc('\n', term->out);
    }
}

void nf_score_print_stats(const nf_term *term, const nf_scoring *s, const nf_group_stats *stats, const char *category)
{
    for (size_t g = 0; g < s->n_groups; g++) {
        print_group_name(term, stats[g].group, "Statistics:");
        print_pairs(term, &stats[g]);
        print_categories(term, &stats[g], category);
    }
    fprintf(term->out, "\np from %d permutations, seed %d; a group of more than %d rows is left out\n", NF_STATS_PERMUTATIONS,
            NF_STATS_SEED, NF_STATS_VALUES_MAX);
}
