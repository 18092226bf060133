"""Near-repeat: the published Knox test, exact expectations, and no alarm from coverage alone."""

import geopandas
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from libpysal import examples
from scipy.stats import binom, poisson

from analysis.repeat import knox, knox_bands

ORIGIN = np.array([257_000.0, 471_000.0])


@pytest.fixture(scope="module")
def burkitt():
    """188 cases of Burkitt's lymphoma in Uganda: places in an arbitrary unit, days."""
    table = geopandas.read_file(examples.get_path("burkitt.shp"))
    return table[["X", "Y"]].to_numpy(), table["T"].to_numpy()


def reports(n, seed, days=200, wide=1000):
    rng = np.random.default_rng(seed)
    return rng.uniform(0, wide, (n, 2)) + ORIGIN, rng.integers(0, days, n)


def pairs(xy, days):
    """Distance in place and time of each pair of reports."""
    one, other = np.triu_indices(len(xy), 1)
    return np.hypot(*(xy[one] - xy[other]).T), np.abs(days[one] - days[other])


def near_repeats(n, seed, share=0.4):
    """Reports of which a share brings another one within 50 m and a week."""
    rng = np.random.default_rng(seed)
    xy, days = rng.uniform(0, 3000, (n, 2)) + ORIGIN, rng.integers(0, 365, n)
    again = rng.permutation(n)[: int(n * share)]
    follow = xy[again] + rng.uniform(-35, 35, (len(again), 2)), days[again] + rng.integers(0, 7, len(again))
    return np.concatenate([xy, follow[0]]), np.concatenate([days, follow[1]])


def gap_world(seed, n=80):
    """Two neighbourhoods without any near-repeat, of which the second is covered in its last weeks only."""
    rng = np.random.default_rng(seed)
    xy = rng.uniform(0, 300, (2 * n, 2)) + np.repeat([[0, 0], [2000, 0]], n, axis=0) + ORIGIN
    days = np.concatenate([rng.integers(0, 365, n), rng.integers(300, 365, n)])
    return xy, days, np.repeat(["heel jaar", "eind van het jaar"], n)


def test_burkitt_as_published(burkitt):
    result = knox(*burkitt, distance=20, days=5)
    assert result.observed == 13
    np.testing.assert_array_equal(result.table, [[13, 3416], [39, 14110]])
    assert result.expected == pytest.approx(10.1438, abs=5e-5)
    assert result.p_poisson == pytest.approx(0.22227, abs=5e-6)
    assert result.p_value == pytest.approx(0.205, abs=0.04)
    assert knox(*burkitt, distance=20, days=5, n_sim=9_999).p_value == pytest.approx(0.205, abs=0.012)


def test_the_limits_are_inclusive(burkitt):
    # 25 pairs of burkitt are exactly 20 apart.
    assert knox(*burkitt, distance=20, days=5, n_sim=9).table[0].sum() == 3429
    assert knox(*burkitt, distance=19.999, days=5, n_sim=9).table[0].sum() == 3404
    xy = ORIGIN + np.array([[0, 0], [30.3, 40.4], [1000, 0]])
    moments = np.array(["2026-03-01T10:13:37", "2026-03-04T10:13:37", "2026-03-04"], "datetime64[s]")
    assert knox(xy, moments, distance=50.5, days=3, n_sim=9).observed == 1
    assert knox(xy, moments, distance=50.49, days=3, n_sim=9).observed == 0
    assert knox(xy, moments, distance=50.5, days=2.9999, n_sim=9).observed == 0
    assert knox(xy * 0.001, moments, distance=0.0505, days=3, n_sim=9).observed == 1


@settings(deadline=None, max_examples=60)
@given(st.integers(2, 80), st.integers(0, 1000), st.sampled_from([0.0, 7.0, 60.0, 400.0]), st.sampled_from([0, 1, 6.5]),
       st.booleans())  # fmt: skip
