"""New, growing, fading or only now and then: one class per area from its hot and cold periods.

The classes are those of the emerging hot spot analysis of Esri (ArcGIS Pro documentation), eight hot, eight cold
and no pattern. A period is hot when z is above zero and its two-sided p is at most alpha; cold likewise below
zero. Where the published definitions overlap or leave a gap, the first that fits of this list counts:

1. unknown        fewer than MIN_PERIODS known periods
   and for a last period that is hot:
2. intensifying   hot in at least 90 % of the periods, and a significant rise
3. diminishing    … and a significant fall
4. persistent     … and neither
5. oscillating    ever cold before (so before new and consecutive: it swung round, it did not begin)
6. new            never hot before
7. consecutive    hot only in one unbroken run at the end
8. sporadic       hot on and off
   a last period that is cold: the same with hot and cold exchanged, as cold_…; and for neither:
9. historical     hot in at least 90 % of the periods (cold_historical: cold)
10. none          no pattern

So what the last period shows goes before what once was.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr

from analysis.arrays import Bools, Floats, Ints, as_covered, as_values
from analysis.wording import aantal, getal

# With four periods not even a steady rise is significant at 5 %.
MIN_PERIODS = 5

LABELS: Mapping[str, str] = {
    "new": "nieuw: nu voor het eerst hoog",
    "consecutive": "de laatste perioden steeds hoog",
    "intensifying": "bijna altijd hoog, en stijgend",
    "persistent": "bijna altijd hoog",
    "diminishing": "bijna altijd hoog, maar dalend",
    "sporadic": "af en toe hoog, ook nu",
    "oscillating": "eerder laag, nu hoog",
    "historical": "bijna altijd hoog, maar nu niet",
    "cold_new": "nieuw: nu voor het eerst laag",
    "cold_consecutive": "de laatste perioden steeds laag",
    "cold_intensifying": "bijna altijd laag, en dalend",
    "cold_persistent": "bijna altijd laag",
    "cold_diminishing": "bijna altijd laag, maar stijgend",
    "cold_sporadic": "af en toe laag, ook nu",
    "cold_oscillating": "eerder hoog, nu laag",
    "cold_historical": "bijna altijd laag, maar nu niet",
    "none": "geen patroon",
    "unknown": "niet te zeggen",
}


@dataclass(frozen=True)
class EmergingResult:
    """`label` (n,): keys of LABELS; `trend_p` (n,): two-sided Mann-Kendall, NaN where unknown.

    trend: (n,) the standard normal score of that trend, above zero where z rises; NaN where unknown.
    last_period: (n,) index of the last known period, which the label speaks of; -1 where there is none.
    uitleg: one Dutch sentence.
    """

    label: NDArray[np.str_]
    trend_p: Floats
    trend: Floats
    last_period: Ints
    uitleg: str
    parameters: Mapping[str, object]


def classify(z: ArrayLike, *, alpha: float = 0.05, covered: ArrayLike | None = None) -> EmergingResult:
    """Say of each area whether it is new, growing, fading or only now and then hot or cold.

    z: (n_areas, n_periods) scores of local.getis_ord, oldest period first. NaN and uncovered periods leave the
    series, so that the known periods close up: a gap is neither hot, cold nor an interruption.
    alpha: for a hot or cold period and for the trend alike, each two-sided.
    Method: see the module for the classes; trend by Mann (1945) and Kendall (1975), with the correction for ties
    and for continuity.
    """
    if not 0 < alpha < 1:
        raise ValueError(f"alpha must lie between 0 and 1, got {alpha}")
    scores = as_values(z, "z")
    if scores.ndim != 2:
        raise ValueError(f"z must have shape (n_areas, n_periods), got {scores.shape}")
    scores[~as_covered(covered, scores.shape)] = np.nan
    known = ~np.isnan(scores)
    enough = known.sum(axis=1) >= MIN_PERIODS
    trend = mann_kendall(scores)
    trend[~enough] = np.nan
    trend_p = 2 * ndtr(-np.abs(trend))
    notable = known & (2 * ndtr(-np.abs(scores)) <= alpha)
    hot, cold = notable & (scores > 0), notable & (scores < 0)
    last = _last_known(known)
    turn = np.where(trend_p <= alpha, np.sign(trend), 0.0)
    label = np.full(len(scores), "none", dtype=f"<U{max(map(len, LABELS))}")
    for prefix, own, opposite, direction in (("", hot, cold, turn), ("cold_", cold, hot, -turn)):
        named = _name(_Series(own, opposite, known, last, direction))
        label = np.where(named == "", label, np.char.add(prefix, named))
    label[~enough] = "unknown"
    parameters = {"alpha": alpha, "min_periods": MIN_PERIODS, "n_periods": scores.shape[1]}
    return EmergingResult(label, trend_p, trend, last, _explain(label, last, scores.shape[1]), parameters)


def mann_kendall(series: ArrayLike) -> Floats:
    """Return the standard normal score (n,) of a monotonic trend in each row of (n, n_periods).

    NaN leaves the series. Ties are corrected for, and continuity; 0 where fewer than two different values exist.
    """
    values = as_values(series, "series")
    known = ~np.isnan(values)
    n = known.sum(axis=1).astype(np.float64)
    score = np.zeros(len(values))
    same = np.ones(values.shape)
    for lag in range(1, values.shape[1]):
        step = np.sign(values[:, lag:] - values[:, :-lag])
        score += np.nansum(step, axis=1)
        same[:, lag:] += step == 0
        same[:, :-lag] += step == 0
    # Each member of a tie of t values adds (t - 1)(2t + 5): together the t (t - 1)(2t + 5) of the formula.
    ties = ((same - 1) * (2 * same + 5) * known).sum(axis=1)
    variance = (n * (n - 1) * (2 * n + 5) - ties) / 18
    result = np.zeros(len(values))
    np.divide(score - np.sign(score), np.sqrt(np.maximum(variance, 0)), out=result, where=variance > 0)
    return result


@dataclass(frozen=True)
class _Series:
    """Periods (n, n_periods) that are hot (own) or cold (opposite), or the other way round; the trend's sign."""

    own: Bools
    opposite: Bools
    known: Bools
    last: Ints
    direction: Floats


