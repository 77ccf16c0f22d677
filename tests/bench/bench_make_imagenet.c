/* Writes a tar of tars in the shape of ILSVRC2012_img_train.tar to standard output: bench_make_imagenet LIST CLASSES BYTES
 *
 * LIST is a file with the path of a JPEG a line, CLASSES one with an id a line, at least as many images as classes are
 * written, and about BYTES bytes. Each class is a plain tar <id>.tar of flat files <id>_<n>.JPEG. The pictures are those of
 * LIST in turn, each with a comment of its own, so that no two files are the same. Says on standard error how many there are.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

enum {
    BLOCK_BYTES = 512,
    RECORD_BYTES = 10240, /* a whole tar is a multiple of it, the published one too */
    MARKER_BYTES = 2,
    SERIAL_DIGITS = 16,
    COMMENT_BYTES = 4 + SERIAL_DIGITS, /* marker, length, text */
    NAME_BYTES = 100
};
static const uint64_t BYTES_MAX = 4000000000000; /* a class stays below the 8 GiB that a header can tell */

typedef struct picture {
    uint8_t *bytes;
    size_t n;
} picture;

typedef struct pool {
    picture *pictures;
    char **classes;
    size_t n_pictures, n_classes;
} pool;

/* ---- reading ---- */

/* The lines of a file; NULL: it cannot be read, or has none. */
static char **read_lines(const char *path, size_t *n)
{
    FILE *file = fopen(path, "r");
    char **lines = NULL, *line = NULL;
    size_t capacity = 0;
    *n = 0;
    while (file != NULL && getline(&line, &capacity, file) > 0) {
        char **more = reallocarray(lines, *n + 1, sizeof *lines);
        if (more == NULL)
            break;
        lines = more;
        line[strcspn(line, "\n")] = '\0';
        lines[(*n)++] = line;
        line = NULL;
        capacity = 0;
    }
    free(line);
    if (file != NULL)
        fclose(file);
    return lines;
}

static int read_picture(const char *path, picture *read)
{
    FILE *file = fopen(path, "rb");
    long n = file != NULL && fseek(file, 0, SEEK_END) == 0 ? ftell(file) : -1;
    int good = n > MARKER_BYTES && (read->bytes = malloc((size_t)n)) != NULL && fseek(file, 0, SEEK_SET) == 0 &&
               fread(read->bytes, 1, (size_t)n, file) == (size_t)n;
    read->n = good ? (size_t)n : 0;
    if (file != NULL)
        fclose(file);
    return good;
}

static int read_pool(pool *from, const char *list, const char *classes)
{
    char **paths = read_lines(list, &from->n_pictures);
    from->classes = read_lines(classes, &from->n_classes);
    from->pictures = calloc(from->n_pictures, sizeof *from->pictures);
    int good = paths != NULL && from->classes != NULL && from->pictures != NULL;
    for (size_t i = 0; i < from->n_pictures && paths != NULL; i++) {
        good = good && read_picture(paths[i], &from->pictures[i]);
        free(paths[i]);
    }
    free(paths);
    return good;
}

static void free_pool(pool *from)
{
    for (size_t i = 0; i < from->n_pictures && from->pictures != NULL; i++)
        free(from->pictures[i].bytes);
    for (size_t i = 0; i < from->n_classes && from->classes != NULL; i++)
        free(from->classes[i]);
    free(from->pictures);
    free(from->classes);
}

/* ---- sizes ---- */

static uint64_t padding_of(uint64_t n, uint64_t unit)
{
    return (unit - n % unit) % unit;
}

/* Of one image, with its header. */
static uint64_t stored_bytes(const picture *image)
{
    uint64_t n = image->n + COMMENT_BYTES;
    return BLOCK_BYTES + n + padding_of(n, BLOCK_BYTES);
}

/* Of images first .. first + n - 1, before the end marker. */
static uint64_t members_bytes(const pool *from, uint64_t first, uint64_t n)
{
    uint64_t bytes = 0;
    for (uint64_t i = first; i < first + n; i++)
        bytes += stored_bytes(&from->pictures[i % from->n_pictures]);
    return bytes;
}

static uint64_t end_bytes(uint64_t members)
{
    return 2 * BLOCK_BYTES + padding_of(members + 2 * BLOCK_BYTES, RECORD_BYTES);
}

/* How many images make up the wanted size. */
static uint64_t images_for(const pool *from, uint64_t wanted_bytes)
{
    uint64_t mean = members_bytes(from, 0, from->n_pictures) / from->n_pictures;
    uint64_t images = wanted_bytes / mean;
    return images < from->n_classes ? from->n_classes : images;
}

/* ---- writing ---- */

