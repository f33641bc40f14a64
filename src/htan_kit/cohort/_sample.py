"""The files of one image."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from markupsafe import escape

from htan_kit.cohort._lineage import lineage_table
from htan_kit.findings import Findings
from htan_kit.io._paths import exists

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    import pandas as pd

    from htan_kit.lineage import Unit

__all__ = ["Sample", "stem_of", "unique_ids"]

_SUFFIX = re.compile(
    r"\.(ome\.tiff?|ome\.zarr|tiff?|qptiff|svs|ndpi|btf|dcm|zarr|(csv|tsv|txt)(\.gz)?|parquet|xlsx|h5ad|geojson)$",
    re.IGNORECASE,
)
_RESERVED = {
    "index.html", "run.json", "cohort.h5ad", "cohort_metrics.csv", "cohort_statistics.csv", "multiqc", "4_cohort.ipynb",
    "4_cohort.html",
}  # fmt: skip
"""Names of a run's own files, beside which the samples' folders lie."""


@dataclass(frozen=True)
class Sample:
    """The files of one image, by level; opening it reads no pixels.

    Parameters
    ----------
    library_id
        The name used everywhere: letters, digits, ``.``, ``_``, ``-``; unique in its cohort.
    name
        The name as it was given.
    root
        The folder the files belong to.
    image
        Level 2 image, None when there is none.
    channels
        Channel metadata file.
    panel
        The panel in it, where it holds several (HTAN phase 2 ChannelMetadata).
    masks
        Level 3 masks by name (``cell``, ``nucleus``, ``deepcell``, ...).
    mask_name
        The mask that is used, ``""`` for none.
    object_class
        The channel or class of objects in that mask, where its file holds several; ``""`` where it holds one.
    table
        Level 4 table; several files when a program spreads the columns (steinbock).
    tables_by_mask
        Tables by the name of the mask they were made from, ``""`` where that is not known.
    pixel_size_um
        Pixel size in µm given by the user, the sheet or the folder's own table; None to believe the image's header.
    assay
        Assay as the metadata name it.
    unit
        The HTAN records of this sample.
    miti
        A MITI record (JSON).
    findings
        What was found while the files were put together.
    cache
        The folder where a run keeps what it measured of this sample; None: nothing is kept.

    Examples
    --------
    >>> import htan_kit as hk
    >>> hk.open_cohort(hk.datasets.sample())["HTA200_1_D1"]
    <Sample HTA200_1_D1: L2, L3, L4, CyCIF>
    """

    library_id: str
    name: str
    root: Path
    image: Path | None = None
    channels: Path | None = None
    panel: str = ""
    masks: dict[str, Path] = field(default_factory=dict)
    mask_name: str = ""
    object_class: str = ""
    table: tuple[Path, ...] = ()
    tables_by_mask: dict[str, tuple[Path, ...]] = field(default_factory=dict, repr=False)
    pixel_size_um: float | None = None
    assay: str | None = None
    unit: Unit | None = None
    miti: Path | None = None
    findings: Findings = field(default_factory=Findings, compare=False)
    cache: Path | None = field(default=None, compare=False, repr=False)

    @property
    def mask(self) -> Path | None:
        """The mask that is used, None when there is none."""
        return self.masks.get(self.mask_name)

    @property
    def table_image(self) -> tuple[str, ...]:
        """The names by which a table of several images may call this one."""
        files = [name for path in (self.image, self.mask) if path is not None for name in (path.name, stem_of(path))]
        return tuple(dict.fromkeys(name for name in (self.name, self.library_id, *files) if name))

    @property
    def levels(self) -> tuple[int, ...]:
        """The Imaging Levels that are there, such as (2, 3, 4)."""
        there = {2: self.image, 3: self.mask, 4: self.table or None}
        return tuple(level for level, file in there.items() if file is not None)

    def files(self) -> pd.DataFrame:
        """List the files.

        Returns
        -------
        One row a file: ``level``, ``role``, ``file`` (relative to the root where it lies below it), ``size_bytes``
        (Int64, NA when the file is missing), ``used`` (the mask that is not chosen is not).

        Examples
        --------
        >>> import htan_kit as hk
        >>> hk.open_cohort(hk.datasets.sample())["HTA200_1_D1"].files()["role"].tolist()[0]
        'image'
        """
        import pandas as pd

        rows: list[tuple[str, str, Path, bool]] = []
        if self.image is not None:
            rows.append(("2", "image", self.image, True))
        if self.channels is not None:
            rows.append(("2", "channels", self.channels, True))
        rows += [("3", f"mask {name}".strip(), path, name == self.mask_name) for name, path in self.masks.items()]
        rows += [("4", "table", path, True) for path in self.table]
        if self.miti is not None:
            rows.append(("", "MITI record", self.miti, True))
        frame = pd.DataFrame(
            {
                "level": [level for level, *_ in rows],
                "role": [role for _, role, *_ in rows],
                "file": [self.relative(path) for _, _, path, _ in rows],
                "size_bytes": [path.stat().st_size if exists(path) else None for _, _, path, _ in rows],
                "used": [used for *_, used in rows],
            }
        )
        return frame.astype({"size_bytes": "Int64"})

    def lineage(self) -> pd.DataFrame:
        """Tabulate which file comes from which; columns as in :meth:`Cohort.lineage`.

        Returns
        -------
        One row a record and parent; without manifests, one a file and the file it was made from.

        Examples
        --------
        >>> import htan_kit as hk
        >>> hk.open_cohort(hk.datasets.sample())["HTA200_1_D1"].lineage()["level"].tolist()[0]
        'participant'
        """
        return lineage_table([self])

    def relative(self, path: Path) -> str:
        """Write a path relative to the root, with forward slashes; only the name where it lies elsewhere."""
        try:
            return path.resolve().relative_to(self.root.resolve()).as_posix()
        except (TypeError, ValueError):  # elsewhere; one of the two on a server
            return path.name

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><td>{escape(row.level)}</td><td>{escape(row.role)}</td><td>{escape(row.file)}</td>"
            f"<td>{'missing' if str(row.size_bytes) == '<NA>' else f'{int(row.size_bytes):,} bytes'}</td></tr>"
            for row in self.files().itertuples()
        )
        assay = f" ({escape(self.assay)})" if self.assay else ""
        head = "<tr><th>level</th><th>what</th><th>file</th><th>size</th></tr>"
        title = f"<strong>{escape(self.library_id)}</strong>{assay}"
        return f"<div>{title}<table><thead>{head}</thead><tbody>{rows}</tbody></table></div>"

    def __repr__(self) -> str:
        levels = ", ".join(f"L{level}" for level in self.levels) or "no files"
        return f"<Sample {self.library_id}: {levels}{f', {self.assay}' if self.assay else ''}>"


def stem_of(path: Path) -> str:
    """Give a file's name without its format suffix: ``a.b.ome.tiff`` is ``a.b``.

    Parameters
    ----------
    path
        The file.

    Returns
    -------
    The stem.

    Examples
    --------
    >>> from pathlib import Path
    >>> from htan_kit.cohort._sample import stem_of
    >>> stem_of(Path("slides/a.b.ome.tiff"))
    'a.b'
    """
    return _SUFFIX.sub("", path.name)


def unique_ids(names: Iterable[str]) -> list[str]:
    """Make library ids: safe characters, at most 100, repeated ones numbered ``_2``, ``_3``.

    Parameters
    ----------
    names
        The names as given.

    Returns
    -------
    One id a name, in the same order, all different.

    Examples
    --------
    >>> from htan_kit.cohort._sample import unique_ids
    >>> unique_ids(["a b", "a/b", ".."])
    ['a_b', 'a_b_2', '_']
    """
    seen = set(_RESERVED)
    last: dict[str, int] = {}
    ids = []
    for name in names:
        base = re.sub(r"[^A-Za-z0-9._-]", "_", name).lstrip(".-")[:100] or "_"
        candidate, n = base, last.get(base.lower(), 1)
        while candidate.lower() in seen:  # folders on some systems do not tell case
            n += 1
            candidate = f"{base[: 100 - len(str(n)) - 1]}_{n}"
        last[base.lower()] = n
        seen.add(candidate.lower())
        ids.append(candidate)
    return ids
