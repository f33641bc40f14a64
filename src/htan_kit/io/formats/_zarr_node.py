"""Which group of an OME-Zarr folder is the image that is meant, and which are its label images."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from htan_kit.errors import InputError
from htan_kit.io.formats._series import choose_series
from htan_kit.io.formats._zarr_tree import RULE, open_tree
from htan_kit.io.ome import OmeHeader, parse_xml, read_ome_xml

if TYPE_CHECKING:
    from pathlib import Path

    from htan_kit.findings import Findings
    from htan_kit.io._store import Choice
    from htan_kit.io.formats._zarr_tree import Tree

__all__ = ["Node", "image_node", "label_image", "label_names"]

_MOST_SERIES = 10_000
_MOST_XML = 64 * 2**20
_SHOWN = 20


class Node(NamedTuple):
    """The group of an image: its path, its metadata, the entry of ``multiscales``, and its OME-XML if there is some."""

    at: str
    attributes: dict[str, Any]
    multiscale: Any
    version: str
    ome: OmeHeader | None


def image_node(tree: Tree, choice: Choice, findings: Findings) -> Node:
    """Find the image in a hierarchy: its root, or one of a set as bioformats2raw writes them.

    Parameters
    ----------
    tree
        The hierarchy.
    choice
        Which image of a set.
    findings
        Where to note that there are others.

    Returns
    -------
    The image's group.

    Raises
    ------
    InputError
        There is no image, or not the one that is asked for; a plate or its well; an array without its group.

    References
    ----------
    OME-Zarr 0.5: "multiscales", "bioformats2raw.layout", "plate", "labels".
    """
    root = tree.attributes()
    at, ome = "", None
    is_set = "multiscales" not in root and ("bioformats2raw.layout" in root or tree.exists("OME"))
    if is_set:
        paths = _series(tree)
        xml = _ome_xml(tree)
        names = list(xml.image_names) if xml is not None else []
        names = names if len(names) == len(paths) else [tree.place(path).name for path in paths]
        index = choose_series(names, choice.series, tree.root, findings)
        at = paths[index]
        ome = None if xml is None or index >= xml.n_images else _only(xml, index, tree.root)
    attributes = tree.attributes(at) if at else root
    entries = attributes.get("multiscales")
    if not isinstance(entries, list) or not entries:
        raise _no_image(tree, at, attributes)
    index = 0
    if not is_set:
        names = [str(entry.get("name") or "") if isinstance(entry, dict) else "" for entry in entries]
        index = choose_series(names, choice.series, tree.root, findings)
    entry = entries[index]
    version = attributes.get("version") or (entry.get("version") if isinstance(entry, dict) else None)
    return Node(at, attributes, entry, str(version)[:10] if version else "0.4" if tree.format == 2 else "0.5", ome)


def label_image(path: Path) -> Path:
    """Give the label image of an OME-Zarr folder.

    Parameters
    ----------
    path
        The folder of an image, of its ``labels``, or of one label image.

    Returns
    -------
    The folder of its only label image; ``path`` itself where it is a label image, or has none and may be a mask.

    Raises
    ------
    InputError
        There are several.
    """
    names = label_names(path)
    if not names:
        return path
    if len(names) > 1:
        shown = ", ".join(name[:60] for name in names[:_SHOWN])
        message = f"The folder has {len(names)} label images: {shown}."
        hint = f"Name one: {path.name}/{names[0][:60]}."
        raise InputError.of("mask.channels", path, message, hint, "HTAN Manual, Level 3")
    return open_tree(path).place(names[0])


def label_names(path: Path) -> list[str]:
    """List the label images of an OME-Zarr folder.

    Parameters
    ----------
    path
        The folder of an image, or of its ``labels``.

    Returns
    -------
    Their paths below the folder; none where it is a label image itself.

    Raises
    ------
    InputError
        The metadata are missing or damaged.
    """
    tree = open_tree(path)
    attributes = tree.attributes()
    group = "labels" if "multiscales" in attributes or "labels" not in attributes else ""
    if "image-label" in attributes or (group and not tree.exists(group)):
        return []
    listed = (tree.attributes(group) if group else attributes).get("labels")
    names = [name for name in listed if isinstance(name, str) and name] if isinstance(listed, list) else []
    return [f"{group}/{name}".lstrip("/") for name in names]


def _series(tree: Tree) -> list[str]:
    """List the images of a set: as ``OME`` says, else numbered from 0."""
    listed = tree.attributes("OME").get("series") if tree.exists("OME") else None
    if isinstance(listed, list) and listed and all(isinstance(name, str) for name in listed):
        return listed[:_MOST_SERIES]
    found: list[str] = []
    while len(found) < _MOST_SERIES and tree.exists(str(len(found))):
        found.append(str(len(found)))
    if not found:
        message = "The metadata say that it holds a set of images, but none is there."
        raise InputError.of(RULE, tree.root, message, "Copy the whole folder, or write it again.")
    return found


def _ome_xml(tree: Tree) -> OmeHeader | None:
    path = tree.place("OME", "METADATA.ome.xml")
    try:
        with path.open("rb") as file:
            text = file.read(_MOST_XML + 1)
    except OSError:
        return None
    return read_ome_xml(text.decode("utf-8", errors="replace"), f"{tree.root}: OME/METADATA.ome.xml")


def _only(xml: OmeHeader, index: int, root: Path) -> OmeHeader:
    """Read the document as if it described one image, the one that is meant."""
    if xml.n_images == 1:
        return xml
    from xml.etree.ElementTree import tostring  # writes only; parsing is defusedxml's

    document = parse_xml(xml.xml, root)
    images = [element for element in document if str(element.tag).rpartition("}")[2] == "Image"]
    for i, image in enumerate(images):
        if i != index:
            document.remove(image)
    return read_ome_xml(tostring(document, encoding="unicode"), root)


def _no_image(tree: Tree, at: str, attributes: dict[str, Any]) -> InputError:
    hint = "Name the folder of one image."
    if "plate" in attributes or "well" in attributes:
        hint = "Name the folder of one image in it, such as A/1/0."
        return InputError.of(RULE, tree.root, "This is a plate or a well of many images.", hint)
    if isinstance(attributes.get("labels"), list):
        names = ", ".join(str(name)[:60] for name in attributes["labels"][:_SHOWN])
        return InputError.of(RULE, tree.root, f"This folder holds label images: {names}.", "Name one of them.")
    inside = tree.root / "images"  # as SpatialData keeps them
    if not at and inside.is_dir():
        names = ", ".join(sorted(f"images/{path.name}"[:60] for path in inside.iterdir() if path.is_dir())[:_SHOWN])
        if names:
            message = f"This Zarr folder is no image, but holds some: {names}."
            return InputError.of(RULE, tree.root, message, "Name one of them.")
    message = f"{f'{at!r} is' if at else 'This is'} a Zarr folder without the metadata of an image ('multiscales')."
    return InputError.of(RULE, tree.root, message, f"{hint} Level 2 as Zarr must be OME-Zarr.")
