/* nofade: the few functions of the CUDA driver that are needed, found in libcuda.so.1 when the program runs.
 *
 * Own declarations, so that neither CUDA's headers nor its libraries are needed to build or to start the program; where the
 * headers are, tests/unit/test_cuda_driver.c holds the two against each other. The names with _v2 are what the header's plain
 * names have stood for since CUDA 4 (cuDevicePrimaryCtxRelease: since 11).
 */
#ifndef NF_CUDA_DRIVER_H
#define NF_CUDA_DRIVER_H

#include <stddef.h>

#include "base/error.h"

#ifndef NF_CU_RESULT
#define NF_CU_RESULT int
#endif

enum { NF_CU_SUCCESS = 0, NF_CU_OUT_OF_MEMORY = 2, NF_CU_STREAM_NON_BLOCKING = 1, NF_CU_HOST_PORTABLE = 1 };

typedef unsigned long long nf_cu_address; /* CUdeviceptr: in the device's memory */
typedef struct CUctx_st *nf_cu_context;
typedef struct CUmod_st *nf_cu_module;
typedef struct CUfunc_st *nf_cu_function;
typedef struct CUstream_st *nf_cu_stream;

/* X(name of the field, name in the library, parameters); all return CUresult. */
#define NF_CU_FUNCTIONS(X)                                                                                                       \
    X(init, cuInit, (unsigned flags))                                                                                            \
    X(error_name, cuGetErrorName, (NF_CU_RESULT result, const char **text))                                                      \
    X(error_string, cuGetErrorString, (NF_CU_RESULT result, const char **text))                                                  \
    X(device_count, cuDeviceGetCount, (int *count))                                                                              \
    X(device_get, cuDeviceGet, (int *device, int ordinal))                                                                       \
    X(device_name, cuDeviceGetName, (char *name, int length, int device))                                                        \
    X(context_retain, cuDevicePrimaryCtxRetain, (nf_cu_context *context, int device))                                            \
    X(context_release, cuDevicePrimaryCtxRelease_v2, (int device))                                                               \
    X(context_push, cuCtxPushCurrent_v2, (nf_cu_context context))                                                                \
    X(context_pop, cuCtxPopCurrent_v2, (nf_cu_context * context))                                                                \
    X(module_load, cuModuleLoadData, (nf_cu_module * module, const void *image))                                                 \
    X(module_unload, cuModuleUnload, (nf_cu_module module))                                                                      \
    X(module_function, cuModuleGetFunction, (nf_cu_function * function, nf_cu_module module, const char *name))                  \
    X(memory_alloc, cuMemAlloc_v2, (nf_cu_address * address, size_t bytes))                                                      \
    X(memory_free, cuMemFree_v2, (nf_cu_address address))                                                                        \
    X(host_alloc, cuMemHostAlloc, (void **memory, size_t bytes, unsigned flags))                                                 \
    X(host_free, cuMemFreeHost, (void *memory))                                                                                  \
    X(copy_in, cuMemcpyHtoDAsync_v2, (nf_cu_address to, const void *from, size_t bytes, nf_cu_stream stream))                    \
    X(copy_out, cuMemcpyDtoHAsync_v2, (void *to, nf_cu_address from, size_t bytes, nf_cu_stream stream))                         \
    X(fill, cuMemsetD32Async, (nf_cu_address to, unsigned value, size_t n, nf_cu_stream stream))                                 \
    X(stream_create, cuStreamCreate, (nf_cu_stream * stream, unsigned flags))                                                    \
    X(stream_destroy, cuStreamDestroy_v2, (nf_cu_stream stream))                                                                 \
    X(stream_wait, cuStreamSynchronize, (nf_cu_stream stream))                                                                   \
    X(launch, cuLaunchKernel,                                                                                                    \
      (nf_cu_function function, unsigned grid_x, unsigned grid_y, unsigned grid_z, unsigned block_x, unsigned block_y,           \
       unsigned block_z, unsigned shared_bytes, nf_cu_stream stream, void **arguments, void **extra))

typedef struct nf_driver {
    void *library; /* NULL: not loaded */
#define NF_CU_FIELD(field, symbol, parameters) NF_CU_RESULT(*field) parameters;
    NF_CU_FUNCTIONS(NF_CU_FIELD)
#undef NF_CU_FIELD
} nf_driver;

/* NF_ERR_USAGE: this machine has no driver, or one that lacks a function. */
nf_status nf_driver_open(nf_driver *driver, nf_error *error);
/* NULL-safe members; leaves *driver zeroed. */
void nf_driver_close(nf_driver *driver);

#endif
