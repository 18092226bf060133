"""What an answer is worth: was the area chosen because it peaked, and what could these numbers show at all?"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import brentq
from scipy.special import ndtri, stdtr

from analysis.arrays import Floats, as_counts
from analysis.displacement.wdd import LEVEL, positive_weights
from analysis.wording import getal, procent

POWER = 0.8


@dataclass(frozen=True)
class RegressionToMean:
    """`ratio`: mean before the action over the longer past; `warning`: too high to be chance (p_value <= .05)."""

    ratio: float
    p_value: float
    warning: bool
    uitleg: str
    parameters: Mapping[str, object]


@dataclass(frozen=True)
class Detectable:
    """`share`: the smallest fall (0-1) that these numbers show; nan when even a fall to 0 stays unseen."""

    share: float
    uitleg: str
    parameters: Mapping[str, object]


def regression_to_mean(history: ArrayLike, before: ArrayLike) -> RegressionToMean:
    """Tell whether the treated area stood above its own longer past just before the action.

    An area that is chosen because it peaks comes down by itself, which looks like an effect.
    history, before: counts per period of equal length, (n,) and (m,); history lies before `before`. NaN periods
    are left out; fewer than two periods of history or none before the action raise ValueError.
    Method: ratio of two means, half a report added to each total so that 0 has a ratio; variance inflated by the
    swing within both stretches (quasi-Poisson, at least 1); one-sided, Student's t.
    """
    past, recent = (_known(values, name) for values, name in ((history, "history"), (before, "before")))
    if len(past) < 2 or not len(recent):
        raise ValueError("history needs at least two known periods and before at least one")
    degrees = len(past) + len(recent) - 2
    swing = sum(((part - part.mean()) ** 2).sum() / part.mean() for part in (past, recent) if part.sum() > 0)
    totals = np.array([recent.sum() + 0.5, past.sum() + 0.5])
    ratio = float(totals[0] / len(recent) / (totals[1] / len(past)))
    se = math.sqrt(max(1.0, swing / degrees) * (1 / totals).sum())
    p_value = float(stdtr(degrees, -math.log(ratio) / se))
    warning = p_value <= 1 - LEVEL
    return RegressionToMean(
        ratio, p_value, warning, _explain_peak(ratio, warning), {"n_history": len(past), "n_before": len(recent)}
    )


def smallest_detectable(
    control: float,
    treated: float,
    *,
    area_weights: ArrayLike | None = None,
    time_weights: ArrayLike | None = None,
    power: float = POWER,
) -> Detectable:
    """Return the smallest fall in the treated area that wdd would show with this power, at 95 %.

    control, treated: reports before the action, as expected again after it; finite, treated above 0.
    area_weights: (control, treated), time_weights: (before, after), as in wdd. power: chance (0-1) to see it.
    """
    if not (math.isfinite(control) and math.isfinite(treated) and control >= 0 and treated > 0):
        raise ValueError("control and treated must be counts, and treated more than 0")
    if not 0 < power < 1:
        raise ValueError(f"power must lie between 0 and 1, got {power}")
    size = positive_weights(area_weights, "area_weights", 2)
    time = positive_weights(time_weights, "time_weights", 2)
    before = np.array([control, treated])
    after = before * time[1] / time[0]
    needed = float(ndtri((1 + LEVEL) / 2) + ndtri(power))

    def lack(share: float) -> float:
        left = after * (1, 1 - share)
        variance = float(((before / time[0] ** 2 + left / time[1] ** 2) / size**2).sum())
        return needed * math.sqrt(variance) - share * treated / float(time[0] * size[1])

    share = float(brentq(lack, 0.0, 1.0)) if lack(1.0) < 0 else math.nan
    parameters = {
        "control": control,
        "treated": treated,
        "area_weights": tuple(size.tolist()),
        "time_weights": tuple(time.tolist()),
        "power": power,
        "level": LEVEL,
    }
    return Detectable(share, explain_detectable(share).capitalize(), parameters)


def explain_detectable(share: float) -> str:
    """Return the (uncapitalised) sentence on the smallest fall that can be shown."""
    if math.isnan(share):
        return "met deze aantallen is geen enkele daling vast te stellen, ook niet tot nul."
    return f"met deze aantallen is een daling van minder dan {procent(share)} meestal niet vast te stellen."


def _known(values: ArrayLike, name: str) -> Floats:
    found = as_counts(values, name)
    if found.ndim != 1:
        raise ValueError(f"{name} must have shape (n,), got {found.shape}")
    return found[~np.isnan(found)]


def _explain_peak(ratio: float, warning: bool) -> str:
    if warning:
        return (
            f"Vlak voor de aanpak waren er {getal(ratio, 1)} keer zoveel meldingen als in de tijd ervoor; een daling "
            "daarna kan ook vanzelf komen."
        )
    return (
        "Vlak voor de aanpak waren er niet aantoonbaar meer meldingen dan in de tijd ervoor; een daling vanzelf is "
        "daarmee minder waarschijnlijk, maar niet uitgesloten."
    )
