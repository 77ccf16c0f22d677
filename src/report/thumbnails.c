#include "report/thumbnails.h"

#include <fts.h>
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
    for (size_t i = 0; i < duplicates->n_listed && i < NF_THUMBNAIL_SETS_MAX && status == NF_OK; i++)
        if (duplicates->listed[i].n_listed > 0)
            status = want(set, &duplicates->listed[i].listed[0], NULL, error);
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
    nf_decode_options decode;
    _Atomic size_t n_missing; /* pictures that have not come yet */
    volatile sig_atomic_t enough; /* the scanning thread's alone */
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

/* Pixels that stand column after column are decoded as their mirror image, and laid right here. */
static void transpose(nf_small *small)
{
    uint8_t *grey = malloc((size_t)small->w_px * small->h_px); /* fits: at most NF_THUMBNAIL_SIDE_PX a side */
    if (grey == NULL)
        return;
    for (uint32_t y = 0; y < small->h_px; y++)
        for (uint32_t x = 0; x < small->w_px; x++)
            grey[(size_t)x * small->h_px + y] = small->grey[(size_t)y * small->w_px + x];
    *small = (nf_small){small->h_px, small->w_px, (free(small->grey), grey)};
}

static void shrink_raw(const nf_seen_image *image, nf_small *small)
{
    const size_t n_px = (size_t)image->w_px * image->h_px; /* fits: the image's bytes are in memory */
    const uint8_t *r = image->bytes;
    const bool grey = image->format == NF_PIXELS_GREY8;
    const uint32_t w_px = image->by_columns ? image->h_px : image->w_px, h_px = image->by_columns ? image->w_px : image->h_px;
    if (nf_small_of_pixels(r, grey ? NULL : r + n_px, grey ? NULL : r + 2 * n_px, w_px, h_px, NF_THUMBNAIL_SIDE_PX, small) &&
        image->by_columns)
        transpose(small);
}

/* Is it the image that was measured, as far as that can be told? */
static bool is_same(const wanted *picture, const nf_decoded *decoded)
{
    return !picture->has_bits || fabs((double)nf_entropy_quantised(decoded->counts) / NF_Q_PER_BIT - picture->bits) < 1e-9;
}

static void shrink_encoded(const looking *job, const nf_seen_image *image, const wanted *picture, nf_small *small)
{
    nf_decoded decoded;
    nf_decode_small(image->bytes, image->n_bytes, &job->decode, NF_THUMBNAIL_SIDE_PX, &decoded, small);
    if (!is_same(picture, &decoded))
        nf_small_free(small);
}

static bool look_wants(void *context, uint32_t source, const char *member, int64_t row)
{
    return find_wanted(context, source, member, row) != NULL;
}

/* Each picture is another one's, so that no two threads ever meet in one. */
static void look_take(void *context, uint32_t source, const char *member, int64_t row, const nf_seen_image *image)
{
    looking *job = context;
    wanted *picture = find_wanted(job, source, member, row);
    nf_small small = {0};
    if (picture == NULL || picture->found.data_uri != NULL)
        return;
    if (image->format == NF_PIXELS_ENCODED)
        shrink_encoded(job, image, picture, &small);
    else
        shrink_raw(image, &small);
    if (small.grey != NULL)
        encode(&small, &picture->found);
    nf_small_free(&small);
    if (picture->found.data_uri != NULL)
        atomic_fetch_sub(&job->n_missing, 1);
}

/* After each batch: what nobody wants costs little until then. */
static void look_no_further(void *context, const nf_scan_progress *progress)
{
    looking *job = context;
    (void)progress;
    job->enough = job->n_missing == 0;
}

static nf_status nothing_to_make(void *context, nf_reader *reader, nf_fold *fold, nf_error *error)
{
    (void)context, (void)reader, (void)fold, (void)error;
    return NF_OK;
}

/* Reads the sources until every picture has come. */
static nf_status look_at(set_pictures *set, const nf_profile *profile, const char *const *paths, nf_error *error)
{
    nf_scan_options options;
    nf_scan_options_init(&options);
    looking job = {.set = set, .paths = paths, .n_missing = set->names.n,
                   .decode = {profile->grey, options.max_pixels, .serial_bytes = 1}};
    const nf_look look = {&job, look_wants, look_take};
    const char *id = profile->dataset_id != NULL ? profile->dataset_id : "";
    options.as = nf_loader_by_id(id) != NULL ? id : NULL;
    options.look = &look;
    options.interrupted = &job.enough;
    options.on_progress = look_no_further;
    options.listener = &job;
    nf_status status = nf_scan_run(paths, profile->n_sources, &options, NF_SCAN_LOOKS,
                                   &(nf_scan_end){NULL, nothing_to_make}, error);
    if (status == NF_OK && job.n_missing > 0)
        snprintf(set->absent, sizeof set->absent, "%zu of %zu could not be found again", (size_t)job.n_missing, set->names.n);
    return status;
}

