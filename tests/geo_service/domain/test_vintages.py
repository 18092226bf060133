"""Vintages of areas: every day belongs to exactly one; codes tell their municipality."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo_service.domain.gebieden import (
    BuurtIndex,
    Vintage,
    gemeente_of,
    is_gemeente_code,
    make_vintages,
    vintage_for,
)

years = st.sets(st.integers(1990, 2060), min_size=1)


def test_each_year_holds_until_the_next_the_oldest_backwards_the_newest_until_further_notice():
    assert make_vintages([2021, 2014, 2024]) == [
        Vintage(2014, None, date(2020, 12, 31)),
        Vintage(2021, date(2021, 1, 1), date(2023, 12, 31)),
        Vintage(2024, date(2024, 1, 1), None),
    ]


def test_one_vintage_holds_always():
    assert make_vintages([2021, 2021]) == [Vintage(2021, None, None)]


def test_no_vintage_no_areas():
    assert make_vintages([]) == []
    assert vintage_for([], date(2024, 1, 1)) is None


@given(years, st.dates())
def test_a_day_belongs_to_exactly_one_vintage(jaren, day):
    vintages = make_vintages(jaren)
    holding = [vintage for vintage in vintages if vintage.holds(day)]
    assert len(holding) == 1
    earlier = [jaar for jaar in jaren if jaar <= day.year]
    assert holding[0].jaar == (max(earlier) if earlier else min(jaren))
    assert vintage_for(vintages, day) == holding[0]


@given(years, st.integers(1980, 2070))
def test_points_get_the_areas_of_the_year_of_the_report(jaren, year):
    """One square per vintage at the same place under the code of its year."""
    square = shapely.box(0, 0, 10, 10)
    index = BuurtIndex({jaar: {f"BU{jaar:08d}": square} for jaar in jaren})
    found = index.assign(np.array([5.0]), np.array([5.0]), np.array([year]))
    vintage = vintage_for(make_vintages(jaren), date(year, 6, 1))
    assert found[0] == f"BU{vintage.jaar:08d}"


def test_a_point_on_a_shared_boundary_belongs_to_the_lowest_code_and_one_outside_to_none():
    shapes = {"BU2": shapely.box(10, 0, 20, 10), "BU1": shapely.box(0, 0, 10, 10)}
    x = np.array([5.0, 10.0, 15.0, 99.0, np.nan])
    found = BuurtIndex({2021: shapes}).assign(x, np.full(5, 5.0), np.full(5, 2024))
    assert found.tolist() == ["BU1", "BU1", "BU2", None, None]


@pytest.mark.parametrize(
    ("code", "gemeente"),
    [
        ("GM0153", "GM0153"),
        ("WK015300", "GM0153"),
        ("BU01530000", "GM0153"),
        ("GM0153-SD-noord", "GM0153"),
        ("GM0153-WT-wesselerbrink", "GM0153"),
        ("0153", None),
        ("", None),
        ("XX0153", None),
        ("GM153", None),
    ],
)
def test_the_municipality_of_a_code(code, gemeente):
    assert gemeente_of(code) == gemeente


@pytest.mark.parametrize("text", ["GM015", "GM01534", "gm0153", "GM0153 ", "GM0153\n", "0153", ""])
def test_what_is_no_municipality_code(text):
    assert not is_gemeente_code(text)


def test_a_municipality_code():
    assert is_gemeente_code("GM0153")
