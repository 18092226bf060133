"""What a collection is: its texts, its fields, who may see it, and how its relation is made for a viewer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from geo_service.db.engine import ReadConnection
from geo_service.db.queries.relatie import Relatie
from geo_service.domain.velden import Soort, Veld
from geo_service.errors import NotFound
from geo_service.identity import Viewer
from geo_service.release.context import Gemeente

# The question that a figure answers; every other property only filters the answer.
VRAAG_PARAMETERS = frozenset({"niveau", "gebied", "bron", "categorie", "periode", "noemer", "peiljaar"})


@dataclass(frozen=True)
class Vraag:
    """What is asked of a collection; None means: choose what is most useful."""

    niveau: str = "buurt"
    gebied: str | None = None
    bron: str | None = None
    categorie: str = "alle"
    periode: str | None = None
    noemer: str | None = None
    peiljaar: int | None = None
    methode: str | None = None


@dataclass(frozen=True)
class Moment:
    """A span of time, both ends included; None: open on that side."""

    van: datetime | None
    tot: datetime | None


@dataclass(frozen=True)
class Aanvraag:
    """Who asks what about which municipality, on a connection of the viewer's own database role.

    moment: the time that was asked for; figures without a period of their own give every period in it.
    """

    connection: ReadConnection
    viewer: Viewer
    gemeente: Gemeente
    vraag: Vraag = Vraag()
    moment: Moment | None = None


Maker = Callable[[Aanvraag], Awaitable[Relatie]]


def everyone(_: Viewer) -> bool:
    return True


@dataclass(frozen=True)
class Collectie:
    """One collection. parameters: which parts of the question it takes; tijd: whether its features have a moment.
    schrijfbaar: features are versions of something that staff write; they have a field ``versie``.

    geometrie_soort: ``Point``, ``Polygon`` or ``MultiPolygon``. maker: gives the relation for a viewer.
    """

    id: str
    titel: str
    beschrijving: str
    velden: tuple[Veld, ...]
    geometrie_soort: str
    maker: Maker
    parameters: frozenset[str] = frozenset()
    tijd: bool = False
    id_soort: Soort = Soort.TEKST
    visible_to: Callable[[Viewer], bool] = everyone
    schrijfbaar: bool = False

    @property
    def filterbaar(self) -> tuple[Veld, ...]:
        """Fields that can be asked for by name: those that are not part of the question itself."""
        return tuple(veld for veld in self.velden if veld.naam not in self.parameters)


async def make_relation(collectie: Collectie, aanvraag: Aanvraag) -> Relatie:
    """The relation of a collection for a viewer; NotFound when the viewer may not know that it exists."""
    if not collectie.visible_to(aanvraag.viewer):
        raise NotFound(f"Collectie {collectie.id!r} bestaat niet.")
    return await collectie.maker(aanvraag)
