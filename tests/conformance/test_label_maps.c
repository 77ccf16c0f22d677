/* Label maps when memory is short: every allocation of ours fails once, and each time the result is whole or a clear fault. */
#include "support/archives.h"
#include "support/make_png.h"
#include "support/shortage.h"

#include "decode/decode.h"
#include "loaders/source/places.h"

static unsigned slope(uint32_t x, uint32_t y, unsigned c)
{
    return x + 3 * y + c;
}

static void an_image_without_memory_for_its_map_is_whole_or_has_failed(void **state)
{
    static const nf_decode_options options = {NF_GREY_BT601, 100000, 0};
    nf_buf image = {0}, map = {0};
    nf_decoded out;
    nf_class_list classes;
    unsigned n_failed = 0, n_whole = 0;
    (void)state;
    make_png(&image, (png_kind){8, PNG_COLOR_TYPE_RGB, 0}, 30, 20, 0, slope);
    make_png(&map, (png_kind){8, PNG_COLOR_TYPE_GRAY, 0}, 30, 20, 0, slope);
    for (long n = 0;; n++) {
        shortage_begin_one(n);
        nf_decode_classes(image.data, image.len, map.data, map.len, &options, &out, &classes);
        bool all_had = shortage_end();
        if (all_had)
            break;
        if (out.verdict == NF_IMAGE_OK) { /* the fast way had no memory, libpng needs less */
            n_whole++;
            assert_true(classes.n > 50);
            nf_class_list_free(&classes);
            continue;
        }
        n_failed++;
        assert_int_equal(out.verdict, NF_IMAGE_FAILED);
        assert_int_equal(out.failure, NF_FAILURE_NO_MEMORY);
        assert_int_equal(classes.n, 0);
        assert_null(classes.items);
    }
    assert_int_equal(out.verdict, NF_IMAGE_OK);
    assert_true(classes.n > 50);
    assert_true(n_failed >= 3);   /* plane, counts, classes */
    assert_int_equal(n_whole, 2); /* of the image and of its map */
    nf_class_list_free(&classes);
    nf_buf_free(&image);
    nf_buf_free(&map);
}

/* Notes every member's place and reads each again. *n_read: those that came whole. */
static nf_status note_and_read(const char *path, unsigned *n_read, nf_error *error)
{
    nf_entries *entries = NULL;
    nf_places *places = NULL;
    nf_entry entry;
    nf_place place;
    nf_stream *data;
    nf_status status = nf_places_new(&places, error);
    if (status == NF_OK)
        status = nf_entries_open(&entries, path, error);
    while (status == NF_OK && (status = nf_entries_next(entries, &entry, error)) == NF_OK) {
        assert_true(nf_entries_place(entries, &place));
        status = nf_places_add(places, entry.path, strlen(entry.path), &place, error);
    }
    nf_entries_close(entries);
    status = status == NF_EOF ? NF_OK : status;
    *n_read = 0;
    for (char key[2] = "a"; status == NF_OK && key[0] < 'g'; key[0]++) {
        nf_buf all = {0};
        status = nf_places_open(places, key, 1, &data, error);
        if (status == NF_OK)
            status = nf_stream_read_all(data, 100000, &all, error);
        *n_read += status == NF_OK && all.len == 3000;
        nf_buf_free(&all);
    }
    nf_places_free(places);
    return status;
}

static void assert_scarcity_is_told(const char *path)
{
    unsigned n_read, n_failed = 0;
    nf_status status;
    for (long n = 0;; n++) {
        nf_error error = {0};
        shortage_begin_one(n);
        status = note_and_read(path, &n_read, &error);
        bool all_had = shortage_end();
        if (all_had)
            break;
        n_failed++;
        assert_int_equal(status, NF_ERR_NOMEM);
        assert_non_null(strstr(error.message, "out of memory"));
    }
    assert_int_equal(status, NF_OK);
    assert_int_equal(n_read, 6);
    assert_true(n_failed > 10);
}

static void places_without_memory_say_so(void **state)
{
    char path[64], folder[64] = "/tmp/nofade-places-XXXXXX", file[80];
    zip_maker zip = {0};
    (void)state;
    assert_non_null(mkdtemp(folder));
    for (char name[2] = "a"; name[0] < 'g'; name[0]++) {
        nf_buf data = {0};
        put_noise(&data, 3000, (uint32_t)name[0]);
        put_zip(&zip, name, data.data, data.len, (zip_options){.deflate = name[0] % 2 == 0});
        snprintf(file, sizeof file, "%s/%s", folder, name);
        write_bytes(file, data.data, data.len);
        nf_buf_free(&data);
    }
    put_zip_end(&zip);
    make_path(path);
    write_bytes(path, zip.all.data, zip.all.len);
    nf_buf_free(&zip.all);
    assert_scarcity_is_told(path);
    assert_scarcity_is_told(folder);
    for (char name[2] = "a"; name[0] < 'g'; name[0]++) {
        snprintf(file, sizeof file, "%s/%s", folder, name);
        unlink(file);
    }
    rmdir(folder);
    unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_image_without_memory_for_its_map_is_whole_or_has_failed),
        cmocka_unit_test(places_without_memory_say_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
