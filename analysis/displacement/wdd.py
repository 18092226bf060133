"""Two periods, up to four groups of areas: the weighted displacement difference and the displacement quotient."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtri
from scipy.stats import fisher_exact

from analysis.arrays import Floats, as_counts, as_covered
from analysis.wording import getal

ARMS = ("control", "treated", "displacement_control", "displacement_treated")
LEVEL = 0.95
Pair = tuple[float, float]
# Change in each arm, after minus before, as it enters the difference: what the control arms did is expected.
_SIGNS = np.array([-1.0, 1.0, -1.0, 1.0])


class Part(NamedTuple):
    """One part of the difference: reports more (+) or fewer (-) than expected; NaN where it cannot be known."""

    estimate: float
    se: float
    interval: Pair


@dataclass(frozen=True)
class WddResult:
    """Outcome of wdd. `estimate`, `se`, `z` and the 95 % `interval` are of the total: local plus displacement.

    counts, weights, covered: (before, after) per arm given, in the order of ARMS: two arms or four.
    local: the treated areas against their controls; displacement: their surroundings against theirs, NaN
    when there are no surroundings. Everything that rests on an uncovered count is NaN.
    """

    estimate: float
    se: float
    z: float
    interval: Pair
    local: Part
    displacement: Part
    counts: tuple[Pair, ...]
    weights: tuple[Pair, ...]
    covered: tuple[tuple[bool, bool], ...]
    uitleg: str
    parameters: Mapping[str, object]


def wdd(  # noqa: PLR0913 (contract)
    control: ArrayLike,
    treated: ArrayLike,
    displacement_control: ArrayLike | None = None,
    displacement_treated: ArrayLike | None = None,
    *,
    area_weights: ArrayLike | None = None,
    time_weights: ArrayLike | None = None,
    covered: ArrayLike | None = None,
) -> WddResult:
    """Return the weighted displacement difference: (change treated - change control), near plus around.

    Each arm: (before, after) whole counts; the displacement arms come together or not at all.
    area_weights: size per arm given, in the order of the arms; time_weights: length of (before, after). Both
    divide; None: all 1. A difference of counts presumes that treated and control would have changed by the same
    number of reports: give control areas of another size a weight.
    covered: bool (arms, 2), False where the source did not cover that arm in that period; None: all covered.
    A covered count that is NaN, not whole or below zero raises ValueError, as do weights that are not positive.
    Counts are taken as Poisson: series that swing more than that belong in `did`.
    Method: Wheeler and Ratcliffe (2018).
    """
    arms = [control, treated, displacement_control, displacement_treated]
    if (displacement_control is None) != (displacement_treated is None):
        raise ValueError("displacement_control and displacement_treated must be given together")
    if displacement_control is None:
        arms = arms[:2]
    known = as_covered(covered, (len(arms), 2))
    counts = np.array([_as_pair(arm, name) for arm, name in zip(arms, ARMS, strict=False)])
    if not np.array_equal(counts[known], np.floor(counts[known])):
        raise ValueError("counts must be whole numbers and known; mark what is missing in covered")
    sizes = positive_weights(area_weights, "area_weights", len(arms))
    times = positive_weights(time_weights, "time_weights", 2)
    weights = sizes[:, None] * times
    counts[~known] = math.nan
    local, total = _part(counts[:2], weights[:2]), _part(counts, weights)
    around = _part(counts[2:], weights[2:]) if len(arms) == 4 else Part(math.nan, math.nan, (math.nan, math.nan))
    return WddResult(
        estimate=total.estimate,
        se=total.se,
        z=total.estimate / total.se if total.se else math.nan,
        interval=total.interval,
        local=local,
        displacement=around,
        counts=_pairs(counts),
        weights=_pairs(weights),
        covered=tuple((bool(before), bool(after)) for before, after in known),
        uitleg=_explain(local, around, total, len(arms)),
        parameters={
            "area_weights": tuple(sizes.tolist()),
            "time_weights": tuple(times.tolist()),
            "level": LEVEL,
        },
    )


def wdq(treated: ArrayLike, buffer: ArrayLike, control: ArrayLike) -> float:
    """Return the weighted displacement quotient of (before, after) counts in area, buffer and control.

    Below 0: the buffer took over (-1: as much as the area lost, when all are equally large); above 0: the
    buffer gained too. nan when the denominator is not negative, so when the area did not do better than the
    control, when the control has no reports, or when a count is missing (NaN).
    Method: Bowers and Johnson (2003).
    """
    area, around, compared = (
        _as_pair(pair, name) for pair, name in ((treated, "treated"), (buffer, "buffer"), (control, "control"))
    )
    if not (compared > 0).all():
        return math.nan
    success = float(np.diff(area / compared)[0])
    return float(np.diff(around / compared)[0]) / success if success < 0 else math.nan


def small_count_test(control: ArrayLike, treated: ArrayLike) -> float:
    """Return the two-sided p that treated and control changed by the same *share*, exact for few reports.

    control, treated: (before, after) whole counts; NaN gives nan. Given its total, the reports of each arm are
    binomial over the two periods, so that lengths and sizes drop out: Fisher's exact test.
    """
    table = np.array([_as_pair(control, "control"), _as_pair(treated, "treated")])
    if np.isnan(table).any():
        return math.nan
    if not np.array_equal(table, np.floor(table)):
        raise ValueError("counts must be whole numbers")
    return float(fisher_exact(table.astype(np.int64)).pvalue)


def _as_pair(values: ArrayLike | None, name: str) -> Floats:
    return as_counts(np.nan if values is None else values, name, shape=(2,))


def positive_weights(values: ArrayLike | None, name: str, n: int) -> Floats:
    """Return n weights, all 1 for None; what is not positive raises ValueError."""
    found = np.ones(n) if values is None else as_counts(values, name, shape=(n,))
    if not (found > 0).all():
        raise ValueError(f"{name} must be positive numbers")
    return found


def _part(counts: Floats, weights: Floats) -> Part:
    signs = _SIGNS[: len(counts), None] * np.array([-1.0, 1.0])
    estimate = float((signs * counts / weights).sum())
    se = float(np.sqrt((counts / weights**2).sum()))
    half = float(ndtri((1 + LEVEL) / 2)) * se
    return Part(estimate, se, (estimate - half, estimate + half))


def _pairs(values: Floats) -> tuple[Pair, ...]:
    return tuple((float(before), float(after)) for before, after in values)


def _explain(local: Part, around: Part, total: Part, n_arms: int) -> str:
    if math.isnan(total.estimate):
        return (
            "Niet te berekenen: een gebied is in een van de perioden niet gedekt door de bron, en geen gegevens is "
            "iets anders dan geen meldingen."
        )
    low, high = (_meer_of_minder(bound) for bound in total.interval)
    margin = f"(met 95 % zekerheid tussen {low} en {high})"
    here = f"In het gebied zelf: naar schatting {_meer_of_minder(local.estimate)} dan verwacht"
    if n_arms == 2:
        return f"{here} {margin}; naar de omgeving is niet gekeken, en over de oorzaak zegt dit niets."
    return (
        f"{here}, er omheen {_meer_of_minder(around.estimate)}, samen {_meer_of_minder(total.estimate)} {margin}; "
        "over de oorzaak zegt dit niets."
    )


def _meer_of_minder(change: float) -> str:
    return f"{getal(abs(change))} {'meer' if change > 0 else 'minder'}"
