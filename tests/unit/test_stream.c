/* Streams: looking ahead, taking, skipping; files and pipes; gzip. */
#include "support/archives.h"

#include "loaders/source/stream.h"
#include "loaders/source/stream_sources.h"

/* A source that gives the bytes of a text three at a time and then a fault or the end. */
typedef struct drip {
    const char *left;
    nf_status last;
    bool closed;
} drip;

static nf_status drip_fill(void *source, const uint8_t **data, size_t *len, nf_error *error)
{
    drip *d = source;
    size_t n = strlen(d->left);
    if (n == 0)
        return d->last == NF_EOF ? NF_EOF : nf_fail(error, d->last, "the drip has stopped");
    *data = (const uint8_t *)d->left;
    *len = n < 3 ? n : 3;
    d->left += *len;
    return NF_OK;
}

static void drip_close(void *source)
{
    ((drip *)source)->closed = true;
}

static const nf_stream_ops drip_ops = {drip_fill, drip_close};

static void peeking_takes_nothing_and_spans_blocks(void **state)
{
    (void)state;
    drip d = {"abcdefghij", NF_EOF, false};
    nf_stream *stream;
    const uint8_t *data;
    size_t got;
    char text[16] = "";
    assert_int_equal(nf_stream_new(&stream, &drip_ops, &d, NULL), NF_OK);
    assert_int_equal(nf_stream_peek(stream, 2, &data, &got, NULL), NF_OK);
    assert_memory_equal(data, "ab", got);
    assert_int_equal(nf_stream_peek(stream, 7, &data, &got, NULL), NF_OK);
    assert_int_equal(got, 7);
    assert_memory_equal(data, "abcdefg", 7);
    assert_int_equal(nf_stream_position(stream), 0);
    assert_int_equal(nf_stream_skip(stream, 2, NULL), NF_OK);
    assert_int_equal(nf_stream_peek(stream, 100, &data, &got, NULL), NF_OK);
    assert_int_equal(got, 8);
    assert_int_equal(nf_stream_read(stream, text, 8, &got, NULL), NF_OK);
    assert_string_equal(text, "cdefghij");
    assert_int_equal(nf_stream_position(stream), 10);
    assert_int_equal(nf_stream_read(stream, text, 1, &got, NULL), NF_EOF);
    assert_int_equal(got, 0);
    assert_int_equal(nf_stream_peek(stream, 1, &data, &got, NULL), NF_OK);
    assert_int_equal(got, 0);
    nf_stream_close(stream);
    assert_true(d.closed);
}

static void a_fault_shows_after_the_bytes_before_it_and_again(void **state)
{
    (void)state;
    drip d = {"abcdefg", NF_ERR_DAMAGED, false};
    nf_stream *stream;
    const uint8_t *data;
    size_t got;
    char text[16];
    nf_error error = {0};
    assert_int_equal(nf_stream_new(&stream, &drip_ops, &d, NULL), NF_OK);
    assert_int_equal(nf_stream_peek(stream, 10, &data, &got, &error), NF_OK);
    assert_int_equal(got, 7);
    assert_int_equal(nf_stream_read(stream, text, 10, &got, &error), NF_ERR_DAMAGED);
    assert_int_equal(got, 7);
    assert_string_equal(error.message, "the drip has stopped");
    assert_int_equal(nf_stream_skip(stream, 1, &error), NF_ERR_DAMAGED);
    nf_stream_close(stream);
}

static void reading_all_stops_at_the_limit(void **state)
{
    (void)state;
    const struct {
        size_t most;
        nf_status last, want;
        size_t len;
    } cases[] = {{10, NF_EOF, NF_OK, 10}, {11, NF_EOF, NF_OK, 10}, {9, NF_EOF, NF_BAD_RECORD, 9}, {0, NF_EOF, NF_BAD_RECORD, 0},
                 {10, NF_ERR_DAMAGED, NF_ERR_DAMAGED, 10}, {20, NF_ERR_DAMAGED, NF_ERR_DAMAGED, 10}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        drip d = {"abcdefghij", cases[i].last, false};
        nf_stream *stream;
        nf_buf all = {0};
        nf_error error = {0};
        assert_int_equal(nf_stream_new(&stream, &drip_ops, &d, NULL), NF_OK);
        assert_int_equal(nf_stream_read_all(stream, cases[i].most, &all, &error), cases[i].want);
        assert_int_equal(all.len, cases[i].len);
        assert_int_equal(nf_stream_position(stream), cases[i].len);
        nf_buf_free(&all);
        nf_stream_close(stream);
    }
}

static void memory_is_given_in_place(void **state)
{
    (void)state;
    nf_stream *stream;
    const uint8_t *data;
    size_t len;
    const char text[] = "hello";
    assert_int_equal(nf_stream_from_memory(&stream, text, 5, NULL), NF_OK);
    assert_int_equal(nf_stream_next(stream, 100, &data, &len, NULL), NF_OK);
    assert_ptr_equal(data, text);
    assert_int_equal(len, 5);
    assert_int_equal(nf_stream_next(stream, 100, &data, &len, NULL), NF_EOF);
    nf_stream_close(stream);
}

