"""What somebody draws or sends: a valid area in metres, or one Dutch sentence that says what is wrong."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_service.domain.crs import RD, transformer
from geo_service.domain.tekening import MEESTE_PUNTEN, TekeningFout, make_tekening, read_tekening
from ingest.vlakken import area_from_geojson, area_from_wkt

METRES = st.floats(20.0, 3_000.0)
MEMBERS = ["type", "coordinates", "geometry", "features", "geometries"]
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=8) | st.sampled_from(["Polygon", "Feature"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["type", "coordinates", "geometry", "features", "geometries"]), inner, max_size=4
        )
    ),
    max_leaves=20,
)


def degrees(shape: shapely.Geometry) -> dict[str, Any]:
    move = transformer(RD, 4326)
    moved = shapely.transform(shape, lambda xy: np.column_stack(move.transform(xy[:, 0], xy[:, 1])))
    found: dict[str, Any] = json.loads(shapely.to_geojson(moved))
    return found


@settings(deadline=None)
@given(st.floats(20_000, 270_000), st.floats(310_000, 610_000), METRES, METRES)
def test_the_size_of_a_rectangle_is_that_of_the_one_that_was_drawn(x: float, y: float, width: float, height: float):
    drawn = degrees(shapely.box(x, y, x + width, y + height))
    found = make_tekening(drawn)
    assert found.oppervlakte == pytest.approx(width * height, rel=1e-3)
    again = shapely.from_wkb(found.ewkb)
    assert (again.geom_type, shapely.get_srid(again)) == ("MultiPolygon", RD)
    # The reader of lists keeps the same area, from either of its forms.
    for text in (area_from_geojson(drawn), area_from_wkt(shapely.from_geojson(json.dumps(drawn)).wkt)):
        assert shapely.from_wkb(text).area == pytest.approx(found.oppervlakte, rel=1e-3)


@given(ANYTHING)
def test_whatever_is_sent_is_refused_in_words(document: Any):
    with pytest.raises(TekeningFout) as error:
        make_tekening(document)
    assert str(error.value).endswith(".")


@given(st.text(max_size=40))
def test_whatever_is_typed_is_refused_in_words(text: str):
    with pytest.raises(TekeningFout):
        read_tekening(text)


def test_several_shapes_are_one_area():
    left, right = shapely.box(200_000, 500_000, 200_100, 500_100), shapely.box(200_050, 500_000, 200_150, 500_100)
    features = [{"type": "Feature", "properties": {}, "geometry": degrees(shape)} for shape in (left, right)]
    found = make_tekening({"type": "FeatureCollection", "features": features})
    assert found.oppervlakte == pytest.approx(15_000, rel=1e-3)


def test_too_many_points_and_too_deep_a_nest_are_refused():
    circle = degrees(shapely.Point(200_000, 500_000).buffer(500, quad_segs=MEESTE_PUNTEN))
    with pytest.raises(TekeningFout, match="meer dan 2000 punten"):
        make_tekening(circle)
    with pytest.raises(TekeningFout):
        read_tekening('{"type": "Feature", "geometry": ' * 20_000 + "}" * 20_000)


NO_AREAS = ("POINT (6 52)", "POLYGON ((6 52, 7 53))", "x", "POLYGON EMPTY", "POLYGON ((0 0, 0 1, 1 1, 0 0))")


@pytest.mark.parametrize("text", NO_AREAS)
def test_a_list_with_a_shape_that_is_none_says_so(text: str):
    with pytest.raises(ValueError, match=r"."):
        area_from_wkt(text)
