#include "loaders/cifar/pickle.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "loaders/cifar/pickle_parts.h"

enum { LINE_MAX_BYTES = 256, LONG1_MAX_BYTES = 8, HIGHEST_PROTOCOL = 5, FIRST_PROTOCOL = 2 };

/* Little-endian, n <= 8 bytes. */
static nf_status read_number(nf_pickle *pickle, size_t n, uint64_t *number, nf_error *error)
{
    uint8_t bytes[8];
    nf_status status = nf_pickle_read(pickle, bytes, n, error);
    *number = 0;
    for (size_t i = n; status == NF_OK && i-- > 0;)
        *number = *number << 8 | bytes[i];
    return status;
}

static nf_status read_line(nf_pickle *pickle, char line[LINE_MAX_BYTES], size_t *n, nf_error *error)
{
    for (*n = 0; *n < LINE_MAX_BYTES; (*n)++) {
        nf_status status = nf_pickle_read(pickle, &line[*n], 1, error);
        if (status != NF_OK)
            return status;
        if (line[*n] == '\n')
            return NF_OK;
    }
    return nf_pickle_refuse(pickle, NF_FAILURE_DAMAGED, error, "a name is over %d bytes long", LINE_MAX_BYTES);
}

/* --- opcodes ------------------------------------------------------------------------------------------------------ */

static nf_status push_integer(nf_pickle *pickle, nf_pickle_kind kind, int64_t integer, nf_error *error)
{
    return nf_pickle_push(pickle, (nf_pickle_value){.kind = kind, .as.integer = integer}, error);
}

static nf_status op_proto(nf_pickle *pickle, uint8_t op, nf_error *error)
{
    (void)op;
    uint64_t version;
    nf_status status = read_number(pickle, 1, &version, error);
    if (status == NF_OK && (version < FIRST_PROTOCOL || version > HIGHEST_PROTOCOL))
        return nf_pickle_refuse(pickle, NF_FAILURE_UNSUPPORTED_KIND, error, "protocol %u is not known", (unsigned)version);
    return status;
}

static nf_status op_frame(nf_pickle *pickle, uint8_t op, nf_error *error)
{
    (void)op;
    uint64_t ignored; /* a hint for readers that read ahead */
    return read_number(pickle, 8, &ignored, error);
}

static nf_status op_constant(nf_pickle *pickle, uint8_t op, nf_error *error)
{
    switch (op) {
    case '(':
        return push_integer(pickle, NF_PICKLE_MARK, 0, error);
    case 'N':
        return push_integer(pickle, NF_PICKLE_NONE, 0, error);
    default: /* NEWTRUE, NEWFALSE */
        return push_integer(pickle, NF_PICKLE_BOOL, op == 0x88, error);
    }
}

static nf_status op_integer(nf_pickle *pickle, uint8_t op, nf_error *error)
{
    size_t n = op == 'K' ? 1 : op == 'M' ? 2 : 4;
    uint64_t number;
    nf_status status = read_number(pickle, n, &number, error);
    if (status != NF_OK)
        return status;
    return push_integer(pickle, NF_PICKLE_INTEGER, n == 4 ? (int32_t)(uint32_t)number : (int64_t)number, error);
}

/* n, then n bytes of a two's complement. */
static nf_status op_long1(nf_pickle *pickle, uint8_t op, nf_error *error)
{
    (void)op;
    uint64_t n, number = 0;
    nf_status status = read_number(pickle, 1, &n, error);
    if (status == NF_OK && n > LONG1_MAX_BYTES)
        return nf_pickle_refuse(pickle, NF_FAILURE_UNSUPPORTED_KIND, error, "an integer of %u bytes", (unsigned)n);
    if (status == NF_OK)
        status = read_number(pickle, (size_t)n, &number, error);
    if (status != NF_OK)
        return status;
    if (n > 0 && n < 8 && (number >> (8 * n - 1)) != 0)
        number |= UINT64_MAX << (8 * n);
    return push_integer(pickle, NF_PICKLE_INTEGER, (int64_t)number, error);
}

