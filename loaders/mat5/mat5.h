/* nofade: a streaming reader of MATLAB 5 files (.mat of MATLAB 5 to 7.2, SciPy, Octave), both byte orders, compressed or not.
 *
 * Variables come one by one, in the order they are stored. Of a variable first its name and shape are read; then its elements
 * may be read, or not: the next call passes over them without holding them. Sizes in the file are believed only as far as
 * data really come.
 */
#ifndef NF_LOADERS_MAT5_H
#define NF_LOADERS_MAT5_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"
#include "decode/decode.h"
#include "loaders/source/stream.h"

enum { NF_MAT5_DIMS_MAX = 4, NF_MAT5_NAME_MAX = 64 };

typedef enum nf_mat5_kind {
    NF_MAT5_INTEGERS, /* integers, characters, logicals, and reals that may hold integers */
    NF_MAT5_CELL,
    NF_MAT5_STRUCT,
    NF_MAT5_OTHER /* objects, sparse, complex ...: never read */
} nf_mat5_kind;

typedef struct nf_mat5_variable {
    char name[NF_MAT5_NAME_MAX];
    nf_mat5_kind kind;
    const char *class_name; /* "uint8", "double", "cell" ...; static */
    bool is_uint8, is_text;
    size_t n_dims;
    uint64_t dims[NF_MAT5_DIMS_MAX];
    uint64_t n; /* product of dims */
} nf_mat5_variable;

typedef struct nf_mat5 nf_mat5;

/* Is this the head of a MATLAB 5 file (128 bytes are enough)? */
bool nf_mat5_is_head(const uint8_t *head, size_t n);

/* Reads the header. NF_BAD_RECORD: not a MATLAB 5 file; the sentence names v4 and v7.3. The stream stays the caller's. */
nf_status nf_mat5_open(nf_mat5 **mat, nf_stream *stream, nf_error *error);
void nf_mat5_close(nf_mat5 *mat);
/* The next variable with a name. NF_EOF at the end; NF_BAD_RECORD: the file is unusable from here on; else the stream's. */
nf_status nf_mat5_next(nf_mat5 *mat, nf_mat5_variable *variable, nf_error *error);
/* Goes to the elements of a uint8 variable of more than four, for nf_mat5_take. */
nf_status nf_mat5_open_bytes(nf_mat5 *mat, const nf_mat5_variable *variable, nf_error *error);
/* Takes exactly n of the bytes that are left of the variable. */
nf_status nf_mat5_take(nf_mat5 *mat, void *dst, size_t n, nf_error *error);
/* Appends the n elements of a uint8 variable to buf. NF_BAD_RECORD also where n > most. */
nf_status nf_mat5_read_bytes(nf_mat5 *mat, const nf_mat5_variable *variable, uint64_t most, nf_buf *buf, nf_error *error);
/* Appends the elements of an NF_MAT5_INTEGERS variable to buf as int64_t; a real that is no integer is NF_BAD_RECORD. */
nf_status nf_mat5_read_integers(nf_mat5 *mat, const nf_mat5_variable *variable, uint64_t most, nf_buf *buf, nf_error *error);
/* Appends the texts of a cell, each with a NUL after it; a cell that holds anything but short texts is NF_BAD_RECORD. */
nf_status nf_mat5_read_texts(nf_mat5 *mat, const nf_mat5_variable *variable, uint64_t most, nf_buf *buf, nf_error *error);
/* Of each element of a struct array the wanted fields, appended to buf as texts in that order, each with a NUL: characters, or
 * one integer in decimal digits, or "" where the field is empty. A field that is not there, or that holds anything else, is
 * NF_BAD_RECORD. Fields that are not wanted are passed over. */
enum { NF_MAT5_FIELDS_MAX = 8 };
nf_status nf_mat5_read_structs(nf_mat5 *mat, const nf_mat5_variable *variable, uint64_t most, const char *const *wanted,
                               size_t n_wanted, nf_buf *buf, nf_error *error);
/* Why the file is unusable. */
nf_failure nf_mat5_failure(const nf_mat5 *mat);

#endif
