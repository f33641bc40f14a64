"""From the truth to grey levels: antibody, tissue's own light, lens, lamp, shift of the cycle, camera."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from htan_kit.datasets._defects import DEFECTS
from htan_kit.datasets._geometry import depth_of, nucleus_of, region_of
from htan_kit.datasets._layout import EMPTY
from htan_kit.datasets._noise import camera, counts, hot, normal_field
from htan_kit.datasets._panel import MARKERS
from htan_kit.datasets._planting import focus_weight, last_cycle, target_channel
from htan_kit.datasets._random import STREAM, generator

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from htan_kit.datasets._tissue import Tissue

    Window = tuple[int, int, int, int]
    Image = NDArray[np.float32]

__all__ = ["ChannelPlane", "cycle_shift"]

_FIELD_PX: Final = 1280  # edge of a camera field
#: Weight of a place in the cell: (not in a cell, wall, next to the wall, deeper, nuclear rim, nucleus).
_WEIGHTS: Final = {
    "membrane": (0.0, 1.0, 0.50, 0.16, 0.12, 0.08),
    "cytoplasm": (0.0, 0.75, 1.0, 1.0, 0.45, 0.22),
    "fibre": (0.0, 0.85, 1.0, 1.0, 0.45, 0.22),
    "nucleus": (0.0, 0.04, 0.05, 0.06, 0.80, 1.0),
    "blank": (0.0, 0.0, 0.0, 0.0, 0.0, 0.0),
}
_GRAIN: Final = {"membrane": 0.22, "cytoplasm": 0.35, "fibre": 0.45, "nucleus": 0.34, "blank": 0.0}
_OWN_LIGHT: Final = (0.0, 0.75, 0.85, 0.95, 0.55, 0.45)
_SPILL: Final = 0.012  # of one mass into the next (IMC)


def cycle_shift(tissue: Tissue, cycle: int) -> tuple[float, float]:
    """Shift (dy, dx) in pixels of a cycle against the first."""
    if cycle <= 1:
        return 0.0, 0.0
    z = generator(tissue.seed, STREAM.CYCLES, cycle).standard_normal(2)
    dy, dx = np.clip(z, -2, 2) * tissue.properties.registration_px
    if "misregistered_cycle" in tissue.defects and cycle == last_cycle(tissue):
        parameters = DEFECTS["misregistered_cycle"].parameters
        dy, dx = dy + parameters["dy_px"], dx + parameters["dx_px"]
    return float(dy), float(dx)


@dataclass(frozen=True)
class ChannelPlane:
    """Makes any window of one channel.

    Parameters
    ----------
    tissue
        What to look at.
    channel
        Number of the plane.
    amplitude, own_light
        Signal of each label in grey levels, and its factor on the tissue's own light.
    """

    tissue: Tissue
    channel: int
    amplitude: NDArray[np.float32]
    own_light: NDArray[np.float32]

    @classmethod
    def of(cls, tissue: Tissue, channel: int) -> ChannelPlane:
        """Look up what every label carries in this channel."""
        ids = np.asarray(tissue.cells["cell_id"])
        size = int(ids.max(initial=0)) + 1
        amplitude, light = np.zeros(size, dtype=np.float32), np.ones(size, dtype=np.float32)
        amplitude[ids] = tissue.expression(channel)
        if channel == target_channel(tissue, "empty_channel"):
            amplitude[ids] *= 0.02
        z = generator(tissue.seed, STREAM.EXPRESSION, 10_000).standard_normal(len(ids))
        lost = np.asarray(tissue.cells["lost_from_cycle"])
        gone = (lost > 0) & (tissue.channels[channel].cycle >= lost)
        light[ids] = np.where(gone, 0.2, np.exp(0.25 * z))
        return cls(tissue, channel, amplitude, light)

    def window(self, window: Window) -> NDArray[Any]:
        """Pixels of (y0, y1, x0, x1) in the image's dtype."""
        tissue, spec, assay = self.tissue, self.tissue.channels[self.channel], self.tissue.properties
        signal = self._light(window)
        hot_share = DEFECTS["hot_pixels"].parameters["share"] if "hot_pixels" in tissue.defects else 0.0
        if tissue.assay == "imc":
            image = counts(signal, tissue.seed, self.channel, window)
            return hot(image, tissue.seed, self.channel, window, share=2e-5 + hot_share, low=80, high=500)
        if self.channel == target_channel(tissue, "saturated_channel"):
            signal = signal * np.float32(DEFECTS["saturated_channel"].parameters["factor"])
        signal = signal * self._lamp(window, spec.cycle)
        z = normal_field(tissue.seed, self.channel, window)
        pixels = camera(signal, z, offset=assay.offset, gain=assay.gain, read_noise=assay.read_noise)
        return hot(pixels, tissue.seed, self.channel, window, share=hot_share, low=30_000, high=65_000)

    def _light(self, window: Window) -> Image:
        """Signal before the camera: shifted, blurred, and out of focus where that is planted."""
        from scipy.ndimage import gaussian_filter

        tissue, spec = self.tissue, self.tissue.channels[self.channel]
        sigma = 0.45 if tissue.assay == "imc" else (0.30 + 0.0003 * spec.emission) / tissue.pixel_size_um
        poor = "out_of_focus" in tissue.defects
        blur = DEFECTS["out_of_focus"].parameters["sigma_um"] / tissue.pixel_size_um if poor else 0.0
        pad = int(4 * sigma + 4 * blur) + 3
        y0, y1, x0, x1 = window
        dy, dx = cycle_shift(tissue, spec.cycle)
        sharp = _shifted(self._ideal, (y0 - pad, y1 + pad, x0 - pad, x1 + pad), dy, dx)
        sharp = gaussian_filter(sharp, sigma, mode="nearest")
        inner = np.s_[pad:-pad, pad:-pad]
        if not poor:
            return sharp[inner]
        weight = focus_weight(tissue, window).astype(np.float32)
        if not weight.any():
            return sharp[inner]
        return sharp[inner] * (1 - weight) + gaussian_filter(sharp, blur, mode="nearest")[inner] * weight

    def _ideal(self, window: Window) -> Image:
        """See what a perfect microscope would."""
        tissue, spec = self.tissue, self.tissue.channels[self.channel]
        labels, code = tissue.geometry.read("labels", window), tissue.geometry.read("code", window)
        texture = tissue.geometry.read("texture", window).astype(np.float32) / 127.0
        fibre = tissue.geometry.read("fibre", window).astype(np.float32) / 255.0
        part = np.where(nucleus_of(code) > 0, nucleus_of(code) + np.uint8(3), depth_of(code))
        outside = part == 0
        place = _place(spec.marker)
        weight = np.array(_WEIGHTS[place], dtype=np.float32)[part]
        image = self.amplitude[labels] * weight * (1 + _GRAIN[place] * texture)
        if place == "fibre":
            image += np.where(outside, 0.16 * spec.signal * fibre * fibre, 0).astype(np.float32)
        if "bleed_through" in tissue.defects and self.channel == target_channel(tissue, "bleed_through", "target"):
            source = target_channel(tissue, "bleed_through", "source")
            image += DEFECTS["bleed_through"].parameters["share"] * ChannelPlane.of(tissue, source)._ideal(window)
        own = np.array(_OWN_LIGHT, dtype=np.float32)[part] * self.own_light[labels] * (1 + 0.3 * texture)
        own = np.where(outside, 0.25 + 0.9 * fibre, own)
        own = np.where(region_of(code) == EMPTY, np.where(outside, 0.05, own), own)
        if spec.marker == "element":
            own = 9.0 + 3.0 * texture  # a gas is everywhere
        return (image + spec.autofluorescence * own).astype(np.float32)

    def _lamp(self, window: Window, cycle: int) -> Image:
        """Illumination: brightest near the middle of each camera field, which lies elsewhere in each cycle."""
        loss = self.tissue.properties.vignetting
        if "uneven_illumination" in self.tissue.defects:
            loss = DEFECTS["uneven_illumination"].parameters["loss"]
        start = 40 * cycle
        y = (np.arange(window[0], window[1]) + start) % _FIELD_PX / _FIELD_PX * 2 - 1
        x = (np.arange(window[2], window[3]) + start) % _FIELD_PX / _FIELD_PX * 2 - 1
        return (1 - loss * 0.5 * (y[:, None] ** 2 + x[None, :] ** 2)).astype(np.float32)


def _place(marker: str) -> str:
    if marker == "DNA":
        return "nucleus"
    return MARKERS[marker].place if marker in MARKERS else "blank"


def _shifted(make: Any, window: Window, dy: float, dx: float) -> Image:
    """Evaluate at places moved by a fraction of a pixel (bilinear)."""
    iy, ix = int(np.floor(-dy)), int(np.floor(-dx))
    fy, fx = np.float32(-dy - iy), np.float32(-dx - ix)
    y0, y1, x0, x1 = window
    a = make((y0 + iy, y1 + iy + 1, x0 + ix, x1 + ix + 1))
    rows = a[:-1] * (1 - fy) + a[1:] * fy
    return rows[:, :-1] * (1 - fx) + rows[:, 1:] * fx
