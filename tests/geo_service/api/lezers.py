"""What other people's readers make of our files: features by id, in values that can be compared with the JSON."""

from __future__ import annotations

import io
import json
import re
import tempfile
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely

Features = dict[str, tuple[dict[str, Any], shapely.Geometry | None]]


def of_json(features: Iterable[dict[str, Any]]) -> Features:
    return {
        str(feature["id"]): (
            {name: plain(value) for name, value in feature["properties"].items()},
            shapely.from_geojson(json.dumps(feature["geometry"])) if feature["geometry"] else None,
        )
        for feature in features
    }


def read_sequence(body: bytes) -> Features:
    lines = body.decode().split("\x1e")
    assert lines[0] == ""
    return of_json(json.loads(line) for line in lines[1:])


def read_csv(body: bytes) -> Features:
    frame = pd.read_csv(io.BytesIO(body), dtype=str, keep_default_na=False, na_values=[""])
    points = shapely.points(frame["lon"].astype(float), frame["lat"].astype(float))
    places = shapely.from_wkt(frame["wkt"]) if "wkt" in frame else points
    return of_frame(frame.drop(columns=["rd_x", "rd_y", "lon", "lat", "wkt"], errors="ignore"), places)


def read_layer(body: bytes, extension: str) -> Features:
    # GDAL warns of a GeoPackage without its extension.
    with tempfile.NamedTemporaryFile(suffix=f".{extension}") as file:
        file.write(body)
        file.flush()
        frame = gpd.read_file(file.name)
    return of_frame(frame.drop(columns=frame.geometry.name), frame.geometry)


def read_parquet(body: bytes) -> Features:
    frame = gpd.read_parquet(io.BytesIO(body))
    return of_frame(frame.drop(columns=[frame.geometry.name, "bbox"], errors="ignore"), frame.geometry)


READERS: dict[str, Callable[[bytes], Features]] = {
    "csv": read_csv,
    "geojsonseq": read_sequence,
    "gpkg": partial(read_layer, extension="gpkg"),
    "fgb": partial(read_layer, extension="fgb"),
    "parquet": read_parquet,
}


def of_frame(frame: pd.DataFrame, geometries: Iterable[Any]) -> Features:
    return {
        str(row.pop("id")): ({name: plain(value) for name, value in row.items()}, geometry)
        for row, geometry in zip(frame.to_dict("records"), geometries, strict=True)
    }


def plain(value: Any) -> Any:
    """One way to write a value: texts, numbers, True; days and moments as a moment in UTC to the second; else None."""
    if value is None or value is pd.NaT or (isinstance(value, float) and value != value):
        return None
    if isinstance(value, str):
        return _moment(value)
    if hasattr(value, "isoformat"):
        return _moment(value.isoformat())
    if hasattr(value, "item"):
        value = value.item()
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _moment(text: str) -> str:
    """A day stays a day, also when a reader made it a midnight without a zone."""
    if not re.match(r"\d{4}-\d\d-\d\d(T|$)", text):
        return text
    moment = pd.Timestamp(text)
    return text[:10] if moment.tz is None else moment.tz_convert("UTC").isoformat(timespec="seconds")


def as_kind(value: Any, example: Any) -> Any:
    """A CSV holds texts only; whether a text is a number is for the JSON to say."""
    if not isinstance(value, str) or isinstance(example, str | None):
        return value
    return value == "true" if isinstance(example, bool) else float(value)


def same(found: Features, expected: Features, *, extra: frozenset[str] = frozenset(), room: float = 2e-7) -> None:
    """Equal ids, values and places; extra: properties that only the file has."""
    assert found.keys() == expected.keys()
    for key, (properties, place) in expected.items():
        values, geometry = found[key]
        told = {name: as_kind(value, properties[name]) for name, value in values.items() if name not in extra}
        assert told == properties, key
        if place is None:
            assert geometry is None or geometry.is_empty
        else:
            assert geometry.hausdorff_distance(place) < room, key
