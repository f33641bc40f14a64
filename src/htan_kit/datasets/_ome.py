"""The OME-XML of a simulated file: no date, no UUID, no person, no annotation."""

from __future__ import annotations

from dataclasses import dataclass
from xml.sax.saxutils import quoteattr

__all__ = ["OmeChannel", "OmeImage", "ome_xml"]

_SCHEMA = "http://www.openmicroscopy.org/Schemas/OME/2016-06"


@dataclass(frozen=True)
class OmeChannel:
    """A Channel element: name (empty: none), samples a pixel, wavelengths in nm and dye where known."""

    name: str = ""
    samples: int = 1
    excitation: float = 0.0
    emission: float = 0.0
    fluorophore: str = ""


@dataclass(frozen=True)
class OmeImage:
    """What the header says.

    Parameters
    ----------
    name
        Of the image.
    shape
        (height, width).
    dtype
        Of the pixels.
    channels
        In plane order.
    pixel_size_um
        None: not given.
    objective
        (nominal magnification, numerical aperture), or None where there is no lens.
    date
        AcquisitionDate, which HTAN forbids; empty for none.
    """

    name: str
    shape: tuple[int, int]
    dtype: str
    channels: tuple[OmeChannel, ...]
    pixel_size_um: float | None = None
    objective: tuple[float, float] | None = None
    date: str = ""


def ome_xml(image: OmeImage) -> bytes:
    """Write the header (UTF-8)."""
    objective = settings = ""
    if image.objective is not None:
        magnification, aperture = image.objective
        objective = (
            f'<Instrument ID="Instrument:0"><Objective ID="Objective:0" LensNA="{aperture:g}" '
            f'NominalMagnification="{magnification:g}" Immersion="Air"/></Instrument>'
        )
        settings = '<InstrumentRef ID="Instrument:0"/><ObjectiveSettings ID="Objective:0"/>'
    date = f"<AcquisitionDate>{image.date}</AcquisitionDate>" if image.date else ""
    kind = {"float32": "float"}.get(image.dtype, image.dtype)
    size = ""
    if image.pixel_size_um is not None:
        size = "".join(f' PhysicalSize{a}="{image.pixel_size_um:g}" PhysicalSize{a}Unit="µm"' for a in "XY")
    samples = sum(c.samples for c in image.channels)
    interleaved = ' Interleaved="true"' if any(c.samples > 1 for c in image.channels) else ""
    planes = "".join(
        f'<TiffData IFD="{i}" FirstC="{sum(c.samples for c in image.channels[:i])}" FirstT="0" FirstZ="0" '
        'PlaneCount="1"/>'
        for i in range(len(image.channels))
    )
    text = (
        '<?xml version="1.0" encoding="UTF-8"?>'
        f'<OME xmlns="{_SCHEMA}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" Creator="htan_kit simulator" '
        f'xsi:schemaLocation="{_SCHEMA} {_SCHEMA}/ome.xsd">'
        f'{objective}<Image ID="Image:0" Name={quoteattr(image.name)}>{date}{settings}'
        f'<Pixels ID="Pixels:0" DimensionOrder="XYCZT" Type="{kind}" BigEndian="false"{interleaved} '
        f'SizeX="{image.shape[1]}" SizeY="{image.shape[0]}" SizeZ="1" SizeC="{samples}" SizeT="1"{size}>'
        f"{''.join(_channel(i, c) for i, c in enumerate(image.channels))}{planes}</Pixels></Image></OME>"
    )
    return text.encode()


def _channel(index: int, channel: OmeChannel) -> str:
    name = f" Name={quoteattr(channel.name)}" if channel.name else ""
    waves = "".join(
        f' {key}="{value:g}" {key}Unit="nm"'
        for key, value in (("ExcitationWavelength", channel.excitation), ("EmissionWavelength", channel.emission))
        if value
    )
    dye = f" Fluor={quoteattr(channel.fluorophore)}" if channel.fluorophore else ""
    return f'<Channel ID="Channel:0:{index}"{name} SamplesPerPixel="{channel.samples}"{waves}{dye}/>'
