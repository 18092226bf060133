"""What is counted: reports or visits. What differs between them stands here; judging is the same for both."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from geo_service.db.engine import ReadConnection
from geo_service.db.queries import context as context_queries
from geo_service.db.queries.cijfers import list_bezoek_themas
from geo_service.release.context import Gemeente

ALLES = "alle"
KANALEN = {
    "fysiek": "Kanaal: fysiek",
    "digitaal": "Kanaal: digitaal",
    "telefonisch": "Kanaal: telefonisch",
    "onbekend": "Kanaal: onbekend",
}
UITKOMSTEN = {
    "beantwoord": "Uitkomst: vraag beantwoord",
    "0e_lijn": "Uitkomst: naar de 0e lijn (algemene voorziening)",
    "1e_lijn": "Uitkomst: naar de 1e lijn (wijkteam)",
    "2e_lijn": "Uitkomst: naar de 2e lijn (specialist)",
    "onbekend": "Uitkomst: onbekend",
}


@dataclass(frozen=True)
class Categorie:
    """A category that can be asked for. delen: the categories of the cube that it adds up; overzicht: part of a short
    overview of all categories; alles: adds up every cell of the source."""

    naam: str
    delen: tuple[str, ...]
    overzicht: bool
    alles: bool = False


@dataclass(frozen=True)
class Laag:
    """A layer of figures. rest_telt: counts without a known area are part of the municipality's total.

    buiten_naam: what the row of counts without a known area is called; uitleg: what every figure must say besides.
    """

    naam: str
    buiten_naam: str
    rest_telt: bool
    uitleg: str | None
    bronnen: Callable[[Gemeente], list[str]]
    load_categorieen: Callable[[ReadConnection, str], Awaitable[dict[str, Categorie]]]


async def melding_categorieen(connection: ReadConnection, _gemeente: str | None = None) -> dict[str, Categorie]:
    """The categories of reports by code: heads, subs and the sum; they are the same in every municipality."""
    rows = await context_queries.list_categorieen(connection)
    parts: dict[str, list[str]] = {}
    for row in rows:
        parts.setdefault(row["hoofd"], []).append(row["code"])
    found = {ALLES: Categorie("Alle categorieën", tuple(row["code"] for row in rows), overzicht=True, alles=True)}
    for row in rows:
        is_head = row["code"] == row["hoofd"]
        delen = tuple(parts[row["code"]]) if is_head else (row["code"],)
        found[row["code"]] = Categorie(row["naam"], delen, overzicht=is_head)
    return found


async def _bezoek_categorieen(connection: ReadConnection, gemeente: str) -> dict[str, Categorie]:
    """The sum, every channel and outcome, and the themes that are loaded."""
    names = {ALLES: "Alle bezoeken"}
    names |= {f"kanaal-{code}": naam for code, naam in KANALEN.items()}
    names |= {f"uitkomst-{code}": naam for code, naam in UITKOMSTEN.items()}
    short = set(names)
    names |= {row["code"]: f"Thema: {row['naam']}" for row in await list_bezoek_themas(connection, gemeente)}
    names |= {"thema-overig": "Thema: overig", "thema-onbekend": "Thema: onbekend"}
    return {code: Categorie(naam, (code,), overzicht=code in short) for code, naam in names.items()}


def _bezoek_bronnen(gemeente: Gemeente) -> list[str]:
    """Sources of visits that have data, the fullest first."""
    filled = [bron for bron in gemeente.bronnen.values() if bron.laag == "bezoeken" and bron.laatste_dag]
    return [bron.naam for bron in sorted(filled, key=lambda bron: (-bron.omvang, bron.naam))]


MELDINGEN = Laag(
    "meldingen", "Buiten de gemeente of zonder buurt", False, None, Gemeente.melding_bronnen, melding_categorieen
)
BEZOEKEN = Laag(
    "bezoeken",
    "Herkomst onbekend of buiten de gemeente",
    True,
    "het gebied is waar de bezoeker vandaan komt; het totaal van de gemeente telt bezoeken van onbekende herkomst mee",
    _bezoek_bronnen,
    _bezoek_categorieen,
)
LAGEN = {laag.naam: laag for laag in (MELDINGEN, BEZOEKEN)}
