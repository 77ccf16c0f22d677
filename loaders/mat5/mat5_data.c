/* nofade: what the variables of a MATLAB file hold. */
#include <string.h>

#include "base/text.h"
#include "loaders/mat5/mat5_parts.h"

static size_t type_size(unsigned type)
{
    static const uint8_t sizes[MI_UTF32 + 1] = {[MI_INT8] = 1,   [MI_UINT8] = 1,  [MI_INT16] = 2,  [MI_UINT16] = 2,
                                                [MI_INT32] = 4,  [MI_UINT32] = 4, [MI_SINGLE] = 4, [MI_DOUBLE] = 8,
                                                [MI_INT64] = 8,  [MI_UINT64] = 8, [MI_UTF8] = 1,   [MI_UTF16] = 2,
                                                [MI_UTF32] = 4};
    return type <= MI_UTF32 ? sizes[type] : 0;
}

/* The length that the tag of a variable's data gives must be what the dimensions say. */
static nf_status check_data_tag(nf_mat5 *mat, const nf_mat5_variable *variable, uint64_t most, const nf_mat5_element *e,
                                nf_error *error)
{
    size_t size = type_size(e->type);
    if (size == 0 || e->n % size != 0 || e->n / size != variable->n)
        return nf_mat5_refuse(mat, NF_FAILURE_DAMAGED, error, "the data of %.63s do not fit its dimensions", variable->name);
    if (variable->n > most)
        return nf_mat5_refuse(mat, NF_FAILURE_TOO_LARGE, error, "%.63s has more than %llu elements", variable->name,
                      (unsigned long long)most);
    return NF_OK;
}

static nf_status take_bytes_tag(nf_mat5 *mat, const nf_mat5_variable *variable, uint64_t most, nf_mat5_element *e,
                                nf_error *error)
{
    nf_status status = nf_mat5_take_tag(mat, e, error);
    if (status == NF_OK)
        status = check_data_tag(mat, variable, most, e, error);
    if (status == NF_OK && (!variable->is_uint8 || type_size(e->type) != 1))
        return nf_mat5_refuse(mat, NF_FAILURE_UNSUPPORTED_KIND, error, "%.63s is not of class uint8", variable->name);
    return status;
}

nf_status nf_mat5_open_bytes(nf_mat5 *mat, const nf_mat5_variable *variable, nf_error *error)
{
    nf_mat5_element e;
    nf_status status = take_bytes_tag(mat, variable, variable->n, &e, error);
    if (status == NF_OK && e.is_small)
        return nf_mat5_refuse(mat, NF_FAILURE_UNSUPPORTED_KIND, error, "%.63s has only %u elements", variable->name, e.n);
    return status;
}

nf_status nf_mat5_read_bytes(nf_mat5 *mat, const nf_mat5_variable *variable, uint64_t most, nf_buf *buf, nf_error *error)
{
    nf_mat5_element e;
    nf_status status = take_bytes_tag(mat, variable, most, &e, error);
    if (status != NF_OK)
        return status;
    if (e.is_small)
        return nf_buf_append(buf, e.small, e.n, error);
    for (uint64_t left = e.n; left > 0;) {
        size_t got = 0, n = left < NF_MAT5_OUT_BYTES ? (size_t)left : NF_MAT5_OUT_BYTES;
        if ((status = nf_buf_reserve(buf, n, error)) != NF_OK)
            return status;
        if ((status = nf_mat5_take_some(mat, buf->data + buf->len, n, &got, error)) != NF_OK)
            return status;
        buf->len += got;
        left -= got;
    }
    return NF_OK;
}

static bool real_to_integer(double real, int64_t *integer)
{
    if (!(real >= -9007199254740992.0 && real <= 9007199254740992.0)) /* 2^53: every integer up to here is exact */
        return false;
    *integer = (int64_t)real;
    return (double)*integer == real;
}

