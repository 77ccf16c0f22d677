/* CIFAR in all its forms: what is counted, and what is said of the rest. */
#include "support/make_mat.h"
#include "support/make_pickle.h"
#include "support/pull_records.h"

extern const nf_loader nf_loader_cifar;

static const nf_loader_options coarse = {.labels_level = NF_LABELS_COARSE};

static pulled pull_bytes(const char *name, const nf_buf *bytes)
{
    return pull_named(name, bytes->data, bytes->len, &nf_loader_cifar, NULL, NULL);
}

/* The digest of image i, as every form must give it. */
static uint64_t digest_of(int i)
{
    uint8_t pixels[3072];
    for (int j = 0; j < 3072; j++)
        pixels[j] = batch_pixel(i, j);
    return XXH3_64bits(pixels, sizeof pixels);
}

/* n good images with batch_label's labels, in order. */
static void expect_batch(const pulled *p, size_t n, const char *split, const char *id)
{
    assert_int_equal(p->ended, NF_EOF);
    assert_string_equal(p->facts.id, id);
    assert_true(p->n >= n);
    for (size_t i = 0; i < n; i++) {
        char label[8];
        const pulled_record *record = &p->records[i];
        snprintf(label, sizeof label, "%d", batch_label((int)i));
        assert_int_equal(record->failure, NF_FAILURE_NONE);
        assert_true(record->group < nf_groups_count(p->groups));
        assert_string_equal(nf_groups_get(p->groups, record->group)->class_id, label);
        assert_string_equal(nf_groups_get(p->groups, record->group)->split, split);
        assert_int_equal(record->row, (int64_t)i);
        assert_int_equal(record->w_px, 32);
        assert_true(record->digest == digest_of((int)i));
    }
}

static void put_binary(nf_buf *to, int n, bool two_labels)
{
    for (int i = 0; i < n; i++) {
        if (two_labels)
            put(to, &(uint8_t){(uint8_t)(batch_label(i) / 2)}, 1);
        put(to, &(uint8_t){batch_label(i)}, 1);
        for (int j = 0; j < 3072; j++)
            put(to, &(uint8_t){batch_pixel(i, j)}, 1);
    }
}

static void put_mat_batch(nf_buf *to, int n, mat_options o)
{
    nf_buf pixels = {0};
    uint8_t labels[256];
    for (int i = 0; i < n; i++)
        labels[i] = batch_label(i);
    put_batch_pixels(&pixels, n, true);
    put_mat_header(to, o.big_endian);
    put_mat_matrix(to, "batch_label", 4, 1, 20, 16, "testing batch 1 of 1", 20, o);
    put_mat_matrix(to, "data", 9, (uint32_t)n, 3072, 2, pixels.data, pixels.len, o);
    put_mat_matrix(to, "labels", 9, (uint32_t)n, 1, 2, labels, (size_t)n, o);
    nf_buf_free(&pixels);
}

static void a_binary_batch_alone_is_read(void **state)
{
    (void)state;
    nf_buf bytes = {0};
    put_binary(&bytes, 13, false);
    pulled p = pull_bytes("data_batch_1.bin", &bytes);
    expect_batch(&p, 13, "train", "cifar10");
    assert_int_equal(p.n, 13);
    pulled_free(&p);
    p = pull_bytes("test_batch.bin", &bytes);
    expect_batch(&p, 13, "test", "cifar10");
    pulled_free(&p);
    nf_buf_free(&bytes);
}

static void both_levels_of_cifar100_are_read(void **state)
{
    (void)state;
    nf_buf bytes = {0};
    put_binary(&bytes, 12, true);
    pulled p = pull_bytes("train.bin", &bytes);
    expect_batch(&p, 12, "train", "cifar100");
    pulled_free(&p);
    p = pull_named("test.bin", bytes.data, bytes.len, &nf_loader_cifar, &coarse, NULL);
    assert_int_equal(pulled_count(&p, "test", "2"), 4);
    assert_int_equal(pulled_count(&p, "test", "5"), 0);
    pulled_free(&p);
    bytes.len = 0;
    put_genuine_batch(&bytes, 12, (batch_options){.coarse_and_fine = true});
    p = pull_named("test", bytes.data, bytes.len, &nf_loader_cifar, &coarse, NULL);
    assert_int_equal(pulled_count(&p, "test", "2"), 4);
    pulled_free(&p);
    p = pull_bytes("train", &bytes);
    expect_batch(&p, 12, "train", "cifar100");
    pulled_free(&p);
    nf_buf_free(&bytes);
}

