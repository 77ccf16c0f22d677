/* One line per family of layouts, in the order in which detection asks them. */
NF_LOADER(cifar)
NF_LOADER(idx)
NF_LOADER(svhn)
NF_LOADER(stl10)
NF_LOADER(layout)
NF_LOADER(webdataset)
NF_LOADER(imagefolder)
