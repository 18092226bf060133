"""Charts as accessible SVG: a series through time with its uncertainty, its gaps and its breaks."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from maps.getallen import MAANDEN, format_cijfer, format_getal
from maps.model import STATUSSEN, Eenheid
from maps.sjabloon import fill

BREEDTE, HOOGTE = 720, 270
_LINKS, _RECHTS, _BOVEN, _ONDER = 54, 18, 16, 46
_GETOOND = ("ok", "onbetrouwbaar")
# An interval that is far wider than the figures would make a flat line of them; it is cut off at so many times the top.
_HOOGSTE_BAND = 1.8
_STREEPJES = 4
# A label of a period needs so much room.
_SMALST = 30


@dataclass(frozen=True, slots=True)
class Meting:
    """One period. periode: its code (2026-Q3, 2026, 2026-07); naam: as a reader knows it.

    waarde, laag, hoog: None unless status is ok or onbetrouwbaar. breuk: what changed in the registration since the
    period before, or "".
    """

    periode: str
    naam: str
    waarde: float | None
    laag: float | None
    hoog: float | None
    status: str
    breuk: str = ""

    def __post_init__(self) -> None:
        if self.status not in STATUSSEN:
            raise ValueError(f"onbekende status van {self.periode}: {self.status!r}")
        if not self.getoond and (self.waarde, self.laag, self.hoog) != (None, None, None):
            raise ValueError(f"{self.periode} heeft status {self.status} maar toch een waarde")

    @property
    def getoond(self) -> bool:
        return self.status in _GETOOND

    @classmethod
    def of(cls, cijfer: Mapping[str, Any], eenheid: Eenheid) -> Meting:
        """A published figure (properties of the API, and periode_naam). Uncertainty belongs to rates."""
        rate = eenheid == "per_1000"
        shown = cijfer["status"] in _GETOOND and cijfer[eenheid] is not None
        laag, hoog = (cijfer["laag"], cijfer["hoog"]) if rate and shown else (None, None)
        status = cijfer["status"] if shown or cijfer["status"] not in _GETOOND else "ontbreekt"
        waarde = float(cijfer[eenheid]) if shown else None
        return cls(
            cijfer["periode"], cijfer["periode_naam"], waarde, laag, hoog, status, str(cijfer["trendbreuk"] or "")
        )


@dataclass(frozen=True, slots=True)
class Reeks:
    """What a chart shows. naam: of the line. metingen: oldest first, one per period, periods without a figure included.

    vergelijking: the same periods of the whole municipality, or none. per: what a rate is per 1 000 of. begin: the code
    of the period before which an action began, and what it is called.
    """

    id: str
    titel: str
    naam: str
    metingen: tuple[Meting, ...]
    eenheid: Eenheid = "per_1000"
    per: str = "woningen"
    vergelijking: tuple[Meting, ...] = ()
    vergelijking_naam: str = "hele gemeente"
    begin: tuple[str, str] | None = None

    @property
    def eenheid_tekst(self) -> str:
        return f"per 1.000 {self.per}" if self.eenheid == "per_1000" else self.eenheid


def render_reeks(reeks: Reeks) -> Markup:
    """The chart as a figure with a legend; a sentence when there is no figure to draw. The table is the caller's."""
    if not any(m.getoond for m in (*reeks.metingen, *reeks.vergelijking)):
        return Markup('<p class="bs-figuur-leeg">{}</p>').format(_NIETS)
    vlak = _Vlak.of(reeks)
    return fill(
        "reeks.html",
        reeks=reeks,
        vlak=vlak,
        breedte=BREEDTE,
        hoogte=HOOGTE,
        omschrijving=describe_reeks(reeks),
        banden=[vlak.band(run) for run in _runs(reeks.metingen) if all(m.laag is not None for m in run)],
        lijnen=[vlak.path(run) for run in _runs(reeks.metingen)],
        gemeente=[vlak.path(run) for run in _runs(reeks.vergelijking)],
        soorten=_soorten(reeks),
    )


_NIETS = "Er is geen periode waarvan wij een cijfer mogen laten zien of hebben."


def describe_reeks(reeks: Reeks) -> str:
    """What the drawing says, in words: range, last figure, and how many periods have none."""
    shown = [m for m in reeks.metingen if m.waarde is not None]
    if not shown:
        return f"Van {reeks.naam} is geen periode te tonen; wel van de {reeks.vergelijking_naam}."

    def say(m: Meting) -> str:
        return f"{format_cijfer(m.waarde or 0.0, reeks.eenheid)} in {m.naam}"

    lowest, highest = min(shown, key=_value), max(shown, key=_value)
    parts = [f"{len(shown)} van {len(reeks.metingen)} perioden hebben een cijfer, {reeks.eenheid_tekst}."]
    if len(shown) > 1:
        parts.append(f"Laagst: {say(lowest)}. Hoogst: {say(highest)}.")
    parts.append(f"Laatst: {say(shown[-1])}.")
    hidden = sum(m.status == "onderdrukt" for m in reeks.metingen)
    if hidden:
        several = "periode is" if hidden == 1 else "perioden zijn"
        parts.append(f"{hidden} {several} verborgen, omdat het om weinig gaat.")
    parts += [f"Trendbreuk voor {m.naam}: {m.breuk}." for m in reeks.metingen if m.breuk]
    parts += [f"{reeks.begin[1]} voor {m.naam}." for m in reeks.metingen if reeks.begin and m.periode == reeks.begin[0]]
    return " ".join(parts)


