"""Figures per area as collections: one figure per area for the question that was asked."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from geo_service.db.queries.relatie import Relatie
from geo_service.domain.cijfers import Status
from geo_service.domain.velden import Soort, Veld
from geo_service.identity import Viewer
from geo_service.release.cijfers import CijferTabel, CijferVraag, meldingen_per_gebied
from geo_service.release.collecties.berekend import Berekend, drawn
from geo_service.release.collecties.model import VRAAG_PARAMETERS, Aanvraag, Collectie, Maker
from geo_service.release.context import Gemeente
from geo_service.release.features import cijfer_properties

VELDEN = (
    Veld("gebied_code", Soort.TEKST, "Code van het gebied."),
    Veld("gebied_naam", Soort.TEKST, "Naam van het gebied."),
    Veld("niveau", Soort.TEKST, "Soort gebied."),
    Veld("periode", Soort.TEKST, "Periode waarover is geteld."),
    Veld("bron", Soort.TEKST, "Naam van de bron."),
    Veld("categorie", Soort.TEKST, "Categorie, of alle."),
    Veld("aantal", Soort.GEHEEL, "Aantal in de periode; leeg als de status dat zegt."),
    Veld("noemer", Soort.GETAL, "Aantal woningen, inwoners of huishoudens waarop per 1.000 slaat."),
    Veld("noemer_soort", Soort.TEKST, "Waarop per 1.000 slaat."),
    Veld("per_1000", Soort.GETAL, "Aantal per 1.000, per periode en niet per jaar."),
    Veld("laag", Soort.GETAL, "Ondergrens van het 95%-interval van per 1.000."),
    Veld("hoog", Soort.GETAL, "Bovengrens van het 95%-interval van per 1.000."),
    Veld("status", Soort.TEKST, "Of er een cijfer is, en zo niet waarom.", tuple(status.value for status in Status)),
    Veld("dekking", Soort.GETAL, "Deel van gebied en periode dat de bron dekt, van 0 tot 1."),
    Veld("trendbreuk", Soort.TEKST, "Wat er in de periode aan de manier van tellen veranderde."),
    Veld("herkomst", Soort.TEKST, "Bron, eenheid, dekking, stand en noemer."),
)
EIGEN = Veld("aantal_buiten_dekking", Soort.GEHEEL, "Aantal buiten de dekking; alleen voor het eigen gebied.")

Teller = Callable[[AsyncConnection, Viewer, Gemeente, CijferVraag], Awaitable[CijferTabel | None]]


def sees_figures(viewer: Viewer) -> bool:
    return viewer.may_see_figures


def _row(tabel: CijferTabel, properties: dict[str, Any]) -> dict[str, Any]:
    periode = tabel.periode
    identity = {
        "id": f"{properties['gebied_code']}.{properties['bron']}.{properties['categorie']}.{properties['periode']}",
        "grensjaar": tabel.peiljaar,
        "eerste": periode.van,
        "laatste": periode.tot,
    }
    return identity | properties


def _maker(identifier: str, teller: Teller) -> Maker:
    async def make(aanvraag: Aanvraag) -> Relatie:
        vraag = aanvraag.vraag
        question = CijferVraag(
            vraag.niveau, vraag.bron, vraag.categorie, vraag.periode, vraag.noemer, vraag.gebied, vraag.peiljaar
        )
        tabel = await teller(aanvraag.connection, aanvraag.viewer, aanvraag.gemeente, question)
        rows = [] if tabel is None else [_row(tabel, cijfer_properties(tabel, rij)) for rij in tabel.rijen]
        velden = (*VELDEN, EIGEN) if aanvraag.viewer.scoped else VELDEN
        herkomst = tabel.herkomst if tabel else f"Er zijn geen gegevens van {aanvraag.gemeente.naam} geladen"
        return drawn(aanvraag, Berekend(identifier, vraag.niveau, velden, rows, herkomst))

    return make


COLLECTIES = (
    Collectie(
        "meldingen-per-gebied",
        "Overlastmeldingen per gebied",
        "Aantal en aantal per 1.000 woningen, inwoners of huishoudens, met status, bron, periode en dekking.",
        VELDEN,
        "MultiPolygon",
        _maker("meldingen-per-gebied", meldingen_per_gebied),
        VRAAG_PARAMETERS,
        tijd=True,
        visible_to=sees_figures,
    ),
)
