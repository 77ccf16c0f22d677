/* nofade: what is known of the complexity of datasets: from profiles, from a number given, from the shipped references. */
#ifndef NF_COMPLEXITIES_H
#define NF_COMPLEXITIES_H

#include "profile/analysis.h"
#include "base/pool.h"
#include "manifest/manifest.h"

/* Other readings of the definition: how the class distribution, its bins and the logarithm are chosen. */
enum { NF_READINGS = 10 };

typedef struct nf_complexity {
    const char *dataset;    /* a manifest's id where it is one */
    const char *kind;       /* "jsd", "entropy"; "": a number was given */
    double value;           /* > 0 */
    const char *definition; /* id, or "" */
    const char *saved_under; /* the id by which the profile's file has another complexity (nf_saved_under), or "" */
    const char *digest;     /* counts_digest, or "" */
    const char *source;     /* path, "--complexity", or the compiled-in table */
    bool incomplete;        /* of a profile that is not complete */
    bool sampled;           /* of one of a random part: an estimate */
    bool other_classes;     /* of one whose classes are none of the dataset's: nf_has_other_classes */
    double readings[NF_READINGS]; /* the same under each reading; NaN: not defined; a given number: itself */
} nf_complexity;

/* All zero: empty. */
typedef struct nf_complexities {
    nf_complexity *items;
    size_t n, capacity;
    size_t n_given;         /* the first ones, before the shipped references were added */
    nf_pool strings;
} nf_complexities;

/* "NAME=VALUE". NF_ERR_USAGE: no such thing, not above 0, or the dataset has one already. */
nf_status nf_complexities_add_value(nf_complexities *list, const nf_manifests *manifests, const char *text, nf_error *error);
/* FILE.json of "[NAME=]FILE.json". */
const char *nf_complexities_profile_path(const char *text);
/* "[NAME=]FILE.json", a saved profile; with_readings: its readings are computed too. NF_ERR_USAGE: its complexity is not
 * above 0, or the dataset has one already; NF_ERR_INPUT: no profile. */
nf_status nf_complexities_add_profile(nf_complexities *list, const nf_manifests *manifests, const char *text,
                                      bool with_readings, nf_error *error);
/* That of an analysed profile, by its dataset; none when there is one already, when it has no dataset, or no complexity above 0. */
nf_status nf_complexities_add_analysis(nf_complexities *list, const nf_manifests *manifests, const nf_profile *profile,
                                       const nf_analysis *analysis, bool with_readings, nf_error *error);
/* Is it a set of one's own in a published one's layout? Its classes have names, of which none is known of its dataset. */
bool nf_has_other_classes(const nf_manifests *manifests, const nf_profile *profile);
/* The references shipped with nofade, for datasets that have none yet. */
nf_status nf_complexities_add_references(nf_complexities *list, nf_error *error);
/* What is to be said beside it when not all of its set was counted; NULL: nothing. */
const char *nf_complexity_caveat(const nf_complexity *complexity);
/* NULL: none. */
const nf_complexity *nf_complexities_find(const nf_complexities *list, const char *dataset);
void nf_complexities_free(nf_complexities *list);
/* What reading number i chooses; the null is off. */
void nf_reading(size_t i, nf_definition *definition);

#endif