def _name(series: _Series) -> NDArray[np.str_]:
    """Return the class without prefix, empty where none of the own kind fits."""
    times = series.own.sum(axis=1)
    # In whole numbers: 0.9 x 10 periods must be exactly 9.
    mostly = (10 * times >= 9 * series.known.sum(axis=1)) & (times > 0)
    now = _at(series.own, series.last)
    then_opposite = _at(series.opposite, series.last)
    conditions = {
        "intensifying": now & mostly & (series.direction > 0),
        "diminishing": now & mostly & (series.direction < 0),
        "persistent": now & mostly,
        "oscillating": now & series.opposite.any(axis=1),
        "new": now & (times == 1),
        "consecutive": now & (times == _final_run(series)),
        "sporadic": now,
        "historical": mostly & ~then_opposite,
    }
    return np.select(list(conditions.values()), list(conditions), "")


def _last_known(known: Bools) -> Ints:
    """Return the index of the last known period per row, -1 where there is none."""
    steps = np.arange(known.shape[1])
    found: Ints = np.where(known, steps, -1).max(axis=1, initial=-1)
    return found


def _at(periods: Bools, index: Ints) -> Bools:
    """Return each row's value at its index; False where the index is -1."""
    if not periods.shape[1]:
        return np.zeros(len(periods), dtype=np.bool_)
    found: Bools = np.take_along_axis(periods, np.maximum(index, 0)[:, None], axis=1)[:, 0] & (index >= 0)
    return found


def _final_run(series: _Series) -> Ints:
    """Return how many known periods up to the last are of the own kind without interruption."""
    interrupted = (series.known & ~series.own)[:, ::-1]
    before = np.cumsum(interrupted, axis=1) == 0
    found: Ints = (series.own[:, ::-1] & before).sum(axis=1)
    return found


def _explain(label: NDArray[np.str_], last: Ints, n_periods: int) -> str:
    def count(keys: list[str]) -> str:
        return getal(int(np.isin(label, keys).sum()))

    older = getal(int(((label != "unknown") & (last < n_periods - 1)).sum()))
    return (
        f"Vergeleken: {aantal(len(label), 'gebied', 'gebieden')}, waarvan {count(['new', 'consecutive'])} sinds kort "
        f"hoog, {count(['intensifying', 'persistent', 'diminishing'])} bijna altijd hoog en {count(['historical'])} "
        f"niet meer hoog, steeds naast de andere gebieden in dezelfde periode; over {count(['unknown'])} is te weinig "
        f"bekend, bij {older} ontbreekt de laatste periode, en een verandering zegt niet waardoor zij komt."
    )
