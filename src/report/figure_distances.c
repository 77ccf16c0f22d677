/* nofade: the distances between all classes of a set as a heat map, alike classes side by side. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "metrics/cluster.h"
#include "report/figure_build.h"

enum {
    CLASSES_MAX = 4000, /* 64 MB of distances, twice */
    VALUES_MAX = 12,    /* classes whose distances are written into the cells */
    NAMES_MAX = 30,     /* classes whose names are written beside the rows */
    CELL_PX_MAX = 90,   /* the side of a cell of few classes */
    VALUE_PX = 30,      /* of a cell with a value: "0.83" takes 26 */
    NAME_CHARS = 18,
    CELLS_MAX = 400     /* rows of the picture; of more classes, each cell is a mean */
};

/* (n,) classes by the clustering's order, and the distances of all pairs (n (n - 1) / 2,) as the set has them. */
typedef struct heat {
    const nf_report_set *set;
    size_t n;
    double *distances;
    uint32_t *order;
    size_t cells, each; /* the picture is (cells, cells); a cell's row holds `each` classes, the last one maybe fewer */
    double most;
} heat;

static nf_status fill_distances(heat *h, nf_error *error)
{
    const nf_analysis *a = h->set->analysis;
    size_t n = h->n;
    h->distances = calloc(n * (n - 1) / 2, sizeof *h->distances); /* fits: CLASSES_MAX squared */
    h->order = calloc(n, sizeof *h->order);
    if (h->distances == NULL || h->order == NULL)
        return nf_fail_nomem(error, "class distances");
#pragma omp parallel for schedule(dynamic)
    for (size_t i = 0; i < n - 1; i++) {
        double *row = h->distances + nf_pair_index(n, i, i + 1);
        for (size_t k = i + 1; k < n; k++)
            row[k - i - 1] = nf_js_distance(a->distributions + i * a->n_bins, a->distributions + k * a->n_bins, a->n_bins,
                                            a->definition.jsd_base);
    }
    return NF_OK;
}

static nf_status find_order(heat *h, nf_error *error)
{
    size_t n_pairs = h->n * (h->n - 1) / 2;
    double *room = calloc(n_pairs, sizeof *room);
    nf_cluster_merge *merges = calloc(h->n, sizeof *merges);
    nf_status status = room == NULL || merges == NULL ? nf_fail_nomem(error, "class distances") : NF_OK;
    if (status == NF_OK) {
        memcpy(room, h->distances, n_pairs * sizeof *room);
        status = nf_cluster_average(room, h->n, merges, error);
    }
    free(room);
    if (status == NF_OK)
        status = nf_cluster_order(merges, h->distances, h->n, h->order, error);
    free(merges);
    return status;
}

static double distance_of(const heat *h, size_t i, size_t k)
{
    size_t a = h->order[i], b = h->order[k];
    return a == b ? 0.0 : h->distances[a < b ? nf_pair_index(h->n, a, b) : nf_pair_index(h->n, b, a)];
}

static size_t end_of(const heat *h, size_t cell)
{
    size_t end = (cell + 1) * h->each;
    return end < h->n ? end : h->n;
}

/* The mean distance of the classes of two cells; a class's to itself does not count, nor does the cell of one class alone: NaN. */
static double cell_value(const heat *h, size_t row, size_t column)
{
    double sum = 0.0;
    size_t n = 0;
    for (size_t i = row * h->each; i < end_of(h, row); i++)
        for (size_t k = column * h->each; k < end_of(h, column); k++)
            if (i != k) {
                sum += distance_of(h, i, k);
                n++;
            }
    return n > 0 ? sum / (double)n : NAN;
}

static const char *name_of(const heat *h, size_t i)
{
    return nf_class_label(&h->set->profile->classes[h->order[i]]);
}

/* The names of the classes of a cell: "cat", "cat ... dog". */
static void csv_cell_name(nf_draw *d, const heat *h, size_t cell)
{
    char *text = NULL;
    size_t first = cell * h->each, last = end_of(h, cell) - 1;
    if (first == last) {
        nf_draw_csv_text(d, name_of(h, first));
        return;
    }
    if (asprintf(&text, "%s ... %s", name_of(h, first), name_of(h, last)) < 0) {
        if (d->status == NF_OK)
            d->status = nf_fail_nomem(d->error, "a figure's data");
        return;
    }
    nf_draw_csv_text(d, text);
    free(text);
}

