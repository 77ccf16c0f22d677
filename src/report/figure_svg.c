/* nofade: gnuplot's SVG made small and harmless.
 *
 * What gnuplot writes is read as XML, and what it draws (paths, polygons, points, images, texts) is written anew: with the style that
 * holds there, without the groups around it; coordinates to a tenth of a pixel; each kind of point drawn once and used. Anything
 * else is left out, scripts and handlers of events among it. */
#include "report/figure_svg.h"

#include <expat.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"

/* ---- values ---- */

void nf_svg_take(char into[NF_SVG_VALUE_SIZE], const char *value)
{
    snprintf(into, NF_SVG_VALUE_SIZE, "%s", value);
}

const char *nf_svg_attribute(const char *const *attributes, const char *name)
{
    for (size_t i = 0; attributes[i] != NULL; i += 2)
        if (strcmp(attributes[i], name) == 0)
            return attributes[i + 1];
    return NULL;
}

bool nf_svg_place(const char *transform, char x[NF_SVG_VALUE_SIZE], char y[NF_SVG_VALUE_SIZE], const char **rest)
{
    static const char head[] = "translate(";
    const char *s = transform + strlen(head), *comma = strchr(transform, ','), *end = strchr(transform, ')');
    if (strncmp(transform, head, strlen(head)) != 0 || comma == NULL || end == NULL || comma > end ||
        comma - s >= NF_SVG_VALUE_SIZE || end - comma > NF_SVG_VALUE_SIZE)
        return false;
    snprintf(x, NF_SVG_VALUE_SIZE, "%.*s", (int)(comma - s), s);
    snprintf(y, NF_SVG_VALUE_SIZE, "%.*s", (int)(end - comma - 1), comma + 1);
    *rest = end + 1;
    return true;
}

/* The number of text behind head, up to `end`; false: there is none. */
static bool number_behind(const char *text, const char *head, char end, uint64_t *number)
{
    char digits[24];
    const char *s = text + strlen(head), *stop = strncmp(text, head, strlen(head)) == 0 ? strchr(s, end) : NULL;
    if (stop == NULL || stop - s >= (ptrdiff_t)sizeof digits)
        return false;
    snprintf(digits, sizeof digits, "%.*s", (int)(stop - s), s);
    return nf_parse_u64(digits, 0, SIZE_MAX, number);
}

/* "rgb(  0, 114, 178)" as "#0072b2"; false: no such thing. */
static bool take_rgb(char colour[NF_SVG_VALUE_SIZE], const char *value)
{
    unsigned rgb[3] = {0, 0, 0}, n = 0;
    if (strncmp(value, "rgb(", 4) != 0)
        return false;
    for (const char *s = value + 4; *s != '\0' && *s != ')' && n < 3; s++)
        if (*s >= '0' && *s <= '9' && rgb[n] < 256)
            rgb[n] = 10 * rgb[n] + (unsigned)(*s - '0');
        else
            n += *s == ',';
    snprintf(colour, NF_SVG_VALUE_SIZE, "#%02x%02x%02x", rgb[0] & 255, rgb[1] & 255, rgb[2] & 255);
    return true;
}

/* "rgb(  0, 114, 178)", "black" as "#0072b2"; others as they are. */
static void take_colour(char colour[NF_SVG_VALUE_SIZE], const char *value)
{
    if (!take_rgb(colour, value))
        nf_svg_take(colour, strcmp(value, "black") == 0 ? NF_COLOUR_INK : strcmp(value, "white") == 0 ? "#ffffff" : value);
}

/* ---- what holds inside ---- */

/* "gnuplot_svg.showHypertext(evt,'7')": the number of a mark. */
static void take_hypertext(nf_svg *r, nf_svg_style *s, const char *handler)
{
    const char *quote = strchr(handler, '\'');
    uint64_t number;
    if (quote == NULL || !number_behind(quote, "'", '\'', &number) || number >= r->figure->n_marks) {
        nf_svg_unsupported(r, "a mark");
        return;
    }
    s->is_hypertext = true;
    s->hypertext = (size_t)number;
}

static void take_style(nf_svg *r, nf_svg_style *s, const char *const *attributes)
{
    for (size_t i = 0; attributes[i] != NULL; i += 2) {
        const char *name = attributes[i], *value = attributes[i + 1];
        if (strcmp(name, "fill") == 0)
            take_colour(s->fill, value);
        else if (strcmp(name, "stroke") == 0)
            take_colour(s->stroke, value);
        else if (strcmp(name, "color") == 0)
            take_colour(s->colour, value);
        else if (strcmp(name, "stroke-width") == 0)
            nf_svg_take(s->width, value);
        else if (strcmp(name, "fill-opacity") == 0 || strcmp(name, "opacity") == 0)
            nf_svg_take(s->opacity, value);
        else if (strcmp(name, "stroke-dasharray") == 0)
            nf_svg_take(s->dashes, value);
        else if (strcmp(name, "text-anchor") == 0)
            nf_svg_take(s->anchor, value);
        else if (strcmp(name, "font-size") == 0)
            nf_svg_take(s->size, value);
        else if (strcmp(name, "font-weight") == 0)
            nf_svg_take(s->weight, value);
        else if (strcmp(name, "font-style") == 0)
            nf_svg_take(s->slant, value);
        else if (strcmp(name, "transform") == 0)
            snprintf(s->transform, sizeof s->transform, "%s", value);
        else if (strcmp(name, "onmousemove") == 0)
            take_hypertext(r, s, value);
    }
}

/* ---- definitions of points ---- */

