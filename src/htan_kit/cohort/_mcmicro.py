"""MCMICRO: registration/, segmentation/, quantification/, markers.csv, for one image or a folder of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from htan_kit.cohort._files import by_name, images_in, natural, text_tables
from htan_kit.cohort._sample import Sample, stem_of
from htan_kit.findings import Findings, warning
from htan_kit.io.cell_table import is_cell_table
from htan_kit.io.channel_table import is_channel_table

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["BY_PRODUCTS", "folders", "matches", "read"]

BY_PRODUCTS = ("outline", "probab", "overlay")
"""Parts of the names of pictures that segmentation makes beside its masks."""

_FOLDERS = ("registration", "segmentation", "quantification")
_OBJECTS = {"cellmask": "cell", "cells": "cell", "nucleimask": "nucleus", "nuclei": "nucleus", "cytomask": "cytoplasm"}


def matches(root: Path) -> bool:
    """Tell whether a folder is an MCMICRO run, or holds such folders."""
    return root.is_dir() and next(_runs(root), None) is not None


def _runs(root: Path) -> Iterator[Path]:
    for folder in (root, *sorted((p for p in root.iterdir() if p.is_dir()), key=by_name)):
        if sum((folder / name).is_dir() for name in _FOLDERS) >= 2 or images_in(folder / "registration"):
            yield folder


def folders(root: Path) -> list[Path]:
    """List the folders whose files belong to samples."""
    found = []
    for run in _runs(root):
        found += [run / "registration", run / "quantification"]
        found += sorted(run.glob("segmentation/*/"), key=by_name)
    return found


def read(root: Path, findings: Findings) -> list[Sample]:
    """Read the samples: one an image of each registration/, else one a table of quantification/."""
    return [sample for run in _runs(root) for sample in _run(root, run)]


def _run(root: Path, run: Path) -> list[Sample]:
    images = {stem_of(path): path for path in images_in(run / "registration")}
    tables = [path for path in _tables(run / "quantification") if is_cell_table(path)]
    names = list(images) or sorted({path.stem.split("--")[0] for path in tables}, key=natural)
    markers = [path for folder in (run, run.parent) for path in text_tables(folder) if is_channel_table(path)]
    samples = []
    for name in names:
        found = Findings()
        if len(markers) > 1:
            message = f"{len(markers)} channel files; {markers[0].name} is used."
            found.append(warning("mcmicro.markers", run, message, "Keep one markers.csv, or use a sample sheet."))
        masks = _masks(run / "segmentation", name, alone=len(names) == 1)
        mine = [path for path in tables if _is_of(path.stem.partition("--"), name, alone=len(names) == 1)]
        samples.append(
            Sample(
                library_id="",
                name=name,
                root=root,
                image=images.get(name),
                channels=markers[0] if markers else None,
                masks=masks,
                tables_by_mask=_by_mask(mine, masks),
                findings=found,
            )
        )
    return samples


def _is_of(named: tuple[str, str, str], name: str, *, alone: bool) -> bool:
    """Compare the image in a file's or folder's name; where none is named, it is the only image's."""
    return named[0] == name if named[1] else alone or named[0] == name


def _tables(folder: Path) -> list[Path]:
    return sorted((p for pattern in ("*.csv", "*.h5ad") for p in folder.glob(pattern)), key=by_name)


def _masks(folder: Path, name: str, *, alone: bool) -> dict[str, Path]:
    """Name masks by object; by method and object where several methods were run."""
    found: list[tuple[str, str, Path]] = []
    for method in sorted(p for p in folder.iterdir() if p.is_dir()) if folder.is_dir() else []:
        program, dash, of = method.name.partition("-")
        if method.name != name and not _is_of((of, dash, program), name, alone=alone):
            continue
        for path in images_in(method):
            if any(word in path.stem.lower() for word in BY_PRODUCTS):
                continue
            stem = stem_of(path)
            found.append((method.name.removesuffix(f"-{name}"), _OBJECTS.get(stem.lower(), stem), path))
    several = len({method for method, _, _ in found}) > 1
    return {f"{method}_{kind}" if several else kind: path for method, kind, path in found}


def _by_mask(tables: list[Path], masks: dict[str, Path]) -> dict[str, tuple[Path, ...]]:
    """``<sample>--<method>_<object>.csv`` was made from that mask; another name says nothing."""
    by_mask: dict[str, tuple[Path, ...]] = {}
    for path in tables:
        made_from = path.stem.partition("--")[2]
        kind = made_from.rpartition("_")[2].lower()
        names = [made_from, _OBJECTS.get(kind, kind), *(f"{made_from.rpartition('_')[0]}_{_OBJECTS.get(kind, kind)}",)]
        key = next((name for name in names if name in masks), "")
        by_mask.setdefault(key, (path,))
    return by_mask
