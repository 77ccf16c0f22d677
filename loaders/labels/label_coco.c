/* nofade: COCO's JSON: {"images": [{id, file_name}], "annotations": [{image_id, category_id}], "categories": [{id, name}]} in any
 * order, everything else in it passed over; in panoptic files annotations[].segments_info[].category_id. Half a gigabyte of
 * outlines streams by: what is held grows with the images and with the pairs of image and category alone. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "base/keys.h"
#include "base/number.h"
#include "loaders/labels/json_stream.h"
#include "loaders/labels/label_readers.h"

enum { ID_SIZE = 24 /* characters of an int64_t, and more */, RECORD_DEPTH = 3, SEGMENT_DEPTH = 5 };

typedef enum coco_section { SECTION_OTHER, IMAGES, ANNOTATIONS, CATEGORIES, N_SECTIONS } coco_section;
typedef enum coco_field { FIELD_OTHER, ID, IMAGE_ID, CATEGORY_ID, TEXT, SEGMENTS } coco_field;

static const char *const section_names[N_SECTIONS] = {"", "images", "annotations", "categories"};
static const struct {
    coco_section section;
    coco_field field;
    const char *key;
} field_names[] = {
    {IMAGES, ID, "id"},                         {IMAGES, TEXT, "file_name"},           {CATEGORIES, ID, "id"},
    {CATEGORIES, TEXT, "name"},                 {ANNOTATIONS, IMAGE_ID, "image_id"},   {ANNOTATIONS, CATEGORY_ID, "category_id"},
    {ANNOTATIONS, SEGMENTS, "segments_info"},
};

/* An image by its key, in the order of the source's table. */
typedef struct coco_key {
    uint64_t path_hash; /* of file_name: two files in two folders may have one key */
    bool is_ambiguous;
} coco_key;

typedef struct coco_reader {
    nf_label_source *source;
    nf_label_table *by_id; /* ids of images and categories, in decimal digits */
    uint32_t *images;      /* of each image in by_id: number in source->said + 1; 0: only annotations speak of it */
    coco_key *keys;        /* (n_keys,) of each image in source->said */
    size_t images_capacity, n_keys, keys_capacity;
    nf_keys categories;    /* ids in decimal digits, with the NUL */
    bool has_section[N_SECTIONS];
    uint64_t n_annotations, n_with_category;
    /* where it stands */
    coco_section section;
    coco_field field;
    bool in_segment_category;
    /* the record in hand */
    bool has_id, has_text;
    char id[ID_SIZE]; /* an image's or a category's, or the annotation's image */
    nf_buf text;      /* file_name or name, with a NUL */
    size_t n_category_ids;
    int64_t category_ids[NF_LABEL_CLASSES_AN_IMAGE_MAX];
} coco_reader;

/* --- records ------------------------------------------------------------------------------------------------------ */

/* The entry of the id in hand. */
static nf_status image_of_id(coco_reader *coco, uint32_t *number, nf_error *error)
{
    size_t n = nf_label_table_count(coco->by_id);
    nf_status status = nf_label_table_image(coco->by_id, coco->id, number, error);
    if (status != NF_OK || *number < n)
        return status;
    status = nf_array_reserve((void **)&coco->images, &coco->images_capacity, n + 1, sizeof *coco->images,
                              "the images of an annotation file", error);
    if (status == NF_OK)
        coco->images[n] = 0;
    return status;
}

/* The image of the file_name in hand. */
static nf_status image_of_path(coco_reader *coco, uint32_t *image, nf_error *error)
{
    char *path = (char *)coco->text.data, *slash = strrchr(path, '/'), *stem = slash != NULL ? slash + 1 : path;
    uint64_t hash = XXH3_64bits(path, strlen(path));
    stem[nf_label_key_length(stem)] = '\0';
    nf_status status = nf_label_source_image(coco->source, stem, image, error);
    if (status == NF_OK && *image == coco->n_keys) {
        status = nf_array_reserve((void **)&coco->keys, &coco->keys_capacity, coco->n_keys + 1, sizeof *coco->keys,
                                  "the images of an annotation file", error);
        if (status == NF_OK)
            coco->keys[coco->n_keys++] = (coco_key){hash, false};
    }
    if (status == NF_OK && coco->keys[*image].path_hash != hash)
        coco->keys[*image].is_ambiguous = true;
    return status;
}

