/* What a CUDA device does with nofade's kernels, beside one core (counts) or all of them (distances). bench_cuda [MIB [CLASSES]]
 *
 * A line each: name, figure, unit. Exit 77: no device. MIB of pixels lie on the device for the kernel alone; CLASSES are 21841,
 * ImageNet's, of which the CPU does an eighth and the time is taken times 64.
 */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cuda/device_internal.h"
#include "metrics/backend.h"
#include "metrics/distance.h"

enum { ROUNDS = 20, IMAGE_PX = 1024, IMAGE_WORDS = 3 * IMAGE_PX / 4 };

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static void need(nf_status status, const nf_error *error)
{
    if (status == NF_OK)
        return;
    fprintf(stderr, "bench_cuda: %s\n", error->message);
    exit(1);
}

static void check(const nf_gpu *gpu, int result)
{
    nf_error error = {0};
    need(nf_gpu_check(gpu, result, "measure", &error), &error);
}

static uint8_t *random_bytes(size_t n)
{
    uint8_t *bytes = malloc(n);
    uint64_t state = 88172645463325252u;
    for (size_t i = 0; bytes != NULL && i < n; i++) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes[i] = (uint8_t)(state >> 32);
    }
    return bytes;
}

typedef int copy_on_device(nf_cu_address to, nf_cu_address from, size_t bytes, nf_cu_stream stream);

/* Reading and writing, by the driver's own copy. */
static void measure_memory(nf_gpu *gpu, nf_cu_address pixels, size_t bytes)
{
    copy_on_device *copy;
    nf_cu_stream stream = gpu->stages[0].stream;
    *(void **)&copy = dlsym(gpu->driver.library, "cuMemcpyDtoDAsync_v2");
    if (copy == NULL)
        return;
    double start = 0.0;
    for (int i = -1; i < ROUNDS; i++) {
        check(gpu, copy(pixels, pixels + bytes / 2, bytes / 2, stream));
        if (i < 0) {
            check(gpu, gpu->driver.stream_wait(stream));
            start = seconds();
        }
    }
    check(gpu, gpu->driver.stream_wait(stream));
    printf("device memory\t%.1f\tGB/s\n", 1e-9 * (double)bytes * ROUNDS / (seconds() - start));
}

/* Images of CIFAR's shape that lie on the device already. */
static void measure_kernel(nf_gpu *gpu, size_t bytes)
{
    const uint32_t n = (uint32_t)(bytes / (4 * IMAGE_WORDS));
    nf_cu_address pixels = 0, pieces = 0, counts = 0;
    nf_cu_stream stream = gpu->stages[0].stream;
    const size_t stage_bytes = sizeof gpu->stages[0].input->words;
    nf_kernel_piece *at = (nf_kernel_piece *)gpu->stages[0].input->words;
    uint8_t *drawn = random_bytes(stage_bytes);
    check(gpu, gpu->driver.memory_alloc(&pixels, bytes));
    check(gpu, gpu->driver.memory_alloc(&pieces, n * sizeof *at));
    check(gpu, gpu->driver.memory_alloc(&counts, (size_t)n * 4 * NF_KERNEL_LEVELS));
    memcpy(gpu->stages[0].input->words, drawn, stage_bytes);
    for (size_t done = 0; done < bytes; done += stage_bytes) {
        check(gpu, gpu->driver.copy_in(pixels + done, gpu->stages[0].input->words,
                                       bytes - done < stage_bytes ? bytes - done : stage_bytes, stream));
        check(gpu, gpu->driver.stream_wait(stream));
    }
    for (uint32_t i = 0; i < n; i++) {
        const uint32_t slot = i % (uint32_t)(stage_bytes / sizeof *at);
        at[slot] = (nf_kernel_piece){i * IMAGE_WORDS, IMAGE_PX, NF_KERNEL_PLANAR, i};
        if (slot + 1 == stage_bytes / sizeof *at || i + 1 == n) {
            check(gpu, gpu->driver.copy_in(pieces + (i - slot) * sizeof *at, at, (slot + 1) * sizeof *at, stream));
            check(gpu, gpu->driver.stream_wait(stream));
        }
    }
    check(gpu, gpu->driver.fill(counts, 0, (size_t)n * NF_KERNEL_LEVELS, stream));
    void *arguments[] = {&pixels, &pieces, &counts};
    double start = 0.0;
    for (int i = -1; i < ROUNDS; i++) {
        check(gpu, gpu->driver.launch(gpu->count, n, 1, 1, NF_COUNT_THREADS, 1, 1, 0, stream, arguments, NULL));
        if (i < 0) {
            check(gpu, gpu->driver.stream_wait(stream));
            start = seconds();
        }
    }
    check(gpu, gpu->driver.stream_wait(stream));
    printf("count kernel\t%.1f\tGB/s of pixels\n", 1e-9 * 4 * IMAGE_WORDS * n * ROUNDS / (seconds() - start));
    measure_memory(gpu, pixels, bytes / 16 * 16);
    check(gpu, gpu->driver.memory_free(pixels));
    check(gpu, gpu->driver.memory_free(pieces));
    check(gpu, gpu->driver.memory_free(counts));
    free(drawn);
}

