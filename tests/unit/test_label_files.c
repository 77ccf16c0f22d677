/* The files that labels come in: what they say, and what is refused. */
#include "support/labels.h"

#include <sys/stat.h>

static void expect_status(const labels_read *r, nf_status status, nf_status expected)
{
    if (status != expected)
        fail_msg("status %d, not %d: %s", status, expected, r->error.message);
}

static nf_status read_text(labels_read *r, const nf_layout_labels *rule, const char *text)
{
    return read_bytes(r, rule, "", text, strlen(text));
}

/* classes: ids with a '|' after each; NULL: not labelled. */
static void expect_image(labels_read *r, const char *key, const char *split, const char *classes)
{
    nf_labels_of_image found;
    char joined[256] = "";
    if (!nf_label_table_find(r->table, key, &found))
        fail_msg("nothing is said of %s", key);
    for (size_t i = 0; i < found.n_classes; i++) {
        strcat(joined, found.classes[i]);
        strcat(joined, "|");
    }
    assert_string_equal(found.split, split);
    assert_int_equal(found.labelled, classes != NULL);
    assert_string_equal(joined, classes != NULL ? classes : "");
}

static void expect_name(const labels_read *r, const char *class_id, const char *name)
{
    const char *given = nf_groups_class_name(r->groups, class_id);
    assert_non_null(given);
    assert_string_equal(given, name);
}

/* Exactly these notes: beginnings of their sentences would be too little, so a part of each. */
static void expect_notes(const labels_read *r, size_t n, const char *const *parts)
{
    if (r->notes.n != n)
        fail_msg("%zu notes, not %zu; the first is \"%s\"", r->notes.n, n, r->notes.n > 0 ? r->notes.texts[0] : "");
    for (size_t i = 0; i < n; i++)
        if (strstr(r->notes.texts[i], parts[i]) == NULL)
            fail_msg("\"%s\" does not say \"%s\"", r->notes.texts[i], parts[i]);
}

