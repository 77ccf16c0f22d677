/* SVHN's cropped digits: X and y in either order, what is refused, what a cut leaves. */
#include "support/make_mat.h"
#include "support/pull_records.h"

extern const nf_loader nf_loader_svhn, nf_loader_cifar, nf_loader_idx, nf_loader_imagefolder, nf_loader_stl10;

enum { IMAGE_BYTES = 3072 };

static const mat_options packed = {.compressed = true};

static void put_X(nf_buf *to, uint32_t n, mat_options o)
{
    nf_buf pixels = {0};
    put_noise(&pixels, (size_t)n * IMAGE_BYTES, n);
    put_mat_array(to, "X", 9, (uint32_t[]){32, 32, 3, n}, 4, 2, pixels.data, pixels.len, o);
    nf_buf_free(&pixels);
}

/* Labels 1, 2 ... 10, 1 ... */
static void put_y(nf_buf *to, uint32_t n, mat_options o)
{
    nf_buf labels = {0};
    for (uint32_t i = 0; i < n; i++)
        put(&labels, &(uint8_t){(uint8_t)(i % 10 + 1)}, 1);
    put_mat_matrix(to, "y", 9, n, 1, 2, labels.data, labels.len, o);
    nf_buf_free(&labels);
}

static nf_buf make(uint32_t n_images, uint32_t n_labels, mat_options o, bool labels_first)
{
    nf_buf made = {0};
    put_mat_header(&made, o.big_endian);
    if (labels_first)
        put_y(&made, n_labels, o);
    put_X(&made, n_images, o);
    if (!labels_first)
        put_y(&made, n_labels, o);
    return made;
}

/* As a file, or gzipped in a tar: then there is one walk only. */
static pulled pull_as(const char *name, nf_buf made, bool one_walk)
{
    nf_buf tar = {0}, gz = {0};
    pulled p;
    if (one_walk) {
        put_tar(&tar, name, '0', made.data, made.len);
        put_tar_end(&tar);
        put_gzip(&gz, tar.data, tar.len);
        p = pull_named("a.tar.gz", gz.data, gz.len, &nf_loader_svhn, NULL, NULL);
    } else {
        p = pull_named(name, made.data, made.len, &nf_loader_svhn, NULL, NULL);
    }
    nf_buf_free(&tar);
    nf_buf_free(&gz);
    nf_buf_free(&made);
    return p;
}

static void expect_digest(const pulled *p, uint32_t n)
{
    nf_buf pixels = {0};
    put_noise(&pixels, (size_t)n * IMAGE_BYTES, n);
    for (uint32_t i = 0; i < n; i++) {
        assert_int_equal(p->records[i].row, i);
        assert_true(p->records[i].digest == XXH3_64bits(pixels.data + (size_t)i * IMAGE_BYTES, IMAGE_BYTES));
    }
    nf_buf_free(&pixels);
}

static void every_kind_of_file_gives_the_same_images_and_labels(void **state)
{
    (void)state;
    for (int i = 0; i < 16; i++) {
        mat_options o = {.big_endian = (i & 1) != 0, .compressed = (i & 2) != 0, .small = true};
        pulled p = pull_as("train_32x32.mat", make(25, 25, o, (i & 4) != 0), (i & 8) != 0);
        assert_int_equal(p.ended, NF_EOF);
        assert_int_equal(p.n, 25);
        assert_int_equal(pulled_count(&p, "train", "1"), 3);
        assert_int_equal(pulled_count(&p, "train", "9"), 2);
        assert_int_equal(pulled_count(&p, "train", "0"), 2); /* the label 10 */
        assert_int_equal(pulled_count(&p, "train", "10"), 0);
        assert_int_equal(p.records[0].w_px, 32);
        assert_int_equal(p.records[0].h_px, 32);
        assert_int_equal(p.records[0].n_bytes, IMAGE_BYTES);
        expect_digest(&p, 25);
        assert_string_equal(p.facts.id, "svhn");
        assert_string_equal(nf_groups_class_name(p.groups, "0"), "0");
        pulled_free(&p);
    }
}

