"""Rows of key figures, one column per figure or one row per figure, to the kerncijfers contract."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from ingest.errors import ColumnsMissing, SourceRefused
from ingest.gebiedscodes import GEBIED_CODE
from ingest.indicatoren import (
    KERNCIJFER_COLUMNS,
    choose_columns,
    clean_values,
    clean_wide,
    empty_kerncijfers,
    forbidden_reason,
    indicator_of,
    normalise,
)
from ingest.records import Batch, Note, Reject

_AREA = (
    "wijkenenbuurten",
    "nhoodid",
    "gebiedcode",
    "gwbcode",
    "gwbcode10",
    "buurtcode",
    "bucode",
    "wijkcode",
    "gemeentecode",
    "codering",
    "regiocode",
    "code",
)
_MEASURE = ("measure", "onderwerp")
_VALUE = ("value", "waarde")
_PERIOD = ("perioden", "periode", "jaar", "year")
# Row numbers, names and attributes: no key figure, so no remark about them.
_PLAIN = ("id", "kolom", "line", "valueattribute", "stringvalue", "gemeentenaam", "soortregio", "gebiedcode")
_NOT_LOCAL = r"(?:NL|LD|PV|CR)\d{2}"


@dataclass(frozen=True)
class Rows:
    """Raw rows with `line`; notes and ragged rejects found while reading them."""

    frame: pd.DataFrame
    name: str
    notes: tuple[Note, ...] = ()
    ragged: tuple[Reject, ...] = ()


def columns_to_read(columns: Sequence[str], jaar: int | None) -> list[str]:
    """Area, period, measure, value and allowed figures: a forbidden column is never read."""
    allowed = choose_columns(columns, jaar).read
    keys = (*_AREA, *_MEASURE, *_VALUE, *_PERIOD)
    return [column for column in columns if column in allowed or normalise(column) in keys]


class RowReader:
    """Turns the pages of one source into batches; lines, duplicates and remarks carry over between pages.

    jaar: stated by the user, wins over everything. fallback: year in the name of the source.
    titles: measure code -> title, for OData v4.
    """

    def __init__(
        self,
        jaar: int | None,
        fallback: int | None,
        gemeente: str | None,
        titles: dict[str, str] | None = None,
    ) -> None:
        self._jaar = jaar
        self._gemeente = gemeente
        self._titles = titles or {}
        self._lines = 0
        self._seen: set[tuple[str, str, int]] = set()
        self._told: set[Note] = set()
        self.year = jaar if jaar is not None else fallback

    def read_json(self, rows: list[dict[str, Any]], name: str) -> Batch:
        frame = pd.DataFrame(rows)
        frame["line"] = range(self._lines + 1, self._lines + len(rows) + 1)
        self._lines += len(rows)
        notes = self.column_notes([column for column in frame.columns if column != "line"])
        wanted = columns_to_read(list(frame.columns), self.year)
        return self.read_frame(Rows(frame[[*wanted, "line"]], name, notes))

    def column_notes(self, columns: Sequence[str]) -> tuple[Note, ...]:
        """What is not read and why, told once per source."""
        plain: tuple[str, ...] = (*_AREA, *_PLAIN, *_PERIOD)
        if _find(columns, _MEASURE) and _find(columns, _VALUE):
            plain = (*plain, *_MEASURE, *_VALUE)
        known = [column for column in columns if normalise(column) in plain]
        return self._new(choose_columns(columns, self.year, known=known).notes)

    def read_frame(self, rows: Rows) -> Batch:
        """One batch. Raises ColumnsMissing (no area, no allowed figure) and SourceRefused (no year)."""
        read = len(rows.frame) + len(rows.ragged)
        notes, rejects = list(rows.notes), list(rows.ragged)
        columns = list(rows.frame.columns)
        measure, value = _find(columns, _MEASURE), _find(columns, _VALUE)
        allowed = choose_columns(columns, self.year).read
        if not allowed and not (measure and value):
            raise ColumnsMissing(f"{rows.name} heeft geen kolom met een toegestaan kerncijfer.")
        frame = self._with_area(rows, notes, rejects)
        if frame.empty:
            return Batch(empty_kerncijfers(), read, tuple(rejects), tuple(notes))
        years = self._years(frame, rows.name)
        if measure and value:
            records, refused = self._from_long(frame, measure, value, notes)
        else:
            records, refused = clean_wide(frame, allowed)
        rejects += refused
        records["jaar"] = years.loc[records.index].to_numpy(dtype="int64")
        records = self._without_doubles(records, frame["line"], rejects)
        return Batch(records, read, tuple(rejects), tuple(notes))

    def _with_area(self, rows: Rows, notes: list[Note], rejects: list[Reject]) -> pd.DataFrame:
        frame = rows.frame
        column = _find(list(frame.columns), _AREA)
        if column is None:
            raise ColumnsMissing(
                f"{rows.name} mist een kolom met gebiedscodes (bijvoorbeeld WijkenEnBuurten). "
                f"Aanwezig: {', '.join(map(str, frame.columns))[:300]}."
            )
        codes = frame[column].fillna("").astype(str).str.strip()
        valid = codes.str.fullmatch(GEBIED_CODE).astype(bool)
        wide = codes.str.fullmatch(_NOT_LOCAL).astype(bool)
        wrong = ~valid & ~wide
        for line, code in zip(frame.loc[wrong, "line"], codes[wrong], strict=True):
            reason = "De gebiedscode heeft niet de vorm GM0153, WK015300 of BU01530000."
            rejects.append(Reject(int(line), "code_ongeldig", reason, code[:80]))
        _count(notes, wide, "geen_gemeentegebied", "Rijen over Nederland, een landsdeel of provincie")
        frame = frame.assign(gebied_code=codes.astype(object))[valid]
        if self._gemeente is None:
            return frame
        here = frame["gebied_code"].str[2:6] == self._gemeente[2:]
        _count(notes, ~here, "andere_gemeente", "Rijen van een andere gemeente")
        return frame[here]

    def _years(self, frame: pd.DataFrame, name: str) -> pd.Series:
        column = _find(list(frame.columns), _PERIOD)
        if self._jaar is None and column is not None:
            years = frame[column].astype(str).str.extract(r"^\s*(\d{4})", expand=False)
            if years.notna().all():
                return years.astype("int64")
        if self.year is None:
            raise SourceRefused(f"Het jaar van {name} is niet bekend. Geef het op met --jaar.")
        return pd.Series(self.year, index=frame.index, dtype="int64")

    def _from_long(
        self, frame: pd.DataFrame, measure: str, value: str, notes: list[Note]
    ) -> tuple[pd.DataFrame, list[Reject]]:
        measures = frame[measure].fillna("").astype(str).str.strip()
        titles = {code: self._titles.get(code, code) for code in measures.unique()}
        forbidden = {code for code, title in titles.items() if forbidden_reason(title) or forbidden_reason(code)}
        known = {code: indicator_of(titles[code]) for code in titles if code not in forbidden}
        other = {code for code, indicator in known.items() if indicator is None}
        for code, text, which in (
            ("kolom_verboden", "Niet gelezen, gaat over herkomst, nationaliteit of religie", forbidden),
            ("kolom_niet_gelezen", "Niet gelezen, staat niet op de lijst van toegestane kerncijfers", other),
        ):
            if which:
                named = ", ".join(sorted(titles[item] for item in which))
                notes += self._new((Note(code, f"{text}: {named}.", len(which)),))
        indicators = measures.map(known)
        kept = indicators.notna()
        return clean_values(frame[kept], value, indicators[kept].astype(object))

    def _new(self, notes: tuple[Note, ...]) -> tuple[Note, ...]:
        fresh = tuple(note for note in notes if note not in self._told)
        self._told.update(fresh)
        return fresh

    def _without_doubles(self, records: pd.DataFrame, lines: pd.Series, rejects: list[Reject]) -> pd.DataFrame:
        """The first figure of an area, indicator and year counts."""
        keep = []
        columns = (records.index, records["gebied_code"], records["indicator"], records["jaar"])
        for index, area, indicator, year in zip(*columns, strict=True):
            token = (area, indicator, year)
            keep.append(token not in self._seen)
            if token in self._seen:
                reason = "Dit kerncijfer van dit gebied kwam al eerder in de bron voor."
                rejects.append(Reject(int(lines.loc[index]), "dubbel", reason, f"{area} {indicator}"))
            self._seen.add(token)
        return records[keep].reset_index(drop=True)[list(KERNCIJFER_COLUMNS)]


def _find(columns: Sequence[str], aliases: tuple[str, ...]) -> str | None:
    by_key = {normalise(str(column)): column for column in reversed(columns)}
    return next((by_key[alias] for alias in aliases if alias in by_key), None)


def _count(notes: list[Note], which: pd.Series, code: str, what: str) -> None:
    if which.any():
        notes.append(Note(code, f"{what} zijn niet bewaard.", int(which.sum())))
