"""Clusters of points: equal to plain DBSCAN, blind to order and place, and never one caller."""

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.spatial import cKDTree
from sklearn.cluster import DBSCAN

from analysis.density import dbscan, eps_from_curve
from analysis.points import cluster_points, place_codes

ORIGIN = np.array([257_000.0, 471_000.0])


def clouds(most=400):
    """Points on a coarse raster (many ties and duplicates), or free."""
    raster = st.integers(0, most).flatmap(
        lambda n: arrays(np.int64, (n, 2), elements=st.integers(0, 40), fill=st.nothing())
    )
    free = st.integers(0, 60).flatmap(lambda n: arrays(np.float64, (n, 2), elements=st.floats(0, 300)))
    return st.one_of(raster.map(lambda xy: xy * 10.0), free).map(lambda xy: xy + ORIGIN)


def blob(n, centre, spread, seed):
    return np.random.default_rng(seed).normal(centre, spread, (n, 2))


def partition(labels):
    return {frozenset(np.flatnonzero(labels == label).tolist()) for label in set(labels.tolist()) - {-1}}


def assert_equals_sklearn(xy, eps, min_samples):
    """Noise and core points must agree exactly; a border point belongs to a core point within eps."""
    model = DBSCAN(eps=eps, min_samples=min_samples).fit(xy)
    labels = dbscan(xy, eps, min_samples)
    core = np.zeros(len(xy), dtype=bool)
    core[model.core_sample_indices_] = True
    np.testing.assert_array_equal(labels == -1, model.labels_ == -1)
    assert partition(np.where(core, labels, -1)) == partition(np.where(core, model.labels_, -1))
    border, cores = np.flatnonzero(~core & (labels >= 0)), np.flatnonzero(core)
    within = cKDTree(xy[cores]).query_ball_point(xy[border], eps)
    for index, near in zip(border, within, strict=True):
        assert labels[index] in labels[cores[near]]


@settings(deadline=None, max_examples=150)
@given(clouds(), st.sampled_from([5.0, 10.0, 14.142135623730951, 30.0, 50.0, 500.0]), st.integers(2, 12))
def test_equals_plain_dbscan(xy, eps, min_samples):
    if len(xy):
        assert_equals_sklearn(xy, eps, min_samples)
    else:
        assert dbscan(xy, eps, min_samples).shape == (0,)


@pytest.mark.parametrize("eps", [20, 50, 120])
def test_equals_plain_dbscan_on_a_city(eps):
    rng = np.random.default_rng(1)
    city = np.concatenate([blob(3000, ORIGIN + 500 * k, 40 * (k + 1), k) for k in range(6)])
    city[::7] = np.round(city[::7], -1)
    assert_equals_sklearn(rng.permutation(np.repeat(city, rng.integers(1, 4, len(city)), axis=0)), eps, 10)


def test_two_dense_squares_are_joined_only_when_their_closest_points_are_within_eps(monkeypatch):
    monkeypatch.setattr("analysis.density._LINKS", 1)
    left = ORIGIN + np.column_stack([np.linspace(0, 30, 200), np.zeros(200)])
    for limit in (1, 1_000_000):
        monkeypatch.setattr("analysis.density._PAIRS_AT_ONCE", limit)
        for gap, expected in ((49.9, 1), (50.0, 1), (50.1, 2)):
            labels = dbscan(np.concatenate([left, left + np.array([30 + gap, 0])]), 50, 10)
            assert len(set(labels.tolist())) == expected, (limit, gap)


@settings(deadline=None, max_examples=60)
@given(clouds(), st.randoms(use_true_random=False), st.sampled_from(["dbscan", "hdbscan"]))
def test_the_order_of_the_input_plays_no_part(xy, random, method):
    keys = [int(index % 7) for index in range(len(xy))]
    order = list(range(len(xy)))
    random.shuffle(order)
    eps = 20.0 if method == "dbscan" else None
    first = cluster_points(xy, method=method, eps=eps, min_size=4, min_places=2, places=keys)
    second = cluster_points(
        xy[order], method=method, eps=eps, min_size=4, min_places=2, places=[keys[index] for index in order]
    )
    moved = {frozenset(order[index] for index in members) for members in partition(second.labels)}
    assert moved == partition(first.labels)


@settings(deadline=None, max_examples=60)
@given(clouds(), st.integers(-200, 200), st.integers(-200, 200))
def test_moving_everything_moves_nothing(xy, east, north):
    xy = np.round(xy)
    first = cluster_points(xy, eps=20, min_size=4, min_places=1)
    second = cluster_points(xy + np.array([east, north]) * 10.0, eps=20, min_size=4, min_places=1)
    np.testing.assert_array_equal(first.labels, second.labels)


@settings(deadline=None, max_examples=40)
@given(clouds(100), st.integers(2, 4))
def test_a_duplicate_weighs_as_much_as_a_point(xy, times):
    once = cluster_points(xy, eps=15, min_size=3, min_places=1)
    often = cluster_points(np.repeat(xy, times, axis=0), eps=15, min_size=3 * times, min_places=1)
    assert {cluster.n * times for cluster in once.clusters} == {cluster.n for cluster in often.clusters}


