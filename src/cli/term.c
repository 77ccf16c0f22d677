#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "cli/cli.h"

enum { LINE_COLUMNS = 80 };

void nf_term_init(nf_term *term, FILE *out)
{
    const char *no_colour = getenv("NO_COLOR"), *kind = getenv("TERM");
    setlocale(LC_CTYPE, ""); /* character set only: numbers stay in the C locale */
    term->out = out;
    term->utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
    term->colour = isatty(fileno(out)) && (no_colour == NULL || no_colour[0] == '\0') &&
                   (kind == NULL || strcmp(kind, "dumb") != 0);
}

/* Bytes of the next character, and whether it can be shown as it is. */
static size_t next_character(const nf_term *term, const char *text, bool *plain)
{
    size_t n = nf_text_shown(text);
    *plain = n > 0 && (n == 1 || term->utf8);
    return *plain ? n : 1;
}

size_t nf_term_name_width(const nf_term *term, const char *name, size_t width)
{
    size_t columns = 0;
    bool plain;
    for (; *name != '\0'; columns += plain ? 1 : 4)
        name += next_character(term, name, &plain);
    return width > 0 && columns > width ? width : columns;
}

static void put_character(const nf_term *term, const char *text, size_t n, bool plain)
{
    if (plain)
        fwrite(text, 1, n, term->out);
    else
        fprintf(term->out, "\\x%02x", (unsigned)(unsigned char)*text);
}

void nf_term_name(const nf_term *term, const char *name, size_t width)
{
    size_t used = 0;
    bool cut = width > 0 && nf_term_name_width(term, name, 0) > width;
    while (*name != '\0') {
        bool plain;
        size_t n = next_character(term, name, &plain);
        size_t columns = plain ? 1 : 4;
        if (cut && used + columns > width - 1)
            break;
        put_character(term, name, n, plain);
        name += n;
        used += columns;
    }
    if (cut)
        fputs(term->utf8 ? "\xe2\x80\xa6" : "~", term->out);
    for (used += cut; cut && used < width; used++)
        fputc(' ', term->out);
}

/* Columns of what stands before the next space. */
static size_t word_width(const nf_term *term, const char *text)
{
    size_t columns = 0;
    bool plain;
    for (; *text != '\0' && *text != ' '; columns += plain ? 1 : 4)
        text += next_character(term, text, &plain);
    return columns;
}

void nf_term_words(const nf_term *term, size_t column, size_t indent, const char *text)
{
    for (bool is_first = true; *text != '\0'; is_first = false) {
        size_t width = word_width(term, text);
        if (!is_first && column + 1 + width > LINE_COLUMNS) {
            fprintf(term->out, "\n%*s", (int)indent, "");
            column = indent;
        } else if (!is_first) {
            fputc(' ', term->out);
            column++;
        }
        column += width;
        while (*text != '\0' && *text != ' ') {
            bool plain;
            size_t n = next_character(term, text, &plain);
            put_character(term, text, n, plain);
            text += n;
        }
        text += *text == ' ';
    }
}

void nf_term_heading(const nf_term *term, const char *text)
{
    fprintf(term->out, term->colour ? "\n\033[1m%s\033[0m\n" : "\n%s\n", text);
}

const char *nf_term_count(char text[32], unsigned long long value)
{
    return nf_text_count(text, value);
}

const char *nf_term_bytes(char text[32], unsigned long long bytes)
{
    return nf_text_bytes(text, bytes);
}
