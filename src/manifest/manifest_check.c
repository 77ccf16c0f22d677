/* nofade: what the parts of a manifest must be to each other. */
#include <string.h>

#include "base/buf.h"
#include "base/keys.h"
#include "manifest/manifest_read.h"

enum { ID_BYTES_MAX = 64 };

/* A refusal at "list[i].key". */
#define REFUSE_AT(reader, list, i, key, ...)                                         \
    (nf_fields_enter(reader, list, 0), nf_fields_enter(reader, NULL, i),             \
     (key) != NULL ? nf_fields_enter(reader, key, 0) : 0, nf_fields_refuse(reader, __VA_ARGS__))

static nf_status refuse_key(nf_field_reader *reader, const char *key, const char *sentence, const char *name)
{
    nf_fields_enter(reader, key, 0);
    return nf_fields_refuse(reader, sentence, name);
}

static bool is_one_of(const char *text, const char *const *words)
{
    for (; *words != NULL; words++)
        if (strcmp(text, *words) == 0)
            return true;
    return false;
}

static bool is_id(const char *id)
{
    size_t n = strlen(id);
    return n <= ID_BYTES_MAX && strspn(id, "abcdefghijklmnopqrstuvwxyz0123456789-") == n && id[0] != '-' && id[n - 1] != '-';
}

static nf_status check_head(nf_field_reader *reader, const nf_manifest *m)
{
    static const char *const tasks[] = {"classification", "segmentation", "detection", NULL};
    if (!is_id(m->id))
        return refuse_key(reader, "id", "\"%s\": must be small letters, digits and inner hyphens, at most 64", m->id);
    if (!is_one_of(m->task, tasks))
        return refuse_key(reader, "task", "\"%s\": must be classification, segmentation or detection", m->task);
    for (size_t i = 0; i < m->n_aliases; i++)
        if (strlen(m->aliases[i]) > ID_BYTES_MAX)
            return REFUSE_AT(reader, "aliases", i, (const char *)NULL, "longer than %d bytes", ID_BYTES_MAX);
    if ((strcmp(m->loader, "layout") == 0) != (m->layout != NULL))
        return refuse_key(reader, "layout", m->layout == NULL ? "is missing: the loader is \"%s\""
                                                              : "belongs to loader \"layout\", this is \"%s\"", m->loader);
    return NF_OK;
}

static bool is_digest(const char *hex, size_t digits)
{
    return hex[0] == '\0' || (strlen(hex) == digits && strspn(hex, "0123456789abcdef") == digits);
}

/* Adds a name (of two parts) to those seen; *again: it was there. */
static nf_status see(nf_keys *seen, const char *name, const char *part, bool *again, nf_error *error)
{
    nf_buf key = {0};
    nf_status status = nf_buf_append(&key, name, strlen(name) + 1, error);
    if (status == NF_OK)
        status = nf_buf_append(&key, part, strlen(part), error);
    *again = status == NF_OK && nf_keys_find(seen, key.data, key.len) != NF_KEY_NONE;
    if (status == NF_OK && !*again)
        status = nf_keys_add(seen, key.data, key.len, error);
    nf_buf_free(&key);
    return status;
}

static nf_status check_archives(nf_field_reader *reader, const nf_manifest *m, nf_keys *seen)
{
    for (size_t i = 0; i < m->n_archives; i++) {
        const nf_manifest_archive *archive = &m->archives[i];
        bool again;
        if (!is_digest(archive->md5, 32))
            return REFUSE_AT(reader, "archives", i, "md5", "must be 32 small hexadecimal digits");
        if (!is_digest(archive->sha256, 64))
            return REFUSE_AT(reader, "archives", i, "sha256", "must be 64 small hexadecimal digits");
        nf_status status = see(seen, archive->name, "", &again, reader->error);
        if (status == NF_OK && again)
            status = REFUSE_AT(reader, "archives", i, "name", "\"%s\" comes twice", archive->name);
        if (status != NF_OK)
            return status;
    }
    return NF_OK;
}

static bool has_split(const nf_manifest *m, const char *name)
{
    for (size_t i = 0; i < m->n_splits; i++)
        if (strcmp(m->splits[i].name, name) == 0)
            return true;
    return false;
}

static bool has_union(const nf_manifest *m, const char *name)
{
    for (size_t i = 0; i < m->n_unions; i++)
        if (strcmp(m->unions[i].name, name) == 0)
            return true;
    return false;
}

