/* The built-in manifests, which scripts/manifests.cmake wrote as C, are what manifest_read.c reads from their files: every value
 * of its tables is compared. Reading them also holds the files to what a manifest must be. */
#include "support/folder.h"

#include <stdbool.h>

#include "manifest/manifest.h"
#include "manifest/manifest_read.h"

static bool same_texts(const char *const *a, size_t n_a, const char *const *b, size_t n_b)
{
    bool same = n_a == n_b;
    for (size_t i = 0; same && i < n_a; i++)
        same = strcmp(a[i], b[i]) == 0;
    return same;
}

static bool same_classes(const nf_manifest_class *a, size_t n_a, const nf_manifest_class *b, size_t n_b)
{
    bool same = n_a == n_b;
    for (size_t i = 0; same && i < n_a; i++)
        same = strcmp(a[i].id, b[i].id) == 0 && strcmp(a[i].name, b[i].name) == 0;
    return same;
}

static bool same_unions(const nf_manifest *a, const nf_manifest *b)
{
    bool same = a->n_unions == b->n_unions;
    for (size_t i = 0; same && i < a->n_unions; i++)
        same = strcmp(a->unions[i].name, b->unions[i].name) == 0 &&
               same_texts(a->unions[i].splits, a->unions[i].n_splits, b->unions[i].splits, b->unions[i].n_splits);
    return same;
}

static bool same_fields(const nf_field *fields, const void *a, const void *b);

/* What the tables leave to a function. A key that has none here counts as different. */
static bool same_own(const char *key, const void *a, const void *b)
{
    const nf_manifest *m = a, *n = b;
    const nf_layout_labels *l = a, *k = b;
    if (strcmp(key, "schema") == 0)
        return true; /* it leaves nothing behind */
    if (strcmp(key, "labels") == 0)
        return m->labels == n->labels;
    if (strcmp(key, "list") == 0)
        return same_classes(m->classes, m->n_classes, n->classes, n->n_classes);
    if (strcmp(key, "coarse") == 0)
        return same_classes(m->coarse_classes, m->n_coarse_classes, n->coarse_classes, n->n_coarse_classes);
    if (strcmp(key, "unions") == 0)
        return same_unions(m, n);
    if (strcmp(key, "columns") == 0)
        return same_texts(l->columns, l->n_columns, k->columns, k->n_columns);
    if (strcmp(key, "layout") == 0 && (m->layout == NULL || n->layout == NULL))
        return m->layout == n->layout;
    return strcmp(key, "layout") == 0 && same_fields(nf_layout_fields, m->layout, n->layout);
}

#define MEMBER(type, object, offset) (*(type const *)(const void *)((const char *)(object) + (offset)))

static bool same_array(const nf_field *field, const void *a, const void *b)
{
    size_t n = MEMBER(size_t, a, field->count_offset);
    bool same = n == MEMBER(size_t, b, field->count_offset);
    for (size_t i = 0; same && i < n; i++)
        if (field->kind == NF_FIELD_OBJECTS)
            same = same_fields(field->fields, MEMBER(char *, a, field->offset) + i * field->item_bytes,
                               MEMBER(char *, b, field->offset) + i * field->item_bytes);
        else if (field->kind == NF_FIELD_TEXTS)
            same = strcmp(MEMBER(char **, a, field->offset)[i], MEMBER(char **, b, field->offset)[i]) == 0;
        else
            same = MEMBER(int64_t *, a, field->offset)[i] == MEMBER(int64_t *, b, field->offset)[i];
    return same;
}

static bool same_field(const nf_field *field, const void *a, const void *b)
{
    switch (field->kind) {
    case NF_FIELD_TEXT:
        return strcmp(MEMBER(char *, a, field->offset), MEMBER(char *, b, field->offset)) == 0;
    case NF_FIELD_COUNT:
        return MEMBER(int64_t, a, field->offset) == MEMBER(int64_t, b, field->offset);
    case NF_FIELD_OBJECT:
        return same_fields(field->fields, a, b);
    case NF_FIELD_OWN:
        return same_own(field->key, a, b);
    default:
        return same_array(field, a, b);
    }
}

static bool same_fields(const nf_field *fields, const void *a, const void *b)
{
    bool same = true;
    for (const nf_field *field = fields; field->kind != NF_FIELD_END; field++)
        if (!same_field(field, a, b)) {
            print_error("%s differs\n", field->key);
            same = false;
        }
    return same;
}

/* Reads a file of data-manifests as --manifest does, in the place of the built-in one. */
static bool is_as_its_file(const nf_manifest *manifest)
{
    folder f;
    folder_open(&f);
    nf_manifests *read;
    nf_error error = {0};
    if (nf_manifests_open(&read, folder_write(&f, "copy.json", manifest->json, manifest->n_json_bytes), &error) != NF_OK)
        fail_msg("%s: %s", manifest->file, error.message);
    const nf_manifest *copy = nf_manifests_find(read, manifest->id);
    assert_ptr_equal(strstr(copy->file, "copy.json"), f.file + strlen(f.path) + 1); /* and not the built-in one */
    bool same = same_fields(nf_manifest_fields, manifest, copy);
    nf_manifests_close(read);
    folder_close(&f);
    return same;
}

static void what_is_compiled_in_is_what_their_files_say(void **state)
{
    (void)state;
    nf_manifests *manifests;
    assert_int_equal(nf_manifests_open(&manifests, NULL, NULL), NF_OK);
    assert_true(nf_manifests_count(manifests) > 20);
    for (size_t i = 0; i < nf_manifests_count(manifests); i++) {
        const nf_manifest *manifest = nf_manifests_get(manifests, i);
        if (!is_as_its_file(manifest))
            fail_msg("%s", manifest->file);
    }
    nf_manifests_close(manifests);
}

/* Else the comparison above could not fail. */
static void a_difference_is_seen(void **state)
{
    (void)state;
    nf_manifests *manifests;
    assert_int_equal(nf_manifests_open(&manifests, NULL, NULL), NF_OK);
    const nf_manifest *voc = nf_manifests_find(manifests, "voc"), *coco = nf_manifests_find(manifests, "coco");
    nf_manifest others[] = {*voc, *voc, *voc, *voc, *voc, *voc, *voc};
    enum { N = sizeof others / sizeof others[0] };
    others[1].title = coco->title;
    others[2].n_classes_known = coco->n_classes_known;
    others[3].archives = coco->archives;
    others[4].unions = coco->unions;
    others[5].classes = coco->classes;
    others[6].layout = coco->layout;
    for (size_t i = 0; i < N; i++)
        assert_int_equal(same_fields(nf_manifest_fields, voc, &others[i]), i == 0);
    nf_manifests_close(manifests);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_compiled_in_is_what_their_files_say),
        cmocka_unit_test(a_difference_is_seen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
