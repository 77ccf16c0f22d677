/* nofade: folders of JPEG and PNG files, in a directory, a tar, a zip, an archive in an archive.
 *
 * What is an image is told by the first bytes. The class comes from the directories (labels_from_dirs.h). Nothing that is or
 * claims to be an image is passed over: what cannot be used comes as a failed record.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "loaders/loader.h"
#include "loaders/members.h"
#include "loaders/sniff.h"

enum {
    ENCODED_BYTES_MAX = 192 << 20, /* of one image, unless its PNG header asks for more and may have it */
    ENCODED_BYTES_SLACK = 64 << 20 /* metadata beside a PNG's pixels */
};

typedef struct imagefolder {
    const nf_loader_context *context;
    nf_buf directory; /* of the current record, NUL-terminated */
    char *last_directory;
    uint32_t last_group;
    nf_status pending; /* a fault of the source, told after the record that it spoilt */
    nf_error pending_error;
} imagefolder;

static int imagefolder_detect(const nf_probe *probe)
{
    for (size_t i = 0; i < probe->n; i++) {
        const nf_probe_entry *entry = &probe->entries[i];
        nf_content content = nf_sniff(entry->head, entry->head_bytes, NULL);
        if (entry->kind == NF_ENTRY_FILE && (content == NF_CONTENT_JPEG || content == NF_CONTENT_PNG))
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
    folder->context = context;
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
        status = nf_groups_intern_directory(folder->context->groups, directory, &folder->last_group, error);
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

/* The most encoded bytes this image can sensibly have; 0 when its header has more pixels than allowed. */
static uint64_t encoded_bytes_limit(nf_content content, const uint8_t *head, size_t n, uint64_t max_pixels)
{
    if (content != NF_CONTENT_PNG || n < 24)
        return ENCODED_BYTES_MAX;
    uint64_t w_px = (uint64_t)head[16] << 24 | (uint64_t)head[17] << 16 | (uint64_t)head[18] << 8 | head[19];
    uint64_t h_px = (uint64_t)head[20] << 24 | (uint64_t)head[21] << 16 | (uint64_t)head[22] << 8 | head[23];
    if (w_px != 0 && h_px > max_pixels / w_px)
        return 0;
    uint64_t pixels = w_px * h_px; /* <= max_pixels < 2^32 */
    uint64_t with_slack = pixels * 8 + h_px + ENCODED_BYTES_SLACK;
    return with_slack > ENCODED_BYTES_MAX ? with_slack : ENCODED_BYTES_MAX;
}

/* Reads the image's bytes into record->data. A fault spoils the record; one of the whole source is told at the next call. */
static nf_status read_image(imagefolder *folder, nf_stream *stream, uint64_t limit, nf_record *record, nf_error *error)
{
    size_t start = record->data->len;
    nf_error fault = {0};
    nf_status status = nf_stream_read_all(stream, (size_t)limit, record->data, &fault);
    record->n_bytes = record->data->len - start;
    if (status == NF_OK)
        return NF_OK;
    bool over_limit = status == NF_BAD_RECORD && record->n_bytes >= limit;
    record->data->len = start;
    if (status == NF_BAD_RECORD) {
        nf_record_fail(record, over_limit ? NF_FAILURE_TOO_LARGE : NF_FAILURE_DAMAGED, "%s", fault.message);
        return NF_OK;
    }
    if (status == NF_ERR_DAMAGED) {
        nf_record_fail(record, NF_FAILURE_CUT_SHORT, "%s", fault.message);
        folder->pending = status;
        folder->pending_error = fault;
        return NF_OK;
    }
    if (error != NULL)
        *error = fault;
    return status;
}

/* An entry that is or claims to be an image fills the record (*is_image); anything else is counted as passed over. */
static nf_status take_content(imagefolder *folder, const nf_entry *entry, nf_record *record, bool *is_image, nf_error *error)
{
    const uint8_t *head = NULL;
    size_t n = 0;
    nf_error fault = {0};
    nf_stream *stream = nf_entries_data(folder->context->entries);
    nf_status status = nf_stream_peek(stream, NF_SNIFF_BYTES, &head, &n, &fault);
    if (status != NF_OK && status != NF_BAD_RECORD && status != NF_ERR_DAMAGED) {
        if (error != NULL)
            *error = fault;
        return status;
    }
    if (status != NF_OK)
        n = 0;
    const char *kind = "";
    nf_content content = nf_sniff(head, n, &kind);
    *is_image = true;
    if (content == NF_CONTENT_JPEG || content == NF_CONTENT_PNG) {
        uint64_t limit = encoded_bytes_limit(content, head, n, folder->context->options->max_pixels);
        if (limit == 0)
            nf_record_fail(record, NF_FAILURE_TOO_MANY_PIXELS, "the header has more pixels than --max-pixels allows");
        else
            return read_image(folder, stream, limit, record, error);
    } else if (content == NF_CONTENT_OTHER_IMAGE) {
        nf_record_fail(record, NF_FAILURE_UNSUPPORTED_KIND, "%s images are not read", kind);
    } else if (nf_has_image_suffix(entry->path)) {
        const uint8_t *rest;
        size_t none;
        if (n == 0 && status == NF_OK)
            status = nf_stream_next(stream, 1, &rest, &none, &fault); /* an empty member, or the fault itself */
        if (n == 0 && status != NF_EOF)
            nf_record_fail(record, status == NF_ERR_DAMAGED ? NF_FAILURE_CUT_SHORT : NF_FAILURE_UNREADABLE, "%s", fault.message);
        else if (n == 0)
            nf_record_fail(record, NF_FAILURE_EMPTY, "the file is empty");
        else
            nf_record_fail(record, NF_FAILURE_NOT_AN_IMAGE, "the content is no image that we know");
        if (n == 0 && status == NF_ERR_DAMAGED) {
            folder->pending = status;
            folder->pending_error = fault;
        }
    } else {
        *is_image = false;
        nf_tally_add_path(folder->context->passed_over, entry->path);
    }
    return NF_OK;
}

static nf_status take_entry(imagefolder *folder, const nf_entry *entry, nf_record *record, bool *is_image, nf_error *error)
{
    nf_tally *tally = folder->context->passed_over;
    const char *kind = nf_member_passed_over(entry, folder->context->options);
    *is_image = false;
    if (kind != NULL)
        nf_tally_add(tally, kind, 1);
    else if ((entry->unsafe_path || entry->encrypted) && !nf_has_image_suffix(entry->path))
        nf_tally_add_path(tally, entry->path);
    else if (!entry->unsafe_path && !entry->encrypted)
        return take_content(folder, entry, record, is_image, error);
    else {
        *is_image = true;
        if (entry->unsafe_path)
            nf_record_fail(record, NF_FAILURE_UNSAFE_PATH, "the path has a \"..\" component");
        else
            nf_record_fail(record, NF_FAILURE_UNREADABLE, "the member is encrypted");
    }
    return NF_OK;
}

static nf_status imagefolder_next(void *state, nf_record *record, nf_error *error)
{
    imagefolder *folder = state;
    for (;;) {
        nf_entry entry = {0};
        nf_record_reset(record);
        if (folder->pending != NF_OK) {
            if (error != NULL)
                *error = folder->pending_error;
            return folder->pending;
        }
        nf_status status = nf_entries_next(folder->context->entries, &entry, error);
        bool is_image = false;
        if (status == NF_BAD_RECORD) {
            if (!nf_has_image_suffix(entry.path) || nf_member_passed_over(&entry, folder->context->options) != NULL) {
                if (entry.path[0] != '\0')
                    nf_error_prepend(error, "%s", entry.path);
                return status;
            }
            is_image = true;
            nf_record_fail(record, NF_FAILURE_UNREADABLE, "%s", error != NULL ? error->message : "");
        } else if (status != NF_OK) {
            return status;
        } else if ((status = take_entry(folder, &entry, record, &is_image, error)) != NF_OK) {
            return status;
        }
        if (!is_image)
            continue;
        record->kind = NF_RECORD_IMAGE;
        record->format = NF_PIXELS_ENCODED;
        record->member = entry.path;
        record->archive_index = entry.archive_index;
        return find_group(folder, entry.path, &record->group, error);
    }
}

static const char *const imagefolder_ids[] = {"imagefolder", NULL};

const nf_loader nf_loader_imagefolder = {
    .name = "imagefolder",
    .summary = "JPEG and PNG files in class (and split) directories",
    .ids = imagefolder_ids,
    .detect = imagefolder_detect,
    .open = imagefolder_open,
    .next = imagefolder_next,
    .close = imagefolder_close,
};
