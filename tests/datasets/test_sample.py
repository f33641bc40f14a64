from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import htan_kit
from htan_kit import datasets
from htan_kit.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path


def test_the_checkout_has_the_sample(checkout: Path) -> None:
    assert datasets.sample().samefile(checkout / "data" / "sample")


def test_an_installed_package_has_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "site-packages" / "htan_kit"
    (package / "data" / "sample").mkdir(parents=True)
    monkeypatch.setattr(htan_kit, "__file__", str(package / "__init__.py"))
    assert datasets.sample() == package / "data" / "sample"


def test_without_a_sample_it_says_how_to_make_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(htan_kit, "__file__", str(tmp_path / "a" / "b" / "htan_kit" / "__init__.py"))
    with pytest.raises(InputError, match="htan-kit simulate"):
        datasets.sample()
