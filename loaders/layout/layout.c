#include "loaders/layout/layout.h"

#include <string.h>
#include <strings.h>
#include <xxhash.h>

#include "loaders/members.h"
#include "loaders/sniff.h"

nf_status nf_layout_path(nf_buf *buf, const char *source_name, bool is_directory, const char *path, nf_error *error)
{
    size_t n = strcspn(source_name, "/");
    bool is_file = strlen(path) == n && strncmp(path, source_name, n) == 0; /* the one entry of a plain file */
    buf->len = 0;
    nf_status status = NF_OK;
    if (!is_file)
        status = nf_buf_append(buf, source_name, n, error);
    if (status == NF_OK && !is_file)
        status = nf_buf_append(buf, is_directory ? "/" : "!", 1, error);
    return status == NF_OK ? nf_buf_append(buf, path, strlen(path) + 1, error) : status;
}

static bool is_of_subset(const nf_layout_labels *labels, const char *subset)
{
    return labels->subset[0] == '\0' || strcasecmp(labels->subset, subset) == 0;
}

nf_layout_role nf_layout_role_of(const nf_layout *layout, const char *subset, const char *path, size_t *rule,
                                 nf_captures *captures)
{
    for (*rule = 0; *rule < layout->n_passed_over; ++*rule)
        if (nf_template_matches(layout->passed_over[*rule].path, path, captures))
            return NF_ROLE_PASSED_OVER;
    for (*rule = 0; *rule < layout->n_label_maps; ++*rule)
        if (nf_template_matches(layout->label_maps[*rule].path, path, captures))
            return NF_ROLE_LABEL_MAP;
    for (*rule = 0; *rule < layout->n_labels; ++*rule)
        if (is_of_subset(&layout->labels[*rule], subset) &&
            nf_template_matches(layout->labels[*rule].path, path, captures))
            return NF_ROLE_LABELS;
    for (*rule = 0; *rule < layout->n_images; ++*rule)
        if (nf_template_matches(layout->images[*rule].path, path, captures))
            return NF_ROLE_IMAGE;
    return NF_ROLE_OTHER;
}

bool nf_layout_key(const nf_captures *captures, const char *pattern, char key[NF_LAYOUT_KEY_SIZE])
{
    return nf_captures_expand(captures, pattern[0] != '\0' ? pattern : "{key}", key, NF_LAYOUT_KEY_SIZE);
}

/* ---- detection ---- */

enum { CONFIDENCE_BASE = 56, CONFIDENCE_A_MATCH = 5, MATCHES_COUNTED = 8, LABELS_COUNTED = 6 /* not sure by these alone */ };

static void count_in(const nf_manifest *manifest, const nf_probe_entry *entry, const char *path, nf_layout_counts *counts)
{
    size_t rule;
    nf_captures captures;
    nf_layout_role role = nf_layout_role_of(manifest->layout, manifest->layout->subset, path, &rule, &captures);
    counts->n_images += role == NF_ROLE_IMAGE;
    counts->n_labels += role == NF_ROLE_LABELS;
    counts->n_label_maps += role == NF_ROLE_LABEL_MAP;
    counts->n_strays += role == NF_ROLE_OTHER && nf_has_image_suffix(entry->path);
}

nf_status nf_layout_count(const nf_probe *probe, const nf_probe_entry *entry, nf_layout_counts *counts, nf_error *error)
{
    nf_buf path = {0};
    if (entry->kind != NF_ENTRY_FILE)
        return NF_OK;
    nf_status status = nf_layout_path(&path, probe->source_name, probe->is_directory, entry->path, error);
    for (size_t i = 0; status == NF_OK && i < nf_manifests_count(probe->manifests); i++) {
        const nf_manifest *manifest = nf_manifests_get(probe->manifests, i);
        if (manifest->layout != NULL)
            count_in(manifest, entry, (const char *)path.data, &counts[i]);
    }
    nf_buf_free(&path);
    return status;
}

/* Labels beside pictures that have no place are another set's in the same form (one's own with XML as VOC's). A set that extends
 * another is only known by what it has beyond, but where there is some of that, the other's images are its images. */
static size_t matches_of(const nf_manifest *manifest, const nf_layout_counts *counts)
{
    size_t n_labels = counts->n_labels, n_beyond = n_labels + counts->n_label_maps;
    if (counts->n_images + counts->n_label_maps == 0)
        return counts->n_strays > 0 ? 0 : n_labels < LABELS_COUNTED ? n_labels : LABELS_COUNTED;
    return manifest->extends[0] == '\0' || n_beyond > 0 ? n_beyond + counts->n_images : 0;
}

int nf_layout_detect(const nf_probe *probe, const char **id)
{
    size_t best = 0;
    for (size_t i = 0; i < nf_manifests_count(probe->manifests); i++) {
        const nf_manifest *manifest = nf_manifests_get(probe->manifests, i);
        size_t n = matches_of(manifest, &probe->layouts[i]); /* 0 without a layout: nothing is counted */
        if (n > best) {
            best = n;
            *id = manifest->id;
        }
    }
    if (best == 0)
        return NF_DETECT_NO;
    return CONFIDENCE_BASE + CONFIDENCE_A_MATCH * (int)(best < MATCHES_COUNTED ? best : MATCHES_COUNTED);
}

/* ---- gathering ---- */

typedef struct gathering {
    const nf_loader_context *context;
    const char *subset, *source_name;
    bool is_directory;
    bool lacks_memory; /* a path could not be looked at */
    nf_buf path;
} gathering;

