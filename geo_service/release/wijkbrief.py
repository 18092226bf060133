"""The letter about one area: two pages for a council, of what the public may see, or of the viewer's own figures.

Every figure is that of the profile of the area and of the map; this module forms none. Notes of staff are never read.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import shapely
from shapely.geometry import mapping, shape

from geo_service.db.engine import Database, ReadConnection
from geo_service.db.queries.features import list_gebieden
from geo_service.db.queries.interventies import list_interventies
from geo_service.domain.gebieden import require_gemeente
from geo_service.errors import NotFound
from geo_service.identity import PUBLIEK, Viewer
from geo_service.release.bescherming import bescherming
from geo_service.release.cijfers import CijferVraag
from geo_service.release.context import Gemeente, connect_as
from geo_service.release.geheugen import Geheugen
from geo_service.release.kaart import KaartAntwoord, Weergave, kaart_voor
from geo_service.release.kaartinterventies import Interventie, make_interventie
from geo_service.release.kaartthemas import Themakeuze
from geo_service.release.profiel import profiel
from geo_service.release.vergelijken import Naast, Vergelijking, vergelijk_perioden
from geo_service.release.wijkbriefzinnen import (
    Bronregel,
    Onderwerp,
    Regel,
    Stof,
    describe_sources,
    figure_rows,
    subject_rows,
    what_is_done,
    what_is_unknown,
    what_to_ask,
    what_we_see,
)
from maps.druk import Drukkaart, Uitsnede, draw_differences, draw_figures, draw_outline, draw_places
from maps.model import KaartModel
from maps.verschil import Verschil

Document = dict[str, Any]
ALLEEN_EIGEN = "Een interne wijkbrief is er alleen voor medewerkers van dit gebied."
# How far back an action is still what "is being done".
ACTIES_DAGEN = 365
GEEN_MELDINGEN = "Er zijn geen meldingen geladen. Dat is geen nul."
GEEN_JAAR_EERDER = "Er is geen eerdere periode om mee te vergelijken."


@dataclass(frozen=True)
class Buurtrij:
    """A buurt of the maps in words and figures. verschil: with the period before, or ""."""

    code: str
    naam: str
    in_gebied: bool
    cijfer: Document
    verschil: str


@dataclass(frozen=True)
class Wijkbrief:
    """gebied: as in the profile; intern: with the viewer's own figures; opgemaakt: the day it was made.

    zien, onbekend, gedaan, vragen: sentences, the most important first, so that who has little room takes the first.
    onderwerpen: what the reports of the first source are about. buurten: the maps as a table, by name; kaart_herkomst:
    where their figures come from.
    """

    gebied: Document
    intern: bool
    opgemaakt: date
    kaarten: tuple[Drukkaart, ...]
    buurten: tuple[Buurtrij, ...]
    kaart_herkomst: str
    kerncijfers: tuple[Document, ...]
    cijfers: tuple[Regel, ...]
    onderwerpen: tuple[Onderwerp, ...]
    zien: tuple[str, ...]
    onbekend: tuple[str, ...]
    gedaan: tuple[str, ...]
    vragen: tuple[str, ...]
    bronnen: tuple[Bronregel, ...]
    bescherming: str

    @property
    def naam(self) -> str:
        return str(self.gebied["gebied_naam"])

    @property
    def pad(self) -> str:
        """Its address on the website."""
        return f"/wijkbrief/{self.gebied['gebied_code']}{'?intern=1' if self.intern else ''}"

    @property
    def soort(self) -> str:
        """What kind of area it is, and where."""
        if self.gebied["niveau"] == "gemeente":
            return "De hele gemeente"
        return f"{str(self.gebied['niveau']).capitalize()} in {self.gebied['gemeente_naam']}"

    @property
    def titel(self) -> str:
        return f"Wijkbrief {self.naam}"


@dataclass(frozen=True)
class Archief:
    """Where letters are made from: the database, what is remembered of it, and the day of today."""

    database: Database
    geheugen: Geheugen
    vandaag: date


async def wijkbrief(archief: Archief, viewer: Viewer, code: str, *, intern: bool = False) -> Wijkbrief:
    """The letter about an area; NotFound for an unknown one, and for an internal letter of somebody else's area.

    Whoever asks for the public one gets the same.
    """
    reader = viewer if intern else PUBLIEK
    await archief.geheugen.stand()
    async with connect_as(archief.database, reader) as connection:
        gemeente = await archief.geheugen.gemeente(connection, reader, require_gemeente(code))
        if intern and not (viewer.works_in(gemeente.code) and gemeente.is_eigen(viewer, code)):
            raise NotFound(ALLEEN_EIGEN)
        document = (await profiel(connection, reader, gemeente, code)).as_dict()
        omtrek = await _outline(connection, gemeente, document["gebied"])
        acties = await _actions(connection, gemeente, code, archief.vandaag) if intern else None
    kaart, verschillen, eigen = await _maps(archief, reader, gemeente, document["gebied"])
    stof = _stof(document, gemeente, kaart, eigen, omtrek)
    drawn, buurten = _drawn(stof, kaart, verschillen, omtrek)
    return Wijkbrief(
        gebied=document["gebied"],
        intern=intern,
        opgemaakt=archief.vandaag,
        kaarten=drawn,
        buurten=buurten,
        kaart_herkomst=kaart.tabel.herkomst if kaart and kaart.tabel else GEEN_MELDINGEN,
        kerncijfers=tuple(document["kerncijfers"]),
        cijfers=figure_rows(stof),
        onderwerpen=subject_rows(stof),
        zien=what_we_see(stof),
        onbekend=what_is_unknown(stof),
        gedaan=what_is_done(stof, acties),
        vragen=what_to_ask(stof),
        bronnen=describe_sources(stof),
        bescherming=bescherming(reader, gemeente),
    )


async def _outline(connection: ReadConnection, gemeente: Gemeente, gebied: Document) -> Document | None:
    """The area as GeoJSON: its own border, else its buurten joined; None when nothing can be drawn."""
    niveau, jaar = gebied["niveau"], gebied["peiljaar"]
    rows = await list_gebieden(connection, gemeente=gemeente.code, jaar=jaar, niveau=niveau)
    own = next((row["geometry"] for row in rows if row["code"] == gebied["gebied_code"]), None)
    if own is not None or niveau == "buurt":
        return own
    members = gemeente.leden(jaar, niveau).get(gebied["gebied_code"], frozenset())
    buurten = await list_gebieden(connection, gemeente=gemeente.code, jaar=jaar, niveau="buurt")
    parts = [shape(row["geometry"]) for row in buurten if row["code"] in members]
    return dict(mapping(shapely.union_all(parts))) if parts else None


async def _actions(connection: ReadConnection, gemeente: Gemeente, code: str, vandaag: date) -> tuple[Interventie, ...]:
    """Actions of the last year that touch the area; the database holds them to the viewer's own areas."""
    jaar = gemeente.vintages[-1].jaar
    niveau = gemeente.niveau_van(code) or "buurt"
    own = gemeente.leden(jaar, niveau).get(code, frozenset())
    members = {area: buurten for level in _LEVELS for area, buurten in gemeente.leden(jaar, level).items()}
    since = vandaag - timedelta(days=ACTIES_DAGEN)
    rows = await list_interventies(connection, gemeente.code, van=since, tot=vandaag, jaar=jaar)
    return tuple(
        make_interventie(gemeente, row)
        for row in rows
        if any(own & members.get(area.strip(), frozenset()) for area in row["gebieden"] or ())
    )


