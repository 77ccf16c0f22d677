/* Executes the calls of the CUDA driver that nofade makes on the CPU: for tests alone. This is no GPU, and says nothing about how
 * fast or how parallel one is: it is a driver for machines without one, so that all that nofade does around the kernels (loading,
 * memory, streams, staging, errors) runs end to end, with the very kernel bodies that a device gets.
 *
 * It is stricter than a driver need be. Work put on a stream is done when the stream is waited for and not before, so that a
 * buffer used too early, or overwritten too soon, shows. Asynchronous copies must be from and to pinned memory; every address must
 * lie in an allocation; calls need a current context; what is freed must not be in use. Whoever breaks a rule is told on standard
 * error, and the process aborts.
 *
 * NOFADE_FAKE_CUDA in the environment: "devices=N fail=N code=N", as fake_cuda_reset has them. One thread.
 */
#include "fake_cuda/fake_cuda.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cuda/driver.h"
#include "support/cuda_grid.h"

enum { BLOCKS_MAX = 64, STREAMS_MAX = 8, WORK_MAX = 64, INVALID_VALUE = 1, NO_DEVICE = 100, INVALID_IMAGE = 200, NOT_FOUND = 500 };

typedef struct block {
    char *memory; /* NULL: free */
    size_t bytes;
    bool pinned;
} block;

typedef enum work_kind { COPY_IN, COPY_OUT, FILL, COUNT, TILE, ROW } work_kind;

typedef struct work {
    work_kind kind;
    char *to; /* or NULL */
    const char *from;
    size_t bytes;
    unsigned value, n_x, n_y;
    const void *pointers[3];
    nf_strip strip;
} work;

struct CUstream_st {
    bool open;
    work queue[WORK_MAX];
    size_t n;
};
struct CUctx_st {
    int retained, current;
    bool refused; /* to become current: what is in it cannot be freed one by one */
};
struct CUmod_st {
    int loaded;
};
struct CUfunc_st {
    work_kind kind;
};

static block blocks[BLOCKS_MAX];
static struct CUstream_st streams[STREAMS_MAX];
static struct CUctx_st context;
static struct CUmod_st module;
static struct CUfunc_st functions[] = {{COUNT}, {TILE}, {ROW}};
static long n_calls, fail_at;
static int n_devices = 1, fail_code = 719;

fake_cuda_reset nf_fake_cuda_reset;
fake_cuda_calls nf_fake_cuda_calls;
fake_cuda_live nf_fake_cuda_live;

void nf_fake_cuda_reset(int devices, long at, int code)
{
    n_devices = devices;
    fail_at = at;
    fail_code = code;
    n_calls = 0;
}

long nf_fake_cuda_calls(void)
{
    return n_calls;
}

long nf_fake_cuda_live(void)
{
    long live = context.retained + context.current + module.loaded;
    for (size_t i = 0; i < BLOCKS_MAX; i++)
        live += blocks[i].memory != NULL;
    for (size_t i = 0; i < STREAMS_MAX; i++)
        live += streams[i].open;
    return live;
}

static long setting(const char *name, long otherwise)
{
    const char *all = getenv("NOFADE_FAKE_CUDA"), *found = all != NULL ? strstr(all, name) : NULL;
    return found != NULL ? strtol(found + strlen(name), NULL, 10) : otherwise;
}

__attribute__((constructor)) static void read_environment(void)
{
    nf_fake_cuda_reset((int)setting("devices=", 1), setting("fail=", 0), (int)setting("code=", 719));
}

static void refuse(const char *what)
{
    fprintf(stderr, "fake_cuda: %s\n", what);
    abort();
}

/* What the call that is to fail returns, without doing anything. */
#define CALL()                                                                                                                  \
    do {                                                                                                                        \
        if (++n_calls == fail_at)                                                                                               \
            return fail_code;                                                                                                   \
    } while (0)

static void need_context(void)
{
    if (context.current != 1)
        refuse("a call without a current context");
}

/* ---- memory ---- */

static block *block_of(const void *address, size_t bytes)
{
    const char *from = address;
    for (size_t i = 0; i < BLOCKS_MAX; i++)
        if (blocks[i].memory != NULL && from >= blocks[i].memory && from <= blocks[i].memory + blocks[i].bytes &&
            bytes <= blocks[i].bytes - (size_t)(from - blocks[i].memory))
            return &blocks[i];
    return NULL;
}

static void *need(const void *address, size_t bytes, bool pinned, const char *what)
{
    const block *found = block_of(address, bytes);
    if (found == NULL || found->pinned != pinned)
        refuse(what);
    return found->memory + ((const char *)address - found->memory);
}

static void *device_memory(nf_cu_address address, size_t bytes)
{
    return need((const void *)(uintptr_t)address, bytes, false, "an address outside the device's memory");
}

