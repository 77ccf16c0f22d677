/* nofade: what the IDX loader finds out before the images: files of labels, the subsets of EMNIST, a file of labels that lies
 * beside the only file of images.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "loaders/idx/idx.h"

enum { HEAD_BYTES = 4 };

nf_idx_kind nf_idx_kind_of(const char *path, const uint8_t *head, size_t n)
{
    const char *base = nf_member_base(path);
    bool is_called_labels = nf_text_contains(base, "label") || nf_text_contains(base, "idx1");
    if (nf_idx_is_head(head, n))
        return head[3] == 1 || (head[3] == 2 && is_called_labels) ? NF_IDX_LABELS : NF_IDX_IMAGES;
    if (nf_text_contains(base, "idx1-ubyte"))
        return NF_IDX_LABELS;
    return nf_text_contains(base, "idx3-ubyte") ? NF_IDX_IMAGES : NF_IDX_NONE;
}

/* "letters" of emnist-letters-train-images-idx3-ubyte; "" for none. */
static void subset_of(const char *base, char subset[NF_IDX_SUBSET_NAME_MAX])
{
    subset[0] = '\0';
    if (strncasecmp(base, "emnist-", 7) != 0)
        return;
    size_t length = strcspn(base + 7, "-");
    if (base[7 + length] == '-' && length < NF_IDX_SUBSET_NAME_MAX)
        snprintf(subset, NF_IDX_SUBSET_NAME_MAX, "%.*s", (int)length, base + 7);
}

static nf_status refuse_subsets(const nf_idx *idx, const char *what, nf_error *error)
{
    char list[NF_IDX_SUBSETS_MAX * (NF_IDX_SUBSET_NAME_MAX + 2) + 1] = "";
    for (size_t i = 0; i < idx->n_subsets; i++) {
        strcat(list, i > 0 ? ", " : "");
        strcat(list, idx->subsets[i]);
    }
    return nf_fail(error, NF_ERR_USAGE, "%s: choose one with --subset: %s", what, idx->n_subsets > 0 ? list : "there are none");
}

void nf_idx_note_subset(nf_idx *idx, const char *path)
{
    char subset[NF_IDX_SUBSET_NAME_MAX];
    subset_of(nf_member_base(path), subset);
    for (size_t i = 0; i < idx->n_subsets; i++)
        if (strcmp(idx->subsets[i], subset) == 0)
            return;
    if (subset[0] != '\0' && idx->n_subsets < NF_IDX_SUBSETS_MAX)
        memcpy(idx->subsets[idx->n_subsets++], subset, sizeof subset);
}

nf_status nf_idx_check_subsets(const nf_idx *idx, nf_error *error)
{
    const char *wanted = idx->files.context->options->subset;
    if (wanted == NULL)
        return idx->n_subsets > 1 ? refuse_subsets(idx, "several subsets", error) : NF_OK;
    for (size_t i = 0; i < idx->n_subsets; i++)
        if (strcasecmp(idx->subsets[i], wanted) == 0)
            return NF_OK;
    return refuse_subsets(idx, "no such subset", error);
}

bool nf_idx_is_other_subset(const nf_idx *idx, const char *path)
{
    char subset[NF_IDX_SUBSET_NAME_MAX];
    subset_of(nf_member_base(path), subset);
    const char *wanted = idx->files.context->options->subset;
    return wanted != NULL && strcasecmp(subset, wanted) != 0;
}

nf_idx_kind nf_idx_kind_of_entry(nf_idx *idx, const nf_entry *entry)
{
    const uint8_t *head = NULL;
    size_t n = 0;
    if (nf_stream_peek(nf_entries_data(idx->files.context->entries), HEAD_BYTES, &head, &n, NULL) != NF_OK)
        n = 0;
    return nf_idx_kind_of(entry->path, head, n);
}

