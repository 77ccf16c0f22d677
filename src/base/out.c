#include "base/out.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "base/buf.h"
#include "base/text.h"

enum { OUT_BUFFER_BYTES = 1 << 16 };

struct nf_out {
    int fd;
    bool keep_open;     /* standard output */
    char *path;         /* where it belongs */
    char *temporary;    /* a name beside path; NULL: written directly, or nameless */
    bool nameless;      /* has no name before the commit, so that nothing is ever left behind */
    gzFile gzip;        /* NULL: plain; owns fd */
    size_t used;
    nf_error fault;     /* sticks */
    char buffer[OUT_BUFFER_BYTES];
};

static nf_status out_fault(nf_out *out, nf_error *error, const char *what)
{
    if (out->fault.code == NF_OK)
        nf_fail(&out->fault, NF_ERR_OUTPUT, "cannot %s %s: %s", what, out->keep_open ? "standard output" : out->path,
                strerror(errno));
    if (error != NULL)
        *error = out->fault;
    return NF_ERR_OUTPUT;
}

static void out_free(nf_out *out)
{
    if (out->gzip != NULL)
        gzclose(out->gzip);
    else if (out->fd >= 0 && !out->keep_open)
        close(out->fd);
    free(out->temporary);
    free(out->path);
    free(out);
}

/* A file without a name in the target's directory; -1 where the file system has none. */
static int open_nameless(nf_out *out)
{
    const char *slash = strrchr(out->path, '/');
    char *directory = slash == NULL ? strdup(".") : strndup(out->path, (size_t)(slash - out->path) + 1);
    bool can_be_named = access("/proc/self/fd", X_OK) == 0;
    int fd = directory == NULL || !can_be_named ? -1 : open(directory, O_TMPFILE | O_WRONLY | O_CLOEXEC, 0666);
    free(directory);
    out->nameless = fd >= 0;
    return fd;
}

/* Gives a nameless file a name beside its target, so that it can be renamed over it. */
static int name_it(nf_out *out)
{
    char fd_path[40];
    size_t size = strlen(out->path) + sizeof ".4294967295.tmp";
    snprintf(fd_path, sizeof fd_path, "/proc/self/fd/%d", out->fd);
    out->temporary = malloc(size);
    for (unsigned i = 0; out->temporary != NULL && i < 1000; i++) {
        snprintf(out->temporary, size, "%s.%u.tmp", out->path, i);
        if (linkat(AT_FDCWD, fd_path, AT_FDCWD, out->temporary, AT_SYMLINK_FOLLOW) == 0)
            return 0;
        if (errno != EEXIST)
            break;
    }
    free(out->temporary);
    out->temporary = NULL;
    return -1;
}

/* Opens beside the target under a name that nobody else has. */
static int open_temporary(nf_out *out)
{
    size_t size = strlen(out->path) + sizeof ".XXXXXX";
    out->temporary = malloc(size);
    if (out->temporary == NULL)
        return -1;
    snprintf(out->temporary, size, "%s.XXXXXX", out->path);
    int fd = mkostemp(out->temporary, O_CLOEXEC);
    if (fd < 0) {
        free(out->temporary);
        out->temporary = NULL;
        return -1;
    }
    mode_t mask = umask(0);
    umask(mask);
    (void)fchmod(fd, 0666 & ~mask);
    return fd;
}

static int open_target(nf_out *out)
{
    struct stat info;
    if (strcmp(out->path, "-") == 0) {
        out->keep_open = true;
        return STDOUT_FILENO;
    }
    if (stat(out->path, &info) == 0 && !S_ISREG(info.st_mode)) {
        if (S_ISDIR(info.st_mode)) {
            errno = EISDIR;
            return -1;
        }
        return open(out->path, O_WRONLY | O_CLOEXEC);
    }
    char *real = realpath(out->path, NULL); /* through a symbolic link: replace what it points to */
    if (real != NULL) {
        free(out->path);
        out->path = real;
        if (access(real, W_OK) != 0)
            return -1;
    }
    int fd = open_nameless(out);
    return fd >= 0 ? fd : open_temporary(out);
}

nf_status nf_out_open(nf_out **opened, const char *path, nf_error *error)
{
    *opened = NULL;
    nf_out *out = malloc(sizeof *out);
    if (out == NULL)
        return nf_fail_nomem(error, "an output");
    memset(out, 0, offsetof(nf_out, buffer));
    out->fd = -1;
    nf_status status = nf_strdup(&out->path, path, error);
    if (status == NF_OK && (out->fd = open_target(out)) < 0)
        status = out_fault(out, error, "write");
    size_t length = strlen(path);
    if (status == NF_OK && length > 3 && strcmp(path + length - 3, ".gz") == 0) {
        out->gzip = gzdopen(out->fd, "wb6");
        if (out->gzip == NULL)
            status = nf_fail_nomem(error, "an output");
    }
    if (status != NF_OK) {
        nf_out_discard(out);
        return status;
    }
    *opened = out;
    return NF_OK;
}

static nf_status write_all(nf_out *out, const char *bytes, size_t n, nf_error *error)
{
    while (n > 0) {
        ssize_t written;
        errno = EIO;
        if (out->gzip != NULL)
            written = gzwrite(out->gzip, bytes, (unsigned)n); /* n <= OUT_BUFFER_BYTES */
        else
            written = write(out->fd, bytes, n);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return out_fault(out, error, "write");
        bytes += written;
        n -= (size_t)written;
    }
    return NF_OK;
}

static nf_status out_flush(nf_out *out, nf_error *error)
{
    size_t used = out->used;
    out->used = 0;
    return write_all(out, out->buffer, used, error);
}

