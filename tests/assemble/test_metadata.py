from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anndata
import numpy as np
import pandas as pd
import pytest

from htan_kit.assemble._metadata import htan_block, miti_sections
from htan_kit.channels import reconcile
from htan_kit.cohort import Sample
from htan_kit.findings import Findings
from htan_kit.io.channel_table import read_channels
from htan_kit.io.image import ImageChannel
from htan_kit.io.manifest import Record
from htan_kit.io.ome import OmeHeader
from htan_kit.lineage import Unit
from htan_kit.models import miti_sections as model_sections

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = [
    # anndata 0.12 announces that zarr v3 will be its default; 0.13 reads a pandas option that pandas 3.1 retires.
    pytest.mark.filterwarnings("ignore:.*zarr v[23].*:UserWarning"),
    pytest.mark.filterwarnings("ignore:.*future.infer_string.*"),
]

COMPONENTS = {level: f"MultiplexMicroscopyLevel{level}" for level in "234"}
COMPONENTS |= {"biospecimen": "Biospecimen", "channel": "ChannelMetadata"}
CHANNELS = """Channel ID,Channel Name,Cycle Number,Antibody Role,Target Name,Lot,HMSL ID
Channel:0:0,DNA,1,,DNA,,1
Channel:0:1,HHLA2,1,Secondary,Rabbit IgG,s,2
Channel:0:1,HHLA2,1,Primary,HHLA2,p,3
"""
RECORD = {
    "clinical": {"Participant ID": "HTA200_1", "Age at diagnosis": "61", "Tumor grade": None},
    "file": [{"Data File Id": "other"}, {"Data File Id": "HTA200_1_D1", "Lens NA": "0.75", "Pyramid": "Yes"}],
    "ome-tiff-header": {"SizeX": 999, "Comment": "by hand"},
    "Processed Data": [{"data_file_id": "HTA200_1_D2", "data_type": "mask", "object_class": "cell"}],
    "cell": {"HTA200_1_D3": {"Header size": 1}},
    "channel": [{"Channel ID": "Channel:0:0", "Clone": "from the record"}],
    "our own": {"free": "text"},
}


@dataclass
class Picture:
    """What the metadata ask of an Image."""

    path: Path = Path("level2/HTA200_1_D1.ome.tiff")
    width: int = 30
    height: int = 20
    n_channels: int = 2
    dtype: np.dtype = field(default_factory=lambda: np.dtype("uint16"))
    pixel_size_um: float | None = 0.65
    levels: tuple[int, ...] = (1, 2)
    channel_names: tuple[str | None, ...] = ("DNA", "HHLA2")
    ome: OmeHeader | None = None


def header() -> OmeHeader:
    pixels = {"SizeX": "30", "SizeY": "20", "SizeC": "2", "SizeZ": "1", "SizeT": "1", "Type": "uint16"}
    pixels |= {"PhysicalSizeX": "0.65", "BigEndian": "false", "DimensionOrder": "XYCZT", "ID": "Pixels:0"}
    return OmeHeader("Image:0", None, pixels, (), 1, (), False, None, ())


def unit() -> Unit:
    def record(level: str, name: str, *parents: str, **attributes: str) -> Record:
        component = COMPONENTS[level]
        return Record(component, 2, level, name, parents, f"level{level}/{name}.x", attributes, f"m.csv {name}")

    said = {"HTAN_BIOSPECIMEN_ID": "HTA200_1_B1", "BIOSPECIMEN_TYPE": "Tissue"}
    tissue = record("biospecimen", "HTA200_1_B1", "HTA200_1", **said)
    image = record(
        "2", "HTA200_1_D1", "HTA200_1_B1", FILENAME="level2/HTA200_1_D1.ome.tiff", HTAN_DATA_FILE_ID="HTA200_1_D1",
        IMAGING_ASSAY_TYPE="CyCIF", LENS_NUMERICAL_APERTURE="0.5", IMMERSION="Not Applicable", WORKING_DISTANCE="12",
    )  # fmt: skip
    mask = record("3", "HTA200_1_D2", "HTA200_1_D1", HTAN_DATA_FILE_ID="HTA200_1_D2", PASSED_QC="true")
    table = record("4", "HTA200_1_D3", "HTA200_1_D2", HTAN_DATA_FILE_ID="HTA200_1_D3", **{"odd/name": "x"})
    panel = tuple(record("channel", "HTA200_1_P1", CHANNEL_ID=f"Channel:0:{i}", CHANNEL_NAME="x") for i in range(2))
    return Unit(image, (mask,), (table,), panel, ("HTA200_1_B1",), "HTA200_1", (tissue,))


