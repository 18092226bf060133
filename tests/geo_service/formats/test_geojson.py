"""GeoJSON that is written by compiled loops: what a reader of others reads is what went in."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import Any

import numpy as np
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_service.domain.punten import Punten
from geo_service.formats.geojson import encode_points

SHARED = st.none() | st.booleans() | st.text(max_size=100)
NAMES = st.lists(st.text(min_size=1, max_size=12), max_size=6, unique=True)
OWN = {"dag": "M8[D]", "tijd": "M8[us]"}
DEGREES = st.floats(-180, 180) | st.sampled_from([0.0, -0.0, 6.9, -1e-7, 179.99999995, math.nan])


@st.composite
def pages(draw: st.DrawFn) -> tuple[list[dict[str, Any]], list[str], list[str], list[list[Any]]]:
    """Points, all properties in their order, those that groups share, and the values of the groups."""
    shared = [f"_{naam}" for naam in draw(NAMES)]
    velden = list(shared)
    for naam in draw(st.lists(st.sampled_from(sorted(OWN)), unique=True)):
        velden.insert(draw(st.integers(0, len(velden))), naam)
    groepen = draw(st.lists(st.lists(SHARED, min_size=len(shared), max_size=len(shared)), min_size=1, max_size=4))
    point = {
        "id": st.integers(0, 2**62),
        "x": DEGREES,
        "y": DEGREES.filter(lambda y: not math.isnan(y)),
        "groep": st.integers(0, len(groepen) - 1),
        "dag": st.dates(),
        "tijd": st.datetimes() | st.datetimes().map(lambda moment: moment.replace(microsecond=0)),
    }
    return draw(st.lists(st.fixed_dictionaries(point), min_size=1, max_size=15)), velden, shared, groepen


def make_punten(rows: list[dict[str, Any]], velden: list[str], shared: list[str], groepen: list[list[Any]]) -> Punten:
    def column(name: str, kind: Any) -> np.ndarray:
        return np.array([row[name] for row in rows], kind)

    eigen = {naam: column(naam, OWN[naam]) for naam in velden if naam in OWN}
    x, y = column("x", np.float64), column("y", np.float64)
    return Punten(column("id", np.int64), x, y, shared, groepen, column("groep", np.int64), eigen)


@settings(deadline=None)
@given(pages())
def test_what_is_read_is_what_was_written(page):
    rows, velden, shared, groepen = page
    text, ends = encode_points(make_punten(rows, velden, shared, groepen), velden, 7)
    features = orjson.loads(text)
    assert len(features) == len(rows)
    for feature, row in zip(features, rows, strict=True):
        assert list(feature) == ["type", "id", "geometry", "properties"]
        assert (feature["type"], feature["id"]) == ("Feature", row["id"])
        told = feature["properties"]
        assert list(told) == velden
        assert {naam: told[naam] for naam in shared} == dict(zip(shared, groepen[row["groep"]], strict=True))
        if "dag" in told:
            assert told["dag"] == row["dag"].isoformat()
        if "tijd" in told:
            assert datetime.fromisoformat(told["tijd"]) == row["tijd"].replace(tzinfo=UTC)
            assert told["tijd"].endswith("Z")
        if math.isnan(row["x"]):
            assert feature["geometry"] is None
        else:
            assert feature["geometry"]["type"] == "Point"
            assert feature["geometry"]["coordinates"] == [round_half_even(row["x"]), round_half_even(row["y"])]
    # Each feature lies between two of those ends, with a bracket or a comma before it.
    starts = [0, *ends[:-1]]
    assert [orjson.loads(text[start + 1 : end]) for start, end in zip(starts, ends, strict=True)] == features


def round_half_even(degrees: float) -> float:
    return float(np.rint(degrees * 1e7) / 1e7)


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [
        (6.9, 7, "6.9"),
        (7.0, 7, "7"),
        (-0.0000012, 7, "-0.0000012"),
        (257_004.5, 3, "257004.5"),
        (257_004.0004, 3, "257004"),
        (-12.3, 3, "-12.3"),
        (0.00049, 3, "0"),
    ],
)
def test_a_coordinate_has_no_zeros_at_its_end(value, decimals, text):
    zero = np.zeros(1, np.int64)
    punten = Punten(zero, np.array([value]), np.array([1.5]), [], [[]], zero, {})
    assert f'"coordinates":[{text},1.5]' in encode_points(punten, [], decimals)[0].decode()


def test_a_name_with_a_percent_sign_stays_itself():
    zero = np.zeros(1, np.int64)
    punten = Punten(zero, np.zeros(1), np.zeros(1), ["%b%", "a"], [["%d", "b"]], zero, {"100%": zero.view("M8[D]")})
    (feature,) = orjson.loads(encode_points(punten, ["%b%", "100%", "a"], 7)[0])
    assert feature["properties"] == {"%b%": "%d", "100%": "1970-01-01", "a": "b"}


def test_without_points_there_is_an_empty_list():
    none = np.zeros(0, np.int64)
    text, ends = encode_points(Punten(none, np.zeros(0), np.zeros(0), ["a"], [], none, {}), ["a"], 7)
    assert (text, len(ends)) == (b"[]", 0)
