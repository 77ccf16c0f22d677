/* nofade: how a figure is put together: its script, its data, its marks. Private to src/report/figure*.c.
 *
 * Names are untrusted. They reach gnuplot in one way only: nf_draw_quoted, single-quoted text, as the argument of `set label` or
 * of a key's `title`, with a terminal that is `noenhanced`. There gnuplot takes every character as it is. (As a tic's label it
 * would read a '%' as a format, in a data column a '"' as a quote, and its hypertext writes quotes into an attribute of the SVG
 * as they are: none of these ever gets a name.) Titles that the mouse shows are put in by figure_svg.c. */
#ifndef NF_REPORT_FIGURE_BUILD_H
#define NF_REPORT_FIGURE_BUILD_H

#include <stdbool.h>

#include "report/figures.h"
#include "report/palette.h"

#define NF_DRAW_INK "textcolor rgb '" NF_COLOUR_INK "'"
#define NF_DRAW_MUTED "textcolor rgb '" NF_COLOUR_MUTED "'"
#define NF_DRAW_SMALL " font small" /* each terminal says how large that is */

/* Sizes in pixels of the view box. */
enum { NF_FIGURE_W_PX = 560, NF_FIGURE_FONT_PX = 15 };

/* Of several series: their colours, and gnuplot's numbers of their points. */
extern const char *const nf_series_colours[NF_COLOUR_SERIES];
extern const int nf_series_shapes[NF_COLOUR_SERIES];

/* Where the axes stand, in pixels from the left and from the top. */
typedef struct nf_plot_box {
    double left, top, right, bottom;
} nf_plot_box;

/* A figure being made. The first fault sticks in status; later calls do nothing. */
typedef struct nf_draw {
    nf_figures *figures;
    nf_figure *figure;
    nf_plot_box box;
    nf_status status;
    nf_error *error;
    unsigned n_labels;
    bool csv_in_row;
} nf_draw;

/* Appends an empty figure with the first lines of its script. id: made of `kind` and name (may be NULL), and unique. */
nf_draw nf_draw_begin(nf_figures *figures, const char *kind, const char *name, unsigned h_px, nf_error *error);
/* Of this printf-like text: cleaned, and kept by the figure. */
void nf_draw_title(nf_draw *draw, const char *format, ...) __attribute__((format(printf, 2, 3)));
void nf_draw_caption(nf_draw *draw, const char *format, ...) __attribute__((format(printf, 2, 3)));
void nf_draw_alt(nf_draw *draw, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Script. Never a name. */
void nf_draw_put(nf_draw *draw, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* A name as a constant expression of a string; cut to max_chars characters. */
void nf_draw_quoted(nf_draw *draw, const char *text, size_t max_chars);
/* A name at a place in pixels from the left and from the top; how: "right textcolor ...", or NULL: left, in ink. */
void nf_draw_label(nf_draw *draw, const char *text, size_t max_chars, double x_px, double y_px, const char *how);
/* The same, placed so by a printf-like text that is no name. */
void nf_draw_small(nf_draw *draw, double x_px, double y_px, const char *how, const char *format, ...)
    __attribute__((format(printf, 5, 6)));
/* What the axes are, with units; NULL: none. After the margins. */
void nf_draw_axes(nf_draw *draw, const char *x, const char *y);
/* Sets where the axes stand. */
void nf_draw_margins(nf_draw *draw, nf_plot_box box);
/* The next mark: the first thing drawn by this plot of the script (from 1); 0: the point whose hypertext is the mark's number, from 0.
 * The printf-like title is what the mouse shows. */
void nf_draw_mark(nf_draw *draw, unsigned plot, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* CSV: text as a field, numbers that read back the same (a NaN: empty), then nf_draw_csv_end. */
void nf_draw_csv_text(nf_draw *draw, const char *text);
void nf_draw_csv_number(nf_draw *draw, double value);
void nf_draw_csv_end(nf_draw *draw);
void nf_draw_csv_header(nf_draw *draw, const char *line);

/* *clean (the caller's): text as nf_text_shown allows it, other bytes as \xHH; cut to max_chars characters, an
 * ellipsis standing for what is left out of the middle. SIZE_MAX: not cut. */
nf_status nf_figure_text(char **clean, const char *text, size_t max_chars, nf_error *error);
/* Characters of a text as it will be drawn; a letter as wide as two (Chinese, emoji) counts as two. */
size_t nf_figure_chars(const char *text);
/* Escaped for XML. */
nf_status nf_figure_xml(nf_buf *buf, const char *text, size_t n, nf_error *error);
nf_status nf_figures_note(nf_figures *figures, nf_error *error, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* gnuplot's SVG, made small and fit to stand in a page: whitelisted elements alone, colours of palette.h, ids that begin with
 * "nf<number>-", the figure's title, alt and marks. */
nf_status nf_figure_svg(nf_figure *figure, size_t number, const nf_buf *drawn, nf_error *error);

/* The kinds of figures, each appended to figures. */
nf_status nf_figures_entropy(nf_figures *figures, const nf_report_data *data, nf_error *error);
nf_status nf_figures_classes(nf_figures *figures, const nf_report_data *data, nf_error *error);
nf_status nf_figures_distances(nf_figures *figures, const nf_report_data *data, nf_error *error);
nf_status nf_figures_models(nf_figures *figures, const nf_report_data *data, nf_error *error);
nf_status nf_figures_ranks(nf_figures *figures, const nf_report_data *data, nf_error *error);

#endif
