"""Housing figures per area from key figures, each of its own newest year. Panden are buildings, not dwellings."""

from __future__ import annotations

from typing import Any

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
Newest = dict[tuple[str, str], dict[str, Any]]


async def _make(aanvraag: Aanvraag) -> Relatie:
    gemeente, niveau = aanvraag.gemeente, aanvraag.vraag.niveau
    jaar = gemeente.peiljaar(aanvraag.vraag.peiljaar) if gemeente.vintages else 0
    stored = await queries.list_kerncijfers(aanvraag.connection, gemeente.code, list(INDICATOREN))
    newest: Newest = {}
    for row in sorted(stored, key=lambda row: row["jaar"]):
        newest[row["gebied_code"], row["indicator"]] = row
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


def _housing(code: str, buurten: frozenset[str], newest: Newest) -> dict[str, Any]:
    found: dict[str, Any] = {}
    sources = set()
    for indicator in INDICATOREN:
        row = newest.get((code, indicator))
        parts = [] if row else [newest[buurt, indicator] for buurt in buurten if (buurt, indicator) in newest]
        # Counts add up over buurten; shares and averages do not, and stay missing where the publisher gave none.
        known = [part["waarde"] for part in parts if part["waarde"] is not None]
        summed = sum(known) if known and not indicator.endswith(("_pct", "_1000")) else None
        found[indicator] = row["waarde"] if row else summed
        sources |= {f"{part['bron']} {part['jaar']}" for part in ([row] if row else parts)}
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
