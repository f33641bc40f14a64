"""squidpy, imported where it is used and without what its import says about its own code."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import ModuleType

__all__ = ["import_squidpy"]


def import_squidpy() -> ModuleType:
    """Import squidpy quietly: its warnings (docrep, missing notebook widgets) would stand on every page.

    Returns
    -------
    The module.

    Examples
    --------
    >>> from htan_kit.tl._squidpy import import_squidpy
    >>> import_squidpy().__name__
    'squidpy'
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import squidpy
    return squidpy
