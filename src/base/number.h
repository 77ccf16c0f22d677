/* nofade: numbers as text, typed by people or read from files. Decimal digits only; nothing depends on a locale. */
#ifndef NF_BASE_NUMBER_H
#define NF_BASE_NUMBER_H

#include <stdbool.h>
#include <stdint.h>

/* The whole text is a number in [min, max]; else false and *value untouched. */
bool nf_parse_u64(const char *text, uint64_t min, uint64_t max, uint64_t *value);
/* The same, of a number that may have a '-' before it. */
bool nf_parse_i64(const char *text, int64_t min, int64_t max, int64_t *value);
/* Bytes: a number with an optional K, M, G or T (powers of 1024). */
bool nf_parse_size(const char *text, uint64_t min, uint64_t max, uint64_t *bytes);
/* A decimal number, as in -12, 0.5, .5, 1e-3: no spaces, no hexadecimal, no infinity. Correctly rounded; false also when it
 * overflows. */
bool nf_parse_double(const char *text, double *value);
/* The same times 10^power, rounded once: "94.59" with -2 is 0.9459. */
bool nf_parse_scaled(const char *text, int power, double *value);
/* How many digits stand behind the decimal point of such a number, less its exponent: "76.10" 2, "1.5e3" -2. */
int nf_decimals(const char *text);

#endif
