"""The documents about tiles: tile matrix sets, tilesets and TileJSON."""

from __future__ import annotations

import html
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from fastapi import Request

from geo_service.api.antwoord import JSON, Formaat, base
from geo_service.api.document import Link, link
from geo_service.api.schemas import property_schema
from geo_service.domain.crs import CRS84
from geo_service.domain.tegels import PIXELS, STELSELS, WEB_MERCATOR, Tegelstelsel
from geo_service.domain.velden import Soort, Veld
from geo_service.release.collecties import Collectie
from geo_service.release.selectie import Selectie
from geo_service.release.tegels import SAMENGEVOEGD, TEL_VELDEN, Figuur

MVT = Formaat("mvt", "application/vnd.mapbox-vector-tile", "Vectortegel")
TILEJSON = Formaat("tilejson", "application/vnd.mapbox.tile+json", "TileJSON")
STYLE = Formaat("json", "application/vnd.mapbox.style+json", "MapLibre-stijl")
OGC_REL = "http://www.opengis.net/def/rel/ogc/1.0/"
# Deeper tiles are there; a client need not fetch them, for this one is precise to a tenth of a metre.
MAX_ZOOM = 16
Document = dict[str, Any]


@dataclass(frozen=True)
class Tegelset:
    """The tiles of one question about a collection. omvang: west, south, east, north in degrees."""

    request: Request
    collectie: Collectie
    selectie: Selectie
    omvang: tuple[float, float, float, float] | None
    figuren: tuple[Figuur, ...] = ()

    @property
    def here(self) -> str:
        return f"{base(self.request)}/collections/{self.collectie.id}"

    def address(self, path: str, **changes: str) -> str:
        """An address below the collection with the question that was asked."""
        asked = {name: value for name, value in self.request.query_params.items() if name != "f"}
        query = urlencode(asked | changes)
        return f"{self.here}{path}?{query}" if query else f"{self.here}{path}"

    @property
    def velden(self) -> tuple[Veld, ...]:
        """Fields of a feature in a tile, as asked."""
        relatie, chosen = self.selectie.relatie, self.selectie.velden
        key = () if relatie.id_soort is Soort.GEHEEL else (Veld("id", Soort.TEKST, "Sleutel van het object."),)
        counted = TEL_VELDEN if self.collectie.id in SAMENGEVOEGD else ()
        return (*key, *(veld for veld in relatie.velden if veld.naam in chosen), *counted)


def matrix_sets_document(request: Request) -> Document:
    found = []
    for stelsel in STELSELS.values():
        uri = {"uri": stelsel.uri} if stelsel.uri else {}
        links = [link("self", JSON, stelsel.titel, matrix_set_address(request, stelsel))]
        found.append({"id": stelsel.id, "title": stelsel.titel, **uri, "crs": stelsel.crs.uri, "links": links})
    here = link("self", JSON, "Deze pagina", f"{base(request)}/tileMatrixSets")
    return {"title": "Tegelstelsels", "tileMatrixSets": found, "links": [here, *_all_links(found)]}


def _all_links(found: list[Document]) -> list[Link]:
    """The links of what is listed, for readers who look at the list only."""
    return [one | {"rel": "item"} for document in found for one in document["links"]]


def matrix_set_address(request: Request, stelsel: Tegelstelsel) -> str:
    return f"{base(request)}/tileMatrixSets/{stelsel.id}"


def matrix_set_document(request: Request, stelsel: Tegelstelsel) -> Document:
    """The set in the JSON of OGC Two Dimensional Tile Matrix Set 2.0."""
    west, south, east, north = (round(value, 8) for value in stelsel.bounds)
    return {
        "id": stelsel.id,
        "title": stelsel.titel,
        **({"uri": stelsel.uri} if stelsel.uri else {}),
        "crs": stelsel.crs.uri,
        "orderedAxes": ["X", "Y"],
        "wellKnownScaleSet": stelsel.schaalset,
        "boundingBox": {"lowerLeft": [west, south], "upperRight": [east, north], "crs": stelsel.crs.uri},
        "tileMatrices": [_matrix(stelsel, niveau) for niveau in range(stelsel.niveaus)],
        "links": [link("self", JSON, stelsel.titel, matrix_set_address(request, stelsel))],
    }


def _matrix(stelsel: Tegelstelsel, niveau: int) -> Document:
    return {
        "id": str(niveau),
        "scaleDenominator": stelsel.scale_denominator(niveau),
        "cellSize": stelsel.cell_size(niveau),
        "cornerOfOrigin": "topLeft",
        "pointOfOrigin": [stelsel.west, stelsel.north],
        "tileWidth": PIXELS,
        "tileHeight": PIXELS,
        "matrixWidth": 2**niveau,
        "matrixHeight": 2**niveau,
    }


