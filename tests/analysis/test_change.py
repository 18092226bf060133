"""Two periods side by side: seldom a difference where there is none, and found where there is one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.change import compare_periods

ONES = np.ones(24)


@pytest.mark.parametrize("spread", [0.0, 0.5])
def test_where_nothing_changed_a_clear_difference_is_rare(spread):
    rng = np.random.default_rng(5)
    means = rng.uniform(3, 60, 24)
    alarms = 0
    for _ in range(400):
        # Each area has luck of its own in each period; the whole doubles, which is news about no area by itself.
        luck = np.exp(rng.normal(0, spread, (2, 24)) - spread**2 / 2)
        before, after = rng.poisson(means * luck[0]), rng.poisson(means * luck[1])
        alarms += compare_periods(before, after, ONES, ONES).clear.any()
    # A share of false alarms of 5% per look, and some more since what areas vary is estimated.
    assert alarms / 400 < 0.08


def test_a_halving_and_a_doubling_are_found():
    rng = np.random.default_rng(6)
    found = np.zeros(2)
    for _ in range(100):
        means = np.full(24, 60.0)
        before = rng.poisson(means)
        means[0], means[1] = 24, 130
        found += compare_periods(before, rng.poisson(means), ONES, ONES).clear[:2]
    assert (found > [55, 70]).all()


def test_the_interval_of_two_counts():
    found = compare_periods([20, 20], [40, 40], [1000, 1000], [1000, 1000])
    assert found.parameters["between"] == 0
    error = np.sqrt(1 / 40.5 + 1 / 20.5)
    assert found.ratio[0] == pytest.approx(40.5 / 20.5)
    assert (found.low[0], found.high[0]) == pytest.approx(
        tuple(40.5 / 20.5 * np.exp([-1.959964 * error, 1.959964 * error]))
    )


def test_another_size_is_another_rate():
    found = compare_periods([50, 50, 50], [50, 50, 100], [100, 100, 100], [100, 200, 200])
    assert found.ratio == pytest.approx([1, 0.5, 100.5 / 50.5 / 2])


def test_missing_is_not_zero_and_zero_is_no_change():
    found = compare_periods([np.nan, 0, 5, 0], [5, 0, 5, 40], [1, 1, 0, 1], [1, 1, 1, 1])
    assert np.isnan(found.p_value).tolist() == [True, False, True, False]
    assert found.clear.tolist() == [False, False, False, True]


@pytest.mark.parametrize("bad", [([1], [1, 2], [1], [1]), ([-1], [1], [1], [1]), ([[1]], [[1]], [[1]], [[1]])])
def test_what_does_not_fit_is_refused(bad):
    with pytest.raises(ValueError, match=r".+"):
        compare_periods(*bad)


COUNTS = st.lists(st.tuples(st.integers(0, 999), st.integers(0, 999), st.floats(0.1, 1e6)), min_size=1, max_size=8)


@given(COUNTS)
def test_the_other_way_around_is_the_inverse(rows):
    before, after, size = np.array(rows, dtype=float).T
    there, back = compare_periods(before, after, size, size), compare_periods(after, before, size, size)
    assert there.ratio == pytest.approx(1 / back.ratio)
    assert (there.low, there.high) == (pytest.approx(1 / back.high), pytest.approx(1 / back.low))
    assert (there.clear == back.clear).all()
    assert ((there.low <= there.ratio) & (there.ratio <= there.high)).all()
