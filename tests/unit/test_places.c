/* Members that are had again, out of order: the same bytes as in passing, or a clear fault. */
#include "support/archives.h"

#include <dirent.h>
#include <fcntl.h>
#include <malloc.h>
#include <sys/stat.h>

#include "loaders/source/places.h"

static const zip_options stored = {0}, deflated = {.deflate = true}, descriptor = {.deflate = true, .flags = 8};

/* --- a folder of files --- */

typedef struct tree {
    char path[64], file[512];
} tree;

static void tree_open(tree *t)
{
    snprintf(t->path, sizeof t->path, "/tmp/nofade-places-XXXXXX");
    assert_non_null(mkdtemp(t->path));
}

static const char *tree_file(tree *t, const char *name)
{
    snprintf(t->file, sizeof t->file, "%s/%s", t->path, name);
    return t->file;
}

static void tree_remove(const char *path)
{
    DIR *directory = opendir(path);
    char inner[1024];
    if (directory == NULL) {
        unlink(path);
        return;
    }
    for (const struct dirent *item; (item = readdir(directory)) != NULL;)
        if (strcmp(item->d_name, ".") != 0 && strcmp(item->d_name, "..") != 0) {
            snprintf(inner, sizeof inner, "%s/%s", path, item->d_name);
            tree_remove(inner);
        }
    closedir(directory);
    rmdir(path);
}

static void put_member(zip_maker *zip, const char *name, size_t n_bytes, uint32_t seed, zip_options options)
{
    nf_buf data = {0};
    put_noise(&data, n_bytes, seed);
    put_zeros(&data, n_bytes);
    put_zip(zip, name, data.data, data.len, options);
    nf_buf_free(&data);
}

static void write_zip(zip_maker *zip, const char *path)
{
    put_zip_end(zip);
    write_bytes(path, zip->all.data, zip->all.len);
    nf_buf_free(&zip->all);
}

/* --- a walk that notes places, and what they give afterwards --- */

typedef struct noted {
    nf_places *places;
    nf_buf names;     /* NUL-terminated, one after the other */
    nf_buf sums;      /* (n,) uint32_t: of the data in passing */
    unsigned n, n_without; /* entries with a place; files without one */
    char digest[33];
} noted;

/* 0 where the data do not come whole. */
static uint32_t sum_of(nf_stream *data)
{
    nf_buf all = {0};
    nf_status status = nf_stream_read_all(data, SIZE_MAX, &all, NULL);
    uint32_t sum = status == NF_OK ? (uint32_t)crc32_z(1, all.data, all.len) : 0;
    nf_buf_free(&all);
    return sum;
}

/* Opens each key noted so far, while the walk stands where it stands. */
static void open_some(noted *n)
{
    nf_stream *data;
    const char *name = (const char *)n->names.data;
    for (unsigned i = 0; i < n->n; i++, name += strlen(name) + 1)
        if (i % 3 == 0 && nf_places_open(n->places, name, strlen(name), &data, NULL) == NF_OK)
            nf_stream_skip(data, 5, NULL);
}

static void note_entry(noted *n, nf_entries *entries, const nf_entry *entry, bool disturb)
{
    nf_place place;
    nf_error error;
    if (!nf_entries_place(entries, &place)) {
        n->n_without += entry->kind == NF_ENTRY_FILE;
        return;
    }
    assert_int_equal(entry->kind, NF_ENTRY_FILE);
    if (nf_places_has(n->places, entry->path, strlen(entry->path))) /* a path that came before */
        return;
    assert_int_equal(nf_places_add(n->places, entry->path, strlen(entry->path), &place, &error), NF_OK);
    if (disturb)
        open_some(n);
    uint32_t sum = sum_of(nf_entries_data(entries));
    put(&n->names, entry->path, strlen(entry->path) + 1);
    put(&n->sums, &sum, sizeof sum);
    n->n++;
}

