#include "loaders/groups.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/keys.h"
#include "loaders/labels_from_dirs.h"

enum { PIXEL_VALUES = 256 };

/* The groups of one split's pixel values. */
typedef struct pixel_table {
    char *split;
    uint32_t groups[PIXEL_VALUES];
} pixel_table;

struct nf_groups {
    nf_keys group_keys, name_keys;
    nf_group *groups; /* (group_keys.n,) */
    size_t groups_capacity;
    char **names; /* (name_keys.n,) */
    size_t names_capacity;
    nf_buf key; /* the key that is being looked up */
    uint32_t source;
    pixel_table **tables; /* (n_tables,), each of its own: pointers into them are kept */
    size_t n_tables, tables_capacity;
};

/* "<kind><a>\0<b>\0": b may be NULL, which is another key than "". */
static nf_status make_key(nf_buf *made, char kind, const char *a, const char *b, nf_error *error)
{
    made->len = 0;
    nf_status status = nf_buf_append(made, &kind, 1, error);
    if (status == NF_OK)
        status = nf_buf_append(made, a, strlen(a) + 1, error);
    if (status == NF_OK && b != NULL)
        status = nf_buf_append(made, b, strlen(b) + 1, error);
    return status;
}

nf_status nf_groups_new(nf_groups **groups, nf_error *error)
{
    *groups = calloc(1, sizeof **groups);
    return *groups != NULL ? NF_OK : nf_fail_nomem(error, "the table of classes");
}

static void group_free(nf_group *group)
{
    free(group->directory);
    free(group->split);
    free(group->class_id);
    free(group->parts);
}

void nf_groups_free(nf_groups *groups)
{
    if (groups == NULL)
        return;
    for (size_t i = 0; i < groups->group_keys.n; i++)
        group_free(&groups->groups[i]);
    for (size_t i = 0; i < groups->name_keys.n; i++)
        free(groups->names[i]);
    nf_keys_free(&groups->group_keys);
    nf_keys_free(&groups->name_keys);
    free(groups->groups);
    free(groups->names);
    nf_buf_free(&groups->key);
    for (size_t i = 0; i < groups->n_tables; i++) {
        free(groups->tables[i]->split);
        free(groups->tables[i]);
    }
    free(groups->tables);
    free(groups);
}

static nf_status copy_text(char **copy, const char *text, nf_error *error)
{
    return text != NULL ? nf_strdup(copy, text, error) : NF_OK;
}

/* The number of the group whose key stands in groups->key; a new one gets copies of the texts. */
static nf_status intern(nf_groups *groups, const char *directory, const char *split, const char *class_id, uint32_t *number,
                        nf_error *error)
{
    *number = nf_keys_find(&groups->group_keys, groups->key.data, groups->key.len);
    if (*number != NF_KEY_NONE)
        return NF_OK;
    nf_group group = {.source = groups->source};
    nf_status status = nf_array_reserve((void **)&groups->groups, &groups->groups_capacity, groups->group_keys.n + 1,
                                        sizeof *groups->groups, "the table of classes", error);
    if (status == NF_OK)
        status = copy_text(&group.directory, directory, error);
    if (status == NF_OK)
        status = copy_text(&group.split, split, error);
    if (status == NF_OK)
        status = copy_text(&group.class_id, class_id, error);
    if (status == NF_OK)
        status = nf_keys_add(&groups->group_keys, groups->key.data, groups->key.len, error);
    if (status != NF_OK) {
        group_free(&group);
        return status;
    }
    *number = (uint32_t)groups->group_keys.n - 1;
    groups->groups[*number] = group;
    return NF_OK;
}

nf_status nf_groups_intern(nf_groups *groups, const char *split, const char *class_id, uint32_t *group, nf_error *error)
{
    nf_status status = make_key(&groups->key, 's', split, class_id, error);
    return status == NF_OK ? intern(groups, NULL, split, class_id, group, error) : status;
}

