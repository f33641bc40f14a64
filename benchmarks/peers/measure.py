"""How each peer measures the same image and mask: python measure.py PEER IMAGE MASK NAMES FOLDER, in the peer's own
environment. Each asks for as many of mcquant's columns as the peer has, in the way its documentation shows, and writes
CSV. Prints the seconds after imports.
"""

from __future__ import annotations

import csv
import json
import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

SHAPES = ["area", "centroid", "major_axis_length", "minor_axis_length", "eccentricity", "solidity", "extent"]
MCMICRO = {
    "label": "CellID", "centroid-1": "X_centroid", "centroid-0": "Y_centroid", "area": "Area",
    "major_axis_length": "MajorAxisLength", "minor_axis_length": "MinorAxisLength", "eccentricity": "Eccentricity",
    "solidity": "Solidity", "extent": "Extent", "orientation": "Orientation",
}  # fmt: skip


@dataclass(frozen=True)
class Job:
    image: Path
    mask: Path
    names_file: Path
    out: Path

    @property
    def names(self) -> list[str]:
        with self.names_file.open(newline="") as file:
            return [row["marker_name"] for row in csv.DictReader(file)]


def mcquant(job: Job) -> Iterator[None]:
    """Its command line."""
    from mcquant.cli import main

    yield
    sys.argv = [
        "mcquant", "--masks", str(job.mask), "--image", str(job.image), "--channel_names", str(job.names_file),
        "--output", str(job.out),
    ]  # fmt: skip
    main()


def skimage(job: Job) -> Iterator[None]:
    """One call over all channels, which is faster than one a channel and needs all of them in memory."""
    import numpy as np
    import pandas as pd
    import tifffile
    from skimage.measure import regionprops_table

    yield
    pixels = np.moveaxis(tifffile.imread(job.image), 0, -1)
    properties = ("label", "intensity_mean", *SHAPES, "orientation")
    table = pd.DataFrame(regionprops_table(tifffile.imread(job.mask), pixels, properties=properties))
    means = {f"intensity_mean-{i}": name for i, name in enumerate(job.names)}
    table.rename(columns=MCMICRO | means).to_csv(job.out / "cells.csv", index=False)


def scipy(job: Job) -> Iterator[None]:
    """``scipy.ndimage``: means, areas and centroids; it has no other shapes."""
    import numpy as np
    import pandas as pd
    import tifffile
    from scipy import ndimage

    yield
    mask = tifffile.imread(job.mask)
    area = np.bincount(mask.ravel())
    labels = np.flatnonzero(area[1:]) + 1
    columns: dict[str, Any] = {"CellID": labels}
    with tifffile.TiffFile(job.image) as tiff:
        for name, page in zip(job.names, tiff.series[0].pages, strict=True):
            columns[name] = ndimage.mean(page.asarray(), mask, labels)
    y, x = np.array(ndimage.center_of_mass(mask > 0, mask, labels)).T
    columns |= {"X_centroid": x, "Y_centroid": y, "Area": area[labels]}
    pd.DataFrame(columns).to_csv(job.out / "cells.csv", index=False)


def _spatial(job: Job, chunk: int = 2048) -> tuple[Any, Any]:
    """Image and mask as lazy arrays in chunks."""
    import dask.array as da
    import tifffile
    import zarr

    image, mask = (
        da.from_zarr(zarr.open(tifffile.imread(path, aszarr=True, level=0), mode="r")) for path in (job.image, job.mask)
    )
    return image.rechunk((-1, chunk, chunk)), mask.rechunk((chunk, chunk))


def harpy(job: Job) -> Iterator[None]:
    """``allocate_intensity``: means, pixel counts, centres."""
    import harpy as hp
    import pandas as pd
    from spatialdata import SpatialData
    from spatialdata.models import Image2DModel, Labels2DModel

    yield
    image, mask = _spatial(job)
    data = SpatialData(
        images={"image": Image2DModel.parse(image, dims=("c", "y", "x"), c_coords=job.names)},
        labels={"mask": Labels2DModel.parse(mask, dims=("y", "x"))},
    )
    data = hp.tb.allocate_intensity(
        data, image_name="image", labels_name="mask", output_table_name="table", mode="mean", obs_stats=["count"]
    )
    cells = data["table"]
    table = pd.DataFrame(cells.X, columns=list(cells.var_names))
    table.insert(0, "CellID", cells.obs["cell_ID"].to_numpy())
    table["Area"] = cells.obs["shapeSize"].to_numpy()
    table["X_centroid"], table["Y_centroid"] = cells.obsm["spatial"][:, :2].T
    table.to_csv(job.out / "cells.csv", index=False)


