"""The scan against published figures and against every window counted out by hand."""

import geopandas as gpd
import numba
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from libpysal.examples import get_path

from analysis.scan import gini_max_share, space_time_scan, spatial_scan
from tests.analysis.worlds import null_world, planted_world


@pytest.fixture(scope="module")
def sids():
    return gpd.read_file(get_path("sids2.shp"))


def scan_sids(sids, **options):
    centroids = sids.geometry.centroid
    return spatial_scan(sids["SID74"], sids["BIR74"], np.column_stack([centroids.x, centroids.y]), **options)


def names(sids, cluster):
    return set(sids["NAME"].iloc[cluster.members])


def test_north_carolina_sudden_infant_deaths_half_of_the_population(sids):
    found = scan_sids(sids)
    first, second, third = found.clusters[:3]
    assert (len(first.members), first.cases, round(first.expected, 2)) == (43, 397, 329.24)
    assert first.relative_risk == pytest.approx((397 / first.expected) / (270 / (667 - first.expected)))
    assert (names(sids, second), second.cases, round(second.expected, 2)) == ({"Anson"}, 15, 3.17)
    assert names(sids, third) == {"Rutherford"}
    for cluster, llr in zip(found.clusters, (13.839624, 11.577076, 2.296866), strict=False):
        assert cluster.llr == pytest.approx(llr, abs=1e-6)
    assert first.p_value == 0.001
    assert second.p_value <= 0.003
    assert third.p_value > 0.9


def test_north_carolina_sudden_infant_deaths_a_tenth_of_the_population(sids):
    first, second, third = scan_sids(sids, max_share=0.1).clusters[:3]
    assert names(sids, first) == {"Northampton", "Halifax", "Hertford", "Edgecombe", "Bertie"}
    assert names(sids, second) == {"Scotland", "Hoke", "Richmond", "Robeson", "Moore", "Anson"}
    assert names(sids, third) == {"Bladen", "Columbus"}
    assert [(one.cases, round(one.expected, 2)) for one in (first, second, third)] == [
        (50, 23.17),
        (70, 37.62),
        (23, 10.37),
    ]
    for cluster, llr in zip((first, second, third), (12.195440, 11.931900, 5.808513), strict=True):
        assert cluster.llr == pytest.approx(llr, abs=1e-6)
    assert first.start is first.end is first.recurrence_interval is None


def test_a_table_worked_out_by_hand():
    # 10 of 20 cases among a fifth of the people: 10 ln(10/4) + 10 ln(10/16)
    found = spatial_scan([10, 4, 2, 4], [10, 20, 10, 10], [[0, 0], [10, 0], [20, 0], [31, 0]], max_share=0.2)
    assert found.clusters[0].members.tolist() == [0]
    assert found.clusters[0].expected == pytest.approx(4)
    assert found.clusters[0].llr == pytest.approx(10 * np.log(10 / 4) + 10 * np.log(10 / 16))
    assert found.clusters[0].relative_risk == pytest.approx(4)


def ratio(cases, expected, total):
    if cases <= expected:
        return 0.0
    outside = (total - cases) * np.log((total - cases) / (total - expected)) if total > cases else 0.0
    return cases * np.log(cases / expected) + outside


def best_by_hand(cases, expected, weights, xy, limits, spans):
    """The highest ratio of all windows, each counted out on its own; limits: share and radius."""
    highest = 0.0
    for centre in range(len(xy)):
        away = np.round(np.hypot(*(xy - xy[centre]).T), 6)
        for radius in np.unique(away[away <= limits[1]]):
            zone = away <= radius
            if weights[zone].sum() > limits[0] * weights.sum() * (1 + 1e-12):
                continue
            for start, end in spans:
                inside = np.ix_(zone, range(start, end + 1))
                highest = max(highest, ratio(cases[inside].sum(), expected[inside].sum(), cases.sum()))
    return highest


@st.composite
def tables(draw):
    """Small tables on a raster, so with many ties, duplicates, empty places and gaps."""
    n, periods = draw(st.integers(1, 9)), draw(st.integers(1, 6))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    population = rng.integers(0, 5, n) * draw(st.sampled_from([1.0, 0.3, 1000.0]))
    people = np.repeat(population[:, None], periods, axis=1)
    cases = rng.poisson(rng.gamma(0.5, 3, people.shape)) * (people > 0)
    covered = rng.random(cases.shape) < draw(st.sampled_from([1.0, 0.7]))
    return cases, people, rng.integers(0, 4, (n, 2)) * 100.0, covered


limits = st.tuples(st.sampled_from([0.1, 0.5, 1.0]), st.sampled_from([100.0, 250.0, np.inf]))


