"""Did an area change between two periods, and not only by chance? Ratios of rates, with what areas vary besides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import brentq
from scipy.stats import chi2, norm
from scipy.stats import t as student

from analysis.arrays import Bools, Floats, as_counts
from analysis.local import benjamini_hochberg

# Added to both counts, so that a nought has a ratio too (Haldane 1956, Anscombe 1956).
_HALF = 0.5
_MIDDLE = 0.75
FEW = 5


@dataclass(frozen=True)
class Change:
    """Per area (n,): ratio of the rate after to that before, its interval of 95%, its p-value, and whether it is clear.

    NaN (False for clear) where either period is not known. uitleg: one Dutch sentence.
    """

    ratio: Floats
    low: Floats
    high: Floats
    p_value: Floats
    clear: Bools
    uitleg: str
    parameters: Mapping[str, object]


def compare_periods(
    before: ArrayLike, after: ArrayLike, size_before: ArrayLike, size_after: ArrayLike, *, fdr: float = 0.05
) -> Change:
    """Compare counts of the same areas in two periods.

    before, after: (n,) counts, NaN where not known. size_before, size_after: (n,) what they are a rate of (dwellings
    times days, say), above zero where the count is known. ValueError for other shapes and negative values.

    The log ratio of two counts has variance 1/a + 1/b by chance alone. Areas go up and down more than that: a variance
    between areas is added, as in a meta-analysis of random effects (DerSimonian and Laird 1986), estimated from the
    three quarters of the areas that lie nearest to the middle, so that the few that did change do not hide themselves.
    Clear is what stands after Benjamini and Hochberg (1995) over all areas.
    """
    b, a = as_counts(before, "before"), as_counts(after, "after")
    sizes = [as_counts(size, "size") for size in (size_before, size_after)]
    if len({array.shape for array in (a, b, *sizes)}) != 1 or a.ndim != 1:
        raise ValueError("before, after and their sizes must have one value per area")
    known = np.isfinite(a) & np.isfinite(b) & (np.nan_to_num(sizes[0]) > 0) & (np.nan_to_num(sizes[1]) > 0)
    a, b, size_b, size_a = (np.where(known, array, np.nan) for array in (a, b, *sizes))
    log_ratio = np.log((a + _HALF) / size_a) - np.log((b + _HALF) / size_b)
    chance = 1 / (a + _HALF) + 1 / (b + _HALF)
    some = known & (np.nan_to_num(a + b) > 0)
    between = _between(log_ratio[some], chance[some])
    error = np.sqrt(chance + between)
    # What was estimated from so many areas is as uncertain as that.
    spread = student(round(_MIDDLE * some.sum()) - 1) if between > 0 else norm()
    z = spread.ppf(0.975)
    p_value = 2 * spread.sf(np.abs(log_ratio) / error)
    # Nothing in both periods is no change, however wide the interval.
    p_value = np.where(a + b == 0, np.where(known, 1.0, np.nan), p_value)
    low, high = np.exp(log_ratio - z * error), np.exp(log_ratio + z * error)
    clear = (benjamini_hochberg(p_value) <= fdr) & ((low > 1) | (high < 1))
    uitleg = (
        "Een verschil is duidelijk als het groter is dan wat toeval en gewone schommelingen kunnen doen, ook als u "
        "alle gebieden samen bekijkt; anders is het niet met zekerheid een verschil."
    )
    parameters = {"between": between, "fdr": fdr, "compared": int(known.sum())}
    return Change(np.exp(log_ratio), low, high, p_value, clear, uitleg, parameters)


def _between(log_ratio: Floats, chance: Floats) -> float:
    """The variance that log ratios have besides chance; 0 when chance is enough, or with fewer than FEW areas."""
    if len(log_ratio) < FEW:
        return 0.0
    squares = (log_ratio - np.median(log_ratio)) ** 2
    nearest = max(1, round(_MIDDLE * len(squares)))
    # What the mean of the smallest squares of standard normal values is.
    wanted = chi2.cdf(chi2.ppf(_MIDDLE, 1), 3) / _MIDDLE

    def excess(between: float) -> float:
        return float(np.sort(squares / (chance + between))[:nearest].mean() - wanted)

    if excess(0.0) <= 0:
        return 0.0
    return float(brentq(excess, 0.0, float(squares.max() / wanted)))
