/* nofade: scored models for people, in the columns of the terminal. */
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/near.h"
#include "cli/score_options.h"

enum { NAME_WIDTH_MIN = 24 }; /* of a column of names where all are short */

/* A number in `width` columns, or a dash. */
static void print_number(const nf_term *term, const char *format, double value, int width)
{
    char text[32] = "-";
    if (!isnan(value))
        snprintf(text, sizeof text, format, value); /* formats are literals of this file */
    fprintf(term->out, " %*s", width, text);
}

/* "model (variant)", and the dataset where there are several. */
static const char *full_name(char name[600], const nf_scoring *s, const nf_model *m)
{
    bool variant = m->variant[0] != '\0', several = s->n_groups > 1;
    snprintf(name, 600, "%s%.200s%s%.300s%s%.60s%s", several ? "[" : "", several ? m->dataset : "", several ? "] " : "", m->model,
             variant ? " (" : "", variant ? m->variant : "", variant ? ")" : "");
    return name;
}

/* What a column of names gets beside figures that take `others` columns: as much as the longest of the n first takes, if there is
 * so much. */
static size_t name_width(const nf_term *term, const nf_scoring *s, size_t n, size_t others)
{
    size_t longest = NAME_WIDTH_MIN, room = term->columns - others;
    char name[600];
    for (size_t i = 0; i < n && longest < room; i++) {
        size_t width = nf_term_name_width(term, full_name(name, s, s->rows[i].model), room);
        longest = width > longest ? width : longest;
    }
    return longest < room ? longest : room;
}

static void print_name(const nf_term *term, const nf_scoring *s, const nf_model *m, size_t width)
{
    char name[600];
    nf_term_cell(term, full_name(name, s, m), width);
}

/* The third figure is what the rows are ranked by; the second what it costs. */
static void print_row(const nf_term *term, const nf_scoring *s, const nf_scored *row, size_t width)
{
    char ranks[24] = "-", number[16] = "-";
    bool by_energy = s->options.by == NF_BY_SAM || s->options.by == NF_BY_SCORE || s->options.by == NF_BY_CO2;
    if (row->rank > 0)
        snprintf(number, sizeof number, "%u", row->rank);
    if (row->rank > 0)
        snprintf(ranks, sizeof ranks, "%u-%u", row->interval.min, row->interval.max);
    fprintf(term->out, "%4s ", number);
    print_name(term, s, row->model, width);
    print_number(term, "%.2f", 100.0 * row->model->accuracy, 6);
    if (by_energy)
        print_number(term, "%.4g", row->energy_kwh, 8);
    else
        print_number(term, "%.4g", row->model->flops / 1e9, 8);
    print_number(term, "%.5g", row->rank > 0 ? (s->options.by == NF_BY_CO2 ? row->co2_kg : row->value) : NAN, 9);
    fprintf(term->out, " %9s", ranks);
    if (row->pareto_flops || row->pareto_co2) {
        fputc(' ', term->out);
        nf_term_styled(term, NF_STYLE_STRONG, row->pareto_flops ? (row->pareto_co2 ? "*+" : "*") : "+");
    }
    fputc('\n', term->out);
}

static void print_heads(const nf_term *term, const nf_scoring *s, size_t width)
{
    static const char *const values[] = {"NoFADE", "SAM", "score", "CO2 kg", "accuracy"};
    static const char *const per[] = {"acc/ln", "acc/log2", "acc/log10"};
    bool by_energy = s->options.by == NF_BY_SAM || s->options.by == NF_BY_SCORE || s->options.by == NF_BY_CO2;
    nf_term_begin(term, NF_STYLE_STRONG);
    fprintf(term->out, "%4s %-*s %6s %8s %9s %9s", "rank", (int)width, "model", "acc %", by_energy ? "kWh" : "GFLOPs",
            s->per_complexity ? per[s->options.log_base] : values[s->options.by], "ranks");
    nf_term_end(term);
    fputc('\n', term->out);
}

/* A sentence of what was chosen or assumed. One that begins with the program's name is a line whatever its length. */
static void say(const nf_term *term, const char *begin, const char *format, ...) __attribute__((format(printf, 3, 4)));
static void say(const nf_term *term, const char *begin, const char *format, ...)
{
    char text[4096];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (begin[0] == '\0') {
        nf_term_line(term, 0, 2, "%s", text);
        return;
    }
    fputs(begin, term->out);
    nf_term_name(term, text, 0);
    fputc('\n', term->out);
}

