/* nofade: JSON, written as a stream into an nf_out. Errors stick in the out: look once, at the end (nf_json_end). */
#ifndef NF_BASE_JSON_OUT_H
#define NF_BASE_JSON_OUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/out.h"

enum { NF_JSON_DEPTH_MAX = 16 };

typedef struct nf_json {
    nf_out *out;
    nf_status status; /* the first that was not NF_OK */
    nf_error error;
    int depth;
    bool has_items[NF_JSON_DEPTH_MAX], inline_items[NF_JSON_DEPTH_MAX];
    bool after_key;
} nf_json;

void nf_json_begin(nf_json *json, nf_out *out);
/* The key of the next value; key is plain ASCII or UTF-8 text and is escaped. */
void nf_json_key(nf_json *json, const char *key);
void nf_json_open(nf_json *json, char bracket);        /* '{' or '[': one item a line */
void nf_json_open_inline(nf_json *json, char bracket); /* all items on one line */
void nf_json_close(nf_json *json, char bracket);       /* '}' or ']' */
void nf_json_text(nf_json *json, const char *text);    /* NULL: null */
void nf_json_u64(nf_json *json, uint64_t value);
void nf_json_double(nf_json *json, double value);      /* null for NaN and infinity */
void nf_json_bool(nf_json *json, bool value);
void nf_json_null(nf_json *json);
/* A key and its value, or the beginning of it. */
void nf_json_open_item(nf_json *json, const char *key, char bracket);
void nf_json_open_inline_item(nf_json *json, const char *key, char bracket);
void nf_json_bool_item(nf_json *json, const char *key, bool value);
void nf_json_text_item(nf_json *json, const char *key, const char *text);
void nf_json_u64_item(nf_json *json, const char *key, uint64_t value);
void nf_json_known_u64_item(nf_json *json, const char *key, bool is_known, uint64_t value); /* null where it is not */
void nf_json_double_item(nf_json *json, const char *key, double value);
/* Ends the document with a line break; the first error of all. */
nf_status nf_json_end(nf_json *json, nf_error *error);

#endif