/* The matrix for gnuplot and as CSV, first row at the top. */
static void put_matrix(nf_draw *d, heat *h)
{
    nf_draw_csv_text(d, "distance");
    for (size_t i = 0; i < h->cells; i++)
        csv_cell_name(d, h, i);
    nf_draw_csv_end(d);
    nf_draw_put(d, "$d << EOD\n");
    for (size_t i = 0; i < h->cells; i++) {
        csv_cell_name(d, h, i);
        for (size_t k = 0; k < h->cells; k++) {
            double value = cell_value(h, i, k);
            h->most = isnan(value) ? h->most : fmax(h->most, value);
            nf_draw_put(d, isnan(value) ? "NaN " : "%.4f ", value);
            nf_draw_csv_number(d, i == k && h->each == 1 ? 0.0 : round(value * 1e6) / 1e6);
        }
        nf_draw_put(d, "\n");
        nf_draw_csv_end(d);
    }
    nf_draw_put(d, "EOD\n");
}

/* Viridis; light is far. Few steps keep the picture small. */
static void put_palette(nf_draw *d, const heat *h)
{
    const nf_plot_box *b = &d->box;
    double w = d->figure->w_px, height = d->figure->h_px;
    nf_draw_put(d, "set palette maxcolors 48 defined (0 '#440154', 1 '#472c7a', 2 '#3b518b', 3 '#2c718e', 4 '#21908d', 5 '#27ad81', "
                   "6 '#5cc863', 7 '#aadc32', 8 '#fde725')\n");
    nf_draw_put(d, "set cbrange [0:%.4g]\nset cbtics scale 0.3 textcolor rgb '%s'\nset colorbox horizontal user origin screen %.5f, "
                   "screen %.5f size screen %.5f, screen %.5f noborder\n", h->most > 0.0 ? h->most : 1.0, NF_COLOUR_INK,
                b->left / w, 1.0 - (b->bottom + (h->cells <= NAMES_MAX ? 8 : 12) + 10) / height, (b->right - b->left) / w, 10 / height);
}

/* On dark cells white, on light ones black, in every mode of a page: the cells stay as they are. Where one gives way to the other
 * both have a contrast of 4.5 to the cell. */
#define DARK_SHARE 0.43 /* of the palette */
static void put_values(nf_draw *d, const heat *h)
{
    double cell_px = (d->box.right - d->box.left) / (double)h->n;
    for (size_t i = 0; i < h->n; i++)
        for (size_t k = 0; k < h->n; k++)
            if (i != k) {
                double value = distance_of(h, i, k);
                nf_draw_small(d, d->box.left + cell_px * ((double)k + 0.5), d->box.top + cell_px * ((double)i + 0.5),
                              value < DARK_SHARE * h->most || h->most == 0.0 ? "center textcolor rgb '" NF_COLOUR_ON_DARK "' font small"
                                                    : "center textcolor rgb '" NF_COLOUR_ON_LIGHT "' font small",
                              "%.2f", value);
            }
}

static void put_names(nf_draw *d, const heat *h, size_t chars)
{
    double cell_px = (d->box.right - d->box.left) / (double)h->n;
    for (size_t i = 0; i < h->n; i++) {
        nf_draw_label(d, name_of(h, i), chars, d->box.left - 6, d->box.top + cell_px * ((double)i + 0.5),
                      "right " NF_DRAW_INK NF_DRAW_SMALL);
        if (h->n <= VALUES_MAX)
            nf_draw_label(d, name_of(h, i), chars, d->box.left + cell_px * ((double)i + 0.5), d->box.top - 6,
                          "left rotate by 40 " NF_DRAW_INK NF_DRAW_SMALL);
    }
}

static void describe(nf_draw *d, const heat *h)
{
    const nf_distance_summary *s = &h->set->analysis->distances;
    const nf_profile_class *classes = h->set->profile->classes;
    nf_draw_title(d, "Distances between the classes of %s", h->set->name);
    if (h->each == 1)
        nf_draw_caption(d, "Jensen-Shannon distance of each pair of classes. Rows and columns have the same order, by average linkage: "
                           "alike classes stand side by side.");
    else
        nf_draw_caption(d, "Jensen-Shannon distances of %zu classes; rows and columns have the same order, by average linkage, and each "
                           "cell is the mean over up to %zu x %zu pairs.", h->n, h->each, h->each);
    nf_draw_alt(d, "Heat map of the distances between %zu classes, %.3f on average: the closest are %s and %s (%.3f), the most distant "
                   "%s and %s (%.3f).", h->n, s->mean, nf_class_label(&classes[s->min_a]), nf_class_label(&classes[s->min_b]),
                s->min_value, nf_class_label(&classes[s->max_a]), nf_class_label(&classes[s->max_b]), s->max_value);
}