static void cifar10_has_no_coarse_labels(void **state)
{
    (void)state;
    nf_buf bytes = {0};
    put_binary(&bytes, 2, false);
    pulled p = pull_named("data_batch_1.bin", bytes.data, bytes.len, &nf_loader_cifar, &coarse, NULL);
    assert_int_equal(p.ended, NF_ERR_USAGE);
    assert_non_null(strstr(p.error.message, "has no coarse labels"));
    pulled_free(&p);
    nf_buf_free(&bytes);
}

static void a_cut_binary_file_gives_its_whole_records_and_one_failure(void **state)
{
    (void)state;
    nf_buf bytes = {0};
    const pulled_record *last = NULL;
    put_binary(&bytes, 6, false);
    for (size_t cut = 1; cut <= 3072; cut += 1023) {
        pulled p = pull_named("data_batch_1.bin", bytes.data, bytes.len - cut, &nf_loader_cifar, NULL, NULL);
        expect_batch(&p, 5, "train", "cifar10");
        assert_int_equal(p.n, 6);
        assert_int_equal(pulled_failed(&p, &last), 1);
        assert_int_equal(last->failure, NF_FAILURE_CUT_SHORT);
        pulled_free(&p);
    }
    nf_buf_free(&bytes);
}

static void every_form_of_pickle_gives_the_same_images(void **state)
{
    (void)state;
    for (int form = 0; form < 6; form++) {
        nf_buf bytes = {0};
        int n = form == 5 ? 4 : 40; /* 40 images are over the size that is held, 4 are not */
        if (form == 0 || form == 5)
            put_genuine_batch(&bytes, n, (batch_options){0});
        else if (form == 1)
            put_genuine_batch(&bytes, n, (batch_options){.pixels_first = true});
        else if (form == 2)
            put_genuine_batch(&bytes, n, (batch_options){.by_column = true});
        else if (form == 3)
            put_protocol5_batch(&bytes, n, true);
        else
            put_protocol2_text_batch(&bytes, n);
        pulled p = pull_bytes("data_batch_3", &bytes);
        expect_batch(&p, (size_t)n, "train", "cifar10");
        assert_int_equal(p.n, n);
        pulled_free(&p);
        nf_buf_free(&bytes);
    }
}

static void a_renamed_pickle_is_known_by_content_and_title(void **state)
{
    (void)state;
    nf_buf bytes = {0};
    put_genuine_batch(&bytes, 30, (batch_options){.title = "testing batch 1 of 1"});
    pulled p = pull_bytes("something.else", &bytes);
    expect_batch(&p, 30, "test", "cifar10");
    pulled_free(&p);
    nf_buf_free(&bytes);
}

static void a_pickle_that_does_not_fit_is_refused_whole(void **state)
{
    (void)state;
    static const struct {
        batch_options options;
        nf_failure failure;
    } cases[] = {
        {{.n_labels = 39}, NF_FAILURE_DAMAGED},
        {{.shape_rows = 39}, NF_FAILURE_DAMAGED},
        {{.dtype = "i1"}, NF_FAILURE_UNSUPPORTED_KIND},
        {{.dtype = "f8"}, NF_FAILURE_UNSUPPORTED_KIND},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        nf_buf bytes = {0};
        const pulled_record *last = NULL;
        put_genuine_batch(&bytes, 40, cases[i].options);
        pulled p = pull_bytes("data_batch_1", &bytes);
        assert_int_equal(p.ended, NF_EOF);
        assert_int_equal(pulled_good(&p), 0);
        assert_int_equal(pulled_failed(&p, &last), 1);
        assert_int_equal(last->failure, cases[i].failure);
        pulled_free(&p);
        nf_buf_free(&bytes);
    }
}

