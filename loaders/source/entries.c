/* The stack of walkers: which level an entry comes from, what its data turn out to be, and where a level ends. */
#include "loaders/source/entries.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "loaders/source/found.h"
#include "loaders/source/walker.h"

enum { FORMAT_SIZE = 32 };

typedef struct level {
    nf_walker walker;
    nf_stream *input;  /* what the walker reads, owned; NULL where it reads files */
    size_t prefix_len; /* of entries->path: what stands before the paths of this level */
    uint64_t archive_index;
} level;

struct nf_entries {
    char *source_path;
    nf_source_info info;
    char format[FORMAT_SIZE];
    bool is_directory;
    nf_digest digest;
    nf_file *file; /* the source, unless it is a directory */
    level levels[NF_ENTRIES_DEPTH_MAX + 1];
    size_t depth;
    nf_stream *data; /* of the current entry */
    bool has_place;  /* they lie somewhere as they are given: not encrypted, not compressed once more */
    nf_buf path;     /* of the current entry, NUL-terminated */
    uint64_t n_archives;
    const nf_wanted *wanted; /* of a sparse walk; NULL: everything is */
    nf_status ended; /* sticky, with its sentence */
    nf_error fault;
};

/* --- levels --- */

static void push_level(nf_entries *entries, nf_found *f, size_t prefix_len)
{
    if (f->zip_index) { /* reads the file itself */
        nf_stream_close(f->stream);
        f->stream = NULL;
    }
    entries->levels[entries->depth++] = (level){f->walker, f->stream, prefix_len, entries->n_archives};
}

static void pop_level(nf_entries *entries)
{
    level *top = &entries->levels[--entries->depth];
    top->walker.ops->close(top->walker.self);
    nf_stream_close(top->input);
}

static void close_data(nf_entries *entries)
{
    nf_stream_close(entries->data);
    entries->data = NULL;
    entries->has_place = false;
}

static void close_levels(nf_entries *entries)
{
    close_data(entries);
    while (entries->depth > 0)
        pop_level(entries);
}

/* --- opening --- */

const char *nf_source_name(const char *path)
{
    size_t end = strlen(path);
    while (end > 1 && path[end - 1] == '/')
        end--;
    while (end > 0 && path[end - 1] != '/')
        end--;
    return path + end;
}

const char *nf_source_real_name(const char *path, char name[NF_SOURCE_NAME_BYTES])
{
    char real[PATH_MAX];
    const char *given = nf_source_name(path);
    size_t dots = strspn(given, ".");
    bool is_unnamed = (dots == 1 || dots == 2) && (given[dots] == '/' || given[dots] == '\0');
    if (!is_unnamed || realpath(path, real) == NULL)
        return given;
    snprintf(name, NF_SOURCE_NAME_BYTES, "%s", nf_source_name(real));
    return name;
}

/* A source without a first byte is of no use: why there is none. */
static nf_status refuse_empty(nf_stream *stream, nf_error *error)
{
    const uint8_t *head;
    size_t n;
    nf_status status = nf_stream_peek(stream, 1, &head, &n, error);
    if (status != NF_OK || n > 0)
        return status;
    status = nf_stream_next(stream, 1, &head, &n, error);
    return status == NF_EOF ? nf_fail(error, NF_ERR_INPUT, "is empty") : status;
}

static nf_status open_file_level(nf_entries *entries, nf_found *f, nf_error *error)
{
    nf_status status = nf_stream_from_file(&f->stream, f->file, error);
    if (status == NF_OK)
        status = refuse_empty(f->stream, error);
    if (status == NF_OK)
        status = nf_find_out(f, true, error);
    if (status == NF_OK)
        status = f->zip_index ? NF_OK : refuse_empty(f->stream, error);
    if (status == NF_BAD_RECORD || status == NF_ERR_DAMAGED)
        error->code = status = NF_ERR_INPUT;
    if (status == NF_OK && f->walker.ops == NULL) {
        const nf_entry entry = {.path = f->name,
                                .size_bytes = f->layers == 0 && nf_file_is_regular(entries->file)
                                                  ? (int64_t)nf_file_size(entries->file)
                                                  : -1};
        status = nf_walk_single(&f->walker, &entry, f->stream, entries->file, error);
    }
    return status;
}

