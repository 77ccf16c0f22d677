/* nofade: between which ranks the first models can stand. */
#include <stdlib.h>

#include "report/figure_chart.h"

enum { RANKS_MAX = 30, ROW_PX = 18, LOGARITHMIC_FROM = 60, NAME_CHARS = 42 };
#define LETTER_PX 7.0 /* of the small font, wide ones */

static void put_csv(nf_draw *d, const nf_scored *rows, size_t n)
{
    nf_draw_csv_header(d, "model,variant,input_px,dataset,task,metric,rank,rank_min,rank_max,value");
    for (size_t i = 0; i < n; i++) {
        const nf_model *m = rows[i].model;
        const char *const texts[] = {m->model, m->variant, m->input_px, m->dataset, m->task, m->metric};
        for (size_t k = 0; k < sizeof texts / sizeof texts[0]; k++)
            nf_draw_csv_text(d, texts[k]);
        nf_draw_csv_number(d, rows[i].rank);
        nf_draw_csv_number(d, rows[i].interval.min);
        nf_draw_csv_number(d, rows[i].interval.max);
        nf_draw_csv_number(d, rows[i].value);
        nf_draw_csv_end(d);
    }
}

static void put_row(nf_draw *d, const nf_scored *row, size_t i)
{
    char *name = NULL;
    if (d->status == NF_OK)
        d->status = nf_chart_name(row, &name, d->error);
    if (d->status != NF_OK)
        return;
    nf_draw_label(d, name, NAME_CHARS, d->box.left - 8, d->box.top + ROW_PX * ((double)i + 0.5), "right " NF_DRAW_INK NF_DRAW_SMALL);
    nf_draw_mark(d, 0, "%s: rank %u, %u to %u", name, row->rank, row->interval.min, row->interval.max);
    free(name);
}

/* Where the axis begins, so that the names fit; 0: no memory. */
static double left_of(const nf_scored *rows, size_t n, nf_error *error)
{
    size_t longest = 10;
    for (size_t i = 0; i < n; i++) {
        char *name;
        if (nf_chart_name(&rows[i], &name, error) != NF_OK)
            return 0.0;
        longest = nf_figure_chars(name) > longest ? nf_figure_chars(name) : longest;
        free(name);
    }
    return 14 + LETTER_PX * (double)(longest < NAME_CHARS ? longest : NAME_CHARS);
}

static unsigned last_rank(const nf_scored *rows, size_t n)
{
    unsigned last = 0;
    for (size_t i = 0; i < n; i++)
        last = rows[i].interval.max > last ? rows[i].interval.max : last;
    return last;
}

static void describe(nf_draw *d, const nf_scoring *s, size_t n)
{
    nf_draw_title(d, "Ranks of the first %zu models by %s", n, nf_ranked_by(s));
    nf_draw_caption(d, "The dot is the rank; the bar goes from the best to the worst rank that is possible within what is uncertain: FLOPs or "
                       "multiply-adds where a source does not say, the rounding of printed figures, the test images.");
    nf_draw_alt(d, "Rank intervals of %zu models; the first, %s, stands between %u and %u.", n, s->rows[0].model->model,
                s->rows[0].interval.min, s->rows[0].interval.max);
}

nf_status nf_figures_ranks(nf_figures *figures, const nf_report_data *data, nf_error *error)
{
    const nf_scoring *s = data->scoring;
    if (s == NULL || s->n_ranked < 2)
        return NF_OK;
    size_t n = s->n_ranked < RANKS_MAX ? s->n_ranked : RANKS_MAX;
    unsigned last = last_rank(s->rows, n);
    double bottom = 12 + ROW_PX * (double)n, left = left_of(s->rows, n, error);
    if (left <= 0.0)
        return NF_ERR_NOMEM;
    nf_draw d = nf_draw_begin(figures, "ranks", NULL, (unsigned)bottom + 58, error);
    describe(&d, s, n);
    put_csv(&d, s->rows, n);
    nf_draw_margins(&d, (nf_plot_box){left, 12, 540, bottom});
    nf_draw_put(&d, "$r << EOD\n");
    for (size_t i = 0; i < n; i++)
        nf_draw_put(&d, "%zu %u %u %u\n", i, s->rows[i].rank, s->rows[i].interval.min, s->rows[i].interval.max);
    nf_draw_put(&d, "EOD\n");
    for (size_t i = 0; i < n; i++)
        put_row(&d, &s->rows[i], i);
    nf_draw_axes(&d, "rank", NULL);
    if (last > LOGARITHMIC_FROM)
        nf_draw_put(&d, "set logscale x 10\nset xtics (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 100000)\n");
    else
        nf_draw_put(&d, last <= 15 ? "set xtics 1, 1\n" : "set xtics 5\n");
    nf_draw_put(&d, "set border 1\nunset ytics\nset grid noytics xtics\nset xrange [%g:%g]\nset yrange [%zu.5:-0.5]\n",
                last > LOGARITHMIC_FROM ? 0.9 : 0.5, last > LOGARITHMIC_FROM ? last * 1.1 : last + 0.5, n - 1);
    nf_draw_put(&d, "plot $r using 3:1:($4-$3):(0) with vectors nohead lw 4 lc rgb '#56b4e9', "
                    "$r using 2:1:(sprintf('%%d', $1)) with labels hypertext point pt 7 ps 0.8 lc rgb '#0072b2'\n");
    return d.status;
}
