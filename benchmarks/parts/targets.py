"""What is aimed at, and whether it is reached."""

from __future__ import annotations

from typing import Any

__all__ = ["judge"]

_ENGINE = {"quantify": 1.5, "measure": 2.5}
_MIB = 1e6 / 2**20
_PEAK_MB = 400


def judge(sizes: dict[str, dict[str, dict[str, Any]]]) -> list[str]:
    """Give one line a target that these sizes tell something about."""
    lines = []
    for size, rows in sizes.items():
        if any(rows[name]["problem"] for name in (*_ENGINE, "htan-kit quantify")):
            lines.append(f"{size}: not measured")
            continue
        for name, most in _ENGINE.items():
            ratio, cpu = rows[name]["engine_s_ratio"], rows[name]["engine_cpu_s_ratio"]
            lines.append(_line(size, f"{name}, engine, x limit (cpu: {cpu:.2f})", ratio, most, at_most=True))
        slow = max(rows[name]["engine_s"] for name in ("open", "info", "thumbnail"))
        lines.append(_line(size, "open, info, thumbnail: slowest, s", slow, 1, at_most=True))
        peak = rows["quantify"]["peak_mib"] / _MIB
        if rows["mean"].get("objects", 0) < 500_000:
            most = _PEAK_MB * (1 if int(size.split("x")[0]) <= 8192 else 2)
            lines.append(_line(size, "quantify, peak MB", peak, most, at_most=True))
        kit = rows["htan-kit quantify"]["whole_s"]
        others = {name: row["whole_s"] / kit for name, row in rows.items() if row.get("peer") and not row["problem"]}
        if "mcquant" in others:
            lines.append(_line(size, "faster than mcquant", others.pop("mcquant"), 15, at_most=False))
        if others:
            best = min(others, key=lambda name: others[name])
            lines.append(_line(size, f"faster than {best}, the best of the others", others[best], 3, at_most=False))
    return lines


def _line(size: str, what: str, value: float, bound: float, *, at_most: bool) -> str:
    met = value <= bound if at_most else value >= bound
    return f"{'met   ' if met else 'MISSED'} {size}: {what}: {value:.2f} ({'<=' if at_most else '>='} {bound:g})"
