"""Every AnnData slot name the kit reads or writes, in one place."""

from __future__ import annotations

from typing import Final

__all__ = ["Key"]


class Key:
    """Names of AnnData slots.

    Examples
    --------
    >>> from htan_kit._keys import Key
    >>> Key.obs.cell_id
    'CellID'
    """

    class obs:  # noqa: N801 - reads as the slot it names
        """Columns of ``adata.obs``."""

        cell_id: Final = "CellID"
        object_id: Final = "object_id"
        library_id: Final = "library_id"
        region: Final = "region"
        instance_id: Final = "instance_id"
        x: Final = "X_centroid"
        y: Final = "Y_centroid"
        imageid: Final = "imageid"
        phenotype: Final = "phenotype"
        area_px: Final = "area_px"
        area_um2: Final = "area_um2"
        in_bad_tile: Final = "in_bad_tile"

    class var:  # noqa: N801
        """Columns of ``adata.var``."""

        channel_index: Final = "channel_index"
        channel_id: Final = "channel_id"
        channel_name: Final = "channel_name"
        cycle_number: Final = "cycle_number"
        target_name: Final = "target_name"
        role: Final = "role"
        passed_qc: Final = "passed_qc"
        qc_details: Final = "qc_details"

    class obsm:  # noqa: N801
        """Keys of ``adata.obsm``."""

        spatial: Final = "spatial"
        spatial_um: Final = "spatial_um"
        features: Final = "features"

    class obsp:  # noqa: N801
        """Keys of ``adata.obsp``."""

        connectivities: Final = "spatial_connectivities"
        distances: Final = "spatial_distances"

    class uns:  # noqa: N801
        """Keys of ``adata.uns``."""

        spatial: Final = "spatial"
        neighbors: Final = "spatial_neighbors"
        miti: Final = "miti"
        htan: Final = "htan"
        kit: Final = "htan_kit"
        statistics: Final = "spatial_statistics"
        spatialdata: Final = "spatialdata_attrs"
        all_markers: Final = "all_markers"
        colors: Final = "phenotype_colors"
        gates: Final = "gates"
