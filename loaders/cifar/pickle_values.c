/* nofade: the memory of a pickle's values: counted, bounded, freed together. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "loaders/cifar/pickle_parts.h"

enum { BLOCK_BYTES = 1 << 16, HELD_COUNTED_BYTES = 1024 /* from here on an object is payload, not structure */ };

nf_status nf_pickle_refuse(nf_pickle *pickle, nf_failure failure, nf_error *error, const char *format, ...)
{
    char sentence[NF_ERROR_MESSAGE_SIZE];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(sentence, sizeof sentence, format, arguments);
    va_end(arguments);
    pickle->failure = failure;
    uint64_t at = nf_stream_position(pickle->stream) - pickle->start;
    return nf_fail(error, NF_BAD_RECORD, "the pickle is not read: %s, before byte %llu", sentence, (unsigned long long)at);
}

nf_status nf_pickle_own(nf_pickle *pickle, void *memory, nf_error *error)
{
    nf_status status = nf_array_reserve((void **)&pickle->blocks, &pickle->blocks_capacity, pickle->n_blocks + 1,
                                        sizeof *pickle->blocks, "a pickle", error);
    if (status != NF_OK) {
        free(memory);
        return status;
    }
    pickle->blocks[pickle->n_blocks++] = memory;
    return NF_OK;
}

static nf_status new_block(nf_pickle *pickle, size_t n, uint8_t **block, nf_error *error)
{
    *block = calloc(1, n);
    return *block != NULL ? nf_pickle_own(pickle, *block, error) : nf_fail_nomem(error, "a pickle");
}

static nf_status take_structure(nf_pickle *pickle, size_t n, nf_error *error)
{
    if (n > NF_PICKLE_STRUCTURE_MAX - pickle->structure_bytes)
        return nf_pickle_refuse(pickle, NF_FAILURE_TOO_LARGE, error, "more than %d MiB of values",
                                NF_PICKLE_STRUCTURE_MAX >> 20);
    pickle->structure_bytes += n;
    return NF_OK;
}

nf_status nf_pickle_take_payload(nf_pickle *pickle, uint64_t n, nf_error *error)
{
    if (n > NF_PICKLE_PAYLOAD_MAX - pickle->payload_bytes)
        return nf_pickle_refuse(pickle, NF_FAILURE_TOO_LARGE, error, "more than %d MiB of objects that must be held",
                                NF_PICKLE_PAYLOAD_MAX >> 20);
    pickle->payload_bytes += (size_t)n;
    return NF_OK;
}

/* Small things share a block. What is empty has a place too. */
static nf_status carve(nf_pickle *pickle, size_t n, void **memory, nf_error *error)
{
    n = n > 0 ? (n + 15) & ~(size_t)15 : 16;
    if (n > BLOCK_BYTES / 4)
        return new_block(pickle, n, (uint8_t **)memory, error);
    if (n > pickle->block_left) {
        nf_status status = new_block(pickle, BLOCK_BYTES, &pickle->block_next, error);
        pickle->block_left = status == NF_OK ? BLOCK_BYTES : 0;
        if (status != NF_OK)
            return status;
    }
    *memory = pickle->block_next;
    pickle->block_next += n;
    pickle->block_left -= n;
    return NF_OK;
}

nf_status nf_pickle_alloc(nf_pickle *pickle, size_t n, void **memory, nf_error *error)
{
    nf_status status = take_structure(pickle, n + 16, error);
    return status == NF_OK ? carve(pickle, n, memory, error) : status;
}

nf_status nf_pickle_alloc_held(nf_pickle *pickle, size_t n, void **memory, nf_error *error)
{
    if (n >= HELD_COUNTED_BYTES) {
        nf_status status = nf_pickle_take_payload(pickle, n, error);
        return status == NF_OK ? carve(pickle, n, memory, error) : status;
    }
    return nf_pickle_alloc(pickle, n, memory, error);
}

nf_status nf_pickle_new_bytes(nf_pickle *pickle, nf_pickle_kind kind, const uint8_t *data, size_t n, nf_pickle_value *value,
                              nf_error *error)
{
    void *memory;
    nf_status status = nf_pickle_alloc(pickle, sizeof(nf_pickle_bytes), &memory, error);
    if (status != NF_OK)
        return status;
    nf_pickle_bytes *bytes = memory;
    *bytes = (nf_pickle_bytes){n, data};
    *value = (nf_pickle_value){.kind = kind, .as.bytes = bytes};
    return NF_OK;
}

nf_status nf_pickle_items_add(nf_pickle *pickle, nf_pickle_items *items, nf_pickle_value value, nf_error *error)
{
    if (items->n == items->capacity) {
        size_t capacity = items->capacity == 0 ? 4 : items->capacity * 2;
        void *memory;
        nf_status status = nf_pickle_alloc(pickle, capacity * sizeof value, &memory, error);
        if (status != NF_OK)
            return status;
        if (items->n > 0)
            memcpy(memory, items->values, items->n * sizeof value);
        items->values = memory;
        items->capacity = capacity;
    }
    items->values[items->n++] = value;
    return NF_OK;
}

nf_status nf_pickle_push(nf_pickle *pickle, nf_pickle_value value, nf_error *error)
{
    if (pickle->n_stack >= NF_PICKLE_STACK_MAX)
        return nf_pickle_refuse(pickle, NF_FAILURE_TOO_LARGE, error, "more than %d values on the stack", NF_PICKLE_STACK_MAX);
    nf_status status = nf_array_reserve((void **)&pickle->stack, &pickle->stack_capacity, pickle->n_stack + 1,
                                        sizeof value, "a pickle's stack", error);
    if (status == NF_OK)
        pickle->stack[pickle->n_stack++] = value;
    return status;
}

nf_status nf_pickle_pop(nf_pickle *pickle, nf_pickle_value *value, nf_error *error)
{
    if (pickle->n_stack == 0 || pickle->stack[pickle->n_stack - 1].kind == NF_PICKLE_MARK)
        return nf_pickle_refuse(pickle, NF_FAILURE_DAMAGED, error, "an opcode finds no value on the stack");
    *value = pickle->stack[--pickle->n_stack];
    return NF_OK;
}
