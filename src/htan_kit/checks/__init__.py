"""Rules about files and records; whatever does not hold is a finding."""

from htan_kit.checks._check import check, check_each
from htan_kit.checks._rules import rules

__all__ = ["check", "check_each", "rules"]
