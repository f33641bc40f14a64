"""A copy of an image without dates, names and labels; its pixels are the same, bit for bit."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from htan_kit.errors import InputError
from htan_kit.export._clean_pages import read_pages, sizes_of
from htan_kit.export._clean_tiff import digest_of, needs_big, write_tiff
from htan_kit.io._ifds import map_tiff
from htan_kit.io._paths import exists
from htan_kit.io._private_places import private_places
from htan_kit.io.atomic import replacing

if TYPE_CHECKING:
    import os

    from htan_kit.io._private import Private

__all__ = ["Cleaned", "clean"]


@dataclass(frozen=True)
class Cleaned:
    """What was written.

    Parameters
    ----------
    path
        The copy.
    n_pages
        Pages with full resolution pixels in it.
    n_pieces
        Tiles and strips that were copied.
    dropped
        What was left out whole, in words: pictures of the slide's label.
    removed
        What private information the original holds: kind and place, never the value.
    """

    path: Path
    n_pages: int
    n_pieces: int
    dropped: tuple[str, ...]
    removed: tuple[Private, ...]


def clean(image: str | os.PathLike[str], out: str | os.PathLike[str], *, force: bool = False) -> Cleaned:
    """Write a copy of an image without dates, people, addresses, serial numbers, paths and pictures of the label.

    Only what is known to be harmless is written: the tags that say how pixels are stored, and from OME-XML the images,
    channels and instruments without free text (names of channels, dyes and makers stay). Names of images, annotations,
    regions of interest, colour profiles and everything a vendor adds are left out. Tiles are copied as they are stored,
    without decoding, in bounded memory; comments inside JPEG and JPEG 2000 streams are taken out. The copy is read
    back and compared before it gets its name. Planes that lie in several files come into one.

    Parameters
    ----------
    image
        OME-TIFF (one file, any file of several, or the ``.companion.ome``), Aperio SVS, Akoya QPTIFF, ImageJ or plain
        TIFF. It is not changed.
    out
        The copy.
    force
        Replace ``out`` where it exists.

    Returns
    -------
    What was written, dropped and removed.

    Raises
    ------
    InputError
        The image cannot be read; it is of a vendor's format whose pages have no meaning without private tags; its
        tiles may hold text that cannot be told from pixels; ``out`` exists or is the image itself; the copy did not
        come out the same.

    References
    ----------
    HTAN Manual, data submission, multiplex microscopy: de-identification.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import htan_kit as hk
    >>> from htan_kit.export import clean
    >>> original = hk.datasets.sample() / "level2" / "HTA200_2_D1.ome.tiff"
    >>> copy = clean(original, Path(tempfile.mkdtemp()) / "copy.ome.tiff")
    >>> {found.kind for found in copy.removed}
    {'date'}
    >>> bool((hk.read_image(copy.path).read() == hk.read_image(original).read()).all())
    True
    """
    image, out = Path(image), Path(out)
    if not exists(image):
        raise InputError.of("file.exists", image, "There is no such file.", "Check the path.")
    if out.exists() and (not force or out.samefile(image) or not out.is_file()):
        what = "is the image itself" if out.samefile(image) else "exists"
        raise InputError.of("clean.out", out, f"The copy {what}.", "Give another name.")
    with ExitStack() as stack:
        plan = read_pages(image, stack)
        used = {page.source.path for page in plan.pages}
        files = dict.fromkeys([image, *([plan.header] if plan.header else []), *sorted(used)])
        if out.exists() and any(out.samefile(path) for path in files):
            raise InputError.of("clean.out", out, "The copy is one of the image's own files.", "Give another name.")
        removed = [found for path in files for found in private_places(path)]
        order, is_big = plan.pages[0].source.order, plan.pages[0].source.is_big
        big = needs_big(plan.pages) or is_big
        with replacing(out) as temporary:
            with temporary.open("xb") as file:
                n_pieces, digest = write_tiff(file, plan.pages, order=order, big=big)
            with map_tiff(temporary) as written:
                same = digest_of(written, plan.pages) == digest
            if not same or (plan.sizes is not None and sizes_of(temporary) != plan.sizes):
                message = "The copy did not come out the same and was thrown away."
                raise InputError.of("clean.differs", out, message, "Check the disk, and report the image.")
            left = private_places(temporary)
            if left:
                message = f"There would still be private information in the copy: {left[0].place}."
                raise InputError.of("clean.remains", out, message, "Report the image; convert it to OME-TIFF first.")
    return Cleaned(out, len(plan.pages), n_pieces, plan.dropped, tuple(removed))
