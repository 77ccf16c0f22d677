/* nofade: labels in a text, a record a line: lists of a split's images, image and class, class and name. */
#include <string.h>

#include "loaders/labels/label_readers.h"
#include "loaders/labels/text_lines.h"

typedef struct line_record {
    char *key, *class_id, *name; /* NULL: no such column */
} line_record;

/* Cuts the line into the rule's columns, in place; what stands behind the last one is of no interest. */
static nf_status split_line(const nf_layout_labels *rule, char *at, line_record *record, nf_error *error)
{
    *record = (line_record){0};
    for (size_t i = 0; i < rule->n_columns; i++) {
        at += strspn(at, rule->separators);
        if (*at == '\0')
            return nf_fail(error, NF_BAD_RECORD, "has %zu columns where %zu are due", i, rule->n_columns);
        char *column = at;
        bool is_rest = strcmp(rule->columns[i], "name") == 0;
        at += is_rest ? strlen(at) : strcspn(at, rule->separators);
        if (*at != '\0')
            *at++ = '\0';
        if (is_rest)
            record->name = column;
        else if (strcmp(rule->columns[i], "key") == 0)
            record->key = column;
        else if (strcmp(rule->columns[i], "class") == 0)
            record->class_id = column;
    }
    return NF_OK;
}

static nf_status take_record(nf_label_source *source, const line_record *record, nf_error *error)
{
    uint32_t image;
    nf_status status = NF_OK;
    if (record->key != NULL) {
        record->key[nf_label_key_length(record->key)] = '\0';
        status = nf_label_source_image(source, record->key, &image, error);
        if (status == NF_OK && record->class_id != NULL)
            status = nf_label_table_add_class(source->said, image, record->class_id, error);
    }
    if (status == NF_OK && record->class_id != NULL && record->name != NULL)
        status = nf_class_names_add(&source->names, record->class_id, record->name, error);
    return status;
}

nf_status nf_read_label_lines(nf_label_source *source, nf_error *error)
{
    nf_text_lines lines = {.stream = source->data};
    nf_status status;
    char *line;
    while ((status = nf_text_lines_next(&lines, &line, error)) == NF_OK) {
        line_record record;
        if (lines.number <= (uint64_t)source->rule->skip_lines)
            continue;
        status = split_line(source->rule, line, &record, error);
        if (status == NF_OK)
            status = take_record(source, &record, error);
        if (status == NF_BAD_RECORD)
            nf_error_prepend(error, "line %llu", (unsigned long long)lines.number);
        if (status != NF_OK)
            break;
    }
    nf_text_lines_free(&lines);
    return status == NF_EOF ? NF_OK : status;
}