static nf_status hold_string(nf_pickle *pickle, nf_pickle_kind kind, size_t n, nf_error *error)
{
    void *memory = NULL;
    nf_status status = nf_pickle_alloc_held(pickle, n, &memory, error);
    if (status == NF_OK)
        status = nf_pickle_read(pickle, memory, n, error);
    nf_pickle_value value;
    if (status == NF_OK)
        status = nf_pickle_new_bytes(pickle, kind, memory, n, &value, error);
    return status == NF_OK ? nf_pickle_push(pickle, value, error) : status;
}

/* Bytes and texts: a length of 1, 4 or 8 bytes, then so many. */
static nf_status op_string(nf_pickle *pickle, uint8_t op, nf_error *error)
{
    bool is_short = op == 'U' || op == 'C' || op == 0x8c;
    bool is_text = op == 0x8c || op == 'X' || op == 0x8d;
    uint64_t n;
    nf_status status = read_number(pickle, is_short ? 1 : op == 'T' || op == 'B' || op == 'X' ? 4 : 8, &n, error);
    if (status != NF_OK)
        return status;
    if (n > INT64_MAX)
        return nf_pickle_refuse(pickle, NF_FAILURE_DAMAGED, error, "a length makes no sense");
    if (n > NF_PICKLE_HELD_MAX)
        return nf_pickle_begin_blob(pickle, n, is_text, error);
    return hold_string(pickle, is_text ? NF_PICKLE_TEXT : NF_PICKLE_BYTES, (size_t)n, error);
}

static nf_status new_items(nf_pickle *pickle, nf_pickle_kind kind, nf_pickle_value *value, nf_error *error)
{
    void *memory;
    nf_status status = nf_pickle_alloc(pickle, sizeof(nf_pickle_items), &memory, error);
    if (status == NF_OK)
        *value = (nf_pickle_value){.kind = kind, .as.items = memory};
    return status;
}

static nf_status op_empty(nf_pickle *pickle, uint8_t op, nf_error *error)
{
    nf_pickle_value value;
    nf_status status = new_items(pickle, op == '}' ? NF_PICKLE_DICT : op == ']' ? NF_PICKLE_LIST : NF_PICKLE_TUPLE, &value,
                                 error);
    return status == NF_OK ? nf_pickle_push(pickle, value, error) : status;
}

/* Takes the values over the topmost mark, and the mark: (*values, *n) stay valid until the next push. */
static nf_status pop_to_mark(nf_pickle *pickle, const nf_pickle_value **values, size_t *n, nf_error *error)
{
    size_t i = pickle->n_stack;
    while (i > 0 && pickle->stack[i - 1].kind != NF_PICKLE_MARK)
        i--;
    if (i == 0)
        return nf_pickle_refuse(pickle, NF_FAILURE_DAMAGED, error, "an opcode finds no mark on the stack");
    *values = &pickle->stack[i];
    *n = pickle->n_stack - i;
    pickle->n_stack = i - 1;
    return NF_OK;
}

static nf_status pop_n(nf_pickle *pickle, size_t n, const nf_pickle_value **values, nf_error *error)
{
    nf_status status = NF_OK;
    nf_pickle_value ignored;
    for (size_t i = 0; i < n && status == NF_OK; i++)
        status = nf_pickle_pop(pickle, &ignored, error);
    *values = pickle->stack != NULL ? &pickle->stack[pickle->n_stack] : NULL;
    return status;
}

static nf_status add_all(nf_pickle *pickle, nf_pickle_items *items, const nf_pickle_value *values, size_t n,
                         nf_error *error)
{
    nf_status status = NF_OK;
    for (size_t i = 0; i < n && status == NF_OK; i++)
        status = nf_pickle_items_add(pickle, items, values[i], error);
    return status;
}

static nf_status op_tuple(nf_pickle *pickle, uint8_t op, nf_error *error)
{
    const nf_pickle_value *values;
    size_t n = op == 't' ? 0 : (size_t)(op - 0x84);
    nf_status status = op == 't' ? pop_to_mark(pickle, &values, &n, error) : pop_n(pickle, n, &values, error);
    nf_pickle_value tuple;
    if (status == NF_OK)
        status = new_items(pickle, NF_PICKLE_TUPLE, &tuple, error);
    if (status == NF_OK)
        status = add_all(pickle, tuple.as.items, values, n, error);
    return status == NF_OK ? nf_pickle_push(pickle, tuple, error) : status;
}

