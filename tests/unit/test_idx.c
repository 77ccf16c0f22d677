/* IDX files: pairs in either order, wrong counts, subsets. */
#include "support/pull_records.h"

extern const nf_loader nf_loader_idx;

static void put_be32(nf_buf *to, uint32_t value)
{
    put(to, (uint8_t[4]){(uint8_t)(value >> 24), (uint8_t)(value >> 16), (uint8_t)(value >> 8), (uint8_t)value}, 4);
}

/* n images of 4 x 3 pixels, said to be `said`. */
static nf_buf images(uint32_t said, int n)
{
    nf_buf made = {0};
    put_be32(&made, 0x803);
    put_be32(&made, said);
    put_be32(&made, 3);
    put_be32(&made, 4);
    for (int i = 0; i < n * 12; i++)
        put(&made, &(uint8_t){(uint8_t)(i % 251)}, 1);
    return made;
}

static nf_buf labels(uint32_t said, int n)
{
    nf_buf made = {0};
    put_be32(&made, 0x801);
    put_be32(&made, said);
    for (int i = 0; i < n; i++)
        put(&made, &(uint8_t){(uint8_t)(i % 10)}, 1);
    return made;
}

static void put_member(nf_buf *tar, const char *name, nf_buf data)
{
    put_tar(tar, name, '0', data.data, data.len);
    nf_buf_free(&data);
}

/* A tar of these members, gzipped (so that there is one walk only) where asked. */
static pulled pull_tar(nf_buf *tar, bool gzipped)
{
    nf_buf packed = {0};
    put_tar_end(tar);
    if (gzipped)
        put_gzip(&packed, tar->data, tar->len);
    const nf_buf *made = gzipped ? &packed : tar;
    pulled p = pull_named("a.tar", made->data, made->len, &nf_loader_idx, NULL, NULL);
    nf_buf_free(&packed);
    nf_buf_free(tar);
    return p;
}

static void pairs_are_bound_in_either_order_with_one_walk_or_two(void **state)
{
    (void)state;
    for (int i = 0; i < 4; i++) {
        nf_buf tar = {0};
        if ((i & 1) != 0)
            put_member(&tar, "raw/train-labels-idx1-ubyte", labels(25, 25));
        put_member(&tar, "raw/train-images-idx3-ubyte", images(25, 25));
        if ((i & 1) == 0)
            put_member(&tar, "raw/train-labels-idx1-ubyte", labels(25, 25));
        put_member(&tar, "raw/t10k-images.idx3-ubyte", images(4, 4));
        put_member(&tar, "raw/t10k-labels.idx1-ubyte", labels(4, 4));
        put_member(&tar, "raw/notes.txt", labels(0, 0));
        pulled p = pull_tar(&tar, (i & 2) != 0);
        assert_int_equal(p.ended, NF_EOF);
        assert_int_equal(p.n, 29);
        assert_int_equal(pulled_count(&p, "train", "4"), 3);
        assert_int_equal(pulled_count(&p, "train", "9"), 2);
        assert_int_equal(pulled_count(&p, "test", "3"), 1);
        assert_int_equal(p.records[0].w_px, 4);
        assert_int_equal(p.records[0].h_px, 3);
        assert_int_equal(p.records[0].n_bytes, 12);
        assert_string_equal(p.facts.id, "idx");
        pulled_free(&p);
    }
}

static void expect_failure(const nf_buf *bytes, const char *name, size_t n_good, nf_failure failure)
{
    const pulled_record *last = NULL;
    pulled p = pull_named(name, bytes->data, bytes->len, &nf_loader_idx, NULL, NULL);
    assert_int_equal(p.ended, NF_EOF);
    assert_int_equal(pulled_good(&p), n_good);
    assert_int_equal(pulled_failed(&p, &last), 1);
    assert_int_equal(last->failure, failure);
    pulled_free(&p);
}

static void every_whole_image_counts_whatever_the_header_says(void **state)
{
    (void)state;
    nf_buf bytes = images(3 * 784, 3);
    expect_failure(&bytes, "x-images-idx3-ubyte", 3, NF_FAILURE_CUT_SHORT);
    nf_buf_free(&bytes);
    bytes = images(UINT32_MAX, 3);
    bytes.len -= 5;
    expect_failure(&bytes, "x-images-idx3-ubyte", 2, NF_FAILURE_CUT_SHORT);
    nf_buf_free(&bytes);
    bytes = images(2, 3);
    expect_failure(&bytes, "x-images-idx3-ubyte", 2, NF_FAILURE_DAMAGED);
    nf_buf_free(&bytes);
}

