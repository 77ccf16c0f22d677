/* The one entry of a source that is a plain file, and what stands in for data that cannot be had. */
#include <stdlib.h>

#include "loaders/source/walker.h"

typedef struct single_file {
    nf_entry entry;
    nf_stream *input; /* the level's */
    const nf_file *file;
    bool given;
} single_file;

static nf_status single_next(void *walker, nf_entry *entry, nf_error *error)
{
    single_file *single = walker;
    (void)error;
    if (single->given)
        return NF_EOF;
    single->given = true;
    *entry = single->entry;
    return NF_OK;
}

static nf_status borrowed_fill(void *source, const uint8_t **data, size_t *len, nf_error *error)
{
    return nf_stream_next(source, SIZE_MAX, data, len, error);
}

static void borrowed_close(void *source)
{
    (void)source;
}

/* The level keeps the stream, so that what was not pulled can be read at the end. */
static nf_status single_data(void *walker, nf_stream **data, nf_file **file, nf_error *error)
{
    static const nf_stream_ops ops = {borrowed_fill, borrowed_close};
    *file = NULL;
    return nf_stream_new(data, &ops, ((single_file *)walker)->input, error);
}

static void single_place(const void *walker, nf_place *place)
{
    place->stamp = nf_file_stamp(((const single_file *)walker)->file);
}

nf_status nf_walk_single(nf_walker *walker, const nf_entry *entry, nf_stream *input, const nf_file *file, nf_error *error)
{
    static const nf_walker_ops as_stored = {single_next, single_data, free, single_place, NULL},
                               in_passing = {single_next, single_data, free, NULL, NULL};
    single_file *single = malloc(sizeof *single);
    if (single == NULL)
        return nf_fail_nomem(error, "a file");
    *single = (single_file){.entry = *entry, .input = input, .file = file};
    *walker = (nf_walker){.ops = entry->size_bytes >= 0 ? &as_stored : &in_passing, .self = single, .is_single = true};
    return NF_OK;
}

static nf_status encrypted_fill(void *source, const uint8_t **data, size_t *len, nf_error *error)
{
    (void)source, (void)data, (void)len;
    return nf_fail(error, NF_BAD_RECORD, "the member is encrypted");
}

nf_status nf_stream_encrypted(nf_stream **data, nf_error *error)
{
    static const nf_stream_ops ops = {encrypted_fill, borrowed_close};
    return nf_stream_new(data, &ops, NULL, error);
}
