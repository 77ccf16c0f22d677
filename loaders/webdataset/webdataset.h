/* nofade: the parts of the WebDataset loader: what a member's name says, and what a label file holds. Private to
 * loaders/webdataset*.c and loaders/webdataset/loader_webdataset.c.
 *
 * A shard is a tar of files <key>.<extension>; the files of one key stand together and are a sample. The key is the path up to
 * the first dot of the base name, its directories included.
 */
#ifndef NF_LOADERS_WEBDATASET_H
#define NF_LOADERS_WEBDATASET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"
#include "loaders/source/entries.h"

typedef enum nf_wds_part {
    NF_WDS_NO_PART,  /* no dot in the base name: belongs to no sample */
    NF_WDS_METADATA, /* "__name__" at the top of a shard: about the shard */
    NF_WDS_CONTENT,  /* one extension: its content decides whether it is an image */
    NF_WDS_EXTRA,    /* seg.png, depth.png, left.jpg ...: an image of several extensions, beside the sample's own */
    NF_WDS_JSON,
    NF_WDS_CLASS /* .cls */
} nf_wds_part;

typedef struct nf_wds_name {
    nf_wds_part part;
    size_t key_bytes;      /* path[0 .. key_bytes) is the key; 0 where there is none */
    const char *extension; /* in path: what stands behind the key's dot */
} nf_wds_name;

/* A ".gz" behind another extension is no part of the name: its content comes inflated. in_archive: nf_entry.archive_index is
 * not 0, so the last "!" in the path ends the name of a shard. */
nf_wds_name nf_wds_read_name(const char *path, bool in_archive);

/* Does its last suffix say JPEG or WebP? Maps of labels and depths are no such. */
bool nf_wds_is_lossy(const char *path);

/* The split of a member: a word of the shard's name ("imagenet-train-000003.tar"), else one of its directories, else "".
 * shard: the file name of the source, for members that lie in no archive inside it; NULL: the source is no file. Static. */
const char *nf_wds_split(const char *path, bool in_archive, const char *shard);
/* Appends the directories of a member, without the shard, to a text, each behind a "/" unless the text is empty. */
nf_status nf_wds_append_directories(nf_buf *text, const char *path, bool in_archive, nf_error *error);

enum {
    NF_WDS_CLASS_MAX = 255,       /* bytes of a class's text */
    NF_WDS_CLASS_FILE_MAX = 4096, /* bytes of a .cls file, and of a .json file: */
    NF_WDS_JSON_FILE_MAX = 1 << 20
};

/* The class that a label file names, an integer in its shortest form or one line of text: class_id "" where it names none (a
 * .json file without "label", "cls" and "class"; -1). NF_BAD_RECORD: no valid JSON, or no such class. */
nf_status nf_wds_class_of_cls(const nf_buf *file, char class_id[NF_WDS_CLASS_MAX + 1], nf_error *error);
nf_status nf_wds_class_of_json(const nf_buf *file, char class_id[NF_WDS_CLASS_MAX + 1], nf_error *error);

#endif
