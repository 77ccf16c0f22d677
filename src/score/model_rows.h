/* nofade: one model table being read: its header, then row after row (model_table.h). */
#ifndef NF_MODEL_ROWS_H
#define NF_MODEL_ROWS_H

#include "base/csv.h"
#include "score/model_columns.h"

typedef struct nf_rows {
    nf_models *models;
    const nf_model_defaults *defaults;
    nf_csv *csv;
    const char *name; /* path */
    nf_table_format format;
    const nf_column **columns; /* (n,) NULL: an extra column */
    const char **names;        /* (n,) */
    size_t n, n_extra;
    bool *is_convention;       /* (n,) the column flops_convention */
    const char *convention;    /* what it says in this row: "", "flops", "macs" or "unstated" */
    uint32_t table;
    const char *dataset, *task, *metric; /* of rows that do not say; kept in models->strings */
    const char *dataset_cell, *dataset_of_cell; /* the last dataset as written, and its id */
    nf_model last;             /* the row before, whose texts are often this one's */
} nf_rows;

/* Reads the header. Ends with nf_rows_end in every case. */
nf_status nf_rows_begin(nf_rows *rows, nf_error *error);
/* The next row. NF_EOF at the end. */
nf_status nf_rows_next(nf_rows *rows, nf_model *model, nf_error *error);
void nf_rows_end(nf_rows *rows);

#endif
