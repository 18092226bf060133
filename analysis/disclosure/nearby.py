"""Where to look first for cells that can hide another: its siblings, its totals, and the siblings of those."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np

from analysis.arrays import Bools, Ints
from analysis.disclosure.lattice import Lattice, Sums


@dataclass(frozen=True)
class Nearby:
    """Looks up the surroundings of a cell: the product of those of its codes."""

    codes: Ints
    n_extra: int
    around: tuple[Callable[[int], Bools], ...]

    @classmethod
    def of(cls, lattice: Lattice) -> Nearby:
        sizes = lattice.codes.max(axis=0, initial=-1) + 1
        return cls(
            lattice.codes,
            len(lattice.rest),
            tuple(_around(sums, int(size)) for sums, size in zip(lattice.parts, sizes, strict=True)),
        )

    def cells(self, cell: int, *, whole: int | None = None) -> Bools:
        """Return which cells (n,) lie around a cell, itself and the unknowns that are no cells included.

        whole: a dimension of which all codes take part.
        """
        found = np.ones(len(self.codes), dtype=np.bool_)
        for axis, around in enumerate(self.around):
            if axis != whole:
                found &= around(int(self.codes[cell, axis]))[self.codes[:, axis]]
        return np.concatenate([found, np.ones(self.n_extra, dtype=np.bool_)])


def _is_tree(sums: Sums) -> bool:
    parts = np.concatenate([parts for _, parts in sums])
    return len(np.unique(parts)) == len(parts)


def _around(sums: Sums, size: int) -> Callable[[int], Bools]:
    tree = bool(sums) and _is_tree(sums)

    @cache
    def around(code: int) -> Bools:
        reached = _above(code, sums)
        # What shifts within one division shifts the totals of the others: they and their siblings take part.
        level = {code} if tree else set(reached)
        siblings = {part for _, parts in sums if level & set(parts.tolist()) for part in parts.tolist()}
        if any(total == code for total, _ in sums):
            # A total can only move when some of its parts do, and so can the totals beside it.
            siblings = _below({code} if tree else siblings | {code}, sums)
        found = np.zeros(size, dtype=np.bool_)
        found[[own for own in sorted(reached | siblings) if own < size]] = True
        return found

    return around


def _above(code: int, sums: Sums) -> set[int]:
    """Return a code and all totals that it is a part of, however far up."""
    found, climbing = {code}, [code]
    while climbing:
        own = climbing.pop()
        totals = {total for total, parts in sums if own in parts} - found
        found |= totals
        climbing += sorted(totals)
    return found


def _below(codes: set[int], sums: Sums) -> set[int]:
    found, falling = set(codes), list(codes)
    while falling:
        own = falling.pop()
        parts = {part for total, parts in sums if total == own for part in parts.tolist()} - found
        found |= parts
        falling += sorted(parts)
    return found
