"""Areas: codes, levels, vintages, and which buurt a point lies in."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import shapely

from geo_service.errors import NotFound

NIVEAUS = ("gemeente", "stadsdeel", "wijk", "buurt", "wijkteamgebied")
BUITEN = "buiten"
"""The area of reports whose point lies in no buurt: outside the municipality, or in an area without a polygon."""

_GEMEENTE_OF_CODE = re.compile(r"(?:GM|WK|BU)(\d{4})")


def gemeente_of(code: str) -> str | None:
    """``GM0153`` for any CBS code or code of ours that carries it; None otherwise."""
    match = _GEMEENTE_OF_CODE.match(code)
    return f"GM{match[1]}" if match else None


def require_gemeente(code: str) -> str:
    """As ``gemeente_of``; NotFound when the code is of no municipality."""
    gemeente = gemeente_of(code)
    if gemeente is None:
        raise NotFound(f"Gebied {code[:40]!r} is niet bekend.")
    return gemeente


def is_gemeente_code(text: str) -> bool:
    return re.fullmatch(r"GM\d{4}", text) is not None


@dataclass(frozen=True, slots=True)
class Vintage:
    """A set of areas loaded for one year, and the days it holds for. van/tot None: open on that side."""

    jaar: int
    van: date | None
    tot: date | None

    def holds(self, dag: date) -> bool:
        return (self.van is None or self.van <= dag) and (self.tot is None or dag <= self.tot)


def make_vintages(jaren: Iterable[int]) -> list[Vintage]:
    """Each loaded year holds until the next; the oldest also backwards, the newest until further notice."""
    ordered = sorted(set(jaren))
    vintages = []
    for position, jaar in enumerate(ordered):
        van = None if position == 0 else date(jaar, 1, 1)
        last = position == len(ordered) - 1
        tot = None if last else date(ordered[position + 1] - 1, 12, 31)
        vintages.append(Vintage(jaar, van, tot))
    return vintages


def vintage_for(vintages: Sequence[Vintage], dag: date) -> Vintage | None:
    return next((vintage for vintage in vintages if vintage.holds(dag)), None)


class BuurtIndex:
    """Finds the buurt of points, per vintage.

    polygons: per vintage year a mapping of area code to a shapely polygon in EPSG:28992.
    """

    def __init__(self, polygons: Mapping[int, Mapping[str, shapely.Geometry]]):
        self.vintages = make_vintages(polygons)
        self._areas: dict[int, list[tuple[str, shapely.Geometry, tuple[float, ...]]]] = {}
        for jaar, members in polygons.items():
            shapely.prepare(list(members.values()))
            self._areas[jaar] = [(code, shape, shape.bounds) for code, shape in sorted(members.items())]

    def assign(self, x: np.ndarray, y: np.ndarray, jaar: np.ndarray) -> np.ndarray:
        """Buurt code of each point, None when it lies in none.

        x, y: (n,) metres EPSG:28992, NaN without a point. jaar: (n,) calendar years of the reports.
        A point on a shared boundary belongs to the area with the lowest code.
        """
        found = np.full(len(x), None, dtype=object)
        for vintage in self.vintages:
            lowest = -np.inf if vintage.van is None else vintage.van.year
            highest = np.inf if vintage.tot is None else vintage.tot.year
            chosen = np.flatnonzero((jaar >= lowest) & (jaar <= highest) & np.isfinite(x) & np.isfinite(y))
            if len(chosen):
                found[chosen] = self._assign_in(vintage.jaar, x[chosen], y[chosen])
        return found

    def _assign_in(self, jaar: int, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        found = np.full(len(x), None, dtype=object)
        # From the highest code down, so that the lowest has the last word on a shared boundary.
        for code, shape, (west, south, east, north) in reversed(self._areas[jaar]):
            near = np.flatnonzero((x >= west) & (x <= east) & (y >= south) & (y <= north))
            if len(near):
                found[near[shapely.intersects_xy(shape, x[near], y[near])]] = code
        return found
