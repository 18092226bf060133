"""From raw texts of any format to validated voorzieningen: one path for all formats."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import shapely

from ingest.checks import RowChecks, as_text, refuse_long, trimmed
from ingest.columns import RoleRows, role
from ingest.coordinaten import RD, WGS84, parse_axis, refuse_points, to_rd
from ingest.records import Batch, Note
from ingest.tijd import parse_dates
from ingest.voorziening_typen import OTHER, is_sensitive, load_typen, type_of

VOORZIENING_COLUMNS = (
    "line",
    "sleutel",
    "naam",
    "type",
    "aanbieder",
    "aanbieder_soort",
    "lijn",
    "leefgebied",
    "doelgroep",
    "openingstijden",
    "capaciteit",
    "bereik",
    "geldig_van",
    "geldig_tot",
    "x",
    "y",
    "zonder_verwijzing",
    "gevoelig",
)
ROLES = (
    "sleutel",
    "naam",
    "type",
    "aanbieder",
    "aanbieder_soort",
    "lijn",
    "leefgebied",
    "doelgroep",
    "openingstijden",
    "capaciteit",
    "bereik",
    "geldig_van",
    "geldig_tot",
    "x",
    "y",
    "lon",
    "lat",
    "wkt",
    "zonder_verwijzing",
    "gevoelig",
)
_LINES = {"0": "0e_lijn", "0e": "0e_lijn", "1": "1e_lijn", "1e": "1e_lijn", "2": "2e_lijn", "2e": "2e_lijn"}
_PROVIDERS = {
    "groot": "groot",
    "vereniging": "vereniging",
    "stichting": "vereniging",
    "informeel": "informeel",
}
_REACH = {"buurt": "buurt", "wijk": "stadsdeel", "stadsdeel": "stadsdeel", "stad": "stad", "gemeente": "stad"}
_TRUE, _FALSE = ("ja", "true", "1", "yes", "j", "waar"), ("nee", "false", "0", "no", "n", "onwaar")
_NL_LONLAT = (3.0, 50.5, 7.6, 54.0)
_SHOWN = 20


@dataclass
class VoorzieningRules:
    """crs: of the coordinates, None: RD for x/y and WGS84 for lon/lat. seen: keys of earlier batches."""

    crs: str | None = None
    seen: set[str] = field(default_factory=set)


def build_batch(rows: RoleRows, rules: VoorzieningRules) -> Batch:
    """Validated records with VOORZIENING_COLUMNS; reject codes are those of ingest.checks.REASONS."""
    frame = rows.frame
    notes = list(rows.notes)
    names = trimmed(role(frame, "naam"))
    checks = RowChecks(frame["line"], trimmed(role(frame, "sleutel")))
    refuse_long(checks, frame)
    checks.refuse(names.isna().to_numpy(), "naam_ontbreekt")
    x, y = _place(frame, rules.crs, checks, notes)
    keys = _keys(trimmed(role(frame, "sleutel")), names, x, y, notes)
    checks.refuse(_repeated(keys, checks.kept, rules.seen), "dubbel")
    valid_from, valid_to = (parse_dates(role(frame, name)) for name in ("geldig_van", "geldig_tot"))
    for name, days in (("geldig_van", valid_from), ("geldig_tot", valid_to)):
        checks.refuse(trimmed(role(frame, name)).notna().to_numpy() & days.isna().to_numpy(), "datum_onleesbaar")
    checks.refuse((valid_to < valid_from).to_numpy(), "periode_omgekeerd")
    checked = frame.assign(sleutel=keys, naam=names, x=x, y=y, geldig_van=valid_from, geldig_tot=valid_to)
    records = _translate(checked[checks.kept].reset_index(drop=True), notes)
    return Batch(records, rows.read, (*rows.rejects, *checks.rejects()), tuple(notes))


def _place(frame: pd.DataFrame, crs: str | None, checks: RowChecks, notes: list[Note]) -> tuple[np.ndarray, np.ndarray]:
    """x, y (n,) in RD metres."""
    geographic = "lon" in frame.columns and "x" not in frame.columns
    first, second = (role(frame, name) for name in (("lon", "lat") if geographic else ("x", "y")))
    parsed = [parse_axis(first), parse_axis(second)]
    numbers = np.column_stack([values for values, _ in parsed])
    given = np.column_stack([stated for _, stated in parsed])
    if "wkt" in frame.columns:
        numbers, given = _from_wkt(frame["wkt"], numbers, given)
    refuse_points(checks, numbers, given, np.zeros(len(frame), dtype=bool))
    system = crs or (WGS84 if geographic else RD)
    if crs is None and not geographic and _are_degrees(numbers):
        system = WGS84
        notes.append(Note("crs_afgeleid", "De coördinaten zijn graden en gelezen als lengte- en breedtegraad."))
    x, y = to_rd(numbers[:, 0], numbers[:, 1], system)
    checks.refuse(given.all(axis=1) & ~(np.isfinite(x) & np.isfinite(y)), "coordinaat_nan")
    return x, y


def _from_wkt(texts: pd.Series, numbers: np.ndarray, given: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A point inside each WKT shape, where the row has no numbers of its own."""
    stated = trimmed(texts).notna().to_numpy()
    shapes = shapely.from_wkt(texts.where(stated, None).to_numpy(dtype=object), on_invalid="ignore")
    points = shapely.point_on_surface(shapes)
    fill = stated & ~given.any(axis=1)
    places = np.column_stack([shapely.get_x(points), shapely.get_y(points)])
    return np.where(fill[:, None], places, numbers), given | fill[:, None]


