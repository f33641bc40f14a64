"""A MITI record as a file."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

from htan_kit.assemble import miti
from htan_kit.assemble._miti_file import YAML_SUFFIXES
from htan_kit.errors import InputError
from htan_kit.io.atomic import write_text

if TYPE_CHECKING:
    from os import PathLike

    from anndata import AnnData

__all__ = ["write_miti"]

_BREAKS: Final = re.compile("[\x85\u2028\u2029]")


def write_miti(adata: AnnData, path: str | PathLike[str], *, library_id: str = "") -> Path:
    """Write the MITI record of one image.

    Parameters
    ----------
    adata
        What :func:`htan_kit.read` gave.
    path
        ``.json``, ``.yaml`` or ``.yml``.
    library_id
        Which image; ``""`` where there is only one.

    Returns
    -------
    ``path``: what :func:`htan_kit.miti` gives, which the kit reads again as the record of a sample.

    Raises
    ------
    InputError
        The name ends otherwise, the file cannot be written, or there is no such image.

    References
    ----------
    Schapiro et al. 2022, doi:10.1038/s41592-022-01415-4.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> import anndata
    >>> from htan_kit.export import write_miti
    >>> adata = anndata.AnnData(uns={"miti": {"A": {"file": {"lens_na": 0.75}}}})
    >>> print(write_miti(adata, pathlib.Path(tempfile.mkdtemp(), "A.yaml")).read_text())
    file:
      lens_na: 0.75
    <BLANKLINE>
    """
    import yaml

    target = Path(path)
    suffix = target.suffix.lower()
    if suffix != ".json" and suffix not in YAML_SUFFIXES:
        raise InputError.of("export.format", target, "The name must end in .json, .yaml or .yml.")
    record = miti(adata, library_id)
    if suffix == ".json":
        text = json.dumps(record, ensure_ascii=False, indent=1, allow_nan=False) + "\n"
    else:
        # PyYAML folds a text at these line breaks and then cannot read it back.
        plain = not _BREAKS.search(json.dumps(record, ensure_ascii=False))
        text = yaml.safe_dump(record, allow_unicode=plain, sort_keys=False, width=120)
    try:
        write_text(target, text)
    except OSError as problem:
        raise InputError.of("export.file", target, f"It cannot be written: {problem.strerror}.") from problem
    return target