#define BESIDE_CHAR_PX 7.6 /* of a name beside its row, with what it is apart from the edge */
#define BESIDE_PX 12.0
#define LEANING_CHAR_PX 5.6 /* of the last name above its column, over the right side */
#define LEANING_PX 6.0

/* Names are cut before values would touch each other. */
static size_t name_chars(const heat *h)
{
    const double room_px = NF_FIGURE_W_PX - BESIDE_PX - LEANING_PX - VALUE_PX * (double)h->n;
    const size_t most = h->n <= VALUES_MAX ? (size_t)(room_px / (BESIDE_CHAR_PX + LEANING_CHAR_PX)) : NAME_CHARS;
    size_t longest = 4;
    for (size_t i = 0; i < h->n; i++) {
        size_t chars = nf_figure_chars(name_of(h, i));
        longest = chars > longest ? chars : longest;
    }
    longest = longest < most ? longest : most;
    return longest < NAME_CHARS ? longest : NAME_CHARS;
}

static nf_status draw_heat(nf_figures *figures, heat *h, size_t number, nf_error *error)
{
    bool has_names = h->n <= NAMES_MAX;
    size_t chars = has_names ? name_chars(h) : 0;
    double left = has_names ? BESIDE_PX + BESIDE_CHAR_PX * (double)chars : 70, top = h->n <= VALUES_MAX ? 14 + 4.8 * (double)chars : 10;
    double side = has_names ? fmin(NF_FIGURE_W_PX - left - 40, h->n <= VALUES_MAX ? 400 : 470) : 440;
    if (h->n <= VALUES_MAX) /* room for the last name, which leans over the right side; cells for few classes stay small */
        side = fmin(fmin(side, NF_FIGURE_W_PX - left - LEANING_CHAR_PX * (double)chars - LEANING_PX), CELL_PX_MAX * (double)h->n);
    nf_draw d = nf_draw_begin(figures, "distances", h->set->name, (unsigned)(top + side + 76), error);
    describe(&d, h);
    if (d.status != NF_OK)
        return d.status;
    d.figure->set = number;
    nf_draw_margins(&d, (nf_plot_box){left, top, left + side, top + side});
    put_matrix(&d, h);
    put_palette(&d, h);
    if (h->n <= VALUES_MAX)
        put_values(&d, h);
    if (has_names)
        put_names(&d, h, chars);
    else
        nf_draw_small(&d, 50, top + side / 2, "center rotate by 90 " NF_DRAW_INK, "%zu classes, alike ones side by side", h->n);
    nf_draw_label(&d, "Jensen-Shannon distance", 40, left + side / 2, top + side + 62, "center " NF_DRAW_INK);
    nf_draw_mark(&d, 1, "%zu x %zu classes", h->n, h->n);
    nf_draw_put(&d, "unset grid\nset border 0\nunset xtics\nunset ytics\nset xrange [-0.5:%zu.5]\nset yrange [%zu.5:-0.5]\n"
                    "plot $d matrix using 1:2:3 with image\n", h->cells - 1, h->cells - 1);
    return d.status;
}

static nf_status draw_set(nf_figures *figures, const nf_report_set *set, size_t number, nf_error *error)
{
    heat h = {.set = set, .n = set->analysis->distances.n_classes};
    h.each = 1 + (h.n - 1) / CELLS_MAX;
    h.cells = (h.n + h.each - 1) / h.each;
    nf_status status = fill_distances(&h, error);
    if (status == NF_OK)
        status = find_order(&h, error);
    if (status == NF_OK)
        status = draw_heat(figures, &h, number, error);
    free(h.distances);
    free(h.order);
    return status;
}

nf_status nf_figures_distances(nf_figures *figures, const nf_report_data *data, nf_error *error)
{
    nf_status status = NF_OK;
    for (size_t i = 0; i < data->n_sets && status == NF_OK; i++) {
        const nf_analysis *a = data->sets[i].analysis;
        if (!a->has_distances || a->distributions == NULL || a->distances.n_classes < 3) /* one distance is a number */
            continue;
        if (a->distances.n_classes > CLASSES_MAX)
            status = nf_figures_note(figures, error, "the distances of the %zu classes of %s are not drawn: more than %d classes",
                                     a->distances.n_classes, data->sets[i].name, CLASSES_MAX);
        else
            status = draw_set(figures, &data->sets[i], i, error);
    }
    return status;
}
