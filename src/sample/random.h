/* nofade: the generator behind the drawn pictures: xoshiro256** seeded by splitmix64. */
#ifndef NF_SAMPLE_RANDOM_H
#define NF_SAMPLE_RANDOM_H

#include <stdint.h>

typedef struct nf_random {
    uint64_t state[4];
} nf_random;

/* splitmix64's output function: spreads any number over 64 bits. */
static inline uint64_t nf_random_mix(uint64_t x)
{
    x += UINT64_C(0x9e3779b97f4a7c15);
    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

static inline nf_random nf_random_seeded(uint64_t seed)
{
    nf_random random;
    for (int i = 0; i < 4; i++) {
        random.state[i] = nf_random_mix(seed);
        seed += UINT64_C(0x9e3779b97f4a7c15);
    }
    return random;
}

static inline uint64_t nf_random_rotate(uint64_t x, int by)
{
    return (x << by) | (x >> (64 - by));
}

static inline uint64_t nf_random_next(nf_random *random)
{
    uint64_t *s = random->state;
    uint64_t result = nf_random_rotate(s[1] * 5, 7) * 9;
    uint64_t shifted = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= shifted;
    s[3] = nf_random_rotate(s[3], 45);
    return result;
}

/* low .. high, both included; high - low < 2^31. Not exactly uniform, which no picture shows. */
static inline int32_t nf_random_between(nf_random *random, int32_t low, int32_t high)
{
    uint64_t span = (uint64_t)((int64_t)high - low + 1);
    return (int32_t)(low + (int64_t)(((nf_random_next(random) >> 32) * span) >> 32));
}

#endif
