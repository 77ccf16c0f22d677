#include "report/letters.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "report/program.h"

enum { FONTCONFIG_MS = 20000, CODE_MAX = 0x10ffff, REPLACEMENT = 0xfffd };

static nf_status add_range(nf_letters *l, uint32_t first, uint32_t last, nf_error *error)
{
    nf_status status = nf_array_reserve((void **)&l->ranges, &l->capacity, l->n + 1, sizeof *l->ranges, "letters", error);
    if (status == NF_OK)
        l->ranges[l->n++] = (nf_letter_range){first, last};
    return status;
}

/* A hexadecimal number at *s, which goes on behind it; false: there is none, or one that no letter has. */
static bool take_code(const char **s, uint32_t *code)
{
    static const char digits[] = "0123456789abcdef";
    const char *found, *from = *s;
    *code = 0;
    for (; **s != '\0' && *code <= CODE_MAX && (found = strchr(digits, **s)) != NULL; (*s)++)
        *code = *code << 4 | (uint32_t)(found - digits);
    return *s > from && *code <= CODE_MAX;
}

/* "20-7e a0 100-17f\n20-7e": of each font, as fontconfig writes them. What is written otherwise is passed over. */
static nf_status read_ranges(nf_letters *l, const char *s, nf_error *error)
{
    nf_status status = NF_OK;
    while (*s != '\0' && status == NF_OK) {
        uint32_t first, last;
        if (!take_code(&s, &first)) {
            s += *s != '\0';
            continue;
        }
        last = first;
        if (*s == '-') {
            s++;
            if (!take_code(&s, &last) || last < first)
                last = first;
        }
        status = add_range(l, first, last, error);
    }
    return status;
}

/* Latin, and the signs between words. */
static nf_status assume_latin(nf_letters *l, nf_error *error)
{
    nf_status status = add_range(l, 0x20, 0x24f, error);
    return status == NF_OK ? add_range(l, 0x2010, 0x2027, error) : status;
}

/* The fonts are those that a text in "sans" falls back to, without those that add nothing. */
nf_status nf_letters_find(nf_letters *l, nf_error *error)
{
    char *const arguments[] = {(char[]){"fc-match"}, (char[]){"--sort"}, (char[]){"--format=%{charset}\\n"}, (char[]){"sans"}, NULL};
    const nf_program fontconfig = {"fc-match", "fc-match", "fontconfig", arguments, FONTCONFIG_MS};
    nf_buf output = {0};
    if (l->n > 0)
        return NF_OK;
    nf_status status = nf_program_run(&fontconfig, "", 0, &output, error);
    if (status == NF_OK)
        status = nf_buf_append(&output, "", 1, error);
    if (status == NF_OK)
        status = read_ranges(l, (const char *)output.data, error);
    else if (status == NF_ERR_OUTPUT)
        status = NF_OK;
    nf_buf_free(&output);
    l->known = l->n > 0;
    return status == NF_OK && !l->known ? assume_latin(l, error) : status;
}

/* Signs that choose another's form are drawn by no font. */
bool nf_letters_has(const nf_letters *l, uint32_t code)
{
    if (code < 0x80 || (code >= 0xfe00 && code <= 0xfe0f))
        return true;
    for (size_t i = 0; i < l->n; i++)
        if (code >= l->ranges[i].first && code <= l->ranges[i].last)
            return true;
    return false;
}

static nf_status note_missing(nf_letters *l, uint32_t code, nf_error *error)
{
    for (size_t i = 0; i < l->n_missing; i++)
        if (l->missing[i] == code)
            return NF_OK;
    nf_status status = nf_array_reserve((void **)&l->missing, &l->missing_capacity, l->n_missing + 1, sizeof *l->missing, "letters",
                                        error);
    if (status == NF_OK)
        l->missing[l->n_missing++] = code;
    return status;
}

nf_status nf_letters_replace(nf_letters *l, const void *text, size_t n, nf_buf *to, nf_error *error)
{
    const char *s = text, *end = s + n, *mark = nf_letters_has(l, REPLACEMENT) ? "\xef\xbf\xbd" : "?";
    nf_status status = NF_OK;
    while (s < end && status == NF_OK) {
        const char *from = s;
        while (s < end && (unsigned char)*s < 0x80)
            s++;
        status = nf_buf_append(to, from, (size_t)(s - from), error);
        if (s == end || status != NF_OK)
            break;
        const uint32_t code = nf_utf8_code(s);
        const size_t length = nf_utf8_length(s);
        if (nf_letters_has(l, code)) {
            status = nf_buf_append(to, s, length, error);
        } else {
            status = note_missing(l, code, error);
            if (status == NF_OK)
                status = nf_buf_append(to, mark, strlen(mark), error);
        }
        s += length > 0 ? length : 1;
    }
    return status;
}

void nf_letters_clear(nf_letters *l)
{
    free(l->ranges);
    free(l->missing);
    *l = (nf_letters){0};
}
