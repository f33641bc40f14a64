"""Passes over pixels: every tile decoded once, memory bounded, arrays and tables out."""

from htan_kit.pixels._coordinates import Explanation, explain_coordinates, explain_ids
from htan_kit.pixels._labels_at import labels_at
from htan_kit.pixels._measure import measure
from htan_kit.pixels._measurement import Measurement
from htan_kit.pixels._morphology import object_morphology
from htan_kit.pixels._objects import mask_objects, object_means
from htan_kit.pixels._sampled import sampled_means
from htan_kit.pixels._statistics import channel_statistics
from htan_kit.pixels._thumbnail import mask_thumbnail, thumbnail

__all__ = [
    "Explanation", "Measurement", "channel_statistics", "explain_coordinates", "explain_ids", "labels_at",
    "mask_objects", "mask_thumbnail", "measure", "object_means", "object_morphology", "sampled_means", "thumbnail",
]  # fmt: skip