/* ---- the sources ---- */

/* Why a source cannot be read again; false: it can. */
static bool refuse_source(const nf_profile_source *source, char reason[REASON_BYTES])
{
    struct stat info;
    if (strcmp(source->path, "-") == 0)
        snprintf(reason, REASON_BYTES, "the images came from standard input");
    else if (stat(source->path, &info) != 0)
        snprintf(reason, REASON_BYTES, "%s is not there", source->path);
    else if (!S_ISREG(info.st_mode) && !S_ISDIR(info.st_mode))
        snprintf(reason, REASON_BYTES, "%s is neither a file nor a directory", source->path);
    else if (S_ISREG(info.st_mode) && (uint64_t)info.st_size != source->bytes)
        snprintf(reason, REASON_BYTES, "%s has changed since it was measured", source->path);
    else
        return false;
    return true;
}

/* Stored bytes of the files of a source as it is now, for a folder may be another one than that which was measured: a profile made
 * of "." and opened elsewhere. It stops when there are more than most. */
static uint64_t bytes_of(const char *path, uint64_t most)
{
    char *const paths[] = {(char *)(uintptr_t)path, NULL};
    uint64_t bytes = 0;
    FTS *walk = fts_open(paths, FTS_LOGICAL | FTS_NOCHDIR, NULL);
    for (FTSENT *entry; walk != NULL && bytes <= most && (entry = fts_read(walk)) != NULL;)
        if (entry->fts_info == FTS_F)
            bytes += (uint64_t)entry->fts_statp->st_size < most ? (uint64_t)entry->fts_statp->st_size : most + 1;
    if (walk != NULL)
        fts_close(walk);
    return walk != NULL ? bytes : most + 1;
}

static bool refuse_sources(const nf_profile *profile, uint64_t most_bytes, char reason[REASON_BYTES])
{
    uint64_t bytes = 0;
    for (size_t i = 0; i < profile->n_sources; i++) {
        if (refuse_source(&profile->sources[i], reason))
            return true;
        bytes += bytes_of(profile->sources[i].path, most_bytes);
        if (bytes > most_bytes) {
            snprintf(reason, REASON_BYTES, "reading the sources again, over %" PRIu64 " bytes, was not asked for", most_bytes);
            return true;
        }
    }
    return profile->n_sources == 0;
}

/* Out of memory is the only fault that ends it. */
static nf_status fill_set(set_pictures *set, const nf_profile *profile, uint64_t most_bytes, nf_error *error)
{
    nf_status status = want_all(set, &profile->quality, error);
    if (status != NF_OK || set->names.n == 0 || refuse_sources(profile, most_bytes, set->absent))
        return status;
    const char **paths = calloc(profile->n_sources, sizeof *paths);
    nf_error fault = {0};
    if (paths == NULL)
        return nf_fail_nomem(error, "the sources");
    for (size_t i = 0; i < profile->n_sources; i++)
        paths[i] = profile->sources[i].path;
    status = look_at(set, profile, paths, &fault);
    free(paths);
    if (status == NF_ERR_NOMEM) {
        *error = fault;
        return status;
    }
    if (status != NF_OK)
        snprintf(set->absent, sizeof set->absent, "%.*s", REASON_BYTES - 1, fault.message);
    return NF_OK;
}

nf_status nf_thumbnails_make(nf_thumbnails **thumbnails, const nf_report_data *data, uint64_t most_bytes, nf_error *error)
{
    nf_thumbnails *made = *thumbnails = calloc(1, sizeof *made);
    if (made == NULL || (made->sets = calloc(data->n_sets + 1, sizeof *made->sets)) == NULL)
        return nf_fail_nomem(error, "the pictures");
    made->n_sets = data->n_sets;
    nf_status status = NF_OK;
    for (size_t i = 0; i < data->n_sets && status == NF_OK; i++)
        status = fill_set(&made->sets[i], data->sets[i].profile, most_bytes, error);
    return status;
}

const nf_thumbnail *nf_thumbnail_of(const nf_thumbnails *thumbnails, size_t set, const nf_named_image *image)
{
    const set_pictures *pictures = &thumbnails->sets[set];
    nf_buf key = {0};
    nf_status status = name_key(&key, image->source, image->member, NULL);
    uint32_t number = status == NF_OK ? nf_keys_find(&pictures->names, key.data, key.len) : NF_KEY_NONE;
    nf_buf_free(&key);
    return number != NF_KEY_NONE && pictures->items[number].found.data_uri != NULL ? &pictures->items[number].found : NULL;
}

const char *nf_thumbnails_absent(const nf_thumbnails *thumbnails, size_t set)
{
    return thumbnails->sets[set].absent[0] != '\0' ? thumbnails->sets[set].absent : NULL;
}