static nf_status take_image(coco_reader *coco, nf_error *error)
{
    uint32_t number, image;
    if (!coco->has_id || !coco->has_text)
        return nf_fail(error, NF_BAD_RECORD, "an image without id or file_name");
    nf_status status = image_of_id(coco, &number, error);
    if (status == NF_OK)
        status = image_of_path(coco, &image, error);
    if (status == NF_OK && coco->images[number] != 0 && coco->images[number] != image + 1)
        status = nf_fail(error, NF_BAD_RECORD, "two images have the id %s", coco->id);
    if (status == NF_OK)
        coco->images[number] = image + 1;
    return status;
}

static nf_status take_annotation(coco_reader *coco, nf_error *error)
{
    uint32_t number;
    if (!coco->has_id)
        return nf_fail(error, NF_BAD_RECORD, "an annotation without image_id");
    coco->n_annotations++;
    coco->n_with_category += coco->n_category_ids > 0;
    nf_status status = image_of_id(coco, &number, error);
    for (size_t i = 0; i < coco->n_category_ids && status == NF_OK; i++) {
        char id[ID_SIZE];
        snprintf(id, sizeof id, "%lld", (long long)coco->category_ids[i]);
        status = nf_label_table_add_class(coco->by_id, number, id, error);
    }
    return status;
}

static nf_status take_category(coco_reader *coco, nf_error *error)
{
    if (!coco->has_id || !coco->has_text)
        return nf_fail(error, NF_BAD_RECORD, "a category without id or name");
    nf_status status = nf_class_names_add(&coco->source->names, coco->id, (const char *)coco->text.data, error);
    if (status != NF_OK || nf_keys_find(&coco->categories, coco->id, strlen(coco->id) + 1) != NF_KEY_NONE)
        return status;
    return nf_keys_add(&coco->categories, coco->id, strlen(coco->id) + 1, error);
}

static nf_status take_record(coco_reader *coco, nf_error *error)
{
    return coco->section == IMAGES        ? take_image(coco, error)
           : coco->section == ANNOTATIONS ? take_annotation(coco, error)
                                          : take_category(coco, error);
}

/* --- values ------------------------------------------------------------------------------------------------------- */

static nf_status take_integer(const nf_json_event *event, int64_t *value, nf_error *error)
{
    char text[ID_SIZE];
    if (event->kind == NF_JSON_NUMBER && event->length < sizeof text) {
        memcpy(text, event->text, event->length);
        text[event->length] = '\0';
        if (nf_parse_i64(text, INT64_MIN, INT64_MAX, value))
            return NF_OK;
    }
    return nf_fail(error, NF_BAD_RECORD, "an id that is no integer");
}

static nf_status add_category_id(coco_reader *coco, int64_t id, nf_error *error)
{
    for (size_t i = 0; i < coco->n_category_ids; i++)
        if (coco->category_ids[i] == id)
            return NF_OK;
    if (coco->n_category_ids == NF_LABEL_CLASSES_AN_IMAGE_MAX)
        return nf_fail(error, NF_BAD_RECORD, "more than %d categories in one image", NF_LABEL_CLASSES_AN_IMAGE_MAX);
    coco->category_ids[coco->n_category_ids++] = id;
    return NF_OK;
}

static nf_status take_id(coco_reader *coco, const nf_json_event *event, nf_error *error)
{
    int64_t id;
    nf_status status = take_integer(event, &id, error);
    if (status != NF_OK)
        return status;
    if (coco->in_segment_category || coco->field == CATEGORY_ID)
        return add_category_id(coco, id, error);
    snprintf(coco->id, sizeof coco->id, "%lld", (long long)id);
    coco->has_id = true;
    return NF_OK;
}

static nf_status take_text(coco_reader *coco, const nf_json_event *event, nf_error *error)
{
    if (event->kind != NF_JSON_STRING || memchr(event->text, '\0', event->length) != NULL)
        return nf_fail(error, NF_BAD_RECORD, "a file_name or name that is no text");
    coco->text.len = 0;
    nf_status status = nf_buf_append(&coco->text, event->text, event->length, error);
    if (status == NF_OK)
        status = nf_buf_append(&coco->text, "", 1, error);
    coco->has_text = status == NF_OK;
    return status;
}

