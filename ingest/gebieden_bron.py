"""Open a file of areas in any supported format as frames in RD New with our own column names."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pyogrio
from pyogrio.errors import DataLayerError, DataSourceError, FeatureError, FieldError, GeometryError
from pyproj.exceptions import CRSError

from ingest.archief import check_zip, refuse_disguise
from ingest.errors import ColumnsMissing, SourceRefused, SourceUnreadable
from ingest.gebieden_vorm import repair, settle
from ingest.gebiedscodes import GEBIED_CODE
from ingest.indicatoren import choose_columns
from ingest.records import Note
from ingest.sources import refuse_single_page
from ingest.tables import load_json
from ingest.topojson import decode_topojson, is_topojson

RD = "EPSG:28992"
# Bounds (min x, min y, max x, max y) of the European Netherlands, with some margin.
_NL_LONLAT = (3.0, 50.5, 7.6, 54.0)
_NL_RD = (-10_000.0, 290_000.0, 310_000.0, 660_000.0)
_HEAD = 64 * 1024
_MAX_UNZIPPED = 8 * 1024**3
_FILE_SUFFIXES = (".gpkg", ".geojson", ".json", ".shp", ".topojson")

_OWN_CODE = {
    "buurt": ("buurtcode", "bucode"),
    "wijk": ("wijkcode", "wkcode"),
    "gemeente": ("gemeentecode", "gemeenteco", "gmcode", "gemcode"),
}
_GENERIC_CODE = ("statcode", "code", "gebiedcode", "areacode", "id")
_NAMES = {
    "buurt": ("buurtnaam", "bunaam"),
    "wijk": ("wijknaam", "wknaam"),
    "gemeente": ("gemeentenaam", "gemeentena", "gmnaam", "gemnaam"),
}
_GENERIC_NAME = ("statnaam", "naam", "name", "gebiednaam")
_PREFIXED = re.compile(rf"^\s*{GEBIED_CODE}\s*$", re.IGNORECASE)
_GDAL_ERRORS = (
    DataSourceError,
    DataLayerError,
    FeatureError,
    FieldError,
    GeometryError,
    CRSError,
    ValueError,
    OSError,
)


@dataclass(frozen=True)
class AreaLayer:
    """One layer of a source.

    frame: EPSG:28992, columns line, code, naam, wijk_code, wijk_naam, gemeente_code, gemeente_naam, water,
    jaar (raw values or None), the columns of `read`, geom_status and geometry (MultiPolygon or None).
    level: niveau that the code column states, or None when the codes carry it themselves.
    """

    frame: gpd.GeoDataFrame
    level: str | None
    read: dict[str, str]
    notes: tuple[Note, ...]


def read_layers(path: Path, name: str, jaar: int) -> list[AreaLayer]:
    """All layers that hold areas. Raises SourceUnreadable, ColumnsMissing, SourceRefused (wrong CRS)."""
    raw = _read_topojson(path, name, jaar) if _is_topojson(path) else _read_gdal(path, name, jaar)
    if not raw:
        raise SourceUnreadable(f"{name} bevat geen gebieden.")
    return [
        AreaLayer(_to_rd(layer.frame, name, notes := list(layer.notes)), layer.level, layer.read, tuple(notes))
        for layer in raw
    ]


def _is_topojson(path: Path) -> bool:
    if path.suffix.lower() not in (".json", ".topojson"):
        return False
    with path.open("rb") as stream:
        return b'"Topology"' in stream.read(65536)


def _read_topojson(path: Path, name: str, jaar: int) -> list[AreaLayer]:
    document = load_json(path)
    if not is_topojson(document):
        raise SourceUnreadable(f"{name} is geen goede TopoJSON.")
    layers = []
    for features in decode_topojson(document, name).values():
        frame = gpd.GeoDataFrame.from_features(features)
        if len(frame):
            columns = [column for column in frame.columns if column != "geometry"]
            plan = _plan(columns, _first_values(frame, columns), jaar, name)
            layers.append(_apply(plan, frame))
    return layers


def _read_gdal(path: Path, name: str, jaar: int) -> list[AreaLayer]:
    if path.suffix.lower() in (".json", ".geojson"):
        refuse_single_page(path, name)
    layers: list[AreaLayer] = []
    skipped: list[ColumnsMissing] = []
    try:
        target = _gdal_path(path, name)
        for layer, geometry_type in pyogrio.list_layers(target):
            if geometry_type is None:
                continue
            try:
                layers += _read_layer(target, layer, name, jaar)
            except ColumnsMissing as error:
                skipped.append(error)
    except _GDAL_ERRORS as error:
        raise SourceUnreadable(
            f"{name} is niet te lezen als kaartbestand. Lever GeoPackage, GeoJSON, Shapefile (in een zip) of TopoJSON."
        ) from error
    if skipped and not layers:
        raise skipped[0]
    if skipped:
        note = Note("laag_overgeslagen", "Een laag zonder gebiedscodes is overgeslagen.", len(skipped))
        layers[0] = replace(layers[0], notes=(*layers[0].notes, note))
    return layers


def _read_layer(target: str, layer: str, name: str, jaar: int) -> list[AreaLayer]:
    columns = [str(field) for field in pyogrio.read_info(target, layer=layer)["fields"]]
    sample = pyogrio.read_dataframe(target, layer=layer, max_features=1, read_geometry=False)
    plan = _plan(columns, _first_values(sample, columns), jaar, name)
    # Only planned columns are asked for: a forbidden column never enters memory.
    frame = pyogrio.read_dataframe(target, layer=layer, columns=plan.wanted)
    return [_apply(plan, frame)] if len(frame) else []


def _gdal_path(path: Path, name: str) -> str:
    suffix = path.suffix.lower()
    if suffix in _FILE_SUFFIXES:
        with path.open("rb") as stream:
            refuse_disguise(stream.read(_HEAD), suffix, name)
        return str(path)
    if not zipfile.is_zipfile(path):
        raise SourceUnreadable(f"{name} heeft geen bekende extensie. Lever .gpkg, .geojson, .shp, .zip of .topojson.")
    check_zip(path, name, limit=_MAX_UNZIPPED)
    with zipfile.ZipFile(path) as archive:
        inside = [
            entry for entry in archive.namelist() if entry.lower().endswith(_FILE_SUFFIXES) and "__MACOSX" not in entry
        ]
        if len(inside) != 1:
            raise SourceUnreadable(f"{name} moet precies één kaartbestand bevatten; gevonden: {len(inside)}.")
        with archive.open(inside[0]) as member:
            refuse_disguise(member.read(_HEAD), Path(inside[0]).suffix.lower(), name)
    return f"/vsizip/{path.resolve()}/{inside[0]}"


@dataclass(frozen=True)
class _Plan:
    renames: dict[str, str]
    read: dict[str, str]
    level: str | None
    notes: tuple[Note, ...]

    @property
    def wanted(self) -> list[str]:
        return [*self.renames, *self.read]


def _key(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _first_values(frame: Any, columns: Iterable[str]) -> dict[str, str]:
    return {column: str(frame[column].iloc[0]) if len(frame) else "" for column in columns}


def _plan(columns: list[str], first: dict[str, str], jaar: int, name: str) -> _Plan:
    keys = {_key(column): column for column in reversed(columns)}

    def find(aliases: Iterable[str]) -> str | None:
        return next((keys[alias] for alias in aliases if alias in keys), None)

    code, level = _code_column(find, keys, first)
    if code is None:
        raise ColumnsMissing(
            f"{name} heeft geen kolom met gebiedscodes (bijvoorbeeld buurtcode of statcode). "
            f"Aanwezig: {', '.join(columns)[:300]}."
        )
    own_names = _NAMES[level] if level else (*_NAMES["buurt"], *_NAMES["wijk"], *_NAMES["gemeente"])
    roles = {
        "code": code,
        "naam": find((*own_names, *_GENERIC_NAME) if level else (*_GENERIC_NAME, *own_names)),
        "wijk_code": find(_OWN_CODE["wijk"]),
        "wijk_naam": find(_NAMES["wijk"]),
        "gemeente_code": find(_OWN_CODE["gemeente"]),
        "gemeente_naam": find(_NAMES["gemeente"]),
        "water": find(("water", "ind_wbi", "h2o")),
        "jaar": find(("jaar", "year")),
    }
    renames: dict[str, str] = {}
    for role, column in roles.items():
        if column is not None:
            renames.setdefault(column, role)
    choice = choose_columns(columns, jaar, known=renames)
    return _Plan(renames, choice.read, level, choice.notes)


def _code_column(find: Any, keys: dict[str, str], first: dict[str, str]) -> tuple[str | None, str | None]:
    buurt = find(_OWN_CODE["buurt"])
    if buurt:
        return buurt, "buurt"
    for alias in _GENERIC_CODE:
        if alias in keys and _PREFIXED.match(first[keys[alias]]):
            return keys[alias], None
    for level in ("wijk", "gemeente"):
        column = find(_OWN_CODE[level])
        if column:
            return column, level
    return None, None


def _apply(plan: _Plan, frame: gpd.GeoDataFrame) -> AreaLayer:
    kept = frame[[*plan.wanted, "geometry"]].rename(columns=plan.renames)
    for role in ("naam", "wijk_code", "wijk_naam", "gemeente_code", "gemeente_naam", "water", "jaar"):
        if role not in kept.columns:
            kept[role] = None
    kept["line"] = np.arange(1, len(kept) + 1, dtype=np.int64)
    return AreaLayer(gpd.GeoDataFrame(kept, geometry="geometry", crs=frame.crs), plan.level, plan.read, plan.notes)


def _to_rd(frame: gpd.GeoDataFrame, name: str, notes: list[Note]) -> gpd.GeoDataFrame:
    """Repair and transform to RD after checking the declared system against the coordinates themselves."""
    bounds = frame.total_bounds
    if not np.isfinite(bounds).all():
        raise SourceUnreadable(f"{name} bevat geen enkele vorm met coördinaten.")
    seen = "EPSG:4326" if _within(bounds, _NL_LONLAT) else RD if _within(bounds, _NL_RD) else None
    if seen is None and (frame.crs is None or frame.crs.is_geographic):
        raise SourceRefused(_crs_sentence(bounds, name))
    if seen and (frame.crs is None or frame.crs.is_geographic != (seen != RD)):
        stated = "geen coördinatenstelsel" if frame.crs is None else f"het verkeerde stelsel ({frame.crs.name})"
        notes.append(Note("crs_afgeleid", f"Het bestand noemt {stated}; de coördinaten zijn gelezen als {seen}."))
        frame = frame.set_crs(seen, allow_override=True)
    repaired = repair(frame.geometry.to_numpy())
    frame = frame.assign(geom_status=repaired.status)
    result = frame.set_geometry(gpd.GeoSeries(repaired.geometry, index=frame.index, crs=frame.crs)).to_crs(RD)
    result = result.set_geometry(gpd.GeoSeries(settle(result.geometry.to_numpy()), index=frame.index, crs=RD))
    if not np.isfinite(result.total_bounds).all():
        raise SourceUnreadable(f"{name} bevat geen enkel vlak.")
    if not _within(result.total_bounds, _NL_RD):
        raise SourceRefused(_crs_sentence(bounds, name))
    return result


def _within(bounds: np.ndarray, limits: tuple[float, float, float, float]) -> bool:
    west, south, east, north = bounds
    return bool(west >= limits[0] and south >= limits[1] and east <= limits[2] and north <= limits[3])


def _crs_sentence(bounds: np.ndarray, name: str) -> str:
    south, west, north, east = bounds
    if _within(np.array([west, south, east, north]), _NL_LONLAT):
        return f"De coördinaten van {name} staan verwisseld: eerst de lengtegraad, dan de breedtegraad."
    return f"De coördinaten van {name} liggen niet in Nederland. Controleer het coördinatenstelsel."