/* A file that is refused has a sentence and has said nothing. */
static void expect_refused_bytes(const nf_layout_labels *rule, const char *key, const void *bytes, size_t n, const char *sentence)
{
    labels_read r = new_labels();
    expect_status(&r, read_bytes(&r, rule, key, bytes, n), NF_BAD_RECORD);
    if (strstr(r.error.message, sentence) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", r.error.message, sentence);
    assert_int_equal(nf_label_table_count(r.table), 0);
    assert_int_equal(nf_label_files_settle(r.files, NULL), NF_OK);
    assert_int_equal(nf_label_table_count(r.table), 0);
    assert_int_equal(r.notes.n, 0);
    labels_free(&r);
}

static void expect_refused(const nf_layout_labels *rule, const char *text, const char *sentence)
{
    expect_refused_bytes(rule, "key", text, strlen(text), sentence);
}

/* --- lines -------------------------------------------------------------------------------------------------------- */

static void a_list_of_keys_says_their_split(void **state)
{
    (void)state;
    labels_read r = new_labels();
    expect_status(&r, read_text(&r, &rule_list, "\xef\xbb\xbf" "2007_000027\r\n\r\n  2007_000032  -1\n\t\n \nn01/n01_2.JPEG 1 2"), NF_OK);
    assert_int_equal(nf_label_table_count(r.table), 3);
    expect_image(&r, "2007_000027", "val", NULL);
    expect_image(&r, "2007_000032", "val", NULL);
    expect_image(&r, "n01/n01_2", "val", NULL);
    labels_free(&r);
}

static void a_list_of_keys_and_classes_labels_them(void **state)
{
    (void)state;
    labels_read r = new_labels();
    nf_layout_labels tiny = rule_solution;
    tiny.separators = "\t";
    tiny.skip_lines = 0;
    tiny.split = "";
    expect_status(&r, read_text(&r, &rule_solution, solution_csv), NF_OK);
    expect_status(&r, read_text(&r, &tiny, "val_0.JPEG\tn03444034\t0\t32\nval_1.jpg\ta class with blanks\n"), NF_OK);
    assert_int_equal(nf_label_table_count(r.table), 4);
    expect_image(&r, "ILSVRC2012_val_00048981", "val", "n03995372|");
    expect_image(&r, "ILSVRC2012_val_00037956", "val", "n03481172|");
    expect_image(&r, "val_0", "", "n03444034|");
    expect_image(&r, "val_1", "", "a class with blanks|");
    labels_free(&r);
}

static void columns_may_be_passed_over_and_a_line_may_be_one_column(void **state)
{
    (void)state;
    labels_read r = new_labels();
    const nf_layout_labels third = {.reader = "lines", .split = "", .separators = ",", .columns = {"-", "class", "key"}, .n_columns = 3};
    const nf_layout_labels whole = {.reader = "lines", .split = "train", .separators = "", .columns = {"key"}, .n_columns = 1};
    expect_status(&r, read_text(&r, &third, "x,,dog,a.webp,y\n"), NF_OK);
    expect_status(&r, read_text(&r, &whole, "a picture, of a dog.png\n.jpg\n"), NF_OK);
    expect_image(&r, "a", "", "dog|");
    expect_image(&r, "a picture, of a dog", "train", NULL);
    expect_image(&r, ".jpg", "train", NULL); /* nothing would be left */
    labels_free(&r);
}

static void a_list_of_classes_names_them(void **state)
{
    (void)state;
    labels_read r = new_labels();
    expect_status(&r, read_text(&r, &rule_names, "n01440764 tench, Tinca tinca\nn01443537\tgoldfish \xc3\xa9\r\n"), NF_OK);
    assert_int_equal(nf_label_table_count(r.table), 0);
    expect_name(&r, "n01440764", "tench, Tinca tinca");
    expect_name(&r, "n01443537", "goldfish \xc3\xa9");
    labels_free(&r);
}

static void lists_that_are_no_such_text_are_refused_with_the_line(void **state)
{
    (void)state;
    nf_buf bytes = {0};
    expect_refused(&rule_solution, "header\na,cat\nb,\n", "line 3: has 1 columns where 2 are due");
    expect_refused(&rule_names, "n01 tench\nn02\n", "line 2: has 1 columns");
    expect_refused(&rule_list, "a\nb\xff\n", "line 2 is not UTF-8");
    expect_refused(&rule_list, "a\nb\xc3", "line 2 is not UTF-8");
    expect_refused_bytes(&rule_list, "", "a\nb\0c\n", 6, "line 2 holds a NUL byte");
    put(&bytes, "a\n", 2);
    for (int i = 0; i < 1 << 16; i++)
        put(&bytes, "x", 1);
    expect_refused_bytes(&rule_list, "", bytes.data, bytes.len, "line 2: a name of an image of 65536 bytes");
    put(&bytes, "x", 1);
    expect_refused_bytes(&rule_list, "", bytes.data, bytes.len, "line 2 is longer than 64 KiB");
    nf_buf_free(&bytes);
}

static void a_list_names_a_bounded_number_of_classes_at_bounded_length(void **state)
{
    (void)state;
    nf_buf bytes = {0};
    for (int i = 0; i <= 65536; i++)
        assert_int_equal(nf_buf_printf(&bytes, NULL, "n%d x\n", i), NF_OK);
    expect_refused_bytes(&rule_names, "", bytes.data, bytes.len, "line 65537: names of more than 65536 classes");
    bytes.len = 0;
    assert_int_equal(nf_buf_printf(&bytes, NULL, "n %01025d\n", 0), NF_OK);
    expect_refused_bytes(&rule_names, "", bytes.data, bytes.len, "longer than 1024 bytes");
    nf_buf_free(&bytes);
}

static void images_that_two_splits_claim_are_noted_once(void **state)
{
    (void)state;
    static const char *const notes[] = {"into two splits (1 times, one is a)", "into two splits (2 times, one is a)"};
    labels_read r = new_labels();
    nf_layout_labels train = rule_list;
    train.split = "train";
    expect_status(&r, read_text(&r, &rule_list, "a\nb\n"), NF_OK);
    expect_status(&r, read_text(&r, &train, "a\nc\n"), NF_OK);
    for (int i = 0; i < 2; i++)
        assert_int_equal(nf_label_files_settle(r.files, NULL), NF_OK);
    expect_notes(&r, 1, notes);
    expect_status(&r, read_text(&r, &train, "b\n"), NF_OK);
    assert_int_equal(nf_label_files_settle(r.files, NULL), NF_OK);
    expect_notes(&r, 2, notes);
    expect_image(&r, "a", "val", NULL);
    expect_image(&r, "c", "train", NULL);
    labels_free(&r);
}

/* --- ImageNet's devkit -------------------------------------------------------------------------------------------- */

static nf_status read_meta(labels_read *r, mat_options o)
{
    nf_buf bytes = {0};
    put_meta(&bytes, o);
    nf_status status = read_bytes(r, &rule_meta, "", bytes.data, bytes.len);
    nf_buf_free(&bytes);
    return status;
}

static void the_ground_truth_and_meta_label_together_in_either_order(void **state)
{
    (void)state;
    for (int meta_first = 0; meta_first < 2; meta_first++) {
        labels_read r = new_labels();
        if (meta_first)
            expect_status(&r, read_meta(&r, (mat_options){.compressed = true}), NF_OK);
        expect_status(&r, read_text(&r, &rule_truth, "2\n1\r\n2\n3"), NF_OK);
        if (!meta_first)
            expect_status(&r, read_meta(&r, (mat_options){.big_endian = true}), NF_OK);
        for (int i = 0; i < 2; i++)
            assert_int_equal(nf_label_files_settle(r.files, NULL), NF_OK);
        assert_int_equal(nf_label_table_count(r.table), 4);
        expect_image(&r, "ILSVRC2012_val_00000001", "val", "n02100735|");
        expect_image(&r, "ILSVRC2012_val_00000002", "val", "n02119789|");
        expect_image(&r, "ILSVRC2012_val_00000003", "val", "n02100735|");
        expect_image(&r, "ILSVRC2012_val_00000004", "val", "n02110185|");
        expect_name(&r, "n02119789", "kit fox, Vulpes macrotis");
        assert_null(nf_groups_class_name(r.groups, "n00001740")); /* no leaf, no class */
        expect_notes(&r, 0, NULL);
        labels_free(&r);
    }
}

static void a_ground_truth_without_meta_labels_nothing_and_says_what_is_missing(void **state)
{
    (void)state;
    static const char *const notes[] = {"meta.mat of ILSVRC2012_devkit_t12.tar.gz"};
    labels_read r = new_labels();
    expect_status(&r, read_text(&r, &rule_truth, "2\n1\n"), NF_OK);
    for (int i = 0; i < 2; i++)
        assert_int_equal(nf_label_files_settle(r.files, NULL), NF_OK);
    expect_notes(&r, 1, notes);
    expect_image(&r, "ILSVRC2012_val_00000001", "val", NULL);
    expect_status(&r, read_meta(&r, (mat_options){0}), NF_OK); /* with the next source */
    assert_int_equal(nf_label_files_settle(r.files, NULL), NF_OK);
    expect_image(&r, "ILSVRC2012_val_00000001", "val", "n02100735|");
    expect_notes(&r, 1, notes);
    labels_free(&r);
}

static void classes_that_meta_does_not_describe_are_noted(void **state)
{
    (void)state;
    static const char *const notes[] = {"does not describe the classes of 2 lines of ILSVRC2012_validation_ground_truth.txt (one is "
                                        "line 2, class 1000)"};
    labels_read r = new_labels();
    expect_status(&r, read_meta(&r, (mat_options){0}), NF_OK);
    expect_status(&r, read_text(&r, &rule_truth, "2\n1000\n4\n"), NF_OK);
    assert_int_equal(nf_label_files_settle(r.files, NULL), NF_OK);
    expect_notes(&r, 1, notes);
    expect_image(&r, "ILSVRC2012_val_00000002", "val", NULL);
    labels_free(&r);
}

static void a_second_devkit_must_say_the_same(void **state)
{
    (void)state;
    static const mat_synset other[] = {{1, 0, "n02119789", "a fox"}};
    labels_read r = new_labels();
    nf_buf bytes = {0};
    put_mat_header(&bytes, false);
    put_mat_synsets(&bytes, "synsets", other, 1, (mat_options){0});
    for (int i = 0; i < 2; i++) {
        expect_status(&r, read_text(&r, &rule_truth, "2\n1\n"), NF_OK);
        expect_status(&r, read_meta(&r, (mat_options){0}), NF_OK);
    }
    expect_status(&r, read_text(&r, &rule_truth, "2\n2\n"), NF_BAD_RECORD);
    assert_non_null(strstr(r.error.message, "another ground truth"));
    expect_status(&r, read_bytes(&r, &rule_meta, "", bytes.data, bytes.len), NF_BAD_RECORD);
    assert_non_null(strstr(r.error.message, "another meta.mat"));
    assert_int_equal(nf_label_files_settle(r.files, NULL), NF_OK);
    expect_image(&r, "ILSVRC2012_val_00000002", "val", "n02119789|");
    nf_buf_free(&bytes);
    labels_free(&r);
}

static void expect_meta_refused(const char *name, const mat_synset *synsets, size_t n, const char *sentence)
{
    nf_buf bytes = {0};
    put_mat_header(&bytes, false);
    put_mat_synsets(&bytes, name, synsets, n, (mat_options){0});
    expect_refused_bytes(&rule_meta, "", bytes.data, bytes.len, sentence);
    nf_buf_free(&bytes);
}

static void devkits_that_make_no_sense_are_refused(void **state)
{
    (void)state;
    static const mat_synset twice[] = {{7, 0, "a", ""}, {7, 0, "b", ""}}, beyond[] = {{1001, 0, "a", ""}};
    static const mat_synset nameless[] = {{7, 0, "", "x"}}, no_leaf[] = {{7, 1, "a", ""}};
    expect_refused(&rule_truth, "1\n0\n", "line 2 is no number of a class, 1 to 1000");
    expect_refused(&rule_truth, "1001\n", "line 1 is no number");
    expect_refused(&rule_truth, "1\nn02119789\n", "line 2 is no number");
    expect_refused(&rule_truth, "1\n\n2\n", "line 2 is blank");
    expect_refused(&rule_truth, "", "it is empty");
    expect_meta_refused("synsets", twice, 2, "two synsets have the ILSVRC2012_ID 7");
    expect_meta_refused("synsets", beyond, 1, "ILSVRC2012_ID is not 1 to 1000");
    expect_meta_refused("synsets", nameless, 1, "the synset 7 has no WNID");
    expect_meta_refused("synsets", no_leaf, 1, "no synsets that are classes");
    expect_meta_refused("other", twice, 2, "no synsets that are classes");
    expect_refused(&rule_meta, "MATLAB", "cut short");
}

/* --- VOC ---------------------------------------------------------------------------------------------------------- */

static void the_names_of_objects_are_classes_and_those_of_parts_are_none(void **state)
{
    (void)state;
    labels_read r = new_labels();
    expect_status(&r, read_bytes(&r, &rule_voc, "000005", voc_xml, strlen(voc_xml)), NF_OK);
    expect_status(&r, read_bytes(&r, &rule_voc, "000006", "<annotation/>", 13), NF_OK);
    assert_int_equal(nf_label_table_count(r.table), 2);
    expect_image(&r, "000005", "", "person|dining&table|");
    expect_image(&r, "000006", "", "");
    labels_free(&r);
}

static void an_annotation_may_have_another_encoding_or_a_plain_document_type(void **state)
{
    (void)state;
    labels_read r = new_labels();
    static const char latin[] = "<?xml version='1.0' encoding='ISO-8859-1'?><!DOCTYPE annotation>"
                                "<annotation><object><name>caf\xe9</name></object></annotation>";
    static const char external[] = "<!DOCTYPE annotation SYSTEM 'http://x/voc.dtd'><annotation/>";
    expect_status(&r, read_bytes(&r, &rule_voc, "a", latin, strlen(latin)), NF_OK);
    expect_status(&r, read_bytes(&r, &rule_voc, "b", external, strlen(external)), NF_OK);
    expect_image(&r, "a", "", "caf\xc3\xa9|");
    expect_image(&r, "b", "", "");
    labels_free(&r);
}

static void documents_that_declare_entities_are_refused(void **state)
{
    (void)state;
    expect_refused(&rule_voc,
                   "<?xml version='1.0'?><!DOCTYPE lolz [<!ENTITY lol 'lol'><!ENTITY lol2 '&lol;&lol;&lol;&lol;&lol;'>"
                   "<!ENTITY lol3 '&lol2;&lol2;&lol2;&lol2;'>]><annotation><object><name>&lol3;</name></object></annotation>",
                   "line 1: the document type declares entities");
    expect_refused(&rule_voc, "<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><annotation>&x;</annotation>", "declares entities");
    expect_refused(&rule_voc, "<!DOCTYPE a [<!ENTITY % x 'y'>]><annotation/>", "declares entities");
}

static void put_repeated(nf_buf *to, const char *text, size_t n)
{
    for (size_t i = 0; i < n; i++)
        put(to, text, strlen(text));
}

static void annotations_beyond_the_limits_are_refused(void **state)
{
    (void)state;
    nf_buf bytes = {0};
    put_repeated(&bytes, "<annotation>", 10000);
    expect_refused_bytes(&rule_voc, "k", bytes.data, bytes.len, "nested deeper than 64");
    bytes.len = 0;
    put_repeated(&bytes, "<annotation><object><name>", 1);
    put_repeated(&bytes, "x", 1025);
    put_repeated(&bytes, "</name></object></annotation>", 1);
    expect_refused_bytes(&rule_voc, "k", bytes.data, bytes.len, "longer than 1024 bytes");
    bytes.len = 0;
    put_repeated(&bytes, "<annotation>", 1);
    put_repeated(&bytes, "<!-- sixteen MB -->                                             ", (16 << 20) / 64);
    put_repeated(&bytes, "</annotation>", 1);
    expect_refused_bytes(&rule_voc, "k", bytes.data, bytes.len, "16777216");
    nf_buf_free(&bytes);
}

static void annotations_that_are_none_are_refused(void **state)
{
    (void)state;
    expect_refused(&rule_voc, "", "the XML is damaged or cut");
    expect_refused(&rule_voc, "<svg/>", "its root has another name");
    expect_refused(&rule_voc, "<annotation>\n<object>\n</annotation>", "line 3: the XML is damaged or cut");
    expect_refused(&rule_voc, "<annotation><object/></annotation>", "an object has no name");
    expect_refused(&rule_voc, "<annotation><object><name> </name></object></annotation>", "an object's name is empty");
    expect_refused(&rule_voc, "<annotation><object><name>&who;</name></object></annotation>", "undefined entity");
    expect_refused_bytes(&rule_voc, "", "<annotation/>", 13, "does not say which image");
}

/* --- COCO --------------------------------------------------------------------------------------------------------- */

static void expect_coco(labels_read *r)
{
    assert_int_equal(nf_label_table_count(r->table), 3);
    expect_image(r, "000000000009", "train", "44|1|");
    expect_image(r, "000000000025", "train", "1|");
    expect_image(r, "000000000030", "train", "");
    expect_name(r, "1", "person");
    expect_name(r, "44", "bottle");
    expect_notes(r, 0, NULL);
}

static void the_categories_of_annotations_are_classes(void **state)
{
    (void)state;
    labels_read r = new_labels();
    expect_status(&r, read_text(&r, &rule_coco, coco_json), NF_OK);
    expect_coco(&r);
    labels_free(&r);
}

static void blocks_of_any_length_say_the_same(void **state)
{
    (void)state;
    for (size_t piece = 1; piece < 40; piece += 1 + piece / 7) {
        labels_read r = new_labels();
        dripping source = {(const uint8_t *)coco_json, strlen(coco_json), piece, NF_EOF};
        expect_status(&r, read_dripping(&r, &rule_coco, "", source), NF_OK);
        expect_coco(&r);
        labels_free(&r);
    }
}

/* The parser is given pieces of 64 KiB: one ends at every third byte of the file once. */
static void a_piece_may_end_anywhere(void **state)
{
    (void)state;
    enum { PIECE = 1 << 16 };
    static char text[PIECE + sizeof coco_json];
    memset(text, ' ', PIECE);
    for (size_t at = 1; at < strlen(coco_json); at += 3) {
        labels_read r = new_labels();
        memcpy(text + PIECE - at, coco_json, sizeof coco_json);
        expect_status(&r, read_bytes(&r, &rule_coco, "", text, PIECE - at + strlen(coco_json)), NF_OK);
        expect_coco(&r);
        labels_free(&r);
        memset(text + PIECE - at, ' ', at);
    }
}

static void sections_may_come_in_any_order(void **state)
{
    (void)state;
    static const char *const sections[] = {"\"images\":[{\"id\":-5,\"file_name\":\"a.jpg\"}]",
                                           "\"annotations\":[{\"category_id\":0,\"image_id\":-5}]",
                                           "\"categories\":[{\"name\":\"cat\",\"id\":0}]"};
    static const int orders[6][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
    for (int i = 0; i < 6; i++) {
        labels_read r = new_labels();
        nf_buf text = {0};
        assert_int_equal(nf_buf_printf(&text, NULL, "\xef\xbb\xbf{%s,%s,%s}", sections[orders[i][0]], sections[orders[i][1]],
                                       sections[orders[i][2]]), NF_OK);
        expect_status(&r, read_bytes(&r, &rule_coco, "", text.data, text.len), NF_OK);
        expect_image(&r, "a", "train", "0|");
        expect_name(&r, "0", "cat");
        nf_buf_free(&text);
        labels_free(&r);
    }
}

static void panoptic_segments_are_labels_too(void **state)
{
    (void)state;
    labels_read r = new_labels();
    expect_status(&r, read_text(&r, &rule_coco,
        "{\"annotations\":[{\"segments_info\":[{\"id\":8345037,\"category_id\":51,\"bbox\":[1,2]},{\"category_id\":1,\"id\":2},"
        "{\"category_id\":51}],\"file_name\":\"000000000009.png\",\"image_id\":9}],"
        "\"images\":[{\"id\":9,\"file_name\":\"000000000009.jpg\"}],"
        "\"categories\":[{\"id\":1,\"name\":\"person\",\"isthing\":1},{\"id\":51,\"name\":\"bowl\",\"color\":[0,1,2]}]}"), NF_OK);
    expect_image(&r, "000000000009", "train", "51|1|");
    labels_free(&r);
}

static void what_does_not_fit_is_noted_and_not_used(void **state)
{
    (void)state;
    static const char *const notes[] = {"set/labels: 2 image ids of its annotations are not among its images (one is 77)",
                                        "2 labels name categories that are not among its categories (one is 90)",
                                        "2 of its images share their name with one in another folder (one is b)"};
    labels_read r = new_labels();
    expect_status(&r, read_text(&r, &rule_coco,
        "{\"images\":[{\"id\":1,\"file_name\":\"a.jpg\"},{\"id\":2,\"file_name\":\"x/b.jpg\"},{\"id\":3,\"file_name\":\"y/b.jpg\"},"
        "{\"id\":4,\"file_name\":\"c.jpg\"},{\"id\":5,\"file_name\":\"c.jpg\"}],"
        "\"annotations\":[{\"image_id\":77,\"category_id\":1},{\"image_id\":78,\"category_id\":1},{\"image_id\":77,\"category_id\":1},"
        "{\"image_id\":1,\"category_id\":90},{\"image_id\":1,\"category_id\":1},{\"image_id\":2,\"category_id\":1},"
        "{\"image_id\":4,\"category_id\":91},{\"image_id\":5,\"category_id\":1}],"
        "\"categories\":[{\"id\":1,\"name\":\"person\"}]}"), NF_OK);
    expect_notes(&r, 3, notes);
    expect_image(&r, "a", "train", "1|");
    expect_image(&r, "b", "train", NULL); /* which of the two it is cannot be known */
    expect_image(&r, "c", "train", "1|"); /* one file under two ids */
    labels_free(&r);
}

#define CATEGORIES "\"categories\":[{\"id\":1,\"name\":\"x\"}]"
#define IMAGES "\"images\":[{\"id\":1,\"file_name\":\"a.jpg\"}]"
#define ANNOTATIONS "\"annotations\":[{\"image_id\":1,\"category_id\":1}]"

static void json_that_is_not_cocos_is_refused(void **state)
{
    (void)state;
    expect_refused(&rule_coco, "{}", "it has no images");
    expect_refused(&rule_coco, "[1]", "the outermost value is no object");
    expect_refused(&rule_coco, "7", "the outermost value is no object");
    expect_refused(&rule_coco, "{" IMAGES "," CATEGORIES "}", "it has no annotations");
    expect_refused(&rule_coco, "{" IMAGES "," ANNOTATIONS "}", "it has no categories");
    expect_refused(&rule_coco, "{" ANNOTATIONS "," CATEGORIES "}", "it has no images");
    expect_refused(&rule_coco, "{" IMAGES ",\"annotations\":[{\"image_id\":1,\"caption\":\"a dog\"}]," CATEGORIES "}",
                   "none of its annotations names a category");
    expect_refused(&rule_coco, "{" IMAGES ",\"annotations\":[{\"image_id\":1,\"category_id\":2}]," CATEGORIES "}",
                   "none of its annotations names a category that it lists (one names 2)");
    expect_refused(&rule_coco, "{" IMAGES ",\"annotations\":[],\"categories\":[]}", "its list of categories is empty");
    expect_refused(&rule_coco, "{\"images\":{\"id\":1}}", "byte 11: images is no list of objects");
    expect_refused(&rule_coco, "{\"images\":null}", "images is no list of objects");
    expect_refused(&rule_coco, "{\"annotations\":[3]}", "annotations is no list of objects");
    expect_refused(&rule_coco, "{\"images\":[{\"id\":1}]}", "an image without id or file_name");
    expect_refused(&rule_coco, "{\"images\":[{\"file_name\":\"a\"}]}", "an image without id or file_name");
    expect_refused(&rule_coco, "{\"images\":[{\"id\":null,\"file_name\":\"a\"}]}", "an image without id or file_name");
    expect_refused(&rule_coco, "{\"annotations\":[{\"category_id\":1}]}", "an annotation without image_id");
    expect_refused(&rule_coco, "{\"categories\":[{\"id\":1}]}", "a category without id or name");
    expect_refused(&rule_coco, "{\"images\":[{\"id\":\"1\"}]}", "an id that is no integer");
    expect_refused(&rule_coco, "{\"images\":[{\"id\":1.0}]}", "an id that is no integer");
    expect_refused(&rule_coco, "{\"images\":[{\"id\":9223372036854775808}]}", "an id that is no integer");
    expect_refused(&rule_coco, "{\"annotations\":[{\"segments_info\":[{\"category_id\":\"1\"}]}]}", "an id that is no integer");
    expect_refused(&rule_coco, "{\"images\":[{\"file_name\":3}]}", "a file_name or name that is no text");
    expect_refused(&rule_coco, "{\"images\":[{\"file_name\":\"a\\u0000b\"}]}", "a file_name or name that is no text");
    expect_refused(&rule_coco, "{\"images\":[{\"id\":1,\"file_name\":\"a\"},{\"id\":1,\"file_name\":\"b\"}]}", "two images have the id 1");
    expect_refused(&rule_coco, "{\"images\":[{\"id\":1,\"file_name\":\"x/.\"},{\"id\":2,\"file_name\":\"x/\"}]}", "a name of an image of 0 bytes");
}

static void what_is_no_json_is_refused_with_its_place(void **state)
{
    (void)state;
    nf_buf bytes = {0};
    expect_refused(&rule_coco, "", "byte 1: no JSON, or cut");
    expect_refused(&rule_coco, "{\"images\": [", "byte 13: no JSON, or cut");
    expect_refused(&rule_coco, "{\"info\": 1,,}", "byte 12: no JSON, or cut");
    expect_refused(&rule_coco, "{} {}", "trailing garbage");
    expect_refused(&rule_coco, "{\"info\":\"\xff\"}", "invalid bytes in UTF8");
    expect_refused_bytes(&rule_coco, "", "{\"info\": \0}", 11, "byte 10: no JSON, or cut");
    put(&bytes, coco_json, strlen(coco_json));
    put_zeros(&bytes, 512);
    expect_refused_bytes(&rule_coco, "", bytes.data, bytes.len, "no JSON, or cut");
    nf_buf_free(&bytes);
}

static void json_beyond_the_limits_is_refused(void **state)
{
    (void)state;
    nf_buf bytes = {0};
    put_repeated(&bytes, "{\"info\":", 1);
    put_repeated(&bytes, "[", 10000);
    expect_refused_bytes(&rule_coco, "", bytes.data, bytes.len, "byte 72: nested deeper than 64");
    bytes.len = 0;
    put_repeated(&bytes, "{\"a\":", 10000);
    expect_refused_bytes(&rule_coco, "", bytes.data, bytes.len, "nested deeper than 64");
    bytes.len = 0;
    put_repeated(&bytes, "{\"info\":\"", 1);
    put_repeated(&bytes, "x", (1 << 20) + 1);
    put_repeated(&bytes, "\"}", 1);
    expect_refused_bytes(&rule_coco, "", bytes.data, bytes.len, "a text or number of more than 1048576 bytes");
    nf_buf_free(&bytes);
}

/* What would grow without end if it were held: in pieces, as files come. */
static void an_endless_text_or_number_is_not_held(void **state)
{
    (void)state;
    static const char *const begins[] = {"{\"info\":\"", "{\"info\":1", "{\"", "{\"info\":\"\\n"};
    for (int i = 0; i < 4; i++) {
        labels_read r = new_labels();
        nf_buf bytes = {0};
        put_repeated(&bytes, begins[i], 1);
        put_repeated(&bytes, "0000000000000000", 2 << 18);
        dripping source = {bytes.data, bytes.len, 100, NF_EOF};
        expect_status(&r, read_dripping(&r, &rule_coco, "", source), NF_BAD_RECORD);
        assert_non_null(strstr(r.error.message, "a text or number of more than 1048576 bytes"));
        nf_buf_free(&bytes);
        labels_free(&r);
    }
}

static void a_long_text_within_the_limit_is_passed_over(void **state)
{
    (void)state;
    labels_read r = new_labels();
    nf_buf bytes = {0};
    put_repeated(&bytes, "{\"info\":\"", 1);
    put_repeated(&bytes, "x", (1 << 20) - 2);
    put_repeated(&bytes, "\\n\"," IMAGES "," ANNOTATIONS "," CATEGORIES "}", 1);
    dripping source = {bytes.data, bytes.len, 5000, NF_EOF};
    expect_status(&r, read_dripping(&r, &rule_coco, "", source), NF_OK);
    expect_image(&r, "a", "train", "1|");
    nf_buf_free(&bytes);
    labels_free(&r);
}

/* --- all formats -------------------------------------------------------------------------------------------------- */

typedef struct whole_file {
    const nf_layout_labels *rule;
    nf_buf bytes;
    size_t necessary; /* cut before this it must be refused */
} whole_file;

enum { N_FILES = 6 };

static void make_files(whole_file files[N_FILES])
{
    const nf_layout_labels *rules[N_FILES] = {&rule_solution, &rule_truth, &rule_meta, &rule_meta, &rule_voc, &rule_coco};
    for (int i = 0; i < N_FILES; i++)
        files[i] = (whole_file){.rule = rules[i]};
    put(&files[0].bytes, solution_csv, strlen(solution_csv));
    put(&files[1].bytes, "1\n2\n3\n", 6);
    put_meta(&files[2].bytes, (mat_options){.small = true});
    put_meta(&files[3].bytes, (mat_options){.compressed = true});
    put(&files[4].bytes, voc_xml, strlen(voc_xml));
    put(&files[5].bytes, coco_json, strlen(coco_json));
    for (int i = 2; i < N_FILES; i++) /* lists may end after any line */
        files[i].necessary = files[i].bytes.len - (i >= 4); /* the last line break */
}

static void free_files(whole_file files[N_FILES])
{
    for (int i = 0; i < N_FILES; i++)
        nf_buf_free(&files[i].bytes);
}

static void a_file_cut_anywhere_is_refused_or_was_whole(void **state)
{
    (void)state;
    whole_file files[N_FILES];
    make_files(files);
    for (int i = 0; i < N_FILES; i++)
        for (size_t n = 0; n < files[i].bytes.len; n++) {
            labels_read r = new_labels();
            nf_status status = read_bytes(&r, files[i].rule, "k", files[i].bytes.data, n);
            assert_true(status == NF_BAD_RECORD || (status == NF_OK && n >= files[i].necessary));
            assert_true(status == NF_OK || nf_label_table_count(r.table) == 0);
            labels_free(&r);
        }
    free_files(files);
}

static void a_fault_of_the_stream_passes_and_nothing_counts(void **state)
{
    (void)state;
    whole_file files[N_FILES];
    make_files(files);
    for (int i = 0; i < N_FILES; i++)
        for (size_t cut = 0; cut < 16; cut++) {
            labels_read r = new_labels();
            dripping source = {files[i].bytes.data, files[i].bytes.len * cut / 16, 7, NF_ERR_DAMAGED};
            expect_status(&r, read_dripping(&r, files[i].rule, "k", source), NF_ERR_DAMAGED);
            assert_non_null(strstr(r.error.message, "the archive is cut here"));
            assert_int_equal(nf_label_table_count(r.table), 0);
            labels_free(&r);
        }
    free_files(files);
}

static void changed_bytes_do_no_harm(void **state)
{
    (void)state;
    whole_file files[N_FILES];
    uint32_t seed = 11;
    make_files(files);
    for (int i = 0; i < N_FILES; i++)
        for (int round = 0; round < 1500; round++) {
            labels_read r = new_labels();
            seed = seed * 1664525u + 1013904223u;
            uint8_t *at = &files[i].bytes.data[seed % files[i].bytes.len], old = *at;
            *at = (uint8_t)(seed >> 24);
            nf_status status = read_bytes(&r, files[i].rule, "k", files[i].bytes.data, files[i].bytes.len);
            assert_true(status == NF_OK || status == NF_BAD_RECORD);
            assert_true(status == NF_OK || (nf_label_table_count(r.table) == 0 && r.error.message[0] != '\0'));
            *at = old;
            labels_free(&r);
        }
    free_files(files);
}

static void a_damaged_file_does_not_touch_what_others_said(void **state)
{
    (void)state;
    labels_read r = new_labels();
    expect_status(&r, read_text(&r, &rule_coco, coco_json), NF_OK);
    expect_status(&r, read_bytes(&r, &rule_coco, "", coco_json, strlen(coco_json) - 3), NF_BAD_RECORD);
    expect_status(&r, read_bytes(&r, &rule_voc, "000000000009", voc_xml, strlen(voc_xml) - 3), NF_BAD_RECORD);
    expect_status(&r, read_text(&r, &rule_solution, "header\n000000000009,x\n000000000009\n"), NF_BAD_RECORD);
    expect_coco(&r);
    labels_free(&r);
}

static void a_reader_that_does_not_exist_is_a_fault_of_ours(void **state)
{
    (void)state;
    labels_read r = new_labels();
    const nf_layout_labels rule = {.reader = "yaml", .split = ""};
    expect_status(&r, read_text(&r, &rule, "x"), NF_ERR_INTERNAL);
    assert_string_equal(r.error.message, "no reader of labels is called yaml");
    labels_free(&r);
}

/* --- genuine files ------------------------------------------------------------------------------------------------ */

/* The bytes of a sample; before anything is made, as without it the test ends here. */
static nf_buf read_sample(const char *name, const char *test)
{
    char path[4096];
    nf_buf bytes = {0};
    struct stat about;
    snprintf(path, sizeof path, "%s/%s", getenv("NOFADE_SAMPLES") != NULL ? getenv("NOFADE_SAMPLES") : "", name);
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        printf("SKIP %s: no sample %s\n", test, name);
        skip();
    }
    assert_int_equal(fstat(fileno(file), &about), 0);
    assert_int_equal(nf_buf_reserve(&bytes, (size_t)about.st_size, NULL), NF_OK);
    bytes.len = fread(bytes.data, 1, (size_t)about.st_size, file);
    assert_int_equal(bytes.len, about.st_size);
    fclose(file);
    return bytes;
}

static void use_sample(labels_read *r, const nf_layout_labels *rule, const char *key, nf_buf *bytes)
{
    expect_status(r, read_bytes(r, rule, key, bytes->data, bytes->len), NF_OK);
    nf_buf_free(bytes);
}

/* Figures by a JSON tree of Python: len(images), and distinct (image_id, category_id). */
static void genuine_coco_files_are_read(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        size_t n_images, n_pairs;
    } samples[] = {{"coco-cc/annotations/instances_train2017.json", 33, 93},
                   {"coco-cc/annotations/panoptic_train2017.json", 26, 177},
                   {"coco-cc/annotations/panoptic_val2017.json", 27, 163}};
    for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++) {
        nf_buf bytes = read_sample(samples[i].name, __func__);
        labels_read r = new_labels();
        size_t n_pairs = 0;
        use_sample(&r, &rule_coco, "", &bytes);
        assert_int_equal(nf_label_table_count(r.table), samples[i].n_images);
        for (uint32_t image = 0; image < samples[i].n_images; image++) {
            nf_labels_of_image found;
            nf_label_table_get(r.table, image, &found);
            assert_true(found.labelled);
            n_pairs += found.n_classes;
        }
        assert_int_equal(n_pairs, samples[i].n_pairs);
        expect_name(&r, "1", "person");
        expect_notes(&r, 0, NULL);
        labels_free(&r);
    }
}

