/* nofade: PASCAL VOC's annotations: an XML file for each image; annotation/object/name are its classes.
 *
 * Such a file has a few kilobytes. It is held whole, up to FILE_MAX, so that the parser sees it in one piece: a token that grows
 * over many pieces would be scanned again with each of them.
 */
#include <expat.h>
#include <stdlib.h>
#include <string.h>

#include "loaders/labels/label_readers.h"

enum { FILE_MAX = 16 << 20 /* bytes */, DEPTH_MAX = 64, NAME_MAX_BYTES = 1024, OBJECT_DEPTH = 2, NAME_DEPTH = 3 };

typedef struct voc_reader {
    nf_label_source *source;
    XML_Parser parser;
    uint32_t image;
    int depth;                      /* elements that are open */
    bool in_object, in_name, named; /* named: the object in hand has a name */
    nf_buf name;
    nf_status status;
    nf_error *error;
} voc_reader;

static void stop(voc_reader *voc, nf_status status)
{
    if (voc->status == NF_OK)
        voc->status = status;
    XML_StopParser(voc->parser, XML_FALSE);
}

static void refuse(voc_reader *voc, const char *what)
{
    if (voc->status == NF_OK)
        nf_fail(voc->error, NF_BAD_RECORD, "line %lu: %s", (unsigned long)XML_GetCurrentLineNumber(voc->parser), what);
    stop(voc, NF_BAD_RECORD);
}

static void XMLCALL on_doctype(void *listener, const XML_Char *name, const XML_Char *system, const XML_Char *public, int has_subset)
{
    (void)name;
    (void)system;
    (void)public;
    if (has_subset)
        refuse(listener, "the document type declares entities");
}

static void XMLCALL on_entity(void *listener, const XML_Char *name, int is_parameter, const XML_Char *value, int length,
                              const XML_Char *base, const XML_Char *system, const XML_Char *public, const XML_Char *notation)
{
    (void)name;
    (void)is_parameter;
    (void)value;
    (void)length;
    (void)base;
    (void)system;
    (void)public;
    (void)notation;
    refuse(listener, "the document type declares entities");
}

static void XMLCALL on_start(void *listener, const XML_Char *name, const XML_Char **attributes)
{
    voc_reader *voc = listener;
    (void)attributes;
    voc->depth++;
    if (voc->depth > DEPTH_MAX)
        refuse(voc, "elements are nested deeper than 64");
    else if (voc->depth == 1 && strcmp(name, "annotation") != 0)
        refuse(voc, "it is no annotation of PASCAL VOC: its root has another name");
    if (voc->depth == OBJECT_DEPTH) {
        voc->in_object = strcmp(name, "object") == 0;
        voc->named = false;
    }
    if (voc->depth == NAME_DEPTH && voc->in_object && strcmp(name, "name") == 0) {
        voc->in_name = true;
        voc->name.len = 0;
    }
}

static void XMLCALL on_text(void *listener, const XML_Char *text, int length)
{
    voc_reader *voc = listener;
    if (!voc->in_name || voc->depth != NAME_DEPTH)
        return;
    if ((size_t)length > NAME_MAX_BYTES - voc->name.len) {
        refuse(voc, "the name of an object is longer than 1024 bytes");
        return;
    }
    nf_status status = nf_buf_append(&voc->name, text, (size_t)length, voc->error);
    if (status != NF_OK)
        stop(voc, status);
}

/* Without the blanks around it. */
static void take_name(voc_reader *voc)
{
    static const char blanks[] = " \t\r\n";
    nf_status status = nf_buf_append(&voc->name, "", 1, voc->error);
    if (status != NF_OK) {
        stop(voc, status);
        return;
    }
    char *name = (char *)voc->name.data + strspn((const char *)voc->name.data, blanks);
    size_t n = strlen(name);
    while (n > 0 && strchr(blanks, name[n - 1]) != NULL)
        n--;
    name[n] = '\0';
    voc->named = true;
    if (n == 0)
        refuse(voc, "an object's name is empty");
    else if ((status = nf_label_table_add_class(voc->source->said, voc->image, name, voc->error)) != NF_OK)
        stop(voc, status);
}

static void XMLCALL on_end(void *listener, const XML_Char *name)
{
    voc_reader *voc = listener;
    (void)name;
    if (voc->depth == NAME_DEPTH && voc->in_name) {
        voc->in_name = false;
        take_name(voc);
    }
    if (voc->depth == OBJECT_DEPTH && voc->in_object) {
        voc->in_object = false;
        if (!voc->named)
            refuse(voc, "an object has no name");
    }
    voc->depth--;
}

static nf_status parse(voc_reader *voc, const nf_buf *bytes)
{
    XML_SetUserData(voc->parser, voc);
    XML_SetElementHandler(voc->parser, on_start, on_end);
    XML_SetCharacterDataHandler(voc->parser, on_text);
    XML_SetStartDoctypeDeclHandler(voc->parser, on_doctype);
    XML_SetEntityDeclHandler(voc->parser, on_entity);
    if (XML_Parse(voc->parser, (const char *)bytes->data, (int)bytes->len, XML_TRUE) == XML_STATUS_OK || voc->status != NF_OK)
        return voc->status;
    enum XML_Error code = XML_GetErrorCode(voc->parser);
    if (code == XML_ERROR_NO_MEMORY)
        return nf_fail_nomem(voc->error, "an annotation");
    return nf_fail(voc->error, NF_BAD_RECORD, "line %lu: the XML is damaged or cut: %s",
                   (unsigned long)XML_GetCurrentLineNumber(voc->parser), XML_ErrorString(code));
}

static nf_status read_file(nf_label_source *source, nf_buf *bytes, nf_error *error)
{
    static const XML_Memory_Handling_Suite memory = {malloc, realloc, free};
    voc_reader voc = {.source = source, .error = error};
    nf_status status = nf_stream_read_all(source->data, FILE_MAX, bytes, error);
    if (status == NF_OK)
        status = nf_label_source_image(source, source->key, &voc.image, error);
    if (status != NF_OK)
        return status;
    nf_label_table_mark_labelled(source->said, voc.image); /* also where there is no object */
    voc.parser = XML_ParserCreate_MM(NULL, &memory, NULL);
    if (voc.parser == NULL)
        return nf_fail_nomem(error, "an annotation");
    status = parse(&voc, bytes);
    XML_ParserFree(voc.parser);
    nf_buf_free(&voc.name);
    return status;
}

nf_status nf_read_voc_xml(nf_label_source *source, nf_error *error)
{
    nf_buf bytes = {0};
    if (source->key[0] == '\0')
        return nf_fail(error, NF_BAD_RECORD, "its name does not say which image it belongs to");
    nf_status status = read_file(source, &bytes, error);
    nf_buf_free(&bytes);
    return status;
}
