#include "metrics/class_pixels.h"

void nf_grey_of_pixels(const uint8_t *pixels, size_t bytes_a_px, size_t n_px, uint8_t *grey)
{
    for (size_t i = 0; i < n_px; i++, pixels += bytes_a_px)
        grey[i] = nf_luma_bt601(pixels[0], pixels[1], pixels[2]);
}

void nf_count_by_class(const uint8_t *grey, const uint8_t *classes, size_t step, size_t n_px,
                       uint32_t counts[NF_CLASS_VALUES][NF_GREY_LEVELS])
{
    for (size_t i = 0; i < n_px; i++, classes += step)
        counts[*classes][grey[i]]++;
}
