"""Interventions: for the staff of the areas that they touch; what one costs for whom all of its area is their own."""

from __future__ import annotations

from sqlalchemy import Float, FromClause, Text, and_, any_, case, cast, func, select

from geo_service.db.queries.relatie import PlainGeometry, Relatie, constant
from geo_service.db.schema import intern, publiek
from geo_service.domain.interventies import DOELEN, RICHTINGEN
from geo_service.domain.velden import Soort, Veld
from geo_service.identity import Viewer
from geo_service.release.collecties.model import Aanvraag, Collectie

ID = "interventies"
VELDEN = (
    Veld("gemeente_code", Soort.TEKST, "Code van de gemeente."),
    Veld("bron", Soort.TEKST, "Waar de interventie staat: het interventielogboek, of een lijst die is ingelezen."),
    Veld("sleutel", Soort.TEKST, "Sleutel in die bron."),
    Veld("naam", Soort.TEKST, "Naam van de interventie."),
    Veld("soort", Soort.TEKST, "Wat er wordt gedaan."),
    Veld("doel", Soort.GEHEEL, "Doel: " + ", ".join(f"{nummer} {naam}" for nummer, naam in DOELEN.items()) + "."),
    Veld("partners", Soort.TEKST, "Wie meedoen, gescheiden door puntkomma's."),
    Veld("gebied_codes", Soort.TEKST, "Codes van de gebieden, gescheiden door puntkomma's."),
    Veld("van", Soort.DAG, "Eerste dag."),
    Veld("tot", Soort.DAG, "Laatste dag; leeg: loopt door."),
    Veld("signaal_bron", Soort.TEKST, "Bron waarin het effect te zien moet zijn."),
    Veld("categorie", Soort.TEKST, "Categorie waarin het effect te zien moet zijn; leeg: alle."),
    Veld("richting", Soort.TEKST, "Welke kant het op moet gaan.", tuple(RICHTINGEN)),
    Veld("kosten", Soort.GETAL, "Kosten in euro; leeg: niet bekend, of niet voor u."),
    Veld("evaluatie_op", Soort.DAG, "Dag om terug te kijken."),
    Veld("tekening", Soort.TEKST, "Wat is getekend, als WKT in lengte en breedte; leeg: de gebieden zijn gekozen."),
    Veld("versie", Soort.GEHEEL, "Nummer van de versie."),
    Veld("gewijzigd_op", Soort.MOMENT, "Wanneer deze versie is vastgelegd."),
    Veld("herkomst", Soort.TEKST, "Waar de interventie vandaan komt."),
)
GESCHREVEN = tuple(
    veld
    for veld in VELDEN
    if veld.naam not in ("gemeente_code", "bron", "sleutel", "versie", "gewijzigd_op", "herkomst")
)
"""What an editor says; the rest is the service's own."""


def _scoped(viewer: Viewer) -> bool:
    return viewer.scoped


def _rows(gemeente: str, jaar: int) -> FromClause:
    """Interventions with their shape: what was drawn, else their areas in a vintage. Row security holds the rows."""
    i, k, g = intern.interventie, intern.interventie_kosten, publiek.gebied
    codes = func.string_to_array(i.c.gebied_codes, constant(";"))
    areas = (
        select(func.st_multi(func.st_union(g.c.geom, type_=PlainGeometry()), type_=PlainGeometry()))
        .where(g.c.gemeente_code == gemeente, g.c.jaar == jaar, g.c.code == any_(codes))
        .correlate(i)
        .scalar_subquery()
    )
    drawn = func.st_astext(
        func.st_transform(cast(i.c.geom, PlainGeometry()), 4326, type_=PlainGeometry()), 7, type_=Text()
    )
    same = and_(k.c.gemeente_code == i.c.gemeente_code, k.c.bron == i.c.bron, k.c.sleutel == i.c.sleutel)
    columns = [i.c[veld.naam] for veld in VELDEN if veld.naam in i.c and veld.naam != "kosten"]
    shape = func.coalesce(cast(i.c.geom, PlainGeometry()), areas, type_=PlainGeometry()).label("vorm")
    return (
        select(*columns, cast(k.c.kosten, Float(53)).label("kosten"), drawn.label("tekening"), shape)
        .select_from(i.outerjoin(k, same))
        .where(i.c.gemeente_code == gemeente)
        .subquery("interventies")
    )


async def _make(aanvraag: Aanvraag) -> Relatie:
    gemeente = aanvraag.gemeente
    rows = _rows(gemeente.code, gemeente.peiljaar(None) if gemeente.vintages else 0)
    herkomst = (
        constant("Interventies van ")
        + rows.c.bron
        + case((rows.c.tekening.is_(None), constant("; vorm: de gekozen gebieden")), else_=constant("; vorm: getekend"))
    )
    return Relatie(
        naam=ID,
        van=rows,
        velden=VELDEN,
        kolommen={veld.naam: herkomst if veld.naam == "herkomst" else rows.c[veld.naam] for veld in VELDEN},
        id=rows.c.bron + constant(".") + rows.c.sleutel,
        geometrie=rows.c.vorm,
        geometrie_soort="MultiPolygon",
        herkomst=f"Interventies in uw eigen gebied in {gemeente.naam}, alleen voor uw werk. Een verandering na een "
        "interventie is nog geen gevolg ervan",
        tijd=(rows.c.van, rows.c.tot),
    )


COLLECTIES = (
    Collectie(
        ID,
        "Interventies",
        "Acties in de wijk: doel, gebied, periode en het signaal waarin het effect te zien moet zijn. Alleen voor "
        "medewerkers van het gebied.",
        VELDEN,
        "MultiPolygon",
        _make,
        tijd=True,
        visible_to=_scoped,
        schrijfbaar=True,
    ),
)