def sopa(job: Job) -> Iterator[None]:
    """Mask to polygons, then ``aggregate_channels``."""
    import pandas as pd
    import tifffile
    from sopa.aggregation import aggregate_channels
    from sopa.shapes import vectorize
    from spatialdata import SpatialData
    from spatialdata.models import Image2DModel, ShapesModel

    yield
    image, _ = _spatial(job)
    shapes = vectorize(tifffile.imread(job.mask))
    data = SpatialData(
        images={"image": Image2DModel.parse(image, dims=("c", "y", "x"), c_coords=job.names)},
        shapes={"cells": ShapesModel.parse(shapes)},
    )
    cells = aggregate_channels(data, image_key="image", shapes_key="cells", mode="average")
    table = pd.DataFrame(cells.X, columns=list(cells.var_names))
    table["X_centroid"], table["Y_centroid"] = shapes.centroid.x.to_numpy(), shapes.centroid.y.to_numpy()
    table["Area"] = shapes.area.to_numpy()
    table.to_csv(job.out / "cells.csv", index=False)


def steinbock(job: Job) -> Iterator[None]:
    """What ``measure intensities`` and ``measure regionprops`` call; its command line cannot start without napari."""
    os.environ |= {"STEINBOCK_IMG_DTYPE": "uint16", "STEINBOCK_MASK_DTYPE": "uint32"}  # labels beyond 65 535
    from steinbock.measurement import intensities, regionprops

    yield
    mean = intensities.IntensityAggregation.MEAN
    found = intensities.try_measure_intensities_from_disk([job.image], [job.mask], job.names, mean)
    for _, _, table in found:
        table.rename_axis("CellID").to_csv(job.out / "intensities.csv")
    names = ["area", "centroid", "axis_major_length", "axis_minor_length", "eccentricity"]  # what it asks for itself
    again = {"axis_major_length": "MajorAxisLength", "axis_minor_length": "MinorAxisLength"}
    for _, _, table in regionprops.try_measure_regionprops_from_disk([job.image], [job.mask], names):
        table.rename_axis("CellID").rename(columns=MCMICRO | again).to_csv(job.out / "regionprops.csv")


def nyxus(job: Job) -> Iterator[None]:
    """In memory, channel by channel; shapes once."""
    import numpy as np
    import tifffile
    from nyxus import Nyxus

    yield
    shapes = {
        "AREA_PIXELS_COUNT": "Area", "CENTROID_X": "X_centroid", "CENTROID_Y": "Y_centroid",
        "MAJOR_AXIS_LENGTH": "MajorAxisLength", "MINOR_AXIS_LENGTH": "MinorAxisLength", "ECCENTRICITY": "Eccentricity",
        "SOLIDITY": "Solidity", "EXTENT": "Extent", "ORIENTATION": "Orientation",
    }  # fmt: skip
    mask = tifffile.imread(job.mask).astype(np.uint32)
    table = None
    with tifffile.TiffFile(job.image) as tiff:
        for name, page in zip(job.names, tiff.series[0].pages, strict=True):
            wanted = ["MEAN"] if table is not None else ["MEAN", *shapes]
            found = Nyxus(wanted, n_feature_calc_threads=os.cpu_count()).featurize(page.asarray(), mask)
            if table is None:
                table = found[["ROI_label", *shapes]].rename(columns={"ROI_label": "CellID"} | shapes)
            table[name] = found["MEAN"].to_numpy()
    if table is not None:
        table.to_csv(job.out / "cells.csv", index=False)


PEERS = {function.__name__: function for function in (mcquant, skimage, scipy, harpy, sopa, steinbock, nyxus)}


def main() -> None:
    peer, *paths = sys.argv[1:]
    steps = PEERS[peer](Job(*map(Path, paths)))
    next(steps)
    start = time.perf_counter()
    next(steps, None)
    print()
    print(json.dumps({"engine_s": time.perf_counter() - start}))


if __name__ == "__main__":
    main()
