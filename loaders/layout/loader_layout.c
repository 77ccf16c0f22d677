/* nofade: sets that a manifest describes: pictures in known places, with labels in their paths, in files of their own, or in
 * label maps (ImageNet, Tiny-ImageNet, VOC, COCO, Cityscapes, ADE20K ...).
 *
 * Labels that lie apart are gathered before the first image where a source can be walked cheaply (layout.c). Elsewhere (pipes,
 * large or compressed tars) they are read as they come, and images that come before their labels wait for them.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "loaders/labels_from_dirs.h"
#include "loaders/layout/layout.h"
#include "loaders/members.h"
#include "loaders/pictures.h"

enum { LATE_SET = 1, MAP_BYTES_MAX = 64 << 20, PIXEL_VALUES = 256, VALUE_TEXT = 12 };

typedef struct layout_loader {
    nf_pictures pictures;
    const nf_loader_context *context;
    const nf_manifest *manifest;
    const char *subset, *source_name;
    char real_name[NF_SOURCE_NAME_BYTES];
    bool is_directory;
    nf_buf path; /* of the current entry, as templates see it */
    nf_buf waiting; /* key, split and class of images whose labels have not come, NUL-terminated */
    size_t n_waiting;
    uint32_t *groups; /* (n_waiting,) given with their labels */
    bool bound;       /* the waiting images have been given their groups */
    const char *pixel_ids[PIXEL_VALUES]; /* class ids of a label map's values; NULL: no class */
    char pixel_texts[PIXEL_VALUES][VALUE_TEXT];
    uint64_t n_contradicted; /* images whom label files give several classes in a set of one each */
    char contradicted[200];  /* the key of one */
    uint64_t without_map, with_map, unplaced_maps;
    nf_error map_fault; /* the first of them */
    uint64_t n_map_faults;
} layout_loader;

static nf_status name_classes(const nf_loader_context *context, nf_error *error)
{
    const nf_manifest *manifest = context->manifest;
    nf_status status = NF_OK;
    for (size_t i = 0; i < manifest->n_classes && status == NF_OK; i++)
        if (manifest->classes[i].name[0] != '\0')
            status = nf_groups_name_class(context->groups, manifest->classes[i].id, manifest->classes[i].name, error);
    return status;
}

static bool is_ignored(const nf_layout *layout, int64_t value)
{
    for (size_t i = 0; i < layout->n_label_maps; i++)
        for (size_t j = 0; j < layout->label_maps[i].n_ignored; j++)
            if (layout->label_maps[i].ignored[j] == value)
                return true;
    return false;
}

static void number_pixel_classes(layout_loader *loader)
{
    for (int value = 0; value < PIXEL_VALUES; value++) {
        snprintf(loader->pixel_texts[value], VALUE_TEXT, "%d", value);
        if (!is_ignored(loader->manifest->layout, value))
            loader->pixel_ids[value] = loader->pixel_texts[value];
    }
}

static bool is_label_file(void *owner, const nf_entry *entry)
{
    layout_loader *loader = owner;
    size_t rule;
    nf_captures captures;
    if (nf_layout_path(&loader->path, loader->source_name, loader->is_directory, entry->path, NULL) != NF_OK)
        return false;
    nf_layout_role role = nf_layout_role_of(loader->manifest->layout, loader->subset, (const char *)loader->path.data, &rule,
                                            &captures);
    return role == NF_ROLE_LABELS || role == NF_ROLE_LABEL_MAP;
}

static nf_status layout_open(void **state, const nf_loader_context *context, const char *forced_id, nf_error *error)
{
    layout_loader *loader = calloc(1, sizeof *loader);
    (void)forced_id;
    *state = loader;
    if (loader == NULL)
        return nf_fail_nomem(error, "the layout loader");
    const nf_manifest *manifest = context->manifest;
    loader->pictures = (nf_pictures){.context = context, .is_needed = is_label_file, .owner = loader, .hands_on = true};
    loader->context = context;
    loader->manifest = manifest;
    loader->subset = context->options->subset != NULL ? context->options->subset : manifest->layout->subset;
    loader->source_name = nf_source_real_name(context->options->source_path, loader->real_name);
    loader->is_directory = strcmp(nf_entries_info(context->entries)->format, "directory") == 0;
    context->facts->id = manifest->id;
    context->facts->title = manifest->title;
    number_pixel_classes(loader);
    return name_classes(context, error);
}

