"""``/interventies``: the log of actions in the neighbourhood; staff plan and change what is in their own area."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse

from geo_service.api.parameters import Parameter, one_of, read_query
from geo_service.beveiliging.headers import nonce_of
from geo_service.domain.interventies import DOELEN, LANGSTE, LOGBOEK, RICHTINGEN, VELDEN
from geo_service.errors import InvalidParameters, NotFound, Stale
from geo_service.identity import Viewer
from geo_service.pages import interventievelden as velden
from geo_service.pages.formulier import SEE_OTHER, reasons, signed_fields, signed_form
from geo_service.pages.rendering import ASSETS, ROLE_NAMES, page
from geo_service.release import interventies as lezen
from geo_service.release.context import Gemeente, connect_as
from geo_service.release.interventies import STANDEN, Interventie
from geo_service.release.kaart import base_map
from geo_service.spoor.gebeurtenis import INTERVENTIE_INTREKKEN, INTERVENTIE_SCHRIJVEN, INTERVENTIE_WIJZIGEN
from geo_service.spoor.verzoek import get_spoor, request_event
from geo_service.web import Dienst, enter
from geo_service.werk import interventielijst
from geo_service.werk import interventies as schrijven
from geo_service.werk.werkplek import Werkplek, werkplek_of
from maps.assets import BASIS, script_tags, style_links

router = APIRouter()
LIJST = "/interventies"
EEN = LIJST + "/{bron}/{sleutel}"
STYLES = ("leaflet/leaflet.css", *BASIS, "legenda.css", "gegevens.css", "plekken.css", "werk.css", "interventies.css")
DRAW = ("leaflet/leaflet.js", "leaflet/leaflet-geoman.min.js", "tekenen.js")
SHOW = ("leaflet/leaflet.js", "tekenen.js")
READ = ("tekenen.js",)
MEESTE_VELDEN = 1_000
ROLLEN = {role.value: naam for role, naam in ROLE_NAMES.items()}
PARAMETERS = (
    Parameter("stadsdeel", "Alleen interventies in dit stadsdeel.", {"type": "string"}),
    Parameter(
        "stand", "Gepland, loopt of afgelopen.", {"type": "string", "enum": list(STANDEN)}, one_of(tuple(STANDEN))
    ),
)
GEBIED = Parameter("gebied", "Code van een gebied.", {"type": "string"})
INGETROKKEN = "Een ander heeft deze interventie ingetrokken. Wat u schreef staat hieronder: bewaar het als nieuwe."
NIEUW, PLANNEN = LIJST + "/nieuw", "Interventie plannen"


@dataclass(frozen=True)
class Werk:
    """A member of staff at work in the log of their gemeente."""

    request: Request
    dienst: Dienst
    viewer: Viewer
    gemeente: Gemeente
    werkplek: Werkplek

    @property
    def stadsdelen(self) -> list[tuple[str, str]]:
        """The viewer's own stadsdelen, by name."""
        known = self.gemeente.leden(self.gemeente.vintages[-1].jaar, "stadsdeel") if self.gemeente.vintages else {}
        own = [code for code in known if self.viewer.owns(self.gemeente.code, code)]
        return sorted(((code, self.gemeente.gebied_naam(code)) for code in own), key=lambda item: item[1])

    def page(self, template: str, *, status: int = 200, scripts: tuple[str, ...] = (), **told: Any) -> HTMLResponse:
        shared: dict[str, Any] = {
            "stijl": style_links(ASSETS, STYLES), "gemeente_naam": self.gemeente.naam, "doelen": DOELEN,
            "script": script_tags(ASSETS, nonce_of(self.request), scripts), "kaartbeeld": self._map(),
            "logboek": LOGBOEK, "rollen": ROLLEN, "adres": address,
        }  # fmt: skip
        return page(template, pagina="interventies", viewer=self.viewer, status=status, **shared, **told)

    def log(self, act: str, sleutel: str) -> None:
        self.dienst.geheugen.renew()
        spoor = get_spoor(self.request).schrijver
        spoor.note(request_event(self.request, self.viewer, act, "gelukt", f"interventie {sleutel}"))

    def _map(self) -> dict[str, Any]:
        """What the script draws below a drawing: the borders of buurten, from the API, and tiles when they are set."""
        asked = urlencode({"gemeente": self.gemeente.code, "limit": 1_000, "properties": "gebied_code,gebied_naam"})
        tiles = base_map()
        return {
            "grenzen": f"/v1/collections/buurten/items?{asked}",
            "omvang": self.gemeente.omvang,
            "tegels": tiles.url if tiles else "",
            "hoogste": tiles.max_zoom if tiles else 18,
            "naam": tiles.attributie if tiles else "",
        }


