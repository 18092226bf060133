"""Blind spots: a planted one is found, a gap in coverage never is, and quiet worlds give few."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import nbinom

from analysis.blindspots import _Line, estimate


def make_world(seed, n=70, *, mean=60, dispersion=0.0, n_need=1):
    """A town whose reports follow need and size; dispersion as in the negative binomial."""
    rng = np.random.default_rng(seed)
    need = rng.normal(size=(n, n_need))
    population = np.round(rng.lognormal(np.log(2500), 0.7, n))
    expected = population * np.exp(0.3 * need.sum(axis=1))
    expected *= mean * n / expected.sum()
    extra = rng.gamma(1 / dispersion, dispersion, n) if dispersion else 1.0
    return need, population, expected * extra, rng


def test_expects_what_the_other_areas_lead_one_to_expect():
    need, population, expected, rng = make_world(1, n_need=2)
    reports = rng.poisson(expected)
    found = estimate(reports, pd.DataFrame(need), pd.Series(population))
    assert found.fits.all()
    others = np.arange(70) != 5
    model = sm.GLM(
        reports[others], sm.add_constant(need)[others], sm.families.Poisson(), offset=np.log(population[others])
    ).fit()
    assert found.expected[5] == pytest.approx(population[5] * np.exp(sm.add_constant(need)[5] @ model.params), rel=0.02)


@pytest.mark.parametrize("dispersion", [0.0, 0.4])
def test_the_line_is_that_of_statsmodels(dispersion):
    need, population, expected, rng = make_world(2, dispersion=dispersion, n_need=2)
    line = _Line.of(rng.poisson(expected).astype(float), need, np.log(population))
    ours = line.fit(np.ones((1, 70)))
    alpha = ours.dispersion[0]
    family = sm.families.NegativeBinomial(alpha=alpha) if alpha else sm.families.Poisson()
    theirs = sm.GLM(line.counts, line.design, family, offset=line.offset).fit()
    assert (alpha > 0.1) == (dispersion > 0)
    np.testing.assert_allclose(ours.beta[0], theirs.params, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(ours.covariance[0], theirs.cov_params(), rtol=1e-3)


def test_a_planted_blind_spot_is_found_and_a_gap_in_coverage_is_not():
    need, population, expected, rng = make_world(3)
    reports = rng.poisson(expected).astype(float)
    spot, gap, unknown = np.argsort(-expected)[:3]
    reports[spot] = rng.poisson(0.3 * expected[spot])
    reports[gap], reports[unknown] = 0, np.nan
    covered = np.arange(70) != gap
    found = estimate(reports, need[:, 0], population, covered=covered)
    assert np.flatnonzero(found.silent).tolist() == [spot]
    assert reports[spot] < found.low[spot] < found.expected[spot] < found.high[spot]
    assert not found.fits[[spot, gap, unknown]].any()
    for values in (found.expected, found.low, found.high, found.p_value):
        assert np.flatnonzero(np.isnan(values)).tolist() == sorted([gap, unknown])
    assert found.parameters == {"level": 0.95, "n_areas": 68, "n_need": 1, "n_left_out": 1}
    assert found.uitleg.startswith(
        "In 1 van de 68 gebieden (2 gebieden doen niet mee: daar ontbreken gegevens) wordt veel"
    )
    assert "corrigeert geen aantallen" in found.uitleg
    assert "goede redenen" in found.uitleg


def test_whatever_stands_in_an_uncovered_area_plays_no_part():
    need, population, expected, rng = make_world(4)
    reports = rng.poisson(expected).astype(float)
    covered = np.arange(70) >= 10
    outcomes = []
    for value in (0, 10_000, np.nan):
        reports[:10] = value
        outcomes.append(estimate(reports, need, population, covered=covered).expected)
    np.testing.assert_array_equal(outcomes[0], outcomes[1])
    np.testing.assert_array_equal(outcomes[0], outcomes[2])
    np.testing.assert_allclose(outcomes[0][10:], estimate(reports[10:], need[10:], population[10:]).expected)


@pytest.mark.parametrize("worlds", [20, pytest.param(200, marks=pytest.mark.proof)])
@pytest.mark.parametrize(("n", "dispersion"), [(70, 0.0), (70, 0.1), (25, 0.1)])
def test_quiet_worlds_give_few_blind_spots(worlds, n, dispersion):
    alarms, inside = 0, []
    for seed in range(worlds):
        need, population, expected, rng = make_world(seed, n, dispersion=dispersion)
        reports = rng.poisson(expected)
        found = estimate(reports, need, population)
        alarms += found.silent.any()
        inside.append(((reports >= found.low) & (reports <= found.high)).mean())
    # 99.8 % of correct tests at 5 % have at most this many alarms
    assert alarms <= {20: 5, 200: 20}[worlds]
    assert 0.93 < np.mean(inside) < 0.99


@pytest.mark.parametrize("worlds", [20, pytest.param(200, marks=pytest.mark.proof)])
@pytest.mark.parametrize(("n_spots", "n_hot"), [(1, 0), (5, 3)])
def test_blind_spots_are_found_also_when_several_and_hotspots_hide_them(worlds, n_spots, n_hot):
    hits = wrong = 0
    for seed in range(worlds):
        need, population, expected, rng = make_world(seed)
        large = np.flatnonzero(expected > 30)
        spots, hot = large[:n_spots], large[n_spots : n_spots + n_hot]
        expected[spots] *= 0.3
        expected[hot] *= 3
        silent = estimate(rng.poisson(expected), need, population).silent
        hits += silent[spots].sum()
        wrong += silent.sum() - silent[spots].sum()
    assert hits >= 0.9 * worlds * n_spots
    assert wrong <= 0.1 * worlds


def test_more_chance_than_poisson_widens_the_interval():
    need, population, expected, rng = make_world(5, dispersion=0.5)
    found = estimate(rng.poisson(expected), need, population)
    assert found.dispersion > 0.2
    plain = nbinom.ppf(0.025, 1e6, 1e6 / (1e6 + found.expected))
    assert (found.low < plain).mean() > 0.9


def test_need_unlike_that_of_the_others_widens_the_interval():
    need, population, expected, rng = make_world(12, 20)
    reports = rng.poisson(expected)
    usual, far = (estimate(reports, np.append(place, need[1:]), population) for place in (0.0, 8.0))
    assert ((far.high - far.low) / far.expected)[0] > 2 * ((usual.high - usual.low) / usual.expected)[0]


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 1000), st.randoms(use_true_random=False))
def test_neither_order_nor_unit_plays_a_part(seed, random):
    need, population, expected, rng = make_world(seed, 20, n_need=2)
    reports = rng.poisson(expected)
    order = list(range(20))
    random.shuffle(order)
    first = estimate(reports, need, population)
    second = estimate(reports[order], need[order] * [1000, 0.01] + [5, -7], population[order] / 100)
    np.testing.assert_allclose(second.expected, first.expected[order], rtol=1e-4)
    np.testing.assert_array_equal(second.silent, first.silent[order])


def test_the_same_question_gives_the_same_answer_and_keeps_its_input():
    need, population, expected, rng = make_world(6)
    reports = rng.poisson(expected).astype(float)
    kept = reports.copy(), need.copy(), population.copy()
    first, second = (estimate(reports, need, population) for _ in range(2))
    np.testing.assert_array_equal(first.expected, second.expected)
    for values, before in zip((reports, need, population), kept, strict=True):
        np.testing.assert_array_equal(values, before)


def test_need_that_is_equal_everywhere_or_said_twice_changes_nothing():
    need, population, expected, rng = make_world(7)
    reports = rng.poisson(expected)
    plain = estimate(reports, need, population)
    twice = estimate(reports, np.column_stack([need, need * 5, np.full(70, 3.0)]), population)
    np.testing.assert_allclose(twice.expected, plain.expected, rtol=1e-3)
    flat = estimate(reports, np.full(70, 0.1), population)
    overall = (reports.sum() - reports) / (population.sum() - population) * population
    np.testing.assert_allclose(flat.expected / overall, 1, atol=0.4)


def test_what_the_others_do_not_span_is_not_predicted():
    need, population, expected, rng = make_world(8)
    only_here = np.zeros(70)
    only_here[4] = 1
    found = estimate(rng.poisson(expected), np.column_stack([need, only_here]), population)
    assert np.flatnonzero(np.isnan(found.expected)).tolist() == [4]
    assert not found.silent[4]


def test_an_area_without_people_takes_no_part():
    need, population, expected, rng = make_world(9)
    reports = rng.poisson(expected)
    population[3] = 0
    found = estimate(reports, need, population)
    assert np.isnan(found.expected[3])
    assert not found.silent[3]


@pytest.mark.parametrize("n_reporting", [1, 3, 35])
def test_a_town_where_most_areas_never_report_has_an_outcome(n_reporting):
    need, population, _, _ = make_world(10)
    reports = np.zeros(70)
    reports[:n_reporting] = 20
    found = estimate(reports, need, population)
    assert np.isfinite(found.expected).all()
    assert (found.low <= found.high).all()
    assert not found.silent[:n_reporting].any()


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"reports": [1] * 9, "need": [1] * 9, "population": [1] * 9}, "at least 10 areas"),
        ({"reports": [], "need": [], "population": []}, "at least 10 areas"),
        ({"covered": np.arange(30) < 9}, "at least 10 areas"),
        ({"need": np.ones((30, 9))}, "at least 33 areas"),
        ({"need": np.ones((30, 0))}, "need"),
        ({"need": np.ones(29)}, "need"),
        ({"need": np.full(30, np.inf)}, "infinite"),
        ({"reports": np.zeros(30)}, "no reports"),
        ({"reports": -np.ones(30)}, "below zero"),
        ({"population": np.ones(29)}, "shape"),
        ({"covered": np.ones(30)}, "covered"),
        ({"level": 1.0}, "level"),
        ({"level": np.nan}, "level"),
    ],
)
def test_senseless_input_is_refused(wrong, words):
    asked = {"reports": np.arange(30), "need": np.arange(30), "population": np.full(30, 100)} | wrong
    with pytest.raises(ValueError, match=words):
        estimate(asked.pop("reports"), asked.pop("need"), asked.pop("population"), **asked)
