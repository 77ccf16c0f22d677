#include "report/figure_build.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/out.h"
#include "base/text.h"

const char *const nf_series_colours[NF_COLOUR_SERIES] = {NF_COLOUR_SERIES_LIST};
const int nf_series_shapes[NF_COLOUR_SERIES] = {7, 5, 9, 13, 11, 6, 4, 8};

/* ---- text ---- */

static nf_status put_clean(nf_buf *buf, const char *text, nf_error *error)
{
    nf_status status = NF_OK;
    while (*text != '\0' && status == NF_OK) {
        size_t n = nf_text_shown(text);
        status = n > 0 ? nf_buf_append(buf, text, n, error) : nf_buf_printf(buf, error, "\\x%02x", (unsigned)(unsigned char)*text);
        text += n > 0 ? n : 1;
    }
    return status;
}

/* As wide as two others: wide and fullwidth in Unicode's EastAsianWidth.txt, its small gaps left aside, and the sign for what no font
 * has. */
static bool is_wide(uint32_t code)
{
    static const struct {
        uint32_t first, last;
    } ranges[] = {{0x1100, 0x115f}, {0x2e80, 0x303e}, {0x3041, 0x4dbf}, {0x4e00, 0xa4cf}, {0xa960, 0xa97c}, {0xac00, 0xd7a3},
                  {0xf900, 0xfaff}, {0xfe30, 0xfe6b}, {0xff01, 0xff60}, {0xffe0, 0xffe6}, {0xfffd, 0xfffd}, {0x17000, 0x18cff},
                  {0x1b000, 0x1b2fb}, {0x1f300, 0x1f64f}, {0x1f680, 0x1f6ff}, {0x1f900, 0x1faff}, {0x20000, 0x3fffd}};
    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++)
        if (code >= ranges[i].first && code <= ranges[i].last)
            return true;
    return false;
}

/* The letter at *s, which goes on behind it: how many characters it is as wide as. */
static size_t take_letter(const char **s)
{
    const size_t n = nf_text_shown(*s);
    const uint32_t code = nf_utf8_code(*s);
    *s += n > 0 ? n : 1;
    return n == 0 ? 4 : is_wide(code) ? 2 : 1; /* \xHH */
}

/* Bytes of the letters that fit into the first n_chars characters. */
static size_t bytes_of(const char *text, size_t n_chars)
{
    const char *end = text;
    for (const char *s = text; *s != '\0'; end = s) {
        const size_t n = take_letter(&s);
        if (n > n_chars)
            break;
        n_chars -= n;
    }
    return (size_t)(end - text);
}

size_t nf_figure_chars(const char *text)
{
    size_t n = 0;
    while (*text != '\0')
        n += take_letter(&text);
    return n;
}

/* The last letters that fit into n_chars characters. */
static const char *end_of(const char *text, size_t n_chars)
{
    for (size_t left = nf_figure_chars(text); left > n_chars;)
        left -= take_letter(&text);
    return text;
}

/* To max_chars characters, an ellipsis among them; names often differ in their last third: "resnet50.a1_in1k @224". text ends with a NUL. */
static nf_status cut_middle(nf_buf *text, size_t max_chars, nf_error *error)
{
    const char *all = (const char *)text->data;
    const size_t n_tail = (max_chars - 1) / 3, n_head = max_chars - 1 - n_tail;
    char *tail = strdup(end_of(all, n_tail));
    if (tail == NULL)
        return nf_fail_nomem(error, "a name");
    text->len = bytes_of(all, n_head);
    nf_status status = nf_buf_printf(text, error, "\xe2\x80\xa6%s", tail);
    if (status == NF_OK)
        status = nf_buf_append(text, "", 1, error);
    free(tail);
    return status;
}

nf_status nf_figure_text(char **clean, const char *text, size_t max_chars, nf_error *error)
{
    nf_buf buf = {0};
    *clean = NULL;
    nf_status status = put_clean(&buf, text, error);
    if (status == NF_OK)
        status = nf_buf_append(&buf, "", 1, error);
    if (status == NF_OK && nf_figure_chars((const char *)buf.data) > max_chars) {
        status = cut_middle(&buf, max_chars, error);
    }
    if (status == NF_OK)
        *clean = (char *)buf.data;
    else
        nf_buf_free(&buf);
    return status;
}

nf_status nf_figure_xml(nf_buf *buf, const char *text, size_t n, nf_error *error)
{
    static const char special[] = "&<>\"'";
    static const char *const entities[] = {"&amp;", "&lt;", "&gt;", "&quot;", "&#39;"};
    nf_status status = NF_OK;
    for (size_t i = 0; i < n && status == NF_OK; i++) {
        const char *found = text[i] != '\0' ? strchr(special, text[i]) : NULL;
        status = found != NULL ? nf_buf_append(buf, entities[found - special], strlen(entities[found - special]), error)
                               : nf_buf_append(buf, &text[i], 1, error);
    }
    return status;
}

