"""Which collections there are, what they are called, who may read them and how their features are made."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection

from geo_service.api.parameters import ItemsVraag
from geo_service.errors import NotFound
from geo_service.identity import Viewer
from geo_service.release import features
from geo_service.release.cijfers import CijferVraag, meldingen_per_gebied
from geo_service.release.context import Gemeente
from geo_service.release.perioden import choose_periode

Handler = Callable[[AsyncConnection, Viewer, Gemeente, ItemsVraag], Awaitable[list[features.Feature]]]
FIGURE_PARAMETERS = frozenset({"niveau", "gebied", "bron", "categorie", "periode", "noemer"})


@dataclass(frozen=True)
class Collection:
    """One collection. parameters: its own query parameters beside gemeente, bbox, limit and offset."""

    id: str
    titel: str
    beschrijving: str
    handler: Handler
    parameters: frozenset[str] = frozenset()
    cijfers: bool = False

    def visible_to(self, viewer: Viewer) -> bool:
        return viewer.may_see_figures or not self.cijfers


def _areas(niveau: str) -> Handler:
    async def handler(
        connection: AsyncConnection, viewer: Viewer, gemeente: Gemeente, vraag: ItemsVraag  # noqa: ARG001
    ) -> list[features.Feature]:
        return await features.gebieden(connection, gemeente, niveau, jaar=vraag.peiljaar, bbox=vraag.bbox)

    return handler


async def _wijkwijzers(connection: AsyncConnection, viewer: Viewer, gemeente: Gemeente, vraag: ItemsVraag) -> list[features.Feature]:  # noqa: ARG001
    return await features.wijkwijzers(connection, gemeente, bbox=vraag.bbox)


async def _voorzieningen(connection: AsyncConnection, viewer: Viewer, gemeente: Gemeente, vraag: ItemsVraag) -> list[features.Feature]:  # noqa: ARG001
    return await features.voorzieningen(connection, gemeente, bbox=vraag.bbox)


async def _woningvoorraad(connection: AsyncConnection, viewer: Viewer, gemeente: Gemeente, vraag: ItemsVraag) -> list[features.Feature]:  # noqa: ARG001
    return await features.woningvoorraad(connection, gemeente, vraag.niveau, jaar=vraag.peiljaar, bbox=vraag.bbox)


async def _meldingen(connection: AsyncConnection, viewer: Viewer, gemeente: Gemeente, vraag: ItemsVraag) -> list[features.Feature]:
    question = CijferVraag(vraag.niveau, vraag.bron, vraag.categorie, vraag.periode, vraag.noemer, vraag.gebied)
    tabel = await meldingen_per_gebied(connection, viewer, gemeente, question)
    return [] if tabel is None else await features.cijfers(connection, tabel, bbox=vraag.bbox)


async def _hotspots(connection: AsyncConnection, viewer: Viewer, gemeente: Gemeente, vraag: ItemsVraag) -> list[features.Feature]:
    naam = vraag.bron or next(iter(gemeente.melding_bronnen()), None)
    if naam is None:
        return []
    gemeente.bron(naam)
    periode = choose_periode(gemeente, viewer, naam, vraag.periode)
    found = await features.hotspots(connection, viewer, gemeente, bron=naam, periode=periode.code, bbox=vraag.bbox)
    return [item for item in found if vraag.categorie in ("alle", item["properties"]["categorie"])]


_AREA = frozenset({"peiljaar"})
COLLECTIONS = {
    collection.id: collection
    for collection in (
        Collection("stadsdelen", "Stadsdelen", "Stadsdelen van de gemeente, samengesteld uit buurten.", _areas("stadsdeel"), _AREA),
        Collection("wijken", "Wijken", "Wijken van het CBS.", _areas("wijk"), _AREA),
        Collection("buurten", "Buurten", "Buurten van het CBS.", _areas("buurt"), _AREA),
        Collection("wijkteamgebieden", "Wijkteamgebieden", "Werkgebieden van de wijkteams.", _areas("wijkteamgebied"), _AREA),
        Collection(
            "meldingen-per-gebied", "Overlastmeldingen per gebied",
            "Aantal meldingen en aantal per 1.000 woningen, inwoners of huishoudens, met status, bron, periode en dekking.",
            _meldingen, FIGURE_PARAMETERS, True,
        ),
        Collection(
            "hotspots", "Hotspots", "Gebieden waar meldingen dicht bij elkaar liggen. Een hotspot is het begin van een gesprek.",
            _hotspots, frozenset({"bron", "categorie", "periode"}), True,
        ),
        Collection("wijkwijzers", "Wijkwijzers", "Inlooppunten waar bewoners met vragen terecht kunnen.", _wijkwijzers),
        Collection("voorzieningen", "Voorliggende voorzieningen", "Vrij toegankelijke plekken zonder verwijzing.", _voorzieningen),
        Collection(
            "woningvoorraad", "Woningvoorraad", "Woningen, eigendom en bouwperiode per gebied, uit kerncijfers.",
            _woningvoorraad, frozenset({"niveau", "peiljaar"}),
        ),
    )
}  # fmt: skip


def find_collection(identifier: str, viewer: Viewer) -> Collection:
    """A collection this viewer may read; one that they may not does not exist for them."""
    collection = COLLECTIONS.get(identifier)
    if collection is None or not collection.visible_to(viewer):
        raise NotFound(f"Collectie {identifier[:60]!r} bestaat niet.")
    return collection
