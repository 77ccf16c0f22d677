/* A hash table of places. A key is kept as its 128-bit hash alone: a set with a hundred thousand label maps has as many. */
#include "loaders/source/places.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <xxhash.h>

#include "base/buf.h"
#include "loaders/source/stream_sources.h"
#include "loaders/source/walker.h"

enum {
    PLACES_MAX = 1 << 22,
    TEXTS_MAX = 256 << 20, /* bytes of all paths */
    SLOTS_FIRST = 1 << 10,
    COMPARED_MAX = 64 << 20, /* bytes of a place that is compared with another of its key */
    OPEN_ZIPS = 4 /* maps of one split, say, are mostly in one zip */
};

typedef struct kept_place {
    XXH128_hash_t key;
    nf_zip_range range; /* a whole file: at is the offset of its inner path in texts, size_bytes its stamp */
    uint32_t file;
    uint32_t next; /* number + 1 of another place of the key; 0: none that has not been compared */
    bool in_zip, is_another; /* is_another: found by its key's first place alone */
    bool differs;  /* another of the key does */
} kept_place;

/* A zip, or what whole files lie below. */
typedef struct known_file {
    size_t path;    /* offset in texts */
    uint64_t stamp; /* of a zip */
} known_file;

typedef struct open_zip {
    nf_file *file; /* NULL: free */
    uint32_t number;
    uint64_t used; /* when last, in openings */
} open_zip;

struct nf_places {
    kept_place *items;
    size_t n, capacity;
    uint32_t *slots; /* number + 1, 0: free; at most half are taken */
    size_t n_slots;  /* a power of two, or 0 */
    known_file *files;
    size_t n_files, files_capacity;
    nf_buf texts; /* NUL-terminated paths */
    nf_buf path;  /* of the file being opened */
    open_zip zips[OPEN_ZIPS];
    uint64_t n_opened;
    nf_file *whole; /* of the data given last, unless in a zip */
    nf_stream *data;
};

nf_status nf_places_new(nf_places **places, nf_error *error)
{
    *places = calloc(1, sizeof **places);
    return *places != NULL ? NF_OK : nf_fail_nomem(error, "the places of members");
}

static void close_data(nf_places *places)
{
    nf_stream_close(places->data);
    nf_file_close(places->whole);
    places->data = NULL;
    places->whole = NULL;
}

void nf_places_free(nf_places *places)
{
    if (places == NULL)
        return;
    close_data(places);
    for (size_t i = 0; i < OPEN_ZIPS; i++)
        nf_file_close(places->zips[i].file);
    nf_buf_free(&places->texts);
    nf_buf_free(&places->path);
    free(places->files);
    free(places->slots);
    free(places->items);
    free(places);
}

/* --- the table --- */

/* The slot that holds the key, or the free one where it belongs. Needs a free slot. */
static size_t find_slot(const nf_places *places, XXH128_hash_t key)
{
    size_t slot = (size_t)key.low64 & (places->n_slots - 1);
    while (places->slots[slot] != 0 && !XXH128_isEqual(places->items[places->slots[slot] - 1].key, key))
        slot = (slot + 1) & (places->n_slots - 1);
    return slot;
}

static kept_place *find(const nf_places *places, const void *key, size_t key_len)
{
    if (places->n_slots == 0)
        return NULL;
    uint32_t taken = places->slots[find_slot(places, XXH3_128bits(key, key_len))];
    return taken != 0 ? &places->items[taken - 1] : NULL;
}

static nf_status grow(nf_places *places, nf_error *error)
{
    nf_status status = nf_array_reserve((void **)&places->items, &places->capacity, places->n + 1, sizeof *places->items,
                                        "the places of members", error);
    if (status != NF_OK || places->n < places->n_slots / 2)
        return status;
    size_t n_slots = places->n_slots == 0 ? SLOTS_FIRST : places->n_slots * 2;
    uint32_t *slots = calloc(n_slots, sizeof *slots);
    if (slots == NULL)
        return nf_fail_nomem(error, "the places of members");
    free(places->slots);
    places->slots = slots;
    places->n_slots = n_slots;
    for (size_t i = 0; i < places->n; i++)
        if (!places->items[i].is_another)
            slots[find_slot(places, places->items[i].key)] = (uint32_t)i + 1;
    return NF_OK;
}

