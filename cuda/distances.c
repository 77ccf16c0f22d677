/* nofade: class distances on a CUDA device: strips of the matrix, each made and then summed up row by row, so that the matrix
 * itself is never kept. All on one stream: each strip waits for the one before it. */
#include "cuda/device_internal.h"

#include <string.h>

enum { STRIP_BYTES = 64 << 20 };

typedef struct distance_memory {
    nf_cu_address distributions, strip, rows;
    void *pinned; /* what is on its way to or from the device, a part at a time */
    size_t pinned_bytes;
} distance_memory;

static void free_memory(nf_gpu *gpu, distance_memory *memory)
{
    const nf_cu_address addresses[] = {memory->distributions, memory->strip, memory->rows};
    for (size_t i = 0; i < sizeof addresses / sizeof *addresses; i++)
        if (addresses[i] != 0)
            gpu->driver.memory_free(addresses[i]);
}

static uint32_t rows_of_a_strip(uint32_t n_classes)
{
    const size_t fitting = STRIP_BYTES / (n_classes * sizeof(double)) / NF_TILE * NF_TILE;
    const uint32_t all = (n_classes + NF_TILE - 1) / NF_TILE * NF_TILE;
    return fitting < NF_TILE ? NF_TILE : fitting < all ? (uint32_t)fitting : all;
}

static nf_status take_memory(nf_gpu *gpu, size_t distribution_bytes, uint32_t n_classes, distance_memory *memory, nf_error *error)
{
    const struct {
        nf_cu_address *address;
        size_t bytes;
    } parts[] = {
        {&memory->distributions, distribution_bytes},
        {&memory->strip, (size_t)rows_of_a_strip(n_classes) * n_classes * sizeof(double)},
        {&memory->rows, n_classes * sizeof(nf_kernel_row)},
    };
    nf_status status = NF_OK;
    for (size_t i = 0; i < sizeof parts / sizeof *parts && status == NF_OK; i++)
        status = nf_gpu_check(gpu, gpu->driver.memory_alloc(parts[i].address, parts[i].bytes),
                              "take the device's memory for class distances", error);
    memory->pinned = gpu->stages[0].input;
    memory->pinned_bytes = sizeof *gpu->stages[0].input;
    return status;
}

/* Through the pinned memory of a stage, which nothing else uses meanwhile. */
static nf_status send(nf_gpu *gpu, distance_memory *memory, const void *from, size_t bytes, nf_error *error)
{
    nf_cu_stream stream = gpu->stages[0].stream;
    nf_status status = NF_OK;
    for (size_t done = 0, part; done < bytes && status == NF_OK; done += part) {
        part = bytes - done < memory->pinned_bytes ? bytes - done : memory->pinned_bytes;
        memcpy(memory->pinned, (const char *)from + done, part);
        status = nf_gpu_check(gpu, gpu->driver.copy_in(memory->distributions + done, memory->pinned, part, stream),
                              "copy class distributions", error);
        if (status == NF_OK)
            status = nf_gpu_check(gpu, gpu->driver.stream_wait(stream), "copy class distributions", error);
    }
    return status;
}

static nf_status measure_strip(nf_gpu *gpu, const distance_memory *memory, nf_strip strip, nf_error *error)
{
    nf_cu_stream stream = gpu->stages[0].stream;
    nf_cu_address rows = memory->rows + strip.first_row * sizeof(nf_kernel_row);
    nf_cu_address distributions = memory->distributions, distances = memory->strip;
    void *tile_arguments[] = {&distributions, &strip, &distances}, *row_arguments[] = {&strip, &distances, &rows};
    const uint32_t n_x = (strip.n_classes + NF_TILE - 1) / NF_TILE, n_y = (strip.n_rows + NF_TILE - 1) / NF_TILE;
    nf_status status = nf_gpu_check(
        gpu, gpu->driver.launch(gpu->tile, n_x, n_y, 1, NF_TILE_THREADS, 1, 1, 0, stream, tile_arguments, NULL),
        "measure class distances", error);
    if (status == NF_OK)
        status = nf_gpu_check(
            gpu, gpu->driver.launch(gpu->row, strip.n_rows, 1, 1, NF_ROW_THREADS, 1, 1, 0, stream, row_arguments, NULL),
            "sum up class distances", error);
    return status;
}

static nf_status fetch_rows(nf_gpu *gpu, const distance_memory *memory, uint32_t n_rows, nf_gpu_row *rows, nf_error *error)
{
    const uint32_t at_a_time = (uint32_t)(memory->pinned_bytes / sizeof(nf_kernel_row));
    const nf_kernel_row *pinned = memory->pinned;
    nf_cu_stream stream = gpu->stages[0].stream;
    nf_status status = NF_OK;
    for (uint32_t done = 0, part; done < n_rows && status == NF_OK; done += part) {
        part = n_rows - done < at_a_time ? n_rows - done : at_a_time;
        status = nf_gpu_check(gpu, gpu->driver.copy_out(memory->pinned, memory->rows + done * sizeof *pinned,
                                                        part * sizeof *pinned, stream), "copy class distances", error);
        if (status == NF_OK)
            status = nf_gpu_check(gpu, gpu->driver.stream_wait(stream), "measure class distances", error);
        for (uint32_t i = 0; i < part && status == NF_OK; i++)
            rows[done + i] = (nf_gpu_row){pinned[i].sum, pinned[i].min_value, pinned[i].max_value, pinned[i].min_b,
                                          pinned[i].max_b};
    }
    return status;
}

static nf_status measure(nf_gpu *gpu, distance_memory *memory, const double *distributions, size_t distribution_bytes,
                         nf_strip all, nf_gpu_row *rows, nf_error *error)
{
    const uint32_t at_a_time = rows_of_a_strip(all.n_classes), n_rows = all.n_rows;
    nf_status status = send(gpu, memory, distributions, distribution_bytes, error);
    for (all.first_row = 0; all.first_row < n_rows && status == NF_OK; all.first_row += at_a_time) {
        all.n_rows = n_rows - all.first_row < at_a_time ? n_rows - all.first_row : at_a_time;
        status = measure_strip(gpu, memory, all, error);
    }
    if (status == NF_OK)
        status = fetch_rows(gpu, memory, n_rows, rows, error);
    if (status != NF_OK)
        (void)gpu->driver.stream_wait(gpu->stages[0].stream); /* what was started must not outlive the memory */
    return status;
}

nf_status nf_gpu_distances(nf_gpu *gpu, const double *distributions, uint32_t n_classes, uint32_t n_bins, double nats_per_unit,
                           nf_gpu_row *rows, nf_error *error)
{
    const size_t bytes = (size_t)n_classes * n_bins * sizeof(double);
    distance_memory memory = {0};
    nf_status status = nf_gpu_enter(gpu, error);
    if (status != NF_OK)
        return status;
    status = take_memory(gpu, bytes, n_classes, &memory, error);
    if (status == NF_OK)
        status = measure(gpu, &memory, distributions, bytes, (nf_strip){n_classes, n_bins, 0, n_classes - 1, nats_per_unit},
                         rows, error);
    free_memory(gpu, &memory);
    nf_gpu_leave(gpu);
    return status;
}
