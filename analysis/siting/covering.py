"""Maximal covering, solved exactly: choose at most p candidates so that the people near one of them are most.

Church and ReVelle (1974). A good solution comes from the greedy rule or from rounding the linear relaxation, each
followed by exchanges; the relaxation gives a bound. Often the two meet; only what is left goes to branch and bound,
without the candidates whose reduced cost proves that they are in no better solution. Exact up to the tolerance of the
solver: 1e-6 of the people in the largest group.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, combinations
from typing import Any

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from scipy.sparse import csr_array, eye_array, hstack, vstack

from analysis.arrays import Bools, Floats, Ints

_EQUAL = 1e-9
_WHOLE = 1e-6


@dataclass(frozen=True)
class Covering:
    """Groups of people that have the same candidates near: near (groups, candidates), weight (groups,) people > 0."""

    near: Bools
    weight: Floats

    @classmethod
    def of(cls, near: Bools, people: Floats) -> Covering:
        """Return the groups of near (n, candidates) and people (n,), without people that no candidate can reach."""
        matter = near.any(axis=1) & (people > 0)
        near, people = near[matter], people[matter]
        _, first, group = np.unique(np.packbits(near, axis=1), axis=0, return_index=True, return_inverse=True)
        weight: Floats = np.bincount(group.reshape(-1), people, minlength=len(first)).astype(np.float64)
        return cls(near[first], weight)

    def people(self, sites: Sequence[int]) -> float:
        """Return how many people are near one of the sites."""
        return float(self.weight[self.near[:, list(sites)].any(axis=1)].sum())


@dataclass(frozen=True)
class _Relaxation:
    """The linear relaxation over some candidates: its bound in people, its value and price per candidate."""

    columns: Ints
    bound: float
    value: Floats
    price: Floats

    def largest(self, n_sites: int) -> list[int]:
        """Return the candidates that the relaxation uses most: all that it uses when its values are whole."""
        sites: list[int] = self.columns[np.argsort(-self.value, kind="stable")[:n_sites]].tolist()
        return sites

    def worth_trying(self, floor: float) -> Ints:
        """Return the candidates that a solution of more than floor people may hold."""
        return self.columns[self.price <= self.bound - floor + _EQUAL * self.bound]


def best_sites(cover: Covering, n_sites: int) -> list[int]:
    """Return at most n_sites candidates that together cover most, sorted; candidates that add nothing are left out."""
    found = _exchange(cover, _fill(cover, [], n_sites), n_sites)
    if n_sites > 1 and cover.people(found) < cover.weight.sum():
        relaxed = _relax(cover, _undominated(cover.near), n_sites)
        rounded = _exchange(cover, relaxed.largest(n_sites), n_sites)
        found = max(found, rounded, key=cover.people)
        if cover.people(found) < relaxed.bound * (1 - _EQUAL):
            exact = _branch_and_bound(cover, relaxed.worth_trying(cover.people(found)), n_sites, cuts=[])
            found = max(found, exact, key=cover.people)
    return _needed(cover, found)


def near_best(cover: Covering, best: list[int], n_sites: int, *, floor: float, limit: int) -> list[list[int]]:
    """Return at most limit other choices of at least floor people, most people first; none holds another whole."""
    if not best or n_sites == 1:
        return _single_sites(cover, best, floor, limit)
    columns = _relax(cover, np.arange(cover.near.shape[1]), n_sites).worth_trying(floor)
    cuts = [best]
    while len(cuts) <= limit:
        found = _needed(cover, _branch_and_bound(cover, columns, n_sites, cuts=cuts))
        if not found or cover.people(found) < floor * (1 - _EQUAL):
            break
        cuts.append(found)
    return cuts[1:]


def single_swaps(cover: Covering, best: list[int], *, floor: float) -> list[list[int]]:
    """Return the choices of at least floor people with another candidate instead of one of the best, most people first.

    Each names a candidate that no better one names; none is of a candidate that adds nothing.
    """
    found: dict[int, tuple[float, list[int]]] = {}
    for dropped in best:
        kept = [site for site in best if site != dropped]
        base = cover.people(kept)
        gain = np.where(cover.near[:, kept].any(axis=1), 0.0, cover.weight) @ cover.near
        enough = np.flatnonzero((base + gain >= floor * (1 - _EQUAL)) & (gain > 0))
        for site in (int(column) for column in enough if column not in best):
            if site not in found or base + gain[site] > found[site][0]:
                found[site] = (base + float(gain[site]), sorted([*kept, site]))
    return [sites for _, sites in sorted(found.values(), key=lambda pair: (-pair[0], pair[1]))]


def _fill(cover: Covering, sites: Sequence[int], n_sites: int) -> list[int]:
    """Add the candidate that helps most until there are n_sites or nothing helps: the greedy rule."""
    filled = list(sites)
    while len(filled) < n_sites:
        best, gain = _best_addition(cover, filled)
        if gain <= 0:
            break
        filled.append(best)
    return filled


def _exchange(cover: Covering, sites: list[int], n_sites: int) -> list[int]:
    """Replace one or two sites by what the greedy rule would add instead, as long as that helps."""
    most, better = cover.people(sites), True
    while better:
        better = False
        for dropped in chain(combinations(sites, 1), combinations(sites, 2)):
            other = _fill(cover, [site for site in sites if site not in dropped], n_sites)
            if cover.people(other) > most * (1 + _EQUAL):
                sites, most, better = other, cover.people(other), True
                break
    return sites


def _single_sites(cover: Covering, best: list[int], floor: float, limit: int) -> list[list[int]]:
    gain = cover.weight @ cover.near
    enough = [site for site in np.argsort(-gain, kind="stable").tolist() if gain[site] >= floor * (1 - _EQUAL)]
    return [[site] for site in enough if best and site not in best][:limit]


def _best_addition(cover: Covering, sites: Sequence[int]) -> tuple[int, float]:
    """Return the candidate that adds most people to sites, the lowest number where several do, and how many."""
    if cover.near.size == 0:
        return 0, 0.0
    gain = np.where(cover.near[:, list(sites)].any(axis=1), 0.0, cover.weight) @ cover.near
    best = int(gain.argmax())
    return best, float(gain[best])


def _undominated(near: Bools) -> Ints:
    """Return the candidates whose people are not all near one other; of equal ones the first."""
    counts = near.astype(np.float32)
    shared = counts.T @ counts
    within = shared >= np.diag(shared)[:, None]
    number = np.arange(near.shape[1])
    dominated = within & (~within.T | (number[None, :] < number[:, None]))
    return np.flatnonzero(~dominated.any(axis=1))


def _relax(cover: Covering, columns: Ints, n_sites: int) -> _Relaxation:
    costs, rows, limits = _program(cover, columns, n_sites, cuts=[])
    solved = linprog(costs, A_ub=rows, b_ub=limits, bounds=(0, 1), method="highs")
    _check(solved)
    scale, m = cover.weight.max(), len(columns)
    # Of a candidate at zero its price is what one whole one would take off the bound.
    price = np.where(solved.x[:m] < _WHOLE, solved.lower.marginals[:m], 0.0)
    return _Relaxation(columns, -solved.fun * scale, solved.x[:m], price * scale)


def _branch_and_bound(cover: Covering, columns: Ints, n_sites: int, *, cuts: Sequence[Sequence[int]]) -> list[int]:
    costs, rows, limits = _program(cover, columns, n_sites, cuts)
    choice = np.arange(len(costs)) < len(columns)
    constraints = LinearConstraint(rows, -np.inf, limits)
    # Without this option the solver may stop at a relative gap of 1e-4.
    solved = milp(costs, integrality=choice, bounds=Bounds(0, 1), constraints=constraints, options={"mip_rel_gap": 0})
    _check(solved)
    sites: list[int] = columns[solved.x[: len(columns)] > 0.5].tolist()
    return sites


def _program(
    cover: Covering, columns: Ints, n_sites: int, cuts: Sequence[Sequence[int]]
) -> tuple[Floats, csr_array[Any, Any], Floats]:
    """Return costs, rows and limits of: minimise costs · z, rows · z <= limits, z = (sites, groups covered)."""
    groups, m = len(cover.weight), len(columns)
    chosen = np.zeros((1 + len(cuts), m + groups))
    chosen[0, :m] = 1
    for row, cut in enumerate(cuts, start=1):
        chosen[row, :m] = np.isin(columns, cut)
    covered = hstack([csr_array(-cover.near[:, columns].astype(np.float64)), eye_array(groups)])
    limits = np.concatenate([np.zeros(groups), [n_sites], [len(cut) - 1 for cut in cuts]])
    costs = np.concatenate([np.zeros(m), -cover.weight / cover.weight.max()])
    return costs, csr_array(vstack([covered, csr_array(chosen)])), limits


def _check(solved: Any) -> None:
    if not solved.success:
        raise ValueError(f"the solver found no answer: {solved.message}")


def _needed(cover: Covering, sites: Sequence[int]) -> list[int]:
    """Return the sites sorted, without those whose people are all near another of them."""
    kept = sorted(sites)
    for site in reversed(kept.copy()):
        others = [other for other in kept if other != site]
        if cover.people(others) >= cover.people(kept):
            kept = others
    return kept
