/* Members in random order: all of them and their bytes are those of the ordinary walk, and any order is as likely as another. */
#include "support/archives.h"

#include <dirent.h>
#include <sys/stat.h>

#include "loaders/source/draw.h"

/* Every member stands alone; "first" comes first, "never" does not come; the files of a key go together. */
static size_t unit_bytes(void *context, const nf_entry *entry)
{
    const char *key = strstr(entry->path, ".of-");
    (void)context;
    if (strstr(entry->path, "first") != NULL)
        return NF_UNIT_FIRST;
    if (strstr(entry->path, "never") != NULL)
        return NF_UNIT_NEVER;
    return key != NULL ? (size_t)(key - entry->path) : strlen(entry->path);
}

static walked walk_drawn(const char *path, uint64_t seed, double fraction, nf_drawn *drawn)
{
    walked w = {0};
    *drawn = (nf_drawn){0};
    nf_entries *entries;
    const nf_draw draw = {seed, fraction, unit_bytes, NULL, NULL};
    assert_int_equal(nf_entries_open(&entries, path, &w.error), NF_OK);
    w.opened = nf_entries_draw(entries, &draw, drawn, &w.error);
    if (w.opened == NF_OK)
        walk_entries(entries, &w);
    else
        put(&w.list, "", 1);
    nf_entries_close(entries);
    return w;
}

