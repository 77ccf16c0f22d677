/* Every kind of source through the whole scan: counts right, the same twice, and neither cuts, damage nor missing memory
 * lead to anything but a clean answer. Each format stands in one table; a new one is a row. */
#include "support/archives.h"
#include "support/make_mat.h"
#include "support/shortage.h"

#include <errno.h>
#include <png.h>

#include "nofade.h"
#include "sample/cifar_sample.h"
#include "sample/draw.h"

/* ---- sets made at run time ---- */

enum { SIDE_PX = 16, IMAGES_A_CLASS = 3, N_IMAGES = IMAGES_A_CLASS * NF_SAMPLE_CLASSES };

static void put_png(nf_buf *to, nf_sample_class drawn, uint64_t index)
{
    uint8_t rgb[3 * SIDE_PX * SIDE_PX];
    png_image image = {.version = PNG_IMAGE_VERSION, .width = SIDE_PX, .height = SIDE_PX, .format = PNG_FORMAT_RGB};
    uint8_t bytes[4096];
    png_alloc_size_t n = sizeof bytes;
    nf_sample_draw(drawn, index, SIDE_PX, SIDE_PX, rgb);
    assert_int_not_equal(png_image_write_to_memory(&image, bytes, &n, 0, rgb, 0, NULL), 0);
    put(to, bytes, n);
}

static void make_folder_tar(nf_buf *to)
{
    for (int k = 0; k < NF_SAMPLE_CLASSES; k++)
        for (int i = 0; i < IMAGES_A_CLASS; i++) {
            char name[64];
            nf_buf png = {0};
            put_png(&png, (nf_sample_class)k, (uint64_t)i);
            snprintf(name, sizeof name, "set/%s/%d.png", nf_sample_class_name((nf_sample_class)k), i);
            put_tar(to, name, '0', png.data, png.len);
            nf_buf_free(&png);
        }
    put_tar_end(to);
}

/* Deflated and stored members in turn. */
static void make_folder_zip(nf_buf *to)
{
    zip_maker zip = {0};
    for (int i = 0; i < N_IMAGES; i++) {
        char name[64];
        nf_buf png = {0};
        nf_sample_class drawn = (nf_sample_class)(i / IMAGES_A_CLASS);
        put_png(&png, drawn, (uint64_t)i);
        snprintf(name, sizeof name, "set/%s/%d.png", nf_sample_class_name(drawn), i);
        put_zip(&zip, name, png.data, png.len, (zip_options){.deflate = i % 2 == 0});
        nf_buf_free(&png);
    }
    put_zip_end(&zip);
    *to = zip.all;
}

/* Labels before and behind their images, in .cls and .json files. */
static void make_webdataset_tar(nf_buf *to)
{
    for (int i = 0; i < N_IMAGES; i++) {
        char image_name[32], label_name[32], label[64];
        nf_buf png = {0};
        int class_ = i % NF_SAMPLE_CLASSES;
        put_png(&png, (nf_sample_class)class_, (uint64_t)i);
        snprintf(image_name, sizeof image_name, "%04d.png", i);
        snprintf(label_name, sizeof label_name, i % 2 == 0 ? "%04d.cls" : "%04d.json", i);
        snprintf(label, sizeof label, i % 2 == 0 ? "%d\n" : "{\"width\": 16, \"label\": %d}", class_);
        if (i % 3 == 0)
            put_tar(to, label_name, '0', label, strlen(label));
        put_tar(to, image_name, '0', png.data, png.len);
        if (i % 3 != 0)
            put_tar(to, label_name, '0', label, strlen(label));
        nf_buf_free(&png);
    }
    put_tar_end(to);
}

static void put_be32(nf_buf *to, uint32_t value)
{
    put(to, (uint8_t[]){(uint8_t)(value >> 24), (uint8_t)(value >> 16), (uint8_t)(value >> 8), (uint8_t)value}, 4);
}

static void make_idx_tar(nf_buf *to)
{
    nf_buf images = {0}, labels = {0};
    put_be32(&images, 0x803);
    put_be32(&images, N_IMAGES);
    put_be32(&images, SIDE_PX);
    put_be32(&images, SIDE_PX);
    put_be32(&labels, 0x801);
    put_be32(&labels, N_IMAGES);
    for (int i = 0; i < N_IMAGES; i++) {
        uint8_t rgb[3 * SIDE_PX * SIDE_PX], label = (uint8_t)(i % NF_SAMPLE_CLASSES);
        nf_sample_draw((nf_sample_class)label, (uint64_t)i, SIDE_PX, SIDE_PX, rgb);
        put(&images, rgb, SIDE_PX * SIDE_PX);
        put(&labels, &label, 1);
    }
    put_tar(to, "train-images-idx3-ubyte", '0', images.data, images.len);
    put_tar(to, "train-labels-idx1-ubyte", '0', labels.data, labels.len);
    put_tar_end(to);
    nf_buf_free(&images);
    nf_buf_free(&labels);
}

