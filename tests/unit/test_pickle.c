/* The pickle reader: what it reads, and that it refuses everything else by name. */
#include "support/make_pickle.h"

#include "loaders/cifar/pickle.h"

typedef struct read_pickle {
    nf_stream *stream;
    nf_pickle *pickle;
    nf_status status;
    nf_error error;
    unsigned n_blobs;
    uint64_t blob_bytes, blob_sum;
} read_pickle;

static void pull_blob(read_pickle *r)
{
    const uint8_t *data;
    size_t len;
    nf_status status;
    r->n_blobs++;
    while ((status = nf_pickle_blob_next(r->pickle, 1000, &data, &len, &r->error)) == NF_OK) {
        assert_true(len > 0 && len <= 1000);
        r->blob_bytes += len;
        for (size_t i = 0; i < len; i++)
            r->blob_sum += data[i];
    }
}

static read_pickle read_all(const void *bytes, size_t n)
{
    read_pickle r = {0};
    nf_pickle_event event = NF_PICKLE_AT_BLOB;
    assert_int_equal(nf_stream_from_memory(&r.stream, bytes, n, NULL), NF_OK);
    assert_int_equal(nf_pickle_open(&r.pickle, r.stream, NULL), NF_OK);
    while ((r.status = nf_pickle_next(r.pickle, &event, &r.error)) == NF_OK && event == NF_PICKLE_AT_BLOB)
        pull_blob(&r);
    return r;
}

static void end(read_pickle *r)
{
    nf_pickle_close(r->pickle);
    nf_stream_close(r->stream);
}

#define READ(literal) read_all(literal, sizeof(literal) - 1)

static void the_genuine_names_are_read(void **state)
{
    (void)state;
    nf_buf meta = {0};
    put_genuine_meta(&meta);
    assert_int_equal(meta.len, 158);
    read_pickle r = read_all(meta.data, meta.len);
    assert_int_equal(r.status, NF_OK);
    const nf_pickle_value *names = nf_pickle_find(r.pickle, "label_names");
    nf_pickle_bytes text;
    assert_non_null(names);
    assert_int_equal(names->kind, NF_PICKLE_LIST);
    assert_int_equal(names->as.items->n, 10);
    assert_true(nf_pickle_is_text(&names->as.items->values[9], &text));
    assert_memory_equal(text.data, "truck", 5);
    assert_int_equal(nf_pickle_find(r.pickle, "num_vis")->as.integer, 3072);
    assert_null(nf_pickle_find(r.pickle, "labels"));
    end(&r);
    nf_buf_free(&meta);
}

static void integers_of_all_forms_are_read(void **state)
{
    (void)state;
    static const char bytes[] = "\x80\x02}(U\x01" "a]((K\xffM\xff\xffJ\xfe\xff\xff\xff\x8a\x01\x80\x8a\x02\xff\x00\x8a\x00\x88"
                                "teu.";
    static const int64_t expected[] = {255, 65535, -2, -128, 255, 0, 1};
    read_pickle r = READ(bytes);
    assert_int_equal(r.status, NF_OK);
    const nf_pickle_value *tuple = &nf_pickle_find(r.pickle, "a")->as.items->values[0];
    assert_int_equal(tuple->kind, NF_PICKLE_TUPLE);
    assert_int_equal(tuple->as.items->n, 7);
    for (size_t i = 0; i < 7; i++)
        assert_true(tuple->as.items->values[i].as.integer == expected[i]);
    end(&r);
}

static void a_later_key_replaces_an_earlier_one(void **state)
{
    (void)state;
    read_pickle r = READ("\x80\x02}(U\x01" "aK\x01U\x01" "aK\x02uU\x01" "bK\x03s.");
    assert_int_equal(r.status, NF_OK);
    assert_int_equal(nf_pickle_find(r.pickle, "a")->as.integer, 2);
    assert_int_equal(nf_pickle_find(r.pickle, "b")->as.integer, 3);
    end(&r);
}

