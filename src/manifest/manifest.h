/* nofade: dataset manifests: what is known of a published dataset, as data (data-manifests/datasets/ID.json).
 *
 * The built-in ones are compiled in (embedded.h); --manifest adds one of one's own, which stands before a built-in one of the
 * same id. data-manifests/README.md describes the JSON. What is not known is empty: "" for texts, -1 for numbers.
 * All pointers live as long as the nf_manifests they came from.
 */
#ifndef NF_MANIFEST_H
#define NF_MANIFEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum { NF_MANIFEST_SCHEMA = 1, NF_MANIFEST_COLUMNS_MAX = 8 };

typedef struct nf_manifest_archive {
    const char *name;          /* as published: "cifar-10-python.tar.gz" */
    int64_t bytes;             /* -1: not published */
    const char *md5, *sha256;  /* lower-case hex, or "" */
    const char *holds;         /* for people: "training images", or "" */
    const char *url;           /* the page it comes from, or "" */
    const char *source;        /* where size and checksum were read */
} nf_manifest_archive;

typedef struct nf_manifest_split {
    const char *name;          /* "": the whole set, which has no splits */
    const char *subset;        /* of which --subset the figures are, or "": a split may stand once for each */
    int64_t images;            /* -1 */
    int64_t images_per_class;  /* of every class alike; -1: unequal or not known */
    const char *source;
} nf_manifest_split;

/* One of several sets in the same archives (--subset): EMNIST's "letters". */
typedef struct nf_manifest_subset {
    const char *name;
    int64_t n_classes;         /* -1 */
    const char *source;
} nf_manifest_subset;

/* A name for several splits together: trainval = train, val. */
typedef struct nf_manifest_union {
    const char *name;
    const char *const *splits;
    size_t n_splits;
} nf_manifest_union;

typedef struct nf_manifest_class {
    const char *id;   /* what labels say: "n01440764", "3", "cat" */
    const char *name; /* for people; "" when there is none beside the id */
} nf_manifest_class;

/* ---- the layout loader's part ("layout") ----
 *
 * A path template is matched against the end of an entry's path, component by component ('/' and '!' both end one; the source's
 * own base name stands before the path of an archive's entry, as "NAME!"). {key}, {class}, {split}, {any name} take one or more
 * characters of a component; {name=PATTERN} only such as the pattern: '#' a digit, '@' a letter, '%' a hex digit, others
 * themselves, a last '+' repeats what stands before it. A name that comes twice takes the same text both times. '#' alone is a
 * digit, '*' takes anything within a component, a whole component '**' any number of components. Letters match in either
 * case. */

typedef struct nf_layout_images {
    const char *path;     /* template */
    const char *split;    /* or "": as captured by {split}, else as the labels say */
    const char *class_id; /* or "": as captured by {class}, else as the labels say */
    const char *key;      /* by which labels and label maps find the image: "{key}" by default, or "{class}/{key}" */
} nf_layout_images;

/* Pictures that are no images of the set. */
typedef struct nf_layout_passed_over {
    const char *path; /* template */
    const char *kind; /* what they are counted as: "mask", "label-map" */
} nf_layout_passed_over;

typedef struct nf_layout_labels {
    const char *path;    /* template of the file that holds them */
    const char *reader;  /* "lines", "imagenet-truth", "imagenet-meta", "voc-xml", "coco-json" */
    const char *split;   /* what its keys belong to, or "" */
    const char *subset;  /* only when this --subset is chosen, or "": always */
    /* reader "lines": a text, a record a line */
    const char *separators;                        /* any of these characters, in runs; "": the line is one column */
    const char *columns[NF_MANIFEST_COLUMNS_MAX];  /* "key", "class", "name" (the rest of the line), "-" */
    size_t n_columns;
    int64_t skip_lines;
} nf_layout_labels;

