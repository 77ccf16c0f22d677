/* nofade: writes the sample set, one record at a time, so that any size streams. */
#include "sample/cifar_sample.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "sample/cifar_pickle.h"
#include "sample/draw.h"

enum {
    TRAIN_BATCHES = 5,
    PLANE_BYTES = NF_SAMPLE_SIDE_PX * NF_SAMPLE_SIDE_PX,
    RECORD_BYTES = 1 + 3 * PLANE_BYTES /* label, then all R, all G, all B */
};
static const int64_t fixed_time = 946684800; /* 2000-01-01 UTC: the same bytes whenever it is made */

static const char readme[] = "<html><body>\n"
                             "<p>Drawn pictures in the layout of CIFAR-10: six classes of rising entropy, 32x32 RGB. "
                             "Made by nofade-sample; not photographs, and not CIFAR-10.</p>\n"
                             "</body></html>\n";

typedef struct writer {
    struct archive *archive;
    const nf_sample_options *options;
    uint64_t next_picture; /* over all batches, so that no picture comes twice */
} writer;

static nf_status write_failed(writer *to, nf_error *error)
{
    const char *why = archive_error_string(to->archive);
    return nf_fail(error, NF_ERR_OUTPUT, "cannot write the archive: %s", why != NULL ? why : "unknown reason");
}

/* name "": the folder of all. */
static nf_status begin_member(writer *to, const char *name, unsigned type, uint64_t size_bytes, nf_error *error)
{
    char path[64];
    struct archive_entry *entry = archive_entry_new();
    if (entry == NULL)
        return nf_fail_nomem(error, "a member of the archive");
    snprintf(path, sizeof path, "cifar-10-batches-%s/%s", to->options->python ? "py" : "bin", name);
    archive_entry_set_pathname(entry, path);
    archive_entry_set_filetype(entry, type);
    archive_entry_set_perm(entry, type == AE_IFDIR ? 0755 : 0644);
    archive_entry_set_size(entry, (int64_t)size_bytes);
    archive_entry_set_mtime(entry, fixed_time, 0);
    int result = archive_write_header(to->archive, entry);
    archive_entry_free(entry);
    return result == ARCHIVE_OK ? NF_OK : write_failed(to, error);
}

static nf_status write_bytes(writer *to, const void *bytes, size_t n, nf_error *error)
{
    la_ssize_t written = archive_write_data(to->archive, bytes, n);
    return written >= 0 && (size_t)written == n ? NF_OK : write_failed(to, error);
}

static nf_status write_text(writer *to, const char *name, const char *text, nf_error *error)
{
    nf_status status = begin_member(to, name, AE_IFREG, strlen(text), error);
    return status != NF_OK ? status : write_bytes(to, text, strlen(text), error);
}

static nf_status write_class_names(writer *to, uint64_t images_per_batch, nf_error *error)
{
    nf_buf names = {0};
    nf_status status = NF_OK;
    if (to->options->python)
        status = nf_sample_pickle_names(&names, images_per_batch, error);
    for (int i = 0; i < NF_SAMPLE_CLASSES && !to->options->python && status == NF_OK; i++)
        status = nf_buf_printf(&names, error, "%s\n", nf_sample_class_name((nf_sample_class)i));
    if (status == NF_OK)
        status = begin_member(to, to->options->python ? "batches.meta" : "batches.meta.txt", AE_IFREG, names.len, error);
    if (status == NF_OK)
        status = write_bytes(to, names.data, names.len, error);
    nf_buf_free(&names);
    return status;
}

static void draw_record(const writer *to, uint64_t picture, uint8_t record[RECORD_BYTES])
{
    uint8_t rgb[3 * PLANE_BYTES];
    nf_sample_class drawn_class = (nf_sample_class)(picture % NF_SAMPLE_CLASSES);
    nf_sample_draw(drawn_class, picture / NF_SAMPLE_CLASSES, NF_SAMPLE_SIDE_PX, NF_SAMPLE_SIDE_PX, rgb);
    if (to->options->grain)
        nf_sample_add_grain(picture, sizeof rgb, rgb);
    record[0] = (uint8_t)drawn_class;
    for (int channel = 0; channel < 3; channel++)
        for (int i = 0; i < PLANE_BYTES; i++)
            record[1 + channel * PLANE_BYTES + i] = rgb[3 * i + channel];
}

/* The python form has the labels in its head. */
static nf_status write_records(writer *to, uint64_t n_images, nf_error *error)
{
    size_t left_out = to->options->python ? 1 : 0;
    nf_status status = NF_OK;
    for (uint64_t i = 0; i < n_images && status == NF_OK; i++) {
        uint8_t record[RECORD_BYTES];
        draw_record(to, to->next_picture++, record);
        status = write_bytes(to, record + left_out, sizeof record - left_out, error);
    }
    return status;
}