static void a_large_object_is_streamed_and_not_held(void **state)
{
    (void)state;
    nf_buf bytes = {0};
    uint64_t sum = 0;
    put_genuine_batch(&bytes, 100, (batch_options){0});
    read_pickle r = read_all(bytes.data, bytes.len);
    for (int i = 0; i < 100; i++)
        for (int j = 0; j < 3072; j++)
            sum += batch_pixel(i, j);
    assert_int_equal(r.status, NF_OK);
    assert_int_equal(r.n_blobs, 1);
    assert_int_equal(r.blob_bytes, 307200);
    assert_int_equal(r.blob_sum, sum);
    const nf_pickle_array *array = nf_pickle_find(r.pickle, "data")->as.array;
    assert_true(array->is_complete && !array->by_column);
    assert_int_equal(array->dims[0], 100);
    assert_int_equal(array->payload.kind, NF_PICKLE_BLOB);
    assert_int_equal(array->payload.as.blob->n_bytes, 307200);
    end(&r);
    nf_buf_free(&bytes);
}

static void latin1_text_is_decoded_while_it_streams(void **state)
{
    (void)state;
    nf_buf bytes = {0}, pixels = {0};
    uint64_t sum = 0;
    put_protocol2_text_batch(&bytes, 40);
    put_batch_pixels(&pixels, 40, false);
    for (size_t i = 0; i < pixels.len; i++)
        sum += pixels.data[i];
    read_pickle r = read_all(bytes.data, bytes.len);
    assert_int_equal(r.status, NF_OK);
    assert_int_equal(r.blob_bytes, pixels.len);
    assert_int_equal(r.blob_sum, sum);
    assert_int_equal(nf_pickle_find(r.pickle, "data")->as.array->payload.as.blob->n_bytes, pixels.len);
    end(&r);
    nf_buf_free(&bytes);
    nf_buf_free(&pixels);
}

static void column_order_is_held_whether_it_is_told_before_or_after(void **state)
{
    (void)state;
    for (int protocol5 = 0; protocol5 < 2; protocol5++) {
        nf_buf bytes = {0};
        if (protocol5)
            put_protocol5_batch(&bytes, 40, true);
        else
            put_genuine_batch(&bytes, 40, (batch_options){.by_column = true});
        read_pickle r = read_all(bytes.data, bytes.len);
        assert_int_equal(r.status, NF_OK);
        assert_int_equal(r.n_blobs, 0);
        const nf_pickle_array *array = nf_pickle_find(r.pickle, "data")->as.array;
        assert_true(array->by_column);
        assert_int_equal(array->payload.kind, NF_PICKLE_BYTES);
        assert_int_equal(array->payload.as.bytes->n, 40 * 3072);
        assert_int_equal(array->payload.as.bytes->data[41], batch_pixel(1, 1));
        end(&r);
        nf_buf_free(&bytes);
    }
}

static void expect_refusal(const void *bytes, size_t n, const char *sentence, nf_failure failure)
{
    read_pickle r = read_all(bytes, n);
    assert_int_equal(r.status, NF_BAD_RECORD);
    if (strstr(r.error.message, sentence) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", r.error.message, sentence);
    assert_int_equal(nf_pickle_failure(r.pickle), failure);
    end(&r);
}

#define REFUSES(literal, sentence, failure) expect_refusal(literal, sizeof(literal) - 1, sentence, failure)

static void dangerous_opcodes_are_refused_by_name(void **state)
{
    (void)state;
    static const struct {
        uint8_t op;
        const char *name;
    } refused[] = {{'i', "INST"},    {'o', "OBJ"},       {'P', "PERSID"},          {'Q', "BINPERSID"}, {0x81, "NEWOBJ"},
                   {0x92, "NEWOBJ_EX"}, {0x82, "EXT1"},  {0x83, "EXT2"},           {0x84, "EXT4"},     {0x97, "NEXT_BUFFER"},
                   {'I', "INT"},     {'S', "STRING"},    {0x98, "READONLY_BUFFER"}, {'G', "BINFLOAT"}, {0x91, "FROZENSET"}};
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        char sentence[64];
        uint8_t bytes[] = {0x80, 2, '(', refused[i].op, 'o', 's', '\n', 's', '\n'};
        snprintf(sentence, sizeof sentence, "opcode %s is refused", refused[i].name);
        expect_refusal(bytes, sizeof bytes, sentence, NF_FAILURE_UNSUPPORTED_KIND);
    }
    REFUSES("\x80\x02\xfe", "byte fe is no opcode", NF_FAILURE_DAMAGED);
}