/* With two walks the labels are known when the images come, so that none waits in memory. */
static void labels_are_read_first_where_one_can_seek(void **state)
{
    (void)state;
    nf_buf made = make(4, 4, packed, false);
    char directory[64] = "/tmp/nofade-test-XXXXXX", path[128];
    assert_non_null(mkdtemp(directory));
    snprintf(path, sizeof path, "%s/extra_32x32.mat", directory);
    write_bytes(path, made.data, made.len);
    nf_entries *entries;
    nf_loader_options options = {.source_path = path};
    nf_groups *groups;
    nf_tally tally = {0};
    nf_dataset_facts facts = {0};
    nf_buf data = {0};
    nf_record record = {.data = &data};
    void *loader = NULL;
    assert_int_equal(nf_entries_open(&entries, path, NULL), NF_OK);
    assert_int_equal(nf_groups_new(&groups, NULL), NF_OK);
    nf_loader_context context = {
        .entries = entries, .groups = groups, .passed_over = &tally, .facts = &facts, .options = &options};
    assert_int_equal(nf_loader_svhn.open(&loader, &context, NULL, NULL), NF_OK);
    for (int i = 0; i < 4; i++) {
        assert_int_equal(nf_loader_svhn.next(loader, &record, NULL), NF_OK);
        assert_int_equal(record.kind, NF_RECORD_IMAGE);
        assert_int_not_equal(record.group, NF_GROUP_LATE);
        assert_string_equal(nf_groups_get(groups, record.group)->split, "extra");
    }
    assert_int_equal(nf_loader_svhn.next(loader, &record, NULL), NF_EOF);
    nf_loader_svhn.close(loader);
    nf_groups_free(groups);
    nf_entries_close(entries);
    nf_buf_free(&data);
    nf_buf_free(&made);
    unlink(path);
    rmdir(directory);
}

static void the_split_is_in_the_name_and_each_file_has_its_own_labels(void **state)
{
    (void)state;
    for (int zipped = 0; zipped < 2; zipped++) {
        static const char *const names[] = {"s/train_32x32.mat", "s/test_32x32.mat", "s/extra_32x32.mat", "s/other.mat"};
        nf_buf tar = {0}, gz = {0};
        for (uint32_t i = 0; i < 4; i++) {
            nf_buf made = make(3 + i, 3 + i, packed, false);
            put_tar(&tar, names[i], '0', made.data, made.len);
            nf_buf_free(&made);
        }
        put_tar(&tar, "s/readme.txt", '0', "x", 1);
        put_tar_end(&tar);
        put_gzip(&gz, tar.data, tar.len);
        const nf_buf *source = zipped ? &gz : &tar;
        pulled p = pull_named("a.tar", source->data, source->len, &nf_loader_svhn, NULL, NULL);
        assert_int_equal(p.ended, NF_EOF);
        assert_int_equal(pulled_good(&p), 3 + 4 + 5 + 6);
        assert_int_equal(pulled_count(&p, "train", "3"), 1);
        assert_int_equal(pulled_count(&p, "train", "4"), 0);
        assert_int_equal(pulled_count(&p, "test", "4"), 1);
        assert_int_equal(pulled_count(&p, "extra", "5"), 1);
        assert_int_equal(pulled_count(&p, "", "6"), 1);
        assert_int_equal(p.tally.n, 1);
        pulled_free(&p);
        nf_buf_free(&tar);
        nf_buf_free(&gz);
    }
}

