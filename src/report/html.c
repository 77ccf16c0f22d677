#include "report/html.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

enum { FORMATTED_MAX = 1000, RUN_MAX = 24, ROWS_UNBOXED = 12, ROWS_UNSEARCHED = 50 };

void nf_html_begin(nf_html *html, nf_out *out)
{
    *html = (nf_html){.out = out};
}

void nf_html_bytes(nf_html *html, const void *bytes, size_t n)
{
    if (html->status == NF_OK)
        html->status = nf_out_write(html->out, bytes, n, &html->error);
}

void nf_html_raw(nf_html *html, const char *markup)
{
    nf_html_bytes(html, markup, strlen(markup));
}

void nf_html_format(nf_html *html, const char *format, ...)
{
    char text[FORMATTED_MAX];
    va_list arguments;
    va_start(arguments, format);
    int n = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (n < 0 || n >= FORMATTED_MAX)
        html->status = html->status != NF_OK ? html->status
                                             : nf_fail(&html->error, NF_ERR_INTERNAL, "markup of %d bytes is too long", n);
    nf_html_raw(html, text);
}

/* The entity that stands for a character, or NULL. */
static const char *entity_of(char c)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        return NULL;
    }
}

/* Writes the first character of text, or its first byte as \xHH; how many bytes that were. */
static size_t put_character(nf_html *html, const char *text)
{
    const char *entity = entity_of(*text);
    size_t n = nf_text_shown(text);
    if (entity != NULL)
        nf_html_raw(html, entity);
    else if (n > 0)
        nf_html_bytes(html, text, n);
    else
        nf_html_format(html, "\\x%02x", (unsigned)(unsigned char)*text);
    return n > 0 ? n : 1;
}

/* Characters that need no thought. */
static size_t plain_run(const char *text)
{
    size_t n = 0;
    while ((unsigned char)text[n] >= 0x20 && (unsigned char)text[n] < 0x7f && entity_of(text[n]) == NULL)
        n++;
    return n;
}

void nf_html_text(nf_html *html, const char *text)
{
    while (text != NULL && *text != '\0') {
        size_t n = plain_run(text);
        nf_html_bytes(html, text, n);
        text += n;
        if (*text != '\0')
            text += put_character(html, text);
    }
}

void nf_html_path(nf_html *html, const char *text)
{
    for (size_t run = 0; text != NULL && *text != '\0';) {
        bool may_break = strchr("/_-.;:", *text) != NULL;
        text += put_character(html, text);
        run = may_break ? 0 : run + 1;
        if ((may_break || run == RUN_MAX) && *text != '\0') {
            nf_html_raw(html, "<wbr>");
            run = 0;
        }
    }
}

void nf_html_count(nf_html *html, uint64_t value)
{
    char text[32];
    nf_html_raw(html, nf_text_count(text, value));
}

void nf_html_number(nf_html *html, const char *format, double value)
{
    char text[64];
    if (!isfinite(value))
        return;
    snprintf(text, sizeof text, format, value); /* formats are literals of this folder */
    nf_html_raw(html, text);
}

void nf_html_digits(nf_html *html, int digits, bool sign, double value)
{
    enum { LEAST_POWER = -5 }; /* below, a power of ten */
    if (!isfinite(value))
        return;
    int power = value == 0.0 ? 0 : (int)floor(log10(fabs(value)));
    int decimals = digits - 1 - power;
    if (power < LEAST_POWER)
        nf_html_format(html, sign ? "%+.*e" : "%.*e", digits - 1, value);
    else
        nf_html_format(html, sign ? "%+.*f" : "%.*f", decimals > 0 ? decimals : 0, value);
}

nf_status nf_html_end(const nf_html *html, nf_error *error)
{
    if (html->status != NF_OK && error != NULL)
        *error = html->error;
    return html->status;
}

/* ---- tables ---- */

nf_html_table_kind nf_html_kind_of(size_t n_rows)
{
    return n_rows < 2 ? NF_HTML_SHORT : n_rows <= ROWS_UNBOXED ? NF_HTML_SORTED
         : n_rows <= ROWS_UNSEARCHED ? NF_HTML_BOXED : NF_HTML_SEARCHED;
}

static void put_heads(nf_html *html, const nf_html_column *columns, size_t n)
{
    nf_html_raw(html, "<thead><tr>");
    for (size_t i = 0; i < n; i++) {
        const nf_html_column *c = &columns[i];
        nf_html_format(html, "<th scope=\"col\"%s", c->content == NF_HTML_WORDS ? " class=\"w\"" : "");
        if (c->hint != NULL)
            nf_html_format(html, " title=\"%s\"", c->hint);
        nf_html_format(html, ">%s", c->title);
        if (c->unit != NULL)
            nf_html_format(html, " <small>%s</small>", c->unit);
        nf_html_raw(html, "</th>");
    }
    nf_html_raw(html, "</tr></thead>\n<tbody>\n");
}

static void put_caption(nf_html *html, const char *caption, const char *of)
{
    nf_html_raw(html, caption);
    if (of != NULL) {
        nf_html_raw(html, " of ");
        nf_html_text(html, of);
    }
}

void nf_html_table_begin(nf_html *html, nf_html_table_kind kind, const char *caption, const char *of,
                         const nf_html_column *columns, size_t n_columns)
{
    static const char *const classes[] = {"", " class=\"sorted\"", " class=\"sorted\"", " class=\"sorted searched\""};
    nf_html_format(html, "<div class=\"%s\" role=\"region\" tabindex=\"0\" aria-label=\"",
                   kind >= NF_HTML_BOXED ? "wide window" : "wide");
    put_caption(html, caption, of);
    nf_html_format(html, "\">\n<table%s><caption>", classes[kind]);
    put_caption(html, caption, of);
    nf_html_raw(html, "</caption>\n");
    put_heads(html, columns, n_columns);
}

void nf_html_table_end(nf_html *html)
{
    nf_html_raw(html, "</tbody></table></div>\n");
}

/* A cell needs no end tag before the next one; in tables of thousands of rows that is a fifth of the page. */
void nf_html_words_cell(nf_html *html, const char *text)
{
    nf_html_raw(html, "<td class=\"w\">");
    nf_html_text(html, text);
}

void nf_html_number_cell(nf_html *html, const char *format, double value)
{
    nf_html_raw(html, "<td>");
    nf_html_number(html, format, value);
}

void nf_html_digits_cell(nf_html *html, int digits, bool sign, double value)
{
    nf_html_raw(html, "<td>");
    nf_html_digits(html, digits, sign, value);
}

void nf_html_count_cell(nf_html *html, uint64_t value)
{
    nf_html_raw(html, "<td>");
    nf_html_count(html, value);
}

void nf_html_row_end(nf_html *html)
{
    nf_html_raw(html, "</tr>\n");
}