static void layout_close(void *state)
{
    layout_loader *loader = state;
    if (loader == NULL)
        return;
    nf_buf_free(&loader->path);
    nf_buf_free(&loader->waiting);
    free(loader->groups);
    free(loader);
}

/* ---- what an image is labelled with ---- */

/* What the path of an image says; "" where it says nothing. */
typedef struct path_labels {
    char key[NF_LAYOUT_KEY_SIZE], split[NF_LAYOUT_KEY_SIZE], class_id[NF_LAYOUT_KEY_SIZE];
} path_labels;

/* One of the rule's own, or a captured one, in its canonical form where it has one. */
static void tell_split(const nf_layout_images *rule, const nf_captures *captures, path_labels *told)
{
    const nf_capture *captured = nf_captures_find(captures, "split");
    const char *canonical = captured != NULL ? nf_split_of_name(captured->text, captured->text_len) : NULL;
    if (rule->split[0] != '\0' || captured == NULL)
        snprintf(told->split, sizeof told->split, "%s", rule->split);
    else if (canonical != NULL)
        snprintf(told->split, sizeof told->split, "%s", canonical);
    else if (!nf_captures_expand(captures, "{split}", told->split, sizeof told->split))
        told->split[0] = '\0';
}

static bool has_known_class(const nf_layout_images *rule)
{
    return rule->class_id[0] != '\0' && strcmp(rule->class_id, "-") != 0;
}

static void tell(const nf_layout_images *rule, const nf_captures *captures, path_labels *told)
{
    tell_split(rule, captures, told);
    if (!nf_layout_key(captures, rule->key, told->key))
        told->key[0] = '\0';
    if (has_known_class(rule))
        snprintf(told->class_id, sizeof told->class_id, "%s", rule->class_id);
    else if (rule->class_id[0] != '\0' || !nf_captures_expand(captures, "{class}", told->class_id, sizeof told->class_id))
        told->class_id[0] = '\0';
}

/* Label files that contradict each other: which came first must not decide. */
static void count_contradicted(layout_loader *loader, const char *key)
{
    if (loader->n_contradicted++ == 0)
        snprintf(loader->contradicted, sizeof loader->contradicted, "%s", key);
}

/* The group of an image by its path and the labels that are known now. *complete: nothing is missing that a label file could
 * still say; is_last: none will. */
static nf_status look_up(layout_loader *loader, const char *key, const char *split, const char *class_id, bool is_last,
                         uint32_t *group, bool *complete, nf_error *error)
{
    nf_groups *groups = loader->context->groups;
    nf_labels_kind kind = loader->manifest->labels;
    nf_labels_of_image labels = {.split = ""};
    if (key[0] != '\0' && loader->manifest->layout->n_labels > 0)
        nf_label_table_find(loader->context->apart->table, key, &labels);
    split = split[0] != '\0' ? split : labels.split;
    bool contradicted = class_id[0] == '\0' && kind == NF_LABELS_ONE && labels.n_classes > 1;
    bool has_class = class_id[0] != '\0' || (kind == NF_LABELS_ONE && labels.n_classes == 1);
    *complete = split[0] != '\0' && (has_class || contradicted || kind == NF_LABELS_NONE || kind == NF_LABELS_PIXELS ||
                                     (kind == NF_LABELS_SEVERAL && labels.labelled));
    if (contradicted && (*complete || is_last))
        count_contradicted(loader, key);
    if (!has_class && kind == NF_LABELS_SEVERAL && labels.labelled) {
        const char *ids[NF_LABEL_CLASSES_AN_IMAGE_MAX];
        memcpy(ids, labels.classes, labels.n_classes * sizeof *ids); /* fits: the table's own bound */
        return nf_groups_intern_several(groups, split, ids, labels.n_classes, group, error);
    }
    return nf_groups_intern(groups, split, class_id[0] != '\0' ? class_id : has_class ? labels.classes[0] : NULL, group, error);
}

