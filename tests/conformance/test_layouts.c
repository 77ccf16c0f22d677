/* Every published layout through the whole scan, under the names of its archives: counts right, the same twice, and neither
 * cuts, damage nor missing memory lead to anything but a clean answer. A new layout is a row. */
#include "support/make_layouts.h"
#include "support/shortage.h"

#include "nofade.h"

typedef struct layout_row {
    void (*make)(made_set *set);
    const char *dataset_id, *split;
    uint64_t n_images; /* of the split */
    size_t n_classes;
} layout_row;

static const layout_row layouts[] = {
    {make_imagenet_train, "imagenet", "train", 6, 3},
    {make_imagenet_val, "imagenet", "val", 3, 2},
    {make_tiny_imagenet, "tiny-imagenet", "train", 3, 2},
    {make_voc, "voc", "trainval", 3, 3},
    {make_coco, "coco", "train", 3, 2},
    {make_coco_stuff, "coco-stuff", "train", 2, 3},
    {make_cityscapes, "cityscapes", "trainval", 3, 2},
    {make_ade20k, "ade20k", "train", 2, 2},
    {make_isic2018, "isic2018", "train", 2, 2},
    {make_dsb2018, "dsb2018", "train", 2, 0},
    {make_caltech101, "caltech101", "all", 3, 2},
    {make_caltech256, "caltech256", "all", 2, 2},
    {make_food101, "food101", "all", 3, 2},
    {make_pets, "pets", "train", 2, 2},
};
enum { N_LAYOUTS = sizeof layouts / sizeof layouts[0], DAMAGES = 3, CUTS = 16 };

/* ---- a set on disk ---- */

typedef struct laid_out {
    const layout_row *row;
    made_set set;
    char folder[64], paths[ARCHIVES_MAX][160], spool[96];
    const char *list[ARCHIVES_MAX];
} laid_out;

static void lay_out(laid_out *l, const layout_row *row)
{
    *l = (laid_out){.row = row};
    snprintf(l->folder, sizeof l->folder, "/tmp/nofade-layouts-XXXXXX");
    assert_non_null(mkdtemp(l->folder));
    snprintf(l->spool, sizeof l->spool, "%s/images.csv", l->folder);
    row->make(&l->set);
    end_archives(&l->set);
    for (size_t i = 0; i < l->set.n; i++) {
        snprintf(l->paths[i], sizeof l->paths[i], "%s/%s", l->folder, l->set.archives[i].name);
        l->list[i] = l->paths[i];
        write_bytes(l->paths[i], l->set.archives[i].tar.data, l->set.archives[i].tar.len);
    }
}

static void tear_down(laid_out *l)
{
    for (size_t i = 0; i < l->set.n; i++)
        unlink(l->paths[i]);
    assert_int_equal(rmdir(l->folder), 0);
    free_archives(&l->set);
}

/* ---- scans ---- */

typedef struct scanned {
    nf_status status;
    uint64_t read, failed;
    size_t n_classes, n_warnings, n_warned;
    bool complete;
    char digest[NF_DIGEST_SIZE], id[32];
} scanned;

static nf_status count_row(void *listener, const nf_image_row *row, nf_error *error)
{
    (void)row;
    (void)error;
    ++*(size_t *)listener;
    return NF_OK;
}

static scanned scan(const laid_out *l)
{
    scanned result = {0};
    nf_scan_options options;
    nf_profile *profile = NULL;
    nf_error error = {0};
    size_t n_rows = 0;
    nf_scan_options_init(&options);
    options.threads = 2;
    options.batch_bytes = 4 << 10;
    options.split = l->row->split;
    options.listener = &n_rows;
    options.on_image = count_row;
    options.spool_beside = l->spool;
    result.status = nf_scan(l->list, l->set.n, &options, &profile, &error);
    if (result.status == NF_OK) {
        result.read = profile->images_read;
        result.failed = profile->images_failed;
        result.n_classes = profile->n_classes;
        result.n_warnings = profile->n_warnings;
        result.n_warned = profile->images_warned;
        result.complete = profile->complete;
        result.status = nf_profile_counts_digest(profile, result.digest, &error);
        snprintf(result.id, sizeof result.id, "%s", profile->dataset_id != NULL ? profile->dataset_id : "");
        assert_int_equal(n_rows, result.read + result.failed);
    } else {
        assert_null(profile);
        assert_true(error.message[0] != '\0');
    }
    nf_profile_free(profile);
    return result;
}