/* One stored number of `size` bytes; false: a real that is no integer. */
static bool decode_integer(const nf_mat5 *mat, unsigned type, size_t size, const uint8_t *b, int64_t *integer)
{
    uint64_t bits = 0;
    for (size_t i = 0; i < size; i++)
        bits = bits << 8 | b[mat->is_big_endian ? i : size - 1 - i];
    switch (type) {
    case MI_INT8:
        *integer = (int8_t)bits;
        return true;
    case MI_INT16:
        *integer = (int16_t)bits;
        return true;
    case MI_INT32:
        *integer = (int32_t)bits;
        return true;
    case MI_SINGLE: {
        uint32_t half = (uint32_t)bits;
        float real;
        memcpy(&real, &half, sizeof real);
        return real_to_integer((double)real, integer);
    }
    case MI_DOUBLE: {
        double real;
        memcpy(&real, &bits, sizeof real);
        return real_to_integer(real, integer);
    }
    default:
        *integer = (int64_t)bits;
        return type == MI_INT64 || bits <= INT64_MAX;
    }
}

static nf_status append_integer(nf_mat5 *mat, const nf_mat5_element *e, size_t size, const uint8_t *b, nf_buf *buf,
                                nf_error *error)
{
    int64_t integer;
    if (!decode_integer(mat, e->type, size, b, &integer))
        return nf_mat5_refuse(mat, NF_FAILURE_BAD_LABEL, error, "a number that is no integer");
    return nf_buf_append(buf, &integer, sizeof integer, error);
}

/* The data behind the tag e. */
static nf_status read_numbers(nf_mat5 *mat, const nf_mat5_variable *variable, uint64_t most, const nf_mat5_element *e,
                              nf_buf *buf, nf_error *error)
{
    nf_status status = check_data_tag(mat, variable, most, e, error);
    size_t size = type_size(e->type);
    for (uint64_t i = 0; i < variable->n && status == NF_OK; i++) {
        uint8_t bytes[8];
        const uint8_t *b = e->is_small ? e->small + i * size : bytes;
        if (!e->is_small)
            status = nf_mat5_take(mat, bytes, size, error);
        if (status == NF_OK)
            status = append_integer(mat, e, size, b, buf, error);
    }
    return status == NF_OK && !e->is_small ? nf_mat5_take_padding(mat, e->padding, error) : status;
}

nf_status nf_mat5_read_integers(nf_mat5 *mat, const nf_mat5_variable *variable, uint64_t most, nf_buf *buf, nf_error *error)
{
    nf_mat5_element e;
    nf_status status = nf_mat5_take_tag(mat, &e, error);
    return status == NF_OK ? read_numbers(mat, variable, most, &e, buf, error) : status;
}

/* The characters of a text, as UTF-8: MATLAB stores ASCII in one or two bytes a character. */
static nf_status append_text(nf_mat5 *mat, const nf_buf *characters, nf_buf *buf, nf_error *error)
{
    nf_status status = NF_OK;
    for (size_t i = 0; i + sizeof(int64_t) <= characters->len && status == NF_OK; i += sizeof(int64_t)) {
        int64_t c;
        memcpy(&c, characters->data + i, sizeof c);
        if (c <= 0 || c > 0xFFFF)
            return nf_mat5_refuse(mat, NF_FAILURE_DAMAGED, error, "a text holds no character where one is due");
        uint8_t utf8[3] = {(uint8_t)c};
        size_t n = 1;
        if (c >= 0x800) {
            utf8[0] = (uint8_t)(0xE0 | c >> 12);
            utf8[1] = (uint8_t)(0x80 | (c >> 6 & 0x3F));
            utf8[2] = (uint8_t)(0x80 | (c & 0x3F));
            n = 3;
        } else if (c >= 0x80) {
            utf8[0] = (uint8_t)(0xC0 | c >> 6);
            utf8[1] = (uint8_t)(0x80 | (c & 0x3F));
            n = 2;
        }
        status = nf_buf_append(buf, utf8, n, error);
    }
    return status == NF_OK ? nf_buf_append(buf, "", 1, error) : status;
}

