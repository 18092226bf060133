"""Vector tiles for the tests: where they are, and what is in them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import mapbox_vector_tile
import shapely

from geo_service.domain.crs import transformer
from geo_service.domain.tegels import EXTENT, Tegel, Tegelstelsel
from geo_service.identity import Viewer
from tests.geo_service.api.website import Website, viewers_of

STADSDEEL = "GM0153-SD-noord"
VIEWERS = viewers_of("GM0153", STADSDEEL)
MANAGER, REGISSEUR = VIEWERS["stadsdeelmanager"], VIEWERS["wijkregisseur"]
CENTRE = (6.89, 52.22)
PLACES = ("stadsdelen", "wijken", "buurten", "wijkteamgebieden", "meldingen-per-gebied", "woningvoorraad")
POINTS = ("wijkwijzers", "voorzieningen")
MVT = "application/vnd.mapbox-vector-tile"


@dataclass(frozen=True)
class Gelezen:
    """A decoded tile. features: with geometry in units, y downwards."""

    tegel: Tegel
    features: list[dict[str, Any]]
    size: int

    @property
    def own(self) -> list[dict[str, Any]]:
        """Points that lie in the tile itself and not in its buffer."""
        return [
            feature
            for feature in self.features
            if all(0 <= axis < EXTENT for axis in feature["geometry"]["coordinates"])
        ]

    def in_metres(self, feature: dict[str, Any]) -> shapely.Geometry:
        west, _, _, north = self.tegel.bounds
        shape = shapely.from_geojson(json.dumps(feature["geometry"]))
        return shapely.transform(shape, lambda xy: xy * (self.tegel.unit, -self.tegel.unit) + (west, north))


def tile_at(stelsel: Tegelstelsel, niveau: int, lonlat: tuple[float, float] = CENTRE) -> Tegel:
    x, y = transformer(4326, stelsel.crs.srid).transform(*lonlat)
    side = (stelsel.bounds[2] - stelsel.bounds[0]) / 2**niveau
    found = stelsel.find_tile(niveau, int((stelsel.north - y) // side), int((x - stelsel.west) // side))
    assert found is not None
    return found


def address(collection: str, tegel: Tegel) -> str:
    return f"/v1/collections/{collection}/tiles/{tegel.stelsel.id}/{tegel.niveau}/{tegel.rij}/{tegel.kolom}"


def read(website: Website, collection: str, tegel: Tegel, viewer: Viewer | None = None, **params: Any) -> Gelezen:
    """The tile; one layer with the name of the collection, or nothing at all."""
    response = website.get(address(collection, tegel), viewer, **params)
    if response.status_code == 204:
        assert response.content == b""
        return Gelezen(tegel, [], 0)
    assert (response.status_code, response.headers["content-type"]) == (200, MVT), response.text
    decoded = mapbox_vector_tile.decode(response.content, default_options={"y_coord_down": True})
    assert {name: layer["extent"] for name, layer in decoded.items()} == {collection: EXTENT}
    return Gelezen(tegel, decoded[collection]["features"], len(response.content))


def all_tiles(website: Website, collection: str, stelsel: Tegelstelsel, niveau: int) -> Iterator[Tegel]:
    """The tiles of a level within the limits that the tileset tells."""
    document = website.get(f"/v1/collections/{collection}/tiles/{stelsel.id}", MANAGER).json()
    (limit,) = [one for one in document["tileMatrixSetLimits"] if one["tileMatrix"] == str(niveau)]
    for row in range(limit["minTileRow"], limit["maxTileRow"] + 1):
        for column in range(limit["minTileCol"], limit["maxTileCol"] + 1):
            yield Tegel(stelsel, niveau, row, column)
