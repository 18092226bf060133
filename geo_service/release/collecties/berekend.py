"""Relations of figures that were computed a moment ago, drawn with the boundaries of their areas."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_

from geo_service.db.queries.relatie import Relatie, rows_relation
from geo_service.db.schema import publiek
from geo_service.domain.velden import Soort, Veld
from geo_service.release.collecties.model import Aanvraag

gebied = publiek.gebied

# Goes along with every computed row and never leaves: its identity, and the vintage of its boundary.
HIDDEN = (
    Veld("id", Soort.TEKST, ""),
    Veld("grensjaar", Soort.GEHEEL, ""),
    Veld("eerste", Soort.DAG, ""),
    Veld("laatste", Soort.DAG, ""),
)


@dataclass(frozen=True)
class Berekend:
    """Computed rows of one level: each a mapping with ``id``, ``gebied_code``, ``grensjaar`` and the fields.

    eerste, laatste in a row: first and last day it is about, when it is about a period.
    """

    naam: str
    niveau: str
    velden: tuple[Veld, ...]
    rijen: Iterable[Mapping[str, Any]]
    herkomst: str


def drawn(aanvraag: Aanvraag, berekend: Berekend) -> Relatie:
    """The rows as a relation. An area that cannot be drawn has no geometry and touches no box."""
    rows = rows_relation((*HIDDEN, *berekend.velden), berekend.rijen)
    same_area = and_(
        gebied.c.gemeente_code == aanvraag.gemeente.code,
        gebied.c.niveau == berekend.niveau,
        gebied.c.jaar == rows.c.grensjaar,
        gebied.c.code == rows.c.gebied_code,
    )
    return Relatie(
        naam=berekend.naam,
        van=rows.outerjoin(gebied, same_area),
        velden=berekend.velden,
        kolommen={veld.naam: rows.c[veld.naam] for veld in berekend.velden},
        id=rows.c.id,
        geometrie=gebied.c.geom,
        geometrie_soort="MultiPolygon",
        herkomst=berekend.herkomst,
        tijd=(rows.c.eerste, rows.c.laatste),
    )
