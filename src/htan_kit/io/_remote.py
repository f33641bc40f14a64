"""A file on a server, with those methods of a path that readers use; secrets of its address are never shown.

A ``RemotePath`` is the file as it was when it was first asked for: what changes afterwards is an error, not a mixture.
"""

from __future__ import annotations

import io
import itertools
import re
import tempfile
import threading
from functools import cache
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote, urlsplit

from htan_kit.errors import InputError
from htan_kit.io._remote_answers import Reply, changed, no_size
from htan_kit.io._remote_blocks import BLOCK, Blocks
from htan_kit.io._remote_server import server_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from htan_kit.io._remote_server import Server

__all__ = ["RemoteFile", "RemotePath", "RemoteStat"]

_MOST_COPY = 4 * 2**30
_COPIED_AT_ONCE = 2**23
_numbers = itertools.count()


class RemoteStat(NamedTuple):
    """What a server says of a file: its size in bytes, and its version (ETag, or time of change), ``""`` for none."""

    st_size: int
    version: str


class RemotePath:
    """A file on a server.

    Parameters
    ----------
    url
        Its address, without login, query string and fragment.
    query
        The query string: it may sign the address, so it is never shown.
    login
        User and password, likewise.

    Examples
    --------
    >>> from htan_kit.io._remote import RemotePath
    >>> path = RemotePath.of("https://me:secret@example.org/a/x.ome.tif?signature=abc")
    >>> str(path), path.name, path.suffix
    ('https://example.org/a/x.ome.tif', 'x.ome.tif', '.tif')
    """

    def __init__(self, url: str, query: str = "", login: tuple[str, str] | None = None) -> None:
        self._url, self._query, self._login = url, query, login
        self._posix = PurePosixPath(urlsplit(url).path)
        self._lock = threading.RLock()
        self._blocks = Blocks(self.fetch)
        self._facts: RemoteStat | None = None
        self._whole: bytes | None = None
        self._copy: Path | None = None

    @classmethod
    def of(cls, text: str) -> RemotePath:
        """Read an address as a user writes it; raises InputError for one that names no file."""
        try:
            parts = urlsplit(text)
            secret = (parts.username or "", parts.password or "") if "@" in parts.netloc else None
        except ValueError:
            raise InputError.of("remote.address", "address", "This is no address of a file.", "Check it.") from None
        scheme, netloc = parts.scheme.lower().replace("gcs", "gs"), parts.netloc.rpartition("@")[2]
        web = scheme in ("http", "https")
        # The names in a bucket may hold ? and #.
        path, query = (_quoted(parts.path), _quoted(parts.query)) if web else (text.split(parts.netloc, 1)[1], "")
        url = f"{scheme}://{netloc}{path.rstrip('/')}"
        if not netloc or not PurePosixPath(path).name:
            raise InputError.of("remote.address", url, "This address names no file.", "Give the address of one file.")
        if secret and not web:
            hint = "Sign in with the cloud's own tool (aws configure; gcloud auth)."
            raise InputError.of("remote.address", url, "Keys do not belong into the address of a bucket.", hint)
        return cls(url, query, secret)

    @property
    def name(self) -> str:
        """The file's name, quoted as in the address."""
        return self._posix.name

    @property
    def suffix(self) -> str:
        """The last suffix of the name."""
        return self._posix.suffix

    @property
    def stem(self) -> str:
        """The name without its last suffix."""
        return self._posix.stem

    @property
    def parent(self) -> RemotePath:
        """The folder."""
        return RemotePath(self._url.rpartition("/")[0], self._query, self._login)

    def __truediv__(self, inside: str) -> RemotePath:
        if not inside:
            return self
        written = quote(inside, safe="/:@!$&'()+,;=~") if self._url.startswith("http") else inside
        return RemotePath(f"{self._url}/{written}", self._query, self._login)

    def resolve(self) -> RemotePath:
        """Give the path itself: a server has no links."""
        return self

    def relative_to(self, folder: Any) -> PurePosixPath:
        """Give the path within a folder; raises ValueError where it lies elsewhere."""
        if not self._url.startswith(f"{folder}/"):
            msg = f"{self} does not lie in {folder}"
            raise ValueError(msg)
        return PurePosixPath(self._url.removeprefix(f"{folder}/"))

    def as_posix(self) -> str:
        """Write the address without secrets."""
        return self._url

    def is_file(self) -> bool:
        """Tell whether there is such a file; raises InputError where the server does not tell."""
        try:
            self.stat()
        except FileNotFoundError:
            return False
        return True

    exists = is_file

    def is_dir(self) -> bool:
        """Say no: servers list no folders."""
        return False

    def stat(self) -> RemoteStat:
        """Ask for size and version, once; raises InputError, which is a FileNotFoundError where there is no file."""
        with self._lock:
            if self._facts is None:
                reply = self._server.first(self._url, BLOCK)
                if reply.size is None:
                    raise no_size(self._url)
                self._facts = RemoteStat(reply.size, reply.version)
                if reply.whole:
                    self._whole = reply.data
                elif reply.data:
                    self._blocks.keep_first(reply.data)
            return self._facts

    def still(self) -> None:
        """Raise InputError where the file is another than it was; a web server's answers say so by themselves."""
        if self._facts is not None and self._whole is None and not self._url.startswith("http"):
            self._hold_against(self._server.first(self._url, 0))

    def fetch(self, start: int, end: int) -> bytes:
        """Read bytes, fewer at the end of the file; any number of threads may.

        Parameters
        ----------
        start, end
            As in a slice.

        Returns
        -------
        The bytes.

        Raises
        ------
        InputError
            The server refuses, does not answer, or has another file now.
        """
        end = min(end, self.stat().st_size)
        if start >= end:
            return b""
        if self._whole is not None:
            return self._whole[start:end]
        reply = self._server.read(self._url, start, end)
        self._hold_against(reply)
        return reply.data[start:end] if reply.whole else reply.data

    def read(self, start: int, end: int) -> bytes:
        """Read bytes of a header: what lies around them is fetched too, and kept."""
        end = min(end, self.stat().st_size)
        return self.fetch(start, end) if start >= end or self._whole is not None else self._blocks.read(start, end)

    def prefetch(self, places: Iterable[tuple[int, int]]) -> None:
        """Fetch parts of the header that will be read, many at a time; each has an offset and a number of bytes."""
        size = self.stat().st_size
        if self._whole is None:
            self._blocks.prefetch((start, min(start + n, size)) for start, n in places if start < size)

    def _hold_against(self, reply: Reply) -> None:
        facts = self.stat()
        size = facts.st_size if reply.size is None else reply.size
        version = reply.version or facts.version
        if (size, version) != (facts.st_size, facts.version or version):
            raise changed(self._url, facts.st_size, reply.size)

    def open(self, mode: str = "r", *_: Any, encoding: str | None = None, newline: str | None = None) -> Any:
        """Open for reading: the local copy where there is one, else block by block."""
        if self._copy is not None:
            return self._copy.open(mode, encoding=encoding, newline=newline)
        self.stat()
        file = RemoteFile(self)
        if "b" in mode:
            return file
        return io.TextIOWrapper(io.BufferedReader(file, 2**20), encoding=encoding or "utf-8", newline=newline)

    def download(self) -> Path:
        """Give a local copy, made once and removed when Python ends; raises InputError beyond 4 GiB."""
        with self._lock:
            if self._copy is None:
                size = self.stat().st_size
                if size > _MOST_COPY:
                    message = f"It has {size / 1e9:.1f} GB, and has to be read whole."
                    raise InputError.of("remote.size", self, message, "Download the file, and open the copy.")
                name = re.sub(r"[^A-Za-z0-9._ -]|^\.+", "_", self.name)[-100:]
                copy = Path(_folder().name, str(next(_numbers)), name)
                copy.parent.mkdir()
                with copy.open("wb") as file:
                    for start in range(0, size, _COPIED_AT_ONCE):
                        file.write(self.fetch(start, start + _COPIED_AT_ONCE))
                self._copy = copy
            return self._copy

    @property
    def _server(self) -> Server:
        return server_of(urlsplit(self._url).scheme, self._query, self._login)

    def filesystem(self) -> Any:
        """Give an asynchronous fsspec file system that reads what lies below, without secrets in its paths."""
        return self._server.filesystem()

    def __fspath__(self) -> str:
        message = "This is a file on a server, and what was asked for works on files of this machine."
        raise InputError.of("remote.local", self, message, "Download the file, and open the copy.")

    def __str__(self) -> str:
        return self._url

    def __repr__(self) -> str:
        return f"RemotePath({self._url!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, RemotePath) and self._key == other._key

    def __hash__(self) -> int:
        return hash(self._key)

    @property
    def _key(self) -> tuple[object, ...]:
        return self._url, self._query, self._login

    def __reduce__(self) -> tuple[Any, ...]:
        # Another process reads the same version of the file; what was read of it stays here.
        return RemotePath, (self._url, self._query, self._login), {"_facts": self._facts, "_whole": self._whole}


