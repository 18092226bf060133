"""Answers that are one document: as JSON for programs, as a Dutch page for people."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import Request
from starlette.responses import Response

from geo_service.api import parameters as p
from geo_service.api.antwoord import (
    HTML,
    JSON,
    Antwoord,
    Formaat,
    base,
    choose_format,
    dumps,
    link_header,
    own_address,
    respond,
    with_query,
)  # fmt: skip
from geo_service.api.weergave import day_text, number_or_dash, rate_or_dash
from geo_service.identity import Viewer
from geo_service.pages.rendering import ASSETS, render
from geo_service.web import Dienst, enter
from maps.assets import BASIS, style_links
from maps.teksten import STATUS_WOORD

Link = dict[str, str]
STYLES = (*BASIS, "legenda.css", "gegevens.css")


@dataclass(frozen=True)
class Vrager:
    """Who asks for a document, with what, and how it will be written."""

    viewer: Viewer
    dienst: Dienst
    formaat: Formaat
    values: Mapping[str, Any]


@dataclass(frozen=True)
class Sjabloon:
    """A template that shows more than the document. besides: what it needs, from who asks and the document."""

    naam: str
    besides: Callable[[Vrager, dict[str, Any]], Mapping[str, Any]]


async def answer_document(
    request: Request,
    make: Callable[[Vrager], Awaitable[dict[str, Any]]],
    *,
    template: str | Sjabloon,
    main: Formaat = JSON,
    parameters: tuple[p.Parameter, ...] = (),
    vast: bool = False,
) -> Response:
    """Make the document and answer as JSON (media type of ``main``) or as a page from the template.

    vast: the document depends on no data, and is there without a database too.
    """
    viewer, dienst = await enter(request)
    formats = (main, HTML)
    values = p.read_query(request, (*parameters, p.format_parameter(formaat.naam for formaat in formats)))
    formaat = choose_format(request, values.get("f"), formats)
    vrager = Vrager(viewer, dienst, formaat, values)

    async def build() -> Antwoord:
        document = await make(vrager)
        links = {"Link": link_header(document["links"])} if document.get("links") else {}
        if formaat is HTML:
            sjabloon = template if isinstance(template, Sjabloon) else Sjabloon(template, lambda *_: {})
            more = sjabloon.besides(vrager, document)
            return render_document(request, viewer, sjabloon.naam, document, links, **more)
        return Antwoord(dumps(document), formaat.mediatype, links)

    return await respond(request, viewer, dienst.geheugen, build, vast=vast)


def render_document(
    request: Request, viewer: Viewer, template: str, document: dict[str, Any], headers: Mapping[str, str], **more: Any
) -> Antwoord:
    """The document as a page. The page has no script, so that it may be kept like the document itself."""
    common: dict[str, Any] = {
        "document": document,
        "api": base(request),
        "adres": own_address(request),
        "adres_json": with_query(request, {"f": "json"}),
        "getal": number_or_dash,
        "per_1000": rate_or_dash,
        "dag": day_text,
        "statuswoord": STATUS_WOORD,
        "stijl": style_links(ASSETS, STYLES),
    }
    html = render(template, pagina="api", viewer=viewer, **(common | more))
    return Antwoord(html.encode(), "text/html; charset=utf-8", headers)


def link(rel: str, formaat: Formaat, title: str, href: str) -> Link:
    return {"rel": rel, "type": formaat.mediatype, "title": title, "href": href}


def other_format(request: Request, formaat: Formaat) -> Link:
    """The same document for the other kind of reader."""
    other, title = (JSON, "Als JSON") if formaat is HTML else (HTML, "Als webpagina")
    return link("alternate", other, title, with_query(request, {"f": other.naam}))
