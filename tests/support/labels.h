/* A table of labels with the files that fill it, and the rules that the files of published sets go by. For the tests of loaders/. */
#ifndef NF_TESTS_SUPPORT_LABELS_H
#define NF_TESTS_SUPPORT_LABELS_H

#include "support/make_mat.h"

#include "loaders/labels/label_files.h"

typedef struct labels_read {
    nf_label_table *table;
    nf_groups *groups;
    nf_notes notes;
    nf_label_files *files;
    nf_error error;
} labels_read;

static const nf_layout_labels rule_list = {.reader = "lines", .split = "val", .subset = "", .separators = " \t",
                                           .columns = {"key"}, .n_columns = 1};
static const nf_layout_labels rule_solution = {.reader = "lines", .split = "val", .subset = "", .separators = ", ",
                                               .columns = {"key", "class"}, .n_columns = 2, .skip_lines = 1};
static const nf_layout_labels rule_names = {.reader = "lines", .split = "", .subset = "", .separators = " \t",
                                            .columns = {"class", "name"}, .n_columns = 2};
static const nf_layout_labels rule_truth = {.reader = "imagenet-truth", .split = "val", .subset = ""};
static const nf_layout_labels rule_meta = {.reader = "imagenet-meta", .split = "", .subset = ""};
static const nf_layout_labels rule_voc = {.reader = "voc-xml", .split = "", .subset = ""};
static const nf_layout_labels rule_coco = {.reader = "coco-json", .split = "train", .subset = ""};

static inline labels_read new_labels(void)
{
    labels_read r = {0};
    assert_int_equal(nf_label_table_new(&r.table, NULL), NF_OK);
    assert_int_equal(nf_groups_new(&r.groups, NULL), NF_OK);
    return r;
}

static inline void labels_free(labels_read *r)
{
    nf_label_files_free(r->files);
    nf_label_table_free(r->table);
    nf_groups_free(r->groups);
    nf_notes_free(&r->notes);
}

static inline nf_status read_bytes(labels_read *r, const nf_layout_labels *rule, const char *key, const void *bytes, size_t n)
{
    nf_stream *stream;
    nf_status status = NF_OK;
    if (r->files == NULL)
        status = nf_label_files_new(&r->files, r->table, r->groups, &r->notes, &r->error);
    if (status == NF_OK)
        status = nf_stream_from_memory(&stream, bytes, n, &r->error);
    if (status != NF_OK)
        return status;
    status = nf_label_files_read(r->files, rule, "set/labels", key, stream, &r->error);
    nf_stream_close(stream);
    return status;
}

/* A stream that gives its bytes in pieces of a few, as a slow pipe does. */
typedef struct dripping {
    const uint8_t *bytes;
    size_t left, piece;
    nf_status at_end;
} dripping;

static inline nf_status drip(void *source, const uint8_t **data, size_t *len, nf_error *error)
{
    dripping *d = source;
    if (d->left == 0)
        return d->at_end == NF_EOF ? NF_EOF : nf_fail(error, d->at_end, "the archive is cut here");
    *len = d->left < d->piece ? d->left : d->piece;
    *data = d->bytes;
    d->bytes += *len;
    d->left -= *len;
    return NF_OK;
}

static inline void keep_source(void *source)
{
    (void)source;
}

static inline nf_status read_dripping(labels_read *r, const nf_layout_labels *rule, const char *key, dripping source)
{
    static const nf_stream_ops ops = {drip, keep_source};
    nf_stream *stream;
    if (r->files == NULL)
        assert_int_equal(nf_label_files_new(&r->files, r->table, r->groups, &r->notes, NULL), NF_OK);
    assert_int_equal(nf_stream_new(&stream, &ops, &source, NULL), NF_OK);
    nf_status status = nf_label_files_read(r->files, rule, "set/labels", key, stream, &r->error);
    nf_stream_close(stream);
    return status;
}

/* --- files as the published sets have them --- */

static const char solution_csv[] = "ImageId,PredictionString\r\n"
                                   "ILSVRC2012_val_00048981,n03995372 85 1 499 272 \r\n"
                                   "ILSVRC2012_val_00037956,n03481172 131 0 499 254 n03481172 1 2 3 4\r\n";

static const char voc_xml[] = "<?xml version=\"1.0\"?>\n<annotation>\n  <folder>VOC2007</folder>\n  <filename>other.jpg</filename>\n"
                              "  <source><name>no class</name></source>\n  <size><width>20</width></size>\n"
                              "  <object>\n    <name>person</name>\n    <part><name>head</name></part>\n  </object>\n"
                              "  <object><pose>Left</pose><name>\n dining&amp;table </name></object>\n"
                              "  <object><name>person</name></object>\n</annotation>\n";

static const char coco_json[] =
    "{\"info\": {\"year\": 2017, \"images\": [{\"id\": 9, \"file_name\": \"none.jpg\"}]}, \"licenses\": [{\"id\": 1, \"name\": \"x\"}],\n"
    " \"images\": [{\"license\": 4, \"file_name\": \"000000000009.jpg\", \"height\": 480, \"id\": 9},\n"
    "  {\"id\": 25, \"file_name\": \"train2017/000000000025.JPG\", \"coco_url\": \"http://x\\u002fy\", \"extra\": {\"id\": 7}},\n"
    "  {\"id\": 30, \"file_name\": \"000000000030.jpg\", \"flickr_url\": null}],\n"
    " \"annotations\": [\n"
    "  {\"segmentation\": [[1.5, 2e1, -3]], \"area\": 120.05, \"iscrowd\": 0, \"image_id\": 9, \"bbox\": [1, 2, 3, 4],"
    " \"category_id\": 44, \"id\": 100},\n"
    "  {\"segmentation\": {\"counts\": [272, 2], \"size\": [240, 320]}, \"iscrowd\": 1, \"category_id\": 1, \"image_id\": 9},\n"
    "  {\"image_id\": 9, \"category_id\": 44}, {\"image_id\": 25, \"category_id\": 1, \"attributes\": {\"a\": {\"category_id\": 5}}}],\n"
    " \"categories\": [{\"supercategory\": \"person\", \"id\": 1, \"name\": \"person\", \"skeleton\": [[16, 14]]},\n"
    "  {\"id\": 44, \"name\": \"bottle\"}]}\n";

static inline void put_meta(nf_buf *to, mat_options o)
{
    static const mat_synset synsets[] = {{1, 0, "n02119789", "kit fox, Vulpes macrotis"},
                                         {2, 0, "n02100735", "English setter"},
                                         {3, 0, "n02110185", "Siberian husky"},
                                         {1001, 2, "n00001740", "entity"}};
    put_mat_header(to, o.big_endian);
    put_mat_synsets(to, "synsets", synsets, 4, o);
}

#endif
