"""How an answer leaves: its format, compression, ETag, caching and links."""

from __future__ import annotations

import gzip
import hashlib
import importlib.metadata
import re
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, urlencode

import brotli
import orjson
import zstandard
from fastapi import Request
from starlette.responses import Response

from geo_service.errors import NoCondition, NotAcceptable
from geo_service.identity import Viewer
from geo_service.release.geheugen import Geheugen
from geo_service.settings import get_settings
from geo_service.vraagregel import query_pairs

VERSION = importlib.metadata.version("buurtsignaal")
MINIMUM_BYTES = 1000
LINK_BYTES = 8000
VARY = "Authorization, Cookie, Accept, Accept-Encoding"
COMPRESSORS: dict[str, Callable[[bytes], bytes]] = {
    "zstd": lambda body: zstandard.compress(body, 3),
    "br": lambda body: brotli.compress(body, quality=4),
    "gzip": lambda body: gzip.compress(body, 5, mtime=0),
}
PROBLEM = "application/problem+json"
_VERSION = re.compile(r'"(\d{1,9})-[0-9a-f]{32}"', re.ASCII)


@dataclass(frozen=True)
class Formaat:
    """One way to write an answer, and the media type it has."""

    naam: str
    mediatype: str
    titel: str


JSON = Formaat("json", "application/json", "JSON")
GEOJSON = Formaat("json", "application/geo+json", "GeoJSON")
HTML = Formaat("html", "text/html", "Webpagina")


@dataclass(frozen=True)
class Antwoord:
    """A finished answer. headers: those that belong to this very answer. Without a body it is a 204."""

    body: bytes
    mediatype: str
    headers: Mapping[str, str] = field(default_factory=dict)


def choose_format(request: Request, asked: str | None, offered: Iterable[Formaat]) -> Formaat:
    """By ``f``, else by Accept, else the first that is offered; NotAcceptable when the client accepts none of them."""
    formats = list(offered)
    if asked is not None:
        return next(item for item in formats if item.naam == asked)
    for kind in _accepted(request.headers.get("accept", "*/*")):
        for item in formats:
            if _matches(kind, item):
                return item
    listed = ", ".join(item.mediatype for item in formats)
    raise NotAcceptable(f"Geen van de gevraagde formaten is er. Kies uit {listed}, of gebruik f=.")


def prefers_page(request: Request) -> bool:
    """Whether an error is better told on a page: the client names HTML, and nothing it likes better."""
    return next(iter(_accepted(request.headers.get("accept", ""))), "*/*") in ("text/html", "application/xhtml+xml")


def _accepted(header: str) -> list[str]:
    """Media types in order of preference, without those that are refused."""
    found = [(kind, quality) for kind, quality in _weighed(header) if kind and quality > 0]
    return [kind for kind, _ in sorted(found, key=lambda item: -item[1])] or ([] if header.strip() else ["*/*"])


def _weighed(header: str) -> Iterator[tuple[str, float]]:
    """The members of an Accept header with their quality (RFC 9110, 12.4.2); one that is no number counts as none."""
    for part in header.lower().split(","):
        name, *options = (piece.strip() for piece in part.split(";"))
        given = next((option[2:].strip() for option in options if option.startswith("q=")), "1")
        yield name, float(given) if re.fullmatch(r"[01](\.\d{0,3})?", given, re.ASCII) else 0.0


def _matches(kind: str, item: Formaat) -> bool:
    if kind in ("*/*", item.mediatype.split(";")[0]):
        return True
    # A client that asks for plain JSON reads GeoJSON and our other JSON documents as well.
    return kind in ("application/json", "application/*") and item.naam in ("json", "jsonld")


def choose_encoding(request: Request) -> str | None:
    """The compression that the client accepts, the fastest first."""
    offered = dict(_weighed(request.headers.get("accept-encoding", "")))
    return next((name for name in COMPRESSORS if offered.get(name, 0) > 0), None)


def etag_of(request: Request, viewer: Viewer, stand: str, encoding: str | None) -> str:
    """A fingerprint of everything that the bytes depend on: data, viewer, question, format, address and compression."""
    scope = (viewer.role.value, viewer.gemeente, sorted(viewer.stadsdelen))
    told = (
        VERSION,
        stand,
        scope,
        get_settings().fingerprint,
        root(request),
        request.scope["path"],
        sorted(query_pairs(request)),
        request.headers.get("accept"),
        encoding,
    )
    return hashlib.blake2b(repr(told).encode(), digest_size=16).hexdigest()


