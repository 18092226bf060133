"""Which tile a viewer gets: single features, or counts where single points would be a blot. The relation has decided
who sees what; a tile only cuts and encodes it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, fields

import numpy as np

from geo_service.db.engine import ReadConnection
from geo_service.db.queries import tegels as queries
from geo_service.db.queries.puntpakket import can_pack_tile, read_tile_points
from geo_service.db.queries.selectie import Selectie
from geo_service.domain.punten import Punten
from geo_service.domain.tegels import BUFFER, EXTENT, Tegel
from geo_service.domain.velden import Soort, Veld
from geo_service.formats.gereed import is_prepared, prepare
from geo_service.formats.mvt import encode_points


@dataclass(frozen=True)
class Samenvoeging:
    """Points are counted per cell from so many real metres per pixel upwards. per: sources are never added up."""

    meters_per_pixel: float
    per: str


# A million reports in one municipality: 18 000 points and 1.1 MB in a full tile at level 14 (5.9 m), 4.6 MB at 13.
SAMENGEVOEGD: Mapping[str, Samenvoeging] = {"meldingen": Samenvoeging(6.0, "bron")}

TEL_VELDEN = (
    Veld("aantal", Soort.GEHEEL, "Bij samengevoegd: aantal punten van deze bron in dit vak."),
    Veld("eerste_dag", Soort.DAG, "Bij samengevoegd: eerste dag van die punten."),
    Veld("laatste_dag", Soort.DAG, "Bij samengevoegd: laatste dag van die punten."),
    Veld("samengevoegd", Soort.JANEE, "Waar als dit punt een aantal is in plaats van één object."),
)


@dataclass(frozen=True)
class Figuur:
    """What the colour of an area depends on."""

    status: str
    per_1000: float | None
    aantal: int | None


async def read_figures(connection: ReadConnection, selectie: Selectie) -> list[Figuur]:
    """The figures of a selection; none when its collection holds no rates."""
    names = tuple(field.name for field in fields(Figuur))
    if not set(names) <= set(selectie.relatie.kolommen):
        return []
    return [Figuur(*row) for row in await queries.read_values(connection, selectie, names)]


async def read_tile(connection: ReadConnection, selectie: Selectie, tegel: Tegel) -> bytes:
    """The encoded tile; empty when nothing touches it."""
    box = tegel.stored_box()
    if box is None:
        return b""
    samenvoeging = SAMENGEVOEGD.get(selectie.relatie.naam)
    if samenvoeging is None or tegel.ground_resolution < samenvoeging.meters_per_pixel:
        if can_pack_tile(selectie, tegel.stelsel):
            punten = await read_tile_points(connection, selectie, tegel.stelsel, box)
            if not is_prepared():
                await asyncio.to_thread(prepare)
            return encode_points(selectie.relatie.naam, _placed(punten, tegel), EXTENT)
        statement = queries.tile_statement(selectie, tegel, box)
    else:
        statement = queries.counts_statement(selectie, tegel, box, samenvoeging.per)
    return await queries.read_bytes(connection, statement)


def _placed(punten: Punten, tegel: Tegel) -> Punten:
    """The points that lie in the tile or its buffer, in its units."""
    x, y = tegel.place(punten.x, punten.y)
    near = np.flatnonzero((np.minimum(x, y) >= -BUFFER) & (np.maximum(x, y) <= EXTENT + BUFFER))
    return punten.take(near).moved(x[near].astype(np.int64), y[near].astype(np.int64))
