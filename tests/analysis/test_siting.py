"""Where the next one helps: never less than trying everything, existing places counted once, nothing invented."""

from itertools import combinations, product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array

from analysis.siting import alternatives, max_cover, removal, swaps
from analysis.siting.covering import Covering, _branch_and_bound, _exchange, _fill, best_sites


@st.composite
def towns(draw, whole=True):
    """Small towns with ties, duplicate candidates, unreachable people and some existing places."""
    n, m = draw(st.integers(0, 12)), draw(st.integers(0, 8))
    rng = np.random.default_rng(draw(st.integers(0, 100_000)))
    demand = rng.integers(0, 6, n).astype(float) if whole else rng.lognormal(0, 2, n)
    cost = rng.integers(0, draw(st.sampled_from([4, 12, 40])), (n, m)).astype(float)
    cost[rng.random((n, m)) < 0.1] = np.nan
    existing = [int(site) for site in rng.permutation(m)[: draw(st.integers(0, 2))]]
    return demand, cost, existing


def covered_by(cost, sites, distance=3):
    return (np.nan_to_num(cost[:, list(sites)], nan=np.inf) <= distance).any(axis=1)


def most_by_trying(demand, cost, existing, n_sites):
    free = [site for site in range(cost.shape[1]) if site not in existing]
    tried = combinations(free, min(n_sites, len(free)))
    return max(demand[covered_by(cost, [*existing, *sites])].sum() for sites in tried)


@settings(deadline=None, max_examples=150)
@given(towns(), st.integers(0, 4))
def test_no_choice_covers_more(town, n_sites):
    demand, cost, existing = town
    found = max_cover(demand, cost, service_distance=3, n_sites=n_sites, existing=existing)
    assert found.covered == most_by_trying(demand, cost, existing, n_sites)
    assert len(found.sites) <= n_sites
    assert not set(found.sites.tolist()) & set(existing)
    np.testing.assert_array_equal(found.reached, covered_by(cost, [*existing, *found.sites]))
    assert found.covered == demand[found.reached].sum()
    if demand.sum():
        assert found.share == found.covered / demand.sum()


@settings(deadline=None, max_examples=50)
@given(towns(whole=False), st.integers(2, 4))
def test_no_choice_covers_more_with_broken_numbers(town, n_sites):
    demand, cost, existing = town
    found = max_cover(demand, cost, service_distance=3, n_sites=n_sites, existing=existing)
    assert found.covered == pytest.approx(most_by_trying(demand, cost, existing, n_sites), rel=1e-6)


@settings(deadline=None, max_examples=50)
@given(towns(), st.integers(1, 3), st.randoms(use_true_random=False), st.integers(2, 1000))
def test_neither_the_order_nor_the_unit_plays_a_part_in_the_share(town, n_sites, random, times):
    demand, cost, existing = town
    rows, columns = list(range(len(demand))), list(range(cost.shape[1]))
    random.shuffle(rows)
    random.shuffle(columns)
    first = max_cover(demand, cost, service_distance=3, n_sites=n_sites, existing=existing)
    again = max_cover(demand, cost, service_distance=3, n_sites=n_sites, existing=existing)
    moved = max_cover(
        demand[rows] * times,
        cost[np.ix_(rows, columns)] * times,
        service_distance=3 * times,
        n_sites=n_sites,
        existing=[columns.index(site) for site in existing],
    )
    np.testing.assert_array_equal(first.sites, again.sites)
    assert moved.covered == times * first.covered


def test_greedy_alone_would_miss_the_best_pair():
    # the middle candidate takes 4 of 6 first, after which no single one brings the other two
    near = np.array([[1, 0, 1], [1, 0, 1], [1, 0, 0], [0, 1, 0], [0, 1, 1], [0, 1, 1]], dtype=bool)
    found = max_cover(np.full(6, 10), np.where(near, 1, 99), service_distance=5, n_sites=2)
    assert found.sites.tolist() == [0, 1]
    assert (found.covered, found.share) == (60, 1)


def steiner(dimension):
    """Costs of lines by points of the affine space over three elements: 1 where a point lies on a line, else 9.

    The Steiner triple systems A9 and A27 of Fulkerson, Nemhauser and Trotter (1974), hard for their symmetry. Of A9
    five points are on all lines and no four are; of A27 eighteen, and no seventeen: the others hold no line, and such
    a set has at most four (nine) points (Pellegrino 1971).
    """
    points = list(product(range(3), repeat=dimension))
    number = {point: n for n, point in enumerate(points)}
    third = {(a, b): tuple((-x - y) % 3 for x, y in zip(a, b, strict=True)) for a, b in combinations(points, 2)}
    lines = sorted({tuple(sorted((number[a], number[b], number[c]))) for (a, b), c in third.items()})
    cost = np.full((len(lines), len(points)), 9.0)
    for row, line in enumerate(lines):
        cost[row, line] = 1.0
    return cost