static nf_status intern_role(nf_groups *groups, nf_group_role role, const char *split, const char *class_id, uint32_t *group,
                             nf_error *error)
{
    nf_status status = make_key(&groups->key, role == NF_GROUP_PIXELS ? 'p' : 'h', split, class_id, error);
    if (status == NF_OK)
        status = intern(groups, NULL, split, class_id, group, error);
    if (status == NF_OK)
        groups->groups[*group].role = role;
    return status;
}

static int compare_texts(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static nf_status make_parts(nf_groups *groups, const char *split, const char *const *class_ids, size_t n, nf_group_parts *parts,
                            nf_error *error)
{
    parts->n = (uint32_t)n + 1;
    nf_status status = nf_groups_intern(groups, split, NULL, &parts->groups[0], error);
    for (size_t i = 0; i < n && status == NF_OK; i++)
        status = intern_role(groups, NF_GROUP_HOLDERS, split, class_ids[i], &parts->groups[i + 1], error);
    return status;
}

/* "m<split>\0<class>\0<class>\0..." */
static nf_status make_several_key(nf_groups *groups, const char *split, const char *const *class_ids, size_t n, nf_error *error)
{
    nf_status status = make_key(&groups->key, 'm', split, NULL, error);
    for (size_t i = 0; i < n && status == NF_OK; i++)
        status = nf_buf_append(&groups->key, class_ids[i], strlen(class_ids[i]) + 1, error);
    return status;
}

nf_status nf_groups_intern_several(nf_groups *groups, const char *split, const char **class_ids, size_t n_classes,
                                   uint32_t *group, nf_error *error)
{
    if (n_classes > 1)
        qsort(class_ids, n_classes, sizeof *class_ids, compare_texts);
    nf_status status = make_several_key(groups, split, class_ids, n_classes, error);
    if (status != NF_OK)
        return status;
    *group = nf_keys_find(&groups->group_keys, groups->key.data, groups->key.len);
    if (*group != NF_KEY_NONE)
        return NF_OK;
    nf_group_parts *parts = calloc(1, sizeof *parts + (n_classes + 1) * sizeof parts->groups[0]);
    if (parts == NULL)
        return nf_fail_nomem(error, "the classes of an image");
    status = make_parts(groups, split, class_ids, n_classes, parts, error);
    if (status == NF_OK)
        status = make_several_key(groups, split, class_ids, n_classes, error); /* the parts had keys of their own */
    if (status == NF_OK)
        status = intern(groups, NULL, split, NULL, group, error);
    if (status != NF_OK) {
        free(parts);
        return status;
    }
    groups->groups[*group].parts = parts;
    return NF_OK;
}

static nf_status fill_table(nf_groups *groups, pixel_table *table, const char *split, const char *const *class_ids,
                            nf_error *error)
{
    nf_status status = nf_strdup(&table->split, split, error);
    for (size_t i = 0; i < PIXEL_VALUES && status == NF_OK; i++) {
        table->groups[i] = NF_GROUP_LATE;
        if (class_ids[i] != NULL)
            status = intern_role(groups, NF_GROUP_PIXELS, table->split, class_ids[i], &table->groups[i], error);
    }
    return status;
}

nf_status nf_groups_pixel_classes(nf_groups *groups, const char *split, const char *const *class_ids, const uint32_t **table,
                                  nf_error *error)
{
    for (size_t i = 0; i < groups->n_tables; i++)
        if (strcmp(groups->tables[i]->split, split) == 0) {
            *table = groups->tables[i]->groups;
            return NF_OK;
        }
    nf_status status = nf_array_reserve((void **)&groups->tables, &groups->tables_capacity, groups->n_tables + 1,
                                        sizeof(pixel_table *), "the classes of pixels", error);
    if (status != NF_OK)
        return status;
    pixel_table *made = calloc(1, sizeof *made);
    if (made == NULL)
        return nf_fail_nomem(error, "the classes of pixels");
    status = fill_table(groups, made, split, class_ids, error);
    if (status != NF_OK) {
        free(made->split);
        free(made);
        return status;
    }
    groups->tables[groups->n_tables++] = made;
    *table = made->groups;
    return NF_OK;
}

void nf_groups_begin_source(nf_groups *groups, uint32_t source)
{
    groups->source = source;
}

nf_status nf_groups_intern_directory(nf_groups *groups, const char *directory, uint32_t *group, nf_error *error)
{
    char source[16];
    snprintf(source, sizeof source, "%u", (unsigned)groups->source);
    nf_status status = make_key(&groups->key, 'd', directory, source, error);
    return status == NF_OK ? intern(groups, directory, "", NULL, group, error) : status;
}

nf_status nf_groups_name_class(nf_groups *groups, const char *class_id, const char *name, nf_error *error)
{
    char *copy = NULL;
    nf_status status = nf_strdup(&copy, name, error);
    if (status != NF_OK)
        return status;
    uint32_t known = nf_keys_find(&groups->name_keys, class_id, strlen(class_id) + 1);
    if (known != NF_KEY_NONE) {
        free(groups->names[known]);
        groups->names[known] = copy;
        return NF_OK;
    }
    status = nf_array_reserve((void **)&groups->names, &groups->names_capacity, groups->name_keys.n + 1,
                              sizeof *groups->names, "the names of classes", error);
    if (status == NF_OK)
        status = nf_keys_add(&groups->name_keys, class_id, strlen(class_id) + 1, error);
    if (status != NF_OK) {
        free(copy);
        return status;
    }
    groups->names[groups->name_keys.n - 1] = copy;
    return NF_OK;
}

const char *nf_groups_class_name(const nf_groups *groups, const char *class_id)
{
    uint32_t known = nf_keys_find(&groups->name_keys, class_id, strlen(class_id) + 1);
    return known != NF_KEY_NONE ? groups->names[known] : NULL;
}

size_t nf_groups_count(const nf_groups *groups)
{
    return groups->group_keys.n;
}

const nf_group *nf_groups_get(const nf_groups *groups, uint32_t group)
{
    return &groups->groups[group];
}

/* The directories of all sources without the roots of each: (n,) pointers into the groups' texts, and which group each is. */
static size_t collect_directories(const nf_groups *groups, const char **directories, uint32_t *numbers)
{
    size_t n = 0;
    for (size_t i = 0; i < groups->group_keys.n; i++)
        if (groups->groups[i].directory != NULL) {
            directories[n] = groups->groups[i].directory;
            numbers[n++] = (uint32_t)i;
        }
    for (size_t first = 0, end = 0; first < n; first = end) { /* a source's directories stand together */
        for (end = first; end < n && groups->groups[numbers[end]].source == groups->groups[numbers[first]].source; end++)
            ;
        nf_labels_drop_root(directories + first, end - first);
    }
    return n;
}

static void take_labels(nf_groups *groups, const uint32_t *numbers, const nf_directory_label *labels, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        nf_group *group = &groups->groups[numbers[i]];
        free(group->split);
        free(group->class_id);
        group->split = labels[i].split;
        group->class_id = labels[i].class_id;
    }
}

nf_status nf_groups_resolve(nf_groups *groups, nf_error *error)
{
    size_t room = groups->group_keys.n + 1;
    const char **directories = calloc(room, sizeof *directories);
    uint32_t *numbers = calloc(room, sizeof *numbers);
    nf_directory_label *labels = calloc(room, sizeof *labels);
    nf_status status = NF_OK;
    if (directories == NULL || numbers == NULL || labels == NULL) {
        status = nf_fail_nomem(error, "the labels of directories");
    } else {
        size_t n = collect_directories(groups, directories, numbers);
        status = nf_labels_from_directories(directories, n, labels, error);
        if (status == NF_OK)
            take_labels(groups, numbers, labels, n);
    }
    free(directories);
    free(numbers);
    free(labels);
    return status;
}
