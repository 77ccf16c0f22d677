/* nofade: from an encoded image to its grey counts.
 *
 * JPEG (baseline, progressive, arithmetic; grey, YCbCr, RGB, CMYK, YCCK; 8 bit) by libjpeg-turbo with its defaults (islow
 * DCT, fancy upsampling), PNG (all colour types, depths and interlacing) by ISA-L and filters of our own where nothing is
 * odd and by libpng elsewhere, with the same result (decode_png_internal.h), WebP (lossy, lossless) by libwebp. The
 * kind is told by the first bytes, never by a name. First frame only; no gamma, ICC, resize, orientation; alpha is ignored.
 * Definitions: "Image level".
 */
#ifndef NF_DECODE_H
#define NF_DECODE_H

#include <stddef.h>
#include <stdint.h>

#include "metrics/backend.h"

typedef enum nf_grey {
    NF_GREY_BT601, /* Pillow's convert("L") of the RGB pixels */
    NF_GREY_LUMA   /* a JPEG's own Y plane where there is one, bt601 otherwise */
} nf_grey;

typedef enum nf_verdict {
    NF_IMAGE_OK,
    NF_IMAGE_WARNED, /* decoded, with a recoverable warning of the decoder: used and listed */
    NF_IMAGE_FAILED  /* not used, listed */
} nf_verdict;

/* Why an image failed; nf_failure_name gives the word used in files. */
typedef enum nf_failure {
    NF_FAILURE_NONE,
    NF_FAILURE_EMPTY,            /* "empty": no bytes */
    NF_FAILURE_NOT_AN_IMAGE,     /* "not-an-image": an image's suffix, no image signature */
    NF_FAILURE_UNSUPPORTED_KIND, /* "unsupported-kind": GIF, TIFF ...; a JPEG of a kind we do not read */
    NF_FAILURE_CUT_SHORT,        /* "cut-short": the data end before the image does */
    NF_FAILURE_DAMAGED,          /* "damaged": a bad critical CRC, an undecodable stream */
    NF_FAILURE_TOO_MANY_PIXELS,  /* "too-many-pixels": over --max-pixels */
    NF_FAILURE_TOO_LARGE,        /* "too-large": more encoded bytes than the image can need */
    NF_FAILURE_REPEATED_MEMBER,  /* "repeated-member" */
    NF_FAILURE_UNSAFE_PATH,      /* "unsafe-path": a ".." in the member's path */
    NF_FAILURE_UNREADABLE,       /* "unreadable": the bytes cannot be had (no permission, encrypted, unsupported zip method) */
    NF_FAILURE_BAD_LABEL,        /* "bad-label": a record whose label is outside the set's range */
    NF_FAILURE_NO_MEMORY         /* "no-memory": the decoder could not get memory for this image */
} nf_failure;
const char *nf_failure_name(nf_failure failure);

/* How the samples are stored; nf_colour_mode_name gives the words used in files. */
typedef enum nf_colour_mode {
    NF_MODE_OTHER, /* the decoder does not say */
    NF_MODE_GREY_1, /* bits a sample, where not 8 */
    NF_MODE_GREY_2,
    NF_MODE_GREY_4,
    NF_MODE_GREY,
    NF_MODE_GREY_16,
    NF_MODE_GREY_ALPHA,
    NF_MODE_GREY_ALPHA_16,
    NF_MODE_RGB, /* a JPEG's YCbCr too */
    NF_MODE_RGB_16,
    NF_MODE_RGBA,
    NF_MODE_RGBA_16,
    NF_MODE_PALETTE, /* of any depth */
    NF_MODE_CMYK,
    NF_MODE_YCCK,
    NF_COLOUR_MODES
} nf_colour_mode;
const char *nf_colour_mode_name(nf_colour_mode mode);

typedef struct nf_decode_options {
    nf_grey grey;
    uint64_t max_pixels;  /* an image with more is refused from its header, before anything is allocated */
    uint64_t serial_bytes; /* an image whose decoder needs more than this decodes alone (one at a time, process-wide) so
                           * that the peak of memory does not grow with the threads; 0: no such rule */
} nf_decode_options;

/* One image's result. counts sum to w_px * h_px unless failed. */
typedef struct nf_decoded {
    nf_verdict verdict;
    nf_failure failure;
    uint32_t w_px, h_px; /* 0 where the header could not be read */
    nf_colour_mode mode; /* when not failed */
    const char *kind;    /* what the bytes are: "JPEG", "PNG" ... (loaders/sniff.h); "" for raw pixels. Static. */
    char reason[160];    /* for people: the decoder's sentence; "" when ok */
    uint32_t counts[NF_GREY_LEVELS];
} nf_decoded;

/* Decodes n bytes. Never fails otherwise than in *out. Thread-safe; allocates row buffers per call from the heap and
 * frees them. */
void nf_decode(const uint8_t *bytes, size_t n, const nf_decode_options *options, nf_decoded *out);

/* The pixels of one class in an image. */
typedef struct nf_class_pixels {
    uint8_t value; /* as the label map holds it */
    uint32_t n_px;
    uint64_t q;    /* quantised entropy of their grey levels */
    uint32_t counts[NF_GREY_LEVELS];
} nf_class_pixels;

/* By ascending value, each with a pixel at least. All zero: none. */
typedef struct nf_class_list {
    nf_class_pixels *items; /* (n,) heap, freed by nf_class_list_free */
    size_t n;
} nf_class_list;
void nf_class_list_free(nf_class_list *classes);

/* Decodes an image together with its label map: a PNG of the image's size, grey or palette, of 8 bits or less, whose stored
 * values (indices, never colours) are the classes. *out is as nf_decode's; the counts in *classes (nothing of which is read)
 * sum to its. A map that cannot be used costs its classes only: *classes is empty then and *out warned, with the reason. The
 * map's plane is a byte a pixel. Thread-safe. */
void nf_decode_classes(const uint8_t *bytes, size_t n, const uint8_t *map_bytes, size_t n_map,
                       const nf_decode_options *options, nf_decoded *out, nf_class_list *classes);

/* Versions of the libraries in use: "libjpeg-turbo 2.1.5", "libpng 1.6.39, ISA-L 2.30.0", "libwebp 1.2.4". Static strings. */
const char *nf_decode_jpeg_version(void);
const char *nf_decode_png_version(void);
const char *nf_decode_webp_version(void);

#endif
