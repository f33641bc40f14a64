"""Which image of a file is meant, where it holds several."""

from __future__ import annotations

from typing import TYPE_CHECKING

from htan_kit.errors import InputError
from htan_kit.findings import Findings, info

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

__all__ = ["choose_series"]

_SHOWN = 20  # names in a message


def choose_series(names: Sequence[str], series: int | str | None, path: Path, findings: Findings) -> int:
    """Choose one of the images.

    Parameters
    ----------
    names
        Their names in file order, ``""`` for none.
    series
        A name, or a 0-based index; None for the first.
    path
        The file, for messages.
    findings
        Where to note that there are others.

    Returns
    -------
    The index.

    Raises
    ------
    InputError
        There is no such image, or the name is that of several.

    Examples
    --------
    >>> from pathlib import Path
    >>> from htan_kit.findings import Findings
    >>> from htan_kit.io.formats._series import choose_series
    >>> choose_series(["overview", "core A1"], "core A1", Path("x.ome.zarr"), Findings())
    1
    """
    listed = ", ".join(f"{i} {name[:60]!r}" if name else str(i) for i, name in enumerate(names[:_SHOWN]))
    if len(names) > _SHOWN:
        listed += ", ..."
    if series is None:
        if len(names) > 1:
            message = f"The file holds {len(names)} images ({listed}); the first is read."
            findings.append(info("image.series", path, message, "Choose another with series=.", "HTAN Manual, Level 2"))
        return 0
    wanted = [i for i, name in enumerate(names) if name == series] if isinstance(series, str) else [series]
    if len(wanted) != 1 or not 0 <= wanted[0] < len(names):
        what = "Several images are" if len(wanted) > 1 else "No image is"
        message = f"{what} {str(series)[:60]!r} of series; there are {len(names)}: {listed}."
        raise InputError.of("image.series", path, message, "Give a name or a 0-based index.")
    return wanted[0]