static int compare_texts(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The list's words in order, without links: "a=1/2 b=3/4 ". */
static nf_buf sorted(walked *w)
{
    enum { WORDS = 512 };
    const char *words[WORDS];
    size_t n = 0;
    nf_buf text = {0};
    for (char *at = strtok((char *)w->list.data, " "); at != NULL && n < WORDS; at = strtok(NULL, " "))
        if (strstr(at, "=link") == NULL && strstr(at, "=special") == NULL)
            words[n++] = at;
    qsort(words, n, sizeof words[0], compare_texts);
    for (size_t i = 0; i < n; i++)
        assert_int_equal(nf_buf_printf(&text, NULL, "%s ", words[i]), NF_OK);
    put(&text, "", 1);
    return text;
}

static void assert_drawn_as_walked(const char *path, size_t n)
{
    nf_drawn drawn;
    walked all = walk(path), some = walk_drawn(path, 3, 1.0, &drawn);
    nf_buf a = sorted(&all), b = sorted(&some);
    assert_string_equal(some.error.message, "");
    assert_string_equal((const char *)a.data, (const char *)b.data);
    assert_int_equal(drawn.n_units, n);
    assert_int_equal(drawn.n_planned, n);
    assert_int_equal(some.n_entries, n);
    assert_string_equal(some.digest, "");
    nf_buf_free(&a);
    nf_buf_free(&b);
    nf_buf_free(&all.list);
    nf_buf_free(&some.list);
}

static void assert_bytes_drawn_as_walked(nf_buf *bytes, size_t n)
{
    char path[64];
    make_path(path);
    write_bytes(path, bytes->data, bytes->len);
    assert_drawn_as_walked(path, n);
    unlink(path);
    nf_buf_free(bytes);
}

static void put_noisy(nf_buf *tar, const char *name, size_t n)
{
    nf_buf data = {0};
    put_noise(&data, n, (uint32_t)n);
    put_tar(tar, name, '0', data.data, data.len);
    nf_buf_free(&data);
}

static void put_pax_path(nf_buf *tar, const char *name, size_t n)
{
    char record[600];
    int length = (int)strlen(name) + (int)strlen("000 path=\n");
    snprintf(record, sizeof record, "%03d path=%s\n", length, name);
    put_tar(tar, "PaxHeaders/x", 'x', record, (size_t)length);
    put_noisy(tar, "x", n);
}

static void a_tar_with_every_kind_of_header(void **state)
{
    (void)state;
    nf_buf tar = {0};
    char long_name[300];
    memset(long_name, 'l', sizeof long_name);
    long_name[sizeof long_name - 1] = '\0';
    put_tar(&tar, "d/", '5', "", 0);
    put_noisy(&tar, "./d/one", 1);
    put_noisy(&tar, "/d/block", 512);
    put_noisy(&tar, "d/large", 300000);
    put_tar(&tar, "d/empty", '0', "", 0);
    put_tar(&tar, "d/link", '2', "", 0);
    put_pax_path(&tar, "d/pax-\xc3\xa9", 700);
    put_tar(&tar, "././@LongLink", 'L', long_name, sizeof long_name);
    put_noisy(&tar, "cut", 5000);
    put_noisy(&tar, "last", 513);
    put_tar_end(&tar);
    assert_bytes_drawn_as_walked(&tar, 7);
}

static void tars_one_after_the_other_and_one_without_an_end(void **state)
{
    (void)state;
    nf_buf tar = {0};
    put_noisy(&tar, "a", 100);
    put_tar_end(&tar);
    put_noisy(&tar, "b", 200);
    assert_bytes_drawn_as_walked(&tar, 2);
}

static nf_buf tar_of_tars(void)
{
    nf_buf outer = {0};
    for (int k = 0; k < 3; k++) {
        nf_buf inner = {0}, deeper = {0};
        char name[32];
        put_noisy(&inner, "./in/first.csv", 40 + (size_t)k);
        for (int i = 0; i < 5; i++) {
            snprintf(name, sizeof name, "./p%d", i);
            put_noisy(&inner, name, 600 + 7 * (size_t)i + (size_t)k);
        }
        put_noisy(&deeper, "deep", 900 + (size_t)k);
        put_tar_end(&deeper);
        put_tar(&inner, "deeper.tar", '0', deeper.data, deeper.len);
        put_tar_end(&inner);
        snprintf(name, sizeof name, "c%d.TAR", k);
        put_tar(&outer, name, '0', inner.data, inner.len);
        nf_buf_free(&inner);
        nf_buf_free(&deeper);
    }
    put_noisy(&outer, "no.tar", 700); /* none, in spite of its name */
    put_tar_end(&outer);
    return outer;
}

static void tars_in_a_tar_are_entered(void **state)
{
    (void)state;
    nf_buf outer = tar_of_tars();
    char path[64];
    nf_drawn drawn;
    make_path(path);
    write_bytes(path, outer.data, outer.len);
    walked all = walk(path), some = walk_drawn(path, 3, 1.0, &drawn);
    nf_buf a = sorted(&all), b = sorted(&some);
    assert_string_equal((const char *)a.data, (const char *)b.data);
    assert_int_equal(some.n_entries, 3 * 7 + 1);
    assert_int_equal(drawn.n_units, 3 * 7 + 1 - 3); /* lists come first and are not drawn */
    unlink(path);
    nf_buf_free(&a);
    nf_buf_free(&b);
    nf_buf_free(&all.list);
    nf_buf_free(&some.list);
    nf_buf_free(&outer);
}

static nf_buf zip_of(int n, bool zip64)
{
    zip_maker zip = {.zip64 = zip64};
    for (int i = 0; i < n; i++) {
        nf_buf data = {0};
        char name[32];
        snprintf(name, sizeof name, "z/%d.png", i);
        put_noise(&data, 500 + (size_t)i, (uint32_t)i);
        put_zeros(&data, 300);
        put_zip(&zip, name, data.data, data.len, (zip_options){.deflate = i % 2 == 0, .flags = i % 3 == 0 ? 8 : 0});
        nf_buf_free(&data);
    }
    put_zip(&zip, "z/", "", 0, (zip_options){0});
    put_zip(&zip, "z/link", "target", 6, (zip_options){.unix_mode = 0120777});
    put_zip_end(&zip);
    return zip.all;
}

static void a_zip(void **state)
{
    (void)state;
    for (int is_zip64 = 0; is_zip64 < 2; is_zip64++) {
        nf_buf zip = zip_of(9, is_zip64 != 0);
        assert_bytes_drawn_as_walked(&zip, 9);
    }
}

static void remove_tree(const char *path)
{
    char command[128];
    snprintf(command, sizeof command, "rm -r '%s'", path);
    assert_int_equal(system(command), 0);
}

static void a_directory_with_files_tars_and_zips(void **state)
{
    (void)state;
    char path[64] = "/tmp/nofade-draw-XXXXXX", name[128];
    nf_buf zip = zip_of(4, false), tar = {0};
    put_tar_of(&tar, 6);
    assert_non_null(mkdtemp(path));
    snprintf(name, sizeof name, "%s/sub", path);
    assert_int_equal(mkdir(name, 0700), 0);
    for (int i = 0; i < 5; i++) {
        snprintf(name, sizeof name, "%s/sub/%d.png", path, i);
        write_bytes(name, "0123456789", (size_t)i);
    }
    snprintf(name, sizeof name, "%s/sub/a.zip", path);
    write_bytes(name, zip.data, zip.len);
    snprintf(name, sizeof name, "%s/b.tar", path);
    write_bytes(name, tar.data, tar.len);
    snprintf(name, sizeof name, "%s/no.zip", path);
    write_bytes(name, "none", 4);
    assert_drawn_as_walked(path, 5 + 4 + 6 + 1);
    remove_tree(path);
    nf_buf_free(&zip);
    nf_buf_free(&tar);
}

static void files_of_a_key_come_together_in_their_order(void **state)
{
    (void)state;
    nf_buf tar = {0};
    char path[64], name[32];
    for (int i = 0; i < 40; i++) {
        snprintf(name, sizeof name, "k%d.of-%d", i / 2, i % 2);
        put_tar(&tar, name, '0', "x", 1);
    }
    put_tar(&tar, "never", '0', "x", 1);
    put_tar(&tar, "the-first", '0', "x", 1);
    put_tar_end(&tar);
    make_path(path);
    write_bytes(path, tar.data, tar.len);
    nf_drawn drawn;
    walked w = walk_drawn(path, 5, 0.3, &drawn);
    assert_int_equal(drawn.n_units, 20);
    assert_int_equal(drawn.n_planned, 6);
    assert_int_equal(w.n_entries, 1 + 12);
    const char *at = strtok((char *)w.list.data, " ");
    assert_memory_equal(at, "the-first=", 10);
    for (int i = 0; i < 6; i++) {
        int first = -1, second = -1;
        assert_int_equal(sscanf(strtok(NULL, " "), "k%d.of-0=", &first), 1);
        assert_int_equal(sscanf(strtok(NULL, " "), "k%d.of-1=", &second), 1);
        assert_int_equal(first, second);
    }
    unlink(path);
    nf_buf_free(&w.list);
    nf_buf_free(&tar);
}

static void a_repeated_path_is_drawn_once(void **state)
{
    (void)state;
    nf_buf tar = {0};
    char path[64];
    put_noisy(&tar, "a", 10);
    put_noisy(&tar, "b", 20);
    put_noisy(&tar, "./a", 30);
    put_tar_end(&tar);
    make_path(path);
    write_bytes(path, tar.data, tar.len);
    nf_drawn drawn;
    walked w = walk_drawn(path, 5, 1.0, &drawn);
    assert_int_equal(drawn.n_units, 2);
    assert_int_equal(drawn.n_repeated, 1);
    assert_non_null(strstr(list_of(&w), "a=10/"));
    unlink(path);
    nf_buf_free(&w.list);
    nf_buf_free(&tar);
}

/* All 24 orders of four members, over 6000 seeds: chi squared with 23 degrees of freedom is above 49.7 once in a thousand. */
static void every_order_is_as_likely_as_another(void **state)
{
    enum { SEEDS = 6000, ORDERS = 256 };
    (void)state;
    nf_buf tar = {0};
    unsigned counts[ORDERS] = {0}, n_orders = 0;
    double squares = 0.0;
    char path[64];
    for (int i = 0; i < 4; i++)
        put_tar(&tar, (const char *[]){"0", "1", "2", "3"}[i], '0', "x", 1);
    put_tar_end(&tar);
    make_path(path);
    write_bytes(path, tar.data, tar.len);
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        nf_drawn drawn;
        walked w = walk_drawn(path, seed, 1.0, &drawn);
        unsigned order = 0;
        for (char *at = strtok((char *)w.list.data, " "); at != NULL; at = strtok(NULL, " "))
            order = order * 4 + (unsigned)(at[0] - '0');
        counts[order % ORDERS]++;
        nf_buf_free(&w.list);
    }
    for (size_t i = 0; i < ORDERS; i++) {
        double expected = SEEDS / 24.0;
        n_orders += counts[i] > 0;
        squares += counts[i] > 0 ? (counts[i] - expected) * (counts[i] - expected) / expected : 0.0;
    }
    assert_int_equal(n_orders, 24);
    assert_true(squares < 49.7);
    unlink(path);
    nf_buf_free(&tar);
}

