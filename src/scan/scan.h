/* nofade: the scan: archives in, one profile out. */
#ifndef NF_SCAN_H
#define NF_SCAN_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "decode/decode.h"
#include "device/devices.h"
#include "loaders/loader.h"
#include "profile/profile.h"

typedef struct nf_scan_progress {
    uint64_t images, done_bytes, total_bytes; /* total 0: unknown */
} nf_scan_progress;

/* One image's row for whoever asked (--images): strings valid during the call. */
typedef struct nf_image_row {
    uint64_t index; /* running number in reading order, from 0 */
    const char *source, *member, *split, *class_name;
    uint32_t w_px, h_px;
    bool has_entropy;
    double entropy_bits;
    const char *status; /* "ok", "warned", "failed:CODE" */
    bool is_sampled;    /* the images are a random part of the set */
} nf_image_row;

typedef struct nf_scan_options {
    /* what to read */
    const char *as;         /* dataset id, or NULL: detect */
    const char *name;       /* own name, or NULL */
    const char *task;       /* or NULL */
    const char *split;      /* name, "all", or NULL: train if there is one, else all */
    const char *manifest;   /* a dataset manifest of one's own (--manifest), or NULL */
    const char *labels_csv; /* member,class[,split], or NULL */
    nf_labels_level labels_level;
    bool labels_level_given, grey_given; /* asked for, not only the default: a saved profile must agree then */
    const char *subset, *include, *exclude;
    /* how */
    nf_grey grey;
    uint64_t max_pixels;
    uint64_t limit;        /* images, 0: none */
    double sample;         /* draw this part of the members, 0 < sample <= 1; 0: read everything in its order, unless: */
    double until_ci_bits;  /* draw until the interval of the mean entropy is as narrow as +- this; 0: do not */
    uint64_t sample_seed;
    bool stop_on_error;
    unsigned threads;      /* 0: all */
    nf_devices *devices;   /* the caller's, which outlive the scan; NULL: the CPU alone */
    size_t batch_bytes;    /* 0: 3 MiB a thread, at least 6 MiB, at most 192 MiB */
    size_t label_memory_bytes;
    /* who listens; all may be NULL. Called on the thread that called nf_scan. */
    void *listener;
    void (*on_progress)(void *listener, const nf_scan_progress *progress);
    /* Once an image of the chosen split, after the reading has ended; in the order of counting: images whose labels came
     * late stand where their labels came. */
    nf_status (*on_image)(void *listener, const nf_image_row *row, nf_error *error);
    bool quality_needed; /* findings (quality.h) that cannot be looked for are an error; else the profile says why */
    const char *spool_beside; /* with on_image: a temporary file is made beside this path (NULL: in the system's place) */
    const struct nf_look *look; /* look.h's: for NF_SCAN_LOOKS alone */
    const volatile sig_atomic_t *interrupted; /* set by a signal handler: stop soon, keep what is done */
} nf_scan_options;

void nf_scan_options_init(nf_scan_options *options);
static inline bool nf_scan_is_sampled(const nf_scan_options *options)
{
    return options->sample > 0.0 || options->until_ci_bits > 0.0;
}

/* Reads the sources (archives, directories, files, "-", saved profiles) and counts. On NF_OK *profile is the caller's, also
 * when it is incomplete (profile->complete false: damage, --limit, an interruption). NF_ERR_INPUT: nothing could be read.
 * NF_ERR_USAGE: options that do not fit what was found. */
nf_status nf_scan(const char *const *paths, size_t n_paths, const nf_scan_options *options, nf_profile **profile,
                  nf_error *error);

#endif
