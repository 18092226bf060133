"""The features of a page and how they are written as GeoJSON: row by row, or many numbered points at once."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Protocol, Self

import numpy as np
import orjson

from geo_service.db.queries.selectie import Row, Selectie
from geo_service.domain.punten import Punten, Whole
from geo_service.formats.geojson import encode_points
from geo_service.formats.gereed import is_prepared, prepare


class Objecten(Protocol):
    """Features in the order of their page."""

    def __len__(self) -> int: ...

    def key(self, place: int) -> Row:
        """The values of the order of one of them, its id last."""
        ...

    def part(self, place: slice) -> Self:
        """Only those."""
        ...

    def text(self) -> bytes:
        """All of them as a JSON list."""
        ...

    def fitting(self, budget: int, *, terug: bool) -> int:
        """How many fit in so many bytes, counted from the first or (terug) from the last one; at least one."""
        ...


@dataclass(frozen=True)
class Rijen:
    """Rows (id, GeoJSON text, *velden, *values of the asked order)."""

    rijen: Sequence[Row]
    velden: tuple[str, ...]
    sleutels: int = 0

    def __len__(self) -> int:
        return len(self.rijen)

    def key(self, place: int) -> Row:
        row = self.rijen[place]
        return (*row[len(row) - self.sleutels :], row[0])

    def part(self, place: slice) -> Rijen:
        return replace(self, rijen=self.rijen[place])

    def text(self) -> bytes:
        return self._text

    @cached_property
    def _text(self) -> bytes:
        return orjson.dumps(self.features(self.rijen))

    def fitting(self, budget: int, *, terug: bool) -> int:
        used = 0
        for number, row in enumerate(reversed(self.rijen) if terug else self.rijen):
            used += len(orjson.dumps(self.features([row]))) + 1
            if used > budget:
                return max(1, number)
        return len(self)

    def features(self, rows: Iterable[Row]) -> list[dict[str, Any]]:
        fragment = orjson.Fragment
        return [
            {
                "type": "Feature",
                "id": row[0],
                "geometry": None if row[1] is None else fragment(row[1]),
                "properties": dict(zip(self.velden, row[2:], strict=False)),
            }
            for row in rows
        ]


@dataclass(frozen=True)
class Puntenrij:
    """Points in order of their number, with the coordinates that leave."""

    punten: Punten
    velden: tuple[str, ...]
    decimalen: int

    def __len__(self) -> int:
        return len(self.punten)

    def key(self, place: int) -> Row:
        return (int(self.punten.ids[place]),)

    def part(self, place: slice) -> Puntenrij:
        return replace(self, punten=self.punten.take(place))

    def text(self) -> bytes:
        return self._encoded[0]

    def fitting(self, budget: int, *, terug: bool) -> int:
        ends = self._encoded[1]
        # Each with the bracket or comma before it.
        used = np.cumsum(np.diff(ends, prepend=0)[:: -1 if terug else 1])
        return max(1, int(np.searchsorted(used, budget, side="right")))

    @cached_property
    def _encoded(self) -> tuple[bytes, Whole]:
        return encode_points(self.punten, self.velden, self.decimalen)


async def as_points(punten: Punten, selectie: Selectie, decimalen: int) -> Puntenrij:
    """The points of a selection as features, as soon as they can be written."""
    if not is_prepared():
        await asyncio.to_thread(prepare)
    return Puntenrij(punten, selectie.velden, decimalen)