static void a_pickle_cut_inside_its_pixels_gives_the_rows_before(void **state)
{
    (void)state;
    nf_buf bytes = {0};
    const pulled_record *last = NULL;
    batch_options o = {.title = "testing batch 1 of 1"};
    put_genuine_batch(&bytes, 40, o);
    size_t tail = 2 + 11 + 2 + (size_t)40 * 47 + 3; /* behind the pixels */
    size_t whole_rows = bytes.len - tail - (size_t)10 * 3072 - 100;
    pulled p = pull_named("data_batch_1", bytes.data, whole_rows, &nf_loader_cifar, NULL, NULL);
    expect_batch(&p, 29, "train", "cifar10");
    assert_int_equal(pulled_good(&p), 29);
    assert_int_equal(pulled_failed(&p, &last), 1);
    assert_int_equal(last->failure, NF_FAILURE_CUT_SHORT);
    pulled_free(&p);
    p = pull_named("data_batch_1", bytes.data, bytes.len - 100, &nf_loader_cifar, NULL, NULL); /* among the file names */
    expect_batch(&p, 40, "train", "cifar10");
    assert_int_equal(pulled_failed(&p, &last), 1);
    pulled_free(&p);
    bytes.len = 0;
    o.pixels_first = true; /* no labels yet: nothing can be counted */
    put_genuine_batch(&bytes, 40, o);
    p = pull_named("data_batch_1", bytes.data, bytes.len / 2, &nf_loader_cifar, NULL, NULL);
    assert_int_equal(pulled_good(&p), 0);
    assert_int_equal(pulled_failed(&p, &last), 1);
    pulled_free(&p);
    nf_buf_free(&bytes);
}

static void a_malicious_pickle_is_refused_by_name_beside_good_ones(void **state)
{
    (void)state;
    static const char evil[] = "\x80\x02" "cos\nsystem\nU\x02ls\x85R.";
    nf_buf bytes = {0}, good = {0};
    const pulled_record *last = NULL;
    put_genuine_batch(&good, 30, (batch_options){0});
    put_tar(&bytes, "data_batch_1", '0', evil, sizeof evil - 1);
    put_tar(&bytes, "data_batch_2", '0', good.data, good.len);
    put_tar_end(&bytes);
    pulled p = pull_bytes("x.tar", &bytes);
    assert_int_equal(p.ended, NF_EOF);
    assert_int_equal(pulled_good(&p), 30);
    assert_int_equal(pulled_failed(&p, &last), 1);
    assert_non_null(strstr(last != NULL ? last->reason : "", "global os.system is refused"));
    pulled_free(&p);
    nf_buf_free(&bytes);
    nf_buf_free(&good);
}

static void matlab_files_of_all_kinds_are_read(void **state)
{
    (void)state;
    for (int i = 0; i < 4; i++) {
        nf_buf bytes = {0};
        put_mat_batch(&bytes, 70, (mat_options){.big_endian = (i & 1) != 0, .compressed = (i & 2) != 0});
        pulled p = pull_bytes("data_batch_1.mat", &bytes);
        expect_batch(&p, 70, "train", "cifar10");
        assert_int_equal(p.n, 70);
        pulled_free(&p);
        p = pull_bytes("renamed.mat", &bytes);
        expect_batch(&p, 70, "test", "cifar10");
        pulled_free(&p);
        nf_buf_free(&bytes);
    }
}

static void a_cut_matlab_file_is_one_failure(void **state)
{
    (void)state;
    nf_buf bytes = {0};
    const pulled_record *last = NULL;
    put_mat_batch(&bytes, 20, (mat_options){0});
    pulled p = pull_named("data_batch_1.mat", bytes.data, bytes.len / 2, &nf_loader_cifar, NULL, NULL);
    assert_int_equal(p.n, 1);
    assert_int_equal(pulled_failed(&p, &last), 1);
    assert_int_equal(last->failure, NF_FAILURE_CUT_SHORT);
    pulled_free(&p);
    nf_buf_free(&bytes);
}

