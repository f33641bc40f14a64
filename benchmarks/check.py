"""How long ``htan-kit check`` takes for many images, and how much memory: python benchmarks/check.py [images] [folder]

Each image has a header of 40 channels of 2048 x 2048 px in tiles of 512 px with three pyramid levels (840 tiles, all
of them zeros), a mask, a table of 100 objects, and rows in the manifests of Levels 2, 3 and 4; ten panels of 40
channels are shared. 1,000 of them take 0.5 GB. The goal is 1,000 images in 30 s and below 500 MB; what is measured is
a new Python that imports the kit, opens the folder and checks it. The folder is kept when it is named.
"""

from __future__ import annotations

import csv
import resource
import subprocess
import sys
import tempfile
import time
import zlib
from pathlib import Path

CHANNELS, SIDE, TILE, OBJECTS, PANELS = 40, 2048, 512, 100, 10
NAMES = ["DNA", *(f"Marker{i:02d}" for i in range(1, CHANNELS))]
BASE = {
    "EXPERIMENTAL_STRATEGY_AND_DATA_SUBTYPES": "Pathological", "DE_IDENTIFICATION_METHOD_TYPE": "Not Applicable",
    "LICENSE": "CC BY 4.0", "IMAGE_MODALITY": "SM", "IMAGING_EQUIPMENT_MANUFACTURER": "htan_kit",
    "IMAGING_EQUIPMENT_MODEL": "simulator", "CITATION_OR_DOI": "https://doi.org/10.1038/s41592-022-01415-4",
    "STAINING_METHOD": "CyCIF", "OBJECTIVE": "20x 0.75 NA", "NOMINAL_MAGNIFICATION": 20, "IMMERSION": "Air",
    "LENS_NUMERICAL_APERTURE": 0.75, "PASSED_QC": "true", "QC_COMMENT": "Simulated", "HAS_SLIDE_LABEL": "false",
    "SPECIES": "9606 (Homo sapiens)", "DE_IDENTIFIED": "true",
}  # fmt: skip
CODE = """
import resource, sys, time
start = time.perf_counter()
from collections import Counter
from htan_kit.checks import check_each
found = Counter()
for _, findings in check_each(sys.argv[1]):
    found.update(f"{f.severity} {f.rule}" for f in findings)
print(time.perf_counter() - start, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
print(*(f"  {n:>6} x {rule}" for rule, n in found.most_common(10)), sep="\\n")
"""


def write_image(path: Path, names: list[str], side: int, dtype: str, levels: int) -> None:
    """Write an image of zeros: its header is what counts."""
    import numpy as np
    import tifffile

    from htan_kit.datasets._ome import OmeChannel, OmeImage, ome_xml

    channels = tuple(OmeChannel(name) for name in names)
    xml = ome_xml(OmeImage(path.name.split(".")[0], (side, side), dtype, channels, 0.65))
    tile = zlib.compress(bytes(TILE * TILE * np.dtype(dtype).itemsize))
    with tifffile.TiffWriter(path, bigtiff=True) as tiff:
        for level in range(levels):
            size = side >> level
            tiles = len(names) * (-(-size // TILE)) ** 2
            tiff.write(
                iter([tile] * tiles), shape=(len(names), size, size), dtype=dtype, tile=(TILE, TILE),
                photometric="minisblack", compression="zlib", metadata=None, software=False,
                **({"description": xml, "subifds": levels - 1} if level == 0 else {"subfiletype": 1}),
            )  # fmt: skip


def write_cohort(folder: Path, images: int) -> None:
    """Write the folder."""
    rows: dict[str, list[dict[str, object]]] = {f"MultiplexMicroscopyLevel{level}": [] for level in (2, 3, 4)}
    rows["ChannelMetadata"] = [
        {"HTAN_PANEL_ID": f"HTA200_1_P{p}", "CHANNEL_ID": f"Channel:0:{c}", "CHANNEL_NAME": name, "TARGET_NAME": name}
        for p in range(1, PANELS + 1)
        for c, name in enumerate(NAMES)
    ]
    table = ",".join(["CellID", *NAMES, "X_centroid", "Y_centroid", "Area"]) + "\n"
    table += "".join(
        ",".join([str(i), *["1.5"] * CHANNELS, "10.5", "20.5", "99"]) + "\n" for i in range(1, OBJECTS + 1)
    )
    for level in (2, 3, 4):
        (folder / f"level{level}").mkdir(parents=True, exist_ok=True)
    for i in range(1, images + 1):
        who = f"HTA200_{i}"
        files = {2: f"level2/{who}_D1.ome.tiff", 3: f"level3/{who}_D2.ome.tiff", 4: f"level4/{who}_D3.csv"}
        write_image(folder / files[2], NAMES, SIDE, "uint16", 3)
        write_image(folder / files[3], ["cell"], SIDE, "uint32", 1)
        (folder / files[4]).write_text(table)
        panel = f"HTA200_1_P{i % PANELS + 1}"
        sizes = {f"SIZE_{axis}": SIDE if axis in "XY" else CHANNELS if axis == "C" else 1 for axis in "XYZCT"}
        own: dict[int, dict[str, object]] = {
            2: {"IMAGING_ASSAY_TYPE": "CyCIF", "PYRAMID": "true", "PHYSICAL_SIZE_X": 0.65, "PHYSICAL_SIZE_Y": 0.65}
            | {"HTAN_PANEL_ID": panel, **sizes},
            3: {"SEGMENTATION_WORKFLOW_TYPE": "htan_kit", "SEGMENTATION_METHOD": "none"}
            | {"SEGMENTATION_ANNOTATION_TYPE": "Cell"},
            4: {"FEATURE_EXTRACTION_WORKFLOW_TYPE": "htan_kit", "FEATURE_EXTRACTION_METHOD": "mean"}
            | {"MATRIX_TYPE": "Raw Counts", "NUMBER_OF_FEATURES": CHANNELS + 1, "NUMBER_OF_OBJECTS": OBJECTS},
        }
        parents = {2: f"{who}_B1", 3: f"{who}_D1", 4: f"{who}_D2"}
        for level, attributes in own.items():
            file = {"FILENAME": files[level], "FILE_FORMAT": "csv" if level == 4 else "ome-tiff"}
            ids = {"HTAN_DATA_FILE_ID": f"{who}_D{level - 1}", "HTAN_PARENT_ID": parents[level]}
            rows[f"MultiplexMicroscopyLevel{level}"].append({**file, **ids, **attributes, **BASE})
    for component, records in rows.items():
        with (folder / f"manifest_{component}.csv").open("w", newline="") as file:
            writer = csv.DictWriter(file, list(records[0]))
            writer.writeheader()
            writer.writerows(records)


def main(images: int, folder: Path) -> None:
    if not folder.is_dir() or not any(folder.iterdir()):
        start = time.perf_counter()
        write_cohort(folder, images)
        print(f"{images} images written in {time.perf_counter() - start:.0f} s")
    command = [sys.executable, "-c", CODE, str(folder)]
    first, *rest = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    seconds, kilobytes = map(float, first.split())
    cpu = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu_seconds = cpu.ru_utime + cpu.ru_stime
    print(f"{images} images checked in {seconds:.1f} s ({cpu_seconds:.1f} s CPU), {kilobytes / 1e3:.0f} MB")
    print("\n".join(rest))


if __name__ == "__main__":
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    if len(sys.argv) > 2:
        main(number, Path(sys.argv[2]))
    else:
        with tempfile.TemporaryDirectory() as temporary:
            main(number, Path(temporary))
