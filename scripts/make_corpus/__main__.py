"""Makes data-manifests/models, papers and hardware from a folder of source tables: python3 scripts/make_corpus SOURCE [ROOT]

The source tables are no part of this repository. Without ROOT the tables of this repository are written anew.
"""
import pathlib
import sys

import common
import hardware
import models
import papers

if len(sys.argv) not in (2, 3) or sys.argv[1].startswith("-"):
    sys.exit("usage: python3 scripts/make_corpus SOURCE [ROOT]")
source = pathlib.Path(sys.argv[1])
root = pathlib.Path(sys.argv[2] if len(sys.argv) == 3 else pathlib.Path(__file__).resolve().parents[2]) / "data-manifests"

for name, rows in [*models.tables(source), *papers.tables(source)]:
    common.write(root / "models" / name, common.COLUMNS, rows, common.KEY)
common.write(root / "papers" / "printed.csv", papers.PRINTED, papers.figures(source), papers.PRINTED[:8])
common.write(root / "hardware" / "gpus.csv", hardware.GPU_COLUMNS, hardware.gpus(source), ["kind", "name"])
common.write(root / "hardware" / "gpu-aliases.csv", ["alias", "name", "reason"], hardware.gpu_aliases(), ["alias"])
common.write(root / "hardware" / "carbon-intensity.csv", hardware.PLACE_COLUMNS, hardware.places(source),
             ["provider", "region"])
common.write(root / "hardware" / "place-aliases.csv", ["alias", "provider", "region", "reason"], hardware.place_aliases(source),
             ["alias"])