nf_status nf_out_write(nf_out *out, const void *bytes, size_t n, nf_error *error)
{
    if (out->fault.code != NF_OK) {
        if (error != NULL)
            *error = out->fault;
        return NF_ERR_OUTPUT;
    }
    const char *from = bytes;
    while (n > 0) {
        size_t room = OUT_BUFFER_BYTES - out->used;
        size_t part = n < room ? n : room;
        memcpy(out->buffer + out->used, from, part);
        out->used += part;
        from += part;
        n -= part;
        if (out->used == OUT_BUFFER_BYTES && out_flush(out, error) != NF_OK)
            return NF_ERR_OUTPUT;
    }
    return NF_OK;
}

nf_status nf_out_text(nf_out *out, const char *text, nf_error *error)
{
    return nf_out_write(out, text, strlen(text), error);
}

/* digits (15 of them, the first before the point) x 10^exponent, -5 < exponent < 15, as "%.15g" prints it. */
static void write_fixed(uint64_t digits, int exponent, bool negative, char text[32])
{
    char all[24];
    int n = snprintf(all, sizeof all, "%" PRIu64, digits);
    while (n > 1 && all[n - 1] == '0')
        n--;
    if (negative)
        *text++ = '-';
    if (exponent < 0) {
        memcpy(text, "0.0000", 6);
        text += 1 - exponent;
        memcpy(text, all, (size_t)n);
        text[n] = '\0';
        return;
    }
    for (int i = 0; i <= exponent || i < n; i++) {
        if (i == exponent + 1)
            *text++ = '.';
        *text++ = i < n ? all[i] : '0';
    }
    *text = '\0';
}

/* Within what format_15 can tell. */
static bool is_plain(double size)
{
    return size >= 1e-4 && size < 1e15;
}

/* What 15 digits can say, without a try: the digits, divided by an exact power of ten, give the value back in one rounding;
 * no other 15 digits do, and the product is not far enough off to miss them. False: 15 digits cannot say it. */
static bool format_15(double value, char text[32])
{
    static const double powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                    1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    double size = fabs(value);
    int exponent = (int)floor(log10(size)), shift = 14 - exponent; /* 0 .. 18 */
    if (exponent < -4 || exponent > 14)
        return false;
    double scaled = rint(size * powers[shift]);
    if (!(scaled >= 1e14 && scaled < 1e15) || scaled / powers[shift] != size)
        return false;
    write_fixed((uint64_t)scaled, exponent, value < 0.0, text);
    return true;
}

void nf_format_double(double value, char text[32])
{
    if (!isfinite(value)) {
        snprintf(text, 32, "null");
        return;
    }
    if (is_plain(fabs(value)) && format_15(value, text))
        return;
    for (int digits = is_plain(fabs(value)) ? 16 : 15; digits <= 17; digits++) {
        snprintf(text, 32, "%.*g", digits, value);
        if (digits == 17 || strtod(text, NULL) == value) /* the C locale: nofade never sets another for numbers */
            return;
    }
}

nf_status nf_out_double(nf_out *out, double value, nf_error *error)
{
    char text[32];
    nf_format_double(value, text);
    return nf_out_text(out, text, error);
}

nf_status nf_out_u64(nf_out *out, unsigned long long value, nf_error *error)
{
    char text[24];
    snprintf(text, sizeof text, "%llu", value);
    return nf_out_text(out, text, error);
}

/* Bytes that stand as they are: ASCII but the quote. */
static size_t ascii_run(const char *text)
{
    size_t n = 0;
    while (text[n] != '\0' && (unsigned char)text[n] < 0x80 && text[n] != '"')
        n++;
    return n;
}

nf_status nf_out_csv_field(nf_out *out, const char *text, nf_error *error)
{
    bool quoted = text[strcspn(text, ",\"\r\n")] != '\0';
    nf_status status = nf_out_text(out, quoted ? "\"" : "", error);
    while (status == NF_OK && *text != '\0') {
        char escaped[8];
        size_t n = ascii_run(text);
        n = n > 0 ? n : nf_utf8_length(text);
        if (n == 0) {
            snprintf(escaped, sizeof escaped, "\\x%02x", (unsigned)(unsigned char)*text);
            status = nf_out_text(out, escaped, error);
        } else {
            status = nf_out_write(out, *text == '"' ? "\"\"" : text, *text == '"' ? 2 : n, error);
        }
        text += n > 0 ? n : 1;
    }
    return status == NF_OK ? nf_out_text(out, quoted ? "\"" : "", error) : status;
}

nf_status nf_out_commit(nf_out *out, nf_error *error)
{
    nf_status status = nf_out_write(out, "", 0, error);
    if (status == NF_OK)
        status = out_flush(out, error);
    if (status == NF_OK && out->nameless && name_it(out) != 0)
        status = out_fault(out, error, "write");
    if (out->gzip != NULL) {
        int closed = gzclose(out->gzip);
        out->gzip = NULL;
        out->fd = -1;
        if (closed != Z_OK && status == NF_OK)
            status = out_fault(out, error, "write");
    } else if (!out->keep_open) {
        int closed = close(out->fd);
        out->fd = -1;
        if (closed != 0 && status == NF_OK)
            status = out_fault(out, error, "write");
    }
    if (out->temporary != NULL && status == NF_OK && rename(out->temporary, out->path) != 0)
        status = out_fault(out, error, "rename the finished file to");
    if (out->temporary != NULL && status != NF_OK)
        unlink(out->temporary);
    out_free(out);
    return status;
}

void nf_out_discard(nf_out *out)
{
    if (out == NULL)
        return;
    if (out->temporary != NULL)
        unlink(out->temporary);
    out_free(out);
}
