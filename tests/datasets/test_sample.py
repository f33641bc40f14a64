from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from htan_kit import datasets
from htan_kit.datasets import _sample
from htan_kit.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path


def test_the_checkout_has_the_sample(checkout: Path) -> None:
    assert datasets.sample().samefile(checkout / "data" / "sample")


def test_an_installed_package_has_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "site-packages" / "htan_kit"
    (package / "data" / "sample").mkdir(parents=True)
    monkeypatch.setattr(_sample, "_PACKAGE", package)
    assert datasets.sample() == package / "data" / "sample"


def test_without_a_sample_it_says_how_to_make_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_sample, "_PACKAGE", tmp_path / "a" / "b" / "htan_kit")
    with pytest.raises(InputError, match="htan-kit simulate"):
        datasets.sample()
