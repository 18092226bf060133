"""Where the next voorziening would bring most people within reach, what else would do, and who loses one.

Costs as in analysis.access: a matrix (n_demand, n_candidates), dense or sparse, limits inclusive.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypedDict

import numpy as np
from numpy.typing import ArrayLike

from analysis.access import as_people, within_cost
from analysis.arrays import Bools, Floats, Ints
from analysis.siting.covering import Covering, best_sites, near_best, single_swaps
from analysis.wording import aantal, getal, procent

__all__ = ["RemovalResult", "SitingParameters", "SitingResult", "alternatives", "max_cover", "removal", "swaps"]


class SitingParameters(TypedDict):
    """What was asked: the distance that counts as within reach, how many new sites, which candidates exist."""

    service_distance: float
    n_sites: int
    existing: tuple[int, ...]


@dataclass(frozen=True)
class SitingResult:
    """A choice of new sites.

    sites: sorted column numbers of the new ones only; fewer than asked when more would reach nobody new.
    covered: demand within reach of a new or an existing site; share: of all known demand, NaN when there is none;
    share_before: by the existing alone. reached (n_demand,): bool, also where demand is zero or NaN.
    """

    sites: Ints
    covered: float
    reached: Bools
    share: float
    share_before: float
    uitleg: str
    parameters: SitingParameters


@dataclass(frozen=True)
class RemovalResult:
    """What closing places would do: loses (n_demand,) bool, who has reach now and not any more; people: how many."""

    loses: Bools
    people: float
    share_before: float
    share: float
    uitleg: str
    parameters: SitingParameters


def max_cover(
    demand: ArrayLike, cost: Any, *, service_distance: float, n_sites: int, existing: Iterable[int] = ()
) -> SitingResult:
    """Choose the new sites that bring most people within service_distance; the existing ones stay.

    demand: (n_demand,) people, NaN for unknown (counted nowhere). cost: (n_demand, n_candidates), see above.
    n_sites: how many new ones, at least 0. existing: columns of cost that are there already, not among n_sites.
    The share is the highest there is (covering.py); among equally good choices the outcome is fixed for equal
    input and prefers what the greedy rule finds, lowest column first.
    Method: maximal covering location problem, Church and ReVelle (1974).
    """
    if n_sites < 0 or n_sites != int(n_sites):
        raise ValueError(f"n_sites must be a whole number of at least 0, got {n_sites}")
    town = _Town.of(demand, cost, service_distance, existing, int(n_sites))
    return town.choice(best_sites(town.cover(), town.parameters["n_sites"]))


def alternatives(
    demand: ArrayLike, cost: Any, best: SitingResult, *, margin: float = 0.01, limit: int = 5
) -> list[SitingResult]:
    """Return other choices that are nearly as good as `best`, the outcome of max_cover on the same demand and cost.

    margin: how much of the people gained by the new sites may be missing, from 0 to 1. limit: at most so many,
    best first. No choice holds all sites of another.
    """
    if not 0 <= margin <= 1 or limit < 0:
        raise ValueError(f"margin must lie between 0 and 1 and limit be at least 0, got {margin}, {limit}")
    asked = best.parameters
    town = _Town.of(demand, cost, asked["service_distance"], asked["existing"], asked["n_sites"])
    cover, chosen = town.cover(), best.sites.tolist()
    floor = (1 - margin) * cover.people(chosen)
    found = near_best(cover, chosen, asked["n_sites"], floor=floor, limit=limit)
    return [town.choice(sites) for sites in found]


def swaps(
    demand: ArrayLike, cost: Any, best: SitingResult, *, margin: float = 0.01, limit: int = 5
) -> list[SitingResult]:
    """Return choices that are nearly as good as `best` and have another place instead of one of its sites.

    As alternatives, which also finds those that differ in more and may take long where many places lie close together;
    this is done in no time. Every choice has another place; the best first, of equal ones the lowest columns.
    """
    if not 0 <= margin <= 1 or limit < 0:
        raise ValueError(f"margin must lie between 0 and 1 and limit be at least 0, got {margin}, {limit}")
    asked = best.parameters
    town = _Town.of(demand, cost, asked["service_distance"], asked["existing"], asked["n_sites"])
    cover, chosen = town.cover(), best.sites.tolist()
    found = single_swaps(cover, chosen, floor=(1 - margin) * cover.people(chosen))
    return [town.choice(sites) for sites in found[:limit]]


def removal(
    demand: ArrayLike, cost: Any, *, service_distance: float, existing: Iterable[int], removed: Iterable[int]
) -> RemovalResult:
    """Tell who has no existing place within service_distance any more when the removed ones close.

    As max_cover; removed must be among the existing, else ValueError.
    """
    town = _Town.of(demand, cost, service_distance, existing, 0)
    stay = sorted(set(town.parameters["existing"]) - set(_columns(removed, "removed", town.parameters["existing"])))
    after = town.near_any(stay)
    loses = town.served & ~after
    people = town.people(loses)
    return RemovalResult(
        loses=loses,
        people=people,
        share_before=town.share(town.served),
        share=town.share(after),
        uitleg=f"{getal(people)} mensen hebben dan geen plek meer binnen de gekozen afstand; hoeveel van hen er nu "
        "komen, en waarom, staat niet in deze som.",
        parameters=town.parameters,
    )


@dataclass(frozen=True)
class _Town:
    """near (n_demand, n_candidates): within reach; demand (n_demand,) with 0 for unknown."""

    near: Bools
    demand: Floats
    parameters: SitingParameters

    @classmethod
    def of(cls, demand: ArrayLike, cost: Any, distance: float, existing: Iterable[int], n_sites: int) -> _Town:
        people = as_people(demand)
        entries = within_cost(cost, distance, shape=(people.size, None)).tocoo()
        near = np.zeros(entries.shape, dtype=np.bool_)
        near[entries.row, entries.col] = True
        there = _columns(existing, "existing", range(near.shape[1]))
        parameters = SitingParameters(service_distance=float(distance), n_sites=n_sites, existing=there)
        return cls(near, np.nan_to_num(people), parameters)

    @property
    def served(self) -> Bools:
        return self.near_any(self.parameters["existing"])

    def near_any(self, sites: Sequence[int]) -> Bools:
        return np.asarray(self.near[:, list(sites)].any(axis=1), dtype=np.bool_)

    def cover(self) -> Covering:
        return Covering.of(self.near, np.where(self.served, 0.0, self.demand))

    def people(self, mask: Bools) -> float:
        return float(self.demand[mask].sum())

    def share(self, mask: Bools) -> float:
        everyone = float(self.demand.sum())
        return self.people(mask) / everyone if everyone > 0 else np.nan

    def choice(self, sites: list[int]) -> SitingResult:
        reached = self.served | self.near_any(sites)
        before, after = self.share(self.served), self.share(reached)
        return SitingResult(
            sites=np.array(sites, dtype=np.int64),
            covered=self.people(reached),
            reached=reached,
            share=after,
            share_before=before,
            uitleg=f"Met {aantal(len(sites), 'nieuwe plek', 'nieuwe plekken')} heeft {procent(after)} van de mensen "
            f"een plek binnen de gekozen afstand, nu {procent(before)}; dit is een som over afstand en zegt niet of er "
            "een gebouw is, wat het kost of wie er zou komen.",
            parameters=self.parameters,
        )


def _columns(numbers: Iterable[int], name: str, allowed: Iterable[int]) -> tuple[int, ...]:
    found = np.array(list(numbers))
    if found.size and not np.issubdtype(found.dtype, np.integer):
        raise ValueError(f"{name} must be column numbers of cost, got {found.dtype}")
    wrong = set(found.tolist()) - set(allowed)
    if wrong:
        raise ValueError(f"{name} has columns that are no choice: {sorted(wrong)[:5]}")
    return tuple(sorted(set(found.tolist())))
