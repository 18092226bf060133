"""Coverage of sources for the metadata page: a drawing per source, and the same in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from geo_service.catalogus.dekking import Gedekt
from geo_service.domain.perioden import dag_naam
from maps.vorm import draw_areas

Feature = dict[str, Any]
KORTER = "korter"
"""Covered, but not on all of the days on which the source covers other areas."""
WOORDEN: dict[str, str] = {
    Gedekt.GEDEKT: "gedekt",
    KORTER: "minder lang gedekt",
    Gedekt.AFGELEID: "afgeleid uit de gegevens",
    Gedekt.DEELS: "deels gedekt",
    Gedekt.GEEN: "geen gegevens",
}


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

    @property
    def legenda(self) -> list[tuple[str, str]]:
        """The statuses that occur, with their words."""
        found = {regel.status for regel in self.regels}
        return [(str(status), woord) for status, woord in WOORDEN.items() if str(status) in found]


def make_kaarten(features: Sequence[Feature]) -> tuple[Dekkingskaart, ...]:
    """From the features of ``catalogus.dekking``: one drawing per source, in their order."""
    if not features:
        return ()
    tekening = draw_areas(features)
    paden = tekening.paden if tekening else ("",) * len(features)
    size = (tekening.breedte, tekening.hoogte) if tekening else (0, 0)
    return tuple(
        _kaart(bron["bron"], at, features, paden, size) for at, bron in enumerate(features[0]["properties"]["bronnen"])
    )


def _kaart(
    naam: str, at: int, features: Sequence[Feature], paden: Sequence[str], size: tuple[int, int]
) -> Dekkingskaart:
    names = [feature["properties"]["gebied_naam"] for feature in features]
    told = [feature["properties"]["bronnen"][at] for feature in features]
    longest = max(_days(bron) for bron in told)
    statuses = [
        KORTER if bron["status"] == Gedekt.GEDEKT and _days(bron) < longest else bron["status"] for bron in told
    ]
    perioden = [tuple(_period_text(periode) for periode in bron["perioden"]) for bron in told]
    vlakken = tuple(
        Vlak(pad, status, f"{gebied}: {WOORDEN[status]}")
        for pad, status, gebied in zip(paden, statuses, names, strict=True)
        if pad
    )
    regels = tuple(_regels(names, list(zip(statuses, perioden, strict=True))))
    return Dekkingskaart(naam, _summary(statuses), *size, vlakken, regels)


def _status(bron: Feature, longest: int) -> str:
    status = str(bron["status"])
    return KORTER if status == Gedekt.GEDEKT and _days(bron) < longest else status


def _days(bron: Feature) -> int:
    """How many days the source covers the area, wholly or partly."""
    spans = ((date.fromisoformat(periode["van"]), date.fromisoformat(periode["tot"])) for periode in bron["perioden"])
    return sum((tot - van).days + 1 for van, tot in spans)


def _summary(statuses: Sequence[str]) -> str:
    total = len(statuses)
    covered = total - statuses.count(Gedekt.GEEN)
    if not covered:
        return f"De bron telt in geen van de {total} buurten."
    where = f"alle {total} buurten" if covered == total else f"{covered} van de {total} buurten"
    shorter = statuses.count(KORTER)
    parts = [f"De bron telt in {where}."]
    if shorter:
        parts.append(f"In {shorter} daarvan minder lang dan in de andere.")
    if covered < total:
        parts.append("Waar niet is geteld, zijn geen gegevens. Dat is geen nul.")
    return " ".join(parts)


def _regels(names: Sequence[str], keys: Sequence[tuple[str, tuple[str, ...]]]) -> Iterator[Regel]:
    """Areas with the same coverage together; the largest group comes last, as the others."""
    groups: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for naam, key in zip(names, keys, strict=True):
        groups.setdefault(key, []).append(naam)
    ordered = sorted(groups.items(), key=lambda item: (len(item[1]), item[1]))
    for number, ((status, perioden), members) in enumerate(ordered, start=1):
        told = ", ".join(sorted(members))
        if number == len(ordered) > 1 and len(members) > 1:
            told = f"de andere {len(members)} buurten"
        elif len(ordered) == 1:
            told = f"alle {len(members)} buurten"
        yield Regel(told, status, WOORDEN[status], perioden)


def _period_text(periode: dict[str, str]) -> str:
    span = f"{_day(periode['van'])} t/m {_day(periode['tot'])}"
    status = Gedekt(periode["status"])
    return span if status is Gedekt.GEDEKT else f"{span} ({WOORDEN[status]})"


def _day(text: str) -> str:
    return dag_naam(date.fromisoformat(text))
