#include <langinfo.h>
#include <locale.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

#include "base/text.h"
#include "cli/cli.h"

enum { PIPE_COLUMNS = 80, COLUMNS_MIN = 60, COLUMNS_MAX = 120, MARKS_MAX = 4, ESCAPE_COLUMNS = 4 };

/* The variable of the environment that names the character set. */
static const char *locale_name(void)
{
    static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};
    const char *value = NULL;
    for (size_t i = 0; i < sizeof names / sizeof names[0] && (value == NULL || value[0] == '\0'); i++)
        value = getenv(names[i]);
    return value != NULL ? value : "";
}

/* Numbers stay in the C locale. A locale that is not installed, as after a login from elsewhere, still says whether the terminal
 * understands UTF-8. */
static bool has_utf8(void)
{
    const char *name = locale_name();
    if (setlocale(LC_CTYPE, "") == NULL && (strcasestr(name, "UTF-8") != NULL || strcasestr(name, "utf8") != NULL))
        setlocale(LC_CTYPE, "C.UTF-8");
    return strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

size_t nf_term_size(int fd)
{
    struct winsize size;
    return ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : PIPE_COLUMNS;
}

bool nf_term_can_erase(int fd)
{
    const char *kind = getenv("TERM");
    return isatty(fd) && (kind == NULL || strcmp(kind, "dumb") != 0);
}

void nf_term_init(nf_term *term, FILE *out)
{
    const char *no_colour = getenv("NO_COLOR");
    int fd = fileno(out);
    term->out = out;
    term->utf8 = has_utf8();
    term->is_terminal = isatty(fd);
    term->colour = nf_term_can_erase(fd) && (no_colour == NULL || no_colour[0] == '\0');
    term->columns = term->is_terminal ? nf_term_size(fd) : PIPE_COLUMNS;
    term->columns = term->columns < COLUMNS_MIN ? COLUMNS_MIN : term->columns > COLUMNS_MAX ? COLUMNS_MAX : term->columns;
}

void nf_term_init_for(nf_term *term, FILE *memory, const char *path)
{
    nf_term_init(term, path == NULL || strcmp(path, "-") == 0 ? stdout : memory);
    term->out = memory;
}

/* ---- colour ---- */

void nf_term_begin(const nf_term *term, nf_style style)
{
    static const char *const codes[NF_STYLES] = {"\033[1m", "\033[1;31m", "\033[1;35m"};
    if (term->colour)
        fputs(codes[style], term->out);
}

void nf_term_end(const nf_term *term)
{
    if (term->colour)
        fputs("\033[0m", term->out);
}

void nf_term_styled(const nf_term *term, nf_style style, const char *text)
{
    nf_term_begin(term, style);
    fputs(text, term->out);
    nf_term_end(term);
}

/* ---- names ---- */

typedef struct glyph {
    size_t bytes, columns;
    bool is_plain; /* shown as it is; else its first byte as \xHH */
} glyph;

/* Columns are libc's, which has them from Unicode's EastAsianWidth.txt: where names are not escaped the locale is one of UTF-8, and
 * wchar_t is Unicode. What it does not know is escaped, and so are marks without a letter before them or with too many others.
 * marks: since the last letter; MARKS_MAX at the beginning. */
static glyph next_glyph(const nf_term *term, const char *text, unsigned *marks)
{
    size_t n = nf_text_shown(text);
    int columns = n == 1 ? 1 : n > 0 && term->utf8 ? wcwidth((wchar_t)nf_utf8_code(text)) : -1;
    if (columns < 0 || (columns == 0 && *marks >= MARKS_MAX)) {
        *marks = MARKS_MAX;
        return (glyph){1, ESCAPE_COLUMNS, false};
    }
    *marks = columns > 0 ? 0 : *marks + 1;
    return (glyph){n, (size_t)columns, true};
}

size_t nf_term_name_width(const nf_term *term, const char *name, size_t width)
{
    size_t columns = 0;
    unsigned marks = MARKS_MAX;
    while (*name != '\0') {
        glyph g = next_glyph(term, name, &marks);
        name += g.bytes;
        columns += g.columns;
    }
    return width > 0 && columns > width ? width : columns;
}

static void put_glyph(const nf_term *term, const char *text, const glyph *g)
{
    if (g->is_plain)
        fwrite(text, 1, g->bytes, term->out);
    else
        fprintf(term->out, "\\x%02x", (unsigned)(unsigned char)*text);
}

/* Stands for what is left out; one column. */
static void put_cut(const nf_term *term)
{
    fputs(term->utf8 ? "\xe2\x80\xa6" : "~", term->out);
}

void nf_term_name(const nf_term *term, const char *name, size_t width)
{
    size_t used = 0;
    unsigned marks = MARKS_MAX;
    bool cut = width > 0 && nf_term_name_width(term, name, 0) > width;
    while (*name != '\0') {
        glyph g = next_glyph(term, name, &marks);
        if (cut && used + g.columns > width - 1)
            break;
        put_glyph(term, name, &g);
        name += g.bytes;
        used += g.columns;
    }
    if (cut)
        put_cut(term);
    for (used += cut; cut && used < width; used++)
        fputc(' ', term->out);
}

void nf_term_cell(const nf_term *term, const char *name, size_t width)
{
    nf_term_name(term, name, width);
    fprintf(term->out, "%*s", (int)(width - nf_term_name_width(term, name, width)), "");
}

void nf_term_tail(const nf_term *term, const char *path, size_t width)
{
    enum { COLUMN_BYTES_MAX = 4 + MARKS_MAX * 4 }; /* no column takes more: what lies before is not looked at */
    unsigned marks = MARKS_MAX;
    size_t n = strlen(path), left = nf_term_name_width(term, path, 0);
    bool cut = left > width;
    if (cut && n / COLUMN_BYTES_MAX > width)
        for (path += n - width * COLUMN_BYTES_MAX; ((unsigned char)*path & 0xc0) == 0x80;)
            path++;
    left = nf_term_name_width(term, path, 0);
    while (cut && left > width - 1) {
        glyph g = next_glyph(term, path, &marks);
        path += g.bytes;
        left = nf_term_name_width(term, path, 0); /* anew: a mark that lost its letter is escaped */
    }
    if (cut)
        put_cut(term);
    nf_term_name(term, path, 0);
}

/* ---- text ---- */

static size_t break_line(const nf_term *term, size_t indent)
{
    fprintf(term->out, "\n%*s", (int)indent, "");
    return indent;
}

/* Bytes of the word that fit into `room` columns; where not all do, up to a sign that may stand at a line's end, if there is one.
 * *columns: of these. At least a glyph. */
static size_t fitting(const nf_term *term, const char *word, size_t room, size_t *columns)
{
    size_t n = 0, used = 0, end = 0;
    unsigned marks = MARKS_MAX;
    *columns = 0;
    while (word[n] != '\0' && word[n] != ' ') {
        glyph g = next_glyph(term, word + n, &marks);
        if (n > 0 && used + g.columns > room) {
            *columns = end > 0 ? *columns : used;
            return end > 0 ? end : n;
        }
        n += g.bytes;
        used += g.columns;
        if (strchr(";,/", word[n - 1]) != NULL) {
            end = n;
            *columns = used;
        }
    }
    *columns = used;
    return n;
}

static void put_glyphs(const nf_term *term, const char *text, size_t n)
{
    unsigned marks = MARKS_MAX;
    for (size_t i = 0; i < n;) {
        glyph g = next_glyph(term, text + i, &marks);
        put_glyph(term, text + i, &g);
        i += g.bytes;
    }
}

/* A word from column on; returns the column behind it. */
static size_t put_word(const nf_term *term, size_t column, size_t indent, const char **text)
{
    for (;;) {
        size_t columns, room = !term->is_terminal ? SIZE_MAX : column < term->columns ? term->columns - column : 0;
        size_t n = fitting(term, *text, room, &columns);
        put_glyphs(term, *text, n);
        *text += n;
        if (**text == '\0' || **text == ' ')
            return column + columns;
        column = break_line(term, indent);
    }
}

size_t nf_term_words(const nf_term *term, size_t column, size_t indent, const char *text)
{
    while (*text != '\0') {
        size_t spaces = strspn(text, " ");
        text += spaces;
        if (*text == '\0')
            break;
        size_t width;
        fitting(term, text, SIZE_MAX, &width);
        if (spaces > 0 && column + spaces > indent && column + spaces + width > term->columns)
            column = break_line(term, indent);
        else
            column += (size_t)fprintf(term->out, "%*s", (int)spaces, "");
        column = put_word(term, column, indent, &text);
    }
    return column;
}

void nf_term_line(const nf_term *term, size_t column, size_t indent, const char *format, ...)
{
    char text[4096];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    nf_term_words(term, column, indent, text);
    fputc('\n', term->out);
}

void nf_term_heading(const nf_term *term, const char *text)
{
    fputc('\n', term->out);
    nf_term_styled(term, NF_STYLE_STRONG, text);
    fputc('\n', term->out);
}

const char *nf_term_count(char text[32], unsigned long long value)
{
    return nf_text_count(text, value);
}

const char *nf_term_bytes(char text[32], unsigned long long bytes)
{
    return nf_text_bytes(text, bytes);
}
