#include "loaders/labels/json_stream.h"

#include <setjmp.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <yajl/yajl_parse.h>

/* yajl does not look whether memory was given to it. So its memory is counted here, and where there is none it is left by
 * longjmp out of its allocator; its blocks are then freed one by one, as a yajl_free would walk what is half made. A block holds
 * one text in the making and doubles with it: a limit on blocks bounds what yajl holds of an endless text. */
enum { BLOCKS_MAX = 32, BLOCK_BYTES_MAX = 2 * NF_JSON_STREAM_TEXT_MAX };

/* A text that goes on over several pieces is scanned again from its beginning with each of them: pieces are long, however short
 * the blocks are that the stream gives. */
enum { PIECE_BYTES = 1 << 16 };

typedef struct json_reader {
    nf_stream *data;
    nf_json_listener listener;
    void *state;
    nf_error *error;
    nf_status status;
    yajl_handle parser;
    nf_buf piece;
    uint64_t before; /* bytes of the stream before the piece in hand */
    int depth;
    void *blocks[BLOCKS_MAX]; /* yajl's; NULL: free */
    jmp_buf out_of_memory;
} json_reader;

/* --- memory ------------------------------------------------------------------------------------------------------- */

static _Noreturn void leave(json_reader *json, nf_status status)
{
    json->status = status;
    longjmp(json->out_of_memory, 1);
}

static void *move_block(void *reader, void *old, size_t n)
{
    json_reader *json = reader;
    size_t i = 0;
    while (i < BLOCKS_MAX && json->blocks[i] != old)
        i++;
    if (i == BLOCKS_MAX || n > BLOCK_BYTES_MAX)
        leave(json, nf_fail(json->error, NF_BAD_RECORD, "a text or number of more than %d bytes", NF_JSON_STREAM_TEXT_MAX));
    void *block = realloc(old, n > 0 ? n : 1);
    if (block == NULL)
        leave(json, nf_fail_nomem(json->error, "JSON"));
    json->blocks[i] = block;
    return block;
}

static void *new_block(void *reader, size_t n)
{
    return move_block(reader, NULL, n);
}

static void free_block(void *reader, void *block)
{
    json_reader *json = reader;
    for (size_t i = 0; i < BLOCKS_MAX && block != NULL; i++)
        if (json->blocks[i] == block) {
            free(block);
            json->blocks[i] = NULL;
            return;
        }
}

/* --- events: yajl's callbacks return 0 to end the parsing ---------------------------------------------------------- */

static int tell(json_reader *json, nf_json_kind kind, const void *text, size_t length)
{
    nf_json_event event = {kind, json->depth, text, length};
    if (length > NF_JSON_STREAM_TEXT_MAX)
        json->status = nf_fail(json->error, NF_BAD_RECORD, "a text or number of more than %d bytes", NF_JSON_STREAM_TEXT_MAX);
    else
        json->status = json->listener(json->state, &event, json->error);
    return json->status == NF_OK;
}

static int open_level(json_reader *json, nf_json_kind kind)
{
    if (json->depth == NF_JSON_STREAM_DEPTH_MAX) {
        json->status = nf_fail(json->error, NF_BAD_RECORD, "nested deeper than %d", NF_JSON_STREAM_DEPTH_MAX);
        return 0;
    }
    int go_on = tell(json, kind, NULL, 0);
    json->depth++;
    return go_on;
}

static int close_level(json_reader *json, nf_json_kind kind)
{
    json->depth--;
    return tell(json, kind, NULL, 0);
}

static int on_null(void *json)
{
    return tell(json, NF_JSON_LITERAL, NULL, 0);
}

static int on_boolean(void *json, int value)
{
    (void)value;
    return tell(json, NF_JSON_LITERAL, NULL, 0);
}

static int on_number(void *json, const char *text, size_t length)
{
    return tell(json, NF_JSON_NUMBER, text, length);
}

