/* nofade: how somebody sees single images of a source, as they were read, without counting any. Private to src/. */
#ifndef NF_LOOK_H
#define NF_LOOK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "loaders/loader.h"

/* One image, as it was read. */
typedef struct nf_seen_image {
    const uint8_t *bytes; /* (n_bytes,) valid during the call */
    size_t n_bytes;
    nf_pixel_format format;
    uint32_t w_px, h_px; /* of raw pixels */
    bool by_columns;     /* raw pixels: each column after the one before */
} nf_seen_image;

/* Somebody who wants to see some images, with NF_SCAN_LOOKS. Both are called on any thread, several at a time. */
typedef struct nf_look {
    void *context;
    bool (*wants)(void *context, uint32_t source, const char *member, int64_t row); /* source: number of its path */
    void (*take)(void *context, uint32_t source, const char *member, int64_t row, const nf_seen_image *image);
} nf_look;

#endif
