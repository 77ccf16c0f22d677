/* nofade: the kernels: what a device does around the bodies of kernels.h. For nvcc, and for clang without CUDA's headers. */
#include <stdint.h>

#ifndef __NVCC__
#define __global__ __attribute__((global))
#define __device__ __attribute__((device))
#define __shared__ __attribute__((shared))
#define __launch_bounds__(n) __attribute__((launch_bounds(n)))
#define THREAD ((uint32_t)__nvvm_read_ptx_sreg_tid_x())
#define BLOCK_X ((uint32_t)__nvvm_read_ptx_sreg_ctaid_x())
#define BLOCK_Y ((uint32_t)__nvvm_read_ptx_sreg_ctaid_y())
#define NF_ATOMIC_ADD(to, value) __nvvm_atom_add_gen_i((int *)(to), (int)(value))
#define NF_SQRT(x) __nvvm_sqrt_rn_d(x)
#else
#define THREAD threadIdx.x
#define BLOCK_X blockIdx.x
#define BLOCK_Y blockIdx.y
#define NF_ATOMIC_ADD(to, value) atomicAdd(to, value)
#define NF_SQRT(x) sqrt(x)
#endif

#define NF_BODY static __device__ inline
#define NF_PHASE(thread, n_threads) for (uint32_t thread = THREAD, passed = 0; passed < 1; passed++, __syncthreads())
#define NF_OWN_SIZE(n_threads) 1
#define NF_OWN(thread) ((thread) & 0u) /* index 0: in a register */

#include "cuda/kernels.h"

extern "C" __global__ void __launch_bounds__(NF_COUNT_THREADS)
    nf_count(const uint32_t *words, const nf_kernel_piece *pieces, uint32_t *counts)
{
    __shared__ uint32_t shared[NF_COUNT_HISTOGRAMS * NF_KERNEL_LEVELS];
    nf_count_body(words, pieces, counts, BLOCK_X, shared);
}

extern "C" __global__ void __launch_bounds__(NF_TILE_THREADS)
    nf_tile(const double *distributions, nf_strip strip, double *distances)
{
    __shared__ double shared[2 * NF_TILE * NF_TILE_STRIDE];
    nf_tile_body(distributions, strip, distances, BLOCK_X, BLOCK_Y, shared);
}

extern "C" __global__ void __launch_bounds__(NF_ROW_THREADS)
    nf_row(nf_strip strip, const double *distances, nf_kernel_row *rows)
{
    __shared__ nf_kernel_row shared[NF_ROW_THREADS];
    nf_row_body(strip, distances, rows, BLOCK_X, shared);
}
