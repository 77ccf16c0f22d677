/* The members of a zip in a regular file, in the order of their offsets. Each stands alone: what is wrong with one does not
 * touch the next. The methods other than stored and deflate are left to libarchive, one member at a time. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "loaders/source/walker.h"
#include "loaders/source/zip_index.h"

enum {
    LOCAL_SIGNATURE = 0x04034b50,
    FLAG_ENCRYPTED = 1 << 0,
    FLAG_DESCRIPTOR = 1 << 3,
    FLAG_STRONG_ENCRYPTION = 1 << 6,
    FLAG_MASKED_HEADERS = 1 << 13
};

typedef struct zip_walker {
    nf_file *file;
    nf_zip_index index;
    size_t at; /* the next member */
    uint64_t taken_until; /* end of the members so far: none may begin before */
    uint64_t data_at, data_bytes, limit; /* of the current member; limit: where the next one begins */
    nf_zip_heads *heads; /* NULL until data are asked for */
    bool differing; /* a header and its record in the directory told different things */
    char name[NF_ENTRY_PATH_MAX + 1];
    uint8_t room[NF_ZIP_LOCAL_BYTES_MAX]; /* for a header that is looked at a second time */
} zip_walker;

static nf_status read_name(zip_walker *self, const nf_zip_member *member, nf_error *error)
{
    size_t got = 0;
    self->name[0] = '\0';
    if (member->name_len > NF_ENTRY_PATH_MAX)
        return nf_fail(error, NF_BAD_RECORD, "a member's name of %u bytes", (unsigned)member->name_len);
    nf_status status = nf_file_read_at(self->file, member->name_at, self->name, member->name_len, &got, error);
    self->name[got] = '\0';
    if (status != NF_OK)
        return status;
    if (got < member->name_len || strlen(self->name) != got) {
        self->name[0] = '\0';
        return nf_fail(error, NF_BAD_RECORD, "a member's name holds a zero byte");
    }
    return NF_OK;
}

/* Does the local header (with as many bytes behind it as the name has) speak of the member? A header with another name but the
 * same check sum and size is believed, and its name taken. */
static bool is_header_of(zip_walker *self, const uint8_t *header, const nf_zip_member *member)
{
    size_t name_len = nf_le16(header + 26), got;
    if (name_len == member->name_len && memcmp(header + NF_ZIP_LOCAL_BYTES, self->name, name_len) == 0)
        return true;
    if (name_len == 0 || name_len > NF_ENTRY_PATH_MAX ||
        nf_le32(header + 14) != member->crc || nf_le32(header + 18) != member->stored_bytes)
        return false;
    if (nf_file_read_at(self->file, member->local_at + NF_ZIP_LOCAL_BYTES, self->name, name_len, &got, NULL) != NF_OK)
        return false;
    self->name[got] = '\0';
    self->differing = true;
    return strlen(self->name) == name_len;
}

/* Where the next member begins. Bisected: hostile records may all name one place, and each asks. */
static uint64_t next_member_at(const zip_walker *self, uint64_t from)
{
    size_t low = self->at, high = self->index.n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (self->index.members[middle].local_at < from)
            low = middle + 1;
        else
            high = middle;
    }
    return low < self->index.n ? self->index.members[low].local_at : self->index.members_end;
}

/* A header and its record that differ: one is damaged. Told apart by where the next member begins and by the check sum of the
 * data, which may be that of either. */
static void settle_difference(zip_walker *self, const uint8_t *header, nf_zip_member *member)
{
    nf_zip_member local;
    bool tells_sizes = nf_le32(header + 14) != 0 && (nf_le16(header + 6) & FLAG_DESCRIPTOR) == 0;
    bool same = nf_le32(header + 14) == member->crc && nf_le32(header + 18) == member->stored_bytes &&
                nf_le32(header + 22) == member->size_bytes && nf_le16(header + 8) == member->method &&
                nf_le16(header + 6) == member->flags;
    if (!tells_sizes || same || !nf_zip_local_read(&local, self->file, member->local_at, self->room))
        return;
    uint64_t data_at = member->local_at + NF_ZIP_LOCAL_BYTES + nf_le16(header + 26) + nf_le16(header + 28);
    uint64_t next_at = next_member_at(self, data_at), room = next_at > data_at ? next_at - data_at : 0;
    self->differing = self->differing || local.crc != member->crc || local.stored_bytes != member->stored_bytes ||
                      local.size_bytes != member->size_bytes || local.method != member->method;
    member->other_crc = local.crc;
    member->size_doubtful = local.size_bytes != member->size_bytes;
    if (member->stored_bytes != room || local.stored_bytes == room)
        member->stored_bytes = local.stored_bytes;
    member->method = local.method;
    member->flags = local.flags;
}

/* Holds the local header against the index and finds the data. */
static nf_status read_local(zip_walker *self, nf_zip_member *member, nf_error *error)
{
    uint8_t header[NF_ZIP_LOCAL_BYTES + NF_ENTRY_PATH_MAX];
    size_t wanted = NF_ZIP_LOCAL_BYTES + (size_t)member->name_len, got;
    if (member->local_at < self->taken_until)
        return nf_fail(error, NF_BAD_RECORD, "the member at byte %" PRIu64 " overlaps the one before", member->local_at);
    nf_status status = nf_file_read_at(self->file, member->local_at, header, wanted, &got, error);
    if (status != NF_OK)
        return status;
    if (got < wanted || nf_le32(header) != LOCAL_SIGNATURE)
        return nf_fail(error, NF_BAD_RECORD, "no header at byte %" PRIu64, member->local_at);
    if (!is_header_of(self, header, member))
        return nf_fail(error, NF_BAD_RECORD, "the header at byte %" PRIu64 " has another name", member->local_at);
    if (member->sizes_known)
        settle_difference(self, header, member);
    self->data_at = member->local_at + NF_ZIP_LOCAL_BYTES + nf_le16(header + 26) + nf_le16(header + 28);
    if (self->data_at > self->index.members_end ||
        (member->sizes_known && member->stored_bytes > self->index.members_end - self->data_at))
        return nf_fail(error, NF_BAD_RECORD, "the member at byte %" PRIu64 " ends behind the members", member->local_at);
    return NF_OK;
}