def _quoted(text: str) -> str:
    """Quote what has no place in an address, and leave what is quoted."""
    return quote(text, safe="%/?:@!$&'()*+,;=~[]")


@cache
def _folder() -> tempfile.TemporaryDirectory[str]:
    """Make the folder of local copies; it is removed when Python ends."""
    return tempfile.TemporaryDirectory(prefix="htan-kit-")


class RemoteFile(io.RawIOBase):
    """A file on a server, open for reading from any place.

    Parameters
    ----------
    path
        The file.
    """

    def __init__(self, path: RemotePath) -> None:
        super().__init__()
        self._path, self._at = path, 0
        self.name = path.name
        self.trouble: InputError | None = None
        """What the server did wrong; libraries may take it for a fault of the file."""

    def readable(self) -> bool:
        """Say yes."""
        return True

    def seekable(self) -> bool:
        """Say yes."""
        return True

    def tell(self) -> int:
        """Give the position."""
        return self._at

    def seek(self, offset: int, whence: int = 0) -> int:
        """Move to a position."""
        at = offset + (0, self._at, self._path.stat().st_size)[whence]
        if at < 0:
            msg = "a position is not negative"
            raise ValueError(msg)
        self._at = at
        return at

    def readinto(self, buffer: Any) -> int:
        """Read as much as the buffer holds, or the file has."""
        view = memoryview(buffer).cast("B")
        try:
            data = self._path.read(self._at, self._at + len(view))
        except InputError as problem:
            self.trouble = problem
            raise
        view[: len(data)] = data
        self._at += len(data)
        return len(data)