@dataclass(frozen=True)
class Formulier:
    """The form of an action. ingevuld: texts by field; fouten: what is wrong by field; huidig: the version it is of.

    conflict: what is there now, when somebody else was first, and getypt what was sent then. melding: a sentence above.
    """

    doel_adres: str
    kop: str
    ingevuld: Mapping[str, str]
    buurten: frozenset[str] = frozenset()
    fouten: Mapping[str, str] = field(default_factory=dict)
    huidig: int | None = None
    conflict: Interventie | None = None
    getypt: velden.Ingevuld | None = None
    melding: str = ""
    status: int = 200


def address(bron: str, sleutel: str, tail: str = "") -> str:
    """Where an action of the log lives."""
    return f"{LIJST}/{quote(bron, safe='')}/{quote(sleutel, safe='')}{tail}"


@router.get(LIJST)
async def lijst(request: Request) -> HTMLResponse:
    """The actions that the viewer may see, by stadsdeel and by whether they go on."""
    werk = await _enter(request)
    asked = read_query(request, PARAMETERS, formulier=True)
    found = await lezen.all_of(werk.dienst.database, werk.viewer, werk.gemeente)
    today = schrijven.today()
    inside = lezen.areas_of(werk.gemeente, asked.get("stadsdeel"))
    shown = [
        (one, one.stand(today))
        for one in found
        if asked.get("stand") in (None, one.stand(today)) and (inside is None or inside & set(one.gebied_codes))
    ]
    told: dict[str, Any] = {
        "interventies": shown, "totaal": len(found), "stadsdelen": werk.stadsdelen, "standen": STANDEN, "vraag": asked,
        "collectie": f"/v1/collections/interventies/items?gemeente={werk.gemeente.code}",
    }  # fmt: skip
    return werk.page("interventies.html", **told)


@router.get(NIEUW)
async def leeg(request: Request) -> HTMLResponse:
    """An empty form; for an area that was named, with its buurten chosen."""
    werk = await _enter(request)
    asked = read_query(request, (GEBIED,)).get("gebied")
    buurten = velden.members(werk.gemeente, (asked,)) if asked else frozenset()
    return await _form(werk, Formulier(NIEUW, PLANNEN, {"gebied_soort": "buurten" if asked else "tekening"}, buurten))


@router.post(NIEUW, response_model=None)
async def maak(request: Request) -> HTMLResponse | RedirectResponse:
    werk = await _enter(request)
    form = velden.read(await signed_fields(request, MEESTE_VELDEN))
    try:
        checked = await _check(werk, form)
    except InvalidParameters as error:
        shown = Formulier(NIEUW, PLANNEN, form.ingevuld, form.buurten, reasons(error), status=400)
        return await _form(werk, shown)
    (sleutel,) = await schrijven.write(werk.werkplek, werk.gemeente, [checked])
    werk.log(INTERVENTIE_SCHRIJVEN, sleutel)
    return RedirectResponse(address(LOGBOEK, sleutel), SEE_OTHER)


@router.get(LIJST + "/inlezen")
async def open_lijst(request: Request) -> HTMLResponse:
    werk = await _enter(request)
    read_query(request, ())
    return _list_form(werk, "", [])


