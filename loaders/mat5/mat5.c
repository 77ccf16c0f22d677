#include "loaders/mat5/mat5.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "loaders/mat5/mat5_parts.h"

enum {
    HEADER_BYTES = 128,
    FLAGS_MAX = 16 /* bytes of a variable's flags */
};

nf_status nf_mat5_refuse(nf_mat5 *mat, nf_failure failure, nf_error *error, const char *format, ...)
{
    char sentence[NF_ERROR_MESSAGE_SIZE];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(sentence, sizeof sentence, format, arguments);
    va_end(arguments);
    mat->failure = failure;
    return nf_fail(error, NF_BAD_RECORD, "the MATLAB file is not read: %s", sentence);
}

static nf_status cut_short(nf_mat5 *mat, nf_error *error)
{
    return nf_mat5_refuse(mat, NF_FAILURE_CUT_SHORT, error, "it is cut short");
}

static nf_status stream_fault(nf_mat5 *mat, nf_status status, nf_error *error)
{
    if (status == NF_EOF)
        return cut_short(mat, error);
    mat->failure = status == NF_ERR_DAMAGED ? NF_FAILURE_CUT_SHORT : NF_FAILURE_DAMAGED;
    return status;
}

/* --- bytes of the current top element, inflated where it is compressed -------------------------------------------- */

static nf_status inflate_some(nf_mat5 *mat, uint8_t *dst, size_t n, size_t *got, nf_error *error)
{
    mat->z.next_out = dst;
    mat->z.avail_out = (uInt)n;
    while (mat->z.avail_out == n) {
        if (mat->inflated_all)
            return nf_mat5_refuse(mat, NF_FAILURE_DAMAGED, error, "a compressed variable ends early");
        if (mat->z.avail_in == 0) {
            if (mat->raw_left == 0)
                return nf_mat5_refuse(mat, NF_FAILURE_DAMAGED, error, "a compressed variable ends early");
            const uint8_t *data;
            size_t len;
            size_t most = mat->raw_left < NF_MAT5_OUT_BYTES ? (size_t)mat->raw_left : NF_MAT5_OUT_BYTES;
            nf_status status = nf_stream_next(mat->stream, most, &data, &len, error);
            if (status != NF_OK)
                return stream_fault(mat, status, error);
            mat->raw_left -= len;
            mat->z.next_in = (uint8_t *)(uintptr_t)data;
            mat->z.avail_in = (uInt)len;
        }
        int result = inflate(&mat->z, Z_NO_FLUSH);
        mat->inflated_all = result == Z_STREAM_END;
        if (result == Z_MEM_ERROR)
            return nf_fail_nomem(error, "a compressed variable");
        if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR)
            return nf_mat5_refuse(mat, NF_FAILURE_DAMAGED, error, "a compressed variable is damaged");
    }
    *got = n - mat->z.avail_out;
    return NF_OK;
}

nf_status nf_mat5_take_some(nf_mat5 *mat, uint8_t *dst, size_t n, size_t *got, nf_error *error)
{
    if (mat->left == 0)
        return nf_mat5_refuse(mat, NF_FAILURE_DAMAGED, error, "a variable is longer than its element");
    if (n > mat->left)
        n = (size_t)mat->left;
    nf_status status;
    if (mat->is_inflating) {
        status = inflate_some(mat, dst, n, got, error);
    } else {
        status = nf_stream_read(mat->stream, dst, n, got, error);
        mat->raw_left -= *got;
        if (status != NF_OK)
            status = stream_fault(mat, status, error);
    }
    mat->left -= status == NF_OK ? *got : 0;
    return status;
}

nf_status nf_mat5_take(nf_mat5 *mat, void *dst, size_t n, nf_error *error)
{
    for (size_t done = 0, got = 0; done < n; done += got) {
        nf_status status = nf_mat5_take_some(mat, (uint8_t *)dst + done, n - done, &got, error);
        if (status != NF_OK)
            return status;
    }
    return NF_OK;
}

