/* A zip's index: PKWARE's APPNOTE 6.3, sections 4.3 and 4.5.3. */
#include "loaders/source/zip_index.h"

#include <stdlib.h>
#include <string.h>

#include "loaders/source/walker.h"

enum {
    LOCAL_SIGNATURE = 0x04034b50,
    CENTRAL_SIGNATURE = 0x02014b50,
    DESCRIPTOR_SIGNATURE = 0x08074b50,
    END_SIGNATURE = 0x06054b50,
    END64_SIGNATURE = 0x06064b50,
    LOCATOR64_SIGNATURE = 0x07064b50,
    CENTRAL_BYTES = 46,
    END_BYTES = 22,
    END64_BYTES = 56,
    LOCATOR64_BYTES = 20,
    DESCRIPTOR_BYTES = 16,
    COMMENT_MAX = 65535,
    WINDOW_BYTES = 1 << 18,
    EXTRA_ZIP64 = 1,
    FLAG_DESCRIPTOR = 1 << 3,
    MEMBERS_MAX = 1 << 25
};

/* A part of the file, read without hashing. */
typedef struct window {
    const nf_file *file;
    uint64_t file_bytes;
    uint64_t at;
    size_t len;
    uint8_t *bytes; /* WINDOW_BYTES */
    uint8_t *tail;  /* COMMENT_MAX + END_BYTES: where an end record may stand */
} window;

/* The n <= WINDOW_BYTES bytes at an offset, and what lies behind them (*len in all); NULL: the file ends before. */
static const uint8_t *look(window *w, uint64_t offset, size_t n, size_t *len)
{
    if (offset > w->file_bytes || w->file_bytes - offset < n)
        return NULL;
    if (offset < w->at || offset - w->at > w->len || w->len - (size_t)(offset - w->at) < n) {
        w->at = offset;
        if (nf_file_read_at(w->file, offset, w->bytes, WINDOW_BYTES, &w->len, NULL) != NF_OK)
            w->len = 0;
        if (w->len < n)
            return NULL;
    }
    size_t from = (size_t)(offset - w->at);
    *len = w->len - from;
    return w->bytes + from;
}

/* Copies the n bytes at an offset, without moving the window there: records may point to and fro as often as they like. */
static bool copy_at(const window *w, uint64_t offset, uint8_t *bytes, size_t n)
{
    size_t got = 0;
    if (offset >= w->at && offset - w->at <= w->len && w->len - (size_t)(offset - w->at) >= n) {
        memcpy(bytes, w->bytes + (offset - w->at), n);
        return true;
    }
    return nf_file_read_at(w->file, offset, bytes, n, &got, NULL) == NF_OK && got == n;
}

static bool has_signature(const window *w, uint64_t offset, uint32_t signature)
{
    uint8_t bytes[4];
    return copy_at(w, offset, bytes, sizeof bytes) && nf_le32(bytes) == signature;
}

/* Where the central directory lies: [start, end). */
typedef struct directory_place {
    uint64_t start, end, n_members;
    uint64_t shift;   /* bytes before the archive's own offset 0 */
    bool wrapped;     /* offsets are modulo 2^32: written without ZIP64 into an archive of more than 4 GiB */
    bool zip64;
} directory_place;

/* How far the first member's local header lies from where its record says. Records are often right where the end record is
 * wrong, so that the header itself decides. */
static void settle_shift(const window *w, directory_place *place, uint64_t offset)
{
    uint8_t first[CENTRAL_BYTES];
    uint64_t local_at = copy_at(w, place->start, first, sizeof first) ? nf_le32(first + 42) : 0;
    place->shift = place->start > offset ? place->start - offset : 0;
    if (place->shift == 0 || has_signature(w, local_at + place->shift, LOCAL_SIGNATURE))
        return;
    place->wrapped = !place->zip64 && place->shift % (1ULL << 32) == 0;
    if (place->wrapped || has_signature(w, local_at, LOCAL_SIGNATURE))
        place->shift = 0;
}