def llr_of(found):
    return found.clusters[0].llr if found.clusters else 0.0


def radius_of(limit):
    return None if limit[1] == np.inf else limit[1]


@settings(deadline=None, max_examples=150)
@given(tables(), limits)
def test_spatial_equals_every_circle_by_hand(table, limit):
    cases, people, xy, covered = (part if k == 2 else part[:, :1] for k, part in enumerate(table))
    found = spatial_scan(
        cases[:, 0], people[:, 0], xy, max_share=limit[0], max_radius=radius_of(limit), n_sim=1, covered=covered[:, 0]
    )
    known = covered[:, 0]
    cases, people, xy = cases[known], people[known], xy[known]
    expected = people * (cases.sum() / max(people.sum(), 1e-300))
    by_hand = best_by_hand(cases, expected, people[:, 0], xy, limit, [(0, 0)])
    assert llr_of(found) == pytest.approx(by_hand, abs=1e-7)


@settings(deadline=None, max_examples=200)
@given(tables(), limits, st.booleans(), st.sampled_from(["poisson", "permutation"]), st.integers(1, 6))
def test_space_time_equals_every_cylinder_by_hand(table, limit, prospective, model, longest):
    cases, people, xy, covered = table
    periods = cases.shape[1]
    options = {"max_share": limit[0], "max_radius": radius_of(limit), "max_duration": longest, "n_sim": 1}
    found = space_time_scan(
        cases,
        people if model == "poisson" else None,
        xy,
        model=model,
        prospective=prospective,
        covered=covered,
        **options,
    )
    cases, people = cases * covered, people * covered
    expected = np.zeros(cases.shape)
    if model == "poisson":
        expected, weights = people * (cases.sum() / max(people.sum(), 1e-300)), people.sum(axis=1)
    else:
        weights = cases.sum(axis=1)
        for row in range(len(cases)):
            alike = cases[(covered == covered[row]).all(axis=1)]
            expected[row] = weights[row] * alike.sum(axis=0) / max(alike.sum(), 1)
    ends = [periods - 1] if prospective else range(periods)
    spans = [(start, end) for end in ends for start in range(max(0, end - longest + 1), end + 1)]
    assert llr_of(found) == pytest.approx(best_by_hand(cases, expected, weights, xy, limit, spans), abs=1e-7)
    for cluster in found.clusters:
        inside = np.ix_(cluster.members, range(cluster.start, cluster.end + 1))
        assert cluster.cases == cases[inside].sum()
        assert cluster.expected == pytest.approx(expected[inside].sum())
        assert cluster.llr == pytest.approx(ratio(cluster.cases, cluster.expected, cases.sum()), abs=1e-7)
        assert covered[inside].any(axis=1).all()
    members = [member for cluster in found.clusters for member in cluster.members.tolist()]
    assert len(members) == len(set(members))


def as_seen(found, order=None):
    return [
        (
            sorted(one.members.tolist() if order is None else [order[member] for member in one.members]),
            one.cases,
            round(one.llr, 6),
            one.p_value,
            one.start,
            one.end,
        )
        for one in found.clusters
    ]


@settings(deadline=None, max_examples=15)
@given(st.integers(0, 1000), st.randoms(use_true_random=False), st.sampled_from(["poisson", "permutation"]))
def test_order_place_and_unit_play_no_part(seed, random, model):
    world = null_world(seed, periods=6, gap=True)
    order = list(range(70))
    random.shuffle(order)

    def scan(rows, xy, times=1.0):
        people = times * world.population[rows] if model == "poisson" else None
        return space_time_scan(
            world.cases[rows], people, xy[rows], model=model, n_sim=39, covered=world.covered[rows], max_radius=None
        )

    first = as_seen(scan(slice(None), world.xy))
    assert as_seen(scan(order, world.xy), order) == first
    assert as_seen(scan(slice(None), world.xy + np.array([257_000.0, 471_000.0]))) == first
    assert as_seen(scan(slice(None), world.xy / 1000, times=0.001)) == first


@pytest.mark.parametrize("model", ["poisson", "permutation"])
def test_equal_seeds_give_equal_results_on_one_and_two_threads(monkeypatch, model):
    world = planted_world(1, periods=8)
    people = world.population if model == "poisson" else None
    seen = []
    for threads in (1, 2):
        monkeypatch.setattr(numba.config, "NUMBA_NUM_THREADS", threads)
        for seed in (5, 6):
            seen.append(as_seen(space_time_scan(world.cases, people, world.xy, model=model, n_sim=199, seed=seed)))
    assert seen[0] == seen[2]
    assert seen[1] == seen[3]
    assert seen[0] != seen[1]


