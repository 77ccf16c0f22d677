/* Manifests: what is refused and where, what is read, and that the built-in ones are whole. */
#include "support/folder.h"

#include "base/embedded.h"
#include "manifest/manifest.h"

#define HEAD "{\"schema\":1,\"id\":\"own\",\"title\":\"Own\",\"task\":\"classification\",\"labels\":\"one\","
#define PLAIN HEAD "\"loader\":\"imagefolder\""
#define LAYOUT HEAD "\"loader\":\"layout\",\"splits\":[{\"name\":\"train\",\"source\":\"s\"}],\"layout\":"

static nf_status open_text(const char *text, size_t n, nf_manifests **manifests, nf_error *error)
{
    folder f;
    folder_open(&f);
    nf_status status = nf_manifests_open(manifests, folder_write(&f, "own.json", text, n), error);
    const char *at = status == NF_OK ? NULL : strstr(error->message, "own.json: ");
    if (at != NULL)
        memmove(error->message, at + 10, strlen(at + 10) + 1); /* "KEY.PATH: what is wrong" */
    folder_close(&f);
    return status;
}

static void assert_refused(const char *text, const char *message)
{
    nf_error error = {0};
    nf_manifests *manifests = (nf_manifests *)&error;
    nf_status status = open_text(text, strlen(text), &manifests, &error);
    if (status != NF_ERR_USAGE || strstr(error.message, message) != error.message)
        print_error("%s\n gave %d \"%s\"\n not \"%s\"\n", text, status, error.message, message);
    assert_int_equal(status, NF_ERR_USAGE);
    assert_ptr_equal(strstr(error.message, message), error.message);
    assert_null(manifests);
}

static void assert_accepted(const char *text)
{
    nf_error error = {0};
    nf_manifests *manifests;
    if (open_text(text, strlen(text), &manifests, &error) != NF_OK)
        fail_msg("%s", error.message);
    assert_non_null(nf_manifests_find(manifests, "own"));
    nf_manifests_close(manifests);
}

static void a_plain_manifest_is_accepted(void **state)
{
    (void)state;
    assert_accepted(PLAIN "}");
    assert_accepted(LAYOUT "{\"images\":[{\"path\":\"{class}/{key=@@##+}.jpg\"}]}}");
}

static void keys_are_known_present_and_of_their_type(void **state)
{
    (void)state;
    assert_refused("[]", "must be an object");
    assert_refused("{}", "schema: is missing");
    assert_refused("{\"schema\":2}", "schema: must be 1");
    assert_refused("{\"schema\":\"1\"}", "schema: must be 1");
    assert_refused("{\"schema\":1,\"id\":\"own\"}", "title: is missing");
    assert_refused(PLAIN ",\"colour\":1}", "colour: no such key");
    assert_refused("{\"schema\":1,\"id\":\"own\",\"title\":3}", "title: must be a text");
    assert_refused(HEAD "\"loader\":\"\"}", "loader: must not be empty");
    assert_refused(HEAD "\"loader\":null}", "loader: must be a text");
    assert_refused(PLAIN ",\"homepage\":7}", "homepage: must be a text");
    assert_refused(PLAIN ",\"homepage\":\"a\\u0007\"}", "homepage: holds a control character");
    assert_refused(PLAIN ",\"licence\":\"free\"}", "licence: must be an object");
    assert_refused(PLAIN ",\"licence\":{\"note\":\"free\"}}", "licence.source: is missing");
    assert_refused(PLAIN ",\"licence\":{\"note\":\"free\",\"source\":\"\"}}", "licence.source: must not be empty");
    assert_refused(PLAIN ",\"archives\":{}}", "archives: must be a list");
    assert_refused(PLAIN ",\"archives\":[1]}", "archives[0]: must be an object");
    assert_refused(PLAIN ",\"archives\":[{\"name\":\"a\"}]}", "archives[0].source: is missing");
    assert_refused(PLAIN ",\"archives\":[{\"name\":\"a\",\"source\":\"s\",\"bytes\":-1}]}", "archives[0].bytes: must be a whole");
    assert_refused(PLAIN ",\"archives\":[{\"name\":\"a\",\"source\":\"s\",\"bytes\":1.5}]}", "archives[0].bytes: must be a whole");
    assert_refused(PLAIN ",\"archives\":[{\"name\":\"a\",\"source\":\"s\",\"sha1\":\"\"}]}", "archives[0].sha1: no such key");
    assert_refused(PLAIN ",\"splits\":[{\"name\":\"a\"}]}", "splits[0].source: is missing");
    assert_refused(PLAIN ",\"subsets\":[{\"source\":\"a\"}]}", "subsets[0].name: is missing");
    assert_refused(PLAIN ",\"aliases\":[\"x\",\"\"]}", "aliases[1]: must not be empty");
    assert_refused(PLAIN ",\"aliases\":\"x\"}", "aliases: must be a list");
    assert_refused(PLAIN ",\"unions\":[]}", "unions: must be an object");
    assert_refused(PLAIN ",\"unions\":{\"a\":\"b\"}}", "unions.a: must be a list");
    assert_refused(PLAIN ",\"classes\":{\"count\":2}}", "classes.source: is missing");
    assert_refused(PLAIN ",\"classes\":{\"count\":1,\"source\":\"s\",\"list\":{}}}", "classes.list: must be a list");
    assert_refused(PLAIN ",\"classes\":{\"count\":1,\"source\":\"s\",\"list\":[[\"a\"]]}}", "classes.list[0]: must be a pair");
    assert_refused(PLAIN ",\"classes\":{\"count\":1,\"source\":\"s\",\"list\":[[\"a\",1]]}}", "classes.list[0]: must be a text");
    assert_refused(PLAIN ",\"classes\":{\"count\":1,\"source\":\"s\",\"list\":[[\"\",\"a\"]]}}", "classes.list[0]: the id is empty");
}

