/* nofade: the entropies of the classes of a set, by their mean: few classes as a ridge of densities with their names, many as a
 * band of quantiles over their ranks. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/figure_build.h"

enum { RIDGES_MAX = 40, POINTS_MAX = 2000, CLASSES_MAX = 50000, CURVE_POINTS = 129, BITS = 8, NAMED = 2, BARS_MAX = 120 };
enum { Q05 = 1, Q25 = 2, Q75 = 4, Q95 = 5 }; /* of nf_quantile_levels */

typedef struct row {
    const nf_profile_class *class_;
    nf_distribution_stats stats;
} row;

static int compare_means(const void *a, const void *b)
{
    const row *x = a, *y = b;
    if (x->stats.mean != y->stats.mean)
        return x->stats.mean < y->stats.mean ? -1 : 1;
    return strcmp(nf_class_label(x->class_), nf_class_label(y->class_));
}

/* Rows by mean, those with images only. */
static size_t take_rows(const nf_profile *profile, row *rows)
{
    size_t n = 0;
    for (size_t i = 0; i < profile->n_classes; i++)
        if (profile->classes[i].counts->entropy.n > 0) {
            rows[n].class_ = &profile->classes[i];
            nf_distribution_stats_of(&profile->classes[i].counts->entropy, &rows[n++].stats);
        }
    qsort(rows, n, sizeof *rows, compare_means);
    return n;
}

static void put_csv(nf_draw *d, const row *rows, size_t n)
{
    nf_draw_csv_header(d, "rank,class,images,mean_bits,sd_bits,q05_bits,q25_bits,median_bits,q75_bits,q95_bits");
    for (size_t i = 0; i < n; i++) {
        const nf_distribution_stats *s = &rows[i].stats;
        nf_draw_csv_number(d, (double)(i + 1));
        nf_draw_csv_text(d, nf_class_label(rows[i].class_));
        nf_draw_csv_number(d, (double)rows[i].class_->counts->entropy.n);
        nf_draw_csv_number(d, s->mean);
        nf_draw_csv_number(d, s->has_sd ? s->sd : NAN);
        for (int q = Q05; q <= Q95; q++)
            nf_draw_csv_number(d, s->quantiles[q]);
        nf_draw_csv_end(d);
    }
}

static void mark(nf_draw *d, unsigned plot, const row *r)
{
    nf_draw_mark(d, plot, "%s: %.2f bit (%.2f to %.2f)", nf_class_label(r->class_), r->stats.mean, r->stats.quantiles[Q05],
                 r->stats.quantiles[Q95]);
}

/* ---- a ridge ---- */

#define SPARE 0.8 /* rows above the top one */

/* Density at x: a Gaussian at each image, of Silverman's width, 1/16 bit at least (the histogram's bins are 1/64). */
static double density(const row *r, double x)
{
    const nf_distribution *entropy = &r->class_->counts->entropy;
    const nf_distribution_stats *s = &r->stats;
    double spread = fmin(s->sd, (s->quantiles[Q75] - s->quantiles[Q25]) / 1.34);
    double width = fmax(0.9 * (spread > 0.0 ? spread : s->sd) * pow((double)entropy->n, -0.2), 1.0 / 16), sum = 0.0;
    for (int i = 0; i < NF_ENTROPY_BINS; i++) {
        double z = (x - (i + 0.5) * BITS / NF_ENTROPY_BINS) / width;
        if (entropy->histogram[i] > 0 && fabs(z) < 5.0)
            sum += (double)entropy->histogram[i] * exp(-0.5 * z * z);
    }
    return sum;
}

static void put_curve(nf_draw *d, const row *r, size_t i, double base, double height, double from, double to)
{
    double values[CURVE_POINTS], most = 0.0;
    for (int k = 0; k < CURVE_POINTS; k++) {
        values[k] = density(r, from + (to - from) * k / (CURVE_POINTS - 1));
        most = fmax(most, values[k]);
    }
    nf_draw_put(d, "$c%zu << EOD\n", i);
    for (int k = 0; k < CURVE_POINTS; k++) {
        bool is_seen = values[k] > 0.002 * most || (k > 0 && values[k - 1] > 0.002 * most);
        if (is_seen || (k + 1 < CURVE_POINTS && values[k + 1] > 0.002 * most))
            nf_draw_put(d, "%.5g %.5g\n", from + (to - from) * k / (CURVE_POINTS - 1),
                        base + (most > 0.0 ? height * values[k] / most : 0.0));
    }
    nf_draw_put(d, "EOD\n");
}

