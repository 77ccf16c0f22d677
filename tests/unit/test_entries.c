/* The entries of a source: tar, compressions, archives in archives, directories, pipes. */
#include "support/archives.h"

#include <errno.h>
#include <pthread.h>
#include <sys/stat.h>

static nf_buf tar_of(int n)
{
    nf_buf tar = {0};
    put_tar_of(&tar, n);
    return tar;
}

static walked walk_freed(nf_buf *bytes)
{
    walked w = walk_bytes(bytes->data, bytes->len);
    nf_buf_free(bytes);
    return w;
}

/* How many of m0 .. m(n-1) came whole and right. */
static unsigned count_right(const walked *w, int n)
{
    unsigned right = 0;
    for (int i = 0; i < n; i++) {
        nf_buf data = {0};
        char text[64];
        put_noise(&data, 700, (uint32_t)i);
        snprintf(text, sizeof text, "m%d=700/%08x ", i, (unsigned)crc32_z(0, data.data, data.len));
        right += strstr(list_of(w), text) != NULL;
        nf_buf_free(&data);
    }
    return right;
}

/* --- tar --- */

static void a_tar_gives_its_files_and_names_its_links(void **state)
{
    (void)state;
    nf_buf tar = {0};
    put_tar(&tar, "d/", '5', "", 0);
    put_tar(&tar, "./d/a", '0', "hello", 5);
    put_tar(&tar, "/abs", '0', "", 0);
    put_tar(&tar, "ln", '2', "", 0);
    put_tar(&tar, "hard", '1', "", 0);
    put_tar(&tar, "fifo", '6', "", 0);
    put_tar(&tar, "latin-\xe9", '0', "x", 1);
    put_tar_end(&tar);
    walked w = walk_freed(&tar);
    assert_string_equal(list_of(&w), "d/a=5/3610a686 abs=0/00000000 ln=link hard=link fifo=special latin-\xe9=1/8cdc1683 ");
    assert_string_equal(w.format, "tar");
    assert_int_equal(w.ended, NF_EOF);
    assert_int_equal(w.finished, NF_OK);
    nf_buf_free(&w.list);
}

static void names_in_pax_headers_come_as_bytes(void **state)
{
    (void)state;
    const char *const names[] = {"bilder/\xc3\xa9t\xc3\xa9.png", "roh/\xff\xfe.png"};
    for (size_t i = 0; i < 2; i++) {
        nf_buf tar = {0};
        char record[64];
        size_t n = strlen(names[i]) + strlen("00 path=\n");
        snprintf(record, sizeof record, "%zu path=%s\n", n, names[i]);
        put_tar(&tar, "PaxHeaders/x", 'x', record, n);
        put_tar(&tar, "x", '0', "x", 1);
        put_tar_end(&tar);
        walked w = walk_freed(&tar);
        assert_memory_equal(list_of(&w), names[i], strlen(names[i]));
        assert_int_equal(w.n_entries, 1);
        nf_buf_free(&w.list);
    }
}

static void a_path_upwards_is_marked_and_a_longer_one_than_allowed_refused(void **state)
{
    (void)state;
    nf_buf tar = {0};
    char path[64], record[5200], name[5100];
    nf_entries *entries;
    nf_entry entry;
    memset(name, 'n', sizeof name);
    int n = snprintf(record, sizeof record, "5014 path=%.5003s\n", name);
    assert_int_equal(n, 5014);
    put_tar(&tar, "a/../b", '0', "", 0);
    put_tar(&tar, "a/..b", '0', "", 0);
    put_tar(&tar, "x", 'x', record, (size_t)n);
    put_tar(&tar, "x", '0', "", 0);
    put_tar(&tar, "..", '0', "", 0);
    put_tar_end(&tar);
    make_path(path);
    write_bytes(path, tar.data, tar.len);
    assert_int_equal(nf_entries_open(&entries, path, NULL), NF_OK);
    const bool unsafe[] = {true, false, false, true};
    for (int i = 0; i < 4; i++) {
        assert_int_equal(nf_entries_next(entries, &entry, NULL), i == 2 ? NF_BAD_RECORD : NF_OK);
        assert_int_equal(entry.unsafe_path, unsafe[i]);
    }
    assert_int_equal(nf_entries_next(entries, &entry, NULL), NF_EOF);
    nf_entries_close(entries);
    unlink(path);
    nf_buf_free(&tar);
}

