/* Members taken out of a zip as they are stored: unpacked they are what the streams give, and so are their faults. */
#include "support/archives.h"

#include "loaders/source/packed.h"
#include "loaders/source/walker.h"

typedef struct member {
    nf_status status;
    char sentence[sizeof((nf_error *)NULL)->message];
    bool was_packed;
    nf_buf data; /* where status is NF_OK */
} member;

enum { MEMBERS_MAX = 40 };

typedef struct members {
    member items[MEMBERS_MAX];
    size_t n;
    char digest[33];
} members;

static void take(nf_entries *entries, nf_unpacker *unpacker, bool packed, member *to)
{
    nf_error fault = {0};
    nf_buf stored = {0};
    nf_packed how = {0};
    const uint8_t *data;
    size_t len;
    to->status = nf_stream_peek(nf_entries_data(entries), 512, &data, &len, &fault);
    assert_int_equal(to->status, NF_OK);
    if (packed)
        to->status = nf_entries_packed(entries, &stored, &how, &fault);
    to->was_packed = how.is_packed;
    if (to->status == NF_OK && how.is_packed) {
        to->status = nf_unpack(unpacker, stored.data, stored.len, &how, &data, &len, &fault);
        if (to->status == NF_OK)
            put(&to->data, data, len);
    } else if (to->status == NF_OK) {
        assert_int_equal(stored.len, 0);
        to->status = nf_stream_read_all(nf_entries_data(entries), SIZE_MAX, &to->data, &fault);
    }
    memcpy(to->sentence, fault.message, sizeof to->sentence);
    nf_buf_free(&stored);
}

static void walk_members(const char *path, bool packed, members *all)
{
    nf_entries *entries;
    nf_entry entry;
    nf_unpacker *unpacker;
    nf_status status;
    *all = (members){0};
    if (nf_entries_open(&entries, path, NULL) != NF_OK)
        return;
    assert_int_equal(nf_unpacker_new(&unpacker, NULL), NF_OK);
    while ((status = nf_entries_next(entries, &entry, NULL)) == NF_OK || status == NF_BAD_RECORD)
        if (status == NF_OK && entry.kind == NF_ENTRY_FILE && all->n < MEMBERS_MAX)
            take(entries, unpacker, packed, &all->items[all->n++]);
    (void)nf_entries_finish(entries, NULL);
    memcpy(all->digest, nf_entries_info(entries)->digest, sizeof all->digest);
    nf_unpacker_free(unpacker);
    nf_entries_close(entries);
}

static void free_members(members *all)
{
    for (size_t i = 0; i < all->n; i++)
        nf_buf_free(&all->items[i].data);
}

static void assert_same(const members *one, const members *other)
{
    assert_int_equal(one->n, other->n);
    assert_string_equal(one->digest, other->digest);
    for (size_t i = 0; i < one->n; i++) {
        const member *a = &one->items[i], *b = &other->items[i];
        assert_int_equal(a->status, b->status);
        if (a->status != NF_OK) {
            assert_string_equal(a->sentence, b->sentence);
            continue;
        }
        assert_int_equal(a->data.len, b->data.len);
        if (a->data.len > 0)
            assert_memory_equal(a->data.data, b->data.data, a->data.len);
    }
}

/* Walks the bytes in both ways, holds them against each other and leaves the packed one, to be freed. */
static members both_ways(const nf_buf *bytes)
{
    char path[64];
    members packed, streamed;
    make_path(path);
    write_bytes(path, bytes->data, bytes->len);
    walk_members(path, true, &packed);
    walk_members(path, false, &streamed);
    unlink(path);
    assert_same(&packed, &streamed);
    free_members(&streamed);
    return packed;
}

/* The first bytes that a walk shows are those that the whole, inflated from its start, begins with. */
static void same_heads(const char *path)
{
    nf_entries *entries;
    nf_entry entry;
    nf_place place;
    nf_file *file;
    nf_stream *whole;
    const uint8_t *shown, *first;
    size_t n_shown, n_first;
    assert_int_equal(nf_entries_open(&entries, path, NULL), NF_OK);
    assert_int_equal(nf_file_open(&file, path, NULL, 0, false, NULL), NF_OK);
    if (nf_entries_next(entries, &entry, NULL) == NF_OK && nf_entries_place(entries, &place)) {
        assert_int_equal(nf_zip_range_data(&whole, file, &place.range, NULL), NF_OK);
        assert_int_equal(nf_stream_peek(nf_entries_data(entries), 512, &shown, &n_shown, NULL), NF_OK);
        assert_int_equal(nf_stream_peek(whole, 512, &first, &n_first, NULL), NF_OK);
        assert_int_equal(n_shown, n_first);
        if (n_shown > 0)
            assert_memory_equal(shown, first, n_shown);
        nf_stream_close(whole);
    }
    nf_entries_close(entries);
    nf_file_close(file);
}