/* Settles the place from what an end record (or its ZIP64 form) says, when that makes sense. */
static bool settle_place(const window *w, directory_place *place, uint64_t end, uint64_t bytes, uint64_t offset, uint64_t n)
{
    if (n == 0 && bytes == 0)
        return end == 0; /* an empty zip; elsewhere too little to believe in */
    if (bytes > end)
        return false;
    place->n_members = n;
    place->end = end;
    place->start = end - bytes;
    if (!has_signature(w, place->start, CENTRAL_SIGNATURE)) {
        if (offset > end || bytes > end - offset || !has_signature(w, offset, CENTRAL_SIGNATURE))
            return false;
        place->start = offset; /* something lies between the directory and the end record */
        place->end = offset + bytes;
    }
    settle_shift(w, place, offset);
    /* The end record of a zip stored as a member, where the outer one's is lost. */
    return place->shift == 0 || !has_signature(w, 0, LOCAL_SIGNATURE);
}

static bool find_place64(const window *w, uint64_t end_at, directory_place *place)
{
    uint8_t locator[LOCATOR64_BYTES], end64[END64_BYTES];
    if (end_at < LOCATOR64_BYTES || !has_signature(w, end_at - LOCATOR64_BYTES, LOCATOR64_SIGNATURE))
        return false;
    uint64_t at = copy_at(w, end_at - LOCATOR64_BYTES, locator, sizeof locator) ? nf_le64(locator + 8) : 0;
    if (!has_signature(w, at, END64_SIGNATURE)) /* bytes were put before the archive */
        at = end_at >= LOCATOR64_BYTES + END64_BYTES ? end_at - LOCATOR64_BYTES - END64_BYTES : 0;
    if (!copy_at(w, at, end64, sizeof end64) || nf_le32(end64) != END64_SIGNATURE)
        return false;
    place->zip64 = true;
    return settle_place(w, place, at, nf_le64(end64 + 40), nf_le64(end64 + 48), nf_le64(end64 + 32));
}

/* end: (END_BYTES,) what stands at end_at. */
static bool find_place_at(const window *w, uint64_t end_at, const uint8_t *end, directory_place *place)
{
    uint64_t n = nf_le16(end + 10), bytes = nf_le32(end + 12), offset = nf_le32(end + 16);
    *place = (directory_place){0};
    if (find_place64(w, end_at, place))
        return true;
    *place = (directory_place){0};
    return settle_place(w, place, end_at, bytes, offset, n);
}

/* Searches the end of the file backwards for an end record that makes sense. *seen: there was one at all. */
static bool find_place(const window *w, directory_place *place, bool *seen)
{
    uint64_t lowest = w->file_bytes > COMMENT_MAX + END_BYTES ? w->file_bytes - COMMENT_MAX - END_BYTES : 0;
    size_t len = 0;
    uint8_t *tail = w->tail;
    bool found = false;
    *seen = false;
    if (nf_file_read_at(w->file, lowest, tail, COMMENT_MAX + END_BYTES, &len, NULL) != NF_OK)
        len = 0;
    for (size_t i = len; !found && i >= END_BYTES; i--) {
        size_t at = i - END_BYTES;
        if (nf_le32(tail + at) != END_SIGNATURE)
            continue;
        *seen = true;
        found = find_place_at(w, lowest + at, tail + at, place);
    }
    return found;
}

static nf_status add_member(nf_zip_index *index, const nf_zip_member *member, nf_error *error)
{
    if (index->n >= MEMBERS_MAX)
        return nf_fail(error, NF_ERR_DAMAGED, "a zip with more than %d members", MEMBERS_MAX);
    nf_status status = nf_array_reserve((void **)&index->members, &index->capacity, index->n + 1,
                                        sizeof *index->members, "a zip's index", error);
    if (status == NF_OK)
        index->members[index->n++] = *member;
    return status;
}

