"""Which cells are unsafe by themselves, and what the statuses of a table say."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.arrays import Bools, Floats, as_counts

OK = "ok"
PRIMARY = "primary"
SECONDARY = "secondary"
HIDDEN = "onderdrukt"
ABSENT = "ontbreekt"
SUPPRESSED = (PRIMARY, SECONDARY, HIDDEN)
_SHOWN = (OK, "onbetrouwbaar")
_MISSING = (ABSENT, "niet_gedekt")
DOMINANCE = 0.9

Statuses = NDArray[np.object_]


@dataclass(frozen=True)
class Rows:
    """The rows of a table, in its order: each (n,).

    counts: NaN where not told. status: of each row. small: 1 <= count < threshold. dominated: by two contributors.
    needed: the least difference between highest and lowest possible value that makes a suppressed cell safe.
    """

    counts: Floats
    status: Statuses
    small: Bools
    dominated: Bools
    needed: Floats

    @property
    def suppressed(self) -> Bools:
        return np.isin(self.status, SUPPRESSED)

    @property
    def missing(self) -> Bools:
        return np.isin(self.status, _MISSING)


def read_rows(table: pd.DataFrame, threshold: int, *, decided: bool) -> Rows:
    """Return the rows of a table, with their own statuses when those are decided, else with primary ones only.

    A cell is primary when 1 <= count < threshold, or by the (n, k) rule with n = 2 and k = 90: when
    top1 + top2 > 0.9 count. A missing top1 leaves that rule out; a missing top2 is taken as large as it can be.
    A row without a count or with status `niet_gedekt` or `ontbreekt` is missing, unless it is suppressed.
    """
    if not (threshold >= 1 and threshold == int(threshold)):
        raise ValueError(f"threshold must be a whole number of at least 1, got {threshold}")
    if "count" not in table.columns:
        raise ValueError("the table has no column count")
    counts = _numbers(table, "count")
    if (counts != np.floor(counts))[~np.isnan(counts)].any():
        raise ValueError("count has values that are not whole numbers")
    top = _top_two(table, counts)
    small = (counts >= 1) & (counts < threshold)
    dominated = top > DOMINANCE * counts
    # To a contributor who knows his own share the cell must leave room up to where the rule would not hold.
    needed = np.where(dominated, np.maximum(threshold / 2, top / DOMINANCE - counts), threshold / 2)
    status = _statuses(table, small | dominated, decided)
    status[np.isnan(counts) & ~np.isin(status, [*SUPPRESSED, *_MISSING])] = ABSENT
    return Rows(counts, status, small, dominated, needed)


def _numbers(table: pd.DataFrame, name: str) -> Floats:
    return as_counts(table[name].to_numpy(dtype=np.float64, na_value=np.nan), name)


def _top_two(table: pd.DataFrame, counts: Floats) -> Floats:
    """Return what the two largest contributors hold together (n,); 0 where that is not known."""
    if "top1" not in table.columns:
        return np.zeros(len(counts))
    first = _numbers(table, "top1")
    second = _numbers(table, "top2") if "top2" in table.columns else np.full(len(counts), np.nan)
    if ((second > first) | (first + np.nan_to_num(second) > counts)).any():
        raise ValueError("top1 and top2 must be the largest parts of count, top1 first")
    second = np.where(np.isnan(second), np.minimum(first, counts - first), second)
    return np.nan_to_num(first + second)


def _statuses(table: pd.DataFrame, primary: Bools, decided: bool) -> Statuses:
    found: Statuses = np.where(primary, PRIMARY, OK).astype(object)
    if "status" not in table.columns:
        return found
    given = table["status"].to_numpy(dtype=object)
    if strange := {str(status) for status in given} - {*SUPPRESSED, *_SHOWN, *_MISSING}:
        raise ValueError(f"status has unknown values: {sorted(strange)[:5]}")
    return np.where(np.isin(given, _MISSING) | decided, given, found)
