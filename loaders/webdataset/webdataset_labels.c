/* What the label files of a WebDataset sample say. */
#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "base/json_fault.h"
#include "base/text.h"
#include "loaders/webdataset/webdataset.h"

static bool is_blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* text[*first .. *end) is what blanks stand around. */
static void trim(const char *text, size_t *first, size_t *end)
{
    while (*first < *end && is_blank(text[*first]))
        ++*first;
    while (*end > *first && is_blank(text[*end - 1]))
        --*end;
}

static bool is_digits(const char *text)
{
    size_t n = strspn(text, "0123456789");
    return n > 0 && text[n] == '\0';
}

/* 007 and +7 are 7, as integers are read; -1 stands for "no label". */
static void shorten_integer(char *text)
{
    size_t skip = text[0] == '+';
    if (strcmp(text, "-1") == 0)
        text[0] = '\0';
    if (!is_digits(text + skip))
        return;
    while (text[skip] == '0' && text[skip + 1] != '\0')
        skip++;
    memmove(text, text + skip, strlen(text + skip) + 1);
}

static bool is_one_line(const char *text)
{
    for (size_t n; *text != '\0'; text += n)
        if ((n = nf_utf8_length(text)) == 0 || (unsigned char)*text < ' ' || *text == 0x7f)
            return false;
    return true;
}

static nf_status take_text(const char *text, size_t n, char class_id[NF_WDS_CLASS_MAX + 1], nf_error *error)
{
    size_t first = 0;
    trim(text, &first, &n);
    n -= first;
    if (n == 0)
        return nf_fail(error, NF_BAD_RECORD, "the label is empty");
    if (n > NF_WDS_CLASS_MAX)
        return nf_fail(error, NF_BAD_RECORD, "the label has more than %d bytes", NF_WDS_CLASS_MAX);
    if (memchr(text + first, '\0', n) != NULL)
        return nf_fail(error, NF_BAD_RECORD, "the label is no line of text");
    memcpy(class_id, text + first, n);
    class_id[n] = '\0';
    if (!is_one_line(class_id)) {
        class_id[0] = '\0';
        return nf_fail(error, NF_BAD_RECORD, "the label is no line of text");
    }
    shorten_integer(class_id);
    return NF_OK;
}

nf_status nf_wds_class_of_cls(const nf_buf *file, char class_id[NF_WDS_CLASS_MAX + 1], nf_error *error)
{
    class_id[0] = '\0';
    return take_text(file->len > 0 ? (const char *)file->data : "", file->len, class_id, error);
}

nf_status nf_wds_class_of_json(const nf_buf *file, char class_id[NF_WDS_CLASS_MAX + 1], nf_error *error)
{
    static const char *const fields[] = {"label", "cls", "class"};
    json_error_t fault;
    char number[32];
    class_id[0] = '\0';
    json_t *root = json_loadb(file->len > 0 ? (const char *)file->data : "", file->len, 0, &fault);
    if (root == NULL && nf_json_lacked_memory(&fault))
        return nf_fail_nomem(error, "a sample's JSON");
    if (root == NULL)
        return nf_fail(error, NF_BAD_RECORD, "no valid JSON: %s", fault.text);
    nf_status status = NF_OK;
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        const json_t *value = json_object_get(root, fields[i]);
        if (!json_is_integer(value) && !json_is_string(value))
            continue;
        snprintf(number, sizeof number, "%lld", (long long)json_integer_value(value));
        const char *text = json_is_integer(value) ? number : json_string_value(value);
        status = take_text(text, strlen(text), class_id, error);
        break;
    }
    json_decref(root);
    return status;
}