nf_status nf_mat5_pass_over(nf_mat5 *mat, uint64_t n, nf_error *error)
{
    while (n > 0) {
        size_t got = 0;
        nf_status status = nf_mat5_take_some(mat, mat->out, n < NF_MAT5_OUT_BYTES ? (size_t)n : NF_MAT5_OUT_BYTES, &got, error);
        if (status != NF_OK)
            return status;
        n -= got;
    }
    return NF_OK;
}

static uint32_t word(const nf_mat5 *mat, const uint8_t *b)
{
    if (mat->is_big_endian)
        return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
    return (uint32_t)b[3] << 24 | (uint32_t)b[2] << 16 | (uint32_t)b[1] << 8 | b[0];
}

nf_status nf_mat5_take_tag(nf_mat5 *mat, nf_mat5_element *e, nf_error *error)
{
    uint8_t tag[8];
    nf_status status = nf_mat5_take(mat, tag, sizeof tag, error);
    if (status != NF_OK)
        return status;
    uint32_t first = word(mat, tag);
    *e = (nf_mat5_element){.type = first, .n = word(mat, tag + 4)};
    if (first >> 16 != 0) {
        *e = (nf_mat5_element){.type = first & 0xFFFF, .n = first >> 16, .is_small = true};
        memcpy(e->small, tag + 4, sizeof e->small);
        if (e->n > sizeof e->small)
            return nf_mat5_refuse(mat, NF_FAILURE_DAMAGED, error, "a small element of %u bytes", (unsigned)e->n);
    } else {
        e->padding = (8 - e->n % 8) % 8;
    }
    return NF_OK;
}

nf_status nf_mat5_take_padding(nf_mat5 *mat, uint32_t n, nf_error *error)
{
    return nf_mat5_pass_over(mat, n < mat->left ? n : mat->left, error);
}

nf_status nf_mat5_take_element(nf_mat5 *mat, nf_mat5_element *e, uint8_t *dst, size_t most, nf_error *error)
{
    nf_status status = nf_mat5_take_tag(mat, e, error);
    if (status != NF_OK)
        return status;
    if (e->n > most)
        return nf_mat5_refuse(mat, NF_FAILURE_DAMAGED, error, "an element of %u bytes where %zu fit", (unsigned)e->n, most);
    if (e->is_small) {
        memcpy(dst, e->small, e->n);
        return NF_OK;
    }
    if ((status = nf_mat5_take(mat, dst, e->n, error)) != NF_OK)
        return status;
    return nf_mat5_take_padding(mat, e->padding, error);
}

/* --- variables ---------------------------------------------------------------------------------------------------- */

static nf_mat5_kind kind_of(unsigned class, unsigned flags)
{
    if ((flags & 0x08) != 0) /* complex */
        return NF_MAT5_OTHER;
    if (class == MX_CELL || class == MX_STRUCT)
        return class == MX_CELL ? NF_MAT5_CELL : NF_MAT5_STRUCT;
    return class == MX_CHAR || (class >= MX_DOUBLE && class <= MX_UINT64) ? NF_MAT5_INTEGERS : NF_MAT5_OTHER;
}

static const char *class_name(unsigned class)
{
    static const char *const names[MX_UINT64 + 1] = {"",       "cell",  "struct", "object", "char",  "sparse", "double", "single",
                                                     "int8",   "uint8", "int16",  "uint16", "int32", "uint32", "int64",  "uint64"};
    return class <= MX_UINT64 ? names[class] : "opaque";
}