static void every_global_but_the_listed_ones_is_refused_by_name(void **state)
{
    (void)state;
    REFUSES("\x80\x02" "cos\nsystem\n(U\x02lstR.", "global os.system is refused", NF_FAILURE_UNSUPPORTED_KIND);
    REFUSES("\x80\x02" "cposix\nsystem\n", "global posix.system is refused", NF_FAILURE_UNSUPPORTED_KIND);
    REFUSES("\x80\x04\x8c\x08" "builtins\x8c\x04" "eval\x93", "global builtins.eval is refused", NF_FAILURE_UNSUPPORTED_KIND);
    REFUSES("\x80\x02" "cnumpy\nload\n", "global numpy.load is refused", NF_FAILURE_UNSUPPORTED_KIND);
    REFUSES("\x80\x04K\x01K\x02\x93", "no text", NF_FAILURE_DAMAGED);
}

static void calls_mean_only_what_is_listed(void **state)
{
    (void)state;
    REFUSES("\x80\x02" "cnumpy\nndarray\n)R.", "a call of numpy.ndarray is refused", NF_FAILURE_UNSUPPORTED_KIND);
    REFUSES("\x80\x02" "c_codecs\nencode\nU\x01xU\x05utf-8\x86R.", "anything but latin1 is refused", NF_FAILURE_UNSUPPORTED_KIND);
    REFUSES("\x80\x02" "cnumpy\ndtype\nU\x02" "f8\x85R.", "dtype f8 is refused", NF_FAILURE_UNSUPPORTED_KIND);
    REFUSES("\x80\x02K\x01K\x02R.", "REDUCE of anything but", NF_FAILURE_UNSUPPORTED_KIND);
    REFUSES("\x80\x02}}b.", "BUILD of anything but", NF_FAILURE_UNSUPPORTED_KIND);
}

static void broken_structures_are_refused(void **state)
{
    (void)state;
    REFUSES("\x80\x02\x85.", "no value on the stack", NF_FAILURE_DAMAGED);
    REFUSES("\x80\x02(K\x01" "0" "0" "t.", "no mark on the stack", NF_FAILURE_DAMAGED);
    REFUSES("\x80\x02h\x07.", "never made", NF_FAILURE_DAMAGED);
    REFUSES("\x80\x02K\x01K\x02" "a.", "no list", NF_FAILURE_DAMAGED);
    REFUSES("\x80\x02}(K\x01u.", "no dictionary", NF_FAILURE_DAMAGED);
    REFUSES("\x80\x02K\x01.", "result is no dictionary", NF_FAILURE_UNSUPPORTED_KIND);
    REFUSES("\x80\x06}.", "protocol 6 is not known", NF_FAILURE_UNSUPPORTED_KIND);
    REFUSES("\x80\x02K\x01r\xff\xff\xff\xff.", "memo entries", NF_FAILURE_TOO_LARGE);
    REFUSES("\x80\x04\x8e\xff\xff\xff\xff\xff\xff\xff\xff", "length makes no sense", NF_FAILURE_DAMAGED);
    REFUSES("", "cut short", NF_FAILURE_CUT_SHORT);
}

static void a_huge_declared_length_takes_no_memory(void **state)
{
    (void)state;
    read_pickle r = READ("\x80\x04}\x8e\xff\xff\xff\xff\xff\xff\xff\x00xyz");
    assert_int_equal(r.status, NF_BAD_RECORD);
    assert_int_equal(nf_pickle_failure(r.pickle), NF_FAILURE_CUT_SHORT);
    assert_int_equal(r.blob_bytes, 3);
    end(&r);
}

