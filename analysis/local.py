"""Which areas differ from the map or from their surroundings: Getis-Ord Gi and Gi*, local Moran, and the false
discovery rate.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_array, eye_array
from scipy.special import ndtr

from analysis.arrays import Bools, Floats, as_covered, as_values, as_weights, monte_carlo_p
from analysis.local_kernels import count_extremes, draw_distinct
from analysis.neighbours import standardise
from analysis.wording import aantal, getal, kans

ALPHA = 0.05
_DRAWS_AT_ONCE = 4_000_000
# Rounding leaves this much where exact arithmetic leaves nothing (relative to the sizes that cancel).
_ROUNDING = 1e-12


@dataclass(frozen=True, kw_only=True)
class LocalResult(ABC):
    """What both tests share: `p` two-sided and `p_fdr` (Benjamini-Hochberg), shaped as the values.

    NaN in p means that nothing was tested there. uitleg: one Dutch sentence.
    """

    p: Floats
    p_fdr: Floats
    uitleg: str
    parameters: Mapping[str, object]

    @abstractmethod
    def classes(self, *, alpha: float = ALPHA) -> NDArray[np.str_]:
        """Return a Dutch label per value, judged by p_fdr at alpha."""

    def _label(self, conditions: Mapping[str, Bools], alpha: float) -> NDArray[np.str_]:
        stands_out = self.p_fdr <= alpha
        chosen = [np.isnan(self.p_fdr)] + [stands_out & condition for condition in conditions.values()]
        return np.select(chosen, ["niet te zeggen", *conditions], "geen verschil")


@dataclass(frozen=True, kw_only=True)
class GetisOrdResult(LocalResult):
    """Outcome of getis_ord: `z` shaped as the values, high where high values lie together."""

    z: Floats

    def classes(self, *, alpha: float = ALPHA) -> NDArray[np.str_]:
        """Return "hoog", "laag", "geen verschil" or "niet te zeggen" per value, judged by p_fdr at alpha."""
        return self._label({"hoog": self.z > 0, "laag": self.z < 0}, alpha)


QUADRANTS: Mapping[str, str] = {
    "HH": "hoog tussen hoog",
    "LL": "laag tussen laag",
    "HL": "hoog tussen laag",
    "LH": "laag tussen hoog",
}


@dataclass(frozen=True, kw_only=True)
class MoranResult(LocalResult):
    """Outcome of local_moran: `i` (n,), and `quadrant` (n,): HH, LL, HL, LH, or empty (nothing to tell).

    First letter: the area itself above the mean (H) or not (L); second: the mean of its neighbours.
    """

    i: Floats
    quadrant: NDArray[np.str_]

    def classes(self, *, alpha: float = ALPHA) -> NDArray[np.str_]:
        """Return the Dutch words of the quadrant, "geen verschil" or "niet te zeggen", judged by p_fdr at alpha."""
        return self._label({words: self.quadrant == key for key, words in QUADRANTS.items()}, alpha)


def getis_ord(
    values: ArrayLike, weights: Any, *, star: bool = True, covered: ArrayLike | None = None
) -> GetisOrdResult:
    """Compare the sum over each neighbourhood with what the map as a whole leads one to expect.

    values: (n,), or (n, n_periods) with each period (column) a map of its own, its p_fdr included. NaN and
    uncovered values are missing: they leave the mean, the variance and the sums of their neighbours.
    weights: (n, n), dense or sparse, zero diagonal; binary is usual. star: the area itself takes part, with
    weight 1 (Gi*); else Gi, where the mean and the variance leave the area out, and the scale of a row is of no
    matter.
    z is NaN where the value is missing, and for Gi where no neighbour is known; it is 0 (p 1) where the sum
    cannot vary: all values equal, or a neighbourhood of everything.
    p takes z as normal. The far tail is heavier with few neighbours and very skewed values (some areas with
    far more than the others), and then p_fdr gives too many alarms: hand in square roots of such counts.
    Method: Getis and Ord (1992), Ord and Getis (1995); closed form.
    """
    found = as_values(values, "values")
    if found.ndim not in (1, 2):
        raise ValueError(f"values must have shape (n,) or (n, n_periods), got {found.shape}")
    known = as_covered(covered, found.shape) & ~np.isnan(found)
    links = as_weights(weights, len(found))
    columns = (len(found), -1 if found.size else int(np.prod(found.shape[1:])))
    z = _z_of_sums(found.reshape(columns), known.reshape(columns), links, star).reshape(found.shape)
    p = 2 * ndtr(-np.abs(z))
    p_fdr = benjamini_hochberg(p)
    parameters = {"star": star, "n_areas": len(found), "n_tested": int((~np.isnan(p)).sum())}
    return GetisOrdResult(z=z, p=p, p_fdr=p_fdr, uitleg=_explain_z(z, p_fdr), parameters=parameters)


def local_moran(
    values: ArrayLike, weights: Any, *, n_sim: int = 999, seed: int = 0, covered: ArrayLike | None = None
) -> MoranResult:
    """Compare each area with the mean of its neighbours: alike (HH, LL) or an exception (HL, LH).

    values: (n,), counts or better rates (rates.empirical_bayes(...).rate); NaN and uncovered values are missing:
    they leave the mean, the variance, the neighbours of others and the permutations.
    weights: (n, n), dense or sparse, zero diagonal; rows are standardised over the neighbours that are known.
    i is deviation x mean deviation of the neighbours / sample variance (divisor n - 1).
    p: conditional permutation, the other values dealt out at random over the neighbours n_sim times; two-sided:
    twice the smaller tail. So p is never below 2 / (n_sim + 1), and among m areas p_fdr is never below
    2 m / (n_sim + 1) / (the number of areas at that floor): a lone area among many needs n_sim of 40 m or more.
    NaN and an empty quadrant where the value is missing or no neighbour is known; i is 0 and p 1 where the area
    lies exactly at the mean, and the quadrants are empty when all values are equal.
    Method: Anselin (1995). The smaller tail undoubled is a one-sided test of a side chosen afterwards, which
    rejects nearly twice as often as it says.
    """
    if n_sim < 1:
        raise ValueError(f"n_sim must be at least 1, got {n_sim}")
    found = as_values(values, "values")
    if found.ndim != 1:
        raise ValueError(f"values must have shape (n,), got {found.shape}")
    known = np.flatnonzero(as_covered(covered, found.shape) & ~np.isnan(found))
    links = as_weights(weights, len(found))
    i, p = np.full((2, len(found)), np.nan)
    quadrant = np.full(len(found), "", dtype="<U2")
    deviations = _deviations(found[known, None], np.ones((len(known), 1), dtype=np.bool_))[:, 0]
    near = standardise(links[known][:, known])
    linked = np.diff(near.indptr) > 0
    lag = near @ deviations
    i[known[linked]] = _moran_i(deviations, lag)[linked]
    p[known[linked]] = _permutation_p(deviations, near, lag, n_sim, seed)[linked]
    letters = np.char.add(np.where(deviations > 0, "H", "L"), np.where(lag > 0, "H", "L"))
    if deviations.any():
        quadrant[known[linked]] = letters[linked]
    p_fdr = benjamini_hochberg(p)
    parameters = {"n_sim": n_sim, "seed": seed, "p_floor": _floor(n_sim), "n_tested": int(linked.sum())}
    uitleg = _explain_quadrants(quadrant, p_fdr, n_sim)
    return MoranResult(i=i, quadrant=quadrant, p=p, p_fdr=p_fdr, uitleg=uitleg, parameters=parameters)


def benjamini_hochberg(p: ArrayLike) -> Floats:
    """Return p-values adjusted so that p_fdr <= q marks a set with an expected share of false alarms of at most q.

    p: (n,), or (n, k) with each column a family of its own; NaN was not tested: it does not count and stays NaN.
    Method: Benjamini and Hochberg (1995).
    """
    given = np.array(p, dtype=np.float64)
    tested = ~np.isnan(given)
    order = np.argsort(given, axis=0, kind="stable")
    ranks = np.arange(1, len(given) + 1, dtype=np.float64).reshape(-1, *[1] * (given.ndim - 1))
    n_tested = np.maximum(tested.sum(axis=0), 1)
    scaled = np.take_along_axis(np.where(tested, given, np.inf), order, axis=0) * n_tested / ranks
    stepped = np.minimum.accumulate(scaled[::-1], axis=0)[::-1]
    result = np.empty_like(given)
    np.put_along_axis(result, order, np.minimum(stepped, 1.0), axis=0)
    result[~tested] = np.nan
    return result


def _deviations(values: Floats, known: Bools) -> Floats:
    """Return values minus the mean of their column; 0 where missing, and all 0 in a column of equal values."""
    filled = np.where(known, values, 0.0)
    n = np.maximum(known.sum(axis=0), 1)
    apart = np.where(known, filled - filled.sum(axis=0) / n, 0.0)
    largest = np.abs(filled).max(axis=0, initial=0.0)
    apart[:, np.abs(apart).max(axis=0, initial=0.0) <= _ROUNDING * largest] = 0.0
    return apart


def _z_of_sums(values: Floats, known: Bools, links: csr_array[Any, Any], star: bool) -> Floats:
    """Return z, shaped (n, n_periods), of the weighted sum over each neighbourhood."""
    apart = _deviations(values, known)
    if star:
        links = csr_array(links + eye_array(len(values), format="csr"))
    # One column of sums serves all periods when the same areas are known in each.
    seen = known[:, :1] if (known == known[:, :1]).all() else known
    total = links @ seen.astype(np.float64)
    squares = links.power(2) @ seen.astype(np.float64)
    n = known.sum(axis=0) - (not star)
    own = np.zeros((1, 1)) if star else apart
    mean = -own / np.maximum(n, 1)
    sum_of_squares = (apart**2).sum(axis=0)
    variance = _cleared((sum_of_squares - own**2) / np.maximum(n, 1) - mean**2, sum_of_squares)
    spread = _cleared(n * squares - total**2, n * squares) / np.maximum(n - 1, 1)
    deviation = np.sqrt(variance * spread)
    z = np.zeros_like(apart)
    np.divide(links @ apart - total * mean, deviation, out=z, where=deviation > 0)
    z[~(known & (total > 0))] = np.nan
    return z


def _cleared(difference: Floats, of: Floats) -> Floats:
    """Return a difference that cannot be negative, with what is only rounding set to 0."""
    return np.where(difference > _ROUNDING * of, difference, 0.0)


def _moran_i(deviations: Floats, lag: Floats) -> Floats:
    spread = (deviations**2).sum()
    return (len(deviations) - 1) * deviations * lag / (spread or 1.0)


def _permutation_p(deviations: Floats, near: csr_array[Any, Any], lag: Floats, n_sim: int, seed: int) -> Floats:
    most = int(np.diff(near.indptr).max(initial=0))
    counts = np.zeros((len(lag), 2), dtype=np.int64)
    twice = np.concatenate([deviations, deviations])
    slack = _ROUNDING * float(np.abs(deviations).max(initial=0.0))
    rng = np.random.default_rng(seed)
    pool = np.arange(len(lag) - 1, dtype=np.int64)
    done = 0
    while done < n_sim and most:
        batch = min(n_sim - done, max(_DRAWS_AT_ONCE // most, 1))
        draws = draw_distinct(pool, rng.random((batch, most)))
        counts += count_extremes(twice, near.indptr.astype(np.int64), near.data, lag, draws, slack)
        done += batch
    p: Floats = np.minimum(2 * monte_carlo_p(counts.min(axis=1), n_sim), 1.0)
    return np.where(deviations == 0, 1.0, p)


def _floor(n_sim: int) -> float:
    return float(2 * monte_carlo_p(0, n_sim))


def _explain_z(z: Floats, p_fdr: Floats) -> str:
    stands_out = p_fdr <= ALPHA
    words = ("gebied", "gebieden") if z.ndim == 1 else ("keer een gebied in een periode",) * 2
    return (
        f"Vergeleken: {aantal(int((~np.isnan(z)).sum()), *words)}, waarvan {getal(int((stands_out & (z > 0)).sum()))} "
        f"samen met de buren duidelijk hoger dan de hele kaart en {getal(int((stands_out & (z < 0)).sum()))} duidelijk "
        "lager, ook als we meetellen dat we vaak kijken; dit zegt niet waarom dat zo is, en niets over gebieden "
        "zonder gegevens."
    )


def _explain_quadrants(quadrant: NDArray[np.str_], p_fdr: Floats, n_sim: int) -> str:
    stands_out = p_fdr <= ALPHA
    found = ", ".join(f"{getal(int((stands_out & (quadrant == key)).sum()))} {QUADRANTS[key]}" for key in QUADRANTS)
    compared = aantal(int((quadrant != "").sum()), "gebied", "gebieden")
    return (
        f"Vergeleken: {compared}, waarvan er opvallen naast hun buren: {found}; met {getal(n_sim)} keer schudden kan "
        f"de kans op toeval niet kleiner blijken dan {kans(_floor(n_sim))}, en dit zegt niet waarom een gebied opvalt."
    )
