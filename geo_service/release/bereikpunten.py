"""Where people walk from and to: points that stand for the dwellings of a buurt, and the places of one kind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from analysis.arrays import Bools, Floats, Ints
from analysis.spread import spread_points
from geo_service.db.engine import ReadConnection
from geo_service.db.queries import bereik as queries
from geo_service.domain.crs import RD, transformer
from geo_service.domain.openingstijden import DAGEN, is_open_between
from geo_service.release.context import Gemeente
from geo_service.release.geheugen import Geheugen
from geo_service.release.noemers import Noemers, load_noemers

Row = dict[str, Any]
# Points for the dwellings of a whole municipality; of each buurt within these bounds.
PUNTEN, MINSTE_PER_BUURT, MEESTE_PER_BUURT = 3000, 12, 60
DAGDELEN = {"ochtend": (9 * 60, 12 * 60), "middag": (13 * 60, 17 * 60), "avond": (18 * 60, 21 * 60)}
MOMENTEN = {f"{dag[:2]}-{deel}": f"{dag.capitalize()}{deel}" for dag in DAGEN for deel in DAGDELEN}


@dataclass(frozen=True)
class Punten:
    """xy (n, 2): points in RD metres; buurt (n,): the place in codes of the buurt that each lies in.

    codes, vormen, midden (m, 2): the buurten with a known shape, and a point inside each.
    """

    xy: Floats
    buurt: Ints
    codes: tuple[str, ...]
    vormen: tuple[shapely.Geometry, ...]
    midden: Floats

    def spread(self, per_buurt: Mapping[str, float | None]) -> Floats:
        """What a buurt has, divided evenly over its points (n,); NaN where that is not known."""
        known = [per_buurt.get(code) for code in self.codes]
        values = np.array([np.nan if value is None else value for value in known], dtype=np.float64)
        share: Floats = (values / np.bincount(self.buurt, minlength=len(self.codes)))[self.buurt]
        return share

    def inside(self, buurten: frozenset[str]) -> Bools:
        """Which points lie in one of these buurten (n,)."""
        return np.isin(self.codes, sorted(buurten))[self.buurt]

    def buurt_at(self, x: float, y: float) -> str | None:
        """The buurt around a point in RD metres; None outside all of them."""
        point = shapely.Point(x, y)
        found = (code for code, vorm in zip(self.codes, self.vormen, strict=True) if vorm.covers(point))
        return next(found, None)


@dataclass(frozen=True)
class Plek:
    """A place. id: its address in a question; open: whether it counts (None: its hours are not known)."""

    id: str
    laag: str
    naam: str
    type: str
    adres: str | None
    openingstijden: str | None
    capaciteit: float | None
    buurt_code: str | None
    x: float
    y: float
    lonlat: tuple[float, float]
    open: bool | None = True


async def load_punten(connection: ReadConnection, gemeente: Gemeente, geheugen: Geheugen) -> Punten:
    """The points of the newest vintage, made once for as long as the data stays."""
    key = ("bereikpunten", geheugen.last_stand, gemeente.code)
    found: Punten | None = geheugen.answers.get(key)
    if found is None:
        jaar = gemeente.vintages[-1].jaar if gemeente.vintages else 0
        rows = await queries.list_shapes(connection, gemeente.code, jaar)
        found = make_punten({row["code"]: shapely.from_wkb(row["wkb"]) for row in rows})
        geheugen.answers.put(key, found, found.xy.nbytes + sum(len(row["wkb"]) for row in rows))
    return found


def make_punten(vormen: Mapping[str, shapely.Geometry]) -> Punten:
    """Points in every buurt, as many in each, so that a share of a buurt is as fine everywhere."""
    per_buurt = min(MEESTE_PER_BUURT, max(MINSTE_PER_BUURT, PUNTEN // max(len(vormen), 1)))
    parts = [spread_points(vorm, per_buurt) for vorm in vormen.values()]
    inside = [vorm.representative_point() for vorm in vormen.values()]
    return Punten(
        np.concatenate([np.empty((0, 2)), *parts]),
        np.repeat(np.arange(len(parts)), [len(part) for part in parts]),
        tuple(vormen),
        tuple(vormen.values()),
        np.array([(point.x, point.y) for point in inside]).reshape(-1, 2),
    )


async def load_plekken(connection: ReadConnection, gemeente: Gemeente) -> list[Plek]:
    """All places that everyone can go to without a referral, by name."""
    return [_plek(row) for row in await queries.list_reachable(connection, gemeente.code)]


def _plek(row: Row) -> Plek:
    lon, lat = row["geometry"]["coordinates"][:2]
    names = ("laag", "naam", "type", "adres", "openingstijden", "capaciteit", "buurt_code", "x", "y")
    own = {name: row[name] for name in names}
    return Plek(id=f"{row['laag']}/{row['bron']}/{row['sleutel']}", lonlat=(lon, lat), **own)


def open_op(plek: Plek, moment: str | None) -> bool | None:
    """Whether a place is open for an hour at least in a part of the week (a key of MOMENTEN); without one, yes."""
    if moment is None:
        return True
    dag, _, deel = moment.partition("-")
    day = next(number for number, naam in enumerate(DAGEN) if naam.startswith(dag))
    return is_open_between(plek.openingstijden, day, *DAGDELEN[deel])


async def load_woningen(connection: ReadConnection, gemeente: Gemeente) -> Noemers:
    """Dwellings per area, of the year nearest to the newest areas."""
    jaar = gemeente.vintages[-1].jaar if gemeente.vintages else 0
    return (await load_noemers(connection, gemeente.code, "woningen", [jaar]))[jaar]


def to_lonlat(xy: Floats) -> Sequence[tuple[float, float]]:
    """RD metres (n, 2) as longitude and latitude with five decimals, about a metre."""
    lon, lat = transformer(RD, 4326).transform(xy[:, 0], xy[:, 1])
    return [(round(float(a), 5), round(float(b), 5)) for a, b in zip(lon, lat, strict=True)]


def to_rd(lon: float, lat: float) -> tuple[float, float]:
    x, y = transformer(4326, RD).transform(lon, lat)
    return float(x), float(y)
