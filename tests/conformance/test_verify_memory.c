/* A verification when memory runs out at any allocation: a clean refusal, nothing left behind. */
#include "support/archives.h"
#include "support/folder.h"
#include "support/shortage.h"

#include "nofade.h"

static const char own[] =
    "{\"schema\":1,\"id\":\"own\",\"title\":\"Own\",\"task\":\"classification\",\"labels\":\"one\",\"loader\":\"layout\","
    "\"homepage\":\"https://example.org\",\"classes\":{\"count\":2,\"source\":\"s\",\"list\":[[\"cat\",\"Cat\"],[\"dog\",\"Dog\"]]},"
    "\"archives\":[{\"name\":\"set.tar\",\"bytes\":7,\"md5\":\"900150983cd24fb0d6963f7d28e17f72\",\"source\":\"s\"},"
    "{\"name\":\"more.tar\",\"source\":\"s\"}],"
    "\"splits\":[{\"name\":\"val\",\"images\":9,\"images_per_class\":4,\"source\":\"s\"},{\"name\":\"test\",\"source\":\"s\"}],"
    "\"layout\":{\"images\":[{\"path\":\"{key=v#}.png\",\"split\":\"val\"}],"
    "\"labels\":[{\"path\":\"val.txt\",\"reader\":\"lines\",\"split\":\"val\",\"separators\":\" \",\"columns\":[\"key\",\"class\"]}]}}";

/* The beginning of a picture, which is all that counting looks at; one that is repeated, and one that labels alone name. */
static void make_set(nf_buf *tar)
{
    static const uint8_t png[] = "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\0\0\0\0";
    static const char labels[] = "v1 cat\nv2 dog\nv3 cow\nv4 cat\n";
    put_tar(tar, "val.txt", '0', labels, sizeof labels - 1);
    put_tar(tar, "v1.png", '0', png, sizeof png - 1);
    put_tar(tar, "v2.png", '0', png, sizeof png - 1);
    put_tar(tar, "v3.png", '0', png, sizeof png - 1);
    put_tar(tar, "v1.png", '0', png, sizeof png - 1);
    put_tar_end(tar);
}

static bool differs(const nf_verification *verification, const char *subject, const char *kind)
{
    for (size_t i = 0; i < verification->parts.n; i++) {
        const nf_check *check = &verification->parts.items[i];
        if (strcmp(check->subject, subject) == 0 && strcmp(check->kind, kind) == 0)
            return check->status == NF_CHECK_DIFFERS;
    }
    return false;
}

static void any_allocation_may_fail(void **state)
{
    (void)state;
    folder f;
    nf_buf tar = {0};
    make_set(&tar);
    folder_open(&f);
    char *manifest = strdup(folder_write(&f, "own.json", own, sizeof own - 1));
    char *path = strdup(folder_write(&f, "set.tar", tar.data, tar.len));
    const char *const paths[] = {path};
    nf_scan_options scan;
    nf_scan_options_init(&scan);
    scan.manifest = manifest;
    scan.as = "own";
    bool done = false;
    for (long n = 0; !done; n += 1 + n / 64) {
        nf_error error = {0};
        nf_verification *verification;
        assert_true(n < 100000);
        shortage_begin(n);
        nf_status status = nf_verify(paths, 1, &(nf_verify_options){&scan, false, false}, &verification, &error);
        done = shortage_end();
        if (status == NF_OK) {
            static const char *const kinds[] = {"images", "listed", "classes", "per class"};
            for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
                assert_true(differs(verification, "val", kinds[i]));
            assert_true(differs(verification, "", "readable"));
        } else {
            assert_int_equal(status, NF_ERR_NOMEM);
            assert_null(verification);
            assert_false(done);
        }
        nf_verification_free(verification);
    }
    folder_close(&f);
    nf_buf_free(&tar);
    free(manifest);
    free(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(any_allocation_may_fail)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
