"""Which periods lie before an action and which after it: the same seasons, equally many, on one side of a break."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analysis.arrays import as_covered
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

    earlier: the same periods of years before those, newest year first; what counts before the action is the mean of
    `before` and these. split: the period in which the action began halfway and that is left out, or None.
    same_season: before[i] is the same part of an earlier year. across: a break lies between the first and the last of
    these periods.
    """

    before: tuple[int, ...]
    after: tuple[int, ...]
    split: int | None
    same_season: bool
    across: bool
    uitleg: str
    earlier: tuple[tuple[int, ...], ...] = ()

    @property
    def baseline(self) -> tuple[int, ...]:
        """All periods before the action that are compared, oldest first."""
        return tuple(sorted(itertools.chain(self.before, *self.earlier)))

    @property
    def all(self) -> tuple[int, ...]:
        return (*self.baseline, *self.after)

    @property
    def lengths(self) -> tuple[float, float]:
        """How long was counted before and after, relative to after: the time weights of wdd."""
        return 1.0 + len(self.earlier), 1.0


def choose_windows(
    starts: ArrayLike,
    ends: ArrayLike,
    action: Action,
    *,
    breaks: Sequence[np.datetime64] = (),
    usable: ArrayLike | None = None,
    years: int = 1,
) -> Windows | None:
    """Return the periods to compare, at most a year after and `years` years before; None when there are too few.

    starts, ends: first and last day of each period (n,), oldest first, equally long but for the calendar.
    breaks: days on which another way of registering begins. usable: bool (n,), periods that may be used at all.
    First choice: whole periods after the beginning (until the end of the action, but at least a quarter of a year)
    with the same part of the year before. Where a break leaves fewer than a quarter of a year of those: the periods
    right before and right after the beginning, on its side of the break. Else across the break, which the caller
    must judge. A further year before counts when all its periods may be used and no break lies within.
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
    later = [int(index) for index in (runs if len(runs) >= least else started[:least])[:year]]
    past = [int(index) for index in np.flatnonzero(last < action.begin)]
    halfway = np.flatnonzero((first < action.begin) & (action.begin <= last))
    split = int(halfway[0]) if len(halfway) else None

    def pick(pairs: list[tuple[int, int]], same_season: bool) -> Windows | None:
        kept = [pair for pair in pairs if known[list(pair)].all()]
        if len(kept) < least:
            return None
        used = sorted(index for pair in kept for index in pair)
        across = any(first[used[0]] < moment <= last[used[-1]] for moment in breaks)
        before, after = zip(*kept, strict=True)
        earlier = further(before) if same_season and not across else ()
        uitleg = _explain(len(kept), 1 + len(earlier), split, same_season)
        return Windows(before, after, split, same_season, across, uitleg, earlier)

    def further(newest: tuple[int, ...]) -> tuple[tuple[int, ...], ...]:
        found: list[tuple[int, ...]] = []
        for back in range(1, years):
            shifted = tuple(index - back * year for index in newest)
            if shifted[0] < 0 or not known[list(shifted)].all():
                break
            if any(first[shifted[0]] < moment <= last[newest[-1]] for moment in breaks):
                break
            found.append(shifted)
        return tuple(found)

    whole = [found for j in later if (found := _year_before(j, year, past)) is not None]
    low, high = _side(action.begin, breaks)
    own = {index for index in range(len(first)) if low <= first[index] and last[index] < high}
    near = [index for index in past if index in own], [index for index in later if index in own]
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


def _explain(n: int, years: int, split: int | None, same_season: bool) -> str:
    seasons = (
        "in dezelfde maanden van het jaar"
        if same_season
        else "vlak voor en vlak na het begin; de tijd van het jaar verschilt, ook in de vergelijkingsgebieden"
    )
    left = " De periode waarin de aanpak halverwege begon, telt niet mee." if split is not None else ""
    if years > 1:
        left = f" Ervoor is het gemiddelde van {years} jaren." + left
    return f"Vergeleken zijn {aantal(n, 'periode', 'perioden')} voor en evenveel na het begin, {seasons}.{left}"
