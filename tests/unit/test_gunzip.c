/* Gunzip, held against zlib: members whole, cut and damaged, with every kind of block and header, in pieces of any size. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <setjmp.h>
#include <cmocka.h>
#include <zlib.h>

#include "base/buf.h"
#include "loaders/source/stream_sources.h"
#include "sample/random.h"

/* --- input in pieces --- */

typedef struct pieces {
    const uint8_t *bytes;
    size_t n, piece, at;
    uint8_t *copy; /* of one piece alone, so that reading beside it is seen */
} pieces;

static nf_status pieces_fill(void *source, const uint8_t **data, size_t *len, nf_error *error)
{
    pieces *from = source;
    (void)error;
    free(from->copy);
    from->copy = NULL;
    *len = from->n - from->at < from->piece ? from->n - from->at : from->piece;
    if (*len == 0)
        return NF_EOF;
    from->copy = malloc(*len);
    assert_non_null(from->copy);
    memcpy(from->copy, from->bytes + from->at, *len);
    from->at += *len;
    *data = from->copy;
    return NF_OK;
}

static void pieces_close(void *source)
{
    free(((pieces *)source)->copy);
    free(source);
}

static nf_status gunzip(const nf_buf *gz, size_t piece, nf_buf *out, nf_error *error)
{
    static const nf_stream_ops ops = {pieces_fill, pieces_close};
    pieces *from = calloc(1, sizeof *from);
    nf_stream *input, *stream;
    assert_non_null(from);
    *from = (pieces){.bytes = gz->data, .n = gz->len, .piece = piece};
    assert_int_equal(nf_stream_new(&input, &ops, from, NULL), NF_OK);
    assert_int_equal(nf_stream_gunzip(&stream, input, NF_ERR_DAMAGED, NULL), NF_OK);
    out->len = 0;
    nf_status status = nf_stream_read_all(stream, SIZE_MAX, out, error);
    nf_stream_close(stream);
    return status;
}

/* --- the same by zlib --- */

static bool zlib_gunzip(const nf_buf *gz, nf_buf *out)
{
    z_stream z = {.next_in = gz->data, .avail_in = (uInt)gz->len};
    int result;
    assert_int_equal(inflateInit2(&z, 15 + 16), Z_OK);
    out->len = 0;
    do {
        assert_int_equal(nf_buf_reserve(out, 1 << 16, NULL), NF_OK);
        z.next_out = out->data + out->len;
        z.avail_out = 1 << 16;
        result = inflate(&z, Z_NO_FLUSH);
        out->len += (1 << 16) - z.avail_out;
    } while (result == Z_OK);
    inflateEnd(&z);
    return result == Z_STREAM_END && z.avail_in == 0;
}

/* --- what is compressed --- */

enum { LITERALS_A_STEP = 3, MATCH_BYTES_MAX = 258 }; /* ISA-L decodes so many literals at once, or none of them */

enum { NOISE, SMOOTH, SAME, WORDS, DISTANT, KINDS }; /* zlib.h has a FAR */

static void put_content(nf_buf *buf, int kind, size_t n)
{
    nf_random random = nf_random_seeded((uint64_t)kind + n);
    assert_int_equal(nf_buf_reserve(buf, n + 1, NULL), NF_OK);
    for (size_t i = 0; i < n; i++) {
        uint64_t drawn = nf_random_next(&random);
        uint8_t *at = buf->data + i;
        switch (kind) {
        case NOISE:
            *at = (uint8_t)drawn;
            break;
        case SMOOTH:
            *at = (uint8_t)(i / 50 + drawn % 20);
            break;
        case SAME:
            *at = 0;
            break;
        case WORDS:
            *at = (uint8_t) "the quick brown fox "[(i + drawn / 7 % 2 * 4) % 20];
            break;
        default: /* repeats from nearly as far back as deflate reaches */
            *at = i < 32700 ? (uint8_t)drawn : drawn % 97 == 0 ? (uint8_t)drawn : at[-32700];
        }
    }
    buf->len = n;
}

