"""A table with totals as numbers: its cells, and every sum that its hierarchies promise."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csr_array

from analysis.arrays import Bools, Floats, Ints

Cell = tuple[Hashable, ...]
Hierarchies = Mapping[str, Any]
Sums = tuple[tuple[int, Ints], ...]


@dataclass(frozen=True)
class Lattice:
    """The cells of a table in a canonical order, and the sums between them.

    order: (n,) row of the input that holds each cell. codes: (n, d) the codes of a cell as numbers.
    counts: (n,) NaN where not known. missing: (n,) cells without a figure, such as what a source does not cover.
    matrix: (n_sums, n + m), +1 for a total and -1 for its parts, so that matrix @ all counts = 0; the last m
    columns are unknowns of at least 0 that stand for what is missing. rest: (m,) their values, NaN where unknown.
    parts: per dimension the sums between its codes, as (total, parts) of code numbers.
    """

    order: Ints
    codes: Ints
    counts: Floats
    missing: Bools
    matrix: csr_array[Any, Any]
    rest: Floats
    parts: tuple[Sums, ...]

    def in_input_order(self, values: NDArray[Any]) -> NDArray[Any]:
        found = np.empty(len(self.order), dtype=values.dtype)
        found[self.order] = values
        return found

    def least(self, low: Floats) -> Floats:
        """Return what (n,) each cell must at least be when all are at least `low` (n,), and a cell of low 0 is 0.

        A total is at least its parts; the only part that is not 0 is as much as its total.
        """
        entries = self.matrix.tocoo()
        total, part = entries.data > 0, entries.data < 0
        found = np.concatenate([low, np.zeros(len(self.rest))])
        part &= (found > 0)[entries.col] | (entries.col >= len(low))
        only = part & (np.bincount(entries.row[part], minlength=self.matrix.shape[0]) == 1)[entries.row]
        while True:
            sums = np.bincount(entries.row[part], found[entries.col[part]], self.matrix.shape[0])
            np.maximum.at(sums, entries.row[total], found[entries.col[total]])
            higher = found.copy()
            np.maximum.at(higher, entries.col[total | only], sums[entries.row[total | only]])
            if (higher == found).all():
                return found[: len(low)]
            found = higher

    def totals(self) -> Bools:
        """Tell (n + m,) which cells others add up to."""
        entries = self.matrix.tocoo()
        found: Bools = np.isin(np.arange(self.matrix.shape[1]), entries.col[entries.data > 0])
        return found


def read_lattice(table: pd.DataFrame, hierarchies: Hierarchies, counts: Floats, missing: Bools) -> Lattice:
    """Return the lattice of a table; ValueError when table and hierarchies do not fit each other.

    counts: (n,) whole numbers of at least 0, NaN where not told. missing: (n,) rows that have no figure at all.
    A part without a row counts as 0. A missing part takes no part in its sum: when the total is more than the
    other parts, an unknown of at least 0 fills the gap. A total that is missing or has no row (a code that has none
    at all is refused) still ties its linked sums together.
    """
    names = dimension_columns(table, hierarchies)
    sums = [_sums_of(hierarchies[name], name) for name in names]
    known = [_known_codes(table[name], own) for name, own in zip(names, sums, strict=True)]
    codes = np.column_stack([own.get_indexer(pd.Index(table[name])) for name, own in zip(names, known, strict=True)])
    grid = _Grid(tuple(names), tuple(known), tuple(len(own) for own in known))
    flat = grid.flat(codes)
    order = np.argsort(flat, kind="stable")
    flat, codes, missing = flat[order], codes[order], missing[order]
    counts = np.where(missing, np.nan, counts[order])
    grid.refuse_duplicates(flat)
    parts = tuple(
        tuple(
            (
                int(own.get_indexer(pd.Index([total], dtype=object))[0]),
                np.sort(own.get_indexer(pd.Index(of, dtype=object))),
            )
            for total, of in found
        )
        for found, own in zip(sums, known, strict=True)
    )
    matrix, rest = _relations(grid, flat, codes, parts).matrix(counts, missing)
    return Lattice(order, codes, counts, missing, matrix, rest, parts)


def dimension_columns(table: pd.DataFrame, hierarchies: Hierarchies) -> list[str]:
    """Return the dimensions in the order of the columns; every dimension has a key in `hierarchies`."""
    absent = [str(name) for name in ("count", *hierarchies) if name not in table.columns]
    if absent:
        raise ValueError(f"the table has no column {', '.join(absent)}")
    if not hierarchies:
        raise ValueError("hierarchies must name the dimensions of the table, with an empty list where it has no totals")
    return [name for name in table.columns if name in hierarchies]


def _sums_of(maps: object, name: str) -> list[tuple[Hashable, tuple[Hashable, ...]]]:
    """Return the (total, parts) of the maps of one dimension, each once, in a fixed order."""
    found = set()
    for children in _flatten(maps, name):
        for total, of in children.items():
            own = tuple(sorted(of, key=_code_order))
            if isinstance(of, str) or len(set(own)) < len(own) or total in own or not own:
                raise ValueError(f"{name}: {total!r} must have distinct parts other than itself, got {of!r}")
            found.add((total, own))
    return sorted(found, key=lambda entry: (_code_order(entry[0]), [_code_order(code) for code in entry[1]]))


def _flatten(maps: object, name: str) -> Iterator[Mapping[Hashable, Iterable[Hashable]]]:
    if isinstance(maps, Mapping):
        yield maps
    elif isinstance(maps, Iterable) and not isinstance(maps, str):
        for entry in maps:
            yield from _flatten(entry, name)
    else:
        raise ValueError(f"hierarchies of {name} must be maps from a total to its parts, got {maps!r}")


def _known_codes(column: pd.Series, sums: list[tuple[Hashable, tuple[Hashable, ...]]]) -> pd.Index:
    if column.isna().any():
        raise ValueError(f"{column.name} has rows without a code")
    named = {code for total, of in sums for code in (total, *of)}
    own = set(column.unique())
    if named and (strange := sorted(own - named, key=_code_order)):
        raise ValueError(f"{column.name} has codes that its hierarchies do not know: {strange[:5]}")
    return pd.Index(sorted(own | named, key=_code_order), dtype=object)


def _code_order(code: Hashable) -> tuple[str, str]:
    return str(code), type(code).__name__


@dataclass(frozen=True)
class _Grid:
    """All combinations of codes, numbered; a cell is one of them."""

    names: tuple[str, ...]
    known: tuple[pd.Index, ...]
    shape: tuple[int, ...]

    def flat(self, codes: Ints) -> Ints:
        found: Ints = np.ravel_multi_index(tuple(codes.T), self.shape).astype(np.int64)
        return found

    def stride(self, axis: int) -> int:
        return int(np.prod(self.shape[axis + 1 :], dtype=np.int64))

    def name(self, number: int) -> str:
        at = np.unravel_index(number, self.shape)
        return ", ".join(self.code(axis, int(k)) for axis, k in enumerate(at))

    def code(self, axis: int, number: int) -> str:
        return f"{self.names[axis]} {self.known[axis][number]!r}"

    def refuse_duplicates(self, flat: Ints) -> None:
        double = np.flatnonzero(flat[1:] == flat[:-1])
        if len(double):
            raise ValueError(f"the table has more than one row for {self.name(int(flat[double[0]]))}")


@dataclass(frozen=True)
class _Relations:
    """Sums between cells. number: (s,) the total of each sum; total: (s,) its cell, -1 when it has no row.

    of, part: part[k] is a part of sum of[k].
    """

    grid: _Grid
    number: Ints
    total: Ints
    of: Ints
    part: Ints

    def matrix(self, counts: Floats, missing: Bools) -> tuple[csr_array[Any, Any], Floats]:
        """Return the matrix and the values of its extra unknowns: see Lattice."""
        n, n_sums = len(counts), len(self.total)
        parts: Floats = np.bincount(self.of, np.where(missing, 0.0, counts)[self.part], n_sums).astype(np.float64)
        gaps = np.bincount(self.of, missing[self.part], n_sums) > 0
        told = self.total >= 0
        told[told] = ~missing[self.total[told]]
        short = np.where(told, counts[self.total] - parts, 0.0) if n else parts
        self._refuse(short, gaps, parts)
        filled = np.flatnonzero(gaps & told & (short != 0))
        tied, group, implied = self._linked(parts, gaps, told)
        keep = ~missing[self.part]
        rows = np.concatenate([np.flatnonzero(told), self.of[keep], filled, tied])
        columns = np.concatenate(
            [self.total[told], self.part[keep], n + np.arange(len(filled)), n + len(filled) + group]
        )
        signs = np.repeat([1.0, -1.0, -1.0, 1.0], [told.sum(), keep.sum(), len(filled), len(tied)])
        rest = np.concatenate([short[filled], implied])
        used = told.copy()
        used[tied] = True
        return csr_array((signs, (rows, columns)), shape=(n_sums, n + len(rest)))[used], rest

    def _refuse(self, short: Floats, gaps: Bools, parts: Floats) -> None:
        wrong = np.flatnonzero((short < 0) | ((short > 0) & ~gaps))
        if len(wrong):
            k = int(wrong[0])
            raise ValueError(
                f"{len(wrong)} totals do not add up, first {self.grid.name(int(self.number[k]))}: "
                f"{short[k] + parts[k]:g} against {parts[k]:g} for its parts"
            )

    def _linked(self, parts: Floats, gaps: Bools, told: Bools) -> tuple[Ints, Ints, Floats]:
        """Return the sums of untold totals that agree with each other, the unknown of each, and its value.

        Sums that disagree show that parts are missing as well, and tell nothing.
        """
        open_ = np.flatnonzero(~told & ~gaps)
        totals, group = np.unique(self.number[open_], return_inverse=True)
        low = np.full(len(totals), np.inf)
        high = np.full(len(totals), -np.inf)
        np.minimum.at(low, group, parts[open_])
        np.maximum.at(high, group, parts[open_])
        agree = ~(low < high)
        number = np.cumsum(agree) - 1
        kept = agree[group]
        return open_[kept], number[group[kept]], low[agree]


def _relations(grid: _Grid, flat: Ints, codes: Ints, parts: tuple[Sums, ...]) -> _Relations:
    numbers: list[Ints] = [np.empty(0, dtype=np.int64)]
    ofs: list[Ints] = [np.empty(0, dtype=np.int64)]
    columns: list[Ints] = [np.empty(0, dtype=np.int64)]
    n_sums = 0
    for axis, sums in enumerate(parts):
        stride = grid.stride(axis)
        for total, own in sums:
            cells = np.flatnonzero(np.isin(codes[:, axis], own))
            if len(cells) and total not in codes[:, axis]:
                raise ValueError(f"the table has no row for the total {grid.code(axis, total)}")
            context, of = np.unique(flat[cells] - codes[cells, axis] * stride, return_inverse=True)
            numbers.append(context + total * stride)
            ofs.append(of.reshape(-1) + n_sums)
            columns.append(cells)
            n_sums += len(context)
    number = np.concatenate(numbers)
    at = np.minimum(np.searchsorted(flat, number), max(len(flat) - 1, 0))
    at[flat[at] != number] = -1
    return _Relations(grid, number, at, np.concatenate(ofs), np.concatenate(columns))
