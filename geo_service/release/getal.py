"""How one figure came about: the figure itself as everywhere else, with the reasons behind it in Dutch.

Nothing is asked of the database that the figure itself does not ask. Of a figure that is withheld it tells the rule,
the same words whatever the count is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from geo_service.db.engine import Database
from geo_service.domain.cijfers import SMALL_DENOMINATOR, Cijfer, Status, poisson_interval
from geo_service.domain.gebieden import BUITEN
from geo_service.domain.perioden import Periode
from geo_service.errors import InvalidParameters, NotFound, ParameterFault
from geo_service.identity import Viewer
from geo_service.release.beoordeling import GebiedCijfer, delivers
from geo_service.release.bescherming import bescherming
from geo_service.release.cijfers import CijferTabel, CijferVraag, one_tabel
from geo_service.release.context import Gemeente, connect_as, load_gemeente
from geo_service.release.features import cijfer_properties
from geo_service.release.kaart import GETELD
from geo_service.release.lagen import LAGEN
from geo_service.release.perioden import covered_span
from geo_service.release.tijdreeks import area_changes

VERBORGEN = (
    "Het aantal is klein, of iemand zou er met andere getallen een klein aantal mee kunnen uitrekenen. Welke van de "
    "twee het is, zeggen wij niet. Een echte nul laten wij wel zien."
)


@dataclass(frozen=True)
class Getal:
    """One figure. cijfer: its published properties; geteld: what is counted, singular and plural; eigen: the viewer
    sees the area complete; redenen: why its status is what it is; grenzen: the interval in counts, None without one;
    breuken: trend breaks of the source here, and new borders, as (text, inside the period); bescherming: what is
    withheld from this viewer."""

    tabel: CijferTabel
    rij: GebiedCijfer
    cijfer: dict[str, Any]
    geteld: tuple[str, str]
    eigen: bool
    redenen: tuple[str, ...]
    grenzen: tuple[float, float] | None
    breuken: tuple[tuple[str, bool], ...]
    bescherming: str

    @property
    def gebied_naam(self) -> str:
        return self.tabel.gebied_naam(self.rij.gebied_code)


async def explain_figure(
    database: Database, viewer: Viewer, gemeente_code: str | None, laag: str, vraag: CijferVraag
) -> Getal:
    """The figure of one area for this viewer, through the same release as every other.

    InvalidParameters without an area, or when it did not exist then; NotFound when there is nothing to tell.
    """
    if not vraag.gebied:
        raise InvalidParameters(ParameterFault("gebied", "kies van welk gebied u het getal wilt begrijpen."))
    async with connect_as(database, viewer) as connection:
        gemeente = await load_gemeente(connection, viewer, gemeente_code)
        if not gemeente.vintages:
            raise NotFound(f"Er zijn nog geen gebieden van {gemeente.naam} geladen.")
        tabel = await one_tabel(connection, viewer, gemeente, LAGEN[laag], vraag)
        vintages = [vintage.jaar for vintage in gemeente.vintages]
        changes = await area_changes(connection, gemeente, (vraag.niveau, vraag.gebied), vintages)
    if tabel is None:
        raise NotFound(f"Er zijn nog geen {laag} van {gemeente.naam} geladen.")
    rij = next((rij for rij in tabel.rijen if rij.gebied_code == vraag.gebied), None)
    if rij is None:
        raise NotFound(f"Van {vraag.gebied[:40]!r} is er in deze periode geen getal.")
    return _getal(viewer, tabel, rij, changes)


def _getal(viewer: Viewer, tabel: CijferTabel, rij: GebiedCijfer, changes: Mapping[int, str]) -> Getal:
    gemeente, cijfer = tabel.gemeente, rij.cijfer
    counted = ("bezoek", "bezoeken") if tabel.laag.naam == "bezoeken" else GETELD["melding"]
    return Getal(
        tabel=tabel,
        rij=rij,
        cijfer=cijfer_properties(tabel, rij),
        geteld=GETELD.get(tabel.bron.registratie_eenheid or "", counted),
        # Of an area that the viewer sees complete a row says, too, what lies outside the coverage.
        eigen=rij.buiten_dekking is not None,
        redenen=tuple(_reasons(tabel, rij)),
        grenzen=None if cijfer.per_1000 is None or cijfer.aantal is None else poisson_interval(cijfer.aantal),
        breuken=(*_breaks(gemeente, tabel, rij.gebied_code), *_new_borders(tabel.periode, changes)),
        bescherming=bescherming(viewer, gemeente),
    )


def _reasons(tabel: CijferTabel, rij: GebiedCijfer) -> list[str]:
    """Why the status is what it is; the order is that of judging."""
    cijfer, status = rij.cijfer, rij.cijfer.status
    if rij.gebied_code == BUITEN:
        return ["Dit ligt in geen enkel bekend gebied. Alleen wie de hele gemeente ziet, krijgt deze regel."]
    if status is Status.ONDERDRUKT:
        return [VERBORGEN]
    if status is Status.NIET_GEDEKT:
        return ["De bron telt hier niet in deze periode. Dat is geen nul: wij weten het niet."]
    if status is Status.ONTBREEKT:
        return [_missing(tabel)]
    if status is Status.OK:
        return ["De bron dekt het hele gebied en de hele periode.", _certain(cijfer)]
    return list(_doubts(tabel, cijfer))


def _certain(cijfer: Cijfer) -> str:
    if cijfer.per_1000 is None:
        return "Er is niets bekend om mee te vergelijken. Daarom is er alleen een aantal."
    if not cijfer.aantal:
        return "Dit is een echte nul: er is geteld, en er was niets."
    return "De onzekerheid is niet groter dan het cijfer zelf."


def _doubts(tabel: CijferTabel, cijfer: Cijfer) -> Iterator[str]:
    if cijfer.dekking < 1:
        yield "De bron dekt maar een deel van het gebied of van de periode. Het aantal gaat alleen over dat deel."
    if cijfer.noemer and cijfer.noemer < SMALL_DENOMINATOR:
        yield f"Er zijn minder dan {SMALL_DENOMINATOR} {tabel.noemers.soort} om mee te vergelijken."
    if cijfer.aantal and cijfer.per_1000 and (cijfer.hoog or 0) - (cijfer.laag or 0) > cijfer.per_1000:
        yield "Het aantal is zo klein dat toeval een grote rol speelt: de onzekerheid is groter dan het cijfer."


def _missing(tabel: CijferTabel) -> str:
    if not delivers(tabel.bron, tabel.niveau, tabel.periode):
        return f"De bron zegt niets over een {tabel.niveau}, of niet over een periode die zo kort is. Dat is geen nul."
    if tabel.peiljaar != tabel.geteld_in:
        return f"In de gebieden van {tabel.peiljaar} is van dit gebied niets vrijgegeven. Dat is geen nul."
    return "Deze periode is nog niet vrijgegeven. Dat is geen nul. Kijk later nog eens, of kies een eerdere periode."


def _breaks(gemeente: Gemeente, tabel: CijferTabel, code: str) -> tuple[tuple[str, bool], ...]:
    """All trend breaks of the source that touch the area, and whether each lies inside the period."""
    if code == BUITEN:
        return ()
    leden = gemeente.leden(tabel.geteld_in, tabel.niveau).get(code, frozenset())
    span = covered_span(gemeente, tabel.bron.naam)
    if span is None:
        return ()
    van, tot = min(span[0], tabel.periode.van), max(span[1], tabel.periode.tot)
    inside = set(gemeente.breuken(tabel.bron.naam, leden, tabel.periode, tabel.geteld_in))
    ever = gemeente.breuken(tabel.bron.naam, leden, Periode(van, tot, "bereik", ""), tabel.geteld_in)
    return tuple((text, text in inside) for text in ever)


def _new_borders(periode: Periode, changes: Mapping[int, str]) -> Iterator[tuple[str, bool]]:
    """What changed about the area itself; a new vintage begins on the first day of its year."""
    for jaar, text in changes.items():
        yield text, periode.van <= date(jaar, 1, 1) <= periode.tot