def tilesets_document(tegelset: Tegelset) -> Document:
    found = []
    for stelsel in STELSELS.values():
        here = link("self", JSON, f"Tegels in {stelsel.id}", tegelset.address(f"/tiles/{stelsel.id}"))
        found.append(_summary(tegelset, stelsel) | {"links": [here, *_drawn_links(tegelset, stelsel)]})
    links = [
        link("self", JSON, "Deze pagina", tegelset.address("/tiles")),
        link("collection", JSON, tegelset.collectie.titel, tegelset.here),
    ]
    return {"title": f"Tegels: {tegelset.collectie.titel}", "tilesets": found, "links": links}


def tileset_document(tegelset: Tegelset, stelsel: Tegelstelsel) -> Document:
    """The tileset metadata of OGC Two Dimensional Tile Matrix Set 2.0, with its limits and fields."""
    collectie = tegelset.collectie
    layer = {
        "id": collectie.id,
        "title": collectie.titel,
        "description": collectie.beschrijving,
        "dataType": "vector",
        "geometryDimension": 0 if collectie.geometrie_soort == "Point" else 2,
        "propertiesSchema": {"type": "object", "properties": dict(_schema(tegelset))},
    }
    extent: Document = {}
    if tegelset.omvang is not None:
        west, south, east, north = tegelset.omvang
        extent["boundingBox"] = {"lowerLeft": [west, south], "upperRight": [east, north], "crs": CRS84.uri}
        extent["tileMatrixSetLimits"] = [
            {
                "tileMatrix": str(limit.niveau),
                "minTileRow": limit.eerste_rij,
                "maxTileRow": limit.laatste_rij,
                "minTileCol": limit.eerste_kolom,
                "maxTileCol": limit.laatste_kolom,
            }
            for limit in stelsel.limits(tegelset.omvang)
        ]
    here = link("self", JSON, "Deze pagina", tegelset.address(f"/tiles/{stelsel.id}"))
    links = [here, *_drawn_links(tegelset, stelsel)]
    return _summary(tegelset, stelsel) | {
        "description": f"{collectie.beschrijving} {tegelset.selectie.relatie.herkomst}",
        "attribution": attribution(tegelset),
        "layers": [layer],
        **extent,
        "links": links,
    }


def _summary(tegelset: Tegelset, stelsel: Tegelstelsel) -> Document:
    uri = {"tileMatrixSetURI": stelsel.uri} if stelsel.uri else {}
    title = f"{tegelset.collectie.titel} ({stelsel.id})"
    return {"title": title, "dataType": "vector", "crs": stelsel.crs.uri, **uri}


def _drawn_links(tegelset: Tegelset, stelsel: Tegelstelsel) -> list[Document]:
    """The set that a tileset is cut by, the address of a tile, and how to draw it."""
    links: list[Document] = [
        dict(link(f"{OGC_REL}tiling-scheme", JSON, stelsel.titel, matrix_set_address(tegelset.request, stelsel))),
        link("item", MVT, "Vectortegels", tile_address(tegelset, stelsel)) | {"templated": True},
    ]
    if stelsel is WEB_MERCATOR:
        links.append(
            dict(link("describedby", TILEJSON, "TileJSON", tegelset.address(f"/tiles/{stelsel.id}", f="tilejson")))
        )
        links.append(dict(link("stylesheet", STYLE, "MapLibre-stijl", tegelset.address("/styles/maplibre"))))
    return links


def tile_address(tegelset: Tegelset, stelsel: Tegelstelsel) -> str:
    """The template of OGC, in which z, y and x have long names."""
    return tegelset.address(f"/tiles/{stelsel.id}/{{tileMatrix}}/{{tileRow}}/{{tileCol}}")


def xyz_address(tegelset: Tegelset) -> str:
    """The template of TileJSON and MapLibre."""
    return tegelset.address(f"/tiles/{WEB_MERCATOR.id}/{{z}}/{{y}}/{{x}}")


def _schema(tegelset: Tegelset) -> Iterator[tuple[str, Document]]:
    for veld in tegelset.velden:
        yield veld.naam, property_schema(veld, nullable=False)


def tilejson_document(tegelset: Tegelset) -> Document:
    """TileJSON 3.0."""
    collectie = tegelset.collectie
    bounds = {} if tegelset.omvang is None else {"bounds": list(tegelset.omvang), "center": center(tegelset.omvang)}
    return {
        "tilejson": "3.0.0",
        "name": collectie.titel,
        "description": collectie.beschrijving,
        "attribution": attribution(tegelset),
        "scheme": "xyz",
        "tiles": [xyz_address(tegelset)],
        "minzoom": 0,
        "maxzoom": MAX_ZOOM,
        **bounds,
        "vector_layers": [
            {
                "id": collectie.id,
                "description": collectie.beschrijving,
                "minzoom": 0,
                "maxzoom": MAX_ZOOM,
                "fields": {veld.naam: veld.titel for veld in tegelset.velden},
            }
        ],
    }


def attribution(tegelset: Tegelset) -> str:
    """Where the data come from; clients may show this as HTML."""
    return html.escape(tegelset.selectie.relatie.herkomst)


def center(omvang: tuple[float, float, float, float]) -> list[float]:
    """The middle, at a zoom that shows a municipality."""
    west, south, east, north = omvang
    return [round((west + east) / 2, 6), round((south + north) / 2, 6), 10]
