"""A check that cannot fail checks nothing: each is run over a small tree with a fault in it, and over one without."""
import pathlib
import subprocess
import sys
import tempfile

FOLDER = pathlib.Path(__file__).resolve().parent

# check, file, text that must be refused
MODELS = ("model,variant,dataset,eval_split,task,metric,accuracy_pct,top5_pct,gmacs,gflops,flops_convention,flops_px,input_px,"
          "params_m,gpu,gpu_count,hours,gpu_hours,hours_scope,energy_kwh,energy_mj,inference_ms,inference_gpu,test_images,"
          "paper_ref,source\n")
MODEL = "a,,imagenet,val,classification,top1,76.5,,4.1,,macs,,224,25.6,,,,,,,,,,50000,,page\n"
GPUS = "name,kind,tdp_w,fp32_tflops,fp16_tflops,memory_gb,source\nGTX 1080,gpu,180,8.9,,8,page\n"
PLACES = "provider,region,country,g_co2_per_kwh,year,source\na,x,X,100,2019,page\nb,y,Y,100,2019,page\n"
FAULTS = [
    ("boundaries", "metrics/a.c", '#include "loaders/source/stream.h"\n'),
    ("boundaries", "metrics/a.c", "int f(void)\n{\n    return open(name, 0);\n}\n"),
    ("boundaries", "loaders/loader_a.c", '#include "loaders/loader_b.h"\n'),
    ("boundaries", "loaders/loader_a.c", "#include <archive.h>\n"),
    ("boundaries", "loaders/loader_a.c", "#include <png.h>\n"),
    ("boundaries", "loaders/loader_a.c", 'void f(void)\n{\n    fprintf(stderr, "x");\n}\n'),
    ("boundaries", "src/scan/scan.c", "void f(void)\n{\n    exit(1);\n}\n"),
    ("boundaries", "src/scan/scan.c", 'void f(void)\n{\n    g(getenv("HOME"));\n}\n'),
    ("boundaries", "src/cli/main.c", '#include "profile.h"\n'),
    ("boundaries", "src/scan/scan.c", "#ifdef NOFADE_CUDA\n#endif\n"),
    ("boundaries", "cuda/a.cu", '#include "scan.h"\n'),
    ("numbers", "src/a.c", "double f(const char *t)\n{\n    return atof(t);\n}\n"),
    ("numbers", "src/a.c", "void *f(size_t n, size_t m)\n{\n    return malloc(n * m);\n}\n"),
    ("numbers", "src/a.c", "void *f(size_t n)\n{\n    return realloc(p, n * sizeof *p);\n}\n"),
    ("numbers", "CMakeLists.txt", "add_compile_options(-ffast-math)\n"),
    ("lengths", "src/a.c", "void f(void)\n{\n" + "    g();\n" * 101 + "}\n"),
    ("lengths", "src/a.c", "int a;\n" * 501),
    ("words", "src/a.c", "/* TODO: the rest */\n"),
    ("words", "scripts/a", "cd /" + "work/somewhere\n"),
    ("words", "tests/a.py", "x = 1 \n"),
    ("headers", "src/a.h", "#ifndef NF_A_H\n#define NF_A_H\n#endif\n"),
    ("headers", "src/a.h", "/* nofade: a. */\n#ifndef A_H\n#define A_H\n#endif\n"),
    ("headers", "src/nofade.h", "/* nofade: api. */\n#ifndef NOFADE_H\n#define NOFADE_H\n\nint nf_f(void);\n\n#endif\n"),
    ("symbols", "a.c", "static int counter;\nint nf_f(void)\n{\n    return counter++;\n}\n"),
    ("symbols", "a.c", "int nf_f(void)\n{\n    static int seen = 1;\n    return seen++;\n}\n"),
    ("symbols", "a.c", "int helper(void)\n{\n    return 1;\n}\n"),
    ("manifests", "data-manifests/datasets/a.json", '{"id": "b"}\n'),
    ("manifests", "data-manifests/datasets/a.json", '{"id": "a", "splits": [{"name": "train", "images": 5}]}\n'),
    ("manifests", "data-manifests/datasets/a.json", '{"id": "a", "licence": {"note": "free", "source": " "}}\n'),
    ("shell", "scripts/a", "#!/usr/bin/env bash\nif true; then\n"),
    ("corpus", "data-manifests/models/a.csv", MODEL),
    ("corpus", "data-manifests/models/a.csv", MODELS + MODEL + MODEL),
    ("corpus", "data-manifests/models/a.csv", MODELS + MODEL.replace("76.5", "765")),
    ("corpus", "data-manifests/models/a.csv", MODELS + MODEL.replace("76.5", "0.765")),
    ("corpus", "data-manifests/models/a.csv", MODELS + MODEL.replace("76.5", "")),
    ("corpus", "data-manifests/models/a.csv", MODELS + MODEL.replace("4.1,,macs", "4.1,,flops")),
    ("corpus", "data-manifests/models/a.csv", MODELS + MODEL.replace("4.1,,macs", "4.1,8.2,macs")),
    ("corpus", "data-manifests/models/a.csv", MODELS + MODEL.replace("page", "")),
    ("corpus", "data-manifests/models/a.csv", MODELS + MODEL.replace("top1", "miou")),
    ("corpus", "data-manifests/hardware/gpus.csv", GPUS + "gtx-1080,gpu,180,8.9,,8,page\n"),
    ("corpus", "data-manifests/hardware/gpus.csv", GPUS + "GTX 1070,gpu,,6.5,,8,page\n"),
    ("corpus", "data-manifests/hardware/carbon-intensity.csv", PLACES + "b,Y,Y,90,2019,page\n"),
    ("corpus", "data-manifests/hardware/carbon-intensity.csv", PLACES + "b,x,X,90,2019,page\n"),
]
# What must not be refused.
CLEAN = {
    "metrics/a.c": '#include "metrics/a.h"\n#include "base/error.h"\n/* printf, exit and "loaders/" in a comment */\n'
                   "void *nf_a(size_t n, size_t m)\n{\n    snprintf(t, 9, \"exit(1)\");\n    return calloc(n, m * sizeof *p);\n}\n",
    "metrics/a.h": "/* nofade: a. */\n#ifndef NF_METRICS_A_H\n#define NF_METRICS_A_H\n\n"
                   "int nf_a(const char *f, ...) __attribute__((format(printf, 1, 2)));\n\n#endif\n",
    "src/a.c": "void *nf_b(size_t n)\n{\n    return malloc(n * 2); /* fits: n is at most 256 */\n}\n",
    "src/nofade.h": "/* nofade: api. */\n#ifndef NOFADE_H\n#define NOFADE_H\n\n/* Does f. */\nint nf_f(void);\n\n#endif\n",
    "a.c": "static const char *const names[] = {\"a\"};\nconst char *nf_a(int i)\n{\n    return names[i];\n}\n",
    "data-manifests/datasets/a.json": '{"id": "a", "splits": [{"name": "train", "source": "counted here"}]}\n',
    "scripts/a": "#!/usr/bin/env bash\necho ready\n",
    "data-manifests/models/a.csv": MODELS + MODEL + "b" + MODEL[1:].replace("25.6,,,,,", "25.6,1080,1,10,10,train"),
    "data-manifests/hardware/gpus.csv": GPUS,
    "data-manifests/hardware/gpu-aliases.csv": "alias,name,reason\n1080,GTX 1080,one board\n",
    "data-manifests/hardware/carbon-intensity.csv": PLACES,
    "data-manifests/hardware/place-aliases.csv": "alias,provider,region,reason\nExland,a,x,the country\n",
}


def exit_code(check, files):
    """Runs one check over a tree of these files."""
    with tempfile.TemporaryDirectory() as tree:
        for name, text in files.items():
            path = pathlib.Path(tree, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            path.chmod(0o755)
        if check == "symbols":
            subprocess.run(["gcc", "-fPIE", "-c", "-o", f"{tree}/a.o", f"{tree}/a.c"], check=True)
        program = ["bash", FOLDER / "check_shell.sh"] if check == "shell" else [sys.executable, FOLDER / f"check_{check}.py"]
        return subprocess.run([*program, tree], capture_output=True, text=True).returncode


wrong = 0
for check, name, text in FAULTS:
    if exit_code(check, {name: text}) in (0, 77):
        wrong += 1
        print(f"check_{check} accepts this {name}:\n{text[:200]}")
for check in sorted({fault[0] for fault in FAULTS}):
    if exit_code(check, CLEAN) not in (0, 77):
        wrong += 1
        print(f"check_{check} refuses clean files")
print(f"{len(FAULTS)} faults tried, {wrong} wrong answers")
sys.exit(1 if wrong else 0)
