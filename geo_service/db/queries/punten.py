"""Many points at once, as numbers: what a map needs and no more. The selection has decided who sees what."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select

from geo_service.db.queries.relatie import PlainGeometry
from geo_service.db.queries.selectie import Row, Selectie, run

if TYPE_CHECKING:
    from geo_service.db.engine import ReadConnection

CRS84 = 4326


async def list_punten(connection: ReadConnection, selectie: Selectie, limit: int) -> list[Row]:
    """Rows (id, longitude, latitude, *velden) in the order of the id, at most so many."""
    relatie = selectie.relatie
    place = func.st_transform(relatie.geometrie, CRS84, type_=PlainGeometry())
    values = (relatie.kolommen[name] for name in selectie.velden)
    statement = select(relatie.id, func.st_x(place), func.st_y(place), *values).select_from(relatie.van)
    return await run(connection, statement.where(*selectie.where).order_by(relatie.id).limit(limit))
