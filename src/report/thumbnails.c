#include "report/thumbnails.h"

#include <inttypes.h>
#include <math.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <openssl/evp.h>
#include <webp/encode.h>

#include "base/buf.h"
#include "base/keys.h"
#include "decode/decode_small.h"
#include "manifest/manifest.h"
#include "metrics/entropy.h"
#include "scan/scan_run.h"

enum {
    DRAWING_SIDE_PX = 48,  /* up to here a picture is kept without loss: letters and single pixels show */
    QUALITY = 72,          /* of the others, libwebp's scale */
    REASON_BYTES = 256
};

/* One picture that is wanted, or there. */
typedef struct wanted {
    bool has_bits;
    double bits;       /* the entropy that was measured; another one is another image */
    nf_thumbnail found; /* data_uri NULL: not yet */
} wanted;

typedef struct set_pictures {
    nf_keys names; /* source, NUL, member */
    wanted *items; /* (names.n,) */
    size_t capacity;
    char absent[REASON_BYTES];
} set_pictures;

struct nf_thumbnails {
    set_pictures *sets; /* (n_sets,) */
    size_t n_sets;
};

void nf_thumbnails_free(nf_thumbnails *thumbnails)
{
    if (thumbnails == NULL)
        return;
    for (size_t i = 0; i < thumbnails->n_sets; i++) {
        set_pictures *set = &thumbnails->sets[i];
        for (size_t k = 0; k < set->names.n; k++)
            free(set->items[k].found.data_uri);
        nf_keys_free(&set->names);
        free(set->items);
    }
    free(thumbnails->sets);
    free(thumbnails);
}

/* ---- what is wanted ---- */

/* "source\0member" into a buffer of its own. */
static nf_status name_key(nf_buf *key, const char *source, const char *member, nf_error *error)
{
    key->len = 0;
    nf_status status = nf_buf_append(key, source, strlen(source) + 1, error);
    return status == NF_OK ? nf_buf_append(key, member, strlen(member), error) : status;
}

static nf_status want(set_pictures *set, const nf_named_image *image, const double *bits, nf_error *error)
{
    nf_buf key = {0};
    nf_status status = name_key(&key, image->source, image->member, error);
    if (status == NF_OK && nf_keys_find(&set->names, key.data, key.len) == NF_KEY_NONE) {
        status = nf_array_reserve((void **)&set->items, &set->capacity, set->names.n + 1, sizeof *set->items, "the pictures", error);
        if (status == NF_OK)
            status = nf_keys_add(&set->names, key.data, key.len, error);
        if (status == NF_OK)
            set->items[set->names.n - 1] = (wanted){.has_bits = bits != NULL, .bits = bits != NULL ? *bits : 0.0};
    }
    nf_buf_free(&key);
    return status;
}

static nf_status want_all(set_pictures *set, const nf_quality *quality, nf_error *error)
{
    nf_status status = NF_OK;
    for (int kind = 0; kind < NF_FINDING_KINDS; kind++)
        for (size_t i = 0; i < quality->findings[kind].n && nf_finding_is_extreme((nf_finding_kind)kind) && status == NF_OK; i++)
            status = want(set, &quality->findings[kind].items[i].image, &quality->findings[kind].items[i].number, error);
    const nf_duplicates *duplicates = &quality->duplicates;
    for (size_t i = 0; i < duplicates->n_listed && i < NF_THUMBNAIL_SETS_MAX; i++)
        for (size_t k = 0; k < duplicates->listed[i].n_listed && k < NF_THUMBNAIL_COPIES_MAX && status == NF_OK; k++)
            status = want(set, &duplicates->listed[i].listed[k], NULL, error);
    return status;
}

/* ---- WebP ---- */

/* Into the thumbnail. No memory, or a size that libwebp refuses: there is none. */
static void encode(const nf_small *small, nf_thumbnail *thumbnail)
{
    static const char head[] = "data:image/webp;base64,";
    const size_t n_px = (size_t)small->w_px * small->h_px; /* fits: at most NF_THUMBNAIL_SIDE_PX a side */
    const int w_px = (int)small->w_px, h_px = (int)small->h_px, is_drawing = w_px <= DRAWING_SIDE_PX && h_px <= DRAWING_SIDE_PX;
    uint8_t *rgb = calloc(n_px, 3), *webp = NULL;
    for (size_t i = 0; rgb != NULL && i < n_px; i++)
        memset(rgb + 3 * i, small->grey[i], 3);
    size_t n = 0;
    if (rgb != NULL)
        n = is_drawing ? WebPEncodeLosslessRGB(rgb, w_px, h_px, 3 * w_px, &webp)
                       : WebPEncodeRGB(rgb, w_px, h_px, 3 * w_px, QUALITY, &webp);
    char *uri = n > 0 && n < INT32_MAX / 2 ? malloc(sizeof head + (n + 2) / 3 * 4) : NULL; /* fits: n is below 2^30 */
    if (uri != NULL) {
        memcpy(uri, head, sizeof head);
        EVP_EncodeBlock((unsigned char *)uri + sizeof head - 1, webp, (int)n);
        *thumbnail = (nf_thumbnail){small->w_px, small->h_px, uri};
    }
    WebPFree(webp);
    free(rgb);
}

/* ---- looking ---- */

/* One scan for the pictures of one set. */
typedef struct looking {
    set_pictures *set;
    const char *const *paths; /* of the sources, by number */
    _Atomic size_t n_missing; /* pictures that have not come yet */
    volatile sig_atomic_t *enough;
} looking;

static wanted *find_wanted(const looking *job, uint32_t source, const char *member, int64_t row)
{
    nf_buf key = {0};
    nf_status status = name_key(&key, job->paths[source], member, NULL);
    if (status == NF_OK && row >= 0)
        status = nf_buf_printf(&key, NULL, "#%" PRId64, row);
    uint32_t number = status == NF_OK ? nf_keys_find(&job->set->names, key.data, key.len) : NF_KEY_NONE;
    nf_buf_free(&key);
    return number != NF_KEY_NONE ? &job->set->items[number] : NULL;
}

