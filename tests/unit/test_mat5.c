/* The MATLAB 5 reader. */
#include "support/make_mat.h"

#include "loaders/mat5/mat5.h"

static const char *const names[] = {"cat", "airplane", "dog"};

typedef struct read_mat {
    nf_stream *stream;
    nf_mat5 *mat;
    nf_status opened;
    nf_error error;
} read_mat;

static read_mat open_mat(const void *bytes, size_t n)
{
    read_mat r = {0};
    assert_int_equal(nf_stream_from_memory(&r.stream, bytes, n, NULL), NF_OK);
    r.opened = nf_mat5_open(&r.mat, r.stream, &r.error);
    return r;
}

static void end(read_mat *r)
{
    nf_mat5_close(r->mat);
    nf_stream_close(r->stream);
}

/* bytes (5, 3) uint8; reals (2, 1) double; names; three (3, 1) uint8 in the small form where asked; skipped. */
static void put_file(nf_buf *to, mat_options o)
{
    static const uint8_t numbers[15] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 255};
    static const uint8_t little[16] = {[6] = 0x14, [7] = 0x40, [14] = 0xf0, [15] = 0xbf}; /* 5, -1 */
    uint8_t reals[16], skipped[1000] = {0};
    for (int i = 0; i < 16; i++)
        reals[i] = o.big_endian ? little[i / 8 * 8 + 7 - i % 8] : little[i];
    put_mat_header(to, o.big_endian);
    put_mat_matrix(to, "skipped", 9, 10, 100, 2, skipped, sizeof skipped, o);
    put_mat_matrix(to, "bytes", 9, 5, 3, 2, numbers, sizeof numbers, o);
    put_mat_matrix(to, "reals", 6, 2, 1, 9, reals, sizeof reals, o);
    put_mat_cell(to, "names", names, 3, o);
    put_mat_matrix(to, "three", 9, 3, 1, 2, numbers + 7, 3, o);
}

static void expect_integers(read_mat *r, const nf_mat5_variable *variable, const int64_t *expected, size_t n)
{
    nf_buf got = {0};
    assert_int_equal(nf_mat5_read_integers(r->mat, variable, 100, &got, &r->error), NF_OK);
    assert_int_equal(got.len, n * sizeof *expected);
    assert_memory_equal(got.data, expected, got.len);
    nf_buf_free(&got);
}

static void expect_file(const nf_buf *bytes)
{
    nf_mat5_variable variable;
    nf_buf got = {0};
    read_mat r = open_mat(bytes->data, bytes->len);
    assert_int_equal(r.opened, NF_OK);
    assert_int_equal(nf_mat5_next(r.mat, &variable, &r.error), NF_OK);
    assert_string_equal(variable.name, "skipped");
    assert_int_equal(nf_mat5_next(r.mat, &variable, &r.error), NF_OK);
    assert_string_equal(variable.name, "bytes");
    assert_true(variable.is_uint8 && variable.n_dims == 2 && variable.dims[0] == 5 && variable.dims[1] == 3);
    assert_int_equal(nf_mat5_read_bytes(r.mat, &variable, 15, &got, &r.error), NF_OK);
    assert_int_equal(got.len, 15);
    assert_int_equal(got.data[14], 255);
    assert_int_equal(nf_mat5_next(r.mat, &variable, &r.error), NF_OK);
    expect_integers(&r, &variable, (const int64_t[]){5, -1}, 2);
    assert_int_equal(nf_mat5_next(r.mat, &variable, &r.error), NF_OK);
    got.len = 0;
    assert_int_equal(nf_mat5_read_texts(r.mat, &variable, 10, &got, &r.error), NF_OK);
    assert_int_equal(got.len, 4 + 9 + 4);
    assert_memory_equal(got.data, "cat\0airplane\0dog", 17);
    assert_int_equal(nf_mat5_next(r.mat, &variable, &r.error), NF_OK);
    expect_integers(&r, &variable, (const int64_t[]){7, 8, 9}, 3);
    assert_int_equal(nf_mat5_next(r.mat, &variable, &r.error), NF_EOF);
    nf_buf_free(&got);
    end(&r);
}

