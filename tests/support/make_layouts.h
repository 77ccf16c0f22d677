/* Small sets in their published layouts, a few images each, as the archives they come in. Written from what is published about
 * the sets, with nothing of the loaders. */
#ifndef NF_TESTS_SUPPORT_MAKE_LAYOUTS_H
#define NF_TESTS_SUPPORT_MAKE_LAYOUTS_H

#include "support/archives.h"
#include "support/make_mat.h"
#include "support/make_png.h"

#include "sample/draw.h"

enum { ARCHIVES_MAX = 3, PICTURE_PX = 16 };

typedef struct made_archive {
    const char *name; /* ends in .zip, .tar or .tar.gz */
    nf_buf tar;       /* while it is being made, and when it is whole: all of its bytes */
    zip_maker zip;
} made_archive;

typedef struct made_set {
    size_t n;
    made_archive archives[ARCHIVES_MAX];
} made_set;

static inline bool is_named(const made_archive *archive, const char *end)
{
    size_t n = strlen(archive->name), m = strlen(end);
    return n >= m && strcmp(archive->name + n - m, end) == 0;
}

static inline made_archive *new_archive(made_set *set, const char *name)
{
    assert_true(set->n < ARCHIVES_MAX);
    set->archives[set->n].name = name;
    return &set->archives[set->n++];
}

static inline void add_member(made_archive *archive, const char *path, const void *data, size_t n)
{
    if (is_named(archive, ".zip"))
        put_zip(&archive->zip, path, data, n, (zip_options){.deflate = true});
    else
        put_tar(&archive->tar, path, '0', data, n);
}

static inline void add_text(made_archive *archive, const char *path, const char *text)
{
    add_member(archive, path, text, strlen(text));
}

/* After the last member: archives[i].tar holds the whole file. */
static inline void end_archives(made_set *set)
{
    for (size_t i = 0; i < set->n; i++) {
        made_archive *archive = &set->archives[i];
        if (is_named(archive, ".zip")) {
            put_zip_end(&archive->zip);
            archive->tar = archive->zip.all;
            continue;
        }
        put_tar_end(&archive->tar);
        if (is_named(archive, ".gz")) {
            nf_buf plain = archive->tar;
            archive->tar = (nf_buf){0};
            put_gzip(&archive->tar, plain.data, plain.len);
            nf_buf_free(&plain);
        }
    }
}

static inline void free_archives(made_set *set)
{
    for (size_t i = 0; i < set->n; i++)
        nf_buf_free(&set->archives[i].tar);
}

/* ---- pictures ---- */


static inline void draw_picture(nf_buf *to, unsigned index)
{
    uint8_t rgb[3 * PICTURE_PX * PICTURE_PX], bytes[4096];
    png_image image = {.version = PNG_IMAGE_VERSION, .width = PICTURE_PX, .height = PICTURE_PX, .format = PNG_FORMAT_RGB};
    png_alloc_size_t n = sizeof bytes;
    nf_sample_draw((nf_sample_class)(index % NF_SAMPLE_CLASSES), index, PICTURE_PX, PICTURE_PX, rgb);
    assert_int_not_equal(png_image_write_to_memory(&image, bytes, &n, 0, rgb, 0, NULL), 0);
    put(to, bytes, n);
}

static inline void add_picture(made_archive *archive, const char *path, unsigned index)
{
    nf_buf png = {0};
    draw_picture(&png, index);
    add_member(archive, path, png.data, png.len);
    nf_buf_free(&png);
}

static inline unsigned seven_or_eleven(uint32_t x, uint32_t y, unsigned c)
{
    (void)y;
    return x < PICTURE_PX / 2 ? 7 : 11 + c;
}

static inline unsigned black_or_white(uint32_t x, uint32_t y, unsigned c)
{
    (void)y;
    return x < PICTURE_PX / 2 ? 0 : 255 - c;
}

/* A grey PNG of 8 bits whose values are classes. */
static inline void add_map(made_archive *archive, const char *path, sample_function *values)
{
    nf_buf png = {0};
    make_png(&png, (png_kind){8, PNG_COLOR_TYPE_GRAY, PNG_INTERLACE_NONE}, PICTURE_PX, PICTURE_PX, 0, values);
    add_member(archive, path, png.data, png.len);
    nf_buf_free(&png);
}

