"""How long ``import htan_kit`` takes beyond a bare Python: python benchmarks/import_time.py [pairs]

Each pair starts a bare interpreter and one that imports the kit, in turns, so that a busy machine slows both. The
median of the differences and of the ratios is printed; the goal is a difference below 0.3 s.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time


def seconds(code: str) -> float:
    """The wall time of one interpreter that runs the code."""
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True)
    return time.perf_counter() - start


def main(pairs: int) -> None:
    seconds("import htan_kit")  # writes the byte code and warms the page cache
    measured = [(seconds("pass"), seconds("import htan_kit")) for _ in range(pairs)]
    bare = statistics.median(bare for bare, _ in measured)
    beyond = statistics.median(kit - bare for bare, kit in measured)
    ratio = statistics.median(kit / bare for bare, kit in measured)
    print(f"bare Python {bare:.3f} s, import htan_kit {beyond:+.3f} s beyond it, ratio {ratio:.2f} ({pairs} pairs)")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 15)
