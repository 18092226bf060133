"""``/``: what this is, which areas there are, and for staff what changed in theirs since they were here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from geo_service.domain.perioden import dag_van
from geo_service.identity import Viewer
from geo_service.pages.rendering import ASSETS, area_in_words, page
from geo_service.release import overzicht
from geo_service.release.context import Gemeente, connect_as
from geo_service.release.veranderd import Nieuws, nieuws_sinds, stand_van
from geo_service.web import Dienst, get_dienst, get_viewer
from geo_service.werk import notities, vorig_bezoek, weergaven
from geo_service.werk.werkplek import Werkplek, has_werkplek, werkplek_of
from maps.assets import BASIS, style_links
from maps.model import NIVEAUS

router = APIRouter()
MEERVOUD = {niveau: plural for niveau, (_, plural) in NIVEAUS.items()}
STYLES = (*BASIS, "werk.css")


@dataclass(frozen=True)
class MijnGebied:
    """What is new for one member of staff. sinds: when they were here before, None the first time.

    nieuws: of sources with another last period since then; notities: of colleagues, with the name of their area.
    """

    naam: str
    gemeente: Gemeente
    sinds: datetime | None
    nieuws: list[Nieuws]
    notities: list[tuple[str, notities.Notitie]]
    weergaven: list[weergaven.Weergave]

    @property
    def sinds_dag(self) -> str:
        return dag_van(self.sinds) if self.sinds else ""

    @property
    def opvallend(self) -> list[Nieuws]:
        return [bron for bron in self.nieuws if bron.veranderingen]

    @property
    def gewoon(self) -> list[Nieuws]:
        """Sources in which nothing was beyond noise, though there was something to compare."""
        return [bron for bron in self.nieuws if bron.bekeken and not bron.veranderingen]

    @property
    def te_kort(self) -> list[Nieuws]:
        """Sources with too short a past to say what is usual."""
        return [bron for bron in self.nieuws if not bron.bekeken]


@router.get("/")
async def start(request: Request) -> HTMLResponse:
    viewer, dienst = await get_viewer(request), get_dienst(request)
    return page(
        "start.html",
        pagina="start",
        viewer=viewer,
        stijl=style_links(ASSETS, STYLES),
        tellingen=await overzicht.tellingen(dienst.database, viewer),
        keuzes=await overzicht.gebiedskeuzes(dienst.database, viewer),
        mijn=await _mijn_gebied(dienst, viewer) if has_werkplek(viewer) else None,
        meervoud=MEERVOUD,
    )


async def _mijn_gebied(dienst: Dienst, viewer: Viewer) -> MijnGebied | None:
    werkplek = werkplek_of(dienst, viewer)
    await dienst.geheugen.stand()
    async with connect_as(dienst.database, viewer) as connection:
        gemeente = await dienst.geheugen.gemeente_or_none(connection, viewer, viewer.gemeente)
        if gemeente is None or not gemeente.vintages:
            return None
        vorige = await vorig_bezoek.note(werkplek, stand_van(gemeente, viewer))
        nieuws = await nieuws_sinds(connection, viewer, gemeente, vorige.stand if vorige else None)
    return MijnGebied(
        area_in_words(viewer),
        gemeente,
        vorige.moment if vorige else None,
        nieuws,
        await _nieuwe_notities(werkplek, gemeente, vorige),
        await weergaven.of(werkplek),
    )


async def _nieuwe_notities(
    werkplek: Werkplek, gemeente: Gemeente, vorige: vorig_bezoek.VorigBezoek | None
) -> list[tuple[str, notities.Notitie]]:
    if vorige is None:
        return []
    found = await notities.since(werkplek, gemeente.code, vorige.moment)
    return [(gemeente.gebied_naam(notitie.gebied_code), notitie) for notitie in found]
