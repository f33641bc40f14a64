"""SpatialData takes what the kit hands over, one image or several."""

from __future__ import annotations

import numpy as np
import pytest

import htan_kit as hk


def test_a_cohort_with_pictures_and_labels(cohort: hk.Cohort) -> None:
    names = ["HTA200_1_D1", "HTA200_2_D4"]
    adata = hk.concat([hk.read(cohort[name]) for name in names], findings=hk.Findings())
    sdata = hk.to_spatialdata(adata)
    table = sdata.tables["table"]
    assert table.uns["spatialdata_attrs"]["region"] == names
    assert sorted(sdata.labels) == names
    assert sorted(sdata.images) == [f"{name}_image" for name in names]
    assert "spatialdata_attrs" not in adata.uns  # the given one stays as it was
    for name in names:
        drawn = set(np.unique(np.asarray(sdata.labels[name].data))) - {0}
        rows = set(table.obs.loc[table.obs["region"] == name, "instance_id"])
        assert drawn <= rows  # the ids of the labels are those of the table


def test_no_cells_no_table(cohort: hk.Cohort) -> None:
    with pytest.raises(hk.InputError, match="no cells"):
        hk.to_spatialdata(hk.read(cohort["HTA200_1_D5"]))
