/* nofade: what of gnuplot's SVG is written anew (figure_svg.c). */
#include "report/figure_svg.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/number.h"

static void put(nf_svg *r, const char *text)
{
    if (r->status == NF_OK)
        r->status = nf_buf_append(&r->body, text, strlen(text), r->error);
}

static void put_xml(nf_svg *r, const char *text)
{
    if (r->status == NF_OK)
        r->status = nf_figure_xml(&r->body, text, strlen(text), r->error);
}

static void put_attribute(nf_svg *r, const char *name, const char *value)
{
    put(r, " ");
    put(r, name);
    put(r, "=\"");
    put_xml(r, value);
    put(r, "\"");
}

void nf_svg_unsupported(nf_svg *r, const char *what)
{
    if (r->status == NF_OK)
        r->status = nf_fail(r->error, NF_ERR_OUTPUT, "gnuplot's SVG has %s that cannot be read", what);
}

/* "315.00" as "315". */
static void shorten(char text[NF_SVG_VALUE_SIZE], double value, int decimals)
{
    snprintf(text, NF_SVG_VALUE_SIZE, "%.*f", decimals, value);
    char *end = text + strlen(text);
    if (strchr(text, '.') != NULL) {
        while (end[-1] == '0')
            *--end = '\0';
        if (end[-1] == '.')
            *--end = '\0';
    }
    if (strcmp(text, "-0") == 0)
        nf_svg_take(text, "0");
}

/* ---- numbers ---- */

static size_t number_length(const char *text)
{
    size_t n = text[0] == '-';
    while ((text[n] >= '0' && text[n] <= '9') || text[n] == '.')
        n++;
    return n > (text[0] == '-') ? n : 0;
}

/* Numbers to a tenth, blanks only where they are needed. */
static void put_coordinates(nf_svg *r, const char *text)
{
    bool after_number = false;
    char number[NF_SVG_VALUE_SIZE], value_text[NF_SVG_VALUE_SIZE];
    while (*text != '\0') {
        size_t n = number_length(text);
        double value;
        if (n > 0 && n < NF_SVG_VALUE_SIZE) {
            snprintf(number, sizeof number, "%.*s", (int)n, text);
            if (!nf_parse_double(number, &value)) {
                nf_svg_unsupported(r, "a number");
                return;
            }
            shorten(value_text, value, 1);
            if (after_number && value_text[0] != '-')
                put(r, " ");
            put(r, value_text);
            text += n;
            after_number = true;
        } else {
            if (strchr("MLZzm", *text) != NULL) {
                put(r, (char[]){*text, '\0'});
                after_number = false;
            } else if (strchr(" ,\r\n\t", *text) == NULL) {
                nf_svg_unsupported(r, "a path");
                return;
            }
            text++;
        }
    }
}

static void put_length(nf_svg *r, const char *name, const char *value)
{
    char text[NF_SVG_VALUE_SIZE];
    double number;
    if (!nf_parse_double(value, &number)) {
        nf_svg_unsupported(r, "a length");
        return;
    }
    shorten(text, number, 1);
    put_attribute(r, name, text);
}

/* ---- elements ---- */

static const char *resolved(const nf_svg_style *s, const char *value)
{
    return strcmp(value, "currentColor") == 0 ? s->colour : value;
}

/* The root says: no fill, no stroke, width 1. */
static void put_style(nf_svg *r, const nf_svg_style *s)
{
    double width;
    if (s->fill[0] != '\0' && strcmp(s->fill, "none") != 0)
        put_attribute(r, "fill", resolved(s, s->fill));
    if (s->opacity[0] != '\0' && strcmp(s->opacity, "1.00") != 0)
        put_attribute(r, "fill-opacity", s->opacity);
    if (s->stroke[0] == '\0' || strcmp(s->stroke, "none") == 0)
        return;
    put_attribute(r, "stroke", resolved(s, s->stroke));
    if (nf_parse_double(s->width, &width) && fabs(width - 1.0) > 0.001)
        put_length(r, "stroke-width", s->width);
    if (s->dashes[0] != '\0')
        put_attribute(r, "stroke-dasharray", s->dashes);
}

/* ---- marks ---- */

/* The mark that is now to be drawn, or SIZE_MAX. */
static size_t mark_now(nf_svg *r, const nf_svg_style *s)
{
    if (s->is_hypertext)
        return s->hypertext;
    while (r->next_mark < r->figure->n_marks && r->figure->marks[r->next_mark].plot < r->plot)
        r->next_mark++;
    if (r->plot > 0 && r->next_mark < r->figure->n_marks && r->figure->marks[r->next_mark].plot == r->plot)
        return r->next_mark++;
    return SIZE_MAX;
}

