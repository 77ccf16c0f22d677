/* Files of labels while memory runs out: at any allocation, ours or one that yajl or expat makes through us. */
#include "support/labels.h"
#include "support/shortage.h"

typedef struct label_file {
    const nf_layout_labels *rule;
    nf_buf bytes;
} label_file;

enum { N_FILES = 5 };

static void make_files(label_file files[N_FILES])
{
    const nf_layout_labels *rules[N_FILES] = {&rule_solution, &rule_voc, &rule_coco, &rule_truth, &rule_meta};
    for (int i = 0; i < N_FILES; i++)
        files[i] = (label_file){.rule = rules[i]};
    put(&files[0].bytes, solution_csv, strlen(solution_csv));
    put(&files[1].bytes, voc_xml, strlen(voc_xml));
    put(&files[2].bytes, coco_json, strlen(coco_json));
    put(&files[3].bytes, "1\n2\n3\n", 6);
    put_meta(&files[4].bytes, (mat_options){.compressed = true});
}

/* All files into one table; what it then says, as a number. */
static nf_status read_all(labels_read *r, label_file files[N_FILES])
{
    nf_status status = NF_OK;
    for (int i = 0; i < N_FILES && status == NF_OK; i++)
        status = read_bytes(r, files[i].rule, "k", files[i].bytes.data, files[i].bytes.len);
    return status == NF_OK ? nf_label_files_settle(r->files, &r->error) : status;
}

static size_t count_labels(nf_label_table *table)
{
    size_t n = 0;
    for (size_t i = 0; i < nf_label_table_count(table); i++) {
        nf_labels_of_image found;
        nf_label_table_get(table, (uint32_t)i, &found);
        n += found.n_classes;
    }
    return n;
}

static void any_allocation_may_fail_while_labels_are_read(void **state)
{
    (void)state;
    label_file files[N_FILES];
    make_files(files);
    long n = 0;
    for (bool done = false; !done; n++) {
        labels_read r = new_labels();
        assert_true(n < 100000);
        allocations_left = n;
        nf_status status = read_all(&r, files);
        done = allocations_left > 0;
        allocations_left = -1;
        if (status == NF_OK) {
            assert_int_equal(nf_label_table_count(r.table), 2 + 1 + 3 + 3);
            assert_int_equal(count_labels(r.table), 2 + 2 + 3 + 3);
        } else if (status != NF_ERR_NOMEM || strstr(r.error.message, "out of memory") == NULL) {
            fail_msg("allocation %ld: status %d: %s", n, status, r.error.message);
        }
        labels_free(&r);
    }
    assert_true(n > 100); /* or nothing was wrapped */
    for (int i = 0; i < N_FILES; i++)
        nf_buf_free(&files[i].bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_allocation_may_fail_while_labels_are_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