static nf_status take_dims(nf_mat5 *mat, nf_mat5_variable *variable, nf_error *error)
{
    uint8_t bytes[4 * 32];
    nf_mat5_element e;
    nf_status status = nf_mat5_take_element(mat, &e, bytes, sizeof bytes, error);
    if (status != NF_OK)
        return status;
    variable->n_dims = e.n / 4;
    variable->n = 1;
    if (e.type != MI_INT32 || e.n % 4 != 0 || e.n < 8)
        return nf_mat5_refuse(mat, NF_FAILURE_DAMAGED, error, "a variable without dimensions");
    for (size_t i = 0; i < variable->n_dims; i++) {
        uint64_t dim = word(mat, bytes + 4 * i);
        if (dim > INT32_MAX || __builtin_mul_overflow(variable->n, dim, &variable->n))
            return nf_mat5_refuse(mat, NF_FAILURE_DAMAGED, error, "a variable's dimensions make no sense");
        if (i < NF_MAT5_DIMS_MAX)
            variable->dims[i] = dim;
    }
    if (variable->n_dims > NF_MAT5_DIMS_MAX)
        variable->kind = NF_MAT5_OTHER;
    return NF_OK;
}

nf_status nf_mat5_take_head(nf_mat5 *mat, nf_mat5_variable *variable, nf_error *error)
{
    uint8_t flags[FLAGS_MAX];
    nf_mat5_element e;
    *variable = (nf_mat5_variable){0};
    nf_status status = nf_mat5_take_element(mat, &e, flags, sizeof flags, error);
    if (status != NF_OK)
        return status;
    if (e.type != MI_UINT32 || e.n != 8)
        return nf_mat5_refuse(mat, NF_FAILURE_DAMAGED, error, "a variable without flags");
    unsigned class = word(mat, flags) & 0xFF;
    variable->kind = kind_of(class, word(mat, flags) >> 8 & 0xFF);
    variable->class_name = class_name(class);
    variable->is_uint8 = class == MX_UINT8;
    variable->is_text = class == MX_CHAR;
    if (class > MX_UINT64) { /* an opaque object: no dimensions */
        variable->kind = NF_MAT5_OTHER;
        return NF_OK;
    }
    if ((status = take_dims(mat, variable, error)) != NF_OK)
        return status;
    return nf_mat5_take_element(mat, &e, (uint8_t *)variable->name, sizeof variable->name - 1, error);
}

bool nf_mat5_is_head(const uint8_t *head, size_t n)
{
    if (n < HEADER_BYTES || memcmp(head, "MATLAB ", 7) != 0)
        return false;
    return (memcmp(head + 126, "IM", 2) == 0 && head[125] == 1) || (memcmp(head + 126, "MI", 2) == 0 && head[124] == 1);
}

/* A file of another version says so; anything else is none at all. */
static nf_status refuse_head(nf_mat5 *mat, const uint8_t *head, size_t n, nf_error *error)
{
    static const uint8_t hdf5[4] = {0x89, 'H', 'D', 'F'};
    if ((n >= 10 && memcmp(head, "MATLAB 7.3", 10) == 0) || (n >= 4 && memcmp(head, hdf5, 4) == 0))
        return nf_mat5_refuse(mat, NF_FAILURE_UNSUPPORTED_KIND, error, "MATLAB v7.3 (HDF5) is not read");
    bool is_v4 = n >= 20 && head[3] == 0 && head[2] == 0 && (head[0] | head[1] << 8) < 5000 && head[19] == 0;
    if (is_v4)
        return nf_mat5_refuse(mat, NF_FAILURE_UNSUPPORTED_KIND, error, "MATLAB v4 is not read");
    if (n < HEADER_BYTES)
        return cut_short(mat, error);
    return nf_mat5_refuse(mat, NF_FAILURE_NOT_AN_IMAGE, error, "it has no MATLAB 5 header");
}

nf_status nf_mat5_open(nf_mat5 **mat, nf_stream *stream, nf_error *error)
{
    *mat = calloc(1, sizeof **mat);
    if (*mat == NULL || ((*mat)->out = malloc(NF_MAT5_OUT_BYTES)) == NULL)
        return nf_fail_nomem(error, "a MATLAB file");
    (*mat)->stream = stream;
    uint8_t head[HEADER_BYTES];
    size_t got = 0;
    nf_status status = nf_stream_read(stream, head, sizeof head, &got, error);
    if (status != NF_OK && status != NF_EOF)
        return stream_fault(*mat, status, error);
    if (!nf_mat5_is_head(head, got))
        return refuse_head(*mat, head, got, error);
    (*mat)->is_big_endian = head[126] == 'M';
    return NF_OK;
}