/* A tar with names of six classes and a batch, in either order. */
static pulled pull_six(bool names_first, const char *names)
{
    nf_buf bytes = {0}, batch = {0};
    put_binary(&batch, 12, false);
    if (names_first)
        put_tar(&bytes, "set/batches.meta.txt", '0', names, strlen(names));
    put_tar(&bytes, "set/data_batch_1.bin", '0', batch.data, batch.len);
    put_tar(&bytes, "set/readme.html", '0', "x", 1);
    if (!names_first)
        put_tar(&bytes, "set/batches.meta.txt", '0', names, strlen(names));
    put_tar_end(&bytes);
    pulled p = pull_bytes("six.tar", &bytes);
    nf_buf_free(&bytes);
    nf_buf_free(&batch);
    return p;
}

static void a_set_of_six_classes_has_its_names_in_either_order(void **state)
{
    (void)state;
    for (int names_first = 0; names_first < 2; names_first++) {
        pulled p = pull_six(names_first != 0, "one\r\ntwo\r\nthree\r\nfour\r\nfive\r\nsix\r\n\r\n\n");
        expect_batch(&p, 12, "train", "cifar10");
        assert_int_equal(pulled_count(&p, "train", "5"), 2);
        assert_string_equal(nf_groups_class_name(p.groups, "0"), "one");
        assert_string_equal(nf_groups_class_name(p.groups, "5"), "six");
        assert_null(nf_groups_class_name(p.groups, "6"));
        assert_int_equal(p.tally.n, 1);
        pulled_free(&p);
    }
}

static void a_label_without_a_name_fails_its_record(void **state)
{
    (void)state;
    const pulled_record *last = NULL;
    pulled p = pull_six(true, "one\ntwo\nthree\nfour\nfive\n");
    assert_int_equal(p.n, 12);
    assert_int_equal(pulled_good(&p), 10);
    assert_int_equal(pulled_failed(&p, &last), 2);
    assert_int_equal(last->failure, NF_FAILURE_BAD_LABEL);
    assert_int_equal(last->row, 11);
    pulled_free(&p);
}

static void names_come_from_pickles_and_matlab_files_too(void **state)
{
    (void)state;
    static const char *const names[] = {"aquarium_fish", "bear"};
    nf_buf bytes = {0}, meta = {0}, batch = {0};
    put_genuine_meta(&meta);
    put_genuine_batch(&batch, 30, (batch_options){0});
    put_tar(&bytes, "c/data_batch_1", '0', batch.data, batch.len);
    put_tar(&bytes, "c/batches.meta", '0', meta.data, meta.len);
    put_tar_end(&bytes);
    pulled p = pull_bytes("c.tar", &bytes);
    expect_batch(&p, 30, "train", "cifar10");
    assert_string_equal(nf_groups_class_name(p.groups, "9"), "truck");
    pulled_free(&p);
    bytes.len = 0;
    put_mat_header(&bytes, false);
    put_mat_cell(&bytes, "fine_label_names", names, 2, (mat_options){.compressed = true});
    put_mat_cell(&bytes, "coarse_label_names", names + 1, 1, (mat_options){.compressed = true});
    p = pull_bytes("meta.mat", &bytes);
    assert_int_equal(p.n, 0);
    assert_string_equal(p.facts.id, "cifar100");
    assert_string_equal(nf_groups_class_name(p.groups, "0"), "aquarium_fish");
    assert_string_equal(nf_groups_class_name(p.groups, "1"), "bear");
    pulled_free(&p);
    nf_buf_free(&bytes);
    nf_buf_free(&meta);
    nf_buf_free(&batch);
}

static void a_repeated_member_and_two_forms_are_told(void **state)
{
    (void)state;
    nf_buf bytes = {0}, batch = {0}, pickle = {0};
    const pulled_record *last = NULL;
    put_binary(&batch, 2, false);
    put_genuine_batch(&pickle, 2, (batch_options){0});
    put_tar(&bytes, "data_batch_1.bin", '0', batch.data, batch.len);
    size_t one = bytes.len;
    put_tar(&bytes, "data_batch_1.bin", '0', batch.data, batch.len);
    put_tar_end(&bytes);
    pulled p = pull_bytes("x.tar", &bytes);
    assert_int_equal(pulled_good(&p), 2);
    assert_int_equal(pulled_failed(&p, &last), 1);
    assert_int_equal(last->failure, NF_FAILURE_REPEATED_MEMBER);
    pulled_free(&p);
    bytes.len = one;
    put_tar(&bytes, "data_batch_1", '0', pickle.data, pickle.len);
    put_tar_end(&bytes);
    p = pull_bytes("x.tar", &bytes);
    assert_int_equal(p.ended, NF_ERR_INPUT);
    pulled_free(&p);
    nf_buf_free(&bytes);
    nf_buf_free(&batch);
    nf_buf_free(&pickle);
}

