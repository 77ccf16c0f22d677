/* Sets and models for tests of what a report shows: profiles filled image by image, and a table of models that is scored. */
#ifndef NF_TESTS_SUPPORT_REPORT_WORLD_H
#define NF_TESTS_SUPPORT_REPORT_WORLD_H

#include "support/folder.h"

#include <string.h>

#include "nofade.h"
#include "metrics/entropy.h"
#include "report/figures.h"

enum { WORLD_SETS_MAX = 10 };

typedef struct report_world {
    nf_report_set sets[WORLD_SETS_MAX];
    nf_profile *profiles[WORLD_SETS_MAX];
    nf_analysis analyses[WORLD_SETS_MAX];
    nf_report_data data;
    folder f;
    nf_manifests *manifests;
    nf_hardware *hardware;
    nf_models *models;
    nf_complexities complexities;
    nf_scoring *scoring;
} report_world;

/* n images of the class whose entropies lie between `low` and `low` + 1 bit. */
static inline void world_add_class(nf_profile *profile, const char *name, double low, unsigned n)
{
    nf_profile_class *class_;
    assert_int_equal(nf_profile_class_of(profile, name, NULL, &class_, NULL), NF_OK);
    for (unsigned i = 0; i < n; i++) {
        uint32_t counts[NF_GREY_LEVELS] = {0};
        uint64_t q = (uint64_t)((low + (double)((i * 7) % n) / n) * NF_Q_PER_BIT);
        counts[(i * 31) % NF_GREY_LEVELS] = 60;
        counts[200] += 40;
        nf_class_counts_add(class_->counts, counts, 100, q);
        nf_distribution_add(&profile->entropy, q);
        profile->images_read++;
    }
}

/* Figures of what the profile of a set holds now. */
static inline void world_analyse(report_world *w, size_t k)
{
    nf_definition definition;
    nf_definition_init(&definition);
    definition.null_permutations = 0;
    nf_analysis_clear(&w->analyses[k]);
    assert_int_equal(nf_analyse(w->profiles[k], &definition, &w->analyses[k], NULL), NF_OK);
}

/* A set whose classes have these names (n,). */
static inline void world_add_set(report_world *w, const char *set_name, const char *const *names, size_t n)
{
    size_t k = w->data.n_sets++;
    assert_true(k < WORLD_SETS_MAX);
    assert_int_equal(nf_profile_new(&w->profiles[k], NULL), NF_OK);
    for (size_t i = 0; i < n; i++)
        world_add_class(w->profiles[k], names[i], 1.0 + 5.5 * (double)((i * 5) % n) / (double)n, 12);
    nf_profile_sort_classes(w->profiles[k]);
    world_analyse(w, k);
    w->sets[k] = (nf_report_set){w->profiles[k], &w->analyses[k], set_name};
    w->data.sets = w->sets;
}

/* Models from the text of a table. dataset: the only one that counts, or NULL. */
static inline void world_add_models(report_world *w, const char *table, const char *dataset, const char *const *complexities)
{
    const nf_model_defaults none = {NULL, NULL};
    nf_scoring_options options;
    nf_error error = {0};
    folder_open(&w->f);
    const char *path = folder_write(&w->f, "models.csv", table, strlen(table));
    assert_int_equal(nf_manifests_open(&w->manifests, NULL, NULL), NF_OK);
    assert_int_equal(nf_hardware_open(&w->hardware, NULL), NF_OK);
    assert_int_equal(nf_models_new(&w->models, w->manifests, w->hardware, NULL), NF_OK);
    if (nf_models_read(w->models, path, &none, &error) != NF_OK)
        fail_msg("%s", error.message);
    for (; complexities != NULL && *complexities != NULL; complexities++)
        assert_int_equal(nf_complexities_add_value(&w->complexities, w->manifests, *complexities, NULL), NF_OK);
    nf_scoring_options_init(&options);
    options.dataset = dataset;
    if (nf_scoring_new(&w->scoring, w->models, &w->complexities, &options, &error) != NF_OK)
        fail_msg("%s", error.message);
    w->data.scoring = w->scoring;
    w->data.complexities = &w->complexities;
}

static inline void world_close(report_world *w)
{
    for (size_t i = 0; i < WORLD_SETS_MAX; i++) {
        nf_analysis_clear(&w->analyses[i]);
        nf_profile_free(w->profiles[i]);
    }
    if (w->scoring == NULL)
        return;
    nf_scoring_free(w->scoring);
    nf_complexities_free(&w->complexities);
    nf_models_free(w->models);
    nf_hardware_close(w->hardware);
    nf_manifests_close(w->manifests);
    folder_close(&w->f);
}

#endif
