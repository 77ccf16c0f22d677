/* Told by the first bytes. Names decide only where a content may be a file as well as an archive. */
#include "loaders/source/found.h"

#include <string.h>
#include <strings.h>

#include "loaders/sniff.h"

enum { LAYERS_MAX = 2, /* compressions over each other */ MAGIC_AT = 257 };

static bool ends_in(const char *name, const char *suffix)
{
    size_t n = strlen(name), k = strlen(suffix);
    return n >= k && strcasecmp(name + n - k, suffix) == 0;
}

static nf_status damage_of(const nf_found *f)
{
    return f->is_source ? NF_ERR_DAMAGED : NF_BAD_RECORD;
}

/* NULL: not compressed. Two bytes are too weak a sign where any file may come. */
static const char *compression_suffix(const nf_found *f, nf_content content)
{
    switch (content) {
    case NF_CONTENT_GZIP: return ".gz";
    case NF_CONTENT_BZIP2: return ".bz2";
    case NF_CONTENT_XZ: return ".xz";
    case NF_CONTENT_ZSTD: return ".zst";
    case NF_CONTENT_LZ4: return ".lz4";
    case NF_CONTENT_COMPRESS: return f->is_source || ends_in(f->name, ".Z") ? ".Z" : NULL;
    case NF_CONTENT_UNKNOWN: return ends_in(f->name, ".lzma") && f->layers == 0 ? ".lzma" : NULL;
    case NF_CONTENT_JPEG:
    case NF_CONTENT_PNG:
    case NF_CONTENT_WEBP:
    case NF_CONTENT_OTHER_IMAGE:
    case NF_CONTENT_TAR:
    case NF_CONTENT_ZIP: break;
    }
    return NULL;
}

/* Takes off the compressions. */
static nf_status inflate(nf_found *f, nf_content *content, nf_error *error)
{
    for (;;) {
        const uint8_t *head;
        size_t n;
        nf_status status = nf_stream_peek(f->stream, NF_SNIFF_BYTES, &head, &n, error);
        if (status != NF_OK)
            return status;
        *content = nf_sniff(head, n, NULL);
        const char *suffix = compression_suffix(f, *content);
        if (suffix == NULL || f->layers == LAYERS_MAX)
            return NF_OK;
        nf_stream *inflated;
        status = *content == NF_CONTENT_GZIP ? nf_stream_gunzip(&inflated, f->stream, damage_of(f), error)
                                             : nf_stream_decompress(&inflated, f->stream, damage_of(f), error);
        if (status != NF_OK)
            return status;
        f->stream = inflated;
        f->file = NULL;
        if (f->layers++ == 0)
            f->suffix = suffix;
    }
}

/* A tar whose first header is damaged is known by a later one. */
static bool is_damaged_tar(const nf_found *f)
{
    const uint8_t *bytes;
    size_t n;
    if (nf_stream_peek(f->stream, NF_STREAM_PEEK_FAR_MAX, &bytes, &n, NULL) != NF_OK)
        return false;
    for (size_t at = NF_SNIFF_BYTES; at + NF_SNIFF_BYTES <= n; at += NF_SNIFF_BYTES)
        if (memcmp(bytes + at + MAGIC_AT, "ustar", 5) == 0 && nf_sniff(bytes + at, NF_SNIFF_BYTES, NULL) == NF_CONTENT_TAR)
            return true;
    return false;
}

static bool may_be_tar(const nf_found *f)
{
    return f->is_source || ends_in(f->name, ".tar") || ends_in(f->name, ".tgz") || strstr(f->name, ".tar.") != NULL;
}

/* A zip goes by its content and its suffix: .npz, .docx and their like are files. */
static bool may_be_zip(const nf_found *f)
{
    return f->is_source || ends_in(f->name, ".zip");
}

static nf_status find_zip(nf_found *f, nf_content content, nf_error *error)
{
    nf_status status = NF_EOF;
    if (f->file != NULL && nf_file_is_regular(f->file)) {
        status = nf_walk_zip(&f->walker, f->file, error);
        f->zip_index = status == NF_OK;
    } else if (content == NF_CONTENT_ZIP) {
        status = nf_walk_archive(&f->walker, NF_ARCHIVE_ZIP, f->stream, damage_of(f), error);
    }
    if (status == NF_OK)
        f->format = "zip";
    return status == NF_EOF ? NF_OK : status;
}

nf_status nf_find_out(nf_found *f, bool enter_archives, nf_error *error)
{
    nf_content content;
    nf_status status = inflate(f, &content, error);
    f->format = "file";
    if (status != NF_OK || !enter_archives)
        return status;
    bool unknown = content == NF_CONTENT_UNKNOWN;
    if (may_be_zip(f) && (content == NF_CONTENT_ZIP || unknown)) {
        status = find_zip(f, content, error);
        if (status != NF_OK || f->walker.ops != NULL)
            return status;
    }
    if (content != NF_CONTENT_TAR && !(unknown && may_be_tar(f) && is_damaged_tar(f)))
        return NF_OK;
    f->format = "tar";
    return nf_walk_archive(&f->walker, NF_ARCHIVE_TAR, f->stream, damage_of(f), error);
}