static char *format_text(const char *format, va_list arguments)
{
    char *text = NULL;
    return vasprintf(&text, format, arguments) < 0 ? NULL : text;
}

/* Cleaned, into *kept. Takes text (heap, or NULL: there was no memory). */
static nf_status keep_text(char **kept, char *text, nf_error *error)
{
    if (text == NULL)
        return nf_fail_nomem(error, "a figure's text");
    free(*kept);
    nf_status status = nf_figure_text(kept, text, SIZE_MAX, error);
    free(text);
    return status;
}

nf_status nf_figures_note(nf_figures *figures, nf_error *error, const char *format, ...)
{
    nf_status status = nf_array_reserve((void **)&figures->notes, &figures->notes_capacity, figures->n_notes + 1,
                                        sizeof *figures->notes, "notes", error);
    if (status != NF_OK)
        return status;
    va_list arguments;
    va_start(arguments, format);
    figures->notes[figures->n_notes] = NULL;
    status = keep_text(&figures->notes[figures->n_notes], format_text(format, arguments), error);
    va_end(arguments);
    figures->n_notes += status == NF_OK;
    return status;
}

/* ---- a figure ---- */

/* "kind-name", of name only letters and digits, and a number behind it when another figure has that. */
static nf_status make_id(const nf_figures *figures, const char *kind, const char *name, char **id, nf_error *error)
{
    char text[96];
    size_t n = (size_t)snprintf(text, 32, "%s", kind);
    bool gap = true;
    for (const char *s = name != NULL ? name : ""; *s != '\0' && n < 72; s++) {
        char c = *s >= 'A' && *s <= 'Z' ? (char)(*s - 'A' + 'a') : *s;
        bool good = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        if (good && gap)
            text[n++] = '-';
        if (good)
            text[n++] = c;
        gap = !good;
    }
    text[n] = '\0';
    for (size_t i = 0, times = 1; i < figures->n - 1; i++)
        if (strcmp(figures->items[i].id, text) == 0) {
            snprintf(text + n, sizeof text - n, "-%zu", ++times);
            i = (size_t)-1; /* from the first again */
        }
    return nf_strdup(id, text, error);
}

nf_draw nf_draw_begin(nf_figures *figures, const char *kind, const char *name, unsigned h_px, nf_error *error)
{
    nf_draw draw = {.figures = figures, .error = error};
    draw.status = nf_array_reserve((void **)&figures->items, &figures->capacity, figures->n + 1, sizeof *figures->items,
                                   "figures", error);
    if (draw.status != NF_OK)
        return draw;
    draw.figure = &figures->items[figures->n++];
    *draw.figure = (nf_figure){.set = SIZE_MAX, .w_px = NF_FIGURE_W_PX, .h_px = h_px};
    draw.status = make_id(figures, kind, name, &draw.figure->id, error);
    nf_draw_put(&draw, "set encoding utf8\nset border 3 lc rgb '" NF_COLOUR_INK "'\nset tics nomirror out scale 0.4 textcolor rgb '"
                       NF_COLOUR_INK "'\nset grid lc rgb '" NF_COLOUR_GRID "' lt 1 lw 0.6, lc rgb '" NF_COLOUR_GRID
                       "' lt 1 lw 0.6\nset format '%%g'\nunset key\n");
    return draw;
}

#define TAKE_TEXT(draw, field)                                                                                                  \
    do {                                                                                                                        \
        va_list arguments;                                                                                                      \
        va_start(arguments, format);                                                                                            \
        if ((draw)->status == NF_OK)                                                                                            \
            (draw)->status = keep_text(&(draw)->figure->field, format_text(format, arguments), (draw)->error);                  \
        va_end(arguments);                                                                                                      \
    } while (0)

void nf_draw_title(nf_draw *draw, const char *format, ...)
{
    TAKE_TEXT(draw, title);
}

void nf_draw_caption(nf_draw *draw, const char *format, ...)
{
    TAKE_TEXT(draw, caption);
}

void nf_draw_alt(nf_draw *draw, const char *format, ...)
{
    TAKE_TEXT(draw, alt);
}

void nf_draw_put(nf_draw *draw, const char *format, ...)
{
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    int n = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (draw->status == NF_OK && (n < 0 || (size_t)n >= sizeof text))
        draw->status = nf_fail(draw->error, NF_ERR_INTERNAL, "a line of a figure's script is too long");
    if (draw->status == NF_OK)
        draw->status = nf_buf_append(&draw->figure->script, text, (size_t)n, draw->error);
}

/* In single quotes gnuplot takes every character as it is, up to the next one. Apostrophes stand outside of them, as "'": doubled
 * ones at the beginning end the text at once (5.4). */