static nf_status keep_text(nf_buf *texts, const char *text, nf_error *error)
{
    return nf_buf_append(texts, text, strlen(text) + 1, error);
}

static nf_status let_wait(layout_loader *loader, const path_labels *told, nf_record *record, nf_error *error)
{
    nf_status status = keep_text(&loader->waiting, told->key, error);
    if (status == NF_OK)
        status = keep_text(&loader->waiting, told->split, error);
    if (status == NF_OK)
        status = keep_text(&loader->waiting, told->class_id, error);
    if (status != NF_OK)
        return status;
    record->late_group = record->group;
    record->group = NF_GROUP_LATE;
    record->late_set = LATE_SET;
    record->late_row = (int64_t)loader->n_waiting++;
    return NF_OK;
}

static nf_status find_group(layout_loader *loader, const nf_layout_images *rule, const path_labels *told, nf_record *record,
                            nf_error *error)
{
    bool complete;
    bool is_last = loader->context->gathered || loader->manifest->layout->n_labels == 0 || strcmp(rule->class_id, "-") == 0 ||
                   record->failure != NF_FAILURE_NONE;
    nf_status status = look_up(loader, told->key, told->split, told->class_id, is_last, &record->group, &complete, error);
    return status != NF_OK || complete || is_last ? status : let_wait(loader, told, record, error);
}

/* Every label of the source has been read: the waiting images get what there is. NF_EOF: none waits. */
static nf_status bind_waiting(layout_loader *loader, nf_record *record, nf_error *error)
{
    if (loader->bound || loader->n_waiting == 0)
        return NF_EOF;
    nf_status status = nf_label_files_settle(loader->context->apart->files, error);
    loader->groups = calloc(loader->n_waiting, sizeof *loader->groups);
    if (status == NF_OK && loader->groups == NULL)
        status = nf_fail_nomem(error, "the labels");
    const char *text = (const char *)loader->waiting.data;
    size_t n_without = 0;
    for (size_t i = 0; i < loader->n_waiting && status == NF_OK; i++) {
        const char *key = text, *split = key + strlen(key) + 1, *class_id = split + strlen(split) + 1;
        bool complete;
        status = look_up(loader, key, split, class_id, true, &loader->groups[i], &complete, error);
        n_without += !complete;
        text = class_id + strlen(class_id) + 1;
    }
    if (status != NF_OK)
        return status;
    loader->bound = true;
    nf_label_files_miss(loader->context->apart->files, n_without);
    nf_record_reset(record);
    record->kind = NF_RECORD_LABELS;
    record->late_set = LATE_SET;
    record->groups = loader->groups;
    record->n_groups = loader->n_waiting;
    return NF_OK;
}

/* ---- label maps ---- */

static void note_map_fault(layout_loader *loader, const char *path, const nf_error *fault)
{
    if (loader->n_map_faults++ > 0)
        return;
    loader->map_fault = *fault;
    nf_error_prepend(&loader->map_fault, "%s", path);
}

/* Appends the image's label map to its record, where there is one. */
static nf_status add_map(layout_loader *loader, const path_labels *told, nf_record *record, nf_error *error)
{
    const nf_loader_context *context = loader->context;
    nf_stream *data = NULL;
    nf_error fault = {0};
    if (nf_places_count(context->apart->maps) == 0 || record->failure != NF_FAILURE_NONE)
        return NF_OK;
    nf_status status = nf_places_open(context->apart->maps, told->key, strlen(told->key), &data, &fault);
    if (status == NF_EOF) {
        loader->without_map++;
        return NF_OK;
    }
    size_t start = record->data->len;
    if (status == NF_OK)
        status = nf_stream_read_all(data, MAP_BYTES_MAX, record->data, &fault);
    if (status == NF_BAD_RECORD || status == NF_ERR_DAMAGED) {
        record->data->len = start;
        note_map_fault(loader, record->member, &fault);
        return NF_OK;
    }
    if (status != NF_OK) {
        *error = fault;
        return status;
    }
    record->n_map_bytes = record->data->len - start;
    loader->with_map++;
    bool is_late = record->group == NF_GROUP_LATE; /* then its split is the path's, or none */
    const char *split = is_late ? told->split : nf_groups_get(context->groups, record->group)->split;
    return nf_groups_pixel_classes(context->groups, split, loader->pixel_ids, &record->pixel_classes, error);
}