/* ---- the sets ---- */

static inline void make_imagenet_train(made_set *set)
{
    static const char *const ids[] = {"n01440764", "n02105855", "n15075141"};
    made_archive *train = new_archive(set, "ILSVRC2012_img_train.tar");
    for (unsigned k = 0; k < 3; k++) {
        nf_buf tar = {0};
        char path[64];
        for (unsigned i = 0; i < 2; i++) {
            nf_buf png = {0};
            draw_picture(&png, 10 * k + i);
            snprintf(path, sizeof path, "%s_%u.JPEG", ids[k], 18 + i);
            put_tar(&tar, path, '0', png.data, png.len);
            nf_buf_free(&png);
        }
        put_tar_end(&tar);
        snprintf(path, sizeof path, "%s.tar", ids[k]);
        add_member(train, path, tar.data, tar.len);
        nf_buf_free(&tar);
    }
}

/* Its truth counts classes in the order of meta.mat, which is none of the ids. */
static inline void make_imagenet_val(made_set *set)
{
    static const mat_synset synsets[] = {{1, 0, "n02119789", "kit fox, Vulpes macrotis"}, {2, 0, "n01440764", "tench"},
                                         {3, 2, "n00001740", "entity"}};
    made_archive *val = new_archive(set, "ILSVRC2012_img_val.tar"), *devkit = new_archive(set, "ILSVRC2012_devkit_t12.tar.gz");
    nf_buf meta = {0};
    add_picture(val, "ILSVRC2012_val_00000003.JPEG", 3);
    add_picture(val, "ILSVRC2012_val_00000001.JPEG", 1);
    add_picture(val, "ILSVRC2012_val_00000002.JPEG", 2);
    put_mat_header(&meta, false);
    put_mat_synsets(&meta, "synsets", synsets, 3, (mat_options){.compressed = true, .small = true});
    add_member(devkit, "ILSVRC2012_devkit_t12/data/meta.mat", meta.data, meta.len);
    add_text(devkit, "ILSVRC2012_devkit_t12/data/ILSVRC2012_validation_ground_truth.txt", "2\n1\n2\n");
    nf_buf_free(&meta);
}

static inline void make_tiny_imagenet(made_set *set)
{
    made_archive *zip = new_archive(set, "tiny-imagenet-200.zip");
    add_text(zip, "tiny-imagenet-200/words.txt", "n00001740\tentity\nn02124075\tEgyptian cat\nn04067472\treel\n");
    add_text(zip, "tiny-imagenet-200/wnids.txt", "n02124075\nn04067472\n");
    add_text(zip, "tiny-imagenet-200/train/n02124075/n02124075_boxes.txt", "n02124075_0.JPEG\t0\t0\t63\t63\n");
    add_picture(zip, "tiny-imagenet-200/train/n02124075/images/n02124075_0.JPEG", 1);
    add_picture(zip, "tiny-imagenet-200/train/n04067472/images/n04067472_0.JPEG", 2);
    add_picture(zip, "tiny-imagenet-200/train/n04067472/images/n04067472_1.JPEG", 3);
    add_picture(zip, "tiny-imagenet-200/val/images/val_0.JPEG", 4);
    add_text(zip, "tiny-imagenet-200/val/val_annotations.txt", "val_0.JPEG\tn04067472\t0\t32\t44\t62\n");
    add_picture(zip, "tiny-imagenet-200/test/images/test_0.JPEG", 5);
}

static inline void make_voc(made_set *set)
{
    made_archive *tar = new_archive(set, "VOCtrainval_06-Nov-2007.tar");
    add_text(tar, "VOCdevkit/VOC2007/Annotations/000012.xml",
             "<annotation><object><name>car</name></object><object><name>person</name><part><name>head</name></part></object>"
             "</annotation>");
    add_text(tar, "VOCdevkit/VOC2007/Annotations/000017.xml", "<annotation><object><name>person</name></object></annotation>");
    add_text(tar, "VOCdevkit/VOC2007/Annotations/000005.xml", "<annotation><object><name>chair</name></object></annotation>");
    add_text(tar, "VOCdevkit/VOC2007/ImageSets/Main/train.txt", "000012\n000017\n");
    add_text(tar, "VOCdevkit/VOC2007/ImageSets/Main/val.txt", "000005\n");
    add_text(tar, "VOCdevkit/VOC2007/ImageSets/Main/car_train.txt", "000012  1\n000017 -1\n");
    add_picture(tar, "VOCdevkit/VOC2007/JPEGImages/000005.jpg", 1);
    add_picture(tar, "VOCdevkit/VOC2007/JPEGImages/000012.jpg", 2);
    add_picture(tar, "VOCdevkit/VOC2007/JPEGImages/000017.jpg", 3);
    add_map(tar, "VOCdevkit/VOC2007/SegmentationClass/000012.png", seven_or_eleven);
}

