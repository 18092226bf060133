"""Housing figures per area from key figures, each of its own newest year. Panden are buildings, not dwellings."""

from __future__ import annotations

from typing import Any

from geo_service.db.engine import ReadConnection
from geo_service.db.queries import context as queries
from geo_service.db.queries.relatie import Relatie
from geo_service.domain.velden import Soort, Veld
from geo_service.release.collecties.berekend import Berekend, drawn
from geo_service.release.collecties.model import Aanvraag, Collectie

INDICATOREN = {
    "woningvoorraad": "Aantal woningen.",
    "woningvoorraad_bag": "Aantal woningen volgens de BAG.",
    "woz_1000": "Gemiddelde WOZ-waarde in duizend euro.",
    "koop_pct": "Aandeel koopwoningen in procenten.",
    "huur_pct": "Aandeel huurwoningen in procenten.",
    "corporatie_pct": "Aandeel woningen van corporaties in procenten.",
    "overige_verhuur_pct": "Aandeel woningen van andere verhuurders in procenten.",
    "eengezins_pct": "Aandeel eengezinswoningen in procenten.",
    "meergezins_pct": "Aandeel meergezinswoningen in procenten.",
    "inwoners": "Aantal inwoners.",
    "huishoudens": "Aantal huishoudens.",
    "panden_bouwjaar_voor_1945": "Panden van voor 1945.",
    "panden_bouwjaar_1945_1974": "Panden van 1945 tot en met 1974.",
    "panden_bouwjaar_1975_1999": "Panden van 1975 tot en met 1999.",
    "panden_bouwjaar_vanaf_2000": "Panden van 2000 of later.",
}
VELDEN = (
    Veld("gebied_code", Soort.TEKST, "Code van het gebied."),
    Veld("gebied_naam", Soort.TEKST, "Naam van het gebied."),
    Veld("niveau", Soort.TEKST, "Soort gebied."),
    Veld("gemeente_code", Soort.TEKST, "Code van de gemeente."),
    Veld("peiljaar", Soort.GEHEEL, "Jaar van de gebiedsindeling."),
    *(Veld(naam, Soort.GETAL, titel) for naam, titel in INDICATOREN.items()),
    Veld("status", Soort.TEKST, "Of het aantal woningen bekend is.", ("ok", "ontbreekt")),
    Veld("herkomst", Soort.TEKST, "Bronnen en jaren."),
)
Row = dict[str, Any]
Newest = dict[tuple[str, str], Row]


async def _make(aanvraag: Aanvraag) -> Relatie:
    gemeente, niveau = aanvraag.gemeente, aanvraag.vraag.niveau
    jaar = gemeente.peiljaar(aanvraag.vraag.peiljaar) if gemeente.vintages else 0
    newest = await read_newest(aanvraag.connection, gemeente.code)
    rows = [
        {
            "id": code,
            "grensjaar": jaar,
            "gebied_code": code,
            "gebied_naam": gemeente.gebied_naam(code),
            "niveau": niveau,
            "gemeente_code": gemeente.code,
            "peiljaar": jaar,
        }
        | _housing(code, buurten, newest)
        for code, buurten in sorted(gemeente.leden(jaar, niveau).items())
    ]
    return drawn(aanvraag, Berekend("woningvoorraad", niveau, VELDEN, rows, f"Kerncijfers van {gemeente.naam}"))


async def read_newest(connection: ReadConnection, gemeente: str) -> Newest:
    """The row of the newest year per area and indicator."""
    stored = await queries.list_kerncijfers(connection, gemeente, list(INDICATOREN))
    newest: Newest = {}
    for row in sorted(stored, key=lambda row: row["jaar"]):
        newest[row["gebied_code"], row["indicator"]] = row
    return newest


def value_of(code: str, buurten: frozenset[str], newest: Newest, indicator: str) -> tuple[float | None, list[Row]]:
    """The value of an area and the rows that it comes from: its own, else the sum of its buurten for a count.

    Shares and averages of buurten do not add up, and stay missing where the publisher gave none.
    """
    row = newest.get((code, indicator))
    if row is not None:
        return row["waarde"], [row]
    parts = [newest[buurt, indicator] for buurt in sorted(buurten) if (buurt, indicator) in newest]
    known = [part["waarde"] for part in parts if part["waarde"] is not None]
    return (sum(known) if known and not indicator.endswith(("_pct", "_1000")) else None), parts


def _housing(code: str, buurten: frozenset[str], newest: Newest) -> dict[str, Any]:
    found: dict[str, Any] = {}
    sources = set()
    for indicator in INDICATOREN:
        found[indicator], parts = value_of(code, buurten, newest, indicator)
        sources |= {f"{part['bron']} {part['jaar']}" for part in parts}
    status = "ok" if found["woningvoorraad"] is not None or found["woningvoorraad_bag"] is not None else "ontbreekt"
    return found | {"status": status, "herkomst": f"Bron: {', '.join(sorted(sources)) or 'geen'}"}


COLLECTIES = (
    Collectie(
        "woningvoorraad",
        "Woningvoorraad",
        "Woningen, eigendom en bouwperiode per gebied, uit kerncijfers.",
        VELDEN,
        "MultiPolygon",
        _make,
        frozenset({"niveau", "peiljaar"}),
    ),
)
