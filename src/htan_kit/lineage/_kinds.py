"""What a Level 3 record is: a mask of which objects, or something else."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from htan_kit.models import is_blank

if TYPE_CHECKING:
    from htan_kit.io.manifest import Record

__all__ = ["is_mask", "mask_kinds"]

_OBJECT_CLASS = ("Imaging Object Class", "SEGMENTATION_ANNOTATION_TYPE")
_DESCRIPTION = "Imaging Object Class Description"
_KINDS = {
    "whole cell": "cell", "whole cells": "cell", "cells": "cell", "nuclei": "nucleus", "nuclear": "nucleus",
    "cytoplasms": "cytoplasm", "membrane": "plasma membrane", "tissues": "tissue", "rois": "roi",
}  # fmt: skip
_OUTLINES = ("outline", "outlines", "polygon", "polygons")


def mask_kinds(record: Record) -> tuple[str, ...]:
    """Say which kinds of object a Level 3 or 4 record is about.

    Parameters
    ----------
    record
        A record of either phase; phase 2 lists the kinds in free text.

    Returns
    -------
    ``cell``, ``nucleus``, ``cytoplasm``, ... in the order written, each once; other words as written, in lower case.

    References
    ----------
    HTAN phase 1, Imaging Object Class; phase 2, SEGMENTATION_ANNOTATION_TYPE.

    Examples
    --------
    >>> from htan_kit.io.manifest import Record
    >>> from htan_kit.lineage import mask_kinds
    >>> mask_kinds(Record("", 2, "3", "", attributes={"SEGMENTATION_ANNOTATION_TYPE": "Whole Cell, Nuclei"}))
    ('cell', 'nucleus')
    """
    written = next((record.attributes[name] for name in _OBJECT_CLASS if record.attributes.get(name)), "")
    if written.strip().casefold() in ("imaging object class other", "other"):
        written = record.attributes.get(_DESCRIPTION, written)
    words = (word.strip().casefold() for word in re.split(r"[,;|/+&\n]|\band\b", written[:500]))
    return tuple(dict.fromkeys(_KINDS.get(word, word) for word in words if not is_blank(word)))


def is_mask(record: Record) -> bool:
    """Tell whether a Level 3 record is a label mask; in phase 1 it may be a processed image, points or outlines.

    Parameters
    ----------
    record
        A record of either phase.

    Returns
    -------
    True for Level 3 records that do not say they are something else; outlines in a GeoJSON file are read as a mask too.

    Examples
    --------
    >>> from htan_kit.io.manifest import Record
    >>> from htan_kit.lineage import is_mask
    >>> points = {"Imaging Segmentation Data Type": "Point"}
    >>> is_mask(Record("Imaging Level 3 Segmentation", 1, "3", "", attributes=points))
    False
    """
    written = record.attributes.get("Imaging Segmentation Data Type", "")
    if record.filename.lower().endswith(".geojson") and written.strip().casefold() in _OUTLINES:
        return record.level == "3"
    return record.level == "3" and "Image" not in record.component and (is_blank(written) or _says_mask(written))


def _says_mask(written: str) -> bool:
    return written.strip().casefold() in ("mask", "masks", "label mask")