def test_published_covers_of_triple_systems():
    small, large = steiner(2), steiner(3)
    assert (small.shape, large.shape) == ((12, 9), (117, 27))

    def most(cost, n_sites):
        return max_cover(np.ones(len(cost)), cost, service_distance=1, n_sites=n_sites).covered

    assert [most(small, n) for n in range(1, 6)] == [most_by_trying(np.ones(12), small, [], n) for n in range(1, 6)]
    assert (most(small, 4), most(small, 5)) == (11, 12)
    assert most(large, 18) == 117


@pytest.mark.proof
def test_no_seventeen_points_are_on_all_lines_of_the_larger_one():
    large = steiner(3)
    assert max_cover(np.ones(117), large, service_distance=1, n_sites=17).covered < 117


# In each of these neither greedy exchanges nor the rounded relaxation find the best choice.
@pytest.mark.parametrize("seed", [28, 203, 250, 297, 298, 637])
def test_hard_towns_are_solved_as_without_any_shortcut(seed):
    rng = np.random.default_rng(seed)
    cover = Covering.of(rng.random((40, 25)) < 0.15, rng.integers(1, 500, 40).astype(float))
    plain = _branch_and_bound(cover, np.arange(25), 5, cuts=[])
    assert cover.people(_exchange(cover, _fill(cover, [], 5), 5)) < cover.people(plain)
    assert cover.people(best_sites(cover, 5)) == cover.people(plain)


def test_what_a_choice_tells():
    cost = pd.DataFrame([[1, 9, 9], [9, 1, 9], [9, 1, 9], [9, 9, 9]])
    found = max_cover([50, 20, 20, 10], cost, service_distance=1, n_sites=1, existing=[0])
    assert found.sites.tolist() == [1]
    assert found.reached.tolist() == [True, True, True, False]
    assert (found.covered, found.share, found.share_before) == (90, 0.9, 0.5)
    assert found.parameters == {"service_distance": 1.0, "n_sites": 1, "existing": (0,)}
    assert found.uitleg.startswith(
        "Met 1 nieuwe plek heeft 90 % van de mensen een plek binnen de gekozen afstand, nu 50"
    )
    assert "zegt niet of er een gebouw is" in found.uitleg


def test_a_sparse_cost_is_the_same_cost():
    sparse = csr_array(([1.0, 1.0, 7.0], ([0, 1, 2], [0, 0, 1])), shape=(3, 2))
    found = max_cover([5, 5, 100], sparse, service_distance=3, n_sites=1)
    assert found.sites.tolist() == [0]
    assert found.reached.tolist() == [True, True, False]


@pytest.mark.parametrize("n_sites", [2, 5, 500])
def test_sites_that_reach_nobody_new_are_not_named(n_sites):
    found = max_cover([10, 10], [[1, 9, 1], [9, 1, 9]], service_distance=3, n_sites=n_sites)
    assert found.sites.tolist() == [0, 1]
    assert found.share == 1


def test_nothing_to_gain_gives_no_sites():
    nobody = max_cover([0, np.nan], [[1], [1]], service_distance=3, n_sites=1)
    assert nobody.sites.tolist() == []
    assert np.isnan(nobody.share)
    assert "onbekend van de mensen" in nobody.uitleg
    far = max_cover([10], [[np.inf]], service_distance=3, n_sites=2)
    assert (far.sites.tolist(), far.share, far.reached.tolist()) == ([], 0, [False])
    done = max_cover([10], [[1, 1]], service_distance=3, n_sites=1, existing=[1])
    assert (done.sites.tolist(), done.share, done.reached.tolist()) == ([], 1, [True])
    assert max_cover([], [], service_distance=3, n_sites=1).reached.shape == (0,)
    assert max_cover([10], [[1]], service_distance=3, n_sites=0).sites.shape == (0,)


def test_unknown_demand_counts_nowhere_but_is_covered():
    found = max_cover([np.nan, 10], [[1, 9], [9, 1]], service_distance=3, n_sites=2)
    assert found.sites.tolist() == [1]
    assert found.share == 1
    assert found.reached.tolist() == [False, True]


@settings(deadline=None, max_examples=60)
@given(towns(), st.integers(1, 3), st.sampled_from([0.0, 0.2, 0.5]))
def test_alternatives_are_the_best_others(town, n_sites, margin):
    demand, cost, existing = town
    best = max_cover(demand, cost, service_distance=3, n_sites=n_sites, existing=existing)
    found = alternatives(demand, cost, best, margin=margin, limit=4)
    already = demand[covered_by(cost, existing)].sum()
    floor = already + (1 - margin) * (best.covered - already)
    sets = [frozenset(choice.sites.tolist()) for choice in (best, *found)]
    assert len(set(sets)) == len(sets)
    assert all(choice.covered >= floor - 1e-9 for choice in found)
    assert [choice.covered for choice in found] == sorted((choice.covered for choice in found), reverse=True)
    if len(best.sites) and len(found) < 4:
        free = [site for site in range(cost.shape[1]) if site not in existing]
        for others in combinations(free, n_sites):
            if not any(known <= set(others) for known in sets):
                assert demand[covered_by(cost, [*existing, *others])].sum() < floor or floor == already


