"""Streets inside the buurten, and points along them: addresses and reports lie as they do in a town."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely
from shapely import Polygon

_EDGE_METRES = 20.0
_HOUSE_METRES = 7.0
_FRONT_METRES = 6.0
# Built-up land in a Dutch town holds some 5 500 inhabitants per km²; the rest of a rural buurt stays open.
_PER_KM2 = 5500.0


@dataclass(frozen=True)
class Straten:
    """Straight streets, sorted by buurt.

    buurt (s,) index of the buurt; start, end (s, 2) RD metres; weight (s,) how busy; bounds (n + 1,) where
    each buurt's streets begin.
    """

    buurt: np.ndarray
    start: np.ndarray
    end: np.ndarray
    weight: np.ndarray
    bounds: np.ndarray

    def sample(self, rng: np.random.Generator, buurt: np.ndarray, *, by_length: bool = False) -> np.ndarray:
        """Return an address (n, 2) in RD metres for each buurt index in `buurt` (n,), inside that buurt.

        by_length: every house as likely as the next; otherwise busy streets draw more.
        """
        length = np.hypot(*(self.end - self.start).T)
        total = np.concatenate([[0.0], np.cumsum(length if by_length else length * self.weight)])
        low, high = total[self.bounds[buurt]], total[self.bounds[buurt + 1]]
        street = np.searchsorted(total, low + rng.random(len(buurt)) * (high - low), side="right") - 1
        street = np.clip(street, self.bounds[buurt], self.bounds[buurt + 1] - 1)
        houses = np.maximum(length[street] // _HOUSE_METRES, 1)
        along = (np.floor(rng.random(len(buurt)) * houses) + 0.5) / houses
        step = self.end[street] - self.start[street]
        side = rng.choice([-_FRONT_METRES, _FRONT_METRES], len(buurt)) / length[street]
        front = np.column_stack([-step[:, 1], step[:, 0]]) * side[:, None]
        return np.round(self.start[street] + step * along[:, None] + front, 1)


def build_straten(rng: np.random.Generator, feiten: pd.DataFrame, cells: list[Polygon]) -> Straten:
    """Return streets for each buurt: crosswise, 60 to 300 m, dense around the centre of its built-up part."""
    centres = feiten[["x", "y"]].to_numpy(float)
    reaches = np.sqrt(np.maximum(feiten["inwoners"].to_numpy(float), 40) / _PER_KM2 / np.pi) * 1000
    numbers = np.clip(feiten["huishoudens"].to_numpy() // 25, 8, 120)
    parts = []
    for index, cell in enumerate(cells):
        number = int(numbers[index])
        inner = cell.buffer(-_EDGE_METRES, join_style="mitre")
        start = _inner_points(rng, inner, centres[index], reaches[index], number)
        angle = rng.uniform(0, np.pi) + rng.integers(0, 4, number) * np.pi / 2 + rng.normal(0, 0.06, number)
        course = np.column_stack([np.cos(angle), np.sin(angle)])
        far = np.minimum(rng.uniform(60, 300, number), _room(inner, start, course))
        keep = far > 2 * _HOUSE_METRES
        parts.append((np.full(keep.sum(), index), start[keep], (start + course * far[:, None])[keep]))
    buurt, begin, end = (np.concatenate(column) for column in zip(*parts, strict=True))
    bounds = np.searchsorted(buurt, np.arange(len(feiten) + 1))
    return Straten(buurt, begin, end, rng.lognormal(0, 0.7, len(buurt)), bounds)


def _inner_points(
    rng: np.random.Generator, inner: Polygon, centre: np.ndarray, reach: float, number: int
) -> np.ndarray:
    """Return `number` points inside `inner`, normally spread around the centre; one is always found."""
    shapely.prepare(inner)
    tries = centre + rng.normal(0, reach * 0.6, (number * 30, 2))
    good = tries[shapely.contains_xy(inner, tries[:, 0], tries[:, 1])]
    sure = shapely.get_coordinates(inner.representative_point())
    return np.concatenate([sure, good])[:number] if len(good) >= number else _cycle(sure, good, number)


def _cycle(sure: np.ndarray, good: np.ndarray, number: int) -> np.ndarray:
    pool = np.concatenate([sure, good])
    return pool[np.arange(number) % len(pool)]


def _room(convex: Polygon, start: np.ndarray, course: np.ndarray) -> np.ndarray:
    """Return how far (n,) one can go from each start along its course before leaving the convex polygon."""
    corners = shapely.get_coordinates(shapely.orient_polygons(convex, exterior_cw=False))
    step = np.diff(corners, axis=0)
    normals = np.column_stack([step[:, 1], -step[:, 0]])
    speed = course @ normals.T
    gap = (normals * corners[:-1]).sum(axis=1)[None, :] - start @ normals.T
    with np.errstate(divide="ignore", invalid="ignore"):
        reach = np.where(speed > 0, gap / speed, np.inf)
    return reach.min(axis=1)
