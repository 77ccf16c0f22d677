/* nofade: folders of JPEG, PNG and WebP files, in a directory, a tar, a zip, an archive in an archive.
 *
 * What is an image is told by the first bytes (pictures.h). The class comes from the directories (labels_from_dirs.h).
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "loaders/loader.h"
#include "loaders/pictures.h"
#include "loaders/sniff.h"

typedef struct imagefolder {
    nf_pictures pictures;
    nf_buf directory; /* of the current record, NUL-terminated */
    char *last_directory;
    uint32_t last_group;
} imagefolder;

static int imagefolder_detect(const nf_probe *probe, const char **id)
{
    (void)id;
    for (size_t i = 0; i < probe->n; i++) {
        const nf_probe_entry *entry = &probe->entries[i];
        if (entry->kind == NF_ENTRY_FILE && nf_is_picture(nf_sniff(entry->head, entry->head_bytes, NULL)))
            return NF_DETECT_LIKELY;
    }
    return NF_DETECT_FALLBACK;
}

static nf_status imagefolder_open(void **state, const nf_loader_context *context, const char *forced_id, nf_error *error)
{
    imagefolder *folder = calloc(1, sizeof *folder);
    *state = folder;
    if (folder == NULL)
        return nf_fail_nomem(error, "the image folder loader");
    folder->pictures = (nf_pictures){.context = context, .hands_on = true};
    context->facts->id = forced_id != NULL ? forced_id : "imagefolder";
    return NF_OK;
}

static void imagefolder_close(void *state)
{
    imagefolder *folder = state;
    if (folder == NULL)
        return;
    nf_buf_free(&folder->directory);
    free(folder->last_directory);
    free(folder);
}

static size_t without_archive_suffix(const char *name, size_t length)
{
    static const char *const suffixes[] = {".tar.gz",  ".tar.bz2", ".tar.xz", ".tar.zst", ".tar.lz4", ".tgz",
                                           ".tbz2", ".txz",     ".tar",    ".zip"};
    for (size_t i = 0; i < sizeof suffixes / sizeof suffixes[0]; i++) {
        size_t n = strlen(suffixes[i]);
        if (length > n && strncasecmp(name + length - n, suffixes[i], n) == 0)
            return length - n;
    }
    return length;
}

/* The directory of an entry; an archive on the way counts as one, named by its stem: "a/n01.tar!x/1.png" is in "a/n01/x". */
static nf_status directory_of(imagefolder *folder, const char *path, nf_error *error)
{
    folder->directory.len = 0;
    const char *part = path;
    for (;;) {
        size_t length = strcspn(part, "/!");
        if (part[length] == '\0')
            break;
        bool is_archive = part[length] == '!';
        size_t stem = is_archive ? without_archive_suffix(part, length) : length;
        if (is_archive && stem == length) { /* a "!" of the name's own */
            const char *slash = strchr(part, '/');
            if (slash == NULL)
                break;
            length = stem = (size_t)(slash - part);
        }
        bool nothing = stem == 0 || (stem == 1 && part[0] == '.'); /* "a//b", "a/./b" */
        if (!nothing && folder->directory.len > 0 && nf_buf_append(&folder->directory, "/", 1, error) != NF_OK)
            return NF_ERR_NOMEM;
        if (!nothing && nf_buf_append(&folder->directory, part, stem, error) != NF_OK)
            return NF_ERR_NOMEM;
        part += length + 1;
    }
    return nf_buf_append(&folder->directory, "", 1, error);
}

static nf_status find_group(imagefolder *folder, const char *path, uint32_t *group, nf_error *error)
{
    nf_status status = directory_of(folder, path, error);
    if (status != NF_OK)
        return status;
    const char *directory = (const char *)folder->directory.data;
    if (folder->last_directory == NULL || strcmp(folder->last_directory, directory) != 0) {
        status = nf_groups_intern_directory(folder->pictures.context->groups, directory, &folder->last_group, error);
        if (status != NF_OK)
            return status;
        free(folder->last_directory);
        folder->last_directory = NULL;
        if ((status = nf_strdup(&folder->last_directory, directory, error)) != NF_OK)
            return status;
    }
    *group = folder->last_group;
    return NF_OK;
}

static nf_status imagefolder_next(void *state, nf_record *record, nf_error *error)
{
    imagefolder *folder = state;
    for (;;) {
        nf_entry entry;
        bool is_image;
        nf_status status = nf_pictures_next(&folder->pictures, &entry, record, &is_image, error);
        if (status == NF_OK && !is_image)
            status = nf_pictures_take(&folder->pictures, &entry, record, &is_image, error);
        if (status != NF_OK)
            return status;
        if (is_image)
            return find_group(folder, entry.path, &record->group, error);
    }
}

static size_t imagefolder_unit_bytes(void *state, const nf_entry *entry)
{
    return nf_pictures_unit_bytes(&((imagefolder *)state)->pictures, entry);
}

static const char *const imagefolder_ids[] = {"imagefolder", NULL};

const nf_loader nf_loader_imagefolder = {
    .name = "imagefolder",
    .summary = "JPEG, PNG and WebP files in class (and split) directories",
    .ids = imagefolder_ids,
    .detect = imagefolder_detect,
    .open = imagefolder_open,
    .next = imagefolder_next,
    .close = imagefolder_close,
    .unit_bytes = imagefolder_unit_bytes,
};
