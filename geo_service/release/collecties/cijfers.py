"""Figures per area as collections: one figure per area for the question that was asked."""

from __future__ import annotations

from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from geo_service.db.queries.relatie import Relatie
from geo_service.domain.cijfers import Status
from geo_service.domain.perioden import Periode
from geo_service.domain.velden import Soort, Veld
from geo_service.errors import InvalidParameters, ParameterFault
from geo_service.identity import Viewer
from geo_service.release.bescherming import bescherming
from geo_service.release.cijfers import CijferTabel, CijferVraag, Reeks, find_bron, tabellen
from geo_service.release.collecties.berekend import Berekend, drawn
from geo_service.release.collecties.model import VRAAG_PARAMETERS, Aanvraag, Collectie, Maker
from geo_service.release.features import cijfer_properties
from geo_service.release.lagen import BEZOEKEN, MELDINGEN, Laag
from geo_service.release.perioden import FINENESS, covered_span, reeks_perioden

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
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

MAX_PERIODEN = 120


def sees_figures(viewer: Viewer) -> bool:
    return viewer.may_see_figures


def _maker(identifier: str, laag: Laag) -> Maker:
    async def make(aanvraag: Aanvraag) -> Relatie:
        vraag = aanvraag.vraag
        question = CijferVraag(
            vraag.niveau, vraag.bron, vraag.categorie, vraag.periode, vraag.noemer, vraag.gebied, vraag.peiljaar
        )
        reeks = Reeks(question, _perioden(aanvraag, laag))
        found = await tabellen(aanvraag.connection, aanvraag.viewer, aanvraag.gemeente, laag, reeks)
        rows = [_row(tabel, cijfer_properties(tabel, rij)) for tabel in found for rij in tabel.rijen]
        herkomst = _told(aanvraag, found) or f"Er zijn geen {laag.naam} van {aanvraag.gemeente.naam} geladen"
        return drawn(aanvraag, Berekend(identifier, vraag.niveau, (*VELDEN, EIGEN), rows, herkomst))

    return make


def _told(aanvraag: Aanvraag, found: list[CijferTabel]) -> str:
    """What goes along with the whole answer, and with a file of it: also its periods and what is withheld."""
    if not found:
        return ""
    perioden = list(dict.fromkeys((found[0].periode.naam, found[-1].periode.naam)))
    rule = bescherming(aanvraag.viewer, aanvraag.gemeente)
    return f"{found[0].herkomst}; periode: {' t/m '.join(perioden)}; {rule}"


def _row(tabel: CijferTabel, properties: dict[str, Any]) -> dict[str, Any]:
    periode = tabel.periode
    identity = {
        "id": f"{properties['gebied_code']}.{properties['bron']}.{properties['categorie']}.{properties['periode']}",
        "grensjaar": tabel.peiljaar,
        "eerste": periode.van,
        "laatste": periode.tot,
    }
    return identity | properties


def _perioden(aanvraag: Aanvraag, laag: Laag) -> list[Periode] | None:
    """The quarters (years of a source that is no finer) in the asked time; None: the question's own period."""
    vraag, gemeente, moment = aanvraag.vraag, aanvraag.gemeente, aanvraag.moment
    if moment is None or vraag.periode is not None:
        return None
    naam = vraag.bron or next(iter(laag.bronnen(gemeente)), None)
    if naam is None:
        return None
    bron = find_bron(gemeente, laag, naam)
    covered = covered_span(gemeente, bron.naam)
    if covered is None:
        return None
    van = max(covered[0], moment.van.astimezone(AMSTERDAM).date()) if moment.van else covered[0]
    tot = min(covered[1], moment.tot.astimezone(AMSTERDAM).date()) if moment.tot else covered[1]
    soort = "kwartaal" if FINENESS[bron.fijnste_periode or "dag"] <= FINENESS["kwartaal"] else "jaar"
    found = list(islice(reeks_perioden(van, tot, soort), MAX_PERIODEN + 1))
    if len(found) > MAX_PERIODEN:
        reason = f"dit zijn meer dan {MAX_PERIODEN} perioden. Kies een kortere tijd."
        raise InvalidParameters(ParameterFault("datetime", reason))
    return found


def _collectie(identifier: str, titel: str, beschrijving: str, laag: Laag) -> Collectie:
    return Collectie(
        identifier,
        titel,
        beschrijving,
        (*VELDEN, EIGEN),
        "MultiPolygon",
        _maker(identifier, laag),
        VRAAG_PARAMETERS,
        tijd=True,
        visible_to=sees_figures,
    )


COLLECTIES = (
    _collectie(
        "meldingen-per-gebied",
        "Overlastmeldingen per gebied",
        "Aantal en aantal per 1.000 woningen, inwoners of huishoudens, met status, bron, periode en dekking.",
        MELDINGEN,
    ),
    _collectie(
        "bezoeken-per-gebied",
        "Bezoeken aan wijkwijzers per gebied",
        "Bezoeken naar het gebied waar de bezoeker vandaan komt, met status, bron, periode en dekking.",
        BEZOEKEN,
    ),
)
