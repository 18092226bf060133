"""Writing features (OGC API – Features Part 4): create, replace and delete, with optimistic locking by ETag.

Staff write interventions this way, with a token in the Authorization header. A cookie alone never writes.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import orjson
from fastapi import Request
from starlette.responses import Response

from geo_service.api import parameters as p
from geo_service.api.antwoord import GEOJSON, JSON, asked_versions, base
from geo_service.api.collections import find_collection
from geo_service.api.route import make_router
from geo_service.domain.interventies import LOGBOEK
from geo_service.errors import Forbidden, InvalidParameters, NotFound, ParameterFault, Stale, WrongType
from geo_service.identity import Viewer
from geo_service.release.collecties.interventies import GESCHREVEN, ID, VELDEN
from geo_service.release.context import Gemeente, connect_as
from geo_service.release.interventies import GEEN_INTERVENTIE
from geo_service.spoor.gebeurtenis import INTERVENTIE_INTREKKEN, INTERVENTIE_SCHRIJVEN, INTERVENTIE_WIJZIGEN
from geo_service.spoor.verzoek import get_spoor, request_event
from geo_service.toegang.verzoek import Soort, read_bewijzen
from geo_service.web import Dienst, enter
from geo_service.werk import interventies
from geo_service.werk.werkplek import Werkplek, werkplek_of

router = make_router()
ITEMS = f"/collections/{ID}/items"
ITEM = ITEMS + "/{featureId:path}"
MEDIA = (GEOJSON.mediatype, JSON.mediatype)
MEMBERS = frozenset({"type", "id", "geometry", "properties", "bbox", "herkomst", "links"})
_KNOWN = {veld.naam for veld in VELDEN}
_TEXTS = {veld.naam for veld in GESCHREVEN} - {"gebied_codes", "tekening"}


@router.options(ITEMS)
@router.options(ITEM)
async def options(request: Request) -> Response:
    """Which methods there are; the collection does not exist for who may not read it."""
    viewer, _ = await enter(request)
    find_collection(ID, viewer)
    methods = "PUT, DELETE" if "featureId" in request.path_params else "POST"
    return Response(status_code=204, headers={"Allow": f"GET, HEAD, OPTIONS, {methods}"})


@router.post(ITEMS)
async def create(request: Request) -> Response:
    """Write a new feature: 201 with its address."""
    werkplek, dienst = await _writer(request)
    feature = await _feature(request)
    gemeente, geschreven = await _checked(werkplek, dienst, feature)
    (sleutel,) = await interventies.write(werkplek, gemeente, [geschreven])
    _done(request, werkplek.viewer, dienst, INTERVENTIE_SCHRIJVEN, sleutel)
    address = f"{base(request)}{ITEMS}/{quote(f'{LOGBOEK}.{sleutel}', safe='')}"
    return Response(status_code=201, headers={"Location": address})


@router.put(ITEM)
async def replace(request: Request) -> Response:
    """Write a feature anew when it still is of the version that If-Match names: 204, else 412."""
    werkplek, dienst = await _writer(request)
    sleutel, versie = await _locked(request, werkplek)
    feature = await _feature(request)
    gemeente, geschreven = await _checked(werkplek, dienst, feature)
    await interventies.change(werkplek, gemeente, sleutel, versie, geschreven)
    _done(request, werkplek.viewer, dienst, INTERVENTIE_WIJZIGEN, sleutel)
    return Response(status_code=204)


@router.delete(ITEM)
async def delete(request: Request) -> Response:
    """Withdraw a feature when it still is of the version that If-Match names; its history stays."""
    werkplek, dienst = await _writer(request)
    sleutel, versie = await _locked(request, werkplek)
    await interventies.withdraw(werkplek, werkplek.viewer.gemeente or "", sleutel, versie)
    _done(request, werkplek.viewer, dienst, INTERVENTIE_INTREKKEN, sleutel)
    return Response(status_code=204)


async def _writer(request: Request) -> tuple[Werkplek, Dienst]:
    viewer, dienst = await enter(request)
    find_collection(ID, viewer)
    werkplek = werkplek_of(dienst, viewer)
    if not any(bewijs.soort is Soort.TOKEN for bewijs in read_bewijzen(request)):
        raise Forbidden("Schrijven via de API kan alleen met een token in de header Authorization.")
    p.read_query(request, ())
    return werkplek, dienst


async def _locked(request: Request, werkplek: Werkplek) -> tuple[str, int | None]:
    """The key that is meant and the version that it must have; None: any. Stale when it has another by now."""
    bron, _, sleutel = request.path_params["featureId"].partition(".")
    if bron != LOGBOEK or "\x00" in sleutel:
        raise NotFound(GEEN_INTERVENTIE)
    current = await interventies.require_version(werkplek, werkplek.viewer.gemeente or "", sleutel)
    asked = asked_versions(request)
    if asked is not None and current not in asked:
        raise Stale(interventies.VERANDERD)
    return sleutel, None if asked is None else current


async def _feature(request: Request) -> dict[str, Any]:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in MEDIA:
        raise WrongType(f"Stuur een Feature als {MEDIA[0]}.")
    if "content-crs" in request.headers and "CRS84" not in request.headers["content-crs"]:
        raise _fault("Content-Crs", "Alleen lengte en breedte (CRS84).")
    try:
        found = orjson.loads(await request.body())
    except orjson.JSONDecodeError as error:
        raise _fault(
            "inhoud", f"Dit is geen JSON: op regel {error.lineno}, teken {error.colno} gaat het mis."
        ) from None
    if not isinstance(found, dict) or found.get("type") != "Feature":
        raise _fault("type", "Stuur één Feature.")
    return found


async def _checked(
    werkplek: Werkplek, dienst: Dienst, feature: dict[str, Any]
) -> tuple[Gemeente, interventies.Geschreven]:
    texts = _texts(feature)
    await dienst.geheugen.stand()
    async with connect_as(dienst.database, werkplek.viewer) as connection:
        gemeente = await dienst.geheugen.gemeente(connection, werkplek.viewer, werkplek.viewer.gemeente)
    keuzes = await interventies.choices(werkplek, gemeente)
    try:
        return gemeente, await interventies.check(werkplek, gemeente, texts, keuzes)
    except InvalidParameters as error:
        area = "geometry" if texts["tekening"] else "gebied_codes"
        named = (ParameterFault(area if f.name == "gebied" else f.name, f.reason) for f in error.faults)
        raise InvalidParameters(*named) from None


def _texts(feature: dict[str, Any]) -> dict[str, str]:
    """A feature as the fields of the form. A shape without a drawing (``tekening`` is null) is that of its areas."""
    properties = feature.get("properties")
    faults = [ParameterFault(str(name)[:60], "Dit onderdeel is onbekend.") for name in feature.keys() - MEMBERS]
    if not isinstance(properties, dict):
        raise _fault("properties", "Hierin staan geen eigenschappen.")
    faults += [ParameterFault(name[:60], "Dit veld is onbekend.") for name in properties.keys() - _KNOWN]
    strange = [name for name in _KNOWN & properties.keys() if isinstance(properties[name], dict | list | bool)]
    faults += [ParameterFault(name, "Geef één waarde.") for name in strange]
    if faults:
        raise InvalidParameters(*sorted(faults, key=lambda fault: fault.name))
    texts = {name: _text(properties.get(name)) for name in _TEXTS}
    geometry = feature.get("geometry")
    drawn = geometry is not None and properties.get("tekening", "") is not None
    texts["gebied"] = "" if drawn else _text(properties.get("gebied_codes"))
    texts["tekening"] = orjson.dumps(geometry).decode() if drawn else ""
    return texts


def _text(value: Any) -> str:
    if value is None:
        return ""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _done(request: Request, viewer: Viewer, dienst: Dienst, act: str, sleutel: str) -> None:
    dienst.geheugen.renew()
    get_spoor(request).schrijver.note(request_event(request, viewer, act, "gelukt", f"interventie {sleutel}"))


def _fault(name: str, reason: str) -> InvalidParameters:
    return InvalidParameters(ParameterFault(name, reason))
