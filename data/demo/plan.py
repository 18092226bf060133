"""What the demo hides in its data on purpose, and the coverage of its sources: the truth that tests score
against.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from data.demo.feiten import GEMEENTE, STADSDELEN, WESSELERBRINK, months_before, stadsdeel_code

SIGNALEN = "signalen-openbare-ruimte"
WOONOVERLAST = "meldpunt-woonoverlast"
POLITIE = "politie-overlast"
BUURTBEMIDDELING = "buurtbemiddeling"

YEARS = 3


@dataclass(frozen=True)
class Effect:
    """One thing that was planted.

    soort: hotspot | een-melder | aanpak-geslaagd | aanpak-verplaatst | aanpak-geen-effect | blinde-vlek |
    dekkingsgat | trendbreuk | bezoekers. gebieden: codes; bron, categorie: None means every one. van, tot:
    inclusive days. sterkte: see README.md. naar: the buurten that receive what an action moved.
    """

    soort: str
    gebieden: tuple[str, ...]
    bron: str | None
    van: date
    tot: date
    sterkte: float
    categorie: str | None = None
    naar: tuple[str, ...] = ()

    def as_truth(self) -> dict[str, Any]:
        return {
            "soort": self.soort,
            "gebieden": list(self.gebieden),
            "bron": self.bron,
            "categorie": self.categorie,
            "van": self.van,
            "tot": self.tot,
            "sterkte": self.sterkte,
            "naar": list(self.naar),
        }


@dataclass(frozen=True)
class Dekking:
    """A source covers the stadsdelen or buurten in `gebied` from `van` up to and including `tot`."""

    bron: str
    gebied: str
    van: date
    tot: date


def first_day(until: date) -> date:
    return months_before(until, 12 * YEARS)


def plan_effects(until: date) -> tuple[Effect, ...]:
    """Return all planted effects; periods are counted back from `until`, so that the newest are always
    recent.
    """
    start, half, year, action = (months_before(until, months) for months in (36, 6, 12, 15))
    return (
        Effect("hotspot", ("BU01530601",), SIGNALEN, half, until, 2.5, "afval-dumping"),
        Effect("hotspot", ("BU01530402",), POLITIE, year, until, 3.0, "personen-jongeren"),
        Effect("hotspot", ("BU01530201",), WOONOVERLAST, year, until, 2.5, "wonen-geluid"),
        Effect("een-melder", ("BU01530404",), WOONOVERLAST, months_before(until, 3), until, 40.0, "wonen-geluid"),
        Effect(
            "aanpak-geslaagd",
            ("BU01530801", "BU01530802", "BU01530803", "BU01530804", "BU01530805", "BU01530808"),
            SIGNALEN,
            action,
            until,
            -0.5,
            "afval",
        ),
        Effect(
            "aanpak-verplaatst",
            ("BU01530300", "BU01530301"),
            SIGNALEN,
            action,
            until,
            # Around it more is reported than in it: less than this would too often be lost in chance.
            -0.8,
            "openbare-ruimte",
            ("BU01530007", "BU01530008", "BU01530205", "BU01530400", "BU01530401", "BU01530406"),
        ),
        Effect("aanpak-geen-effect", ("BU01530607", "BU01530608"), SIGNALEN, action, until, 0.0, "verkeer"),
        Effect("blinde-vlek", ("BU01530100",), None, start, until, 0.3),
        Effect("dekkingsgat", (stadsdeel_code("zuid"),), POLITIE, *_gap(until), 0.0),
        Effect("trendbreuk", (GEMEENTE,), SIGNALEN, months_before(until, 27), until, 1.35),
        Effect("bezoekers", ("BU01530000",), None, start, until, 1.5),
    )


def plan_dekking(until: date) -> tuple[Dekking, ...]:
    """Return which source covers which area and when; what is not listed is not covered."""
    start = first_day(until)
    gap_start, gap_end = _gap(until)
    citywide = months_before(until, 24)
    day = timedelta(days=1)
    first_only = (stadsdeel_code("noord"), *WESSELERBRINK)
    covered = [code for code in map(stadsdeel_code, STADSDELEN) if code != stadsdeel_code("zuid")]
    return (
        Dekking(SIGNALEN, GEMEENTE, start, until),
        Dekking(WOONOVERLAST, GEMEENTE, start, until),
        *(Dekking(BUURTBEMIDDELING, code, start, citywide - day) for code in first_only),
        Dekking(BUURTBEMIDDELING, GEMEENTE, citywide, until),
        *(Dekking(POLITIE, code, start, until) for code in covered),
        Dekking(POLITIE, stadsdeel_code("zuid"), start, gap_start - day),
        Dekking(POLITIE, stadsdeel_code("zuid"), gap_end + day, until),
    )


def _gap(until: date) -> tuple[date, date]:
    return months_before(until, 21), months_before(until, 12) - timedelta(days=1)
