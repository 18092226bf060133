"""Rates: the published figures, an interval that holds what it says, and areas of which nothing is known."""

import geopandas as gpd
import libpysal
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chi2

from analysis.neighbours import contiguity, within
from analysis.rates import direct, empirical_bayes, standardised_ratio, usual_variation

COUNTS = st.lists(st.tuples(st.integers(0, 60), st.integers(1, 5000)), min_size=1, max_size=25)


@pytest.fixture(scope="module")
def sids():
    return gpd.read_file(libpysal.examples.get_path("sids2.shp"))


def raster(k):
    return within(np.argwhere(np.ones((k, k))) * 1.0, 1.5)


def assert_same(first, second, at=slice(None)):
    for name in ("rate", "low", "high"):
        np.testing.assert_allclose(getattr(first, name)[at], getattr(second, name), rtol=1e-12, err_msg=name)


def test_global_empirical_bayes_gives_the_published_rates(sids):
    found = empirical_bayes(sids.SID74, sids.BIR74)
    np.testing.assert_array_equal(np.round(found.rate[:5], 7), [0.0016973, 0.0017054, 0.0017731, 0.0020129, 0.0035349])


@pytest.mark.parametrize(
    ("year", "expected"),
    [
        (
            "74",
            "00099223 0012639 00097403 00076046 00501539 004765 00140252 00238521 00356267 00117308",
        ),
        (
            "79",
            "0007436 00229167 00153417 00223314 00298703 00265299 00246975 00211098 00194285 00153679",
        ),
    ],
)
@pytest.mark.parametrize("scale", ["binary", "rows"])
def test_spatial_empirical_bayes_gives_the_rates_of_esda(sids, year, expected, scale):
    weights = contiguity(sids.geometry)
    if scale == "rows":
        weights = weights / weights.sum(axis=1)[:, None]
    found = empirical_bayes(sids[f"SID{year}"], sids[f"BIR{year}"], weights=weights)
    np.testing.assert_allclose(found.rate[:10], [float(f"0.{digits}") for digits in expected.split()], atol=5e-9)


def test_direct_rates_have_garwoods_interval():
    found = direct([0, 1, 10], [1, 1, 1])
    np.testing.assert_allclose(found.rate, [0, 1, 10])
    np.testing.assert_allclose(found.low, [0, 0.02532, 4.79539], atol=1e-5)
    np.testing.assert_allclose(found.high, [3.68888, 5.57164, 18.39036], atol=1e-5)
    counts = np.arange(1, 300)
    narrow = direct(counts, np.full(299, 1000), level=0.8)
    np.testing.assert_allclose(narrow.low, chi2.ppf(0.1, 2 * counts) / 2000)
    np.testing.assert_allclose(narrow.high, chi2.ppf(0.9, 2 * counts + 2) / 2000)


@pytest.mark.parametrize("expected", [0.7, 4.0, 30.0])
def test_garwoods_interval_holds_the_truth_at_least_as_often_as_it_says(expected):
    drawn = np.random.default_rng(1).poisson(expected, 20_000)
    found = direct(drawn, np.ones(20_000))
    assert ((found.low <= expected) & (expected <= found.high)).mean() >= 0.948


def test_a_ratio_is_one_where_the_expected_number_happened():
    found = standardised_ratio([12, 40, 1, 5], [12, 20, 9, np.nan])
    np.testing.assert_allclose(found.rate, [1, 2, 1 / 9, np.nan])
    assert found.low[0] < 1 < found.high[0]
    assert "van 3 gebieden telt 1 er duidelijk meer en 1 duidelijk minder" in found.uitleg
    assert found.parameters == {"method": "ratio", "level": 0.95, "n": 3, "overall": 53 / 41}


@pytest.mark.parametrize("weights", [None, raster(20)])
@pytest.mark.parametrize("trend", [0.0, 0.5])
def test_the_posterior_interval_holds_the_truth_as_often_as_it_says(weights, trend):
    """Also over surroundings of nine areas, which by themselves would tell too little of the variance (84 %)."""
    rng = np.random.default_rng(3)
    field = np.exp(trend * np.sin(np.repeat(np.arange(20), 20) / 3))
    held = []
    for _ in range(30):
        truth = field * rng.gamma(9, 0.01 / 9, 400)
        people = rng.integers(100, 5000, 400)
        found = empirical_bayes(rng.poisson(truth * people), people, weights=weights)
        held.append(((found.low <= truth) & (truth <= found.high)).mean())
    assert 0.935 < np.mean(held) < 0.965


