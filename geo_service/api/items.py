"""``/v1/collections/{collectionId}/items``: pages of features, single features, and whole collections as files."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import quote

import orjson
from fastapi import Request
from starlette.responses import Response

from geo_service.api import parameters as p
from geo_service.api.antwoord import (
    GEOJSON,
    HTML,
    JSON,
    Antwoord,
    base,
    choose_format,
    link_header,
    own_address,
    respond,
    respond_version,
    with_query,
)  # fmt: skip
from geo_service.api.bestand import FILE_FORMATS, send_file
from geo_service.api.bladen import PEOPLE_LIMIT, item_blad, items_blad
from geo_service.api.collections import find_collection
from geo_service.api.cursor import read_cursor, write_cursor
from geo_service.api.document import Link, link, render_document
from geo_service.api.gevraagd import Gevraagd
from geo_service.api.route import make_router
from geo_service.api.vraag import ItemsVraag, make_vraag, question_parameters, read_items
from geo_service.db.engine import ReadConnection
from geo_service.domain.crs import CRS84, Crs
from geo_service.errors import NotFound
from geo_service.release.context import connect_as
from geo_service.release.selectie import (
    Bladzijde,
    Filters,
    Grens,
    Pagina,
    Selectie,
    Uitvoer,
    count_features,
    read_counted_page,
    read_feature,
    read_page,
)  # fmt: skip
from geo_service.settings import get_settings
from geo_service.vraagregel import query_pairs
from geo_service.web import enter

router = make_router()
FORMATS = (GEOJSON, HTML, *FILE_FORMATS)
FORMAT_NAMES = tuple(formaat.naam for formaat in FORMATS)
ITEM_FORMATS = (GEOJSON, HTML)


@router.get("/collections/{collectionId}/items", name="items")
async def get_items(request: Request) -> Response:
    """A page of features, or the whole filtered collection as a file."""
    viewer, dienst = await enter(request)
    collectie = find_collection(request.path_params["collectionId"], viewer)
    vraag = read_items(request, collectie, FORMAT_NAMES)
    formaat = choose_format(request, dict(query_pairs(request)).get("f"), FORMATS)
    if formaat is HTML and vraag.limit is None:
        vraag = replace(vraag, limit=min(PEOPLE_LIMIT, get_settings().limiet_maximum))
    gevraagd = Gevraagd(request, viewer, dienst, collectie, vraag)
    if formaat in FILE_FORMATS:
        return await send_file(gevraagd, formaat)

    async def make() -> Antwoord:
        document = await page_document(gevraagd)
        if formaat is HTML:
            return _items_page(gevraagd, document)
        headers = {"Content-Crs": f"<{vraag.crs.uri}>", "Link": link_header(document["links"])}
        return Antwoord(orjson.dumps(document), formaat.mediatype, headers)

    return await respond(request, viewer, dienst.geheugen, make)


@router.get("/collections/{collectionId}/items/{featureId:path}", name="item")
async def get_item(request: Request) -> Response:
    """One feature."""
    viewer, dienst = await enter(request)
    collectie = find_collection(request.path_params["collectionId"], viewer)
    known = (*question_parameters(collectie), p.CRS, p.format_parameter(formaat.naam for formaat in ITEM_FORMATS))
    values = p.read_query(request, known)
    formaat = choose_format(request, dict(query_pairs(request)).get("f"), ITEM_FORMATS)
    vraag = ItemsVraag(values.get("gemeente"), make_vraag(values), Filters(), crs=values.get("crs", CRS84))
    gevraagd = Gevraagd(request, viewer, dienst, collectie, vraag)

    def written(document: dict[str, Any]) -> Antwoord:
        if formaat is HTML:
            return _item_page(gevraagd, document)
        headers = {"Content-Crs": f"<{vraag.crs.uri}>", "Link": link_header(document["links"])}
        return Antwoord(orjson.dumps(document), formaat.mediatype, headers)

    async def make() -> Antwoord:
        return written(await feature_document(gevraagd, request.path_params["featureId"]))

    async def make_version() -> tuple[int, Antwoord]:
        document = await feature_document(gevraagd, request.path_params["featureId"])
        return document["properties"]["versie"], written(document)

    if collectie.schrijfbaar:
        return await respond_version(request, viewer, dienst.geheugen, make_version)
    return await respond(request, viewer, dienst.geheugen, make)


async def page_document(gevraagd: Gevraagd) -> dict[str, Any]:
    """The FeatureCollection of a page; geometries are ready-made fragments."""
    dienst = gevraagd.dienst
    async with connect_as(dienst.database, gevraagd.viewer) as connection:
        selectie = await gevraagd.selection(connection)
        bladzijde = _bladzijde(gevraagd, selectie)
        pagina, matched = await _read(gevraagd, connection, selectie, bladzijde)
    pagina = pagina.within(get_settings().pagina_bytes)
    counted = {} if matched is None else {"numberMatched": matched}
    return {
        "type": "FeatureCollection",
        "features": orjson.Fragment(pagina.objecten.text()),
        **counted,
        "numberReturned": len(pagina.objecten),
        "herkomst": selectie.relatie.herkomst,
        "stand": dienst.geheugen.moment,
        "links": _page_links(gevraagd, pagina),
    }


async def _read(
    gevraagd: Gevraagd, connection: ReadConnection, selectie: Selectie, bladzijde: Bladzijde
) -> tuple[Pagina, int | None]:
    """The page and how many features there are in all; None when that was not asked."""
    if not gevraagd.vraag.tellen:
        return await read_page(connection, selectie, bladzijde), None
    geheugen = gevraagd.dienst.geheugen
    # The stand as it was before anything was read: a load that ends meanwhile makes this count one of the past.
    question = (geheugen.last_stand, gevraagd.question)
    known = geheugen.known_count(question)
    if known is None and (selectie.filters or selectie.vak) and bladzijde.grens is None:
        found = await read_counted_page(connection, selectie, bladzijde)
        if found is not None:
            geheugen.remember_count(question, found[1])
            return found
    pagina = await read_page(connection, selectie, bladzijde)
    if known is None:
        alone = not (pagina.voor or pagina.na)
        known = len(pagina.objecten) if alone else await count_features(connection, selectie)
        geheugen.remember_count(question, known)
    return pagina, known


def _bladzijde(gevraagd: Gevraagd, selectie: Selectie) -> Bladzijde:
    vraag = gevraagd.vraag
    settings = get_settings()
    grens = None
    if vraag.cursor is not None:
        grens = read_cursor(vraag.cursor, gevraagd.question, selectie.order, gevraagd.dienst.secret)
    limit = vraag.limit or min(settings.limiet_standaard, settings.limiet_maximum)
    return Bladzijde(limit, grens, vraag.offset, output_of(vraag.crs))


def output_of(crs: Crs) -> Uitvoer:
    return Uitvoer(crs.srid, crs.omgekeerd, crs.decimalen)


async def feature_document(gevraagd: Gevraagd, identifier: str) -> dict[str, Any]:
    """One feature with its links; NotFound when this viewer has no such feature."""
    async with connect_as(gevraagd.dienst.database, gevraagd.viewer) as connection:
        relatie = await gevraagd.relation(connection)
        found = await read_feature(connection, relatie, identifier, output_of(gevraagd.vraag.crs))
    if found is None:
        raise NotFound(f"Object {identifier[:80]!r} staat niet in deze collectie.")
    request, collectie = gevraagd.request, gevraagd.collectie
    here = f"{base(request)}/collections/{collectie.id}"
    links = [
        link("self", GEOJSON, "Dit object", with_query(request, {"f": None})),
        link("alternate", HTML, "Dit object als webpagina", with_query(request, {"f": "html"})),
        link("collection", JSON, collectie.titel, here),
    ]
    return found | {"herkomst": relatie.herkomst, "links": links}


def _items_page(gevraagd: Gevraagd, document: dict[str, Any]) -> Antwoord:
    """The page as a table. The features are unpacked again: a page for people is small."""
    features = orjson.loads(orjson.dumps(document["features"]))
    shown = document | {"features": features}
    addresses = [item_address(gevraagd, feature["id"]) for feature in features]
    headers = {"Link": link_header(document["links"])}
    blad = items_blad(gevraagd, shown, addresses)
    return render_document(gevraagd.request, gevraagd.viewer, "api/objecten.html", shown, headers, **blad)


def _item_page(gevraagd: Gevraagd, document: dict[str, Any]) -> Antwoord:
    shown = orjson.loads(orjson.dumps(document))
    headers = {"Link": link_header(document["links"])}
    blad = item_blad(gevraagd, shown)
    return render_document(gevraagd.request, gevraagd.viewer, "api/object.html", shown, headers, **blad)


def item_address(gevraagd: Gevraagd, identifier: object) -> str:
    """Where one feature of this page lives, with the question that it answers."""
    names = {parameter.naam for parameter in question_parameters(gevraagd.collectie)}
    changes = {name: None for name in gevraagd.request.query_params if name not in names}
    query = with_query(gevraagd.request, changes).partition("?")[2]
    address = f"{base(gevraagd.request)}/collections/{gevraagd.collectie.id}/items/{quote(str(identifier), safe='')}"
    return f"{address}?{query}" if query else address


def _page_links(gevraagd: Gevraagd, pagina: Pagina) -> list[Link]:
    request, collectie = gevraagd.request, gevraagd.collectie
    links = [link("self", GEOJSON, "Deze pagina", own_address(request))]
    same = with_query(request, {"f": None})
    same += "&f=" if "?" in same else "?f="
    links += [link("alternate", formaat, f"Als {formaat.titel}", same + formaat.naam) for formaat in FORMATS[1:]]
    here = f"{base(request)}/collections/{collectie.id}"
    links.append(link("collection", JSON, collectie.titel, here))
    for rel, title, grens in (("next", "Volgende pagina", pagina.volgende), ("prev", "Vorige pagina", pagina.vorige)):
        if grens is not None:
            links.append(link(rel, GEOJSON, title, _page_address(gevraagd, grens)))
    return links


def _page_address(gevraagd: Gevraagd, grens: Grens) -> str:
    cursor = write_cursor(grens, gevraagd.question, gevraagd.dienst.secret)
    return with_query(gevraagd.request, {"cursor": cursor, "offset": None})
