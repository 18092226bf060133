"""Descriptions of vector tiles: the tile matrix sets, and the tilesets, tiles and style of each collection."""

from __future__ import annotations

from collections.abc import Iterator

from geo_service.api import parameters as p
from geo_service.api.antwoord import HTML, Formaat
from geo_service.api.collections import visible_collections
from geo_service.api.openapi.componenten import HTML as PAGE
from geo_service.api.openapi.gegevens import BINARY, pascal
from geo_service.api.openapi.model import Operatie, Schema, schema_ref
from geo_service.api.openapi.wegwijzer import DOCUMENT_FORMAT, document_content
from geo_service.api.tegelvraag import tile_parameters
from geo_service.api.tiles import LIST_FORMATS, SET_FORMATS, STYLE_FORMATS, TILE_FORMATS
from geo_service.domain.tegels import STELSELS
from geo_service.identity import Viewer
from geo_service.release.collecties import Collectie

TAG = "Tegels"
STELSEL = p.Parameter("tileMatrixSetId", "Naam van het tegelstelsel.", {"type": "string", "enum": list(STELSELS)})
TEGEL = tuple(
    p.Parameter(naam, tekst, {"type": "integer", "minimum": 0})
    for naam, tekst in (
        ("tileMatrix", "Niveau: 0 is het geheel."),
        ("tileRow", "Rij, van boven naar beneden."),
        ("tileCol", "Kolom, van links naar rechts."),
    )
)


def describe(viewer: Viewer) -> Iterator[Operatie]:
    yield Operatie(
        "/tileMatrixSets", "getTegelstelsels", "Alle tegelstelsels", "Hoe de kaart in tegels is verdeeld.", TAG,
        document_content("Tegelstelsels"), vraag=(DOCUMENT_FORMAT,), headers=("Link",), fouten=(400, 401, 406, 429),
    )  # fmt: skip
    yield Operatie(
        "/tileMatrixSets/{tileMatrixSetId}", "getTegelstelsel", "Eén tegelstelsel", "Het stelsel, niveau voor niveau.",
        TAG, document_content("Tegelstelsel"), (STELSEL,), (DOCUMENT_FORMAT,), ("Link",),
    )  # fmt: skip
    for collectie in visible_collections(viewer):
        yield from _of_collection(collectie)


def _of_collection(collectie: Collectie) -> Iterator[Operatie]:
    here, naam = f"/collections/{collectie.id}", pascal(collectie.id)
    yield Operatie(
        f"{here}/tiles", f"get{naam}Tegelsets", f"{collectie.titel}: tegelsets", "De sets tegels van deze collectie.",
        TAG, _content(LIST_FORMATS, "Tegelsets"), vraag=tile_parameters(collectie, LIST_FORMATS), headers=("Link",),
    )  # fmt: skip
    yield Operatie(
        f"{here}/tiles/{{tileMatrixSetId}}", f"get{naam}Tegelset", f"{collectie.titel}: één tegelset",
        "Adressen, grenzen en velden van de tegels. TileJSON is er alleen van WebMercatorQuad.", TAG,
        _content(SET_FORMATS, "Tegelset"), (STELSEL,), tile_parameters(collectie, SET_FORMATS), ("Link",),
    )  # fmt: skip
    yield Operatie(
        f"{here}/tiles/{{tileMatrixSetId}}/{{tileMatrix}}/{{tileRow}}/{{tileCol}}", f"get{naam}Tegel",
        f"{collectie.titel}: tegel", "Eén vectortegel; zonder inhoud waar niets ligt.", TAG,
        {TILE_FORMATS[0].mediatype: BINARY}, (STELSEL, *TEGEL), tile_parameters(collectie, TILE_FORMATS),
        leeg=True,
    )  # fmt: skip
    yield Operatie(
        f"{here}/styles/maplibre", f"get{naam}Stijl", f"{collectie.titel}: kaartstijl",
        "Stijl voor MapLibre die de tegels tekent.", TAG,
        _content(STYLE_FORMATS, "Kaartstijl"), vraag=tile_parameters(collectie, STYLE_FORMATS), headers=("Link",),
    )  # fmt: skip


def _content(formats: tuple[Formaat, ...], naam: str) -> dict[str, Schema]:
    return {formaat.mediatype: PAGE if formaat is HTML else schema_ref(naam) for formaat in formats}


def schemas(_: Viewer) -> dict[str, Schema]:
    """Documents of which OGC and MapLibre have the schemas; here what every one of them has."""
    return {
        naam: {"type": "object", "title": titel, **({"required": list(required)} if required else {})}
        for naam, titel, required in (
            ("Tegelstelsels", "Tegelstelsels (OGC)", ("tileMatrixSets",)),
            ("Tegelstelsel", "Tegelstelsel (OGC)", ("id", "crs", "tileMatrices")),
            ("Tegelsets", "Tegelsets (OGC)", ("tilesets",)),
            ("Tegelset", "Tegelset (OGC) of TileJSON", ()),
            ("Kaartstijl", "Stijl van MapLibre", ("version", "sources", "layers")),
        )
    }
