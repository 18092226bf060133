"""Vector tiles (OGC API – Tiles): tile matrix sets, the tilesets of a collection, and the tiles themselves."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import Request
from starlette.responses import Response

from geo_service.api.antwoord import HTML, JSON, Antwoord, Formaat, dumps, link_header, respond
from geo_service.api.document import Vrager, answer_document, render_document
from geo_service.api.gevraagd import Gevraagd
from geo_service.api.route import make_router
from geo_service.api.styles import style_document
from geo_service.api.tegelvraag import read_tile_question
from geo_service.api.tilesets import (
    MVT,
    STYLE,
    TILEJSON,
    Tegelset,
    matrix_set_document,
    matrix_sets_document,
    tilejson_document,
    tileset_document,
    tilesets_document,
)  # fmt: skip
from geo_service.domain.tegels import STELSELS, WEB_MERCATOR, Tegel, Tegelstelsel
from geo_service.errors import NotFound
from geo_service.release.context import connect_as
from geo_service.release.tegels import read_figures, read_tile

router = make_router()
Document = dict[str, Any]
HERE = "/collections/{collectionId}"
TEMPLATE = "api/tegels.html"
TILE_FORMATS = (MVT,)
STYLE_FORMATS = (STYLE,)
LIST_FORMATS = (JSON, HTML)
SET_FORMATS = (JSON, TILEJSON, HTML)


@router.get(HERE + "/tiles/{tileMatrixSetId}/{tileMatrix}/{tileRow}/{tileCol}", name="tegel")
async def get_tile(request: Request) -> Response:
    """One vector tile; no content where there is nothing."""
    gevraagd, _ = await read_tile_question(request, TILE_FORMATS)
    tegel = _find_tile(request)

    async def make() -> Antwoord:
        async with connect_as(gevraagd.dienst.database, gevraagd.viewer) as connection:
            selectie = await gevraagd.selection(connection)
            return Antwoord(await read_tile(connection, selectie, tegel), MVT.mediatype)

    return await respond(request, gevraagd.viewer, gevraagd.dienst.geheugen, make)


@router.get("/tileMatrixSets", name="tegelstelsels")
async def list_matrix_sets(request: Request) -> Response:
    """The ways in which the plane is cut into tiles."""

    async def make(_: Vrager) -> Document:
        return matrix_sets_document(request)

    return await answer_document(request, make, template=TEMPLATE, vast=True)


@router.get("/tileMatrixSets/{tileMatrixSetId}", name="tegelstelsel")
async def get_matrix_set(request: Request) -> Response:
    """One of them, level by level."""

    async def make(_: Vrager) -> Document:
        return matrix_set_document(request, _find_set(request))

    return await answer_document(request, make, template=TEMPLATE, vast=True)


@router.get(HERE + "/tiles", name="tegelsets")
async def list_tilesets(request: Request) -> Response:
    """The tilesets of a collection."""

    async def make(gevraagd: Gevraagd, _: Formaat) -> Document:
        return tilesets_document(await _tegelset(gevraagd))

    return await _answer(request, LIST_FORMATS, make)


@router.get(HERE + "/tiles/{tileMatrixSetId}", name="tegelset")
async def get_tileset(request: Request) -> Response:
    """One tileset: the addresses of its tiles, its limits and fields. TileJSON knows Web Mercator only."""
    stelsel = _find_set(request)

    async def make(gevraagd: Gevraagd, formaat: Formaat) -> Document:
        tegelset = await _tegelset(gevraagd)
        return tilejson_document(tegelset) if formaat is TILEJSON else tileset_document(tegelset, stelsel)

    return await _answer(request, SET_FORMATS if stelsel is WEB_MERCATOR else LIST_FORMATS, make)


@router.get(HERE + "/styles/maplibre", name="stijl")
async def get_style(request: Request) -> Response:
    """A MapLibre style that draws the tiles of a collection."""

    async def make(gevraagd: Gevraagd, _: Formaat) -> Document:
        return style_document(await _tegelset(gevraagd, figures=True))

    return await _answer(request, STYLE_FORMATS, make)


def _find_set(request: Request) -> Tegelstelsel:
    name = request.path_params["tileMatrixSetId"]
    found = STELSELS.get(name)
    if found is None:
        raise NotFound(f"Tegelstelsel {name[:60]!r} bestaat niet. Kies uit {', '.join(STELSELS)}.")
    return found


def _find_tile(request: Request) -> Tegel:
    """The tile of the address; NotFound outside the matrix."""
    stelsel = _find_set(request)
    texts = [request.path_params[name] for name in ("tileMatrix", "tileRow", "tileCol")]
    whole = all(text.isascii() and text.isdigit() and len(text) <= 9 for text in texts)
    found = stelsel.find_tile(*map(int, texts)) if whole else None
    if found is None:
        raise NotFound(
            f"Tegel {'/'.join(text[:20] for text in texts)} bestaat niet: {stelsel.id} heeft niveau 0 tot en met "
            f"{stelsel.niveaus - 1}, met op niveau n de rijen en kolommen 0 tot en met 2^n - 1."
        )
    return found


async def _tegelset(gevraagd: Gevraagd, *, figures: bool = False) -> Tegelset:
    """What the documents tell of a tileset. figures: also the values that its colours depend on."""
    async with connect_as(gevraagd.dienst.database, gevraagd.viewer) as connection:
        gemeente = await gevraagd.gemeente(connection)
        selectie = await gevraagd.selection(connection)
        values = await read_figures(connection, selectie) if figures else []
    return Tegelset(gevraagd.request, gevraagd.collectie, selectie, gemeente.omvang, tuple(values))


async def _answer(
    request: Request, formats: tuple[Formaat, ...], make: Callable[[Gevraagd, Formaat], Awaitable[Document]]
) -> Response:
    """A document about the tiles of a collection, for programs or as a page."""
    gevraagd, formaat = await read_tile_question(request, formats)

    async def build() -> Antwoord:
        document = await make(gevraagd, formaat)
        # A template of addresses is no address.
        links = [link for link in document.get("links", ()) if not link.get("templated")]
        headers = {"Link": link_header(links)} if links else {}
        if formaat is HTML:
            return render_document(request, gevraagd.viewer, TEMPLATE, document, headers)
        return Antwoord(dumps(document), formaat.mediatype, headers)

    return await respond(request, gevraagd.viewer, gevraagd.dienst.geheugen, build)