bool nf_places_has(const nf_places *places, const void *key, size_t key_len)
{
    return find(places, key, key_len) != NULL;
}

size_t nf_places_count(const nf_places *places)
{
    return places->n;
}

/* --- adding --- */

static const char *text_at(const nf_places *places, size_t offset)
{
    return (const char *)places->texts.data + offset;
}

/* source, or source/inner, behind the texts; *at its offset. */
static nf_status add_text(nf_places *places, const char *source, const char *inner, size_t inner_len, size_t *at,
                          nf_error *error)
{
    nf_buf *texts = &places->texts;
    size_t before = texts->len, source_len = strlen(source);
    if (texts->len + source_len + inner_len > TEXTS_MAX)
        return nf_fail(error, NF_ERR_INPUT, "more paths of label maps than any set has");
    nf_status status = nf_buf_append(texts, source, source_len, error);
    if (status == NF_OK && source_len > 0 && inner_len > 0)
        status = nf_buf_append(texts, "/", 1, error);
    if (status == NF_OK)
        status = nf_buf_append(texts, inner, inner_len, error);
    if (status == NF_OK)
        status = nf_buf_append(texts, "", 1, error);
    if (status != NF_OK)
        texts->len = before;
    *at = before;
    return status;
}

/* Is the text at hand this source with this inner path? */
static bool is_text(const char *text, const char *source, const char *inner, size_t inner_len)
{
    size_t source_len = strlen(source);
    if (strncmp(text, source, source_len) != 0)
        return false;
    text += source_len;
    if (inner_len == 0)
        return *text == '\0';
    return *text == '/' && strncmp(text + 1, inner, inner_len) == 0 && text[1 + inner_len] == '\0';
}

/* The number of the zip, or of what the whole file lies below. The members of one come together, so it is the last or new. */
static nf_status number_file(nf_places *places, const nf_place *place, uint32_t *number, nf_error *error)
{
    size_t inner_len = place->in_zip ? place->inner_len : 0;
    uint64_t stamp = place->in_zip ? place->stamp : 0;
    const known_file *last = places->n_files > 0 ? &places->files[places->n_files - 1] : NULL;
    if (last == NULL || last->stamp != stamp || !is_text(text_at(places, last->path), place->source, place->inner, inner_len)) {
        known_file added = {.stamp = stamp};
        nf_status status = nf_array_reserve((void **)&places->files, &places->files_capacity, places->n_files + 1,
                                            sizeof *places->files, "the places of members", error);
        if (status == NF_OK)
            status = add_text(places, place->source, place->inner, inner_len, &added.path, error);
        if (status != NF_OK)
            return status;
        places->files[places->n_files++] = added;
    }
    *number = (uint32_t)(places->n_files - 1);
    return NF_OK;
}

nf_status nf_places_add(nf_places *places, const void *key, size_t key_len, const nf_place *place, nf_error *error)
{
    kept_place kept = {.key = XXH3_128bits(key, key_len), .range = place->range, .in_zip = place->in_zip};
    if (places->n >= PLACES_MAX)
        return nf_fail(error, NF_ERR_INPUT, "more than %d label maps", PLACES_MAX);
    nf_status status = grow(places, error);
    if (status == NF_OK)
        status = number_file(places, place, &kept.file, error);
    if (status == NF_OK && !place->in_zip) {
        size_t at = 0;
        status = add_text(places, "", place->inner, place->inner_len, &at, error);
        kept.range = (nf_zip_range){.at = at, .size_bytes = place->stamp};
    }
    if (status != NF_OK)
        return status;
    uint32_t *slot = &places->slots[find_slot(places, kept.key)];
    kept.is_another = *slot != 0;
    places->items[places->n++] = kept;
    if (kept.is_another) {
        kept_place *first = &places->items[*slot - 1];
        places->items[places->n - 1].next = first->next;
        first->next = (uint32_t)places->n;
    } else {
        *slot = (uint32_t)places->n;
    }
    return NF_OK;
}

/* --- opening --- */