static void parts_must_fit_each_other(void **state)
{
    (void)state;
    assert_refused("{\"schema\":1,\"id\":\"Own\",\"title\":\"O\",\"task\":\"detection\",\"labels\":\"one\",\"loader\":\"x\"}",
                   "id: \"Own\": must be small letters");
    assert_refused("{\"schema\":1,\"id\":\"own-\",\"title\":\"O\",\"task\":\"detection\",\"labels\":\"one\",\"loader\":\"x\"}",
                   "id: \"own-\": must be");
    assert_refused("{\"schema\":1,\"id\":\"own\",\"title\":\"O\",\"task\":\"guessing\",\"labels\":\"one\",\"loader\":\"x\"}",
                   "task: \"guessing\": must be");
    assert_refused("{\"schema\":1,\"id\":\"own\",\"title\":\"O\",\"task\":\"detection\",\"labels\":\"two\",\"loader\":\"x\"}",
                   "labels: must be \"none\"");
    assert_refused(PLAIN ",\"archives\":[{\"name\":\"a\",\"source\":\"s\",\"md5\":\"00\"}]}", "archives[0].md5: must be 32 small");
    assert_refused(PLAIN ",\"archives\":[{\"name\":\"a\",\"source\":\"s\",\"md5\":\"C58F30108F718F92721AF3B95E74349A\"}]}",
                   "archives[0].md5: must be 32 small");
    assert_refused(PLAIN ",\"archives\":[{\"name\":\"a\",\"source\":\"s\",\"sha256\":\"c58f30108f718f92721af3b95e74349a\"}]}",
                   "archives[0].sha256: must be 64 small");
    assert_refused(PLAIN ",\"archives\":[{\"name\":\"a\",\"source\":\"s\"},{\"name\":\"a\",\"source\":\"s\"}]}",
                   "archives[1].name: \"a\" comes twice");
    assert_refused(PLAIN ",\"splits\":[{\"name\":\"a\",\"source\":\"s\"},{\"name\":\"a\",\"source\":\"s\"}]}",
                   "splits[1].name: \"a\" comes twice");
    assert_accepted(PLAIN ",\"splits\":[{\"name\":\"a\",\"source\":\"s\"},{\"name\":\"a\",\"subset\":\"b\",\"source\":\"s\"}]}");
    assert_refused(PLAIN ",\"splits\":[{\"name\":\"all\",\"source\":\"s\"}]}", "splits[0].name: \"all\" means");
    assert_refused(PLAIN ",\"unions\":{\"a\":[\"b\"]}}", "unions.a[0]: no split \"b\"");
    assert_refused(PLAIN ",\"unions\":{\"a\":[]}}", "unions.a: \"a\" names no split");
    assert_refused(PLAIN ",\"unions\":{\"all\":[]}}", "unions.all: \"all\" is no name");
    assert_refused(PLAIN ",\"splits\":[{\"name\":\"a\",\"source\":\"s\"}],\"unions\":{\"a\":[\"a\"]}}", "unions.a: \"a\" is no name");
    assert_refused(PLAIN ",\"default_split\":\"train\"}", "default_split: no split or union \"train\"");
    assert_refused(PLAIN ",\"classes\":{\"count\":2,\"source\":\"s\",\"list\":[[\"a\",\"\"]]}}", "classes.count: 2, but 1 are listed");
    assert_refused(PLAIN ",\"classes\":{\"count\":2,\"source\":\"s\",\"list\":[[\"a\",\"\"],[\"a\",\"\"]]}}",
                   "classes.list[1]: id \"a\" comes twice");
    assert_accepted(PLAIN ",\"classes\":{\"count\":1,\"source\":\"s\",\"list\":[[\"a\",\"\"]],\"coarse\":[[\"a\",\"\"]]}}");
    assert_refused(PLAIN ",\"extends\":\"nothing\"}", "extends: no dataset \"nothing\"");
    assert_refused(PLAIN ",\"extends\":\"own\"}", "extends: comes back to itself");
}

