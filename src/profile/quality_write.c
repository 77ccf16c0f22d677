/* nofade: what is said of a set's flaws, as JSON and as CSV. */
#include "profile/quality.h"

/* ---- JSON ---- */

static void write_image_items(nf_json *json, const nf_named_image *image)
{
    nf_json_text_item(json, "source", image->source);
    nf_json_text_item(json, "member", image->member);
    nf_json_text_item(json, "split", image->split);
    nf_json_text_item(json, "class", image->class_name);
}

static void write_set(nf_json *json, const nf_duplicate_set *set)
{
    nf_json_open(json, '{');
    nf_json_u64_item(json, "images", set->images);
    nf_json_bool_item(json, "across_splits", set->across_splits);
    nf_json_bool_item(json, "across_classes", set->across_classes);
    nf_json_open_item(json, "listed", '[');
    for (size_t i = 0; i < set->n_listed; i++) {
        nf_json_open_inline(json, '{');
        write_image_items(json, &set->listed[i]);
        nf_json_close(json, '}');
    }
    nf_json_close(json, ']');
    nf_json_close(json, '}');
}

static void write_duplicates(nf_json *json, const nf_duplicates *duplicates)
{
    nf_json_open_item(json, "duplicates", '{');
    nf_json_u64_item(json, "images", duplicates->images);
    nf_json_u64_item(json, "not_searched", duplicates->not_searched);
    nf_json_u64_item(json, "sets", duplicates->sets);
    nf_json_u64_item(json, "extra_copies", duplicates->extra_copies);
    nf_json_u64_item(json, "sets_across_splits", duplicates->sets_across_splits);
    nf_json_u64_item(json, "sets_across_classes", duplicates->sets_across_classes);
    if (duplicates->apart)
        nf_json_text_item(json, "across_profiles", "not looked for");
    nf_json_open_item(json, "listed", '[');
    for (size_t i = 0; i < duplicates->n_listed; i++)
        write_set(json, &duplicates->listed[i]);
    nf_json_close(json, ']');
    nf_json_close(json, '}');
}

static void write_items(nf_json *json, const nf_finding_list *list)
{
    nf_json_open(json, '[');
    for (size_t i = 0; i < list->n; i++) {
        nf_json_open_inline(json, '{');
        write_image_items(json, &list->items[i].image);
        nf_json_key(json, "value");
        if (list->items[i].text != NULL)
            nf_json_text(json, list->items[i].text);
        else
            nf_json_double(json, list->items[i].number);
        nf_json_close(json, '}');
    }
    nf_json_close(json, ']');
}

static void write_findings(nf_json *json, const nf_quality *quality)
{
    for (size_t i = 0; i < NF_FINDING_KINDS; i++) {
        nf_json_key(json, nf_finding_name((nf_finding_kind)i));
        if (nf_finding_is_extreme((nf_finding_kind)i)) {
            write_items(json, &quality->findings[i]);
            continue;
        }
        nf_json_open(json, '{');
        nf_json_u64_item(json, "images", quality->findings[i].images);
        nf_json_key(json, "listed");
        write_items(json, &quality->findings[i]);
        nf_json_close(json, '}');
    }
}

static void write_modes(nf_json *json, const nf_quality *quality)
{
    nf_json_open_inline_item(json, "modes", '{');
    for (size_t mode = 0; mode < NF_COLOUR_MODES; mode++)
        if (quality->modes[mode] > 0)
            nf_json_u64_item(json, nf_colour_mode_name((nf_colour_mode)mode), quality->modes[mode]);
    nf_json_close(json, '}');
}

static void write_side(nf_json *json, const char *key, const nf_side_stats *stats)
{
    nf_json_open_inline_item(json, key, '{');
    nf_json_u64_item(json, "min", stats->min);
    nf_json_known_u64_item(json, "0.05", stats->has_quantiles, stats->q05);
    nf_json_known_u64_item(json, "0.5", stats->has_quantiles, stats->median);
    nf_json_known_u64_item(json, "0.95", stats->has_quantiles, stats->q95);
    nf_json_u64_item(json, "max", stats->max);
    nf_json_close(json, '}');
}

void nf_quality_write(const nf_quality *quality, nf_json *json)
{
    nf_json_open(json, '{');
    if (quality->absent != NULL) {
        nf_json_text_item(json, "not_looked_for", quality->absent);
        nf_json_close(json, '}');
        return;
    }
    nf_json_u64_item(json, "not_looked_at", quality->not_looked_at);
    write_duplicates(json, &quality->duplicates);
    write_findings(json, quality);
    write_modes(json, quality);
    if (nf_quality_images(quality) > 0) {
        nf_json_open_item(json, "sizes", '{');
        write_side(json, "longer_px", &quality->longer);
        write_side(json, "shorter_px", &quality->shorter);
        nf_json_close(json, '}');
    }
    nf_json_close(json, '}');
}

/* ---- CSV: errors stick in out, so the last call tells of all ---- */

static void csv_fields(nf_out *out, const char *const *fields, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        nf_out_text(out, ",", NULL);
        nf_out_csv_field(out, fields[i], NULL);
    }
}

static void csv_image(nf_out *out, const nf_named_image *image)
{
    const char *const fields[] = {image->source, image->member, image->split, image->class_name};
    csv_fields(out, fields, sizeof fields / sizeof *fields);
}

static void csv_set(nf_out *out, const nf_duplicate_set *set)
{
    const char *finding = set->across_splits && set->across_classes ? "duplicate_across_splits_and_classes"
                          : set->across_splits                      ? "duplicate_across_splits"
                          : set->across_classes                     ? "duplicate_across_classes"
                                                                    : "duplicate";
    for (size_t i = 1; i < set->n_listed; i++) {
        nf_out_text(out, finding, NULL);
        csv_image(out, &set->listed[0]);
        nf_out_text(out, ",", NULL);
        nf_out_u64(out, set->images, NULL);
        csv_image(out, &set->listed[i]);
        nf_out_text(out, "\n", NULL);
    }
}

static void csv_finding(nf_out *out, const char *name, const nf_finding *finding)
{
    nf_out_text(out, name, NULL);
    csv_image(out, &finding->image);
    nf_out_text(out, ",", NULL);
    if (finding->text != NULL)
        nf_out_csv_field(out, finding->text, NULL);
    else
        nf_out_double(out, finding->number, NULL);
    nf_out_text(out, ",,,,\n", NULL);
}

nf_status nf_quality_write_csv(const nf_quality *quality, nf_out *out, nf_error *error)
{
    if (quality->absent != NULL)
        return nf_fail(error, NF_ERR_USAGE, "there are no findings for --quality: %s", quality->absent);
    nf_out_text(out, "finding,source,member,split,class,value,other_source,other_member,other_split,other_class\n", NULL);
    for (size_t i = 0; i < quality->duplicates.n_listed; i++)
        csv_set(out, &quality->duplicates.listed[i]);
    for (size_t kind = 0; kind < NF_FINDING_KINDS; kind++)
        for (size_t i = 0; i < quality->findings[kind].n; i++)
            csv_finding(out, nf_finding_name((nf_finding_kind)kind), &quality->findings[kind].items[i]);
    return nf_out_text(out, "", error);
}