static inline void make_coco(made_set *set)
{
    made_archive *train = new_archive(set, "train2017.zip"), *notes = new_archive(set, "annotations_trainval2017.zip");
    add_picture(train, "train2017/000000000009.jpg", 1);
    add_picture(train, "train2017/000000000025.jpg", 2);
    add_picture(train, "train2017/000000000030.jpg", 3);
    add_text(notes, "annotations/instances_train2017.json",
             "{\"info\":{\"year\":2017},\"licenses\":[],\"images\":[{\"file_name\":\"000000000009.jpg\",\"id\":9},"
             "{\"file_name\":\"000000000025.jpg\",\"id\":25},{\"file_name\":\"000000000030.jpg\",\"id\":30}],"
             "\"annotations\":[{\"segmentation\":[[1.5,2]],\"image_id\":9,\"category_id\":18,\"id\":1},"
             "{\"segmentation\":{\"counts\":[1,2],\"size\":[16,16]},\"image_id\":9,\"category_id\":1,\"id\":2},"
             "{\"image_id\":25,\"category_id\":1,\"id\":3}],\"categories\":[{\"supercategory\":\"person\",\"id\":1,"
             "\"name\":\"person\"},{\"supercategory\":\"animal\",\"id\":18,\"name\":\"dog\"}]}");
    add_text(notes, "annotations/captions_train2017.json", "{\"annotations\":[{\"caption\":\"a dog\"}]}");
}

static inline void make_coco_stuff(made_set *set)
{
    made_archive *train = new_archive(set, "train2017.zip"), *maps = new_archive(set, "stuffthingmaps_trainval2017.zip");
    add_picture(train, "train2017/000000000009.jpg", 1);
    add_picture(train, "train2017/000000000025.jpg", 2);
    add_map(maps, "train2017/000000000009.png", seven_or_eleven);
    add_map(maps, "train2017/000000000025.png", black_or_white);
}

static inline void make_cityscapes(made_set *set)
{
    made_archive *left = new_archive(set, "leftImg8bit_trainvaltest.zip"), *fine = new_archive(set, "gtFine_trainvaltest.zip");
    for (unsigned i = 0; i < 3; i++) {
        char path[128];
        snprintf(path, sizeof path, "leftImg8bit/%s/ulm/ulm_%06u_000019_leftImg8bit.png", i < 2 ? "train" : "val", i);
        add_picture(left, path, i);
        snprintf(path, sizeof path, "gtFine/%s/ulm/ulm_%06u_000019_gtFine_labelIds.png", i < 2 ? "train" : "val", i);
        add_map(fine, path, seven_or_eleven);
        snprintf(path, sizeof path, "gtFine/%s/ulm/ulm_%06u_000019_gtFine_color.png", i < 2 ? "train" : "val", i);
        add_picture(fine, path, i);
        snprintf(path, sizeof path, "gtFine/%s/ulm/ulm_%06u_000019_gtFine_polygons.json", i < 2 ? "train" : "val", i);
        add_text(fine, path, "{\"objects\": []}");
    }
}

static inline void make_ade20k(made_set *set)
{
    made_archive *zip = new_archive(set, "ADEChallengeData2016.zip");
    add_map(zip, "ADEChallengeData2016/annotations/training/ADE_train_00000001.png", seven_or_eleven);
    add_map(zip, "ADEChallengeData2016/annotations/training/ADE_train_00000002.png", seven_or_eleven);
    add_picture(zip, "ADEChallengeData2016/images/training/ADE_train_00000001.jpg", 1);
    add_picture(zip, "ADEChallengeData2016/images/training/ADE_train_00000002.jpg", 2);
    add_picture(zip, "ADEChallengeData2016/images/validation/ADE_val_00000001.jpg", 3);
    add_text(zip, "ADEChallengeData2016/objectInfo150.txt", "Idx\tRatio\tTrain\tVal\tStuff\tName\n");
    add_text(zip, "ADEChallengeData2016/sceneCategories.txt", "ADE_train_00000001 airport_terminal\n");
}

