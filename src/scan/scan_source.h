/* nofade: one source while it is read, and its records on their way into batches. Private to src/scan/scan_reader.c and
 * scan_records.c; the reader thread's alone. */
#ifndef NF_SCAN_SOURCE_H
#define NF_SCAN_SOURCE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "scan/batch_queue.h"
#include "loaders/source/entries.h"
#include "loaders/loader.h"
#include "loaders/member_set.h"
#include "scan/scan_detect.h"
#include "scan/scan_reader.h"

/* One source being read. */
typedef struct nf_source_reader {
    nf_reader *reader;
    nf_read_source *result;
    const nf_detected *detected;
    uint32_t number;
    nf_entries *entries;
    void *state;
    nf_dataset_facts facts;
    nf_loader_options options;
    nf_loader_context context;
    nf_member_set members;
    nf_stop stop;
    bool is_directory;
    uint32_t keyed_group; /* the group that split_key belongs to */
    uint8_t split_key;
} nf_source_reader;

/* A split, or one of several under one name of the manifest (NULL: none is known). */
bool nf_names_split(const nf_manifest *manifest, const char *name, const char *split);

/* Into the reader's batch, whose bytes the record has been appended to. */
nf_status nf_add_image_record(nf_source_reader *source, nf_record *record, nf_error *error);
nf_status nf_add_labels_record(nf_source_reader *source, const nf_record *record, nf_error *error);

#endif
