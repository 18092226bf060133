"""Two periods side by side as small maps, and a third that shows where the difference is clear."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from maps.beeld import Beeld
from maps.getallen import format_getal
from maps.model import KaartModel
from maps.sjabloon import fill
from maps.stijl import ONDERDRUKT_PATROON, Vlak, verloop_lijnen, vlak_van_status
from maps.teksten import STATUS_WOORD
from maps.themas import make_beeld
from maps.vorm import draw_areas

# From purple through white to orange: told apart with every common colour-vision deficiency, and nobody's good or bad.
KLASSEN = {
    "veel_minder": ("Minder dan de helft", "#5e3c99"),
    "minder": ("Duidelijk minder", "#b2abd2"),
    "gelijk": ("Geen duidelijk verschil", "#f4f4f2"),
    "meer": ("Duidelijk meer", "#fdb863"),
    "veel_meer": ("Meer dan het dubbele", "#d95f02"),
}
_VEEL = 2.0
_ZONDER = ("onderdrukt", "niet_gedekt", "ontbreekt")
GEEN_CIJFER = "Niet te vergelijken"


@dataclass(frozen=True, slots=True)
class Verschil:
    """One area in two periods. statussen: of the figures then and now. breuk: what changed in the registration between.

    verhouding: the rate now over that then, with its interval of 95%; None when it cannot be told.
    """

    code: str
    naam: str
    statussen: tuple[str, str]
    breuk: str
    verhouding: float | None
    laag: float | None
    hoog: float | None
    duidelijk: bool

    @property
    def klasse(self) -> str | None:
        """A key of KLASSEN; None when it cannot be told."""
        if self.verhouding is None:
            return None
        if not self.duidelijk:
            return "gelijk"
        if self.verhouding > 1:
            return "veel_meer" if self.verhouding >= _VEEL else "meer"
        return "veel_minder" if self.verhouding <= 1 / _VEEL else "minder"

    @property
    def woord(self) -> str:
        return KLASSEN[self.klasse][0] if self.klasse else GEEN_CIJFER

    @property
    def uitleg(self) -> str:
        """The ratio with its interval, or why there is none."""
        if self.breuk:
            return f"Trendbreuk: {self.breuk}"
        if self.verhouding is None or self.laag is None or self.hoog is None:
            missing = [status for status in self.statussen if status not in ("ok", "onbetrouwbaar")]
            return "; ".join(dict.fromkeys(STATUS_WOORD[status] for status in missing))
        low, high = (format_getal(value, 2) for value in (self.laag, self.hoog))
        return f"{format_getal(self.verhouding, 2)} keer zo veel (tussen {low} en {high})"

    @property
    def vlak(self) -> Vlak:
        if self.klasse:
            return Vlak(KLASSEN[self.klasse][1])
        hidden = next((status for status in self.statussen if status in ("onderdrukt", "niet_gedekt")), "ontbreekt")
        return vlak_van_status(hidden)


@dataclass(frozen=True, slots=True)
class Paneel:
    """One of the maps. gebieden: (path, look, what a reader hears) per area; samenvatting: the whole in words."""

    id: str
    titel: str
    gebieden: list[tuple[str, Vlak, str]]
    samenvatting: str


def render_vergelijking(toen: KaartModel, nu: KaartModel, verschillen: Sequence[Verschil]) -> Markup:
    """Three maps with their legends and one table. Both models have the same level, unit and classes."""
    beelden = (make_beeld(toen), make_beeld(nu))
    tekening = draw_areas(nu.gebieden["features"])
    paden = {}
    if tekening:
        codes = [feature["properties"]["gebied_code"] for feature in nu.gebieden["features"]]
        paden = dict(zip(codes, tekening.paden, strict=True))
    by_code = {verschil.code: verschil for verschil in verschillen}
    panelen = [
        _figures("toen", toen, beelden[0], paden),
        _figures("nu", nu, beelden[1], paden),
        _difference(by_code, paden),
    ]
    figures = [{cijfer.code: cijfer for cijfer in beeld.cijfers} for beeld in beelden]
    return fill(
        "vergelijking.html",
        toen=toen,
        nu=nu,
        tekening=tekening,
        panelen=panelen,
        beeld=beelden[1],
        klassen=[(naam, Vlak(kleur)) for naam, kleur in KLASSEN.values()],
        statussen=[(STATUS_WOORD[status], vlak_van_status(status)) for status in _ZONDER],
        rijen=[(verschil, *(by.get(verschil.code) for by in figures)) for verschil in verschillen],
        onderdrukt=ONDERDRUKT_PATROON,
        patronen=beelden[1].patronen,
        verloop=verloop_lijnen(),
    )


def _figures(slug: str, model: KaartModel, beeld: Beeld, paden: Mapping[str, str]) -> Paneel:
    gebieden = [
        (paden[cijfer.code], beeld.vlakken[cijfer.code], cijfer.label)
        for cijfer in beeld.cijfers
        if paden.get(cijfer.code)
    ]
    shown = sum(cijfer.waarde is not None for cijfer in beeld.cijfers)
    told = f"{shown} van de {len(beeld.cijfers)} {model.niveau_meervoud} hebben een cijfer dat te tonen is."
    return Paneel(slug, model.periode_tekst, gebieden, told)


def _difference(verschillen: Mapping[str, Verschil], paden: Mapping[str, str]) -> Paneel:
    gebieden = [
        (paden[code], verschil.vlak, f"{verschil.naam}: {verschil.woord.lower()}. {verschil.uitleg}")
        for code, verschil in verschillen.items()
        if paden.get(code)
    ]
    # What is plain is drawn first: the dashed edge of uncovered areas is not hidden below a neighbour.
    gebieden.sort(key=lambda gebied: bool(gebied[1].dash))
    counts = Counter(verschil.woord for verschil in verschillen.values())
    names = [*(naam for naam, _ in KLASSEN.values()), GEEN_CIJFER]
    told = ", ".join(f"{naam.lower()}: {counts[naam]}" for naam in names if counts[naam])
    return Paneel("verschil", "Het verschil", gebieden, f"Aantal gebieden: {told}." if told else "")
