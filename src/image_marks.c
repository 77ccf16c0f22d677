#include "image_marks.h"

#include <stdio.h>
#include <string.h>
#include <xxhash.h>

void nf_mark_image(const uint8_t *bytes, size_t n, const nf_decoded *decoded, nf_image_marks *marks)
{
    XXH128_hash_t hash = XXH3_128bits(bytes, n);
    *marks = (nf_image_marks){.hash = {hash.low64, hash.high64}, .mode = (uint8_t)decoded->mode};
    for (unsigned level = 0; level < NF_GREY_LEVELS; level++)
        if (decoded->counts[level] > marks->top_px) {
            marks->top_px = decoded->counts[level];
            marks->top_level = (uint8_t)level;
        }
    snprintf(marks->kind, sizeof marks->kind, "%s", decoded->kind);
}
