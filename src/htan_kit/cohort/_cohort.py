"""All images of a folder or a sheet."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from htan_kit.cohort._lineage import lineage_table
from htan_kit.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    import pandas as pd

    from htan_kit.cohort._sample import Sample
    from htan_kit.findings import Findings

__all__ = ["Cohort"]


class Cohort(Mapping[str, "Sample"]):
    """Samples by library id, in the order they were found.

    Parameters
    ----------
    root
        What was opened.
    kind
        What it was recognised as: ``"HTAN manifests"``, ``"sample sheet"``, ``"steinbock"``, ``"MCMICRO"``,
        ``"folder"``, ``"file"``.
    samples
        The samples.
    findings
        What concerns the cohort as a whole.

    Examples
    --------
    >>> import htan_kit as hk
    >>> cohort = hk.open_cohort(hk.datasets.sample())
    >>> len(cohort)
    4
    """

    def __init__(self, root: Path, kind: str, samples: Iterable[Sample], findings: Findings) -> None:
        self.root = root
        self.kind = kind
        self.findings = findings
        self._samples = {sample.library_id: sample for sample in samples}

    @property
    def samples(self) -> list[Sample]:
        """The samples in order."""
        return list(self._samples.values())

    def __getitem__(self, library_id: str) -> Sample:
        if library_id not in self._samples:
            near = get_close_matches(str(library_id), self._samples, n=3, cutoff=0.4) or list(self._samples)[:5]
            message = f"There is no sample {library_id!r} among {len(self)}."
            raise InputError.of("cohort.sample", self.root, message, f"Did you mean: {', '.join(near)}?")
        return self._samples[library_id]

    def get(self, library_id: str, default: Any = None) -> Any:
        """Give a sample, or the default where there is none."""
        return self._samples.get(library_id, default)

    def __contains__(self, library_id: object) -> bool:
        return library_id in self._samples

    def __iter__(self) -> Iterator[str]:
        return iter(self._samples)

    def __len__(self) -> int:
        return len(self._samples)

    def _ipython_key_completions_(self) -> list[str]:
        return list(self._samples)

    def to_frame(self) -> pd.DataFrame:
        """Tabulate the samples.

        Returns
        -------
        One row a sample, index library id: ``assay``, ``levels``, ``image``, ``mask``, ``table`` (file names),
        ``pixel_size_um`` (given, not the header's), ``errors`` and ``warnings`` (numbers of findings).

        Examples
        --------
        >>> import htan_kit as hk
        >>> hk.open_cohort(hk.datasets.sample()).to_frame().shape[0]
        4
        """
        import pandas as pd

        rows = {
            s.library_id: {
                "assay": s.assay or "",
                "levels": " ".join(f"L{level}" for level in s.levels),
                "image": s.image.name if s.image else "",
                "mask": s.mask.name if s.mask else "",
                "table": ", ".join(path.name for path in s.table),
                "pixel_size_um": s.pixel_size_um,
                "errors": len(s.findings.errors),
                "warnings": len(s.findings.of("warning")),
            }
            for s in self.samples
        }
        return pd.DataFrame.from_dict(rows, orient="index").rename_axis("library_id")

    def lineage(self) -> pd.DataFrame:
        """Tabulate which file comes from which.

        Returns
        -------
        One row a record and parent, from participant to Level 4 in the order of the samples; without manifests, one a
        file and the file it was made from. ``library_id`` (``""`` for what several samples share), ``n_samples``,
        ``level`` (``participant``, ``biospecimen``, ``channel``, ``1`` to ``4``), ``id``, ``parent_id`` and
        ``parent_level`` (``""`` for none), ``relation`` (``segmented from``, ...), ``what`` (assay, kind of mask),
        ``file`` as written, ``file_found`` (NA where there is no file to find), and ``state``: ``ok``; ``implied``
        (in no manifest, which is allowed); ``missing``, ``wrong level``, ``other participant``, ``cycle``,
        ``no parent``, for which :func:`htan_kit.lineage.units` has findings.

        Examples
        --------
        >>> import htan_kit as hk
        >>> table = hk.open_cohort(hk.datasets.sample()).lineage()
        >>> table[table["id"] == "HTA200_1_D4"]["parent_id"].tolist()
        ['HTA200_1_D2', 'HTA200_1_D1']
        """
        return lineage_table(self.samples)

    def __repr__(self) -> str:
        return f"<Cohort {self.root.name} ({self.kind}): {len(self)} samples>"

    def _repr_html_(self) -> str:
        from markupsafe import escape

        table = self.to_frame().to_html(escape=True, na_rep="")
        return f"<div><strong>{escape(self.root.name)}</strong> ({escape(self.kind)}){table}</div>"
