/* nofade: the few objects that may stand in a pickle, and the few meanings of REDUCE and BUILD. */
#include <string.h>

#include "loaders/cifar/pickle_parts.h"

static bool bytes_are(nf_pickle_bytes bytes, const char *text)
{
    return bytes.n == strlen(text) && memcmp(bytes.data, text, bytes.n) == 0;
}

nf_status nf_pickle_find_global(nf_pickle *pickle, nf_pickle_bytes module, nf_pickle_bytes name, nf_pickle_value *value,
                                nf_error *error)
{
    static const struct {
        const char *module, *name;
        nf_pickle_global global;
    } allowed[] = {
        {"numpy", "ndarray", NF_GLOBAL_NDARRAY},
        {"numpy", "dtype", NF_GLOBAL_DTYPE},
        {"numpy.core.multiarray", "_reconstruct", NF_GLOBAL_RECONSTRUCT},
        {"numpy._core.multiarray", "_reconstruct", NF_GLOBAL_RECONSTRUCT},
        {"numpy.core.numeric", "_frombuffer", NF_GLOBAL_FROMBUFFER},
        {"numpy._core.numeric", "_frombuffer", NF_GLOBAL_FROMBUFFER},
        {"numpy.core.multiarray", "scalar", NF_GLOBAL_SCALAR},
        {"numpy._core.multiarray", "scalar", NF_GLOBAL_SCALAR},
        {"_codecs", "encode", NF_GLOBAL_ENCODE},
    };
    for (size_t i = 0; i < sizeof allowed / sizeof allowed[0]; i++)
        if (bytes_are(module, allowed[i].module) && bytes_are(name, allowed[i].name)) {
            *value = (nf_pickle_value){.kind = NF_PICKLE_GLOBAL, .as.integer = allowed[i].global};
            return NF_OK;
        }
    return nf_pickle_refuse(pickle, NF_FAILURE_UNSUPPORTED_KIND, error, "global %.*s.%.*s is refused",
                            module.n < 100 ? (int)module.n : 100, (const char *)module.data,
                            name.n < 100 ? (int)name.n : 100, (const char *)name.data);
}

static nf_status refuse_call(nf_pickle *pickle, const char *what, nf_error *error)
{
    return nf_pickle_refuse(pickle, NF_FAILURE_UNSUPPORTED_KIND, error, "%s is refused", what);
}

/* The characters of a UTF-8 text that lie in Latin-1, one byte each. */
static nf_status text_to_latin1(nf_pickle *pickle, nf_pickle_bytes text, nf_pickle_value *value, nf_error *error)
{
    void *memory;
    nf_status status = nf_pickle_alloc_held(pickle, text.n, &memory, error);
    if (status != NF_OK)
        return status;
    uint8_t *out = memory;
    size_t n = 0;
    for (size_t i = 0; i < text.n; i++) {
        uint8_t byte = text.data[i];
        if (byte >= 0x80) {
            if ((byte != 0xC2 && byte != 0xC3) || i + 1 == text.n || (text.data[i + 1] & 0xC0) != 0x80)
                return nf_pickle_refuse(pickle, NF_FAILURE_DAMAGED, error, "a text of bytes holds a character over 255");
            byte = (uint8_t)(byte << 6 | (text.data[++i] & 0x3F));
        }
        out[n++] = byte;
    }
    return nf_pickle_new_bytes(pickle, NF_PICKLE_BYTES, out, n, value, error);
}

static nf_status reduce_encode(nf_pickle *pickle, const nf_pickle_items *arguments, nf_pickle_value *value, nf_error *error)
{
    nf_pickle_bytes encoding;
    if (arguments->n != 2 || !nf_pickle_is_text(&arguments->values[1], &encoding) ||
        !(bytes_are(encoding, "latin1") || bytes_are(encoding, "latin-1")))
        return refuse_call(pickle, "_codecs.encode to anything but latin1", error);
    *value = arguments->values[0];
    switch (value->kind) {
    case NF_PICKLE_TEXT:
        return text_to_latin1(pickle, *value->as.bytes, value, error);
    case NF_PICKLE_LATIN1:
        value->kind = NF_PICKLE_BYTES;
        return NF_OK;
    case NF_PICKLE_BLOB_TEXT:
        value->kind = NF_PICKLE_BLOB;
        return NF_OK;
    default:
        return refuse_call(pickle, "_codecs.encode of anything but a text", error);
    }
}