def test_the_smaller_the_area_the_further_it_moves():
    found = empirical_bayes([10, 100, 1000, 4, 30, 900], [100, 1000, 10_000, 100, 1000, 10_000])
    apart = np.abs(found.rate[:3] - 0.1) / abs(0.1 - found.parameters["overall"])
    assert (np.diff(apart) < 0).all()
    assert (np.diff((found.high - found.low)[:3]) < 0).all()


def test_rates_that_differ_by_chance_only_become_one_rate_with_its_exact_interval():
    found = empirical_bayes([10, 20, 30], [1000, 2000, 3000])
    np.testing.assert_allclose(found.rate, [0.01] * 3)
    assert_same(found, direct([60] * 3, [6000] * 3))


@pytest.mark.parametrize("weights", [None, np.zeros((2, 2))])
def test_no_events_at_all_is_a_rate_of_zero_with_an_upper_limit(weights):
    found = empirical_bayes([0, 0], [40, 60], weights=weights)
    np.testing.assert_array_equal(found.rate, [0, 0])
    np.testing.assert_array_equal(found.low, [0, 0])
    np.testing.assert_allclose(found.high, 3.6888795 / np.array([100, 100] if weights is None else [40, 60]))


def test_no_events_near_by_on_a_map_that_varies_is_as_uncertain_as_the_direct_rate():
    events, people = [0, 0, 90, 10], [40, 60, 500, 500]
    links = np.array([[0, 1, 0, 0], [1, 0, 0, 0], [0, 0, 0, 1], [0, 0, 1, 0]])
    found = empirical_bayes(events, people, weights=links)
    np.testing.assert_array_equal(found.rate[:2], [0, 0])
    np.testing.assert_allclose(found.high[:2], 3.6888795 / np.array([40, 60]))
    assert (found.high > found.low).all()


@settings(deadline=None, max_examples=80)
@given(COUNTS, st.integers(0, 24), st.sampled_from(["nan events", "nan people", "nobody", "uncovered"]), st.booleans())
def test_an_unknown_area_leaves_everything(cells, gap, kind, spatial):
    """As if the area were not on the map: whatever number stands there."""
    events, people = np.array(cells, dtype=float).T
    gap %= len(cells)
    xy = np.column_stack([np.arange(len(cells)), np.zeros(len(cells))])
    links = within(xy, 1.5).toarray() if spatial else None
    holed, peopled, covered = events.copy(), people.copy(), None
    if kind == "nan events":
        holed[gap] = np.nan
    elif kind == "nan people":
        peopled[gap] = np.nan
    elif kind == "nobody":
        holed[gap], peopled[gap] = 0, 0
    else:
        holed[gap], covered = 9_999, np.arange(len(cells)) != gap
    rest = np.delete(np.arange(len(cells)), gap)
    part = empirical_bayes(events[rest], people[rest], weights=links[np.ix_(rest, rest)] if links is not None else None)
    found = empirical_bayes(holed, peopled, weights=links, covered=covered)
    assert_same(found, part, rest)
    assert np.isnan([found.rate[gap], found.low[gap], found.high[gap]]).all()
    assert np.isnan(direct(holed, peopled, covered=covered).rate[gap])


