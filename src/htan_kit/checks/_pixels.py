"""What only the pixels tell: whether the rows of the table are the objects of the mask."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from htan_kit.assemble._sources import open_sources
from htan_kit.checks._identity import check_identity
from htan_kit.checks._record import count_objects
from htan_kit.checks._requirement import broken, some
from htan_kit.errors import InputError
from htan_kit.findings import Findings

if TYPE_CHECKING:
    from htan_kit.assemble._sources import Sources
    from htan_kit.checks._files import Files

__all__ = ["check_pixels"]

_HINT: Final = "Give the table that was made from this mask; identity.* says what differs."


def check_pixels(files: Files) -> Findings:
    """Go over mask and image of a sample and hold table and manifest against them.

    Parameters
    ----------
    files
        The opened files of the sample.

    Returns
    -------
    What reading the sample whole finds, :func:`check_identity`'s findings, ``htan2.l4.object-id-matches`` (MUST) and
    ``manifest.n-objects``.

    References
    ----------
    HTAN Manual, data submission, multiplex microscopy, Imaging Level 4.

    Examples
    --------
    >>> import htan_kit as hk
    >>> from htan_kit.checks._files import open_files
    >>> from htan_kit.checks._pixels import check_pixels
    >>> len(check_pixels(open_files(hk.open_cohort(hk.datasets.sample())["HTA200_1_D1"])))
    0
    """
    found = Findings()
    try:
        sources = open_sources(files.sample)
        objects = sources.objects
        found.extend(sources.findings)
        found.extend(check_identity(sources))
    except InputError as problem:  # of a tile too, which is decoded only now
        return found + problem.findings
    if objects is not None:
        found.extend(count_objects(files, len(objects)))
        found.extend(_ids(sources, files.phase))
    return found


def _ids(sources: Sources, phase: int | None) -> Findings:
    import numpy as np

    if phase is None or sources.ids is None or sources.objects is None or sources.table is None:
        return Findings()
    rule, name = "htan2.l4.object-id-matches", sources.table.paths[0].name
    if not sources.ids_are_labels:
        message = "The ids of the objects are no labels of the mask."
        return Findings([broken(rule, name, message, _HINT, phase=phase)])
    strange = np.setdiff1d(sources.ids, sources.objects["label"].to_numpy())
    if not len(strange):
        return Findings()
    message = f"{len(strange):,} of {len(sources.ids):,} ids are no label of the mask: {some(strange)}."
    return Findings([broken(rule, name, message, _HINT, phase=phase)])