static bool is_text(const nf_json_event *event, const char *text)
{
    return event->length == strlen(text) && memcmp(event->text, text, event->length) == 0;
}

/* --- where it stands: depth 1 the sections, 3 the fields of a record, 5 those of a segment ------------------------- */

static void take_key(coco_reader *coco, const nf_json_event *event)
{
    if (event->depth == 1) {
        coco->section = SECTION_OTHER;
        for (coco_section section = IMAGES; section < N_SECTIONS; section++)
            if (is_text(event, section_names[section]))
                coco->section = section;
        coco->has_section[coco->section] = true;
    } else if (event->depth == RECORD_DEPTH) {
        coco->field = FIELD_OTHER;
        for (size_t i = 0; i < sizeof field_names / sizeof field_names[0]; i++)
            if (field_names[i].section == coco->section && is_text(event, field_names[i].key))
                coco->field = field_names[i].field;
    } else if (event->depth == SEGMENT_DEPTH) {
        coco->in_segment_category = coco->field == SEGMENTS && is_text(event, "category_id");
    }
}

static nf_status take_value(coco_reader *coco, const nf_json_event *event, nf_error *error)
{
    if (event->depth == SEGMENT_DEPTH && coco->in_segment_category)
        return take_id(coco, event, error);
    if (event->depth != RECORD_DEPTH || coco->field == FIELD_OTHER || event->kind == NF_JSON_LITERAL)
        return NF_OK; /* null is as good as nothing */
    if (coco->field == TEXT)
        return take_text(coco, event, error);
    return coco->field == SEGMENTS ? NF_OK : take_id(coco, event, error);
}

/* The parts that count have the shape that the depths above rest on: {"images": [{...}]}. */
static nf_status check_shape(const coco_reader *coco, const nf_json_event *event, nf_error *error)
{
    if (event->depth == 0 && event->kind != NF_JSON_OPEN_OBJECT && event->kind != NF_JSON_CLOSE_OBJECT)
        return nf_fail(error, NF_BAD_RECORD, "no annotations of COCO: the outermost value is no object");
    bool is_sound = event->depth == 1   ? event->kind == NF_JSON_OPEN_LIST || event->kind == NF_JSON_CLOSE_LIST
                    : event->depth == 2 ? event->kind == NF_JSON_OPEN_OBJECT || event->kind == NF_JSON_CLOSE_OBJECT
                                        : true;
    if (coco->section != SECTION_OTHER && event->depth > 0 && event->kind != NF_JSON_KEY && !is_sound)
        return nf_fail(error, NF_BAD_RECORD, "%s is no list of objects", section_names[coco->section]);
    return NF_OK;
}

static nf_status on_event(void *state, const nf_json_event *event, nf_error *error)
{
    coco_reader *coco = state;
    if (event->depth < RECORD_DEPTH) {
        nf_status status = check_shape(coco, event, error);
        if (status != NF_OK)
            return status;
    }
    switch (event->kind) {
    case NF_JSON_KEY:
        take_key(coco, event);
        return NF_OK;
    case NF_JSON_OPEN_OBJECT:
        if (event->depth == 2) {
            coco->has_id = coco->has_text = false;
            coco->n_category_ids = 0;
            coco->field = FIELD_OTHER;
        }
        return NF_OK;
    case NF_JSON_CLOSE_OBJECT:
        coco->in_segment_category = false;
        return event->depth == 2 && coco->section != SECTION_OTHER ? take_record(coco, error) : NF_OK;
    case NF_JSON_STRING:
    case NF_JSON_NUMBER:
    case NF_JSON_LITERAL:
        return take_value(coco, event, error);
    default:
        return NF_OK;
    }
}

/* --- the whole ---------------------------------------------------------------------------------------------------- */

static nf_status check_whole(const coco_reader *coco, nf_error *error)
{
    for (coco_section section = IMAGES; section < N_SECTIONS; section++)
        if (!coco->has_section[section])
            return nf_fail(error, NF_BAD_RECORD, "it has no %s: it is no file of COCO's instances", section_names[section]);
    if (coco->categories.n == 0)
        return nf_fail(error, NF_BAD_RECORD, "its list of categories is empty");
    if (coco->n_annotations > 0 && coco->n_with_category == 0)
        return nf_fail(error, NF_BAD_RECORD, "none of its annotations names a category");
    return NF_OK;
}