def test_what_a_cluster_tells():
    xy = np.concatenate([blob(30, ORIGIN, 10, 1), blob(60, ORIGIN + 1000, 10, 2), blob(5, ORIGIN + 3000, 5, 3)])
    found = cluster_points(xy, eps=50)
    assert [cluster.n for cluster in found.clusters] == [60, 30]
    np.testing.assert_array_equal(found.clusters[0].members, np.arange(30, 90))
    np.testing.assert_array_equal(found.labels, [1] * 30 + [0] * 60 + [-1] * 5)
    assert found.parameters == {"method": "dbscan", "eps": 50, "min_size": 10, "min_places": 5}
    assert found.uitleg.startswith("2 plekken gevonden waar minstens 10 meldingen, van minstens 5 ")
    assert "binnen ongeveer 50 meter" in found.uitleg


@pytest.mark.parametrize("method", ["dbscan", "hdbscan"])
def test_one_caller_is_never_a_cluster(method):
    caller = np.tile(ORIGIN, (40, 1))
    crowd = np.concatenate([blob(40, ORIGIN + 2000, 15, 1), blob(40, ORIGIN + 4000, 15, 2)])
    xy = np.concatenate([caller, crowd])
    eps = 50 if method == "dbscan" else None
    assert [cluster.n for cluster in cluster_points(xy, method=method, eps=eps).clusters] == [40, 40]
    assert (cluster_points(xy, method=method, eps=eps).labels[:40] == -1).all()
    with_keys = cluster_points(xy, method=method, eps=eps, places=["een"] * 80 + [str(k) for k in range(40)])
    assert [cluster.members[0] for cluster in with_keys.clusters] == [80]


def test_distinct_is_the_key_else_the_cell_of_ten_metres():
    xy = ORIGIN + np.array([[1, 1], [2, 2], [9, 9], [11, 1], [500, 500], [600, 600]])
    assert len(set(place_codes(xy, None).tolist())) == 4
    codes = place_codes(xy, [None, "a", np.nan, None, "a", "b"]).tolist()
    assert codes[0] == codes[2] != codes[3]
    assert codes[1] == codes[4] != codes[5]
    assert len(set(codes)) == 4
    with pytest.raises(ValueError, match="5 keys for 6 points"):
        place_codes(xy, ["a"] * 5)


@pytest.mark.parametrize("method", ["dbscan", "hdbscan"])
@pytest.mark.parametrize("n", [0, 1, 9])
def test_too_few_points_give_no_clusters(method, n):
    found = cluster_points(blob(n, ORIGIN, 1, 0), method=method)
    assert found.clusters == ()
    np.testing.assert_array_equal(found.labels, [-1] * n)
    assert found.uitleg.startswith("Geen plek gevonden waar minstens 10 meldingen")


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"method": "optics"}, "method"),
        ({"eps": 0}, "eps"),
        ({"eps": -5.0}, "eps"),
        ({"eps": np.inf}, "eps"),
        ({"min_size": 1}, "min_size"),
        ({"min_places": 0}, "min_places"),
    ],
)
def test_senseless_parameters_are_refused(wrong, words):
    with pytest.raises(ValueError, match=words):
        cluster_points(blob(20, ORIGIN, 10, 0), **wrong)


def test_degrees_and_nan_are_refused():
    with pytest.raises(ValueError, match="degrees"):
        cluster_points([[6.89, 52.22]] * 20)
    with pytest.raises(ValueError, match="finite"):
        cluster_points([[np.nan, 471000.0]])


def test_eps_comes_from_the_knee():
    noise = ORIGIN + np.random.default_rng(0).uniform(0, 4000, (300, 2))
    dense = np.concatenate([blob(80, ORIGIN + 800 * k, 12, k) for k in range(5)])
    found = cluster_points(np.concatenate([noise, dense]))
    assert found.eps is not None
    assert 15 < found.eps < 150
    assert sum(cluster.n for cluster in found.clusters) >= 390
    assert eps_from_curve(np.tile(ORIGIN, (40, 1)), 10) == 10.0
    assert eps_from_curve(ORIGIN + np.array([[0, 0], [90_000, 0]]), 10) == 100.0


def test_eps_is_at_most_half_the_usual_distance():
    # a raster of 150 m: 9 reports within 212 m, and a far farm that bends the curve
    raster = ORIGIN + 150.0 * np.argwhere(np.ones((20, 20)))
    assert eps_from_curve(np.concatenate([raster, ORIGIN[None] - 20_000]), 5) == 75.0


def test_the_k_distance_counts_duplicates():
    xy = ORIGIN + np.repeat([[0, 0], [30, 0], [1000, 0]], [3, 1, 1], axis=0)
    # third nearest: 0 0 0 (the triple), 30 (its neighbour), 1000 (alone); the knee is before the jump
    assert eps_from_curve(xy, 3) == 30.0


def test_hdbscan_finds_clusters_of_different_density():
    xy = np.concatenate([blob(60, ORIGIN, 8, 1), blob(60, ORIGIN + 2000, 80, 2)])
    found = cluster_points(xy, method="hdbscan")
    assert len(found.clusters) == 2
    assert found.eps is None
    assert "dicht bij elkaar" in found.uitleg


@pytest.mark.parametrize("spread", [300, 3000])
@pytest.mark.parametrize("eps", [50, 100])
def test_a_hundred_thousand_points_are_quick_at_any_density(spread, eps):
    xy = blob(100_000, ORIGIN, spread, 0)
    start = time.process_time()
    cluster_points(xy, eps=eps)
    # The bench holds the figure (1.5 s); here only the order of magnitude, on any machine.
    assert time.process_time() - start < 20
