/* The driver that runs the kernels on the CPU (fake_cuda/fake_cuda.c), loaded beside the product and told what to do. */
#ifndef NF_TESTS_CUDA_DRIVER_H
#define NF_TESTS_CUDA_DRIVER_H

#include <dlfcn.h>

#include "fake_cuda/fake_cuda.h"
#include "support/cuda_cases.h"

typedef struct driver {
    void *library;
    fake_cuda_reset *reset;
    fake_cuda_calls *calls;
    fake_cuda_live *live;
} driver;

static inline void *found(void *library, const char *name)
{
    void *symbol = dlsym(library, name);
    assert_non_null(symbol);
    return symbol;
}

/* A group's setup: *state is the driver. Loaded under the name that the product asks for, so that it gets this one. */
static inline int load_driver(void **state)
{
    static driver d;
    d.library = dlopen(NOFADE_FAKE_CUDA, RTLD_NOW | RTLD_LOCAL);
    assert_non_null(d.library);
    *(void **)&d.reset = found(d.library, "nf_fake_cuda_reset");
    *(void **)&d.calls = found(d.library, "nf_fake_cuda_calls");
    *(void **)&d.live = found(d.library, "nf_fake_cuda_live");
    *state = &d;
    return 0;
}

#endif
