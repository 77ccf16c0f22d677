#include "base/csv.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

struct nf_csv {
    FILE *file;
    char *path;
    nf_buf text;           /* the row's fields, each NUL-terminated */
    size_t *starts;        /* of each field in text */
    const char **fields;
    size_t n_fields, starts_capacity, fields_capacity;
    uint64_t line, column; /* of the next byte, from 1 */
    uint64_t row_line;
};

nf_status nf_csv_open(nf_csv **opened, const char *path, nf_error *error)
{
    *opened = NULL;
    nf_csv *csv = calloc(1, sizeof *csv);
    if (csv == NULL)
        return nf_fail_nomem(error, "a CSV reader");
    csv->line = csv->column = 1;
    nf_status status = nf_strdup(&csv->path, path, error);
    if (status == NF_OK && (csv->file = fopen(path, "rbe")) == NULL)
        status = nf_fail(error, NF_ERR_INPUT, "cannot open %s: %s", path, strerror(errno));
    if (status != NF_OK) {
        nf_csv_close(csv);
        return status;
    }
    static const unsigned char mark[3] = {0xef, 0xbb, 0xbf};
    unsigned char head[3];
    if (fread(head, 1, 3, csv->file) != 3 || memcmp(head, mark, 3) != 0)
        rewind(csv->file);
    *opened = csv;
    return NF_OK;
}

void nf_csv_close(nf_csv *csv)
{
    if (csv == NULL)
        return;
    if (csv->file != NULL)
        fclose(csv->file);
    nf_buf_free(&csv->text);
    free(csv->starts);
    free(csv->fields);
    free(csv->path);
    free(csv);
}

uint64_t nf_csv_line(const nf_csv *csv)
{
    return csv->row_line;
}

static int next_byte(nf_csv *csv)
{
    int c = getc_unlocked(csv->file);
    if (c == '\n') {
        csv->line++;
        csv->column = 1;
    } else {
        csv->column++;
    }
    return c;
}

static nf_status fault_here(const nf_csv *csv, nf_error *error, const char *what)
{
    return nf_fail(error, NF_ERR_USAGE, "%s:%llu:%llu: %s", csv->path, (unsigned long long)csv->line,
                   (unsigned long long)csv->column, what);
}

static nf_status put(nf_csv *csv, int c, nf_error *error)
{
    char byte = (char)c;
    if (csv->text.len >= NF_CSV_ROW_BYTES_MAX)
        return fault_here(csv, error, "the row is too long; is a quote left open?");
    return nf_buf_append(&csv->text, &byte, 1, error);
}

static nf_status begin_field(nf_csv *csv, nf_error *error)
{
    if (csv->n_fields >= NF_CSV_FIELDS_MAX)
        return fault_here(csv, error, "the row has too many fields");
    nf_status status = nf_array_reserve((void **)&csv->starts, &csv->starts_capacity, csv->n_fields + 1,
                                        sizeof *csv->starts, "a CSV row", error);
    if (status == NF_OK)
        csv->starts[csv->n_fields++] = csv->text.len;
    return status;
}

/* After the opening quote; *c is the byte after the closing one. */
static nf_status quoted_field(nf_csv *csv, int *c, nf_error *error)
{
    nf_status status = NF_OK;
    while (status == NF_OK) {
        *c = next_byte(csv);
        if (*c == EOF)
            return fault_here(csv, error, "the file ends inside a quoted field");
        if (*c == '"' && (*c = next_byte(csv)) != '"')
            return NF_OK;
        status = put(csv, *c, error);
    }
    return status;
}

static bool ends_field(int c)
{
    return c == ',' || c == '\n' || c == '\r' || c == EOF;
}

/* One field from its first byte *c; *c is the separator behind it. */
static nf_status one_field(nf_csv *csv, int *c, nf_error *error)
{
    nf_status status = begin_field(csv, error);
    if (status == NF_OK && *c == '"') {
        status = quoted_field(csv, c, error);
        if (status == NF_OK && !ends_field(*c))
            return fault_here(csv, error, "text after a closing quote");
    } else {
        for (; status == NF_OK && !ends_field(*c); *c = next_byte(csv))
            status = put(csv, *c, error);
    }
    return status == NF_OK ? put(csv, '\0', error) : status;
}

static nf_status point_at_fields(nf_csv *csv, nf_error *error)
{
    nf_status status = nf_array_reserve((void **)&csv->fields, &csv->fields_capacity, csv->n_fields,
                                        sizeof *csv->fields, "a CSV row", error);
    for (size_t i = 0; status == NF_OK && i < csv->n_fields; i++)
        csv->fields[i] = (const char *)csv->text.data + csv->starts[i];
    return status;
}

nf_status nf_csv_next(nf_csv *csv, const char *const **fields, size_t *n_fields, nf_error *error)
{
    int c;
    do {
        csv->row_line = csv->line;
        c = next_byte(csv);
    } while (c == '\n' || c == '\r');
    if (c == EOF)
        return ferror(csv->file) ? nf_fail(error, NF_ERR_INPUT, "cannot read %s", csv->path) : NF_EOF;
    csv->text.len = csv->n_fields = 0;
    for (;;) {
        nf_status status = one_field(csv, &c, error);
        if (status != NF_OK)
            return status;
        if (c != ',')
            break;
        c = next_byte(csv);
    }
    nf_status status = point_at_fields(csv, error);
    *fields = csv->fields;
    *n_fields = csv->n_fields;
    return status;
}
