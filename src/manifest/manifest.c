#include "manifest/manifest.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/embedded.h"
#include "base/json_fault.h"
#include "base/near.h"
#include "manifest/built_in.h"
#include "manifest/manifest_read.h"

enum { MANIFEST_BYTES_MAX = 16 << 20, NAMES_MAX = 1024 };

struct nf_manifests {
    nf_manifest *items; /* (n,) sorted by id; their texts are the program's own, or point into extra_root */
    size_t n;
    nf_buf extra;       /* the text of --manifest's file, and what was read from it */
    json_t *extra_root;
    nf_blocks extra_blocks;
};

/* ---- the built-in ones ---- */

static nf_status add_built_in(nf_manifests *all, nf_error *error)
{
    size_t n = 0;
    while (nf_built_in_manifests[n].id != NULL)
        n++;
    all->items = calloc(n + 1, sizeof *all->items); /* and --manifest's */
    if (all->items == NULL)
        return nf_fail_nomem(error, "the manifests");
    for (; all->n < n; all->n++) {
        nf_manifest *manifest = &all->items[all->n];
        *manifest = nf_built_in_manifests[all->n];
        const nf_embedded_file *file = nf_embedded_file_named(manifest->file);
        if (file == NULL)
            return nf_fail(error, NF_ERR_INTERNAL, "%s is not compiled in", manifest->file);
        manifest->json = (const char *)file->bytes;
        manifest->n_json_bytes = file->n_bytes;
    }
    return NF_OK;
}

/* ---- --manifest ---- */

static nf_status read_file(nf_buf *text, const char *path, nf_error *error)
{
    FILE *file = fopen(path, "rbe");
    if (file == NULL)
        return nf_fail(error, NF_ERR_INPUT, "cannot open %s: %s", path, strerror(errno));
    nf_status status = NF_OK;
    size_t got = 1;
    while (status == NF_OK && got > 0 && text->len <= MANIFEST_BYTES_MAX) {
        status = nf_buf_reserve(text, 1 << 16, error);
        got = status == NF_OK ? fread(text->data + text->len, 1, 1 << 16, file) : 0;
        text->len += got;
    }
    if (status == NF_OK && ferror(file))
        status = nf_fail(error, NF_ERR_INPUT, "cannot read %s: %s", path, strerror(errno));
    if (status == NF_OK && text->len > MANIFEST_BYTES_MAX)
        status = nf_fail(error, NF_ERR_USAGE, "%s: more than %d MiB: no manifest", path, MANIFEST_BYTES_MAX >> 20);
    fclose(file);
    return status;
}

/* The last one takes the place of a built-in one of its id. */
static void replace(nf_manifests *all)
{
    size_t last = all->n - 1;
    for (size_t i = 0; i < last; i++)
        if (strcmp(all->items[i].id, all->items[last].id) == 0) {
            all->items[i] = all->items[last];
            all->n--;
            return;
        }
}

static nf_status add_extra(nf_manifests *all, const char *path, nf_error *error)
{
    json_error_t fault;
    nf_status status = read_file(&all->extra, path, error);
    if (status != NF_OK)
        return status;
    const char *json = (const char *)all->extra.data;
    all->extra_root = json_loadb(json, all->extra.len, JSON_REJECT_DUPLICATES, &fault);
    if (all->extra_root == NULL && nf_json_lacked_memory(&fault))
        return nf_fail_nomem(error, path);
    if (all->extra_root == NULL)
        return nf_fail(error, NF_ERR_USAGE, "%s:%d:%d: not JSON: %s", path, fault.line, fault.column, fault.text);
    nf_field_reader reader = {.file = path, .refusal = NF_ERR_USAGE, .blocks = &all->extra_blocks, .error = error};
    nf_manifest *manifest = &all->items[all->n++];
    *manifest = (nf_manifest){.file = path, .json = json, .n_json_bytes = all->extra.len};
    status = nf_manifest_read(&reader, all->extra_root, manifest);
    if (status == NF_OK)
        replace(all);
    return status;
}

/* ---- all of them ---- */

/* The k-th name of a manifest: its id, then its aliases; NULL behind them. */
static const char *name_of(const nf_manifest *manifest, size_t k)
{
    if (k == 0)
        return manifest->id;
    return k <= manifest->n_aliases ? manifest->aliases[k - 1] : NULL;
}

