#include "scan/scan_detect.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "loaders/layout/layout.h"

enum { PROBE_STORED_BYTES_MAX = 3 << 20, PROBE_ALL = 16, SEEN_ENTRIES = 3, FORCED = 100 };

/* ---- --as ---- */

static const nf_loader *loader_by_name(const char *name)
{
    for (const nf_loader *const *loader = nf_loaders; *loader != NULL; loader++)
        if (strcmp((*loader)->name, name) == 0)
            return *loader;
    return NULL;
}

static nf_status refuse_id(const nf_manifests *manifests, const char *as, nf_error *error)
{
    char ids[640] = "";
    for (const nf_loader *const *loader = nf_loaders; *loader != NULL; loader++)
        for (const char *const *id = (*loader)->ids; *id != NULL; id++)
            snprintf(ids + strlen(ids), sizeof ids - strlen(ids), " %s", *id);
    for (size_t i = 0; i < nf_manifests_count(manifests); i++) {
        const char *id = nf_manifests_get(manifests, i)->id;
        if (nf_loader_by_id(id) == NULL)
            snprintf(ids + strlen(ids), sizeof ids - strlen(ids), " %s", id);
    }
    const char *nearest[1];
    if (nf_manifests_nearest(manifests, as, nearest, 1) > 0)
        return nf_fail(error, NF_ERR_USAGE, "--as %s: did you mean %s? it must be one of%s", as, nearest[0], ids);
    return nf_fail(error, NF_ERR_USAGE, "--as %s: must be one of%s", as, ids);
}

nf_status nf_detect_forced(const nf_manifests *manifests, const char *as, nf_detected *detected, nf_error *error)
{
    const nf_manifest *manifest = nf_manifests_find(manifests, as);
    const nf_loader *loader = nf_loader_by_id(as);
    if (loader == NULL && manifest != NULL)
        loader = loader_by_name(manifest->loader);
    if (loader == NULL)
        return refuse_id(manifests, as, error);
    *detected = (nf_detected){.loader = loader, .manifest = manifest, .confidence = FORCED};
    return NF_OK;
}

/* ---- by content ---- */

static void probe_free(nf_probe_entry *entries, size_t n)
{
    for (size_t i = 0; i < n; i++)
        free(entries[i].path);
    free(entries);
}

static nf_status probe_entry(nf_entries *entries, const nf_entry *entry, nf_probe_entry *into, nf_error *error)
{
    *into = (nf_probe_entry){.kind = entry->kind, .size_bytes = entry->size_bytes};
    if (entry->kind == NF_ENTRY_FILE && !entry->encrypted) {
        const uint8_t *head;
        size_t n = 0;
        nf_error fault;
        nf_status status = nf_stream_peek(nf_entries_data(entries), NF_PROBE_HEAD_BYTES, &head, &n, &fault);
        if (status == NF_ERR_NOMEM)
            return nf_fail_nomem(error, "a look at the source"); /* a damaged one is told at the read */
        if (status == NF_OK && n > 0)
            memcpy(into->head, head, n);
        into->head_bytes = n;
    }
    return nf_strdup(&into->path, entry->path, error);
}

static void ask_loaders(const nf_probe *probe, nf_detected *detected)
{
    detected->confidence = 0;
    for (const nf_loader *const *loader = nf_loaders; *loader != NULL; loader++) {
        const char *id = NULL;
        int sure = (*loader)->detect(probe, &id);
        if (sure <= detected->confidence)
            continue;
        detected->confidence = sure;
        detected->loader = *loader;
        detected->manifest = id != NULL ? nf_manifests_find(probe->manifests, id) : NULL;
    }
}

/* Is another look worth its price? Not when the answer is clear, nor where what was read must be read again. */
static bool keep_probing(const nf_entries *entries, const nf_probe_entry *last, int confidence)
{
    uint64_t done_bytes, total_bytes;
    nf_entries_progress(entries, &done_bytes, &total_bytes);
    if (confidence >= NF_DETECT_SURE)
        return false;
    if (nf_entries_info(entries)->rewindable)
        return true;
    return done_bytes < PROBE_STORED_BYTES_MAX && last->size_bytes < PROBE_STORED_BYTES_MAX / 2;
}