/* Replaces the fields that are all ones by those of the ZIP64 extra field, in its order. */
static bool apply_zip64(nf_zip_member *member, const uint8_t *extra, size_t n, uint64_t *local_at)
{
    uint64_t *const fields[] = {&member->size_bytes, &member->stored_bytes, local_at};
    while (n >= 4) {
        size_t len = nf_le16(extra + 2);
        if (len > n - 4)
            break;
        const uint8_t *value = extra + 4;
        for (size_t i = 0; nf_le16(extra) == EXTRA_ZIP64 && i < 3; i++) {
            if (fields[i] == NULL || *fields[i] != UINT32_MAX)
                continue;
            if ((size_t)(extra + 4 + len - value) < 8)
                return false;
            *fields[i] = nf_le64(value);
            value += 8;
        }
        extra += 4 + len;
        n -= 4 + len;
    }
    return true;
}

/* The central record at an offset; *len its whole length. False: it makes no sense. */
static bool parse_central(window *w, uint64_t at, uint64_t end, nf_zip_member *member, size_t *len)
{
    size_t at_hand;
    const uint8_t *p = look(w, at, CENTRAL_BYTES, &at_hand);
    if (p == NULL || nf_le32(p) != CENTRAL_SIGNATURE)
        return false;
    size_t name_len = nf_le16(p + 28), extra_len = nf_le16(p + 30), comment_len = nf_le16(p + 32);
    *len = CENTRAL_BYTES + name_len + extra_len + comment_len;
    if (*len > end - at || (p = look(w, at, *len, &at_hand)) == NULL)
        return false;
    bool has_unix_mode = p[5] == 3 || p[5] == 19; /* Unix, macOS */
    *member = (nf_zip_member){.local_at = nf_le32(p + 42),
                              .name_at = at + CENTRAL_BYTES,
                              .stored_bytes = nf_le32(p + 20),
                              .size_bytes = nf_le32(p + 24),
                              .crc = nf_le32(p + 16),
                              .other_crc = nf_le32(p + 16),
                              .name_len = (uint16_t)name_len,
                              .method = nf_le16(p + 10),
                              .flags = nf_le16(p + 8),
                              .unix_mode = has_unix_mode ? nf_le16(p + 40) : 0,
                              .sizes_known = true};
    return apply_zip64(member, p + CENTRAL_BYTES + name_len, extra_len, &member->local_at);
}

static bool fits_before(const nf_zip_member *member, uint64_t limit)
{
    uint64_t least = NF_ZIP_LOCAL_BYTES + (uint64_t)member->name_len;
    return member->local_at <= limit && limit - member->local_at >= least &&
           limit - member->local_at - least >= member->stored_bytes;
}

/* Moves on to the next central record, past bytes that are none. */
static uint64_t next_central(window *w, uint64_t at, uint64_t end)
{
    for (at++; at < end; at++) {
        size_t len;
        const uint8_t *p = look(w, at, 4, &len);
        if (p == NULL)
            break;
        const uint8_t *hit = memmem(p, len, "PK\1\2", 4);
        if (hit != NULL)
            return at + (uint64_t)(hit - p);
        at += len - 4;
    }
    return end;
}

/* *whole: every record was there and made sense. */
static nf_status read_central(nf_zip_index *index, window *w, const directory_place *place, bool *whole, nf_error *error)
{
    uint64_t at = place->start, records = 0, wraps = 0, before = 0;
    *whole = true;
    while (at < place->end) {
        size_t record_len;
        nf_zip_member member;
        if (!parse_central(w, at, place->end, &member, &record_len)) {
            if (records == place->n_members && !place->wrapped) /* a signature or other matter behind the records */
                break;
            *whole = false;
            at = next_central(w, at, place->end);
            continue;
        }
        at += record_len;
        records++;
        if (place->wrapped && member.local_at < before)
            wraps += 1ULL << 32;
        before = member.local_at;
        if (__builtin_add_overflow(member.local_at, place->shift + wraps, &member.local_at) ||
            !fits_before(&member, place->start)) {
            *whole = false;
            continue;
        }
        nf_status status = add_member(index, &member, error);
        if (status != NF_OK)
            return status;
    }
    if (records < (place->n_members & 0xffff)) /* without ZIP64 the count is modulo 2^16 */
        *whole = false;
    return NF_OK;
}

