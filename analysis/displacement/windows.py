"""Which periods lie before an action and which after it: the same seasons, equally many, on one side of a break."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analysis.arrays import Bools, as_covered
from analysis.wording import aantal

Days = NDArray[np.datetime64]
_DAYS_PER_YEAR = 365.25


@dataclass(frozen=True)
class Action:
    """begin: first day; end: last day, None while it goes on or when nobody knows."""

    begin: np.datetime64
    end: np.datetime64 | None = None


@dataclass(frozen=True)
class Windows:
    """before, after: indices of periods, equally many, in order; after[i] is compared with before[i].

    split: the period in which the action began halfway and that is left out, or None. same_season: before[i] is the
    same part of an earlier year. across: a break lies between the first and the last of these periods.
    """

    before: tuple[int, ...]
    after: tuple[int, ...]
    split: int | None
    same_season: bool
    across: bool
    uitleg: str

    @property
    def all(self) -> tuple[int, ...]:
        return (*self.before, *self.after)


def choose_windows(
    starts: ArrayLike,
    ends: ArrayLike,
    action: Action,
    *,
    breaks: Sequence[np.datetime64] = (),
    usable: ArrayLike | None = None,
) -> Windows | None:
    """Return the periods to compare, at most a year on each side; None when there are too few.

    starts, ends: first and last day of each period (n,), oldest first, equally long but for the calendar.
    breaks: days on which another way of registering begins. usable: bool (n,), periods that may be used at all.
    First choice: whole periods after the beginning (until the end of the action, but at least a quarter of a year)
    with the same part of the year before. Where a break leaves fewer than a quarter of a year of those: the periods
    right before and right after the beginning, on its side of the break. Else across the break, which the caller
    must judge.
    """
    first, last = (np.asarray(values, dtype="datetime64[D]") for values in (starts, ends))
    if first.shape != last.shape or first.ndim != 1 or (last < first).any() or (first[1:] <= last[:-1]).any():
        raise ValueError("starts and ends must be days of periods in order that do not overlap")
    known = as_covered(usable, first.shape)
    if not len(first):
        return None
    year = max(1, round(_DAYS_PER_YEAR / float(np.median((last - first).astype(np.int64) + 1))))
    least = max(1, year // 4)
    started = np.flatnonzero(first >= action.begin)
    runs = started if action.end is None else started[last[started] <= action.end]
    after = [int(index) for index in (runs if len(runs) >= least else started[:least])[:year]]
    before = [int(index) for index in np.flatnonzero(last < action.begin)]
    halfway = np.flatnonzero((first < action.begin) & (action.begin <= last))
    split = int(halfway[0]) if len(halfway) else None

    def pick(pairs: list[tuple[int, int]], same_season: bool) -> Windows | None:
        kept = [(b, a) for b, a in pairs if known[b] and known[a]]
        if len(kept) < least:
            return None
        used = sorted(index for pair in kept for index in pair)
        across = any(first[used[0]] < moment <= last[used[-1]] for moment in breaks)
        earlier, later = zip(*kept, strict=True)
        return Windows(earlier, later, split, same_season, across, _explain(len(kept), split, same_season))

    whole = [found for j in after if (found := _year_before(j, year, before)) is not None]
    low, high = _side(action.begin, breaks)
    own = {index for index in range(len(first)) if low <= first[index] and last[index] < high}
    near = [index for index in before if index in own], [index for index in after if index in own]
    size = min(map(len, near))
    adjacent = list(zip(near[0][len(near[0]) - size :], near[1][:size], strict=True))
    return (
        pick([pair for pair in whole if own >= set(pair)], same_season=True)
        or pick(adjacent, same_season=False)
        or pick(whole, same_season=True)
    )


def _year_before(index: int, year: int, before: list[int]) -> tuple[int, int] | None:
    """The newest period before the action that is the same part of an earlier year, with the period itself."""
    for earlier in range(index - year, -1, -year):
        if earlier in before:
            return earlier, index
    return None


def _side(begin: np.datetime64, breaks: Sequence[np.datetime64]) -> tuple[np.datetime64, np.datetime64]:
    """The days between the last break at or before the beginning and the first after it.

    A break on the first day of the action counts as one between before and after: nothing lies on both sides then.
    """
    low = max((moment for moment in breaks if moment <= begin), default=np.datetime64("0001-01-01"))
    high = min((moment for moment in breaks if moment > begin), default=np.datetime64("9999-12-31"))
    return low, high


def _explain(n: int, split: int | None, same_season: bool) -> str:
    seasons = (
        "in dezelfde maanden van het jaar"
        if same_season
        else "vlak voor en vlak na het begin; de tijd van het jaar verschilt, ook in de vergelijkingsgebieden"
    )
    left = " De periode waarin de aanpak halverwege begon, telt niet mee." if split is not None else ""
    return f"Vergeleken zijn {aantal(n, 'periode', 'perioden')} voor en evenveel na het begin, {seasons}.{left}"


def spread(windows: Windows, n: int) -> tuple[Bools, Bools]:
    """Return the periods before and after as two masks (n,)."""
    masks = np.zeros((2, n), dtype=np.bool_)
    masks[0, list(windows.before)] = True
    masks[1, list(windows.after)] = True
    return masks[0], masks[1]