static noted note(const char *path, bool disturb)
{
    noted n = {0};
    nf_entries *entries;
    nf_entry entry;
    nf_status status;
    assert_int_equal(nf_places_new(&n.places, NULL), NF_OK);
    if (nf_entries_open(&entries, path, NULL) != NF_OK)
        return n;
    while ((status = nf_entries_next(entries, &entry, NULL)) == NF_OK || status == NF_BAD_RECORD)
        if (status == NF_OK)
            note_entry(&n, entries, &entry, disturb);
    assert_false(nf_entries_place(entries, &(nf_place){0}));
    nf_entries_finish(entries, NULL);
    snprintf(n.digest, sizeof n.digest, "%s", nf_entries_info(entries)->digest);
    nf_entries_close(entries);
    assert_int_equal(nf_places_count(n.places), n.n);
    return n;
}

static void noted_free(noted *n)
{
    nf_places_free(n->places);
    nf_buf_free(&n->names);
    nf_buf_free(&n->sums);
}

static const char *name_of(const noted *n, unsigned i)
{
    const char *name = (const char *)n->names.data;
    for (; i > 0; i--)
        name += strlen(name) + 1;
    return name;
}

/* Every place gives what came in passing, whole or not, in an order that jumps. */
static void assert_same_again(const noted *n)
{
    for (unsigned i = 0; i < 2 * n->n; i++) {
        unsigned k = (i * 7919u + 3) % n->n;
        const char *name = name_of(n, k);
        nf_stream *data;
        nf_error error = {0};
        uint32_t sum, before;
        memcpy(&before, n->sums.data + k * sizeof before, sizeof before);
        assert_true(nf_places_has(n->places, name, strlen(name)));
        nf_status status = nf_places_open(n->places, name, strlen(name), &data, &error);
        sum = status == NF_OK ? sum_of(data) : 0;
        if (sum != before)
            fail_msg("%s: %08x, before %08x %s", name, (unsigned)sum, (unsigned)before, error.message);
    }
}

static void assert_refused(const noted *n, const char *key, nf_status wanted, const char *sentence)
{
    nf_stream *data;
    nf_error error = {0};
    nf_status status = nf_places_open(n->places, key, strlen(key), &data, &error);
    if (status == NF_OK) {
        nf_buf all = {0};
        status = nf_stream_read_all(data, SIZE_MAX, &all, &error);
        nf_buf_free(&all);
    } else {
        assert_null(data);
    }
    assert_int_equal(status, wanted);
    if (strstr(error.message, sentence) == NULL)
        fail_msg("\"%s\" lacks \"%s\"", error.message, sentence);
}

/* --- the tests --- */

static void members_of_every_kind_of_zip_come_again(void **state)
{
    (void)state;
    const zip_options options[] = {stored, deflated, descriptor, deflated};
    tree t;
    tree_open(&t);
    for (size_t kind = 0; kind < 4; kind++) {
        zip_maker zip = {.zip64 = kind == 3};
        char name[32];
        put_zip(&zip, "maps/", "", 0, stored);
        for (uint32_t i = 0; i < 20; i++) {
            snprintf(name, sizeof name, "maps/%u.png", (unsigned)i);
            put_member(&zip, name, i == 7 ? 400000 : 50 * i, i, options[kind]);
        }
        put_zip(&zip, "link", "maps/1.png", 10, (zip_options){.unix_mode = S_IFLNK | 0777});
        put_zip(&zip, "secret", "xxxxx", 5, (zip_options){.flags = 1});
        write_zip(&zip, tree_file(&t, "x.zip"));
        noted n = note(t.file, false);
        assert_int_equal(n.n, 20);
        assert_int_equal(n.n_without, 1);
        assert_same_again(&n);
        assert_refused(&n, "maps/20.png", NF_EOF, "");
        noted_free(&n);
    }
    tree_remove(t.path);
}