static void put_member(nf_buf *gz, const nf_buf *plain, int level, int strategy, gz_header *header)
{
    z_stream z = {0};
    assert_int_equal(deflateInit2(&z, level, Z_DEFLATED, 15 + 16, 8, strategy), Z_OK);
    if (header != NULL)
        assert_int_equal(deflateSetHeader(&z, header), Z_OK);
    size_t bound = deflateBound(&z, plain->len) + 70000;
    assert_int_equal(nf_buf_reserve(gz, bound, NULL), NF_OK);
    z.next_in = plain->data;
    z.avail_in = (uInt)plain->len;
    z.next_out = gz->data + gz->len;
    z.avail_out = (uInt)bound;
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    gz->len += z.total_out;
    deflateEnd(&z);
}

typedef struct content {
    nf_buf plain, gz, ours, theirs;
} content;

static void make(content *made, int kind, size_t n, int level, int strategy)
{
    *made = (content){0};
    put_content(&made->plain, kind, n);
    put_member(&made->gz, &made->plain, level, strategy, NULL);
}

static void drop(content *made)
{
    nf_buf_free(&made->plain);
    nf_buf_free(&made->gz);
    nf_buf_free(&made->ours);
    nf_buf_free(&made->theirs);
}

/* --- tests --- */

static void whole_members_come_out_as_they_went_in(void **state)
{
    static const int strategies[] = {Z_DEFAULT_STRATEGY, Z_HUFFMAN_ONLY, Z_RLE, Z_FIXED};
    static const size_t sizes[] = {0, 1, 300, 65536, 262144, 262145, 900001};
    static const size_t blocks[] = {1, 9, 4096, 1 << 20};
    (void)state;
    for (int kind = 0; kind < KINDS; kind++)
        for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
            content c;
            make(&c, kind, sizes[i], (int)(i + (size_t)kind) % 10, strategies[(i + (size_t)kind) % 4]);
            for (size_t b = sizes[i] > 70000; b < sizeof blocks / sizeof blocks[0]; b++) {
                assert_int_equal(gunzip(&c.gz, blocks[b], &c.ours, NULL), NF_OK);
                assert_int_equal(c.ours.len, c.plain.len);
                assert_memory_equal(c.ours.data, c.plain.data, c.plain.len);
            }
            drop(&c);
        }
}

static void members_end_anywhere_in_a_piece(void **state)
{
    (void)state;
    for (size_t n = 0; n < 200; n += 7) {
        content c = {0};
        nf_buf all = {0};
        for (int member = 0; member < 6; member++) {
            put_content(&c.plain, member % KINDS, n + (size_t)member);
            put_member(&c.gz, &c.plain, member + 1, Z_DEFAULT_STRATEGY, NULL);
            assert_int_equal(nf_buf_append(&all, c.plain.data, c.plain.len, NULL), NF_OK);
            for (int zeros = 0; zeros < member * 3 && member != 4; zeros++)
                assert_int_equal(nf_buf_append(&c.gz, "", 1, NULL), NF_OK);
        }
        for (size_t piece = 1; piece < 40; piece++) {
            assert_int_equal(gunzip(&c.gz, piece, &c.ours, NULL), NF_OK);
            assert_int_equal(c.ours.len, all.len);
            assert_memory_equal(c.ours.data, all.data, all.len);
        }
        nf_buf_free(&all);
        drop(&c);
    }
}

static void headers_may_hold_anything(void **state)
{
    (void)state;
    uint8_t extra[1000], name[] = "a name", comment[] = "";
    memset(extra, 7, sizeof extra);
    for (unsigned mask = 0; mask < 16; mask++) {
        content c = {0};
        gz_header header = {.text = 1, .time = 5, .os = 3, .hcrc = (mask & 8) != 0};
        header.extra = (mask & 1) ? extra : NULL;
        header.extra_len = sizeof extra;
        header.name = (mask & 2) ? name : NULL;
        header.comment = (mask & 4) ? comment : NULL;
        put_content(&c.plain, WORDS, 5000);
        put_member(&c.gz, &c.plain, 6, Z_DEFAULT_STRATEGY, &header);
        for (size_t piece = 1; piece < 5000; piece = piece * 3 + 1) {
            assert_int_equal(gunzip(&c.gz, piece, &c.ours, NULL), NF_OK);
            assert_int_equal(c.ours.len, c.plain.len);
        }
        if (mask & 8) { /* its check sum is held, with the first byte of what it is of */
            nf_error error = {0};
            c.gz.data[4] ^= 1;
            assert_int_equal(gunzip(&c.gz, 100, &c.ours, &error), NF_ERR_DAMAGED);
            assert_int_equal(c.ours.len, 0);
            assert_non_null(strstr(error.message, "header"));
        }
        drop(&c);
    }
}