@settings(deadline=None, max_examples=80)
@given(COUNTS, st.booleans(), st.randoms(use_true_random=False))
def test_order_and_unit_play_no_part(cells, spatial, random):
    events, people = np.array(cells, dtype=float).T
    order = list(range(len(cells)))
    random.shuffle(order)
    links = np.triu(np.ones((len(cells), len(cells))), 1) if spatial else None
    first = empirical_bayes(events, people, weights=links)
    moved = empirical_bayes(
        events[order], people[order], weights=links[np.ix_(order, order)] if links is not None else None
    )
    per_thousand = empirical_bayes(events, people / 1000, weights=links)
    for name in ("rate", "low", "high"):
        values = getattr(first, name)
        np.testing.assert_allclose(getattr(moved, name), values[order], rtol=1e-6, atol=1e-12)
        np.testing.assert_allclose(getattr(per_thousand, name), values * 1000, rtol=1e-6, atol=1e-9)
    assert (first.low <= first.rate).all()
    assert (first.rate <= first.high).all()
    limits = (events.sum() / people.sum(), *(events / people))
    assert first.rate.min() >= min(limits) - 1e-12
    assert first.rate.max() <= max(limits) + 1e-12


def test_no_area_and_one_area():
    for weights in (None, np.zeros((0, 0))):
        assert empirical_bayes([], [], weights=weights).rate.shape == (0,)
    assert direct([], []).rate.shape == (0,)
    assert_same(empirical_bayes([3], [9]), direct([3], [9]))
    assert np.isnan(empirical_bayes([0, 0], [0, 0]).rate).all()


@pytest.mark.parametrize("method", [direct, standardised_ratio, empirical_bayes])
def test_what_cannot_be_is_refused(method):
    for events, people, words in (
        ([1, 2, 0], [5, 0, 0], "events without population in 1 areas, first at index 1"),
        ([-1], [5], "events has values below zero"),
        ([1], [-5], "population has values below zero"),
        ([1], [np.inf], "infinite"),
        ([1, 2], [5], "population must have shape"),
        ([[1]], [[5]], "events must have shape"),
    ):
        with pytest.raises(ValueError, match=words):
            method(events, people)
    with pytest.raises(ValueError, match="level"):
        method([1], [5], level=1)
    with pytest.raises(ValueError, match="covered"):
        method([1], [5], covered=[1])


def test_events_without_population_where_nothing_is_covered_are_no_error():
    assert np.isnan(direct([4], [0], covered=[False]).rate[0])


def test_the_input_stays_as_it_was_and_the_sentence_tells_what_moved():
    events, people, links = np.array([1.0, np.nan, 40]), np.array([10.0, 5, 100]), np.ones((3, 3)) - np.eye(3)
    before = [events.copy(), people.copy(), links.copy()]
    found = empirical_bayes(events, people, weights=links)
    for now, then in zip((events, people, links), before, strict=True):
        np.testing.assert_array_equal(now, then)
    assert found.parameters == {"method": "spatial", "level": 0.95, "n": 2, "overall": 41 / 110}
    assert "het cijfer van de omgeving" in found.uitleg
    assert "1 gebied schuift meer dan een tiende op" in found.uitleg
    assert "alleen het toeval" in direct(events, people).uitleg
    assert "bekend voor 2 gebieden" in direct(events, people).uitleg


@pytest.mark.parametrize("variation", [0.0, 0.1, 0.5])
def test_usual_variation_is_that_of_the_rates_without_their_chance(variation):
    found = []
    for seed in range(40):
        rng = np.random.default_rng(seed)
        people = rng.lognormal(7, 0.5, 200)
        rates = rng.gamma(1 / variation, variation, 200) if variation else np.ones(200)
        found.append(usual_variation(rng.poisson(people * 0.01 * rates), people))
    assert np.mean(found) == pytest.approx(variation, abs=max(0.02, 0.1 * variation))
    assert min(found) >= 0


def test_usual_variation_does_not_depend_on_order_or_unit():
    events, people = np.array([3, 40, 7, 0, 12]), np.array([100.0, 400, 90, 50, 300])
    first = usual_variation(events, people)
    assert first > 0
    assert usual_variation(events[::-1], people[::-1]) == pytest.approx(first)
    assert usual_variation(events, people / 1000) == pytest.approx(first)
    assert usual_variation([*events, 99], [*people, 10], covered=[True] * 5 + [False]) == pytest.approx(first)


@pytest.mark.parametrize("events", [[0, 0, 0], [5, np.nan, np.nan]])
def test_nothing_is_known_of_the_variation_of_one_area_or_of_no_events(events):
    assert np.isnan(usual_variation(events, [10, 20, 30]))
