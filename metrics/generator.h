/* nofade: random numbers, the same on every machine: xoshiro256**, seeded by splitmix64 (Blackman and Vigna). */
#ifndef NF_METRICS_GENERATOR_H
#define NF_METRICS_GENERATOR_H

#include <stdint.h>

typedef struct nf_generator {
    uint64_t s[4];
} nf_generator;

nf_generator nf_generator_of(uint64_t seed);
uint64_t nf_random_next(nf_generator *generator);
/* Uniform in 0 .. bound - 1 without bias; bound > 0. */
uint64_t nf_random_below(nf_generator *generator, uint64_t bound);

#endif