static nf_status note_labels(layout_loader *loader, nf_error *error)
{
    uint64_t n = loader->n_contradicted;
    loader->n_contradicted = 0;
    if (n == 0)
        return NF_OK;
    return nf_notes_add(loader->context->apart->notes, error, "label files give %llu image%s several classes each, where one is "
                        "due (one is %s): these have no label", (unsigned long long)n, n == 1 ? "" : "s", loader->contradicted);
}

static nf_status note_maps(layout_loader *loader, nf_error *error)
{
    nf_notes *notes = loader->context->apart->notes;
    nf_status status = note_labels(loader, error);
    const bool is_one = loader->unplaced_maps == 1;
    if (status == NF_OK && loader->without_map > 0 && loader->with_map > 0)
        status = nf_notes_add(notes, error, "%llu image%s no label map", (unsigned long long)loader->without_map,
                              loader->without_map == 1 ? " has" : "s have");
    if (status == NF_OK && loader->unplaced_maps > 0)
        status = nf_notes_out_of_reach(notes, error, "%llu label map%s where %s cannot be read beside %s (in a tar, in a zip "
                                       "inside an archive, or on a pipe); the zip as published or the extracted directory gives "
                                       "the figures of the classes", (unsigned long long)loader->unplaced_maps,
                                       is_one ? " lies" : "s lie", is_one ? "it" : "they", is_one ? "its image" : "their images");
    if (status == NF_OK && loader->n_map_faults > 0)
        status = nf_notes_damage(notes, error, "%llu label map%s cannot be used; first: %s", (unsigned long long)loader->n_map_faults,
                                 loader->n_map_faults == 1 ? "" : "s", loader->map_fault.message);
    loader->without_map = loader->unplaced_maps = loader->n_map_faults = 0;
    return status;
}

/* ---- the walk ---- */

static bool is_other_class(const nf_layout *layout, const char *class_id)
{
    for (size_t i = 0; i < layout->n_other_classes; i++)
        if (strcmp(layout->other_classes[i], class_id) == 0)
            return true;
    return false;
}

/* An entry that the layout gives the role of an image. *is_image stays false when it is none. */
static nf_status take_image(layout_loader *loader, const nf_layout_images *rule, const nf_captures *captures,
                            const nf_entry *entry, nf_record *record, bool *is_image, nf_error *error)
{
    path_labels told;
    tell(rule, captures, &told);
    if (is_other_class(loader->manifest->layout, told.class_id)) {
        *is_image = false;
        nf_tally_add(loader->context->passed_over, "other-class", 1);
        return NF_OK;
    }
    nf_status status = NF_OK;
    if (!*is_image)
        status = nf_pictures_take(&loader->pictures, entry, record, is_image, error);
    if (status != NF_OK || !*is_image)
        return status;
    status = find_group(loader, rule, &told, record, error);
    return status == NF_OK && loader->manifest->labels == NF_LABELS_PIXELS ? add_map(loader, &told, record, error) : status;
}

/* A map that the gathering found no place for cannot be had when its image comes. */
static void look_for_map(layout_loader *loader, size_t rule, const nf_captures *captures)
{
    char key[NF_LAYOUT_KEY_SIZE];
    bool has_key = nf_layout_key(captures, loader->manifest->layout->label_maps[rule].key, key);
    loader->unplaced_maps += !has_key || !nf_places_has(loader->context->apart->maps, key, strlen(key));
}

