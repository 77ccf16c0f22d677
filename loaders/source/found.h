/* nofade: what data turn out to be: an archive, compressed, or a plain file. Private to loaders/. */
#ifndef NF_LOADERS_FOUND_H
#define NF_LOADERS_FOUND_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "loaders/source/walker.h"

/* Data that may be an archive, on their way to become a level or the data of an entry. */
typedef struct nf_found {
    const char *name;
    bool is_source;
    nf_stream *stream;  /* owned */
    nf_file *file;      /* where the stored bytes can be read at any place, else NULL; not owned */
    const char *suffix; /* of the outermost compression: ".gz" ...; "" for none */
    size_t layers;      /* compressions taken off */
    nf_walker walker;   /* ops NULL: no archive */
    bool zip_index;     /* the walker reads the file, not the stream */
    const char *format; /* "tar", "zip", "file" */
} nf_found;

/* Fills in all but the first four, which are given, and suffix, which is "". Without enter_archives only compressions are
 * taken off. On failure stream is still to be closed. */
nf_status nf_find_out(nf_found *found, bool enter_archives, nf_error *error);

#endif