static double least_of(const row *rows, size_t n)
{
    double least = BITS - 0.5;
    for (size_t i = 0; i < n; i++)
        least = fmin(least, rows[i].stats.quantiles[0]);
    return floor(2.0 * least) / 2.0;
}

/* From the highest mean at the top to the lowest; each curve hides a part of the one above. */
static void draw_ridge(nf_draw *d, const row *rows, size_t n)
{
    double from = least_of(rows, n), row_px = (d->box.bottom - d->box.top) / ((double)n + SPARE);
    nf_draw_put(d, "set xrange [%g:%d]\nset yrange [0:%g]\nset border 1\nunset ytics\nset grid noytics xtics back\n", from, BITS,
                (double)n + SPARE);
    for (size_t k = 0; k < n; k++) {
        const row *r = &rows[n - 1 - k];
        double base = (double)(n - 1 - k), y_px = d->box.bottom - row_px * (base + 0.3);
        put_curve(d, r, k, base, 1.6, from, BITS);
        nf_draw_put(d, "$m%zu << EOD\n%.6g %.6g\nEOD\n", k, r->stats.mean, base);
        nf_draw_label(d, nf_class_label(r->class_), 20, d->box.left - 8, y_px, "right " NF_DRAW_INK NF_DRAW_SMALL);
        nf_draw_small(d, d->box.right + 8, y_px, "left " NF_DRAW_MUTED NF_DRAW_SMALL, "%.2f", r->stats.mean);
        mark(d, (unsigned)(2 * k + 1), r);
    }
    nf_draw_axes(d, "entropy (bit)", NULL);
    nf_draw_label(d, "mean", 10, d->box.right + 8, d->box.top - 2, "left " NF_DRAW_MUTED NF_DRAW_SMALL);
    for (size_t k = 0; k < n; k++)
        nf_draw_put(d, "%s $c%zu using 1:2 with filledcurves y=%zu fc rgb '#56b4e9' fs transparent solid 0.75 noborder, $c%zu using 1:2 "
                       "with lines lc rgb '#0072b2' lw 1", k == 0 ? "plot" : ",", k, n - 1 - k, k);
    for (size_t k = 0; k < n; k++)
        nf_draw_put(d, ", $m%zu using 1:2 with points pt 7 ps 0.5 lc rgb '#1a1a1a'", k);
    nf_draw_put(d, "\n");
}

/* ---- a band ---- */

static void put_ends(nf_draw *d, const row *rows, size_t n)
{
    for (int side = 0; side < 2; side++) {
        nf_draw_label(d, side == 0 ? "lowest" : "highest", 10, d->box.left, 14 + 18 * side, "left " NF_DRAW_MUTED NF_DRAW_SMALL);
        for (size_t k = 0; k < NAMED && k < n; k++) {
            const row *r = &rows[side == 0 ? k : n - 1 - k];
            double x_px = d->box.left + 56 + 220 * (double)k;
            nf_draw_label(d, nf_class_label(r->class_), 24, x_px, 14 + 18 * side, "left " NF_DRAW_INK NF_DRAW_SMALL);
            nf_draw_small(d, x_px + 205, 14 + 18 * side, "right " NF_DRAW_MUTED NF_DRAW_SMALL, "%.2f", r->stats.mean);
        }
    }
}