def test_an_equal_building_next_door_is_an_alternative():
    cost = [[1, 1, 9, 9], [1, 1, 9, 9], [9, 9, 1, 9], [9, 9, 9, 1]]
    best = max_cover([100, 100, 99, 10], cost, service_distance=3, n_sites=2)
    assert best.sites.tolist() == [0, 2]
    assert [choice.sites.tolist() for choice in alternatives([100, 100, 99, 10], cost, best)] == [[1, 2]]
    assert alternatives([100, 100, 99, 10], cost, best, limit=0) == []


@settings(deadline=None, max_examples=60)
@given(towns(), st.integers(1, 3), st.sampled_from([0.0, 0.2, 0.5]))
def test_swaps_are_all_that_differ_in_one_place(town, n_sites, margin):
    demand, cost, existing = town
    best = max_cover(demand, cost, service_distance=3, n_sites=n_sites, existing=existing)
    found = swaps(demand, cost, best, margin=margin, limit=100)
    chosen, already = best.sites.tolist(), demand[covered_by(cost, existing)].sum()
    floor = already + (1 - margin) * (best.covered - already)
    tried = {}
    for dropped in chosen:
        kept = [*existing, *(site for site in chosen if site != dropped)]
        before = demand[covered_by(cost, kept)].sum()
        for site in set(range(cost.shape[1])) - {*existing, *chosen}:
            people = demand[covered_by(cost, [*kept, site])].sum()
            if people >= floor and people > before:
                tried[site] = max(people, tried.get(site, 0))
    assert {site for choice in found for site in set(choice.sites.tolist()) - set(chosen)} == set(tried)
    assert [choice.covered for choice in found] == sorted(tried.values(), reverse=True)
    assert len(swaps(demand, cost, best, margin=margin, limit=1)) == min(1, len(tried))


def test_closing_a_place_tells_who_loses_it():
    cost = [[1, 9, 9], [1, 1, 9], [9, 1, 9], [9, 9, 9]]
    found = removal([10, 20, 30, 40], cost, service_distance=3, existing=[0, 1], removed=[1])
    assert found.loses.tolist() == [False, False, True, False]
    assert (found.people, found.share_before, found.share) == (30, 0.6, 0.3)
    assert found.uitleg.startswith("30 mensen hebben dan geen plek meer binnen de gekozen afstand")
    every = removal([10, 20, 30, 40], cost, service_distance=3, existing=[0, 1], removed=[0, 1])
    assert every.loses.tolist() == [True, True, True, False]


def test_the_input_stays():
    demand, cost = np.array([5.0, np.nan]), np.array([[1.0, np.nan], [2, 3]])
    kept = demand.copy(), cost.copy()
    best = max_cover(demand, cost, service_distance=3, n_sites=1)
    alternatives(demand, cost, best)
    np.testing.assert_array_equal(demand, kept[0])
    np.testing.assert_array_equal(cost, kept[1])


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"n_sites": -1}, "n_sites"),
        ({"n_sites": 1.5}, "n_sites"),
        ({"existing": [2]}, "existing"),
        ({"existing": [-1]}, "existing"),
        ({"existing": [True]}, "existing"),
        ({"existing": [0.5]}, "existing"),
        ({"service_distance": -1}, "max_cost"),
        ({"service_distance": np.nan}, "max_cost"),
        ({"demand": [-1, 2]}, "below zero"),
        ({"demand": [1]}, "shape"),
        ({"cost": [[-1, 2], [3, 4]]}, "below zero"),
    ],
)
def test_senseless_input_is_refused(wrong, words):
    asked = {"demand": [1, 2], "cost": [[1, 2], [3, 4]], "service_distance": 3, "n_sites": 1} | wrong
    with pytest.raises(ValueError, match=words):
        max_cover(asked.pop("demand"), asked.pop("cost"), **asked)


def test_senseless_questions_about_a_choice_are_refused():
    best = max_cover([1], [[1]], service_distance=3, n_sites=1)
    with pytest.raises(ValueError, match="margin"):
        alternatives([1], [[1]], best, margin=2)
    with pytest.raises(ValueError, match="limit"):
        swaps([1], [[1]], best, limit=-1)
    with pytest.raises(ValueError, match="removed"):
        removal([1], [[1, 1]], service_distance=3, existing=[0], removed=[1])
