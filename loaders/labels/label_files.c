#include "loaders/labels/label_files.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "loaders/labels/label_readers.h"

/* --- names of classes --------------------------------------------------------------------------------------------- */

nf_status nf_class_names_add(nf_class_names *names, const char *class_id, const char *name, nf_error *error)
{
    if (names->n >= NF_CLASS_NAMES_MAX)
        return nf_fail(error, NF_BAD_RECORD, "names of more than %d classes", NF_CLASS_NAMES_MAX);
    if (strlen(name) > NF_CLASS_NAME_MAX || strlen(class_id) > NF_CLASS_NAME_MAX)
        return nf_fail(error, NF_BAD_RECORD, "the id or name of a class is longer than %d bytes", NF_CLASS_NAME_MAX);
    nf_status status = nf_buf_append(&names->texts, class_id, strlen(class_id) + 1, error);
    if (status == NF_OK)
        status = nf_buf_append(&names->texts, name, strlen(name) + 1, error);
    names->n += status == NF_OK;
    return status;
}

nf_status nf_class_names_give(const nf_class_names *names, nf_groups *groups, nf_error *error)
{
    nf_status status = NF_OK;
    const char *at = (const char *)names->texts.data;
    for (size_t i = 0; i < names->n && status == NF_OK; i++) {
        const char *class_id = at, *name = at + strlen(at) + 1;
        status = nf_groups_name_class(groups, class_id, name, error);
        at = name + strlen(name) + 1;
    }
    return status;
}

void nf_class_names_free(nf_class_names *names)
{
    nf_buf_free(&names->texts);
    names->n = 0;
}

/* --- files -------------------------------------------------------------------------------------------------------- */

size_t nf_label_key_length(const char *name)
{
    static const char *const suffixes[] = {".jpeg", ".jpg", ".jpe", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".ppm"};
    size_t length = strlen(name);
    for (size_t i = 0; i < sizeof suffixes / sizeof suffixes[0]; i++) {
        size_t n = strlen(suffixes[i]);
        if (length > n && strcasecmp(name + length - n, suffixes[i]) == 0)
            return length - n;
    }
    return length;
}

nf_status nf_label_source_image(nf_label_source *source, const char *key, uint32_t *image, nf_error *error)
{
    nf_status status = nf_label_table_image(source->said, key, image, error);
    if (status == NF_OK && source->rule->split[0] != '\0')
        status = nf_label_table_set_split(source->said, *image, source->rule->split, error);
    return status;
}

nf_status nf_label_files_new(nf_label_files **files, nf_label_table *table, nf_groups *groups, nf_notes *notes, nf_error *error)
{
    *files = calloc(1, sizeof **files);
    if (*files == NULL)
        return nf_fail_nomem(error, "the files of labels");
    (*files)->table = table;
    (*files)->groups = groups;
    (*files)->notes = notes;
    return NF_OK;
}

void nf_label_files_free(nf_label_files *files)
{
    if (files == NULL)
        return;
    nf_imagenet_free(&files->imagenet);
    free(files);
}

void nf_label_files_miss(nf_label_files *files, uint64_t n_images)
{
    files->n_missed += n_images;
}

static nf_status note_missed(nf_label_files *files, const char *path, nf_error *error)
{
    uint64_t n = files->n_missed;
    files->n_missed = 0;
    if (n == 0)
        return NF_OK;
    return nf_notes_add(files->notes, error, "%.200s came after %llu image%s without labels, which it may hold: give it before "
                        "the images", path, (unsigned long long)n, n == 1 ? "" : "s");
}

typedef struct label_reader {
    const char *name;
    nf_status (*read)(nf_label_source *source, nf_error *error);
} label_reader;

static const label_reader readers[] = {
    {"lines", nf_read_label_lines}, {"imagenet-truth", nf_read_imagenet_truth}, {"imagenet-meta", nf_read_imagenet_meta},
    {"voc-xml", nf_read_voc_xml},   {"coco-json", nf_read_coco_json},
};

nf_status nf_label_files_read(nf_label_files *files, const nf_layout_labels *rule, const char *path, const char *key,
                              nf_stream *data, nf_error *error)
{
    const label_reader *reader = NULL;
    for (size_t i = 0; i < sizeof readers / sizeof readers[0]; i++)
        if (strcmp(rule->reader, readers[i].name) == 0)
            reader = &readers[i];
    if (reader == NULL)
        return nf_fail(error, NF_ERR_INTERNAL, "no reader of labels is called %s", rule->reader);
    nf_label_source source = {.files = files, .rule = rule, .path = path, .key = key, .data = data};
    nf_status status = nf_label_table_new(&source.said, error);
    if (status == NF_OK)
        status = reader->read(&source, error);
    if (status == NF_OK)
        status = nf_label_table_merge(files->table, source.said, error);
    if (status == NF_OK)
        status = nf_class_names_give(&source.names, files->groups, error);
    if (status == NF_OK)
        nf_imagenet_take(&files->imagenet, &source.imagenet);
    if (status == NF_OK)
        status = note_missed(files, path, error);
    nf_imagenet_free(&source.imagenet);
    nf_label_table_free(source.said);
    nf_class_names_free(&source.names);
    return status;
}

nf_status nf_label_files_settle(nf_label_files *files, nf_error *error)
{
    const char *example;
    nf_status status = nf_imagenet_settle(files, error);
    uint64_t n = nf_label_table_split_conflicts(files->table, &example);
    if (status == NF_OK && n > files->n_conflicts_noted) {
        files->n_conflicts_noted = n;
        status = nf_notes_add(files->notes, error, "label files put images into two splits (%llu times, one is %.200s); the first "
                              "word stands", (unsigned long long)n, example);
    }
    return status;
}
