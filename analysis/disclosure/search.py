"""The search for cells to suppress: few and small ones, so that every suppressed cell can lie far enough from itself.

A shift is a change of the table that every sum allows and that leaves each cell where an outsider may think it.
Suppress every cell that shifts: then nobody can tell the table from the shifted one, and the cells are safe over
that distance, whatever else is suppressed later. Each linear program looks for a cheap shift (the attacker's
problem of Fischetti and Salazar 2000; a price per cell as in Kelly, Golden and Assad 1992). First auctions shift
many cells at once under a rising reward, then what is left is hidden cell by cell.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from analysis.arrays import Bools, Ints
from analysis.disclosure.intruder import TOLERANCE
from analysis.disclosure.shifts import Problem, State

_SMALL, _LARGE = 1_000, 3_000


@dataclass(frozen=True)
class _Effort:
    """rounds of one auction with rewards from low to high; passes: how often to choose again among the chosen."""

    rounds: int
    low: float
    high: float
    passes: int

    @classmethod
    def for_size(cls, n: int) -> _Effort:
        return cls(40, 0.1, 4.0, 4) if n <= _SMALL else cls(60, 0.1, 4.0, 1)


@dataclass(frozen=True)
class Solution:
    """Arrays (n,). suppressed: what to hide. uncapped: cells that are only safe when nobody knows they are small."""

    suppressed: Bools
    uncapped: Bools


def search(problem: Problem) -> Solution:
    """Return the cells to suppress; equal input gives equal output."""
    able = (np.isfinite(problem.price) | problem.start) & (problem.rise + problem.fall > 0)
    effort = _Effort.for_size(int(able.sum()))
    state = State.start(problem, able, problem.rise)
    for number in range(effort.passes):
        before = able & state.suppressed if number else able
        state = State.start(problem, before, state.rise)
        # Chance only spreads the directions of the shifts; the seed belongs to the method.
        _auctions(state, effort, np.random.default_rng(number))
        _hide_the_rest(state)
        if (state.suppressed == before).all():
            break
    return Solution(state.suppressed, problem.capped & (state.rise > problem.rise))


def _auctions(state: State, effort: _Effort, rng: Generator) -> None:
    columns = np.flatnonzero(state.able)
    parts = [columns] if len(columns) <= _LARGE else state.problem.nearby.blocks(state.able)
    rounds = min(effort.rounds, 4 + int(state.open().sum()) // 4)
    for reward in np.geomspace(effort.low, effort.high, rounds):
        for part in parts:
            _auction(state, part, float(reward), rng)


def _auction(state: State, columns: Ints, reward: float, rng: Generator) -> None:
    """Shift as many open cells as are worth the reward, each in a direction drawn by the room it has left."""
    open_ = state.open()[columns]
    if not open_.any():
        return
    problem = state.problem
    most = np.maximum(problem.need[columns], problem.step)
    rise, fall = np.minimum(state.rise[columns], most), np.minimum(problem.fall[columns], most)
    more_up = (rise - state.up[columns]).clip(0)
    more_down = (fall - state.down[columns]).clip(0)
    upwards = rng.random(len(columns)) * (more_up + more_down) < more_up
    rewards = np.where(open_, np.where(upwards, reward, -reward), 0.0)
    state.accept(columns, state.shift(columns, rewards, rise, fall))


def _hide_the_rest(state: State) -> None:
    """Hide every open cell, one by one; what nothing can hide stays open."""
    given_up = np.zeros_like(state.suppressed)
    while len(left := np.flatnonzero(state.open() & ~given_up)):
        for cell in left:
            if state.open()[cell]:
                given_up[cell] = not _hide(state, int(cell))


def _hide(state: State, cell: int) -> bool:
    nearby = state.problem.nearby
    everywhere = np.flatnonzero(state.able)
    # Looking far finds cheaper shifts, but takes too long in a large table.
    for whole in (None, *range(nearby.codes.shape[1])) if len(everywhere) > _SMALL else ():
        if _hide_among(state, np.flatnonzero(state.able & nearby.cells(cell, whole=whole)), cell):
            return True
    if _hide_among(state, everywhere, cell):
        return True
    # Some cells are only safe when an outsider does not know of every small total that it is small.
    known = state.rise
    state.rise = np.where(state.problem.capped, np.inf, known)
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
