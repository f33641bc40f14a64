"""From the files of one image to one AnnData."""

from __future__ import annotations

from typing import TYPE_CHECKING

from htan_kit._keys import Key
from htan_kit.assemble import _slots
from htan_kit.assemble._cells import Cells, measured_cells
from htan_kit.assemble._metadata import htan_block, miti_sections, storable
from htan_kit.assemble._provenance import provenance
from htan_kit.assemble._sources import Sources, open_sources
from htan_kit.assemble._thumbnails import spatial_block
from htan_kit.cohort import Sample
from htan_kit.cohort._sample import stem_of, unique_ids
from htan_kit.errors import InputError
from htan_kit.findings import error, info, warning
from htan_kit.io._paths import located
from htan_kit.units import is_pixel_size

if TYPE_CHECKING:
    import os
    from collections.abc import Sequence
    from pathlib import Path

    import numpy as np
    from anndata import AnnData

    from htan_kit.assemble._statistic import Statistic
    from htan_kit.io.cell_table import CellTable

    File = str | os.PathLike[str]

__all__ = ["assembled", "read", "sample_of_files"]


def read(
    sample: Sample | None = None,
    *,
    image: File | None = None,
    channels: File | None = None,
    mask: File | None = None,
    table: File | None = None,
    pixel_size_um: float | None = None,
) -> AnnData:
    """Read the files of one image, Levels 2 to 4, as one AnnData with its metadata.

    Parameters
    ----------
    sample
        A sample of a cohort; None when the files are named one by one.
    image
        Level 2 image; like the other files it may be an address (``https://``, ``s3://``, ``gs://``).
    channels
        Channel metadata file.
    mask
        Level 3 mask.
    table
        Level 4 table.
    pixel_size_um
        Pixel size in µm; it wins over the header.

    Returns
    -------
    Objects by markers: ``X`` float32 means over the whole object, as in the table; ``obs``, ``var``, ``obsm`` and
    ``uns`` as in ARCHITECTURE.md. Without a table, image and mask are quantified; without a mask and a table there
    are 0 objects and all metadata; without an image there is no ``uns["spatial"]``. What was odd is in
    ``uns["htan_kit"][library_id]["findings"]``.

    Raises
    ------
    InputError
        A file cannot be read, or the files contradict each other; all problems at once.

    Examples
    --------
    >>> import htan_kit as hk
    >>> adata = hk.read(hk.open_cohort(hk.datasets.sample())["HTA200_1_D1"])
    >>> adata.obsm["spatial_um"].shape == (adata.n_obs, 2)
    True
    """
    if sample is not None and not isinstance(sample, Sample):
        hint = "Name the file: hk.read(image=...); or take a sample of hk.open_cohort(path)."
        message = f"A sample is expected, found {type(sample).__name__} {str(sample)[:80]!r}."
        raise InputError.of("read.arguments", "hk.read", message, hint)
    named = {"image": image, "channels": channels, "mask": mask, "table": table}
    if sample is not None and any(value is not None for value in (*named.values(), pixel_size_um)):
        hint = "Give a sample, or files; a cohort takes mask= and pixel_size_um=."
        raise InputError.of("read.arguments", sample.name, "Both a sample and files were given.", hint)
    if sample is None:
        files = {name: located(value) for name, value in named.items() if value is not None}
        sample = sample_of_files(files, pixel_size_um)
    return assembled(open_sources(sample))


def sample_of_files(files: dict[str, Path], pixel_size_um: float | None) -> Sample:
    """Make a sample of files that are named one by one.

    Parameters
    ----------
    files
        By role: image, mask, channels, table.
    pixel_size_um
        As the user gave it.

    Raises
    ------
    InputError
        There is none, or the pixel size is not possible.
    """
    if pixel_size_um is not None and not is_pixel_size(pixel_size_um):
        message = f"A pixel size of {pixel_size_um!r} µm is not possible."
        raise InputError.of("read.pixel-size", "pixel_size_um", message, "Give micrometres per pixel, such as 0.65.")
    first = next((files[name] for name in ("image", "mask", "table") if name in files), None)
    if first is None:
        raise InputError.of("read.arguments", "hk.read", "No file was given.", "Give image=, mask= or table=.")
    return Sample(
        library_id=unique_ids([stem_of(first)])[0],
        name=stem_of(first),
        root=first.parent,
        image=files.get("image"),
        channels=files.get("channels"),
        masks={"mask": files["mask"]} if "mask" in files else {},
        mask_name="mask" if "mask" in files else "",
        table=(files["table"],) if "table" in files else (),
        pixel_size_um=pixel_size_um,
    )