static nf_status reduce_dtype(nf_pickle *pickle, const nf_pickle_items *arguments, nf_pickle_value *value, nf_error *error)
{
    static const char *const allowed[] = {"u1", "u2", "u4", "u8", "i1", "i2", "i4", "i8", "b1", "O8", "O4"};
    nf_pickle_bytes code = {0};
    if (arguments->n < 1 || !nf_pickle_is_text(&arguments->values[0], &code))
        return refuse_call(pickle, "a dtype that is not named by a text", error);
    for (size_t i = 0; i < sizeof allowed / sizeof allowed[0]; i++)
        if (bytes_are(code, allowed[i])) {
            void *memory;
            nf_status status = nf_pickle_alloc(pickle, sizeof(nf_pickle_dtype), &memory, error);
            if (status != NF_OK)
                return status;
            nf_pickle_dtype *dtype = memory;
            *dtype = (nf_pickle_dtype){.kind = allowed[i][0], .size = (unsigned)(allowed[i][1] - '0')};
            *value = (nf_pickle_value){.kind = NF_PICKLE_DTYPE, .as.dtype = dtype};
            return NF_OK;
        }
    return nf_pickle_refuse(pickle, NF_FAILURE_UNSUPPORTED_KIND, error, "dtype %.*s is refused",
                            code.n < 40 ? (int)code.n : 40, (const char *)code.data);
}

static nf_status new_array(nf_pickle *pickle, nf_pickle_value *value, nf_error *error)
{
    void *memory;
    nf_status status = nf_pickle_alloc(pickle, sizeof(nf_pickle_array), &memory, error);
    if (status == NF_OK)
        *value = (nf_pickle_value){.kind = NF_PICKLE_ARRAY, .as.array = memory};
    return status;
}

static nf_status reduce_reconstruct(nf_pickle *pickle, const nf_pickle_items *arguments, nf_pickle_value *value,
                                    nf_error *error)
{
    if (arguments->n < 1 || arguments->values[0].kind != NF_PICKLE_GLOBAL ||
        arguments->values[0].as.integer != NF_GLOBAL_NDARRAY)
        return refuse_call(pickle, "_reconstruct of anything but numpy.ndarray", error);
    return new_array(pickle, value, error);
}

static bool take_shape(nf_pickle_value shape, nf_pickle_array *array)
{
    if (shape.kind != NF_PICKLE_TUPLE || shape.as.items->n < 1 || shape.as.items->n > NF_PICKLE_DIMS_MAX)
        return false;
    array->n_dims = shape.as.items->n;
    for (size_t i = 0; i < array->n_dims; i++) {
        nf_pickle_value dim = shape.as.items->values[i];
        if (dim.kind != NF_PICKLE_INTEGER || dim.as.integer < 0 || dim.as.integer > INT32_MAX)
            return false;
        array->dims[i] = (uint64_t)dim.as.integer;
    }
    return true;
}

/* shape, dtype, payload are what the pickle says; by_column is checked by the caller. */
static nf_status fill_array(nf_pickle *pickle, nf_pickle_array *array, nf_pickle_value shape, nf_pickle_value dtype,
                            nf_pickle_value payload, bool by_column, nf_error *error)
{
    bool is_objects = dtype.kind == NF_PICKLE_DTYPE && dtype.as.dtype->kind == 'O';
    bool is_payload = is_objects ? payload.kind == NF_PICKLE_LIST
                                 : payload.kind == NF_PICKLE_BYTES || payload.kind == NF_PICKLE_BLOB;
    if (array->is_complete || dtype.kind != NF_PICKLE_DTYPE || !is_payload || !take_shape(shape, array))
        return nf_pickle_refuse(pickle, NF_FAILURE_DAMAGED, error, "the state of an array makes no sense");
    array->dtype = *dtype.as.dtype;
    array->by_column = by_column;
    array->payload = payload;
    array->is_complete = true;
    return NF_OK;
}

static nf_status reduce_frombuffer(nf_pickle *pickle, const nf_pickle_items *arguments, nf_pickle_value *value,
                                   nf_error *error)
{
    nf_pickle_bytes order;
    if (arguments->n != 4 || !nf_pickle_is_text(&arguments->values[3], &order) ||
        !(bytes_are(order, "C") || bytes_are(order, "F")))
        return refuse_call(pickle, "_frombuffer without an order of C or F", error);
    nf_status status = new_array(pickle, value, error);
    if (status != NF_OK)
        return status;
    return fill_array(pickle, value->as.array, arguments->values[2], arguments->values[1], arguments->values[0],
                      bytes_are(order, "F"), error);
}

