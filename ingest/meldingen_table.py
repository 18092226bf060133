"""Meldingen from CSV, Excel or any GeoJSON: columns by mapping or by common names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from collections.abc import Mapping as MappingType
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ingest.checks import as_text
from ingest.columns import ColumnPlan, RoleRows, make_plan, plan_columns, read_roles, require_roles
from ingest.coordinaten import check_crs
from ingest.json_rows import object_array, unreadable
from ingest.json_stream import JsonHead, JsonRecords, dig, point_of, text_of
from ingest.mapping import Mapping, simple_name
from ingest.meldingen_records import ROLES, MeldingRules, build_batch
from ingest.records import Batches
from ingest.tables import describe_table

# The sub category first: only then may a plain "category" column be the head category.
ALIASES = {
    "sleutel": (
        "sleutel", "meldingsnummer", "melding_id", "meldingnummer", "zaaknummer", "zaak_id", "melding_nr",
        "kenmerk", "service_request_id", "id", "nummer", "key", "objectid", "feature_id",
    ),
    "tijd": (
        "tijd", "tijdstip", "created_at", "requested_datetime", "meldtijd", "datumtijd", "datum_tijd",
        "datum_melding", "meldingsdatum", "melddatum", "datum_ontvangst", "ontvangstdatum", "aangemaakt_op",
        "aangemaakt", "datetime", "timestamp", "datum", "date", "created",
    ),
    "x": ("x", "rd_x", "x_rd", "x_coord", "xcoord", "x_coordinaat", "xcoordinaat", "point_x"),
    "y": ("y", "rd_y", "y_rd", "y_coord", "ycoord", "y_coordinaat", "ycoordinaat", "point_y"),
    "lon": ("lon", "lng", "long", "longitude", "lengtegraad"),
    "lat": ("lat", "latitude", "breedtegraad"),
    "buurt_code": ("buurt_code", "buurtcode", "bu_code", "buurt", "gebied_code", "gebiedscode"),
    "categorie": (
        "subcategory_slug", "subcategorie_slug", "sub_slug", "subcategorie", "sub_categorie", "subcategory",
        "categorie_code", "category_slug", "categorie", "category", "service_name", "soort_melding",
        "soort", "rubriek",
    ),
    "hoofdcategorie": (
        "main_slug", "hoofdcategorie_slug", "hoofdcategorie", "hoofd_categorie", "main_category",
        "hoofdrubriek",
        "category_slug", "categorie_slug", "categorie", "category",
    ),
    "status": ("status", "state", "statusomschrijving", "toestand"),
    "melder": ("melder", "melder_id", "melder_email", "email_melder", "email", "reporter", "telefoon",
        "melder_telefoon"),
    "adres": ("adres", "address", "melding_adres", "locatie_adres"),
}  # fmt: skip
_PLAIN_HEADS = ("category_slug", "categorie_slug", "categorie", "category")
_FEATURE_ID = "feature id"
_HARVEST = {"category_slug", "subcategory_slug", "created_at"}


def read_table_meldingen(path: Path, mapping: Mapping, rules: MeldingRules, chunk_rows: int) -> Batches:
    """Batches of a CSV or Excel file. Raises ColumnsMissing before anything is read."""
    plan = melding_plan(describe_table(path).columns, mapping, rules.secret)
    require_roles(plan, ("sleutel", "tijd"), path.name)
    if not (plan.has("x", "y") or plan.has("lon", "lat") or plan.has("buurt_code")):
        require_roles(plan, ("lon", "lat"), path.name)
    return (build_batch(rows, rules) for rows in read_roles(path, plan, chunk_rows))


def melding_plan(names: Sequence[str], mapping: Mapping, secret: bytes | None) -> ColumnPlan:
    """The columns of a melding. Without a secret those of reporter and address count as not read."""
    plan = plan_columns(names, {name: ALIASES[name] for name in ROLES}, mapping)
    columns = dict(plan.columns)
    if not mapping.kolommen and not _divides_head(columns):
        columns.pop("hoofdcategorie", None)
    if secret is None:
        columns.pop("melder", None)
        columns.pop("adres", None)
    # One pair of coordinates: metres before degrees, a whole pair before half a one.
    for pair in (("lon", "lat"),) if plan.has("x", "y") else (("x", "y"),):
        for name in pair:
            columns.pop(name, None)
    return make_plan(names, columns)


def looks_like_harvest(names: Iterable[str]) -> bool:
    """A collected Signalen feed: its id changes with the category, so the content is the key."""
    return set(names) >= _HARVEST


def read_geojson_meldingen(path: Path, mapping: Mapping, rules: MeldingRules, chunk_rows: int) -> Batches:
    """Batches of a FeatureCollection of points. The columns are those of the first chunk of features."""
    with JsonRecords(path) as records:
        numbered = enumerate(records, start=1)
        chunk = list(islice(numbered, chunk_rows))
        plan = _feature_plan([feature for _, feature in chunk], mapping, rules)
        if chunk:
            require_roles(plan, ("tijd",) if rules.content_key else ("sleutel", "tijd"), path.name)
        rules = replace(rules, crs=rules.crs or _declared_crs(records.head))
        notes = plan.notes
        while chunk:
            yield build_batch(replace(_feature_rows(chunk, plan), notes=notes), rules)
            notes = ()
            chunk = list(islice(numbered, chunk_rows))


def _divides_head(columns: MappingType[str, str]) -> bool:
    """Whether the head category is a column of its own, or there is a sub category beside a plain
    category."""
    head = simple_name(columns.get("hoofdcategorie", ""))
    return head not in _PLAIN_HEADS or simple_name(columns.get("categorie", "")).startswith("sub")


def _feature_plan(features: Sequence[Any], mapping: Mapping, rules: MeldingRules) -> ColumnPlan:
    names: dict[str, None] = {}
    for feature in features:
        properties = dig(feature, "properties")
        names.update(dict.fromkeys(properties if isinstance(properties, dict) else ()))
    if any(dig(feature, "id") is not None for feature in features):
        names[_FEATURE_ID] = None
    plan = melding_plan(list(names), mapping, rules.secret)
    columns = dict(plan.columns)
    if rules.content_key:
        columns.pop("sleutel", None)
    if not mapping.kolommen:
        # The geometry is the place; properties that repeat it are left alone.
        columns = {name: column for name, column in columns.items() if name not in ("x", "y", "lon", "lat")}
    return make_plan(list(names), columns)


def _feature_rows(chunk: Sequence[tuple[int, Any]], plan: ColumnPlan) -> RoleRows:
    good = [(line, feature) for line, feature in chunk if isinstance(dig(feature, "properties"), dict)]
    strange = [line for line, feature in chunk if not isinstance(dig(feature, "properties"), dict)]
    data: dict[str, Any] = {"line": np.array([line for line, _ in good], dtype=np.int64)}
    for name, column in plan.columns.items():
        data[name] = as_text(object_array([_property(feature, column) for _, feature in good]))
    if not (plan.has("x", "y") or plan.has("lon", "lat")):
        points = [point_of(feature.get("geometry")) for _, feature in good]
        data["lon"] = as_text(object_array([lon for lon, _ in points]))
        data["lat"] = as_text(object_array([lat for _, lat in points]))
    return RoleRows(pd.DataFrame(data), len(chunk), unreadable(strange))


def _property(feature: dict[str, Any], column: str) -> str | None:
    if column == _FEATURE_ID:
        return text_of(feature.get("id"))
    return text_of(feature["properties"].get(column))


def _declared_crs(head: JsonHead) -> str | None:
    """The CRS of the old GeoJSON member; absent means longitude and latitude."""
    name = text_of(dig(head.members, "crs", "properties", "name")) or ""
    code = re.search(r"EPSG:[^:]*:?(\d+)$", name)
    return check_crs(f"EPSG:{code[1]}") if code else None
