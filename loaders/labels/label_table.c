#include "loaders/labels/label_table.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/keys.h"

/* The classes of an image are a ring of pairs; the image knows the last one, whose next is the first. */
typedef struct label_pair {
    uint32_t class;
    uint32_t next; /* number of a pair */
} label_pair;

typedef struct image_labels {
    uint32_t last;  /* number of a pair + 1; 0: no class */
    uint32_t split; /* number of a split + 1; 0: none */
    uint16_t n_classes;
    bool labelled, asked;
} image_labels;

/* The strings stand in their nf_keys with the NUL. */
struct nf_label_table {
    nf_keys keys, splits, classes;
    image_labels *images; /* (keys.n,) */
    size_t images_capacity;
    label_pair *pairs; /* (n_pairs,) */
    size_t n_pairs, pairs_capacity;
    uint64_t n_conflicts;
    uint32_t conflict; /* the first image with one */
    const char *found[NF_LABEL_CLASSES_AN_IMAGE_MAX]; /* what nf_labels_of_image.classes points to */
};

nf_status nf_label_table_new(nf_label_table **table, nf_error *error)
{
    *table = calloc(1, sizeof **table);
    return *table != NULL ? NF_OK : nf_fail_nomem(error, "a table of labels");
}

void nf_label_table_free(nf_label_table *table)
{
    if (table == NULL)
        return;
    nf_keys_free(&table->keys);
    nf_keys_free(&table->splits);
    nf_keys_free(&table->classes);
    free(table->images);
    free(table->pairs);
    free(table);
}

static const char *text_of(const nf_keys *keys, uint32_t number)
{
    return nf_keys_get(keys, number, NULL);
}

/* The number of a string, or NF_KEY_NONE with NF_OK when it is new and there is room for it. */
static nf_status look_up(const nf_keys *keys, const char *text, const char *what, uint32_t *number, nf_error *error)
{
    size_t length = strlen(text);
    if (length == 0 || length > NF_LABEL_TEXT_MAX)
        return nf_fail(error, NF_BAD_RECORD, "a name of %s of %zu bytes, where 1 to %d can be", what, length, NF_LABEL_TEXT_MAX);
    *number = nf_keys_find(keys, text, length + 1);
    if (*number == NF_KEY_NONE && (keys->n >= NF_KEYS_MAX || length + 1 > NF_KEY_BYTES_MAX - keys->bytes))
        return nf_fail(error, NF_BAD_RECORD, "more names of %s than %d, or than %d bytes of them", what, NF_KEYS_MAX,
                       NF_KEY_BYTES_MAX);
    return NF_OK;
}

static nf_status intern(nf_keys *keys, const char *text, const char *what, uint32_t *number, nf_error *error)
{
    nf_status status = look_up(keys, text, what, number, error);
    if (status != NF_OK || *number != NF_KEY_NONE)
        return status;
    *number = (uint32_t)keys->n;
    return nf_keys_add(keys, text, strlen(text) + 1, error);
}

nf_status nf_label_table_image(nf_label_table *table, const char *key, uint32_t *image, nf_error *error)
{
    nf_status status = look_up(&table->keys, key, "an image", image, error);
    if (status != NF_OK || *image != NF_KEY_NONE)
        return status;
    size_t n = table->keys.n;
    status = nf_array_reserve((void **)&table->images, &table->images_capacity, n + 1, sizeof *table->images,
                              "a table of labels", error);
    if (status != NF_OK)
        return status;
    table->images[n] = (image_labels){0};
    *image = (uint32_t)n;
    return nf_keys_add(&table->keys, key, strlen(key) + 1, error);
}

nf_status nf_label_table_set_split(nf_label_table *table, uint32_t image, const char *split, nf_error *error)
{
    uint32_t number;
    nf_status status = intern(&table->splits, split, "a split", &number, error);
    if (status != NF_OK)
        return status;
    image_labels *labels = &table->images[image];
    if (labels->split == 0)
        labels->split = number + 1;
    if (labels->split != number + 1 && table->n_conflicts++ == 0)
        table->conflict = image;
    return NF_OK;
}

