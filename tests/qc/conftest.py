"""Small samples written to disk, whose numbers are known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import numpy as np
import pandas as pd
import pytest
import tifffile

from htan_kit.cohort import Sample

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


class MakeSample(Protocol):
    def __call__(
        self,
        image: np.ndarray | None = None,
        mask: np.ndarray | None = None,
        table: pd.DataFrame | None = None,
        names: Sequence[str] = (),
        pixel_size_um: float | None = 0.5,
    ) -> Sample: ...


@pytest.fixture
def make_sample(tmp_path: Path) -> MakeSample:
    """Write image (C, Y, X) or (Y, X, 3), mask and table as files and give them as a sample."""

    def make(
        image: np.ndarray | None = None,
        mask: np.ndarray | None = None,
        table: pd.DataFrame | None = None,
        names: Sequence[str] = (),
        pixel_size_um: float | None = 0.5,
    ) -> Sample:
        files: dict[str, Path] = {}
        if image is not None:
            files["image"] = tmp_path / "s1.ome.tiff"
            rgb = image.shape[-1] == 3 and image.dtype == np.uint8
            metadata = {"axes": "YXS" if rgb else "CYX"} | ({} if rgb else {"Channel": {"Name": list(names)}})
            photometric = "rgb" if rgb else "minisblack"
            tifffile.imwrite(files["image"], image, ome=True, metadata=metadata, photometric=photometric)
            files["channels"] = tmp_path / "s1_channels.csv"
            channels = {"Channel ID": [f"Channel:0:{i}" for i in range(len(names))], "Channel Name": list(names)}
            pd.DataFrame(channels).to_csv(files["channels"], index=False)
            if rgb:
                del files["channels"]
        if mask is not None:
            tifffile.imwrite(tmp_path / "s1_mask.tiff", mask)
        if table is not None:
            table.to_csv(tmp_path / "s1.csv", index=False)
        return Sample(
            library_id="s1",
            name="s1",
            root=tmp_path,
            masks={"cell": tmp_path / "s1_mask.tiff"} if mask is not None else {},
            mask_name="cell" if mask is not None else "",
            table=(tmp_path / "s1.csv",) if table is not None else (),
            pixel_size_um=pixel_size_um,
            assay="CyCIF",
            **files,
        )

    return make


@pytest.fixture
def two_cells() -> tuple[np.ndarray, np.ndarray, pd.DataFrame]:
    """An image of 2 channels, a mask of two squares (labels 3 and 7), and mcquant's table of it."""
    y, x = np.mgrid[:20, :30]
    image = np.stack([y * 10 + x, 500 + x]).astype(np.uint16)
    mask = np.zeros((20, 30), np.uint32)
    mask[2:6, 3:9] = 3
    mask[10:20, 20:25] = 7
    rows = []
    for label in (3, 7):
        inside = mask == label
        rows.append(
            {
                "CellID": label,
                "DNA_1": image[0][inside].mean(),
                "CD3": image[1][inside].mean(),
                "X_centroid": x[inside].mean(),
                "Y_centroid": y[inside].mean(),
                "Area": inside.sum(),
            }
        )
    return image, mask, pd.DataFrame(rows)