@pytest.fixture
def sample(tmp_path: Path) -> Sample:
    channels = tmp_path / "channels.csv"
    channels.write_text(CHANNELS, encoding="utf-8")
    miti = tmp_path / "record.json"
    miti.write_text(json.dumps(RECORD), encoding="utf-8")
    return Sample("HTA200_1_D1", "HTA200_1_D1", tmp_path, channels=channels, assay="CyCIF", unit=unit(), miti=miti)


def frame_of(sample: Sample) -> pd.DataFrame:
    planes = [ImageChannel(i, f"Channel:0:{i}", name) for i, name in enumerate(("DNA", "HHLA2"))]
    findings = Findings()
    return reconcile(read_channels(sample.channels, findings=findings), planes, None, subject="", findings=findings)


def test_the_record_wins_over_manifests_and_the_header_over_both(sample: Sample) -> None:
    sections = miti_sections(sample, Picture(ome=header()), frame_of(sample))
    assert sections["clinical"] == {"participant_id": "HTA200_1", "age_at_diagnosis": 61}
    assert sections["biospecimen"] == {"biospecimen_id": "HTA200_1_B1", "biospecimen_type": "Tissue"}
    file = sections["file"]
    assert file["lens_na"] == 0.75
    assert file["assay_type"] == "t-CyCIF"  # MITI's word for HTAN's
    assert file["filename"] == "HTA200_1_D1.ome.tiff"
    assert (file["working_distance"], file["working_distance_unit"]) == (12.0, "µm")
    assert "immersion_medium" not in file
    assert (file["pyramid"], file["z_stack"], file["t_series"]) == (True, False, False)
    assert file["channel_level_metadata_csv_filename"] == "channels.csv"
    assert sections["ome_tiff_header"] == {
        "image_id": "Image:0", "size_x": 30, "size_y": 20, "size_c": 2, "size_z": 1, "size_t": 1, "type": "uint16",
        "physical_size_x": 0.65, "physical_size_xunit": "µm", "pixels_big_endian": False, "dimension_order": "XYCZT",
        "channel_name": "DNA; HHLA2", "comment": "by hand",
    }  # fmt: skip
    assert sections["processed_data"] == {
        "HTA200_1_D2": {"data_file_id": "HTA200_1_D2", "passed_qc": True, "data_type": "mask", "object_class": "cell"}
    }
    assert sections["cell"] == {"HTA200_1_D3": {"data_file_id": "HTA200_1_D3", "header_size": 1}}
    assert "cell_state" not in sections


def test_every_key_is_one_of_mitis(sample: Sample) -> None:
    sections = miti_sections(sample, Picture(ome=header()), frame_of(sample))
    model = model_sections()
    for name in ("clinical", "biospecimen", "file", "ome_tiff_header"):
        assert set(sections[name]) <= set(model[name])
    for name in ("processed_data", "cell"):
        for entry in sections[name].values():
            assert set(entry) <= set(model[name])
    kits_own = {"channel_index", "role", "image_name", "matched_by", "match_rule", "confidence", "feature"}
    kits_own |= {"antibody_role", "source_rows", "understood"}
    assert set(sections["channel"].columns) - kits_own <= set(model["channel"])


def test_the_channel_table(sample: Sample) -> None:
    channel = miti_sections(sample, None, frame_of(sample))["channel"]
    assert channel.index.tolist() == ["DNA", "HHLA2"]
    assert channel["target_name"].tolist() == ["DNA", "HHLA2"]
    assert channel["lot"].isna().tolist() == [True, False]
    assert channel["clone"].tolist()[0] == "from the record"
    assert channel["cycle_number"].tolist() == [1, 1]
    assert channel["role"].tolist() == ["nuclear", "marker"]
    assert {str(channel[name].dtype) for name in ("channel_name", "lot", "role", "matched_by")} == {"category"}


def test_the_json_loses_nothing(sample: Sample) -> None:
    whole = json.loads(miti_sections(sample, None, frame_of(sample))["json"])
    assert whole["record"] == RECORD
    assert [row["target_name"] for row in whole["channel"]] == ["DNA", "Rabbit IgG", "HHLA2"]
    assert [row["HMSL ID"] for row in whole["channel"]] == ["1", "2", "3"]
    assert whole["file"]["lens_na"] == 0.75


def test_without_anything() -> None:
    sections = miti_sections(Sample("a", "a", Path()), None, None)
    assert sections == {"json": "{}"}
    assert htan_block(Sample("a", "a", Path())) == {}


