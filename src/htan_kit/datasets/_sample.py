"""Where the sample cohort lies: inside the installed package, or in the checkout."""

from __future__ import annotations

from pathlib import Path

from htan_kit.errors import InputError

__all__ = ["sample"]

_PACKAGE = Path(__file__).parents[1]


def sample() -> Path:
    """Find the sample cohort that ships with the kit.

    Returns
    -------
    The folder: two participants, four images (its README says more). Do not write into it.

    Raises
    ------
    htan_kit.errors.InputError
        This installation has no sample.

    Examples
    --------
    >>> from htan_kit import datasets
    >>> (datasets.sample() / "level2" / "HTA200_1_D1.ome.tiff").exists()
    True
    """
    for folder in (_PACKAGE / "data" / "sample", _PACKAGE.parents[1] / "data" / "sample"):
        if folder.is_dir():
            return folder
    raise InputError.of(
        "datasets.sample", _PACKAGE, "The sample cohort is not installed.", "Make one: htan-kit simulate data/sample"
    )