static void layouts_are_held_to_their_syntax(void **state)
{
    (void)state;
    static const struct {
        const char *layout, *message;
    } faults[] = {
        {"{}", "layout.images: must name"},
        {"{\"images\":[{\"split\":\"train\"}]}", "layout.images[0].path: is missing"},
        {"{\"images\":[{\"path\":\"a/{key\"}]}", "layout.images[0].path: has a \"{\" without"},
        {"{\"images\":[{\"path\":\"{a/b}\"}]}", "layout.images[0].path: has a \"{\" without"},
        {"{\"images\":[{\"path\":\"a}\"}]}", "layout.images[0].path: has a \"}\" without"},
        {"{\"images\":[{\"path\":\"{}\"}]}", "layout.images[0].path: has braces without a name"},
        {"{\"images\":[{\"path\":\"{Key}\"}]}", "layout.images[0].path: has braces without a name"},
        {"{\"images\":[{\"path\":\"{key=}\"}]}", "layout.images[0].path: has braces that hold neither"},
        {"{\"images\":[{\"path\":\"{key=+}\"}]}", "layout.images[0].path: has braces that hold neither"},
        {"{\"images\":[{\"path\":\"{key x}\"}]}", "layout.images[0].path: has braces that hold neither"},
        {"{\"images\":[{\"path\":\"/a\"}]}", "layout.images[0].path: has an empty component"},
        {"{\"images\":[{\"path\":\"a//b\"}]}", "layout.images[0].path: has an empty component"},
        {"{\"images\":[{\"path\":\"a\",\"split\":\"val\"}]}", "layout.images[0].split: no split \"val\""},
        {"{\"images\":[{\"path\":\"a\"}],\"passed_over\":[{\"path\":\"a/\",\"kind\":\"mask\"}]}", "layout.passed_over[0].path: has"},
        {"{\"images\":[{\"path\":\"a\"}],\"label_maps\":[{\"path\":\"a/\"}]}", "layout.label_maps[0].path: has"},
        {"{\"images\":[{\"path\":\"a\"}],\"label_maps\":[{\"path\":\"a\",\"ignored\":[\"0\"]}]}", "layout.label_maps[0].ignored[0]: must"},
        {"{\"images\":[{\"path\":\"a\"}],\"labels\":[{\"path\":\"a\",\"reader\":\"magic\"}]}", "layout.labels[0].reader: \"magic\""},
        {"{\"images\":[{\"path\":\"a\"}],\"labels\":[{\"path\":\"a\",\"reader\":\"lines\"}]}", "layout.labels[0].columns: go with"},
        {"{\"images\":[{\"path\":\"a\"}],\"labels\":[{\"path\":\"a\",\"reader\":\"voc-xml\",\"columns\":[\"key\"]}]}",
         "layout.labels[0].columns: go with"},
        {"{\"images\":[{\"path\":\"a\"}],\"labels\":[{\"path\":\"a\",\"reader\":\"lines\",\"columns\":[\"word\"]}]}",
         "layout.labels[0].columns: \"word\""},
        {"{\"images\":[{\"path\":\"a\"}],\"labels\":[{\"path\":\"a\",\"reader\":\"lines\",\"columns\":[\"-\",\"-\",\"-\",\"-\",\"-\",\"-\","
         "\"-\",\"-\",\"-\"]}]}", "layout.labels[0].columns: holds 9 items, more than 8"},
        {"{\"images\":[{\"path\":\"a\"}],\"labels\":[{\"path\":\"{\",\"reader\":\"voc-xml\"}]}", "layout.labels[0].path: has"},
        {"{\"images\":[{\"path\":\"a\"}],\"labels\":[{\"path\":\"a\",\"reader\":\"voc-xml\",\"split\":\"x\"}]}", "layout.labels[0].split"},
        {"{\"images\":[{\"path\":\"a\"}],\"needs\":[{\"split\":\"x\",\"archive\":\"a\"}]}", "layout.needs[0].split: no split \"x\""},
    };
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
        char text[1024];
        snprintf(text, sizeof text, LAYOUT "%s}", faults[i].layout);
        assert_refused(text, faults[i].message);
    }
    assert_refused(HEAD "\"loader\":\"layout\"}", "layout: is missing");
    assert_refused(PLAIN ",\"layout\":{\"images\":[{\"path\":\"a\"}]}}", "layout: belongs to loader");
}

