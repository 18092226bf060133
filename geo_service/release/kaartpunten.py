"""Reports as points on the map of who works with them: the rows of the collection ``meldingen``, as short lists."""

from __future__ import annotations

from typing import Any

from sqlalchemy import or_

from geo_service.db.engine import Database
from geo_service.db.queries.punten import list_punten
from geo_service.db.queries.selectie import Selectie
from geo_service.errors import InvalidParameters, NotFound, ParameterFault
from geo_service.identity import Viewer
from geo_service.release.cijfers import ALLES, CijferVraag, find_bron
from geo_service.release.collecties import COLLECTIES, Aanvraag, make_relation
from geo_service.release.context import connect_as, load_gemeente
from geo_service.release.lagen import MELDINGEN
from geo_service.release.perioden import choose_periode

COLLECTIE = COLLECTIES["meldingen"]
VELDEN = ("categorie", "dag")
MAX_PUNTEN = 100_000
# A place to within a metre: more digits only make the answer longer.
DECIMALS = 5
TE_VEEL = "dit zijn meer dan 100.000 meldingen. Kies een kortere periode of één onderwerp."


def sees_punten(viewer: Viewer, gemeente: str) -> bool:
    """Whether a map of this municipality has a layer of reports for this viewer."""
    return COLLECTIE.visible_to(viewer) and viewer.works_in(gemeente)


async def punten(
    database: Database, viewer: Viewer, gemeente_code: str | None, vraag: CijferVraag, limit: int = MAX_PUNTEN
) -> dict[str, Any]:
    """Reports of one source, category and period in the viewer's own area: id, place, subject and day of each.

    NotFound for who may not know that there are points; InvalidParameters for more than fit on a map.
    """
    async with connect_as(database, viewer) as connection:
        gemeente = await load_gemeente(connection, viewer, gemeente_code)
        relatie = await make_relation(COLLECTIE, Aanvraag(connection, viewer, gemeente))
        naam = vraag.bron or next(iter(MELDINGEN.bronnen(gemeente)), None)
        if naam is None:
            raise NotFound(f"Er zijn nog geen meldingen van {gemeente.naam} geladen.")
        bron = find_bron(gemeente, MELDINGEN, naam)
        periode = choose_periode(gemeente, viewer, naam, vraag.periode)
        known = await MELDINGEN.load_categorieen(connection, gemeente.code)
        if vraag.categorie not in known:
            raise InvalidParameters(ParameterFault("categorie", "is onbekend."))
        kolom = relatie.kolommen
        filters = [kolom["bron"] == bron.naam, kolom["dag"].between(periode.van, periode.tot)]
        if vraag.categorie != ALLES:
            filters.append(or_(*(kolom["categorie"] == code for code in known[vraag.categorie].delen)))
        rows = await list_punten(connection, Selectie(relatie, VELDEN, tuple(filters)), limit + 1)
    if len(rows) > limit:
        raise InvalidParameters(ParameterFault("periode", TE_VEEL))
    codes = sorted({row[3] for row in rows})
    place = {code: number for number, code in enumerate(codes)}
    return {
        "bron": bron.naam,
        "periode": periode.naam,
        "eerste": periode.van.isoformat(),
        "herkomst": relatie.herkomst,
        "onderwerpen": [known[code].naam if code in known else code for code in codes],
        "id": [row[0] for row in rows],
        "lon": [round(row[1], DECIMALS) for row in rows],
        "lat": [round(row[2], DECIMALS) for row in rows],
        "onderwerp": [place[row[3]] for row in rows],
        "dag": [(row[4] - periode.van).days for row in rows],
    }