static nf_status take_other(layout_loader *loader, nf_layout_role role, size_t rule, const nf_captures *captures,
                            const nf_entry *entry, nf_error *error)
{
    nf_tally *tally = loader->context->passed_over;
    if (role == NF_ROLE_LABEL_MAP) {
        nf_tally_add(tally, "label-map", 1);
        look_for_map(loader, rule, captures);
        return NF_OK;
    }
    if (role == NF_ROLE_PASSED_OVER)
        nf_tally_add(tally, loader->manifest->layout->passed_over[rule].kind, 1);
    else
        nf_tally_add_path(tally, entry->path);
    nf_stream *data = nf_entries_data(loader->context->entries);
    if (role != NF_ROLE_LABELS || data == NULL)
        return NF_OK;
    nf_status status = nf_layout_read_labels(loader->context, rule, captures, entry->path, data, error);
    return status == NF_OK ? nf_label_files_settle(loader->context->apart->files, error) : status;
}

/* One entry, whatever it is. *is_image: it fills the record. */
static nf_status take_entry(layout_loader *loader, const nf_entry *entry, nf_record *record, bool *is_image, nf_error *error)
{
    size_t rule;
    nf_captures captures;
    const nf_layout *layout = loader->manifest->layout;
    nf_status status = nf_layout_path(&loader->path, loader->source_name, loader->is_directory, entry->path, error);
    if (status != NF_OK)
        return status;
    const char *path = (const char *)loader->path.data;
    nf_layout_role role = nf_layout_role_of(layout, loader->subset, path, &rule, &captures);
    if (role == NF_ROLE_IMAGE)
        return take_image(loader, &layout->images[rule], &captures, entry, record, is_image, error);
    bool failed = *is_image; /* and is none of the set's */
    *is_image = false;
    return failed ? take_other(loader, NF_ROLE_OTHER, 0, &captures, entry, error)
                  : take_other(loader, role, rule, &captures, entry, error);
}

static nf_status layout_next(void *state, nf_record *record, nf_error *error)
{
    layout_loader *loader = state;
    for (;;) {
        nf_entry entry;
        bool is_image;
        nf_status status = nf_pictures_next(&loader->pictures, &entry, record, &is_image, error);
        if (status == NF_EOF || status == NF_ERR_DAMAGED) { /* what waits is bound first; the fault is told again */
            nf_error fault = {0};
            nf_status bound = bind_waiting(loader, record, &fault);
            if (bound == NF_EOF)
                bound = note_maps(loader, &fault);
            else if (bound == NF_OK)
                return NF_OK;
            if (bound != NF_OK && error != NULL)
                *error = fault;
            return bound != NF_OK ? bound : status;
        }
        if (status == NF_OK)
            status = take_entry(loader, &entry, record, &is_image, error);
        if (status != NF_OK || is_image)
            return status;
    }
}

static size_t layout_unit_bytes(void *state, const nf_entry *entry)
{
    layout_loader *loader = state;
    size_t rule;
    nf_captures captures;
    size_t n = nf_pictures_unit_bytes(&loader->pictures, entry);
    if (n == NF_UNIT_NEVER ||
        nf_layout_path(&loader->path, loader->source_name, loader->is_directory, entry->path, NULL) != NF_OK)
        return n; /* without memory for it, it is drawn as what it is not: then that fails */
    nf_layout_role role = nf_layout_role_of(loader->manifest->layout, loader->subset, (const char *)loader->path.data, &rule,
                                            &captures);
    if (role == NF_ROLE_LABEL_MAP)
        look_for_map(loader, rule, &captures);
    return role == NF_ROLE_IMAGE ? n : role == NF_ROLE_LABELS ? NF_UNIT_FIRST : NF_UNIT_NEVER;
}

static const char *const layout_ids[] = {NULL}; /* the manifests' */

const nf_loader nf_loader_layout = {
    .name = "layout",
    .summary = "pictures and labels where a manifest says",
    .ids = layout_ids,
    .detect = nf_layout_detect,
    .gather = nf_layout_gather,
    .open = layout_open,
    .next = layout_next,
    .close = layout_close,
    .unit_bytes = layout_unit_bytes,
};
