"""Counts per area and period: own lists of sources without points, and tables of police and CBS."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ingest.categories import CategoryMapper
from ingest.checks import (
    RowChecks,
    as_text,
    clean_area_codes,
    is_area_code,
    parse_counts,
    refuse_dates,
    refuse_long,
    trimmed,
)
from ingest.columns import ColumnPlan, RoleRows, make_plan, plan_columns, read_roles, require_roles, role
from ingest.json_rows import Row, json_rows
from ingest.json_stream import JsonRecords, text_of
from ingest.mapping import Mapping
from ingest.perioden import parse_periods
from ingest.records import Batch, Batches
from ingest.tables import describe_table
from ingest.tellingen_cbs import cbs_categorie, cbs_columns, scan_scope, within_scope
from ingest.tijd import parse_dates

COLUMNS = ("line", "gebied_code", "van", "tot", "bron_categorie", "categorie", "aantal")
ALIASES = {
    "gebied_code": (
        "gebied_code", "gebiedcode", "gebiedscode", "buurt_code", "buurtcode", "wijk_code", "wijkcode",
        "gebied",
    ),
    "van": ("van", "datum_van", "startdatum", "begindatum", "start"),
    "tot": ("tot", "tot_en_met", "t_m", "datum_tot", "einddatum", "eind"),
    "periode": ("periode", "perioden", "jaar", "kwartaal", "maand"),
    "categorie": ("categorie", "category", "subcategorie", "soort", "onderwerp"),
    "hoofdcategorie": ("hoofdcategorie", "main_category", "hoofdrubriek"),
    "aantal": ("aantal", "aantal_meldingen", "count", "telling", "meldingen"),
}  # fmt: skip


@dataclass(frozen=True)
class _Table:
    """A table that can be read more than once. rows: makes a fresh iterator over its chunks."""

    plan: ColumnPlan
    rows: Callable[[], Iterator[RoleRows]]
    is_cbs: bool


def is_telling_table(names: Sequence[str]) -> bool:
    """Whether columns without mapping look like counts per area."""
    if cbs_columns(names) is not None:
        return True
    plan = plan_columns(names, ALIASES, Mapping())
    return plan.has("gebied_code", "aantal") and (plan.has("van") or plan.has("periode"))


def read_tellingen(path: Path, mapping: Mapping, *, today: date, chunk_rows: int, is_json: bool = False) -> Batches:
    """Batches with COLUMNS. Raises ColumnsMissing before anything is read.

    One area, period and source category occurs at most once; several source categories may share one of ours.
    """
    make = _json_table if is_json else _text_table
    table = make(path, mapping, chunk_rows)
    require_roles(table.plan, ("gebied_code", "aantal"), path.name)
    if not table.plan.has("periode"):
        require_roles(table.plan, ("van", "tot"), path.name)
    if not table.is_cbs and mapping.categorie is None:
        require_roles(table.plan, ("categorie",), path.name)
    builder = _Builder(_categories(table, mapping), mapping.datumformaten, today)
    return (builder.build(rows) for rows in (_cbs_rows(table) if table.is_cbs else table.rows()))


def _plan(names: Sequence[str], mapping: Mapping) -> tuple[ColumnPlan, bool]:
    cbs = None if mapping.kolommen else cbs_columns(names)
    if cbs is not None:
        return make_plan(names, cbs), True
    return plan_columns(names, ALIASES, mapping), False


def _text_table(path: Path, mapping: Mapping, chunk_rows: int) -> _Table:
    plan, is_cbs = _plan(describe_table(path).columns, mapping)
    return _Table(plan, lambda: read_roles(path, plan, chunk_rows), is_cbs)


def _json_table(path: Path, mapping: Mapping, chunk_rows: int) -> _Table:
    with JsonRecords(path) as records:
        first: Any = next(iter(records), {})
    plan, is_cbs = _plan([str(name) for name in first] if isinstance(first, dict) else [], mapping)
    return _Table(plan, lambda: _json_chunks(path, plan, chunk_rows), is_cbs)


def _json_chunks(path: Path, plan: ColumnPlan, chunk_rows: int) -> Iterator[RoleRows]:
    def to_row(record: Any) -> Row | None:
        if not isinstance(record, dict):
            return None
        return {name: text_of(record.get(column)) for name, column in plan.columns.items()}

    notes = plan.notes
    with JsonRecords(path) as records:
        numbered = enumerate(records, start=1)
        while chunk := list(islice(numbered, chunk_rows)):
            yield replace(json_rows(chunk, to_row, tuple(plan.columns)), notes=notes)
            notes = ()


def _cbs_rows(table: _Table) -> Iterator[RoleRows]:
    scope = scan_scope(rows.frame for rows in table.rows())
    head, _ = cbs_categorie(table.plan.columns)
    for rows in table.rows():
        frame, notes = within_scope(rows.frame, scope)
        frame = frame.assign(hoofdcategorie=as_text(np.full(len(frame), head, dtype=object)))
        yield replace(rows, frame=frame, notes=(*rows.notes, *notes))


def _categories(table: _Table, mapping: Mapping) -> CategoryMapper:
    fixed = mapping.categorie
    if table.is_cbs and fixed is None and not mapping.categorieen:
        fixed = cbs_categorie(table.plan.columns)[1]
    return CategoryMapper(mapping.categorieen, fixed)


class _Builder:
    """Validates chunk after chunk and remembers, in eight bytes a row, which counts were there already."""

    def __init__(self, categories: CategoryMapper, formats: Sequence[str], today: date) -> None:
        self._categories = categories
        self._formats = tuple(formats)
        self._today = today
        self._seen = np.empty(0, dtype=np.uint64)

    def build(self, rows: RoleRows) -> Batch:
        frame = rows.frame
        codes = clean_area_codes(role(frame, "gebied_code"))
        days = self._days(frame)
        counts, valid = parse_counts(role(frame, "aantal"))
        checks = RowChecks(frame["line"], codes)
        refuse_long(checks, frame)
        checks.refuse(~is_area_code(codes), "gebied_onbekend_formaat")
        refuse_dates(checks, days["van"], self._today)
        refuse_dates(checks, days["tot"], self._today)
        checks.refuse((days["tot"] < days["van"]).to_numpy(), "periode_omgekeerd")
        checks.refuse(~valid, "aantal_ongeldig")
        names = trimmed(role(frame, "categorie"))
        identity = pd.DataFrame({"gebied_code": codes, "van": days["van"], "tot": days["tot"], "naam": names})
        identity["hoofd"] = role(frame, "hoofdcategorie")
        checks.refuse(self._repeated(identity, checks.kept), "dubbel")
        kept = checks.kept
        categories = self._categories.map(identity["hoofd"][kept], names[kept])
        records = identity.loc[kept, ["gebied_code", "van", "tot"]].reset_index(drop=True)
        records = records.assign(
            line=frame["line"].to_numpy()[kept],
            bron_categorie=as_text(categories.bron_categorie),
            categorie=as_text(categories.categorie),
            aantal=counts[kept],
        )
        rejects = (*rows.rejects, *checks.rejects())
        return Batch(records[list(COLUMNS)], rows.read, rejects, (*rows.notes, *categories.notes))

    def _days(self, frame: pd.DataFrame) -> pd.DataFrame:
        if "van" in frame.columns and "tot" in frame.columns:
            parse = {name: parse_dates(frame[name], formats=self._formats) for name in ("van", "tot")}
            return pd.DataFrame(parse)
        return parse_periods(trimmed(role(frame, "periode")))

    def _repeated(self, identity: pd.DataFrame, kept: np.ndarray) -> np.ndarray:
        """Rows whose area, period and category came before, in this chunk or an earlier one; refused rows
        do not count."""
        hashes = pd.util.hash_pandas_object(identity.fillna({"naam": "", "hoofd": ""}), index=False).to_numpy()
        repeated = np.zeros(len(identity), dtype=bool)
        places = np.flatnonzero(kept)
        fresh = hashes[places]
        repeated[places] = pd.Series(fresh).duplicated().to_numpy() | np.isin(fresh, self._seen)
        self._seen = np.union1d(self._seen, fresh)
        return repeated
