#include "scan/scan_settle.h"

nf_status nf_settling_classes(nf_settling *s, uint32_t group, const char **names, nf_error *error)
{
    const nf_group *whole = nf_settling_group(s, group);
    const nf_group_parts *parts = whole->parts;
    nf_status status = NF_OK;
    s->names.len = 0;
    for (uint32_t i = parts != NULL; i < (parts != NULL ? parts->n : 1) && status == NF_OK; i++) {
        const nf_group *one = parts != NULL ? nf_settling_group(s, parts->groups[i]) : whole;
        const char *name = one->class_id != NULL ? nf_groups_class_name(s->reader->groups, one->class_id) : "";
        status = nf_buf_printf(&s->names, error, "%s%s", s->names.len > 0 ? "|" : "", name != NULL ? name : one->class_id);
    }
    if (status == NF_OK)
        status = nf_buf_append(&s->names, "", 1, error);
    *names = (const char *)s->names.data;
    return status;
}