static void what_is_no_json_is_refused_with_its_place(void **state)
{
    (void)state;
    static const char whole[] = PLAIN "}";
    nf_error error = {0};
    nf_manifests *manifests;
    for (size_t n = 0; n + 1 < sizeof whole - 1; n += 7) {
        assert_int_equal(open_text(whole, n, &manifests, &error), NF_ERR_USAGE);
        assert_non_null(strstr(error.message, "own.json:1:"));
    }
    assert_int_equal(open_text(PLAIN ",\"id\":\"b\"}", sizeof PLAIN + 10, &manifests, &error), NF_ERR_USAGE);
    assert_int_equal(open_text("{\"a\":\"\0\"}", 9, &manifests, &error), NF_ERR_USAGE);
    assert_int_equal(open_text("{\"a\":\"\\u0000\"}", 14, &manifests, &error), NF_ERR_USAGE);
    assert_int_equal(open_text("{\"a\":\"\xff\"}", 9, &manifests, &error), NF_ERR_USAGE);
    assert_int_equal(nf_manifests_open(&manifests, "no/such/file.json", &error), NF_ERR_INPUT);
    assert_int_equal(nf_manifests_open(&manifests, "/", &error), NF_ERR_INPUT);
}

static void too_much_is_refused(void **state)
{
    (void)state;
    size_t n = (16 << 20) + 1;
    char *text = malloc(n);
    nf_error error = {0};
    nf_manifests *manifests;
    assert_non_null(text);
    memset(text, ' ', n);
    assert_int_equal(open_text(text, n, &manifests, &error), NF_ERR_USAGE);
    assert_non_null(strstr(error.message, "more than 16 MiB"));
    memset(text, '[', n);
    assert_int_equal(open_text(text, 100000, &manifests, &error), NF_ERR_USAGE); /* deep */
    size_t used = (size_t)sprintf(text, PLAIN ",\"classes\":{\"count\":65536,\"source\":\"s\",\"list\":[[\"0\",\"\"]");
    for (int i = 1; i < 65536; i++)
        used += (size_t)sprintf(text + used, ",[\"%d\",\"\"]", i);
    sprintf(text + used, "]}}");
    assert_refused(text, "classes.list: must be a list of at most 65535");
    free(text);
}

static void names_belong_to_one_dataset(void **state)
{
    (void)state;
    assert_refused(PLAIN ",\"aliases\":[\"Image-Net 1k\"]}", "aliases: \"Image-Net 1k\" is a name of imagenet already");
    assert_refused(PLAIN ",\"aliases\":[\"mnist\"]}", "aliases: \"mnist\" is a name of mnist already");
    assert_refused(PLAIN ",\"aliases\":[\"OWN\"]}", "aliases: \"OWN\" is a name of own already");
    assert_refused(PLAIN ",\"aliases\":[\"a b\",\"AB\"]}", "aliases: \"AB\" is a name of own already");
}

