"""What the source tables leave open or have wrong, decided row by row; data-manifests/models/README.md gives the evidence."""

# (start of the source cell, start of the model's name): the convention of a figure that the source leaves unstated.
UNSTATED = [
    ("sithu31296/semantic-segmentation", "SegFormer", "macs", "[MACs: a count of the layers gives 15.9, 62.3 and 79.0]"),
    ("sithu31296/semantic-segmentation", "Lawin", "macs", "[MACs: half of it would be less than the encoder alone]"),
    ("sithu31296/semantic-segmentation", "Light-Ham", "macs", "[MACs: half of it would be less than the encoder alone]"),
    ("sithu31296/semantic-segmentation", "TopFormer", "macs", "[MACs: counted by mmsegmentation's tool]"),
    ("clovaai/c3_sinet", "C3Net", "macs", "[MACs: the same table has 1.22 for SINet, of 1.42 multiply-adds]"),
    ("MSiam/TFSegmentation", "ENet", "flops", "[FLOPs: a count of the layers gives 1.73 multiply-adds]"),
    ("MSiam/TFSegmentation", "ShuffleSeg", "flops", "[FLOPs: a count of the layers gives 1.0 multiply-adds]"),
]

# openmmlab: names that stand twice upstream with another result each. The metafile's Weights tell them apart.
WEIGHTS = {
    ("bisenetv1_r50-d32-in1k-pre_4xb4-160k_coco-stuff164k-512x512", "34.88"):
        "bisenetv1_r50-d32_in1k-pre_lr5e-3_4x4_512x512_160k",
    ("bisenetv1_r50-d32-in1k-pre_4xb4-160k_coco-stuff164k-512x512", "31.14"):
        "bisenetv1_r101-d32_lr5e-3_4x4_512x512_160k",
    ("deeplabv3plus_r101-d8_4xb4-160k_ade20k-512x512", "44.6"): "deeplabv3plus_r101-d8_512x512_80k",
    ("deeplabv3plus_r101-d8_4xb4-160k_ade20k-512x512", "45.47"): "deeplabv3plus_r101-d8_512x512_160k",
    ("fastfcn_r50-d32_jpu_aspp_4xb2-80k_cityscapes-512x1024", "79.12"): "fastfcn_r50-d32_jpu_aspp_512x1024_80k",
    ("fastfcn_r50-d32_jpu_aspp_4xb2-80k_cityscapes-512x1024", "79.52"): "fastfcn_r50-d32_jpu_aspp_4x4_512x1024_80k",
    ("fastfcn_r50-d32_jpu_psp_4xb2-80k_cityscapes-512x1024", "79.26"): "fastfcn_r50-d32_jpu_psp_512x1024_80k",
    ("fastfcn_r50-d32_jpu_psp_4xb2-80k_cityscapes-512x1024", "78.76"): "fastfcn_r50-d32_jpu_psp_4x4_512x1024_80k",
    ("fastfcn_r50-d32_jpu_enc_4xb2-80k_cityscapes-512x1024", "77.97"): "fastfcn_r50-d32_jpu_enc_512x1024_80k",
    ("fastfcn_r50-d32_jpu_enc_4xb2-80k_cityscapes-512x1024", "78.6"): "fastfcn_r50-d32_jpu_enc_4x4_512x1024_80k",
    ("ocrnet_hr18s_4xb4-80k_ade20k-512x512", "35.06"): "ocrnet_hr18s_512x512_80k",
    ("ocrnet_hr18s_4xb4-80k_ade20k-512x512", "37.19"): "ocrnet_hr18s_512x512_160k",
    ("ocrnet_hr18_4xb4-80k_ade20k-512x512", "37.79"): "ocrnet_hr18_512x512_80k",
    ("ocrnet_hr18_4xb4-80k_ade20k-512x512", "39.32"): "ocrnet_hr18_512x512_160k",
    ("pspnet_r50b-d32_4xb2-80k_cityscapes-512x1024", "73.88"): "pspnet_r50-d32_512x1024_80k",
    ("pspnet_r50b-d32_4xb2-80k_cityscapes-512x1024", "72.61"): "pspnet_r50b-d32_512x1024_80k",
    ("twins_pcpvt-l_uperhead_8xb2-160k_ade20k-512x512", "49.35"): "twins_pcpvt-l_uperhead_8x2_512x512_160k",
    ("twins_pcpvt-l_uperhead_8xb2-160k_ade20k-512x512", "49.65"): "twins_svt-l_uperhead_8x2_512x512_160k",
}
# openmmlab: (model, printed value) whose metric upstream is misnamed, and what it is.
METRIC = {
    ("mask-rcnn_r50-caffe_fpn_rpn-2conv_4conv1fc_syncbn-all_lsj-100e_coco", "40.4"):
        ("mask_map", "; upstream prints box AP a second time, under Instance Segmentation"),
}
# openmmlab: two rows that carry each other's figure.
EXCHANGED = {
    "efficientnet-l2_3rdparty-ra-noisystudent_in1k-475px": "174.204",
    "efficientnet-l2_3rdparty-ra-noisystudent_in1k-800px": "484.984",
}
EXCHANGED_NOTE = "; GMACs of the 475 and 800 px rows exchanged (timm: 172.11 and 479.84)"

