/* STL-10's binary form: images and labels in files apart, in either order, and what does not fit. */
#include "support/pull_records.h"

extern const nf_loader nf_loader_stl10, nf_loader_cifar, nf_loader_idx, nf_loader_svhn, nf_loader_imagefolder;

enum { IMAGE_BYTES = 27648 };

static const char class_names[] = "airplane\nbird\ncar\ncat\ndeer\ndog\nhorse\nmonkey\nship\ntruck\n";

static nf_buf images(int n, uint32_t seed)
{
    nf_buf made = {0};
    for (int i = 0; i < n; i++)
        put_noise(&made, IMAGE_BYTES, seed + (uint32_t)i);
    return made;
}

/* 1, 2 ... 10, 1 ... */
static nf_buf labels(int n)
{
    nf_buf made = {0};
    for (int i = 0; i < n; i++)
        put(&made, &(uint8_t){(uint8_t)(i % 10 + 1)}, 1);
    return made;
}

static void put_member(nf_buf *tar, const char *name, nf_buf data)
{
    put_tar(tar, name, '0', data.data, data.len);
    nf_buf_free(&data);
}

static nf_buf text(const char *words)
{
    nf_buf made = {0};
    put(&made, words, strlen(words));
    return made;
}

/* A tar of these members, gzipped (so that there is one walk only) where asked. */
static pulled pull_tar(nf_buf *tar, bool gzipped)
{
    nf_buf gz = {0};
    put_tar_end(tar);
    if (gzipped)
        put_gzip(&gz, tar->data, tar->len);
    const nf_buf *made = gzipped ? &gz : tar;
    pulled p = pull_named("stl10_binary.tar", made->data, made->len, &nf_loader_stl10, NULL, NULL);
    nf_buf_free(&gz);
    nf_buf_free(tar);
    return p;
}

static void the_published_archive_is_read_with_one_walk_or_two(void **state)
{
    (void)state;
    for (int gzipped = 0; gzipped < 2; gzipped++) {
        nf_buf tar = {0};
        put_member(&tar, "stl10_binary/class_names.txt", text(class_names));
        put_member(&tar, "stl10_binary/fold_indices.txt", text("0 1 2\n"));
        put_member(&tar, "stl10_binary/test_X.bin", images(12, 7));
        put_member(&tar, "stl10_binary/test_y.bin", labels(12));
        put_member(&tar, "stl10_binary/train_X.bin", images(3, 100));
        put_member(&tar, "stl10_binary/train_y.bin", labels(3));
        put_member(&tar, "stl10_binary/unlabeled_X.bin", images(5, 200));
        pulled p = pull_tar(&tar, gzipped);
        assert_int_equal(p.ended, NF_EOF);
        assert_int_equal(p.n, 20);
        assert_int_equal(pulled_count(&p, "test", "0"), 2); /* the label 1 */
        assert_int_equal(pulled_count(&p, "test", "9"), 1); /* the label 10 */
        assert_int_equal(pulled_count(&p, "train", "2"), 1);
        assert_int_equal(pulled_count(&p, "train", "3"), 0);
        assert_int_equal(pulled_count(&p, "unlabeled", NULL), 5);
        assert_string_equal(nf_groups_class_name(p.groups, "0"), "airplane");
        assert_string_equal(nf_groups_class_name(p.groups, "9"), "truck");
        assert_string_equal(p.facts.id, "stl10");
        assert_int_equal(p.tally.n, 1); /* the folds */
        nf_buf first = images(1, 7);
        assert_true(p.records[0].digest == XXH3_64bits(first.data, first.len));
        assert_int_equal(p.records[0].w_px, 96);
        assert_int_equal(p.records[0].h_px, 96);
        assert_int_equal(p.records[11].row, 11);
        nf_buf_free(&first);
        pulled_free(&p);
    }
}

