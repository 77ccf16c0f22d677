/* What a test in the same process may say to fake_cuda.c; found with dlsym. */
#ifndef NF_TESTS_FAKE_CUDA_H
#define NF_TESTS_FAKE_CUDA_H

#include <stddef.h>

/* From now on: the fail_at-th call (1: the next one; 0: none) returns `code`, and there are n_devices. */
typedef void fake_cuda_reset(int n_devices, long fail_at, int code);
/* How many calls since then. */
typedef long fake_cuda_calls(void);
/* Allocations, streams, modules and contexts that have not been given back. */
typedef long fake_cuda_live(void);

#endif
