"""Where the sample cohort lies: inside the installed package, or in the checkout."""

from __future__ import annotations

from pathlib import Path

from htan_kit.errors import InputError

__all__ = ["sample"]


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
    package = Path(__file__).parents[1]
    for folder in (package / "data" / "sample", package.parents[1] / "data" / "sample"):
        if folder.is_dir():
            return folder
    raise InputError.of(
        "datasets.sample", package, "The sample cohort is not installed.", "Make one: htan-kit simulate data/sample"
    )