/* Images of the unlabelled split never wait, nor do those whose labels were read first. */
static void only_labels_that_are_to_come_are_waited_for(void **state)
{
    (void)state;
    for (int i = 0; i < 4; i++) {
        nf_buf tar = {0}, gz = {0};
        bool labels_first = (i & 1) != 0, gzipped = (i & 2) != 0;
        if (labels_first)
            put_member(&tar, "train_y.bin", labels(2));
        put_member(&tar, "train_X.bin", images(2, 1));
        if (!labels_first)
            put_member(&tar, "train_y.bin", labels(2));
        put_member(&tar, "unlabeled_X.bin", images(2, 5));
        put_tar_end(&tar);
        put_gzip(&gz, tar.data, tar.len);
        char path[64];
        make_path(path);
        write_bytes(path, gzipped ? gz.data : tar.data, gzipped ? gz.len : tar.len);
        nf_entries *entries;
        nf_loader_options options = {.source_path = path};
        nf_tally tally = {0};
        nf_dataset_facts facts = {0};
        nf_groups *groups;
        nf_buf data = {0};
        nf_record record = {.data = &data};
        void *loader = NULL;
        size_t n_late = 0, n_told = 0;
        assert_int_equal(nf_entries_open(&entries, path, NULL), NF_OK);
        assert_int_equal(nf_groups_new(&groups, NULL), NF_OK);
        nf_loader_context context = {
        .entries = entries, .groups = groups, .passed_over = &tally, .facts = &facts, .options = &options};
        assert_int_equal(nf_loader_stl10.open(&loader, &context, NULL, NULL), NF_OK);
        while (nf_loader_stl10.next(loader, &record, NULL) == NF_OK) {
            n_told += record.kind == NF_RECORD_LABELS;
            n_late += record.kind == NF_RECORD_IMAGE && record.group == NF_GROUP_LATE;
        }
        assert_int_equal(n_late, gzipped && !labels_first ? 2 : 0);
        assert_int_equal(n_told, gzipped && !labels_first ? 1 : 0);
        nf_loader_stl10.close(loader);
        nf_groups_free(groups);
        nf_entries_close(entries);
        nf_buf_free(&data);
        nf_buf_free(&tar);
        nf_buf_free(&gz);
        unlink(path);
    }
}

