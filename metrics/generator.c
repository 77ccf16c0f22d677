#include "metrics/generator.h"

#include <stddef.h>

__extension__ typedef unsigned __int128 u128;

static uint64_t splitmix64(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

nf_generator nf_generator_of(uint64_t seed)
{
    nf_generator g;
    for (size_t i = 0; i < 4; i++)
        g.s[i] = splitmix64(&seed);
    return g;
}

static uint64_t rotate_left(uint64_t x, int n)
{
    return (x << n) | (x >> (64 - n));
}

uint64_t nf_random_next(nf_generator *g)
{
    uint64_t *s = g->s;
    const uint64_t result = rotate_left(s[1] * 5, 7) * 9;
    const uint64_t t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotate_left(s[3], 45);
    return result;
}

/* Uniform in 0 .. bound - 1 without bias (Lemire): the high half of random x bound, drawn again when the low half falls
 * among the 2^64 mod bound values that would come up once too often. */
uint64_t nf_random_below(nf_generator *g, uint64_t bound)
{
    u128 product = (u128)nf_random_next(g) * bound;
    if ((uint64_t)product < bound) {
        const uint64_t too_many = (0 - bound) % bound;
        while ((uint64_t)product < too_many)
            product = (u128)nf_random_next(g) * bound;
    }
    return (uint64_t)(product >> 64);
}
