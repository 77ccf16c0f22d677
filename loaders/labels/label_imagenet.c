/* nofade: ImageNet's devkit. ILSVRC2012_validation_ground_truth.txt numbers the class of each validation image;
 * meta.mat, a MATLAB struct array `synsets`, says which WordNet id and words a number stands for. Only its leaves (num_children
 * 0) are classes: the synsets above them have numbers beyond 1000. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "loaders/labels/label_readers.h"
#include "loaders/mat5/mat5.h"
#include "loaders/labels/text_lines.h"

enum { SYNSETS_MAX = 4096 /* the genuine file has 1860 */, KEY_SIZE = 40 };

void nf_imagenet_free(nf_imagenet_labels *imagenet)
{
    free(imagenet->truth);
    nf_class_names_free(&imagenet->classes);
    *imagenet = (nf_imagenet_labels){0};
}

/* --- the ground truth --------------------------------------------------------------------------------------------- */

static void key_of(size_t index, char key[KEY_SIZE])
{
    snprintf(key, KEY_SIZE, "ILSVRC2012_val_%08zu", index + 1);
}

static nf_status take_truth(nf_label_source *source, const char *line, nf_error *error)
{
    nf_imagenet_labels *said = &source->imagenet;
    uint64_t id;
    uint32_t image;
    char key[KEY_SIZE];
    if (!nf_parse_u64(line, 1, NF_IMAGENET_CLASSES, &id))
        return nf_fail(error, NF_BAD_RECORD, "line %zu is no number of a class, 1 to %d", said->n_truth + 1, NF_IMAGENET_CLASSES);
    key_of(said->n_truth, key);
    nf_status status = nf_label_source_image(source, key, &image, error);
    if (status == NF_OK)
        status = nf_array_reserve((void **)&said->truth, &said->truth_capacity, said->n_truth + 1, sizeof *said->truth,
                                  "ImageNet's ground truth", error);
    if (status == NF_OK)
        said->truth[said->n_truth++] = (uint16_t)id;
    return status;
}

/* The devkit may be there twice, packed and unpacked. */
static nf_status check_same_truth(const nf_imagenet_labels *kept, const nf_imagenet_labels *said, nf_error *error)
{
    if (kept->n_truth == 0 || (kept->n_truth == said->n_truth &&
                               memcmp(kept->truth, said->truth, said->n_truth * sizeof *said->truth) == 0))
        return NF_OK;
    return nf_fail(error, NF_BAD_RECORD, "another ground truth, which says otherwise, was read before");
}

nf_status nf_read_imagenet_truth(nf_label_source *source, nf_error *error)
{
    nf_text_lines lines = {.stream = source->data};
    const nf_imagenet_labels *said = &source->imagenet;
    char *line;
    nf_status status;
    while ((status = nf_text_lines_next(&lines, &line, error)) == NF_OK) {
        if (lines.number != said->n_truth + 1) /* the number of a line is the number of its image */
            status = nf_fail(error, NF_BAD_RECORD, "line %zu is blank", said->n_truth + 1);
        else
            status = take_truth(source, line, error);
        if (status != NF_OK)
            break;
    }
    nf_text_lines_free(&lines);
    if (status == NF_EOF && said->n_truth == 0)
        return nf_fail(error, NF_BAD_RECORD, "it is empty");
    return status == NF_EOF ? check_same_truth(&source->files->imagenet, said, error) : status;
}

/* --- meta.mat ----------------------------------------------------------------------------------------------------- */

enum { ID, WNID, WORDS, CHILDREN, N_FIELDS };
static const char *const fields[N_FIELDS] = {"ILSVRC2012_ID", "WNID", "words", "num_children"};

static nf_status take_synset(nf_imagenet_labels *said, const char *const values[N_FIELDS], nf_error *error)
{
    uint64_t id, children;
    if (!nf_parse_u64(values[CHILDREN], 0, UINT32_MAX, &children))
        return nf_fail(error, NF_BAD_RECORD, "a synset whose num_children is no number");
    if (children > 0)
        return NF_OK;
    if (!nf_parse_u64(values[ID], 1, NF_IMAGENET_CLASSES, &id))
        return nf_fail(error, NF_BAD_RECORD, "a synset without children whose ILSVRC2012_ID is not 1 to %d", NF_IMAGENET_CLASSES);
    if (said->at[id] != 0)
        return nf_fail(error, NF_BAD_RECORD, "two synsets have the ILSVRC2012_ID %u", (unsigned)id);
    if (values[WNID][0] == '\0')
        return nf_fail(error, NF_BAD_RECORD, "the synset %u has no WNID", (unsigned)id);
    said->at[id] = said->classes.texts.len + 1;
    return nf_class_names_add(&said->classes, values[WNID], values[WORDS], error);
}