static nf_status open_first_level(nf_entries *entries, nf_error *error)
{
    nf_found f = {.name = nf_source_name(entries->source_path), .is_source = true, .file = entries->file, .suffix = ""};
    nf_status status;
    if (entries->is_directory) {
        f.format = "directory";
        status = nf_walk_directory(&f.walker, entries->source_path, &entries->digest, error);
    } else {
        status = open_file_level(entries, &f, error);
    }
    if (status != NF_OK) {
        if (f.walker.ops != NULL)
            f.walker.ops->close(f.walker.self);
        nf_stream_close(f.stream);
        return status;
    }
    bool is_file = strcmp(f.format, "file") == 0;
    snprintf(entries->format, sizeof entries->format, "%s%s", f.format, is_file ? "" : f.suffix);
    entries->info.rewindable =
        entries->is_directory || (nf_file_is_regular(entries->file) && (is_file || f.zip_index || f.layers == 0));
    push_level(entries, &f, 0);
    return NF_OK;
}

static nf_status open_source(nf_entries *entries, const char *path, const nf_stop *stop, nf_error *error)
{
    struct stat about;
    nf_status status = nf_digest_init(&entries->digest, error);
    if (entries->wanted != NULL)
        nf_digest_turn_off(&entries->digest);
    if (status == NF_OK)
        status = nf_strdup(&entries->source_path, path, error);
    if (status != NF_OK)
        return status;
    entries->info.path = entries->source_path;
    entries->info.format = entries->format;
    entries->is_directory = strcmp(path, "-") != 0 && stat(path, &about) == 0 && S_ISDIR(about.st_mode);
    if (!entries->is_directory)
        status = nf_file_open(&entries->file, path, &entries->digest, 0, false, error);
    if (entries->file != NULL) {
        nf_file_stop_when(entries->file, stop);
        entries->info.bytes = nf_file_size(entries->file);
    }
    return status == NF_OK ? open_first_level(entries, error) : status;
}

nf_status nf_entries_open_sparse(nf_entries **entries, const char *path, const nf_stop *stop, const nf_wanted *wanted,
                                 nf_error *error)
{
    nf_entries *made = calloc(1, sizeof *made);
    nf_error local;
    error = error != NULL ? error : &local;
    *entries = NULL;
    if (made == NULL)
        return nf_fail_nomem(error, "a source");
    made->wanted = wanted;
    nf_status status = open_source(made, path, stop, error);
    if (status != NF_OK) {
        nf_error_prepend(error, "%s", strcmp(path, "-") == 0 ? "standard input" : path);
        nf_entries_close(made);
        return status;
    }
    *entries = made;
    return NF_OK;
}

nf_status nf_entries_open_until(nf_entries **entries, const char *path, const nf_stop *stop, nf_error *error)
{
    return nf_entries_open_sparse(entries, path, stop, NULL, error);
}

nf_status nf_entries_open(nf_entries **entries, const char *path, nf_error *error)
{
    return nf_entries_open_until(entries, path, NULL, error);
}

void nf_entries_forgo_digest(nf_entries *entries)
{
    nf_digest_turn_off(&entries->digest);
}

void nf_entries_close(nf_entries *entries)
{
    if (entries == NULL)
        return;
    close_levels(entries);
    nf_file_close(entries->file);
    nf_digest_free(&entries->digest);
    nf_buf_free(&entries->path);
    free(entries->source_path);
    free(entries);
}

/* --- entries --- */

const char *nf_path_without_leading(const char *path)
{
    for (;;) {
        if (path[0] == '/')
            path++;
        else if (path[0] == '.' && path[1] == '/')
            path += 2;
        else
            return path;
    }
}

static bool is_unsafe(const char *path)
{
    for (const char *at = path; at != NULL; at = strchr(at, '/')) {
        at += *at == '/';
        if (strncmp(at, "..", 2) == 0 && (at[2] == '/' || at[2] == '\0'))
            return true;
    }
    return false;
}

/* Puts the level's prefix before the path. */
static nf_status set_path(nf_entries *entries, nf_entry *entry, nf_error *error)
{
    const level *top = &entries->levels[entries->depth - 1];
    const char *path = nf_path_without_leading(entry->path);
    size_t n = strlen(path);
    entry->archive_index = top->walker.is_drawn ? entry->archive_index : top->archive_index;
    entry->unsafe_path = is_unsafe(path);
    entries->path.len = top->prefix_len;
    if (n > NF_ENTRY_PATH_MAX)
        path = "";
    nf_status status = nf_buf_append(&entries->path, path, strlen(path) + 1, error);
    entry->path = status == NF_OK ? (const char *)entries->path.data : "";
    if (status != NF_OK)
        return status;
    if (n > NF_ENTRY_PATH_MAX)
        return nf_fail(error, NF_BAD_RECORD, "a path of %zu bytes", n);
    return n > 0 ? NF_OK : nf_fail(error, NF_BAD_RECORD, "an entry without a name");
}