static void what_is_no_idx_of_bytes_is_refused(void **state)
{
    (void)state;
    nf_buf bytes = images(2, 2);
    bytes.data[2] = 0x0D;
    expect_failure(&bytes, "x-images-idx3-ubyte", 0, NF_FAILURE_UNSUPPORTED_KIND);
    bytes.data[2] = 0;
    expect_failure(&bytes, "x-images-idx3-ubyte", 0, NF_FAILURE_DAMAGED);
    bytes.data[2] = 8;
    bytes.data[8] = 0xFF;
    expect_failure(&bytes, "x-images-idx3-ubyte", 0, NF_FAILURE_UNSUPPORTED_KIND);
    bytes.data[8] = 0;
    bytes.len = 9;
    expect_failure(&bytes, "x-images-idx3-ubyte", 0, NF_FAILURE_CUT_SHORT);
    nf_buf_free(&bytes);
}

static void labels_and_images_of_different_numbers_are_told(void **state)
{
    (void)state;
    for (int gzipped = 0; gzipped < 2; gzipped++) {
        const pulled_record *last = NULL;
        nf_buf tar = {0};
        put_member(&tar, "train-labels-idx1-ubyte", labels(7, 7));
        put_member(&tar, "train-images-idx3-ubyte", images(9, 9));
        pulled p = pull_tar(&tar, gzipped != 0);
        assert_int_equal(pulled_good(&p), 9);
        assert_int_equal(pulled_count(&p, "train", NULL), 2);
        assert_int_equal(pulled_failed(&p, &last), 1);
        assert_non_null(strstr(last != NULL ? last->reason : "", "7 labels for 9 images"));
        pulled_free(&p);
    }
}

static void labels_of_two_dimensions_are_refused_by_name(void **state)
{
    (void)state;
    nf_buf tar = {0}, two = {0};
    const pulled_record *last = NULL;
    put_be32(&two, 0xC02);
    put_be32(&two, 3);
    put_be32(&two, 8);
    put_member(&tar, "test-labels-idx2-int", two);
    nf_buf other = labels(3, 20);
    memcpy(other.data, "\0\0\x0c\x02", 4);
    put_member(&tar, "t10k-labels-idx1-ubyte", other);
    put_member(&tar, "t10k-images-idx3-ubyte", images(3, 3));
    pulled p = pull_tar(&tar, false);
    assert_int_equal(pulled_count(&p, "test", NULL), 3);
    assert_int_equal(pulled_failed(&p, &last), 1);
    assert_non_null(strstr(last->reason, "type 0C with 2 dimensions are not read"));
    assert_string_equal(p.tally.kinds[0].kind, "labels-alone");
    pulled_free(&p);
}

static void labels_beside_a_lone_file_of_images_are_found(void **state)
{
    (void)state;
    char directory[64] = "/tmp/nofade-test-XXXXXX", path[160], beside[160];
    assert_non_null(mkdtemp(directory));
    snprintf(path, sizeof path, "%s/train-images.idx3-ubyte", directory);
    snprintf(beside, sizeof beside, "%s/train-labels.idx1-ubyte.gz", directory);
    nf_buf some = images(5, 5), theirs = labels(5, 5), packed = {0};
    put_gzip(&packed, theirs.data, theirs.len);
    write_bytes(path, some.data, some.len);
    pulled p = pull(path, &nf_loader_idx, NULL, NULL);
    assert_int_equal(pulled_count(&p, "train", NULL), 5);
    assert_null(p.facts.title);
    pulled_free(&p);
    write_bytes(beside, packed.data, packed.len);
    p = pull(path, &nf_loader_idx, NULL, NULL);
    assert_int_equal(pulled_good(&p), 5);
    assert_int_equal(pulled_count(&p, "train", "4"), 1);
    assert_non_null(p.facts.title);
    pulled_free(&p);
    p = pull(beside, &nf_loader_idx, NULL, NULL);
    assert_int_equal(p.ended, NF_ERR_INPUT);
    assert_non_null(strstr(p.error.message, "holds labels but no images"));
    pulled_free(&p);
    unlink(path);
    unlink(beside);
    rmdir(directory);
    nf_buf_free(&some);
    nf_buf_free(&theirs);
    nf_buf_free(&packed);
}

