/* Counted images, and the classes of their pixels, into totals by group. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "loaders/groups.h"
#include "metrics/entropy.h"
#include "scan/scan_fold.h"

typedef struct fixture {
    nf_scan_options options;
    nf_groups *groups;
    nf_fold fold;
    nf_batch batch;
    nf_slot slots[4];
    uint32_t set; /* the group of images without a class of their own */
    const uint32_t *table;
} fixture;

static const char *const paths[] = {"source"};

static void set_up(fixture *f)
{
    const char *ids[256] = {[0] = "0", [7] = "7", [255] = NULL};
    memset(f, 0, sizeof *f);
    nf_scan_options_init(&f->options);
    f->fold.options = &f->options;
    f->fold.paths = paths;
    assert_int_equal(nf_groups_new(&f->groups, NULL), NF_OK);
    assert_int_equal(nf_groups_intern(f->groups, "train", NULL, &f->set, NULL), NF_OK);
    assert_int_equal(nf_groups_pixel_classes(f->groups, "train", ids, &f->table, NULL), NF_OK);
    assert_int_equal(nf_fold_init(&f->fold, NULL), NF_OK);
    assert_int_equal(nf_buf_append(&f->batch.texts, "a.png", 6, NULL), NF_OK);
    f->batch.slots = f->slots;
}

static void tear_down(fixture *f)
{
    for (size_t i = 0; i < f->batch.n_slots; i++)
        nf_class_list_free(&f->slots[i].classes);
    nf_buf_free(&f->batch.texts);
    nf_fold_clear(&f->fold);
    nf_groups_free(f->groups);
}

static void add_pixels(uint32_t *counts, uint8_t level, uint32_t n)
{
    counts[level] += n;
}

/* A 10 x 10 image whose map has 40 pixels of class 0 (one level), 50 of class 7 (two, half each) and 10 without a class. */
static nf_slot *add_image(fixture *f, uint32_t group)
{
    static const struct {
        uint8_t value, level;
        uint32_t n_px;
    } parts[] = {{0, 3, 40}, {7, 3, 25}, {7, 200, 25}, {255, 90, 10}};
    nf_slot *slot = &f->slots[f->batch.n_slots++];
    *slot = (nf_slot){.group = group, .row = -1, .pixel_classes = f->table, .n_map_bytes = 1};
    slot->decoded.w_px = slot->decoded.h_px = 10;
    slot->classes.items = calloc(3, sizeof *slot->classes.items);
    assert_non_null(slot->classes.items);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        if (slot->classes.n == 0 || slot->classes.items[slot->classes.n - 1].value != parts[i].value)
            slot->classes.items[slot->classes.n++].value = parts[i].value;
        nf_class_pixels *item = &slot->classes.items[slot->classes.n - 1];
        item->n_px += parts[i].n_px;
        add_pixels(item->counts, parts[i].level, parts[i].n_px);
        add_pixels(slot->decoded.counts, parts[i].level, parts[i].n_px);
        item->q = nf_entropy_quantised(item->counts);
    }
    slot->q = nf_entropy_quantised(slot->decoded.counts);
    return slot;
}

static void pixels_count_as_an_image_of_each_class(void **state)
{
    (void)state;
    fixture f;
    set_up(&f);
    add_image(&f, f.set);
    add_image(&f, f.set);
    assert_int_equal(nf_fold_batch(&f.fold, &f.batch, NULL), NF_OK);
    const nf_group_totals *all = &f.fold.totals[f.set], *flat = &f.fold.totals[f.table[0]], *half = &f.fold.totals[f.table[7]];
    assert_int_equal(all->read, 2);
    assert_int_equal(all->labelled, 2);
    assert_int_equal(all->pixels, 200);
    assert_int_equal(flat->read + half->read, 0); /* no images of the set are theirs */
    assert_int_equal(flat->counts->entropy.n, 2);
    assert_int_equal(half->counts->entropy.n, 2);
    assert_int_equal(flat->counts->entropy.q_max, 0);
    assert_int_equal(half->counts->entropy.q_min, UINT64_C(1) << 32);
    assert_int_equal(flat->counts->pooled[3], 80);
    assert_int_equal(half->counts->pooled[200], 50);
    assert_int_equal(half->counts->pooled[90], 0); /* no class: only the image has them */
    assert_int_equal(all->counts->pooled[90], 20);
    tear_down(&f);
}

static void an_image_that_waits_for_its_split_counts_as_labelled(void **state)
{
    (void)state;
    fixture f;
    set_up(&f);
    nf_slot *slot = add_image(&f, NF_GROUP_LATE);
    slot->late_set = 1;
    slot->late_group = f.set;
    assert_int_equal(nf_fold_batch(&f.fold, &f.batch, NULL), NF_OK);
    assert_int_equal(f.fold.totals[f.table[7]].counts->entropy.n, 1);
    assert_int_equal(nf_fold_finish(&f.fold, NULL), NF_OK);
    assert_int_equal(f.fold.totals[f.set].read, 1);
    assert_int_equal(f.fold.totals[f.set].labelled, 1);
    tear_down(&f);
}

static void an_image_whose_map_was_of_no_use_has_no_label(void **state)
{
    (void)state;
    fixture f;
    set_up(&f);
    nf_slot *slot = add_image(&f, f.set);
    nf_class_list_free(&slot->classes);
    slot->decoded.verdict = NF_IMAGE_WARNED;
    strcpy(slot->decoded.reason, "its label map cannot be used: no bytes");
    assert_int_equal(nf_fold_batch(&f.fold, &f.batch, NULL), NF_OK);
    assert_int_equal(f.fold.totals[f.set].read, 1);
    assert_int_equal(f.fold.totals[f.set].labelled, 0);
    assert_int_equal(f.fold.totals[f.set].warned, 1);
    assert_int_equal(f.fold.warned[0].n, 1);
    assert_int_equal(f.fold.n_totals, f.set + 1);
    tear_down(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pixels_count_as_an_image_of_each_class),
        cmocka_unit_test(an_image_that_waits_for_its_split_counts_as_labelled),
        cmocka_unit_test(an_image_whose_map_was_of_no_use_has_no_label),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