static bool plausible_name(const uint8_t *name, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (name[i] < 0x20)
            return false;
    return n > 0 && n <= NF_ENTRY_PATH_MAX;
}

/* The local header at p, found by searching: so every field that can be judged is. */
static bool parse_local(const uint8_t *p, size_t n, uint64_t at, nf_zip_member *member)
{
    if (n < NF_ZIP_LOCAL_BYTES || p[4] > 100 || nf_le16(p + 8) > 99)
        return false;
    size_t name_len = nf_le16(p + 26), extra_len = nf_le16(p + 28);
    if (n < NF_ZIP_LOCAL_BYTES + name_len + extra_len || !plausible_name(p + NF_ZIP_LOCAL_BYTES, name_len))
        return false;
    *member = (nf_zip_member){.local_at = at,
                              .name_at = at + NF_ZIP_LOCAL_BYTES,
                              .stored_bytes = nf_le32(p + 18),
                              .size_bytes = nf_le32(p + 22),
                              .crc = nf_le32(p + 14),
                              .other_crc = nf_le32(p + 14),
                              .name_len = (uint16_t)name_len,
                              .method = nf_le16(p + 8),
                              .flags = nf_le16(p + 6)};
    member->sizes_known = (member->flags & FLAG_DESCRIPTOR) == 0 || member->stored_bytes != 0;
    return apply_zip64(member, p + NF_ZIP_LOCAL_BYTES + name_len, extra_len, NULL);
}

/* A data descriptor that ends the data begun at data_at, if it does. */
static void apply_descriptor(nf_zip_member *member, uint64_t data_at, const uint8_t *p, size_t n, uint64_t at)
{
    if (n < DESCRIPTOR_BYTES || nf_le32(p + 8) != ((at - data_at) & UINT32_MAX))
        return;
    bool wide = n >= DESCRIPTOR_BYTES + 8 && nf_le64(p + 8) == at - data_at;
    member->stored_bytes = at - data_at;
    member->size_bytes = wide ? nf_le64(p + 16) : nf_le32(p + 12);
    member->crc = member->other_crc = nf_le32(p + 4);
    member->sizes_known = true;
}

/* A search for local headers in [at, end), from one "PK" to the next. */
typedef struct search {
    uint64_t at, end;
    nf_zip_member *open; /* the last member found, while its size is not known */
    uint64_t open_data_at;
} search;

static nf_status try_local(nf_zip_index *index, window *w, search *s, nf_error *error)
{
    size_t len;
    nf_zip_member member;
    size_t most = s->end - s->at < NF_ZIP_LOCAL_BYTES_MAX ? (size_t)(s->end - s->at) : NF_ZIP_LOCAL_BYTES_MAX;
    const uint8_t *p = look(w, s->at, most, &len);
    if (p == NULL || !parse_local(p, most, s->at, &member) || (member.sizes_known && !fits_before(&member, s->end)))
        return NF_OK;
    uint64_t data_at = s->at + NF_ZIP_LOCAL_BYTES + nf_le16(p + 26) + nf_le16(p + 28);
    nf_status status = add_member(index, &member, error);
    if (status != NF_OK)
        return status;
    s->open = member.sizes_known ? NULL : &index->members[index->n - 1];
    s->open_data_at = data_at;
    s->at = data_at;
    /* Past the data where another record really stands behind them; a zip inside a zip is not to be mixed in. */
    uint64_t data_end;
    if (member.sizes_known && !__builtin_add_overflow(data_at, member.stored_bytes, &data_end) && data_end <= s->end) {
        uint8_t behind[2];
        if (data_end == s->end || (copy_at(w, data_end, behind, sizeof behind) && memcmp(behind, "PK", 2) == 0))
            s->at = data_end;
    }
    return NF_OK;
}

