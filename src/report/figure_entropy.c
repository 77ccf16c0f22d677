/* nofade: how complex the images of sets are, on one axis: histograms, and the normal distribution of the same mean and sd. */
#include <math.h>
#include <stdio.h>

#include "base/text.h"
#include "metrics/entropy.h"
#include "report/figure_build.h"

enum { SETS_MAX = NF_COLOUR_SERIES, FIT_POINTS = 121, ROW_PX = 21, BITS = 8 };

/* A histogram is smooth enough when its bins hold dozens of images: 16, 32 or 64 of them over 0..8. */
static unsigned n_bins_of(uint64_t n_images)
{
    return n_images < 200 ? 16 : n_images < 2000 ? 32 : 64;
}

/* Share of the images per bit, of each of n_bins bins. */
static void densities(const nf_distribution *d, unsigned n_bins, double density[NF_ENTROPY_BINS])
{
    unsigned each = NF_ENTROPY_BINS / n_bins;
    for (unsigned i = 0; i < n_bins; i++) {
        uint64_t images = 0;
        for (unsigned k = 0; k < each; k++)
            images += d->histogram[i * each + k];
        density[i] = (double)images / (double)d->n * n_bins / BITS;
    }
}

static double normal_density(const nf_distribution_stats *stats, double x)
{
    double z = (x - stats->mean) / stats->sd;
    return exp(-0.5 * z * z) / (stats->sd * sqrt(2.0 * M_PI));
}

/* The outline of the bins that hold something, and one empty bin at either side. */
static void put_histogram(nf_draw *d, size_t number, const nf_report_set *set)
{
    const nf_distribution *entropy = &set->profile->entropy;
    const nf_distribution_stats *stats = &set->analysis->entropy;
    double density[NF_ENTROPY_BINS], before = 0.0;
    unsigned n_bins = n_bins_of(entropy->n);
    double width = (double)BITS / n_bins;
    densities(entropy, n_bins, density);
    nf_draw_put(d, "$h%zu << EOD\n", number);
    for (unsigned i = 0; i < n_bins; i++) {
        bool is_seen = density[i] > 0.0 || before > 0.0;
        if (is_seen && before == 0.0)
            nf_draw_put(d, "%.6g 0\n", i * width);
        if (is_seen)
            nf_draw_put(d, "%.6g %.6g\n%.6g %.6g\n", i * width, density[i], (i + 1) * width, density[i]);
        before = density[i];
        nf_draw_csv_text(d, set->name);
        nf_draw_csv_number(d, i * width);
        nf_draw_csv_number(d, (i + 1) * width);
        nf_draw_csv_number(d, round(density[i] * width * (double)entropy->n));
        nf_draw_csv_number(d, density[i]);
        nf_draw_csv_number(d, stats->mean);
        nf_draw_csv_number(d, stats->has_sd ? stats->sd : NAN);
        nf_draw_csv_end(d);
    }
    nf_draw_put(d, "%d 0\nEOD\n", BITS);
}

/* The fit over four sd at either side, and its top. */
static void put_fit(nf_draw *d, size_t number, const nf_distribution_stats *stats)
{
    nf_draw_put(d, "$f%zu << EOD\n", number);
    for (unsigned i = 0; i < FIT_POINTS; i++) {
        double x = stats->mean + (8.0 * i / (FIT_POINTS - 1) - 4.0) * stats->sd;
        if (x >= 0.0 && x <= BITS)
            nf_draw_put(d, "%.6g %.6g\n", x, normal_density(stats, x));
    }
    nf_draw_put(d, "EOD\n$t%zu << EOD\n%.6g %.6g\nEOD\n", number, stats->mean, normal_density(stats, stats->mean));
}

static bool has_fit(const nf_report_set *set)
{
    return set->analysis->entropy.has_sd && set->analysis->entropy.sd > 1e-3;
}

/* Where the axis begins: a whole number of bits, no mean and at most 1 % of the images of any set below it. */
static double axis_begin(const nf_report_set *const *sets, size_t n)
{
    double least = BITS - 1;
    for (size_t i = 0; i < n; i++)
        least = fmin(least, fmin(sets[i]->analysis->entropy.quantiles[0], sets[i]->analysis->entropy.mean));
    return floor(least);
}

static void put_legend(nf_draw *d, const nf_report_set *set, size_t i)
{
    const nf_distribution_stats *stats = &set->analysis->entropy;
    if (d->status != NF_OK)
        return;
    double y_px = 14.0 + ROW_PX * (double)i, h = d->figure->h_px, w = d->figure->w_px;
    char how[80], n_images[32];
    nf_draw_put(d, "set arrow from screen %.5f, screen %.5f to screen %.5f, screen %.5f nohead lc rgb '%s' lw 1.6 dt %zu\n",
                10 / w, 1 - y_px / h, 46 / w, 1 - y_px / h, nf_series_colours[i], i + 1);
    snprintf(how, sizeof how, "point pt %d ps 0.9 lc rgb '%s'", nf_series_shapes[i], nf_series_colours[i]);
    nf_draw_label(d, "", 1, 28, y_px, how);
    nf_draw_label(d, set->name, 28, 54, y_px, NULL);
    if (stats->has_sd)
        nf_draw_small(d, 420, y_px, "right " NF_DRAW_INK, "%.2f \xc2\xb1 %.2f bit", stats->mean, stats->sd);
    else
        nf_draw_small(d, 420, y_px, "right " NF_DRAW_INK, "%.2f bit", stats->mean);
    nf_draw_small(d, 548, y_px, "right " NF_DRAW_MUTED, "n = %s", nf_text_count(n_images, set->profile->entropy.n));
}

