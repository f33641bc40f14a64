"""A measurement as a folder of files that any tool can read: NumPy arrays and one JSON file.

``measurement.json`` names the version of the layout, what the measurement was made from, and every array; each array is
``<name>.npy``, tables are arrays of records. Nothing is pickled. Arrays of objects x channels are mapped into memory
when they are read, so that opening a measurement of a million objects costs nothing.
"""

from __future__ import annotations

import json
from dataclasses import fields
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from htan_kit.findings import Findings
from htan_kit.io.atomic import replacing
from htan_kit.pixels._intensity import Intensities
from htan_kit.pixels._measurement import Measurement
from htan_kit.pixels._picture import Picture
from htan_kit.pixels._tissue import Tissue

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["LAYOUT", "load_measurement", "save_measurement"]

LAYOUT: Final = 1
_HEAD: Final = "measurement.json"
_ARRAYS: Final = ("labels", "not_finite", "histograms", "histogram_values")
_TABLES: Final = ("objects", "shapes", "channels", "tiles", "cycles", "cycle_cells")
_STATISTICS: Final = ("count", "sum", "sd", "min", "max")


def save_measurement(found: Measurement, folder: Path, made_from: Mapping[str, Any]) -> None:
    """Write a measurement, whole or not at all.

    Parameters
    ----------
    found
        The measurement.
    folder
        Where to; what is there is replaced.
    made_from
        What it was made from, as JSON can hold it: it is compared when the measurement is read.

    Raises
    ------
    OSError
        It cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import htan_kit as hk
    >>> from htan_kit.pixels import measure
    >>> from htan_kit.pixels._stored import load_measurement, save_measurement
    >>> mask = hk.read_mask(hk.datasets.sample() / "level3" / "HTA200_1_D2.ome.tiff")
    >>> folder = Path(tempfile.mkdtemp(), "kept")
    >>> save_measurement(measure(None, mask), folder, {"mask": "D2"})
    >>> load_measurement(folder, {"mask": "D2"}) is not None, load_measurement(folder, {"mask": "D3"}) is not None
    (True, False)
    """
    arrays = {name: getattr(found, name) for name in _ARRAYS}
    tables = {name: getattr(found, name) for name in _TABLES}
    head: dict[str, Any] = {"layout": LAYOUT, "made_from": dict(made_from), "findings": found.findings.to_json()}
    for kind, groups in (("compartments", found.compartments), ("stains", found.stains)):
        head[kind] = {name: sorted(intensities.quantiles) for name, intensities in groups.items()}
        for name, intensities in groups.items():
            arrays |= _of_intensities(f"{kind}.{name}", intensities)
    if found.tissue is not None:
        head["tissue"] = {f.name: getattr(found.tissue, f.name) for f in fields(Tissue) if f.name != "mask"}
        arrays["tissue"] = found.tissue.mask
    if found.picture is not None:
        head["picture"] = found.picture.scale
        arrays |= {"picture.pixels": found.picture.pixels, "picture.labels": found.picture.labels}
    arrays |= {
        name: table.to_records(index=False)
        for name, table in tables.items()
        if table is not None and len(table.columns)
    }
    there = {name: array for name, array in arrays.items() if array is not None}
    head["arrays"] = {name: list(array.shape) for name, array in there.items()}
    with replacing(folder) as temporary:
        temporary.mkdir()
        for name, array in there.items():
            np.save(temporary / f"{name}.npy", np.asarray(array), allow_pickle=False)
        (temporary / _HEAD).write_text(json.dumps(head), encoding="utf-8")


def _of_intensities(prefix: str, intensities: Intensities) -> dict[str, np.ndarray | None]:
    found = {f"{prefix}.{name}": getattr(intensities, name) for name in _STATISTICS}
    count = intensities.count
    if count.shape[1] and not count.strides[1]:  # the same in all channels
        found[f"{prefix}.count"] = count[:, :1]
    return found | {f"{prefix}.q{share!r}": values for share, values in intensities.quantiles.items()}


def load_measurement(folder: Path, made_from: Mapping[str, Any]) -> Measurement | None:
    """Read a measurement.

    Parameters
    ----------
    folder
        Where :func:`save_measurement` wrote it.
    made_from
        What it must have been made from.

    Returns
    -------
    The measurement; None where there is none, where it was made from something else, and where a part of it is
    missing or damaged.
    """
    try:
        head = json.loads((folder / _HEAD).read_text("utf-8"))
        if head["layout"] != LAYOUT or head["made_from"] != made_from:
            return None
        return _loaded(folder, head)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, EOFError):  # whatever a damaged file leads to
        return None


def _loaded(folder: Path, head: dict[str, Any]) -> Measurement:
    import pandas as pd

    def array(name: str) -> Any:
        if name not in head["arrays"]:
            return None
        found = np.load(folder / f"{name}.npy", mmap_mode="r", allow_pickle=False)
        if list(found.shape) != head["arrays"][name]:
            raise ValueError(name)
        return found

    def table(name: str) -> pd.DataFrame | None:
        records = array(name)
        return None if records is None else pd.DataFrame(np.array(records))

    def groups(kind: str) -> dict[str, Intensities]:
        return {name: intensities(f"{kind}.{name}", shares) for name, shares in head[kind].items()}

    def intensities(prefix: str, shares: list[float]) -> Intensities:
        values = {name: array(f"{prefix}.{name}") for name in _STATISTICS}
        values["count"] = np.broadcast_to(values["count"], values["sum"].shape)
        return Intensities(**values, quantiles={share: array(f"{prefix}.q{share!r}") for share in shares})

    tissue = Tissue(mask=array("tissue"), **head["tissue"]) if "tissue" in head else None
    picture = None
    if "picture" in head:
        picture = Picture(array("picture.pixels"), array("picture.labels"), head["picture"])
    parts: dict[str, Any] = {name: array(name) for name in _ARRAYS} | {name: table(name) for name in _TABLES}
    if parts["objects"] is None:  # there was no mask
        parts["objects"] = pd.DataFrame()
    return Measurement(
        **parts,
        compartments=groups("compartments"), stains=groups("stains"), tissue=tissue, picture=picture,
        findings=Findings.from_json(head["findings"]),
    )  # fmt: skip
