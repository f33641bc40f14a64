"""Where the files of a cohort come from, as one table: by the manifests, else by what the folder says."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

from htan_kit.cohort._files import base_name, safe_name
from htan_kit.io._paths import exists, is_inside
from htan_kit.lineage import Link, relation

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    import pandas as pd

    from htan_kit.lineage import Unit

__all__ = ["COLUMNS", "lineage_table"]

COLUMNS = (
    "library_id", "n_samples", "level", "id", "parent_id", "parent_level", "relation", "what", "file", "file_found",
    "state",
)  # fmt: skip
_ORDER = {"participant": 0, "biospecimen": 1, "channel": 2, "1": 3, "2": 4, "3": 5, "4": 6}


class _Files(Protocol):
    """What of a sample is asked here."""

    @property
    def library_id(self) -> str: ...
    @property
    def root(self) -> Path: ...
    @property
    def image(self) -> Path | None: ...
    @property
    def masks(self) -> dict[str, Path]: ...
    @property
    def tables_by_mask(self) -> dict[str, tuple[Path, ...]]: ...
    @property
    def assay(self) -> str | None: ...
    @property
    def unit(self) -> Unit | None: ...
    def relative(self, path: Path) -> str: ...


class _Row(NamedTuple):
    link: Link
    found: bool | None


def lineage_table(samples: Iterable[_Files]) -> pd.DataFrame:
    """Tabulate the lineage of some samples, one row a record (or file) and parent; columns as ``COLUMNS``."""
    import pandas as pd

    rows: dict[Link, _Row] = {}
    of: dict[Link, dict[str, None]] = {}
    for sample in samples:
        found = _of_files(sample) if sample.unit is None else _of_unit(sample, sample.unit)
        for row in found:
            rows.setdefault(row.link, row)
            of.setdefault(row.link, {})[sample.library_id] = None
    table = [
        (next(iter(of[link])) if len(of[link]) == 1 else "", len(of[link]), *link[:7], row.found, link.state)
        for link, row in rows.items()
    ]
    frame = pd.DataFrame(table, columns=list(COLUMNS))
    return frame.astype({"n_samples": "int64", "file_found": "boolean"})


def _of_unit(sample: _Files, unit: Unit) -> list[_Row]:
    there = {path.name: exists(path) for path in _paths(sample)}
    links = [*_implied(unit), *unit.links]
    sorted_links = sorted(links, key=lambda link: _ORDER.get(link.level, 9))
    return [_Row(link, _found(link.filename, there, sample.root)) for link in sorted_links]


def _implied(unit: Unit) -> Iterator[Link]:
    """Give what no manifest lists: the participant and biospecimens that identifiers name, and the panel."""
    listed = {link.id for link in unit.links}
    person = unit.participant or ""
    if person and person not in listed:
        yield Link("participant", person, "", "", "", "", "", "implied")
    for identifier in unit.biospecimens:
        if identifier not in listed:
            parent = ("participant", relation("biospecimen", "participant")) if person else ("", "")
            yield Link("biospecimen", identifier, person, *parent, "", "", "implied")
    panels: dict[str, int] = {}
    for record in unit.channels:
        panels[record.data_file_id] = panels.get(record.data_file_id, 0) + 1
    for panel, count in panels.items():
        manifest = next(record.filename for record in unit.channels if record.data_file_id == panel)
        what = "1 channel" if count == 1 else f"{count} rows"
        yield Link("channel", panel, "", "", "", what, manifest, "ok")


def _found(written: str, there: dict[str, bool], root: Path) -> bool | None:
    """Tell whether a file is there; None where that was not looked for all over the folder."""
    if not written:
        return None
    name = base_name(written)
    for known in (name, safe_name(written)):
        if known in there:
            return there[known]
    return any(path and is_inside(root / path, root) and exists(root / path) for path in (written, name)) or None


def _paths(sample: _Files) -> list[Path]:
    tables = [path for paths in sample.tables_by_mask.values() for path in paths]
    return [path for path in (sample.image, *sample.masks.values(), *tables) if path is not None]


def _of_files(sample: _Files) -> list[_Row]:
    """Read the lineage off which files were put together, where there are no manifests."""
    rows = []
    image = sample.relative(sample.image) if sample.image is not None else ""

    def add(level: str, path: Path, parent: str, parent_level: str, what: str) -> None:
        name = sample.relative(path)
        state = "ok" if parent or level == "2" else "no parent"
        how = relation(level, parent_level) if parent else ""
        link = Link(level, name, parent, parent_level if parent else "", how, what, name, state)
        rows.append(_Row(link, exists(path)))

    if sample.image is not None:
        add("2", sample.image, "", "", sample.assay or "")
    for name, path in sample.masks.items():
        add("3", path, image, "2", name)
    for mask, paths in sample.tables_by_mask.items():
        made_from = sample.masks.get(mask) or (next(iter(sample.masks.values())) if len(sample.masks) == 1 else None)
        for path in paths:
            parent = sample.relative(made_from) if made_from else image
            add("4", path, parent, "3" if made_from else "2", "")
    return rows
