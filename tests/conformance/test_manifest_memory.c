/* Manifests when memory runs out at any allocation: a clean refusal, nothing left behind. */
#include "support/folder.h"
#include "support/shortage.h"

#include "manifest/manifest.h"

static const char own[] =
    "{\"schema\":1,\"id\":\"own\",\"title\":\"Own\",\"task\":\"detection\",\"labels\":\"several\",\"loader\":\"layout\","
    "\"aliases\":[\"mine\"],\"splits\":[{\"name\":\"a\",\"source\":\"s\"}],\"unions\":{\"b\":[\"a\"]},"
    "\"archives\":[{\"name\":\"x\",\"source\":\"s\"}],\"classes\":{\"count\":1,\"source\":\"s\",\"list\":[[\"c\",\"\"]]},"
    "\"layout\":{\"images\":[{\"path\":\"{key}\"}],\"label_maps\":[{\"path\":\"{key}\",\"ignored\":[1]}],"
    "\"labels\":[{\"path\":\"l\",\"reader\":\"lines\",\"columns\":[\"key\"]}],\"other_classes\":[\"d\"]}}";

static void any_allocation_may_fail(void **state)
{
    (void)state;
    folder f;
    folder_open(&f);
    folder_write(&f, "own.json", own, sizeof own - 1);
    bool done = false;
    for (long n = 0; !done; n += 1 + n / 64) {
        nf_error error = {0};
        nf_manifests *manifests;
        assert_true(n < 100000);
        shortage_begin(n);
        nf_status status = nf_manifests_open(&manifests, f.file, &error);
        done = shortage_end();
        if (status != NF_OK) {
            assert_int_equal(status, NF_ERR_NOMEM);
            assert_null(manifests);
            assert_false(done);
        } else {
            assert_non_null(nf_manifests_find(manifests, "mine"));
        }
        nf_manifests_close(manifests);
    }
    folder_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(any_allocation_may_fail)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
