/* WebDataset shards: how names group into samples, where labels come from, and what becomes of samples that are no good. */
#include "support/pull_records.h"

#include "loaders/webdataset/webdataset.h"

extern const nf_loader nf_loader_webdataset, nf_loader_imagefolder;

typedef struct file {
    const char *name, *content; /* content NULL: a picture, as far as a loader looks */
} file;

/* The list ends with {0}. */
static nf_buf shard_of(const file *files)
{
    nf_buf tar = {0};
    for (; files->name != NULL; files++) {
        nf_buf content = {0};
        if (files->content == NULL) {
            put(&content, "\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\4\0\0\0\4", 24);
            put(&content, files->name, strlen(files->name));
        } else {
            put(&content, files->content, strlen(files->content));
        }
        put_tar(&tar, files->name, '0', content.data, content.len);
        nf_buf_free(&content);
    }
    put_tar_end(&tar);
    return tar;
}

static pulled pull_shard(const char *shard_name, const file *files)
{
    nf_buf tar = shard_of(files);
    pulled p = pull_named(shard_name, tar.data, tar.len, &nf_loader_webdataset, NULL, NULL);
    nf_buf_free(&tar);
    assert_int_equal(p.opened, NF_OK);
    assert_int_equal(p.ended, NF_EOF);
    assert_string_equal(p.facts.id, "webdataset");
    nf_groups_resolve(p.groups, NULL);
    return p;
}

static uint64_t passed_over(const pulled *p, const char *kind)
{
    for (size_t i = 0; i < p->tally.n; i++)
        if (strcmp(p->tally.kinds[i].kind, kind) == 0)
            return p->tally.kinds[i].count;
    return 0;
}

/* The only failure is this one. */
static void assert_one_failure(pulled *p, nf_failure failure, size_t n_good)
{
    const pulled_record *last = NULL;
    assert_int_equal(pulled_failed(p, &last), 1);
    assert_string_equal(nf_failure_name(last->failure), nf_failure_name(failure));
    assert_true(last->reason[0] != '\0');
    assert_int_equal(pulled_good(p), n_good);
    pulled_free(p);
}

static void a_label_comes_before_or_behind_its_image(void **state)
{
    const file files[] = {{"a.cls", "3"}, {"a.png", NULL}, {"b.png", NULL}, {"b.cls", "4\n"}, {"c.jpg", NULL}, {"c.cls", " 007 "}, {0}};
    pulled p = pull_shard("x.tar", files);
    (void)state;
    assert_int_equal(p.n, 3);
    assert_string_equal(p.records[0].member, "a.png");
    assert_string_equal(p.records[2].member, "c.jpg");
    assert_true(p.records[0].digest != p.records[1].digest); /* each its own bytes */
    assert_int_equal(pulled_count(&p, "", "3"), 1);
    assert_int_equal(pulled_count(&p, "", "4"), 1);
    assert_int_equal(pulled_count(&p, "", "7"), 1);
    pulled_free(&p);
}

static void the_key_ends_at_the_first_dot_of_the_base_name_and_holds_the_directory(void **state)
{
    const file files[] = {{"d.1/a.PNG", NULL}, {"d.1/a.Cls", "1"}, {"d.2/a.cls", "2"}, {"d.2/a.png", NULL},
                          {"ab.cls", "9"},     {"a.png", NULL},    {"a.cls", "5"},     {0}};
    pulled p = pull_shard("x.tar", files);
    (void)state;
    assert_int_equal(pulled_good(&p), 3);
    assert_int_equal(pulled_count(&p, "", "1"), 1);
    assert_int_equal(pulled_count(&p, "", "2"), 1);
    assert_int_equal(pulled_count(&p, "", "5"), 1);
    pulled_free(&p);
}

static void images_of_several_extensions_are_passed_over(void **state)
{
    const file files[] = {{"a.seg.png", NULL}, {"a.png", NULL}, {"a.cls", "1"}, {"a.depth.png", NULL}, {"a.left.jpg", NULL}, {0}};
    pulled p = pull_shard("x.tar", files);
    (void)state;
    assert_int_equal(pulled_good(&p), 1);
    assert_int_equal(passed_over(&p, "label-map"), 2);
    assert_int_equal(passed_over(&p, "extra-image"), 1);
    pulled_free(&p);
}

static void a_gz_behind_an_extension_is_no_part_of_it(void **state)
{
    (void)state;
    assert_int_equal(nf_wds_read_name("a.cls.gz", false).part, NF_WDS_CLASS);
    assert_int_equal(nf_wds_read_name("a.json.GZ", false).part, NF_WDS_JSON);
    assert_int_equal(nf_wds_read_name("a.jpg.gz", false).part, NF_WDS_CONTENT);
    assert_int_equal(nf_wds_read_name("a.seg.png.gz", false).part, NF_WDS_EXTRA);
    assert_int_equal(nf_wds_read_name("a.gz", false).part, NF_WDS_CONTENT);
}

