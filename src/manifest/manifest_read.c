/* nofade: the keys of a manifest, as tables. */
#include "manifest/manifest_read.h"

#include <string.h>

enum {
    ALIASES_MAX = 64,
    ARCHIVES_MAX = 1024,
    SPLITS_MAX = 256,
    CLASSES_MAX = 65535,
    RULES_MAX = 256, /* of a layout, of each kind */
    IGNORED_MAX = 256
};

#define ROW(type, key, kind, needed, field) {key, kind, needed, offsetof(type, field), 0, 0, 0, NULL, NULL}
#define TEXT(type, field) ROW(type, #field, NF_FIELD_TEXT, false, field)
#define NEEDED_TEXT(type, field) ROW(type, #field, NF_FIELD_TEXT, true, field)
#define COUNT(type, field) ROW(type, #field, NF_FIELD_COUNT, false, field)
#define TEXTS(type, field, max) \
    {#field, NF_FIELD_TEXTS, false, offsetof(type, field), offsetof(type, n_##field), max, 0, NULL, NULL}
#define COUNTS(type, field, max) \
    {#field, NF_FIELD_COUNTS, false, offsetof(type, field), offsetof(type, n_##field), max, 0, NULL, NULL}
#define OBJECTS(type, field, max, item, table) \
    {#field, NF_FIELD_OBJECTS, false, offsetof(type, field), offsetof(type, n_##field), max, sizeof(item), table, NULL}
#define OBJECT(key, table) {key, NF_FIELD_OBJECT, false, 0, 0, 0, 0, table, NULL}
#define OWN(key, needed, read) {key, NF_FIELD_OWN, needed, 0, 0, 0, 0, NULL, read}
#define END {NULL, NF_FIELD_END, false, 0, 0, 0, 0, NULL, NULL}

static const nf_field archive_fields[] = {
    NEEDED_TEXT(nf_manifest_archive, name), COUNT(nf_manifest_archive, bytes), TEXT(nf_manifest_archive, md5),
    TEXT(nf_manifest_archive, sha256), TEXT(nf_manifest_archive, holds), TEXT(nf_manifest_archive, url),
    NEEDED_TEXT(nf_manifest_archive, source), END,
};

static const nf_field split_fields[] = {
    TEXT(nf_manifest_split, name), TEXT(nf_manifest_split, subset), COUNT(nf_manifest_split, images),
    COUNT(nf_manifest_split, images_per_class), NEEDED_TEXT(nf_manifest_split, source), END,
};

static const nf_field subset_fields[] = {
    NEEDED_TEXT(nf_manifest_subset, name),
    ROW(nf_manifest_subset, "classes", NF_FIELD_COUNT, false, n_classes),
    NEEDED_TEXT(nf_manifest_subset, source),
    END,
};

/* ---- layout ---- */

static nf_status read_columns(nf_field_reader *reader, const json_t *value, void *target)
{
    nf_layout_labels *labels = target;
    const char *const *columns;
    nf_status status = nf_fields_texts(reader, value, NF_MANIFEST_COLUMNS_MAX, &columns, &labels->n_columns);
    for (size_t i = 0; status == NF_OK && i < labels->n_columns; i++)
        labels->columns[i] = columns[i];
    return status;
}

static const nf_field images_fields[] = {
    NEEDED_TEXT(nf_layout_images, path), TEXT(nf_layout_images, split),
    ROW(nf_layout_images, "class", NF_FIELD_TEXT, false, class_id), TEXT(nf_layout_images, key), END,
};

static const nf_field passed_over_fields[] = {
    NEEDED_TEXT(nf_layout_passed_over, path), NEEDED_TEXT(nf_layout_passed_over, kind), END,
};

static const nf_field labels_fields[] = {
    NEEDED_TEXT(nf_layout_labels, path), NEEDED_TEXT(nf_layout_labels, reader), TEXT(nf_layout_labels, split),
    TEXT(nf_layout_labels, subset), TEXT(nf_layout_labels, separators), OWN("columns", false, read_columns),
    COUNT(nf_layout_labels, skip_lines), END,
};

static const nf_field label_map_fields[] = {
    NEEDED_TEXT(nf_layout_label_map, path), TEXT(nf_layout_label_map, key),
    COUNTS(nf_layout_label_map, ignored, IGNORED_MAX), END,
};

static const nf_field need_fields[] = {
    NEEDED_TEXT(nf_layout_need, split), NEEDED_TEXT(nf_layout_need, archive), END,
};

const nf_field nf_layout_fields[] = {
    OBJECTS(nf_layout, images, RULES_MAX, nf_layout_images, images_fields),
    OBJECTS(nf_layout, passed_over, RULES_MAX, nf_layout_passed_over, passed_over_fields),
    OBJECTS(nf_layout, labels, RULES_MAX, nf_layout_labels, labels_fields),
    OBJECTS(nf_layout, label_maps, RULES_MAX, nf_layout_label_map, label_map_fields),
    OBJECTS(nf_layout, needs, RULES_MAX, nf_layout_need, need_fields),
    TEXT(nf_layout, subset),
    TEXTS(nf_layout, other_classes, CLASSES_MAX),
    END,
};

/* What is absent and has a default other than "" and -1. */
static void set_layout_defaults(nf_layout *layout)
{
    nf_layout_images *images = (nf_layout_images *)layout->images; /* still ours */
    nf_layout_label_map *maps = (nf_layout_label_map *)layout->label_maps;
    nf_layout_labels *labels = (nf_layout_labels *)layout->labels;
    for (size_t i = 0; i < layout->n_images; i++)
        if (images[i].key[0] == '\0')
            images[i].key = "{key}";
    for (size_t i = 0; i < layout->n_label_maps; i++)
        if (maps[i].key[0] == '\0')
            maps[i].key = "{key}";
    for (size_t i = 0; i < layout->n_labels; i++)
        if (labels[i].skip_lines < 0)
            labels[i].skip_lines = 0;
}

static nf_status read_layout(nf_field_reader *reader, const json_t *value, void *target)
{
    void *memory;
    nf_status status = nf_fields_take(reader, 1, sizeof(nf_layout), &memory);
    if (status == NF_OK)
        status = nf_fields_read(reader, value, nf_layout_fields, memory);
    if (status == NF_OK)
        set_layout_defaults(memory);
    ((nf_manifest *)target)->layout = memory;
    return status;
}

/* ---- classes ---- */

static nf_status read_class(nf_field_reader *reader, const json_t *pair, nf_manifest_class *class)
{
    if (!json_is_array(pair) || json_array_size(pair) != 2)
        return nf_fields_refuse(reader, "must be a pair [id, name]");
    nf_status status = nf_fields_text(reader, json_array_get(pair, 0), &class->id);
    if (status == NF_OK)
        status = nf_fields_text(reader, json_array_get(pair, 1), &class->name);
    if (status == NF_OK && class->id[0] == '\0')
        status = nf_fields_refuse(reader, "the id is empty");
    return status;
}

static nf_status read_class_list(nf_field_reader *reader, const json_t *list, const nf_manifest_class **classes, size_t *n)
{
    void *memory;
    if (!json_is_array(list) || json_array_size(list) > CLASSES_MAX)
        return nf_fields_refuse(reader, "must be a list of at most %d pairs [id, name]", CLASSES_MAX);
    nf_status status = nf_fields_take(reader, json_array_size(list), sizeof **classes, &memory);
    for (size_t i = 0; status == NF_OK && i < json_array_size(list); i++) {
        size_t outer = nf_fields_enter(reader, NULL, i);
        status = read_class(reader, json_array_get(list, i), (nf_manifest_class *)memory + i);
        if (status == NF_OK)
            nf_fields_leave(reader, outer);
    }
    *classes = memory;
    *n = status == NF_OK ? json_array_size(list) : 0;
    return status;
}

static nf_status read_classes(nf_field_reader *reader, const json_t *value, void *target)
{
    nf_manifest *manifest = target;
    return read_class_list(reader, value, &manifest->classes, &manifest->n_classes);
}

static nf_status read_coarse_classes(nf_field_reader *reader, const json_t *value, void *target)
{
    nf_manifest *manifest = target;
    return read_class_list(reader, value, &manifest->coarse_classes, &manifest->n_coarse_classes);
}

/* ---- the manifest ---- */

static nf_status read_schema(nf_field_reader *reader, const json_t *value, void *target)
{
    (void)target;
    if (!json_is_integer(value) || json_integer_value(value) != NF_MANIFEST_SCHEMA)
        return nf_fields_refuse(reader, "must be %d", NF_MANIFEST_SCHEMA);
    return NF_OK;
}

static nf_status read_labels_kind(nf_field_reader *reader, const json_t *value, void *target)
{
    static const char *const kinds[] = {"none", "one", "several", "pixels"};
    const char *kind = json_string_value(value);
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (kind != NULL && strcmp(kind, kinds[i]) == 0) {
            ((nf_manifest *)target)->labels = (nf_labels_kind)i;
            return NF_OK;
        }
    return nf_fields_refuse(reader, "must be \"none\", \"one\", \"several\" or \"pixels\"");
}

static nf_status read_unions(nf_field_reader *reader, const json_t *value, void *target)
{
    nf_manifest *manifest = target;
    const char *key;
    json_t *item;
    void *memory;
    size_t n = 0;
    if (!json_is_object(value) || json_object_size(value) > SPLITS_MAX)
        return nf_fields_refuse(reader, "must be an object of at most %d lists of splits", SPLITS_MAX);
    nf_status status = nf_fields_take(reader, json_object_size(value), sizeof(nf_manifest_union), &memory);
    nf_manifest_union *unions = memory;
    json_object_foreach((json_t *)value, key, item) /* only read */
    {
        if (status != NF_OK)
            return status;
        size_t outer = nf_fields_enter(reader, key, 0);
        unions[n].name = key;
        status = nf_fields_texts(reader, item, SPLITS_MAX, &unions[n].splits, &unions[n].n_splits);
        n++;
        if (status == NF_OK)
            nf_fields_leave(reader, outer);
    }
    manifest->unions = unions;
    manifest->n_unions = n;
    return status;
}

static const nf_field licence_fields[] = {
    ROW(nf_manifest, "note", NF_FIELD_TEXT, true, licence),
    ROW(nf_manifest, "source", NF_FIELD_TEXT, true, licence_source),
    END,
};

static const nf_field typical_size_fields[] = {
    ROW(nf_manifest, "note", NF_FIELD_TEXT, true, typical_size),
    ROW(nf_manifest, "source", NF_FIELD_TEXT, true, typical_size_source),
    END,
};

static const nf_field classes_fields[] = {
    ROW(nf_manifest, "count", NF_FIELD_COUNT, true, n_classes_known),
    ROW(nf_manifest, "note", NF_FIELD_TEXT, false, classes_note),
    ROW(nf_manifest, "source", NF_FIELD_TEXT, true, classes_source),
    OWN("list", false, read_classes),
    OWN("coarse", false, read_coarse_classes),
    END,
};

const nf_field nf_manifest_fields[] = {
    OWN("schema", true, read_schema),
    NEEDED_TEXT(nf_manifest, id),
    NEEDED_TEXT(nf_manifest, title),
    TEXTS(nf_manifest, aliases, ALIASES_MAX),
    NEEDED_TEXT(nf_manifest, task),
    TEXT(nf_manifest, metric),
    OWN("labels", true, read_labels_kind),
    TEXT(nf_manifest, homepage),
    OBJECT("licence", licence_fields),
    OBJECTS(nf_manifest, archives, ARCHIVES_MAX, nf_manifest_archive, archive_fields),
    OBJECTS(nf_manifest, splits, SPLITS_MAX, nf_manifest_split, split_fields),
    OBJECTS(nf_manifest, subsets, SPLITS_MAX, nf_manifest_subset, subset_fields),
    OWN("unions", false, read_unions),
    TEXT(nf_manifest, default_split),
    OBJECT("classes", classes_fields),
    OBJECT("typical_size", typical_size_fields),
    NEEDED_TEXT(nf_manifest, loader),
    TEXT(nf_manifest, extends),
    OWN("layout", false, read_layout),
    END,
};

nf_status nf_manifest_read(nf_field_reader *reader, const json_t *root, nf_manifest *manifest)
{
    nf_status status = nf_fields_read(reader, root, nf_manifest_fields, manifest);
    reader->path[0] = '\0';
    return status == NF_OK ? nf_manifest_check(reader, manifest) : status;
}