static void assert_refused(nf_buf *bytes, nf_status status, const char *why)
{
    char path[64];
    nf_drawn drawn;
    make_path(path);
    write_bytes(path, bytes->data, bytes->len);
    walked w = walk_drawn(path, 1, 1.0, &drawn);
    assert_int_equal(w.opened != NF_OK ? w.opened : w.ended, status);
    assert_non_null(strstr(w.error.message, why));
    unlink(path);
    nf_buf_free(&w.list);
    nf_buf_free(bytes);
}

static void what_has_no_index_or_a_damaged_one_is_refused(void **state)
{
    (void)state;
    nf_buf tar = {0}, gz = {0}, outer = {0}, damaged = {0}, cut = {0}, hidden = {0};
    put_tar_of(&tar, 9);
    put_gzip(&gz, tar.data, tar.len);
    put_tar(&outer, "in.tar.gz", '0', gz.data, gz.len);
    put_tar_end(&outer);
    put(&damaged, tar.data, tar.len);
    memset(damaged.data + 3 * 1536, 'x', 512);
    put(&cut, tar.data, 5 * 1536 - 700);
    put_tar(&hidden, "a.png", '0', tar.data, tar.len);
    put_tar_end(&hidden);
    nf_buf_free(&tar);
    assert_refused(&gz, NF_ERR_USAGE, "from tar.gz");
    assert_refused(&outer, NF_ERR_USAGE, "in.tar.gz can only be read in its order");
    assert_refused(&damaged, NF_ERR_INPUT, "index is damaged");
    assert_refused(&cut, NF_ERR_INPUT, "cut short");
    assert_refused(&hidden, NF_ERR_INPUT, "without being named as one");
}