def test_counts_equal_the_definition(n, seed, distance, reach, with_clock):
    xy, days = reports(n, seed, days=30, wide=300)
    xy = np.round(xy, -1)
    days = days + np.random.default_rng(seed).random(n) if with_clock else days
    apart, late = pairs(xy, days)
    near, soon = apart <= distance, late <= reach
    result = knox(xy, days, distance=distance, days=reach, n_sim=9)
    counts = [[(near & soon).sum(), (near & ~soon).sum()], [(~near & soon).sum(), (~near & ~soon).sum()]]
    np.testing.assert_array_equal(result.table, counts)
    assert result.observed == counts[0][0]
    assert result.expected == pytest.approx(near.sum() * soon.sum() / len(near))
    assert result.p_poisson == pytest.approx(poisson.sf(result.observed - 1, result.expected))


@settings(deadline=None, max_examples=40)
@given(st.integers(2, 80), st.integers(0, 1000))
def test_bands_share_out_the_pairs(n, seed):
    xy, days = reports(n, seed, days=60, wide=400)
    distances, limits = [0, 50, 120, 300], [2, 7, 30.5]
    table = knox_bands(xy, days, distances=distances, days=limits, n_sim=9)
    apart, late = pairs(xy, days)
    place, time = np.searchsorted(distances, apart), np.searchsorted(limits, late)
    expected = np.zeros((5, 4))
    np.add.at(expected, (place, time), 1)
    np.testing.assert_array_equal(table.observed, expected[:4, :3])
    chance = expected.sum(axis=1)[:4, None] * expected.sum(axis=0)[:3] / len(apart)
    np.testing.assert_allclose(table.expected, chance)
    assert ((table.p_value >= 0.1) & (table.p_value <= 1)).all()
    assert (table.p_adjusted >= table.p_value.min() - 1e-12).all()


def test_one_band_is_the_knox_test(burkitt):
    one = knox(*burkitt, distance=20, days=5, n_sim=199, seed=4)
    table = knox_bands(*burkitt, distances=[20], days=[5], n_sim=199, seed=4)
    assert table.observed.tolist() == [[13]]
    assert table.expected[0, 0] == one.expected
    assert table.p_value[0, 0] == table.p_adjusted[0, 0] == one.p_value


def test_strata_give_the_exact_expectation():
    xy, days, strata = gap_world(0, n=5)
    rng = np.random.default_rng(1)
    found = []
    for _ in range(4000):
        shuffled = days.copy()
        for key in set(strata):
            shuffled[strata == key] = rng.permutation(days[strata == key])
        apart, late = pairs(xy, shuffled)
        found.append(int(((apart <= 250) & (late <= 40)).sum()))
    result = knox(xy, days, distance=250, days=40, strata=strata, n_sim=9)
    assert result.expected == pytest.approx(np.mean(found), abs=4 * np.std(found) / np.sqrt(4000))
    naive = knox(xy, days, distance=250, days=40, n_sim=9)
    assert naive.observed == result.observed
    assert naive.expected < result.expected - 1


def test_a_stratum_of_one_keeps_its_moment():
    xy, days = reports(30, 0)
    result = knox(xy, days, distance=400, days=50, strata=range(30), n_sim=19)
    assert result.expected == result.observed
    assert result.p_value == 1


def test_coverage_alone_brings_no_repeat():
    naive = [knox(*gap_world(seed)[:2], distance=100, days=14, n_sim=99).p_value for seed in range(20)]
    told = [
        knox(xy, days, distance=100, days=14, n_sim=99, strata=strata).p_value
        for xy, days, strata in map(gap_world, range(20))
    ]
    assert (np.array(naive) <= 0.05).all()
    assert (np.array(told) <= 0.05).sum() <= 4


@pytest.mark.parametrize("with_gap", [False, True])
@pytest.mark.parametrize("worlds", [100, pytest.param(1000, marks=pytest.mark.proof)])
def test_false_alarms_are_as_rare_as_they_say(worlds, with_gap):
    alarms, table_alarms = 0, 0
    for seed in range(worlds):
        xy, days, strata = gap_world(seed)
        if not with_gap:
            days, strata = np.random.default_rng(seed).integers(0, 365, len(days)), None
        alarms += knox(xy, days, distance=100, days=20, n_sim=99, seed=seed, strata=strata).p_value <= 0.05
        edges = {"distances": [50, 100, 150], "days": [7, 14, 28]}
        table_alarms += (knox_bands(xy, days, **edges, seed=seed, strata=strata).p_adjusted <= 0.05).any()
    low, high = binom.ppf([0.001, 0.999], worlds, 0.05)
    assert low <= alarms <= high
    assert low <= table_alarms <= high


