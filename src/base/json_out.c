#include "base/json_out.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

void nf_json_begin(nf_json *json, nf_out *out)
{
    memset(json, 0, sizeof *json);
    json->out = out;
}

static void put(nf_json *json, const char *text, size_t n)
{
    if (json->status == NF_OK)
        json->status = nf_out_write(json->out, text, n, &json->error);
}

static void put_text(nf_json *json, const char *text)
{
    put(json, text, strlen(text));
}

static void new_line(nf_json *json)
{
    static const char spaces[] = "\n                                ";
    put(json, spaces, 1 + (size_t)json->depth * 2);
}

/* The comma and the line break before an item. */
static void before_item(nf_json *json)
{
    if (json->after_key) {
        json->after_key = false;
        return;
    }
    if (json->depth == 0)
        return;
    if (json->has_items[json->depth])
        put_text(json, json->inline_items[json->depth] ? ", " : ",");
    if (!json->inline_items[json->depth])
        new_line(json);
    json->has_items[json->depth] = true;
}

static void put_quoted(nf_json *json, const char *text)
{
    put_text(json, "\"");
    while (*text != '\0') {
        char escaped[8];
        size_t n = nf_utf8_length(text);
        unsigned char c = (unsigned char)*text;
        if (n == 0) {
            snprintf(escaped, sizeof escaped, "\\\\x%02x", c);
            put_text(json, escaped);
        } else if (c == '"' || c == '\\') {
            escaped[0] = '\\';
            escaped[1] = (char)c;
            put(json, escaped, 2);
        } else if (c < 0x20 || c == 0x7f) {
            snprintf(escaped, sizeof escaped, "\\u%04x", c);
            put_text(json, escaped);
        } else {
            put(json, text, n);
        }
        text += n == 0 ? 1 : n;
    }
    put_text(json, "\"");
}

void nf_json_key(nf_json *json, const char *key)
{
    before_item(json);
    put_quoted(json, key);
    put_text(json, ": ");
    json->after_key = true;
}

static void open_bracket(nf_json *json, char bracket, bool is_inline)
{
    before_item(json);
    put(json, &bracket, 1);
    if (json->depth + 1 >= NF_JSON_DEPTH_MAX) {
        json->status = nf_fail(&json->error, NF_ERR_INTERNAL, "the JSON is nested too deep");
        return;
    }
    json->depth++;
    json->has_items[json->depth] = false;
    json->inline_items[json->depth] = is_inline || json->inline_items[json->depth - 1];
}

void nf_json_open(nf_json *json, char bracket)
{
    open_bracket(json, bracket, false);
}

void nf_json_open_inline(nf_json *json, char bracket)
{
    open_bracket(json, bracket, true);
}

void nf_json_close(nf_json *json, char bracket)
{
    bool line = json->has_items[json->depth] && !json->inline_items[json->depth];
    if (json->depth > 0)
        json->depth--;
    if (line)
        new_line(json);
    put(json, &bracket, 1);
}

void nf_json_text(nf_json *json, const char *text)
{
    if (text == NULL) {
        nf_json_null(json);
        return;
    }
    before_item(json);
    put_quoted(json, text);
}

void nf_json_u64(nf_json *json, uint64_t value)
{
    char text[24];
    nf_format_u64(value, text); /* profiles are mostly these; printf takes three times as long */
    before_item(json);
    put_text(json, text);
}

void nf_json_double(nf_json *json, double value)
{
    char text[32];
    nf_format_double(value, text);
    before_item(json);
    put_text(json, text);
}

void nf_json_bool(nf_json *json, bool value)
{
    before_item(json);
    put_text(json, value ? "true" : "false");
}

void nf_json_null(nf_json *json)
{
    before_item(json);
    put_text(json, "null");
}

void nf_json_text_item(nf_json *json, const char *key, const char *text)
{
    nf_json_key(json, key);
    nf_json_text(json, text);
}

void nf_json_u64_item(nf_json *json, const char *key, uint64_t value)
{
    nf_json_key(json, key);
    nf_json_u64(json, value);
}

void nf_json_known_u64_item(nf_json *json, const char *key, bool is_known, uint64_t value)
{
    nf_json_key(json, key);
    if (is_known)
        nf_json_u64(json, value);
    else
        nf_json_null(json);
}

void nf_json_double_item(nf_json *json, const char *key, double value)
{
    nf_json_key(json, key);
    nf_json_double(json, value);
}

void nf_json_open_item(nf_json *json, const char *key, char bracket)
{
    nf_json_key(json, key);
    nf_json_open(json, bracket);
}

void nf_json_open_inline_item(nf_json *json, const char *key, char bracket)
{
    nf_json_key(json, key);
    nf_json_open_inline(json, bracket);
}

void nf_json_bool_item(nf_json *json, const char *key, bool value)
{
    nf_json_key(json, key);
    nf_json_bool(json, value);
}

nf_status nf_json_end(nf_json *json, nf_error *error)
{
    put_text(json, "\n");
    if (json->status != NF_OK && error != NULL)
        *error = json->error;
    return json->status;
}