static void a_damaged_header_costs_one_bad_record(void **state)
{
    (void)state;
    for (int which = 0; which < 10; which += 3) {
        nf_buf tar = tar_of(10);
        memset(tar.data + which * 3 * 512, 0xa5, 200);
        walked w = walk_freed(&tar);
        assert_string_equal(w.format, "tar");
        assert_int_equal(w.n_bad, 1);
        assert_int_equal(w.n_entries, 9);
        assert_int_equal(count_right(&w, 10), 9);
        assert_int_equal(w.ended, NF_EOF);
        nf_buf_free(&w.list);
    }
}

static void zeros_over_headers_do_not_end_a_tar(void **state)
{
    (void)state;
    nf_buf tar = tar_of(10);
    memset(tar.data + 3 * 3 * 512, 0, 2 * 3 * 512);
    walked w = walk_freed(&tar);
    assert_int_equal(count_right(&w, 10), 8);
    assert_int_equal(w.ended, NF_EOF);
    nf_buf_free(&w.list);
}

static void one_percent_of_damage_ends_cleanly(void **state)
{
    (void)state;
    uint32_t seed = 5;
    for (int round = 0; round < 50; round++) {
        nf_buf tar = tar_of(40);
        for (size_t i = 0; i < tar.len / 100; i++) {
            seed = seed * 1664525u + 1013904223u;
            tar.data[(seed >> 4) % tar.len] = (uint8_t)(seed >> 24);
        }
        walked w = walk_freed(&tar);
        nf_buf_free(&w.list);
    }
}

static void a_cut_tar_gives_what_came_before(void **state)
{
    (void)state;
    nf_buf tar = tar_of(16);
    for (size_t cut = 0; cut < 16; cut++) {
        size_t n = 16 * 3 * 512 * cut / 16 + cut * 97 + 600;
        walked w = walk_bytes(tar.data, n < tar.len ? n : tar.len);
        assert_int_equal(w.opened, NF_OK);
        assert_int_equal(count_right(&w, 16), n / (3 * 512) + (n % (3 * 512) >= 512 + 700));
        assert_int_equal(w.ended, n % (3 * 512) == 0 || n > 16 * 3 * 512 ? NF_EOF : NF_ERR_DAMAGED);
        nf_buf_free(&w.list);
    }
    walked w = walk_bytes(tar.data, 16 * 3 * 512); /* no end marker */
    assert_int_equal(count_right(&w, 16), 16);
    assert_int_equal(w.ended, NF_EOF);
    nf_buf_free(&w.list);
    nf_buf_free(&tar);
}

/* --- compressions --- */

static void a_gzipped_tar_is_checked_to_its_last_byte(void **state)
{
    (void)state;
    nf_buf tar = tar_of(100), gz = {0};
    put_gzip(&gz, tar.data, tar.len);
    walked w = walk_bytes(gz.data, gz.len);
    assert_string_equal(w.format, "tar.gz");
    assert_int_equal(count_right(&w, 100), 100);
    assert_int_equal(w.ended, NF_EOF);
    assert_int_equal(w.finished, NF_OK);
    assert_int_equal(w.bytes, gz.len);
    nf_buf_free(&w.list);

    gz.data[gz.len - 5] ^= 0xff;
    w = walk_bytes(gz.data, gz.len);
    assert_int_equal(count_right(&w, 100), 100);
    assert_int_equal(w.finished, NF_ERR_DAMAGED);
    nf_buf_free(&w.list);

    w = walk_bytes(gz.data, gz.len / 2);
    assert_in_range(count_right(&w, 100), 40, 60);
    assert_int_equal(w.ended, NF_ERR_DAMAGED);
    nf_buf_free(&w.list);
    nf_buf_free(&tar);
    nf_buf_free(&gz);
}

