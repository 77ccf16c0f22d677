/* nofade: the groups of a run: what an image is counted under while it is read.
 *
 * A group is a (split, class) where the format says so, or a directory whose meaning (root, split, class) is settled only
 * when all directories have been seen (labels_from_dirs.h). The reader thread interns, the fold uses the numbers, and names
 * are read when both have ended.
 */
#ifndef NF_LOADERS_GROUPS_H
#define NF_LOADERS_GROUPS_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

#define NF_GROUP_LATE UINT32_MAX /* not a group: the label comes later */

/* What is counted under a group. */
typedef enum nf_group_role {
    NF_GROUP_IMAGES,  /* images with one label or none: all groups of a split together are the set */
    NF_GROUP_HOLDERS, /* images that hold the class, and perhaps others: counts for the class alone */
    NF_GROUP_PIXELS   /* the pixels of the class in each image: counts for the class alone */
} nf_group_role;

/* An image of several classes is counted under each part: groups[0] as an image of the set, the others (NF_GROUP_HOLDERS) for
 * the classes it holds. */
typedef struct nf_group_parts {
    uint32_t n;
    uint32_t groups[];
} nf_group_parts;

typedef struct nf_group {
    char *directory; /* "a/b/c", "" at the top; NULL when split and class were given */
    uint32_t source; /* of a directory: which source it lies in */
    char *split;     /* "train", "test", "val" ... or "" for none; settled for a directory by nf_groups_resolve */
    char *class_id;  /* NULL: no label */
    nf_group_role role;
    nf_group_parts *parts; /* of an image of several classes; NULL: the group itself. Owned, never changed. */
} nf_group;

typedef struct nf_groups nf_groups;

nf_status nf_groups_new(nf_groups **groups, nf_error *error);
void nf_groups_free(nf_groups *groups);
/* The number of (split, class_id), the same for equal texts. split "" = none; class_id NULL = no label. */
nf_status nf_groups_intern(nf_groups *groups, const char *split, const char *class_id, uint32_t *group, nf_error *error);
/* The number of an image that holds these classes (n_classes,), which the call sorts; none: it is known to hold no class. */
nf_status nf_groups_intern_several(nf_groups *groups, const char *split, const char **class_ids, size_t n_classes,
                                   uint32_t *group, nf_error *error);
/* For label maps of a split: the group (NF_GROUP_PIXELS) of each pixel value, NF_GROUP_LATE where class_ids (256,) is NULL: no
 * class. *table (256,) lives as long as the groups and never changes; the same for equal splits: class_ids are of one set. */
nf_status nf_groups_pixel_classes(nf_groups *groups, const char *split, const char *const *class_ids, const uint32_t **table,
                                  nf_error *error);
/* Directories from now on lie in this source: each source has a root of its own. */
void nf_groups_begin_source(nf_groups *groups, uint32_t source);
/* The number of a directory (of the path of an image) of the current source. */
nf_status nf_groups_intern_directory(nf_groups *groups, const char *directory, uint32_t *group, nf_error *error);
/* Gives a class a name for people (CIFAR meta, MNIST digits). A later name for the same id replaces the earlier. */
nf_status nf_groups_name_class(nf_groups *groups, const char *class_id, const char *name, nf_error *error);
/* NULL when it has none. */
const char *nf_groups_class_name(const nf_groups *groups, const char *class_id);
size_t nf_groups_count(const nf_groups *groups);
const nf_group *nf_groups_get(const nf_groups *groups, uint32_t group);
/* Settles split and class of every directory group, from all of them together (labels_from_dirs.c). */
nf_status nf_groups_resolve(nf_groups *groups, nf_error *error);

#endif