static nf_status check_splits(nf_field_reader *reader, const nf_manifest *m, nf_keys *seen)
{
    for (size_t i = 0; i < m->n_splits; i++) {
        const nf_manifest_split *split = &m->splits[i];
        bool again;
        if (strcmp(split->name, "all") == 0)
            return REFUSE_AT(reader, "splits", i, "name", "\"all\" means all splits");
        nf_status status = see(seen, split->name, split->subset, &again, reader->error);
        if (status == NF_OK && again)
            status = REFUSE_AT(reader, "splits", i, "name", "\"%s\" comes twice", split->name);
        if (status != NF_OK)
            return status;
    }
    return NF_OK;
}

static nf_status check_unions(nf_field_reader *reader, const nf_manifest *m)
{
    nf_fields_enter(reader, "unions", 0);
    for (size_t i = 0; i < m->n_unions; i++) {
        const nf_manifest_union *all = &m->unions[i];
        if (all->name[0] == '\0' || strcmp(all->name, "all") == 0 || has_split(m, all->name))
            return refuse_key(reader, all->name, "\"%s\" is no name for a union: empty, \"all\", or a split's", all->name);
        if (all->n_splits == 0)
            return refuse_key(reader, all->name, "\"%s\" names no split", all->name);
        for (size_t k = 0; k < all->n_splits; k++)
            if (!has_split(m, all->splits[k]))
                return REFUSE_AT(reader, all->name, k, (const char *)NULL, "no split \"%s\"", all->splits[k]);
    }
    reader->path[0] = '\0';
    if (m->default_split[0] != '\0' && !has_split(m, m->default_split) && !has_union(m, m->default_split))
        return refuse_key(reader, "default_split", "no split or union \"%s\"", m->default_split);
    return NF_OK;
}

static nf_status check_class_list(nf_field_reader *reader, const char *key, const nf_manifest_class *classes, size_t n,
                                  nf_keys *seen)
{
    for (size_t i = 0; i < n; i++) {
        bool again;
        nf_status status = see(seen, key, classes[i].id, &again, reader->error);
        if (status == NF_OK && again) {
            nf_fields_enter(reader, "classes", 0);
            status = REFUSE_AT(reader, key, i, (const char *)NULL, "id \"%s\" comes twice", classes[i].id);
        }
        if (status != NF_OK)
            return status;
    }
    return NF_OK;
}

static nf_status check_classes(nf_field_reader *reader, const nf_manifest *m, nf_keys *seen)
{
    if (m->n_classes > 0 && m->n_classes_known != (int64_t)m->n_classes) {
        nf_fields_enter(reader, "classes", 0);
        nf_fields_enter(reader, "count", 0);
        return nf_fields_refuse(reader, "%lld, but %zu are listed", (long long)m->n_classes_known, m->n_classes);
    }
    nf_status status = check_class_list(reader, "list", m->classes, m->n_classes, seen);
    return status == NF_OK ? check_class_list(reader, "coarse", m->coarse_classes, m->n_coarse_classes, seen) : status;
}

/* ---- layout ---- */

/* What is wrong with the name, and perhaps pattern, between braces that begins at *at; NULL: nothing, *at is behind it. */
static const char *fault_of_braces(const char **at)
{
    size_t name = strspn(*at, "abcdefghijklmnopqrstuvwxyz_0123456789");
    const char *end = strpbrk(*at + name, "{}/!");
    if (end == NULL || *end != '}')
        return "has a \"{\" without its \"}\"";
    if (name == 0)
        return "has braces without a name in small letters";
    const char *rest = *at + name;
    if (rest != end && (*rest != '=' || rest + 1 == end || (rest + 2 == end && rest[1] == '+')))
        return "has braces that hold neither {name} nor {name=PATTERN}";
    *at = end + 1;
    return NULL;
}

/* What is wrong with a template, NULL: nothing. manifest.h says what one is. */
static const char *fault_of_template(const char *path)
{
    const char *fault = NULL;
    if (path[0] == '\0' || path[0] == '/' || path[strlen(path) - 1] == '/' || strstr(path, "//") != NULL)
        return "has an empty component";
    while (*path != '\0' && fault == NULL) {
        if (*path == '}')
            fault = "has a \"}\" without its \"{\"";
        else if (*path++ == '{')
            fault = fault_of_braces(&path);
    }
    return fault;
}

