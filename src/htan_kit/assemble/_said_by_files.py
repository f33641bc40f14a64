"""What the files themselves say, where neither the MITI record nor a manifest says it."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, Final

from htan_kit.assemble._miti import Section, from_header
from htan_kit.cohort._sample import stem_of
from htan_kit.models import convert

if TYPE_CHECKING:
    from pathlib import Path

    from htan_kit.cohort import Sample
    from htan_kit.io.image import Image

__all__ = ["OBJECT_CLASSES", "add_what_files_say"]

OBJECT_CLASSES: Final = {
    "cell": "cell", "nucleus": "nuclei", "cytoplasm": "cytoplasm", "membrane": "plasma membrane",
    "plasma_membrane": "plasma membrane",
}  # fmt: skip
"""The kit's names of masks -> MITI's object classes."""

_OME: Final = (".ome.tiff", ".ome.tif", ".ome.btf", ".ome.tf2", ".ome.tf8")
_FORMATS: Final = {
    ".tif": "TIFF", ".tiff": "TIFF", ".btf": "TIFF", ".svs": "SVS", ".zarr": "OME-Zarr", ".csv": "CSV", ".tsv": "TSV",
    ".txt": "TXT", ".h5ad": "H5AD",
}  # fmt: skip


def add_what_files_say(sections: dict[str, Any], sample: Sample, image: Image | None) -> None:
    """Complete ``file``, ``ome_tiff_header``, ``processed_data`` and ``cell``.

    Parameters
    ----------
    sections
        Sections under machine keys, changed in place; the header's section is the header's to say, elsewhere what is
        there already counts more.
    sample
        The files: a mask and a table that no record names get an entry by their file's name.
    image
        The opened image, or None.
    """
    file: Section = sections["file"]
    if sample.assay:
        word = convert(
            {"Imaging Assay Type": sample.assay}, source=("htan1", "Imaging Level 2"), target=("miti", "file")
        )
        file.setdefault("assay_type", word.values.get("assay_type", sample.assay))
    if sample.channels is not None:
        file.setdefault("channel_level_metadata_csv_filename", sample.channels.name)
    if image is not None:
        header = sections["ome_tiff_header"] = sections["ome_tiff_header"] | from_header(image)
        file.setdefault("filename", image.path.name)
        _add_format(file, image.path)
        file.setdefault("pyramid", len(image.levels) > 1)
        for name, size in (("z_stack", "size_z"), ("t_series", "size_t")):
            if isinstance(header.get(size), int):
                file.setdefault(name, header[size] > 1)
    size_um = sample.pixel_size_um or (image.pixel_size_um if image is not None else None)
    for name, path in sample.masks.items():
        entry = _entry(sections["processed_data"], path)
        entry.setdefault("data_type", "mask")
        _add_class(entry, "object_class", name)
        if name == sample.mask_name and size_um is not None:  # the mask lies on the image's pixels
            for axis in "xy":
                if f"physical_size_{axis}" not in entry:
                    entry |= {f"physical_size_{axis}": size_um, f"physical_size_{axis}unit": "µm"}
    for path in sample.table:
        entry = _entry(sections["cell"], path)
        if path.suffix.lower() != ".h5ad":
            entry.setdefault("header_size", 1)
        _add_class(entry, "object_classes_included", sample.mask_name)


def _entry(entries: dict[str, Section], path: Path) -> Section:
    """Find the entry of a file, or make one."""
    found = (e for e in entries.values() if PurePosixPath(str(e.get("filename", ""))).name == path.name)
    entry = next(found, None)
    if entry is None:
        entry = entries.setdefault(stem_of(path), {})
        entry.setdefault("filename", path.name)
    _add_format(entry, path)
    return entry


def _add_format(entry: Section, path: Path) -> None:
    is_ome = path.name.lower().endswith(_OME)
    written = "OME-TIFF" if is_ome else _FORMATS.get(path.suffix.lower(), "")
    if written:
        entry.setdefault("file_format", written)


def _add_class(entry: Section, attribute: str, mask_name: str) -> None:
    if mask_name in OBJECT_CLASSES:
        entry.setdefault(attribute, OBJECT_CLASSES[mask_name])
