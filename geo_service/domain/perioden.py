"""Periods: ``2024``, ``2024-Q3``, ``2024-05``, ``2024-W07``, ``2024-05-17``, and ranges ``2024-05-17/2024-08-01``."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

HIER = ZoneInfo("Europe/Amsterdam")
MAANDEN = (
    "januari", "februari", "maart", "april", "mei", "juni",
    "juli", "augustus", "september", "oktober", "november", "december",
)  # fmt: skip


@dataclass(frozen=True, slots=True, order=True)
class Periode:
    """A closed range of days. soort: jaar, kwartaal, maand, week, dag or bereik."""

    van: date
    tot: date
    soort: str
    code: str

    @property
    def dagen(self) -> int:
        return (self.tot - self.van).days + 1

    @property
    def naam(self) -> str:
        """The period as a Dutch reader would say it."""
        if self.soort == "kwartaal":
            return f"{self.code[-1]}e kwartaal {self.van.year}"
        if self.soort == "maand":
            return f"{MAANDEN[self.van.month - 1]} {self.van.year}"
        if self.soort == "week":
            return f"week {int(self.code[-2:])} van {self.code[:4]}"
        if self.soort == "jaar":
            return self.code
        if self.soort == "dag":
            return dag_naam(self.van)
        return f"{dag_naam(self.van)} t/m {dag_naam(self.tot)}"


def dag_naam(dag: date) -> str:
    return f"{dag.day} {MAANDEN[dag.month - 1]} {dag.year}"


def dag_van(moment: datetime) -> str:
    """The Dutch day of a moment, in words."""
    return dag_naam(moment.astimezone(HIER).date())


def jaar(number: int) -> Periode:
    return Periode(date(number, 1, 1), date(number, 12, 31), "jaar", f"{number:04d}")


def kwartaal(number: int, quarter: int) -> Periode:
    last_month = quarter * 3
    last_day = calendar.monthrange(number, last_month)[1]
    return Periode(
        date(number, last_month - 2, 1),
        date(number, last_month, last_day),
        "kwartaal",
        f"{number:04d}-Q{quarter}",
    )


def maand(number: int, month: int) -> Periode:
    last_day = calendar.monthrange(number, month)[1]
    return Periode(date(number, month, 1), date(number, month, last_day), "maand", f"{number:04d}-{month:02d}")


def week(number: int, week_number: int) -> Periode:
    monday = date.fromisocalendar(number, week_number, 1)
    return Periode(monday, monday + timedelta(days=6), "week", f"{number:04d}-W{week_number:02d}")


def bereik(van: date, tot: date) -> Periode:
    return Periode(van, tot, "bereik", f"{van.isoformat()}/{tot.isoformat()}")


_SHAPES = (
    (re.compile(r"(\d{4})"), lambda m: jaar(int(m[1]))),
    (re.compile(r"(\d{4})-[Qq]([1-4])"), lambda m: kwartaal(int(m[1]), int(m[2]))),
    (re.compile(r"(\d{4})-(\d{2})"), lambda m: maand(int(m[1]), int(m[2]))),
    (re.compile(r"(\d{4})-[Ww](\d{2})"), lambda m: week(int(m[1]), int(m[2]))),
)


def parse_periode(text: str) -> Periode:
    """Read a period code; ValueError with a Dutch sentence when it is none."""
    for shape, build in _SHAPES:
        match = shape.fullmatch(text)
        if match:
            try:
                return build(match)
            except (ValueError, OverflowError):
                break
    days = _parse_days(text)
    if len(days) == 1:
        return Periode(days[0], days[0], "dag", days[0].isoformat())
    if len(days) == 2 and days[0] <= days[1]:
        return bereik(days[0], days[1])
    raise ValueError(
        f"{text[:40]!r} is geen periode. Schrijf 2024, 2024-Q3, 2024-05, 2024-W07, 2024-05-17 of 2024-05-01/2024-05-17."
    )


def _parse_days(text: str) -> list[date]:
    """The days written as YYYY-MM-DD and joined by a slash; empty when anything else stands there."""
    parts = text.split("/")
    if not all(re.fullmatch(r"\d{4}-\d{2}-\d{2}", part, re.ASCII) for part in parts):
        return []
    try:
        return [date.fromisoformat(part) for part in parts]
    except ValueError:
        return []


def perioden_tussen(van: date, tot: date, soort: str) -> list[Periode]:
    """All years, quarters or months that touch the range, oldest first."""
    build = {
        "jaar": lambda day: jaar(day.year),
        "kwartaal": lambda day: kwartaal(day.year, (day.month - 1) // 3 + 1),
        "maand": lambda day: maand(day.year, day.month),
    }[soort]
    found: list[Periode] = []
    day = van
    while day <= tot:
        periode = build(day)
        found.append(periode)
        day = periode.tot + timedelta(days=1)
    return found
