/* nofade: exact integers of 384 bits, schoolbook arithmetic on six 64-bit limbs. */
#include "metrics/wide.h"

#include <assert.h>
#include <math.h>
#include <string.h>

__extension__ typedef unsigned __int128 u128;

enum { WIDE_BITS = 64 * NF_WIDE_LIMBS, DECIMAL_BITS_MAX = 320 };

nf_wide nf_wide_from_u64(uint64_t value)
{
    return (nf_wide){{value}};
}

nf_wide nf_wide_add(nf_wide a, nf_wide b)
{
    u128 carry = 0;
    for (size_t i = 0; i < NF_WIDE_LIMBS; i++) {
        carry += (u128)a.limb[i] + b.limb[i];
        a.limb[i] = (uint64_t)carry;
        carry >>= 64;
    }
    return a;
}

/* a - b = a + ~b + 1 */
nf_wide nf_wide_sub(nf_wide a, nf_wide b)
{
    u128 carry = 1;
    for (size_t i = 0; i < NF_WIDE_LIMBS; i++) {
        carry += (u128)a.limb[i] + ~b.limb[i];
        a.limb[i] = (uint64_t)carry;
        carry >>= 64;
    }
    return a;
}

/* Modulo 2^384, where signed and unsigned products have the same bits. */
nf_wide nf_wide_mul(nf_wide a, nf_wide b)
{
    nf_wide product = {{0}};
    for (size_t i = 0; i < NF_WIDE_LIMBS; i++) {
        if (a.limb[i] == 0)
            continue;
        u128 carry = 0;
        for (size_t j = 0; i + j < NF_WIDE_LIMBS; j++) {
            carry += (u128)a.limb[i] * b.limb[j] + product.limb[i + j];
            product.limb[i + j] = (uint64_t)carry;
            carry >>= 64;
        }
    }
    return product;
}

bool nf_wide_is_negative(nf_wide a)
{
    return (a.limb[NF_WIDE_LIMBS - 1] >> 63) != 0;
}

/* |a|, to be read as unsigned: even the most negative number has one. */
static nf_wide magnitude(nf_wide a)
{
    return nf_wide_is_negative(a) ? nf_wide_sub((nf_wide){{0}}, a) : a;
}

/* From here on: unsigned. 0 for zero, else the place of the highest set bit, from 1. */
static int bit_length(nf_wide a)
{
    for (int i = NF_WIDE_LIMBS - 1; i >= 0; i--)
        if (a.limb[i] != 0)
            return 64 * (i + 1) - __builtin_clzll(a.limb[i]);
    return 0;
}

static bool is_less(nf_wide a, nf_wide b)
{
    for (size_t i = NF_WIDE_LIMBS; i-- > 0;)
        if (a.limb[i] != b.limb[i])
            return a.limb[i] < b.limb[i];
    return false;
}

static nf_wide shift_left(nf_wide a, int n_bits)
{
    nf_wide shifted = {{0}};
    const size_t limbs = (size_t)n_bits / 64;
    const int bits = n_bits % 64;
    for (size_t i = limbs; i < NF_WIDE_LIMBS; i++) {
        shifted.limb[i] = a.limb[i - limbs] << bits;
        if (bits != 0 && i > limbs)
            shifted.limb[i] |= a.limb[i - limbs - 1] >> (64 - bits);
    }
    return shifted;
}

/* Long division of the two magnitudes with their highest bits lined up: 64 bits of the quotient, of which the first two
 * are not both 0, and a remainder that only says whether anything follows. That is 63 significant bits, ten more than a
 * double has, so the "anything follows" may share the last one and the conversion of the 64 bits is the only rounding.
 */
double nf_wide_ratio(nf_wide a, nf_wide b)
{
    const bool negative = nf_wide_is_negative(a) != nf_wide_is_negative(b);
    a = magnitude(a);
    b = magnitude(b);
    const int a_bits = bit_length(a), b_bits = bit_length(b);
    assert(b_bits != 0);
    if (a_bits == 0)
        return 0.0;
    a = shift_left(a, WIDE_BITS - a_bits);
    b = shift_left(b, WIDE_BITS - b_bits);
    uint64_t quotient = 0;
    bool carry = false; /* the 385th bit of the remainder */
    for (int i = 0; i < 64; i++) {
        const bool fits = carry || !is_less(a, b);
        if (fits)
            a = nf_wide_sub(a, b);
        quotient = (quotient << 1) | fits;
        carry = nf_wide_is_negative(a); /* the bit that the shift pushes out */
        a = shift_left(a, 1);
    }
    quotient |= carry || bit_length(a) != 0;
    const double value = ldexp((double)quotient, a_bits - b_bits - 63);
    return negative ? -value : value;
}

double nf_wide_to_double(nf_wide a)
{
    return nf_wide_ratio(a, nf_wide_from_u64(1));
}

/* Divides in place (unsigned). Returns the remainder. */
static uint64_t divide_small(nf_wide *a, uint64_t divisor)
{
    u128 rest = 0;
    for (size_t i = NF_WIDE_LIMBS; i-- > 0;) {
        rest = (rest << 64) | a->limb[i];
        a->limb[i] = (uint64_t)(rest / divisor);
        rest %= divisor;
    }
    return (uint64_t)rest;
}

void nf_wide_to_decimal(nf_wide a, char *text)
{
    char backwards[NF_WIDE_DECIMAL_SIZE]; /* 2^383 has 116 digits */
    size_t n = 0;
    if (nf_wide_is_negative(a))
        *text++ = '-';
    a = magnitude(a);
    do {
        backwards[n++] = (char)('0' + divide_small(&a, 10));
    } while (bit_length(a) != 0);
    for (size_t i = 0; i < n; i++)
        text[i] = backwards[n - 1 - i];
    text[n] = '\0';
}

bool nf_wide_from_decimal(const char *text, nf_wide *value)
{
    nf_wide result = {{0}};
    if (*text == '\0')
        return false;
    for (; *text != '\0'; text++) {
        if (*text < '0' || *text > '9')
            return false;
        /* at most 320 bits before the step, so at most 324 after it: nothing wraps */
        result = nf_wide_mul(nf_wide_from_u64(10), result);
        result = nf_wide_add(result, nf_wide_from_u64((uint64_t)(*text - '0')));
        if (bit_length(result) > DECIMAL_BITS_MAX)
            return false;
    }
    *value = result;
    return true;
}
