"""What the BAG values mean: statuses in use, dummy years, dwellings; shared by all shapes of the source."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from ingest.records import Batch, Note, Reject

WONING_COLUMNS = (
    "line",
    "soort",
    "sleutel",
    "status",
    "in_gebruik",
    "woonfunctie",
    "gebruiksdoelen",
    "oppervlakte",
    "bouwjaar",
    "pand_sleutels",
    "x",
    "y",
)
# A building with a demolition permit still stands; a dwelling that is being altered is still a dwelling.
IN_USE = frozenset(
    {
        "pand in gebruik",
        "pand in gebruik (niet ingemeten)",
        "verbouwing pand",
        "sloopvergunning verleend",
        "verblijfsobject in gebruik",
        "verblijfsobject in gebruik (niet ingemeten)",
        "verbouwing verblijfsobject",
    }
)
# Municipalities fill an unknown year with one of these; 1005 is what Amsterdam uses.
_DUMMY_YEARS = (1000, 1005, 1111, 9999)
_FIRST_YEAR, _LAST_YEAR = 1000, 2100
_DUMMY_AREA = 999_999


@dataclass
class Objects:
    """Rows of current objects while a batch fills, columns of WONING_COLUMNS, still as the source says it."""

    line: list[int] = field(default_factory=list)
    soort: list[str] = field(default_factory=list)
    sleutel: list[str | None] = field(default_factory=list)
    status: list[str | None] = field(default_factory=list)
    gebruiksdoelen: list[str | None] = field(default_factory=list)
    oppervlakte: list[str | float | None] = field(default_factory=list)
    bouwjaar: list[str | float | None] = field(default_factory=list)
    pand_sleutels: list[str | None] = field(default_factory=list)
    x: Sequence[float] = field(default_factory=list)
    y: Sequence[float] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.line)


def bag_key(text: str | None) -> str | None:
    """The 16 digits of a BAG identification, without the NL.IMBAG prefix; None when it is not one."""
    digits = (text or "").strip().rsplit(".", 1)[-1]
    # A spreadsheet drops the leading zero of the municipality.
    return digits.zfill(16) if digits.isdigit() and 13 <= len(digits) <= 16 else None


def join_keys(values: Sequence[str | None]) -> str | None:
    keys = [key for key in map(bag_key, values) if key]
    return ";".join(dict.fromkeys(keys)) or None


def to_batch(objects: Objects, read: int, seen: set[str], notes: Sequence[Note] = ()) -> Batch:
    """Validate and type the rows; seen: keys of earlier batches, extended here.

    A row without a valid key or with a key seen before is rejected; a missing place is kept with NaN.
    """
    frame = pd.DataFrame({name: pd.Series(getattr(objects, name), dtype=object) for name in vars(objects)})
    frame["sleutel"] = pd.Series([bag_key(key) for key in objects.sleutel], dtype=object)
    tokens = (frame["soort"] + frame["sleutel"]).tolist()
    rejects, keep = _check_keys(frame, tokens, seen)
    frame = frame[keep].reset_index(drop=True)
    status = frame["status"].fillna("").astype(str).str.strip()
    frame["status"] = status.where(status != "", None).astype(object)
    frame["in_gebruik"] = status.str.lower().isin(IN_USE).to_numpy(dtype=bool)
    doelen = frame["gebruiksdoelen"].fillna("").astype(str)
    dwelling = doelen.str.contains("woonfunctie", regex=False).to_numpy(dtype=bool)
    frame["woonfunctie"] = dwelling & (frame["soort"] == "verblijfsobject").to_numpy(dtype=bool)
    area = pd.to_numeric(frame["oppervlakte"], errors="coerce").astype(float)
    frame["oppervlakte"] = area.where((area > 0) & (area < _DUMMY_AREA))
    found = list(notes)
    frame["bouwjaar"] = _years(frame["bouwjaar"], found)
    for axis in ("x", "y"):
        frame[axis] = pd.to_numeric(frame[axis], errors="coerce").astype(float)
    frame["line"] = frame["line"].astype("int64")
    without = int(frame["x"].isna().sum())
    if without:
        found.append(Note("zonder_plaats", "Objecten zonder bruikbare plaats zijn bewaard zonder punt.", without))
    return Batch(frame[list(WONING_COLUMNS)], read, tuple(rejects), tuple(found))


def _check_keys(frame: pd.DataFrame, tokens: list[object], seen: set[str]) -> tuple[list[Reject], np.ndarray]:
    rejects = []
    keep = np.ones(len(frame), dtype=bool)
    for index, (line, token) in enumerate(zip(frame["line"], tokens, strict=True)):
        if not isinstance(token, str):
            keep[index] = False
            rejects.append(Reject(int(line), "sleutel_ongeldig", "De BAG-identificatie heeft geen 16 cijfers."))
        elif token in seen:
            keep[index] = False
            reason = "Dit object heeft al een geldig voorkomen in deze bron."
            rejects.append(Reject(int(line), "sleutel_dubbel", reason, token[-16:]))
        else:
            seen.add(token)
    return rejects, keep


def _years(values: pd.Series, notes: list[Note]) -> pd.Series:
    years = pd.to_numeric(values, errors="coerce").astype(float)
    real = years.between(_FIRST_YEAR, _LAST_YEAR) & ~years.isin(_DUMMY_YEARS)
    dummies = int((years.notna() & ~real).sum())
    if dummies:
        notes.append(Note("bouwjaar_dummy", "Een onmogelijk bouwjaar (zoals 9999) telt als onbekend.", dummies))
    return years.where(real)
