/* The least that any scan of raw pixels does: reads every member through nofade's own reader, copies its bytes and adds
 * them up. bench_sum PATH
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "loaders/source/entries.h"

enum { COPY_BYTES = 1 << 16 };

static uint64_t sum_of(const uint8_t *bytes, size_t n)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += bytes[i];
    return sum;
}

static nf_status sum_member(nf_stream *data, uint64_t *n_bytes, uint64_t *sum, nf_error *error)
{
    uint8_t copy[COPY_BYTES];
    const uint8_t *bytes;
    size_t n;
    nf_status status;
    while ((status = nf_stream_next(data, sizeof copy, &bytes, &n, error)) == NF_OK) {
        memcpy(copy, bytes, n);
        *sum += sum_of(copy, n);
        *n_bytes += n;
    }
    return status == NF_EOF ? NF_OK : status;
}

static nf_status sum_all(nf_entries *entries, uint64_t *n_bytes, uint64_t *sum, nf_error *error)
{
    nf_entry entry;
    nf_status status;
    while ((status = nf_entries_next(entries, &entry, error)) == NF_OK)
        if (entry.kind == NF_ENTRY_FILE && (status = sum_member(nf_entries_data(entries), n_bytes, sum, error)) != NF_OK)
            return status;
    return status == NF_EOF ? nf_entries_finish(entries, error) : status;
}

int main(int argc, char **argv)
{
    nf_entries *entries = NULL;
    nf_error error = {0};
    uint64_t n_bytes = 0, sum = 0;
    if (argc != 2) {
        fputs("usage: bench_sum PATH\n", stderr);
        return 2;
    }
    nf_status status = nf_entries_open(&entries, argv[1], &error);
    if (status == NF_OK)
        status = sum_all(entries, &n_bytes, &sum, &error);
    nf_entries_close(entries);
    if (status != NF_OK) {
        fprintf(stderr, "bench_sum: %s\n", error.message);
        return 3;
    }
    printf("%" PRIu64 " bytes, sum %" PRIu64 "\n", n_bytes, sum);
    return 0;
}
