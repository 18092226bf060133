"""``/gebied/{code}``: everything about one area, for who works there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from markupsafe import Markup

from geo_service.api.weergave import number_or_dash, rate_or_dash
from geo_service.domain.gebieden import require_gemeente
from geo_service.domain.perioden import parse_periode
from geo_service.identity import Viewer
from geo_service.pages.bewaren import KEEP_STYLES, Bewaren, explain_figure, files_of, keep_scripts
from geo_service.pages.rendering import ASSETS, page
from geo_service.release.bescherming import bescherming
from geo_service.release.context import Gemeente, connect_as
from geo_service.release.profiel import profiel
from geo_service.release.verwachting import verwachtingen
from geo_service.settings import get_settings
from geo_service.web import Dienst, enter
from geo_service.werk.notities import ALGEMEEN, LANGSTE, OORDELEN, of_area, onderwerp
from geo_service.werk.werkplek import has_werkplek, werkplek_of
from maps.assets import BASIS, style_links
from maps.figuren import Meting, Reeks, render_reeks
from maps.model import Eenheid
from maps.teksten import STATUS_WOORD

router = APIRouter()
STYLES = (*BASIS, "legenda.css", "gegevens.css", "figuren.css", "werk.css", *KEEP_STYLES)
# Visits are divided in three ways that each count all of them.
SOORTEN = {"kanaal": "Hoe mensen kwamen", "thema": "Waar het over ging", "uitkomst": "Hoe het verder ging"}
Document = dict[str, Any]


@dataclass(frozen=True)
class Notitieform:
    """What was filled in on the form of a note, and what is wrong with it by field."""

    ingevuld: Mapping[str, str]
    fouten: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Bronblok:
    """One source on the page. bron: as in the profile; figuur: its chart; groepen: heading -> rows of categories, each
    the figure of the area and that of the municipality; bestanden: the series as files (address, name, use)."""

    bron: Document
    figuur: Markup
    groepen: Mapping[str, list[tuple[Document, Document]]]
    bestanden: tuple[tuple[str, str, str], ...]


@router.get("/gebied/{code}")
async def gebied(request: Request, code: str) -> HTMLResponse:
    viewer, dienst = await enter(request)
    form = Notitieform({"over": request.query_params.get("over", ALGEMEEN)})
    return await area_page(request, dienst, viewer, code, form)


async def area_page(request: Request, dienst: Dienst, viewer: Viewer, code: str, form: Notitieform) -> HTMLResponse:
    """The page of an area; with faults in the form as it was filled in."""
    await dienst.geheugen.stand()
    async with connect_as(dienst.database, viewer) as connection:
        gemeente = await dienst.geheugen.gemeente(connection, viewer, require_gemeente(code))
        found = (await profiel(connection, viewer, gemeente, code)).as_dict()
        komt = found["gebied"]["niveau"] == "stadsdeel"
        verwacht = await verwachtingen(connection, viewer, gemeente, code) if komt else []
    naam = found["gebied"]["gebied_naam"]
    return page(
        "gebied.html",
        pagina="gebied",
        viewer=viewer,
        status=400 if form.fouten else 200,
        notities=await _notities(dienst, viewer, gemeente, code, found),
        form=form,
        stijl=style_links(ASSETS, STYLES),
        gemeente_naam=gemeente.naam,
        document=found,
        meldingen=[_block(naam, "meldingen", n, bron) for n, bron in enumerate(found.get("meldingen", ()), 1)],
        bezoeken=[_block(naam, "bezoeken", n, bron) for n, bron in enumerate(found.get("bezoeken", ()), 1)],
        verwachtingen=verwacht,
        uitleg=explain_figure,
        bewaren=Bewaren(bescherming=bescherming(viewer, gemeente) if viewer.may_see_figures else ""),
        bewaarscript=keep_scripts(request, ASSETS),
        getal=number_or_dash,
        per_1000=rate_or_dash,
        statuswoord=STATUS_WOORD,
    )


async def _notities(
    dienst: Dienst, viewer: Viewer, gemeente: Gemeente, code: str, document: Document
) -> dict[str, Any] | None:
    """The notes of colleagues with what one can be written about; None for who does not work here."""
    if not has_werkplek(viewer) or not gemeente.is_eigen(viewer, code):
        return None
    shown = [bron for laag in ("meldingen", "bezoeken") for bron in document.get(laag, ())]
    over = [(ALGEMEEN, "Het gebied in het algemeen")] + [
        (onderwerp(bron["bron"], bron["periode"]), f"{bron['bron']}, {bron['periode_naam']}") for bron in shown
    ]
    alle = await of_area(werkplek_of(dienst, viewer), gemeente, code)
    names = {bron["bron"] for bron in shown}
    return {
        "over": over,
        "oordelen": OORDELEN,
        "langste": LANGSTE,
        "maanden": get_settings().notitie_maanden,
        "bij_bron": {naam: [note for note in alle if note.bron == naam] for naam in names},
        "overig": [note for note in alle if note.bron not in names],
    }


def _block(naam: str, laag: str, number: int, bron: Document) -> Bronblok:
    per = bron["totaal"]["noemer_soort"]
    eenheid: Eenheid = "per_1000" if per else "aantal"
    reeks = Reeks(
        id=f"{laag}-{number}",
        titel=f"{laag.capitalize()} van {bron['bron']} in {naam}",
        naam=naam,
        metingen=metingen(bron["reeks"], eenheid),
        eenheid=eenheid,
        per=per or "woningen",
        # The sum of a municipality beside the count of one area would say nothing.
        vergelijking=metingen(bron["gemeente_reeks"], eenheid) if per else (),
    )
    return Bronblok(bron, render_reeks(reeks), _groepen(bron), _files(laag, bron))


def _files(laag: str, bron: Document) -> tuple[tuple[str, str, str], ...]:
    """The series of the page as files of the API: the same periods, one row each."""
    first, last = (parse_periode(bron["reeks"][place]["periode"]) for place in (0, -1))
    figure = bron["reeks"][-1]
    asked = {naam: str(figure[naam]) for naam in ("niveau", "bron", "categorie")}
    asked |= {"gebied": figure["gebied_code"], "datetime": f"{first.van}/{last.tot}"}
    asked |= {"noemer": figure["noemer_soort"]} if figure["noemer_soort"] else {}
    return files_of(f"{laag}-per-gebied", asked | {"gemeente": require_gemeente(figure["gebied_code"])})


def metingen(figures: Sequence[Document], eenheid: Eenheid) -> tuple[Meting, ...]:
    """The published figures of a series, as a chart draws them."""
    return tuple(Meting.of(figure, eenheid) for figure in figures)


def _groepen(bron: Document) -> dict[str, list[tuple[Document, Document]]]:
    """The categories of reports in one table, those of visits in one per kind."""
    groepen: dict[str, list[tuple[Document, Document]]] = {}
    for here, whole in zip(bron["per_categorie"], bron["gemeente_per_categorie"], strict=True):
        kop = SOORTEN.get(here["categorie"].partition("-")[0], "Onderwerpen")
        groepen.setdefault(kop, []).append((here, whole))
    return groepen
