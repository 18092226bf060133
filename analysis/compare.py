"""Which areas are comparable: alike in housing and population, wherever they lie."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from analysis.arrays import Bools, Floats, as_values
from analysis.wording import aantal

MIN_SHARE = 0.5


@dataclass(frozen=True)
class SimilarArea:
    """One comparable area; unpacks as (area, distance).

    distance: root mean square of the differences in standard deviations, over the indicators that both areas
    have: 0 is alike, 1 about one standard deviation apart on each. shared, absent: names of the indicators that
    took part, and that could not because one of the two areas lacks them.
    """

    area: Hashable
    distance: float
    shared: tuple[Hashable, ...]
    absent: tuple[Hashable, ...]
    uitleg: str
    parameters: Mapping[str, object]

    def __iter__(self) -> Iterator[object]:
        return iter((self.area, self.distance))


def similar_areas(indicators: pd.DataFrame | ArrayLike, area: Hashable, *, n: int = 5) -> list[SimilarArea]:
    """Return the n areas most like `area`, nearest first; fewer when fewer can be compared, perhaps none.

    indicators: (n_areas, n_indicators), a frame with area names as index or an array; any units, NaN = missing,
    infinite raises ValueError. Each is standardised over all areas that have it; one that does not vary says
    nothing and is dropped.
    area: name in the index of the frame, or row number of the array; unknown, or without a single indicator that
    varies: ValueError.
    An area that lacks more than half of the indicators of `area` is never offered. Equal distances: by name.
    """
    table = indicators if isinstance(indicators, pd.DataFrame) else pd.DataFrame(as_values(indicators, "indicators"))
    if n < 1:
        raise ValueError(f"n must be at least 1, got {n}")
    if not (table.index.is_unique and table.columns.is_unique):
        raise ValueError("indicators must have one row per area and one column per indicator")
    if area not in table.index:
        raise ValueError(f"unknown area {area!r}")
    values, names = _standardised(as_values(table, "indicators"), tuple(table.columns))
    row = int(np.flatnonzero(table.index == area)[0])
    own = ~np.isnan(values[row])
    if not own.any():
        raise ValueError(f"area {area!r} has no indicator to compare")
    shared = own & ~np.isnan(values)
    enough = shared.sum(axis=1) >= max(1.0, MIN_SHARE * own.sum())
    enough[row] = False
    squares = np.where(shared, values - values[row], 0.0) ** 2
    distances = np.sqrt(squares.sum(axis=1) / np.maximum(shared.sum(axis=1), 1))
    # Rounded to order them, so that another unit or order of columns cannot turn a tie around.
    order = sorted(
        np.flatnonzero(enough).tolist(), key=lambda other: (round(float(distances[other]), 9), str(table.index[other]))
    )
    parameters = {"area": area, "n": n, "min_share": MIN_SHARE, "indicators": names}
    return [
        _similar(table.index[other], float(distances[other]), shared[other], names, parameters) for other in order[:n]
    ]


def _standardised(values: Floats, names: tuple[Hashable, ...]) -> tuple[Floats, tuple[Hashable, ...]]:
    """Return the indicators that vary, in standard deviations around 0, and their names."""
    known = ~np.isnan(values)
    low = np.where(known, values, np.inf).min(axis=0, initial=np.inf)
    high = np.where(known, values, -np.inf).max(axis=0, initial=-np.inf)
    varies = high > low
    # Scaled to 0-1 first, so that neither a huge nor a tiny unit can overflow the squares.
    scaled = (values[:, varies] - low[varies]) / (high[varies] - low[varies])
    centred = scaled - np.nanmean(scaled, axis=0) if varies.any() else scaled
    spread = np.sqrt(np.nanmean(centred**2, axis=0)) if varies.any() else np.ones(0)
    return centred / spread, tuple(name for name, keep in zip(names, varies, strict=True) if keep)


def _similar(
    area: Hashable, distance: float, shared: Bools, names: tuple[Hashable, ...], parameters: Mapping[str, object]
) -> SimilarArea:
    both = tuple(name for name, has in zip(names, shared, strict=True) if has)
    absent = tuple(name for name, has in zip(names, shared, strict=True) if not has)
    lacking = f"; {aantal(len(absent), 'kenmerk ontbreekt', 'kenmerken ontbreken')}" if absent else ""
    return SimilarArea(
        area=area,
        distance=distance,
        shared=both,
        absent=absent,
        uitleg=(
            f"Lijkt op dit gebied in {aantal(len(both), 'kenmerk', 'kenmerken')} van woningen en bevolking{lacking}; "
            "gebieden die op elkaar lijken zijn niet hetzelfde."
        ),
        parameters=parameters,
    )
