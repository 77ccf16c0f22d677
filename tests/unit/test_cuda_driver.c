/* The declarations of cuda/driver.h against CUDA's own header, where it is installed. The compiler is the test. */
#if __has_include(<cuda.h>)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpedantic"
#include <cuda.h>
#pragma GCC diagnostic pop
#define NF_CU_RESULT CUresult
#include "cuda/driver.h"

#define SAME_TYPE(field, symbol, parameters)                                                                                    \
    _Static_assert(__builtin_types_compatible_p(__typeof__(((nf_driver *)0)->field), __typeof__(&symbol)), #symbol);
NF_CU_FUNCTIONS(SAME_TYPE)
_Static_assert(NF_CU_SUCCESS == (int)CUDA_SUCCESS && NF_CU_OUT_OF_MEMORY == (int)CUDA_ERROR_OUT_OF_MEMORY, "results");
_Static_assert(NF_CU_STREAM_NON_BLOCKING == (int)CU_STREAM_NON_BLOCKING && NF_CU_HOST_PORTABLE == CU_MEMHOSTALLOC_PORTABLE, "flags");

int main(void)
{
    return 0;
}
#else
#include <stdio.h>

int main(void)
{
    printf("SKIP test_cuda_driver: cuda.h is not installed\n");
    return 77;
}
#endif