static bool has_class(const nf_label_table *table, const image_labels *labels, uint32_t class)
{
    uint32_t pair = labels->last - 1;
    for (uint16_t i = 0; i < labels->n_classes; i++, pair = table->pairs[pair].next)
        if (table->pairs[pair].class == class)
            return true;
    return false;
}

static nf_status add_pair(nf_label_table *table, uint32_t image, uint32_t class, nf_error *error)
{
    image_labels *labels = &table->images[image];
    if (has_class(table, labels, class))
        return NF_OK;
    if (labels->n_classes >= NF_LABEL_CLASSES_AN_IMAGE_MAX)
        return nf_fail(error, NF_BAD_RECORD, "more than %d classes in the image %.200s", NF_LABEL_CLASSES_AN_IMAGE_MAX,
                       text_of(&table->keys, image));
    if (table->n_pairs >= NF_LABEL_PAIRS_MAX)
        return nf_fail(error, NF_BAD_RECORD, "more than %d labels", NF_LABEL_PAIRS_MAX);
    nf_status status = nf_array_reserve((void **)&table->pairs, &table->pairs_capacity, table->n_pairs + 1, sizeof *table->pairs,
                                        "a table of labels", error);
    if (status != NF_OK)
        return status;
    uint32_t added = (uint32_t)table->n_pairs++;
    table->pairs[added] = (label_pair){class, added};
    if (labels->last != 0) {
        table->pairs[added].next = table->pairs[labels->last - 1].next;
        table->pairs[labels->last - 1].next = added;
    }
    labels->last = added + 1;
    labels->n_classes++;
    return NF_OK;
}

nf_status nf_label_table_add_class(nf_label_table *table, uint32_t image, const char *class_id, nf_error *error)
{
    uint32_t class;
    nf_status status = intern(&table->classes, class_id, "a class", &class, error);
    if (status == NF_OK)
        status = add_pair(table, image, class, error);
    if (status == NF_OK)
        nf_label_table_mark_labelled(table, image);
    return status;
}

void nf_label_table_mark_labelled(nf_label_table *table, uint32_t image)
{
    table->images[image].labelled = true;
}

/* --- one table into another --------------------------------------------------------------------------------------- */

/* Refuses before anything changes. Classes and pairs are taken as if all were new. */
static nf_status check_room(const nf_label_table *table, const nf_label_table *from, nf_error *error)
{
    size_t n_new = 0;
    for (uint32_t i = 0; i < from->keys.n; i++) {
        size_t length;
        const char *key = nf_keys_get(&from->keys, i, &length);
        uint32_t image = nf_keys_find(&table->keys, key, length);
        n_new += image == NF_KEY_NONE;
        if (image != NF_KEY_NONE && table->images[image].n_classes + from->images[i].n_classes > NF_LABEL_CLASSES_AN_IMAGE_MAX)
            return nf_fail(error, NF_BAD_RECORD, "more than %d classes in the image %.200s", NF_LABEL_CLASSES_AN_IMAGE_MAX, key);
    }
    if (n_new > NF_KEYS_MAX - table->keys.n || from->keys.bytes > NF_KEY_BYTES_MAX - table->keys.bytes)
        return nf_fail(error, NF_BAD_RECORD, "with it the labels were of more than %d images", NF_KEYS_MAX);
    if (from->classes.n > NF_KEYS_MAX - table->classes.n || from->classes.bytes > NF_KEY_BYTES_MAX - table->classes.bytes)
        return nf_fail(error, NF_BAD_RECORD, "with it there were more than %d classes", NF_KEYS_MAX);
    if (from->n_pairs > NF_LABEL_PAIRS_MAX - table->n_pairs)
        return nf_fail(error, NF_BAD_RECORD, "with it there were more than %d labels", NF_LABEL_PAIRS_MAX);
    return NF_OK;
}