static void make_cifar_tar(nf_buf *to)
{
    nf_buf batch = {0}, names = {0};
    for (int k = 0; k < NF_SAMPLE_CLASSES; k++)
        assert_int_equal(nf_buf_printf(&names, NULL, "%s\n", nf_sample_class_name((nf_sample_class)k)), NF_OK);
    for (int i = 0; i < N_IMAGES; i++) {
        uint8_t rgb[3 * 32 * 32], label = (uint8_t)(i % NF_SAMPLE_CLASSES);
        nf_sample_draw((nf_sample_class)label, (uint64_t)i, 32, 32, rgb);
        put(&batch, &label, 1);
        put(&batch, rgb, sizeof rgb);
    }
    put_tar(to, "cifar-10-batches-bin/batches.meta.txt", '0', names.data, names.len);
    put_tar(to, "cifar-10-batches-bin/data_batch_1.bin", '0', batch.data, batch.len);
    put_tar_end(to);
    nf_buf_free(&batch);
    nf_buf_free(&names);
}

/* N_IMAGES drawn pictures of side x side pixels, and labels from 1 on. */
static void put_rows(nf_buf *pixels, nf_buf *labels, unsigned side)
{
    uint8_t rgb[3 * 96 * 96];
    for (int i = 0; i < N_IMAGES; i++) {
        nf_sample_draw((nf_sample_class)(i % NF_SAMPLE_CLASSES), (uint64_t)i, side, side, rgb);
        put(pixels, rgb, (size_t)3 * side * side);
        put(labels, &(uint8_t){(uint8_t)(i % NF_SAMPLE_CLASSES + 1)}, 1);
    }
}

static void make_svhn_tar(nf_buf *to)
{
    nf_buf pixels = {0}, labels = {0}, mat = {0};
    put_rows(&pixels, &labels, 32);
    put_mat_header(&mat, false);
    put_mat_array(&mat, "X", 9, (uint32_t[]){32, 32, 3, N_IMAGES}, 4, 2, pixels.data, pixels.len, (mat_options){.compressed = true});
    put_mat_matrix(&mat, "y", 9, N_IMAGES, 1, 2, labels.data, labels.len, (mat_options){.compressed = true});
    put_tar(to, "train_32x32.mat", '0', mat.data, mat.len);
    put_tar_end(to);
    nf_buf_free(&pixels);
    nf_buf_free(&labels);
    nf_buf_free(&mat);
}

static void make_stl10_tar(nf_buf *to)
{
    nf_buf pixels = {0}, labels = {0};
    put_rows(&pixels, &labels, 96);
    put_tar(to, "stl10_binary/class_names.txt", '0', "airplane\nbird\n", 14);
    put_tar(to, "stl10_binary/train_X.bin", '0', pixels.data, pixels.len);
    put_tar(to, "stl10_binary/train_y.bin", '0', labels.data, labels.len);
    put_tar_end(to);
    nf_buf_free(&pixels);
    nf_buf_free(&labels);
}

typedef struct format {
    const char *name;
    void (*make)(nf_buf *to);
    bool gzip;
    const char *dataset_id;
} format;

static const format formats[] = {
    {"folder.tar", make_folder_tar, false, "imagefolder"}, {"folder.tar.gz", make_folder_tar, true, "imagefolder"},
    {"folder.zip", make_folder_zip, false, "imagefolder"},
    {"idx.tar", make_idx_tar, false, "idx"},               {"idx.tar.gz", make_idx_tar, true, "idx"},
    {"cifar.tar", make_cifar_tar, false, "cifar10"},       {"cifar.tar.gz", make_cifar_tar, true, "cifar10"},
    {"svhn.tar", make_svhn_tar, false, "svhn"},            {"svhn.tar.gz", make_svhn_tar, true, "svhn"},
    {"stl10.tar", make_stl10_tar, false, "stl10"},         {"stl10.tar.gz", make_stl10_tar, true, "stl10"},
    {"webdataset.tar", make_webdataset_tar, false, "webdataset"},
    {"webdataset.tar.gz", make_webdataset_tar, true, "webdataset"},
};
enum { N_FORMATS = sizeof formats / sizeof formats[0] };

static void make_format(const format *f, nf_buf *to)
{
    nf_buf plain = {0};
    f->make(&plain);
    if (!f->gzip) {
        *to = plain;
        return;
    }
    z_stream z = {0};
    assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    size_t room = deflateBound(&z, plain.len);
    assert_int_equal(nf_buf_reserve(to, room, NULL), NF_OK);
    z.next_in = plain.data;
    z.avail_in = (unsigned)plain.len;
    z.next_out = to->data;
    z.avail_out = (unsigned)room;
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    to->len = z.total_out;
    deflateEnd(&z);
    nf_buf_free(&plain);
}

/* ---- scans ---- */

