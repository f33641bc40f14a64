"""One job of the kit, timed after imports: python ours.py JOB IMAGE MASK NUCLEI

The clock includes loading compiled kernels from their cache, which every process does once.
"""

from __future__ import annotations

import json
import sys
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from htan_kit.pixels import Measurement

NOTHING = {"spread": False, "shapes": False, "perimeter": False, "channels": False, "focus": False, "tissue": False}
MEAN_AND_SHAPES = NOTHING | {"shapes": True}
MEASURE: dict[str, dict[str, Any]] = {
    "mean": NOTHING,
    "quantify": MEAN_AND_SHAPES,
    "measure": MEAN_AND_SHAPES | {"spread": True, "channels": True, "focus": True, "tissue": True},
}
"""What mcquant gives, and the whole of it without what is counted one by one below."""
EXTRAS: dict[str, dict[str, Any]] = {
    "shapes": {"shapes": True},
    "shapes and perimeter": {"shapes": True, "perimeter": True},
    "SD, min, max": {"spread": True},
    "histograms": {"channels": True},
    "focus": {"focus": True},
    "tissue": {"tissue": True},
    "median": {"quantiles": (0.5,)},
    "ring of 5 px": {"ring_px": 5.0},
    "second mask": {"nuclei": True},
    "registration": {"cycles": (0, 4, 8)},
}
"""What is added to "mean", one at a time."""
OPENING = ("open", "info", "thumbnail")


def measuring(job: str, image: str, mask: str, nuclei: str) -> Callable[[], Measurement]:
    import imagecodecs  # noqa: F401
    from scipy import fft, ndimage  # noqa: F401

    import htan_kit as hk
    import htan_kit.pixels._result
    import htan_kit.pixels._wanted
    from htan_kit.pixels import measure

    options = MEASURE.get(job) or NOTHING | EXTRAS[job]
    if options.get("nuclei"):
        options = options | {"nuclei": hk.read_mask(nuclei)}
    opened = hk.read_image(image), hk.read_mask(mask)
    if options.get("cycles"):
        options = options | {"cycles": [c for c in options["cycles"] if c < opened[0].n_channels]}
    return lambda: measure(*opened, **options)


def opening(job: str, image: str) -> Callable[[], object]:
    import imagecodecs  # noqa: F401

    import htan_kit as hk
    from htan_kit import report  # noqa: F401
    from htan_kit.pixels import thumbnail
    from htan_kit.report import describe

    hk.read_image  # noqa: B018 - imports it
    if job == "info":
        return lambda: describe(image)
    return lambda: hk.read_image(image) if job == "open" else thumbnail(hk.read_image(image))


def main() -> None:
    job, *paths = sys.argv[1:]
    work: Callable[[], Any] = opening(job, paths[0]) if job in OPENING else measuring(job, *paths)
    start = time.perf_counter(), time.process_time()
    found = work()
    said = {"engine_s": time.perf_counter() - start[0], "engine_cpu_s": time.process_time() - start[1]}
    if job not in OPENING:
        said["objects"] = len(found.labels)
    print(json.dumps(said))


if __name__ == "__main__":
    main()