static void files_of_a_directory_and_zips_in_it_come_again(void **state)
{
    (void)state;
    tree t;
    char name[64];
    tree_open(&t);
    for (int i = 0; i < 6; i++) { /* more zips than are kept open */
        zip_maker zip = {0};
        snprintf(name, sizeof name, "d%d", i);
        mkdir(tree_file(&t, name), 0700);
        for (uint32_t k = 0; k < 5; k++) {
            snprintf(name, sizeof name, "%u", (unsigned)k);
            put_member(&zip, name, 1000, (uint32_t)i * 5 + k, deflated);
        }
        snprintf(name, sizeof name, "d%d/m.zip", i);
        write_zip(&zip, tree_file(&t, name));
        snprintf(name, sizeof name, "d%d/file", i);
        write_bytes(tree_file(&t, name), name, strlen(name));
    }
    write_bytes(tree_file(&t, "empty"), "", 0);
    assert_int_equal(symlink("d0/file", tree_file(&t, "link")), 0);
    noted plain = note(t.path, false);
    noted n = note(t.path, true);
    assert_int_equal(n.n, 6 * 6 + 2);
    assert_int_equal(n.n_without, 0);
    assert_same_again(&n);
    assert_string_equal(n.digest, plain.digest);
    noted_free(&n);
    noted_free(&plain);
    tree_remove(t.path);
}

static void one_file_comes_again(void **state)
{
    (void)state;
    tree t;
    tree_open(&t);
    write_bytes(tree_file(&t, "map.bin"), "some bytes", 10);
    noted n = note(t.file, false);
    assert_int_equal(n.n, 1);
    assert_same_again(&n);
    noted_free(&n);
    tree_remove(t.path);
}

static void opening_places_during_a_walk_leaves_its_digest_alone(void **state)
{
    (void)state;
    tree t;
    zip_maker zip = {0};
    char name[32];
    tree_open(&t);
    for (uint32_t i = 0; i < 40; i++) {
        snprintf(name, sizeof name, "%u.png", (unsigned)i);
        put_member(&zip, name, 3000 * (i % 5), i, i % 2 ? stored : deflated);
    }
    write_zip(&zip, tree_file(&t, "x.zip"));
    noted plain = note(t.file, false), disturbed = note(t.file, true);
    assert_string_equal(disturbed.digest, plain.digest);
    assert_int_equal(disturbed.sums.len, plain.sums.len);
    assert_memory_equal(disturbed.sums.data, plain.sums.data, plain.sums.len);
    noted_free(&plain);
    noted_free(&disturbed);
    tree_remove(t.path);
}

static void what_only_passes_by_has_no_place(void **state)
{
    (void)state;
    tree t;
    nf_buf tar = {0}, packed = {0};
    tree_open(&t);
    put_tar_of(&tar, 3);
    put_gzip(&packed, tar.data, tar.len);
    zip_maker inner = {0}, outer = {0};
    put_member(&inner, "deep", 100, 1, deflated);
    put_zip_end(&inner);
    put_zip(&outer, "inner.zip", inner.all.data, inner.all.len, stored);
    put_zip(&outer, "packed.gz", packed.data, packed.len, stored);
    put_zip(&outer, "t.tar", tar.data, tar.len, deflated);
    put_zip(&outer, "beside", "x", 1, stored);
    write_bytes(tree_file(&t, "a.tar"), tar.data, tar.len);
    write_bytes(tree_file(&t, "a.gz"), packed.data, packed.len);
    write_zip(&outer, tree_file(&t, "a.zip"));
    const char *const sources[] = {"a.tar", "a.gz", "a.zip", ""};
    const unsigned without[] = {3, 3, 1 + 3 + 3, 3 + 3 + 7}, with[] = {0, 0, 1, 1};
    for (size_t i = 0; i < 4; i++) {
        noted n = note(tree_file(&t, sources[i]), false);
        assert_int_equal(n.n_without, without[i]);
        assert_int_equal(n.n, with[i]);
        if (n.n > 0)
            assert_same_again(&n);
        noted_free(&n);
    }
    nf_buf_free(&tar);
    nf_buf_free(&packed);
    nf_buf_free(&inner.all);
    tree_remove(t.path);
}