@router.post(LIJST + "/inlezen", response_model=None)
async def lees_in(request: Request) -> HTMLResponse | RedirectResponse:
    """Store every action of a list, or none and say what is wrong with which line."""
    werk = await _enter(request)
    form = await signed_form(request)
    try:
        found = await interventielijst.read(werk.werkplek, werk.gemeente, form.get("lijst", ""))
    except InvalidParameters as error:
        return _list_form(werk, form.get("lijst", ""), [(fault.name, fault.reason) for fault in error.faults])
    for sleutel in await schrijven.write(werk.werkplek, werk.gemeente, found.interventies):
        werk.log(INTERVENTIE_SCHRIJVEN, sleutel)
    return RedirectResponse(LIJST, SEE_OTHER)


@router.post(LIJST + "/proef")
async def proef(request: Request) -> JSONResponse:
    """What is known of a drawing before it is kept: its size and buurten, or what is wrong with it."""
    werk = await _enter(request)
    form = await signed_form(request)
    try:
        found = await schrijven.judge(werk.werkplek, werk.gemeente, form.get("tekening", ""))
    except InvalidParameters as error:
        return JSONResponse({"goed": False, "tekst": " ".join(reasons(error).values())})
    return JSONResponse({"goed": True, "tekst": found})


@router.get(EEN)
async def toon(request: Request, bron: str, sleutel: str) -> HTMLResponse:
    """One action, with a small map."""
    werk = await _enter(request)
    read_query(request, ())
    found = await lezen.find(werk.dienst.database, werk.viewer, werk.gemeente, bron, sleutel)
    today = schrijven.today()
    namen = (await schrijven.choices(werk.werkplek, werk.gemeente)).categorieen
    told: dict[str, Any] = {
        "interventie": found,
        "stand": STANDEN[found.stand(today)],
        "begonnen": found.stand(today) != "gepland",
    }
    return werk.page("interventie.html", scripts=SHOW, categorieen=namen, **told)


@router.get(EEN + "/wijzigen")
async def open_(request: Request, bron: str, sleutel: str) -> HTMLResponse:
    werk = await _enter(request)
    read_query(request, ())
    found = await _own(werk, bron, sleutel)
    ingevuld, buurten = velden.of(werk.gemeente, found)
    shown = Formulier(address(bron, sleutel, "/wijzigen"), f"{found.naam} wijzigen", ingevuld, buurten)
    return await _form(werk, shown, found)


@router.post(EEN + "/wijzigen", response_model=None)
async def wijzig(request: Request, bron: str, sleutel: str) -> HTMLResponse | RedirectResponse:
    """Keep a change, unless somebody else was first: then both are shown side by side."""
    werk = await _enter(request)
    form = velden.read(await signed_fields(request, MEESTE_VELDEN))
    here = address(bron, sleutel, "/wijzigen")
    try:
        found = await _own(werk, bron, sleutel)
    except NotFound:
        if not await _withdrawn(werk, bron, sleutel):
            raise
        gone = Formulier(NIEUW, PLANNEN, form.ingevuld, form.buurten, melding=INGETROKKEN, status=412)
        return await _form(werk, gone)
    shown = Formulier(here, f"{found.naam} wijzigen", form.ingevuld, form.buurten, huidig=form.versie)
    try:
        checked = await _check(werk, form)
        await schrijven.change(werk.werkplek, werk.gemeente, sleutel, form.versie or 0, checked)
    except InvalidParameters as error:
        return await _form(werk, replace(shown, fouten=reasons(error), status=400))
    except Stale:
        return await _form(werk, await _conflict(werk, shown, form, await _own(werk, bron, sleutel)))
    werk.log(INTERVENTIE_WIJZIGEN, sleutel)
    return RedirectResponse(address(bron, sleutel), SEE_OTHER)


@router.post(EEN + "/intrekken", response_model=None)
async def trek_in(request: Request, bron: str, sleutel: str) -> HTMLResponse | RedirectResponse:
    werk = await _enter(request)
    form = velden.read(await signed_fields(request, MEESTE_VELDEN))
    await _own(werk, bron, sleutel)
    await schrijven.withdraw(werk.werkplek, werk.gemeente.code, sleutel, form.versie or 0)
    werk.log(INTERVENTIE_INTREKKEN, sleutel)
    return RedirectResponse(address(bron, sleutel, "/geschiedenis"), SEE_OTHER)