/* One failure; its sentence holds `words`. */
static void expect_failure(pulled p, size_t n_good, nf_failure failure, int64_t row, const char *words)
{
    const pulled_record *last = NULL;
    assert_int_equal(p.ended, NF_EOF);
    assert_int_equal(pulled_good(&p), n_good);
    assert_int_equal(pulled_failed(&p, &last), 1);
    assert_int_equal(last->failure, failure);
    assert_int_equal(last->row, row);
    if (strstr(last->reason, words) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", last->reason, words);
    pulled_free(&p);
}

static void a_row_that_ends_early_is_one_failure(void **state)
{
    (void)state;
    for (int gzipped = 0; gzipped < 2; gzipped++) {
        nf_buf tar = {0}, cut = images(3, 9);
        cut.len -= 100;
        put_member(&tar, "test_X.bin", cut);
        put_member(&tar, "test_y.bin", labels(3));
        pulled p = pull_tar(&tar, gzipped);
        assert_int_equal(pulled_count(&p, "test", "1"), 1); /* the labels of the others stand */
        expect_failure(p, 2, NF_FAILURE_CUT_SHORT, 2, "ends 27548 bytes into an image of 27648");
    }
    nf_buf tar = {0};
    put_member(&tar, "test_X.bin", (nf_buf){0});
    expect_failure(pull_tar(&tar, false), 0, NF_FAILURE_EMPTY, -1, "empty");
}

static void labels_that_do_not_fit_the_images_are_not_used(void **state)
{
    (void)state;
    for (int i = 0; i < 8; i++) {
        nf_buf tar = {0};
        int n_labels = (i & 1) != 0 ? 4 : 2;
        if ((i & 2) != 0)
            put_member(&tar, "test_y.bin", labels(n_labels));
        put_member(&tar, "test_X.bin", images(3, 9));
        if ((i & 2) == 0)
            put_member(&tar, "test_y.bin", labels(n_labels));
        pulled p = pull_tar(&tar, (i & 4) != 0);
        assert_int_equal(pulled_count(&p, "test", NULL), 3);
        expect_failure(p, 3, NF_FAILURE_DAMAGED, -1, n_labels == 4 ? "4 labels for 3 images" : "2 labels for 3 images");
    }
}

static void a_label_that_is_none_leaves_its_image_without(void **state)
{
    (void)state;
    for (int gzipped = 0; gzipped < 2; gzipped++) {
        nf_buf tar = {0};
        put_member(&tar, "test_X.bin", images(3, 9));
        put_member(&tar, "test_y.bin", text("\x03\x0b\x01"));
        pulled p = pull_tar(&tar, gzipped);
        assert_int_equal(pulled_count(&p, "test", NULL), 1);
        assert_int_equal(pulled_count(&p, "test", "2"), 1);
        expect_failure(p, 3, NF_FAILURE_BAD_LABEL, -1, "the first is 11, of row 1");
    }
}

static void images_without_labels_keep_their_split(void **state)
{
    (void)state;
    for (int gzipped = 0; gzipped < 2; gzipped++) {
        nf_buf tar = {0};
        put_member(&tar, "train_X.bin", images(2, 9));
        put_member(&tar, "test_X.bin", images(3, 9));
        pulled p = pull_tar(&tar, gzipped);
        assert_int_equal(p.ended, NF_EOF);
        assert_int_equal(p.n, 5);
        assert_int_equal(pulled_count(&p, "train", NULL), 2);
        assert_int_equal(pulled_count(&p, "test", NULL), 3);
        pulled_free(&p);
    }
}

static void labels_beside_a_lone_file_of_images_are_found(void **state)
{
    (void)state;
    for (int i = 0; i < 8; i++) {
        char directory[64] = "/tmp/nofade-test-XXXXXX", x_path[128], y_path[128];
        bool x_gz = (i & 1) != 0, y_gz = (i & 2) != 0, is_there = (i & 4) == 0;
        nf_buf x = images(3, 1), y = labels(3), packed_x = {0}, packed_y = {0};
        put_gzip(&packed_x, x.data, x.len);
        put_gzip(&packed_y, y.data, y.len);
        assert_non_null(mkdtemp(directory));
        snprintf(x_path, sizeof x_path, "%s/test_X.bin%s", directory, x_gz ? ".gz" : "");
        snprintf(y_path, sizeof y_path, "%s/test_y.bin%s", directory, y_gz ? ".gz" : "");
        write_bytes(x_path, x_gz ? packed_x.data : x.data, x_gz ? packed_x.len : x.len);
        if (is_there)
            write_bytes(y_path, y_gz ? packed_y.data : y.data, y_gz ? packed_y.len : y.len);
        pulled p = pull(x_path, &nf_loader_stl10, NULL, NULL);
        assert_int_equal(p.ended, NF_EOF);
        assert_int_equal(p.n, 3);
        assert_int_equal(pulled_count(&p, "test", "2"), is_there ? 1 : 0);
        assert_int_equal(pulled_count(&p, "test", NULL), is_there ? 0 : 3);
        pulled_free(&p);
        unlink(x_path);
        unlink(y_path);
        rmdir(directory);
        nf_buf_free(&x);
        nf_buf_free(&y);
        nf_buf_free(&packed_x);
        nf_buf_free(&packed_y);
    }
}

static void labels_alone_are_no_set(void **state)
{
    (void)state;
    for (int gzipped = 0; gzipped < 2; gzipped++) {
        nf_buf tar = {0};
        put_member(&tar, "train_y.bin", labels(3));
        pulled p = pull_tar(&tar, gzipped);
        assert_int_equal(p.ended, NF_ERR_INPUT);
        assert_non_null(strstr(p.error.message, "labels but no images"));
        pulled_free(&p);
    }
}

static void members_that_repeat_are_told(void **state)
{
    (void)state;
    nf_buf tar = {0};
    put_member(&tar, "test_X.bin", images(2, 1));
    put_member(&tar, "test_X.bin", images(2, 3));
    expect_failure(pull_tar(&tar, false), 2, NF_FAILURE_REPEATED_MEMBER, -1, "twice");
    tar = (nf_buf){0};
    put_member(&tar, "a/test_X.bin", images(2, 1));
    put_member(&tar, "b/test_X.bin", images(2, 3));
    pulled p = pull_tar(&tar, false);
    assert_int_equal(p.ended, NF_ERR_INPUT);
    assert_non_null(strstr(p.error.message, "another place"));
    pulled_free(&p);
}

static void a_source_that_breaks_off_gives_what_came_before(void **state)
{
    (void)state;
    nf_buf tar = {0}, gz = {0};
    put_member(&tar, "test_X.bin", images(6, 1));
    put_member(&tar, "test_y.bin", labels(6));
    put_tar_end(&tar);
    put_gzip(&gz, tar.data, tar.len);
    pulled p = pull_named("a.tar.gz", gz.data, gz.len / 2, &nf_loader_stl10, NULL, NULL);
    assert_int_equal(p.ended, NF_ERR_DAMAGED);
    assert_in_range(pulled_count(&p, "test", NULL), 2, 3);
    assert_int_equal(pulled_failed(&p, NULL), 1);
    pulled_free(&p);
    nf_buf_free(&tar);
    nf_buf_free(&gz);
}

static int sure(const nf_loader *loader, const char *path, int64_t size_bytes)
{
    nf_probe_entry entry = {.path = (char *)(uintptr_t)path, .size_bytes = size_bytes, .head_bytes = NF_PROBE_HEAD_BYTES};
    memset(entry.head, 7, sizeof entry.head);
    return loader->detect(&(nf_probe){.n = 1, .entries = &entry}, &(const char *){NULL});
}

static void it_is_known_by_name_and_size_and_takes_no_other_set(void **state)
{
    (void)state;
    static const char *const mine[] = {"stl10_binary/train_X.bin", "x/test_X.bin", "unlabeled_X.bin"};
    for (size_t i = 0; i < 3; i++) {
        assert_true(sure(&nf_loader_stl10, mine[i], 5 * IMAGE_BYTES) >= NF_DETECT_SURE);
        assert_in_range(sure(&nf_loader_stl10, mine[i], 5 * IMAGE_BYTES + 1), NF_DETECT_LIKELY, NF_DETECT_SURE - 1);
        assert_int_equal(sure(&nf_loader_cifar, mine[i], 5 * IMAGE_BYTES), NF_DETECT_NO);
        assert_int_equal(sure(&nf_loader_idx, mine[i], 5 * IMAGE_BYTES), NF_DETECT_NO);
        assert_int_equal(sure(&nf_loader_svhn, mine[i], 5 * IMAGE_BYTES), NF_DETECT_NO);
        assert_true(sure(&nf_loader_imagefolder, mine[i], 5 * IMAGE_BYTES) < NF_DETECT_LIKELY);
    }
    assert_true(sure(&nf_loader_stl10, "train_y.bin", 5000) < NF_DETECT_LIKELY);
    static const char *const others[] = {"train.bin", "data_batch_1.bin", "test_X.npy", "my_X.bin", "train_X.bin/1.png",
                                         "class_names.txt", "unlabeled_y.bin", "train-images-idx3-ubyte"};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        assert_int_equal(sure(&nf_loader_stl10, others[i], 5 * IMAGE_BYTES), NF_DETECT_NO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_published_archive_is_read_with_one_walk_or_two),
        cmocka_unit_test(only_labels_that_are_to_come_are_waited_for),
        cmocka_unit_test(a_row_that_ends_early_is_one_failure),
        cmocka_unit_test(labels_that_do_not_fit_the_images_are_not_used),
        cmocka_unit_test(a_label_that_is_none_leaves_its_image_without),
        cmocka_unit_test(images_without_labels_keep_their_split),
        cmocka_unit_test(labels_beside_a_lone_file_of_images_are_found),
        cmocka_unit_test(labels_alone_are_no_set),
        cmocka_unit_test(members_that_repeat_are_told),
        cmocka_unit_test(a_source_that_breaks_off_gives_what_came_before),
        cmocka_unit_test(it_is_known_by_name_and_size_and_takes_no_other_set),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