/* One failure; its sentence holds `text`. */
static void expect_failure(pulled p, size_t n_good, nf_failure failure, const char *text)
{
    static const pulled_record none;
    const pulled_record *last = &none;
    assert_int_equal(p.ended, NF_EOF);
    assert_int_equal(pulled_good(&p), n_good);
    assert_int_equal(pulled_failed(&p, &last), 1);
    assert_int_equal(last->failure, failure);
    if (strstr(last->reason, text) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", last->reason, text);
    pulled_free(&p);
}

static nf_buf make_shape(uint32_t class, uint32_t type, const uint32_t *dims, int n_dims, size_t n_bytes)
{
    nf_buf made = {0}, pixels = {0};
    put_zeros(&pixels, n_bytes);
    put_mat_header(&made, false);
    put_mat_array(&made, "X", class, dims, n_dims, type, pixels.data, pixels.len, (mat_options){0});
    put_y(&made, 1, (mat_options){0});
    nf_buf_free(&pixels);
    return made;
}

static void other_classes_and_shapes_are_refused_by_name(void **state)
{
    (void)state;
    for (int one_walk = 0; one_walk < 2; one_walk++) {
        nf_buf made = make_shape(12, 5, (uint32_t[]){32, 32, 4}, 3, 32 * 32 * 4 * 4);
        expect_failure(pull_as("train_32x32.mat", made, one_walk), 0, NF_FAILURE_UNSUPPORTED_KIND, "class int32 and 32 x 32 x 4,");
        made = make_shape(6, 2, (uint32_t[]){32, 32, 3, 1}, 4, IMAGE_BYTES);
        expect_failure(pull_as("train_32x32.mat", made, one_walk), 0, NF_FAILURE_UNSUPPORTED_KIND, "class double");
        made = make_shape(9, 2, (uint32_t[]){1, 32, 32, 3, 1}, 5, IMAGE_BYTES);
        expect_failure(pull_as("train_32x32.mat", made, one_walk), 0, NF_FAILURE_UNSUPPORTED_KIND, "1 x 32 x 32 x 3 x ...");
        made = make_shape(9, 2, (uint32_t[]){32, 32, 3, 2}, 4, IMAGE_BYTES);
        expect_failure(pull_as("train_32x32.mat", made, one_walk), 0, NF_FAILURE_DAMAGED, "do not fit its dimensions");
    }
    nf_buf one = make_shape(9, 2, (uint32_t[]){32, 32, 3}, 3, IMAGE_BYTES);
    pulled p = pull_as("train_32x32.mat", one, false);
    assert_int_equal(pulled_count(&p, "train", "1"), 1);
    assert_int_equal(p.n, 1);
    pulled_free(&p);
}

static void another_version_of_matlab_is_named(void **state)
{
    (void)state;
    nf_buf made = {0};
    put(&made, "\x89HDF\r\n\x1a\n", 8);
    put_zeros(&made, 500);
    expect_failure(pull_as("digitStruct.mat", made, false), 0, NF_FAILURE_UNSUPPORTED_KIND, "MATLAB v7.3 (HDF5)");
    made = (nf_buf){0};
    put(&made, "MATLAB 7.3 MAT-file, Platform: GLNXA64", 38);
    put_zeros(&made, 600);
    expect_failure(pull_as("train_32x32.mat", made, true), 0, NF_FAILURE_UNSUPPORTED_KIND, "MATLAB v7.3 (HDF5)");
}

static void a_file_without_X_or_y_is_told(void **state)
{
    (void)state;
    for (int one_walk = 0; one_walk < 2; one_walk++) {
        nf_buf made = {0};
        put_mat_header(&made, false);
        put_y(&made, 4, packed);
        expect_failure(pull_as("train_32x32.mat", made, one_walk), 0, NF_FAILURE_UNSUPPORTED_KIND, "no variable \"X\"");
        made = (nf_buf){0};
        put_mat_header(&made, false);
        put_X(&made, 4, packed);
        pulled p = pull_as("train_32x32.mat", made, one_walk);
        assert_int_equal(pulled_count(&p, "train", NULL), 4);
        expect_failure(p, 4, NF_FAILURE_UNSUPPORTED_KIND, "no variable \"y\"");
    }
}

static void labels_that_do_not_fit_the_images_are_not_used(void **state)
{
    (void)state;
    for (int i = 0; i < 4; i++) {
        pulled p = pull_as("test_32x32.mat", make(7, 5, packed, (i & 1) != 0), (i & 2) != 0);
        assert_int_equal(pulled_count(&p, "test", NULL), 7);
        expect_failure(p, 7, NF_FAILURE_DAMAGED, "5 labels for 7 images");
    }
}

static void a_label_that_is_none_leaves_its_image_without(void **state)
{
    (void)state;
    for (int i = 0; i < 4; i++) {
        static const uint8_t labels[4] = {10, 0, 3, 11};
        nf_buf made = {0};
        put_mat_header(&made, false);
        if ((i & 1) != 0)
            put_mat_matrix(&made, "y", 9, 4, 1, 2, labels, 4, packed);
        put_X(&made, 4, packed);
        if ((i & 1) == 0)
            put_mat_matrix(&made, "y", 9, 4, 1, 2, labels, 4, packed);
        pulled p = pull_as("test_32x32.mat", made, (i & 2) != 0);
        assert_int_equal(pulled_count(&p, "test", NULL), 2);
        assert_int_equal(pulled_count(&p, "test", "0"), 1);
        assert_int_equal(pulled_count(&p, "test", "3"), 1);
        expect_failure(p, 4, NF_FAILURE_BAD_LABEL, "not 1 to 10: 2, the first is 0, of row 1");
    }
}

static void a_cut_file_gives_the_images_before_the_cut(void **state)
{
    (void)state;
    for (int i = 0; i < 4; i++) {
        nf_buf made = make(8, 8, (mat_options){.compressed = (i & 1) != 0}, false);
        made.len = 128 + 8 + (size_t)IMAGE_BYTES * 5; /* inside the fifth image or the one beside it */
        pulled p = pull_as("test_32x32.mat", made, (i & 2) != 0);
        size_t n = pulled_good(&p);
        assert_true(n == 4 || n == 5);
        assert_int_equal(pulled_count(&p, "test", NULL), n);
        expect_failure(p, n, NF_FAILURE_CUT_SHORT, "cut short");
    }
}

static void damaged_pixels_are_found_by_the_check_sum(void **state)
{
    (void)state;
    for (int one_walk = 0; one_walk < 2; one_walk++) {
        nf_buf made = {0};
        put_mat_header(&made, false);
        put_X(&made, 6, packed);
        made.data[made.len - 1] ^= 1; /* of the sum itself, which is due with the last image */
        put_y(&made, 6, packed);
        expect_failure(pull_as("test_32x32.mat", made, one_walk), 5, NF_FAILURE_DAMAGED, "damaged");
    }
}

static void members_that_repeat_are_told(void **state)
{
    (void)state;
    nf_buf made = make(3, 3, packed, false), tar = {0};
    put_tar(&tar, "test_32x32.mat", '0', made.data, made.len);
    put_tar(&tar, "test_32x32.mat", '0', made.data, made.len);
    put_tar_end(&tar);
    expect_failure(pull_named("a.tar", tar.data, tar.len, &nf_loader_svhn, NULL, NULL), 3, NF_FAILURE_REPEATED_MEMBER, "twice");
    tar.len = 0;
    put_tar(&tar, "a/test_32x32.mat", '0', made.data, made.len);
    put_tar(&tar, "b/test_32x32.mat", '0', made.data, made.len);
    put_tar_end(&tar);
    pulled p = pull_named("a.tar", tar.data, tar.len, &nf_loader_svhn, NULL, NULL);
    assert_int_equal(p.ended, NF_ERR_INPUT);
    assert_non_null(strstr(p.error.message, "another place"));
    pulled_free(&p);
    nf_buf_free(&tar);
    nf_buf_free(&made);
}

static int sure(const nf_loader *loader, const char *path, const nf_buf *head)
{
    nf_probe_entry entry = {.path = (char *)(uintptr_t)path, .size_bytes = (int64_t)head->len};
    entry.head_bytes = head->len < NF_PROBE_HEAD_BYTES ? head->len : NF_PROBE_HEAD_BYTES;
    memcpy(entry.head, head->data, entry.head_bytes);
    return loader->detect(&(nf_probe){.n = 1, .entries = &entry}, &(const char *){NULL});
}

static void it_is_known_by_name_or_by_X_and_takes_no_other_set(void **state)
{
    (void)state;
    for (int i = 0; i < 4; i++) {
        mat_options o = {.big_endian = (i & 1) != 0, .compressed = (i & 2) != 0};
        nf_buf made = make(2, 2, o, false), batch = {0};
        assert_true(sure(&nf_loader_svhn, "x/test_32x32.mat", &made) >= NF_DETECT_SURE);
        assert_true(sure(&nf_loader_svhn, "renamed", &made) >= NF_DETECT_SURE);
        assert_true(sure(&nf_loader_svhn, "train.mat", &made) > sure(&nf_loader_cifar, "train.mat", &made));
        assert_int_equal(sure(&nf_loader_idx, "test_32x32.mat", &made), NF_DETECT_NO);
        assert_int_equal(sure(&nf_loader_stl10, "test_32x32.mat", &made), NF_DETECT_NO);
        nf_buf_free(&made);
        made = make(2, 2, o, true);
        assert_true(sure(&nf_loader_svhn, "renamed", &made) > sure(&nf_loader_cifar, "renamed", &made));
        nf_buf_free(&made);
        put_mat_header(&batch, o.big_endian);
        put_mat_matrix(&batch, "data", 9, 2, 3, 2, "abcdef", 6, o);
        assert_int_equal(sure(&nf_loader_svhn, "data_batch_1.mat", &batch), NF_DETECT_NO);
        batch.len = 128;
        put_mat_matrix(&batch, "X", 9, 2, 3, 2, "abcdef", 6, o); /* STL-10's MATLAB form is (n, 27648) */
        assert_int_equal(sure(&nf_loader_svhn, "train.mat", &batch), NF_DETECT_NO);
        nf_buf_free(&batch);
    }
    nf_buf jpeg = {0};
    put(&jpeg, "\xff\xd8\xff\xe0", 4);
    assert_int_equal(sure(&nf_loader_svhn, "1.jpg", &jpeg), NF_DETECT_NO);
    nf_buf_free(&jpeg);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_of_file_gives_the_same_images_and_labels),
        cmocka_unit_test(labels_are_read_first_where_one_can_seek),
        cmocka_unit_test(the_split_is_in_the_name_and_each_file_has_its_own_labels),
        cmocka_unit_test(other_classes_and_shapes_are_refused_by_name),
        cmocka_unit_test(another_version_of_matlab_is_named),
        cmocka_unit_test(a_file_without_X_or_y_is_told),
        cmocka_unit_test(labels_that_do_not_fit_the_images_are_not_used),
        cmocka_unit_test(a_label_that_is_none_leaves_its_image_without),
        cmocka_unit_test(a_cut_file_gives_the_images_before_the_cut),
        cmocka_unit_test(damaged_pixels_are_found_by_the_check_sum),
        cmocka_unit_test(members_that_repeat_are_told),
        cmocka_unit_test(it_is_known_by_name_or_by_X_and_takes_no_other_set),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