/* Characters stored as UTF-8, as SciPy does: their bytes may be more than the dimensions say. */
static nf_status append_utf8(nf_mat5 *mat, const char *of, const nf_mat5_element *e, nf_buf *buf, nf_error *error)
{
    uint8_t text[4 * NF_MAT5_TEXT_MAX + 1] = {0};
    nf_status status = NF_OK;
    if (e->n >= sizeof text)
        return nf_mat5_refuse(mat, NF_FAILURE_TOO_LARGE, error, "a text of %.63s is longer than %zu bytes", of, sizeof text - 1);
    if (e->is_small)
        memcpy(text, e->small, e->n);
    else if ((status = nf_mat5_take(mat, text, e->n, error)) == NF_OK)
        status = nf_mat5_take_padding(mat, e->padding, error);
    if (status != NF_OK)
        return status;
    size_t n = 0;
    for (size_t step; (step = nf_utf8_length((const char *)text + n)) > 0;)
        n += step;
    if (n != e->n)
        return nf_mat5_refuse(mat, NF_FAILURE_DAMAGED, error, "a text holds no character where one is due");
    return nf_buf_append(buf, text, n + 1, error);
}

static nf_status append_number(nf_mat5 *mat, const char *of, const nf_buf *integers, nf_buf *buf, nf_error *error)
{
    int64_t integer;
    if (integers->len != sizeof integer)
        return nf_mat5_refuse(mat, NF_FAILURE_UNSUPPORTED_KIND, error, "%.63s holds several numbers where one is due", of);
    memcpy(&integer, integers->data, sizeof integer);
    nf_status status = nf_buf_printf(buf, error, "%lld", (long long)integer);
    return status == NF_OK ? nf_buf_append(buf, "", 1, error) : status;
}

nf_status nf_mat5_read_inner_text(nf_mat5 *mat, const char *of, bool may_be_integer, nf_buf *buf, nf_error *error)
{
    nf_mat5_variable inner;
    nf_mat5_element e;
    nf_status status = nf_mat5_take_head(mat, &inner, error);
    if (status != NF_OK)
        return status;
    if (inner.kind != NF_MAT5_INTEGERS)
        return nf_mat5_refuse(mat, NF_FAILURE_UNSUPPORTED_KIND, error, "%.63s holds no texts", of);
    if ((status = nf_mat5_take_tag(mat, &e, error)) != NF_OK)
        return status;
    if (e.n == 0 && inner.n == 0)
        return nf_buf_append(buf, "", 1, error);
    if (inner.is_text && e.type == MI_UTF8)
        return append_utf8(mat, of, &e, buf, error);
    nf_buf integers = {0};
    status = read_numbers(mat, &inner, NF_MAT5_TEXT_MAX, &e, &integers, error);
    if (status == NF_OK)
        status = may_be_integer && !inner.is_text ? append_number(mat, of, &integers, buf, error)
                                                  : append_text(mat, &integers, buf, error);
    nf_buf_free(&integers);
    return status;
}

nf_status nf_mat5_read_texts(nf_mat5 *mat, const nf_mat5_variable *variable, uint64_t most, nf_buf *buf, nf_error *error)
{
    if (variable->kind != NF_MAT5_CELL || variable->n > most)
        return nf_mat5_refuse(mat, NF_FAILURE_UNSUPPORTED_KIND, error, "%.63s is no cell of at most %llu texts", variable->name,
                      (unsigned long long)most);
    nf_status status = NF_OK;
    for (uint64_t i = 0; i < variable->n && status == NF_OK; i++) {
        nf_mat5_element e;
        if ((status = nf_mat5_take_tag(mat, &e, error)) != NF_OK)
            break;
        status = e.type == MI_MATRIX
                     ? nf_mat5_read_inner_text(mat, variable->name, false, buf, error)
                     : nf_mat5_refuse(mat, NF_FAILURE_DAMAGED, error, "%.63s holds no matrices", variable->name);
    }
    return status;
}
