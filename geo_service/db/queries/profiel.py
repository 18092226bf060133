"""What a profile of one area shows besides figures: the area itself and its places."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from geo_service.db.queries import fetch
from geo_service.db.queries.runs import RESULTATEN

if TYPE_CHECKING:
    from geo_service.db.engine import ReadConnection

Row = dict[str, Any]


async def get_gebied(connection: ReadConnection, gemeente: str, jaar: int, niveau: str, code: str) -> Row | None:
    rows = await fetch(
        connection,
        "select naam, oppervlakte_ha, benaderd, geom_status from publiek.gebied where gemeente_code = %(gemeente)s "
        "and jaar = %(jaar)s and niveau = %(niveau)s and code = %(code)s",
        {"gemeente": gemeente, "jaar": jaar, "niveau": niveau, "code": code},
    )
    return rows[0] if rows else None


async def count_plekken(connection: ReadConnection, gemeente: str, buurten: list[str]) -> list[Row]:
    """Places open to everyone that are valid today: (laag, type, bron, aantal)."""
    return await fetch(
        connection,
        """
        with plek as (
            select 'voorzieningen' as laag, type, bron, buurt_code, geldig_tot from publiek.voorziening_nu
            where gemeente_code = %(gemeente)s
            union all
            select 'wijkwijzers', 'wijkwijzer', bron, buurt_code, geldig_tot from publiek.wijkwijzer_nu
            where gemeente_code = %(gemeente)s
        )
        select laag, coalesce(type, 'onbekend') as type, bron, count(*) as aantal from plek
        where buurt_code = any(%(buurten)s) and coalesce(geldig_tot, date 'infinity') >= current_date
        group by 1, 2, 3 order by 1, 2, 3
        """,
        {"gemeente": gemeente, "buurten": buurten},
    )


async def count_gevoelig(connection: ReadConnection, gemeente: str, stadsdeel: str) -> int:
    """Sensitive places in a stadsdeel of the newest vintage, of all kinds together. For its own staff only."""
    rows = await fetch(
        connection,
        "select aantal from intern.gevoelig_telling "
        "where gemeente_code = %(gemeente)s and stadsdeel_code = %(stadsdeel)s",
        {"gemeente": gemeente, "stadsdeel": stadsdeel},
    )
    return rows[0]["aantal"] if rows else 0


async def list_hotspot_buurten(connection: ReadConnection, gemeente: str, *, schema: str) -> list[Row]:
    """Clusters of points over all reports, of every period: (bron, periode, van, stadsdeel_code, buurten). schema:
    ``publiek`` (public threshold, released periods only) or ``intern`` (staff threshold, current runs)."""
    table, current = RESULTATEN[schema]
    return await fetch(
        connection,
        f"""
        select h.bron, h.periode, h.van, h.stadsdeel_code, h.buurten from {table} h
        where h.gemeente_code = %(gemeente)s and h.methode = 'punten' and h.categorie = 'alle' and {current}
        """,
        {"gemeente": gemeente},
    )
