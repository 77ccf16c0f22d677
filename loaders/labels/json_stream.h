/* nofade: JSON read as a stream of events; nothing of it is held but the text or number in hand. Untrusted: nested no deeper than
 * NF_JSON_STREAM_DEPTH_MAX, no text or number longer than NF_JSON_STREAM_TEXT_MAX. */
#ifndef NF_LOADERS_JSON_STREAM_H
#define NF_LOADERS_JSON_STREAM_H

#include <stddef.h>

#include "base/error.h"
#include "loaders/source/stream.h"

enum { NF_JSON_STREAM_DEPTH_MAX = 64, NF_JSON_STREAM_TEXT_MAX = 1 << 20 /* bytes */ };

typedef enum nf_json_kind {
    NF_JSON_OPEN_OBJECT,
    NF_JSON_CLOSE_OBJECT,
    NF_JSON_OPEN_LIST,
    NF_JSON_CLOSE_LIST,
    NF_JSON_KEY,
    NF_JSON_STRING,
    NF_JSON_NUMBER, /* as it is written */
    NF_JSON_LITERAL /* true, false, null */
} nf_json_kind;

typedef struct nf_json_event {
    nf_json_kind kind;
    int depth;        /* objects and lists that are open around it: 0 for the outermost value */
    const char *text; /* (length,) of a key, string (UTF-8, may hold NULs) or number; not NUL-terminated, gone after the call */
    size_t length;
} nf_json_event;

/* Other than NF_OK ends the reading with that status. */
typedef nf_status (*nf_json_listener)(void *state, const nf_json_event *event, nf_error *error);

/* Reads one JSON document to the stream's end. NF_BAD_RECORD for what is no JSON, is cut or goes beyond the limits; the place is
 * put before its sentence, and before the listener's NF_BAD_RECORD, as "byte N: ". */
nf_status nf_json_stream_read(nf_stream *data, nf_json_listener listener, void *state, nf_error *error);

#endif
