"""Dutch wording that the explanations of all results share."""

from __future__ import annotations

import math


def getal(value: float, decimalen: int = 0) -> str:
    """Return a number as Dutch readers write it: 1.234,5; "onbekend" for NaN."""
    if math.isnan(value):
        return "onbekend"
    return f"{value:,.{decimalen}f}".translate(str.maketrans(",.", ".,"))


def aantal(n: int, enkelvoud: str, meervoud: str) -> str:
    """Return "geen plekken", "1 plek" or "3 plekken"."""
    if n == 0:
        return f"geen {meervoud}"
    return f"{getal(n)} {enkelvoud if n == 1 else meervoud}"


def procent(share: float) -> str:
    """Return a share of one as whole percents: 0.123 is "12 %"; "onbekend" for NaN."""
    return "onbekend" if math.isnan(share) else f"{getal(100 * share)} %"


def kans(p: float) -> str:
    """Return a p-value as a chance for people who do not know p-values: "ongeveer 1 op de 50"."""
    if math.isnan(p):
        return "onbekend"
    if p >= 0.5:
        return "meer dan de helft"
    if p < 1e-6:
        return "minder dan 1 op de miljoen"
    return f"ongeveer 1 op de {getal(round(1 / p))}"
