/* nofade: the tables that are compiled in, as CSV. */
#ifndef NF_EMBEDDED_TABLE_H
#define NF_EMBEDDED_TABLE_H

#include "base/csv.h"
#include "base/embedded.h"

/* Opens it as CSV; its header must begin with the given columns. NF_ERR_INTERNAL: there is no such table. */
nf_status nf_embedded_table_open(nf_csv **csv, const char *name, const char *header, nf_error *error);
/* The next row, which must have n fields. NF_EOF at the end; NF_ERR_INTERNAL for what is no such row. */
nf_status nf_embedded_table_next(nf_csv *csv, size_t n, const char *const **fields, nf_error *error);

#endif
