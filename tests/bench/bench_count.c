/* What nofade does to raw pixels once they lie in memory: grey values, histogram and quantised entropy of every image of a
 * CIFAR tar (binary form), one thread. bench_count TAR prints the images, their mean entropy, and the CPU seconds of that loop
 * alone; bench_numpy.py does the same to the same arrays.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "loaders/source/entries.h"
#include "metrics/backend.h"
#include "metrics/entropy.h"

enum { PLANE_PX = 32 * 32, RECORD_BYTES = 1 + 3 * PLANE_PX };

static nf_status read_records(nf_entries *entries, nf_buf *records, nf_error *error)
{
    nf_entry entry;
    nf_status status;
    while ((status = nf_entries_next(entries, &entry, error)) == NF_OK) {
        size_t n = strlen(entry.path);
        if (entry.kind != NF_ENTRY_FILE || n < 4 || strcmp(entry.path + n - 4, ".bin") != 0)
            continue;
        if ((status = nf_stream_read_all(nf_entries_data(entries), SIZE_MAX, records, error)) != NF_OK)
            return status;
    }
    return status == NF_EOF ? NF_OK : status;
}

static double cpu_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static uint64_t quantised_entropy(const uint8_t *pixels)
{
    uint32_t counts[NF_GREY_LEVELS] = {0};
    nf_backend_cpu()->count_planar(pixels, pixels + PLANE_PX, pixels + 2 * PLANE_PX, PLANE_PX, counts);
    return nf_entropy_quantised(counts);
}

static void count(const nf_buf *records)
{
    size_t n = records->len / RECORD_BYTES;
    double sum = 0, begun = cpu_seconds();
    for (size_t i = 0; i < n; i++)
        sum += (double)quantised_entropy(records->data + i * RECORD_BYTES + 1);
    double seconds = cpu_seconds() - begun;
    printf("%zu images, mean entropy %.6f bits, %.4f s\n", n, n > 0 ? sum / NF_Q_PER_BIT / (double)n : 0, seconds);
}

int main(int argc, char **argv)
{
    nf_entries *entries = NULL;
    nf_buf records = {0};
    nf_error error = {0};
    if (argc != 2) {
        fputs("usage: bench_count TAR\n", stderr);
        return 2;
    }
    nf_status status = nf_entries_open(&entries, argv[1], &error);
    if (status == NF_OK)
        status = read_records(entries, &records, &error);
    nf_entries_close(entries);
    if (status == NF_OK)
        count(&records);
    else
        fprintf(stderr, "bench_count: %s\n", error.message);
    nf_buf_free(&records);
    return status == NF_OK ? 0 : 3;
}