def _value(m: Meting) -> float:
    return m.waarde or 0.0


def _runs(metingen: Sequence[Meting]) -> Iterator[list[Meting]]:
    """Periods in a row that a line may join: all shown, and no break in between."""
    run: list[Meting] = []
    for m in metingen:
        if run and (not m.getoond or m.breuk):
            yield run
            run = []
        if m.getoond:
            run.append(m)
    if run:
        yield run


@dataclass(frozen=True, slots=True)
class _Vlak:
    """Where values and periods fall in the drawing."""

    plaats: Mapping[str, float]
    top: float
    streepjes: tuple[float, ...]
    stap: float
    decimalen: int

    @classmethod
    def of(cls, reeks: Reeks) -> _Vlak:
        values = [m.waarde for m in (*reeks.metingen, *reeks.vergelijking) if m.waarde is not None]
        highest = max(values)
        band = min(max((m.hoog or 0.0 for m in reeks.metingen), default=0.0), _HOOGSTE_BAND * highest)
        stap = _nice_step(max(highest, band) or 1.0)
        n = max(1, math.ceil(max(highest, band) / stap - 1e-9))
        periods = [m.periode for m in reeks.metingen]
        width = (BREEDTE - _LINKS - _RECHTS) / len(periods)
        plaats = {periode: _LINKS + width * (k + 0.5) for k, periode in enumerate(periods)}
        decimals = max(0, -math.floor(math.log10(stap) + 1e-9))
        return cls(plaats, n * stap, tuple(k * stap for k in range(n + 1)), width, decimals)

    @property
    def links(self) -> int:
        return _LINKS

    @property
    def rechts(self) -> int:
        return BREEDTE - _RECHTS

    @property
    def boven(self) -> int:
        return _BOVEN

    @property
    def bodem(self) -> int:
        return HOOGTE - _ONDER

    def x(self, m: Meting) -> float:
        return round(self.plaats[m.periode], 1)

    def y(self, value: float) -> float:
        share = min(value, self.top) / self.top
        return round(self.bodem - share * (self.bodem - _BOVEN), 1)

    def label(self, value: float) -> str:
        return format_getal(value, self.decimalen)

    def path(self, run: Sequence[Meting]) -> str:
        return "M" + "L".join(f"{self.x(m)} {self.y(_value(m))}" for m in run if m.periode in self.plaats)

    def band(self, run: Sequence[Meting]) -> str:
        """The interval around a run; of a single period as wide as its dot."""
        if len(run) == 1:
            x, low, high = self.x(run[0]), self.y(run[0].laag or 0.0), self.y(run[0].hoog or 0.0)
            return f"M{x - 6} {low}H{x + 6}V{high}H{x - 6}Z"
        upper = [f"{self.x(m)} {self.y(m.hoog or 0.0)}" for m in run]
        lower = [f"{self.x(m)} {self.y(m.laag or 0.0)}" for m in reversed(run)]
        return "M" + "L".join([*upper, *lower]) + "Z"

    def onder(self, reeks: Reeks) -> list[tuple[float, str, str]]:
        """Per period: place, first and second line; the year only where it changes."""
        told, before = [], ""
        for m in reeks.metingen:
            first, year = _short(m.periode)
            told.append((self.x(m), first, "" if year == before else year))
            before = year
        # Months in a long row: the name of every third, and every year.
        return [label if at % self._elke == 0 else (label[0], "", label[2]) for at, label in enumerate(told)]

    @property
    def _elke(self) -> int:
        return math.ceil(_SMALST / self.stap)


def _short(periode: str) -> tuple[str, str]:
    """2026-Q3 -> ("3e kw", "2026"), 2026-07 -> ("jul", "2026"), 2026 -> ("2026", "")."""
    year, _, part = periode.partition("-")
    if part.startswith("Q"):
        return f"{part[1:]}e kw", year
    if part.isdigit() and len(part) == 2 and 1 <= int(part) <= len(MAANDEN):
        return MAANDEN[int(part) - 1][:3], year
    return periode, ""


def _nice_step(highest: float) -> float:
    """A step of 1, 2 or 5 times a power of ten, with about _STREEPJES steps below the highest value."""
    rough = highest / _STREEPJES
    power = 10.0 ** math.floor(math.log10(rough))
    return next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough - 1e-12)


def _soorten(reeks: Reeks) -> dict[str, bool]:
    """Which signs the legend has to explain."""
    statuses = {m.status for m in reeks.metingen}
    return {
        "band": any(m.laag is not None for m in reeks.metingen),
        "gemeente": any(m.getoond for m in reeks.vergelijking),
        "onbetrouwbaar": "onbetrouwbaar" in statuses,
        "onderdrukt": "onderdrukt" in statuses,
        "leeg": bool(statuses & {"ontbreekt", "niet_gedekt"}),
        "breuk": any(m.breuk for m in reeks.metingen),
        "begin": reeks.begin is not None,
    }
