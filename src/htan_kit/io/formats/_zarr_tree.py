"""A Zarr hierarchy on disk or elsewhere: its metadata read as text, its arrays opened by zarr; nothing is trusted."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from htan_kit.errors import InputError
from htan_kit.io._paths import is_file, is_inside, is_remote

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["MARKERS", "RULE", "Tree", "open_tree"]

RULE = "image.zarr"
MARKERS = ("zarr.json", ".zattrs", ".zgroup", ".zarray")
"""Files of which one lies in every node of a hierarchy (Zarr 3; Zarr 2)."""

_MAX_BYTES = 64 * 2**20  # of a metadata document
_HINT = "Write it again with an OME-Zarr writer (bioformats2raw, ome-zarr-py)."
_CODECS = {
    "adler32", "astype", "bitround", "blosc", "bytes", "bz2", "crc32", "crc32c", "delta", "endian", "fixedscaleoffset",
    "fletcher32", "gzip", "jenkins_lookup3", "lz4", "lzma", "packbits", "pcodec", "quantize", "sharding_indexed",
    "shuffle", "transpose", "zfpy", "zlib", "zstd",
}  # fmt: skip
"""What may decode a chunk. numcodecs also has ``pickle``, which runs whatever the file tells it to."""
_NO_COMPRESSION = {"bytes", "crc32c", "delta", "endian", "sharding_indexed", "shuffle", "transpose"}


@dataclass(frozen=True, slots=True)
class Tree:
    """A hierarchy: where its root is, and which Zarr format (2 or 3) it has."""

    root: Path
    format: int

    def attributes(self, at: str = "") -> dict[str, Any]:
        """Read the OME metadata of a node: ``.zattrs`` (0.4), ``attributes.ome`` of ``zarr.json`` (0.5)."""
        if self.format == 2:
            return self._document(at, ".zattrs") or {}
        found = (self._document(at, "zarr.json") or {}).get("attributes")
        found = found if isinstance(found, dict) else {}
        ome = found.get("ome")
        return ome if isinstance(ome, dict) else found

    def exists(self, at: str) -> bool:
        """Tell whether there is such a node."""
        return any(_is_there(self.place(at, name)) for name in MARKERS)

    def place(self, *parts: str) -> Path:
        """Give the path of something below the root; raises InputError where it would lead out."""
        inside = "/".join(part for part in parts if part)
        if inside.startswith("/") or "\\" in inside or "\0" in inside or ".." in inside.split("/"):
            message = f"Its metadata point outside the folder: {inside[:200]!r}."
            raise InputError.of(RULE, self.root, message, _HINT)
        path = self.root / inside
        if not is_remote(path) and not is_inside(path, self.root):
            message = f"{inside[:200]!r} is a link that leads outside the folder; it is not followed."
            raise InputError.of(RULE, self.root, message, "Put the files themselves there.")
        return path

    def array(self, at: str) -> tuple[Any, str]:
        """Open an array of numbers.

        Parameters
        ----------
        at
            Its path below the root.

        Returns
        -------
        The ``zarr.Array``, and the name of its compression.

        Raises
        ------
        InputError
            There is none, its metadata are broken, its values are no numbers, or a codec is not one for pixels.
        """
        import zarr

        described = self._document(at, ".zarray" if self.format == 2 else "zarr.json")
        if described is None or described.get("node_type", "array") != "array":
            message = f"The metadata name the array {at[:200]!r}, which is not there."
            raise InputError.of(RULE, self.root, message, "Copy the whole folder, or write it again.")
        try:
            codecs = _codecs(described)
        except (TypeError, AttributeError, KeyError, RecursionError):
            raise self._broken(at, "its codecs are not described") from None
        unknown = sorted(codecs - _CODECS)
        if unknown:
            message = f"The array {at[:200]!r} needs the codec {unknown[0][:60]!r}, which is not one for pixels."
            raise InputError.of(RULE, self.root, message, "Write it with blosc, zstd or gzip.")
        try:
            array = zarr.open_array(self._store(), path=at, mode="r", zarr_format=2 if self.format == 2 else 3)
            kind, sizes = array.dtype.kind, (*array.shape, *array.chunks)
        except InputError:
            raise
        except Exception as problem:  # noqa: BLE001 - whatever zarr makes of what is written there
            raise self._broken(at, " ".join(str(problem).split()) or type(problem).__name__) from None
        if kind not in "buif" or min(sizes, default=0) < 1:
            message = f"The array {at[:200]!r} holds {str(array.dtype)[:60]} in shape {array.shape}; that is no image."
            raise InputError.of(RULE, self.root, message, _HINT)
        return array, ", ".join(sorted(codecs - _NO_COMPRESSION)) or "none"

    def _store(self) -> Any:
        from zarr.storage import FsspecStore, LocalStore

        if not is_remote(self.root):
            return LocalStore(self.root, read_only=True)
        files = self.root.filesystem()
        return FsspecStore(files, path=files._strip_protocol(str(self.root)), read_only=True)

    def _document(self, at: str, name: str) -> dict[str, Any] | None:
        path = self.place(at, name)
        try:
            with path.open("rb") as file:
                text = file.read(_MAX_BYTES + 1)
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            return None
        except InputError:  # of a server
            raise
        except (OSError, ValueError) as problem:
            raise self._broken(f"{at}/{name}".lstrip("/"), str(problem)) from None
        if len(text) > _MAX_BYTES:
            raise self._broken(f"{at}/{name}".lstrip("/"), "it has more than 64 MiB")
        try:
            found = json.loads(text)
        except (ValueError, RecursionError) as problem:
            raise self._broken(f"{at}/{name}".lstrip("/"), f"not JSON: {problem}") from None
        if not isinstance(found, dict):
            raise self._broken(f"{at}/{name}".lstrip("/"), "not a JSON object")
        return found

    def _broken(self, what: str, why: str) -> InputError:
        return InputError.of(RULE, self.root, f"{what[:200]!r} is damaged ({why[:200]}).", _HINT)


def open_tree(path: Path) -> Tree:
    """Find out which Zarr format a folder has.

    Parameters
    ----------
    path
        The folder.

    Returns
    -------
    The hierarchy.

    Raises
    ------
    InputError
        It holds no Zarr metadata.

    Examples
    --------
    >>> from pathlib import Path
    >>> from htan_kit.io.formats._zarr_tree import open_tree
    >>> open_tree(Path("."))
    Traceback (most recent call last):
    ...
    htan_kit.errors.InputError: .: This is a folder without Zarr metadata. Name an image file, or an OME-Zarr folder.
    """
    if _is_there(path / "zarr.json"):
        return Tree(path, 3)
    if any(_is_there(path / name) for name in MARKERS):
        return Tree(path, 2)
    if is_remote(path):
        is_file(path / "zarr.json")  # says so where the server refuses
    message = "This is a folder without Zarr metadata."
    raise InputError.of(RULE, path, message, "Name an image file, or an OME-Zarr folder.")


def _is_there(path: Path) -> bool:
    """Tell whether there is such a file; what a server refuses may be missing: a bucket that is not listed says so."""
    try:
        return is_file(path)
    except InputError as problem:
        if any(finding.rule != "remote.access" for finding in problem.findings):
            raise
        return False


def _codecs(described: dict[str, Any]) -> set[str]:
    """Name every codec of an array's metadata, those inside a shard too."""
    written = [*(described.get("filters") or []), described.get("compressor"), *(described.get("codecs") or [])]
    names: set[str] = set()
    for codec in written:
        if codec is None:
            continue
        if isinstance(codec, str):  # Zarr 3 lets a codec without settings be its name alone
            names.add(codec.removeprefix("numcodecs."))
            continue
        names.add(str(codec.get("name", codec.get("id"))).removeprefix("numcodecs."))
        settings = codec.get("configuration") or {}
        for inner in ("codecs", "index_codecs"):
            if settings.get(inner):
                names |= _codecs({"codecs": settings[inner]})
    return names
