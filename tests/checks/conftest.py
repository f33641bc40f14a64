"""A small delivery of one image under HTAN's rules that keeps every one of them, to break one at a time."""

from __future__ import annotations

import csv
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import tifffile

import htan_kit as hk

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

BASE = {
    "EXPERIMENTAL_STRATEGY_AND_DATA_SUBTYPES": "Pathological", "DE_IDENTIFICATION_METHOD_TYPE": "Not Applicable",
    "LICENSE": "CC BY 4.0", "IMAGE_MODALITY": "SM", "IMAGING_EQUIPMENT_MANUFACTURER": "htan_kit",
    "IMAGING_EQUIPMENT_MODEL": "simulator", "CITATION_OR_DOI": "https://doi.org/10.1038/s41592-022-01415-4",
    "STAINING_METHOD": "CyCIF", "OBJECTIVE": "20x 0.75 NA", "NOMINAL_MAGNIFICATION": "20", "IMMERSION": "Air",
    "LENS_NUMERICAL_APERTURE": "0.75", "PASSED_QC": "true", "QC_COMMENT": "Simulated", "HAS_SLIDE_LABEL": "false",
    "SPECIES": "9606 (Homo sapiens)", "DE_IDENTIFIED": "true",
}  # fmt: skip
LEVELS = {"2": "MultiplexMicroscopyLevel2", "3": "MultiplexMicroscopyLevel3", "4": "MultiplexMicroscopyLevel4"}


def _rows() -> dict[str, list[dict[str, str]]]:
    files = {"2": "HTA200_1_D1.ome.tif", "3": "HTA200_1_D2.ome.tif", "4": "HTA200_1_D3.csv"}
    parents = {"2": "HTA200_1_B1", "3": "HTA200_1_D1", "4": "HTA200_1_D2"}
    own = {
        "2": {"IMAGING_ASSAY_TYPE": "CyCIF", "PYRAMID": "true", "PHYSICAL_SIZE_X": "0.5", "PHYSICAL_SIZE_Y": "0.5"}
        | {"SIZE_X": "64", "SIZE_Y": "48", "SIZE_C": "3", "SIZE_Z": "1", "SIZE_T": "1", "HTAN_PANEL_ID": "HTA200_1_P1"},
        "3": {"SEGMENTATION_WORKFLOW_TYPE": "htan_kit", "SEGMENTATION_METHOD": "none"}
        | {"SEGMENTATION_ANNOTATION_TYPE": "Cell"},
        "4": {"FEATURE_EXTRACTION_WORKFLOW_TYPE": "htan_kit", "FEATURE_EXTRACTION_METHOD": "mean"}
        | {"MATRIX_TYPE": "Raw Counts", "NUMBER_OF_FEATURES": "4", "NUMBER_OF_OBJECTS": "2"},
    }
    return {
        LEVELS[n]: [
            {"FILENAME": files[n], "FILE_FORMAT": "csv" if n == "4" else "ome-tiff", "HTAN_PARENT_ID": parents[n]}
            | {"HTAN_DATA_FILE_ID": f"HTA200_1_D{int(n) - 1}", **own[n], **BASE}
        ]
        for n in LEVELS
    }


@dataclass
class Delivery:
    """Image, mask, table, channel table and manifests; change what is to be wrong, then ``found``."""

    folder: Path
    names: list[str] | None = field(default_factory=lambda: ["DNA", "CD3", "CD8"])
    channels: list[tuple[str, str]] = field(default_factory=lambda: [(f"Channel:0:{i}", n) for i, n in _CHANNELS])
    labels: np.ndarray = field(default_factory=lambda: _labels())
    columns: dict[str, list[Any]] = field(default_factory=lambda: {c: list(v) for c, v in _CELLS.items()})
    rows: dict[str, list[dict[str, str]]] = field(default_factory=_rows)
    options: dict[str, Any] = field(default_factory=lambda: {"tile": (16, 16), "photometric": "minisblack"})
    shape: tuple[int, ...] = (3, 48, 64)
    levels: int = 1
    edit: Callable[[str], str] = str
    channel_file: str = "HTA200_1_D1_channels.csv"

    def row(self, level: int) -> dict[str, str]:
        """The manifest row of a level."""
        return self.rows[LEVELS[str(level)]][0]

    @property
    def image(self) -> Path:
        return self.folder / "HTA200_1_D1.ome.tif"

    @property
    def mask(self) -> Path:
        return self.folder / "HTA200_1_D2.ome.tif"

    def write(self) -> Path:
        """Write what was not written yet, and give the folder."""
        if not self.image.exists():
            self.write_image()
        if not self.mask.exists():
            tifffile.imwrite(self.mask, self.labels, ome=True, metadata={"axes": "YX", "Channel": {"Name": ["cell"]}})
        if self.columns:
            lines = [",".join(self.columns), *(",".join(map(str, r)) for r in zip(*self.columns.values(), strict=True))]
            (self.folder / self.row(4)["FILENAME"]).write_text("\n".join(lines) + "\n")
        if self.channels:
            lines = ["Channel ID,Channel Name", *(",".join(channel) for channel in self.channels)]
            (self.folder / self.channel_file).write_text("\n".join(lines) + "\n")
        for component, rows in self.rows.items():
            with (self.folder / f"manifest_{component}.csv").open("w", newline="") as file:
                writer = csv.DictWriter(file, list(dict.fromkeys(name for row in rows for name in row)))
                writer.writeheader()
                writer.writerows(rows)
        return self.folder

    def write_image(self) -> None:
        """Write the image with its OME-XML, edited."""
        metadata = {"axes": "CYX" if len(self.shape) == 3 else "YX", "PhysicalSizeX": 0.5, "PhysicalSizeY": 0.5}
        metadata |= {"PhysicalSizeXUnit": "µm", "PhysicalSizeYUnit": "µm"}
        metadata |= {"Channel": {"Name": self.names}} if self.names else {}
        if self.shape[-1] == 3:
            metadata["axes"] = "YXS"
        pixels = np.zeros(self.shape, np.uint8)
        with tifffile.TiffWriter(self.image, ome=True) as tiff:
            tiff.write(pixels, subifds=self.levels, metadata=metadata, **self.options)
            for level in range(1, self.levels + 1):
                tiff.write(pixels[..., :: 2**level, :: 2**level], subfiletype=1, **self.options)
        if self.edit is not str:
            before = tifffile.tiffcomment(self.image)
            after = self.edit(before)
            assert after != before
            tifffile.tiffcomment(self.image, after.encode())

    def found(self, *, pixels: bool = False) -> dict[str, hk.Finding]:
        """What check finds, by rule."""
        return {f.rule: f for f in self.all(pixels=pixels)}

    def all(self, *, pixels: bool = False) -> hk.Findings:
        """What check finds."""
        return hk.check(self.write(), pixels=pixels)


_CHANNELS = ((0, "DNA"), (1, "CD3"), (2, "CD8"))
_CELLS = {
    "CellID": [1, 2], "DNA": [5.5, 6.5], "CD3": [1.5, 2.5], "CD8": [3.5, 2.5], "X_centroid": [9.5, 39.5],
    "Y_centroid": [9.5, 29.5], "Area": [100, 100],
}  # fmt: skip


def _labels() -> np.ndarray:
    labels = np.zeros((48, 64), np.uint16)
    labels[5:15, 5:15] = 1
    labels[25:35, 35:45] = 2
    return labels


@pytest.fixture
def delivery(tmp_path: Path) -> Delivery:
    """A delivery that keeps all rules."""
    folder = tmp_path / "delivery"
    folder.mkdir()
    return Delivery(folder)
