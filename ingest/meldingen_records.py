"""From the raw texts of any format to validated meldingen: one path, so that no format checks for itself."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping as MappingType
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import pandas as pd

from ingest.categories import CategoryMapper
from ingest.checks import (
    LOCAL_ZONE,
    RowChecks,
    as_text,
    clean_area_codes,
    is_buurt_code,
    refuse_long,
    refuse_times,
    trimmed,
)
from ingest.columns import RoleRows, role
from ingest.mapping import Mapping
from ingest.pseudonym import pseudonymise
from ingest.punten import Points, read_points
from ingest.records import Batch, Note
from ingest.statussen import map_statuses
from ingest.tijd import parse_times

ROLES = (
    "sleutel",
    "tijd",
    "x",
    "y",
    "lon",
    "lat",
    "buurt_code",
    "categorie",
    "hoofdcategorie",
    "status",
    "melder",
    "adres",
)
COLUMNS = (
    "line",
    "sleutel",
    "tijd",
    "tijd_onzeker",
    "x",
    "y",
    "buurt_code",
    "bron_categorie",
    "categorie",
    "status",
    "melder_sleutel",
    "adres_sleutel",
)


@dataclass(frozen=True)
class MeldingRules:
    """How the raw texts of one source are understood.

    crs: of x/y or lon/lat, always x or longitude first; None: RD for x/y and WGS84 for lon/lat.
    secret: key of the pseudonyms; None: reporter and address are left out.
    content_key: the key is SHA-256(time, lon, lat), because the source has none that lasts.
    """

    today: date
    crs: str | None = None
    zone: str = LOCAL_ZONE
    formats: tuple[str, ...] = ()
    statuses: MappingType[str, str] = field(default_factory=dict)
    categories: CategoryMapper = field(default_factory=CategoryMapper)
    secret: bytes | None = None
    content_key: bool = False

    @classmethod
    def of(cls, mapping: Mapping, *, today: date, secret: bytes | None) -> MeldingRules:
        return cls(
            today=today,
            crs=mapping.crs,
            zone=mapping.tijdzone,
            formats=mapping.datumformaten,
            statuses=mapping.statussen,
            categories=CategoryMapper(mapping.categorieen, mapping.categorie),
            secret=secret,
        )


def build_batch(rows: RoleRows, rules: MeldingRules) -> Batch:
    """Validated records with COLUMNS; see the reject codes in ingest.checks.REASONS."""
    frame = rows.frame
    keys = trimmed(role(frame, "sleutel"))
    checks = RowChecks(frame["line"], None if rules.content_key else keys)
    refuse_long(checks, frame)
    if not rules.content_key:
        checks.refuse(keys.isna().to_numpy(), "sleutel_ontbreekt")
    times = parse_times(role(frame, "tijd"), zone=rules.zone, formats=rules.formats)
    refuse_times(checks, times.utc, rules.today)
    points = read_points(frame, rules.crs)
    codes = _buurt_codes(frame, points, checks)
    if rules.content_key:
        keys = content_keys(times.utc, points.numbers, checks.kept)
    checked = frame.assign(
        sleutel=keys,
        tijd=times.utc,
        tijd_onzeker=times.uncertain,
        x=points.x,
        y=points.y,
        buurt_code=codes,
    )
    if not checks.kept.all():
        checked = checked[checks.kept].reset_index(drop=True)
    records, notes = _translate(checked, rules)
    return Batch(records, rows.read, (*rows.rejects, *checks.rejects()), (*rows.notes, *notes))


def content_keys(times: pd.Series, numbers: np.ndarray, wanted: np.ndarray) -> pd.Series:
    """SHA-256 of instant (UTC, microseconds) and source coordinates (seven decimals, about a centimetre);
    None elsewhere.

    Equal for every notation of the same moment and point, so that two harvests of one report meet.
    """
    keys = np.full(len(times), None, dtype=object)
    micros = times.astype("datetime64[us, UTC]").astype("int64").to_numpy()
    for place in np.flatnonzero(wanted):
        # Adding 0.0 turns -0.0 into 0.0.
        lon, lat = numbers[place] + 0.0
        text = f"{micros[place]}|{lon:.7f}|{lat:.7f}"
        keys[place] = hashlib.sha256(text.encode()).hexdigest()
    return pd.Series(keys, index=times.index, dtype=object)


def _buurt_codes(frame: pd.DataFrame, points: Points, checks: RowChecks) -> pd.Series:
    """The buurt of rows that have no point; a point says more than a code, so beside one the code is
    dropped."""
    codes = clean_area_codes(role(frame, "buurt_code"))
    has_code = codes.notna().to_numpy()
    points.refuse(checks, placed=has_code)
    by_code = points.absent & has_code
    checks.refuse(by_code & ~is_buurt_code(codes), "gebied_onbekend_formaat")
    return codes.where(by_code, None)


def _translate(checked: pd.DataFrame, rules: MeldingRules) -> tuple[pd.DataFrame, tuple[Note, ...]]:
    """Categories, statuses and pseudonyms of the rows that stay; refused rows must not speak in the notes."""
    categories = rules.categories.map(role(checked, "hoofdcategorie"), role(checked, "categorie"))
    statuses = map_statuses(role(checked, "status"), rules.statuses)
    records = checked.assign(
        bron_categorie=as_text(categories.bron_categorie),
        categorie=as_text(categories.categorie),
        status=as_text(statuses.values),
        melder_sleutel=as_text(_pseudonyms(checked, "melder", rules.secret)),
        adres_sleutel=as_text(_pseudonyms(checked, "adres", rules.secret)),
    )
    notes = (*categories.notes, *statuses.notes, *_uncertain_notes(records["tijd_onzeker"]))
    return records[list(COLUMNS)], notes


def _pseudonyms(frame: pd.DataFrame, kind: str, secret: bytes | None) -> np.ndarray:
    if secret is None or kind not in frame.columns:
        return np.full(len(frame), None, dtype=object)
    return pseudonymise(frame[kind], secret, kind=kind)


def _uncertain_notes(uncertain: pd.Series) -> tuple[Note, ...]:
    count = int(uncertain.sum())
    if not count:
        return ()
    text = "De tijd valt in het uur van de klokwisseling: eerste moment gekozen en als onzeker gemerkt."
    return (Note("tijd_onzeker", text, count),)
