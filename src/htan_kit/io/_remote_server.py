"""Asking a web server or a bucket for bytes of a file; a bucket's package does its own retries."""

from __future__ import annotations

from functools import cache, lru_cache, partial
from typing import TYPE_CHECKING, Any, Protocol

from htan_kit.errors import InputError
from htan_kit.io._remote_answers import NotThereError, Reply, host, unanswered

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Bucket", "Server", "Web", "server_of"]

_PACKAGES = {"s3": "s3fs", "gs": "gcsfs"}
_VERSIONS = ("ETag", "etag", "generation", "LastModified", "mtime", "created")
_SECONDS = {"connect_timeout": 10, "read_timeout": 60}


class Server(Protocol):
    """Where files lie; errors are InputErrors, a file that is not there a FileNotFoundError too."""

    def first(self, url: str, n: int) -> Reply:
        """Read the first bytes of a file, with its size and version."""
        ...

    def read(self, url: str, start: int, end: int) -> Reply:
        """Read bytes; size and version where the answer has them."""
        ...

    def filesystem(self) -> Any:
        """Give an asynchronous fsspec file system with the same manners, for zarr."""
        ...


class Web:
    """A server that speaks HTTP; every answer tells size and version.

    Parameters
    ----------
    query
        What follows the ``?`` of every request.
    login
        User and password, None for none.
    """

    def __init__(self, query: str, login: tuple[str, str] | None) -> None:
        from htan_kit.io._remote_http import RangedHTTP

        make: Callable[..., Any] = partial(RangedHTTP, query=query, login=login, skip_instance_cache=True)
        self._fs, self._make = make(), cache(partial(make, asynchronous=True))

    def first(self, url: str, n: int) -> Reply:
        """Read the first bytes of a file, with its size and version."""
        return self._fs.range(url, 0, n)

    def read(self, url: str, start: int, end: int) -> Reply:
        """Read bytes."""
        return self._fs.range(url, start, end)

    def filesystem(self) -> Any:
        """Give an asynchronous file system."""
        return self._make()


class Bucket:
    """S3 or Google Cloud Storage, with the keys that their own tools have set up, else anonymously.

    Parameters
    ----------
    scheme
        ``"s3"`` or ``"gs"``.
    """

    def __init__(self, scheme: str) -> None:
        self._scheme = scheme
        self._options: dict[str, Any] = {"config_kwargs": dict(_SECONDS)} if scheme == "s3" else {}
        self._fs = self._make()

    def _make(self, **more: Any) -> Any:
        import fsspec

        try:
            return fsspec.filesystem(self._scheme, skip_instance_cache=True, **self._options, **more)
        except ImportError:
            message = f"Reading {self._scheme}:// needs the package {_PACKAGES[self._scheme]}, which is not installed."
            hint = 'Install it: pip install "htan-kit[cloud]".'
            raise InputError.of("remote.extra", f"{self._scheme}://", message, hint) from None

    def first(self, url: str, n: int) -> Reply:
        """Read the first bytes of a file, with its size and version."""
        facts = self._ask(url, None, _fresh(url))
        if facts.get("type") == "directory" or facts.get("size") is None:
            raise NotThereError.of("file.exists", url, "This is a folder of the bucket, not a file.", "Name the file.")
        size = int(facts["size"])
        version = str(next((facts[name] for name in _VERSIONS if facts.get(name)), ""))
        data = self.read(url, 0, min(n, size)).data if n and size else b""
        return Reply(data, size, version)

    def read(self, url: str, start: int, end: int) -> Reply:
        """Read bytes."""
        data = self._ask(url, (start, end), lambda fs: fs.cat_file(url, start=start, end=end))
        if len(data) != end - start:
            trouble = f"it sent {len(data):,} of {end - start:,} bytes"
            raise unanswered(url, start, end, trouble, tries=1)
        return Reply(data)

    def filesystem(self) -> Any:
        """Give an asynchronous file system."""
        return self._make(asynchronous=True)

    def _ask(self, url: str, place: tuple[int, int] | None, request: Callable[[Any], Any]) -> Any:
        try:
            try:
                return request(self._fs)
            except Exception as problem:
                if type(problem).__name__ != "NoCredentialsError" or "anon" in self._options:
                    raise
                self._options["anon"] = True  # nobody signed in here, and many buckets are public
                self._fs = self._make()
                return request(self._fs)
        except FileNotFoundError:
            message = f"There is no such file in the bucket {host(url)}."
            raise NotThereError.of("file.exists", url, message, "Check the address.") from None
        except PermissionError as problem:
            message = f"The bucket {host(url)} does not give access ({str(problem)[:100]})."
            hint = "Sign in with the cloud's own tool (aws configure; gcloud auth), or ask for access."
            raise InputError.of("remote.access", url, message, hint) from None
        except InputError:
            raise
        except Exception as problem:  # noqa: BLE001 - each cloud's package has its own
            said = " ".join(str(problem).split())[:150] or type(problem).__name__
            start, end = place or (None, None)
            raise unanswered(url, start, end, said, tries=1) from None


def _fresh(url: str) -> Callable[[Any], Any]:
    def ask(fs: Any) -> Any:
        fs.invalidate_cache(url)
        return fs.info(url)

    return ask


@lru_cache(maxsize=64)
def server_of(scheme: str, query: str = "", login: tuple[str, str] | None = None) -> Server:
    """Choose how to ask for files.

    Parameters
    ----------
    scheme
        ``"https"``, ``"http"``, ``"s3"`` or ``"gs"``.
    query, login
        Of a web server: what is added to each request.

    Returns
    -------
    The server; the same one for the same arguments, so that connections are used again.

    Raises
    ------
    InputError
        The package for a bucket is not installed.
    """
    return Web(query, login) if scheme in ("https", "http") else Bucket(scheme)
