"""Points as a few packages of bytes: what many share once, what differs per point side by side.

The database takes as long to write the properties of every point into a tile or a page as to find the points; see
decisions 0024 and 0025.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from sqlalchemy import ColumnElement, bindparam
from sqlalchemy.types import Double

from geo_service.db.queries.selectie import Row, Selectie, compile_statement, named_columns
from geo_service.db.queries.tegels import POINT, in_system, stored_in_system, touches
from geo_service.domain.punten import Punten
from geo_service.domain.tegels import Bounds, Tegelstelsel
from geo_service.domain.velden import Soort

if TYPE_CHECKING:
    from geo_service.db.engine import ReadConnection

# The sides of the box that a tile asks for.
BOX = ("west", "south", "east", "north")
# Of these many points share a value; of those with a width of their own each point has its own.
SHARED = frozenset({Soort.TEKST, Soort.JANEE})
WIDE = {Soort.MOMENT: ("timestamptz_send", ">i8"), Soort.DAG: ("date_send", ">i4")}
# EWKB of a point with a system, as the database keeps it: in the byte order of the machine.
EWKB = [("orde", "u1"), ("soort", "=u4"), ("srid", "=u4"), ("x", "=f8"), ("y", "=f8")]
NO_PLACE = struct.pack("=BIIdd", 0, 0, 0, np.nan, np.nan).hex()
ID = ("id", ">i8")
# From which PostgreSQL counts.
BEGIN = {Soort.MOMENT: np.datetime64("2000-01-01", "us"), Soort.DAG: np.datetime64("2000-01-01", "D")}


def can_pack(selectie: Selectie) -> bool:
    """Whether these are numbered points whose fields fit into a package.

    A day or moment that may be missing does not: it would take its whole point with it.
    """
    relatie = selectie.relatie
    if relatie.geometrie_soort != POINT or relatie.id_soort is not Soort.GEHEEL:
        return False
    soorten = {veld.naam: veld.soort for veld in relatie.velden}
    return all(
        soorten[naam] in SHARED or (soorten[naam] in WIDE and not getattr(relatie.kolommen[naam], "nullable", True))
        for naam in selectie.velden
    )


def can_pack_tile(selectie: Selectie, stelsel: Tegelstelsel) -> bool:
    """As ``can_pack``, where the points are stored in the system of the tiles."""
    return can_pack(selectie) and stored_in_system(selectie.relatie, stelsel)


def packed(selectie: Selectie, rows: str, *first: str) -> str:
    """SQL: one row per group of the rows of ``named_columns``: what its points share, and their bytes one after the
    other. first: what leads each row, the same for all of them and of no row itself."""
    shared, wide = _divided(selectie)
    sends = [f"{WIDE[soort][0]}(veld_{number})" for number, soort in wide]
    point = " || ".join([rf"coalesce(geom::bytea, '\x{NO_PLACE}'::bytea)", "int8send(id_)", *sends])
    columns = [f"veld_{number}" for number in shared]
    chosen = ", ".join([*first, *columns, f"string_agg({point}, ''::bytea)"])
    return f"select {chosen} from ({rows}) rij group by {', '.join(columns) or '()'}"


def unpack(selectie: Selectie, answer: Iterable[Row]) -> Punten:
    """The points of such rows (without what leads them), in no order. Days and moments as numpy has them."""
    # Without a group there is a row also when there are no points.
    rows = [row for row in answer if row[-1]]
    shared, wide = _divided(selectie)
    record = _record(wide)
    points = np.frombuffer(b"".join([row[-1] for row in rows]), record)
    return Punten(
        points["id"].astype(np.int64),
        points["x"].astype(np.float64),
        points["y"].astype(np.float64),
        [selectie.velden[number] for number in shared],
        [row[:-1] for row in rows],
        np.repeat(np.arange(len(rows)), [len(row[-1]) // record.itemsize for row in rows]),
        {selectie.velden[number]: BEGIN[soort] + points[f"veld_{number}"] for number, soort in wide},
    )


async def read_tile_points(
    connection: ReadConnection, selectie: Selectie, stelsel: Tegelstelsel, box: Bounds
) -> Punten:
    """All points in a box (RD) with their places in the system of the tiles; of a selection that one ``can_pack_tile``."""

    def compose() -> tuple[str, dict[str, Any]]:
        sides: list[ColumnElement[float]] = [bindparam(side, None, Double()) for side in BOX]
        rows = named_columns(selectie, in_system(selectie.relatie, stelsel)).where(touches(selectie.relatie, sides))
        text, values = compile_statement(rows)
        return packed(selectie, text), values

    text, values = selectie.remember(stelsel.id, compose)
    # Boxes of tiles are all as selective.
    answer = await connection.fetch_tuples(text, values | dict(zip(BOX, box, strict=True)), plan_once=True)
    return unpack(selectie, answer)


def _divided(selectie: Selectie) -> tuple[tuple[int, ...], tuple[tuple[int, Soort], ...]]:
    """The numbers of the fields that groups share, and of those that each point has of its own with their kind."""
    soorten = {veld.naam: veld.soort for veld in selectie.relatie.velden}
    numbered = [(number, soorten[naam]) for number, naam in enumerate(selectie.velden)]
    shared = tuple(number for number, soort in numbered if soort in SHARED)
    return shared, tuple((number, soort) for number, soort in numbered if soort not in SHARED)


@lru_cache(100)
def _record(own: tuple[tuple[int, Soort], ...]) -> np.dtype[Any]:
    """How those bytes are laid out."""
    return np.dtype([*EWKB, ID, *((f"veld_{number}", WIDE[soort][1]) for number, soort in own)])