static void endless_values_end_at_the_limits(void **state)
{
    (void)state;
    nf_buf bytes = {0};
    put(&bytes, "\x80\x02", 2);
    for (int i = 0; i < NF_PICKLE_STACK_MAX + 10; i++)
        put(&bytes, "N", 1);
    expect_refusal(bytes.data, bytes.len, "values on the stack", NF_FAILURE_TOO_LARGE);
    bytes.len = 2;
    for (int i = 0; i < NF_PICKLE_STRUCTURE_MAX / 32; i++)
        put(&bytes, "]0", 2);
    expect_refusal(bytes.data, bytes.len, "MiB of values", NF_FAILURE_TOO_LARGE);
    nf_buf_free(&bytes);
}

static void a_list_that_holds_itself_is_harmless(void **state)
{
    (void)state;
    read_pickle r = READ("\x80\x02}(U\x01" "a]q\x01h\x01" "au.");
    assert_int_equal(r.status, NF_OK);
    const nf_pickle_value *list = nf_pickle_find(r.pickle, "a");
    assert_ptr_equal(list->as.items->values[0].as.items, list->as.items);
    end(&r);
}

static void every_cut_of_a_batch_is_told(void **state)
{
    (void)state;
    nf_buf bytes = {0};
    put_genuine_batch(&bytes, 3, (batch_options){0});
    for (size_t n = 0; n < bytes.len; n += n < 500 || n > bytes.len - 200 ? 1 : 97) {
        read_pickle r = read_all(bytes.data, n);
        assert_int_equal(r.status, NF_BAD_RECORD);
        assert_int_equal(nf_pickle_failure(r.pickle), NF_FAILURE_CUT_SHORT);
        end(&r);
    }
    nf_buf_free(&bytes);
}

static void changed_bytes_do_no_harm(void **state)
{
    (void)state;
    nf_buf bytes = {0};
    uint32_t seed = 7;
    put_genuine_batch(&bytes, 3, (batch_options){0});
    for (int round = 0; round < 2000; round++) {
        size_t at[4];
        uint8_t old[4];
        for (int i = 0; i < 4; i++) {
            seed = seed * 1664525u + 1013904223u;
            at[i] = seed % (i < 2 ? 320 : (uint32_t)bytes.len);
            old[i] = bytes.data[at[i]];
            bytes.data[at[i]] = (uint8_t)(seed >> 24);
        }
        read_pickle r = read_all(bytes.data, bytes.len);
        assert_true(r.status == NF_OK || r.status == NF_BAD_RECORD);
        end(&r);
        for (int i = 4; i-- > 0;)
            bytes.data[at[i]] = old[i];
    }
    nf_buf_free(&bytes);
}

/* As the very first object, when there is no memory that it could be the end of. */
static void an_empty_text_has_a_place(void **state)
{
    (void)state;
    nf_pickle_bytes text = {0};
    read_pickle r = READ("\x80\x02U\0q\0" "0}(U\4datah\0u.");
    assert_int_equal(r.status, NF_OK);
    const nf_pickle_value *value = nf_pickle_find(r.pickle, "data");
    assert_non_null(value);
    assert_true(nf_pickle_is_text(value, &text));
    assert_int_equal(text.n, 0);
    assert_non_null(text.data);
    end(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_genuine_names_are_read),
        cmocka_unit_test(integers_of_all_forms_are_read),
        cmocka_unit_test(a_later_key_replaces_an_earlier_one),
        cmocka_unit_test(a_large_object_is_streamed_and_not_held),
        cmocka_unit_test(latin1_text_is_decoded_while_it_streams),
        cmocka_unit_test(column_order_is_held_whether_it_is_told_before_or_after),
        cmocka_unit_test(dangerous_opcodes_are_refused_by_name),
        cmocka_unit_test(every_global_but_the_listed_ones_is_refused_by_name),
        cmocka_unit_test(calls_mean_only_what_is_listed),
        cmocka_unit_test(broken_structures_are_refused),
        cmocka_unit_test(a_huge_declared_length_takes_no_memory),
        cmocka_unit_test(endless_values_end_at_the_limits),
        cmocka_unit_test(a_list_that_holds_itself_is_harmless),
        cmocka_unit_test(every_cut_of_a_batch_is_told),
        cmocka_unit_test(changed_bytes_do_no_harm),
        cmocka_unit_test(an_empty_text_has_a_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
