"""May this table be published? Suppression of small cells and of what gives them away, and the attack on the result.

What protect promises. A suppressed cell has at least threshold / 2 between the lowest and the highest value that
fit what is published, also for one who knows that it is not 0, because a covered 0 is always published; a
dominated cell has as much as the (n, k) rule asks (see rules). A small total whose non-zero parts show that it is
at least half the threshold cannot be safe for one who also knows that it is below the threshold, whatever is
suppressed; nor can the only part of such a total that is not 0. These, and totals that are safe no other way, become
secondary instead of primary. Nobody outside sees the difference.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from analysis.arrays import Bools, Floats, Ints, as_counts, as_covered
from analysis.disclosure.intruder import TOLERANCE, View, narrow
from analysis.disclosure.lattice import Cell, Hierarchies, Lattice, dimension_columns, read_lattice
from analysis.disclosure.nearby import Nearby
from analysis.disclosure.rules import HIDDEN, OK, PRIMARY, SECONDARY, Rows, read_rows
from analysis.disclosure.search import search
from analysis.disclosure.shifts import Problem


def protect(
    table: pd.DataFrame,
    *,
    hierarchies: Hierarchies,
    threshold: int = 10,
    published: ArrayLike | None = None,
    suppressed: ArrayLike | None = None,
    weights: ArrayLike | None = None,
) -> pd.DataFrame:
    """Return a copy of the table, rows in the same order, with a column `status`: ok, primary or secondary.

    table: one row per cell, totals included: a column per dimension, `count` (whole numbers of at least 0) and
    optionally `top1`, `top2`, the largest contributors; other columns are kept, not read. Rows without a count or
    with status niet_gedekt or ontbreekt are missing and stay so; other statuses are not read.
    hierarchies: per dimension a list of maps from a total to its parts; maps that divide the same parts in
    different ways are protected together. A dimension without totals has an empty list.
    published: bool (n,) cells that were published before and stay so. suppressed: bool (n,) cells to hide in any
    case, such as those of another release, zeros excepted. weights: (n,) above 0, the price of hiding a cell, 1
    for an ordinary one.
    After this nothing is exposed, except by `published`: audit tells what. ValueError: totals that do not add up,
    a total without rows, double rows, unknown codes, senseless counts. Method: see search.
    """
    rows = read_rows(table, threshold, decided=False)
    lattice = read_lattice(table, hierarchies, rows.counts, rows.missing)
    wishes = _Wishes.read(len(table), published, suppressed, weights)
    problem = _problem(lattice, rows, wishes, threshold)
    solution = search(problem)
    hidden = lattice.in_input_order(solution.suppressed[: len(table)])
    known_small = lattice.in_input_order((problem.capped & ~solution.uncapped)[: len(table)])
    status = np.where(rows.missing, rows.status, OK).astype(object)
    status[hidden] = np.where(known_small | (rows.dominated & ~rows.small), PRIMARY, SECONDARY)[hidden]
    return table.assign(status=status)


def audit(table: pd.DataFrame, *, hierarchies: Hierarchies, threshold: int = 10, informed: bool = False) -> list[Cell]:
    """Return the exposed cells, each the tuple of its codes in the order of the columns; rows in their order.

    table: as for protect. Its column `status` says what is suppressed (primary, secondary, onderdrukt; such a
    count may be absent) and what is missing; without that column, primary suppression alone is judged.
    An outsider knows every other count, all sums, that no count is below 0, and of a primary cell below the
    threshold that it is at least 1 and below the threshold. informed: also of a secondary one, unless it is a total
    or could not be safe from that knowledge, whatever is suppressed; protect leaves nothing to find for either.
    A suppressed cell is exposed when the lowest and the highest value that fit, as real numbers, are equal or differ
    by less than threshold / 2. An unsafe cell that is not suppressed is exposed as well. ValueError: as for protect,
    and when the published cells contradict each other.
    """
    rows = read_rows(table, threshold, decided=True)
    lattice = read_lattice(table, hierarchies, rows.counts, rows.missing)
    view, cells = _view(lattice, rows, threshold, informed=informed)
    exposed = (rows.small | rows.dominated) & ~rows.suppressed & ~rows.missing
    narrow_ = narrow(view, threshold / 2)[: len(cells)]
    exposed[lattice.order[cells[narrow_]]] = True
    names = dimension_columns(table, hierarchies)
    return list(table.loc[exposed, names].itertuples(index=False, name=None))


def cell_range(
    table: pd.DataFrame, cell: Sequence[Hashable], *, hierarchies: Hierarchies, threshold: int = 10
) -> tuple[float, float]:
    """Return the lowest and highest value that fit for one cell, as audit sees it; NaN for a missing cell.

    cell: its codes in the order of the columns. KeyError when the table has no such row.
    """
    rows = read_rows(table, threshold, decided=True)
    lattice = read_lattice(table, hierarchies, rows.counts, rows.missing)
    names = dimension_columns(table, hierarchies)
    same = [k for k, own in enumerate(table[names].itertuples(index=False, name=None)) if own == tuple(cell)]
    if not same:
        raise KeyError(tuple(cell))
    view, cells = _view(lattice, rows, threshold)
    at = np.flatnonzero(lattice.order[cells] == same[0])
    if not len(at):
        count = float(rows.counts[same[0]])
        return (count, count)
    return view.range_of(int(at[0]))


def _view(lattice: Lattice, rows: Rows, threshold: int, *, informed: bool = False) -> tuple[View, Ints]:
    """Return what an outsider sees, and which cells (k,) its first k unknowns are; the others are no cells."""
    order = lattice.order
    hidden = rows.suppressed[order]
    counts = rows.counts[order]
    status = rows.status[order]
    small = np.where(status == PRIMARY, ~(counts >= threshold), (status == HIDDEN) & rows.small[order])
    if informed:
        hideable = _hideable(lattice, rows, np.where(counts == 0, 0.0, 1.0), threshold)
        small |= (status == SECONDARY) & rows.small[order] & ~lattice.totals()[: len(order)] & hideable
    cells = np.flatnonzero(hidden)
    n, extra = len(order), len(lattice.rest)
    unknown = np.concatenate([cells, n + np.arange(extra)])
    shown = np.where(hidden | lattice.missing, 0.0, counts)
    low = np.concatenate([np.where(small, 1.0, 0.0)[cells], np.zeros(extra)])
    high = np.concatenate([np.where(small, threshold - 1.0, np.inf)[cells], np.full(extra, np.inf)])
    return View(lattice.matrix[:, unknown].tocsc(), -(lattice.matrix[:, :n] @ shown), low, high), cells


def _hideable(lattice: Lattice, rows: Rows, low: Floats, threshold: int) -> Bools:
    """Tell which cells (n,) of at least `low` could be safe from one who knows that they are below the threshold."""
    found: Bools = threshold - 1 - lattice.least(low) >= rows.needed[lattice.order] - TOLERANCE
    return found


@dataclass(frozen=True)
class _Wishes:
    published: Bools
    suppressed: Bools
    weights: Floats

    @classmethod
    def read(
        cls, n: int, published: ArrayLike | None, suppressed: ArrayLike | None, weights: ArrayLike | None
    ) -> _Wishes:
        kept = ~as_covered(None, (n,)) if published is None else as_covered(published, (n,))
        hidden = ~as_covered(None, (n,)) if suppressed is None else as_covered(suppressed, (n,))
        dear = np.ones(n) if weights is None else as_counts(weights, "weights", shape=(n,))
        if np.isnan(dear).any() or (dear == 0).any():
            raise ValueError("weights must be above zero")
        if (kept & hidden).any():
            raise ValueError("a cell cannot be both published and suppressed")
        return cls(kept, hidden, dear)


def _problem(lattice: Lattice, rows: Rows, wishes: _Wishes, threshold: int) -> Problem:
    order, extra = lattice.order, len(lattice.rest)

    def with_rest(values: NDArray[Any], rest: ArrayLike) -> NDArray[Any]:
        return np.concatenate([values, np.broadcast_to(np.asarray(rest, dtype=values.dtype), extra)])

    counts = np.nan_to_num(lattice.counts)
    usable = (counts > 0) & ~wishes.published[order]
    # A covered 0 is published, so that every other cell is known to be at least 1.
    capped = usable & rows.small[order] & _hideable(lattice, rows, np.where(usable, 1.0, counts), threshold)
    rise = np.where(capped, threshold - 1 - counts, np.inf)
    price = wishes.weights[order] * (1 + np.log2(1 + counts))
    start = usable & (rows.small | rows.dominated | wishes.suppressed)[order]
    return Problem(
        matrix=lattice.matrix.tocsc(),
        rise=with_rest(np.where(usable, rise, 0.0), np.inf),
        fall=with_rest(np.where(usable, counts - 1, 0.0), lattice.rest),
        capped=with_rest(capped, False),
        total=lattice.totals(),
        need=with_rest(rows.needed[order], 0.0),
        price=with_rest(np.where(usable, price, np.inf), 0.0),
        start=with_rest(start, True),
        nearby=Nearby.of(lattice),
    )
