"""Shifts of a table: changes that every sum allows, and how far those found so far can move each cell."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy.sparse import csc_array, hstack

from analysis.arrays import Bools, Floats, Ints
from analysis.disclosure.intruder import TOLERANCE
from analysis.disclosure.lp import Program
from analysis.disclosure.nearby import Nearby

# A cell that shifts costs a little even when it is suppressed already: that keeps shifts small.
_REUSE = 0.005
_AT_ANY_PRICE = 1e4
_FAR = 20.0
# Shifts are whole numbers or simple fractions; rounding to twelfths takes the noise of the solver away.
_FRACTIONS = 12.0
_NOTHING = 1e-9


@dataclass(frozen=True)
class Problem:
    """A table to protect: arrays (n,) over its cells and then the unknowns that stand for what is missing.

    rise, fall: how far above and below its count an outsider may think a cell. capped: where rise is the rule that
    the cell is small. total: what other cells add up to. need: the distance between two values that makes a
    suppressed cell safe, 0 where nothing is to protect. price: of suppressing it, infinite where it must be
    published. start: suppressed from the start.
    """

    matrix: csc_array[Any, Any]
    rise: Floats
    fall: Floats
    capped: Bools
    total: Bools
    need: Floats
    price: Floats
    start: Bools
    nearby: Nearby

    @property
    def step(self) -> float:
        """The least distance that anything needs."""
        return float(self.need[self.need > 0].min(initial=np.inf))


class _Room:
    """The shifts of some cells (k,) while all others stay: the same sums for one goal after another."""

    def __init__(self, matrix: csc_array[Any, Any], columns: Ints):
        own = matrix[:, columns]
        self.columns = columns
        self._sums = own.tocsr()[np.unique(own.indices)]
        both = hstack([self._sums, -self._sums]).tocsc()
        self._program = Program(both, np.zeros(both.shape[0]))

    def best(self, up: Floats, down: Floats, rise: Floats, fall: Floats) -> Floats:
        """Return the cheapest shift (k,). up, down: the price per unit to either side; rise, fall: finite limits."""
        k = len(self.columns)
        found = self._program.lowest(np.concatenate([up, down]), np.zeros(2 * k), np.concatenate([rise, fall]))
        if found is None:
            raise ArithmeticError("no shift fits, though standing still does")
        return _without_noise(found[:k] - found[k:], self._sums)


@dataclass
class State:
    """A search under way, arrays (n,). able: cells that may shift. up, down: how far each is known to be able to."""

    problem: Problem
    able: Bools
    rise: Floats
    suppressed: Bools
    up: Floats
    down: Floats
    _last: _Room | None = field(default=None, init=False)

    @classmethod
    def start(cls, problem: Problem, able: Bools) -> State:
        n = len(problem.need)
        return cls(problem, able, problem.rise.copy(), problem.start.copy(), np.zeros(n), np.zeros(n))

    def open(self) -> Bools:
        return self.suppressed & (self.up + self.down < self.problem.need - TOLERANCE)

    def short_of(self, cell: int) -> float:
        return float(self.problem.need[cell] - self.up[cell] - self.down[cell])

    def room(self, cell: int, upwards: bool) -> float:
        """Return how much further than known a cell may go to one side."""
        return float(self.rise[cell] - self.up[cell] if upwards else self.problem.fall[cell] - self.down[cell])

    def cost(self, columns: Ints, shift: Floats) -> float:
        new = columns[(shift != 0) & ~self.suppressed[columns]]
        return float(self.problem.price[new].sum())

    def would_be_safe(self, columns: Ints, shift: Floats, cell: int) -> bool:
        own = float(shift[np.searchsorted(columns, cell)])
        wide = max(self.up[cell], own) + max(self.down[cell], -own)
        return bool(wide >= self.problem.need[cell] - TOLERANCE)

    def push(self, columns: Ints, cell: int, upwards: bool) -> Floats:
        """Return the cheapest shift of these cells that moves one of them as far as it still needs, if it can."""
        at = int(np.searchsorted(columns, cell))
        far = _FAR * max(self.problem.step, self.problem.need[cell])
        rise, fall = np.minimum(self.rise[columns], far), np.minimum(self.problem.fall[columns], far)
        own, other = (rise, fall) if upwards else (fall, rise)
        known = self.up[cell] if upwards else self.down[cell]
        own[at], other[at] = min(own[at], known + max(self.short_of(cell), 0.0)), 0.0
        rewards = np.zeros(len(columns))
        rewards[at] = _AT_ANY_PRICE if upwards else -_AT_ANY_PRICE
        return self.shift(columns, rewards, rise, fall)

    def shift(self, columns: Ints, rewards: Floats, rise: Floats, fall: Floats) -> Floats:
        """Return the shift (k,) of these cells with the best balance of rewards per unit against prices.

        rewards: (k,) for going up, negative for going down. rise, fall: (k,) finite limits.
        """
        slope = np.where(self.suppressed[columns], _REUSE, self.problem.price[columns] / self.problem.step)
        if self._last is None or not np.array_equal(self._last.columns, columns):
            self._last = _Room(self.problem.matrix, columns)
        return self._last.best(slope - rewards, slope + rewards, rise, fall)

    def accept(self, columns: Ints, shift: Floats) -> None:
        """Suppress all that shifts, and remember how far."""
        self.suppressed[columns[shift != 0]] = True
        self.up[columns] = np.maximum(self.up[columns], shift)
        self.down[columns] = np.maximum(self.down[columns], -shift)


def _without_noise(shift: Floats, sums: Any) -> Floats:
    """Return the shift in simple fractions when it still adds up so; nothing at all when neither does."""
    for tidy in (np.round(shift * _FRACTIONS) / _FRACTIONS, np.where(np.abs(shift) < _NOTHING, 0.0, shift)):
        if np.abs(sums @ tidy).max(initial=0.0) <= TOLERANCE / 10:
            return tidy
    return np.zeros_like(shift)
