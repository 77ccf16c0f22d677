#include "base/text.h"

#include <stdint.h>
#include <stdio.h>

static bool is_continuation(char c)
{
    return ((unsigned char)c & 0xc0) == 0x80;
}

size_t nf_utf8_length(const char *text)
{
    const unsigned char *s = (const unsigned char *)text;
    size_t n = s[0] < 0x80 ? 1 : s[0] >= 0xc2 && s[0] < 0xe0 ? 2 : (s[0] & 0xf0) == 0xe0 ? 3 : s[0] >= 0xf0 && s[0] < 0xf5 ? 4 : 0;
    if (n == 0 || s[0] == '\0')
        return 0;
    for (size_t i = 1; i < n; i++)
        if (!is_continuation(text[i]))
            return 0;
    bool overlong = (s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xf0 && s[1] < 0x90);
    bool beyond = (s[0] == 0xed && s[1] >= 0xa0) || (s[0] == 0xf4 && s[1] >= 0x90);
    return overlong || beyond ? 0 : n;
}

nf_status nf_utf8_copy(char **copy, const char *text, nf_error *error)
{
    nf_buf buf = {0};
    nf_status status = NF_OK;
    *copy = NULL;
    while (*text != '\0' && status == NF_OK) {
        size_t n = nf_utf8_length(text);
        status = n > 0 ? nf_buf_append(&buf, text, n, error)
                       : nf_buf_printf(&buf, error, "\\x%02x", (unsigned)(unsigned char)*text);
        text += n > 0 ? n : 1;
    }
    if (status == NF_OK)
        status = nf_buf_append(&buf, "", 1, error);
    if (status != NF_OK) {
        nf_buf_free(&buf);
        return status;
    }
    *copy = (char *)buf.data;
    return NF_OK;
}

void nf_text_fold(const char *text, char *folded, size_t size)
{
    size_t n = 0;
    for (; *text != '\0' && n + 1 < size; text++) {
        unsigned char c = (unsigned char)*text;
        if (c >= 'A' && c <= 'Z')
            folded[n++] = (char)(c - 'A' + 'a');
        else if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c >= 0x80)
            folded[n++] = (char)c;
    }
    folded[n] = '\0';
}

uint32_t nf_utf8_code(const char *text)
{
    static const unsigned char firsts[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
    size_t n = nf_utf8_length(text);
    uint32_t code = (unsigned char)text[0] & firsts[n];
    for (size_t i = 1; i < n; i++)
        code = code << 6 | ((unsigned char)text[i] & 0x3f);
    return code;
}

/* Unicode's Default_Ignorable_Code_Point (DerivedCoreProperties.txt) without variation selectors, which change the character
 * before them; the separators of lines and paragraphs, the marks of annotations, and what XML refuses. */
static bool is_hidden(uint32_t code)
{
    static const uint32_t ranges[][2] = {
        {0x00ad, 0x00ad}, {0x034f, 0x034f}, {0x061c, 0x061c}, {0x115f, 0x1160}, {0x17b4, 0x17b5}, {0x180b, 0x180f},
        {0x200b, 0x200f}, {0x2028, 0x202e}, {0x2060, 0x206f}, {0x3164, 0x3164}, {0xfeff, 0xfeff}, {0xffa0, 0xffa0},
        {0xfff0, 0xfffb}, {0xfffe, 0xffff}, {0x1bca0, 0x1bca3}, {0x1d173, 0x1d17a}, {0xe0000, 0xe00ff}, {0xe01f0, 0xe0fff},
    };
    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++)
        if (code >= ranges[i][0] && code <= ranges[i][1])
            return true;
    return false;
}

size_t nf_text_shown(const char *text)
{
    uint32_t code = nf_utf8_code(text);
    bool is_control = code < 0x20 || (code >= 0x7f && code < 0xa0);
    return is_control || is_hidden(code) ? 0 : nf_utf8_length(text);
}

const char *nf_text_count(char text[32], uint64_t value)
{
    char digits[24];
    int n = snprintf(digits, sizeof digits, "%llu", (unsigned long long)value);
    char *to = text;
    for (int i = 0; i < n; i++) {
        if (i > 0 && (n - i) % 3 == 0)
            *to++ = ',';
        *to++ = digits[i];
    }
    *to = '\0';
    return text;
}

const char *nf_text_bytes(char text[32], uint64_t bytes)
{
    static const char *const units[] = {"bytes", "KiB", "MiB", "GiB", "TiB"};
    double value = (double)bytes;
    size_t unit = 0;
    for (; value >= 1024.0 && unit + 1 < sizeof units / sizeof units[0]; unit++)
        value /= 1024.0;
    snprintf(text, 32, unit == 0 ? "%.0f %s" : "%.1f %s", value, units[unit]);
    return text;
}
