/* nofade: Shannon entropy of a grey histogram, in integers up to the last division.
 *
 *     H = -sum c/N log2(c/N) = 1/N sum c (log2 N - log2 c)
 *
 * log2 is taken in fixed point, L(c) = round(2^48 log2 c), by integer arithmetic alone, for two reasons.
 * 1. L(2c) = L(c) + 2^48 exactly, so c = N gives 0, c = N/2 gives 1 bit and c = N/2^k gives k bits without any
 * rounding.
 * 2. libm's log2 differs in its last bit between libraries and even between processors under one library. Here an image
 * has the same entropy everywhere, and so the counts digest, which holds quantised entropies, is the same everywhere.
 * Error: L is off by at most 2^-49 (1 + 2^-8), so the weighted mean of L(N) - L(c) by at most 2^-48 (1 + 2^-8); with
 * the two roundings to double (2^-50 each for H < 8) H is within 6e-15 of the true value.
 */
#include "metrics/entropy.h"

#include <math.h>
#include <pthread.h>
#include <stddef.h>

__extension__ typedef unsigned __int128 u128;

enum { FRACTION_BITS = 48, TABLE_SIZE = 4096 };

/* L(c) for c > 0. With c = 2^e m, 1 <= m < 2: e is the whole part, and the binary digits of log2 m come out by
 * squaring: m^2 >= 2 says that the next digit is 1. m has 63 bits after its point; the i-th squaring cuts off less than
 * one unit of the last place, which weighs 2^-i in the logarithm, so all together cost less than 2^-61. One digit more
 * than needed, to round. */
static uint64_t fixed_log2(uint64_t c)
{
    const int leading_zeros = __builtin_clzll(c);
    uint64_t mantissa = c << leading_zeros;
    uint64_t digits = (uint64_t)(63 - leading_zeros);
    for (int i = 0; i < FRACTION_BITS + 1; i++) {
        const u128 square = (u128)mantissa * mantissa;
        const uint64_t digit = (uint64_t)(square >> 127);
        mantissa = (uint64_t)(square >> (63 + digit));
        digits = (digits << 1) | digit;
    }
    return (digits + 1) >> 1;
}

/* For c < TABLE_SIZE. Written once, before anyone reads it; the same values in every process. */
static uint64_t log2_table[TABLE_SIZE];   /* L(c); [0] is never read */
static uint64_t c_log2_table[TABLE_SIZE]; /* c L(c) < 2^12 x 12 x 2^48; [0] is 0 */
static pthread_once_t log2_table_once = PTHREAD_ONCE_INIT;

static void fill_tables(void)
{
    for (uint64_t c = 1; c < TABLE_SIZE; c++) {
        log2_table[c] = c % 2 == 0 ? log2_table[c / 2] + (UINT64_C(1) << FRACTION_BITS) : fixed_log2(c);
        c_log2_table[c] = c * log2_table[c];
    }
}

/* Beyond the table a logarithm takes about 0.13 us, but fewer than N / 4096 levels of an image can be there: 0.03 ns a
 * pixel, far less than it takes to decode one. */
static uint64_t log2_of(uint64_t c)
{
    return c < TABLE_SIZE ? log2_table[c] : fixed_log2(c);
}

/* sum c (L(N) - L(c)) of a small image, as N L(N) - sum c L(c) modulo 2^64: no term has to fit, as the result does, which is
 * at most N x 8 x 2^48. */
static uint64_t small_sum(const uint32_t counts[NF_GREY_LEVELS], uint64_t n_px)
{
    uint64_t even = 0, odd = 0;
    for (size_t i = 0; i < NF_GREY_LEVELS; i += 2) {
        even += c_log2_table[counts[i]];
        odd += c_log2_table[counts[i + 1]];
    }
    return n_px * log2_table[n_px] - even - odd;
}

/* The same of any image; N < 2^40 and L(N) < 2^54: far from full. */
static double any_sum(const uint32_t counts[NF_GREY_LEVELS], uint64_t n_px)
{
    const uint64_t log2_n_px = log2_of(n_px);
    u128 sum = 0;
    for (size_t i = 0; i < NF_GREY_LEVELS; i++)
        if (counts[i] > 0)
            sum += (u128)counts[i] * (log2_n_px - log2_of(counts[i]));
    return (double)sum;
}

double nf_entropy_bits(const uint32_t counts[NF_GREY_LEVELS])
{
    uint64_t n_px = 0;
    for (size_t i = 0; i < NF_GREY_LEVELS; i++)
        n_px += counts[i];
    if (n_px == 0)
        return 0.0;
    pthread_once(&log2_table_once, fill_tables);
    const double sum = n_px < TABLE_SIZE ? (double)small_sum(counts, n_px) : any_sum(counts, n_px);
    const double bits = ldexp(sum / (double)n_px, -FRACTION_BITS);
    return bits > 8.0 ? 8.0 : bits;
}

uint64_t nf_entropy_quantised(const uint32_t counts[NF_GREY_LEVELS])
{
    return (uint64_t)nearbyint(nf_entropy_bits(counts) * NF_Q_PER_BIT);
}
