"""Neighbours: the same on real, slit and shifted borders, and whatever the order of the input."""

import geopandas as gpd
import libpysal
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.sparse import csr_array

from analysis.neighbours import contiguity, nearest, standardise, within

ORIGIN = np.array([257_000.0, 471_000.0])


def points(least=0):
    coarse = arrays(np.int64, st.tuples(st.integers(least, 40), st.just(2)), elements=st.integers(0, 12))
    return coarse.map(lambda xy: xy * 10.0 + ORIGIN)


def squares(k, side=100.0):
    corners = ORIGIN + side * np.argwhere(np.ones((k, k)))
    return [shapely.box(*corner, *(corner + side)) for corner in corners]


def box(*sides):
    return shapely.box(*(np.tile(ORIGIN, 2) + sides))


def ring_of(index, k):
    row, column = divmod(index, k)
    near = [(row + i, column + j) for i in (-1, 0, 1) for j in (-1, 0, 1) if (i, j) != (0, 0)]
    return {i * k + j for i, j in near if 0 <= i < k and 0 <= j < k}


def rows(matrix):
    return [set(np.flatnonzero(row).tolist()) for row in matrix.toarray()]


def assert_binary(matrix, *, symmetric):
    assert isinstance(matrix, csr_array)
    assert not matrix.diagonal().any()
    assert set(matrix.data.tolist()) <= {1.0}
    if symmetric:
        assert (matrix != matrix.T).nnz == 0


@pytest.fixture(scope="module")
def buurten(testdata):
    return gpd.read_file(testdata("enschede/cbs_buurten_2021_enschede_28992.gpkg"))


def test_a_raster_has_its_corners_too():
    found = contiguity(squares(4))
    assert_binary(found, symmetric=True)
    assert rows(found) == [ring_of(index, 4) for index in range(16)]


@pytest.mark.parametrize(("name", "pairs"), [("columbus", 118), ("sids2", 245)])
def test_published_maps_have_their_published_neighbours(name, pairs):
    areas = gpd.read_file(libpysal.examples.get_path(f"{name}.shp"))
    assert contiguity(areas.geometry).nnz == 2 * pairs


def test_real_buurten_touch_as_they_do_on_the_map(buurten):
    found = contiguity(buurten.geometry)
    assert_binary(found, symmetric=True)
    shared = np.array([buurten.geometry.intersects(shape) for shape in buurten.geometry])
    np.testing.assert_array_equal(found.toarray() > 0, shared & ~np.eye(len(buurten), dtype=bool))
    assert found.nnz == 2 * 211


def test_slits_and_overlaps_along_real_borders_change_nothing(buurten):
    expected = rows(contiguity(buurten.geometry))
    shrunk = buurten.geometry.buffer(-0.2)
    assert contiguity(shrunk, gap=0).nnz == 0
    assert rows(contiguity(shrunk)) == expected
    assert rows(contiguity(buurten.geometry.buffer(0.3))) == expected
    # each area simplified by itself: slits and overlaps of up to ten metres
    simplified = buurten.geometry.simplify(5)
    assert rows(contiguity(simplified, gap=0)) != expected
    assert rows(contiguity(simplified, gap=10.0)) == expected


def test_a_sliver_of_an_area_far_away_makes_no_neighbours():
    areas = squares(3)
    sliver = box(300, 250, 300.05, 290)
    strayed = [shapely.MultiPolygon([areas[0], sliver]), *areas[1:]]
    assert rows(contiguity(strayed)) == rows(contiguity(areas))
    assert 8 in rows(contiguity(strayed, gap=0))[0]
    only_slivers = shapely.MultiPolygon([sliver, box(300, 210, 300.05, 220)])
    assert rows(contiguity([*areas, only_slivers]))[9] == {8}


def test_an_exclave_of_size_does_make_neighbours():
    areas = squares(3)
    exclave = box(300, 220, 340, 280)
    assert 8 in rows(contiguity([shapely.MultiPolygon([areas[0], exclave]), *areas[1:]]))[0]


