/* nofade: untrusted names as text. */
#ifndef NF_BASE_TEXT_H
#define NF_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"

/* Length of the valid UTF-8 sequence at text (1 .. 4), or 0 when its first byte begins none. text is NUL-terminated. */
size_t nf_utf8_length(const char *text);
/* The code point of the sequence at text; 0 when its first byte begins none. */
uint32_t nf_utf8_code(const char *text);
/* *copy (heap, the caller's) is text as UTF-8: bytes that are none become the four characters \xHH. */
nf_status nf_utf8_copy(char **copy, const char *text, nf_error *error);
/* Length of the character at text (1 .. 4) when people may be shown it as it is; 0 when its first byte is better written as \xHH:
 * control characters, what is no UTF-8, what turns the writing round or cannot be seen. text is NUL-terminated. */
size_t nf_text_shown(const char *text);
/* 1234567 -> "1,234,567". Returns text. */
const char *nf_text_count(char text[32], uint64_t value);
/* 170498071 -> "162.6 MiB". Returns text. */
const char *nf_text_bytes(char text[32], uint64_t bytes);
/* A name as it is compared: ASCII letters in lower case, ASCII that is neither letter nor digit left out; cut to size - 1
 * bytes. */
void nf_text_fold(const char *text, char *folded, size_t size);

#endif
