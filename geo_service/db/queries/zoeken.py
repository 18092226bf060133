"""Searching areas and places by name, spelled more or less right. Only what everyone may know."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from geo_service.db.queries import fetch

if TYPE_CHECKING:
    from geo_service.db.engine import ReadConnection

Row = dict[str, Any]


async def search_names(connection: ReadConnection, tekst: str, *, gelijkenis: float, hoogstens: int) -> list[Row]:
    """Areas of the newest vintage, places and wijkwijzers whose name (or alias) holds or resembles a text, best first.

    gelijkenis: from 0 to 1, see ``word_similarity`` of pg_trgm. Rows: gemeente_code, soort (the level of an area, or
    voorziening or wijkwijzer), code (of the area, or of the buurt of a place), naam, treffer (what resembled), mate.
    """
    return await fetch(
        connection,
        """
        with gebied as (
            select distinct on (gemeente_code, code) gemeente_code, niveau as soort, code, naam from publiek.gebied
            order by gemeente_code, code, jaar desc
        ), bekend as (
            select gemeente_code, soort, code, naam, naam as treffer from gebied
            union all
            select g.gemeente_code, g.soort, g.code, g.naam, a.alias from publiek.alias a
            join gebied g on g.gemeente_code = a.gemeente_code and a.gebied in (g.naam, g.code)
            union all
            select gemeente_code, 'voorziening', buurt_code, naam, naam from publiek.voorziening_nu
            where coalesce(geldig_tot, date 'infinity') >= current_date
            union all
            select gemeente_code, 'wijkwijzer', buurt_code, naam, naam from publiek.wijkwijzer_nu
            where coalesce(geldig_tot, date 'infinity') >= current_date
        ), gemeten as (
            select *, greatest(word_similarity(lower(%(tekst)s), lower(treffer)), similarity(lower(%(tekst)s), lower(treffer)),
                case when position(lower(%(tekst)s) in lower(treffer)) > 0 then 1 else 0 end) as mate from bekend
        )
        select distinct on (mate, soort in ('voorziening', 'wijkwijzer'), naam, gemeente_code, soort, code)
            gemeente_code, soort, code, naam, treffer, mate
        from gemeten where mate >= %(gelijkenis)s
        order by mate desc, soort in ('voorziening', 'wijkwijzer'), naam, gemeente_code, soort, code limit %(hoogstens)s
        """,
        {"tekst": tekst, "gelijkenis": gelijkenis, "hoogstens": hoogstens},
    )