void nf_draw_quoted(nf_draw *draw, const char *text, size_t max_chars)
{
    char *clean = NULL;
    if (draw->status == NF_OK)
        draw->status = nf_figure_text(&clean, text, max_chars, draw->error);
    if (draw->status != NF_OK)
        return;
    nf_draw_put(draw, clean[0] == '\0' ? "''" : "");
    for (const char *s = clean; *s != '\0';) {
        size_t n = strcspn(s, "'");
        nf_draw_put(draw, s > clean ? " . " : "");
        nf_draw_put(draw, n == 0 ? "\"'\"" : "'");
        if (n > 0 && draw->status == NF_OK)
            draw->status = nf_buf_append(&draw->figure->script, s, n, draw->error);
        nf_draw_put(draw, n == 0 ? "" : "'");
        s += n == 0 ? 1 : n;
    }
    free(clean);
}

void nf_draw_label(nf_draw *draw, const char *text, size_t max_chars, double x_px, double y_px, const char *how)
{
    if (draw->status != NF_OK)
        return;
    nf_draw_put(draw, "set label %u ", ++draw->n_labels);
    nf_draw_quoted(draw, text, max_chars);
    nf_draw_put(draw, " at screen %.5f, screen %.5f %s front\n", x_px / draw->figure->w_px, 1.0 - y_px / draw->figure->h_px,
                how != NULL ? how : NF_DRAW_INK);
}

void nf_draw_small(nf_draw *draw, double x_px, double y_px, const char *how, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    char *text = format_text(format, arguments);
    va_end(arguments);
    if (draw->status == NF_OK && text == NULL)
        draw->status = nf_fail_nomem(draw->error, "a figure's text");
    nf_draw_label(draw, text, 200, x_px, y_px, how);
    free(text);
}

void nf_draw_axes(nf_draw *draw, const char *x, const char *y)
{
    const nf_plot_box *box = &draw->box;
    if (x != NULL)
        nf_draw_label(draw, x, 80, 0.5 * (box->left + box->right), box->bottom + 40, "center " NF_DRAW_INK);
    if (y != NULL)
        nf_draw_label(draw, y, 80, 14, 0.5 * (box->top + box->bottom), "center rotate by 90 " NF_DRAW_INK);
}

void nf_draw_margins(nf_draw *draw, nf_plot_box box)
{
    if (draw->status != NF_OK)
        return;
    double w = draw->figure->w_px, h = draw->figure->h_px;
    draw->box = box;
    nf_draw_put(draw, "set lmargin at screen %.6f\nset rmargin at screen %.6f\nset tmargin at screen %.6f\n"
                      "set bmargin at screen %.6f\n", box.left / w, box.right / w, 1.0 - box.top / h, 1.0 - box.bottom / h);
}

void nf_draw_mark(nf_draw *draw, unsigned plot, const char *format, ...)
{
    if (draw->status != NF_OK)
        return;
    nf_figure *f = draw->figure;
    draw->status = nf_array_reserve((void **)&f->marks, &f->marks_capacity, f->n_marks + 1, sizeof *f->marks, "marks", draw->error);
    if (draw->status != NF_OK)
        return;
    f->marks[f->n_marks] = (nf_figure_mark){NULL, plot};
    TAKE_TEXT(draw, marks[draw->figure->n_marks].title);
    f->n_marks += draw->status == NF_OK;
}

/* ---- data beside the figure ---- */

static void csv_put(nf_draw *draw, const char *text, size_t n)
{
    if (draw->status == NF_OK)
        draw->status = nf_buf_append(&draw->figure->data_csv, text, n, draw->error);
}

static void csv_comma(nf_draw *draw)
{
    if (draw->csv_in_row)
        csv_put(draw, ",", 1);
    draw->csv_in_row = true;
}

void nf_draw_csv_text(nf_draw *draw, const char *text)
{
    char *clean = NULL;
    csv_comma(draw);
    if (draw->status == NF_OK)
        draw->status = nf_utf8_copy(&clean, text, draw->error);
    if (draw->status != NF_OK)
        return;
    if (strpbrk(clean, ",\"\r\n") == NULL && clean[0] != ' ') {
        csv_put(draw, clean, strlen(clean));
    } else {
        csv_put(draw, "\"", 1);
        for (const char *s = clean; *s != '\0'; s++)
            csv_put(draw, *s == '"' ? "\"\"" : s, *s == '"' ? 2 : 1);
        csv_put(draw, "\"", 1);
    }
    free(clean);
}

void nf_draw_csv_number(nf_draw *draw, double value)
{
    char text[32];
    csv_comma(draw);
    nf_format_double(value, text);
    if (isfinite(value))
        csv_put(draw, text, strlen(text));
}

void nf_draw_csv_end(nf_draw *draw)
{
    csv_put(draw, "\n", 1);
    draw->csv_in_row = false;
}

void nf_draw_csv_header(nf_draw *draw, const char *line)
{
    csv_put(draw, line, strlen(line));
    csv_put(draw, "\n", 1);
}
