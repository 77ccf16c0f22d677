/* Models from table to ranks while memory runs out: whichever allocation fails, a clean error and no leak. */
#include "support/folder.h"
#include "support/shortage.h"

#include "nofade.h"

static const char table[] = "model,dataset,task,metric,input_px,accuracy_pct,gflops,flops_convention,gpu,gpu_hours,test_images,lab\n"
                            "a,x,t,top1,224,76.1,4.1,unstated,V100,100,50000,one\n"
                            "b,x,t,top1,,70.0,1.8,flops,T4,10,50000,two\n"
                            "c,y,t,top1,,60.0,9,flops,,,10000,two\n";

typedef struct world {
    nf_manifests *manifests;
    nf_hardware *hardware;
    char table[FOLDER_PATH_SIZE], out[FOLDER_PATH_SIZE];
} world;

static nf_status write_all(const nf_scoring *scoring, const nf_complexities *complexities, const char *path, nf_error *error)
{
    nf_group_stats *stats = NULL;
    nf_out *out = NULL;
    nf_status status = nf_out_open(&out, path, error);
    if (status == NF_OK)
        status = nf_scoring_write_csv(scoring, 0, out, error);
    if (status == NF_OK)
        status = nf_scoring_write_json(scoring, complexities, 0, out, error);
    if (status == NF_OK)
        status = nf_score_stats(scoring, "lab", &stats, error);
    if (status == NF_OK)
        status = nf_score_stats_write_csv(scoring, stats, "lab", out, error);
    free(stats);
    nf_out_discard(out);
    return status;
}

static nf_status score(const world *w, nf_error *error)
{
    nf_models *models = NULL;
    nf_complexities complexities = {0};
    nf_scoring *scoring = NULL;
    nf_scoring_options options;
    const nf_model_defaults none = {NULL, NULL};
    nf_scoring_options_init(&options);
    options.stability = true;
    nf_status status = nf_models_new(&models, w->manifests, w->hardware, error);
    if (status == NF_OK)
        status = nf_models_read(models, w->table, &none, error);
    if (status == NF_OK)
        status = nf_complexities_add_value(&complexities, w->manifests, "x=3", error);
    if (status == NF_OK)
        status = nf_complexities_add_value(&complexities, w->manifests, "y=4", error);
    if (status == NF_OK)
        status = nf_complexities_add_references(&complexities, error);
    if (status == NF_OK)
        status = nf_scoring_new(&scoring, models, &complexities, &options, error);
    if (status == NF_OK)
        status = write_all(scoring, &complexities, w->out, error);
    nf_scoring_free(scoring);
    nf_complexities_free(&complexities);
    nf_models_free(models);
    return status;
}

static void any_allocation_may_fail(void **state)
{
    (void)state;
    folder f;
    world w = {0};
    nf_error error = {0};
    long n = 0;
    folder_open(&f);
    snprintf(w.table, sizeof w.table, "%s", folder_write(&f, "t.csv", table, sizeof table - 1));
    snprintf(w.out, sizeof w.out, "%s", folder_file(&f, "out"));
    assert_int_equal(nf_manifests_open(&w.manifests, NULL, NULL), NF_OK);
    assert_int_equal(nf_hardware_open(&w.hardware, NULL), NF_OK);
    nf_status status = NF_ERR_NOMEM;
    for (; status != NF_OK && n < 10000; n++) {
        shortage_begin(n);
        status = score(&w, &error);
        shortage_end();
        assert_true(status == NF_OK || status == NF_ERR_NOMEM || status == NF_ERR_OUTPUT || status == NF_ERR_INPUT);
        assert_true(status == NF_OK || error.message[0] != '\0');
    }
    assert_int_equal(status, NF_OK);
    assert_true(n > 20);
    nf_hardware_close(w.hardware);
    nf_manifests_close(w.manifests);
    folder_close(&f);
}

static void devices_need_memory_too(void **state)
{
    (void)state;
    nf_hardware *hardware = NULL;
    nf_status status = NF_ERR_NOMEM;
    for (long n = 0; status != NF_OK && n < 10000; n++) {
        shortage_begin(n);
        status = nf_hardware_open(&hardware, NULL);
        shortage_end();
        assert_true(status == NF_OK || status == NF_ERR_NOMEM);
        assert_true((status == NF_OK) == (hardware != NULL));
    }
    assert_int_equal(status, NF_OK);
    nf_hardware_close(hardware);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_allocation_may_fail),
        cmocka_unit_test(devices_need_memory_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