static const zip_options stored = {0}, deflated = {.deflate = true}, descriptor = {.deflate = true, .flags = 8};
enum { KINDS = 3 };

static zip_options kind(int i)
{
    return i % KINDS == 0 ? stored : i % KINDS == 1 ? deflated : descriptor;
}

/* Members of many sizes, in part noise and in part what compresses. */
static void put_members(zip_maker *zip)
{
    static const size_t sizes[] = {0, 1, 2, 511, 512, 513, 2500, 100 << 10, 600 << 10};
    int n = 0;
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
        for (int k = 0; k < KINDS; k++) {
            nf_buf data = {0};
            char name[32];
            snprintf(name, sizeof name, "d/%d.jpg", n++);
            put_noise(&data, sizes[i] / 2, (uint32_t)n);
            put_zeros(&data, sizes[i] - sizes[i] / 2);
            put_zip(zip, name, data.data, data.len, kind(k));
            nf_buf_free(&data);
        }
    put_zip_end(zip);
}

static void every_size_and_method_unpacks(void **state)
{
    (void)state;
    for (int zip64 = 0; zip64 < 2; zip64++) {
        zip_maker zip = {.zip64 = zip64 == 1};
        put_members(&zip);
        members all = both_ways(&zip.all);
        assert_int_equal(all.n, 9 * KINDS);
        for (size_t i = 0; i < all.n; i++) {
            assert_int_equal(all.items[i].status, NF_OK);
            assert_true(all.items[i].was_packed);
        }
        assert_int_equal(all.items[all.n - 1].data.len, 600 << 10);
        free_members(&all);
        nf_buf_free(&zip.all);
    }
}

static void damage_is_told_as_by_the_streams(void **state)
{
    (void)state;
    uint32_t random = 7;
    size_t n_damaged = 0, n_whole = 0;
    for (int round = 0; round < 400; round++) {
        zip_maker zip = {.zip64 = round % 5 == 0};
        for (int i = 0; i < 6; i++) {
            nf_buf data = {0};
            char name[32];
            snprintf(name, sizeof name, "d/%d.jpg", i);
            put_noise(&data, 700, (uint32_t)(round + i));
            put_zeros(&data, (size_t)(i % 3) * 3000);
            put_zip(&zip, name, data.data, data.len, kind(i));
            nf_buf_free(&data);
        }
        put_zip_end(&zip);
        for (int hit = 0; hit < 1 + round % 6; hit++) {
            random = random * 1664525u + 1013904223u;
            zip.all.data[(random >> 4) % zip.all.len] ^= (uint8_t)(1u << (random >> 29));
        }
        if (round % 7 == 0)
            zip.all.len -= zip.all.len / 400 * (size_t)(round % 300);
        members all = both_ways(&zip.all);
        for (size_t i = 0; i < all.n; i++) {
            n_damaged += all.items[i].was_packed && all.items[i].status != NF_OK;
            n_whole += all.items[i].was_packed && all.items[i].status == NF_OK;
        }
        free_members(&all);
        nf_buf_free(&zip.all);
    }
    assert_true(n_damaged > 300 && n_whole > 300);
}

/* One deflated member whose records tell another size and check sum than its data have. */
static members declared(size_t size, uint32_t crc_change, bool whole)
{
    zip_maker zip = {0};
    nf_buf data = {0}, packed = {0};
    put_noise(&data, 3000, 1);
    put_deflated(&packed, data.data, data.len, -15);
    if (!whole)
        packed.len -= 5;
    uint32_t crc = (uint32_t)crc32_z(0, data.data, data.len) ^ crc_change;
    const zip_options o = deflated;
    put(&zip.all, "PK\3\4", 4);
    put_zip_fields(&zip.all, &zip, &o, crc, packed.len, size, "a.jpg", 0);
    put(&zip.all, "a.jpg", 5);
    put(&zip.all, packed.data, packed.len);
    put(&zip.central, "PK\1\2", 4);
    put_le(&zip.central, 0x031e, 2);
    put_zip_fields(&zip.central, &zip, &o, crc, packed.len, size, "a.jpg", 0);
    put_le(&zip.central, 0, 2 + 2 + 2 + 4 + 4);
    put(&zip.central, "a.jpg", 5);
    zip.n = 1;
    put_zip_end(&zip);
    members all = both_ways(&zip.all);
    nf_buf_free(&zip.all);
    nf_buf_free(&data);
    nf_buf_free(&packed);
    assert_int_equal(all.n, 1);
    return all;
}

