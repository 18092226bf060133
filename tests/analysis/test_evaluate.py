"""Scores of a map: the published figures, and a defined answer for ties, gaps and silence."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.evaluate import accuracy

cells = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9), st.integers(1, 4)), min_size=1, max_size=15)


def test_published_figures():
    pai, pei, rri = accuracy([6, 3, 0], [3, 2, 1], [1, 1, 1])
    assert pai.tolist() == pytest.approx([2, 1.5, 1])
    assert pei.tolist() == [1, 1, 1]
    assert rri.tolist() == pytest.approx([0.5, 5 / 9, 2 / 3])


def test_a_tie_in_the_prediction_gets_no_luck():
    """Six cells, the second and third predicted alike: the one with fewer reports counts first."""
    found = accuracy([6, 7, 3, 2, 1, 0], [8, 4, 4, 2, 1, 0], pd.Series([1] * 6))
    assert found.order == (0, 2, 1, 3, 4, 5)
    assert found.pai.tolist() == pytest.approx([6 / 19 * 6, 9 / 19 * 3, 16 / 19 * 2, 18 / 19 * 1.5, 1.2, 1])
    assert found.pei.tolist() == pytest.approx([6 / 7, 9 / 13, 1, 1, 1, 1])
    assert found.rri.tolist() == pytest.approx([8 / 6, 12 / 9, 1, 1, 1, 1])


def test_places_of_unequal_size_are_ranked_by_density():
    found = accuracy([4, 6], [4, 6], [1, 3])
    assert found.order == (0, 1)
    assert found.pai.tolist() == pytest.approx([1.6, 1])
    # The best map of the same area: all of place 0, and of place 1 the part that fits.
    other = accuracy([4, 6], [1, 9], [1, 3])
    assert other.order == (1, 0)
    assert other.pei.tolist() == pytest.approx([6 / (4 + 6 * 2 / 3), 1])


def test_beside_a_naive_map():
    observed, area = [8, 1, 1, 0, 0], [1] * 5
    found = accuracy(observed, [5, 1, 1, 1, 1], area, naive=[1, 5, 1, 1, 1])
    assert (found.hit_share, found.naive.hit_share) == (0.8, pytest.approx(0.1))
    assert "80 %" in found.uitleg
    assert "10 %" in found.uitleg
    assert accuracy(observed, found.naive.pai, area).naive is None
    flat = accuracy(observed, [5, 1, 1, 1, 1], area, naive=[1] * 5)
    assert flat.naive.hit_share == pytest.approx(0.2)


@given(cells, st.data())
@settings(deadline=None)
def test_order_and_unit_play_no_part(rows, data):
    observed, predicted, area = np.array(rows, dtype=float).T
    mixed = data.draw(st.permutations(range(len(rows))))
    one = accuracy(observed, predicted, area)
    other = accuracy(observed[mixed], predicted[mixed], area[mixed] * 0.3048)
    for mine, theirs in zip(one, other, strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-9)
    assert one.hit_share == pytest.approx(other.hit_share, nan_ok=True)
    assert one.uitleg == other.uitleg


@given(cells)
@settings(deadline=None)
def test_bounds(rows):
    observed, predicted, area = np.array(rows, dtype=float).T
    found = accuracy(observed, predicted, area)
    assert found.share_of_area[-1] == 1
    assert sorted(found.order) == list(range(len(rows)))
    if observed.sum() == 0:
        assert np.isnan(found.pai).all()
        assert np.isnan(found.pei).all()
        assert found.uitleg.startswith("Niet te beoordelen")
        return
    assert found.pai[-1] == pytest.approx(1)
    assert ((found.pei >= 0) & (found.pei <= 1)).all()
    np.testing.assert_allclose(accuracy(observed, observed, area).pei, 1)


def test_silence_and_gaps():
    quiet = accuracy([0, 5], [0, 0], [1, 1])
    assert math.isnan(quiet.rri[0])
    assert quiet.rri[1] == 0
    assert accuracy([0, 5], [3, 1], [1, 1]).rri.tolist() == [math.inf, 0.8]
    gap = accuracy([6, math.nan, 3, 0], [3, 9, 2, 1], [1, 1, 1, 1])
    assert gap.order == (0, 2, 3)
    assert gap.pai.tolist() == pytest.approx([2, 1.5, 1])
    assert accuracy([1, 2], [1, 1], [1, 1], naive=[math.nan, 1]).order == (1,)
    assert accuracy([4], [2], [7]).pai.tolist() == [1]


@pytest.mark.parametrize(
    ("observed", "predicted", "area", "message"),
    [
        ([], [], [], "known numbers"),
        ([math.nan], [1], [1], "known numbers"),
        ([1, 2], [1], [1, 1], "predicted must have shape"),
        ([1, 2], [1, 1], [1, 0], "more than 0"),
        ([1, -2], [1, 1], [1, 1], "below zero"),
        ([1, 2], [1, math.inf], [1, 1], "infinite"),
        ([[1, 2]], [[1, 2]], [[1, 2]], "shape"),
    ],
)
def test_clear_errors(observed, predicted, area, message):
    with pytest.raises(ValueError, match=message):
        accuracy(observed, predicted, area)