/* APPEND, APPENDS: onto a list; SETITEM, SETITEMS: into a dictionary. */
static nf_status op_add(nf_pickle *pickle, uint8_t op, nf_error *error)
{
    bool is_dict = op == 's' || op == 'u';
    const nf_pickle_value *values;
    size_t n = op == 'a' ? 1 : 2;
    nf_status status = op == 'a' || op == 's' ? pop_n(pickle, n, &values, error) : pop_to_mark(pickle, &values, &n, error);
    if (status != NF_OK)
        return status;
    nf_pickle_kind kind = is_dict ? NF_PICKLE_DICT : NF_PICKLE_LIST;
    if (pickle->n_stack == 0 || pickle->stack[pickle->n_stack - 1].kind != kind || (is_dict && n % 2 != 0))
        return nf_pickle_refuse(pickle, NF_FAILURE_DAMAGED, error, "values are added to what is no %s",
                                is_dict ? "dictionary" : "list");
    return add_all(pickle, pickle->stack[pickle->n_stack - 1].as.items, values, n, error);
}

static nf_status put(nf_pickle *pickle, uint64_t number, nf_error *error)
{
    if (pickle->n_stack == 0 || pickle->stack[pickle->n_stack - 1].kind == NF_PICKLE_MARK)
        return nf_pickle_refuse(pickle, NF_FAILURE_DAMAGED, error, "an opcode finds no value on the stack");
    if (number >= NF_PICKLE_MEMO_MAX)
        return nf_pickle_refuse(pickle, NF_FAILURE_TOO_LARGE, error, "more than %d memo entries", NF_PICKLE_MEMO_MAX);
    size_t before = pickle->memo_capacity;
    nf_status status = nf_array_reserve((void **)&pickle->memo, &pickle->memo_capacity, (size_t)number + 1,
                                        sizeof *pickle->memo, "a pickle's memo", error);
    if (status != NF_OK)
        return status;
    for (size_t i = before; i < pickle->memo_capacity; i++)
        pickle->memo[i] = (nf_pickle_value){.kind = NF_PICKLE_MARK};
    pickle->n_memo += pickle->memo[number].kind == NF_PICKLE_MARK;
    pickle->memo[number] = pickle->stack[pickle->n_stack - 1];
    return NF_OK;
}

static nf_status op_put(nf_pickle *pickle, uint8_t op, nf_error *error)
{
    uint64_t number = pickle->n_memo; /* MEMOIZE: the next one */
    nf_status status = op == 0x94 ? NF_OK : read_number(pickle, op == 'q' ? 1 : 4, &number, error);
    return status == NF_OK ? put(pickle, number, error) : status;
}

static nf_status op_get(nf_pickle *pickle, uint8_t op, nf_error *error)
{
    uint64_t number;
    nf_status status = read_number(pickle, op == 'h' ? 1 : 4, &number, error);
    if (status != NF_OK)
        return status;
    if (number >= pickle->memo_capacity || pickle->memo[number].kind == NF_PICKLE_MARK)
        return nf_pickle_refuse(pickle, NF_FAILURE_DAMAGED, error, "a memo entry is used that was never made");
    return nf_pickle_push(pickle, pickle->memo[number], error);
}

static nf_status op_stack(nf_pickle *pickle, uint8_t op, nf_error *error)
{
    const nf_pickle_value *values;
    size_t n;
    nf_pickle_value top;
    if (op == '1') /* POP_MARK */
        return pop_to_mark(pickle, &values, &n, error);
    if (op == '0' && pickle->n_stack > 0 && pickle->stack[pickle->n_stack - 1].kind == NF_PICKLE_MARK) {
        pickle->n_stack--; /* POP takes a mark too */
        return NF_OK;
    }
    nf_status status = nf_pickle_pop(pickle, &top, error);
    if (status != NF_OK || op == '0')
        return status;
    status = nf_pickle_push(pickle, top, error); /* DUP */
    return status == NF_OK ? nf_pickle_push(pickle, top, error) : status;
}

