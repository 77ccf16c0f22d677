/* nofade: a CSV reader (RFC 4180: quoted fields, doubled quotes, line breaks inside quotes; a byte-order mark and CRLF are
 * fine). Untrusted input: a row is bounded by NF_CSV_ROW_BYTES_MAX. */
#ifndef NF_BASE_CSV_H
#define NF_BASE_CSV_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum { NF_CSV_ROW_BYTES_MAX = 1 << 20, NF_CSV_FIELDS_MAX = 1024 };

typedef struct nf_csv nf_csv;

/* NF_ERR_INPUT when the file cannot be opened. */
nf_status nf_csv_open(nf_csv **csv, const char *path, nf_error *error);
/* The same from bytes (n,), which must stay until nf_csv_close; name stands in messages. */
nf_status nf_csv_open_memory(nf_csv **csv, const char *name, const void *bytes, size_t n, nf_error *error);
void nf_csv_close(nf_csv *csv);
/* The next row that is not blank: fields (n_fields,) NUL-terminated, valid until the next call. NF_EOF at the end;
 * NF_ERR_USAGE with file:line:column for what is no CSV. */
nf_status nf_csv_next(nf_csv *csv, const char *const **fields, size_t *n_fields, nf_error *error);
/* Line of the last row's first byte, from 1. */
uint64_t nf_csv_line(const nf_csv *csv);
/* Where field number `field` of the last row begins: line, and column in bytes, both from 1. */
void nf_csv_place(const nf_csv *csv, size_t field, uint64_t *line, uint64_t *column);

#endif