static void every_layout_counts_right_and_the_same_twice(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_LAYOUTS; i++) {
        laid_out l;
        lay_out(&l, &layouts[i]);
        scanned first = scan(&l), second = scan(&l);
        assert_int_equal(first.status, NF_OK);
        assert_string_equal(first.id, layouts[i].dataset_id);
        assert_int_equal(first.read, layouts[i].n_images);
        assert_int_equal(first.failed + first.n_warned, 0);
        assert_int_equal(first.n_classes, layouts[i].n_classes);
        assert_true(first.complete);
        assert_string_equal(first.digest, second.digest);
        tear_down(&l);
    }
}

/* A clean answer to a spoilt source: figures of some of the images, or one sentence. */
static void assert_clean(const scanned *result, const laid_out *l)
{
    if (result->status == NF_OK)
        assert_true(result->read + result->failed <= l->row->n_images + 2); /* what lost its split may count */
    else
        assert_true(result->status == NF_ERR_INPUT || result->status == NF_ERR_USAGE);
}

static void a_cut_archive_is_never_taken_for_a_whole_one(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_LAYOUTS; i++) {
        laid_out l;
        lay_out(&l, &layouts[i]);
        for (size_t k = 0; k < l.set.n; k++) {
            const nf_buf *whole = &l.set.archives[k].tar;
            for (size_t cut = 0; cut < CUTS; cut++) {
                write_bytes(l.paths[k], whole->data, whole->len * cut / CUTS);
                scanned result = scan(&l);
                assert_clean(&result, &l);
                bool is_less = result.read < l.row->n_images || result.n_classes < l.row->n_classes;
                if (result.status == NF_OK && is_less)
                    assert_true(!result.complete || result.failed > 0 || result.n_warnings > 0);
            }
            write_bytes(l.paths[k], whole->data, whole->len);
        }
        tear_down(&l);
    }
}

static void one_per_cent_of_damage_gives_a_clean_answer(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_LAYOUTS; i++) {
        laid_out l;
        lay_out(&l, &layouts[i]);
        for (size_t k = 0; k < l.set.n; k++)
            for (uint32_t seed = 1; seed <= DAMAGES; seed++) {
                nf_buf bytes = {0};
                uint32_t random = seed;
                put(&bytes, l.set.archives[k].tar.data, l.set.archives[k].tar.len);
                for (size_t hit = 0; hit < bytes.len / 100 + 1; hit++) {
                    random = random * 1664525u + 1013904223u;
                    bytes.data[(random >> 8) % bytes.len] ^= (uint8_t)(1u + (random >> 24) % 255u);
                }
                write_bytes(l.paths[k], bytes.data, bytes.len);
                scanned result = scan(&l);
                assert_clean(&result, &l);
                write_bytes(l.paths[k], l.set.archives[k].tar.data, l.set.archives[k].tar.len);
                nf_buf_free(&bytes);
            }
        tear_down(&l);
    }
}

/* How many allocations the manifests take, which come first in a scan and are held by a test of their own. */
static long allocations_of_manifests(void)
{
    const long plenty = 10000000;
    nf_manifests *manifests;
    shortage_begin(plenty);
    assert_int_equal(nf_manifests_open(&manifests, NULL, NULL), NF_OK);
    long taken = plenty - allocations_left;
    shortage_end();
    nf_manifests_close(manifests);
    return taken;
}

static void any_allocation_may_fail(void **state)
{
    (void)state;
    long first = allocations_of_manifests();
    for (size_t i = 0; i < N_LAYOUTS; i++) {
        laid_out l;
        lay_out(&l, &layouts[i]);
        scanned whole = scan(&l);
        bool done = false;
        for (long n = first; !done; n += 1 + (n - first) / 6) {
            assert_true(n < 1000000);
            shortage_begin(n);
            scanned result = scan(&l);
            done = shortage_end();
            /* Never a wrong figure under a claim of completeness. */
            if (result.status == NF_OK && result.failed + result.n_warned == 0 && result.complete)
                assert_string_equal(result.digest, whole.digest);
        }
        tear_down(&l);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_layout_counts_right_and_the_same_twice),
        cmocka_unit_test(a_cut_archive_is_never_taken_for_a_whole_one),
        cmocka_unit_test(one_per_cent_of_damage_gives_a_clean_answer),
        cmocka_unit_test(any_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
