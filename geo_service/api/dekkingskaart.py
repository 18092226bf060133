"""Coverage of sources for the metadata page: a drawing per source, and the same in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from geo_service.catalogus.dekking import Gedekt
from geo_service.domain.perioden import dag_naam
from maps.vorm import draw_areas

Feature = dict[str, Any]
WOORDEN = {
    Gedekt.GEDEKT: "gedekt",
    Gedekt.AFGELEID: "afgeleid uit de gegevens",
    Gedekt.DEELS: "deels gedekt",
    Gedekt.GEEN: "geen gegevens",
}
MAX_NAMES = 12


@dataclass(frozen=True, slots=True)
class Vlak:
    """One area in the drawing; titel: its name and what is known, for who points at it."""

    pad: str
    status: str
    titel: str


@dataclass(frozen=True, slots=True)
class Regel:
    """Areas that a source covers in the same way."""

    gebieden: str
    aantal: int
    status: str
    woord: str
    perioden: tuple[str, ...]


@dataclass(frozen=True)
class Dekkingskaart:
    """One source. breedte, hoogte: of the drawing. vlakken: empty when no area can be drawn."""

    bron: str
    samenvatting: str
    breedte: int
    hoogte: int
    vlakken: tuple[Vlak, ...]
    regels: tuple[Regel, ...]


def make_kaarten(features: Sequence[Feature]) -> tuple[Dekkingskaart, ...]:
    """From the features of ``catalogus.dekking``: one drawing per source, in their order."""
    if not features:
        return ()
    tekening = draw_areas(features)
    paden = tekening.paden if tekening else ("",) * len(features)
    size = (tekening.breedte, tekening.hoogte) if tekening else (0, 0)
    return tuple(
        _kaart(bron["bron"], at, features, paden, size)
        for at, bron in enumerate(features[0]["properties"]["bronnen"])
    )


def _kaart(
    naam: str, at: int, features: Sequence[Feature], paden: Sequence[str], size: tuple[int, int]
) -> Dekkingskaart:
    told = [feature["properties"]["bronnen"][at] for feature in features]
    names = [feature["properties"]["gebied_naam"] for feature in features]
    vlakken = tuple(
        Vlak(pad, bron["status"], f"{gebied}: {WOORDEN[Gedekt(bron['status'])]}")
        for pad, bron, gebied in zip(paden, told, names, strict=True)
        if pad
    )
    regels = tuple(_regels(zip(names, told, strict=True), len(features)))
    covered = sum(bron["status"] != Gedekt.GEEN for bron in told)
    return Dekkingskaart(naam, _summary(covered, len(features)), *size, vlakken, regels)


def _summary(covered: int, total: int) -> str:
    if covered == total:
        return f"De bron telt in alle {total} buurten."
    if not covered:
        return f"De bron telt in geen van de {total} buurten."
    return f"De bron telt in {covered} van de {total} buurten. In de andere zijn geen gegevens; dat is geen nul."


def _regels(told: Iterable[tuple[str, Feature]], total: int) -> Iterator[Regel]:
    """Areas with the same coverage together; the largest group first, areas without any last."""
    groups: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for gebied, bron in told:
        key = (bron["status"], tuple(_period_text(periode) for periode in bron["perioden"]))
        groups.setdefault(key, []).append(gebied)
    ordered = sorted(groups.items(), key=lambda item: (item[0][0] == Gedekt.GEEN, -len(item[1]), item[1][0]))
    for (status, perioden), names in ordered:
        yield Regel(_names(names, total), len(names), status, WOORDEN[Gedekt(status)], perioden)


def _names(names: list[str], total: int) -> str:
    if len(names) == total:
        return f"alle {total} buurten"
    shown = sorted(names)[:MAX_NAMES]
    rest = len(names) - len(shown)
    return ", ".join(shown) + (f" en nog {rest}" if rest else "")


def _period_text(periode: dict[str, str]) -> str:
    span = f"{_day(periode['van'])} t/m {_day(periode['tot'])}"
    status = Gedekt(periode["status"])
    return span if status is Gedekt.GEDEKT else f"{span} ({WOORDEN[status]})"


def _day(text: str) -> str:
    return dag_naam(date.fromisoformat(text))
