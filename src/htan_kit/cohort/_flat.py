"""The plainest input: one file, or a folder of files that their names and headers tell apart."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from htan_kit.cohort._files import images_in, is_image, text_tables
from htan_kit.cohort._sample import Sample, stem_of
from htan_kit.findings import Findings, info, warning
from htan_kit.io.cell_table import is_cell_table
from htan_kit.io.channel_table import is_channel_table

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["matches", "read"]

_MASK = re.compile(r"(^|[._-])(mask|masks|label|labels|segmentation|cellmask|nucleimask)s?([._-]|$)", re.IGNORECASE)


def matches(root: Path) -> bool:
    """Tell whether the path is an image or table, or a folder that holds some."""
    if root.is_file():
        return is_image(root) or is_cell_table(root)
    return bool(images_in(root)) or any(is_cell_table(path) for path in _tables(root))


def _tables(folder: Path) -> list[Path]:
    return [*text_tables(folder), *sorted(folder.glob("*.h5ad"))]


def read(root: Path, findings: Findings) -> list[Sample]:
    """Read the samples: one an image that is no mask; one a table where there are no images."""
    if root.is_file():
        return [_from_image(root, root.parent) if is_image(root) else _from_table(root, root.parent)]
    pictures = images_in(root)
    masks = [path for path in pictures if _MASK.search(stem_of(path))]
    images = [path for path in pictures if path not in masks]
    tables = [path for path in _tables(root) if is_cell_table(path)]
    channels = [path for path in text_tables(root) if path not in tables and is_channel_table(path)]
    if not images:
        return [_from_table(path, root) for path in tables]
    for mask in masks:
        message = f"{mask.name} is taken as a mask for its name."
        findings.append(info("folder.mask-by-name", root, message, "A sample sheet says which file is what."))
    if len(channels) > 1:
        message = f"{len(channels)} channel files; {channels[0].name} is used."
        findings.append(warning("folder.channels", root, message, "A sample sheet says which file is what."))
    stems = [stem_of(path) for path in images]
    return [
        Sample(
            library_id="",
            name=stem_of(image),
            root=root,
            image=image,
            channels=channels[0] if channels else None,
            masks={_short(path, stem_of(image)): path for path in masks if _owner(path, stems) == stem_of(image)},
            tables_by_mask={"": tuple(p for p in tables if _owner(p, stems) == stem_of(image))[:1]},
        )
        for image in images
    ]


def _owner(path: Path, stems: list[str]) -> str | None:
    """Whose file is it: of the only image, else of the image whose name is in its name."""
    if len(stems) == 1:
        return stems[0]
    return max((stem for stem in stems if stem in path.name), key=len, default=None)


def _short(mask: Path, stem: str) -> str:
    return stem_of(mask).replace(stem, "").strip("._-") or "mask"


def _from_image(path: Path, root: Path) -> Sample:
    return Sample(library_id="", name=stem_of(path), root=root, image=path)


def _from_table(path: Path, root: Path) -> Sample:
    return Sample(library_id="", name=stem_of(path), root=root, tables_by_mask={"": (path,)})