bool nf_may_be_archive(const char *path)
{
    static const char *const suffixes[] = {".zip", ".tar", ".tgz", ".tbz2", ".txz", ".tar.gz", ".tar.bz2", ".tar.xz", ".tar.zst"};
    size_t n = strlen(path);
    for (size_t i = 0; i < sizeof suffixes / sizeof suffixes[0]; i++) {
        size_t m = strlen(suffixes[i]);
        if (n > m && strcasecmp(path + n - m, suffixes[i]) == 0)
            return true;
    }
    return false;
}

static bool is_small(const nf_entry *entry)
{
    return entry->size_bytes >= 0 && entry->size_bytes <= NF_ENTRIES_SMALL_BYTES;
}

/* The current file's data, or NF_EOF when they are an archive, which was entered. */
static nf_status open_data(nf_entries *entries, nf_entry *entry, nf_error *error)
{
    level *top = &entries->levels[entries->depth - 1];
    bool wanted = entries->wanted == NULL || entries->wanted->is_wanted(entries->wanted->context, entry->path);
    if (entry->kind != NF_ENTRY_FILE || (!wanted && !nf_may_be_archive(entry->path)))
        return NF_OK;
    if (entry->encrypted)
        return nf_stream_encrypted(&entries->data, error);
    nf_found f = {.name = entry->path, .is_source = top->walker.is_single, .suffix = ""};
    nf_status status = top->walker.ops->data(top->walker.self, &f.stream, &f.file, error);
    if (status != NF_OK)
        return status;
    if (!f.is_source) /* a source was looked at when it was opened */
        status = nf_find_out(&f, entries->depth <= NF_ENTRIES_DEPTH_MAX, error);
    if (status == NF_ERR_DAMAGED) /* of this entry: the walk goes on */
        error->code = status = NF_BAD_RECORD;
    if (status == NF_OK && f.walker.ops != NULL && top->walker.is_drawn) {
        f.walker.ops->close(f.walker.self);
        status = nf_fail(error, NF_ERR_INPUT, "%s is an archive without being named as one, so that nothing can be drawn from "
                         "it", entry->path);
        f.walker.ops = NULL;
    }
    if (status == NF_OK && f.walker.ops != NULL && entries->wanted != NULL && !f.zip_index && !is_small(entry)) {
        f.walker.ops->close(f.walker.self); /* it would have to be read as a whole */
        f.walker.ops = NULL;
        entries->info.archives_not_entered++;
    }
    if (status == NF_OK && f.walker.ops != NULL) {
        entries->path.len--; /* the NUL */
        status = nf_buf_append(&entries->path, "!", 2, error);
        if (status == NF_OK) {
            entries->n_archives++;
            push_level(entries, &f, entries->path.len - 1);
            return NF_EOF;
        }
        f.walker.ops->close(f.walker.self);
    }
    if (f.layers > 0)
        entry->size_bytes = -1;
    if (status != NF_OK) {
        nf_stream_close(f.stream);
        return status;
    }
    entries->data = f.stream;
    entries->has_place = f.layers == 0;
    return NF_OK;
}

static nf_status end_walk(nf_entries *entries, nf_status status, const nf_error *error)
{
    entries->ended = status;
    if (status != NF_EOF)
        entries->fault = *error;
    return status;
}

/* The top level gives no more entries. NF_OK: on with the one below. */
static nf_status leave_level(nf_entries *entries, nf_status why, nf_entry *entry, nf_error *error)
{
    bool inner = entries->depth > 1;
    const bool *lacks_end_marker = entries->levels[entries->depth - 1].walker.lacks_end_marker;
    if (why == NF_EOF && lacks_end_marker != NULL && *lacks_end_marker)
        entries->info.tars_without_end++;
    if (!inner || (why != NF_EOF && why != NF_ERR_DAMAGED && why != NF_ERR_INPUT))
        return end_walk(entries, why, error);
    size_t name_len = entries->levels[entries->depth - 1].prefix_len - 1;
    pop_level(entries);
    if (why == NF_EOF)
        return NF_OK;
    entries->path.data[name_len] = '\0';
    *entry = (nf_entry){.path = (const char *)entries->path.data,
                        .size_bytes = -1,
                        .archive_index = entries->levels[entries->depth - 1].archive_index};
    return error->code = NF_BAD_RECORD;
}