static void names_and_heads_are_detected(void **state)
{
    (void)state;
    nf_probe_entry entry = {.path = (char *)(uintptr_t)"x/data_batch_2", .size_bytes = 31035704};
    nf_buf meta = {0};
    put_genuine_meta(&meta);
    entry.head_bytes = meta.len;
    memcpy(entry.head, meta.data, meta.len);
    nf_probe probe = {.n = 1, .entries = &entry};
    assert_true(nf_loader_cifar.detect(&probe, &(const char *){NULL}) >= NF_DETECT_SURE);
    entry.path = (char *)(uintptr_t)"renamed";
    assert_true(nf_loader_cifar.detect(&probe, &(const char *){NULL}) >= NF_DETECT_LIKELY);
    entry.head[0] = 'x';
    assert_int_equal(nf_loader_cifar.detect(&probe, &(const char *){NULL}), NF_DETECT_NO);
    entry.path = (char *)(uintptr_t)"test_batch.bin";
    assert_true(nf_loader_cifar.detect(&probe, &(const char *){NULL}) >= NF_DETECT_SURE);
    entry.path = (char *)(uintptr_t)"photo.jpg";
    assert_int_equal(nf_loader_cifar.detect(&probe, &(const char *){NULL}), NF_DETECT_NO);
    nf_buf_free(&meta);
}

/* Which has no dimension to look at: the sanitizers say whether one is looked at all the same. */
static void an_image_that_is_an_array_never_filled_fails(void **state)
{
    (void)state;
    nf_buf pickle = {0};
    const pulled_record *failed = NULL;
    PUT_LITERAL(&pickle, "\x80\x02}(X\x06\x00\x00\x00labels]K\x01" "aX\x04\x00\x00\x00" "data]cnumpy.core.multiarray\n_reconstruct\n"
                         "cnumpy\nndarray\nK\x00\x85X\x01\x00\x00\x00" "b\x87Rau.");
    pulled p = pull_bytes("data_batch_1", &pickle);
    assert_int_equal(p.ended, NF_EOF);
    assert_int_equal(p.n, 1);
    assert_int_equal(pulled_failed(&p, &failed), 1);
    assert_string_equal(failed->reason, "the image is not 3072 bytes");
    pulled_free(&p);
    nf_buf_free(&pickle);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_binary_batch_alone_is_read),
        cmocka_unit_test(both_levels_of_cifar100_are_read),
        cmocka_unit_test(cifar10_has_no_coarse_labels),
        cmocka_unit_test(a_cut_binary_file_gives_its_whole_records_and_one_failure),
        cmocka_unit_test(every_form_of_pickle_gives_the_same_images),
        cmocka_unit_test(a_renamed_pickle_is_known_by_content_and_title),
        cmocka_unit_test(a_pickle_that_does_not_fit_is_refused_whole),
        cmocka_unit_test(a_pickle_cut_inside_its_pixels_gives_the_rows_before),
        cmocka_unit_test(a_malicious_pickle_is_refused_by_name_beside_good_ones),
        cmocka_unit_test(matlab_files_of_all_kinds_are_read),
        cmocka_unit_test(a_cut_matlab_file_is_one_failure),
        cmocka_unit_test(a_set_of_six_classes_has_its_names_in_either_order),
        cmocka_unit_test(a_label_without_a_name_fails_its_record),
        cmocka_unit_test(names_come_from_pickles_and_matlab_files_too),
        cmocka_unit_test(a_repeated_member_and_two_forms_are_told),
        cmocka_unit_test(names_and_heads_are_detected),
        cmocka_unit_test(an_image_that_is_an_array_never_filled_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