def test_an_image_alone() -> None:
    sections = miti_sections(Sample("a", "a", Path()), Picture(), None)
    assert sections["ome_tiff_header"]["size_x"] == 30
    assert sections["ome_tiff_header"]["physical_size_y"] == 0.65
    assert sections["file"] == {
        "filename": "HTA200_1_D1.ome.tiff",
        "file_format": "OME-TIFF",
        "pyramid": True,
        "z_stack": False,
        "t_series": False,
    }


def test_a_record_alone(tmp_path: Path) -> None:
    path = tmp_path / "r.json"
    path.write_text(json.dumps({"Channel": RECORD["channel"]}), encoding="utf-8-sig")
    sections = miti_sections(Sample("a", "a", tmp_path, miti=path), None, None)
    assert json.loads(sections["json"])["channel"] == [{"channel_id": "Channel:0:0", "clone": "from the record"}]


@pytest.mark.parametrize("content", ["", "[1, 2]", "{", "[" * 200_000, "\udcff"])
def test_a_record_that_cannot_be_read_is_a_finding(tmp_path: Path, content: str) -> None:
    path = tmp_path / "r.json"
    path.write_bytes(content.encode("utf-8", "surrogateescape"))
    findings = Findings()
    sections = miti_sections(Sample("a", "a", tmp_path, miti=path), None, None, findings=findings)
    assert [f.rule for f in findings] == ["miti.json"]
    assert sections == {"json": "{}"}


def test_hostile_names_and_values(tmp_path: Path) -> None:
    path = tmp_path / "r.json"
    hostile = {"a/b": "x\0y", "": "empty", "Comment": ["one", "two"], "Microscope": {"n": [1]}, "z": float("nan")}
    path.write_text(json.dumps({"file": hostile}), encoding="utf-8")
    file = miti_sections(Sample("a", "a", tmp_path, miti=path), None, None)["file"]
    assert file == {
        "a_b": "x\ufffdy", "unnamed": "empty", "comment": "one; two", "microscope": '{"n": [1]}', "z": "NaN"
    }  # fmt: skip


def test_the_htan_block(sample: Sample) -> None:
    block = htan_block(sample)
    assert block["level2"]["HTA200_1_D1"]["IMAGING_ASSAY_TYPE"] == "CyCIF"
    assert block["level4"]["HTA200_1_D3"] == {"HTAN_DATA_FILE_ID": "HTA200_1_D3", "odd_name": "x"}
    assert block["component"]["HTA200_1_D2"] == COMPONENTS["3"]
    assert block["biospecimen"]["HTA200_1_B1"]["BIOSPECIMEN_TYPE"] == "Tissue"
    assert block["channel"]["CHANNEL_ID"].tolist() == ["Channel:0:0", "Channel:0:1"]
    assert block["lineage"]["level"].tolist() == ["participant", "biospecimen", "2", "3", "4"]
    assert block["lineage"]["parent_found"].all()


@pytest.mark.parametrize("form", ["h5ad", "zarr"])
def test_both_blocks_come_back(sample: Sample, tmp_path: Path, form: str) -> None:
    frame = frame_of(sample)
    uns: dict[str, Any] = {
        "miti": {"A": miti_sections(sample, Picture(ome=header()), frame)},
        "htan": {"A": htan_block(sample)},
    }
    adata = anndata.AnnData(np.zeros((1, 1), np.float32), uns=uns)
    path = tmp_path / f"a.{form}"
    write: Callable[[Path], None] = getattr(adata, f"write_{form}")
    write(path)
    back = getattr(anndata, f"read_{form}")(path).uns
    assert back["miti"]["A"]["file"] == uns["miti"]["A"]["file"]
    assert back["miti"]["A"]["processed_data"] == uns["miti"]["A"]["processed_data"]
    assert json.loads(back["miti"]["A"]["json"])["record"] == RECORD
    for block, name in (("miti", "channel"), ("htan", "lineage"), ("htan", "channel")):
        one, other = uns[block]["A"][name], back[block]["A"][name]
        pd.testing.assert_frame_equal(one, other, check_dtype=False, check_categorical=False, check_index_type=False)
    assert adata.copy().uns["htan"]["A"]["level2"] == back["htan"]["A"]["level2"]


def test_the_packaged_cohort(cohort: Any) -> None:
    for sample in cohort.values():
        sections = miti_sections(sample, None, None)
        record = json.loads(sample.miti.read_text(encoding="utf-8"))
        assert json.loads(sections["json"])["record"] == record
        assert sections["file"]["data_file_id"] == sample.library_id
        assert sections["clinical"]["participant_id"] == sample.unit.participant
        assert htan_block(sample)["level2"][sample.library_id]["HTAN_DATA_FILE_ID"] == sample.library_id