static void a_plain_file_is_one_entry_inflated_where_compressed(void **state)
{
    (void)state;
    nf_buf gz = {0};
    put_gzip(&gz, "hello", 5);
    walked w = walk_freed(&gz);
    assert_string_equal(w.format, "file");
    assert_non_null(strstr(list_of(&w), "=5/3610a686 "));
    assert_int_equal(w.n_entries, 1);
    nf_buf_free(&w.list);
    w = walk_bytes("hello", 5);
    assert_string_equal(w.format, "file");
    assert_non_null(strstr(list_of(&w), "=5/3610a686 "));
    nf_buf_free(&w.list);
}

static void an_empty_or_missing_source_is_refused(void **state)
{
    (void)state;
    walked w = walk_bytes("", 0);
    assert_int_equal(w.opened, NF_ERR_INPUT);
    assert_non_null(strstr(w.error.message, "is empty"));
    nf_buf_free(&w.list);
    w = walk("/nonexistent/nofade");
    assert_int_equal(w.opened, NF_ERR_INPUT);
    nf_buf_free(&w.list);
}

/* --- archives in archives --- */

static void archives_inside_are_entered_and_numbered(void **state)
{
    (void)state;
    nf_buf inner = {0}, gz = {0}, outer = {0};
    zip_maker zip = {0};
    put_tar(&inner, "x", '0', "hello", 5);
    put_tar_end(&inner);
    put_gzip(&gz, inner.data, inner.len);
    put_zip(&zip, "y", "hello", 5, (zip_options){.deflate = true});
    put_zip(&zip, "in.tgz", gz.data, gz.len, (zip_options){.deflate = true});
    put_zip_end(&zip);
    put_tar(&outer, "a.tar", '0', inner.data, inner.len);
    put_tar(&outer, "b.tar.gz", '0', gz.data, gz.len);
    put_tar(&outer, "c.zip", '0', zip.all.data, zip.all.len);
    put_tar(&outer, "d.npz", '0', zip.all.data, zip.all.len);
    put_tar(&outer, "e", '0', "hello", 5);
    put_tar_end(&outer);
    uint32_t npz_crc = (uint32_t)crc32_z(0, zip.all.data, zip.all.len);
    char want[256];
    snprintf(want, sizeof want,
             "a.tar!x=5/3610a686 b.tar.gz!x=5/3610a686 c.zip!y=5/3610a686 c.zip!in.tgz!x=5/3610a686 d.npz=%zu/%08x e=5/3610a686 ",
             zip.all.len, (unsigned)npz_crc);
    walked w = walk_freed(&outer);
    assert_string_equal(list_of(&w), want);
    nf_buf_free(&w.list);

    w = walk_freed(&zip.all);
    assert_string_equal(list_of(&w), "y=5/3610a686 in.tgz!x=5/3610a686 ");
    nf_buf_free(&w.list);
    nf_buf_free(&inner);
    nf_buf_free(&gz);
}

static void a_damaged_archive_inside_does_not_end_the_outer_one(void **state)
{
    (void)state;
    nf_buf inner = tar_of(10), gz = {0}, outer = {0};
    zip_maker zip = {0};
    put_gzip(&gz, inner.data, inner.len);
    put_zip(&zip, "z", "hello", 5, (zip_options){0});
    put_zip(&zip, "zz", "hello", 5, (zip_options){0});
    put_tar(&outer, "cut.tar", '0', inner.data, 4 * 3 * 512 + 800);
    put_tar(&outer, "cut.tar.gz", '0', gz.data, gz.len / 2);
    put_tar(&outer, "cut.zip", '0', zip.all.data, zip.all.len - 3);
    put_tar(&outer, "last", '0', "hello", 5);
    put_tar_end(&outer);
    walked w = walk_freed(&outer);
    assert_non_null(strstr(list_of(&w), "cut.tar!m3=700/"));
    assert_non_null(strstr(list_of(&w), "cut.tar.gz!m3=700/"));
    assert_non_null(strstr(list_of(&w), "cut.zip!z=5/3610a686 "));
    assert_non_null(strstr(list_of(&w), " last=5/3610a686 "));
    assert_int_equal(w.n_bad, 3);
    assert_int_equal(w.ended, NF_EOF);
    nf_buf_free(&w.list);
    nf_buf_free(&inner);
    nf_buf_free(&gz);
    nf_buf_free(&zip.all);
    nf_buf_free(&zip.central);
}