/* Reads the labels of every file; faults show again in the second walk, which tells them. */
static nf_status collect(nf_idx *idx, size_t *n_entries, char **only_images, nf_error *error)
{
    nf_status status;
    nf_error fault = {0};
    nf_entry *entry = &idx->files.entry;
    const nf_loader_context *context = idx->files.context;
    while ((status = nf_entries_next(context->entries, entry, &fault)) == NF_OK || status == NF_BAD_RECORD) {
        *n_entries += 1;
        if (status == NF_BAD_RECORD || entry->encrypted || nf_member_passed_over(entry, context->options) != NULL)
            continue;
        nf_idx_kind kind = nf_idx_kind_of_entry(idx, entry);
        if (kind == NF_IDX_IMAGES && *n_entries == 1 && (status = nf_strdup(only_images, entry->path, error)) != NF_OK)
            return status;
        if (kind != NF_IDX_NONE)
            nf_idx_note_subset(idx, entry->path);
        if (kind != NF_IDX_LABELS || nf_idx_is_other_subset(idx, entry->path))
            continue;
        idx->has_labels = true;
        nf_idx_pair *pair;
        if ((status = nf_idx_pairs_find(&idx->pairs, entry, &pair, error)) != NF_OK)
            return status;
        if (!pair->has_labels && (status = nf_idx_read_labels(pair, nf_entries_data(context->entries), &fault)) != NF_OK)
            break;
    }
    if (status != NF_EOF && status != NF_ERR_DAMAGED) {
        if (error != NULL)
            *error = fault;
        return status;
    }
    return NF_OK;
}

/* "dir/train-images-idx3-ubyte.gz" -> "dir/train-labels-idx1-ubyte", with or without ".gz"; NULL: it is called otherwise. */
static char *labels_path(const char *path, bool gzipped)
{
    size_t length = strlen(path) - (nf_text_ends(path, ".gz") ? 3 : 0);
    const char *base = nf_member_base(path);
    const char *images = strcasestr(base, "images");
    char *made = images != NULL ? malloc(length + 4) : NULL;
    if (made == NULL)
        return NULL;
    memcpy(made, path, length);
    memcpy(made + (images - path), "labels", 6);
    memcpy(made + length, gzipped ? ".gz" : "", gzipped ? 4 : 1);
    char *idx3 = strcasestr(made + (base - path), "idx3");
    if (idx3 != NULL)
        idx3[3] = '1';
    return made;
}

/* Reads the first entry of the file beside the source as the pair's labels. False: there is none. */
static bool read_labels_beside(nf_idx *idx, nf_idx_pair *pair, const char *path)
{
    nf_entries *entries = nf_open_beside(path);
    if (entries == NULL)
        return false;
    nf_idx_read_labels(pair, nf_entries_data(entries), NULL); /* a fault stands in labels_reason */
    idx->files.context->facts->title = "IDX images, with labels from the file beside them";
    idx->has_labels = true;
    nf_entries_close(entries);
    return true;
}

/* The source is one plain file of images: its labels may lie beside it. */
static nf_status look_beside(nf_idx *idx, const char *member, nf_error *error)
{
    const char *source = idx->files.context->options->source_path;
    struct stat info;
    if (source == NULL || stat(source, &info) != 0 || !S_ISREG(info.st_mode) ||
        strncmp(nf_entries_info(idx->files.context->entries)->format, "file", 4) != 0) /* an archive brings its own */
        return NF_OK;
    nf_entry entry = {.path = member};
    nf_idx_pair *pair;
    nf_status status = nf_idx_pairs_find(&idx->pairs, &entry, &pair, error);
    bool found = false;
    for (int i = 0; i < 2 && status == NF_OK && !found; i++) {
        char *path = labels_path(source, nf_text_ends(source, ".gz") == (i == 0));
        found = path != NULL && read_labels_beside(idx, pair, path);
        free(path);
    }
    return status;
}

nf_status nf_idx_first_walk(nf_idx *idx, nf_error *error)
{
    idx->is_walked = true;
    if (!nf_entries_info(idx->files.context->entries)->rewindable)
        return NF_OK;
    char *only_images = NULL;
    size_t n_entries = 0;
    nf_status status = collect(idx, &n_entries, &only_images, error);
    if (status == NF_OK && n_entries == 1 && only_images != NULL)
        status = look_beside(idx, only_images, error);
    free(only_images);
    idx->is_collected = true;
    if (status == NF_OK)
        status = nf_idx_check_subsets(idx, error);
    return status == NF_OK ? nf_entries_rewind(idx->files.context->entries, error) : status;
}