def test_planted_near_repeats_are_found_where_they_are():
    for seed in range(5):
        xy, days = near_repeats(400, seed)
        assert knox(xy, days, distance=50, days=7).p_value == 0.001
        table = knox_bands(xy, days, distances=[50, 100, 200], days=[7, 14, 28], seed=seed)
        assert table.p_adjusted[0, 0] == 0.01
        assert table.ratio[0, 0] > 10
        assert (table.p_adjusted[1:] > 0.05).all()


@settings(deadline=None, max_examples=30)
@given(st.integers(3, 60), st.integers(0, 1000))
def test_the_order_of_the_input_plays_no_part(n, seed):
    xy, days = reports(n, seed, days=40, wide=300)
    strata = np.array(["a", "b", "c"])[np.arange(n) % 3]
    order = np.random.default_rng(seed).permutation(n)
    first = knox_bands(xy, days, distances=[50, 150], days=[3, 9], n_sim=19, strata=strata)
    second = knox_bands(xy[order], days[order], distances=[50, 150], days=[3, 9], n_sim=19, strata=strata[order])
    pd.testing.assert_frame_equal(first.to_frame(), second.to_frame())


@settings(deadline=None, max_examples=30)
@given(st.integers(3, 60), st.integers(0, 1000), st.integers(-10_000, 10_000), st.sampled_from([0.001, 0.3048, 1000]))
def test_another_origin_or_unit_changes_nothing(n, seed, move, unit):
    xy, days = reports(n, seed, days=40, wide=300)
    xy = np.round(xy, -1)
    first = knox_bands(xy, days, distances=[50, 150], days=[3, 9], n_sim=19)
    for moved in (xy + 10.0 * move, xy * unit):
        edges = np.array([50, 150]) * (unit if moved[0, 0] != xy[0, 0] + 10.0 * move else 1)
        second = knox_bands(moved, days + move, distances=edges, days=[3, 9], n_sim=19)
        np.testing.assert_array_equal(first.observed, second.observed)
        np.testing.assert_array_equal(first.p_value, second.p_value)


def test_moments_are_days_whatever_their_type():
    xy, days = reports(60, 3)
    first = knox(xy, days, distance=200, days=20, n_sim=49)
    dates = np.datetime64("2026-01-01") + days * np.timedelta64(1, "D")
    for times in (days.tolist(), days + 0.25, dates, pd.Series(dates), dates + np.timedelta64(613, "m")):
        again = knox(xy.tolist(), times, distance=200, days=20, n_sim=49)
        assert (again.table.tolist(), again.p_value) == (first.table.tolist(), first.p_value)


def test_threads_do_not_change_the_outcome(monkeypatch):
    rng = np.random.default_rng(0)
    xy, days = rng.normal(0, 200, (3000, 2)), rng.uniform(0, 100, 3000)
    monkeypatch.setattr("analysis.repeat_counts._WORTH_THREADS", 0)
    outcomes = []
    for threads in (1, 2, 5):
        monkeypatch.setattr("analysis.repeat_counts.get_num_threads", lambda threads=threads: threads)
        outcomes.append(knox_bands(xy, days, distances=[20, 40], days=[3.5, 7], n_sim=70, seed=5).to_frame())
    pd.testing.assert_frame_equal(outcomes[0], outcomes[1])
    pd.testing.assert_frame_equal(outcomes[0], outcomes[2])
    apart, late = pairs(xy, days)
    assert outcomes[2]["observed"].sum() == ((apart <= 40) & (late <= 7)).sum()


def test_another_seed_is_another_draw_and_the_same_seed_the_same():
    xy, days = reports(100, 1)
    values = [knox(xy, days, distance=100, days=20, n_sim=199, seed=seed).p_value for seed in (1, 1, 2, 3)]
    assert values[0] == values[1]
    assert len(set(values)) > 1


