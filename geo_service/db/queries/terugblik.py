"""What looking back on an action needs: the action, others beside it, and which buurten lie around it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from geo_service.db.queries import fetch

if TYPE_CHECKING:
    from geo_service.db.engine import ReadConnection

Row = dict[str, Any]
# Borders that were digitised twice still touch when they lie this far apart.
KIER_METER = 2.0


async def list_aanpakken(connection: ReadConnection, gemeente: str) -> list[Row]:
    """The actions that row security shows, with the signal they were meant to change: bron, sleutel, naam, gebieden, van,
    tot, signaal_bron, categorie, richting."""
    return await fetch(
        connection,
        """
        select bron, sleutel, naam, string_to_array(gebied_codes, ';') as gebieden, van, tot, signaal_bron, categorie, richting
        from intern.interventie where gemeente_code = %(gemeente)s order by bron, sleutel
        """,
        {"gemeente": gemeente},
    )


async def list_omgeving(connection: ReadConnection, gemeente: str, jaar: int, buurten: list[str]) -> list[Row]:
    """Every other buurt of a vintage: code, grenst (touches one of these), and afstand, meters from a point inside it to
    the border of these together."""
    return await fetch(
        connection,
        """
        with eigen as (
            select st_union(geom) as geom from publiek.gebied
            where gemeente_code = %(gemeente)s and jaar = %(jaar)s and niveau = 'buurt' and code = any(%(buurten)s)
        )
        select b.code, st_dwithin(b.geom, e.geom, %(kier)s) as grenst,
            st_distance(st_pointonsurface(b.geom), e.geom) as afstand
        from publiek.gebied b, eigen e
        where b.gemeente_code = %(gemeente)s and b.jaar = %(jaar)s and b.niveau = 'buurt' and b.geom is not null
          and e.geom is not null and not b.code = any(%(buurten)s)
        order by b.code
        """,
        {"gemeente": gemeente, "jaar": jaar, "buurten": buurten, "kier": KIER_METER},
    )
