"""Who can reach a voorziening, and how much of it there is per person within reach.

Every function takes a cost matrix (n_demand, n_supply) in one unit, usually minutes on foot: from
walking_minutes, or from a street network. Dense: NaN (unknown) and inf are out of reach. Sparse: a stored
entry is a cost (a stored 0 is no distance at all) and what is not stored is out of reach; the form for a town
of dwellings. Limits are inclusive. Missing demand or supply counts for nobody and nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.sparse import coo_array, csr_array, issparse
from scipy.spatial import cKDTree
from scipy.spatial.distance import cdist

from analysis.arrays import Bools, Floats, as_counts
from analysis.grid import as_metres
from analysis.wording import getal

# Streets at right angles cost 4 / pi = 1.27 times the straight line, averaged over all directions; around
# stations 1.21 to 1.23 was measured on foot (O'Sullivan and Morrall 1996).
DETOUR = 1.3
# 1.25 m/s, the mean of pedestrians of 65 and over (Knoblauch, Pietrucha and Nitzburg 1996).
SPEED_KMH = 4.5

Decay = Sequence[tuple[float, float]]


@dataclass(frozen=True)
class ReachResult:
    """Outcome of reach.

    share: of the people with at least one voorziening within reach; NaN when nobody lives anywhere.
    reached (n,): bool; nearest (n,): cost to the nearest voorziening, inf where there is none.
    people, people_without: with and without reach. uitleg: one Dutch sentence.
    """

    share: float
    reached: Bools
    nearest: Floats
    people: float
    people_without: float
    uitleg: str
    parameters: Mapping[str, object] = field(default_factory=dict)


def two_step_fca(
    demand: ArrayLike, supply: ArrayLike, cost: Any, *, max_cost: float, decay: Decay | None = None
) -> Floats:
    """Return the supply per person within reach (n_demand,), by two-step floating catchment areas.

    demand: (n_demand,) people; supply: (n_supply,) capacity. A place shares its capacity among all people
    within max_cost of it; each demand place adds up the shares of the places within its own reach.
    cost: (n_demand, n_supply), see above; max_cost finite and not below zero.
    decay: bands (upper limit, weight) with rising limits; a cost counts with the weight of the first band that
    holds it, and not at all beyond the last. None: weight 1 up to max_cost.
    NaN in demand: its own outcome is NaN and it claims nothing. NaN in supply: left out, so that the outcome is
    a lower bound. A place that nobody can reach shares with nobody.
    Method: Luo and Wang (2003); with bands the enhanced form of Luo and Qi (2009).
    """
    people, capacity = as_people(demand), as_counts(supply, "supply", shape=(np.size(supply),))
    weights = _weigh(within_cost(cost, max_cost, shape=(people.size, capacity.size)), decay)
    claims = weights.T @ np.nan_to_num(people)
    per_person = np.zeros_like(capacity)
    np.divide(np.nan_to_num(capacity), claims, out=per_person, where=claims > 0)
    access: Floats = weights @ per_person
    access[np.isnan(people)] = np.nan
    return access


def reach(demand: ArrayLike, cost: Any, max_cost: float) -> ReachResult:
    """Tell which people have at least one voorziening within max_cost.

    demand: (n_demand,) people, NaN for unknown (counted nowhere); cost: (n_demand, n_supply), see above.
    """
    people = as_people(demand)
    near = within_cost(cost, max_cost, shape=(people.size, None))
    reached = np.diff(near.indptr) > 0
    nearest = np.full(people.size, np.inf)
    np.minimum.at(nearest, near.tocoo().row, near.data)
    with_reach, everyone = float(np.nansum(people[reached])), float(np.nansum(people))
    share = with_reach / everyone if everyone > 0 else np.nan
    return ReachResult(
        share=share,
        reached=reached,
        nearest=nearest,
        people=with_reach,
        people_without=everyone - with_reach,
        uitleg=_explain(with_reach, everyone),
        parameters={"max_cost": max_cost, "n_supply": near.shape[1]},
    )


def walking_minutes(
    origins_xy: ArrayLike, destinations_xy: ArrayLike, *, detour: float = DETOUR, speed: float = SPEED_KMH
) -> Floats:
    """Return estimated minutes on foot (n_origins, n_destinations): straight line × detour at speed (km/h).

    Both xy: (n, 2) RD metres. For more than some ten million pairs use walking_minutes_within.
    An estimate for a town: a canal, a railway or a motorway can make the real walk much longer.
    """
    pace = _minutes_per_metre(detour, speed)
    minutes: Floats = cdist(as_metres(origins_xy), as_metres(destinations_xy)) * pace
    return minutes


def walking_minutes_within(
    origins_xy: ArrayLike,
    destinations_xy: ArrayLike,
    max_minutes: float,
    *,
    detour: float = DETOUR,
    speed: float = SPEED_KMH,
) -> csr_array[Any, Any]:
    """Return walking_minutes as a sparse array with only the pairs within max_minutes (finite, inclusive)."""
    pace = _minutes_per_metre(detour, speed)
    origins, destinations = as_metres(origins_xy), as_metres(destinations_xy)
    shape = (len(origins), len(destinations))
    if not all(shape):
        return csr_array(shape, dtype=np.float64)
    # The tree looks a hair further and the minutes decide, so that both forms agree on the limit itself.
    radius = _as_limit(max_minutes, "max_minutes") / pace * (1 + 1e-9)
    found = cKDTree(origins).sparse_distance_matrix(cKDTree(destinations), radius, output_type="ndarray")
    minutes = found["v"] * pace
    keep = minutes <= max_minutes
    return csr_array(coo_array((minutes[keep], (found["i"][keep], found["j"][keep])), shape=shape))


def as_people(demand: ArrayLike) -> Floats:
    """Return demand (n_demand,) as counts; another number of dimensions raises ValueError."""
    return as_counts(demand, "demand", shape=(np.size(demand),))


def within_cost(cost: Any, max_cost: float, *, shape: tuple[int, int | None]) -> csr_array[Any, Any]:
    """Return the costs up to max_cost as a sparse array; a stored 0 is a cost of nothing.

    shape: what cost must have, None for any number of columns; another shape, a cost below zero or a limit
    that is negative, NaN or infinite raises ValueError.
    """
    limit = _as_limit(max_cost, "max_cost")
    found: Any = cost if issparse(cost) else np.asarray(cost, dtype=np.float64)
    if found.shape == (0,) and shape[0] == 0:
        found = np.empty((0, shape[1] or 0))
    if found.ndim != 2 or found.shape[0] != shape[0] or shape[1] not in (None, found.shape[1]):
        raise ValueError(f"cost must have shape {shape}, got {found.shape}")
    if issparse(found):
        entries = found.tocoo()
        near = entries.data <= limit
        row, column, value = entries.row[near], entries.col[near], entries.data[near].astype(np.float64)
    else:
        row, column = np.nonzero(found <= limit)
        value = found[row, column]
    if (value < 0).any():
        raise ValueError("cost has values below zero")
    return csr_array(coo_array((value, (row, column)), shape=found.shape))


def _weigh(near: csr_array[Any, Any], decay: Decay | None) -> csr_array[Any, Any]:
    if decay is None:
        weights = np.ones_like(near.data)
    else:
        limits, levels = _as_bands(decay)
        weights = levels[np.searchsorted(limits, near.data, side="left")]
    return csr_array((weights, near.indices, near.indptr), shape=near.shape)


def _as_bands(decay: Decay) -> tuple[Floats, Floats]:
    bands = as_counts(decay, "decay")
    if bands.ndim != 2 or bands.shape[1] != 2 or np.isnan(bands).any() or (np.diff(bands[:, 0]) <= 0).any():
        raise ValueError("decay must be pairs (upper limit, weight) with rising limits")
    return bands[:, 0], np.append(bands[:, 1], 0.0)


def _as_limit(limit: float, name: str) -> float:
    if not (limit >= 0 and np.isfinite(limit)):
        raise ValueError(f"{name} must be finite and not below zero, got {limit}")
    return float(limit)


def _minutes_per_metre(detour: float, speed: float) -> float:
    if not (detour >= 1 and speed > 0 and np.isfinite([detour, speed]).all()):
        raise ValueError(f"detour must be at least 1 and speed above 0 km/h, got {detour}, {speed}")
    return detour * 60 / (speed * 1000)


def _explain(with_reach: float, everyone: float) -> str:
    return (
        f"{getal(with_reach)} van de {getal(everyone)} mensen hebben minstens één voorziening binnen bereik, "
        f"{getal(everyone - with_reach)} niet; dit zegt niets over openingstijden, over plek voor iedereen of over "
        "wie er graag komt."
    )
