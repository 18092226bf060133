"""Minutes over a street network: against all ways counted by hand, and with what can be wrong with a network."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.access import two_step_fca, walking_minutes
from analysis.network import network_minutes

PACE = 60 / 4500  # minutes per metre at 4.5 km/h

# A square with sides of 300 m, and a bridge over its middle that starts at 1 and ends at 3.
NODES = pd.DataFrame({"x": [0.0, 300, 300, 0], "y": [0.0, 0, 300, 300]}, index=[1, 2, 3, 4])
SQUARE = pd.DataFrame({"source": [1, 2, 3, 4], "target": [2, 3, 4, 1], "cost": 300.0})


def minutes(edges=SQUARE, nodes=NODES, origins=((0, 0),), destinations=((300, 300),), limit=30.0, **options):
    """Everything lies somewhere in RD, and is written here from there on."""
    start, end = (np.asarray(xy) + 250_000 for xy in (origins, destinations))
    return network_minutes(edges, nodes + 250_000, start, end, limit, **options)


def test_the_way_goes_around_and_not_through():
    assert minutes().toarray() == pytest.approx(600 * PACE)
    assert minutes(speed=9.0).toarray() == pytest.approx(300 * PACE)


def test_the_walk_to_the_street_counts():
    found = minutes(origins=[(-40, 0)], destinations=[(300, 330)])
    assert found.toarray() == pytest.approx((40 + 600 + 30) * PACE)


def test_the_limit_is_inclusive_and_beyond_it_is_nothing():
    limit = 300 * 60 / (4.5 * 1000)
    found = minutes(origins=[(0, 0), (300, 0), (300, 300)], limit=limit)
    assert found.nnz == 2
    assert found.toarray()[:, 0] == pytest.approx([0, limit, 0])


def test_a_closed_direction_is_closed():
    bridge = pd.DataFrame({"source": [1], "target": [3], "cost": [420.0], "reverse_cost": [-1.0]})
    both = pd.concat([SQUARE.assign(reverse_cost=300.0), bridge])
    assert minutes(both).toarray() == pytest.approx(420 * PACE)
    assert minutes(both, origins=[(300, 300)], destinations=[(0, 0)]).toarray() == pytest.approx(600 * PACE)


def test_of_two_streets_the_shorter_counts():
    twice = pd.concat([SQUARE, SQUARE.assign(cost=200.0)])
    assert minutes(twice).toarray() == pytest.approx(400 * PACE)


def test_stairs_without_length_are_still_a_way():
    flat = SQUARE.assign(cost=[0.0, 300, 300, 300])
    assert minutes(flat).toarray() == pytest.approx(300 * PACE)


def test_an_island_is_out_of_reach_and_a_loose_node_draws_nobody():
    nodes = pd.concat([NODES, pd.DataFrame({"x": [900.0, 950, 5], "y": [900.0, 900, 5]}, index=[8, 9, 7])])
    island = pd.concat([SQUARE, pd.DataFrame({"source": [8], "target": [9], "cost": [50.0]})])
    found = minutes(island, nodes, origins=[(5, 5), (900, 900)], limit=1e6)
    assert found.nnz == 1
    assert found.toarray()[0, 0] == pytest.approx((np.hypot(5, 5) + 600) * PACE)


def test_it_feeds_access():
    found = minutes(origins=[(0, 0), (300, 0)], destinations=[(300, 300), (0, 300)], limit=5.0)
    access = two_step_fca([100, 50], [3, 2], found, max_cost=5.0)
    assert access == pytest.approx([2 / 100, 3 / 50])


@pytest.mark.parametrize(
    ("edges", "nodes", "options", "said"),
    [
        (SQUARE, NODES.drop(index=3), {}, "not among the nodes"),
        (SQUARE.assign(cost=np.nan), NODES, {}, "missing costs"),
        (SQUARE.assign(cost=-1.0), NODES, {}, "no streets"),
        (SQUARE.iloc[:0], NODES, {}, "no streets"),
        (SQUARE, NODES, {"speed": 0}, "speed"),
        (SQUARE, NODES, {"limit": np.nan}, "max_minutes"),
        (SQUARE, NODES, {"origins": [(0, 0, 0)]}, "shape"),
    ],
)
def test_what_makes_no_sense_is_refused(edges, nodes, options, said):
    with pytest.raises(ValueError, match=said):
        minutes(edges, nodes, **options)


def test_nobody_and_nothing():
    assert minutes(origins=np.empty((0, 2))).shape == (0, 1)
    assert minutes(destinations=np.empty((0, 2))).shape == (1, 0)


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 10_000), st.integers(2, 12), st.integers(1, 100))
def test_equals_all_ways_and_is_never_faster_than_a_straight_line(seed, n, many):
    rng = np.random.default_rng(seed)
    nodes = pd.DataFrame(rng.uniform(250_000, 251_000, (n, 2)), columns=["x", "y"], index=rng.permutation(1000)[:n])
    ends = rng.integers(0, n, (many, 2))
    xy = nodes.to_numpy()
    straight = np.hypot(*(xy[ends[:, 0]] - xy[ends[:, 1]]).T)
    edges = pd.DataFrame(
        {
            "source": nodes.index[ends[:, 0]],
            "target": nodes.index[ends[:, 1]],
            "cost": straight * rng.uniform(1, 2, many),
            "reverse_cost": np.where(rng.random(many) < 0.2, -1.0, straight * rng.uniform(1, 2, many)),
        }
    )
    used = np.unique(ends)
    found = network_minutes(edges, nodes, xy[used], xy[used], 1e6).toarray() / PACE

    way = np.full((n, n), np.inf)
    np.fill_diagonal(way, 0)
    for (a, b), forth, back in zip(ends, edges["cost"], edges["reverse_cost"], strict=True):
        way[a, b] = min(way[a, b], forth)
        way[b, a] = min(way[b, a], back) if back >= 0 else way[b, a]
    for through in range(n):
        way = np.minimum(way, way[:, [through]] + way[[through], :])
    expected = way[np.ix_(used, used)]
    assert found == pytest.approx(np.where(np.isfinite(expected), expected, 0), abs=1e-6)
    direct = walking_minutes(xy[used], xy[used], detour=1) / PACE
    assert (found[np.isfinite(expected)] >= direct[np.isfinite(expected)] - 1e-6).all()
