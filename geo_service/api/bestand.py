"""Whole collections as files, streamed while they are read: CSV, GeoPackage, FlatGeobuf, GeoParquet, GeoJSON lines."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any

from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from geo_service.api.antwoord import VARY, Formaat, cache_control, etag_of, has_tag
from geo_service.api.gevraagd import Gevraagd
from geo_service.beveiliging.tijd import allow_file_time
from geo_service.db.engine import ReadConnection
from geo_service.domain.crs import CRS84
from geo_service.errors import InvalidParameters, ParameterFault, Unavailable
from geo_service.formats import FORMATEN
from geo_service.formats.tabel import Batches, Rij, Tabel
from geo_service.release.context import connect_as
from geo_service.release.selectie import stream_features
from geo_service.settings import get_settings

FILE_FORMATS = tuple(Formaat(soort.naam, soort.mediatype, soort.titel) for soort in FORMATEN.values())
PATIENCE_SECONDS = 20
CLOSING_SECONDS = 5
# RFC 8142 with GeoJSON knows one coordinate system.
ALWAYS_CRS84 = frozenset({"geojsonseq"})


async def send_file(gevraagd: Gevraagd, formaat: Formaat) -> Response:
    """The filtered collection as a file; without a limit all of it. Errors come before the first byte."""
    request, viewer, dienst = gevraagd.request, gevraagd.viewer, gevraagd.dienst
    _check(gevraagd, formaat)
    allow_file_time(request)
    # Two makings of a file may differ in bytes and not in content: a weak tag.
    tag = etag_of(request, viewer, await dienst.geheugen.stand(), None)
    headers = {"ETag": f'W/"{tag}"', "Vary": VARY, "Cache-Control": cache_control(viewer)}
    if has_tag(request, tag):
        return Response(status_code=304, headers=headers)
    soort = FORMATEN[formaat.naam]
    headers |= {
        "Content-Crs": f"<{gevraagd.vraag.crs.uri}>",
        "Content-Disposition": f'attachment; filename="{gevraagd.collectie.id}.{soort.extensie}"',
    }
    if request.scope.get("buurtsignaal.head"):
        return Response(headers=headers, media_type=formaat.mediatype)
    async with AsyncExitStack() as stack:
        await _take_place(dienst.bestanden, stack)
        geleend = Geleend(await _connect(gevraagd, stack))
        chunks = await _open(gevraagd, formaat, geleend)
        first = await anext(chunks, b"")
        geleend.stack = stack.pop_all()
    return Download(first, chunks, geleend, headers=headers, media_type=formaat.mediatype)


@dataclass
class Geleend:
    """What a file borrows. gelezen: nobody reads from the connection any more; stack: gives everything back."""

    connection: ReadConnection
    gelezen: asyncio.Event = field(default_factory=asyncio.Event)
    stack: AsyncExitStack = field(default_factory=AsyncExitStack)

    async def give_back(self) -> None:
        """A cursor that is closed late must not be closed in the transaction of who has the connection next."""
        try:
            async with asyncio.timeout(CLOSING_SECONDS):
                await self.gelezen.wait()
        except TimeoutError:
            await self.connection.invalidate()
        await self.stack.aclose()


class Download(StreamingResponse):
    """A file on its way. What it borrowed goes back, also when the client leaves before the first byte or halfway."""

    def __init__(self, first: bytes, chunks: AsyncIterator[bytes], geleend: Geleend, **options: Any):
        super().__init__(_joined(first, chunks), **options)
        self._chunks = chunks
        self._geleend = geleend

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            if isinstance(self._chunks, AsyncGenerator):
                await self._chunks.aclose()
            await self._geleend.give_back()


async def _joined(first: bytes, chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for chunk in chunks:
        yield chunk


def _check(gevraagd: Gevraagd, formaat: Formaat) -> None:
    vraag = gevraagd.vraag
    asked = {"cursor": vraag.cursor is not None, "offset": vraag.offset > 0}
    faults = [
        ParameterFault(naam, f"een bestand ({formaat.naam}) heeft geen pagina's; gebruik filters of limit.")
        for naam, given in asked.items()
        if given
    ]
    if formaat.naam in ALWAYS_CRS84 and vraag.crs is not CRS84:
        faults.append(ParameterFault("crs", f"{formaat.naam} is altijd in lengte en breedte (CRS84)."))
    if faults:
        raise InvalidParameters(*faults)


async def _take_place(places: asyncio.Semaphore, stack: AsyncExitStack) -> None:
    """Wait for one of the few places; Unavailable when there is none for a while."""
    try:
        await asyncio.wait_for(places.acquire(), PATIENCE_SECONDS)
    except TimeoutError:
        raise Unavailable("Er worden nu al veel bestanden gemaakt. Probeer het over een minuut opnieuw.") from None
    stack.callback(places.release)


async def _connect(gevraagd: Gevraagd, stack: AsyncExitStack) -> ReadConnection:
    """A connection that lives as long as the stack, for one long question."""
    seconds = get_settings().export_seconden
    return await stack.enter_async_context(connect_as(gevraagd.dienst.database, gevraagd.viewer, seconds=seconds))


async def _open(gevraagd: Gevraagd, formaat: Formaat, geleend: Geleend) -> AsyncIterator[bytes]:
    """Start reading and writing."""
    vraag, connection = gevraagd.vraag, geleend.connection
    selectie = await gevraagd.selection(connection)
    relatie = selectie.relatie
    tabel = Tabel(
        naam=relatie.naam,
        titel=gevraagd.collectie.titel,
        velden=tuple(veld for veld in relatie.velden if veld.naam in selectie.velden),
        id_soort=relatie.id_soort,
        geometrie=relatie.geometrie_soort,
        srid=vraag.crs.srid,
        herkomst=relatie.herkomst,
    )
    rows = await _begun(stream_features(connection, selectie, vraag.crs.srid, limit=vraag.limit), geleend.gelezen)
    return FORMATEN[formaat.naam].schrijver(tabel, rows)


async def _begun(batches: AsyncGenerator[Sequence[Rij], None], gelezen: asyncio.Event) -> Batches:
    """The same batches, the first of them already there: a question that fails does so before the file begins.

    gelezen: set when nothing is read any more.
    """
    first = await anext(batches, None)

    async def resume() -> Batches:
        try:
            if first is not None:
                yield first
            async for batch in batches:
                yield batch
        finally:
            await batches.aclose()
            gelezen.set()

    return resume()
