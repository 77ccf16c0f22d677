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
    } else if (errno == ENOMEM) { /* the link itself is not what is meant */
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

int nf_format_u64(uint64_t value, char text[24])
{
    char turned[24];
    int n = 0;
    do
        turned[n++] = (char)('0' + value % 10);
    while ((value /= 10) > 0);
    for (int i = 0; i < n; i++)
        text[i] = turned[n - 1 - i];
    text[n] = '\0';
    return n;
}

/* Digits, the first before the point, x 10^exponent, -5 < exponent < 15, as "%g" prints them with enough precision. */
static void write_fixed(uint64_t digits, int exponent, bool negative, char text[32])
{
    char all[24];
    int n = nf_format_u64(digits, all);
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

__extension__ typedef unsigned __int128 u128;

static u128 power_of_10(int n)
{
    u128 power = 1;
    while (n-- > 0)
        power *= 10;
    return power;
}

/* What format_exact can tell; in it all products below stay under 2^122. */
static bool is_plain(double size)
{
    return size >= 1e-4 && size < 1e15;
}

/* size = m / 2^k exactly, m of 53 bits. m x 10^s / 2^k, rounded to even, has `precision` digits for the right s; they read back as
 * size when they are less than half a unit of m off. False: they do not. */
static bool format_digits(uint64_t m, int k, int exponent, int precision, bool negative, char text[32])
{
    const u128 ten_s = power_of_10(precision - 1 - exponent), exact = m * ten_s, half = (u128)1 << (k - 1);
    const u128 rest = exact & (((u128)1 << k) - 1);
    u128 digits = exact >> k;
    digits += rest > half || (rest == half && (digits & 1) != 0);
    const u128 back = digits << k, off = back > exact ? back - exact : exact - back;
    /* Below a power of two the unit is half as large. */
    const u128 wide = m == UINT64_C(1) << 52 && back < exact ? off * 4 : off * 2;
    if (wide > ten_s || (wide == ten_s && (m & 1) != 0))
        return false;
    if (digits == power_of_10(precision)) {
        digits /= 10;
        exponent++;
    }
    write_fixed((uint64_t)digits, exponent, negative, text);
    return true;
}

/* The shortest of 15 to 17 digits that reads back, by whole numbers alone. False: not one of is_plain. */
static bool format_exact(double value, char text[32])
{
    const double size = fabs(value);
    int power;
    if (!is_plain(size))
        return false;
    const uint64_t m = (uint64_t)ldexp(frexp(size, &power), 53);
    const int k = 53 - power; /* 3 .. 66 */
    int exponent = (int)floor(log10(size));
    while (power_of_10(exponent + 5) << k > (u128)m * 100000) /* the logarithm is not exact: 10^exponent <= size */
        exponent--;
    while (power_of_10(exponent + 6) << k <= (u128)m * 100000)
        exponent++;
    for (int precision = 15; precision <= 17; precision++)
        if (format_digits(m, k, exponent, precision, value < 0.0, text))
            return true;
    return false;
}

void nf_format_double(double value, char text[32])
{
    if (!isfinite(value)) {
        snprintf(text, 32, "null");
        return;
    }
    if (format_exact(value, text))
        return;
    for (int digits = 15; digits <= 17; digits++) {
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
    nf_format_u64(value, text);
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
