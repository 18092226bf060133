"""Points for a vector tile as a few packages of bytes: what many share once, what differs per point side by side.

The database takes as long to write a property of every point into a tile as to find the points; see decision 0024.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, reduce
from typing import TYPE_CHECKING, Any

import numpy as np
from sqlalchemy import ColumnElement, Select, bindparam, cast, func, literal, select
from sqlalchemy.dialects.postgresql import BYTEA
from sqlalchemy.types import Double

from geo_service.db.queries.selectie import Selectie, compile_statement
from geo_service.db.queries.tegels import POINT, in_system, stored_in_system, touches
from geo_service.domain.tegels import Bounds, Tegelstelsel
from geo_service.domain.velden import Soort

if TYPE_CHECKING:
    from geo_service.db.engine import ReadConnection

Numbers = np.ndarray[tuple[int], np.dtype[Any]]
# The sides of the box that a tile asks for.
BOX = ("west", "south", "east", "north")
# Of these many points share a value; of those with a width of their own each point has its own.
SHARED = frozenset({Soort.TEKST, Soort.JANEE})
WIDE = {Soort.MOMENT: ("timestamptz_send", ">i8"), Soort.DAG: ("date_send", ">i4")}
# EWKB of a point with a system, as the database keeps it: in the byte order of the machine.
EWKB = [("orde", "u1"), ("soort", "=u4"), ("srid", "=u4"), ("x", "=f8"), ("y", "=f8")]
ID = ("id", ">i8")
# From which PostgreSQL counts.
BEGIN = {Soort.MOMENT: np.datetime64("2000-01-01", "us"), Soort.DAG: np.datetime64("2000-01-01", "D")}


@dataclass(frozen=True)
class Pakket:
    """Points (n,) with x and y in the system of the tile. gedeeld: the values of each group, in the order of namen;
    groep: the group of each point. eigen: days (``datetime64[D]``) and moments (``datetime64[us]``) by field."""

    ids: Numbers
    x: Numbers
    y: Numbers
    namen: Sequence[str]
    gedeeld: Sequence[Sequence[Any]]
    groep: Numbers
    eigen: Mapping[str, Numbers]


def can_pack(selectie: Selectie, stelsel: Tegelstelsel) -> bool:
    """Whether these are numbered points, stored in the system of the tile, whose fields fit into a package.

    A day or moment that may be missing does not: it would take its whole point with it.
    """
    relatie = selectie.relatie
    if relatie.geometrie_soort != POINT or relatie.id_soort is not Soort.GEHEEL:
        return False
    soorten = {veld.naam: veld.soort for veld in relatie.velden}
    return stored_in_system(relatie, stelsel) and all(
        soorten[naam] in SHARED or (soorten[naam] in WIDE and not getattr(relatie.kolommen[naam], "nullable", True))
        for naam in selectie.velden
    )


def pack_statement(selectie: Selectie, stelsel: Tegelstelsel) -> Select[Any]:
    """One row per group: what its points share, and their bytes one after the other. The box is left open (``BOX``)."""
    relatie = selectie.relatie
    shared, wide = _divided(selectie)
    columns = [relatie.kolommen[naam] for naam in shared]
    parts = [cast(in_system(relatie, stelsel), BYTEA), func.int8send(relatie.id)]
    parts += [getattr(func, WIDE[soort][0])(relatie.kolommen[naam]) for naam, soort in wide.items()]
    points = func.string_agg(reduce(lambda one, other: one.op("||")(other), parts), literal(b"", BYTEA))
    box: list[ColumnElement[float]] = [bindparam(side, None, Double()) for side in BOX]
    rows = select(*columns, points).select_from(relatie.van).where(*selectie.where, touches(relatie, box))
    return rows.group_by(*columns) if columns else rows


async def read_package(connection: ReadConnection, selectie: Selectie, stelsel: Tegelstelsel, box: Bounds) -> Pakket:
    """All points in a box (RD) with their places in the system of the tiles; of a selection that one ``can_pack``."""
    statement, values = selectie.remember(stelsel.id, lambda: compile_statement(pack_statement(selectie, stelsel)))
    answer = await connection.fetch_tuples(statement, values | dict(zip(BOX, box, strict=True)), plan_once=True)
    rows = [row for row in answer if row[-1]]
    shared, wide = _divided(selectie)
    record = _record(tuple(wide.items()))
    points = np.frombuffer(b"".join([row[-1] for row in rows]), record)
    return Pakket(
        points["id"].astype(np.int64),
        points["x"],
        points["y"],
        shared,
        [row[:-1] for row in rows],
        np.repeat(np.arange(len(rows)), [len(row[-1]) // record.itemsize for row in rows]),
        {naam: BEGIN[soort] + points[naam] for naam, soort in wide.items()},
    )


def _divided(selectie: Selectie) -> tuple[list[str], dict[str, Soort]]:
    """The asked fields that groups share, and those of each point with their kind."""
    soorten = {veld.naam: veld.soort for veld in selectie.relatie.velden if veld.naam in selectie.velden}
    shared = [naam for naam in selectie.velden if soorten[naam] in SHARED]
    return shared, {naam: soorten[naam] for naam in selectie.velden if naam not in shared}


@lru_cache(100)
def _record(own: tuple[tuple[str, Soort], ...]) -> np.dtype[Any]:
    """How those bytes are laid out."""
    return np.dtype([*EWKB, ID, *((naam, WIDE[soort][1]) for naam, soort in own)])
