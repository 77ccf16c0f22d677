/* Outputs that appear whole or not at all. */
#include "support/folder.h"

#include <math.h>
#include <sys/stat.h>
#include <zlib.h>

#include "base/json_out.h"
#include "base/out.h"

static void nothing_is_seen_before_the_commit(void **state)
{
    (void)state;
    folder f;
    nf_out *out;
    size_t n;
    folder_open(&f);
    folder_write(&f, "a", "old", 3);
    assert_int_equal(nf_out_open(&out, folder_file(&f, "a"), NULL), NF_OK);
    assert_int_equal(nf_out_text(out, "new text", NULL), NF_OK);
    char *before = folder_read(&f, "a", &n);
    assert_string_equal(before, "old");
    free(before);
    assert_int_equal(nf_out_commit(out, NULL), NF_OK);
    char *after = folder_read(&f, "a", &n);
    assert_string_equal(after, "new text");
    free(after);
    assert_int_equal(folder_count(&f), 1);
    folder_close(&f);
}

static void a_discarded_output_leaves_nothing(void **state)
{
    (void)state;
    folder f;
    nf_out *out;
    folder_open(&f);
    assert_int_equal(nf_out_open(&out, folder_file(&f, "a"), NULL), NF_OK);
    assert_int_equal(nf_out_text(out, "text", NULL), NF_OK);
    nf_out_discard(out);
    nf_out_discard(NULL);
    assert_int_equal(folder_count(&f), 0);
    folder_close(&f);
}

static void large_outputs_are_whole(void **state)
{
    (void)state;
    folder f;
    nf_out *out;
    size_t n;
    folder_open(&f);
    assert_int_equal(nf_out_open(&out, folder_file(&f, "a"), NULL), NF_OK);
    for (unsigned i = 0; i < 100000; i++) {
        nf_out_u64(out, i % 10, NULL);
        nf_out_text(out, "23456789", NULL);
    }
    assert_int_equal(nf_out_commit(out, NULL), NF_OK);
    char *text = folder_read(&f, "a", &n);
    assert_int_equal(n, 900000);
    assert_memory_equal(text + 899991, "923456789", 9);
    free(text);
    folder_close(&f);
}

static void a_name_that_ends_in_gz_is_compressed(void **state)
{
    (void)state;
    folder f;
    nf_out *out;
    char text[64];
    folder_open(&f);
    assert_int_equal(nf_out_open(&out, folder_file(&f, "a.gz"), NULL), NF_OK);
    assert_int_equal(nf_out_text(out, "compressed", NULL), NF_OK);
    assert_int_equal(nf_out_commit(out, NULL), NF_OK);
    gzFile file = gzopen(folder_file(&f, "a.gz"), "rb");
    assert_non_null(file);
    assert_int_equal(gzread(file, text, sizeof text), 10);
    assert_int_equal(gzdirect(file), 0);
    assert_memory_equal(text, "compressed", 10);
    gzclose(file);
    assert_int_equal(folder_count(&f), 1);
    folder_close(&f);
}

static void a_first_error_sticks_and_is_one_sentence(void **state)
{
    (void)state;
    nf_out *out;
    nf_error error = {0};
    if (access("/dev/full", W_OK) != 0) {
        print_message("SKIP a_first_error_sticks_and_is_one_sentence: no /dev/full\n");
        skip();
    }
    assert_int_equal(nf_out_open(&out, "/dev/full", NULL), NF_OK);
    nf_status status = NF_OK;
    for (unsigned i = 0; i < 20000 && status == NF_OK; i++)
        status = nf_out_text(out, "twenty bytes of text", NULL);
    assert_int_equal(status, NF_ERR_OUTPUT);
    assert_int_equal(nf_out_text(out, "x", &error), NF_ERR_OUTPUT);
    assert_non_null(strstr(error.message, "cannot write /dev/full"));
    assert_int_equal(nf_out_commit(out, &error), NF_ERR_OUTPUT);
}

static void what_cannot_be_opened_is_an_output_fault(void **state)
{
    (void)state;
    nf_out *out;
    nf_error error = {0};
    assert_int_equal(nf_out_open(&out, "no/such/folder/a", &error), NF_ERR_OUTPUT);
    assert_null(out);
    assert_non_null(strstr(error.message, "no/such/folder/a"));
    assert_int_equal(nf_out_open(&out, "/", &error), NF_ERR_OUTPUT);
    assert_null(out);
}

static void assert_field(const char *field, const char *expected)
{
    folder f;
    nf_out *out;
    size_t n;
    folder_open(&f);
    assert_int_equal(nf_out_open(&out, folder_file(&f, "a"), NULL), NF_OK);
    assert_int_equal(nf_out_csv_field(out, field, NULL), NF_OK);
    assert_int_equal(nf_out_commit(out, NULL), NF_OK);
    char *text = folder_read(&f, "a", &n);
    assert_string_equal(text, expected);
    free(text);
    folder_close(&f);
}