/* From the program's memory to counts in it, against one core on the same bytes. */
static void measure_counts(nf_gpu *gpu, size_t bytes)
{
    const size_t n = bytes / (4 * IMAGE_WORDS);
    uint8_t *pixels = random_bytes(bytes);
    nf_gpu_image *images = calloc(n, sizeof *images);
    uint32_t (*counts)[NF_GREY_LEVELS] = calloc(n, sizeof *counts);
    nf_error error = {0};
    if (pixels == NULL || images == NULL || counts == NULL)
        exit(1);
    for (size_t i = 0; i < n; i++)
        images[i] = (nf_gpu_image){pixels + i * 4 * IMAGE_WORDS, IMAGE_PX, NF_GPU_PLANAR, counts[i]};
    need(nf_gpu_count(gpu, images, n, &error), &error);
    double start = seconds();
    need(nf_gpu_count(gpu, images, n, &error), &error);
    printf("counts, with transfers\t%.2f\tGB/s of pixels\n", 1e-9 * (double)bytes / (seconds() - start));
    memset(counts, 0, n * sizeof *counts);
    start = seconds();
    for (size_t i = 0; i < n; i++) {
        const uint8_t *at = images[i].pixels;
        nf_backend_cpu()->count_planar(at, at + IMAGE_PX, at + 2 * IMAGE_PX, IMAGE_PX, counts[i]);
    }
    printf("counts, one core\t%.2f\tGB/s of pixels\n", 1e-9 * (double)bytes / (seconds() - start));
    free(pixels);
    free(images);
    free(counts);
}

static double *random_distributions(size_t n_classes, size_t n_bins)
{
    uint8_t *drawn = random_bytes(n_classes * n_bins);
    double *all = calloc(n_classes * n_bins, sizeof *all);
    if (drawn == NULL || all == NULL)
        exit(1);
    for (size_t k = 0; k < n_classes; k++) {
        double sum = 0.0;
        for (size_t i = 0; i < n_bins; i++)
            sum += all[k * n_bins + i] = drawn[k * n_bins + i] < 64 ? 0.0 : (double)drawn[k * n_bins + i];
        for (size_t i = 0; i < n_bins; i++)
            all[k * n_bins + i] /= sum;
    }
    free(drawn);
    return all;
}

static void measure_distances(nf_gpu *gpu, size_t n_classes, size_t n_bins)
{
    double *all = random_distributions(n_classes, n_bins);
    nf_gpu_row *rows = calloc(n_classes, sizeof *rows);
    nf_distance_summary summary;
    nf_error error = {0};
    double start = seconds();
    need(nf_gpu_distances(gpu, all, (uint32_t)n_classes, (uint32_t)n_bins, 1.0, rows, &error), &error);
    printf("distances of %zu classes x %zu bins\t%.3f\ts\n", n_classes, n_bins, seconds() - start);
    start = seconds();
    need(nf_distance_summarise(all, n_classes / 8, n_bins, NF_LOG_E, &summary, &error), &error);
    printf("the same, all cores (64 times an eighth of the classes)\t%.3f\ts\n", 64 * (seconds() - start));
    free(all);
    free(rows);
}

int main(int argc, char **argv)
{
    const size_t bytes = (size_t)(argc > 1 ? atol(argv[1]) : 1024) << 20, n_classes = (size_t)(argc > 2 ? atol(argv[2]) : 21841);
    nf_gpu *gpu = NULL;
    nf_error error = {0};
    if (nf_gpu_open(&gpu, &error) != NF_OK) {
        printf("SKIP bench_cuda: %s\n", error.message);
        return 77;
    }
    printf("device\t%s\t\n", nf_gpu_name(gpu));
    need(nf_gpu_enter(gpu, &error), &error);
    measure_kernel(gpu, bytes);
    nf_gpu_leave(gpu);
    measure_counts(gpu, bytes);
    measure_distances(gpu, n_classes, 64);
    measure_distances(gpu, n_classes, 256);
    nf_gpu_close(gpu);
    return 0;
}