static void an_own_manifest_stands_before_a_built_in_one(void **state)
{
    (void)state;
    static const char text[] = "{\"schema\":1,\"id\":\"coco\",\"title\":\"Mine\",\"aliases\":[\"MS-COCO\"],\"task\":\"detection\","
                               "\"labels\":\"several\",\"loader\":\"imagefolder\"}";
    nf_manifests *built_in, *manifests;
    assert_int_equal(nf_manifests_open(&built_in, NULL, NULL), NF_OK);
    assert_int_equal(open_text(text, sizeof text - 1, &manifests, NULL), NF_OK);
    assert_int_equal(nf_manifests_count(manifests), nf_manifests_count(built_in));
    assert_string_equal(nf_manifests_find(manifests, "ms coco")->title, "Mine");
    assert_null(nf_manifests_find(manifests, "COCO2017"));
    assert_int_equal(nf_manifests_find(manifests, "coco")->n_json_bytes, sizeof text - 1);
    nf_manifests_close(manifests);
    nf_manifests_close(built_in);
    nf_manifests_close(NULL);
}

static void every_value_arrives(void **state)
{
    (void)state;
    static const char text[] = LAYOUT
        "{\"images\":[{\"path\":\"{class}/{key}.jpg\",\"split\":\"train\",\"class\":\"c\",\"key\":\"{class}/{key}\"},{\"path\":\"x\"}],"
        "\"labels\":[{\"path\":\"l.txt\",\"reader\":\"lines\",\"split\":\"train\",\"subset\":\"s\",\"separators\":\" \\t\","
        "\"columns\":[\"key\",\"class\"],\"skip_lines\":2},{\"path\":\"a.xml\",\"reader\":\"voc-xml\"}],"
        "\"label_maps\":[{\"path\":\"m.png\",\"ignored\":[0,255]}],\"needs\":[{\"split\":\"train\",\"archive\":\"a.zip\"}],"
        "\"subset\":\"s\",\"other_classes\":[\"clutter\"]},\"metric\":\"top1\","
        "\"archives\":[{\"name\":\"a.zip\",\"bytes\":5000000000,\"source\":\"here\",\"holds\":\"all\"},{\"name\":\"b\",\"source\":\"s\"}],"
        "\"unions\":{\"both\":[\"train\"]},\"default_split\":\"both\",\"licence\":{\"note\":\"free\",\"source\":\"there\"},"
        "\"typical_size\":{\"note\":\"1 px\",\"source\":\"seen\"},\"classes\":{\"count\":1,\"source\":\"s\",\"note\":\"n\",\"list\":[[\"c\",\"C\"]]}}";
    nf_manifests *manifests;
    nf_error error = {0};
    if (open_text(text, sizeof text - 1, &manifests, &error) != NF_OK)
        fail_msg("%s", error.message);
    const nf_manifest *m = nf_manifests_find(manifests, "own");
    assert_true(m->labels == NF_LABELS_ONE && m->n_archives == 2 && m->archives[0].bytes == 5000000000 && m->archives[1].bytes == -1);
    assert_string_equal(m->archives[0].holds, "all");
    assert_string_equal(m->archives[1].md5, "");
    assert_string_equal(m->licence_source, "there");
    assert_string_equal(m->typical_size, "1 px");
    assert_true(m->n_unions == 1 && m->unions[0].n_splits == 1 && m->splits[0].images == -1);
    assert_string_equal(m->unions[0].splits[0], "train");
    assert_string_equal(m->classes[0].name, "C");
    assert_true(m->n_classes_known == 1 && m->n_coarse_classes == 0);
    const nf_layout *layout = m->layout;
    assert_string_equal(layout->images[0].key, "{class}/{key}");
    assert_string_equal(layout->images[0].class_id, "c");
    assert_string_equal(layout->images[1].key, "{key}"); /* by default */
    assert_string_equal(layout->images[1].split, "");
    assert_true(layout->labels[0].n_columns == 2 && layout->labels[0].skip_lines == 2 && layout->labels[1].skip_lines == 0);
    assert_string_equal(layout->labels[0].columns[1], "class");
    assert_string_equal(layout->labels[0].separators, " \t");
    assert_true(layout->label_maps[0].n_ignored == 2 && layout->label_maps[0].ignored[1] == 255);
    assert_string_equal(layout->label_maps[0].key, "{key}");
    assert_string_equal(layout->needs[0].archive, "a.zip");
    assert_string_equal(layout->other_classes[0], "clutter");
    nf_manifests_close(manifests);
}

