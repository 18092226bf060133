"""Hotspots as a collection: staff see their own stadsdelen at the staff threshold, the rest at the public one."""

from __future__ import annotations

from typing import Any

from geo_service.db.queries.relatie import PlainGeometry, Relatie, rows_relation
from geo_service.domain.hotspots import KLASSEN, METHODEN
from geo_service.domain.perioden import Periode
from geo_service.domain.velden import Soort, Veld
from geo_service.errors import Faults
from geo_service.release import features
from geo_service.release.cijfers import categorie_namen
from geo_service.release.collecties.cijfers import sees_figures
from geo_service.release.collecties.model import Aanvraag, Collectie
from geo_service.release.perioden import allowed_periode, choose_periode

VELDEN = (
    Veld("gemeente_code", Soort.TEKST, "Code van de gemeente."),
    Veld("bron", Soort.TEKST, "Naam van de bron."),
    Veld("methode", Soort.TEKST, "Hoe er is gezocht.", tuple(METHODEN)),
    Veld("categorie", Soort.TEKST, "Hoofdcategorie, of alle."),
    Veld("klasse", Soort.TEKST, "Wat er opvalt.", KLASSEN),
    Veld("periode", Soort.TEKST, "Periode waarover is gerekend."),
    Veld("begin", Soort.DAG, "Eerste dag waar het resultaat over gaat."),
    Veld("eind", Soort.DAG, "Laatste dag waar het resultaat over gaat."),
    Veld("aantal", Soort.GEHEEL, "Aantal meldingen in het getekende gebied; bij methode opkomend altijd leeg."),
    Veld("plekken", Soort.GEHEEL, "Aantal verschillende melders, adressen of plekken; bij scan per buurt geteld."),
    Veld("plekken_soort", Soort.TEKST, "Hoe verschillende plekken zijn geteld."),
    Veld("verwacht", Soort.GETAL, "Wat er te verwachten was: plekken bij scan, meldingen bij blinde-vlekken."),
    Veld("verhouding", Soort.GETAL, "Hoeveel keer het verwachte er was."),
    Veld("p_waarde", Soort.GETAL, "Kans dat toeval zo'n verschil geeft (0 tot 1), als dat is getoetst."),
    Veld("status", Soort.TEKST, "ok, of onderdrukt: de getallen zijn leeg omdat zij te klein zijn om te tonen."),
    Veld("buurten", Soort.TEKST, "Buurten waar het om gaat."),
    Veld("stadsdeel_code", Soort.TEKST, "Stadsdeel; leeg bij een gebied in meer dan één stadsdeel."),
    Veld("titel", Soort.TEKST, "Waar de hotspot over gaat."),
    Veld("uitleg", Soort.TEKST, "Wat er te zien is."),
    Veld("hoe_zeker", Soort.TEKST, "Hoe zeker dat is."),
    Veld("wat_niet", Soort.TEKST, "Wat wij niet weten."),
    Veld("vragen", Soort.TEKST, "Vragen om aan bewoners te stellen, één per regel."),
    Veld("herkomst", Soort.TEKST, "Bron, dekking en nummer van de berekening."),
)
HIDDEN = (
    Veld("id", Soort.TEKST, ""),
    Veld("ewkb", Soort.TEKST, ""),
    Veld("eerste", Soort.DAG, ""),
    Veld("laatste", Soort.DAG, ""),
)


async def _make(aanvraag: Aanvraag) -> Relatie:
    bron, periode = await _question(aanvraag)
    found: list[dict[str, Any]] = []
    herkomst = f"Er zijn geen meldingen van {aanvraag.gemeente.naam} geladen"
    if bron is not None and periode is not None:
        question = features.HotspotVraag(bron, periode.code, aanvraag.vraag.methode)
        visible = await features.hotspot_rows(aanvraag.connection, aanvraag.viewer, aanvraag.gemeente, question)
        found = [_row(aanvraag, row) for row in visible if row["categorie"] == aanvraag.vraag.categorie]
        herkomst = f"Bron: {bron}; dekking: {aanvraag.gemeente.dekking_tekst(bron)}; periode: {periode.naam}"
    rows = rows_relation((*HIDDEN, *VELDEN), found)
    return Relatie(
        naam="hotspots",
        van=rows,
        velden=VELDEN,
        kolommen={veld.naam: rows.c[veld.naam] for veld in VELDEN},
        id=rows.c.id,
        geometrie=rows.c.ewkb.cast(PlainGeometry()),
        geometrie_soort="MultiPolygon",
        herkomst=herkomst,
        tijd=(rows.c.eerste, rows.c.laatste),
    )


async def _question(aanvraag: Aanvraag) -> tuple[str | None, Periode | None]:
    """The source and period that are meant; InvalidParameters names everything that is wrong at once."""
    vraag, gemeente = aanvraag.vraag, aanvraag.gemeente
    naam = vraag.bron or next(iter(gemeente.melding_bronnen()), None)
    if naam is None:
        return None, None
    faults = Faults()
    faults.require("categorie", vraag.categorie, await categorie_namen(aanvraag.connection))
    faults.catch(lambda: gemeente.bron(naam))
    faults.catch(lambda: allowed_periode(aanvraag.viewer, vraag.periode))
    faults.raise_any()
    return naam, choose_periode(gemeente, aanvraag.viewer, naam, vraag.periode)


def _row(aanvraag: Aanvraag, row: dict[str, Any]) -> dict[str, Any]:
    properties = features.hotspot_properties(aanvraag.gemeente, row)
    hidden = {"id": features.hotspot_id(row), "ewkb": row["ewkb"], "eerste": row["van"], "laatste": row["tot"]}
    return hidden | properties | {"vragen": "\n".join(properties["vragen"])}


COLLECTIES = (
    Collectie(
        "hotspots",
        "Hotspots",
        "Gebieden die opvallen: meldingen dicht bij elkaar, meer of minder dan verwacht, sinds kort of al langer. "
        "Een hotspot is het begin van een gesprek.",
        VELDEN,
        "MultiPolygon",
        _make,
        frozenset({"bron", "methode", "categorie", "periode"}),
        tijd=True,
        visible_to=sees_figures,
    ),
)
