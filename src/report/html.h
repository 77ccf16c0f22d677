/* nofade: HTML, written as a stream into an nf_out. Errors stick in the nf_html: look once, at the end.
 *
 * What is not a literal of the program is written by nf_html_text and by nothing else: names, paths and sentences that hold
 * them are untrusted. Attributes that hold such text stand in double quotes. */
#ifndef NF_REPORT_HTML_H
#define NF_REPORT_HTML_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/out.h"

typedef struct nf_html {
    nf_out *out;
    nf_status status; /* the first that was not NF_OK */
    nf_error error;
} nf_html;

void nf_html_begin(nf_html *html, nf_out *out);
/* Markup of the program's own, bytes (n,) as they are. */
void nf_html_bytes(nf_html *html, const void *bytes, size_t n);
void nf_html_raw(nf_html *html, const char *markup);
/* Markup with numbers and other texts of the program's own, up to 1000 bytes. */
void nf_html_format(nf_html *html, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Untrusted text, in an element or in a quoted attribute: & < > " ' as entities; what people cannot be shown as \xHH. NULL: none. */
void nf_html_text(nf_html *html, const char *text);
/* The same with places to break a line, behind each of / _ - . ; : and after 24 other characters: paths and ids. */
void nf_html_path(nf_html *html, const char *text);
/* 1,234,567 */
void nf_html_count(nf_html *html, uint64_t value);
/* A number by a format for one double; nothing for NaN and infinity. */
void nf_html_number(nf_html *html, const char *format, double value);
/* A number to so many significant digits, trailing zeros among them, so that they line up; sign: with a plus too. Nothing for NaN
 * and infinity. */
void nf_html_digits(nf_html *html, int digits, bool sign, double value);
/* The first error of all. */
nf_status nf_html_end(const nf_html *html, nf_error *error);

/* ---- tables ---- */

typedef enum nf_html_table_kind {
    NF_HTML_SHORT,   /* as it is */
    NF_HTML_SORTED,  /* can be sorted by its columns */
    NF_HTML_BOXED,   /* the same, in a window of its own that can be scrolled */
    NF_HTML_SEARCHED /* the same, and searched */
} nf_html_table_kind;
/* What suits so many rows. */
nf_html_table_kind nf_html_kind_of(size_t n_rows);

typedef struct nf_html_column {
    const char *title, *unit, *hint; /* literals; unit and hint: or NULL. The hint is a sentence */
    enum { NF_HTML_WORDS, NF_HTML_NUMBERS } content; /* how it is sorted and aligned */
} nf_html_column;

/* Up to the first row. The caption says what is in it, a literal, and of which set (untrusted; NULL: none). */
void nf_html_table_begin(nf_html *html, nf_html_table_kind kind, const char *caption, const char *of,
                         const nf_html_column *columns, size_t n_columns);
void nf_html_table_end(nf_html *html);
/* Cells, after a <th scope="row"> of the caller's; their end tags are left out. */
void nf_html_words_cell(nf_html *html, const char *text);
void nf_html_number_cell(nf_html *html, const char *format, double value);
void nf_html_digits_cell(nf_html *html, int digits, bool sign, double value);
void nf_html_count_cell(nf_html *html, uint64_t value);
void nf_html_row_end(nf_html *html);

#endif
