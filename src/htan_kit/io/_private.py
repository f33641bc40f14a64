"""What must not be in a file that is shared: dates, names, addresses, serial numbers, paths; found, never repeated."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final, NamedTuple

__all__ = ["KINDS", "Private", "is_slide_label", "pairs_in", "private_kinds", "without_private"]

KINDS: Final = ("date", "name", "e-mail", "serial number", "user path", "place on earth", "label image")
"""What is looked for, in the order it is reported."""


class Private(NamedTuple):
    """Something that must not be shared: what kind, and where it is. The value itself is not kept."""

    kind: str
    place: str


_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]{0,6}\.?"
_YEAR = r"(?:19|20)\d\d"
_DATE = re.compile(
    rf"(?<![\d.]){_YEAR}([-/:])(?:0?[1-9]|1[0-2])\1(?:0?[1-9]|[12]\d|3[01])(?!\d)"  # 2021-03-05
    rf"|(?<![\d.]){_YEAR}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?!\d|\.\d)"  # 20210305
    rf"|(?<![\d./])(?:0?[1-9]|[12]\d|3[01])([-/.])(?:0?[1-9]|[12]\d|3[01])\2{_YEAR}(?!\d|\.\d)"  # 05.03.2021, 3/5/2021
    r"|(?<![\d./])(?:0?[1-9]|[12]\d|3[01])/(?:0?[1-9]|[12]\d|3[01])/\d\d(?![\d/])"  # 12/29/09
    rf"|(?<![\w])(?:0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th)?[- ]{_MONTH},?[- ](?:{_YEAR}|\d\d(?!\d))"  # 5 March 2021
    rf"|(?<![A-Za-z]){_MONTH} +(?:0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th)?,? +(?:[\d:]{{5,8}} +)?{_YEAR}",  # Mar 5 2021
    re.IGNORECASE,
)
_MAIL = re.compile(r"[\w.+-]{0,64}\w@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{2,63}){1,4}")
_FOLDERS = "Users|home|Volumes|media|mnt|nfs|scratch|data|Documents and Settings|Desktop|projects?|labs?"
_PATH = re.compile(
    r"(?<![A-Za-z0-9])[A-Za-z]:[\\/](?![\\/])[^\s\"'<>|]+"  # C:\Users\me
    r"|(?<![\w\\])\\\\[\w.$-]+\\[^\s\"'<>|]+"  # \\server\share
    rf"|(?<![\w/.:~-])(?:file:/{{2,3}})?/(?:{_FOLDERS})/[^\s\"'<>|]+",
)
_UUID = re.compile(r"[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}")
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_TIMES = {"time", "starttime", "endtime", "acquisitiontime", "creationtime", "scantime", "timezone"}
_NAMES = {
    "firstname", "lastname", "middlename", "displayname", "username", "user", "userid", "operator", "operatorname",
    "owner", "author", "artist", "patient", "patientname", "patientid", "experimenter", "pathologist", "technician",
    "hostcomputer", "computername", "hostname", "scannedby", "createdby", "investigator", "mrn", "xpauthor",
    "accession", "accessionnumber", "caseid",
}  # fmt: skip
_SERIALS = {"scanscopeid", "scannerid", "barcode", "dsrid", "slidebarcode", "deviceid", "instrumentid"}
_MAILS = {"email", "mail", "emailaddress"}
_SOFTWARE = {"software", "creator", "version", "softwareversion", "swversion", "imagej"}
_LABELS = re.compile(
    r"(?:slide )?(?:label|macro|overview|barcode|labelimage|macroimage)(?: ?(?:image|\d{1,2}))?", re.IGNORECASE
)


def private_kinds(text: str, key: str = "") -> set[str]:
    """Tell which kinds of private information a value holds.

    Parameters
    ----------
    text
        The value.
    key
        What the value is called (an XML tag or attribute, a tag's name, the word before ``=``); ``""`` for none.

    Returns
    -------
    Some of :data:`KINDS`; a name of a person is known by its key alone. A version number is no date.

    References
    ----------
    HTAN Manual, multiplex microscopy: no dates in any header, no FirstName, LastName or Email of an Experimenter.

    Examples
    --------
    >>> from htan_kit.io._private import private_kinds
    >>> sorted(private_kinds("scanned 2021-03-05 by a.b@c.org"))
    ['date', 'e-mail']
    >>> private_kinds("Ada", "FirstName"), private_kinds("CD3", "Name")
    ({'name'}, set())
    """
    # Headers repeat themselves plane by plane, and those of a cohort each other.
    return set(_short_kinds(text, key) if len(text) + len(key) <= 80 else _kinds(text, key))


@lru_cache(maxsize=4096)
def _short_kinds(text: str, key: str) -> set[str]:
    return _kinds(text, key)


def _kinds(text: str, key: str) -> set[str]:
    value = text.strip("\0 \t\r\n")
    if not value:
        return set()
    words = [word.lower() for word in _WORDS.findall(key)]
    name = "".join(words)
    found = set()
    plain = _UUID.sub(" ", value)
    is_date = bool({"date", "dates", "datetime", "timestamp"} & set(words)) or "timestamp" in name
    if (
        (is_date and any(c.isdigit() for c in value))
        or (name in _TIMES and ":" in value)
        or (name not in _SOFTWARE and _DATE.search(plain))
    ):
        found.add("date")
    if name in _NAMES:
        found.add("name")
    if name in _MAILS or ("@" in value and _MAIL.search(value)):
        found.add("e-mail")
    if "serial" in words or name in _SERIALS or "serialnumber" in name:
        found.add("serial number")
    if _PATH.search(value):
        found.add("user path")
    return found


def without_private(text: str) -> str:
    """Take dates, addresses and paths out of a text that must stay, such as a channel's name.

    Parameters
    ----------
    text
        The text.

    Returns
    -------
    The rest, blanks and separators at its ends removed.

    Examples
    --------
    >>> from htan_kit.io._private import without_private
    >>> without_private("CD3_20210305"), without_private("CD8 (144B)")
    ('CD3', 'CD8 (144B)')
    """
    kept = text
    for pattern in (_PATH, _MAIL, _DATE):
        kept = pattern.sub(" ", kept)
    return text if kept == text else " ".join(kept.split()).strip(" _-,;:/")


def pairs_in(text: str) -> list[tuple[str, str]]:
    """Split a description into keys and values, as Aperio, ImageJ and many others write them.

    Parameters
    ----------
    text
        The description: ``key = value`` or ``key: value``, separated by ``|``, ``;`` or new lines.

    Returns
    -------
    The pairs; what has no key has ``""``.

    Examples
    --------
    >>> from htan_kit.io._private import pairs_in
    >>> pairs_in("Aperio|AppMag = 20|Date = 12/29/09")
    [('', 'Aperio'), ('AppMag', '20'), ('Date', '12/29/09')]
    """
    found = []
    for part in re.split(r"[|\r\n]+", text):
        key, mark, value = part.partition("=" if "=" in part[:80] else ": ")
        is_key = bool(mark) and re.fullmatch(r"\s*[A-Za-z][\w .-]{0,60}\s*", key) is not None
        if part.strip():
            found.append((key.strip(), value.strip()) if is_key else ("", part.strip()))
    return found


def is_slide_label(name: str) -> bool:
    """Tell from the name of a picture whether it shows the slide's label.

    Parameters
    ----------
    name
        The name, such as ``label image`` (Bio-Formats) or ``Macro``.

    Returns
    -------
    True for label, macro, overview and barcode pictures. ``Labels`` (a mask's name) is none.

    Examples
    --------
    >>> from htan_kit.io._private import is_slide_label
    >>> is_slide_label("label image"), is_slide_label("cell labels")
    (True, False)
    """
    return _LABELS.fullmatch(re.sub(r"[\s_-]+", " ", name).strip()) is not None
