#include "scan/image_marks.h"

#include <stdbool.h>
#include <string.h>
#include <xxhash.h>

#if defined(__x86_64__) && __has_include(<xxh_x86dispatch.h>)
#include <xxh_x86dispatch.h> /* the same hash by the widest vectors of this processor */
#endif

#include "metrics/entropy.h"

/* With a share 1 - e in one level, entropy is at most h(e) + e log2 255, where h is that of a coin: 0.161 bit for e = 0.01. */
static bool may_be_near_constant(uint64_t q)
{
    return (double)q < NF_Q_PER_BIT / 5;
}

static void find_top(const nf_decoded *decoded, nf_image_marks *marks)
{
    for (unsigned level = 0; level < NF_GREY_LEVELS; level++)
        if (decoded->counts[level] > marks->top_px) {
            marks->top_px = decoded->counts[level];
            marks->top_level = (uint8_t)level;
        }
}

void nf_mark_image(const uint8_t *bytes, size_t n, const nf_decoded *decoded, uint64_t q, nf_image_marks *marks)
{
    XXH128_hash_t hash = XXH3_128bits(bytes, n);
    *marks = (nf_image_marks){.hash = {hash.low64, hash.high64}, .mode = (uint8_t)decoded->mode};
    if (may_be_near_constant(q))
        find_top(decoded, marks);
    memcpy(marks->kind, decoded->kind, strnlen(decoded->kind, sizeof marks->kind - 1));
}
