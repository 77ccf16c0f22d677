#include <time.h>
#include <unistd.h>

#include "cli/cli.h"

static double now_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

void nf_progress_begin(nf_progress *progress, bool quiet)
{
    progress->shown = !quiet && isatty(STDERR_FILENO);
    progress->start_s = progress->last_s = now_s();
}

void nf_progress_update(nf_progress *progress, const nf_scan_progress *state)
{
    char images[32];
    double now = now_s(), elapsed = now - progress->start_s;
    if (!progress->shown || now - progress->last_s < 0.2)
        return;
    progress->last_s = now;
    fprintf(stderr, "\r\033[K%s images  %.0f/s  %.1f MB/s", nf_term_count(images, state->images),
            (double)state->images / elapsed, (double)state->done_bytes / elapsed / 1e6);
    if (state->total_bytes > 0 && state->done_bytes > 0 && state->done_bytes <= state->total_bytes) {
        double share = (double)state->done_bytes / (double)state->total_bytes;
        unsigned long left = (unsigned long)(elapsed / share * (1.0 - share) + 0.5);
        fprintf(stderr, "  %.0f %%  ETA %lu:%02lu:%02lu", share * 100.0, left / 3600, left / 60 % 60, left % 60);
    }
    fflush(stderr);
}

void nf_progress_end(nf_progress *progress)
{
    if (progress->shown)
        fputs("\r\033[K", stderr);
}
