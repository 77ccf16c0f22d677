/* nofade: an SVG being rewritten: figure_svg.c reads, figure_svg_write.c writes. Private to these. */
#ifndef NF_REPORT_FIGURE_SVG_H
#define NF_REPORT_FIGURE_SVG_H

#include "report/figure_build.h"

enum { NF_SVG_DEPTH_MAX = 16, NF_SVG_VALUE_SIZE = 40, NF_SVG_SYMBOLS_MAX = 64 };

/* What holds inside an element; "" or NaN: nothing said. */
typedef struct nf_svg_style {
    char fill[NF_SVG_VALUE_SIZE], stroke[NF_SVG_VALUE_SIZE], colour[NF_SVG_VALUE_SIZE], width[NF_SVG_VALUE_SIZE], opacity[NF_SVG_VALUE_SIZE], dashes[NF_SVG_VALUE_SIZE];
    char anchor[NF_SVG_VALUE_SIZE], size[NF_SVG_VALUE_SIZE], weight[NF_SVG_VALUE_SIZE], slant[NF_SVG_VALUE_SIZE], transform[2 * NF_SVG_VALUE_SIZE];
    bool is_hypertext;
    size_t hypertext; /* number of a mark */
} nf_svg_style;

/* A kind of point as it is used: gpPt<number> at this scale in this colour. */
typedef struct nf_svg_symbol {
    char name[NF_SVG_VALUE_SIZE], scale[NF_SVG_VALUE_SIZE], colour[NF_SVG_VALUE_SIZE];
} nf_svg_symbol;

/* A point as gnuplot defines it. */
typedef struct nf_svg_definition {
    char name[NF_SVG_VALUE_SIZE], base[NF_SVG_VALUE_SIZE], transform[NF_SVG_VALUE_SIZE];
    char shape[160]; /* attributes of a path, or "" */
    bool filled;
} nf_svg_definition;

typedef struct nf_svg {
    nf_figure *figure;
    size_t number;
    nf_buf body;
    nf_buf text;      /* of the <text> element */
    bool in_text, in_definitions;
    nf_svg_style styles[NF_SVG_DEPTH_MAX];
    unsigned depth;   /* styles[depth] holds */
    unsigned ignored; /* elements open that are left out with all they hold */
    bool has_image;   /* one was drawn */
    unsigned plot;    /* the plot being drawn, from 1 */
    size_t next_mark; /* of those that are drawn by a plot */
    size_t n_marks;   /* that were drawn */
    nf_svg_definition definitions[NF_SVG_SYMBOLS_MAX];
    size_t n_definitions;
    nf_svg_symbol symbols[NF_SVG_SYMBOLS_MAX];
    size_t n_symbols;
    nf_status status;
    nf_error *error;
} nf_svg;

/* A value, cut to what fits. */
void nf_svg_take(char into[NF_SVG_VALUE_SIZE], const char *value);
/* The value of an attribute of (name, value, name, value, ..., NULL); NULL: there is none. */
const char *nf_svg_attribute(const char *const *attributes, const char *name);
/* Says that gnuplot wrote something that is not understood; sticks. */
void nf_svg_unsupported(nf_svg *r, const char *what);
/* "translate(57.75,319.88) scale(5.62)" and the like: x and y as text; what stands behind in *rest. False: no such thing. */
bool nf_svg_place(const char *transform, char x[NF_SVG_VALUE_SIZE], char y[NF_SVG_VALUE_SIZE], const char **rest);

/* The figure's element with its title and description. */
void nf_svg_put_head(nf_svg *r);
/* What an element draws, if it is one of those that do; s holds inside it. */
void nf_svg_put_element(nf_svg *r, const char *name, const char *const *attributes, const nf_svg_style *s);
/* The text that was collected. */
void nf_svg_put_text(nf_svg *r, const nf_svg_style *s);
/* The kinds of points that are used, and the element's end. */
void nf_svg_put_end(nf_svg *r);

#endif
