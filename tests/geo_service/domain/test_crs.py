"""Boxes as shapes in the Dutch grid: the same as shapely and PROJ draw, and what lies safely inside them."""

from __future__ import annotations

import numpy as np
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo_service.domain.crs import BOUNDS_METRES, CRS84, LAT, LON, MAX_STEPS, RD, STEP, STORAGE, Box, transformer

lengths = st.one_of(st.floats(1e-6, 0.01), st.floats(0.01, 4.0))


@st.composite
def boxes(draw: st.DrawFn) -> Box:
    west, south = draw(st.floats(LON[0], LON[1] - 1e-6)), draw(st.floats(LAT[0], LAT[1] - 1e-6))
    return Box(west, south, min(west + draw(lengths), LON[1]), min(south + draw(lengths), LAT[1]))


def drawn(box: Box) -> shapely.Geometry:
    """The box with points on its sides, each moved to RD."""
    step = max(STEP[True], (box.east - box.west) / MAX_STEPS, (box.north - box.south) / MAX_STEPS)
    flat = shapely.segmentize(shapely.box(box.west, box.south, box.east, box.north), step)
    return shapely.transform(flat, lambda xy: np.column_stack(transformer(4326, RD).transform(xy[:, 0], xy[:, 1])))


@given(boxes())
def test_the_outline_is_the_box_as_it_curves_in_rd(box: Box) -> None:
    outline = box.outline()
    assert outline is not None
    shape, other = shapely.from_wkb(outline.ewkb()), drawn(box)
    assert shapely.get_srid(shape) == RD
    # Of a box far longer than wide, more points than needed lie on its short sides; they are on the same curve.
    assert shapely.hausdorff_distance(shape, other) <= 0.01 + 1e-5 * shapely.length(other)
    corners = [(x, y) for x in (box.west, box.east) for y in (box.south, box.north)]
    at = transformer(4326, RD).transform(*map(list, zip(*corners, strict=True)))
    assert shapely.distance(shape, shapely.points(*at)).max() < 1e-6


@given(boxes())
def test_the_rectangle_inside_it_is_inside_by_more_than_single_precision(box: Box) -> None:
    outline = box.outline()
    assert outline is not None
    shape, inner = shapely.from_wkb(outline.ewkb()), outline.inner_ewkb()
    if inner is None:
        west, south, east, north = shape.bounds
        turned = 0.2 * max(east - west, north - south) + 3 * BOUNDS_METRES
        assert min(east - west, north - south) < turned
        return
    rectangle = shapely.from_wkb(inner)
    assert shape.covers(rectangle)
    assert rectangle.distance(shapely.boundary(shape)) >= BOUNDS_METRES * 0.99


def test_a_box_in_rd_is_itself_and_one_elsewhere_is_none() -> None:
    outline = Box(250_000.0, 470_000.0, 251_000.0, 472_000.0, STORAGE).outline()
    assert outline is not None
    assert shapely.from_wkb(outline.ewkb()).equals(shapely.box(250_000, 470_000, 251_000, 472_000))
    inner = outline.inner_ewkb()
    assert inner is not None
    assert shapely.from_wkb(inner).equals(shapely.box(250_000.1, 470_000.1, 250_999.9, 471_999.9))
    assert Box(-70.0, -60.0, -50.0, -40.0, CRS84).outline() is None
    assert Box(LON[1], LAT[0], LON[1] + 1, LAT[1], CRS84).outline() is None