/* Ends the element that is open as far as its attributes. */
static void put_end(nf_svg *r, size_t mark, const char *name)
{
    if (mark == SIZE_MAX) {
        put(r, "/>\n");
        return;
    }
    r->n_marks++;
    put(r, " class=\"mark\"><title>");
    put_xml(r, r->figure->marks[mark].title);
    put(r, "</title></");
    put(r, name);
    put(r, ">\n");
}

/* ---- what is drawn ---- */

static void put_path(nf_svg *r, const char *name, const char *key, const char *coordinates, const nf_svg_style *s)
{
    put(r, "<");
    put(r, name);
    put_style(r, s);
    if (r->has_image && strcmp(name, "polygon") == 0) /* the steps of its colour bar, between which the ground would shine through */
        put_attribute(r, "shape-rendering", "crispEdges");
    put(r, " ");
    put(r, key);
    put(r, "=\"");
    put_coordinates(r, coordinates);
    put(r, "\"");
    put_end(r, mark_now(r, s), name);
}

static void put_image(nf_svg *r, const char *const *attributes, const nf_svg_style *s)
{
    static const char *const lengths[] = {"x", "y", "width", "height"};
    const char *link = nf_svg_attribute(attributes, "xlink:href");
    if (link == NULL || strncmp(link, "data:image/png;base64,", 22) != 0) {
        nf_svg_unsupported(r, "an image");
        return;
    }
    r->has_image = true;
    put(r, "<image");
    for (size_t i = 0; i < 4; i++) {
        const char *value = nf_svg_attribute(attributes, lengths[i]);
        put_length(r, lengths[i], value != NULL ? value : "");
    }
    put(r, " preserveAspectRatio=\"none\" image-rendering=\"pixelated\"");
    put_attribute(r, "href", link);
    put_end(r, mark_now(r, s), "image");
}

static const nf_svg_definition *definition_of(const nf_svg *r, const char *name)
{
    for (size_t i = 0; i < r->n_definitions; i++)
        if (strcmp(r->definitions[i].name, name) == 0)
            return &r->definitions[i];
    return NULL;
}

static size_t symbol_number(nf_svg *r, const char *name, const char *scale, const char *colour)
{
    size_t i = 0;
    for (; i < r->n_symbols; i++) {
        const nf_svg_symbol *s = &r->symbols[i];
        if (strcmp(s->name, name) == 0 && strcmp(s->scale, scale) == 0 && strcmp(s->colour, colour) == 0)
            return i;
    }
    if (i == NF_SVG_SYMBOLS_MAX) {
        nf_svg_unsupported(r, "many kinds of points");
        return 0;
    }
    nf_svg_take(r->symbols[i].name, name);
    nf_svg_take(r->symbols[i].scale, scale);
    nf_svg_take(r->symbols[i].colour, colour);
    return r->n_symbols++;
}

/* <use xlink:href='#gpPt6' transform='translate(68.25,315.00) scale(5.62)' color='rgb(  0, 114, 178)'/> */
static void put_point(nf_svg *r, const char *const *attributes, const nf_svg_style *s)
{
    const char *link = nf_svg_attribute(attributes, "xlink:href");
    char x[NF_SVG_VALUE_SIZE], y[NF_SVG_VALUE_SIZE], scale[NF_SVG_VALUE_SIZE] = "1", id[2 * NF_SVG_VALUE_SIZE];
    const char *rest = "";
    if (link == NULL || link[0] != '#' || strlen(link) >= NF_SVG_VALUE_SIZE || !nf_svg_place(s->transform, x, y, &rest)) {
        nf_svg_unsupported(r, "a point");
        return;
    }
    if (strncmp(rest, " scale(", 7) == 0)
        snprintf(scale, sizeof scale, "%.*s", (int)strcspn(rest + 7, ")"), rest + 7);
    snprintf(id, sizeof id, "#nf%zu-%zu", r->number, symbol_number(r, link + 1, scale, resolved(s, s->colour)));
    put(r, "<use");
    put_attribute(r, "href", id);
    put_length(r, "x", x);
    put_length(r, "y", y);
    put_end(r, mark_now(r, s), "use");
}

/* translate(57.75,319.88) or translate(57.75,319.88) rotate(-90.0) */
static void put_text_place(nf_svg *r, const char *transform)
{
    char x[NF_SVG_VALUE_SIZE], y[NF_SVG_VALUE_SIZE];
    const char *turn;
    if (!nf_svg_place(transform, x, y, &turn)) {
        nf_svg_unsupported(r, "a text");
        return;
    }
    if (turn[0] == '\0') {
        put_length(r, "x", x);
        put_length(r, "y", y);
        return;
    }
    put(r, " transform=\"translate(");
    put_coordinates(r, x);
    put(r, ",");
    put_coordinates(r, y);
    put(r, ")");
    put_xml(r, turn);
    put(r, "\"");
}