static nf_status search_locals(nf_zip_index *index, window *w, uint64_t from, uint64_t end, nf_error *error)
{
    search s = {.at = from, .end = end};
    while (s.at < end && end - s.at >= 4) {
        size_t len;
        const uint8_t *p = look(w, s.at, 4, &len);
        if (p == NULL)
            break;
        const uint8_t *hit = memmem(p, len, "PK", 2);
        s.at += hit == NULL ? len - 1 : (size_t)(hit - p);
        if (hit == NULL || s.at >= end || (p = look(w, s.at, 4, &len)) == NULL)
            continue;
        uint64_t here = s.at;
        if (nf_le32(p) == LOCAL_SIGNATURE) {
            nf_status status = try_local(index, w, &s, error);
            if (status != NF_OK)
                return status;
        } else if (nf_le32(p) == DESCRIPTOR_SIGNATURE && s.open != NULL) {
            size_t most = end - here < DESCRIPTOR_BYTES + 8 ? (size_t)(end - here) : DESCRIPTOR_BYTES + 8;
            if ((p = look(w, here, most, &len)) != NULL)
                apply_descriptor(s.open, s.open_data_at, p, most, here);
        }
        if (s.at == here)
            s.at += 2;
    }
    return NF_OK;
}

static int compare_offsets(const void *a, const void *b)
{
    uint64_t left = ((const nf_zip_member *)a)->local_at, right = ((const nf_zip_member *)b)->local_at;
    return left < right ? -1 : left > right;
}

static void sort_members(nf_zip_index *index)
{
    if (index->n > 1)
        qsort(index->members, index->n, sizeof *index->members, compare_offsets);
}

/* Searches what no central record speaks for: the file between the members that have one. */
static nf_status rebuild(nf_zip_index *index, window *w, nf_error *error)
{
    size_t n_central = index->n;
    uint64_t from = 0;
    sort_members(index);
    for (size_t i = 0; i <= n_central; i++) {
        uint64_t until = i < n_central ? index->members[i].local_at : index->members_end;
        nf_status status = until > from ? search_locals(index, w, from, until, error) : NF_OK;
        if (status != NF_OK)
            return status;
        if (until > from)
            from = until;
        if (i < n_central) {
            uint64_t end = until + NF_ZIP_LOCAL_BYTES + index->members[i].name_len + index->members[i].stored_bytes;
            if (end > from && has_signature(w, until, LOCAL_SIGNATURE))
                from = end;
        }
    }
    sort_members(index);
    return NF_OK;
}

nf_status nf_zip_index_read(nf_zip_index *index, nf_file *file, nf_error *error)
{
    *index = (nf_zip_index){.members_end = nf_file_size(file)};
    window w = {.file = file, .file_bytes = nf_file_size(file), .bytes = malloc(WINDOW_BYTES + COMMENT_MAX + END_BYTES)};
    if (w.bytes == NULL)
        return nf_fail_nomem(error, "a zip's index");
    w.tail = w.bytes + WINDOW_BYTES;
    directory_place place;
    bool seen, whole = false;
    nf_status status = NF_OK;
    if (find_place(&w, &place, &seen)) {
        index->members_end = place.start;
        status = read_central(index, &w, &place, &whole, error);
    }
    bool begins_like_zip = has_signature(&w, 0, LOCAL_SIGNATURE);
    if (status == NF_OK && !whole && (seen || begins_like_zip)) {
        index->rebuilt = true;
        status = rebuild(index, &w, error);
    } else {
        sort_members(index);
    }
    if (status == NF_OK && index->n == 0 && !whole)
        status = begins_like_zip ? nf_fail(error, NF_BAD_RECORD, "a zip without one readable member") : NF_EOF;
    free(w.bytes);
    if (status != NF_OK)
        nf_zip_index_free(index);
    return status;
}

bool nf_zip_local_read(nf_zip_member *member, const nf_file *file, uint64_t at, uint8_t *room)
{
    size_t n = 0;
    return nf_file_read_at(file, at, room, NF_ZIP_LOCAL_BYTES_MAX, &n, NULL) == NF_OK && n >= NF_ZIP_LOCAL_BYTES &&
           nf_le32(room) == LOCAL_SIGNATURE && parse_local(room, n, at, member);
}

void nf_zip_index_free(nf_zip_index *index)
{
    free(index->members);
    *index = (nf_zip_index){0};
}
