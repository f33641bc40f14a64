"""Where an AnnData comes from: versions, source files with hashes, parameters and what was found."""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from htan_kit.io.hashing import file_hash
from htan_kit.models import MODEL_VERSIONS

if TYPE_CHECKING:
    from htan_kit.assemble._sources import Sources

__all__ = ["provenance"]

_PACKAGES = ("htan-kit", "anndata", "numpy", "pandas", "tifffile")


def provenance(sources: Sources) -> dict[str, Any]:
    """Make ``uns["htan_kit"][library_id]``; it has no dates and no host names, which HTAN forbids in data.

    Parameters
    ----------
    sources
        The opened sample.

    Returns
    -------
    ``versions``, ``models``, ``parameters``, ``files`` (by role: path relative to the input, size in bytes, hash) and
    ``findings``, ``verdicts`` as JSON strings.
    """
    sample = sources.sample
    roles = {"image": sample.image, "channels": sample.channels, "mask": sample.mask, "miti": sample.miti}
    roles |= {f"table_{i}" if i else "table": path for i, path in enumerate(sample.table)}
    parameters: dict[str, Any] = {"mask": sample.mask_name, "assay": sample.assay or ""}
    if sources.pixel_size_um is not None:
        parameters["pixel_size_um"] = sources.pixel_size_um
    return {
        "name": sample.name,
        "versions": {name: version(name) for name in _PACKAGES},
        "models": dict(MODEL_VERSIONS),
        "parameters": parameters,
        "files": {
            role: {"file": sample.relative(path), "size_bytes": path.stat().st_size, "hash": file_hash(path)}
            for role, path in roles.items()
            if path is not None and path.is_file()
        },
        "levels": [int(level) for level in sample.levels],
        "findings": sources.findings.to_json(),
        "verdicts": "[]",
    }
