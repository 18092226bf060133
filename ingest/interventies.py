"""Read interventions (actions with a place, a period and an expected direction) from CSV, Excel or GeoJSON."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from data.codelists import load_categorieen
from ingest.categories import CategoryMapper, slugify
from ingest.checks import RowChecks, as_text, clean_area_codes, is_area_code, refuse_long, trimmed
from ingest.columns import RoleRows, plan_columns, read_roles, require_roles, role
from ingest.coordinaten import check_crs
from ingest.json_rows import Row, json_rows
from ingest.json_stream import JsonRecords, dig, text_of
from ingest.lijsten import KnownKeys, check_validity
from ingest.mapping import Mapping, load_mapping
from ingest.records import Batch, Batches, Note
from ingest.sources import open_source, refuse_single_page
from ingest.tables import describe_table
from ingest.tijd import parse_dates
from ingest.vlakken import LONLAT, area_from_geojson, area_from_wkt

COLUMNS = (
    "line",
    "sleutel",
    "naam",
    "soort",
    "doel",
    "partners",
    "gebied_codes",
    "van",
    "tot",
    "bron",
    "categorie",
    "richting",
    "kosten",
    "evaluatie_op",
    "geom",
)
ALIASES = {
    "sleutel": ("sleutel", "interventie_id", "id", "nummer", "key"),
    "naam": ("naam", "name", "titel", "interventie"),
    "soort": ("soort", "type"),
    "doel": ("doel", "beleidsdoel"),
    "partners": ("partners", "partner", "organisaties"),
    "gebied_codes": (
        "gebied_codes",
        "gebiedcodes",
        "gebied_code",
        "gebieden",
        "gebied",
        "buurtcodes",
        "buurtcode",
    ),
    "van": ("van", "startdatum", "begindatum", "start"),
    "tot": ("tot", "einddatum", "eind"),
    # Our own export names both the source of the signal and the register that a row came from.
    "bron": ("signaal_bron", "bron", "source"),
    "categorie": ("categorie", "category"),
    "richting": ("richting", "verwachte_richting"),
    "kosten": ("kosten", "budget", "bedrag"),
    "evaluatie_op": ("evaluatie_op", "evaluatiedatum", "evaluatie"),
    "tekening": ("tekening", "wkt"),
}
RICHTINGEN = ("daling", "stijging")
_TEXTS = ("soort", "partners", "bron")
_NEEDED = ("naam", "doel", "van")
_VLAK = "vlak"
_CHUNK = 20_000
_GOALS = ("1", "2", "3", "4", "5")
_THOUSANDS = r"^\d{1,3}(\.\d{3})+(,\d+)?$"


def read_interventies(source: str | Path, *, mapping: str | Path | Mapping | None = None, today: date) -> Batches:
    """Batches with COLUMNS; categorie may be a head or a sub category, None for all. kosten in euro.

    Without a column for the key it is name and start as a slug. An empty richting is read as daling, with a
    note. geom: what was drawn, as hex EWKB in RD: WKT in a column ``tekening``, or the geometry of a GeoJSON
    feature; the feature of an action whose areas were chosen by code says so by an empty ``tekening``.
    today: a start more than ten years ahead is refused, such an end means no end.
    """
    builder, rules = _Builder(today), load_mapping(mapping)
    with open_source(source) as local:
        with local.path.open("rb") as stream:
            is_json = stream.read(1024).lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"{", b"["))
        if is_json:
            refuse_single_page(local.path, local.name)
        for rows in _features(local.path, rules) if is_json else _rows(local.path, local.name, rules):
            yield builder.build(rows, rules)


def _rows(path: Path, name: str, mapping: Mapping) -> Iterator[RoleRows]:
    plan = plan_columns(describe_table(path).columns, ALIASES, mapping)
    require_roles(plan, _NEEDED if "tekening" in plan.columns else (*_NEEDED, "gebied_codes"), name)
    return read_roles(path, plan, _CHUNK)


def _features(path: Path, mapping: Mapping) -> Iterator[RoleRows]:
    """The features of a FeatureCollection, in one chunk; a list of actions is short."""
    with JsonRecords(path) as records:
        features = list(enumerate(records, start=1))
        crs = _declared_crs(text_of(dig(records.head.members, "crs", "properties", "name")) or "")
    names: dict[str, None] = {}
    for _, feature in features:
        properties = dig(feature, "properties")
        names.update(dict.fromkeys(properties if isinstance(properties, dict) else ()))
    plan = plan_columns(list(names), ALIASES, mapping)
    if features:
        require_roles(plan, _NEEDED, path.name)

    def to_row(feature: Any) -> Row | None:
        properties = dig(feature, "properties")
        if not isinstance(properties, dict):
            return None
        row = {name: text_of(properties.get(column)) for name, column in plan.columns.items()}
        drawn = "tekening" not in plan.columns or row["tekening"] is not None
        geometry = feature.get("geometry")
        return row | {_VLAK: json.dumps([geometry, crs]) if drawn and geometry is not None else None}

    yield replace(json_rows(features, to_row, (*plan.columns, _VLAK)), notes=plan.notes)


def _declared_crs(name: str) -> str:
    code = name.rsplit(":", 1)[-1]
    return check_crs(f"EPSG:{code}") if "EPSG" in name and code.isdigit() else LONLAT


class _Builder:
    def __init__(self, today: date) -> None:
        self._today = today
        self._known = KnownKeys()

    def build(self, rows: RoleRows, mapping: Mapping) -> Batch:
        geoms, readable = _drawings(rows.frame)
        frame = rows.frame.drop(columns=[name for name in ("tekening", _VLAK) if name in rows.frame.columns])
        names, goals = trimmed(role(frame, "naam")), trimmed(role(frame, "doel"))
        areas, areas_good = _areas(role(frame, "gebied_codes"))
        placed = areas_good | (geoms.notna() & trimmed(role(frame, "gebied_codes")).isna()).to_numpy()
        directions = trimmed(role(frame, "richting")).str.lower().astype(object)
        first, last = trimmed(role(frame, "van")), trimmed(role(frame, "tot"))
        keys = trimmed(role(frame, "sleutel")) if "sleutel" in frame.columns else _slugs(names, first)
        checks = RowChecks(frame["line"], keys)
        refuse_long(checks, frame)
        checks.refuse(names.isna().to_numpy(), "naam_ontbreekt")
        checks.refuse(keys.isna().to_numpy(), "sleutel_ontbreekt")
        checks.refuse(~goals.isin(_GOALS).to_numpy(dtype=bool), "doel_ongeldig")
        checks.refuse(~readable, "tekening_onleesbaar")
        checks.refuse(~placed, "gebied_onbekend_formaat")
        checks.refuse(first.isna().to_numpy(), "datum_onleesbaar")
        validity = check_validity(checks, first, last, mapping.datumformaten, self._today)
        known = directions.isna() | directions.isin(RICHTINGEN)
        checks.refuse(~known.to_numpy(dtype=bool), "richting_ongeldig")
        evaluation = self._evaluation(frame, checks, mapping)
        checks.refuse(self._known.repeated(keys, checks.kept), "dubbel")
        checked = frame.assign(
            sleutel=keys,
            naam=names,
            doel=goals,
            gebied_codes=areas.where(areas != "", None),
            geom=geoms,
            richting=directions,
            evaluatie_op=evaluation,
        ).assign(**validity)
        records, notes = _records(checked[checks.kept].reset_index(drop=True), mapping)
        return Batch(records, rows.read, (*rows.rejects, *checks.rejects()), (*rows.notes, *notes))

    def _evaluation(self, frame: pd.DataFrame, checks: RowChecks, mapping: Mapping) -> pd.Series:
        texts = trimmed(role(frame, "evaluatie_op"))
        days = parse_dates(texts, formats=mapping.datumformaten)
        checks.refuse((texts.notna() & days.isna()).to_numpy(), "datum_onleesbaar")
        return days


def _records(kept: pd.DataFrame, mapping: Mapping) -> tuple[pd.DataFrame, tuple[Note, ...]]:
    assumed = int(kept["richting"].isna().sum())
    notes = [Note("richting_aangenomen", "Geen richting opgegeven: daling aangenomen.", assumed)] if assumed else []
    categories, category_notes = _categories(trimmed(role(kept, "categorie")), mapping)
    costs, cost_notes = _costs(trimmed(role(kept, "kosten")))
    records = kept.assign(
        doel=kept["doel"].astype("int64"),
        richting=as_text(kept["richting"].fillna(RICHTINGEN[0]).to_numpy(dtype=object)),
        categorie=categories,
        kosten=costs,
        **{name: trimmed(role(kept, name)) for name in _TEXTS},
    )
    return records[list(COLUMNS)], (*notes, *category_notes, *cost_notes)


def _drawings(frame: pd.DataFrame) -> tuple[pd.Series, np.ndarray]:
    """What was drawn per row, None where nothing was, and whether it could be read."""
    texts = trimmed(role(frame, "tekening"))
    shapes = role(frame, _VLAK)
    found: list[str | None] = []
    good = np.ones(len(frame), dtype=bool)
    for place, (text, geometry) in enumerate(zip(texts, shapes, strict=True)):
        try:
            found.append(area_from_wkt(text) if geometry is None else area_from_geojson(*json.loads(geometry)))
        except ValueError:
            found.append(None)
            good[place] = False
    column = pd.Series(found, index=frame.index, dtype=object)
    return column, good


def _areas(values: pd.Series) -> tuple[pd.Series, np.ndarray]:
    """Codes joined by ";", and whether there is at least one and every one is well formed."""
    parts = trimmed(values).str.split(r"[;,\s]+", regex=True).explode()
    codes = clean_area_codes(parts.reset_index(drop=True)).set_axis(parts.index)
    good = pd.Series(is_area_code(codes), index=parts.index).groupby(level=0).all()
    joined = codes.fillna("").groupby(level=0).agg(";".join)
    return as_text(joined.to_numpy(dtype=object)), good.to_numpy(dtype=bool)


def _slugs(names: pd.Series, starts: pd.Series) -> pd.Series:
    pairs = zip(names, starts, strict=True)
    return as_text(np.array([slugify(f"{n} {s}") if n and s else None for n, s in pairs], dtype=object))


def _categories(values: pd.Series, mapping: Mapping) -> tuple[pd.Series, tuple[Note, ...]]:
    own = {row.code for row in load_categorieen()}
    foreign = values.notna() & ~values.isin(own)
    if not foreign.any():
        return values, ()
    names = values[foreign].reset_index(drop=True)
    mapped = CategoryMapper(mapping.categorieen).map(as_text(np.full(len(names), None, dtype=object)), names)
    result = values.copy()
    result[foreign] = mapped.categorie
    return result, mapped.notes


def _costs(values: pd.Series) -> tuple[pd.Series, tuple[Note, ...]]:
    """Euro; `€ 12.500,00`, `12500` and `12500.50` are understood, anything else is missing with a note."""
    texts = values.str.replace(r"[€\s]", "", regex=True)
    dutch = texts.str.match(_THOUSANDS).fillna(False).to_numpy(dtype=bool)
    texts = texts.where(~dutch, texts.str.replace(".", "", regex=False)).str.replace(",", ".", regex=False)
    costs = pd.to_numeric(texts, errors="coerce").astype("float64")
    strange = int((values.notna() & costs.isna()).sum())
    note = Note("kosten_onleesbaar", "De kosten zijn geen bedrag: weggelaten.", strange)
    return costs, (note,) if strange else ()
