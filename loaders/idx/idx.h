/* nofade: what the IDX loader knows of its files: pairs of images and labels. Private to the IDX loader. */
#ifndef NF_LOADERS_IDX_H
#define NF_LOADERS_IDX_H

#include <xxhash.h>

#include "loaders/loader.h"
#include "loaders/record_files.h"

enum { NF_IDX_HEADER_MAX = 20, NF_IDX_SIDE_MAX = 4096, NF_IDX_LABELS_MAX = 64 << 20, NF_IDX_PAIRS_MAX = 256,
       NF_IDX_SUBSETS_MAX = 16, NF_IDX_SUBSET_NAME_MAX = 24 };

/* The first bytes of an IDX file: 00 00, type, dimensions, then each dimension as 4 bytes, big-endian. */
typedef struct nf_idx_header {
    unsigned type; /* 08: unsigned bytes */
    unsigned n_dims;
    size_t bytes; /* of the header */
    uint64_t dims[4];
} nf_idx_header;
/* Does it begin like an IDX file? */
bool nf_idx_is_head(const uint8_t *head, size_t n);
/* Takes the header off the stream. NF_BAD_RECORD: it is none (*failure says why); else the stream's faults. */
nf_status nf_idx_read_header(nf_stream *data, nf_idx_header *header, nf_failure *failure, nf_error *error);

/* A file of images and its file of labels, known by what their names have alike. */
typedef struct nf_idx_pair {
    char *key;
    uint64_t archive_index;
    bool has_labels, is_late; /* is_late: images that wait for labels, or waited in vain */
    uint32_t late_set;
    nf_buf labels;            /* bytes, one an image */
    nf_failure labels_failure;
    char labels_reason[160];  /* what is wrong with the file of labels, or "" */
    uint64_t n_images;        /* read so far */
    bool has_images, images_are_whole;
} nf_idx_pair;

typedef struct nf_idx_pairs {
    nf_idx_pair *items;
    size_t n, capacity;
} nf_idx_pairs;
/* The pair that the entry belongs to, new where there is none. *pair is valid until the next call. NF_ERR_INPUT: too many. */
nf_status nf_idx_pairs_find(nf_idx_pairs *pairs, const nf_entry *entry, nf_idx_pair **pair, nf_error *error);
void nf_idx_pairs_free(nf_idx_pairs *pairs);
/* Reads a file of labels whole. What is wrong with it stands in labels_reason afterwards; NF_OK then too. Returns the
 * source's faults. */
nf_status nf_idx_read_labels(nf_idx_pair *pair, nf_stream *data, nf_error *error);

/* Which set a file of images belongs to by the digest of its pixels ("mnist", "fashion-mnist"), or NULL. */
const char *nf_idx_id_of_digest(uint64_t high, uint64_t low);
/* Names the classes of a set, where they are known. */
nf_status nf_idx_name_classes(nf_groups *groups, const char *id, nf_error *error);

typedef struct nf_idx {
    nf_record_files files;
    const char *forced_id, *id; /* id: what the whole files so far say, or NULL */
    bool is_walked, is_collected; /* is_collected: all labels that there are have been read */
    bool has_images, has_labels, is_finished;
    nf_idx_pairs pairs;
    char subsets[NF_IDX_SUBSETS_MAX][NF_IDX_SUBSET_NAME_MAX]; /* (n_subsets,) of EMNIST */
    size_t n_subsets;

    nf_stream *data;     /* of the file of images that is being read, or NULL */
    nf_idx_pair *pair;
    nf_idx_header header;
    size_t image_bytes;
    uint64_t row;
    XXH3_state_t *digest;
} nf_idx;

typedef enum nf_idx_kind { NF_IDX_NONE, NF_IDX_IMAGES, NF_IDX_LABELS } nf_idx_kind;
/* What a file holds, by its first bytes, and where they say nothing by its name. */
nf_idx_kind nf_idx_kind_of(const char *path, const uint8_t *head, size_t n);
/* The same for the current entry. */
nf_idx_kind nf_idx_kind_of_entry(nf_idx *idx, const nf_entry *entry);
/* Where the source can be walked twice: reads all labels, and the labels beside a lone file of images. */
nf_status nf_idx_first_walk(nf_idx *idx, nf_error *error);
/* Subsets of EMNIST ("letters" of emnist-letters-train-images-idx3-ubyte): remembers one; NF_ERR_USAGE where one must be chosen,
 * or is not there; is the member of another than the chosen one? */
void nf_idx_note_subset(nf_idx *idx, const char *path);
nf_status nf_idx_check_subsets(const nf_idx *idx, nf_error *error);
bool nf_idx_is_other_subset(const nf_idx *idx, const char *path);

#endif