static inline void make_isic2018(made_set *set)
{
    made_archive *input = new_archive(set, "ISIC2018_Task1-2_Training_Input.zip"),
                 *truth = new_archive(set, "ISIC2018_Task1_Training_GroundTruth.zip");
    add_text(input, "ISIC2018_Task1-2_Training_Input/LICENSE.txt", "licence\n");
    add_picture(input, "ISIC2018_Task1-2_Training_Input/ISIC_0000000.jpg", 1);
    add_picture(input, "ISIC2018_Task1-2_Training_Input/ISIC_0000001.jpg", 2);
    add_map(truth, "ISIC2018_Task1_Training_GroundTruth/ISIC_0000000_segmentation.png", black_or_white);
    add_map(truth, "ISIC2018_Task1_Training_GroundTruth/ISIC_0000001_segmentation.png", black_or_white);
}

static inline void make_dsb2018(made_set *set)
{
    made_archive *zip = new_archive(set, "stage1_train.zip");
    for (unsigned i = 0; i < 2; i++) {
        char path[256];
        snprintf(path, sizeof path, "%064x/images/%064x.png", i + 1, i + 1);
        add_picture(zip, path, i);
        for (unsigned k = 0; k < 3; k++) {
            snprintf(path, sizeof path, "%064x/masks/%064x.png", i + 1, 100 * i + k);
            add_map(zip, path, black_or_white);
        }
    }
}

static inline void make_caltech101(made_set *set)
{
    made_archive *tar = new_archive(set, "101_ObjectCategories.tar.gz");
    add_picture(tar, "101_ObjectCategories/accordion/image_0001.jpg", 1);
    add_picture(tar, "101_ObjectCategories/accordion/image_0002.jpg", 2);
    add_picture(tar, "101_ObjectCategories/BACKGROUND_Google/image_0001.jpg", 3);
    add_picture(tar, "101_ObjectCategories/Faces_easy/image_0001.jpg", 4);
}

static inline void make_caltech256(made_set *set)
{
    made_archive *tar = new_archive(set, "256_ObjectCategories.tar");
    add_picture(tar, "256_ObjectCategories/001.ak47/001_0001.jpg", 1);
    add_picture(tar, "256_ObjectCategories/256.toad/256_0001.jpg", 2);
    add_picture(tar, "256_ObjectCategories/257.clutter/257_0001.jpg", 3);
}

static inline void make_food101(made_set *set)
{
    made_archive *tar = new_archive(set, "food-101.tar.gz");
    add_picture(tar, "food-101/images/apple_pie/1005649.jpg", 1);
    add_picture(tar, "food-101/images/apple_pie/1011328.jpg", 2);
    add_picture(tar, "food-101/images/baklava/1006121.jpg", 3);
    add_text(tar, "food-101/meta/classes.txt", "apple_pie\nbaklava");
    add_text(tar, "food-101/meta/train.txt", "apple_pie/1005649\nbaklava/1006121\n");
    add_text(tar, "food-101/meta/test.txt", "apple_pie/1011328\n");
}

static inline void make_pets(made_set *set)
{
    made_archive *images = new_archive(set, "images.tar.gz"), *notes = new_archive(set, "annotations.tar.gz");
    add_picture(images, "images/Abyssinian_100.jpg", 1);
    add_picture(images, "images/american_bulldog_2.jpg", 2);
    add_picture(images, "images/american_bulldog_3.jpg", 3);
    add_text(images, "images/Abyssinian_100.mat", "MATLAB 5.0");
    add_text(notes, "annotations/trainval.txt", "Abyssinian_100 1 1 1\namerican_bulldog_2 2 2 1\n");
    add_text(notes, "annotations/test.txt", "american_bulldog_3 2 2 1\n");
    add_map(notes, "annotations/trimaps/Abyssinian_100.png", black_or_white);
    add_text(notes, "annotations/trimaps/._Abyssinian_100.png", "Mac OS X");
}

#endif
