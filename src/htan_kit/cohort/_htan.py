"""HTAN manifests: the records say which files belong together; the files must lie in the folder."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from htan_kit import lineage
from htan_kit.cohort._files import FileIndex, is_text, natural, safe_name, tables_below
from htan_kit.cohort._sample import Sample, stem_of
from htan_kit.findings import Findings, error, info
from htan_kit.io._level1 import level1_pixels
from htan_kit.io._paths import is_inside
from htan_kit.io.channel_table import is_channel_table
from htan_kit.io.manifest import is_manifest, read_manifest
from htan_kit.models import is_blank

if TYPE_CHECKING:
    from pathlib import Path

    from htan_kit.io.manifest import Record
    from htan_kit.lineage import Unit

__all__ = ["matches", "read"]

_ASSAY = ("IMAGING_ASSAY_TYPE", "Imaging Assay Type", "STAINING_METHOD")
_CHANNEL_FILE = ("Channel Metadata Filename",)
_NOT_PIXELS = (".csv", ".tsv", ".txt", ".json", ".h5ad", ".parquet", ".zip", ".xml")


def matches(root: Path) -> bool:
    """Tell whether the path is a manifest, or a folder that holds manifests."""
    return bool(_manifests(root))


def _manifests(root: Path) -> list[Path]:
    """List the manifests; a link that leads out of the folder is none."""
    if root.is_file():
        return [root] if is_text(root) and is_manifest(root) else []
    return [path for path in tables_below(root) if is_inside(path, root) and is_manifest(path)]


def read(root: Path, findings: Findings) -> list[Sample]:
    """Read the samples: one a Level 2 record with all that descends from it."""
    manifests = _manifests(root)
    records = [record for path in manifests for record in read_manifest(path, findings=findings)]
    folder = root if root.is_dir() else root.parent
    index = FileIndex(folder)
    beside = list(dict.fromkeys(path.parent for path in manifests))
    samples = [_sample(folder, unit, index, beside) for unit in lineage.units(records, findings=findings)]
    raw = [record for record in records if record.level == "1"]
    if raw and not samples:
        n = "1 file" if len(raw) == 1 else f"{len(raw)} files"
        findings.append(level1_pixels(root, f"The manifests list {n} of Level 1 and no image of Level 2."))
    return sorted(samples, key=lambda sample: natural(sample.name))  # whichever manifest names them


def _sample(root: Path, unit: Unit, index: FileIndex, beside: list[Path]) -> Sample:
    found = Findings()
    first = unit.level2 or next(iter((*unit.level3, *unit.level4)))
    images = _files([unit.level2] if unit.level2 else [], index, beside, found)
    masks = _files(_masks(unit, found), index, beside, found)
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
        assay=next((said for record in unit.files if (said := _attribute(record, _ASSAY))), None),
        unit=unit,
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
            path = index.root / safe_name(record.filename)
        found.append((record, path))
    return found


def _masks(unit: Unit, findings: Findings) -> list[Record]:
    """Keep what can be read as a mask; Level 3 may also be a corrected image or points."""
    masks = []
    for record in unit.level3:
        if lineage.is_mask(record) and not record.filename.lower().endswith(_NOT_PIXELS):
            masks.append(record)
        else:
            what = record.attributes.get("Imaging Segmentation Data Type") or record.component
            message = (
                f"{(record.data_file_id or record.filename)[:200]} is no label mask ({what[:200]}); it is not read."
            )
            findings.append(info("manifest.not-a-mask", record.source, message, "", "HTAN phase 1, Imaging Level 3"))
    return masks


def _mask_names(records: list[Record]) -> list[str]:
    """Name masks by object class, else by data file id; made different with the id where classes repeat."""
    names = []
    for record in records:
        kinds = "_".join(re.sub(r"[^a-z0-9]+", "_", kind).strip("_") for kind in lineage.mask_kinds(record))
        names.append(kinds[:60] or record.data_file_id)
    return [f"{n}_{r.data_file_id}" if names.count(n) > 1 else n for n, r in zip(names, records, strict=True)]


def _attribute(record: Record, names: tuple[str, ...]) -> str | None:
    return next((record.attributes[name] for name in names if not is_blank(record.attributes.get(name, ""))), None)


def _channel_file(
    unit: Unit, image: Path | None, index: FileIndex, beside: list[Path], findings: Findings
) -> Path | None:
    """Find the file the Level 2 record names (phase 1), else the channel table called like the image."""
    if unit.level2 is None:
        return None
    written = _attribute(unit.level2, _CHANNEL_FILE)
    if written:
        synapse = re.fullmatch(r"syn[0-9]+", written.strip(), re.IGNORECASE)
        names = [f"{written.strip()}{suffix}" for suffix in (".csv", ".tsv", ".txt", ".xlsx")] if synapse else [written]
        tried = [index.find(name, beside) for name in names]
        path, reason = next((find for find in tried if find[0] is not None), tried[0])
        if path is None:
            hint = f"Download the channel file beside the manifest{', named after its id' if synapse else ''}."
            message = f"Channel Metadata Filename: {reason}."
            findings.append(error("manifest.file-exists", unit.level2.source, message, hint))
        return path
    if image is None:
        return None
    stem = stem_of(image)
    beside_it = [f"{stem}{middle}.csv" for middle in ("_channels", ".channels", "-channels", "_channel_metadata", "")]
    paths = [path for name in beside_it if (path := index.find(name, [image.parent])[0]) is not None]
    return next((path for path in paths if is_channel_table(path)), None)
