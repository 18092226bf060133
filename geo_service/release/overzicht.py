"""The few facts on the front page and the list of sources, both for everyone."""

from __future__ import annotations

from geo_service.db.engine import Database
from geo_service.db.queries import context as queries
from geo_service.identity import Viewer
from geo_service.release.context import connect_as, list_gemeenten, load_gemeente


async def tellingen(database: Database, viewer: Viewer) -> list[tuple[str, str]]:
    """What is loaded, per municipality, as (number, what) in Dutch; empty before the first load."""
    async with connect_as(database, viewer) as connection:
        found = []
        for row in await list_gemeenten(connection):
            if not row["buurten"]:
                continue
            bronnen = await queries.list_bronnen(connection, row["gemeente_code"])
            filled = [bron for bron in bronnen if bron["laag"] == "meldingen" and bron["laatste_dag"]]
            jaren = await queries.list_jaren(connection, row["gemeente_code"])
            buurten = {
                item["buurt_code"] for item in await queries.list_indeling(connection, row["gemeente_code"], jaren[-1])
            }
            found.append((str(len(buurten)), f"buurten in {row['naam']}"))
            kind = "bron" if len(filled) == 1 else "bronnen"
            found.append((str(len(filled)), f"{kind} van meldingen in {row['naam']}"))
        return found


async def bronnen(database: Database, viewer: Viewer) -> list[tuple[str, str, str, str]]:
    """Every source with holder, definition and coverage in words."""
    async with connect_as(database, viewer) as connection:
        found = []
        for row in await list_gemeenten(connection):
            gemeente = await load_gemeente(connection, viewer, row["gemeente_code"])
            found += [
                (
                    bron.naam,
                    bron.houder or "niet opgegeven",
                    bron.definitie or "niet opgegeven",
                    gemeente.dekking_tekst(bron.naam),
                )
                for bron in gemeente.bronnen.values()
                if bron.laag == "meldingen"
            ]
        return found
