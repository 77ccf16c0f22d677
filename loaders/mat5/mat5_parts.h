/* nofade: what the parts of the MATLAB reader share: mat5.c finds variables, mat5_data.c and mat5_struct.c read what they hold.
 * Private to them. */
#ifndef NF_LOADERS_MAT5_PARTS_H
#define NF_LOADERS_MAT5_PARTS_H

#include <zlib.h>

#include "loaders/mat5/mat5.h"

enum {
    NF_MAT5_OUT_BYTES = 1 << 16,
    NF_MAT5_TEXT_MAX = 1024 /* characters of one text of a cell or struct */
};

/* Types of elements. */
enum { MI_INT8 = 1, MI_UINT8, MI_INT16, MI_UINT16, MI_INT32, MI_UINT32, MI_SINGLE, MI_DOUBLE = 9, MI_INT64 = 12, MI_UINT64,
       MI_MATRIX, MI_COMPRESSED, MI_UTF8, MI_UTF16, MI_UTF32 };
/* Classes of matrices. */
enum { MX_CELL = 1, MX_STRUCT, MX_CHAR = 4, MX_DOUBLE = 6, MX_SINGLE, MX_INT8, MX_UINT8, MX_UINT64 = 15 };

struct nf_mat5 {
    nf_stream *stream;
    bool is_big_endian;
    nf_failure failure;
    uint64_t raw_left; /* bytes of the top element, as stored, that were not taken */
    bool is_open;      /* a top element is being read */
    bool is_inflating;
    bool inflated_all;
    z_stream z;
    uint64_t left;     /* bytes of the matrix, as plain, that were not taken */
    uint8_t *out;      /* (NF_MAT5_OUT_BYTES,) */
};

typedef struct nf_mat5_element {
    unsigned type;
    uint32_t n;      /* bytes of data */
    uint32_t padding; /* bytes after them */
    bool is_small;
    uint8_t small[4];
} nf_mat5_element;

/* NF_BAD_RECORD with the sentence. */
nf_status nf_mat5_refuse(nf_mat5 *mat, nf_failure failure, nf_error *error, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* Exactly n of the bytes that are left of the variable; at most n. */
nf_status nf_mat5_take(nf_mat5 *mat, void *dst, size_t n, nf_error *error);
nf_status nf_mat5_pass_over(nf_mat5 *mat, uint64_t n, nf_error *error);
/* At most n of the bytes that are left of the variable, but some. */
nf_status nf_mat5_take_some(nf_mat5 *mat, uint8_t *dst, size_t n, size_t *got, nf_error *error);
/* An element's tag: type and length, or the small form that holds its data. */
nf_status nf_mat5_take_tag(nf_mat5 *mat, nf_mat5_element *e, nf_error *error);
/* The last element of a variable may lack its padding. */
nf_status nf_mat5_take_padding(nf_mat5 *mat, uint32_t n, nf_error *error);
/* A whole element of at most `most` bytes. */
nf_status nf_mat5_take_element(nf_mat5 *mat, nf_mat5_element *e, uint8_t *dst, size_t most, nf_error *error);
/* Flags, dimensions and name of a matrix, which stand before its data. */
nf_status nf_mat5_take_head(nf_mat5 *mat, nf_mat5_variable *variable, nf_error *error);
/* Reads the matrix without a name that a cell or struct `of` holds, and appends it to buf as a text with a NUL: characters as
 * UTF-8, one integer in decimal digits where may_be_integer. */
nf_status nf_mat5_read_inner_text(nf_mat5 *mat, const char *of, bool may_be_integer, nf_buf *buf, nf_error *error);

#endif