static int on_string(void *json, const unsigned char *text, size_t length)
{
    return tell(json, NF_JSON_STRING, text, length);
}

static int on_key(void *json, const unsigned char *text, size_t length)
{
    return tell(json, NF_JSON_KEY, text, length);
}

static int on_open_object(void *json)
{
    return open_level(json, NF_JSON_OPEN_OBJECT);
}

static int on_close_object(void *json)
{
    return close_level(json, NF_JSON_CLOSE_OBJECT);
}

static int on_open_list(void *json)
{
    return open_level(json, NF_JSON_OPEN_LIST);
}

static int on_close_list(void *json)
{
    return close_level(json, NF_JSON_CLOSE_LIST);
}

static const yajl_callbacks callbacks = {.yajl_null = on_null,
                                         .yajl_boolean = on_boolean,
                                         .yajl_number = on_number,
                                         .yajl_string = on_string,
                                         .yajl_start_map = on_open_object,
                                         .yajl_map_key = on_key,
                                         .yajl_end_map = on_close_object,
                                         .yajl_start_array = on_open_list,
                                         .yajl_end_array = on_close_list};

/* --- the stream ---------------------------------------------------------------------------------------------------- */

/* What yajl says of the piece in hand. */
static nf_status judge(json_reader *json, yajl_status said)
{
    if (said == yajl_status_ok || json->status != NF_OK)
        return json->status;
    unsigned char *text = yajl_get_error(json->parser, 0, NULL, 0);
    int length = (int)strcspn((const char *)text, "\n");
    nf_fail(json->error, NF_BAD_RECORD, "no JSON, or cut: %.*s", length, (const char *)text);
    yajl_free_error(json->parser, text);
    return json->status = NF_BAD_RECORD;
}

static nf_status pass_over_mark(nf_stream *data, nf_error *error)
{
    const uint8_t *head;
    size_t n;
    nf_status status = nf_stream_peek(data, 3, &head, &n, error);
    if (status == NF_OK && n == 3 && memcmp(head, "\xef\xbb\xbf", 3) == 0)
        status = nf_stream_skip(data, 3, error);
    return status;
}

static nf_status read_all(json_reader *json)
{
    yajl_alloc_funcs memory = {new_block, move_block, free_block, json};
    nf_status status = nf_buf_reserve(&json->piece, PIECE_BYTES, json->error);
    if (status == NF_OK)
        status = pass_over_mark(json->data, json->error);
    json->parser = yajl_alloc(&callbacks, &memory, json);
    while (status == NF_OK) {
        size_t n = 0;
        json->before = nf_stream_position(json->data);
        status = nf_stream_read(json->data, json->piece.data, PIECE_BYTES, &n, json->error);
        if ((status == NF_OK || status == NF_EOF) && judge(json, yajl_parse(json->parser, json->piece.data, n)) != NF_OK)
            return json->status;
    }
    if (status != NF_EOF)
        return status;
    json->before = nf_stream_position(json->data); /* what is missing is missing there */
    return judge(json, yajl_complete_parse(json->parser));
}

/* Apart from read_all, so that no variable lives across the jump. */
static nf_status read_guarded(json_reader *json)
{
    if (setjmp(json->out_of_memory) != 0)
        return json->status;
    return read_all(json);
}

nf_status nf_json_stream_read(nf_stream *data, nf_json_listener listener, void *state, nf_error *error)
{
    nf_error unheard;
    json_reader json = {.data = data, .listener = listener, .state = state, .error = error != NULL ? error : &unheard};
    nf_status status = read_guarded(&json);
    if (status == NF_BAD_RECORD) {
        size_t taken = json.parser != NULL ? yajl_get_bytes_consumed(json.parser) : 0;
        nf_error_prepend(json.error, "byte %llu", (unsigned long long)(json.before + taken));
    }
    nf_buf_free(&json.piece);
    for (size_t i = 0; i < BLOCKS_MAX; i++)
        free(json.blocks[i]);
    return status;
}