/* A picture whose pixels are class numbers, beside each image. */
typedef struct nf_layout_label_map {
    const char *path; /* template; its {key} (and {split}) are the image's */
    const char *key;  /* as nf_layout_images.key */
    const int64_t *ignored; /* pixel values that are no class: 255 */
    size_t n_ignored;
} nf_layout_label_map;

/* Labels that lie in an archive of their own: said when a split that needs them has none. */
typedef struct nf_layout_need {
    const char *split;
    const char *archive; /* "ILSVRC2012_devkit_t12.tar.gz" */
} nf_layout_need;

typedef struct nf_layout {
    const nf_layout_images *images;
    const nf_layout_passed_over *passed_over;
    const nf_layout_labels *labels;
    const nf_layout_label_map *label_maps;
    const nf_layout_need *needs;
    size_t n_images, n_passed_over, n_labels, n_label_maps, n_needs;
    const char *subset;              /* the default one, or "" */
    const char *const *other_classes; /* classes of the layout that are none of the set: "BACKGROUND_Google" */
    size_t n_other_classes;
} nf_layout;

typedef enum nf_labels_kind {
    NF_LABELS_NONE,
    NF_LABELS_ONE,     /* one class an image */
    NF_LABELS_SEVERAL, /* the classes that an image holds */
    NF_LABELS_PIXELS   /* a class for every pixel */
} nf_labels_kind;

typedef struct nf_manifest {
    const char *id, *title;
    const char *task;    /* "classification", "segmentation", "detection" */
    const char *metric;  /* what models are compared by: "top1", "miou", "map" */
    nf_labels_kind labels;
    const char *homepage;
    const char *licence, *licence_source;
    const char *const *aliases;
    size_t n_aliases;
    const nf_manifest_archive *archives;
    size_t n_archives;
    const nf_manifest_split *splits;
    size_t n_splits;
    const nf_manifest_subset *subsets;
    size_t n_subsets;
    const nf_manifest_union *unions;
    size_t n_unions;
    const char *default_split;        /* a split or a union, or "" */
    int64_t n_classes_known;          /* also where the classes are not listed; -1 */
    const nf_manifest_class *classes; /* in the set's own order */
    size_t n_classes;
    const nf_manifest_class *coarse_classes; /* classes of classes (--labels-level coarse), or none */
    size_t n_coarse_classes;
    const char *classes_note, *classes_source; /* note: what a list cannot say, or "" */
    const char *typical_size, *typical_size_source; /* for people: "500 x 375 px" */
    const char *loader;               /* nf_loader.name */
    const char *extends;              /* id of a set whose archives belong to this one too (coco-stuff: coco), or "" */
    const nf_layout *layout;          /* NULL unless loader is "layout" */
    const char *file;                 /* it was read from: "data-manifests/datasets/cifar10.json", or --manifest's */
    const char *json;                 /* (n_json_bytes,) its text */
    size_t n_json_bytes;
} nf_manifest;

typedef struct nf_manifests nf_manifests;

/* extra_path: --manifest FILE, or NULL. NF_ERR_USAGE, "FILE: KEY.PATH: what is wrong": no such manifest as described;
 * NF_ERR_INPUT: it cannot be opened or read. *manifests is NULL after a failure. */
nf_status nf_manifests_open(nf_manifests **manifests, const char *extra_path, nf_error *error);
void nf_manifests_close(nf_manifests *manifests);
size_t nf_manifests_count(const nf_manifests *manifests);
const nf_manifest *nf_manifests_get(const nf_manifests *manifests, size_t i); /* sorted by id */
/* By id or alias, in any case, '-', '_' and ' ' left out. NULL: none. */
const nf_manifest *nf_manifests_find(const nf_manifests *manifests, const char *name);
/* Ids and aliases like a name that was not found, the likest first: nearest (n_max,) is filled; how many there are. */
size_t nf_manifests_nearest(const nf_manifests *manifests, const char *name, const char **nearest, size_t n_max);

#endif