static void archives_too_deep_are_files(void **state)
{
    (void)state;
    nf_buf tar = tar_of(1);
    for (int i = 0; i < 7; i++) {
        nf_buf outer = {0};
        put_tar(&outer, "t.tar", '0', tar.data, tar.len);
        put_tar_end(&outer);
        nf_buf_free(&tar);
        tar = outer;
    }
    walked w = walk_freed(&tar);
    assert_int_equal(w.n_entries, 1);
    assert_memory_equal(list_of(&w), "t.tar!t.tar!t.tar!t.tar!t.tar=", 30);
    nf_buf_free(&w.list);
}

/* --- directories --- */

static void in_directory(char to[128], const char *directory, const char *name)
{
    snprintf(to, 128, "%s/%s", directory, name);
}

static void a_directory_is_walked_sorted_without_blocking(void **state)
{
    (void)state;
    char top[64] = "/tmp/nofade-test-XXXXXX", path[128];
    const char *const files[] = {"b/2", "b/10", "a.txt", "b.x"};
    nf_buf tar = {0};
    assert_non_null(mkdtemp(top));
    in_directory(path, top, "b");
    assert_int_equal(mkdir(path, 0700), 0);
    for (size_t i = 0; i < 4; i++) {
        in_directory(path, top, files[i]);
        write_bytes(path, "hello", 5);
    }
    put_tar(&tar, "x", '0', "hello", 5);
    put_tar_end(&tar);
    in_directory(path, top, "z.tar");
    write_bytes(path, tar.data, tar.len);
    in_directory(path, top, "fifo");
    assert_int_equal(mkfifo(path, 0600), 0);
    in_directory(path, top, "dangling");
    assert_int_equal(symlink("nowhere", path), 0);
    in_directory(path, top, "b/loop");
    assert_int_equal(symlink("..", path), 0);
    in_directory(path, top, "file-link");
    assert_int_equal(symlink("a.txt", path), 0);
    walked w = walk(top);
    assert_string_equal(list_of(&w), "a.txt=5/3610a686 b/10=5/3610a686 b/2=5/3610a686 b/loop=link b.x=5/3610a686 dangling=link "
                                     "fifo=special file-link=5/3610a686 z.tar!x=5/3610a686 ");
    assert_string_equal(w.format, "directory");
    assert_int_equal(w.bytes, 5 * 5 + tar.len);
    walked again = walk(top);
    assert_string_equal(w.digest, again.digest);
    nf_buf_free(&again.list);
    in_directory(path, top, "a.txt");
    write_bytes(path, "Hello", 5);
    again = walk(top);
    assert_string_not_equal(w.digest, again.digest);
    nf_buf_free(&again.list);
    nf_buf_free(&w.list);
    nf_buf_free(&tar);
    const char *const all[] = {"b/2", "b/10", "b/loop", "a.txt", "b.x", "z.tar", "fifo", "dangling", "file-link", "b", ""};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        in_directory(path, top, all[i]);
        assert_int_equal(remove(path), 0);
    }
}

/* --- rewinding --- */

static void rewinding_gives_the_same_again(void **state)
{
    (void)state;
    for (int kind = 0; kind < 3; kind++) {
        nf_buf bytes = {0};
        zip_maker zip = {0};
        char path[64];
        nf_entries *entries;
        nf_entry entry;
        put_tar_of(&bytes, 30);
        if (kind == 1) {
            nf_buf gz = {0};
            put_gzip(&gz, bytes.data, bytes.len);
            nf_buf_free(&bytes);
            bytes = gz;
        } else if (kind == 2) {
            put_zip(&zip, "in.tar", bytes.data, bytes.len, (zip_options){.deflate = true});
            put_zip_end(&zip);
            nf_buf_free(&bytes);
            bytes = zip.all;
        }
        make_path(path);
        write_bytes(path, bytes.data, bytes.len);
        walked once = walk(path), twice = {0};
        assert_int_equal(nf_entries_open(&entries, path, NULL), NF_OK);
        assert_int_equal(nf_entries_info(entries)->rewindable, kind != 1);
        for (int i = 0; i < 5; i++)
            assert_int_equal(nf_entries_next(entries, &entry, NULL), NF_OK);
        assert_int_equal(nf_entries_rewind(entries, NULL), NF_OK);
        walk_entries(entries, &twice);
        assert_string_equal(list_of(&once), list_of(&twice));
        assert_string_equal(once.digest, twice.digest);
        assert_int_equal(twice.bytes, bytes.len);
        nf_entries_close(entries);
        unlink(path);
        nf_buf_free(&once.list);
        nf_buf_free(&twice.list);
        nf_buf_free(&bytes);
    }
}

