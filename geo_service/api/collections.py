"""Which collections there are, what they are called, who may read them and how their features are made."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection

from geo_service.api.parameters import ItemsVraag
from geo_service.errors import Faults, NotFound
from geo_service.identity import Viewer
from geo_service.release import features
from geo_service.release.cijfers import CijferVraag, categorie_namen, meldingen_per_gebied
from geo_service.release.context import Gemeente
from geo_service.release.perioden import allowed_periode, choose_periode

FIGURE_PARAMETERS = frozenset({"niveau", "gebied", "bron", "categorie", "periode", "noemer", "peiljaar"})


@dataclass(frozen=True)
class Asked:
    """One items request: who asks what about which municipality, on a connection of the viewer's role."""

    connection: AsyncConnection
    viewer: Viewer
    gemeente: Gemeente
    vraag: ItemsVraag


Handler = Callable[[Asked], Awaitable[list[features.Feature]]]


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
    async def handler(asked: Asked) -> list[features.Feature]:
        vraag = asked.vraag
        return await features.gebieden(asked.connection, asked.gemeente, niveau, jaar=vraag.peiljaar, bbox=vraag.bbox)

    return handler


async def _wijkwijzers(asked: Asked) -> list[features.Feature]:
    return await features.wijkwijzers(asked.connection, asked.gemeente, bbox=asked.vraag.bbox)


async def _voorzieningen(asked: Asked) -> list[features.Feature]:
    return await features.voorzieningen(asked.connection, asked.gemeente, bbox=asked.vraag.bbox)


async def _woningvoorraad(asked: Asked) -> list[features.Feature]:
    vraag = asked.vraag
    return await features.woningvoorraad(
        asked.connection, asked.gemeente, vraag.niveau, jaar=vraag.peiljaar, bbox=vraag.bbox
    )


async def _meldingen(asked: Asked) -> list[features.Feature]:
    vraag = asked.vraag
    question = CijferVraag(
        vraag.niveau, vraag.bron, vraag.categorie, vraag.periode, vraag.noemer, vraag.gebied, vraag.peiljaar
    )
    tabel = await meldingen_per_gebied(asked.connection, asked.viewer, asked.gemeente, question)
    return [] if tabel is None else await features.cijfers(asked.connection, tabel, bbox=vraag.bbox)


async def _hotspots(asked: Asked) -> list[features.Feature]:
    vraag, gemeente = asked.vraag, asked.gemeente
    naam = vraag.bron or next(iter(gemeente.melding_bronnen()), None)
    if naam is None:
        return []
    faults = Faults()
    faults.require("categorie", vraag.categorie, await categorie_namen(asked.connection))
    faults.catch(lambda: gemeente.bron(naam))
    faults.catch(lambda: allowed_periode(asked.viewer, vraag.periode))
    faults.raise_any()
    periode = choose_periode(gemeente, asked.viewer, naam, vraag.periode)
    place = features.HotspotVraag(naam, periode.code, vraag.bbox)
    found = await features.hotspots(asked.connection, asked.viewer, gemeente, place)
    return [item for item in found if vraag.categorie == item["properties"]["categorie"]]


def _collections() -> list[Collection]:
    area = frozenset({"peiljaar"})
    return [
        Collection("stadsdelen", "Stadsdelen", "Stadsdelen, samengesteld uit buurten.", _areas("stadsdeel"), area),
        Collection("wijken", "Wijken", "Wijken van het CBS.", _areas("wijk"), area),
        Collection("buurten", "Buurten", "Buurten van het CBS.", _areas("buurt"), area),
        Collection(
            "wijkteamgebieden",
            "Wijkteamgebieden",
            "Werkgebieden van de wijkteams.",
            _areas("wijkteamgebied"),
            area,
        ),
        Collection(
            "meldingen-per-gebied",
            "Overlastmeldingen per gebied",
            "Aantal en aantal per 1.000 woningen, inwoners of huishoudens, met status, bron, periode en dekking.",
            _meldingen,
            FIGURE_PARAMETERS,
            cijfers=True,
        ),
        Collection(
            "hotspots",
            "Hotspots",
            "Gebieden waar meldingen dicht bij elkaar liggen. Een hotspot is het begin van een gesprek.",
            _hotspots,
            frozenset({"bron", "categorie", "periode"}),
            cijfers=True,
        ),
        Collection("wijkwijzers", "Wijkwijzers", "Inlooppunten waar bewoners terecht kunnen.", _wijkwijzers),
        Collection(
            "voorzieningen",
            "Voorliggende voorzieningen",
            "Vrij toegankelijke plekken zonder verwijzing.",
            _voorzieningen,
        ),
        Collection(
            "woningvoorraad",
            "Woningvoorraad",
            "Woningen, eigendom en bouwperiode per gebied, uit kerncijfers.",
            _woningvoorraad,
            frozenset({"niveau", "peiljaar"}),
        ),
    ]


COLLECTIONS = {collection.id: collection for collection in _collections()}


def find_collection(identifier: str, viewer: Viewer) -> Collection:
    """A collection this viewer may read; one that they may not does not exist for them."""
    collection = COLLECTIONS.get(identifier)
    if collection is None or not collection.visible_to(viewer):
        raise NotFound(f"Collectie {identifier[:60]!r} bestaat niet.")
    return collection
