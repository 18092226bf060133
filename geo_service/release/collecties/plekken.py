"""Places that anyone may know: wijkwijzers and voorliggende voorzieningen; sensitive locations are in another table."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Table, and_, func

from geo_service.db.queries.relatie import Relatie, constant
from geo_service.db.schema import publiek
from geo_service.domain.velden import Soort, Veld
from geo_service.release.collecties.model import Aanvraag, Collectie, Maker

bron = publiek.bron
HERKOMST = Veld("herkomst", Soort.TEKST, "Bron, houder en stand van de gegevens.")

_ALGEMEEN = (
    Veld("gemeente_code", Soort.TEKST, "Code van de gemeente."),
    Veld("buurt_code", Soort.TEKST, "Buurt waarin de plek ligt."),
    Veld("geldig_van", Soort.DAG, "Eerste dag waarop de plek er is."),
    Veld("geldig_tot", Soort.DAG, "Laatste dag waarop de plek er is; leeg: tot nader order."),
    Veld("bron", Soort.TEKST, "Naam van de bron."),
    Veld("gecorrigeerd_op", Soort.DAG, "Dag waarop een medewerker iets verbeterde; leeg: zoals de bron het gaf."),
)
WIJKWIJZER_VELDEN = (
    Veld("naam", Soort.TEKST, "Naam van de wijkwijzer."),
    Veld("adres", Soort.TEKST, "Adres."),
    Veld("openingstijden", Soort.TEKST, "Openingstijden zoals de bron ze schrijft."),
    Veld("partners", Soort.TEKST, "Organisaties die er zitten."),
    *_ALGEMEEN,
    HERKOMST,
)
VOORZIENING_VELDEN = (
    Veld("naam", Soort.TEKST, "Naam van de voorziening."),
    Veld("type", Soort.TEKST, "Soort voorziening."),
    Veld("aanbieder", Soort.TEKST, "Wie de voorziening aanbiedt."),
    Veld("lijn", Soort.TEKST, "Nulde, eerste of tweede lijn.", ("0e_lijn", "1e_lijn", "2e_lijn", "onbekend")),
    Veld("leefgebied", Soort.TEKST, "Leefgebied waaraan de voorziening werkt."),
    Veld("doelgroep", Soort.TEKST, "Voor wie de voorziening is."),
    Veld("openingstijden", Soort.TEKST, "Openingstijden zoals de bron ze schrijft."),
    Veld("bereik", Soort.TEKST, "Hoe ver de voorziening reikt.", ("buurt", "stadsdeel", "stad", "onbekend")),
    Veld("capaciteit", Soort.GETAL, "Aantal plaatsen, als de bron dat zegt."),
    Veld("zonder_verwijzing", Soort.JANEE, "Of bewoners er zonder verwijzing terechtkunnen."),
    *_ALGEMEEN,
    HERKOMST,
)


def _origin() -> ColumnElement[str]:
    holder = func.coalesce(constant(" (") + bron.c.houder + constant(")"), constant(""))
    moment = func.coalesce(
        constant("; stand van ") + func.to_char(bron.c.peildatum, constant("DD-MM-YYYY")), constant("")
    )
    return constant("Bron: ") + bron.c.naam + holder + moment


def _maker(table: Table, identifier: str, velden: tuple[Veld, ...]) -> Maker:
    same_source = and_(bron.c.gemeente_code == table.c.gemeente_code, bron.c.naam == table.c.bron)

    async def make(aanvraag: Aanvraag) -> Relatie:
        return Relatie(
            naam=identifier,
            van=table.join(bron, same_source),
            velden=velden,
            kolommen={veld.naam: _origin() if veld is HERKOMST else table.c[veld.naam] for veld in velden},
            id=table.c.bron + constant(".") + table.c.sleutel,
            geometrie=table.c.geom,
            geometrie_soort="Point",
            herkomst=f"Bronnen van {aanvraag.gemeente.naam}; de bron van elke plek staat erbij",
            waar=(table.c.gemeente_code == aanvraag.gemeente.code,),
            tijd=(table.c.geldig_van, table.c.geldig_tot),
        )

    return make


COLLECTIES = (
    Collectie(
        "wijkwijzers",
        "Wijkwijzers",
        "Inlooppunten waar bewoners terecht kunnen.",
        WIJKWIJZER_VELDEN,
        "Point",
        _maker(publiek.wijkwijzer_nu, "wijkwijzers", WIJKWIJZER_VELDEN),
        tijd=True,
    ),
    Collectie(
        "voorzieningen",
        "Voorliggende voorzieningen",
        "Vrij toegankelijke plekken zonder verwijzing.",
        VOORZIENING_VELDEN,
        "Point",
        _maker(publiek.voorziening_nu, "voorzieningen", VOORZIENING_VELDEN),
        tijd=True,
    ),
)