@router.get(EEN + "/geschiedenis")
async def geschiedenis(request: Request, bron: str, sleutel: str) -> HTMLResponse:
    """What an action was, version by version, with what each of them changed."""
    werk = await _enter(request)
    read_query(request, ())
    found = await schrijven.history(werk.werkplek, werk.gemeente.code, bron, sleutel)
    namen = (await schrijven.choices(werk.werkplek, werk.gemeente)).categorieen
    told: dict[str, Any] = {"versies": velden.changes(found, werk.gemeente, namen), "sleutel": sleutel, "bron": bron}
    return werk.page("interventie_geschiedenis.html", ingetrokken=found[0].handeling == "ingetrokken", **told)


async def _enter(request: Request) -> Werk:
    viewer, dienst = await enter(request)
    werkplek = werkplek_of(dienst, viewer)
    lezen.require_staff(viewer, viewer.gemeente or "")
    await dienst.geheugen.stand()
    async with connect_as(dienst.database, viewer) as connection:
        gemeente = await dienst.geheugen.gemeente(connection, viewer, viewer.gemeente)
    return Werk(request, dienst, viewer, gemeente, werkplek)


async def _own(werk: Werk, bron: str, sleutel: str) -> Interventie:
    """An action that the viewer may change; NotFound for one that was loaded too."""
    found = await lezen.find(werk.dienst.database, werk.viewer, werk.gemeente, bron, sleutel)
    if not found.eigen:
        raise NotFound(lezen.GEEN_INTERVENTIE)
    return found


async def _withdrawn(werk: Werk, bron: str, sleutel: str) -> bool:
    try:
        versions = await schrijven.history(werk.werkplek, werk.gemeente.code, bron, sleutel)
    except NotFound:
        return False
    return versions[0].handeling == "ingetrokken"


async def _conflict(werk: Werk, shown: Formulier, form: velden.Ingevuld, now: Interventie) -> Formulier:
    """Both versions, and a form that holds what this editor changed on top of what the other one kept."""
    versies = await schrijven.history(werk.werkplek, werk.gemeente.code, now.bron, now.sleutel)
    base = next((versie.inhoud for versie in versies if versie.versie == form.versie), None)
    both = velden.merged(form, base, now, werk.gemeente)
    told = replace(shown, ingevuld=both.ingevuld, buurten=both.buurten, getypt=form)
    return replace(told, conflict=now, huidig=now.versie, status=412)


async def _check(werk: Werk, form: velden.Ingevuld) -> schrijven.Geschreven:
    keuzes = await schrijven.choices(werk.werkplek, werk.gemeente)
    return await schrijven.check(werk.werkplek, werk.gemeente, form.texts, keuzes)


def _list_form(werk: Werk, lijst: str, fouten: list[tuple[str, str]]) -> HTMLResponse:
    told: dict[str, Any] = {"lijst": lijst, "fouten": fouten, "meeste": interventielijst.MEESTE}
    return werk.page("interventies_inlezen.html", status=400 if fouten else 200, scripts=READ, **told)


async def _form(werk: Werk, form: Formulier, found: Interventie | None = None) -> HTMLResponse:
    """The form with everything that was typed, and what is wrong with it."""
    keuzes = await schrijven.choices(werk.werkplek, werk.gemeente)
    own = werk.viewer
    jaar = werk.gemeente.peiljaar(None) if werk.gemeente.vintages else 0
    told: dict[str, Any] = {
        "form": form, "huidig": form.huidig if form.huidig is not None else found.versie if found else None,
        "namen": VELDEN, "langste": LANGSTE, "richtingen": RICHTINGEN, "keuzes": keuzes,
        "bronnen": [(naam, naam) for naam in keuzes.bronnen],
        "buurten": velden.choices_of(werk.gemeente, own, jaar),
        "verschillen": velden.differences(form.conflict, form.getypt, werk.gemeente, keuzes)
        if form.conflict and form.getypt else [],
    }  # fmt: skip
    return werk.page("interventie_form.html", status=form.status, scripts=DRAW, **told)
