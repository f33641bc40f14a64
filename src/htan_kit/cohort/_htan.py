"""HTAN manifests: the records say which files belong together; the files must lie in the folder."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from htan_kit import lineage
from htan_kit.cohort._files import FileIndex, text_tables
from htan_kit.cohort._sample import Sample, stem_of
from htan_kit.findings import Findings, error
from htan_kit.io.channel_table import is_channel_table
from htan_kit.io.manifest import is_manifest, read_manifest

if TYPE_CHECKING:
    from pathlib import Path

    from htan_kit.io.manifest import Record
    from htan_kit.lineage import Unit

__all__ = ["matches", "read"]

_ASSAY = ("IMAGING_ASSAY_TYPE", "Imaging Assay Type", "STAINING_METHOD")
_OBJECT_CLASS = ("Imaging Object Class", "SEGMENTATION_ANNOTATION_TYPE")
_CLASSES = {"whole cell": "cell", "cell": "cell", "cells": "cell", "nucleus": "nucleus", "nuclei": "nucleus"}
_CHANNEL_FILE = ("Channel Metadata Filename",)


def matches(root: Path) -> bool:
    """Tell whether the path is a manifest, or a folder that holds manifests."""
    return bool(_manifests(root))


def _manifests(root: Path) -> list[Path]:
    if root.is_file():
        return [root] if root.suffix.lower() in {".csv", ".tsv", ".txt"} and is_manifest(root) else []
    if not root.is_dir():
        return []
    folders = [root, *sorted(p for p in root.iterdir() if p.is_dir() and not p.name.startswith("."))]
    return [path for folder in folders for path in text_tables(folder) if is_manifest(path)]


def read(root: Path, findings: Findings) -> list[Sample]:
    """Read the samples: one a Level 2 record with all that descends from it."""
    manifests = _manifests(root)
    records = [record for path in manifests for record in read_manifest(path, findings=findings)]
    folder = root if root.is_dir() else root.parent
    index = FileIndex(folder)
    beside = list(dict.fromkeys(path.parent for path in manifests))
    samples = [_sample(folder, unit, index, beside) for unit in lineage.units(records, findings=findings)]
    return sorted(samples, key=_natural)


def _natural(sample: Sample) -> list[tuple[bool, int, str]]:
    """Order HTA200_1_D2 before HTA200_1_D10, whichever manifest names them."""
    parts = re.findall(r"\d+|\D+", sample.name)
    return [(part.isdecimal(), int(part) if part.isdecimal() else 0, part) for part in parts]


def _sample(root: Path, unit: Unit, index: FileIndex, beside: list[Path]) -> Sample:
    found = Findings()
    first = unit.level2 or next(iter((*unit.level3, *unit.level4)))
    images = _files([unit.level2] if unit.level2 else [], index, beside, found)
    masks = _files(unit.level3, index, beside, found)
    tables = _files(unit.level4, index, beside, found)
    names = _mask_names([record for record, _ in masks])
    by_mask: dict[str, tuple[Path, ...]] = {}
    for record, path in tables:
        made_from = [
            name for name, (mask, _) in zip(names, masks, strict=True) if mask.data_file_id in record.parent_ids
        ]
        by_mask.setdefault(made_from[0] if made_from else "", (path,))
    image = images[0][1] if images else None
    channels, panel = _channel_file(unit, image, index, beside, found), ""
    if channels is None and unit.channels:
        channels, panel = unit.channels[0].manifest, unit.channels[0].data_file_id
    return Sample(
        library_id="",
        name=first.data_file_id or stem_of(root / first.filename),
        root=root,
        image=image,
        channels=channels,
        panel=panel,
        masks={name: path for name, (_, path) in zip(names, masks, strict=True)},
        tables_by_mask=by_mask,
        assay=_attribute(first, _ASSAY),
        unit=unit,
        miti=_miti_record(root, first, image),
        findings=found,
    )


def _files(
    records: list[Record] | tuple[Record, ...], index: FileIndex, beside: list[Path], findings: Findings
) -> list[tuple[Record, Path]]:
    found = []
    for record in records:
        path, reason = index.find(record.filename, beside)
        if path is None:
            message = f"{record.data_file_id or record.component}: {reason}."
            hint = "Download the file beside the manifest, or correct the manifest's file name."
            findings.append(error("manifest.file-exists", record.source, message, hint))
            path = index.root / (re.sub(r"[^A-Za-z0-9._-]", "_", record.filename.rpartition("/")[2]) or "unnamed")
        found.append((record, path))
    return found


def _mask_names(records: list[Record]) -> list[str]:
    """Name masks by object class, else by data file id; made different with the id where classes repeat."""
    names = []
    for record in records:
        written = (_attribute(record, _OBJECT_CLASS) or "").strip().lower()
        names.append(_CLASSES.get(written, re.sub(r"[^a-z0-9]+", "_", written).strip("_")) or record.data_file_id)
    return [f"{n}_{r.data_file_id}" if names.count(n) > 1 else n for n, r in zip(names, records, strict=True)]


def _attribute(record: Record, names: tuple[str, ...]) -> str | None:
    return next((record.attributes[name] for name in names if record.attributes.get(name)), None)


def _channel_file(
    unit: Unit, image: Path | None, index: FileIndex, beside: list[Path], findings: Findings
) -> Path | None:
    """Find the file the Level 2 record names (phase 1), else the channel table called like the image."""
    if unit.level2 is None:
        return None
    written = _attribute(unit.level2, _CHANNEL_FILE)
    if written:
        path, reason = index.find(written, beside)
        if path is None:
            hint = "Download the channel file beside the manifest."
            message = f"Channel Metadata Filename: {reason}."
            findings.append(error("manifest.file-exists", unit.level2.source, message, hint))
        return path
    if image is None:
        return None
    stem = stem_of(image)
    names = [f"{stem}{middle}.csv" for middle in ("_channels", ".channels", "-channels", "_channel_metadata", "")]
    paths = [path for name in names if (path := index.find(name, [image.parent])[0]) is not None]
    return next((path for path in paths if is_channel_table(path)), None)


def _miti_record(root: Path, record: Record, image: Path | None) -> Path | None:
    names = [record.data_file_id, stem_of(image) if image else ""]
    paths = [root / "miti" / f"{name}.json" for name in names if re.fullmatch(r"[A-Za-z0-9._-]+", name)]
    inside = root.resolve()
    return next((path for path in paths if path.is_file() and path.resolve().is_relative_to(inside)), None)
