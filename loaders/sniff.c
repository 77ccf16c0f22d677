/* nofade: what a file is, by its first bytes, and what its name claims. */
#include "loaders/sniff.h"

#include <string.h>

typedef struct signature {
    nf_content content;
    const char *kind;
    size_t offset, n;
    const char *bytes;
} signature;

/* Strong enough to be believed alone. Order matters where one is the beginning of another. */
static const signature signatures[] = {
    {NF_CONTENT_OTHER_IMAGE, "JPEG-LS", 0, 4, "\xff\xd8\xff\xf7"},
    {NF_CONTENT_JPEG, "JPEG", 0, 3, "\xff\xd8\xff"},
    /* Without the line ends that a text transfer spoils: such a file is a damaged PNG. */
    {NF_CONTENT_PNG, "PNG", 0, 4, "\x89PNG"},
    {NF_CONTENT_OTHER_IMAGE, "GIF", 0, 6, "GIF87a"},
    {NF_CONTENT_OTHER_IMAGE, "GIF", 0, 6, "GIF89a"},
    {NF_CONTENT_OTHER_IMAGE, "TIFF", 0, 4, "II*\0"},
    {NF_CONTENT_OTHER_IMAGE, "TIFF", 0, 4, "MM\0*"},
    {NF_CONTENT_OTHER_IMAGE, "BigTIFF", 0, 8, "II+\0\x08\0\0\0"},
    {NF_CONTENT_OTHER_IMAGE, "BigTIFF", 0, 8, "MM\0+\0\x08\0\0"},
    {NF_CONTENT_OTHER_IMAGE, "JPEG XR", 0, 4, "II\xbc\x01"},
    {NF_CONTENT_OTHER_IMAGE, "JPEG 2000", 0, 12, "\0\0\0\x0cjP  \r\n\x87\n"},
    {NF_CONTENT_OTHER_IMAGE, "JPEG 2000", 0, 4, "\xff\x4f\xff\x51"},
    {NF_CONTENT_OTHER_IMAGE, "JPEG XL", 0, 12, "\0\0\0\x0cJXL \r\n\x87\n"},
    {NF_CONTENT_OTHER_IMAGE, "MNG", 0, 8, "\x8aMNG\r\n\x1a\n"},
    {NF_CONTENT_OTHER_IMAGE, "JNG", 0, 8, "\x8bJNG\r\n\x1a\n"},
    {NF_CONTENT_OTHER_IMAGE, "OpenEXR", 0, 4, "\x76\x2f\x31\x01"},
    {NF_CONTENT_OTHER_IMAGE, "Radiance HDR", 0, 10, "#?RADIANCE"},
    {NF_CONTENT_OTHER_IMAGE, "Photoshop", 0, 4, "8BPS"},
    {NF_CONTENT_OTHER_IMAGE, "DDS", 0, 8, "DDS \x7c\0\0\0"},
    {NF_CONTENT_OTHER_IMAGE, "QOI", 0, 4, "qoif"},
    {NF_CONTENT_OTHER_IMAGE, "FLIF", 0, 4, "FLIF"},
    {NF_CONTENT_OTHER_IMAGE, "BPG", 0, 4, "BPG\xfb"},
    {NF_CONTENT_ZIP, "zip", 0, 4, "PK\x03\x04"},
    {NF_CONTENT_ZIP, "zip", 0, 4, "PK\x05\x06"},
    {NF_CONTENT_ZIP, "zip", 0, 8, "PK\x07\x08PK\x03\x04"},
    {NF_CONTENT_GZIP, "gzip", 0, 3, "\x1f\x8b\x08"},
    {NF_CONTENT_XZ, "xz", 0, 6,
     "\xfd"
     "7zXZ\0"},
    {NF_CONTENT_ZSTD, "zstd", 0, 4, "\x28\xb5\x2f\xfd"},
    {NF_CONTENT_LZ4, "lz4", 0, 4, "\x04\x22\x4d\x18"},
    {NF_CONTENT_LZ4, "lz4", 0, 4, "\x02\x21\x4c\x18"},
};

/* ISO base media: the brand at byte 8 of an "ftyp" box. */
static const signature brands[] = {
    {NF_CONTENT_OTHER_IMAGE, "AVIF", 8, 4, "avif"}, {NF_CONTENT_OTHER_IMAGE, "AVIF", 8, 4, "avis"},
    {NF_CONTENT_OTHER_IMAGE, "HEIF", 8, 4, "heic"}, {NF_CONTENT_OTHER_IMAGE, "HEIF", 8, 4, "heix"},
    {NF_CONTENT_OTHER_IMAGE, "HEIF", 8, 4, "heim"}, {NF_CONTENT_OTHER_IMAGE, "HEIF", 8, 4, "heis"},
    {NF_CONTENT_OTHER_IMAGE, "HEIF", 8, 4, "hevc"}, {NF_CONTENT_OTHER_IMAGE, "HEIF", 8, 4, "hevx"},
    {NF_CONTENT_OTHER_IMAGE, "HEIF", 8, 4, "mif1"}, {NF_CONTENT_OTHER_IMAGE, "HEIF", 8, 4, "msf1"},
};