static int write_all(struct iovec *pieces, int n)
{
    while (n > 0) {
        ssize_t written = writev(STDOUT_FILENO, pieces, n);
        if (written < 0 && errno != EINTR)
            return 0;
        size_t left = written > 0 ? (size_t)written : 0;
        for (; n > 0 && left >= pieces->iov_len; n--, pieces++)
            left -= pieces->iov_len;
        if (left > 0) {
            pieces->iov_base = (uint8_t *)pieces->iov_base + left;
            pieces->iov_len -= left;
        }
    }
    return 1;
}

static void make_header(uint8_t header[BLOCK_BYTES], const char *name, uint64_t size_bytes)
{
    memset(header, 0, BLOCK_BYTES);
    snprintf((char *)header, NAME_BYTES, "%s", name);
    snprintf((char *)header + 100, 8, "%07o", 0644u);
    snprintf((char *)header + 108, 8, "%07o", 0u);
    snprintf((char *)header + 116, 8, "%07o", 0u);
    snprintf((char *)header + 124, 12, "%011" PRIo64, size_bytes);
    snprintf((char *)header + 136, 12, "%011o", 0u);
    header[156] = '0';
    memcpy(header + 257, "ustar\00000", 8);
    memset(header + 148, ' ', 8);
    unsigned sum = 0;
    for (size_t i = 0; i < BLOCK_BYTES; i++)
        sum += header[i];
    snprintf((char *)header + 148, 8, "%06o", sum);
}

static const uint8_t zeros[RECORD_BYTES + 2 * BLOCK_BYTES];

static struct iovec piece_of(const void *bytes, size_t n)
{
    return (struct iovec){(void *)(uintptr_t)bytes, n};
}

static int write_image(const picture *image, const char *class_id, uint64_t in_class, uint64_t serial)
{
    uint8_t header[BLOCK_BYTES];
    char name[NAME_BYTES], text[COMMENT_BYTES + 1] = "\xff\xfe\0";
    snprintf(name, sizeof name, "%s_%" PRIu64 ".JPEG", class_id, in_class);
    make_header(header, name, image->n + COMMENT_BYTES);
    text[3] = 2 + SERIAL_DIGITS;
    snprintf(text + 4, SERIAL_DIGITS + 1, "%016" PRIx64, serial);
    struct iovec pieces[] = {
        piece_of(header, sizeof header),
        piece_of(image->bytes, MARKER_BYTES),
        piece_of(text, COMMENT_BYTES),
        piece_of(image->bytes + MARKER_BYTES, image->n - MARKER_BYTES),
        piece_of(zeros, padding_of(image->n + COMMENT_BYTES, BLOCK_BYTES)),
    };
    return write_all(pieces, sizeof pieces / sizeof pieces[0]);
}

static int write_end(uint64_t members)
{
    struct iovec end = piece_of(zeros, end_bytes(members));
    return write_all(&end, 1);
}

/* The inner tar of a class. *written grows by what it takes in the outer one. */
static int write_class(const pool *from, const char *class_id, uint64_t first, uint64_t n, uint64_t *written)
{
    uint8_t header[BLOCK_BYTES];
    char name[NAME_BYTES];
    uint64_t members = members_bytes(from, first, n), size = members + end_bytes(members);
    snprintf(name, sizeof name, "%s.tar", class_id);
    make_header(header, name, size);
    *written += BLOCK_BYTES + size;
    struct iovec piece = piece_of(header, sizeof header);
    int good = write_all(&piece, 1);
    for (uint64_t i = 0; i < n && good; i++)
        good = write_image(&from->pictures[(first + i) % from->n_pictures], class_id, i, first + i);
    return good && write_end(members);
}

static int write_set(const pool *from, uint64_t wanted_bytes, uint64_t *images, uint64_t *bytes)
{
    int good = 1;
    *images = *bytes = 0;
    uint64_t total = images_for(from, wanted_bytes);
    for (size_t i = 0; i < from->n_classes && good; i++) {
        uint64_t n = total / from->n_classes + (i < total % from->n_classes);
        good = write_class(from, from->classes[i], *images, n, bytes);
        *images += n;
    }
    good = good && write_end(*bytes);
    *bytes += end_bytes(*bytes);
    return good;
}

int main(int argc, char **argv)
{
    pool from = {0};
    uint64_t wanted_bytes = argc == 4 ? strtoull(argv[3], NULL, 10) : 0, images, bytes;
    if (wanted_bytes == 0 || wanted_bytes > BYTES_MAX) {
        fputs("usage: bench_make_imagenet LIST CLASSES BYTES\n", stderr);
        return 2;
    }
    int result = 0;
    if (!read_pool(&from, argv[1], argv[2])) {
        fputs("bench_make_imagenet: cannot read the pictures or the classes\n", stderr);
        result = 3;
    } else if (!write_set(&from, wanted_bytes, &images, &bytes)) {
        fprintf(stderr, "bench_make_imagenet: cannot write: %s\n", strerror(errno));
        result = 4;
    } else {
        fprintf(stderr, "%" PRIu64 " images, %" PRIu64 " bytes\n", images, bytes);
    }
    free_pool(&from);
    return result;
}
