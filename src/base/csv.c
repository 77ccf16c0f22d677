#include "base/csv.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

enum { BLOCK_BYTES = 1 << 16 };

/* Where a field begins. */
typedef struct place {
    size_t start; /* in text */
    uint64_t line, column;
} place;

struct nf_csv {
    FILE *file;            /* NULL: memory */
    uint8_t *block;        /* (BLOCK_BYTES,) of the file */
    const uint8_t *at, *end;
    char *name;
    nf_buf text;           /* the row's fields, each NUL-terminated */
    place *places;         /* of each field */
    const char **fields;
    size_t n_fields, places_capacity, fields_capacity;
    uint64_t line, column; /* of the next byte, from 1 */
    uint64_t taken_line, taken_column; /* of the last byte */
    uint64_t row_line;
    int fault;             /* errno of the read that failed; 0: none */
};

/* Is there another byte at csv->at? */
static bool more(nf_csv *csv)
{
    if (csv->at == csv->end && csv->file != NULL) {
        csv->at = csv->block;
        csv->end = csv->block + fread(csv->block, 1, BLOCK_BYTES, csv->file);
        csv->fault = ferror(csv->file) ? errno : 0;
    }
    return csv->at < csv->end;
}

static void skip_mark(nf_csv *csv)
{
    static const uint8_t mark[3] = {0xef, 0xbb, 0xbf};
    if (more(csv) && csv->end - csv->at >= 3 && memcmp(csv->at, mark, 3) == 0)
        csv->at += 3;
}

static nf_status csv_new(nf_csv **made, const char *name, nf_error *error)
{
    *made = calloc(1, sizeof **made);
    if (*made == NULL)
        return nf_fail_nomem(error, "a CSV reader");
    (*made)->line = (*made)->column = 1;
    return nf_strdup(&(*made)->name, name, error);
}

nf_status nf_csv_open(nf_csv **opened, const char *path, nf_error *error)
{
    nf_csv *csv;
    nf_status status = csv_new(&csv, path, error);
    *opened = NULL;
    if (status == NF_OK && (csv->block = malloc(BLOCK_BYTES)) == NULL)
        status = nf_fail_nomem(error, "a CSV reader");
    if (status == NF_OK && (csv->file = fopen(path, "rbe")) == NULL)
        status = nf_fail(error, NF_ERR_INPUT, "cannot open %s: %s", path, strerror(errno));
    if (status != NF_OK) {
        nf_csv_close(csv);
        return status;
    }
    setvbuf(csv->file, NULL, _IONBF, 0); /* the block is the buffer */
    skip_mark(csv);
    *opened = csv;
    return NF_OK;
}

nf_status nf_csv_open_memory(nf_csv **opened, const char *name, const void *bytes, size_t n, nf_error *error)
{
    nf_csv *csv;
    nf_status status = csv_new(&csv, name, error);
    *opened = NULL;
    if (status != NF_OK) {
        nf_csv_close(csv);
        return status;
    }
    csv->at = bytes;
    csv->end = csv->at + n;
    skip_mark(csv);
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
    free(csv->block);
    free(csv->places);
    free(csv->fields);
    free(csv->name);
    free(csv);
}

uint64_t nf_csv_line(const nf_csv *csv)
{
    return csv->row_line;
}

void nf_csv_place(const nf_csv *csv, size_t field, uint64_t *line, uint64_t *column)
{
    *line = csv->places[field].line;
    *column = csv->places[field].column;
}

static int next_byte(nf_csv *csv)
{
    csv->taken_line = csv->line;
    csv->taken_column = csv->column;
    if (!more(csv))
        return EOF;
    int c = *csv->at++;
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
    return nf_fail(error, NF_ERR_USAGE, "%s:%llu:%llu: %s", csv->name, (unsigned long long)csv->line,
                   (unsigned long long)csv->column, what);
}

static nf_status put(nf_csv *csv, const void *bytes, size_t n, nf_error *error)
{
    if (csv->text.len + n > NF_CSV_ROW_BYTES_MAX)
        return fault_here(csv, error, "the row is too long; is a quote left open?");
    if (n > 0 && memchr(bytes, '\0', n) != NULL)
        return fault_here(csv, error, "a zero byte; is this a text in UTF-8?");
    return nf_buf_append(&csv->text, bytes, n, error);
}

/* The field begins with the byte that was taken last. */
static nf_status begin_field(nf_csv *csv, nf_error *error)
{
    if (csv->n_fields >= NF_CSV_FIELDS_MAX)
        return fault_here(csv, error, "the row has too many fields");
    nf_status status = nf_array_reserve((void **)&csv->places, &csv->places_capacity, csv->n_fields + 1,
                                        sizeof *csv->places, "a CSV row", error);
    if (status == NF_OK)
        csv->places[csv->n_fields++] = (place){csv->text.len, csv->taken_line, csv->taken_column};
    return status;
}

static nf_status never_ends(const nf_csv *csv, nf_error *error)
{
    const place *opened = &csv->places[csv->n_fields - 1];
    return nf_fail(error, NF_ERR_USAGE, "%s:%llu:%llu: the file ends inside a quoted field, which begins here", csv->name,
                   (unsigned long long)opened->line, (unsigned long long)opened->column);
}

/* After the opening quote; *c is the byte after the closing one. */
static nf_status quoted_field(nf_csv *csv, int *c, nf_error *error)
{
    nf_status status = NF_OK;
    while (status == NF_OK) {
        *c = next_byte(csv);
        if (*c == EOF)
            return never_ends(csv, error);
        if (*c == '"' && (*c = next_byte(csv)) != '"')
            return NF_OK;
        status = put(csv, &(char){(char)*c}, 1, error);
    }
    return status;
}

static bool ends_field(int c)
{
    return c == ',' || c == '\n' || c == '\r' || c == EOF;
}

/* From the first byte, which is taken already (*c), up to the separator, which becomes *c. */
static nf_status plain_field(nf_csv *csv, int *c, nf_error *error)
{
    if (ends_field(*c))
        return NF_OK;
    nf_status status = put(csv, &(char){(char)*c}, 1, error);
    while (status == NF_OK && more(csv)) {
        const uint8_t *from = csv->at, *to = from;
        while (to < csv->end && *to != ',' && *to != '\n' && *to != '\r')
            to++;
        status = put(csv, from, (size_t)(to - from), error);
        csv->column += (uint64_t)(to - from);
        csv->at = to;
        if (to < csv->end)
            break;
    }
    *c = next_byte(csv);
    return status;
}

/* One field from its first byte *c; *c is the separator behind it. */
static nf_status one_field(nf_csv *csv, int *c, nf_error *error)
{
    nf_status status = begin_field(csv, error);
    if (status == NF_OK && *c == '"') {
        status = quoted_field(csv, c, error);
        if (status == NF_OK && !ends_field(*c))
            return fault_here(csv, error, "text after a closing quote");
    } else if (status == NF_OK) {
        status = plain_field(csv, c, error);
    }
    return status == NF_OK ? nf_buf_append(&csv->text, "", 1, error) : status;
}

static nf_status point_at_fields(nf_csv *csv, nf_error *error)
{
    nf_status status = nf_array_reserve((void **)&csv->fields, &csv->fields_capacity, csv->n_fields,
                                        sizeof *csv->fields, "a CSV row", error);
    for (size_t i = 0; status == NF_OK && i < csv->n_fields; i++)
        csv->fields[i] = (const char *)csv->text.data + csv->places[i].start;
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
        return csv->fault != 0 ? nf_fail(error, NF_ERR_INPUT, "cannot read %s: %s", csv->name, strerror(csv->fault)) : NF_EOF;
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