def assembled(sources: Sources, statistics: Sequence[Statistic] = ()) -> AnnData:
    """Fill every slot of the contract.

    Parameters
    ----------
    sources
        The opened sample.
    statistics
        Layers to make where there is no table.
    """
    import numpy as np
    from anndata import AnnData

    sample, library_id = sources.sample, sources.sample.library_id
    cells = _cells(sources, statistics)
    adata = AnnData(
        X=cells.x.astype(np.float32, copy=False),
        obs=_slots.obs(sample, cells.ids, cells.xy_px, cells.object_ids, cells.notes),
        var=storable(cells.var),
    )
    for (statistic, compartment), values in cells.layers.items():
        adata.layers[f"{statistic.name}_{compartment}"] = np.asarray(values, np.float32)
    _slots.add_places(adata, cells.xy_px, sources.pixel_size_um)
    if cells.xy_px is None and sources.table is not None and sources.table.xy_um is not None:
        adata.obsm[Key.obsm.spatial_um] = sources.table.xy_um
    own = sources.objects if sources.ids_are_labels else None
    _slots.add_sizes(adata, own, cells.features, sources.pixel_size_um)
    if cells.features.shape[1]:
        features = _slots.named_safely(cells.features)
        features.index = adata.obs_names  # in place: set_index would copy all of it
        adata.obsm[Key.obsm.features] = features
    if adata.n_obs:
        keys = {"region": library_id, "region_key": Key.obs.region, "instance_key": Key.obs.instance_id}
        adata.uns[Key.uns.spatialdata] = keys
    adata.uns[Key.uns.all_markers] = np.array(sources.channel_frame.index, dtype=object)  # as h5ad gives it back
    if sources.image is not None:
        adata.uns[Key.uns.spatial] = {library_id: spatial_block(sources.image, sources)}
    miti = miti_sections(sample, sources.image, sources.channel_frame, findings=sources.findings)
    adata.uns[Key.uns.miti] = {library_id: miti}
    adata.uns[Key.uns.htan] = {library_id: htan_block(sample)}
    adata.uns[Key.uns.kit] = {library_id: storable(provenance(sources))}
    return adata


def _cells(sources: Sources, statistics: Sequence[Statistic]) -> Cells:
    if sources.table is not None and sources.ids is not None:
        return _from_table(sources, sources.table, sources.ids)
    if sources.image is not None and sources.mask is not None:
        return measured_cells(sources, statistics)
    return _none(sources)


def _from_table(sources: Sources, table: CellTable, ids: np.ndarray) -> Cells:
    import numpy as np
    import pandas as pd

    xy, subject = table.xy_px, table.paths[0].name
    if xy is None and sources.objects is not None and sources.ids_are_labels:
        xy = sources.objects.set_index("label")[["x_px", "y_px"]].reindex(ids).to_numpy(np.float64)
        why = "no centroids" if table.xy_um is None else "centroids in µm only, and the pixel size is not known"
        sources.findings.append(info("table.centroids", subject, f"The table has {why}; they are the mask's."))
    elif xy is None and table.xy_um is not None:
        message = "Places are known in µm only, as the table has them: the pixel size is not known."
        sources.findings.append(warning("table.centroids-um", subject, message, "Give it: pixel_size_um=."))
    elif xy is None:
        message = "The table has no centroids, and no mask tells them by its ids: objects have no place."
        hint = "Give the mask, and its labels as CellID."
        sources.findings.append(error("table.centroids", subject, message, hint, "HTAN Manual, Level 4"))
    var = _slots.var_of_features(sources.channel_frame, list(table.marker_names))
    object_ids = None if table.object_ids is None else pd.Series(table.object_ids).reset_index(drop=True)
    return Cells(ids, table.x, var, xy, table.features, table.notes, object_ids)


def _none(sources: Sources) -> Cells:
    import numpy as np
    import pandas as pd

    there = ", ".join(f"Level {level}" for level in sources.sample.levels)
    message = f"There are no objects to read: only {there} is there."
    sources.findings.append(info("sample.no-objects", sources.sample.name, message, "Add a mask and a table."))
    var = sources.channel_frame
    empty = pd.DataFrame()
    return Cells(np.zeros(0, np.int64), np.zeros((0, len(var)), np.float32), var, np.zeros((0, 2)), empty, empty, None)