async def respond(
    request: Request,
    viewer: Viewer,
    geheugen: Geheugen,
    make: Callable[[], Awaitable[Antwoord]],
    *,
    vast: bool = False,
) -> Response:
    """Answer with an ETag: 304 when the client has it, from memory when someone asked before, else made now.

    The viewer is known and the route has checked that they may ask this before anything is compared.
    vast: the answer depends on no data.
    """
    stand = "" if vast else await geheugen.stand()
    encoding = choose_encoding(request)
    tag = etag_of(request, viewer, stand, encoding)
    common = {"ETag": f'"{tag}"', "Vary": VARY, "Cache-Control": cache_control(viewer)}
    if has_tag(request, tag):
        return Response(status_code=304, headers=common)
    found: tuple[Antwoord, str | None] | None = geheugen.answers.get(tag)
    if found is None:
        found = _compress(await make(), encoding)
        geheugen.answers.put(tag, found, len(found[0].body) + 500)
    return _written(*found, common)


async def respond_version(
    request: Request, viewer: Viewer, geheugen: Geheugen, make: Callable[[], Awaitable[tuple[int, Antwoord]]]
) -> Response:
    """As ``respond``, of something that has versions. Its ETag begins with the version, and it is never from memory:
    whoever changes it says with If-Match of which version."""
    stand, encoding = await geheugen.stand(), choose_encoding(request)
    versie, antwoord = await make()
    tag = f"{versie}-{etag_of(request, viewer, stand, encoding)}"
    common = {"ETag": f'"{tag}"', "Vary": VARY, "Cache-Control": cache_control(viewer)}
    if has_tag(request, tag):
        return Response(status_code=304, headers=common)
    return _written(*_compress(antwoord, encoding), common)


def asked_versions(request: Request) -> frozenset[int] | None:
    """The versions that If-Match names; None for any. NoCondition when there is no such header.

    A weak tag says nothing about a version to change (RFC 9110, 13.1.1), and neither does one that is not ours.
    """
    header = request.headers.get("if-match")
    if header is None:
        raise NoCondition("Stuur met If-Match de ETag mee van de versie die u hebt gelezen.")
    if header.strip() == "*":
        return None
    return frozenset(int(found[1]) for part in header.split(",") if (found := _VERSION.fullmatch(part.strip())))


def _written(antwoord: Antwoord, used: str | None, common: Mapping[str, str]) -> Response:
    headers = (
        dict(common)
        | {naam: value for naam, value in antwoord.headers.items() if value}
        | ({"Content-Encoding": used} if used else {})
    )
    if not antwoord.body:
        return Response(status_code=204, headers=headers)
    return Response(antwoord.body, headers=headers, media_type=antwoord.mediatype)


def _compress(antwoord: Antwoord, encoding: str | None) -> tuple[Antwoord, str | None]:
    if encoding is None or len(antwoord.body) < MINIMUM_BYTES:
        return antwoord, None
    body = COMPRESSORS[encoding](antwoord.body)
    return Antwoord(body, antwoord.mediatype, antwoord.headers), encoding


def cache_control(viewer: Viewer) -> str:
    """Everyone asks again whether it is still true; what is for one viewer is kept by no shared cache."""
    return "private, no-cache" if viewer.ingelogd else "public, no-cache"


def has_tag(request: Request, tag: str) -> bool:
    """Whether the client holds this very answer. A ``*`` is no answer: it would hold of what does not exist too."""
    held = request.headers.get("if-none-match", "")
    return any(part.strip().removeprefix("W/") == f'"{tag}"' for part in held.split(","))


def dumps(document: object) -> bytes:
    return orjson.dumps(document)


def link_header(links: Iterable[Mapping[str, str]]) -> str:
    """The links of a document as a header, for clients that read no JSON: paging first, and as many as fit.

    Each repeats the question; a long filter times all formats is more than a client takes in one header.
    """
    found, left = [], LINK_BYTES
    for link in sorted(links, key=lambda link: link["rel"] not in ("next", "prev")):
        text = f'<{link["href"]}>; rel="{link["rel"]}"; type="{link["type"]}"'
        left -= len(text)
        if left >= 0:
            found.append(text)
    return ", ".join(found)


def root(request: Request) -> str:
    """Where the service is reached from outside, without a slash at the end: as set, else as it was asked."""
    host, scope = request.headers.get("host"), request.scope
    # What Starlette makes of it as well, in far more time.
    own = str(request.base_url) if host is None else f"{scope['scheme']}://{host}{scope.get('root_path', '')}"
    return (get_settings().openbaar_adres or own).rstrip("/")


def base(request: Request) -> str:
    """The address of the API, without a slash at the end."""
    return f"{root(request)}/v1"


def own_address(request: Request) -> str:
    """The address of this very question."""
    query = request.scope["query_string"].decode()
    return f"{_without_query(request)}?{query}" if query else _without_query(request)


def with_query(request: Request, changes: Mapping[str, str | None]) -> str:
    """This address with other parameters; None takes one away."""
    query = {**dict(query_pairs(request)), **changes}
    kept = {name: value for name, value in query.items() if value is not None}
    return f"{_without_query(request)}?{urlencode(kept)}" if kept else _without_query(request)


def _without_query(request: Request) -> str:
    return root(request) + quote(request.scope["path"], safe="/:,@")
