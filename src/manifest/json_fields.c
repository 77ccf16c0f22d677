#include "manifest/json_fields.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

void nf_blocks_free(nf_blocks *blocks)
{
    for (size_t i = 0; i < blocks->n; i++)
        free(blocks->items[i]);
    free(blocks->items);
    *blocks = (nf_blocks){0};
}

nf_status nf_fields_take(nf_field_reader *reader, size_t n, size_t item_bytes, void **memory)
{
    nf_blocks *blocks = reader->blocks;
    *memory = NULL;
    if (n == 0)
        return NF_OK;
    nf_status status = nf_array_reserve((void **)&blocks->items, &blocks->capacity, blocks->n + 1, sizeof *blocks->items,
                                        "a manifest", reader->error);
    if (status != NF_OK)
        return status;
    *memory = calloc(n, item_bytes);
    if (*memory == NULL)
        return nf_fail_nomem(reader->error, "a manifest");
    blocks->items[blocks->n++] = *memory;
    return NF_OK;
}

size_t nf_fields_enter(nf_field_reader *reader, const char *key, size_t i)
{
    size_t length = strlen(reader->path);
    if (key != NULL)
        snprintf(reader->path + length, sizeof reader->path - length, "%s%s", length > 0 ? "." : "", key);
    else
        snprintf(reader->path + length, sizeof reader->path - length, "[%zu]", i);
    return length;
}

void nf_fields_leave(nf_field_reader *reader, size_t length)
{
    reader->path[length] = '\0';
}