static void note_seen(const nf_probe *probe, char *seen, size_t size)
{
    seen[0] = '\0';
    for (size_t i = 0; i < probe->n && i < SEEN_ENTRIES; i++)
        snprintf(seen + strlen(seen), size - strlen(seen), "%s%.60s", i > 0 ? ", " : "", probe->entries[i].path);
}

static nf_status look(nf_entries *entries, nf_probe *probe, nf_probe_entry *looked_at, nf_layout_counts *layouts,
                      nf_detected *detected, nf_error *error)
{
    nf_status status = NF_OK;
    size_t asked = 0; /* how many entries the loaders have been shown */
    while (probe->n < NF_PROBE_ENTRIES_MAX) {
        nf_entry entry = {0};
        status = nf_entries_next(entries, &entry, error);
        if (status == NF_BAD_RECORD)
            continue;
        if (status != NF_OK || (status = probe_entry(entries, &entry, &looked_at[probe->n], error)) != NF_OK)
            break;
        probe->n++;
        if ((status = nf_layout_count(probe, &looked_at[probe->n - 1], layouts, error)) != NF_OK)
            break;
        bool ask = probe->n <= PROBE_ALL || (probe->n & (probe->n - 1)) == 0; /* they look at all entries each time */
        if (ask) {
            ask_loaders(probe, detected);
            asked = probe->n;
        }
        if (!keep_probing(entries, &looked_at[probe->n - 1], detected->confidence))
            break;
    }
    if (asked < probe->n || probe->n == 0)
        ask_loaders(probe, detected);
    return status;
}

nf_status nf_detect(nf_entries *entries, const char *path, const nf_manifests *manifests, nf_detected *detected,
                    nf_error *error)
{
    nf_probe_entry *looked_at = calloc(NF_PROBE_ENTRIES_MAX, sizeof *looked_at);
    nf_layout_counts *layouts = calloc(nf_manifests_count(manifests) + 1, sizeof *layouts);
    if (looked_at == NULL || layouts == NULL) {
        free(looked_at);
        free(layouts);
        return nf_fail_nomem(error, "detection");
    }
    char name[NF_SOURCE_NAME_BYTES];
    bool is_directory = strcmp(nf_entries_info(entries)->format, "directory") == 0;
    nf_probe probe = {0, looked_at, nf_source_real_name(path, name), is_directory, manifests, layouts};
    nf_error fault = {0}; /* of the look ahead: what matters of it shows again in the walk itself */
    nf_status status = look(entries, &probe, looked_at, layouts, detected, &fault);
    note_seen(&probe, detected->seen, sizeof detected->seen);
    if (detected->confidence <= NF_DETECT_FALLBACK)
        nf_layout_nearest(&probe, detected->nearest, sizeof detected->nearest);
    probe_free(looked_at, probe.n);
    free(layouts);
    if (status == NF_OK || status == NF_EOF || status == NF_ERR_DAMAGED)
        return nf_entries_rewind(entries, error);
    *error = fault;
    return status;
}

/* ---- several sources ---- */

static const char *name_of(const nf_detected *detected)
{
    return detected->manifest != NULL ? detected->manifest->id : detected->loader->name;
}

/* Does `a` say all that is to be said of `b` too? */
static bool covers(const nf_detected *a, const nf_detected *b)
{
    if (b->confidence <= NF_DETECT_FALLBACK)
        return true;
    if (a->loader != b->loader)
        return false;
    if (a->manifest == b->manifest)
        return true;
    return a->manifest != NULL && b->manifest != NULL && strcmp(a->manifest->extends, b->manifest->id) == 0;
}

nf_status nf_detect_agree(nf_detected *sources, const char *const *paths, size_t n, nf_error *error)
{
    size_t leader = 0;
    for (size_t i = 1; i < n; i++) {
        if (covers(&sources[leader], &sources[i]))
            continue;
        if (!covers(&sources[i], &sources[leader]))
            return nf_fail(error, NF_ERR_USAGE, "the sources are of different datasets: %s is %s, %s is %s (saw %s)", paths[leader],
                           name_of(&sources[leader]), paths[i], name_of(&sources[i]), sources[i].seen);
        leader = i;
    }
    for (size_t i = 0; i < n; i++) {
        sources[i].loader = sources[leader].loader;
        sources[i].manifest = sources[leader].manifest;
    }
    return NF_OK;
}
