"""Reports as points: for scoped roles only, of their own stadsdelen, without the keys of reporters and addresses."""

from __future__ import annotations

from geo_service.db.queries.relatie import Relatie
from geo_service.db.schema import intern
from geo_service.domain.velden import Soort, Veld
from geo_service.identity import Viewer
from geo_service.release.collecties.model import Aanvraag, Collectie

melding = intern.melding

VELDEN = (
    Veld("bron", Soort.TEKST, "Naam van de bron."),
    Veld("tijd", Soort.MOMENT, "Moment van de melding."),
    Veld("tijd_onzeker", Soort.JANEE, "Of de bron het uur niet gaf of het uur twee keer voorkwam."),
    Veld("dag", Soort.DAG, "Dag van de melding in Nederland."),
    Veld("categorie", Soort.TEKST, "Categorie van Buurtsignaal."),
    Veld("bron_categorie", Soort.TEKST, "Categorie zoals de bron haar noemt."),
    Veld("status", Soort.TEKST, "Stand van de melding.", ("gemeld", "in_behandeling", "afgehandeld", "geannuleerd")),
    Veld("buurt_code", Soort.TEKST, "Buurt waarin het punt ligt."),
    Veld("gemeente_code", Soort.TEKST, "Code van de gemeente."),
)


def _scoped(viewer: Viewer) -> bool:
    return viewer.scoped


async def _make(aanvraag: Aanvraag) -> Relatie:
    """Row-level security holds the rows to the viewer's stadsdelen; see ``Database.connect``."""
    gemeente = aanvraag.gemeente
    return Relatie(
        naam="meldingen",
        van=melding,
        velden=VELDEN,
        kolommen={veld.naam: melding.c[veld.naam] for veld in VELDEN},
        id=melding.c.melding_id,
        id_soort=Soort.GEHEEL,
        geometrie=melding.c.geom,
        web=melding.c.geom_web,
        geometrie_soort="Point",
        herkomst=_origin(aanvraag),
        waar=(melding.c.gemeente_code == gemeente.code, melding.c.geom.is_not(None)),
        tijd=(melding.c.tijd, melding.c.tijd),
    )


def _origin(aanvraag: Aanvraag) -> str:
    gemeente = aanvraag.gemeente
    sources = "; ".join(f"{naam}: {gemeente.dekking_tekst(naam)}" for naam in gemeente.melding_bronnen())
    return f"Meldingen van uw eigen gebied in {gemeente.naam}, alleen voor uw werk. Dekking per bron: {sources}"


COLLECTIES = (
    Collectie(
        "meldingen",
        "Overlastmeldingen",
        "Afzonderlijke meldingen van het eigen gebied, zonder gegevens van melders. Alleen voor medewerkers.",
        VELDEN,
        "Point",
        _make,
        tijd=True,
        id_soort=Soort.GEHEEL,
        visible_to=_scoped,
    ),
)