static int take(size_t bytes, bool pinned, void **memory)
{
    need_context();
    for (size_t i = 0; i < BLOCKS_MAX; i++)
        if (blocks[i].memory == NULL) {
            blocks[i] = (block){malloc(bytes), bytes, pinned};
            memset(blocks[i].memory, 0xa5, bytes);
            *memory = blocks[i].memory;
            return NF_CU_SUCCESS;
        }
    return NF_CU_OUT_OF_MEMORY;
}

static bool uses(const work *w, const block *of)
{
    const void *all[] = {w->to, w->from, w->pointers[0], w->pointers[1], w->pointers[2]};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (all[i] != NULL && block_of(all[i], 0) == of)
            return true;
    return false;
}

static void give_back(void *memory, bool pinned)
{
    block *found = block_of(memory, 0);
    need_context();
    if (found == NULL || found->memory != memory || found->pinned != pinned)
        refuse("memory is freed that was never taken");
    for (size_t i = 0; i < STREAMS_MAX; i++)
        for (size_t j = 0; j < streams[i].n; j++)
            if (uses(&streams[i].queue[j], found))
                refuse("memory is freed while it is in use");
    free(found->memory);
    *found = (block){0};
}

int cuMemAlloc_v2(nf_cu_address *address, size_t bytes);
int cuMemAlloc_v2(nf_cu_address *address, size_t bytes)
{
    void *memory = NULL;
    CALL();
    int result = take(bytes, false, &memory);
    *address = (uintptr_t)memory;
    return result;
}

int cuMemHostAlloc(void **memory, size_t bytes, unsigned flags);
int cuMemHostAlloc(void **memory, size_t bytes, unsigned flags)
{
    CALL();
    return flags > 7 ? INVALID_VALUE : take(bytes, true, memory);
}

/* Even when they fail, so that only nofade's own leaks are found. */
int cuMemFree_v2(nf_cu_address address);
int cuMemFree_v2(nf_cu_address address)
{
    give_back((void *)(uintptr_t)address, false);
    CALL();
    return NF_CU_SUCCESS;
}

int cuMemFreeHost(void *memory);
int cuMemFreeHost(void *memory)
{
    give_back(memory, true);
    CALL();
    return NF_CU_SUCCESS;
}

/* ---- device, context, module ---- */

int cuInit(unsigned flags);
int cuInit(unsigned flags)
{
    CALL();
    return flags != 0 ? INVALID_VALUE : n_devices < 0 ? NO_DEVICE : NF_CU_SUCCESS;
}

static const struct {
    int result;
    const char *name, *text;
} results[] = {
    {NF_CU_OUT_OF_MEMORY, "CUDA_ERROR_OUT_OF_MEMORY", "out of memory"},
    {NO_DEVICE, "CUDA_ERROR_NO_DEVICE", "no CUDA-capable device is detected"},
    {209, "CUDA_ERROR_NO_BINARY_FOR_GPU", "no kernel image is available for execution on the device"},
    {222, "CUDA_ERROR_UNSUPPORTED_PTX_VERSION", "the provided PTX was compiled with an unsupported toolchain."},
    {719, "CUDA_ERROR_LAUNCH_FAILED", "unspecified launch failure"},
    {803, "CUDA_ERROR_SYSTEM_DRIVER_MISMATCH", "system has unsupported display driver / cuda driver combination"},
};

int cuGetErrorName(int result, const char **text);
int cuGetErrorName(int result, const char **text)
{
    *text = NULL;
    for (size_t i = 0; i < sizeof results / sizeof *results; i++)
        if (results[i].result == result)
            *text = results[i].name;
    return *text != NULL ? NF_CU_SUCCESS : INVALID_VALUE;
}

int cuGetErrorString(int result, const char **text);
int cuGetErrorString(int result, const char **text)
{
    *text = NULL;
    for (size_t i = 0; i < sizeof results / sizeof *results; i++)
        if (results[i].result == result)
            *text = results[i].text;
    return *text != NULL ? NF_CU_SUCCESS : INVALID_VALUE;
}

int cuDeviceGetCount(int *count);
int cuDeviceGetCount(int *count)
{
    CALL();
    *count = n_devices;
    return NF_CU_SUCCESS;
}

int cuDeviceGet(int *device, int ordinal);
int cuDeviceGet(int *device, int ordinal)
{
    CALL();
    *device = 7 + ordinal;
    return ordinal < n_devices ? NF_CU_SUCCESS : INVALID_VALUE;
}

int cuDeviceGetName(char *name, int length, int device);
int cuDeviceGetName(char *name, int length, int device)
{
    CALL();
    snprintf(name, (size_t)length, "CPU in place of device %d", device - 7);
    return NF_CU_SUCCESS;
}