/* A file that must still be what it was. */
static nf_status open_file(nf_file **file, const char *path, uint64_t stamp, nf_error *error)
{
    nf_status status = nf_file_open(file, path, NULL, 0, true, error);
    if (status == NF_OK && nf_file_stamp(*file) != stamp) {
        nf_file_close(*file);
        *file = NULL;
        status = nf_fail(error, NF_ERR_INPUT, "was changed after it was first read");
    }
    if (status == NF_ERR_INPUT)
        error->code = status = NF_BAD_RECORD;
    return status == NF_BAD_RECORD ? nf_error_prepend(error, "%s", path) : status;
}

/* The zip with a number, opened in place of the one that was not used for longest. */
static nf_status open_zip_file(nf_places *places, uint32_t number, nf_file **file, nf_error *error)
{
    open_zip *oldest = &places->zips[0];
    places->n_opened++;
    for (size_t i = 0; i < OPEN_ZIPS; i++) {
        open_zip *zip = &places->zips[i];
        if (zip->file != NULL && zip->number == number) {
            *file = zip->file;
            zip->used = places->n_opened;
            return NF_OK;
        }
        if (zip->used < oldest->used)
            oldest = zip;
    }
    nf_file_close(oldest->file);
    *oldest = (open_zip){0};
    const known_file *known = &places->files[number];
    nf_status status = open_file(file, text_at(places, known->path), known->stamp, error);
    if (status == NF_OK)
        *oldest = (open_zip){*file, number, places->n_opened};
    return status;
}

static nf_status open_whole_file(nf_places *places, const kept_place *kept, nf_error *error)
{
    const char *below = text_at(places, places->files[kept->file].path), *inner = text_at(places, (size_t)kept->range.at);
    places->path.len = 0;
    nf_status status = nf_buf_printf(&places->path, error, inner[0] != '\0' ? "%s/%s" : "%s%s", below, inner);
    if (status == NF_OK)
        status = nf_buf_append(&places->path, "", 1, error);
    if (status == NF_OK)
        status = open_file(&places->whole, (const char *)places->path.data, kept->range.size_bytes, error);
    return status;
}

static nf_status open_place(nf_places *places, const kept_place *kept, nf_error *error)
{
    nf_file *zip;
    close_data(places);
    nf_status status = kept->in_zip ? open_zip_file(places, kept->file, &zip, error) : open_whole_file(places, kept, error);
    if (status != NF_OK)
        return status;
    return kept->in_zip ? nf_zip_range_data(&places->data, zip, &kept->range, error)
                        : nf_stream_from_file(&places->data, places->whole, error);
}

static nf_status hash_place(nf_places *places, const kept_place *kept, XXH128_hash_t *hash, nf_error *error)
{
    nf_buf bytes = {0};
    nf_status status = open_place(places, kept, error);
    if (status == NF_OK)
        status = nf_stream_read_all(places->data, COMPARED_MAX, &bytes, error);
    if (status == NF_OK)
        *hash = XXH3_128bits(bytes.data, bytes.len);
    nf_buf_free(&bytes);
    return status == NF_ERR_DAMAGED ? (error->code = NF_BAD_RECORD) : status;
}

/* Compares the other places of a key, once: a key that two images share must not give one the map of the other. */
static nf_status compare_others(nf_places *places, kept_place *first, nf_error *error)
{
    XXH128_hash_t hash, other;
    nf_status status = first->next != 0 ? hash_place(places, first, &hash, error) : NF_OK;
    while (status == NF_OK && first->next != 0 && !first->differs) {
        const kept_place *next = &places->items[first->next - 1];
        status = hash_place(places, next, &other, error);
        if (status == NF_OK) {
            first->differs = !XXH128_isEqual(hash, other);
            first->next = next->next;
        }
    }
    if (status == NF_OK && first->differs)
        return nf_fail(error, NF_BAD_RECORD, "several label maps have its key, and they differ");
    return status;
}

nf_status nf_places_open(nf_places *places, const void *key, size_t key_len, nf_stream **data, nf_error *error)
{
    kept_place *kept = find(places, key, key_len);
    nf_error local;
    error = error != NULL ? error : &local;
    close_data(places);
    *data = NULL;
    if (kept == NULL)
        return NF_EOF;
    nf_status status = compare_others(places, kept, error);
    if (status == NF_OK)
        status = open_place(places, kept, error);
    *data = status == NF_OK ? places->data : NULL;
    return status;
}
