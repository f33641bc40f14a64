"""From the files of one image to one AnnData."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from htan_kit._keys import Key
from htan_kit.assemble import _slots
from htan_kit.assemble._metadata import htan_block, miti_sections, storable
from htan_kit.assemble._provenance import provenance
from htan_kit.assemble._sources import Sources, open_sources
from htan_kit.assemble._thumbnails import spatial_block
from htan_kit.cohort import Sample
from htan_kit.cohort._sample import stem_of, unique_ids
from htan_kit.errors import InputError
from htan_kit.findings import Findings, error, info
from htan_kit.io.image import Image, read_image
from htan_kit.io.mask import Mask
from htan_kit.units import is_pixel_size

if TYPE_CHECKING:
    import os

    import numpy as np
    import pandas as pd
    from anndata import AnnData

    from htan_kit.io.cell_table import CellTable

    File = str | os.PathLike[str]

__all__ = ["quantify", "read"]


class Cells(NamedTuple):
    """Objects by channels, before they become an AnnData; parts share their rows, ``var`` the columns of ``x``."""

    ids: np.ndarray  # int64, the label of each object
    x: np.ndarray  # float32
    var: pd.DataFrame
    xy_px: np.ndarray | None
    features: pd.DataFrame
    notes: pd.DataFrame
    object_ids: pd.Series | None


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
        Level 2 image.
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
    if pixel_size_um is not None and not is_pixel_size(pixel_size_um):
        message = f"A pixel size of {pixel_size_um!r} µm is not possible."
        raise InputError.of("read.pixel-size", "hk.read", message, "Give micrometres per pixel, such as 0.65.")
    if sample is None:
        sample = _sample({name: Path(value) for name, value in named.items() if value is not None}, pixel_size_um)
    return _assemble(open_sources(sample))


def quantify(
    image: File | Image, mask: File | Mask, channels: File | None = None, *, pixel_size_um: float | None = None
) -> AnnData:
    """Measure every object of a mask in every channel of an image: Levels 2 and 3 give Level 4.

    Parameters
    ----------
    image
        Level 2 image.
    mask
        Level 3 mask of the same size.
    channels
        Channel metadata file, for the markers' names.
    pixel_size_um
        Pixel size in µm; it wins over the header.

    Returns
    -------
    Objects by markers as from :func:`read`: ``X`` is the mean intensity over the object,
    ``obsm["features"]`` its shape.

    Raises
    ------
    InputError
        A file cannot be read, or the mask has another size than the image.

    References
    ----------
    Mean intensity and shape as scikit-image ``regionprops`` defines them and MCMICRO's quantification uses them.

    Examples
    --------
    >>> import htan_kit as hk
    >>> folder = hk.datasets.sample()
    >>> adata = hk.quantify(folder / "level2" / "HTA200_1_D1.ome.tiff", folder / "level3" / "HTA200_1_D2.ome.tiff")
    >>> adata.X.dtype
    dtype('float32')
    """
    opened = image if isinstance(image, Image) else read_image(image, findings=Findings())
    if opened.is_rgb:
        message = "A colour image has no markers to measure."
        raise InputError.of("quantify.rgb", opened.path, message, "Give a multiplexed image.")
    image_path = image.path if isinstance(image, Image) else image
    mask_path = mask.path if isinstance(mask, Mask) else mask
    return read(image=image_path, mask=mask_path, channels=channels, pixel_size_um=pixel_size_um)


def _sample(files: dict[str, Path], pixel_size_um: float | None) -> Sample:
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


def _assemble(sources: Sources) -> AnnData:
    import numpy as np
    from anndata import AnnData

    sample, library_id = sources.sample, sources.sample.library_id
    cells = _cells(sources)
    adata = AnnData(
        X=cells.x,
        obs=_slots.obs(sample, cells.ids, cells.xy_px, cells.object_ids, cells.notes),
        var=storable(cells.var),
    )
    _slots.add_places(adata, cells.xy_px, sources.pixel_size_um)
    own = sources.objects if sources.ids_are_labels else None
    _slots.add_sizes(adata, own, cells.features, sources.pixel_size_um)
    if cells.features.shape[1]:
        adata.obsm[Key.obsm.features] = _slots.named_safely(cells.features).set_index(adata.obs_names)
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


def _cells(sources: Sources) -> Cells:
    image, mask, objects = sources.image, sources.mask, sources.objects
    if sources.table is not None and sources.ids is not None:
        return _from_table(sources, sources.table, sources.ids)
    if image is not None and mask is not None and objects is not None and not image.is_rgb:
        return _from_pixels(sources, image, mask, objects)
    return _none(sources)


def _from_table(sources: Sources, table: CellTable, ids: np.ndarray) -> Cells:
    import numpy as np
    import pandas as pd

    xy = table.xy_px
    if xy is None and sources.objects is not None and sources.ids_are_labels:
        xy = sources.objects.set_index("label")[["x_px", "y_px"]].reindex(ids).to_numpy(np.float64)
        message = "The table has no centroids; they are the mask's."
        sources.findings.append(info("table.centroids", table.paths[0].name, message))
    elif xy is None:
        message = "The table has no centroids, and no mask tells them by its ids: objects have no place."
        hint = "Give the mask, and its labels as CellID."
        source = "HTAN Manual, Level 4"
        sources.findings.append(error("table.centroids", table.paths[0].name, message, hint, source))
    var = _slots.var_of_features(sources.channel_frame, list(table.markers))
    x = table.markers.to_numpy(np.float32)
    object_ids = None if table.object_ids is None else pd.Series(table.object_ids).reset_index(drop=True)
    return Cells(ids, x, var, xy, table.features, table.notes, object_ids)


def _from_pixels(sources: Sources, image: Image, mask: Mask, objects: pd.DataFrame) -> Cells:
    import numpy as np
    import pandas as pd

    from htan_kit.pixels import measure

    message = f"There is no Level 4 table; {len(objects):,} objects were measured from image and mask."
    sources.findings.append(info("table.quantified", sources.sample.name, message))
    found = measure(image, mask, spread=False, channels=False, focus=False, tissue=False, findings=sources.findings)
    means, features = found.compartments["cell"].mean.astype(np.float32), pd.DataFrame(found.shapes)
    xy = found.objects[["x_px", "y_px"]].to_numpy(np.float64)
    notes = pd.DataFrame(index=features.index)
    return Cells(found.labels, means, sources.channel_frame, xy, features, notes, None)


def _none(sources: Sources) -> Cells:
    import numpy as np
    import pandas as pd

    if sources.mask is not None and sources.image is not None:
        message = "There are no objects to read: a colour image has no markers to measure in the mask."
    else:
        there = ", ".join(f"Level {level}" for level in sources.sample.levels)
        message = f"There are no objects to read: only {there} is there."
    sources.findings.append(info("sample.no-objects", sources.sample.name, message, "Add a mask and a table."))
    var = sources.channel_frame
    empty = pd.DataFrame()
    return Cells(np.zeros(0, np.int64), np.zeros((0, len(var)), np.float32), var, np.zeros((0, 2)), empty, empty, None)