int cuDevicePrimaryCtxRetain(nf_cu_context *made, int device);
int cuDevicePrimaryCtxRetain(nf_cu_context *made, int device)
{
    CALL();
    if (device != 7)
        return INVALID_VALUE;
    context.retained++;
    *made = &context;
    return NF_CU_SUCCESS;
}

/* As a driver does when the last one releases it. */
static void empty_context(void)
{
    if (!context.refused && nf_fake_cuda_live() != 0)
        refuse("a context is released with things in it");
    for (size_t i = 0; i < BLOCKS_MAX; i++) {
        free(blocks[i].memory);
        blocks[i] = (block){0};
    }
    memset(streams, 0, sizeof streams);
    module.loaded = 0;
    context.refused = false;
}

int cuDevicePrimaryCtxRelease_v2(int device);
int cuDevicePrimaryCtxRelease_v2(int device)
{
    if (device != 7 || context.retained == 0)
        refuse("a context is released that was not retained");
    context.retained--;
    if (context.retained == 0)
        empty_context();
    CALL();
    return NF_CU_SUCCESS;
}

int cuCtxPushCurrent_v2(nf_cu_context pushed);
int cuCtxPushCurrent_v2(nf_cu_context pushed)
{
    if (pushed != &context || context.retained == 0)
        refuse("a context is made current that is not retained");
    context.refused = context.refused || n_calls + 1 == fail_at;
    context.current += n_calls + 1 != fail_at;
    CALL();
    return NF_CU_SUCCESS;
}

int cuCtxPopCurrent_v2(nf_cu_context *popped);
int cuCtxPopCurrent_v2(nf_cu_context *popped)
{
    need_context();
    context.current--;
    *popped = &context;
    CALL();
    return NF_CU_SUCCESS;
}

/* PTX as text, or a fatbin by its first bytes. */
int cuModuleLoadData(nf_cu_module *loaded, const void *image);
int cuModuleLoadData(nf_cu_module *loaded, const void *image)
{
    static const unsigned char fatbin[] = {0x50, 0xed, 0x55, 0xba};
    need_context();
    CALL();
    if (memcmp(image, fatbin, sizeof fatbin) != 0 && strstr(image, ".visible .entry nf_count(") == NULL)
        return INVALID_IMAGE;
    module.loaded++;
    *loaded = &module;
    return NF_CU_SUCCESS;
}

int cuModuleUnload(nf_cu_module unloaded);
int cuModuleUnload(nf_cu_module unloaded)
{
    need_context();
    unloaded->loaded--;
    CALL();
    return NF_CU_SUCCESS;
}

int cuModuleGetFunction(nf_cu_function *function, nf_cu_module of, const char *name);
int cuModuleGetFunction(nf_cu_function *function, nf_cu_module of, const char *name)
{
    static const char *const names[] = {"nf_count", "nf_tile", "nf_row"};
    need_context();
    CALL();
    for (size_t i = 0; of->loaded > 0 && i < sizeof names / sizeof *names; i++)
        if (strcmp(name, names[i]) == 0) {
            *function = &functions[i];
            return NF_CU_SUCCESS;
        }
    return NOT_FOUND;
}

/* ---- streams ---- */

int cuStreamCreate(nf_cu_stream *stream, unsigned flags);
int cuStreamCreate(nf_cu_stream *stream, unsigned flags)
{
    need_context();
    CALL();
    for (size_t i = 0; flags == NF_CU_STREAM_NON_BLOCKING && i < STREAMS_MAX; i++)
        if (!streams[i].open) {
            streams[i].open = true;
            *stream = &streams[i];
            return NF_CU_SUCCESS;
        }
    return INVALID_VALUE;
}

int cuStreamDestroy_v2(nf_cu_stream stream);
int cuStreamDestroy_v2(nf_cu_stream stream)
{
    need_context();
    stream->open = false;
    stream->n = 0;
    CALL();
    return NF_CU_SUCCESS;
}

static void put(nf_cu_stream stream, work w)
{
    need_context();
    if (stream == NULL || !stream->open || stream->n == WORK_MAX)
        refuse("work for a stream that is not open, or never waited for");
    stream->queue[stream->n++] = w;
}

int cuMemcpyHtoDAsync_v2(nf_cu_address to, const void *from, size_t bytes, nf_cu_stream stream);
int cuMemcpyHtoDAsync_v2(nf_cu_address to, const void *from, size_t bytes, nf_cu_stream stream)
{
    CALL();
    put(stream, (work){.kind = COPY_IN, .to = device_memory(to, bytes), .bytes = bytes,
                       .from = need(from, bytes, true, "an asynchronous copy from memory that is not pinned")});
    return NF_CU_SUCCESS;
}