/* Names the datasets that lack a complexity, where that is what makes the rows be ranked without. */
static void print_ranked_by(const nf_term *term, const nf_scoring *s, const char *begin)
{
    bool missing = s->per_complexity && s->rows[0].model->dataset[0] != '\0';
    say(term, begin, "ranked by %s%s%.200s%s", nf_ranked_by(s), missing ? ": no complexity of " : "",
        missing ? s->rows[0].model->dataset : "", missing ? " is known" : "");
    if (missing)
        say(term, begin, "(--complexity NAME=VALUE or --profile FILE gives one; ranks stay)");
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
    say(term, begin, "no model is of %.200s, whose complexity is given: it is not used%s", c->dataset, near_names);
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
        say(term, begin, "complexity of %.200s: %.6g (%s), from %s", c->dataset, c->value, c->kind[0] != '\0' ? c->kind : "given",
            c->source);
        if (c->definition[0] != '\0')
            say(term, begin, "  %s", c->definition);
        if (c->saved_under[0] != '\0')
            say(term, begin, "  the profile was saved under %.200s, where it is another figure", c->saved_under);
        if (c->other_classes)
            say(term, begin, "  the profile's classes are none of %.200s's: another set in its layout", c->dataset);
        if (nf_complexity_caveat(c) != NULL)
            say(term, begin, "  %s", nf_complexity_caveat(c));
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
    char text[256] = "";
    size_t used = 0;
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
    for (size_t r = 0; r < N_REASONS; r++)
        if (counts[r] > 0)
            used += (size_t)snprintf(text + used, sizeof text - used, "%s %zu %s", used > 0 ? "," : ":", counts[r], reasons[r]);
    say(term, begin, "%zu of %zu models have no rank%s%s", s->n - s->n_ranked, s->n, text,
        s->n_ranked == 0 && counts[NO_FLOPS] > 0 ? " (--by accuracy needs none)" : "");
}

void nf_score_print_assumptions(const nf_term *term, const nf_scoring *s, const nf_complexities *list, const char *begin)
{
    char carbon[160];
    bool co2 = false;
    print_ranked_by(term, s, begin);
    print_complexities(term, s, list, begin);
    if (s->metric_chosen != NULL)
        say(term, begin, "metric %s; %zu models with other metrics are left out (--metric)", s->metric_chosen, s->n_left_out);
    if (s->n_ranked < s->n)
        print_unranked(term, s, begin);
    for (size_t i = 0; i < s->n && !co2; i++)
        co2 = !s->rows[i].co2_given && !isnan(s->rows[i].co2_kg);
    nf_carbon_text(&s->options, carbon);
    if (co2)
        say(term, begin, "CO2 at %s, PUE %.6g", carbon, s->options.pue);
    if (s->options.stability && s->n_groups > 1)
        say(term, begin, "ranks: over conventions, rounding, test images and readings of the definition");
}

void nf_score_print(const nf_term *term, const nf_scoring *s, const nf_complexities *list, size_t top)
{
    size_t n = top > 0 && top < s->n ? top : s->n;
    size_t width = name_width(term, s, n, 4 + 1 + 1 + 6 + 1 + 8 + 1 + 9 + 1 + 9 + 3);
    print_heads(term, s, width);
    for (size_t i = 0; i < n; i++)
        print_row(term, s, &s->rows[i], width);
    if (n < s->n)
        fprintf(term->out, "     ... and %zu more (--top N, --format csv)\n", s->n - n);
    fputc('\n', term->out);
    say(term, "", "* no other is more accurate for as few FLOPs, + for as little CO2");
    nf_score_print_assumptions(term, s, list, "");
}

/* For the rows shown, which doubt alone moves each of them. */
void nf_score_print_moved(const nf_term *term, const nf_scoring *s, size_t top)
{
    size_t n = s->n_ranked < top ? s->n_ranked : top, width = name_width(term, s, n, term->columns / 2);
    nf_term_heading(term, "What moves a rank");
    for (size_t i = 0; i < n; i++) {
        const nf_rank_interval *moved = s->moved + i * NF_N_DOUBTS;
        bool any = false;
        size_t column = 5 + width;
        fprintf(term->out, "%4u ", s->rows[i].rank);
        print_name(term, s, s->rows[i].model, width);
        for (size_t d = 0; d < NF_N_DOUBTS; d++)
            if (moved[d].min != moved[d].max) {
                char text[64];
                snprintf(text, sizeof text, " %s %u-%u", nf_doubt_names[d], moved[d].min, moved[d].max);
                if (column + strlen(text) > term->columns)
                    column = (size_t)fprintf(term->out, "\n%*s", (int)(5 + width), "") - 1;
                column += (size_t)fprintf(term->out, "%s", text);
                any = true;
            }
        fputs(any ? "\n" : " nothing by itself\n", term->out);
    }
}

/* ---- frontier ---- */

enum { FRONTIER_INDENT = 5, FRONTIER_COLUMNS = 1 + 7 + 1 + 10 + 1 + 14 };

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

static void print_frontier_heads(const nf_term *term, size_t width, const char *what, const char *unit, const char *points)
{
    char text[64];
    snprintf(text, sizeof text, "%s", what);
    nf_term_begin(term, NF_STYLE_STRONG);
    nf_term_cell(term, text, width + FRONTIER_INDENT);
    fprintf(term->out, " %7s %10s %14s", "acc %", unit, points);
    nf_term_end(term);
    fputc('\n', term->out);
}