/* Gunzips gz; the status at the end, and what came before it. */
static nf_status gunzip(const nf_buf *gz, nf_buf *out)
{
    nf_stream *input, *stream;
    assert_int_equal(nf_stream_from_memory(&input, gz->data, gz->len, NULL), NF_OK);
    assert_int_equal(nf_stream_gunzip(&stream, input, NF_ERR_DAMAGED, NULL), NF_OK);
    nf_status status = nf_stream_read_all(stream, SIZE_MAX, out, NULL);
    nf_stream_close(stream);
    return status;
}

static void gzip_gives_everything_before_a_fault(void **state)
{
    (void)state;
    nf_buf plain = {0}, gz = {0}, out = {0};
    put_noise(&plain, 600000, 1);
    put_zeros(&plain, 600000);
    put_gzip(&gz, plain.data, plain.len);
    assert_int_equal(gunzip(&gz, &out), NF_OK);
    assert_int_equal(out.len, plain.len);
    assert_memory_equal(out.data, plain.data, plain.len);

    gz.data[gz.len - 6] ^= 1; /* the check sum */
    out.len = 0;
    assert_int_equal(gunzip(&gz, &out), NF_ERR_DAMAGED);
    assert_int_equal(out.len, plain.len);
    gz.data[gz.len - 6] ^= 1;

    gz.data[gz.len - 1] ^= 1; /* the length */
    out.len = 0;
    assert_int_equal(gunzip(&gz, &out), NF_ERR_DAMAGED);
    assert_int_equal(out.len, plain.len);
    gz.data[gz.len - 1] ^= 1;

    gz.len = 300000; /* cut */
    out.len = 0;
    assert_int_equal(gunzip(&gz, &out), NF_ERR_DAMAGED);
    assert_in_range(out.len, 290000, 310000);
    assert_memory_equal(out.data, plain.data, out.len);
    nf_buf_free(&plain);
    nf_buf_free(&gz);
    nf_buf_free(&out);
}

static void gzip_members_follow_each_other_and_padding_is_passed_over(void **state)
{
    (void)state;
    nf_buf gz = {0}, out = {0};
    put_gzip(&gz, "one ", 4);
    put_gzip(&gz, "", 0);
    put_zeros(&gz, 700);
    put_gzip(&gz, "two", 3);
    put_zeros(&gz, 1000);
    assert_int_equal(gunzip(&gz, &out), NF_OK);
    assert_int_equal(out.len, 7);
    assert_memory_equal(out.data, "one two", 7);
    put(&gz, "tail", 4);
    out.len = 0;
    assert_int_equal(gunzip(&gz, &out), NF_ERR_DAMAGED);
    assert_int_equal(out.len, 7);
    nf_buf_free(&gz);
    nf_buf_free(&out);
}

static void a_files_digest_does_not_depend_on_what_was_read(void **state)
{
    (void)state;
    char path[64], hex[3][33];
    nf_buf bytes = {0};
    put_noise(&bytes, 1000000, 3);
    make_path(path);
    write_bytes(path, bytes.data, bytes.len);
    for (int i = 0; i < 3; i++) {
        nf_digest digest;
        nf_file *file;
        nf_stream *stream;
        uint8_t last[100];
        size_t got;
        assert_int_equal(nf_digest_init(&digest, NULL), NF_OK);
        assert_int_equal(nf_file_open(&file, path, &digest, 0, false, NULL), NF_OK);
        if (i > 0) {
            assert_int_equal(nf_stream_from_file_range(&stream, file, 700000, 100, NULL), NF_OK);
            assert_int_equal(nf_stream_read(stream, last, 100, &got, NULL), NF_OK);
            assert_memory_equal(last, bytes.data + 700000, 100);
            nf_stream_close(stream);
        }
        if (i > 1) {
            assert_int_equal(nf_file_rewind(file, NULL), NF_OK);
            assert_int_equal(nf_stream_from_file(&stream, file, NULL), NF_OK);
            assert_int_equal(nf_stream_skip(stream, 900000, NULL), NF_OK);
            nf_stream_close(stream);
        }
        assert_int_equal(nf_file_drain(file, NULL, NULL), NF_OK);
        nf_digest_hex(&digest, hex[i]);
        assert_int_equal(digest.bytes, bytes.len);
        nf_file_close(file);
        nf_digest_free(&digest);
    }
    XXH128_canonical_t whole;
    XXH128_canonicalFromHash(&whole, XXH3_128bits(bytes.data, bytes.len));
    char first[3];
    snprintf(first, sizeof first, "%02x", whole.digest[0]);
    assert_memory_equal(hex[0], first, 2);
    assert_string_equal(hex[0], hex[1]);
    assert_string_equal(hex[0], hex[2]);
    unlink(path);
    nf_buf_free(&bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(peeking_takes_nothing_and_spans_blocks),
        cmocka_unit_test(a_fault_shows_after_the_bytes_before_it_and_again),
        cmocka_unit_test(reading_all_stops_at_the_limit),
        cmocka_unit_test(memory_is_given_in_place),
        cmocka_unit_test(gzip_gives_everything_before_a_fault),
        cmocka_unit_test(gzip_members_follow_each_other_and_padding_is_passed_over),
        cmocka_unit_test(a_files_digest_does_not_depend_on_what_was_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
