"""Actions that staff may see: row security holds them to the viewer's own areas."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from geo_service.db.queries import fetch

if TYPE_CHECKING:
    from geo_service.db.engine import ReadConnection

Row = dict[str, Any]


async def list_interventies(connection: ReadConnection, gemeente: str, *, van: date, tot: date, jaar: int) -> list[Row]:
    """Actions that went on at any day of a period, the oldest first, with the outline of their areas in a vintage.

    omtrek: GeoJSON in lon/lat and midden: lon and lat of a point inside; None for areas that cannot be drawn.
    """
    return await fetch(
        connection,
        """
        with actie as (
            select sleutel, naam, soort, doel, partners, string_to_array(gebied_codes, ';') as gebieden, van, tot, bron
            from intern.interventie
            where gemeente_code = %(gemeente)s and coalesce(van, %(tot)s) <= %(tot)s and coalesce(tot, %(van)s) >= %(van)s
        )
        select a.*, st_asgeojson(st_transform(o.geom, 4326), 5)::json as omtrek, st_x(m.punt) as lon, st_y(m.punt) as lat
        from actie a
        left join lateral (
            select st_union(g.geom) as geom from publiek.gebied g
            where g.gemeente_code = %(gemeente)s and g.jaar = %(jaar)s and g.code = any(a.gebieden)
        ) o on true
        left join lateral (select st_transform(st_pointonsurface(o.geom), 4326) as punt) m on true
        order by a.van nulls last, a.naam, a.sleutel
        """,
        {"gemeente": gemeente, "van": van, "tot": tot, "jaar": jaar},
    )
