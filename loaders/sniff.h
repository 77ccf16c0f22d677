/* nofade: what a file is, by its first bytes, and what its name claims. */
#ifndef NF_LOADERS_SNIFF_H
#define NF_LOADERS_SNIFF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum nf_content {
    NF_CONTENT_UNKNOWN,
    NF_CONTENT_JPEG,
    NF_CONTENT_PNG,
    NF_CONTENT_WEBP,
    NF_CONTENT_OTHER_IMAGE, /* a kind we recognise and do not read; the name says which */
    NF_CONTENT_TAR,
    NF_CONTENT_ZIP,
    NF_CONTENT_GZIP,
    NF_CONTENT_BZIP2,
    NF_CONTENT_XZ,
    NF_CONTENT_ZSTD,
    NF_CONTENT_LZ4,
    NF_CONTENT_COMPRESS /* .Z */
} nf_content;

enum { NF_SNIFF_BYTES = 512 }; /* how many first bytes are enough for every answer */

/* *kind_name (may be NULL) gets a static name: "JPEG", "GIF", "TIFF", "WebP", "zip", ... or "". Weak signatures (BMP, PNM,
 * ICO) are believed only together with further header fields that make sense. */
nf_content nf_sniff(const uint8_t *head, size_t n, const char **kind_name);
/* Does the name end like an image's (.jpg .jpeg .jpe .jfif .png .gif .bmp .tif .tiff .webp .ppm .pgm .pbm .pnm .heic .heif
 * .avif .jp2 .jxl), in any case? */
bool nf_has_image_suffix(const char *path);
/* Is it a kind of image that we read? */
bool nf_is_picture(nf_content content);
/* The kind that such a suffix claims, by nf_sniff's names ("JPEG", "PNG", "TIFF" ...); NULL without one. */
const char *nf_image_suffix_kind(const char *path);

#endif
