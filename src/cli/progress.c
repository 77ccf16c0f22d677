#include <string.h>
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
    progress->shown = !quiet && nf_term_can_erase(STDERR_FILENO);
    progress->start_s = progress->last_s = now_s();
}

/* As many of the fields as fit; the last column stays free, lest the line wrap. Asked anew each time: windows change their size. */
static void show(char fields[][40], size_t n)
{
    char line[256] = "";
    size_t room = nf_term_size(STDERR_FILENO) - 1, used = 0;
    room = room < sizeof line ? room : sizeof line - 1;
    for (size_t i = 0; i < n && used + (i > 0 ? 2 : 0) + strlen(fields[i]) <= room; i++)
        used += (size_t)snprintf(line + used, sizeof line - used, "%s%s", i > 0 ? "  " : "", fields[i]);
    fprintf(stderr, "\r\033[K%s", line);
    fflush(stderr);
}

void nf_progress_update(nf_progress *progress, const nf_scan_progress *state)
{
    char fields[5][40], images[32];
    size_t n = 0;
    double now = now_s(), elapsed = now - progress->start_s;
    if (!progress->shown || now - progress->last_s < 0.2)
        return;
    progress->last_s = now;
    snprintf(fields[n++], sizeof fields[0], "%s images", nf_term_count(images, state->images));
    if (state->total_bytes > 0 && state->done_bytes > 0 && state->done_bytes <= state->total_bytes) {
        double share = (double)state->done_bytes / (double)state->total_bytes;
        unsigned long left = (unsigned long)(elapsed / share * (1.0 - share) + 0.5);
        snprintf(fields[n++], sizeof fields[0], "%.0f %%", share * 100.0);
        snprintf(fields[n++], sizeof fields[0], "ETA %lu:%02lu:%02lu", left / 3600, left / 60 % 60, left % 60);
    }
    snprintf(fields[n++], sizeof fields[0], "%.0f/s", (double)state->images / elapsed);
    snprintf(fields[n++], sizeof fields[0], "%.1f MB/s", (double)state->done_bytes / elapsed / 1e6);
    show(fields, n);
}

void nf_progress_end(nf_progress *progress)
{
    if (progress->shown)
        fputs("\r\033[K", stderr);
}