int cuMemcpyDtoHAsync_v2(void *to, nf_cu_address from, size_t bytes, nf_cu_stream stream);
int cuMemcpyDtoHAsync_v2(void *to, nf_cu_address from, size_t bytes, nf_cu_stream stream)
{
    CALL();
    put(stream, (work){.kind = COPY_OUT, .from = device_memory(from, bytes), .bytes = bytes,
                       .to = need(to, bytes, true, "an asynchronous copy to memory that is not pinned")});
    return NF_CU_SUCCESS;
}

int cuMemsetD32Async(nf_cu_address to, unsigned value, size_t n, nf_cu_stream stream);
int cuMemsetD32Async(nf_cu_address to, unsigned value, size_t n, nf_cu_stream stream)
{
    CALL();
    put(stream, (work){.kind = FILL, .to = device_memory(to, 4 * n), .bytes = 4 * n, .value = value});
    return NF_CU_SUCCESS;
}

static void *address_at(void **arguments, size_t i)
{
    return device_memory(*(nf_cu_address *)arguments[i], 0);
}

/* The arguments are read now; all that they point to, when the stream is waited for. */
int cuLaunchKernel(nf_cu_function f, unsigned grid_x, unsigned grid_y, unsigned grid_z, unsigned block_x, unsigned block_y,
                   unsigned block_z, unsigned shared_bytes, nf_cu_stream stream, void **arguments, void **extra);
int cuLaunchKernel(nf_cu_function f, unsigned grid_x, unsigned grid_y, unsigned grid_z, unsigned block_x, unsigned block_y,
                   unsigned block_z, unsigned shared_bytes, nf_cu_stream stream, void **arguments, void **extra)
{
    const unsigned threads[] = {[COUNT] = NF_COUNT_THREADS, [TILE] = NF_TILE_THREADS, [ROW] = NF_ROW_THREADS};
    CALL();
    if (grid_x == 0 || grid_y == 0 || grid_y > 65535 || grid_z != 1 || block_x != threads[f->kind] || block_y != 1 ||
        block_z != 1 || shared_bytes != 0 || extra != NULL)
        return INVALID_VALUE;
    work w = {.kind = f->kind, .n_x = grid_x, .n_y = grid_y};
    for (size_t i = 0; i < 3; i++)
        if (i == (f->kind == TILE ? 1 : 0) && f->kind != COUNT)
            w.strip = *(nf_strip *)arguments[i];
        else
            w.pointers[i] = address_at(arguments, i);
    put(stream, w);
    return NF_CU_SUCCESS;
}

/* A const address as the bodies' outputs need it. */
static void *writable(const void *address)
{
    return need(address, 0, false, "an address outside the device's memory");
}

static void run_count(const work *w)
{
    const nf_kernel_piece *pieces = w->pointers[1];
    for (unsigned i = 0; i < w->n_x; i++) {
        const size_t words = (size_t)nf_piece_words(pieces[i].n_px) * (pieces[i].format == NF_KERNEL_GREY ? 1 : 3);
        need((const uint32_t *)w->pointers[0] + pieces[i].first_word, 4 * words, false, "a piece outside the pixels");
        need((const uint32_t *)w->pointers[2] + (size_t)pieces[i].image * NF_KERNEL_LEVELS, 4 * NF_KERNEL_LEVELS, false,
             "counts outside their memory");
    }
    run_count_grid(w->n_x, w->pointers[0], pieces, writable(w->pointers[2]));
}

static void run(const work *w)
{
    switch (w->kind) {
    case COPY_IN:
    case COPY_OUT:
        memcpy(w->to, w->from, w->bytes);
        break;
    case FILL:
        for (size_t i = 0; i < w->bytes; i += 4)
            memcpy(w->to + i, &w->value, 4);
        break;
    case COUNT:
        run_count(w);
        break;
    case TILE:
        need(w->pointers[2], (size_t)w->strip.n_rows * w->strip.n_classes * sizeof(double), false, "a strip outside its memory");
        run_tile_grid(w->n_x, w->n_y, w->pointers[0], w->strip, writable(w->pointers[2]));
        break;
    default:
        need(w->pointers[2], w->strip.n_rows * sizeof(nf_kernel_row), false, "rows outside their memory");
        run_row_grid(w->n_x, w->strip, w->pointers[1], writable(w->pointers[2]));
    }
}

int cuStreamSynchronize(nf_cu_stream stream);
int cuStreamSynchronize(nf_cu_stream stream)
{
    need_context();
    const size_t n = stream->n;
    if (n_calls + 1 == fail_at) /* what had been put there is lost */
        stream->n = 0;
    CALL();
    for (size_t i = 0; i < n; i++)
        run(&stream->queue[i]);
    stream->n = 0;
    return NF_CU_SUCCESS;
}