def test_duplicate_points_enter_together():
    xy = [[0, 0], [0, 0], [0, 0], [500, 0], [1000, 0]]
    found = spatial_scan([9, 0, 0, 2, 2], [1, 1, 1, 5, 5], xy)
    assert found.clusters[0].members.tolist() == [0, 1, 2]
    # together they are over the limit, so the one with the cases cannot be a window on its own
    assert 0 not in [
        member
        for one in spatial_scan([9, 0, 0, 2, 2], [1, 1, 1, 5, 5], xy, max_share=0.2).clusters
        for member in one.members
    ]


def test_limits_are_inclusive():
    xy = 257_000.1 + np.array([[0.0, 0], [300, 0], [600, 0], [5000, 0], [5300, 0]])
    cases, people = [9, 9, 9, 1, 1], [10, 10, 10, 10, 10]
    assert spatial_scan(cases, people, xy, max_share=0.6).clusters[0].members.tolist() == [0, 1, 2]
    assert len(spatial_scan(cases, people, xy, max_share=0.599).clusters[0].members) == 2
    assert spatial_scan(cases, people, xy, max_share=1, max_radius=300).clusters[0].members.tolist() == [0, 1, 2]
    assert len(spatial_scan(cases, people, xy, max_share=1, max_radius=299.9).clusters[0].members) == 1


def test_lists_series_and_frames_are_arrays_too():
    world = planted_world(3)
    arrays = spatial_scan(world.cases, world.population, world.xy, n_sim=19)
    others = spatial_scan(pd.Series(world.cases), world.population.tolist(), pd.DataFrame(world.xy), n_sim=19)
    assert as_seen(arrays) == as_seen(others)


def test_a_scan_stops_when_more_simulations_would_not_change_the_decision():
    world = null_world(8)
    found = spatial_scan(world.cases, world.population, world.xy)
    run = found.parameters["n_sim_run"]
    assert run < found.parameters["n_sim"] == 999
    assert found.clusters[0].p_value == 50 / run
    longer = spatial_scan(world.cases, world.population, world.xy, n_sim=9_999)
    assert longer.parameters["n_sim_run"] > run
    assert longer.clusters[0].p_value == pytest.approx(50 / run, abs=0.15)
    assert [one.p_value for one in found.clusters] == sorted(one.p_value for one in found.clusters)


def test_gini_chooses_small_windows_for_small_clusters():
    world = planted_world(2, expected=150, risk=3)
    chosen = gini_max_share(world.cases, world.population, world.xy, n_sim=99)
    assert chosen.shares.shape == chosen.gini.shape == (15,)
    assert chosen.gini.max() == chosen.gini[chosen.shares == chosen.max_share][0]
    share = world.population[world.planted].sum() / world.population.sum()
    # one cluster, found exactly: its triangle in the Lorenz curve is its share of the cases minus that of the people
    inside = world.cases[world.planted].sum() / world.cases.sum()
    assert chosen.gini.max() == pytest.approx(inside - share, abs=0.03)
    nothing = gini_max_share(*[getattr(null_world(8), name) for name in ("cases", "population", "xy")], n_sim=99)
    assert nothing.max_share == 0.5
    assert not nothing.gini.any()
    assert "geen enkele grens" in nothing.uitleg
    assert "Gini 0," in chosen.uitleg


def test_variation_changes_the_chances_and_nothing_else():
    world = planted_world(3, expected=60)
    plain = spatial_scan(world.cases, world.population, world.xy, n_sim=99)
    wide = spatial_scan(world.cases, world.population, world.xy, n_sim=99, variation=0.05)
    assert [(c.members.tolist(), c.cases, c.llr) for c in wide.clusters] == [
        (c.members.tolist(), c.cases, c.llr) for c in plain.clusters
    ]
    assert all(w.p_value >= p.p_value for w, p in zip(wide.clusters, plain.clusters, strict=True))
    assert sum(c.p_value for c in wide.clusters) > sum(c.p_value for c in plain.clusters)
    again = spatial_scan(world.cases, world.population, world.xy, n_sim=99, variation=0.05)
    assert [c.p_value for c in again.clusters] == [c.p_value for c in wide.clusters]


@pytest.mark.parametrize("variation", [-0.1, np.nan, np.inf])
def test_a_variation_that_makes_no_sense_is_refused(variation):
    with pytest.raises(ValueError, match="variation"):
        spatial_scan([1, 2], [10, 10], [[0, 0], [1, 0]], variation=variation)
