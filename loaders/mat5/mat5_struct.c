/* nofade: struct arrays of a MATLAB file: the names of the fields in slots of one length, then for each element a matrix without
 * a name for each field. */
#include <string.h>

#include "loaders/mat5/mat5_parts.h"

enum { FIELDS_IN_FILE_MAX = 256, NAMES_BYTES_MAX = 1 << 14 };

typedef struct struct_fields {
    size_t n;
    uint8_t wanted[FIELDS_IN_FILE_MAX]; /* (n,) 1 + which of the wanted ones it is; 0: none */
} struct_fields;

static nf_status refuse_names(nf_mat5 *mat, const nf_mat5_variable *variable, nf_error *error)
{
    return nf_mat5_refuse(mat, NF_FAILURE_DAMAGED, error, "the fields of %.63s have no sound names", variable->name);
}

static nf_status take_names(nf_mat5 *mat, const nf_mat5_variable *variable, nf_buf *names, size_t *slot, nf_error *error)
{
    uint8_t length[8];
    nf_mat5_element e;
    nf_status status = nf_mat5_take_element(mat, &e, length, sizeof length, error);
    if (status != NF_OK)
        return status;
    *slot = mat->is_big_endian ? length[3] : length[0];
    unsigned above = mat->is_big_endian ? length[0] | length[1] | length[2] : length[1] | length[2] | length[3];
    if (e.type != MI_INT32 || e.n != 4 || *slot == 0 || above != 0) /* a name has 63 characters at most */
        return refuse_names(mat, variable, error);
    if ((status = nf_buf_reserve(names, NAMES_BYTES_MAX, error)) != NF_OK)
        return status;
    status = nf_mat5_take_element(mat, &e, names->data, NAMES_BYTES_MAX, error);
    names->len = status == NF_OK ? e.n : 0;
    if (status == NF_OK && (e.n % *slot != 0 || e.n / *slot > FIELDS_IN_FILE_MAX))
        return refuse_names(mat, variable, error);
    return status;
}

static nf_status take_fields(nf_mat5 *mat, const nf_mat5_variable *variable, const char *const *wanted, size_t n_wanted,
                             struct_fields *fields, nf_error *error)
{
    nf_buf names = {0};
    size_t slot = 1, n_found = 0;
    nf_status status = take_names(mat, variable, &names, &slot, error);
    fields->n = status == NF_OK ? names.len / slot : 0; /* a slot that was refused may be 0 */
    for (size_t i = 0; i < fields->n; i++)
        for (size_t k = 0; k < n_wanted; k++)
            if (strlen(wanted[k]) < slot && strncmp((const char *)names.data + i * slot, wanted[k], slot) == 0 &&
                memchr(fields->wanted, (int)k + 1, i) == NULL) {
                fields->wanted[i] = (uint8_t)(k + 1);
                n_found++;
            }
    nf_buf_free(&names);
    if (status == NF_OK && n_found < n_wanted)
        status = nf_mat5_refuse(mat, NF_FAILURE_UNSUPPORTED_KIND, error, "%.63s lacks %zu of the fields that are looked for",
                                variable->name, n_wanted - n_found);
    return status;
}

/* One field of one element; value NULL: not wanted. */
static nf_status take_value(nf_mat5 *mat, const nf_mat5_variable *variable, nf_buf *value, nf_error *error)
{
    nf_mat5_element e;
    nf_status status = nf_mat5_take_tag(mat, &e, error);
    if (status != NF_OK)
        return status;
    if (e.type != MI_MATRIX || e.is_small || e.n > mat->left)
        return nf_mat5_refuse(mat, NF_FAILURE_DAMAGED, error, "%.63s holds what is no matrix", variable->name);
    uint64_t behind = mat->left - e.n;
    if (value != NULL)
        status = e.n == 0 ? nf_buf_append(value, "", 1, error)
                          : nf_mat5_read_inner_text(mat, variable->name, true, value, error);
    if (status != NF_OK)
        return status;
    if (mat->left < behind)
        return nf_mat5_refuse(mat, NF_FAILURE_DAMAGED, error, "a field of %.63s is longer than it says", variable->name);
    return nf_mat5_pass_over(mat, mat->left - behind, error);
}

static nf_status take_struct(nf_mat5 *mat, const nf_mat5_variable *variable, const struct_fields *fields, nf_buf *values,
                             nf_error *error)
{
    nf_status status = NF_OK;
    for (size_t i = 0; i < fields->n && status == NF_OK; i++) {
        nf_buf *value = fields->wanted[i] != 0 ? &values[fields->wanted[i] - 1] : NULL;
        if (value != NULL)
            value->len = 0;
        status = take_value(mat, variable, value, error);
    }
    return status;
}

nf_status nf_mat5_read_structs(nf_mat5 *mat, const nf_mat5_variable *variable, uint64_t most, const char *const *wanted,
                               size_t n_wanted, nf_buf *buf, nf_error *error)
{
    if (variable->kind != NF_MAT5_STRUCT || variable->n > most || n_wanted > NF_MAT5_FIELDS_MAX)
        return nf_mat5_refuse(mat, NF_FAILURE_UNSUPPORTED_KIND, error, "%.63s is no array of at most %llu structs",
                              variable->name, (unsigned long long)most);
    struct_fields fields = {0};
    nf_buf values[NF_MAT5_FIELDS_MAX] = {0};
    nf_status status = take_fields(mat, variable, wanted, n_wanted, &fields, error);
    for (uint64_t i = 0; i < variable->n && status == NF_OK; i++) {
        status = take_struct(mat, variable, &fields, values, error);
        for (size_t k = 0; k < n_wanted && status == NF_OK; k++)
            status = nf_buf_append(buf, values[k].data, values[k].len, error);
    }
    for (size_t k = 0; k < n_wanted; k++)
        nf_buf_free(&values[k]);
    return status;
}