/* ---- the built-in ones ---- */

static void the_datasets_of_the_papers_are_built_in(void **state)
{
    (void)state;
    static const char *const ids[] = {
        "ade20k", "caltech101", "caltech256", "cifar10", "cifar100", "cityscapes", "coco", "coco-stuff", "dsb2018", "emnist",
        "fashion-mnist", "food101", "imagenet", "isic2018", "kmnist", "mnist", "pets", "stl10", "svhn", "tiny-imagenet", "voc"};
    nf_manifests *manifests;
    nf_error error = {0};
    if (nf_manifests_open(&manifests, NULL, &error) != NF_OK)
        fail_msg("%s", error.message);
    for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++)
        assert_string_equal(nf_manifests_find(manifests, ids[i])->id, ids[i]);
    size_t n_files = 0;
    for (const nf_embedded_file *file = nf_embedded_files; file->name != NULL; file++)
        n_files += strncmp(file->name, "data-manifests/datasets/", 24) == 0;
    assert_int_equal(nf_manifests_count(manifests), n_files);
    for (size_t i = 1; i < n_files; i++)
        assert_true(strcmp(nf_manifests_get(manifests, i - 1)->id, nf_manifests_get(manifests, i)->id) < 0);
    nf_manifests_close(manifests);
}

static void other_names_find_them(void **state)
{
    (void)state;
    static const char *const names[][2] = {{"ImageNet-1K", "imagenet"}, {"ilsvrc 2012", "imagenet"}, {"CIFAR_100", "cifar100"},
                                           {"MS-COCO", "coco"}, {"Pascal VOC", "voc"}, {"Oxford-IIIT Pet", "pets"}};
    nf_manifests *manifests;
    const char *nearest[2];
    assert_int_equal(nf_manifests_open(&manifests, NULL, NULL), NF_OK);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        assert_string_equal(nf_manifests_find(manifests, names[i][0])->id, names[i][1]);
    assert_null(nf_manifests_find(manifests, "image"));
    assert_null(nf_manifests_find(manifests, ""));
    assert_true(nf_manifests_nearest(manifests, "citiscapes", nearest, 2) == 1);
    assert_string_equal(nearest[0], "cityscapes");
    nf_manifests_close(manifests);
}

static void known_figures_stand_in_them(void **state)
{
    (void)state;
    nf_manifests *manifests;
    assert_int_equal(nf_manifests_open(&manifests, NULL, NULL), NF_OK);
    const nf_manifest *imagenet = nf_manifests_find(manifests, "imagenet"), *coco = nf_manifests_find(manifests, "coco");
    assert_true(imagenet->n_classes == 1000 && imagenet->splits[0].images == 1281167);
    assert_string_equal(imagenet->classes[0].id, "n01440764");
    assert_string_equal(imagenet->classes[999].id, "n15075141");
    assert_true(coco->n_classes == 80 && coco->labels == NF_LABELS_SEVERAL);
    assert_string_equal(coco->classes[79].id, "90");
    assert_string_equal(nf_manifests_find(manifests, "coco-stuff")->extends, "coco");
    assert_int_equal(nf_manifests_find(manifests, "cifar100")->n_coarse_classes, 20);
    assert_int_equal(nf_manifests_find(manifests, "ade20k")->n_classes, 150);
    assert_string_equal(nf_manifests_find(manifests, "voc")->layout->subset, "Main");
    nf_manifests_close(manifests);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_plain_manifest_is_accepted),
        cmocka_unit_test(keys_are_known_present_and_of_their_type),
        cmocka_unit_test(parts_must_fit_each_other),
        cmocka_unit_test(layouts_are_held_to_their_syntax),
        cmocka_unit_test(what_is_no_json_is_refused_with_its_place),
        cmocka_unit_test(too_much_is_refused),
        cmocka_unit_test(names_belong_to_one_dataset),
        cmocka_unit_test(an_own_manifest_stands_before_a_built_in_one),
        cmocka_unit_test(every_value_arrives),
        cmocka_unit_test(the_datasets_of_the_papers_are_built_in),
        cmocka_unit_test(other_names_find_them),
        cmocka_unit_test(known_figures_stand_in_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
