"""Which areas take part in an evaluation, in which arm, and which cannot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import pandas as pd

from analysis.arrays import Bools, Floats
from analysis.compare import similar_areas
from analysis.displacement.wdd import ARMS as ARM_NAMES
from analysis.displacement.windows import Days, Windows

# An arm looks for comparison areas until they count this many times as much as it does, within these bounds.
ENOUGH = 8.0
FEWEST, MOST = 4, 20
# An area that changed this many times as far from the others as they do from each other is no example of "nothing".
JUMP = 3.5
Areas = tuple[int, ...]

__all__ = ["ARM_NAMES", "Arms", "Ask", "choose_arms"]


@dataclass(frozen=True)
class Ask:
    """A checked question: see Observed and Design of `evaluation`. counts: NaN where not covered or not visible."""

    counts: Floats
    starts: Days
    ends: Days
    covered: Bools
    visible: Bools
    breaks: Sequence[tuple[np.datetime64, Bools]]
    treated: Bools
    around: Bools
    rings: Mapping[str, Bools]
    candidates: Bools
    control: Bools | None
    around_control: Bools | None
    indicators: Floats | None
    sizes: Floats | None

    def complete(self, windows: Windows) -> Bools:
        """The areas that are known in every period used."""
        return np.asarray(~np.isnan(self.counts[:, list(windows.all)]).any(axis=1), dtype=np.bool_)

    def broken(self, windows: Windows) -> list[Bools]:
        """The areas of each break between the first and the last period used."""
        used = sorted(windows.all)
        first, last = self.starts[used[0]], self.ends[used[-1]]
        return [areas for day, areas in self.breaks if first < day <= last]

    def known_before(self, windows: Windows, areas: Sequence[int], *, across_shared: bool = False) -> Bools:
        """Periods before the action in which all these areas are known: the ones compared, and those before them on
        the same side of every break that touches these areas. across_shared: a break that touches all of them may lie
        in between."""
        chosen = list(areas)
        known: Bools = np.all(~np.isnan(self.counts[chosen]), axis=0)
        known &= np.arange(self.counts.shape[1]) <= max(windows.before)
        newest = self.ends[max(windows.before)]
        for day, touched in self.breaks:
            shared = across_shared and bool(touched[chosen].all())
            if touched[chosen].any() and not shared and day <= newest:
                known &= self.starts >= day
        known[list(windows.before)] = True
        return known


@dataclass(frozen=True)
class Arms:
    """Indices of the areas per arm, of every ring, and of who was left out with the reason."""

    control: Areas
    treated: Areas
    displacement_control: Areas
    displacement_treated: Areas
    rings: Mapping[str, Areas]
    left_out: Mapping[int, str]
    shared_break: bool

    @property
    def given(self) -> list[Areas]:
        """The arms in the order of wdd: two when there is no ring to judge, else four."""
        near = [self.control, self.treated]
        both = bool(self.displacement_control and self.displacement_treated)
        return [*near, self.displacement_control, self.displacement_treated] if both else near

    def named(self) -> dict[str, Areas]:
        given = self.given
        return dict(zip(ARM_NAMES, [*given, (), ()][:4], strict=True))


def choose_arms(asked: Ask, windows: Windows) -> Arms:
    """Return who takes part: complete in every period used, and for comparison the areas most alike."""
    reasons = _reasons(asked, windows)
    wanted = asked.treated | np.logical_or.reduce([asked.around, *asked.rings.values()])
    for fixed in (asked.control, asked.around_control):
        wanted = wanted | (fixed if fixed is not None else False)

    def taking_part(mask: Bools) -> Areas:
        return tuple(int(index) for index in np.flatnonzero(mask) if int(index) not in reasons)

    treated, around = taking_part(asked.treated), taking_part(asked.around)
    rings = {name: taking_part(mask) for name, mask in asked.rings.items()}
    if not treated:
        return Arms((), (), (), (), rings, _named(reasons, wanted), shared_break=False)
    taken = _fixed_arms(asked, taking_part)
    level = np.nansum(asked.counts[:, list(windows.before)], axis=1)
    free = [
        index for index in taking_part(asked.candidates) if level[index] > 0 and index not in {*taken[0], *taken[1]}
    ]
    after = np.nansum(asked.counts[:, list(windows.after)], axis=1)
    jumped = _jumped(level[free], after[free])
    reasons |= {index: "sprong" for index, own in zip(free, jumped, strict=True) if own}
    free = [index for index, own in zip(free, jumped, strict=True) if not own]
    near, far = _divide(asked, free, (treated, around), level, taken)
    touched = [areas[[*treated, *around, *near, *far]].all() for areas in asked.broken(windows)]
    named = _named(reasons, wanted) | {index: why for index, why in reasons.items() if why == "sprong"}
    return Arms(near, treated, far, around, rings, named, shared_break=all(touched))


class _Selects(Protocol):
    def __call__(self, mask: Bools) -> Areas: ...


def _fixed_arms(asked: Ask, taking_part: _Selects) -> tuple[Areas, Areas]:
    near = taking_part(asked.control) if asked.control is not None else ()
    far = taking_part(asked.around_control) if asked.around_control is not None else ()
    return near, tuple(index for index in far if index not in near)


def _named(reasons: Mapping[int, str], wanted: Bools) -> dict[int, str]:
    return {index: reason for index, reason in reasons.items() if wanted[index]}


def _reasons(asked: Ask, windows: Windows) -> dict[int, str]:
    """Why an area cannot take part, for each that cannot."""
    used = sorted(windows.all)
    found: dict[int, str] = {}
    judged = asked.treated | asked.around
    for touched in asked.broken(windows):
        # Where the break touches what is judged, the others must have changed along; else they must not have.
        for index in np.flatnonzero((touched ^ bool(touched[judged].any())) & ~judged):
            found[int(index)] = "trendbreuk"
    for mask, reason in ((asked.visible, "verborgen"), (asked.covered, "niet gedekt")):
        for index in np.flatnonzero(~mask[:, used].all(axis=1)):
            found[int(index)] = reason
    return found


def _jumped(before: Floats, after: Floats) -> Bools:
    """Tell which candidates (n,) changed by a share of their own, up or down, far beyond how the others differ.

    Given its total, what an area counts afterwards is binomial; the spread is that of the middle of the candidates, at
    least that of chance, so that swinging series are not taken for jumps.
    """
    if len(before) <= FEWEST:
        return np.zeros(len(before), dtype=np.bool_)
    total = before + after
    share = after.sum() / total.sum()
    z = (after - total * share) / np.sqrt(np.maximum(total * share * (1 - share), 1e-9))
    middle = float(np.median(z))
    spread = max(1.0, 1.4826 * float(np.median(np.abs(z - middle))))
    return np.asarray(np.abs(z - middle) > JUMP * spread, dtype=np.bool_)


def _divide(
    asked: Ask, free: list[int], arms: tuple[Areas, Areas], level: Floats, taken: tuple[Areas, Areas]
) -> tuple[Areas, Areas]:
    """Return the comparison areas of the treated areas and of their surroundings; no area serves both.

    In turns each takes the free area most like it, until it has enough.
    """
    needed = [bool(arm) and not own for arm, own in zip(arms, taken, strict=True)]
    queues = [_alike(asked.indicators, free, arm) if need else [] for arm, need in zip(arms, needed, strict=True)]
    chosen: tuple[list[int], list[int]] = (list(taken[0]), list(taken[1]))
    for _ in range(len(free)):
        for own, arm, queue in zip(chosen, arms, queues, strict=True):
            if _has_enough(own, arm, level):
                continue
            following = next((index for index in queue if index not in {*chosen[0], *chosen[1]}), None)
            if following is not None:
                own.append(following)
    near, far = (tuple(sorted(own)) for own in chosen)
    return near, far


def _has_enough(own: Sequence[int], arm: Areas, level: Floats) -> bool:
    if len(own) < FEWEST:
        return False
    return len(own) >= MOST or float(level[list(own)].sum()) >= ENOUGH * float(level[list(arm)].sum())


def _alike(indicators: Floats | None, free: list[int], arm: Areas) -> list[int]:
    """The free areas, most like the arm as a whole (the mean of each indicator) first."""
    if indicators is None or not free:
        return free
    own = indicators[list(arm)]
    known = ~np.isnan(own)
    mean = np.where(known, own, 0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
    mean[~known.any(axis=0)] = np.nan
    table = pd.DataFrame(np.vstack([indicators[free], mean]), index=pd.Index([*free, -1]))
    try:
        return [int(str(found.area)) for found in similar_areas(table, -1, n=len(free))]
    except ValueError:
        return free