static nf_status op_global(nf_pickle *pickle, uint8_t op, nf_error *error)
{
    char lines[2][LINE_MAX_BYTES];
    nf_pickle_bytes module, name;
    nf_pickle_value value, texts[2];
    nf_status status;
    if (op == 'c') {
        module.data = (const uint8_t *)lines[0];
        name.data = (const uint8_t *)lines[1];
        if ((status = read_line(pickle, lines[0], &module.n, error)) == NF_OK)
            status = read_line(pickle, lines[1], &name.n, error);
    } else {
        if ((status = nf_pickle_pop(pickle, &texts[1], error)) == NF_OK)
            status = nf_pickle_pop(pickle, &texts[0], error);
        if (status == NF_OK && (!nf_pickle_is_text(&texts[0], &module) || !nf_pickle_is_text(&texts[1], &name)))
            return nf_pickle_refuse(pickle, NF_FAILURE_DAMAGED, error, "the name of a global is no text");
    }
    if (status == NF_OK)
        status = nf_pickle_find_global(pickle, module, name, &value, error);
    return status == NF_OK ? nf_pickle_push(pickle, value, error) : status;
}

static nf_status op_reduce(nf_pickle *pickle, uint8_t op, nf_error *error)
{
    (void)op;
    nf_pickle_value callable, arguments, value;
    nf_status status = nf_pickle_pop(pickle, &arguments, error);
    if (status == NF_OK)
        status = nf_pickle_pop(pickle, &callable, error);
    if (status == NF_OK)
        status = nf_pickle_reduce(pickle, callable, arguments, &value, error);
    return status == NF_OK ? nf_pickle_push(pickle, value, error) : status;
}

static nf_status op_build(nf_pickle *pickle, uint8_t op, nf_error *error)
{
    (void)op;
    nf_pickle_value object, state;
    nf_status status = nf_pickle_pop(pickle, &state, error);
    if (status == NF_OK)
        status = nf_pickle_pop(pickle, &object, error);
    if (status == NF_OK)
        status = nf_pickle_build(pickle, object, state, error);
    return status == NF_OK ? nf_pickle_push(pickle, object, error) : status;
}

static nf_status op_stop(nf_pickle *pickle, uint8_t op, nf_error *error)
{
    (void)op;
    if (pickle->n_stack != 1 || pickle->stack[0].kind != NF_PICKLE_DICT)
        return nf_pickle_refuse(pickle, NF_FAILURE_UNSUPPORTED_KIND, error, "its result is no dictionary");
    pickle->is_at_end = true;
    return NF_OK;
}

typedef nf_status (*opcode_reader)(nf_pickle *pickle, uint8_t op, nf_error *error);

static const opcode_reader opcodes[256] = {
    [0x80] = op_proto,   [0x95] = op_frame,   ['.'] = op_stop,     ['('] = op_constant, ['N'] = op_constant,
    [0x88] = op_constant, [0x89] = op_constant, ['K'] = op_integer,  ['M'] = op_integer,  ['J'] = op_integer,
    [0x8a] = op_long1,   ['U'] = op_string,   ['T'] = op_string,   ['C'] = op_string,   ['B'] = op_string,
    [0x8e] = op_string,  [0x96] = op_string,  [0x8c] = op_string,  ['X'] = op_string,   [0x8d] = op_string,
    ['}'] = op_empty,    [']'] = op_empty,    [')'] = op_empty,    ['t'] = op_tuple,    [0x85] = op_tuple,
    [0x86] = op_tuple,   [0x87] = op_tuple,   ['a'] = op_add,      ['e'] = op_add,      ['s'] = op_add,
    ['u'] = op_add,      ['q'] = op_put,      ['r'] = op_put,      [0x94] = op_put,     ['h'] = op_get,
    ['j'] = op_get,      ['0'] = op_stack,    ['1'] = op_stack,    ['2'] = op_stack,    ['c'] = op_global,
    [0x93] = op_global,  ['R'] = op_reduce,   ['b'] = op_build,
};