static pulled pull_emnist(const char *subset, bool gzipped)
{
    nf_buf tar = {0}, packed = {0};
    put_member(&tar, "gzip/emnist-letters-train-images-idx3-ubyte", images(6, 6));
    put_member(&tar, "gzip/emnist-letters-train-labels-idx1-ubyte", labels(6, 6));
    put_member(&tar, "gzip/emnist-digits-train-images-idx3-ubyte", images(8, 8));
    put_member(&tar, "gzip/emnist-digits-train-labels-idx1-ubyte", labels(8, 8));
    put_tar_end(&tar);
    if (gzipped)
        put_gzip(&packed, tar.data, tar.len);
    pulled p = pull_named("e.tar", gzipped ? packed.data : tar.data, gzipped ? packed.len : tar.len, &nf_loader_idx,
                          &(nf_loader_options){.subset = subset}, NULL);
    nf_buf_free(&packed);
    nf_buf_free(&tar);
    return p;
}

static void one_subset_of_emnist_must_be_chosen(void **state)
{
    (void)state;
    for (int gzipped = 0; gzipped < 2; gzipped++) {
        pulled p = pull_emnist("digits", gzipped != 0);
        assert_int_equal(p.ended, NF_EOF);
        assert_int_equal(p.n, 8);
        assert_string_equal(p.facts.id, "emnist");
        pulled_free(&p);
        p = pull_emnist(NULL, gzipped != 0);
        assert_int_equal(p.ended, NF_ERR_USAGE);
        assert_non_null(strstr(p.error.message, "letters, digits"));
        pulled_free(&p);
        p = pull_emnist("balanced", gzipped != 0);
        assert_int_equal(p.ended, NF_ERR_USAGE);
        assert_non_null(strstr(p.error.message, "no such subset"));
        pulled_free(&p);
    }
}

static void a_packed_twin_is_not_counted_twice(void **state)
{
    (void)state;
    nf_buf tar = {0}, some = images(5, 5), packed = {0};
    put_gzip(&packed, some.data, some.len);
    put_tar(&tar, "train-images-idx3-ubyte", '0', some.data, some.len);
    put_member(&tar, "train-images-idx3-ubyte.gz", packed);
    pulled p = pull_tar(&tar, false);
    assert_int_equal(p.n, 5);
    assert_int_equal(p.tally.n, 1);
    pulled_free(&p);
    nf_buf_free(&some);
}

static void a_forced_name_gives_its_classes_names(void **state)
{
    (void)state;
    nf_buf some = images(2, 2);
    pulled p = pull_named("t10k-images-idx3-ubyte", some.data, some.len, &nf_loader_idx, NULL, "fashion-mnist");
    assert_string_equal(p.facts.id, "fashion-mnist");
    assert_string_equal(nf_groups_class_name(p.groups, "0"), "T-shirt/top");
    pulled_free(&p);
    nf_buf_free(&some);
}

static void the_genuine_mnist_is_known_by_its_pixels(void **state)
{
    (void)state;
    const char *samples = getenv("NOFADE_SAMPLES");
    char path[512];
    snprintf(path, sizeof path, "%s/fashion-mnist/t10k-images-idx3-ubyte.gz", samples != NULL ? samples : "");
    if (samples == NULL || access(path, R_OK) != 0) {
        print_message("SKIP the genuine MNIST: NOFADE_SAMPLES holds no fashion-mnist\n");
        skip();
    }
    pulled p = pull(path, &nf_loader_idx, NULL, NULL);
    assert_string_equal(p.facts.id, "fashion-mnist");
    assert_int_equal(pulled_count(&p, "test", "9"), 1000);
    assert_string_equal(nf_groups_class_name(p.groups, "9"), "Ankle boot");
    pulled_free(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pairs_are_bound_in_either_order_with_one_walk_or_two),
        cmocka_unit_test(every_whole_image_counts_whatever_the_header_says),
        cmocka_unit_test(what_is_no_idx_of_bytes_is_refused),
        cmocka_unit_test(labels_and_images_of_different_numbers_are_told),
        cmocka_unit_test(labels_of_two_dimensions_are_refused_by_name),
        cmocka_unit_test(labels_beside_a_lone_file_of_images_are_found),
        cmocka_unit_test(one_subset_of_emnist_must_be_chosen),
        cmocka_unit_test(a_packed_twin_is_not_counted_twice),
        cmocka_unit_test(a_forced_name_gives_its_classes_names),
        cmocka_unit_test(the_genuine_mnist_is_known_by_its_pixels),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