static nf_status merge_image(nf_label_table *table, const nf_label_table *from, uint32_t i, nf_error *error)
{
    const image_labels *labels = &from->images[i];
    uint32_t image, pair = labels->last - 1;
    nf_status status = nf_label_table_image(table, text_of(&from->keys, i), &image, error);
    if (status == NF_OK && labels->split != 0)
        status = nf_label_table_set_split(table, image, text_of(&from->splits, labels->split - 1), error);
    for (uint16_t k = 0; k < labels->n_classes && status == NF_OK; k++) {
        pair = from->pairs[pair].next; /* after the last comes the first */
        status = nf_label_table_add_class(table, image, text_of(&from->classes, from->pairs[pair].class), error);
    }
    if (status == NF_OK && labels->labelled)
        nf_label_table_mark_labelled(table, image);
    return status;
}

nf_status nf_label_table_merge(nf_label_table *table, const nf_label_table *from, nf_error *error)
{
    nf_status status = check_room(table, from, error);
    for (uint32_t i = 0; i < from->keys.n && status == NF_OK; i++)
        status = merge_image(table, from, i, error);
    if (status != NF_OK || from->n_conflicts == 0)
        return status;
    if (table->n_conflicts == 0)
        table->conflict = nf_keys_find(&table->keys, text_of(&from->keys, from->conflict),
                                       strlen(text_of(&from->keys, from->conflict)) + 1);
    table->n_conflicts += from->n_conflicts;
    return NF_OK;
}

/* --- what it says ------------------------------------------------------------------------------------------------- */

void nf_label_table_get(nf_label_table *table, uint32_t image, nf_labels_of_image *found)
{
    const image_labels *labels = &table->images[image];
    uint32_t pair = labels->last - 1;
    for (uint16_t i = 0; i < labels->n_classes; i++) {
        pair = table->pairs[pair].next;
        table->found[i] = text_of(&table->classes, table->pairs[pair].class);
    }
    *found = (nf_labels_of_image){.key = text_of(&table->keys, image),
                                  .split = labels->split != 0 ? text_of(&table->splits, labels->split - 1) : "",
                                  .labelled = labels->labelled,
                                  .n_classes = labels->n_classes,
                                  .classes = table->found};
}

bool nf_label_table_find(nf_label_table *table, const char *key, nf_labels_of_image *found)
{
    uint32_t image = nf_keys_find(&table->keys, key, strlen(key) + 1);
    if (image == NF_KEY_NONE)
        return false;
    table->images[image].asked = true;
    nf_label_table_get(table, image, found);
    return true;
}

static bool is_split_asked(const nf_label_table *table, uint32_t split)
{
    for (uint32_t i = 0; i < table->keys.n; i++)
        if (table->images[i].asked && table->images[i].split == split)
            return true;
    return false;
}

uint64_t nf_label_table_unused(const nf_label_table *table, const char **example)
{
    uint64_t n = 0;
    *example = NULL;
    for (uint32_t split = 0; split <= table->splits.n; split++) {
        if (!is_split_asked(table, split))
            continue;
        for (uint32_t i = 0; i < table->keys.n; i++)
            if (table->images[i].split == split && !table->images[i].asked && n++ == 0)
                *example = text_of(&table->keys, i);
    }
    return n;
}

uint64_t nf_label_table_unasked(const nf_label_table *table, const char *split, const char **keys, size_t n_max,
                                uint64_t *n_named)
{
    uint64_t n = 0, n_unasked = 0;
    uint32_t number = split[0] != '\0' ? nf_keys_find(&table->splits, split, strlen(split) + 1) + 1 : 0;
    for (uint32_t i = 0; i < table->keys.n && (split[0] == '\0' || number != 0); i++) {
        if (table->images[i].split != number)
            continue;
        n++;
        if (!table->images[i].asked && n_unasked++ < n_max)
            keys[n_unasked - 1] = text_of(&table->keys, i);
    }
    if (n_named != NULL)
        *n_named = n;
    return n_unasked;
}

uint64_t nf_label_table_split_conflicts(const nf_label_table *table, const char **example)
{
    *example = table->n_conflicts > 0 ? text_of(&table->keys, table->conflict) : NULL;
    return table->n_conflicts;
}

size_t nf_label_table_count(const nf_label_table *table)
{
    return table->keys.n;
}
