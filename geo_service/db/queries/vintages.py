"""How far the buurten of two vintages are the same areas."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geo_service.db.queries import fetch

if TYPE_CHECKING:
    from geo_service.db.engine import ReadConnection


async def compare_buurten(
    connection: ReadConnection, gemeente: str, jaren: tuple[int, int], codes: list[str]
) -> dict[str, float]:
    """Overlap (0-1: shared area over joint area) per buurt; 0 for one that either vintage has not, or not drawn."""
    rows = await fetch(
        connection,
        """
        select c.code, coalesce(case
            when st_asbinary(a.geom) = st_asbinary(b.geom) then 1
            else (select s.gedeeld / (st_area(a.geom) + st_area(b.geom) - s.gedeeld)
                  from (select st_area(st_intersection(a.geom, b.geom)) as gedeeld) s) end, 0) as overlap
        from unnest(%(codes)s::text[]) as c(code)
        left join publiek.gebied a on (a.gemeente_code, a.jaar, a.niveau, a.code) = (%(gemeente)s, %(een)s, 'buurt', c.code)
        left join publiek.gebied b on (b.gemeente_code, b.jaar, b.niveau, b.code) = (%(gemeente)s, %(ander)s, 'buurt', c.code)
        """,
        {"gemeente": gemeente, "een": jaren[0], "ander": jaren[1], "codes": codes},
    )
    return {row["code"]: float(row["overlap"]) for row in rows}
