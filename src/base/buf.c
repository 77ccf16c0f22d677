#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

nf_status nf_buf_reserve(nf_buf *buf, size_t more, nf_error *error)
{
    size_t wanted;
    if (__builtin_add_overflow(buf->len, more, &wanted))
        return nf_fail_nomem(error, "a buffer");
    return nf_array_reserve((void **)&buf->data, &buf->capacity, wanted, 1, "a buffer", error);
}

nf_status nf_buf_append(nf_buf *buf, const void *bytes, size_t n, nf_error *error)
{
    nf_status status = nf_buf_reserve(buf, n, error);
    if (status != NF_OK)
        return status;
    if (n > 0)
        memcpy(buf->data + buf->len, bytes, n);
    buf->len += n;
    return NF_OK;
}

nf_status nf_buf_printf(nf_buf *buf, nf_error *error, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int needed = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (needed < 0)
        return nf_fail(error, NF_ERR_INTERNAL, "cannot format a text");
    nf_status status = nf_buf_reserve(buf, (size_t)needed + 1, error);
    if (status != NF_OK)
        return status;
    va_start(arguments, format);
    vsnprintf((char *)buf->data + buf->len, (size_t)needed + 1, format, arguments);
    va_end(arguments);
    buf->len += (size_t)needed;
    return NF_OK;
}

void nf_buf_free(nf_buf *buf)
{
    free(buf->data);
    *buf = (nf_buf){0};
}

nf_status nf_array_grow(void **items, size_t *capacity, size_t wanted, size_t item_size, const char *what, nf_error *error)
{
    size_t grown = *capacity < 16 ? 16 : *capacity;
    while (grown < wanted)
        if (nf_mul_overflows(grown, 2, &grown))
            return nf_fail_nomem(error, what);
    size_t bytes;
    if (nf_mul_overflows(grown, item_size, &bytes))
        return nf_fail_nomem(error, what);
    void *moved = realloc(*items, bytes);
    if (moved == NULL)
        return nf_fail_nomem(error, what);
    *items = moved;
    *capacity = grown;
    return NF_OK;
}

nf_status nf_strdup(char **copy, const char *text, nf_error *error)
{
    *copy = strdup(text);
    return *copy != NULL ? NF_OK : nf_fail_nomem(error, "a name");
}