/* The best for a budget that doubles, from the cheapest point on: returns without the noise of close neighbours. */
static void print_doublings(const nf_term *term, const nf_scoring *s, const point *points, size_t n, const char *unit, size_t width)
{
    double before = NAN, budget = n > 0 ? points[0].cost : 0.0;
    size_t k = 0;
    if (n < 2 || !(budget > 0.0))
        return;
    print_frontier_heads(term, width, "best within a budget that doubles", unit, "points");
    for (bool last = false; !last; budget *= 2.0) {
        while (k + 1 < n && points[k + 1].cost <= budget)
            k++;
        const nf_scored *row = &s->rows[points[k].row];
        double gain = 100.0 * row->model->accuracy;
        fputs("     ", term->out);
        print_name(term, s, row->model, width);
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
    const char *unit = by_co2 ? "CO2 kg" : "GFLOPs";
    size_t room = term->columns - FRONTIER_INDENT - FRONTIER_COLUMNS - 1, width = NAME_WIDTH_MIN < room ? NAME_WIDTH_MIN : room;
    if (n > 0) {
        qsort(points, n, sizeof *points, compare_points);
        for (size_t i = 0; i < n; i++) {
            char name[600];
            size_t columns = nf_term_name_width(term, full_name(name, s, s->rows[points[i].row].model), room);
            width = columns > width ? columns : width;
        }
        print_frontier_heads(term, width, by_co2 ? "along CO2" : "along FLOPs", unit, "points/doubling");
    }
    for (size_t i = 0; i < n; i++) {
        const nf_scored *row = &s->rows[points[i].row];
        fputs("     ", term->out);
        print_name(term, s, row->model, width);
        print_number(term, "%.2f", 100.0 * row->model->accuracy, 7);
        print_number(term, "%.4g", points[i].cost, 10);
        print_number(term, "%+.3g", by_co2 ? row->return_co2 : row->return_flops, 14);
        fputc('\n', term->out);
    }
    print_doublings(term, s, points, n, unit, width);
    free(points);
}

static void print_group_name(const nf_term *term, const nf_score_group *group, const char *what)
{
    const char *const texts[] = {group->dataset, group->task, group->metric};
    fputc('\n', term->out);
    nf_term_begin(term, NF_STYLE_STRONG);
    size_t column = nf_term_words(term, 0, 2, what);
    for (size_t i = 0; i < 3; i++) {
        char text[300];
        snprintf(text, sizeof text, " %.250s", texts[i]);
        column = nf_term_words(term, column, 2, text);
    }
    nf_term_end(term);
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
    fprintf(term->out, "%-17s %7s %9s %6s %10s %6s\n", "", "n", "Spearman", "p", "Kendall b", "p");
    for (size_t a = 0; a < NF_STATS_FIGURES; a++)
        for (size_t b = a + 1; b < NF_STATS_FIGURES; b++, pair++) {
            char name[32];
            if (pair->n < 3)
                continue;
            snprintf(name, sizeof name, "%s, %s", nf_stats_figures[a], nf_stats_figures[b]);
            fprintf(term->out, "%-17s %7zu", name, pair->n);
            print_number(term, "%+.4f", pair->spearman, 9);
            print_number(term, "%.3f", pair->spearman_p, 6);
            print_number(term, "%+.4f", pair->kendall, 10);
            print_number(term, "%.3f", pair->kendall_p, 6);
            fputc('\n', term->out);
        }
}

static void print_categories(const nf_term *term, const nf_group_stats *stats, const char *category)
{
    for (size_t a = 0; a < NF_STATS_FIGURES; a++) {
        const nf_kruskal *k = &stats->by_category[a];
        if (k->groups < 2)
            continue;
        char figures[4][16] = {"-", "-", "-", "-"};
        const double values[4] = {k->h, k->p, k->epsilon_squared, k->eta_squared};
        for (size_t i = 0; i < 4; i++)
            if (!isnan(values[i]))
                snprintf(figures[i], sizeof figures[i], i == 0 ? "%.5g" : "%.3f", values[i]);
        say(term, "", "%s by %.100s: n %zu in %zu, Kruskal-Wallis H %s p %s eps2 %s eta2 %s", nf_stats_figures[a], category, k->n,
            k->groups, figures[0], figures[1], figures[2], figures[3]);
    }
}

void nf_score_print_stats(const nf_term *term, const nf_scoring *s, const nf_group_stats *stats, const char *category)
{
    for (size_t g = 0; g < s->n_groups; g++) {
        print_group_name(term, stats[g].group, "Statistics:");
        print_pairs(term, &stats[g]);
        print_categories(term, &stats[g], category);
    }
    fputc('\n', term->out);
    say(term, "", "p from %d permutations, seed %d; a group of more than %d rows is left out", NF_STATS_PERMUTATIONS, NF_STATS_SEED,
        NF_STATS_VALUES_MAX);
}