/* A NumPy integer: its bytes in its dtype's order. */
static nf_status reduce_scalar(nf_pickle *pickle, const nf_pickle_items *arguments, nf_pickle_value *value, nf_error *error)
{
    if (arguments->n != 2 || arguments->values[0].kind != NF_PICKLE_DTYPE || arguments->values[1].kind != NF_PICKLE_BYTES)
        return refuse_call(pickle, "a NumPy scalar that is no integer", error);
    nf_pickle_dtype dtype = *arguments->values[0].as.dtype;
    nf_pickle_bytes bytes = *arguments->values[1].as.bytes;
    if (dtype.kind == 'O' || bytes.n != dtype.size)
        return refuse_call(pickle, "a NumPy scalar that is no integer", error);
    *value = (nf_pickle_value){.kind = NF_PICKLE_INTEGER, .as.integer = nf_pickle_element(&dtype, bytes.data)};
    return NF_OK;
}

int64_t nf_pickle_element(const nf_pickle_dtype *dtype, const uint8_t *bytes)
{
    uint64_t bits = 0;
    for (unsigned i = 0; i < dtype->size; i++)
        bits = bits << 8 | bytes[dtype->big_endian ? i : dtype->size - 1 - i];
    unsigned unused = 64 - 8 * dtype->size;
    if (dtype->kind == 'i' && unused > 0 && (bits >> (63 - unused) & 1) != 0)
        bits |= UINT64_MAX << (64 - unused);
    if (dtype->kind == 'u' && bits > INT64_MAX)
        return INT64_MAX;
    return (int64_t)bits;
}

nf_status nf_pickle_reduce(nf_pickle *pickle, nf_pickle_value callable, nf_pickle_value arguments, nf_pickle_value *value,
                           nf_error *error)
{
    if (callable.kind != NF_PICKLE_GLOBAL || arguments.kind != NF_PICKLE_TUPLE)
        return refuse_call(pickle, "REDUCE of anything but an allowed name and a tuple", error);
    switch ((nf_pickle_global)callable.as.integer) {
    case NF_GLOBAL_ENCODE:
        return reduce_encode(pickle, arguments.as.items, value, error);
    case NF_GLOBAL_DTYPE:
        return reduce_dtype(pickle, arguments.as.items, value, error);
    case NF_GLOBAL_RECONSTRUCT:
        return reduce_reconstruct(pickle, arguments.as.items, value, error);
    case NF_GLOBAL_FROMBUFFER:
        return reduce_frombuffer(pickle, arguments.as.items, value, error);
    case NF_GLOBAL_SCALAR:
        return reduce_scalar(pickle, arguments.as.items, value, error);
    case NF_GLOBAL_NDARRAY:
        break;
    }
    return refuse_call(pickle, "a call of numpy.ndarray", error);
}

/* (version, byte order, None, None, None, -1, -1, flags) */
static nf_status build_dtype(nf_pickle *pickle, nf_pickle_dtype *dtype, nf_pickle_value state, nf_error *error)
{
    nf_pickle_bytes order;
    if (state.kind != NF_PICKLE_TUPLE || state.as.items->n < 2 || !nf_pickle_is_text(&state.as.items->values[1], &order))
        return nf_pickle_refuse(pickle, NF_FAILURE_DAMAGED, error, "the state of a dtype makes no sense");
    dtype->big_endian = bytes_are(order, ">");
    return NF_OK;
}

nf_status nf_pickle_build(nf_pickle *pickle, nf_pickle_value object, nf_pickle_value state, nf_error *error)
{
    if (object.kind == NF_PICKLE_DTYPE)
        return build_dtype(pickle, object.as.dtype, state, error);
    if (object.kind != NF_PICKLE_ARRAY)
        return refuse_call(pickle, "BUILD of anything but an array and a dtype", error);
    if (state.kind != NF_PICKLE_TUPLE || state.as.items->n != 5 || state.as.items->values[3].kind != NF_PICKLE_BOOL)
        return nf_pickle_refuse(pickle, NF_FAILURE_DAMAGED, error, "the state of an array makes no sense");
    const nf_pickle_value *parts = state.as.items->values; /* version, shape, dtype, by column, payload */
    return fill_array(pickle, object.as.array, parts[1], parts[2], parts[4], parts[3].as.integer != 0, error);
}