typedef struct coco_misfits {
    uint64_t n_strange_images, n_ambiguous, n_strange_labels, n_labels; /* n_labels: that do fit */
    char image[ID_SIZE], key[200], category[ID_SIZE]; /* the first of each */
} coco_misfits;

static void count_misfit(uint64_t *n, char *example, size_t size, const char *text)
{
    if ((*n)++ == 0)
        snprintf(example, size, "%s", text);
}

/* Gives the categories of an image's id to its key. */
static nf_status bind_image(coco_reader *coco, uint32_t number, coco_misfits *misfits, nf_error *error)
{
    nf_label_table *said = coco->source->said;
    nf_labels_of_image labels;
    nf_status status = NF_OK;
    nf_label_table_get(coco->by_id, number, &labels);
    if (coco->images[number] == 0) {
        count_misfit(&misfits->n_strange_images, misfits->image, sizeof misfits->image, labels.key);
        return NF_OK;
    }
    uint32_t image = coco->images[number] - 1;
    if (coco->keys[image].is_ambiguous) {
        nf_label_table_get(said, image, &labels);
        count_misfit(&misfits->n_ambiguous, misfits->key, sizeof misfits->key, labels.key);
        return NF_OK;
    }
    nf_label_table_mark_labelled(said, image);
    for (size_t i = 0; i < labels.n_classes && status == NF_OK; i++) {
        if (nf_keys_find(&coco->categories, labels.classes[i], strlen(labels.classes[i]) + 1) == NF_KEY_NONE)
            count_misfit(&misfits->n_strange_labels, misfits->category, sizeof misfits->category, labels.classes[i]);
        else if ((status = nf_label_table_add_class(said, image, labels.classes[i], error)) == NF_OK)
            misfits->n_labels++;
    }
    return status;
}

static nf_status note_misfits(const nf_label_source *source, const coco_misfits *m, nf_error *error)
{
    nf_notes *notes = source->files->notes;
    nf_status status = NF_OK;
    if (m->n_strange_images > 0)
        status = nf_notes_add(notes, error,
                              m->n_strange_images == 1 ? "%.200s: %llu image id of its annotations is not among its images (%s)"
                                                       : "%.200s: %llu image ids of its annotations are not among its images (one is %s)",
                              source->path, (unsigned long long)m->n_strange_images, m->image);
    if (status == NF_OK && m->n_strange_labels > 0)
        status = nf_notes_add(notes, error,
                              m->n_strange_labels == 1
                                  ? "%.200s: %llu label names a category that is not among its categories (%s) and is not used"
                                  : "%.200s: %llu labels name categories that are not among its categories (one is %s) and are not used",
                              source->path, (unsigned long long)m->n_strange_labels, m->category);
    if (status == NF_OK && m->n_ambiguous > 0)
        status = nf_notes_add(notes, error, "%.200s: %llu of its images share their name with one in another folder (one is %s) "
                              "and have no label", source->path, (unsigned long long)m->n_ambiguous, m->key);
    return status;
}

static nf_status read_and_bind(coco_reader *coco, nf_error *error)
{
    coco_misfits misfits = {0};
    nf_status status = nf_label_table_new(&coco->by_id, error);
    if (status == NF_OK)
        status = nf_json_stream_read(coco->source->data, on_event, coco, error);
    if (status == NF_OK)
        status = check_whole(coco, error);
    for (uint32_t i = 0; status == NF_OK && i < nf_label_table_count(coco->by_id); i++)
        status = bind_image(coco, i, &misfits, error);
    if (status == NF_OK && misfits.n_labels == 0 && misfits.n_strange_labels > 0)
        return nf_fail(error, NF_BAD_RECORD, "none of its annotations names a category that it lists (one names %s)",
                       misfits.category);
    return status == NF_OK ? note_misfits(coco->source, &misfits, error) : status;
}

nf_status nf_read_coco_json(nf_label_source *source, nf_error *error)
{
    coco_reader *coco = calloc(1, sizeof *coco);
    if (coco == NULL)
        return nf_fail_nomem(error, "an annotation file");
    coco->source = source;
    nf_status status = read_and_bind(coco, error);
    nf_label_table_free(coco->by_id);
    nf_keys_free(&coco->categories);
    free(coco->images);
    free(coco->keys);
    nf_buf_free(&coco->text);
    free(coco);
    return status;
}
