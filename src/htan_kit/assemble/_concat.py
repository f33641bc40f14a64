"""Several images as one AnnData."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from htan_kit._keys import Key
from htan_kit.assemble._metadata import storable
from htan_kit.errors import InputError
from htan_kit.findings import Findings, report, warning

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import pandas as pd
    from anndata import AnnData

__all__ = ["concat"]

_PER_LIBRARY = (Key.uns.spatial, Key.uns.miti, Key.uns.htan, Key.uns.kit)


def concat(
    adatas: Iterable[AnnData], join: Literal["inner", "outer"] = "inner", *, findings: Findings | None = None
) -> AnnData:
    """Put the cells of several images into one AnnData; nothing of ``uns`` is lost.

    Parameters
    ----------
    adatas
        What :func:`htan_kit.read` gave, each of another ``library_id``.
    join
        ``"inner"`` keeps the markers that all have; ``"outer"`` keeps all and fills NaN.
    findings
        Where to say which markers were lost; None shows it as a Python warning.

    Returns
    -------
    Cells of all images: ``X`` float32; ``var`` holds what all samples agree on, the rest is NA here and stands in
    ``uns["miti"][library_id]["channel"]``; graphs are kept, block by block; ``uns["spatialdata_attrs"]`` is left out,
    since h5ad cannot hold the list of regions that SpatialData wants.

    Raises
    ------
    InputError
        There is nothing to concatenate, two have the same library id, or no marker is in all.

    Examples
    --------
    >>> import htan_kit as hk
    >>> cohort = hk.open_cohort(hk.datasets.sample())
    >>> both = hk.concat([hk.read(cohort["HTA200_1_D1"])])
    >>> both.uns["miti"].keys() == {"HTA200_1_D1"}
    True
    """
    import anndata as ad
    import numpy as np

    parts = list(adatas)
    _check(parts)
    markers = [list(part.var_names) for part in parts if part.n_obs]
    everywhere = set(markers[0]).intersection(*markers) if markers else set()
    lost = sorted(set().union(*markers) - everywhere) if join == "inner" else []
    if markers and not everywhere and join == "inner":
        message = "The images have no marker in common."
        raise InputError.of("concat.markers", "concat", message, "Use join='outer', or concatenate those of one panel.")
    if lost:
        message = f"{len(lost)} markers are not in every image and are left out: {', '.join(lost[:12])}."
        report(findings, warning("concat.markers", "concat", message, "join='outer' keeps them."))
    with_cells = [_plain(part) for part in parts if part.n_obs] or [_plain(parts[0])]
    _tell_lost(with_cells, findings)
    merged = ad.concat(with_cells, join=join, merge=None, pairwise=True, fill_value=np.nan)
    merged.X = np.asarray(merged.X, dtype=np.float32)
    merged.var = storable(
        _common_var([part.var for part in parts if part.n_obs] or [parts[0].var], list(merged.var_names))
    )
    merged.obs = storable(_with_all_columns(merged.obs, [part.obs for part in with_cells]))
    for key in (Key.obs.library_id, Key.obs.region, Key.obs.imageid):
        merged.obs[key] = merged.obs[key].astype("category")
    _add_features(merged, parts)
    for key in _PER_LIBRARY:
        merged.uns[key] = {library: block for part in parts for library, block in part.uns.get(key, {}).items()}
    names = dict.fromkeys(str(m) for part in parts for m in part.uns.get(Key.uns.all_markers, []))
    merged.uns[Key.uns.all_markers] = np.array(list(names), dtype=object)
    _add_tables(merged, parts)
    _add_neighbors(merged, parts)
    return merged


def _with_all_columns(merged: pd.DataFrame, frames: list[pd.DataFrame]) -> pd.DataFrame:
    """Add the columns that some images lack: NA there, not lost everywhere."""
    import numpy as np

    columns = dict.fromkeys(column for frame in frames for column in frame if column not in merged)
    for column in columns:
        parts = [
            frame[column].astype(object).to_numpy() if column in frame else np.full(len(frame), None)
            for frame in frames
        ]
        merged[column] = np.concatenate(parts)
    return merged


def _tell_lost(parts: Sequence[AnnData], findings: Findings | None) -> None:
    """Places and layers that some images lack cannot be kept for the others."""
    for what in ("obsm", "layers"):
        names = [{str(name) for name in getattr(part, what) if name is not None} for part in parts]
        lost = sorted(set().union(*names) - set(names[0]).intersection(*names))
        if lost:
            message = f"{what}: {', '.join(lost)} is not in every image and is left out."
            report(
                findings,
                warning(f"concat.{what}", "concat", message, "Give every image the same (pixel size, layers)."),
            )


def _check(parts: Sequence[AnnData]) -> None:
    if not parts:
        raise InputError.of("concat.empty", "concat", "There is nothing to concatenate.", "Give at least one AnnData.")
    libraries = [library for part in parts for library in part.uns.get(Key.uns.kit, {})]
    repeated = sorted({name for name in libraries if libraries.count(name) > 1})
    if repeated:
        message = f"These library ids come more than once: {', '.join(repeated)}."
        raise InputError.of("concat.library-id", "concat", message, "Read each image once, under a name of its own.")


def _plain(part: AnnData) -> AnnData:
    """Take what anndata merges well; features and uns are merged here."""
    import anndata as ad

    obsm = {key: value for key, value in part.obsm.items() if key != Key.obsm.features}
    layers = {key: value for key, value in part.layers.items() if key is not None}
    return ad.AnnData(X=part.X, obs=part.obs, var=part.var[[]], obsm=obsm, obsp=dict(part.obsp), layers=layers)


def _common_var(frames: list[pd.DataFrame], names: list[str]) -> pd.DataFrame:
    import pandas as pd

    columns = list(dict.fromkeys(column for frame in frames for column in frame))
    rows: dict[str, dict[str, Any]] = {}
    for name in names:
        rows[name] = {}
        for column in columns:
            values = [f.loc[name, column] for f in frames if name in f.index and column in f]
            known = [value for value in values if not pd.isna(value)]
            same = len(known) == len([f for f in frames if name in f.index]) and len(set(known)) == 1
            rows[name][column] = known[0] if same else None
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns)


def _add_features(merged: AnnData, parts: Sequence[AnnData]) -> None:
    import pandas as pd

    frames = [part.obsm[Key.obsm.features] for part in parts if Key.obsm.features in part.obsm]
    if frames:
        merged.obsm[Key.obsm.features] = pd.concat(frames).reindex(merged.obs_names)


def _add_tables(merged: AnnData, parts: Sequence[AnnData]) -> None:
    """Put long tables under each other: they name the image in a column."""
    import pandas as pd

    for key in (Key.uns.statistics, Key.uns.gates):
        frames = [part.uns[key] for part in parts if key in part.uns]
        if frames:
            plain = [f.astype({c: object for c in f if isinstance(f[c].dtype, pd.CategoricalDtype)}) for f in frames]
            merged.uns[key] = storable(pd.concat(plain, ignore_index=True).rename(index=str))


def _add_neighbors(merged: AnnData, parts: Sequence[AnnData]) -> None:
    """Keep how the graph was made where all were made alike; reasons are by image."""
    graphs = [part.uns[Key.uns.neighbors] for part in parts if Key.uns.neighbors in part.uns]
    if not graphs or Key.obsp.connectivities not in merged.obsp:
        return
    reasons = {library: text for graph in graphs for library, text in graph.get("reason", {}).items()}
    if all(graph.get("params") == graphs[0].get("params") for graph in graphs):
        merged.uns[Key.uns.neighbors] = {**graphs[0], "reason": reasons}