_LEVELS = ("gemeente", "stadsdeel", "wijk", "wijkteamgebied", "buurt")


async def _maps(
    archief: Archief, reader: Viewer, gemeente: Gemeente, gebied: Document
) -> tuple[KaartAntwoord | None, tuple[Verschil, ...] | None, Vergelijking | None]:
    """The map of the first source of reports per buurt with all places; its differences with a year before; and the
    same for the area itself. None for what there is not."""
    niveau, code = gebied["niveau"], gebied["gebied_code"]
    try:
        kaart = await kaart_voor(archief.database, reader, gemeente.code, CijferVraag(), GEHEEL, archief.geheugen)
    except NotFound:
        return None, None, None
    bron = kaart.tabel.bron.naam if kaart.tabel else None
    own = CijferVraag(niveau, bron, gebied=code)
    try:
        buurten = await _compare(archief, reader, gemeente, CijferVraag("buurt", bron))
        eigen = buurten if niveau == "buurt" else await _compare(archief, reader, gemeente, own)
    except NotFound:
        return kaart, None, None
    return kaart, buurten.verschillen, _only(eigen, code)


GEHEEL = Weergave(Themakeuze("meldingen"))


async def _compare(archief: Archief, reader: Viewer, gemeente: Gemeente, vraag: CijferVraag) -> Vergelijking:
    return await vergelijk_perioden(archief.database, reader, Naast(gemeente.code, vraag), archief.geheugen)