static void a_file_that_changed_or_is_gone_is_said_to_be_so(void **state)
{
    (void)state;
    tree t;
    tree_open(&t);
    write_bytes(tree_file(&t, "a"), "first", 5);
    write_bytes(tree_file(&t, "b"), "second", 6);
    write_bytes(tree_file(&t, "c"), "third", 5);
    zip_maker zip = {0};
    put_member(&zip, "m", 100, 1, deflated);
    write_zip(&zip, tree_file(&t, "z.zip"));
    noted n = note(t.path, false);
    write_bytes(tree_file(&t, "a"), "longer", 6);
    unlink(tree_file(&t, "b"));
    unlink(tree_file(&t, "c"));
    assert_int_equal(mkfifo(tree_file(&t, "c"), 0600), 0);
    put_member(&zip, "m", 101, 2, deflated);
    write_zip(&(zip_maker){.all = zip.all, .central = zip.central, .n = zip.n}, tree_file(&t, "z.zip"));
    assert_refused(&n, "a", NF_BAD_RECORD, "/a: was changed after it was first read");
    assert_refused(&n, "b", NF_BAD_RECORD, "/b: cannot open: No such file");
    assert_refused(&n, "c", NF_BAD_RECORD, "/c: is not a regular file");
    assert_refused(&n, "z.zip!m", NF_BAD_RECORD, "z.zip: was changed after it was first read");
    noted_free(&n);
    tree_remove(t.path);
}

/* The time stamp is put back, so that only the check sum can tell. */
static void damage_is_told_by_the_check_sum(void **state)
{
    (void)state;
    tree t;
    zip_maker zip = {0};
    struct stat about;
    tree_open(&t);
    put_member(&zip, "m", 1000, 1, stored);
    put_zip_end(&zip);
    write_bytes(tree_file(&t, "z.zip"), zip.all.data, zip.all.len);
    noted n = note(t.file, false);
    assert_int_equal(stat(t.file, &about), 0);
    FILE *file = fopen(t.file, "r+b");
    assert_non_null(file);
    fseek(file, 500, SEEK_SET);
    fputc(zip.all.data[500] ^ 1, file);
    fclose(file);
    const struct timespec times[2] = {about.st_atim, about.st_mtim};
    assert_int_equal(utimensat(AT_FDCWD, t.file, times, 0), 0);
    assert_refused(&n, "m", NF_BAD_RECORD, "check sum");
    noted_free(&n);
    nf_buf_free(&zip.all);
    tree_remove(t.path);
}

static void places_of_one_key_must_hold_the_same(void **state)
{
    (void)state;
    tree t;
    nf_entries *entries;
    nf_entry entry;
    nf_place place;
    nf_places *places;
    nf_stream *data;
    nf_error error;
    uint8_t byte;
    size_t got;
    tree_open(&t);
    for (int i = 0; i < 4; i++)
        write_bytes(tree_file(&t, (const char *[]){"1", "2", "3", "4"}[i]), i < 3 ? "a" : "b", 1);
    assert_int_equal(nf_places_new(&places, NULL), NF_OK);
    assert_int_equal(nf_entries_open(&entries, t.path, NULL), NF_OK);
    for (int i = 0; i < 4; i++) {
        assert_int_equal(nf_entries_next(entries, &entry, NULL), NF_OK);
        assert_true(nf_entries_place(entries, &place));
        if (i < 3)
            assert_int_equal(nf_places_add(places, "k\0k", 3, &place, &error), NF_OK);
        if (i % 3 == 0)
            assert_int_equal(nf_places_add(places, "x", 1, &place, &error), NF_OK);
    }
    for (int i = 0; i < 2; i++) {
        assert_int_equal(nf_places_open(places, "k\0k", 3, &data, &error), NF_OK);
        assert_int_equal(nf_stream_read(data, &byte, 1, &got, &error), NF_OK);
        assert_int_equal(byte, 'a');
        assert_int_equal(nf_places_open(places, "x", 1, &data, &error), NF_BAD_RECORD);
        assert_null(data);
        assert_non_null(strstr(error.message, "they differ"));
        assert_int_equal(nf_places_open(places, "k", 1, &data, &error), NF_EOF);
    }
    nf_entries_close(entries);
    nf_places_free(places);
    tree_remove(t.path);
}

