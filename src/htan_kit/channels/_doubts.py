"""What is reported when a channel table and an image do not agree, or agree only in a way a person should look at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from htan_kit.findings import error, info, report, warning

if TYPE_CHECKING:
    from collections.abc import Sequence

    from htan_kit.findings import Findings
    from htan_kit.io.image import ImageChannel

__all__ = ["report_contradictions", "report_doubts", "report_rest", "shown", "some"]

_SOURCE = "HTAN Manual: channel metadata MUST match the channel information of the OME-TIFF header"
_SHOWN = 10
_LONGEST = 80
_CORRECTED = "A corrected table: htan-kit export INPUT --to channels."


def shown(text: str | None) -> str:
    """Quote a name for a message, cut where it is too long."""
    return repr(text if text is None or len(text) <= _LONGEST else f"{text[:_LONGEST]}…")


def some(items: Sequence[str]) -> str:
    """Join the first items, each cut, and say how many more there are."""
    cut = [item if len(item) <= 3 * _LONGEST else f"{item[: 3 * _LONGEST]}…" for item in items[:_SHOWN]]
    return "; ".join(cut) + (f" and {len(items) - _SHOWN} more" if len(items) > _SHOWN else "")


def report_doubts(pairs: Sequence[tuple[str, str, str, str]], subject: object, findings: Findings | None) -> None:
    """Report matches that are not by an equal name: (row, plane or feature, rule, confidence) each."""
    likely = [entry for entry in pairs if entry[3] != "low"]
    doubtful = [entry for entry in pairs if entry[3] == "low"]
    if likely:
        said = some([f"{shown(one)} is taken for {shown(other)} ({rule}, {sure})" for one, other, rule, sure in likely])
        message = f"Matched by what the names mean: {said}."
        report(findings, info("channels.match-likely", subject, message, _CORRECTED, _SOURCE))
    if doubtful:
        said = some([f"{shown(one)} with {shown(other)}" for one, other, _, _ in doubtful])
        message = f"Matched by position alone, between others that agree: {said}."
        hint = f"Check them, and write one name in both. {_CORRECTED}"
        report(findings, warning("channels.match-doubtful", subject, message, hint, _SOURCE))


def report_contradictions(
    names: list[str | None],
    image: Sequence[ImageChannel],
    by_id: dict[int, int],
    by_name: dict[int, int],
    subject: object,
    findings: Findings | None,
) -> None:
    """Report rows that ids and names send to different planes."""
    shifts = {row: plane - by_id[row] for row, plane in by_name.items() if row in by_id}
    wrong = [row for row, shift in shifts.items() if shift]
    if not wrong:
        return
    if len(shifts) > 1 and len(set(shifts.values())) == 1:
        message = f"Every name stands {next(iter(shifts.values())):+d} channels from where the table's ids put it."
        hint = "The names are believed. Let the ids count from the image's first channel."
        report(findings, warning("channels.base", subject, message, hint, _SOURCE))
        return
    pairs = [(by_id[row], names[row], image[by_id[row]].name) for row in wrong]
    said = [
        f"channel {plane}: {shown(name)} in the table, {shown(header)} in the header" for plane, name, header in pairs
    ]
    message = f"Names and ids of the channel table contradict the image's header: {some(said)}."
    hint = f"The header's names are believed, and each row goes where its name is. Correct the table. {_CORRECTED}"
    report(findings, error("channels.swapped", subject, message, hint, _SOURCE))


def report_rest(
    planes: list[int | None],
    ids: list[str | None],
    names: list[str | None],
    image: Sequence[ImageChannel],
    subject: object,
    findings: Findings | None,
) -> None:
    """Report rows without a plane and planes without a row."""
    lost = [names[row] or ids[row] or f"row {row + 1}" for row, plane in enumerate(planes) if plane is None]
    bare = sorted(set(range(len(image))) - set(planes))
    if lost:
        message = f"{len(lost)} rows of the channel table are in no channel of the image: {some(lost)}."
        hint = "Compare their ids and names with the image's header."
        report(findings, warning("channels.row-without-plane", subject, message, hint, _SOURCE))
    if bare:
        said = [f"{plane} ({image[plane].name})" if image[plane].name else str(plane) for plane in bare]
        message = f"{len(bare)} channels of the image are not in the channel table: {some(said)}."
        report(findings, warning("channels.plane-without-row", subject, message, "Add their rows.", _SOURCE))
