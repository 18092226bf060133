"""Clusters in place and time: equal to ST-DBSCAN by its definition, blind to order, and never one caller."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.sparse.csgraph import connected_components

from analysis.density import dbscan
from analysis.density_time import st_dbscan
from analysis.points import PointClusters, cluster_space_time

ORIGIN = np.array([257_000.0, 471_000.0])


def events(most=150):
    """Reports (x, y, day): on a coarse raster with many ties and duplicates, or free."""
    raster = st.integers(0, most).flatmap(
        lambda n: arrays(np.int64, (n, 3), elements=st.integers(0, 12), fill=st.nothing())
    )
    free = st.integers(0, 40).flatmap(lambda n: arrays(np.float64, (n, 3), elements=st.floats(0, 12)))
    return st.one_of(raster.map(lambda xyt: xyt * 1.0), free).map(lambda xyt: (xyt[:, :2] * 10 + ORIGIN, xyt[:, 2]))


def by_definition(xy, days, eps, reach, min_samples):
    """Labels of ST-DBSCAN from the matrix of all pairs; border reports to the nearest core report."""
    apart = ((xy[:, None] - xy[None]) ** 2).sum(axis=2)
    late = np.abs(days[:, None] - days[None])
    near = (apart <= eps * eps) & (late <= reach)
    core = np.flatnonzero(near.sum(axis=1) >= min_samples)
    labels = np.full(len(xy), -1)
    if len(core):
        labels[core] = connected_components(near[np.ix_(core, core)])[1]
    for border in np.setdiff1d(np.arange(len(xy)), core):
        options = [(apart[border, j], late[border, j], days[j], *xy[j], j) for j in core if near[border, j]]
        if options:
            labels[border] = labels[min(options)[-1]]
    return labels


def partition(labels):
    return {frozenset(np.flatnonzero(labels == label).tolist()) for label in set(labels.tolist()) - {-1}}


@settings(deadline=None, max_examples=200)
@given(events(), st.sampled_from([10.0, 14.142135623730951, 20.0, 35.0, 200.0]), st.sampled_from([0.5, 1, 2, 3, 20]),
       st.integers(2, 8))  # fmt: skip
def test_equals_the_definition(report, eps, reach, min_samples):
    xy, days = report
    labels = st_dbscan(xy, days, eps=eps, reach=reach, min_samples=min_samples)
    assert partition(labels) == partition(by_definition(xy, days, eps, reach, min_samples))


@pytest.mark.parametrize(("eps", "reach"), [(25, 3), (60, 7), (60, 400)])
def test_equals_the_definition_in_a_town_with_heaps(eps, reach):
    rng = np.random.default_rng(1)
    town = np.concatenate([rng.normal(ORIGIN + 500 * k, 20 * (k + 1), (200, 2)) for k in range(4)])
    heap = np.tile(ORIGIN + 40, (400, 1)) + np.repeat([[0, 0], [61, 0]], 200, axis=0)
    xy = np.concatenate([town, heap])
    days = rng.integers(0, 365, len(xy)).astype(float)
    labels = st_dbscan(xy, days, eps=eps, reach=reach, min_samples=6)
    expected = by_definition(xy, days, eps, reach, 6)
    assert len(partition(expected)) > 1
    assert partition(labels) == partition(expected)


@settings(deadline=None, max_examples=50)
@given(events(), st.sampled_from([10.0, 20.0, 35.0]), st.integers(2, 8))
def test_without_differences_in_time_it_is_dbscan(report, eps, min_samples):
    xy, days = report
    labels = st_dbscan(xy, days * 0, eps=eps, reach=1, min_samples=min_samples)
    plain = dbscan(xy, eps, min_samples)
    np.testing.assert_array_equal(labels == -1, plain == -1)
    assert len(partition(labels)) == len(partition(plain))


@settings(deadline=None, max_examples=60)
@given(events(), st.randoms(use_true_random=False))
def test_the_order_of_the_input_plays_no_part(report, random):
    xy, days = report
    keys = [int(index % 7) for index in range(len(xy))]
    order = list(range(len(xy)))
    random.shuffle(order)
    limits = {"eps": 20, "days": 2, "min_size": 4, "min_places": 2}
    first = cluster_space_time(xy, days, **limits, places=keys)
    second = cluster_space_time(xy[order], days[order], **limits, places=[keys[index] for index in order])
    moved = [sorted(order[index] for index in cluster.members) for cluster in second.clusters]
    assert moved == [cluster.members.tolist() for cluster in first.clusters]


@settings(deadline=None, max_examples=40)
@given(events(), st.integers(-200, 200), st.integers(-200, 200), st.integers(-20_000, 20_000))
def test_moving_everything_moves_nothing(report, east, north, later):
    xy, days = np.round(report[0]), np.round(report[1])
    limits = {"eps": 20, "days": 2, "min_size": 4, "min_places": 1}
    first = cluster_space_time(xy, days, **limits)
    second = cluster_space_time(xy + np.array([east, north]) * 10.0, days + later, **limits)
    np.testing.assert_array_equal(first.labels, second.labels)


def test_the_same_place_at_another_time_is_another_cluster():
    rng = np.random.default_rng(0)
    xy = rng.normal(ORIGIN, 15, (60, 2))
    days = np.concatenate([rng.uniform(10, 14, 25), rng.uniform(100, 104, 35)])
    found = cluster_space_time(xy, days, eps=50, days=5)
    assert isinstance(found, PointClusters)
    assert [cluster.n for cluster in found.clusters] == [35, 25]
    assert [(cluster.start, cluster.end) for cluster in found.clusters] == [
        (days[25:].min(), days[25:].max()),
        (days[:25].min(), days[:25].max()),
    ]
    np.testing.assert_array_equal(found.start, [cluster.start for cluster in found.clusters])
    np.testing.assert_array_equal(found.end, [cluster.end for cluster in found.clusters])
    assert len(cluster_space_time(xy, days, eps=50, days=100).clusters) == 1


def test_moments_come_back_as_they_came_in():
    xy = np.random.default_rng(0).normal(ORIGIN, 10, (20, 2))
    moments = np.datetime64("2026-05-18T23:30") + np.arange(20) * np.timedelta64(6, "h")
    for given_ in (moments, pd.Series(moments, index=range(100, 120)), list(moments)):
        cluster = cluster_space_time(xy, given_, eps=50, days=2).clusters[0]
        assert (cluster.start, cluster.end) == (moments[0], moments[-1])
        assert isinstance(cluster.start, np.datetime64)
    whole = cluster_space_time(xy, list(range(20)), eps=50, days=5).clusters[0]
    assert (whole.start, whole.end) == (0, 19)


def test_limits_are_inclusive_in_days_with_a_clock_time():
    xy = np.tile(ORIGIN, (4, 1)) + np.array([[0, 0], [30, 40], [60, 80], [90, 120]])
    moments = np.datetime64("2026-03-01T10:13:37") + np.arange(4) * np.timedelta64(3, "D")
    chain = cluster_space_time(xy, moments, eps=50, days=3, min_size=2, min_places=1)
    assert [cluster.n for cluster in chain.clusters] == [4]
    assert not cluster_space_time(xy, moments, eps=50, days=2.99, min_size=2, min_places=1).clusters
    assert not cluster_space_time(xy, moments, eps=49.99, days=3, min_size=2, min_places=1).clusters


def test_one_caller_is_never_a_cluster():
    rng = np.random.default_rng(0)
    caller = np.tile(ORIGIN, (40, 1))
    crowd = rng.normal(ORIGIN + 2000, 15, (40, 2))
    xy, days = np.concatenate([caller, crowd]), rng.uniform(0, 10, 80)
    found = cluster_space_time(xy, days, eps=50, days=14)
    assert [cluster.members.tolist() for cluster in found.clusters] == [list(range(40, 80))]
    assert cluster_space_time(xy, days, eps=50, days=14, places=["een"] * 80).clusters == ()


def test_what_the_clusters_tell():
    xy = np.random.default_rng(0).normal(ORIGIN, 10, (30, 2))
    days = np.zeros(30)
    before = xy.copy(), days.copy()
    found = cluster_space_time(xy, days, eps=50, days=14)
    np.testing.assert_array_equal(xy, before[0])
    np.testing.assert_array_equal(days, before[1])
    assert found.eps == 50
    assert found.parameters == {"method": "st_dbscan", "eps": 50, "days": 14, "min_size": 10, "min_places": 5}
    assert found.uitleg.startswith("1 plek gevonden waar minstens 10 meldingen")
    assert "binnen ongeveer 50 meter en 14 dagen van elkaar" in found.uitleg
    assert "50 meter en 1 dag van" in cluster_space_time(xy, days, eps=50, days=1).uitleg


@pytest.mark.parametrize("n", [0, 1, 9])
def test_too_few_reports_give_no_clusters(n):
    found = cluster_space_time(np.tile(ORIGIN, (n, 1)), np.zeros(n), eps=50, days=7, min_places=1)
    assert found.clusters == ()
    assert found.start.shape == (0,)
    np.testing.assert_array_equal(found.labels, [-1] * n)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"eps": 0}, "eps"),
        ({"eps": np.nan}, "eps"),
        ({"eps": 1e-9}, "too small"),
        ({"days": 0}, "days"),
        ({"days": -3.0}, "days"),
        ({"days": np.inf}, "days"),
        ({"min_size": 1}, "min_size"),
        ({"min_places": 0}, "min_places"),
        ({"t": [0.0] * 19}, "20 points for 19 times"),
        ({"t": [np.nan] * 20}, "times"),
        ({"t": np.array(["NaT"] * 20, "datetime64[D]")}, "NaT"),
        ({"xy": [[6.89, 52.22]] * 20}, "degrees"),
        ({"places": ["a"]}, "1 keys for 20 points"),
    ],
)
def test_senseless_input_is_refused(wrong, words):
    xy = np.random.default_rng(0).normal(ORIGIN, 10, (20, 2))
    with pytest.raises(ValueError, match=words):
        cluster_space_time(**{"xy": xy, "t": np.zeros(20), "eps": 50, "days": 7} | wrong)
