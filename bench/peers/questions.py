"""What is asked: distinct bboxes and tiles of the town; and whether an answer is the right one."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import mapbox_vector_tile
import numpy as np
import orjson

from bench.harness import BenchError
from bench.peers.client import Answer
from bench.peers.database import Box

# The middle of Enschede, in degrees: a box of a few kilometres around any point here lies mostly in the town.
_LON, _LAT = (6.81, 6.96), (52.19, 52.26)
_KM_PER_DEGREE = 111.2
_SHAPE = 0.7
_WIDTH_KM = (0.5, 1.5)
# Six decimals of a degree, with room for services that round there.
TOLERANCE = 1.01e-6
_EXTENT, _MARGIN = 4096, 4

Count = Callable[[Sequence[Box]], Sequence[tuple[int, int]]]


@dataclass(frozen=True)
class Page:
    """The features of a page: ids, lon/lat (CRS84), and the names of their properties."""

    ids: Sequence[int]
    places: Sequence[tuple[float, float]]
    properties: frozenset[str]
    matched: int


@dataclass(frozen=True)
class Tile:
    """The reports well inside a tile by melding_id, in 4096ths of it, and the names of their properties.

    What lies on the edge or in the buffer around it may differ between services.
    """

    places: Mapping[int, tuple[int, int]]
    properties: frozenset[str]


def draw_boxes(number: int, seed: int) -> list[Box]:
    """Return distinct boxes: centre uniform over the town, width log-uniform from 500 m to 1.5 km (a buurt to a
    wijk), height 0.7 of it."""
    rng = np.random.default_rng(seed)
    boxes: dict[str, Box] = {}
    while len(boxes) < number:
        lon, lat = rng.uniform(*_LON), rng.uniform(*_LAT)
        width = math.exp(rng.uniform(*np.log(_WIDTH_KM)))
        half_lat = width * _SHAPE / 2 / _KM_PER_DEGREE
        half_lon = width / 2 / (_KM_PER_DEGREE * math.cos(math.radians(lat)))
        west, south, east, north = np.round((lon - half_lon, lat - half_lat, lon + half_lon, lat + half_lat), 6)
        box = Box(float(west), float(south), float(east), float(north))
        boxes[box.text] = box
    return list(boxes.values())


def choose_boxes(number: int, seed: int, count: Count, *, least: int) -> list[Box]:
    """Return boxes with at least `least` reports, whose count is the same however their sides are read.

    A side is straight in degrees, or straight in RD between the same corners; the slivers between the two hold a
    report in some boxes, where two right answers differ. Those are left out.
    """
    chosen: list[Box] = []
    drawn = draw_boxes(8 * number + 20, seed)
    for start in range(0, len(drawn), 50):
        part = drawn[start : start + 50]
        counted = zip(part, count(part), strict=True)
        chosen += [replace(box, matched=one) for box, (one, other) in counted if one == other and one >= least]
        if len(chosen) >= number:
            return chosen[:number]
    raise BenchError(f"only {len(chosen)} of {number} boxes hold {least} reports")


def check_page(name: str, answer: Answer, *, limit: int, matched: int, box: Box | None = None) -> Page:
    """Read a page and refuse one with another status, number of features, count or place than was asked."""
    document = _read(name, answer)
    features = document.get("features", [])
    expected = min(limit, matched)
    if document.get("numberMatched") != matched:
        raise BenchError(f"{name}: numberMatched {document.get('numberMatched')} where {matched} match: {answer.path}")
    if len(features) != expected or document.get("numberReturned", expected) != expected:
        raise BenchError(f"{name}: {len(features)} features where {expected} were expected: {answer.path}")
    ids = [int(feature["id"]) for feature in features]
    if len(set(ids)) != len(ids):
        raise BenchError(f"{name}: a feature comes twice: {answer.path}")
    places = [(feature["geometry"]["coordinates"][0], feature["geometry"]["coordinates"][1]) for feature in features]
    if box is not None and not all(_inside(box, place) for place in places):
        raise BenchError(f"{name}: a feature lies outside the bbox: {answer.path}")
    properties = frozenset(features[0]["properties"]) if features else frozenset()
    return Page(ids, places, properties, matched)


def check_places(name: str, page: Page, truth: Mapping[int, tuple[float, float]]) -> None:
    """Refuse features that lie elsewhere than in the database, to six decimals. truth: at least these ids."""
    for number, (lon, lat) in zip(page.ids, page.places, strict=True):
        where = truth.get(number)
        if where is None:
            raise BenchError(f"{name}: feature {number} is not in the database")
        if abs(where[0] - lon) > TOLERANCE or abs(where[1] - lat) > TOLERANCE:
            raise BenchError(f"{name}: feature {number} lies at {lon}, {lat}; in the database at {where}")


def check_same_properties(answers: Mapping[str, Page] | Mapping[str, Tile]) -> None:
    """Refuse a comparison of different columns; the number of a report may be property, id or both."""
    columns = {name: answer.properties - {"melding_id"} for name, answer in answers.items()}
    if len(set(columns.values())) > 1:
        listed = "; ".join(f"{name}: {', '.join(sorted(own))}" for name, own in columns.items())
        raise BenchError(f"the services give different properties: {listed}")


def next_path(name: str, answer: Answer) -> str:
    """Return the path and query of the link to the next page."""
    for link in _read(name, answer).get("links", []):
        if link.get("rel") == "next":
            return "/" + str(link["href"]).split("://", 1)[-1].split("/", 1)[1]
    raise BenchError(f"{name}: no link to a next page: {answer.path}")


def choose_tiles(z: int, count: Count, *, least: int, most: int) -> list[tuple[int, int]]:
    """Return (column, row) of the WebMercatorQuad tiles of the town with `least` to `most` reports."""
    west, north = _tile_at(_LON[0], _LAT[1], z)
    east, south = _tile_at(_LON[1], _LAT[0], z)
    tiles = [(column, row) for row in range(north, south + 1) for column in range(west, east + 1)]
    counted = zip(tiles, count([_box_of(*tile, z) for tile in tiles]), strict=True)
    return [tile for tile, (reports, _) in counted if least <= reports <= most]


def _box_of(column: int, row: int, z: int) -> Box:
    def lat(row: int) -> float:
        return math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * row / 2**z))))

    return Box(column / 2**z * 360 - 180, lat(row + 1), (column + 1) / 2**z * 360 - 180, lat(row))


def _tile_at(lon: float, lat: float, z: int) -> tuple[int, int]:
    side = 2**z
    y = math.asinh(math.tan(math.radians(lat))) / math.pi
    return int((lon + 180) / 360 * side), int((1 - y) / 2 * side)


def read_tile(name: str, answer: Answer) -> Tile:
    """Read a tile of any extent; refuse an answer that is none."""
    if answer.status != 200 or not answer.body:
        raise BenchError(f"{name}: {answer.path} answers {answer.status} with {len(answer.body)} bytes")
    places: dict[int, tuple[int, int]] = {}
    properties: set[str] = set()
    for layer in mapbox_vector_tile.decode(answer.body).values():
        scale = _EXTENT / layer["extent"]
        for feature in layer["features"]:
            properties |= feature["properties"].keys()
            x, y = (round(value * scale) for value in feature["geometry"]["coordinates"])
            if min(x, y) >= _MARGIN and max(x, y) <= _EXTENT - _MARGIN:
                places[int(feature["properties"].get("melding_id") or feature["id"])] = (x, y)
    return Tile(places, frozenset(properties))


def check_same_tile(path: str, tiles: Mapping[str, Tile]) -> None:
    """Refuse tiles that do not hold the same reports and properties at the same place, give or take one unit."""
    (first, expected), *others = tiles.items()
    if not expected.places:
        raise BenchError(f"{first}: an empty tile: {path}")
    check_same_properties(tiles)
    for name, found in others:
        if found.places.keys() != expected.places.keys():
            counts = f"{name} has {len(found.places)} reports in the tile, {first} {len(expected.places)}"
            raise BenchError(f"{counts}: {path}")
        for number, (x, y) in found.places.items():
            if max(abs(x - expected.places[number][0]), abs(y - expected.places[number][1])) > 1:
                raise BenchError(f"{name} and {first} put report {number} elsewhere in the tile: {path}")


def _read(name: str, answer: Answer) -> dict:
    if answer.status != 200:
        raise BenchError(f"{name}: {answer.path} answers {answer.status}: {answer.body[:300]!r}")
    try:
        document = orjson.loads(answer.body)
    except orjson.JSONDecodeError as error:
        raise BenchError(f"{name}: {answer.path} is not JSON: {error}") from error
    if not isinstance(document, dict):
        raise BenchError(f"{name}: {answer.path} is not a JSON object")
    return document


def _inside(box: Box, place: tuple[float, float]) -> bool:
    lon, lat = place
    west, south = box.west - TOLERANCE, box.south - TOLERANCE
    return west <= lon <= box.east + TOLERANCE and south <= lat <= box.north + TOLERANCE
