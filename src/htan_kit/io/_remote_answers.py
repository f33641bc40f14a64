"""What servers answer, and what is said of answers that are no help."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import urlsplit

from htan_kit.errors import InputError

__all__ = [
    "WHOLE_BYTES", "NotThereError", "Reply", "changed", "compressed", "no_ranges", "no_size", "refused", "unanswered",
    "wrong_bytes",
]  # fmt: skip

WHOLE_BYTES = 64 * 2**20
"""A file up to this size is read whole where the server sends nothing less (kit default)."""

_DOWNLOAD = "Download the file, and open the copy."


class Reply(NamedTuple):
    """Bytes of a file; its size and version (ETag or time of change) where the answer says; whether they are all."""

    data: bytes
    size: int | None = None
    version: str = ""
    whole: bool = False


class NotThereError(InputError, FileNotFoundError):
    """A file that is not on the server; code that asks for files that may be missing knows it as FileNotFoundError."""


def refused(url: str, status: int, reason: str = "") -> InputError:
    """Make the error of a request that is not worth repeating.

    Parameters
    ----------
    url
        The file, without secrets.
    status
        HTTP status.
    reason
        What the server says with it.

    Returns
    -------
    Rule ``file.exists`` for what is not there, ``remote.access`` for what is not allowed, else ``remote.server``.

    Examples
    --------
    >>> from htan_kit.io._remote_answers import refused
    >>> print(refused("https://example.org/a.tif", 404))
    https://example.org/a.tif: There is no such file on example.org (404). Check the address.
    """
    said = f"{status} {reason}".strip()
    if status in (404, 410):
        return NotThereError.of(
            "file.exists", url, f"There is no such file on {host(url)} ({said}).", "Check the address."
        )
    if status in (401, 402, 403, 407):
        hint = "Check the address; sign in, or ask for a new link where it was a signed one: these expire."
        return InputError.of("remote.access", url, f"{host(url)} does not give access ({said}).", hint)
    return InputError.of("remote.server", url, f"{host(url)} cannot answer this request ({said}).", _DOWNLOAD)


def unanswered(url: str, start: int | None, end: int | None, trouble: str, *, tries: int) -> InputError:
    """Make the error of a server that was asked several times."""
    what = "the file" if start is None else f"bytes {start:,} to {'the end' if end is None else f'{end - 1:,}'}"
    message = f"{host(url)} did not send {what}: {trouble} ({tries} tries)."
    return InputError.of("remote.server", url, message, f"Try again later. {_DOWNLOAD}")


def no_ranges(url: str, size: int | None) -> InputError:
    """Make the error of a large file on a server that sends only whole files."""
    large = f"has {size / 1e6:,.0f} MB" if size is not None else f"has more than {WHOLE_BYTES / 1e6:,.0f} MB"
    message = f"{host(url)} sends whole files only (no range requests), and this one {large}."
    return InputError.of("remote.ranges", url, message, _DOWNLOAD)


def no_size(url: str) -> InputError:
    """Make the error of a server that sends parts of a file and does not say how large the file is."""
    return InputError.of("remote.ranges", url, f"{host(url)} does not say how large the file is.", _DOWNLOAD)


def wrong_bytes(url: str, start: int | None, first: int | None) -> InputError:
    """Make the error of an answer with other bytes than those asked for."""
    got = "it does not say which" if first is None else f"from byte {first:,} on"
    message = f"{host(url)} sent other bytes than asked for ({got}, not from {start or 0:,})."
    return InputError.of("remote.ranges", url, message, _DOWNLOAD)


def compressed(url: str) -> InputError:
    """Make the error of a server that compresses parts of a file: places in it mean nothing then."""
    message = f"{host(url)} sends parts of the file compressed, although asked not to."
    return InputError.of("remote.ranges", url, message, _DOWNLOAD)


def changed(url: str, before: int, now: int | None) -> InputError:
    """Make the error of a file that is another than when it was opened."""
    what = "it was written again" if now is None or now == before else f"it had {before:,} bytes, now {now:,}"
    message = f"The file on {host(url)} changed while it was read: {what}."
    return InputError.of("image.changed", url, message, "Open it again once it is written completely.")


def host(url: str) -> str:
    """Name the server (or bucket) of a URL without secrets."""
    return urlsplit(url).netloc or "the server"
