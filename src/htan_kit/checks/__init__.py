"""Rules about files and records; whatever does not hold is a finding."""

from htan_kit.checks._check import check

__all__ = ["check"]