typedef struct scanned {
    nf_status status;
    nf_error error;
    uint64_t read, failed;
    size_t n_classes, n_warnings;
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

static scanned scan_file(const char *path)
{
    scanned result = {0};
    nf_scan_options options;
    nf_profile *profile = NULL;
    size_t n_rows = 0;
    nf_scan_options_init(&options);
    options.threads = 2;
    options.batch_bytes = 16 << 10;
    options.listener = &n_rows;
    options.on_image = count_row;
    options.spool_beside = path;
    result.status = nf_scan(&path, 1, &options, &profile, &result.error);
    if (result.status == NF_OK) {
        result.read = profile->images_read;
        result.failed = profile->images_failed;
        result.n_classes = profile->n_classes;
        result.n_warnings = profile->n_warnings;
        result.complete = profile->complete;
        result.status = nf_profile_counts_digest(profile, result.digest, &result.error);
        snprintf(result.id, sizeof result.id, "%s", profile->dataset_id != NULL ? profile->dataset_id : "");
        assert_int_equal(n_rows, result.read + result.failed);
    } else {
        assert_null(profile);
        assert_true(result.error.message[0] != '\0');
    }
    nf_profile_free(profile);
    return result;
}

static void write_file(const char *path, const nf_buf *bytes, size_t n)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes->data, 1, n, file), n);
    assert_int_equal(fclose(file), 0);
}

static char *path_of(const format *f)
{
    static char path[128];
    snprintf(path, sizeof path, "/tmp/nofade-conformance-%ld-%s", (long)getpid(), f->name);
    return path;
}

static void every_format_counts_right_and_the_same_twice(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_FORMATS; i++) {
        nf_buf bytes = {0};
        make_format(&formats[i], &bytes);
        write_file(path_of(&formats[i]), &bytes, bytes.len);
        scanned first = scan_file(path_of(&formats[i])), second = scan_file(path_of(&formats[i]));
        assert_int_equal(first.status, NF_OK);
        assert_string_equal(first.id, formats[i].dataset_id);
        assert_int_equal(first.read, N_IMAGES);
        assert_int_equal(first.failed, 0);
        assert_int_equal(first.n_classes, NF_SAMPLE_CLASSES);
        assert_true(first.complete);
        assert_string_equal(first.digest, second.digest);
        unlink(path_of(&formats[i]));
        nf_buf_free(&bytes);
    }
}

/* A clean answer to a spoilt source: figures of some of the images, or one sentence. */
static void assert_clean(const scanned *result)
{
    if (result->status == NF_OK)
        assert_true(result->read <= N_IMAGES);
    else
        assert_true(result->status == NF_ERR_INPUT || result->status == NF_ERR_USAGE);
}

static void a_cut_source_is_never_taken_for_a_whole_one(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_FORMATS; i++) {
        nf_buf bytes = {0};
        make_format(&formats[i], &bytes);
        for (size_t cut = 0; cut < 16; cut++) {
            write_file(path_of(&formats[i]), &bytes, bytes.len * cut / 16);
            scanned result = scan_file(path_of(&formats[i]));
            assert_clean(&result);
            if (result.status == NF_OK && result.read < N_IMAGES)
                assert_true(!result.complete || result.failed > 0 || result.n_warnings > 0);
        }
        unlink(path_of(&formats[i]));
        nf_buf_free(&bytes);
    }
}

static void one_per_cent_of_damage_gives_a_clean_answer(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_FORMATS; i++)
        for (uint32_t seed = 1; seed <= 8; seed++) {
            nf_buf bytes = {0};
            uint32_t random = seed;
            make_format(&formats[i], &bytes);
            for (size_t hit = 0; hit < bytes.len / 100 + 1; hit++) {
                random = random * 1664525u + 1013904223u;
                bytes.data[(random >> 8) % bytes.len] ^= (uint8_t)(1u + (random >> 24) % 255u);
            }
            write_file(path_of(&formats[i]), &bytes, bytes.len);
            scanned result = scan_file(path_of(&formats[i]));
            assert_clean(&result);
            unlink(path_of(&formats[i]));
            nf_buf_free(&bytes);
        }
}

static void assert_any_allocation_may_fail(void (*begin)(long))
{
    for (size_t i = 0; i < N_FORMATS; i++) {
        nf_buf bytes = {0};
        make_format(&formats[i], &bytes);
        write_file(path_of(&formats[i]), &bytes, bytes.len);
        scanned whole = scan_file(path_of(&formats[i]));
        bool done = false;
        for (long n = 0; !done; n += 1 + n / 64) {
            assert_true(n < 100000);
            begin(n);
            scanned result = scan_file(path_of(&formats[i]));
            done = shortage_end();
            /* Never a wrong figure under a claim of completeness. */
            if (result.status == NF_OK && result.failed == 0 && result.complete)
                assert_string_equal(result.digest, whole.digest);
        }
        unlink(path_of(&formats[i]));
        nf_buf_free(&bytes);
    }
}

static void any_allocation_may_fail(void **state)
{
    (void)state;
    assert_any_allocation_may_fail(shortage_begin);
}

static void one_allocation_alone_may_fail(void **state)
{
    (void)state;
    assert_any_allocation_may_fail(shortage_begin_one);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_format_counts_right_and_the_same_twice),
        cmocka_unit_test(a_cut_source_is_never_taken_for_a_whole_one),
        cmocka_unit_test(one_per_cent_of_damage_gives_a_clean_answer),
        cmocka_unit_test(any_allocation_may_fail),
        cmocka_unit_test(one_allocation_alone_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