/* As many as COCO has, named as Cityscapes names them: less than 20 MB. */
static void a_hundred_and_twenty_thousand_places_are_small(void **state)
{
    (void)state;
    const char *sanitizers = getenv("NOFADE_SANITIZE");
    if (sanitizers != NULL && sanitizers[0] != '\0') {
        print_message("SKIP the memory of places: under a sanitizer it means nothing\n");
        skip();
    }
    for (int in_zip = 0; in_zip < 2; in_zip++) {
        nf_places *places;
        char path[128];
        struct mallinfo2 before = mallinfo2();
        assert_int_equal(nf_places_new(&places, NULL), NF_OK);
        for (unsigned i = 0; i < 120000; i++) {
            snprintf(path, sizeof path, "gtFine/train/somewhere/somewhere_%06u_000019_gtFine_labelIds.png", i);
            nf_place place = {.source = "gtFine_trainvaltest", .inner = path, .inner_len = in_zip ? 0 : strlen(path),
                              .in_zip = in_zip != 0};
            assert_int_equal(nf_places_add(places, path, strlen(path), &place, NULL), NF_OK);
        }
        struct mallinfo2 after = mallinfo2();
        size_t bytes = after.uordblks + after.hblkhd - before.uordblks - before.hblkhd;
        print_message("120000 places %s: %zu bytes\n", in_zip ? "in a zip" : "of files", bytes);
        assert_in_range(bytes, 120000, 20000000);
        assert_true(nf_places_has(places, path, strlen(path)));
        nf_places_free(places);
    }
}

/* Odd zips of others, among them encrypted ones and other methods. */
static void odd_zips_give_the_same_again(void **state)
{
    (void)state;
    const char *samples = getenv("NOFADE_SAMPLES");
    char path[1024];
    snprintf(path, sizeof path, "%s/libarchive-odd", samples != NULL ? samples : "");
    DIR *directory = opendir(path);
    unsigned n_members = 0;
    if (directory == NULL) {
        print_message("SKIP odd zips: NOFADE_SAMPLES holds no libarchive-odd\n");
        skip();
        return;
    }
    for (const struct dirent *item; (item = readdir(directory)) != NULL;)
        if (strstr(item->d_name, ".zip") != NULL || strstr(item->d_name, ".jar") != NULL) {
            snprintf(path, sizeof path, "%s/libarchive-odd/%.200s", samples, item->d_name);
            noted n = note(path, true);
            if (n.n > 0)
                assert_same_again(&n);
            n_members += n.n;
            noted_free(&n);
        }
    closedir(directory);
    assert_true(n_members > 40);
}

/* A zip that says anything, with what it gave in passing to compare with. */
static void damaged_zips_give_the_same_again(void **state)
{
    (void)state;
    uint32_t seed = 5;
    tree t;
    tree_open(&t);
    for (uint32_t round = 0; round < 150; round++) {
        zip_maker zip = {.zip64 = round % 3 == 0};
        for (uint32_t i = 0; i < 4; i++)
            put_member(&zip, (const char *[]){"a", "b", "c", "d"}[i], 300, i, round % 2 ? descriptor : deflated);
        put_zip_end(&zip);
        for (uint32_t i = 0; i < 1 + round % 20; i++) {
            seed = seed * 1664525u + 1013904223u;
            zip.all.data[(seed >> 4) % zip.all.len] = (uint8_t)(seed >> 24);
        }
        write_bytes(tree_file(&t, "x.zip"), zip.all.data, zip.all.len);
        nf_buf_free(&zip.all);
        noted n = note(t.file, false);
        if (n.n > 0)
            assert_same_again(&n);
        noted_free(&n);
    }
    tree_remove(t.path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(members_of_every_kind_of_zip_come_again),
        cmocka_unit_test(files_of_a_directory_and_zips_in_it_come_again),
        cmocka_unit_test(one_file_comes_again),
        cmocka_unit_test(opening_places_during_a_walk_leaves_its_digest_alone),
        cmocka_unit_test(what_only_passes_by_has_no_place),
        cmocka_unit_test(a_file_that_changed_or_is_gone_is_said_to_be_so),
        cmocka_unit_test(damage_is_told_by_the_check_sum),
        cmocka_unit_test(places_of_one_key_must_hold_the_same),
        cmocka_unit_test(a_hundred_and_twenty_thousand_places_are_small),
        cmocka_unit_test(odd_zips_give_the_same_again),
        cmocka_unit_test(damaged_zips_give_the_same_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
