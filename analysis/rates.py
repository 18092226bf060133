"""High rate or just small: rates per area with an interval, direct and shrunk towards their surroundings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.sparse import csr_array, eye_array
from scipy.special import gammaincinv

from analysis.arrays import Bools, Floats, as_counts, as_covered, as_weights
from analysis.wording import aantal, getal, procent


@dataclass(frozen=True)
class RateResult:
    """`rate`, `low` and `high`, each (n,), per unit of population; NaN where nothing is known.

    uitleg: one Dutch sentence. parameters: how the rates were made, and the overall rate.
    """

    rate: Floats
    low: Floats
    high: Floats
    uitleg: str
    parameters: Mapping[str, object]


def direct(
    events: ArrayLike, population: ArrayLike, *, level: float = 0.95, covered: ArrayLike | None = None
) -> RateResult:
    """Divide events by population, with the exact Poisson interval.

    events, population: (n,), not below zero; events where the population is 0 raise ValueError. NaN where the
    population is 0 and where either is missing or not covered.
    Method: interval of Garwood (1936).
    """
    counts, people, known = _as_rates(events, population, covered)
    rate, low, high = _exact(counts, people, level)
    parameters = {"method": "direct", "level": level, "n": int(known.sum()), "overall": _overall(counts, people)}
    uitleg = (
        f"Het cijfer is het aantal gedeeld door de omvang van het gebied, bekend voor {_areas(known)}; de marge "
        f"({procent(level)}) laat zien hoeveel alleen het toeval kan uitmaken, en die is in een klein gebied zo groot "
        "dat een hoog cijfer daar weinig zegt."
    )
    return RateResult(rate, low, high, uitleg, parameters)


def standardised_ratio(
    events: ArrayLike, expected: ArrayLike, *, level: float = 0.95, covered: ArrayLike | None = None
) -> RateResult:
    """Divide events by the number expected (indirect standardisation), with the exact Poisson interval.

    events, expected: (n,), as in direct; the ratio is 1 where exactly the expected number happened. The
    expected numbers count as known without error.
    """
    counts, wanted, known = _as_rates(events, expected, covered)
    rate, low, high = _exact(counts, wanted, level)
    more, less = int((low > 1).sum()), int((high < 1).sum())
    parameters = {"method": "ratio", "level": level, "n": int(known.sum()), "overall": _overall(counts, wanted)}
    uitleg = (
        f"Een 1 betekent: precies zoveel als verwacht; van {_areas(known)} telt {getal(more)} er duidelijk meer en "
        f"{getal(less)} duidelijk minder dan verwacht, en bij zoveel gebieden tegelijk komt dat ook wel door toeval."
    )
    return RateResult(rate, low, high, uitleg, parameters)


def empirical_bayes(
    events: ArrayLike,
    population: ArrayLike,
    *,
    weights: Any = None,
    level: float = 0.95,
    covered: ArrayLike | None = None,
) -> RateResult:
    """Shrink the rate of small areas towards the overall rate, or towards that of their surroundings.

    events, population: (n,), not below zero; events where the population is 0 raise ValueError. NaN where the
    population is 0 and where either is missing or not covered; such areas play no part for the others.
    weights: (n, n), dense or sparse, zero diagonal; an area's surroundings are itself and the areas with a
    weight above zero, however large. None: the whole map.
    The interval holds the rate given the prior; how well the prior itself is known is not in it. Surroundings
    are too few areas to tell how much rates vary: there the interval takes the variance of the whole map when
    that is larger. Where rates differ no more than chance makes them, all get one rate, with its exact interval;
    without a single event in varying surroundings the interval is that of the direct rate.
    Method: Marshall (1991), moments; interval from the gamma-Poisson posterior with the same moments.
    """
    counts, people, known = _as_rates(events, population, covered)
    n = len(counts)
    mean, between, size = (np.repeat(part, n) for part in _prior(counts, people, csr_array(np.ones((1, n)))))
    widest = between
    if weights is not None:
        links = as_weights(weights, n) + eye_array(n, format="csr")
        mean, between, size = _prior(counts, people, csr_array(links > 0, dtype=np.float64))
        widest = np.maximum(between, widest)
    pull = _ratio(between, between + _ratio(mean, people, empty=0.0), empty=0.0)
    rate = np.where(known, mean + pull * (_ratio(counts, people, empty=0.0) - mean), np.nan)
    low, high = _interval(counts, people, (mean, widest, size), level)
    # The mean of a very skewed posterior can lie beyond its own upper quantile.
    low, high = np.minimum(low, rate), np.maximum(high, rate)
    method = "global" if weights is None else "spatial"
    parameters = {"method": method, "level": level, "n": int(known.sum()), "overall": _overall(counts, people)}
    return RateResult(rate, low, high, _explain(counts, people, rate, method), parameters)


def usual_variation(events: ArrayLike, population: ArrayLike, *, covered: ArrayLike | None = None) -> float:
    """Return how far the rates of areas lie apart beyond chance, as a squared coefficient of variation.

    events, population: (n,), as in direct. 0 where rates differ no more than chance makes them; NaN with fewer than
    two known areas or without events. Method: Marshall (1991), moments, as in empirical_bayes.
    """
    counts, people, known = _as_rates(events, population, covered)
    if known.sum() < 2 or not counts.any():
        return float("nan")
    mean, between, _ = _prior(counts, people, csr_array(np.ones((1, len(counts)))))
    return float(between[0] / mean[0] ** 2)


def _as_rates(events: ArrayLike, population: ArrayLike, covered: ArrayLike | None) -> tuple[Floats, Floats, Bools]:
    """Return events and population, both 0 where no rate can be known, and where one is known."""
    counts = as_counts(events, "events")
    if counts.ndim != 1:
        raise ValueError(f"events must have shape (n,), got {counts.shape}")
    people = as_counts(population, "population", shape=counts.shape)
    present = as_covered(covered, counts.shape) & ~np.isnan(counts) & ~np.isnan(people)
    impossible = present & (people == 0) & (counts > 0)
    if impossible.any():
        raise ValueError(
            f"events without population in {int(impossible.sum())} areas, first at index {int(impossible.argmax())}"
        )
    known = present & (people > 0)
    return np.where(known, counts, 0.0), np.where(known, people, 0.0), known


def _exact(counts: Floats, people: Floats, level: float) -> tuple[Floats, Floats, Floats]:
    tail = _tail(level)
    low = np.where(counts > 0, gammaincinv(np.maximum(counts, 1e-300), tail), 0.0)
    high = gammaincinv(counts + 1, 1 - tail)
    return _ratio(counts, people), _ratio(low, people), _ratio(high, people)


def _tail(level: float) -> float:
    if not 0 < level < 1:
        raise ValueError(f"level must lie between 0 and 1, got {level}")
    return (1 - level) / 2


def _ratio(top: Floats, bottom: Floats, *, empty: float = np.nan) -> Floats:
    result = np.full(len(top), empty)
    np.divide(top, bottom, out=result, where=bottom > 0)
    return result


def _overall(counts: Floats, people: Floats) -> float:
    total = float(people.sum())
    return float(counts.sum()) / total if total else float("nan")


def _prior(counts: Floats, people: Floats, window: csr_array[Any, Any]) -> tuple[Floats, Floats, Floats]:
    """Return for each row of the window, which marks areas, their mean rate, the variance between them beyond
    chance, and their population; each as long as the window has rows.
    """
    size = window @ people
    mean = _ratio(window @ counts, size, empty=0.0)
    rates = _ratio(counts, people, empty=0.0)
    pairs = window.tocoo()
    apart = people[pairs.col] * (rates[pairs.col] - mean[pairs.row]) ** 2
    spread = np.bincount(pairs.row, apart, minlength=window.shape[0])
    chance = mean * (window @ (people > 0).astype(np.float64))
    # Rounding must not make a variance where exact arithmetic leaves none.
    beyond = np.where(spread - chance > 1e-12 * chance, spread - chance, 0.0)
    return mean, _ratio(beyond, size, empty=0.0), size


def _interval(
    counts: Floats, people: Floats, prior: tuple[Floats, Floats, Floats], level: float
) -> tuple[Floats, Floats]:
    mean, between, size = prior
    tail = _tail(level)
    varies = between > 0
    # A gamma prior with this mean and variance weighs as much as `strength` people with `mean` events each, and
    # it cannot weigh more than the people of the other areas that it was made from.
    strength = np.minimum(_ratio(mean, between, empty=0.0), size - people)
    shape = np.where(varies, mean * strength + counts, 0.0)
    weight = strength + people
    # Without variance there is one rate for all; without a single event near by the prior says nothing.
    _, low, high = _exact(np.where(varies, counts, mean * size), np.where(varies, people, size), level)
    known = shape > 0
    low[known] = gammaincinv(shape[known], tail) / weight[known]
    high[known] = gammaincinv(shape[known], 1 - tail) / weight[known]
    return low, high


def _explain(counts: Floats, people: Floats, rate: Floats, method: str) -> str:
    raw = _ratio(counts, people)
    known = ~np.isnan(rate)
    moved = int((np.abs(raw[known] - rate[known]) > 0.1 * raw[known]).sum())
    towards = "het cijfer van de hele kaart" if method == "global" else "het cijfer van de omgeving"
    return (
        f"In een klein gebied geeft één geval al een hoog cijfer, daarom schuift een gebied hier meer naar {towards} "
        f"toe naarmate het kleiner is: {aantal(moved, 'gebied schuift', 'gebieden schuiven')} meer dan een tiende op; "
        "het is een schatting met een marge, geen telling."
    )


def _areas(known: Bools) -> str:
    return aantal(int(known.sum()), "gebied", "gebieden")