static nf_layout_role role_of(gathering *g, const char *path, size_t *rule, nf_captures *captures)
{
    if (nf_layout_path(&g->path, g->source_name, g->is_directory, path, NULL) != NF_OK) {
        g->lacks_memory = true;
        return NF_ROLE_OTHER;
    }
    return nf_layout_role_of(g->context->manifest->layout, g->subset, (const char *)g->path.data, rule, captures);
}

static bool is_wanted(void *context, const char *path)
{
    size_t rule;
    nf_captures captures;
    nf_layout_role role = role_of(context, path, &rule, &captures);
    return role == NF_ROLE_LABELS || role == NF_ROLE_LABEL_MAP;
}

nf_status nf_layout_read_labels(const nf_loader_context *context, size_t rule, const nf_captures *captures, const char *path,
                                nf_stream *data, nf_error *error)
{
    char key[NF_LAYOUT_KEY_SIZE];
    const char *source = context->options->source_path;
    nf_error fault = {0};
    bool was_read;
    nf_status status = nf_member_set_insert(context->apart->read, XXH3_64bits(source, strlen(source)), path, &was_read, error);
    if (status != NF_OK || was_read)
        return status;
    if (!nf_layout_key(captures, "", key))
        key[0] = '\0';
    status = nf_label_files_read(context->apart->files, &context->manifest->layout->labels[rule], path, key, data,
                                           &fault);
    if (status == NF_BAD_RECORD || status == NF_ERR_DAMAGED)
        return nf_notes_damage(context->apart->notes, error, "%s: labels cannot be read: %s", path, fault.message);
    if (status != NF_OK && error != NULL)
        *error = fault;
    return status;
}

static nf_status keep_map(const gathering *g, size_t rule, const nf_captures *captures, const nf_entries *entries,
                          nf_error *error)
{
    char key[NF_LAYOUT_KEY_SIZE];
    nf_place place;
    if (!nf_layout_key(captures, g->context->manifest->layout->label_maps[rule].key, key) || !nf_entries_place(entries, &place))
        return NF_OK; /* told when an image is left without */
    return nf_places_add(g->context->apart->maps, key, strlen(key), &place, error);
}

static nf_status gather_entry(gathering *g, nf_entries *entries, const nf_entry *entry, nf_error *error)
{
    size_t rule;
    nf_captures captures;
    static const nf_loader_options all = {0}; /* --include and --exclude choose among images */
    if (nf_member_passed_over(entry, &all) != NULL || entry->unsafe_path || nf_entries_data(entries) == NULL)
        return NF_OK;
    nf_layout_role role = role_of(g, entry->path, &rule, &captures);
    if (role == NF_ROLE_LABEL_MAP)
        return keep_map(g, rule, &captures, entries, error);
    if (role == NF_ROLE_LABELS)
        return nf_layout_read_labels(g->context, rule, &captures, entry->path, nf_entries_data(entries), error);
    return NF_OK;
}

/* Directories, zips in regular files, and whatever is small. */
static bool is_cheap(const nf_entries *entries)
{
    const nf_source_info *info = nf_entries_info(entries);
    uint64_t done_bytes, total_bytes;
    nf_entries_progress(entries, &done_bytes, &total_bytes);
    bool by_index = info->rewindable && (strcmp(info->format, "directory") == 0 || strcmp(info->format, "zip") == 0);
    bool is_small_file = total_bytes > 0 && total_bytes <= NF_ENTRIES_SMALL_BYTES;
    bool is_one_file = info->rewindable && strcmp(info->format, "file") == 0;
    return by_index || is_small_file || is_one_file;
}

static nf_status walk(gathering *g, nf_entries *entries, const nf_stop *stop, nf_error *error)
{
    nf_status status;
    nf_entry entry;
    nf_error fault = {0}; /* of the look ahead: it shows again when the source is read */
    while ((status = nf_entries_next(entries, &entry, &fault)) == NF_OK || status == NF_BAD_RECORD) {
        if (stop != NULL && stop->is_set(stop->context))
            return NF_OK;
        if (status == NF_OK && (status = gather_entry(g, entries, &entry, error)) != NF_OK)
            return status;
    }
    if (status != NF_EOF && status != NF_ERR_DAMAGED && status != NF_ERR_INPUT) {
        *error = fault;
        return status;
    }
    return nf_entries_info(entries)->archives_not_entered > 0 ? NF_EOF : NF_OK;
}

nf_status nf_layout_gather(const nf_loader_context *context, const nf_stop *stop, nf_error *error)
{
    const nf_layout *layout = context->manifest->layout;
    const char *subset = context->options->subset != NULL ? context->options->subset : layout->subset;
    char real_name[NF_SOURCE_NAME_BYTES];
    gathering g = {.context = context, .subset = subset,
                   .source_name = nf_source_real_name(context->options->source_path, real_name)};
    nf_wanted wanted = {is_wanted, &g};
    nf_entries *entries = NULL;
    if (layout->n_labels + layout->n_label_maps == 0)
        return NF_OK;
    nf_status status = nf_entries_open_sparse(&entries, context->options->source_path, stop, &wanted, error);
    if (status != NF_OK)
        return status;
    g.is_directory = strcmp(nf_entries_info(entries)->format, "directory") == 0;
    status = is_cheap(entries) ? walk(&g, entries, stop, error) : NF_EOF;
    if (g.lacks_memory && (status == NF_OK || status == NF_EOF))
        status = nf_fail_nomem(error, "a path");
    if (status != NF_OK && status != NF_EOF)
        nf_error_prepend(error, "%s", context->options->source_path);
    nf_entries_close(entries);
    nf_buf_free(&g.path);
    return status;
}