static void draw_band(nf_draw *d, const row *rows, size_t n)
{
    size_t stride = 1 + (n - 1) / POINTS_MAX;
    nf_draw_put(d, "$q << EOD\n");
    for (size_t i = 0; i < n; i += stride)
        nf_draw_put(d, "%zu %.5g %.5g %.5g %.5g %.5g\n", i + 1, rows[i].stats.mean, rows[i].stats.quantiles[Q05],
                    rows[i].stats.quantiles[Q25], rows[i].stats.quantiles[Q75], rows[i].stats.quantiles[Q95]);
    nf_draw_put(d, "EOD\n");
    put_ends(d, rows, n);
    for (size_t i = 0; i < n; i += stride)
        mark(d, 0, &rows[i]);
    nf_draw_put(d, "set xrange [0:%zu]\nset yrange [%g:%d]\n", n + 1, least_of(rows, n), BITS);
    nf_draw_axes(d, stride > 1 ? "class, by mean (one of some)" : "class, by mean", "entropy (bit)");
    if (n <= BARS_MAX)
        nf_draw_put(d, "plot $q using 1:3:(0):($6-$3) with vectors nohead lw %.2f lc rgb '#56b4e9', "
                       "$q using 1:4:(0):($5-$4) with vectors nohead lw %.2f lc rgb '#0072b2', ", 80.0 / (double)n, 240.0 / (double)n);
    else
        nf_draw_put(d, "plot $q using 1:3:6 with filledcurves fc rgb '#56b4e9' fs transparent solid 0.3 noborder, "
                       "$q using 1:4:5 with filledcurves fc rgb '#56b4e9' fs transparent solid 0.5 noborder, ");
    nf_draw_put(d, "$q using 1:2:(sprintf('%%d', $0)) with labels hypertext point pt %d ps %g lc rgb '%s'\n", n <= BARS_MAX ? 6 : 7,
                n <= BARS_MAX ? 0.45 : 0.25, n <= BARS_MAX ? NF_COLOUR_INK : "#0072b2");
}

/* ---- both ---- */

static size_t longest_name(const row *rows, size_t n)
{
    size_t longest = 4;
    for (size_t i = 0; i < n; i++) {
        size_t chars = nf_figure_chars(nf_class_label(rows[i].class_));
        longest = chars > longest ? chars : longest;
    }
    return longest < 20 ? longest : 20;
}

static void describe(nf_draw *d, const nf_report_set *set, const row *rows, size_t n)
{
    bool is_pixels = set->profile->labels == NF_PROFILE_PIXEL_CLASSES;
    nf_draw_title(d, "Entropy of the classes of %s", set->name);
    if (n <= RIDGES_MAX)
        nf_draw_caption(d, "Each curve is the density of the entropies of %s of one class (a Gaussian kernel, all curves of the same "
                           "height); the dot is their mean. Sorted by mean.",
                        is_pixels ? "the pixels" : "the images");
    else
        nf_draw_caption(d, "The classes by the mean entropy of their %s: the mean of each, half of them (dark) and 90 %% (light).",
                        is_pixels ? "pixels" : "images");
    nf_draw_alt(d, "Entropies of %zu classes: the mean goes from %.2f bit (%s) to %.2f bit (%s).", n, rows[0].stats.mean,
                nf_class_label(rows[0].class_), rows[n - 1].stats.mean, nf_class_label(rows[n - 1].class_));
}

static nf_status draw_set(nf_figures *figures, const nf_report_set *set, size_t number, const row *rows, size_t n, nf_error *error)
{
    double row_px = n <= 12 ? 28 : 20;
    bool is_ridge = n <= RIDGES_MAX;
    unsigned plot_h_px = is_ridge ? (unsigned)(row_px * ((double)n + SPARE)) : 270;
    nf_draw d = nf_draw_begin(figures, "classes", set->name, plot_h_px + (is_ridge ? 70 : 100), error);
    describe(&d, set, rows, n);
    put_csv(&d, rows, n);
    if (d.status != NF_OK)
        return d.status;
    d.figure->set = number;
    if (is_ridge) {
        nf_draw_margins(&d, (nf_plot_box){16 + 7.6 * (double)longest_name(rows, n), 14, 512, 14 + plot_h_px});
        draw_ridge(&d, rows, n);
    } else {
        nf_draw_margins(&d, (nf_plot_box){62, 46, 540, 46 + plot_h_px});
        draw_band(&d, rows, n);
    }
    return d.status;
}

nf_status nf_figures_classes(nf_figures *figures, const nf_report_data *data, nf_error *error)
{
    nf_status status = NF_OK;
    for (size_t i = 0; i < data->n_sets && status == NF_OK; i++) {
        const nf_report_set *set = &data->sets[i];
        if (set->profile->n_classes < 2)
            continue;
        row *rows = calloc(set->profile->n_classes, sizeof *rows);
        if (rows == NULL)
            return nf_fail_nomem(error, "classes");
        size_t n = take_rows(set->profile, rows);
        if (n > CLASSES_MAX)
            status = nf_figures_note(figures, error, "the %zu classes of %s are not drawn: more than %d", n, set->name, CLASSES_MAX);
        else if (n > 1)
            status = draw_set(figures, set, i, rows, n, error);
        free(rows);
    }
    return status;
}
