"""What an image is as a mask: labels and how many, or why it is none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from htan_kit.errors import InputError
from htan_kit.findings import Findings

if TYPE_CHECKING:
    from pathlib import Path

    from htan_kit.io import Image, Mask

__all__ = ["AsMask", "as_mask"]

_CLASSES = {"cell", "nucleus", "cytoplasm", "membrane", "plasmamembrane", "object", "ring", "mask"}
"""What channels of a mask may be called; of an image they are called after markers."""
_SAME_SHARE = 0.6
_ENOUGH = 10_000  # pairs of pixels to judge by; noise need not be read to its end
_SMALL = 2**26  # pixels of a mask that is looked at whole
_WINDOW = 512


class AsMask(NamedTuple):
    """What to say of an image as a mask; findings where it is one."""

    facts: dict[str, Any]
    findings: Findings | None = None


def as_mask(image: Image, path: Path) -> AsMask:
    """Look at an image as a mask.

    Parameters
    ----------
    image
        The opened image.
    path
        The file.

    Returns
    -------
    A mask where the pixels look like labels: most that are not 0 have their right neighbour's value; several channels
    must be named after classes of objects too. Else, for an image of one channel, why it could be none.
    """
    from htan_kit.io import read_mask
    from htan_kit.io._object_class import class_key

    several = image.n_channels > 1
    if several and not all(name and class_key(name) in _CLASSES for name in image.channel_names):
        return AsMask({})  # low counts of a few channels can look like labels
    findings = Findings()
    try:
        mask = read_mask(path, object_class=0 if several else None, findings=findings)
        facts = _count(mask)
    except InputError as problem:
        first = next(iter(problem.findings))
        told = not several and first.rule.startswith("mask.")
        return AsMask({"as a mask": f"no. {first.message} {first.hint}"} if told else {})
    if facts is None:
        return AsMask({})
    if several:
        names = [name or str(i) for i, name in enumerate(image.channel_names)]
        facts = {"object types": ", ".join(names), "first of them": ", ".join(f"{k} {v}" for k, v in facts.items())}
    return AsMask(facts, findings)


def _count(mask: Mask) -> dict[str, Any] | None:
    import numpy as np

    from htan_kit.io._paths import is_remote

    inside = same = 0
    found: set[int] = set()
    windows = _windows(*mask.shape, small=0 if is_remote(mask.path) else _SMALL)
    for labels in map(mask.read, windows) if windows else (labels for _, labels in mask.blocks()):
        left, right = labels[:, :-1], labels[:, 1:]
        inside += int(np.count_nonzero((left != 0) & (right != 0)))
        same += int(np.count_nonzero((left != 0) & (left == right)))
        if inside > _ENOUGH and same < _SAME_SHARE * inside:
            return None
        # Where a label begins in a row: far fewer values to sort than all pixels.
        found.update(np.unique(np.concatenate([labels[:, 0], right[left != right]])).tolist())
    found.discard(0)
    if not inside or same < _SAME_SHARE * inside:
        return None
    if windows:
        return {"labels": f"at least {len(found):,} (in {len(windows)} windows of {_WINDOW} px)"}
    counted: dict[str, Any] = {"labels": len(found), "largest label": max(found)}
    return counted | ({"objects": "told apart by nothing: the mask is binary"} if _is_binary(mask, len(found)) else {})


def _is_binary(mask: Mask, n: int) -> bool:
    from htan_kit.pixels._pieces import in_pieces

    return n == 1 and in_pieces(mask)


def _windows(height: int, width: int, small: int) -> list[tuple[int, int, int, int]]:
    """Give windows spread over a large mask, none for a small one: to say what a file is must not take minutes."""
    if height * width <= small:
        return []
    rows, columns = (
        sorted({max(0, (side - _WINDOW) * i // 3) for i in range(4)}) if side > _WINDOW else [0]
        for side in (height, width)
    )
    return [(y, min(y + _WINDOW, height), x, min(x + _WINDOW, width)) for y in rows for x in columns]