static nf_status refuse_opcode(nf_pickle *pickle, uint8_t op, nf_error *error)
{
    static const struct {
        uint8_t op;
        const char *name;
    } refused[] = {
        {'F', "FLOAT"},      {'I', "INT"},        {'L', "LONG"},       {'P', "PERSID"},           {'Q', "BINPERSID"},
        {'S', "STRING"},     {'V', "UNICODE"},    {'d', "DICT"},       {'g', "GET"},              {'i', "INST"},
        {'l', "LIST"},       {'o', "OBJ"},        {'p', "PUT"},        {'G', "BINFLOAT"},         {0x81, "NEWOBJ"},
        {0x82, "EXT1"},      {0x83, "EXT2"},      {0x84, "EXT4"},      {0x8b, "LONG4"},           {0x8f, "EMPTY_SET"},
        {0x90, "ADDITEMS"},  {0x91, "FROZENSET"}, {0x92, "NEWOBJ_EX"}, {0x97, "NEXT_BUFFER"}, {0x98, "READONLY_BUFFER"},
    };
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++)
        if (refused[i].op == op)
            return nf_pickle_refuse(pickle, NF_FAILURE_UNSUPPORTED_KIND, error, "opcode %s is refused", refused[i].name);
    return nf_pickle_refuse(pickle, NF_FAILURE_DAMAGED, error, "byte %02x is no opcode", op);
}

/* --- the reader --------------------------------------------------------------------------------------------------- */

nf_status nf_pickle_open(nf_pickle **pickle, nf_stream *stream, nf_error *error)
{
    *pickle = calloc(1, sizeof **pickle);
    if (*pickle == NULL)
        return nf_fail_nomem(error, "a pickle");
    (*pickle)->stream = stream;
    (*pickle)->start = nf_stream_position(stream);
    return NF_OK;
}

void nf_pickle_close(nf_pickle *pickle)
{
    if (pickle == NULL)
        return;
    for (size_t i = 0; i < pickle->n_blocks; i++)
        free(pickle->blocks[i]);
    free(pickle->blocks);
    free(pickle->stack);
    free(pickle->memo);
    free(pickle->decoded);
    free(pickle);
}

nf_status nf_pickle_next(nf_pickle *pickle, nf_pickle_event *event, nf_error *error)
{
    nf_status status = pickle->in_blob ? nf_pickle_end_blob(pickle, error) : NF_OK;
    while (status == NF_OK && !pickle->in_blob && !pickle->is_at_end) {
        uint8_t op;
        if ((status = nf_pickle_read(pickle, &op, 1, error)) == NF_OK)
            status = opcodes[op] != NULL ? opcodes[op](pickle, op, error) : refuse_opcode(pickle, op, error);
    }
    *event = pickle->in_blob ? NF_PICKLE_AT_BLOB : NF_PICKLE_AT_END;
    return status;
}

bool nf_pickle_is_text(const nf_pickle_value *value, nf_pickle_bytes *bytes)
{
    if (value->kind != NF_PICKLE_BYTES && value->kind != NF_PICKLE_TEXT)
        return false;
    *bytes = *value->as.bytes;
    return true;
}

static bool is_key(const nf_pickle_value *value, const char *key)
{
    nf_pickle_bytes bytes;
    return nf_pickle_is_text(value, &bytes) && bytes.n == strlen(key) && memcmp(bytes.data, key, bytes.n) == 0;
}

/* Key, value, key, value ...: the last one with that key. */
static const nf_pickle_value *find_in(const nf_pickle_value *pairs, size_t n, const char *key)
{
    for (size_t i = n & ~(size_t)1; i >= 2; i -= 2)
        if (is_key(&pairs[i - 2], key))
            return &pairs[i - 1];
    return NULL;
}

const nf_pickle_value *nf_pickle_find(const nf_pickle *pickle, const char *key)
{
    if (pickle->n_stack == 0 || pickle->stack[0].kind != NF_PICKLE_DICT)
        return NULL;
    size_t n = pickle->n_stack > 2 && pickle->stack[1].kind == NF_PICKLE_MARK ? pickle->n_stack - 2 : 0;
    const nf_pickle_value *found = find_in(pickle->stack + 2, n, key); /* pairs that wait for SETITEMS */
    const nf_pickle_items *items = pickle->stack[0].as.items;
    return found != NULL ? found : find_in(items->values, items->n, key);
}

nf_failure nf_pickle_failure(const nf_pickle *pickle)
{
    return pickle->failure;
}