@pytest.mark.parametrize("n", [0, 1])
def test_without_pairs_nothing_is_found(n):
    xy, days = np.tile(ORIGIN, (n, 1)), np.zeros(n)
    result = knox(xy, days, distance=100, days=7)
    assert (result.observed, result.expected, result.p_value, result.p_poisson) == (0, 0, 1, 1)
    assert np.isnan(result.ratio)
    assert "niet aan te tonen" in result.uitleg
    table = knox_bands(xy, days, distances=[50, 100], days=[7], n_sim=9)
    assert table.p_adjusted.tolist() == table.p_value.tolist() == [[1], [1]]


def test_all_at_one_place_and_moment():
    result = knox(np.tile(ORIGIN, (30, 1)), np.zeros(30), distance=0, days=0)
    assert (result.observed, result.expected, result.p_value) == (435, 435, 1)
    far = knox([[0, 0], [1e6, 1e6], [1e6, 1e6]], [0, 5, 5], distance=0, days=0, n_sim=9)
    assert far.table.tolist() == [[1, 0], [0, 2]]


def test_the_callers_arrays_stay_as_they_are():
    xy, days = reports(40, 0)
    before = xy.copy(), days.copy()
    knox_bands(xy, days, distances=[100], days=[7], strata=np.arange(40) % 2)
    np.testing.assert_array_equal(xy, before[0])
    np.testing.assert_array_equal(days, before[1])


def test_what_the_results_tell(burkitt):
    calm = knox(*burkitt, distance=20, days=5)
    assert calm.uitleg.startswith("Het is niet aan te tonen dat een melding er binnen 20 meter en binnen 5 dagen ")
    assert calm.parameters == {"distance": 20, "days": 5, "n_sim": 999, "seed": 0, "strata": 1}
    found = knox(*near_repeats(400, 0), distance=50, days=7)
    assert found.uitleg.startswith("Een melding brengt er binnen 50 meter en binnen 7 dagen vaker dan verwacht nog een")
    assert "niet waardoor" in found.uitleg
    assert found.ratio == found.observed / found.expected


def test_what_the_table_tells(burkitt):
    table = knox_bands(*near_repeats(400, 0), distances=[0, 50, 100], days=[7, 14])
    assert table.uitleg.startswith("Een melding brengt er binnen 50 meter en binnen 7 dagen vaker dan verwacht nog een")
    assert "1 van 6 combinaties" in table.uitleg
    assert "kan de kans op toeval niet kleiner uitkomen dan 1 op de 100" in table.uitleg
    frame = table.to_frame()
    assert frame[["distance", "days"]].to_numpy().tolist() == [[0, 7], [0, 14], [50, 7], [50, 14], [100, 7], [100, 14]]
    np.testing.assert_array_equal(frame["observed"], table.observed.ravel())
    assert np.isnan(frame["ratio"][0])
    assert table.parameters["distances"] == [0, 50, 100]
    calm = knox_bands(*burkitt, distances=[10, 20], days=[5])
    assert calm.uitleg.startswith("Bij geen van 2 combinaties van afstand en tijd is aan te tonen")


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"distances": []}, "distances"),
        ({"distances": [100, 50]}, "increasing"),
        ({"distances": [-1, 50]}, "below zero"),
        ({"days": [7, 7]}, "increasing"),
        ({"days": [np.inf]}, "finite"),
        ({"days": 7}, "one or more"),
        ({"n_sim": 0}, "n_sim"),
        ({"t": [0] * 19}, "20 points for 19 times"),
        ({"t": [np.nan] * 20}, "times"),
        ({"xy": [[np.nan, 0]] * 20}, "finite"),
        ({"xy": [0] * 20}, "shape"),
        ({"strata": ["a"]}, "1 keys for 20 points"),
        ({"strata": ["a", None] * 10}, "missing"),
    ],
)
def test_senseless_input_is_refused(wrong, words):
    xy, days = reports(20, 0)
    with pytest.raises(ValueError, match=words):
        knox_bands(**{"xy": xy, "t": days, "distances": [50], "days": [7]} | wrong)


def test_too_many_strata_are_refused():
    with pytest.raises(ValueError, match="1001 different keys"):
        knox(np.zeros((1001, 2)), np.zeros(1001), distance=1, days=1, strata=range(1001))