static void names_without_a_dot_and_metadata_belong_to_no_sample(void **state)
{
    const file files[] = {{"a.png", NULL}, {"a", NULL},           {"a.cls", "1"}, {"__index__", "x"}, {"__more__/b.png", NULL},
                          {"notes.txt", "b"}, {0}};
    pulled p = pull_shard("x.tar", files);
    (void)state;
    assert_int_equal(pulled_count(&p, "", "1"), 1); /* the file between does not end the sample */
    assert_int_equal(p.n, 1);
    assert_int_equal(passed_over(&p, "no-suffix"), 1);
    assert_int_equal(passed_over(&p, "metadata"), 2);
    assert_int_equal(passed_over(&p, "txt"), 1);
    pulled_free(&p);
}

static void a_repeated_extension_fails(void **state)
{
    const file images[] = {{"a.cls", "1"}, {"a.png", NULL}, {"a.PNG", NULL}, {0}};
    const file labels[] = {{"a.png", NULL}, {"a.cls", "1"}, {"a.cls", "2"}, {"b.png", NULL}, {"b.cls", "2"}, {0}};
    pulled p = pull_shard("x.tar", images);
    (void)state;
    assert_one_failure(&p, NF_FAILURE_REPEATED_MEMBER, 1);
    p = pull_shard("x.tar", labels);
    assert_one_failure(&p, NF_FAILURE_REPEATED_MEMBER, 1);
}

static void a_json_file_labels_where_no_cls_file_does(void **state)
{
    const file files[] = {{"a.json", "{\"label\": 11}"},
                          {"a.png", NULL},
                          {"b.png", NULL},
                          {"b.json", "{\"caption\": \"x\", \"class\": \"tabby cat\"}"},
                          {"c.cls", "5"},
                          {"c.json", "{\"label\": 6}"},
                          {"c.png", NULL},
                          {"d.json", "no JSON, but nobody asks"},
                          {"d.cls", "5"},
                          {"d.png", NULL},
                          {"e.json", "{\"caption\": \"x\", \"label\": [1, 2]}"},
                          {"e.png", NULL},
                          {"f.png", NULL},
                          {"f.cls", "-1"},
                          {0}};
    pulled p = pull_shard("x.tar", files);
    (void)state;
    assert_int_equal(pulled_count(&p, "", "11"), 1);
    assert_int_equal(pulled_count(&p, "", "tabby cat"), 1);
    assert_int_equal(pulled_count(&p, "", "5"), 2);
    assert_int_equal(pulled_count(&p, "", NULL), 2);
    pulled_free(&p);
}

static void a_label_file_that_says_nothing_fails_its_images(void **state)
{
    static const char *const wrong[] = {"", " \n", "one\ntwo", "\x01", "\xff"};
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        const file files[] = {{"a.png", NULL}, {"a.cls", wrong[i]}, {"b.png", NULL}, {"b.cls", "1"}, {0}};
        pulled p = pull_shard("x.tar", files);
        assert_one_failure(&p, NF_FAILURE_BAD_LABEL, 1);
    }
    static const char *const broken[] = {"", "{\"label\": 1", "{\"label\": \"\"}", "{\"label\": 99999999999999999999}"};
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
        const file files[] = {{"a.png", NULL}, {"a.json", broken[i]}, {"b.png", NULL}, {"b.cls", "1"}, {0}};
        pulled p = pull_shard("x.tar", files);
        assert_one_failure(&p, NF_FAILURE_BAD_LABEL, 1);
    }
}

static void a_label_file_of_any_size_is_not_read_whole(void **state)
{
    char *text = malloc((1 << 20) + 2);
    assert_non_null(text);
    memset(text, ' ', (1 << 20) + 1);
    text[(1 << 20) + 1] = '\0';
    const file cls[] = {{"a.png", NULL}, {"a.cls", text}, {0}}, json[] = {{"a.png", NULL}, {"a.json", text}, {0}};
    (void)state;
    pulled p = pull_shard("x.tar", cls);
    assert_one_failure(&p, NF_FAILURE_BAD_LABEL, 0);
    p = pull_shard("x.tar", json);
    assert_one_failure(&p, NF_FAILURE_BAD_LABEL, 0);
    free(text);
}

