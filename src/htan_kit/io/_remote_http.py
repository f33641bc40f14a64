"""HTTP as fsspec speaks it, with answers that are believed only where they are what was asked for."""

from __future__ import annotations

import asyncio
import re
import weakref
from base64 import b64encode
from typing import Any

import aiohttp
from fsspec.asyn import sync_wrapper
from fsspec.implementations.http import HTTPFileSystem

from htan_kit.errors import InputError
from htan_kit.io._remote_answers import (
    WHOLE_BYTES,
    Reply,
    compressed,
    no_ranges,
    refused,
    unanswered,
    wrong_bytes,
)

__all__ = ["RangedHTTP"]

CONNECT_S, READ_S = 10, 60  # until a server is reached; without a byte from it
DELAYS_S = (0.5, 1.0, 2.0)  # before each further try
_AGAIN = {408, 425, 429, 500, 502, 503, 504}
_MOST_BYTES = 2**31  # of what has no end given: a chunk of a Zarr array
_CONTENT_RANGE = re.compile(r"bytes (?:(\d{1,18})-(\d{1,18})|\*)/(\d{1,18}|\*)")


class _AskAgainError(Exception):
    """What may pass: said as the end of a sentence."""


class RangedHTTP(HTTPFileSystem):
    """An HTTP file system for URLs without secrets.

    Query string (``query``) and user and password (``login``) are kept apart and added to each request.
    """

    def __init__(self, *, query: str = "", login: tuple[str, str] | None = None, **kwargs: Any) -> None:
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_S, sock_read=READ_S)
        super().__init__(client_kwargs={"timeout": timeout, "trust_env": True}, encoded=True, **kwargs)
        self._query = query
        self._headers = {"Accept-Encoding": "identity"}
        if login:  # in a header of the request: one that is sent on to another server goes without
            self._headers["Authorization"] = f"Basic {b64encode(':'.join(login).encode()).decode()}"

    def encode_url(self, url: str) -> Any:
        """Add the query string. Both are quoted already and sent as they are, for they may be signed."""
        return super().encode_url(f"{url}?{self._query}" if self._query else url)

    async def set_session(self) -> Any:
        """Open the session once; fsspec closes it when Python ends only where it has the loop."""
        if self._session is not None or not self.asynchronous:
            return await super().set_session()
        session = await super().set_session()
        weakref.finalize(self, self.close_session, None, session)
        return session

    async def _range(self, url: str, start: int | None, end: int | None) -> Reply:
        """Read bytes, in several tries.

        Parameters
        ----------
        url
            The file, without secrets.
        start, end
            As in a slice: None, None for all; a negative start, None for the last.

        Returns
        -------
        The bytes, and what the server says of the file; all of the file where it is small and the server sends
        nothing less.

        Raises
        ------
        InputError
            The server refuses, does not answer, or answers something else. Where there is no such file it is a
            FileNotFoundError too.
        """
        trouble = ""
        for delay in (0.0, *DELAYS_S):
            if delay:
                await asyncio.sleep(delay * (1 + (start or 0) // 65536 % 8 / 16))  # threads do not come back together
            try:
                return await self._ask(url, start, end)
            except InputError:  # some are OSErrors too
                raise
            except _AskAgainError as problem:
                trouble = str(problem)
            except TimeoutError:
                trouble = "no answer in time"
            except aiohttp.InvalidURL:
                raise refused(url, 400, "not an address") from None
            except aiohttp.TooManyRedirects:
                raise refused(url, 310, "it is sent from one address to the next") from None
            except (aiohttp.ClientError, OSError) as problem:  # their text may hold the whole address
                trouble = _in_words(problem)
        raise unanswered(url, start, end, trouble, tries=1 + len(DELAYS_S))

    range = sync_wrapper(_range)

    async def _cat_file(self, url: str, start: int | None = None, end: int | None = None, **_: Any) -> bytes:
        reply = await self._range(url, start, end)
        return reply.data[slice(start, end)] if reply.whole else reply.data

    async def _ask(self, url: str, start: int | None, end: int | None) -> Reply:
        headers = dict(self._headers)
        if start is not None:
            last = "" if end is None else str(end - 1)
            headers["Range"] = f"bytes={start}" if start < 0 else f"bytes={start}-{last}"
        session = await self.set_session()
        async with session.get(self.encode_url(url), headers=headers) as answer:
            if answer.status in _AGAIN:
                message = f"{answer.status} {str(answer.reason or '')[:60]}".strip()
                raise _AskAgainError(message)
            version = answer.headers.get("ETag") or answer.headers.get("Last-Modified") or ""
            first, size = _content_range(answer)
            if answer.status == 416:  # beyond the end
                return Reply(b"", size or 0, version[:200])
            if answer.status not in (200, 206):
                raise refused(url, answer.status, str(answer.reason or "")[:60])
            if answer.status == 206:
                if answer.headers.get("Content-Encoding", "identity") != "identity":
                    raise compressed(url)
                return await _part(answer, url, (start, end), (first, size), version[:200])
            size = answer.content_length if "Content-Encoding" not in answer.headers else None
            most = WHOLE_BYTES if start is not None else _MOST_BYTES
            if size is not None and size > most:
                raise no_ranges(url, size)
            data = await _body(answer, most)
            if len(data) > most:
                raise no_ranges(url, size)
            return Reply(data, len(data), version[:200], whole=True)


async def _part(
    answer: Any, url: str, asked: tuple[int | None, int | None], told: tuple[int | None, int | None], version: str
) -> Reply:
    """Read the body of a 206; it must be the bytes that were asked for, and all of them."""
    (start, end), (first, size) = asked, told
    if start is None or first is None or (start >= 0 and first != start):
        raise wrong_bytes(url, start, first)
    stop = size if end is None else end if size is None else min(end, size)
    n = _MOST_BYTES if stop is None else max(stop - first, 0)
    data = await _body(answer, min(n, _MOST_BYTES))
    if len(data) > n:
        raise wrong_bytes(url, start, first)
    if stop is not None and len(data) < n:
        message = f"it stopped after {len(data):,} of {n:,} bytes"
        raise _AskAgainError(message)
    return Reply(data, size, version)


async def _body(answer: Any, most: int) -> bytes:
    """Read a body, at most one byte more than allowed."""
    data = bytearray()
    async for piece in answer.content.iter_chunked(2**18):
        data += piece
        if len(data) > most:
            break
    return bytes(data[: most + 1])


def _content_range(answer: Any) -> tuple[int | None, int | None]:
    """Read ``Content-Range``: the first byte that is sent, and the size of the file."""
    found = _CONTENT_RANGE.fullmatch(answer.headers.get("Content-Range", "").strip())
    if found is None:
        return None, None
    first, _, size = found.groups()
    return int(first) if first else None, int(size) if size and size != "*" else None


def _in_words(problem: Exception) -> str:
    if isinstance(problem, aiohttp.ClientSSLError):
        return "its certificate is not valid, or it speaks no TLS"
    if isinstance(problem, aiohttp.ClientConnectorError):
        return f"it cannot be reached: {str(problem.os_error.strerror or 'no such host')[:100]}"
    if isinstance(problem, aiohttp.ServerDisconnectedError | aiohttp.ClientPayloadError | ConnectionError):
        return "the connection broke off"
    return f"the connection failed ({type(problem).__name__})"
