/* nofade: the grey levels of an image's pixels, told apart by the pixels' classes. Plain C is the definition.
 *
 * Definitions: "Dataset level", sets with labels per pixel.
 */
#ifndef NF_METRICS_CLASS_PIXELS_H
#define NF_METRICS_CLASS_PIXELS_H

#include <stddef.h>
#include <stdint.h>

#include "metrics/backend.h"

enum { NF_CLASS_VALUES = 256 }; /* a label map holds one byte a pixel */

/* grey (n_px,) of n_px pixels of bytes_a_px bytes each, which begin with R, G, B. */
void nf_grey_of_pixels(const uint8_t *pixels, size_t bytes_a_px, size_t n_px, uint8_t *grey);

/* Adds the pixels grey (n_px,), whose classes are classes[0], classes[step], ..., to counts (class, grey). */
void nf_count_by_class(const uint8_t *grey, const uint8_t *classes, size_t step, size_t n_px,
                       uint32_t counts[NF_CLASS_VALUES][NF_GREY_LEVELS]);

#endif
