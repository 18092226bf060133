"""Opening hours as people write them ("ma-vr 9.00-17.00, za 10-12 uur"), read so that a page can say "nu open".

What is not understood completely is not understood at all: no answer is better than a closed door.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

DAGEN = ("maandag", "dinsdag", "woensdag", "donderdag", "vrijdag", "zaterdag", "zondag")
_GROEPEN = {
    "dagelijks": range(7), "elke dag": range(7), "alle dagen": range(7), "doordeweeks": range(5), "werkdagen": range(5),
    "weekend": range(5, 7),
}  # fmt: skip
_DAG = r"(?:ma|di|wo|do|vr|za|zo)(?:andag|nsdag|ensdag|nderdag|ijdag|terdag|ndag)?"
_TIJD = r"(\d{1,2})(?:[.:](\d{2}))?"
_TOT = r"\s*(?:-|–|t/m|tot en met)\s*"
_STUK = re.compile(
    rf"(?P<groep>{'|'.join(_GROEPEN)})"
    rf"|(?P<dag>{_DAG})(?![a-z])\.?(?:{_TOT}(?P<tot>{_DAG})(?![a-z])\.?)?"
    rf"|(?P<tijd>{_TIJD}\s*(?:uur)?\s*(?:-|–|tot)\s*{_TIJD}\s*(?:uur|u\b)?)"
    r"|(?P<los>[\s,;:/+&]+|en\b|van\b|en van\b)"
)
_DAG_UUR = 24 * 60


@dataclass(frozen=True, slots=True)
class Open:
    """Open on one day of the week (0 = Monday), in minutes since midnight."""

    dag: int
    van: int
    tot: int


@lru_cache(maxsize=4096)
def read_openingstijden(text: str) -> tuple[Open, ...] | None:
    """The hours of a text, by day and time; None when any part of it is not understood."""
    found: set[Open] = set()
    days: list[int] = []
    timed = False
    rest = text.strip().lower()
    while rest:
        match = _STUK.match(rest)
        if match is None:
            return None
        rest = rest[match.end() :]
        if match["los"]:
            continue
        if match["tijd"]:
            hours = _hours(match)
            if hours is None or not days:
                return None
            found |= {Open(day, *hours) for day in days}
            timed = True
            continue
        if timed:
            days, timed = [], False
        days += _days(match)
    return tuple(sorted(found, key=lambda own: (own.dag, own.van))) if found and timed else None


def _days(match: re.Match[str]) -> list[int]:
    if match["groep"]:
        return list(_GROEPEN[match["groep"]])
    first = _day(match["dag"])
    last = _day(match["tot"]) if match["tot"] else first
    return [(first + step) % 7 for step in range((last - first) % 7 + 1)]


def _day(text: str) -> int:
    return next(number for number, dag in enumerate(DAGEN) if dag.startswith(text[:2]))


def _hours(match: re.Match[str]) -> tuple[int, int] | None:
    own = re.findall(_TIJD, match["tijd"])
    van, tot = (int(hour) * 60 + int(minute or 0) for hour, minute in own)
    whole = all(int(minute or 0) < 60 for _, minute in own)
    return (van, tot) if whole and 0 <= van < tot <= _DAG_UUR else None


def is_open(text: str | None, moment: datetime) -> bool | None:
    """Whether it is open at a moment (Dutch local time); None when the hours are not known or not understood.

    Holidays are not known.
    """
    hours = read_openingstijden(text) if text else None
    if hours is None:
        return None
    minute = moment.hour * 60 + moment.minute
    return any(own.dag == moment.weekday() and own.van <= minute < own.tot for own in hours)


def is_open_between(text: str | None, dag: int, van: int, tot: int, *, minuten: int = 60) -> bool | None:
    """Whether it is open for at least so many minutes between two times of a weekday (0 = Monday); None when the hours
    are not known or not understood. van, tot: minutes since midnight."""
    hours = read_openingstijden(text) if text else None
    if hours is None:
        return None
    open_ = sum(max(0, min(own.tot, tot) - max(own.van, van)) for own in hours if own.dag == dag)
    return open_ >= minuten
