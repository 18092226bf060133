"""Numbers as a Dutch reader expects them; the only place that turns a figure into text."""

from __future__ import annotations

import math

SMALLEST = 0.01


def format_getal(value: float, decimals: int = 0) -> str:
    """12345.678 with 1 decimal -> "12.345,7". Raises ValueError for NaN and infinity."""
    if not math.isfinite(value):
        raise ValueError(f"geen getal om te tonen: {value}")
    text = f"{round_getal(value, decimals):,.{decimals}f}"
    return text.translate(str.maketrans(",.", ".,"))


def round_getal(value: float, decimals: int) -> float:
    """Round halves away from zero, as readers do, and never give minus zero."""
    factor = 10**decimals
    rounded = math.floor(abs(value) * factor + 0.5 + 1e-9) / factor
    return math.copysign(rounded, value) if rounded else 0.0


def rate_decimals(value: float) -> int:
    """Decimals of a rate: two below 1, so that a small rate is not shown as 0,0; else one."""
    return 2 if 0 < value < 1 else 1


def format_cijfer(value: float, eenheid: str) -> str:
    """A count ("1.204") or a rate per 1 000 ("8,3"; below 1 "0,42"; a tiny one "minder dan 0,01")."""
    if eenheid == "aantal":
        return format_getal(value)
    if 0 < value < SMALLEST / 2:
        return f"minder dan {format_getal(SMALLEST, 2)}"
    return format_getal(value, rate_decimals(value))


def shown_value(value: float, eenheid: str) -> float:
    """The value as rounded for display: figures that read equal get the same class on the map."""
    return round_getal(value, 0 if eenheid == "aantal" else rate_decimals(value))


def format_procent(share: float) -> str:
    """A share (0-1) as whole percents that never round to nothing or to everything: 0.413 is "41%"."""
    return f"{min(max(round(share * 100), 1), 99)}%"
