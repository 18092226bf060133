"""A frame of areas x periods, checked and laid out for regression."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from analysis.arrays import Bools, Floats, Ints, as_counts, as_covered

COLUMNS = ("area", "period", "treated", "after", "count")


@dataclass(frozen=True)
class Panel:
    """The rows that count: known, covered, and of a series and a period with at least one report.

    names: the areas, treated (n_areas,) tells which had the action. Per row: area and level (codes), after,
    counts, offset (log exposure). design: a column per level and per period but the first.
    A level is one area between two breaks.
    """

    names: tuple[object, ...]
    treated: Bools
    area: Ints
    level: Ints
    after: Bools
    counts: Floats
    offset: Floats
    design: Floats
    n_periods: int

    def effect(self, chosen: Bools) -> Floats:
        """Return the column of an action in the chosen areas (n_areas,): 1 there after it began."""
        return (chosen[self.area] & self.after).astype(np.float64)

    def identifies(self, chosen: Bools) -> bool:
        """Tell whether the rows can tell an action in the chosen areas from levels and periods."""
        effect = self.effect(chosen)
        if not len(effect) or not self.counts[chosen[self.area]].any():
            return False
        rest = effect - self.design @ np.linalg.lstsq(self.design, effect, rcond=None)[0]
        return bool((rest**2).sum() > 1e-8)


def as_panel(frame: pd.DataFrame, covered: ArrayLike | None, breaks: Sequence[object], shared_break: bool) -> Panel:
    """Check the frame (columns: see did) and return its panel; ValueError says what is wrong."""
    missing = [name for name in COLUMNS if name not in frame.columns]
    if missing:
        raise ValueError(f"frame has no column {', '.join(missing)}")
    counts = as_counts(frame["count"], "count")
    exposure = as_counts(frame["exposure"], "exposure") if "exposure" in frame.columns else np.ones(len(frame))
    known = as_covered(covered, (len(frame),)) & ~np.isnan(counts) & ~np.isnan(exposure)
    if (exposure[known] == 0).any():
        raise ValueError("exposure must be more than 0 where there is a count")
    treated, after = _flag(frame, "treated", "area"), _flag(frame, "after", "period")
    area, names = pd.factorize(frame["area"], sort=True)
    period, _ = pd.factorize(frame["period"], sort=True)
    if (area < 0).any() or (period < 0).any() or frame.duplicated(["area", "period"]).any():
        raise ValueError("frame must have one row per area and period, and both must be known")
    chosen = np.zeros(len(names), dtype=np.bool_)
    chosen[area[treated]] = True
    segment = np.zeros(len(frame), dtype=np.int64)
    if not shared_break:
        for moment in breaks:
            segment += (frame["period"] >= moment).to_numpy()
    level = area * (len(breaks) + 1) + segment
    # A series or period of zeros only fits any effect: it carries no information and its logarithm is no number.
    for codes in (level, period):
        known &= np.bincount(codes, np.where(known, counts, 0), minlength=len(frame))[codes] > 0
    level = np.unique(level[known], return_inverse=True)[1].reshape(-1)
    used, period = np.unique(period[known], return_inverse=True)
    design = np.column_stack([np.eye(level.max(initial=-1) + 1)[level], np.eye(len(used))[period.reshape(-1)][:, 1:]])
    return Panel(
        names=tuple(names.tolist()),
        treated=chosen,
        area=area[known],
        level=level,
        after=after[known],
        counts=counts[known],
        offset=np.log(exposure[known]),
        design=design,
        n_periods=len(used),
    )


def _flag(frame: pd.DataFrame, name: str, per: str) -> Bools:
    """Return a column of booleans that is the same for all rows of one area or period, and not all equal."""
    found = frame[name]
    if not pd.api.types.is_bool_dtype(found) or found.isna().any():
        raise ValueError(f"{name} must be booleans")
    if (found.groupby(frame[per]).nunique() > 1).any():
        raise ValueError(f"{name} must be the same in all rows of one {per}")
    if found.nunique() < 2:
        raise ValueError(f"{name} must be true for some rows and false for others")
    return found.to_numpy(dtype=np.bool_)