def test_an_island_gets_its_nearest_area_only_when_asked():
    island = box(900, 210, 950, 240)
    areas = [*squares(3), island]
    assert rows(contiguity(areas))[9] == set()
    joined = contiguity(areas, connect_islands=True)
    assert_binary(joined, symmetric=True)
    assert rows(joined)[9] == {8}
    assert rows(joined)[:8] == rows(contiguity(areas))[:8]


@pytest.mark.parametrize("scale", [0.001, 1.0, 1000.0])
def test_the_unit_of_length_is_of_no_matter(buurten, scale):
    scaled = shapely.transform(buurten.geometry.buffer(-0.2).values, lambda xy: xy * scale)
    assert contiguity(scaled).nnz == 2 * 211


def test_areas_in_another_order_have_the_same_neighbours(buurten):
    order = np.random.default_rng(1).permutation(len(buurten))
    shuffled = contiguity(buurten.geometry.iloc[order], connect_islands=True)
    np.testing.assert_array_equal(
        shuffled.toarray(), contiguity(buurten.geometry, connect_islands=True).toarray()[np.ix_(order, order)]
    )


def test_no_area_and_one_area():
    assert contiguity([]).shape == (0, 0)
    assert contiguity(squares(1), connect_islands=True).toarray().tolist() == [[0.0]]


@pytest.mark.parametrize("missing", [None, shapely.Polygon()])
def test_an_area_without_geometry_is_refused(missing):
    with pytest.raises(ValueError, match="1 missing or empty areas, first at index 1"):
        contiguity([squares(1)[0], missing])


@pytest.mark.parametrize("gap", [-1.0, np.nan, np.inf])
def test_a_senseless_gap_is_refused(gap):
    with pytest.raises(ValueError, match="gap"):
        contiguity(squares(2), gap=gap)


@settings(deadline=None, max_examples=80)
@given(points(), st.integers(1, 8))
def test_nearest_are_the_nearest(xy, k):
    found = nearest(xy, k)
    assert_binary(found, symmetric=False)
    most = max(min(k, len(xy) - 1), 0)
    assert np.diff(found.indptr).tolist() == [most] * len(xy)
    for index, near in enumerate(rows(found)):
        apart = np.hypot(*(xy - xy[index]).T)
        far = np.delete(apart, [index, *near])
        assert not len(far) or not near or apart[list(near)].max() <= far.min() + 1e-9


@settings(deadline=None, max_examples=60)
@given(points(), st.floats(0, 60))
def test_within_is_inclusive_and_complete(xy, distance):
    found = within(xy, distance)
    assert_binary(found, symmetric=True)
    apart = ((xy[:, None] - xy[None]) ** 2).sum(axis=2)
    expected = (apart <= distance**2) & ~np.eye(len(xy), dtype=bool)
    np.testing.assert_array_equal(found.toarray() > 0, expected)


@settings(deadline=None, max_examples=60)
@given(points(2).map(lambda xy: np.unique(xy, axis=0)), st.integers(1, 5), st.randoms(use_true_random=False))
def test_the_order_of_the_points_plays_no_part(xy, k, random):
    order = list(range(len(xy)))
    random.shuffle(order)
    for first, second in ((nearest(xy, k), nearest(xy[order], k)), (within(xy, 20), within(xy[order], 20))):
        np.testing.assert_array_equal(second.toarray(), first.toarray()[np.ix_(order, order)])


def test_senseless_limits_are_refused():
    with pytest.raises(ValueError, match="k must"):
        nearest(ORIGIN[None], 0)
    with pytest.raises(ValueError, match="distance"):
        within(ORIGIN[None], -1)
    with pytest.raises(ValueError, match="finite"):
        within([[np.nan, 0]], 1)


def test_rows_sum_to_one_and_islands_stay_empty():
    given_ = csr_array(np.array([[0, 2.0, 6], [0, 0, 0], [5, 0, 0]]))
    before = given_.toarray()
    np.testing.assert_array_equal(standardise(given_).toarray(), [[0, 0.25, 0.75], [0, 0, 0], [1, 0, 0]])
    np.testing.assert_array_equal(standardise(before.tolist()).toarray(), standardise(given_).toarray())
    np.testing.assert_array_equal(given_.toarray(), before)
    with pytest.raises(ValueError, match="zero diagonal"):
        standardise([[1.0]])
