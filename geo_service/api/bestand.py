"""Whole collections as files, streamed while they are read: CSV, GeoPackage, FlatGeobuf, GeoParquet, GeoJSON lines."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

from starlette.responses import Response, StreamingResponse

from geo_service.api.antwoord import VARY, Formaat, cache_control, etag_of, has_tag
from geo_service.domain.crs import CRS84
from geo_service.errors import InvalidParameters, ParameterFault, Unavailable
from geo_service.formats import FORMATEN
from geo_service.formats.tabel import Batches, Tabel
from geo_service.release.collecties import Aanvraag, make_relation
from geo_service.release.context import connect_as
from geo_service.release.selectie import select_features, stream_features
from geo_service.settings import get_settings

if TYPE_CHECKING:
    from geo_service.api.items import Gevraagd

FILE_FORMATS = tuple(Formaat(soort.naam, soort.mediatype, soort.titel) for soort in FORMATEN.values())
PATIENCE_SECONDS = 20
# RFC 8142 with GeoJSON knows one coordinate system.
ALWAYS_CRS84 = frozenset({"geojsonseq"})


async def send_file(gevraagd: Gevraagd, formaat: Formaat) -> Response:
    """The filtered collection as a file; without a limit all of it. Errors come before the first byte."""
    request, viewer, dienst = gevraagd.request, gevraagd.viewer, gevraagd.dienst
    _check(gevraagd, formaat)
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
    stack = AsyncExitStack()
    try:
        await _take_place(dienst.bestanden, stack)
        chunks = await _open(gevraagd, formaat, stack)
        first = await anext(chunks, b"")
    except BaseException:
        await stack.aclose()
        raise
    return StreamingResponse(_rest(first, chunks, stack), headers=headers, media_type=formaat.mediatype)


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


async def _open(gevraagd: Gevraagd, formaat: Formaat, stack: AsyncExitStack) -> AsyncIterator[bytes]:
    """Start reading; the connection lives as long as the stack."""
    viewer, dienst, vraag = gevraagd.viewer, gevraagd.dienst, gevraagd.vraag
    seconds = get_settings().export_seconden
    connection = await stack.enter_async_context(connect_as(dienst.database, viewer, seconds=seconds))
    gemeente = await dienst.geheugen.gemeente(connection, viewer, vraag.gemeente)
    relatie = await make_relation(
        gevraagd.collectie, Aanvraag(connection, viewer, gemeente, vraag.vraag, vraag.filters.moment)
    )
    selectie = select_features(relatie, vraag.filters, velden=vraag.velden, sortby=vraag.sortby)
    tabel = Tabel(
        naam=relatie.naam,
        titel=gevraagd.collectie.titel,
        velden=tuple(veld for veld in relatie.velden if veld.naam in selectie.velden),
        id_soort=relatie.id_soort,
        geometrie=relatie.geometrie_soort,
        srid=vraag.crs.srid,
        herkomst=relatie.herkomst,
    )
    rows = await _begun(stream_features(connection, selectie, vraag.crs.srid, limit=vraag.limit))
    return FORMATEN[formaat.naam].schrijver(tabel, rows)


async def _begun(batches: Batches) -> Batches:
    """The same batches, the first of them already there: a question that fails does so before the file begins."""
    first = await anext(batches, None)

    async def resume() -> Batches:
        if first is not None:
            yield first
        async for batch in batches:
            yield batch

    return resume()


async def _rest(first: bytes, chunks: AsyncIterator[bytes], stack: AsyncExitStack) -> AsyncIterator[bytes]:
    async with stack:
        yield first
        async for chunk in chunks:
            yield chunk
