/* nofade: the planes Y, Cb, Cr of a JPEG as they come out of its transform, and grey rows made of them.
 *
 * libjpeg would bring chroma to full size and turn all pixels into colours; grey needs neither, but for a few pixels
 * (metrics/ycc.h). Private to decode_jpeg.c.
 */
#ifndef NF_JPEG_PLANES_H
#define NF_JPEG_PLANES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <jpeglib.h>

#include "metrics/backend.h"

/* The last rows of a plane: row r of the image's plane is row r modulo n_rows, a power of 2, here. */
typedef struct nf_jpeg_plane {
    uint8_t *first;
    size_t stride;
    uint32_t n_rows;
} nf_jpeg_plane;

typedef struct nf_jpeg_planes {
    nf_chroma chroma;
    uint32_t group_rows;        /* rows of the image that are decoded at a time */
    uint32_t n_chroma;          /* rows of chroma whose reach is known */
    nf_jpeg_plane parts[3];     /* Y, Cb, Cr */
    nf_jpeg_plane reach;
    uint8_t *block; /* heap: all of them; free when done */
} nf_jpeg_planes;

/* After jpeg_read_header. False: the JPEG is of no kind that is made grey here. */
bool nf_jpeg_planes_fit(const struct jpeg_decompress_struct *cinfo, nf_jpeg_planes *planes);
/* After jpeg_start_decompress with raw_data_out. False: no memory. */
bool nf_jpeg_planes_make(nf_jpeg_planes *planes, const struct jpeg_decompress_struct *cinfo);
/* Decodes some rows more, while output_scanline < output_height. Returns how many rows of the image, from its first, can be
 * made grey from now on; those before may be gone. */
uint32_t nf_jpeg_planes_read(nf_jpeg_planes *planes, struct jpeg_decompress_struct *cinfo, const nf_backend *backend);
/* Row y of the image, w_px bytes and up to NF_YCC_STEP_PX - 1 more. */
void nf_jpeg_planes_grey(const nf_jpeg_planes *planes, const struct jpeg_decompress_struct *cinfo, const nf_backend *backend,
                         uint32_t y, uint8_t *grey);

#endif
