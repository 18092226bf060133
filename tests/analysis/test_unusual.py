"""What changed beyond noise: seldom when nothing did, and seen when something did."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import nbinom

from analysis.unusual import MIN_PERIODS, unusual_last

MONTHS = 12


def draw(rng, mean, dispersion, shape):
    if dispersion == 1:
        return rng.poisson(mean, shape)
    size = mean / (dispersion - 1)
    return rng.negative_binomial(size, 1 / dispersion, shape)


@pytest.mark.parametrize("dispersion", [1, 2.5])
def test_when_nothing_changed_it_seldom_says_so(dispersion):
    rng = np.random.default_rng(3)
    means = rng.uniform(2, 40, 20)
    alarms = 0
    for _ in range(400):
        counts = np.stack([draw(rng, mean, dispersion, MONTHS + 1) for mean in means])
        alarms += unusual_last(counts[:, -1], counts[:, :-1]).unusual.any()
    # A share of false alarms of 5% per look, and some more since the dispersion is estimated.
    assert alarms / 400 < 0.09


def test_a_doubling_is_seen_and_a_halving_too():
    rng = np.random.default_rng(4)
    seen = np.zeros(2)
    for _ in range(100):
        counts = rng.poisson(30, (14, MONTHS + 1)).astype(float)
        counts[0, -1], counts[1, -1] = rng.poisson(60), rng.poisson(10)
        found = unusual_last(counts[:, -1], counts[:, :-1])
        seen += found.unusual[:2]
    assert (seen > 85).all()


def test_the_range_is_that_of_the_negative_binomial():
    before = np.array([[10.0, 14, 6, 18, 2, 10, 10, 10], [4, 4, 4, 4, 4, 4, 4, 4]])
    found = unusual_last([10, 4], before)
    squares = ((before[0] - 10) ** 2).sum() / 10
    dispersion = squares / (16 - 2)
    assert found.parameters["dispersion"] == pytest.approx(max(1.0, dispersion))
    variance = 10 * max(1.0, dispersion) * (1 + 1 / 8)
    size = 100 / (variance - 10)
    assert (found.low[0], found.high[0]) == tuple(nbinom(size, size / (size + 10)).ppf([0.025, 0.975]))
    assert not found.unusual.any()


def test_a_short_past_is_not_judged_and_missing_is_not_zero():
    before = np.full((2, MONTHS), 5.0)
    before[0, : MONTHS - MIN_PERIODS + 1] = np.nan
    before[1, :3] = np.nan
    found = unusual_last([500, 5], before)
    assert (found.unusual.tolist(), np.isnan(found.expected).tolist()) == ([False, False], [True, False])
    assert found.expected[1] == 5


def test_an_area_that_never_had_any_can_get_some():
    found = unusual_last([0, 9], np.zeros((2, MONTHS)))
    assert found.unusual.tolist() == [False, True]


@pytest.mark.parametrize(("last", "before"), [([1], [1, 2]), ([1, 2], [[1, 2]]), ([1], [[-1, 2]]), ([-1], [[1, 2]])])
def test_what_does_not_fit_is_refused(last, before):
    with pytest.raises(ValueError, match=r".+"):
        unusual_last(last, before)


@given(st.lists(st.lists(st.integers(0, 500), min_size=8, max_size=8), min_size=1, max_size=6))
def test_any_counts_give_a_range_around_what_was_expected(counts):
    table = np.array(counts, dtype=float)
    found = unusual_last(table[:, -1], table[:, :-1])
    assert ((found.low <= np.ceil(found.expected)) & (found.high >= np.floor(found.expected))).all()
    assert ((found.p_value >= 0) & (found.p_value <= 1)).all()
    inside = (table[:, -1] >= found.low) & (table[:, -1] <= found.high)
    assert not (found.unusual & inside).any()
