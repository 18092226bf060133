"""Read voorzieningen: CSV or Excel, GeoJSON (OpenStreetMap too) and Open Referral HSDS 3."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping as MappingType
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import shapely
from shapely.geometry import shape

from ingest.checks import as_text
from ingest.columns import ColumnPlan, RoleRows, make_plan, plan_columns, read_roles, require_roles
from ingest.coordinaten import check_crs
from ingest.errors import SourceUnreadable
from ingest.json_rows import Row, json_rows, object_array, unreadable
from ingest.json_stream import JsonRecords, dig, point_of, text_of
from ingest.mapping import Mapping, load_mapping
from ingest.records import Batch, Note
from ingest.sources import open_source, refuse_single_page
from ingest.tables import describe_table, load_json
from ingest.voorzieningen_hsds import hsds_rows, hsds_services, is_closed
from ingest.voorzieningen_records import ROLES, VOORZIENING_COLUMNS, VoorzieningRules, build_batch

__all__ = ["VOORZIENING_COLUMNS", "read_voorzieningen"]

# In this order: a shelter is also an amenity, and the narrower tag says more.
_OSM_TAGS = ("social_facility", "amenity", "leisure", "landuse", "club")

ALIASES = {
    "sleutel": ("sleutel", "id", "voorziening_id", "nummer", "key", "objectid", "osm_id", "feature_id"),
    "naam": ("naam", "name", "naam_voorziening", "voorziening", "titel", "title"),
    "type": ("type", "soort", "categorie", "category", "soort_voorziening", *_OSM_TAGS),
    "aanbieder": ("aanbieder", "organisatie", "organization", "organisation", "provider", "operator"),
    "aanbieder_soort": ("aanbieder_soort", "soort_aanbieder", "provider_type"),
    "lijn": ("lijn", "line_of_care"),
    "leefgebied": ("leefgebied", "leefdomein", "domein", "domain"),
    "doelgroep": ("doelgroep", "audience", "target_group", "eligibility"),
    "openingstijden": ("openingstijden", "opening_hours", "openingsuren", "hours"),
    "capaciteit": ("capaciteit", "capacity", "plaatsen"),
    "bereik": ("bereik", "reach"),
    "geldig_van": ("geldig_van", "van", "startdatum", "valid_from", "start_date"),
    "geldig_tot": ("geldig_tot", "tot", "einddatum", "valid_to", "end_date"),
    "x": ("x", "rd_x", "x_rd", "x_coord", "xcoord", "x_coordinaat", "point_x"),
    "y": ("y", "rd_y", "y_rd", "y_coord", "ycoord", "y_coordinaat", "point_y"),
    "lon": ("lon", "lng", "long", "longitude", "lengtegraad"),
    "lat": ("lat", "latitude", "breedtegraad"),
    "wkt": ("wkt", "geom", "geometry", "geometrie", "the_geom"),
    "zonder_verwijzing": ("zonder_verwijzing", "vrij_toegankelijk", "no_referral"),
    "gevoelig": ("gevoelig", "sensitive", "geheim"),
}  # fmt: skip
_FEATURE_ID = "feature id"
_PLACES = ("x", "y", "lon", "lat", "wkt")
_HSDS_ROLES = (
    "sleutel",
    "naam",
    "type",
    "aanbieder",
    "doelgroep",
    "openingstijden",
    "capaciteit",
    "lon",
    "lat",
)
_ROWS = 20_000


def read_voorzieningen(
    source: str | Path, *, mapping: Mapping | MappingType[str, Any] | str | Path | None = None
) -> Iterator[Batch]:
    """Batches with VOORZIENING_COLUMNS; x, y in EPSG:28992 metres.

    mapping: columns and CRS by name (TOML file, dict or Mapping); without it by common names.
    gevoelig is True by type, by a word in name, type or provider, or when the source says so; x and y
    are kept: the writer hides them. Raises SourceRefused and its kinds.
    """
    plan = load_mapping(mapping)
    rules = VoorzieningRules(plan.crs)
    with open_source(source) as local:
        with local.path.open("rb") as stream:
            head = stream.read(65536).lstrip(b"\xef\xbb\xbf \t\r\n")
        if not head.startswith((b"{", b"[")):
            yield from _read_table(local.path, plan, rules)
            return
        refuse_single_page(local.path, local.name)
        if b'"FeatureCollection"' in head or b'"features"' in head:
            yield from _read_geojson(local.path, plan, rules)
        else:
            yield from _read_hsds(local.path, local.name, rules)


def _read_table(path: Path, mapping: Mapping, rules: VoorzieningRules) -> Iterator[Batch]:
    names = describe_table(path).columns
    plan = _plan(names, mapping)
    require_roles(plan, ("naam",), path.name)
    if not (plan.has("x", "y") or plan.has("lon", "lat") or plan.has("wkt")):
        require_roles(plan, ("lon", "lat"), path.name)
    return (build_batch(rows, rules) for rows in read_roles(path, plan, _ROWS))


def _plan(names: Any, mapping: Mapping) -> ColumnPlan:
    plan = plan_columns(list(names), {name: ALIASES[name] for name in ROLES}, mapping)
    columns = dict(plan.columns)
    # One pair of coordinates: metres before degrees, a whole pair before half a one.
    for name in ("lon", "lat") if plan.has("x", "y") else ("x", "y"):
        columns.pop(name, None)
    return make_plan(list(names), columns)


def _read_geojson(path: Path, mapping: Mapping, rules: VoorzieningRules) -> Iterator[Batch]:
    with JsonRecords(path) as records:
        numbered = enumerate(records, start=1)
        chunk = list(islice(numbered, _ROWS))
        plan = _feature_plan([feature for _, feature in chunk], mapping)
        if chunk:
            require_roles(plan, ("naam",), path.name)
        rules.crs = rules.crs or _declared_crs(records.head.members)
        notes = plan.notes
        while chunk:
            yield build_batch(replace(_feature_rows(chunk, plan, bool(mapping.kolommen)), notes=notes), rules)
            notes = ()
            chunk = list(islice(numbered, _ROWS))


def _feature_plan(features: list[Any], mapping: Mapping) -> ColumnPlan:
    names: dict[str, None] = {}
    for feature in features:
        properties = dig(feature, "properties")
        names.update(dict.fromkeys(properties if isinstance(properties, dict) else ()))
    if any(dig(feature, "id") is not None for feature in features):
        names[_FEATURE_ID] = None
    plan = _plan(names, mapping)
    if mapping.kolommen:
        return plan
    # The geometry is the place; properties that repeat it are left alone. OSM tags are read beside the plan.
    columns = {name: column for name, column in plan.columns.items() if name not in _PLACES}
    shown = [name for name in names if name not in _OSM_TAGS or name in columns.values()]
    return make_plan(shown, columns)


def _declared_crs(members: dict[str, Any]) -> str | None:
    name = text_of(dig(members, "crs", "properties", "name")) or ""
    code = name.rsplit(":", 1)[-1]
    return check_crs(f"EPSG:{code}") if "EPSG" in name and code.isdigit() else None


def _feature_rows(chunk: list[tuple[int, Any]], plan: ColumnPlan, mapped: bool) -> RoleRows:
    good = [(line, feature) for line, feature in chunk if isinstance(dig(feature, "properties"), dict)]
    strange = [line for line, feature in chunk if not isinstance(dig(feature, "properties"), dict)]
    data: dict[str, Any] = {"line": np.array([line for line, _ in good], dtype=np.int64)}
    for name, column in plan.columns.items():
        data[name] = as_text(object_array([_property(feature, column) for _, feature in good]))
    if not mapped:
        data["type"] = as_text(object_array([_feature_type(feature, plan) for _, feature in good]))
    if not any(plan.has(name) for name in _PLACES):
        places = [_place(feature.get("geometry")) for _, feature in good]
        data["lon"] = as_text(object_array([lon for lon, _ in places]))
        data["lat"] = as_text(object_array([lat for _, lat in places]))
    return RoleRows(pd.DataFrame(data), len(chunk), unreadable(strange))


def _property(feature: dict[str, Any], column: str) -> str | None:
    return text_of(feature.get("id") if column == _FEATURE_ID else feature["properties"].get(column))


def _feature_type(feature: dict[str, Any], plan: ColumnPlan) -> str | None:
    """The column that holds the type, else the first OSM tag as tag=value."""
    column = plan.columns.get("type")
    stated = text_of(feature["properties"].get(column)) if column and column not in _OSM_TAGS else None
    if stated:
        return stated
    tags = ((tag, text_of(feature["properties"].get(tag))) for tag in _OSM_TAGS)
    return next((f"{tag}={value}" for tag, value in tags if value), None)


def _place(geometry: Any) -> tuple[str | None, str | None]:
    """The point itself, or a point inside any other shape (OSM draws many buildings)."""
    if geometry is None or dig(geometry, "type") in ("Point", "MultiPoint"):
        return point_of(geometry)
    try:
        inside = shapely.point_on_surface(shape(geometry))
    except (shapely.errors.ShapelyError, ValueError, TypeError, KeyError, AttributeError, IndexError):
        # Refused further on with its line: the coordinates are no place.
        return "nan", "nan"
    return (None, None) if inside.is_empty else (repr(inside.x), repr(inside.y))


def _read_hsds(path: Path, name: str, rules: VoorzieningRules) -> Iterator[Batch]:
    services = list(enumerate(hsds_services(load_json(path), name), start=1))
    if not any(isinstance(service, dict) and "name" in service for _, service in services):
        raise SourceUnreadable(f"{name} bevat geen voorzieningen in de vorm van Open Referral HSDS.")
    still = [(line, service) for line, service in services if not is_closed(service)]
    gone = len(services) - len(still)
    text = "Diensten met status inactive of defunct zijn niet bewaard."
    notes = (Note("niet_actief", text, gone),) if gone else ()
    rows: list[tuple[int, Row | None]] = []
    for line, service in still:
        found = hsds_rows(service)
        rows += [(line, None)] if found is None else [(line, row) for row in found]
    for start in range(0, len(rows), _ROWS):
        part = json_rows(rows[start : start + _ROWS], lambda row: row, _HSDS_ROLES)
        yield build_batch(replace(part, notes=notes), rules)
        notes = ()