static void end_inflating(nf_mat5 *mat)
{
    if (mat->is_inflating)
        inflateEnd(&mat->z);
    mat->is_inflating = false;
}

void nf_mat5_close(nf_mat5 *mat)
{
    if (mat == NULL)
        return;
    end_inflating(mat);
    free(mat->out);
    free(mat);
}

/* Behind the last byte of a compressed variable its check sum is due. */
static nf_status check_sum(nf_mat5 *mat, nf_error *error)
{
    uint8_t beyond;
    size_t got = 0;
    if (!mat->is_inflating || mat->left > 0 || mat->inflated_all)
        return NF_OK;
    nf_error fault = {0};
    nf_status status = inflate_some(mat, &beyond, 1, &got, &fault);
    if (status == NF_BAD_RECORD && mat->inflated_all) { /* nothing more to inflate: as it should be */
        mat->failure = NF_FAILURE_NONE;
        return NF_OK;
    }
    if (error != NULL)
        *error = fault;
    return status == NF_OK ? nf_mat5_refuse(mat, NF_FAILURE_DAMAGED, error, "a variable is shorter than its element") : status;
}

/* Leaves the current variable: what is left of it is passed over as stored, not inflated. */
static nf_status leave_variable(nf_mat5 *mat, nf_error *error)
{
    nf_status checked = check_sum(mat, error);
    end_inflating(mat);
    if (checked != NF_OK)
        return checked;
    mat->left = 0;
    if (mat->raw_left == 0)
        return NF_OK;
    nf_status status = nf_stream_skip(mat->stream, mat->raw_left, error);
    mat->raw_left = 0;
    return status == NF_OK ? NF_OK : stream_fault(mat, status, error);
}

/* The tag of a compressed variable's inner element. */
static nf_status enter_compressed(nf_mat5 *mat, unsigned *type, nf_error *error)
{
    mat->z = (z_stream){0};
    if (inflateInit(&mat->z) != Z_OK)
        return nf_fail_nomem(error, "a compressed variable");
    mat->is_inflating = true;
    mat->inflated_all = false;
    mat->left = 8;
    nf_mat5_element inner;
    nf_status status = nf_mat5_take_tag(mat, &inner, error);
    *type = inner.type;
    mat->left = inner.n;
    return status;
}

nf_status nf_mat5_next(nf_mat5 *mat, nf_mat5_variable *variable, nf_error *error)
{
    for (;;) {
        nf_status status = leave_variable(mat, error);
        if (status != NF_OK)
            return status;
        uint8_t tag[8];
        size_t got = 0;
        status = nf_stream_read(mat->stream, tag, sizeof tag, &got, error);
        if (status == NF_EOF && got == 0)
            return NF_EOF;
        if (status != NF_OK)
            return stream_fault(mat, status, error);
        unsigned type = word(mat, tag);
        mat->raw_left = mat->left = word(mat, tag + 4);
        if (type == MI_COMPRESSED && (status = enter_compressed(mat, &type, error)) != NF_OK)
            return status;
        if (type == 0 || type > MI_UTF32)
            return nf_mat5_refuse(mat, NF_FAILURE_DAMAGED, error, "an element of type %u", type);
        if (type != MI_MATRIX || mat->left == 0)
            continue;
        if ((status = nf_mat5_take_head(mat, variable, error)) != NF_OK)
            return status;
        if (variable->name[0] != '\0')
            return NF_OK;
    }
}

nf_failure nf_mat5_failure(const nf_mat5 *mat)
{
    return mat->failure;
}
