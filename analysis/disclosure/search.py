"""The search for cells to suppress: few and small ones, so that every suppressed cell can lie far enough from itself.

A shift is a change of the table that every sum allows and that leaves each cell where an outsider may think it.
Suppress every cell that shifts: then nobody can tell the table from the shifted one, and the cells are safe over
that distance, whatever else is suppressed later. Each linear program looks for the cheapest shift that moves one
cell far enough (the attacker's problem of Fischetti and Salazar 2000; a price per cell as in Kelly, Golden and
Assad 1992); a shift moves many others along, which need no search of their own any more.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.arrays import Bools, Ints
from analysis.disclosure.intruder import TOLERANCE
from analysis.disclosure.shifts import Problem, State

# Up to this many cells a search among all of them is quick, and finds far cheaper shifts than one nearby.
_SMALL = 2_000
_FEW = 0.02


@dataclass(frozen=True)
class Solution:
    """Arrays (n,). suppressed: what to hide. uncapped: totals that are only safe when nobody knows they are small."""

    suppressed: Bools
    uncapped: Bools


def search(problem: Problem) -> Solution:
    """Return the cells to suppress; equal input gives equal output. Cells that nothing can hide stay open."""
    able = (np.isfinite(problem.price) | problem.start) & (problem.rise + problem.fall > 0)
    state = State.start(problem, able)
    _look_around(state)
    given_up = np.zeros_like(state.suppressed)
    while len(left := np.flatnonzero(state.open() & ~given_up)):
        for cell in left:
            if state.open()[cell]:
                given_up[cell] = not _hide(state, int(cell))
    return Solution(state.suppressed, problem.capped & (state.rise > problem.rise))


def _look_around(state: State) -> None:
    """Shift open cells up and down at random, among cells that are hidden anyway, until that shows little more."""
    # Chance only spreads the directions of the shifts; the seed belongs to the method.
    rng = np.random.default_rng(0)
    columns = np.flatnonzero(state.able & state.suppressed)
    most = np.maximum(state.problem.need[columns], state.problem.step)
    rise, fall = np.minimum(state.rise[columns], most), np.minimum(state.problem.fall[columns], most)
    gained, open_ = np.inf, state.open()
    while open_.any() and gained > _FEW * open_.sum():
        side = np.where(open_[columns], rng.choice([-1.0, 1.0], len(columns)), 0.0)
        for rewards in (side, -side):
            state.accept(columns, state.shift(columns, rewards, rise, fall))
        left = state.open()
        gained, open_ = open_.sum() - left.sum(), left


def _hide(state: State, cell: int) -> bool:
    nearby = state.problem.nearby
    everywhere = np.flatnonzero(state.able)
    for whole in (None, *range(nearby.codes.shape[1])) if len(everywhere) > _SMALL else ():
        if _hide_among(state, np.flatnonzero(state.able & nearby.cells(cell, whole=whole)), cell):
            return True
    if _hide_among(state, everywhere, cell):
        return True
    # Some cells are only safe when an outsider does not know of every small total that it is small.
    known = state.rise
    state.rise = np.where(state.problem.capped & state.problem.total, np.inf, known)
    hidden = _hide_among(state, everywhere, cell)
    state.rise = np.where(state.up > known + TOLERANCE, np.inf, known)
    return hidden


def _hide_among(state: State, columns: Ints, cell: int) -> bool:
    """Hide a cell by shifts of these cells: to one side when that will do, else as far as it goes to both."""
    sides = []
    for upwards in (True, False):
        if state.room(cell, upwards) >= state.short_of(cell) - TOLERANCE:
            shift = state.push(columns, cell, upwards)
            if state.would_be_safe(columns, shift, cell):
                sides.append((state.cost(columns, shift), not upwards, shift))
                if sides[-1][0] == 0:
                    break
    if sides:
        state.accept(columns, min(sides, key=lambda side: side[:2])[2])
        return True
    first = state.room(cell, True) >= state.room(cell, False)
    for upwards in (first, not first):
        state.accept(columns, state.push(columns, cell, upwards))
    return not state.open()[cell]
