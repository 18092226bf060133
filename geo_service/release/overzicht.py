"""The few facts on the front page, for everyone."""

from __future__ import annotations

from dataclasses import dataclass

from geo_service.db.engine import Database
from geo_service.db.queries import context as queries
from geo_service.identity import Viewer
from geo_service.release.context import Gemeente, connect_as, list_gemeenten, load_gemeente


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


@dataclass(frozen=True)
class Gebiedskeuze:
    """Where to begin in one municipality: its largest division, as (code, name) by name; eigen: the viewer's own."""

    gemeente_naam: str
    gemeente_code: str
    niveau: str
    eigen: tuple[tuple[str, str], ...]
    gebieden: tuple[tuple[str, str], ...]


async def gebiedskeuzes(database: Database, viewer: Viewer) -> list[Gebiedskeuze]:
    """The areas of every municipality that is loaded, the viewer's own municipality first."""
    async with connect_as(database, viewer) as connection:
        rows = [row for row in await list_gemeenten(connection) if row["buurten"]]
        rows.sort(key=lambda row: row["gemeente_code"] != viewer.gemeente)
        found = [await load_gemeente(connection, viewer, row["gemeente_code"]) for row in rows]
    return [_keuze(viewer, gemeente) for gemeente in found if gemeente.vintages]


def _keuze(viewer: Viewer, gemeente: Gemeente) -> Gebiedskeuze:
    jaar = gemeente.vintages[-1].jaar
    niveau = next((naam for naam in ("stadsdeel", "wijk") if gemeente.leden(jaar, naam)), "buurt")
    gebieden = sorted(((code, gemeente.gebied_naam(code)) for code in gemeente.leden(jaar, niveau)), key=lambda g: g[1])
    own = tuple(gebied for gebied in gebieden if viewer.scoped and viewer.owns(gemeente.code, gebied[0]))
    return Gebiedskeuze(
        gemeente.naam, gemeente.code, niveau, own, tuple(gebied for gebied in gebieden if gebied not in own)
    )


async def stadsdelen_van(database: Database, viewer: Viewer) -> dict[str, str]:
    """The present stadsdelen of a viewer's own municipality, by code, with their names."""
    async with connect_as(database, viewer) as connection:
        gemeente = await load_gemeente(connection, viewer, viewer.gemeente)
        if not gemeente.vintages:
            return {}
        codes = gemeente.leden(gemeente.vintages[-1].jaar, "stadsdeel")
        return {code: gemeente.gebied_naam(code) for code in sorted(codes)}