static void csv_fields_are_quoted_where_they_must_be(void **state)
{
    (void)state;
    assert_field("", "");
    assert_field("plain text", "plain text");
    assert_field("a,b", "\"a,b\"");
    assert_field("say \"hi\"", "\"say \"\"hi\"\"\"");
    assert_field("two\nlines", "\"two\nlines\"");
    assert_field("cr\r", "\"cr\r\"");
    assert_field("\xff\xc3\xa4", "\\xff\xc3\xa4");
}

static void doubles_read_back_as_they_were(void **state)
{
    (void)state;
    static const double values[] = {0.0, 1.0, 0.1, 1.0 / 3.0, 7.999999999999999, 1e-300, 1.7976931348623157e308, -2.5, 4e15};
    char text[32];
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        nf_format_double(values[i], text);
        assert_true(strtod(text, NULL) == values[i]);
        assert_true(strlen(text) <= 24);
    }
    nf_format_double(0.1, text);
    assert_string_equal(text, "0.1");
    nf_format_double((double)NAN, text);
    assert_string_equal(text, "null");
    nf_format_double(-(double)INFINITY, text);
    assert_string_equal(text, "null");
}

static void json_is_escaped_and_nested(void **state)
{
    (void)state;
    folder f;
    nf_out *out;
    nf_json json;
    size_t n;
    folder_open(&f);
    assert_int_equal(nf_out_open(&out, folder_file(&f, "a"), NULL), NF_OK);
    nf_json_begin(&json, out);
    nf_json_open_inline(&json, '{');
    nf_json_key(&json, "a\"\\\n\x01\x7f\xff");
    nf_json_open_inline(&json, '[');
    nf_json_text(&json, NULL);
    nf_json_u64(&json, UINT64_MAX);
    nf_json_double(&json, (double)NAN);
    nf_json_bool(&json, true);
    nf_json_open(&json, '{');
    nf_json_close(&json, '}');
    nf_json_close(&json, ']');
    nf_json_open_item(&json, "o", '{');
    nf_json_bool_item(&json, "no", false);
    nf_json_known_u64_item(&json, "known", true, 0);
    nf_json_known_u64_item(&json, "unknown", false, 7);
    nf_json_close(&json, '}');
    nf_json_open_inline_item(&json, "l", '[');
    nf_json_close(&json, ']');
    nf_json_close(&json, '}');
    assert_int_equal(nf_json_end(&json, NULL), NF_OK);
    assert_int_equal(nf_out_commit(out, NULL), NF_OK);
    char *text = folder_read(&f, "a", &n);
    assert_string_equal(text, "{\"a\\\"\\\\\\u000a\\u0001\\u007f\\\\xff\": [null, 18446744073709551615, null, true, {}], "
                              "\"o\": {\"no\": false, \"known\": 0, \"unknown\": null}, \"l\": []}\n");
    free(text);
    folder_close(&f);
}

static void json_that_nests_too_deep_is_refused(void **state)
{
    (void)state;
    nf_out *out;
    nf_json json;
    nf_error error = {0};
    assert_int_equal(nf_out_open(&out, "/dev/null", NULL), NF_OK);
    nf_json_begin(&json, out);
    for (int i = 0; i < 2 * NF_JSON_DEPTH_MAX; i++)
        nf_json_open(&json, '[');
    for (int i = 0; i < 2 * NF_JSON_DEPTH_MAX; i++)
        nf_json_close(&json, ']');
    assert_int_equal(nf_json_end(&json, &error), NF_ERR_INTERNAL);
    nf_out_discard(out);
}

/* The shortest of "%.15g", "%.16g", "%.17g" that reads back. */
static void shortest(double value, char text[32])
{
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(text, 32, "%.*g", digits, value);
        if (strtod(text, NULL) == value)
            return;
    }
}

static void numbers_are_the_shortest_that_read_back(void **state)
{
    (void)state;
    uint64_t x = UINT64_C(88172645463325252);
    static const double chosen[] = {0.0, -0.0, 1.0, 0.1, 1e-4, 9.9999e-5, 1e15, 999999999999999.0, 1e14, 123456.789, 5e-324,
                                    1e308, 0.7613};
    for (int i = 0; i < 300000; i++) {
        double value, mantissa;
        char expected[32], text[32];
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        memcpy(&value, &x, sizeof value);
        mantissa = (double)(x >> 34);
        value = i < 13 ? chosen[i] : i % 3 == 0 ? value : i % 3 == 1 ? mantissa / 1e6 : mantissa / 1e12;
        if (value != value || value - value != 0.0)
            continue;
        shortest(value, expected);
        nf_format_double(value, text);
        assert_string_equal(text, expected);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_seen_before_the_commit),
        cmocka_unit_test(a_discarded_output_leaves_nothing),
        cmocka_unit_test(large_outputs_are_whole),
        cmocka_unit_test(a_name_that_ends_in_gz_is_compressed),
        cmocka_unit_test(a_first_error_sticks_and_is_one_sentence),
        cmocka_unit_test(what_cannot_be_opened_is_an_output_fault),
        cmocka_unit_test(csv_fields_are_quoted_where_they_must_be),
        cmocka_unit_test(doubles_read_back_as_they_were),
        cmocka_unit_test(json_is_escaped_and_nested),
        cmocka_unit_test(json_that_nests_too_deep_is_refused),
        cmocka_unit_test(numbers_are_the_shortest_that_read_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
