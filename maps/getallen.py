"""Numbers as a Dutch reader expects them; the only place that turns a figure into text."""

from __future__ import annotations

import math
from datetime import date

SMALLEST = 0.01
SMALLEST_CHANCE = 0.001
MAANDEN = (
    "januari", "februari", "maart", "april", "mei", "juni",
    "juli", "augustus", "september", "oktober", "november", "december",
)  # fmt: skip


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
    """Decimals of a rate: two for what is shown below 1, so that a small rate is not shown as 0,0; else one."""
    return 2 if value > 0 and round_getal(value, 2) < 1 else 1


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


def format_kenmerk(value: float, eenheid: str) -> str:
    """A feature of an area: procent "42%" (the publisher's own whole percents), duizend_euro "€ 186.000"."""
    return f"{format_getal(value)}%" if eenheid == "procent" else f"€ {format_getal(value * 1000)}"


def format_procent(share: float) -> str:
    """A share (0-1) as whole percents that never round to nothing or to everything: 0.413 is "41%"."""
    return f"{min(max(round(share * 100), 1), 99)}%"


def format_kans(p: float) -> str:
    """A chance (0-1) as percents with one decimal: 0.0234 is "2,3%", a smaller one than 0.001 "minder dan 0,1%"."""
    if p < SMALLEST_CHANCE:
        return f"minder dan {format_getal(100 * SMALLEST_CHANCE, 1)}%"
    return f"{format_getal(100 * p, 1)}%"


def format_dagen(begin: str | None, eind: str | None) -> str:
    """Two ISO days as one reading: "1 april t/m 30 juni 2026"; "" when one is unknown. Raises ValueError for no day."""
    if not begin or not eind:
        return ""
    first, last = date.fromisoformat(begin), date.fromisoformat(eind)
    year = "" if first.year == last.year else f" {first.year}"
    return f"{first.day} {MAANDEN[first.month - 1]}{year} t/m {last.day} {MAANDEN[last.month - 1]} {last.year}"
