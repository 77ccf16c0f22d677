#include "loaders/labels/text_lines.h"

#include <stdbool.h>
#include <string.h>

#include "base/text.h"

void nf_text_lines_free(nf_text_lines *lines)
{
    nf_buf_free(&lines->line);
}

static nf_status refuse(const nf_text_lines *lines, const char *what, nf_error *error)
{
    return nf_fail(error, NF_BAD_RECORD, "line %llu %s", (unsigned long long)lines->number, what);
}

/* The bytes up to the next line break, or to the end. NF_EOF: none are left. */
static nf_status take_line(nf_text_lines *lines, nf_error *error)
{
    lines->line.len = 0;
    for (bool is_begun = false;; is_begun = true) {
        if (lines->left == 0) {
            nf_status status = nf_stream_next(lines->stream, SIZE_MAX, &lines->data, &lines->left, error);
            if (status != NF_OK) {
                lines->left = 0;
                return status == NF_EOF && is_begun ? NF_OK : status;
            }
        }
        const uint8_t *end = memchr(lines->data, '\n', lines->left);
        size_t n = end != NULL ? (size_t)(end - lines->data) : lines->left;
        if (!is_begun)
            lines->number++;
        if (n > NF_TEXT_LINE_MAX - lines->line.len)
            return refuse(lines, "is longer than 64 KiB", error);
        nf_status status = nf_buf_append(&lines->line, lines->data, n, error);
        if (status != NF_OK)
            return status;
        lines->data += n + (end != NULL);
        lines->left -= n + (end != NULL);
        if (end != NULL)
            return NF_OK;
    }
}

static nf_status check_text(const nf_text_lines *lines, const char *text, nf_error *error)
{
    if (strlen(text) != lines->line.len - 1)
        return refuse(lines, "holds a NUL byte: it is no text", error);
    for (size_t n; *text != '\0'; text += n)
        if ((n = nf_utf8_length(text)) == 0)
            return refuse(lines, "is not UTF-8", error);
    return NF_OK;
}

nf_status nf_text_lines_next(nf_text_lines *lines, char **text, nf_error *error)
{
    for (;;) {
        nf_status status = take_line(lines, error);
        if (status == NF_OK)
            status = nf_buf_append(&lines->line, "", 1, error);
        if (status != NF_OK)
            return status;
        char *line = (char *)lines->line.data;
        if ((status = check_text(lines, line, error)) != NF_OK)
            return status;
        if (lines->number == 1 && strncmp(line, "\xef\xbb\xbf", 3) == 0)
            line += 3;
        size_t n = strlen(line);
        while (n > 0 && strchr(" \t\r", line[n - 1]) != NULL)
            n--;
        line[n] = '\0';
        *text = line;
        if (n > 0)
            return NF_OK;
    }
}
