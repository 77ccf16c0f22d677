/* nofade: labels of one's own (--labels FILE.csv): member,class[,split]. A first row "member,class" is a header. */
#ifndef NF_LABEL_FILE_H
#define NF_LABEL_FILE_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

typedef struct nf_label_file nf_label_file;

typedef struct nf_label {
    const char *member, *class_id, *split; /* split "" when the row has none */
    uint64_t line;                         /* of its row, from 1 */
    uint64_t used;                         /* times it was looked up */
} nf_label;

/* NF_ERR_INPUT: cannot be opened; NF_ERR_USAGE with file:line:column: no such table, a repeated member. */
nf_status nf_label_file_read(nf_label_file **labels, const char *path, nf_error *error);
void nf_label_file_free(nf_label_file *labels);
/* NULL when the member has no row. */
const nf_label *nf_label_file_find(nf_label_file *labels, const char *member);
/* Rows that no image asked for. */
uint64_t nf_label_file_unused(const nf_label_file *labels);

#endif
