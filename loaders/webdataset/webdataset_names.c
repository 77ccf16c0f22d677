/* What the name of a WebDataset member says: its key, its part of the sample, its split, its directories. */
#include <string.h>
#include <strings.h>

#include "loaders/labels_from_dirs.h"
#include "loaders/sniff.h"
#include "loaders/webdataset/webdataset.h"

/* Where the path inside the shard begins. */
static const char *inside(const char *path, bool in_archive)
{
    const char *mark = in_archive ? strrchr(path, '!') : NULL;
    return mark != NULL ? mark + 1 : path;
}

static const char *base_of(const char *inner)
{
    const char *slash = strrchr(inner, '/');
    return slash != NULL ? slash + 1 : inner;
}

/* "__name__", alone or as the first directory. */
static bool is_metadata(const char *inner)
{
    size_t n = strcspn(inner, "/");
    return n > 4 && strncmp(inner, "__", 2) == 0 && strncmp(inner + n - 2, "__", 2) == 0;
}

static bool equals(const char *text, size_t n, const char *word)
{
    return strlen(word) == n && strncasecmp(text, word, n) == 0;
}

/* The extension's length without a last ".gz". */
static size_t without_gz(const char *extension)
{
    size_t n = strlen(extension);
    return n > 3 && strcasecmp(extension + n - 3, ".gz") == 0 ? n - 3 : n;
}

/* "seg.png", n bytes, a ".gz" behind it or not. */
static bool is_extra_image(const char *extension, size_t n)
{
    const char *last = memrchr(extension, '.', n);
    char suffix[8] = "";
    if (last == NULL || (size_t)(extension + n - last) >= sizeof suffix)
        return false;
    memcpy(suffix, last, (size_t)(extension + n - last));
    return nf_has_image_suffix(suffix);
}

static nf_wds_part part_of(const char *extension)
{
    size_t n = without_gz(extension);
    if (equals(extension, n, "cls"))
        return NF_WDS_CLASS;
    if (equals(extension, n, "json"))
        return NF_WDS_JSON;
    return is_extra_image(extension, n) ? NF_WDS_EXTRA : NF_WDS_CONTENT;
}

nf_wds_name nf_wds_read_name(const char *path, bool in_archive)
{
    const char *inner = inside(path, in_archive), *dot = strchr(base_of(inner), '.');
    if (is_metadata(inner))
        return (nf_wds_name){.part = NF_WDS_METADATA};
    if (dot == NULL || dot[1] == '\0')
        return (nf_wds_name){.part = NF_WDS_NO_PART};
    return (nf_wds_name){part_of(dot + 1), (size_t)(dot - path), dot + 1};
}

bool nf_wds_is_lossy(const char *path)
{
    static const char *const suffixes[] = {".jpg", ".jpeg", ".jpe", ".jfif", ".webp"};
    const char *dot = strrchr(path, '.');
    for (size_t i = 0; dot != NULL && i < sizeof suffixes / sizeof *suffixes; i++)
        if (strcasecmp(dot, suffixes[i]) == 0)
            return true;
    return false;
}

/* The first of the words (up to one of the separators each) in text[0 .. n) that names a split; NULL: none. */
static const char *split_in(const char *text, size_t n, const char *separators)
{
    const char *end = text + n;
    while (text < end) {
        size_t length = strcspn(text, separators);
        length = length < (size_t)(end - text) ? length : (size_t)(end - text);
        const char *split = nf_split_of_name(text, length);
        if (split != NULL)
            return split;
        text += length + 1;
    }
    return NULL;
}

const char *nf_wds_split(const char *path, bool in_archive, const char *shard)
{
    const char *inner = inside(path, in_archive), *split = NULL;
    if (inner > path) {
        const char *name = inner - 1; /* the last "!" */
        while (name > path && name[-1] != '/' && name[-1] != '!')
            name--;
        split = split_in(name, (size_t)(inner - 1 - name), "-_.!");
    } else if (shard != NULL) {
        split = split_in(shard, strlen(shard), "-_.");
    }
    if (split == NULL)
        split = split_in(path, (size_t)(base_of(inner) - path), "/!");
    return split != NULL ? split : "";
}

nf_status nf_wds_append_directories(nf_buf *text, const char *path, bool in_archive, nf_error *error)
{
    const char *inner = inside(path, in_archive), *end = base_of(inner);
    for (const char *part = path; part < end;) {
        size_t length = strcspn(part, part < inner ? "/!" : "/");
        bool is_directory = part[length] == '/' && length > 0 && !(length == 1 && part[0] == '.');
        if (is_directory && text->len > 0 && nf_buf_append(text, "/", 1, error) != NF_OK)
            return NF_ERR_NOMEM;
        if (is_directory && nf_buf_append(text, part, length, error) != NF_OK)
            return NF_ERR_NOMEM;
        part += length + 1;
    }
    return NF_OK;
}