static void the_split_is_a_word_of_the_shards_name(void **state)
{
    static const char *const names[][2] = {{"imagenet-train-000003.tar", "train"}, {"set_val.tar", "val"}, {"Test.0.tar", "test"},
                                           {"training-1.tar", "train"},            {"trainer.tar", ""},    {"000.tar", ""}};
    const file files[] = {{"a.png", NULL}, {"a.cls", "1"}, {0}};
    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        pulled p = pull_shard(names[i][0], files);
        assert_int_equal(pulled_count(&p, names[i][1], "1"), 1);
        pulled_free(&p);
    }
}

static void shards_in_an_archive_keep_their_own_names_and_keys(void **state)
{
    const file one[] = {{"a.png", NULL}, {"a.cls", "1"}, {0}}, two[] = {{"a.cls", "2"}, {"a.png", NULL}, {0}};
    nf_buf first = shard_of(one), second = shard_of(two), outer = {0};
    (void)state;
    put_tar(&outer, "set/x-train-0.tar", '0', first.data, first.len);
    put_tar(&outer, "val/x-0.tar", '0', second.data, second.len);
    put_tar_end(&outer);
    pulled p = pull_named("test-all.tar", outer.data, outer.len, &nf_loader_webdataset, NULL, NULL);
    assert_int_equal(p.ended, NF_EOF);
    assert_int_equal(pulled_count(&p, "train", "1"), 1);
    assert_int_equal(pulled_count(&p, "val", "2"), 1);
    pulled_free(&p);
    nf_buf_free(&first);
    nf_buf_free(&second);
    nf_buf_free(&outer);
}

static void a_sample_without_label_files_is_of_its_directory(void **state)
{
    const file deep[] = {{"cat/a.png", NULL}, {"cat/a.txt", "a caption"}, {"dog/a.png", NULL}, {0}};
    const file flat[] = {{"a.png", NULL}, {"a.txt", "cat"}, {0}};
    pulled p = pull_shard("train-0.tar", deep);
    (void)state;
    assert_int_equal(pulled_count(&p, "train", "cat"), 1);
    assert_int_equal(pulled_count(&p, "train", "dog"), 1);
    pulled_free(&p);
    p = pull_shard("train-0.tar", flat);
    assert_int_equal(pulled_count(&p, "train", NULL), 1);
    pulled_free(&p);
}

static void what_claims_to_be_an_image_and_is_none_has_failed(void **state)
{
    const file files[] = {{"a.ppm", "P6\n2 2\n255\n............"}, {"a.cls", "1"}, {"b.jpg", ""}, {"b.cls", "1"},
                          {"c.webp", "text"},                      {"c.cls", "1"}, {"d.png", NULL}, {"d.cls", "1"}, {0}};
    pulled p = pull_shard("x.tar", files);
    (void)state;
    assert_int_equal(pulled_good(&p), 1);
    assert_int_equal(p.records[0].failure, NF_FAILURE_UNSUPPORTED_KIND);
    assert_int_equal(p.records[1].failure, NF_FAILURE_EMPTY);
    assert_int_equal(p.records[2].failure, NF_FAILURE_NOT_AN_IMAGE);
    pulled_free(&p);
}

static void a_sample_holds_a_bounded_number_of_images(void **state)
{
    char names[66][16];
    file files[68] = {{0}};
    (void)state;
    for (size_t i = 0; i < 66; i++) {
        snprintf(names[i], sizeof names[i], "a.x%zu", i);
        files[i] = (file){names[i], NULL};
    }
    files[66] = (file){"a.cls", "8"};
    pulled p = pull_shard("x.tar", files);
    assert_int_equal(pulled_count(&p, "", "8"), 64);
    assert_int_equal(pulled_failed(&p, NULL), 2);
    pulled_free(&p);
}

static void a_shard_that_ends_inside_a_sample_gives_what_it_has(void **state)
{
    const file files[] = {{"a.cls", "1"}, {"a.png", NULL}, {"b.png", NULL}, {0}};
    nf_buf tar = shard_of(files);
    (void)state;
    pulled p = pull_named("x.tar", tar.data, tar.len - 1024 - 512 + 10, &nf_loader_webdataset, NULL, NULL); /* in b.png */
    assert_int_equal(p.ended, NF_ERR_DAMAGED);
    assert_int_equal(p.n, 2);
    assert_int_equal(pulled_count(&p, "", "1"), 1);
    assert_int_equal(p.records[1].failure, NF_FAILURE_CUT_SHORT);
    pulled_free(&p);
    nf_buf_free(&tar);
}

static void a_choice_of_images_does_not_lose_their_labels(void **state)
{
    const file files[] = {{"a.cls", "1"}, {"a.png", NULL}, {"b.jpg", NULL}, {"b.cls", "1"}, {0}};
    const nf_loader_options options = {.include = "*.png"};
    nf_buf tar = shard_of(files);
    (void)state;
    pulled p = pull_named("x.tar", tar.data, tar.len, &nf_loader_webdataset, &options, NULL);
    assert_int_equal(p.n, 1);
    assert_int_equal(pulled_count(&p, "", "1"), 1);
    assert_int_equal(passed_over(&p, "excluded"), 1);
    pulled_free(&p);
    nf_buf_free(&tar);
}

