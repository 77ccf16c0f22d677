/* The same cases as test_cuda_device.c on a real device, where the machine has one. */
#include "support/cuda_cases.h"

static void batches_of_every_shape_have_the_counts_of_plain_c(void **state)
{
    check_every_shape_of_batch(*state);
    check_large_images(*state);
}

static void matrices_of_every_shape_have_the_distances_of_plain_c(void **state)
{
    check_every_shape_of_matrix(*state);
    check_distances(*state, 2900, 2, 0, NF_LOG_E);
}

int main(void)
{
    nf_gpu *gpu = NULL;
    nf_error error = {0};
    nf_status status = nf_gpu_open(&gpu, &error);
    if (status == NF_ERR_USAGE) {
        printf("SKIP test_cuda_gpu: %s\n", error.message);
        return 77;
    }
    if (status != NF_OK) {
        printf("test_cuda_gpu: %s\n", error.message);
        return 1;
    }
    printf("on %s\n", nf_gpu_name(gpu));
    struct CMUnitTest tests[] = {
        cmocka_unit_test_prestate(batches_of_every_shape_have_the_counts_of_plain_c, gpu),
        cmocka_unit_test_prestate(matrices_of_every_shape_have_the_distances_of_plain_c, gpu),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    nf_gpu_close(gpu);
    return failed;
}
