"""Comparable areas: alike in what they have, never in where they lie, and never on a guess."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from analysis.compare import similar_areas

TABLE = pd.DataFrame(
    {
        "flats": [80, 78, 20, 75, math.nan],
        "huur": [0.7, 0.68, 0.2, math.nan, math.nan],
        "bouwjaar": [1965, 1968, 1995, 1970, 1966],
        "provincie": [5, 5, 5, 5, 5],
    },
    index=["A", "B", "C", "D", "E"],
)


def names(found):
    return [one.area for one in found]


def tables(least=1):
    shape = st.tuples(st.integers(least, 12), st.integers(1, 5))
    value = st.one_of(st.just(math.nan), st.integers(-50, 50).map(float))
    return shape.flatmap(lambda size: arrays(np.float64, size, elements=value))


def test_nearest_first_with_what_was_compared():
    found = similar_areas(TABLE, "A")
    assert names(found) == ["B", "D", "C"]
    assert found[0].shared == ("flats", "huur", "bouwjaar")
    assert found[1].absent == ("huur",)
    assert "1 kenmerk ontbreekt" in found[1].uitleg
    assert found[0].parameters["indicators"] == ("flats", "huur", "bouwjaar")
    assert [name for name, _ in found] == names(found)
    assert names(similar_areas(TABLE, "A", n=1)) == ["B"]


def test_distance_is_in_standard_deviations():
    values = np.array([[0.0, 10], [2, 10], [4, 10]])
    near, far = similar_areas(values, 0)
    assert (near.area, near.distance) == (1, pytest.approx(2 / values[:, 0].std()))
    assert far.distance == pytest.approx(2 * near.distance)


def test_the_share_of_indicators_decides_who_is_offered():
    values = np.arange(24.0).reshape(6, 4) ** 1.5
    values[1, :2] = math.nan
    values[2, :3] = math.nan
    values[3] = math.nan
    found = similar_areas(values, 0, n=9)
    assert set(names(found)) == {1, 4, 5}
    with pytest.raises(ValueError, match="no indicator"):
        similar_areas(values, 3)


def test_missing_indicators_bring_no_area_nearer():
    """Distances are means, so that comparing on fewer indicators is no advantage in itself."""
    values = np.array([[0.0, 0, 0, 0], [1, 1, 1, 1], [1, 1, math.nan, math.nan], [5, 5, 5, 5]])
    full, part, _ = similar_areas(values[:, [0, 1, 2, 3]], 0)
    assert {full.area, part.area} == {1, 2}
    assert part.distance == pytest.approx(full.distance, rel=0.25)


@given(tables(), st.data())
@settings(deadline=None)
def test_order_and_unit_play_no_part(values, data):
    frame = pd.DataFrame(values, index=[f"G{row:02}" for row in range(len(values))])
    area = data.draw(st.sampled_from(list(frame.index)))
    rows = data.draw(st.permutations(range(len(frame))))
    columns = data.draw(st.permutations(range(values.shape[1])))
    other = frame.iloc[list(rows), list(columns)] * 0.3048 + 1e4
    try:
        expected = similar_areas(frame, area)
    except ValueError as error:
        with pytest.raises(ValueError, match=str(error)):
            similar_areas(other, area)
        return
    found = similar_areas(other, area)
    assert names(found) == names(expected)
    assert [one.distance for one in found] == pytest.approx([one.distance for one in expected], abs=1e-6)
    assert area not in names(found)
    assert all(math.isfinite(one.distance) for one in found)


@pytest.mark.parametrize("scale", [1e-200, 1e200])
def test_extreme_units(scale):
    values = np.array([[1.0], [2], [4]]) * scale
    assert names(similar_areas(values, 0)) == [1, 2]


def test_ties_go_by_name():
    frame = pd.DataFrame({"x": [0.0, 1, 1, -1, 5]}, index=["m", "z", "a", "k", "q"])
    assert names(similar_areas(frame, "m")) == ["a", "k", "z", "q"]


def test_one_area_has_no_equal_and_equal_areas_nothing_to_compare():
    for values in (np.array([[1.0, 2]]), np.ones((3, 2)), np.full((3, 2), math.nan)):
        with pytest.raises(ValueError, match="no indicator"):
            similar_areas(values, 0)


@pytest.mark.parametrize(
    ("table", "area", "n", "message"),
    [
        (TABLE, "Z", 5, "unknown area"),
        (TABLE, "A", 0, "at least 1"),
        (TABLE.set_axis(list("AABCD")), "A", 5, "one row per area"),
        (TABLE * math.inf, "A", 5, "infinite"),
        (np.empty((0, 3)), 0, 5, "unknown area"),
    ],
)
def test_clear_errors(table, area, n, message):
    with pytest.raises(ValueError, match=message):
        similar_areas(table, area, n=n)


def test_the_caller_keeps_the_table():
    values = TABLE.to_numpy().copy()
    similar_areas(values, 0)
    np.testing.assert_array_equal(values, TABLE.to_numpy())