static bool has_bytes(const uint8_t *head, size_t n, size_t offset, const char *bytes, size_t n_bytes)
{
    return n >= offset + n_bytes && memcmp(head + offset, bytes, n_bytes) == 0;
}

static const signature *find_signature(const signature *list, size_t n_list, const uint8_t *head, size_t n)
{
    for (size_t i = 0; i < n_list; i++)
        if (has_bytes(head, n, list[i].offset, list[i].bytes, list[i].n))
            return &list[i];
    return NULL;
}

static uint32_t little_endian_32(const uint8_t *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

/* --- tar: no signature in the oldest kind, but a sum over the header --- */

/* Octal digits between blanks or NULs; false when there are none or something else. */
static bool read_octal(const uint8_t *field, size_t n, uint32_t *value)
{
    size_t i = 0, digits = 0;
    while (i < n && (field[i] == ' ' || field[i] == '\0'))
        i++;
    for (*value = 0; i < n && field[i] >= '0' && field[i] <= '7'; i++, digits++)
        *value = *value * 8 + (uint32_t)(field[i] - '0');
    while (i < n && (field[i] == ' ' || field[i] == '\0'))
        i++;
    return digits > 0 && i == n;
}

/* Old tars summed signed bytes. */
static bool is_tar(const uint8_t *head, size_t n)
{
    enum { HEADER = 512, SUM_AT = 148, SUM_BYTES = 8 };
    uint32_t want, plain = 0;
    int32_t with_sign = 0;
    if (n < HEADER || head[0] == '\0' || !read_octal(head + SUM_AT, SUM_BYTES, &want))
        return false;
    for (size_t i = 0; i < HEADER; i++) {
        uint8_t byte = i >= SUM_AT && i < SUM_AT + SUM_BYTES ? (uint8_t)' ' : head[i];
        plain += byte;
        with_sign += byte < 128 ? byte : byte - 256;
    }
    return want == plain || (with_sign > 0 && want == (uint32_t)with_sign);
}

/* --- weak signatures: further fields must make sense --- */

static bool is_bmp(const uint8_t *head, size_t n)
{
    if (n < 30 || head[0] != 'B' || head[1] != 'M')
        return false;
    uint32_t pixels_at = little_endian_32(head + 10), header = little_endian_32(head + 14);
    size_t planes_at = header == 12 ? 22 : 26;
    bool known = header == 12 || header == 16 || header == 40 || header == 52 || header == 56 || header == 64 || header == 108 ||
                 header == 124;
    return known && head[planes_at] == 1 && head[planes_at + 1] == 0 && pixels_at >= 14 + header && pixels_at < 1u << 20;
}

/* The directory's first entry lies behind the directory and is not empty. */
static bool is_ico(const uint8_t *head, size_t n)
{
    if (n < 22 || head[0] != 0 || head[1] != 0 || (head[2] != 1 && head[2] != 2) || head[3] != 0)
        return false;
    uint32_t entries = (uint32_t)head[4] | (uint32_t)head[5] << 8;
    return entries > 0 && head[9] == 0 && little_endian_32(head + 14) > 0 && little_endian_32(head + 18) >= 6 + 16 * entries &&
           little_endian_32(head + 18) < 1u << 24;
}

static bool is_blank(uint8_t c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Steps over blanks and comments, then over one number. */
static bool skip_number(const uint8_t *head, size_t n, size_t *at)
{
    size_t i = *at, first;
    while (i < n && (is_blank(head[i]) || head[i] == '#')) {
        if (head[i] == '#')
            while (i < n && head[i] != '\n')
                i++;
        else
            i++;
    }
    for (first = i; i < n && head[i] >= '0' && head[i] <= '9'; i++)
        ;
    *at = i;
    return i > first;
}

/* P1 .. P6: width and height in digits; P7 by its first keyword. */
static bool is_pnm(const uint8_t *head, size_t n)
{
    size_t at = 2;
    if (n < 8 || head[0] != 'P' || !is_blank(head[2]))
        return false;
    if (head[1] == '7')
        return has_bytes(head, n, 2, "\nWIDTH ", 7) || has_bytes(head, n, 2, "\nHEIGHT ", 8);
    if (head[1] < '1' || head[1] > '6' || !skip_number(head, n, &at) || at >= n || !is_blank(head[at]))
        return false;
    return skip_number(head, n, &at) && (at == n || is_blank(head[at]));
}

static bool is_bzip2(const uint8_t *head, size_t n)
{
    return has_bytes(head, n, 0, "BZh", 3) && n >= 10 && head[3] >= '1' && head[3] <= '9' &&
           (has_bytes(head, n, 4, "1AY&SY", 6) || has_bytes(head, n, 4, "\x17\x72\x45\x38\x50\x90", 6));
}

/* The third byte holds the width of the codes, 9 .. 16 bits, and two bits that are always 0. */
static bool is_compress(const uint8_t *head, size_t n)
{
    return has_bytes(head, n, 0, "\x1f\x9d", 2) && n >= 3 && (head[2] & 0x60) == 0 && (head[2] & 0x1f) >= 9 &&
           (head[2] & 0x1f) <= 16;
}

/* Parallel zstd begins with a skippable frame. */
static bool is_zstd_skippable(const uint8_t *head, size_t n)
{
    return n >= 8 && (head[0] & 0xf0) == 0x50 && has_bytes(head, n, 1, "\x2a\x4d\x18", 3);
}

static nf_content sniff_weak(const uint8_t *head, size_t n, const char **kind)
{
    static const struct {
        bool (*test)(const uint8_t *head, size_t n);
        nf_content content;
        const char *kind;
    } tests[] = {
        {is_bzip2, NF_CONTENT_BZIP2, "bzip2"},        {is_compress, NF_CONTENT_COMPRESS, "compress"},
        {is_zstd_skippable, NF_CONTENT_ZSTD, "zstd"}, {is_bmp, NF_CONTENT_OTHER_IMAGE, "BMP"},
        {is_pnm, NF_CONTENT_OTHER_IMAGE, "PNM"},      {is_ico, NF_CONTENT_OTHER_IMAGE, "ICO"},
    };
    for (size_t i = 0; i < sizeof tests / sizeof *tests; i++)
        if (tests[i].test(head, n)) {
            *kind = tests[i].kind;
            return tests[i].content;
        }
    return NF_CONTENT_UNKNOWN;
}

static nf_content sniff_any(const uint8_t *head, size_t n, const char **kind)
{
    const signature *found = find_signature(signatures, sizeof signatures / sizeof *signatures, head, n);
    if (found == NULL && has_bytes(head, n, 4, "ftyp", 4))
        found = find_signature(brands, sizeof brands / sizeof *brands, head, n);
    if (found != NULL) {
        *kind = found->kind;
        return found->content;
    }
    if (has_bytes(head, n, 0, "RIFF", 4) && has_bytes(head, n, 8, "WEBP", 4)) {
        *kind = "WebP";
        return NF_CONTENT_WEBP;
    }
    return sniff_weak(head, n, kind);
}

nf_content nf_sniff(const uint8_t *head, size_t n, const char **kind_name)
{
    const char *kind = "";
    nf_content content;
    /* A tar begins with a member's name, which may look like anything but these two. */
    bool is_picture = n >= 8 && (memcmp(head, "\xff\xd8\xff", 3) == 0 || memcmp(head, "\x89PNG\r\n\x1a\n", 8) == 0);
    if (!is_picture && is_tar(head, n)) {
        content = NF_CONTENT_TAR;
        kind = "tar";
    } else {
        content = sniff_any(head, n, &kind);
    }
    if (kind_name != NULL)
        *kind_name = kind;
    return content;
}

bool nf_is_picture(nf_content content)
{
    return content == NF_CONTENT_JPEG || content == NF_CONTENT_PNG || content == NF_CONTENT_WEBP;
}

/* As strcasecmp for a lower-case word, in no locale. */
static bool equals_word(const char *text, const char *word)
{
    for (; *text != '\0' && *word != '\0'; text++, word++) {
        char c = *text >= 'A' && *text <= 'Z' ? (char)(*text - 'A' + 'a') : *text;
        if (c != *word)
            return false;
    }
    return *text == *word;
}

const char *nf_image_suffix_kind(const char *path)
{
    static const struct {
        const char *suffix, *kind;
    } claims[] = {
        {"jpg", "JPEG"}, {"jpeg", "JPEG"}, {"jpe", "JPEG"},  {"jfif", "JPEG"}, {"png", "PNG"},       {"gif", "GIF"},
        {"bmp", "BMP"},  {"tif", "TIFF"},  {"tiff", "TIFF"}, {"webp", "WebP"}, {"ppm", "PNM"},       {"pgm", "PNM"},
        {"pbm", "PNM"},  {"pnm", "PNM"},   {"heic", "HEIF"}, {"heif", "HEIF"}, {"avif", "AVIF"},     {"jp2", "JPEG 2000"},
        {"jxl", "JPEG XL"},
    };
    const char *slash = strrchr(path, '/');
    const char *name = slash != NULL ? slash + 1 : path, *dot = strrchr(name, '.');
    for (size_t i = 0; dot != NULL && i < sizeof claims / sizeof *claims; i++)
        if (equals_word(dot + 1, claims[i].suffix))
            return claims[i].kind;
    return NULL;
}

bool nf_has_image_suffix(const char *path)
{
    return nf_image_suffix_kind(path) != NULL;
}