static const nf_manifest *find_from(const nf_manifest *items, size_t n, const char *name)
{
    const char *own;
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; (own = name_of(&items[i], k)) != NULL; k++)
            if (nf_same_name(own, name))
                return &items[i];
    return NULL;
}

static nf_status check_names(const nf_manifests *all, const char *extra_path, nf_error *error)
{
    for (size_t i = 0; i < all->n; i++) {
        const nf_manifest *a = &all->items[i];
        const char *name;
        for (size_t k = 0; (name = name_of(a, k)) != NULL; k++) {
            const nf_manifest *first = find_from(all->items, all->n, name);
            bool repeated = k > 0 && first == a && nf_same_name(name, a->id);
            for (size_t j = 1; j < k && !repeated; j++)
                repeated = nf_same_name(name, name_of(a, j));
            if (first == a && !repeated)
                continue;
            const char *file = extra_path != NULL && strcmp(first->file, extra_path) == 0 ? first->file : a->file;
            const nf_manifest *other = file == a->file ? first : a;
            return nf_fail(error, extra_path != NULL ? NF_ERR_USAGE : NF_ERR_INTERNAL,
                           "%s: aliases: \"%s\" is a name of %s already", file, name, other->id);
        }
    }
    return NF_OK;
}

static const nf_manifest *find_id(const nf_manifests *all, const char *id)
{
    for (size_t i = 0; i < all->n; i++)
        if (strcmp(all->items[i].id, id) == 0)
            return &all->items[i];
    return NULL;
}

static nf_status check_extends(const nf_manifests *all, nf_status refusal, nf_error *error)
{
    for (size_t i = 0; i < all->n; i++) {
        const nf_manifest *manifest = &all->items[i];
        for (size_t steps = 0; manifest->extends[0] != '\0'; steps++) {
            const nf_manifest *base = find_id(all, manifest->extends);
            if (base == NULL)
                return nf_fail(error, refusal, "%s: extends: no dataset \"%s\"", manifest->file, manifest->extends);
            if (steps == all->n)
                return nf_fail(error, refusal, "%s: extends: comes back to itself", manifest->file);
            manifest = base;
        }
    }
    return NF_OK;
}

static int by_id(const void *a, const void *b)
{
    return strcmp(((const nf_manifest *)a)->id, ((const nf_manifest *)b)->id);
}

nf_status nf_manifests_open(nf_manifests **manifests, const char *extra_path, nf_error *error)
{
    nf_manifests *all = *manifests = calloc(1, sizeof *all);
    if (all == NULL)
        return nf_fail_nomem(error, "the manifests");
    nf_status refusal = extra_path != NULL ? NF_ERR_USAGE : NF_ERR_INTERNAL;
    nf_status status = add_built_in(all, error);
    if (status == NF_OK && extra_path != NULL)
        status = add_extra(all, extra_path, error);
    if (status == NF_OK)
        status = check_names(all, extra_path, error);
    if (status == NF_OK)
        status = check_extends(all, refusal, error);
    if (status != NF_OK) {
        nf_manifests_close(all);
        *manifests = NULL;
        return status;
    }
    qsort(all->items, all->n, sizeof *all->items, by_id);
    return NF_OK;
}

void nf_manifests_close(nf_manifests *manifests)
{
    if (manifests == NULL)
        return;
    json_decref(manifests->extra_root);
    nf_blocks_free(&manifests->extra_blocks);
    nf_buf_free(&manifests->extra);
    free(manifests->items);
    free(manifests);
}

size_t nf_manifests_count(const nf_manifests *manifests)
{
    return manifests->n;
}

const nf_manifest *nf_manifests_get(const nf_manifests *manifests, size_t i)
{
    return &manifests->items[i];
}

const nf_manifest *nf_manifests_find(const nf_manifests *manifests, const char *name)
{
    return find_from(manifests->items, manifests->n, name);
}

size_t nf_manifests_nearest(const nf_manifests *manifests, const char *name, const char **nearest, size_t n_max)
{
    const char *names[NAMES_MAX];
    size_t n = 0;
    const char *own;
    for (size_t i = 0; i < manifests->n; i++)
        for (size_t k = 0; (own = name_of(&manifests->items[i], k)) != NULL && n < NAMES_MAX; k++)
            names[n++] = own;
    return nf_nearest(name, names, n, nearest, n_max);
}
