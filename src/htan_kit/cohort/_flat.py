"""The plainest input: one file, or a folder of files that their names and headers tell apart."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from htan_kit.cohort._files import images_in, is_image, is_one, other_tables, outlines_in, text_tables
from htan_kit.cohort._owner import Owner, owner_of
from htan_kit.cohort._sample import Sample, stem_of
from htan_kit.findings import Findings, info, warning
from htan_kit.io.cell_table import is_cell_table
from htan_kit.io.channel_table import is_channel_table
from htan_kit.io.table_header import images_named

if TYPE_CHECKING:
    from pathlib import Path

    from htan_kit.findings import Finding

__all__ = ["matches", "read"]

_MASK = re.compile(r"(^|[._-])(mask|masks|label|labels|segmentation|cellmask|nucleimask)s?([._-]|$)", re.IGNORECASE)

_OBJECTS = re.compile(r"(^|[._-])(cell|nuclei|nucleus|detection|object|outline|polygon)s?([._-]|$)", re.IGNORECASE)
"""Words in the name of a GeoJSON file of objects; others hold regions that somebody drew."""


def matches(root: Path) -> bool:
    """Tell whether the path is an image (which may be a folder) or table, or a folder that holds some."""
    if is_one(root):
        return root.is_dir() or is_image(root) or is_cell_table(root)
    return bool(images_in(root)) or any(is_cell_table(path) for path in _tables(root))


def _tables(folder: Path) -> list[Path]:
    return [*text_tables(folder), *other_tables(folder)]


def read(root: Path, findings: Findings) -> list[Sample]:
    """Read the samples: one an image that is no mask; one a table where there are no images.

    A table that is named like no image belongs to those whose names stand in its column of images.
    """
    if is_one(root):
        is_picture = root.is_dir() or is_image(root)
        return [_from_image(root, root.parent) if is_picture else _from_table(root, root.parent)]
    pictures = images_in(root)
    masks = [path for path in pictures if _MASK.search(stem_of(path))]
    images = [path for path in pictures if path not in masks]
    masks += [path for path in outlines_in(root) if _MASK.search(stem_of(path)) or _OBJECTS.search(stem_of(path))]
    tables = [path for path in _tables(root) if is_cell_table(path)]
    channels = [path for path in text_tables(root) if path not in tables and is_channel_table(path)]
    if not images:
        return [_from_table(path, root) for path in tables]
    for mask in masks:
        message = f"{mask.name} is taken as a mask for its name."
        findings.append(info("folder.mask-by-name", root, message, "A sample sheet says which file is what."))
    stems = [stem_of(path) for path in images]
    owners = {path: owner_of(stem_of(path), stems) for path in (*masks, *tables)}
    findings.extend(_doubts(root, owners))
    named = {path: owner_of(stem_of(path), stems).stem for path in channels} if len(images) > 1 else {}
    common = [path for path in channels if named.get(path) is None]
    if len(common) > 1:
        message = f"{len(common)} channel files; {common[0].name} is used."
        findings.append(warning("folder.channels", root, message, "A sample sheet says which file is what."))
    shared = {path: images_named(path) for path in tables if owners[path] == Owner(None)}
    samples = []
    for image, stem in zip(images, stems, strict=True):
        own = [path for path in channels if named.get(path) == stem] or common
        mine = [path for path in tables if owners[path].stem == stem]
        mine = mine or [path for path, named_in_it in shared.items() if stem in named_in_it]
        samples.append(
            Sample(
                library_id="",
                name=stem,
                root=root,
                image=image,
                channels=own[0] if own else None,
                masks=_by_name([path for path in masks if owners[path].stem == stem], stem),
                tables_by_mask={"": tuple(mine[:1])},
            )
        )
    return samples


def _doubts(root: Path, owners: dict[Path, Owner]) -> list[Finding]:
    """Say which masks and tables may be another image's."""
    hint = "Name it after its image, or say in a sample sheet which file is what."
    found = []
    for path, owner in owners.items():
        if owner.doubt:
            what = "not used" if owner.stem is None else f"given to {owner.stem[:200]!r}"
            found.append(warning("folder.owner", root, f"{path.name[:200]} is {what}: {owner.doubt}.", hint))
    return found


def _by_name(masks: list[Path], stem: str) -> dict[str, Path]:
    """Call masks what their names say beyond the image's; by their whole names where that is the same twice."""
    beyond = rf"(?<![^\W_]){re.escape(stem)}(?![^\W_])"
    short = [re.sub(beyond, "", stem_of(path), flags=re.IGNORECASE).strip("._- ") or "mask" for path in masks]
    return {name if short.count(name) == 1 else path.name: path for name, path in zip(short, masks, strict=True)}


def _from_image(path: Path, root: Path) -> Sample:
    return Sample(library_id="", name=stem_of(path), root=root, image=path)


def _from_table(path: Path, root: Path) -> Sample:
    return Sample(library_id="", name=stem_of(path), root=root, tables_by_mask={"": (path,)})