static void define(nf_svg *r, const char *element, const char *const *attributes)
{
    const char *id = nf_svg_attribute(attributes, "id"), *link = nf_svg_attribute(attributes, "xlink:href"), *path = nf_svg_attribute(attributes, "d");
    const char *turn = nf_svg_attribute(attributes, "transform"), *fill = nf_svg_attribute(attributes, "fill");
    if (id == NULL || r->n_definitions == NF_SVG_SYMBOLS_MAX)
        return;
    nf_svg_definition *d = &r->definitions[r->n_definitions];
    *d = (nf_svg_definition){.filled = fill != NULL && strcmp(fill, "none") != 0};
    nf_svg_take(d->name, id);
    if (strcmp(element, "path") == 0 && path != NULL && strspn(path, "MLmlhvHVz0123456789., -") == strlen(path))
        snprintf(d->shape, sizeof d->shape, "d=\"%.150s\"", path);
    else if (strcmp(element, "rect") == 0)
        snprintf(d->shape, sizeof d->shape, "d=\"M-1-1h2v2h-2z\"");
    else if (strcmp(element, "circle") == 0)
        snprintf(d->shape, sizeof d->shape, "d=\"M-1 0a1 1 0 1 0 2 0a1 1 0 1 0-2 0z\"");
    else if (strcmp(element, "use") == 0 && link != NULL && link[0] == '#')
        nf_svg_take(d->base, link + 1);
    else
        return;
    if (turn != NULL)
        nf_svg_take(d->transform, turn);
    r->n_definitions++;
}

/* ---- reading ---- */

static void XMLCALL on_start(void *data, const XML_Char *name, const XML_Char **given)
{
    nf_svg *r = data;
    const char *const *attributes = (const char *const *)given;
    bool is_known = strcmp(name, "svg") == 0 || strcmp(name, "g") == 0 || strcmp(name, "text") == 0 ||
                    strcmp(name, "path") == 0 || strcmp(name, "polygon") == 0 || strcmp(name, "polyline") == 0 ||
                    strcmp(name, "use") == 0 || strcmp(name, "image") == 0;
    if (r->in_definitions) {
        define(r, name, attributes);
        r->ignored++;
        return;
    }
    if (strcmp(name, "defs") == 0 && r->ignored == 0) {
        r->in_definitions = true;
        return;
    }
    if (r->ignored > 0 || !is_known || r->depth + 1 == NF_SVG_DEPTH_MAX) {
        r->ignored++;
        return;
    }
    nf_svg_style *s = &r->styles[r->depth + 1];
    *s = r->styles[r->depth++];
    take_style(r, s, attributes);
    const char *id = nf_svg_attribute(attributes, "id");
    const char *number = id != NULL && strncmp(id, "gnuplot_plot_", 13) == 0 ? id + 13 : "";
    if (number[0] != '\0') {
        r->plot = 0;
        for (; *number >= '0' && *number <= '9' && r->plot < 100000; number++)
            r->plot = 10 * r->plot + (unsigned)(*number - '0');
    }
    r->in_text = strcmp(name, "text") == 0;
    r->text.len = 0;
    if (strcmp(name, "g") != 0 && !r->in_text)
        nf_svg_put_element(r, name, attributes, s);
}

static void XMLCALL on_end(void *data, const XML_Char *name)
{
    nf_svg *r = data;
    if (strcmp(name, "defs") == 0 && r->ignored == 0) {
        r->in_definitions = false;
        return;
    }
    if (r->ignored > 0) {
        r->ignored--;
        return;
    }
    if (r->in_text)
        nf_svg_put_text(r, &r->styles[r->depth]);
    r->in_text = false;
    r->depth--;
}

static void XMLCALL on_text(void *data, const XML_Char *text, int n)
{
    nf_svg *r = data;
    if (r->in_text && r->ignored == 0 && r->status == NF_OK)
        r->status = nf_buf_append(&r->text, text, (size_t)n, r->error);
}

nf_status nf_figure_svg(nf_figure *figure, size_t number, const nf_buf *drawn, nf_error *error)
{
    nf_svg *r = calloc(1, sizeof *r);
    XML_Parser parser = XML_ParserCreate("UTF-8");
    if (r == NULL || parser == NULL || drawn->len > INT32_MAX) {
        free(r);
        XML_ParserFree(parser);
        return nf_fail_nomem(error, "an SVG");
    }
    *r = (nf_svg){.figure = figure, .number = number, .error = error};
    XML_SetUserData(parser, r);
    XML_SetElementHandler(parser, on_start, on_end);
    XML_SetCharacterDataHandler(parser, on_text);
    nf_svg_put_head(r);
    if (XML_Parse(parser, (const char *)drawn->data, (int)drawn->len, 1) != XML_STATUS_OK && r->status == NF_OK)
        r->status = nf_fail(error, NF_ERR_OUTPUT, "gnuplot's SVG is no XML: %s in line %lu", XML_ErrorString(XML_GetErrorCode(parser)),
                            (unsigned long)XML_GetCurrentLineNumber(parser));
    if (r->status == NF_OK && r->n_marks != figure->n_marks)
        r->status = nf_fail(error, NF_ERR_OUTPUT, "gnuplot's SVG has %zu of %zu marks", r->n_marks, figure->n_marks);
    nf_svg_put_end(r);
    XML_ParserFree(parser);
    nf_buf_free(&r->text);
    nf_status status = r->status;
    nf_buf_free(&figure->svg);
    if (status == NF_OK)
        figure->svg = r->body;
    else
        nf_buf_free(&r->body);
    free(r);
    return status;
}
