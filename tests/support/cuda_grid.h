/* Runs the kernels' grids on the CPU: block after block, and in each block phase after phase over all of its threads. */
#ifndef NF_TESTS_CUDA_GRID_H
#define NF_TESTS_CUDA_GRID_H

#include <stdint.h>

#include "cuda/kernels.h"

static inline void run_count_grid(uint32_t n_blocks, const uint32_t *words, const nf_kernel_piece *pieces, uint32_t *counts)
{
    uint32_t shared[NF_COUNT_HISTOGRAMS * NF_KERNEL_LEVELS];
    for (uint32_t block = 0; block < n_blocks; block++)
        nf_count_body(words, pieces, counts, block, shared);
}

static inline void run_tile_grid(uint32_t n_x, uint32_t n_y, const double *distributions, nf_strip strip, double *distances)
{
    double shared[2 * NF_TILE * NF_TILE_STRIDE];
    for (uint32_t y = 0; y < n_y; y++)
        for (uint32_t x = 0; x < n_x; x++)
            nf_tile_body(distributions, strip, distances, x, y, shared);
}

static inline void run_row_grid(uint32_t n_blocks, nf_strip strip, const double *distances, nf_kernel_row *rows)
{
    nf_kernel_row shared[NF_ROW_THREADS];
    for (uint32_t block = 0; block < n_blocks; block++)
        nf_row_body(strip, distances, rows, block, shared);
}

#endif