def _only(vergelijking: Vergelijking, code: str) -> Vergelijking:
    return replace(vergelijking, verschillen=tuple(v for v in vergelijking.verschillen if v.code == code))


def _stof(
    document: Document,
    gemeente: Gemeente,
    kaart: KaartAntwoord | None,
    eigen: Vergelijking | None,
    omtrek: Document | None,
) -> Stof:
    inside = shape(omtrek) if omtrek else None
    walk_in = [
        feature["properties"]
        for feature in (kaart.model.wijkwijzers["features"] if kaart else ())
        if inside is not None and inside.intersects(shape(feature["geometry"]))
    ]
    niveau, jaar = document["gebied"]["niveau"], document["gebied"]["peiljaar"]
    buurten = gemeente.leden(jaar, niveau).get(document["gebied"]["gebied_code"], frozenset())
    names = {gemeente.gebied_naam(buurt) for buurt in buurten}
    silent = [
        feature["properties"]
        for feature in (kaart.model.hotspots["features"] if kaart else ())
        if feature["properties"]["klasse"] == "stil" and names & set(feature["properties"]["buurten"].split(", "))
    ]
    return Stof(document, gemeente, eigen, tuple(walk_in), tuple(silent))


def _drawn(
    stof: Stof, kaart: KaartAntwoord | None, verschillen: tuple[Verschil, ...] | None, omtrek: Document | None
) -> tuple[tuple[Drukkaart, ...], tuple[Buurtrij, ...]]:
    """The three maps, and the buurten in the picture as a table."""
    uitsnede = Uitsnede.of([omtrek] if omtrek else [])
    if kaart is None or uitsnede is None:
        reden = GEEN_MELDINGEN if kaart is None else "Van dit gebied is geen grens bekend."
        empty = (
            () if uitsnede is None else (draw_outline("kaart-1", "Het gebied", reden, _as_feature(omtrek), uitsnede),)
        )
        return empty, ()
    model = kaart.model
    title = f"{model.geteld[1].capitalize()} bij {model.bron.partition(' (')[0]}, {model.periode_tekst}"
    first = draw_figures("kaart-1", title, model, uitsnede)
    second = (
        draw_outline(
            "kaart-2", "Vergeleken met een jaar eerder", GEEN_JAAR_EERDER, model.gebieden["features"], uitsnede
        )
        if verschillen is None
        else draw_differences("kaart-2", _compared(stof, model), model, verschillen, uitsnede)
    )
    third = draw_places("kaart-3", "Waar mensen terechtkunnen", model, uitsnede, stof.plekken_bekend)
    return (first, second, third), _table(stof, model, verschillen or (), uitsnede)


def _as_feature(omtrek: Document | None) -> list[Document]:
    return [{"type": "Feature", "geometry": omtrek, "properties": {"gebied_code": "gebied"}}]


def _compared(stof: Stof, model: KaartModel) -> str:
    toen = stof.eigen.toen.periode_tekst if stof.eigen else "een jaar eerder"
    return f"{model.periode_tekst[:1].upper()}{model.periode_tekst[1:]} naast {toen}"


def _table(
    stof: Stof, model: KaartModel, verschillen: tuple[Verschil, ...], uitsnede: Uitsnede
) -> tuple[Buurtrij, ...]:
    changes = {verschil.code: verschil for verschil in verschillen}
    rows = []
    for feature in uitsnede.near(model.gebieden["features"]):
        cijfer = feature["properties"]
        code = cijfer["gebied_code"]
        change = changes.get(code)
        told = f"{change.woord}. {change.uitleg}" if change else ""
        rows.append(Buurtrij(code, cijfer["gebied_naam"], code in stof.buurten, cijfer, told))
    return tuple(sorted(rows, key=lambda row: (not row.in_gebied, row.naam.casefold())))