static nf_status write_pickled_batch(writer *to, const char *name, const char *title, uint64_t n_images, nf_error *error)
{
    nf_buf head = {0}, tail = {0};
    nf_status status = nf_sample_pickle_head(&head, title, to->next_picture, n_images, error);
    if (status == NF_OK)
        status = nf_sample_pickle_tail(&tail, to->next_picture, n_images, error);
    if (status == NF_OK)
        status = begin_member(to, name, AE_IFREG, head.len + n_images * (RECORD_BYTES - 1) + tail.len, error);
    if (status == NF_OK)
        status = write_bytes(to, head.data, head.len, error);
    if (status == NF_OK)
        status = write_records(to, n_images, error);
    if (status == NF_OK)
        status = write_bytes(to, tail.data, tail.len, error);
    nf_buf_free(&head);
    nf_buf_free(&tail);
    return status;
}

/* number 0: the test batch. */
static nf_status write_batch(writer *to, unsigned number, uint64_t n_images, nf_error *error)
{
    char name[32] = "test_batch", title[48] = "testing batch 1 of 1";
    if (number > 0) {
        snprintf(name, sizeof name, "data_batch_%u", number);
        snprintf(title, sizeof title, "training batch %u of %d", number, TRAIN_BATCHES);
    }
    if (to->options->python)
        return write_pickled_batch(to, name, title, n_images, error);
    memcpy(name + strlen(name), ".bin", sizeof ".bin");
    nf_status status = begin_member(to, name, AE_IFREG, n_images * RECORD_BYTES, error);
    return status == NF_OK ? write_records(to, n_images, error) : status;
}

static nf_status write_members(writer *to, nf_error *error)
{
    uint64_t images = to->options->train_images, a_batch = images / TRAIN_BATCHES;
    nf_status status = begin_member(to, "", AE_IFDIR, 0, error);
    if (status == NF_OK)
        status = write_class_names(to, a_batch, error);
    for (unsigned i = 0; i < TRAIN_BATCHES && status == NF_OK; i++)
        status = write_batch(to, i + 1, a_batch + (i < images % TRAIN_BATCHES ? 1 : 0), error);
    if (status == NF_OK)
        status = write_batch(to, 0, a_batch, error);
    if (status == NF_OK)
        status = write_text(to, "readme.html", readme, error);
    return status;
}

/* file NULL: standard output. */
static nf_status write_archive(const char *file, const nf_sample_options *options, nf_error *error)
{
    writer to = {.archive = archive_write_new(), .options = options};
    if (to.archive == NULL)
        return nf_fail_nomem(error, "the archive");
    nf_status status = NF_OK;
    if (archive_write_set_format_ustar(to.archive) != ARCHIVE_OK ||
        (!options->plain && (archive_write_add_filter_gzip(to.archive) != ARCHIVE_OK ||
                             archive_write_set_filter_option(to.archive, "gzip", "timestamp", NULL) != ARCHIVE_OK)) ||
        (file != NULL ? archive_write_open_filename(to.archive, file) : archive_write_open_fd(to.archive, STDOUT_FILENO)) !=
            ARCHIVE_OK)
        status = write_failed(&to, error);
    if (status == NF_OK)
        status = write_members(&to, error);
    if (status == NF_OK && archive_write_close(to.archive) != ARCHIVE_OK)
        status = write_failed(&to, error);
    archive_write_free(to.archive);
    return status;
}

static nf_status write_beside_and_rename(const char *path, const nf_sample_options *options, nf_error *error)
{
    nf_buf beside = {0};
    nf_status status = nf_buf_printf(&beside, error, "%s.part", path);
    if (status == NF_OK)
        status = nf_buf_append(&beside, "", 1, error);
    if (status == NF_OK) {
        const char *file = (const char *)beside.data;
        status = write_archive(file, options, error);
        if (status == NF_OK && rename(file, path) != 0)
            status = nf_fail(error, NF_ERR_OUTPUT, "cannot rename the finished archive: %s", strerror(errno));
        if (status != NF_OK)
            unlink(file);
    }
    nf_buf_free(&beside);
    return status;
}

nf_status nf_sample_write(const char *path, const nf_sample_options *options, nf_error *error)
{
    uint64_t most = options->python ? (uint64_t)NF_SAMPLE_PICKLE_IMAGES_MAX * TRAIN_BATCHES : NF_SAMPLE_TRAIN_IMAGES_MAX;
    if (options->train_images > most)
        return nf_fail(error, NF_ERR_USAGE, "more than %d images do not fit the sample's archive", (int)most);
    struct stat there;
    if (strcmp(path, "-") == 0)
        return write_archive(NULL, options, error);
    if (stat(path, &there) == 0 && !S_ISREG(there.st_mode))
        return write_archive(path, options, error);
    return write_beside_and_rename(path, options, error);
}
