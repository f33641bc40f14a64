"""What is known of one image, for the records that are written about it."""

from __future__ import annotations

from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, Final

from htan_kit._keys import Key
from htan_kit.assemble import miti
from htan_kit.assemble._record import rows_of_channels
from htan_kit.models import components, key

if TYPE_CHECKING:
    from collections.abc import Mapping

    from anndata import AnnData

__all__ = ["Facts", "facts_of"]

_NAME: Final = ("FILENAME", "Filename")
_PANEL: Final = ("HTAN_PANEL_ID", "CHANNEL_METADATA_ID", "HTAN Parent Channel Metadata ID", "HTAN Channel Metadata ID")


@dataclass(frozen=True)
class Facts:
    """What an AnnData knows of one image.

    Parameters
    ----------
    library_id
        The image.
    record
        Its MITI record.
    channels
        Antibody rows under MITI's keys, with ``antibody_role`` and ``role`` where they are known.
    levels
        Records by level (``"level2"``, ``"level3"``, ``"level4"``): identifier -> attributes.
    components
        Identifier -> the model's component.
    files
        Role (image, mask, table, ...) -> name of the file.
    mask_name
        The object class.
    measured
        The cells were measured by the kit, not read from a table.
    n_objects
        How many cells there are.
    table_columns
        Columns of the Level 4 table as it is written.
    """

    library_id: str
    record: dict[str, Any]
    channels: list[dict[str, Any]]
    levels: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)
    components: dict[str, str] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    mask_name: str = ""
    measured: bool = False
    n_objects: int = 0
    table_columns: tuple[str, ...] = ()

    @property
    def kit(self) -> str:
        """Name and version of the kit."""
        return f"htan_kit {version('htan-kit')}"

    def record_of(self, level: str, role: str) -> tuple[str, Mapping[str, Any]]:
        """Find the record of a file that was read: identifier (``""`` for none) and attributes."""
        wanted = self.files.get(role, "")
        for identifier, attributes in self.levels.get(level, {}).items():
            written = next((str(attributes[name]) for name in _NAME if name in attributes), "")
            if wanted and PurePosixPath(written).name == wanted:
                return identifier, attributes
        return "", {}

    @property
    def image(self) -> tuple[str, Mapping[str, Any]]:
        """The Level 2 record: identifier and attributes; the only one there is, else the one of the file."""
        records = self.levels.get("level2", {})
        return next(iter(records.items())) if len(records) == 1 else self.record_of("level2", "image")

    @property
    def panel(self) -> str:
        """The identifier of the channel metadata, as the Level 2 record has it."""
        attributes = self.image[1]
        return next((str(attributes[name]) for name in _PANEL if attributes.get(name)), "")

    def source(self, identifier: str) -> tuple[str, str] | None:
        """Say which model and component a record is of, as the models name them."""
        wanted = key(self.components.get(identifier, ""))
        for entry in components().values():
            if wanted and wanted in {key(name) for name in (entry["name"], *entry["also_called"])}:
                return f"htan{entry['phase']}", str(entry["name"])
        return None


def facts_of(adata: AnnData, library_id: str, *, table_columns: tuple[str, ...] = ()) -> Facts:
    """Collect what an AnnData knows of one image.

    Parameters
    ----------
    adata
        Cells of that image only, with ``uns``.
    library_id
        The image.
    table_columns
        Columns of the Level 4 table as it is written; none where none is written.
    """
    htan = adata.uns.get(Key.uns.htan, {}).get(library_id, {})
    kit = adata.uns.get(Key.uns.kit, {}).get(library_id, {})
    files = {str(role): PurePosixPath(str(file["file"])).name for role, file in kit.get("files", {}).items()}
    levels = {
        str(name): {str(identifier): dict(attributes) for identifier, attributes in records.items()}
        for name, records in htan.items()
        if str(name).startswith("level")
    }
    return Facts(
        library_id,
        miti(adata, library_id),
        rows_of_channels(adata, library_id, extra=("antibody_role", Key.var.role)),
        levels,
        {str(identifier): str(name) for identifier, name in htan.get("component", {}).items()},
        files,
        str(kit.get("parameters", {}).get("mask", "")),
        bool(adata.n_obs) and "table" not in files,
        int(adata.n_obs),
        table_columns,
    )
