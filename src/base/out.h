/* nofade: an output file that appears whole or not at all.
 *
 * A regular file is written beside its place (without a name where the file system can, else under a temporary one) and
 * renamed by nf_out_commit; a device, a FIFO and "-" (standard output) are written directly. Errors stick: after the first,
 * every call returns it.
 */
#ifndef NF_BASE_OUT_H
#define NF_BASE_OUT_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

typedef struct nf_out nf_out;

/* Opens for writing; compresses with gzip when path ends in ".gz". NF_ERR_OUTPUT. */
nf_status nf_out_open(nf_out **out, const char *path, nf_error *error);
nf_status nf_out_write(nf_out *out, const void *bytes, size_t n, nf_error *error);
nf_status nf_out_text(nf_out *out, const char *text, nf_error *error);
/* A number that reads back as the same double, shortest of 15 to 17 digits; "null" for a NaN or infinity. */
nf_status nf_out_double(nf_out *out, double value, nf_error *error);
nf_status nf_out_u64(nf_out *out, unsigned long long value, nf_error *error);
/* One CSV field, quoted where RFC 4180 asks for it; bytes that are no UTF-8 become \xHH. */
nf_status nf_out_csv_field(nf_out *out, const char *text, nf_error *error);
/* Flushes, closes and renames into place; frees out in every case. */
nf_status nf_out_commit(nf_out *out, nf_error *error);
/* Closes and removes the temporary file; NULL is allowed. */
void nf_out_discard(nf_out *out);

/* The shortest of 15 to 17 digits that reads back as the same double; text has 32 bytes. */
void nf_format_double(double value, char text[32]);
/* Decimal digits, NUL-terminated; how many. */
int nf_format_u64(uint64_t value, char text[24]);

#endif