static void put_plots(nf_draw *d, const nf_report_set *const *sets, size_t n)
{
    for (size_t i = 0; i < n; i++)
        nf_draw_put(d, "%s $h%zu using 1:2 with filledcurves closed fc rgb '%s' fs transparent solid %.2f noborder", i == 0 ? "plot" : ",",
                    i, nf_series_colours[i], n > 3 ? 0.06 : 0.18);
    for (size_t i = 0; i < n; i++)
        nf_draw_put(d, ", $h%zu using 1:2 with lines lc rgb '%s' lw 1", i, nf_series_colours[i]);
    for (size_t i = 0; i < n; i++)
        if (has_fit(sets[i]))
            nf_draw_put(d, ", $f%zu using 1:2 with lines lc rgb '%s' lw 1.6 dt %zu, $t%zu using 1:2 with points pt %d ps 0.9 lc rgb '%s'",
                        i, nf_series_colours[i], i + 1, i, nf_series_shapes[i], nf_series_colours[i]);
    nf_draw_put(d, "\n");
}

/* "alpha: 1,200 images, 4.53 +- 2.50 bit" */
static nf_status append_set(nf_buf *text, const nf_report_set *set, nf_error *error)
{
    const nf_distribution_stats *stats = &set->analysis->entropy;
    const uint64_t n = set->profile->entropy.n;
    char count[32];
    nf_status status = nf_buf_printf(text, error, "%s: %s image%s, ", set->name, nf_text_count(count, n), n == 1 ? "" : "s");
    if (status != NF_OK)
        return status;
    return stats->has_sd ? nf_buf_printf(text, error, "%.2f \xc2\xb1 %.2f bit", stats->mean, stats->sd)
                         : nf_buf_printf(text, error, "%.2f bit", stats->mean);
}

static void describe(nf_draw *d, const nf_report_set *const *sets, size_t n)
{
    bool any_fit = false;
    nf_buf alt = {0};
    for (size_t i = 0; i < n; i++) {
        any_fit = any_fit || has_fit(sets[i]);
        if (d->status == NF_OK && i > 0)
            d->status = nf_buf_append(&alt, "; ", 2, d->error);
        if (d->status == NF_OK)
            d->status = append_set(&alt, sets[i], d->error);
    }
    if (d->status == NF_OK)
        d->status = nf_buf_append(&alt, "", 1, d->error);
    nf_draw_title(d, n > 1 ? "Entropy of the images of %zu sets" : "Entropy of the images", n);
    nf_draw_caption(d, "Histogram of the Shannon entropies of the grey values of the images%s",
                    any_fit ? "; the curve is the normal distribution of the same mean and standard deviation, the marker on it stands at "
                              "the mean." : ".");
    if (d->status == NF_OK)
        nf_draw_alt(d, "Histogram%s of the entropies of images, mean and standard deviation: %s.", n > 1 ? "s" : "", (const char *)alt.data);
    nf_buf_free(&alt);
}

static void mark_set(nf_draw *d, const nf_report_set *set, size_t i)
{
    nf_buf title = {0};
    if (d->status == NF_OK)
        d->status = append_set(&title, set, d->error);
    if (d->status == NF_OK)
        d->status = nf_buf_append(&title, "", 1, d->error);
    if (d->status == NF_OK)
        nf_draw_mark(d, (unsigned)i + 1, "%s", (const char *)title.data);
    nf_buf_free(&title);
}

/* number: of the last set; a figure of one set is that set's own. */
static nf_status draw_sets(nf_figures *figures, const nf_report_set *const *sets, size_t n, size_t number, nf_error *error)
{
    double legend_px = 14.0 + ROW_PX * (double)n;
    nf_draw d = nf_draw_begin(figures, "entropy", NULL, (unsigned)legend_px + 300, error);
    describe(&d, sets, n);
    if (d.status == NF_OK && n == 1)
        d.figure->set = number;
    nf_draw_csv_header(&d, "set,from_bits,to_bits,images,density_per_bit,set_mean_bits,set_sd_bits");
    nf_draw_margins(&d, (nf_plot_box){76, legend_px, 544, legend_px + 248});
    for (size_t i = 0; i < n; i++) {
        put_histogram(&d, i, sets[i]);
        if (has_fit(sets[i]))
            put_fit(&d, i, &sets[i]->analysis->entropy);
        put_legend(&d, sets[i], i);
        mark_set(&d, sets[i], i);
    }
    nf_draw_put(&d, "set xrange [%g:%d]\nset yrange [0:*]\n", axis_begin(sets, n), BITS);
    nf_draw_axes(&d, "entropy of an image (bit)", "share of the images per bit");
    put_plots(&d, sets, n);
    return d.status;
}

nf_status nf_figures_entropy(nf_figures *figures, const nf_report_data *data, nf_error *error)
{
    nf_status status = NF_OK;
    for (size_t i = 0; i < data->n_sets && status == NF_OK;) {
        const nf_report_set *sets[SETS_MAX];
        size_t n = 0, last = i;
        for (; i < data->n_sets && n < SETS_MAX; i++)
            if (data->sets[i].profile->entropy.n > 0 && data->sets[i].analysis->has_entropy)
                sets[n++] = &data->sets[last = i];
        if (n > 0)
            status = draw_sets(figures, sets, n, last, error);
    }
    return status;
}