typedef struct feeder {
    const nf_buf *bytes;
    const char *path;
} feeder;

static void *feed(void *argument)
{
    const feeder *f = argument;
    FILE *fifo = fopen(f->path, "wb");
    if (fifo != NULL) {
        fwrite(f->bytes->data, 1, f->bytes->len, fifo);
        fclose(fifo);
    }
    return NULL;
}

/* Opens a FIFO through which a thread pushes the bytes. */
static nf_entries *open_fifo(const feeder *f, pthread_t *thread)
{
    nf_entries *entries;
    assert_int_equal(mkfifo(f->path, 0600), 0);
    assert_int_equal(pthread_create(thread, NULL, feed, (void *)(uintptr_t)f), 0);
    assert_int_equal(nf_entries_open(&entries, f->path, NULL), NF_OK);
    return entries;
}

static void a_pipe_is_read_and_rewound_while_it_is_kept(void **state)
{
    (void)state;
    for (int large = 0; large < 2; large++) {
        nf_buf tar = {0};
        char path[64];
        pthread_t thread;
        nf_entry entry;
        walked w = {0};
        if (large) {
            nf_buf big = {0};
            put_zeros(&big, NF_ENTRIES_LOOKBACK_BYTES + 1000000);
            put_tar(&tar, "big", '0', big.data, big.len);
            nf_buf_free(&big);
        }
        put_tar_of(&tar, 300);
        make_path(path);
        unlink(path);
        walked whole = walk_bytes(tar.data, tar.len);
        const feeder f = {&tar, path};
        nf_entries *entries = open_fifo(&f, &thread);
        assert_false(nf_entries_info(entries)->rewindable);
        for (int i = 0; i < 200; i++)
            assert_int_equal(nf_entries_next(entries, &entry, NULL), NF_OK);
        assert_int_equal(nf_entries_rewind(entries, NULL), large ? NF_ERR_INPUT : NF_OK);
        walk_entries(entries, &w);
        if (!large)
            assert_string_equal(list_of(&w), list_of(&whole));
        assert_string_equal(w.digest, whole.digest);
        nf_entries_close(entries);
        pthread_join(thread, NULL);
        unlink(path);
        nf_buf_free(&w.list);
        nf_buf_free(&whole.list);
        nf_buf_free(&tar);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_tar_gives_its_files_and_names_its_links),
        cmocka_unit_test(names_in_pax_headers_come_as_bytes),
        cmocka_unit_test(a_path_upwards_is_marked_and_a_longer_one_than_allowed_refused),
        cmocka_unit_test(a_damaged_header_costs_one_bad_record),
        cmocka_unit_test(zeros_over_headers_do_not_end_a_tar),
        cmocka_unit_test(one_percent_of_damage_ends_cleanly),
        cmocka_unit_test(a_cut_tar_gives_what_came_before),
        cmocka_unit_test(a_gzipped_tar_is_checked_to_its_last_byte),
        cmocka_unit_test(a_plain_file_is_one_entry_inflated_where_compressed),
        cmocka_unit_test(an_empty_or_missing_source_is_refused),
        cmocka_unit_test(archives_inside_are_entered_and_numbered),
        cmocka_unit_test(a_damaged_archive_inside_does_not_end_the_outer_one),
        cmocka_unit_test(archives_too_deep_are_files),
        cmocka_unit_test(a_directory_is_walked_sorted_without_blocking),
        cmocka_unit_test(rewinding_gives_the_same_again),
        cmocka_unit_test(a_pipe_is_read_and_rewound_while_it_is_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
