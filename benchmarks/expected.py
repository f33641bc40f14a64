"""What other programs measure of a small image and mask, stored for tests: columns of ours are held against them.

    python benchmarks/expected.py --mcquant PYTHON --steinbock PYTHON

writes ``tests/data/quantified``. PYTHON is that of an environment with the program, made from
``benchmarks/peers/mcquant.txt`` and ``steinbock.txt``. The image is made here, from a seed: objects that touch each
other, lie in several pieces, are concave, have one pixel, or are cut by the border.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import tempfile
from pathlib import Path

import numpy as np
import tifffile

FOLDER = Path(__file__).resolve().parents[1] / "tests" / "data" / "quantified"
MARKERS = ("DNA", "CD3", "panCK")
STATISTICS = ("intensity_mean", "intensity_median", "intensity_sum", "intensity_std", "intensity_min", "intensity_max")
STEINBOCK = """
import sys
from pathlib import Path
import numpy as np, pandas as pd, tifffile
from steinbock.measurement.intensities import IntensityAggregation, measure_intensites
from steinbock.measurement.regionprops import measure_regionprops
folder, markers = Path(sys.argv[1]), sys.argv[2].split(",")
image = tifffile.imread(folder / "image.ome.tif").astype(np.float32)
mask = tifffile.imread(folder / "mask.tif").astype(np.uint16)
tables = []
for name in ("MEAN", "MEDIAN", "SUM", "STD", "MIN", "MAX"):
    table = measure_intensites(image, mask, markers, IntensityAggregation[name])
    tables.append(table.add_suffix(f"_{name.lower()}"))
shapes = ["area", "centroid", "axis_major_length", "axis_minor_length", "eccentricity", "solidity", "extent"]
tables.append(measure_regionprops(image, mask, shapes + ["orientation", "perimeter"]))
pd.concat(tables, axis=1).to_csv(folder / "steinbock.csv")
"""
VERSIONS = (
    "import json, importlib.metadata as m; "
    "print(json.dumps({n: m.version(n) for n in ('%s', 'scikit-image', 'numpy', 'tifffile')}))"
)


def make() -> None:
    """Write the image, the mask and the table of channels."""
    rng = np.random.default_rng(4)
    labels = np.zeros((96, 110), np.int32)
    y, x = np.indices(labels.shape)
    for i in range(40):
        cy, cx, a, b = rng.uniform(0, 96), rng.uniform(0, 110), *rng.uniform(2, 10, 2)
        labels[((y - cy) / a) ** 2 + ((x - cx) / b) ** 2 <= 1] = 3 * i + 2
    labels[10:30, 60:62], labels[28:30, 60:80], labels[10:12, 60:80] = 200, 200, 200  # concave
    labels[50, 50], labels[90:96, 0:4] = 300, 301
    pixels = rng.gamma(2, 300, (3, *labels.shape)) * (1 + (labels > 0)) + rng.integers(0, 50, (3, *labels.shape))
    FOLDER.mkdir(parents=True, exist_ok=True)
    tifffile.imwrite(
        FOLDER / "image.ome.tif", pixels.astype(np.uint16), photometric="minisblack", tile=(32, 32), compression="zlib",
        metadata={"axes": "CYX", "Channel": {"Name": list(MARKERS)}, "PhysicalSizeX": 0.5, "PhysicalSizeY": 0.5},
    )  # fmt: skip
    tifffile.imwrite(FOLDER / "mask.tif", labels, compression="zlib", tile=(48, 64))
    rows = [f"{i + 1},1,{name}" for i, name in enumerate(MARKERS)]
    (FOLDER / "markers.csv").write_text("\n".join(["channel_number,cycle_number,marker_name", *rows, ""]))


def mcquant(python: str, work: Path) -> dict[str, str]:
    """Run MCMICRO's quantification."""
    program = Path(python).with_name("mcquant")
    files = ["--masks", FOLDER / "mask.tif", "--image", FOLDER / "image.ome.tif", "--output", work]
    names = ["--channel_names", FOLDER / "markers.csv"]
    wanted = ["--intensity_props", *STATISTICS, "--mask_props", "perimeter"]
    subprocess.run([program, *files, *names, *wanted], check=True)
    shutil.copy(next(work.glob("*.csv")), FOLDER / "mcquant.csv")
    return _versions(python, "mcquant")


def steinbock(python: str, work: Path) -> dict[str, str]:
    """Run steinbock's measurements on the same pixels; its command line wants a viewer installed."""
    code = work / "run.py"
    code.write_text(STEINBOCK)
    subprocess.run([python, code, FOLDER, ",".join(MARKERS)], check=True)
    return _versions(python, "steinbock")


def _versions(python: str, package: str) -> dict[str, str]:
    told = subprocess.run([python, "-c", VERSIONS % package], check=True, capture_output=True, text=True).stdout
    return json.loads(told)


def main() -> None:
    """Make the files anew."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mcquant", required=True, metavar="PYTHON")
    parser.add_argument("--steinbock", required=True, metavar="PYTHON")
    given = parser.parse_args()
    make()
    versions = {}
    for program in (mcquant, steinbock):
        with tempfile.TemporaryDirectory() as work:
            versions[program.__name__] = program(getattr(given, program.__name__), Path(work))
    (FOLDER / "versions.json").write_text(json.dumps(versions, indent=1) + "\n")


if __name__ == "__main__":
    main()
