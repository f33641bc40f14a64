"""A steinbock folder: images.csv, panel.csv, ome/ or img/, masks*/, intensities*/, regionprops*/."""

from __future__ import annotations

from pathlib import Path

from htan_kit.cohort._files import natural
from htan_kit.cohort._sample import Sample, stem_of
from htan_kit.errors import InputError
from htan_kit.findings import Findings, error, warning
from htan_kit.io._delimited import read_delimited
from htan_kit.io._paths import is_file

__all__ = ["matches", "read"]

_SUFFIXES = (".ome.tiff", ".ome.tif", ".tiff", ".tif")


def matches(root: Path) -> bool:
    """Tell whether a folder has steinbock's panel.csv and pictures beside masks or measurements."""
    return (
        root.is_dir()
        and (root / "panel.csv").is_file()
        and any((root / name).is_dir() for name in ("ome", "img"))
        and ((root / "images.csv").is_file() or any(root.glob("masks*")))
    )


def read(root: Path, findings: Findings) -> list[Sample]:
    """Read the samples: one an image of images.csv, else one a picture."""
    rows = _rows(root, findings)
    masks = _folders(root, "masks")
    intensities, regionprops = _folders(root, "intensities"), _folders(root, "regionprops")
    samples = []
    for stem, size in rows.items():
        found = Findings()
        image = _first(root / "ome", stem) or _first(root / "img", stem)
        if image is None:
            found.append(
                error(
                    "steinbock.image",
                    root / "images.csv",
                    f"{stem[:200]}: there is no picture.",
                    "Look in ome/ and img/.",
                )
            )
        mine = {name: path for name, folder in masks.items() if (path := _first(folder, stem)) is not None}
        tables = {name: _tables(stem, name, intensities, regionprops) for name in dict.fromkeys((*masks, *intensities))}
        samples.append(
            Sample(
                library_id="",
                name=stem,
                root=root,
                image=image,
                channels=root / "panel.csv",
                masks=mine,
                tables_by_mask={name: paths for name, paths in tables.items() if paths},
                pixel_size_um=size,
                assay="IMC",
                findings=found,
            )
        )
    return samples


def _rows(root: Path, findings: Findings) -> dict[str, float | None]:
    table = root / "images.csv"
    if not table.is_file():
        stems = sorted({stem_of(p) for name in ("ome", "img") for p in (root / name).glob("*.tif*")}, key=natural)
        return dict.fromkeys(stems)
    frame = read_delimited(table, max_bytes=50_000_000)
    if "image" not in frame:
        raise InputError.of(
            "steinbock.images", table, "There is no column 'image'.", "Give steinbock's own images.csv."
        )
    sizes: dict[str, float | None] = {}
    for line, row in enumerate(frame.to_dict("records"), start=2):
        name = row["image"].replace("\\", "/").rpartition("/")[2]  # a name, never a path out of the folder
        sizes[stem_of(Path(name))] = _pixel_size(row, f"{table}, line {line}", findings)
    return {stem: sizes[stem] for stem in sorted(sizes, key=natural)}


def _pixel_size(row: dict[str, str], where: str, findings: Findings) -> float | None:
    try:
        sizes = [float(row[f"acquisition_{side}_um"]) / float(row[f"{side}_px"]) for side in ("width", "height")]
    except (KeyError, ValueError, ZeroDivisionError):
        message = "The pixel size cannot be told: acquisition_width_um or width_px is missing."
        findings.append(warning("steinbock.pixel-size", where, message, "Give pixel_size_um."))
        return None
    if not 0 < sizes[0] <= 10 or abs(sizes[0] - sizes[1]) > 0.05 * sizes[0]:
        message = f"Width and height give pixels of {sizes[0]:g} by {sizes[1]:g} µm; neither is used."
        findings.append(warning("steinbock.pixel-size", where, message, "Give pixel_size_um."))
        return None
    return sizes[0]


def _folders(root: Path, kind: str) -> dict[str, Path]:
    """Map the names after ``masks_`` to folders; plain ``masks`` is called ``mask``."""
    return {
        folder.name.removeprefix(kind).lstrip("_") or "mask": folder
        for folder in sorted(root.glob(f"{kind}*"))
        if folder.is_dir()
    }


def _first(folder: Path, stem: str) -> Path | None:
    return next((path for suffix in _SUFFIXES if is_file(path := folder / f"{stem}{suffix}")), None)


def _tables(stem: str, name: str, *kinds: dict[str, Path]) -> tuple[Path, ...]:
    paths = [folders[name] / f"{stem}.csv" for folders in kinds if name in folders]
    return tuple(path for path in paths if is_file(path))
