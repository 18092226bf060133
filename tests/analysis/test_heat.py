"""The density grid: a true density where it shows something, and nothing where a report could be seen."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.heat import MAX_CELLS, density_grid

ORIGIN = np.array([257_000.0, 471_000.0])
BOUNDS = (256_000, 470_000, 258_000, 472_000)
OPEN = {"min_reports": 1, "min_places": 1}


def crowd(n, spread=100.0, seed=0):
    return np.random.default_rng(seed).normal(ORIGIN, spread, (n, 2))


def plain(xy, grid, bandwidth):
    """The kernel sum and the number of reports for each cell, straight from the definition."""
    x, y = np.meshgrid(grid.x, grid.y)
    apart = ((x[..., None] - xy[:, 0]) ** 2 + (y[..., None] - xy[:, 1]) ** 2) / bandwidth**2
    inside = apart <= 1
    kernel = np.where(inside, 3 / math.pi * (1 - apart) ** 2 / bandwidth**2, 0)
    return kernel.sum(axis=2) * 10_000, inside.sum(axis=2)


def test_the_value_of_one_report():
    # In the centre of its own cell: 3 / (π 100²) per m² is 3 / π per hectare; half-way out (1 − ¼)² of it.
    grid = density_grid([ORIGIN + 12.5], bandwidth=100, cell=25, bounds=BOUNDS, **OPEN)
    row, column = (int(i) for i in (ORIGIN + 12.5 - BOUNDS[:2]) // 25)
    assert grid.values[row, column] == pytest.approx(3 / math.pi, rel=1e-12)
    assert grid.values[row + 2, column] == pytest.approx(3 / math.pi * 0.75**2, rel=1e-12)
    assert grid.values[row, column - 4] == pytest.approx(0, abs=1e-12)
    assert np.isnan(grid.values[row, column + 5])
    assert (grid.x[column], grid.y[row]) == (257_012.5, 471_012.5)


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 60), st.integers(0, 1000), st.sampled_from([50.0, 75.0, 130.0]), st.integers(1, 8))
def test_equals_the_definition(n, seed, bandwidth, minimum):
    xy = crowd(n, 300, seed)
    grid = density_grid(xy, bandwidth=bandwidth, cell=50, bounds=BOUNDS, min_reports=minimum, min_places=1)
    expected, reports = plain(xy, grid, bandwidth)
    np.testing.assert_allclose(grid.values, np.where(reports >= minimum, expected, np.nan), rtol=1e-9, atol=1e-12)


def test_all_reports_are_in_the_map():
    grid = density_grid(crowd(500), bandwidth=100, cell=10, bounds=BOUNDS, **OPEN)
    assert np.nansum(grid.values) * 10 * 10 / 10_000 == pytest.approx(500, rel=1e-4)


def test_reports_outside_the_bounds_reach_inside():
    xy = crowd(300, 150)
    whole = density_grid(xy, bandwidth=100, cell=25, bounds=BOUNDS, **OPEN)
    part = density_grid(xy, bandwidth=100, cell=25, bounds=(257_000, 471_000, 257_500, 471_500), **OPEN)
    np.testing.assert_array_equal(part.values, whole.values[40:60, 40:60])


@settings(deadline=None, max_examples=25)
@given(st.integers(-40, 40), st.integers(-40, 40))
def test_moving_by_whole_cells_moves_the_picture(east, north):
    step = np.array([east, north]) * 25.0
    xy = np.round(crowd(200, 150))
    first = density_grid(xy, bandwidth=90, cell=25, bounds=BOUNDS, min_places=2)
    second = density_grid(xy + step, bandwidth=90, cell=25, bounds=np.add(BOUNDS, [*step, *step]), min_places=2)
    np.testing.assert_allclose(first.values, second.values, rtol=1e-9)
    np.testing.assert_allclose(second.x - first.x, step[0], atol=1e-6)


def test_the_order_plays_no_part():
    xy, order = crowd(300), np.random.default_rng(1).permutation(300)
    keys = np.arange(300) % 40
    first = density_grid(xy, bandwidth=90, cell=25, bounds=BOUNDS, places=keys)
    second = density_grid(xy[order], bandwidth=90, cell=25, bounds=BOUNDS, places=keys[order])
    np.testing.assert_allclose(first.values, second.values, rtol=1e-9)


def test_cells_lie_where_their_size_puts_them():
    grid = density_grid(crowd(50), bandwidth=100, cell=100, bounds=(256_950, 470_999, 257_101, 471_200))
    assert grid.bounds == (256_900, 470_900, 257_200, 471_200)
    np.testing.assert_array_equal(grid.x, [256_950, 257_050, 257_150])
    assert grid.values.shape == (3, 3)


def test_the_minimums_are_inclusive():
    ten = ORIGIN + np.random.default_rng(0).uniform(-5, 5, (10, 2))

    def shown(xy, places):
        values = density_grid(xy, bandwidth=100, cell=50, bounds=BOUNDS, places=places).values
        return bool(np.isfinite(values).any())

    assert shown(ten, range(10))
    assert shown(ten, [0, 0, 1, 1, 2, 2, 3, 3, 4, 4])
    assert not shown(ten, [0, 0, 1, 1, 2, 2, 3, 3, 3, 3])
    assert not shown(ten[:9], range(9))


def test_one_caller_is_not_on_the_map():
    caller = np.tile(ORIGIN, (40, 1))
    around = crowd(30, 30)
    bounds = {"bandwidth": 100, "cell": 25, "bounds": BOUNDS}
    assert np.isnan(density_grid(caller, **bounds).values).all()
    both = np.concatenate([caller, around])
    keys = ["een"] * 40 + list(range(30))
    grid = density_grid(both, places=keys, **bounds)
    # Around the caller he makes more than half of the reports; with him gone the rest may be shown.
    here = grid.values[np.abs(grid.y - ORIGIN[1]) < 60][:, np.abs(grid.x - ORIGIN[0]) < 60]
    assert np.isnan(here).all()
    assert np.isfinite(density_grid(around, places=keys[40:], **bounds).values).any()
    twenty = np.concatenate([caller[:30], around])
    assert np.isfinite(density_grid(twenty, places=keys[10:], **bounds).values).any()


def test_nothing_is_shown_without_reports():
    grid = density_grid([], bandwidth=100, cell=50, bounds=BOUNDS)
    assert grid.values.shape == (40, 40)
    assert np.isnan(grid.values).all()


def test_what_the_picture_tells():
    xy = crowd(50)
    before = xy.copy()
    grid = density_grid(xy, bandwidth=150, cell=50, bounds=BOUNDS)
    np.testing.assert_array_equal(xy, before)
    assert grid.parameters == {
        "bandwidth": 150, "cell": 50, "bounds": BOUNDS, "min_reports": 10, "min_places": 5, "max_share": 0.5
    }  # fmt: skip
    assert "binnen 150 meter" in grid.uitleg
    assert "minder dan 10 meldingen, minder dan 5 verschillende melders of adressen" in grid.uitleg
    assert "leeg is niet hetzelfde als rustig" in grid.uitleg


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"cell": 0}, "cell"),
        ({"cell": math.inf}, "cell"),
        ({"bandwidth": 24}, "at least one cell"),
        ({"bandwidth": math.nan}, "bandwidth"),
        ({"bounds": (1, 2, 3)}, "bounds"),
        ({"bounds": (257_000, 471_000, 256_000, 472_000)}, "bounds"),
        ({"bounds": (0, 300_000, 300_000, 620_000)}, f"more than {MAX_CELLS} cells"),
        ({"min_reports": 0}, "min_reports"),
        ({"min_places": 0}, "min_places"),
        ({"places": ["a"]}, "1 keys for 20 points"),
    ],
)
def test_senseless_parameters_are_refused(wrong, words):
    with pytest.raises(ValueError, match=words):
        density_grid(crowd(20), **{"bandwidth": 100, "cell": 25, "bounds": BOUNDS} | wrong)


def test_degrees_and_nan_are_refused():
    for wrong, words in (([[6.89, 52.22]] * 20, "degrees"), ([[math.nan, 471_000.0]], "finite")):
        with pytest.raises(ValueError, match=words):
            density_grid(wrong, bandwidth=100, cell=25, bounds=BOUNDS)