static void both_byte_orders_plain_compressed_and_small_are_read(void **state)
{
    (void)state;
    for (int i = 0; i < 8; i++) {
        nf_buf bytes = {0};
        put_file(&bytes, (mat_options){.big_endian = (i & 1) != 0, .compressed = (i & 2) != 0, .small = (i & 4) != 0});
        expect_file(&bytes);
        nf_buf_free(&bytes);
    }
}

static void expect_head_refused(const void *bytes, size_t n, const char *sentence)
{
    read_mat r = open_mat(bytes, n);
    assert_int_equal(r.opened, NF_BAD_RECORD);
    if (strstr(r.error.message, sentence) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", r.error.message, sentence);
    end(&r);
}

static void other_versions_are_refused_by_name(void **state)
{
    (void)state;
    char head[600];
    memset(head, ' ', sizeof head);
    memcpy(head, "MATLAB 7.3 MAT-file, Platform: GLNXA64", 38);
    memcpy(head + 124, "\x00\x02IM", 4);
    expect_head_refused(head, sizeof head, "MATLAB v7.3 (HDF5) is not read");
    expect_head_refused("\x89HDF\r\n\x1a\n", 8, "MATLAB v7.3 (HDF5) is not read");
    uint8_t v4[40] = {0, 0, 0, 0, 5, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 'x', 0};
    expect_head_refused(v4, sizeof v4, "MATLAB v4 is not read");
    expect_head_refused("version https://git-lfs", 23, "cut short");
    memset(head, 'x', sizeof head);
    expect_head_refused(head, sizeof head, "no MATLAB 5 header");
}

static nf_status status_of_bytes(const nf_buf *bytes, uint64_t most, nf_failure *failure)
{
    nf_mat5_variable variable;
    nf_buf got = {0};
    read_mat r = open_mat(bytes->data, bytes->len);
    nf_status status = nf_mat5_next(r.mat, &variable, &r.error);
    if (status == NF_OK)
        status = nf_mat5_read_bytes(r.mat, &variable, most, &got, &r.error);
    if (status == NF_OK)
        status = nf_mat5_next(r.mat, &variable, &r.error);
    *failure = nf_mat5_failure(r.mat);
    nf_buf_free(&got);
    end(&r);
    return status;
}

static void sizes_are_held_against_limits_and_dimensions(void **state)
{
    (void)state;
    uint8_t numbers[15] = {0};
    nf_failure failure;
    nf_buf bytes = {0};
    put_mat_header(&bytes, false);
    put_mat_matrix(&bytes, "x", 9, 5, 3, 2, numbers, 15, (mat_options){0});
    assert_int_equal(status_of_bytes(&bytes, 15, &failure), NF_EOF);
    assert_int_equal(status_of_bytes(&bytes, 14, &failure), NF_BAD_RECORD);
    assert_int_equal(failure, NF_FAILURE_TOO_LARGE);
    bytes.len = 128;
    put_mat_matrix(&bytes, "x", 9, 5, 4, 2, numbers, 15, (mat_options){0});
    assert_int_equal(status_of_bytes(&bytes, 100, &failure), NF_BAD_RECORD);
    assert_int_equal(failure, NF_FAILURE_DAMAGED);
    bytes.len = 128;
    put_mat_matrix(&bytes, "x", 9, 0x7fffffff, 0x7fffffff, 2, numbers, 15, (mat_options){0});
    assert_int_equal(status_of_bytes(&bytes, UINT64_MAX, &failure), NF_BAD_RECORD);
    bytes.len = 128;
    put_mat_matrix(&bytes, "x", 8, 5, 3, 1, numbers, 15, (mat_options){0});
    assert_int_equal(status_of_bytes(&bytes, 15, &failure), NF_BAD_RECORD);
    assert_int_equal(failure, NF_FAILURE_UNSUPPORTED_KIND);
    nf_buf_free(&bytes);
}

static void a_wrong_check_sum_is_told(void **state)
{
    (void)state;
    uint8_t numbers[64] = {0};
    nf_failure failure;
    nf_buf bytes = {0};
    put_mat_header(&bytes, false);
    put_mat_matrix(&bytes, "x", 9, 8, 8, 2, numbers, 64, (mat_options){.compressed = true});
    assert_int_equal(status_of_bytes(&bytes, 64, &failure), NF_EOF);
    bytes.data[bytes.len - 1] ^= 1;
    assert_int_equal(status_of_bytes(&bytes, 64, &failure), NF_BAD_RECORD);
    assert_int_equal(failure, NF_FAILURE_DAMAGED);
    nf_buf_free(&bytes);
}

static nf_status use_all(const void *bytes, size_t n)
{
    nf_mat5_variable variable;
    nf_buf got = {0};
    read_mat r = open_mat(bytes, n);
    nf_status status = r.opened;
    while (status == NF_OK && (status = nf_mat5_next(r.mat, &variable, &r.error)) == NF_OK) {
        if (variable.kind == NF_MAT5_CELL)
            status = nf_mat5_read_texts(r.mat, &variable, 100, &got, &r.error);
        else if (variable.is_uint8)
            status = nf_mat5_read_bytes(r.mat, &variable, 1000, &got, &r.error);
        else
            status = nf_mat5_read_integers(r.mat, &variable, 1000, &got, &r.error);
    }
    nf_buf_free(&got);
    end(&r);
    return status;
}

static void cuts_and_changed_bytes_do_no_harm(void **state)
{
    (void)state;
    uint32_t seed = 3;
    for (int form = 0; form < 4; form++) {
        nf_buf bytes = {0};
        put_file(&bytes, (mat_options){.big_endian = (form & 1) != 0, .compressed = (form & 2) != 0, .small = true});
        for (size_t n = 0; n < bytes.len; n++)
            assert_true(use_all(bytes.data, n) == NF_BAD_RECORD || n >= 128);
        for (int round = 0; round < 2000; round++) {
            seed = seed * 1664525u + 1013904223u;
            uint8_t *at = &bytes.data[seed % bytes.len], old = *at;
            *at = (uint8_t)(seed >> 24);
            nf_status status = use_all(bytes.data, bytes.len);
            assert_true(status == NF_EOF || status == NF_BAD_RECORD);
            *at = old;
        }
        nf_buf_free(&bytes);
    }
}

static const mat_synset synsets[] = {{1, 0, "n02119789", "kit f\xc3\xb6x"}, {1001, 3, "n00001740", "entity"}, {2, 0, "n02100735", ""}};

static nf_status read_synsets(const nf_buf *bytes, const char *const *wanted, size_t n_wanted, nf_buf *got, nf_error *error)
{
    nf_mat5_variable variable;
    read_mat r = open_mat(bytes->data, bytes->len);
    assert_int_equal(r.opened, NF_OK);
    nf_status status = nf_mat5_next(r.mat, &variable, error);
    if (status == NF_OK) {
        assert_string_equal(variable.name, "synsets");
        status = nf_mat5_read_structs(r.mat, &variable, 3, wanted, n_wanted, got, error);
    }
    if (status == NF_OK)
        status = nf_mat5_next(r.mat, &variable, error);
    end(&r);
    return status;
}

static void wanted_fields_of_structs_are_read_in_the_order_they_are_wanted(void **state)
{
    (void)state;
    static const char *const wanted[] = {"words", "ILSVRC2012_ID", "num_children", "WNID"};
    static const char expected[] = "kit f\xc3\xb6x\0" "1\0" "0\0" "n02119789\0" "entity\0" "1001\0" "3\0" "n00001740\0"
                                   "\0" "2\0" "0\0" "n02100735";
    for (int i = 0; i < 8; i++) {
        nf_buf bytes = {0}, got = {0};
        mat_options o = {.big_endian = (i & 1) != 0, .compressed = (i & 2) != 0, .small = (i & 4) != 0};
        put_mat_header(&bytes, o.big_endian);
        put_mat_synsets(&bytes, "synsets", synsets, 3, o);
        assert_int_equal(read_synsets(&bytes, wanted, 4, &got, NULL), NF_EOF);
        assert_int_equal(got.len, sizeof expected);
        assert_memory_equal(got.data, expected, sizeof expected);
        nf_buf_free(&bytes);
        nf_buf_free(&got);
    }
}

static void expect_structs_refused(const nf_buf *bytes, const char *field, const char *sentence)
{
    nf_error error = {0};
    nf_buf got = {0};
    assert_int_equal(read_synsets(bytes, &field, 1, &got, &error), NF_BAD_RECORD);
    if (strstr(error.message, sentence) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", error.message, sentence);
    nf_buf_free(&got);
}

static void structs_that_do_not_hold_what_is_wanted_are_refused(void **state)
{
    (void)state;
    static const mat_synset many[4] = {{1, 0, "a", ""}, {2, 0, "b", ""}, {3, 0, "c", ""}, {4, 0, "d", ""}};
    static const uint8_t numbers[4] = {0};
    nf_buf bytes = {0};
    put_mat_header(&bytes, false);
    put_mat_synsets(&bytes, "synsets", synsets, 3, (mat_options){0});
    expect_structs_refused(&bytes, "name", "synsets lacks 1 of the fields");
    expect_structs_refused(&bytes, "children", "several numbers where one is due");
    uint8_t *umlaut = memmem(bytes.data, bytes.len, "\xc3\xb6", 2);
    assert_non_null(umlaut);
    *umlaut = 0xff;
    expect_structs_refused(&bytes, "words", "no character where one is due");
    *umlaut = 0;
    expect_structs_refused(&bytes, "words", "no character where one is due");
    bytes.len = 128;
    put_mat_synsets(&bytes, "synsets", many, 4, (mat_options){0});
    expect_structs_refused(&bytes, "WNID", "no array of at most 3 structs");
    bytes.len = 128;
    put_mat_matrix(&bytes, "synsets", 9, 2, 2, 2, numbers, 4, (mat_options){0});
    expect_structs_refused(&bytes, "WNID", "no array of at most 3 structs");
    nf_buf_free(&bytes);
}

/* Names in slots of no bytes: how many are they? */
static void slots_of_an_impossible_length_are_refused(void **state)
{
    (void)state;
    static const uint32_t lengths[] = {0, 256, UINT32_MAX};
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        nf_buf bytes = {0}, body = {0}, length = {0};
        put_word(&length, lengths[i], false);
        put_mat_element(&body, 5, length.data, length.len, true, false);
        put_mat_element(&body, 1, "WNID", 5, false, false);
        put_mat_header(&bytes, false);
        put_mat_matrix(&bytes, "synsets", 2, 1, 1, 0, body.data, body.len, (mat_options){0});
        expect_structs_refused(&bytes, "WNID", "no sound names");
        nf_buf_free(&bytes);
        nf_buf_free(&body);
        nf_buf_free(&length);
    }
}

static void cuts_and_changed_bytes_of_structs_do_no_harm(void **state)
{
    (void)state;
    static const char *const wanted[] = {"WNID", "num_children"};
    nf_buf bytes = {0}, got = {0};
    uint32_t seed = 5;
    put_mat_header(&bytes, false);
    put_mat_synsets(&bytes, "synsets", synsets, 3, (mat_options){.small = true});
    for (size_t n = 129; n < bytes.len; n++, got.len = 0)
        assert_int_equal(read_synsets(&(nf_buf){.data = bytes.data, .len = n}, wanted, 2, &got, NULL), NF_BAD_RECORD);
    for (int round = 0; round < 4000; round++, got.len = 0) {
        seed = seed * 1664525u + 1013904223u;
        uint8_t *at = &bytes.data[184 + seed % (bytes.len - 184)], old = *at; /* behind flags, dimensions and name */
        *at = (uint8_t)(seed >> 24);
        nf_status status = read_synsets(&bytes, wanted, 2, &got, NULL);
        assert_true(status == NF_EOF || status == NF_BAD_RECORD);
        *at = old;
    }
    nf_buf_free(&bytes);
    nf_buf_free(&got);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_byte_orders_plain_compressed_and_small_are_read),
        cmocka_unit_test(other_versions_are_refused_by_name),
        cmocka_unit_test(sizes_are_held_against_limits_and_dimensions),
        cmocka_unit_test(a_wrong_check_sum_is_told),
        cmocka_unit_test(cuts_and_changed_bytes_do_no_harm),
        cmocka_unit_test(wanted_fields_of_structs_are_read_in_the_order_they_are_wanted),
        cmocka_unit_test(structs_that_do_not_hold_what_is_wanted_are_refused),
        cmocka_unit_test(slots_of_an_impossible_length_are_refused),
        cmocka_unit_test(cuts_and_changed_bytes_of_structs_do_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
