"""The only shape that may leave: fixed cells, enough reports from enough places, never a hull."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.grid import hex_cells, hex_polygon
from analysis.points import release_area

CELL_AREA = hex_polygon(0, 0, 100).area
Q, R = 2200, 5400


def centre(dq=0, dr=0):
    point = hex_polygon(Q + dq, R + dr, 100).centroid
    return np.array([point.x, point.y])


def spread(n, dq=0, dr=0, seed=0):
    """n points within 20 m of the centre of a cell."""
    return centre(dq, dr) + np.random.default_rng(seed).uniform(-14, 14, (n, 2))


def n_cells(area):
    return round(area.area / CELL_AREA)


def test_the_minimums_are_inclusive():
    xy = spread(10)
    assert n_cells(release_area(xy, range(10))) == 1
    assert release_area(xy, range(10), min_reports=11) is None
    assert release_area(xy, range(10), min_places=11) is None
    assert release_area(xy[:9], range(9)) is None
    assert release_area(xy, ["een"] * 2 + list(range(8))) is None
    assert release_area([], []) is None


def test_forty_reports_of_one_caller_have_no_area():
    assert release_area(spread(40), ["een"] * 40) is None
    assert release_area(np.tile(centre(), (40, 1)), None) is None


@settings(deadline=None, max_examples=60)
@given(st.integers(10, 60), st.integers(0, 10**6), st.floats(5, 150))
def test_the_area_is_a_union_of_fixed_cells_that_holds_enough(n, seed, wide):
    xy = np.random.default_rng(seed).normal(centre(), wide, (n, 2))
    area = release_area(xy, range(n))
    assert area.geom_type == "Polygon"
    assert area.area / CELL_AREA == pytest.approx(n_cells(area))
    inside = {tuple(cell) for cell in hex_cells(xy, 100)}
    assert all(area.buffer(0.001).covers(hex_polygon(*cell, 100)) for cell in inside)


def test_no_corner_of_the_area_is_a_report():
    xy = np.random.default_rng(3).normal(centre(), 90, (50, 2))
    corners = shapely.points(shapely.get_coordinates(release_area(xy, range(50))))
    elsewhere = release_area(xy + 7.0, range(50))
    moved = shapely.points(shapely.get_coordinates(elsewhere))
    assert shapely.distance(corners[:, None], shapely.points(xy)[None, :]).min() > 0
    grid = {point.wkt for point in corners} & {point.wkt for point in moved}
    assert grid, "a move of 7 m must keep to the same grid"


@settings(deadline=None, max_examples=30)
@given(st.integers(-50, 50), st.integers(-50, 50), st.integers(0, 1000))
def test_moving_by_whole_cells_moves_the_area(east, north, seed):
    xy = np.random.default_rng(seed).normal(centre(), 60, (25, 2))
    step = np.array([100.0 * east, 100 * np.sqrt(3) * north])
    first, second = release_area(xy, range(25)), release_area(xy + step, range(25))
    moved = shapely.transform(first, lambda corners: corners + step)
    assert moved.symmetric_difference(second).area < 1


@settings(deadline=None, max_examples=30)
@given(st.permutations(range(30)))
def test_the_order_plays_no_part(order):
    xy = np.random.default_rng(1).normal(centre(), 120, (30, 2))
    assert release_area(xy, range(30)).equals(release_area(xy[list(order)], list(order)))


def test_a_gap_is_bridged_into_one_polygon():
    xy = np.concatenate([spread(6), spread(6, dq=3)])
    area = release_area(xy, range(12))
    assert area.geom_type == "Polygon"
    assert n_cells(area) == 4


def test_what_is_too_far_for_a_bridge_does_not_count():
    xy = np.concatenate([spread(12), spread(6, dq=40)])
    assert n_cells(release_area(xy, range(18))) == 1
    assert release_area(xy, range(18), min_reports=13) is None


def test_a_cluster_grows_over_the_reports_around_it():
    xy = np.concatenate([spread(6), spread(6, dq=2)])
    members = np.arange(12) < 6
    area = release_area(xy, range(12), members=members)
    assert n_cells(area) == 19
    assert n_cells(release_area(xy, range(12), members=members, min_reports=6, min_places=6)) == 1
    assert release_area(np.concatenate([spread(6), spread(6, dq=30)]), range(12), members=members) is None


def test_it_never_grows_beyond_its_stadsdeel():
    x, y = centre()
    west = shapely.box(x - 5000, y - 5000, x + 51, y + 5000)
    xy = np.concatenate([spread(6), spread(6, dq=1)])
    assert n_cells(release_area(xy, range(12))) == 2
    assert release_area(xy, range(12), within=west) is None
    enough = np.concatenate([spread(10), spread(6, dq=1)])
    area = release_area(enough, range(16), within=west)
    assert west.covers(area)
    assert n_cells(area) == 1
    assert release_area(enough, range(16), within=shapely.box(x + 3000, y, x + 4000, y + 900)) is None


def test_the_cell_size_is_the_callers():
    assert release_area(spread(10), range(10), cell=250).area == pytest.approx(hex_polygon(0, 0, 250).area)


def test_degrees_are_refused():
    with pytest.raises(ValueError, match="degrees"):
        release_area([[6.89, 52.22]] * 12, range(12))
