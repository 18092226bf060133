"""What residents may know of each source: who keeps it, why, by what right, for how long and of which days."""

from __future__ import annotations

from dataclasses import dataclass

from geo_service.db.engine import Database
from geo_service.db.queries import context as queries
from geo_service.domain.perioden import dag_naam
from geo_service.identity import Viewer
from geo_service.release.context import Gemeente, connect_as, list_gemeenten, load_gemeente

# What counts people or their reports; the others are maps and registers.
GETELD = ("meldingen", "bezoeken")


@dataclass(frozen=True)
class Bronuitleg:
    """A source in words. What nobody registered is None.

    maanden: how long single reports are kept. periode: first and last covered day. dekking: where and when it
    counts.
    """

    gemeente: str
    naam: str
    houder: str | None
    definitie: str | None
    doel: str | None
    grondslag: str | None
    artikel: str | None
    maanden: int | None
    periode: str | None
    dekking: str


async def explain_bronnen(database: Database, viewer: Viewer) -> list[Bronuitleg]:
    """Every source that is counted, in the order of municipality and name."""
    async with connect_as(database, viewer) as connection:
        found = []
        for row in await list_gemeenten(connection):
            gemeente = await load_gemeente(connection, viewer, row["gemeente_code"])
            found += [
                Bronuitleg(
                    gemeente=gemeente.naam,
                    naam=bron["naam"],
                    houder=bron["houder"],
                    definitie=bron["definitie"],
                    doel=bron["doel"],
                    grondslag=bron["grondslag"],
                    artikel=bron["artikel"],
                    maanden=bron["bewaartermijn_maanden"],
                    periode=_period(gemeente, bron["naam"]),
                    dekking=gemeente.dekking_tekst(bron["naam"]),
                )
                for bron in await queries.list_bronnen(connection, gemeente.code)
                if bron["laag"] in GETELD
            ]
        return found


def _period(gemeente: Gemeente, bron: str) -> str | None:
    """From the first to the last covered day anywhere; the days of the reports themselves would tell too much."""
    days = [(row["van"], row["tot"]) for row in gemeente.dekking_rows if row["bron"] == bron]
    if not days:
        return None
    return f"{dag_naam(min(van for van, _ in days))} t/m {dag_naam(max(tot for _, tot in days))}"