static void what_is_declared_is_held(void **state)
{
    (void)state;
    const struct {
        size_t size;
        uint32_t crc_change;
        bool whole;
        const char *sentence; /* NULL: all is well */
    } cases[] = {
        {3000, 0, true, NULL},
        {3000, 1, true, "check sum"},
        {3001, 0, true, "instead of the declared"},
        {2999, 0, true, "more data than the declared"},
        {0, 0, true, "more data than the declared"},
        {3000, 0, false, "cut short"},
        {NF_PACKED_BYTES_MAX, 0, true, "instead of the declared"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        members all = declared(cases[i].size, cases[i].crc_change, cases[i].whole);
        assert_true(all.items[0].was_packed);
        assert_int_equal(all.items[0].status, cases[i].sentence == NULL ? NF_OK : NF_BAD_RECORD);
        if (cases[i].sentence != NULL)
            assert_non_null(strstr(all.items[0].sentence, cases[i].sentence));
        free_members(&all);
    }
}

static void what_is_declared_large_comes_by_the_stream(void **state)
{
    (void)state;
    members all = declared((size_t)NF_PACKED_BYTES_MAX + 1, 0, true);
    assert_false(all.items[0].was_packed);
    assert_int_equal(all.items[0].status, NF_BAD_RECORD);
    free_members(&all);
}

static void what_is_compressed_once_more_comes_by_the_stream(void **state)
{
    (void)state;
    zip_maker zip = {0}, inner = {0};
    nf_buf gz = {0}, tar = {0};
    put_gzip(&gz, "hello", 5);
    put_zip(&zip, "a.jpg.gz", gz.data, gz.len, deflated);
    put_zip(&inner, "b.jpg", "12345", 5, deflated);
    put_zip_end(&inner);
    put_zip(&zip, "inner.zip", inner.all.data, inner.all.len, stored);
    put_zip_end(&zip);
    members all = both_ways(&zip.all);
    assert_int_equal(all.n, 2);
    for (size_t i = 0; i < 2; i++) {
        assert_false(all.items[i].was_packed);
        assert_int_equal(all.items[i].status, NF_OK);
        assert_int_equal(all.items[i].data.len, 5);
    }
    free_members(&all);
    put_tar(&tar, "c.jpg", '0', "12345", 5);
    put_tar_end(&tar);
    all = both_ways(&tar);
    assert_int_equal(all.n, 1);
    assert_false(all.items[0].was_packed);
    free_members(&all);
    nf_buf_free(&zip.all);
    nf_buf_free(&inner.all);
    nf_buf_free(&gz);
    nf_buf_free(&tar);
}

/* Whatever a member's first bytes are damaged to. */
static void damage_at_the_start_is_told_as_by_the_streams(void **state)
{
    (void)state;
    for (int round = 0; round < 1500; round++) {
        zip_maker zip = {0};
        nf_buf data = {0};
        put_noise(&data, 300, 5);
        put_zeros(&data, 300);
        put_noise(&data, 300, 6);
        put_zip(&zip, "a.jpg", data.data, data.len, deflated);
        put_zip_end(&zip);
        zip.all.data[35 + round / 8] ^= (uint8_t)(1u << round % 8);
        char path[64];
        make_path(path);
        write_bytes(path, zip.all.data, zip.all.len);
        same_heads(path);
        unlink(path);
        members all = both_ways(&zip.all);
        free_members(&all);
        nf_buf_free(&zip.all);
        nf_buf_free(&data);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_size_and_method_unpacks),
        cmocka_unit_test(damage_is_told_as_by_the_streams),
        cmocka_unit_test(what_is_declared_is_held),
        cmocka_unit_test(what_is_declared_large_comes_by_the_stream),
        cmocka_unit_test(what_is_compressed_once_more_comes_by_the_stream),
        cmocka_unit_test(damage_at_the_start_is_told_as_by_the_streams),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
