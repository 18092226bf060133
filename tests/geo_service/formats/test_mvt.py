"""Vector tiles that are encoded here: what a decoder of others reads is what went in."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import mapbox_vector_tile
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_service.domain.punten import Punten
from geo_service.formats.mvt import encode_points

EXTENT = 4096
SHARED = st.none() | st.booleans() | st.text(max_size=300)
IDS = st.integers(0, 2**62) | st.sampled_from([0, 127, 128, 16_383, 16_384, 2**32, 2**62])
UNITS = st.integers(-200, EXTENT + 200)
DAYS = st.dates()
MOMENTS = st.datetimes() | st.datetimes().map(lambda moment: moment.replace(microsecond=0))


def make_punten(rows: list[dict[str, Any]], namen: list[str], groepen: list[list[Any]]) -> Punten:
    """rows: id, x, y, group, dag and moment (UTC, without a zone) of each point."""
    return Punten(
        np.array([row["id"] for row in rows], np.int64),
        np.array([row["x"] for row in rows], np.int64),
        np.array([row["y"] for row in rows], np.int64),
        namen,
        groepen,
        np.array([row["groep"] for row in rows], np.int64),
        {
            "dag": np.array([row["dag"] for row in rows], "M8[D]"),
            "tijd": np.array([row["tijd"] for row in rows], "M8[us]"),
        },
    )


def as_text(moment: datetime) -> str:
    """As PostgreSQL writes it: a fraction without zeros at its end."""
    text = moment.isoformat()
    return (text.rstrip("0") if moment.microsecond else text) + "Z"


def decode(data: bytes) -> dict[str, Any]:
    return mapbox_vector_tile.decode(data, default_options={"y_coord_down": True})


@st.composite
def layers(draw: st.DrawFn) -> tuple[list[dict[str, Any]], list[str], list[list[Any]]]:
    namen = draw(st.lists(st.text(min_size=1, max_size=20), max_size=5, unique=True))
    namen = [f"_{naam}" for naam in namen]
    groepen = draw(st.lists(st.lists(SHARED, min_size=len(namen), max_size=len(namen)), min_size=1, max_size=4))
    row = st.fixed_dictionaries(
        {"id": IDS, "x": UNITS, "y": UNITS, "groep": st.integers(0, len(groepen) - 1), "dag": DAYS, "tijd": MOMENTS}
    )
    return draw(st.lists(row, min_size=1, max_size=20)), namen, groepen


@settings(deadline=None)
@given(layers())
def test_what_is_read_is_what_was_written(layer):
    rows, namen, groepen = layer
    decoded = decode(encode_points("laag", make_punten(rows, namen, groepen), EXTENT))
    assert list(decoded) == ["laag"]
    assert (decoded["laag"]["extent"], decoded["laag"]["version"]) == (EXTENT, 2)
    found = decoded["laag"]["features"]
    assert [feature["id"] for feature in found] == [row["id"] for row in rows]
    for feature, row in zip(found, rows, strict=True):
        assert feature["geometry"] == {"type": "Point", "coordinates": [row["x"], row["y"]]}
        told = feature["properties"]
        assert told.pop("dag") == row["dag"].isoformat()
        assert told.pop("tijd") == as_text(row["tijd"])
        shared = zip(namen, groepen[row["groep"]], strict=True)
        assert told == {naam: value for naam, value in shared if value is not None}
        assert all(isinstance(told[naam], type(value)) for naam, value in shared if value is not None)


#  microseconds since 1970 -> the moment as text
EDGES = [
    (0, "1970-01-01T00:00:00Z"),
    (-1, "1969-12-31T23:59:59.999999Z"),
    (951_782_399_000_000, "2000-02-28T23:59:59Z"),
    (951_782_400_000_000, "2000-02-29T00:00:00Z"),
    (4_107_542_400_000_000, "2100-03-01T00:00:00Z"),
    (-2_203_891_200_000_000, "1900-03-01T00:00:00Z"),
    (1_709_164_800_500_000, "2024-02-29T00:00:00.5Z"),
    (-62_135_596_800_000_000, "0001-01-01T00:00:00Z"),
    (253_402_300_800_000_000, "10000-01-01T00:00:00Z"),
    (9_223_371_244_800_000_000, "294247-01-01T00:00:00Z"),
]


@pytest.mark.parametrize(("micro", "text"), EDGES)
def test_moments_at_the_edges_of_the_calendar(micro, text):
    zero = np.zeros(1, np.int64)
    data = encode_points("laag", Punten(zero, zero, zero, [], [[]], zero, {"t": np.array([micro], "M8[us]")}), EXTENT)
    assert [feature["properties"] for feature in decode(data)["laag"]["features"]] == [{"t": text}]


def test_every_day_of_four_centuries():
    days = np.arange(np.datetime64("1800-01-01"), np.datetime64("2200-01-01"))
    zeros = np.zeros(len(days), np.int64)
    data = encode_points("laag", Punten(zeros, zeros, zeros, [], [[]], zeros, {"dag": days}), EXTENT)
    found = [feature["properties"]["dag"] for feature in decode(data)["laag"]["features"]]
    assert found == [str(date(1800, 1, 1) + timedelta(days=number)) for number in range(len(days))]


def test_a_value_is_in_the_tile_once():
    number = 2_000
    points = np.arange(number)
    moments = np.repeat(np.datetime64("2025-03-04T05:06:07", "us"), number)
    data = encode_points("laag", Punten(points, points, points, ["a"], [["tekst"]], 0 * points, {"t": moments}), EXTENT)
    assert data.count(b"tekst") == data.count(b"2025-03-04T05:06:07Z") == 1
    assert datetime(2025, 3, 4, 5, 6, 7, tzinfo=UTC).isoformat().encode() not in data
    assert len(decode(data)["laag"]["features"]) == number


def test_without_points_there_is_no_layer():
    none = np.zeros(0, np.int64)
    assert encode_points("laag", Punten(none, none, none, ["a"], [], none, {}), EXTENT) == b""
