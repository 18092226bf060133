"""Bring hotspots up to date: for every source whose data changed, the periods that the map shows first."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import date

from geo_service.db.connection import privileged_connection
from geo_service.db.engine import Database
from geo_service.domain.perioden import Periode
from geo_service.identity import ALL_STADSDELEN, PUBLIEK, Role, Viewer
from geo_service.jobs.hotspots import Parameters, find_hotspots, stale_sources
from geo_service.jobs.vrijgave import release_due
from geo_service.release.context import database_role, load_gemeente
from geo_service.release.perioden import available_perioden, choose_periode


@dataclass(frozen=True)
class Berekend:
    """One computed question and how many hotspots have a public area."""

    gemeente: str
    bron: str
    periode: Periode
    aantal: int


def refresh_hotspots(url: str, *, gemeente: str | None = None) -> list[Berekend]:
    """Release what became old enough, then recompute what is stale: per source the default periods of the public and
    of staff, and all released quarters of the last two years."""
    with privileged_connection(url) as connection:
        release_due(connection, today=date.today())
        stale = stale_sources(connection, gemeente)
    return [done for code, bron in stale for done in compute(url, code, bron, parameters=Parameters(standaard=True))]


def compute(
    url: str, gemeente: str, bron: str, *, asked: str | None = None, parameters: Parameters | None = None
) -> list[Berekend]:
    """Hotspots of one source: of the asked period, else of the periods that users meet first."""
    periodes, peiljaren = asyncio.run(_periodes(url, gemeente, bron, asked))
    done = []
    with privileged_connection(url) as connection:
        for periode in periodes:
            count = find_hotspots(
                connection,
                gemeente=gemeente,
                bron=bron,
                periode=periode,
                peiljaar=peiljaren[periode.code],
                parameters=parameters,
            )
            done.append(Berekend(gemeente, bron, periode, count))
    return done


async def _periodes(url: str, gemeente: str, bron: str, asked: str | None) -> tuple[list[Periode], dict[str, int]]:
    staff = Viewer(Role.WIJKREGISSEUR, gemeente, frozenset({ALL_STADSDELEN}))
    database = Database(url, pool_size=1)
    try:
        async with database.connect(database_role(PUBLIEK)) as connection:
            known = await load_gemeente(connection, staff, gemeente)
    finally:
        await database.close()
    known.bron(bron)
    if asked is not None:
        chosen = [choose_periode(known, staff, bron, asked)]
    else:
        recent = [periode for periode in available_perioden(known, PUBLIEK, bron) if periode.soort == "kwartaal"][-8:]
        defaults = [choose_periode(known, viewer, bron, None) for viewer in (PUBLIEK, staff)]
        chosen = list(dict.fromkeys([*recent, *defaults]))
    return chosen, {periode.code: known.vintage(periode.van).jaar for periode in chosen}
