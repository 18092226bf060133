"""Access and reach: the published example, and the same outcome for every form of the same costs."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import coo_array, csr_array

from analysis.access import reach, two_step_fca, walking_minutes, walking_minutes_within, within_cost

ORIGIN = np.array([257_000.0, 471_000.0])
COST = [(5, 20), (8, 9), (30, 4)]


def as_sparse(cost):
    """Store every known cost, zeros too."""
    cost = np.asarray(cost, dtype=float)
    row, column = np.nonzero(np.isfinite(cost))
    return csr_array(coo_array((cost[row, column], (row, column)), shape=cost.shape))


@st.composite
def towns(draw):
    n, m = draw(st.integers(0, 8)), draw(st.integers(0, 6))
    rng = np.random.default_rng(draw(st.integers(0, 10_000)))
    cost = rng.integers(0, 30, (n, m)).astype(float)
    cost[rng.random((n, m)) < 0.1] = np.inf
    cost[rng.random((n, m)) < 0.1] = np.nan
    return rng.integers(0, 500, n).astype(float), rng.integers(0, 9, m).astype(float), cost


def by_hand(demand, supply, cost, max_cost):
    near = np.nan_to_num(np.asarray(cost), nan=np.inf) <= max_cost
    shares = [s / sum(demand[near[:, j]]) if sum(demand[near[:, j]]) else 0 for j, s in enumerate(supply)]
    return [sum(share for share, ok in zip(shares, row, strict=True) if ok) for row in near]


def test_the_published_example():
    found = two_step_fca([100, 50, 10], [3, 2], COST, max_cost=10)
    np.testing.assert_allclose(found, [0.02, 3 / 150 + 2 / 60, 2 / 60], rtol=1e-12)


@pytest.mark.parametrize("form", [np.array, pd.DataFrame, as_sparse, lambda cost: coo_array(np.array(cost))])
def test_every_form_of_the_costs_gives_the_same(form):
    demand, supply = pd.Series([100, 50, 10], index=["x", "y", "z"]), (3, 2)
    np.testing.assert_allclose(
        two_step_fca(demand, supply, form(COST), max_cost=10), [0.02, 0.0533333333, 0.0333333333], rtol=1e-8
    )


def test_a_cost_of_nothing_is_near_in_every_form():
    for cost in ([[0.0, 99]], as_sparse([[0.0, 99]])):
        assert two_step_fca([4], [2, 7], cost, max_cost=10).tolist() == [0.5]
        assert reach([4], cost, 0).share == 1


@settings(deadline=None, max_examples=80)
@given(towns(), st.integers(0, 30))
def test_equals_the_definition_and_gives_every_unit_of_capacity_away_once(town, max_cost):
    demand, supply, cost = town
    found = two_step_fca(demand, supply, cost, max_cost=max_cost)
    np.testing.assert_allclose(found, by_hand(demand, supply, cost, max_cost))
    np.testing.assert_allclose(found, two_step_fca(demand, supply, as_sparse(cost), max_cost=max_cost))
    near = np.nan_to_num(cost, nan=np.inf) <= max_cost
    used = supply[(near * demand[:, None]).sum(axis=0) > 0].sum()
    assert (found * demand).sum() == pytest.approx(used)


@settings(deadline=None, max_examples=60)
@given(towns(), st.integers(0, 30), st.randoms(use_true_random=False), st.integers(2, 60))
def test_neither_the_order_nor_the_unit_plays_a_part(town, max_cost, random, times):
    demand, supply, cost = town
    rows, columns = list(range(len(demand))), list(range(len(supply)))
    random.shuffle(rows)
    random.shuffle(columns)
    first = two_step_fca(demand, supply, cost, max_cost=max_cost)
    shuffled = cost[rows][:, columns] if cost.size else cost
    second = two_step_fca(demand[rows], supply[columns], shuffled * times, max_cost=max_cost * times)
    np.testing.assert_allclose(first[rows], second)


def test_bands_weigh_what_is_further_away_less():
    bands = [(5, 1.0), (10, 0.5)]
    found = two_step_fca([100, 50, 10], [3, 2], COST, max_cost=30, decay=bands)
    first, second = 3 / (100 + 25), 2 / (25 + 10)
    np.testing.assert_allclose(found, [first, 0.5 * first + 0.5 * second, second])
    flat = two_step_fca([100, 50, 10], [3, 2], COST, max_cost=30, decay=[(10, 1.0)])
    np.testing.assert_allclose(flat, two_step_fca([100, 50, 10], [3, 2], COST, max_cost=10))


def test_what_is_missing_claims_and_gives_nothing():
    found = two_step_fca([100, np.nan, 50], [3, np.nan], [[1, 1], [1, 1], [1, np.inf]], max_cost=5)
    np.testing.assert_allclose(found, [0.02, np.nan, 0.02])
    assert two_step_fca([0, 0], [3], [[1], [1]], max_cost=5).tolist() == [0, 0]
    assert two_step_fca([10], [3], [[np.nan]], max_cost=5).tolist() == [0]
    assert two_step_fca([], [], [], max_cost=5).shape == (0,)
    assert two_step_fca([5, 6], [], np.empty((2, 0)), max_cost=5).tolist() == [0, 0]


def test_reach_tells_who_has_none():
    found = reach([100, 50, np.nan, 30, 0], [[3, 9], [16, 15], [1, 1], [np.inf, np.nan], [20, 16]], 15)
    assert found.reached.tolist() == [True, True, True, False, False]
    assert found.nearest.tolist() == [3, 15, 1, np.inf, np.inf]
    assert (found.people, found.people_without) == (150, 30)
    assert found.share == pytest.approx(150 / 180)
    assert found.parameters == {"max_cost": 15, "n_supply": 2}
    assert found.uitleg.startswith("150 van de 180 mensen hebben minstens één voorziening binnen bereik, 30 niet;")


def test_reach_of_nobody_is_no_share():
    assert np.isnan(reach([0, np.nan], [[1], [1]], 5).share)
    assert np.isnan(reach([], [], 5).share)
    assert reach([10], np.empty((1, 0)), 5).share == 0


def test_walking_minutes_are_straight_metres_with_a_detour():
    minutes = walking_minutes(ORIGIN[None], ORIGIN + np.array([[300, 400], [0, 0]]))
    np.testing.assert_allclose(minutes, [[500 * 1.3 / 75, 0]])
    np.testing.assert_allclose(walking_minutes(ORIGIN[None], ORIGIN + np.array([[300, 400]]), detour=1, speed=6), [[5]])


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 10_000), st.integers(0, 40), st.integers(0, 12), st.sampled_from([0.0, 5.2, 15.0]))
def test_the_sparse_form_has_the_same_minutes(seed, n, m, limit):
    rng = np.random.default_rng(seed)
    origins, places = (ORIGIN + 100.0 * rng.integers(0, 15, (size, 2)) for size in (n, m))
    dense, sparse = walking_minutes(origins, places), walking_minutes_within(origins, places, limit)
    assert sparse.shape == dense.shape
    assert sparse.nnz == (dense <= limit).sum()
    found = sparse.tocoo()
    np.testing.assert_allclose(found.data, dense[found.row, found.col])
    people = np.ones(n)
    np.testing.assert_array_equal(reach(people, sparse, limit).reached, reach(people, dense, limit).reached)


def test_a_town_of_dwellings_fits():
    rng = np.random.default_rng(0)
    homes, places = (ORIGIN + rng.uniform(0, 12_000, (n, 2)) for n in (80_000, 500))
    cost = walking_minutes_within(homes, places, 10)
    found = two_step_fca(np.ones(80_000), np.ones(500), cost, max_cost=10)
    some = rng.choice(80_000, 50, replace=False)
    near = walking_minutes(homes[some], places) <= 10
    served = np.diff(cost.tocsc().indptr)
    expected = near @ np.divide(1.0, served, out=np.zeros(500), where=served > 0)
    np.testing.assert_allclose(found[some], expected)


def test_the_input_stays():
    demand, supply, cost = np.array([1.0, np.nan]), np.array([np.nan, 1.0]), np.array([[1.0, 2], [3, 4]])
    sparse = as_sparse(cost)
    kept = [values.copy() for values in (demand, supply, cost, sparse.data)]
    for form in (cost, sparse):
        two_step_fca(demand, supply, form, max_cost=3)
        reach(demand, form, 3)
    for values, before in zip((demand, supply, cost, sparse.data), kept, strict=True):
        np.testing.assert_array_equal(values, before)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: two_step_fca([1, 2], [1], [[1]], max_cost=5), "shape"),
        (lambda: two_step_fca([1], [1, 2], [[1]], max_cost=5), "shape"),
        (lambda: two_step_fca([[1]], [1], [[1]], max_cost=5), "shape"),
        (lambda: two_step_fca([-1], [1], [[1]], max_cost=5), "below zero"),
        (lambda: two_step_fca([1], [1], [[-1]], max_cost=5), "below zero"),
        (lambda: two_step_fca([1], [1], [[1]], max_cost=-5), "max_cost"),
        (lambda: reach([1], [[1]], np.inf), "max_cost"),
        (lambda: reach([1], [[1]], np.nan), "max_cost"),
        (lambda: two_step_fca([1], [1], [[1]], max_cost=5, decay=[(5, 1), (5, 2)]), "decay"),
        (lambda: two_step_fca([1], [1], [[1]], max_cost=5, decay=[]), "decay"),
        (lambda: within_cost([1, 2], 5, shape=(2, None)), "shape"),
        (lambda: walking_minutes(ORIGIN[None], [[6.9, 52.2]]), "degrees"),
        (lambda: walking_minutes(ORIGIN[None], ORIGIN[None], speed=0), "speed"),
        (lambda: walking_minutes(ORIGIN[None], ORIGIN[None], detour=0.9), "detour"),
        (lambda: walking_minutes_within(ORIGIN[None], ORIGIN[None], np.inf), "max_minutes"),
    ],
)
def test_senseless_input_is_refused(call, words):
    with pytest.raises(ValueError, match=words):
        call()
