/* nofade: what the forms of CIFAR (binary, python, matlab) share. Private to the CIFAR loader.
 *
 * The loader walks over the entries; a form reads one member, a record a call.
 */
#ifndef NF_LOADERS_CIFAR_H
#define NF_LOADERS_CIFAR_H

#include "base/keys.h"
#include "loaders/loader.h"
#include "loaders/members.h"

enum { NF_CIFAR_SIDE_PX = 32, NF_CIFAR_IMAGE_BYTES = 3 * NF_CIFAR_SIDE_PX * NF_CIFAR_SIDE_PX, NF_CIFAR_NAMES_MAX = 1 << 16 };

typedef enum nf_cifar_set { NF_CIFAR_UNKNOWN = 0, NF_CIFAR_10 = 10, NF_CIFAR_100 = 100 } nf_cifar_set;

typedef struct nf_cifar nf_cifar;

/* A form of storage: as nf_loader, but for one member. */
typedef struct nf_cifar_form {
    const char *name;
    nf_status (*open)(nf_cifar *cifar, nf_stream *data, nf_error *error);
    /* NF_EOF: the member is done. Faults of the member alone come as failed records. */
    nf_status (*next)(nf_cifar *cifar, nf_record *record, nf_error *error);
    void (*close)(nf_cifar *cifar);
} nf_cifar_form;
extern const nf_cifar_form nf_cifar_binary, nf_cifar_python, nf_cifar_matlab;

struct nf_cifar {
    const nf_loader_context *context;
    const char *forced_id;
    nf_cifar_set set;
    const nf_cifar_form *images_form; /* the form of the images so far, or NULL */
    bool has_coarse_names, has_fine_names;
    size_t n_names;       /* of the wanted level; 0: not known (yet) */
    uint32_t n_late_sets; /* of this source */
    nf_label_groups groups;
    nf_member_set seen;
    nf_keys bases; /* of the members that gave images: the same batch in two places would count twice */

    /* the member that is being read */
    nf_entry entry;
    const char *base;
    const char *split; /* from its name, or NULL: the form may know more */
    const nf_cifar_form *form; /* NULL: between members */
    void *reader;              /* the form's */
    nf_status pending;         /* a fault of the source, told after the member's own record */
    nf_error pending_error;
};

/* The member turned out to be of this set: its id becomes the facts', a wish for coarse labels is checked. */
nf_status nf_cifar_use_set(nf_cifar *cifar, nf_cifar_set set, nf_error *error);
/* Whose labels are wanted: "labels", "fine_labels" or "coarse_labels". */
const char *nf_cifar_labels_key(const nf_cifar *cifar, nf_cifar_set set);
/* The member holds images; NF_ERR_INPUT where those of another form came before. */
nf_status nf_cifar_use_images(nf_cifar *cifar, nf_error *error);
/* Names classes from number 0 on: n texts, each with a NUL after it, `bytes` in all. key: "label_names",
 * "fine_label_names", "coarse_label_names". */
nf_status nf_cifar_take_names(nf_cifar *cifar, const char *key, const char *names, size_t bytes, nf_error *error);
/* The group of a label of the current member's split. */
nf_status nf_cifar_group(nf_cifar *cifar, uint32_t label, uint32_t *group, nf_error *error);
/* Is the label one of the names, or are there none? */
bool nf_cifar_label_is_known(const nf_cifar *cifar, uint32_t label);
/* Fills in what every image of the member has alike. */
void nf_cifar_describe(const nf_cifar *cifar, nf_record *record, int64_t row);
/* Makes the record a failed image of the member, under its split and no label. row -1: the member as a whole. */
nf_status nf_cifar_fail(nf_cifar *cifar, nf_record *record, int64_t row, nf_failure failure, const char *reason,
                        nf_error *error);
/* The same for an image whose label is not among the names. */
nf_status nf_cifar_fail_label(nf_cifar *cifar, nf_record *record, int64_t row, uint32_t label, nf_error *error);
/* A fault of a member's data, for a failed record that says it: NF_ERR_DAMAGED becomes pending. Returns NF_OK where the
 * member is to end with a failed record, otherwise the status that ends the run. */
nf_status nf_cifar_fault(nf_cifar *cifar, nf_status status, const nf_error *fault, nf_error *error);

/* Images that are held in memory, given as records one by one. */
typedef struct nf_cifar_images {
    size_t n;
    const uint8_t *const *rows; /* (n,) of 3072 bytes, NULL: damaged; or NULL, then: */
    const uint8_t *pixels;      /* (n, 3072) by row or by column */
    bool by_column;
    const uint32_t *labels; /* (n,) */
    size_t next;
    uint8_t *block; /* by column: some images by row */
} nf_cifar_images;
/* The next image. NF_EOF behind the last. */
nf_status nf_cifar_images_next(nf_cifar *cifar, nf_cifar_images *images, nf_record *record, nf_error *error);

#endif