def _are_degrees(numbers: np.ndarray) -> bool:
    known = numbers[np.isfinite(numbers).all(axis=1)]
    west, south, east, north = _NL_LONLAT
    inside = (known[:, 0] >= west) & (known[:, 0] <= east) & (known[:, 1] >= south) & (known[:, 1] <= north)
    return len(known) > 0 and bool(inside.all())


def _keys(stated: pd.Series, names: pd.Series, x: np.ndarray, y: np.ndarray, notes: list[Note]) -> pd.Series:
    """The key of the source, else one made of name and place (to the metre)."""
    without = stated.isna() & names.notna() & np.isfinite(x)
    if not without.any():
        return stated
    made = [
        hashlib.sha256(f"{name}|{east:.0f}|{north:.0f}".encode()).hexdigest()[:32] if missing else key
        for key, name, east, north, missing in zip(stated, names, x, y, without, strict=True)
    ]
    text = "Rijen zonder sleutel kregen er een uit naam en plaats."
    notes.append(Note("sleutel_afgeleid", text, int(without.sum())))
    return pd.Series(made, index=stated.index, dtype=object)


def _repeated(keys: pd.Series, kept: np.ndarray, seen: set[str]) -> np.ndarray:
    """(n,) bool: keys met before, in this batch or an earlier one; refused rows claim no key."""
    again = np.zeros(len(keys), dtype=bool)
    for place in np.flatnonzero(kept):
        key = keys.iloc[place]
        again[place] = key in seen
        seen.add(key)
    return again


def _translate(frame: pd.DataFrame, notes: list[Note]) -> pd.DataFrame:
    source_type = trimmed(role(frame, "type"))
    types = [type_of(text) for text in source_type]
    _note_unknown(source_type, types, notes)
    resolved = [item or load_typen()[OTHER] for item in types]
    lijn = _words(role(frame, "lijn"), _LINES)
    leefgebied = trimmed(role(frame, "leefgebied"))
    stated = _flags(role(frame, "gevoelig"))
    provider = trimmed(role(frame, "aanbieder"))
    hidden = [
        item.gevoelig or flag is True or is_sensitive(name, text, owner)
        for item, flag, name, text, owner in zip(resolved, stated, frame["naam"], source_type, provider, strict=True)
    ]
    if any(hidden):
        text = "Gevoelige locaties (opvang, doorstroomwoning) komen nooit als punt of adres op de kaart."
        notes.append(Note("gevoelig", text, sum(hidden)))
    records = frame.assign(
        type=as_text(_objects([item.code for item in resolved])),
        aanbieder=provider,
        aanbieder_soort=_words(role(frame, "aanbieder_soort"), _PROVIDERS).fillna("onbekend"),
        lijn=as_text(_objects([own or item.lijn for own, item in zip(lijn, resolved, strict=True)])),
        leefgebied=as_text(_objects([own or item.leefgebied for own, item in zip(leefgebied, resolved, strict=True)])),
        doelgroep=trimmed(role(frame, "doelgroep")),
        openingstijden=trimmed(role(frame, "openingstijden")),
        capaciteit=_capacity(role(frame, "capaciteit")),
        bereik=_words(role(frame, "bereik"), _REACH).fillna("onbekend"),
        zonder_verwijzing=as_text(_objects(_flags(role(frame, "zonder_verwijzing")))),
        gevoelig=np.array(hidden, dtype=bool),
    )
    return records[list(VOORZIENING_COLUMNS)]


def _objects(values: Sequence[object]) -> np.ndarray:
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array


def _words(values: pd.Series, known: dict[str, str]) -> pd.Series:
    """The code of the first known word of each text, None when there is none."""
    found = []
    for text in values:
        words = (text or "").casefold().replace("_", " ").replace("-", " ").split()
        found.append(next((known[word] for word in words if word in known), None))
    return as_text(_objects(found))


def _flags(values: pd.Series) -> list[object]:
    texts = [(text or "").strip().casefold() for text in values]
    return [True if text in _TRUE else False if text in _FALSE else None for text in texts]


def _capacity(values: pd.Series) -> np.ndarray:
    numbers, _ = parse_axis(values)
    return np.where(np.isfinite(numbers) & (numbers >= 0), numbers, np.nan)


def _note_unknown(texts: pd.Series, types: Sequence[object], notes: list[Note]) -> None:
    unknown = [str(text)[:40] for text, item in zip(texts, types, strict=True) if item is None and text]
    if unknown:
        shown = ", ".join(sorted(set(unknown))[:_SHOWN])
        notes.append(Note("type_onbekend", f"Onbekend type, bewaard als overig: {shown}.", len(unknown)))