static void set_kind(const nf_zip_member *member, nf_entry *entry)
{
    unsigned type = member->unix_mode & S_IFMT;
    entry->kind = NF_ENTRY_FILE;
    if (type == S_IFLNK)
        entry->kind = NF_ENTRY_LINK;
    else if (type != 0 && type != S_IFREG && type != S_IFDIR)
        entry->kind = NF_ENTRY_SPECIAL;
    entry->encrypted = (member->flags & (FLAG_ENCRYPTED | FLAG_STRONG_ENCRYPTION | FLAG_MASKED_HEADERS)) != 0 ||
                       member->method == NF_ZIP_AES;
    if (member->sizes_known)
        entry->size_bytes = member->size_bytes <= INT64_MAX ? (int64_t)member->size_bytes : INT64_MAX;
}

/* A member that runs over the header of the next one is the wrong one of the two. */
static nf_status check_extent(zip_walker *self, const nf_zip_member *member, nf_error *error)
{
    nf_zip_member next;
    uint64_t next_at = next_member_at(self, member->local_at + 1);
    if (self->taken_until <= next_at || next_at == self->index.members_end ||
        !nf_zip_local_read(&next, self->file, next_at, self->room))
        return NF_OK;
    self->taken_until = next_at;
    return nf_fail(error, NF_BAD_RECORD, "the member at byte %" PRIu64 " runs into the next", member->local_at);
}

static nf_status zip_next(void *walker, nf_entry *entry, nf_error *error)
{
    zip_walker *self = walker;
    while (self->at < self->index.n) {
        nf_zip_member *member = &self->index.members[self->at++];
        *entry = (nf_entry){.path = self->name, .size_bytes = -1};
        nf_status status = read_name(self, member, error);
        if (status != NF_OK)
            return status;
        if (member->name_len > 0 && self->name[member->name_len - 1] == '/')
            continue; /* a directory */
        status = read_local(self, member, error);
        if (status != NF_OK)
            return status;
        self->limit = next_member_at(self, self->data_at);
        self->data_bytes = member->sizes_known ? member->stored_bytes : self->limit - self->data_at;
        self->taken_until = self->data_at + self->data_bytes;
        if ((status = check_extent(self, member, error)) != NF_OK)
            return status;
        if (self->limit < self->taken_until)
            self->limit = self->taken_until;
        set_kind(member, entry);
        return NF_OK;
    }
    if (self->index.rebuilt)
        return nf_fail(error, NF_ERR_DAMAGED, "the zip's directory is damaged or cut off: members were found by their headers");
    if (self->differing)
        return nf_fail(error, NF_ERR_DAMAGED, "the zip's directory and the headers of its members differ: one of them is damaged");
    return NF_EOF;
}

static nf_zip_range current_range(const zip_walker *self)
{
    const nf_zip_member *member = &self->index.members[self->at - 1];
    bool plain = nf_zip_is_plain(member->method);
    return (nf_zip_range){.at = plain ? self->data_at : member->local_at,
                          .stored_bytes = plain ? self->data_bytes : self->limit - member->local_at,
                          .size_bytes = member->size_bytes,
                          .crc = member->crc,
                          .other_crc = member->other_crc,
                          .method = member->method,
                          .size_known = member->sizes_known && !member->size_doubtful,
                          .crc_known = member->sizes_known};
}

static nf_status zip_data(void *walker, nf_stream **data, nf_file **file, nf_error *error)
{
    zip_walker *self = walker;
    const nf_zip_range range = current_range(self);
    *file = NULL;
    *data = NULL;
    if (self->heads == NULL && nf_zip_heads_new(&self->heads, error) != NF_OK)
        return NF_ERR_NOMEM;
    return nf_zip_headed_data(data, self->file, &range, self->heads, error);
}

static nf_status zip_packed(void *walker, nf_buf *buf, nf_packed *packed, nf_error *error)
{
    zip_walker *self = walker;
    const nf_zip_range range = current_range(self);
    return nf_zip_range_packed(self->file, &range, buf, packed, error);
}

static void zip_place(const void *walker, nf_place *place)
{
    const zip_walker *self = walker;
    place->in_zip = true;
    place->range = current_range(self);
    place->stamp = nf_file_stamp(self->file);
}

static void zip_close(void *walker)
{
    zip_walker *self = walker;
    nf_zip_index_free(&self->index);
    nf_zip_heads_free(self->heads);
    free(self);
}

nf_status nf_walk_zip(nf_walker *walker, nf_file *file, nf_error *error)
{
    static const nf_walker_ops ops = {zip_next, zip_data, zip_close, zip_place, zip_packed};
    zip_walker *self = calloc(1, sizeof *self);
    if (self == NULL)
        return nf_fail_nomem(error, "a zip");
    self->file = file;
    nf_status status = nf_zip_index_read(&self->index, file, error);
    if (status != NF_OK) {
        free(self);
        return status;
    }
    *walker = (nf_walker){.ops = &ops, .self = self};
    return NF_OK;
}
