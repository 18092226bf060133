"""Read the wijkwijzers (walk-in points) from CSV or Excel."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from ingest.categories import slugify
from ingest.checks import RowChecks, as_text, refuse_long, trimmed
from ingest.columns import RoleRows, role
from ingest.lijsten import KnownKeys, check_validity, read_list
from ingest.mapping import Mapping
from ingest.punten import read_points
from ingest.records import Batch, Batches

COLUMNS = (
    "line",
    "sleutel",
    "naam",
    "adres",
    "openingstijden",
    "partners",
    "x",
    "y",
    "geldig_van",
    "geldig_tot",
)
ALIASES = {
    "sleutel": ("sleutel", "wijkwijzer_id", "id", "nummer", "key"),
    "naam": ("naam", "name", "wijkwijzer", "locatie"),
    "adres": ("adres", "address", "bezoekadres"),
    "openingstijden": ("openingstijden", "opening_hours", "openingsuren", "spreekuren"),
    "partners": ("partners", "partner", "organisaties"),
    "x": ("x", "rd_x", "x_rd", "x_coordinaat"),
    "y": ("y", "rd_y", "y_rd", "y_coordinaat"),
    "lon": ("lon", "lng", "long", "longitude", "lengtegraad"),
    "lat": ("lat", "latitude", "breedtegraad"),
    "geldig_van": ("geldig_van", "van", "startdatum", "begindatum", "ingangsdatum"),
    "geldig_tot": ("geldig_tot", "tot", "einddatum"),
}
_TEXTS = ("adres", "openingstijden", "partners")


def read_wijkwijzers(source: str | Path, *, mapping: str | Path | Mapping | None = None, today: date) -> Batches:
    """Batches with COLUMNS. Without a column for the key it is the name as a slug.

    today: a start more than ten years ahead is refused, such an end means no end.
    """
    builder = _Builder(today)
    return read_list(source, ALIASES, ("naam",), mapping, builder.build)


class _Builder:
    def __init__(self, today: date) -> None:
        self._today = today
        self._known = KnownKeys()

    def build(self, rows: RoleRows, mapping: Mapping) -> Batch:
        frame = rows.frame
        names = trimmed(role(frame, "naam"))
        keys = trimmed(role(frame, "sleutel")) if "sleutel" in frame.columns else _slugs(names)
        checks = RowChecks(frame["line"], keys)
        refuse_long(checks, frame)
        checks.refuse(names.isna().to_numpy(), "naam_ontbreekt")
        checks.refuse(keys.isna().to_numpy(), "sleutel_ontbreekt")
        points = read_points(frame, mapping.crs)
        points.refuse(checks, placed=np.zeros(len(frame), dtype=bool))
        first, last = trimmed(role(frame, "geldig_van")), trimmed(role(frame, "geldig_tot"))
        validity = check_validity(checks, first, last, mapping.datumformaten, self._today)
        checks.refuse(self._known.repeated(keys, checks.kept), "dubbel")
        texts = {name: trimmed(role(frame, name)) for name in _TEXTS}
        records = frame.assign(
            sleutel=keys,
            naam=names,
            x=points.x,
            y=points.y,
            geldig_van=validity["van"],
            geldig_tot=validity["tot"],
            **texts,
        )
        records = records.loc[checks.kept, list(COLUMNS)].reset_index(drop=True)
        return Batch(records, rows.read, (*rows.rejects, *checks.rejects()), rows.notes)


def _slugs(names: pd.Series) -> pd.Series:
    slugs = [slugify(name) or None if isinstance(name, str) else None for name in names]
    return as_text(np.array(slugs, dtype=object))
