/* nofade: the lines of an untrusted text: UTF-8 without NULs; LF or CRLF; a byte-order mark at the beginning is passed over. */
#ifndef NF_LOADERS_TEXT_LINES_H
#define NF_LOADERS_TEXT_LINES_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"
#include "loaders/source/stream.h"

enum { NF_TEXT_LINE_MAX = 1 << 16 /* bytes */ };

/* .stream set, the rest zero: at the beginning. Nobody else reads the stream meanwhile. */
typedef struct nf_text_lines {
    nf_stream *stream;
    const uint8_t *data; /* the stream's */
    size_t left;
    nf_buf line;
    uint64_t number; /* of the last line, from 1 */
} nf_text_lines;

/* The next line that is not blank, without blanks at its end: *text is NUL-terminated, may be written to, and stays until the
 * next call. NF_EOF at the end; NF_BAD_RECORD, with the line's number, for what is no such text; else the stream's. */
nf_status nf_text_lines_next(nf_text_lines *lines, char **text, nf_error *error);
void nf_text_lines_free(nf_text_lines *lines);

#endif