void nf_svg_put_text(nf_svg *r, const nf_svg_style *s)
{
    const char *text = (const char *)r->text.data;
    double size;
    if (r->text.len == 0)
        return;
    put(r, "<text");
    put_text_place(r, s->transform);
    put_attribute(r, "fill", resolved(s, s->fill));
    if (nf_parse_double(s->size, &size) && fabs(size - NF_FIGURE_FONT_PX) > 0.01)
        put_length(r, "font-size", s->size);
    if (s->anchor[0] != '\0' && strcmp(s->anchor, "start") != 0)
        put_attribute(r, "text-anchor", s->anchor);
    if (strcmp(s->weight, "bold") == 0)
        put_attribute(r, "font-weight", "bold");
    if (strcmp(s->slant, "italic") == 0)
        put_attribute(r, "font-style", "italic");
    put(r, ">");
    if (r->status == NF_OK)
        r->status = nf_figure_xml(&r->body, text, r->text.len, r->error);
    put(r, "</text>\n");
}

/* The symbols that are used, as paths whose strokes and fills have the colour they are used in. */
static void put_symbols(nf_svg *r)
{
    for (size_t i = 0; i < r->n_symbols && r->status == NF_OK; i++) {
        const nf_svg_symbol *s = &r->symbols[i];
        char id[NF_SVG_VALUE_SIZE], scale[2 * NF_SVG_VALUE_SIZE], stroke[NF_SVG_VALUE_SIZE], turns[2 * NF_SVG_VALUE_SIZE] = "";
        double factor = 1.0;
        bool filled = false;
        const nf_svg_definition *d = definition_of(r, s->name);
        for (int steps = 0; d != NULL && steps < 4; steps++) {
            filled = filled || d->filled;
            if (d->transform[0] != '\0')
                snprintf(turns, sizeof turns, " %s", d->transform);
            if (d->base[0] == '\0')
                break;
            d = definition_of(r, d->base);
        }
        if (d == NULL || d->shape[0] == '\0' || !nf_parse_double(s->scale, &factor) || factor <= 0.0) {
            nf_svg_unsupported(r, "a kind of point");
            return;
        }
        snprintf(id, sizeof id, "nf%zu-%zu", r->number, i);
        snprintf(scale, sizeof scale, "scale(%.30s)", s->scale);
        shorten(stroke, 1.0 / factor, 3);
        put(r, i == 0 ? "<defs>\n<path" : "<path");
        put_attribute(r, "id", id);
        put(r, " transform=\"");
        put(r, scale);
        put_xml(r, turns);
        put(r, "\" ");
        put(r, d->shape);
        put_attribute(r, filled ? "fill" : "stroke", s->colour);
        if (!filled)
            put_attribute(r, "stroke-width", stroke);
        put(r, "/>\n");
    }
    put(r, r->n_symbols > 0 ? "</defs>\n" : "");
}

void nf_svg_put_element(nf_svg *r, const char *name, const char *const *attributes, const nf_svg_style *s)
{
    const char *d = nf_svg_attribute(attributes, "d"), *points = nf_svg_attribute(attributes, "points");
    if (strcmp(name, "path") == 0 && d != NULL)
        put_path(r, "path", "d", d, s);
    else if ((strcmp(name, "polygon") == 0 || strcmp(name, "polyline") == 0) && points != NULL)
        put_path(r, name, "points", points, s);
    else if (strcmp(name, "use") == 0)
        put_point(r, attributes, s);
    else if (strcmp(name, "image") == 0)
        put_image(r, attributes, s);
}

void nf_svg_put_head(nf_svg *r)
{
    const nf_figure *f = r->figure;
    char text[160], id[NF_SVG_VALUE_SIZE];
    snprintf(text, sizeof text, "<svg xmlns=\"http://www.w3.org/2000/svg\" "
             "viewBox=\"0 0 %u %u\" width=\"%u\"", f->w_px, f->h_px, f->w_px);
    put(r, text);
    snprintf(text, sizeof text, " style=\"max-width:100%%;height:auto\" role=\"img\" aria-labelledby=\"nf%zu-t nf%zu-d\" fill=\"none\" "
             "font-size=\"%d\"", r->number, r->number, NF_FIGURE_FONT_PX);
    put(r, text);
    put(r, " font-family=\"system-ui,'Helvetica Neue',Arial,sans-serif\">\n");
    snprintf(id, sizeof id, "nf%zu-t", r->number);
    put(r, "<title");
    put_attribute(r, "id", id);
    put(r, ">");
    put_xml(r, f->title);
    snprintf(id, sizeof id, "nf%zu-d", r->number);
    put(r, "</title>\n<desc");
    put_attribute(r, "id", id);
    put(r, ">");
    put_xml(r, f->alt);
    put(r, "</desc>\n");
}

void nf_svg_put_end(nf_svg *r)
{
    put_symbols(r);
    put(r, "</svg>\n");
}
