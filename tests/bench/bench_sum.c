/* The least that any scan of raw pixels does: reads a file, copies its bytes and adds them up. bench_sum FILE */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { COPY_BYTES = 1 << 16 };

static uint64_t sum_of(const uint8_t *bytes, size_t n)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += bytes[i];
    return sum;
}

int main(int argc, char **argv)
{
    static uint8_t bytes[COPY_BYTES], copy[COPY_BYTES];
    uint64_t n_bytes = 0, sum = 0;
    size_t n;
    if (argc != 2) {
        fputs("usage: bench_sum FILE\n", stderr);
        return 2;
    }
    FILE *file = fopen(argv[1], "rb");
    if (file == NULL) {
        perror("bench_sum");
        return 3;
    }
    setvbuf(file, NULL, _IONBF, 0); /* the one copy is ours */
    while ((n = fread(bytes, 1, sizeof bytes, file)) > 0) {
        memcpy(copy, bytes, n);
        sum += sum_of(copy, n);
        n_bytes += n;
    }
    const int failed = ferror(file);
    fclose(file);
    if (failed) {
        fputs("bench_sum: a read failed\n", stderr);
        return 3;
    }
    printf("%" PRIu64 " bytes, sum %" PRIu64 "\n", n_bytes, sum);
    return 0;
}
