"""Judging: what one viewer may see of one count, the same for reports and for visits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from geo_service.domain.cijfers import Cijfer, Status, make_cijfer
from geo_service.domain.dekking import Dekking, dekkingsgraad
from geo_service.domain.gebieden import BUITEN, NIVEAUS
from geo_service.domain.perioden import Periode
from geo_service.identity import Viewer
from geo_service.release.context import Bron, Gemeente
from geo_service.release.noemers import Noemers
from geo_service.release.perioden import FINENESS
from geo_service.settings import get_settings

# Which levels can be made from a source that reports per this area.
REACHABLE = {
    "buurt": frozenset(NIVEAUS),
    "wijk": frozenset({"wijk", "gemeente"}),
    "stadsdeel": frozenset({"stadsdeel", "gemeente"}),
    "wijkteamgebied": frozenset({"wijkteamgebied"}),
    "gemeente": frozenset({"gemeente"}),
}


@dataclass(frozen=True)
class GebiedCijfer:
    """One row of the answer. buiten_dekking: reports outside the coverage, for who sees the whole area only."""

    gebied_code: str
    cijfer: Cijfer
    trendbreuk: str | None
    buiten_dekking: int | None = None

    @property
    def volledig(self) -> int | None:
        """The count where the source covers everything; None where it is hidden, missing or of a part."""
        return self.cijfer.aantal if self.cijfer.dekking >= 1 else None


@dataclass(frozen=True)
class Beoordeling:
    """One source, level and period for one viewer; judges cell after cell.

    geteld_in: the vintage that the reports were counted in; peiljaar: the one whose areas are shown.
    """

    gemeente: Gemeente
    viewer: Viewer
    bron: Bron
    niveau: str
    periode: Periode
    geteld_in: int
    peiljaar: int
    noemers: Noemers

    def judge(self, code: str, buurten: frozenset[str], cell: Mapping[str, Any]) -> GebiedCijfer:
        """The figure of one area. cell: its row of the counts, empty when there is none (a covered zero)."""
        noemer = self.noemers.for_area(code, buurten)
        dekking = dekkingsgraad(self._dekkingen, buurten, self.periode)
        breuken = "; ".join(self.gemeente.breuken(self.bron.naam, buurten, self.periode, self.geteld_in)) or None
        if dekking > 0 and not delivers(self.bron, self.niveau, self.periode):
            return GebiedCijfer(code, without_value(Status.ONTBREEKT, noemer, dekking), breuken)
        if buurten and buurten <= self._own:
            cijfer = make_cijfer(cell.get("aantal", 0), noemer=noemer, dekking=dekking, drempel=0)
            return GebiedCijfer(code, cijfer, breuken, cell.get("buiten_dekking", 0))
        return GebiedCijfer(code, self._released(cell, noemer, dekking), breuken)

    def _released(self, cell: Mapping[str, Any], noemer: float | None, dekking: float) -> Cijfer:
        """A cell of the lattice; a period that was not released yet says nothing."""
        if not self._is_released:
            return without_value(Status.NIET_GEDEKT if dekking <= 0 else Status.ONTBREEKT, noemer, dekking)
        if cell.get("status") == Status.ONDERDRUKT:
            return without_value(Status.ONDERDRUKT, noemer, dekking)
        settings = get_settings()
        drempel = settings.drempel_dienst if self._at_work else settings.drempel_publiek
        return make_cijfer(cell.get("aantal") or 0, noemer=noemer, dekking=dekking, drempel=drempel)

    @property
    def _at_work(self) -> bool:
        return self.viewer.works_in(self.gemeente.code)

    @cached_property
    def _dekkingen(self) -> list[Dekking]:
        return self.gemeente.dekkingen(self.bron.naam, self.geteld_in)

    @cached_property
    def _own(self) -> frozenset[str]:
        """Buurten that are the viewer's own in both vintages."""
        return self.gemeente.eigen_buurten(self.viewer, self.geteld_in) & self.gemeente.eigen_buurten(
            self.viewer, self.peiljaar
        )

    @cached_property
    def _is_released(self) -> bool:
        # What staff may see of others was released in the areas that it was counted in.
        if self._at_work and self.geteld_in != self.peiljaar:
            return False
        key = (self.bron.naam, self.periode.code)
        return any((row["bron"], row["periode"]) == key for row in self.gemeente.vrijgaven)


def without_value(status: Status, noemer: float | None, dekking: float) -> Cijfer:
    return Cijfer(None, noemer, None, None, None, status, dekking)


def delivers(bron: Bron, niveau: str, periode: Periode) -> bool:
    """Whether a source can say anything at this level and for a period this short."""
    if niveau not in REACHABLE.get(bron.fijnste_niveau or "buurt", frozenset(NIVEAUS)):
        return False
    return periode.soort == "bereik" or FINENESS[periode.soort] >= FINENESS[bron.fijnste_periode or "dag"]


def outside(cell: Mapping[str, Any]) -> GebiedCijfer:
    """What lies in no area of the municipality; for who sees the whole municipality only."""
    count = cell["aantal"] + cell["buiten_dekking"]
    return GebiedCijfer(BUITEN, Cijfer(count, None, None, None, None, Status.OK, 1.0), None, 0)
