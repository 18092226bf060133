"""Areas: stadsdelen, wijken, buurten and wijkteamgebieden of one vintage."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Double, Numeric, and_, case, cast, func
from sqlalchemy.types import Text

from geo_service.db.queries.relatie import Relatie, constant
from geo_service.db.schema import publiek
from geo_service.domain.velden import Soort, Veld
from geo_service.release.collecties.model import Aanvraag, Collectie, Maker

gebied = publiek.gebied

VELDEN = (
    Veld("gebied_code", Soort.TEKST, "Code van het gebied."),
    Veld("gebied_naam", Soort.TEKST, "Naam van het gebied."),
    Veld("niveau", Soort.TEKST, "Soort gebied."),
    Veld("gemeente_code", Soort.TEKST, "Code van de gemeente."),
    Veld("peiljaar", Soort.GEHEEL, "Jaar van de gebiedsindeling."),
    Veld("oppervlakte_ha", Soort.GETAL, "Oppervlakte in hectare."),
    Veld("geom_status", Soort.TEKST, "Of de grens zo is aangeleverd of is gerepareerd."),
    Veld("benaderd", Soort.JANEE, "Of de grens een benadering is in plaats van de officiële grens."),
    Veld("geldig_van", Soort.DAG, "Eerste dag waarop de indeling geldt."),
    Veld("geldig_tot", Soort.DAG, "Laatste dag waarop de indeling geldt; leeg: tot nader order."),
    Veld("herkomst", Soort.TEKST, "Waar de grens vandaan komt."),
)


def drawn(gemeente: str, jaar: int, niveau: str) -> ColumnElement[bool]:
    """Areas of one level and vintage that can be drawn."""
    return and_(
        gebied.c.gemeente_code == gemeente,
        gebied.c.jaar == jaar,
        gebied.c.niveau == niveau,
        gebied.c.geom.is_not(None),
    )


def _origin() -> ColumnElement[str]:
    indeling = constant("Gebiedsindeling ") + cast(gebied.c.jaar, Text)
    return case(
        (gebied.c.benaderd, indeling + constant("; grenzen zijn een benadering en niet de officiële grenzen")),
        else_=indeling + constant(" zoals geladen; vereenvoudigde weergave van de aangeleverde grenzen"),
    )


def _maker(niveau: str, collectie: str) -> Maker:
    async def make(aanvraag: Aanvraag) -> Relatie:
        gemeente = aanvraag.gemeente
        jaar = gemeente.peiljaar(aanvraag.vraag.peiljaar) if gemeente.vintages else 0
        return Relatie(
            naam=collectie,
            van=gebied,
            velden=VELDEN,
            kolommen={
                "gebied_code": gebied.c.code,
                "gebied_naam": gebied.c.naam,
                "niveau": gebied.c.niveau,
                "gemeente_code": gebied.c.gemeente_code,
                "peiljaar": gebied.c.jaar,
                "oppervlakte_ha": cast(func.round(cast(gebied.c.oppervlakte_ha, Numeric), 2), Double),
                "geom_status": gebied.c.geom_status,
                "benaderd": gebied.c.benaderd,
                "geldig_van": gebied.c.geldig_van,
                "geldig_tot": gebied.c.geldig_tot,
                "herkomst": _origin(),
            },
            id=gebied.c.code,
            geometrie=gebied.c.geom,
            geometrie_soort="MultiPolygon",
            herkomst=f"Gebiedsindeling {jaar} van {gemeente.naam}",
            waar=(drawn(gemeente.code, jaar, niveau),),
        )

    return make


def _collectie(identifier: str, niveau: str, titel: str, beschrijving: str) -> Collectie:
    return Collectie(
        identifier, titel, beschrijving, VELDEN, "MultiPolygon", _maker(niveau, identifier), frozenset({"peiljaar"})
    )


COLLECTIES = (
    _collectie("stadsdelen", "stadsdeel", "Stadsdelen", "Stadsdelen, samengesteld uit buurten."),
    _collectie("wijken", "wijk", "Wijken", "Wijken van het CBS."),
    _collectie("buurten", "buurt", "Buurten", "Buurten van het CBS."),
    _collectie("wijkteamgebieden", "wijkteamgebied", "Wijkteamgebieden", "Werkgebieden van de wijkteams."),
)
