"""Which periods lie before an action and which after it: the same seasons, equally many, on one side of a break."""

from __future__ import annotations

import itertools
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
    calendar = _Calendar.read(starts, ends, breaks, usable)
    if calendar is None:
        return None
    later, past = calendar.after(action), calendar.before(action)
    whole = [pair for index in later if (pair := calendar.year_before(index, past)) is not None]
    own = calendar.on_one_side(action.begin)
    near = [index for index in past if index in own], [index for index in later if index in own]
    size = min(map(len, near))
    adjacent = list(zip(near[0][len(near[0]) - size :], near[1][:size], strict=True))
    split = calendar.halfway(action)
    return (
        calendar.pick([pair for pair in whole if own >= set(pair)], split, years)
        or calendar.pick(adjacent, split)
        or calendar.pick(whole, split, years)
    )


@dataclass(frozen=True)
class _Calendar:
    """The periods with what is known of them: first, last days and known (n,); year: how many make one; least: fewer
    are too few to compare."""

    first: Days
    last: Days
    known: Bools
    breaks: Sequence[np.datetime64]
    year: int
    least: int

    @classmethod
    def read(
        cls, starts: ArrayLike, ends: ArrayLike, breaks: Sequence[np.datetime64], usable: ArrayLike | None
    ) -> _Calendar | None:
        """The calendar; None without any period."""
        first, last = (np.asarray(values, dtype="datetime64[D]") for values in (starts, ends))
        if first.shape != last.shape or first.ndim != 1 or (last < first).any() or (first[1:] <= last[:-1]).any():
            raise ValueError("starts and ends must be days of periods in order that do not overlap")
        known = as_covered(usable, first.shape)
        if not len(first):
            return None
        year = max(1, round(_DAYS_PER_YEAR / float(np.median((last - first).astype(np.int64) + 1))))
        return cls(first, last, known, breaks, year, max(1, year // 4))

    def after(self, action: Action) -> list[int]:
        """At most a year of periods that began with the action or later, until its end if that leaves enough."""
        started = np.flatnonzero(self.first >= action.begin)
        runs = started if action.end is None else started[self.last[started] <= action.end]
        chosen = runs if len(runs) >= self.least else started[: self.least]
        return [int(index) for index in chosen[: self.year]]

    def before(self, action: Action) -> list[int]:
        return [int(index) for index in np.flatnonzero(self.last < action.begin)]

    def halfway(self, action: Action) -> int | None:
        """The period in which the action began, unless on its first day."""
        found = np.flatnonzero((self.first < action.begin) & (action.begin <= self.last))
        return int(found[0]) if len(found) else None

    def year_before(self, index: int, past: list[int]) -> tuple[int, int] | None:
        """The newest period of the past that is the same part of an earlier year, with the period itself."""
        same = range(index - self.year, -1, -self.year)
        return next(((earlier, index) for earlier in same if earlier in past), None)

    def on_one_side(self, begin: np.datetime64) -> set[int]:
        """The periods between the last break at or before the beginning and the first after it."""
        low, high = _side(begin, self.breaks)
        return {index for index in range(len(self.first)) if low <= self.first[index] and self.last[index] < high}

    def broken(self, first: int, last: int) -> bool:
        """Whether a break lies between the beginning of one period and the end of another."""
        return any(self.first[first] < moment <= self.last[last] for moment in self.breaks)

    def pick(self, pairs: list[tuple[int, int]], split: int | None, years: int = 0) -> Windows | None:
        """The windows of these pairs that may be used; None when they are too few. years: how far back they may go when
        each pair is of the same part of a year, 0 when it is not."""
        kept = [pair for pair in pairs if self.known[list(pair)].all()]
        if len(kept) < self.least:
            return None
        before, after = zip(*kept, strict=True)
        across = self.broken(min(before), max(after))
        earlier = () if across else self.further(before, years)
        uitleg = _explain(len(kept), 1 + len(earlier), split, same_season=years > 0)
        return Windows(before, after, split, years > 0, across, uitleg, earlier)

    def further(self, newest: tuple[int, ...], years: int) -> tuple[tuple[int, ...], ...]:
        """The same periods of the years before, newest year first, as far back as all of them may be used."""
        found: list[tuple[int, ...]] = []
        for back in range(1, years):
            shifted = tuple(index - back * self.year for index in newest)
            if min(shifted) < 0 or not self.known[list(shifted)].all() or self.broken(min(shifted), max(newest)):
                break
            found.append(shifted)
        return tuple(found)


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
