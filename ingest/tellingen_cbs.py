"""Which rows of a CBS or police table may be counted: never a total together with its parts.

Such tables hold the total of all kinds beside each kind, the municipality beside its buurten, and sometimes
the year beside
its months. Adding them up would count everything twice.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from collections.abc import Mapping as MappingType
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ingest.mapping import simple_name
from ingest.perioden import parse_period
from ingest.records import Note

TOTAL = "0.0.0"
_MEASURE = re.compile(r"^(geregistreerde|aantal|registraties)_?[a-z_]*_\d+$")
_AREA, _PERIOD = "wijkenenbuurten", "perioden"
_LEVELS = ("BU", "WK", "GM")


@dataclass(frozen=True, slots=True)
class CbsScope:
    """totals: (area, period) that have a total row. level: the finest level of areas in the file.
    months: the longest period of each year in the file."""

    totals: frozenset[tuple[str, str]]
    level: str
    months: MappingType[int, int]


def cbs_columns(names: Sequence[str]) -> dict[str, str] | None:
    """Role -> column of a table in the shape of CBS OData; None when it is another table."""
    by_simple = {simple_name(name): name for name in reversed(names)}
    measure = next((name for name in names if _MEASURE.match(simple_name(name))), None)
    if _AREA not in by_simple or _PERIOD not in by_simple or measure is None:
        return None
    columns = {"gebied_code": by_simple[_AREA], "periode": by_simple[_PERIOD], "aantal": measure}
    kind = next((by_simple[name] for name in by_simple if name.startswith("soort") and name != "soortregio"), None)
    return columns | ({"categorie": kind} if kind else {})


def cbs_categorie(columns: MappingType[str, str]) -> tuple[str, str]:
    """Name of the source's head category and our code for every row of the table."""
    if "overlast" in simple_name(columns["aantal"] + " " + columns.get("categorie", "")):
        return "politie-overlast", "veiligheid-overlast"
    return "politie-misdrijven", "veiligheid-misdrijven"


def scan_scope(frames: Iterable[pd.DataFrame]) -> CbsScope:
    """First pass. Memory grows with areas x periods of the table, not with its rows."""
    totals: set[tuple[str, str]] = set()
    levels: set[str] = set()
    months: dict[int, int] = {}
    for frame in frames:
        plain = _stripped(frame)
        total = plain[plain["categorie"] == TOTAL]
        totals.update(zip(total["gebied_code"], total["periode"], strict=True))
        levels.update(plain["gebied_code"].str[:2].dropna().unique())
        for text in plain["periode"].dropna().unique():
            period = parse_period(text)
            if period is not None:
                months[period.first.year] = max(period.months, months.get(period.first.year, 0))
    level = next((level for level in _LEVELS if level in levels), _LEVELS[0])
    return CbsScope(frozenset(totals), level, months)


def within_scope(frame: pd.DataFrame, scope: CbsScope) -> tuple[pd.DataFrame, tuple[Note, ...]]:
    """Second pass: the rows that may be added up, codes without padding, and a note on each kind of row
    left out."""
    plain = _stripped(frame)
    pairs = zip(plain["gebied_code"], plain["periode"], strict=True)
    has_total = np.array([pair in scope.totals for pair in pairs], dtype=bool)
    part = has_total & (plain["categorie"] != TOTAL).to_numpy(dtype=bool)
    other_level = _other_level(plain["gebied_code"], scope.level)
    shorter = _is_shorter(plain["periode"], scope.months)
    notes = (
        _note(
            "onderdelen_weggelaten",
            "Onderdelen van het totaal zijn weggelaten; het totaal telt ze al mee.",
            part,
        ),
        _note(
            "niveau_weggelaten",
            f"Rijen van een ander niveau dan {scope.level} zijn weggelaten.",
            ~part & other_level,
        ),
        _note(
            "periode_weggelaten",
            "Kortere perioden zijn weggelaten; de langere van hetzelfde jaar telt ze al mee.",
            ~part & ~other_level & shorter,
        ),
    )
    keep = ~(part | other_level | shorter)
    return plain[keep].reset_index(drop=True), tuple(note for note in notes if note is not None)


def _stripped(frame: pd.DataFrame) -> pd.DataFrame:
    names = ("gebied_code", "periode", "categorie")
    filled = frame if "categorie" in frame.columns else frame.assign(categorie=TOTAL)
    return filled.assign(**{name: filled[name].str.strip().astype(object) for name in names})


def _other_level(codes: pd.Series, level: str) -> np.ndarray:
    known = codes.str[:2].isin([*_LEVELS, "NL", "PV", "LD"])
    # A code of no known level is no matter of adding up: it stays and is refused with a reason.
    return (known & ~codes.str.startswith(level, na=False)).to_numpy(dtype=bool)


def _is_shorter(texts: pd.Series, months: MappingType[int, int]) -> np.ndarray:
    periods = {text: parse_period(text) for text in texts.dropna().unique()}
    shorter = {text for text, period in periods.items() if period and period.months < months[period.first.year]}
    return texts.isin(shorter).to_numpy(dtype=bool)


def _note(code: str, text: str, rows: np.ndarray) -> Note | None:
    count = int(rows.sum())
    return Note(code, text, count) if count else None
