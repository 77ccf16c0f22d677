/* nofade: files such as those of data-manifests/, compiled in, so that the program is one file. */
#ifndef NF_EMBEDDED_H
#define NF_EMBEDDED_H

#include <stddef.h>

typedef struct nf_embedded_file {
    const char *name; /* "data-manifests/datasets/cifar10.json" */
    const unsigned char *bytes; /* (n_bytes,), from a multiple of 16 on, and a NUL behind them */
    size_t n_bytes;
} nf_embedded_file;

/* Sorted by name; ended by a row whose name is NULL. */
extern const nf_embedded_file nf_embedded_files[];
/* NULL: there is none. */
const nf_embedded_file *nf_embedded_file_named(const char *name);

#endif