static void a_fault_has_a_sentence_of_its_own(void **state)
{
    static const struct {
        int from_end;
        size_t at;
        uint8_t flip;
        const char *says;
    } faults[] = {
        {0, 0, 1, "no gzip header"},       {0, 1, 1, "no gzip header"},          {0, 2, 1, "unknown kind"},
        {0, 3, 0x20, "unknown kind"},      {0, 10, 0x06, "impossible header"},   {1, 8, 1, "check sum is wrong"},
        {1, 5, 0x80, "check sum is wrong"}, {1, 4, 1, "length is wrong"},         {1, 1, 0x80, "length is wrong"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
        content c;
        nf_error error = {0};
        make(&c, NOISE, 3000, 0, Z_DEFAULT_STRATEGY);
        c.gz.data[faults[i].from_end ? c.gz.len - faults[i].at : faults[i].at] ^= faults[i].flip;
        assert_int_equal(gunzip(&c.gz, 500, &c.ours, &error), NF_ERR_DAMAGED);
        assert_non_null(strstr(error.message, faults[i].says));
        assert_int_equal(c.ours.len, faults[i].from_end ? 3000 : 0);
        drop(&c);
    }
}

/* All that zlib gives but for the last `missing` bytes at most, and nothing behind it. */
static void assert_nearly_as_much(const content *c, size_t missing)
{
    assert_true(c->ours.len + missing >= c->theirs.len);
    assert_true(c->ours.len <= c->theirs.len);
    assert_true(c->ours.len == 0 || memcmp(c->ours.data, c->theirs.data, c->ours.len) == 0);
}

static void cut_anywhere_all_before_the_cut_is_given(void **state)
{
    (void)state;
    for (int kind = 0; kind < KINDS; kind++) {
        content c;
        make(&c, kind, 3000, kind == NOISE ? 0 : 6, kind == SAME ? Z_FIXED : Z_DEFAULT_STRATEGY);
        size_t whole = c.gz.len;
        for (c.gz.len = 0; c.gz.len < whole; c.gz.len++) {
            nf_error error = {0};
            assert_int_equal(gunzip(&c.gz, 1 + c.gz.len % 97, &c.ours, &error), NF_ERR_DAMAGED);
            assert_non_null(strstr(error.message, "cut short"));
            assert_false(zlib_gunzip(&c.gz, &c.theirs));
            assert_nearly_as_much(&c, LITERALS_A_STEP);
        }
        drop(&c);
    }
}

/* Where zlib sees a fault it is seen; what neither sees is the check sum's. */
static void damaged_anywhere_the_same_comes_out_as_of_zlib(void **state)
{
    (void)state;
    nf_random random = nf_random_seeded(1);
    for (int kind = 0; kind < KINDS; kind++) {
        content c;
        make(&c, kind, 120000, 6, Z_DEFAULT_STRATEGY);
        for (int run = 0; run < 200; run++) {
            size_t at = 10 + (size_t)nf_random_next(&random) % (c.gz.len - 10);
            uint8_t bit = (uint8_t)(1u << nf_random_next(&random) % 8);
            c.gz.data[at] ^= bit;
            bool good = zlib_gunzip(&c.gz, &c.theirs);
            assert_int_equal(gunzip(&c.gz, 5000, &c.ours, NULL), good ? NF_OK : NF_ERR_DAMAGED);
            assert_nearly_as_much(&c, LITERALS_A_STEP + MATCH_BYTES_MAX);
            c.gz.data[at] ^= bit;
        }
        drop(&c);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_members_come_out_as_they_went_in),
        cmocka_unit_test(members_end_anywhere_in_a_piece),
        cmocka_unit_test(headers_may_hold_anything),
        cmocka_unit_test(a_fault_has_a_sentence_of_its_own),
        cmocka_unit_test(cut_anywhere_all_before_the_cut_is_given),
        cmocka_unit_test(damaged_anywhere_the_same_comes_out_as_of_zlib),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
