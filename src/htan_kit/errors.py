"""The one exception for what a user gave and the kit cannot use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from htan_kit.findings import Findings, error

if TYPE_CHECKING:
    from htan_kit.findings import Finding

__all__ = ["InputError"]


class InputError(ValueError):
    """A file, folder or parameter that cannot be used as it is; it lists every problem at once.

    Parameters
    ----------
    *findings
        The problems.

    Examples
    --------
    >>> from htan_kit.errors import InputError
    >>> raise InputError.of("image.tiff", "x.tif", "This is not a TIFF file.", "Convert it first.")
    Traceback (most recent call last):
    ...
    htan_kit.errors.InputError: x.tif: This is not a TIFF file. Convert it first.
    """

    def __init__(self, *findings: Finding) -> None:
        self.findings = Findings(findings)
        lines = [" ".join(p for p in (f"{f.subject}:", f.message, f.hint) if p) for f in findings]
        super().__init__("\n".join(lines))

    @classmethod
    def of(cls, rule: str, subject: object, message: str, hint: str = "", source: str = "") -> InputError:
        """Make the exception for a single problem."""
        return cls(error(rule, subject, message, hint, source))

    def __reduce__(self) -> tuple[type[InputError], tuple[Finding, ...]]:
        # The default pickles args (the text); worker processes must hand the findings back.
        return type(self), tuple(self.findings)