static void genuine_voc_and_imagenet_files_are_read(void **state)
{
    (void)state;
    const nf_layout_labels rule = {.reader = "lines", .split = "train", .separators = " ", .columns = {"key", "class"}, .n_columns = 2};
    nf_buf xml = read_sample("datumaro-assets/voc_dataset/voc_dataset1/Annotations/2007_000001.xml", __func__);
    nf_buf list = read_sample("datumaro-assets/voc_dataset/voc_dataset1/ImageSets/Main/train.txt", __func__);
    nf_buf classes = read_sample("datumaro-assets/imagenet_txt_dataset/basic/train.txt", __func__);
    labels_read r = new_labels();
    use_sample(&r, &rule_voc, "2007_000001", &xml);
    use_sample(&r, &rule_list, "", &list);
    use_sample(&r, &rule, "", &classes);
    assert_int_equal(nf_label_table_count(r.table), 5);
    expect_image(&r, "2007_000001", "val", "cat|person|");
    expect_image(&r, "1", "train", "0|");
    expect_image(&r, "4", "train", "5|");
    labels_free(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_list_of_keys_says_their_split),
        cmocka_unit_test(a_list_of_keys_and_classes_labels_them),
        cmocka_unit_test(columns_may_be_passed_over_and_a_line_may_be_one_column),
        cmocka_unit_test(a_list_of_classes_names_them),
        cmocka_unit_test(lists_that_are_no_such_text_are_refused_with_the_line),
        cmocka_unit_test(a_list_names_a_bounded_number_of_classes_at_bounded_length),
        cmocka_unit_test(images_that_two_splits_claim_are_noted_once),
        cmocka_unit_test(the_ground_truth_and_meta_label_together_in_either_order),
        cmocka_unit_test(a_ground_truth_without_meta_labels_nothing_and_says_what_is_missing),
        cmocka_unit_test(classes_that_meta_does_not_describe_are_noted),
        cmocka_unit_test(a_second_devkit_must_say_the_same),
        cmocka_unit_test(devkits_that_make_no_sense_are_refused),
        cmocka_unit_test(the_names_of_objects_are_classes_and_those_of_parts_are_none),
        cmocka_unit_test(an_annotation_may_have_another_encoding_or_a_plain_document_type),
        cmocka_unit_test(documents_that_declare_entities_are_refused),
        cmocka_unit_test(annotations_beyond_the_limits_are_refused),
        cmocka_unit_test(annotations_that_are_none_are_refused),
        cmocka_unit_test(the_categories_of_annotations_are_classes),
        cmocka_unit_test(blocks_of_any_length_say_the_same),
        cmocka_unit_test(a_piece_may_end_anywhere),
        cmocka_unit_test(sections_may_come_in_any_order),
        cmocka_unit_test(panoptic_segments_are_labels_too),
        cmocka_unit_test(what_does_not_fit_is_noted_and_not_used),
        cmocka_unit_test(json_that_is_not_cocos_is_refused),
        cmocka_unit_test(what_is_no_json_is_refused_with_its_place),
        cmocka_unit_test(json_beyond_the_limits_is_refused),
        cmocka_unit_test(an_endless_text_or_number_is_not_held),
        cmocka_unit_test(a_long_text_within_the_limit_is_passed_over),
        cmocka_unit_test(a_file_cut_anywhere_is_refused_or_was_whole),
        cmocka_unit_test(a_fault_of_the_stream_passes_and_nothing_counts),
        cmocka_unit_test(changed_bytes_do_no_harm),
        cmocka_unit_test(a_damaged_file_does_not_touch_what_others_said),
        cmocka_unit_test(a_reader_that_does_not_exist_is_a_fault_of_ours),
        cmocka_unit_test(genuine_coco_files_are_read),
        cmocka_unit_test(genuine_voc_and_imagenet_files_are_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