static nf_status read_synsets(nf_mat5 *mat, const nf_mat5_variable *variable, nf_imagenet_labels *said, nf_error *error)
{
    nf_buf texts = {0};
    nf_status status = nf_mat5_read_structs(mat, variable, SYNSETS_MAX, fields, N_FIELDS, &texts, error);
    const char *at = (const char *)texts.data;
    for (uint64_t i = 0; i < variable->n && status == NF_OK; i++) {
        const char *values[N_FIELDS];
        for (int k = 0; k < N_FIELDS; k++, at += strlen(at) + 1)
            values[k] = at;
        status = take_synset(said, values, error);
    }
    nf_buf_free(&texts);
    return status;
}

static nf_status check_same_classes(const nf_imagenet_labels *kept, const nf_imagenet_labels *said, nf_error *error)
{
    const nf_buf *a = &kept->classes.texts, *b = &said->classes.texts;
    if (a->len == 0 || (a->len == b->len && memcmp(a->data, b->data, a->len) == 0 &&
                        memcmp(kept->at, said->at, sizeof kept->at) == 0))
        return NF_OK;
    return nf_fail(error, NF_BAD_RECORD, "another meta.mat, which says otherwise, was read before");
}

nf_status nf_read_imagenet_meta(nf_label_source *source, nf_error *error)
{
    nf_imagenet_labels *said = &source->imagenet;
    nf_mat5 *mat = NULL;
    nf_mat5_variable variable;
    nf_status status = nf_mat5_open(&mat, source->data, error);
    while (status == NF_OK && (status = nf_mat5_next(mat, &variable, error)) == NF_OK)
        if (strcmp(variable.name, "synsets") == 0 && said->classes.n == 0)
            status = read_synsets(mat, &variable, said, error);
    nf_mat5_close(mat);
    if (status == NF_EOF && said->classes.n == 0)
        return nf_fail(error, NF_BAD_RECORD, "it holds no synsets that are classes");
    return status == NF_EOF ? check_same_classes(&source->files->imagenet, said, error) : status;
}

/* --- both --------------------------------------------------------------------------------------------------------- */

void nf_imagenet_take(nf_imagenet_labels *kept, nf_imagenet_labels *said)
{
    if (kept->n_truth == 0 && said->n_truth > 0) {
        kept->truth = said->truth;
        kept->n_truth = said->n_truth;
        said->truth = NULL;
        kept->is_bound = false;
    }
    if (kept->classes.n == 0 && said->classes.n > 0) {
        kept->classes = said->classes;
        memcpy(kept->at, said->at, sizeof kept->at);
        said->classes = (nf_class_names){0};
        kept->is_bound = false;
    }
}

static nf_status bind(nf_label_files *files, nf_error *error)
{
    nf_imagenet_labels *imagenet = &files->imagenet;
    size_t n_without = 0, without = 0;
    nf_status status = nf_class_names_give(&imagenet->classes, files->groups, error);
    for (size_t i = 0; i < imagenet->n_truth && status == NF_OK; i++) {
        char key[KEY_SIZE];
        uint32_t image;
        size_t at = imagenet->at[imagenet->truth[i]];
        if (at == 0) {
            without = n_without++ == 0 ? i : without;
            continue;
        }
        key_of(i, key);
        if ((status = nf_label_table_image(files->table, key, &image, error)) == NF_OK)
            status = nf_label_table_add_class(files->table, image, (const char *)imagenet->classes.texts.data + at - 1, error);
    }
    imagenet->is_bound = status == NF_OK;
    if (status == NF_OK && n_without > 0)
        status = nf_notes_add(files->notes, error, "meta.mat does not describe the classes of %zu lines of "
                              "ILSVRC2012_validation_ground_truth.txt (one is line %zu, class %u): these images have no label",
                              n_without, without + 1, (unsigned)imagenet->truth[without]);
    return status;
}

nf_status nf_imagenet_settle(nf_label_files *files, nf_error *error)
{
    nf_imagenet_labels *imagenet = &files->imagenet;
    if (imagenet->is_bound)
        return NF_OK;
    if (imagenet->classes.n > 0)
        return bind(files, error);
    if (imagenet->n_truth == 0 || imagenet->is_missing_noted)
        return NF_OK;
    imagenet->is_missing_noted = true;
    return nf_notes_add(files->notes, error, "ILSVRC2012_validation_ground_truth.txt has only numbers of classes: what they mean "
                        "stands in meta.mat of ILSVRC2012_devkit_t12.tar.gz, which was not there, so these images have no label");
}