nf_status nf_fields_refuse(nf_field_reader *reader, const char *format, ...)
{
    char text[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return nf_fail(reader->error, reader->refusal, "%s: %s%s%s", reader->file, reader->path,
                   reader->path[0] != '\0' ? ": " : "", text);
}

/* A member of a struct, whatever its type. */
static void put(void *target, size_t offset, const void *value, size_t n)
{
    memcpy((char *)target + offset, value, n);
}

nf_status nf_fields_text(nf_field_reader *reader, const json_t *value, const char **text)
{
    if (!json_is_string(value))
        return nf_fields_refuse(reader, "must be a text");
    *text = json_string_value(value);
    if (json_string_length(value) > NF_FIELD_TEXT_BYTES_MAX)
        return nf_fields_refuse(reader, "longer than %d bytes", NF_FIELD_TEXT_BYTES_MAX);
    for (const char *c = *text; *c != '\0'; c++)
        if ((unsigned char)*c < 0x20 && *c != '\t') /* a tab may separate columns */
            return nf_fields_refuse(reader, "holds a control character");
    return NF_OK;
}

nf_status nf_fields_count(nf_field_reader *reader, const json_t *value, int64_t *count)
{
    if (!json_is_integer(value) || json_integer_value(value) < 0)
        return nf_fields_refuse(reader, "must be a whole number, 0 or more");
    *count = json_integer_value(value);
    return NF_OK;
}

static nf_status check_array(nf_field_reader *reader, const json_t *array, size_t max)
{
    if (!json_is_array(array))
        return nf_fields_refuse(reader, "must be a list");
    if (json_array_size(array) > max)
        return nf_fields_refuse(reader, "holds %zu items, more than %zu", json_array_size(array), max);
    return NF_OK;
}

nf_status nf_fields_texts(nf_field_reader *reader, const json_t *array, size_t max, const char *const **items, size_t *n)
{
    void *memory = NULL;
    nf_status status = check_array(reader, array, max);
    if (status == NF_OK)
        status = nf_fields_take(reader, json_array_size(array), sizeof(const char *), &memory);
    const char **texts = memory;
    for (size_t i = 0; status == NF_OK && i < json_array_size(array); i++) {
        size_t outer = nf_fields_enter(reader, NULL, i);
        status = nf_fields_text(reader, json_array_get(array, i), &texts[i]);
        if (status == NF_OK && texts[i][0] == '\0')
            status = nf_fields_refuse(reader, "must not be empty");
        if (status == NF_OK)
            nf_fields_leave(reader, outer);
    }
    *items = texts;
    *n = status == NF_OK ? json_array_size(array) : 0;
    return status;
}

static nf_status read_counts(nf_field_reader *reader, const json_t *array, const nf_field *field, void *target)
{
    void *memory = NULL;
    size_t n = json_array_size(array);
    nf_status status = check_array(reader, array, field->max);
    if (status == NF_OK)
        status = nf_fields_take(reader, n, sizeof(int64_t), &memory);
    for (size_t i = 0; status == NF_OK && i < n; i++) {
        size_t outer = nf_fields_enter(reader, NULL, i);
        status = nf_fields_count(reader, json_array_get(array, i), &((int64_t *)memory)[i]);
        if (status == NF_OK)
            nf_fields_leave(reader, outer);
    }
    if (status == NF_OK) {
        put(target, field->offset, &memory, sizeof memory);
        put(target, field->count_offset, &n, sizeof n);
    }
    return status;
}

static nf_status read_objects(nf_field_reader *reader, const json_t *array, const nf_field *field, void *target)
{
    void *memory = NULL;
    size_t n = json_array_size(array);
    nf_status status = check_array(reader, array, field->max);
    if (status == NF_OK)
        status = nf_fields_take(reader, n, field->item_bytes, &memory);
    for (size_t i = 0; status == NF_OK && i < n; i++) {
        size_t outer = nf_fields_enter(reader, NULL, i);
        status = nf_fields_read(reader, json_array_get(array, i), field->fields, (char *)memory + i * field->item_bytes);
        if (status == NF_OK)
            nf_fields_leave(reader, outer);
    }
    if (status == NF_OK) {
        put(target, field->offset, &memory, sizeof memory);
        put(target, field->count_offset, &n, sizeof n);
    }
    return status;
}

static nf_status read_text_field(nf_field_reader *reader, const json_t *value, const nf_field *field, void *target)
{
    const char *text;
    nf_status status = nf_fields_text(reader, value, &text);
    if (status == NF_OK && field->needed && text[0] == '\0')
        return nf_fields_refuse(reader, "must not be empty");
    if (status == NF_OK)
        put(target, field->offset, &text, sizeof text);
    return status;
}

static nf_status read_texts_field(nf_field_reader *reader, const json_t *value, const nf_field *field, void *target)
{
    size_t n;
    const char *const *texts;
    nf_status status = nf_fields_texts(reader, value, field->max, &texts, &n);
    if (status == NF_OK) {
        put(target, field->offset, &texts, sizeof texts);
        put(target, field->count_offset, &n, sizeof n);
    }
    return status;
}

static nf_status read_field(nf_field_reader *reader, const json_t *value, const nf_field *field, void *target)
{
    int64_t count = -1;
    nf_status status;
    switch (field->kind) {
    case NF_FIELD_TEXT:
        return read_text_field(reader, value, field, target);
    case NF_FIELD_COUNT:
        status = nf_fields_count(reader, value, &count);
        if (status == NF_OK)
            put(target, field->offset, &count, sizeof count);
        return status;
    case NF_FIELD_TEXTS:
        return read_texts_field(reader, value, field, target);
    case NF_FIELD_COUNTS:
        return read_counts(reader, value, field, target);
    case NF_FIELD_OBJECT:
        return nf_fields_read(reader, value, field->fields, target);
    case NF_FIELD_OBJECTS:
        return read_objects(reader, value, field, target);
    default:
        return field->own(reader, value, target);
    }
}

/* What fields hold when their key is absent; other kinds are zero as they come. */
static void preset(const nf_field *fields, void *target)
{
    static const char *const nothing = "";
    static const int64_t unknown = -1;
    for (const nf_field *field = fields; field->kind != NF_FIELD_END; field++) {
        if (field->kind == NF_FIELD_TEXT)
            put(target, field->offset, &nothing, sizeof nothing);
        else if (field->kind == NF_FIELD_COUNT)
            put(target, field->offset, &unknown, sizeof unknown);
        else if (field->kind == NF_FIELD_OBJECT)
            preset(field->fields, target);
    }
}

static nf_status check_needed(nf_field_reader *reader, const json_t *object, const nf_field *fields)
{
    for (const nf_field *field = fields; field->kind != NF_FIELD_END; field++)
        if (field->needed && json_object_get(object, field->key) == NULL) {
            nf_fields_enter(reader, field->key, 0);
            return nf_fields_refuse(reader, "is missing");
        }
    return NF_OK;
}

static const nf_field *find_field(const nf_field *fields, const char *key)
{
    for (; fields->kind != NF_FIELD_END; fields++)
        if (strcmp(fields->key, key) == 0)
            return fields;
    return NULL;
}

nf_status nf_fields_read(nf_field_reader *reader, const json_t *object, const nf_field *fields, void *target)
{
    const char *key;
    json_t *value;
    if (!json_is_object(object))
        return nf_fields_refuse(reader, "must be an object");
    preset(fields, target);
    json_object_foreach((json_t *)object, key, value) /* only read */
    {
        const nf_field *field = find_field(fields, key);
        size_t outer = nf_fields_enter(reader, key, 0);
        nf_status status = field == NULL ? nf_fields_refuse(reader, "no such key") : read_field(reader, value, field, target);
        if (status != NF_OK)
            return status;
        nf_fields_leave(reader, outer);
    }
    return check_needed(reader, object, fields);
}