/* --- detection --- */

static int detect_in(const nf_loader *loader, const file *files, bool is_directory)
{
    nf_probe_entry entries[8] = {0};
    nf_probe probe = {.entries = entries, .is_directory = is_directory};
    for (; files->name != NULL; files++) {
        nf_probe_entry *entry = &entries[probe.n++];
        entry->path = (char *)(uintptr_t)files->name;
        const char *content = files->content != NULL ? files->content : "\x89PNG\r\n\x1a\n";
        entry->head_bytes = strlen(content);
        memcpy(entry->head, content, entry->head_bytes);
    }
    return loader->detect(&probe, &(const char *){NULL});
}

static int detect(const nf_loader *loader, const file *files)
{
    return detect_in(loader, files, false);
}

static void notes_beside_the_pictures_of_a_directory_make_no_shard_of_it(void **state)
{
    const file loose[] = {{"a.jpg", "\xff\xd8\xff\xe0"}, {"a.json", "{}"}, {0}}, packed[] = {{"s.tar!a.png", NULL}, {"s.tar!a.json", "{}"}, {0}};
    (void)state;
    assert_int_equal(detect_in(&nf_loader_webdataset, loose, true), NF_DETECT_NO);
    assert_true(detect_in(&nf_loader_webdataset, packed, true) > NF_DETECT_LIKELY);
}

static void detection_is_sure_of_an_image_beside_its_cls_file(void **state)
{
    const file before[] = {{"s.tar!x/a.cls", "1"}, {"s.tar!x/a.png", NULL}, {0}}, behind[] = {{"a.png", NULL}, {"a.cls", "1"}, {0}};
    (void)state;
    assert_int_equal(detect(&nf_loader_webdataset, before), NF_DETECT_SURE);
    assert_int_equal(detect(&nf_loader_webdataset, behind), NF_DETECT_SURE);
}

static void detection_takes_captions_of_a_flat_shard_and_leaves_class_folders_alone(void **state)
{
    const file flat[] = {{"a.png", NULL}, {"a.txt", "a cat"}, {"b.json", "{}"}, {"b.png", NULL}, {0}};
    const file folders[] = {{"cat/a.png", NULL}, {"cat/a.json", "{}"}, {"dog/a.png", NULL}, {"dog/a.json", "{}"}, {0}};
    const file others[] = {{"a.png", NULL}, {"b.png", NULL}, {"b.cls.png", NULL}, {"c.txt", "b"}, {0}};
    (void)state;
    assert_true(detect(&nf_loader_webdataset, flat) > detect(&nf_loader_imagefolder, flat));
    assert_true(detect(&nf_loader_webdataset, folders) < detect(&nf_loader_imagefolder, folders));
    assert_int_equal(detect(&nf_loader_webdataset, others), NF_DETECT_NO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_label_comes_before_or_behind_its_image),
        cmocka_unit_test(the_key_ends_at_the_first_dot_of_the_base_name_and_holds_the_directory),
        cmocka_unit_test(images_of_several_extensions_are_passed_over),
        cmocka_unit_test(a_gz_behind_an_extension_is_no_part_of_it),
        cmocka_unit_test(names_without_a_dot_and_metadata_belong_to_no_sample),
        cmocka_unit_test(a_repeated_extension_fails),
        cmocka_unit_test(a_json_file_labels_where_no_cls_file_does),
        cmocka_unit_test(a_label_file_that_says_nothing_fails_its_images),
        cmocka_unit_test(a_label_file_of_any_size_is_not_read_whole),
        cmocka_unit_test(the_split_is_a_word_of_the_shards_name),
        cmocka_unit_test(shards_in_an_archive_keep_their_own_names_and_keys),
        cmocka_unit_test(a_sample_without_label_files_is_of_its_directory),
        cmocka_unit_test(what_claims_to_be_an_image_and_is_none_has_failed),
        cmocka_unit_test(a_sample_holds_a_bounded_number_of_images),
        cmocka_unit_test(a_shard_that_ends_inside_a_sample_gives_what_it_has),
        cmocka_unit_test(a_choice_of_images_does_not_lose_their_labels),
        cmocka_unit_test(notes_beside_the_pictures_of_a_directory_make_no_shard_of_it),
        cmocka_unit_test(detection_is_sure_of_an_image_beside_its_cls_file),
        cmocka_unit_test(detection_takes_captions_of_a_flat_shard_and_leaves_class_folders_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