# Sizes at which FLOPs were counted, where that is not the size of the accuracy: (table, model, data set) to size.
FLOPS_PX = {
    ("openmmlab", "YOLOX-tiny P5 416", "coco"): "640",
    ("nofade-papers", "EfficientNetV2-XL (ImageNet-21k pretrained)", "imagenet"): "512",
    ("extra", "UPerNet Swin-T (ImageNet-1K 512x512)", "ade20k"): "512x2048",
    ("extra", "UperNet Swin-S (ImageNet-1K 512x512)", "ade20k"): "512x2048",
    ("extra", "UperNet Swin-B (ImageNet-1K 512x512)", "ade20k"): "512x2048",
    ("extra", "UPerNet Swin-B (ImageNet-22K 640x640)", "ade20k"): "640x2560",
    ("extra", "UperNet Swin-L (ImageNet-22K 640x640)", "ade20k"): "640x2560",
    ("extra", "DeepLabv3 ResNet(D)-50b", "ade20k"): "224",
    ("extra", "DeepLabv3 ResNet(D)-101b", "ade20k"): "224",
    ("extra", "DeepLabv3 ResNet(D)-101b", "voc"): "224",
    ("extra", "DeepLabv3 ResNet(D)-152b", "voc"): "224",
    ("extra", "DeepLabv3 ResNet(D)-101b", "coco-semantic"): "224",
    ("extra", "DeepLabv3 ResNet(D)-152b", "coco-semantic"): "480",
}
for name in ("SegFormer MiT-B1", "SegFormer MiT-B2", "SegFormer MiT-B3", "Lawin MiT-B1", "Lawin MiT-B2", "Lawin MiT-B3"):
    FLOPS_PX["extra", name, "cityscapes"] = "1024x2048"

# Sizes of the accuracy that the source's page gives and neither the model's name nor the source cell repeats.
INPUT_PX = {"YOLOX-Nano": "416", "YOLOX-Tiny": "416", "YOLOX-s": "640", "YOLOX-m": "640", "YOLOX-l": "640", "YOLOX-x": "640",
            "YOLOX-Darknet53": "640"}

# Gowda's tables: the convention of each GFLOPs figure.
GOWDA = {"PSPNet": "macs", "DeepLabv3": "macs", "BiSeNet": "macs", "Segmenter": "macs", "SETR": "macs", "Mask2Former": "macs",
         "BEiT": "macs", "MAE": "macs", "Timesformer": "macs", "TSM": "macs", "Uni V2 (IN21K)": "unstated",
         "Uni V2 (CLIP)": "unstated", "I3D": "unstated", "MoviNet": "unstated", "TRN": "unstated"}
