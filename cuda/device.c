/* nofade: a CUDA device, from the driver's library to memory that is ready for work, and back. */
#include "cuda/device_internal.h"

#include <stdlib.h>
#include <string.h>

nf_status nf_gpu_check(const nf_gpu *gpu, NF_CU_RESULT result, const char *what, nf_error *error)
{
    const char *name = NULL, *text = NULL;
    if (result == NF_CU_SUCCESS)
        return NF_OK;
    if (gpu->driver.error_name(result, &name) != NF_CU_SUCCESS || name == NULL)
        name = "an error without a name";
    if (gpu->driver.error_string(result, &text) != NF_CU_SUCCESS || text == NULL)
        text = "";
    const size_t n = strlen(text), n_told = n > 0 && text[n - 1] == '.' ? n - 1 : n;
    return nf_fail(error, result == NF_CU_OUT_OF_MEMORY ? NF_ERR_NOMEM : NF_ERR_INTERNAL, "CUDA cannot %s: %s%s%.*s", what, name,
                   n_told > 0 ? ": " : "", (int)n_told, text);
}

nf_status nf_gpu_enter(nf_gpu *gpu, nf_error *error)
{
    return nf_gpu_check(gpu, gpu->driver.context_push(gpu->context), "make its context current", error);
}

void nf_gpu_leave(nf_gpu *gpu)
{
    nf_cu_context context;
    (void)gpu->driver.context_pop(&context); /* nothing could be done about a failure that the next call would not meet */
}

static nf_status find_device(nf_gpu *gpu, nf_error *error)
{
    int n = 0;
    nf_status status = nf_gpu_check(gpu, gpu->driver.init(0), "start", error);
    if (status == NF_OK)
        status = nf_gpu_check(gpu, gpu->driver.device_count(&n), "list the devices", error);
    if (status == NF_OK && n == 0)
        return nf_fail(error, NF_ERR_USAGE, "there is no CUDA device");
    if (status == NF_OK)
        status = nf_gpu_check(gpu, gpu->driver.device_get(&gpu->device, 0), "find the first device", error);
    if (status == NF_OK)
        status = nf_gpu_check(gpu, gpu->driver.device_name(gpu->name, (int)sizeof gpu->name - 1, gpu->device),
                              "tell the device's name", error);
    if (status == NF_OK)
        status = nf_gpu_check(gpu, gpu->driver.context_retain(&gpu->context, gpu->device), "open the device", error);
    return status;
}

static nf_status load_module(nf_gpu *gpu, nf_error *error)
{
    const struct {
        const char *name;
        nf_cu_function *function;
    } kernels[] = {{"nf_count", &gpu->count}, {"nf_tile", &gpu->tile}, {"nf_row", &gpu->row}};
    nf_status status =
        nf_gpu_check(gpu, gpu->driver.module_load(&gpu->module, nf_cuda_module[0].bytes), "load the kernels", error);
    for (size_t i = 0; i < sizeof kernels / sizeof *kernels && status == NF_OK; i++)
        status = nf_gpu_check(gpu, gpu->driver.module_function(kernels[i].function, gpu->module, kernels[i].name),
                              "find a kernel", error);
    return status;
}

static nf_status make_stage(nf_gpu *gpu, nf_stage *stage, nf_error *error)
{
    const size_t counts_bytes = sizeof(uint32_t) * NF_STAGE_IMAGES * NF_KERNEL_LEVELS;
    const nf_driver *driver = &gpu->driver;
    void *input = NULL, *counts = NULL;
    nf_status status = nf_gpu_check(gpu, driver->stream_create(&stage->stream, NF_CU_STREAM_NON_BLOCKING), "make a stream", error);
    if (status == NF_OK)
        status = nf_gpu_check(gpu, driver->host_alloc(&input, sizeof *stage->input, NF_CU_HOST_PORTABLE), "pin memory", error);
    stage->input = input;
    if (status == NF_OK)
        status = nf_gpu_check(gpu, driver->host_alloc(&counts, counts_bytes, NF_CU_HOST_PORTABLE), "pin memory", error);
    stage->counts = counts;
    if (status == NF_OK)
        status = nf_gpu_check(gpu, driver->memory_alloc(&stage->device_input, sizeof *stage->input), "take the device's memory",
                              error);
    if (status == NF_OK)
        status = nf_gpu_check(gpu, driver->memory_alloc(&stage->device_counts, counts_bytes), "take the device's memory", error);
    return status;
}

static void free_stage(nf_gpu *gpu, nf_stage *stage)
{
    const nf_driver *driver = &gpu->driver;
    if (stage->stream != NULL)
        driver->stream_wait(stage->stream);
    if (stage->device_counts != 0)
        driver->memory_free(stage->device_counts);
    if (stage->device_input != 0)
        driver->memory_free(stage->device_input);
    if (stage->counts != NULL)
        driver->host_free(stage->counts);
    if (stage->input != NULL)
        driver->host_free(stage->input);
    if (stage->stream != NULL)
        driver->stream_destroy(stage->stream);
}

/* What goes wrong before the memory is taken means that the device cannot be used, not that it has failed. */
static nf_status open_device(nf_gpu *gpu, nf_error *error)
{
    nf_error fault = {NF_OK, ""};
    if (nf_cuda_module[0].name == NULL)
        return nf_fail(error, NF_ERR_USAGE, "this nofade was built without CUDA");
    nf_status status = nf_driver_open(&gpu->driver, error);
    if (status != NF_OK)
        return status;
    status = find_device(gpu, &fault);
    if (status == NF_OK && (status = nf_gpu_enter(gpu, &fault)) == NF_OK) {
        status = load_module(gpu, &fault);
        for (size_t i = 0; i < NF_STAGES && status == NF_OK; i++)
            status = make_stage(gpu, &gpu->stages[i], &fault);
        nf_gpu_leave(gpu);
    }
    if (status != NF_OK)
        return nf_fail(error, status == NF_ERR_NOMEM ? NF_ERR_NOMEM : NF_ERR_USAGE, "%s", fault.message);
    return NF_OK;
}

nf_status nf_gpu_open(nf_gpu **gpu, nf_error *error)
{
    *gpu = calloc(1, sizeof **gpu);
    if (*gpu == NULL)
        return nf_fail_nomem(error, "a CUDA device");
    nf_status status = open_device(*gpu, error);
    if (status != NF_OK) {
        nf_gpu_close(*gpu);
        *gpu = NULL;
    }
    return status;
}

void nf_gpu_close(nf_gpu *gpu)
{
    if (gpu == NULL)
        return;
    if (gpu->context != NULL) {
        if (nf_gpu_enter(gpu, NULL) == NF_OK) { /* else it all goes with the context */
            for (size_t i = 0; i < NF_STAGES; i++)
                free_stage(gpu, &gpu->stages[i]);
            if (gpu->module != NULL)
                gpu->driver.module_unload(gpu->module);
            nf_gpu_leave(gpu);
        }
        gpu->driver.context_release(gpu->device);
    }
    nf_driver_close(&gpu->driver);
    free(gpu);
}

const char *nf_gpu_name(const nf_gpu *gpu)
{
    return gpu->name;
}
