"""Periods in the notation of CBS and police, and in plain years, quarters and months."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date

import pandas as pd

_MONTHS = {"HJ": 6, "KW": 3, "MM": 1}
_CBS = re.compile(r"^(\d{4})(JJ|HJ|KW|MM)(\d{2})$")
_PLAIN = re.compile(r"^(\d{4})(?:-?(Q|K)([1-4])|-(\d{2}))?$")


@dataclass(frozen=True, slots=True)
class Period:
    """first and last day, both included. months: its length, for telling years from quarters and months."""

    first: date
    last: date
    months: int


def parse_period(text: str) -> Period | None:
    """`2023JJ00`, `2023KW01`, `2023MM05`, `2023`, `2023-Q1`, `2023-05`; None for anything else."""
    text = text.strip().upper()
    if found := _CBS.match(text):
        kind, number = found[2], int(found[3])
        if kind == "JJ":
            return _period(int(found[1]), 12, 1) if number == 0 else None
        return _period(int(found[1]), _MONTHS[kind], number)
    if found := _PLAIN.match(text):
        if found[4]:
            return _period(int(found[1]), 1, int(found[4]))
        return _period(int(found[1]), 3, int(found[3])) if found[2] else _period(int(found[1]), 12, 1)
    return None


def parse_periods(values: pd.Series) -> pd.DataFrame:
    """van, tot (inclusive), datetime64[s], NaT where unreadable; same index."""
    known = {text: parse_period(text) for text in values.dropna().unique()}
    found = [known.get(text) for text in values]
    days = {
        "van": [period.first if period else None for period in found],
        "tot": [period.last if period else None for period in found],
    }
    columns = {name: pd.Series(list(map(_stamp, dates)), dtype="datetime64[s]") for name, dates in days.items()}
    return pd.DataFrame(columns).set_axis(values.index)


def _stamp(day: date | None) -> pd.Timestamp | None:
    return None if day is None else pd.Timestamp(day)


def _period(year: int, months: int, number: int) -> Period | None:
    if not 1 <= number <= 12 // months or year < 1:
        return None
    first, last = months * (number - 1) + 1, months * number
    return Period(date(year, first, 1), date(year, last, monthrange(year, last)[1]), months)
