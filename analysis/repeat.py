"""Does one melding bring the next? Near-repeat: pairs of reports that are near in place as well as in time.

Reports with their own place and moment, so there are no cells that a source may not cover: leave the reports
of areas and periods without full coverage out, or give `strata`. The test shuffles the moments over the
reports; over places with different coverage that is wrong, because a place that was covered for a while only
has reports that are near in place and time for that reason alone. Reports of one stratum (one pattern of
coverage: the same periods covered) exchange moments only among themselves.

Distances in the unit of xy (metres in RD; the Dutch sentences say meter). Limits are inclusive. A hair above
a limit, one part in 10⁹ in distance and 0.1 millisecond in time, is still on it: that is rounding.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from analysis.arrays import Floats, Ints, monte_carlo_p
from analysis.repeat_counts import HAIR, Events, Strata, count_pairs
from analysis.wording import aantal, getal, kans

ALPHA = 0.05


@dataclass(frozen=True)
class KnoxResult:
    """Outcome of knox: pairs of reports within the distance and the days.

    observed, expected: such pairs, and how many there are on average when moments are shuffled; ratio: the
    one over the other, NaN when none are expected. p_value: Monte-Carlo, one-sided (as many or more), never
    below 1 / (n_sim + 1). p_poisson: upper tail P(X ≥ observed) of Poisson(expected), an approximation.
    table: [[near in both, in place only], [in time only, in neither]] pairs.
    """

    observed: int
    expected: float
    ratio: float
    p_value: float
    p_poisson: float
    table: Ints
    uitleg: str
    parameters: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class KnoxTable:
    """Outcome of knox_bands: arrays (n_distances, n_days), one cell per band of distance and band of days.

    distances, days: the upper edges, inclusive; a band starts above the edge before it, the first at 0.
    observed, expected, ratio, p_value, p_poisson: per cell as in KnoxResult. p_adjusted: corrected for
    looking at all cells at once (see knox_bands); its floor, 1 / (n_sim + 1), is that of one test.
    """

    distances: Floats
    days: Floats
    observed: Ints
    expected: Floats
    ratio: Floats
    p_value: Floats
    p_poisson: Floats
    p_adjusted: Floats
    uitleg: str
    parameters: Mapping[str, object] = field(default_factory=dict)

    def to_frame(self) -> pd.DataFrame:
        """Return one row per cell: the upper edges `distance` and `days`, then the figures."""
        names = ("observed", "expected", "ratio", "p_value", "p_poisson", "p_adjusted")
        edges = {
            "distance": np.repeat(self.distances, len(self.days)),
            "days": np.tile(self.days, len(self.distances)),
        }
        return pd.DataFrame(edges | {name: getattr(self, name).ravel() for name in names})


def knox(  # noqa: PLR0913 (contract)
    xy: ArrayLike,
    t: ArrayLike,
    *,
    distance: float,
    days: float,
    n_sim: int = 999,
    seed: int = 0,
    strata: Strata = None,
) -> KnoxResult:
    """Test whether reports near in place are near in time more often than chance gives.

    xy: (n, 2) finite coordinates; t: (n,) datetime64 or days. Fewer than two reports: no pairs, p = 1.
    distance, days: limits ≥ 0, inclusive; 0 means the same place or moment.
    strata: (n,) keys without gaps; moments are shuffled within a stratum only (see the module).
    Raises ValueError for other shapes, missing values and negative limits.
    expected is exact: near pairs times the share of pairs near in time, per pair of strata. The result
    depends on neither the order of the reports nor the number of threads.
    Method: Knox (1964); permutation p-value after Besag and Diggle (1977).
    """
    events = Events.of(xy, t, strata)
    counted = count_pairs(events, _edges([distance], "distance"), _edges([days], "days"), n_sim, seed)
    observed, expected = int(counted.observed[0, 0]), float(counted.expected[0, 0])
    in_place, in_time = int(counted.in_place.sum()), int(counted.in_time[0])
    table = [
        [observed, in_place - observed],
        [in_time - observed, counted.pairs - in_place - in_time + observed],
    ]
    p_value = float(monte_carlo_p(counted.at_least[0, 0], n_sim))
    ratio = float(counted.ratio[0, 0])
    return KnoxResult(
        observed,
        expected,
        ratio,
        p_value,
        float(counted.p_poisson[0, 0]),
        np.array(table, dtype=np.int64),
        _explain(float(distance), float(days), ratio, p_value),
        {"distance": distance, "days": days, "n_sim": n_sim, "seed": seed, "strata": events.n_strata},
    )


def knox_bands(  # noqa: PLR0913 (contract)
    xy: ArrayLike,
    t: ArrayLike,
    *,
    distances: ArrayLike,
    days: ArrayLike,
    n_sim: int = 99,
    seed: int = 0,
    strata: Strata = None,
) -> KnoxTable:
    """Count near-repeat pairs per band of distance and band of days, beside what chance gives.

    distances, days: upper edges ≥ 0, increasing, at least one; everything else as in knox.
    The p-values of the cells stand side by side: of 20 cells one is below 0.05 by chance alone. p_adjusted
    is the share of worlds in which any cell is at least as surprising (smallest Poisson tail), so that the
    chance of one false alarm in the whole table is at most its level (Westfall and Young 1993, minP).
    Method: Ratcliffe and Rengert (2008), with exact expected counts.
    """
    events = Events.of(xy, t, strata)
    place_edges, time_edges = _edges(distances, "distances"), _edges(days, "days")
    counted = count_pairs(events, place_edges, time_edges, n_sim, seed)
    # The hair takes rounding out of worlds that are exactly as surprising.
    as_surprising = counted.smallest_tail[:, None, None] <= counted.p_poisson * (1 + HAIR)
    figures = {
        "distances": place_edges,
        "days": time_edges,
        "expected": counted.expected,
        "ratio": counted.ratio,
        "p_value": monte_carlo_p(counted.at_least, n_sim),
        "p_poisson": counted.p_poisson,
        "p_adjusted": monte_carlo_p(as_surprising.sum(axis=0), n_sim),
    }
    parameters = {
        "distances": place_edges.tolist(),
        "days": time_edges.tolist(),
        "n_sim": n_sim,
        "seed": seed,
        "strata": events.n_strata,
    }
    uitleg = _explain_bands(figures, n_sim)
    return KnoxTable(observed=counted.observed, **figures, uitleg=uitleg, parameters=parameters)


def _edges(edges: ArrayLike, name: str) -> Floats:
    found = np.array(edges, dtype=np.float64)
    if found.ndim != 1 or not len(found):
        raise ValueError(f"{name} must be one or more numbers, got shape {found.shape}")
    if not np.isfinite(found).all() or found[0] < 0 or (np.diff(found) <= 0).any():
        raise ValueError(f"{name} must be finite, not below zero and increasing, got {found.tolist()}")
    return found


def _explain(distance: float, days: float, ratio: float, p_value: float) -> str:
    where = _where((0, distance), (0, days))
    if p_value > ALPHA:
        return (
            f"Het is niet aan te tonen dat een melding er {where} vaker dan verwacht nog een brengt; "
            "dat zegt niet dat er geen verband is."
        )
    return (
        f"Een melding brengt er {where} vaker dan verwacht nog een: {getal(ratio, 1)} keer zo vaak als wanneer "
        f"plek en moment los van elkaar staan (de kans dat toeval dit geeft is {kans(p_value)}); dit zegt niet "
        "waardoor dat komt en ook niet waar een volgende melding komt."
    )


def _explain_bands(table: Mapping[str, Floats], n_sim: int) -> str:
    adjusted = table["p_adjusted"]
    cells = aantal(adjusted.size, "combinatie", "combinaties")
    floor = kans(1 / (n_sim + 1)).removeprefix("ongeveer ")
    remark = f"met {getal(n_sim)} herhalingen kan de kans op toeval niet kleiner uitkomen dan {floor}"
    found = np.argwhere(adjusted <= ALPHA)
    if not len(found):
        return (
            f"Bij geen van {cells} van afstand en tijd is aan te tonen dat een melding er vaker dan verwacht nog "
            f"een brengt ({remark}); dat zegt niet dat er geen verband is."
        )
    row, column = found[0]
    place, time = ([0.0, *table[name].tolist()] for name in ("distances", "days"))
    where = _where((place[row], place[row + 1]), (time[column], time[column + 1]))
    return (
        f"Een melding brengt er {where} vaker dan verwacht nog een; dat geldt voor {len(found)} van {cells} van "
        f"afstand en tijd, ook als we meetellen dat we zo vaak keken ({remark}); dit zegt niet waardoor dat komt "
        "en ook niet waar een volgende melding komt."
    )


def _where(distance: tuple[float, float], days: tuple[float, float]) -> str:
    place = "op dezelfde plek" if distance[1] == 0 else f"{_range(distance)} meter"
    time = "op hetzelfde moment" if days[1] == 0 else f"{_range(days)} {'dag' if days == (0, 1) else 'dagen'}"
    return f"{place} en {time}"


def _range(edges: tuple[float, float]) -> str:
    low, high = (getal(edge, 0 if edge == round(edge) else 1) for edge in edges)
    return f"binnen {high}" if edges[0] == 0 else f"tussen {low} en {high}"