/* As GNU tar -S stores it: `n` bytes of data, and holes behind them. */
static void put_sparse(nf_buf *tar, const char *name, const void *data, size_t n, size_t size)
{
    size_t at = tar->len;
    unsigned sum = 0;
    put_tar(tar, name, 'S', data, n);
    char *header = (char *)tar->data + at;
    memcpy(header + 257, "ustar  ", 8);
    snprintf(header + 386, 12, "%011o", 0u);
    snprintf(header + 398, 12, "%011zo", n);
    snprintf(header + 483, 12, "%011zo", size);
    memset(header + 148, ' ', 8);
    for (size_t i = 0; i < 512; i++)
        sum += (unsigned char)header[i];
    snprintf(header + 148, 8, "%06o", sum);
}

static void a_tar_with_holes_in_a_tar_is_refused(void **state)
{
    (void)state;
    nf_buf inner = {0}, plain = {0}, named = {0};
    put_tar(&inner, "a", '0', "hello", 5);
    put_sparse(&plain, "b", inner.data, inner.len, inner.len + 4096);
    put_tar(&plain, "c", '0', "hello", 5);
    put_tar_end(&plain);
    put_sparse(&named, "b.tar", inner.data, inner.len, inner.len + 4096);
    put_tar(&named, "c", '0', "hello", 5); /* would lie in the holes */
    put_tar_end(&named);
    nf_buf_free(&inner);
    assert_refused(&plain, NF_ERR_INPUT, "without being named as one");
    assert_refused(&named, NF_ERR_USAGE, "b.tar can only be read in its order");
}

static bool is_index(const char *name)
{
    size_t n = strlen(name);
    return n > 4 && (strcmp(name + n - 4, ".tar") == 0 || strcmp(name + n - 4, ".zip") == 0);
}

/* Archives of many makers: what the ordinary walk reads without a fault is drawn as well, unless it is said why not. */
static void odd_archives_are_drawn_as_walked_or_refused(void **state)
{
    const char *samples = getenv("NOFADE_SAMPLES");
    char path[1024];
    unsigned n_drawn = 0;
    (void)state;
    snprintf(path, sizeof path, "%s/libarchive-odd", samples != NULL ? samples : "");
    DIR *directory = opendir(path);
    if (directory == NULL) {
        printf("SKIP odd_archives_are_drawn_as_walked_or_refused: no samples\n");
        skip();
    }
    for (const struct dirent *item; (item = readdir(directory)) != NULL;) {
        nf_drawn drawn;
        nf_entries *entries;
        snprintf(path, sizeof path, "%s/libarchive-odd/%s", samples, item->d_name);
        if (!is_index(item->d_name) || nf_entries_open(&entries, path, NULL) != NF_OK)
            continue;
        nf_entries_close(entries);
        walked all = walk(path), some = walk_drawn(path, 1, 1.0, &drawn);
        bool is_whole = all.ended == NF_EOF && all.n_bad == 0 && all.n_faults == 0;
        if (some.opened == NF_OK && some.ended == NF_EOF && is_whole && drawn.n_repeated == 0) {
            nf_buf a = sorted(&all), b = sorted(&some);
            assert_string_equal((const char *)a.data, (const char *)b.data);
            n_drawn++;
            nf_buf_free(&a);
            nf_buf_free(&b);
        } else if (is_whole && drawn.n_repeated == 0 && some.opened != NF_ERR_USAGE) {
            fail_msg("%s: %s", item->d_name, some.error.message);
        }
        nf_buf_free(&all.list);
        nf_buf_free(&some.list);
    }
    closedir(directory);
    assert_true(n_drawn > 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_tar_with_every_kind_of_header),
        cmocka_unit_test(tars_one_after_the_other_and_one_without_an_end),
        cmocka_unit_test(tars_in_a_tar_are_entered),
        cmocka_unit_test(a_zip),
        cmocka_unit_test(a_directory_with_files_tars_and_zips),
        cmocka_unit_test(files_of_a_key_come_together_in_their_order),
        cmocka_unit_test(a_repeated_path_is_drawn_once),
        cmocka_unit_test(every_order_is_as_likely_as_another),
        cmocka_unit_test(what_has_no_index_or_a_damaged_one_is_refused),
        cmocka_unit_test(a_tar_with_holes_in_a_tar_is_refused),
        cmocka_unit_test(odd_archives_are_drawn_as_walked_or_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
