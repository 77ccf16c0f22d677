/* nofade: what the columns of a model table mean (model_table.h). */
#ifndef NF_MODEL_COLUMNS_H
#define NF_MODEL_COLUMNS_H

#include "score/model_table.h"

typedef enum nf_table_format { NF_TABLE_OWN, NF_TABLE_CODECARBON, NF_TABLE_TIMM, NF_TABLE_TIMM_BENCHMARK } nf_table_format;

typedef struct nf_column {
    const char *name;
    bool is_text;
    size_t offset;       /* of the field of nf_model */
    size_t half_offset;  /* of the half unit of its last digit, or 0 */
    int power;           /* what is written, times 10^power, times / by, is in the field's unit */
    double times, by;    /* by 0: times / what is written (speed to time) */
    double min, max;     /* accepted, as written */
    bool above_min;      /* min itself is not */
    const char *below, *beyond; /* what to do about a value out of range, or NULL */
    nf_table_format format; /* known by this name only in such tables (NF_TABLE_OWN: in all) */
} nf_column;

/* What kind of table the header (n,) begins. */
nf_table_format nf_table_format_of(const char *const *header, size_t n);
/* The column of this name; NULL: another one, to be kept as text. */
const nf_column *nf_column_named(const char *name, nf_table_format format);
/* The column that is meant by a name which differs only in capitals, blanks or punctuation; NULL: none. */
const nf_column *nf_column_like(const char *name, nf_table_format format);
/* True when a column means something that nofade reads but its name does not say the unit; *advice says what is accepted. */
bool nf_column_lacks_unit(const char *name, const char **advice);

#endif
