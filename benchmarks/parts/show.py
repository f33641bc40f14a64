"""The tables that are printed."""

from __future__ import annotations

from typing import Any

from parts import ours

__all__ = ["show"]

_HEAD = f"{'':22}{'whole s':>9}{'engine s':>10}{'cpu s':>8}{'x limit':>9}{'x, cpu':>8}{'peak MiB':>10}"


def show(size: str, rows: dict[str, dict[str, Any]], absent: dict[str, str]) -> str:
    """Lay out what was measured at one size."""
    objects = rows["mean"].get("objects", 0)
    lines = ["", f"{size}: {objects:,.0f} objects", _HEAD]
    plain = [name for name in rows if name not in ours.EXTRAS and name not in ours.OPENING]
    lines += [_line(name, rows[name]) for name in plain]
    lines += [f"{name:22} not installed: {reason}" for name, reason in absent.items()]
    lines += ["", "columns"]
    lines += [f"  {name:20} {row['columns']}; {row['rows']:,} rows" for name, row in rows.items() if "columns" in row]
    kit = rows["htan-kit quantify"]
    if not kit["problem"]:
        compared = {name: row for name, row in rows.items() if row.get("peer") and not row["problem"]}
        if compared:
            lines += ["", "whole process, x htan-kit quantify"]
            lines += [f"  {name:20} {row['whole_s'] / kit['whole_s']:6.1f}" for name, row in compared.items()]
    if any(name in rows for name in ours.EXTRAS):
        lines += [
            "",
            f"{'each part beyond mean':22}{'engine s':>10}{'cpu s':>8}{'x limit':>9}{'x, cpu':>8}{'peak MiB':>10}",
        ]
        lines += [_beyond(name, rows) for name in ours.EXTRAS]
    lines += ["", "seconds after import"]
    lines += [f"  {name:20} {rows[name]['engine_s']:6.3f}" for name in ours.OPENING if not rows[name]["problem"]]
    return "\n".join(lines)


def _line(name: str, row: dict[str, Any]) -> str:
    if row["problem"]:
        return f"{name:22} failed: {row['problem']}"
    engine, ratio, cpu = row.get("engine_s"), row.get("engine_s_ratio"), row.get("engine_cpu_s_ratio")
    return (
        f"{name:22}{row['whole_s']:9.2f}{_or_blank(engine, 10)}{row['cpu_s']:8.2f}"
        f"{_or_blank(row['whole_s_ratio'] if ratio is None else ratio, 9)}{_or_blank(cpu, 8)}{row['peak_mib']:10.0f}"
    )


def _beyond(name: str, rows: dict[str, dict[str, Any]]) -> str:
    row, mean, limit = rows[name], rows["mean"], rows["limit"]
    if row["problem"]:
        return f"{name:22} failed: {row['problem']}"
    engine, cpu = row["engine_s"] - mean["engine_s"], row["engine_cpu_s"] - mean["engine_cpu_s"]
    return (
        f"{name:22}{engine:10.2f}{cpu:8.2f}{engine / limit['engine_s']:9.2f}{cpu / limit['engine_cpu_s']:8.2f}"
        f"{row['peak_mib'] - mean['peak_mib']:10.0f}"
    )


def _or_blank(value: float | None, width: int) -> str:
    return " " * width if value is None else f"{value:{width}.2f}"
