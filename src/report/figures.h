/* nofade: the pictures of a report: what they show as data and as a script for gnuplot, and gnuplot, which draws them.
 *
 *   entropy             histograms of the entropies of up to eight sets (entropy-2 ...: of the next eight), with the normal fit
 *   classes-NAME        the entropies of each class of a set, by their mean
 *   distances-NAME      class distances, alike classes side by side
 *   accuracy-co2, accuracy-flops   accuracy against the cost, with the frontier
 *   nofade-co2, nofade-flops       NoFADE, or accuracy / log(FLOPs), against the cost
 *   ranks               rank intervals of the first thirty models
 * Figures of models exist for each dataset, task and metric with enough rows: the id then ends in "-DATASET-METRIC" when there are
 * several such groups. */
#ifndef NF_REPORT_FIGURES_H
#define NF_REPORT_FIGURES_H

#include <stddef.h>

#include "base/buf.h"
#include "base/error.h"
#include "report/letters.h"
#include "report/report_data.h"

typedef enum nf_figure_format { NF_FIGURE_SVG, NF_FIGURE_PNG, NF_FIGURE_PDF, NF_N_FIGURE_FORMATS } nf_figure_format;
/* The formats as a set: 1u << NF_FIGURE_SVG | ... */
enum { NF_FIGURE_ALL_FORMATS = (1 << NF_N_FIGURE_FORMATS) - 1 };

/* One thing that stands for data. */
typedef struct nf_figure_mark {
    char *title;   /* what the mouse shows */
    unsigned plot; /* of the script, from 1: the first thing that it draws; 0: a point */
} nf_figure_mark;

/* Texts are UTF-8 without control characters, not escaped for HTML; ids consist of [a-z0-9-] and are unique. */
typedef struct nf_figure {
    char *id;
    char *title, *caption, *alt; /* sentences; the caption says how to read it, alt what it shows */
    size_t set;                  /* which set; SIZE_MAX: all of them, or models */
    unsigned w_px, h_px;         /* of the SVG's view box */
    nf_figure_mark *marks;
    size_t n_marks, marks_capacity; /* as many elements of class "mark" are in the SVG */
    nf_buf script;               /* for gnuplot, all but the terminal */
    nf_buf data_csv;             /* what is drawn, units in the names of its columns */
    nf_buf svg;                  /* one <svg> element, to stand in a page beside others; empty until drawn */
} nf_figure;

typedef struct nf_figures {
    nf_figure *items;
    size_t n, capacity;
    char **notes; /* sentences: what is not drawn, and why */
    size_t n_notes, notes_capacity;
    nf_letters letters; /* of the fonts for PNG and PDF; what is missing of them is known once these are written */
} nf_figures;

/* Data and scripts, no drawing. *figures is owned by the caller (nf_figures_free). */
nf_status nf_figures_make(nf_figures **figures, const nf_report_data *data, nf_error *error);
/* Fills svg of each. NF_ERR_OUTPUT: gnuplot is not there, fails or hangs. */
nf_status nf_figures_draw_svg(nf_figures *figures, nf_error *error);
/* DIR/ID.svg, .png, .pdf as formats says, and DIR/ID.csv; each file appears whole or not at all. DIR is made when it is not
 * there (its parent must be). In PNG and PDF U+FFFD stands for letters that no font has: letters.missing. NF_ERR_OUTPUT. */
nf_status nf_figures_write_dir(nf_figures *figures, const char *dir, unsigned formats, nf_error *error);
void nf_figures_free(nf_figures *figures);

#endif