static nf_status check_labels(nf_field_reader *reader, const nf_layout *layout)
{
    static const char *const readers[] = {"lines", "imagenet-truth", "imagenet-meta", "voc-xml", "coco-json", NULL};
    static const char *const columns[] = {"key", "class", "name", "-", NULL};
    for (size_t i = 0; i < layout->n_labels; i++) {
        const nf_layout_labels *labels = &layout->labels[i];
        if (!is_one_of(labels->reader, readers))
            return REFUSE_AT(reader, "labels", i, "reader",
                             "\"%s\": must be lines, imagenet-truth, imagenet-meta, voc-xml or coco-json", labels->reader);
        if ((strcmp(labels->reader, "lines") == 0) != (labels->n_columns > 0))
            return REFUSE_AT(reader, "labels", i, "columns", "go with the reader \"lines\", and with no other");
        for (size_t k = 0; k < labels->n_columns; k++)
            if (!is_one_of(labels->columns[k], columns))
                return REFUSE_AT(reader, "labels", i, "columns", "\"%s\": must be key, class, name or -", labels->columns[k]);
        const char *fault = fault_of_template(labels->path);
        if (fault != NULL)
            return REFUSE_AT(reader, "labels", i, "path", "%s", fault);
    }
    return NF_OK;
}

static nf_status check_templates(nf_field_reader *reader, const nf_layout *layout)
{
    const char *fault;
    for (size_t i = 0; i < layout->n_images; i++)
        if ((fault = fault_of_template(layout->images[i].path)) != NULL)
            return REFUSE_AT(reader, "images", i, "path", "%s", fault);
    for (size_t i = 0; i < layout->n_passed_over; i++)
        if ((fault = fault_of_template(layout->passed_over[i].path)) != NULL)
            return REFUSE_AT(reader, "passed_over", i, "path", "%s", fault);
    for (size_t i = 0; i < layout->n_label_maps; i++)
        if ((fault = fault_of_template(layout->label_maps[i].path)) != NULL)
            return REFUSE_AT(reader, "label_maps", i, "path", "%s", fault);
    return NF_OK;
}

/* "" or the name of a split that there is. */
static nf_status check_layout_splits(nf_field_reader *reader, const nf_manifest *m)
{
    const nf_layout *layout = m->layout;
    for (size_t i = 0; i < layout->n_images; i++)
        if (layout->images[i].split[0] != '\0' && !has_split(m, layout->images[i].split))
            return REFUSE_AT(reader, "images", i, "split", "no split \"%s\"", layout->images[i].split);
    for (size_t i = 0; i < layout->n_labels; i++)
        if (layout->labels[i].split[0] != '\0' && !has_split(m, layout->labels[i].split))
            return REFUSE_AT(reader, "labels", i, "split", "no split \"%s\"", layout->labels[i].split);
    for (size_t i = 0; i < layout->n_needs; i++)
        if (!has_split(m, layout->needs[i].split))
            return REFUSE_AT(reader, "needs", i, "split", "no split \"%s\"", layout->needs[i].split);
    return NF_OK;
}

static nf_status check_layout(nf_field_reader *reader, const nf_manifest *m)
{
    if (m->layout == NULL)
        return NF_OK;
    nf_fields_enter(reader, "layout", 0);
    if (m->layout->n_images == 0)
        return refuse_key(reader, "images", "%s", "must name at least one path");
    nf_status status = check_templates(reader, m->layout);
    if (status == NF_OK)
        status = check_labels(reader, m->layout);
    return status == NF_OK ? check_layout_splits(reader, m) : status;
}

nf_status nf_manifest_check(nf_field_reader *reader, const nf_manifest *manifest)
{
    nf_keys archives = {0}, splits = {0}, classes = {0};
    nf_status status = check_head(reader, manifest);
    if (status == NF_OK)
        status = check_archives(reader, manifest, &archives);
    if (status == NF_OK)
        status = check_splits(reader, manifest, &splits);
    if (status == NF_OK)
        status = check_unions(reader, manifest);
    if (status == NF_OK)
        status = check_classes(reader, manifest, &classes);
    if (status == NF_OK)
        status = check_layout(reader, manifest);
    nf_keys_free(&archives);
    nf_keys_free(&splits);
    nf_keys_free(&classes);
    return status;
}