nf_status nf_entries_next(nf_entries *entries, nf_entry *entry, nf_error *error)
{
    nf_error local;
    error = error != NULL ? error : &local;
    close_data(entries);
    while (entries->ended == NF_OK) {
        level *top = &entries->levels[entries->depth - 1];
        *entry = (nf_entry){.path = "", .size_bytes = -1};
        nf_status status = top->walker.ops->next(top->walker.self, entry, error);
        if (status == NF_BAD_RECORD) {
            const nf_error first = *error;
            status = set_path(entries, entry, error);
            if (status < 0)
                return end_walk(entries, status, error);
            *error = first;
            return NF_BAD_RECORD;
        }
        if (status != NF_OK) {
            status = leave_level(entries, status, entry, error);
        } else {
            status = set_path(entries, entry, error);
            if (status == NF_OK)
                status = open_data(entries, entry, error);
            if (status == NF_OK || status == NF_BAD_RECORD)
                return status;
            if (status == NF_EOF)
                status = NF_OK;
            else
                end_walk(entries, status, error);
        }
        if (status != NF_OK)
            return status;
    }
    *entry = (nf_entry){.path = "", .size_bytes = -1};
    if (entries->ended != NF_EOF)
        *error = entries->fault;
    return entries->ended;
}

nf_stream *nf_entries_data(nf_entries *entries)
{
    return entries->data;
}

nf_status nf_entries_packed(nf_entries *entries, nf_buf *buf, nf_packed *packed, nf_error *error)
{
    const level *top = entries->depth > 0 ? &entries->levels[entries->depth - 1] : NULL;
    *packed = (nf_packed){0};
    if (!entries->has_place || top->walker.ops->packed == NULL)
        return NF_OK;
    return top->walker.ops->packed(top->walker.self, buf, packed, error);
}

/* What reads a stored file at any place is the first level, or a zip in a directory. */
bool nf_entries_place(const nf_entries *entries, nf_place *place)
{
    const level *top = entries->depth > 0 ? &entries->levels[entries->depth - 1] : NULL;
    if (!entries->has_place || top->walker.ops->place == NULL || strcmp(entries->source_path, "-") == 0)
        return false;
    *place = (nf_place){.source = entries->source_path, .inner = (const char *)entries->path.data};
    if (top->prefix_len > 0)
        place->inner_len = top->prefix_len - 1; /* without the "!" */
    else if (entries->is_directory)
        place->inner_len = strlen(place->inner);
    top->walker.ops->place(top->walker.self, place);
    return true;
}

nf_status nf_entries_draw(nf_entries *entries, const nf_draw *draw, nf_drawn *drawn, nf_error *error)
{
    nf_found f = {0};
    bool is_pipe = !entries->is_directory && !nf_file_is_regular(entries->file);
    bool has_index = entries->is_directory || strcmp(entries->format, "tar") == 0 || strcmp(entries->format, "zip") == 0;
    if (is_pipe || !has_index)
        return nf_fail(error, NF_ERR_USAGE, "nothing can be drawn from %s, whose first part is no random part: a plain tar, a "
                       "zip or a directory is needed",
                       is_pipe ? "a pipe" : strcmp(entries->format, "file") == 0 ? "a single file" : entries->format);
    nf_status status = nf_walk_drawn(&f.walker, entries->source_path, entries->file, draw, drawn, error);
    if (status != NF_OK)
        return status;
    close_levels(entries);
    nf_digest_turn_off(&entries->digest);
    entries->info.tars_without_end = drawn->n_tars_without_end;
    push_level(entries, &f, 0);
    return NF_OK;
}

nf_status nf_entries_rewind(nf_entries *entries, nf_error *error)
{
    if (entries->file != NULL) {
        nf_status status = nf_file_rewind(entries->file, error);
        if (status != NF_OK)
            return status;
    }
    close_levels(entries);
    entries->n_archives = 0;
    entries->info.tars_without_end = 0;
    entries->ended = NF_OK;
    nf_status status = open_first_level(entries, error);
    return status == NF_OK ? NF_OK : end_walk(entries, status, error);
}

nf_status nf_entries_finish(nf_entries *entries, nf_error *error)
{
    nf_status status = NF_OK;
    close_data(entries);
    if (entries->depth > 0 && entries->levels[0].walker.is_drawn)
        return NF_OK;
    if (entries->depth > 0 && entries->levels[0].input != NULL)
        while ((status = nf_stream_skip(entries->levels[0].input, UINT64_MAX, error)) == NF_OK)
            ;
    if (status == NF_EOF)
        status = NF_OK;
    if (entries->file != NULL) {
        nf_status drained = nf_file_drain(entries->file, NULL, status == NF_OK ? error : NULL);
        status = status == NF_OK ? drained : status;
    }
    nf_digest_hex(&entries->digest, entries->info.digest);
    entries->info.bytes = entries->digest.bytes;
    return status;
}

const nf_source_info *nf_entries_info(const nf_entries *entries)
{
    return &entries->info;
}

void nf_entries_progress(const nf_entries *entries, uint64_t *done_bytes, uint64_t *total_bytes)
{
    *done_bytes = atomic_load_explicit(&entries->digest.bytes, memory_order_relaxed);
    *total_bytes = entries->file != NULL ? nf_file_size(entries->file) : 0;
}
