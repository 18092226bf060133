"""``/v1/openapi.html``: how to ask, for people, with questions that can be tried."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from fastapi import Request
from starlette.responses import Response

from geo_service.api import parameters as p
from geo_service.api.antwoord import HTML, Antwoord, base, choose_format, respond
from geo_service.api.bladen import WANNEER, formats
from geo_service.api.document import render_document
from geo_service.api.route import make_router
from geo_service.domain.crs import SYSTEMS
from geo_service.settings import get_settings
from geo_service.web import enter

router = make_router()


@dataclass(frozen=True)
class Proefvraag:
    """A question to try. titel: what it shows; uitleg: in one sentence."""

    titel: str
    uitleg: str
    collectie: str
    vraag: Mapping[str, str]

    @property
    def pad(self) -> str:
        """Below the address of the API."""
        return f"collections/{self.collectie}/items?{urlencode(self.vraag, safe=',:/-')}"


PARAMETERS = (
    Proefvraag(
        "bbox",
        "Alleen wat in een vak ligt: west, zuid, oost, noord in graden.",
        "buurten",
        {"bbox": "6.85,52.20,6.92,52.24"},
    ),
    Proefvraag(
        "bbox-crs",
        "Het vak mag ook in meters van het Rijksdriehoekstelsel.",
        "buurten",
        {"bbox": "255000,469000,260000,473000", "bbox-crs": "EPSG:28992"},
    ),
    Proefvraag("crs", "Het stelsel waarin u de coördinaten terugkrijgt.", "wijkwijzers", {"crs": "EPSG:28992"}),
    Proefvraag(
        "datetime",
        "Een moment, een dag of een periode. Twee punten betekenen: zonder begin of zonder einde.",
        "voorzieningen",
        {"datetime": "2024-01-01/.."},
    ),
    Proefvraag(
        "veld=waarde",
        "Elk veld van een collectie is ook een parameter. U krijgt alleen objecten met precies die waarde.",
        "voorzieningen",
        {"type": "speeltuin"},
    ),
    Proefvraag(
        "sortby",
        "Velden om op te ordenen, met een min ervoor van hoog naar laag.",
        "voorzieningen",
        {"sortby": "buurt_code,-naam"},
    ),
    Proefvraag(
        "properties",
        "Alleen deze velden in het antwoord.",
        "meldingen-per-gebied",
        {"properties": "gebied_naam,aantal,status"},
    ),
    Proefvraag("limit", "Aantal objecten op een pagina.", "voorzieningen", {"limit": "20"}),
    Proefvraag(
        "count", "Zonder telling is een grote collectie sneller.", "voorzieningen", {"limit": "20", "count": "false"}
    ),
    Proefvraag(
        "niveau, periode, bron, categorie, noemer",
        "Welk cijfer u wilt; deze parameters horen bij collecties met cijfers.",
        "meldingen-per-gebied",
        {"niveau": "stadsdeel", "periode": "2025", "noemer": "inwoners"},
    ),
)
FILTERS = (
    Proefvraag(
        "Alleen cijfers die er zijn",
        "Vergelijken met = <> < <= > >=, en samenvoegen met AND, OR en NOT.",
        "meldingen-per-gebied",
        {"filter": "status = 'ok' AND aantal > 20"},
    ),
    Proefvraag(
        "Een van een paar waarden",
        "IN kijkt of de waarde in het rijtje staat.",
        "voorzieningen",
        {"filter": "type IN ('speeltuin', 'buurthuis')"},
    ),
    Proefvraag(
        "Tussen twee grenzen",
        "BETWEEN telt de grenzen zelf mee.",
        "meldingen-per-gebied",
        {"filter": "per_1000 BETWEEN 5 AND 20"},
    ),
    Proefvraag(
        "Een deel van een naam",
        "Het procentteken staat voor alles. CASEI let niet op hoofdletters.",
        "voorzieningen",
        {"filter": "CASEI(naam) LIKE CASEI('%speeltuin%')"},
    ),
    Proefvraag(
        "Binnen een eigen vlak",
        "De ligging heet geometry. De hoeken staan in lengte en breedte, of in het stelsel van filter-crs.",
        "voorzieningen",
        {"filter": "S_INTERSECTS(geometry, POLYGON((6.87 52.21, 6.91 52.21, 6.91 52.23, 6.87 52.23, 6.87 52.21)))"},
    ),
    Proefvraag(
        "Een datum, en een leeg veld",
        "IS NULL zoekt wat leeg is. Een leeg veld is geen nul.",
        "voorzieningen",
        {"filter": "geldig_van < DATE('2020-01-01') AND geldig_tot IS NULL"},
    ),
    Proefvraag(
        "Hetzelfde als JSON",
        "Handig voor programma's: dezelfde voorwaarde, geschreven als CQL2-JSON.",
        "meldingen-per-gebied",
        {"filter-lang": "cql2-json", "filter": '{"op": "=", "args": [{"property": "status"}, "onderdrukt"]}'},
    ),
)


@router.get("/openapi.html", name="uitleg")
async def get_uitleg(request: Request) -> Response:
    """The API explained to people."""
    viewer, dienst = await enter(request)
    values = p.read_query(request, (p.format_parameter([HTML.naam]),))
    choose_format(request, values.get("f", HTML.naam), (HTML,))
    settings = get_settings()

    async def make() -> Antwoord:
        more = {
            "parameters": PARAMETERS,
            "filters": FILTERS,
            "stelsels": SYSTEMS,
            "formaten": [(formaat, *WANNEER[formaat.naam]) for formaat in formats()],
            "instellingen": settings,
            "openapi": f"{base(request)}/openapi.json",
        }
        return render_document(request, viewer, "api/openapi.html", {}, {}, **more)

    return await respond(request, viewer, dienst.geheugen, make, vast=True)
